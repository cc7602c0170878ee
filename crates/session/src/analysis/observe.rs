//! The typed state of a running cluster, with the places of the text behind its objects.
//!
//! Objects that the API server stores as the text has them are those of the text, so that their
//! fields lead to it. Pods are made from the template of their workload, as long as it is the one
//! that they run.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::Cluster;
use kubernetes::causes::{self, PodFacts};
use kubernetes::columns::{POD, event_time};
use kubernetes::controllers::{ClusterState, ConfigVerdict, Event, PodReport};
use kubernetes::object::Value;
use kubernetes::objects::{
    ContainerState, Field, Kind, ObjectMeta, ObjectOrigin, ObjectRef, Pod, PodSpec, Resource,
    Service, Text, Workload,
};
use kubernetes::prometheus::Instance;
use promql::Timestamp;
use world::World;

use super::apply::Applied;

/// The folder of the token that the API server mounts into every container.
const TOKEN_FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// Lines of a log that a report has.
const LOG_LINES: usize = 20;
/// Events that a report has.
const EVENTS: usize = 20;

/// Loads the configuration of a Prometheus server.
type Verdict<'a> = &'a dyn Fn(&Instance) -> ConfigVerdict;

/// Values of stored objects by reference.
type Values = BTreeMap<ObjectRef, Value>;

fn reference(kind: &str, object: &Value) -> Option<ObjectRef> {
    let kind = Kind::from_name(kind)?;
    let metadata = &object["metadata"];
    let (namespace, name) = (metadata.str("namespace").into(), metadata.str("name").into());
    Some(ObjectRef { kind, namespace, name })
}

/// The fields of an object that a manifest decides, apart from those in `ignored`.
fn content(kind: Kind, object: &Value, ignored: &[&str]) -> Value {
    let mut content = object.clone();
    for key in ["metadata", "status", "apiVersion", "kind"] {
        content.remove(key);
    }
    let spec = content.entry("spec");
    if !spec.is_null() {
        ignored.iter().for_each(|key| _ = spec.remove(key));
        if kind == Kind::Service {
            for port in spec.items_mut("ports") {
                port.remove("nodePort");
            }
        }
    }
    content
}

/// Returns true if the cluster stores an object as the text has it.
fn is_unchanged(kind: Kind, stored: &Value, written: &Value) -> bool {
    let ignored: &[&str] = match kind {
        Kind::Service => &["clusterIP", "clusterIPs", "healthCheckNodePort"],
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::StatefulSet
        | Kind::Job => &["replicas"],
        _ => &[],
    };
    let labels = |object: &Value| object["metadata"]["labels"].clone();
    labels(stored) == labels(written)
        && content(kind, stored, ignored) == content(kind, written, ignored)
}

/// The objects of the text.
struct Written<'a> {
    cluster: &'a Cluster,
    values: BTreeMap<ObjectRef, &'a Value>,
}

/// The objects of the cluster.
struct Stored<'a> {
    world: &'a World,
    values: Values,
    now: Timestamp,
}

/// The text that a world runs.
#[derive(Clone, Copy)]
pub struct TextOfWorld<'a> {
    /// Its objects, with their places.
    pub cluster: &'a Cluster,
    /// The objects as the API server stores them.
    pub applied: &'a Applied,
    /// Loads the configuration of a Prometheus server.
    pub verdict: Verdict<'a>,
}

/// Observes a world that runs a text.
pub fn observe(world: &mut World, text: TextOfWorld<'_>) -> ClusterState {
    let (_, state) = world.objects();
    let read = state.cluster.clone();
    let now = world.now();
    let storage = &world.cluster.server.storage;
    let values = storage.iter().filter_map(|(key, object)| {
        let reference = reference(key.kind, object)?;
        Some((reference, object.clone()))
    });
    let stored = Stored { world, values: values.collect(), now };
    let values = text.applied.stored().filter_map(|one| {
        let value = one.stored.as_ref()?;
        Some((reference(&one.kind, value)?, value))
    });
    let written = Written { cluster: text.cluster, values: values.collect() };
    let mut cluster = with_places(read, &stored, &written);
    let owners = owners(&cluster);
    let mut pods = Vec::new();
    for pod in cluster.pods.iter() {
        pods.push(stored.pod(pod, &cluster, &written, owners.get(&pod.reference())));
    }
    pods.into_iter().for_each(|pod| _ = cluster.pods.insert(pod));
    let mut state = ClusterState::observed(cluster);
    stored.describe(&mut state, &owners, text.verdict);
    state
}

