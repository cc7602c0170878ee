//! Renders the templates of a chart, with errors in Helm's form.
//!
//! Source: helm pkg/engine engine.go, pkg/chart/common/util values.go `ToRenderValues`.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use go::template::{Entries, Limits, Map, MissingKey, ParseOptions, Piece, Templates, Value};

use crate::capabilities::Capabilities;
use crate::chart::{Chart, ChartFile};
use crate::functions::{ERROR_END, ERROR_START, Library, Lookup};
use crate::log::Log;
use crate::objects::{CapabilitiesObject, VALUES, files};

/// The release that templates are rendered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseOptions {
    pub name: String,
    pub namespace: String,
    pub revision: i64,
    pub is_upgrade: bool,
    pub is_install: bool,
}

/// The treatment of missing keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A missing key is empty.
    #[default]
    Lenient,
    /// A missing key is an error.
    Strict,
}

/// Options of a rendering.
#[derive(Clone, Copy, Default)]
pub struct RenderOptions<'a> {
    pub mode: Mode,
    /// `required` and `fail` only write to the log.
    pub lint: bool,
    /// Reads objects of a cluster; None without one.
    pub lookup: Option<Lookup<'a>>,
    /// Notes where each part of the texts comes from.
    pub traced: bool,
    /// The limits of the whole chart.
    pub limits: Limits,
}

/// The text of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    /// The origins of its parts, by offset; empty if they were not requested.
    pub pieces: Vec<Piece>,
}

/// The values that templates see at their root. `values` are those of the chart with the user's
/// laid over them.
pub fn render_values(
    release: &ReleaseOptions,
    capabilities: &Capabilities,
    values: Entries,
) -> Entries {
    let release = [
        ("Name", Value::string(release.name.as_str())),
        ("Namespace", Value::string(release.namespace.as_str())),
        ("IsUpgrade", Value::Bool(release.is_upgrade)),
        ("IsInstall", Value::Bool(release.is_install)),
        ("Revision", Value::Int(release.revision)),
        ("Service", Value::string("Helm")),
    ];
    let release = release.into_iter().map(|(key, value)| (key.into(), value)).collect();
    [
        ("Release".into(), Value::map(release)),
        ("Capabilities".into(), Value::object(CapabilitiesObject(capabilities.clone()))),
        ("Values".into(), Value::Map(Map::new(&VALUES, values))),
    ]
    .into()
}

/// A template file with what it sees.
struct Template<'c> {
    /// The path with the names of the charts in front: `demo/templates/service.yaml`.
    path: String,
    file: &'c ChartFile,
    data: Map,
    /// `demo/templates`.
    base_path: String,
}

/// Renders the templates of a chart and of the charts in it, except those whose names begin with
/// `_`. Returns the texts by path. The error is what Helm prints after `Error: `.
pub fn render(
    chart: &Chart,
    values: &Entries,
    options: RenderOptions<'_>,
    log: &mut Log,
) -> Result<BTreeMap<String, Rendered>, String> {
    let mut files = Vec::new();
    collect(chart, chart.name(), true, values, &mut files);
    files.sort_by(|a, b| {
        let key = |one: &Template<'_>| Reverse((one.path.matches('/').count(), one.path.clone()));
        key(a).cmp(&key(b))
    });
    let shared = RefCell::new(std::mem::take(log));
    let library = Library::new(options.lint, &shared, options.lookup);
    let rendered = render_all(&files, &library, options);
    *log = shared.take();
    rendered
}

