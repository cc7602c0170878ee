//! Target groups into the target table, with every step on the way.
//!
//! | file | what it does |
//! | --- | --- |
//! | `relabel` | rules change a set of labels or drop it; `md5` and `casing` are two of its actions |
//! | `populate` | a discovered target → its labels, with the job's defaults and checks |
//! | `url` | the final labels → the URL that is scraped |
//! | `table` | all targets of a job: active, dropped, failed, merged |
//! | `touches` | which rule touches which target |
//! | `compare` | what another table gains, loses and changes |
//! | `explain` | the steps of one target, and where each label comes from |

mod casing;
mod compare;
mod explain;
mod md5;
pub mod names;
mod populate;
mod relabel;
mod table;
mod touches;
mod url;

pub use compare::{TargetChange, TargetDifference, differences};
pub use explain::{
    Change, Explanation, Provenance, SourceMatch, Step, StepKind, explain, explain_rules,
};
pub use populate::{DefaultLabel, Implicit, Job, Populated, discovered_labels, populate};
pub use relabel::{LabelSet, Observer, Outcome, Rule, Rules, Scratch};
pub use table::{Dropped, Failed, Funnel, Origin, Pool, Target, TargetTable};
pub use touches::{RuleUse, Touches};
pub use url::target_url;

#[cfg(test)]
pub(crate) mod tests;
