//! The commands of the terminal: functions of arguments, files and what answers over the network.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`complete`] | completion of command lines |
//! | `helm` | helm: charts, and releases on the simulated API server |
//! | `http_client` | curl and wget |
//! | `kubectl` | kubectl against the simulated API server |
//! | `minikube` | addresses of Services, add-ons |
//! | `promtool` | the commands of promtool |
//! | `shell` | command lines: quotes, pipes, conditions, loops, scripts |
//! | `tabwriter` | columns as Go's text/tabwriter aligns them |

pub mod complete;
pub mod helm;
pub mod http_client;
pub mod kubectl;
pub mod minikube;
mod output;
pub mod promtool;
pub mod shell;
mod tabwriter;

pub use output::Output;
