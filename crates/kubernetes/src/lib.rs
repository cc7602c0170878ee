//! The simulated cluster: objects, controllers, DNS, network and permissions.
//!
//! | module | content |
//! | --- | --- |
//! | [`objects`] | typed objects, and the syntax of their names and selectors |
//! | [`cluster`] | tables of objects by kind, namespace and name |
//! | [`decode`] | manifests to typed objects with API server defaults |
//! | [`causes`] | why a pod is not ready, with the field at fault |
//! | [`controllers`] | the state of a cluster after manifests were applied |
//! | [`mounts`] | files in a container, from volumes and mounts |
//! | [`images`] | image references that cannot be pulled |
//! | [`prometheus`] | containers that run Prometheus, with flags and files |
//! | [`fields`] | fields of manifests and their documentation |
//! | [`flags`] | flags of Prometheus |
//! | [`dns`] | DNS lookups from a pod |
//! | [`network`] | connections from a pod to a host and port |
//! | [`rbac`] | permissions of a ServiceAccount |
//! | [`checks`] | checks across objects and configuration |
//!
//! The API server and kubectl handle objects as trees:
//!
//! | module | content |
//! | --- | --- |
//! | [`object`] | objects as trees; JSON, YAML and quantities as Kubernetes reads and writes them |
//! | [`types`] | types of the API with Go's names, merge keys and list types |
//! | [`kinds`] | the table of kinds: names, defaults, rules, what may change |
//! | [`listeners`] | addresses that the flags of well-known programs name |
//! | [`columns`] | columns of the tables of `kubectl get` |
//! | [`decoding`] | strict decoding: type errors and unknown fields in Go's words |
//! | [`validation`] | field paths, lists of errors, rules that kinds share |
//! | [`internal`] | objects as Kubernetes prints its internal types in messages |
//! | [`merge`] | strategic and JSON merge patches, managed fields |
//! | [`crd`] | kinds that CustomResourceDefinitions bring |

pub mod causes;
pub mod checks;
pub mod cluster;
pub mod columns;
pub mod controllers;
pub mod crd;
pub mod decode;
pub mod decoding;
pub mod dns;
pub mod field_labels;
pub mod fields;
pub mod flags;
pub mod hash;
pub mod images;
pub mod internal;
pub mod kinds;
pub mod listeners;
pub mod merge;
pub mod mounts;
pub mod network;
pub mod object;
pub mod objects;
pub mod openapi;
pub mod prometheus;
pub mod quantity;
pub mod rbac;
#[doc(hidden)]
pub mod testing;
pub mod types;
pub mod validation;

pub use cluster::{Cluster, Table};
