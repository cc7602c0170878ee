//! Checks of the `global` section.
//!
//! Source: config `GlobalConfig.UnmarshalYAML`.

use crate::Notations;
use go::Duration;
use go::quote::{quote, quote_bytes};
use schema::{CheckCx, Scope};
use yaml::Node;

use super::super::scrape::check as scrape;
use crate::validate::names::Scheme;
use crate::validate::{LABEL, bytes, fault, word};
use schema::Section;

pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    word(cx, &view, "metric_name_validation_scheme", &["", "utf8", "legacy"], |value| {
        format!("unrecognized ValidationScheme: {}", quote(value))
    });
    let scheme = Scheme::of(&view.text("metric_name_validation_scheme"));
    if let Some(labels) = view.get("external_labels") {
        external_labels(cx, labels, scheme);
    }
    let scope = Scope::new(cx.file, Some(node), &super::GLOBAL, None, &Notations);
    let interval = scope.duration("scrape_interval").value;
    if view.duration("scrape_timeout", Duration(0)) > interval {
        let message = "global scrape timeout greater than scrape interval";
        let help = "A scrape must be over before the next one begins.";
        scrape::too_long(cx, &view, interval, message, help);
    }
    scrape::protocols(cx, &view, " for global config");
}

fn external_labels(cx: &mut CheckCx<'_>, labels: &Node, scheme: Scheme) {
    for entry in labels.entries() {
        let (name, value) = (bytes(&entry.key), bytes(&entry.value));
        let is_name = std::str::from_utf8(&name).is_ok_and(|name| scheme.is_label_name(name));
        if !is_name {
            let message = format!("{} is not a valid label name", quote_bytes(&name));
            fault(cx, LABEL, entry.key.span, message);
        }
        if std::str::from_utf8(&value).is_err() {
            let message = format!("{} is not a valid label value", quote_bytes(&value));
            fault(cx, LABEL, entry.value.written_span(), message);
        }
    }
}
