//! Containers and pod templates in descriptions.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describeContainers, DescribePodTemplate.

use kubernetes::object::{Quantity, Value};

use super::volumes;
use super::writer::{Writer, or, pairs, quantity, scalar, texts, time, truth};

/// The subject of a description: a pod, or a template of pods, which is indented.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    Pod(&'a Value),
    Template,
}

impl Owner<'_> {
    fn indent(self) -> &'static str {
        match self {
            Self::Pod(_) => "",
            Self::Template => "  ",
        }
    }
}

/// The template of pods of a workload.
pub(super) fn template(w: &mut Writer, template: &Value) {
    let spec = &template["spec"];
    w.line(0, "Pod Template:");
    w.labels("  Labels", &template["metadata"]["labels"]);
    let annotations = &template["metadata"]["annotations"];
    if !annotations.is_empty() {
        w.annotations("  Annotations", annotations);
    }
    let account = spec.str("serviceAccountName");
    if !account.is_empty() {
        w.field(1, "Service Account", account);
    }
    if !spec.list("initContainers").is_empty() {
        containers(w, "Init Containers", spec.list("initContainers"), &[], Owner::Template);
    }
    containers(w, "Containers", spec.list("containers"), &[], Owner::Template);
    volumes::volumes(w, spec.list("volumes"), "  ");
    topology_spread(w, spec.list("topologySpreadConstraints"), "  ");
    let class = spec.str("priorityClassName");
    if !class.is_empty() {
        w.field(1, "Priority Class Name", class);
    }
    w.labels("  Node-Selectors", &spec["nodeSelector"]);
    tolerations(w, "  Tolerations", spec.list("tolerations"));
}

/// Containers with their states, if there are any.
pub(super) fn containers(
    w: &mut Writer,
    label: &str,
    containers: &[Value],
    statuses: &[Value],
    owner: Owner<'_>,
) {
    let none = if containers.is_empty() { " <none>" } else { "" };
    w.line(0, &format!("{}{label}:{none}", owner.indent()));
    for container in containers {
        let status = statuses.iter().find(|status| status.str("name") == container.str("name"));
        basics(w, container, status, owner);
        commands(w, container);
        if let Some(status) = status {
            state(w, "State", &status["state"]);
            if status["lastState"].has("terminated") {
                state(w, "Last State", &status["lastState"]);
            }
            w.field(2, "Ready", truth(&Value::Bool(status.bool("ready"))));
            w.field(2, "Restart Count", status.int("restartCount"));
        }
        resources(w, &container["resources"], 2);
        probes(w, container);
        if !container.list("envFrom").is_empty() {
            sources(w, container.list("envFrom"));
        }
        variables(w, container, owner);
        mounts(w, container);
    }
}

fn basics(w: &mut Writer, container: &Value, status: Option<&Value>, owner: Owner<'_>) {
    let indent = if owner.indent().is_empty() { "" } else { " " };
    w.line(1, &format!("{indent}{}:", container.str("name")));
    if let Some(status) = status {
        w.field(2, "Container ID", status.str("containerID"));
    }
    w.field(2, "Image", container.str("image"));
    if let Some(status) = status {
        w.field(2, "Image ID", status.str("imageID"));
    }
    for (one, several, key) in
        [("Port", "Ports", "containerPort"), ("Host Port", "Host Ports", "hostPort")]
    {
        let ports = container.list("ports").iter().map(|port| {
            let text = format!("{}/{}", port.int(key), port.str("protocol"));
            match port.str("name") {
                "" => text,
                name => format!("{text} ({name})"),
            }
        });
        let ports = ports.collect::<Vec<_>>().join(", ");
        let title = if ports.contains(',') { several } else { one };
        w.field(2, title, or(&ports, "<none>"));
    }
    let profile = container.at(&["securityContext", "seccompProfile"]);
    seccomp(w, profile, 2);
}

