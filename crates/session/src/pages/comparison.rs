//! The comparison of the page "Targets" with a live server.

use crate::analysis::live;
use crate::world::Snapshot;
use import::bundle::compare;
use protocol::pages::targets::{Comparison, CutJob, DIFFERENCES, Difference, FieldDifference};
use text::{Location, Span};

/// Returns the comparison; None if no file has answers of a server.
pub fn comparison(snapshot: &Snapshot<'_>) -> Option<Comparison> {
    let analysis = snapshot.stored;
    let sources = snapshot.sources;
    let (file, found) = analysis.compared.get(sources, &analysis.table)?;
    let (_, answers) = live::answers(sources)?;
    let difference = |one: &compare::Difference| Difference {
        job: one.pool.clone(),
        target: one.target.clone(),
        fields: one.fields.iter().map(field).collect(),
        location: analysis.table.pool(&one.pool).map(|pool| pool.location),
    };
    let active = answers.targets.iter().flat_map(|targets| &targets.active_targets);
    Some(Comparison {
        version: answers.version.clone(),
        hostname: answers.hostname.clone(),
        targets: found.targets as u32,
        equal_targets: found.equal_targets as u32,
        steps: found.steps as u32,
        equal_steps: found.equal_steps as u32,
        differences: found.differences.iter().take(DIFFERENCES).map(difference).collect(),
        all_differences: found.differences.len() as u32,
        unknown_jobs: found.unknown_pools.clone(),
        cut_jobs: found
            .cut_pools
            .iter()
            .map(|(job, listed, all)| CutJob {
                job: job.clone(),
                listed: *listed as u32,
                all: *all,
            })
            .collect(),
        down: active.filter(|target| target.health == "down").count() as u32,
        file: Location::new(*file, Span::at(0)),
    })
}

fn field(one: &compare::FieldDifference) -> FieldDifference {
    let compare::FieldDifference { field, here, server } = one.clone();
    FieldDifference { field, here, server }
}
