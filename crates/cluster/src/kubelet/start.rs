//! Starting a container: restart back-off, image, creation, process, postStart hook.
//!
//! Source: pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer,
//! kuberuntime_manager.go doBackOff, pkg/kubelet/images/image_manager.go.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::object::{Quantity, Value};

use super::Env;
use super::actions::KillReason;
use super::active::Active;
use super::environment::{self, Source};
use super::pod::{Backoff, PodWorker};
use super::runtime::{Container, Ended, Record, Snapshot};
use super::sync::Progress;
use super::volumes::mount_of;
use crate::program::{Image, Start, invalid_reference, qualified, tagged};
use crate::recorder::Type;

/// A container that is being started.
#[derive(Clone, Debug)]
pub struct Starting {
    pub name: String,
    /// True for an init container.
    pub init: bool,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    Begin,
    /// The container is created until then.
    Creating {
        until: i64,
    },
    /// The image is pulled until then.
    Pulling {
        since: i64,
        until: i64,
    },
    /// The postStart hook runs until then; the message if it fails.
    Hook {
        number: usize,
        until: i64,
        error: Option<String>,
    },
    /// A container whose hook has failed is stopped.
    Killing {
        number: usize,
        error: String,
    },
}

impl Starting {
    pub fn new(name: String, init: bool) -> Self {
        Self { name, init, stage: Stage::Begin }
    }
}

/// Milliseconds that a runtime needs to create a container, from and to.
const CREATION: (i64, i64) = (10, 40);

fn begin_creation(env: &mut Env<'_>, starting: &mut Starting) -> Progress {
    let until = env.now + env.random.between(CREATION.0, CREATION.1);
    starting.stage = Stage::Creating { until };
    Progress::Wait(Some(until))
}

impl PodWorker {
    /// Goes on with starting a container.
    pub(super) fn start(
        &mut self,
        env: &mut Env<'_>,
        snapshot: &Snapshot,
        starting: &mut Starting,
    ) -> Progress {
        let name = starting.name.clone();
        let (spec, _) = self.spec_of(&name);
        if spec.is_null() {
            return Progress::Done;
        }
        match starting.stage.clone() {
            Stage::Begin => {
                if let Some(retry_at) = self.in_backoff(env, snapshot, &name) {
                    return Progress::Failed(Some(retry_at));
                }
                self.ensure_image(env, &spec, starting)
            }
            Stage::Creating { until } if until > env.now => Progress::Wait(Some(until)),
            Stage::Creating { .. } => self.create(env, &spec, starting),
            Stage::Pulling { until, .. } if until > env.now => Progress::Wait(Some(until)),
            Stage::Pulling { since, .. } => self.pulled(env, &spec, starting, since),
            Stage::Hook { until, .. } if until > env.now => Progress::Wait(Some(until)),
            Stage::Hook { error: None, .. } => {
                self.reasons.remove(&name);
                Progress::Done
            }
            Stage::Hook { number, error: Some(error), .. } => {
                let message = "PostStartHook failed";
                self.container_event(env, &name, Type::Warning, "FailedPostStartHook", message);
                self.begin_stop(env, number, "FailedPostStartHook", KillReason::Other);
                starting.stage = Stage::Killing { number, error };
                self.await_kill(starting)
            }
            Stage::Killing { .. } => self.await_kill(starting),
        }
    }

    fn await_kill(&mut self, starting: &Starting) -> Progress {
        let Stage::Killing { number, error } = &starting.stage else { return Progress::Done };
        let running = self.containers.get(*number).is_some_and(|one| one.record.is_running());
        if running {
            return Progress::Wait(None);
        }
        self.fail(&starting.name, "PostStartHookError", error)
    }

    fn fail(&mut self, name: &str, reason: &'static str, message: &str) -> Progress {
        self.reasons.insert(name.to_owned(), (reason, message.to_owned()));
        Progress::Failed(None)
    }

