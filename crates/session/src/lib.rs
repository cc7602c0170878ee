//! The session: the files of the workspace, what follows from them, and simulated time.
//!
//! [`Session`] answers the requests of [`protocol`]. Nothing here depends on a browser: tests drive
//! a session with the same messages as the page.

mod actions;
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
mod knowledge;
pub mod lab;
mod labels;
mod links;
mod memo;
mod pages;
mod programs;
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
mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
mod timeline;
mod tokens;
mod workloads;
#[cfg(test)]
mod workloads_tests;

pub use stages::Session;
