//! Downloads, the clipboard, and links that contain a workspace.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::state::SavedWork;
use super::state::valid::{self, Refusal, ValidWork};
use crate::zip;
use protocol::File;

#[wasm_bindgen(module = "/bundle/link.js")]
extern "C" {
    fn pack(text: &str) -> Promise;
    fn unpack(letters: &str, most: f64) -> Promise;
}

/// The prefix of the fragment that contains a workspace.
const MARK: &str = "#w=";

/// Downloads the files: one file as it is, several as a ZIP archive.
pub fn download(files: &[File]) -> Option<()> {
    let (name, bytes, kind) = match files {
        [file] => (file.name.as_str(), file.text.clone().into_bytes(), "text/yaml"),
        files => ("prometheus-playground.zip", zip::zip(files), "application/zip"),
    };
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes.as_slice()));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let document = web_sys::window()?.document()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser keeps its own reference to the data.
    Url::revoke_object_url(&url).ok()
}

/// Returns a link that opens this work. Errors are the end of a sentence. A link that is returned
/// keeps the limits that [`work_of`] checks.
pub async fn link_of(work: &SavedWork) -> Result<String, String> {
    let failed = || "the browser could not compress it".to_owned();
    let said = |refusal: Refusal| refusal.to_string();
    let text = serde_json::to_string(work).map_err(|error| error.to_string())?;
    ValidWork::of_link(&text).map_err(said)?;
    let letters = JsFuture::from(pack(&text)).await.ok().and_then(|text| text.as_string());
    let letters = letters.ok_or_else(failed)?;
    valid::check_link_letters(letters.len()).map_err(said)?;
    let href = web_sys::window().and_then(|window| window.location().href().ok());
    let base = href.as_deref().and_then(|href| href.split('#').next()).ok_or_else(failed)?;
    Ok(format!("{base}{MARK}{letters}"))
}

/// Copies text to the clipboard. Returns false if the browser does not allow it.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let clipboard = window.navigator().clipboard();
    // There is no clipboard outside a secure context.
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Shows the link in the address bar, without a new entry in the history.
pub fn show_link(link: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        // If the browser refuses, the link is still on the clipboard.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(link));
    }
}

/// Removes a link from the address bar.
pub fn drop_link() {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return };
    if location.hash().is_ok_and(|hash| hash.starts_with(MARK))
        && let (Ok(path), Ok(search)) = (location.pathname(), location.search())
    {
        show_link(&(path + &search));
    }
}

/// Returns the encoded workspace of the page's address and removes it from the address.
pub fn take_letters() -> Option<String> {
    let window = web_sys::window()?;
    let letters = window.location().hash().ok()?.strip_prefix(MARK)?.to_owned();
    drop_link();
    Some(letters)
}

/// Decodes the work that a link contains. Errors are the end of a sentence about the link.
pub async fn work_of(letters: String) -> Result<ValidWork, String> {
    let said = |refusal: Refusal| refusal.to_string();
    valid::check_link_letters(letters.len()).map_err(said)?;
    match JsFuture::from(unpack(&letters, valid::MOST_LINK_TEXT as f64)).await {
        Ok(text) => ValidWork::of_link(&text.as_string().unwrap_or_default()).map_err(said),
        Err(error) if error.is_instance_of::<js_sys::RangeError>() => {
            Err(Refusal::LinkText(valid::MOST_LINK_TEXT + 1).to_string())
        }
        Err(_) => Err("it is incomplete or was changed".to_owned()),
    }
}
