//! Pods and pod templates, with the API server's defaults.

use super::read::FieldReader;
use crate::objects::{
    Condition, Container, ContainerPort, ContainerState, ContainerStatus, EnvFrom, EnvVar, Field,
    KeySelector, KeyToPath, ObjectMeta, Pod, PodFile, PodSpec, PodStatus, Probe, Projection,
    SourceKind, Text, Toleration, Volume, VolumeMount, VolumeSource,
};

pub(super) fn pod(meta: ObjectMeta, object: FieldReader<'_>) -> Pod {
    Pod { meta, spec: pod_spec(object.get("spec")), status: pod_status(object.get("status")) }
}

pub(super) fn pod_spec(spec: FieldReader<'_>) -> PodSpec {
    let security = spec.get("securityContext");
    let account = spec.get("serviceAccountName").text();
    // The older name of the same field.
    let account = account.or_else(|| spec.get("serviceAccount").text());
    PodSpec {
        containers: spec.get("containers").items().map(container).collect(),
        init_containers: spec.get("initContainers").items().map(container).collect(),
        volumes: spec.get("volumes").items().map(volume).collect(),
        node_name: spec.get("nodeName").text().unwrap_or_default(),
        node_selector: spec.get("nodeSelector").string_map(),
        tolerations: spec.get("tolerations").items().map(toleration).collect(),
        host_network: spec.get("hostNetwork").bool().unwrap_or(false),
        hostname: spec.get("hostname").text_or_empty(),
        subdomain: spec.get("subdomain").text_or_empty(),
        automount_token: spec.get("automountServiceAccountToken").bool(),
        service_account_name: account.unwrap_or_else(|| Field::text("default")),
        restart_policy: text_or(spec.get("restartPolicy"), "Always"),
        scheduler_name: text_or(spec.get("schedulerName"), "default-scheduler"),
        run_as_user: spec
            .get("runAsUser")
            .int()
            .or(security.get("runAsUser").int())
            .map(|v| v.value),
        fs_group: security.get("fsGroup").int().map(|field| field.value),
        location: spec.at(),
    }
}

fn toleration(item: FieldReader<'_>) -> Toleration {
    Toleration {
        key: item.get("key").text_or_empty(),
        exists: &*item.get("operator").text_or_empty() == "Exists",
        value: item.get("value").text_or_empty(),
        effect: item.get("effect").text_or_empty(),
    }
}

fn text_or(reader: FieldReader<'_>, default: &str) -> Text {
    reader.text().map_or_else(|| default.into(), |field| field.value)
}

fn container(item: FieldReader<'_>) -> Container {
    let resources = item.get("resources");
    let quantity = |group: &str, name: &str| resources.get(group).get(name).text();
    Container {
        name: item.get("name").text().unwrap_or_default(),
        image: item.get("image").text().unwrap_or_default(),
        command: item.get("command").texts(),
        args: item.get("args").texts(),
        ports: item.get("ports").items().filter_map(container_port).collect(),
        env: item.get("env").items().map(env_var).collect(),
        env_from: item.get("envFrom").items().filter_map(env_from).collect(),
        volume_mounts: item.get("volumeMounts").items().map(volume_mount).collect(),
        readiness_probe: probe(item.get("readinessProbe")),
        liveness_probe: probe(item.get("livenessProbe")),
        startup_probe: probe(item.get("startupProbe")),
        memory_limit: quantity("limits", "memory"),
        memory_request: quantity("requests", "memory"),
        cpu_limit: quantity("limits", "cpu"),
        cpu_request: quantity("requests", "cpu"),
        restart_policy: item.get("restartPolicy").text_or_empty(),
        location: item.at(),
    }
}

fn container_port(item: FieldReader<'_>) -> Option<ContainerPort> {
    Some(ContainerPort {
        name: item.get("name").text().unwrap_or_default(),
        container_port: item.get("containerPort").int32()?,
        protocol: text_or(item.get("protocol"), "TCP"),
        host_port: item.get("hostPort").int32().map(|field| field.value),
    })
}

