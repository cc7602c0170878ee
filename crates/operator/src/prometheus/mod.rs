//! The configuration of a Prometheus server or agent.
//!
//! | file | writes |
//! | --- | --- |
//! | `global` | `global`, `runtime`, `storage` |
//! | `monitors`, `probe` | jobs of ServiceMonitors, PodMonitors and Probes |
//! | `scrape_config`, `service_discovery` | jobs of ScrapeConfigs |
//! | `scrape`, `relabel`, `http` | what jobs share |
//! | `additional` | configuration that a Secret holds |
//! | `alerting`, `remote`, `telemetry` | the sections after the jobs |
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go.

mod additional;
mod alerting;
mod global;
mod http;
mod monitors;
mod probe;
mod relabel;
mod remote;
mod scrape;
mod scrape_config;
mod service_discovery;
mod telemetry;

use kubernetes::object::Value;

use crate::checks;
use crate::options::Options;
use crate::select::{Selection, Verdict};
use crate::store::{Checked, Store};
use crate::tree::{self, Data, Document, Entries, Field, Tree};
use crate::version::Version;

pub use remote::message_name;
pub use scrape::byte_size;

/// The mode of Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Server,
    Agent,
    /// An agent on each node.
    DaemonSet,
}

/// The context of all parts of a configuration.
#[derive(Debug)]
pub struct ConfigContext<'a> {
    /// The Prometheus or PrometheusAgent.
    pub root: Field<'a>,
    pub spec: Field<'a>,
    pub version: Version,
    pub mode: Mode,
    /// Jobs of a shard that is not wanted anymore scrape nothing.
    pub retains_shards: bool,
    /// Shards may be parted by zone.
    pub by_topology: bool,
    /// TLS assets are written into the configuration, not named as files.
    pub inline_tls: bool,
    pub store: Store<'a>,
}

impl<'a> ConfigContext<'a> {
    /// Reads the version. The error is the Operator's.
    pub fn new(prometheus: &'a Value, objects: &'a [Value], options: &Options) -> Checked<Self> {
        let root = Field::root(prometheus);
        let spec = root.get("spec");
        let version = Version::of_prometheus(spec.value)?;
        let mode = match (prometheus.str("kind"), spec.value.str("mode")) {
            ("PrometheusAgent", "DaemonSet") => Mode::DaemonSet,
            ("PrometheusAgent", _) => Mode::Agent,
            _ => Mode::Server,
        };
        Ok(Self {
            root,
            spec,
            version,
            mode,
            retains_shards: options.shard_retention && mode == Mode::Server,
            by_topology: options.topology_sharding,
            inline_tls: false,
            store: Store::new(objects),
        })
    }

    /// The context of the remote write of a ThanosRuler, which knows all fields.
    pub fn for_ruler(ruler: &'a Value, objects: &'a [Value]) -> Self {
        let root = Field::root(ruler);
        let spec = root.get("spec");
        Self {
            root,
            spec,
            version: Version(u64::MAX, 0, 0),
            mode: Mode::Agent,
            retains_shards: false,
            by_topology: false,
            inline_tls: true,
            store: Store::new(objects),
        }
    }

    pub fn shards(&self) -> i64 {
        self.spec.value["shards"].as_int().filter(|shards| *shards > 1).unwrap_or(1)
    }

    /// The zones between which the shards are parted; empty without such a strategy.
    pub fn zones(&self) -> Vec<&'a str> {
        let strategy = &self.spec.value["shardingStrategy"];
        if !self.by_topology || strategy.str("mode") != "Topology" {
            return Vec::new();
        }
        strategy["topology"].list("values").iter().filter_map(Value::as_str).collect()
    }

    /// Returns the scrape class of a monitor: the one it names, else the default one.
    pub fn scrape_class(&self, monitor: &Field<'a>) -> Field<'a> {
        let classes = self.spec.get("scrapeClasses").items();
        let wanted = monitor.value["scrapeClass"].as_str();
        let named = classes.iter().find(|one| wanted == Some(one.value.str("name")));
        let default = classes.iter().find(|one| one.value.bool("default"));
        named.or(default).cloned().unwrap_or_else(|| self.spec.get("scrapeClasses").get(""))
    }
}

/// Checks a monitor, a ScrapeConfig or a PrometheusRule and resolves what it refers to.
pub fn check(context: &ConfigContext<'_>, object: &Value) -> Checked {
    let root = Field::root(object);
    match object.str("kind") {
        "ServiceMonitor" => checks::monitors::service_monitor(context, &root),
        "PodMonitor" => checks::monitors::pod_monitor(context, &root),
        "Probe" => checks::monitors::probe(context, &root),
        "PrometheusRule" => crate::rules::check(&crate::rules::Format::prometheus(context), object),
        _ => checks::scrape_config::scrape_config(context, &root),
    }
}

