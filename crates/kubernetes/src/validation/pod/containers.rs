//! Containers, init containers and ephemeral containers.
//!
//! Source: pkg/apis/core/validation validateContainers, validateInitContainers.

use super::{env, handlers, no_backsteps, relative_path, security};
use crate::object::Value;
use crate::validation::{Errors, Path, names, resources};

/// A pod spec with what its containers refer to.
pub struct All<'a> {
    pub spec: &'a Value,
    /// Volumes that are well formed, by name.
    pub volumes: &'a [(&'a str, &'a Value)],
    pub claims: &'a [&'a str],
}

const RESTART_POLICIES: &[&str] = &["Always", "Never", "OnFailure"];

impl All<'_> {
    /// Checks all containers in the server's order.
    pub fn check(&self, errors: &mut Errors, path: &Path<'_>) {
        self.regular(errors, &path.child("containers"));
        self.init(errors, &path.child("initContainers"));
        self.ephemeral(errors, &path.child("ephemeralContainers"));
    }

    fn grace_period(&self) -> i64 {
        self.spec.int("terminationGracePeriodSeconds")
    }

    fn regular(&self, errors: &mut Errors, path: &Path<'_>) {
        let containers = self.spec.list("containers");
        if containers.is_empty() {
            return errors.required(path, "");
        }
        let mut seen: Vec<&str> = Vec::new();
        for (number, container) in containers.iter().enumerate() {
            let at = path.index(number);
            self.common(errors, container, &at);
            let name = container.str("name");
            if seen.contains(&name) {
                errors.duplicate(&at.child("name"), name);
            }
            seen.push(name);
            self.running(errors, container, &at);
            restart_policy(errors, container, &at);
        }
        host_ports(errors, containers, path);
    }

    fn init(&self, errors: &mut Errors, path: &Path<'_>) {
        let regular = self.spec.list("containers");
        let mut seen: Vec<&str> = regular.iter().map(|one| one.str("name")).collect();
        for (number, container) in self.spec.list("initContainers").iter().enumerate() {
            let at = path.index(number);
            self.common(errors, container, &at);
            restart_policy(errors, container, &at);
            let name = container.str("name");
            if seen.contains(&name) {
                errors.duplicate(&at.child("name"), name);
            } else if !name.is_empty() {
                seen.push(name);
            }
            host_ports(errors, std::slice::from_ref(container), path);
            if container.str("restartPolicy") == "Always" {
                self.running(errors, container, &at);
                continue;
            }
            for key in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
                if container.has(key) {
                    let message = "may not be set for init containers without restartPolicy=Always";
                    errors.forbidden(&at.child(key), message);
                }
            }
            let policies = at.child("resizePolicy");
            for (number, policy) in container.list("resizePolicy").iter().enumerate() {
                if policy.str("restartPolicy") == "RestartContainer" {
                    let message =
                        "must not be set to 'RestartContainer' for non-sidecar initContainers";
                    let at = policies.index(number);
                    errors.invalid(&at.child("restartPolicy"), "RestartContainer", message);
                }
            }
        }
    }

    fn ephemeral(&self, errors: &mut Errors, path: &Path<'_>) {
        const FORBIDDEN: &[&str] =
            &["ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];
        let names = ["containers", "initContainers"].map(|key| self.spec.list(key));
        let mut seen: Vec<&str> =
            names.iter().flat_map(|list| list.iter()).map(|one| one.str("name")).collect();
        for (number, container) in self.spec.list("ephemeralContainers").iter().enumerate() {
            let at = path.index(number);
            self.common(errors, container, &at);
            image_without_blanks(errors, container, &at);
            let name = container.str("name");
            if seen.contains(&name) {
                errors.duplicate(&at.child("name"), name);
            }
            seen.push(name);
            let target = container.str("targetContainerName");
            let is_target = |one: &&Value| one.str("name") == target;
            if !target.is_empty()
                && !names.iter().flat_map(|list| list.iter()).any(|one| is_target(&one))
            {
                errors.not_found(&at.child("targetContainerName"), target, "");
            }
            for key in FORBIDDEN {
                if !container[*key].is_empty() {
                    errors.forbidden(&at.child(key), "cannot be set for an Ephemeral Container");
                }
            }
            let mounts = at.child("volumeMounts");
            for (number, mount) in container.list("volumeMounts").iter().enumerate() {
                for key in ["subPath", "subPathExpr"] {
                    if !mount.str(key).is_empty() {
                        let message = "cannot be set for an Ephemeral Container";
                        errors.forbidden(&mounts.index(number).child(key), message);
                    }
                }
            }
        }
    }

    /// Lifecycle and probes of a container that keeps running.
    fn running(&self, errors: &mut Errors, container: &Value, path: &Path<'_>) {
        let grace = self.grace_period();
        let lifecycle = &container["lifecycle"];
        for key in ["postStart", "preStop"] {
            if lifecycle.has(key) {
                let at = path.child("lifecycle");
                handlers::handler(errors, &lifecycle[key], grace, &at.child(key));
            }
        }
        for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
            handlers::probe(errors, &container[key], key, grace, &path.child(key));
        }
    }

    fn common(&self, errors: &mut Errors, container: &Value, path: &Path<'_>) {
        let name = container.str("name");
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        } else {
            errors.invalid_each(&path.child("name"), name, names::dns1123_label(name));
        }
        if container.str("image").is_empty() {
            errors.required(&path.child("image"), "");
        }
        let policy = container.str("terminationMessagePolicy");
        let policies = ["File", "FallbackToLogsOnError"];
        errors.required_one_of(&path.child("terminationMessagePolicy"), policy, &policies);
        ports(errors, container.list("ports"), &path.child("ports"));
        env::variables(errors, container, &path.child("env"));
        env::sources(errors, container, &path.child("envFrom"));
        self.mounts(errors, container, &path.child("volumeMounts"));
        self.devices(errors, container, &path.child("volumeDevices"));
        let policies = ["Always", "IfNotPresent", "Never"];
        let policy = container.str("imagePullPolicy");
        errors.required_one_of(&path.child("imagePullPolicy"), policy, &policies);
        let at = path.child("resources");
        resources::requirements(errors, &container["resources"], &at, self.claims);
        self.resize_policy(errors, container, &path.child("resizePolicy"));
        let context = &container["securityContext"];
        let at = path.child("securityContext");
        let own_users = self.spec["hostUsers"].as_bool() == Some(false);
        security::container_context(errors, context, own_users, &at);
    }

    fn resize_policy(&self, errors: &mut Errors, container: &Value, path: &Path<'_>) {
        let mut seen: Vec<&str> = Vec::new();
        for (number, policy) in container.list("resizePolicy").iter().enumerate() {
            let name = policy.str("resourceName");
            if seen.contains(&name) {
                errors.duplicate(&path.index(number), name);
            }
            seen.push(name);
            errors.required_one_of(path, name, &["cpu", "memory"]);
            let restart = policy.str("restartPolicy");
            errors.required_one_of(path, restart, &["NotRequired", "RestartContainer"]);
            if self.spec.str("restartPolicy") == "Never" && restart != "NotRequired" {
                let message = "must be 'NotRequired' when `restartPolicy` is 'Never'";
                errors.invalid(path, restart, message);
            }
        }
    }

    fn mounts(&self, errors: &mut Errors, container: &Value, path: &Path<'_>) {
        let devices = container.list("volumeDevices");
        let mut points: Vec<&str> = Vec::new();
        for (number, mount) in container.list("volumeMounts").iter().enumerate() {
            let at = path.index(number);
            let (name, point) = (mount.str("name"), mount.str("mountPath"));
            if name.is_empty() {
                errors.required(&at.child("name"), "");
            }
            let volume = self.volumes.iter().find(|(known, _)| *known == name);
            if volume.is_none() {
                errors.not_found(&at.child("name"), name, "");
            }
            if point.is_empty() {
                errors.required(&at.child("mountPath"), "");
            }
            if points.contains(&point) {
                errors.invalid(&at.child("mountPath"), point, "must be unique");
            }
            points.push(point);
            if devices.iter().any(|device| device.str("name") == name) {
                let message = "must not already exist in volumeDevices";
                errors.invalid(&at.child("name"), name, message);
            }
            if devices.iter().any(|device| device.str("devicePath") == point) {
                let message = "must not already exist as a path in volumeDevices";
                errors.invalid(&at.child("mountPath"), point, message);
            }
            sub_paths(errors, mount, path, &at);
            propagation(errors, container, mount, path);
        }
    }

    fn devices(&self, errors: &mut Errors, container: &Value, path: &Path<'_>) {
        let mounts = container.list("volumeMounts");
        let (mut seen, mut paths): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for (number, device) in container.list("volumeDevices").iter().enumerate() {
            let at = path.index(number);
            let (name, point) = (device.str("name"), device.str("devicePath"));
            let volume = self.volumes.iter().find(|(known, _)| *known == name);
            if name.is_empty() {
                errors.required(&at.child("name"), "");
            }
            if seen.contains(&name) {
                errors.invalid(&at.child("name"), name, "must be unique");
            }
            match volume {
                None => errors.not_found(&at.child("name"), name, ""),
                Some((_, volume))
                    if !volume.has("persistentVolumeClaim") && !volume.has("ephemeral") =>
                {
                    let message = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                    errors.invalid(&at.child("name"), name, message);
                }
                Some(_) => {}
            }
            if point.is_empty() {
                errors.required(&at.child("devicePath"), "");
            }
            if paths.contains(&point) {
                errors.invalid(&at.child("devicePath"), point, "must be unique");
            }
            if point.split('/').any(|part| part == "..") {
                let message = "can not contain backsteps ('..')";
                errors.invalid(&at.child("devicePath"), point, message);
            } else {
                paths.push(point);
            }
            if mounts.iter().any(|mount| mount.str("name") == name) {
                errors.invalid(&at.child("name"), name, "must not already exist in volumeMounts");
            }
            if mounts.iter().any(|mount| mount.str("mountPath") == point) {
                let message = "must not already exist as a path in volumeMounts";
                errors.invalid(&at.child("devicePath"), point, message);
            }
            seen.push(name);
        }
    }
}

