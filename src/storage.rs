//! Local storage: preferences, positions, and work that could not be stored in time. Workspaces are
//! in `workspace_store`. Every access can be refused; errors have a reason.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::Storage;

/// The work, as earlier versions of the page stored it.
pub const WORK: &str = "playground.work";
pub const VIEW: &str = "playground.view";
/// True after the first visit.
pub const VISITED: &str = "playground.visited";
/// The learner's progress in lessons.
pub const LEARNER: &str = "playground.learner";
/// The position in the workspace that was shown last.
pub const POSITION: &str = "playground.position";
/// The start of the keys of work that was not stored when its page was closed.
pub const UNSTORED: &str = "playground.unstored.";

/// Bytes of a value that is read. Local storage holds about 5 MB.
const MOST_VALUE: usize = 16 << 20;

/// The use of the storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All tabs.
    Local,
    /// This tab, also after a reload.
    Session,
}

fn storage(kind: Kind) -> Result<Storage, String> {
    let storage = web_sys::window().map(|window| match kind {
        Kind::Local => window.local_storage(),
        Kind::Session => window.session_storage(),
    });
    match storage {
        Some(Ok(Some(storage))) => Ok(storage),
        _ => Err(reason(&JsValue::NULL)),
    }
}

fn text(kind: Kind, key: &str) -> Option<String> {
    let text = storage(kind).ok()?.get_item(key).ok()??;
    (text.len() <= MOST_VALUE).then_some(text)
}

/// Returns None if there is no value or an invalid value.
pub fn load<T: DeserializeOwned>(kind: Kind, key: &str) -> Option<T> {
    serde_json::from_str(&text(kind, key)?).ok()
}

pub fn save<T: Serialize>(kind: Kind, key: &str, value: &T) -> Result<(), String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    storage(kind)?.set_item(key, &text).map_err(|error| reason(&error))
}

/// Removes a value. If that is refused, the value is read again at the next start.
pub fn remove(key: &str) {
    if let Ok(storage) = storage(Kind::Local) {
        let _ = storage.remove_item(key);
    }
}

/// Returns the values of all keys that start with this text.
pub fn with_prefix(prefix: &str) -> Vec<(String, String)> {
    let Ok(local) = storage(Kind::Local) else { return Vec::new() };
    let keys = (0..local.length().unwrap_or_default()).filter_map(|at| local.key(at).ok()?);
    let keys: Vec<String> = keys.filter(|key| key.starts_with(prefix)).collect();
    keys.into_iter().filter_map(|key| text(Kind::Local, &key).map(|text| (key, text))).collect()
}

/// Returns the reason of a refusal in words.
pub fn reason(error: &JsValue) -> String {
    let name = js_sys::Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some(name) if name.contains("Quota") => "the storage of the browser is full".to_owned(),
        Some("TimeoutError") => "the database of the browser does not open".to_owned(),
        _ => "the browser does not allow it".to_owned(),
    }
}
