//! The start from storage, and storing of workspaces, preferences and positions.

use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{App, Msg, hidden, prefers_reduced_motion};
use crate::share_link::{Letters, Linked};
use crate::state::valid::ValidWork;
use crate::state::workspaces::{
    CurrentWorkspace, StoreRequest, Stored, StoredWorkspace, WorkspaceRecord,
};
use crate::state::{self, Action, Address, Learner, Position, SavedView, SavedWork, Tour};
use crate::storage::{self, Kind};
use crate::{address, share_link, workspace_store};

/// Milliseconds after which a deleted workspace, or a scenario that no tab shows, is removed.
const REMOVED_AFTER: f64 = 7.0 * 24.0 * 60.0 * 60.0 * 1000.0;

/// Milliseconds of simulated time that have passed at the first visit.
const FIRST_VISIT: u64 = 10 * 60 * 1000;

/// The content of the storage at the start of the page.
pub struct Start {
    records: Vec<WorkspaceRecord>,
    /// The workspace that was open.
    workspace: Option<StoredWorkspace>,
    /// The work of a link that is opened in a new tab.
    link: Option<Linked>,
    /// Names of the parts that could not be read.
    messages: Vec<String>,
    failure: Option<String>,
}

/// Work in local storage that was not stored when its page was closed.
#[derive(Deserialize, Serialize)]
struct Unstored {
    record: WorkspaceRecord,
    base: u64,
    work: String,
}

/// An identifier of this tab: the time and a random number.
pub(super) fn tab_id() -> String {
    format!("{:x}{:x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 4e9) as u32)
}

/// The local time of day, such as `14:32`.
pub(super) fn time_of_day() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}

/// Reads the storage: the workspace of this tab, or the one that was shown last.
pub(super) async fn start(tab: String, letters: Option<Letters>, embedded: bool) -> Start {
    let mut messages = Vec::new();
    if embedded {
        let link = read_link(letters, &mut messages).await;
        return Start { records: Vec::new(), workspace: None, link, messages, failure: None };
    }
    store_leftovers(&tab, &mut messages).await;
    let (records, failure) = workspace_store::list().await;
    let records = without_outdated(records).await;
    let of_tab: Option<Position> = storage::load(Kind::Session, storage::POSITION);
    let link = read_link(letters, &mut messages).await;
    // A new tab with a link replaces nothing. The other workspaces are in the list.
    if link.is_some() && of_tab.is_none() {
        return Start { records, workspace: None, link, messages, failure };
    }
    let position = of_tab.or_else(|| storage::load(Kind::Local, storage::POSITION));
    let present = |id: &str| records.iter().any(|record| record.id == id && record.deleted == 0.0);
    let newest = || {
        let own = records.iter().filter(|record| record.own && record.deleted == 0.0);
        own.max_by(|a, b| a.saved.total_cmp(&b.saved)).map(|record| record.id.clone())
    };
    let last = position.as_ref().map(|position| position.workspace.clone());
    let id = last.filter(|id| present(id)).or_else(newest);
    let mut workspace = None;
    if let Some(id) = id {
        match workspace_store::load(&id).await {
            Ok(StoredWorkspace { record, work }) => {
                let work = match &position {
                    Some(position) => position.apply(&record.id, work),
                    None => work,
                };
                workspace = Some(StoredWorkspace { record, work });
            }
            Err(reason) => messages.push(format!("Your last work could not be opened: {reason}.")),
        }
    }
    Start { records, workspace, link, messages, failure }
}

/// Reads what a link contains.
async fn read_link(letters: Option<Letters>, messages: &mut Vec<String>) -> Option<Linked> {
    match share_link::read(letters?).await {
        Ok(linked) => Some(linked),
        Err(reason) => {
            messages.push(format!("The link could not be opened: {reason}."));
            None
        }
    }
}

/// Stores work that an earlier version of the page, or a page that was closed too early, has left in
/// local storage.
async fn store_leftovers(tab: &str, messages: &mut Vec<String>) {
    if let Some(work) = storage::load::<SavedWork>(Kind::Local, storage::WORK) {
        match ValidWork::new(work) {
            Ok(work) => store_legacy(tab, work).await,
            Err(refusal) => {
                messages.push(format!(
                    "The work of an earlier version could not be opened: {refusal}."
                ));
            }
        }
    }
    for (at, (key, text)) in storage::with_prefix(storage::UNSTORED).into_iter().enumerate() {
        let Ok(Unstored { record, base, work }) = serde_json::from_str(&text) else {
            storage::remove(&key);
            continue;
        };
        let copy = Some(format!("{tab}-unstored-{at}"));
        let request = StoreRequest { record, base, work, copy };
        if matches!(workspace_store::save(&request).await, Stored::Saved(_)) {
            storage::remove(&key);
        }
    }
}

