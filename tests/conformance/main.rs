//! Runs the conformance data and prints a line for each folder: `relabel 34/34`.
//!
//! A folder that no suite reads prints `0/total`, so that nothing is forgotten.
//! `cargo test --test conformance -- NAME…` runs what is named: a folder, `FOLDER/CASE`, or
//! `FOLDER/START*`. A suite that runs a folder a second time has a name of its own,
//! `kubectl_world`. `--failures` prints why cases failed; with `KUBECTL_DIFF=1` the suites of kubectl
//! also print what was expected and what was found. `--write-floor` writes
//! `tests/conformance-floor.txt`, the figures that must not fall; a figure is compared if the folder
//! has as many records as when the file was written.

mod api;
mod api_system;
mod apply;
mod bundle;
mod cluster;
mod cluster_names;
mod cluster_pods;
mod config;
mod exposition;
mod go;
mod gotemplate;
mod helm;
mod kubectl;
mod kubectl_normal;
mod kubectl_world;
mod kubelet;
mod kubelet_compare;
mod kubelet_states;
mod operator;
mod operator_world;
mod promql;
mod promql_parser;
mod promtool;
mod promtool_cli;
mod queries;
mod relabel;
mod rollout;
mod rollout_compare;
mod rollout_state;
mod server;
mod server_network;
mod system;
mod system_names;
mod targets;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use conformance::{Selection, Tally, data, file_name, folders, records};

/// The name of a folder, and what runs its cases.
type Suite = (&'static str, fn(&Path, &mut Tally));

static SUITES: &[Suite] = &[
    ("api", api::run),
    ("bundle", bundle::run),
    ("cluster", cluster::run),
    ("apply", apply::run),
    ("config", config::run),
    ("exposition", exposition::run),
    ("go", go::run),
    ("gotemplate", gotemplate::run),
    ("helm", helm::run),
    ("kubelet", kubelet::run),
    ("operator", operator::run),
    ("kubectl", kubectl::run),
    ("promql", promql::run),
    ("promql_parser", promql_parser::run),
    ("promtool", promtool::run),
    ("promtool_cli", promtool_cli::run),
    ("queries", queries::run),
    ("relabel", relabel::run),
    ("rollout", rollout::run),
    ("server", server::run),
    ("system", system::run),
    ("targets", targets::run),
];

/// Suites that run a folder a second time in another way: the folder, the name of the figure.
static SECOND: &[(&str, Suite)] = &[("kubectl", ("kubectl_world", kubectl_world::run))];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, names): (Vec<String>, Vec<String>) =
        arguments.into_iter().partition(|argument| argument.starts_with('-'));
    let root = match data() {
        Ok(root) => root,
        Err(skipped) => {
            println!("{skipped}");
            return ExitCode::SUCCESS;
        }
    };
    let selection = Selection::new(names);
    let mut figures = String::new();
    let mut fallen = Vec::new();
    std::panic::set_hook(Box::new(|_| {}));
    for folder in folders(&root) {
        let name = file_name(&folder);
        let mut tallies = Vec::new();
        if selection.has_folder(&name) {
            tallies.push((name.as_str(), run(&name, &folder, &selection)));
        }
        for (_, (figure, again)) in SECOND.iter().filter(|(of, _)| *of == name) {
            let selection = selection.with_alias(figure, &name);
            if selection.has_folder(&name) {
                let mut tally = Tally::new(&name, selection);
                again(&folder, &mut tally);
                tallies.push((figure, tally));
            }
        }
        for (name, tally) in tallies {
            println!("{name} {}/{}", tally.passed, tally.total);
            let _ = writeln!(figures, "{name} {}/{}", tally.passed, tally.total);
            if flags.iter().any(|flag| flag == "--failures") {
                tally.failures.iter().for_each(|failure| println!("    {failure}"));
            }
            fallen.extend(below_floor(name, &tally));
        }
    }
    if flags.iter().any(|flag| flag == "--write-floor") && selection.is_everything() {
        std::fs::write(floor_path(), figures).expect("the floor file can be written");
    }
    if fallen.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("{}", fallen.join("\n"));
    ExitCode::FAILURE
}

/// Runs the suite of a folder. Without a suite, every record counts as not passed.
fn run(name: &str, folder: &Path, selection: &Selection) -> Tally {
    let mut tally = Tally::new(name, selection.clone());
    match SUITES.iter().find(|(suite, _)| *suite == name) {
        Some((_, run)) => run(folder, &mut tally),
        None => {
            tally.total = records(folder);
            tally.failures.push("no suite reads this folder".to_owned());
        }
    }
    tally
}

fn floor_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance-floor.txt")
}

/// Returns a sentence if fewer cases passed than the floor file says for as many records.
fn below_floor(name: &str, tally: &Tally) -> Option<String> {
    let text = std::fs::read_to_string(floor_path()).unwrap_or_default();
    let figures = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    let (passed, total) = figures.split_once('/')?;
    let (passed, total): (usize, usize) = (passed.parse().ok()?, total.parse().ok()?);
    (total == tally.total && tally.passed < passed)
        .then(|| format!("{name} fell from {passed} to {} of {total}", tally.passed))
}
