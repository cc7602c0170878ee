//! The progress of a learner in a lesson.

use serde::{Deserialize, Serialize};

/// A lesson that is opened. The page has opened its files before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenLesson {
    /// The lesson as JSON, as the page fetched it.
    pub json: String,
    /// The progress until now; None at the start.
    pub kept: Option<Progress>,
}

/// The progress in a lesson. The page shows it and keeps it; the worker computes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The name of the lesson.
    pub lesson: String,
    /// In the order of the lesson.
    pub goals: Vec<GoalProgress>,
    /// In the order of the lesson.
    pub guards: Vec<GuardProgress>,
    pub prediction: Option<Prediction>,
    /// The hints that can be opened, in the order of the lesson.
    pub hints: Vec<bool>,
    /// True if all goals were met at once while no guard was broken.
    pub solved: bool,
    /// The jobs with the number of their targets that were up at the start; None before the start
    /// was observed.
    pub baseline: Option<Vec<(String, u32)>>,
    /// The number of changes that were observed.
    pub changes: u64,
    /// The time of the last change that has not been judged, in milliseconds since the start.
    pub unjudged: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GoalProgress {
    pub state: GoalState,
    /// What the state is, while the goal is not met; may be empty.
    pub message: String,
    /// Changes that did not meet the goal, and wrong answers.
    pub failures: u32,
    /// The last answer to the question of the goal.
    pub answer: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoalState {
    #[default]
    Open,
    /// The condition is true, and has to stay so. Times are milliseconds of the simulation.
    Holding {
        since: u64,
        until: u64,
    },
    Met,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardProgress {
    pub broken: bool,
}

/// The learner's prediction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prediction {
    pub given: String,
    /// The right answer, as text; empty until it is known.
    pub right: String,
    pub correct: bool,
}
