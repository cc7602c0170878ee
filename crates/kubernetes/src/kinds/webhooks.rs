//! Webhooks of admission: configurations of those that change objects and of those that refuse them.
//!
//! Source: pkg/apis/admissionregistration/validation, apiserver pkg/util/webhook/validation.go.

use super::{KIND, Kind};
use crate::object::Value;
use crate::validation::{Errors, Path, meta, names};

pub const MUTATING_WEBHOOK_CONFIGURATION: Kind = Kind {
    group: "admissionregistration.k8s.io",
    kind: "MutatingWebhookConfiguration",
    columns: crate::columns::WEBHOOKS,
    plural: "mutatingwebhookconfigurations",
    namespaced: false,
    generation: true,
    description: "Webhooks that may change objects at admission.",
    defaults: |object| defaults(object, true),
    validate: |errors, object| configuration(errors, object, true),
    ..KIND
};

pub const VALIDATING_WEBHOOK_CONFIGURATION: Kind = Kind {
    group: "admissionregistration.k8s.io",
    kind: "ValidatingWebhookConfiguration",
    columns: crate::columns::WEBHOOKS,
    plural: "validatingwebhookconfigurations",
    namespaced: false,
    generation: true,
    description: "Webhooks that may refuse objects at admission.",
    defaults: |object| defaults(object, false),
    validate: |errors, object| configuration(errors, object, false),
    ..KIND
};

/// Source: pkg/apis/admissionregistration/v1/defaults.go.
fn defaults(object: &mut Value, mutating: bool) {
    for webhook in object.items_mut("webhooks") {
        webhook.set_default("failurePolicy", "Fail");
        webhook.set_default("matchPolicy", "Equivalent");
        webhook.set_default("namespaceSelector", Value::map());
        webhook.set_default("objectSelector", Value::map());
        webhook.set_default("timeoutSeconds", 10);
        if mutating {
            webhook.set_default("reinvocationPolicy", "Never");
        }
        for rule in webhook.items_mut("rules") {
            rule.set_default("scope", "*");
        }
        if webhook["clientConfig"].has("service") {
            webhook.entry_at(&["clientConfig", "service"]).set_default("port", 443);
        }
    }
}

fn configuration(errors: &mut Errors, object: &Value, mutating: bool) {
    let path = Path::new("webhooks");
    let webhooks = object.list("webhooks");
    for (number, webhook) in webhooks.iter().enumerate() {
        let at = path.index(number);
        self::webhook(errors, webhook, mutating, &at);
        versions(errors, webhook, &at.child("admissionReviewVersions"));
        let name = webhook.str("name");
        let earlier = || webhooks.iter().take(number).any(|other| other.str("name") == name);
        if !name.is_empty() && earlier() {
            errors.duplicate(&at.child("name"), name);
        }
    }
}

fn webhook(errors: &mut Errors, webhook: &Value, mutating: bool, path: &Path<'_>) {
    qualified_name(errors, webhook.str("name"), &path.child("name"));
    let rules = path.child("rules");
    for (number, rule) in webhook.list("rules").iter().enumerate() {
        self::rule(errors, rule, &rules.index(number));
    }
    let policy = |errors: &mut Errors, key: &str, supported: &[&str]| {
        errors.one_of(&path.child(key), webhook.str(key), supported);
    };
    policy(errors, "failurePolicy", &["Fail", "Ignore"]);
    policy(errors, "matchPolicy", &["Equivalent", "Exact"]);
    match webhook["sideEffects"].as_str() {
        None => {
            let message = "must specify one of None, NoneOnDryRun";
            errors.required(&path.child("sideEffects"), message);
        }
        Some(_) => policy(errors, "sideEffects", &["None", "NoneOnDryRun"]),
    }
    if let Some(seconds) = webhook["timeoutSeconds"].as_int()
        && !(1..=30).contains(&seconds)
    {
        let message = "the timeout value must be between 1 and 30 seconds";
        errors.invalid(&path.child("timeoutSeconds"), seconds, message);
    }
    for key in ["namespaceSelector", "objectSelector"] {
        meta::label_selector(errors, &webhook[key], &path.child(key));
    }
    if mutating {
        policy(errors, "reinvocationPolicy", &["IfNeeded", "Never"]);
    }
    client(errors, &webhook["clientConfig"], &path.child("clientConfig"));
}

/// A name of at least three parts. Source: apimachinery IsFullyQualifiedName.
fn qualified_name(errors: &mut Errors, name: &str, path: &Path<'_>) {
    let wrong = names::dns1123_subdomain(name);
    if name.is_empty() {
        errors.required(path, "");
    } else if !wrong.is_empty() {
        errors.invalid(path, name, &wrong.join(","));
    } else if name.split('.').count() < 3 {
        let message = "should be a domain with at least three segments separated by dots";
        errors.invalid(path, name, message);
    }
}

fn versions(errors: &mut Errors, webhook: &Value, path: &Path<'_>) {
    let versions: Vec<&str> =
        webhook.list("admissionReviewVersions").iter().filter_map(Value::as_str).collect();
    if versions.is_empty() {
        return errors.required(path, "must specify one of v1, v1beta1");
    }
    for (number, version) in versions.iter().enumerate() {
        let at = path.index(number);
        if versions.iter().take(number).any(|earlier| earlier == version) {
            errors.invalid(&at, *version, "duplicate version");
            continue;
        }
        errors.invalid_each(&at, version, names::dns1035_label(version));
    }
    if !versions.iter().any(|version| matches!(*version, "v1" | "v1beta1")) {
        let message = "must include at least one of v1, v1beta1";
        errors.invalid(path, &webhook["admissionReviewVersions"], message);
    }
}

