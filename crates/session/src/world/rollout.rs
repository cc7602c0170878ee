//! The propagation of an edit to a running Prometheus with all of its delays.
//!
//! Each place that holds the text has a version of its own: the API server, the controllers, the
//! mounted file, Prometheus's memory, the scrape manager. Each stage adopts the version of the stage
//! before it after a delay, so an edit during a rollout is one more version in the same pipeline.

use crate::analysis::Analysis;
use crate::workspace::sources::Sources;
use kubernetes::mounts::PathInContainer;
use protocol::{Stage, StageState};
use simulation::signal::{mix, unit};

/// The kubelet syncs a pod every 60 to 90 seconds: the sync period of one minute with a jitter of
/// up to half of it.
/// Source: Kubernetes, kubelet `--sync-frequency` and `workerResyncIntervalJitterFactor`.
const SYNC: u64 = 75_000;
const SYNC_JITTER: f64 = 15_000.0;

/// New pods are scheduled, started and ready after about this long.
const POD_START: u64 = 6_000;
/// Endpoints and the rules of kube-proxy follow a Service within about a second.
const ENDPOINTS: u64 = 1_000;

/// The scrape manager applies new targets every five seconds.
/// Source: prometheus scrape/manager.go `reloader`.
const TAKE_OVER: u64 = 5_000;
/// Discovery sends new targets after about this long, if it sent none recently.
/// Source: prometheus discovery/manager.go `sender`.
const DISCOVERED: u64 = 100;

/// A sidecar watches the file and sends a reload request.
const SIDECAR: u64 = 2_000;

/// The default of `--config.auto-reload-interval` in milliseconds.
const AUTO_RELOAD: u64 = 30_000;

/// The mechanism that makes Prometheus reload its configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Reloader {
    /// Prometheus compares the file at this interval in milliseconds.
    Itself { every: u64 },
    /// A container beside it, by name.
    Sidecar(String),
    /// A person: `POST /-/reload` where the flag allows it, or a signal.
    Nobody { lifecycle: bool },
}

/// The properties of the cluster that a rollout depends on.
#[derive(Clone, Debug)]
pub struct Facts {
    pub reloader: Reloader,
    /// The file is mounted by `subPath`, which stays as it is while the container runs.
    pub sub_path: bool,
    /// The file is mounted from a ConfigMap or Secret.
    pub mounted: bool,
}

impl Facts {
    pub fn of(analysis: &Analysis) -> Self {
        let Some(instance) = analysis.instances.first() else {
            return Self {
                reloader: Reloader::Nobody { lifecycle: true },
                sub_path: false,
                mounted: false,
            };
        };
        let value = |name: &str| instance.flag(name).map(|flag| flag.value.clone());
        let on = |name: &str| {
            value(name).is_some_and(|value| value.is_none_or(|value| &*value == "true"))
        };
        let feature = value("enable-feature").flatten();
        let by_itself = on("config.auto-reload")
            || feature.is_some_and(|list| list.split(',').any(|one| one == "auto-reload-config"));
        let every = value("config.auto-reload-interval")
            .flatten()
            .and_then(|value| go::Duration::parse(&value).ok())
            .map_or(AUTO_RELOAD, |every| every.millis().max(1_000) as u64);
        let lifecycle = on("web.enable-lifecycle");
        let reloader = if by_itself {
            Reloader::Itself { every }
        } else {
            match sidecar(analysis).filter(|_| lifecycle) {
                Some(name) => Reloader::Sidecar(name),
                None => Reloader::Nobody { lifecycle },
            }
        };
        let file = match &instance.config {
            PathInContainer::File(file) => Some(file),
            _ => None,
        };
        Self {
            reloader,
            sub_path: file.is_some_and(|file| file.by_sub_path),
            mounted: file.is_some(),
        }
    }
}

