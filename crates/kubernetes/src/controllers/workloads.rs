//! Deployment → ReplicaSet → pods; StatefulSet, DaemonSet, Job and CronJob → pods.

use std::sync::Arc;
use text::IndexSort;

use super::builtin::identify_meta;
use super::pods::{self, Replica};
use super::{Cause, ClusterState, Event, Limits, Overrides, scheduler, storage};
use crate::hash;
use crate::objects::{
    Field, Kind, ObjectMeta, ObjectOrigin, ObjectRef, OwnerReference, Resource, Text, Workload,
};

/// More pods than this are not made for workloads, so that a large number is answered at once. The
/// rest is reported.
pub const MAX_PODS: usize = 5_000;

/// The minute, counted from 1970, of the run that a CronJob is shown with: jobs are named by it.
const CRON_MINUTE: u64 = 29_400_480;

/// Makes the pods of every workload that has none yet.
pub(super) fn make_pods(state: &mut ClusterState, overrides: &Overrides, limits: &Limits) {
    note_bare_pods(state);
    let mut tops: Vec<Arc<Workload>> = state
        .cluster
        .workloads
        .iter()
        .filter(|one| !one.meta.has_controlling_workload())
        .cloned()
        .collect();
    let wanted = |one: &Arc<Workload>| desired(one, &one.reference(), overrides).max(0);
    if tops.iter().map(wanted).fold(0, i64::saturating_add) > MAX_PODS as i64 {
        // If not all fit, the largest get none.
        tops.index_sort_by_key(wanted);
    }
    for workload in tops {
        if !is_consistent(&workload) {
            continue;
        }
        match workload.kind {
            Kind::Deployment => deployment(state, &workload, overrides),
            Kind::CronJob => cron_job(state, &workload, overrides),
            Kind::StatefulSet => stateful_set(state, &workload, overrides, limits),
            Kind::DaemonSet => daemon_set(state, &workload, overrides),
            Kind::Job if workload.suspend => {}
            _ => replicas(state, &workload, &workload.reference(), overrides),
        }
    }
}

/// Pods that stand in the manifests count as replicas too, in their order.
fn note_bare_pods(state: &mut ClusterState) {
    let mut counts: std::collections::HashMap<ObjectRef, usize> = Default::default();
    let pods: Vec<_> = state.cluster.pods.iter().cloned().collect();
    for pod in pods {
        let owner = top_owner(state, &pod.meta).unwrap_or_else(|| pod.reference());
        let number = counts.entry(owner.clone()).or_default();
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        state.replicas.insert(key, (owner, *number));
        *number += 1;
    }
}

/// The workload at the top of the chain of owners.
fn top_owner(state: &ClusterState, meta: &ObjectMeta) -> Option<ObjectRef> {
    let namespace = meta.namespace.value.clone();
    let mut top = None;
    let mut current = meta.controller().cloned();
    for _ in 0..4 {
        let Some(owner) = current else { break };
        let Some(kind) = Kind::from_name(&owner.kind) else { break };
        let next = state.cluster.workload(kind, &namespace, &owner.name);
        current = next.and_then(|workload| workload.meta.controller().cloned());
        let missing = next.is_none();
        top = Some(ObjectRef { kind, namespace: namespace.clone(), name: owner.name });
        if missing {
            return top.map(|owner| above_missing(state, &owner).unwrap_or(owner));
        }
    }
    top
}

/// The Deployment of a ReplicaSet, or the CronJob of a Job, that is not among the manifests: its
/// name is the owner's, a dash and something that was made up.
fn above_missing(state: &ClusterState, owner: &ObjectRef) -> Option<ObjectRef> {
    let kind = match owner.kind {
        Kind::ReplicaSet => Kind::Deployment,
        Kind::Job => Kind::CronJob,
        _ => return None,
    };
    let (name, _) = owner.name.rsplit_once('-')?;
    state.cluster.workload(kind, &owner.namespace, name).map(|found| found.reference())
}

/// Returns true if the API server accepts the workload: its selector must match the labels of its
/// template. Jobs get their selector from the API server.
pub fn is_consistent(workload: &Workload) -> bool {
    match workload.kind {
        Kind::Job | Kind::CronJob => true,
        _ => workload
            .selector
            .as_ref()
            .is_some_and(|selector| selector.matches(&workload.template.meta.labels)),
    }
}

