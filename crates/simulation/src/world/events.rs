//! Events that change the state of the simulated system, and their ends.

use super::World;
use super::process::crashing;
use crate::events::{
    Event, EventKind, FOREVER, Fault, RESTART_TAKES, start_after_crash, traffic_changes,
};
use go::Duration;
use promql::Timestamp;

/// The longest duration of a crash loop.
const LONGEST_CRASH: i64 = 7 * 24 * 3_600_000;

impl World {
    /// Starts an event at the current time. `lasts` is its duration; restarts and crash loops
    /// compute their own. Returns the end of the event, or None if it has no duration.
    pub fn push(&mut self, kind: EventKind, lasts: Option<Duration>) -> Option<Timestamp> {
        let at = self.now;
        let mut until = lasts.map_or(FOREVER, |lasts| at.saturating_add(lasts.millis().max(1)));
        match &kind {
            EventKind::Cause { process, stream, count } => {
                if let Some(running) = self.processes.get_mut(process) {
                    let times = running.extra.entry(stream.clone()).or_default();
                    // Limits the memory that one event takes.
                    let count = (*count).min(100_000) as usize;
                    times.extend(std::iter::repeat_n(at + 1, count));
                }
                return None;
            }
            EventKind::Traffic { factor } => {
                self.surges.push((at, until, factor.clamp(0.0, 1e6)));
                self.traffic = traffic_changes(&self.surges);
            }
            EventKind::Restart { process } => {
                until = at + RESTART_TAKES.millis();
                if let Some(running) = self.processes.get_mut(process) {
                    running.restart(at, until);
                }
            }
            EventKind::Fault { process, fault: Fault::CrashLoop } => {
                until = start_after_crash(at, until.min(at + LONGEST_CRASH));
                let server = self.server.as_ref();
                for running in crashing(&mut self.processes, process.as_ref(), server) {
                    running.restart(at, until);
                }
            }
            EventKind::PrometheusDown => {
                if let Some(own) = self.server.as_ref().and_then(|own| self.processes.get_mut(own))
                {
                    own.restart(at, until);
                }
                self.loops.restart();
            }
            EventKind::Fault { .. } => {}
        }
        self.events.push(Event { at, until, kind });
        Some(until)
    }

    /// Restarts the scrape loops and clears the storage.
    pub fn lose_samples(&mut self) {
        self.loops.restart();
        self.storage.clear();
    }

    /// Ends the events of a kind that last at the current time. A crashing container is up at the
    /// next restart by the kubelet. Returns the end, or None if no such event lasts.
    pub fn end(&mut self, kind: &EventKind) -> Option<Timestamp> {
        let now = self.now;
        let mut end = None;
        for event in self.events.iter_mut().filter(|event| event.kind == *kind) {
            if !event.lasts_at(now) {
                continue;
            }
            event.until = now;
            match kind {
                EventKind::Fault { process, fault: Fault::CrashLoop } => {
                    event.until = start_after_crash(event.at, now);
                    let server = self.server.as_ref();
                    for running in crashing(&mut self.processes, process.as_ref(), server) {
                        running.process = running.process.restarted(event.until);
                    }
                }
                EventKind::PrometheusDown => {
                    let own = self.server.as_ref().and_then(|own| self.processes.get_mut(own));
                    if let Some(own) = own {
                        own.process = own.process.restarted(now);
                    }
                }
                _ => {}
            }
            end = Some(event.until);
        }
        if let EventKind::Traffic { factor } = kind {
            let same = |surge: &&mut (Timestamp, Timestamp, f64)| {
                surge.2 == *factor && surge.0 <= now && now < surge.1
            };
            self.surges.iter_mut().filter(same).for_each(|surge| surge.1 = now);
            self.traffic = traffic_changes(&self.surges);
        }
        end
    }

    /// Fixes the value of all series of a metric of a process.
    pub fn pin(&mut self, process: &str, metric: &str, value: f64) {
        let Some(running) = self.processes.get_mut(process) else { return };
        let samples = running.process.plan().samples.iter().enumerate();
        let places = samples.filter(|(_, sample)| sample.labels.metric_name() == metric);
        for (place, _) in places {
            running.pinned.retain(|(pinned, _)| *pinned != place);
            running.pinned.push((place, value));
        }
    }
}
