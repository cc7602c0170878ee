//! The cluster of the workspace while it runs: a world with the stored objects in which pods are
//! made, start, fail and end in simulated time.
//!
//! The world decides which objects there are, what the files of a container are, and what
//! Prometheus has read. The scrapes are those of the timeline: the servers of the world have its
//! data ([`server::DataSource::Provided`]).
//!
//! | module | content |
//! | --- | --- |
//! | `changes` | changes of the text and actions of the visitor as commands |
//! | `faults` | faults of programs that the kubelets see |

mod changes;
mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cluster::{ApiServer, Options};
use kubernetes::objects::{ObjectRef, Text};
use promql::Timestamp;
use promql::storage::Storage;
use rules::GroupRun;
use server::Phase;
use simulation::events::Event as SimulatedEvent;
use simulation::scrape::ScrapeReport;
use world::workloads::Catalog;
use world::{ContainerName, PrometheusServer, World};

use super::rollout::Version;
use super::timeline::MOST_VERSIONS;
use crate::analysis::observed::ObservedCluster;
use crate::analysis::{Analysis, configuration};

/// A version of the text, with the files that it brings into the container of Prometheus.
struct Known {
    files: Vec<(String, String)>,
    version: Version,
}

/// The server that is observed, in one of its runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRun {
    pub container: ContainerName,
    /// Milliseconds since the epoch.
    pub started: Timestamp,
}

/// What a running server has read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    run: ServerRun,
    last_reload: Timestamp,
    successful: bool,
    config: String,
}

/// What is new about the server since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerChange {
    /// True if another server scrapes, or none.
    pub scraping: bool,
    /// The last run that scraped, and the one that scrapes in its place.
    pub replaced: Option<(ServerRun, ServerRun)>,
    /// True if it has read its files, or has failed to.
    pub read: bool,
}

/// A running cluster.
#[derive(Clone)]
pub struct Live {
    pub world: World,
    observed: Option<Observed>,
    /// The newest versions of the text.
    known: Vec<Arc<Known>>,
    reading: Option<Reading>,
    /// The run that scrapes.
    run: Option<ServerRun>,
    /// The run that has scraped last.
    last_run: Option<ServerRun>,
    /// The version that Prometheus has loaded, and whether its rules were refused.
    loaded: Option<Version>,
    mounted: Option<Version>,
    /// The error of the last reload, if it failed.
    refused: Option<String>,
    /// The time of a change that was not looked at.
    pub unseen: Option<Timestamp>,
    /// Crash loops that the visitor has started. The kubelets decide on the restarts.
    crashes: Vec<SimulatedEvent>,
    /// Pods whose readiness probes fail, by namespace and name.
    unready: BTreeSet<(String, String)>,
    /// The workload of Prometheus that was scaled to zero, and its replicas before.
    stopped: Option<(ObjectRef, i64)>,
    /// The releases of charts of the workspace: namespace and name.
    releases: BTreeSet<(String, String)>,
}

#[derive(Clone)]
struct Observed {
    revision: u64,
    generation: u64,
    live: ObservedCluster,
    /// Workloads that are scaled to zero.
    empty: Vec<ObjectRef>,
}

impl Live {
    /// A cluster whose API server has just stored some objects.
    pub fn start(server: ApiServer, catalog: Arc<Catalog>, now: Timestamp, seed: u64) -> Self {
        let mut world = World::fresh(server, catalog, Options { now, seed });
        world.use_provided_data();
        Self {
            world,
            observed: None,
            known: Vec::new(),
            reading: None,
            run: None,
            last_run: None,
            loaded: None,
            mounted: None,
            refused: None,
            unseen: None,
            crashes: Vec::new(),
            unready: BTreeSet::new(),
            stopped: None,
            releases: BTreeSet::new(),
        }
    }

    /// Notes a version of the text that the API server has stored.
    pub fn note_version(&mut self, version: Version, analysis: &Analysis) {
        let files = analysis.instances.first().map_or_else(Vec::new, |instance| {
            let files = configuration::files_of(&analysis.manifests.cluster, instance);
            files.into_iter().map(|file| (file.path, file.entry.value.to_string())).collect()
        });
        if self.known.len() > MOST_VERSIONS {
            self.known.remove(0);
        }
        self.known.push(Arc::new(Known { files, version }));
    }

    /// The time of the first change that was not looked at: one that has happened, or the next one.
    pub fn next_change(&mut self) -> Option<Timestamp> {
        let now = self.world.now();
        self.unseen.or_else(|| self.world.next_time().map(|at| at.max(now + 1)))
    }

    /// The typed state of the cluster: the present one with `look`, otherwise that of the last look.
    /// `analysis` is that of the stored manifests.
    pub fn state(&mut self, analysis: &Analysis, look: bool) -> ObservedCluster {
        let generation = analysis.generation;
        let known = self.observed.as_ref().map(|known| known.revision);
        let revision = known.filter(|_| !look).unwrap_or_else(|| self.world.objects().0);
        let scraping = self.run.as_ref().map(|run| Text::from(run.container.pod.as_str()));
        if let Some(known) = &self.observed
            && (known.revision, known.generation) == (revision, generation)
        {
            return ObservedCluster { scraping, ..known.live.clone() };
        }
        let state = Arc::new(analysis.observe(&mut self.world));
        let kubelets = &self.world.cluster.kubelets;
        let mut started = BTreeMap::new();
        for pod in state.cluster.pods.iter() {
            let (namespace, name) = (&pod.meta.namespace.value, &pod.meta.name.value);
            for container in pod.spec.running_containers() {
                let own = &container.name.value;
                if let Some(at) = kubelets.started(namespace, name, own) {
                    started.insert(format!("{namespace}/{name}/{own}"), at);
                }
            }
        }
        let live = ObservedCluster { state, started: Arc::new(started), scraping };
        let empty = self.empty_workloads();
        self.observed = Some(Observed { revision, generation, live: live.clone(), empty });
        live
    }