/// The seccomp profile of a pod or a container.
pub(super) fn seccomp(w: &mut Writer, profile: &Value, level: usize) {
    if profile.is_null() {
        return;
    }
    w.field(level, "SeccompProfile", profile.str("type"));
    if profile.str("type") == "Localhost" {
        let level = if level == 0 { 0 } else { level + 1 };
        w.field(level, "LocalhostProfile", profile.str("localhostProfile"));
    }
}

fn commands(w: &mut Writer, container: &Value) {
    for (title, key) in [("Command", "command"), ("Args", "args")] {
        let words = container.list(key);
        if !words.is_empty() {
            w.line(2, &format!("{title}:"));
        }
        for line in words.iter().filter_map(Value::as_str).flat_map(|word| word.split('\n')) {
            w.line(3, line);
        }
    }
}

fn state(w: &mut Writer, title: &str, state: &Value) {
    let (running, terminated) = (&state["running"], &state["terminated"]);
    if !running.is_null() {
        w.field(2, title, "Running");
        w.field(3, "Started", time(running.str("startedAt")));
    } else if !terminated.is_null() {
        w.field(2, title, "Terminated");
        for (title, key) in [("Reason", "reason"), ("Message", "message")] {
            let text = terminated.str(key);
            if !text.is_empty() {
                w.field(3, title, text);
            }
        }
        w.field(3, "Exit Code", terminated.int("exitCode"));
        if terminated.int("signal") > 0 {
            w.field(3, "Signal", terminated.int("signal"));
        }
        w.field(3, "Started", time(terminated.str("startedAt")));
        w.field(3, "Finished", time(terminated.str("finishedAt")));
    } else {
        w.field(2, title, "Waiting");
        let reason = state["waiting"].str("reason");
        if !reason.is_empty() {
            w.field(3, "Reason", reason);
        }
    }
}

/// Limits and requests of a container or a pod.
pub(super) fn resources(w: &mut Writer, resources: &Value, level: usize) {
    for (title, key) in [("Limits", "limits"), ("Requests", "requests")] {
        if !resources[key].is_empty() {
            w.line(level, &format!("{title}:"));
        }
        for (name, amount) in resources.entries(key) {
            w.field(level + 1, name, quantity(amount));
        }
    }
}

fn probes(w: &mut Writer, container: &Value) {
    for (title, key) in [
        ("Liveness", "livenessProbe"),
        ("Readiness", "readinessProbe"),
        ("Startup", "startupProbe"),
    ] {
        if container.has(key) {
            w.field(2, title, probe(&container[key]));
        }
    }
}

/// A probe on one line.
fn probe(probe: &Value) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.int("initialDelaySeconds"),
        probe.int("timeoutSeconds"),
        probe.int("periodSeconds"),
        probe.int("successThreshold"),
        probe.int("failureThreshold")
    );
    if probe.has("exec") {
        let command = texts(probe["exec"].list("command"), " ");
        return format!("exec [{command}] {attributes}");
    }
    if probe.has("httpGet") {
        let get = &probe["httpGet"];
        let host = get.str("host");
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let scheme = get.str("scheme").to_lowercase();
        let path = get.str("path");
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        return format!(
            "http-get {scheme}://{host}:{}{slash}{path} {attributes}",
            scalar(&get["port"])
        );
    }
    if probe.has("tcpSocket") {
        let socket = &probe["tcpSocket"];
        return format!(
            "tcp-socket {}:{} {attributes}",
            socket.str("host"),
            scalar(&socket["port"])
        );
    }
    if probe.has("grpc") {
        let grpc = &probe["grpc"];
        return format!("grpc <pod>:{} {} {attributes}", grpc.int("port"), grpc.str("service"));
    }
    format!("unknown {attributes}")
}