/// Returns true if the manifests contain pods of an owner.
fn has_pods(state: &ClusterState, owner: &ObjectRef) -> bool {
    state.replicas.values().any(|(one, _)| one == owner)
}

fn owned_by(meta: &ObjectMeta, owner: &Workload) -> bool {
    meta.namespace.value == owner.meta.namespace.value
        && meta
            .controller()
            .is_some_and(|one| one.name == owner.meta.name.value && &*one.kind == owner.kind.name())
}

fn deployment(state: &mut ClusterState, deployment: &Workload, overrides: &Overrides) {
    if has_pods(state, &deployment.reference()) {
        return;
    }
    let written: Vec<Arc<Workload>> = state
        .cluster
        .workloads
        .iter()
        .filter(|one| one.kind == Kind::ReplicaSet && owned_by(&one.meta, deployment))
        .cloned()
        .collect();
    let current = written.iter().max_by_key(|one| one.desired());
    let set = match current {
        Some(set) => (**set).clone(),
        None => {
            let set = replica_set(deployment);
            state.cluster.workloads.insert(set.clone());
            set
        }
    };
    replicas(state, &set, &deployment.reference(), overrides);
}

/// The ReplicaSet of a Deployment: the template's hash is in its name and its labels.
fn replica_set(deployment: &Workload) -> Workload {
    let owner = deployment.reference();
    let fingerprint = deployment.template.fingerprint.to_string();
    let hash = hash::Hash::of(&[&owner.namespace, &owner.name, &fingerprint]).value();
    let hash = hash::safe_encode(hash as u32);
    let name = format!("{}-{hash}", owner.name);
    let mut set = deployment.clone();
    set.kind = Kind::ReplicaSet;
    set.meta = derived_meta(&deployment.meta, Kind::Deployment, &name);
    set.meta.labels = deployment.template.meta.labels.clone();
    set.meta.labels.set("pod-template-hash", &hash);
    set.template.meta.labels.set("pod-template-hash", &hash);
    identify_meta(&mut set.meta, "ReplicaSet");
    set
}

/// Metadata of an object that a controller makes for its owner.
pub(super) fn derived_meta(owner: &ObjectMeta, kind: Kind, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Field::text(name),
        namespace: owner.namespace.clone(),
        owner_references: vec![OwnerReference {
            kind: kind.name().into(),
            name: owner.name.value.clone(),
            uid: owner.uid.clone(),
            controller: true,
        }],
        location: owner.location,
        origin: ObjectOrigin::Derived,
        ..ObjectMeta::default()
    }
}

/// The desired number of pods: as scaled, or as written.
fn desired(workload: &Workload, top: &ObjectRef, overrides: &Overrides) -> i64 {
    overrides.scale.get(top).copied().unwrap_or_else(|| workload.desired())
}

/// The number of pods to create.
fn count(
    state: &mut ClusterState,
    workload: &Workload,
    top: &ObjectRef,
    overrides: &Overrides,
) -> usize {
    let mut desired = desired(workload, top, overrides);
    if let (Kind::Job, Some(completions)) = (workload.kind, workload.completions) {
        desired = desired.min(completions);
    }
    fit(state, top, desired)
}

/// As many of the pods as there is room for.
fn fit(state: &mut ClusterState, top: &ObjectRef, desired: i64) -> usize {
    let room = MAX_PODS.saturating_sub(state.replicas.len());
    if desired > room as i64 {
        state.left_out.insert(top.clone(), desired - room as i64);
    }
    desired.clamp(0, room as i64) as usize
}

