//! The target table as Prometheus's page "Target health" would show it, and what that does not
//! show: dropped targets with the rule that dropped them, failed ones, and several in one.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

pub use super::labels::Label;
use super::labels::labels;
use super::pulse::Pulse;
use crate::Session;
use crate::client::Refusal;
use crate::targets::Route;
use discovery::targets::names::ADDRESS;
use discovery::targets::{self as table, TargetId};
use promql::Labels;
use simulation::scrape::ScrapeReport;
use text::Location;

/// Rows of a pool that are sent at once: the page shows longer pools through a window.
pub const ROWS: usize = 50;
/// Rows that all pools show together; pools beyond are closed until they are opened.
const ALL_ROWS: usize = 300;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub show: Show,
    /// Text in the URL, a label's name or its value; empty for all.
    pub search: String,
    /// Rows whose discovered labels are asked for.
    pub details: Vec<Key>,
    /// What the visitor chose for a pool, by job.
    pub pools: Vec<Choice>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    #[default]
    All,
    Up,
    /// Down or not scraped yet.
    Unhealthy,
    Dropped,
    Failed,
    /// Targets that several discovered ones became.
    Merged,
}

/// Names a discovered target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    pub job: String,
    pub mechanism: u32,
    pub group: u32,
    pub target: u32,
}

impl Key {
    pub fn new(job: &str, origin: TargetId) -> Self {
        let TargetId { mechanism, group, target } = origin;
        Self { job: job.to_owned(), mechanism, group, target }
    }

    pub fn origin(&self) -> TargetId {
        TargetId { mechanism: self.mechanism, group: self.group, target: self.target }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub job: String,
    /// Closed pools show their heads only; nothing lets the page decide.
    pub open: Option<bool>,
    /// The first row that is wanted.
    pub first: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub question: Question,
    pub pools: Vec<Pool>,
    pub discovered: u32,
    pub kept: u32,
    pub distinct: u32,
    pub up: u32,
    pub down: u32,
    pub dropped: u32,
    pub failed: u32,
    pub merged: u32,
    /// Why there are no targets at all.
    pub note: Option<Note>,
    /// What the scrapes bring, in small.
    pub pulses: Vec<Pulse>,
}

/// A headline, the lines that a log would have, and the place to look at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub title: String,
    pub lines: Vec<String>,
    pub location: Option<Location>,
}

/// The targets of one `scrape_config`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    pub job: String,
    pub location: Option<Location>,
    pub up: u32,
    pub down: u32,
    /// Active targets.
    pub active: u32,
    /// Rows that the question asks for, of which `targets` are those from `first` on.
    pub matching: u32,
    pub first: u32,
    /// How many rows before `first` have their details open.
    pub opened: u32,
    pub open: bool,
    pub targets: Vec<Row>,
    /// Why there is no such pool.
    pub note: Option<Note>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub key: Key,
    /// The address, for targets without a URL.
    pub url: String,
    pub labels: Vec<Label>,
    pub state: State,
    /// Seconds since the last scrape, and how long it took.
    pub last_scrape: Option<f64>,
    pub duration: Option<f64>,
    /// As Prometheus would print it.
    pub error: Option<String>,
    /// What in which file is at odds.
    pub reasons: Vec<Reason>,
    /// How many discovered targets this one is.
    pub merged: u32,
    /// Where asked for.
    pub details: Option<Details>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Labels before relabelling.
    pub discovered: Vec<Label>,
    /// Labels after it that no series gets.
    pub hidden: Vec<Label>,
    /// Addresses of the discovered targets that became this one.
    pub merged: Vec<String>,
    pub interval: String,
    pub timeout: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    #[default]
    Unknown,
    Up,
    Down,
    /// By a rule; Prometheus shows it on its page "Service discovery" alone.
    Dropped,
    /// Prometheus logs it and shows it nowhere.
    Failed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub text: String,
    pub location: Option<Location>,
}

