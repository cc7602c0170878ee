//! The environment of a container.
//!
//! Source: pkg/kubelet/kubelet_pods.go makeEnvironmentVariables, pkg/fieldpath,
//! pkg/api/v1/resource ExtractContainerResourceValue.

use std::collections::BTreeMap;

use kubernetes::object::{Quantity, Value};

use crate::apiserver::{ApiServer, Key};

/// Bytes of all values of a container. References beyond it are left out, so that variables that
/// refer to each other cannot fill the memory.
const MAX_BYTES: usize = 1 << 22;

/// The key of a ConfigMap, Secret and the like.
pub fn key(kind: &'static str, namespace: &str, name: &str) -> Key {
    Key { kind, group: "", namespace: namespace.into(), name: name.into() }
}

/// The entries of a ConfigMap or Secret as texts.
pub fn entries(object: &Value) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let bytes = go::base64::decode(text).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let secret = object.str("kind") == "Secret";
    let plain = object.entries("data").map(|(key, value)| {
        let text = value.as_str().unwrap_or_default();
        (key.to_string(), if secret { decode(text) } else { text.to_owned() })
    });
    let binary = object
        .entries("binaryData")
        .map(|(key, value)| (key.to_string(), decode(value.as_str().unwrap_or_default())));
    plain.chain(binary).collect()
}

/// The sources of the values of variables.
pub struct Source<'a> {
    pub server: &'a ApiServer,
    pub pod: &'a Value,
    pub container: &'a Value,
    pub pod_address: &'a str,
    pub host_address: &'a str,
}

/// The variables of a container. The error is the message of `CreateContainerConfigError`.
pub fn make(source: &Source<'_>) -> Result<BTreeMap<String, String>, String> {
    let mut env = services(source);
    let mut own: BTreeMap<String, String> = BTreeMap::new();
    let mut used = 0;
    for from in source.container.list("envFrom") {
        let prefix = from.str("prefix");
        for (field, kind, resource) in
            [("configMapRef", "ConfigMap", "configmap"), ("secretRef", "Secret", "secret")]
        {
            if !from.has(field) {
                continue;
            }
            let reference = &from[field];
            let name = reference.str("name");
            let namespace = source.pod["metadata"].str("namespace");
            match source.server.storage.get(&key(kind, namespace, name)) {
                Some(object) => {
                    let all = entries(object).into_iter();
                    own.extend(all.map(|(key, value)| (format!("{prefix}{key}"), value)));
                }
                None if reference.bool("optional") => {}
                None => return Err(format!("{resource} {} not found", go::quote::quote(name))),
            }
        }
    }
    for variable in source.container.list("env") {
        let name = variable.str("name").to_owned();
        let value = if variable.has("valueFrom") {
            match value_from(source, &variable["valueFrom"])? {
                Some(value) => value,
                None => continue,
            }
        } else {
            let known = |name: &str| own.get(name).or_else(|| env.get(name)).cloned();
            expand(variable.str("value"), MAX_BYTES.saturating_sub(used), known)
        };
        used += value.len();
        own.insert(name, value);
    }
    env.extend(own);
    Ok(env)
}

fn value_from(source: &Source<'_>, from: &Value) -> Result<Option<String>, String> {
    if from.has("fieldRef") {
        return Ok(Some(field(source, from["fieldRef"].str("fieldPath"))));
    }
    if from.has("resourceFieldRef") {
        let node = allocatable(source.server, source.pod);
        let reference = &from["resourceFieldRef"];
        return Ok(Some(resource(source.pod, source.container, &node, reference)));
    }
    for (field, kind, resource) in
        [("configMapKeyRef", "ConfigMap", "configmap"), ("secretKeyRef", "Secret", "secret")]
    {
        if from.has(field) {
            return keyed(source, &from[field], kind, resource);
        }
    }
    Ok(None)
}

fn keyed(
    source: &Source<'_>,
    reference: &Value,
    kind: &'static str,
    resource: &str,
) -> Result<Option<String>, String> {
    let (name, entry) = (reference.str("name"), reference.str("key"));
    let namespace = source.pod["metadata"].str("namespace");
    let optional = reference.bool("optional");
    let Some(object) = source.server.storage.get(&key(kind, namespace, name)) else {
        return if optional {
            Ok(None)
        } else {
            Err(format!("{resource} {} not found", go::quote::quote(name)))
        };
    };
    match entries(object).remove(entry) {
        None if !optional => Err(format!("couldn't find key {entry} in {kind} {namespace}/{name}")),
        value => Ok(value),
    }
}

/// The value of a field of a pod.
fn field(source: &Source<'_>, path: &str) -> String {
    match path {
        "spec.nodeName" => source.pod["spec"].str("nodeName").to_owned(),
        "spec.serviceAccountName" => source.pod["spec"].str("serviceAccountName").to_owned(),
        "status.hostIP" | "status.hostIPs" => source.host_address.to_owned(),
        "status.podIP" | "status.podIPs" => source.pod_address.to_owned(),
        path => metadata_field(source.pod, path),
    }
}

