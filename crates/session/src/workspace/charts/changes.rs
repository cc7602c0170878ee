//! What a change of the text changes in the rendered manifests.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::internal::unified;

use super::Release;

/// The rendering that is applied, and the one before it.
#[derive(Clone, Debug, Default)]
pub struct Renderings {
    applied: Vec<Arc<Release>>,
    before: Vec<Arc<Release>>,
}

/// The difference of a rendered file: the lines of a unified diff without its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDifference {
    /// The path in the chart.
    pub path: String,
    pub lines: Vec<String>,
}

impl Renderings {
    /// Notes that a text is applied. A chart that does not render is left as it was.
    pub fn note_applied(&mut self, releases: &[Arc<Release>]) {
        let fails = releases.iter().any(|release| release.failure.is_some());
        if fails || self.applied.is_empty() {
            if self.applied.is_empty() {
                self.applied = releases.to_vec();
            }
            return;
        }
        if texts(&self.applied) != texts(releases) {
            self.before = std::mem::replace(&mut self.applied, releases.to_vec());
        } else {
            self.applied = releases.to_vec();
        }
    }

    /// The differences of a chart: between the applied rendering and the text if they differ, else
    /// those of the last application.
    pub fn differences(&self, folder: &str, now: &Release) -> Vec<FileDifference> {
        let find = |all: &[Arc<Release>]| all.iter().find(|one| one.folder == folder).cloned();
        let applied = find(&self.applied);
        let pending = applied.as_ref().filter(|_| now.failure.is_none());
        let found = pending.map(|applied| compare(applied, now)).unwrap_or_default();
        if !found.is_empty() {
            return found;
        }
        match (find(&self.before), applied) {
            (Some(before), Some(applied)) => compare(&before, &applied),
            _ => Vec::new(),
        }
    }
}

fn texts(releases: &[Arc<Release>]) -> Vec<(&str, &str)> {
    let texts = releases.iter().flat_map(|release| &release.texts);
    texts.map(|one| (&*one.path, &*one.text)).collect()
}

fn compare(before: &Release, after: &Release) -> Vec<FileDifference> {
    let texts = |release: &'_ Release| -> BTreeMap<String, String> {
        release.texts.iter().map(|one| (one.path.clone(), one.text.clone())).collect()
    };
    let (old, new) = (texts(before), texts(after));
    let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut found = Vec::new();
    for path in paths {
        let text = |texts: &BTreeMap<String, String>| texts.get(path).cloned().unwrap_or_default();
        let (old, new) = (text(&old), text(&new));
        if old == new {
            continue;
        }
        found.push(FileDifference { path: path.clone(), lines: lines(&old, &new) });
    }
    found
}

fn lines(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    unified(&old, &new).lines().map(str::to_owned).collect()
}