/// A container of the server's pod with the image of a known reloader.
fn sidecar(analysis: &Analysis) -> Option<String> {
    const KNOWN: [&str; 3] = ["config-reloader", "configmap-reload", "config-reload"];
    let name = analysis.server.pod.as_ref()?;
    let pod = analysis.state.cluster.pods.get(&analysis.server.namespace, name)?;
    let reloads = |image: &str| KNOWN.iter().any(|known| image.contains(known));
    let mut containers = pod.spec.containers.iter();
    let found = containers.find(|container| reloads(&container.image.value))?;
    Some(found.name.value.to_string())
}

/// A version of all text.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub sources: Sources,
    /// A hash of the files that Prometheus reads.
    pub reads: u64,
    /// True if Prometheus has read the version at a reload and refused its rules: it has the jobs of
    /// this version, and the rules that it had before.
    pub rules_refused: bool,
}

/// The outcome of a reload that failed.
#[derive(Clone, Debug, PartialEq)]
pub enum ReloadError {
    /// The configuration is refused, and nothing changes.
    Configuration(String),
    /// A rule file is refused. Everything but the rules is applied.
    Rules(String),
}

/// The version at each stage, and the time at which the next stage adopts it. Times are
/// milliseconds since the start.
#[derive(Clone, Debug)]
pub struct Rollout {
    pub facts: Facts,
    /// The version that the API server stores.
    pub api: Version,
    /// The version that pods and Services are reconciled to.
    pub cluster: Version,
    controllers: Option<(u64, Cause)>,
    /// The version of the mounted file.
    pub file: Version,
    sync: Option<u64>,
    /// The version that Prometheus has loaded.
    pub memory: Version,
    reload: Option<u64>,
    /// The error of the last reload, if it failed.
    pub refused: Option<ReloadError>,
    /// The version of the targets that Prometheus scrapes.
    pub targets: Version,
    discovery: Option<u64>,
    /// The time at which the change was in force, if it is.
    pub settled: Option<u64>,
}

/// The reason that the controllers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Pods,
    Endpoints,
}

/// A stage that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutStep {
    Controllers,
    Sync,
    Reload,
    Discovery,
}

impl Rollout {
    pub fn new(facts: Facts, base: Version) -> Self {
        Self {
            facts,
            api: base.clone(),
            cluster: base.clone(),
            controllers: None,
            file: base.clone(),
            sync: None,
            memory: base.clone(),
            reload: None,
            refused: None,
            targets: base,
            discovery: None,
            settled: None,
        }
    }

    /// The API server stores a version.
    pub fn apply(&mut self, version: Version, cause: Option<Cause>, now: u64, seed: u64) {
        self.settled = None;
        self.controllers = match (cause, self.controllers) {
            (Some(cause), None) => {
                let takes = if cause == Cause::Pods { POD_START } else { ENDPOINTS };
                Some((now + takes, cause))
            }
            (_, underway) => underway,
        };
        if cause.is_none() && self.controllers.is_none() {
            self.cluster = version.clone();
        }
        self.sync = match self.sync {
            _ if version.reads == self.file.reads => None,
            // A bare file is saved where Prometheus reads it.
            None if !self.facts.mounted => Some(now),
            None if !self.facts.sub_path => Some(next_sync(seed, now)),
            underway => underway,
        };
        self.api = version;
        if self.sync.is_none() && self.file.reads == self.api.reads {
            self.same_for_prometheus();
        }
    }

    /// Stages with equal files for Prometheus get the newest spans.
    fn same_for_prometheus(&mut self) {
        let newest = self.api.clone();
        for version in [&mut self.file, &mut self.memory, &mut self.targets] {
            if version.reads == newest.reads {
                version.sources = newest.sources.clone();
            }
        }
    }

