//! Label names and values → series.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::store::SeriesId;
use crate::{Labels, Matcher};

/// For each label value the series that have it, in ascending order.
#[derive(Clone, Default)]
pub(super) struct Index {
    names: HashMap<Arc<str>, BTreeMap<Arc<str>, Vec<SeriesId>>>,
}

impl Index {
    /// The labels with names and values shared with those of other series.
    pub fn intern(&self, labels: &Labels) -> Labels {
        Labels::from_pairs(labels.iter().map(|label| {
            let Some((name, values)) = self.names.get_key_value(&label.name) else {
                return (label.name.clone(), label.value.clone());
            };
            let value = values.get_key_value(&label.value).map_or(&label.value, |known| known.0);
            (name.clone(), value.clone())
        }))
    }

    /// Adds a series; ids are added in ascending order.
    pub fn add(&mut self, id: SeriesId, labels: &Labels) {
        for label in labels {
            let values = self.names.entry(label.name.clone()).or_default();
            values.entry(label.value.clone()).or_default().push(id);
        }
    }

    pub fn remove(&mut self, id: SeriesId, labels: &Labels) {
        for label in labels {
            let Some(values) = self.names.get_mut(&label.name) else { continue };
            if let Some(ids) = values.get_mut(&label.value) {
                if let Ok(at) = ids.binary_search(&id) {
                    ids.remove(at);
                }
                if ids.is_empty() {
                    values.remove(&label.value);
                }
            }
            if values.is_empty() {
                self.names.remove(&label.name);
            }
        }
    }

    pub fn label_names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.names.keys().cloned().collect();
        names.sort();
        names
    }

    /// The values of a label, sorted, each with the number of series that have it.
    pub fn label_values(&self, name: &str) -> impl Iterator<Item = (&Arc<str>, usize)> {
        self.names.get(name).into_iter().flatten().map(|(value, ids)| (value, ids.len()))
    }

    /// Which matcher finds the fewest series by itself, and which these are. `None` where every
    /// matcher also takes series without its label, so all must be looked at.
    pub fn candidates(&self, matchers: &[Matcher]) -> Option<(usize, Vec<SeriesId>)> {
        let known = matchers
            .iter()
            .enumerate()
            .filter_map(|(at, matcher)| {
                let lists = self.lists(matcher, &matcher.set_matches()?)?;
                Some((lists.iter().map(|list| list.len()).sum::<usize>(), at, lists))
            })
            .min_by_key(|&(size, at, _)| (size, at));
        if let Some((_, at, lists)) = known {
            return Some((at, union(&lists)));
        }
        // Otherwise each value of the label with the fewest values is asked for.
        let (_, at, matcher) = matchers
            .iter()
            .enumerate()
            .filter(|(_, matcher)| !matcher.matches(""))
            .map(|(at, matcher)| {
                (self.names.get(&matcher.name).map_or(0, BTreeMap::len), at, matcher)
            })
            .min_by_key(|&(size, at, _)| (size, at))?;
        let Some(values) = self.names.get(&matcher.name) else { return Some((at, Vec::new())) };
        let lists: Vec<&[SeriesId]> = values
            .iter()
            .filter(|(value, _)| matcher.matches(value))
            .map(|(_, ids)| &ids[..])
            .collect();
        Some((at, union(&lists)))
    }

    /// The series of each of these values; `None` where series without the label match as well.
    fn lists(&self, matcher: &Matcher, only: &[&str]) -> Option<Vec<&[SeriesId]>> {
        if only.iter().any(|value| value.is_empty()) {
            return None;
        }
        let Some(values) = self.names.get(&matcher.name) else { return Some(Vec::new()) };
        Some(only.iter().filter_map(|&value| values.get(value)).map(|ids| &ids[..]).collect())
    }
}

fn union(lists: &[&[SeriesId]]) -> Vec<SeriesId> {
    let mut ids = lists.concat();
    if lists.len() > 1 {
        ids.sort_unstable();
        ids.dedup();
    }
    ids
}
