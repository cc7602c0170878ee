//! Conditions and grading on states made by hand, and the rules for lesson files.

use std::collections::BTreeMap;
use std::path::Path;

use crate::compile::{Folders, compile};
use crate::grader::Grader;
use crate::lesson::Lesson;
use crate::predicate::{Health, Millis, Predicate};
use crate::state::{Pod, Sample, State, Target};
use crate::{LESSONS, entries, evaluate};
use protocol::GoalState;

#[derive(Default)]
struct Fake {
    now: u64,
    changes: u64,
    targets: Vec<Target>,
    /// The values of the only query, by the time from which they hold.
    values: Vec<(u64, Vec<f64>)>,
    files: Vec<(String, String)>,
}

impl State for Fake {
    fn now(&self) -> u64 {
        self.now
    }
    fn changes(&self) -> u64 {
        self.changes
    }
    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }
    fn query(&self, query: &str, at: u64) -> Result<Vec<Sample>, String> {
        if query == "(" {
            return Err("unclosed left parenthesis".to_owned());
        }
        let labels = BTreeMap::from([("alertstate".to_owned(), "firing".to_owned())]);
        let values = self.values.iter().rfind(|(from, _)| *from <= at);
        let values = values.map(|(_, values)| values.clone()).unwrap_or_default();
        Ok(values.into_iter().map(|v| Sample { labels: labels.clone(), value: Some(v) }).collect())
    }
    fn object_field(&self, kind: &str, _: &str, name: &str, path: &str) -> Option<String> {
        (kind == "Service" && name == "web" && path == "spec.type").then(|| "NodePort".to_owned())
    }
    fn pods(&self) -> Vec<Pod> {
        let labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
        let namespace = "default".to_owned();
        vec![Pod { namespace, labels, phase: "Running".to_owned(), ready: true, restarts: 2 }]
    }
    fn ready_endpoints(&self, _: &str, service: &str) -> Option<u32> {
        (service == "web").then_some(2)
    }
    fn disk_share(&self) -> Option<f64> {
        Some(0.5)
    }
    fn has_finding(&self, code: &str) -> bool {
        code == "typo"
    }
    fn file(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|(known, _)| known == name).map(|(_, text)| &**text)
    }
    fn file_names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| &**name).collect()
    }
    fn actions(&self, since: u64) -> Vec<String> {
        (since <= self.now).then(|| "reload".to_owned()).into_iter().collect()
    }
    fn commands(&self, _: u64) -> Vec<String> {
        vec!["kubectl get pods".to_owned(), "kubectl get svc".to_owned()]
    }
}

fn target(job: &str, health: Health, error: &str) -> Target {
    let labels = BTreeMap::from([("job".to_owned(), job.to_owned())]);
    Target { job: job.to_owned(), labels, health, error: error.to_owned() }
}

fn holds(state: &Fake, condition: &str) -> bool {
    let yaml: serde_yaml::Value = serde_yaml::from_str(condition).unwrap();
    let when: Predicate = serde_json::from_value(serde_json::to_value(yaml).unwrap())
        .unwrap_or_else(|error| panic!("{condition}: {error}"));
    let goal = crate::lesson::Goal {
        id: "a".into(),
        text: String::new(),
        hold: Millis(0),
        once: false,
        when,
        otherwise: String::new(),
    };
    evaluate::evaluate(&goal, state, evaluate::Context::default()).holds
}

