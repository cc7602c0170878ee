//! Sidecars that tell Prometheus to read its files again: prometheus-config-reloader of the Operator
//! and configmap-reload.
//!
//! Source: prometheus-operator cmd/prometheus-config-reloader, thanos pkg/reloader/reloader.go,
//! jimmidyson/configmap-reload configmap-reload.go.

use std::collections::BTreeMap;

use cluster::kubelet::{Active, expand};
use cluster::program::{ExecAnswer, Exit, GrpcAnswer, HttpAnswer, HttpRequest, Process};
use go::Duration;
use promql::Timestamp;
use server::LogLine;
use server::network::{Network, Outgoing, RequestOutcome};

use crate::account::{AccountAccess, ServiceAccount};
use crate::network::Surroundings;
use crate::server::{ContainerName, Outside};

/// The limit of a request.
const REQUEST_TIMEOUT: Duration = Duration(30_000);
/// Bytes that variables of a configuration file can add.
const EXPANSION: usize = 1 << 20;

/// A container that watches files and asks Prometheus to reload.
#[derive(Clone, Debug)]
pub struct Reloader {
    settings: Settings,
    started: Option<Timestamp>,
    files_version: Option<u64>,
    /// The watched files that were applied last.
    applied: Option<BTreeMap<String, String>>,
    /// When the files are compared, or the request is sent again.
    next: Option<Timestamp>,
    connections: usize,
    log: Vec<(i64, String)>,
    end: Option<(i64, Exit)>,
    changed: i64,
}

/// The flags of a reloader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Settings {
    folders: Vec<String>,
    config_file: String,
    /// The file with the expanded configuration.
    output: String,
    url: String,
    method: &'static str,
    port: u16,
    /// Milliseconds from a change to the reload.
    delay: i64,
    /// Milliseconds after a failed request; None if it is not sent again.
    retry: Option<i64>,
    /// The files count as changed at the start.
    at_start: bool,
    /// The program ends after it has applied the files once, without a request.
    once: bool,
}

/// The values of a flag: `--name=value` or `--name value`.
fn values<'a>(args: &'a [String], name: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(flag) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else { continue };
        match flag.split_once('=') {
            Some((one, value)) if one == name => found.push(value),
            None if flag == name => found.extend(args.next().map(String::as_str)),
            _ => {}
        }
    }
    found
}

fn millis(args: &[String], name: &str, default: i64) -> i64 {
    let given = values(args, name);
    let given = given.last().and_then(|text| go::time::parse_duration(text).ok());
    given.map_or(default, |nanos| nanos / 1_000_000)
}

fn port(args: &[String], default: u16) -> u16 {
    let address = values(args, "listen-address");
    let port = address.last().and_then(|address| go::net::listen_port(address).parse().ok());
    port.unwrap_or(default)
}

impl Settings {
    /// The settings of a container; None if its image is no reloader.
    fn of(image: &str, args: &[String]) -> Option<Self> {
        let name = image.split('@').next()?.rsplit('/').next()?.split(':').next()?;
        let last = |flag: &str, default: &str| {
            values(args, flag).last().map_or(default, |value| value).to_owned()
        };
        let folders =
            |flag: &str| values(args, flag).into_iter().map(str::to_owned).collect::<Vec<_>>();
        match name {
            "prometheus-config-reloader" => Some(Self {
                folders: folders("watched-dir"),
                config_file: last("config-file", ""),
                output: last("config-envsubst-file", ""),
                url: last("reload-url", "http://127.0.0.1:9090/-/reload"),
                method: "POST",
                port: port(args, 8080),
                delay: millis(args, "delay-interval", 1_000),
                retry: Some(millis(args, "retry-interval", 5_000)),
                at_start: true,
                once: millis(args, "watch-interval", 180_000) == 0,
            }),
            "configmap-reload" => Some(Self {
                folders: folders("volume-dir"),
                url: last("webhook-url", ""),
                method: match last("webhook-method", "POST").as_str() {
                    "GET" => "GET",
                    "PUT" => "PUT",
                    _ => "POST",
                },
                port: port(args, 9533),
                ..Self::default()
            }),
            _ => None,
        }
    }

