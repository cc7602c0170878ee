//! Downloads, the clipboard, and links that contain a workspace.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::state::SavedWork;
use super::state::valid::{self, Refusal, ValidWork};
use crate::{address, zip};
use protocol::File;

#[wasm_bindgen(module = "/bundle/link.js")]
extern "C" {
    fn pack(text: &str) -> Promise;
    fn unpack(letters: &str, most: f64) -> Promise;
}

/// The prefix of the fragment that contains a workspace.
const MARK: &str = "#w=";
/// The prefix of the fragment that contains a lesson.
const LESSON_MARK: &str = "#l=";

/// What the address of the page contains, encoded.
pub enum Letters {
    Work(String),
    Lesson(String),
}

/// What a link contains.
pub enum Linked {
    Work(Box<ValidWork>),
    /// JSON of a lesson.
    Lesson(String),
}

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

/// Returns the fragment of a link that opens this work. Errors are the end of a sentence. A fragment
/// that is returned keeps the limits that [`read`] checks.
pub async fn fragment_of(work: &SavedWork) -> Result<String, String> {
    let said = |refusal: Refusal| refusal.to_string();
    let text = serde_json::to_string(work).map_err(|error| error.to_string())?;
    ValidWork::of_link(&text).map_err(said)?;
    Ok(format!("{MARK}{}", packed(&text).await?))
}

/// The same for a lesson.
pub async fn fragment_of_lesson(json: &str) -> Result<String, String> {
    Ok(format!("{LESSON_MARK}{}", packed(json).await?))
}

async fn packed(text: &str) -> Result<String, String> {
    let letters = JsFuture::from(pack(text)).await.ok().and_then(|text| text.as_string());
    let letters = letters.ok_or_else(|| "the browser could not compress it".to_owned())?;
    valid::check_link_letters(letters.len()).map_err(|refusal| refusal.to_string())?;
    Ok(letters)
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
    let is_link = |hash: String| hash.starts_with(MARK) || hash.starts_with(LESSON_MARK);
    if location.hash().is_ok_and(is_link)
        && let (Ok(path), Ok(search)) = (location.pathname(), location.search())
    {
        show_link(&(path + &search));
    }
}

/// Returns what the page's address contains and removes it from the address. The address of a frame
/// stays, because the frame stores nothing.
pub fn take_letters() -> Option<Letters> {
    let window = web_sys::window()?;
    let hash = window.location().hash().ok()?;
    let work = hash.strip_prefix(MARK).map(|letters| Letters::Work(letters.to_owned()));
    let lesson = hash.strip_prefix(LESSON_MARK).map(|letters| Letters::Lesson(letters.to_owned()));
    let letters = work.or(lesson)?;
    if !address::is_embedded() {
        drop_link();
    }
    Some(letters)
}

/// Decodes what a link contains. Errors are the end of a sentence about the link.
pub async fn read(letters: Letters) -> Result<Linked, String> {
    let said = |refusal: Refusal| refusal.to_string();
    Ok(match letters {
        Letters::Work(letters) => {
            let text = unpacked(&letters).await?;
            Linked::Work(Box::new(ValidWork::of_link(&text).map_err(said)?))
        }
        Letters::Lesson(letters) => Linked::Lesson(unpacked(&letters).await?),
    })
}

async fn unpacked(letters: &str) -> Result<String, String> {
    valid::check_link_letters(letters.len()).map_err(|refusal| refusal.to_string())?;
    match JsFuture::from(unpack(letters, valid::MOST_LINK_TEXT as f64)).await {
        Ok(text) => Ok(text.as_string().unwrap_or_default()),
        Err(error) if error.is_instance_of::<js_sys::RangeError>() => {
            Err(Refusal::LinkText(valid::MOST_LINK_TEXT + 1).to_string())
        }
        Err(_) => Err("it is incomplete or was changed".to_owned()),
    }
}
