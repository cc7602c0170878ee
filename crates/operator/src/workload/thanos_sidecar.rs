//! The Thanos sidecar of a Prometheus server.
//!
//! Source: prometheus-operator pkg/prometheus/server/statefulset.go createThanosContainer.

use kubernetes::object::Value;

use super::arguments::Arguments;
use super::prometheus::Pods;
use super::volumes::{mount, secret_volume};
use super::{container_security, copy, image, set_filled};
use crate::store::Checked;
use crate::version::{self, Version};

const BASE_IMAGE: &str = "quay.io/thanos/thanos";
const CLIENT_FILE: &str = "thanos-prometheus-http-client-file";
const META_FILE: &str = "thanos.shipper.json";

/// Compaction of blocks while a sidecar uploads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compaction {
    Default,
    Disabled,
    /// Blocks are compacted after they were uploaded.
    Delayed,
}

fn thanos_version(thanos: &Value) -> Checked<Version> {
    Version::parse(version::written(thanos, version::THANOS))
        .map_err(|error| format!("failed to parse Thanos version: {error}"))
}

/// Returns how a Prometheus of this spec compacts.
pub fn compaction(spec: &Value, prometheus: Version) -> Checked<Compaction> {
    if spec.bool("disableCompaction") {
        return Ok(Compaction::Disabled);
    }
    let thanos = &spec["thanos"];
    let stored = ["objectStorageConfig", "objectStorageConfigFile"];
    if stored.iter().all(|field| thanos[*field].is_null()) {
        return Ok(Compaction::Default);
    }
    let delayed = prometheus >= Version(3, 9, 0) && thanos_version(thanos)? >= Version(0, 41, 0);
    Ok(if delayed { Compaction::Delayed } else { Compaction::Disabled })
}

impl Compaction {
    /// Adds the arguments of Prometheus.
    pub fn arguments(self, arguments: &mut Arguments, spec: &Value, prometheus: Version) {
        match self {
            Self::Default => return,
            Self::Disabled => {
                let size = spec["thanos"].str("blockSize");
                let size = if size.is_empty() { "2h" } else { size };
                arguments.add("storage.tsdb.max-block-duration", size);
                arguments.add("storage.tsdb.min-block-duration", size);
            }
            Self::Delayed => {
                let path = format!("/prometheus/{META_FILE}");
                arguments.add("storage.tsdb.delay-compact-file.path", path);
            }
        }
        let out_of_order = !spec["tsdb"]["outOfOrderTimeWindow"].is_null();
        if out_of_order && prometheus >= Version(2, 55, 0) {
            arguments.add("no-storage.tsdb.allow-overlapping-compaction", "");
        }
    }
}

/// Returns the container and its volumes; None without a sidecar.
pub fn container(pods: &Pods<'_>, compaction: Compaction) -> Checked<Option<(Value, Vec<Value>)>> {
    let spec = pods.spec();
    let thanos = &spec["thanos"];
    if thanos.is_null() {
        return Ok(None);
    }
    let version = thanos_version(thanos)?;
    let tag = version::written(thanos, version::THANOS);
    let mut container = object! {
        "name": "thanos-sidecar",
        "image": image(thanos, BASE_IMAGE, tag),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": container_security(),
        "ports": vec![
            object! { "name": "http", "containerPort": 10902 },
            object! { "name": "grpc", "containerPort": 10901 },
        ],
    };
    set_filled(&mut container, "imagePullPolicy", spec["imagePullPolicy"].clone());
    copy(&mut container, "resources", &thanos["resources"]);
    let mut arguments = addresses(pods, thanos, version);
    let (mut mounts, mut environment) = (Vec::new(), Vec::new());
    for one in thanos.list("volumeMounts") {
        mounts.push(mount(one.str("name"), one.str("mountPath")));
    }
    if object_storage(thanos, &mut arguments, &mut environment) {
        arguments.add("tsdb.path", "/prometheus");
        mounts.push(pods.data_mount());
        if compaction == Compaction::Delayed {
            arguments.add("shipper.meta-file-name", META_FILE);
            arguments.add("shipper.ignore-unequal-block-size", "");
        }
    }
    tracing(thanos, &mut arguments, &mut environment);
    logs_and_times(spec, version, &mut arguments);
    let mut volumes = Vec::new();
    if version >= Version(0, 24, 0) {
        let path = "/etc/thanos/config";
        let file = format!("{path}/prometheus.http-client-file.yaml");
        arguments.add("prometheus.http-client-file", file);
        mounts.push(mount(CLIENT_FILE, path));
        volumes.push(secret_volume(CLIENT_FILE, &format!("{}-{CLIENT_FILE}", pods.names.base)));
    }
    let built = arguments.build(thanos.list("additionalArgs"))?;
    let arguments: Vec<Value> =
        std::iter::once("sidecar".to_owned()).chain(built).map(Value::from).collect();
    container.set("args", arguments);
    set_filled(&mut container, "volumeMounts", mounts);
    set_filled(&mut container, "env", environment);
    Ok(Some((container, volumes)))
}

