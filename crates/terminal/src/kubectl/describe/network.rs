//! Descriptions of Services, their endpoints, Ingresses and NetworkPolicies.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describeService and the like.

use kubernetes::columns::selector;
use kubernetes::object::Value;

use super::DescribeContext;
use super::writer::{Writer, joined_labels, or, scalar, texts};

/// Addresses that a list shows before `more`.
const MOST: usize = 3;

/// A Service.
pub(super) fn service(w: &mut Writer, context: &DescribeContext<'_>, service: &Value) {
    let spec = &service["spec"];
    w.name(service);
    w.labels_and_annotations(service);
    w.field(0, "Selector", joined_labels(&spec["selector"]));
    w.field(0, "Type", spec.str("type"));
    optional(w, spec, "IP Family Policy", "ipFamilyPolicy");
    w.field(0, "IP Families", or(&texts(spec.list("ipFamilies"), ","), "<none>"));
    w.field(0, "IP", spec.str("clusterIP"));
    w.field(0, "IPs", or(&texts(spec.list("clusterIPs"), ","), "<none>"));
    let external = texts(spec.list("externalIPs"), ",");
    if !external.is_empty() {
        w.field(0, "External IPs", external);
    }
    optional(w, spec, "Desired LoadBalancer IP", "loadBalancerIP");
    optional(w, spec, "External Name", "externalName");
    let ingress = service.at(&["status", "loadBalancer"]).list("ingress");
    if !ingress.is_empty() {
        w.field(0, "LoadBalancer Ingress", balancer(ingress));
    }
    let slices =
        slices(context, service["metadata"].str("namespace"), service["metadata"].str("name"));
    for port in spec.list("ports") {
        service_port(w, port, &slices);
    }
    w.field(0, "Session Affinity", spec.str("sessionAffinity"));
    optional(w, spec, "External Traffic Policy", "externalTrafficPolicy");
    optional(w, spec, "Internal Traffic Policy", "internalTrafficPolicy");
    if spec.int("healthCheckNodePort") != 0 {
        w.field(0, "HealthCheck NodePort", spec.int("healthCheckNodePort"));
    }
    let ranges = texts(spec.list("loadBalancerSourceRanges"), ",");
    if !ranges.is_empty() {
        w.field(0, "LoadBalancer Source Ranges", ranges);
    }
    optional(w, spec, "Traffic Distribution", "trafficDistribution");
}

fn optional(w: &mut Writer, spec: &Value, title: &str, key: &str) {
    if !spec.str(key).is_empty() {
        w.field(0, title, spec.str(key));
    }
}

