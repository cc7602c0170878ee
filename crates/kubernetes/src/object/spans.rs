//! From the field path in a message of the API server to the place in the text.

use text::Span;
use yaml::{Kind, Node};

/// The place that a path such as `spec.ports[0].port` or `data[a.b]` names. A field that the text
/// lacks leads to the nearest one above it that is there. Of a key that occurs twice it is the last.
pub fn span_of(root: &Node, path: &str) -> Span {
    let mut node = root;
    let mut span = root.written_span();
    for step in steps(path) {
        let next = match &node.kind {
            Kind::Mapping(mapping) => {
                mapping.iter().filter(|entry| entry.name() == Some(step)).last().map(|entry| {
                    // A whole mapping is shown at its key.
                    let place = match entry.value.kind {
                        Kind::Scalar(_) if !entry.value.span.is_empty() => {
                            entry.value.written_span()
                        }
                        _ => entry.key.span,
                    };
                    (&entry.value, place)
                })
            }
            Kind::Sequence(sequence) => step
                .parse::<usize>()
                .ok()
                .and_then(|at| sequence.items.get(at))
                .map(|item| (item, item.written_span())),
            Kind::Scalar(_) => None,
        };
        match next {
            Some((next, place)) => (node, span) = (next, place),
            None => break,
        }
    }
    span
}

/// `spec.ports[0].name` as `spec`, `ports`, `0`, `name`; what is in brackets is one step.
pub fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').unwrap_or(inner.len());
            steps.push(inner.get(..end).unwrap_or_default());
            rest = inner.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(rest.get(..end).unwrap_or_default());
            rest = rest.get(end..).unwrap_or_default();
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::FileId;

    #[test]
    fn paths_lead_to_their_place() {
        let text =
            "spec:\n  ports:\n  - port: 80\n    name: web\n  sel: {}\ndata:\n  a.b: x\nspec2: y\n";
        let parsed = yaml::parse(FileId(0), text);
        let root = parsed.root().unwrap();
        for (path, found) in [
            ("spec.ports[0].port", "80"),
            ("spec.ports[0].name", "web"),
            ("spec.ports", "ports"),
            ("spec.sel", "sel"),
            ("data[a.b]", "x"),
            ("spec.missing.below", "spec"),
            ("spec.ports[0].targetPort", "port: 80\n    name: web"),
        ] {
            let span = span_of(root, path);
            assert_eq!(&text[span.start as usize..span.end as usize], found, "{path}");
        }
    }
}
