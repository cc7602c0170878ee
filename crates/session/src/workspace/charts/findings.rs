//! Values that no template reads, values that are not there, and defaults that never apply.

use std::collections::BTreeSet;
use std::sync::Arc;

use go::template::outline::{Origin, Outline, Path, Step};
use schema::similar::nearest;
use serde_json::Value;
use text::{Code, Diagnostic, Location};
use yaml::{Kind, Node};

use super::Release;
use super::references::{References, TemplateFile, ValuePath, substituted};

const UNUSED: &str = "value-not-read";
const UNDEFINED: &str = "value-not-defined";
const DEFAULT: &str = "default-never-applies";
const EMPTY: &str = "default-replaces-empty";

pub static CODES: &[Code] = &[
    Code {
        code: UNUSED,
        title: "A value that no template reads",
        doc: "Helm takes every key of values.yaml, also one that no template mentions. Setting it changes nothing. Often the name differs in one letter from the one that a template reads, or the key stands one level too high or too low.",
        example: "# values.yaml\nreplicas: 3\n# templates/deployment.yaml: replicas: {{ .Values.replicaCount }}\n",
    },
    Code {
        code: UNDEFINED,
        title: "A value that is not defined",
        doc: "A key that no file of values has is empty: `{{ .Values.tag }}` writes nothing, and a further field of it ends the rendering with `nil pointer evaluating`. No error tells of the first case. A condition, `default` or `required` around the value states that it may be absent.",
        example: "# templates/deployment.yaml, with image.tag in values.yaml\nimage: \"web:{{ .Values.image.tg }}\"\n",
    },
    Code {
        code: DEFAULT,
        title: "A default that never applies",
        doc: "`default` takes its first argument only if the value is empty. A value that values.yaml sets is not empty unless somebody sets it to an empty one, so that the default in the template is never seen, and the two may differ.",
        example: "# values.yaml: interval: 15s\nscrape_interval: {{ .Values.interval | default \"30s\" }}\n",
    },
    Code {
        code: EMPTY,
        title: "A default in place of false or 0",
        doc: "For `default`, the values `false`, `0`, `\"\"`, `[]` and `{}` are empty. A value that is set to one of them is replaced by the default. To tell an absent value from `false`, use `hasKey` or `dig`.",
        example: "# values.yaml: enabled: false\nenabled: {{ .Values.enabled | default true }}\n",
    },
];

/// The most findings of a chart.
const MOST: usize = 100;
/// The deepest nesting of named templates that is followed.
const MAX_CALLS: usize = 8;

/// What templates read of the values.
#[derive(Default)]
struct Uses {
    /// Full paths in the values of the outermost chart.
    read: BTreeSet<Vec<Step>>,
    /// Those that are read with everything in them.
    whole: BTreeSet<Vec<Step>>,
    /// Those that the text expects to be absent at times.
    guarded: BTreeSet<Vec<Step>>,
    /// True if a template is called by a name that is not constant.
    is_partial: bool,
}

/// The findings of a chart that renders.
pub fn find(release: &Release) -> Vec<Diagnostic> {
    let references = &release.references;
    if references.templates.values().any(|file| file.outline.is_none()) {
        return Vec::new();
    }
    let uses = Uses::of(references);
    let mut found = undefined(release, &uses);
    found.extend(defaults(release));
    if !uses.is_partial && !release.has_imports() {
        found.extend(unused(release, &uses));
    }
    found.truncate(MOST);
    found
}

impl Uses {
    fn of(references: &References) -> Self {
        let mut uses = Self::default();
        for file in references.templates.values() {
            let Some(outline) = &file.outline else { continue };
            uses.is_partial |= outline.has_dynamic_calls;
            let root = Origin::Path(Vec::new());
            uses.add(outline, None, &root, &file.chart);
            for call in &outline.calls {
                uses.follow(references, &call.name, &call.argument, &file.chart, MAX_CALLS);
            }
        }
        uses
    }

    /// Adds what the templates of a text read, or one of them, called with an argument.
    fn add(
        &mut self,
        outline: &Outline,
        template: Option<&str>,
        argument: &Origin,
        chart: &[Arc<str>],
    ) {
        let is_meant = |name: &str| template.is_none_or(|template| template == name);
        for one in outline.references.iter().filter(|one| is_meant(&one.template)) {
            let Origin::Path(path) = argument.follow(&one.path) else { continue };
            let Some(path) = full(chart, &path) else { continue };
            if one.is_guarded {
                self.guarded.insert(path.clone());
            }
            self.read.insert(path);
        }
        for (_, path) in outline.whole.iter().filter(|(name, _)| is_meant(name)) {
            for path in argument.follow(path).paths() {
                self.whole.extend(full(chart, path));
            }
        }
    }

