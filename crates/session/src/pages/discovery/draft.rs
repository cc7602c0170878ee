//! Drafted rules of a job, and their effects on its targets.

use std::collections::HashMap;
use text::IndexSort;

use crate::world::Snapshot;
use discovery::targets::{Pool, TargetId};
use prometheus::config::RelabelConfig;
use prometheus::{Mode, NoFiles, fields, load};
use promql::Labels;
use protocol::pages::discovery::{Change, ChangeKind, Difference, DifferenceRow};
use schema::{Dialect, NoHooks, Subject, Type, check};
use text::{FileId, LineIndex, Severity};

/// The maximum number of rows of a difference.
const ROWS: usize = 50;
/// The maximum number of targets for which the difference is computed on each keystroke.
const MOST_TARGETS: usize = 10_000;

/// Parses a list of rules. Errors contain the line of the text.
pub(super) fn read_rules(text: &str) -> Result<Vec<RelabelConfig>, Vec<String>> {
    const HEAD: &str = "scrape_configs:\n- job_name: draft\n  relabel_configs:\n";
    let mut whole = String::with_capacity(HEAD.len() + 2 * text.len());
    whole.push_str(HEAD);
    // A list may come with its key, as it is copied from a configuration.
    let list = text.trim_start().strip_prefix("relabel_configs:").unwrap_or(text);
    let skipped = text.len() - list.len();
    for line in list.lines() {
        whole.push_str("    ");
        whole.push_str(line);
        whole.push('\n');
    }
    let parsed = yaml::parse(FileId(0), &whole);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    let index = LineIndex::new(&whole);
    let lines_before = text.get(..skipped).unwrap_or_default().lines().count().saturating_sub(1);
    let subject =
        Subject::first(&parsed, Type::Record(&fields::root::ROOT), Dialect::Prometheus, &NoHooks);
    let mut found = loaded.diagnostics;
    found.extend(subject.iter().flat_map(check));
    let mut errors: Vec<String> = found
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .map(|one| {
            let line = index.line_number(one.location.span.start).saturating_sub(3).max(1);
            format!("line {}: {}", line as usize + lines_before, one.message)
        })
        .collect();
    errors.index_sort();
    errors.dedup();
    if !errors.is_empty() {
        return Err(errors);
    }
    let job = loaded.config.scrape_configs.into_iter().next();
    Ok(job.map(|job| job.relabel_configs).unwrap_or_default())
}

