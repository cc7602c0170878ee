//! Configurations in a running server: what a reload applies, and what discovery reads between reloads.

use std::collections::BTreeMap;

use discovery::SdFile;
use discovery::targets::Pool;
use go::Duration;
use go::quote::quote;
use prometheus::Mode;
use prometheus::config::{ScrapeConfig, SdMechanism, TlsSettings};
use prometheus::decode::expand_environment;
use prometheus::effective;
use prometheus::rule_files::{RuleGroup, RuleOptions, load_rules, refusals};
use promql::syntax::ParserOptions;
use schema::Section;
use text::{FileId, IndexSort};
use yaml::{Parsed, scalars};

use super::log::LogLine;
use super::{Host, LoadedGroup, Process, Retention};
use crate::configuration::Configuration;
use crate::files::{Files, beside};
use crate::flags::config_in_force;
use crate::state::Flags;
use crate::targets_files::{discover_without_cluster, targets_file};

/// The folder of a pod in which the kubelet mounts the token of its service account.
const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A job with the files of targets that it has read. A file that becomes bad keeps its last targets.
#[derive(Clone, Debug)]
pub(super) struct JobState {
    pub(super) job: ScrapeConfig,
    files: BTreeMap<String, Parsed>,
}

/// Rule files of a configuration, each with the pattern that names it.
pub(super) fn rule_files(
    configuration: &Configuration,
    path: &str,
    files: &Files,
) -> Vec<(String, String)> {
    let patterns = configuration.config().rule_files.iter();
    let patterns = patterns.map(|(pattern, _)| beside(path, pattern));
    let found = patterns.flat_map(|pattern| {
        let paths = files.glob(&pattern);
        paths.into_iter().map(move |file| (pattern.clone(), file)).collect::<Vec<_>>()
    });
    found.collect()
}

/// The groups of a rule file, or all its errors.
pub(super) fn read_groups(
    file: &str,
    flags: &Flags,
    files: &Files,
) -> Result<Vec<RuleGroup>, Vec<String>> {
    let text = files.read(file).map_err(|error| vec![error])?;
    let parsed = yaml::parse(FileId(0), text);
    let promql = ParserOptions {
        experimental_functions: flags.has_feature("promql-experimental-functions"),
        ..ParserOptions::default()
    };
    let loaded = load_rules(&parsed, text, &RuleOptions { promql, ..RuleOptions::default() });
    let errors = refusals(&parsed, &loaded);
    if errors.is_empty() { Ok(loaded.groups) } else { Err(errors) }
}

impl Process {
    /// Reads the files again, as after `POST /-/reload`, a SIGHUP, or a change that the automatic reload has
    /// noticed. The error is what the log and the answer say.
    pub fn reload(&mut self, host: &Host) -> Result<(), String> {
        let result = self.load(host);
        self.reload_successful = result.is_ok();
        if let Err(error) = &result {
            self.logs(LogLine::error("Error reloading config").with("err", &**error));
        }
        self.start_pools(host);
        result
    }

    /// Applies the configuration file. What fails keeps its former state; the rest is applied.
    /// Source: cmd/prometheus/main.go `reloadConfig`.
    pub(super) fn load(&mut self, host: &Host) -> Result<(), String> {
        let path = self.flags.get("config.file").to_owned();
        let file = host.files.absolute(&path);
        self.logs(LogLine::info("Loading configuration file").with("filename", &*file));
        let read = Configuration::read(&path, self.mode(), &host.files);
        self.watched = self.watch(read.as_ref().ok(), host);
        let configuration = read.map_err(|error| {
            format!("couldn't load configuration (--config.file={}): {error}", quote(&path))
        })?;
        self.warn_of_variables(&configuration, host);
        let main = configuration.main();
        self.config_yaml = config_in_force(&effective::effective(main).text, &self.flags);
        self.retention = retention(&configuration, &self.flags);
        let jobs = self.apply_jobs(&configuration);
        let alertmanagers = self.apply_alertmanagers(&configuration, host);
        let rules = self.apply_rules(&configuration, host);
        if jobs && alertmanagers && rules {
            let done = LogLine::info("Completed loading of configuration file");
            self.logs(done.with("filename", file));
            return Ok(());
        }
        Err(format!(
            "one or more errors occurred while applying the new configuration (--config.file={})",
            quote(&path)
        ))
    }

    fn fails_to_apply(&mut self, error: String) -> bool {
        self.logs(LogLine::error("Failed to apply configuration").with("err", error));
        false
    }

    fn apply_jobs(&mut self, configuration: &Configuration) -> bool {
        let jobs = match configuration.jobs(self.mode()) {
            Ok(jobs) => jobs,
            Err(error) => return self.fails_to_apply(error),
        };
        // A job whose settings are the same keeps its discovery, with the files that it has read.
        let mut former = std::mem::take(&mut self.jobs);
        let keeps =
            |state: &JobState, job: &ScrapeConfig| state.job.job_name.value == job.job_name.value;
        self.jobs = jobs
            .into_iter()
            .map(|job| {
                let kept = former.iter().position(|state| keeps(state, &job));
                let files = kept.map(|at| former.swap_remove(at).files).unwrap_or_default();
                JobState { job, files }
            })
            .collect();
        true
    }

