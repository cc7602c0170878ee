//! Renders the template files of a chart, with errors in Helm's form.
//!
//! Source: helm pkg/engine engine.go.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use go::template::{Map, MissingKey, Options, ParseOptions, Templates, Value};

use crate::functions::{ERROR_END, ERROR_START, Table};
use crate::values::VALUES;

/// A template file.
#[derive(Clone, Debug)]
pub struct File {
    /// The path with the chart's name in front: `demo/templates/service.yaml`.
    pub path: String,
    pub text: String,
    /// The data of the template without `Template`: `Values`, `Release`, `Chart` and so on.
    pub data: Map,
    /// The folder of the chart's templates: `demo/templates`.
    pub base_path: String,
}

/// How missing keys are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A missing key is empty.
    #[default]
    Lenient,
    /// A missing key is an error, as with `helm lint --strict`.
    Strict,
}

/// Renders all files except those whose names begin with `_`. Returns the texts by path. The error
/// is what Helm prints behind `Error: `.
pub fn render(files: &[File], mode: Mode) -> Result<BTreeMap<String, String>, String> {
    let mut sorted: Vec<&File> = files.iter().collect();
    sorted.sort_by_key(|file| Reverse((file.path.matches('/').count(), file.path.as_str())));
    let mut templates = Templates::default();
    for file in &sorted {
        templates
            .parse(&file.path, &file.text, &Table, ParseOptions::default())
            .map_err(|error| parse_error(&file.path, &error.to_string()))?;
    }
    let missing = match mode {
        Mode::Lenient => MissingKey::Zero,
        Mode::Strict => MissingKey::Error,
    };
    let options = Options { missing, ..Options::default() };
    let mut rendered = BTreeMap::new();
    for file in sorted {
        if go::path::base(&file.path).starts_with('_') {
            continue;
        }
        let of_template = [
            ("Name".into(), Value::string(file.path.as_str())),
            ("BasePath".into(), Value::string(file.base_path.as_str())),
        ];
        let of_template = Value::Map(Map::new(&VALUES, of_template.into()));
        file.data.change(|entries| {
            entries.insert("Template".into(), of_template);
        });
        let text = templates
            .execute(&file.path, Value::Map(file.data.clone()), &Table, options)
            .map_err(|error| execution_error(&error.message))?;
        rendered.insert(file.path.clone(), text.replace("<no value>", ""));
    }
    Ok(rendered)
}

/// Keeps the place and the last part of the parser's message. Source: engine.go `cleanupParseError`.
fn parse_error(path: &str, message: &str) -> String {
    let parts: Vec<&str> = message.split(": ").collect();
    match parts.as_slice() {
        [_, place, .., last] => format!("parse error at ({place}): {last}"),
        [_, place] => format!("parse error at ({place}): {place}"),
        _ => format!("parse error in ({path}): {message}"),
    }
}

/// Source: engine.go `reformatExecErrorMsg`.
fn execution_error(message: &str) -> String {
    if let Some((_, behind)) = message.split_once(ERROR_START)
        && let Some((reason, _)) = behind.rsplit_once(ERROR_END)
    {
        let place = message.split(": ").nth(1).unwrap_or_default();
        return format!("execution error at ({place}): {reason}");
    }
    trace(message).map_or_else(|| message.to_owned(), |lines| lines.trim().to_owned())
}

/// One block for each template on the way to the fault. Returns None if a function other than
/// `include` has failed: Helm leaves such a message as it is.
fn trace(message: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = message;
    loop {
        let behind = rest.strip_prefix("template: ")?;
        if behind.starts_with("no template ") {
            out.push_str(rest);
            return Some(out);
        }
        let (place, behind) = behind.split_once(": executing ")?;
        let (context, reason) = behind.split_once(">: ")?;
        out.push_str(&format!("{place}\n  executing {context}>:\n    "));
        let Some(called) = reason.strip_prefix("error calling ") else {
            out.push_str(reason);
            return Some(out);
        };
        rest = called.strip_prefix("include: ")?;
        out.push_str("error calling include:\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::from_yaml;

    fn run(template: &str, helpers: &str, values: &str) -> Result<String, String> {
        let values = from_yaml(values).expect("the values are YAML");
        let data = Map::new(&VALUES, [("Values".into(), values)].into());
        let file = |name: &str, text: &str| File {
            path: format!("demo/templates/{name}"),
            text: text.to_owned(),
            data: data.clone(),
            base_path: "demo/templates".to_owned(),
        };
        let files = [file("t.txt", template), file("_helpers.tpl", helpers)];
        render(&files, Mode::Lenient).map(|texts| texts.into_values().collect())
    }

    #[test]
    fn templates_render() {
        for (template, expected) in [
            ("{{ .Values.a | quote }}", "\"x\""),
            ("[{{ .Values.none }}]", "[]"),
            ("{{ include \"h\" . | nindent 2 }}", "\n  help x"),
            ("{{ tpl \"{{ .Values.a }}\" . }}", "x"),
            ("{{ $_ := set .Values \"a\" 1 }}{{ .Values.a }}", "1"),
            ("{{ range until 3 }}{{ . }}{{ end }}", "012"),
        ] {
            let helpers = "{{ define \"h\" }}help {{ .Values.a }}{{ end }}";
            assert_eq!(run(template, helpers, "a: x").as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn errors_have_the_form_of_helm() {
        for (template, expected) in [
            (
                "{{ nope }}",
                "parse error at (demo/templates/t.txt:1): function \"nope\" not defined",
            ),
            (
                "{{ required \"give it\" .Values.x }}",
                "execution error at (demo/templates/t.txt:1:3): give it",
            ),
            (
                "{{ .Values.x.y }}",
                "demo/templates/t.txt:1:10\n  executing \"demo/templates/t.txt\" at <.Values.x.y>:\n    nil pointer evaluating interface {}.y",
            ),
            (
                "{{ div 1 0 }}",
                "template: demo/templates/t.txt:1:3: executing \"demo/templates/t.txt\" at <div 1 0>: error calling div: runtime error: integer divide by zero",
            ),
        ] {
            assert_eq!(run(template, "", "{}"), Err(expected.to_owned()), "{template}");
        }
    }

    #[test]
    fn growth_is_limited() {
        for template in [
            "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $d }}",
            "{{ $l := list }}{{ range until 1000 }}{{ $l = list $l }}{{ end }}",
            "{{ $l := list 1 }}{{ range until 64 }}{{ $l = list $l $l }}{{ end }}",
            "{{ repeat 1000000000 \"xxxxxxxxxx\" }}",
            "{{ until 1000000000 }}",
            "{{ indent 1000000000 \"x\" }}",
            "{{ include \"h\" . }}",
        ] {
            let helpers = "{{ define \"h\" }}{{ include \"h\" . }}{{ end }}";
            assert!(run(template, helpers, "{}").is_err(), "{template}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_template_ends(
            text in "(\\{\\{ ?|\\}\\}| \\| |[a-z]+|\\.Values|\"x\"|-?[0-9]{1,3}|\\(|\\)|list|dict|set|trunc|substr|toYaml|range|end| ){0,24}"
        ) {
            let _ = run(&text, "", "a: {b: [1, x]}");
        }
    }
}
