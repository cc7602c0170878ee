//! Page "Discovery": the targets that each mechanism finds, and the effect of relabeling on them.

use serde::{Deserialize, Serialize};

use super::targets::Key;
use super::{Label, Note};
use text::Location;

/// The most targets that a list shows at once.
pub const ROWS: usize = 50;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Labels and rules that were pasted; they take the place of a job.
    pub paste: Option<Paste>,
    /// The name of a job; the first job if there is none of this name.
    pub job: String,
    /// Shows only targets with this outcome.
    pub outcome: Option<Outcome>,
    /// Shows only targets that this rule changes or drops.
    pub rule: Option<u32>,
    pub search: String,
    /// The part of the list to show, from 0, in units of [`ROWS`].
    pub page: u32,
    /// The target whose steps are shown; the first of the list if it is not found.
    pub target: Option<Key>,
    /// Relabeling rules to compare with those of the job.
    pub draft: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub query: Query,
    pub jobs: Vec<String>,
    pub job: Option<Job>,
    pub pasted: Option<Pasted>,
    /// The reason why there are no targets.
    pub note: Option<Note>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub name: String,
    pub location: Option<Location>,
    pub stages: Vec<Stage>,
    pub entries: Vec<Entry>,
    pub rules: Vec<RuleCard>,
    /// True if the counts of the rules cover all targets.
    pub counted_all: bool,
    pub rows: Vec<Row>,
    pub matching: u32,
    pub first: u32,
    pub steps: Option<Steps>,
    pub difference: Option<Difference>,
    /// The rules as text, as the start of a draft.
    pub rules_text: String,
}

/// One stage of the way from discovered to active targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub count: u32,
    pub label: String,
    /// A description of the stage, as a sentence.
    pub about: String,
}

/// One `*_sd_config` or `static_config` of the job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub title: String,
    pub location: Location,
    pub found: u32,
    pub log: Vec<LogLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    pub level: String,
    pub text: String,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleCard {
    pub number: u32,
    pub summary: String,
    pub location: Location,
    pub seen: u32,
    pub changed: u32,
    pub dropped: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Kept,
    /// Identical to an earlier target.
    Merged,
    Dropped,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub key: Key,
    pub address: String,
    /// The object that the target was discovered from, or its file.
    pub object: String,
    pub location: Option<Location>,
    pub outcome: Outcome,
    /// The reason why the target was dropped or failed.
    pub why: String,
}

/// The effect of a draft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Errors of the draft; with errors, nothing is compared.
    pub errors: Vec<String>,
    /// Active targets before and after.
    pub before: u32,
    pub after: u32,
    /// The number of discovered targets with another outcome.
    pub differing: u32,
    pub rows: Vec<DifferenceRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DifferenceRow {
    /// The URL of the target now, or with the draft.
    pub target: String,
    /// The change of the outcome, if there is one: `kept → dropped`.
    pub outcome: String,
    pub changes: Vec<Change>,
}

/// Pasted labels and rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paste {
    pub labels: String,
    /// A list of rules, with or without the key `relabel_configs`.
    pub rules: String,
}

impl Default for Paste {
    fn default() -> Self {
        Self {
            labels: "__address__=10.0.0.5:8080\n__meta_kubernetes_pod_annotation_prometheus_io_port=9102\n__meta_kubernetes_pod_label_app=web\n".into(),
            rules: "- source_labels: [__address__, __meta_kubernetes_pod_annotation_prometheus_io_port]\n  regex: ([^:]+)(?::\\d+)?;(\\d+)\n  replacement: $1:$2\n  target_label: __address__\n- action: labelmap\n  regex: __meta_kubernetes_pod_label_(.+)\n".into(),
        }
    }
}

/// The result of relabeling the pasted labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pasted {
    pub label_errors: Vec<String>,
    pub rule_errors: Vec<String>,
    pub before: Vec<(String, String)>,
    pub steps: Vec<Step>,
    /// None if a rule drops the target.
    pub after: Option<Vec<(String, String)>>,
}

/// The relabeling steps of one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    pub key: Key,
    pub address: String,
    pub location: Option<Location>,
    pub before: Vec<Label>,
    pub steps: Vec<Step>,
    /// The labels of its series; empty if the target is not scraped.
    pub after: Vec<Label>,
    /// Labels that begin with two underscores, which no series gets.
    pub hidden: Vec<Label>,
    pub url: Option<String>,
    /// The error that Prometheus logs, if the target fails.
    pub failure: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub title: String,
    /// The index of the rule, from 0; None for a step that Prometheus adds.
    pub rule: Option<u32>,
    pub location: Option<Location>,
    /// The joined value of the source labels, if the action has one.
    pub source: Option<String>,
    /// True if the value matched; None for actions that do not match.
    pub matched: Option<bool>,
    pub groups: Vec<Group>,
    pub changes: Vec<Change>,
    pub drops: bool,
}

/// A capture group of the regular expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// `$1`, or `$1 ${name}`.
    pub name: String,
    /// None if the group did not participate in the match.
    pub text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub kind: ChangeKind,
    pub name: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    Added,
    Changed,
    Removed,
    /// Written with the value that it had.
    Same,
}