    /// A certificate of an Alertmanager that cannot be read stops the configuration.
    fn apply_alertmanagers(&mut self, configuration: &Configuration, host: &Host) -> bool {
        let root = configuration.main().root().and_then(Section::new);
        let alerting = root.and_then(|root| root.section("alerting"));
        let entries = alerting.as_ref().map(|one| one.items("alertmanagers")).unwrap_or_default();
        let path = self.flags.get("config.file").to_owned();
        for entry in entries.iter().filter_map(Section::new) {
            let Some(tls) = entry.section("tls_config") else { continue };
            let file = |key: &str| Some(tls.text(key)).filter(|name| !name.is_empty());
            let names = [file("ca_file"), file("cert_file"), file("key_file")];
            let names = names.each_ref().map(|name| name.as_deref());
            if let Err(error) = tls_files(names, &path, &host.files) {
                return self.fails_to_apply(error);
            }
        }
        true
    }

    /// Source: rules/manager.go `Update`, `LoadGroups`.
    fn apply_rules(&mut self, configuration: &Configuration, host: &Host) -> bool {
        if self.mode() == Mode::Agent {
            return true;
        }
        let interval = configuration.config().evaluation_interval.as_ref();
        let interval = interval.map_or(Duration::from_secs(60), |one| one.value);
        let path = self.flags.get("config.file").to_owned();
        let mut groups = Vec::new();
        let mut errors = Vec::new();
        for (_, file) in rule_files(configuration, &path, &host.files) {
            match read_groups(&file, &self.flags, &host.files) {
                Ok(found) => groups.extend(found.into_iter().map(|group| LoadedGroup {
                    file: file.clone(),
                    interval: group.interval.as_ref().map_or(interval, |own| own.value),
                    group,
                })),
                Err(found) => {
                    errors = found.into_iter().map(|error| format!("{file}: {error}")).collect();
                    break;
                }
            }
        }
        if errors.is_empty() {
            self.groups = groups;
            return true;
        }
        for error in errors {
            let line = LogLine::error("loading groups failed").with("component", "rule manager");
            self.logs(line.with("err", error));
        }
        self.fails_to_apply("error loading rules, previous rule set restored".to_owned())
    }

    /// Warns of variables in external labels that the environment lacks.
    fn warn_of_variables(&mut self, configuration: &Configuration, host: &Host) {
        let root = configuration.main().root().and_then(Section::new);
        let global = root.and_then(|root| root.section("global"));
        let labels = global.and_then(|global| global.get("external_labels"));
        let mut missing = Vec::new();
        for entry in labels.into_iter().flat_map(yaml::Node::entries) {
            let value = scalars::string(&entry.value).unwrap_or_default();
            let names = std::cell::RefCell::new(Vec::new());
            expand_environment(&value, |name| {
                names.borrow_mut().push(name.to_owned());
                String::new()
            });
            let unset = |name: &String| host.environment.get(name).is_none_or(String::is_empty);
            missing.extend(names.into_inner().into_iter().filter(unset));
        }
        for name in missing {
            self.logs(LogLine::warn("Empty environment variable").with("name", name));
        }
    }

    /// What happens without a request: files of targets are read again, and the automatic reload compares the
    /// configuration with what it has loaded.
    pub fn refresh(&mut self, host: &Host) {
        let automatic =
            self.flags.is_on("config.auto-reload") || self.flags.has_feature("auto-reload-config");
        if automatic && self.has_changed(host) {
            let noticed = "Configuration file change detected, reloading the configuration.";
            self.logs(LogLine::info(noticed));
            // The error is in the log.
            let _ = self.reload(host);
            return;
        }
        self.start_pools(host);
    }

    /// Returns true if a file is not as it was when it was loaded.
    fn has_changed(&self, host: &Host) -> bool {
        let path = self.flags.get("config.file");
        let read = Configuration::read(path, self.mode(), &host.files);
        self.watch(read.as_ref().ok(), host) != self.watched
    }

    /// The files that the automatic reload compares: the configuration, rule files, files with jobs.
    fn watch(
        &self,
        configuration: Option<&Configuration>,
        host: &Host,
    ) -> Vec<(String, Option<String>)> {
        let path = self.flags.get("config.file");
        let text = |path: &str| (path.to_owned(), host.files.read(path).ok().map(str::to_owned));
        let mut watched = vec![text(path)];
        if let Some(configuration) = configuration {
            let config = configuration.config();
            let patterns = config.rule_files.iter().chain(&config.scrape_config_files);
            let patterns = patterns.map(|(pattern, _)| beside(path, pattern));
            watched.extend(patterns.flat_map(|one| host.files.glob(&one)).map(|file| text(&file)));
        }
        watched
    }

