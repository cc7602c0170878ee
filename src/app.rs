//! The root: holds the state, carries out effects, and speaks with the worker and the editor.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::{Interval, Timeout};
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::editor::{self, Editor};
use super::outside;
use super::shell::{Frame, Shortcut};
use super::state::traffic::{Recovery, Traffic};
use super::state::{self, Action, Effect, SavedView, SavedWork, Shared, State, Theme};
use super::storage;
use super::worker::{FromWorker, Worker};
use protocol::{Message, Reply, Request};
use text::{FileId, LineIndex, Location, Span};

/// How long a job may take before its worker is ended.
const PATIENCE: u32 = 4_000;
/// How long a worker may take to start, with its code still on the way.
const START_PATIENCE: u32 = 30_000;
/// Changes are kept this long after the last of them.
const SAVE_AFTER: u32 = 300;
/// Real milliseconds between two ticks of the clock.
const TICK: u32 = 100;

/// How components tell what happened.
#[derive(Clone, PartialEq)]
pub struct Dispatch(pub Callback<Action>);

impl Dispatch {
    pub fn emit(&self, action: Action) {
        self.0.emit(action);
    }
}

/// The dispatch of the page.
#[hook]
pub fn use_dispatch() -> Dispatch {
    use_context::<Dispatch>().unwrap_or_else(|| Dispatch(Callback::noop()))
}

/// What the editors ask; offsets are UTF-16 units.
#[derive(Clone, Debug)]
pub enum Ask {
    Hover { file: FileId, utf16: u32 },
    Complete { file: FileId, utf16: u32 },
    HoverQuery { query: String, utf16: u32 },
    CompleteQuery { query: String, utf16: u32 },
}

impl Ask {
    /// With offsets in bytes; nothing for a file that is gone.
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

/// How the editors ask for what is answered with a promise.
#[derive(Clone, PartialEq)]
pub struct AskWorker(Callback<(Ask, Function)>);

impl AskWorker {
    /// A promise of JSON, or of null where there is nothing to show.
    pub fn promise(&self, ask: Ask) -> JsValue {
        let mut ask = Some(ask);
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            if let Some(ask) = ask.take() {
                self.0.emit((ask, resolve));
            }
        });
        promise.into()
    }
}

/// Where the editor is, once it is mounted.
#[derive(Clone, Default)]
pub struct EditorSlot(pub Rc<RefCell<Option<Editor>>>);

