//! Relabeling rules. They change a label set or drop it.
//!
//! The same code relabels targets and scraped samples. An [`Observer`] is notified of each step;
//! the observer `()` has no cost.
//!
//! Source: prometheus model/relabel.

use go::case;
use std::sync::Arc;
use text::IndexSort;

use go::Regex;
use go::regex::{Captures, expansion_bound, has_variable};
use md5::{Digest, Md5};
use prometheus::config::{RelabelAction, RelabelConfig};
use promql::{Label, Labels, is_legacy_label_name};
use text::Location;

/// The most bytes that rules may write into a label set. Prometheus has no limit.
pub const MAX_WRITTEN: usize = 256 << 10;
/// The most labels that a label set may have after a rule that adds some. Prometheus has no limit.
pub const MAX_LABELS: usize = 1_000;

/// The most bytes of joined source labels, and of a replacement whose variables have values.
const MAX_EXPANDED: usize = 16 << 20;

/// A compiled rule.
#[derive(Clone, Debug)]
pub struct Rule {
    pub location: Location,
    pub action: RelabelAction,
    pub source_labels: Vec<Arc<str>>,
    pub separator: Arc<str>,
    pub regex: Regex,
    pub modulus: u64,
    pub target_label: Arc<str>,
    pub replacement: Arc<str>,
    /// True if label names must be legacy names: letters, digits and underscores.
    legacy_names: bool,
    /// True if the replacement has no variables.
    constant: bool,
    target_is_constant: bool,
}

/// A list of rules. Rules that do not compile are skipped, so that the others can be shown;
/// Prometheus rejects the whole configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    rules: Vec<Option<Rule>>,
}

/// Compares the effect of rules, not their location.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        let of = |rule: &Self| {
            let names = (rule.separator.clone(), rule.target_label.clone());
            (rule.action, names, rule.replacement.clone(), rule.modulus, rule.legacy_names)
        };
        of(self) == of(other)
            && self.source_labels == other.source_labels
            && self.regex == other.regex
    }
}

impl Rule {
    /// Compiles a rule. `legacy_names` is set by `metric_name_validation_scheme: legacy`. Returns
    /// None if the action is unknown or the regex does not compile.
    pub fn new(config: &RelabelConfig, legacy_names: bool) -> Option<Self> {
        Some(Self {
            location: config.location,
            action: config.action?,
            source_labels: config.source_labels.clone(),
            separator: config.separator.clone(),
            regex: Regex::new(&config.regex).ok()?,
            modulus: config.modulus,
            target_label: config.target_label.clone(),
            replacement: config.replacement.clone(),
            legacy_names,
            constant: !has_variable(&config.replacement),
            target_is_constant: !has_variable(&config.target_label),
        })
    }

    fn takes_name(&self, name: &str) -> bool {
        if self.legacy_names { is_legacy_label_name(name) } else { !name.is_empty() }
    }
}

impl Rules {
    pub fn new<'a>(
        configs: impl IntoIterator<Item = &'a RelabelConfig>,
        legacy_names: bool,
    ) -> Self {
        let rules = configs.into_iter().map(|config| Rule::new(config, legacy_names));
        Self { rules: rules.collect() }
    }

    /// Rules with their indexes.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.rules.iter().enumerate().filter_map(|(i, rule)| Some((i, rule.as_ref()?)))
    }

    pub fn get(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index)?.as_ref()
    }

    /// The number of rules, including those that do not compile.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Applies the rules to a copy of `labels`.
    pub fn relabel(&self, labels: &Labels) -> RelabelResult {
        if self.rules.is_empty() {
            return RelabelResult::Kept(labels.clone());
        }
        let mut set = LabelSet::from(labels);
        match self.run(&mut set, &mut Scratch::default(), &mut ()) {
            Ok(()) => RelabelResult::Kept(set.build()),
            Err(Stop::Dropped { rule }) => RelabelResult::Dropped { rule },
            Err(Stop::TooLarge { rule }) => RelabelResult::TooLarge { rule },
        }
    }

    /// Applies the rules to `set` and notifies `observer` of each step. The error is the rule at
    /// which relabeling stops; a set that is dropped is left as that rule received it.
    pub fn run(
        &self,
        set: &mut LabelSet,
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) -> Result<(), Stop> {
        scratch.written_in_all += std::mem::take(&mut scratch.written);
        for (index, rule) in self.iter() {
            scratch.applied += 1;
            observer.begin(index, rule);
            match rule.apply(set, scratch, observer) {
                Applied::Kept => {}
                Applied::Dropped => {
                    observer.dropped();
                    return Err(Stop::Dropped { rule: index });
                }
                Applied::TooLarge => return Err(Stop::TooLarge { rule: index }),
            }
            if scratch.written > MAX_WRITTEN || set.labels.len() > MAX_LABELS {
                return Err(Stop::TooLarge { rule: index });
            }
        }
        Ok(())
    }
}

/// The effect of one rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Applied {
    Kept,
    Dropped,
    TooLarge,
}

/// The end of relabeling before the last rule. `rule` is the index of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The rule drops the set.
    Dropped { rule: usize },
    /// The set exceeds [`MAX_WRITTEN`] or [`MAX_LABELS`].
    TooLarge { rule: usize },
}

