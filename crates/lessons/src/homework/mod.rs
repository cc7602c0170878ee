//! Homework: lessons that a teacher makes in the page and shares as a link or as a file.
//!
//! A shared lesson comes from anyone, so [`read`] checks all of its limits. [`Draft`] is what the form
//! of the page holds; [`Draft::lesson`] makes a lesson of it.

pub mod kinds;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::checksum::letters;
use crate::lesson::{Goal, Guard, Hint, Lesson, MOST_WORDS, RightAnswer, Start};
use crate::predicate::{Millis, Predicate};
use kinds::{Built, KINDS};

/// Bytes of the JSON text of a shared lesson.
pub const MOST_JSON: usize = 512 << 10;
/// Goals and guards of a shared lesson.
pub const MOST_GOALS: usize = 12;
/// Bytes of the words of a shared lesson: task and debriefing each.
const MOST_TEXT: usize = 4_000;
/// Bytes of a title, and of the words of a goal, a guard or a hint.
const MOST_LINE: usize = 500;
/// Conditions of all goals and guards, each part of a compound condition counted.
const MOST_CONDITIONS: usize = 60;
/// The start of the names of shared lessons. No lesson of the page has it.
const PREFIX: &str = "own-";
/// The end of the names of files with shared lessons.
pub const FILE_END: &str = ".lesson.json";
/// The chapter that the page shows for shared lessons.
const CHAPTER: &str = "Homework";

/// Returns true if a name is that of a shared lesson.
pub fn is_homework(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Reads a shared lesson and checks its limits. Its name is made from its content, so that checksums
/// of different lessons differ. Errors are the end of a sentence.
pub fn read(json: &str) -> Result<Lesson, String> {
    limit("it", json.len(), MOST_JSON)?;
    let mut lesson = Lesson::from_json(json)?;
    check(&lesson)?;
    lesson.solution.clear();
    lesson.wrong.clear();
    lesson.chapter = CHAPTER.to_owned();
    lesson.name.clear();
    let content = serde_json::to_string(&lesson).map_err(|error| error.to_string())?;
    lesson.name = format!("{PREFIX}{}", letters(&content, 12));
    Ok(lesson)
}

fn limit(what: &str, bytes: usize, most: usize) -> Result<(), String> {
    if bytes <= most {
        return Ok(());
    }
    Err(format!("{what} has {bytes} bytes; the limit is {most}"))
}

fn check(lesson: &Lesson) -> Result<(), String> {
    if lesson.title.trim().is_empty() {
        return Err("it has no title".to_owned());
    }
    limit("its title", lesson.title.len(), MOST_LINE)?;
    limit("its task", lesson.task.len(), MOST_TEXT)?;
    limit("its debriefing", lesson.debrief.len(), MOST_TEXT)?;
    let words = lesson.task.split_whitespace().count();
    if words > MOST_WORDS {
        return Err(format!("its task has {words} words; the limit is {MOST_WORDS}"));
    }
    if lesson.goals.is_empty() {
        return Err("it has no goal".to_owned());
    }
    for (what, count) in [
        ("goals", lesson.goals.len()),
        ("guards", lesson.guards.len()),
        ("hints", lesson.hints.len()),
        ("steps of a solution", lesson.shown_solution.len()),
    ] {
        if count > MOST_GOALS {
            return Err(format!("it has {count} {what}; the limit is {MOST_GOALS}"));
        }
    }
    check_start(&lesson.start)?;
    let goals = lesson.goals.iter().flat_map(|goal| [&goal.id, &goal.text, &goal.otherwise]);
    let guards = lesson.guards.iter().flat_map(|guard| [&guard.id, &guard.text]);
    let hints = lesson.hints.iter().flat_map(|hint| [&hint.goal, &hint.text]);
    for text in goals.chain(guards).chain(hints) {
        limit("a text", text.len(), MOST_LINE)?;
    }
    let ids = lesson.goals.iter().map(|goal| &goal.id);
    let ids: BTreeSet<&String> = ids.chain(lesson.guards.iter().map(|guard| &guard.id)).collect();
    if ids.len() != lesson.goals.len() + lesson.guards.len() {
        return Err("two of its goals have the same id".to_owned());
    }
    for goal in &lesson.goals {
        check_time(goal.hold)?;
    }
    check_conditions(lesson)
}

fn check_start(start: &Start) -> Result<(), String> {
    if start.files.is_empty() {
        return Err("its start has no files".to_owned());
    }
    if !start.files.iter().any(|file| file.name == start.open) {
        return Err(format!("its start has no file {}", start.open));
    }
    check_time(start.at)
}

fn check_time(time: Millis) -> Result<(), String> {
    if time.0 <= protocol::LAST_TIME {
        return Ok(());
    }
    Err(format!("{time} is longer than simulated time"))
}

fn check_conditions(lesson: &Lesson) -> Result<(), String> {
    use crate::lesson::Keep;
    let kept = lesson.guards.iter().filter_map(|guard| match &guard.keep {
        Keep::True(condition) | Keep::Throughout(condition) => Some(condition),
        Keep::NoTargetLost
        | Keep::Untouched(_)
        | Keep::FindingAbsent(_)
        | Keep::MaxChangedLines(_) => None,
    });
    let mut open: Vec<&Predicate> = lesson.goals.iter().map(|goal| &goal.when).collect();
    open.extend(kept);
    let mut count = 0;
    while let Some(condition) = open.pop() {
        count += 1;
        if count > MOST_CONDITIONS {
            return Err(format!("it has more than {MOST_CONDITIONS} conditions"));
        }
        match condition {
            Predicate::All(list) | Predicate::Any(list) => open.extend(list),
            Predicate::Not(inner) => open.push(inner),
            Predicate::Query(query) => check_time(query.throughout)?,
            Predicate::Answer(question) => check_answer(&question.choices, &question.answer)?,
            _ => {}
        }
    }
    let predicted = lesson.predict.iter();
    predicted.clone().try_for_each(|asked| check_answer(&asked.choices, &asked.answer))
}

fn check_answer(choices: &[String], answer: &RightAnswer) -> Result<(), String> {
    let fits = match answer {
        RightAnswer::Choice(number) => *number < choices.len(),
        RightAnswer::Number(_) | RightAnswer::Query { .. } => choices.is_empty(),
    };
    if fits { Ok(()) } else { Err("the answer to a question is none of its choices".to_owned()) }
}

/// A lesson that is being made. Fields hold what was typed, so that they can be wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub title: String,
    pub task: String,
    pub debrief: String,
    /// The state that the lesson starts from.
    pub start: Option<Start>,
    pub goals: Vec<DraftGoal>,
    /// True if a goal counts only after those before it.
    pub ordered: bool,
}

