//! The StatefulSets of a Prometheus server or agent, and the DaemonSet of an agent.
//!
//! Source: prometheus-operator pkg/prometheus/server/statefulset.go, pkg/prometheus/agent.

use go::path::clean;
use kubernetes::object::Value;

use super::reloader::Reloader;
use super::thanos_sidecar::{self, Compaction};
use super::volumes::{
    self, config_map_volume, data_mount, empty_dir, memory_dir, mount, projected, read_only_mount,
    secret_volume,
};
use super::web_config::WebConfig;
use super::{
    Meta, container_security, copy, copy_number, image, inherited_annotations, managed,
    merge_containers, pairs, pod_fields, port, probe_handler, set_filled, spread, text_map,
    update_strategy,
};
use crate::options::Options;
use crate::prometheus::{ConfigContext, Mode};
use crate::store::Checked;
use crate::version::Version;

/// The label with the number of the shard.
pub const SHARD: &str = "operator.prometheus.io/shard";
const NAME: &str = "operator.prometheus.io/name";
const MODE: &str = "operator.prometheus.io/mode";

const BASE_IMAGE: &str = "quay.io/prometheus/prometheus";
pub(super) const STORAGE: &str = "/prometheus";
const CONFIG_FILE: &str = "/etc/prometheus/config/prometheus.yaml.gz";
pub(super) const ENVSUBST_FILE: &str = "/etc/prometheus/config_out/prometheus.env.yaml";
pub const WEB_CONFIG: &str = "/etc/prometheus/web_config";
const LOGS: &str = "/var/log/prometheus";
const GRACE: i64 = 600;

/// Names of what belongs to a Prometheus or PrometheusAgent.
pub struct Names {
    /// `prometheus-NAME` or `prom-agent-NAME`.
    pub base: String,
    pub service: &'static str,
    pub app: &'static str,
    mode: &'static str,
}

impl Names {
    pub fn new(object: &Value) -> Self {
        let name = object["metadata"].str("name");
        if object.str("kind") == "PrometheusAgent" {
            return Self {
                base: format!("prom-agent-{name}"),
                service: "prometheus-agent-operated",
                app: "prometheus-agent",
                mode: "agent",
            };
        }
        Self {
            base: format!("prometheus-{name}"),
            service: "prometheus-operated",
            app: "prometheus",
            mode: "server",
        }
    }

    pub fn web_config(&self) -> String {
        format!("{}-web-config", self.base)
    }

    /// The StatefulSet of a shard.
    pub fn shard(&self, shard: i64) -> String {
        if shard == 0 { self.base.clone() } else { format!("{}-shard-{shard}", self.base) }
    }

    /// The labels by which the pods of an object are found.
    pub fn selector(&self, object: &Value) -> Vec<(String, String)> {
        let name = object["metadata"].str("name");
        let mut labels = vec![
            ("app.kubernetes.io/managed-by", "prometheus-operator"),
            ("app.kubernetes.io/name", self.app),
            ("app.kubernetes.io/instance", name),
            (NAME, name),
        ];
        if self.mode == "server" {
            labels.push(("prometheus", name));
        }
        labels.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }
}

/// The input of the pods of one Prometheus.
pub struct Pods<'a> {
    pub context: &'a ConfigContext<'a>,
    pub options: &'a Options,
    /// ConfigMaps with rule files; empty for an agent.
    pub rule_maps: Vec<String>,
    /// Secrets with TLS assets.
    pub tls_secrets: Vec<String>,
    pub names: Names,
}

