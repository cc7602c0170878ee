//! What rules must fulfil.

use std::collections::HashMap;

use crate::promql::syntax::parse;
use crate::text::{Diagnostic, FileId, LineIndex, Location, Span};
use crate::yaml::{Node, Source, go};

use super::{RuleOptions, template};
use crate::prometheus::check::names::Scheme;
use crate::prometheus::check::{DUPLICATE, LABEL, MISSING, View};
use crate::prometheus::values::quote::quote;

/// A rule that has what it may not, or lacks what it must have.
pub const RULE: &str = "invalid-rule";
/// An expression that is no PromQL.
pub const EXPR: &str = "invalid-expression";
/// A template that Go's text/template does not take.
pub const TEMPLATE: &str = "invalid-rule-template";

/// Goes through a rule file and notes what is wrong.
pub struct Reader<'a> {
    file: FileId,
    text: &'a str,
    options: &'a RuleOptions,
    lines: LineIndex,
    pub diagnostics: Vec<Diagnostic>,
}

/// Where a rule stands, for the start of its messages.
struct Place {
    group: String,
    number: usize,
    name: String,
}

impl<'a> Reader<'a> {
    pub fn new(file: FileId, text: &'a str, options: &'a RuleOptions) -> Self {
        Self { file, text, options, lines: LineIndex::new(text), diagnostics: Vec::new() }
    }

    pub fn file(&mut self, root: &Node) {
        let Some(view) = View::new(root) else { return };
        let mut names: HashMap<String, Location> = HashMap::new();
        for item in view.items("groups") {
            let Some(group) = View::new(item) else { continue };
            let name = group.text("name").into_owned();
            let position = self.position(item.span.start);
            let at = group.at("name");
            if name.is_empty() {
                self.fault(MISSING, at, format!("{position}: Groupname must not be empty"));
            }
            if let Some(first) = names.get(&name) {
                let first = *first;
                let message =
                    format!("{position}: groupname: \"{name}\" is repeated in the same file");
                self.fault(DUPLICATE, at, message);
                if let Some(last) = self.diagnostics.pop() {
                    self.diagnostics.push(last.with_related(first, "the first one is here"));
                }
            } else {
                names.insert(name.clone(), Location::new(self.file, at));
            }
            self.labels(&group, None);
            for (i, rule) in group.items("rules").iter().enumerate() {
                if let Some(rule) = View::new(rule) {
                    self.rule(&rule, &name, i + 1);
                }
            }
        }
    }

    fn rule(&mut self, rule: &View<'_>, group: &str, number: usize) {
        let (record, alert) = (rule.text("record"), rule.text("alert"));
        let name = if alert.is_empty() { &record } else { &alert };
        let place = Place { group: group.to_owned(), number, name: name.clone().into_owned() };
        match (record.is_empty(), alert.is_empty()) {
            (false, false) => {
                let message = "only one of 'record' and 'alert' must be set";
                self.at_rule(&place, RULE, rule.key_at("alert"), message);
            }
            (true, true) => {
                let message = "one of 'record' or 'alert' must be set";
                self.at_rule(&place, MISSING, rule.head(), message);
            }
            _ => {}
        }
        self.expression(rule, &place);
        if !record.is_empty() {
            self.recording(rule, &place, &record);
        }
        self.labels(rule, Some(&place));
        if let Some(annotations) = rule.get("annotations") {
            for entry in annotations.entries() {
                let name = entry.name().unwrap_or_default();
                if !self.options.names.is_label_name(name) {
                    let message = format!("invalid annotation name: {name}");
                    self.at_rule(&place, LABEL, entry.key.span, &message);
                }
            }
        }
        if !alert.is_empty() {
            self.templates(rule, &place, "label", "labels");
            self.templates(rule, &place, "annotation", "annotations");
        }
    }

    fn expression(&mut self, rule: &View<'_>, place: &Place) {
        let expr = rule.text("expr");
        if expr.is_empty() {
            self.at_rule(place, MISSING, rule.at("expr"), "field 'expr' must be set in rule");
            return;
        }
        let Err(errors) = parse(&expr, &self.options.promql) else { return };
        let source = rule.get("expr").and_then(|node| Source::of_scalar(self.text, node));
        for error in errors.iter() {
            let span = match &source {
                Some(source) => source.span_to_host(error.span),
                None => rule.at("expr"),
            };
            self.at_rule(place, EXPR, span, &format!("could not parse expression: {error}"));
        }
    }

    fn recording(&mut self, rule: &View<'_>, place: &Place, record: &str) {
        let has_annotations = rule
            .get("annotations")
            .is_some_and(|annotations| annotations.entries().next().is_some());
        let zero = crate::model::Duration(0);
        for (key, set) in [
            ("annotations", has_annotations),
            ("for", rule.duration("for", zero) != zero),
            ("keep_firing_for", rule.duration("keep_firing_for", zero) != zero),
        ] {
            if set {
                let message = format!("invalid field '{key}' in recording rule");
                self.at_rule(place, RULE, rule.key_at(key), &message);
            }
        }
        let at = rule.at("record");
        let fits = match self.options.names {
            Scheme::Utf8 => !record.is_empty(),
            Scheme::Legacy => crate::model::is_legacy_metric_name(record),
        };
        if !fits {
            self.at_rule(place, RULE, at, &format!("invalid recording rule name: {record}"));
        }
        if record.contains(['{', '}']) {
            let message = format!(
                "braces present in the recording rule name; should it be in expr?: {record}"
            );
            self.at_rule(place, RULE, at, &message);
        }
    }

    /// Labels of a group or rule; their values are always UTF-8 here.
    fn labels(&mut self, view: &View<'_>, place: Option<&Place>) {
        let Some(labels) = view.get("labels") else { return };
        for entry in labels.entries() {
            let name = go::string(&entry.key).unwrap_or_default();
            if !self.options.names.is_label_name(&name) || name == "__name__" {
                let message = format!("invalid label name: {name}");
                match place {
                    Some(place) => self.at_rule(place, LABEL, entry.key.span, &message),
                    None => self.fault(LABEL, entry.key.span, message),
                }
            }
        }
    }

    fn templates(&mut self, rule: &View<'_>, place: &Place, what: &str, key: &str) {
        let Some(section) = rule.get(key) else { return };
        let alert = rule.text("alert").into_owned();
        for entry in section.entries() {
            let Ok(text) = go::string(&entry.value) else { continue };
            let Err(error) = template::check(&text) else { continue };
            let line = 1 + text.as_bytes()[..error.at.min(text.len())]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            let message = format!(
                "{what} {}: template: __alert_{alert}:{line}: {}",
                quote(entry.name().unwrap_or_default()),
                error.message
            );
            let span = Source::of_scalar(self.text, &entry.value)
                .map_or(entry.value.written_span(), |source| {
                    source.span_to_host(Span::new(error.at as u32, error.end as u32))
                });
            self.at_rule(place, TEMPLATE, span, &message);
        }
    }

    fn at_rule(&mut self, place: &Place, code: &'static str, span: Span, message: &str) {
        let Place { group, number, name } = place;
        let message = format!("group {}, rule {number}, {}: {message}", quote(group), quote(name));
        self.fault(code, span, message);
    }

    fn fault(&mut self, code: &'static str, span: Span, message: String) {
        let location = Location::new(self.file, span);
        self.diagnostics.push(Diagnostic::error(code, location, message));
    }

    /// `line:column`, as Prometheus counts them.
    fn position(&self, offset: u32) -> String {
        let at = self.lines.line_col(offset);
        format!("{}:{}", at.line + 1, at.col + 1)
    }
}
