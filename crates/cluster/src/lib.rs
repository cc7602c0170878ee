//! The simulated cluster: an API server with its storage, and controllers that react to changes.
//!
//! | module | content |
//! | --- | --- |
//! | [`apiserver`] | requests: decoding, defaults, admission, validation, storage |
//! | [`controllers`] | reconcilers: a queue of keys each, filled by changes of objects |
//!
//! Nothing here knows Prometheus or the page.

pub mod apiserver;
pub mod controllers;

pub use apiserver::{ApiServer, Status};
