//! Redundant `^` and `$` around an anchored regular expression.

use go::Regex;
use text::{Applicability, Code, Diagnostic, Edit, Fix};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "needless-regex-anchor",
        title: "The regular expression is already anchored",
        doc: "Prometheus encloses every regular expression of a relabeling rule in `^(?s:` and `)$`. A `^` at its start and a `$` at its end are redundant. They suggest that the expression would otherwise match a part of the value.",
        example: "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['a:1']}]\n    relabel_configs:\n      - source_labels: [__address__]\n        regex: ^a.*$\n        action: keep\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for rule in context.all_rules() {
        let Some((span, regex)) = rule.get("regex").and_then(|node| context.literal(node)) else {
            continue;
        };
        let starts = regex.len() - regex.trim_start_matches('^').len();
        let ends = anchors_at_end(&regex[starts..]);
        if regex.len() < 2 || starts + ends == 0 {
            continue;
        }
        let inner = &regex[starts..regex.len() - ends];
        // The remaining pattern must not be empty.
        if inner.is_empty() {
            continue;
        }
        let mut edits = Vec::new();
        let mut remove = |start: u32, end: u32| {
            let location = context.place(text::Span::new(start, end));
            edits.push(Edit { location, text: String::new() });
        };
        if starts > 0 {
            remove(span.start, span.start + starts as u32);
        }
        if ends > 0 {
            remove(span.end - ends as u32, span.end);
        }
        let quoted = rule.get("regex").is_some_and(|node| node.span.len() > span.len());
        // Without its anchors a plain text can mean something else in YAML: `null`, `a:`.
        let safe = (quoted || yaml::quoted(inner) == inner) && Regex::new(inner).is_ok();
        let applicability = if safe { Applicability::Safe } else { Applicability::Suggestion };
        let fix = Fix { title: "Remove the anchors".to_owned(), applicability, edits };
        let message = "the regular expression is already anchored at both ends";
        found.push(
            Diagnostic::info("needless-regex-anchor", context.place(span), message).with_fix(fix),
        );
    }
}

/// The number of `$` at the end. A `$` after an odd number of backslashes is a literal character.
fn anchors_at_end(regex: &str) -> usize {
    let before = regex.trim_end_matches('$');
    let anchors = regex.len() - before.len();
    let backslashes = before.bytes().rev().take_while(|byte| *byte == b'\\').count();
    if backslashes % 2 == 1 { anchors.saturating_sub(1) } else { anchors }
}

#[cfg(test)]
mod tests {
    use super::super::tests::in_rule;

    #[test]
    fn only_real_anchors() {
        for (regex, expected) in [
            ("^a.*$", 1),
            ("'^a'", 1),
            ("a$", 1),
            ("a\\$", 0),
            ("a\\$$", 1),
            ("^^a$$", 1),
            ("a.*", 0),
            ("'^'", 0),
            ("'[^a]'", 0),
        ] {
            let rule = format!("source_labels: [__address__]\nregex: {regex}\naction: keep");
            assert_eq!(in_rule("needless-regex-anchor", &rule).len(), expected, "{regex}");
        }
    }
}