#[test]
fn every_kind_of_condition_is_evaluated() {
    let state = Fake {
        now: 60_000,
        targets: vec![target("a", Health::Up, ""), target("a", Health::Down, "refused: 1")],
        values: vec![(0, vec![3.0]), (30_000, vec![4.0])],
        files: vec![("a.yaml".into(), "x: 1\n".into())],
        ..Fake::default()
    };
    for (condition, expected) in [
        ("targets: {job: a, state: up}", true),
        ("targets: {job: a, state: up, count: 2}", false),
        ("targets: {job: a, count: 2}", true),
        ("targets: {error: refused, state: down}", true),
        ("targets: {error: deadline}", false),
        ("targets: {labels: {job: b}}", false),
        ("targets: {labels: {job: b}, count: 0}", true),
        ("query: {query: x, value: 4}", true),
        ("query: {query: x, value: 4.2, tolerance: 0.1}", false),
        ("query: {query: x, value: 4.2, tolerance: 0.3}", true),
        ("query: {query: x, value: {at_least: 3, at_most: 5}, throughout: 45s}", true),
        ("query: {query: x, value: 4, throughout: 30s}", true),
        ("query: {query: x, value: 4, throughout: 45s}", false),
        ("query: {query: x, value: {at_least: 3}, throughout: 5m}", false),
        ("query: {query: x, series: 1}", true),
        ("query: {query: x, series: 0}", false),
        ("query: {query: '(', series: 0}", false),
        ("object: {kind: Service, name: web, field: spec.type, equals: NodePort}", true),
        ("object: {kind: Service, name: web, field: spec.type, contains: IP}", false),
        ("object: {kind: Service, name: web, field: spec.x}", false),
        ("pods: {labels: {app: web}, phase: Running, ready: true, restarts: 2}", true),
        ("pods: {labels: {app: web}, restarts: {at_most: 1}}", false),
        ("pods: {namespace: shop, count: 0}", true),
        ("endpoints: {service: web, ready: 2}", true),
        ("endpoints: {service: other, ready: 0}", false),
        ("alert: {name: Down, state: firing}", true),
        ("alert: {name: Down, state: pending}", false),
        ("alert: {name: Down, state: firing, at: 2m}", false),
        ("alert: {name: Down, state: firing, at: 1s}", true),
        ("disk: {share: {at_most: 0.85}}", true),
        ("disk: {share: {at_most: 0.4}}", false),
        ("finding: {code: typo}", true),
        ("finding: {code: typo, absent: true}", false),
        ("file: {name: a.yaml, contains: 'x: 1', lacks: y}", true),
        ("file: {name: a.yaml, lacks: x}", false),
        ("file: {name: b.yaml}", false),
        ("action: {name: reload}", true),
        ("action: {name: reload, times: 2}", false),
        ("command: {name: kubectl get, times: 2}", true),
        ("command: {name: helm}", false),
        ("all: [{file: {name: a.yaml}}, {action: {name: reload}}]", true),
        ("all: [{file: {name: a.yaml}}, {action: {name: restart}}]", false),
        ("any: [{file: {name: b.yaml}}, {action: {name: reload}}]", true),
        ("any: [{file: {name: b.yaml}}]", false),
        ("not: {file: {name: b.yaml}}", true),
    ] {
        assert_eq!(holds(&state, condition), expected, "{condition}");
    }
}

