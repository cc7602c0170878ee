//! Lessons: a state of the simulated system to start from, goals as conditions on its state, and the
//! grading of a learner's work.
//!
//! | module | content |
//! | --- | --- |
//! | [`lesson`] | the data of a lesson |
//! | [`predicate`] | the conditions of goals, as data |
//! | [`state`] | what a condition can see of the simulated system |
//! | [`evaluate`](mod@evaluate) | conditions on a state |
//! | [`grader`] | the progress of a learner, from the states that are observed |
//! | [`checksum`](mod@checksum) | the checksum of a solved lesson |
//! | [`confusions`] | what confuses newcomers, with the lessons that answer it |
//! | [`homework`] | lessons that are made in the page and shared |
//! | [`patch`] | changes of files |
//! | `compile` | lessons from their files, for the build script |

pub mod checksum;
#[cfg(test)]
mod compile;
pub mod confusions;
pub mod evaluate;
pub mod grader;
pub mod homework;
pub mod lesson;
pub mod patch;
pub mod predicate;
pub mod state;

pub use checksum::checksum;
pub use grader::Grader;
pub use lesson::Lesson;

/// A chapter of the table of contents.
#[derive(Debug)]
pub struct Chapter {
    pub name: &'static str,
    pub title: &'static str,
    pub lessons: &'static [Entry],
}

/// A lesson in the table of contents.
#[derive(Debug)]
pub struct Entry {
    /// The identifier.
    pub name: &'static str,
    pub title: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

/// All lessons in their order.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    CHAPTERS.iter().flat_map(|chapter| chapter.lessons)
}

/// Returns the lesson after the one with this name.
pub fn next(name: &str) -> Option<&'static Entry> {
    entries().skip_while(|entry| entry.name != name).nth(1)
}

impl Lesson {
    /// Reads a lesson as the build script writes it. Errors are the end of a sentence.
    pub fn from_json(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("it cannot be read ({error})"))
    }
}

impl lesson::Start {
    /// Returns the time that has passed and what has happened. Actions that this version does not
    /// know are left out.
    pub fn log(&self) -> protocol::EventLog {
        let event = |past: &lesson::PastAct| {
            Some(protocol::LoggedEvent {
                at: past.at.0,
                action: protocol::Action::parse(&past.act)?,
                label: past.label.clone(),
                until: past.lasting.then_some(protocol::UNTIL_ENDED),
            })
        };
        let events = self.acts.iter().filter_map(event).collect();
        let (now, delays, running) = (self.at.0, self.delays, self.running);
        protocol::EventLog { now, events, delays, running }
    }
}

#[cfg(test)]
mod tests;
