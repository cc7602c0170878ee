//! The root component: holds the state, runs effects, and communicates with the worker and the
//! editor.

mod effects;
mod keeping;
mod requests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::{Interval, Timeout};
use js_sys::Function;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use self::requests::resolve_promise;
use super::editor::Editor;
use super::shell::{Frame, Shortcut};
use super::state::request_queue::RequestQueue;
use super::state::restarts::Restarts;
use super::state::{self, Action, Place, SavedWork, ShareForm, Shared, State};
use super::worker::{Worker, WorkerSignal};
use protocol::Request;
use text::{FileId, LineIndex};

/// Milliseconds of work at one request after which the worker is replaced.
const REQUEST_TIMEOUT: f64 = 4_000.0;
/// The same for the first request, at which the browser also compiles the functions that it needs.
const OPEN_TIMEOUT: f64 = 20_000.0;
/// The most milliseconds that one tick counts as work: after the computer was asleep, or while the
/// page itself was busy, the worker did not get the time that has passed.
const MOST_COUNTED: f64 = 250.0;
/// Milliseconds of loading after which the page says that it takes long. Loading has no time limit.
const SLOW_START: f64 = 15_000.0;
/// Milliseconds between the last change and saving.
const SAVE_AFTER: u32 = 300;
/// Milliseconds without an edit after which the text is applied.
const TYPING_PAUSE: u32 = 300;
/// Real milliseconds between two ticks of the clock.
const TICK: u32 = 100;

/// The callback with which components report actions.
#[derive(Clone, PartialEq)]
pub struct Dispatch(pub Callback<Action>);

impl Dispatch {
    pub fn emit(&self, action: Action) {
        self.0.emit(action);
    }
}

/// Returns the dispatch of the page.
#[hook]
pub fn use_dispatch() -> Dispatch {
    use_context::<Dispatch>().unwrap_or_else(|| Dispatch(Callback::noop()))
}

/// A query of an editor. Offsets are in UTF-16 units.
#[derive(Clone, Debug)]
pub enum EditorQuery {
    Hover { file: FileId, utf16: u32 },
    Complete { file: FileId, utf16: u32 },
    HoverQuery { query: String, utf16: u32 },
    CompleteQuery { query: String, utf16: u32 },
}

impl EditorQuery {
    /// Converts offsets to bytes. Returns None if the file does not exist.
    fn request(self, state: &State) -> Option<Request> {
        let byte = |file, utf16| Some(state.document(file)?.index.byte_of_utf16(utf16));
        let in_query = |query: &str, utf16| LineIndex::new(query).byte_of_utf16(utf16);
        Some(match self {
            Self::Hover { file, utf16 } => Request::Hover { file, offset: byte(file, utf16)? },
            Self::Complete { file, utf16 } => {
                Request::Complete { file, offset: byte(file, utf16)? }
            }
            Self::HoverQuery { query, utf16 } => {
                Request::HoverQuery { offset: in_query(&query, utf16), query }
            }
            Self::CompleteQuery { query, utf16 } => {
                Request::CompleteQuery { offset: in_query(&query, utf16), query }
            }
        })
    }
}

/// The callback with which editors send queries; a promise gets the answer.
#[derive(Clone, PartialEq)]
pub struct EditorQueries(Callback<(EditorQuery, Function)>);

impl EditorQueries {
    /// Returns a promise of JSON, or of null if there is nothing to show.
    pub fn promise(&self, ask: EditorQuery) -> JsValue {
        let mut ask = Some(ask);
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            if let Some(ask) = ask.take() {
                self.0.emit((ask, resolve));
            }
        });
        promise.into()
    }
}

/// The editor, after it has been mounted.
#[derive(Clone, Default)]
pub struct EditorSlot(pub Rc<RefCell<Option<Editor>>>);

