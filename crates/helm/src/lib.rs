//! Charts become manifests, as Helm 4 makes them: pure functions from files and values to texts.
//!
//! | module | what it does |
//! | --- | --- |
//! | `chart` | loads charts from folders and archives |
//! | `value_files`, `set_flags` | values files, and the language of `--set` |
//! | `coalesce`, `dependencies` | values over values; aliases, conditions, tags, imports |
//! | `schema` | values.schema.json |
//! | `engine` | renders templates and gives errors in Helm's form |
//! | `objects`, `capabilities` | `.Files`, `.Capabilities` and the methods of `.Values` |
//! | `functions` | the functions of sprig and Helm, one table for each family |
//! | `values`, `from_json`, `to_yaml` | YAML and JSON to template values and back |
//! | `manifests` | rendered texts into sorted manifests, hooks and notes |
//! | `release` | a chart with values into what is installed |
//! | `lint` | the findings of `helm lint` |
//! | `semver`, `globs`, `decode`, `log` | versions, patterns, Go's structs, log lines |
//!
//! Differences from Helm: random and certificate functions return marked stand-ins that are the same
//! on every run; nesting of `include` and `tpl` is limited by [`go::template::Limits`].

pub mod capabilities;
pub mod chart;
pub mod coalesce;
mod decode;
pub mod dependencies;
pub mod engine;
mod from_json;
pub mod functions;
mod globs;
pub mod lint;
pub mod log;
pub mod manifests;
mod objects;
pub mod release;
pub mod schema;
pub mod semver;
pub mod set_flags;
mod to_yaml;
pub mod value_files;
pub mod values;

pub use objects::HELM_VERSION;
pub use to_yaml::{pretty_yaml, to_yaml};