    /// Returns the next stage that is due, with its time.
    pub fn due(&self) -> Option<(u64, RolloutStep)> {
        [
            (self.controllers.map(|(at, _)| at), RolloutStep::Controllers),
            (self.sync, RolloutStep::Sync),
            (self.reload, RolloutStep::Reload),
            (self.discovery, RolloutStep::Discovery),
        ]
        .into_iter()
        .filter_map(|(at, step)| Some((at?, step)))
        .min_by_key(|(at, _)| *at)
    }

    pub fn controllers_done(&mut self) {
        self.controllers = None;
        self.cluster = self.api.clone();
    }

    /// A new pod or container reads the mounted file when it starts.
    pub fn server_started(&mut self, fresh_mount: bool) {
        if fresh_mount {
            self.file = self.api.clone();
            self.sync = None;
        }
        self.memory = self.file.clone();
        self.targets = self.file.clone();
        (self.reload, self.discovery, self.refused) = (None, None, None);
    }

    /// The mounted file is the newest version; the reloader sends its request.
    pub fn synced(&mut self, now: u64) {
        self.sync = None;
        self.file = self.api.clone();
        self.reload = match &self.facts.reloader {
            _ if self.file.reads == self.memory.reads => None,
            Reloader::Itself { every } => Some(next_tick(now, *every)),
            Reloader::Sidecar(_) => Some(now + SIDECAR),
            Reloader::Nobody { .. } => None,
        };
    }

    /// Prometheus has read the file, and has loaded or refused it.
    pub fn reloaded(&mut self, refused: Option<ReloadError>, now: u64) {
        self.reload = None;
        self.refused = refused;
        let rules_refused = matches!(self.refused, Some(ReloadError::Rules(_)));
        if self.refused.is_none() || rules_refused {
            self.memory = Version { rules_refused, ..self.file.clone() };
            self.discovery = Some(next_tick(now + DISCOVERED, TAKE_OVER));
        }
    }

    pub fn discovered(&mut self) {
        self.discovery = None;
        self.targets = self.memory.clone();
    }

    /// Takes over what is seen in a running cluster: whether the controllers have work, and the
    /// versions that are mounted and loaded. None: no server runs.
    pub fn observed(
        &mut self,
        at_rest: bool,
        mounted: Option<Version>,
        loaded: Option<Version>,
        now: u64,
    ) {
        self.controllers = (!at_rest).then_some((now, Cause::Pods));
        self.cluster = self.api.clone();
        if let Some(mounted) = mounted {
            self.file = mounted;
        }
        if let Some(loaded) = loaded {
            self.memory = loaded.clone();
            self.targets = loaded;
        }
        (self.sync, self.reload, self.discovery) = (None, None, None);
    }

    /// All stages adopt the version at once, including a reload.
    pub fn skip(&mut self) {
        self.cluster = self.api.clone();
        self.server_started(true);
        self.controllers = None;
    }

    /// Returns true if every stage has the version of the API server.
    pub fn is_through(&self) -> bool {
        self.due().is_none() && self.targets.reads == self.api.reads && !self.targets.rules_refused
    }

    /// Returns true if Prometheus reads the newest version at a reload, or has read it at one and
    /// refused its rules.
    pub fn is_reload(&self) -> bool {
        self.memory.reads != self.api.reads || self.memory.rules_refused
    }

