//! Services.
//!
//! Source: pkg/apis/core/validation ValidateService, pkg/apis/core/v1/defaults.go.

use super::{KIND, Kind, Update, keep_status, reset_status, warnings};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, meta, names, pod};

pub const SERVICE: Kind = Kind {
    kind: "Service",
    columns: crate::columns::SERVICE,
    plural: "services",
    short_names: &["svc"],
    categories: &["all"],
    name_form: names::dns1123_label,
    description: "One address and name for the pods that a selector finds.",
    defaults,
    prepare_create: |object| {
        reset_status(object);
        object.entry_at(&["status", "loadBalancer"]).map_mut();
        normalize_addresses(object, None);
    },
    prepare_update: |new, old| {
        keep_status(new, old);
        drop_fields_of_other_type(new, old);
        normalize_addresses(new, Some(old));
    },
    validate: |errors, object| service(errors, object, None),
    validate_update: Update::With(update),
    warnings: service_warnings,
    ..KIND
};

fn defaults(object: &mut Value) {
    let spec = object.entry("spec");
    spec.set_default_str("sessionAffinity", "None");
    match spec.str("sessionAffinity") {
        "None" => {
            spec.remove("sessionAffinityConfig");
        }
        "ClientIP" => {
            let client = spec.entry_at(&["sessionAffinityConfig", "clientIP"]);
            client.set_default("timeoutSeconds", 10_800);
        }
        _ => {}
    }
    spec.set_default_str("type", "ClusterIP");
    let ty = spec.str("type").to_owned();
    for port in spec.items_mut("ports") {
        port.set_default_str("protocol", "TCP");
        let absent = match &port["targetPort"] {
            Value::String(text) => text.is_empty(),
            target => target.as_int().unwrap_or_default() == 0,
        };
        if absent {
            let number = port.int("port");
            port.set("targetPort", number);
        }
    }
    if matches!(&*ty, "NodePort" | "LoadBalancer") || has_external_ips(spec) && ty == "ClusterIP" {
        spec.set_default_str("externalTrafficPolicy", "Cluster");
    }
    if matches!(&*ty, "ClusterIP" | "NodePort" | "LoadBalancer") {
        spec.set_default("internalTrafficPolicy", "Cluster");
    }
    if ty == "LoadBalancer" {
        spec.set_default("allocateLoadBalancerNodePorts", true);
    }
}

fn has_external_ips(spec: &Value) -> bool {
    !spec.list("externalIPs").is_empty()
}

/// `clusterIP` and the first of `clusterIPs` are the same.
fn normalize_addresses(object: &mut Value, old: Option<&Value>) {
    let old_ip = old.map_or("", |old| old["spec"].str("clusterIP")).to_owned();
    let spec = object.entry("spec");
    let ip = spec.str("clusterIP").to_owned();
    if ip.is_empty() {
        if !old_ip.is_empty() {
            // Taking the address out takes the list out, too.
            spec.remove("clusterIPs");
        }
        return;
    }
    let list = spec.list("clusterIPs");
    if list.is_empty() || old.is_some() && ip != old_ip {
        spec.set("clusterIPs", vec![Value::from(&*ip)]);
    }
}

/// Removes fields that have no meaning for the new type. Source: pkg/registry/core/service
/// dropTypeDependentFields.
fn drop_fields_of_other_type(new: &mut Value, old: &Value) {
    let needs = |spec: &Value| spec.str("type") != "ExternalName";
    let node_ports = |spec: &Value| matches!(spec.str("type"), "NodePort" | "LoadBalancer");
    let (new_spec, old_spec) = (new.entry("spec"), &old["spec"]);
    if needs(old_spec) && !needs(new_spec) {
        for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            if new_spec[key] == old_spec[key] {
                new_spec.remove(key);
            }
        }
    }
    if node_ports(old_spec) && !node_ports(new_spec) {
        let same = |list: &Value| -> Vec<i64> {
            list.list("ports").iter().map(|port| port.int("nodePort")).collect()
        };
        if same(new_spec) == same(old_spec) {
            for port in new_spec.items_mut("ports") {
                port.remove("nodePort");
            }
        }
        if !has_external_ips(new_spec) {
            new_spec.remove("externalTrafficPolicy");
        }
    }
    let has_health = |spec: &Value| {
        spec.str("type") == "LoadBalancer" && spec.str("externalTrafficPolicy") == "Local"
    };
    let health = "healthCheckNodePort";
    if has_health(old_spec) && !has_health(new_spec) && new_spec[health] == old_spec[health] {
        new_spec.remove(health);
    }
    if old_spec.str("type") == "LoadBalancer" && new_spec.str("type") != "LoadBalancer" {
        for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if new_spec[key] == old_spec[key] {
                new_spec.remove(key);
            }
        }
        new.entry("status").set("loadBalancer", Value::map());
    }
}

