//! No two pages contradict each other: systems of the scenarios with random mistakes in their text,
//! as the text leads to them and as they run.
//!
//! A check reads what the pages show and nothing else. `SYSTEMS=2000 cargo test -p session --lib
//! one_truth` tries more systems than a usual run; `SYSTEM=NUMBER` tries one and prints its mistakes.

use std::collections::{BTreeMap, BTreeSet};

use super::agreement::MUTATIONS;
use super::driver::{Driver, workspace};
use protocol::pages::cluster::{Health, Node};
use protocol::pages::query::{Answer, Tab};
use protocol::pages::targets::{Row, State};
use protocol::pages::{checks, cluster, config, discovery, metrics, query, rules, targets};
use protocol::{Labels, PageQuery, Request, View, Workspace};
use scenarios::SCENARIOS;

/// Systems of a usual run, in each of the two modes.
const SYSTEMS: u64 = 60;

/// A linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// One mistake, in words; empty if the text has no place for it.
fn mistake(workspace: &mut Workspace, random: &mut Random) -> String {
    let file = random.below(workspace.files.len());
    let file = &mut workspace.files[file];
    let lines: Vec<&str> = file.text.lines().collect();
    let at = random.below(lines.len());
    let Some(line) = lines.get(at).copied() else { return String::new() };
    let changed = match random.below(8) {
        0 => None,
        1 => Some(format!("{line}\n{line}")),
        2 => Some(format!(" {line}")),
        3 => line.split_once(": ").map(|(key, _)| format!("{key}: nothing")),
        4 => line.split_once(": ").map(|(key, value)| format!("{key}x: {value}")),
        5 => Some(line.replace(|c: char| c.is_ascii_digit(), "7")),
        6 => Some(format!("{line}x")),
        _ => return known_mistake(workspace, random),
    };
    let name = format!("{}:{}: {line:?} → {changed:?}", file.name, at + 1);
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    match changed {
        Some(changed) => lines[at] = changed,
        None => drop(lines.remove(at)),
    }
    file.text = lines.join("\n") + "\n";
    name
}

/// A mistake that people make.
fn known_mistake(workspace: &mut Workspace, random: &mut Random) -> String {
    let (from, to) = MUTATIONS[random.below(MUTATIONS.len())];
    let files = workspace.files.iter().enumerate();
    let places = files.flat_map(|(file, content)| {
        content.text.match_indices(from).map(move |(offset, _)| (file, offset))
    });
    let places: Vec<(usize, usize)> = places.collect();
    if places.is_empty() {
        return String::new();
    }
    let (file, offset) = places[random.below(places.len())];
    workspace.files[file].text.replace_range(offset..offset + from.len(), to);
    format!("{}: {from:?} → {to:?}", workspace.files[file].name)
}

/// What the pages show at one moment.
struct Shown {
    targets: targets::View,
    cluster: cluster::View,
    config: config::View,
    rules: rules::View,
    checks: checks::View,
    /// Values of `up` by labels.
    up: BTreeMap<Labels, String>,
    jobs: Vec<discovery::Job>,
}

macro_rules! watch {
    ($driver:expr, $page:ident, $query:expr) => {
        match $driver.watch(PageQuery::$page($query)) {
            View::$page(view) => view,
            other => panic!("{other:?}"),
        }
    };
}

