//! Discovery in a running server: the providers of each job, when each is asked again, and what it
//! found last.
//!
//! Source: discovery/manager.go, discovery/refresh/refresh.go, discovery/file/file.go.

use std::collections::BTreeMap;

use discovery::{Discovered, Environment, SdFile, discover_due, http_targets, is_same_provider};
use go::Duration;
use kubernetes::Cluster;
use prometheus::config::{KubernetesSdConfig, ScrapeConfig, SdConfig, SdMechanism};
use promql::Timestamp;
use schema::Section;
use text::FileId;
use yaml::Parsed;

use super::log::LogLine;
use super::{Host, Phase, Process, SERVICE_ACCOUNT};
use crate::client::{Client, USER_AGENT};
use crate::configuration::Configuration;
use crate::files::{Files, beside};
use crate::kubernetes_client::{ApiClient, Listing};
use crate::network::{Answer, Network, Outgoing};
use crate::targets_files::targets_file;

/// The name of the manager in the log.
const COMPONENT: &str = "discovery manager scrape";

/// A job with its providers.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub config: ScrapeConfig,
    pub client: Client,
    providers: Vec<Provider>,
    /// Files of targets. A file that becomes bad keeps its last targets.
    files: BTreeMap<String, Parsed>,
    /// The files as they were read last.
    texts: BTreeMap<String, Result<String, String>>,
    /// True if files of targets were read that the pool does not have yet.
    files_read: bool,
    /// The revision of the cluster that was seen last.
    seen: Option<u64>,
    pub found: Vec<Discovered>,
}

/// A discovery entry that is asked over the network.
#[derive(Clone, Debug)]
struct Provider {
    mechanism: SdMechanism,
    client: Client,
    found: Option<Discovered>,
    /// The time at which it is asked again.
    next: Timestamp,
    /// Requests that failed one after the other.
    failures: u32,
    /// True if it could not be created; it is then never asked.
    broken: bool,
}

impl Job {
    /// A job of a configuration. `former` is the same job of the one before: providers with the same
    /// settings continue, with what they have found.
    pub fn new(
        config: ScrapeConfig,
        configuration: &Configuration,
        path: &str,
        former: Option<Self>,
    ) -> Self {
        let section = configuration.node(&config);
        let client = section.as_ref().map(|one| Client::of(one, path)).unwrap_or_default();
        let mut earlier = former.as_ref().map(|job| job.providers.clone()).unwrap_or_default();
        let providers = config.discovery.iter().filter_map(|entry| {
            let key = match &entry.mechanism {
                SdMechanism::Http { .. } => "http_sd_configs",
                SdMechanism::Dns { .. } => "dns_sd_configs",
                SdMechanism::Kubernetes(_) => "kubernetes_sd_configs",
                _ => return None,
            };
            let of_entry = |one: &&yaml::Node| one.written_span() == entry.location.span;
            let node = section.as_ref().and_then(|job| job.items(key).iter().find(of_entry));
            let client = node.and_then(Section::new).map(|one| Client::of(&one, path));
            let client = client.unwrap_or_default();
            let same = |one: &Provider| {
                one.client == client && is_same_provider(&one.mechanism, &entry.mechanism)
            };
            if let Some(at) = earlier.iter().position(same) {
                return Some(earlier.swap_remove(at));
            }
            let (found, next, failures, broken) = Default::default();
            let mechanism = entry.mechanism.clone();
            Some(Provider { mechanism, client, found, next, failures, broken })
        });
        let providers = providers.collect();
        let (files, texts) = former.map(|job| (job.files, job.texts)).unwrap_or_default();
        let (files_read, seen, found) = Default::default();
        Self { config, client, providers, files, texts, files_read, seen, found }
    }

    fn is_in_cluster(&self) -> bool {
        let in_cluster = |one: &Provider| match &one.mechanism {
            SdMechanism::Kubernetes(settings) => settings.api_server.is_empty(),
            _ => false,
        };
        self.providers.iter().any(in_cluster)
    }
}

