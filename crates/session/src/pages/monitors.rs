//! The gates between the monitors of the Prometheus Operator and their targets.

use kubernetes::object::Value;
use operator::Resource;
use operator::funnel::{FunnelStep, Stage, funnel};
use operator::index::{Index, Server};
use protocol::pages::monitors::{Gate, MONITORS, Monitor, Query, View};
use text::IndexSort;

use crate::operator::cluster;
use crate::operator::installation::Running;
use crate::world::Snapshot;

/// Returns the view of the current state.
pub fn view(snapshot: &Snapshot<'_>, _: &Query) -> View {
    let generated = &snapshot.stored.generated;
    let Some(options) = generated.running.options() else {
        let note = match generated.running {
            Running::Missing => {
                "The workspace has the definitions of the custom resources, and no Deployment of the Prometheus Operator. Nothing acts on the monitors."
            }
            _ => "The workspace has no monitors that the API server stores.",
        };
        return View { note: note.to_owned(), ..View::default() };
    };
    let mut objects: Vec<Value> = (*generated.objects).clone();
    objects.extend(cluster::objects(&snapshot.stored.state.cluster));
    let index = Index::new(&objects, options);
    let servers = index.servers();
    let mut chosen: Vec<&Value> = generated.selected_objects().collect();
    chosen.index_sort_by_key(|one| {
        let resource = Resource::of(one);
        (resource.kind, resource.namespace, resource.name)
    });
    let more = chosen.len().saturating_sub(MONITORS) as u32;
    let shown = chosen.into_iter().take(MONITORS);
    View {
        servers: servers.iter().map(|one| name_of(one.object)).collect(),
        note: String::new(),
        monitors: shown.map(|one| monitor(snapshot, one, &servers, &index)).collect(),
        more,
    }
}

/// `namespace/name`.
fn name_of(object: &Value) -> String {
    let metadata = &object["metadata"];
    format!("{}/{}", metadata.str("namespace"), metadata.str("name"))
}

fn monitor(
    snapshot: &Snapshot<'_>,
    object: &Value,
    servers: &[Server<'_>],
    index: &Index<'_>,
) -> Monitor {
    let resource = Resource::of(object);
    let ways = servers.iter().map(|server| (server.object, funnel(server, object, index)));
    // Of equal ways the first counts.
    let best = ways.rev().max_by_key(|(_, steps)| (steps.len(), passes(steps)));
    let mut monitor = Monitor {
        kind: resource.kind.to_string(),
        namespace: resource.namespace.to_string(),
        name: resource.name.to_string(),
        location: snapshot.stored.generated.origins.field(&resource, "metadata.name"),
        ..Monitor::default()
    };
    let Some((server, steps)) = best else { return monitor };
    monitor.server = name_of(server);
    monitor.gates = steps.iter().map(|step| gate(step, &resource.kind)).collect();
    monitor.passes = passes(&steps);
    if monitor.passes && is_simulated(snapshot, server) {
        let last = last_gate(snapshot, &resource);
        monitor.passes = last.passed > 0;
        monitor.gates.push(last);
    }
    monitor
}

fn passes(steps: &[FunnelStep]) -> bool {
    steps.last().is_some_and(|step| step.passed > 0)
}

/// Returns true if the configuration of a Prometheus object is the one in force.
fn is_simulated(snapshot: &Snapshot<'_>, server: &Value) -> bool {
    let Some(text) = &snapshot.stored.config_text else { return false };
    let configuration = snapshot.stored.generated.configuration(text.parsed.file);
    configuration.is_some_and(|one| one.resource == Resource::of(server))
}

fn gate(step: &FunnelStep, kind: &str) -> Gate {
    let (name, counted) = match (step.stage, kind) {
        (Stage::Watched, _) => ("The Operator watches the namespace", kind),
        (Stage::Running, _) => ("The Prometheus object is not paused", kind),
        (Stage::Namespace, _) => ("Its namespace selector takes the namespace", kind),
        (Stage::Labels, _) => ("Its selector takes the labels", kind),
        (Stage::Accepted, _) => ("The Operator accepts it", kind),
        (Stage::Searched, "PodMonitor") => ("Pods in the searched namespaces", "pods"),
        (Stage::Searched, _) => ("Services in the searched namespaces", "Services"),
        (Stage::Selected, "PodMonitor") => ("Pods that it selects", "pods"),
        (Stage::Selected, _) => ("Services that it selects", "Services"),
        (Stage::Port, "PodMonitor") => ("Pods with the port", "pods"),
        (Stage::Port, _) => ("Services with the port", "Services"),
        (Stage::Addresses, "PodMonitor") => ("Pods that have not ended", "pods"),
        (Stage::Addresses, _) => ("Ready endpoints", "endpoints"),
    };
    Gate {
        name: name.to_owned(),
        counted: counted.to_owned(),
        passed: step.passed as u32,
        of: step.of as u32,
        waiting: 0,
        reason: step.reason.clone(),
    }
}

/// The last gate: targets that are up, or rule groups that are evaluated.
fn last_gate(snapshot: &Snapshot<'_>, resource: &Resource) -> Gate {
    if &*resource.kind == "PrometheusRule" {
        return rule_groups(snapshot, resource);
    }
    let kind = match &*resource.kind {
        "ServiceMonitor" => "serviceMonitor",
        "PodMonitor" => "podMonitor",
        "Probe" => "probe",
        _ => "scrapeConfig",
    };
    let name = format!("{kind}/{}/{}", resource.namespace, resource.name);
    let is_own = |job: &str| {
        job.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let (mut up, mut all, mut waiting) = (0, 0, 0);
    for (target, report, _) in snapshot.timeline.world.reports() {
        if is_own(&target.job) {
            all += 1;
            up += u32::from(report.is_some_and(|report| report.error.is_none()));
            waiting += u32::from(report.is_none());
        }
    }
    let reason = match (all, up) {
        (0, _) => "Relabeling keeps no target: see the page Discovery.",
        _ if waiting > 0 => "Some targets are not scraped yet.",
        (all, up) if up < all => "Some scrapes fail: see the page Targets.",
        _ => "",
    };
    Gate {
        name: "Targets that are up".to_owned(),
        counted: "targets".to_owned(),
        passed: up,
        of: all,
        waiting,
        reason: reason.to_owned(),
    }
}

fn rule_groups(snapshot: &Snapshot<'_>, resource: &Resource) -> Gate {
    let origins = &snapshot.stored.generated.origins;
    let is_own =
        |at: text::Location| origins.origin(at).is_some_and(|one| *one.resource == *resource);
    let groups = snapshot.stored.rules.groups.iter().filter(|group| is_own(group.location));
    let all = groups.count() as u32;
    let refused = snapshot.stored.rules.refusal.is_some();
    let reason =
        if refused { "Prometheus refuses a rule file, and evaluates no rule." } else { "" };
    Gate {
        name: "Rule groups that are evaluated".to_owned(),
        counted: "groups".to_owned(),
        passed: if refused { 0 } else { all },
        of: all,
        waiting: 0,
        reason: reason.to_owned(),
    }
}
