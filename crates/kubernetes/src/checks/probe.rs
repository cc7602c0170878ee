//! Probes of Prometheus that always fail.

use super::CheckContext;
use crate::objects::{Container, PortTarget, Probe};
use crate::prometheus::Instance;
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "probe-misses-prometheus",
    title: "A probe that Prometheus does not answer",
    doc: "Prometheus answers probes at `/-/healthy` (the process runs) and `/-/ready` (the database is open and it takes queries), on the port of `--web.listen-address`, 9090 by default. A readiness probe that fails keeps the pod out of its Services; a liveness probe that fails restarts the container repeatedly.",
    example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers:\n        - name: prometheus\n          image: prom/prometheus\n          readinessProbe: {httpGet: {path: /-/ready, port: 9091}}\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for instance in context.instances {
        let Some((_, container)) = context.spec_of(instance) else { continue };
        let probes = [
            (&container.readiness_probe, "stays not ready and is in no Service"),
            (&container.liveness_probe, "is restarted again and again"),
            (&container.startup_probe, "is restarted again and again"),
        ];
        for (probe, consequence) in probes {
            let Some(probe) = probe else { continue };
            found.extend(port(instance, container, probe, consequence));
            found.extend(path(instance, probe, consequence));
        }
    }
}

fn port(
    instance: &Instance,
    container: &Container,
    probe: &Probe,
    consequence: &str,
) -> Option<Diagnostic> {
    let port = probe.port.as_ref()?;
    let at = port.at?;
    let listens = instance.listen_port;
    let message = match &port.target {
        PortTarget::Number(number) if *number == listens => return None,
        PortTarget::Number(number) => {
            format!("nothing listens on port {number}; Prometheus listens on {listens}")
        }
        PortTarget::Name(name) => {
            let named = container.ports.iter().find(|one| one.name.value == *name);
            match named.map(|one| one.container_port.value) {
                Some(number) if number == listens => return None,
                Some(number) => format!("port {name} is {number}; Prometheus listens on {listens}"),
                None => format!("the container has no port named {name}"),
            }
        }
    };
    Some(
        Diagnostic::warning("probe-misses-prometheus", at, message)
            .with_help(format!("The probe fails, so the pod {consequence}."))
            .with_fix(Fix::replace(
                format!("Probe port {listens}"),
                Applicability::Suggestion,
                at,
                listens.to_string(),
            )),
    )
}

fn path(instance: &Instance, probe: &Probe, consequence: &str) -> Option<Diagnostic> {
    let at = probe.path.at.filter(|_| probe.is_http)?;
    let path = &*probe.path.value;
    let prefix = prefix(instance);
    let own = path.strip_prefix(&*prefix).filter(|rest| rest.starts_with('/'));
    let known = own.is_some_and(|rest| !rest.starts_with("/-/") || KNOWN.contains(&rest));
    if known {
        return None;
    }
    let right = format!("{prefix}{}", if path.contains("healthy") { KNOWN[1] } else { KNOWN[0] });
    Some(
        Diagnostic::warning("probe-misses-prometheus", at, format!("{path} is answered with 404"))
            .with_help(format!("The probe fails, so the pod {consequence}."))
            .with_fix(Fix::replace(format!("Use {right}"), Applicability::Suggestion, at, right)),
    )
}

const KNOWN: [&str; 4] = ["/-/ready", "/-/healthy", "/-/reload", "/-/quit"];

/// The prefix of all paths: the route prefix, or the path of the external URL.
fn prefix(instance: &Instance) -> String {
    let value = |name: &str| instance.flag(name).and_then(|flag| flag.value.as_deref());
    let prefix = value("web.route-prefix").or_else(|| {
        let url = value("web.external-url")?;
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..))
    });
    let prefix = prefix.unwrap_or_default().trim_matches('/');
    if prefix.is_empty() { String::new() } else { format!("/{prefix}") }
}
