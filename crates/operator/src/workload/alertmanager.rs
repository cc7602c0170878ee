//! The StatefulSet and the Service of an Alertmanager.
//!
//! Source: prometheus-operator pkg/alertmanager/statefulset.go.

use go::path::clean;
use kubernetes::object::Value;

use super::arguments::Arguments;
use super::cluster_tls::ClusterTls;
use super::reloader::Reloader;
use super::volumes::{
    self, data_mount, memory_dir, mount, projected, read_only_mount, secret_volume,
};
use super::web_config::WebConfig;
use super::{
    Meta, container_security, copy, copy_number, image, inherited_annotations, managed,
    merge_containers, pairs, port, probe_handler, set_filled, text_map, update_strategy,
};
use crate::checks::at;
use crate::options::Options;
use crate::store::Checked;
use crate::tree::Field;
use crate::version::{self, Version};

const BASE_IMAGE: &str = "quay.io/prometheus/alertmanager";
const CONFIG: &str = "/etc/alertmanager/config";
const CONFIG_FILE: &str = "/etc/alertmanager/config/alertmanager.yaml.gz";
const CONFIG_OUT: &str = "/etc/alertmanager/config_out";
const ENVSUBST_FILE: &str = "/etc/alertmanager/config_out/alertmanager.env.yaml";
const TEMPLATES: &str = "/etc/alertmanager/templates";
pub const WEB_CONFIG: &str = "/etc/alertmanager/web_config";
const SERVICE: &str = "alertmanager-operated";
const GRACE: i64 = 120;
const WEB_PORT: i64 = 9093;
const MESH_PORT: i64 = 9094;

/// Volumes of a pod, with the mounts of the program and of its reloader.
struct Files {
    volumes: Vec<Value>,
    mounts: Vec<Value>,
    reloader_mounts: Vec<Value>,
    /// Directories that the reloader watches.
    watched: Vec<String>,
}

/// The input of the pods of an Alertmanager.
pub struct Pods<'a> {
    pub root: Field<'a>,
    pub options: &'a Options,
    pub tls_secrets: Vec<String>,
    pub version: Version,
}

