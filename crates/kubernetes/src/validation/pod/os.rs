//! Rules that follow from the operating system of a pod, and options of Windows.
//!
//! Source: pkg/apis/core/validation validateOS, validateLinux, validateWindows,
//! validateWindowsSecurityContextOptions, validateWindowsHostProcessPod.

use crate::object::Value;
use crate::validation::{Errors, Path, names};

const FOR_WINDOWS: &str = "cannot be set for a windows pod";
const FOR_LINUX: &str = "windows options cannot be set for a linux pod";

/// Fields of a pod's security context that a Windows pod cannot have, in the server's order.
const POD_CONTEXT: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
];

/// Fields of a container's security context that a Windows pod cannot have.
const CONTAINER_CONTEXT: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

/// The lists of containers, in the order in which the server visits them.
pub const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// The system of a pod, and what it excludes.
pub fn os(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    if !spec.has("os") {
        return;
    }
    let at = path.child("os");
    match spec["os"].str("name") {
        "" => errors.required(&at.child("name"), ""),
        "linux" => linux(errors, spec, path),
        "windows" => windows(errors, spec, path),
        other => errors.not_supported(&at, other, &["linux", "windows"]),
    }
}

fn linux(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let context = path.child("securityContext");
    if spec["securityContext"].has("windowsOptions") {
        errors.forbidden(&context.child("windowsOptions"), FOR_LINUX);
    }
    contexts(spec, path, &mut |context, at| {
        if context.has("windowsOptions") {
            errors.forbidden(&at.child("windowsOptions"), FOR_LINUX);
        }
    });
}

fn windows(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let context = path.child("securityContext");
    for key in POD_CONTEXT {
        let value = &spec["securityContext"][*key];
        let is_set = if *key == "sysctls" { !value.is_empty() } else { !value.is_null() };
        if is_set {
            errors.forbidden(&context.child(key), FOR_WINDOWS);
        }
    }
    for key in ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"] {
        let is_flag = matches!(key, "hostPID" | "hostIPC");
        if if is_flag { spec.bool(key) } else { spec.has(key) } {
            errors.forbidden(&path.child(key), FOR_WINDOWS);
        }
    }
    contexts(spec, path, &mut |context, at| {
        for key in CONTAINER_CONTEXT {
            if context.has(key) {
                errors.forbidden(&at.child(key), FOR_WINDOWS);
            }
        }
    });
}

/// Visits the security contexts of all containers.
fn contexts(spec: &Value, path: &Path<'_>, visit: &mut dyn FnMut(&Value, &Path<'_>)) {
    for key in LISTS {
        let list = path.child(key);
        for (number, container) in spec.list(key).iter().enumerate() {
            let at = list.index(number);
            visit(&container["securityContext"], &at.child("securityContext"));
        }
    }
}

/// Containers that run as processes of the host: all of them or none.
pub fn host_processes(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let of_pod = spec["securityContext"]["windowsOptions"]["hostProcess"].as_bool();
    let (mut containers, mut host_processes) = (0, 0);
    contexts(spec, path, &mut |context, at| {
        containers += 1;
        let own = context["windowsOptions"]["hostProcess"].as_bool();
        if let (Some(of_pod), Some(own)) = (of_pod, own)
            && of_pod != own
        {
            let message = format!(
                "pod hostProcess value must be identical if both are specified, was {of_pod}"
            );
            let options = at.child("windowsOptions");
            errors.invalid(&options.child("hostProcess"), own, &message);
        }
        host_processes += i32::from(own.or(of_pod) == Some(true));
    });
    if host_processes == 0 {
        return;
    }
    if host_processes != containers {
        let message = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        errors.invalid(path, "", message);
    }
    if !spec.bool("hostNetwork") {
        let message = "hostNetwork must be true if pod contains any hostProcess containers";
        errors.invalid(&path.child("hostNetwork"), false, message);
    }
}

/// Options of Windows in a security context.
pub fn windows_options(errors: &mut Errors, options: &Value, path: &Path<'_>) {
    const LIMIT: usize = 64 * 1024;
    if let Some(name) = options["gmsaCredentialSpecName"].as_str() {
        let wrong = names::dns1123_subdomain(name);
        errors.invalid_each(&path.child("gmsaCredentialSpecName"), name, wrong);
    }
    let at = path.child("gmsaCredentialSpec");
    match options["gmsaCredentialSpec"].as_str() {
        Some("") => errors.invalid(&at, "", "gmsaCredentialSpec cannot be an empty string"),
        Some(text) if text.len() > LIMIT => {
            errors.invalid(&at, text, "gmsaCredentialSpec size must be under 64 KiB");
        }
        _ => {}
    }
    if let Some(name) = options["runAsUserName"].as_str() {
        for message in user_name(name) {
            errors.invalid(&path.child("runAsUserName"), name, message);
        }
    }
}

