//! The scrape loops of a server: which targets there are, when each is scraped, and the staleness
//! markers that outlive them.
//!
//! Source: prometheus scrape/scrape.go `scrapePool`.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use go::Duration;
use promql::storage::Storage;
use promql::{Labels, Timestamp};
use rustc_hash::FxHashMap;
use text::IndexSort;

use super::{ScrapeReport, ScrapeSettings, TargetLoop, first_scrape, offset};
use crate::signal::{mix, seed_of};

/// A target of the target table, as far as the loops need to know it.
pub trait ScrapeTarget {
    fn job(&self) -> &Arc<str>;
    /// Labels after relabeling, including those that begin with `__`. They identify the target.
    fn labels(&self) -> &Labels;
    /// Labels that are added to its series.
    fn public_labels(&self) -> &Labels;
    fn url(&self) -> &str;
    fn interval(&self) -> Duration;
    fn timeout(&self) -> Duration;
    fn settings(&self) -> &Arc<ScrapeSettings>;

    /// Returns false if nothing is known about the answers of the target. Its series then end.
    fn is_known(&self) -> bool {
        true
    }
}

/// A target with its scrape loop.
#[derive(Clone)]
pub struct ActiveTarget<T> {
    pub spec: T,
    pub scraper: TargetLoop,
    pub last: Option<ScrapeReport>,
    /// The time of the next scrape.
    pub next: Timestamp,
}

fn new_loop(spec: &impl ScrapeTarget) -> TargetLoop {
    TargetLoop::new(spec.public_labels().clone(), spec.settings().clone(), spec.timeout())
}

impl<T: ScrapeTarget> ActiveTarget<T> {
    /// Applies a reload to a target that stays. If the settings of its job changed, a new loop
    /// replaces the old one and does not know the series that the old one scraped.
    ///
    /// Source: prometheus scrape/scrape.go `restartLoops`, `reusableCache`.
    fn reload(&mut self, spec: T) -> Option<PendingStaleness> {
        let mut ended = None;
        let lost = self.spec.is_known() && !spec.is_known();
        if lost {
            self.last = None;
        }
        if !lost && self.spec.settings().same_but_sample_limit(spec.settings()) {
            self.scraper.set_limits(spec.settings().clone(), spec.timeout());
        } else {
            let scraper = std::mem::replace(&mut self.scraper, new_loop(&spec));
            ended = PendingStaleness::of(scraper, self.next, self.spec.interval());
        }
        self.spec = spec;
        ended
    }
}

/// Staleness markers of a loop that has ended. They are written after two intervals and a tenth,
/// with the time of the scrape that would have been next. If the target was scraped again in the
/// meantime, the storage rejects them as out of order.
///
/// Source: prometheus scrape/scrape.go `endOfRunStaleness`.
#[derive(Clone)]
struct PendingStaleness {
    scraper: TargetLoop,
    /// The timestamp of the markers.
    stale: Timestamp,
    /// The time at which they are written.
    write: Timestamp,
}

impl PendingStaleness {
    /// Returns None if the loop has not scraped yet.
    fn of(scraper: TargetLoop, next: Timestamp, interval: Duration) -> Option<Self> {
        let interval = interval.millis().max(1);
        let write = next + interval + interval / 10;
        scraper.has_scraped().then_some(Self { scraper, stale: next, write })
    }
}

/// All scrape loops of a server.
#[derive(Clone)]
pub struct ScrapeLoops<T> {
    seed: u64,
    /// The queue refers to targets by index, so removed targets leave an empty slot.
    targets: Vec<Option<ActiveTarget<T>>>,
    pending_staleness: Vec<PendingStaleness>,
    queue: BinaryHeap<Reverse<(Timestamp, usize)>>,
}

impl<T: ScrapeTarget> ScrapeLoops<T> {
    /// Creates the loops of a server without targets. The seed moves the offsets of the targets.
    pub fn new(seed: u64) -> Self {
        Self { seed, targets: Vec::new(), pending_staleness: Vec::new(), queue: BinaryHeap::new() }
    }

