//! The whole system in simulated time: a cluster, and the Prometheus servers that watch it.
//!
//! [`World`] has one clock. Its parts take turns in the order of their times, so the same inputs and
//! the same seed give the same states.
//!
//! | module | content |
//! | --- | --- |
//! | `system` | the clock, the servers, and their turns |
//! | `server` | a server with what surrounds it |
//! | `programs` | the programs that the world provides to containers |
//! | [`workloads`] | workloads as programs: what containers expose, and on which ports |
//! | `prometheus`, `boot` | Prometheus in a container: its process, and where it starts |
//! | `reloader` | sidecars that tell Prometheus to reload |
//! | `assumed` | objects that a text leaves out and a cluster has |
//! | `disks` | data folders: what outlives a process |
//! | `commands` | the shell, kubectl and HTTP clients while time passes |
//! | `machine` | helm, promtool and minikube |
//! | [`terminals`] | terminals: command lines that run while time passes |
//! | `held` | commands that go on until Ctrl+C |
//! | `inside` | commands in containers, and requests from them |
//! | `journal` | every input, and the way back to any moment |
//! | `fault` | what breaks from outside |
//! | `disturbances` | traffic, faults and failing probes that programs are under |
//! | `fresh` | a world with stored objects in which nothing has happened yet |
//! | `settle` | the state that the world comes to rest in |
//! | `view` | stored objects as the typed objects that discovery, DNS and permissions read |
//! | `network` | connections of a server: names, Services, pods, TLS |
//! | `components` | answers of the kubelets and the API server to requests over HTTPS |
//! | `account` | service accounts: tokens, files in a pod, permissions |

mod account;
mod assumed;
mod boot;
mod commands;
mod components;
mod disks;
mod disturbances;
mod fault;
mod fresh;
mod held;
mod inside;
mod journal;
#[cfg(test)]
mod journal_tests;
mod machine;
mod network;
#[cfg(test)]
mod pod_tests;
mod programs;
mod prometheus;
mod reloader;
mod server;
mod settle;
#[cfg(test)]
mod settle_tests;
mod system;
pub mod terminals;
#[cfg(test)]
mod terminals_tests;
#[cfg(test)]
mod tests;
mod view;
pub mod workloads;

pub use account::ServiceAccount;
pub use commands::Terminal;
pub use disturbances::Disturbances;
pub use fault::Fault;
pub use journal::{Entry, History, Input};
pub use network::ServicePorts;
pub use programs::programs;
pub use server::{ContainerName, PrometheusServer};
pub use settle::Settled;
pub use system::{Caused, ServerId, ServerOptions, World};
pub use terminals::{Edited, Screen};
