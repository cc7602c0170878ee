//! The worker: starts, exchanges messages with the page, and can be terminated at any time.
//!
//! `gloo-worker` is not used: its bridge asks a worker to stop, and a worker that hangs in a request
//! does not receive the message.

use js_sys::{Reflect, Uint8Array};
use protocol::{Envelope, Message, WorkerEvent};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;
use yew::Callback;

#[wasm_bindgen]
extern "C" {
    /// Starts a worker and sends it its WebAssembly module; see `boot.js`.
    #[wasm_bindgen(js_namespace = playground, js_name = startWorker, catch)]
    fn start_worker(reload: bool) -> Result<web_sys::Worker, JsValue>;
}

/// An event of a worker.
pub enum WorkerSignal {
    /// The worker accepts requests.
    Ready,
    Answer(Message),
    /// The worker did not start, for example because its code did not load.
    NotStarted(String),
    /// The code of the worker is of another build than the page. `boot.js` has said so.
    Outdated,
    /// The worker stopped or dropped a request. It must be replaced.
    Crashed(String),
    /// The descriptions of Kubernetes fields did not load.
    DescriptionsMissing,
}

pub struct Worker {
    inner: web_sys::Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::ErrorEvent)>,
}

impl Worker {
    /// Starts a worker. `reload` requests its code again, even if it is loading. Returns None after
    /// an error, which is reported as a signal.
    pub fn spawn(reload: bool, signals: Callback<WorkerSignal>) -> Option<Self> {
        let inner = match start_worker(reload) {
            Ok(worker) => worker,
            Err(error) => {
                signals.emit(WorkerSignal::NotStarted(format!("{error:?}")));
                return None;
            }
        };
        let on_error = {
            let signals = signals.clone();
            // `boot.js` handles a script that does not load.
            Closure::new(move |event: web_sys::ErrorEvent| {
                signals.emit(WorkerSignal::Crashed(event.message()));
            })
        };
        let on_message =
            Closure::new(move |event: MessageEvent| signals.emit(signal(&event.data())));
        inner.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        inner.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { inner, _on_message: on_message, _on_error: on_error })
    }

    pub fn send(&self, envelope: &Envelope) {
        let bytes = Uint8Array::from(protocol::encode(envelope).as_slice());
        if let Err(error) = self.inner.post_message(&bytes) {
            // The request times out, and the worker is replaced.
            web_sys::console::error_2(&"The page cannot post a message:".into(), &error);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.inner.set_onmessage(None);
        self.inner.set_onerror(None);
        self.inner.terminate();
    }
}

/// Decodes a message: bytes from Rust, or an object from `worker_boot.js`.
fn signal(data: &JsValue) -> WorkerSignal {
    let text = |key: &str| Reflect::get(data, &key.into()).ok()?.as_string();
    let Some(bytes) = data.dyn_ref::<Uint8Array>() else {
        if let Some(message) = text("failed") {
            return WorkerSignal::NotStarted(message);
        }
        return match text("outdated") {
            Some(_) => WorkerSignal::Outdated,
            None => WorkerSignal::Crashed(text("crashed").unwrap_or_default()),
        };
    };
    match protocol::decode(&bytes.to_vec()) {
        Ok(WorkerEvent::Ready) => WorkerSignal::Ready,
        Ok(WorkerEvent::Answer(message)) => WorkerSignal::Answer(message),
        Ok(WorkerEvent::DescriptionsMissing) => WorkerSignal::DescriptionsMissing,
        Ok(WorkerEvent::Failed(failure)) => WorkerSignal::Crashed(failure.to_string()),
        Err(error) => WorkerSignal::Crashed(error.to_string()),
    }
}
