//! The target table as Prometheus's page "Target health" would show it.

use serde::{Deserialize, Serialize};

use crate::session::Session;
use crate::session::targets::Route;
use crate::simulation::world::World;
use crate::targets::Target;
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

/// The table of now.
pub fn view(session: &Session, _question: &Question) -> View {
    let system = &session.system;
    let world = &session.timeline.world;
    let mut view = View::default();
    let mut routes = system.routes.iter();
    for pool in &system.table.pools {
        view.discovered += pool.funnel.counts.targets as u32;
        view.kept += pool.funnel.kept as u32;
        view.distinct += pool.funnel.distinct as u32;
        let targets = pool.active.iter().zip(routes.by_ref());
        view.pools.push(Pool {
            job: pool.name.to_string(),
            location: Some(pool.location),
            targets: targets.map(|(target, route)| row(world, target, route)).collect(),
        });
    }
    view
}

fn row(world: &World, target: &Target, route: &Route) -> Row {
    let report = world.status(&route.spec.job, &target.labels).and_then(|(report, _)| report);
    let error = report.and_then(|report| report.error.clone());
    let state = match report {
        None => State::Unknown,
        Some(report) if report.error.is_none() => State::Up,
        Some(_) => State::Down,
    };
    let related = route.connection.related.iter();
    let mut reasons = Vec::new();
    if error.is_some() && !route.connection.is_connected() {
        reasons.push(Reason { text: route.connection.explanation.clone(), location: None });
        reasons.extend(related.map(|related| Reason {
            text: related.message.clone(),
            location: Some(related.location),
        }));
    }
    let label = |label: &crate::model::Label| Label {
        name: label.name.to_string(),
        value: label.value.to_string(),
        source: None,
        origin: String::new(),
    };
    Row {
        url: target.url.clone(),
        labels: target.public_labels().iter().map(label).collect(),
        state,
        last_scrape: report.map(|report| (world.now() - report.at) as f64 / 1_000.0),
        duration: report.map(|report| report.duration.0 as f64 / 1_000.0),
        error,
        reasons,
    }
}
