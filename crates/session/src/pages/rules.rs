//! Recording and alerting rules with their states, as Prometheus's pages "Rule health" and "Alerts"
//! show them, and the rule unit tests of the workspace.

use go::path::matches as glob_matches;
use std::sync::Arc;

use crate::workspace::embedded_documents::Document;
use crate::workspace::files::WorkspaceFiles;
use crate::workspace::sources::{FileKind, Source, Sources};
use crate::world::Snapshot;
use go::Duration;
use go::number::format_float;
use prometheus::Files;
use prometheus::rule_files::RuleKind;
use promql::Timestamp;
use promql::engine::{Engine, EngineOptions};
use promql::syntax::ParserOptions;
use protocol::pages::rules::{AlertRow, Group, Query, Rule, Tests, View};
use rules::unit_test::{self, RuleFiles, TestOptions};
use rules::{Alert, AlertState, GroupRun, PromqlRules, RuleHealth, RuleRun};
use text::Location;
use yaml::Parsed;

/// The maximum numbers of rules, and of alerts of a rule.
const RULES: usize = 300;
const ALERTS: usize = 50;

/// Returns the view of the current state.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let now = snapshot.timeline.world.now();
    let mut view = View { query: query.clone(), ..View::default() };
    view.note = note(snapshot);
    let mut left = RULES;
    for (run, interval) in snapshot.timeline.rules.groups() {
        let states = run.rules.iter().flat_map(|rule| rule.alerts.values());
        for state in states.map(|alert| alert.state) {
            view.firing += u32::from(state == AlertState::Firing);
            view.pending += u32::from(state == AlertState::Pending);
        }
        let group = group(run, interval, now, &query.search, &mut left);
        if !group.rules.is_empty() || query.search.is_empty() {
            view.groups.push(group);
        }
    }
    view.tests = snapshot
        .sources
        .of_kind(FileKind::RuleTests)
        .map(|source| tests(source, snapshot, query.run_tests))
        .collect();
    view
}

fn note(snapshot: &Snapshot<'_>) -> Option<String> {
    let analysis = snapshot.stored;
    let rules = &analysis.rules;
    if let (Some(refusal), true) = (&rules.refusal, analysis.refusal.is_none()) {
        let what = if analysis.reloaded {
            "A reload fails because of a rule file, and the former rules go on"
        } else {
            "Prometheus ends at its start because of a rule file"
        };
        return Some(format!("{what}: {}", refusal.lines()));
    }
    if analysis.server.stopped.is_some() || analysis.refusal.is_some() {
        return Some("Prometheus does not run, so it evaluates no rules.".to_owned());
    }
    if rules.groups.is_empty() {
        return Some(
            "There are no rules: no file matches rule_files of the configuration.".to_owned(),
        );
    }
    None
}

fn group(
    run: &GroupRun,
    interval: Duration,
    now: Timestamp,
    search: &str,
    left: &mut usize,
) -> Group {
    let found = run.rules.iter().filter(|run| matches(run, search)).take(*left);
    let rules: Vec<Rule> = found.map(|run| rule(run, now)).collect();
    *left -= rules.len();
    Group {
        name: run.group.name.to_string(),
        interval: interval.to_string(),
        location: run.group.location,
        rules,
    }
}

fn matches(run: &RuleRun, search: &str) -> bool {
    let rule = &run.rule;
    search.is_empty()
        || rule.name().contains(search)
        || rule.expr.contains(search)
        || rule.labels.iter().any(|(name, value)| name.contains(search) || value.contains(search))
}

