//! Requests to the worker, its answers, and its failures.

use gloo::timers::callback::Timeout;
use js_sys::Function;
use protocol::{Message, Reply, Request};
use text::{LineIndex, Span};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::{
    App, MOST_COUNTED, Msg, OPEN_TIMEOUT, Pending, REQUEST_TIMEOUT, SLOW_START, Work, now,
};
use crate::editor;
use crate::state::restarts::Recovery;
use crate::state::{self, Action, Failure, TerminalAction, WorkerStatus};
use crate::worker::{Worker, WorkerSignal};

impl App {
    /// Starts a worker. Its first request opens the workspace.
    pub(super) fn spawn(&mut self, ctx: &Context<Self>) {
        // The visitor does not want to wait any longer for the files that load.
        let reload = self.worker.is_some() && !self.listening;
        let requests = state::replay(&mut self.state);
        self.request_queue.restore(requests);
        self.state.worker = WorkerStatus::Starting;
        self.listening = false;
        self.next_start = None;
        self.work = None;
        self.spawned_at = now();
        self.worker = None;
        self.worker = Worker::spawn(reload, ctx.link().callback(Msg::WorkerEvent));
    }

    /// Starts a worker now or after a number of milliseconds.
    pub(super) fn start_worker(&mut self, ctx: &Context<Self>, delay: u32) {
        if delay == 0 {
            self.spawn(ctx);
            return;
        }
        let start = ctx.link().callback(|()| Msg::Action(Action::RestartWorker));
        self.next_start = Some(Timeout::new(delay, move || start.emit(())));
    }

    /// Adds a request to the queue. Starts a worker if there is none and the request requests one.
    pub(super) fn enqueue(&mut self, ctx: &Context<Self>, request: Request) {
        let start = self.worker.is_none()
            && self.next_start.is_none()
            && self.state.worker.is_started_by(&request);
        self.request_queue.push(request);
        if start {
            self.spawn(ctx);
        }
    }

    /// Counts the time that the worker works at a request, and the time that its code loads. Returns
    /// true if the page must be rendered.
    pub(super) fn watch_worker(&mut self, ctx: &Context<Self>, millis: f64) -> bool {
        if let Some(work) = &mut self.work {
            work.spent += millis.min(MOST_COUNTED);
            if work.spent < work.limit {
                return false;
            }
            self.on_failure(ctx, Failure::Timeout);
            return true;
        }
        let slow = self.worker.is_some()
            && !self.listening
            && self.state.worker == WorkerStatus::Starting
            && now() - self.spawned_at >= SLOW_START;
        if slow {
            self.apply(ctx, Action::WorkerStartsSlowly);
        }
        slow
    }

    /// Does not wait for the next start if the network has come back.
    pub(super) fn on_online(&mut self, ctx: &Context<Self>) {
        if matches!(self.state.worker, WorkerStatus::Retrying(_) | WorkerStatus::NotStarted(_)) {
            self.apply(ctx, Action::RestartWorker);
        }
    }

    /// Sends the next request if the worker is ready for one.
    pub(super) fn flush(&mut self) {
        if !self.listening {
            return;
        }
        let Some(worker) = &self.worker else { return };
        if let Some(envelope) = self.request_queue.next_request() {
            let opens = matches!(envelope.request, Request::Open { .. });
            let limit = if opens { OPEN_TIMEOUT } else { REQUEST_TIMEOUT };
            worker.send(&envelope);
            self.work = Some(Work { spent: 0.0, limit });
        }
    }

    /// Handles an event of the worker. Returns true if the page must be rendered.
    pub(super) fn on_worker_event(&mut self, ctx: &Context<Self>, signal: WorkerSignal) -> bool {
        let render = match signal {
            WorkerSignal::Ready => {
                self.listening = true;
                false
            }
            WorkerSignal::Answer(message) => self.on_answer(ctx, message),
            WorkerSignal::NotStarted(message) => {
                self.on_failure(ctx, Failure::NotStarted(message));
                true
            }
            WorkerSignal::DescriptionsMissing => {
                self.apply(ctx, Action::DescriptionsMissing);
                true
            }
            WorkerSignal::Outdated => {
                self.worker = None;
                self.request_queue.clear();
                self.apply(ctx, Action::WorkerOutdated);
                true
            }
            WorkerSignal::Crashed(message) => {
                let failure = if self.listening { Failure::Crashed } else { Failure::NotStarted };
                self.on_failure(ctx, failure(message));
                true
            }
        };
        self.flush();
        render
    }

    pub(super) fn on_answer(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        let Some(request) = self.request_queue.accept_answer(message.number) else {
            return false;
        };
        self.work = None;
        match message.reply {
            Reply::Updated(update) => {
                let running = update.clock.goal.is_some();
                self.apply(ctx, Action::Updated(update));
                self.restarts.answered(&request, running);
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
            Reply::LineCompletions(found) => {
                self.apply(ctx, Action::Terminal(TerminalAction::Completed(found)));
                true
            }
            Reply::Imported(imported) => {
                self.apply(ctx, Action::ImportRead(imported));
                true
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
        self.work = None;
        self.worker = None;
        self.listening = false;
        for (_, Pending { resolve, .. }) in self.pending.drain() {
            resolve_promise(&resolve, None);
        }
        let imported = self.request_queue.has_import();
        let culprit = self.request_queue.drop_in_flight();
        let recovery = match failure {
            Failure::NotStarted(_) => self.restarts.start_failed(),
            Failure::Timeout | Failure::Crashed(_) => self.restarts.work_failed(culprit.as_ref()),
        };
        if recovery == Recovery::GiveUp {
            self.request_queue.clear();
        }
        let query = match culprit {
            Some(Request::Watch { query }) => Some(Box::new(query)),
            _ => None,
        };
        self.apply(ctx, Action::WorkerFailed { failure, recovery, query });
        if imported && !self.request_queue.has_import() {
            self.apply(ctx, Action::ImportFailed);
        }
    }
}

/// Resolves a promise with JSON, or with null. The resolver of a promise does not throw.
pub(super) fn resolve_promise(resolve: &Function, json: Option<String>) {
    let value = json.map_or(JsValue::NULL, |json| JsValue::from_str(&json));
    let _ = resolve.call1(&JsValue::NULL, &value);
}
