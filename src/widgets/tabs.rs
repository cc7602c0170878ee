//! Keyboard support of a tab list, as in the ARIA practices: arrow keys move and select.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// Returns a key handler for a tab list with `count` tabs. It selects another tab and moves the
/// focus to it.
pub fn tab_keys(count: usize, active: usize, choose: Callback<usize>) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        if count == 0 {
            return;
        }
        let next = match event.key().as_str() {
            "ArrowRight" => (active + 1) % count,
            "ArrowLeft" => (active + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        choose.emit(next);
        // Yew listens at the root, so that `current_target` is not the tab list.
        let from = event.target().and_then(|tab| tab.dyn_into::<web_sys::Element>().ok());
        let list = from.and_then(|tab| tab.closest("[role=tablist]").ok().flatten());
        let tab = list
            .and_then(|list| list.query_selector_all("[role=tab]").ok())
            .and_then(|tabs| tabs.get(next as u32));
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
            // A tab that is not focusable was selected anyway.
            let _ = tab.focus();
        }
    })
}
