//! The functions and variables that templates of alerting rules have, and the check of a template.
//!
//! Source: prometheus template/template.go, rules/alerting.go.

use go::template::{
    Call, Functions, ParseError, ParseOptions, Signature, Type, Value, check as check_text,
};

/// Go's type of what `query` gives.
pub const QUERY_RESULT: &str = "template.queryResult";
/// Go's type of one sample of it.
pub const SAMPLE: &str = "*template.sample";

const fn takes(name: &'static str, parameters: &'static [Type]) -> Signature {
    Signature { name, parameters, variadic: None }
}

const NOTHING: &[Type] = &[];
const ANY: &[Type] = &[Type::Any];
const TEXT: &[Type] = &[Type::String];
const ONE_SAMPLE: &[Type] = &[Type::Named(SAMPLE)];

/// The functions that Prometheus adds to those of Go.
pub static TEMPLATE_FUNCTIONS: [Signature; 29] = [
    Signature { name: "args", parameters: NOTHING, variadic: Some(Type::Any) },
    takes("externalURL", NOTHING),
    takes("first", &[Type::Named(QUERY_RESULT)]),
    takes("graphLink", TEXT),
    takes("humanize", ANY),
    takes("humanize1024", ANY),
    takes("humanizeDuration", ANY),
    takes("humanizePercentage", ANY),
    takes("humanizeTimestamp", ANY),
    takes("label", &[Type::String, Type::Named(SAMPLE)]),
    takes("match", &[Type::String, Type::String]),
    takes("now", NOTHING),
    takes("parseDuration", TEXT),
    takes("pathPrefix", NOTHING),
    takes("query", TEXT),
    takes("reReplaceAll", &[Type::String, Type::String, Type::String]),
    takes("safeHtml", TEXT),
    takes("sortByLabel", &[Type::String, Type::Named(QUERY_RESULT)]),
    takes("stripDomain", TEXT),
    takes("stripPort", TEXT),
    takes("strvalue", ONE_SAMPLE),
    takes("tableLink", TEXT),
    takes("title", TEXT),
    takes("toDuration", ANY),
    takes("toLower", TEXT),
    takes("toTime", ANY),
    takes("toUpper", TEXT),
    takes("urlQueryEscape", TEXT),
    takes("value", ONE_SAMPLE),
];

/// Variables that Prometheus declares in front of each template.
const VARIABLES: [&str; 4] = ["$labels", "$externalLabels", "$externalURL", "$value"];

/// Returns the signature of a function. None if Prometheus adds none of that name.
pub fn template_function(name: &str) -> Option<&'static Signature> {
    TEMPLATE_FUNCTIONS.iter().find(|function| function.name == name)
}

/// Knows the functions without running them.
struct Signatures;

impl Functions for Signatures {
    fn signature(&self, name: &str) -> Option<&Signature> {
        template_function(name)
    }

    fn call(&self, name: &str, _arguments: &[Value], _call: &Call<'_>) -> Result<Value, String> {
        Err(format!("{name} is not run while a rule file is checked"))
    }
}

/// Reads a label or annotation of the alerting rule `alert` as a template.
pub fn check_template(alert: &str, text: &str) -> Result<(), ParseError> {
    if !text.contains("{{") {
        return Ok(());
    }
    let options = ParseOptions { variables: &VARIABLES, ..ParseOptions::default() };
    check_text(&format!("__alert_{alert}"), text, &Signatures, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_and_known_once() {
        assert!(TEMPLATE_FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn templates() {
        for text in [
            "",
            "plain } text {",
            "{{ $labels.instance }} is {{ $value | humanize }}",
            "{{ range $i, $s := query \"up\" }}{{ $i }}{{ $s.Labels.job }}{{ end }}",
            "{{ with query \"up\" }}{{ . | first | value | printf \"%.2f\" }}{{ end }}",
            "{{ (query \"up\" | first).Labels }}{{ externalURL }}{{ $externalURL }}",
        ] {
            assert_eq!(check_template("a", text), Ok(()), "{text}");
        }
        for (text, message) in [
            ("{{ $label.foo }}", "undefined variable \"$label\""),
            ("{{ humanise 1 }}", "function \"humanise\" not defined"),
            ("\n{{ $value", "unclosed action"),
        ] {
            let error = check_template("a", text).unwrap_err();
            let line = 1 + text.matches('\n').count();
            assert_eq!(error.to_string(), format!("template: __alert_a:{line}: {message}"));
        }
    }
}
