//! The terminals of the page: what they show, their histories, and the line that is typed.

use protocol::{Completion, OutputPiece};

use super::Shared;

/// Entries and bytes that a terminal keeps. The oldest ones are dropped.
const MOST_ENTRIES: usize = 400;
const MOST_BYTES: usize = 400 << 10;
/// Lines that a history keeps.
const MOST_HISTORY: usize = 200;

/// A part of what a terminal shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A line that was typed.
    Line(String),
    Output(OutputPiece),
    /// The list of commands for beginners.
    FirstCommands,
}

/// A part of what a terminal shows, with a number that no other part of the terminal has.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub number: u32,
    pub content: Content,
}

impl Entry {
    fn bytes(&self) -> usize {
        match &self.content {
            Content::Line(text) => text.len(),
            Content::Output(piece) => piece.text.len(),
            Content::FirstCommands => 0,
        }
    }
}

/// One terminal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terminal {
    pub id: u32,
    pub entries: Vec<Shared<Entry>>,
    /// True if older entries were dropped.
    pub dropped: bool,
    pub history: Vec<String>,
    /// The entry of the history that is shown, and the line that was typed before.
    older: Option<(usize, String)>,
    /// The line that is typed.
    pub draft: String,
    /// Where the cursor goes, in bytes of the line, after a change that was not typed; the second
    /// number differs for each change.
    pub cursor: (u32, u32),
    /// The completions that are offered.
    pub candidates: Vec<Completion>,
    /// The search in the history, while it lasts. The line that is typed is the text that is searched.
    pub search: Option<Search>,
    /// True if a command runs.
    pub running: bool,
    /// The exit code of the last command.
    pub exit: i32,
    next_entry: u32,
}

/// A search in the history, as Ctrl+R begins it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// The line that was typed before.
    before: String,
    /// The entry of the history that is found.
    at: Option<usize>,
}

/// What a command that waits does to the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockUse {
    /// The visitor plays and pauses.
    #[default]
    Visitor,
    /// The clock plays because a command waits, and pauses after it.
    Command,
    /// The visitor has paused the clock while a command waits.
    Paused,
}

/// All terminals.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminals {
    /// True if the pane is shown in place of the problems.
    pub open: bool,
    /// True if the pane takes most of the height.
    pub tall: bool,
    pub all: Vec<Shared<Terminal>>,
    /// The id of the terminal that is shown.
    pub active: u32,
    /// A number that changes when the input gets the focus.
    pub focus: u32,
    pub clock: ClockUse,
    next: u32,
}

impl Default for Terminals {
    fn default() -> Self {
        let first = Terminal { id: 1, ..Terminal::default() };
        Self {
            open: false,
            tall: false,
            all: vec![Shared::new(first)],
            active: 1,
            focus: 0,
            clock: ClockUse::Visitor,
            next: 2,
        }
    }
}

impl Terminals {
    pub fn active(&self) -> Option<&Shared<Terminal>> {
        self.all.iter().find(|one| one.id == self.active)
    }

    /// Changes a terminal. Does nothing if it is closed.
    pub fn change(&mut self, id: u32, change: impl FnOnce(&mut Terminal)) {
        if let Some(one) = self.all.iter_mut().find(|one| one.id == id) {
            let mut next = (**one).clone();
            change(&mut next);
            *one = Shared::new(next);
        }
    }

    /// Opens another terminal. Returns false if there are too many.
    pub fn add(&mut self) -> bool {
        if self.all.len() >= protocol::terminal::MOST_TERMINALS {
            return false;
        }
        let history = self.active().map(|one| one.history.clone()).unwrap_or_default();
        let id = self.next;
        self.next += 1;
        self.all.push(Shared::new(Terminal { id, history, ..Terminal::default() }));
        self.active = id;
        self.focus += 1;
        true
    }

    /// Closes a terminal. The last one is replaced by a new one, and the pane is closed.
    pub fn close(&mut self, id: u32) {
        let Some(at) = self.all.iter().position(|one| one.id == id) else { return };
        self.all.remove(at);
        if self.all.is_empty() {
            self.add();
            self.open = false;
        } else if self.active == id {
            self.active = self.all.get(at.min(self.all.len() - 1)).map_or(0, |one| one.id);
        }
        self.focus += 1;
    }

