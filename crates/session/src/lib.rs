//! What the page asks and the worker answers, and the stages in between.
//!
//! The page owns text and view; the worker owns a [`Session`], which owns everything that follows
//! from the text. They speak through [`protocol`]: every [`Request`] has a number, every
//! [`Message`] says which request it answers and the [`Revision`] of the text it was made from, so
//! that the page can drop what is out of date.
//!
//! A page of results (Targets, Query, …) is three files: `session/pages/NAME.rs` has the question
//! (what the page wants to see), the view (plain data that answers it) and the function between
//! them; `ui/pages/NAME.rs` draws the view; `static/css/pages/NAME.css` is its look. The page says
//! which question is open ([`Request::Watch`]), and the session answers it again after each change
//! that matters, when the answer is another one than before.
//!
//! | file | what it does |
//! | --- | --- |
//! | [`protocol`] | the messages |
//! | `workspace` | the open files, as the page has them |
//! | `sources` | text → trees, each file on its own |
//! | `configuration` | which text Prometheus reads, bare or inside a ConfigMap |
//! | `server` | where Prometheus runs, whether it does, what it may see |
//! | `programs` | which program runs in a container, and what it exposes |
//! | `targets` | the target table as the simulation wants it |
//! | `rules` | which rules the server evaluates, and their runs through time |
//! | `happenings` | what a visitor may let happen |
//! | `system` | the stages from trees to the target table, each run when its inputs changed |
//! | `database` | what becomes of the samples when the server begins anew |
//! | `rollout` | how an edit reaches a running Prometheus, place by place |
//! | `timeline` | simulated time: scrapes and events, lived through once more where needed |
//! | `regions` | which stretches of text have fields, and whose |
//! | `knowledge` | what the system knows about values: consequences, names that exist |
//! | `workloads` | what is known about places of workload files and pasted bodies |
//! | `annotate`, `links`, `tokens` | what is drawn over the text |
//! | `assist`, `facts` | hover cards and completions in files and in queries |
//! | `stages` | [`Session`]: takes requests, keeps time, answers with what has changed |
//! | [`pages`] | the pages of results |
//! | [`zip`] | files for export |
//!
//! Nothing here knows a browser: the same messages drive a session in the tests.

mod annotate;
mod assist;
mod client;
pub mod codes;
mod configuration;
mod database;
#[cfg(test)]
mod embedded_tests;
mod expressions;
mod facts;
mod flags;
#[cfg(test)]
mod fuzz_tests;
mod happenings;
mod knowledge;
mod links;
mod memo;
pub mod pages;
mod programs;
pub mod protocol;
mod regions;
mod rollout;
mod rules;
#[cfg(test)]
mod scenario_tests;
mod server;
mod sources;
mod stages;
mod system;
mod targets;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
mod timeline;
mod tokens;
mod workloads;
#[cfg(test)]
mod workloads_tests;
mod workspace;
pub mod zip;

pub use protocol::{Envelope, Message, Reply, Request, Revision, Update};
pub use stages::Session;
pub use workspace::{File, Workspace};
