//! The next task of the process and its time. The state does not change between two tasks.

use promql::Timestamp;

use super::scraping::SYNC_INTERVAL;
use super::{DataSource, Host, Phase, Process};
use crate::network::Network;

/// Something that is due at a time. Tasks of the same time are done in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    /// The server begins to listen, or the storage is open.
    Start,
    /// The automatic reload compares its files.
    Watch,
    /// The scrape manager takes over what discovery has found.
    Sync,
    Staleness,
    Scrape,
    /// The rule group with this number.
    Evaluate(usize),
    /// The receiver with this number.
    Remote(usize),
}

impl Process {
    fn next_task(&self) -> Option<(Timestamp, Task)> {
        match self.phase {
            Phase::Ended { .. } => return None,
            Phase::Opening { until } | Phase::Replaying { until } => {
                return Some((until, Task::Start));
            }
            Phase::Ready => {}
        }
        let watch = self.next_watch.map(|at| (at, Task::Watch));
        if self.data == DataSource::Unused {
            return watch;
        }
        let others = [Some((self.next_sync, Task::Sync)), watch];
        if self.data == DataSource::Provided {
            return others.into_iter().flatten().min();
        }
        let groups = self.groups.iter().enumerate();
        let groups = groups.map(|(number, group)| (group.next, Task::Evaluate(number)));
        let remotes = self.remotes.iter().enumerate();
        let remotes = remotes.map(|(number, remote)| (remote.next, Task::Remote(number)));
        let scrapes = [
            self.loops.next_staleness().map(|at| (at, Task::Staleness)),
            self.loops.peek().map(|(at, _)| (at, Task::Scrape)),
        ];
        let others = others.into_iter().chain(scrapes).flatten();
        others.chain(groups).chain(remotes).min()
    }

    /// The time at which something happens next; None after the end.
    pub fn next_time(&self) -> Option<Timestamp> {
        self.next_task().map(|(at, _)| at.max(self.now))
    }

    /// Lets time pass until `to`, in milliseconds since the epoch.
    pub fn advance(&mut self, to: Timestamp, host: &Host, network: &mut dyn Network) {
        while let Some((at, task)) = self.next_task().filter(|(at, _)| *at <= to) {
            self.now = self.now.max(at);
            self.run_task(task, host, network);
        }
        self.now = self.now.max(to);
    }

    /// Moves the clock to a time before which nothing is due.
    pub fn pass(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
    }

    fn run_task(&mut self, task: Task, host: &Host, network: &mut dyn Network) {
        match task {
            Task::Start => self.go_on_starting(host),
            Task::Watch => self.compare_files(host),
            Task::Sync => {
                self.next_sync = self.now + SYNC_INTERVAL;
                self.sync(host, network);
            }
            Task::Staleness => {
                self.loops.write_pending_staleness(self.now, &mut self.storage);
            }
            Task::Scrape => self.scrape_next(host, network),
            Task::Evaluate(number) => self.evaluate(number, host, network),
            Task::Remote(number) => self.write_remotely(number, host, network),
        }
    }
}