/// What is wrong with the name of a user: `DOMAIN\USER` or `USER`.
fn user_name(name: &str) -> Vec<&'static str> {
    const FORBIDDEN: &str = "\"/\\:;|=,+*?<>@[]";
    if name.is_empty() {
        return vec!["runAsUserName cannot be an empty string"];
    }
    if name.bytes().any(|byte| byte.is_ascii_control()) {
        return vec!["runAsUserName cannot contain control characters"];
    }
    let (domain, user) = match name.split('\\').collect::<Vec<_>>()[..] {
        [user] => (None, user),
        [domain, user] => (Some(domain), user),
        _ => return vec!["runAsUserName cannot contain more than one backslash"],
    };
    let mut found = Vec::new();
    if domain.is_some_and(|domain| domain.len() >= 256) {
        found.push("runAsUserName's Domain length must be under 256 characters");
    }
    if domain.is_some_and(|domain| !is_net_bios(domain) && !is_dns(domain)) {
        found.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
    if user.is_empty() {
        found.push("runAsUserName's User cannot be empty");
    } else if user.len() > 104 {
        found.push("runAsUserName's User length must not be longer than 104 characters");
    }
    if !user.is_empty() && user.bytes().all(|byte| matches!(byte, b'.' | b' ')) {
        found.push("runAsUserName's User cannot contain only periods or spaces");
    }
    if user.contains(|character| FORBIDDEN.contains(character)) {
        found.push(
            "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]",
        );
    }
    found
}

/// A name of NetBIOS: up to 15 characters, of which the first is no dot.
fn is_net_bios(domain: &str) -> bool {
    (1..=15).contains(&domain.chars().count())
        && !domain.starts_with('.')
        && !domain.contains(|character| "\\/:*?\"<>|".contains(character))
}

fn is_dns(domain: &str) -> bool {
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    fn errors(json: &str, check: fn(&mut Errors, &Value, &Path<'_>)) -> Vec<String> {
        let mut errors = Errors::default();
        check(&mut errors, &parse_json(json).unwrap(), &Path::new("spec"));
        errors.list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_system_excludes_the_fields_of_the_other() {
        for (spec, expected) in [
            (r#"{"os":{}}"#, &["spec.os.name: Required value"][..]),
            (
                r#"{"os":{"name":"darwin"}}"#,
                &[
                    "spec.os: Unsupported value: \"darwin\": supported values: \"linux\", \"windows\"",
                ],
            ),
            (
                r#"{"os":{"name":"linux"},"securityContext":{"windowsOptions":{}}}"#,
                &[
                    "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
                ],
            ),
            (
                r#"{"os":{"name":"windows"},"hostPID":false,"hostUsers":true,"securityContext":{"runAsUser":1,"sysctls":[]},"containers":[{"securityContext":{"privileged":false}}]}"#,
                &[
                    "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod",
                    "spec.hostUsers: Forbidden: cannot be set for a windows pod",
                    "spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod",
                ],
            ),
        ] {
            assert_eq!(errors(spec, os), expected, "{spec}");
        }
    }

    #[test]
    fn host_processes_need_the_network_of_the_host() {
        let spec = r#"{"securityContext":{"windowsOptions":{"hostProcess":true}},"containers":[{"securityContext":{"windowsOptions":{"hostProcess":false}}},{}]}"#;
        assert_eq!(
            errors(spec, host_processes),
            [
                "spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true",
                "spec: Invalid value: \"\": If pod contains any hostProcess containers then all containers must be HostProcess containers",
                "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers",
            ]
        );
        assert_eq!(errors(r#"{"containers":[{}]}"#, host_processes), [""; 0]);
    }

    #[test]
    fn names_of_users_have_a_form() {
        for name in ["a", "ContainerUser", "DOMAIN\\user", "a.example.com\\b"] {
            assert_eq!(user_name(name), [""; 0], "{name}");
        }
        for (name, part) in [
            ("", "empty string"),
            ("a\tb", "control"),
            ("a\\b\\c", "one backslash"),
            ("a:b\\c", "NetBios"),
            ("a\\", "User cannot be empty"),
            ("..", "only periods"),
            ("a@b", "following characters"),
        ] {
            assert!(user_name(name).iter().any(|one| one.contains(part)), "{name}");
        }
    }
}
