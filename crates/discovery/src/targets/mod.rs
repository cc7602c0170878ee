//! Target groups into the target table, with every step on the way.
//!
//! | file | what it does |
//! | --- | --- |
//! | `relabel` | rules change a set of labels or drop it; `casing` serves `lowercase` and `uppercase` |
//! | `populate` | a discovered target → its labels, with the job's defaults and checks |
//! | `url` | the final labels → the URL that is scraped |
//! | `table` | all targets of a job: active, dropped, failed, merged |
//! | `rule_hits` | which rule touches which target |
//! | `compare` | what another table gains, loses and changes |
//! | `explain` | the steps of one target, and where each label comes from |

mod casing;
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
pub use relabel::{LabelSet, Observer, RelabelResult, Rule, Rules, Scratch};
pub use rule_hits::{RuleCounts, RuleHits};
pub use table::{Dropped, Failed, Funnel, Pool, Target, TargetId, TargetTable};
pub use url::target_url;

#[cfg(test)]
pub(crate) mod tests;
