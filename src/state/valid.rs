//! Limits of work that comes from a link, from storage or from imported files. [`ValidWork`] is work
//! that keeps all of them; whatever opens work takes this type.

use std::collections::HashSet;
use std::fmt;

use protocol::terminal::MOST_LINE;
use protocol::{Action, ActionKind, EventLog, Fault, File, LAST_TIME, LoggedEvent, UNTIL_ENDED};
use text::FileId;

use super::{SavedWork, manifests};

/// Bytes of all names and texts of a workspace.
pub const MOST_TEXT: usize = 64 << 20;
/// Bytes of the JSON text that a link contains.
pub const MOST_LINK_TEXT: usize = 8 << 20;
/// Letters of a link after its mark. Firefox opens addresses of up to 1 MiB, Chromium of up to 2 MiB.
pub const MOST_LINK_LETTERS: usize = 1_000_000;
/// Files of a workspace.
pub const MOST_FILES: usize = 1_000;
/// Bytes of the name of a file or a workspace.
pub const MOST_NAME: usize = 255;
/// Events that a log can contain. [`MOST_ACTIONS`] leaves space for those that the worker adds.
pub const MOST_EVENTS: usize = 2_000;
/// Events after which the page accepts no further action.
pub const MOST_ACTIONS: usize = 1_500;
/// The last time that a log can contain; a scrape or a duration can end after [`LAST_TIME`].
const LAST_LOGGED_TIME: u64 = LAST_TIME + DAY;
const DAY: u64 = 24 * 60 * 60 * 1000;
/// Codes of hidden checks.
const MOST_SILENCED: usize = 500;
/// Bytes of the label of an event, of a scenario's name, or of the code of a check.
const MOST_LABEL: usize = 1_000;
/// Visits that one action makes.
const MOST_VISITS: u32 = 100_000;
/// Factor of the usual traffic.
const MOST_TRAFFIC: f64 = 1_000.0;
/// Minutes that a clock is wrong.
const MOST_SKEW: u32 = 31 * 24 * 60;

/// Work that keeps all limits. Files are numbered from 1 and have different names.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidWork(SavedWork);

/// The reason why work cannot be opened, stored or shared. Printed as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The text is not JSON of [`SavedWork`].
    Unreadable,
    NoFiles,
    Files(usize),
    Text(usize),
    /// The JSON text of a link.
    LinkText(usize),
    /// The compressed text of a link.
    LinkLetters(usize),
    NoName,
    NameLength(usize),
    /// A name contains a control character.
    NameCharacter(char),
    Events(usize),
    Time(u64),
    /// An event ends before it starts.
    EndsBeforeStart,
    Label(usize),
    Silenced(usize),
    Visits(u32),
    Traffic,
    Skew(i32),
}

impl ValidWork {
    /// Decodes the JSON text that a link contains.
    pub fn of_link(json: &str) -> Result<Self, Refusal> {
        check_link_text(json.len())?;
        Self::of_json(json)
    }

    /// Decodes JSON text.
    pub fn of_json(json: &str) -> Result<Self, Refusal> {
        // JSON writes a character in at most six bytes.
        limit(json.len() / 6, MOST_TEXT, Refusal::Text)?;
        let work: SavedWork = serde_json::from_str(json).map_err(|_| Refusal::Unreadable)?;
        Self::new(work)
    }

    /// Checks all limits.
    pub fn new(mut work: SavedWork) -> Result<Self, Refusal> {
        check_files(work.files.iter().map(|file| (file.name.as_str(), file.text.as_str())))?;
        if let Some(stored) = work.stored.as_ref().filter(|stored| !stored.is_empty()) {
            check_files(stored.iter().map(|file| (file.name.as_str(), file.text.as_str())))?;
        }
        limit(work.scenario.len(), MOST_LABEL, Refusal::Label)?;
        limit(work.silenced.len(), MOST_SILENCED, Refusal::Silenced)?;
        for code in &work.silenced {
            limit(code.len(), MOST_LABEL, Refusal::Label)?;
        }
        check_log(&work.past)?;
        let active = work.files.iter().position(|file| file.id.0 == work.active);
        work.active = active.unwrap_or_default() as u32 + 1;
        let before: Vec<FileId> = work.files.iter().map(|file| file.id).collect();
        for (id, file) in (1..).zip(&mut work.files) {
            file.id = FileId(id);
        }
        manifests::renumber(&mut work.stored, |id| {
            let at = before.iter().position(|known| *known == id)?;
            Some(FileId(at as u32 + 1))
        });
        separate_names(&mut work.files);
        Ok(Self(work))
    }

