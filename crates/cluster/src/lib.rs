//! The simulated cluster: an API server with its storage, and controllers that react to changes.
//!
//! | module | content |
//! | --- | --- |
//! | [`apiserver`] | requests: decoding, defaults, admission, validation, storage |
//! | [`controllers`] | reconcilers: a queue of keys each, filled by changes of objects |
//! | [`scheduler`] | a node for each pod |
//! | [`engine`] | all of them in simulated time |
//! | [`kubelet`] | containers of the pods of a node |
//! | [`program`] | programs that containers run |
//! | [`recorder`] | events about objects |
//! | [`work`] | keyed work with a time at which it is due |
//!
//! The crate does not depend on Prometheus or the page.

pub mod apiserver;
pub mod controllers;
pub mod engine;
pub mod kubelet;
pub mod program;
mod random;
pub mod recorder;
pub mod scheduler;
pub mod work;

pub use apiserver::{ApiServer, Status};
pub use controllers::StorageProvisioner;
pub use engine::{Cluster, Options};
