//! Names that are near a word that is none.
//!
//! Source: github.com/spf13/cobra command.go SuggestionsFor.

/// The commands of kubectl in the order of its help, which is the order of suggestions.
///
/// Source: staging/src/k8s.io/kubectl pkg/cmd/cmd.go NewKubectlCommand.
const ORDER: &[&str] = &[
    "create",
    "expose",
    "run",
    "set",
    "explain",
    "get",
    "edit",
    "delete",
    "rollout",
    "scale",
    "autoscale",
    "certificate",
    "cluster-info",
    "top",
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "describe",
    "logs",
    "attach",
    "exec",
    "port-forward",
    "proxy",
    "cp",
    "auth",
    "debug",
    "events",
    "diff",
    "apply",
    "patch",
    "replace",
    "wait",
    "kustomize",
    "label",
    "annotate",
    "completion",
    "alpha",
    "plugin",
    "config",
    "version",
    "api-versions",
    "api-resources",
    "options",
];

/// Commands that kubectl has and the terminal does not.
pub(super) fn is_command(word: &str) -> bool {
    ORDER.contains(&word)
}

/// The message about a command that does not exist, with those that are near it.
pub(super) fn unknown_command(word: &str) -> String {
    if is_command(word) {
        return format!("the terminal does not run kubectl {word}");
    }
    let mut message = format!("unknown command {} for \"kubectl\"", go::quote::quote(word));
    let near = suggestions(ORDER.iter().copied(), word, DISTANCE);
    if !near.is_empty() {
        message.push_str("\n\nDid you mean this?\n");
        near.iter().for_each(|name| message.push_str(&format!("\t{name}\n")));
    }
    message
}

/// Edits between a word and the commands that cobra proposes for it.
const DISTANCE: usize = 2;

/// Names within some edits of a word, and those that begin with it.
pub(crate) fn suggestions<'a>(
    names: impl Iterator<Item = &'a str>,
    word: &str,
    edits: usize,
) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let near = |name: &&str| distance(&word, name) <= edits || name.starts_with(&word);
    names.filter(near).collect()
}

/// The number of edits between two texts (Levenshtein). Long texts are far from everything.
fn distance(left: &str, right: &str) -> usize {
    const LONGEST: usize = 64;
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len() > LONGEST {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (number, one) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = number + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(one != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_stand_in_the_order_of_the_help() {
        for (word, near) in [
            ("gett", &["set", "get"][..]),
            ("log", &["top", "logs"]),
            ("pods", &["logs"]),
            ("restart", &[]),
            ("edt", &["set", "get", "edit"]),
        ] {
            assert_eq!(suggestions(ORDER.iter().copied(), word, DISTANCE), near, "{word}");
        }
    }

    #[test]
    fn edits_are_counted() {
        for (left, right, edits) in
            [("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("a", "a", 0)]
        {
            assert_eq!(distance(left, right), edits, "{left} {right}");
        }
    }
}
