//! The session: the files of the workspace, their analysis, and simulated time.
//!
//! [`Session`] answers the requests of [`protocol`]. Nothing here depends on a browser: tests drive
//! a session with the same messages as the page.
//!
//! The modules depend on each other in one direction only; `tests/layers.rs` keeps it so. From the
//! lowest to the highest:
//!
//! | module | content |
//! | --- | --- |
//! | `labels` | conversion of label sets |
//! | `workspace` | files and incremental parsing |
//! | `operator` | what the Prometheus Operator makes of custom resources |
//! | `analysis` | everything that follows from the text at one moment |
//! | `world` | simulated time |
//! | `terminal` | command lines on the cluster |
//! | `ide` | hover cards, completions, inlay hints, semantic tokens, diagnostics |
//! | [`lab`] | the evaluation of the rate lab |
//! | `pages` | the presenters of the pages |
//! | `lesson` | the state of the session, as lessons see it |
//! | `session` | [`Session`], which joins them |

mod analysis;
mod ide;
pub mod lab;
mod labels;
mod lesson;
mod operator;
mod pages;
mod session;
mod terminal;
#[cfg(test)]
mod tests;
mod workspace;
mod world;

pub use analysis::apply::{Applied, AppliedObject, Applier};
pub use session::Session;
pub use workspace::sources::Sources;