fn env_var(item: FieldReader<'_>) -> EnvVar {
    let from = item.get("valueFrom");
    let selector = |key: &str, source| {
        let reference = from.get(key);
        reference.exists().then(|| KeySelector {
            source,
            name: reference.get("name").text().unwrap_or_default(),
            key: reference.get("key").text().unwrap_or_default(),
            optional: reference.get("optional").bool().unwrap_or(false),
        })
    };
    EnvVar {
        name: item.get("name").text().unwrap_or_default(),
        value: item.get("value").text(),
        value_from: selector("configMapKeyRef", SourceKind::ConfigMap)
            .or_else(|| selector("secretKeyRef", SourceKind::Secret)),
    }
}

fn env_from(item: FieldReader<'_>) -> Option<EnvFrom> {
    let (source, reference) = source(item, "configMapRef", "secretRef")?;
    Some(EnvFrom {
        source,
        name: reference.get("name").text().unwrap_or_default(),
        optional: reference.get("optional").bool().unwrap_or(false),
    })
}

/// Whichever of a ConfigMap's and a Secret's key is there.
fn source<'a>(
    item: FieldReader<'a>,
    config_map: &str,
    secret: &str,
) -> Option<(SourceKind, FieldReader<'a>)> {
    let (first, second) = (item.get(config_map), item.get(secret));
    if first.exists() {
        Some((SourceKind::ConfigMap, first))
    } else {
        second.exists().then_some((SourceKind::Secret, second))
    }
}

fn volume_mount(item: FieldReader<'_>) -> VolumeMount {
    VolumeMount {
        name: item.get("name").text().unwrap_or_default(),
        mount_path: item.get("mountPath").text().unwrap_or_default(),
        sub_path: item.get("subPath").text().unwrap_or_default(),
        read_only: item.get("readOnly").bool().unwrap_or(false),
        location: item.at(),
    }
}

fn volume(item: FieldReader<'_>) -> Volume {
    Volume {
        name: item.get("name").text().unwrap_or_default(),
        source: volume_source(item),
        location: item.at(),
    }
}

fn volume_source(item: FieldReader<'_>) -> VolumeSource {
    for (key, _, value) in item.entries() {
        return match &*key {
            "name" => continue,
            "configMap" => VolumeSource::ConfigMap(projection(value, "name")),
            "secret" => VolumeSource::Secret(projection(value, "secretName")),
            "projected" => {
                let part = |one| {
                    let (kind, reference) = source(one, "configMap", "secret")?;
                    Some((kind, projection(reference, "name")))
                };
                let sources = || value.get("sources").items();
                VolumeSource::Projected {
                    parts: sources().filter_map(part).collect(),
                    of_pod: sources().flat_map(pod_files).collect(),
                }
            }
            "persistentVolumeClaim" => VolumeSource::PersistentVolumeClaim {
                claim_name: value.get("claimName").text().unwrap_or_default(),
                read_only: value.get("readOnly").bool().unwrap_or(false),
            },
            "emptyDir" => VolumeSource::EmptyDir,
            "hostPath" => VolumeSource::HostPath(value.get("path").text().unwrap_or_default()),
            _ => VolumeSource::Other(key),
        };
    }
    VolumeSource::None
}

/// The files that a source of a projected volume makes of the pod.
fn pod_files(source: FieldReader<'_>) -> Vec<(Text, PodFile)> {
    let path = |one: FieldReader<'_>| one.get("path").text().map(|path| path.value);
    let token = path(source.get("serviceAccountToken")).map(|path| (path, PodFile::Token));
    let fields = source.get("downwardAPI").get("items").items().filter_map(path);
    token.into_iter().chain(fields.map(|path| (path, PodFile::DownwardApi))).collect()
}

