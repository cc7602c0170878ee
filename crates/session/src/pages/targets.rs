//! The target table of Prometheus's page "Target health". In addition: dropped targets with the rule
//! that dropped them, failed targets, and merged targets.

use rustc_hash::FxHashMap;

use super::comparison::Said;
use super::labels::labels;
use super::proposals;
use crate::analysis::routes::Route;
use crate::analysis::scrape_auth::Refusal;
use crate::world::Snapshot;
use discovery::targets::names::{ADDRESS, METRICS_PATH};
use discovery::targets::{self as table, StepKind, TargetId};
use go::quote::quote;
use prometheus::config::RelabelAction;
use promql::Labels;
use protocol::pages::Note;
use protocol::pages::targets::{Details, Key, Pool, Query, ROWS, Reason, Row, Show, State, View};
use simulation::scrape::ScrapeReport;
use simulation::world::Reach;

/// The maximum number of rows in all pools. Further pools are closed until they are opened.
const ALL_ROWS: usize = 300;

/// The key of a discovered target.
pub(super) fn key_of(job: &str, origin: TargetId) -> Key {
    let TargetId { mechanism, group, target } = origin;
    Key { job: job.to_owned(), mechanism, group, target }
}

/// Returns the discovered target of a key.
pub(super) fn origin_of(key: &Key) -> TargetId {
    TargetId { mechanism: key.mechanism, group: key.group, target: key.target }
}

/// Returns the table at the time of the clock.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let analysis = snapshot.stored;
    let world = &snapshot.timeline.world;
    let reports: FxHashMap<(&str, &Labels), Option<&ScrapeReport>> =
        world.reports().map(|(spec, report, _)| ((&*spec.job, &spec.labels), report)).collect();
    let troubles = snapshot.timeline.troubles();
    let mut view = View {
        query: query.clone(),
        note: note(snapshot),
        refused: super::cluster::refused_objects(snapshot),
        comparison: super::comparison::comparison(snapshot),
        sparklines: super::sparkline::sparklines(snapshot),
        ..View::default()
    };
    let said = Said::new(snapshot);
    let mut routes = analysis.routes.iter();
    let mut budget = ALL_ROWS;
    for pool in &analysis.table.pools {
        add_counts(&mut view, pool);
        if let Some(refusal) = analysis.failed_clients.get(&pool.name) {
            view.pools.push(without_pool(pool, refusal));
            continue;
        }
        let of_pool = PoolView {
            pool,
            now: world.now(),
            reports: &reports,
            troubles: &troubles,
            said: said.as_ref(),
        };
        let active: Vec<(&table::Target, &Route)> =
            pool.active.iter().zip(routes.by_ref()).collect();
        let shown = of_pool.view(query, &active, &mut budget);
        view.up += shown.up;
        view.down += shown.down;
        view.undescribed += shown.undescribed;
        // A search or a filter hides pools without matching targets.
        let narrowed = query.show != Show::All || !query.search.is_empty();
        if shown.matching > 0 || !narrowed {
            view.pools.push(shown);
        }
    }
    view
}

/// A job for which Prometheus logs an error and shows no pool.
fn without_pool(pool: &table::Pool, refusal: &Refusal) -> Pool {
    let line = format!(
        "level=ERROR msg=\"error creating new scrape pool\" err={} scrape_pool={}",
        go::quote::quote(&refusal.error),
        pool.name
    );
    Pool {
        job: pool.name.to_string(),
        location: Some(pool.location),
        note: Some(Note {
            title: format!("Prometheus makes no pool for this job. {}", refusal.text),
            lines: vec![line],
            location: refusal.related.first().map(|related| related.location),
        }),
        ..Pool::default()
    }
}

fn add_counts(view: &mut View, pool: &table::Pool) {
    let target_counts = &pool.target_counts;
    view.discovered += target_counts.counts.targets as u32;
    view.kept += target_counts.kept as u32;
    view.distinct += target_counts.distinct as u32;
    view.dropped += target_counts.dropped as u32;
    view.failed += target_counts.failed as u32;
    view.merged += pool.active.iter().filter(|target| target.origins.len() > 1).count() as u32;
}

