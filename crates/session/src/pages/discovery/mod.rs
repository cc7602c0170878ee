//! Presenter of the page "Discovery": the targets that each mechanism finds, the counts and effects of
//! the relabeling rules, and the steps of one target.

use text::IndexSort;
mod draft;
mod paste;
mod steps;

pub(super) use steps::step as told_step;

use super::targets::{key_of, origin_of};
use crate::world::Snapshot;
use discovery::targets::names::ADDRESS;
use discovery::targets::{Pool, Rule, TargetId};
use discovery::{Discovered, LogLevel};
use prometheus::config::RelabelAction;
use protocol::pages::discovery::{
    Entry, Job, LogLine, Outcome, Query, ROWS, Row, RuleCard, Stage, View,
};

pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let mut view = View { query: query.clone(), ..View::default() };
    if let Some(paste) = &query.paste {
        view.pasted = Some(paste::run(paste));
        return view;
    }
    let table = &snapshot.stored.table;
    view.note = super::targets::note(snapshot);
    view.jobs = table.pools.iter().map(|pool| pool.name.to_string()).collect();
    let pool = table.pool(&query.job).or_else(|| table.pools.first());
    view.job = pool.map(|pool| job(snapshot, pool, query));
    view
}

fn job(snapshot: &Snapshot<'_>, pool: &Pool, query: &Query) -> Job {
    let hits = pool.rule_hits();
    let rules = pool.job.rules.iter().map(|(index, rule)| {
        let used = hits.rules.get(index).copied().unwrap_or_default();
        RuleCard {
            number: index as u32 + 1,
            summary: summary(rule),
            location: rule.location,
            seen: used.seen,
            changed: used.changed,
            dropped: used.dropped,
        }
    });
    let all = outcomes(pool);
    let search = query.search.to_lowercase();
    let wanted: Vec<&(TargetId, Outcome, String)> = all
        .iter()
        .filter(|(_, outcome, _)| query.outcome.is_none_or(|wanted| wanted == *outcome))
        .filter(|(origin, ..)| query.rule.is_none_or(|rule| hits.hits(*origin, rule as usize)))
        .filter(|(origin, _, why)| {
            search.is_empty() || why.to_lowercase().contains(&search) || has(pool, *origin, &search)
        })
        .collect();
    let first = (query.page as usize * ROWS).min(wanted.len());
    let rows = wanted.iter().skip(first).take(ROWS);
    let rows: Vec<Row> = rows.filter_map(|found| row(pool, found)).collect();
    let selected = query.target.as_ref().filter(|key| *key.job == *pool.name).map(origin_of);
    let shown = selected.filter(|origin| pool.discovered_target(*origin).is_some()).or_else(|| {
        let kept = rows.iter().find(|row| row.outcome == Outcome::Kept);
        kept.or_else(|| rows.first()).map(|row| origin_of(&row.key))
    });
    Job {
        name: pool.name.to_string(),
        location: Some(pool.location),
        stages: stages(pool),
        entries: pool.discovered.iter().map(entry).collect(),
        rules: rules.collect(),
        counted_all: hits.complete,
        matching: wanted.len() as u32,
        first: first as u32,
        rows,
        steps: shown.and_then(|origin| steps::steps(pool, origin)),
        difference: query.draft.as_ref().map(|text| draft::compare(snapshot, pool, text)),
        rules_text: draft::text_of_rules(snapshot, pool),
    }
}

/// Returns every discovered target with its outcome and the reason, in the order of discovery.
fn outcomes(pool: &Pool) -> Vec<(TargetId, Outcome, String)> {
    let mut all = Vec::new();
    for target in &pool.active {
        for (i, origin) in target.origins.iter().enumerate() {
            let outcome = if i == 0 { Outcome::Kept } else { Outcome::Merged };
            all.push((*origin, outcome, target.url.clone()));
        }
    }
    for dropped in &pool.dropped {
        let rule = dropped.rule.map_or(0, |rule| rule + 1);
        all.push((dropped.origin, Outcome::Dropped, format!("by rule {rule}")));
    }
    all.extend(pool.failed.iter().map(|one| (one.origin, Outcome::Failed, one.error.clone())));
    all.index_sort_by_key(|(origin, ..)| *origin);
    all
}

fn has(pool: &Pool, origin: TargetId, search: &str) -> bool {
    let Some((_, group, target)) = pool.discovered_target(origin) else { return false };
    let mut labels = target.labels.iter().chain(group.labels.iter());
    labels.any(|label| {
        label.value.to_lowercase().contains(search) || label.name.to_lowercase().contains(search)
    })
}

