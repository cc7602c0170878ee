//! Relabeling of pasted labels by pasted rules.

use super::draft::read_rules;
use super::steps::step;
use discovery::targets::{Rules, explain_rules};
use go::quote::quote;
use promql::Labels;
use protocol::pages::discovery::{Paste, Pasted, Step};
use text::FileId;

pub(super) fn run(paste: &Paste) -> Pasted {
    let mut pasted = Pasted::default();
    let labels = match read_labels(&paste.labels) {
        Ok(labels) => labels,
        Err(error) => {
            pasted.label_errors.push(error);
            return pasted;
        }
    };
    pasted.before = pairs(&labels);
    let configs = match read_rules(&paste.rules) {
        Ok(configs) => configs,
        Err(errors) => {
            pasted.rule_errors = errors;
            return pasted;
        }
    };
    let rules = Rules::new(&configs, false);
    let (steps, kept) = explain_rules(&rules, &labels);
    // Pasted rules are in no file, so no step has a link to one.
    let placeless = |one| Step { location: None, ..step(one, &rules) };
    pasted.steps = steps.iter().map(placeless).collect();
    pasted.after = kept.as_ref().map(pairs);
    pasted
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|label| (label.name.to_string(), label.value.to_string())).collect()
}

/// Reads labels in the usual notations: `{a="b", c="d"}` as Prometheus prints them, a mapping of
/// YAML or JSON, or `name=value` a line.
fn read_labels(text: &str) -> Result<Labels, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Labels::empty());
    }
    if let Some(labels) = braces(trimmed) {
        return Ok(labels);
    }
    let parsed = yaml::parse(FileId(0), trimmed);
    let root = parsed.root().filter(|_| parsed.refusal.is_none());
    if let Some(mapping) = root.and_then(yaml::Node::as_mapping) {
        let pairs: Option<Vec<(&str, &str)>> =
            mapping.iter().map(|entry| Some((entry.name()?, entry.value.text()?))).collect();
        return pairs
            .map(Labels::from_pairs)
            .ok_or_else(|| "a label's value must be a text".into());
    }
    let mut pairs = Vec::new();
    for (number, line) in trimmed.lines().map(str::trim).enumerate() {
        if line.is_empty() {
            continue;
        }
        let pair = line.split_once('=').or_else(|| line.split_once(": "));
        let Some((name, value)) = pair else {
            return Err(format!(
                "line {}: expected name=value, got {line}",
                number + 1,
                line = quote(line)
            ));
        };
        pairs.push((name.trim(), unquoted(value.trim())));
    }
    Ok(Labels::from_pairs(pairs))
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value)
}

/// Parses `{a="b", "c.d"="e\"f"}`. Returns None if the text has another form.
fn braces(text: &str) -> Option<Labels> {
    let mut rest = text.strip_prefix('{')?.trim_start();
    let mut pairs: Vec<(String, String)> = Vec::new();
    while !rest.starts_with('}') {
        let name;
        (name, rest) = match rest.strip_prefix('"') {
            Some(inside) => string(inside)?,
            None => {
                let end = rest.find(['=', ':', ',', '}'])?;
                (rest.get(..end)?.trim().to_owned(), rest.get(end..)?)
            }
        };
        let value;
        (value, rest) =
            string(rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?)?;
        pairs.push((name, value));
        rest = rest.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    (rest.trim() == "}").then(|| Labels::from_pairs(pairs))
}

/// Returns the quoted text and the rest after it.
fn string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_the_usual_notations() {
        let expected = r#"{a="1", b_c="x y"}"#;
        for text in [
            r#"{a="1", b_c="x y"}"#,
            r#"{a="1","b_c"="x y",}"#,
            "a=1\nb_c=x y",
            "a = 1\n\nb_c=\"x y\"\n",
            "a: 1\nb_c: x y",
            r#"{"a": "1", "b_c": "x y"}"#,
        ] {
            assert_eq!(read_labels(text).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(read_labels(" ").unwrap(), Labels::empty());
        assert!(read_labels("a\nb").is_err());
        assert!(read_labels("a: [1]").is_err());
    }

    #[test]
    fn the_example_rewrites_the_port() {
        let pasted = run(&Paste::default());
        assert!(pasted.label_errors.is_empty() && pasted.rule_errors.is_empty(), "{pasted:?}");
        let after = pasted.after.unwrap();
        assert!(after.contains(&("__address__".into(), "10.0.0.5:9102".into())), "{after:?}");
        assert!(after.contains(&("app".into(), "web".into())));
        assert_eq!(pasted.steps[0].groups.len(), 2);
        assert_eq!(pasted.steps[0].groups[1].text.as_deref(), Some("9102"));
    }

    #[test]
    fn what_is_dropped_has_no_labels_after() {
        let rules = "- {action: drop, source_labels: [a], regex: b}".into();
        let pasted = run(&Paste { labels: "a=b".into(), rules });
        assert_eq!(pasted.after, None);
        assert!(pasted.steps[0].drops);
    }
}
