//! One group of Alertmanagers.
//!
//! Source: config `AlertmanagerConfig.UnmarshalYAML`.

use schema::CheckCx;
use yaml::Node;

use super::super::scrape::check as scrape;
use crate::validate::{CONFLICT, fault, word};
use schema::Section;

pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    scrape::mechanisms(cx, &view);
    if view.items("relabel_configs").is_empty() {
        scrape::static_targets(cx, &view);
    }
    word(cx, &view, "api_version", &["v2"], |value| {
        format!("expected Alertmanager api version to be one of [v2] but got {value}")
    });
    let other = ["basic_auth", "authorization", "oauth2"].iter().any(|key| view.has(key));
    if other && view.has("sigv4") {
        let message =
            "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured";
        fault(cx, CONFLICT, view.key_at("sigv4"), message);
    }
}
