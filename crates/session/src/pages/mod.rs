//! The presenters of the pages: for each page a function from the session and the page's query to
//! its view. Queries and views are types of [`protocol::pages`], where the registry of pages is.
//!
//! A view is computed again after each change of text or time, and sent if it differs from the last
//! one.

mod arithmetic;
mod chart;
mod checks;
mod cluster;
mod command;
mod comparison;
mod config;
mod discovery;
mod explain;
mod labels;
mod metrics;
mod monitors;
mod picture;
mod proposals;
mod query;
mod rate_lab;
mod rules;
mod sparkline;
pub mod storage;
mod targets;

#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod tables_tests;

use crate::workspace::charts::origins::locate;
use crate::world::Snapshot;
pub use command::command;
use protocol::{PageQuery, View};

macro_rules! dispatch {
    ($($name:ident $module:ident $id:literal $title:literal,)*) => {
        /// Answers the query of the open page from the state of the session. A place in generated
        /// text is replaced by that of the field which the text came from, and one in rendered text
        /// by that in the template.
        pub fn answer(snapshot: &Snapshot<'_>, query: &PageQuery) -> Option<View> {
            let mut view = match query {
                PageQuery::Nothing => return None,
                $(PageQuery::$name(query) => View::$name($module::view(snapshot, query)),)*
            };
            let origins = &snapshot.stored.generated.origins;
            let has_charts = !snapshot.sources.releases().is_empty();
            if !origins.is_empty() || has_charts {
                let read = match view {
                    View::Explain(_) | View::Checks(_) => snapshot.sources,
                    _ => snapshot.timeline.stored(),
                };
                view.for_each_place(&mut |place| {
                    *place = locate(snapshot.sources, read, origins.locate(*place));
                });
            }
            Some(view)
        }
    };
}

protocol::for_each_page!(dispatch);
