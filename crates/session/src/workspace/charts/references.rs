//! The values that the templates of a chart refer to, and their places in the files of values.

use std::collections::BTreeMap;
use std::sync::Arc;

use go::template::outline::{Origin, Outline, Path, Step};
use text::{Location, Span};
use yaml::Node;

use crate::workspace::sources::Source;

/// The deepest nesting of named templates that is followed.
const MAX_CALLS: usize = 8;
/// The most values that the origin of one action has.
const MAX_VALUES: usize = 24;

/// A value as the templates of a chart see it: the steps after `.Values`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValuePath {
    /// The keys under which the values of the chart stand in those of the outermost one.
    pub chart: Vec<Arc<str>>,
    pub steps: Vec<Step>,
}

impl ValuePath {
    /// `image.tag`, with `[]` for elements.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            match step {
                Step::Field(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(name);
                }
                Step::Element => text.push_str("[]"),
            }
        }
        text
    }

    /// The keys up to the first element of a list.
    pub fn keys(&self) -> Vec<&str> {
        let fields = self.steps.iter().map_while(|step| match step {
            Step::Field(name) => Some(&**name),
            Step::Element => None,
        });
        fields.collect()
    }
}

/// A template file of a chart.
#[derive(Debug)]
pub struct TemplateFile {
    pub source: Arc<Source>,
    /// The keys of the chart's values in those of the outermost chart.
    pub chart: Vec<Arc<str>>,
    /// None if the text is no template.
    pub outline: Option<Outline>,
}

/// A file of values. `chart` is the chart whose values it has.
#[derive(Debug)]
pub struct ValuesFile {
    pub source: Arc<Source>,
    pub chart: Vec<Arc<str>>,
}

/// What the templates of a release refer to.
#[derive(Debug, Default)]
pub struct References {
    /// By the path in the chart.
    pub templates: BTreeMap<Arc<str>, TemplateFile>,
    /// The file that counts most comes first.
    pub values: Vec<ValuesFile>,
}

impl References {
    /// The values that the actions in a span of a template refer to, also through named templates.
    pub fn within(&self, path: &str, span: Span) -> Vec<ValuePath> {
        let mut found = Vec::new();
        let Some(file) = self.templates.get(path) else { return found };
        let Some(outline) = &file.outline else { return found };
        for one in outline.references.iter().filter(|one| span.contains_span(one.span)) {
            add(&mut found, &file.chart, &one.path);
        }
        for call in outline.calls.iter().filter(|call| span.contains_span(call.span)) {
            self.follow(&call.name, &call.argument, &file.chart, MAX_CALLS, &mut found);
        }
        found
    }

    /// The values that a named template refers to, if it is called with an argument.
    fn follow(
        &self,
        name: &str,
        argument: &Origin,
        chart: &[Arc<str>],
        depth: usize,
        found: &mut Vec<ValuePath>,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let Some((outline, _)) = self.definition(name) else { return };
        for one in outline.references.iter().filter(|one| &*one.template == name) {
            if let Origin::Path(path) = argument.follow(&one.path) {
                add(found, chart, &path);
            }
            if found.len() >= MAX_VALUES {
                return;
            }
        }
        for call in outline.calls.iter().filter(|call| &*call.template == name) {
            let inner = substituted(&call.argument, argument);
            self.follow(&call.name, &inner, chart, depth, found);
        }
    }

    /// The file that defines a named template, and the place of its name.
    pub fn definition(&self, name: &str) -> Option<(&Outline, Location)> {
        self.templates.values().find_map(|file| {
            let outline = file.outline.as_ref()?;
            let (_, span) = outline.definitions.iter().find(|(known, _)| &**known == name)?;
            Some((outline, Location::new(file.source.id, *span)))
        })
    }

    /// The place of a value: in the file that counts most of those that have it.
    pub fn place(&self, value: &ValuePath) -> Option<(&Arc<Source>, Span)> {
        self.values.iter().find_map(|file| {
            let node = node_of(file, value)?;
            Some((&file.source, node.written_span()))
        })
    }

    /// All places at which a value stands, the one that counts first.
    pub fn places(&self, value: &ValuePath) -> Vec<Location> {
        let place = |file: &ValuesFile| {
            Some(Location::new(file.source.id, node_of(file, value)?.written_span()))
        };
        self.values.iter().filter_map(place).collect()
    }
}

/// The node of a value in a file of values.
fn node_of<'a>(file: &'a ValuesFile, value: &ValuePath) -> Option<&'a Node> {
    let below = value.chart.strip_prefix(&*file.chart)?;
    let root = file.source.parsed.root()?;
    let node = below.iter().try_fold(root, |node, key| node.get(key));
    // Global values are those of the outermost chart.
    let node = match value.steps.first() {
        Some(Step::Field(first)) if &**first == "global" => Some(root),
        _ => node,
    };
    value.steps.iter().try_fold(node?, |node, step| match step {
        Step::Field(name) => node.get(name),
        Step::Element => {
            node.items().first().or_else(|| node.entries().next().map(|entry| &entry.value))
        }
    })
}

fn add(found: &mut Vec<ValuePath>, chart: &[Arc<str>], path: &Path) {
    let Some((Step::Field(first), steps)) = path.split_first() else { return };
    if &**first != "Values" || steps.is_empty() {
        return;
    }
    let value = ValuePath { chart: chart.to_vec(), steps: steps.to_vec() };
    if !found.contains(&value) {
        found.push(value);
    }
}

/// The argument of an inner call, as the caller of the outer template sees it.
pub fn substituted(inner: &Origin, argument: &Origin) -> Origin {
    match inner {
        Origin::Path(path) => argument.follow(path),
        Origin::Dict(entries) => Origin::Dict(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), substituted(value, argument)))
                .collect(),
        ),
        other => other.clone(),
    }
}
