//! Workloads whose pods the API server refuses, and claims that are not bound.

use crate::controllers::{Cause, ClusterState, Event};
use crate::objects::{Container, Field, PersistentVolumeClaim, Text, Workload};
use crate::quantity;
use text::Location;

/// The reason for which the pods of a workload are refused. `event` is the last `FailedCreate`.
pub fn of_refusal(workload: &Workload, event: &Event) -> Cause {
    let template = &workload.template;
    let (message, place) = (&*event.message, workload.meta.place());
    let error = message
        .find(" is forbidden: ")
        .map_or(message, |at| message.get(at + " is forbidden: ".len()..).unwrap_or(message));
    if error.contains("error looking up service account") {
        let account = &template.spec.service_account_name;
        let namespace = &workload.meta.namespace.value;
        return Cause {
            message: format!(
                "The ServiceAccount {} does not exist in namespace {namespace}, so no pod is created at all; only the events of the {} tell.",
                account.value, workload.kind
            ),
            at: account.at.or(place),
        };
    }
    let error = error.trim_end_matches('.');
    if error.contains("exceeded quota") || error.contains("failed quota") {
        let at = quota(template.spec.containers.as_slice(), error);
        let replicas = workload.replicas.and_then(|replicas| replicas.at);
        let at = at.or(replicas.filter(|_| error.contains("requested: pods="))).or(place);
        return Cause { message: format!("A ResourceQuota refuses the pods: {error}."), at };
    }
    if error.contains(" usage per ") || error.contains("limit to request ratio") {
        let at = quota(template.spec.containers.as_slice(), error).or(place);
        return Cause { message: format!("A LimitRange refuses the pods: {error}."), at };
    }
    let at = template.location.or(place);
    Cause { message: format!("The API server refuses the pods: {error}."), at }
}

/// The amount that a quota or a range refuses, by the resource that the message names.
fn quota(containers: &[Container], error: &str) -> Option<Location> {
    type Select = fn(&Container) -> Option<&Field<Text>>;
    let limits: [(&str, Select); 2] =
        [("cpu", |one| one.cpu_limit.as_ref()), ("memory", |one| one.memory_limit.as_ref())];
    let requests: [(&str, Select); 2] = [
        ("cpu", |one| one.cpu_request.as_ref().or(one.cpu_limit.as_ref())),
        ("memory", |one| one.memory_request.as_ref().or(one.memory_limit.as_ref())),
    ];
    let is_limit = error.contains("requested: limits.") || error.starts_with("maximum");
    let named = if is_limit { limits } else { requests };
    let (_, select) = named.iter().find(|(name, _)| error.contains(name))?;
    let fields = containers.iter().filter_map(select);
    let amounts = fields.filter_map(|field| Some((quantity::parse(&field.value)?, field.at)));
    let largest = amounts.max_by(|a, b| a.0.total_cmp(&b.0)).and_then(|(_, at)| at);
    largest.or_else(|| containers.iter().find(|one| select(one).is_none())?.location)
}

/// The reason for which a claim is not bound, as its last Event gives it, with the field at fault.
pub fn of_claim(state: &ClusterState, claim: &PersistentVolumeClaim, event: &Event) -> Cause {
    let class = claim.storage_class_name.as_ref().and_then(|class| class.at);
    let at = match &*event.reason {
        "FailedBinding" => unfit(state, claim).or(class),
        _ => class,
    };
    let message = event.message.trim_end_matches('.').to_owned();
    Cause {
        message,
        at: at.or(Some(claim.meta.name_place()).filter(|_| claim.meta.place().is_some())),
    }
}

/// The field of a claim for which the volumes of its class do not fit.
fn unfit(state: &ClusterState, claim: &PersistentVolumeClaim) -> Option<Location> {
    let class = claim.storage_class_name.as_ref().map(|class| &*class.value).unwrap_or_default();
    let volumes = state.cluster.persistent_volumes.iter();
    let mut of_class = volumes
        .filter(|one| &*one.storage_class_name.value == class && one.claim.is_none())
        .peekable();
    of_class.peek()?;
    let size = |text: &str| quantity::parse(text).unwrap_or(0.0);
    let wanted = size(&claim.request.value);
    let large: Vec<_> = of_class.filter(|volume| size(&volume.capacity.value) >= wanted).collect();
    if large.is_empty() {
        return claim.request.at;
    }
    let mode = claim.access_modes.iter().find(|mode| {
        !large.iter().any(|volume| volume.access_modes.iter().any(|one| one.value == mode.value))
    });
    mode.and_then(|mode| mode.at)
}