impl PartialEq for EditorSlot {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

pub enum Msg {
    Action(Action),
    /// A question whose answer resolves a promise of the editor.
    Ask(Ask, Function),
    Hear(FromWorker),
    Shortcut(Shortcut),
    /// The worker took too long.
    Overdue,
    Tick,
    Save,
    EditorMounted,
    /// Another address was put into the bar, perhaps a link.
    Address,
    /// A fix in the editor: the diagnostic's place in the annotations, and the fix's.
    Fix(usize, usize),
}

/// A question's promise, and what is needed to turn its answer into the editor's offsets.
struct Pending {
    resolve: Function,
    request: Request,
}

pub struct App {
    state: State,
    traffic: Traffic,
    worker: Option<Worker>,
    listening: bool,
    pending: HashMap<u32, Pending>,
    watchdog: Option<Timeout>,
    save: Option<Timeout>,
    /// The work that was last made a link of, which then stands in the address bar.
    shared: Option<SavedWork>,
    last_tick: f64,
    editor: EditorSlot,
    dispatch: Dispatch,
    ask: AskWorker,
    _ticker: Interval,
    _listeners: Vec<EventListener>,
}

fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// True where the system asks for less motion.
fn calm() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten())
        .is_some_and(|query| query.matches())
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let save_now = link.callback(|()| Msg::Save);
        let mut listeners = Vec::new();
        if let Some(window) = web_sys::window() {
            listeners.push(EventListener::new(&window, "pagehide", move |_| save_now.emit(())));
            let address = link.callback(|()| Msg::Address);
            listeners.push(EventListener::new(&window, "hashchange", move |_| address.emit(())));
            listeners.push(super::shell::shortcuts(&window, link.callback(Msg::Shortcut)));
        }
        let ticker = {
            let tick = link.callback(|()| Msg::Tick);
            Interval::new(TICK, move || tick.emit(()))
        };
        let mut app = Self {
            state: State::empty(),
            traffic: Traffic::default(),
            worker: None,
            listening: false,
            pending: HashMap::new(),
            watchdog: None,
            save: None,
            shared: None,
            last_tick: now(),
            editor: EditorSlot::default(),
            dispatch: Dispatch(link.callback(Msg::Action)),
            ask: AskWorker(link.callback(|(ask, resolve)| Msg::Ask(ask, resolve))),
            _ticker: ticker,
            _listeners: listeners,
        };
        app.begin(ctx);
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Action(action) => {
                let render = !matches!(action, Action::Tick(_) | Action::Point(_));
                self.act(ctx, action);
                render
            }
            Msg::Ask(ask, resolve) => {
                let Some(request) = ask.request(&self.state) else {
                    settle(&resolve, None);
                    return false;
                };
                let number = self.traffic.push(request.clone());
                self.pending.insert(number, Pending { resolve, request });
                self.pump(ctx);
                false
            }
            Msg::Hear(from) => self.hear(ctx, from),
            Msg::Shortcut(Shortcut::Do(action)) => {
                self.act(ctx, action);
                true
            }
            Msg::Shortcut(Shortcut::TogglePlay) => {
                let playing = !self.state.playing;
                self.act(ctx, Action::Play(playing));
                true
            }
            Msg::Shortcut(Shortcut::FocusEditor) => {
                self.act(ctx, Action::ShowSide(state::Side::Text));
                self.with_editor(Editor::focus);
                true
            }
            Msg::Overdue => {
                self.restart(ctx);
                true
            }
            Msg::Tick => {
                let millis = now() - self.last_tick;
                self.last_tick = now();
                if self.state.playing && self.traffic.idle() && !hidden() {
                    self.act(ctx, Action::Tick(millis));
                }
                false
            }
            Msg::Save => {
                self.save = None;
                self.keep();
                true
            }
            Msg::Address => {
                self.open_link();
                false
            }
            Msg::EditorMounted => {
                self.show_document();
                self.annotate();
                false
            }
            Msg::Fix(diagnostic, fix) => {
                let annotations = self.state.annotations_of(self.state.active).cloned();
                let found = annotations.and_then(|annotations| {
                    annotations.diagnostics.get(diagnostic)?.fixes.get(fix).cloned()
                });
                if let Some(fix) = found {
                    self.act(ctx, Action::ApplyFix(fix));
                }
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
            <ContextProvider<AskWorker> context={self.ask.clone()}>
                <Frame state={Shared::new(state.clone())} editor={self.editor.clone()} {mounted} {fix} />
            </ContextProvider<AskWorker>>
            </ContextProvider<Dispatch>>
        }
    }
}

fn hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

impl App {
    /// What was kept, or else the first scenario.
    fn begin(&mut self, ctx: &Context<Self>) {
        if let Some(view) = storage::load::<SavedView>(storage::VIEW) {
            view.restore(&mut self.state);
        }
        let kept = storage::load::<SavedWork>(storage::WORK);
        if kept.is_some_and(|work| work.restore(&mut self.state)) {
            self.state.revision = 1;
            let page = self.state.look.page;
            let side = self.state.look.side;
            self.act(ctx, Action::Show(page));
            self.state.look.side = side;
            for request in state::replay(&self.state) {
                self.traffic.push(request);
            }
        } else if let Some(first) = scenarios::SCENARIOS.first() {
            self.state.playing = !calm();
            self.act(ctx, Action::OpenScenario(first.name.to_owned()));
        }
        self.open_link();
        self.spawn(ctx);
    }