fn is_headless(spec: &Value) -> bool {
    spec.list("clusterIPs").first().and_then(Value::as_str) == Some("None")
}

fn service(errors: &mut Errors, object: &Value, old: Option<&Value>) {
    let spec = &object["spec"];
    let path = Path::new("spec");
    topology_annotations(errors, &object["metadata"]["annotations"]);
    let (ports, ty) = (spec.list("ports"), spec.str("type"));
    if ports.is_empty() && !is_headless(spec) && ty != "ExternalName" {
        errors.required(&path.child("ports"), "");
    }
    type_rules(errors, spec, &path);
    let at = path.child("ports");
    let mut seen: Vec<&str> = Vec::new();
    for (number, port) in ports.iter().enumerate() {
        service_port(errors, port, ports.len() > 1, &mut seen, &at.index(number));
    }
    meta::labels(errors, &spec["selector"], &path.child("selector"));
    session_affinity(errors, spec, &path);
    cluster_ips(errors, spec, &path);
    let at = path.child("externalIPs");
    for (number, ip) in spec.list("externalIPs").iter().filter_map(Value::as_str).enumerate() {
        external_ip(errors, ip, &at.index(number));
    }
    let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    errors.required_one_of(&path.child("type"), ty, &types);
    port_duplicates(errors, spec, &path.child("ports"));
    load_balancer(errors, object, old, &path);
    traffic_policies(errors, spec, &path);
}

/// Both names of an annotation must say the same.
fn topology_annotations(errors: &mut Errors, annotations: &Value) {
    const MODE: &str = "service.kubernetes.io/topology-mode";
    if let (Some(mode), Some(hints)) = (annotations[MODE].as_str(), annotations[HINTS].as_str())
        && mode != hints
    {
        let metadata = Path::new("metadata");
        let message = format!("must match annotations[{HINTS}] when both are specified");
        errors.invalid(&metadata.child("annotations").key(MODE), mode, &message);
    }
}

const HINTS: &str = "service.kubernetes.io/topology-aware-hints";

fn type_rules(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let addresses = path.child("clusterIPs");
    match spec.str("type") {
        ty @ ("LoadBalancer" | "NodePort") if is_headless(spec) => {
            let message = format!("may not be set to 'None' for {ty} services");
            errors.invalid(&addresses.index(0), "None", &message);
        }
        "ExternalName" => {
            for key in ["clusterIPs", "ipFamilies"] {
                if !spec.list(key).is_empty() {
                    let message = "may not be set for ExternalName services";
                    errors.forbidden(&path.child(key), message);
                }
            }
            if spec.has("ipFamilyPolicy") {
                let message = "may not be set for ExternalName services";
                errors.forbidden(&path.child("ipFamilyPolicy"), message);
            }
            let name = spec.str("externalName");
            let name = name.strip_suffix('.').unwrap_or(name);
            if name.is_empty() {
                errors.required(&path.child("externalName"), "");
            } else {
                let wrong = names::dns1123_subdomain(name);
                errors.invalid_each(&path.child("externalName"), name, wrong);
            }
        }
        _ => {}
    }
}

fn service_port<'a>(
    errors: &mut Errors,
    port: &'a Value,
    needs_name: bool,
    seen: &mut Vec<&'a str>,
    path: &Path<'_>,
) {
    let name = port.str("name");
    if needs_name && name.is_empty() {
        errors.required(&path.child("name"), "");
    } else if !name.is_empty() {
        errors.invalid_each(&path.child("name"), name, names::dns1123_label(name));
        if seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
    }
    let number = port.int("port");
    if let Some(message) = names::port_number(number) {
        errors.invalid(&path.child("port"), number, &message);
    }
    errors.required_one_of(&path.child("protocol"), port.str("protocol"), &["SCTP", "TCP", "UDP"]);
    pod::port_number_or_name(errors, &port["targetPort"], &path.child("targetPort"));
    if let Some(protocol) = port["appProtocol"].as_str() {
        let wrong = names::qualified_name(protocol);
        errors.invalid_each(&path.child("appProtocol"), protocol, wrong);
    }
}