fn render_all(
    files: &[Template<'_>],
    library: &Library<'_>,
    options: RenderOptions<'_>,
) -> Result<BTreeMap<String, Rendered>, String> {
    let mut templates = Templates::default();
    for file in files {
        templates
            .parse(&file.path, &file.file.text(), library, ParseOptions::default())
            .map_err(|error| parse_error(&file.path, &error.to_string()))?;
    }
    let missing = match options.mode {
        Mode::Lenient => MissingKey::Zero,
        Mode::Strict => MissingKey::Error,
    };
    let mut execution = go::template::Options { missing, limits: options.limits };
    let mut rendered = BTreeMap::new();
    for file in files {
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
        let data = Value::Map(file.data.with_kind(&VALUES));
        let executed = if options.traced {
            templates.execute_traced(&file.path, data, library, &mut execution)
        } else {
            let text = templates.execute_within(&file.path, data, library, &mut execution);
            text.map(|text| (text, Vec::new()))
        };
        let (text, pieces) = executed.map_err(|error| execution_error(&error.message))?;
        rendered.insert(file.path.clone(), without_no_value(text, pieces));
    }
    Ok(rendered)
}

/// Source: engine.go `recAllTpls`.
fn collect<'c>(
    chart: &'c Chart,
    path: &str,
    is_root: bool,
    outer: &Entries,
    templates: &mut Vec<Template<'c>>,
) -> Map {
    let mut metadata = chart.metadata.to_map();
    metadata.insert("IsRoot".into(), Value::Bool(is_root));
    let inherited = |key: &str| outer.get(key).cloned().unwrap_or(Value::Nil);
    let own = match (is_root, outer.get("Values")) {
        (true, Some(values)) => values.clone(),
        (false, Some(Value::Map(values))) => match values.get(chart.name()) {
            Some(Value::Map(own)) => Value::Map(own.with_kind(&VALUES)),
            _ => Value::Map(Map::new(&VALUES, Entries::new())),
        },
        _ => Value::Map(Map::new(&VALUES, Entries::new())),
    };
    let mut entries: Entries = [
        ("Chart".into(), Value::map(metadata)),
        ("Files".into(), files(&chart.files)),
        ("Release".into(), inherited("Release")),
        ("Capabilities".into(), inherited("Capabilities")),
        ("Values".into(), own),
    ]
    .into();
    let subcharts = chart.dependencies.iter().map(|sub| {
        let path = format!("{path}/charts/{}", sub.name());
        let data = collect(sub, &path, false, &entries, templates);
        (sub.name().into(), Value::Map(data))
    });
    let subcharts = subcharts.collect();
    entries.insert("Subcharts".into(), Value::map(subcharts));
    let data = Map::new(&go::template::ANY_MAP, entries);
    for file in &chart.templates {
        if chart.metadata.is_library() && !go::path::base(&file.name).starts_with('_') {
            continue;
        }
        templates.push(Template {
            path: go::path::join(&[path, &file.name]),
            file,
            data: data.clone(),
            base_path: go::path::join(&[path, "templates"]),
        });
    }
    data
}

/// Helm takes this text out of whatever it renders.
fn without_no_value(text: String, mut pieces: Vec<Piece>) -> Rendered {
    const NO_VALUE: &str = "<no value>";
    let removed: Vec<usize> = text.match_indices(NO_VALUE).map(|(at, _)| at).collect();
    if removed.is_empty() {
        return Rendered { text, pieces };
    }
    for piece in &mut pieces {
        let before = removed.iter().take_while(|at| **at < piece.start).count();
        piece.start = piece.start.saturating_sub(before * NO_VALUE.len());
    }
    Rendered { text: text.replace(NO_VALUE, ""), pieces }
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

    fn chart(template: &str, helpers: &str) -> Chart {
        let file = |name: &str, text: &str| ChartFile::new(name, text.as_bytes());
        let mut chart = Chart::default();
        chart.metadata.name = "demo".to_owned();
        chart.templates =
            vec![file("templates/t.txt", template), file("templates/_helpers.tpl", helpers)];
        chart
    }

    fn run_traced(template: &str, helpers: &str, values: &str) -> Result<Rendered, String> {
        let release = ReleaseOptions {
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        };
        let values = from_yaml(values).expect("the values are YAML").as_map().unwrap_or_default();
        let values = render_values(&release, &Capabilities::default(), (*values).clone());
        let options = RenderOptions { traced: true, ..RenderOptions::default() };
        let texts = render(&chart(template, helpers), &values, options, &mut Log::default())?;
        Ok(texts.into_values().next().unwrap_or_default())
    }

    fn run(template: &str, helpers: &str, values: &str) -> Result<String, String> {
        run_traced(template, helpers, values).map(|rendered| rendered.text)
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