    /// Creates the pools of the jobs and runs their discovery.
    pub(super) fn start_pools(&mut self, host: &Host) {
        let path = self.flags.get("config.file").to_owned();
        let folder = host.files.absolute(path.rsplit_once('/').map_or(".", |(folder, _)| folder));
        let mut jobs = std::mem::take(&mut self.jobs);
        self.pools.clear();
        for state in &mut jobs {
            self.read_targets(state, &path, host);
            self.check_service_account(&state.job, host);
            if let Err(error) = job_tls(&state.job.http.tls, &path, &host.files) {
                let error = format!("error creating HTTP client: {error}");
                let line = LogLine::error("error creating new scrape pool");
                let line = line.with("component", "scrape manager").with("err", error);
                self.logs(line.with("scrape_pool", &**state.job.job_name));
                continue;
            }
            let files: Vec<SdFile<'_>> =
                state.files.iter().map(|(path, parsed)| SdFile { path, parsed }).collect();
            let found = discover_without_cluster(&state.job, &folder, &files);
            self.pools.push(Pool::new(&state.job, found));
        }
        self.pools.index_sort_by(|one, other| one.name.cmp(&other.name));
        self.jobs = jobs;
    }

    /// Reads the files of `file_sd_configs`. Source: discovery/file/file.go `refresh`.
    fn read_targets(&mut self, state: &mut JobState, path: &str, host: &Host) {
        let mut present = Vec::new();
        for entry in &state.job.discovery {
            let SdMechanism::File { files: patterns, .. } = &entry.mechanism else { continue };
            for (pattern, _) in patterns {
                present.extend(host.files.glob(&beside(path, pattern)));
            }
        }
        state.files.retain(|file, _| present.contains(file));
        for file in present {
            match targets_file(&file, &host.files) {
                Ok(parsed) => {
                    state.files.insert(file, parsed);
                }
                Err(error) => {
                    let line = LogLine::error("Error reading file");
                    let line = line.with("component", "discovery manager scrape");
                    let line = line.with("discovery", "file").with("config", &**state.job.job_name);
                    self.logs(line.with("path", file).with("err", error));
                }
            }
        }
    }

    /// Discovery in a cluster needs the address of the API server and the token of the service account.
    /// Source: k8s.io/client-go rest/config.go `InClusterConfig`.
    fn check_service_account(&mut self, job: &ScrapeConfig, host: &Host) {
        let in_cluster = job.discovery.iter().any(|entry| match &entry.mechanism {
            SdMechanism::Kubernetes(settings) => settings.api_server.is_empty(),
            _ => false,
        });
        let variable = |name: &str| host.environment.get(name).is_some_and(|one| !one.is_empty());
        let known = variable("KUBERNETES_SERVICE_HOST") && variable("KUBERNETES_SERVICE_PORT");
        let error = match () {
            () if !in_cluster => return,
            () if !known => "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and \
                             KUBERNETES_SERVICE_PORT must be defined"
                .to_owned(),
            () => match host.files.read(TOKEN) {
                Ok(_) => return,
                Err(error) => error,
            },
        };
        let line = LogLine::error("Cannot create service discovery");
        let line = line.with("component", "discovery manager scrape").with("err", error);
        self.logs(line.with("type", "kubernetes").with("config", &**job.job_name));
    }
}

/// Reads the files of a TLS section: certificate authority, certificate, key.
/// Source: github.com/prometheus/common config/http_config.go `NewTLSConfig`.
fn tls_files(names: [Option<&str>; 3], path: &str, files: &Files) -> Result<(), String> {
    let what = ["CA cert", "specified client cert", "specified client key"];
    for (name, what) in names.into_iter().zip(what) {
        let Some(name) = name else { continue };
        let file = beside(path, name);
        files.read(&file).map_err(|error| {
            format!("unable to read {what}: unable to read file {file}: {error}")
        })?;
    }
    Ok(())
}

fn job_tls(tls: &TlsSettings, path: &str, files: &Files) -> Result<(), String> {
    let file =
        |secret: &Option<prometheus::config::Secret>| secret.clone().and_then(|one| one.file);
    let names = [file(&tls.ca), file(&tls.cert), file(&tls.key)];
    tls_files(names.each_ref().map(|name| name.as_deref()), path, files)
}

/// The limits in force. A section `retention` in the file replaces both flags.
fn retention(configuration: &Configuration, flags: &Flags) -> Retention {
    let root = configuration.main().root().and_then(Section::new);
    let section = root
        .and_then(|root| root.section("storage"))
        .and_then(|storage| storage.section("tsdb"))
        .and_then(|tsdb| tsdb.section("retention"));
    let size = |text: &str| prometheus::values::size::parse(text).ok().filter(|bytes| *bytes > 0);
    match section {
        Some(section) => Retention {
            time: Duration::parse(&section.text("time")).ok().filter(|time| time.millis() > 0),
            size: size(&section.text("size")),
        },
        None => {
            let size = size(flags.get("storage.tsdb.retention.size"));
            Retention { time: flags.retention(), size }
        }
    }
}