impl Shown {
    fn of(driver: &mut Driver) -> Self {
        let up =
            query::Query { query: Some("up".into()), tab: Tab::Table, ..query::Query::default() };
        let up = match watch!(driver, Query, up).answer {
            Answer::Table { rows, .. } => rows
                .into_iter()
                .map(|row| (row.labels.without_name(), row.values.concat()))
                .collect(),
            _ => BTreeMap::new(),
        };
        let first = watch!(driver, Discovery, discovery::Query::default());
        let of_job = |job: &String| {
            let job = discovery::Query { job: job.clone(), ..discovery::Query::default() };
            watch!(driver, Discovery, job).job
        };
        Self {
            jobs: first.jobs.iter().filter_map(of_job).collect(),
            up,
            targets: watch!(driver, Targets, targets::Query::default()),
            cluster: watch!(driver, Cluster, cluster::Query::default()),
            config: watch!(driver, Config, config::Query::default()),
            rules: watch!(driver, Rules, rules::Query::default()),
            checks: watch!(driver, Checks, checks::Query::default()),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.targets.pools.iter().flat_map(|pool| &pool.targets)
    }

    fn count(&self, state: State) -> u32 {
        self.rows().filter(|row| row.state == state).count() as u32
    }

    /// True if a page says that no Prometheus runs.
    fn is_stopped(&self) -> bool {
        let title = self.targets.note.as_ref().map_or("", |note| &note.title);
        title.starts_with("Prometheus does not run")
            || title == "Prometheus refuses this configuration"
            || title == "Prometheus refuses a rule file and ends"
    }

    fn pods(&self) -> impl Iterator<Item = &Node> {
        self.cluster.graph.nodes.iter().filter(|node| node.kind == "Pod")
    }
}

fn labels(row: &Row) -> Labels {
    Labels::from_pairs(row.labels.iter().map(|label| (&*label.name, &*label.value)))
}

/// Contradictions between pages, as sentences.
fn contradictions(driver: &mut Driver) -> Vec<String> {
    let shown = Shown::of(driver);
    let mut found = Vec::new();
    counts(driver, &shown, &mut found);
    samples(&shown, &mut found);
    server(&shown, &mut found);
    pods(driver, &shown, &mut found);
    findings(driver, &shown, &mut found);
    commands(driver, &shown, &mut found);
    found
}

/// Commands in the running cluster print what the pages show.
fn commands(driver: &mut Driver, shown: &Shown, found: &mut Vec<String>) {
    let Some(running) = &shown.cluster.running else { return };
    let mut run = |line: &str| {
        let output = driver.session.timeline.with_cluster(|world| world.command(line));
        output.map(|output| output.stdout).unwrap_or_default()
    };
    let listed: BTreeMap<String, Vec<String>> = run("kubectl get pods -A --no-headers")
        .lines()
        .filter_map(|line| {
            let mut cells = line.split_whitespace().map(str::to_owned);
            let name = format!("{}/{}", cells.next()?, cells.next()?);
            Some((name, cells.take(3).collect()))
        })
        .collect();
    let pods = running.rows.iter().filter(|row| row.kind == "Pod");
    let pods: BTreeMap<String, Vec<String>> = pods
        .map(|row| {
            let restarts = row.restarts.split(' ').next().unwrap_or_default();
            let cells = [&*row.ready, &*row.state, restarts].map(str::to_owned);
            (format!("{}/{}", row.namespace, row.name), cells.into())
        })
        .collect();
    if running.hidden == 0 && listed != pods {
        found.push(format!("kubectl get pods prints {listed:?}, and Cluster shows {pods:?}"));
    }
    let server = shown.pods().find(|node| node.prometheus && node.health == Health::Good);
    let Some(server) = server.filter(|_| !shown.is_stopped()) else { return };
    let (namespace, name) = (&server.namespace, &server.name);
    let answer = run(&format!(
        "kubectl exec -n {namespace} {name} -c prometheus -- wget -qO- localhost:9090/api/v1/targets"
    ));
    if answer.is_empty() {
        return;
    }
    let count = |health: &str| answer.matches(&format!("\"health\":\"{health}\"")).count() as u32;
    let (api, page) = ((count("up"), count("down")), (shown.targets.up, shown.targets.down));
    if api != page {
        found.push(format!("the API has {api:?} targets up and down, and Targets {page:?}"));
    }
}

/// The badge of the tab, the numbers above the table, those of the jobs and the rows are the same.
fn counts(driver: &Driver, shown: &Shown, found: &mut Vec<String>) {
    let (badge, view) = (&driver.summary, &shown.targets);
    let badge = (badge.up, badge.down, badge.undescribed, badge.targets);
    let page = (view.up, view.down, view.undescribed, view.active());
    if badge != page {
        found.push(format!("the badge has {badge:?}, and Targets {page:?}"));
    }
    let rows = (shown.count(State::Up), shown.count(State::Down), shown.count(State::Undescribed));
    if rows != (view.up, view.down, view.undescribed) {
        found.push(format!("the rows of Targets are {rows:?}, and its numbers {page:?}"));
    }
    for (job, pool) in shown.jobs.iter().zip(&view.pools) {
        let last = job.stages.last().map_or(0, |stage| stage.count);
        if job.name == pool.job && pool.note.is_none() && last != pool.active {
            let (name, active) = (&job.name, pool.active);
            found.push(format!("job {name}: Discovery ends with {last}, Targets has {active}"));
        }
    }
}

/// A target that is up has a sample 1 of `up`, one that is down a 0, and another one none.
fn samples(shown: &Shown, found: &mut Vec<String>) {
    let mut expected: BTreeMap<Labels, Option<&str>> = BTreeMap::new();
    for row in shown.rows() {
        let value = match row.state {
            State::Up => Some("1"),
            State::Down => Some("0"),
            _ => None,
        };
        if expected.insert(labels(row), value).is_some() {
            // Two targets write one series.
            return;
        }
        let fails = row.error.as_ref().is_some_and(|error| !error.is_empty());
        if fails != (row.state == State::Down) {
            found.push(format!("{} is {:?} with the error {:?}", row.url, row.state, row.error));
        }
    }
    for (labels, value) in &expected {
        let sample = shown.up.get(labels).map(String::as_str);
        if sample != *value {
            found.push(format!(
                "up of {} is {sample:?}, and Targets says {value:?}",
                labels.series_name()
            ));
        }
    }
    for labels in shown.up.keys().filter(|labels| !expected.contains_key(*labels)) {
        let labels = labels.series_name();
        found.push(format!("up of {labels} has a sample, and no target has these labels"));
    }
}

/// All pages agree on whether Prometheus runs.
fn server(shown: &Shown, found: &mut Vec<String>) {
    let mut own = shown.pods().filter(|node| node.prometheus).peekable();
    let in_cluster = own.peek().is_some();
    let sound = own.any(|node| node.health == Health::Good);
    if !shown.is_stopped() {
        if in_cluster && !sound && shown.targets.up > 0 {
            found.push("targets are scraped, and no pod of Prometheus is ready in Cluster".into());
        }
        if let Some(note) = shown.rules.note.as_ref().filter(|note| note.contains("does not run")) {
            found.push(format!("Targets has a server, and Rules says: {note}"));
        }
        if let Some(note) = &shown.config.note
            && note.title.starts_with("Prometheus does not run")
        {
            found.push(format!("Targets has a server, and Config says: {}", note.title));
        }
        return;
    }
    if shown.targets.active() > 0 || !shown.up.is_empty() {
        let (active, series) = (shown.targets.active(), shown.up.len());
        found.push(format!("no server runs, and there are {active} targets, {series} series"));
    }
    if shown.config.note.is_none() && !shown.targets.note.as_ref().is_some_and(is_of_rules) {
        found.push("no server runs, and Config says nothing of it".into());
    }
    if shown.rules.note.is_none() {
        found.push("no server runs, and Rules says nothing of it".into());
    }
    if sound {
        let note = shown.targets.note.as_ref().map(|note| &note.title);
        found.push(format!("Cluster has a sound pod of Prometheus, and Targets says {note:?}"));
    }
}

fn is_of_rules(note: &protocol::pages::Note) -> bool {
    note.title.contains("rule file")
}

/// A pod that answers runs, and the pods with problems are those that are marked.
fn pods(driver: &mut Driver, shown: &Shown, found: &mut Vec<String>) {
    let failing: BTreeMap<&str, &str> = shown
        .cluster
        .failing_pods
        .iter()
        .map(|report| (report.pod.as_str(), report.status.as_str()))
        .collect();
    let name = |node: &Node| format!("{}/{}", node.namespace, node.name);
    for node in shown.pods() {
        let fails = failing.contains_key(name(node).as_str());
        if node.health == Health::Good && fails {
            found.push(format!("{} is good in the graph and listed as failing", name(node)));
        }
        if node.health == Health::Bad && !fails && failing.len() < 8 {
            found.push(format!("{} is bad in the graph and not listed", name(node)));
        }
    }
    let up: Vec<(String, String)> = shown
        .rows()
        .filter(|row| row.state == State::Up)
        .take(12)
        .map(|row| (row.key.job.clone(), row.url.clone()))
        .collect();
    for (job, url) in up {
        let query = metrics::Query { job, url, ..metrics::Query::default() };
        let view = watch!(driver, Metrics, query.clone());
        if let Some(error) = &view.error {
            found.push(format!("{} is UP, and Metrics says {error}", query.url));
        }
        let place = view.program.map(|program| program.place).unwrap_or_default();
        let Some(pod) = place.split(" of ").nth(1).and_then(|rest| rest.split(',').next()) else {
            continue;
        };
        let status = failing.get(pod).copied().unwrap_or_default();
        if ["Pending", "ImagePullBackOff", "ErrImagePull", "ContainerCreating", "InvalidImageName"]
            .contains(&status)
        {
            found.push(format!("{} is UP, and its pod {pod} is {status}", query.url));
        }
        if !shown.pods().any(|node| name(node) == pod) && shown.cluster.graph.hidden == 0 {
            found.push(format!("{} is UP, and its pod {pod} is not in Cluster", query.url));
        }
    }
}

/// Findings and notes in the text agree with the pages.
fn findings(driver: &Driver, shown: &Shown, found: &mut Vec<String>) {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let errors: BTreeSet<&str> = shown.rows().filter_map(|row| row.error.as_deref()).collect();
    let any_error = |part: &str| errors.iter().any(|error| error.contains(part));
    let all = driver.annotations.values().flat_map(|file| &file.diagnostics);
    for finding in all {
        *numbers.entry(&finding.code).or_default() += 1;
        let (code, message) = (&*finding.code, &finding.message);
        let part = match code {
            "target-no-such-host" => "no such host",
            "target-refused" => "connection refused",
            _ => continue,
        };
        if !shown.is_stopped() && shown.targets.down > 0 && !any_error(part) {
            found.push(format!("{code}: {message}, and no target has such an error"));
        }
    }
    for check in shown.checks.checks.iter().filter(|check| !check.silenced) {
        let number = numbers.get(check.code.as_str()).copied().unwrap_or_default();
        if number != check.found {
            let (code, listed) = (&check.code, check.found);
            found.push(format!("{code}: {number} findings in the text, {listed} in Checks"));
        }
    }
}

/// A system with one to three mistakes, and the mistakes.
fn system(number: u64) -> (Workspace, Vec<String>) {
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut workspace = workspace(SCENARIOS[random.below(SCENARIOS.len())].name);
    let mut mistakes = Vec::new();
    for _ in 0..=random.below(3) {
        mistakes.push(mistake(&mut workspace, &mut random));
    }
    (workspace, mistakes)
}

fn check(runs: bool) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let numbers = match number("SYSTEM") {
        Some(one) => one..one + 1,
        None => 0..number("SYSTEMS").unwrap_or(SYSTEMS),
    };
    let mut all: BTreeMap<String, (u64, Vec<String>)> = BTreeMap::new();
    for number in numbers {
        let (workspace, mistakes) = system(number);
        let scenario = workspace.scenario.clone();
        let mut driver = Driver::with_workspace(workspace);
        if runs {
            driver.run(Request::SetRunning { on: true });
        }
        driver.advance(150_000);
        let found = contradictions(&mut driver);
        for one in found {
            let at = format!("{number} {scenario} {mistakes:?}");
            let entry = all.entry(one).or_default();
            entry.0 += 1;
            entry.1.push(at);
        }
    }
    let text: String = all
        .iter()
        .map(|(found, (count, at))| format!("{count} × {found}\n    {}\n", at[0]))
        .collect();
    assert!(all.is_empty(), "\n{text}");
}

#[test]
fn pages_agree_on_what_a_text_leads_to() {
    check(false);
}

#[test]
fn pages_agree_on_a_running_cluster() {
    check(true);
}