async fn store_legacy(tab: &str, work: ValidWork) {
    let record = WorkspaceRecord {
        id: format!("{tab}-earlier"),
        files: work.work().files.len(),
        bytes: work.work().files.iter().map(|file| file.text.len()).sum(),
        ..WorkspaceRecord::default()
    };
    let mut state = state::State::empty();
    state.time_of_day = time_of_day();
    let id = record.id.clone();
    state::update(&mut state, Action::WorkspaceRead(Box::new(StoredWorkspace { record, work })));
    // Changes are not recorded; the texts are compared.
    state.current = CurrentWorkspace::new(id, String::new(), false);
    state.current.changed = true;
    let position = Position::of(&state);
    let Some(Ok(request)) = state.store_request() else { return };
    if matches!(workspace_store::save(&request).await, Stored::Saved(_)) {
        // The position says which workspace is opened.
        let _ = storage::save(Kind::Local, storage::POSITION, &position);
        storage::remove(storage::WORK);
    }
}

/// Removes workspaces that were deleted long ago, and scenarios that no tab has shown for long.
async fn without_outdated(records: Vec<WorkspaceRecord>) -> Vec<WorkspaceRecord> {
    let before = js_sys::Date::now() - REMOVED_AFTER;
    let outdated = |record: &WorkspaceRecord| {
        (record.deleted > 0.0 && record.deleted < before) || (!record.own && record.saved < before)
    };
    let (old, kept): (Vec<_>, Vec<_>) = records.into_iter().partition(outdated);
    for record in old {
        // A record that stays is removed at the next start.
        let _ = workspace_store::remove(&record.id).await;
    }
    kept
}

impl App {
    /// Reads the storage and continues with [`App::started`].
    pub(super) fn restore(&mut self, ctx: &Context<Self>) {
        let embedded = self.state.embedded;
        if !embedded && let Some(view) = storage::load::<SavedView>(Kind::Local, storage::VIEW) {
            view.restore(&mut self.state);
        }
        self.state.tab = tab_id();
        let changed = self.dispatch.0.reform(Action::ChangedElsewhere);
        workspace_store::watch_other_tabs(changed);
        let (tab, letters) = (self.state.tab.clone(), share_link::take_letters());
        let link = ctx.link().clone();
        spawn_local(async move {
            let start = start(tab, letters, embedded).await;
            link.send_message(Msg::Started(Box::new(start)));
        });
    }

    /// Shows the stored workspace or the link, or the first scenario.
    pub(super) fn started(&mut self, ctx: &Context<Self>, start: Start) {
        let Start { records, workspace, link, messages, failure } = start;
        let (named, wrong) = address::take();
        let is_named = named.opens_work();
        self.apply(ctx, Action::ListWorkspaces(records));
        let (page_queries, canceled) =
            (self.state.page_queries.clone(), self.state.canceled.clone());
        if let Some(stored) = workspace {
            self.apply(ctx, Action::WorkspaceRead(Box::new(stored)));
            self.state.page_queries = page_queries;
            self.state.canceled = canceled;
            let page = self.state.preferences.page;
            let side = self.state.preferences.side;
            self.apply(ctx, Action::Show(page));
            self.state.preferences.side = side;
        } else if link.is_none()
            && let Some(first) = scenarios::SCENARIOS.first()
        {
            let first = named.scenario.as_deref().unwrap_or(first.name).to_owned();
            self.state.playing = !prefers_reduced_motion();
            self.apply(ctx, Action::OpenScenario(first));
            if !is_named
                && !self.state.embedded
                && storage::load::<bool>(Kind::Local, storage::VISITED).is_none()
            {
                self.welcome(ctx);
            }
        }
        for message in messages.into_iter().chain(wrong) {
            self.apply(ctx, Action::Notify(message));
        }
        if let Some(reason) = failure {
            self.apply(ctx, Action::StorageFailed(reason));
        }
        self.restore_lesson(ctx, link, named);
        if self.worker.is_none() {
            self.spawn(ctx);
        }
    }

    /// Continues the lesson of the open workspace, or opens the one that the address names.
    fn restore_lesson(&mut self, ctx: &Context<Self>, link: Option<Linked>, mut named: Address) {
        let kept = || storage::load(Kind::Local, storage::LEARNER);
        let learner: Learner = if self.state.embedded { None } else { kept() }.unwrap_or_default();
        let kept = learner.open.as_ref().filter(|kept| kept.workspace == self.state.current.id);
        let continued = kept.map(|kept| kept.progress.lesson.clone());
        self.apply(ctx, Action::LearnerRead(Box::new(learner)));
        // A reload continues the lesson that the address names.
        if link.is_some() || named.lesson == continued {
            named.lesson = None;
        }
        if self.state.embedded {
            self.state.preferences.theme = named.theme.unwrap_or_default();
        }
        let scenario = named.scenario.take();
        if link.is_none() && named.lesson.is_none() {
            named.scenario = scenario.filter(|name| *name != self.state.scenario);
        }
        let lesson = named.lesson.clone();
        if let Some(linked) = link {
            // The place waits until the work is open.
            self.state.read_only = named.read_only;
            self.state.place = Some(named.place);
            self.apply(
                ctx,
                match linked {
                    Linked::Work(work) => Action::OpenWork(work),
                    Linked::Lesson(json) => Action::OpenHomework(json),
                },
            );
        } else {
            self.apply(ctx, Action::FollowAddress(Box::new(named)));
        }
        if let Some(name) = lesson {
            self.apply(ctx, Action::OpenLesson(name));
        }
    }