/// The labels by which the pods of an Alertmanager are found.
pub fn selector(name: &str) -> Vec<(String, String)> {
    [
        ("app.kubernetes.io/managed-by", "prometheus-operator"),
        ("app.kubernetes.io/name", "alertmanager"),
        ("app.kubernetes.io/instance", name),
        ("alertmanager", name),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec()
}

impl Pods<'_> {
    fn spec(&self) -> &Value {
        &self.root.value["spec"]
    }

    fn name(&self) -> &str {
        self.root.value["metadata"].str("name")
    }

    fn base(&self) -> String {
        format!("alertmanager-{}", self.name())
    }

    fn port_name(&self) -> &str {
        super::port_name(self.spec())
    }

    fn route_prefix(&self) -> &str {
        super::route_prefix(self.spec())
    }

    fn is_https(&self) -> bool {
        !self.spec()["web"]["tlsConfig"].is_null() && self.version >= Version(0, 22, 0)
    }

    fn replicas(&self) -> i64 {
        self.spec()["replicas"].as_int().unwrap_or(1).max(0)
    }

    /// The governing Service.
    pub fn service(&self) -> Value {
        let mut meta = Meta::new(self.root.value, SERVICE);
        meta.labels = vec![("operated-alertmanager".to_owned(), "true".to_owned())];
        meta.controlled = false;
        let mut service = managed("v1", "Service", &meta, self.options);
        let port = |name: &str, number: i64, target: &str, protocol: &str| {
            object! { "name": name, "port": number, "targetPort": target, "protocol": protocol }
        };
        service.set(
            "spec",
            object! {
                "clusterIP": "None",
                "publishNotReadyAddresses": true,
                "ports": vec![
                    port(self.port_name(), WEB_PORT, self.port_name(), "TCP"),
                    port("tcp-mesh", MESH_PORT, "mesh-tcp", "TCP"),
                    port("udp-mesh", MESH_PORT, "mesh-udp", "UDP"),
                ],
                "selector": text_map([("app.kubernetes.io/name", "alertmanager")]),
            },
        );
        service
    }

    /// The StatefulSet. The error is the Operator's.
    pub fn stateful_set(&self) -> Checked<Value> {
        let (spec, name) = (self.spec(), self.base());
        let selector = selector(self.name());
        let mut meta = Meta::new(self.root.value, &name);
        meta.annotations = inherited_annotations(self.root.value);
        meta.labels = pairs(&self.root.value["metadata"]["labels"]);
        meta.labels.extend(selector.iter().cloned());
        let mut set = managed("apps/v1", "StatefulSet", &meta, self.options);
        let mut labels = vec![("app.kubernetes.io/version".to_owned(), self.version.to_string())];
        labels.extend(pairs(&spec["podMetadata"]["labels"]));
        labels.extend(selector.iter().cloned());
        let mut annotations = pairs(&spec["podMetadata"]["annotations"]);
        let default = "kubectl.kubernetes.io/default-container".to_owned();
        annotations.push((default, "alertmanager".to_owned()));
        let policy = spec["podManagementPolicy"].as_str().unwrap_or("Parallel");
        let mut own = object! {
            "serviceName": spec["serviceName"].as_str().unwrap_or(SERVICE),
            "replicas": self.replicas(),
            "podManagementPolicy": policy,
            "updateStrategy": update_strategy(spec),
            "selector": object! { "matchLabels": text_map(selector) },
            "template": object! {
                "metadata": object! {
                    "labels": text_map(labels),
                    "annotations": text_map(annotations),
                },
                "spec": self.pod()?,
            },
        };
        copy_number(&mut own, "minReadySeconds", &spec["minReadySeconds"]);
        let retention = &spec["persistentVolumeClaimRetentionPolicy"];
        copy(&mut own, "persistentVolumeClaimRetentionPolicy", retention);
        set.set("spec", own);
        volumes::storage(&mut set, spec, &format!("{name}-db"));
        let volumes = set.entry_at(&["spec", "template", "spec", "volumes"]);
        volumes.list_mut().extend(spec.list("volumes").iter().cloned());
        Ok(set)
    }

    fn pod(&self) -> Checked<Value> {
        let (spec, base) = (self.spec(), self.base());
        let Files { mut volumes, mut mounts, mut reloader_mounts, watched } = self.files()?;
        let mut arguments = self.arguments();
        let mut web_config_file = String::new();
        if self.version >= Version(0, 22, 0) {
            let web = WebConfig::new(self.root.get("spec").get("web"), WEB_CONFIG)?;
            let (more, web_mounts) = web.mounts(&format!("{base}-web-config"))?;
            arguments.add("web.config.file", web.path());
            web_config_file = web.path();
            volumes.extend(more);
            mounts.extend(web_mounts.iter().cloned());
            reloader_mounts.extend(web_mounts);
        }
        if self.version >= Version(0, 24, 0) {
            let cluster = ClusterTls::new(self.root.get("spec").get("clusterTLS"));
            let cluster = at(cluster, "failed to create the cluster TLS configuration")?;
            let parts = cluster.mounts(&format!("{base}-cluster-tls-config"));
            let what = "failed to get mount parameters for cluster TLS configuration";
            let (more, more_mounts) = at(parts, what)?;
            if let Some(path) = cluster.path() {
                arguments.add("cluster.tls-config", path);
            }
            volumes.extend(more);
            mounts.extend(more_mounts);
        }
        let reloader = Reloader {
            config_file: CONFIG_FILE,
            envsubst_file: ENVSUBST_FILE,
            watched,
            mounts: reloader_mounts,
            shard: Some(-1),
            ..Reloader::default()
        };
        let init = Reloader { init: true, ..reloader.clone() }.container(spec, self.options);
        let init = merge_containers(vec![init], spec.list("initContainers"))
            .map_err(|error| format!("failed to merge init containers spec: {error}"))?;
        let scheme = if self.is_https() { "https" } else { "http" };
        let path = clean(&format!("{}/-/reload", self.route_prefix()));
        let reloader = Reloader {
            web_config_file,
            reload_url: format!("{scheme}://localhost:9093{path}"),
            listen_local: spec.bool("listenLocal"),
            ..reloader
        };
        let arguments = arguments.build(spec.list("additionalArgs"))?;
        let base = vec![self.container(arguments, mounts), reloader.container(spec, self.options)];
        let containers = merge_containers(base, spec.list("containers"))
            .map_err(|error| format!("failed to merge containers spec: {error}"))?;
        let mut pod =
            object! { "containers": containers, "initContainers": init, "volumes": volumes };
        super::pod_fields(&mut pod, spec, GRACE);
        if spec["automountServiceAccountToken"].is_null() {
            pod.remove("automountServiceAccountToken");
        }
        let spread = &spec["topologySpreadConstraints"];
        set_filled(&mut pod, "topologySpreadConstraints", spread.clone());
        Ok(pod)
    }

    /// The files of the configuration, the templates, and the listed Secrets and ConfigMaps.
    fn files(&self) -> Checked<Files> {
        let (spec, base) = (self.spec(), self.base());
        let mut volumes = vec![
            secret_volume("config-volume", &format!("{base}-generated")),
            projected("tls-assets", &self.tls_secrets),
            memory_dir("config-out"),
        ];
        let mut mounts = vec![
            mount("config-volume", CONFIG),
            read_only_mount("config-out", CONFIG_OUT),
            read_only_mount("tls-assets", "/etc/alertmanager/certs"),
            data_mount(spec, &format!("{base}-db"), "/alertmanager", "alertmanager-db"),
        ];
        let mut reloader_mounts =
            vec![read_only_mount("config-volume", CONFIG), mount("config-out", CONFIG_OUT)];
        let mut watched = vec![CONFIG.to_owned()];
        let mut beside = Vec::new();
        self.templates(&mut volumes, &mut beside);
        volumes::listed(spec, "/etc/alertmanager", &mut volumes, &mut beside)?;
        watched.extend(beside.iter().map(|mount| mount.str("mountPath").to_owned()));
        mounts.extend(beside.iter().cloned());
        reloader_mounts.extend(beside);
        mounts.extend(spec.list("volumeMounts").iter().cloned());
        Ok(Files { volumes, mounts, reloader_mounts, watched })
    }

    /// The volume of notification templates. Of templates with one key the first counts.
    fn templates(&self, volumes: &mut Vec<Value>, mounts: &mut Vec<Value>) {
        let templates = self.spec()["alertmanagerConfiguration"].list("templates");
        if templates.is_empty() {
            return;
        }
        let (mut sources, mut keys) = (Vec::new(), Vec::new());
        for template in templates {
            for kind in ["configMap", "secret"] {
                let (name, key) = (template[kind].str("name"), template[kind].str("key"));
                if template[kind].is_null() || keys.contains(&key) {
                    continue;
                }
                keys.push(key);
                let items = vec![object! { "key": key, "path": key }];
                let mut source = Value::map();
                source.set(kind, object! { "name": name, "items": items });
                sources.push(source);
            }
        }
        volumes.push(object! {
            "name": "notification-templates",
            "projected": object! { "sources": sources },
        });
        mounts.push(read_only_mount("notification-templates", TEMPLATES));
    }

    fn arguments(&self) -> Arguments {
        let (spec, since) = (self.spec(), |version| self.version >= version);
        let mut arguments = Arguments::default();
        let or = |field: &str, default: &str| {
            let text = spec.str(field);
            if text.is_empty() { default.to_owned() } else { text.to_owned() }
        };
        arguments.add("config.file", ENVSUBST_FILE);
        arguments.add("storage.path", "/alertmanager");
        arguments.add("data.retention", or("retention", "120h"));
        if self.replicas() == 1 && !spec.bool("forceEnableClusterMode") {
            arguments.add("cluster.listen-address=", "");
        } else {
            arguments.add("cluster.listen-address", "[$(POD_IP)]:9094");
        }
        let local = spec.bool("listenLocal");
        arguments.add("web.listen-address", if local { "127.0.0.1:9093" } else { ":9093" });
        arguments.copy_text("web.external-url", spec.str("externalUrl"));
        let features: Vec<&str> =
            spec.list("enableFeatures").iter().filter_map(Value::as_str).collect();
        if since(Version(0, 27, 0)) {
            arguments.copy_text("enable-feature", &features.join(","));
        }
        arguments.add("web.route-prefix", self.route_prefix());
        arguments.copy("web.get-concurrency", &spec["web"]["getConcurrency"]);
        arguments.copy("web.timeout", &spec["web"]["timeout"]);
        if since(Version(0, 28, 0)) {
            arguments.copy("silences.max-silences", &spec["limits"]["maxSilences"]);
            let bytes = crate::prometheus::byte_size(spec["limits"].str("maxPerSilenceBytes"));
            if let Some(bytes) = bytes {
                arguments.add("silences.max-per-silence-bytes", (bytes as i64).to_string());
            }
        }
        let clashes =
            |name: &str| spec.list("additionalArgs").iter().any(|one| one.str("name") == name);
        let ready = spec["minReadySeconds"].as_int();
        if let Some(seconds) = ready
            && since(Version(0, 30, 0))
            && !clashes("dispatch.start-delay")
        {
            arguments.add("dispatch.start-delay", format!("{seconds}s"));
        }
        let (level, format) = (spec.str("logLevel"), spec.str("logFormat"));
        arguments.copy_text("log.level", if level == "info" { "" } else { level });
        arguments.copy_text("log.format", if format == "logfmt" { "" } else { format });
        self.cluster_arguments(&mut arguments);
        arguments
    }

    fn cluster_arguments(&self, arguments: &mut Arguments) {
        let (spec, since) = (self.spec(), |version| self.version >= version);
        let namespace = self.root.value["metadata"].str("namespace");
        for (name, field) in [
            ("cluster.advertise-address", "clusterAdvertiseAddress"),
            ("cluster.gossip-interval", "clusterGossipInterval"),
            ("cluster.pushpull-interval", "clusterPushpullInterval"),
            ("cluster.peer-timeout", "clusterPeerTimeout"),
        ] {
            arguments.copy_text(name, spec.str(field));
        }
        if since(Version(0, 30, 0)) {
            arguments.add("cluster.peer-name", "$(POD_NAME)");
        }
        if since(Version(0, 26, 0)) {
            let own = format!("{namespace}/{}", self.name());
            let label = spec["clusterLabel"].as_str().unwrap_or(&own);
            arguments.add("cluster.label", label);
        }
        let service = spec["serviceName"].as_str().unwrap_or(SERVICE);
        let domain = match &*self.options.cluster_domain {
            "" => service.to_owned(),
            domain => format!("{service}.{namespace}.svc.{domain}."),
        };
        for number in 0..self.replicas() {
            arguments.add("cluster.peer", format!("{}-{number}.{domain}:9094", self.base()));
        }
        for peer in spec.list("additionalPeers") {
            arguments.copy("cluster.peer", peer);
        }
        arguments.add("cluster.reconnect-timeout", "5m");
    }

    fn container(&self, arguments: Vec<String>, mounts: Vec<Value>) -> Value {
        let spec = self.spec();
        let tag = version::written(spec, version::ALERTMANAGER);
        let from_field = |name: &str, path: &str| {
            let field = object! { "apiVersion": "v1", "fieldPath": path };
            object! { "name": name, "valueFrom": object! { "fieldRef": field } }
        };
        let mut environment = vec![from_field("POD_IP", "status.podIP")];
        if self.version >= Version(0, 30, 0) {
            environment.push(from_field("POD_NAME", "metadata.name"));
        }
        let mut resources = spec["resources"].clone();
        if resources.is_null() {
            resources = Value::map();
        }
        resources.entry("requests").set_default("memory", "200Mi");
        let mesh = |name: &str, protocol: &str| {
            object! { "name": name, "containerPort": MESH_PORT, "protocol": protocol }
        };
        let mut ports = vec![mesh("mesh-tcp", "TCP"), mesh("mesh-udp", "UDP")];
        let mut container = object! {
            "name": "alertmanager",
            "image": image(spec, BASE_IMAGE, tag),
            "args": arguments.into_iter().map(Value::from).collect::<Vec<_>>(),
            "env": environment,
            "resources": resources,
            "volumeMounts": mounts,
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "securityContext": container_security(),
        };
        set_filled(&mut container, "imagePullPolicy", spec["imagePullPolicy"].clone());
        if !spec.bool("listenLocal") {
            ports.insert(0, port(self.port_name(), WEB_PORT));
            let probe = |path: &str| {
                let path = clean(&format!("{}{path}", self.route_prefix()));
                let https = self.is_https();
                let mut probe = probe_handler(false, &path, self.port_name(), WEB_PORT, https);
                probe.set("timeoutSeconds", 3);
                probe.set("failureThreshold", 10);
                probe
            };
            container.set("livenessProbe", probe("/-/healthy"));
            let mut ready = probe("/-/ready");
            ready.set("initialDelaySeconds", 3);
            ready.set("periodSeconds", 5);
            container.set("readinessProbe", ready);
        }
        container.set("ports", ports);
        container
    }
}
