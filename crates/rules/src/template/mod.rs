//! The templates in alerts' labels and annotations: Go's text/template with Prometheus's functions.
//!
//! | file | contents |
//! | --- | --- |
//! | `functions` | Prometheus's functions; their signatures are in `prometheus::rule_files` |
//! | `humanize` | human-readable numbers and durations |
//! | `objects` | samples, histograms, times and durations as values |

mod functions;
mod humanize;
mod objects;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use go::template::{Limits, MissingKey, Options, ParseOptions, Templates, Value};
use promql::{SampleValue, Timestamp};

use functions::AlertFunctions;
use objects::AlertData;

/// A series' value at one time.
#[derive(Clone, Debug)]
pub struct TemplateSample {
    pub labels: BTreeMap<String, String>,
    pub value: SampleValue,
}

/// Asks for the value of an expression.
pub type QueryFn<'a> = dyn Fn(&str) -> Result<Vec<TemplateSample>, String> + 'a;

/// The data that a template can refer to.
pub struct TemplateContext<'a> {
    /// Shows in errors; Prometheus takes `__alert_` and the rule's name.
    pub name: &'a str,
    pub labels: BTreeMap<String, String>,
    pub external_labels: BTreeMap<String, String>,
    pub external_url: &'a str,
    pub value: SampleValue,
    /// The time of the evaluation.
    pub now: Timestamp,
    pub query: &'a QueryFn<'a>,
    /// What is left of [`LIMITS`] for all templates of an evaluation.
    pub limits: &'a Cell<Limits>,
}

/// The variables that Prometheus defines before each template of an alert. Source: prometheus
/// rules/alerting.go.
const PRELUDE: &str = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

/// The limits of all templates of one evaluation of an alerting rule. The rule can have thousands of
/// series, each with its own templates.
pub const LIMITS: Limits = Limits { steps: 3_000_000, bytes: 16 << 20, nested: 0 };

/// Expands a template of an alert. The error is Prometheus's, which stands in the place of the
/// result: `<error expanding template: …>`.
pub fn expand(text: &str, context: &TemplateContext<'_>) -> Result<String, String> {
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    let name = context.name;
    let functions = AlertFunctions { context };
    let mut templates = Templates::default();
    templates
        .parse(name, &format!("{PRELUDE}{text}"), &functions, ParseOptions::default())
        .map_err(|error| format!("error parsing template {name}: {error}"))?;
    let data = AlertData {
        labels: strings(&context.labels),
        external_labels: strings(&context.external_labels),
        external_url: Value::string(context.external_url),
        value: objects::value(&context.value),
    };
    let mut options = Options { missing: MissingKey::Zero, limits: context.limits.get() };
    let result =
        templates.execute_within(name, Value::Object(Arc::new(data)), &functions, &mut options);
    context.limits.set(options.limits);
    result.map_err(|error| format!("error executing template {name}: {error}"))
}

fn strings(map: &BTreeMap<String, String>) -> Value {
    Value::string_map(map.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

#[cfg(test)]
mod tests;
