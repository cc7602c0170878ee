//! Proves every lesson through the messages of the session: the start fails a goal and meets every
//! guard, the solution solves the lesson, and each wrong way fails exactly what it names.

use super::driver::Driver;
use lessons::lesson::{Lesson, LessonFile, Step};
use lessons::{LESSONS, Lesson as Data};
use protocol::{
    Action, ActionSpec, File, GoalState, OpenLesson, Page, Progress, Request, TerminalRequest,
    Workspace,
};
use std::collections::BTreeSet;

/// A learner in a lesson.
struct Learner {
    driver: Driver,
    progress: Progress,
    actions: Vec<ActionSpec>,
    /// The files as they were last written.
    files: Vec<File>,
}

impl Learner {
    fn open(lesson: &Lesson, json: &str) -> Self {
        let start = &lesson.start;
        let texts = start.files.iter().map(|file| (&*file.name, &*file.text));
        let workspace = Workspace::from_files(&start.scenario, texts, 1);
        let log = start.log();
        assert_eq!(log.events.len(), start.acts.len(), "the actions before the start are known");
        let files = workspace.files.clone();
        let driver = Driver::with_log(workspace, log);
        let actions = driver.last.actions.clone().unwrap_or_default();
        let mut learner = Self { driver, progress: Progress::default(), actions, files };
        assert_eq!(learner.driver.last.clock.now, start.at.0, "the start is reached");
        let lesson = OpenLesson { json: json.to_owned(), kept: None };
        learner.send(Request::SetLesson { lesson: Some(Box::new(lesson)) });
        learner
    }

    fn send(&mut self, request: Request) {
        self.driver.run(request);
        self.progress = self.driver.lesson.clone().unwrap_or_default();
        let last = &self.driver.last;
        if let Some(actions) = &last.actions {
            self.actions = actions.clone();
        }
    }

    fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Files(files) => self.write(files),
            Step::Wait(time) => self.send(Request::Advance { millis: time.0 }),
            Step::Act(act) => {
                let action = self.action(act)?;
                self.send(Request::Act { action });
            }
            Step::Command(line) => {
                let request = TerminalRequest::Run { terminal: 1, line: line.clone() };
                self.send(Request::Terminal(request));
            }
            Step::Answer { goal, answer } => {
                let (goal, answer) = (goal.clone(), answer.clone());
                self.send(Request::AnswerGoal { goal, answer });
            }
        }
        Ok(())
    }

    fn write(&mut self, files: &[LessonFile]) {
        for LessonFile { name, text } in files {
            let known = self.files.iter().position(|file| file.name == *name);
            let at = known.unwrap_or_else(|| {
                let id = text::FileId(1_000 + self.files.len() as u32);
                self.files.push(File { id, name: name.clone(), text: String::new() });
                self.files.len() - 1
            });
            let file = &mut self.files[at];
            if file.text != *text {
                file.text.clone_from(text);
                let file = file.clone();
                self.send(Request::Edit { file, revision: 2 });
            }
        }
        self.send(Request::FollowText);
    }

    /// The action with an identifier, a label of the menu, or `LABEL: SUBJECT`.
    fn action(&self, act: &str) -> Result<Action, String> {
        let by_label = self.actions.iter().find_map(|spec| {
            if spec.label == act {
                return Some(spec.choice(spec.subjects.first(), spec.durations.first().copied()));
            }
            let subject = act.strip_prefix(&*spec.label)?.strip_prefix(": ")?;
            let subject = spec.subjects.iter().find(|one| one.label == subject)?;
            Some(spec.choice(Some(subject), spec.durations.first().copied()))
        });
        by_label.map(Action::Start).or_else(|| Action::parse(act)).ok_or_else(|| {
            let known = |spec: &ActionSpec| {
                let subjects: Vec<&str> = spec.subjects.iter().map(|one| &*one.label).collect();
                format!("{} {subjects:?}", spec.label)
            };
            let all: Vec<String> = self.actions.iter().map(known).collect();
            format!("there is no action {act}; there are {all:#?}")
        })
    }

    /// The goals that are not met, and the guards that are broken.
    fn failed<'a>(&self, lesson: &'a Lesson) -> BTreeSet<&'a str> {
        let goals = lesson.goals.iter().zip(&self.progress.goals);
        let goals = goals.filter(|(_, of)| of.state != GoalState::Met).map(|(goal, _)| &*goal.id);
        let guards = lesson.guards.iter().zip(&self.progress.guards);
        let guards = guards.filter(|(_, of)| of.broken).map(|(guard, _)| &*guard.id);
        goals.chain(guards).collect()
    }

    /// Where the goals stand, for messages of the test.
    fn report(&self, lesson: &Lesson) -> String {
        let goals = lesson.goals.iter().zip(&self.progress.goals);
        let goals =
            goals.map(|(goal, of)| format!("    {}: {:?} {}\n", goal.id, of.state, of.message));
        goals.collect()
    }
}

