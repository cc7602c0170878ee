//! Fields of manifests that the running cluster has with another value: a command has changed them
//! after the manifest was applied.

use std::sync::Arc;

use kubernetes::kinds;
use kubernetes::object::{Value, to_yaml};
use text::{Applicability, Code, Diagnostic, Fix, Location};
use world::World;
use yaml::Node;

use crate::analysis::apply::{Applied, AppliedObject};
use crate::workspace::sources::Source;

/// The code of the findings.
const CODE: &str = "cluster-differs";
/// Findings at most.
const MOST: usize = 200;
/// Characters of a value that a message shows at most.
const MOST_SHOWN: usize = 60;

/// The documentation of the code.
pub static CODES: &[Code] = &[Code {
    code: CODE,
    title: "The running cluster has another value",
    doc: "A command, an action or a controller has changed the object after the file was applied, as `kubectl scale` or `kubectl set image` do. The file and the cluster are at odds: the next `kubectl apply` of the file sets the value of the file again.",
    example: "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1 # the cluster has 3\n",
}];

/// Compares what the files state with the objects of the cluster. Fields that a file does not state
/// are left out: an apply of the file keeps them.
pub fn drift<'a>(
    world: &World,
    applied: &Applied,
    sources: impl Iterator<Item = &'a Arc<Source>>,
) -> Vec<Diagnostic> {
    let sources: Vec<&Arc<Source>> = sources.collect();
    let mut found = Vec::new();
    for object in applied.stored() {
        let Some(source) = sources.iter().find(|source| source.id == object.location.file) else {
            continue;
        };
        let (Some(stored), Some(written)) = (&object.stored, source.object_at(object.location))
        else {
            continue;
        };
        let kind = kinds::find(stored.str("apiVersion"), &object.kind);
        let kind = kind.or_else(|| world.cluster.server.kind_named(&object.kind));
        let Some(kind) = kind else { continue };
        let mut compared = Compared { object, found: &mut found };
        match world.cluster.server.get(kind, &object.namespace, &object.name) {
            Ok(live) => compared.mapping(stored, &live, written, &mut Vec::new()),
            Err(_) => compared.missing(written),
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found
}

struct Compared<'a> {
    object: &'a AppliedObject,
    found: &'a mut Vec<Diagnostic>,
}

impl Compared<'_> {
    /// The object is gone.
    fn missing(&mut self, written: &Node) {
        let name = written.get("metadata").and_then(|metadata| metadata.get("name"));
        let span = name.map_or(self.object.location.span, Node::written_span);
        let at = Location::new(self.object.location.file, span);
        let message = format!("The running cluster has no {}", self.object.key());
        let found = Diagnostic::warning(CODE, at, message);
        self.found.push(found.with_help(
            "It was deleted after the file was applied. `kubectl apply` of the file creates it again.",
        ));
    }

    /// Compares the fields that a mapping of the text states.
    fn mapping(&mut self, stored: &Value, live: &Value, written: &Node, path: &mut Vec<String>) {
        for entry in written.entries() {
            let Some(name) = entry.name() else { continue };
            let is_decided = match path.len() {
                0 => !matches!(name, "apiVersion" | "kind" | "status"),
                1 if path[0] == "metadata" => matches!(name, "labels" | "annotations"),
                _ => true,
            };
            // A field that the server has not stored as it is written, such as `stringData`.
            let (own, other) = (&stored[name], &live[name]);
            if !is_decided || own.is_null() || own == other {
                continue;
            }
            path.push(name.to_owned());
            self.value(own, other, &entry.value, path);
            path.pop();
        }
    }

    fn value(&mut self, stored: &Value, live: &Value, written: &Node, path: &mut Vec<String>) {
        if self.found.len() >= MOST {
            return;
        }
        let lists = (stored.as_list(), live.as_list());
        match lists {
            _ if stored.as_map().is_some() && live.as_map().is_some() => {
                self.mapping(stored, live, written, path);
            }
            (Some(own), Some(other)) if own.len() == other.len() => {
                let items = written.items().iter().zip(own.iter().zip(other));
                for (number, (node, (own, other))) in items.enumerate() {
                    if own != other {
                        path.push(number.to_string());
                        self.value(own, other, node, path);
                        path.pop();
                    }
                }
            }
            _ => self.differs(stored, live, written, path),
        }
    }

    fn differs(&mut self, stored: &Value, live: &Value, written: &Node, path: &[String]) {
        let field = path.last().map_or("", String::as_str);
        let at = Location::new(self.object.location.file, written.written_span());
        let shown = (short(live), short(stored));
        let message = match (&shown, field) {
            _ if live.is_null() => format!("The running cluster has no `{field}` here"),
            ((Some(cluster), Some(file)), "replicas") => {
                format!("The running cluster has {cluster} replicas, the file says {file}")
            }
            ((Some(cluster), Some(file)), _) => {
                format!("The running cluster has `{cluster}`, the file says `{file}`")
            }
            _ => format!("The running cluster has another value for `{field}`"),
        };
        let found = Diagnostic::warning(CODE, at, message).with_help(
            "The object was changed after the file was applied. `kubectl apply` of the file sets the value of the file again.",
        );
        let is_scalar = written.text().is_some();
        self.found.push(match shown.0.filter(|_| is_scalar) {
            Some(text) => {
                let title = format!("Write {text} into the file");
                found.with_fix(Fix::replace(title, Applicability::Suggestion, at, text))
            }
            None => found,
        });
    }
}

/// A scalar as it stands in YAML; None for a long one, and for what is none.
fn short(value: &Value) -> Option<String> {
    if value.is_null() || value.as_map().is_some() || value.as_list().is_some() {
        return None;
    }
    let text = to_yaml(value);
    let text = text.trim_end();
    (text.chars().count() <= MOST_SHOWN && !text.contains('\n')).then(|| text.to_owned())
}
