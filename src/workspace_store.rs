//! Workspaces in the database of the browser; see `store.js`. Other tabs use the same database.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use yew::Callback;

use crate::state::valid::ValidWork;
use crate::state::workspaces::{StoreRequest, Stored, StoredWorkspace, WorkspaceRecord};
use crate::storage::reason;

#[wasm_bindgen(module = "/bundle/store.js")]
extern "C" {
    fn watch(changed: &JsValue);
    #[wasm_bindgen(js_name = list)]
    fn list_records() -> Promise;
    fn unstored() -> String;
    #[wasm_bindgen(js_name = load)]
    fn load_work(id: &str) -> Promise;
    #[wasm_bindgen(js_name = save)]
    fn save_work(record: &str, base: f64, work: &str, copy: Option<&str>) -> Promise;
    #[wasm_bindgen(js_name = rename)]
    fn rename_record(id: &str, name: &str) -> Promise;
    #[wasm_bindgen(js_name = setDeleted)]
    fn set_deleted_at(id: &str, deleted: bool) -> Promise;
    #[wasm_bindgen(js_name = remove)]
    fn remove_record(id: &str) -> Promise;
    #[wasm_bindgen(js_name = persist)]
    fn persist_storage() -> Promise;
}

async fn done(promise: Promise) -> Result<JsValue, String> {
    JsFuture::from(promise).await.map_err(|error| reason(&error))
}

/// Calls back with the id of each workspace that another tab changes, while the page is open.
pub fn watch_other_tabs(changed: Callback<String>) {
    let closure = Closure::<dyn FnMut(String)>::new(move |id| changed.emit(id));
    watch(&closure.into_js_value());
}

/// Returns the records of all workspaces, and the reason if the database is not available. Then the
/// records are those in memory.
pub async fn list() -> (Vec<WorkspaceRecord>, Option<String>) {
    let (json, failure) = match done(list_records()).await {
        Ok(json) => (json.as_string().unwrap_or_default(), None),
        Err(reason) => (unstored(), Some(reason)),
    };
    let values: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap_or_default();
    let records = values.into_iter().filter_map(|value| serde_json::from_value(value).ok());
    (records.collect(), failure)
}

/// Reads a workspace. Errors are the end of a sentence about it.
pub async fn load(id: &str) -> Result<StoredWorkspace, String> {
    let pair = done(load_work(id)).await?;
    let pair: Array = pair.dyn_into().map_err(|_| "it was removed in another tab".to_owned())?;
    let text = |at: u32| pair.get(at).as_string().unwrap_or_default();
    let record: WorkspaceRecord =
        serde_json::from_str(&text(0)).map_err(|_| "its record was changed".to_owned())?;
    let work = ValidWork::of_json(&text(1)).map_err(|refusal| refusal.to_string())?;
    Ok(StoredWorkspace { record, work })
}

/// Stores a workspace. See [`StoreRequest`].
pub async fn save(request: &StoreRequest) -> Stored {
    let record = serde_json::to_string(&request.record).unwrap_or_default();
    let saved = save_work(&record, request.base as f64, &request.work, request.copy.as_deref());
    match done(saved).await {
        Ok(revision) => match revision.as_f64().unwrap_or_default() as u64 {
            0 => Stored::Newer,
            revision => Stored::Saved(revision),
        },
        Err(reason) => Stored::Failed(reason),
    }
}

pub async fn rename(id: &str, name: &str) -> Result<(), String> {
    done(rename_record(id, name)).await.map(drop)
}

pub async fn set_deleted(id: &str, deleted: bool) -> Result<(), String> {
    done(set_deleted_at(id, deleted)).await.map(drop)
}

pub async fn remove(id: &str) -> Result<(), String> {
    done(remove_record(id)).await.map(drop)
}

/// Asks the browser to keep the storage when space is short. The answer changes nothing.
pub async fn persist() {
    let _ = JsFuture::from(persist_storage()).await;
}
