//! Fixes of a workload whose selector does not match its template. The likelier side is changed
//! first: the value that the rest of the object does not use is the misspelled one.

use text::{Applicability, FileId, Fix, Location};
use yaml::Node;

/// Returns the fixes, the likelier first.
pub fn fixes(file: FileId, root: &Node) -> Vec<Fix> {
    let at = |path: &[&str]| path.iter().try_fold(root, |node, key| node.get(key));
    let Some(selector) = at(&["spec", "selector", "matchLabels"]) else { return Vec::new() };
    let Some(labels) = at(&["spec", "template", "metadata", "labels"]) else { return Vec::new() };
    let differs = selector.entries().find_map(|entry| {
        let key = entry.name()?;
        let template = labels.get(key)?;
        let (selected, given) = (entry.value.text()?, template.text()?);
        (selected != given).then_some((key, (&entry.value, selected), (template, given)))
    });
    let Some((key, (selector, selected), (template, given))) = differs else { return Vec::new() };
    let uses = |value: &str| {
        let name = at(&["metadata", "name"]).and_then(Node::text);
        let own = at(&["metadata", "labels"]).and_then(|labels| labels.get(key)?.text());
        [name, own].iter().flatten().filter(|text| **text == value).count()
    };
    let replace = |title: String, node: &Node, value: &str| {
        let location = Location::new(file, node.written_span());
        Fix::replace(title, Applicability::Suggestion, location, yaml::quoted(value))
    };
    let select = replace(format!("Select {key}={given}"), selector, given);
    let give = replace(format!("Give the pods {key}={selected}"), template, selected);
    if uses(selected) > uses(given) { vec![give, select] } else { vec![select, give] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_that_the_object_uses_elsewhere_is_kept() {
        for (name, own, selected, given, first) in [
            ("proxy", "proxy", "proxx", "proxy", "Select app=proxy"),
            ("proxy", "proxy", "proxy", "proxx", "Give the pods app=proxy"),
            ("a", "b", "proxy", "proxx", "Select app=proxx"),
            ("a", "proxy", "proxy", "proxx", "Give the pods app=proxy"),
        ] {
            let text = format!(
                "metadata: {{name: {name}, labels: {{app: {own}}}}}\nspec:\n  selector: {{matchLabels: {{app: {selected}}}}}\n  template: {{metadata: {{labels: {{app: {given}}}}}}}\n"
            );
            let parsed = yaml::parse(FileId(1), &text);
            let fixes = fixes(FileId(1), parsed.root().unwrap());
            assert_eq!(fixes[0].title, first, "{text}");
            assert_eq!(fixes.len(), 2);
            let fixed = text::apply_edits(&text, FileId(1), &fixes[0].edits).unwrap();
            let value = first.split('=').next_back().unwrap();
            assert!(fixed.matches(&format!("{{app: {value}}}")).count() >= 2, "{fixed}");
        }
    }
}
