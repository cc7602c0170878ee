//! Checks of scrape configs.
//!
//! Source: config `ScrapeConfig.UnmarshalYAML` and `ScrapeConfig.Validate`.

use crate::Notations;
use crate::fields::discovery::MECHANISMS;
use crate::fields::values::{ESCAPING, PROTOCOLS};
use go::Duration;
use go::quote::quote;
use go::url;
use schema::{CheckCx, Root, Scope, ValueSource};
use text::IndexSort;
use text::{Applicability, Fix, Location};
use yaml::{Node, scalars};

use super::super::relabel::check as relabel;
use crate::validate::names::Scheme;
use crate::validate::{EMPTY, INVALID, MISSING, TIMEOUT, fault, fault_at, word};
use schema::Section;

/// Checks of a job that do not depend on `global`.
pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if !view.filled("job_name") {
        fault(cx, MISSING, view.at("job_name"), "job_name is empty");
    }
    word(cx, &view, "metric_name_validation_scheme", &["", "utf8", "legacy"], |value| {
        format!("unrecognized ValidationScheme: {}", quote(value))
    });
    mechanisms(cx, &view);
    if view.items("relabel_configs").is_empty() {
        static_targets(cx, &view);
    }
}

/// Entries of discovery lists that are empty.
pub fn mechanisms(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    for mechanism in MECHANISMS {
        for item in view.items(mechanism.key()) {
            if item.is_null() {
                let message = format!("empty or null section in {}", mechanism.key());
                fault(cx, EMPTY, item.written_span(), message);
            }
        }
    }
}

const TARGET_HELP: &str =
    "A target is `host:port` and nothing more. Scheme and path have settings of their own.";

/// Targets that are URLs; with relabeling they might be mended, so then nothing is said.
pub fn static_targets(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    for group in view.items("static_configs").iter().filter_map(Section::new) {
        for (target, node) in group.texts("targets") {
            if target.contains('/') {
                let message = format!("{} is not a valid hostname", quote(&target));
                let at = Location::new(cx.file, node.written_span());
                let mut one = fault_at(INVALID, at, message).with_help(TARGET_HELP);
                let host = url::parse(&target).map(|url| url.host).unwrap_or_default();
                if !host.is_empty() {
                    let title = format!("Write the host alone: {host}");
                    let text = yaml::quoted(&host);
                    one = one.with_fix(Fix::replace(title, Applicability::Suggestion, at, text));
                }
                cx.diagnostics.push(one);
            }
        }
    }
}

/// Checks of a job against what it inherits from `root`.
pub fn with_global(cx: &mut CheckCx<'_>, view: &Section<'_>, root: Root<'_>) {
    let scope = Scope::new(cx.file, Some(view.node), &super::SCRAPE, Some(root), &Notations);
    let job = quote(&view.text("job_name"));
    timeout(cx, view, &scope, &job);
    protocols(cx, view, &format!(" for scrape config with job name {job}"));
    fallback(cx, view, &job);
    let scheme = Scheme::of(&scope.text("metric_name_validation_scheme").value);
    escaping(cx, view, &scope, scheme);
    let target = "empty or null target relabeling rule in scrape config";
    relabel::rules(cx, view, "relabel_configs", scheme, target);
    let metric = "empty or null metric relabeling rule in scrape config";
    relabel::rules(cx, view, "metric_relabel_configs", scheme, metric);
}

fn timeout(cx: &mut CheckCx<'_>, view: &Section<'_>, scope: &Scope<'_>, job: &str) {
    let interval = scope.duration("scrape_interval").value;
    if view.duration("scrape_timeout", Duration(0)) > interval {
        let message = format!(
            "scrape timeout greater than scrape interval for scrape config with job name {job}"
        );
        let help = "A scrape must end before the next one begins. A job without its own timeout uses the global timeout, limited to its interval.";
        too_long(cx, view, interval, message, help);
    }
}

/// Reports a timeout that is longer than its interval.
pub fn too_long(
    cx: &mut CheckCx<'_>,
    view: &Section<'_>,
    interval: Duration,
    message: impl Into<String>,
    help: &str,
) {
    let at = Location::new(cx.file, view.at("scrape_timeout"));
    let title = format!("Shorten it to {interval}");
    let fix = Fix::replace(title, Applicability::Suggestion, at, interval.to_string());
    cx.diagnostics.push(fault_at(TIMEOUT, at, message).with_help(help).with_fix(fix));
}

