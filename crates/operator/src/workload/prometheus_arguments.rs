//! The arguments of a Prometheus server or agent.

use kubernetes::object::Value;

use super::arguments::Arguments;
use super::prometheus::{ENVSUBST_FILE, Pods, STORAGE};
use crate::prometheus::{Mode, message_name};
use crate::version::Version;

impl Pods<'_> {
    /// The arguments of Prometheus.
    pub(super) fn arguments(&self) -> Arguments {
        let mut arguments = self.common_arguments();
        if self.context.mode == Mode::Server {
            self.server_arguments(&mut arguments);
            return arguments;
        }
        if self.since(Version(3, 0, 0)) {
            arguments.add("agent", "");
        } else {
            arguments.add("enable-feature", "agent");
        }
        arguments.add("storage.agent.path", STORAGE);
        if let Some(on) = self.spec()["walCompression"].as_bool() {
            let name = if on {
                "storage.agent.wal-compression"
            } else {
                "no-storage.agent.wal-compression"
            };
            arguments.add(name, "");
        }
        arguments
    }

    /// Source: pkg/prometheus/promcfg.go BuildCommonPrometheusArgs.
    fn common_arguments(&self) -> Arguments {
        let spec = self.spec();
        let mut arguments = Arguments::default();
        arguments.add("config.file", ENVSUBST_FILE);
        if !self.since(Version(3, 0, 0)) {
            arguments.add("web.console.templates", "/etc/prometheus/consoles");
            arguments.add("web.console.libraries", "/etc/prometheus/console_libraries");
        }
        if spec.str("reloadStrategy") != "ProcessSignal" {
            arguments.add("web.enable-lifecycle", "");
        }
        arguments.copy("web.page-title", &spec["web"]["pageTitle"]);
        arguments.copy("web.max-connections", &spec["web"]["maxConnections"]);
        self.receiver_arguments(&mut arguments);
        let features: Vec<&str> =
            spec.list("enableFeatures").iter().filter_map(Value::as_str).collect();
        if !features.is_empty() && self.since(Version(2, 25, 0)) {
            arguments.add("enable-feature", features.join(","));
        }
        let xor2 = spec["tsdb"]["chunkEncoding"].str("floats") == "Xor2";
        if xor2 && !features.contains(&"xor2-encoding") && self.since(Version(3, 13, 0)) {
            arguments.add("enable-feature", "xor2-encoding");
        }
        arguments.copy_text("web.external-url", spec.str("externalUrl"));
        arguments.add("web.route-prefix", self.route_prefix());
        let (level, format) = (spec.str("logLevel"), spec.str("logFormat"));
        arguments.copy_text("log.level", if level == "info" { "" } else { level });
        arguments.copy_text("log.format", if format == "logfmt" { "" } else { format });
        if spec.bool("listenLocal") {
            arguments.add("web.listen-address", "127.0.0.1:9090");
        }
        arguments
    }

    fn receiver_arguments(&self, arguments: &mut Arguments) {
        let spec = self.spec();
        if spec.bool("enableRemoteWriteReceiver") && self.since(Version(2, 33, 0)) {
            arguments.add("web.enable-remote-write-receiver", "");
            let versions = spec.list("remoteWriteReceiverMessageVersions");
            let versions: Vec<&str> =
                versions.iter().filter_map(Value::as_str).map(message_name).collect();
            if !versions.is_empty() && self.since(Version(2, 54, 0)) {
                let name = "web.remote-write-receiver.accepted-protobuf-messages";
                arguments.add(name, versions.join(","));
            }
        }
        let writes = spec.list("remoteWrite").iter();
        let second = writes.filter(|one| one.str("messageVersion") == "V2.0").count() > 0;
        if second && self.since(Version(2, 54, 0)) && !self.since(Version(3, 4, 0)) {
            arguments.add("enable-feature", "metadata-wal-records");
        }
        let otlp = spec["enableOTLPReceiver"].as_bool();
        if otlp.unwrap_or(!spec["otlp"].is_null()) {
            if self.since(Version(3, 0, 0)) {
                arguments.add("web.enable-otlp-receiver", "");
            } else if self.since(Version(2, 47, 0)) {
                arguments.add("enable-feature", "otlp-write-receiver");
            }
        }
    }

    /// Source: pkg/prometheus/server/statefulset.go buildServerArgs.
    fn server_arguments(&self, arguments: &mut Arguments) {
        let spec = self.spec();
        if !self.since(Version(3, 11, 0)) {
            let (time, size) = (spec.str("retention"), spec.str("retentionSize"));
            if self.since(Version(2, 7, 0)) {
                let default = if size.is_empty() { "24h" } else { "" };
                let time = if time.is_empty() { default } else { time };
                arguments.copy_text("storage.tsdb.retention.time", time);
                arguments.copy_text("storage.tsdb.retention.size", size);
            } else {
                let time = if time.is_empty() { "24h" } else { time };
                arguments.add("storage.tsdb.retention", time);
            }
        }
        arguments.add("storage.tsdb.path", STORAGE);
        if spec.bool("enableAdminAPI") {
            arguments.add("web.enable-admin-api", "");
        }
        let alert = &spec["rules"]["alert"];
        for (name, field) in [
            ("rules.alert.for-outage-tolerance", "forOutageTolerance"),
            ("rules.alert.for-grace-period", "forGracePeriod"),
            ("rules.alert.resend-delay", "resendDelay"),
        ] {
            arguments.copy_text(name, alert.str(field));
        }
        let query = &spec["query"];
        arguments.copy("query.lookback-delta", &query["lookbackDelta"]);
        arguments.copy_positive("query.max-samples", &query["maxSamples"]);
        arguments.copy_positive("query.max-concurrency", &query["maxConcurrency"]);
        arguments.copy("query.timeout", &query["timeout"]);
        let overlapping = self.since(Version(2, 11, 0)) && !self.since(Version(2, 39, 0));
        if spec.bool("allowOverlappingBlocks") && overlapping {
            arguments.add("storage.tsdb.allow-overlapping-blocks", "");
        }
        if let Some(on) = spec["walCompression"].as_bool()
            && self.since(Version(2, 11, 0))
        {
            let name =
                if on { "storage.tsdb.wal-compression" } else { "no-storage.tsdb.wal-compression" };
            arguments.add(name, "");
        }
    }
}