/// Pods with a random suffix. `top` is the workload that people know: the Deployment of a
/// ReplicaSet, the CronJob of a Job.
fn replicas(state: &mut ClusterState, workload: &Workload, top: &ObjectRef, overrides: &Overrides) {
    if has_pods(state, top) || workload.finished || refused(state, workload, top) {
        return;
    }
    for number in 0..count(state, workload, top, overrides) {
        let generation = overrides.replaced.get(&(top.clone(), number)).copied().unwrap_or(0);
        let prefix = format!("{}-", workload.meta.name.value);
        let parts: [&str; 4] = [
            &workload.meta.namespace.value,
            &workload.meta.name.value,
            &number.to_string(),
            &generation.to_string(),
        ];
        let mut name = hash::generate_name(&prefix, &parts);
        while state.cluster.pods.get(parts[0], &name).is_some() {
            name = hash::generate_name(&prefix, &[&name]);
        }
        let mut pod = pods::from_template(workload, &name, &prefix);
        if matches!(workload.kind, Kind::Job) {
            let (job, uid) = (&*workload.meta.name.value, &*workload.meta.uid);
            for (key, value) in [
                ("batch.kubernetes.io/controller-uid", uid),
                ("batch.kubernetes.io/job-name", job),
                ("controller-uid", uid),
                ("job-name", job),
            ] {
                pod.meta.labels.set(key, value);
            }
        }
        pods::add(state, pod, Replica { owner: top, number });
    }
}

fn stateful_set(state: &mut ClusterState, set: &Workload, overrides: &Overrides, limits: &Limits) {
    let top = set.reference();
    if has_pods(state, &top) || refused(state, set, &top) {
        return;
    }
    let revision = revision(set);
    let limit = limits.get(&top).copied().unwrap_or(usize::MAX);
    for number in 0..count(state, set, &top, overrides).min(limit) {
        let name = format!("{}-{number}", top.name);
        let mut pod = pods::from_template(set, &name, "");
        pod.meta.labels.set("apps.kubernetes.io/pod-index", &number.to_string());
        pod.meta.labels.set("controller-revision-hash", &revision);
        pod.meta.labels.set("statefulset.kubernetes.io/pod-name", &name);
        pod.spec.hostname = name.as_str().into();
        pod.spec.subdomain = set.service_name.value.clone();
        claims_of(state, set, &name, &mut pod.spec);
        pods::add(state, pod, Replica { owner: &top, number });
    }
}

/// StatefulSets that wait for a pod which will never be ready by itself: as many pods as they make
/// until then. What happened to pods later does not take away those behind them.
pub(super) fn waiting_sets(state: &ClusterState, overrides: &Overrides) -> Limits {
    let mut limits = Limits::new();
    for set in state.cluster.workloads.iter().filter(|one| one.kind == Kind::StatefulSet) {
        let top = set.reference();
        if !set.ordered || overrides.restarted.keys().any(|(owner, _)| *owner == top) {
            continue;
        }
        let made = state.replicas.iter().filter(|(_, (owner, _))| *owner == top);
        let stuck = made.filter(|(key, (_, number))| {
            let (namespace, name) = key;
            let by_event =
                overrides.is_not_ready(&top, *number) || overrides.is_out_of_memory(&top, *number);
            let pod = state.cluster.pods.get(namespace, name);
            !by_event && pod.is_some_and(|pod| is_derived(&pod.meta) && !pod.status.is_ready())
        });
        if let Some(first) = stuck.map(|(_, (_, number))| *number).min()
            && (first as i64) < desired(set, &top, overrides) - 1
        {
            limits.insert(top, first + 1);
        }
    }
    limits
}

/// Says at the last pod of each why there are no more.
pub(super) fn report_waiting(state: &mut ClusterState, limits: &Limits) {
    for (set, limit) in limits {
        let last = (set.namespace.clone(), Text::from(format!("{}-{}", set.name, limit - 1)));
        if let Some(cause) = state.reports.get_mut(&last).and_then(|report| report.cause.as_mut()) {
            cause.message.push_str(&format!(
                " StatefulSet {} makes {}-{limit} only when this pod is ready (podManagementPolicy: OrderedReady).",
                set.name, set.name
            ));
        }
    }
}

fn is_derived(meta: &ObjectMeta) -> bool {
    meta.origin == ObjectOrigin::Derived
}