/// The table of now.
pub fn view(session: &Session, question: &Question) -> View {
    let system = &session.system;
    let world = &session.timeline.world;
    let reports: FxHashMap<(&str, &Labels), Option<&ScrapeReport>> =
        world.reports().map(|(spec, report, _)| ((&*spec.job, &spec.labels), report)).collect();
    let troubles = session.timeline.troubles();
    let mut view = View {
        question: question.clone(),
        note: note(session),
        pulses: super::pulse::pulses(session),
        ..View::default()
    };
    let mut routes = system.routes.iter();
    let mut budget = ALL_ROWS;
    for pool in &system.table.pools {
        view.add_counts(pool);
        if let Some(refusal) = system.unmade.get(&pool.name) {
            view.pools.push(without_pool(pool, refusal));
            continue;
        }
        let of_pool = PoolView { pool, now: world.now(), reports: &reports, troubles: &troubles };
        let active: Vec<(&table::Target, &Route)> =
            pool.active.iter().zip(routes.by_ref()).collect();
        let shown = of_pool.view(question, &active, &mut budget);
        view.up += shown.up;
        view.down += shown.down;
        // A search or a filter shows the pools that have something to show.
        let narrowed = question.show != Show::All || !question.search.is_empty();
        if shown.matching > 0 || !narrowed {
            view.pools.push(shown);
        }
    }
    view
}

/// A job that Prometheus logs an error for and shows nowhere.
fn without_pool(pool: &table::Pool, refusal: &Refusal) -> Pool {
    let line = format!(
        "level=ERROR msg=\"error creating new scrape pool\" err={:?} scrape_pool={}",
        refusal.error, pool.name
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

impl View {
    /// Targets that are scraped.
    pub fn active(&self) -> u32 {
        self.pools.iter().map(|pool| pool.active).sum()
    }

    fn add_counts(&mut self, pool: &table::Pool) {
        let funnel = &pool.funnel;
        self.discovered += funnel.counts.targets as u32;
        self.kept += funnel.kept as u32;
        self.distinct += funnel.distinct as u32;
        self.dropped += funnel.dropped as u32;
        self.failed += funnel.failed as u32;
        self.merged += pool.active.iter().filter(|target| target.origins.len() > 1).count() as u32;
    }
}

/// Why Prometheus has no targets, where it does not run or has nothing to read.
pub(super) fn note(session: &Session) -> Option<Note> {
    let system = &session.system;
    if let Some(stopped) = &system.server.stopped {
        return Some(Note {
            title: format!("Prometheus does not run: {}", stopped.message),
            lines: stopped.lines.clone(),
            location: stopped.at,
        });
    }
    if let Some(refusal) = &system.refusal {
        let mut errors = system.loaded.diagnostics.iter();
        let first = errors.find(|one| one.severity == text::Severity::Error);
        return Some(Note {
            title: "Prometheus refuses this configuration".into(),
            lines: vec![refusal.to_string()],
            location: first.map(|one| one.location),
        });
    }
    if system.config_text.is_none() {
        return Some(Note {
            title: "No file here is a configuration that Prometheus reads".into(),
            ..Note::default()
        });
    }
    system.table.pools.is_empty().then(|| Note {
        title: "The configuration has no scrape_configs, so nothing is scraped".into(),
        ..Note::default()
    })
}

struct PoolView<'a> {
    pool: &'a table::Pool,
    now: i64,
    reports: &'a FxHashMap<(&'a str, &'a Labels), Option<&'a ScrapeReport>>,
    /// What goes on in the simulation.
    troubles: &'a [&'a str],
}

