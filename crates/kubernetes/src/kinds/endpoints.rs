//! Endpoints and EndpointSlices.
//!
//! Source: pkg/apis/core/validation ValidateEndpoints, pkg/apis/discovery/validation.

use super::{KIND, Kind, Update, service};
use crate::object::Value;
use crate::validation::{Errors, Path, names};

pub const ENDPOINTS: Kind = Kind {
    kind: "Endpoints",
    columns: crate::columns::ENDPOINTS,
    plural: "endpoints",
    short_names: &["ep"],
    description: "Addresses behind a Service, in the older form.",
    defaults: |object| {
        for subset in object.items_mut("subsets") {
            for port in subset.items_mut("ports") {
                port.set_default_str("protocol", "TCP");
            }
        }
    },
    validate: endpoints,
    // Subsets that stay as they are may be invalid.
    validate_update: Update::With(|errors, new, old| {
        if new["subsets"] != old["subsets"] {
            endpoints(errors, new);
        }
    }),
    deprecated: Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"),
    ..KIND
};

fn endpoints(errors: &mut Errors, object: &Value) {
    let subsets = Path::new("subsets");
    for (number, subset) in object.list("subsets").iter().enumerate() {
        let at = subsets.index(number);
        let (ready, not_ready) = (subset.list("addresses"), subset.list("notReadyAddresses"));
        if ready.is_empty() && not_ready.is_empty() {
            errors.required(&at, "must specify `addresses` or `notReadyAddresses`");
        }
        for (key, list) in [("addresses", ready), ("notReadyAddresses", not_ready)] {
            let addresses = at.child(key);
            for (number, address) in list.iter().enumerate() {
                self::address(errors, address, &addresses.index(number));
            }
        }
        let ports = at.child("ports");
        let list = subset.list("ports");
        for (number, port) in list.iter().enumerate() {
            self::port(errors, port, list.len() > 1, &ports.index(number));
        }
    }
}

fn address(errors: &mut Errors, address: &Value, path: &Path<'_>) {
    let text = address.str("ip");
    let at = path.child("ip");
    errors.invalid_each(&at, text, names::ip(text));
    let hostname = address.str("hostname");
    if !hostname.is_empty() {
        let wrong = names::dns1123_label(hostname);
        errors.invalid_each(&path.child("hostname"), hostname, wrong);
    }
    if let Some(node) = address["nodeName"].as_str() {
        errors.invalid_each(&path.child("nodeName"), node, names::dns1123_subdomain(node));
    }
    endpoint_ip(errors, text, &at);
}

/// An address that pods can have. Source: ValidateEndpointIP.
fn endpoint_ip(errors: &mut Errors, text: &str, path: &Path<'_>) {
    match names::parse_ip(text) {
        None => errors.invalid(path, text, "must be a valid IP address"),
        Some(ip) => service::special_ip(errors, text, ip, path),
    }
}

fn port(errors: &mut Errors, port: &Value, needs_name: bool, path: &Path<'_>) {
    let name = port.str("name");
    if needs_name && name.is_empty() {
        errors.required(&path.child("name"), "");
    } else if !name.is_empty() {
        errors.invalid_each(&path.child("name"), name, names::dns1123_label(name));
    }
    let number = port.int("port");
    if let Some(message) = names::port_number(number) {
        errors.invalid(&path.child("port"), number, &message);
    }
    errors.required_one_of(&path.child("protocol"), port.str("protocol"), &["SCTP", "TCP", "UDP"]);
    if let Some(protocol) = port["appProtocol"].as_str() {
        let wrong = names::qualified_name(protocol);
        errors.invalid_each(&path.child("appProtocol"), protocol, wrong);
    }
}

pub const ENDPOINT_SLICE: Kind = Kind {
    group: "discovery.k8s.io",
    kind: "EndpointSlice",
    columns: crate::columns::ENDPOINT_SLICE,
    plural: "endpointslices",
    generation: true,
    description: "Addresses behind a Service, up to a thousand in one object.",
    defaults: |object| {
        for port in object.items_mut("ports") {
            port.set_default("name", "");
            port.set_default("protocol", "TCP");
        }
    },
    validate: |errors, object| slice(errors, object),
    validate_update: Update::With(|errors, new, old| {
        slice(errors, new);
        errors.immutable(&Path::new("addressType"), &new["addressType"], &old["addressType"]);
    }),
    warnings: |object| match object.str("addressType") {
        "FQDN" => vec!["spec.addressType: FQDN endpoints are deprecated".to_owned()],
        _ => Vec::new(),
    },
    ..KIND
};

