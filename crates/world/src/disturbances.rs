//! What acts on programs from outside: traffic, faults, and readiness probes that fail.
//!
//! The owner of a world keeps the list, and each program of the world reads it, so that a scrape,
//! a probe and a client get the same answer.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::Arc;

use cluster::program::{Behaviors, Ending, Entry, Process, Programs, Start, StartBehavior};
use promql::Timestamp;
use simulation::effects::FaultEffects;
use simulation::events::{Event, EventKind, Fault};
use simulation::signal::TrafficChange;

use crate::World;
use crate::workloads::WorkloadProgram;

/// Milliseconds from the start of a crashing container to its end.
const CRASHES_AFTER: i64 = 100;

/// What acts on the programs of a world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disturbances {
    /// The factor of the traffic over time.
    pub traffic: Vec<TrafficChange>,
    /// Faults with their times. Processes are named `namespace/pod/container:port`.
    pub faults: Vec<Event>,
    /// Pods whose readiness probes fail, by namespace and name.
    pub unready: BTreeSet<(String, String)>,
}

impl Disturbances {
    /// The effects on the process `namespace/pod/container:port`.
    pub(crate) fn effects(&self, process: &str, now: Timestamp) -> FaultEffects {
        FaultEffects::of(self.faults.iter().filter(|event| {
            let EventKind::Fault { process: of, .. } = &event.kind else { return false };
            event.lasts_at(now) && of.as_ref().is_none_or(|of| **of == *process)
        }))
    }

    /// Returns true if packets from a pod are lost.
    pub(crate) fn cuts_off(&self, namespace: &str, pod: &str, now: Timestamp) -> bool {
        let start = format!("{namespace}/{pod}/");
        self.faults.iter().any(|event| {
            let EventKind::Fault { process, fault: Fault::NetworkCut } = &event.kind else {
                return false;
            };
            event.lasts_at(now) && process.as_ref().is_none_or(|one| one.starts_with(&*start))
        })
    }

    /// Returns true if a container ends with an error after each start. A fault of every program does not concern
    /// Prometheus.
    fn crashes(&self, container: &str, is_server: bool, now: Timestamp) -> bool {
        self.faults.iter().any(|event| {
            let EventKind::Fault { process, fault: Fault::CrashLoop } = &event.kind else {
                return false;
            };
            event.lasts_at(now)
                && match process {
                    Some(process) => {
                        process.rsplit_once(':').is_some_and(|(own, _)| own == container)
                    }
                    None => !is_server,
                }
        })
    }
}

/// Programs of containers, of which some crash.
#[derive(Debug)]
struct Disturbed {
    disturbances: Arc<Disturbances>,
    programs: Arc<dyn Programs>,
}

impl Programs for Disturbed {
    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, String> {
        let metadata = &start.pod["metadata"];
        let (namespace, pod) = (metadata.str("namespace"), metadata.str("name"));
        let container = format!("{namespace}/{pod}/{}", start.container.str("name"));
        let image = start.container.str("image");
        let is_server = kubernetes::prometheus::is_prometheus_image(image);
        if self.disturbances.crashes(&container, is_server, start.now) {
            return crashing().start(start);
        }
        let mut process = self.programs.start(start)?;
        let any: &mut dyn Any = &mut *process;
        if let Some(program) = any.downcast_mut::<WorkloadProgram>() {
            program.disturbances = self.disturbances.clone();
        }
        Ok(process)
    }
}

/// A program that ends with an error soon after each start.
fn crashing() -> Behaviors {
    let exit = Some(Ending { after: CRASHES_AFTER, code: 1, ..Ending::default() });
    let start = StartBehavior { exit, ..StartBehavior::default() };
    Behaviors { entries: vec![Entry { starts: vec![Arc::new(start)], ..Entry::default() }] }
}

impl World {
    /// Replaces what acts on the programs. Containers that begin to crash end now.
    pub fn disturb(&mut self, disturbances: Disturbances) {
        if *self.disturbances == disturbances {
            return;
        }
        let now = self.now();
        let before = std::mem::replace(&mut self.disturbances, Arc::new(disturbances));
        let plain = self.undisturbed.get_or_insert_with(|| self.cluster.kubelets.programs.clone());
        self.cluster.kubelets.programs = Arc::new(Disturbed {
            disturbances: self.disturbances.clone(),
            programs: plain.clone(),
        });
        let mut ends = Vec::new();
        for (owner, process) in self.cluster.kubelets.processes_mut() {
            let container = format!("{}/{}/{}", owner.namespace, owner.pod, owner.container);
            let any: &mut dyn Any = process;
            let is_server = any.is::<crate::prometheus::PrometheusProgram>();
            if self.disturbances.crashes(&container, is_server, now)
                && !before.crashes(&container, is_server, now)
            {
                let names = [owner.namespace, owner.pod, owner.container];
                ends.push(names.map(str::to_owned));
            }
            if let Some(program) = any.downcast_mut::<WorkloadProgram>() {
                program.disturbances = self.disturbances.clone();
            }
        }
        for [namespace, pod, container] in ends {
            self.cluster.kubelets.kill(&namespace, &pod, &container, 1, now);
        }
    }

    /// Lets a program count events now, as after requests. `process` is
    /// `namespace/pod/container:port`. Returns false if no such program runs.
    pub fn cause(&mut self, process: &str, stream: &Arc<str>, count: u32) -> bool {
        let now = self.now();
        let Some((container, port)) = process.rsplit_once(':') else { return false };
        let Ok(port) = port.parse() else { return false };
        let mut processes = self.cluster.kubelets.processes_mut();
        let found = processes.find_map(|(owner, process)| {
            let own = format!("{}/{}/{}", owner.namespace, owner.pod, owner.container);
            let any: &mut dyn Any = process;
            any.downcast_mut::<WorkloadProgram>().filter(|_| own == container)
        });
        found.is_some_and(|program| program.cause(port, stream, count, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_concern_their_process_and_their_time() {
        let fault = |process: Option<&str>, fault| Event {
            at: 10,
            until: 20,
            kind: EventKind::Fault { process: process.map(Into::into), fault },
        };
        let own = "ns/web-1/app:80";
        let disturbances = Disturbances {
            faults: vec![
                fault(Some(own), Fault::Status { code: 500 }),
                fault(Some("ns/db/db:5432"), Fault::NetworkCut),
                fault(None, Fault::CrashLoop),
            ],
            ..Disturbances::default()
        };
        assert_eq!(disturbances.effects(own, 10).status, Some(500));
        assert_eq!(disturbances.effects(own, 20).status, None);
        assert_eq!(disturbances.effects("ns/web-1/app:81", 10).status, None);
        assert!(disturbances.cuts_off("ns", "db", 15) && !disturbances.cuts_off("ns", "web-1", 15));
        assert!(disturbances.crashes("ns/web-1/app", false, 10));
        assert!(!disturbances.crashes("ns/prometheus/prometheus", true, 10));
    }
}