fn rule(errors: &mut Errors, rule: &Value, path: &Path<'_>) {
    const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    let operations = path.child("operations");
    alone(errors, rule, "operations", "operations", path);
    for (number, one) in rule.list("operations").iter().filter_map(Value::as_str).enumerate() {
        errors.one_of(&operations.index(number), one, &OPERATIONS);
    }
    alone(errors, rule, "apiGroups", "API groups", path);
    alone(errors, rule, "apiVersions", "API versions", path);
    let versions = path.child("apiVersions");
    for (number, version) in rule.list("apiVersions").iter().enumerate() {
        if version.as_str() == Some("") {
            errors.required(&versions.index(number), "");
        }
    }
    resources(errors, rule, &path.child("resources"));
    if let Some(scope) = rule["scope"].as_str() {
        errors.one_of(&path.child("scope"), scope, &["*", "Cluster", "Namespaced"]);
    }
}

/// A list that must not be empty, and in which `*` stands alone.
fn alone(errors: &mut Errors, rule: &Value, key: &str, what: &str, path: &Path<'_>) {
    let list = rule.list(key);
    if list.is_empty() {
        errors.required(&path.child(key), "");
    } else if list.len() > 1 && list.iter().any(|one| one.as_str() == Some("*")) {
        let message = format!("if '*' is present, must not specify other {what}");
        errors.invalid(&path.child(key), &rule[key], &message);
    }
}

/// Resources with or without a subresource: `pods`, `pods/status`, `*/scale`, `*/*`.
fn resources(errors: &mut Errors, rule: &Value, path: &Path<'_>) {
    let list: Vec<&str> = rule.list("resources").iter().filter_map(Value::as_str).collect();
    if list.is_empty() {
        errors.required(path, "");
    }
    for (number, one) in list.iter().enumerate() {
        let at = path.index(number);
        let Some((resource, sub)) = one.split_once('/') else {
            if one.is_empty() {
                errors.required(&at, "");
            }
            continue;
        };
        for wider in [format!("{resource}/*"), format!("*/{sub}")] {
            if list.iter().take(number).any(|earlier| *earlier == wider) {
                errors.invalid(
                    &at,
                    *one,
                    &format!("if '{wider}' is present, must not specify {one}"),
                );
            }
        }
    }
    if list.len() > 1 && list.contains(&"*/*") {
        let message = "if '*/*' is present, must not specify other resources";
        errors.invalid(path, &rule["resources"], message);
    }
    // Only the last resource without a subresource counts.
    let last = list.iter().rfind(|one| !one.contains('/') && !one.is_empty());
    if list.contains(&"*") && last.is_some_and(|one| *one != "*") {
        let message = "if '*' is present, must not specify other resources without subresources";
        errors.invalid(path, &rule["resources"], message);
    }
}

/// The address of a webhook: a URL or a Service.
fn client(errors: &mut Errors, client: &Value, path: &Path<'_>) {
    match (client["url"].as_str(), client.has("service")) {
        (Some(text), false) => url(errors, text, &path.child("url")),
        (None, true) => service(errors, &client["service"], &path.child("service")),
        _ => errors.required(path, "exactly one of url or service is required"),
    }
}

fn url(errors: &mut Errors, text: &str, path: &Path<'_>) {
    const FORM: &str = "; desired format: https://host[/path]";
    let url = match go::url::parse(text) {
        Ok(url) => url,
        Err(error) => {
            let message = format!("url must be a valid URL: {error}{FORM}");
            return errors.required(path, &message);
        }
    };
    if url.scheme != "https" {
        let message = format!("'https' is the only allowed URL scheme{FORM}");
        errors.invalid(path, &*url.scheme, &message);
    }
    if url.host.is_empty() {
        errors.invalid(path, "", &format!("host must be specified{FORM}"));
    }
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    if !fragment.is_empty() {
        errors.invalid(path, fragment, "fragments are not permitted in the URL");
    }
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    if !query.is_empty() {
        errors.invalid(path, query, "query parameters are not permitted in the URL");
    }
}

fn service(errors: &mut Errors, service: &Value, path: &Path<'_>) {
    for key in ["name", "namespace"] {
        if service.str(key).is_empty() {
            errors.required(&path.child(key), "");
        }
    }
    let port = service.int("port");
    if let Some(message) = names::port_number(port) {
        errors.invalid(&path.child("port"), port, &format!("port is not valid: {message}"));
    }
    let Some(text) = service["path"].as_str().filter(|text| !matches!(*text, "" | "/")) else {
        return;
    };
    let at = path.child("path");
    if text == "//" {
        return errors.invalid(&at, text, "segment[0] may not be empty");
    }
    if !text.starts_with('/') {
        errors.invalid(&at, text, "must start with a '/'");
    }
    // The first character is no part of the segments, whatever it is.
    let rest =
        text.char_indices().nth(1).map_or("", |(start, _)| text.get(start..).unwrap_or_default());
    for (number, step) in rest.strip_suffix('/').unwrap_or(rest).split('/').enumerate() {
        if step.is_empty() {
            errors.invalid(&at, text, &format!("segment[{number}] may not be empty"));
            continue;
        }
        for failure in names::dns1123_subdomain(step) {
            errors.invalid(&at, text, &format!("segment[{number}]: {failure}"));
        }
    }
}
