//! A dot in a host name that matches any character.

use text::{Applicability, Code, Diagnostic, Fix};
use yaml::ScalarStyle;

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "unescaped-dot",
        title: "A dot in a host name matches any character",
        doc: "In a regular expression a dot matches any character, so `web.example.com` also matches `web-example-com`. Write `\\.` for a literal dot. In double quotes the backslash must be doubled.",
        example: "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['a:1']}]\n    relabel_configs:\n      - source_labels: [__address__]\n        regex: web.example.com:80\n        action: keep\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for rule in context.all_rules() {
        let Some(node) = rule.get("regex") else { continue };
        let Some((span, regex)) = context.literal(node) else { continue };
        let Some(mended) = escape_dots(regex) else { continue };
        let double = node.as_scalar().is_some_and(|scalar| scalar.style == ScalarStyle::Double);
        let mended = if double { mended.replace("\\.", "\\\\.") } else { mended };
        let message = "the dots in this host name match any character";
        let fix =
            Fix::replace("Escape the dots", Applicability::Suggestion, context.place(span), mended);
        found.push(Diagnostic::info("unescaped-dot", context.place(span), message).with_fix(fix));
    }
}

/// The expression with the dots between words escaped, where at least two words of a host name are
/// joined by bare dots.
fn escape_dots(regex: &str) -> Option<String> {
    // Groups, classes and backslashes are read as they stand; only dots between letters count.
    let chars: Vec<char> = regex.chars().collect();
    let is_word = |i: Option<usize>| {
        i.and_then(|i| chars.get(i)).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '-')
    };
    let mut mended = String::with_capacity(regex.len() + 4);
    let mut count = 0;
    let mut in_class = false;
    for (i, &c) in chars.iter().enumerate() {
        let escaped = i > 0 && chars[i - 1] == '\\';
        match c {
            '[' if !escaped => in_class = true,
            ']' if !escaped => in_class = false,
            '.' if !escaped && !in_class && is_word(i.checked_sub(1)) && is_word(Some(i + 1)) => {
                // `\d.5` ends in an escape and not in a word.
                let after_escape = i > 1 && chars[i - 2] == '\\';
                if !after_escape {
                    mended.push('\\');
                    count += 1;
                }
            }
            _ => {}
        }
        mended.push(c);
    }
    (count > 0 && looks_like_host(regex)).then_some(mended)
}

/// Ends of names by which a host is known.
fn looks_like_host(regex: &str) -> bool {
    [".com", ".org", ".net", ".io", ".local", ".svc", ".internal", ".dev", ".cloud", ".lan", ".de"]
        .iter()
        .any(|end| {
            regex.match_indices(end).any(|(at, _)| {
                let behind = regex[at + end.len()..].chars().next();
                behind.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_of_hosts() {
        for (regex, mended) in [
            ("web.example.com:80", Some("web\\.example\\.com:80")),
            ("(.+).example.com", Some("(.+).example\\.com")),
            ("web\\.example\\.com", None),
            ("a.b", None),
            (".*", None),
            ("go_.*", None),
            ("[a.b].com", None),
        ] {
            assert_eq!(escape_dots(regex).as_deref(), mended, "{regex}");
        }
    }
}
