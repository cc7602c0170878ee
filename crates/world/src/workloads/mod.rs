//! Workloads as programs of containers: what a container exposes, on which ports, and since when.
//!
//! | module | content |
//! | --- | --- |
//! | `catalog` | the workload of a container: from a file of the workspace, from the scenario, or known by its image |
//! | `hosts` | programs that answer only requests for certain host names |
//! | `program` | the process of such a container |

mod catalog;
mod hosts;
mod program;
#[cfg(test)]
mod tests;

pub use catalog::{Catalog, ContainerFacts, Described, Served, unknown};
pub use hosts::allows;
pub(crate) use program::WorkloadProgram;
pub use program::WorkloadPrograms;
