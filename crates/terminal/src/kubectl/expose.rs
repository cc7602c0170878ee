//! `kubectl expose`: a Service for the pods of an object.
//!
//! Source: kubectl pkg/cmd/expose/expose.go, pkg/polymorphichelpers/mapbasedselectorforobject.go,
//! portsforobject.go.

use kubernetes::object::Value;

use super::builder::Target;
use super::create::port_value;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::run::labels;
use super::{Kubectl, Session, plain};

/// Flags of `expose` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("cluster-ip", Form::Text),
    Flag::new("external-ip", Form::Text),
    Flag::short("labels", 'l', Form::Text),
    Flag::new("load-balancer-ip", Form::Text),
    Flag::new("name", Form::Text),
    Flag::new("override-type", Form::Text),
    Flag::new("overrides", Form::Text),
    Flag::new("port", Form::Text),
    Flag::new("protocol", Form::Text),
    Flag::new("selector", Form::Text),
    Flag::new("session-affinity", Form::Text),
    Flag::new("target-port", Form::Text),
    Flag::new("type", Form::Text),
];

/// Kinds that have pods to expose.
const EXPOSABLE: &[&str] = &["Deployment", "Pod", "ReplicaSet", "ReplicationController", "Service"];

impl Kubectl<'_> {
    /// `kubectl expose`.
    pub(super) fn expose(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        // The selector of the Service does not choose what is exposed.
        let (targets, mut failures) = match self.named_targets(&arguments.words, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        for target in targets {
            match exposed(&target, arguments) {
                Ok(service) => {
                    failures.extend(self.make(service, "", "exposed", arguments, session));
                }
                Err(message) => failures.extend(plain(message)),
            }
        }
        failures
    }
}

/// The Service for an object.
fn exposed(target: &Target, arguments: &Arguments) -> Result<Value, String> {
    let kind = target.kind;
    if !EXPOSABLE.contains(&kind.kind) {
        let dot = if kind.group.is_empty() { "" } else { "." };
        return Err(format!("cannot expose a {}{dot}{}", kind.kind, kind.group));
    }
    let text = |flag: &str| arguments.text(flag).filter(|text| !text.is_empty());
    let selector = match text("selector") {
        Some(text) => labels(text)?,
        None => selector_of(target).map_err(|error| {
            format!("couldn't retrieve selectors via --selector flag or introspection: {error}")
        })?,
    };
    let ports = service_ports(target, arguments)?;
    let mut service = Value::map();
    service.set("apiVersion", "v1");
    service.set("kind", "Service");
    let own = match text("labels") {
        Some(text) => labels(text)?,
        None => target.object["metadata"]["labels"].clone(),
    };
    let metadata = service.entry("metadata");
    metadata.set("name", text("name").unwrap_or(&target.name));
    if !own.is_empty() {
        metadata.set("labels", own);
    }
    let spec = service.entry("spec");
    if !ports.is_empty() {
        spec.set("ports", ports);
    }
    spec.set("selector", selector);
    for (flag, key) in [
        ("type", "type"),
        ("cluster-ip", "clusterIP"),
        ("load-balancer-ip", "loadBalancerIP"),
        ("session-affinity", "sessionAffinity"),
    ] {
        if let Some(text) = text(flag) {
            spec.set(key, text);
        }
    }
    if let Some(address) = text("external-ip") {
        spec.set("externalIPs", vec![Value::from(address)]);
    }
    service.entry("status").set("loadBalancer", Value::map());
    Ok(service)
}

/// The ports of the Service: those of the flag, or of the object.
fn service_ports(target: &Target, arguments: &Arguments) -> Result<Vec<Value>, String> {
    let text = |flag: &str| arguments.text(flag).filter(|text| !text.is_empty());
    let known = ports_of(target);
    let numbers: Vec<i64> = match text("port") {
        Some(text) => text
            .split(',')
            .map(|port| {
                port.trim().parse().map_err(|_| {
                    let quoted = go::quote::quote(port);
                    format!("strconv.Atoi: parsing {quoted}: invalid syntax")
                })
            })
            .collect::<Result<_, String>>()?,
        None => known.iter().map(|(port, _)| *port).collect(),
    };
    let headless = text("cluster-ip") == Some("None");
    if numbers.is_empty() && !headless {
        return Err("couldn't find port via --port flag or introspection".to_owned());
    }
    let several = numbers.len() > 1;
    let port = |(number, port): (usize, &i64)| {
        let protocol = known.iter().find(|(known, _)| known == port).map(|(_, name)| name.as_str());
        let protocol = text("protocol").or(protocol).unwrap_or("TCP");
        let mut entry = Value::map();
        if several {
            entry.set("name", format!("port-{}", number + 1));
        }
        entry.set("port", *port);
        entry.set("protocol", protocol);
        entry.set("targetPort", text("target-port").map_or((*port).into(), port_value));
        entry
    };
    Ok(numbers.iter().enumerate().map(port).collect())
}

/// The labels that select the pods of an object.
fn selector_of(target: &Target) -> Result<Value, String> {
    let object = &target.object;
    let (labels, missing) = match target.kind.kind {
        "Pod" => (&object["metadata"]["labels"], "the pod has no labels and cannot be exposed"),
        "Service" => (&object["spec"]["selector"], "the service has no pod selector set"),
        "ReplicationController" => {
            (&object["spec"]["selector"], "the replication controller has no pod selector set")
        }
        _ => {
            let selector = &object["spec"]["selector"];
            let expressions = selector.list("matchExpressions");
            if !expressions.is_empty() {
                let shown = kubernetes::object::go_value(&selector["matchExpressions"]);
                return Err(format!(
                    "couldn't convert expressions - \"{shown}\" to map-based selector format"
                ));
            }
            (
                &selector["matchLabels"],
                "invalid deployment: no selectors, therefore cannot be exposed",
            )
        }
    };
    if labels.is_empty() { Err(missing.to_owned()) } else { Ok(labels.clone()) }
}

/// Ports of an object with their protocols.
fn ports_of(target: &Target) -> Vec<(i64, String)> {
    let object = &target.object;
    let protocol = |port: &Value| {
        let protocol = port.str("protocol");
        if protocol.is_empty() { "TCP" } else { protocol }.to_owned()
    };
    if target.kind.kind == "Service" {
        let ports = object["spec"].list("ports").iter();
        return ports.map(|port| (port.int("port"), protocol(port))).collect();
    }
    let spec = match target.kind.kind {
        "Pod" => &object["spec"],
        _ => &object["spec"]["template"]["spec"],
    };
    let containers = spec.list("containers").iter();
    let ports = containers.flat_map(|container| container.list("ports"));
    ports.map(|port| (port.int("containerPort"), protocol(port))).collect()
}