/// The image of a container in a Pod. Templates are not checked for it.
pub fn image_without_blanks(errors: &mut Errors, container: &Value, path: &Path<'_>) {
    let image = container.str("image");
    if image.trim() != image {
        let message = "must not have leading or trailing whitespace";
        errors.invalid(&path.child("image"), image, message);
    }
}

/// The restart policy of a container, with its rules.
/// Source: pkg/apis/core/validation validateContainerRestartPolicy.
fn restart_policy(errors: &mut Errors, container: &Value, path: &Path<'_>) {
    let rules = container.list("restartPolicyRules");
    match container["restartPolicy"].as_str() {
        Some(policy) => errors.one_of(&path.child("restartPolicy"), policy, RESTART_POLICIES),
        None if !rules.is_empty() => {
            let message = "must specify restartPolicy when restart rules are used";
            errors.required(&path.child("restartPolicy"), message);
        }
        None => {}
    }
    let at = path.child("restartPolicyRules");
    if rules.len() > 20 {
        errors.too_many(&at, rules.len(), 20);
    }
    for (number, rule) in rules.iter().enumerate() {
        let at = at.index(number);
        let actions = ["Restart", "RestartAllContainers"];
        errors.one_of(&at.child("action"), rule.str("action"), &actions);
        let codes = &rule["exitCodes"];
        if codes.is_null() {
            errors.required(&at.child("exitCodes"), "must be specified");
            continue;
        }
        let at = at.child("exitCodes");
        errors.one_of(&at.child("operator"), codes.str("operator"), &["In", "NotIn"]);
        let count = codes.list("values").len();
        if count > 255 {
            errors.too_many(&at.child("values"), count, 255);
        }
    }
}