    /// Returns true if a command runs.
    pub fn is_busy(&self) -> bool {
        self.all.iter().any(|one| one.running)
    }

    /// The terminals of another workspace: none has run anything. The pane stays as it is.
    pub fn reset(&mut self) {
        let history = self.active().map(|one| one.history.clone()).unwrap_or_default();
        let (open, tall, focus, next) = (self.open, self.tall, self.focus, self.next);
        // Another number, so that output for the former terminals does not appear in the new one.
        let first = Terminal { id: next, history, ..Terminal::default() };
        let all = vec![Shared::new(first)];
        *self = Self { open, tall, focus, all, active: next, next: next + 1, ..Self::default() };
    }
}

impl Terminal {
    pub fn push(&mut self, content: Content) {
        self.next_entry += 1;
        self.entries.push(Shared::new(Entry { number: self.next_entry, content }));
        let mut bytes: usize = self.entries.iter().map(|entry| entry.bytes()).sum();
        let mut gone = 0;
        while (bytes > MOST_BYTES || self.entries.len() - gone > MOST_ENTRIES)
            && gone + 1 < self.entries.len()
        {
            bytes -= self.entries.get(gone).map_or(0, |entry| entry.bytes());
            gone += 1;
        }
        self.dropped |= gone > 0;
        self.entries.drain(..gone);
    }

    /// A line of the page itself on the standard error.
    pub fn note(&mut self, text: &str) {
        let text = format!("terminal: {text}\n");
        self.push(Content::Output(OutputPiece { error: true, text, ..OutputPiece::default() }));
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.dropped = false;
    }

    /// Replaces the line that is typed; the cursor goes to a byte offset.
    pub fn put(&mut self, line: String, cursor: usize) {
        self.cursor = (cursor as u32, self.cursor.1 + 1);
        self.draft = line;
        self.candidates.clear();
    }

    /// Takes the line that is typed into the history.
    pub fn take_line(&mut self) -> String {
        let line = std::mem::take(&mut self.draft);
        self.cursor = (0, self.cursor.1 + 1);
        self.candidates.clear();
        self.older = None;
        let kept = line.trim();
        if !kept.is_empty() && self.history.last().map(String::as_str) != Some(kept) {
            self.history.push(kept.to_owned());
            let over = self.history.len().saturating_sub(MOST_HISTORY);
            self.history.drain(..over);
        }
        line
    }

    /// Shows the entry of the history before the shown one that begins with what was typed.
    pub fn show_older(&mut self) {
        let (before, typed) = match &self.older {
            Some((at, typed)) => (*at, typed.clone()),
            None => (self.history.len(), self.draft.clone()),
        };
        let earlier = self.history.get(..before).unwrap_or_default();
        let fits = |line: &String| line.starts_with(&typed) && *line != self.draft;
        if let Some(at) = earlier.iter().rposition(fits) {
            let line = self.history.get(at).cloned().unwrap_or_default();
            self.older = Some((at, typed));
            self.put(line.clone(), line.len());
        }
    }

    /// Shows the entry after the shown one, or what was typed.
    pub fn show_newer(&mut self) {
        let Some((at, typed)) = self.older.clone() else { return };
        let later = self.history.iter().enumerate().skip(at + 1);
        let mut fits = later.filter(|(_, line)| line.starts_with(&typed) && **line != self.draft);
        match fits.next() {
            Some((next, line)) => {
                let line = line.clone();
                self.older = Some((next, typed));
                self.put(line.clone(), line.len());
            }
            None => {
                self.older = None;
                self.put(typed.clone(), typed.len());
            }
        }
    }

    /// The visitor typed.
    pub fn type_line(&mut self, line: String) {
        self.older = None;
        self.candidates.clear();
        self.draft = line;
        self.find(self.history.len());
    }

    /// Begins a search in the history with what is typed, or goes to the next older line with it.
    pub fn search(&mut self) {
        match self.search.as_ref().map(|search| search.at) {
            None => {
                self.older = None;
                self.candidates.clear();
                self.search = Some(Search { before: self.draft.clone(), at: None });
                self.find(self.history.len());
            }
            Some(at) => self.find(at.unwrap_or_default()),
        }
    }

