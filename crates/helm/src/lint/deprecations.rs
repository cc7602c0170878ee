//! API versions that Kubernetes has deprecated.
//!
//! Source: k8s.io/api v0.36 zz_generated.prerelease-lifecycle.go of each group, apiserver
//! pkg/endpoints/deprecation `WarningMessage`.

/// A deprecated kind of an API version.
struct Row {
    api_version: &'static str,
    kind: &'static str,
    /// The minor version of Kubernetes 1 that deprecated it, and the one that removes it.
    deprecated: u32,
    removed: u32,
    /// The replacement; empty if there is none.
    replacement: &'static str,
}

const fn row(
    api_version: &'static str,
    kind: &'static str,
    deprecated: u32,
    removed: u32,
    replacement: &'static str,
) -> Row {
    Row { api_version, kind, deprecated, removed, replacement }
}

/// Returns the warning for an object, if its kind is deprecated in a version of Kubernetes.
pub(super) fn warning(api_version: &str, kind: &str, major: u64, minor: u64) -> Option<String> {
    let row = ROWS.iter().find(|row| row.api_version == api_version && row.kind == kind)?;
    if (major, minor) < (1, u64::from(row.deprecated)) {
        return None;
    }
    let mut text = format!("{api_version} {kind} is deprecated in v1.{}+", row.deprecated);
    if row.removed > 0 {
        text.push_str(&format!(", unavailable in v1.{}+", row.removed));
    }
    if !row.replacement.is_empty() {
        text.push_str(&format!("; use {}", row.replacement));
    }
    Some(text)
}