    fn follow(
        &mut self,
        references: &References,
        name: &str,
        argument: &Origin,
        chart: &[Arc<str>],
        depth: usize,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if let Some(file) = references.templates.get(name) {
            // A template file that is included by its path.
            if let Some(outline) = &file.outline {
                self.add(outline, Some(name), argument, chart);
            }
            return;
        }
        let Some((outline, _)) = references.definition(name) else { return };
        self.add(outline, Some(name), argument, chart);
        for call in outline.calls.iter().filter(|call| &*call.template == name) {
            let inner = substituted(&call.argument, argument);
            self.follow(references, &call.name, &inner, chart, depth);
        }
    }

    /// Returns true if a template reads the value, a part of it, or a whole that it is in.
    fn is_read(&self, path: &[Step]) -> bool {
        let starts = |set: &BTreeSet<Vec<Step>>| set.iter().any(|one| begins(one, path));
        starts(&self.read)
            || starts(&self.whole)
            || self.whole.iter().any(|whole| begins(path, whole))
    }

    fn is_guarded(&self, path: &[Step]) -> bool {
        self.guarded.iter().any(|guarded| path.starts_with(guarded))
    }
}

/// Returns true if a path begins with another one. An element is any key of a map.
fn begins(path: &[Step], start: &[Step]) -> bool {
    let is_same = |(a, b): (&Step, &Step)| a == b || *a == Step::Element || *b == Step::Element;
    path.len() >= start.len() && path.iter().zip(start).all(is_same)
}

/// A path from the data of a template, in the values of the outermost chart. None for other data.
fn full(chart: &[Arc<str>], path: &Path) -> Option<Vec<Step>> {
    let Some((Step::Field(first), steps)) = path.split_first() else { return None };
    if &**first != "Values" {
        return None;
    }
    let is_global = matches!(steps.first(), Some(Step::Field(key)) if &**key == "global");
    let chart = if is_global { &[] } else { chart };
    Some(chart.iter().cloned().map(Step::Field).chain(steps.iter().cloned()).collect())
}

fn text(path: &[Step]) -> String {
    ValuePath { chart: Vec::new(), steps: path.to_vec() }.text()
}

/// The value at a path; None if it is not there.
fn value_at<'v>(values: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(values, |value, step| match step {
        Step::Field(name) => value.get(&**name),
        Step::Element => match value {
            Value::Array(items) => items.first(),
            Value::Object(entries) => entries.values().next(),
            _ => None,
        },
    })
}

/// Values that templates read and that no file of values has.
fn undefined(release: &Release, uses: &Uses) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for (outline, file) in outlines(&release.references) {
        for one in outline.references.iter().filter(|one| !one.is_guarded) {
            let Some(path) = full(&file.chart, &one.path) else { continue };
            let Some((Step::Field(last), outer)) = path.split_last() else { continue };
            let is_known = value_at(&release.values, &path).is_some();
            let parent = value_at(&release.values, outer);
            // Elements of a list may differ in their keys.
            let is_open = path.contains(&Step::Element);
            if is_known || is_open || uses.is_guarded(&path) || &**last == "Values" {
                continue;
            }
            let name = text(&path);
            let at = Location::new(file.source.id, one.span);
            if found.iter().any(|known| known.location == at) {
                continue;
            }
            let keys: Vec<&str> = match parent {
                Some(Value::Object(entries)) => entries.keys().map(String::as_str).collect(),
                _ => Vec::new(),
            };
            let similar = nearest(last, keys.into_iter());
            let mut help = match parent {
                Some(Value::Object(_)) => "It is empty: the action writes nothing.".to_owned(),
                _ => "It is empty, and so is what it would be in.".to_owned(),
            };
            if let Some(similar) = similar {
                help.push_str(&format!(" The values have `{similar}` there."));
            }
            let message = format!("no file of values has `{name}`");
            found.push(Diagnostic::warning(UNDEFINED, at, message).with_help(help));
        }
    }
    found
}

fn outlines(references: &References) -> impl Iterator<Item = (&Outline, &TemplateFile)> {
    references.templates.values().filter_map(|file| Some((file.outline.as_ref()?, file)))
}

