//! Builds the state of a server from the files of a system, as the real server had it.
//!
//! Data come from `data.om`, or from twenty seconds of discovery, scrapes and rule evaluation by the
//! engine's own crates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use discovery::targets::{Pool, Target};
use discovery::{Environment, Record, RecordType, Resolver, SdFile, Unrestricted};
use go::Duration;
use go::path::matches as glob_matches;
use kubernetes::Cluster;
use prometheus::config::{Config, StaticConfig};
use prometheus::rule_files::{RuleOptions, load_rules};
use prometheus::{Mode, NoFiles, effective, load};
use promql::engine::{Engine, EngineOptions};
use promql::storage::{Sample, Storage};
use promql::syntax::ParserOptions;
use promql::{Labels, Timestamp};
use rules::{GroupRun, PromqlRules, RuleContext};
use serde_json::Value;
use server::{
    Alertmanagers, BuildInfo, Exemplar, ExemplarSeries, Flags, Head, Metadata, Readiness,
    RuleGroupState, Runtime, ScrapePool, ServerState, TargetHealth, target_groups,
};
use simulation::exposition::review::Heads;
use simulation::exposition::{Entry, Exposition, Format, choose_format, parse as parse_exposition};
use simulation::scrape::{Answer, ScrapeSettings, TargetLoop, sample_labels};
use text::FileId;
use yaml::Parsed;

use conformance::read;

/// The folder of the configuration in the container of the server.
const CONFIG_DIRECTORY: &str = "/etc/prometheus";
/// When the server was started, after all data: 2026-03-02T10:00:00Z.
const START: Timestamp = 1_772_445_600_000;
/// The age of the server when it was asked.
const AGE: Timestamp = 20_000;

/// Everything that a [`ServerState`] borrows from.
pub struct System {
    flags: Flags,
    config: Config,
    config_yaml: String,
    alertmanagers: Alertmanagers,
    storage: Storage,
    head: Head,
    engine: Engine,
    parser: ParserOptions,
    pools: Vec<ScrapePool>,
    groups: Vec<(String, Duration, GroupRun)>,
    exemplars: Vec<ExemplarSeries>,
}

impl System {
    /// Reads the folder of a system and lets the server run until it is asked.
    pub fn load(folder: &Path) -> Result<Self, String> {
        let definition: Value = serde_yaml::from_str(&read(&folder.join("system.yaml")))
            .map_err(|error| error.to_string())?;
        let args = definition["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let flags = Flags::of_args(args)?;
        let files = read_files(&folder.join("files"), CONFIG_DIRECTORY);
        let path = flags.get("config.file").to_owned();
        let main = files.iter().find(|(name, ..)| *name == path).ok_or("no configuration")?;
        let loaded = load(&main.2, &NoFiles, Mode::Server);
        let parser = ParserOptions {
            experimental_functions: flags.has_feature("promql-experimental-functions"),
            ..ParserOptions::default()
        };
        let interval =
            loaded.config.evaluation_interval.as_ref().map_or(Duration::from_secs(60), |one| **one);
        let options = EngineOptions { default_subquery_step: interval, ..EngineOptions::default() };
        let groups_of = |pattern: &str| -> Vec<StaticConfig> {
            let matching = files.iter().filter(|(name, ..)| glob_matches(pattern, name));
            matching.flat_map(|(_, _, parsed)| target_groups(parsed)).collect()
        };
        let mut system = Self {
            config_yaml: server::config_in_force(&effective::effective(&main.2).text, &flags),
            alertmanagers: Alertmanagers::of_config(&main.2, &groups_of)?,
            storage: Storage::unbounded(),
            head: Head { start: START },
            engine: Engine::new(options),
            parser,
            pools: Vec::new(),
            groups: Vec::new(),
            exemplars: Vec::new(),
            flags,
            config: loaded.config,
        };
        if let Some(data) = definition["data"].as_str() {
            system.load_blocks(&read(&folder.join(data)))?;
        }
        system.load_rules(&files, interval);
        system.run(&definition, &files);
        Ok(system)
    }

    /// The state when the server is asked.
    pub fn state(&self) -> ServerState<'_> {
        let now = START + AGE;
        let groups = self.groups.iter().map(|(file, interval, run)| RuleGroupState {
            file: file.clone(),
            run,
            interval: *interval,
            evaluation_seconds: 0.0,
            last_evaluation: Some(now),
        });
        ServerState {
            now,
            readiness: Readiness::Ready,
            runtime: Runtime {
                started: START,
                working_directory: "/prometheus".into(),
                hostname: "prometheus-0".into(),
                reload_successful: true,
                last_reload: START,
                gogc: "75".into(),
                storage_retention: self
                    .config
                    .retention_time
                    .as_ref()
                    .map_or_else(String::new, |retention| retention.to_string()),
                ..Runtime::default()
            },
            build: BuildInfo { version: "3.14.0".into(), ..BuildInfo::default() },
            flags: self.flags.clone(),
            config_yaml: self.config_yaml.clone(),
            external_labels: self.config.external_labels.clone(),
            scrape_configs: &self.config.scrape_configs,
            storage: &self.storage,
            head: self.head,
            exemplars: self.exemplars.clone(),
            engine: &self.engine,
            parser: self.parser,
            pools: self.pools.clone(),
            groups: groups.collect(),
            alertmanagers: self.alertmanagers.clone(),
            notifications: Vec::new(),
            metrics: String::new(),
        }
    }