    fn act(&mut self, ctx: &Context<Self>, action: Action) {
        for effect in state::update(&mut self.state, action) {
            self.carry_out(ctx, effect);
        }
        self.pump(ctx);
    }

    fn carry_out(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::Send(request) => {
                self.traffic.push(request);
                if self.worker.is_none() {
                    self.spawn(ctx);
                }
            }
            Effect::Save => {
                let save = ctx.link().callback(|()| Msg::Save);
                self.save = Some(Timeout::new(SAVE_AFTER, move || save.emit(())));
            }
            Effect::ShowDocument => {
                self.show_document();
                self.annotate();
            }
            Effect::Forget(file) => {
                self.with_editor(|editor| editor.forget(file.map(|FileId(id)| id)));
            }
            Effect::Annotate => self.annotate(),
            Effect::Reveal { location, focus } => self.reveal(location, focus),
            Effect::Mark(location) => self.mark(location),
            Effect::ApplyTheme(theme) => apply_theme(theme),
            Effect::Download(files) => {
                if outside::download(&files).is_none() {
                    self.say("The browser does not offer the download.");
                }
            }
            Effect::CopyLink(work) => self.share(*work),
            Effect::CopyText(text) => self.copy(text),
        }
    }

    fn say(&mut self, text: &str) {
        state::update(&mut self.state, Action::Say(text.to_owned()));
    }

    fn copy(&self, text: String) {
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            let said = if outside::copy(&text).await {
                "It is on the clipboard."
            } else {
                "The browser did not allow copying."
            };
            dispatch.emit(Action::Say(said.to_owned()));
        });
    }

    /// Makes a link that holds the work, shows it in the address bar and copies it.
    fn share(&mut self, work: SavedWork) {
        self.shared = Some(work.clone());
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            let Some(link) = outside::link_of(&work).await else {
                dispatch.emit(Action::Say("The link could not be made.".to_owned()));
                return;
            };
            outside::show_link(&link);
            let said = if outside::copy(&link).await {
                "The link is on the clipboard. It holds all files; nothing is stored elsewhere."
            } else {
                "The link is in the address bar. It holds all files; nothing is stored elsewhere."
            };
            dispatch.emit(Action::Say(said.to_owned()));
        });
    }

    /// Opens what a link in the page's own address holds.
    fn open_link(&self) {
        let Some(letters) = outside::take_letters() else { return };
        let dispatch = self.dispatch.clone();
        spawn_local(async move {
            dispatch.emit(match outside::work_of(letters).await {
                Ok(work) => Action::OpenWork(Box::new(work)),
                Err(reason) => Action::Say(format!("The link could not be opened: {reason}.")),
            });
        });
    }

    fn with_editor(&self, f: impl FnOnce(&Editor)) {
        if let Some(editor) = &*self.editor.0.borrow() {
            f(editor);
        }
    }

    fn show_document(&self) {
        if let Some(document) = self.state.active_document() {
            self.with_editor(|editor| editor.open(document.id.0, &document.text));
        }
    }

    fn annotate(&self) {
        let Some(document) = self.state.active_document() else { return };
        let Some(annotations) = self.state.annotations_of(document.id) else { return };
        let (json, tokens) = editor::annotations(document, annotations);
        self.with_editor(|editor| editor.annotate(document.id.0, &json, &tokens));
    }

    fn reveal(&self, location: Location, focus: bool) {
        let Some(document) = self.state.document(location.file) else { return };
        let (from, to) = document.utf16(location.span);
        self.with_editor(|editor| editor.reveal(from, to, focus));
    }

    fn mark(&self, location: Option<Location>) {
        let span = location
            .filter(|location| location.file == self.state.active)
            .and_then(|at| Some(self.state.document(at.file)?.utf16(at.span)));
        self.with_editor(|editor| editor.spot(span.map(|(from, _)| from), span.map(|(_, to)| to)));
    }

    fn keep(&mut self) {
        let work = SavedWork::of(&self.state);
        if self.shared.as_ref().is_some_and(|shared| *shared != work) {
            // A reload would bring back what it was then.
            outside::drop_link();
        }
        let work = storage::save(storage::WORK, &work);
        let view = storage::save(storage::VIEW, &SavedView::of(&self.state));
        if let Err(reason) = work.and(view) {
            state::update(&mut self.state, Action::StorageFailed(reason));
        }
    }

    fn spawn(&mut self, ctx: &Context<Self>) {
        self.listening = false;
        self.worker = Worker::spawn(ctx.link().callback(Msg::Hear));
        self.watch(ctx, START_PATIENCE);
    }

    fn watch(&mut self, ctx: &Context<Self>, patience: u32) {
        let overdue = ctx.link().callback(|()| Msg::Overdue);
        self.watchdog = Some(Timeout::new(patience, move || overdue.emit(())));
    }

    /// Sends what may be sent.
    fn pump(&mut self, ctx: &Context<Self>) {
        if !self.listening {
            return;
        }
        let Some(worker) = &self.worker else { return };
        if let Some(envelope) = self.traffic.next_request() {
            worker.send(&envelope);
            self.watch(ctx, PATIENCE);
        }
    }

    fn hear(&mut self, ctx: &Context<Self>, from: FromWorker) -> bool {
        let render = match from {
            FromWorker::Ready => {
                self.listening = true;
                self.watchdog = None;
                false
            }
            FromWorker::Says(sentence) => {
                self.say(&sentence);
                true
            }
            FromWorker::Broken => {
                self.restart(ctx);
                true
            }
            FromWorker::Message(message) => self.answered(ctx, message),
        };
        self.pump(ctx);
        render
    }

    fn answered(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        if !self.traffic.answered(message.number) {
            return false;
        }
        self.watchdog = None;
        match message.reply {
            Reply::Updated(update) => {
                self.act(ctx, Action::Updated(update));
                true
            }
            Reply::Hover(found) => {
                self.resolve(message.number, |utf16| {
                    found.map(|found| editor::card(&found, utf16))
                });
                false
            }
            Reply::Completions(found) => {
                self.resolve(message.number, |utf16| {
                    found.map(|found| editor::completions(&found, utf16))
                });
                false
            }
        }
    }

    /// Resolves a promise of the editor with JSON, or with null where there is nothing to show.
    fn resolve(
        &mut self,
        number: u32,
        make: impl FnOnce(&dyn Fn(Span) -> (u32, u32)) -> Option<String>,
    ) {
        let Some(Pending { resolve, request }) = self.pending.remove(&number) else { return };
        let json = match &request {
            Request::Hover { file, .. } | Request::Complete { file, .. } => {
                self.state.document(*file).and_then(|document| make(&|span| document.utf16(span)))
            }
            Request::HoverQuery { query, .. } | Request::CompleteQuery { query, .. } => {
                let index = LineIndex::new(query);
                make(&|span| (index.utf16(span.start), index.utf16(span.end)))
            }
            _ => None,
        };
        settle(&resolve, json);
    }

    /// Ends the worker, whatever it does, and lets another one live through everything again.
    fn restart(&mut self, ctx: &Context<Self>) {
        self.watchdog = None;
        self.worker = None;
        for (_, Pending { resolve, .. }) in self.pending.drain() {
            settle(&resolve, None);
        }
        let gave_up = self.traffic.failed() == Recovery::GiveUp;
        for effect in state::update(&mut self.state, Action::WorkerRestarted { gave_up }) {
            self.carry_out(ctx, effect);
        }
    }
}

/// The system's theme needs no attribute.
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

/// Resolves a promise with JSON, or with null. A promise's own resolver does not throw.
fn settle(resolve: &Function, json: Option<String>) {
    let value = json.map_or(JsValue::NULL, |json| JsValue::from_str(&json));
    let _ = resolve.call1(&JsValue::NULL, &value);
}