    fn watches(&self, path: &str) -> bool {
        let inside = |folder: &String| {
            let rest = path.strip_prefix(folder.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        path == self.config_file || self.folders.iter().any(inside)
    }
}

impl Reloader {
    /// The reloader of a container; None if its image is none.
    pub(crate) fn of(image: &str, command: &[String], args: &[String]) -> Option<Self> {
        let args: Vec<String> = command.iter().skip(1).chain(args).cloned().collect();
        Some(Self {
            settings: Settings::of(image, &args)?,
            started: None,
            files_version: None,
            applied: None,
            next: None,
            connections: 0,
            log: Vec::new(),
            end: None,
            changed: 0,
        })
    }

    /// The time at which something happens next, in milliseconds since the epoch.
    pub(crate) fn next_time(&self, now: Timestamp) -> Option<Timestamp> {
        match self.end {
            Some(_) => None,
            None if self.started.is_none() => Some(now),
            None => self.next,
        }
    }

    /// Looks at the files if they may have changed, and sends the request that is due.
    pub(crate) fn advance(&mut self, active: &Active, to: Timestamp, outside: &mut Outside<'_>) {
        if self.end.is_some() {
            return;
        }
        let Some(view) = outside.cluster.kubelets.active_view(active) else { return };
        let (version, first) = (view.files_version, self.started.is_none());
        self.started = Some(view.started);
        if self.files_version != Some(version) {
            self.files_version = Some(version);
            let watched = self.watched(active, outside);
            if first && !self.settings.at_start {
                self.applied = Some(watched);
            } else if self.applied.as_ref() != Some(&watched) {
                let delay = if first { 0 } else { self.settings.delay };
                self.next = Some(self.next.map_or(to + delay, |next| next.min(to + delay)));
            }
        }
        if self.next.is_some_and(|next| next <= to) {
            self.next = None;
            self.apply(active, to, outside);
        }
    }

    fn watched(&self, active: &Active, outside: &Outside<'_>) -> BTreeMap<String, String> {
        let mut files = outside.cluster.kubelets.mounted_files(active);
        files.retain(|path, _| self.settings.watches(path));
        files
    }

    /// Expands the configuration, and tells Prometheus to reload.
    fn apply(&mut self, active: &Active, now: Timestamp, outside: &mut Outside<'_>) {
        let watched = self.watched(active, outside);
        let settings = self.settings.clone();
        if !settings.config_file.is_empty() && !settings.output.is_empty() {
            let Some(text) = watched.get(&settings.config_file) else {
                let missing = format!("open {}: no such file or directory", settings.config_file);
                let line = LogLine::error("Failed to run").with("err", missing);
                self.write(now, &line);
                let at = self.age(now);
                self.end = Some((at, Exit { code: 1, ..Exit::default() }));
                return;
            };
            let view = outside.cluster.kubelets.active_view(active);
            let variables = view.map(|view| view.environment.clone()).unwrap_or_default();
            let text = expand(text, EXPANSION, |name| variables.get(name).cloned());
            outside.cluster.kubelets.write_file(active, &settings.output, &text);
        }
        if settings.once {
            self.end = Some((self.age(now), Exit::default()));
            return;
        }
        let (what, failed) = match self.request(active, now, outside) {
            Ok(status) if (200..300).contains(&status) => {
                self.applied = Some(watched);
                let fields = [
                    ("cfg_in", settings.config_file.clone()),
                    ("cfg_out", settings.output.clone()),
                    ("watched_dirs", settings.folders.join(", ")),
                ];
                let triggered = LogLine::info("Reload triggered");
                let line =
                    fields.into_iter().fold(triggered, |line, (name, text)| line.with(name, text));
                (line, false)
            }
            Ok(status) => {
                let error = format!(
                    "received non-200 response: {status}; have you set `--web.enable-lifecycle` Prometheus flag?"
                );
                (LogLine::error("Failed to trigger reload. Retrying.").with("err", error), true)
            }
            Err(error) => {
                let error = format!("reload request failed: {error}");
                (LogLine::error("Failed to trigger reload. Retrying.").with("err", error), true)
            }
        };
        self.write(now, &what);
        if failed {
            self.next = self.settings.retry.map(|retry| now + retry.max(1));
        }
    }

    /// Sends the request. Returns the status of the answer.
    fn request(
        &mut self,
        active: &Active,
        now: Timestamp,
        outside: &mut Outside<'_>,
    ) -> Result<u16, String> {
        let view = outside.cluster.kubelets.active_view(active).ok_or("EOF")?;
        let metadata = &view.pod["metadata"];
        let own = ContainerName {
            namespace: metadata.str("namespace").to_owned(),
            pod: metadata.str("name").to_owned(),
            container: view.name.to_owned(),
        };
        let account = ServiceAccount::new(own.namespace.clone(), "default");
        let access = AccountAccess::new(&outside.view.state.cluster, &account);
        let mut surroundings = Surroundings {
            cluster: outside.cluster,
            state: &outside.view.state,
            revision: outside.view.revision,
            access: &access,
            namespace: &own.namespace,
            pod: Some(&own.pod),
            own: Some((&own, self.settings.port)),
            service_ports: outside.service_ports,
            cut: outside.cut,
            disturbances: outside.disturbances,
            connections: &mut self.connections,
        };
        let request = Outgoing {
            method: self.settings.method,
            url: self.settings.url.clone(),
            timeout: REQUEST_TIMEOUT,
            ..Outgoing::default()
        };
        match surroundings.send(&request, now).outcome {
            RequestOutcome::Answered(answer) => Ok(answer.status),
            RequestOutcome::Failed(error) => Err(request.failure(&error)),
            RequestOutcome::Own(_) => Ok(404),
        }
    }

    fn write(&mut self, now: Timestamp, line: &LogLine) {
        const LINES: usize = 1_000;
        if self.log.len() >= LINES {
            self.log.remove(0);
        }
        self.log.push((self.age(now), line.print(now, false)));
        self.changed = self.age(now);
    }

    fn age(&self, now: Timestamp) -> i64 {
        now - self.started.unwrap_or(now)
    }
}

impl Process for Reloader {
    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }

    fn end(&self, _limit: Option<i64>) -> Option<(i64, Exit)> {
        self.end.clone()
    }

    fn terminate(&mut self, at: i64) {
        self.end.get_or_insert((at, Exit::default()));
    }

    fn ports(&self, _at: i64) -> Vec<u16> {
        vec![self.settings.port]
    }

    fn http(&mut self, request: HttpRequest<'_>, _at: i64) -> HttpAnswer {
        match request.path {
            "/healthz" | "/metrics" => HttpAnswer::of(200),
            _ => HttpAnswer::of(404),
        }
    }

    fn grpc(&mut self, _port: u16, _service: &str, _at: i64) -> GrpcAnswer {
        GrpcAnswer::Unimplemented
    }

    fn exec(&mut self, _command: &[&str], _at: i64) -> ExecAnswer {
        ExecAnswer::default()
    }

    fn log(&self, at: i64) -> Vec<(i64, String)> {
        self.log.iter().filter(|(time, _)| *time <= at).cloned().collect()
    }

    fn memory(&self, _at: i64) -> i64 {
        0
    }

    fn last_change(&self) -> i64 {
        self.changed
    }

    fn is_active(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read() {
        let args = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let found = Settings::of(
            "quay.io/prometheus-operator/prometheus-config-reloader:v0.94.1",
            &args(
                "--watched-dir=/etc/a --watched-dir /etc/b --reload-url=http://x/ --delay-interval=2s",
            ),
        );
        let found = found.expect("a reloader");
        assert_eq!(found.folders, ["/etc/a", "/etc/b"]);
        assert_eq!(
            (&*found.url, found.port, found.delay, found.once),
            ("http://x/", 8080, 2_000, false)
        );
        assert!(found.watches("/etc/a/x.yml") && !found.watches("/etc/ab"));
        let found = Settings::of("jimmidyson/configmap-reload:v0.9.0", &args("--volume-dir=/c"));
        assert_eq!(found.map(|one| (one.port, one.at_start)), Some((9533, false)));
        assert_eq!(Settings::of("busybox", &[]), None);
    }
}
