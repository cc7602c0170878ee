//! The worker's side of the browser's interfaces.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, console};

use protocol::{DecodeError, Envelope, Message, Reply, WorkerEvent, WorkerFailure};
use session::Session;

/// Starts a session and answers requests until the page ends the worker.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    report_panics(&scope);
    let session = Rc::new(RefCell::new(Session::new()));
    let own = scope.clone();
    let answer = move |event: MessageEvent| {
        let bytes = Uint8Array::new(&event.data()).to_vec();
        match protocol::decode(&bytes) {
            Ok(envelope) => {
                let message = timed(&own, &mut session.borrow_mut(), envelope);
                let lacks_descriptions = message.lacks_descriptions;
                post(&own, &WorkerEvent::Answer(message));
                if lacks_descriptions {
                    fetch_descriptions(session.clone());
                }
            }
            Err(error) => report_undecodable(&own, error),
        }
    };
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(answer);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
    post(&scope, &WorkerEvent::Ready);
}

/// Answers a request and adds the time that this took.
fn timed(scope: &DedicatedWorkerGlobalScope, session: &mut Session, envelope: Envelope) -> Message {
    let micros = || scope.performance().map_or(0.0, |clock| clock.now() * 1_000.0);
    let start = micros();
    let mut message = session.handle(envelope);
    if let Reply::Updated(update) = &mut message.reply {
        update.micros = (micros() - start) as u32;
    }
    message
}

fn post(scope: &DedicatedWorkerGlobalScope, event: &WorkerEvent) {
    let bytes = protocol::encode(event);
    if let Err(error) = scope.post_message(&Uint8Array::from(bytes.as_slice())) {
        console::error_2(&"The worker cannot post a message to the page:".into(), &error);
    }
}

/// Logs panics and posts them to the page. After a panic the worker's memory is in an unknown state,
/// and the page replaces the worker.
fn report_panics(scope: &DedicatedWorkerGlobalScope) {
    let scope = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        console::error_1(&format!("The worker failed: {info}").into());
        let failure = WorkerFailure::Panic {
            message: info.payload_as_str().unwrap_or("unknown reason").to_owned(),
            location: info.location().map(ToString::to_string).unwrap_or_default(),
        };
        post(&scope, &WorkerEvent::Failed(failure));
    }));
}

fn report_undecodable(scope: &DedicatedWorkerGlobalScope, error: DecodeError) {
    console::error_1(&format!("The worker dropped a request: {error}").into());
    let DecodeError { length, reason } = error;
    let failure = WorkerFailure::UndecodableRequest { length: length as u32, reason };
    post(scope, &WorkerEvent::Failed(failure));
}

/// Fetches the descriptions of Kubernetes fields, which are a separate file because few visits need
/// them. They are shown from the next request on. If the file does not load, the page gets a message.
fn fetch_descriptions(session: Rc<RefCell<Session>>) {
    let method = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into()).ok()?.dyn_into::<Function>().ok()
    };
    let scope: JsValue = js_sys::global().into();
    let answer = method(&scope, "fetch")
        .and_then(|fetch| fetch.call1(&scope, &"kubernetes.json".into()).ok())
        .and_then(|promise| promise.dyn_into::<Promise>().ok());
    let Some(answer) = answer else { return };
    let read = Closure::once_into_js(move |response: JsValue| -> JsValue {
        let text = method(&response, "text").and_then(|text| text.call0(&response).ok());
        text.unwrap_or_default()
    });
    let missing = {
        let scope = scope.clone();
        move |error: &JsValue| {
            let text = "The descriptions of Kubernetes fields cannot be loaded:";
            console::warn_2(&text.into(), error);
            post(scope.unchecked_ref(), &WorkerEvent::DescriptionsMissing);
        }
    };
    let take = {
        let missing = missing.clone();
        Closure::once_into_js(move |text: JsValue| {
            // A captive portal, and a server without the file, answer with a page.
            let json = text.as_string().unwrap_or_default();
            if !session.borrow_mut().provide_descriptions(&json) {
                missing(&"kubernetes.json is not a list of texts".into());
            }
        })
    };
    let failed = Closure::once_into_js(move |error: JsValue| missing(&error));
    let then = |promise: &JsValue, done: &JsValue| {
        method(promise, "then").and_then(|then| then.call2(promise, done, &failed).ok())
    };
    if let Some(text) = then(&answer.into(), &read) {
        then(&text, &take);
    }
}
