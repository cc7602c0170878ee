//! Requests to the worker, its answers, and its failures.

use gloo::timers::callback::Timeout;
use js_sys::Function;
use protocol::{Message, Reply, Request};
use text::{LineIndex, Span};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::{App, Msg, Pending, REQUEST_TIMEOUT, START_TIMEOUT};
use crate::editor;
use crate::state::request_queue::Recovery;
use crate::state::{self, Action, Failure};
use crate::worker::{Worker, WorkerSignal};

impl App {
    /// Starts a worker. Its first request opens the workspace.
    pub(super) fn spawn(&mut self, ctx: &Context<Self>) {
        if !self.request_queue.opens() {
            for request in state::replay(&self.state) {
                self.request_queue.push(request);
            }
        }
        self.listening = false;
        self.worker = Worker::spawn(ctx.link().callback(Msg::WorkerEvent));
        self.start_watchdog(ctx, START_TIMEOUT);
    }

    pub(super) fn start_watchdog(&mut self, ctx: &Context<Self>, timeout: u32) {
        let expired = ctx.link().callback(|()| Msg::WorkerTimeout);
        self.watchdog = Some(Timeout::new(timeout, move || expired.emit(())));
    }

    /// Sends the next request if the worker is ready for one.
    pub(super) fn flush(&mut self, ctx: &Context<Self>) {
        if !self.listening {
            return;
        }
        let Some(worker) = &self.worker else { return };
        if let Some(envelope) = self.request_queue.next_request() {
            worker.send(&envelope);
            self.start_watchdog(ctx, REQUEST_TIMEOUT);
        }
    }

    /// Handles an event of the worker. Returns true if the page must be rendered.
    pub(super) fn on_worker_event(&mut self, ctx: &Context<Self>, signal: WorkerSignal) -> bool {
        let render = match signal {
            WorkerSignal::Ready => {
                self.listening = true;
                self.watchdog = None;
                false
            }
            WorkerSignal::Answer(message) => self.on_answer(ctx, message),
            WorkerSignal::NotStarted(message) => {
                self.on_failure(ctx, Failure::NotStarted(message));
                true
            }
            WorkerSignal::Crashed(message) => {
                self.on_failure(ctx, Failure::Crashed(message));
                true
            }
        };
        self.flush(ctx);
        render
    }

    pub(super) fn on_answer(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        if !self.request_queue.accept_answer(message.number) {
            return false;
        }
        self.watchdog = None;
        match message.reply {
            Reply::Updated(update) => {
                self.apply(ctx, Action::Updated(update));
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

    /// Resolves a promise of the editor with JSON, or with null if there is nothing to show.
    pub(super) fn resolve(
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
        resolve_promise(&resolve, json);
    }

    /// Terminates the worker. `update` decides whether another one is started.
    pub(super) fn on_failure(&mut self, ctx: &Context<Self>, failure: Failure) {
        self.watchdog = None;
        self.worker = None;
        for (_, Pending { resolve, .. }) in self.pending.drain() {
            resolve_promise(&resolve, None);
        }
        let gave_up = self.request_queue.record_failure() == Recovery::GiveUp;
        for effect in state::update(&mut self.state, Action::WorkerFailed { failure, gave_up }) {
            self.run_effect(ctx, effect);
        }
    }
}

/// Resolves a promise with JSON, or with null. The resolver of a promise does not throw.
pub(super) fn resolve_promise(resolve: &Function, json: Option<String>) {
    let value = json.map_or(JsValue::NULL, |json| JsValue::from_str(&json));
    let _ = resolve.call1(&JsValue::NULL, &value);
}
