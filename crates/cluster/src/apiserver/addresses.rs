//! Cluster addresses and node ports of Services.
//!
//! Source: pkg/registry/core/service/storage, ranges 10.96.0.0/12 and 30000–32767.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use kubernetes::object::{NULL, Value};
use kubernetes::validation::{Bad, Errors, Path};

const FIRST: u32 = u32::from_be_bytes([10, 96, 0, 0]);
const BITS: u32 = 12;
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;

/// The position from which the search for a free address or port continues.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    next_address: u32,
    next_port: i64,
}

/// Addresses and ports of the stored Services, with the number of Services that have each.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    addresses: BTreeMap<String, usize>,
    ports: BTreeMap<i64, usize>,
}

impl Taken {
    /// Adds the addresses and ports of a Service.
    pub fn add(&mut self, service: &Value) {
        for address in addresses_of(service) {
            *self.addresses.entry(address.to_owned()).or_default() += 1;
        }
        for port in ports_of(service) {
            *self.ports.entry(port).or_default() += 1;
        }
    }

    /// Removes the addresses and ports of a Service that was added.
    pub fn remove(&mut self, service: &Value) {
        for address in addresses_of(service) {
            release(&mut self.addresses, address);
        }
        for port in ports_of(service) {
            release(&mut self.ports, &port);
        }
    }
}

/// Returns true if two states of a Service have the same addresses and ports.
pub(super) fn has_same_addresses(old: Option<&Value>, new: Option<&Value>) -> bool {
    let (old, new) = (old.unwrap_or(&NULL), new.unwrap_or(&NULL));
    addresses_of(old).eq(addresses_of(new)) && ports_of(old).eq(ports_of(new))
}

fn addresses_of(service: &Value) -> impl Iterator<Item = &str> {
    service["spec"].list("clusterIPs").iter().filter_map(Value::as_str)
}

fn ports_of(service: &Value) -> impl Iterator<Item = i64> + '_ {
    let spec = &service["spec"];
    let ports = spec.list("ports").iter().map(|port| port.int("nodePort"));
    ports.chain([spec.int(HEALTH)]).filter(|port| *port != 0)
}

/// The port of nodes at which a load balancer asks for the health of a Service.
const HEALTH: &str = "healthCheckNodePort";

/// Returns true if a Service has a port for its health.
pub(super) fn has_health_port(spec: &Value) -> bool {
    spec.str("type") == "LoadBalancer" && spec.str("externalTrafficPolicy") == "Local"
}

/// The families of addresses that a Service asks for. The cluster has IPv4 only.
/// Source: pkg/registry/core/service/storage/alloc.go initIPFamilyFields.
fn check_families(object: &mut Value, errors: &mut Errors) {
    let spec = object.entry("spec");
    let path = Path::new("spec");
    let addresses = spec.list("clusterIPs").to_vec();
    let addresses: Vec<&str> =
        addresses.iter().filter_map(Value::as_str).filter(|ip| *ip != "None").collect();
    let listed = spec.list("ipFamilies").len();
    for address in addresses.iter().skip(listed) {
        let family = if address.contains(':') { "IPv6" } else { "IPv4" };
        spec.entry("ipFamilies").list_mut().push(family.into());
    }
    let policy_at = path.child("ipFamilyPolicy");
    let policy = spec["ipFamilyPolicy"].clone();
    let families = spec["ipFamilies"].clone();
    if matches!(policy.as_str(), None | Some("SingleStack")) {
        for (name, count) in
            [("clusterIPs", addresses.len()), ("ipFamilies", spec.list("ipFamilies").len())]
        {
            if count > 1 {
                let message = format!(
                    "must be RequireDualStack or PreferDualStack when multiple '{name}' are specified"
                );
                errors.invalid(&policy_at, &policy, &message);
            }
        }
    }
    if spec.str("clusterIP") == "None" && spec["selector"].is_empty() {
        return;
    }
    if policy.as_str() == Some("RequireDualStack") {
        let message = "this cluster is not configured for dual-stack services";
        errors.invalid(&policy_at, &policy, message);
    }
    let families_at = path.child("ipFamilies");
    for (number, family) in families.as_list().unwrap_or_default().iter().enumerate() {
        if family.as_str() != Some("IPv4") {
            errors.invalid(&families_at.index(number), family, "not configured on this cluster");
        }
    }
}

