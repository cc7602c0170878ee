//! Field selectors: the fields that the API server offers for each kind.
//!
//! Source: pkg/apis/core/v1/conversion.go AddFieldLabelConversionsForPod and the like;
//! pkg/registry/*/strategy.go.

/// Fields that a kind offers besides the name and the namespace.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "Pod",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
    ),
    (
        "Event",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
    ("Node", &["spec.unschedulable"]),
    ("Namespace", &["status.phase"]),
    ("Secret", &["type"]),
    ("Service", &["spec.clusterIP", "spec.type"]),
    ("ReplicaSet", &["status.replicas"]),
    ("ReplicationController", &["status.replicas"]),
    ("Job", &["status.successful"]),
];

/// Returns true if objects of a kind can be selected by a field.
pub fn supports_field(kind: &str, namespaced: bool, field: &str) -> bool {
    let own = FIELDS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, own)| own);
    field == "metadata.name" || field == "metadata.namespace" && namespaced || own.contains(&field)
}
