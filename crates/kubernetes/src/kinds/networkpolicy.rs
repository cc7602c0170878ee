//! NetworkPolicies.
//!
//! Source: pkg/apis/networking/validation ValidateNetworkPolicySpec.

use super::{KIND, Kind, warnings};
use crate::object::Value;
use crate::validation::{Errors, Path, meta, names};

pub const NETWORK_POLICY: Kind = Kind {
    group: "networking.k8s.io",
    kind: "NetworkPolicy",
    columns: crate::columns::NETWORK_POLICY,
    plural: "networkpolicies",
    short_names: &["netpol"],
    generation: true,
    description: "Which connections pods may have.",
    defaults: |object| {
        let spec = object.entry("spec");
        for key in ["ingress", "egress"] {
            for rule in spec.items_mut(key) {
                for port in rule.items_mut("ports") {
                    port.set_default("protocol", "TCP");
                }
            }
        }
        if spec["policyTypes"].is_empty() {
            let egress = !spec.list("egress").is_empty();
            let types: &[&str] = if egress { &["Ingress", "Egress"] } else { &["Ingress"] };
            spec.set("policyTypes", types);
        }
    },
    validate: |errors, object| spec(errors, &object["spec"]),
    warnings: |object| ranges(&object["spec"]),
    ..KIND
};

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    meta::label_selector(errors, &spec["podSelector"], &path.child("podSelector"));
    for (key, peers) in [("ingress", "from"), ("egress", "to")] {
        let rules = path.child(key);
        for (number, rule) in spec.list(key).iter().enumerate() {
            let at = rules.index(number);
            let ports = at.child("ports");
            for (number, port) in rule.list("ports").iter().enumerate() {
                self::port(errors, port, &ports.index(number));
            }
            let list = at.child(peers);
            for (number, peer) in rule.list(peers).iter().enumerate() {
                self::peer(errors, peer, &list.index(number));
            }
        }
    }
    let types = spec.list("policyTypes");
    let at = path.child("policyTypes");
    if types.len() > 2 {
        let message = "may not specify more than two policyTypes";
        return errors.invalid(&at, &spec["policyTypes"], message);
    }
    for (number, ty) in types.iter().filter_map(Value::as_str).enumerate() {
        errors.one_of(&at.index(number), ty, &["Egress", "Ingress"]);
    }
}

/// Warnings about ranges that are not in canonical form.
/// Source: pkg/registry/networking/networkpolicy/strategy.go networkPolicyWarnings.
fn ranges(spec: &Value) -> Vec<String> {
    let path = Path::new("spec");
    let mut found = Vec::new();
    for (key, peers) in [("ingress", "from"), ("egress", "to")] {
        let rules = path.child(key);
        for (number, rule) in spec.list(key).iter().enumerate() {
            let at = rules.index(number);
            let list = at.child(peers);
            for (number, peer) in rule.list(peers).iter().enumerate() {
                let (block, peer_at) = (&peer["ipBlock"], list.index(number));
                let at = peer_at.child("ipBlock");
                found.extend(warnings::cidr(block.str("cidr"), &at.child("cidr")));
                let excepted = at.child("except");
                let list = block.list("except").iter().filter_map(Value::as_str).enumerate();
                for (number, range) in list {
                    found.extend(warnings::cidr(range, &excepted.index(number)));
                }
            }
        }
    }
    found
}

fn port(errors: &mut Errors, port: &Value, path: &Path<'_>) {
    if let Some(protocol) = port["protocol"].as_str() {
        errors.one_of(&path.child("protocol"), protocol, &["SCTP", "TCP", "UDP"]);
    }
    let end = port["endPort"].as_int();
    let at = path.child("endPort");
    match &port["port"] {
        Value::Int(number) => {
            if let Some(message) = names::port_number(*number) {
                errors.invalid(&path.child("port"), *number, &message);
            }
            if let Some(end) = end {
                if end < *number {
                    // The server shows the port, not its end.
                    errors.invalid(&at, *number, "must be greater than or equal to `port`");
                }
                if let Some(message) = names::port_number(end) {
                    errors.invalid(&at, end, &message);
                }
            }
        }
        Value::String(name) => {
            if let Some(end) = end {
                errors.invalid(&at, end, "may not be specified when `port` is non-numeric");
            }
            errors.invalid_each(&path.child("port"), name, names::port_name(name));
        }
        _ => {
            if let Some(end) = end {
                errors.invalid(&at, end, "may not be specified when `port` is not specified");
            }
        }
    }
}

fn peer(errors: &mut Errors, peer: &Value, path: &Path<'_>) {
    let mut peers = 0;
    for key in ["podSelector", "namespaceSelector"] {
        if peer.has(key) {
            peers += 1;
            meta::label_selector(errors, &peer[key], &path.child(key));
        }
    }
    if peer.has("ipBlock") {
        peers += 1;
        ip_block(errors, &peer["ipBlock"], &path.child("ipBlock"));
    }
    if peers == 0 {
        errors.required(path, "must specify a peer");
    } else if peers > 1 && peer.has("ipBlock") {
        errors.forbidden(path, "may not specify both ipBlock and another peer");
    }
}

fn ip_block(errors: &mut Errors, block: &Value, path: &Path<'_>) {
    let text = block.str("cidr");
    let at = path.child("cidr");
    if text.is_empty() {
        return errors.required(&at, "");
    }
    errors.invalid_each(&at, text, names::cidr(text));
    let Some((address, length)) = names::parse_cidr(text) else { return };
    let list = path.child("except");
    for (number, except) in block.list("except").iter().filter_map(Value::as_str).enumerate() {
        let at = list.index(number);
        errors.invalid_each(&at, except, names::cidr(except));
        let Some((inner, inner_length)) = names::parse_cidr(except) else { continue };
        let inside = inner.is_ipv4() == address.is_ipv4()
            && inner_length > length
            && names::masked(inner, length) == names::masked(address, length);
        if !inside {
            errors.invalid(&at, except, "must be a strict subset of `cidr`");
        }
    }
}
