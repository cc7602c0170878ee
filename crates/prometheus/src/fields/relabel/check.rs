//! Validation of relabeling rules.
//!
//! Source: model/relabel `Config.Validate`. It is not a check of the record alone, because the
//! scheme of names comes from the job or from `global`.

use go::case;
use schema::CheckCx;
use yaml::{Node, scalars};

use crate::config::RelabelAction;
use crate::validate::names::Scheme;
use crate::validate::{EMPTY, INVALID, RELABEL, bytes, fault};
use go::quote::{quote, quote_bytes};
use schema::Section;

/// Checks a list of rules; `null` is Prometheus's name of an empty item.
pub fn rules(cx: &mut CheckCx<'_>, view: &Section<'_>, key: &str, scheme: Scheme, null: &str) {
    for item in view.items(key) {
        if item.is_null() {
            fault(cx, EMPTY, item.written_span(), null);
        } else if let Some(rule) = Section::new(item) {
            one(cx, &rule, scheme);
        }
    }
}

fn one(cx: &mut CheckCx<'_>, rule: &Section<'_>, scheme: Scheme) {
    let written = rule.entry("action").map(|entry| &entry.value);
    let name = match written {
        Some(node) if node.is_null() => String::new(),
        Some(node) => match scalars::string(node) {
            Ok(text) => case::lower(&text),
            Err(_) => return,
        },
        None => "replace".to_owned(),
    };
    if name.is_empty() && written.is_some_and(Node::is_null) {
        fault(cx, RELABEL, rule.at("action"), "relabel action cannot be empty");
        return;
    }
    let Some(action) = RelabelAction::from_name(&name) else {
        let message = format!("unknown relabel action {}", quote(&rule.text("action")));
        fault(cx, INVALID, rule.at("action"), message);
        return;
    };
    // The first complaint only: what follows would say the same in other words.
    if let Some((key, message)) = complaints(rule, action, &name, scheme).into_iter().next() {
        let span = match key {
            "" => rule.at("action"),
            key => rule.at(key),
        };
        fault(cx, RELABEL, span, message);
    }
}

/// The errors of a rule in Prometheus's order, each with its field. The field is empty for the rule.
fn complaints(
    rule: &Section<'_>,
    action: RelabelAction,
    name: &str,
    scheme: Scheme,
) -> Vec<(&'static str, String)> {
    use RelabelAction as A;
    let target = rule.text("target_label");
    let replacement = rule.text_or("replacement", "$1");
    let modulus = rule.uint("modulus", 0);
    let mut found = Vec::new();
    let mut complain = |key, message: String| found.push((key, message));

    let case_or_equal = matches!(action, A::Lowercase | A::Uppercase | A::KeepEqual | A::DropEqual);
    let needs_target = case_or_equal || matches!(action, A::Replace | A::HashMod);
    if modulus == 0 && action == A::HashMod {
        let key = if rule.has("modulus") { "modulus" } else { "" };
        complain(key, "relabel configuration for hashmod requires non-zero modulus".into());
    }
    if needs_target && target.is_empty() {
        let key = if rule.entry("target_label").is_some() { "target_label" } else { "" };
        complain(
            key,
            format!("relabel configuration for {name} action requires 'target_label' value"),
        );
    }
    let raw = rule.get("target_label").map(bytes).unwrap_or_default();
    let invalid_target =
        || format!("{} is invalid 'target_label' for {name} action", quote_bytes(&raw));
    let is_template = target.contains('$');
    let is_text = std::str::from_utf8(&raw).is_ok();
    let target_fits = is_text
        && if action == A::Replace && is_template {
            scheme.is_label_template(&target)
        } else {
            scheme.is_label_name(&target)
        };
    if needs_target && !target.is_empty() && !target_fits {
        complain("target_label", invalid_target());
    }
    if case_or_equal && replacement != "$1" {
        complain("replacement", format!("'replacement' can not be set for {name} action"));
    }
    if action == A::LabelMap && !scheme.is_label_template(&replacement) {
        complain(
            "replacement",
            format!("{} is invalid 'replacement' for {name} action", quote(&replacement)),
        );
    }
    found.extend(superfluous(rule, action, name));
    found
}

/// Reports the first field that an action does not allow.
fn superfluous(
    rule: &Section<'_>,
    action: RelabelAction,
    name: &str,
) -> Option<(&'static str, String)> {
    use RelabelAction as A;
    let modulus = ("modulus", rule.uint("modulus", 0) != 0);
    let separator = ("separator", rule.text_or("separator", ";") != ";");
    let (required, others) = match action {
        A::DropEqual | A::KeepEqual => {
            let regex = ("regex", rule.entry("regex").is_some());
            ("'source_labels' and `target_label`", vec![regex, modulus, separator])
        }
        A::LabelDrop | A::LabelKeep => {
            let others = vec![
                ("source_labels", rule.has("source_labels")),
                ("target_label", !rule.text("target_label").is_empty()),
                modulus,
                separator,
                ("replacement", rule.text_or("replacement", "$1") != "$1"),
            ];
            ("'regex'", others)
        }
        _ => return None,
    };
    let (key, _) = others.into_iter().find(|(_, set)| *set)?;
    Some((key, format!("{name} action requires only {required}, and no other fields")))
}
