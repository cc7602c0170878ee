//! Files that the visitor drops, chooses or pastes, as requests of the page.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use protocol::import::{MOST_BYTES, is_wanted};
use protocol::{Given, RawFile};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::Callback;

use crate::state::Action;

#[wasm_bindgen(module = "/bundle/import.js")]
extern "C" {
    #[wasm_bindgen(js_name = ofInput)]
    fn of_input(input: &HtmlInputElement, most: f64, wanted: &Function) -> Promise;
    fn watch(most: f64, wanted: &Function, hover: &Function, found: &Function) -> Function;
}

type NameTest = Closure<dyn Fn(String) -> bool>;

/// Watches the page for files. Ends when it is dropped.
pub struct FileWatch {
    end: Function,
    _wanted: NameTest,
    _hover: Closure<dyn Fn(bool)>,
    _found: Closure<dyn Fn(Promise)>,
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        // The function removes listeners and does not throw.
        let _ = self.end.call0(&JsValue::NULL);
    }
}

/// Watches the page: `hover` is called when files are dragged over it, `act` with the files that are
/// dropped or pasted.
pub fn watch_page(hover: Callback<bool>, act: Callback<Action>) -> FileWatch {
    let wanted: NameTest = Closure::new(|name: String| is_wanted(&name));
    let hover = Closure::<dyn Fn(bool)>::new(move |on| hover.emit(on));
    let found = Closure::<dyn Fn(Promise)>::new(move |promise| take(promise, act.clone()));
    let end = watch(MOST_BYTES as f64, function(&wanted), function(&hover), function(&found));
    FileWatch { end, _wanted: wanted, _hover: hover, _found: found }
}

fn function<T: ?Sized>(closure: &Closure<T>) -> &Function {
    closure.as_ref().unchecked_ref()
}

/// Reads the files that an input has chosen.
pub fn read_input(input: &HtmlInputElement, act: Callback<Action>) {
    let wanted: NameTest = Closure::new(|name: String| is_wanted(&name));
    let promise = of_input(input, MOST_BYTES as f64, function(&wanted));
    spawn_local(async move {
        act.emit(found(JsFuture::from(promise).await));
        drop(wanted);
    });
}

/// Turns pasted text into an import.
pub fn pasted(text: String) -> Action {
    let bytes = text.into_bytes();
    Action::Import(vec![RawFile { name: String::new(), bytes, from: Given::Pasted }])
}

fn take(promise: Promise, act: Callback<Action>) {
    spawn_local(async move { act.emit(found(JsFuture::from(promise).await)) });
}

/// Turns the answer of the script into an action.
fn found(answer: Result<JsValue, JsValue>) -> Action {
    let failed = |reason: &str| Action::Notify(format!("The files could not be read: {reason}."));
    let Ok(answer) = answer else { return failed("the browser refused it") };
    let field = |object: &JsValue, key: &str| Reflect::get(object, &key.into()).ok();
    let text = |object: &JsValue, key: &str| field(object, key).and_then(|value| value.as_string());
    match text(&answer, "problem").as_deref() {
        Some("large") => {
            return failed(&format!("an import can have {} MB at most", MOST_BYTES >> 20));
        }
        Some(reason) => return failed(reason),
        None => {}
    }
    let files = field(&answer, "files").and_then(|files| files.dyn_into::<Array>().ok());
    let files = files.iter().flat_map(|files| files.iter()).filter_map(|file| {
        let bytes = field(&file, "bytes")?.dyn_into::<Uint8Array>().ok()?.to_vec();
        let from = match text(&file, "from").as_deref() {
            Some("folder") => Given::Folder,
            Some("pasted") => Given::Pasted,
            _ => Given::Chosen,
        };
        Some(RawFile { name: text(&file, "name")?, bytes, from })
    });
    Action::Import(files.collect())
}
