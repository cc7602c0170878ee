//! Rule files: groups of recording and alerting rules, checked and decoded.
//!
//! Source: model/rulefmt `Parse`, `RuleGroups.Validate`, `Rule.Validate`.

mod check;
mod decode;
mod template;

use std::sync::Arc;

use go::Duration;
use promql::syntax::{Ast, ParserOptions};
use schema::Resolved;
use text::{Diagnostic, Location, Severity};
use yaml::Parsed;

pub use check::EXPR;
pub use template::{QUERY_RESULT, SAMPLE, TEMPLATE_FUNCTIONS, check_template, template_function};

use super::validate::names::Scheme;

/// One group.
#[derive(Clone, Debug)]
pub struct RuleGroup {
    pub location: Location,
    pub name: Arc<str>,
    /// Without one the group has the configuration's `evaluation_interval`.
    pub interval: Option<Resolved<Duration>>,
    pub query_offset: Option<Resolved<Duration>>,
    /// 0 is no limit.
    pub limit: u64,
    /// For every rule that does not set them itself.
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    pub rules: Vec<Rule>,
}

/// One rule whose expression could be read.
#[derive(Clone, Debug)]
pub struct Rule {
    pub location: Location,
    pub kind: RuleKind,
    /// As written.
    pub expr: Arc<str>,
    pub expr_location: Location,
    pub ast: Arc<Ast>,
    /// Its own labels over those of the group; for alerts the values are templates.
    pub labels: Vec<(Arc<str>, Arc<str>)>,
}

#[derive(Clone, Debug)]
pub enum RuleKind {
    Recording {
        record: Arc<str>,
    },
    Alerting {
        alert: Arc<str>,
        hold: Duration,
        keep_firing_for: Duration,
        annotations: Vec<(Arc<str>, Arc<str>)>,
    },
}

impl Rule {
    /// The metric or alert.
    pub fn name(&self) -> &Arc<str> {
        match &self.kind {
            RuleKind::Recording { record } => record,
            RuleKind::Alerting { alert, .. } => alert,
        }
    }
}

/// Options of the parser of rule files.
#[derive(Clone, Copy, Debug)]
pub struct RuleOptions {
    pub names: Scheme,
    pub promql: ParserOptions,
    /// Takes unknown keys, as promtool's `--ignore-unknown-fields`.
    pub ignore_unknown_fields: bool,
}

impl Default for RuleOptions {
    fn default() -> Self {
        Self { names: Scheme::Utf8, promql: ParserOptions::default(), ignore_unknown_fields: false }
    }
}

/// The groups of a file as far as they could be understood, and everything that is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct LoadedRules {
    pub groups: Vec<RuleGroup>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks and decodes a rule file; `text` is the file that `parsed` has its offsets in.
pub fn load_rules(parsed: &Parsed, text: &str, options: &RuleOptions) -> LoadedRules {
    let diagnostics = super::load::of_first_document(parsed);
    let mut loaded = LoadedRules { diagnostics, ..LoadedRules::default() };
    let Some(root) = parsed.root() else { return loaded };
    let types = super::load::walk_rules(parsed);
    // Names of metrics are held against the scheme below.
    let keep = |one: &Diagnostic| match &*one.code {
        "unknown-field" => !options.ignore_unknown_fields,
        code => code != "invalid-metric-name",
    };
    loaded.diagnostics.extend(types.into_iter().filter(keep));
    let mut reader = check::RuleChecker::new(parsed, text, options);
    reader.file(root);
    loaded.diagnostics.extend(reader.diagnostics);
    loaded.groups = decode::groups(parsed.file, root, options);
    loaded.diagnostics.extend(super::promtool::duplicate_rules(&loaded.groups));
    loaded
}

/// The errors with which Prometheus refuses a rule file, in its order; empty if it loads the file.
///
/// The file is decoded twice, into the rules and into their places, so that what stops a decoder is
/// listed twice. Unknown fields are looked for once, and nothing is validated in a file that cannot
/// be decoded. Source: model/rulefmt `Parse`.
pub fn refusals(parsed: &Parsed, loaded: &LoadedRules) -> Vec<String> {
    if let Some(error) = &parsed.refusal {
        return vec![error.clone(), error.clone()];
    }
    let errors: Vec<&Diagnostic> =
        loaded.diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    let stops =
        |one: &&&Diagnostic| one.code.starts_with("yaml-") || one.code == "invalid-duration";
    if let Some(fatal) = errors.iter().find(stops) {
        return vec![fatal.message.clone(), fatal.message.clone()];
    }
    let decoding = |unknown: bool| {
        let listed: Vec<Diagnostic> = errors
            .iter()
            .filter(|one| unknown || one.code != "unknown-field")
            .map(|one| (*one).clone())
            .collect();
        super::load::unmarshal_errors(parsed, &listed)
    };
    let first = decoding(true);
    // The types of the places have names of their own.
    let second = decoding(false).map(|text| {
        text.replace("rulefmt.RuleGroup", "rulefmt.ruleGroup")
            .replace("rulefmt.Rule", "rulefmt.rule")
    });
    match first {
        Some(first) => std::iter::once(first).chain(second).collect(),
        None => errors.into_iter().map(|one| one.message.clone()).collect(),
    }
}

#[cfg(test)]
mod tests;
