//! Shared lessons, and the lesson that is being made in the page.

use super::super::lesson::LessonState;
use super::super::{Dialog, Effect, Page, State, valid};
use super::lesson::{begin, change_learner};
use lessons::homework::{self, Draft};
use lessons::lesson::{LessonFile, PastAct, Start};
use lessons::predicate::Millis;
use protocol::{Action, File, PageQuery, UNTIL_ENDED};
use text::FileId;

/// Opens a shared lesson. If `ask`, changed work is asked about first.
pub(super) fn open(state: &mut State, json: &str, ask: bool) -> Vec<Effect> {
    state.dialog = None;
    state.tour = None;
    match read(state, json) {
        Ok(opened) => begin(state, opened, ask),
        Err(reason) => {
            state.place = None;
            state.notify(format!("The lesson could not be opened: {reason}."));
            Vec::new()
        }
    }
}

/// Reads a shared lesson, with the limits of lessons and of workspaces.
fn read(state: &mut State, json: &str) -> Result<LessonState, String> {
    let lesson = homework::read(json)?;
    let files = lesson.start.files.iter().map(|file| (&*file.name, &*file.text));
    valid::check_files(files).map_err(|refusal| refusal.to_string())?;
    valid::check_log(&lesson.start.log()).map_err(|refusal| refusal.to_string())?;
    let json = serde_json::to_string(&lesson).map_err(|error| error.to_string())?;
    state.lessons_opened += 1;
    LessonState::new(json, state.lessons_opened)
}

/// Shows the form, with the open work as the start of a new draft.
pub(super) fn show_form(state: &mut State) -> Vec<Effect> {
    if state.learner.draft.as_ref().is_some_and(|draft| draft.start.is_some()) {
        return Vec::new();
    }
    take_start(state)
}

pub(super) fn set_draft(state: &mut State, draft: Draft) -> Vec<Effect> {
    change_learner(state, |learner| learner.draft = Some(draft))
}

/// Makes the open work the start: files, page, query, time, and actions of the menu that happened.
pub(super) fn take_start(state: &mut State) -> Vec<Effect> {
    if state.live {
        state.notify(
            "The files contain data of a live system. Whoever has the lesson can read all of it.",
        );
    }
    let start = start_of(state);
    change_learner(state, |learner| {
        let mut draft = learner.draft.take().unwrap_or_default();
        draft.start = Some(start);
        learner.draft = Some(draft);
    })
}

fn start_of(state: &State) -> Start {
    let query = state.page_queries.iter().find_map(|(page, query)| match query {
        PageQuery::Query(query) if *page == Page::Query => query.query.clone(),
        _ => None,
    });
    let log = state.log();
    // Commands and edits are not repeated: the files are as they are now.
    let acts = log.events.iter().filter_map(|event| match &event.action {
        Action::Start(choice) => {
            let seconds = choice.duration.map(|one| format!(" @ {one}")).unwrap_or_default();
            Some(PastAct {
                at: Millis(event.at),
                act: format!("{} @ {}{seconds}", choice.kind, choice.scope),
                label: event.label.clone(),
                lasting: event.until == Some(UNTIL_ENDED),
            })
        }
        _ => None,
    });
    let files = state.documents.iter();
    Start {
        scenario: state.scenario.clone(),
        files: files
            .map(|file| LessonFile { name: file.name.clone(), text: file.text.clone() })
            .collect(),
        open: state.active_document().map(|file| file.name.clone()).unwrap_or_default(),
        view: state.preferences.page.id().to_owned(),
        query: query.unwrap_or_default(),
        at: Millis(log.now),
        delays: log.delays,
        running: log.running,
        playing: true,
        acts: acts.collect(),
    }
}

/// The JSON of the lesson that is being made. Without one the form says what is missing.
fn made(state: &State) -> Option<String> {
    let lesson = state.learner.draft.as_ref()?.lesson().ok()?;
    serde_json::to_string(&lesson).ok()
}

pub(super) fn try_draft(state: &mut State) -> Vec<Effect> {
    made(state).map_or_else(Vec::new, |json| open(state, &json, false))
}

pub(super) fn share(state: &State) -> Vec<Effect> {
    made(state).map(Effect::CopyHomework).into_iter().collect()
}

