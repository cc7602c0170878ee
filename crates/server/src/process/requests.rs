//! Requests to a running server.

use prometheus::config::ScrapeConfig;
use promql::Timestamp;
use promql::engine::{Engine, EngineOptions};
use promql::storage::Storage;
use promql::syntax::ParserOptions;
use rules::GroupRun;

use go::Duration;

use super::log::LogLine;
use super::{Host, Process};
use crate::http::{Effect, Request, Response};
use crate::state::{
    Alertmanagers, BuildInfo, Head, Notification, Readiness, RuleGroupState, Runtime, ScrapePool,
    ServerState,
};

impl Process {
    /// Answers a request at a time, and carries out what it asks for. None if nothing listens any more.
    ///
    /// Queries see the samples of `storage`.
    pub fn request(
        &mut self,
        request: &Request,
        storage: &Storage,
        now: Timestamp,
        host: &Host,
    ) -> Option<Response> {
        if self.ended {
            return None;
        }
        let response = self.answer(request, storage, now);
        match response.effect {
            Some(Effect::Reload) => match self.reload(host) {
                Ok(()) => Some(response),
                Err(error) => Some(Response::reload_failed(&error)),
            },
            Some(Effect::Quit) => {
                let ending = "Received termination request via web service, exiting gracefully...";
                self.logs(LogLine::warn(ending));
                self.logs(LogLine::info("See you next time!"));
                self.ended = true;
                Some(response)
            }
            _ => Some(response),
        }
    }

    fn answer(&self, request: &Request, storage: &Storage, now: Timestamp) -> Response {
        let engine = Engine::new(EngineOptions::default());
        let jobs: Vec<ScrapeConfig> = self.jobs.iter().map(|state| state.job.clone()).collect();
        let runs: Vec<GroupRun> =
            self.groups.iter().map(|one| GroupRun::new(one.group.clone(), Duration(0))).collect();
        let groups = self.groups.iter().zip(&runs).map(|(group, run)| RuleGroupState {
            file: group.file.clone(),
            run,
            interval: group.interval,
            evaluation_seconds: 0.0,
            last_evaluation: None,
        });
        let texts = self.notifications().into_iter();
        let notifications =
            texts.map(|text| Notification { text: text.into(), date: now, active: true });
        let state = ServerState {
            now,
            readiness: Readiness::Ready,
            runtime: Runtime { reload_successful: self.reload_successful, ..Runtime::default() },
            build: BuildInfo {
                version: "3.14.0".into(),
                go_version: "go1.26.8".into(),
                ..BuildInfo::default()
            },
            flags: self.flags.clone(),
            config_yaml: self.config_yaml.clone(),
            external_labels: promql::Labels::empty(),
            scrape_configs: &jobs,
            storage,
            head: Head::default(),
            exemplars: Vec::new(),
            engine: &engine,
            parser: ParserOptions::default(),
            pools: self.pools.iter().map(ScrapePool::of_pool).collect(),
            groups: groups.collect(),
            alertmanagers: Alertmanagers::default(),
            notifications: notifications.collect(),
            metrics: self.metrics(),
        };
        crate::respond(request, &state)
    }

    /// The metrics about the configuration and the limits of the storage, in the text format.
    pub fn metrics(&self) -> String {
        let number = |value: f64| go::number::format_general(value, None);
        let size = self.retention.size.map_or(0.0, |bytes| bytes as f64);
        let time = self.retention.time.map_or(0.0, |time| time.millis() as f64 / 1000.0);
        let success = f64::from(u8::from(self.reload_successful));
        let lines = [
            ("prometheus_config_last_reload_successful", success),
            ("prometheus_tsdb_retention_limit_bytes", size),
            ("prometheus_tsdb_retention_limit_seconds", time),
        ];
        lines
            .map(|(name, value)| format!("# TYPE {name} gauge\n{name} {}\n", number(value)))
            .concat()
    }
}
