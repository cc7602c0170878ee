//! Target groups. Each label has the location that it comes from.

use std::collections::HashSet;
use std::sync::Arc;

use kubernetes::objects::ObjectRef;
use text::Location;

/// A label of a group or target. An empty value is kept, because it hides the label of the group;
/// it is removed afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaLabel {
    pub name: Arc<str>,
    pub value: Arc<str>,
    /// The field that the value comes from. None if a controller or the mechanism set it.
    pub at: Option<Location>,
}

/// Labels, sorted by name, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetaLabels(Vec<MetaLabel>);

impl MetaLabels {
    /// Sets a label and replaces an existing one.
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

    /// Sets all labels of `others`.
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

    /// Shares one allocation between equal names, because relabeling compares them often.
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

/// A discovered target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupTarget {
    pub labels: MetaLabels,
    /// The Kubernetes object that it was discovered from.
    pub object: Option<ObjectRef>,
    /// The location of the target as a whole.
    pub at: Option<Location>,
}

/// Targets with common labels. A group replaces an earlier group with the same source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    pub source: Arc<str>,
    pub labels: MetaLabels,
    pub targets: Vec<GroupTarget>,
}

/// The number of objects and targets at each stage before relabeling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All objects that any role can discover. For other mechanisms: all entries.
    pub objects: usize,
    /// Objects that the ServiceAccount may list.
    pub permitted: usize,
    /// Permitted objects of the kind of the role.
    pub in_role: usize,
    /// Objects in the namespaces that match the selectors.
    pub selected: usize,
    /// Targets of the selected objects.
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

/// A line of the Prometheus log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub level: LogLevel,
    /// The values of `msg` and `err`.
    pub message: String,
    /// The location of the cause.
    pub at: Option<Location>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
}

/// The result of one discovery entry of a job.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// The location of the entry.
    pub location: Location,
    /// The key of the mechanism: `kubernetes_sd_configs`, `static_configs`.
    pub mechanism: Arc<str>,
    /// The role of a `kubernetes_sd_configs` entry.
    pub role: Option<&'static str>,
    pub groups: Vec<Arc<TargetGroup>>,
    pub counts: Counts,
    pub log: Vec<LogLine>,
    /// True if it is not known what the mechanism finds, because no file says so.
    pub unknown: bool,
}
