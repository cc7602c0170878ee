//! Every finding that there can be, documented, with how often it is found here.

use serde::{Deserialize, Serialize};

use crate::Session;
use crate::codes;
use text::Location;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Codes whose name or title contains this; empty for all.
    pub search: String,
    /// The code whose documentation is open.
    pub open: Option<String>,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub question: Question,
    /// Those that are found here first, then by name.
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub code: String,
    pub title: String,
    /// Findings in all files, silenced ones too.
    pub found: u32,
    pub first: Option<Location>,
    pub silenced: bool,
    /// Where the code is the open one.
    pub page: Option<Page>,
}

/// The documentation of a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub paragraphs: Vec<String>,
    /// Text that gives the finding.
    pub example: String,
    /// How the findings read here, each with its place; not all where they are many.
    pub here: Vec<(String, Location)>,
}

/// Most findings of one code that are listed.
const LISTED: usize = 20;

/// The answer, from what the session knows now.
pub fn view(session: &Session, question: &Question) -> View {
    let search = question.search.trim().to_lowercase();
    let diagnostics = &session.system.diagnostics;
    let mut checks: Vec<Check> = codes::all()
        .filter(|code| {
            search.is_empty()
                || code.code.contains(&search)
                || code.title.to_lowercase().contains(&search)
                || question.open.as_deref() == Some(code.code)
        })
        .map(|code| {
            let found = || diagnostics.iter().filter(|found| found.code == code.code);
            let is_open = question.open.as_deref() == Some(code.code);
            Check {
                code: code.code.to_owned(),
                title: code.title.to_owned(),
                found: found().count() as u32,
                first: found().map(|found| found.location).next(),
                silenced: session.workspace.silenced.iter().any(|silenced| silenced == code.code),
                page: is_open.then(|| Page {
                    paragraphs: code.doc.split("\n\n").map(str::to_owned).collect(),
                    example: code.example.trim_end().to_owned(),
                    here: found()
                        .take(LISTED)
                        .map(|found| (found.message.to_string(), found.location))
                        .collect(),
                }),
            }
        })
        .collect();
    checks.sort_by(|a, b| (a.found == 0, &a.code).cmp(&(b.found == 0, &b.code)));
    View { question: question.clone(), checks }
}
