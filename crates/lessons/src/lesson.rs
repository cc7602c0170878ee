//! The data of a lesson.
//!
//! The build script reads lessons from `static/lessons` and writes each as JSON, which the page
//! fetches when the lesson is opened.

use serde::{Deserialize, Serialize};

use crate::predicate::{Millis, Predicate, QueryAt};

/// The most words of a task.
pub const MOST_WORDS: usize = 120;

/// A lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// The identifier, such as `mount-path`.
    pub name: String,
    pub title: String,
    /// The title of the chapter.
    pub chapter: String,
    /// The task. Paragraphs are separated by an empty line; text between backticks is code.
    pub task: String,
    pub start: Start,
    pub goals: Vec<Goal>,
    /// True if a goal counts only after those before it.
    #[serde(default)]
    pub ordered: bool,
    pub guards: Vec<Guard>,
    pub predict: Option<Predict>,
    pub hints: Vec<Hint>,
    /// The solution as the page shows it.
    pub shown_solution: Vec<ShownStep>,
    /// What the learner has seen and why, shown when the lesson is solved.
    pub debrief: String,
    /// The way of the solution, for tests. The page gets a lesson without it.
    #[serde(default)]
    pub solution: Vec<Step>,
    /// Wrong ways, for tests.
    #[serde(default)]
    pub wrong: Vec<Wrong>,
}

/// The state in which a lesson opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The name of the scenario that defines the programs in containers; empty if there is none.
    pub scenario: String,
    pub files: Vec<LessonFile>,
    /// The file that is open.
    pub open: String,
    /// The identifier of the page of results that is open.
    pub view: String,
    /// The query of the page "Query"; empty for the usual one.
    pub query: String,
    /// The time that has passed.
    pub at: Millis,
    /// True if an edit takes the time that it takes in a cluster.
    pub delays: bool,
    /// True if the cluster runs, and the pages show what is in it now.
    #[serde(default)]
    pub running: bool,
    /// True if the clock runs.
    pub playing: bool,
    /// What happens before the learner begins.
    #[serde(default)]
    pub acts: Vec<PastAct>,
}

/// An action before the start of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastAct {
    pub at: Millis,
    /// The action, as `protocol::Action::parse` reads it.
    pub act: String,
    /// The label on the time line.
    pub label: String,
    /// True if the action lasts until it is ended.
    #[serde(default)]
    pub lasting: bool,
}

/// A file of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonFile {
    pub name: String,
    pub text: String,
}

/// A condition that solves a part of the lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    pub id: String,
    /// The goal in words.
    pub text: String,
    /// How long the condition must be true without a break.
    #[serde(default)]
    pub hold: Millis,
    /// True if it is enough that the condition has been true.
    #[serde(default)]
    pub once: bool,
    pub when: Predicate,
    /// What the state is while the goal is not met. `{state}`, `{last_error}`, `{count}`, `{value}`
    /// stand for facts of the state.
    #[serde(default, rename = "else")]
    pub otherwise: String,
}

/// A condition that must not become false.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    pub id: String,
    /// The condition in words.
    pub text: String,
    pub keep: Keep,
}

/// The condition of a guard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// No job has fewer targets that are up than at the start.
    NoTargetLost,
    /// These files have the text of the start.
    Untouched(Vec<String>),
    /// No finding has this code.
    FindingAbsent(String),
    /// At most so many lines differ from the start.
    MaxChangedLines(u32),
    /// The condition is true now.
    True(Predicate),
    /// The condition was true at every moment since the start. Once broken, only a reset mends it.
    Throughout(Predicate),
}

/// A question that is asked before the learner begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    pub ask: String,
    /// The choices; empty if the answer is a number.
    #[serde(default)]
    pub choices: Vec<String>,
    pub answer: RightAnswer,
}

/// The right answer to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RightAnswer {
    /// The number of a choice, from 0.
    Choice(usize),
    Number(f64),
    /// The value of a query with exactly one result.
    Query {
        query: String,
        at: QueryAt,
    },
}

/// A hint, which the learner can open after a number of failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// The goal that it helps with.
    #[serde(rename = "for")]
    pub goal: String,
    #[serde(default)]
    pub after_failures: u32,
    pub text: String,
}

/// A step of the solution, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownStep {
    /// A change of files, as a diff.
    Diff(String),
    /// An instruction.
    Text(String),
}

/// A step of a solution or of a wrong way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// All files have these texts.
    Files(Vec<LessonFile>),
    Wait(Millis),
    /// An action, as `protocol::Action::parse` reads it, or the label of a line of the menu.
    Act(String),
    /// A command line in the terminal.
    Command(String),
    /// The answer to the question of a goal.
    Answer {
        goal: String,
        answer: String,
    },
}

/// A wrong way, with the goals and guards that it fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// The mistake in words.
    pub why: String,
    pub steps: Vec<Step>,
    pub fails: Vec<String>,
}
