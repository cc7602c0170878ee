//! The open lesson, and what the browser keeps of a learner's progress.

use lessons::Lesson;
use lessons::homework::{self, Draft};
use protocol::{GoalState, OpenLesson, Progress};
use serde::{Deserialize, Serialize};

/// Bytes of a learner's name.
pub const MOST_NAME: usize = 100;

/// The open lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonState {
    pub lesson: Lesson,
    /// The lesson as it was fetched, for the worker.
    pub json: String,
    pub progress: Progress,
    /// Counts the times that a lesson was opened or reset, so that hints and answers are forgotten.
    pub opened: u32,
}

/// Returns true if progress in a lesson with this name is kept.
pub fn is_known(name: &str) -> bool {
    homework::is_homework(name) || lessons::entries().any(|entry| entry.name == name)
}

impl LessonState {
    /// Reads a lesson that was fetched. Errors are the end of a sentence.
    pub fn new(json: String, opened: u32) -> Result<Self, String> {
        let lesson = Lesson::from_json(&json)?;
        Ok(Self { lesson, json, progress: Progress::default(), opened })
    }

    /// The lesson as the worker needs it, with the progress until now.
    pub fn request(&self) -> OpenLesson {
        let kept = (!self.progress.lesson.is_empty()).then(|| self.progress.clone());
        OpenLesson { json: self.json.clone(), kept }
    }

    /// The number of goals that are met.
    pub fn met(&self) -> usize {
        self.progress.goals.iter().filter(|goal| goal.state == GoalState::Met).count()
    }
}

/// What the browser keeps of a learner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learner {
    /// The name from which checksums are made; may be empty.
    pub name: String,
    /// The names of the lessons that were solved, in the order of solving.
    pub solved: Vec<String>,
    /// The lesson that was open last.
    pub open: Option<KeptLesson>,
    /// The lesson that is being made.
    pub draft: Option<Draft>,
}

/// A lesson that was open, with the workspace of its files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptLesson {
    pub workspace: String,
    pub progress: Progress,
    /// The lesson itself, if it is a shared one that no file beside the page holds.
    pub json: Option<String>,
}

impl Learner {
    pub fn has_solved(&self, lesson: &str) -> bool {
        self.solved.iter().any(|known| known == lesson)
    }

    /// The number of lessons of the page that were solved.
    pub fn solved_of_page(&self) -> usize {
        lessons::entries().filter(|entry| self.has_solved(entry.name)).count()
    }

    /// The first lesson that is not solved; the first of all if there is none.
    pub fn next_lesson(&self) -> Option<&'static lessons::Entry> {
        let unsolved = lessons::entries().find(|entry| !self.has_solved(entry.name));
        unsolved.or_else(|| lessons::entries().next())
    }

    /// The progress as a file that the learner downloads.
    pub fn export(&self) -> String {
        #[derive(Serialize)]
        struct Row<'a> {
            lesson: &'a str,
            checksum: String,
        }
        #[derive(Serialize)]
        struct Export<'a> {
            name: &'a str,
            note: &'static str,
            solved: Vec<Row<'a>>,
        }
        let export = Export {
            name: &self.name,
            note: "A checksum depends on lesson and name. It is no proof.",
            solved: self
                .solved
                .iter()
                .map(|lesson| Row { lesson, checksum: lessons::checksum(lesson, &self.name) })
                .collect(),
        };
        // The data has no part that JSON cannot hold.
        serde_json::to_string_pretty(&export).unwrap_or_default()
    }
}