/// The value of a field of the metadata of a pod; maps are printed as lines of a file.
pub fn metadata_field(pod: &Value, path: &str) -> String {
    let metadata = &pod["metadata"];
    let lines = |map: &str| -> String {
        let entries = metadata.entries(map);
        let lines = entries.map(|(key, value)| {
            format!("{key}={}", go::quote::quote(value.as_str().unwrap_or_default()))
        });
        lines.collect::<Vec<String>>().join("\n")
    };
    if let Some((map, rest)) = path.split_once("['") {
        let name = rest.strip_suffix("']").unwrap_or(rest);
        let map = map.strip_prefix("metadata.").unwrap_or(map);
        return metadata[map].str(name).to_owned();
    }
    match path.strip_prefix("metadata.") {
        Some(map @ ("labels" | "annotations")) => lines(map),
        Some(name) => metadata.str(name).to_owned(),
        None => String::new(),
    }
}

/// The allocatable resources of a pod's node.
pub fn allocatable(server: &ApiServer, pod: &Value) -> Value {
    let node = Key {
        kind: "Node",
        group: "",
        namespace: "".into(),
        name: pod["spec"].str("nodeName").into(),
    };
    let node = server.storage.get(&node);
    node.map(|node| node["status"]["allocatable"].clone()).unwrap_or_default()
}

/// The value of a resource of a container, divided and rounded up. A limit that is not set is what
/// the node has.
pub fn resource(pod: &Value, own: &Value, node: &Value, reference: &Value) -> String {
    let named = pod["spec"]
        .list("containers")
        .iter()
        .chain(pod["spec"].list("initContainers"))
        .find(|one| one.str("name") == reference.str("containerName"));
    let container = named.unwrap_or(own);
    let (list, name) = reference.str("resource").split_once('.').unwrap_or_default();
    let text = match container["resources"][list].str(name) {
        "" if list == "limits" => node.str(name),
        text => text,
    };
    let quantity = Quantity::parse(text).unwrap_or(Quantity::ZERO);
    let divisor = Quantity::parse(reference.str("divisor")).filter(|one| !one.is_zero());
    let divisor = divisor.unwrap_or_else(|| Quantity::whole(1));
    let value = if name == "cpu" {
        ratio(quantity.milli_value(), divisor.milli_value())
    } else {
        ratio(quantity.value(), divisor.value())
    };
    value.to_string()
}

fn ratio(value: i64, divisor: i64) -> i64 {
    let divisor = divisor.max(1);
    value.div_euclid(divisor) + i64::from(value.rem_euclid(divisor) > 0)
}

/// Replaces `$(NAME)` by the value of a variable; `$$` stands for a dollar. The result has at most
/// `limit` bytes more than the text. Source: third_party/forked/golang/expansion.
pub fn expand(text: &str, limit: usize, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) =
            rest.strip_prefix('(').and_then(|inner| inner.split_once(')'))
        {
            match value(name) {
                Some(value) if out.len() + value.len() <= limit => out.push_str(&value),
                Some(_) => {}
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

/// Variables about the Services of the namespace and the Service `kubernetes`.
/// Source: pkg/kubelet/envvars FromServices.
fn services(source: &Source<'_>) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    let namespace = source.pod["metadata"].str("namespace");
    let links = source.pod["spec"]["enableServiceLinks"].as_bool().unwrap_or(true);
    let mut add = |service: &Value| {
        let address = service["spec"].str("clusterIP");
        let ports = service["spec"].list("ports");
        let Some(first) = ports.first().filter(|_| !matches!(address, "" | "None")) else { return };
        let name = service["metadata"].str("name").to_uppercase().replace(['-', '.'], "_");
        env.insert(format!("{name}_SERVICE_HOST"), address.to_owned());
        env.insert(format!("{name}_SERVICE_PORT"), first.int("port").to_string());
        for port in ports {
            if !port.str("name").is_empty() {
                let suffix = port.str("name").to_uppercase().replace(['-', '.'], "_");
                let number = port.int("port").to_string();
                env.insert(format!("{name}_SERVICE_PORT_{suffix}"), number);
            }
        }
        let protocol = |port: &Value| match port.str("protocol") {
            "" => "tcp".to_owned(),
            protocol => protocol.to_lowercase(),
        };
        let url = |port: &Value| format!("{}://{address}:{}", protocol(port), port.int("port"));
        env.insert(format!("{name}_PORT"), url(first));
        for port in ports {
            let (number, protocol) = (port.int("port").to_string(), protocol(port));
            let prefix = format!("{name}_PORT_{number}_{}", protocol.to_uppercase());
            env.insert(prefix.clone(), url(port));
            env.insert(format!("{prefix}_PROTO"), protocol);
            env.insert(format!("{prefix}_PORT"), number);
            env.insert(format!("{prefix}_ADDR"), address.to_owned());
        }
    };
    if let Some(api) = source.server.storage.get(&key("Service", "default", "kubernetes")) {
        add(api);
    }
    if links {
        source.server.storage.list("", "Service", namespace).for_each(|(_, service)| add(service));
    }
    env
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_variables_are_replaced() {
        let value = |name: &str| (name == "A").then(|| "1".to_owned());
        for (text, expected) in [
            ("x$(A)y", "x1y"),
            ("$(B)", "$(B)"),
            ("$$(A)", "$(A)"),
            ("$A $", "$A $"),
            ("$(A", "$(A"),
            ("ä$(A)$$$(A)", "ä1$1"),
        ] {
            assert_eq!(expand(text, 100, value), expected, "{text}");
        }
        assert_eq!(expand("$(A)$(A)$(A)", 2, value), "11");
    }

    #[test]
    fn resources_are_divided_and_rounded_up() {
        for (value, divisor, expected) in [(250, 1000, 1), (250, 1, 250), (0, 5, 0), (7, 0, 7)] {
            assert_eq!(ratio(value, divisor), expected);
        }
    }
}
