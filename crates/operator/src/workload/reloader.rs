//! The container that writes the configuration of a pod and asks its program to reload.
//!
//! Source: prometheus-operator pkg/operator/config_reloader.go.

use kubernetes::object::Value;

use super::{container_security, port, probe_handler, set_filled};
use crate::options::Options;

/// The input of a config reloader.
#[derive(Clone, Debug, Default)]
pub struct Reloader<'a> {
    pub init: bool,
    pub config_file: &'a str,
    /// The configuration with variables replaced; empty if nothing is replaced.
    pub envsubst_file: &'a str,
    pub watched: Vec<String>,
    pub mounts: Vec<Value>,
    pub web_config_file: String,
    pub reload_url: String,
    /// The URL of the program's start time, if reloads are requested by a signal.
    pub runtime_info_url: Option<String>,
    pub listen_local: bool,
    pub shard: Option<i64>,
    pub zone: Option<&'a str>,
    pub inzone_shard: Option<i64>,
    pub node_name: bool,
}

fn from_field(name: &str, path: &str) -> Value {
    let field = object! { "apiVersion": "v1", "fieldPath": path };
    object! { "name": name, "valueFrom": object! { "fieldRef": field } }
}

impl Reloader<'_> {
    /// The container. `spec` has the log settings and the pull policy.
    pub fn container(&self, spec: &Value, options: &Options) -> Value {
        let mut container = object! {
            "name": if self.init { "init-config-reloader" } else { "config-reloader" },
            "image": &*options.reloader_image,
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "env": self.environment(),
            "command": &["/bin/prometheus-config-reloader"][..],
            "args": self.arguments(spec).into_iter().map(Value::from).collect::<Vec<_>>(),
            "resources": resources(options),
            "securityContext": container_security(),
        };
        set_filled(&mut container, "imagePullPolicy", spec["imagePullPolicy"].clone());
        set_filled(&mut container, "volumeMounts", self.mounts.clone());
        if !self.listen_local {
            let named =
                if self.init { port("reloader-init", 8081) } else { port("reloader-web", 8080) };
            container.set("ports", vec![named]);
        }
        if !self.init && options.reloader_probes {
            let probe = probe_handler(self.listen_local, "/healthz", 8080, 8080, false);
            for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
                container.set(key, probe.clone());
            }
        }
        container
    }

    fn environment(&self) -> Vec<Value> {
        let mut variables = vec![from_field("POD_NAME", "metadata.name")];
        if self.node_name {
            variables.push(from_field("NODE_NAME", "spec.nodeName"));
        }
        let shard = self.shard.map(|shard| shard.to_string());
        let inzone = self.inzone_shard.map(|shard| shard.to_string());
        for (name, value) in [
            ("SHARD", shard.as_deref()),
            ("TOPOLOGY_ZONE", self.zone),
            ("INZONE_SHARD", inzone.as_deref()),
        ] {
            if let Some(value) = value {
                variables.push(object! { "name": name, "value": value });
            }
        }
        variables
    }

    fn arguments(&self, spec: &Value) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.init {
            arguments.push("--watch-interval=0".to_owned());
        }
        arguments.push(match (self.listen_local, self.init) {
            (true, _) => "--listen-address=localhost:8080".to_owned(),
            (false, true) => "--listen-address=:8081".to_owned(),
            (false, false) => "--listen-address=:8080".to_owned(),
        });
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                arguments.push(format!("--{name}={value}"));
            }
        };
        add("web-config-file", &self.web_config_file);
        if let Some(url) = &self.runtime_info_url {
            add("reload-method", "signal");
            add("runtimeinfo-url", url);
        } else {
            add("reload-url", &self.reload_url);
        }
        add("config-file", self.config_file);
        add("config-envsubst-file", self.envsubst_file);
        let folder = self.config_file.rsplit_once('/').map_or("", |(folder, _)| folder);
        for watched in &self.watched {
            add("watched-dir", watched);
        }
        if !self.watched.iter().any(|one| one == folder) {
            add("watched-dir", folder);
        }
        let (level, format) = (spec.str("logLevel"), spec.str("logFormat"));
        add("log-level", if level == "info" { "" } else { level });
        add("log-format", if format == "logfmt" { "" } else { format });
        arguments
    }
}

/// The resources of the flags. A quantity of 0 means none.
fn resources(options: &Options) -> Value {
    let of = |cpu: &str, memory: &str| {
        let mut amounts = Value::map();
        for (name, amount) in [("cpu", cpu), ("memory", memory)] {
            if !matches!(amount, "" | "0") {
                amounts.set(name, amount);
            }
        }
        amounts
    };
    let mut resources = Value::map();
    set_filled(&mut resources, "limits", of(&options.reloader_cpu.1, &options.reloader_memory.1));
    set_filled(&mut resources, "requests", of(&options.reloader_cpu.0, &options.reloader_memory.0));
    resources
}
