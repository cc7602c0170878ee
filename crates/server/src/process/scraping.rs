//! Scrape pools: the targets of each job, their loops, and the requests of their scrapes.
//!
//! Source: scrape/manager.go, scrape/scrape.go.

use std::sync::Arc;

use discovery::targets::{Pool, Target};
use go::Duration;
use promql::Labels;
use promql::storage::Storage;
use rules::GroupRun;
use simulation::events::status_line;
use simulation::scrape::{
    Answer as ScrapeAnswer, Features, ScrapeLoops, ScrapeReport, ScrapeSettings, ScrapeTarget,
};

use super::discovering::Job;
use super::log::LogLine;
use super::{Host, Process, RunningGroup};
use crate::client::{Client, USER_AGENT};
use crate::network::{Network, Outgoing};

/// The time between two checks of what discovery has found.
///
/// Source: discovery/manager.go `updatert`, scrape/manager.go `reloader`.
pub(super) const SYNC_INTERVAL: i64 = 5_000;

/// A target that is scraped.
#[derive(Clone)]
pub(super) struct ServerTarget {
    job: Arc<str>,
    labels: Labels,
    public: Labels,
    url: Arc<str>,
    interval: Duration,
    timeout: Duration,
    settings: Arc<ScrapeSettings>,
    /// An error that fails every scrape, such as that of `target_limit`.
    limit_error: Option<Arc<str>>,
    client: Arc<Client>,
    compressed: bool,
}

