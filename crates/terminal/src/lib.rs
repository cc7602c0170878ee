//! The commands of the terminal: functions of arguments, files and what answers over the network.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `kingpin` | command lines of Prometheus's programs: parsing, errors, help |
//! | `kubectl` | kubectl against the simulated API server |
//! | `promtool` | the commands of promtool |

pub mod kingpin;
pub mod kubectl;
mod output;
pub mod promtool;

pub use output::Output;
