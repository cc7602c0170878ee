//! Keys of a row of tabs, after the pattern of the ARIA practices: arrows move and choose.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// A key handler for a tab list with `count` tabs of which `active` is chosen. It chooses another
/// one and moves the focus to it.
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
        // The page's events are all heard at its root, so that is their current target.
        let from = event.target().and_then(|tab| tab.dyn_into::<web_sys::Element>().ok());
        let list = from.and_then(|tab| tab.closest("[role=tablist]").ok().flatten());
        let tab = list
            .and_then(|list| list.query_selector_all("[role=tab]").ok())
            .and_then(|tabs| tabs.get(next as u32));
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
            // A tab that cannot take the focus was chosen all the same.
            let _ = tab.focus();
        }
    })
}
