//! The worker as the page has it: starts, takes bytes, can be ended at any time.
//!
//! `gloo-worker` is not used: its bridge asks a worker to end itself, and one that never comes back
//! from a job does not hear that.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, WorkerOptions, WorkerType};
use yew::Callback;

use protocol::{Envelope, Message, WorkerEvent};

/// What comes out of a worker.
pub enum FromWorker {
    /// It listens now.
    Ready,
    Message(Message),
    /// A sentence about what it cannot do; it breaks down after it.
    Says(String),
    /// It has come to an end: its code could not be loaded, or it broke down.
    Broken,
}

pub struct Worker {
    inner: web_sys::Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Worker {
    /// Nothing where the browser refuses to start one.
    pub fn spawn(hear: Callback<FromWorker>) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let inner = web_sys::Worker::new_with_options("./worker_loader.js", &options).ok()?;
        let on_error = {
            let hear = hear.clone();
            Closure::new(move |_: web_sys::Event| hear.emit(FromWorker::Broken))
        };
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(sentence) = event.data().as_string() {
                hear.emit(FromWorker::Says(sentence));
                return;
            }
            let bytes = Uint8Array::new(&event.data()).to_vec();
            hear.emit(match protocol::decode(&bytes) {
                Ok(WorkerEvent::Ready) => FromWorker::Ready,
                Ok(WorkerEvent::Answer(message)) => FromWorker::Message(message),
                Ok(WorkerEvent::Failed(failure)) => {
                    FromWorker::Says(format!("Something went wrong here: {failure}"))
                }
                Err(error) => {
                    web_sys::console::error_1(&error.to_string().into());
                    FromWorker::Broken
                }
            });
        });
        inner.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        inner.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { inner, _on_message: on_message, _on_error: on_error })
    }

    pub fn send(&self, envelope: &Envelope) {
        let bytes = protocol::encode(envelope);
        // Fails for a worker that has ended, which the watchdog finds out.
        let _ = self.inner.post_message(&Uint8Array::from(bytes.as_slice()));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.inner.set_onmessage(None);
        self.inner.set_onerror(None);
        self.inner.terminate();
    }
}
