//! The whole system in simulated time: a cluster, and the Prometheus servers that watch it.
//!
//! [`World`] has one clock. Its parts take turns in the order of their times, so the same inputs and
//! the same seed give the same states.
//!
//! | module | content |
//! | --- | --- |
//! | `system` | the clock, the servers, and their turns |
//! | `view` | stored objects as the typed objects that discovery, DNS and permissions read |
//! | `network` | connections of a server: names, Services, pods, TLS |
//! | `components` | what kubelets and the API server answer, and to whom |
//! | `account` | service accounts: tokens, files in a pod, permissions |

mod account;
mod components;
mod network;
mod system;
#[cfg(test)]
mod tests;
mod view;

pub use account::ServiceAccount;
pub use network::ServicePorts;
pub use system::{PrometheusServer, ServerOptions, World};
