//! External labels that depend on the environment.

use crate::decode::expand_environment;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "environment-variable",
        title: "The value comes from the environment",
        doc: "`$(NAME)` is no variable of Prometheus: sidecars such as the config reloader of the Prometheus Operator replace it before Prometheus reads the file. Where it stands, nothing has replaced it: as a regular expression it matches no value.\n\n`$NAME` and `${NAME}` in external labels are replaced by environment variables of the Prometheus process when the file is loaded. A variable that is not set becomes the empty string. The playground has no environment, so no variable is set. Write `$$` for a dollar sign. Variables are replaced in external labels only.",
        example: "global:\n  external_labels: {replica: '${HOSTNAME}'}\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    unreplaced(context, found);
    let Some(labels) =
        context.root.section("global").and_then(|global| global.get("external_labels"))
    else {
        return;
    };
    for entry in labels.entries() {
        let names = std::cell::RefCell::new(Vec::new());
        expand_environment(entry.value.text().unwrap_or_default(), |name| {
            names.borrow_mut().push(name.to_owned());
            String::new()
        });
        if let Some(name) = names.into_inner().first() {
            let message = format!("the variable `{name}` is not set in the playground");
            let location = context.place(entry.value.written_span());
            let help =
                "Prometheus takes it from its own environment. A dollar sign is written `$$`.";
            found.push(Diagnostic::info("environment-variable", location, message).with_help(help));
        }
    }
}

/// Finds `$(NAME)` in regular expressions and external labels.
fn unreplaced(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    let rules = context.all_rules();
    let regexes = rules.iter().filter_map(|rule| rule.get("regex")).map(|node| (node, true));
    let labels = context.root.section("global").and_then(|global| global.get("external_labels"));
    let labels = labels.into_iter().flat_map(|labels| labels.entries());
    for (node, is_regex) in regexes.chain(labels.map(|entry| (&entry.value, false))) {
        let Some(name) = node.text().and_then(reloader_variable) else { continue };
        let message = format!("nothing has replaced `$({name})`");
        let help = if is_regex {
            "The config reloader of the Prometheus Operator replaces it before Prometheus reads the file. As it stands, `$` is the end of the text, so that the expression matches no value with a shard."
        } else {
            "The config reloader of the Prometheus Operator replaces it before Prometheus reads the file. As it stands, it is the value."
        };
        let location = context.place(node.written_span());
        let finding = if is_regex {
            Diagnostic::warning("environment-variable", location, message)
        } else {
            Diagnostic::info("environment-variable", location, message)
        };
        found.push(finding.with_help(help));
    }
}

/// Returns the name in `$(NAME)`.
fn reloader_variable(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("$(")?;
    let (name, _) = rest.split_once(')')?;
    let letter = |c: char| c.is_ascii_uppercase() || c == '_';
    (!name.is_empty() && name.chars().all(letter)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn variables_only() {
        for (value, expected) in
            [("a", 0), ("'$A'", 1), ("'$$A'", 0), ("'${A}-${B}'", 1), ("$(A)", 1)]
        {
            let text = format!("global: {{external_labels: {{a: {value}}}}}");
            assert_eq!(found("environment-variable", &text).len(), expected, "{value}");
        }
        for (regex, expected) in [("$(SHARD);|.+;.+", 1), ("a$(b)", 0), ("^a$", 0)] {
            let text = format!(
                "scrape_configs: [{{job_name: a, relabel_configs: [{{regex: '{regex}', action: labeldrop}}]}}]"
            );
            assert_eq!(found("environment-variable", &text).len(), expected, "{regex}");
        }
    }
}
