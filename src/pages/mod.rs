//! The pages of results, one file for each. A page takes the session's view of its kind and draws
//! it; see `session::pages` for how a page comes to its view.

pub mod checks;
pub mod cluster;
pub mod config;
pub mod discovery;
pub mod explain;
pub mod metrics;
pub mod query;
pub mod rate_lab;
pub mod rules;
pub mod targets;

use yew::prelude::*;

use super::state::Page;

/// The question that the page's next one is made from: what was asked last, whose answer may be on
/// its way, and not what is seen, so that nothing that comes quickly is lost.
macro_rules! newest {
    ($props:ident, $view:ident, $kind:ident) => {
        match &$props.asked {
            protocol::PageQuery::$kind(asked) => asked,
            _ => &$view.asked,
        }
    };
}
use newest;

/// What stands in the place of a page without an answer yet.
pub fn waiting(page: Page) -> Html {
    html! {
        <div class="empty">
            <h2>{ page.title() }</h2>
            <p class="muted">{ "Working it out…" }</p>
        </div>
    }
}
