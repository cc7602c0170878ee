//! One sync of a workload: what it writes, in order, and what it says.
//!
//! | file | content |
//! | --- | --- |
//! | here | the outcome of a sync, as a pure function of the stored objects |
//! | `alertmanager` | the sync of an Alertmanager |
//! | `prometheus` | the sync of a Prometheus and a PrometheusAgent |
//! | `kubelet` | the Endpoints of the kubelets |
//! | `ruler` | the sync of a ThanosRuler |
//! | `status` | the status of a workload, from its StatefulSets and pods |
//! | `step` | the keyed step over the API server |
//!
//! Source: prometheus-operator pkg/prometheus/server/operator.go, pkg/operator.

mod alertmanager;
mod kubelet;
mod prometheus;
mod ruler;
mod status;
mod step;

use std::collections::BTreeMap;

use kubernetes::object::Value;

use crate::checks::at;
use crate::options::Options;
use crate::select::{Chosen, Selection, Verdict};
use crate::store::Checked;
use crate::tree::{Document, Field};
use crate::workload::secrets;
use crate::workload::web_config::WebConfig;

pub use kubelet::{Kubelets, kubelets};
pub use step::{Operator, Synced, WORKLOADS};

/// An object that a sync writes.
#[derive(Clone, Debug)]
pub struct Write {
    pub object: Value,
    /// The prefix of the reason if the API server refuses it.
    pub failure: &'static str,
    /// True for an object that is not changed if it exists.
    pub only_if_absent: bool,
}

/// An Event of the Operator about a custom resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub action: &'static str,
    pub controller: &'static str,
    pub note: String,
}

/// The reason of all Events about rejected objects.
pub const INVALID: &str = "InvalidConfiguration";

/// A line of the Operator's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub level: &'static str,
    pub message: &'static str,
    /// Names and values, in order.
    pub fields: Vec<(&'static str, String)>,
}

/// The result of one sync of a workload: objects, Events and log lines.
#[derive(Clone, Debug, Default)]
pub struct SyncOutcome<'a> {
    pub selection: Selection<'a>,
    pub writes: Vec<Write>,
    pub events: Vec<Event>,
    pub log: Vec<Line>,
    /// The configuration; None if the sync failed before it, or writes none.
    pub document: Option<Document>,
    /// Reason and message of the condition `Reconciled` if the sync succeeds.
    pub reason: Option<(&'static str, String)>,
    /// The error with which the sync ends after the writes.
    pub error: Option<String>,
    /// StatefulSets that the workload should have. Others of it are deleted.
    pub sets: Vec<String>,
}

impl SyncOutcome<'_> {
    fn write(&mut self, object: Value, failure: &'static str) {
        self.writes.push(Write { object, failure, only_if_absent: false });
    }

    /// Writes the Secrets of TLS assets. Returns their names.
    fn write_tls_assets(
        &mut self,
        workload: &Value,
        base: &str,
        assets: &BTreeMap<String, String>,
        options: &Options,
    ) -> Vec<String> {
        let all = secrets::tls_assets(workload, &format!("{base}-tls-assets"), assets, options);
        let names = all.iter().map(|one| one["metadata"].str("name").to_owned()).collect();
        for one in all {
            self.write(one, "failed to reconcile the TLS secrets");
        }
        names
    }

    /// Writes the Secret of the web configuration. `what` is the prefix of all errors.
    fn write_web_config(
        &mut self,
        workload: &Value,
        (name, folder): (&str, &str),
        what: &'static str,
        options: &Options,
    ) -> Checked {
        let root = Field::root(workload);
        let web = WebConfig::new(root.get("spec").get("web"), folder);
        let web = at(at(web, "failed to initialize web config"), what)?;
        self.write(secrets::web_config(workload, name, &web, options), what);
        Ok(())
    }

    /// Says why an object was rejected, as an Event and in the log.
    fn rejected(&mut self, workload: &Value, chosen: &[Chosen<'_>]) {
        let metadata = &workload["metadata"];
        let key = format!("{}/{}", metadata.str("namespace"), metadata.str("name"));
        let controller = controller(workload.str("kind"));
        for one in chosen {
            let Verdict::Rejected(reason) = &one.verdict else { continue };
            let own = &one.object["metadata"];
            let (kind, name) = (one.object.str("kind"), own.str("name"));
            let object = format!("{}/{name}", own.str("namespace"));
            let (action, note, message, mut fields) = match kind {
                "PrometheusRule" => (
                    "SelectingPrometheusRuleResources",
                    format!(
                        "PrometheusRule {name} was rejected due to invalid configuration: {reason}"
                    ),
                    "skipping prometheusrule",
                    vec![
                        ("prometheusrule", name.to_owned()),
                        ("namespace", own.str("namespace").to_owned()),
                    ],
                ),
                "AlertmanagerConfig" => (
                    "SelectingAlertmanagerConfigResources",
                    format!(
                        "AlertmanagerConfig {name} was rejected due to invalid configuration: {reason}"
                    ),
                    "skipping alertmanagerconfig",
                    vec![
                        ("alertmanagerconfig", object),
                        ("namespace", metadata.str("namespace").to_owned()),
                        ("alertmanager", metadata.str("name").to_owned()),
                    ],
                ),
                _ => (
                    "SelectingConfigurationResources",
                    format!(
                        "{} was rejected due to invalid configuration: {reason}",
                        go::quote::quote(&object)
                    ),
                    "skipping object",
                    vec![("object", object), ("kind", kind.to_owned())],
                ),
            };
            self.events.push(Event {
                kind: kind.to_owned(),
                namespace: own.str("namespace").to_owned(),
                name: name.to_owned(),
                action,
                controller,
                note,
            });
            fields.push(("error", reason.clone()));
            fields.push(("component", controller.to_owned()));
            if kind != "AlertmanagerConfig" {
                fields.push(("key", key.clone()));
            }
            self.log.push(Line { level: "warn", message, fields });
        }
    }
}

