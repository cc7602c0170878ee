//! Lessons in the state of the page.

use super::super::super::{Action, Effect, Learner, Side, State};
use super::super::update;
use lessons::{LESSONS, Lesson};
use protocol::{Clock, EventLog, GoalProgress, GoalState, Page, Progress, Request, Update};

/// A lesson as the page gets it.
fn json() -> (&'static str, String) {
    let (name, json) = LESSONS.first().expect("a lesson");
    let mut lesson = Lesson::from_json(json).expect("a valid lesson");
    lesson.solution.clear();
    (name, serde_json::to_string(&lesson).expect("a lesson is data"))
}

fn opened() -> State {
    let mut state = State::empty();
    state.tab = "tab".to_owned();
    update(&mut state, Action::OpenScenario("populare".into()));
    let effects = update(&mut state, Action::OpenLesson(json().0.into()));
    let fetch = Effect::FetchLesson { name: json().0.into(), continued: false };
    assert_eq!(effects, [fetch]);
    update(&mut state, Action::LessonFetched { json: json().1, continued: false });
    state
}

fn progress(state: &mut State, solved: bool) -> Vec<Effect> {
    let goals = vec![GoalProgress { state: GoalState::Met, ..GoalProgress::default() }];
    let lesson = Progress { lesson: json().0.into(), goals, solved, ..Progress::default() };
    let clock = Clock { now: state.past.now, ..Clock::default() };
    let lesson = Some(Box::new(lesson));
    update(state, Action::Updated(Box::new(Update { clock, lesson, ..Update::default() })))
}

fn requests(effects: &[Effect]) -> Vec<&Request> {
    let sent = effects.iter().filter_map(|effect| match effect {
        Effect::Send(request) => Some(request),
        _ => None,
    });
    sent.collect()
}

#[test]
fn a_lesson_opens_its_files_in_a_workspace() {
    let state = opened();
    let lesson = Lesson::from_json(&json().1).unwrap();
    assert_eq!(state.documents.len(), lesson.start.files.len());
    assert_eq!(state.active_document().unwrap().name, lesson.start.open);
    assert_eq!(state.log(), EventLog { now: lesson.start.at.0, ..EventLog::default() });
    assert_eq!(state.preferences.page, Page::Targets);
    assert_eq!(state.preferences.side, Side::Lesson);
    assert_eq!((state.current.own, &*state.current.name), (true, "Lesson: A first look"));
    assert_eq!(state.learner.open.as_ref().unwrap().workspace, state.current.id);
}

#[test]
fn the_worker_gets_the_lesson_after_the_files() {
    let mut state = State::empty();
    let effects = update(&mut state, Action::LessonFetched { json: json().1, continued: false });
    let sent = requests(&effects);
    let [Request::Open { .. }, Request::Watch { .. }, Request::SetLesson { lesson: Some(open) }] =
        sent[..]
    else {
        panic!("{sent:?}")
    };
    assert_eq!((open.json == json().1, &open.kept), (true, &None));
    progress(&mut state, false);
    let replayed = super::super::replay(&mut state);
    let Some(Request::SetLesson { lesson: Some(open) }) = replayed.last() else {
        panic!("{replayed:?}")
    };
    assert_eq!(open.kept.as_ref().map(|kept| kept.goals.len()), Some(1));
    let effects = update(&mut state, Action::CloseLesson);
    assert_eq!(requests(&effects), [&Request::SetLesson { lesson: None }]);
    assert_eq!((state.lesson, state.preferences.side), (None, Side::Text));
}

#[test]
fn a_solved_lesson_is_noted_once() {
    let mut state = opened();
    assert_eq!(progress(&mut state, false).len(), 1, "the progress is kept");
    assert!(state.learner.solved.is_empty());
    progress(&mut state, true);
    progress(&mut state, true);
    assert_eq!(state.learner.solved, [json().0]);
    let first = lessons::entries().next().unwrap();
    let next = state.learner.next_lesson().unwrap().name;
    assert_eq!(next == first.name, lessons::entries().count() == 1, "{next}");
    let effects = update(&mut state, Action::ExportProgress);
    let [Effect::Download(files)] = &effects[..] else { panic!("{effects:?}") };
    assert!(files[0].text.contains(&lessons::checksum(json().0, "")), "{}", files[0].text);
    update(&mut state, Action::SetLearnerName("é".repeat(90)));
    assert_eq!(state.learner.name.len(), 100);
    update(&mut state, Action::ForgetProgress);
    assert!(state.learner.solved.is_empty());
}

#[test]
fn a_reset_shows_the_start_in_the_same_workspace() {
    let mut state = opened();
    let workspace = state.current.id.clone();
    let file = state.active;
    update(&mut state, Action::Typed { file, text: "a: 1".into() });
    progress(&mut state, true);
    let effects = update(&mut state, Action::ResetLesson);
    assert!(
        matches!(requests(&effects).last(), Some(Request::SetLesson { lesson: Some(open) }) if open.kept.is_none())
    );
    assert_ne!(state.active_document().unwrap().text, "a: 1");
    assert_eq!(state.current.id, workspace);
    assert_eq!(state.lesson.as_ref().unwrap().met(), 0);
}

#[test]
fn the_next_lesson_puts_the_one_before_away() {
    let mut state = opened();
    let before = state.current.id.clone();
    let effects = update(&mut state, Action::LessonFetched { json: json().1, continued: false });
    assert!(effects.contains(&Effect::DeleteWorkspace { id: before.clone(), deleted: true }));
    assert_ne!(state.current.id, before);
    update(&mut state, Action::OpenScenario("giftcard".into()));
    update(&mut state, Action::ConfirmOpening);
    assert_eq!(state.lesson, None);
}

#[test]
fn a_lesson_is_continued_in_its_workspace_only() {
    let mut state = opened();
    progress(&mut state, false);
    let learner = (*state.learner).clone();
    for (same, expected) in [(true, Some(1)), (false, None)] {
        let mut again = State::empty();
        again.current.id = if same { state.current.id.clone() } else { "other".to_owned() };
        let effects = update(&mut again, Action::LearnerRead(Box::new(learner.clone())));
        let fetch = Effect::FetchLesson { name: json().0.into(), continued: true };
        assert_eq!(effects.contains(&fetch), same);
        update(&mut again, Action::LessonFetched { json: json().1, continued: true });
        assert_eq!(again.lesson.as_ref().map(|open| open.met()), expected);
    }
}

#[test]
fn lessons_that_cannot_be_opened_are_named() {
    let mut state = State::empty();
    assert_eq!(update(&mut state, Action::OpenLesson("none".into())), []);
    update(&mut state, Action::LessonFetched { json: "{".into(), continued: false });
    let texts: Vec<&str> = state.notifications.iter().map(|one| &*one.text).collect();
    assert_eq!(texts[0], "The lesson none does not exist.");
    assert!(texts[1].starts_with("The lesson could not be opened: it cannot be read"), "{texts:?}");
    let unknown = Learner { solved: vec!["none".into()], ..Learner::default() };
    update(&mut state, Action::LearnerRead(Box::new(unknown)));
    assert!(state.learner.solved.is_empty());
}
