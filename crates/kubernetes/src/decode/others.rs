//! Workloads, nodes, configuration, storage, permissions and network policies.

use super::object_meta;
use super::pod::{condition, pod_spec};
use super::read::FieldReader;
use crate::objects::{
    ConfigMap, DataEntry, Field, IpBlock, Kind, LabelSelector, NetworkPeer, NetworkPolicy,
    NetworkPort, NetworkRule, Node, NodeAddress, ObjectMeta, PersistentVolume,
    PersistentVolumeClaim, PodTemplate, PolicyRule, Role, RoleBinding, Secret, ServiceAccount,
    StorageClass, Subject, Taint, Text, Workload,
};

pub(super) fn workload(kind: Kind, meta: ObjectMeta, object: FieldReader<'_>) -> Workload {
    let spec = object.get("spec");
    // A CronJob has the Job's spec one level deeper.
    let inner = match kind {
        Kind::CronJob => spec.get("jobTemplate").get("spec"),
        _ => spec,
    };
    let replicas = match kind {
        Kind::Job | Kind::CronJob => inner.get("parallelism"),
        _ => inner.get("replicas"),
    };
    let claims = spec.get("volumeClaimTemplates").items();
    let claim = |item: FieldReader<'_>| {
        persistent_volume_claim(object_meta(item.get("metadata"), item.at()), item)
    };
    let conditions = object.get("status").get("conditions");
    let done = |item: FieldReader<'_>| {
        matches!(&*item.get("type").text_or_empty(), "Complete" | "Failed")
            && &*item.get("status").text_or_empty() == "True"
    };
    let strategy = spec.get("strategy").get("type").text();
    let template = pod_template(inner.get("template"));
    let selector = match kind {
        Kind::ReplicationController => Some(map_selector(inner.get("selector"), &template)),
        _ => inner.get("selector").label_selector(),
    };
    Workload {
        kind,
        replicas: replicas.int(),
        selector,
        template,
        service_name: spec.get("serviceName").text().unwrap_or_default(),
        volume_claim_templates: claims.map(claim).collect(),
        schedule: spec.get("schedule").text().unwrap_or_default(),
        suspend: spec.get("suspend").bool().unwrap_or(false),
        completions: inner.get("completions").int().map(|field| field.value),
        strategy: strategy
            .or_else(|| spec.get("updateStrategy").get("type").text())
            .unwrap_or_default(),
        ordered: &*spec.get("podManagementPolicy").text_or_empty() != "Parallel",
        finished: kind == Kind::Job && conditions.items().any(done),
        meta,
    }
}

/// The selector of a ReplicationController: a map, by default the labels of the template.
fn map_selector(selector: FieldReader<'_>, template: &PodTemplate) -> LabelSelector {
    let written = selector.string_map();
    let match_labels = if written.is_empty() { template.meta.labels.clone() } else { written };
    LabelSelector { match_labels, location: selector.at(), ..LabelSelector::default() }
}

fn pod_template(template: FieldReader<'_>) -> PodTemplate {
    PodTemplate {
        meta: object_meta(template.get("metadata"), template.at()),
        spec: pod_spec(template.get("spec")),
        location: template.at(),
        fingerprint: template.fingerprint(),
    }
}

pub(super) fn node(meta: ObjectMeta, object: FieldReader<'_>) -> Node {
    let (spec, status) = (object.get("spec"), object.get("status"));
    let kubelet = status.get("daemonEndpoints").get("kubeletEndpoint").get("Port");
    let address = |item: FieldReader<'_>| NodeAddress {
        kind: item.get("type").text_or_empty(),
        address: item.get("address").text().unwrap_or_default(),
    };
    let taint = |item: FieldReader<'_>| Taint {
        key: item.get("key").text_or_empty(),
        value: item.get("value").text_or_empty(),
        effect: item.get("effect").text_or_empty(),
    };
    Node {
        meta,
        provider_id: spec.get("providerID").text().unwrap_or_default(),
        unschedulable: spec.get("unschedulable").bool().unwrap_or(false),
        taints: spec.get("taints").items().map(taint).collect(),
        addresses: status.get("addresses").items().map(address).collect(),
        conditions: status.get("conditions").items().map(condition).collect(),
        kubelet_port: kubelet.int32().map_or(0, |field| field.value),
    }
}

pub(super) fn config_map(meta: ObjectMeta, object: FieldReader<'_>) -> ConfigMap {
    let mut data = plain_data(object.get("data"));
    data.extend(encoded_data(object.get("binaryData")));
    ConfigMap { meta, data, immutable: object.get("immutable").bool().unwrap_or(false) }
}

/// `stringData` wins over `data`, as in the API server.
pub(super) fn secret(meta: ObjectMeta, object: FieldReader<'_>) -> Secret {
    let mut data = plain_data(object.get("stringData"));
    for entry in encoded_data(object.get("data")) {
        if !data.iter().any(|written| written.key == entry.key) {
            data.push(entry);
        }
    }
    Secret { meta, data, immutable: object.get("immutable").bool().unwrap_or(false) }
}

fn plain_data(map: FieldReader<'_>) -> Vec<DataEntry> {
    map.entries()
        .filter_map(|(key, key_at, value)| {
            let text = value.text()?;
            let node = value.node().cloned();
            Some(DataEntry { key, value: text.value, key_at: Some(key_at), at: text.at, node })
        })
        .collect()
}

fn encoded_data(map: FieldReader<'_>) -> Vec<DataEntry> {
    map.entries()
        .filter_map(|(key, key_at, value)| {
            let text = value.text()?;
            let bytes = go::base64::decode(&text.value).unwrap_or_default();
            let decoded = Text::from(String::from_utf8_lossy(&bytes));
            Some(DataEntry { key, value: decoded, key_at: Some(key_at), at: text.at, node: None })
        })
        .collect()
}