impl Process {
    /// Creates the providers that need a service account. One that cannot be created is logged.
    pub(super) fn create_providers(&mut self, host: &Host) {
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in jobs.iter_mut().filter(|job| job.is_in_cluster()) {
            let error = service_account_error(host);
            if let Some(error) = &error {
                let line = LogLine::error("Cannot create service discovery").at("manager.go:545");
                let line = line.with("component", COMPONENT).with("err", &**error);
                let line = line.with("type", "kubernetes");
                self.logs(line.with("config", &**job.config.job_name));
            }
            for provider in &mut job.providers {
                if let SdMechanism::Kubernetes(settings) = &provider.mechanism {
                    provider.broken = settings.api_server.is_empty() && error.is_some();
                }
            }
        }
        self.jobs = jobs;
    }

    /// Asks the providers of a job that are due. Returns true if something may have changed.
    pub(super) fn discover(
        &mut self,
        job: &mut Job,
        host: &Host,
        network: &mut dyn Network,
    ) -> bool {
        let path = self.flags.get("config.file").to_owned();
        self.read_targets(job, &path, host, false);
        let mut changed = std::mem::take(&mut job.files_read);
        let revision = network.revision();
        let moved = job.seen != Some(revision);
        let first = job.seen.is_none();
        job.seen = Some(revision);
        let mut providers = std::mem::take(&mut job.providers);
        for provider in &mut providers {
            changed |= self.ask(provider, &job.config, moved, host, network);
        }
        job.providers = providers;
        if !(changed || first) {
            return false;
        }
        let folder = host.files.absolute(path.rsplit_once('/').map_or(".", |(folder, _)| folder));
        let files: Vec<SdFile<'_>> =
            job.files.iter().map(|(path, parsed)| SdFile { path, parsed }).collect();
        let environment = Environment {
            cluster: &Cluster::default(),
            access: &discovery::Unrestricted,
            own_namespace: None,
            resolver: network,
            config_directory: &folder,
            files: &files,
            samples: &[],
        };
        let providers = &job.providers;
        job.found = discover_due(&job.config, &environment, &mut |entry| {
            let same = |one: &&Provider| is_same_provider(&one.mechanism, &entry.mechanism);
            providers.iter().find(same).map(|one| one.found.clone().unwrap_or_default())
        });
        true
    }

    /// Asks a provider if it is due. Returns true if it has found something new.
    fn ask(
        &mut self,
        provider: &mut Provider,
        job: &ScrapeConfig,
        moved: bool,
        host: &Host,
        network: &mut dyn Network,
    ) -> bool {
        let first = provider.found.is_none();
        let due = first || self.now >= provider.next;
        match provider.mechanism.clone() {
            _ if provider.broken => false,
            SdMechanism::Kubernetes(settings) if moved || first || provider.failures > 0 => {
                if provider.failures > 0 && !due {
                    return false;
                }
                self.watch_objects(provider, &settings, job, host, network);
                true
            }
            SdMechanism::Http { url, refresh_interval } if due => {
                provider.next = self.now + refresh_interval.millis().max(1);
                self.fetch_targets(provider, job, (&url.value, refresh_interval), host, network)
            }
            SdMechanism::Dns { refresh_interval, .. } if due => {
                provider.next = self.now + refresh_interval.millis().max(1);
                self.look_up(provider, job, network);
                true
            }
            _ => false,
        }
    }