impl PartialEq for EditorSlot {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

pub enum Msg {
    Action(Action),
    /// A query whose answer resolves a promise of the editor.
    EditorQuery(EditorQuery, Function),
    WorkerEvent(WorkerSignal),
    Shortcut(Shortcut),
    /// The browser has a network connection again.
    Online,
    Tick,
    Save,
    /// The page is hidden or closed.
    Leave,
    /// The page is hidden or shown again.
    Visibility,
    /// The storage has been read.
    Started(Box<keeping::Start>),
    EditorMounted,
    /// The fragment of the address changed, perhaps to a link.
    Address,
    /// A link that contains the work was made.
    LinkMade {
        work: Box<SavedWork>,
        form: ShareForm,
        place: Option<Place>,
        fragment: String,
    },
    /// A fix was chosen in the editor: the index of the diagnostic, and the index of the fix.
    Fix(usize, usize),
}

/// The promise of a query, with the request that converts offsets of the answer.
struct Pending {
    resolve: Function,
    request: Request,
}

/// Milliseconds that the worker has worked at a request, and the number that it may.
struct Work {
    spent: f64,
    limit: f64,
}

pub struct App {
    state: State,
    request_queue: RequestQueue,
    restarts: Restarts,
    worker: Option<Worker>,
    /// True if the worker accepts requests.
    listening: bool,
    /// The time at which the worker was started.
    spawned_at: f64,
    /// The next start, after one that failed.
    next_start: Option<Timeout>,
    /// The work at the request in flight.
    work: Option<Work>,
    pending: HashMap<u32, Pending>,
    save: Option<Timeout>,
    /// The pause after the last edit.
    pause: Option<Timeout>,
    /// The work of the link that the address bar shows.
    shared: Option<SavedWork>,
    /// True if the notification that preferences cannot be saved was shown.
    view_failed: bool,
    /// True if the browser was asked to keep the storage.
    asked_to_persist: bool,
    /// True if another tab stored a newer version while this one was hidden.
    outdated: bool,
    last_tick: f64,
    editor: EditorSlot,
    dispatch: Dispatch,
    ask: EditorQueries,
    _ticker: Interval,
    _listeners: Vec<EventListener>,
}

fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// Returns true if the system requests reduced motion.
fn prefers_reduced_motion() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten())
        .is_some_and(|query| query.matches())
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        // An event that can be the last one of the page.
        let last = |message: fn() -> Msg| {
            let link = link.clone();
            move |event: &Event| {
                if (event.type_() == "pagehide" || hidden())
                    && let Some(app) = link.get_component()
                {
                    app.save_at_once();
                }
                link.send_message(message());
            }
        };
        let mut listeners = Vec::new();
        if let Some(window) = web_sys::window() {
            listeners.push(EventListener::new(&window, "pagehide", last(|| Msg::Leave)));
            if let Some(document) = window.document() {
                let visibility = last(|| Msg::Visibility);
                listeners.push(EventListener::new(&document, keeping::VISIBILITY, visibility));
            }
            let address = link.callback(|()| Msg::Address);
            listeners.push(EventListener::new(&window, "hashchange", move |_| address.emit(())));
            let online = link.callback(|()| Msg::Online);
            listeners.push(EventListener::new(&window, "online", move |_| online.emit(())));
            listeners.push(super::shell::shortcuts(&window, link.callback(Msg::Shortcut)));
        }
        let ticker = {
            let tick = link.callback(|()| Msg::Tick);
            Interval::new(TICK, move || tick.emit(()))
        };
        let mut app = Self {
            state: State {
                reduced_motion: prefers_reduced_motion(),
                embedded: super::address::is_embedded(),
                ..State::empty()
            },
            request_queue: RequestQueue::default(),
            restarts: Restarts::default(),
            worker: None,
            listening: false,
            spawned_at: 0.0,
            next_start: None,
            work: None,
            pending: HashMap::new(),
            save: None,
            pause: None,
            shared: None,
            view_failed: false,
            asked_to_persist: false,
            outdated: false,
            last_tick: now(),
            editor: EditorSlot::default(),
            dispatch: Dispatch(link.callback(Msg::Action)),
            ask: EditorQueries(link.callback(|(ask, resolve)| Msg::EditorQuery(ask, resolve))),
            _ticker: ticker,
            _listeners: listeners,
        };
        app.restore(ctx);
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Action(action) => {
                let render = !matches!(action, Action::Tick(_) | Action::Highlight(_));
                self.apply(ctx, action);
                render
            }
            Msg::EditorQuery(query, resolve) => {
                self.on_editor_query(query, resolve);
                false
            }
            Msg::WorkerEvent(from) => self.on_worker_event(ctx, from),
            Msg::Shortcut(shortcut) => {
                self.on_shortcut(ctx, shortcut);
                true
            }
            Msg::Online => {
                self.on_online(ctx);
                true
            }
            Msg::Tick => self.on_tick(ctx),
            Msg::Save => {
                self.save = None;
                self.persist();
                true
            }
            Msg::Leave => {
                self.leave();
                false
            }
            Msg::Visibility => {
                self.on_visibility();
                false
            }
            Msg::Started(start) => {
                self.started(ctx, *start);
                true
            }
            Msg::Address => {
                self.open_link();
                false
            }
            Msg::LinkMade { work, form, place, fragment } => {
                self.show_link(*work, form, place.as_ref(), &fragment);
                false
            }
            Msg::EditorMounted => {
                self.show_document();
                self.annotate();
                false
            }
            Msg::Fix(diagnostic, fix) => {
                self.apply_fix(ctx, diagnostic, fix);
                true
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let state = &self.state;
        let mounted = ctx.link().callback(|()| Msg::EditorMounted);
        let fix = ctx.link().callback(|(diagnostic, fix)| Msg::Fix(diagnostic, fix));
        html! {
            <ContextProvider<Dispatch> context={self.dispatch.clone()}>
            <ContextProvider<EditorQueries> context={self.ask.clone()}>
                <Frame state={Shared::new(state.clone())} settled={self.pause.is_none() && self.request_queue.settled()}
                    editor={self.editor.clone()} {mounted} {fix} />
            </ContextProvider<EditorQueries>>
            </ContextProvider<Dispatch>>
        }
    }
}

