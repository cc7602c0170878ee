//! The parts of a job that ServiceMonitors, PodMonitors and Probes share.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go, pkg/namespacelabeler.

use kubernetes::object::Value;

use super::http::{number, scheme};
use super::{ConfigContext, Mode, relabel};
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

impl<'a> ConfigContext<'a> {
    pub fn honor(&self, job: &mut Entries, endpoint: &Field<'_>) {
        self.honor_labels(job, endpoint);
        self.honor_timestamps(job, endpoint);
        self.track_staleness(job, endpoint);
    }

    pub fn honor_labels(&self, job: &mut Entries, endpoint: &Field<'_>) {
        let field = endpoint.get("honorLabels");
        let labels = field.value.as_bool().unwrap_or(false);
        let honored = labels && !self.spec.value.bool("overrideHonorLabels");
        job.put("honor_labels", Tree::raw(honored).from(&field));
    }

    pub fn honor_timestamps(&self, job: &mut Entries, endpoint: &Field<'_>) {
        let field = endpoint.get("honorTimestamps");
        let overridden = self.spec.value.bool("overrideHonorTimestamps");
        if field.is_set() || overridden {
            let honored = field.value.as_bool().unwrap_or(false) && !overridden;
            job.put("honor_timestamps", Tree::raw(honored).from(&field));
        }
    }

    pub fn track_staleness(&self, job: &mut Entries, endpoint: &Field<'_>) {
        if self.version >= Version(2, 48, 0) {
            job.copy("track_timestamps_staleness", &endpoint.get("trackTimestampsStaleness"));
        }
    }

