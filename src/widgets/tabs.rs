//! Tab lists, as in the ARIA practices: arrow keys move and select, and the selected tab is in view.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
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
        let from = event.target().and_then(|tab| tab.dyn_into::<Element>().ok());
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

/// Scrolls the selected tab of a tab list into view.
pub fn show_active(list: &Element) {
    let Some(tab) = list.query_selector("[aria-selected=true]").ok().flatten() else { return };
    let (tab, view) = (tab.get_bounding_client_rect(), list.get_bounding_client_rect());
    let hidden = match (tab.left() - view.left(), tab.right() - view.right()) {
        (left, _) if left < 0.0 => left.floor(),
        (_, right) if right > 0.0 => right.ceil(),
        _ => return,
    };
    list.set_scroll_left(list.scroll_left() + hidden as i32);
}
