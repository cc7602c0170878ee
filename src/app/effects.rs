//! Effects: the editor, storage, links, downloads, the clipboard, the theme.

use gloo::timers::callback::Timeout;
use protocol::Request;
use text::{FileId, Location};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{App, Msg, SAVE_AFTER, TYPING_PAUSE};
use crate::editor::{self, Editor};
use crate::errors;
use crate::share_link::Linked;
use crate::state::{self, Action, Effect, Learner, Place, SavedWork, ShareForm, Theme};
use crate::{address, lesson_files, share_link, storage, workspace_store};

impl App {
    pub(super) fn run_effect(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::Send(request) => self.send(ctx, request),
            Effect::AwaitPause => {
                let paused = ctx.link().callback(|()| Msg::Action(Action::TypingPaused));
                self.pause = Some(Timeout::new(TYPING_PAUSE, move || paused.emit(())));
            }
            Effect::StartWorker { delay } => self.start_worker(ctx, delay),
            Effect::Save => {
                self.drop_outdated_link();
                let save = ctx.link().callback(|()| Msg::Save);
                self.save = Some(Timeout::new(SAVE_AFTER, move || save.emit(())));
            }
            Effect::Store(_)
            | Effect::KeepLearner(_)
            | Effect::DeleteWorkspace { .. }
            | Effect::RemoveWorkspace(_)
                if self.state.embedded => {}
            Effect::Store(request) => self.store(*request),
            Effect::FetchLesson { name, continued } => self.fetch_lesson(name, continued),
            Effect::KeepLearner(learner) => self.keep_learner(&learner),
            // A frame stores nothing, and does not see the work of a visitor.
            Effect::ListWorkspaces if self.state.embedded => {}
            Effect::ListWorkspaces => self.list_workspaces(),
            Effect::ReadWorkspace(id) => self.read(id, Action::WorkspaceRead),
            Effect::ReadNewerVersion(id) => self.read_newer_version(id),
            Effect::RenameWorkspace { id, name } => {
                self.change_record(async move { workspace_store::rename(&id, &name).await });
            }
            Effect::DeleteWorkspace { id, deleted } => {
                self.change_record(async move { workspace_store::set_deleted(&id, deleted).await });
            }
            Effect::RemoveWorkspace(id) => {
                self.change_record(async move { workspace_store::remove(&id).await });
            }
            Effect::ShowDocument => {
                self.show_document();
                self.annotate();
            }
            Effect::DropEditorState(file) => {
                self.with_editor(|editor| editor.forget(file.map(|FileId(id)| id)));
            }
            Effect::Annotate => self.annotate(),
            Effect::Reveal { location, focus } => self.reveal(location, focus),
            Effect::Highlight(location) => self.highlight(location),
            Effect::ApplyTheme(theme) => apply_theme(theme),
            Effect::Download(files) => {
                if share_link::download(&files).is_none() {
                    self.notify("The browser does not allow the download.");
                }
            }
            Effect::CopyLink { work, form, place } => self.share(ctx, work, form, place),
            Effect::CopyHomework(json) => self.share_lesson(json),
            Effect::CopyText(text) => self.copy(text),
            Effect::ReportError(report) => {
                let restart = ctx.link().callback(|()| Msg::Action(Action::RestartWorker));
                errors::report(&report, restart);
            }
        }
    }

    fn fetch_lesson(&self, name: String, continued: bool) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            dispatch.emit(match lesson_files::fetch(&name).await {
                Ok(json) => Action::LessonFetched { json, continued },
                Err(reason) => Action::Notify(format!("The lesson could not be opened: {reason}.")),
            });
        });
    }

    /// Sends a request. One that reads what follows from the text ends the pause in typing first.
    fn send(&mut self, ctx: &Context<Self>, request: Request) {
        if self.pause.is_some() && ends_pause(&request, self.state.playing) {
            self.pause = None;
            self.enqueue(ctx, Request::FollowText);
        }
        self.enqueue(ctx, request);
    }

    fn keep_learner(&mut self, learner: &Learner) {
        if let Err(reason) = storage::save(storage::Kind::Local, storage::LEARNER, learner) {
            self.notify(&format!("Your progress cannot be saved: {reason}."));
        }
    }

    pub(super) fn notify(&mut self, text: &str) {
        state::update(&mut self.state, Action::Notify(text.to_owned()));
    }

    pub(super) fn copy(&self, text: String) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            let text = if share_link::copy(&text).await {
                "Copied to the clipboard."
            } else {
                "The browser does not allow copying."
            };
            dispatch.emit(Action::Notify(text.to_owned()));
        });
    }

    /// Creates a link that contains the work.
    fn share(
        &self,
        ctx: &Context<Self>,
        work: Box<SavedWork>,
        form: ShareForm,
        place: Option<Place>,
    ) {
        let (link, dispatch) = (ctx.link().clone(), self.dispatch.clone());
        spawn_local(async move {
            match share_link::fragment_of(&work).await {
                Ok(fragment) => link.send_message(Msg::LinkMade { work, form, place, fragment }),
                Err(reason) => dispatch.emit(Action::Notify(format!(
                    "The work cannot be shared as a link: {reason}. Export the files instead."
                ))),
            }
        });
    }

    /// Copies a link that opens a lesson.
    fn share_lesson(&self, json: String) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            let text = match share_link::fragment_of_lesson(&json).await {
                Err(reason) => {
                    format!("The lesson cannot be shared as a link: {reason}. Download it instead.")
                }
                Ok(fragment) => {
                    let link = address::link_to(false, None, &fragment).unwrap_or_default();
                    match share_link::copy(&link).await {
                        true => "The link to the lesson is copied to the clipboard. It contains the whole lesson.".to_owned(),
                        false => "The browser does not allow copying. Download the lesson instead.".to_owned(),
                    }
                }
            };
            dispatch.emit(Action::Notify(text));
        });
    }

    /// Copies a link, and shows it in the address bar if it contains the open work.
    pub(super) fn show_link(
        &mut self,
        work: SavedWork,
        form: ShareForm,
        place: Option<&Place>,
        fragment: &str,
    ) {
        let shown = self.state.has_content(&work) && form == ShareForm::Link;
        if shown && !self.state.embedded {
            // The place is left out: a reload would go there again.
            share_link::show_link(fragment);
            self.shared = Some(work);
        }
        let link = address::link_to(form == ShareForm::Frame, place, fragment);
        let text = address::written(form, &link.unwrap_or_default());
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            let text = match (share_link::copy(&text).await, shown) {
                (true, _) if form == ShareForm::Frame => {
                    "The HTML of a frame is copied to the clipboard. Its address contains all files."
                }
                (true, _) if form == ShareForm::Markdown => {
                    "The Markdown of a link is copied to the clipboard. It contains all files."
                }
                (true, _) => {
                    "The link is copied to the clipboard. It contains all files; no data is stored on a server."
                }
                (false, true) => {
                    "The link is in the address bar. It contains all files; no data is stored on a server."
                }
                (false, false) => {
                    "The link was not made: the work changed meanwhile, and the browser does not allow access to the clipboard."
                }
            };
            dispatch.emit(Action::Notify(text.to_owned()));
        });
    }

    /// Opens the workspace that the page's address contains.
    pub(super) fn open_link(&self) {
        let Some(letters) = share_link::take_letters() else { return };
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            dispatch.emit(match share_link::read(letters).await {
                Ok(Linked::Work(work)) => Action::OpenWork(work),
                Ok(Linked::Lesson(json)) => Action::OpenHomework(json),
                Err(reason) => Action::Notify(format!("The link could not be opened: {reason}.")),
            });
        });
    }

    pub(super) fn with_editor(&self, f: impl FnOnce(&Editor)) {
        if let Some(editor) = &*self.editor.0.borrow() {
            f(editor);
        }
    }

    pub(super) fn show_document(&self) {
        if let Some(document) = self.state.active_document() {
            self.with_editor(|editor| editor.open(document.id.0, &document.text));
        }
    }

    pub(super) fn annotate(&self) {
        let Some(document) = self.state.active_document() else { return };
        let Some(annotations) = self.state.annotations_of(document.id) else { return };
        let (json, tokens) = editor::annotations(document, annotations);
        self.with_editor(|editor| editor.annotate(document.id.0, &json, &tokens));
    }

    pub(super) fn reveal(&self, location: Location, focus: bool) {
        let Some(document) = self.state.document(location.file) else { return };
        let (from, to) = document.utf16(location.span);
        self.with_editor(|editor| editor.reveal(from, to, focus));
    }

    pub(super) fn highlight(&self, location: Option<Location>) {
        let span = location
            .filter(|location| location.file == self.state.active)
            .and_then(|at| Some(self.state.document(at.file)?.utf16(at.span)));
        self.with_editor(|editor| editor.spot(span.map(|(from, _)| from), span.map(|(_, to)| to)));
    }
}

/// Returns true if the text is applied before a request is sent: the visitor acts on what is written.
/// The clock that plays continues while the visitor types.
fn ends_pause(request: &Request, playing: bool) -> bool {
    match request {
        Request::Advance { .. } => !playing,
        Request::NextScrape
        | Request::Seek { .. }
        | Request::Act { .. }
        | Request::Terminal(_)
        | Request::SetDelays { .. }
        | Request::SetRunning { .. }
        | Request::DeleteObjects { .. }
        | Request::RecreateObjects { .. } => true,
        _ => false,
    }
}

/// Sets the theme. The theme of the system needs no attribute.
fn apply_theme(theme: Theme) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    let Some(root) = root else { return };
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light => root.set_attribute("data-theme", "light"),
        Theme::Dark => root.set_attribute("data-theme", "dark"),
    };
}