    /// Replaces the targets, as a reload does. Targets that stay keep their schedule and their
    /// series. The series of removed targets get staleness markers, unless the whole job was
    /// removed: `pools` returns true if a job still exists.
    pub fn set_targets(&mut self, specs: Vec<T>, now: Timestamp, pools: &dyn Fn(&str) -> bool) {
        let mut places: FxHashMap<(Arc<str>, Labels), usize> = FxHashMap::default();
        let mut specs = specs.into_iter().peekable();
        // Usually little has changed. As long as both lists are equal, no lookup is needed.
        let mut together = true;
        for (place, live) in self.targets.iter_mut().enumerate() {
            let Some(live) = live else { continue };
            let same =
                |spec: &T| spec.job() == live.spec.job() && spec.labels() == live.spec.labels();
            if together && let Some(spec) = specs.next_if(same) {
                self.pending_staleness.extend(live.reload(spec));
                continue;
            }
            together = false;
            places.insert((live.spec.job().clone(), live.spec.labels().clone()), place);
        }
        for spec in specs {
            let key = (spec.job().clone(), spec.labels().clone());
            match places.remove(&key).and_then(|place| self.targets.get_mut(place)?.as_mut()) {
                Some(live) => self.pending_staleness.extend(live.reload(spec)),
                None => self.start_target(spec, now),
            }
        }
        let mut gone: Vec<usize> = places.into_values().collect();
        gone.index_sort();
        for place in gone {
            let live = self.targets.get_mut(place).and_then(Option::take);
            let live = live.filter(|live| pools(live.spec.job()));
            let ended = live.and_then(|live| {
                PendingStaleness::of(live.scraper, live.next, live.spec.interval())
            });
            self.pending_staleness.extend(ended);
        }
    }

    fn start_target(&mut self, spec: T, now: Timestamp) {
        let hash = spec.labels().iter().fold(seed_of(self.seed, spec.url()), |hash, label| {
            mix(seed_of(hash, &label.name), seed_of(0, &label.value))
        });
        let interval = spec.interval();
        let next = first_scrape(now, offset(hash, self.seed, interval), interval);
        let scraper = new_loop(&spec);
        self.queue.push(Reverse((next, self.targets.len())));
        self.targets.push(Some(ActiveTarget { spec, scraper, last: None, next }));
    }

    /// Time and place of the next scrape. A place whose target is gone is returned once too.
    pub fn peek(&self) -> Option<(Timestamp, usize)> {
        self.queue.peek().map(|Reverse(next)| *next)
    }

    /// Takes the next scrape from the queue and plans the one after it. Returns its time and place;
    /// None as the place if the target is gone.
    pub fn pop(&mut self) -> Option<(Timestamp, Option<usize>)> {
        let Reverse((at, place)) = self.queue.pop()?;
        let Some(live) = self.targets.get_mut(place).and_then(Option::as_mut) else {
            return Some((at, None));
        };
        live.next = at + live.spec.interval().millis().max(1);
        self.queue.push(Reverse((live.next, place)));
        Some((at, Some(place)))
    }

    pub fn at_mut(&mut self, place: usize) -> Option<&mut ActiveTarget<T>> {
        self.targets.get_mut(place)?.as_mut()
    }

    /// The active targets, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &ActiveTarget<T>> {
        self.targets.iter().flatten()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut ActiveTarget<T>> {
        self.targets.iter_mut().flatten()
    }

    pub fn find(&self, job: &str, labels: &Labels) -> Option<&ActiveTarget<T>> {
        self.iter().find(|live| **live.spec.job() == *job && live.spec.labels() == labels)
    }

    /// The time at which staleness markers of ended loops are written next.
    pub fn next_staleness(&self) -> Option<Timestamp> {
        self.pending_staleness.iter().map(|pending| pending.write).min()
    }

    /// Writes the staleness markers that are due up to `to`, oldest first.
    pub fn write_pending_staleness(&mut self, to: Timestamp, storage: &mut Storage) {
        if self.pending_staleness.iter().all(|pending| pending.write > to) {
            return;
        }
        let (mut due, later): (Vec<PendingStaleness>, Vec<PendingStaleness>) =
            std::mem::take(&mut self.pending_staleness)
                .into_iter()
                .partition(|pending| pending.write <= to);
        self.pending_staleness = later;
        due.index_sort_by_key(|pending| pending.write);
        for mut pending in due {
            pending.scraper.stop(pending.stale, storage);
        }
    }

    /// Restarts the loops, as a restart of the server does. Series of targets that are removed later
    /// get no staleness markers.
    pub fn restart(&mut self) {
        self.pending_staleness.clear();
        for ActiveTarget { spec, scraper, last, .. } in self.targets.iter_mut().flatten() {
            *scraper = new_loop(spec);
            *last = None;
        }
    }
}
