//! Lints: configurations that Prometheus accepts but that are probably wrong.
//!
//! Each lint has a file with its documentation and its test. A finding is silenced
//! by a comment, `# playground: ignore CODE` on its line or the line above, or
//! `# playground: ignore-file CODE` anywhere in the file.

use text::IndexSort;
mod context;
mod endpoints_role;
mod environment_variable;
mod honor_labels;
mod interval_over_lookback;
mod label_never_there;
mod le_integers;
mod missing_group;
mod needless_anchor;
mod no_discovery;
mod scrapes_everything;
mod secret_in_clear;
pub mod silence;
mod target_is_url;
mod timeout_cut;
mod twice;
mod unescaped_dot;
mod unmatched_files;
mod wrong_stage;

use text::{Code, Diagnostic};
use yaml::Parsed;

pub use context::LintContext;

use super::Files;
use super::config::Config;

/// One kind of finding.
pub struct Lint {
    pub code: Code,
    pub run: fn(&LintContext<'_>, &mut Vec<Diagnostic>),
}

/// Every lint, most important first.
pub static LINTS: [Lint; 17] = [
    target_is_url::LINT,
    label_never_there::LINT,
    wrong_stage::LINT,
    missing_group::LINT,
    interval_over_lookback::LINT,
    twice::LINT,
    unmatched_files::LINT,
    le_integers::LINT,
    no_discovery::LINT,
    needless_anchor::LINT,
    unescaped_dot::LINT,
    honor_labels::LINT,
    secret_in_clear::LINT,
    endpoints_role::LINT,
    scrapes_everything::LINT,
    timeout_cut::LINT,
    environment_variable::LINT,
];

/// The documentation of every lint.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    LINTS.iter().map(|lint| &lint.code)
}

/// All findings in a main file, or in one that `scrape_config_files` brings in, in the order of
/// the text. `config` is what the file was decoded to.
pub fn lint(parsed: &Parsed, text: &str, config: &Config, files: &dyn Files) -> Vec<Diagnostic> {
    let Some(context) = LintContext::new(parsed, text, config, files) else { return Vec::new() };
    let mut found = Vec::new();
    for lint in &LINTS {
        (lint.run)(&context, &mut found);
    }
    silence::retain(parsed, text, &mut found);
    found.index_sort_by_key(|one| (one.location.span.start, one.location.span.end));
    found
}

#[cfg(test)]
mod tests;
