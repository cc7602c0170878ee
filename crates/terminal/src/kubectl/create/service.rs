//! `kubectl create service` and `kubectl create ingress`.
//!
//! Source: kubectl pkg/cmd/create/create_service.go, create_ingress.go.

use kubernetes::object::Value;
use kubernetes::validation::names;

use super::super::commands::{
    COMMAND, Command, DRY_RUN, FIELD_MANAGER, PRINT, Run, SAVE_CONFIG, VALIDATE,
};
use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::{Kubectl, Session, plain};
use super::{named, one_name};

const CLUSTER_IP: &[Flag] = &[Flag::new("clusterip", Form::Text), Flag::new("tcp", Form::List)];
const NODE_PORT: &[Flag] = &[Flag::new("node-port", Form::Int), Flag::new("tcp", Form::List)];
const LOAD_BALANCER: &[Flag] = &[Flag::new("tcp", Form::List)];
const EXTERNAL_NAME: &[Flag] =
    &[Flag::new("external-name", Form::Text), Flag::new("tcp", Form::List)];
pub(super) const INGRESS: &[Flag] = &[
    Flag::new("annotation", Form::Array),
    Flag::new("class", Form::Text),
    Flag::new("default-backend", Form::Text),
    Flag::new("rule", Form::Array),
];

const fn service(
    name: &'static str,
    required: &'static [&'static str],
    flags: &'static [&'static [Flag]],
    run: Run,
) -> Command {
    Command { name, required, flags, run, manager: "kubectl-create", ..COMMAND }
}

/// The commands below `kubectl create service`.
pub(super) static SERVICES: &[Command] = &[
    service(
        "clusterip",
        &[],
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, CLUSTER_IP],
        |kubectl, arguments, session| kubectl.create_service("ClusterIP", arguments, session),
    ),
    service(
        "externalname",
        &["external-name"],
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, EXTERNAL_NAME],
        |kubectl, arguments, session| kubectl.create_service("ExternalName", arguments, session),
    ),
    service(
        "loadbalancer",
        &[],
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, LOAD_BALANCER],
        |kubectl, arguments, session| kubectl.create_service("LoadBalancer", arguments, session),
    ),
    service(
        "nodeport",
        &[],
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, NODE_PORT],
        |kubectl, arguments, session| kubectl.create_service("NodePort", arguments, session),
    ),
];

/// A port or its name.
pub(in super::super) fn port_value(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| text.into(), Into::into)
}

/// Reads `80:8080` or `80`. Source: create_service.go parsePorts.
fn parse_port(text: &str) -> Result<(i64, Value), String> {
    let (port, target) = text.split_once(':').unwrap_or((text, text));
    let number = |text: &str| {
        text.parse::<i32>().map_err(|_| {
            let quoted = go::quote::quote(text);
            format!("strconv.Atoi: parsing {quoted}: invalid syntax")
        })
    };
    let port = i64::from(number(port)?);
    if let Some(wrong) = names::port_number(port) {
        return Err(wrong);
    }
    let target = port_value(target);
    let wrong = match (target.as_int(), target.as_str()) {
        (Some(number), _) => names::port_number(number).into_iter().collect(),
        (_, text) => names::port_name(text.unwrap_or_default()),
    };
    if wrong.is_empty() { Ok((port, target)) } else { Err(wrong.join(",")) }
}

const BAD_BACKEND: &str = "default-backend should be in format servicename:serviceport (service and port, separated by a colon)";

impl Kubectl<'_> {
    fn create_service(
        &mut self,
        ty: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let text = |flag: &str| arguments.text(flag).unwrap_or_default();
        let (tcp, address) = (arguments.list("tcp"), text("clusterip"));
        if tcp.is_empty() && address != "None" && ty != "ExternalName" {
            return plain("at least one tcp port specifier must be provided");
        }
        let external = text("external-name");
        if ty == "ExternalName" && !names::dns1123_subdomain(external).is_empty() {
            return plain(format!("invalid service external name {external}"));
        }
        let mut ports = Vec::new();
        for text in tcp {
            let (number, target) = match parse_port(text) {
                Ok(parsed) => parsed,
                Err(message) => return plain(message),
            };
            let mut port = Value::map();
            port.set("name", text.replace(':', "-"));
            port.set("port", number);
            port.set("protocol", "TCP");
            port.set("targetPort", target);
            if let Some(node_port) = arguments.int("node-port").filter(|port| *port > 0) {
                port.set("nodePort", node_port);
            }
            ports.push(port);
        }
        let mut object = named("v1", "Service", name);
        object.entry("metadata").entry("labels").set("app", name);
        let spec = object.entry("spec");
        spec.entry("selector").set("app", name);
        spec.set("type", ty);
        if !ports.is_empty() {
            spec.set("ports", ports);
        }
        if !address.is_empty() {
            spec.set("clusterIP", address);
        }
        if !external.is_empty() {
            spec.set("externalName", external);
        }
        object.entry("status").set("loadBalancer", Value::map());
        let failed = format!("failed to create {ty} service:");
        self.make(object, &failed, "created", arguments, session)
    }

    pub(super) fn create_ingress(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let rules = arguments.list("rule");
        let default = arguments.text("default-backend").unwrap_or_default();
        if rules.is_empty() && default.is_empty() {
            return plain(
                "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
            );
        }
        let mut object = named("networking.k8s.io/v1", "Ingress", name);
        for annotation in arguments.list("annotation") {
            let Some((key, value)) = annotation.split_once('=') else {
                return plain(format!(
                    "annotation {annotation} is invalid and should be in format key=[value]"
                ));
            };
            object.entry_at(&["metadata", "annotations"]).set(key, value);
        }
        let spec = object.entry("spec");
        if let Some(class) = arguments.text("class").filter(|class| !class.is_empty()) {
            spec.set("ingressClassName", class);
        }
        if !default.is_empty() {
            let Some(backend) = backend(default) else {
                return plain(format!("{BAD_BACKEND}: {default}"));
            };
            spec.set("defaultBackend", backend);
        }
        let mut hosts: Vec<(String, Vec<Value>)> = Vec::new();
        let mut tls: Vec<(String, Vec<Value>)> = Vec::new();
        for text in rules {
            let Some(rule) = Rule::parse(text) else {
                return plain(format!(
                    "rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
                ));
            };
            push(&mut hosts, rule.host.to_owned(), rule.path());
            if let Some(secret) = rule.tls {
                push(&mut tls, secret.to_owned(), rule.host.into());
            }
        }
        if !hosts.is_empty() {
            spec.set("rules", hosts.into_iter().map(host_rule).collect::<Vec<Value>>());
        }
        if !tls.is_empty() {
            spec.set("tls", tls.into_iter().map(tls_entry).collect::<Vec<Value>>());
        }
        object.entry("status").set("loadBalancer", Value::map());
        self.make(object, "failed to create ingress:", "created", arguments, session)
    }
}

