//! The effective configuration, line by line with its sources, and the differences in meaning from
//! another configuration.

use kubernetes::controllers::Overrides;
use protocol::pages::config::{Change, Comparison, Line, LineSource, Query, Subject, View};
use text::IndexSort;

use crate::analysis::stored::Kept;
use crate::analysis::{Analysis, Analyzer, Inputs};
use crate::workspace::files::WorkspaceFiles;
use crate::workspace::sources::{FileKind, Sources};
use crate::world::Snapshot;
use discovery::targets::{TargetChange, TargetDifference, TargetTable, differences};

use prometheus::effective::{self, EffectiveConfig, effective};
use prometheus::{Loaded, Mode, load};
use protocol::Workspace;
use schema::ValueSource;
use yaml::Parsed;

/// The maximum numbers of lines and changes.
const LINES: usize = 4_000;
const CHANGES: usize = 500;

/// Returns the view of the current state.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let analysis = snapshot.stored;
    let mut view = View {
        query: query.clone(),
        note: super::targets::note(snapshot).filter(|_| {
            analysis.config_text.is_none()
                || analysis.refusal.is_some()
                || analysis.server.stopped.is_some()
        }),
        choices: choices(snapshot),
        ..View::default()
    };
    let Some(text) = &analysis.config_text else { return view };
    if analysis.refusal.is_some() {
        return view;
    }
    let shown = effective(&text.parsed);
    let lines = shown.text.lines().zip(&shown.sources);
    view.lines = lines.take(LINES).map(|(text, source)| line(text, *source)).collect();
    view.more = (shown.sources.len() - view.lines.len()) as u32;
    let Some(other) = other(snapshot, query.compare_with) else { return view };
    let before = (&other.loaded.config, &effective(&other.parsed));
    let mut changes =
        changes(before, (&analysis.loaded.config, &shown), &other.table, &analysis.table);
    changes.index_sort();
    view.more_changes = changes.len().saturating_sub(CHANGES) as u32;
    changes.truncate(CHANGES);
    view.changes = Some(changes);
    view
}

fn line(text: &str, source: ValueSource) -> Line {
    let (source, location) = match source {
        ValueSource::Default | ValueSource::Computed(_) => (LineSource::Default, None),
        ValueSource::Written(at) => (LineSource::Written, Some(at)),
        ValueSource::Inherited { at, .. } => (LineSource::Inherited, Some(at)),
    };
    Line { text: text.to_owned(), source, location }
}

fn choices(snapshot: &Snapshot<'_>) -> Vec<(Comparison, String)> {
    let mut choices = vec![(Comparison::Nothing, "nothing".to_owned())];
    if let Some(scenario) = scenarios::scenario(&snapshot.workspace.scenario) {
        choices.push((Comparison::Original, format!("{} as it opens", scenario.title)));
    }
    let in_force = snapshot.stored.config_text.as_ref().map(|text| text.parsed.file);
    let others = snapshot.timeline.stored().of_kind(FileKind::Configuration);
    choices.extend(
        others
            .filter(|source| Some(source.id) != in_force)
            .map(|source| (Comparison::File(source.id), source.name.clone())),
    );
    choices
}

/// The other configuration with its analysis.
struct Other {
    parsed: std::sync::Arc<Parsed>,
    loaded: std::sync::Arc<Loaded>,
    table: TargetTable,
}

fn other(snapshot: &Snapshot<'_>, with: Comparison) -> Option<Other> {
    match with {
        Comparison::Nothing => None,
        Comparison::Original => {
            let scenario = scenarios::scenario(&snapshot.workspace.scenario)?;
            of_system(original(scenario))
        }
        Comparison::File(file) => {
            let source = snapshot.timeline.stored().get(file)?;
            let loaded =
                load(&source.parsed, &WorkspaceFiles(snapshot.timeline.stored()), Mode::Server);
            let table = snapshot.stored.table_of(snapshot.timeline.stored(), &loaded);
            Some(Other { parsed: source.parsed.clone(), loaded: loaded.into(), table })
        }
    }
}

/// A scenario before changes.
fn original(scenario: &scenarios::Scenario) -> Analysis {
    let workspace = Workspace::from_files(scenario.name, scenario.texts(), 1);
    let mut sources = Sources::default();
    sources.update(&workspace.files);
    let inputs = Inputs {
        sources,
        kept: Kept::default(),
        read: None,
        reloaded: false,
        overrides: Overrides::default(),
        live: None,
        scenario: workspace.scenario,
    };
    Analyzer::default().run(inputs, &mut 0)
}

fn of_system(analysis: Analysis) -> Option<Other> {
    let parsed = analysis.config_text.as_ref()?.parsed.clone();
    Some(Other { parsed, loaded: analysis.loaded, table: (*analysis.table).clone() })
}

type Side<'a> = (&'a prometheus::config::Config, &'a EffectiveConfig);

/// Compares settings by the configurations, and targets and labels by the discovered ones. Without a
/// running server there is no target table, and static targets are compared.
fn changes(before: Side<'_>, after: Side<'_>, old: &TargetTable, new: &TargetTable) -> Vec<Change> {
    let by_table = !old.pools.is_empty() && !new.pools.is_empty();
    let settings = effective::compare(before, after).into_iter();
    let mut all: Vec<Change> = settings.filter_map(|change| written(change, by_table)).collect();
    if by_table {
        all.extend(differences(old, new).into_iter().map(discovered));
    }
    all
}

fn written(change: effective::Change, by_table: bool) -> Option<Change> {
    use effective::Change as Found;
    let is = |job, subject, name, from, to| Some(Change { job, subject, name, from, to });
    let there = || Some(String::new());
    match change {
        Found::JobGained { job } => is(job.clone(), Subject::Job, job, None, there()),
        Found::JobLost { job } => is(job.clone(), Subject::Job, job, there(), None),
        Found::Setting { job, path, from, to } => is(job, Subject::Setting, path, from, to),
        _ if by_table => None,
        Found::TargetGained { job, target } => is(job, Subject::Target, target, None, there()),
        Found::TargetLost { job, target } => is(job, Subject::Target, target, there(), None),
        Found::Label { job, target, label, from, to } => {
            is(job, Subject::Label, format!("{label} of {target}"), from, to)
        }
    }
}

fn discovered(change: TargetChange) -> Change {
    let TargetChange { job, url, what } = change;
    let text = |value: Option<std::sync::Arc<str>>| value.map(|value| value.to_string());
    let (subject, name, from, to) = match what {
        TargetDifference::Gained => (Subject::Target, url, None, Some(String::new())),
        TargetDifference::Lost => (Subject::Target, url, Some(String::new()), None),
        TargetDifference::Label { name, from, to } => {
            (Subject::Label, format!("{name} of {url}"), text(from), text(to))
        }
    };
    Change { job: job.to_string(), subject, name, from, to }
}
