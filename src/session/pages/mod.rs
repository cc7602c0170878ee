//! The pages of results: for each one its question, its view, and the function between them.
//!
//! To add one: a module with `Question`, `View` (both plain data) and
//! `pub fn view(session: &Session, question: &Question) -> View`; a line in the two enums and in
//! [`answer`]; a component in `ui/pages`. A view is made anew after each change and sent when it
//! differs from the last, so it holds what is drawn and no more.

pub mod explain;
pub mod targets;

use serde::{Deserialize, Serialize};

use super::Session;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// A page that needs no answer.
    #[default]
    Nothing,
    Explain(explain::Question),
    Targets(targets::Question),
}

/// What there is to see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum View {
    Explain(explain::View),
    Targets(targets::View),
}

/// Answers the open question from what the session knows now.
pub fn answer(session: &Session, question: &Question) -> Option<View> {
    Some(match question {
        Question::Nothing => return None,
        Question::Explain(question) => View::Explain(explain::view(session, question)),
        Question::Targets(question) => View::Targets(targets::view(session, question)),
    })
}

impl View {
    /// Whether this is an answer to that kind of question; a late answer to another page is not.
    pub fn answers(&self, question: &Question) -> bool {
        matches!(
            (self, question),
            (Self::Explain(_), Question::Explain(_)) | (Self::Targets(_), Question::Targets(_))
        )
    }
}
