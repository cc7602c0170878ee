//! Stored workspaces: the open one, the list of all, what waits for a confirmation, and conflicts
//! between tabs.

use std::collections::HashSet;

use protocol::{Action, ApplyMode, EventLog, File, Workspace};
use serde::{Deserialize, Serialize};
use text::FileId;

use super::valid::{self, Refusal, ValidWork};
use super::{Document, LessonState, SavedWork, Shared, State};

/// A workspace as the list shows it. The work itself is stored apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspaceRecord {
    pub id: String,
    pub name: String,
    /// Counts the stored versions.
    pub revision: u64,
    /// The time of the last version, in milliseconds since 1970.
    pub saved: f64,
    pub files: usize,
    /// Bytes of all texts.
    pub bytes: usize,
    /// True if the visitor created or received it: the list shows it. False for a scenario
    /// as it came.
    pub own: bool,
    /// True if the visitor changed it.
    pub changed: bool,
    /// The time of its deletion in milliseconds since 1970, or 0.
    pub deleted: f64,
    /// The tab that stored the last version.
    pub writer: String,
}

/// The workspace that this tab shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurrentWorkspace {
    pub id: String,
    pub name: String,
    /// The stored revision that the texts are based on; 0 if there is none.
    pub revision: u64,
    pub own: bool,
    /// True if the visitor changed texts.
    pub changed: bool,
    /// True while the version of another tab is shown and the visitor has changed nothing in it.
    /// Objects that follow its text are no change then: the other tab stores them.
    pub of_other_tab: bool,
    /// The content of that revision.
    stored: Option<Content>,
    /// The content that is being stored.
    storing: Option<Content>,
}

/// The parts of the work that can conflict, in contrast to the clock and the selected file.
#[derive(Clone, Debug, PartialEq)]
struct Content {
    documents: Vec<Shared<Document>>,
    silenced: Vec<String>,
    past: Shared<EventLog>,
    stored: Shared<protocol::Stored>,
}

impl Content {
    fn of(state: &State) -> Self {
        Self {
            documents: state.documents.clone(),
            silenced: state.silenced.clone(),
            past: state.past.clone(),
            stored: state.stored.clone(),
        }
    }

    /// Returns true if the state has the same content. Documents are compared by pointer first.
    fn is_in(&self, state: &State) -> bool {
        self.silenced == state.silenced
            && same_events(&self.past, &state.past)
            && self.stored.mode == state.stored.mode
            && (self.stored.files == state.stored.files || state.current.of_other_tab)
            && self.documents.len() == state.documents.len()
            && self.documents.iter().zip(&state.documents).all(|(own, other)| {
                own == other || (own.name == other.name && own.text == other.text)
            })
    }
}

/// Compares names and texts of files; ids differ between versions.
fn has_texts(one: &Option<Vec<File>>, other: &Option<Vec<File>>) -> bool {
    let texts = |files: &Option<Vec<File>>| {
        let files = files.as_ref()?.iter();
        Some(files.map(|file| (file.name.clone(), file.text.clone())).collect::<Vec<_>>())
    };
    texts(one) == texts(other)
}

/// Compares the visitor's actions. The worker adds edits, and corrects labels and ends.
fn same_events(one: &EventLog, other: &EventLog) -> bool {
    let actions = |log: &EventLog| {
        let own = log.events.iter().filter(|event| !matches!(event.action, Action::Edit { .. }));
        own.map(|event| (event.at, event.action.clone())).collect::<Vec<_>>()
    };
    (one.delays, one.running) == (other.delays, other.running) && actions(one) == actions(other)
}

/// A stored version of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredWorkspace {
    pub record: WorkspaceRecord,
    pub work: ValidWork,
}

/// Files that wait to be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    pub source: OpeningSource,
    /// The title of the scenario; empty for others.
    pub title: String,
    pub workspace: Workspace,
    pub active: FileId,
    pub past: EventLog,
    /// True if the files hold data of a live system.
    pub live: bool,
    /// The lesson that the files belong to.
    pub lesson: Option<Shared<LessonState>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningSource {
    Scenario,
    Link,
    Import,
    Lesson,
}

/// The choices of a conflict between two tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The version of this tab.
    Mine,
    /// The version that another tab stored.
    Other,
    /// Both; that of this tab becomes a workspace of its own.
    Both,
}

/// A request to store the open workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreRequest {
    pub record: WorkspaceRecord,
    /// The stored revision that the work is based on.
    pub base: u64,
    /// JSON of [`SavedWork`].
    pub work: String,
    /// The id that the work gets if another tab has stored a newer revision. None to be asked.
    pub copy: Option<String>,
}

/// The outcome of a [`StoreRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The new revision.
    Saved(u64),
    /// Another tab has stored a newer revision.
    Newer,
    /// The reason of a failure.
    Failed(String),
}

