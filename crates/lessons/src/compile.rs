//! Lessons from their files. The build script runs this; a lesson with a mistake fails the build.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::lesson::{
    Goal, Guard, Hint, Keep, Lesson, LessonFile, MOST_WORDS, PastAct, Predict, RightAnswer,
    ShownStep, Start, Step, Wrong,
};
use crate::patch;
use crate::predicate::{Millis, Predicate};

/// How long a way waits after its last step, if the lesson does not say so.
const SETTLES: Millis = Millis(120_000);

/// `lesson.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    task: String,
    start: WrittenStart,
    goals: Vec<Goal>,
    /// True if a goal counts only after those before it, as in a lab.
    #[serde(default)]
    ordered: bool,
    #[serde(default)]
    guards: Vec<Guard>,
    predict: Option<Predict>,
    #[serde(default)]
    hints: Vec<Hint>,
    solution: Vec<WrittenStep>,
    wrong: Vec<WrittenWrong>,
    debrief: String,
    settles: Option<Millis>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStart {
    /// A scenario whose files the lesson starts from.
    scenario: Option<String>,
    /// A folder below `static/lessons/worlds` instead of a scenario.
    world: Option<String>,
    /// A change of those files.
    patch: Option<String>,
    open: String,
    #[serde(default = "targets")]
    view: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    at: Millis,
    #[serde(default)]
    delays: bool,
    #[serde(default)]
    running: bool,
    #[serde(default = "yes")]
    playing: bool,
    #[serde(default)]
    acts: Vec<PastAct>,
}