/// Adds an item to the list of a key.
fn push(lists: &mut Vec<(String, Vec<Value>)>, key: String, item: Value) {
    match lists.iter_mut().find(|(known, _)| *known == key) {
        Some((_, items)) => items.push(item),
        None => lists.push((key, vec![item])),
    }
}

fn host_rule((host, paths): (String, Vec<Value>)) -> Value {
    let mut rule = Value::map();
    if !host.is_empty() {
        rule.set("host", host);
    }
    rule.entry("http").set("paths", paths);
    rule
}

fn tls_entry((secret, hosts): (String, Vec<Value>)) -> Value {
    let mut entry = Value::map();
    let hosts: Vec<Value> = hosts
        .into_iter()
        .filter(|host| host.as_str().is_some_and(|host| !host.is_empty()))
        .collect();
    if !hosts.is_empty() {
        entry.set("hosts", hosts);
    }
    if !secret.is_empty() {
        entry.set("secretName", secret);
    }
    entry
}

/// `name:port` as the backend of a path; None if the text has another form.
fn backend(text: &str) -> Option<Value> {
    let (name, port) = text.split_once(':')?;
    if name.is_empty() || port.is_empty() || port.contains([':', '=', ',', '/']) {
        return None;
    }
    let mut backend = Value::map();
    let service = backend.entry("service");
    service.set("name", name);
    match port.parse::<i64>() {
        Ok(number) => service.entry("port").set("number", number),
        Err(_) => service.entry("port").set("name", port),
    }
    Some(backend)
}

/// A rule of the command line.
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    backend: Value,
    /// The name of the Secret, empty for the default one; None without TLS.
    tls: Option<&'a str>,
}

impl<'a> Rule<'a> {
    /// Reads `host/path=svcname:svcport[,tls[=secret]]`.
    fn parse(text: &'a str) -> Option<Self> {
        let (address, rest) = text.split_once('=')?;
        let (target, tls) = match rest.split_once(',') {
            None => (rest, None),
            Some((target, "tls")) => (target, Some("")),
            Some((target, tls)) => (target, Some(tls.strip_prefix("tls=")?)),
        };
        let slash = address.find('/')?;
        let (host, path) = address.split_at(slash);
        Some(Self { host, path, backend: backend(target)?, tls })
    }

    /// The path; a star at its end makes it a prefix.
    fn path(&self) -> Value {
        let (text, ty) = match self.path.strip_suffix('*') {
            Some(prefix) => (prefix, "Prefix"),
            None => (self.path, "Exact"),
        };
        let mut path = Value::map();
        path.set("backend", self.backend.clone());
        path.set("path", text);
        path.set("pathType", ty);
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::to_json;

    #[test]
    fn rules_have_a_path_a_service_and_perhaps_tls() {
        let rule = Rule::parse("a.example/x*=web:http,tls=cert").expect("it is valid");
        assert_eq!((rule.host, rule.tls), ("a.example", Some("cert")));
        assert_eq!(
            to_json(&rule.path()),
            r#"{"backend":{"service":{"name":"web","port":{"name":"http"}}},"path":"/x","pathType":"Prefix"}"#
        );
        for text in ["x", "a/b=web", "a=web:80", "/=web:80,other"] {
            assert!(Rule::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn ports_have_a_number_and_a_target() {
        assert_eq!(parse_port("80:8080"), Ok((80, 8080.into())));
        assert_eq!(parse_port("80:http"), Ok((80, "http".into())));
        assert_eq!(parse_port("80"), Ok((80, 80.into())));
        assert_eq!(parse_port("x"), Err("strconv.Atoi: parsing \"x\": invalid syntax".to_owned()));
    }
}
