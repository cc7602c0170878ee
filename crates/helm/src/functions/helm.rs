//! Functions that Helm adds.
//!
//! Source: helm pkg/engine engine.go `initFunMap`.

use go::quote::quote;
use go::template::{Call, Entries, ParseOptions, Value};

use super::{A, Function, Outcome, S, Table, any, row, string, text};

/// Around the message of `required` and `fail`, which Helm shows alone.
pub const ERROR_START: &str = "HELM_ERR_START";
pub const ERROR_END: &str = "HELM_ERR_END";

pub(super) static TABLE: &[Function] =
    &[
        row("include", &[S, A], None, "Renders a named template and returns its text.", include),
        row("tpl", &[S, A], None, "Renders a text as a template.", tpl),
        row("required", &[S, A], None, "Fails with a message if the value is empty.", |a, _| {
            match any(a, 1) {
                Value::Nil => Err(marked(text(a, 0))),
                Value::String(value) if value.is_empty() => Err(marked(text(a, 0))),
                value => Ok(value.clone()),
            }
        }),
        row("fail", &[S], None, "Fails with a message.", |a, _| Err(marked(text(a, 0)))),
        row(
            "lookup",
            &[S, S, S, S],
            None,
            "Returns an object of the cluster; nothing without a cluster.",
            |_, _| Ok(Value::map(Entries::new())),
        ),
        row("getHostByName", &[S], None, "Returns nothing: name lookups are off.", |_, _| {
            string("")
        }),
    ];

fn marked(message: &str) -> String {
    format!("{ERROR_START}{message}{ERROR_END}")
}

fn include(a: &[Value], call: &Call<'_>) -> Outcome {
    let name = text(a, 0);
    if !call.is_defined(name) {
        let name = quote(name);
        return Err(format!("template: no template {name} associated with template \"gotpl\""));
    }
    let result = call.execute(name, any(a, 1).clone());
    result.map(Value::string).map_err(|error| error.message)
}

fn tpl(a: &[Value], call: &Call<'_>) -> Outcome {
    let source = text(a, 0);
    if source.trim().is_empty() {
        return string(source);
    }
    let mut templates = call.templates().clone();
    templates
        .parse("gotpl", source, &Table, ParseOptions::default())
        .map_err(|error| format!("cannot parse template {}: {error}", quote(source)))?;
    let result = call.execute_in(&templates, "gotpl", any(a, 1).clone()).map_err(|error| {
        let source = quote(source);
        format!("error during tpl function execution for {source}: {}", error.message)
    })?;
    string(result.replace("<no value>", ""))
}