/// The paths have no index for `subPath`: so the server prints them.
fn sub_paths(errors: &mut Errors, mount: &Value, path: &Path<'_>, at: &Path<'_>) {
    let (sub, expression) = (mount.str("subPath"), mount.str("subPathExpr"));
    if !sub.is_empty() {
        relative_path(errors, sub, &path.child("subPath"));
    }
    if !expression.is_empty() {
        if !sub.is_empty() {
            let message = "subPathExpr and subPath are mutually exclusive";
            errors.invalid(&at.child("subPathExpr"), expression, message);
        }
        relative_path(errors, expression, &path.child("subPathExpr"));
    }
}

fn propagation(errors: &mut Errors, container: &Value, mount: &Value, path: &Path<'_>) {
    let at = path.child("mountPropagation");
    if let Some(mode) = mount["mountPropagation"].as_str() {
        errors.one_of(&at, mode, &["Bidirectional", "HostToContainer", "None"]);
        if mode == "Bidirectional" && !container["securityContext"].bool("privileged") {
            let message =
                "Bidirectional mount propagation is available only to privileged containers";
            errors.forbidden(&at, message);
        }
    }
    let at = path.child("recursiveReadOnly");
    if let Some(mode) = mount["recursiveReadOnly"].as_str() {
        match mode {
            "Disabled" => {}
            "Enabled" | "IfPossible" => {
                if !mount.bool("readOnly") {
                    let message = "may only be specified when readOnly is true";
                    errors.forbidden(&at, message);
                }
                if !matches!(mount.str("mountPropagation"), "" | "None") {
                    let message =
                        "may only be specified when mountPropagation is None or not specified";
                    errors.forbidden(&at, message);
                }
            }
            _ => errors.not_supported(&at, mode, &["Disabled", "IfPossible", "Enabled"]),
        }
    }
}