fn sources(w: &mut Writer, sources: &[Value]) {
    w.line(2, "Environment Variables from:");
    for source in sources {
        let (kind, reference) = if source.has("configMapRef") {
            ("ConfigMap", &source["configMapRef"])
        } else {
            (if source.has("secretRef") { "Secret" } else { "" }, &source["secretRef"])
        };
        let prefix = match source.str("prefix") {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        let (name, optional) = (reference.str("name"), reference.bool("optional"));
        w.line(3, &format!("{name}\t{kind}{prefix}\tOptional: {optional}"));
    }
}

fn variables(w: &mut Writer, container: &Value, owner: Owner<'_>) {
    let none = if container.list("env").is_empty() { "\t<none>" } else { "" };
    w.line(2, &format!("Environment:{none}"));
    for variable in container.list("env") {
        let (name, from) = (variable.str("name"), &variable["valueFrom"]);
        if from.is_null() {
            for (number, line) in variable.str("value").split('\n').enumerate() {
                let title = if number == 0 { format!("{name}:") } else { String::new() };
                w.line(3, &format!("{title}\t{line}"));
            }
        } else if from.has("fieldRef") {
            let (version, path) =
                (from["fieldRef"].str("apiVersion"), from["fieldRef"].str("fieldPath"));
            let value = match owner {
                Owner::Pod(pod) => field_of(pod, path),
                Owner::Template => String::new(),
            };
            w.line(3, &format!("{name}:\t{value} ({version}:{path})"));
        } else if from.has("resourceFieldRef") {
            let reference = &from["resourceFieldRef"];
            let resource = reference.str("resource");
            let mut value = resource_of(container, reference);
            if value == "0" && matches!(resource, "limits.cpu" | "limits.memory") {
                "node allocatable".clone_into(&mut value);
            }
            w.line(3, &format!("{name}:\t{value} ({resource})"));
        } else {
            let (key, what) = if from.has("secretKeyRef") {
                ("secretKeyRef", "in secret")
            } else {
                ("configMapKeyRef", "of config map")
            };
            let reference = &from[key];
            let (key, of, optional) =
                (reference.str("key"), reference.str("name"), reference.bool("optional"));
            w.line(
                3,
                &format!("{name}:\t<set to the key '{key}' {what} '{of}'>\tOptional: {optional}"),
            );
        }
    }
}

/// A field of a pod as text; only fields of the metadata are known to kubectl.
/// Source: kubectl pkg/util/fieldpath.
fn field_of(pod: &Value, path: &str) -> String {
    let metadata = &pod["metadata"];
    let entries = |key: &str| {
        let lines = metadata.entries(key).map(|(key, value)| {
            format!("{key}={}", go::quote::quote(value.as_str().unwrap_or_default()))
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let subscript = |key: &str| {
        let inner = path.strip_prefix("metadata.")?.strip_prefix(key)?;
        let name = inner.strip_prefix("['")?.strip_suffix("']")?;
        Some(metadata[key].str(name).to_owned())
    };
    match path {
        "metadata.name" | "metadata.namespace" | "metadata.uid" => {
            metadata.str(path.trim_start_matches("metadata.")).to_owned()
        }
        "metadata.labels" => entries("labels"),
        "metadata.annotations" => entries("annotations"),
        _ => subscript("labels").or_else(|| subscript("annotations")).unwrap_or_default(),
    }
}

/// A limit or request in units of a divisor, rounded up.
/// Source: kubectl pkg/util/resource ExtractContainerResourceValue.
fn resource_of(container: &Value, reference: &Value) -> String {
    let Some((list, resource)) = reference.str("resource").split_once('.') else {
        return String::new();
    };
    let parse = |value: &Value| Quantity::parse(&scalar(value)).filter(|one| !one.is_zero());
    let amount = parse(&container["resources"][list][resource]).unwrap_or(Quantity::ZERO);
    let divisor = parse(&reference["divisor"]).unwrap_or(Quantity::whole(1));
    let (amount, divisor) = if resource == "cpu" {
        (amount.milli_value(), divisor.milli_value())
    } else {
        (amount.value(), divisor.value())
    };
    let divisor = divisor.max(1);
    (amount / divisor + i64::from(amount % divisor > 0)).to_string()
}

fn mounts(w: &mut Writer, container: &Value) {
    let mut mounts: Vec<&Value> = container.list("volumeMounts").iter().collect();
    let none = if mounts.is_empty() { "\t<none>" } else { "" };
    w.line(2, &format!("Mounts:{none}"));
    mounts.sort_by(|left, right| left.str("mountPath").cmp(right.str("mountPath")));
    for mount in mounts {
        let mode = if mount.bool("readOnly") { "ro" } else { "rw" };
        let path = match mount.str("subPath") {
            "" => String::new(),
            path => format!(",path={}", go::quote::quote(path)),
        };
        w.line(3, &format!("{} from {} ({mode}{path})", mount.str("mountPath"), mount.str("name")));
    }
    let mut devices: Vec<&Value> = container.list("volumeDevices").iter().collect();
    if devices.is_empty() {
        return;
    }
    w.line(2, &format!("Devices:{none}"));
    devices.sort_by(|left, right| left.str("devicePath").cmp(right.str("devicePath")));
    for device in devices {
        w.line(3, &format!("{} from {}", device.str("devicePath"), device.str("name")));
    }
}

/// Tolerations, one on each line, sorted by key.
pub(super) fn tolerations(w: &mut Writer, title: &str, tolerations: &[Value]) {
    let mut sorted: Vec<&Value> = tolerations.iter().collect();
    sorted.sort_by(|left, right| left.str("key").cmp(right.str("key")));
    let lines: Vec<String> = sorted.into_iter().map(toleration).collect();
    w.lines(title, &lines);
}

fn toleration(toleration: &Value) -> String {
    let (key, value, effect) =
        (toleration.str("key"), toleration.str("value"), toleration.str("effect"));
    let mut text = key.to_owned();
    if !value.is_empty() {
        text.push_str(&format!("={value}"));
    }
    if !effect.is_empty() {
        text.push_str(&format!(":{effect}"));
    }
    if toleration.str("operator") == "Exists" && value.is_empty() {
        text.push_str(if text.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = toleration["tolerationSeconds"].as_int() {
        text.push_str(&format!(" for {seconds}s"));
    }
    text
}

/// Constraints of the spread over domains, sorted by key.
pub(super) fn topology_spread(w: &mut Writer, constraints: &[Value], indent: &str) {
    let mut sorted: Vec<&Value> = constraints.iter().collect();
    sorted.sort_by(|left, right| left.str("topologyKey").cmp(right.str("topologyKey")));
    let lines: Vec<String> = sorted
        .into_iter()
        .map(|one| {
            let selector = &one["labelSelector"];
            let selector = if selector.is_null() {
                String::new()
            } else {
                format!(" for selector {}", kubernetes::columns::selector(selector))
            };
            format!(
                "{}:{} when max skew {} is exceeded{selector}",
                one.str("topologyKey"),
                one.str("whenUnsatisfiable"),
                one.int("maxSkew")
            )
        })
        .collect();
    if !lines.is_empty() {
        w.indented_lines(indent, "Topology Spread Constraints", &lines);
    }
}

/// Taints, one on each line, sorted by effect and key.
pub(super) fn taints(w: &mut Writer, taints: &[Value]) {
    let mut sorted: Vec<&Value> = taints.iter().collect();
    sorted.sort_by_key(|taint| format!("{},{}", taint.str("effect"), taint.str("key")));
    let text = |taint: &&Value| {
        let (key, value, effect) = (taint.str("key"), taint.str("value"), taint.str("effect"));
        match (value, effect) {
            ("", "") => key.to_owned(),
            (value, "") => format!("{key}={value}:"),
            ("", effect) => format!("{key}:{effect}"),
            (value, effect) => format!("{key}={value}:{effect}"),
        }
    };
    let lines: Vec<String> = sorted.iter().map(text).collect();
    w.lines("Taints", &lines);
}

/// Node selectors of a pod.
pub(super) fn node_selectors(w: &mut Writer, selectors: &Value) {
    w.lines("Node-Selectors", &pairs(selectors));
}
