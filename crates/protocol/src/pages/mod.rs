//! The pages: for each its query, which selects the content, and its view, which is the
//! data that the page draws.
//!
//! The page sends the query of the open page with [`Request::Watch`](crate::Request::Watch). The
//! worker answers it after each change of text or time, if the view differs from the last one. A
//! view holds only the data that is drawn: some thousand rows or points for any input.

pub mod chart;
pub mod checks;
pub mod cluster;
pub mod config;
pub mod discovery;
pub mod explain;
pub mod metrics;
pub mod monitors;
mod places;
pub mod query;
pub mod rate_lab;
pub mod rules;
pub mod targets;

use serde::{Deserialize, Serialize};

use text::Location;

/// The registry of pages: calls a macro with one entry for each page, in the order of the tabs.
///
/// An entry is the page's name, its module, its identifier and its title. The enums [`Page`],
/// [`PageQuery`] and [`View`] and the presenters' dispatch in `session::pages` are made from it, and
/// the page can draw from it too.
#[macro_export]
macro_rules! for_each_page {
    ($then:ident) => {
        $then! {
            Explain explain "explain" "Explain",
            Config config "config" "Config",
            Cluster cluster "cluster" "Cluster",
            Discovery discovery "discovery" "Discovery",
            Targets targets "targets" "Targets",
            Metrics metrics "metrics" "Metrics",
            Query query "query" "Query",
            RateLab rate_lab "rate-lab" "Rate lab",
            Rules rules "rules" "Rules",
            Checks checks "checks" "Checks",
            Monitors monitors "monitors" "Monitors",
            Chart chart "chart" "Chart",
        }
    };
}

macro_rules! declare {
    ($($name:ident $module:ident $id:literal $title:literal,)*) => {
        /// A page of results.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Page {
            $($name,)*
        }

        impl Page {
            /// All pages, in the order of the tabs.
            pub const ALL: [Page; [$(Page::$name,)*].len()] = [$(Page::$name,)*];

            /// The identifier, as in a scenario's `view` and in the document.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }

            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }
        }

        /// The query of a page.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub enum PageQuery {
            /// No page is open.
            #[default]
            Nothing,
            $($name($module::Query),)*
        }

        impl PageQuery {
            /// The query of a page that is opened for the first time.
            pub fn of(page: Page) -> Self {
                match page {
                    $(Page::$name => Self::$name($module::Query::default()),)*
                }
            }

            /// Returns the page that the query belongs to.
            pub fn page(&self) -> Option<Page> {
                match self {
                    Self::Nothing => None,
                    $(Self::$name(_) => Some(Page::$name),)*
                }
            }
        }

        /// The answer to a [`PageQuery`].
        #[allow(clippy::large_enum_variant, reason = "one view at a time exists, in a box")]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum View {
            $($name($module::View),)*
        }

        impl View {
            /// Returns the page that the view belongs to.
            pub fn page(&self) -> Page {
                match self {
                    $(Self::$name(_) => Page::$name,)*
                }
            }
        }
    };
}

for_each_page!(declare);

impl Page {
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.id() == id)
    }
}

impl Default for Page {
    /// The first page.
    fn default() -> Self {
        let [first, ..] = Self::ALL;
        first
    }
}

impl View {
    /// Returns true if the view answers a query of this kind. A late answer to another page does
    /// not.
    pub fn answers(&self, query: &PageQuery) -> bool {
        query.page() == Some(self.page())
    }
}

/// A message about a page as a whole: a headline, lines as a log prints them, and a place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub title: String,
    pub lines: Vec<String>,
    pub location: Option<Location>,
}

/// A label with its origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    pub name: String,
    pub value: String,
    /// The text that the label comes from.
    pub source: Option<Location>,
    /// The origin in words.
    pub origin: String,
}