/// Returns the reason why Prometheus has no targets, if it does not run or has no configuration.
pub(super) fn note(snapshot: &Snapshot<'_>) -> Option<Note> {
    let analysis = snapshot.stored;
    if let Some(stopped) = &analysis.server.stopped {
        return Some(Note {
            title: format!("Prometheus does not run: {}", stopped.message),
            lines: stopped.lines.clone(),
            location: stopped.at,
        });
    }
    if let Some(refusal) = &analysis.refusal {
        let mut errors = analysis.loaded.diagnostics.iter();
        let first = errors.find(|one| one.severity == text::Severity::Error);
        return Some(Note {
            title: "Prometheus refuses this configuration".into(),
            lines: vec![refusal.to_string()],
            location: first.map(|one| one.location),
        });
    }
    if let Some(refusal) = &analysis.rules.refusal {
        let (title, error) = if analysis.reloaded {
            let title = "A reload fails because of a rule file: Prometheus has the new jobs and the former rules";
            (title, refusal.lines())
        } else {
            ("Prometheus refuses a rule file and ends", refusal.error())
        };
        return Some(Note { title: title.into(), lines: vec![error], location: refusal.at });
    }
    if analysis.config_text.is_none() {
        return Some(Note {
            title: "No file here is a configuration that Prometheus reads".into(),
            ..Note::default()
        });
    }
    analysis.table.pools.is_empty().then(|| Note {
        title: "The configuration has no scrape_configs, so nothing is scraped".into(),
        ..Note::default()
    })
}

struct PoolView<'a> {
    pool: &'a table::Pool,
    now: i64,
    reports: &'a FxHashMap<(&'a str, &'a Labels), Option<&'a ScrapeReport>>,
    /// The labels of actions in progress.
    troubles: &'a [&'a str],
    /// What a live server said; None if no file has its answers.
    said: Option<&'a Said<'a>>,
}

