use super::*;
use crate::lesson::LessonFile;

fn start() -> Start {
    Start {
        scenario: String::new(),
        files: vec![LessonFile { name: "prometheus.yml".into(), text: "# empty\n".into() }],
        open: "prometheus.yml".into(),
        view: "targets".into(),
        query: String::new(),
        at: Millis(0),
        delays: false,
        running: false,
        playing: true,
        acts: Vec::new(),
    }
}

/// A goal of a kind whose fields all have a value.
fn filled(kind: &str) -> DraftGoal {
    let mut goal = DraftGoal::new(kind);
    for field in kinds::kind(kind).unwrap().fields {
        let value = match field.input {
            kinds::Input::File => "prometheus.yml",
            kinds::Input::Text if field.id == "labels" => "app=web",
            kinds::Input::Text => "word",
            _ => continue,
        };
        goal.values.insert(field.id.into(), value.into());
    }
    if kind == "choice" {
        goal.values.insert("wrong".into(), "one | two".into());
    }
    goal
}

fn draft(goals: Vec<DraftGoal>) -> Draft {
    Draft { title: "Mine".into(), start: Some(start()), goals, ..Draft::default() }
}

#[test]
fn every_kind_makes_a_lesson_that_is_read_again() {
    for kind in KINDS {
        let mut goals = vec![filled(kind.id)];
        goals.push(filled("targets"));
        let lesson = draft(goals).lesson().unwrap_or_else(|e| panic!("{}: {e:?}", kind.id));
        assert!(is_homework(&lesson.name));
        let json = serde_json::to_string(&lesson).unwrap();
        assert_eq!(read(&json).unwrap(), lesson, "{}", kind.id);
        let words = filled(kind.id).words();
        assert!(!words.is_empty() && !words.contains('{'), "{words}");
    }
}

#[test]
fn the_name_follows_the_content() {
    let one = draft(vec![filled("targets")]).lesson().unwrap();
    let mut other = draft(vec![filled("targets")]);
    other.task = "Another task.".into();
    assert_ne!(other.lesson().unwrap().name, one.name);
    // A name that is written into the file does not stay.
    let mut forged = one.clone();
    forged.name = "first-look".into();
    assert_eq!(read(&serde_json::to_string(&forged).unwrap()).unwrap().name, one.name);
}

#[test]
fn problems_of_a_draft_are_named() {
    let problems = |draft: Draft| draft.lesson().unwrap_err();
    let text = |draft| problems(draft).remove(0).text;
    assert_eq!(
        text(Draft { title: String::new(), ..draft(vec![filled("targets")]) }),
        "Give it a title."
    );
    assert_eq!(
        text(draft(vec![filled("no_target_lost")])),
        "Add a goal. Guards alone solve nothing."
    );
    for (kind, field, value, message) in [
        ("targets", "count", "many", "“Number of targets” is a number."),
        ("endpoints", "service", " ", "“Service” is empty."),
        ("pods", "labels", "web", "Labels are written app=web."),
        ("untouched", "file", "none.yml", "The start has no file none.yml."),
        ("choice", "wrong", "word", "A question needs a right answer and other wrong ones."),
        ("query", "value", "inf", "“Value” is a number."),
    ] {
        let mut goal = filled(kind);
        goal.values.insert(field.into(), value.into());
        let problem = problems(draft(vec![goal])).remove(0);
        assert_eq!((problem.goal, &*problem.text), (Some(0), message));
    }
    let held = DraftGoal { hold: "soon".into(), ..filled("targets") };
    assert_eq!(text(draft(vec![held])), "“Stays true for” is a duration such as 1m.");
}

#[test]
fn limits_of_shared_lessons_hold() {
    let lesson = draft(vec![filled("targets")]).lesson().unwrap();
    let refused = |change: &dyn Fn(&mut Lesson)| {
        let mut changed = lesson.clone();
        change(&mut changed);
        read(&serde_json::to_string(&changed).unwrap()).unwrap_err()
    };
    assert!(refused(&|l| l.title.clear()).contains("no title"));
    assert!(refused(&|l| l.task = "word ".repeat(121)).contains("121 words"));
    assert!(refused(&|l| l.task = "x".repeat(5_000)).contains("5000 bytes"));
    assert!(refused(&|l| l.goals.clear()).contains("no goal"));
    assert!(refused(&|l| l.goals = vec![l.goals[0].clone(); 2]).contains("same id"));
    assert!(refused(&|l| l.goals = vec![l.goals[0].clone(); 13]).contains("13 goals"));
    assert!(refused(&|l| l.start.files.clear()).contains("no files"));
    assert!(refused(&|l| l.start.open = "other".into()).contains("no file other"));
    assert!(refused(&|l| l.start.at = Millis(u64::MAX)).contains("longer"));
    assert!(refused(&|l| l.start.files[0].text = "x".repeat(MOST_JSON)).contains("the limit is"));
    let many = Predicate::All(vec![lesson.goals[0].when.clone(); 70]);
    assert!(refused(&|l| l.goals[0].when = many.clone()).contains("60 conditions"));
    let mut deep = "{\"not\":".repeat(5_000);
    deep.push_str(&"}".repeat(5_000));
    assert!(read(&deep).is_err());
    for other in ["", "{}", "[]", "null", "\u{0}"] {
        assert!(read(other).is_err(), "{other:?}");
    }
}