    /// The end of the waiting time of a container that has ended too often; None if it may start.
    fn in_backoff(&mut self, env: &mut Env<'_>, snapshot: &Snapshot, name: &str) -> Option<i64> {
        let records = snapshot.records.iter().filter(|one| one.name == name);
        let ended = records.filter_map(|one| one.ended.as_ref()).next()?;
        let known = self.restart_backoff.get(name).filter(|one| !one.is_forgotten(ended.at));
        let delay = known.map_or(0, |known| known.delay);
        if env.now - ended.at >= delay {
            let next = Backoff::next(self.restart_backoff.get(name), ended.at, env.now);
            self.restart_backoff.insert(name.to_owned(), next);
            return None;
        }
        let message =
            format!("Back-off restarting failed container {name} in pod {}", self.identity());
        self.container_event(env, name, Type::Warning, "BackOff", &message);
        let printed = go::time::format_duration(delay * 1_000_000);
        let message = format!(
            "back-off {printed} restarting failed container={name} pod={}",
            self.identity()
        );
        self.reasons.insert(name.to_owned(), ("CrashLoopBackOff", message));
        Some(ended.at + delay)
    }

    /// `name_namespace(uid)`. Source: pkg/kubelet/util/format Pod.
    fn identity(&self) -> String {
        format!("{}_{}({})", self.key.name, self.key.namespace, self.uid)
    }

    /// Looks for the image on the node; starts to pull it, creates the container, or fails.
    fn ensure_image(
        &mut self,
        env: &mut Env<'_>,
        spec: &Value,
        starting: &mut Starting,
    ) -> Progress {
        let (name, image) = (&*starting.name, spec.str("image"));
        let quoted = go::quote::quote(image);
        if let Some(error) = invalid_reference(image) {
            let message = format!(
                "Failed to apply default image tag {quoted}: couldn't parse image name {quoted}: \
                 {error}"
            );
            self.container_event(env, name, Type::Warning, "InspectFailed", &message);
            self.failed_event(env, name, "InvalidImageName");
            return self.fail(name, "InvalidImageName", &message);
        }
        let described = env.images.get(image);
        let present = described.present
            || env.shared.pulled.contains(&self.pulled_as(env, name, image, &described));
        match spec.str("imagePullPolicy") {
            "Never" if !present => {
                let message =
                    format!("Container image {quoted} is not present with pull policy of Never");
                self.container_event(env, name, Type::Warning, "ErrImageNeverPull", &message);
                self.failed_event(env, name, "ErrImageNeverPull");
                return self.fail(name, "ErrImageNeverPull", &message);
            }
            policy if present && policy != "Always" => {
                let message = format!(
                    "Container image {quoted} already present on machine and can be accessed by \
                     the pod"
                );
                self.container_event(env, name, Type::Normal, "Pulled", &message);
                return begin_creation(env, starting);
            }
            _ => {}
        }
        if let Some(known) = self.pull_backoff.get(image)
            && env.now - known.updated < known.delay
        {
            let message = format!("Back-off pulling image {quoted}");
            self.container_event(env, name, Type::Normal, "BackOff", &message);
            self.failed_event(env, name, "ImagePullBackOff");
            let message = match self.pull_errors.get(image) {
                Some(error) => format!("{message}: ErrImagePull: {error}"),
                None => message,
            };
            return self.fail(name, "ImagePullBackOff", &message);
        }
        let message = format!("Pulling image {quoted}");
        self.container_event(env, name, Type::Normal, "Pulling", &message);
        let until = env.now + described.pull;
        starting.stage = Stage::Pulling { since: env.now, until };
        if described.pull > 0 {
            return Progress::Wait(Some(until));
        }
        self.pulled(env, spec, starting, env.now)
    }

    fn failed_event(&self, env: &mut Env<'_>, name: &str, error: &str) {
        self.container_event(env, name, Type::Warning, "Failed", &format!("Error: {error}"));
    }

    /// The node and the name under which a pulled image is found again.
    fn pulled_as(
        &self,
        env: &Env<'_>,
        container: &str,
        image: &str,
        described: &Image,
    ) -> (Arc<str>, String) {
        let mut name = tagged(image);
        if described.is_pulled_always {
            name = format!("{name} {} {container}", self.uid);
        }
        (env.node.name.clone(), name)
    }