    /// Returns the stages for the page, from the first to the last. `first` is the time of the first
    /// scrape of a new target, if there is one.
    pub fn stages(&self, first: Option<u64>) -> Vec<Stage> {
        let mut stages = vec![Stage {
            name: "Applied".into(),
            text: "The API server has the new objects at once. Nothing that runs has read them."
                .into(),
            state: StageState::Done,
            due: None,
        }];
        if let Some((at, cause)) = self.controllers {
            stages.push(match cause {
                Cause::Pods => stage(
                    "Pods",
                    "Controllers replace pods: scheduled, started, and ready after some seconds.",
                    Some(at),
                ),
                Cause::Endpoints => stage(
                    "Endpoints",
                    "Endpoints and kube-proxy follow the Service within about a second.",
                    Some(at),
                ),
            });
        }
        let behind = |from: &Version, to: &Version| from.reads != to.reads;
        if !behind(&self.targets, &self.api) && first.is_none() && self.refused.is_none() {
            return stages;
        }
        stages.push(self.mount_stage());
        let mounted = !behind(&self.file, &self.api);
        stages.push(self.reload_stage(mounted && behind(&self.memory, &self.file)));
        let mut discovery = stage(
            "Discovery",
            "Prometheus takes new targets over every 5 s, so that many changes come as one.",
            self.discovery,
        );
        let read = mounted && !behind(&self.memory, &self.api);
        if read && self.discovery.is_none() {
            discovery.state = StageState::Done;
        }
        stages.push(discovery);
        stages.push(stage(
            "First scrape",
            "Each target has its own place within scrape_interval, so that not all are scraped at \
             once.",
            first.filter(|_| read && self.discovery.is_none()),
        ));
        stages
    }

    fn mount_stage(&self) -> Stage {
        if self.file.reads == self.api.reads {
            let text = "The file in the pod has the new text.";
            return Stage { state: StageState::Done, ..stage("File", text, None) };
        }
        if self.facts.sub_path {
            let mut stage = stage(
                "File",
                "Mounted by subPath: the file stays as it is for as long as the container runs. \
                 Restart Prometheus, or mount the whole directory.",
                None,
            );
            stage.state = StageState::Stuck;
            return stage;
        }
        stage(
            "File",
            "The kubelet writes the ConfigMap into the pod when it looks at the pod the next \
             time, every 60 to 90 s.",
            self.sync,
        )
    }

    fn reload_stage(&self, waits: bool) -> Stage {
        if let Some(refused) = &self.refused {
            return Stage {
                name: "Reload".into(),
                text: match refused {
                    ReloadError::Configuration(error) => format!(
                        "Prometheus refused the file and goes on with the old configuration; \
                         prometheus_config_last_reload_successful is 0. {error}"
                    ),
                    ReloadError::Rules(error) => format!(
                        "Prometheus refused a rule file. It has the new jobs and goes on with the \
                         old rules; prometheus_config_last_reload_successful is 0. {error}"
                    ),
                },
                state: StageState::Stuck,
                due: None,
            };
        }
        let text = match &self.facts.reloader {
            Reloader::Itself { .. } => {
                "Prometheus itself looks whether the file has changed: --config.auto-reload."
                    .to_owned()
            }
            Reloader::Sidecar(name) => {
                format!("The container {name} sees the new file and calls POST /-/reload.")
            }
            Reloader::Nobody { lifecycle: true } => {
                "Prometheus reads its file only at a reload, and nothing triggers one: POST \
                 /-/reload, or send SIGHUP."
                    .to_owned()
            }
            Reloader::Nobody { lifecycle: false } => {
                "Prometheus reads its file only at a reload, and nothing triggers one. Without \
                 --web.enable-lifecycle POST /-/reload is refused; SIGHUP or a restart works."
                    .to_owned()
            }
        };
        let mut stage = stage("Reload", &text, self.reload);
        if waits && self.reload.is_none() {
            stage.state = StageState::Stuck;
        } else if self.memory.reads == self.api.reads {
            stage.state = StageState::Done;
        }
        stage
    }
}

/// A stage that waits for its delay, or for the stages before it.
fn stage(name: &str, text: &str, due: Option<u64>) -> Stage {
    let state = if due.is_some() { StageState::Now } else { StageState::Later };
    Stage { name: name.into(), text: text.into(), state, due }
}

/// Returns the first time after `now` at which the kubelet syncs the pod.
fn next_sync(seed: u64, now: u64) -> u64 {
    let phase = mix(seed, 1) % SYNC;
    let round = |k: u64| {
        let jitter = (unit(mix(seed, k)) - 0.5) * SYNC_JITTER;
        (k * SYNC + phase).saturating_add_signed(jitter as i64)
    };
    let guess = now.saturating_sub(phase) / SYNC;
    (guess.saturating_sub(1)..).map(round).find(|&at| at > now).unwrap_or(now + SYNC)
}