/// Generates the configuration from the objects that were selected and are valid.
///
/// The error is the Operator's, without `creating config failed: `.
pub fn configuration<'a>(
    context: &ConfigContext<'a>,
    selection: &Selection<'a>,
) -> Checked<Document> {
    checks::workload::prepare(context)?;
    let additional = additional::load(context)?;
    checks::at(generate(context, selection, &additional), "generating config failed")
}

/// Generates the file with the remote write of a ThanosRuler.
pub fn remote_write_file(context: &ConfigContext<'_>) -> Checked<String> {
    checks::workload::prepare(context)?;
    let mut file = Entries::default();
    remote::write(context, &mut file);
    if file.0.is_empty() {
        file.put("remote_write", Tree::list(Vec::new()));
    }
    Ok(tree::print(&Data::Map(file.0).into()).text)
}

fn generate<'a>(
    context: &ConfigContext<'a>,
    selection: &Selection<'a>,
    additional: &additional::Texts<'a>,
) -> Checked<Document> {
    let spec = &context.spec;
    let timeout = spec.value.str("scrapeTimeout");
    if !timeout.is_empty() {
        checks::monitors::compare_timeout(spec.value.str("scrapeInterval"), timeout)?;
    }
    let mut file = Entries::default();
    file.put("global", global::global(context));
    if let Some(runtime) = global::runtime(context) {
        file.put("runtime", runtime);
    }
    let server = context.mode == Mode::Server;
    let rules = spec.get("ruleSelector");
    if server && rules.is_set() {
        let name = &context.root.resource.name;
        let paths = selection.rule_config_maps(name).into_iter();
        let paths = paths.map(|map| format!("/etc/prometheus/rules/{map}/*.yaml"));
        file.put("rule_files", Tree::texts(paths).from(&rules));
    }
    file.put("scrape_configs", Tree::list(jobs(context, selection, additional)?));
    if server {
        let storage = checks::at(
            checks::workload::storage(spec.value),
            "generating storage_settings configuration failed",
        );
        storage?;
        if let Some(storage) = global::storage(context) {
            file.put("storage", storage);
        }
        alerting::alerting(context, &mut file, additional)?;
    } else {
        checks::workload::storage(spec.value)?;
        for storage in global::agent_storage(context) {
            file.put("storage", storage);
        }
    }
    remote::write(context, &mut file);
    if server {
        remote::read(context, &mut file);
    }
    checks::at(telemetry::otlp(context, &mut file), "failed to generate OTLP configuration")?;
    checks::at(telemetry::tracing(context, &mut file), "failed to generate tracing configuration")?;
    Ok(tree::print(&Data::Map(file.0).into()))
}

/// Jobs in the Operator's order: by kind, then by namespace and name.
fn jobs<'a>(
    context: &ConfigContext<'a>,
    selection: &Selection<'a>,
    additional: &additional::Texts<'a>,
) -> Checked<Vec<Tree>> {
    let of_kind = |kind: &str, jobs: &mut Vec<Tree>| {
        let mut chosen: Vec<Field<'a>> = selection
            .objects
            .iter()
            .filter(|one| one.object.str("kind") == kind && one.verdict == Verdict::Accepted)
            .map(|one| Field::root(one.object))
            .collect();
        chosen.sort_by_key(|one| format!("{}/{}", one.resource.namespace, one.resource.name));
        for one in chosen {
            match kind {
                "ServiceMonitor" => jobs.extend(monitors::service_monitor(context, &one)),
                "PodMonitor" => jobs.extend(monitors::pod_monitor(context, &one)),
                "Probe" => jobs.extend(probe::probe(context, &one)),
                _ => jobs.push(scrape_config::scrape_config(context, &one)),
            }
        }
    };
    let mut jobs = Vec::new();
    let others = ["ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"];
    let added =
        checks::at(additional::jobs(context, additional), "generate additional scrape configs");
    match context.mode {
        Mode::Server => {
            others.iter().for_each(|kind| of_kind(kind, &mut jobs));
            jobs.extend(added?);
        }
        mode => {
            of_kind("PodMonitor", &mut jobs);
            jobs.extend(added?);
            if mode == Mode::Agent {
                let others = others.iter().filter(|kind| **kind != "PodMonitor");
                others.for_each(|kind| of_kind(kind, &mut jobs));
            }
        }
    }
    Ok(jobs)
}
