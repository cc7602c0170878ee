//! Recording and alerting rules, and their unit tests.
//!
//! | file | what it does |
//! | --- | --- |
//! | `group` | evaluates a group's rules and writes what they give into the storage |
//! | `alerting` | an alerting rule's alerts: pending, firing, resolved |
//! | `engine` | the PromQL engine as rules use it |
//! | `template` | the templates in labels and annotations |
//! | `unit_test` | tests of rules, as `promtool test rules` runs them |

mod alerting;
mod engine;
mod group;
pub mod template;
pub mod unit_test;

pub use alerting::{Alert, AlertState};
pub use engine::PromqlRules;
pub use group::{GroupRun, RuleContext, RuleEngine, RuleHealth, RuleRun};
