//! Passwords and tokens in the configuration file.

use schema::{Record, Type};
use text::{Code, Diagnostic};
use yaml::Node;

use super::{Lint, LintContext};
use crate::fields::root::ROOT;

pub const LINT: Lint = Lint {
    code: Code {
        code: "secret-in-clear",
        title: "The file contains a secret",
        doc: "Prometheus masks secrets on its configuration page, but anyone who can read the file, the ConfigMap or the repository can read them. Most secrets have a corresponding setting that ends in `_file`. Store the secret in a separate file, in Kubernetes from a Secret, and refer to that file.",
        example: "scrape_configs:\n  - job_name: a\n    basic_auth: {username: a, password: hunter2}\n    static_configs: [{targets: ['a:1']}]\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    below(context, context.root.node, &ROOT, found);
}

fn below(
    context: &LintContext<'_>,
    node: &Node,
    record: &'static Record,
    found: &mut Vec<Diagnostic>,
) {
    for entry in node.entries() {
        let Some(key) = entry.name() else { continue };
        let Some(field) = record.field(key) else { continue };
        if field.secret {
            for leaf in leaves(&entry.value) {
                report(context, key, record, leaf, found);
            }
            continue;
        }
        each_record(&entry.value, &field.ty, &mut |node, record| {
            below(context, node, record, found)
        });
    }
}

/// Calls `with` for the records that a value of this type holds.
fn each_record(node: &Node, ty: &Type, with: &mut dyn FnMut(&Node, &'static Record)) {
    match ty {
        Type::Record(record) => with(node, record),
        Type::List(item) => node.items().iter().for_each(|node| each_record(node, item, with)),
        Type::Map { value, .. } => {
            node.entries().for_each(|entry| each_record(&entry.value, value, with));
        }
        _ => {}
    }
}

fn leaves(node: &Node) -> Vec<&Node> {
    let mut waiting = vec![node];
    let mut leaves = Vec::new();
    while let Some(node) = waiting.pop() {
        if node.as_scalar().is_some() {
            leaves.push(node);
        }
        waiting.extend(node.items());
        waiting.extend(node.entries().map(|entry| &entry.value));
    }
    leaves
}

fn report(
    context: &LintContext<'_>,
    key: &str,
    record: &'static Record,
    node: &Node,
    found: &mut Vec<Diagnostic>,
) {
    let text = node.text().unwrap_or_default();
    // A masked value, or one that another tool fills in, is no secret.
    let placeholder = text.starts_with(['<', '$', '{']) || text.chars().all(|c| "xX*.".contains(c));
    if node.is_null() || placeholder {
        return;
    }
    let sister = [format!("{key}_file"), format!("{key}_path")]
        .into_iter()
        .find(|sister| record.field(sister).is_some());
    let help = match sister {
        Some(sister) => format!("Store it in a file and set `{sister}`."),
        None if key == "bearer_token" => {
            "Put it into a file and name that in `authorization.credentials_file`.".to_owned()
        }
        None => "No setting reads this secret from a file. Keep the whole configuration secret."
            .to_owned(),
    };
    let message = format!("anyone who can read this file can read `{key}`");
    let location = context.place(node.written_span());
    found.push(Diagnostic::info("secret-in-clear", location, message).with_help(help));
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn secrets_wherever_they_stand() {
        for (text, expected) in [
            ("remote_write: [{url: 'http://a', basic_auth: {password: p}}]", 1),
            ("remote_write: [{url: 'http://a', basic_auth: {password: <secret>}}]", 0),
            ("remote_write: [{url: 'http://a', basic_auth: {password_file: p}}]", 0),
            ("scrape_configs: [{job_name: a, bearer_token: t}]", 1),
            ("scrape_configs: [{job_name: a, http_headers: {A: {secrets: [a, b]}}}]", 2),
        ] {
            assert_eq!(found("secret-in-clear", text).len(), expected, "{text}");
        }
    }
}
