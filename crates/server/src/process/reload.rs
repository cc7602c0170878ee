//! Configurations in a running server: what a reload applies.

use go::Duration;
use go::quote::quote;
use prometheus::Mode;
use prometheus::decode::expand_environment;
use prometheus::effective;
use prometheus::rule_files::{RuleGroup, RuleOptions, load_rules, refusals};
use promql::{Labels, LabelsBuilder};
use schema::Section;
use text::FileId;
use yaml::scalars;

use super::discovering::Job;
use super::evaluating::{RunningGroup, parser};
use super::log::LogLine;
use super::notifying::Notifier;
use super::remote_write::RemoteWrite;
use super::{Host, Process, Retention};
use crate::configuration::Configuration;
use crate::files::{Files, beside};
use crate::flags::config_in_force;
use crate::state::Flags;

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
    let options = RuleOptions { promql: parser(flags), ..RuleOptions::default() };
    let loaded = load_rules(&parsed, text, &options);
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
            self.logs(
                LogLine::error("Error reloading config").at("main.go:1337").with("err", &**error),
            );
        }
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
        let variable = |name: &str| host.environment.get(name).cloned().unwrap_or_default();
        let main = configuration.main();
        let printed = effective::effective_in(main, &variable).text;
        self.config_yaml = config_in_force(&printed, &self.flags);
        self.external_labels = external_labels(&configuration, &variable);
        self.retention = retention(&configuration, &self.flags);
        let mut remotes = RemoteWrite::of(&configuration, &path, self.appended, self.now);
        remotes.iter_mut().for_each(|remote| remote.go_on_as(&self.remotes));
        self.remotes = remotes;
        let jobs = self.apply_jobs(&configuration, host);
        let alertmanagers = self.apply_alertmanagers(&configuration, host);
        let rules = self.apply_rules(&configuration, host);
        self.last_reload = self.now;
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

    fn apply_jobs(&mut self, configuration: &Configuration, host: &Host) -> bool {
        let jobs = match configuration.jobs(self.mode()) {
            Ok(jobs) => jobs,
            Err(error) => return self.fails_to_apply(error),
        };
        let path = self.flags.get("config.file").to_owned();
        let mut former = std::mem::take(&mut self.jobs);
        let new = jobs.into_iter().map(|job| {
            let same = |old: &Job| old.config.job_name.value == job.job_name.value;
            let old = former.iter().position(same).map(|at| former.swap_remove(at));
            Job::new(job, configuration, &path, old)
        });
        self.jobs = new.collect();
        self.create_providers(host);
        self.remove_pools();
        true
    }

    /// A certificate of an Alertmanager that cannot be read stops the configuration.
    fn apply_alertmanagers(&mut self, configuration: &Configuration, host: &Host) -> bool {
        let path = self.flags.get("config.file").to_owned();
        match Notifier::of(configuration, &path, host) {
            Ok(notifier) => self.notifier = notifier,
            Err(error) => return self.fails_to_apply(error),
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
        let offset = configuration.config().rule_query_offset.as_ref();
        let offset = offset.map(|offset| offset.value).unwrap_or_default();
        let path = self.flags.get("config.file").to_owned();
        let mut groups = Vec::new();
        let mut errors = Vec::new();
        for (_, file) in rule_files(configuration, &path, &host.files) {
            match read_groups(&file, &self.flags, &host.files) {
                Ok(found) => groups.extend(found.into_iter().map(|group| {
                    let interval = group.interval.as_ref().map_or(interval, |own| own.value);
                    RunningGroup::new(file.clone(), interval, group, offset, self.now)
                })),
                Err(found) => {
                    errors = found.into_iter().map(|error| format!("{file}: {error}")).collect();
                    break;
                }
            }
        }
        if errors.is_empty() {
            self.replace_groups(groups);
            self.rules.engine.options.default_subquery_step = interval;
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

    /// Compares the files of the configuration with what was loaded, and reloads them if they differ.
    pub(super) fn compare_files(&mut self, host: &Host) {
        self.next_watch = self.watch_interval().map(|interval| self.now + interval);
        if self.has_changed(host) {
            let noticed = "Configuration file change detected, reloading the configuration.";
            self.logs(LogLine::info(noticed).at("main.go:1411"));
            // The error is in the log.
            let _ = self.reload(host);
        }
    }

    /// Milliseconds between two looks of the automatic reload; None if it is off.
    pub(super) fn watch_interval(&self) -> Option<i64> {
        let automatic =
            self.flags.is_on("config.auto-reload") || self.flags.has_feature("auto-reload-config");
        let interval = Duration::parse(self.flags.get("config.auto-reload-interval"));
        automatic.then(|| interval.unwrap_or(Duration(30_000)).millis().max(1))
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
}

/// The external labels, with the variables of the environment.
fn external_labels(configuration: &Configuration, variable: &dyn Fn(&str) -> String) -> Labels {
    let root = configuration.main().root().and_then(Section::new);
    let global = root.and_then(|root| root.section("global"));
    let labels = global.and_then(|global| global.get("external_labels"));
    let mut builder = LabelsBuilder::new();
    for entry in labels.into_iter().flat_map(yaml::Node::entries) {
        let text = |node| scalars::string(node).unwrap_or_default();
        builder.set(&*text(&entry.key), expand_environment(&text(&entry.value), variable));
    }
    builder.build()
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
