//! Mistakes between custom resources, as diagnostics at the field at fault.

use kubernetes::object::Value;
use operator::findings::{Change, Finding, Problem};
use text::{Applicability, Code, Diagnostic, Fix, Severity};

use super::installation::{Definitions, NOT_INSTALLED, Running};
use super::{Generated, edits};
use operator::Resource;
use operator::schema::GROUP;

const ASSUMED: &str = "operator-assumed";
const ASSUMED_PROMETHEUS: &str = "prometheus-object-assumed";
const MISSING: &str = "operator-missing";
const SYNC: &str = "operator-sync-failed";

/// The findings of a workspace. `others` are objects of the cluster that the Operator does not read:
/// pods.
pub fn find(generated: &Generated, others: &[Value]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(installation(generated));
    let Some(options) = generated.running.options() else { return found };
    for (resource, error) in generated.errors.iter() {
        let Some(at) = generated.origins.field(resource, "metadata.name") else { continue };
        let message = format!("the sync of {} {} fails: {error}", resource.kind, resource.name);
        let help = "The Operator tries again with growing pauses. What it has written before the failing step stays as it is.";
        found.push(Diagnostic::error(SYNC, at, message).with_help(help));
    }
    found.extend(assumed_prometheus(generated));
    let objects: Vec<Value> = generated.objects.iter().chain(others).cloned().collect();
    let all = operator::findings::findings(&objects, options);
    found.extend(all.iter().filter_map(|one| diagnostic(generated, one)));
    found
}

/// What is assumed about the Operator, and what is missing of it.
fn installation(generated: &Generated) -> Option<Diagnostic> {
    match (&generated.running, generated.definitions) {
        (Running::Missing, _) => {
            let at = generated.origins.first()?;
            let message =
                "no Deployment of the Prometheus Operator, so nothing acts on this object";
            let help = "The workspace has the definitions of the custom resources. The API server stores the objects, but no configuration, no StatefulSet and no rule file is made of them before the Operator runs.";
            Some(Diagnostic::warning(MISSING, at, message).with_help(help))
        }
        (Running::Runs { deployment: None, .. }, Definitions::Assumed(at)) => {
            let message = "the Prometheus Operator is taken to be installed in this cluster";
            let help = format!(
                "The workspace has no definitions of the group `{GROUP}`, so that the cluster is taken to have the Operator 0.94.1 with the flags of its published `bundle.yaml`. Without it, kubectl ends with `no matches for kind`: the comment `# {NOT_INSTALLED}` shows that. The definitions and the Operator's Deployment in the workspace take the place of this assumption."
            );
            Some(Diagnostic::info(ASSUMED, at, message).with_help(help))
        }
        _ => None,
    }
}

/// The finding that a Prometheus object is assumed, at the first object that it takes.
fn assumed_prometheus(generated: &Generated) -> Option<Diagnostic> {
    generated.assumed()?;
    let taken = generated.selected_objects().next()?;
    let at = generated.origins.field(&Resource::of(taken), "metadata.name")?;
    let message =
        "no Prometheus object in the workspace, so that one is assumed that takes every object";
    let help = "Targets and rules are those of a Prometheus object whose selectors are all `{}`, with the rights of an administrator. A real one may take fewer: that of the chart kube-prometheus-stack takes only objects with the label `release` of its own release. Add the Prometheus object to see what it takes.";
    Some(Diagnostic::info(ASSUMED_PROMETHEUS, at, message).with_help(help))
}

/// The code and the severity of a problem.
fn kind_of(problem: Problem) -> (&'static str, Severity) {
    match problem {
        Problem::NoPrometheus => ("no-prometheus-object", Severity::Warning),
        Problem::NotTaken => ("not-taken-by-prometheus", Severity::Warning),
        Problem::Rejected => ("rejected-by-operator", Severity::Error),
        Problem::PortNotNamed => ("monitor-port-not-found", Severity::Warning),
        Problem::SelectsOtherKind => ("monitor-selects-pods", Severity::Warning),
        Problem::NotSearched => ("monitor-namespace-not-searched", Severity::Warning),
        Problem::NoProber => ("prober-not-found", Severity::Warning),
    }
}

