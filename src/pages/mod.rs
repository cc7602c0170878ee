//! The pages of results, one module for each. A page renders the view that the session computed for
//! its query.

pub mod chart;
pub mod checks;
pub mod cluster;
mod comparison;
pub mod config;
pub mod discovery;
pub mod explain;
pub mod metrics;
pub mod monitors;
pub mod query;
pub mod rate_lab;
pub mod rules;
pub mod targets;

use yew::prelude::*;

use super::state::Page;

/// Returns the last query of a page, whose answer may be pending. New queries are based on it and
/// not on the shown view, so that no change is lost.
macro_rules! latest_query {
    ($props:ident, $view:ident, $kind:ident) => {
        match &$props.query {
            protocol::PageQuery::$kind(query) => query,
            _ => &$view.query,
        }
    };
}
use latest_query;

/// The placeholder of a page without an answer. `unavailable` says how long none will come.
pub fn placeholder(page: Page, unavailable: Option<&str>) -> Html {
    html! {
        <div class="empty">
            <h2>{ page.title() }</h2>
            <p class="muted">
                { unavailable.map_or("Loading…".to_owned(), |how_long| format!("Not available {how_long}.")) }
            </p>
        </div>
    }
}