    /// Lists the objects of a role. Refusals are logged, and tried again later and later.
    fn watch_objects(
        &mut self,
        provider: &mut Provider,
        settings: &KubernetesSdConfig,
        job: &ScrapeConfig,
        host: &Host,
        network: &mut dyn Network,
    ) {
        let entry =
            job.discovery.iter().find(|one| is_same_provider(&one.mechanism, &provider.mechanism));
        let Some(location) = entry.map(|entry: &SdConfig| entry.location) else { return };
        let own = host.files.read(&format!("{SERVICE_ACCOUNT}/namespace")).ok();
        let discover =
            |cluster: &Cluster, access: &dyn discovery::Access, network: &dyn Network| {
                let environment = Environment {
                    cluster,
                    access,
                    own_namespace: own.map(str::trim),
                    resolver: network,
                    config_directory: "",
                    files: &[],
                    samples: &[],
                };
                discovery::kubernetes::discover(settings, location, &environment)
            };
        let mut lines = Vec::new();
        let found = match network.cluster(&settings.api_server) {
            Some(view) => {
                let found = discover(view.cluster, view.access, network);
                lines.extend(found.log.iter().map(|line| line.message.clone()));
                found
            }
            None => {
                let client = ApiClient::new(&settings.api_server, &provider.client, host);
                let listing: Listing = client.list(settings, own, &host.files, network, self.now);
                lines.extend(listing.errors());
                discover(&listing.cluster, &listing, network)
            }
        };
        // Source: k8s.io/client-go tools/cache/reflector.go, a back-off of 800 ms to 30 s.
        provider.failures = match lines.is_empty() {
            true => 0,
            false => provider.failures.saturating_add(1),
        };
        let pause = 800_i64.saturating_mul(1 << provider.failures.min(6)).min(30_000);
        provider.next = self.now + pause;
        for line in lines {
            let what =
                line.strip_prefix("failed to list *v1.").and_then(|rest| rest.split(':').next());
            let failed = LogLine::error("Failed to watch").at("reflector.go:204");
            let failed = failed.with("component", "k8s_client_runtime");
            let failed = failed.with("logger", "UnhandledError").with("err", &*line);
            let failed = failed.with("reflector", REFLECTOR);
            let kind = what.map(|what| format!("*v1.{what}")).unwrap_or_default();
            self.logs(failed.with("type", kind));
        }
        provider.found = Some(found);
    }

    fn look_up(&mut self, provider: &mut Provider, job: &ScrapeConfig, network: &dyn Network) {
        let environment = Environment {
            cluster: &Cluster::default(),
            access: &discovery::Unrestricted,
            own_namespace: None,
            resolver: network,
            config_directory: "",
            files: &[],
            samples: &[],
        };
        let mut of_entry = job.clone();
        of_entry.discovery.retain(|one| is_same_provider(&one.mechanism, &provider.mechanism));
        let found = discovery::discover(&of_entry, &environment).into_iter().next();
        provider.found = Some(found.unwrap_or_default());
    }

    /// Asks an HTTP service for targets. If that fails, the former targets stay.
    fn fetch_targets(
        &mut self,
        provider: &mut Provider,
        job: &ScrapeConfig,
        (url, interval): (&str, Duration),
        host: &Host,
        network: &mut dyn Network,
    ) -> bool {
        let result = self.targets_of_url(provider, url, interval, host, network);
        let entry =
            job.discovery.iter().find(|one| is_same_provider(&one.mechanism, &provider.mechanism));
        let location = entry.map(|entry| entry.location).unwrap_or_default();
        let mut found =
            Discovered { location, mechanism: "http_sd_configs".into(), ..Discovered::default() };
        match result {
            Ok(groups) => {
                found.groups = groups;
                provider.found = Some(found);
                true
            }
            Err(error) => {
                let first = provider.found.is_none();
                let line = LogLine::error("Unable to refresh target groups");
                let line = line.at(if first { "refresh.go:72" } else { "refresh.go:91" });
                let line = line.with("component", COMPONENT).with("discovery", "http");
                self.logs(line.with("config", &**job.job_name).with("err", error));
                provider.found.get_or_insert(found);
                first
            }
        }
    }