/// The source of a group without an object. Prometheus numbers those that are written down, from 0.
fn in_words(source: &str) -> String {
    match source.parse::<u32>() {
        Ok(number) => format!("group {}", u64::from(number) + 1),
        Err(_) => source.to_owned(),
    }
}

fn row(pool: &Pool, (origin, outcome, why): &(TargetId, Outcome, String)) -> Option<Row> {
    let (_, group, target) = pool.discovered_target(*origin)?;
    Some(Row {
        key: key_of(&pool.name, *origin),
        address: target.labels.get(ADDRESS).map_or(String::new(), |label| label.value.to_string()),
        object: target.object.as_ref().map_or_else(|| in_words(&group.source), ToString::to_string),
        location: target.at,
        outcome: *outcome,
        why: why.clone(),
    })
}

fn stages(pool: &Pool) -> Vec<Stage> {
    let target_counts = &pool.target_counts;
    let counts = &target_counts.counts;
    let in_cluster = pool.discovered.iter().any(|found| found.role.is_some());
    let stage = |count: usize, label: &str, about: &str| Stage {
        count: count as u32,
        label: label.to_owned(),
        about: about.to_owned(),
    };
    let mut stages = Vec::new();
    if in_cluster {
        stages.extend([
            stage(
                counts.objects,
                "objects",
                "nodes, pods, Services, Endpoints, EndpointSlices and Ingresses of the cluster",
            ),
            stage(counts.permitted, "permitted", "objects that the ServiceAccount may list"),
            stage(counts.in_role, "in the role", "objects of the kind that the role is about"),
            stage(
                counts.selected,
                "selected",
                "objects that the namespaces and selectors let through",
            ),
        ]);
    }
    stages.extend([
        stage(counts.targets, "discovered", "targets that were made of them"),
        stage(target_counts.kept, "kept", "targets that relabeling keeps and that are valid"),
        stage(
            target_counts.distinct,
            "distinct",
            "targets that differ from each other: these are scraped",
        ),
    ]);
    stages
}

fn entry(found: &Discovered) -> Entry {
    let title = match found.role {
        Some(role) => format!("{}, role {role}", found.mechanism),
        None => found.mechanism.to_string(),
    };
    let line = |line: &discovery::LogLine| LogLine {
        level: match line.level {
            LogLevel::Error => "ERROR",
            LogLevel::Warn => "WARN",
            LogLevel::Info => "note",
        }
        .to_owned(),
        text: line.message.clone(),
        location: line.at,
    };
    Entry {
        title,
        location: found.location,
        found: found.counts.targets as u32,
        log: found.log.iter().map(line).collect(),
    }
}

/// A rule in one line: `keep where __meta_a matches "true"`.
pub fn summary(rule: &Rule) -> String {
    use RelabelAction as Action;
    let join = |separator: &str| {
        let names: Vec<&str> = rule.source_labels.iter().map(|name| &**name).collect();
        names.join(separator)
    };
    let sources = || if rule.source_labels.is_empty() { "nothing".into() } else { join(" · ") };
    let (regex, target) = (rule.regex.source(), &rule.target_label);
    match rule.action {
        Action::Replace => {
            let condition = match regex {
                "(.*)" => String::new(),
                regex => format!(" where it matches {regex}"),
            };
            match &*rule.replacement {
                "$1" => format!("{target} ← {}{condition}", sources()),
                "" => format!("remove {target}, by {}{condition}", sources()),
                replacement if rule.source_labels.is_empty() => {
                    format!("{target} ← “{replacement}”{condition}")
                }
                replacement => format!("{target} ← “{replacement}” of {}{condition}", sources()),
            }
        }
        Action::Keep => format!("keep where {} matches {regex}", sources()),
        Action::Drop => format!("drop where {} matches {regex}", sources()),
        Action::KeepEqual => format!("keep where {} equals {target}", sources()),
        Action::DropEqual => format!("drop where {} equals {target}", sources()),
        Action::HashMod => format!("{target} ← hash of {} mod {}", sources(), rule.modulus),
        Action::LabelMap => format!("copy labels {regex} to {}", rule.replacement),
        Action::LabelDrop => format!("remove labels {regex}"),
        Action::LabelKeep => format!("remove all labels but {regex}"),
        Action::Lowercase => format!("{target} ← {} in lower case", sources()),
        Action::Uppercase => format!("{target} ← {} in upper case", sources()),
    }
}