    /// A pull has ended.
    fn pulled(
        &mut self,
        env: &mut Env<'_>,
        spec: &Value,
        starting: &mut Starting,
        since: i64,
    ) -> Progress {
        let (name, image) = (starting.name.clone(), spec.str("image"));
        let quoted = go::quote::quote(image);
        let described = env.images.get(image);
        let count = env.shared.pulls.entry(tagged(image)).or_default();
        *count += 1;
        // The pull of an image that is not there is not described.
        let unknown = !described.present && described.failure.is_none() && described.pull == 0;
        let failure =
            if unknown { Image::missing(image).failure } else { described.failure.clone() };
        let fails = described.failing_pulls.is_none_or(|most| *count <= most);
        if let Some(failure) = failure.filter(|_| fails) {
            let error = failure.message();
            let message = format!("Failed to pull image {quoted}: {error}");
            self.container_event(env, &name, Type::Warning, "Failed", &message);
            self.failed_event(env, &name, "ErrImagePull");
            let next = Backoff::next(self.pull_backoff.get(image), env.now, env.now);
            self.pull_backoff.insert(image.to_owned(), next);
            self.pull_errors.insert(image.to_owned(), error.clone());
            return self.fail(&name, "ErrImagePull", &error);
        }
        let pulled = self.pulled_as(env, &name, image, &described);
        env.shared.pulled.insert(pulled);
        let took = go::time::format_duration((env.now - since).max(1) * 1_000_000);
        let message = format!(
            "Successfully pulled image {quoted} in {took} ({took} including waiting). Image size: \
             {} bytes.",
            described.size
        );
        self.container_event(env, &name, Type::Normal, "Pulled", &message);
        self.pull_errors.remove(image);
        begin_creation(env, starting)
    }

    /// Creates and starts a container whose image is there.
    fn create(&mut self, env: &mut Env<'_>, spec: &Value, starting: &mut Starting) -> Progress {
        let name = starting.name.clone();
        let image = &env.images.get(spec.str("image"));
        let address = self.sandbox.as_ref().map(|one| one.address.clone()).unwrap_or_default();
        let variables = environment::make(&Source {
            server: env.server,
            pod: &self.pod,
            container: spec,
            pod_address: &address,
            host_address: &env.node.address,
        });
        let variables = variables.and_then(|variables| match self.root_refused(spec, image) {
            Some(error) => Err(error),
            None => Ok(variables),
        });
        let variables = match variables {
            Ok(variables) => variables,
            Err(error) => {
                self.failed_event(env, &name, &error);
                return self.fail(&name, "CreateContainerConfigError", &error);
            }
        };
        self.container_event(env, &name, Type::Normal, "Created", "Container created");
        if let Some(error) = self.launch(env, spec, variables) {
            let quoted = go::quote::quote(&name);
            let message = format!("failed to start containerd task {quoted}: {error}");
            self.failed_event(env, &name, &message);
            return self.fail(&name, "RunContainerError", &message);
        }
        self.container_event(env, &name, Type::Normal, "Started", "Container started");
        let hook = &spec["lifecycle"]["postStart"];
        if hook.is_empty() {
            self.reasons.remove(&name);
            return Progress::Done;
        }
        let number = self.containers.len() - 1;
        let (takes, error) = self.run_hook(number, spec, hook, env.now);
        starting.stage = Stage::Hook { number, until: env.now + takes, error };
        if takes > 0 {
            return Progress::Wait(Some(env.now + takes));
        }
        self.start(env, &Snapshot::default(), starting)
    }

    /// Starts the process of a container. Returns the error of the runtime if it cannot be started.
    fn launch(
        &mut self,
        env: &mut Env<'_>,
        spec: &Value,
        variables: BTreeMap<String, String>,
    ) -> Option<String> {
        let starts = self.starts.entry(spec.str("name").to_owned()).or_default();
        let earlier_starts = *starts;
        *starts += 1;
        let (pod_number, image_pod_number) = self.numbers(env, spec.str("image"));
        let process = env.programs.start(&Start {
            pod: &self.pod,
            container: spec,
            env: &variables,
            earlier_starts,
            pod_number,
            image_pod_number,
            now: env.now,
        });
        let mut record = self.new_record(env, spec);
        let (process, error) = match process {
            Ok(process) => (Some(process), None),
            Err(error) => {
                let message = error.clone();
                let ended = Ended { at: env.now, code: 128, reason: "StartError", message };
                record.ended = Some(ended);
                (None, Some(error))
            }
        };
        if process.as_ref().is_some_and(|process| process.is_active()) {
            let active = Active { pod: self.uid.clone(), container: record.id.clone() };
            env.shared.active.push(active);
        }
        let limit = Quantity::parse(spec["resources"]["limits"].str("memory"));
        self.add_container(Container {
            record,
            process,
            memory_limit: limit.map(|limit| limit.value()),
            message_from_log: spec.str("terminationMessagePolicy") == "FallbackToLogsOnError",
            env: variables,
            fixed_files: self.fixed_files(spec),
            stop: None,
            killed: None,
        });
        self.mark_dirty(env);
        error
    }

