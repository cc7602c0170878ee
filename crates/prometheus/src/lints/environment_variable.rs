//! External labels that depend on the environment.

use crate::decode::expand_environment;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "environment-variable",
        title: "The value comes from the environment",
        doc: "`$NAME` and `${NAME}` in external labels are replaced by environment variables of the Prometheus process when the file is loaded. A variable that is not set becomes the empty string. The playground has no environment, so no variable is set. Write `$$` for a dollar sign. Variables are replaced in external labels only.",
        example: "global:\n  external_labels: {replica: '${HOSTNAME}'}\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
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

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn variables_only() {
        for (value, expected) in [("a", 0), ("'$A'", 1), ("'$$A'", 0), ("'${A}-${B}'", 1)] {
            let text = format!("global: {{external_labels: {{a: {value}}}}}");
            assert_eq!(found("environment-variable", &text).len(), expected, "{value}");
        }
    }
}