impl Pods<'_> {
    pub(super) fn spec(&self) -> &Value {
        self.context.spec.value
    }

    fn object(&self) -> &Value {
        self.context.root.value
    }

    pub(super) fn since(&self, version: Version) -> bool {
        self.context.version >= version
    }

    fn port_name(&self) -> &str {
        super::port_name(self.spec())
    }

    pub(super) fn route_prefix(&self) -> &str {
        super::route_prefix(self.spec())
    }

    fn scheme(&self) -> &'static str {
        if self.spec()["web"]["tlsConfig"].is_null() { "http" } else { "https" }
    }

    fn db(&self) -> String {
        format!("{}-db", self.names.base)
    }

    fn zone(&self, shard: i64) -> Option<&str> {
        let zones = self.context.zones();
        let at = usize::try_from(shard).ok()?.checked_rem(zones.len())?;
        zones.get(at).copied()
    }

    /// The governing Service.
    pub fn service(&self) -> Value {
        let mut meta = Meta::new(self.object(), self.names.service);
        meta.labels = vec![("operated-prometheus".to_owned(), "true".to_owned())];
        meta.controlled = false;
        let mut service = managed("v1", "Service", &meta, self.options);
        let mut ports = vec![
            object! { "name": self.port_name(), "port": 9090, "targetPort": self.port_name() },
        ];
        if self.context.mode == Mode::Server && !self.spec()["thanos"].is_null() {
            ports.push(object! { "name": "grpc", "port": 10901, "targetPort": "grpc" });
        }
        service.set(
            "spec",
            object! {
                "clusterIP": "None",
                "ports": ports,
                "selector": text_map([("app.kubernetes.io/name", self.names.app)]),
            },
        );
        service
    }

    /// The StatefulSet of a shard. The error is the Operator's.
    pub fn stateful_set(&self, shard: i64) -> Checked<Value> {
        let spec = self.spec();
        let mut selector = self.names.selector(self.object());
        selector.push((SHARD.to_owned(), shard.to_string()));
        let name = self.names.shard(shard);
        let mut set = managed("apps/v1", "StatefulSet", &self.meta(&name, &selector), self.options);
        let mut template = self.template(shard, &selector)?;
        spread(template.entry("spec"), spec, &selector);
        let replicas = spec["replicas"].as_int().unwrap_or(1);
        let policy = spec["podManagementPolicy"].as_str().unwrap_or("Parallel");
        let mut own = object! {
            "serviceName": spec["serviceName"].as_str().unwrap_or(self.names.service),
            "replicas": if replicas < 0 { 1 } else { replicas },
            "podManagementPolicy": policy,
            "updateStrategy": update_strategy(spec),
            "selector": object! { "matchLabels": text_map(self.with_labels(&selector)) },
            "template": template,
        };
        copy_number(&mut own, "minReadySeconds", &spec["minReadySeconds"]);
        let retention = &spec["persistentVolumeClaimRetentionPolicy"];
        copy(&mut own, "persistentVolumeClaimRetentionPolicy", retention);
        set.set("spec", own);
        volumes::storage(&mut set, spec, &self.db());
        let volumes = set.entry_at(&["spec", "template", "spec", "volumes"]);
        volumes.list_mut().extend(spec.list("volumes").iter().cloned());
        Ok(set)
    }

    /// The DaemonSet of an agent.
    pub fn daemon_set(&self) -> Checked<Value> {
        let spec = self.spec();
        let selector = self.names.selector(self.object());
        let mut meta = self.meta(&self.names.base, &selector);
        meta.annotations.retain(|(key, _)| key != super::INPUT_HASH);
        let mut set = managed("apps/v1", "DaemonSet", &meta, self.options);
        let mut template = self.template(0, &selector)?;
        spread(template.entry("spec"), spec, &selector);
        let mut own = object! {
            "selector": object! { "matchLabels": text_map(self.with_labels(&selector)) },
            "template": template,
        };
        copy_number(&mut own, "minReadySeconds", &spec["minReadySeconds"]);
        set.set("spec", own);
        Ok(set)
    }

    fn meta<'m>(&'m self, name: &'m str, selector: &[(String, String)]) -> Meta<'m> {
        let mut meta = Meta::new(self.object(), name);
        meta.annotations = inherited_annotations(self.object());
        meta.labels = pairs(&self.object()["metadata"]["labels"]);
        meta.labels.push((MODE.to_owned(), self.names.mode.to_owned()));
        meta.labels.extend(selector.iter().cloned());
        meta
    }

    fn with_labels(&self, labels: &[(String, String)]) -> Vec<(String, String)> {
        let own = self.options.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
        labels.iter().cloned().chain(own).collect()
    }

    fn template(&self, shard: i64, selector: &[(String, String)]) -> Checked<Value> {
        let spec = self.spec();
        let mut labels =
            vec![("app.kubernetes.io/version".to_owned(), self.context.version.to_string())];
        labels.extend(pairs(&spec["podMetadata"]["labels"]));
        labels.extend(selector.iter().cloned());
        let default = "kubectl.kubernetes.io/default-container".to_owned();
        let mut annotations = vec![(default, "prometheus".to_owned())];
        annotations.extend(pairs(&spec["podMetadata"]["annotations"]));
        Ok(object! {
            "metadata": object! {
                "labels": text_map(self.with_labels(&labels)),
                "annotations": text_map(annotations),
            },
            "spec": self.pod(shard)?,
        })
    }

    fn pod(&self, shard: i64) -> Checked<Value> {
        let (spec, server) = (self.spec(), self.context.mode == Mode::Server);
        let (mut volumes, mut mounts) = self.volumes()?;
        let mut arguments = self.arguments();
        let mut reloader_mounts = vec![
            mount("config", "/etc/prometheus/config"),
            mount("config-out", "/etc/prometheus/config_out"),
        ];
        let mut web_config_file = String::new();
        if self.since(Version(2, 24, 0)) {
            let web = WebConfig::new(self.context.spec.get("web"), WEB_CONFIG)?;
            let (more, web_mounts) = web.mounts(&self.names.web_config())?;
            arguments.add("web.config.file", web.path());
            volumes.extend(more);
            mounts.extend(web_mounts.iter().cloned());
            if !spec["web"].is_null() || self.context.mode == Mode::DaemonSet {
                web_config_file = web.path();
                reloader_mounts.extend(web_mounts);
            }
        }
        let mut containers = Vec::new();
        let mut compaction = Compaction::Default;
        if server {
            compaction = thanos_sidecar::compaction(spec, self.context.version)?;
            if let Some((sidecar, more)) = thanos_sidecar::container(self, compaction)? {
                containers.push(sidecar);
                volumes.extend(more);
            }
        }
        compaction.arguments(&mut arguments, spec, self.context.version);
        for map in &self.rule_maps {
            reloader_mounts.push(mount(map, &format!("/etc/prometheus/rules/{map}")));
        }
        let mut reloader = self.reloader(shard, reloader_mounts);
        let init = Reloader { init: true, ..reloader.clone() }.container(spec, self.options);
        let init = merge_containers(vec![init], spec.list("initContainers"));
        let init =
            init.map_err(|error| format!("failed to merge init containers spec: {error}"))?;
        let arguments = arguments.build(spec.list("additionalArgs"))?;
        self.complete(&mut reloader, web_config_file);
        let mut base =
            vec![self.container(arguments, mounts), reloader.container(spec, self.options)];
        base.append(&mut containers);
        let containers = merge_containers(base, spec.list("containers"))
            .map_err(|error| format!("failed to merge containers spec: {error}"))?;
        let mut pod = object! {
            "shareProcessNamespace": spec.str("reloadStrategy") == "ProcessSignal",
            "containers": containers,
            "initContainers": init,
            "volumes": volumes,
        };
        pod_fields(&mut pod, spec, GRACE);
        if let Some(zone) = self.zone(shard) {
            pod.entry("nodeSelector").set("topology.kubernetes.io/zone", zone);
        }
        Ok(pod)
    }

    fn volumes(&self) -> Checked<(Vec<Value>, Vec<Value>)> {
        let spec = self.spec();
        let mut volumes = vec![
            secret_volume("config", &self.names.base),
            projected("tls-assets", &self.tls_secrets),
            memory_dir("config-out"),
        ];
        let mut mounts = vec![
            read_only_mount("config-out", "/etc/prometheus/config_out"),
            read_only_mount("tls-assets", "/etc/prometheus/certs"),
        ];
        if self.context.mode != Mode::DaemonSet {
            mounts.push(data_mount(spec, &self.db(), STORAGE, "prometheus-db"));
        }
        mounts.extend(spec.list("volumeMounts").iter().cloned());
        volumes::listed(spec, "/etc/prometheus", &mut volumes, &mut mounts)?;
        let default = |file: &str| !file.is_empty() && !file.contains('/');
        let failures = spec["scrapeFailureLogFile"].as_str();
        if failures.is_some_and(default) {
            volumes.push(empty_dir("log-file"));
            mounts.push(mount("log-file", LOGS));
        }
        if self.context.mode != Mode::Server {
            return Ok((volumes, mounts));
        }
        let queries = default(spec.str("queryLogFile")) && failures.is_none();
        if queries {
            volumes.push(empty_dir("log-file"));
        }
        for map in &self.rule_maps {
            volumes.push(config_map_volume(map, map, true));
            mounts.push(read_only_mount(map, &format!("/etc/prometheus/rules/{map}")));
        }
        if queries {
            mounts.push(mount("log-file", LOGS));
        }
        Ok((volumes, mounts))
    }

    fn reloader(&self, shard: i64, mounts: Vec<Value>) -> Reloader<'_> {
        let zone = self.zone(shard);
        let zones = self.context.zones().len() as i64;
        Reloader {
            config_file: CONFIG_FILE,
            envsubst_file: ENVSUBST_FILE,
            watched: self
                .rule_maps
                .iter()
                .map(|map| format!("/etc/prometheus/rules/{map}"))
                .collect(),
            mounts,
            shard: Some(shard),
            zone,
            inzone_shard: zone.map(|_| shard / zones.max(1)),
            node_name: self.context.mode == Mode::DaemonSet,
            ..Reloader::default()
        }
    }

    /// The fields of the reloader beside Prometheus that the init reloader lacks.
    fn complete(&self, reloader: &mut Reloader<'_>, web_config_file: String) {
        let spec = self.spec();
        let url = |path: &str| {
            let path = clean(&format!("{}{path}", self.route_prefix()));
            format!("{}://localhost:9090{path}", self.scheme())
        };
        reloader.web_config_file = web_config_file;
        if spec.str("reloadStrategy") == "ProcessSignal" {
            reloader.runtime_info_url = Some(url("/api/v1/status/runtimeinfo"));
        } else {
            reloader.listen_local = spec.bool("listenLocal");
            reloader.reload_url = url("/-/reload");
        }
    }

    fn container(&self, arguments: Vec<String>, mounts: Vec<Value>) -> Value {
        let spec = self.spec();
        let version = format!("v{}", self.context.version);
        let agent_spec = object! { "image": spec.str("image") };
        let of = if self.context.mode == Mode::Server { spec } else { &agent_spec };
        let mut container = object! {
            "name": "prometheus",
            "image": image(of, BASE_IMAGE, &version),
            "args": arguments.into_iter().map(Value::from).collect::<Vec<_>>(),
            "volumeMounts": mounts,
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "securityContext": container_security(),
        };
        set_filled(&mut container, "imagePullPolicy", spec["imagePullPolicy"].clone());
        copy(&mut container, "resources", &spec["resources"]);
        if !spec.bool("listenLocal") {
            container.set("ports", vec![port(self.port_name(), 9090)]);
        }
        let gogc = &spec["runtime"]["goGC"];
        if let Some(percent) = gogc.as_int()
            && !self.since(Version(2, 53, 0))
            && self.context.mode == Mode::Server
        {
            let variable = object! { "name": "GOGC", "value": percent.to_string() };
            container.set("env", vec![variable]);
        }
        self.probes(&mut container);
        container
    }

    fn probes(&self, container: &mut Value) {
        let spec = self.spec();
        let handler = |path: &str| {
            let path = clean(&format!("{}{path}", self.route_prefix()));
            let tls = self.scheme() == "https";
            probe_handler(spec.bool("listenLocal"), &path, self.port_name(), 9090, tls)
        };
        let longest = spec.int("maximumStartupDurationSeconds");
        let (period, failures) = if longest >= 60 {
            let failures = (longest + 59) / 60;
            ((longest + failures - 1) / failures, failures)
        } else {
            (15, 60)
        };
        for (key, path, period, failures) in [
            ("startupProbe", "/-/ready", period, failures),
            ("readinessProbe", "/-/ready", 5, 3),
            ("livenessProbe", "/-/healthy", 5, 6),
        ] {
            let mut probe = handler(path);
            probe.set("timeoutSeconds", 3);
            probe.set("periodSeconds", period);
            probe.set("failureThreshold", failures);
            container.set(key, probe);
        }
    }

    /// The address under which containers of the pod reach Prometheus.
    pub fn local_url(&self) -> String {
        format!("{}://localhost:9090{}", self.scheme(), clean(self.route_prefix()))
    }

    /// The mount of the data, for other containers of the pod.
    pub fn data_mount(&self) -> Value {
        data_mount(self.spec(), &self.db(), STORAGE, "prometheus-db")
    }
}
