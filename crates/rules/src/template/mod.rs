//! The templates in alerts' labels and annotations: Go's text/template with Prometheus's functions.
//!
//! | file | what it does |
//! | --- | --- |
//! | `lexer` | text → tokens |
//! | `parser` | tokens → tree |
//! | `exec` | tree → text |
//! | `value` | what expressions evaluate to, and how it prints |
//! | `functions` | Go's built-in functions and Prometheus's |
//! | `humanize` | numbers and durations for people |
//! | `printf` | Go's format verbs |
//!
//! Methods of Go's time type, `html`, `js` and templates in HTML mode are not there.

mod exec;
mod functions;
mod humanize;
mod lexer;
mod parser;
mod printf;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use value::{TemplateSample, TemplateValue};

use promql::Timestamp;

/// Asks for the value of an expression.
pub type QueryFn<'a> = dyn Fn(&str) -> Result<Vec<TemplateSample>, String> + 'a;

/// What a template can refer to.
pub struct TemplateContext<'a> {
    /// Shows in errors; Prometheus takes `__alert_` and the rule's name.
    pub name: &'a str,
    pub labels: BTreeMap<String, String>,
    pub external_labels: BTreeMap<String, String>,
    pub external_url: &'a str,
    pub value: TemplateValue,
    /// The time of the evaluation.
    pub now: Timestamp,
    pub query: &'a QueryFn<'a>,
}

/// What Prometheus puts before each template of an alert.
const PRELUDE: &str = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

/// Expands a template of an alert. The error is Prometheus's, which stands in the place of the
/// result: `<error expanding template: …>`.
pub fn expand(text: &str, context: &TemplateContext<'_>) -> Result<String, String> {
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    let whole = format!("{PRELUDE}{text}");
    let template = parser::parse(context.name, &whole)
        .map_err(|error| format!("error parsing template {}: {error}", context.name))?;
    let strings = |map: &BTreeMap<String, String>| TemplateValue::Strings(Arc::new(map.clone()));
    let data = BTreeMap::from([
        ("Labels".to_owned(), strings(&context.labels)),
        ("ExternalLabels".to_owned(), strings(&context.external_labels)),
        ("ExternalURL".to_owned(), TemplateValue::string(context.external_url)),
        ("Value".to_owned(), context.value.clone()),
    ]);
    exec::execute(&template, &whole, context, TemplateValue::Struct(Arc::new(data)))
        .map_err(|error| format!("error executing template {}: {error}", context.name))
}

/// Whether a template of an alert can be read, and calls only functions that there are.
pub fn check(name: &str, text: &str) -> Result<(), String> {
    parser::parse(name, &format!("{PRELUDE}{text}")).map(|_| ())
}

#[cfg(test)]
mod tests;