/// Calls of `default` that values.yaml decides.
fn defaults(release: &Release) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (outline, file) in outlines(&release.references) {
        for one in &outline.defaults {
            let Some(path) = full(&file.chart, &one.path) else { continue };
            let Some(value) = value_at(&release.values, &path) else { continue };
            let name = text(&path);
            let at = Location::new(file.source.id, one.span);
            let set = ValuePath { chart: Vec::new(), steps: path };
            let place = release.references.place(&set);
            let set = place.map(|(source, span)| Location::new(source.id, span));
            let shown = shown(value);
            let is_same = value.as_str() == Some(&*one.constant) || shown == *one.constant;
            let diagnostic = match value {
                Value::Bool(false) if &*one.constant != "false" => {
                    let message = format!(
                        "`{name}` is `false`, and `default` replaces it by `{}`",
                        one.constant
                    );
                    let help = "For `default`, `false` is empty like an absent value. `hasKey` tells them apart.";
                    Diagnostic::warning(EMPTY, at, message).with_help(help)
                }
                Value::Number(number) if number.as_f64() == Some(0.0) && &*one.constant != "0" => {
                    let message =
                        format!("`{name}` is `0`, and `default` replaces it by `{}`", one.constant);
                    let help = "For `default`, `0` is empty like an absent value. `hasKey` tells them apart.";
                    Diagnostic::warning(EMPTY, at, message).with_help(help)
                }
                _ if is_empty(value) || is_same => continue,
                _ => {
                    let message = format!(
                        "the default `{}` does not apply: `{name}` is `{shown}`",
                        one.constant
                    );
                    let help =
                        "A default in the template is taken only if the value is absent or empty.";
                    Diagnostic::info(DEFAULT, at, message).with_help(help)
                }
            };
            found.push(match set {
                Some(set) => diagnostic.with_related(set, format!("the value `{name}`")),
                None => diagnostic,
            });
        }
    }
    found
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
    }
}

/// A value in a few words.
pub fn shown(value: &Value) -> String {
    const MOST_LETTERS: usize = 120;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Keys of files of values that no template reads.
fn unused(release: &Release, uses: &Uses) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in &release.references.values {
        let Some(root) = file.source.parsed.root() else { continue };
        let path: Vec<Step> = file.chart.iter().cloned().map(Step::Field).collect();
        unused_in(release, uses, file.source.id, root, &path, &mut found);
    }
    found
}

fn unused_in(
    release: &Release,
    uses: &Uses,
    file: text::FileId,
    node: &Node,
    path: &[Step],
    found: &mut Vec<Diagnostic>,
) {
    for entry in node.entries() {
        let Some(name) = entry.name() else { continue };
        let mut own = path.to_vec();
        own.push(Step::Field(name.into()));
        if release.is_for_helm(&own) {
            continue;
        }
        if !uses.is_read(&own) {
            let message = format!("no template reads `{}`", text(&own));
            let at = Location::new(file, entry.key.span);
            let read =
                uses.read.iter().filter(|one| one.len() == own.len() && one.starts_with(path));
            let names: Vec<&str> = read
                .filter_map(|one| match one.last() {
                    Some(Step::Field(name)) => Some(&**name),
                    _ => None,
                })
                .collect();
            let mut help = "Setting it changes nothing.".to_owned();
            if let Some(similar) = nearest(name, names.into_iter()) {
                help.push_str(&format!(" The templates read `{similar}` there."));
            }
            found.push(Diagnostic::warning(UNUSED, at, message).with_help(help));
            continue;
        }
        let is_whole = uses.whole.iter().any(|whole| begins(&own, whole));
        if matches!(entry.value.kind, Kind::Mapping(_)) && !is_whole {
            unused_in(release, uses, file, &entry.value, &own, found);
        }
    }
}

impl Release {
    /// A value as the templates of its chart see it; None if it is not there.
    pub fn value(&self, value: &ValuePath) -> Option<&Value> {
        let path: Path =
            std::iter::once(Step::Field("Values".into())).chain(value.steps.clone()).collect();
        value_at(&self.values, &full(&value.chart, &path)?)
    }

    /// Returns true for values that Helm itself reads: conditions and tags of dependencies, and those
    /// of all charts.
    fn is_for_helm(&self, path: &[Step]) -> bool {
        let name = text(path);
        let is_condition = self.conditions.iter().any(|one| {
            *one == name || one.strip_prefix(&*name).is_some_and(|rest| rest.starts_with('.'))
        });
        is_condition || name == "tags" || name.starts_with("tags.")
    }
}