#[rustfmt::skip]
static ROWS: &[Row] = &[
    row("admissionregistration.k8s.io/v1alpha1", "MutatingAdmissionPolicy", 35, 38, ""),
    row("admissionregistration.k8s.io/v1alpha1", "MutatingAdmissionPolicyBinding", 35, 38, ""),
    row("admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy", 29, 32, ""),
    row("admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicyBinding", 29, 32, ""),
    row("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", 37, 40, "admissionregistration.k8s.io/v1 MutatingAdmissionPolicy"),
    row("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicyBinding", 37, 40, "admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding"),
    row("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", 16, 22, "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration"),
    row("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy", 31, 34, ""),
    row("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicyBinding", 31, 34, ""),
    row("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", 16, 22, "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration"),
    row("apps/v1beta1", "ControllerRevision", 8, 16, "apps/v1 ControllerRevision"),
    row("apps/v1beta1", "Deployment", 8, 16, "apps/v1 Deployment"),
    row("apps/v1beta1", "DeploymentRollback", 8, 16, "apps/v1 DeploymentRollback"),
    row("apps/v1beta1", "Scale", 8, 16, "autoscaling/v1 Scale"),
    row("apps/v1beta1", "StatefulSet", 8, 16, "apps/v1 StatefulSet"),
    row("apps/v1beta2", "ControllerRevision", 9, 16, "apps/v1 ControllerRevision"),
    row("apps/v1beta2", "DaemonSet", 9, 16, "apps/v1 DaemonSet"),
    row("apps/v1beta2", "Deployment", 9, 16, "apps/v1 Deployment"),
    row("apps/v1beta2", "ReplicaSet", 9, 16, "apps/v1 ReplicaSet"),
    row("apps/v1beta2", "Scale", 9, 16, "autoscaling/v1 Scale"),
    row("apps/v1beta2", "StatefulSet", 9, 16, "apps/v1 StatefulSet"),
    row("authentication.k8s.io/v1alpha1", "SelfSubjectReview", 29, 32, ""),
    row("authentication.k8s.io/v1beta1", "SelfSubjectReview", 30, 33, ""),
    row("authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "authentication.k8s.io/v1 TokenReview"),
    row("authorization.k8s.io/v1beta1", "LocalSubjectAccessReview", 19, 22, "authorization.k8s.io/v1 LocalSubjectAccessReview"),
    row("authorization.k8s.io/v1beta1", "SelfSubjectAccessReview", 19, 22, "authorization.k8s.io/v1 SelfSubjectAccessReview"),
    row("authorization.k8s.io/v1beta1", "SelfSubjectRulesReview", 19, 22, "authorization.k8s.io/v1 SelfSubjectRulesReview"),
    row("authorization.k8s.io/v1beta1", "SubjectAccessReview", 19, 22, "authorization.k8s.io/v1 SubjectAccessReview"),
    row("batch/v1beta1", "CronJob", 21, 25, "batch/v1 CronJob"),
    row("certificates.k8s.io/v1alpha1", "ClusterTrustBundle", 34, 37, ""),
    row("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22, "certificates.k8s.io/v1 CertificateSigningRequest"),
    row("certificates.k8s.io/v1beta1", "ClusterTrustBundle", 37, 40, ""),
    row("certificates.k8s.io/v1beta1", "PodCertificateRequest", 38, 41, ""),
    row("coordination.k8s.io/v1alpha2", "LeaseCandidate", 35, 38, ""),
    row("coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1 Lease"),
    row("coordination.k8s.io/v1beta1", "LeaseCandidate", 36, 39, ""),
    row("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1 EndpointSlice"),
    row("events.k8s.io/v1beta1", "Event", 22, 25, ""),
    row("extensions/v1beta1", "DaemonSet", 8, 16, "apps/v1 DaemonSet"),
    row("extensions/v1beta1", "Deployment", 8, 16, "apps/v1 Deployment"),
    row("extensions/v1beta1", "DeploymentRollback", 8, 16, ""),
    row("extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1 Ingress"),
    row("extensions/v1beta1", "NetworkPolicy", 9, 16, "networking.k8s.io/v1 NetworkPolicy"),
    row("extensions/v1beta1", "ReplicaSet", 8, 16, "apps/v1 ReplicaSet"),
    row("extensions/v1beta1", "Scale", 2, 16, ""),
    row("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", 23, 26, "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema"),
    row("flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", 23, 26, "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration"),
    row("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", 26, 29, "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema"),
    row("flowcontrol.apiserver.k8s.io/v1beta2", "PriorityLevelConfiguration", 26, 29, "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration"),
    row("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 29, 32, "flowcontrol.apiserver.k8s.io/v1 FlowSchema"),
    row("flowcontrol.apiserver.k8s.io/v1beta3", "PriorityLevelConfiguration", 29, 32, "flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration"),
    row("networking.k8s.io/v1beta1", "IPAddress", 34, 37, ""),
    row("networking.k8s.io/v1beta1", "Ingress", 19, 22, "networking.k8s.io/v1 Ingress"),
    row("networking.k8s.io/v1beta1", "IngressClass", 19, 22, "networking.k8s.io/v1 IngressClassList"),
    row("networking.k8s.io/v1beta1", "ServiceCIDR", 34, 37, ""),
    row("node.k8s.io/v1beta1", "RuntimeClass", 22, 25, ""),
    row("policy/v1beta1", "Eviction", 22, 25, ""),
    row("policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1 PodDisruptionBudget"),
    row("rbac.authorization.k8s.io/v1beta1", "ClusterRole", 17, 22, "rbac.authorization.k8s.io/v1 ClusterRole"),
    row("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", 17, 22, "rbac.authorization.k8s.io/v1 ClusterRoleBinding"),
    row("rbac.authorization.k8s.io/v1beta1", "Role", 17, 22, "rbac.authorization.k8s.io/v1 Role"),
    row("rbac.authorization.k8s.io/v1beta1", "RoleBinding", 17, 22, "rbac.authorization.k8s.io/v1 RoleBinding"),
    row("resource.k8s.io/v1alpha3", "DeviceTaintRule", 36, 39, ""),
    row("resource.k8s.io/v1alpha3", "ResourcePoolStatusRequest", 39, 42, ""),
    row("resource.k8s.io/v1beta1", "DeviceClass", 35, 38, ""),
    row("resource.k8s.io/v1beta1", "ResourceClaim", 35, 38, ""),
    row("resource.k8s.io/v1beta1", "ResourceClaimTemplate", 35, 38, ""),
    row("resource.k8s.io/v1beta1", "ResourceSlice", 35, 38, ""),
    row("resource.k8s.io/v1beta2", "DeviceClass", 36, 39, ""),
    row("resource.k8s.io/v1beta2", "DeviceTaintRule", 39, 42, ""),
    row("resource.k8s.io/v1beta2", "ResourceClaim", 36, 39, ""),
    row("resource.k8s.io/v1beta2", "ResourceClaimTemplate", 36, 39, ""),
    row("resource.k8s.io/v1beta2", "ResourceSlice", 36, 39, ""),
    row("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1 PriorityClass"),
    row("storage.k8s.io/v1alpha1", "CSIStorageCapacity", 21, 24, "storage.k8s.io/v1beta1 CSIStorageCapacity"),
    row("storage.k8s.io/v1alpha1", "VolumeAttachment", 21, 24, "storage.k8s.io/v1 VolumeAttachment"),
    row("storage.k8s.io/v1alpha1", "VolumeAttributesClass", 32, 35, "storage.k8s.io/v1 VolumeAttributesClass"),
    row("storage.k8s.io/v1beta1", "CSIDriver", 19, 22, "storage.k8s.io/v1 CSIDriver"),
    row("storage.k8s.io/v1beta1", "CSINode", 17, 22, "storage.k8s.io/v1 CSINode"),
    row("storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "storage.k8s.io/v1 CSIStorageCapacity"),
    row("storage.k8s.io/v1beta1", "StorageClass", 19, 22, "storage.k8s.io/v1 StorageClass"),
    row("storage.k8s.io/v1beta1", "VolumeAttachment", 19, 22, "storage.k8s.io/v1 VolumeAttachment"),
    row("storage.k8s.io/v1beta1", "VolumeAttributesClass", 34, 37, "storage.k8s.io/v1 VolumeAttributesClass"),
    row("storagemigration.k8s.io/v1beta1", "StorageVersionMigration", 38, 41, ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_deprecated_from_a_version_on() {
        let warn = |minor| warning("policy/v1beta1", "PodDisruptionBudget", 1, minor);
        assert_eq!(warn(20), None);
        let expected = "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 PodDisruptionBudget";
        assert_eq!(warn(36).as_deref(), Some(expected));
        assert_eq!(warning("policy/v1", "PodDisruptionBudget", 1, 36), None);
    }
}
