//! Lessons as files that the page fetches.

use js_sys::{Error, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/bundle/lesson.js")]
extern "C" {
    #[wasm_bindgen(js_name = fetchLesson)]
    fn fetch_lesson(name: &str) -> Promise;
}

/// Returns the JSON of a lesson. Errors are the end of a sentence.
pub async fn fetch(name: &str) -> Result<String, String> {
    match JsFuture::from(fetch_lesson(name)).await {
        Ok(text) => Ok(text.as_string().unwrap_or_default()),
        Err(error) => Err(match error.dyn_into::<Error>() {
            Ok(error) => String::from(error.message()),
            Err(_) => "it did not load".to_owned(),
        }),
    }
}