/// Returns what is wrong with a lesson.
fn prove(lesson: &Lesson, json: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if Page::of_id(&lesson.start.view).is_none() {
        wrong.push(format!("there is no page {}", lesson.start.view));
    }
    let start = Learner::open(lesson, json);
    if start.progress.goals.iter().all(|of| of.state == GoalState::Met) {
        wrong.push("the start meets all goals".to_owned());
    }
    if start.progress.guards.iter().any(|guard| guard.broken) {
        wrong.push(format!("the start breaks a guard: {:?}", start.failed(lesson)));
    }
    let mut solved = Learner::open(lesson, json);
    let steps = lesson.solution.iter().try_for_each(|step| solved.take(step));
    wrong.extend(steps.err());
    let failed = solved.failed(lesson);
    if !failed.is_empty() || !solved.progress.solved {
        let report = solved.report(lesson);
        wrong.push(format!("the solution fails {failed:?}\n{report}"));
    }
    for way in &lesson.wrong {
        let mut learner = Learner::open(lesson, json);
        wrong.extend(way.steps.iter().try_for_each(|step| learner.take(step)).err());
        let failed = learner.failed(lesson);
        if failed != way.fails.iter().map(|id| &**id).collect() {
            let report = learner.report(lesson);
            wrong.push(format!("{:?} fails {failed:?} and not {:?}\n{report}", way.why, way.fails));
        }
    }
    wrong
}

/// `LESSON=NAME` proves one lesson.
#[test]
fn every_lesson_is_proved() {
    let only = std::env::var("LESSON").ok();
    let mut wrong = Vec::new();
    for (name, json) in LESSONS {
        if only.as_deref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let lesson = Data::from_json(json).unwrap();
        wrong.extend(prove(&lesson, json).into_iter().map(|one| format!("{name}: {one}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn progress_survives_a_restart_of_the_worker() {
    let (_, json) = LESSONS.first().unwrap();
    let lesson = Data::from_json(json).unwrap();
    let mut before = Learner::open(&lesson, json);
    before.take(&Step::Act("Gift a card to a nonexistent user".into())).unwrap();
    let goals =
        |learner: &Learner| learner.progress.goals.iter().map(|of| of.state).collect::<Vec<_>>();
    assert_eq!(goals(&before), [GoalState::Met, GoalState::Open, GoalState::Open]);
    let mut after = Learner::open(&lesson, json);
    after.driver = Driver::with_log(after.driver.workspace.clone(), before.driver.log.clone());
    let lesson = OpenLesson { json: (*json).to_owned(), kept: Some(before.progress.clone()) };
    after.send(Request::SetLesson { lesson: Some(Box::new(lesson)) });
    assert_eq!(goals(&after), goals(&before));
    after.send(Request::Advance { millis: 30_000 });
    assert_eq!(goals(&after), [GoalState::Met, GoalState::Met, GoalState::Open]);
    after.send(Request::SetLesson { lesson: None });
    after.send(Request::Advance { millis: 30_000 });
    assert_eq!(after.driver.last.lesson, None);
}

#[test]
fn states_on_the_way_of_one_long_step_are_observed() {
    let (_, json) = LESSONS.first().unwrap();
    let yaml = json.replacen("\"hold\":\"0\",\"once\":true", "\"hold\":\"1m\",\"once\":true", 1);
    assert_ne!(yaml, *json);
    let lesson = Data::from_json(&yaml).unwrap();
    let mut learner = Learner::open(&lesson, &yaml);
    learner.take(&Step::Act("Gift a card to a nonexistent user".into())).unwrap();
    learner.send(Request::Advance { millis: 600_000 });
    assert_eq!(learner.progress.goals[1].state, GoalState::Met, "held for a minute of the ten");
    let broken = OpenLesson { json: "{".into(), kept: None };
    learner.send(Request::SetLesson { lesson: Some(Box::new(broken)) });
    assert_eq!(learner.driver.last.lesson, None);
}