    /// Shows the introduction, over a system that has run for a while.
    fn welcome(&mut self, ctx: &Context<Self>) {
        self.state.tour = Some(Tour::default());
        let playing = self.state.playing;
        self.apply(ctx, Action::Advance(FIRST_VISIT));
        self.state.playing = playing;
        // If that is refused, the introduction is shown again.
        let _ = storage::save(Kind::Local, storage::VISITED, &true);
    }

    /// Saves preferences and position, and stores the workspace if it has changed.
    pub(super) fn persist(&mut self) {
        if self.state.documents.is_empty() || self.state.embedded {
            return;
        }
        self.save_position();
        let view = storage::save(Kind::Local, storage::VIEW, &SavedView::of(&self.state));
        if let Err(reason) = view
            && !std::mem::replace(&mut self.view_failed, true)
        {
            self.notify(&format!("Theme and layout cannot be saved: {reason}."));
        }
        match self.state.store_request() {
            Some(Ok(request)) => self.store(request),
            Some(Err(refusal)) => self.fail_to_store(refusal.to_string()),
            None => {}
        }
    }

    /// Removes the link of other work from the address bar. A reload would open it. It takes
    /// the address of the moment in which it begins, so that the end of the page is too late.
    pub(super) fn drop_outdated_link(&mut self) {
        if self.shared.as_ref().is_some_and(|shared| !self.state.has_content(shared)) {
            share_link::drop_link();
            self.shared = None;
        }
    }

    fn fail_to_store(&mut self, reason: String) {
        state::update(&mut self.state, Action::StorageFailed(reason));
    }

    /// Notes the workspace of this tab, and the open file and the clock in it.
    fn save_position(&self) {
        let position = Position::of(&self.state);
        for kind in [Kind::Session, Kind::Local] {
            // Without it the next visit starts with the newest workspace.
            let _ = storage::save(kind, storage::POSITION, &position);
        }
    }

    /// Stores a workspace in the background.
    pub(super) fn store(&mut self, request: StoreRequest) {
        if request.record.own && !std::mem::replace(&mut self.asked_to_persist, true) {
            spawn_local(workspace_store::persist());
        }
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            let outcome = workspace_store::save(&request).await;
            let id = request.record.id;
            if matches!(outcome, Stored::Saved(_)) {
                storage::remove(&format!("{}{id}", storage::UNSTORED));
            }
            dispatch.emit(Action::Stored { id, outcome });
        });
    }

    /// Saves what local storage can hold, before the page is hidden or closed. The caller is the event itself:
    /// a message can wait for the scheduler of Yew, which does not run again in a page that ends. The database
    /// can be too late as well, so that unstored work also goes to local storage, as far as it fits.
    pub(super) fn save_at_once(&self) {
        if self.state.documents.is_empty() || self.state.embedded {
            return;
        }
        let mut state = self.state.clone();
        if let Some(Ok(StoreRequest { record, base, work, .. })) = state.unstored_request() {
            let key = format!("{}{}", storage::UNSTORED, record.id);
            let _ = storage::save(Kind::Local, &key, &Unstored { record, base, work });
        }
        self.save_position();
    }

    /// Stores everything after the page was hidden, if it continues.
    pub(super) fn leave(&mut self) {
        self.save = None;
        if self.state.embedded {
            return;
        }
        if let Some(Ok(request)) = self.state.unstored_request()
            && self.state.conflict.is_none()
        {
            self.store(request);
        }
        self.persist();
    }

    /// Reads a workspace and hands it to an action.
    pub(super) fn read(&self, id: String, then: fn(Box<StoredWorkspace>) -> Action) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            dispatch.emit(match workspace_store::load(&id).await {
                Ok(stored) => then(Box::new(stored)),
                Err(reason) => {
                    Action::Notify(format!("The workspace could not be opened: {reason}."))
                }
            });
        });
    }

    /// Takes over what another tab stored. A hidden page does it when it is shown again.
    pub(super) fn read_newer_version(&mut self, id: String) {
        if hidden() {
            self.outdated = true;
            return;
        }
        self.outdated = false;
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            // A workspace that another tab removed is stored again with the next change.
            if let Ok(stored) = workspace_store::load(&id).await {
                dispatch.emit(Action::NewerVersionRead(Box::new(stored)));
            }
        });
    }

    pub(super) fn list_workspaces(&self) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            dispatch.emit(Action::ListWorkspaces(workspace_store::list().await.0));
        });
    }

    /// Changes a record, then reads the list again.
    pub(super) fn change_record(&self, change: impl Future<Output = Result<(), String>> + 'static) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            if let Err(reason) = change.await {
                dispatch.emit(Action::StorageFailed(reason));
            }
            dispatch.emit(Action::ListWorkspaces(workspace_store::list().await.0));
        });
    }
}

/// The name of the event with which a browser says that the page is shown or hidden.
pub(super) const VISIBILITY: &str = "visibilitychange";
