//! Helm's template engine: templates and values become text, as Helm 4 renders them.
//!
//! | module | what it does |
//! | --- | --- |
//! | `engine` | renders template files and gives errors in Helm's form |
//! | `from_json` | reads JSON with Go's messages |
//! | `functions` | the functions of sprig and Helm, one table for each family |
//! | `values` | YAML and JSON to template values and back |
//! | `to_yaml` | prints as sigs.k8s.io/yaml does |
//!
//! Differences from Helm: random and certificate functions return marked stand-ins that are the same
//! on every run; nesting of `include` and `tpl` is limited by [`go::template::Limits`].

mod engine;
mod from_json;
pub mod functions;
mod to_yaml;
pub mod values;

pub use engine::{File, Mode, render};
pub use to_yaml::{pretty_yaml, to_yaml};