    pub fn work(&self) -> &SavedWork {
        &self.0
    }

    pub fn into_work(self) -> SavedWork {
        self.0
    }
}

/// Checks the size of the JSON text of a link.
pub fn check_link_text(bytes: usize) -> Result<(), Refusal> {
    limit(bytes, MOST_LINK_TEXT, Refusal::LinkText)
}

/// Checks the size of the compressed text of a link.
pub fn check_link_letters(letters: usize) -> Result<(), Refusal> {
    limit(letters, MOST_LINK_LETTERS, Refusal::LinkLetters)
}

/// Checks names and texts of the files of a workspace.
pub fn check_files<'a>(
    files: impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone,
) -> Result<(), Refusal> {
    if files.len() == 0 {
        return Err(Refusal::NoFiles);
    }
    limit(files.len(), MOST_FILES, Refusal::Files)?;
    let size = files.clone().map(|(name, text)| name.len() + text.len());
    limit(size.fold(0, usize::saturating_add), MOST_TEXT, Refusal::Text)?;
    files.map(|(name, _)| name).try_for_each(check_name)
}

/// Returns a name that is not taken: the name itself, or `2-NAME`, `3-NAME`, …. The number stands
/// before the last step of a name with folders.
pub fn separate_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let (folder, last) = match name.rfind('/') {
        Some(at) => name.split_at(at + 1),
        None => ("", name),
    };
    let numbered = (2..).map(|number| format!("{folder}{number}-{last}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

/// Gives files with the same name different ones.
fn separate_names(files: &mut [File]) {
    let mut names = HashSet::new();
    for file in files {
        let free = |name: &String| !names.contains(name);
        if !free(&file.name) {
            let numbered = (2..).map(|n| format!("{n}-{}", file.name));
            file.name = numbered.into_iter().find(free).unwrap_or_default();
        }
        names.insert(file.name.clone());
    }
}

/// Checks the name of a file or a workspace.
pub fn check_name(name: &str) -> Result<(), Refusal> {
    if name.trim().is_empty() {
        return Err(Refusal::NoName);
    }
    limit(name.len(), MOST_NAME, Refusal::NameLength)?;
    match name.chars().find(|letter| letter.is_control()) {
        Some(letter) => Err(Refusal::NameCharacter(letter)),
        None => Ok(()),
    }
}

/// Checks times and actions of a log.
pub fn check_log(log: &EventLog) -> Result<(), Refusal> {
    check_time(log.now)?;
    limit(log.events.len(), MOST_EVENTS, Refusal::Events)?;
    log.events.iter().try_for_each(check_event)
}

fn check_event(event: &LoggedEvent) -> Result<(), Refusal> {
    check_time(event.at)?;
    limit(event.label.len(), MOST_LABEL, Refusal::Label)?;
    if let Some(until) = event.until.filter(|until| *until != UNTIL_ENDED) {
        check_time(until)?;
        if until < event.at {
            return Err(Refusal::EndsBeforeStart);
        }
    }
    let choice = match &event.action {
        Action::Start(choice) | Action::End(choice) => choice,
        Action::Command { line, .. } => return limit(line.len(), MOST_LINE, Refusal::Label),
        Action::SkipDelays | Action::Edit { .. } | Action::Interrupt { .. } => return Ok(()),
    };
    check_time(u64::from(choice.duration.unwrap_or_default()).saturating_mul(1000))?;
    match &choice.kind {
        ActionKind::Visit { times, .. } | ActionKind::Use { times, .. } if *times > MOST_VISITS => {
            Err(Refusal::Visits(*times))
        }
        ActionKind::Traffic { factor } if !(0.0..=MOST_TRAFFIC).contains(factor) => {
            Err(Refusal::Traffic)
        }
        ActionKind::Fault(Fault::ClockSkew { minutes, .. })
            if minutes.unsigned_abs() > MOST_SKEW =>
        {
            Err(Refusal::Skew(*minutes))
        }
        _ => Ok(()),
    }
}

fn check_time(millis: u64) -> Result<(), Refusal> {
    if millis > LAST_LOGGED_TIME { Err(Refusal::Time(millis)) } else { Ok(()) }
}

fn limit(value: usize, most: usize, refusal: fn(usize) -> Refusal) -> Result<(), Refusal> {
    if value > most { Err(refusal(value)) } else { Ok(()) }
}

/// Prints a number with separators of thousands, as in `1,000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints a size with one digit after the point, rounded up, so that a size over a limit is never
/// printed as the limit.
fn megabytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil((1 << 20) / 10);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |out: &mut fmt::Formatter<'_>, number: usize, what: &str, most: usize| {
            write!(out, "it contains {} {what}; the limit is {}", grouped(number), grouped(most))
        };
        match self {
            Self::Unreadable => {
                write!(out, "it was created by a different version of the page, or was changed")
            }
            Self::NoFiles => write!(out, "it contains no files"),
            Self::Files(number) => count(out, *number, "files", MOST_FILES),
            Self::Text(bytes) => {
                let (size, most) = (megabytes(*bytes), MOST_TEXT >> 20);
                write!(out, "its files have {size}; the limit is {most} MB")
            }
            Self::LinkText(bytes) => {
                let (size, most) = (megabytes(*bytes), MOST_LINK_TEXT >> 20);
                write!(out, "a link with {size} of text is over the limit of {most} MB")
            }
            Self::LinkLetters(letters) => {
                let (letters, most) = (grouped(*letters), grouped(MOST_LINK_LETTERS));
                write!(out, "a link with {letters} characters is over the limit of {most}")
            }
            Self::NoName => write!(out, "a name is empty"),
            Self::NameLength(bytes) => {
                write!(out, "a name has {} bytes; the limit is {MOST_NAME}", grouped(*bytes))
            }
            Self::NameCharacter(letter) => {
                write!(out, "a name contains the control character U+{:04X}", u32::from(*letter))
            }
            Self::Events(number) => count(out, *number, "events", MOST_EVENTS),
            Self::Time(millis) => write!(
                out,
                "a time is {} days after the start; the limit is {} days",
                grouped(usize::try_from(millis.div_ceil(DAY)).unwrap_or(usize::MAX)),
                LAST_LOGGED_TIME / DAY
            ),
            Self::EndsBeforeStart => write!(out, "an event ends before it starts"),
            Self::Label(bytes) => {
                let (bytes, most) = (grouped(*bytes), grouped(MOST_LABEL));
                write!(out, "a label has {bytes} bytes; the limit is {most}")
            }
            Self::Silenced(number) => count(out, *number, "hidden checks", MOST_SILENCED),
            Self::Visits(times) => {
                count(out, *times as usize, "visits in one event", MOST_VISITS as usize)
            }
            Self::Traffic => {
                write!(out, "a factor of the traffic is not between 0 and {MOST_TRAFFIC}")
            }
            Self::Skew(minutes) => write!(
                out,
                "a clock is wrong by {} minutes; the limit is {}",
                grouped(minutes.unsigned_abs() as usize),
                grouped(MOST_SKEW as usize)
            ),
        }
    }
}

/// Imported files: names and texts.
impl TryFrom<Vec<(String, String)>> for ValidWork {
    type Error = Refusal;

    fn try_from(files: Vec<(String, String)>) -> Result<Self, Refusal> {
        let files = (1..)
            .zip(files)
            .map(|(id, (name, text))| File { id: FileId(id), name, text })
            .collect();
        Self::new(SavedWork { files, active: 1, ..SavedWork::default() })
    }
}

#[cfg(test)]
mod tests;