/// Gives the objects that are read from the cluster the places of those in the text.
fn with_places(mut read: Cluster, stored: &Stored<'_>, written: &Written<'_>) -> Cluster {
    let text = written.cluster;
    macro_rules! place {
        ($($table:ident)*) => {$(
            let objects: Vec<_> = read.$table.iter().cloned().collect();
            for object in objects {
                let own = object.reference();
                let ObjectRef { kind, namespace, name } = &own;
                let found = text.$table.get_kind(*kind, namespace, name);
                let placed = match found {
                    Some(found) if stored.is_unchanged(&own, written) => {
                        merge(&object, found)
                    }
                    found => {
                        let mut placed = (*object).clone();
                        placed.meta = meta(&object.meta, found.map(|one| &one.meta));
                        placed
                    }
                };
                read.$table.insert(placed);
            }
        )*};
    }
    place! {
        namespaces nodes services ingresses network_policies config_maps secrets
        persistent_volumes persistent_volume_claims storage_classes service_accounts roles
        role_bindings workloads
    }
    place_derived(&mut read);
    read
}

/// The metadata of an object that is read, with the place of the object in the text.
fn meta(read: &ObjectMeta, written: Option<&ObjectMeta>) -> ObjectMeta {
    let mut meta = read.clone();
    match written {
        Some(written) => {
            meta.location = written.location;
            meta.origin = ObjectOrigin::Written;
            meta.name.at = written.name.at;
        }
        None => meta.origin = ObjectOrigin::BuiltIn,
    }
    meta
}

/// The object of the text, with what the cluster has added to it.
trait Merge: Clone {
    fn merge(&mut self, read: &Self);
}

fn merge<T: Merge + HasMeta>(read: &Arc<T>, written: &Arc<T>) -> T {
    let mut merged = (**written).clone();
    let (own, from) = (merged.meta_mut(), read.meta());
    own.uid = from.uid.clone();
    own.creation_timestamp = from.creation_timestamp.clone();
    own.deletion_timestamp = from.deletion_timestamp.clone();
    merged.merge(read);
    merged
}

trait HasMeta: Resource {
    fn meta_mut(&mut self) -> &mut ObjectMeta;
}

macro_rules! mergeable {
    ($($type:ident $merge:expr;)*) => {$(
        impl HasMeta for kubernetes::objects::$type {
            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.meta
            }
        }

        impl Merge for kubernetes::objects::$type {
            fn merge(&mut self, read: &Self) {
                let merge: fn(&mut Self, &Self) = $merge;
                merge(self, read);
            }
        }
    )*};
}

fn all_of_read<T: Clone>(own: &mut T, read: &T, meta: impl Fn(&mut T) -> &mut ObjectMeta) {
    let kept = meta(own).clone();
    *own = read.clone();
    *meta(own) = kept;
}

mergeable! {
    Namespace |_, _| {};
    Node |own, read| all_of_read(own, read, |one| &mut one.meta);
    Service |own, read| {
        own.cluster_ip = Field { value: read.cluster_ip.value.clone(), at: own.cluster_ip.at };
        own.load_balancer_ingress_ips = read.load_balancer_ingress_ips.clone();
        own.ip_families = read.ip_families.clone();
        own.ip_family_policy = read.ip_family_policy.clone();
    };
    Ingress |_, _| {};
    NetworkPolicy |_, _| {};
    ConfigMap |_, _| {};
    Secret |_, _| {};
    PersistentVolume |own, read| all_of_read(own, read, |one| &mut one.meta);
    PersistentVolumeClaim |own, read| {
        own.volume_name = read.volume_name.clone();
        own.phase = read.phase.clone();
        own.storage_class_name = own.storage_class_name.clone().or(read.storage_class_name.clone());
    };
    StorageClass |_, _| {};
    ServiceAccount |_, _| {};
    Role |_, _| {};
    RoleBinding |_, _| {};
    Workload |own, read| {
        if let Some(replicas) = &read.replicas {
            let at = own.replicas.as_ref().and_then(|own| own.at);
            own.replicas = Some(Field { value: replicas.value, at });
        }
        own.finished = read.finished;
    };
}

