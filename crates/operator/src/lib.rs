//! What the Prometheus Operator 0.94.1 makes of custom resources of monitoring.coreos.com.
//!
//! [`configuration`] is a pure function from a Prometheus object and the objects of its cluster to
//! the configuration file that the Operator writes. Each line of the file keeps the field that it
//! came from. [`gate`] says why a Prometheus object takes a monitor or does not.
//!
//! Not covered: ScrapeConfigs, Alertmanagers, remote write and read, additional configuration, and
//! some checks that make the Operator skip a monitor (see `validate`). An object that asks for one of the fields
//! in [`NOT_COVERED`] gets [`Refusal::NotCovered`] rather than a file that is not the Operator's.

mod global;
mod monitors;
mod probe;
mod relabel;
mod scrape;
mod select;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod validate;
mod version;

use kubernetes::object::Value;

pub use select::{Gate, KINDS, gate};
pub use store::Missing;
pub use tree::{Document, Origin, Resource};

use scrape::Context;
use store::Store;
use tree::{Data, Entries, Field, Tree};
use version::Version;

/// The generated configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    pub document: Document,
    /// Monitors that are selected but left out as a whole.
    pub left_out: Vec<(Resource, LeftOut)>,
}

/// The reason why a selected monitor gives no jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// A Secret or ConfigMap, or its key, does not exist.
    Missing(Missing),
    /// The Operator rejects the monitor, with this reason in its Event.
    Invalid(String),
}

/// The reason why there is no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The object has `paused: true`.
    Paused,
    /// The Operator reads `version` as no version 2 or 3.
    Version(String),
    /// The file would depend on these fields or kinds, which are not covered.
    NotCovered(Vec<String>),
}

/// Fields of a Prometheus object's `spec` that change the configuration in a way that is not
/// covered.
pub static NOT_COVERED: &[&str] = &[
    "additionalAlertManagerConfigs",
    "additionalAlertRelabelConfigs",
    "additionalScrapeConfigs",
    "alerting",
    "apiserverConfig",
    "otlp",
    "remoteRead",
    "remoteWrite",
    "shardingStrategy",
    "tracingConfig",
];

/// ConfigMaps of rule files that the configuration reads. Those that are not needed do not exist.
const RULE_CONFIG_MAPS: usize = 3;

/// Generates the configuration of a Prometheus object from the objects of its cluster.
///
/// Monitors are expected to be accepted by the API server.
/// Source: prometheus-operator pkg/prometheus/promcfg.go GenerateServerConfiguration.
pub fn configuration(prometheus: &Value, objects: &[Value]) -> Result<Configuration, Refusal> {
    let root = Field::root(prometheus);
    let spec = root.get("spec");
    if spec.value.bool("paused") {
        return Err(Refusal::Paused);
    }
    let text = match spec.value.str("version") {
        "" => version::DEFAULT,
        text => text,
    };
    let version = Version::parse(text).filter(|version| matches!(version.0, 2 | 3));
    let version = version.ok_or_else(|| Refusal::Version(text.to_owned()))?;
    let missing = not_covered(prometheus, objects);
    if !missing.is_empty() {
        return Err(Refusal::NotCovered(missing));
    }
    let context = Context { spec, version, store: Store::new(objects) };
    let mut file = Entries::default();
    file.put("global", global::global(&context));
    if let Some(runtime) = global::runtime(&context) {
        file.put("runtime", runtime);
    }
    let rules = context.spec.get("ruleSelector");
    if rules.is_set() {
        let name = &root.resource.name;
        let paths = (0..RULE_CONFIG_MAPS)
            .map(|at| format!("/etc/prometheus/rules/prometheus-{name}-rulefiles-{at}/*.yaml"));
        file.put("rule_files", Tree::texts(paths).from(&rules));
    }
    let mut left_out = Vec::new();
    file.put("scrape_configs", Tree::list(jobs(&context, prometheus, objects, &mut left_out)));
    if let Some(storage) = global::storage(&context) {
        file.put("storage", storage);
    }
    let document = tree::print(&Data::Map(file.0).into());
    Ok(Configuration { document, left_out })
}

fn not_covered(prometheus: &Value, objects: &[Value]) -> Vec<String> {
    let fields = NOT_COVERED.iter().filter(|name| !prometheus["spec"][**name].is_null());
    let mut missing: Vec<String> = fields.map(|name| format!("spec.{name}")).collect();
    let scrape_config = |one: &&Value| {
        one.str("kind") == "ScrapeConfig" && gate(prometheus, one, objects) == Gate::Selected
    };
    missing.extend(objects.iter().find(scrape_config).map(|_| "ScrapeConfig".to_owned()));
    missing
}

/// Jobs in the Operator's order: by kind, then by namespace and name.
fn jobs<'a>(
    context: &Context<'a>,
    prometheus: &Value,
    objects: &'a [Value],
    left_out: &mut Vec<(Resource, LeftOut)>,
) -> Vec<Tree> {
    type Make = for<'a> fn(&Context<'a>, &Field<'a>) -> Result<Vec<Tree>, Missing>;
    let kinds: [(&str, Make); 3] = [
        ("ServiceMonitor", monitors::service_monitor),
        ("PodMonitor", monitors::pod_monitor),
        ("Probe", probe::probe),
    ];
    let mut jobs = Vec::new();
    for (kind, make) in kinds {
        let selected = objects.iter().filter(|one| {
            one.str("kind") == kind && gate(prometheus, one, objects) == Gate::Selected
        });
        let mut selected: Vec<Field<'a>> = selected.map(Field::root).collect();
        selected.sort_by_key(|one| format!("{}/{}", one.resource.namespace, one.resource.name));
        for monitor in selected {
            let checked = validate::monitor(context, &monitor).map_err(LeftOut::Invalid);
            match checked.and_then(|()| make(context, &monitor).map_err(LeftOut::Missing)) {
                Ok(made) => jobs.extend(made),
                Err(reason) => left_out.push(((*monitor.resource).clone(), reason)),
            }
        }
    }
    jobs
}
