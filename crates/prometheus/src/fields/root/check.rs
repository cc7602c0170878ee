//! The file as a whole: names that must be unique, patterns, empty sections, and jobs against
//! `global`.
//!
//! Source: config `Config.UnmarshalYAML`.

use std::collections::HashMap;

use go::quote::quote;
use schema::{CheckCx, Root};
use text::{Location, Span};
use yaml::Node;

use super::super::relabel::check as relabel;
use super::super::scrape::check as scrape;
use crate::validate::names::Scheme;
use crate::validate::{DUPLICATE, EMPTY, INVALID, fault, fault_at, is_pattern};
use schema::Section;

pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    patterns(cx, &view, "rule_files", "invalid rule file path");
    patterns(cx, &view, "scrape_config_files", "invalid scrape config file path");
    let global = view.section("global");
    if let Some(global) = global.as_ref().filter(|_| !view.items("scrape_configs").is_empty()) {
        scrape::global_escaping(cx, global);
    }
    let mut names = JobNames::default();
    let root = Root { file: cx.file, node, record: &super::ROOT };
    jobs(cx, &view, root, &mut names);
    let scheme = Scheme::of(
        &global
            .map(|global| global.text("metric_name_validation_scheme").into_owned())
            .unwrap_or_default(),
    );
    alerting(cx, &view, scheme);
    remote(cx, &view, scheme);
    translation(cx, &view, scheme);
}

fn patterns(cx: &mut CheckCx<'_>, view: &Section<'_>, key: &str, complaint: &str) {
    for (text, node) in view.texts(key) {
        if !is_pattern(&text) {
            let at = Location::new(cx.file, node.written_span());
            let help = "A `*` may stand in the last part of the path only.";
            let message = format!("{complaint} {}", quote(&text));
            cx.diagnostics.push(fault_at(INVALID, at, message).with_help(help));
        }
    }
}

/// Job names that have been seen, with where the first was.
#[derive(Default)]
pub struct JobNames(pub HashMap<String, Location>);

/// Checks the jobs of the main file, or of another file whose jobs inherit from `root`.
pub fn jobs(cx: &mut CheckCx<'_>, view: &Section<'_>, root: Root<'_>, names: &mut JobNames) {
    for item in view.items("scrape_configs") {
        if item.is_null() {
            fault(cx, EMPTY, item.written_span(), "empty or null scrape config section");
        }
        let Some(job) = Section::new(item) else { continue };
        scrape::with_global(cx, &job, root);
        let name = job.text("job_name").into_owned();
        if name.is_empty() {
            continue;
        }
        let span = job.at("job_name");
        match names.0.get(&name) {
            Some(first) => {
                let message =
                    format!("found multiple scrape configs with job name {}", quote(&name));
                twice(cx, span, message, *first);
            }
            None => {
                names.0.insert(name, Location::new(cx.file, span));
            }
        }
    }
}

fn twice(cx: &mut CheckCx<'_>, span: Span, message: String, first: Location) {
    fault(cx, DUPLICATE, span, message);
    if let Some(last) = cx.diagnostics.pop() {
        cx.diagnostics.push(last.with_related(first, "first one"));
    }
}

fn alerting(cx: &mut CheckCx<'_>, view: &Section<'_>, scheme: Scheme) {
    let Some(alerting) = view.section("alerting") else { return };
    relabel::rules(
        cx,
        &alerting,
        "alert_relabel_configs",
        scheme,
        "empty or null alert relabeling rule",
    );
    for item in alerting.items("alertmanagers") {
        if item.is_null() {
            fault(cx, EMPTY, item.written_span(), crate::validate::NIL_SECTION);
        }
        let Some(one) = Section::new(item) else { continue };
        let null = "empty or null Alertmanager target relabeling rule";
        relabel::rules(cx, &one, "relabel_configs", scheme, null);
        let null = "empty or null Alertmanager alert relabeling rule";
        relabel::rules(cx, &one, "alert_relabel_configs", scheme, null);
    }
}

fn remote(cx: &mut CheckCx<'_>, view: &Section<'_>, scheme: Scheme) {
    for (key, what) in [("remote_write", "remote write"), ("remote_read", "remote read")] {
        let mut names: HashMap<String, Location> = HashMap::new();
        for item in view.items(key) {
            if item.is_null() {
                fault(
                    cx,
                    EMPTY,
                    item.written_span(),
                    format!("empty or null {what} config section"),
                );
            }
            let Some(one) = Section::new(item) else { continue };
            relabel::rules(
                cx,
                &one,
                "write_relabel_configs",
                scheme,
                "empty or null relabeling rule in remote write config",
            );
            let name = one.text("name").into_owned();
            if name.is_empty() {
                continue;
            }
            let location = Location::new(cx.file, one.at("name"));
            if let Some(first) = names.get(&name) {
                let message =
                    format!("found multiple {what} configs with job name {}", quote(&name));
                twice(cx, location.span, message, *first);
            } else {
                names.insert(name, location);
            }
        }
    }
}

/// Strategies that keep dots need names that may have them.
fn translation(cx: &mut CheckCx<'_>, view: &Section<'_>, scheme: Scheme) {
    let Some(otlp) = view.section("otlp") else { return };
    let strategy = otlp.text("translation_strategy");
    match &*strategy {
        "" | "UnderscoreEscapingWithSuffixes" | "UnderscoreEscapingWithoutSuffixes" => {}
        "NoTranslation" | "NoUTF8EscapingWithSuffixes" => {
            if scheme == Scheme::Legacy {
                let message = format!(
                    "OTLP translation strategy {} is not allowed when UTF8 is disabled",
                    quote(&strategy)
                );
                fault(cx, INVALID, otlp.at("translation_strategy"), message);
            }
        }
        _ => {
            let message = format!("unsupported OTLP translation strategy {}", quote(&strategy));
            fault(cx, INVALID, otlp.at("translation_strategy"), message);
        }
    }
}

/// Reports sections that agent mode does not support. Source: config `LoadFile`.
pub fn agent(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let alerting = view.section("alerting").is_some_and(|alerting| {
        ["alertmanagers", "alert_relabel_configs"].iter().any(|key| !alerting.items(key).is_empty())
    });
    for (key, set) in [
        ("alerting", alerting),
        ("rule_files", !view.items("rule_files").is_empty()),
        ("remote_read", !view.items("remote_read").is_empty()),
    ] {
        if set {
            let message = format!("field {key} is not allowed in agent mode");
            fault(cx, crate::validate::INVALID, view.key_at(key), message);
        }
    }
}
