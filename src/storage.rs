//! Storage of the browser. Every access can be refused; errors have a reason.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Storage;

pub const WORK: &str = "playground.work";
pub const VIEW: &str = "playground.view";

fn storage() -> Result<Storage, String> {
    match web_sys::window().map(|window| window.local_storage()) {
        Some(Ok(Some(storage))) => Ok(storage),
        _ => Err("the browser does not allow it".to_owned()),
    }
}

/// Returns None if there is no value or an invalid value.
pub fn load<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = storage().ok()?.get_item(key).ok()??;
    serde_json::from_str(&text).ok()
}

pub fn save<T: Serialize>(key: &str, value: &T) -> Result<(), String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    storage()?.set_item(key, &text).map_err(reason)
}

fn reason(error: JsValue) -> String {
    let full = error.dyn_ref::<js_sys::Error>().is_some_and(|error| {
        let name = String::from(error.name());
        name.contains("Quota") || String::from(error.message()).contains("quota")
    });
    if full {
        "the storage of the browser is full".to_owned()
    } else {
        "the browser does not allow it".to_owned()
    }
}