/// The claims made from a StatefulSet's templates, `data-web-0`, and the pod's volumes for them.
fn claims_of(
    state: &mut ClusterState,
    set: &Workload,
    pod: &str,
    spec: &mut crate::objects::PodSpec,
) {
    use crate::objects::{Volume, VolumeSource};
    for template in &set.volume_claim_templates {
        let claim_name = format!("{}-{pod}", template.meta.name.value);
        let namespace = set.meta.namespace.value.clone();
        if state.cluster.persistent_volume_claims.get(&namespace, &claim_name).is_none() {
            let mut claim = template.clone();
            claim.meta.name = Field::text(&claim_name);
            claim.meta.namespace = set.meta.namespace.clone();
            claim.meta.origin = ObjectOrigin::Derived;
            identify_meta(&mut claim.meta, "PersistentVolumeClaim");
            state.cluster.persistent_volume_claims.insert(claim);
            storage::bind_one(state, &namespace, &claim_name);
        }
        spec.volumes.retain(|volume| volume.name.value != template.meta.name.value);
        spec.volumes.push(Volume {
            name: template.meta.name.clone(),
            source: VolumeSource::PersistentVolumeClaim {
                claim_name: Field::new(claim_name.into(), template.meta.name.at),
                read_only: false,
            },
            location: template.meta.place(),
        });
    }
}

fn daemon_set(state: &mut ClusterState, set: &Workload, overrides: &Overrides) {
    let top = set.reference();
    if has_pods(state, &top) || refused(state, set, &top) {
        return;
    }
    let revision = revision(set);
    let nodes: Vec<_> = state.cluster.nodes.iter().cloned().collect();
    let wanted = fit(state, &top, nodes.len() as i64);
    for (number, node) in nodes.iter().enumerate().take(wanted) {
        let generation = overrides.replaced.get(&(top.clone(), number)).copied().unwrap_or(0);
        let prefix = format!("{}-", top.name);
        let name = hash::generate_name(
            &prefix,
            &[&top.namespace, &top.name, &node.meta.name.value, &generation.to_string()],
        );
        let mut pod = pods::from_template(set, &name, &prefix);
        pod.meta.labels.set("controller-revision-hash", &revision);
        pod.meta.labels.set("pod-template-generation", "1");
        if !scheduler::fits(&pod, node) {
            continue;
        }
        pod.spec.node_name = Field::derived(node.meta.name.value.clone());
        pods::add(state, pod, Replica { owner: &top, number });
    }
}

/// The revision in the labels of a StatefulSet's and a DaemonSet's pods. A StatefulSet has its own
/// name before the hash.
fn revision(set: &Workload) -> String {
    let fingerprint = set.template.fingerprint.to_string();
    let hash = hash::Hash::of(&[&set.meta.namespace.value, &set.meta.name.value, &fingerprint]);
    let hash = hash::safe_encode(hash.value() as u32);
    match set.kind {
        Kind::StatefulSet => format!("{}-{hash}", set.meta.name.value),
        _ => hash,
    }
}

/// A CronJob is shown with its last run, whose pods have done their work.
fn cron_job(state: &mut ClusterState, cron: &Workload, overrides: &Overrides) {
    if cron.suspend || has_pods(state, &cron.reference()) {
        return;
    }
    let name = format!("{}-{CRON_MINUTE}", cron.meta.name.value);
    let mut job = cron.clone();
    job.kind = Kind::Job;
    job.meta = derived_meta(&cron.meta, Kind::CronJob, &name);
    identify_meta(&mut job.meta, "Job");
    state.cluster.workloads.insert(job.clone());
    replicas(state, &job, &cron.reference(), overrides);
}

/// Returns true, and records the event, if the API server refuses all pods of a workload: its
/// ServiceAccount does not exist.
fn refused(state: &mut ClusterState, workload: &Workload, top: &ObjectRef) -> bool {
    let account = &workload.template.spec.service_account_name;
    let namespace: &Text = &workload.meta.namespace.value;
    if state.cluster.service_accounts.get(namespace, &account.value).is_some() {
        return false;
    }
    let message = format!(
        "Error creating: pods \"{}-\" is forbidden: error looking up service account {namespace}/{}: serviceaccount {} not found",
        workload.meta.name.value,
        account.value,
        go::quote::quote(&account.value)
    );
    let controller = match workload.kind {
        Kind::StatefulSet => "statefulset-controller",
        Kind::DaemonSet => "daemonset-controller",
        Kind::Job | Kind::CronJob => "job-controller",
        _ => "replicaset-controller",
    };
    let cause = Cause {
        message: format!(
            "The ServiceAccount {} does not exist in namespace {namespace}, so no pod is created at all; only the events of the {} tell.",
            account.value, workload.kind
        ),
        at: account.at.or(workload.meta.place()),
    };
    state.refused.insert(top.clone(), (Event::warning("FailedCreate", controller, message), cause));
    true
}