/// The error of a label set that exceeds the limits.
pub fn too_large(rule: usize) -> String {
    format!(
        "rule {} makes more than {MAX_LABELS} labels or writes more than {} KiB. The playground \
         stops here; Prometheus has no such limit",
        rule + 1,
        MAX_WRITTEN >> 10
    )
}

/// The result of relabeling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelabelResult {
    Kept(Labels),
    Dropped {
        rule: usize,
    },
    /// The labels exceed the limits; see [`too_large`].
    TooLarge {
        rule: usize,
    },
}

/// Observes relabeling. All methods do nothing by default.
pub trait Observer {
    /// Called before a rule is applied.
    fn begin(&mut self, _index: usize, _rule: &Rule) {}
    /// Called with the joined source labels and the match of the regex; `matched` is None if the
    /// action has no regex.
    fn source(&mut self, _value: &str, _matched: Option<bool>, _captures: Option<&Captures>) {}
    /// Called when a label is set or removed, also if its value stays the same.
    fn change(&mut self, _name: &str, _before: Option<&Arc<str>>, _after: Option<&Arc<str>>) {}
    /// Called when the current rule drops the set.
    fn dropped(&mut self) {}
}

impl Observer for () {}

/// Buffers that are reused for each rule.
#[derive(Default)]
pub struct Scratch {
    source: String,
    target: String,
    value: String,
    captures: Captures,
    /// Bytes that the rules have written into the current set.
    written: usize,
    /// The number of rules that were applied to all sets.
    pub(super) applied: usize,
    /// Bytes that the rules have written into all sets.
    pub(super) written_in_all: usize,
}

/// A mutable label set: sorted by name, without duplicates and empty values.
///
/// Each label has a rank: its position in the order in which Prometheus keeps labels. The rank
/// decides which label wins if `labelmap` gives several the same name.
#[derive(Clone, Debug, Default)]
pub struct LabelSet {
    labels: Vec<Label>,
    ranks: Vec<u32>,
    /// The rank of the next label that is added.
    next: u32,
}

/// The rank of labels of a sample. They are ordered by name; a label that a rule writes moves
/// after them.
const SAMPLE_RANK: u32 = 0;

impl From<&Labels> for LabelSet {
    fn from(labels: &Labels) -> Self {
        let labels: Vec<Label> = labels.iter().cloned().collect();
        Self { ranks: vec![SAMPLE_RANK; labels.len()], labels, next: SAMPLE_RANK + 1 }
    }
}

impl LabelSet {
    /// Creates a set of labels that are sorted by name, without duplicates and empty values.
    /// `ranks` has one rank for each label, above zero and below `next`.
    pub fn from_sorted(labels: Vec<Label>, ranks: Vec<u32>, next: u32) -> Self {
        debug_assert_eq!(labels.len(), ranks.len());
        Self { labels, ranks, next }
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.labels.binary_search_by(|label| (*label.name).cmp(name))
    }

    pub fn get(&self, name: &str) -> &str {
        self.value(name).map_or("", |value| value)
    }

    pub fn value(&self, name: &str) -> Option<&Arc<str>> {
        let at = self.find(name).ok()?;
        self.labels.get(at).map(|label| &label.value)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Label> {
        self.labels.iter()
    }

    /// Sets a label. An empty value removes it.
    pub fn set(&mut self, name: &Arc<str>, value: Arc<str>) {
        match self.find(name) {
            Ok(at) if value.is_empty() => {
                self.labels.remove(at);
                self.ranks.remove(at);
            }
            Ok(at) => {
                if let (Some(label), Some(rank)) = (self.labels.get_mut(at), self.ranks.get_mut(at))
                {
                    label.value = value;
                    if *rank == SAMPLE_RANK {
                        *rank = self.next;
                        self.next += 1;
                    }
                }
            }
            Err(_) if value.is_empty() => {}
            Err(at) => {
                self.labels.insert(at, Label { name: name.clone(), value });
                self.ranks.insert(at, self.next);
                self.next += 1;
            }
        }
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&Label) -> bool) {
        let ranks = &mut self.ranks;
        let (mut from, mut to) = (0, 0);
        self.labels.retain(|label| {
            let stays = keep(label);
            if stays {
                ranks.swap(from, to);
                to += 1;
            }
            from += 1;
            stays
        });
        ranks.truncate(to);
    }

    /// Returns a copy of the current labels.
    pub fn snapshot(&self) -> Labels {
        Labels::from_sorted(self.labels.as_slice())
    }

    pub fn build(self) -> Labels {
        Labels::from_sorted(self.labels)
    }

    fn change(&mut self, name: &Arc<str>, value: Arc<str>, observer: &mut impl Observer) {
        let after = (!value.is_empty()).then_some(&value);
        observer.change(name, self.value(name), after);
        self.set(name, value);
    }
}

/// The hash of `hashmod`: the last eight bytes of the MD5 digest, big-endian.
///
/// Source: prometheus model/relabel/relabel.go `sum64`.
fn hash(source: &str) -> u64 {
    let digest: [u8; 16] = Md5::digest(source).into();
    let [_, _, _, _, _, _, _, _, last @ ..] = digest;
    u64::from_be_bytes(last)
}

