//! Validation of rule files.

use std::collections::HashMap;

use promql::syntax::parse;
use text::{Diagnostic, FileId, LineIndex, Location, Span};
use yaml::{Node, Parsed, Source, scalars};

use super::RuleOptions;
use super::template::check_template;
use crate::validate::names::Scheme;
use crate::validate::{DUPLICATE, LABEL, MISSING, bytes};
use go::quote::quote;
use schema::Section;

/// A rule with a forbidden field, or without a required one.
pub const RULE: &str = "invalid-rule";
/// An expression that is no PromQL.
pub const EXPR: &str = "invalid-expression";
/// A template that Go's text/template refuses.
pub const TEMPLATE: &str = "invalid-rule-template";

/// The line and column of absent values, and, in version 3.14, of every group.
const NOWHERE: &str = "0:0";

/// Checks a rule file and collects diagnostics.
pub struct RuleChecker<'a> {
    file: FileId,
    text: &'a str,
    options: &'a RuleOptions,
    source: &'a Source,
    /// Of the text that Prometheus reads.
    lines: LineIndex,
    pub diagnostics: Vec<Diagnostic>,
}

/// The position of a rule, for the start of its messages.
struct RulePosition {
    group: String,
    number: usize,
    name: String,
}

impl<'a> RuleChecker<'a> {
    pub fn new(parsed: &'a Parsed, text: &'a str, options: &'a RuleOptions) -> Self {
        let (file, source) = (parsed.file, &parsed.source);
        let lines = LineIndex::new(&source.text);
        Self { file, text, options, source, lines, diagnostics: Vec::new() }
    }

    pub fn file(&mut self, root: &Node) {
        let Some(view) = Section::new(root) else { return };
        let mut names: HashMap<String, Location> = HashMap::new();
        for item in view.items("groups") {
            let Some(group) = Section::new(item) else { continue };
            let name = group.text("name").into_owned();
            let at = group.at("name");
            if name.is_empty() {
                self.fault(MISSING, at, format!("{NOWHERE}: Groupname must not be empty"));
            }
            if let Some(first) = names.get(&name) {
                let first = *first;
                let message =
                    format!("{NOWHERE}: groupname: \"{name}\" is repeated in the same file");
                self.fault(DUPLICATE, at, message);
                if let Some(last) = self.diagnostics.pop() {
                    self.diagnostics.push(last.with_related(first, "first one"));
                }
            } else {
                names.insert(name.clone(), Location::new(self.file, at));
            }
            self.labels(&group, None);
            for (i, rule) in group.items("rules").iter().enumerate() {
                if let Some(rule) = Section::new(rule) {
                    self.rule(&rule, &name, i + 1);
                }
            }
        }
    }

    fn rule(&mut self, rule: &Section<'_>, group: &str, number: usize) {
        let (record, alert) = (rule.text("record"), rule.text("alert"));
        let name = if alert.is_empty() { &record } else { &alert };
        let place =
            RulePosition { group: group.to_owned(), number, name: name.clone().into_owned() };
        match (record.is_empty(), alert.is_empty()) {
            (false, false) => {
                let message = "only one of 'record' and 'alert' must be set";
                let both = self.both(rule);
                self.at_rule(&place, RULE, rule.key_at("alert"), &both, message);
            }
            (true, true) => {
                let message = "one of 'record' or 'alert' must be set";
                let both = self.both(rule);
                self.at_rule(&place, MISSING, rule.head(), &both, message);
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
                if entry.key.is_null() {
                    continue;
                }
                if !self.options.names.is_label_name(name) || !is_utf8(&entry.key) {
                    let message = format!("invalid annotation name: {name}");
                    self.at_rule(&place, LABEL, entry.key.span, "", &message);
                }
            }
        }
        if !alert.is_empty() {
            self.templates(rule, &place, "label", "labels");
            self.templates(rule, &place, "annotation", "annotations");
        }
    }

    fn expression(&mut self, rule: &Section<'_>, place: &RulePosition) {
        let expr = rule.text("expr");
        if expr.is_empty() {
            let position = self.position(rule.node.get("expr"));
            let message = "field 'expr' must be set in rule";
            self.at_rule(place, MISSING, rule.at("expr"), &position, message);
            return;
        }
        let Err(errors) = parse(&expr, &self.options.promql) else { return };
        let source = rule.get("expr").and_then(|node| Source::of_scalar(self.text, node));
        let position = self.position(rule.node.get("expr"));
        for error in errors.iter() {
            let span = match &source {
                Some(source) => source.span_to_host(error.span),
                None => rule.at("expr"),
            };
            let message = format!("could not parse expression: {error}");
            self.at_rule(place, EXPR, span, &position, &message);
        }
    }