impl PoolView<'_> {
    fn report(&self, target: &table::Target) -> Option<&ScrapeReport> {
        self.reports.get(&(&*self.pool.name, &target.labels)).copied().flatten()
    }

    fn state(&self, target: &table::Target) -> State {
        match self.report(target) {
            None => State::Unknown,
            Some(report) if report.error.is_none() => State::Up,
            Some(_) => State::Down,
        }
    }

    fn view(
        &self,
        question: &Question,
        active: &[(&table::Target, &Route)],
        budget: &mut usize,
    ) -> Pool {
        let pool = self.pool;
        let choice = question.pools.iter().find(|choice| *choice.job == *pool.name);
        let first = choice.map_or(0, |choice| choice.first as usize);
        let search = question.search.to_lowercase();
        let wants = |state: State, merged: bool| match question.show {
            Show::All => matches!(state, State::Up | State::Down | State::Unknown),
            Show::Up => state == State::Up,
            Show::Unhealthy => matches!(state, State::Down | State::Unknown),
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
            if wants(self.state(target), merged) && fits(&target.url, &target.labels) {
                rows.push(Found::Active(target, route));
            }
        }
        if question.show == Show::Dropped {
            let dropped = pool.dropped.iter().filter(|one| fits("", &one.discovered));
            rows.extend(dropped.map(Found::Dropped));
        }
        if question.show == Show::Failed {
            let failed = pool.failed.iter().filter(|one| fits(&one.error, &one.discovered));
            rows.extend(failed.map(Found::Failed));
        }
        // There may be fewer rows than when the window moved there.
        let first = first.min(rows.len().saturating_sub(ROWS));
        let wanted = (rows.len() - first).min(ROWS);
        let open = choice.and_then(|choice| choice.open).unwrap_or(*budget >= wanted);
        let count = |state: State| {
            active.iter().filter(|(target, _)| self.state(target) == state).count() as u32
        };
        let mut shown = Pool {
            job: pool.name.to_string(),
            location: Some(pool.location),
            up: count(State::Up),
            down: count(State::Down),
            active: active.len() as u32,
            matching: rows.len() as u32,
            first: first as u32,
            opened: self.opened(rows.get(..first).unwrap_or_default(), question),
            open,
            targets: Vec::new(),
            note: None,
        };
        if open {
            *budget = budget.saturating_sub(wanted);
            let rows = rows.iter().skip(first).take(ROWS);
            shown.targets = rows.filter_map(|row| self.row(row, question)).collect();
        }
        shown
    }

    /// How many of these rows have their details open.
    fn opened(&self, rows: &[Found<'_>], question: &Question) -> u32 {
        let own = question.details.iter().filter(|key| *key.job == *self.pool.name);
        let keys: Vec<TargetId> = own.map(Key::origin).collect();
        if keys.is_empty() {
            return 0;
        }
        let is_open = |row: &&Found<'_>| row.origin().is_some_and(|origin| keys.contains(&origin));
        rows.iter().filter(is_open).count() as u32
    }

    fn row(&self, found: &Found<'_>, question: &Question) -> Option<Row> {
        let origin = found.origin()?;
        let key = Key::new(&self.pool.name, origin);
        let told = self.pool.explain(origin)?;
        let (discovery, _, _) = self.pool.discovered_target(origin)?;
        let mut row = Row {
            url: told.discovered.get(ADDRESS).to_owned(),
            labels: Vec::new(),
            state: State::Unknown,
            last_scrape: None,
            duration: None,
            error: None,
            reasons: Vec::new(),
            merged: 1,
            details: None,
            key,
        };
        match found {
            Found::Active(target, route) => self.fill(&mut row, target, route),
            Found::Dropped(dropped) => {
                row.state = State::Dropped;
                row.reasons.extend(dropped.rule.and_then(|rule| self.dropped_by(rule)));
            }
            Found::Failed(failed) => {
                row.state = State::Failed;
                row.error = Some(format!("Creating target failed: {}", failed.error));
            }
        }
        let is_active = matches!(found, Found::Active(..));
        row.labels = if is_active {
            labels(&told.public_labels(), &told, discovery, false)
        } else {
            let plain = told.discovered.filtered(|label| !label.name.starts_with("__"));
            labels(&plain, &told, discovery, true)
        };
        if question.details.contains(&row.key) {
            let hidden = match found {
                Found::Active(target, _) => {
                    target.labels.filtered(|label| label.name.starts_with("__"))
                }
                _ => Labels::empty(),
            };
            let text = |name| hidden.get(name).to_owned();
            row.details = Some(Details {
                discovered: labels(&told.discovered, &told, discovery, true),
                interval: text(table::names::SCRAPE_INTERVAL),
                timeout: text(table::names::SCRAPE_TIMEOUT),
                hidden: labels(&hidden, &told, discovery, false),
                merged: self.addresses(found),
            });
        }
        Some(row)
    }

    fn fill(&self, row: &mut Row, target: &table::Target, route: &Route) {
        let report = self.report(target);
        row.url.clone_from(&target.url);
        row.state = self.state(target);
        row.merged = target.origins.len() as u32;
        row.last_scrape = report.map(|report| (self.now - report.at) as f64 / 1_000.0);
        row.duration = report.map(|report| report.duration.0 as f64 / 1_000.0);
        row.error = report.and_then(|report| report.error.clone());
        if row.error.is_some() && !route.connection.is_connected() {
            let text = route.connection.explanation.clone();
            row.reasons.push(Reason { text, location: None });
            row.reasons.extend(route.connection.related.iter().map(|related| Reason {
                text: related.message.clone(),
                location: Some(related.location),
            }));
        }
        // What the simulation did meanwhile may have another reason.
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

    fn dropped_by(&self, index: usize) -> Option<Reason> {
        let rule = self.pool.job.rules.get(index)?;
        let text = format!("dropped by rule {}: {}", index + 1, super::discovery::summary(rule));
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
