//! Requests to a running server.

use go::Duration;
use prometheus::config::ScrapeConfig;

use super::database::Database;
use super::log::LogLine;
use super::{Host, Phase, Process, SERVER_VERSION, evaluating};
use crate::basic_auth;
use crate::http::{Effect, Request, Response};
use crate::network::{Answer, Network, Outgoing, send};
use crate::state::{
    Alertmanagers, BuildInfo, Head, Notification, Readiness, RuleGroupState, Runtime, ScrapePool,
    ServerState, TargetHealth,
};

impl Process {
    /// Answers a request now, and makes its changes. None if nothing listens.
    pub fn request(&mut self, request: &Request, host: &Host) -> Option<Response> {
        if matches!(self.phase, Phase::Opening { .. } | Phase::Ended { .. }) {
            return None;
        }
        if let Some(refusal) = basic_auth::refusal(request, &self.users) {
            return Some(refusal);
        }
        let response = self.answer(request, host);
        match response.effect {
            Some(Effect::Reload) => match self.reload(host) {
                Ok(()) => Some(response),
                Err(error) => Some(Response::reload_failed(&error)),
            },
            Some(Effect::Quit) => {
                let ending = "Received termination request via web service, exiting gracefully...";
                self.end(LogLine::warn(ending).at("main.go:1252"));
                Some(response)
            }
            _ => Some(response),
        }
    }

    /// Ends the process, as SIGTERM does.
    pub fn terminate(&mut self) {
        let ending = LogLine::warn("Received an OS signal, exiting gracefully...");
        self.end(ending.at("main.go:1249").with("signal", "terminated"));
    }

    fn end(&mut self, reason: LogLine) {
        if self.exit_code().is_some() {
            return;
        }
        self.logs(reason);
        self.logs(LogLine::info("See you next time!").at("main.go:1628"));
        self.phase = Phase::Ended { exit_code: 0 };
    }

    /// Sends a request to another server, or answers it if it is one to this server.
    pub(super) fn send(
        &self,
        request: &Outgoing,
        host: &Host,
        network: &mut dyn Network,
    ) -> (Result<Answer, String>, Duration) {
        let own = |target: &str| {
            let asked = Request {
                method: request.method.to_owned(),
                target: target.to_owned(),
                headers: request.headers.clone(),
                body: request.body.clone(),
            };
            let refusal = basic_auth::refusal(&asked, &self.users);
            let response = refusal.unwrap_or_else(|| self.answer(&asked, host));
            let Response { status, headers, body, .. } = response;
            Ok(Answer { status, headers, body })
        };
        match self.own_path(&request.url, host) {
            Some(target) => (own(&target), Duration(4)),
            None => send(network, request, self.now, &own),
        }
    }

