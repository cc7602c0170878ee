//! The arithmetic of `rate` and its sisters over samples one can change.

use serde::{Deserialize, Serialize};

use crate::session::Session;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {}

/// The answer, from what the session knows now.
pub fn view(_session: &Session, _question: &Question) -> View {
    View {}
}
