//! Differences between two target tables.

use std::collections::BTreeMap;
use std::sync::Arc;
use text::IndexSort;

use promql::Labels;

use super::TargetTable;

/// A difference between two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetChange {
    pub job: Arc<str>,
    pub url: String,
    pub what: TargetDifference,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetDifference {
    Gained,
    Lost,
    /// A label that changed; `from` is None if it is new, `to` is None if it is gone.
    Label {
        name: Arc<str>,
        from: Option<Arc<str>>,
        to: Option<Arc<str>>,
    },
}

type ByUrl<'a> = BTreeMap<(Arc<str>, &'a str), Vec<Labels>>;

/// Returns the differences, by job and URL. Targets with the same job and URL are compared in their
/// order.
pub fn differences(before: &TargetTable, after: &TargetTable) -> Vec<TargetChange> {
    let (before, after) = (by_url(before), by_url(after));
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.index_sort();
    keys.dedup();
    let mut changes = Vec::new();
    for key in keys {
        let (old, new) = (rest(&before, &after, key), rest(&after, &before, key));
        let change = |what| TargetChange { job: key.0.clone(), url: key.1.to_owned(), what };
        for number in 0..old.len().max(new.len()) {
            match (old.get(number), new.get(number)) {
                (Some(old), Some(new)) => changes.extend(labels(old, new).map(change)),
                (Some(_), None) => changes.push(change(TargetDifference::Lost)),
                (None, _) => changes.push(change(TargetDifference::Gained)),
            }
        }
    }
    changes
}

fn by_url(table: &TargetTable) -> ByUrl<'_> {
    let mut found: ByUrl<'_> = BTreeMap::new();
    for (pool, target) in table.active() {
        found.entry((pool.name.clone(), &target.url)).or_default().push(target.public_labels());
    }
    found
}

/// Returns the targets of a URL that the other table does not have with equal labels.
fn rest<'a>(own: &ByUrl<'a>, other: &ByUrl<'_>, key: &(Arc<str>, &'a str)) -> Vec<Labels> {
    let mut theirs = other.get(key).cloned().unwrap_or_default();
    let mut left = own.get(key).cloned().unwrap_or_default();
    left.retain(|labels| match theirs.iter().position(|one| one == labels) {
        Some(at) => {
            theirs.swap_remove(at);
            false
        }
        None => true,
    });
    left
}

fn labels(old: &Labels, new: &Labels) -> impl Iterator<Item = TargetDifference> {
    let mut names: Vec<Arc<str>> =
        old.iter().chain(new.iter()).map(|label| label.name.clone()).collect();
    names.index_sort();
    names.dedup();
    let (old, new) = (old.clone(), new.clone());
    names.into_iter().filter_map(move |name| {
        let value = |labels: &Labels| {
            labels.iter().find(|label| label.name == name).map(|label| label.value.clone())
        };
        let (from, to) = (value(&old), value(&new));
        (from != to).then_some(TargetDifference::Label { name, from, to })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::table_of;

    #[test]
    fn targets_and_labels_are_gained_lost_and_changed() {
        let before = table_of("a", &[("x:1", &[("env", "dev")]), ("y:1", &[]), ("z:1", &[])]);
        let after = table_of(
            "a",
            &[("x:1", &[("env", "prod"), ("zone", "b")]), ("y:1", &[]), ("w:1", &[])],
        );
        let found = differences(&before, &after);
        let changes: Vec<String> = found
            .iter()
            .map(|change| match &change.what {
                TargetDifference::Gained => format!("+ {}", change.url),
                TargetDifference::Lost => format!("- {}", change.url),
                TargetDifference::Label { name, from, to } => {
                    format!("{} {name} {from:?} {to:?}", change.url)
                }
            })
            .collect();
        assert_eq!(
            changes,
            [
                "+ http://w:1/metrics",
                r#"http://x:1/metrics env Some("dev") Some("prod")"#,
                r#"http://x:1/metrics zone None Some("b")"#,
                "- http://z:1/metrics",
            ]
        );
        assert!(differences(&after, &after).is_empty());
    }
}
