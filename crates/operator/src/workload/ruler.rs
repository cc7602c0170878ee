//! The StatefulSet and the Service of a ThanosRuler.
//!
//! Source: prometheus-operator pkg/thanos/statefulset.go.

use go::path::clean;
use kubernetes::object::Value;

use super::arguments::Arguments;
use super::reloader::Reloader;
use super::thanos_sidecar::grpc_tls;
use super::volumes::{self, config_map_volume, data_volume, mount, projected, read_only_mount};
use super::web_config::WebConfig;
use super::{
    Meta, container_security, copy, copy_number, image, inherited_annotations, managed,
    merge_containers, pairs, port, set_filled, text_map, update_strategy,
};
use crate::options::Options;
use crate::store::Checked;
use crate::tree::Field;
use crate::version::{self, Version};

const BASE_IMAGE: &str = "quay.io/thanos/thanos";
const SERVICE: &str = "thanos-ruler-operated";
const DATA: &str = "/thanos/data";
const CONFIG: &str = "/etc/thanos/config";
const RULES: &str = "/etc/thanos/rules";
pub const WEB_CONFIG: &str = "/etc/thanos/web_config";
/// The key of the configuration of remote write.
pub const REMOTE_WRITE: &str = "remote-write.yaml";
const GRACE: i64 = 120;
const WEB_PORT: i64 = 10902;
const GRPC_PORT: i64 = 10901;

/// The input of the pods of a ThanosRuler.
pub struct Pods<'a> {
    pub root: Field<'a>,
    pub options: &'a Options,
    pub tls_secrets: Vec<String>,
    pub rule_maps: Vec<String>,
    pub version: Version,
}