fn pairs(pairs: &[(Arc<str>, Arc<str>)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn rule(run: &RuleRun, now: Timestamp) -> Rule {
    let written = |duration: Duration| (duration.millis() > 0).then(|| duration.to_string());
    let (state, hold, keep, annotations) = match &run.rule.kind {
        RuleKind::Recording { .. } => (None, None, None, Vec::new()),
        RuleKind::Alerting { hold, keep_firing_for, annotations, .. } => {
            let furthest = run.alerts.values().map(|alert| alert.state).max();
            let state = match (run.evaluated, furthest) {
                (None, _) => "unknown",
                (_, furthest) => furthest.unwrap_or(AlertState::Inactive).name(),
            };
            (Some(state.to_owned()), written(*hold), written(*keep_firing_for), pairs(annotations))
        }
    };
    let (health, error) = match &run.health {
        RuleHealth::Unknown => ("unknown", String::new()),
        RuleHealth::Ok => ("ok", String::new()),
        RuleHealth::Error(error) => ("error", error.clone()),
    };
    let active = run.alerts.values().filter(|alert| alert.state != AlertState::Inactive);
    Rule {
        name: run.rule.name().to_string(),
        location: run.rule.location,
        expr: run.rule.expr.to_string(),
        state,
        hold,
        keep,
        health: health.to_owned(),
        error,
        age: run.evaluated.map(|at| now - at),
        series: run.samples as u32,
        labels: pairs(&run.rule.labels),
        annotations,
        alerts: active.take(ALERTS).map(|alert| alert_row(alert, now)).collect(),
    }
}

fn alert_row(alert: &Alert, now: Timestamp) -> AlertRow {
    let labels = alert.labels.iter();
    AlertRow {
        state: alert.state.name().to_owned(),
        labels: labels.map(|label| (label.name.to_string(), label.value.to_string())).collect(),
        annotations: pairs(&alert.annotations),
        value: format_float(alert.value),
        since: Duration((now - alert.active_at).max(0)).to_string(),
    }
}

fn tests(source: &Source, snapshot: &Snapshot<'_>, run: bool) -> Tests {
    let errors = run.then(|| match unit_test::load(&source.parsed) {
        Ok(file) => {
            let files = Workspace {
                sources: snapshot.timeline.stored(),
                documents: &snapshot.stored.documents,
            };
            unit_test::run(&file, &files, &TestOptions::default(), |interval| {
                let options =
                    EngineOptions { default_subquery_step: interval, ..EngineOptions::default() };
                PromqlRules { engine: Engine::new(options), parser: ParserOptions::default() }
            })
        }
        Err(errors) => errors,
    });
    let span = source.parsed.root().map(|root| root.span).unwrap_or_default();
    Tests { file: source.name.clone(), location: Location::new(source.id, span), errors }
}

/// The files of the workspace as tests name them, with the keys of its ConfigMaps.
struct Workspace<'a> {
    sources: &'a Sources,
    documents: &'a [Arc<Document>],
}

impl Workspace<'_> {
    /// Returns the key of the ConfigMap that holds a text: the text before the colon on the line
    /// where the text begins, or on the one before.
    fn key(&self, document: &Document) -> Option<&str> {
        let host = self.sources.get(document.file)?;
        let before = host.text.get(..document.span.start as usize)?;
        let line = before.lines().rev().find(|line| line.contains(':'))?;
        Some(line.split(':').next()?.trim().trim_matches(['"', '\'']))
    }
}

impl RuleFiles for Workspace<'_> {
    fn matching(&self, pattern: &str) -> Vec<(String, Arc<str>, Arc<Parsed>)> {
        let files = WorkspaceFiles(self.sources);
        let named = files.matching(pattern);
        let named = |source: &&Arc<Source>| {
            named.iter().any(|file| file.path == source.name) || glob_matches(pattern, &source.name)
        };
        let whole = self.sources.iter().filter(named);
        let whole = whole
            .map(|source| (source.name.clone(), Arc::from(&*source.text), source.parsed.clone()));
        let last = pattern.rsplit('/').next().unwrap_or(pattern);
        let inside = self.documents.iter().filter(|document| document.embedded);
        let inside = inside.filter_map(|document| {
            let key = self.key(document).filter(|key| glob_matches(last, key))?;
            let host = self.sources.get(document.file)?;
            Some((key.to_owned(), Arc::from(&*host.text), document.parsed.clone()))
        });
        whole.chain(inside).collect()
    }
}

#[cfg(test)]
mod tests;
