//! Actions on lessons: open, continue, reset, close, answer, and the learner's progress.

use super::super::lesson::{KeptLesson, Learner, LessonState, MOST_NAME, is_known};
use super::super::workspaces::{Opening, OpeningSource};
use super::super::{Effect, Shared, Side, State};
use super::{query_of, workspaces};
use lessons::{Lesson, homework};
use protocol::pages::query::Query;
use protocol::{EventLog, File, Page, PageQuery, Progress, Request, Workspace};
use text::FileId;

/// Fetches a lesson.
pub(super) fn open(state: &mut State, name: String) -> Vec<Effect> {
    state.dialog = None;
    state.tour = None;
    if !lessons::entries().any(|entry| entry.name == name) {
        state.notify(format!("The lesson {name} does not exist."));
        let place = super::place::arrive(state);
        return place;
    }
    vec![Effect::FetchLesson { name, continued: false }]
}

/// Opens the lesson that was fetched. A lesson that is continued has its files open already.
pub(super) fn fetched(state: &mut State, json: String, continued: bool) -> Vec<Effect> {
    state.lessons_opened += 1;
    let mut opened = match LessonState::new(json, state.lessons_opened) {
        Ok(opened) => opened,
        Err(reason) => {
            state.place = None;
            state.notify(format!("The lesson could not be opened: {reason}."));
            return Vec::new();
        }
    };
    if continued {
        let kept = state.learner.open.as_ref().filter(|kept| {
            kept.workspace == state.current.id && kept.progress.lesson == opened.lesson.name
        });
        let Some(kept) = kept else { return Vec::new() };
        opened.progress = kept.progress.clone();
        state.lesson = Some(Shared::new(opened));
        return vec![Effect::Send(request(state))];
    }
    // A lesson that an address names was not chosen in the page.
    let ask = state.place.is_some();
    begin(state, opened, ask)
}

/// Opens the files of a lesson as a workspace. If `ask`, changed work is asked about first.
pub(super) fn begin(state: &mut State, opened: LessonState, ask: bool) -> Vec<Effect> {
    let (workspace, active, past) = files_of(&opened.lesson);
    let title = opened.lesson.title.clone();
    let source = OpeningSource::Lesson;
    let lesson = Some(Shared::new(opened));
    let opening = Opening { source, title, workspace, active, past, live: false, lesson };
    if ask { workspaces::propose(state, opening) } else { workspaces::open(state, opening) }
}

/// Shows the start again, in the same workspace.
pub(super) fn reset(state: &mut State) -> Vec<Effect> {
    let Some(open) = &state.lesson else { return Vec::new() };
    state.lessons_opened += 1;
    let progress = Progress::default();
    let opened = state.lessons_opened;
    let again = LessonState { progress, opened, ..(**open).clone() };
    let (workspace, active, past) = files_of(&again.lesson);
    show_start(state, &again.lesson);
    state.lesson = Some(Shared::new(again));
    workspaces::show_files(state, workspace, active, past)
}

/// Closes the lesson. Its files stay open.
pub(super) fn close(state: &mut State) -> Vec<Effect> {
    state.lesson = None;
    if state.preferences.side == Side::Lesson {
        state.preferences.side = Side::Text;
    }
    let mut effects = vec![Effect::Send(Request::SetLesson { lesson: None })];
    effects.extend(keep(state));
    effects
}

/// The files of the start, the open file, and the time.
fn files_of(lesson: &Lesson) -> (Workspace, FileId, EventLog) {
    let start = &lesson.start;
    let texts = start.files.iter().map(|file| (&*file.name, &*file.text));
    let workspace = Workspace::from_files(&start.scenario, texts, 1);
    let open = workspace.files.iter().find(|file| file.name == start.open);
    let active = open.or(workspace.files.first()).map_or(FileId(0), |file| file.id);
    (workspace, active, start.log())
}

/// Shows the page of results, the query and the clock of the start.
pub(super) fn show_start(state: &mut State, lesson: &Lesson) {
    let start = &lesson.start;
    state.preferences.page = Page::of_id(&start.view).unwrap_or_default();
    state.preferences.side = Side::Lesson;
    // A question about what will happen is answered before it happens.
    state.playing = start.playing && lesson.predict.is_none() && !state.reduced_motion;
    state.page_queries.clear();
    state.canceled.clear();
    if !start.query.is_empty() {
        let query = Query { query: Some(start.query.clone()), ..Query::default() };
        state.page_queries.push((Page::Query, PageQuery::Query(query)));
    }
    state.query = query_of(state, state.preferences.page);
}

