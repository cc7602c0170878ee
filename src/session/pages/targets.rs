//! The target table as Prometheus's page "Target health" would show it.

use serde::{Deserialize, Serialize};

use crate::session::Session;
use crate::text::Location;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub pools: Vec<Pool>,
    pub discovered: u32,
    pub kept: u32,
    pub distinct: u32,
}

/// The targets of one `scrape_config`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    pub job: String,
    pub location: Option<Location>,
    pub targets: Vec<Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub url: String,
    pub labels: Vec<Label>,
    pub state: State,
    /// Seconds since the last scrape, and how long it took.
    pub last_scrape: Option<f64>,
    pub duration: Option<f64>,
    /// As Prometheus would print it.
    pub error: Option<String>,
    /// What in which file is at odds.
    pub reasons: Vec<Reason>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    #[default]
    Unknown,
    Up,
    Down,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    pub name: String,
    pub value: String,
    pub source: Option<Location>,
    /// In words: where the label comes from.
    pub origin: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub text: String,
    pub location: Option<Location>,
}

pub fn view(_session: &Session, _question: &Question) -> View {
    View::default()
}