const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];

fn ports(errors: &mut Errors, ports: &[Value], path: &Path<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for (number, port) in ports.iter().enumerate() {
        let at = path.index(number);
        let name = port.str("name");
        if !name.is_empty() {
            let wrong = names::port_name(name);
            if !wrong.is_empty() {
                errors.invalid_each(&at.child("name"), name, wrong);
            } else if seen.contains(&name) {
                errors.duplicate(&at.child("name"), name);
            } else {
                seen.push(name);
            }
        }
        let own = port.int("containerPort");
        if own == 0 {
            errors.required(&at.child("containerPort"), "");
        } else if let Some(message) = names::port_number(own) {
            errors.invalid(&at.child("containerPort"), own, &message);
        }
        let host = port.int("hostPort");
        if host != 0
            && let Some(message) = names::port_number(host)
        {
            errors.invalid(&at.child("hostPort"), host, &message);
        }
        errors.required_one_of(&at.child("protocol"), port.str("protocol"), PROTOCOLS);
    }
}

fn host_ports(errors: &mut Errors, containers: &[Value], path: &Path<'_>) {
    let mut seen: Vec<String> = Vec::new();
    for (number, container) in containers.iter().enumerate() {
        let at = path.index(number);
        let ports = at.child("ports");
        for (number, port) in container.list("ports").iter().enumerate() {
            let host = port.int("hostPort");
            if host == 0 {
                continue;
            }
            let key = format!("{}/{}/{host}", port.str("protocol"), port.str("hostIP"));
            if seen.contains(&key) {
                errors.duplicate(&ports.index(number).child("hostPort"), &key);
            } else {
                seen.push(key);
            }
        }
    }
}

/// Parts of a path that lead up: used by volumes of the host.
pub fn host_path(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    const TYPES: &[&str] = &[
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    let text = source.str("path");
    if text.is_empty() {
        return errors.required(&path.child("path"), "");
    }
    no_backsteps(errors, text, &path.child("path"));
    if let Some(ty) = source["type"].as_str() {
        errors.one_of(&path.child("type"), ty, TYPES);
    }
}
