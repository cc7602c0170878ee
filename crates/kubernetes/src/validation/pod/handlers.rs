//! Probes and lifecycle handlers.
//!
//! Source: pkg/apis/core/validation validateHandler, validateProbe.

use crate::object::Value;
use crate::validation::{Errors, Path, names};

/// One of the ways to ask or to tell a container; `grace` is the pod's grace period.
pub fn handler(errors: &mut Errors, handler: &Value, grace: i64, path: &Path<'_>) {
    let mut handlers = 0;
    for key in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        if !handler.has(key) {
            continue;
        }
        let at = path.child(key);
        if handlers > 0 {
            errors.forbidden(&at, "may not specify more than 1 handler type");
            continue;
        }
        handlers += 1;
        let action = &handler[key];
        match key {
            "exec" if action.list("command").is_empty() => {
                errors.required(&at.child("command"), "");
            }
            "exec" => {}
            "httpGet" => http_get(errors, action, &at),
            "sleep" => sleep(errors, action, grace, &at),
            _ => port_number_or_name(errors, &action["port"], &at.child("port")),
        }
    }
    if handlers == 0 {
        errors.required(path, "must specify a handler type");
    }
}

fn http_get(errors: &mut Errors, action: &Value, path: &Path<'_>) {
    if action.str("path").is_empty() {
        errors.required(&path.child("path"), "");
    }
    port_number_or_name(errors, &action["port"], &path.child("port"));
    errors.one_of(&path.child("scheme"), action.str("scheme"), &["HTTP", "HTTPS"]);
    for header in action.list("httpHeaders") {
        let name = header.str("name");
        errors.invalid_each(&path.child("httpHeaders"), name, names::http_header(name));
    }
}

fn sleep(errors: &mut Errors, action: &Value, grace: i64, path: &Path<'_>) {
    let seconds = action.int("seconds");
    if seconds < 0 || seconds > grace {
        let message =
            format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        errors.invalid(path, seconds, &message);
    }
}

/// A port as a number or by its name.
pub fn port_number_or_name(errors: &mut Errors, port: &Value, path: &Path<'_>) {
    match port {
        Value::String(name) => errors.invalid_each(path, name, names::port_name(name)),
        port => {
            let number = port.as_int().unwrap_or_default();
            if let Some(message) = names::port_number(number) {
                errors.invalid(path, number, &message);
            }
        }
    }
}

/// A probe of a container; null is none.
pub fn probe(errors: &mut Errors, probe: &Value, kind: &str, grace: i64, path: &Path<'_>) {
    if probe.is_null() {
        return;
    }
    handler(errors, probe, grace, path);
    for key in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        errors.non_negative(&path.child(key), probe.int(key));
    }
    let own = &probe["terminationGracePeriodSeconds"];
    let at = path.child("terminationGracePeriodSeconds");
    if let Some(seconds) = own.as_int()
        && seconds <= 0
    {
        errors.invalid(&at, seconds, "must be greater than 0");
    }
    if kind == "readinessProbe" {
        if !own.is_null() {
            errors.invalid(&at, own, "must not be set for readinessProbes");
        }
    } else if probe.int("successThreshold") != 1 {
        let at = path.child("successThreshold");
        errors.invalid(&at, probe.int("successThreshold"), "must be 1");
    }
}
