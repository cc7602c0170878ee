//! Settings of the OTLP receiver.
//!
//! Source: config `OTLPConfig.UnmarshalYAML`.

use std::collections::HashSet;

use go::quote::quote;
use schema::CheckCx;
use yaml::Node;

use crate::validate::{CONFLICT, INVALID, fault};
use schema::Section;

pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let (promote, ignore) = ("promote_resource_attributes", "ignore_resource_attributes");
    if view.flag("promote_all_resource_attributes", false) {
        if !view.items(promote).is_empty() {
            let message = "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously";
            fault(cx, CONFLICT, view.key_at(promote), message);
        }
        attributes(cx, &view, ignore, "ignored");
    } else {
        if !view.items(ignore).is_empty() {
            let message = "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true";
            fault(cx, CONFLICT, view.key_at(ignore), message);
        }
        attributes(cx, &view, promote, "promoted");
    }
}

fn attributes(cx: &mut CheckCx<'_>, view: &Section<'_>, key: &str, adjective: &str) {
    let mut seen = HashSet::new();
    for (text, node) in view.texts(key) {
        let attribute = text.trim().to_owned();
        let span = node.written_span();
        if attribute.is_empty() {
            let message = format!("invalid '{key}': empty {adjective} OTel resource attribute");
            fault(cx, INVALID, span, message);
        } else if !seen.insert(attribute.clone()) {
            let message = format!(
                "invalid '{key}': duplicated {adjective} OTel resource attribute {}",
                quote(&attribute)
            );
            fault(cx, INVALID, span, message);
        }
    }
}