fn release<K: Ord + std::borrow::Borrow<Q>, Q: Ord + ?Sized>(
    counts: &mut BTreeMap<K, usize>,
    key: &Q,
) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl Addresses {
    /// Begins the search at a place that follows from a seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self { next_address: (seed % (1 << 18)) as u32, next_port: (seed % 2768) as i64 }
    }

    /// Gives a service the addresses and ports that it needs and does not have. `old` is the stored
    /// service; what it has is its own.
    pub fn allocate(&mut self, object: &mut Value, old: Option<&Value>, taken: &Taken) -> Errors {
        let mut errors = Errors::default();
        let ty = object["spec"].str("type").to_owned();
        if ty == "ExternalName" {
            return errors;
        }
        check_families(object, &mut errors);
        if !errors.is_empty() {
            return errors;
        }
        self.address(object, old, taken, &mut errors);
        if matches!(&*ty, "NodePort" | "LoadBalancer")
            && object["spec"]["allocateLoadBalancerNodePorts"].as_bool() != Some(false)
        {
            self.ports(object, old, taken, &mut errors);
        } else {
            self.check_ports(object, old, taken, &mut errors);
        }
        if has_health_port(&object["spec"]) && object["spec"].int(HEALTH) == 0 {
            let own: Vec<i64> = ports_of(object).collect();
            let port = self.free_port(taken, &own);
            object.entry("spec").set(HEALTH, port);
        }
        errors
    }

    fn address(
        &mut self,
        object: &mut Value,
        old: Option<&Value>,
        taken: &Taken,
        errors: &mut Errors,
    ) {
        let spec = object.entry("spec");
        let wanted = spec.str("clusterIP").to_owned();
        let path = Path::new("spec");
        let families = |spec: &mut Value| {
            spec.set_default("ipFamilies", &["IPv4"][..]);
            spec.set_default("ipFamilyPolicy", "SingleStack");
        };
        match &*wanted {
            "None" => {
                // A headless service without a selector may have both families.
                spec.set_default("ipFamilies", &["IPv4"][..]);
                let policy =
                    if spec["selector"].is_empty() { "RequireDualStack" } else { "SingleStack" };
                if policy == "RequireDualStack" && !spec.has("ipFamilyPolicy") {
                    spec.set("ipFamilies", &["IPv4", "IPv6"][..]);
                }
                spec.set_default("ipFamilyPolicy", policy);
            }
            "" => {
                families(spec);
                let own = old.map_or("", |old| old["spec"].str("clusterIP"));
                let address = if own.is_empty() || own == "None" {
                    self.free_address(taken)
                } else {
                    own.to_owned()
                };
                spec.set("clusterIP", &*address);
                spec.set("clusterIPs", vec![Value::from(address)]);
            }
            address => {
                families(spec);
                let own = old.is_some_and(|old| old["spec"].str("clusterIP") == address);
                let reason = if own {
                    None
                } else if taken.addresses.contains_key(address) {
                    Some("provided IP is already allocated".to_owned())
                } else if !in_range(address) {
                    Some("the provided network does not match the current range".to_owned())
                } else {
                    None
                };
                if let Some(reason) = reason {
                    let message = format!("failed to allocate IP {address}: {reason}");
                    let shown = format!("[\"{address}\"]");
                    errors.invalid(&path.child("clusterIPs"), Bad::raw(shown), &message);
                }
            }
        }
    }

    fn ports(
        &mut self,
        object: &mut Value,
        old: Option<&Value>,
        taken: &Taken,
        errors: &mut Errors,
    ) {
        self.check_ports(object, old, taken, errors);
        let mut own: Vec<i64> = ports_of(object).collect();
        let mut same: Vec<(i64, i64)> = Vec::new();
        for port in object.entry("spec").items_mut("ports") {
            let number = port.int("port");
            if port.int("nodePort") == 0 {
                // Two protocols of a port share the node port.
                let shared = same.iter().find(|(known, _)| *known == number);
                let node_port = match shared {
                    Some((_, node_port)) => *node_port,
                    None => self.free_port(taken, &own),
                };
                port.set("nodePort", node_port);
                own.push(node_port);
            }
            same.push((number, port.int("nodePort")));
        }
    }

    fn check_ports(&self, object: &Value, old: Option<&Value>, taken: &Taken, errors: &mut Errors) {
        let own: Vec<i64> = old
            .map(|old| old["spec"].list("ports").iter().map(|port| port.int("nodePort")).collect())
            .unwrap_or_default();
        let path = Path::new("spec");
        let ports = path.child("ports");
        for (number, port) in object["spec"].list("ports").iter().enumerate() {
            let node_port = port.int("nodePort");
            if node_port == 0 || own.contains(&node_port) {
                continue;
            }
            let at = ports.index(number);
            let at = at.child("nodePort");
            if !NODE_PORTS.contains(&node_port) {
                let message = "provided port is not in the valid range. The range of valid ports is 30000-32767";
                errors.invalid(&at, node_port, message);
            } else if taken.ports.contains_key(&node_port) {
                errors.invalid(&at, node_port, "provided port is already allocated");
            }
        }
    }

    fn free_address(&mut self, taken: &Taken) -> String {
        loop {
            // The first addresses of the range are left to fixed ones.
            let offset = 256 + self.next_address * 7919 % ((1 << (32 - BITS)) - 512);
            self.next_address += 1;
            let address = Ipv4Addr::from(FIRST + offset).to_string();
            if !taken.addresses.contains_key(&address) {
                return address;
            }
        }
    }

    fn free_port(&mut self, taken: &Taken, own: &[i64]) -> i64 {
        let size = NODE_PORTS.end() - NODE_PORTS.start() + 1;
        if taken.ports.len() as i64 >= size {
            return *NODE_PORTS.start();
        }
        for _ in 0..size {
            let port = NODE_PORTS.start() + (86 + self.next_port * 733) % size;
            self.next_port += 1;
            if !taken.ports.contains_key(&port) && !own.contains(&port) {
                return port;
            }
        }
        *NODE_PORTS.start()
    }
}

fn in_range(address: &str) -> bool {
    address
        .parse::<Ipv4Addr>()
        .is_ok_and(|address| u32::from(address) >> (32 - BITS) == FIRST >> (32 - BITS))
}