pub(super) fn persistent_volume(meta: ObjectMeta, object: FieldReader<'_>) -> PersistentVolume {
    let spec = object.get("spec");
    let claim = spec.get("claimRef");
    PersistentVolume {
        meta,
        capacity: spec.get("capacity").get("storage").text().unwrap_or_default(),
        access_modes: spec.get("accessModes").texts(),
        storage_class_name: spec.get("storageClassName").text().unwrap_or_default(),
        claim: claim
            .exists()
            .then(|| (claim.get("namespace").text_or_empty(), claim.get("name").text_or_empty())),
        phase: object.get("status").get("phase").text_or_empty(),
    }
}

pub(super) fn persistent_volume_claim(
    meta: ObjectMeta,
    object: FieldReader<'_>,
) -> PersistentVolumeClaim {
    let spec = object.get("spec");
    let request = spec.get("resources").get("requests").get("storage");
    PersistentVolumeClaim {
        meta,
        access_modes: spec.get("accessModes").texts(),
        storage_class_name: spec.get("storageClassName").text(),
        request: request.text().unwrap_or_default(),
        volume_name: spec.get("volumeName").text().unwrap_or_default(),
        phase: object.get("status").get("phase").text_or_empty(),
    }
}

pub(super) fn storage_class(meta: ObjectMeta, object: FieldReader<'_>) -> StorageClass {
    let is_default = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ]
    .iter()
    .any(|key| meta.annotations.value(key) == Some("true"));
    let mode = object.get("volumeBindingMode").text();
    StorageClass {
        meta,
        provisioner: object.get("provisioner").text().unwrap_or_default(),
        volume_binding_mode: mode.map_or_else(|| "Immediate".into(), |field| field.value),
        is_default,
    }
}

pub(super) fn service_account(meta: ObjectMeta, object: FieldReader<'_>) -> ServiceAccount {
    ServiceAccount { meta, automount_token: object.get("automountServiceAccountToken").bool() }
}

pub(super) fn role(kind: Kind, meta: ObjectMeta, object: FieldReader<'_>) -> Role {
    let rule = |item: FieldReader<'_>| PolicyRule {
        api_groups: item.get("apiGroups").texts(),
        resources: item.get("resources").texts(),
        resource_names: item.get("resourceNames").texts(),
        verbs: item.get("verbs").texts(),
        non_resource_urls: item.get("nonResourceURLs").texts(),
        resources_at: item.get("resources").at(),
        location: item.at(),
    };
    let aggregation = object.get("aggregationRule").get("clusterRoleSelectors");
    Role {
        meta,
        kind,
        rules: object.get("rules").items().map(rule).collect(),
        aggregation: aggregation.items().filter_map(FieldReader::label_selector).collect(),
        rules_at: object.get("rules").at(),
    }
}

pub(super) fn role_binding(kind: Kind, meta: ObjectMeta, object: FieldReader<'_>) -> RoleBinding {
    let role = object.get("roleRef");
    let subject = |item: FieldReader<'_>| Subject {
        kind: item.get("kind").text().unwrap_or_default(),
        name: item.get("name").text().unwrap_or_default(),
        namespace: item.get("namespace").text().unwrap_or_default(),
        location: item.at(),
    };
    RoleBinding {
        meta,
        kind,
        role_kind: role.get("kind").text().unwrap_or_default(),
        role_name: role.get("name").text().unwrap_or_default(),
        subjects: object.get("subjects").items().map(subject).collect(),
    }
}

/// Without `policyTypes` a policy restricts ingress, and egress where it has rules for that.
pub(super) fn network_policy(meta: ObjectMeta, object: FieldReader<'_>) -> NetworkPolicy {
    let spec = object.get("spec");
    let types = spec.get("policyTypes").plain_texts();
    let named = |name: &str| types.iter().any(|one| &**one == name);
    let rules = |key: &str, peers: &str| {
        spec.get(key).items().map(|item| network_rule(item, peers)).collect::<Vec<_>>()
    };
    let egress = rules("egress", "to");
    NetworkPolicy {
        meta,
        pod_selector: spec.get("podSelector").label_selector().unwrap_or_default(),
        restricts_ingress: types.is_empty() || named("Ingress"),
        restricts_egress: if types.is_empty() { !egress.is_empty() } else { named("Egress") },
        ingress: rules("ingress", "from"),
        egress,
    }
}

fn network_rule(item: FieldReader<'_>, peers: &str) -> NetworkRule {
    let peer = |one: FieldReader<'_>| {
        let block = one.get("ipBlock");
        NetworkPeer {
            pod_selector: one.get("podSelector").label_selector(),
            namespace_selector: one.get("namespaceSelector").label_selector(),
            ip_block: block.exists().then(|| IpBlock {
                cidr: block.get("cidr").text_or_empty(),
                except: block.get("except").plain_texts(),
            }),
        }
    };
    let port = |one: FieldReader<'_>| NetworkPort {
        protocol: one.get("protocol").text().map_or_else(|| "TCP".into(), |field| field.value),
        port: one.get("port").port(),
        end_port: one.get("endPort").int32().map(|field| field.value),
    };
    NetworkRule {
        peers: item.get(peers).items().map(peer).collect(),
        ports: item.get("ports").items().map(port).collect(),
        location: item.at(),
    }
}

/// Labels of the object itself, for kinds of which nothing more is known.
pub(super) fn text_field(object: FieldReader<'_>, key: &str) -> Field<Text> {
    object.get(key).text().unwrap_or_default()
}