/// Leads from objects that controllers have made to the objects that they were made for.
fn place_derived(cluster: &mut Cluster) {
    let workloads: Vec<Arc<Workload>> = cluster.workloads.iter().cloned().collect();
    for workload in workloads {
        let Some(owner) = workload.meta.controller() else { continue };
        let Some(kind) = Kind::from_name(&owner.kind) else { continue };
        let namespace = &workload.meta.namespace.value;
        let Some(owner) = cluster.workload(kind, namespace, &owner.name) else { continue };
        let location = owner.meta.location;
        let mut workload = (*workload).clone();
        derive(&mut workload.meta, owner_is_written(owner), location);
        cluster.workloads.insert(workload);
    }
    let services: BTreeMap<(Text, Text), Arc<Service>> = cluster
        .services
        .iter()
        .map(|one| ((one.meta.namespace.value.clone(), one.meta.name.value.clone()), one.clone()))
        .collect();
    for slice in cluster.endpoint_slices.iter_mut() {
        let name = slice.meta.labels.value("kubernetes.io/service-name").unwrap_or_default();
        let service = services.get(&(slice.meta.namespace.value.clone(), name.into()));
        let slice = Arc::make_mut(slice);
        place_by(&mut slice.meta, service.map(|one| &one.meta));
    }
    for endpoints in cluster.endpoints.iter_mut() {
        let key = (endpoints.meta.namespace.value.clone(), endpoints.meta.name.value.clone());
        let endpoints = Arc::make_mut(endpoints);
        place_by(&mut endpoints.meta, services.get(&key).map(|one| &one.meta));
    }
}

fn owner_is_written(owner: &Workload) -> bool {
    owner.meta.origin != ObjectOrigin::BuiltIn
}

fn derive(meta: &mut ObjectMeta, has_place: bool, location: text::Location) {
    meta.origin = if has_place { ObjectOrigin::Derived } else { ObjectOrigin::BuiltIn };
    meta.location = location;
}

fn place_by(meta: &mut ObjectMeta, owner: Option<&ObjectMeta>) {
    let location = owner.map(|owner| owner.location).unwrap_or_default();
    derive(meta, owner.is_some_and(|owner| owner.origin != ObjectOrigin::BuiltIn), location);
}

/// The workload at the top of the owners of each pod.
fn owners(cluster: &Cluster) -> BTreeMap<ObjectRef, ObjectRef> {
    let mut owners = BTreeMap::new();
    for pod in cluster.pods.iter() {
        let mut top = None;
        let mut next = pod.meta.controller();
        while let Some(owner) = next {
            let Some(kind) = Kind::from_name(&owner.kind) else { break };
            let namespace = pod.meta.namespace.value.clone();
            let found = cluster.workload(kind, &namespace, &owner.name);
            top = Some(ObjectRef { kind, namespace, name: owner.name.clone() });
            next = found.and_then(|one| one.meta.controller());
        }
        if let Some(top) = top {
            owners.insert(pod.reference(), top);
        }
    }
    owners
}

/// The containers of a pod as its template has them.
fn containers(spec: &Value) -> Vec<Value> {
    let all = spec.list("containers").iter().chain(spec.list("initContainers"));
    let without_token = |container: &Value| {
        let mut container = container.clone();
        if container.has("volumeMounts") {
            let mounts = container.entry("volumeMounts").list_mut();
            mounts.retain(|mount| mount.str("mountPath") != TOKEN_FOLDER);
            if mounts.is_empty() {
                container.remove("volumeMounts");
            }
        }
        container
    };
    all.map(without_token).collect()
}