fn diagnostic(generated: &Generated, finding: &Finding) -> Option<Diagnostic> {
    let (code, severity) = kind_of(finding.problem);
    let at = generated.origins.field(&finding.resource, &finding.path)?;
    let (message, help) = match finding.message.split_once(". ") {
        Some((message, help)) => (message, Some(help)),
        None => (finding.message.trim_end_matches('.'), None),
    };
    let mut diagnostic = Diagnostic::new(severity, code, at, message);
    diagnostic.help = help.map(str::to_owned);
    for fix in &finding.fixes {
        let edit = |change: &Change| {
            let (source, root) = generated.origins.resource(&change.resource)?;
            edits::set_field(source, root, &change.path, &change.value)
        };
        let Some(edits) = fix.changes.iter().map(edit).collect::<Option<Vec<_>>>() else {
            continue;
        };
        diagnostic.fixes.push(Fix {
            title: fix.title.clone(),
            applicability: Applicability::Suggestion,
            edits,
        });
    }
    Some(diagnostic)
}

/// Replaces places in generated files by those of the fields that they came from. Fixes of generated
/// text are left out.
pub fn relocate(generated: &Generated, diagnostics: &mut Vec<Diagnostic>) {
    let origins = &generated.origins;
    // The style of a generated configuration is the Operator's.
    let is_style = |one: &Diagnostic| {
        one.severity != Severity::Error && generated.configuration(one.location.file).is_some()
    };
    diagnostics.retain(|one| !is_style(one));
    let concerns = |one: &Diagnostic| {
        super::is_generated(one.location.file)
            || one.related.iter().any(|related| super::is_generated(related.location.file))
            || one
                .fixes
                .iter()
                .flat_map(|fix| &fix.edits)
                .any(|edit| super::is_generated(edit.location.file))
    };
    for one in diagnostics.iter_mut().filter(|one| concerns(one)) {
        one.location = origins.locate(one.location);
        for related in &mut one.related {
            related.location = origins.locate(related.location);
        }
        one.related.retain(|related| related.location.file != text::FileId::OUTSIDE);
        one.fixes
            .retain(|fix| !fix.edits.iter().any(|edit| super::is_generated(edit.location.file)));
    }
    let mut seen = rustc_hash::FxHashSet::default();
    diagnostics.retain(|one| {
        one.location.file != text::FileId::OUTSIDE
            && seen.insert((one.code.clone(), one.location, one.message.clone()))
    });
}

