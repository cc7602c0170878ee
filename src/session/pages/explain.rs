//! What the place under the cursor means.

use serde::{Deserialize, Serialize};

use crate::session::Session;
use crate::text::{FileId, Location};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub file: FileId,
    pub offset: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The way from the root to the place, outermost first.
    pub path: Vec<Crumb>,
    /// The key under discussion.
    pub title: String,
    /// In words: `duration`, `list of scrape_config`.
    pub kind: String,
    /// What it does; paragraphs.
    pub doc: Vec<String>,
    /// What follows from it here.
    pub consequences: Vec<Consequence>,
    /// Name and value: default, in force, since.
    pub facts: Vec<(String, String)>,
    pub mistakes: Vec<String>,
    pub example: Option<String>,
    /// Keys that may stand here and do not, with their notes.
    pub siblings: Vec<(String, String)>,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crumb {
    pub label: String,
    pub location: Location,
}

/// A sentence, and the place it speaks of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consequence {
    pub text: String,
    pub location: Option<Location>,
}

/// Everything that is known about the place.
pub fn view(_session: &Session, _question: &Question) -> View {
    View::default()
}