/// The request that opens the lesson in the worker, or closes it.
pub(super) fn request(state: &State) -> Request {
    let lesson = state.lesson.as_ref().map(|open| Box::new(open.request()));
    Request::SetLesson { lesson }
}

pub(super) fn answer(goal: String, answer: String) -> Vec<Effect> {
    vec![Effect::Send(Request::AnswerGoal { goal, answer })]
}

/// Judges a prediction. The clock, which waited for it, runs.
pub(super) fn predict(state: &mut State, answer: String) -> Vec<Effect> {
    let first = state.lesson.as_ref().filter(|open| open.progress.prediction.is_none());
    let plays = first.is_some_and(|open| open.lesson.start.playing);
    state.playing |= plays && !state.reduced_motion;
    vec![Effect::Send(Request::Predict { answer })]
}

/// Takes over the progress that the worker computed.
pub(super) fn updated(state: &mut State, progress: Progress) -> Vec<Effect> {
    let Some(open) = &state.lesson else { return Vec::new() };
    if open.lesson.name != progress.lesson || open.progress == progress {
        return Vec::new();
    }
    let solved = progress.solved.then(|| progress.lesson.clone());
    if progress.solved && !open.progress.solved {
        state.playing = false;
    }
    state.lesson = Some(Shared::new(LessonState { progress, ..(**open).clone() }));
    if let Some(name) = solved.filter(|name| !state.learner.has_solved(name)) {
        let mut learner = (*state.learner).clone();
        learner.solved.push(name);
        state.learner = Shared::new(learner);
    }
    keep(state)
}

/// Keeps the progress in the browser.
pub(super) fn keep(state: &mut State) -> Vec<Effect> {
    let open = state.lesson.as_ref().map(|open| KeptLesson {
        workspace: state.current.id.clone(),
        progress: Progress { lesson: open.lesson.name.clone(), ..open.progress.clone() },
        json: homework::is_homework(&open.lesson.name).then(|| open.json.clone()),
    });
    change_learner(state, |learner| learner.open = open)
}

/// Takes over what the browser has kept, and continues the lesson of the open workspace.
pub(super) fn learner_read(state: &mut State, mut learner: Learner) -> Vec<Effect> {
    learner.solved.retain(|name| is_known(name));
    let kept = learner.open.as_ref().filter(|kept| kept.workspace == state.current.id);
    let kept = kept.cloned();
    state.learner = Shared::new(learner);
    kept.map_or_else(Vec::new, |kept| resume(state, kept))
}

/// Continues the lesson of a workspace that is open again.
pub(super) fn resume(state: &mut State, kept: KeptLesson) -> Vec<Effect> {
    let name = kept.progress.lesson;
    match kept.json {
        Some(json) if homework::is_homework(&name) => fetched(state, json, true),
        _ if lessons::entries().any(|entry| entry.name == name) => {
            vec![Effect::FetchLesson { name, continued: true }]
        }
        _ => Vec::new(),
    }
}

pub(super) fn set_name(state: &mut State, name: &str) -> Vec<Effect> {
    let end = (0..=name.len().min(MOST_NAME)).rev().find(|at| name.is_char_boundary(*at));
    let name = name.get(..end.unwrap_or_default()).unwrap_or_default().to_owned();
    change_learner(state, |learner| learner.name = name)
}

/// Forgets which lessons are solved.
pub(super) fn forget(state: &mut State) -> Vec<Effect> {
    change_learner(state, |learner| learner.solved.clear())
}

pub(super) fn export(state: &State) -> Vec<Effect> {
    let text = state.learner.export();
    vec![Effect::Download(vec![File { id: FileId(0), name: "lessons.json".into(), text }])]
}

pub(super) fn change_learner(state: &mut State, change: impl FnOnce(&mut Learner)) -> Vec<Effect> {
    let mut learner = (*state.learner).clone();
    change(&mut learner);
    if *state.learner == learner {
        return Vec::new();
    }
    state.learner = Shared::new(learner.clone());
    vec![Effect::KeepLearner(Box::new(learner))]
}

#[cfg(test)]
mod tests;