/// A goal or a guard that is being made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftGoal {
    /// The identifier of a [`kinds::Kind`].
    pub kind: String,
    /// The values of the fields of the kind, by field.
    pub values: BTreeMap<String, String>,
    /// The goal in words; empty for the words of the kind.
    pub text: String,
    /// How long the condition has to hold; empty for one moment.
    pub hold: String,
    /// A hint for the goal; may be empty.
    pub hint: String,
}

/// What is wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The index of the goal; None for the lesson itself.
    pub goal: Option<usize>,
    pub text: String,
}

impl DraftGoal {
    /// A goal of a kind, with the values that its fields have at first.
    pub fn new(kind: &str) -> Self {
        let fields = kinds::kind(kind).map_or(&[][..], |kind| kind.fields);
        let values = fields.iter().map(|field| (field.id.to_owned(), field.value.to_owned()));
        Self { kind: kind.to_owned(), values: values.collect(), ..Self::default() }
    }

    /// The goal in words: those of the author, or those of the kind.
    pub fn words(&self) -> String {
        if !self.text.trim().is_empty() {
            return self.text.trim().to_owned();
        }
        kinds::kind(&self.kind).map_or_else(String::new, |kind| kind.words(&self.values))
    }
}

impl Draft {
    /// Makes the lesson, or says everything that is wrong.
    pub fn lesson(&self) -> Result<Lesson, Vec<Problem>> {
        let mut problems = Vec::new();
        let problem = |goal, text: String| Problem { goal, text };
        let (mut goals, mut guards, mut hints) = (Vec::new(), Vec::new(), Vec::new());
        for (at, draft) in self.goals.iter().enumerate() {
            let id = format!("goal-{}", at + 1);
            match self.condition(draft) {
                Ok((Built::Goal(when), hold)) => {
                    let kind = kinds::kind(&draft.kind);
                    let otherwise = kind.map_or("", |kind| kind.otherwise).to_owned();
                    let (text, once) = (draft.words(), kind.is_some_and(|kind| kind.once));
                    if !draft.hint.trim().is_empty() {
                        let text = draft.hint.trim().to_owned();
                        hints.push(Hint { goal: id.clone(), after_failures: 0, text });
                    }
                    goals.push(Goal { id, text, hold, once, when, otherwise });
                }
                Ok((Built::Guard(keep), _)) => {
                    guards.push(Guard { id, text: draft.words(), keep });
                }
                Err(text) => problems.push(problem(Some(at), text)),
            }
        }
        if goals.is_empty() && problems.is_empty() {
            problems.push(problem(None, "Add a goal. Guards alone solve nothing.".to_owned()));
        }
        if self.title.trim().is_empty() {
            problems.push(problem(None, "Give it a title.".to_owned()));
        }
        let Some(start) = self.start.clone().filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        let lesson = Lesson {
            name: String::new(),
            title: self.title.trim().to_owned(),
            chapter: CHAPTER.to_owned(),
            task: self.task.trim().to_owned(),
            start,
            goals,
            ordered: self.ordered,
            guards,
            predict: None,
            hints,
            shown_solution: Vec::new(),
            debrief: self.debrief.trim().to_owned(),
            solution: Vec::new(),
            wrong: Vec::new(),
        };
        let json = serde_json::to_string(&lesson).map_err(|error| error.to_string());
        json.and_then(|json| read(&json)).map_err(|text| vec![problem(None, sentence(&text))])
    }

    fn condition(&self, draft: &DraftGoal) -> Result<(Built, Millis), String> {
        let kind = kinds::kind(&draft.kind).ok_or("Choose what has to be true.")?;
        let built = kind.build(&draft.values)?;
        let hold = match draft.hold.trim() {
            "" => Millis(0),
            text => Millis::parse(text).ok_or("“Stays true for” is a duration such as 1m.")?,
        };
        if let (Built::Guard(crate::lesson::Keep::Untouched(names)), Some(start)) =
            (&built, &self.start)
            && let Some(name) =
                names.iter().find(|name| start.files.iter().all(|f| f.name != **name))
        {
            return Err(format!("The start has no file {name}."));
        }
        Ok((built, hold))
    }
}

/// The end of a sentence as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// The identifiers and labels of all kinds of goals.
pub fn choices() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().map(|kind| (kind.id, kind.label))
}

#[cfg(test)]
mod tests;
