//! `bundle.json` of each system: relabel steps and targets of a live server.
//!
//! Two ways lead from a bundle to its targets. The first computes the steps of each target, and the
//! active and dropped targets of each pool, from the configuration and the discovered labels. The
//! second imports the bundle as the page does, opens the files in a session, and reads what the page
//! Targets says about the difference. Results of scrapes, rules, alerts and metadata are not
//! compared.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use discovery::targets::Pool;
use discovery::{Discovered, GroupTarget, MetaLabels, TargetGroup};
use import::bundle::compare::{Comparison, compare};
use import::bundle::{Answers, LabelMap};
use prometheus::config::ScrapeConfig;
use prometheus::{Mode, load};
use protocol::pages::targets::Query;
use protocol::{Envelope, EventLog, Given, PageQuery, RawFile, Reply, Request, View, Workspace};
use session::Session;
use text::FileId;
use yaml::Parsed;

use conformance::{Tally, file_name, files, folders, read};

pub fn run(folder: &Path, tally: &mut Tally) {
    for system in folders(folder) {
        tally.case(&file_name(&system), || {
            computed(&system)?;
            imported(&system)
        });
    }
}

/// Compares the targets that follow from the configuration and the discovered labels.
fn computed(system: &Path) -> Result<(), String> {
    let bundle = read(&system.join("bundle.json"));
    let answers = Answers::parse(&bundle).ok_or("the bundle is not a JSON object")?;
    let pools: Vec<Pool> = jobs(system).iter().map(|job| pool(job, &answers)).collect();
    judge(&compare(&pools, &answers))?;
    let failed = pools.iter().flat_map(|pool| &pool.failed);
    let failed: Vec<String> = failed.map(|one| format!("failed target {one:?}")).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn judge(comparison: &Comparison) -> Result<(), String> {
    let complete = comparison.targets == comparison.equal_targets
        && comparison.steps == comparison.equal_steps
        && comparison.targets > 0
        && comparison.unknown_pools.is_empty()
        && comparison.differences.is_empty();
    if complete { Ok(()) } else { Err(format!("{comparison:#?}")) }
}

/// Returns the scrape configs of a system, including those of `scrape_config_files`.
fn jobs(system: &Path) -> Vec<ScrapeConfig> {
    let root = system.join("files");
    let mut others: BTreeMap<String, Parsed> = BTreeMap::new();
    for folder in std::iter::once(root.clone()).chain(folders(&root)) {
        for path in files(&folder, &[".yml", ".yaml"]) {
            let id = FileId(others.len() as u32 + 1);
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
            others.insert(name, yaml::parse(id, &read(&path)));
        }
    }
    let main = yaml::parse(FileId(0), &read(&root.join("prometheus.yml")));
    load(&main, &others, Mode::Server).config.scrape_configs
}

/// The targets of a job that the server discovered.
fn pool(job: &ScrapeConfig, answers: &Answers) -> Pool {
    let name = &*job.job_name.value;
    let targets = answers.targets.iter().flat_map(|all| {
        let active = all.active_targets.iter().filter(|one| one.scrape_pool == name);
        let dropped = all.dropped_targets.iter().filter(|one| one.scrape_pool == name);
        let active = active.map(|one| target(&one.discovered_labels));
        active.chain(dropped.map(|one| target(&one.discovered_labels)))
    });
    let group = TargetGroup { targets: targets.collect(), ..TargetGroup::default() };
    Pool::new(job, vec![Discovered { groups: vec![Arc::new(group)], ..Discovered::default() }])
}

fn target(discovered: &LabelMap) -> GroupTarget {
    let mut labels = MetaLabels::default();
    for (name, value) in discovered {
        labels.set(name.as_str(), value.as_str(), None);
    }
    GroupTarget { labels, ..GroupTarget::default() }
}

/// Imports the bundle and reads the comparison of the page Targets.
fn imported(system: &Path) -> Result<(), String> {
    let bytes = read(&system.join("bundle.json")).into_bytes();
    let files = vec![RawFile { name: "bundle.json".into(), bytes, from: Given::Chosen }];
    let mut session = Session::new();
    let mut send = |number, request| session.handle(Envelope { number, request }).reply;
    let Reply::Imported(imported) = send(1, Request::Import { files }) else {
        return Err("the import was not answered".to_owned());
    };
    let files = imported.files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
    let workspace = Workspace::from_files("", files, 1);
    send(2, Request::Open { workspace, revision: 1, log: EventLog::default() });
    let watch = Request::Watch { query: PageQuery::Targets(Query::default()) };
    let Reply::Updated(update) = send(3, watch) else {
        return Err("the page Targets was not answered".to_owned());
    };
    let Some(View::Targets(view)) = update.view.map(|view| *view) else {
        return Err("the page Targets has no view".to_owned());
    };
    let comparison = view.comparison.ok_or("the page shows no comparison")?;
    // The configuration of jobs in other files is not in a bundle.
    let is_known = |job: &String| file_name(system) == "scrape-config-files" && job == "a";
    let fits = comparison.differences.is_empty()
        && comparison.equal_targets > 0
        && comparison.unknown_jobs.iter().all(is_known);
    if fits { Ok(()) } else { Err(format!("imported: {comparison:#?}\n{:#?}", imported.notes)) }
}