fn balancer(ingress: &[Value]) -> String {
    let texts = ingress.iter().map(|one| match (one.str("ip"), one.str("ipMode")) {
        ("", _) => one.str("hostname").to_owned(),
        (ip, "") => ip.to_owned(),
        (ip, mode) => format!("{ip} ({mode})"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn service_port(w: &mut Writer, port: &Value, slices: &[&Value]) {
    let (name, protocol) = (or(port.str("name"), "<unset>"), port.str("protocol"));
    w.line(0, &format!("Port:\t{name}\t{}/{protocol}", port.int("port")));
    w.field(0, "TargetPort", format!("{}/{protocol}", scalar(&port["targetPort"])));
    if port.has("appProtocol") {
        w.field(0, "AppProtocol", port.str("appProtocol"));
    }
    if port.int("nodePort") != 0 {
        w.line(0, &format!("NodePort:\t{name}\t{}/{protocol}", port.int("nodePort")));
    }
    w.field(0, "Endpoints", ready_addresses(slices, port.str("name")));
}

/// The EndpointSlices of a Service.
fn slices<'a>(context: &'a DescribeContext<'_>, namespace: &str, service: &str) -> Vec<&'a Value> {
    let slices = context.list("discovery.k8s.io", "EndpointSlice", namespace);
    let of =
        |slice: &&Value| slice["metadata"]["labels"].str("kubernetes.io/service-name") == service;
    slices.filter(of).collect()
}

/// Ready addresses behind a port, at most three of them.
fn ready_addresses(slices: &[&Value], port: &str) -> String {
    if slices.is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for slice in slices {
        let ready = slice
            .list("endpoints")
            .iter()
            .filter(|one| one["conditions"]["ready"].as_bool().unwrap_or(true));
        let addresses: Vec<&str> =
            ready.filter_map(|one| one.list("addresses").first().and_then(Value::as_str)).collect();
        if slice.list("ports").is_empty() {
            all.extend(addresses.iter().map(|address| (*address).to_owned()));
        }
        for number in slice.list("ports").iter().filter(|one| one.str("name") == port) {
            let number = number.int("port");
            all.extend(addresses.iter().map(|address| with_port(address, number)));
        }
    }
    let shown = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(",");
    if all.len() > MOST {
        return format!("{shown} + {} more...", all.len() - MOST);
    }
    shown
}

fn with_port(address: &str, port: i64) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// An Endpoints object.
pub(super) fn endpoints(w: &mut Writer, _: &DescribeContext<'_>, endpoints: &Value) {
    w.name(endpoints);
    w.labels_and_annotations(endpoints);
    w.line(0, "Subsets:");
    for subset in endpoints.list("subsets") {
        for (title, key) in [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")]
        {
            let addresses: Vec<&str> = subset.list(key).iter().map(|one| one.str("ip")).collect();
            w.field(1, title, or(&addresses.join(","), "<none>"));
        }
        if !subset.list("ports").is_empty() {
            w.line(1, "Ports:");
            w.line(2, "Name\tPort\tProtocol\n    ----\t----\t--------");
        }
        for port in subset.list("ports") {
            let name = or(port.str("name"), "<unset>");
            w.line(2, &format!("{name}\t{}\t{}", port.int("port"), port.str("protocol")));
        }
        w.line(0, "");
    }
}

/// An EndpointSlice.
pub(super) fn endpoint_slice(w: &mut Writer, _: &DescribeContext<'_>, slice: &Value) {
    w.name(slice);
    w.labels_and_annotations(slice);
    w.field(0, "AddressType", slice.str("addressType"));
    if slice.list("ports").is_empty() {
        w.line(0, "Ports: <unset>");
    } else {
        w.line(0, "Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------");
    }
    for port in slice.list("ports") {
        let number = or(&scalar(&port["port"]), "<unset>");
        let name = or(port.str("name"), "<unset>");
        w.line(1, &format!("{name}\t{number}\t{}", port.str("protocol")));
    }
    if slice.list("endpoints").is_empty() {
        return w.line(0, "Endpoints: <none>");
    }
    w.line(0, "Endpoints:");
    for endpoint in slice.list("endpoints") {
        let addresses = or(&texts(endpoint.list("addresses"), ", "), "<none>");
        w.field(1, "- Addresses", addresses);
        w.line(2, "Conditions:");
        w.field(3, "Ready", or(&scalar(&endpoint["conditions"]["ready"]), "<unset>"));
        w.field(2, "Hostname", or(endpoint.str("hostname"), "<unset>"));
        let target = &endpoint["targetRef"];
        if !target.is_null() {
            w.field(2, "TargetRef", format!("{}/{}", target.str("kind"), target.str("name")));
        }
        w.field(2, "NodeName", or(endpoint.str("nodeName"), "<unset>"));
        w.field(2, "Zone", or(endpoint.str("zone"), "<unset>"));
    }
}

/// An Ingress.
pub(super) fn ingress(w: &mut Writer, context: &DescribeContext<'_>, ingress: &Value) {
    let (metadata, spec) = (&ingress["metadata"], &ingress["spec"]);
    let backend = |backend: &Value| backend_text(context, metadata.str("namespace"), backend);
    w.field(0, "Name", metadata.str("name"));
    w.labels("Labels", &metadata["labels"]);
    w.field(0, "Namespace", metadata.str("namespace"));
    let mut addresses: Vec<&str> = ingress
        .at(&["status", "loadBalancer"])
        .list("ingress")
        .iter()
        .map(|one| if one.str("ip").is_empty() { one.str("hostname") } else { one.str("ip") })
        .filter(|address| !address.is_empty())
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    w.field(0, "Address", addresses.join(","));
    w.field(0, "Ingress Class", or(spec.str("ingressClassName"), "<none>"));
    let default = &spec["defaultBackend"];
    let default = if default.is_null() { "<default>".to_owned() } else { backend(default) };
    w.field(0, "Default backend", &default);
    if !spec.list("tls").is_empty() {
        w.line(0, "TLS:");
    }
    for tls in spec.list("tls") {
        let hosts = texts(tls.list("hosts"), ",");
        match tls.str("secretName") {
            "" => w.line(1, &format!("SNI routes {hosts}")),
            secret => w.line(1, &format!("{secret} terminates {hosts}")),
        }
    }
    w.line(0, "Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------");
    let rules = spec.list("rules").iter().filter(|rule| rule.has("http"));
    let mut any = false;
    for rule in rules {
        any = true;
        w.line(1, &format!("{}\t", or(rule.str("host"), "*")));
        for path in rule["http"].list("paths") {
            w.line(2, &format!("\t{} \t{}", path.str("path"), backend(&path["backend"])));
        }
    }
    if !any {
        w.line(1, &format!("*\t*\t{default}"));
    }
    w.annotations("Annotations", &metadata["annotations"]);
}

fn backend_text(context: &DescribeContext<'_>, namespace: &str, backend: &Value) -> String {
    let service = &backend["service"];
    if service.is_null() {
        let resource = &backend["resource"];
        let group = or(resource.str("apiGroup"), "<none>");
        let (kind, name) = (resource.str("kind"), resource.str("name"));
        return format!("APIGroup: {group}, Kind: {kind}, Name: {name}");
    }
    let (name, port) = (service.str("name"), &service["port"]);
    let number = port.int("number");
    let shown = if number == 0 { port.str("name").to_owned() } else { number.to_string() };
    let Some(stored) = context.get("", "Service", namespace, name) else {
        return format!("{name}:{shown} (<error: services \"{name}\" not found>)");
    };
    let same = |one: &&Value| {
        number != 0 && number == one.int("port")
            || !port.str("name").is_empty() && port.str("name") == one.str("name")
    };
    let found = stored["spec"].list("ports").iter().rfind(same);
    let addresses =
        ready_addresses(&slices(context, namespace, name), found.map_or("", |one| one.str("name")));
    format!("{name}:{shown} ({addresses})")
}

/// An IngressClass.
pub(super) fn ingress_class(w: &mut Writer, _: &DescribeContext<'_>, class: &Value) {
    w.field(0, "Name", class["metadata"].str("name"));
    w.labels_and_annotations(class);
    w.field(0, "Controller", class["spec"].str("controller"));
    let parameters = &class["spec"]["parameters"];
    if parameters.is_null() {
        return;
    }
    w.line(0, "Parameters:");
    if parameters.has("apiGroup") {
        w.field(1, "APIGroup", parameters.str("apiGroup"));
    }
    w.field(1, "Kind", parameters.str("kind"));
    w.field(1, "Name", parameters.str("name"));
}

/// A NetworkPolicy.
pub(super) fn network_policy(w: &mut Writer, _: &DescribeContext<'_>, policy: &Value) {
    let (metadata, spec) = (&policy["metadata"], &policy["spec"]);
    w.name(policy);
    let created =
        kubernetes::columns::seconds(metadata.str("creationTimestamp")).unwrap_or_default();
    w.field(0, "Created on", go::time::DateTime::of_unix(created, 0).print());
    w.labels_and_annotations(policy);
    w.line(0, "Spec:");
    let chosen = match selector(&spec["podSelector"]) {
        none if none == "<none>" => {
            "<none> (Allowing the specific traffic to all pods in this namespace)".to_owned()
        }
        chosen => chosen,
    };
    w.line(1, &format!("PodSelector:     {chosen}"));
    let types: Vec<&str> = spec.list("policyTypes").iter().filter_map(Value::as_str).collect();
    for (ty, word, key, peers, title, any) in [
        ("Ingress", "ingress", "ingress", "from", "From", "source"),
        ("Egress", "egress", "egress", "to", "To", "destination"),
    ] {
        if types.contains(&ty) {
            w.line(1, &format!("Allowing {word} traffic:"));
            policy_rules(w, spec.list(key), word, peers, (title, any));
        } else {
            w.line(1, &format!("Not affecting {word} traffic"));
        }
    }
    w.line(1, &format!("Policy Types: {}", or(&types.join(", "), "<none>")));
}

fn policy_rules(
    w: &mut Writer,
    rules: &[Value],
    word: &str,
    peers: &str,
    (title, any): (&str, &str),
) {
    if rules.is_empty() {
        return w.line(2, &format!("<none> (Selected pods are isolated for {word} connectivity)"));
    }
    for (number, rule) in rules.iter().enumerate() {
        if rule.list("ports").is_empty() {
            w.line(2, "To Port: <any> (traffic allowed to all ports)");
        }
        for port in rule.list("ports") {
            let protocol = or(port.str("protocol"), "TCP");
            let first = or(&scalar(&port["port"]), "<nil>");
            match port["endPort"].as_int() {
                None => w.line(2, &format!("To Port: {first}/{protocol}")),
                Some(last) => w.line(2, &format!("To Port Range: {first}-{last}/{protocol}")),
            }
        }
        if rule.list(peers).is_empty() {
            w.line(2, &format!("{title}: <any> (traffic not restricted by {any})"));
        }
        for peer in rule.list(peers) {
            w.line(2, &format!("{title}:"));
            policy_peer(w, peer);
        }
        if number + 1 < rules.len() {
            w.line(2, "----------");
        }
    }
}

fn policy_peer(w: &mut Writer, peer: &Value) {
    let mut any = false;
    for (title, key) in [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")]
    {
        if peer.get(key).is_some_and(|value| !value.is_null()) {
            any = true;
            w.line(3, &format!("{title}: {}", selector(&peer[key])));
        }
    }
    let block = &peer["ipBlock"];
    if !any && !block.is_null() {
        w.line(3, "IPBlock:");
        w.line(4, &format!("CIDR: {}", block.str("cidr")));
        w.line(4, &format!("Except: {}", texts(block.list("except"), ", ")));
    }
}