    fn load_blocks(&mut self, text: &str) -> Result<(), String> {
        let exposition = parse_exposition(text, Format::OpenMetrics);
        let mut series: BTreeMap<&Labels, Vec<(Timestamp, f64)>> = BTreeMap::new();
        for sample in exposition.samples() {
            let time = sample.timestamp.ok_or("a sample without a timestamp")?;
            series.entry(&sample.labels).or_default().push((time, sample.value));
        }
        for (labels, samples) in series {
            for (time, value) in samples {
                let sample = Sample::float(time, value);
                self.storage.append(labels, sample).map_err(|error| error.to_string())?;
            }
        }
        // The head begins after the newest block.
        if let Some((_, newest)) = self.storage.time_range() {
            self.head.start = newest + 1;
        }
        Ok(())
    }

    fn load_rules(&mut self, files: &[(String, String, Parsed)], interval: Duration) {
        let options = RuleOptions { promql: self.parser, ..RuleOptions::default() };
        for (pattern, _) in &self.config.rule_files {
            for (name, text, parsed) in files.iter().filter(|one| glob_matches(pattern, &one.0)) {
                for group in load_rules(parsed, text, &options).groups {
                    let own = group.interval.as_ref().map_or(interval, |own| own.value);
                    let offset = Duration(0);
                    self.groups.push((name.clone(), own, GroupRun::new(group, offset)));
                }
            }
        }
    }

    /// Scrapes and evaluates until the server is asked. Rules see the scrapes of their second.
    fn run(&mut self, definition: &Value, files: &[(String, String, Parsed)]) {
        let network = Network(definition);
        let files: Vec<SdFile<'_>> =
            files.iter().map(|(path, _, parsed)| SdFile { path, parsed }).collect();
        let cluster = Cluster::default();
        let environment = Environment {
            cluster: &cluster,
            access: &Unrestricted,
            own_namespace: Some("default"),
            resolver: &network,
            config_directory: CONFIG_DIRECTORY,
            files: &files,
            samples: &[],
        };
        let jobs = self.config.scrape_configs.clone();
        let pools: Vec<Pool> =
            jobs.iter().map(|job| Pool::new(job, discovery::discover(job, &environment))).collect();
        self.pools = pools.iter().map(ScrapePool::of_pool).collect();
        let settings: Vec<Arc<ScrapeSettings>> =
            jobs.iter().map(|job| Arc::new(ScrapeSettings::new(job))).collect();
        let mut loops: Vec<(usize, usize, TargetLoop)> = Vec::new();
        for (pool, (found, settings)) in pools.iter().zip(&settings).enumerate() {
            for (number, target) in found.active.iter().enumerate() {
                let labels = target.public_labels();
                loops.push((
                    pool,
                    number,
                    TargetLoop::new(labels, settings.clone(), target.timeout),
                ));
            }
        }
        let rules = PromqlRules { engine: self.engine.clone(), parser: self.parser };
        let labels = self.config.external_labels.iter();
        let context = RuleContext {
            external_labels: labels.map(|l| (l.name.to_string(), l.value.to_string())).collect(),
            ..RuleContext::default()
        };
        for second in 0..AGE / 1000 {
            let now = START + second * 1000;
            for (pool, number, target_loop) in &mut loops {
                let target = &pools[*pool].active[*number];
                if second * 1000 % target.interval.millis().max(1) == 0 {
                    let answer = network.scrape(&jobs[*pool], target);
                    self.scrape(*pool, *number, target_loop, &answer, &settings[*pool], now);
                }
            }
            for (_, interval, group) in &mut self.groups {
                if second * 1000 % interval.millis().max(1) == 0 {
                    group.evaluate(&mut self.storage, &rules, now + 500, &context);
                }
            }
        }
    }

