//! The pages of results: for each one its question, its view, and the function between them.
//!
//! To add one: a module with `Question`, `View` (both plain data) and
//! `pub fn view(session: &Session, question: &Question) -> View`; a line in the two enums and in
//! [`answer`]; a component in `ui/pages`, which draws the view and sends another question with
//! `Action::Ask` when the visitor wants to see something else (a filter, a query, a target). The
//! first question of a page stands in `ui::state`. A view is made anew after each change of text
//! or time and sent when it differs from the last, so it holds what is drawn and no more: at most
//! some thousand rows or points, whatever the input.

mod arithmetic;
pub mod checks;
pub mod cluster;
pub mod config;
pub mod discovery;
pub mod explain;
mod labels;
pub mod metrics;
mod pulse;
pub mod query;
pub mod rate_lab;
pub mod rules;
pub mod targets;

pub use pulse::Pulse;

#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod tables_tests;

use serde::{Deserialize, Serialize};

use super::Session;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// A page that needs no answer.
    #[default]
    Nothing,
    Explain(explain::Question),
    Config(config::Question),
    Cluster(cluster::Question),
    Discovery(discovery::Question),
    Targets(targets::Question),
    Metrics(metrics::Question),
    Query(query::Question),
    RateLab(Box<rate_lab::Question>),
    Rules(rules::Question),
    Checks(checks::Question),
}

/// What there is to see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum View {
    Explain(explain::View),
    Config(config::View),
    Cluster(cluster::View),
    Discovery(discovery::View),
    Targets(targets::View),
    Metrics(metrics::View),
    Query(query::View),
    RateLab(rate_lab::View),
    Rules(rules::View),
    Checks(checks::View),
}

/// Answers the open question from what the session knows now.
pub fn answer(session: &Session, question: &Question) -> Option<View> {
    Some(match question {
        Question::Nothing => return None,
        Question::Explain(question) => View::Explain(explain::view(session, question)),
        Question::Config(question) => View::Config(config::view(session, question)),
        Question::Cluster(question) => View::Cluster(cluster::view(session, question)),
        Question::Discovery(question) => View::Discovery(discovery::view(session, question)),
        Question::Targets(question) => View::Targets(targets::view(session, question)),
        Question::Metrics(question) => View::Metrics(metrics::view(session, question)),
        Question::Query(question) => View::Query(query::view(session, question)),
        Question::RateLab(question) => View::RateLab(rate_lab::view(session, question)),
        Question::Rules(question) => View::Rules(rules::view(session, question)),
        Question::Checks(question) => View::Checks(checks::view(session, question)),
    })
}

impl View {
    /// Whether this is an answer to that kind of question; a late answer to another page is not.
    pub fn answers(&self, question: &Question) -> bool {
        matches!(
            (self, question),
            (Self::Explain(_), Question::Explain(_))
                | (Self::Config(_), Question::Config(_))
                | (Self::Cluster(_), Question::Cluster(_))
                | (Self::Discovery(_), Question::Discovery(_))
                | (Self::Targets(_), Question::Targets(_))
                | (Self::Metrics(_), Question::Metrics(_))
                | (Self::Query(_), Question::Query(_))
                | (Self::RateLab(_), Question::RateLab(_))
                | (Self::Rules(_), Question::Rules(_))
                | (Self::Checks(_), Question::Checks(_))
        )
    }
}