impl Stored<'_> {
    fn is_unchanged(&self, object: &ObjectRef, written: &Written<'_>) -> bool {
        let (Some(stored), Some(text)) = (self.values.get(object), written.values.get(object))
        else {
            return false;
        };
        stored.is_shared_with(text) || is_unchanged(object.kind, stored, text)
    }

    /// A pod with the places of its template.
    fn pod(
        &self,
        read: &Pod,
        cluster: &Cluster,
        written: &Written<'_>,
        owner: Option<&ObjectRef>,
    ) -> Pod {
        let own = read.reference();
        let mut pod = read.clone();
        let spec_of = |object: &ObjectRef| self.values.get(object).map(|value| &value["spec"]);
        let Some(owner) = owner else {
            let found = written.cluster.pods.get(&own.namespace, &own.name);
            pod.meta = meta(&read.meta, found.map(|one| &one.meta));
            let text = written.values.get(&own).map(|value| &value["spec"]);
            if let (Some(found), Some(text), Some(spec)) = (found, text, spec_of(&own))
                && containers(spec) == containers(text)
            {
                pod.spec = grafted(&found.spec, &read.spec);
            }
            return pod;
        };
        let workload = cluster.workload(owner.kind, &owner.namespace, &owner.name);
        let Some(workload) = workload else {
            pod.meta.origin = ObjectOrigin::BuiltIn;
            return pod;
        };
        let location = workload.template.location.unwrap_or(workload.meta.location);
        derive(&mut pod.meta, owner_is_written(workload), location);
        let template = spec_of(owner).map(|spec| match owner.kind {
            Kind::CronJob => spec.at(&["jobTemplate", "spec", "template", "spec"]),
            _ => spec.at(&["template", "spec"]),
        });
        if let (Some(template), Some(spec)) = (template, spec_of(&own))
            && containers(spec) == containers(template)
        {
            pod.spec = grafted(&workload.template.spec, &read.spec);
        }
        pod
    }

    /// Adds what `kubectl describe` and `kubectl logs` show, and the reasons of what is wrong.
    fn describe(
        &self,
        state: &mut ClusterState,
        owners: &BTreeMap<ObjectRef, ObjectRef>,
        verdict: Verdict<'_>,
    ) {
        let mut events = self.events();
        self.add_claims(state, &events);
        let mut numbered: Vec<(Timestamp, Arc<Pod>)> = state
            .cluster
            .pods
            .iter()
            .map(|pod| (self.running_since(pod).unwrap_or(Timestamp::MAX), pod.clone()))
            .collect();
        numbered.sort_by(|a, b| (a.0, &a.1.meta.name.value).cmp(&(b.0, &b.1.meta.name.value)));
        let mut numbers: BTreeMap<ObjectRef, usize> = BTreeMap::new();
        for (_, pod) in numbered {
            let own = pod.reference();
            let owner = owners.get(&own).unwrap_or(&own).clone();
            let number = numbers.entry(owner.clone()).or_default();
            let key = (own.namespace.clone(), own.name.clone());
            let events = events.remove(&own).unwrap_or_default();
            let report = self.report(state, &pod, &owner, events, verdict);
            state.reports.insert(key.clone(), report);
            state.replicas.insert(key, (owner, *number));
            *number += 1;
        }
        self.add_refused(state, &events);
    }

    /// The start of the first container that runs.
    fn running_since(&self, pod: &Pod) -> Option<Timestamp> {
        let (namespace, name) = (&pod.meta.namespace.value, &pod.meta.name.value);
        let kubelets = &self.world.cluster.kubelets;
        let mut containers = pod.spec.containers.iter();
        containers.find_map(|one| kubelets.started(namespace, name, &one.name.value))
    }

    /// The events about each object, in the order of their times.
    fn events(&self) -> BTreeMap<ObjectRef, Vec<Event>> {
        let storage = &self.world.cluster.server.storage;
        let mut all: Vec<(&str, ObjectRef, Event)> = Vec::new();
        for (_, event) in storage.list("", "Event", "") {
            let about = &event["involvedObject"];
            let Some(kind) = Kind::from_name(about.str("kind")) else { continue };
            let (namespace, name) = (about.str("namespace").into(), about.str("name").into());
            let from = event["source"].str("component");
            let from = if from.is_empty() { event.str("reportingComponent") } else { from };
            all.push((
                event_time(event),
                ObjectRef { kind, namespace, name },
                Event {
                    warning: event.str("type") == "Warning",
                    reason: event.str("reason").into(),
                    from: from.into(),
                    message: event.str("message").to_owned(),
                    container: container_of(about.str("fieldPath")),
                },
            ));
        }
        all.sort_by(|a, b| a.0.cmp(b.0));
        let mut events: BTreeMap<ObjectRef, Vec<Event>> = BTreeMap::new();
        for (_, about, event) in all {
            events.entry(about).or_default().push(event);
        }
        events
    }

    fn report(
        &self,
        state: &ClusterState,
        pod: &Pod,
        owner: &ObjectRef,
        mut events: Vec<Event>,
        verdict: Verdict<'_>,
    ) -> PodReport {
        let status = POD.iter().find(|column| column.name == "STATUS");
        let value = self.values.get(&pod.reference());
        let seconds = self.now.div_euclid(1000);
        let status = match (status, value) {
            (Some(column), Some(value)) => Text::from((column.cell)(value, seconds).as_str()),
            _ => Text::default(),
        };
        let failing = failing_container(pod);
        let logs = failing.map(|name| self.log(pod, name)).unwrap_or_default();
        let facts = PodFacts { state, pod, owner, events: &events, logs: &logs, verdict };
        let cause = causes::of_pod(facts);
        events.drain(..events.len().saturating_sub(EVENTS));
        PodReport { status, events, logs, cause }
    }

    /// The last lines of a container: of its last run, if it waits for the next one.
    fn log(&self, pod: &Pod, container: &str) -> Vec<String> {
        let (namespace, name) = (&pod.meta.namespace.value, &pod.meta.name.value);
        let kubelets = &self.world.cluster.kubelets;
        let lines = |previous| kubelets.log(namespace, name, container, previous, self.now);
        let found = lines(false).filter(|lines| !lines.is_empty()).or_else(|| lines(true));
        let mut lines: Vec<String> =
            found.unwrap_or_default().into_iter().map(|(_, line)| line).collect();
        lines.drain(..lines.len().saturating_sub(LOG_LINES));
        lines
    }

    /// Workloads without pods because the API server refuses them.
    fn add_refused(&self, state: &mut ClusterState, events: &BTreeMap<ObjectRef, Vec<Event>>) {
        for (about, events) in events {
            let failed =
                events.iter().rev().find(|one| one.warning && &*one.reason == "FailedCreate");
            let Some(event) = failed else { continue };
            let workload =
                state.cluster.workload(about.kind, &about.namespace, &about.name).cloned();
            let Some(workload) = workload else { continue };
            let top = workload.meta.controller().and_then(|owner| {
                let kind = Kind::from_name(&owner.kind)?;
                let (namespace, name) = (about.namespace.clone(), owner.name.clone());
                Some(ObjectRef { kind, namespace, name })
            });
            let top = top.unwrap_or_else(|| about.clone());
            if state.replicas.values().any(|(owner, _)| *owner == top) {
                continue;
            }
            let cause = causes::of_refusal(&workload, event);
            state.refused.insert(top, (event.clone(), cause));
        }
    }

    fn add_claims(&self, state: &mut ClusterState, events: &BTreeMap<ObjectRef, Vec<Event>>) {
        for claim in &state.cluster.persistent_volume_claims {
            let own = claim.reference();
            let event = events.get(&own).and_then(|events| events.last());
            if let Some(event) = event.filter(|_| &*claim.phase == "Pending") {
                state.pending_claims.insert((own.namespace, own.name), event.clone());
            }
        }
    }
}

/// The container of a field path, as in `spec.containers{app}`.
fn container_of(path: &str) -> Text {
    let name = path.split_once('{').and_then(|(_, rest)| rest.strip_suffix('}'));
    name.unwrap_or_default().into()
}

/// The specification of a template, with what the API server and the scheduler have added.
fn grafted(template: &PodSpec, read: &PodSpec) -> PodSpec {
    let mut spec = template.clone();
    spec.node_name = read.node_name.clone();
    let is_new = |name: &str| !template.volumes.iter().any(|one| &*one.name.value == name);
    let added = read.volumes.iter().filter(|volume| {
        is_new(&volume.name.value) && !volume.name.value.starts_with("kube-api-access-")
    });
    spec.volumes.extend(added.cloned());
    spec
}

/// The first container that does not run as it should.
fn failing_container(pod: &Pod) -> Option<&str> {
    let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    let fails = |state: &ContainerState| match state {
        ContainerState::Waiting { reason, .. } => &**reason == "CrashLoopBackOff",
        ContainerState::Terminated { exit_code, .. } => *exit_code != 0,
        _ => false,
    };
    let mut failing = statuses.filter(|one| fails(&one.state));
    failing.next().map(|one| &*one.name)
}
