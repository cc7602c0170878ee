//! Snapshots of the timeline at intervals, so that a step back replays little.
//!
//! A snapshot holds everything that begins again otherwise. The state after a step back is the same
//! with snapshots and without. Where a replay would not lead to the present state, none is made.

use kubernetes::controllers::Overrides;
use simulation::world::World;

use super::{ClusterChange, Live, Rollout, RuleRuns, Sources, Timeline};

/// Milliseconds between two snapshots at first. Without a step back in this time a replay is quick.
const INTERVAL: u64 = 600_000;
/// Snapshots that are kept. With one more, every second one goes and the interval doubles.
const MOST_SNAPSHOTS: usize = 12;
/// Series in all snapshots together. Each takes about 2 KB: samples of sealed chunks are shared.
const MOST_SERIES: usize = 40_000;
/// Bytes of the samples of a storage. Larger storages have no snapshots.
const MOST_BYTES: usize = 128 << 20;

/// The state of a timeline at one time.
struct Moment {
    /// Milliseconds since the start.
    at: u64,
    world: World,
    rules: RuleRuns,
    done: usize,
    /// The ends of the events that have happened.
    ends: Vec<Option<u64>>,
    overrides: Overrides,
    later: Vec<(u64, ClusterChange)>,
    back: Option<u64>,
    rollout: Option<Rollout>,
    applied: Option<Sources>,
    live: Option<Box<Live>>,
    live_base: Option<Sources>,
}

/// The snapshots of a timeline, by time.
pub(super) struct Snapshots {
    moments: Vec<Moment>,
    interval: u64,
    /// True if a replay would not lead to the present state.
    stopped: bool,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self { moments: Vec::new(), interval: INTERVAL, stopped: false }
    }
}

impl Snapshots {
    /// Forgets all snapshots: the past is another one.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps only snapshots in which at most `done` events have happened, and makes no others until
    /// the next step back.
    pub fn stop(&mut self, done: usize) {
        self.moments.retain(|moment| moment.done <= done);
        self.stopped = true;
    }

    /// Makes snapshots again: the state is one that a replay leads to.
    pub fn go_on(&mut self) {
        self.stopped = false;
    }

    fn series(&self) -> usize {
        self.moments.iter().map(|moment| moment.world.storage.series_count()).sum()
    }

    /// Forgets every second snapshot as long as there are too many.
    fn thin_out(&mut self) {
        while self.moments.len() > MOST_SNAPSHOTS
            || (self.series() > MOST_SERIES && !self.moments.is_empty())
        {
            self.interval = self.interval.saturating_mul(2);
            let mut number = 0;
            self.moments.retain(|_| {
                number += 1;
                number % 2 == 0
            });
        }
    }
}

impl Timeline {
    /// The time of the next snapshot, in milliseconds since the start.
    pub(super) fn next_snapshot(&self) -> u64 {
        let Snapshots { interval, stopped, .. } = self.snapshots;
        match stopped {
            true => u64::MAX,
            false => (self.now() / interval + 1).saturating_mul(interval),
        }
    }

    /// Makes a snapshot if one is due.
    pub(super) fn keep_snapshot(&mut self) {
        let at = self.now();
        let Snapshots { moments, interval, stopped } = &self.snapshots;
        let is_due = !stopped && at > 0 && at.is_multiple_of(*interval);
        if !is_due
            || moments.last().is_some_and(|last| last.at >= at)
            || self.world.storage.bytes() > MOST_BYTES
        {
            return;
        }
        let moment = Moment {
            at,
            world: self.world.clone(),
            rules: self.rules.clone(),
            done: self.done,
            ends: self.past_events().iter().map(|event| event.until).collect(),
            overrides: self.overrides.clone(),
            later: self.later.clone(),
            back: self.back,
            rollout: self.rollout.clone(),
            applied: self.applied.clone(),
            live: self.live.clone(),
            live_base: self.live_base.clone(),
        };
        self.snapshots.moments.push(moment);
        self.snapshots.thin_out();
    }

    /// Goes back to the last snapshot that is not after a time. Returns false if there is none.
    pub(super) fn take_snapshot(&mut self, to: u64) -> bool {
        let Some(moment) = self.snapshots.moments.iter().rev().find(|moment| moment.at <= to)
        else {
            return false;
        };
        self.world = moment.world.clone();
        self.rules = moment.rules.clone();
        self.done = moment.done;
        self.overrides = moment.overrides.clone();
        self.later.clone_from(&moment.later);
        self.back = moment.back;
        self.rollout.clone_from(&moment.rollout);
        self.applied.clone_from(&moment.applied);
        self.live.clone_from(&moment.live);
        self.live_base.clone_from(&moment.live_base);
        for (event, until) in self.events.iter_mut().zip(&moment.ends) {
            self.events_sent &= event.until == *until;
            event.until = *until;
        }
        (self.fitted, self.shown_live, self.goal) = (None, None, None);
        self.snapshots.go_on();
        if let Some(live) = &mut self.live {
            live.set_files(self.analyses.sources());
        }
        true
    }

    /// Leaves what a step back has left: events and snapshots after the present moment.
    pub(super) fn leave_future(&mut self) {
        self.events.truncate(self.done);
        let (now, done) = (self.now(), self.done);
        self.snapshots.moments.retain(|moment| moment.at <= now && moment.done <= done);
    }

    /// Forgets the snapshots.
    #[cfg(test)]
    pub fn forget_snapshots(&mut self) {
        self.snapshots.moments.clear();
    }

    /// The times of the snapshots.
    #[cfg(test)]
    pub fn snapshots(&self) -> Vec<u64> {
        self.snapshots.moments.iter().map(|moment| moment.at).collect()
    }
}