    fn scrape(
        &mut self,
        pool: usize,
        number: usize,
        target_loop: &mut TargetLoop,
        answer: &Scraped,
        settings: &ScrapeSettings,
        now: Timestamp,
    ) {
        let taken = match answer {
            Scraped::Failed(error) => Answer::Failed(error),
            Scraped::Status(status) => Answer::Status(status),
            Scraped::Body { content_type, body } => Answer::Body { content_type, body },
        };
        let report = target_loop.scrape(now, Duration(3), taken, &mut self.storage);
        let target = &mut self.pools[pool].targets[number];
        target.last_scrape = Some(now);
        target.last_duration = 0.003;
        target.last_error = report.error.clone().unwrap_or_default();
        target.health = if report.error.is_none() { TargetHealth::Up } else { TargetHealth::Down };
        let Scraped::Body { content_type, body } = answer else { return };
        let Ok(format) = choose_format(content_type, "") else { return };
        let exposition = parse_exposition(body, format);
        let heads = Heads::new(&exposition);
        target.metadata = families(&exposition)
            .iter()
            .map(|family| Metadata {
                family: family.to_string(),
                metric_type: heads.metric_type(family).as_str().to_owned(),
                help: heads.help(family).to_string(),
                unit: heads.unit(family).to_string(),
            })
            .collect();
        if !self.flags.has_feature("exemplar-storage") || format != Format::OpenMetrics {
            return;
        }
        let target_labels = target.labels.clone();
        for sample in exposition.samples() {
            let Some(exemplar) = &sample.exemplar else { continue };
            let labels = sample_labels(&sample.labels, &target_labels, settings.honor_labels);
            let exemplar = Exemplar {
                labels: exemplar.labels.clone(),
                value: exemplar.value,
                time: exemplar.timestamp.unwrap_or(now),
            };
            self.store_exemplar(labels, exemplar);
        }
    }

    /// Stores an exemplar, unless it differs from the last of the series only in its time.
    fn store_exemplar(&mut self, labels: Labels, exemplar: Exemplar) {
        match self.exemplars.iter_mut().find(|series| series.labels == labels) {
            Some(series) => {
                let known =
                    |one: &&Exemplar| one.labels == exemplar.labels && one.value == exemplar.value;
                if series.exemplars.last().filter(known).is_none() {
                    series.exemplars.push(exemplar);
                }
            }
            None => self.exemplars.push(ExemplarSeries { labels, exemplars: vec![exemplar] }),
        }
    }
}

/// The families with a head.
fn families(exposition: &Exposition) -> BTreeSet<Arc<str>> {
    let families = exposition.records.iter().filter_map(|record| match &record.entry {
        Entry::Help { family, .. } | Entry::Type { family, .. } | Entry::Unit { family, .. } => {
            Some(family.clone())
        }
        _ => None,
    });
    families.collect()
}

/// Path in the container, text and tree of each file.
fn read_files(folder: &Path, at: &str) -> Vec<(String, String, Parsed)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{at}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(read_files(&entry.path(), &name));
        } else {
            let text = read(&entry.path());
            let parsed = yaml::parse(FileId(0), &text);
            found.push((name, text, parsed));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The names, addresses and exporters of a system.
struct Network<'a>(&'a Value);

impl Resolver for Network<'_> {
    fn resolve(&self, name: &str, _: RecordType) -> Option<Vec<Record>> {
        let address = self.address(name)?;
        Some(vec![Record::Address(address.into())])
    }
}

/// The answer of a target.
enum Scraped {
    Failed(String),
    Status(String),
    Body { content_type: String, body: String },
}

impl Network<'_> {
    /// The address of a name, tried with the search domains of a pod in `default`.
    fn address(&self, name: &str) -> Option<String> {
        let domains = ["", ".default.svc.cluster.local", ".svc.cluster.local", ".cluster.local"];
        domains.iter().find_map(|domain| {
            let address = &self.0["hosts"][format!("{name}{domain}")];
            address.as_str().map(str::to_owned)
        })
    }

    fn scrape(&self, job: &prometheus::config::ScrapeConfig, target: &Target) -> Scraped {
        let (_, rest) = target.url.split_once("://").unwrap_or(("", &target.url));
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        let failed = |why: String| Scraped::Failed(format!("Get {:?}: {why}", target.url));
        let is_address = name.chars().all(|c| c.is_ascii_digit() || c == '.');
        let address = match is_address {
            true => name.to_owned(),
            false => match self.address(name) {
                Some(address) => address,
                None => {
                    return failed(format!(
                        "dial tcp: lookup {name} on 10.96.0.10:53: no such host"
                    ));
                }
            },
        };
        let exporter = &self.0["exporters"][format!("{address}:{port}")];
        if exporter.is_null() {
            return failed(format!("dial tcp {address}:{port}: connect: connection refused"));
        }
        let answer = &exporter[path.split('?').next().unwrap_or_default()];
        if answer.is_null() {
            return Scraped::Status("404 Not Found".into());
        }
        // The only credentials of the systems are right ones of a job that has some.
        if answer["auth"].is_string() && job.http == prometheus::config::HttpSettings::default() {
            return Scraped::Status("401 Unauthorized".into());
        }
        if let Some(status) = answer["status"].as_u64().filter(|status| *status != 200) {
            let phrase = match status {
                500 => "Internal Server Error",
                503 => "Service Unavailable",
                403 => "Forbidden",
                _ => "",
            };
            return Scraped::Status(format!("{status} {phrase}"));
        }
        let content_type = answer["type"].as_str().unwrap_or("text/plain; version=0.0.4");
        let body = answer.as_str().or_else(|| answer["body"].as_str()).unwrap_or_default();
        Scraped::Body { content_type: content_type.to_owned(), body: body.to_owned() }
    }
}
