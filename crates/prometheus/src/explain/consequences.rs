//! The consequences of a value, in sentences.

use crate::config::{RelabelAction, ScrapeConfig, SdMechanism, StaticConfig};
use crate::decode::expand_environment;
use crate::fields::DEFAULT_TIMEOUT;
use go::{Duration, Regex};
use schema::Section;
use schema::{TypedNode, ValueSource};

use super::{PrometheusHooks, labels_before, spoken, text};

const DAY: i64 = 24 * 3_600_000;
/// The size of a sample on disk by the documentation of Prometheus, in bytes.
const BYTES_A_SAMPLE: f64 = 1.5;

/// The consequences of the value of a field.
pub fn of(hooks: &PrometheusHooks<'_>, place: &TypedNode<'_, '_>) -> Vec<String> {
    let (Some(field), Some(record)) = (place.field, place.record()) else { return Vec::new() };
    match (record.name, field.key) {
        ("global", "scrape_interval") => {
            let interval = Duration::parse(text(place.node)).ok();
            let mut sentences = interval.map(interval_follows).unwrap_or_default();
            sentences.extend(followers(hooks, place));
            sentences
        }
        ("scrape_config", "scrape_interval") => {
            let Some((_, job)) = hooks.job(place) else { return Vec::new() };
            let mut sentences = interval_follows(job.scrape_interval.value);
            sentences.extend(storage(hooks, job));
            sentences
        }
        ("scrape_config", "scrape_timeout") => match hooks.job(place) {
            Some((_, job)) => vec![format!(
                "A scrape that takes longer than {} fails: `up` is 0 until the next scrape, {} later.",
                spoken(job.scrape_timeout.value),
                spoken(job.scrape_interval.value)
            )],
            None => Vec::new(),
        },
        ("scrape_config", "job_name") => {
            hooks.job(place).map_or_else(Vec::new, |(_, job)| unwritten(job))
        }
        ("scrape_config", "metrics_path" | "scheme" | "params" | "static_configs") => {
            hooks.job(place).map(|(_, job)| urls(job)).unwrap_or_default()
        }
        ("static_config", "targets" | "labels") => {
            let Some((_, job)) = hooks.job(place) else { return Vec::new() };
            let mut sentences = urls(job);
            sentences.push(static_labels(place, job));
            sentences
        }
        ("global", "external_labels") => external(place),
        ("retention", "time") => retention(hooks, text(place.node)),
        ("relabel_config", _) => relabeling(place),
        ("rule", "for") => match Duration::parse(text(place.node)) {
            Ok(hold) if hold.millis() > 0 => vec![format!(
                "The alert is pending for {} before it fires. An evaluation without a result resets the time.",
                spoken(hold)
            )],
            _ => Vec::new(),
        },
        ("dns_sd_config" | "file_sd_config" | "http_sd_config", "refresh_interval") => {
            match Duration::parse(text(place.node)) {
                Ok(interval) => vec![format!(
                    "A new target is discovered at most {} after it appears.",
                    spoken(interval)
                )],
                Err(_) => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The interval and the timeout of a job that does not set them, with their sources.
fn unwritten(job: &ScrapeConfig) -> Vec<String> {
    let settings =
        [("scrape_interval", &job.scrape_interval), ("scrape_timeout", &job.scrape_timeout)];
    let unwritten = settings.into_iter().filter(|(_, setting)| !setting.is_written());
    unwritten
        .map(|(key, setting)| {
            let source = match setting.source {
                ValueSource::Inherited { path, .. } => format!("from `{path}`"),
                _ if key == "scrape_timeout" && setting.value < DEFAULT_TIMEOUT => {
                    "the default, limited to the interval".to_owned()
                }
                _ => "the default".to_owned(),
            };
            format!("`{key}` is {}, {source}.", setting.value)
        })
        .collect()
}

fn interval_follows(interval: Duration) -> Vec<String> {
    if interval.millis() <= 0 {
        return Vec::new();
    }
    let a_day = DAY / interval.millis();
    let window = Duration(interval.millis().saturating_mul(4));
    vec![
        format!(
            "Each target is scraped {a_day} times a day, so each series gets {a_day} samples a day."
        ),
        format!(
            "`rate` needs two samples in its window. Use `[{}]` or more, which is four times the interval, so that a failed scrape causes no gap.",
            spoken(window)
        ),
    ]
}

/// The jobs that inherit their interval from `global`.
fn followers(hooks: &PrometheusHooks<'_>, place: &TypedNode<'_, '_>) -> Option<String> {
    if place.node.is_null() {
        return None;
    }
    let jobs = &hooks.config?.scrape_configs;
    let at = place.subject.location(place.node.written_span());
    let from_here = jobs.iter().filter(
        |job| matches!(job.scrape_interval.source, ValueSource::Inherited { at: from, .. } if from == at),
    );
    let names: Vec<&str> = from_here.map(|job| &*job.job_name.value).collect();
    Some(match names.as_slice() {
        [] => "No job inherits it.".to_owned(),
        [one] => format!("The job `{one}` inherits it."),
        names => format!("{} jobs inherit it: `{}`.", names.len(), names.join("`, `")),
    })
}

/// The disk space for a thousand series of a job over the retention time.
fn storage(hooks: &PrometheusHooks<'_>, job: &ScrapeConfig) -> Option<String> {
    let retention = hooks.config?.retention_time.as_ref()?.value;
    let samples = retention.millis() as f64 / job.scrape_interval.value.millis().max(1) as f64;
    let megabytes = samples * 1000.0 * BYTES_A_SAMPLE / 1e6;
    Some(format!(
        "A thousand series take about {megabytes:.0} MB of disk over the retention time of {}, at 1.5 bytes per sample.",
        spoken(retention)
    ))
}

/// The URLs of the static targets before relabeling.
fn urls(job: &ScrapeConfig) -> Vec<String> {
    let targets: Vec<(&StaticConfig, &str)> = job
        .discovery
        .iter()
        .filter_map(|entry| match &entry.mechanism {
            SdMechanism::Static(group) => Some(group),
            _ => None,
        })
        .flat_map(|group| group.targets.iter().map(move |(target, _)| (group, &**target)))
        .collect();
    let mut sentences: Vec<String> = targets
        .iter()
        .take(3)
        .map(|(group, target)| format!("Scrapes {}.", job.static_url(group, target)))
        .collect();
    if targets.len() > 3 {
        sentences.push(format!("{} more targets are scraped in the same way.", targets.len() - 3));
    }
    if !sentences.is_empty() && !job.relabel_configs.is_empty() {
        sentences.push("The relabeling rules of this job can change this.".to_owned());
    }
    sentences
}

fn static_labels(place: &TypedNode<'_, '_>, job: &ScrapeConfig) -> String {
    let own = place.parent().and_then(|group| group.get("labels"));
    let has = |name: &str| own.is_some_and(|labels| labels.get(name).is_some());
    // Labels that are written replace the automatic ones.
    let mut labels = Vec::new();
    if !has("job") {
        labels.push(format!("job=\"{}\"", job.job_name.value));
    }
    if !has("instance") {
        labels.push("instance=\"host:port\"".to_owned());
    }
    for entry in own.into_iter().flat_map(|labels| labels.entries()) {
        let name = entry.name().unwrap_or_default();
        if !name.starts_with("__") {
            labels.push(format!("{name}=\"{}\"", text(&entry.value)));
        }
    }
    format!("Every series of these targets has the labels {}.", labels.join(", "))
}

fn external(place: &TypedNode<'_, '_>) -> Vec<String> {
    let labels: Vec<String> = place
        .node
        .entries()
        .map(|entry| {
            let value = expand_environment(text(&entry.value), |_| String::new());
            format!("{}=\"{value}\"", entry.name().unwrap_or_default())
        })
        .collect();
    if labels.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "Added to alerts, remote storage and federation, but not to local queries: {}.",
        labels.join(", ")
    )]
}

fn retention(hooks: &PrometheusHooks<'_>, written: &str) -> Vec<String> {
    let Ok(time) = Duration::parse(written) else { return Vec::new() };
    if time.millis() <= 0 {
        return vec!["Data is not deleted by age.".to_owned()];
    }
    let jobs = hooks.config.map_or(&[][..], |config| &config.scrape_configs);
    let fastest = jobs.iter().map(|job| job.scrape_interval.value).min();
    fastest
        .filter(|interval| interval.millis() > 0)
        .map(|interval| {
            let megabytes = time.millis() as f64 / interval.millis() as f64 * BYTES_A_SAMPLE / 1e3;
            format!(
                "A thousand series with an interval of {} take about {megabytes:.0} MB of disk, at 1.5 bytes per sample.",
                spoken(interval)
            )
        })
        .into_iter()
        .collect()
}

/// The effect of the enclosing rule, and the matches of its regular expression.
fn relabeling(place: &TypedNode<'_, '_>) -> Vec<String> {
    let Some(rule) = place.parent().and_then(Section::new) else { return Vec::new() };
    let mut sentences = vec![sentence(&rule)];
    let key = place.field.map_or("", |field| field.key);
    if key == "regex"
        && let Ok(regex) = Regex::new(&rule.text_or("regex", "(.*)"))
    {
        if regex.matches_everything() {
            sentences.push("It matches every value, including the empty string.".to_owned());
        } else if regex.is_match("") {
            sentences.push(
                "It also matches the empty string, which is the value of a missing label."
                    .to_owned(),
            );
        }
        if let Some(all) = regex.set_matches().filter(|all| all.iter().any(|one| !one.is_empty())) {
            let shown: Vec<String> = all.iter().take(8).map(|one| quoted(one)).collect();
            sentences.push(format!("It matches exactly {}.", shown.join(", ")));
        }
        let groups = regex.group_names().count().saturating_sub(1);
        if groups > 0 {
            sentences.push(format!("It has {groups} group{}.", if groups == 1 { "" } else { "s" }));
        }
    }
    if key == "source_labels" {
        sentences.extend(origins(place, &rule));
    }
    sentences
}

/// A value in backticks.
fn quoted(text: &str) -> String {
    if text.is_empty() { "the empty string".to_owned() } else { format!("`{text}`") }
}

/// The origin of each source label.
fn origins(place: &TypedNode<'_, '_>, rule: &Section<'_>) -> Vec<String> {
    let known = labels_before(place.subject.root, place.path);
    rule.texts("source_labels")
        .filter_map(|(label, _)| {
            let one = known.iter().find(|known| known.matches(&label))?;
            Some(format!("`{label}`: {}.", one.doc))
        })
        .collect()
}

/// Returns true if a rule without source labels writes the same value always.
fn is_constant(regex: &str, replacement: &str) -> bool {
    !replacement.contains('$') && Regex::new(regex).is_ok_and(|regex| regex.is_match(""))
}

/// The effect of a rule, in one sentence.
pub fn sentence(rule: &Section<'_>) -> String {
    let labels: Vec<String> =
        rule.texts("source_labels").map(|(label, _)| label.into_owned()).collect();
    let separator = rule.text_or("separator", ";");
    let value = match labels.is_empty() {
        true => "the empty string".to_owned(),
        false => format!("`{}`", labels.join(&separator)),
    };
    let regex = rule.text_or("regex", "(.*)");
    let target = rule.text("target_label");
    let replacement = rule.text_or("replacement", "$1");
    let pattern = quoted(&regex);
    let action = RelabelAction::from_name(&rule.text_or("action", "replace"));
    use RelabelAction::{DropEqual, HashMod, KeepEqual, Lowercase, Replace, Uppercase};
    let writes = [Replace, HashMod, Lowercase, Uppercase, KeepEqual, DropEqual];
    if target.is_empty() && action.is_some_and(|action| writes.contains(&action)) {
        return "The `target_label` is missing.".to_owned();
    }
    match action {
        Some(RelabelAction::Replace) if regex == "(.*)" && replacement == "$1" => {
            format!("Copies {value} to `{target}`.")
        }
        Some(RelabelAction::Replace) => {
            let always = labels.is_empty() && is_constant(&regex, &replacement);
            let condition =
                if always { String::new() } else { format!(" if {value} matches {pattern}") };
            match replacement.is_empty() {
                true => format!("Removes `{target}`{condition}."),
                false => format!("Sets `{target}` to {}{condition}.", quoted(&replacement)),
            }
        }
        Some(RelabelAction::Keep) => {
            format!("Drops everything whose {value} does not match {pattern}.")
        }
        Some(RelabelAction::Drop) => format!("Drops everything whose {value} matches {pattern}."),
        Some(RelabelAction::KeepEqual) => {
            format!("Drops everything whose {value} differs from `{target}`.")
        }
        Some(RelabelAction::DropEqual) => {
            format!("Drops everything whose {value} equals `{target}`.")
        }
        Some(RelabelAction::HashMod) => {
            format!("Sets `{target}` to the hash of {value} modulo {}.", rule.uint("modulus", 0))
        }
        Some(RelabelAction::LabelMap) => {
            format!("Copies every label whose name matches `{regex}` to the name `{replacement}`.")
        }
        Some(action @ (RelabelAction::LabelDrop | RelabelAction::LabelKeep)) => {
            let verb =
                if action == RelabelAction::LabelDrop { "matches" } else { "does not match" };
            format!("Removes every label whose name {verb} `{regex}`.")
        }
        Some(RelabelAction::Lowercase) => format!("Sets `{target}` to {value} in lower case."),
        Some(RelabelAction::Uppercase) => format!("Sets `{target}` to {value} in upper case."),
        None => "The action is unknown.".to_owned(),
    }
}