    fn targets_of_url(
        &self,
        provider: &Provider,
        url: &str,
        interval: Duration,
        host: &Host,
        network: &mut dyn Network,
    ) -> Result<Vec<std::sync::Arc<discovery::TargetGroup>>, String> {
        let seconds = go::number::format_general(interval.seconds(), None);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut request = Outgoing {
            method: "GET",
            url: url.to_owned(),
            headers: vec![
                header("Accept", "application/json"),
                header("User-Agent", USER_AGENT),
                header("X-Prometheus-Refresh-Interval-Seconds", &seconds),
            ],
            timeout: interval,
            ..Outgoing::default()
        };
        let ready = provider.client.authorize(&mut request, &host.files);
        ready.map_err(|error| request.failure(&error))?;
        let (answer, _) = self.send(&request, host, network);
        let answer: Answer = answer?;
        if answer.status != 200 {
            let status = simulation::events::status_line(answer.status);
            return Err(format!("server returned HTTP status {status}"));
        }
        let content_type = answer.header("Content-Type");
        if !is_json(content_type) {
            let given = go::quote::quote(content_type.trim());
            return Err(format!("unsupported content type {given}"));
        }
        let parsed = yaml::parse(FileId(1), &answer.body);
        http_targets(&parsed, url).map_err(|(error, _)| error)
    }

    /// Reads the files of targets again, as Prometheus does after each change in their folders. A file
    /// that is written beside another and renamed causes two changes.
    pub fn notice_files(&mut self, host: &Host) {
        if self.phase != Phase::Ready {
            return;
        }
        let path = self.flags.get("config.file").to_owned();
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in &mut jobs {
            self.read_targets(job, &path, host, true);
        }
        self.jobs = jobs;
    }

    /// Reads the files of `file_sd_configs`: all of them if one has changed, or if `always` is set.
    fn read_targets(&mut self, job: &mut Job, path: &str, host: &Host, always: bool) {
        let mut texts = BTreeMap::new();
        for entry in &job.config.discovery {
            let SdMechanism::File { files: patterns, .. } = &entry.mechanism else { continue };
            for (pattern, _) in patterns {
                for file in host.files.glob(&beside(path, pattern)) {
                    let text = host.files.read(&file).map(str::to_owned);
                    texts.insert(file, text);
                }
            }
        }
        if texts == job.texts && !always {
            return;
        }
        job.files.retain(|file, _| texts.contains_key(file));
        for file in texts.keys() {
            self.read_targets_file(job, file, &host.files);
        }
        job.texts = texts;
        job.files_read = true;
    }

    fn read_targets_file(&mut self, job: &mut Job, file: &str, files: &Files) {
        match targets_file(file, files) {
            Ok(parsed) => {
                job.files.insert(file.to_owned(), parsed);
            }
            Err(error) => {
                let line = LogLine::error("Error reading file").at("file.go:341");
                let line = line.with("component", COMPONENT).with("discovery", "file");
                let line = line.with("config", &**job.config.job_name).with("path", file);
                self.logs(line.with("err", error));
            }
        }
    }
}

/// The place of the reflectors in client-go.
const REFLECTOR: &str = "k8s.io/client-go@v0.35.3/tools/cache/reflector.go:289";

/// Source: discovery/http/http.go `matchContentType`.
fn is_json(content_type: &str) -> bool {
    let lower = content_type.trim().to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("application/json") else { return false };
    let charset = rest.strip_prefix(';').map(str::trim_start);
    rest.is_empty() || matches!(charset, Some("charset=utf-8" | "charset=\"utf-8\""))
}

/// Discovery in a cluster needs the address of the API server and the token of the service account.
/// Source: k8s.io/client-go rest/config.go `InClusterConfig`.
fn service_account_error(host: &Host) -> Option<String> {
    let variable = |name: &str| host.environment.get(name).is_some_and(|one| !one.is_empty());
    if !(variable("KUBERNETES_SERVICE_HOST") && variable("KUBERNETES_SERVICE_PORT")) {
        return Some(
            "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and \
             KUBERNETES_SERVICE_PORT must be defined"
                .to_owned(),
        );
    }
    host.files.read(&format!("{SERVICE_ACCOUNT}/token")).err()
}
