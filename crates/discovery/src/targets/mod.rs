//! The target table: relabeling and validation of discovered targets.
//!
//! | file | content |
//! | --- | --- |
//! | `relabel` | relabeling rules |
//! | `populate` | labels of a discovered target, with the defaults and checks of the job |
//! | `url` | the scrape URL of a target |
//! | `table` | all targets of a job: active, dropped, failed, merged |
//! | `rule_hits` | which rule affects which target |
//! | `compare` | differences between two target tables |
//! | `explain` | the steps of one target and the origin of each label |

mod compare;
mod explain;
pub mod names;
mod populate;
mod relabel;
mod rule_hits;
mod table;
mod url;

pub use compare::{TargetChange, TargetDifference, differences};
pub use explain::{
    Change, Explanation, PopulateStep, Provenance, SourceMatch, StepKind, explain, explain_rules,
};
pub use populate::{DefaultLabel, ImplicitStep, Job, Populated, discovered_labels, populate};
pub use relabel::{
    LabelSet, MAX_LABELS, MAX_WRITTEN, Observer, RelabelResult, Rule, Rules, Scratch, Stop,
    too_large,
};
pub use rule_hits::{RuleCounts, RuleHits};
pub use table::{Dropped, Failed, Pool, Target, TargetCounts, TargetId, TargetTable};
pub use url::target_url;

#[cfg(test)]
pub(crate) mod tests;
