//! Target groups: what discovery hands to relabeling, each label with the place it comes from.

use std::collections::HashSet;
use std::sync::Arc;

use kubernetes::objects::ObjectRef;
use text::Location;

/// A label of a group or target. An empty value is kept here: it hides a label of the same name
/// that the group has, and vanishes only afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaLabel {
    pub name: Arc<str>,
    pub value: Arc<str>,
    /// The field that gave the value; nothing where a controller or the mechanism itself did.
    pub at: Option<Location>,
}

/// Labels sorted by name; a name occurs once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetaLabels(Vec<MetaLabel>);

impl MetaLabels {
    /// Sets a label, in the place of one with the same name.
    pub fn set(
        &mut self,
        name: impl Into<Arc<str>> + AsRef<str>,
        value: impl Into<Arc<str>>,
        at: Option<Location>,
    ) {
        let value = value.into();
        match self.find(name.as_ref()) {
            Ok(found) => {
                if let Some(label) = self.0.get_mut(found) {
                    label.value = value;
                    label.at = at;
                }
            }
            Err(place) => self.0.insert(place, MetaLabel { name: name.into(), value, at }),
        }
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|label| (*label.name).cmp(name))
    }

    /// Sets all of `others`.
    pub fn merge(&mut self, others: &MetaLabels) {
        for label in &others.0 {
            self.set(label.name.clone(), label.value.clone(), label.at);
        }
    }

    pub fn get(&self, name: &str) -> Option<&MetaLabel> {
        self.0.get(self.find(name).ok()?)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, MetaLabel> {
        self.0.iter()
    }

    /// Lets names that are the same be one allocation: relabeling reads them again and again.
    pub(super) fn share_names(&mut self, known: &mut HashSet<Arc<str>>) {
        for label in &mut self.0 {
            match known.get(&label.name) {
                Some(name) => label.name = name.clone(),
                None => {
                    known.insert(label.name.clone());
                }
            }
        }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One target as it was discovered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupTarget {
    pub labels: MetaLabels,
    /// The object that it was made from.
    pub object: Option<ObjectRef>,
    /// The place to show for the target as a whole.
    pub at: Option<Location>,
}

/// Targets with labels in common. A group replaces an earlier one with the same source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    pub source: Arc<str>,
    pub labels: MetaLabels,
    pub targets: Vec<GroupTarget>,
}

/// How many there are at each stage before relabeling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects of all kinds that some role finds; entries of a file or list elsewhere.
    pub objects: usize,
    /// Those of them that the ServiceAccount may list in the way that is asked.
    pub permitted: usize,
    /// Those of them that are of the role's kind.
    pub in_role: usize,
    /// Those of them that the namespaces and selectors let through.
    pub selected: usize,
    /// Targets that were made of them.
    pub targets: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.permitted += other.permitted;
        self.in_role += other.in_role;
        self.selected += other.selected;
        self.targets += other.targets;
    }
}

/// What Prometheus would write into its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub level: LogLevel,
    /// `msg` and `err`, as logged.
    pub message: String,
    /// The place to mend, where there is one.
    pub at: Option<Location>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
}

/// What one entry of a job's discovery found.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// The entry in the configuration.
    pub location: Location,
    /// As its key is named: `kubernetes_sd_configs`, `static_configs`.
    pub mechanism: Arc<str>,
    /// The role, of Kubernetes.
    pub role: Option<&'static str>,
    pub groups: Vec<Arc<TargetGroup>>,
    pub counts: Counts,
    pub log: Vec<LogLine>,
}
