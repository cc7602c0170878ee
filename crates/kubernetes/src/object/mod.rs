//! Objects as trees: what `unstructured.Unstructured` is to Kubernetes.
//!
//! | file | holds |
//! | --- | --- |
//! | `value` | the tree and access to it |
//! | `json` | reading and writing JSON as Go does, and Go's `%v` |
//! | `yaml` | reading from a YAML tree as `sigs.k8s.io/yaml` does, and printing |
//! | `quantity` | exact quantities in canonical form |
//! | `spans` | the place in the text that a field path names |

pub mod json;
pub mod quantity;
mod spans;
mod value;
mod yaml;

pub use json::{go_value, parse_json, to_json, to_json_html};
pub use quantity::Quantity;
pub use spans::{span_of, steps};
pub use value::{Map, NULL, Value};
pub use yaml::{YamlError, from_yaml, to_node, to_yaml};