/// The labels by which the pods of a ThanosRuler are found.
pub fn selector(name: &str) -> Vec<(String, String)> {
    [
        ("app.kubernetes.io/managed-by", "prometheus-operator"),
        ("app.kubernetes.io/name", "thanos-ruler"),
        ("app.kubernetes.io/instance", name),
        ("thanos-ruler", name),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec()
}

/// Volumes, mounts and arguments of a pod under construction.
#[derive(Default)]
struct Parts {
    volumes: Vec<Value>,
    mounts: Vec<Value>,
    arguments: Arguments,
}

impl Parts {
    /// Mounts the key of a Secret and returns the path of the file.
    fn mount_key(&mut self, name: &str, key: &str, volume: &str) -> String {
        let path = format!("{CONFIG}/{volume}");
        let items = vec![object! { "key": key, "path": key }];
        self.volumes.push(object! {
            "name": volume,
            "secret": object! { "secretName": name, "items": items },
        });
        self.mounts.push(read_only_mount(volume, &path));
        format!("{path}/{key}")
    }

    /// Adds an argument with a file: the one that is named, or the key of a Secret.
    fn file(&mut self, argument: &str, file: &Value, secret: &Value, volume: &str) -> bool {
        if let Some(path) = file.as_str().filter(|path| !path.is_empty()) {
            self.arguments.add(argument, path);
        } else if !secret.is_null() {
            let path = self.mount_key(secret.str("name"), secret.str("key"), volume);
            self.arguments.add(argument, path);
        } else {
            return false;
        }
        true
    }
}

impl Pods<'_> {
    fn spec(&self) -> &Value {
        &self.root.value["spec"]
    }

    fn name(&self) -> &str {
        self.root.value["metadata"].str("name")
    }

    fn base(&self) -> String {
        format!("thanos-ruler-{}", self.name())
    }

    fn port_name(&self) -> &str {
        super::port_name(self.spec())
    }

    /// The governing Service.
    pub fn service(&self) -> Value {
        let mut meta = Meta::new(self.root.value, SERVICE);
        meta.labels = vec![("operated-thanos-ruler".to_owned(), "true".to_owned())];
        meta.controlled = false;
        let mut service = managed("v1", "Service", &meta, self.options);
        let port = |name: &str, number: i64| {
            object! { "name": name, "port": number, "targetPort": name, "protocol": "TCP" }
        };
        service.set(
            "spec",
            object! {
                "clusterIP": "None",
                "ports": vec![port(self.port_name(), WEB_PORT), port("grpc", GRPC_PORT)],
                "selector": text_map([("app.kubernetes.io/name", "thanos-ruler")]),
            },
        );
        service
    }

    /// The StatefulSet. The error is the Operator's.
    pub fn stateful_set(&self) -> Checked<Value> {
        let (spec, name) = (self.spec(), self.base());
        if spec["queryConfig"].is_null() && spec.list("queryEndpoints").is_empty() {
            return Err(format!(
                "{}: thanos ruler requires query config or at least one query endpoint to be specified",
                self.name()
            ));
        }
        let mut labels = pairs(&spec["podMetadata"]["labels"]);
        labels.extend(selector(self.name()));
        let mut meta = Meta::new(self.root.value, &name);
        meta.annotations = inherited_annotations(self.root.value);
        meta.labels = pairs(&self.root.value["metadata"]["labels"]);
        meta.labels.extend(labels.iter().cloned());
        let mut set = managed("apps/v1", "StatefulSet", &meta, self.options);
        let mut of_pod = labels.clone();
        of_pod.push(("app.kubernetes.io/version".to_owned(), self.version.to_string()));
        let mut annotations = pairs(&spec["podMetadata"]["annotations"]);
        let default = "kubectl.kubernetes.io/default-container".to_owned();
        annotations.push((default, "thanos-ruler".to_owned()));
        let policy = spec["podManagementPolicy"].as_str().unwrap_or("Parallel");
        let mut own = object! {
            "serviceName": spec["serviceName"].as_str().unwrap_or(SERVICE),
            "podManagementPolicy": policy,
            "updateStrategy": update_strategy(spec),
            "selector": object! { "matchLabels": text_map(labels) },
            "template": object! {
                "metadata": object! {
                    "labels": text_map(of_pod),
                    "annotations": text_map(annotations),
                },
                "spec": self.pod()?,
            },
        };
        copy(&mut own, "replicas", &spec["replicas"]);
        copy_number(&mut own, "minReadySeconds", &spec["minReadySeconds"]);
        set.set("spec", own);
        volumes::storage(&mut set, spec, &format!("{name}-data"));
        let volumes = set.entry_at(&["spec", "template", "spec", "volumes"]);
        volumes.list_mut().extend(spec.list("volumes").iter().cloned());
        Ok(set)
    }

    fn pod(&self) -> Checked<Value> {
        let (spec, base) = (self.spec(), self.base());
        let mut parts = Parts::default();
        self.arguments(&mut parts);
        parts.volumes.push(projected("tls-assets", &self.tls_secrets));
        parts.mounts.push(read_only_mount("tls-assets", "/etc/thanos/certs"));
        let mut arguments = vec!["rule".to_owned()];
        arguments.extend(parts.arguments.build(spec.list("additionalArgs"))?);
        let mut reloader = Reloader {
            watched: self.rule_maps.iter().map(|map| format!("{RULES}/{map}")).collect(),
            mounts: self
                .rule_maps
                .iter()
                .map(|map| mount(map, &format!("{RULES}/{map}")))
                .collect(),
            shard: Some(-1),
            listen_local: spec.bool("listenLocal"),
            ..Reloader::default()
        };
        if self.version >= Version(0, 21, 0) {
            let web = WebConfig::new(self.root.get("spec").get("web"), WEB_CONFIG)?;
            let (volumes, mounts) = web.mounts(&format!("{base}-web-config"))?;
            arguments.push(format!("--http.config={}", web.path()));
            parts.volumes.extend(volumes);
            parts.mounts.extend(mounts.iter().cloned());
            reloader.mounts.extend(mounts);
            reloader.web_config_file = web.path();
        }
        let https = !spec["web"]["tlsConfig"].is_null() && self.version >= Version(0, 21, 0);
        let path = clean(&format!("{}/-/reload", spec.str("routePrefix")));
        let scheme = if https { "https" } else { "http" };
        reloader.reload_url = format!("{scheme}://localhost:{WEB_PORT}{path}");
        parts.mounts.push(mount(&data_volume(spec, &format!("{base}-data")), DATA));
        for map in &self.rule_maps {
            parts.volumes.push(config_map_volume(map, map, true));
            parts.mounts.push(read_only_mount(map, &format!("{RULES}/{map}")));
        }
        parts.mounts.extend(spec.list("volumeMounts").iter().cloned());
        // The reloader does not get the pull policy.
        let log = object! { "logLevel": spec.str("logLevel"), "logFormat": spec.str("logFormat") };
        let containers =
            vec![self.container(arguments, parts.mounts), reloader.container(&log, self.options)];
        let containers = merge_containers(containers, spec.list("containers"))
            .map_err(|error| format!("failed to merge containers spec: {error}"))?;
        let mut pod = object! { "containers": containers, "volumes": parts.volumes };
        super::pod_fields(&mut pod, spec, GRACE);
        pod.remove("automountServiceAccountToken");
        for key in ["initContainers", "topologySpreadConstraints"] {
            set_filled(&mut pod, key, spec[key].clone());
        }
        Ok(pod)
    }

    fn arguments(&self, parts: &mut Parts) {
        let (spec, since) = (self.spec(), |version| self.version >= version);
        let arguments = &mut parts.arguments;
        arguments.add("data-dir", DATA);
        arguments.add("eval-interval", spec.str("evaluationInterval"));
        arguments.add("tsdb.retention", spec.str("retention"));
        if since(Version(0, 38, 0)) {
            arguments.copy_text("rule-query-offset", spec.str("ruleQueryOffset"));
        }
        if since(Version(0, 37, 0)) {
            arguments.copy_positive("rule-concurrent-evaluation", &spec["ruleConcurrentEval"]);
        }
        if since(Version(0, 30, 0)) {
            arguments.copy_text("for-outage-tolerance", spec.str("ruleOutageTolerance"));
            arguments.copy_text("for-grace-period", spec.str("ruleGracePeriod"));
        }
        arguments.copy_text("resend-delay", spec.str("resendDelay"));
        let features: Vec<&str> =
            spec.list("enableFeatures").iter().filter_map(Value::as_str).collect();
        if since(Version(0, 39, 0)) {
            arguments.copy_text("enable-feature", &features.join(","));
        }
        arguments.add("label", "thanos_ruler_replica=\"$(POD_NAME)\"");
        for (name, value) in pairs(&spec["labels"]) {
            arguments.add("label", format!("{name}=\"{value}\""));
        }
        arguments.add("alert.label-drop", "thanos_ruler_replica");
        spec.list("alertDropLabels").iter().for_each(|one| arguments.copy("alert.label-drop", one));
        if spec.bool("listenLocal") {
            arguments.add("http-address", "localhost:10902");
        }
        let level = spec.str("logLevel");
        arguments.copy_text("log.level", if level == "info" { "" } else { level });
        arguments.copy_text("log.format", spec.str("logFormat"));
        arguments.add("rule-file", format!("{RULES}/*/*.yaml"));
        self.files(parts);
        let arguments = &mut parts.arguments;
        grpc_tls(arguments, &spec["grpcServerTlsConfig"], self.version);
        arguments.copy_text("web.external-prefix", spec.str("externalPrefix"));
        arguments.copy_text("web.route-prefix", spec.str("routePrefix"));
        arguments.copy_text("alert.query-url", spec.str("alertQueryUrl"));
    }

    /// Arguments whose values are files, most of them in Secrets.
    fn files(&self, parts: &mut Parts) {
        let spec = self.spec();
        let none = Value::Null;
        let config = format!("{}-config", self.base());
        let path = parts.mount_key(&config, REMOTE_WRITE, "remote-write-config");
        if self.version >= Version(0, 24, 0) && !spec.list("remoteWrite").is_empty() {
            parts.arguments.add("remote-write.config-file", path);
        }
        if !parts.file("query.config-file", &none, &spec["queryConfig"], "query-config") {
            spec.list("queryEndpoints").iter().for_each(|one| parts.arguments.copy("query", one));
        }
        let managers = &spec["alertmanagersConfig"];
        if !parts.file("alertmanagers.config-file", &none, managers, "alertmanager-config") {
            let urls = spec.list("alertmanagersUrl").iter();
            urls.for_each(|one| parts.arguments.copy("alertmanagers.url", one));
        }
        for (argument, file, secret, volume) in [
            (
                "objstore.config-file",
                "objectStorageConfigFile",
                "objectStorageConfig",
                "objstorage-config",
            ),
            ("tracing.config-file", "tracingConfigFile", "tracingConfig", "tracing-config"),
            (
                "alert.relabel-config-file",
                "alertRelabelConfigFile",
                "alertRelabelConfigs",
                "alertrelabel-config",
            ),
        ] {
            parts.file(argument, &spec[file], &spec[secret], volume);
        }
    }

    fn container(&self, arguments: Vec<String>, mounts: Vec<Value>) -> Value {
        let spec = self.spec();
        let tag = version::written(spec, version::THANOS);
        let mut resources = spec["resources"].clone();
        if resources.is_null() {
            resources = Value::map();
        }
        resources.entry("requests").set_default("memory", "200Mi");
        let mut ports = vec![port("grpc", GRPC_PORT)];
        if !spec.bool("listenLocal") {
            ports.push(port(self.port_name(), WEB_PORT));
        }
        let field = object! { "apiVersion": "v1", "fieldPath": "metadata.name" };
        let pod_name = object! { "name": "POD_NAME", "valueFrom": object! { "fieldRef": field } };
        let own = object! { "image": spec.str("image") };
        let mut container = object! {
            "name": "thanos-ruler",
            "image": image(&own, BASE_IMAGE, tag),
            "args": arguments.into_iter().map(Value::from).collect::<Vec<_>>(),
            "env": vec![pod_name],
            "ports": ports,
            "resources": resources,
            "volumeMounts": mounts,
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "securityContext": container_security(),
        };
        set_filled(&mut container, "imagePullPolicy", spec["imagePullPolicy"].clone());
        container
    }
}
