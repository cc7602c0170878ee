//! The parts of a job that ServiceMonitors, PodMonitors and Probes share.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go, pkg/namespacelabeler.

use kubernetes::object::Value;

use crate::relabel;
use crate::store::{Missing, Store, tls_asset};
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

/// What all jobs of one Prometheus object are made with.
#[derive(Debug)]
pub struct Context<'a> {
    /// `spec` of the Prometheus object.
    pub spec: Field<'a>,
    pub version: Version,
    pub store: Store<'a>,
}

type Done = Result<(), Missing>;

impl<'a> Context<'a> {
    pub fn shards(&self) -> i64 {
        self.spec.value["shards"].as_int().filter(|shards| *shards > 0).unwrap_or(1)
    }

    /// Returns the scrape class of a monitor: the one it names, else the default one.
    pub fn scrape_class(&self, monitor: &Field<'a>) -> Field<'a> {
        let classes = self.spec.get("scrapeClasses").items();
        let wanted = monitor.value["scrapeClass"].as_str();
        let named = classes.iter().find(|one| wanted == Some(one.value.str("name")));
        let default = classes.iter().find(|one| one.value.bool("default"));
        named.or(default).cloned().unwrap_or_else(|| self.spec.get("scrapeClasses").get(""))
    }

    pub fn honor(&self, job: &mut Entries, endpoint: &Field<'_>) {
        let field = endpoint.get("honorLabels");
        let labels = field.value.as_bool().unwrap_or(false);
        let honored = labels && !self.spec.value.bool("overrideHonorLabels");
        job.put("honor_labels", Tree::raw(honored).from(&field));
        let field = endpoint.get("honorTimestamps");
        let overridden = self.spec.value.bool("overrideHonorTimestamps");
        if field.is_set() || overridden {
            let honored = field.value.as_bool().unwrap_or(false) && !overridden;
            job.put("honor_timestamps", Tree::raw(honored).from(&field));
        }
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
        let mut sd = Entries::default();
        sd.put("role", Tree::text(role));
        let own = &*namespaces.resource.namespace;
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
        if attach_metadata.is_set() && self.version >= Version(2, 37, 0) {
            let node = attach_metadata.get("node");
            let mut entries = Entries::default();
            let attached = node.value.as_bool().unwrap_or(false);
            entries.put("node", Tree::raw(attached).from(&node));
            sd.put("attach_metadata", entries.tree());
        }
        if let Some((selector, roles)) = selector {
            let text = relabel::selector_text(selector);
            let items = roles.iter().map(|role| {
                let mut entries = Entries::default();
                entries.put("role", Tree::text(*role));
                entries.put("label", Tree::text(text.clone()).from(selector));
                entries.tree()
            });
            sd.put("selectors", Tree::list(items.collect()));
        }
        job.put("kubernetes_sd_configs", Tree::list(vec![sd.tree()]));
    }

    pub fn request(&self, job: &mut Entries, endpoint: &Field<'_>) {
        job.copy_text("scrape_interval", &endpoint.get("interval"));
        job.copy_text("scrape_timeout", &endpoint.get("scrapeTimeout"));
        job.copy_text("metrics_path", &endpoint.get("path"));
        job.copy("params", &endpoint.get("params"));
        scheme(job, &endpoint.get("scheme"));
    }

    pub fn http_options(&self, job: &mut Entries, endpoint: &Field<'_>) {
        if self.version >= Version(2, 26, 0) {
            job.copy("follow_redirects", &endpoint.get("followRedirects"));
        }
        if self.version >= Version(2, 35, 0) {
            job.copy("enable_http2", &endpoint.get("enableHttp2"));
        }
    }

    pub fn proxy(&self, job: &mut Entries, config: &Field<'_>) -> Done {
        job.copy("proxy_url", &config.get("proxyUrl"));
        if self.version < Version(2, 43, 0) {
            return Ok(());
        }
        job.copy("no_proxy", &config.get("noProxy"));
        job.copy("proxy_from_environment", &config.get("proxyFromEnvironment"));
        let headers = config.get("proxyConnectHeader");
        if headers.is_set() {
            let mut entries = Entries::default();
            for (name, secrets) in headers.entries() {
                let values: Result<Vec<String>, Missing> =
                    secrets.items().iter().map(|one| self.store.secret(one)).collect();
                entries.put(&name, Tree::texts(values?).from(&secrets));
            }
            job.put("proxy_connect_header", entries.tree());
        }
        Ok(())
    }

    /// Writes `tls_config` from the endpoint, completed with the files of the scrape class.
    pub fn tls(&self, job: &mut Entries, tls: &Field<'_>, class: &Field<'_>) -> Done {
        let class = class.get("tlsConfig");
        // An empty `tlsConfig` counts as absent, but not in a ServiceMonitor.
        let own = tls
            .value
            .as_map()
            .is_some_and(|map| !map.is_empty() || &*tls.resource.kind == "ServiceMonitor");
        if own {
            self.tls_config(job, tls, &class)
        } else if class.is_set() {
            self.tls_config(job, &class, &class.get(""))
        } else {
            Ok(())
        }
    }

    fn tls_config(&self, job: &mut Entries, tls: &Field<'_>, class: &Field<'_>) -> Done {
        let mut config = Entries::default();
        config.copy("insecure_skip_verify", &tls.get("insecureSkipVerify"));
        let parts = [("ca_file", "ca"), ("cert_file", "cert"), ("key_file", "keySecret")];
        for (key, field) in parts {
            let reference = tls.get(field);
            if reference.value.as_map().is_none_or(kubernetes::object::Map::is_empty) {
                continue;
            }
            if field == "keySecret" {
                self.store.secret(&reference)?;
            } else {
                self.store.secret_or_config_map(&reference)?;
            }
            config.put(key, Tree::text(tls_asset(&reference)).from(&reference));
        }
        config.copy_text("server_name", &tls.get("serverName"));
        if self.version >= Version(2, 35, 0) {
            config.copy("min_version", &tls.get("minVersion"));
        }
        if self.version >= Version(2, 41, 0) {
            config.copy("max_version", &tls.get("maxVersion"));
        }
        for (key, field, reference) in [
            ("ca_file", "caFile", "ca"),
            ("cert_file", "certFile", "cert"),
            ("key_file", "keyFile", "keySecret"),
        ] {
            let own = tls.get(field);
            if !own.text().is_empty() {
                config.copy_text(key, &own);
            } else if !tls.get(reference).is_set() {
                config.copy_text(key, &class.get(field));
            }
        }
        job.put("tls_config", config.tree().from(tls));
        Ok(())
    }

    pub fn bearer_token(&self, job: &mut Entries, endpoint: &Field<'_>) -> Done {
        let secret = endpoint.get("bearerTokenSecret");
        if secret.value.str("name").is_empty() {
            return Ok(());
        }
        self.store.put(job, "bearer_token", &secret)
    }

    pub fn basic_auth(&self, job: &mut Entries, endpoint: &Field<'_>) -> Done {
        let field = endpoint.get("basicAuth");
        if !field.is_set() {
            return Ok(());
        }
        let mut auth = Entries::default();
        self.store.put(&mut auth, "username", &field.get("username"))?;
        self.store.put(&mut auth, "password", &field.get("password"))?;
        job.put("basic_auth", auth.tree().from(&field));
        Ok(())
    }

    pub fn oauth2(&self, job: &mut Entries, endpoint: &Field<'_>) -> Done {
        let field = endpoint.get("oauth2");
        if !field.is_set() {
            return Ok(());
        }
        let mut auth = Entries::default();
        let client = field.get("clientId");
        auth.put("client_id", Tree::text(self.store.secret_or_config_map(&client)?).from(&client));
        self.store.put(&mut auth, "client_secret", &field.get("clientSecret"))?;
        auth.copy("token_url", &field.get("tokenUrl"));
        if !field.value.list("scopes").is_empty() {
            auth.copy("scopes", &field.get("scopes"));
        }
        if field.get("endpointParams").value.as_map().is_some_and(|map| !map.is_empty()) {
            auth.copy("endpoint_params", &field.get("endpointParams"));
        }
        if self.version >= Version(2, 43, 0) {
            self.proxy(&mut auth, &field)?;
            let tls = field.get("tlsConfig");
            if tls.is_set() {
                self.tls_config(&mut auth, &tls, &tls.get(""))?;
            }
        }
        job.put("oauth2", auth.tree().from(&field));
        Ok(())
    }

    pub fn authorization(
        &self,
        job: &mut Entries,
        endpoint: &Field<'_>,
        class: &Field<'_>,
    ) -> Done {
        let own = endpoint.get("authorization");
        let class = class.get("authorization");
        let has_own = own.value.as_map().is_some_and(|map| !map.is_empty());
        let used = if has_own { &own } else { &class };
        if !used.is_set() {
            return Ok(());
        }
        let mut auth = Entries::default();
        let kind = used.get("type");
        let name = if kind.text().is_empty() { "Bearer" } else { kind.text().trim() };
        auth.put("type", Tree::text(name).from(&kind));
        let mut credentials = used.get("credentials");
        if !credentials.is_set() && has_own {
            credentials = class.get("credentials");
        }
        let file = used.get("credentialsFile");
        if credentials.is_set() {
            self.store.put(&mut auth, "credentials", &credentials)?;
        } else if has_own && file.text().is_empty() {
            auth.copy_text("credentials_file", &class.get("credentialsFile"));
        }
        auth.copy_text("credentials_file", &file);
        job.put("authorization", auth.tree().from(used));
        Ok(())
    }

    /// Writes the limits that the monitor sets, capped by the enforced ones, and what else
    /// follows them in a job. `body_size` is false for Probes, which have no such field.
    pub fn limits(&self, job: &mut Entries, monitor: &Field<'_>, class: &Field<'_>, body: bool) {
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
        self.histograms(job, monitor);
        let protocols = monitor.get("scrapeProtocols");
        if !monitor.value.list("scrapeProtocols").is_empty() && self.version >= Version(2, 49, 0) {
            job.put("scrape_protocols", self.protocols(&protocols));
        }
        if self.version >= Version(3, 0, 0) {
            let own = monitor.get("fallbackScrapeProtocol");
            let used = if own.is_set() { own } else { class.get("fallbackScrapeProtocol") };
            job.copy("fallback_scrape_protocol", &used);
        }
        if body {
            self.body_size(job, &monitor.get("bodySizeLimit"));
        } else if self.version >= Version(2, 28, 0) {
            job.copy_text("body_size_limit", &self.spec.get("enforcedBodySizeLimit"));
        }
    }

    pub fn protocols(&self, field: &Field<'_>) -> Tree {
        let known = |one: &Field<'_>| {
            one.text() != "PrometheusText1.0.0" || self.version >= Version(3, 0, 0)
        };
        let items = field.items();
        Tree::list(items.iter().filter(|one| known(one)).map(Tree::copy).collect()).from(field)
    }

    fn histograms(&self, job: &mut Entries, monitor: &Field<'_>) {
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
            match (known, field.value) {
                (false, _) => {}
                // A quantity is written as a number.
                (true, Value::String(text)) => job.put(key, Tree::raw(text).from(&field)),
                (true, _) => job.copy(key, &field),
            }
        }
    }

    fn body_size(&self, job: &mut Entries, own: &Field<'_>) {
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

/// Writes the scheme in lower case, as Prometheus reads it.
pub fn scheme(job: &mut Entries, field: &Field<'_>) {
    if field.is_set() {
        job.put("scheme", Tree::text(field.text().to_lowercase()).from(field));
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
fn byte_size(text: &str) -> Option<f64> {
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