fn hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

impl App {
    /// Sends a query of the editor. Without a worker it is answered with nothing.
    fn on_editor_query(&mut self, query: EditorQuery, resolve: Function) {
        let request = query.request(&self.state).filter(|_| self.worker.is_some());
        let Some(request) = request else { return resolve_promise(&resolve, None) };
        let number = self.request_queue.push(request.clone());
        self.pending.insert(number, Pending { resolve, request });
        self.flush();
    }

    /// Advances the time of the request in flight and the simulated time. Returns true if the
    /// worker was restarted.
    fn on_tick(&mut self, ctx: &Context<Self>) -> bool {
        let millis = now() - self.last_tick;
        self.last_tick = now();
        if self.watch_worker(ctx, millis) {
            return true;
        }
        if self.state.playing && self.request_queue.idle() && !hidden() {
            self.apply(ctx, Action::Tick(millis));
        }
        false
    }

    fn on_visibility(&mut self) {
        if hidden() {
            self.leave();
        } else if self.outdated {
            self.read_newer_version(self.state.current.id.clone());
        }
    }

    fn on_shortcut(&mut self, ctx: &Context<Self>, shortcut: Shortcut) {
        match shortcut {
            Shortcut::Do(action) => self.apply(ctx, action),
            Shortcut::TogglePlay => self.apply(ctx, Action::Play(!self.state.playing)),
            Shortcut::FocusEditor => {
                self.apply(ctx, Action::ShowSide(state::Side::Text));
                self.with_editor(Editor::focus);
            }
        }
    }

    /// Applies a fix of a diagnostic in the active document.
    fn apply_fix(&mut self, ctx: &Context<Self>, diagnostic: usize, fix: usize) {
        let annotations = self.state.annotations_of(self.state.active);
        let found = annotations.and_then(|annotations| {
            annotations.diagnostics.get(diagnostic)?.fixes.get(fix).cloned()
        });
        if let Some(fix) = found {
            self.apply(ctx, Action::ApplyFix(fix));
        }
    }

    fn apply(&mut self, ctx: &Context<Self>, action: Action) {
        if matches!(action, Action::TypingPaused) {
            self.pause = None;
        }
        if !matches!(action, Action::Tick(_)) {
            self.state.time_of_day = keeping::time_of_day();
        }
        for effect in state::update(&mut self.state, action) {
            self.run_effect(ctx, effect);
        }
        self.flush();
    }
}