    fn recording(&mut self, rule: &Section<'_>, place: &RulePosition, record: &str) {
        let has_annotations = rule
            .get("annotations")
            .is_some_and(|annotations| annotations.entries().any(|entry| !entry.key.is_null()));
        let zero = go::Duration(0);
        let position = self.position(rule.node.get("record"));
        for (key, set) in [
            ("annotations", has_annotations),
            ("for", rule.duration("for", zero) != zero),
            ("keep_firing_for", rule.duration("keep_firing_for", zero) != zero),
        ] {
            if set {
                let message = format!("invalid field '{key}' in recording rule");
                self.at_rule(place, RULE, rule.key_at(key), &position, &message);
            }
        }
        let at = rule.at("record");
        let fits = match self.options.names {
            Scheme::Utf8 => rule.get("record").is_some_and(is_utf8),
            Scheme::Legacy => promql::is_legacy_metric_name(record),
        };
        if !fits {
            let message = format!("invalid recording rule name: {record}");
            self.at_rule(place, RULE, at, &position, &message);
        }
        if record.contains(['{', '}']) {
            let message = format!(
                "braces present in the recording rule name; should it be in expr?: {record}"
            );
            self.at_rule(place, RULE, at, &position, &message);
        }
    }

    /// Labels of a group or rule.
    fn labels(&mut self, view: &Section<'_>, place: Option<&RulePosition>) {
        let Some(labels) = view.get("labels") else { return };
        let names = self.options.names;
        for entry in labels.entries() {
            let name = scalars::string(&entry.key).unwrap_or_default();
            if entry.key.is_null() {
                continue;
            }
            let mut complain = |span: Span, message: String| match place {
                Some(place) => self.at_rule(place, LABEL, span, "", &message),
                None => self.fault(LABEL, span, message),
            };
            let fits = names.is_label_name(&name) && name != "__name__" && is_utf8(&entry.key);
            if !fits {
                complain(entry.key.span, format!("invalid label name: {name}"));
            }
            if !is_utf8(&entry.value) {
                let value = scalars::string(&entry.value).unwrap_or_default();
                complain(entry.value.written_span(), format!("invalid label value: {value}"));
            }
        }
    }

    fn templates(&mut self, rule: &Section<'_>, place: &RulePosition, what: &str, key: &str) {
        let Some(section) = rule.get(key) else { return };
        let alert = rule.text("alert").into_owned();
        for entry in section.entries() {
            let Ok(text) = scalars::string(&entry.value) else { continue };
            let Err(error) = check_template(&alert, &text) else { continue };
            let name = quote(entry.name().unwrap_or_default());
            let message = format!("{what} {name}: {error}");
            let span = Source::of_scalar(self.text, &entry.value)
                .map_or(entry.value.written_span(), |source| source.span_to_host(error.span));
            self.at_rule(place, TEMPLATE, span, "", &message);
        }
    }

    /// `position` stands before the message, where Prometheus knows one.
    fn at_rule(
        &mut self,
        place: &RulePosition,
        code: &'static str,
        span: Span,
        position: &str,
        message: &str,
    ) {
        let RulePosition { group, number, name } = place;
        let colon = if position.is_empty() { "" } else { ": " };
        let message = format!(
            "{position}{colon}group {}, rule {number}, {}: {message}",
            quote(group),
            quote(name)
        );
        self.fault(code, span, message);
    }

    fn fault(&mut self, code: &'static str, span: Span, message: String) {
        let location = Location::new(self.file, span);
        self.diagnostics.push(Diagnostic::error(code, location, message));
    }

    /// The positions of `record` and `alert`.
    fn both(&self, rule: &Section<'_>) -> String {
        let [record, alert] = ["record", "alert"].map(|key| self.position(rule.node.get(key)));
        format!("{record}: {alert}")
    }

    /// `line:column` of a value in the text that Prometheus reads, counted from one, with what is
    /// written before it: anchor and tag.
    fn position(&self, node: Option<&Node>) -> String {
        let Some(node) = node else { return NOWHERE.to_owned() };
        let at = self.source.from_host(node.written_span().start);
        let line = self.lines.line_col(at).line;
        let before = self.lines.line_start(line) as usize..at as usize;
        let mut column = self.source.text.get(before).unwrap_or_default();
        const BLANKS: [char; 2] = [' ', '\t'];
        while let Some(at) = column.trim_end_matches(BLANKS).rfind(BLANKS)
            && let (rest, word) = column.split_at(at + 1)
            && word.starts_with(['&', '!'])
        {
            column = rest;
        }
        format!("{}:{}", line + 1, column.chars().count() + 1)
    }
}

/// Returns true if the value is valid UTF-8. A `!!binary` may not be.
fn is_utf8(node: &Node) -> bool {
    std::str::from_utf8(&bytes(node)).is_ok()
}
