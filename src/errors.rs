//! Reports of errors that the page cannot handle. `errors.js` shows them.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use yew::Callback;

use super::state::ErrorReport;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = playground, js_name = report, catch)]
    fn show(error: &JsValue) -> Result<(), JsValue>;
}

/// Reports panics of the page. After a panic the page cannot continue.
pub fn install_panic_hook() {
    // Yew installs a hook of its own when it renders, unless it has one.
    yew::set_custom_panic_hook(Box::new(|info| {
        report_object(&object(&[("kind", "page".into()), ("message", info.to_string().into())]));
    }));
}

/// Shows a report. `restart` runs when the visitor requests a new worker.
pub fn report(error: &ErrorReport, restart: Callback<()>) {
    let mut entries = vec![
        ("kind", JsValue::from(if error.missing_file { "file" } else { "worker" })),
        ("message", error.message.as_str().into()),
        ("explanation", error.explanation.into()),
    ];
    if let Some(label) = error.restart {
        let run = Closure::once_into_js(move || restart.emit(()));
        entries.push(("retry", object(&[("label", label.into()), ("run", run)])));
    }
    report_object(&object(&entries));
}

fn report_object(error: &JsValue) {
    if show(error).is_err() {
        // `errors.js` is not there, for example in unit tests.
        web_sys::console::error_1(error);
    }
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        // Setting a property of a plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