fn tracing(thanos: &Value, arguments: &mut Arguments, environment: &mut Vec<Value>) {
    if !thanos.str("tracingConfigFile").is_empty() {
        arguments.copy("tracing.config-file", &thanos["tracingConfigFile"]);
    } else if !thanos["tracingConfig"].is_null() {
        arguments.add("tracing.config", "$(TRACING_CONFIG)");
        environment.push(from_secret("TRACING_CONFIG", &thanos["tracingConfig"]));
    }
}

/// Sets the arguments about logs, and the times after which the sidecar gives up.
fn logs_and_times(spec: &Value, version: Version, arguments: &mut Arguments) {
    let thanos = &spec["thanos"];
    let or = |field: &str| {
        let own = thanos.str(field);
        if own.is_empty() { spec.str(field) } else { own }
    };
    arguments.copy_text("log.level", or("logLevel"));
    arguments.copy_text("log.format", or("logFormat"));
    arguments.copy_text("min-time", thanos.str("minTime"));
    arguments.copy_text("prometheus.ready_timeout", thanos.str("readyTimeout"));
    if version >= Version(0, 29, 0) {
        arguments.copy_text("prometheus.get_config_timeout", thanos.str("getConfigTimeout"));
        arguments.copy_text("prometheus.get_config_interval", thanos.str("getConfigInterval"));
    }
}

/// A variable of the environment with a value from a Secret.
fn from_secret(name: &str, reference: &Value) -> Value {
    let source = object! { "secretKeyRef": reference.clone() };
    object! { "name": name, "valueFrom": source }
}

/// Adds the configuration of the object storage. Returns false if there is none.
fn object_storage(thanos: &Value, arguments: &mut Arguments, environment: &mut Vec<Value>) -> bool {
    let (config, file) = (&thanos["objectStorageConfig"], &thanos["objectStorageConfigFile"]);
    if !file.is_null() {
        arguments.copy("objstore.config-file", file);
    } else if !config.is_null() {
        arguments.add("objstore.config", "$(OBJSTORE_CONFIG)");
        environment.push(from_secret("OBJSTORE_CONFIG", config));
    }
    !config.is_null() || !file.is_null()
}

fn addresses(pods: &Pods<'_>, thanos: &Value, version: Version) -> Arguments {
    let local = |field: &str| {
        let bound = thanos.bool("listenLocal") || thanos.bool(field);
        if bound { "127.0.0.1" } else { "" }
    };
    let mut arguments = Arguments::default();
    arguments.add("prometheus.url", pods.local_url());
    arguments.add("grpc-address", format!("{}:10901", local("grpcListenLocal")));
    arguments.add("http-address", format!("{}:10902", local("httpListenLocal")));
    grpc_tls(&mut arguments, &thanos["grpcServerTlsConfig"], version);
    arguments
}

/// Adds the arguments for TLS of the gRPC server.
pub fn grpc_tls(arguments: &mut Arguments, tls: &Value, version: Version) {
    arguments.copy_text("grpc-server-tls-cert", tls.str("certFile"));
    arguments.copy_text("grpc-server-tls-key", tls.str("keyFile"));
    arguments.copy_text("grpc-server-tls-client-ca", tls.str("caFile"));
    let least = match tls.str("minVersion") {
        "TLS10" => "1.0",
        "TLS11" => "1.1",
        "TLS12" => "1.2",
        "TLS13" => "1.3",
        _ => "",
    };
    if version >= Version(0, 37, 0) {
        arguments.copy_text("grpc-server-tls-min-version", least);
    }
    if version >= Version(0, 42, 0) {
        for (name, field) in
            [("grpc-server-tls-ciphers", "cipherSuites"), ("grpc-server-tls-curves", "curves")]
        {
            let list: Vec<&str> = tls.list(field).iter().filter_map(Value::as_str).collect();
            arguments.copy_text(name, &list.join(","));
        }
    }
}
