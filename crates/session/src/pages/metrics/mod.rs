//! What a target answers, line by line, and what a scrape makes of it.

mod lines;
mod program;
mod scrape;
mod stored;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::Session;
use crate::targets::Route;
use simulation::exposition::{Exposition, Format, parse, review};
use simulation::world::Body;
use text::Location;

pub use lines::{Line, LineKind, Told, ToldSample};
pub use program::{Program, ReadyMade};
pub use scrape::{Meta, Scrape};
pub use stored::{Fate, Stored, Which};

/// Rows of a list at once.
pub const ROWS: usize = 200;

/// Longest answer that is read, in bytes.
const MOST: usize = 4 << 20;

/// Most families and findings that are shown.
const MOST_ROWS: usize = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    #[default]
    Answer,
    Stored,
    Cardinality,
    Findings,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The target's job and URL; the first target where they are empty or gone.
    pub job: String,
    pub url: String,
    pub tab: Tab,
    /// Lines, series, metrics with this text in them only.
    pub filter: String,
    /// Of the series, which ones.
    pub which: Which,
    /// The first row, as a number of pages.
    pub page: u32,
    /// The line that is explained, from 1.
    pub line: Option<u32>,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// With the target that is shown, and the page that there is.
    pub question: Question,
    /// Every target's job and URL, in the order of the table.
    pub targets: Vec<(String, String)>,
    pub content_type: String,
    /// Set where the answer is binary, and what is shown only says what it holds.
    pub binary: bool,
    /// Why there is no text.
    pub error: Option<String>,
    /// Why Prometheus cannot read it, and on which line.
    pub mistake: Option<(u32, String)>,
    pub program: Option<Program>,
    pub scrape: Scrape,
    /// Rows of the open list before any filter, and with it.
    pub all: u32,
    pub matching: u32,
    /// The first row shown.
    pub first: u32,
    pub lines: Vec<Line>,
    pub told: Option<Told>,
    pub stored: Vec<Stored>,
    pub families: Vec<Family>,
    pub findings: Vec<Finding>,
    /// How many findings there are, for the tab.
    pub findings_count: u32,
}

/// A metric family with how many series it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Family {
    pub name: String,
    pub kind: String,
    pub help: String,
    pub series: u32,
    /// In thousandths of all series.
    pub share: u32,
    /// Labels and how many values each has, the most first.
    pub labels: Vec<(String, u32)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub line: u32,
    pub message: String,
    pub why: String,
}

/// A target's answer, read.
pub(super) struct Answer<'a> {
    pub session: &'a Session,
    pub route: &'a Route,
    pub text: String,
    pub format: Option<Format>,
    pub exposition: Exposition,
    pub heads: review::Heads,
}

/// The answer, from what the session knows now.
pub fn view(session: &Session, question: &Question) -> View {
    let routes = &session.system.routes;
    let targets = routes
        .iter()
        .map(|route| (route.spec.job.to_string(), route.spec.url.to_string()))
        .collect();
    let asked = routes
        .iter()
        .find(|route| *route.spec.url == *question.url && *route.spec.job == *question.job);
    let Some(route) = asked.or(routes.first()) else { return View::default() };
    let mut view = View {
        question: Question {
            job: route.spec.job.to_string(),
            url: route.spec.url.to_string(),
            ..question.clone()
        },
        targets,
        program: program::program(session, route),
        scrape: scrape::scrape(session, route),
        ..View::default()
    };
    let (content_type, text) =
        match session.timeline.world.body(&route.spec.job, &route.spec.labels) {
            Some(Body::Text { content_type, text }) => (content_type, text),
            Some(Body::Error(error)) => {
                view.error = Some(error);
                return view;
            }
            None => {
                view.error = Some("nothing is known of this target yet".to_owned());
                return view;
            }
        };
    view.content_type = content_type.to_string();
    let answer = Answer::new(session, route, &content_type, text);
    view.binary = answer.format.is_none();
    view.mistake =
        answer.exposition.error.as_ref().map(|error| (error.line, error.message.clone()));
    answer.fill(&mut view);
    view
}

impl<'a> Answer<'a> {
    fn new(session: &'a Session, route: &'a Route, content_type: &str, text: String) -> Self {
        let binary = content_type.starts_with("application/vnd.google.protobuf");
        let format = (!binary).then(|| match content_type.starts_with("application/openmetrics") {
            true => Format::OpenMetrics,
            false => Format::PrometheusText,
        });
        let mut text = text;
        if text.len() > MOST {
            let end = text.get(..text.floor_char_boundary(MOST)).and_then(|cut| cut.rfind('\n'));
            text.truncate(end.map_or(0, |end| end + 1));
        }
        // What is to be said of the metrics is the same in whatever format they travel.
        let world = &session.timeline.world;
        let (readable, read_as) = match format {
            Some(format) => (None, format),
            None => (world.plain_body(&route.spec.job, &route.spec.labels), Format::PrometheusText),
        };
        let exposition = parse(readable.as_deref().unwrap_or(&text), read_as);
        let heads = review::Heads::new(&exposition);
        Self { session, route, text, format, exposition, heads }
    }

    fn fill(&self, view: &mut View) {
        let findings = review::findings(&self.exposition);
        view.findings_count = findings.len() as u32;
        match view.question.tab {
            Tab::Answer => self.lines(view, &findings),
            Tab::Stored => self.stored(view),
            Tab::Cardinality => self.families(view),
            Tab::Findings => {
                let fits = |one: &&review::Finding| one.message.contains(&view.question.filter);
                let all: Vec<Finding> = findings.iter().filter(fits).map(finding).collect();
                (view.all, view.matching) = (findings.len() as u32, all.len() as u32);
                view.findings = all.into_iter().take(MOST_ROWS).collect();
            }
        }
    }

    fn families(&self, view: &mut View) {
        let mut families = review::families(&self.exposition);
        let total: usize = families.iter().map(|family| family.series).sum();
        view.all = families.len() as u32;
        families.retain(|family| family.name.contains(&view.question.filter));
        families.sort_by_key(|family| std::cmp::Reverse(family.series));
        view.matching = families.len() as u32;
        view.families = families
            .into_iter()
            .take(MOST_ROWS)
            .map(|family| Family {
                name: family.name.to_string(),
                kind: family.metric_type.as_str().to_owned(),
                help: family.help.to_string(),
                series: family.series as u32,
                share: (family.series * 1000 / total.max(1)) as u32,
                labels: family
                    .labels
                    .into_iter()
                    .map(|(name, count)| (name.to_string(), count as u32))
                    .collect(),
            })
            .collect();
    }
}

fn finding(finding: &review::Finding) -> Finding {
    Finding {
        code: finding.code.code().to_owned(),
        line: finding.line,
        message: finding.message.clone(),
        why: finding.code.why().to_owned(),
    }
}

/// The rows of a page of so many, with the page that there is.
fn page_of(view: &mut View, matching: usize) -> std::ops::Range<usize> {
    let last = matching.saturating_sub(1) / ROWS;
    let page = (view.question.page as usize).min(last);
    view.question.page = page as u32;
    view.matching = matching as u32;
    view.first = (page * ROWS) as u32;
    page * ROWS..matching.min((page + 1) * ROWS)
}

/// Where a rule stands.
fn rule_at(route: &Route, rule: usize) -> Option<Location> {
    route.spec.settings.metric_relabel.get(rule).map(|rule| rule.location)
}