impl State {
    /// Returns an id that no other workspace has.
    pub fn new_workspace_id(&mut self) -> String {
        self.next_workspace += 1;
        format!("{}-{}", self.tab, self.next_workspace)
    }

    /// Returns true if the work has changes that are not stored.
    pub fn is_unstored(&self) -> bool {
        let stored = self.current.stored.as_ref();
        !self.documents.is_empty() && !stored.is_some_and(|stored| stored.is_in(self))
    }

    /// Returns true if the visitor changed the texts of the open workspace.
    pub fn is_changed(&self) -> bool {
        self.current.changed && !self.is_unchanged_scenario()
    }

    /// Returns true if the files of the scenario are unchanged.
    pub fn is_unchanged_scenario(&self) -> bool {
        let Some(scenario) = scenarios::scenario(&self.scenario) else {
            return self.documents.is_empty();
        };
        let workspace = Workspace::from_files(scenario.name, scenario.texts(), 1);
        self.has_texts(&workspace.files)
    }

    /// Returns true if the files are equal to the open documents.
    pub fn has_texts(&self, files: &[File]) -> bool {
        let same = |(document, file): (&Shared<Document>, &File)| {
            document.name == file.name && document.text == file.text
        };
        self.documents.len() == files.len() && self.documents.iter().zip(files).all(same)
    }

    /// Returns true if the work is equal to the open one, apart from the clock and the open file.
    pub fn has_content(&self, work: &SavedWork) -> bool {
        self.has_texts(&work.files)
            && self.scenario == work.scenario
            && self.silenced == work.silenced
            && same_events(&self.past, &work.past)
            && self.stored.mode == work.apply_mode
            && has_texts(&self.stored.files, &work.stored)
    }

    /// Returns the request that stores the open workspace, and names it if it becomes the visitor's
    /// own. Returns None if nothing has changed or is being stored already.
    pub fn store_request(&mut self) -> Option<Result<StoreRequest, Refusal>> {
        if self.conflict.is_some() || self.current.storing.is_some() {
            return None;
        }
        self.unstored_request()
    }

    /// As [`State::store_request`], also while something is being stored.
    pub fn unstored_request(&mut self) -> Option<Result<StoreRequest, Refusal>> {
        if !self.is_unstored() {
            return None;
        }
        let files = self.documents.iter().map(|one| (one.name.as_str(), one.text.as_str()));
        if let Err(refusal) = valid::check_files(files) {
            return Some(Err(refusal));
        }
        self.current.of_other_tab = false;
        self.claim();
        let work = serde_json::to_string(&SavedWork::of(self)).unwrap_or_default();
        self.current.storing = Some(Content::of(self));
        let record = WorkspaceRecord {
            id: self.current.id.clone(),
            name: self.current.name.clone(),
            revision: self.current.revision,
            files: self.documents.len(),
            bytes: self.documents.iter().map(|document| document.text.len()).sum(),
            own: self.current.own,
            changed: self.current.changed,
            writer: self.tab.clone(),
            ..WorkspaceRecord::default()
        };
        Some(Ok(StoreRequest { record, base: self.current.revision, work, copy: None }))
    }

    /// Makes a workspace with changes the visitor's own and gives it a name.
    pub fn claim(&mut self) {
        let acted = !self.past.events.is_empty()
            || !self.silenced.is_empty()
            || self.stored.mode != ApplyMode::default();
        self.current.own |= self.is_changed() || acted;
        if self.current.own && self.current.name.is_empty() {
            self.current.name = self.free_name("My work");
        }
    }

    /// Returns a name with the time of day that no other workspace has.
    pub fn free_name(&self, what: &str) -> String {
        let name = format!("{what}, {}", self.time_of_day);
        self.separate_name(name)
    }

    /// Returns the name, with a number if another workspace has it.
    pub fn separate_name(&self, name: String) -> String {
        let others = self.workspaces.iter().filter(|other| other.id != self.current.id);
        let taken: HashSet<&str> = others.map(|other| other.name.as_str()).collect();
        let mut candidates =
            std::iter::once(name.clone()).chain((2..).map(|n| format!("{name} ({n})")));
        candidates.find(|name| !taken.contains(name.as_str())).unwrap_or(name)
    }
}

impl CurrentWorkspace {
    /// A workspace that is not stored yet.
    pub fn new(id: String, name: String, own: bool) -> Self {
        Self { id, name, own, ..Self::default() }
    }

    /// Notes that the content of the state is stored as this record.
    pub fn of(record: &WorkspaceRecord, state: &State) -> Self {
        Self {
            id: record.id.clone(),
            name: record.name.clone(),
            revision: record.revision,
            own: record.own,
            changed: record.changed,
            of_other_tab: false,
            stored: Some(Content::of(state)),
            storing: None,
        }
    }