    /// The server of an instance that is ready, of several the one that has run longest.
    fn server(&self, analysis: &Analysis) -> Option<(ServerRun, &PrometheusServer)> {
        let instance = analysis.instances.first()?;
        let kubelets = &self.world.cluster.kubelets;
        let servers = self.world.running_servers();
        let own = servers.into_iter().filter_map(|(_, server)| {
            let container = server.container.clone()?;
            let ContainerName { namespace, pod, container: name } = &container;
            let fits = **namespace == *instance.namespace && **name == *instance.container;
            let started = kubelets.started(namespace, pod, name)?;
            let ready = server.process.phase() == Phase::Ready;
            let owned = self.owner_of(namespace, pod).is_some_and(|own| own == instance.owner);
            (fits && ready && owned).then_some((ServerRun { container, started }, server))
        });
        own.min_by_key(|(run, _)| (run.started, run.container.pod.clone()))
    }

    /// The workload at the top of the owners of a pod; the pod itself without one.
    fn owner_of(&self, namespace: &str, pod: &str) -> Option<ObjectRef> {
        let key = (Text::from(namespace), Text::from(pod));
        let observed = self.observed.as_ref()?;
        observed.live.state.replicas.get(&key).map(|(owner, _)| owner.clone())
    }

    /// Looks at the server: which one scrapes, and what it has read.
    pub fn look_at_server(&mut self, analysis: &Analysis) -> ServerChange {
        let mut change = ServerChange::default();
        let found = self.server(analysis).map(|(run, server)| {
            let process = &server.process;
            let reading = Reading {
                run: run.clone(),
                last_reload: process.last_reload(),
                successful: process.reload_successful,
                config: process.config_yaml.clone(),
            };
            let files = |path: &str| server.host.files.read(path).ok().map(str::to_owned);
            let mounted = self.known.iter().rev().find(|known| {
                known.files.iter().all(|(path, text)| files(path).as_ref() == Some(text))
            });
            (reading, mounted.map(|known| known.version.clone()))
        });
        let run = found.as_ref().map(|(reading, _)| reading.run.clone());
        if run != self.run {
            change.scraping = true;
            if let Some(new) = run.clone().filter(|new| self.last_run.as_ref() != Some(new)) {
                let last = self.last_run.replace(new.clone());
                change.replaced = last.map(|last| (last, new));
            }
            self.run = run;
        }
        let Some((reading, mounted)) = found else {
            self.reading = None;
            return change;
        };
        self.mounted.clone_from(&mounted);
        if self.reading.as_ref() == Some(&reading) {
            return change;
        }
        change.read = true;
        let same_config = self
            .reading
            .as_ref()
            .is_some_and(|before| before.run == reading.run && before.config == reading.config);
        self.refused = (!reading.successful).then(|| self.reload_error(&reading.run));
        match (reading.successful, same_config) {
            (true, _) => self.loaded = mounted,
            // The rules are refused: the new configuration is in force with the old rules.
            (false, false) => {
                self.loaded = mounted.map(|version| Version { rules_refused: true, ..version });
            }
            (false, true) => {}
        }
        self.reading = Some(reading);
        change
    }

    /// The error of the last reload, as the log has it.
    fn reload_error(&self, run: &ServerRun) -> String {
        let ContainerName { namespace, pod, container } = &run.container;
        let now = self.world.now();
        let lines = self.world.cluster.kubelets.log(namespace, pod, container, false, now);
        let lines = lines.unwrap_or_default();
        let mut errors = lines.iter().rev().filter(|(_, line)| line.contains("err="));
        errors.next().map(|(_, line)| line.clone()).unwrap_or_default()
    }

    /// The version that Prometheus has loaded. None if it has not read a known one.
    pub fn loaded(&self) -> Option<&Version> {
        self.loaded.as_ref().filter(|_| self.run.is_some())
    }

    /// The version of the files in the container of Prometheus.
    pub fn mounted(&self) -> Option<&Version> {
        self.mounted.as_ref().filter(|_| self.run.is_some())
    }

    /// The error of the last reload; None if it was accepted.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref().filter(|_| self.run.is_some())
    }

    /// True if nothing is left to do for the cluster but periodic work.
    pub fn is_at_rest(&mut self) -> bool {
        self.world.cluster.observe();
        self.world.cluster.next_progress().is_none()
    }

    /// Gives the server of the world the data of the timeline and the metrics about itself, so that
    /// its HTTP API answers with them. Returns the storage if no server runs.
    pub fn provide<'a>(
        &mut self,
        storage: Storage,
        report: &dyn Fn(&str, &promql::Labels) -> Option<ScrapeReport>,
        groups: impl Iterator<Item = &'a GroupRun>,
        metrics: Option<String>,
    ) -> Option<Storage> {
        let mut storage = Some(storage);
        if let Some(run) = self.run.clone() {
            self.world.with_server(&run.container, |server| {
                server.process.provide(storage.take().unwrap_or_default(), report, groups);
                server.process.provide_metrics(metrics);
            });
        }
        storage
    }

    /// Takes the data back after [`Live::provide`], also from a server that has ended since. None if
    /// there are none.
    pub fn take_back(&mut self) -> Option<Storage> {
        let run = self.run.clone()?;
        let take = |server: &mut PrometheusServer| std::mem::take(&mut server.process.storage);
        let held = self.world.with_server(&run.container, take);
        // A server that was started anew has none of the data.
        self.world.take_returned().or(held).filter(|storage| storage.series_count() > 0)
    }
}
