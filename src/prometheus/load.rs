//! A configuration file, checked and decoded in one go.

use crate::schema::{CheckCx, Dialect};
use crate::text::{Diagnostic, Severity};
use crate::yaml::{Node, Parsed};

use super::check::{View, root};
use super::config::Config;
use super::{Files, decode, fields};

/// What the configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    #[default]
    Server,
    /// `--agent`: no rules, no alerts, no reading.
    Agent,
}

/// A configuration as far as it could be understood, and everything that is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub config: Config,
    /// Of this file and of the files that `scrape_config_files` brings in.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks and decodes a main configuration file.
pub fn load(main: &Parsed, files: &dyn Files, mode: Mode) -> Loaded {
    let mut loaded = Loaded { diagnostics: main.diagnostics.clone(), ..Loaded::default() };
    let Some(root) = main.root() else { return loaded };
    walk(main, root, &fields::root::ROOT, &mut loaded.diagnostics);
    if mode == Mode::Agent {
        in_context(main, &mut loaded.diagnostics, |cx| root::agent(cx, root));
    }
    loaded.config = decode::config(main.file, root);
    more_jobs(main, root, files, &mut loaded);
    loaded
}

/// The jobs of `scrape_config_files`, checked against `global` of the main file.
fn more_jobs(main: &Parsed, root: &Node, files: &dyn Files, loaded: &mut Loaded) {
    let Some(view) = View::new(root) else { return };
    let global = view.section("global");
    let mut names = root::JobNames::default();
    in_context(main, &mut Vec::new(), |cx| root::jobs(cx, &view, global.as_ref(), &mut names));
    for (pattern, _) in loaded.config.scrape_config_files.clone() {
        for file in files.matching(&pattern) {
            loaded.diagnostics.extend(file.parsed.diagnostics.iter().cloned());
            let Some(root) = file.parsed.root() else { continue };
            walk(file.parsed, root, &fields::root::SCRAPE_FILE, &mut loaded.diagnostics);
            let Some(view) = View::new(root) else { continue };
            in_context(file.parsed, &mut loaded.diagnostics, |cx| {
                root::jobs(cx, &view, global.as_ref(), &mut names);
            });
            let global = global.as_ref().map(|view| (main.file, view));
            let jobs = decode::scrape_jobs(file.parsed.file, &view, global);
            loaded.config.scrape_configs.extend(jobs);
        }
    }
}

fn in_context(parsed: &Parsed, diagnostics: &mut Vec<Diagnostic>, run: impl FnOnce(&mut CheckCx<'_>)) {
    run(&mut CheckCx { file: parsed.file, dialect: Dialect::Prometheus, path: &[], diagnostics });
}

/// How Prometheus would refuse the file, in one line; nothing where it would load it.
pub fn refusal(loaded: &Loaded, name: &str) -> Option<String> {
    let first = loaded.diagnostics.iter().find(|one| one.severity == Severity::Error)?;
    Some(format!("parsing YAML file {name}: {}", first.message))
}

fn walk(_parsed: &Parsed, _root: &Node, _record: &'static crate::schema::Record, _diagnostics: &mut Vec<Diagnostic>) {
}
