//! Runs a session off the page's main thread.
//!
//! Messages are bincode in a byte array, in the shapes of `session::protocol`. The first message
//! out is empty and says that the worker listens.

#[cfg(target_arch = "wasm32")]
fn main() {
    use js_sys::Uint8Array;
    use kubernetes::openapi;
    use session::{Envelope, Reply, Session};
    use wasm_bindgen::prelude::*;

    let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let clock = scope.performance();
    let micros = move || clock.as_ref().map_or(0.0, |clock| clock.now() * 1_000.0);
    let mut session = Session::new();
    let answer = {
        let scope = scope.clone();
        move |event: web_sys::MessageEvent| {
            let bytes = Uint8Array::new(&event.data()).to_vec();
            let Ok(envelope) = bincode::deserialize::<Envelope>(&bytes) else { return };
            let start = micros();
            let mut message = session.handle(envelope);
            if openapi::take_wanted() {
                fetch_descriptions();
            }
            if let Reply::Updated(update) = &mut message.reply {
                update.micros = (micros() - start) as u32;
            }
            if let Ok(bytes) = bincode::serialize(&message) {
                // A page that is gone takes no answer; there is nobody to tell.
                let _ = scope.post_message(&Uint8Array::from(bytes.as_slice()));
            }
        }
    };
    let closure = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(answer);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
    let _ = scope.post_message(&Uint8Array::new_with_length(0));
}

/// Fetches Kubernetes's own descriptions, which are a file of their own because few visits need
/// them. Whoever asked sees them the next time; where the file cannot be had, the page does without.
#[cfg(target_arch = "wasm32")]
fn fetch_descriptions() {
    use js_sys::{Function, Promise, Reflect};
    use wasm_bindgen::prelude::*;

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
    let take = Closure::once_into_js(|text: JsValue| {
        if let Some(text) = text.as_string() {
            kubernetes::openapi::provide_descriptions(&text);
        }
    });
    let ignore = Closure::once_into_js(|_: JsValue| {});
    let then = |promise: &JsValue, done: &JsValue| {
        method(promise, "then").and_then(|then| then.call2(promise, done, &ignore).ok())
    };
    if let Some(text) = then(&answer.into(), &read) {
        then(&text, &take);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The worker runs in a browser only; see `make serve`.");
}