/// The name of the controller of a kind, in Events and logs.
pub fn controller(kind: &str) -> &'static str {
    match kind {
        "Alertmanager" => "alertmanager-controller",
        "ThanosRuler" => "thanos-controller",
        "PrometheusAgent" => "prometheusagent-controller",
        _ => "prometheus-controller",
    }
}

/// Returns what a sync of a workload writes and says. `objects` are the stored objects of the
/// cluster.
pub fn sync<'a>(
    workload: &'a Value,
    objects: &'a [Value],
    options: &'a Options,
) -> SyncOutcome<'a> {
    let mut outcome = SyncOutcome::default();
    if workload["spec"].bool("paused") {
        return outcome;
    }
    let done = match workload.str("kind") {
        "Prometheus" | "PrometheusAgent" => {
            prometheus::sync(workload, objects, options, &mut outcome)
        }
        "Alertmanager" => alertmanager::sync(workload, objects, options, &mut outcome),
        "ThanosRuler" => ruler::sync(workload, objects, options, &mut outcome),
        _ => Ok(()),
    };
    outcome.error = done.err();
    outcome
}

/// The reason of the condition `Reconciled` if deprecated fields are in use.
const DEPRECATED: &str = "DeprecatedFieldsInUse";

/// Returns the deprecated fields of an image that are in use below the paths, as one text.
fn deprecated(spec: &Value, paths: &[&str]) -> Option<String> {
    let mut texts = Vec::new();
    for path in paths {
        let of = if *path == "spec.thanos" { &spec["thanos"] } else { spec };
        for field in ["baseImage", "tag", "sha"] {
            if !of.str(field).is_empty() {
                texts.push(format!(
                    "field \"{path}.{field}\" is deprecated, field \"{path}.image\" should be used instead"
                ));
            }
        }
    }
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Refuses a StorageClass that does not exist. Source: pkg/operator/storageclass.go.
fn storage_class(spec: &Value, objects: &[Value]) -> Checked {
    let name = spec["storage"]["volumeClaimTemplate"]["spec"].str("storageClassName");
    let is_there = objects
        .iter()
        .any(|one| one.str("kind") == "StorageClass" && one["metadata"].str("name") == name);
    if name.is_empty() || is_there {
        return Ok(());
    }
    Err(format!("storage class {} does not exist", go::quote::quote(name)))
}

/// Refuses a governing Service that does not exist or selects other pods.
/// Source: pkg/k8s/network.go EnsureCustomGoverningService.
fn governing_service(
    workload: &Value,
    objects: &[Value],
    labels: &[(String, String)],
) -> Checked<bool> {
    let Some(name) = workload["spec"]["serviceName"].as_str() else { return Ok(false) };
    let namespace = workload["metadata"].str("namespace");
    let service = objects.iter().find(|one| {
        one.str("kind") == "Service"
            && one["metadata"].str("name") == name
            && one["metadata"].str("namespace") == namespace
    });
    let Some(service) = service else {
        return Err(format!(
            "failed to get custom governing service {namespace}/{name}: services {} not found",
            go::quote::quote(name)
        ));
    };
    let selector = crate::workload::pairs(&service["spec"]["selector"]);
    if selector.iter().all(|one| labels.contains(one)) {
        return Ok(true);
    }
    let shown = |pairs: &[(String, String)]| {
        let mut texts: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        texts.sort();
        go::quote::quote(&texts.join(","))
    };
    Err(format!(
        "custom governing service {namespace}/{name} with selector {} does not select pods with labels {}",
        shown(&selector),
        shown(labels)
    ))
}