fn session_affinity(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let affinity = spec.str("sessionAffinity");
    errors.required_one_of(&path.child("sessionAffinity"), affinity, &["ClientIP", "None"]);
    let config = path.child("sessionAffinityConfig");
    let timeout = &spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"];
    if affinity == "ClientIP"
        && let Some(seconds) = timeout.as_int()
        && !(1..=86_400).contains(&seconds)
    {
        let client = config.child("clientIP");
        let message = "must be greater than 0 and less than 86400";
        errors.invalid(&client.child("timeoutSeconds"), seconds, message);
    }
    if affinity == "None" && spec.has("sessionAffinityConfig") {
        errors.forbidden(&config, "must not be set when session affinity is None");
    }
}

fn cluster_ips(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    if spec.str("type") == "ExternalName" {
        return;
    }
    let list = spec.list("clusterIPs");
    let at = path.child("clusterIPs");
    let (first, ip) = (list.first().and_then(Value::as_str), spec.str("clusterIP"));
    if !ip.is_empty() && first.is_some_and(|first| first != ip) {
        let message = "first value must match `clusterIP`";
        errors.invalid(&at, &spec["clusterIPs"], message);
    }
    if ip.is_empty() && !list.is_empty() {
        let message = "must be empty when `clusterIP` is not specified";
        errors.invalid(&at, &spec["clusterIPs"], message);
    }
    let families = path.child("ipFamilies");
    let listed: Vec<&str> = spec.list("ipFamilies").iter().filter_map(Value::as_str).collect();
    for (number, family) in listed.iter().enumerate() {
        errors.one_of(&families.index(number), family, &["IPv4", "IPv6"]);
        if listed.iter().take(number).any(|earlier| earlier == family) {
            errors.duplicate(&families.index(number), *family);
        }
    }
    if let Some(policy) = spec["ipFamilyPolicy"].as_str() {
        let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
        errors.one_of(&path.child("ipFamilyPolicy"), policy, &policies);
    }
    let before = errors.list.len();
    if is_headless(spec) && list.len() > 1 {
        let message = "'None' must be the first and only value";
        errors.invalid(&at, &spec["clusterIPs"], message);
    }
    for (number, ip) in list.iter().filter_map(Value::as_str).enumerate() {
        if number > 0 || ip != "None" {
            errors.invalid_each(&at.index(number), ip, names::ip(ip));
        }
    }
    let all_valid = errors.list.len() == before;
    if list.len() > 2 {
        let message = "may only hold up to 2 values";
        errors.invalid(&at, &spec["clusterIPs"], message);
    }
    if all_valid {
        families_of_addresses(errors, spec, &at);
    }
}

/// The families of the addresses: one of each, in the order of `ipFamilies`.
fn families_of_addresses(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let list = spec.list("clusterIPs");
    let is_v4 = |text: &str| names::parse_ip(text).is_some_and(|ip| ip.is_ipv4());
    let addresses: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    let count = addresses.iter().filter(|ip| is_v4(ip)).count();
    if addresses.len() > 1 && (count == 0 || count == addresses.len()) {
        let message = "may specify no more than one IP for each IP family";
        errors.invalid(path, &spec["clusterIPs"], message);
    }
    if is_headless(spec) {
        return;
    }
    let families = spec.list("ipFamilies").iter().filter_map(Value::as_str);
    for (number, (ip, family)) in addresses.iter().zip(families).enumerate() {
        if matches!(family, "IPv4" | "IPv6") && is_v4(ip) != (family == "IPv4") {
            let message =
                format!("expected an {family} value as indicated by `ipFamilies[{number}]`");
            errors.invalid(&path.index(number), *ip, &message);
        }
    }
}

fn external_ip(errors: &mut Errors, text: &str, path: &Path<'_>) {
    let wrong = names::ip(text);
    match names::parse_ip(text) {
        Some(ip) if wrong.is_empty() => special_ip(errors, text, ip, path),
        _ => errors.invalid_each(path, text, wrong),
    }
}

