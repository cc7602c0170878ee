//! The description of an object of a kind that kubectl does not know: all its fields.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe genericDescriber, smartLabelFor.

use kubernetes::object::{Value, go_value};

use super::DescribeContext;
use super::writer::Writer;

/// Fields of the metadata that stand at the top, or are not shown.
const ELSEWHERE: &[&str] = &["managedFields", "name", "namespace", "labels", "annotations"];

/// Words that are written in capitals.
const ACRONYMS: &[&str] = &["API", "URL", "UID", "GUID"];

/// Levels that are shown at most.
const DEEPEST: usize = 64;

/// Any object.
pub(super) fn object(w: &mut Writer, _: &DescribeContext<'_>, object: &Value) {
    w.name(object);
    w.labels_and_annotations(object);
    let mut rest = object.clone();
    if rest.has("metadata") {
        let metadata = rest.entry("metadata");
        ELSEWHERE.iter().for_each(|key| {
            metadata.remove(key);
        });
    }
    fields(w, 0, &rest);
}

fn fields(w: &mut Writer, level: usize, value: &Value) {
    if level > DEEPEST {
        return;
    }
    for (key, value) in value.as_map().into_iter().flat_map(|map| map.iter()) {
        let title = title(key);
        match value {
            Value::Map(_) => {
                w.line(level, &format!("{title}:"));
                fields(w, level + 1, value);
            }
            Value::List(items) => {
                w.line(level, &format!("{title}:"));
                for item in items.iter() {
                    match item {
                        Value::Map(_) => fields(w, level + 1, item),
                        item => w.line(level + 1, &go_value(item)),
                    }
                }
            }
            value => w.field(level, &title, go_value(value)),
        }
    }
}

/// The class of a character, for the split of words.
fn class(c: char) -> u8 {
    match c {
        c if c.is_lowercase() => 1,
        c if c.is_uppercase() => 2,
        c if c.is_numeric() => 3,
        _ => 4,
    }
}

/// The words of a camel case name. Source: github.com/fatih/camelcase Split.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<Vec<char>> = Vec::new();
    let mut last = 0;
    for c in name.chars() {
        let this = class(c);
        match words.last_mut().filter(|_| this == last) {
            Some(word) => word.push(c),
            None => words.push(vec![c]),
        }
        last = this;
    }
    // The last capital of a word belongs to the lower case word that follows.
    for at in 1..words.len() {
        let upper = words[at - 1].first().is_some_and(|c| class(*c) == 2);
        let lower = words[at].first().is_some_and(|c| class(*c) == 1);
        if upper
            && lower
            && let Some(c) = words[at - 1].pop()
        {
            words[at].insert(0, c);
        }
    }
    words
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(|word| word.into_iter().collect())
        .collect()
}

/// The title of a field: `creationTimestamp` becomes `Creation Timestamp`.
fn title(field: &str) -> String {
    if field.chars().any(|c| !c.is_alphabetic() && c != '-') {
        return field.to_owned();
    }
    let mut merged: Vec<String> = Vec::new();
    let mut rest = words(field).into_iter().peekable();
    while let Some(mut word) = rest.next() {
        let capitals =
            word.len() >= 2 && word.chars().all(|c| !c.is_alphabetic() || c.is_uppercase());
        let next_is_capital =
            rest.peek().and_then(|next| next.chars().next()).is_some_and(char::is_uppercase);
        if capitals
            && next_is_capital
            && let Some(next) = rest.next()
        {
            word.push_str(&next);
        }
        merged.push(word);
    }
    let word = |word: String| {
        let upper = word.to_uppercase();
        if ACRONYMS.contains(&&*upper) {
            return upper;
        }
        if word.to_lowercase() != word {
            return word;
        }
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    merged.into_iter().filter(|word| word != "_").map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_words() {
        for (field, expected) in [
            ("creationTimestamp", "Creation Timestamp"),
            ("apiVersion", "API Version"),
            ("uid", "UID"),
            ("kind", "Kind"),
            ("prometheus.io/port", "prometheus.io/port"),
            ("httpURL", "Http URL"),
            ("my-field", "My - Field"),
        ] {
            assert_eq!(title(field), expected, "{field}");
        }
    }
}
