//! Recording and alerting rules, and their unit tests.
//!
//! | module | content |
//! | --- | --- |
//! | `group` | evaluation of rule groups |
//! | `alerting` | alerts of alerting rules |
//! | `engine` | the PromQL engine for rules |
//! | `template` | templates in labels and annotations |
//! | `unit_test` | rule unit tests, as `promtool test rules` runs them |

mod alerting;
mod engine;
mod group;
pub mod template;
pub mod unit_test;

pub use alerting::{Alert, AlertState};
pub use engine::PromqlRules;
pub use group::{GroupRun, RuleContext, RuleEngine, RuleHealth, RuleRun};
