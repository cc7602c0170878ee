//! A replacement with a group that the regular expression does not have.

use go::Regex;
use go::case;
use text::{Applicability, Code, Diagnostic, Fix};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "missing-group",
        title: "The regular expression has no such group",
        doc: "`$1` is the first group in parentheses, `${name}` a named group. A group that does not exist is empty, and an empty result removes the label. The longest possible name is used: `$1_total` is the group `1_total`. Write `${1}_total`.",
        example: "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['a:1']}]\n    relabel_configs:\n      - source_labels: [__address__]\n        regex: (.+):\\d+\n        target_label: host\n        replacement: $2\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for rule in context.all_rules() {
        let Ok(regex) = Regex::new(&rule.text_or("regex", "(.*)")) else { continue };
        let names: Vec<Option<&str>> = regex.group_names().collect();
        let action = case::lower(&rule.text_or("action", "replace"));
        let keys: &[&str] = match &*action {
            "replace" => &["replacement", "target_label"],
            "labelmap" => &["replacement"],
            _ => continue,
        };
        for key in keys {
            let Some(node) = rule.get(key) else { continue };
            let template = rule.text(key);
            for group in groups(&template) {
                let known = match group.parse::<usize>() {
                    Ok(number) => number < names.len(),
                    Err(_) => names.contains(&Some(group)),
                };
                if known {
                    continue;
                }
                let message = format!("the regular expression has no group `{group}`");
                let location = context.place(node.written_span());
                let mut one =
                    Diagnostic::warning("missing-group", location, message).with_help(format!(
                        "It has {}. What the group would give is empty.",
                        counted(names.len() - 1)
                    ));
                let fix = brace(context, node, group, names.len())
                    .or_else(|| only_group(context, node, group, names.len()));
                if let Some(fix) = fix {
                    one = one.with_fix(fix);
                }
                found.push(one);
            }
        }
    }
}

fn counted(groups: usize) -> String {
    match groups {
        0 => "no group".to_owned(),
        1 => "one group".to_owned(),
        groups => format!("{groups} groups"),
    }
}

/// Returns the groups that a template refers to; `$$` is a dollar sign.
fn groups(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, behind)) = rest.split_once('$') {
        rest = behind;
        if let Some(after) = behind.strip_prefix('$') {
            rest = after;
            continue;
        }
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let name = match behind.strip_prefix('{') {
            Some(inner) => inner.split_once('}').map_or("", |(name, _)| name),
            None => &behind[..behind.find(|c| !is_name(c)).unwrap_or(behind.len())],
        };
        if !name.is_empty() && name.chars().all(is_name) {
            names.push(name);
        }
    }
    names
}

/// `$1_x` where group 1 is there was meant as `${1}_x`.
fn brace(context: &LintContext<'_>, node: &yaml::Node, group: &str, groups: usize) -> Option<Fix> {
    let digits = group.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0)?;
    let (number, rest) = group.split_at(digits);
    number.parse::<usize>().ok().filter(|number| *number < groups)?;
    let (span, text) = context.literal(node)?;
    let mended = text.replacen(&format!("${group}"), &format!("${{{number}}}{rest}"), 1);
    (mended != text).then(|| {
        let title = format!("Write ${{{number}}}{rest}");
        Fix::replace(title, Applicability::Suggestion, context.place(span), mended)
    })
}

/// Suggests the only group of the expression.
fn only_group(
    context: &LintContext<'_>,
    node: &yaml::Node,
    group: &str,
    groups: usize,
) -> Option<Fix> {
    let (span, text) = context.literal(node).filter(|_| groups == 2)?;
    let in_braces = text.replacen(&format!("${{{group}}}"), "${1}", 1);
    let mended = if in_braces == text {
        // The character after a bare name ends it, so the number stays separate.
        text.replacen(&format!("${group}"), "$1", 1)
    } else {
        in_braces
    };
    (mended != text).then(|| {
        Fix::replace("Use the first group", Applicability::Suggestion, context.place(span), mended)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::in_rule;

    #[test]
    fn groups_that_are_not_there() {
        for (regex, replacement, expected) in [
            ("(a)", "$1", 0),
            ("(a)", "${1}_x", 0),
            ("(a)", "$1_x", 1),
            ("a", "$1", 1),
            ("a", "$0", 0),
            ("(?P<n>a)", "$n-${n}", 0),
            ("a", "$$1", 0),
            ("a", "$2$3", 2),
        ] {
            let rule = format!("regex: '{regex}'\ntarget_label: t\nreplacement: '{replacement}'");
            assert_eq!(in_rule("missing-group", &rule).len(), expected, "{regex} {replacement}");
        }
    }
}