/// Addresses that no endpoint can have. Source: ValidateNonSpecialIP.
pub fn special_ip(errors: &mut Errors, text: &str, ip: std::net::IpAddr, path: &Path<'_>) {
    let local = match ip {
        std::net::IpAddr::V4(ip) => ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    let local_multicast = match ip {
        std::net::IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        std::net::IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    };
    if ip.is_unspecified() {
        errors.invalid(path, text, &format!("may not be unspecified ({text})"));
    }
    if ip.is_loopback() {
        errors.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    }
    if local {
        errors.invalid(
            path,
            text,
            "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
        );
    }
    if local_multicast {
        errors.invalid(
            path,
            text,
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        );
    }
}

fn port_duplicates(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let ports = spec.list("ports");
    if spec.str("type") == "ClusterIP" {
        for (number, port) in ports.iter().enumerate() {
            if port.int("nodePort") != 0 {
                let message = "may not be used when `type` is 'ClusterIP'";
                errors.forbidden(&path.index(number).child("nodePort"), message);
            }
        }
    }
    let mut seen: Vec<(&str, i64)> = Vec::new();
    for (number, port) in ports.iter().enumerate() {
        let key = (port.str("protocol"), port.int("nodePort"));
        if key.1 != 0 && seen.contains(&key) {
            errors.duplicate(&path.index(number).child("nodePort"), key.1);
        }
        seen.push(key);
    }
    seen.clear();
    for (number, port) in ports.iter().enumerate() {
        let key = (port.str("protocol"), port.int("port"));
        if seen.contains(&key) {
            let mut shown = Value::map();
            shown.set("protocol", key.0);
            shown.set("port", key.1);
            errors.duplicate(&path.index(number), internal_port(&shown));
        }
        seen.push(key);
    }
}

fn internal_port(port: &Value) -> Bad {
    let id = types().named("io.k8s.api.core.v1.ServicePort");
    Bad::raw(id.map_or_else(String::new, |id| internal::to_json(id, port)))
}

fn load_balancer(errors: &mut Errors, object: &Value, old: Option<&Value>, path: &Path<'_>) {
    const ONLY: &str = "may only be used when `type` is 'LoadBalancer'";
    let spec = &object["spec"];
    let balanced = spec.str("type") == "LoadBalancer";
    let ranges = spec.list("loadBalancerSourceRanges");
    let at = path.child("LoadBalancerSourceRanges");
    if !ranges.is_empty() && !balanced {
        errors.forbidden(&at, ONLY);
    }
    if ranges.is_empty() {
        annotated_ranges(errors, object, old);
    }
    for (number, range) in ranges.iter().filter_map(Value::as_str).enumerate() {
        let range = range.trim();
        errors.invalid_each(&at.index(number), range, names::cidr(range));
    }
    if spec.has("allocateLoadBalancerNodePorts") && !balanced {
        errors.forbidden(&path.child("allocateLoadBalancerNodePorts"), ONLY);
    }
    if let Some(class) = spec["loadBalancerClass"].as_str() {
        let at = path.child("loadBalancerClass");
        if balanced {
            errors.invalid_each(&at, class, names::qualified_name(class));
        } else {
            errors.forbidden(&at, ONLY);
        }
    }
}

/// The older form of `loadBalancerSourceRanges`: an annotation.
fn annotated_ranges(errors: &mut Errors, object: &Value, old: Option<&Value>) {
    const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
    let text =
        |object: &Value| object["metadata"]["annotations"][RANGES].as_str().map(str::to_owned);
    let Some(ranges) = text(object) else { return };
    let metadata = Path::new("metadata");
    let annotations = metadata.child("annotations");
    let at = annotations.key(RANGES);
    if object["spec"].str("type") != "LoadBalancer" {
        errors.forbidden(&at, "may only be used when `type` is 'LoadBalancer'");
    }
    if old.and_then(text).as_ref() == Some(&ranges) || ranges.trim().is_empty() {
        return;
    }
    for range in ranges.trim().split(',').map(str::trim) {
        errors.invalid_each(&at, range, names::cidr(range));
    }
}

/// True if the service can be reached from outside.
fn is_external(spec: &Value) -> bool {
    matches!(spec.str("type"), "NodePort" | "LoadBalancer")
        || spec.str("type") == "ClusterIP" && has_external_ips(spec)
}

fn traffic_policies(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let policy = spec.str("externalTrafficPolicy");
    let at = path.child("externalTrafficPolicy");
    if !is_external(spec) {
        if !policy.is_empty() {
            let message = "may only be set for externally-accessible services";
            errors.invalid(&at, policy, message);
        }
    } else {
        errors.required_one_of(&at, policy, &["Cluster", "Local"]);
    }
    let health = spec.int("healthCheckNodePort");
    // The allocator gives a port to a service that has none.
    if health != 0 && !(spec.str("type") == "LoadBalancer" && policy == "Local") {
        let message =
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        errors.invalid(&path.child("healthCheckNodePort"), health, message);
    }
    if let Some(policy) = spec["internalTrafficPolicy"].as_str() {
        errors.one_of(&path.child("internalTrafficPolicy"), policy, &["Cluster", "Local"]);
    }
    if let Some(distribution) = spec["trafficDistribution"].as_str() {
        let values = ["PreferClose", "PreferSameZone", "PreferSameNode"];
        errors.one_of(&path.child("trafficDistribution"), distribution, &values);
    }
}

fn update(errors: &mut Errors, new: &Value, old: &Value) {
    let path = Path::new("spec");
    let (new_spec, old_spec) = (&new["spec"], &old["spec"]);
    let external = |spec: &Value| spec.str("type") == "ExternalName";
    if !external(new_spec) && !external(old_spec) {
        addresses_update(errors, new_spec, old_spec, &path);
    }
    let balanced = |spec: &Value| spec.str("type") == "LoadBalancer";
    let class = "loadBalancerClass";
    if balanced(new_spec) && balanced(old_spec) && new_spec[class] != old_spec[class] {
        errors.invalid(&path.child(class), &new_spec[class], "may not change once set");
    }
    let checked = |spec: &Value| balanced(spec) && spec.str("externalTrafficPolicy") == "Local";
    let health = "healthCheckNodePort";
    if checked(new_spec) && checked(old_spec) && new_spec[health] != old_spec[health] {
        errors.forbidden(&path.child(health), "field is immutable");
    }
    service(errors, new, Some(old));
}

/// Addresses stay, and so do families; a second one of each may come and go.
/// Source: validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies.
fn addresses_update(errors: &mut Errors, new: &Value, old: &Value, path: &Path<'_>) {
    let single = new["ipFamilyPolicy"].as_str() == Some("SingleStack");
    let (headless, was_headless) = (is_headless(new), is_headless(old));
    for (key, unset, released) in [
        ("clusterIPs", "primary clusterIP can not be unset", "clusterIP"),
        ("ipFamilies", "primary ipFamily can not be unset", "ipFamily"),
    ] {
        let is_exempt = match key {
            "clusterIPs" => headless && was_headless,
            _ => headless || was_headless,
        };
        if is_exempt {
            continue;
        }
        let at = path.child(key);
        let (now, before) = (new.list(key), old.list(key));
        for (number, _) in before.iter().zip(now).enumerate().filter(|(_, (old, new))| old != new) {
            // Of families the first is named, whichever changed.
            let number = if key == "clusterIPs" { number } else { 0 };
            errors.invalid(&at.index(number), &new[key], "may not change once set");
        }
        if before.len() > now.len() {
            if now.is_empty() {
                errors.invalid(&at.index(0), &new[key], unset);
            }
            if now.len() == 1 && !single {
                let message =
                    format!("must be set to 'SingleStack' when releasing the secondary {released}");
                errors.invalid(&path.child("ipFamilyPolicy"), &new["ipFamilyPolicy"], &message);
            }
        }
    }
}

/// Source: pkg/api/service/warnings.go GetWarningsForService.
fn service_warnings(object: &Value) -> Vec<String> {
    let spec = &object["spec"];
    let path = Path::new("spec");
    let mut found = Vec::new();
    if object["metadata"]["annotations"].has(HINTS) {
        found.push(format!(
            "annotation {HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead"
        ));
    }
    let headless = is_headless(spec);
    let addresses = |key: &str| -> Vec<String> {
        let at = path.child(key);
        let list = spec.list(key).iter().filter_map(Value::as_str).enumerate();
        list.filter_map(|(number, text)| warnings::ip(text, &at.index(number))).collect()
    };
    found.extend(addresses("clusterIPs"));
    if headless {
        if !spec.str("loadBalancerIP").is_empty() {
            found.push("spec.loadBalancerIP is ignored for headless services".to_owned());
        }
        if has_external_ips(spec) {
            found.push("spec.externalIPs is ignored for headless services".to_owned());
        }
        if spec.str("sessionAffinity") != "None" {
            found.push("spec.SessionAffinity is ignored for headless services".to_owned());
        }
    }
    found.extend(addresses("externalIPs"));
    found.extend(warnings::ip(spec.str("loadBalancerIP"), &path.child("loadBalancerIP")));
    let at = path.child("loadBalancerSourceRanges");
    let ranges = spec.list("loadBalancerSourceRanges").iter().filter_map(Value::as_str);
    for (number, range) in ranges.enumerate() {
        found.extend(warnings::cidr(range, &at.index(number)));
    }
    let is_external_name = spec.str("type") == "ExternalName";
    if is_external_name && has_external_ips(spec) {
        found.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".to_owned());
    }
    if !is_external_name && !spec.str("externalName").is_empty() {
        found
            .push("spec.externalName is ignored when spec.type is not \"ExternalName\"".to_owned());
    }
    if spec.str("trafficDistribution") == "PreferClose" {
        found.push(
            "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\""
                .to_owned(),
        );
    }
    found
}