impl Rule {
    fn apply(
        &self,
        set: &mut LabelSet,
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) -> Applied {
        use RelabelAction as Action;
        match self.action {
            Action::LabelMap => return self.map_labels(set, scratch, observer),
            Action::LabelDrop => self.filter_labels(set, false, observer),
            Action::LabelKeep => self.filter_labels(set, true, observer),
            _ if !self.join_sources(set, &mut scratch.source) => return Applied::TooLarge,
            _ => return self.apply_to_source(set, scratch, observer),
        }
        Applied::Kept
    }

    /// Joins the source labels. Returns false if the result is too large.
    fn join_sources(&self, set: &LabelSet, joined: &mut String) -> bool {
        joined.clear();
        for (i, name) in self.source_labels.iter().enumerate() {
            if i > 0 {
                joined.push_str(&self.separator);
            }
            joined.push_str(set.get(name));
            if joined.len() > MAX_EXPANDED {
                return false;
            }
        }
        true
    }

    fn apply_to_source(
        &self,
        set: &mut LabelSet,
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) -> Applied {
        use RelabelAction as Action;
        let kept = |keep: bool| if keep { Applied::Kept } else { Applied::Dropped };
        let source = scratch.source.as_str();
        match self.action {
            Action::Keep | Action::Drop => {
                let matches = self.regex.is_match(source);
                observer.source(source, Some(matches), None);
                return kept(matches == (self.action == Action::Keep));
            }
            Action::KeepEqual | Action::DropEqual => {
                let equal = set.get(&self.target_label) == source;
                observer.source(source, Some(equal), None);
                return kept(equal == (self.action == Action::KeepEqual));
            }
            Action::Replace => return self.replace(set, scratch, observer),
            Action::Lowercase | Action::Uppercase => {
                observer.source(source, None, None);
                let lower = self.action == Action::Lowercase;
                let value = if lower { case::lower(source) } else { case::upper(source) };
                scratch.written += value.len();
                set.change(&self.target_label, value.into(), observer);
            }
            Action::HashMod => {
                observer.source(source, None, None);
                // A configuration with a modulus of zero is rejected when it is loaded.
                let value = hash(source).checked_rem(self.modulus).unwrap_or(0).to_string();
                set.change(&self.target_label, value.into(), observer);
            }
            Action::LabelMap | Action::LabelDrop | Action::LabelKeep => {}
        }
        Applied::Kept
    }

    fn replace(
        &self,
        set: &mut LabelSet,
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) -> Applied {
        let Scratch { source, target, value, captures, written, .. } = scratch;
        let matches = self.regex.captures_into(source, captures);
        observer.source(source, Some(matches), matches.then_some(&*captures));
        if !matches {
            return Applied::Kept;
        }
        if !self.constant && expansion_bound(&self.replacement, source) > MAX_EXPANDED
            || !self.target_is_constant
                && expansion_bound(&self.target_label, source) > MAX_EXPANDED
        {
            return Applied::TooLarge;
        }
        let name = if self.target_is_constant {
            self.target_label.clone()
        } else {
            target.clear();
            self.regex.expand(&self.target_label, source, captures, target);
            *written += target.len();
            Arc::from(target.as_str())
        };
        if !self.takes_name(&name) {
            return Applied::Kept;
        }
        let value = if self.constant {
            self.replacement.clone()
        } else {
            value.clear();
            self.regex.expand(&self.replacement, source, captures, value);
            *written += value.len();
            Arc::from(value.as_str())
        };
        set.change(&name, value, observer);
        Applied::Kept
    }

    /// Copies matching labels. Labels that are set here are not mapped again. If several get the
    /// same name, the last one in the order of ranks wins.
    fn map_labels(
        &self,
        set: &mut LabelSet,
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) -> Applied {
        let ranked = set.iter().zip(&set.ranks);
        let mut matching: Vec<(Label, u32)> = ranked
            .filter(|(label, _)| self.regex.is_match(&label.name))
            .map(|(label, rank)| (label.clone(), *rank))
            .collect();
        matching.index_sort_by_key(|(_, rank)| *rank);
        for (label, _) in matching {
            if expansion_bound(&self.replacement, &label.name) > MAX_EXPANDED {
                return Applied::TooLarge;
            }
            let name = self.regex.replace_all(&label.name, &self.replacement);
            scratch.written += name.len();
            set.change(&name.into(), label.value, observer);
        }
        Applied::Kept
    }

    fn filter_labels(&self, set: &mut LabelSet, keep: bool, observer: &mut impl Observer) {
        set.retain(|label| {
            let stays = self.regex.is_match(&label.name) == keep;
            if !stays {
                observer.change(&label.name, Some(&label.value), None);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    /// The digests are those of RFC 1321, appendix A.5.
    #[test]
    fn hash_takes_the_last_eight_bytes_of_md5() {
        for (text, digest) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ] {
            assert_eq!(format!("{:016x}", super::hash(text)), digest[16..], "{text:?}");
        }
    }
}