const MOST_ENDPOINTS: usize = 1000;
const MOST_ADDRESSES: usize = 100;
const MOST_ZONES: usize = 8;

fn slice(errors: &mut Errors, object: &Value) {
    let ty = object.str("addressType");
    let types = ["FQDN", "IPv4", "IPv6"];
    errors.required_one_of(&Path::new("addressType"), ty, &types);
    let endpoints = Path::new("endpoints");
    let count = object.list("endpoints").len();
    if count > MOST_ENDPOINTS {
        errors.too_many(&endpoints, count, MOST_ENDPOINTS as i64);
    }
    let checked = object.list("endpoints").iter().filter(|_| count <= MOST_ENDPOINTS);
    for (number, endpoint) in checked.enumerate() {
        slice_endpoint(errors, endpoint, ty, &endpoints.index(number));
    }
    let ports = Path::new("ports");
    let mut seen: Vec<&str> = Vec::new();
    for (number, port) in object.list("ports").iter().enumerate() {
        let at = ports.index(number);
        let name = port.str("name");
        if !name.is_empty() {
            errors.invalid_each(&at.child("name"), name, names::dns1123_label(name));
        }
        if seen.contains(&name) {
            errors.duplicate(&at.child("name"), name);
        }
        seen.push(name);
        let protocols = ["SCTP", "TCP", "UDP"];
        errors.required_one_of(&at.child("protocol"), port.str("protocol"), &protocols);
        if let Some(protocol) = port["appProtocol"].as_str() {
            let wrong = names::qualified_name(protocol);
            errors.invalid_each(&at.child("appProtocol"), protocol, wrong);
        }
    }
}

fn slice_endpoint(errors: &mut Errors, endpoint: &Value, ty: &str, path: &Path<'_>) {
    let at = path.child("addresses");
    let addresses = endpoint.list("addresses");
    if addresses.is_empty() {
        errors.required(&at, "must contain at least 1 address");
    } else if addresses.len() > MOST_ADDRESSES {
        errors.too_many(&at, addresses.len(), MOST_ADDRESSES as i64);
    }
    for (number, text) in addresses.iter().filter_map(Value::as_str).enumerate() {
        let at = at.index(number);
        match ty {
            "IPv4" | "IPv6" => {
                let Some(ip) = names::parse_ip(text) else {
                    errors.invalid(&at, text, names::NO_IP);
                    continue;
                };
                if ip.is_ipv4() == (ty == "IPv4") {
                    errors.invalid_each(&at, text, names::ip(text));
                    service::special_ip(errors, text, ip, &at);
                } else {
                    errors.invalid(&at, text, &format!("must be a valid {ty} address"));
                }
            }
            "FQDN" => {
                let name = text.strip_suffix('.').unwrap_or(text);
                errors.invalid_each(&at, text, names::dns1123_subdomain(name));
            }
            _ => {}
        }
    }
    if let Some(node) = endpoint["nodeName"].as_str() {
        errors.invalid_each(&path.child("nodeName"), node, names::dns1123_subdomain(node));
    }
    if let Some(hostname) = endpoint["hostname"].as_str() {
        errors.invalid_each(&path.child("hostname"), hostname, names::dns1123_label(hostname));
    }
    let hints = path.child("hints");
    zones(errors, endpoint["hints"].list("forZones"), &hints.child("forZones"));
}

/// The zones that an endpoint is meant for.
fn zones(errors: &mut Errors, zones: &[Value], path: &Path<'_>) {
    if zones.len() > MOST_ZONES {
        return errors.too_many(path, zones.len(), MOST_ZONES as i64);
    }
    for (number, zone) in zones.iter().enumerate() {
        let (at, name) = (path.index(number), zone.str("name"));
        if zones.iter().take(number).any(|earlier| earlier.str("name") == name) {
            errors.duplicate(&at.child("name"), name);
        }
        errors.invalid_each(&at.child("name"), name, names::label_value(name));
    }
}
