//! Simulated time: the world that is scraped, and everything that has happened in it.
//!
//! Events are kept with their moments. Going back makes the world anew and lives through them
//! again; since the world hangs on its seed and its events only, that ends where it began, except
//! that the text of now counts for the whole past.

use super::happenings::{self, Effect};
use super::protocol::Happening;
use super::rules::RuleRuns;
use super::system::System;
use crate::kubernetes::controllers::Overrides;
use crate::model::{Duration, Timestamp};
use crate::simulation::world::{Budget, World};
use crate::storage::{Options, Storage};

/// Simulated time begins on 1 January 2026.
pub const START: Timestamp = 1_767_225_600_000;

const SEED: u64 = 11;

/// Samples that one request makes at most, so that it comes back.
const SLICE: usize = 5_000_000;

/// What the evaluation of a group of rules counts for, in samples.
const EVALUATION: usize = 500;

/// Samples are kept for a day, and no more of them than a browser's tab can hold.
fn options() -> Options {
    Options {
        retention: Some(Duration::from_secs(24 * 3600)),
        max_bytes: 256 << 20,
        max_series: 200_000,
        ..Options::default()
    }
}

/// The world and its past.
pub struct Timeline {
    pub world: World,
    pub rules: RuleRuns,
    /// All that happened, and after a step back what will happen again, by time.
    events: Vec<Happening>,
    /// How many of them are behind.
    done: usize,
    pub overrides: Overrides,
    /// Whether the page has the events.
    pub told: bool,
    /// The system that the world was last fitted to.
    fitted: Option<u64>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            world: World::new(SEED, START, Storage::new(options())),
            rules: RuleRuns::default(),
            events: Vec::new(),
            done: 0,
            overrides: Overrides::default(),
            told: false,
            fitted: None,
        }
    }
}

/// What a timeline asks for while it lives on.
pub trait Follow {
    /// The system with these changes of the cluster.
    fn follow(&mut self, overrides: &Overrides) -> System;
}

impl Timeline {
    pub fn with_events(events: Vec<Happening>) -> Self {
        let mut events = events;
        events.sort_by_key(|event| event.at);
        Self { events, ..Self::default() }
    }

    /// Milliseconds since the start.
    pub fn now(&self) -> u64 {
        (self.world.now() - START).max(0) as u64
    }

    pub fn events(&self) -> &[Happening] {
        &self.events
    }

    /// Milliseconds since the start at which the next scrape is due.
    pub fn next_scrape(&self) -> Option<u64> {
        self.world.next_scrape().map(|at| (at - START).max(0) as u64)
    }

    /// Makes programs and targets those of the system.
    pub fn fit(&mut self, system: &System) {
        if self.fitted == Some(system.generation) {
            return;
        }
        self.world.set_processes((*system.processes).clone());
        self.world.set_targets(system.routes.iter().map(|route| route.spec.clone()).collect());
        self.rules.fit(&system.rules, self.world.now());
        self.fitted = Some(system.generation);
    }

    /// Lives on to `to`, through the events on the way.
    pub fn advance(&mut self, to: u64, follow: &mut dyn Follow) {
        self.fit(&follow.follow(&self.overrides));
        while let Some(event) = self.events.get(self.done).filter(|event| event.at <= to).cloned() {
            if !self.run(event.at) {
                return;
            }
            self.done += 1;
            self.happen(&event.action, follow);
        }
        self.run(to);
    }

    /// Scrapes, and evaluates rules where they are due. Rules see the scrapes of their own moment.
    fn run(&mut self, to: u64) -> bool {
        let to = START.saturating_add_unsigned(to);
        let mut budget = Budget(SLICE);
        loop {
            let Some(due) = self.rules.next().filter(|&due| due <= to) else {
                return self.world.advance(to, &mut budget);
            };
            if !self.world.advance(due, &mut budget) || !budget.take(EVALUATION) {
                return false;
            }
            self.rules.evaluate(&mut self.world.storage, due);
        }
    }

    /// Lets an action happen now; one that is not possible any more is passed over.
    fn happen(&mut self, id: &str, follow: &mut dyn Follow) {
        let system = follow.follow(&self.overrides);
        let Some(found) = system.possible.iter().find(|one| one.action.id == id) else { return };
        match &found.effect {
            Effect::World(kind, lasts) => self.world.push(kind.clone(), *lasts),
            Effect::Cluster(change) => {
                happenings::change(&mut self.overrides, change);
                self.fit(&follow.follow(&self.overrides));
            }
        }
    }

    /// A visitor's action. What would have come after a step back does not come any more.
    pub fn act(&mut self, id: &str, follow: &mut dyn Follow) {
        let system = follow.follow(&self.overrides);
        let Some(found) = system.possible.iter().find(|one| one.action.id == id) else { return };
        self.events.truncate(self.done);
        self.events.push(Happening {
            at: self.now(),
            action: id.to_owned(),
            label: found.action.label.clone(),
        });
        self.done = self.events.len();
        self.told = false;
        self.happen(id, follow);
    }

    /// Goes to a moment; back by living through everything again.
    pub fn seek(&mut self, to: u64, follow: &mut dyn Follow) {
        if to < self.now() {
            *self = Self { told: self.told, ..Self::with_events(std::mem::take(&mut self.events)) };
        }
        self.advance(to, follow);
    }
}