/// Supported protocols, in the order of Prometheus's message.
fn supported() -> String {
    let mut names: Vec<&str> = PROTOCOLS.iter().map(|protocol| protocol.value).collect();
    names.index_sort();
    format!("[{}]", names.join(" "))
}

fn is_protocol(text: &str) -> bool {
    PROTOCOLS.iter().any(|protocol| protocol.value == text)
}

/// `scrape_protocols` of a job or of `global`; `of` ends the messages.
pub fn protocols(cx: &mut CheckCx<'_>, view: &Section<'_>, of: &str) {
    let Some(list) = view.get("scrape_protocols") else { return };
    let Some(sequence) = list.as_sequence() else { return };
    if sequence.items.is_empty() {
        fault(cx, MISSING, list.written_span(), format!("scrape_protocols cannot be empty{of}"));
    }
    let texts: Vec<_> = view.texts("scrape_protocols").collect();
    for (i, (text, node)) in texts.iter().enumerate() {
        let same =
            |(other, _): &(std::borrow::Cow<'_, str>, &Node)| other.eq_ignore_ascii_case(text);
        if texts.iter().take(i).any(same) {
            let all: Vec<&str> = texts.iter().map(|(text, _)| &**text).collect();
            let all = all.join(" ");
            let message = format!("duplicated protocol in scrape_protocols, got [{all}]{of}");
            fault(cx, INVALID, node.written_span(), message);
        } else if !is_protocol(text) {
            let message = format!(
                "scrape_protocols: unknown scrape protocol {text}, supported: {}{of}",
                supported()
            );
            fault(cx, INVALID, node.written_span(), message);
        }
    }
}

fn fallback(cx: &mut CheckCx<'_>, view: &Section<'_>, job: &str) {
    let Some(node) = view.get("fallback_scrape_protocol") else { return };
    let Ok(text) = scalars::string(node) else { return };
    if !text.is_empty() && !is_protocol(&text) {
        let message = format!(
            "invalid fallback_scrape_protocol for scrape config with job name {job}: unknown scrape protocol {text}, supported: {}",
            supported()
        );
        fault(cx, INVALID, node.written_span(), message);
    }
}

/// The escaping schemes, as Prometheus lists them.
const SCHEMES: &str = "'allow-utf-8', 'underscores', 'dots', or 'values'";

fn is_escaping(text: &str) -> bool {
    ESCAPING.iter().any(|one| one.value == text)
}

/// Checks that the escaping scheme in force is known and fits the validation scheme.
fn escaping(cx: &mut CheckCx<'_>, view: &Section<'_>, scope: &Scope<'_>, scheme: Scheme) {
    let escaping = scope.text("metric_name_escaping_scheme");
    let at = match escaping.source {
        ValueSource::Written(_) => Location::new(cx.file, view.at("metric_name_escaping_scheme")),
        ValueSource::Inherited { at, .. } => at,
        _ => Location::new(cx.file, view.head()),
    };
    if !is_escaping(&escaping.value) {
        // An unknown global scheme is reported once, at `global`.
        if escaping.is_written() {
            let message = format!(
                "unknown scrape config name escaping method specified, must be one of {SCHEMES}, got {}",
                quote(&escaping.value)
            );
            cx.diagnostics.push(fault_at(INVALID, at, message));
        }
    } else if &*escaping.value == "allow-utf-8" && scheme == Scheme::Legacy {
        let message = "utf8 metric names requested but validation scheme is not set to UTF8";
        cx.diagnostics.push(fault_at(INVALID, at, message));
    }
}

/// Checks the global escaping scheme. Prometheus checks it only if there is a job.
pub fn global_escaping(cx: &mut CheckCx<'_>, global: &Section<'_>) {
    let text = global.text("metric_name_escaping_scheme");
    if !text.is_empty() && !is_escaping(&text) {
        let message = format!(
            "unknown global name escaping method specified, must be one of {SCHEMES}, got {}",
            quote(&text)
        );
        fault(cx, INVALID, global.at("metric_name_escaping_scheme"), message);
    }
}
