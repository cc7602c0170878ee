//! The controllers' objects that make pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job,
//! CronJob. They have so much in common that one type holds them all.

use super::{
    Field, Kind, LabelSelector, ObjectMeta, PersistentVolumeClaim, PodSpec, Resource, Text,
};
use text::Location;

#[derive(Clone, Debug)]
pub struct Workload {
    pub meta: ObjectMeta,
    /// One of the six kinds above.
    pub kind: Kind,
    /// `replicas`, or a Job's `parallelism`. Nothing where it was not written, and for DaemonSets.
    pub replicas: Option<Field<i64>>,
    /// None if it is not written; Jobs need none.
    pub selector: Option<LabelSelector>,
    pub template: PodTemplate,
    /// A StatefulSet's governing Service.
    pub service_name: Field<Text>,
    pub volume_claim_templates: Vec<PersistentVolumeClaim>,
    /// True if a StatefulSet creates each pod only after the previous one is ready.
    pub ordered: bool,
    /// A CronJob's schedule.
    pub schedule: Field<Text>,
    /// Of a Job or CronJob.
    pub suspend: bool,
    /// A Job's `completions`.
    pub completions: Option<i64>,
    /// `Recreate` or `RollingUpdate`; empty where not given.
    pub strategy: Field<Text>,
    /// A Job that its status calls complete or failed.
    pub finished: bool,
}

#[derive(Clone, Debug, Default)]
pub struct PodTemplate {
    pub meta: ObjectMeta,
    pub spec: PodSpec,
    pub location: Option<Location>,
    /// A hash of the template's content; the names of ReplicaSets come from it.
    pub fingerprint: u64,
}

impl Workload {
    pub fn new(kind: Kind) -> Self {
        Self {
            meta: ObjectMeta::default(),
            kind,
            replicas: None,
            selector: None,
            template: PodTemplate::default(),
            service_name: Field::default(),
            volume_claim_templates: Vec::new(),
            ordered: true,
            schedule: Field::default(),
            suspend: false,
            completions: None,
            strategy: Field::default(),
            finished: false,
        }
    }

    /// The desired number of pods; the API server's default is 1.
    pub fn desired(&self) -> i64 {
        self.replicas.map_or(1, |replicas| replicas.value)
    }
}

impl Resource for Workload {
    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn kind(&self) -> Kind {
        self.kind
    }
}