/// Returns the text of the job's rules.
pub(super) fn text_of_rules(snapshot: &Snapshot<'_>, pool: &Pool) -> String {
    let mut text = String::new();
    for (_, rule) in pool.job.rules.iter() {
        let Some(source) = snapshot.timeline.stored().get(rule.location.file) else { continue };
        let span = rule.location.span;
        let Some(written) = source.text.get(span.range()) else { continue };
        let column = source.index.line_col(span.start).col as usize;
        for (number, line) in written.lines().enumerate() {
            let indentation = line.bytes().take_while(|byte| *byte == b' ').count();
            let line = if number == 0 {
                line
            } else {
                line.get(column.min(indentation)..).unwrap_or(line)
            };
            text.push_str(if number == 0 { "- " } else { "  " });
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

pub(super) fn compare(snapshot: &Snapshot<'_>, pool: &Pool, text: &str) -> Difference {
    let rules = match read_rules(text) {
        Ok(rules) => rules,
        Err(errors) => return Difference { errors, ..Difference::default() },
    };
    if pool.target_counts.counts.targets > MOST_TARGETS {
        let error = format!(
            "with more than {MOST_TARGETS} targets, edit the file itself to see the result"
        );
        return Difference { errors: vec![error], ..Difference::default() };
    }
    let jobs = &snapshot.stored.loaded.config.scrape_configs;
    let Some(job) = jobs.iter().find(|job| **job.job_name == *pool.name) else {
        return Difference::default();
    };
    let mut job = job.clone();
    job.relabel_configs = rules;
    let other = Pool::new(&job, pool.discovered.clone());
    let (before, after) = (ends(pool), ends(&other));
    let mut difference = Difference {
        before: pool.active.len() as u32,
        after: other.active.len() as u32,
        ..Difference::default()
    };
    for (origin, _, _) in pool.discovered_targets() {
        let (Some(old), Some(new)) = (before.get(&origin), after.get(&origin)) else { continue };
        if old == new {
            continue;
        }
        difference.differing += 1;
        if difference.rows.len() < ROWS {
            difference.rows.push(row(old, new));
        }
    }
    difference
}

/// The outcome of relabeling a target.
#[derive(PartialEq)]
enum End<'a> {
    Scraped { url: &'a str, labels: &'a Labels },
    Dropped { address: &'a str },
    Failed { address: &'a str, error: &'a str },
}

fn ends(pool: &Pool) -> HashMap<TargetId, End<'_>> {
    let mut ends = HashMap::new();
    for target in &pool.active {
        for origin in &target.origins {
            ends.insert(*origin, End::Scraped { url: &target.url, labels: &target.labels });
        }
    }
    for one in &pool.dropped {
        ends.insert(one.origin, End::Dropped { address: one.discovered.get("__address__") });
    }
    for one in &pool.failed {
        let address = one.discovered.get("__address__");
        ends.insert(one.origin, End::Failed { address, error: &one.error });
    }
    ends
}

impl End<'_> {
    fn name(&self) -> &str {
        match self {
            End::Scraped { url, .. } => url,
            End::Dropped { address } | End::Failed { address, .. } => address,
        }
    }

    fn words(&self) -> String {
        match self {
            End::Scraped { .. } => "kept".into(),
            End::Dropped { .. } => "dropped".into(),
            End::Failed { error, .. } => format!("failed ({error})"),
        }
    }

    fn labels(&self) -> Labels {
        match self {
            End::Scraped { labels, .. } => (*labels).clone(),
            _ => Labels::empty(),
        }
    }
}

fn row(old: &End<'_>, new: &End<'_>) -> DifferenceRow {
    let same_kind = std::mem::discriminant(old) == std::mem::discriminant(new);
    let outcome =
        if same_kind { new.words() } else { format!("{} → {}", old.words(), new.words()) };
    let named = if matches!(new, End::Scraped { .. }) { new } else { old };
    let (before, after) = (old.labels(), new.labels());
    let mut changes = Vec::new();
    if same_kind {
        let names = before.iter().chain(&after).map(|label| &label.name);
        let names: std::collections::BTreeSet<_> = names.collect();
        for name in names {
            let (before, after) = (before.get(name), after.get(name));
            let kind = match (before, after) {
                _ if before == after => continue,
                ("", _) => ChangeKind::Added,
                (_, "") => ChangeKind::Removed,
                _ => ChangeKind::Changed,
            };
            changes.push(Change {
                kind,
                name: name.to_string(),
                before: before.to_owned(),
                after: after.to_owned(),
            });
        }
    }
    DifferenceRow { target: named.name().to_owned(), outcome, changes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_with_or_without_their_key() {
        let rule = "- source_labels: [a]\n  target_label: b\n";
        for text in [rule.to_owned(), format!("relabel_configs:\n{rule}")] {
            let rules = read_rules(&text).unwrap();
            assert_eq!(rules.len(), 1, "{text}");
            assert_eq!(&*rules[0].target_label, "b");
        }
        assert!(read_rules("").unwrap().is_empty());
    }

    #[test]
    fn errors_name_the_line_of_the_draft() {
        let text = "- target_label: a\n- action: keep\n  regex: '('\n";
        let errors = read_rules(text).unwrap_err();
        assert!(errors[0].starts_with("line 3: "), "{errors:?}");
        assert!(errors[0].contains("missing closing )"), "{errors:?}");
        let errors = read_rules(&format!("relabel_configs:\n{text}")).unwrap_err();
        assert!(errors[0].starts_with("line 4: "), "{errors:?}");
    }
}
