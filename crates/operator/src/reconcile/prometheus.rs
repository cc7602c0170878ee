//! The sync of a Prometheus and a PrometheusAgent.
//!
//! Source: prometheus-operator pkg/prometheus/server/operator.go sync, pkg/prometheus/agent.

use kubernetes::object::Value;

use super::{DEPRECATED, Line, SyncOutcome, deprecated, governing_service, storage_class};
use crate::checks::{self, at};
use crate::options::Options;
use crate::prometheus::{self, ConfigContext, Mode};
use crate::select;
use crate::store::Checked;
use crate::workload::prometheus::{Names, Pods, WEB_CONFIG};
use crate::workload::secrets;

const NO_RESOURCES: &str =
    "No ServiceMonitor, PodMonitor, Probe, ScrapeConfig, and PrometheusRule have been selected.";
const NO_RESOURCES_AGENT: &str =
    "No ServiceMonitor, PodMonitor, Probe, and ScrapeConfig have been selected.";
const UNMANAGED: &str = "the operator doesn't manage the Prometheus configuration secret because \
    neither serviceMonitorSelector nor podMonitorSelector, nor probeSelector, nor \
    scrapeConfigSelector is specified. Unmanaged Prometheus configuration is deprecated, use \
    additionalScrapeConfigs or the ScrapeConfig Custom Resource Definition instead. Unmanaged \
    Prometheus configuration can also be disabled from the operator's command-line (check \
    './operator --help').";

/// Fills in the outcome. The error ends the sync after what was written before it.
pub fn sync<'a>(
    workload: &'a Value,
    objects: &'a [Value],
    options: &'a Options,
    outcome: &mut SyncOutcome<'a>,
) -> Checked {
    let spec = &workload["spec"];
    let server = workload.str("kind") == "Prometheus";
    if spec.str("mode") == "DaemonSet" && !options.daemon_set {
        return Err("feature gate for Prometheus Agent's DaemonSet mode is not enabled".to_owned());
    }
    let unmanaged = unmanaged(spec, options);
    if unmanaged && server {
        outcome.log.push(Line { level: "warn", message: UNMANAGED, fields: Vec::new() });
    }
    outcome.reason =
        deprecated(spec, &["spec", "spec.thanos"]).map(|message| (DEPRECATED, message)).or_else(
            || (unmanaged && server).then(|| ("ConfigurationUnmanaged", UNMANAGED.to_owned())),
        );
    storage_class(spec, objects)?;
    // The version is read first for the checks of selected objects.
    let context = ConfigContext::new(workload, objects, options)?;
    let selection = select::select(&context, objects, options)?;
    outcome.rejected(workload, &selection.objects);
    if selection.objects.is_empty() {
        let message = if server { NO_RESOURCES } else { NO_RESOURCES_AGENT };
        outcome.reason = Some(("NoSelectedResources", message.to_owned()));
    }
    outcome.selection = selection;
    if server {
        for map in secrets::rule_maps(workload, &outcome.selection, options) {
            outcome.write(map, "synchronizing PrometheusRules failed");
        }
    }
    let classes = checks::workload::scrape_classes(spec, context.version);
    at(classes, "failed to parse scrape classes")?;
    let names = Names::new(workload);
    configuration(&context, unmanaged, &names, options, outcome)?;
    let assets = context.store.tls_assets();
    let tls_secrets = outcome.write_tls_assets(workload, &names.base, &assets, options);
    let what = "synchronizing web config secret failed";
    outcome.write_web_config(workload, (&names.web_config(), WEB_CONFIG), what, options)?;
    if server {
        let name = format!("{}-thanos-prometheus-http-client-file", names.base);
        let secret = secrets::thanos_client(workload, &name, options);
        outcome.write(secret, "failed to reconcile Thanos config secret");
    }
    let rule_maps = match server {
        true => outcome.selection.rule_config_maps(workload["metadata"].str("name")),
        false => Vec::new(),
    };
    let pods = Pods { context: &context, options, rule_maps, tls_secrets, names };
    run(&pods, workload, objects, outcome)
}

fn configuration<'a>(
    context: &ConfigContext<'a>,
    unmanaged: bool,
    names: &Names,
    options: &Options,
    outcome: &mut SyncOutcome<'a>,
) -> Checked {
    let workload = context.root.value;
    if unmanaged {
        let secret = secrets::configuration(workload, &names.base, "", options);
        outcome.write(secret, "creating config failed");
        if let Some(write) = outcome.writes.last_mut() {
            write.only_if_absent = true;
        }
        return Ok(());
    }
    let document = prometheus::configuration(context, &outcome.selection);
    let document = at(document, "creating config failed")?;
    let secret = secrets::configuration(workload, &names.base, &document.text, options);
    outcome.write(secret, "creating config failed");
    outcome.document = Some(document);
    Ok(())
}

/// Writes the Service and the StatefulSets or the DaemonSet.
fn run<'a>(
    pods: &Pods<'_>,
    workload: &'a Value,
    objects: &'a [Value],
    outcome: &mut SyncOutcome<'a>,
) -> Checked {
    if pods.context.mode == Mode::DaemonSet {
        let set = at(at(pods.daemon_set(), "make DaemonSet spec"), "making daemonset failed")?;
        outcome.write(set, "failed to create daemonset");
        return Ok(());
    }
    if !governing_service(workload, objects, &pods.names.selector(workload))? {
        outcome.write(pods.service(), "synchronizing default governing service failed");
    }
    for shard in 0..pods.context.shards() {
        let set = at(pods.stateful_set(shard), "make StatefulSet spec");
        let set = at(set, "making statefulset failed")?;
        outcome.sets.push(pods.names.shard(shard));
        outcome.write(set, "failed to create statefulset");
    }
    Ok(())
}

/// Returns true if the configuration is left to the user.
fn unmanaged(spec: &Value, options: &Options) -> bool {
    let selectors =
        ["serviceMonitorSelector", "podMonitorSelector", "probeSelector", "scrapeConfigSelector"];
    !options.disable_unmanaged && selectors.iter().all(|selector| spec[*selector].is_null())
}