fn next_tick(now: u64, every: u64) -> u64 {
    (now / every + 1) * every
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kubelet_comes_every_60_to_90_seconds() {
        for seed in 0..50 {
            let mut last = next_sync(seed, 0);
            assert!(last <= 90_000);
            for _ in 0..50 {
                let next = next_sync(seed, last);
                assert!((60_000..=90_000).contains(&(next - last)), "{seed}: {last} {next}");
                assert_eq!(next_sync(seed, last + 1), next);
                last = next;
            }
        }
    }

    fn version(reads: u64) -> Version {
        Version { sources: Sources::default(), reads, rules_refused: false }
    }

    fn rollout(reloader: Reloader, sub_path: bool) -> Rollout {
        let facts = Facts { reloader, sub_path, mounted: true };
        let mut rollout = Rollout::new(facts, version(1));
        rollout.apply(version(2), None, 1_000, 7);
        rollout
    }

    fn states(rollout: &Rollout, first: Option<u64>) -> Vec<(String, StageState)> {
        rollout.stages(first).into_iter().map(|stage| (stage.name, stage.state)).collect()
    }

    #[test]
    fn every_place_takes_over_in_its_turn() {
        let mut rollout = rollout(Reloader::Itself { every: 30_000 }, false);
        let (at, step) = rollout.due().unwrap();
        assert!(step == RolloutStep::Sync && (1_000..=91_000).contains(&at));
        rollout.synced(at);
        assert_eq!((rollout.file.reads, rollout.memory.reads), (2, 1));
        let (at, step) = rollout.due().unwrap();
        assert!(step == RolloutStep::Reload && at % 30_000 == 0);
        rollout.reloaded(None, at);
        let (next, step) = rollout.due().unwrap();
        assert!(step == RolloutStep::Discovery && next > at && next <= at + 5_100);
        assert!(!rollout.is_through());
        rollout.discovered();
        assert!(rollout.is_through());
    }

    #[test]
    fn without_anybody_to_tell_it_prometheus_keeps_what_it_has() {
        let mut rollout = rollout(Reloader::Nobody { lifecycle: true }, false);
        let (at, _) = rollout.due().unwrap();
        rollout.synced(at);
        assert_eq!(rollout.due(), None);
        assert!(!rollout.is_through());
        let reload = ("Reload".to_owned(), StageState::Stuck);
        assert!(states(&rollout, None).contains(&reload));
        rollout.reloaded(Some(ReloadError::Configuration("no such field".into())), at + 1);
        assert_eq!(rollout.memory.reads, 1, "a file that is refused changes nothing");
        rollout.reloaded(Some(ReloadError::Rules("no such function".into())), at + 1);
        assert_eq!(rollout.memory.reads, 2, "the rest of the configuration is applied");
        rollout.discovered();
        assert!(!rollout.is_through() && rollout.targets.rules_refused);
        rollout.reloaded(None, at + 2);
        assert!(rollout.due().is_some());
    }

    #[test]
    fn a_file_mounted_by_sub_path_never_changes() {
        let mut rollout = rollout(Reloader::Itself { every: 30_000 }, true);
        assert_eq!(rollout.due(), None);
        assert!(states(&rollout, None).contains(&("File".to_owned(), StageState::Stuck)));
        rollout.server_started(true);
        assert!(rollout.is_through());
    }

    #[test]
    fn an_edit_that_is_taken_back_needs_nothing() {
        let mut rollout = rollout(Reloader::Nobody { lifecycle: true }, false);
        rollout.apply(version(1), None, 2_000, 7);
        assert!(rollout.is_through());
    }
}