fn projection(value: FieldReader<'_>, name: &str) -> Projection {
    let items = value.get("items");
    let item = |one: FieldReader<'_>| KeyToPath {
        key: one.get("key").text().unwrap_or_default(),
        path: one.get("path").text().unwrap_or_default(),
    };
    Projection {
        name: value.get(name).text().unwrap_or_default(),
        items: items.exists().then(|| items.items().map(item).collect()),
        optional: value.get("optional").bool().unwrap_or(false),
    }
}

fn probe(value: FieldReader<'_>) -> Option<Probe> {
    if !value.exists() {
        return None;
    }
    let http = value.get("httpGet");
    let port = [http, value.get("tcpSocket"), value.get("grpc")];
    let number = |key: &str, default| value.get(key).int().map_or(default, |field| field.value);
    Some(Probe {
        port: port.into_iter().find_map(|handler| handler.get("port").port()),
        path: http.get("path").text().unwrap_or_else(|| Field::text("/")),
        is_http: http.exists(),
        initial_delay_seconds: number("initialDelaySeconds", 0),
        period_seconds: number("periodSeconds", 10),
        failure_threshold: number("failureThreshold", 3),
        location: value.at(),
    })
}

fn pod_status(status: FieldReader<'_>) -> PodStatus {
    let ip = status.get("podIP").text_or_empty();
    let mut ips: Vec<Text> = status
        .get("podIPs")
        .items()
        .map(|item| item.get("ip").text_or_empty())
        .filter(|ip| !ip.is_empty())
        .collect();
    if ips.is_empty() && !ip.is_empty() {
        ips.push(ip.clone());
    }
    PodStatus {
        phase: status.get("phase").text_or_empty(),
        reason: status.get("reason").text_or_empty(),
        message: status.get("message").text_or_empty(),
        pod_ip: ip,
        pod_ips: ips,
        host_ip: status.get("hostIP").text_or_empty(),
        conditions: status.get("conditions").items().map(condition).collect(),
        container_statuses: container_statuses(status.get("containerStatuses")),
        init_container_statuses: container_statuses(status.get("initContainerStatuses")),
    }
}

pub(super) fn condition(item: FieldReader<'_>) -> Condition {
    Condition {
        kind: item.get("type").text_or_empty(),
        status: item.get("status").text_or_empty(),
        reason: item.get("reason").text_or_empty(),
        message: item.get("message").text_or_empty(),
    }
}

fn container_statuses(list: FieldReader<'_>) -> Vec<ContainerStatus> {
    let status = |item: FieldReader<'_>| ContainerStatus {
        name: item.get("name").text_or_empty(),
        ready: item.get("ready").bool().unwrap_or(false),
        restart_count: item.get("restartCount").int().map_or(0, |field| field.value),
        image: item.get("image").text_or_empty(),
        image_id: item.get("imageID").text_or_empty(),
        container_id: item.get("containerID").text_or_empty(),
        state: container_state(item.get("state")),
        last_end: match container_state(item.get("lastState")) {
            ContainerState::Terminated { reason, exit_code, .. } => Some((reason, exit_code)),
            _ => None,
        },
    };
    list.items().map(status).collect()
}

fn container_state(state: FieldReader<'_>) -> ContainerState {
    let (waiting, terminated) = (state.get("waiting"), state.get("terminated"));
    if waiting.exists() {
        ContainerState::Waiting {
            reason: waiting.get("reason").text_or_empty(),
            message: waiting.get("message").text_or_empty(),
        }
    } else if terminated.exists() {
        ContainerState::Terminated {
            reason: terminated.get("reason").text_or_empty(),
            exit_code: terminated.get("exitCode").int().map_or(0, |field| field.value),
            message: terminated.get("message").text_or_empty(),
        }
    } else if state.get("running").exists() {
        ContainerState::Running
    } else {
        ContainerState::Unknown
    }
}