    /// Writes `kubernetes_sd_configs`. `selector` is set if the API server is to filter.
    pub fn kubernetes_sd(
        &self,
        job: &mut Entries,
        role: &str,
        namespaces: &Field<'_>,
        attach_metadata: &Field<'_>,
        selector: Option<(&Field<'_>, &[&str])>,
    ) {
        let own = namespaces.resource.namespace.to_string();
        self.kubernetes_sd_in(job, role, &own, namespaces, attach_metadata, selector);
    }

    /// As [`Self::kubernetes_sd`], with another namespace if the selector names none.
    pub fn kubernetes_sd_in(
        &self,
        job: &mut Entries,
        role: &str,
        own: &str,
        namespaces: &Field<'_>,
        attach_metadata: &Field<'_>,
        selector: Option<(&Field<'_>, &[&str])>,
    ) {
        let mut sd = Entries::default();
        sd.put("role", Tree::text(role));
        let names = namespaces.get("matchNames");
        let ignored = self.spec.value.bool("ignoreNamespaceSelectors");
        let names = if !ignored && namespaces.value.bool("any") {
            None
        } else if ignored || names.value.as_list().is_none_or(<[Value]>::is_empty) {
            Some(Tree::texts([own]).from(namespaces))
        } else {
            Some(Tree::copy(&names))
        };
        if let Some(names) = names {
            let mut entries = Entries::default();
            entries.put("names", names);
            sd.put("namespaces", entries.tree());
        }
        self.api_server(&mut sd);
        let attached_since = if role == "pod" { Version(2, 35, 0) } else { Version(2, 37, 0) };
        if attach_metadata.is_set() && self.version >= attached_since {
            let node = attach_metadata.get("node");
            let mut entries = Entries::default();
            let attached = node.value.as_bool().unwrap_or(false);
            entries.put("node", Tree::raw(attached).from(&node));
            sd.put("attach_metadata", entries.tree());
        }
        let mut selectors = Vec::new();
        if self.mode == Mode::DaemonSet {
            let mut entries = Entries::default();
            entries.put("role", Tree::text("pod"));
            entries.put("field", Tree::text("spec.nodeName=$(NODE_NAME)"));
            selectors.push(entries.tree());
        }
        if let Some((selector, roles)) = selector {
            let text = relabel::selector_text(selector);
            selectors.extend(roles.iter().map(|role| {
                let mut entries = Entries::default();
                entries.put("role", Tree::text(*role));
                entries.put("label", Tree::text(text.clone()).from(selector));
                entries.tree()
            }));
        }
        if !selectors.is_empty() {
            sd.put("selectors", Tree::list(selectors));
        }
        job.put("kubernetes_sd_configs", Tree::list(vec![sd.tree()]));
    }

    /// Writes the address of another API server and how to log in there.
    fn api_server(&self, sd: &mut Entries) {
        let config = self.spec.get("apiserverConfig");
        if !config.is_set() {
            return;
        }
        sd.copy("api_server", &config.get("host"));
        self.basic_auth(sd, &config);
        self.deprecated_tokens(sd, &config);
        self.authorization(sd, &config.get("authorization"));
        self.tls(sd, &config.get("tlsConfig"));
        self.proxy(sd, &config);
    }

    /// The role that finds the Endpoints of Services.
    pub fn endpoints_role(&self, own: &Field<'_>) -> &'static str {
        let role = if own.is_set() { own.clone() } else { self.spec.get("serviceDiscoveryRole") };
        let slices = role.text() == "EndpointSlice" && self.version >= Version(2, 21, 0);
        if slices { "endpointslice" } else { "endpoints" }
    }

    pub fn request(&self, job: &mut Entries, endpoint: &Field<'_>) {
        job.copy_text("scrape_interval", &endpoint.get("interval"));
        job.copy_text("scrape_timeout", &endpoint.get("scrapeTimeout"));
        job.copy_text("metrics_path", &endpoint.get("path"));
        job.copy_map("params", &endpoint.get("params"));
        scheme(job, &endpoint.get("scheme"));
    }

    /// Writes the limits that the monitor sets, capped by the enforced ones, and what else
    /// follows them in a job. `body` is false for Probes, which have no such field.
    pub fn limits(&self, job: &mut Entries, monitor: &Field<'_>, class: &Field<'_>, body: bool) {
        self.capped_limits(job, monitor);
        self.histograms(job, monitor);
        self.scrape_protocols(job, monitor, class);
        if body {
            self.body_size(job, &monitor.get("bodySizeLimit"));
        } else if self.version >= Version(2, 28, 0) {
            job.copy_text("body_size_limit", &self.spec.get("enforcedBodySizeLimit"));
        }
    }

    pub fn capped_limits(&self, job: &mut Entries, monitor: &Field<'_>) {
        for (key, name, since) in LIMITS {
            if self.version < *since {
                continue;
            }
            let enforced = self.spec.get(&enforced_name(name));
            let field = monitor.get(name);
            match (field.value.as_int(), enforced.value.as_int().unwrap_or(0)) {
                (_, 0) => job.copy(key, &field),
                (None | Some(0), _) if self.version >= Version(2, 45, 0) => {}
                (Some(own), limit) if own != 0 && own < limit => job.copy(key, &field),
                _ => job.copy(key, &enforced),
            }
        }
    }

    pub fn scrape_protocols(&self, job: &mut Entries, monitor: &Field<'_>, class: &Field<'_>) {
        let protocols = monitor.get("scrapeProtocols");
        if !monitor.value.list("scrapeProtocols").is_empty() && self.version >= Version(2, 49, 0) {
            job.put("scrape_protocols", self.protocols(&protocols));
        }
        if self.version >= Version(3, 0, 0) {
            let own = monitor.get("fallbackScrapeProtocol");
            let used = if own.is_set() { own } else { class.get("fallbackScrapeProtocol") };
            job.copy("fallback_scrape_protocol", &used);
        }
    }

    pub fn protocols(&self, field: &Field<'_>) -> Tree {
        let known = |one: &Field<'_>| {
            one.text() != "PrometheusText1.0.0" || self.version >= Version(3, 0, 0)
        };
        let items = field.items();
        Tree::list(items.iter().filter(|one| known(one)).map(Tree::copy).collect()).from(field)
    }

    pub fn histograms(&self, job: &mut Entries, monitor: &Field<'_>) {
        let since = |version: Version| self.version >= version;
        let classic = if since(Version(3, 0, 0)) {
            "always_scrape_classic_histograms"
        } else {
            "scrape_classic_histograms"
        };
        for (key, name, known) in [
            ("scrape_native_histograms", "scrapeNativeHistograms", since(Version(3, 8, 0))),
            (
                "native_histogram_bucket_limit",
                "nativeHistogramBucketLimit",
                since(Version(2, 45, 0)),
            ),
            (
                "native_histogram_min_bucket_factor",
                "nativeHistogramMinBucketFactor",
                since(Version(2, 50, 0)),
            ),
            (classic, "scrapeClassicHistograms", since(Version(2, 45, 0))),
            (
                "convert_classic_histograms_to_nhcb",
                "convertClassicHistogramsToNHCB",
                since(Version(3, 0, 0)),
            ),
        ] {
            let field = monitor.get(name);
            if known {
                number(job, key, &field);
            }
        }
    }

    pub fn body_size(&self, job: &mut Entries, own: &Field<'_>) {
        let enforced = self.spec.get("enforcedBodySizeLimit");
        let bytes = |field: &Field<'_>| byte_size(field.text());
        let used = match (bytes(own), bytes(&enforced)) {
            (_, None) => own,
            (Some(own_bytes), Some(limit)) if own_bytes <= limit => own,
            _ => &enforced,
        };
        if self.version >= Version(2, 28, 0) {
            job.copy_text("body_size_limit", used);
        }
    }

    /// Returns a user's rules and, where enforced, the rule that sets the namespace label.
    pub fn user_rules(&self, rules: &Field<'_>) -> Vec<Tree> {
        let mut written = relabel::user(rules);
        let label = self.spec.get("enforcedNamespaceLabel");
        if !label.text().is_empty() && !self.is_excluded(rules) {
            let namespace = &*rules.resource.namespace;
            let pairs = [("target_label", label.text()), ("replacement", namespace)];
            written.push(relabel::rule(&pairs).from(&label));
        }
        written
    }

    fn is_excluded(&self, of: &Field<'_>) -> bool {
        let resource = match &*of.resource.kind {
            "ServiceMonitor" => "servicemonitors",
            "PodMonitor" => "podmonitors",
            "Probe" => "probes",
            _ => "scrapeconfigs",
        };
        self.spec.value.list("excludedFromEnforcement").iter().any(|one| {
            one.str("resource") == resource
                && one.str("namespace") == &*of.resource.namespace
                && (one.str("name").is_empty() || one.str("name") == &*of.resource.name)
        })
    }

    pub fn metric_rules(&self, job: &mut Entries, class: &Field<'_>, rules: &Field<'_>) {
        let mut written = relabel::user(&class.get("metricRelabelings"));
        written.extend(self.user_rules(rules));
        if !written.is_empty() {
            job.put("metric_relabel_configs", Tree::list(written).from(rules));
        }
    }
}

/// Limits of a job: key, field of the monitor, the version that knows the key.
pub static LIMITS: &[(&str, &str, Version)] = &[
    ("sample_limit", "sampleLimit", Version(0, 0, 0)),
    ("target_limit", "targetLimit", Version(2, 21, 0)),
    ("label_limit", "labelLimit", Version(2, 27, 0)),
    ("label_name_length_limit", "labelNameLengthLimit", Version(2, 27, 0)),
    ("label_value_length_limit", "labelValueLengthLimit", Version(2, 27, 0)),
    ("keep_dropped_targets", "keepDroppedTargets", Version(2, 47, 0)),
];

/// `sampleLimit` to `enforcedSampleLimit`.
pub fn enforced_name(name: &str) -> String {
    let mut rest = name.chars();
    let first = rest.next().map(|c| c.to_ascii_uppercase());
    format!("enforced{}{}", first.map(String::from).unwrap_or_default(), rest.as_str())
}

/// Reads a size such as `10MB`, all units powers of 1024. Returns None if it is empty or unknown.
pub fn byte_size(text: &str) -> Option<f64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split)?;
    let power = match unit.trim_end_matches('B').trim_end_matches('i') {
        "" => 0,
        "K" | "k" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        "P" => 5,
        "E" => 6,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * 1024f64.powi(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_names() {
        for (text, expected) in [
            ("", None),
            ("0", Some(0.0)),
            ("1KB", Some(1024.0)),
            ("10MB", Some(10_485_760.0)),
            ("10MiB", Some(10_485_760.0)),
            ("512B", Some(512.0)),
            ("5X", None),
        ] {
            assert_eq!(byte_size(text), expected, "{text}");
        }
        assert_eq!(enforced_name("sampleLimit"), "enforcedSampleLimit");
    }
}
