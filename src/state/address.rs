//! What the address of the page asks for: a lesson or a scenario, and a place in it. Values come from
//! anyone; one that is not valid is left out, with a message.

use lessons::predicate::Millis;
use protocol::pages::query::Query;
use protocol::{LAST_TIME, PageQuery};

use super::{Page, State, Theme};

/// Bytes of a query in an address.
const MOST_QUERY: usize = 10_000;
/// Bytes of a value that a message repeats.
const MOST_SHOWN: usize = 60;

/// The parameters that are taken out of the address when they have been followed. The others stay,
/// so that a reload shows the same lesson.
pub const FOLLOWED: [&str; 6] = ["scenario", "view", "query", "file", "line", "t"];

/// The parameters of an address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    pub lesson: Option<String>,
    pub scenario: Option<String>,
    pub place: Place,
    pub theme: Option<Theme>,
    /// True if files cannot be changed.
    pub read_only: bool,
}

/// A place in the open work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub page: Option<Page>,
    /// A query for the page "Query".
    pub query: Option<String>,
    /// The name of a file.
    pub file: Option<String>,
    /// The number of a line, from 1.
    pub line: Option<u32>,
    /// A moment of simulated time in milliseconds.
    pub at: Option<u64>,
}

impl Address {
    /// Reads the parameters. Also returns a message about each value that is not valid.
    pub fn read(pairs: impl IntoIterator<Item = (String, String)>) -> (Self, Vec<String>) {
        let (mut address, mut messages) = (Self::default(), Vec::new());
        for (name, value) in pairs {
            if let Err(expected) = address.take(&name, &value) {
                let value = shown(&value);
                messages.push(format!("The address has {name}={value}; {expected}."));
            }
        }
        if address.place.line.is_some() && address.place.file.is_none() {
            address.place.line = None;
            messages.push("The address has a line, but no file.".to_owned());
        }
        (address, messages)
    }

    /// Takes over a parameter. Unknown ones belong to others. Errors are the end of a sentence.
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Self { place, .. } = self;
        match name {
            "lesson" if !value.is_empty() => self.lesson = Some(value.to_owned()),
            "scenario" => {
                let known = scenarios::scenario(value).map(|scenario| scenario.name.to_owned());
                self.scenario = Some(known.ok_or("there is no such scenario")?);
            }
            "view" => {
                let pages = || Page::ALL.map(Page::id).join(", ");
                let page = Page::of_id(value);
                place.page = Some(page.ok_or_else(|| format!("pages are {}", pages()))?);
            }
            "query" if value.len() > MOST_QUERY => {
                return Err(format!("the limit of a query is {MOST_QUERY} bytes"));
            }
            "query" => place.query = Some(value.to_owned()),
            "file" => {
                super::valid::check_name(value).map_err(|refusal| refusal.to_string())?;
                place.file = Some(value.to_owned());
            }
            "line" => {
                let line = value.parse().ok().filter(|line| *line > 0);
                place.line = Some(line.ok_or("a line is a number from 1")?);
            }
            "t" => {
                let at = Millis::parse(value).ok_or("a moment is a duration such as 2m30s")?;
                if at.0 > LAST_TIME {
                    return Err(format!("simulated time ends at {}", Millis(LAST_TIME)));
                }
                place.at = Some(at.0);
            }
            "theme" => {
                self.theme = Some(match value {
                    "light" => Theme::Light,
                    "dark" => Theme::Dark,
                    _ => return Err("themes are light, dark".to_owned()),
                });
            }
            "readonly" => self.read_only = !matches!(value, "0" | "false" | "no"),
            _ => {}
        }
        Ok(())
    }

    /// Returns true if the address names other work than the open one.
    pub fn opens_work(&self) -> bool {
        self.lesson.is_some() || self.scenario.is_some()
    }
}

/// The beginning of a value, for a message.
fn shown(value: &str) -> String {
    let end = (0..=value.len().min(MOST_SHOWN)).rev().find(|at| value.is_char_boundary(*at));
    let end = end.unwrap_or_default();
    let more = if end < value.len() { "…" } else { "" };
    format!("{}{more}", value.get(..end).unwrap_or_default())
}

impl Place {
    /// The place that the page shows: page, query, file and line, and the moment.
    pub fn of(state: &State) -> Self {
        let page = state.preferences.page;
        let query = match &state.query {
            PageQuery::Query(Query { query, .. }) => query.clone(),
            _ => None,
        };
        let document = state.active_document();
        let line = document.map(|document| {
            let end = (state.cursor as usize).min(document.text.len());
            let before = document.text.as_bytes().get(..end).unwrap_or_default();
            before.iter().filter(|byte| **byte == b'\n').count() as u32 + 1
        });
        Self {
            page: Some(page),
            query,
            file: document.map(|document| document.name.clone()),
            line,
            at: Some(state.log().now),
        }
    }

    /// The parameters that lead to the place.
    pub fn params(&self) -> Vec<(&'static str, String)> {
        let Self { page, query, file, line, at } = self;
        let pairs = [
            ("view", page.map(|page| page.id().to_owned())),
            ("query", query.clone()),
            ("file", file.clone()),
            ("line", line.map(|line| line.to_string())),
            ("t", at.map(|at| Millis(at).to_string())),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Address, Vec<String>) {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        Address::read(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[test]
    fn a_place_comes_back_from_its_parameters() {
        let (address, messages) = read(
            "lesson=pull&view=query&query=up&file=a/b.yml&line=7&t=2m30s&theme=dark&readonly=1&debug=1",
        );
        assert_eq!(messages, [""; 0]);
        assert_eq!(address.lesson.as_deref(), Some("pull"));
        assert!(address.read_only && address.opens_work());
        assert_eq!(address.theme, Some(Theme::Dark));
        let place = address.place;
        assert_eq!((place.page, place.line, place.at), (Some(Page::Query), Some(7), Some(150_000)));
        let pairs = place.params().into_iter().map(|(name, value)| (name.to_owned(), value));
        assert_eq!(Address::read(pairs).0.place, place);
    }

    #[test]
    fn values_that_are_not_valid_are_named_and_left_out() {
        let long = "x".repeat(MOST_QUERY + 1);
        for (text, part) in [
            ("view=pods", "pages are explain, config"),
            ("scenario=none", "there is no such scenario"),
            ("t=yesterday", "a moment is a duration"),
            ("t=900h", "simulated time ends at"),
            ("t=99999999999999999999h", "a moment is a duration"),
            ("file=a&line=0", "a line is a number from 1"),
            ("file=a&line=99999999999", "a line is a number from 1"),
            ("line=3", "no file"),
            ("file=", "a name is empty"),
            ("theme=pink", "themes are light, dark"),
            (&format!("query={long}"), "limit of a query"),
        ] {
            let (address, messages) = read(text);
            assert!(messages.len() == 1 && messages[0].contains(part), "{text}: {messages:?}");
            assert!(messages[0].len() < 250, "{messages:?}");
            let place = Place { file: None, ..address.place };
            assert_eq!(place, Place::default(), "{text}");
        }
        assert_eq!(read("view=é\u{0}").1.len(), 1);
    }
}