pub static CODES: &[Code] = &[
    Code {
        code: ASSUMED,
        title: "The Prometheus Operator is assumed",
        doc: "Custom resources of `monitoring.coreos.com` mean something only in a cluster with their definitions and with the Prometheus Operator. A workspace that has neither is taken to belong to such a cluster: the Operator 0.94.1 with the flags of its published `bundle.yaml`.\n\nThe comment `# playground: no-operator` states that the Operator is not installed. Definitions and the Operator's Deployment in the workspace state what is installed.",
        example: "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  endpoints: [{port: metrics}]\n",
    },
    Code {
        code: ASSUMED_PROMETHEUS,
        title: "A Prometheus object is assumed",
        doc: "A monitor or a rule has an effect only if a Prometheus object takes it. A workspace without one, and without another Prometheus, is shown with a Prometheus object whose selectors are all `{}`: it takes every object in every namespace.",
        example: "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  podMetricsEndpoints: [{port: metrics}]\n",
    },
    Code {
        code: MISSING,
        title: "Custom resources without the Operator",
        doc: "The definitions let the API server store the custom resources. The Prometheus Operator makes a configuration, StatefulSets and rule files of them. Without its Deployment nothing happens.",
        example: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: servicemonitors.monitoring.coreos.com}\nspec:\n  group: monitoring.coreos.com\n  scope: Namespaced\n  names: {kind: ServiceMonitor, plural: servicemonitors}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec:\n  selector: {}\n  endpoints: []\n",
    },
    Code {
        code: SYNC,
        title: "A workload that the Operator cannot sync",
        doc: "The Operator reads a Prometheus, an Alertmanager or a ThanosRuler and writes what runs it, in order: rule files, the configuration, TLS assets, the web configuration, the Service, StatefulSets. An error ends the sync; the condition `Reconciled` of the object then has the status False with this message.",
        example: "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s}\nspec:\n  serviceMonitorSelector: {}\n  remoteWrite: [{url: http://x, basicAuth: {username: {name: none, key: user}, password: {name: none, key: password}}}]\n",
    },
    Code {
        code: "no-prometheus-object",
        title: "No Prometheus object for a monitor or a rule",
        doc: "Monitors, Probes, ScrapeConfigs and PrometheusRules have an effect only through a Prometheus or PrometheusAgent object that takes them. A Prometheus that runs from a Deployment with a configuration of its own does not read them.",
        example: "global: {scrape_interval: 30s}\n",
    },
    Code {
        code: "not-taken-by-prometheus",
        title: "An object that no Prometheus takes",
        doc: "A Prometheus object takes an object if its namespace selector takes the namespace and its selector takes the labels of the object. An absent namespace selector takes the own namespace only, `{}` takes all. An absent selector takes nothing, `{}` takes everything. The labels are those of the monitor or of the rule, not those of the Service or of the pods.",
        example: "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s}\nspec:\n  serviceMonitorSelector: {matchLabels: {release: stack}}\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  endpoints: [{port: metrics}]\n",
    },
    Code {
        code: "rejected-by-operator",
        title: "An object that the Operator rejects",
        doc: "The Operator checks each object that a Prometheus object takes. If one endpoint is wrong, the whole object is left out of the configuration, and all others stay. The reason is an Event `InvalidConfiguration` of the object and a line of the Operator's log.",
        example: "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  endpoints: [{port: metrics, interval: 10s, scrapeTimeout: 20s}]\n",
    },
    Code {
        code: "monitor-port-not-found",
        title: "A port that no selected Service names",
        doc: "`port` of an endpoint is the name of a port of the Service; in a PodMonitor it is that of a container port. A number, or the name of a container port, matches nothing, and the job has no target. `targetPort` takes the name or the number of a container port.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {app: web}}\nspec:\n  selector: {app: web}\n  ports: [{name: http, port: 80}]\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  endpoints: [{port: metrics}]\n",
    },
    Code {
        code: "monitor-selects-pods",
        title: "A ServiceMonitor that selects pods",
        doc: "The selector of a ServiceMonitor is compared with the labels of Services. The labels of the pods behind them do not count. A PodMonitor selects pods: the labels of Services do not count.",
        example: "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: [{name: web, image: nginx}]}\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  endpoints: [{port: metrics}]\n",
    },
    Code {
        code: "monitor-namespace-not-searched",
        title: "A monitor that does not search the namespace",
        doc: "A ServiceMonitor or PodMonitor searches its own namespace. `namespaceSelector.matchNames` lists other namespaces, and `any: true` searches all of them.",
        example: "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec:\n  selector: {app: web}\n  ports: [{name: http, port: 80}]\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  endpoints: [{port: http}]\n",
    },
    Code {
        code: "prober-not-found",
        title: "A Probe without its prober",
        doc: "Prometheus sends the request of a Probe to the address in `spec.prober.url`, usually that of the Service of a blackbox exporter, which then requests the target. Without that Service each scrape fails.",
        example: "apiVersion: monitoring.coreos.com/v1\nkind: Probe\nmetadata: {name: web}\nspec:\n  prober: {url: blackbox.monitoring.svc:9115}\n  targets: {staticConfig: {static: [example.com]}}\n",
    },
];
