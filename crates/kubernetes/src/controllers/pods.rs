//! Pods made from a workload's template.

use super::ClusterState;
use super::builtin::identify_meta;
use super::workloads::derived_meta;
use crate::objects::{ObjectRef, Pod, PodStatus, Workload};

/// Which replica of which workload a pod is.
pub(super) struct Replica<'a> {
    pub owner: &'a ObjectRef,
    pub number: usize,
}

/// A pod as the template describes it, owned by the workload; neither placed nor running yet.
pub(super) fn from_template(workload: &Workload, name: &str, generate_name: &str) -> Pod {
    let mut meta = derived_meta(&workload.meta, workload.kind, name);
    meta.generate_name = generate_name.into();
    meta.labels = workload.template.meta.labels.clone();
    meta.annotations = workload.template.meta.annotations.clone();
    if let Some(location) = workload.template.location {
        meta.location = location;
    }
    Pod { meta, spec: workload.template.spec.clone(), status: PodStatus::default() }
}

pub(super) fn add(state: &mut ClusterState, mut pod: Pod, replica: Replica<'_>) {
    identify_meta(&mut pod.meta, "Pod");
    let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
    state.replicas.insert(key, (replica.owner.clone(), replica.number));
    state.cluster.pods.insert(pod);
}
