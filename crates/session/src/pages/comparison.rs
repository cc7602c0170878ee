//! The comparison of the page "Targets" with a live server.

use crate::analysis::live;
use crate::world::Snapshot;
use discovery::targets::Target;
use import::bundle::Answers;
use import::bundle::compare::{self, ServerTargets};
use protocol::pages::targets::{
    Comparison, CutJob, DIFFERENCES, Difference, FieldDifference, ServerSaid,
};
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

/// Looks up what a live server said about targets.
pub struct Said<'a> {
    answers: &'a Answers,
    targets: ServerTargets<'a>,
}

impl<'a> Said<'a> {
    /// None if no file has answers of a server.
    pub fn new(snapshot: &Snapshot<'a>) -> Option<Self> {
        let (_, answers) = live::answers(snapshot.sources)?;
        Some(Self { answers, targets: ServerTargets::new(answers) })
    }

    pub fn about(&self, pool: &str, target: &Target) -> Option<ServerSaid> {
        let found = self.targets.find(pool, target)?;
        Some(ServerSaid {
            hostname: self.answers.hostname.clone(),
            health: found.health.clone(),
            at: whole_seconds(&found.last_scrape),
            duration: found.last_scrape_duration,
            error: found.last_error.clone(),
        })
    }
}

/// `2026-01-02T03:04:05.678+01:00` without the fraction. Empty for the year 1, which is Go's zero.
fn whole_seconds(time: &str) -> String {
    if time.starts_with("0001-") {
        return String::new();
    }
    let Some((seconds, rest)) = time.split_once('.') else { return time.to_owned() };
    let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{seconds}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_without_fractions() {
        for (time, expected) in [
            ("2026-01-02T03:04:05.678123+01:00", "2026-01-02T03:04:05+01:00"),
            ("2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("0001-01-01T00:00:00Z", ""),
            ("", ""),
        ] {
            assert_eq!(whole_seconds(time), expected, "{time}");
        }
    }
}