    /// Positions of the pod among those of its namespace, and among those that run an image.
    fn numbers(&mut self, env: &mut Env<'_>, image: &str) -> (usize, usize) {
        let namespace = &self.key.namespace;
        let number = *self.number.get_or_insert_with(|| {
            let count = env.shared.pods.entry(namespace.clone()).or_default();
            *count += 1;
            *count
        });
        let of_image = *self.image_numbers.entry(image.to_owned()).or_insert_with(|| {
            let key = (namespace.clone(), image.to_owned());
            let count = env.shared.image_pods.entry(key).or_default();
            *count += 1;
            *count
        });
        (number, of_image)
    }

    fn new_record(&mut self, env: &Env<'_>, spec: &Value) -> Record {
        let name = spec.str("name");
        self.created_containers += 1;
        let restarts = self.containers.iter().rev().find(|one| one.record.name == name);
        let digits = self.uid.replace('-', "");
        let (image, image_id) = status_names(env, spec.str("image"));
        Record {
            id: format!("containerd://{digits}{:032x}", self.created_containers),
            name: name.to_owned(),
            spec_image: spec.str("image").to_owned(),
            image,
            image_id,
            restarts: restarts.map_or(0, |one| one.record.restarts + 1),
            started: env.now,
            ended: None,
        }
    }

    /// Adds a container; of those of its name that have ended two are kept.
    fn add_container(&mut self, container: Container) {
        let name = container.record.name.clone();
        self.containers.push(container);
        let own = self.containers.iter().filter(|one| one.record.name == name).count();
        let mut surplus = own.saturating_sub(3);
        self.containers.retain(|one| {
            let drop = surplus > 0 && one.record.name == name && !one.record.is_running();
            surplus -= usize::from(drop);
            !drop
        });
    }

    /// Files that are mounted with `subPath` do not change later.
    fn fixed_files(&self, spec: &Value) -> BTreeMap<String, Option<String>> {
        let mounts = spec.list("volumeMounts").iter().filter(|one| !one.str("subPath").is_empty());
        let mut fixed = BTreeMap::new();
        for mount in mounts {
            let path = mount.str("mountPath").trim_end_matches('/');
            let Some((mount, inner)) = mount_of(spec, path) else { continue };
            let volume = mount.str("name");
            let below = format!("{}/", inner.trim_end_matches('/'));
            let inside = self.volumes.files(volume).filter_map(|(name, text)| {
                let rest = name.strip_prefix(&below)?;
                Some((format!("{path}/{rest}"), Some(text.to_owned())))
            });
            fixed.extend(inside);
            let content = self.volumes.file(volume, &inner);
            fixed.insert(path.to_owned(), content.map(str::to_owned));
        }
        fixed
    }

    /// The reason for which a container that must not run as root is not started.
    /// Source: pkg/kubelet/kuberuntime/security_context_others.go verifyRunAsNonRoot.
    fn root_refused(&self, spec: &Value, image: &Image) -> Option<String> {
        let of = |field: &str| {
            let own = &spec["securityContext"][field];
            if own.is_null() { &self.pod["spec"]["securityContext"][field] } else { own }
        };
        if of("runAsNonRoot").as_bool() != Some(true) {
            return None;
        }
        let suffix = format!("(pod: \"{}\", container: {})", self.identity(), spec.str("name"));
        match of("runAsUser").as_int() {
            Some(0) => {
                return Some(format!("container's runAsUser breaks non-root policy {suffix}"));
            }
            Some(_) => return None,
            None => {}
        }
        if image.uid.is_none() && !image.user.is_empty() {
            return Some(format!(
                "container has runAsNonRoot and image has non-numeric user ({}), cannot verify user \
                 is non-root {suffix}",
                image.user
            ));
        }
        (image.uid.unwrap_or(0) == 0)
            .then(|| format!("container has runAsNonRoot and image will run as root {suffix}"))
    }
}

/// The name and the id of an image as the status of a container shows them.
fn status_names(env: &Env<'_>, name: &str) -> (String, String) {
    let digest = env.images.get(name).digest;
    if digest.is_empty() {
        return (tagged(name), tagged(name));
    }
    let full = qualified(name);
    let path = full.rfind('/').map_or(0, |at| at + 1);
    let end = full[path..].find([':', '@']).map_or(full.len(), |at| path + at);
    let id = format!("{}@{digest}", &full[..end]);
    (full, id)
}
