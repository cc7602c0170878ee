//! Presenter of the page "Metrics": the exposition of a target, and the series that a scrape stores.

use text::IndexSort;
mod lines;
mod program;
mod scrape;
mod stored;
#[cfg(test)]
mod tests;

use crate::analysis::routes::Route;
use crate::world::Snapshot;
use simulation::exposition::{Exposition, Format, parse, review};
use simulation::world::Body;
use text::Location;

use protocol::pages::metrics::{Family, Finding, Query, ROWS, Tab, View};

/// The maximum length of an exposition in bytes.
const MOST: usize = 4 << 20;

/// The maximum number of families and findings.
const MOST_ROWS: usize = 500;

/// The parsed exposition of a target.
pub(super) struct Answer<'a> {
    pub snapshot: &'a Snapshot<'a>,
    pub route: &'a Route,
    pub text: String,
    pub format: Option<Format>,
    pub exposition: Exposition,
    pub heads: review::Heads,
}

/// Returns the view of the current state.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let routes = &snapshot.stored.routes;
    let targets = routes
        .iter()
        .map(|route| (route.spec.job.to_string(), route.spec.url.to_string()))
        .collect();
    let selected =
        routes.iter().find(|route| *route.spec.url == *query.url && *route.spec.job == *query.job);
    let Some(route) = selected.or(routes.first()) else { return View::default() };
    let mut view = View {
        query: Query {
            job: route.spec.job.to_string(),
            url: route.spec.url.to_string(),
            ..query.clone()
        },
        targets,
        program: program::program(snapshot, route),
        scrape: scrape::scrape(snapshot, route),
        ..View::default()
    };
    let (content_type, text) =
        match snapshot.timeline.world.body(&route.spec.job, &route.spec.labels) {
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
    let answer = Answer::new(snapshot, route, &content_type, text);
    view.binary = answer.format.is_none();
    view.mistake =
        answer.exposition.error.as_ref().map(|error| (error.line, error.message.clone()));
    answer.fill(&mut view);
    view
}

impl<'a> Answer<'a> {
    fn new(snapshot: &'a Snapshot<'a>, route: &'a Route, content_type: &str, text: String) -> Self {
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
        // Findings about the metrics do not depend on the format.
        let world = &snapshot.timeline.world;
        let (readable, read_as) = match format {
            Some(format) => (None, format),
            None => (world.plain_body(&route.spec.job, &route.spec.labels), Format::PrometheusText),
        };
        let exposition = parse(readable.as_deref().unwrap_or(&text), read_as);
        let heads = review::Heads::new(&exposition);
        Self { snapshot, route, text, format, exposition, heads }
    }

    fn fill(&self, view: &mut View) {
        let findings = review::findings(&self.exposition);
        view.findings_count = findings.len() as u32;
        match view.query.tab {
            Tab::Answer => self.lines(view, &findings),
            Tab::Stored => self.stored(view),
            Tab::Cardinality => self.families(view),
            Tab::Findings => {
                let fits = |one: &&review::Finding| one.message.contains(&view.query.filter);
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
        families.retain(|family| family.name.contains(&view.query.filter));
        families.index_sort_by_key(|family| std::cmp::Reverse(family.series));
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

/// Returns the rows of a page, and limits the page number to existing pages.
fn page_of(view: &mut View, matching: usize) -> std::ops::Range<usize> {
    let last = matching.saturating_sub(1) / ROWS;
    let page = (view.query.page as usize).min(last);
    view.query.page = page as u32;
    view.matching = matching as u32;
    view.first = (page * ROWS) as u32;
    page * ROWS..matching.min((page + 1) * ROWS)
}

/// Returns the place of a rule.
fn rule_at(route: &Route, rule: usize) -> Option<Location> {
    route.spec.settings.metric_relabel.get(rule).map(|rule| rule.location)
}