const LESSON: &str = "
title: A lesson
task: Do it.
start: {world: '', open: a.yaml, at: 1m, patch: \"+++ a.yaml\\n+x: 1\\n+y: 2\\n+z: 3\\n\"}
goals:
  - id: up
    text: Up.
    hold: 30s
    when: {targets: {job: a, state: up}}
    else: 'a is {state}: {last_error}, {value}'
  - {id: seen, text: Seen., once: true, when: {query: {query: x, value: 5}}}
  - {id: asked, text: Answered., when: {answer: {ask: How many?, answer: {query: {query: x, at: now}}}}}
guards:
  - {id: lost, text: Nothing is lost., keep: no_target_lost}
  - {id: few, text: At most one line., keep: {max_changed_lines: 1}}
  - {id: always, text: Always up., keep: {throughout: {targets: {job: b, state: up}}}}
predict: {ask: How many?, answer: {query: {query: x, at: start}}}
hints:
  - {for: up, text: At once.}
  - {for: up, after_failures: 2, text: Later.}
solution: [{patch: \"--- a.yaml\\n@@\\n-x: 1\\n+x: 2\\n\"}]
wrong: [{why: Wrong., steps: [{wait: 1s}], fails: [up]}]
debrief: Done.
";

fn written(yaml: &str) -> Result<Lesson, String> {
    let empty = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/no-world");
    let yaml = yaml.replace("world: '', ", "");
    compile("a-lesson", "Chapter", &yaml, &Folders { scenarios: &empty, worlds: &empty })
}

#[test]
fn progress_follows_the_states() {
    let mut grader = Grader::new(written(LESSON).unwrap(), None);
    let mut state = Fake {
        now: 60_000,
        targets: vec![target("a", Health::Down, "EOF"), target("b", Health::Up, "")],
        values: vec![(0, vec![3.0])],
        files: vec![("a.yaml".into(), "x: 1\ny: 2\nz: 3\n".into())],
        ..Fake::default()
    };
    let goals =
        |grader: &Grader| grader.progress().goals.iter().map(|g| g.state).collect::<Vec<_>>();
    let broken =
        |grader: &Grader| grader.progress().guards.iter().map(|g| g.broken).collect::<Vec<_>>();
    grader.observe(&state);
    assert_eq!(goals(&grader), [GoalState::Open; 3]);
    assert_eq!(grader.progress().goals[0].message, "a is down: EOF, –");
    assert_eq!(
        (broken(&grader), &grader.progress().hints[..]),
        (vec![false; 3], &[true, false][..])
    );
    grader.predict("4", &state);
    grader.predict("3", &state);
    let prediction = grader.progress().prediction.clone().unwrap();
    assert_eq!((&*prediction.given, &*prediction.right, prediction.correct), ("4", "3", false));

    // A change is judged half a minute later; the second failure opens the hint.
    for change in 1..=2 {
        state.changes = change;
        grader.observe(&state);
        assert_eq!(grader.progress().goals[0].failures, change as u32 - 1);
        state.now += 30_000;
        grader.observe(&state);
        assert_eq!(grader.progress().goals[0].failures, change as u32);
    }
    assert_eq!(grader.progress().hints, [true, true]);

    // The condition holds for 30 seconds, with a break.
    state.targets[0] = target("a", Health::Up, "");
    grader.observe(&state);
    let since = state.now;
    assert_eq!(goals(&grader)[0], GoalState::Holding { since, until: since + 30_000 });
    state.targets[0] = target("a", Health::Down, "EOF");
    state.now += 15_000;
    grader.observe(&state);
    assert_eq!(goals(&grader)[0], GoalState::Open);
    state.targets[0] = target("a", Health::Up, "");
    grader.observe(&state);
    state.now += 30_000;
    grader.observe(&state);
    assert_eq!(goals(&grader)[0], GoalState::Met);

    // It is enough that a condition was true once.
    state.values = vec![(0, vec![5.0])];
    grader.observe(&state);
    state.values = vec![(0, vec![3.0])];
    grader.observe(&state);
    assert_eq!(goals(&grader)[1], GoalState::Met);

    // Guards: a changed line counts once; one that is broken for a moment stays broken.
    state.files[0].1 = "x: 9\ny: 9\nz: 3\n".into();
    state.targets[1] = target("b", Health::Down, "");
    grader.observe(&state);
    assert_eq!(broken(&grader), [true, true, true]);
    state.files[0].1 = "x: 9\ny: 2\nz: 3\n".into();
    state.targets[1] = target("b", Health::Up, "");
    grader.observe(&state);
    assert_eq!(broken(&grader), [false, false, true]);

    grader.answer("asked", "4", &state);
    assert_eq!((goals(&grader)[2], grader.progress().goals[2].failures), (GoalState::Open, 3));
    grader.answer("asked", "3.00", &state);
    assert_eq!(goals(&grader), [GoalState::Met; 3]);
    assert!(!grader.progress().solved, "a guard is broken");

    // Progress is kept, and dropped if it is of another lesson.
    let kept = Some(grader.progress().clone());
    let mut again = Grader::new(written(LESSON).unwrap(), kept.clone());
    assert_eq!(again.progress(), grader.progress());
    let one = written(&LESSON.replace("  - {id: always", "  #")).unwrap();
    let mut solved = Grader::new(one, kept);
    assert_eq!(solved.progress().prediction, None);
    solved.observe(&state);
    again.observe(&state);
    assert!(!again.progress().solved);
}

#[test]
fn lessons_with_mistakes_are_refused() {
    assert_eq!(written(LESSON).map(|lesson| lesson.solution.len()), Ok(2));
    let words = format!("task: {}", "word ".repeat(121));
    for (from, to, error) in [
        ("task: Do it.", &*words, "the task has 121 words; at most 120 are allowed"),
        ("open: a.yaml", "open: b.yaml", "the open file b.yaml does not exist"),
        ("id: seen", "id: up", "two goals or guards have the id up"),
        ("fails: [up]", "fails: [none]", "Wrong.: `fails` names goals and guards"),
        ("text: At once.", "text: 'Write x: 2 there.'", "a hint for up tells the solution: x: 2"),
        ("-x: 1\\n+x: 2", "-x: 3\\n+x: 2", "solution: a.yaml: the lines [\"x: 3\"] occur 0 times"),
        ("wrong: [", "wrong: []\n#", "a lesson has goals, a solution and at least one wrong way"),
        ("for: up, text", "for: none, text", "a hint is for none, which is no goal"),
        ("hold: 30s", "hold: 30", "invalid type: integer `30`, expected a string"),
        ("state: up}}", "status: up}}", "unknown field `status`"),
        ("debrief: Done.", "debrief: Done.\ntaks: x", "unknown field `taks`"),
    ] {
        let yaml = LESSON.replacen(from, to, 1);
        assert_ne!(yaml, LESSON, "{from}");
        let found = written(&yaml).expect_err(error);
        assert!(found.starts_with(error), "{found}");
    }
    let without = LESSON.replacen("solution: [{", "solution: []\nx: [{", 1);
    assert!(written(&without).is_err());
    let missing = LESSON.replacen("wrong:", "debriefs:", 1);
    assert!(written(&missing).is_err());
}

#[test]
fn durations_are_read_and_written() {
    for (text, millis) in
        [("0", 0), ("90s", 90_000), ("1m30s", 90_000), ("2h", 7_200_000), ("5ms", 5)]
    {
        assert_eq!(Millis::parse(text), Some(Millis(millis)), "{text}");
        assert_eq!(Millis::parse(&Millis(millis).to_string()), Some(Millis(millis)), "{text}");
    }
    for text in ["", "5", "m", "5x", "1.5s", "99999999999999999999s", "9999999999999999h"] {
        assert_eq!(Millis::parse(text), None, "{text}");
    }
}

#[test]
fn the_table_of_contents_has_all_lessons() {
    let names: Vec<&str> = entries().map(|entry| entry.name).collect();
    let texts: Vec<&str> = LESSONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, texts);
    for (name, json) in LESSONS {
        assert_eq!(Lesson::from_json(json).map(|lesson| lesson.name), Ok((*name).to_owned()));
    }
    assert_eq!(crate::next(names[0]).map(|entry| entry.name), names.get(1).copied());
    assert!(crate::next("none").is_none());
}

#[test]
fn goals_of_a_lab_count_in_their_order() {
    let (_, json) = LESSONS.first().unwrap();
    let mut lesson = Lesson::from_json(json).unwrap();
    let goal = |id: &str, query_is: f64| {
        let mut goal = lesson.goals[0].clone();
        let text = format!("{{\"query\":{{\"query\":\"x\",\"value\":{query_is}}}}}");
        goal.when = serde_json::from_str(&text).unwrap();
        (goal.id, goal.once, goal.hold) = (id.to_owned(), true, Millis(0));
        goal
    };
    (lesson.goals, lesson.guards) = (vec![goal("a", 1.0), goal("b", 2.0)], Vec::new());
    lesson.hints.clear();
    lesson.start.at = Millis(0);
    let met = |ordered: bool| {
        let mut grader = Grader::new(Lesson { ordered, ..lesson.clone() }, None);
        let mut seen = Vec::new();
        for (now, value) in [(1, 2.0), (2, 1.0), (3, 2.0)] {
            grader.observe(&Fake { now, values: vec![(0, vec![value])], ..Fake::default() });
            let states = grader.progress().goals.iter().map(|of| of.state == GoalState::Met);
            seen.push(states.collect::<Vec<_>>());
        }
        seen
    };
    assert_eq!(met(false), [[false, true], [true, true], [true, true]]);
    assert_eq!(met(true), [[false, false], [true, false], [true, true]]);
}