impl ScrapeTarget for ServerTarget {
    fn job(&self) -> &Arc<str> {
        &self.job
    }

    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn public_labels(&self) -> &Labels {
        &self.public
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn interval(&self) -> Duration {
        self.interval
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    fn settings(&self) -> &Arc<ScrapeSettings> {
        &self.settings
    }
}

impl ServerTarget {
    /// The request of a scrape. Source: scrape/scrape.go `targetScraper.scrape`.
    fn request(&self) -> Outgoing {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let seconds = go::number::format_general(self.timeout.seconds(), None);
        Outgoing {
            method: "GET",
            url: self.url.to_string(),
            headers: vec![
                header("Accept", &self.settings.accept()),
                header("Accept-Encoding", if self.compressed { "gzip" } else { "identity" }),
                header("User-Agent", USER_AGENT),
                header("X-Prometheus-Scrape-Timeout-Seconds", &seconds),
            ],
            timeout: self.timeout,
            ..Outgoing::default()
        }
    }
}

/// The loops of a server.
pub(super) type Loops = ScrapeLoops<ServerTarget>;

impl Process {
    /// Takes over what discovery has found since the last look.
    pub(super) fn sync(&mut self, host: &Host, network: &mut dyn Network) {
        let mut jobs = std::mem::take(&mut self.jobs);
        let mut changed = false;
        for job in &mut jobs {
            let name = job.config.job_name.value.clone();
            let is_new = !self.pools.iter().any(|pool| pool.name == name);
            if !self.discover(job, host, network) && !is_new {
                continue;
            }
            changed = true;
            self.pools.retain(|pool| pool.name != name);
            if let Err(error) = job.client.check_tls(&host.files) {
                let error = format!("error creating HTTP client: {error}");
                let line = LogLine::error("error creating new scrape pool").at("manager.go:285");
                let line = line.with("component", "scrape manager").with("err", error);
                self.logs(line.with("scrape_pool", &*name));
                continue;
            }
            let pool = Pool::new(&job.config, job.found.clone());
            self.log_failed_targets(&pool);
            let at = self.pools.partition_point(|one| one.name < pool.name);
            self.pools.insert(at, Arc::new(pool));
        }
        if changed {
            self.apply_targets(&jobs);
        }
        self.jobs = jobs;
    }

    fn log_failed_targets(&mut self, pool: &Pool) {
        for failed in &pool.failed {
            let line = LogLine::error("Creating target failed").at("scrape.go:529");
            let line = line.with("component", "scrape manager");
            let line = line.with("scrape_pool", &*pool.name);
            let group = pool.discovered_target(failed.origin).map(|(_, group, _)| &*group.source);
            let (number, group) = (failed.origin.target, group.unwrap_or_default());
            let error = format!("instance {number} in group {group}: {}", failed.error);
            self.logs(line.with("err", error));
        }
    }

    /// Gives the loops the targets of the pools.
    fn apply_targets(&mut self, jobs: &[Job]) {
        let features = Features::of_flag(self.flags.get("enable-feature"));
        let mut specs = Vec::new();
        for pool in &self.pools {
            let of_pool = |job: &&Job| job.config.job_name.value == pool.name;
            let Some(job) = jobs.iter().find(of_pool) else { continue };
            let settings = ScrapeSettings::new(&job.config).with_features(&job.config, features);
            let settings = Arc::new(settings);
            let client = Arc::new(job.client.clone());
            let limit_error = pool.limit_error.as_deref().map(Arc::from);
            let spec = |target: &Target| ServerTarget {
                job: pool.name.clone(),
                labels: target.labels.clone(),
                public: target.public_labels(),
                url: target.url.as_str().into(),
                interval: Duration(target.interval.millis().max(1)),
                timeout: Duration(target.timeout.millis().max(1)),
                settings: settings.for_target(&target.labels),
                limit_error: limit_error.clone(),
                client: client.clone(),
                compressed: *job.config.enable_compression,
            };
            specs.extend(pool.active.iter().map(spec));
        }
        let pools = &self.pools;
        let exists = |name: &str| pools.iter().any(|pool| *pool.name == *name);
        self.loops.set_targets(specs, self.now, &exists);
    }

    /// Ends the pools of jobs that a new configuration lacks. Their series do not become stale.
    pub(super) fn remove_pools(&mut self) {
        let jobs = std::mem::take(&mut self.jobs);
        let before = self.pools.len();
        let named =
            |pool: &Arc<Pool>| jobs.iter().any(|job| job.config.job_name.value == pool.name);
        self.pools.retain(named);
        if self.pools.len() != before {
            self.apply_targets(&jobs);
        }
        self.jobs = jobs;
    }

    /// Makes the scrape that is due next.
    pub(super) fn scrape_next(&mut self, host: &Host, network: &mut dyn Network) {
        let Some((at, Some(place))) = self.loops.pop() else { return };
        let Some(live) = self.loops.at_mut(place) else { return };
        let target = &live.spec;
        let mut request = target.request();
        let ready = match &target.limit_error {
            Some(error) => Err(error.to_string()),
            None => target
                .client
                .authorize(&mut request, &host.files)
                .map_err(|error| request.failure(&error)),
        };
        let (outcome, takes) = match ready {
            Ok(()) => self.send(&request, host, network),
            Err(error) => (Err(error), Duration(0)),
        };
        let Some(live) = self.loops.at_mut(place) else { return };
        let status;
        let answer = match &outcome {
            Err(error) => ScrapeAnswer::Failed(error),
            Ok(answer) if answer.status == 200 => ScrapeAnswer::Body {
                content_type: answer.header("Content-Type"),
                body: &answer.body,
            },
            Ok(answer) => {
                status = status_line(answer.status);
                ScrapeAnswer::Status(&status)
            }
        };
        let report = live.scraper.scrape(at, takes, answer, &mut self.storage);
        self.appended += report.samples_post_metric_relabeling + REPORTS;
        let (job, url) = (live.spec.job.clone(), live.spec.url.clone());
        self.log_refused(&report, &job, &url);
        if let Some(live) = self.loops.at_mut(place) {
            live.last = Some(report);
        }
    }

    fn log_refused(&mut self, report: &ScrapeReport, job: &str, url: &str) {
        for (place, message, count) in report.refused.counts() {
            let line = LogLine::warn(message).at(place).with("component", "scrape manager");
            let line = line.with("scrape_pool", job).with("target", url);
            self.logs(line.with("num_dropped", count.to_string()));
        }
    }

    /// Takes over the data of an owner that scrapes and evaluates in place of the process: the
    /// storage, the last scrape of each target, and the groups with their results. See
    /// [`DataSource::Provided`](super::DataSource::Provided).
    pub fn provide<'a>(
        &mut self,
        storage: Storage,
        report: &dyn Fn(&str, &Labels) -> Option<ScrapeReport>,
        groups: impl Iterator<Item = &'a GroupRun>,
    ) {
        self.storage = storage;
        for live in self.loops.iter_mut() {
            live.last = report(&live.spec.job, &live.spec.labels);
        }
        for run in groups {
            let same = |own: &&mut RunningGroup| own.run.group.name == run.group.name;
            if let Some(own) = self.groups.iter_mut().find(same) {
                let evaluated = run.rules.iter().filter_map(|rule| rule.evaluated).max();
                own.last_evaluation = evaluated.or(own.last_evaluation);
                own.run = run.clone();
            }
        }
    }

    /// Sets the metrics about the server itself, in the text format.
    pub fn provide_metrics(&mut self, metrics: Option<String>) {
        self.provided_metrics = metrics;
    }

    /// The last scrape of a target.
    pub fn last_scrape(&self, job: &str, labels: &Labels) -> Option<&ScrapeReport> {
        self.loops.find(job, labels)?.last.as_ref()
    }
}

/// The series that each scrape stores besides those of the target.
const REPORTS: u64 = 5;
