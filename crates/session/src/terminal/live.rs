//! The world in which commands run: made of the stored objects when the first terminal is used.
//!
//! It follows the clock of the timeline, and the manifests that are stored after it was made. A step
//! back in time makes it anew.

use std::sync::Arc;

use cluster::Options;
use promql::Timestamp;
use scenarios::Scenario;
use world::World;

use crate::analysis::apply::Applier;
use crate::analysis::programs;
use crate::workspace::sources::{FileKind, Sources};
use crate::world::{START, Timeline};

/// The age of the world when it is made, in milliseconds: its pods have started.
const AGE: i64 = 120_000;

/// A world that is made when it is needed.
#[derive(Default)]
pub struct LiveWorld {
    made: Option<Made>,
}

struct Made {
    world: World,
    /// The manifests that are stored in it.
    stored: Sources,
    /// The time of the timeline.
    at: u64,
}

impl LiveWorld {
    /// Returns true if the world was made.
    pub fn is_used(&self) -> bool {
        self.made.is_some()
    }

    /// The world at the time of the timeline.
    pub fn world(
        &mut self,
        timeline: &Timeline,
        scenario: Option<&'static Scenario>,
    ) -> &mut World {
        let (now, stored) = (timeline.now(), timeline.stored());
        let before = self.made.take().filter(|made| made.at <= now);
        let mut made = before.unwrap_or_else(|| make(now, stored, scenario));
        if made.stored != *stored {
            follow(&mut made, stored);
        }
        made.world.advance(time(now).max(made.world.now()));
        made.at = now;
        &mut self.made.insert(made).world
    }
}

fn time(now: u64) -> Timestamp {
    START.saturating_add(i64::try_from(now).unwrap_or(i64::MAX))
}

fn make(now: u64, stored: &Sources, scenario: Option<&'static Scenario>) -> Made {
    let mut applier = Applier::default();
    applier.run(stored);
    let server = applier.cluster().map(|cluster| cluster.server.clone());
    let server = server.unwrap_or_else(|| cluster::ApiServer::new(START / 1000, 1));
    let catalog = Arc::new(programs::catalog(stored, scenario));
    let world = World::fresh(server, catalog, Options { now: time(now) - AGE, seed: 1 });
    Made { world, stored: stored.clone(), at: now }
}

/// Applies the manifests that have changed.
fn follow(made: &mut Made, stored: &Sources) {
    let known: Vec<&Arc<_>> = made.stored.iter().collect();
    let changed = stored.iter().filter(|source| {
        source.kind == FileKind::Manifest && !known.iter().any(|one| Arc::ptr_eq(one, source))
    });
    let texts: Vec<String> = changed.map(|source| source.text.clone()).collect();
    for text in texts {
        made.world.apply(&text);
    }
    made.stored = stored.clone();
}