    /// Finds the newest line before an entry of the history that has the searched text. A found line
    /// stays if there is no older one.
    fn find(&mut self, before: usize) {
        let Some(search) = &mut self.search else { return };
        let earlier = self.history.get(..before).unwrap_or_default();
        let found = match self.draft.is_empty() {
            true => None,
            false => earlier.iter().rposition(|line| line.contains(&self.draft)),
        };
        let kept = search.at.filter(|_| before < self.history.len());
        search.at = found.or(kept);
    }

    /// The line that a search has found.
    pub fn found(&self) -> Option<&str> {
        let at = self.search.as_ref()?.at?;
        self.history.get(at).map(String::as_str)
    }

    /// Ends a search. The found line is put at the prompt; if nothing is found or `take` is false, the
    /// line that was typed before.
    pub fn end_search(&mut self, take: bool) {
        let found = self.found().filter(|_| take).map(str::to_owned);
        let Some(search) = self.search.take() else { return };
        let line = found.unwrap_or(search.before);
        let end = line.len();
        self.put(line, end);
    }
}

/// The longest text with which all completions begin.
pub fn common_start(candidates: &[Completion]) -> &str {
    let mut labels = candidates.iter().map(|one| one.label.as_str());
    let Some(first) = labels.next() else { return "" };
    let length = labels.fold(first.len(), |length, label| {
        let same = first.bytes().zip(label.bytes()).take_while(|(a, b)| a == b).count();
        length.min(same)
    });
    let length = (0..=length).rev().find(|at| first.is_char_boundary(*at)).unwrap_or_default();
    &first[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_walked_by_what_was_typed() {
        let mut one = Terminal::default();
        for line in ["kubectl get pods", "ls", "kubectl get svc", "kubectl get svc"] {
            one.type_line(line.to_owned());
            assert_eq!(one.take_line(), line);
        }
        assert_eq!(one.history.len(), 3);
        one.type_line("kube".to_owned());
        one.show_older();
        assert_eq!(one.draft, "kubectl get svc");
        one.show_older();
        assert_eq!(one.draft, "kubectl get pods");
        one.show_older();
        assert_eq!(one.draft, "kubectl get pods");
        one.show_newer();
        assert_eq!(one.draft, "kubectl get svc");
        one.show_newer();
        assert_eq!((one.draft.as_str(), one.cursor.0), ("kube", 4));
        one.show_newer();
        assert_eq!(one.draft, "kube");
    }

    #[test]
    fn the_history_is_searched() {
        let mut one = Terminal::default();
        for line in ["kubectl get pods", "ls", "kubectl get svc"] {
            one.type_line(line.to_owned());
            one.take_line();
        }
        one.type_line("x".to_owned());
        one.search();
        assert_eq!(one.found(), None);
        one.type_line("get".to_owned());
        assert_eq!(one.found(), Some("kubectl get svc"));
        one.search();
        assert_eq!(one.found(), Some("kubectl get pods"));
        one.search();
        assert_eq!(one.found(), Some("kubectl get pods"));
        one.end_search(true);
        assert_eq!((one.draft.as_str(), one.found()), ("kubectl get pods", None));
        one.search();
        one.end_search(false);
        assert_eq!(one.draft, "kubectl get pods");
    }

    #[test]
    fn old_entries_are_dropped() {
        let mut one = Terminal::default();
        for _ in 0..1000 {
            one.push(Content::Line("x".repeat(2000)));
        }
        let bytes: usize = one.entries.iter().map(|entry| entry.bytes()).sum();
        assert!(bytes <= MOST_BYTES && one.entries.len() > 100 && one.dropped, "{bytes}");
        assert_eq!(one.entries.last().map(|entry| entry.number), Some(1000));
    }

    #[test]
    fn the_common_start_ends_at_a_character() {
        let of = |labels: &[&str]| {
            let all = labels
                .iter()
                .map(|label| Completion { label: (*label).to_owned(), ..Completion::default() });
            common_start(&all.collect::<Vec<_>>()).to_owned()
        };
        assert_eq!(of(&[]), "");
        assert_eq!(of(&["pods"]), "pods");
        assert_eq!(of(&["deployments", "deployment/web"]), "deployment");
        assert_eq!(of(&["aé", "aè"]), "a");
    }
}