fn targets() -> String {
    "targets".to_owned()
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenStep {
    Patch(String),
    Wait(Millis),
    /// A command line in the terminal.
    Command(String),
    Act {
        act: String,
        say: String,
    },
    Answer {
        goal: String,
        answer: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWrong {
    why: String,
    steps: Vec<WrittenStep>,
    fails: Vec<String>,
}

/// Where the files of scenarios and worlds are.
pub struct Folders<'a> {
    pub scenarios: &'a Path,
    pub worlds: &'a Path,
}

/// Reads a lesson. `name` is its identifier, `chapter` the title of its chapter.
pub fn compile(
    name: &str,
    chapter: &str,
    yaml: &str,
    folders: &Folders<'_>,
) -> Result<Lesson, String> {
    let written: Written = read(yaml)?;
    let base = base_files(&written.start, folders)?;
    let files = match &written.start.patch {
        Some(text) => patch::apply(&base, text).map_err(|error| format!("start: {error}"))?,
        None => base,
    };
    let settles = written.settles.unwrap_or(SETTLES);
    let shown_solution = written.solution.iter().filter_map(shown).collect();
    let solution =
        ways(&files, &written.solution, settles).map_err(|e| format!("solution: {e}"))?;
    let mut wrong = Vec::new();
    for one in &written.wrong {
        let steps = ways(&files, &one.steps, settles).map_err(|e| format!("{}: {e}", one.why))?;
        wrong.push(Wrong { why: one.why.clone(), steps, fails: one.fails.clone() });
    }
    let WrittenStart { scenario, open, view, query, at, delays, running, playing, acts, .. } =
        written.start;
    let scenario = scenario.unwrap_or_default();
    let start = Start { scenario, files, open, view, query, at, delays, running, playing, acts };
    let lesson = Lesson {
        name: name.to_owned(),
        title: written.title,
        chapter: chapter.to_owned(),
        task: written.task.trim().to_owned(),
        start,
        goals: written.goals,
        ordered: written.ordered,
        guards: written.guards,
        predict: written.predict,
        hints: written.hints,
        shown_solution,
        debrief: written.debrief.trim().to_owned(),
        solution,
        wrong,
    };
    check(&lesson, &written.solution)?;
    Ok(lesson)
}

/// Reads YAML through the data model of JSON, so that enums are mappings with one key.
fn read<T: for<'de> Deserialize<'de>>(yaml: &str) -> Result<T, String> {
    let value: serde_yaml::Value = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
    let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
    // The path of a field is not known; its name is part of most messages.
    serde_json::from_value::<T>(value).map_err(|error| error.to_string())
}

fn base_files(start: &WrittenStart, folders: &Folders<'_>) -> Result<Vec<LessonFile>, String> {
    match (&start.scenario, &start.world) {
        (Some(_), Some(_)) => Err("start has a scenario and a world".to_owned()),
        (None, None) => Ok(Vec::new()),
        (Some(scenario), None) => {
            let folder = folders.scenarios.join(scenario);
            let text = read_file(&folder.join("scenario.yaml"))?;
            let value: Value = read(&text)?;
            let names = value.get("files").and_then(Value::as_array);
            let names = names.ok_or_else(|| format!("{scenario} has no files"))?;
            names.iter().filter_map(Value::as_str).map(|name| file(&folder, name)).collect()
        }
        (None, Some(world)) => {
            let folder = folders.worlds.join(world);
            let entries = std::fs::read_dir(&folder);
            let entries = entries.map_err(|error| format!("{}: {error}", folder.display()))?;
            let mut names: Vec<String> =
                entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
            names.sort();
            names.iter().map(|name| file(&folder, name)).collect()
        }
    }
}

/// Reads a file. In worlds, `workloads__web.yaml` is `workloads/web.yaml`.
fn file(folder: &Path, name: &str) -> Result<LessonFile, String> {
    let text = read_file(&folder.join(name))?;
    Ok(LessonFile { name: name.replace("__", "/"), text })
}

fn read_file(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The steps with the texts of all files after each patch, and a time to settle at the end.
fn ways(files: &[LessonFile], steps: &[WrittenStep], settles: Millis) -> Result<Vec<Step>, String> {
    let mut files = files.to_vec();
    let mut found = Vec::new();
    for step in steps {
        found.push(match step {
            WrittenStep::Patch(text) => {
                files = patch::apply(&files, text)?;
                Step::Files(files.clone())
            }
            WrittenStep::Wait(time) => Step::Wait(*time),
            WrittenStep::Act { act, .. } => Step::Act(act.clone()),
            WrittenStep::Command(line) => Step::Command(line.clone()),
            WrittenStep::Answer { goal, answer } => {
                Step::Answer { goal: goal.clone(), answer: answer.clone() }
            }
        });
    }
    if steps.is_empty() {
        return Err("has no steps".to_owned());
    }
    found.push(Step::Wait(settles));
    Ok(found)
}

fn shown(step: &WrittenStep) -> Option<ShownStep> {
    Some(match step {
        WrittenStep::Patch(text) => ShownStep::Diff(text.trim_end().to_owned()),
        WrittenStep::Act { say, .. } => ShownStep::Text(say.clone()),
        WrittenStep::Command(line) => ShownStep::Text(format!("Run `{line}` in the terminal.")),
        WrittenStep::Answer { answer, .. } => ShownStep::Text(format!("Answer `{answer}`.")),
        WrittenStep::Wait(_) => return None,
    })
}

fn check(lesson: &Lesson, solution: &[WrittenStep]) -> Result<(), String> {
    let words = lesson.task.split_whitespace().count();
    if words > MOST_WORDS {
        return Err(format!("the task has {words} words; at most {MOST_WORDS} are allowed"));
    }
    if lesson.goals.is_empty() || lesson.solution.is_empty() || lesson.wrong.is_empty() {
        return Err("a lesson has goals, a solution and at least one wrong way".to_owned());
    }
    if !lesson.start.files.iter().any(|file| file.name == lesson.start.open) {
        return Err(format!("the open file {} does not exist", lesson.start.open));
    }
    check_ids(lesson)?;
    check_questions(lesson)?;
    check_hints(lesson, solution)
}

fn check_ids(lesson: &Lesson) -> Result<(), String> {
    let mut ids: Vec<&str> = lesson.goals.iter().map(|goal| &*goal.id).collect();
    ids.extend(lesson.guards.iter().map(|guard| &*guard.id));
    for (at, id) in ids.iter().enumerate() {
        if ids.iter().skip(at + 1).any(|other| other == id) {
            return Err(format!("two goals or guards have the id {id}"));
        }
    }
    let is_goal = |id: &str| lesson.goals.iter().any(|goal| goal.id == id);
    for wrong in &lesson.wrong {
        if wrong.fails.is_empty() || !wrong.fails.iter().all(|id| ids.contains(&&**id)) {
            return Err(format!("{}: `fails` names goals and guards", wrong.why));
        }
    }
    if let Some(hint) = lesson.hints.iter().find(|hint| !is_goal(&hint.goal)) {
        return Err(format!("a hint is for {}, which is no goal", hint.goal));
    }
    let steps = lesson.wrong.iter().flat_map(|wrong| &wrong.steps).chain(&lesson.solution);
    for step in steps {
        if let Step::Answer { goal, .. } = step
            && !lesson.goals.iter().any(|one| one.id == *goal && is_question(&one.when))
        {
            return Err(format!("an answer is for {goal}, which is no question"));
        }
    }
    let known = |name: &String| lesson.start.files.iter().any(|file| file.name == *name);
    for guard in &lesson.guards {
        if let Keep::Untouched(names) = &guard.keep
            && !names.iter().all(known)
        {
            return Err(format!("{}: a file does not exist", guard.id));
        }
    }
    Ok(())
}

fn is_question(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Answer(_))
}

/// The number of a right choice is one of the choices.
fn check_questions(lesson: &Lesson) -> Result<(), String> {
    let asked = lesson.goals.iter().filter_map(|goal| match &goal.when {
        Predicate::Answer(question) => Some((&question.choices, &question.answer)),
        _ => None,
    });
    let predicted = lesson.predict.iter().map(|predict| (&predict.choices, &predict.answer));
    for (choices, answer) in asked.chain(predicted) {
        let fits = match answer {
            RightAnswer::Choice(number) => *number < choices.len(),
            RightAnswer::Number(_) | RightAnswer::Query { .. } => choices.is_empty(),
        };
        if !fits {
            return Err("the answer to a question is none of its choices".to_owned());
        }
    }
    Ok(())
}

/// Hints do not hold the text of the solution: no line that it adds, and not the answer to their
/// own question.
fn check_hints(lesson: &Lesson, solution: &[WrittenStep]) -> Result<(), String> {
    for hint in &lesson.hints {
        for step in solution {
            let told = match step {
                WrittenStep::Patch(text) => patch::added_lines(text)
                    .find(|line| line.len() > 3 && hint.text.contains(line))
                    .map(str::to_owned),
                WrittenStep::Answer { goal, answer } if *goal == hint.goal => {
                    let words = |c: char| !c.is_alphanumeric() && c != '.';
                    hint.text.split(words).find(|word| word == answer).map(str::to_owned)
                }
                WrittenStep::Command(line) if hint.text.contains(&**line) => Some(line.clone()),
                WrittenStep::Answer { .. }
                | WrittenStep::Wait(_)
                | WrittenStep::Command(_)
                | WrittenStep::Act { .. } => None,
            };
            if let Some(told) = told {
                return Err(format!("a hint for {} tells the solution: {told}", hint.goal));
            }
        }
    }
    Ok(())
}
