//! Keyed work with a time at which it is due.
//!
//! A key waits once for its changes and once for a retry, each at the earliest time that was asked
//! for: a change does not take the place of a retry.
//!
//! Source: client-go util/workqueue.

use std::collections::{BTreeMap, BTreeSet};

use crate::apiserver::Key;

/// The controller, as an index into the table of controllers, and the key of its work.
pub type Task = (usize, Key);

/// The reason why work is due. It distinguishes a settled cluster from one that still changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A change, or a step that leads to one.
    Progress,
    /// Work that comes back for ever: probes, schedules, retries.
    Periodic,
}

/// The condition that a key waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Change,
    Retry,
}

/// Work that waits for its time.
#[derive(Clone, Debug, Default)]
pub struct Work {
    due: BTreeMap<(Task, Slot), (i64, Cause)>,
    order: BTreeSet<(i64, Task, Slot)>,
    failures: BTreeMap<Task, u32>,
}

/// Delay of the first retry of a failed key, in milliseconds; it doubles with each failure.
/// Source: client-go DefaultTypedControllerRateLimiter.
const FIRST_RETRY: i64 = 5;
const LONGEST_RETRY: i64 = 1_000_000;

impl Work {
    /// Adds a task. One that waits already keeps the earlier of both times.
    pub fn add(&mut self, task: Task, at: i64, cause: Cause) {
        self.put(task, Slot::Change, at, cause);
    }

    fn put(&mut self, task: Task, slot: Slot, at: i64, cause: Cause) {
        let key = (task, slot);
        match self.due.get(&key) {
            Some((old, _)) if *old <= at => return,
            Some((old, _)) => {
                self.order.remove(&(*old, key.0.clone(), slot));
            }
            None => {}
        }
        self.order.insert((at, key.0.clone(), slot));
        self.due.insert(key, (at, cause));
    }

    /// Adds a task that failed, later each time.
    pub fn retry(&mut self, task: Task, now: i64) {
        let count = self.failures.entry(task.clone()).or_default();
        let delay = FIRST_RETRY.saturating_mul(1 << (*count).min(30)).min(LONGEST_RETRY);
        *count += 1;
        let cause = if delay > 5000 { Cause::Periodic } else { Cause::Progress };
        self.put(task, Slot::Retry, now + delay, cause);
    }

    /// Notes that a task succeeded.
    pub fn forget(&mut self, task: &Task) {
        self.failures.remove(task);
    }

    /// The time of the first task.
    pub fn next_time(&self) -> Option<i64> {
        self.order.first().map(|(at, ..)| *at)
    }

    /// The time of the first task that leads to a change.
    pub fn next_progress(&self) -> Option<i64> {
        let progress = |(_, task, slot): &&(i64, Task, Slot)| {
            let waiting = self.due.get(&(task.clone(), *slot));
            waiting.is_some_and(|(_, cause)| *cause == Cause::Progress)
        };
        self.order.iter().find(progress).map(|(at, ..)| *at)
    }

    /// Takes the first task that is due at `now`.
    pub fn take(&mut self, now: i64) -> Option<Task> {
        let first = self.order.first()?;
        if first.0 > now {
            return None;
        }
        let (_, task, slot) = self.order.pop_first()?;
        let key = (task, slot);
        self.due.remove(&key);
        Some(key.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(name: &str) -> Task {
        (0, Key { kind: "Pod", group: "", namespace: "default".into(), name: name.into() })
    }

    #[test]
    fn a_task_waits_once_at_its_earliest_time() {
        let mut work = Work::default();
        work.add(task("a"), 50, Cause::Progress);
        work.add(task("a"), 20, Cause::Progress);
        work.add(task("a"), 90, Cause::Progress);
        work.add(task("b"), 10, Cause::Periodic);
        assert_eq!((work.next_time(), work.next_progress()), (Some(10), Some(20)));
        assert_eq!(work.take(5), None);
        assert_eq!(work.take(10), Some(task("b")));
        assert_eq!(work.take(30), Some(task("a")));
        assert_eq!(work.take(100), None);
    }

    #[test]
    fn a_change_does_not_take_the_place_of_a_retry() {
        let mut work = Work::default();
        work.retry(task("a"), 100);
        work.add(task("a"), 101, Cause::Progress);
        assert_eq!(work.take(101), Some(task("a")));
        assert_eq!(work.next_time(), Some(105));
    }

    #[test]
    fn retries_come_later_each_time_until_success() {
        let mut work = Work::default();
        for at in [5, 10, 20, 40] {
            work.retry(task("a"), 0);
            assert_eq!(work.next_time(), Some(at));
            work.take(at);
        }
        work.forget(&task("a"));
        work.retry(task("a"), 0);
        assert_eq!(work.next_time(), Some(5));
    }
}