pub(super) fn download(state: &State) -> Vec<Effect> {
    let Some(text) = made(state) else { return Vec::new() };
    let title = state.learner.draft.as_ref().map_or("", |draft| &draft.title);
    let dashed = title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let parts = dashed.split('-').filter(|part| !part.is_empty());
    let name: String = parts.collect::<Vec<_>>().join("-").chars().take(60).collect();
    let name = if name.is_empty() { "homework".to_owned() } else { name };
    let name = format!("{name}{}", homework::FILE_END);
    vec![Effect::Download(vec![File { id: FileId(0), name, text }])]
}

/// Returns true if the dialog is the form.
pub(super) fn is_form(dialog: Option<Dialog>) -> bool {
    dialog == Some(Dialog::Homework)
}

#[cfg(test)]
mod tests {
    use super::super::super::{Action as PageAction, update};
    use super::*;
    use lessons::homework::DraftGoal;
    use protocol::{GoalProgress, GoalState, Progress, RawFile, Update};

    fn drafted() -> State {
        let mut state = State::empty();
        update(&mut state, PageAction::OpenScenario("giftcard".into()));
        update(&mut state, PageAction::OpenDialog(Some(Dialog::Homework)));
        let mut draft = state.learner.draft.clone().unwrap();
        draft.title = "Two of them".into();
        draft.goals = vec![DraftGoal::new("targets")];
        update(&mut state, PageAction::SetDraft(Box::new(draft)));
        state
    }

    fn json(state: &mut State) -> String {
        match &update(state, PageAction::ShareDraft)[..] {
            [Effect::CopyHomework(json)] => json.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_draft_is_tried_solved_and_continued() {
        let mut state = drafted();
        let files = state.documents.len();
        let json = json(&mut state);
        update(&mut state, PageAction::TryDraft);
        let open = state.lesson.clone().unwrap();
        assert_eq!((open.lesson.title.as_str(), state.documents.len()), ("Two of them", files));
        let name = open.lesson.name.clone();
        let met = GoalProgress { state: GoalState::Met, ..GoalProgress::default() };
        let progress = Progress {
            lesson: name.clone(),
            goals: vec![met],
            solved: true,
            ..Progress::default()
        };
        let answer = Update { lesson: Some(Box::new(progress)), ..Update::default() };
        update(&mut state, PageAction::Updated(Box::new(answer)));
        assert!(state.learner.has_solved(&name));
        assert!(state.learner.export().contains(&lessons::checksum(&name, "")));
        assert_eq!(state.learner.solved_of_page(), 0);

        // A reload: the lesson is in what the browser keeps.
        let learner = (*state.learner).clone();
        let mut again = State::empty();
        again.current = state.current.clone();
        update(&mut again, PageAction::LearnerRead(Box::new(learner)));
        assert_eq!(again.lesson.as_ref().map(|open| open.progress.solved), Some(true));

        // The same lesson as a file and as a link has the same name.
        let mut other = State::empty();
        update(&mut other, PageAction::OpenHomework(json));
        assert_eq!(other.lesson.unwrap().lesson.name, name);
    }

    #[test]
    fn a_file_opens_as_a_lesson_and_a_broken_one_is_named() {
        let mut state = drafted();
        let file = match &update(&mut state, PageAction::DownloadDraft)[..] {
            [Effect::Download(files)] => files[0].clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(file.name, "two-of-them.lesson.json");
        let import = |text: &str| {
            let from = protocol::Given::Chosen;
            let file = RawFile { name: file.name.clone(), bytes: text.as_bytes().to_vec(), from };
            PageAction::Import(vec![file])
        };
        let mut other = State::empty();
        update(&mut other, import(&file.text));
        assert_eq!(other.lesson.as_ref().unwrap().lesson.title, "Two of them");
        let mut other = State::empty();
        update(&mut other, import("{}"));
        assert!(other.lesson.is_none());
        assert!(other.notifications[0].text.contains("could not be opened"));
    }

    #[test]
    fn incomplete_drafts_share_nothing() {
        let mut state = drafted();
        update(&mut state, PageAction::SetDraft(Box::default()));
        for action in [PageAction::ShareDraft, PageAction::DownloadDraft, PageAction::TryDraft] {
            assert_eq!(update(&mut state, action), []);
        }
    }
}