    /// Notes the outcome of storing.
    pub fn note(&mut self, stored: &Stored) {
        let content = self.storing.take();
        if let Stored::Saved(revision) = stored {
            self.revision = *revision;
            self.stored = content;
        }
    }
}

/// A file that differs between two versions of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct FileDifference {
    pub name: String,
    /// The lines around the first difference in this tab; None if it has no such file.
    pub mine: Option<Excerpt>,
    pub other: Option<Excerpt>,
}

/// Lines of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Excerpt {
    /// The number of the first line, from 1.
    pub first: usize,
    pub text: String,
    /// True if more lines differ.
    pub more: bool,
}

/// Lines of an excerpt.
const MOST_LINES: usize = 8;
/// Letters of a line of an excerpt.
const MOST_LETTERS: usize = 120;

/// Returns the files that differ between the open documents and other work.
pub fn differences(documents: &[Shared<Document>], other: &[File]) -> Vec<FileDifference> {
    let named = |name: &str| other.iter().find(|file| file.name == name);
    let mut found = Vec::new();
    for document in documents {
        let other = named(&document.name).map(|file| file.text.as_str());
        if other != Some(document.text.as_str()) {
            let (mine, other) = excerpts(Some(&document.text), other);
            found.push(FileDifference { name: document.name.clone(), mine, other });
        }
    }
    for file in other {
        if !documents.iter().any(|document| document.name == file.name) {
            let (mine, other) = excerpts(None, Some(&file.text));
            found.push(FileDifference { name: file.name.clone(), mine, other });
        }
    }
    found
}

/// Cuts both texts to the lines around their first difference.
fn excerpts(mine: Option<&str>, other: Option<&str>) -> (Option<Excerpt>, Option<Excerpt>) {
    let lines = |text: Option<&str>| text.unwrap_or_default().lines().map(str::to_owned).collect();
    let (mine_lines, other_lines): (Vec<String>, Vec<String>) = (lines(mine), lines(other));
    let same = mine_lines.iter().zip(&other_lines).take_while(|(a, b)| a == b).count();
    let most = mine_lines.len().min(other_lines.len()) - same;
    let ends = mine_lines.iter().rev().zip(other_lines.iter().rev());
    let same_end = ends.take(most).take_while(|(a, b)| a == b).count();
    let cut = |lines: &[String]| {
        let end = lines.len() - same_end;
        let first = same.saturating_sub(1);
        // A line after the difference shows where removed lines were.
        let last = (end + 1).min(lines.len()).min(first + MOST_LINES);
        let shorten = |line: &String| line.chars().take(MOST_LETTERS).collect::<String>();
        let text: Vec<String> =
            lines.get(first..last).unwrap_or_default().iter().map(shorten).collect();
        Excerpt { first: first + 1, text: text.join("\n"), more: end > last }
    };
    (mine.map(|_| cut(&mine_lines)), other.map(|_| cut(&other_lines)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(name: &str, text: &str) -> Shared<Document> {
        let file = File { name: name.into(), text: text.into(), ..File::default() };
        Shared::new(Document::new(file, 1))
    }

    fn file(name: &str, text: &str) -> File {
        File { name: name.into(), text: text.into(), ..File::default() }
    }

    #[test]
    fn a_difference_shows_the_lines_around_it() {
        let long =
            |middle: &str| format!("{}{middle}\n{}", "same\n".repeat(50), "end\n".repeat(50));
        let mine = [document("a", &long("one")), document("b", "x"), document("c", "")];
        let other = [file("a", &long("two")), file("b", "x"), file("d", "new\n")];
        let found = differences(&mine, &other);
        let names: Vec<&str> = found.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a", "c", "d"]);
        let excerpt = |first, text: &str| Some(Excerpt { first, text: text.into(), more: false });
        assert_eq!(found[0].mine, excerpt(50, "same\none\nend"));
        assert_eq!(found[0].other, excerpt(50, "same\ntwo\nend"));
        assert_eq!((&found[1].mine, &found[1].other), (&excerpt(1, ""), &None));
        assert_eq!((&found[2].mine, &found[2].other), (&None, &excerpt(1, "new")));
    }

    #[test]
    fn excerpts_are_short_whatever_the_texts() {
        for (mine, other) in [
            ("", "a"),
            ("a\na\na", "a\na"),
            ("a", "a\n\n\n"),
            (&"x\n".repeat(100_000) as &str, &"y".repeat(100_000) as &str),
        ] {
            let (mine, other) = excerpts(Some(mine), Some(other));
            for excerpt in [mine.unwrap(), other.unwrap()] {
                assert!(excerpt.text.lines().count() <= MOST_LINES);
                assert!(excerpt.text.len() <= MOST_LINES * (MOST_LETTERS + 1));
            }
        }
        assert!(excerpts(Some(&"x\n".repeat(20)), Some("")).0.unwrap().more);
    }
}