    /// The path of a URL that leads to this server; None if it leads elsewhere.
    fn own_path(&self, url: &str, host: &Host) -> Option<String> {
        let rest = url.strip_prefix("http://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, port) = go::net::split_host_port(authority).unwrap_or((authority, "80"));
        let address = self.flags.get("web.listen-address");
        let own_port = go::net::listen_port(address);
        let loopback = ["localhost", "127.0.0.1", "::1"].contains(&name);
        let own = loopback || host.addresses.iter().any(|address| address == name);
        (own && port == own_port).then(|| path.to_owned())
    }

    fn answer(&self, request: &Request, host: &Host) -> Response {
        let jobs: Vec<ScrapeConfig> = self.jobs.iter().map(|job| job.config.clone()).collect();
        let groups = self.groups.iter().map(|group| RuleGroupState {
            file: group.file.clone(),
            run: &group.run,
            interval: group.interval,
            evaluation_seconds: 0.0,
            last_evaluation: group.last_evaluation,
        });
        let texts = self.notifications().into_iter();
        let notifications = texts.map(|text| Notification {
            text: text.into(),
            date: self.last_reload,
            active: true,
        });
        let readiness = match self.phase {
            Phase::Ready => Readiness::Ready,
            _ => Readiness::NotReady,
        };
        let state = ServerState {
            now: self.now,
            readiness,
            runtime: self.runtime(host),
            build: BuildInfo {
                version: SERVER_VERSION.into(),
                go_version: "go1.26.8".into(),
                ..BuildInfo::default()
            },
            flags: self.flags.clone(),
            config_yaml: self.config_yaml.clone(),
            external_labels: self.external_labels.clone(),
            scrape_configs: &jobs,
            storage: &self.storage,
            head: Head::default(),
            exemplars: Vec::new(),
            engine: &self.rules.engine,
            parser: evaluating::parser(&self.flags),
            pools: self.scrape_pools(),
            groups: groups.collect(),
            alertmanagers: self.alertmanagers(),
            notifications: notifications.collect(),
            metrics: self.metrics(),
        };
        crate::respond(request, &state)
    }

    fn runtime(&self, host: &Host) -> Runtime {
        let variable = |name: &str| host.environment.get(name).cloned().unwrap_or_default();
        let time = self.retention.time.map(|time| time.to_string());
        let size = self.retention.size.map(prometheus::values::size::print);
        let limits: Vec<String> = [time, size].into_iter().flatten().collect();
        Runtime {
            started: self.started,
            working_directory: host.files.absolute("."),
            hostname: host.hostname.clone(),
            reload_successful: self.reload_successful,
            last_reload: self.last_reload,
            gogc: "75".to_owned(),
            godebug: variable("GODEBUG"),
            storage_retention: limits.join(" or "),
            memory_limit: i64::MAX,
            ..Runtime::default()
        }
    }

    /// The absolute paths of the files that the process has written. A folder without a file ends
    /// with a slash.
    pub fn data_files(&self, host: &Host) -> Vec<String> {
        let kind = if self.flags.is_on("agent") { "agent" } else { "tsdb" };
        let mut names = self.database().paths();
        if !self.flags.is_on(&format!("storage.{kind}.no-lockfile")) {
            names.push("lock".to_owned());
        }
        if kind == "tsdb" {
            names.push("queries.active".to_owned());
        }
        let folder = self.data_folder(host);
        names.iter().map(|name| format!("{folder}/{name}")).collect()
    }

    /// The files `meta.json` of the blocks, by absolute path.
    pub fn block_files(&self, host: &Host) -> Vec<(String, String)> {
        let folder = self.data_folder(host);
        let files = self.database().descriptions(&self.storage).into_iter();
        files.map(|(name, text)| (format!("{folder}/{name}"), text)).collect()
    }

    fn data_folder(&self, host: &Host) -> String {
        let kind = if self.flags.is_on("agent") { "agent" } else { "tsdb" };
        host.files.absolute(self.flags.get(&format!("storage.{kind}.path")))
    }

    /// The files of the database. An agent has no blocks.
    fn database(&self) -> Database {
        let first = self.storage.time_range().map_or(self.now, |(first, _)| first);
        let first = if self.flags.is_on("agent") { self.now } else { first };
        let retention = self.retention.time.map(|time| time.millis());
        Database::at(first, self.now, retention.filter(|retention| *retention > 0))
    }

    /// The pools with the last scrape of each target.
    pub fn scrape_pools(&self) -> Vec<ScrapePool> {
        let pools = self.pools.iter().map(|pool| {
            let mut shown = ScrapePool::of_pool(pool);
            for (state, target) in shown.targets.iter_mut().zip(&pool.active) {
                let Some(report) = self.last_scrape(&pool.name, &target.labels) else { continue };
                state.health = match report.error {
                    None => TargetHealth::Up,
                    Some(_) => TargetHealth::Down,
                };
                state.last_error = report.error.clone().unwrap_or_default();
                state.last_scrape = Some(report.at);
                state.last_duration = report.duration.seconds();
            }
            shown
        });
        pools.collect()
    }

    fn alertmanagers(&self) -> Alertmanagers {
        let mut all = Alertmanagers::default();
        for set in &self.notifier.sets {
            all.active.extend(set.found.active.iter().cloned());
            all.dropped.extend(set.found.dropped.iter().cloned());
        }
        all
    }

    /// The metrics about the server in the text format: those that were provided, or those about the
    /// configuration and the limits of the storage.
    pub fn metrics(&self) -> String {
        if let Some(provided) = &self.provided_metrics {
            return provided.clone();
        }
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
