//! Fixes of the Operator's findings as edits of manifests.

use kubernetes::object::{Value, steps, to_json};
use text::{Edit, Location, Span};
use yaml::{Kind, Node};

use crate::workspace::sources::Source;

/// Returns the edit that sets a field of an object. Returns None for a place that cannot be edited:
/// an item that is not there, or a field below a scalar.
pub fn set_field(source: &Source, root: &Node, path: &str, value: &Value) -> Option<Edit> {
    let steps = steps(path);
    let mut node = root;
    for (at, step) in steps.iter().enumerate() {
        let rest = steps.get(at..)?;
        match &node.kind {
            Kind::Mapping(_) => match node.entry(step) {
                Some(entry) => node = &entry.value,
                None => return insert(source, node, rest, value),
            },
            Kind::Sequence(sequence) => {
                node = sequence.items.get(step.parse::<usize>().ok()?)?;
            }
            Kind::Scalar(_) if node.is_null() => {
                let text = format!(" {{{}}}", flow_entry(rest, value));
                return Some(replace(source, Span::at(end_of_key(source, node)), text));
            }
            Kind::Scalar(_) => return None,
        }
    }
    Some(replace(source, node.written_span(), flow(value)))
}

fn replace(source: &Source, span: Span, text: String) -> Edit {
    Edit { location: Location::new(source.id, span), text }
}

/// The place of the value of a key that has none: after its colon.
fn end_of_key(source: &Source, node: &Node) -> u32 {
    let before = source.text.get(..node.span.start as usize).unwrap_or_default();
    before.trim_end().len() as u32
}

/// The column of an offset, in bytes.
fn column(text: &str, offset: u32) -> usize {
    let before = text.get(..offset as usize).unwrap_or_default();
    before.len() - before.rfind('\n').map_or(0, |at| at + 1)
}

/// Inserts fields behind the last entry of a mapping.
fn insert(source: &Source, mapping: &Node, steps: &[&str], value: &Value) -> Option<Edit> {
    let Some(last) = mapping.entries().last() else {
        let text = format!("{{{}}}", flow_entry(steps, value));
        return Some(replace(source, mapping.written_span(), text));
    };
    let is_flow = source.text.get(mapping.span.start as usize..)?.starts_with('{');
    let end = last.value.written_span().end.max(last.key.span.end);
    if is_flow {
        let text = format!(", {}", flow_entry(steps, value));
        return Some(replace(source, Span::at(end), text));
    }
    let first = mapping.entries().next()?;
    let indent = column(&source.text, first.key.span.start);
    let trimmed = source.text.get(..end as usize)?.trim_end().len();
    let line_end =
        source.text.get(trimmed..)?.find('\n').map_or(source.text.len(), |at| trimmed + at);
    let mut text = String::new();
    let (last, above) = steps.split_last()?;
    for (depth, step) in above.iter().enumerate() {
        text.push_str(&format!("\n{:1$}{2}:", "", indent + 2 * depth, yaml::quoted(step)));
    }
    let depth = indent + 2 * above.len();
    text.push_str(&format!("\n{:1$}{2}: {3}", "", depth, yaml::quoted(last), flow(value)));
    Some(replace(source, Span::at(line_end as u32), text))
}

/// `a: {b: VALUE}` on one line.
fn flow_entry(steps: &[&str], value: &Value) -> String {
    let Some((first, rest)) = steps.split_first() else { return flow(value) };
    let key = yaml::quoted(first);
    match rest {
        [] => format!("{key}: {}", flow(value)),
        _ => format!("{key}: {{{}}}", flow_entry(rest, value)),
    }
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => yaml::quoted(text).into_owned(),
        Value::Map(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, one)| format!("{}: {}", yaml::quoted(key), flow(one)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        other => to_json(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::sources::Sources;
    use protocol::File;
    use text::{FileId, apply_edits};

    #[test]
    fn a_field_is_set_in_each_style_of_mapping() {
        let mut labels = Value::map();
        labels.set("app", "web");
        labels.set("a.b", "yes");
        let release = Value::from("kube-prometheus-stack");
        for (text, path, value, expected) in [
            (
                "kind: A\nmetadata:\n  name: x\n  labels:\n    a: b # why\nspec: {}\n",
                "metadata.labels[release]",
                &release,
                "kind: A\nmetadata:\n  name: x\n  labels:\n    a: b # why\n    release: kube-prometheus-stack\nspec: {}\n",
            ),
            (
                "kind: A\nmetadata:\n  name: x\nspec: {}\n",
                "metadata.labels[a.b/c]",
                &release,
                "kind: A\nmetadata:\n  name: x\n  labels:\n    a.b/c: kube-prometheus-stack\nspec: {}\n",
            ),
            (
                "{kind: A, metadata: {name: x}}",
                "metadata.labels[release]",
                &release,
                "{kind: A, metadata: {name: x, labels: {release: kube-prometheus-stack}}}",
            ),
            (
                "kind: A\nmetadata: {}\n",
                "metadata.labels[release]",
                &release,
                "kind: A\nmetadata: {labels: {release: kube-prometheus-stack}}\n",
            ),
            (
                "kind: A\nmetadata:\n  labels:\n  name: x\n",
                "metadata.labels[release]",
                &release,
                "kind: A\nmetadata:\n  labels: {release: kube-prometheus-stack}\n  name: x\n",
            ),
            (
                "kind: A\nspec:\n  endpoints:\n  - port: '8080'\n",
                "spec.endpoints[0].port",
                &Value::from("metrics"),
                "kind: A\nspec:\n  endpoints:\n  - port: metrics\n",
            ),
            (
                "kind: A\nspec:\n  selector:\n    matchLabels:\n      app: x\n  end: 1\n",
                "spec.selector.matchLabels",
                &labels,
                "kind: A\nspec:\n  selector:\n    matchLabels:\n      {a.b: \"yes\", app: web}\n  end: 1\n",
            ),
        ] {
            let mut sources = Sources::default();
            let id = FileId(1);
            sources.update(&[File { id, name: "a.yaml".into(), text: text.into() }]);
            let source = sources.get(id).unwrap();
            let root = source.parsed.root().unwrap();
            let edit = set_field(source, root, path, value).expect(text);
            assert_eq!(apply_edits(text, id, &[edit]).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_place_that_is_not_there_has_no_edit() {
        let mut sources = Sources::default();
        let text = "kind: A\nspec: {endpoints: [], port: 1}\n";
        sources.update(&[File { id: FileId(1), name: "a.yaml".into(), text: text.into() }]);
        let source = sources.get(FileId(1)).unwrap();
        let root = source.parsed.root().unwrap();
        for path in ["spec.endpoints[0].port", "spec.port.name"] {
            assert!(set_field(source, root, path, &Value::from("a")).is_none(), "{path}");
        }
    }
}