impl PoolView<'_> {
    fn report(&self, target: &table::Target) -> Option<&ScrapeReport> {
        self.reports.get(&(&*self.pool.name, &target.labels)).copied().flatten()
    }

    fn state(&self, target: &table::Target, route: &Route) -> State {
        match self.report(target) {
            _ if route.spec.reach == Reach::Unknown => State::Undescribed,
            None => State::Unknown,
            Some(report) if report.error.is_none() => State::Up,
            Some(_) => State::Down,
        }
    }

    fn view(&self, query: &Query, active: &[(&table::Target, &Route)], budget: &mut usize) -> Pool {
        let pool = self.pool;
        let choice = query.pools.iter().find(|choice| *choice.job == *pool.name);
        let first = choice.map_or(0, |choice| choice.first as usize);
        let rows = self.matching(query, active);
        // There may be fewer rows than when the window moved there.
        let first = first.min(rows.len().saturating_sub(ROWS));
        let wanted = (rows.len() - first).min(ROWS);
        let open = choice.and_then(|choice| choice.open).unwrap_or(*budget >= wanted);
        let count = |state: State| {
            active.iter().filter(|(target, route)| self.state(target, route) == state).count()
                as u32
        };
        let mut shown = Pool {
            job: pool.name.to_string(),
            location: Some(pool.location),
            up: count(State::Up),
            down: count(State::Down),
            undescribed: count(State::Undescribed),
            active: active.len() as u32,
            matching: rows.len() as u32,
            first: first as u32,
            opened: self.opened(rows.get(..first).unwrap_or_default(), query),
            open,
            targets: Vec::new(),
            note: self.without_targets(),
        };
        if open {
            *budget = budget.saturating_sub(wanted);
            let rows = rows.iter().skip(first).take(ROWS);
            shown.targets = rows.filter_map(|row| self.row(row, query)).collect();
        }
        shown
    }

    /// Returns the rows that the query selects.
    fn matching<'b>(
        &'b self,
        query: &Query,
        active: &[(&'b table::Target, &'b Route)],
    ) -> Vec<Found<'b>> {
        let pool = self.pool;
        let search = query.search.to_lowercase();
        let wants = |state: State, merged: bool| match query.show {
            Show::All => !matches!(state, State::Dropped | State::Failed),
            Show::Up => state == State::Up,
            Show::Unhealthy => matches!(state, State::Down | State::Unknown | State::Undescribed),
            Show::Dropped => state == State::Dropped,
            Show::Failed => state == State::Failed,
            Show::Merged => merged,
        };
        let fits = |url: &str, labels: &Labels| {
            let has = |text: &str| text.to_lowercase().contains(&search);
            search.is_empty()
                || has(url)
                || labels.iter().any(|label| has(&label.name) || has(&label.value))
        };
        let mut rows: Vec<Found<'_>> = Vec::new();
        for (target, route) in active {
            let merged = target.origins.len() > 1;
            if wants(self.state(target, route), merged) && fits(&target.url, &target.labels) {
                rows.push(Found::Active(target, route));
            }
        }
        if query.show == Show::Dropped {
            let dropped = pool.dropped.iter().filter(|one| fits("", &one.discovered));
            rows.extend(dropped.map(Found::Dropped));
        }
        if query.show == Show::Failed {
            let failed = pool.failed.iter().filter(|one| fits(&one.error, &one.discovered));
            rows.extend(failed.map(Found::Failed));
        }
        rows
    }

    /// The notes of a discovery that found nothing.
    fn without_targets(&self) -> Option<Note> {
        if self.pool.target_counts.counts.targets > 0 {
            return None;
        }
        let all = self.pool.discovered.iter().flat_map(|found| &found.log);
        let lines: Vec<_> = all.map(|line| (line.message.clone(), line.at)).collect();
        let location = lines.first()?.1;
        let title = match self.pool.discovered.iter().any(|found| found.unknown) {
            true => "What the service discovery finds is not known",
            false => "Service discovery has found nothing",
        };
        Some(Note {
            title: title.into(),
            lines: lines.into_iter().map(|(message, _)| message).collect(),
            location,
        })
    }

    /// Returns the number of these rows whose details are open.
    fn opened(&self, rows: &[Found<'_>], query: &Query) -> u32 {
        let own = query.details.iter().filter(|key| *key.job == *self.pool.name);
        let keys: Vec<TargetId> = own.map(origin_of).collect();
        if keys.is_empty() {
            return 0;
        }
        let is_open = |row: &&Found<'_>| row.origin().is_some_and(|origin| keys.contains(&origin));
        rows.iter().filter(is_open).count() as u32
    }

    fn row(&self, found: &Found<'_>, query: &Query) -> Option<Row> {
        let origin = found.origin()?;
        let key = key_of(&self.pool.name, origin);
        let explanation = self.pool.explain(origin)?;
        let (discovery, _, _) = self.pool.discovered_target(origin)?;
        let mut row = Row {
            url: explanation.discovered.get(ADDRESS).to_owned(),
            labels: Vec::new(),
            state: State::Unknown,
            last_scrape: None,
            duration: None,
            error: None,
            reasons: Vec::new(),
            proposal: None,
            body: None,
            server: None,
            merged: 1,
            details: None,
            key,
        };
        match found {
            Found::Active(target, route) => self.fill(&mut row, target, route),
            Found::Dropped(dropped) => {
                row.state = State::Dropped;
                row.reasons.extend(
                    dropped.rule.and_then(|rule| self.dropped_by(rule, origin, &explanation)),
                );
            }
            Found::Failed(failed) => {
                row.state = State::Failed;
                row.error = Some(format!("Creating target failed: {}", failed.error));
            }
        }
        let is_active = matches!(found, Found::Active(..));
        row.labels = if is_active {
            labels(&explanation.public_labels(), &explanation, discovery, false)
        } else {
            let plain = explanation.discovered.filtered(|label| !label.name.starts_with("__"));
            labels(&plain, &explanation, discovery, true)
        };
        if query.details.contains(&row.key) {
            let hidden = match found {
                Found::Active(target, _) => {
                    target.labels.filtered(|label| label.name.starts_with("__"))
                }
                _ => Labels::empty(),
            };
            let text = |name| hidden.get(name).to_owned();
            row.details = Some(Details {
                discovered: labels(&explanation.discovered, &explanation, discovery, true),
                interval: text(table::names::SCRAPE_INTERVAL),
                timeout: text(table::names::SCRAPE_TIMEOUT),
                hidden: labels(&hidden, &explanation, discovery, false),
                merged: self.addresses(found),
            });
        }
        Some(row)
    }

    fn fill(&self, row: &mut Row, target: &table::Target, route: &Route) {
        let report = self.report(target);
        row.url.clone_from(&target.url);
        row.state = self.state(target, route);
        row.merged = target.origins.len() as u32;
        row.server = self.said.and_then(|said| said.about(&self.pool.name, target));
        row.last_scrape = report.map(|report| (self.now - report.at) as f64 / 1_000.0);
        row.duration = report.map(|report| report.duration.0 as f64 / 1_000.0);
        row.error = report.and_then(|report| report.error.clone());
        if row.state == State::Undescribed {
            let text = match &route.refusal {
                Some(refusal) => refusal.text.clone(),
                None => route.connection.explanation.clone(),
            };
            row.reasons.push(Reason { text, location: None });
            let refusal = route.refusal.iter().flat_map(|refusal| &refusal.related);
            row.reasons.extend(refusal.map(|related| Reason {
                text: related.message.clone(),
                location: Some(related.location),
            }));
            let answering = proposals::Place::of(route);
            row.proposal = Some(answering.program());
            row.body = Some(answering.body(target.labels.get(METRICS_PATH)));
            return;
        }
        if row.error.is_some() && !route.connection.is_connected() {
            let text = route.connection.explanation.clone();
            row.reasons.push(Reason { text, location: None });
            row.reasons.extend(route.connection.related.iter().map(|related| Reason {
                text: related.message.clone(),
                location: Some(related.location),
            }));
        }
        // The scrape error of the simulation can have another cause.
        let error = row.error.as_deref().unwrap_or_default();
        let refusal = route.refusal.as_ref().filter(|one| error.ends_with(&one.error));
        let warnings = report.map(|report| report.refused.warnings()).unwrap_or_default();
        let by_event = !error.is_empty() && route.connection.is_connected() && refusal.is_none();
        if by_event || !warnings.is_empty() {
            let of = |text: String| Reason { text, location: None };
            row.reasons.extend(warnings.into_iter().map(|text| of(format!("In the log: {text}"))));
            let going_on = self.troubles.iter();
            row.reasons.extend(going_on.map(|event| of(format!("Going on now: {event}"))));
        }
        if let Some(refusal) = refusal {
            row.reasons.push(Reason { text: refusal.text.clone(), location: None });
            row.reasons.extend(refusal.related.iter().map(|related| Reason {
                text: related.message.clone(),
                location: Some(related.location),
            }));
        }
    }

    /// The object that was dropped, the rule, and the value that decided.
    fn dropped_by(
        &self,
        index: usize,
        origin: TargetId,
        explanation: &table::Explanation,
    ) -> Option<Reason> {
        let rule = self.pool.job.rules.get(index)?;
        let (_, _, target) = self.pool.discovered_target(origin)?;
        let object = target.object.as_ref().map(|object| format!("{object}: "));
        let step = explanation.steps.iter().find(|step| step.kind == StepKind::Rule(index));
        let value = step.and_then(|step| Some(deciding_value(rule, step.source.as_ref()?)));
        let text = format!(
            "{}dropped by rule {}: {}{}",
            object.unwrap_or_default(),
            index + 1,
            super::discovery::summary(rule),
            value.map_or(String::new(), |value| format!(". {value}"))
        );
        Some(Reason { text, location: Some(rule.location) })
    }

    fn addresses(&self, found: &Found<'_>) -> Vec<String> {
        let Found::Active(target, _) = found else { return Vec::new() };
        if target.origins.len() < 2 {
            return Vec::new();
        }
        let targets = target
            .origins
            .iter()
            .take(ROWS)
            .filter_map(|origin| self.pool.discovered_target(*origin));
        targets
            .map(|(_, _, target)| {
                let address = target.labels.get(ADDRESS).map_or("", |label| &label.value);
                match &target.object {
                    Some(object) => format!("{address} ({object})"),
                    None => address.to_owned(),
                }
            })
            .collect()
    }
}

/// Says for which value a rule dropped a target.
fn deciding_value(rule: &table::Rule, source: &table::SourceMatch) -> String {
    let value = &source.value;
    let regex = rule.regex.source();
    let what = if rule.source_labels.len() > 1 { "joined value" } else { "value" };
    let reason = match rule.action {
        RelabelAction::Keep if value.is_empty() && rule.source_labels.len() == 1 => {
            return "There is no such label, so the value is empty".to_owned();
        }
        RelabelAction::Keep if value.eq_ignore_ascii_case(regex) => {
            format!(", which is not {}: upper and lower case differ", quote(regex))
        }
        RelabelAction::Keep => format!(", which does not match {}", quote(regex)),
        _ => String::new(),
    };
    format!("The {what} is {}{reason}", quote(value))
}

enum Found<'a> {
    Active(&'a table::Target, &'a Route),
    Dropped(&'a table::Dropped),
    Failed(&'a table::Failed),
}

impl Found<'_> {
    fn origin(&self) -> Option<TargetId> {
        match self {
            Found::Active(target, _) => target.origins.last().copied(),
            Found::Dropped(dropped) => Some(dropped.origin),
            Found::Failed(failed) => Some(failed.origin),
        }
    }
}
