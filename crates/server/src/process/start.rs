//! The start of the server. The steps come in the order of the real one; the first that fails ends the
//! process.

use go::path::clean;
use go::quote::quote;
use prometheus::Mode;

use promql::storage::{Options, Storage};
use promql::{Labels, Timestamp};
use simulation::scrape::ScrapeLoops;
use simulation::signal::seed_of;

use super::command_line::{CommandLine, Refusal, command_line};
use super::log::LogLine;
use super::notifying::Notifier;
use super::scraping::SYNC_INTERVAL;
use super::{DataSource, Host, Phase, Process, Retention, evaluating, reload};
use crate::configuration::Configuration;
use crate::files::Files;
use crate::state::Flags;
use crate::web_config::{validate_web_config, web_users};

/// The outcome of a start.
pub enum Started {
    Running(Box<Process>),
    /// The process has ended.
    Ended {
        exit_code: i32,
        stderr: Vec<String>,
        usage: bool,
        log: Vec<LogLine>,
    },
}

/// An end of the start, with the exit code. The lines are in the log.
struct Exit(i32);

/// From the start of the process until it listens, in milliseconds.
const OPENS_AFTER: i64 = 100;
/// The time that an empty storage takes to open, in milliseconds.
const EMPTY_REPLAY: i64 = 50;

/// Starts the server at a time, with the arguments after the name of the program.
pub fn start(args: &[String], host: &Host, now: Timestamp) -> Started {
    let ended =
        |exit_code| Started::Ended { exit_code, stderr: Vec::new(), usage: false, log: Vec::new() };
    let flags = match command_line(args) {
        CommandLine::Run(flags) => flags,
        CommandLine::Help | CommandLine::Version => return ended(0),
        CommandLine::Refused(refusal) => return refused(refusal),
    };
    if let Some(refusal) = wrong_address(&flags) {
        return refused(refusal);
    }
    let mut process = Process::new(flags, host, now);
    match process.run(host) {
        Ok(()) => Started::Running(Box::new(process)),
        Err(Exit(exit_code)) => {
            Started::Ended { exit_code, stderr: Vec::new(), usage: false, log: process.log }
        }
    }
}

/// The URL under which the server is reached, without a slash at its end.
///
/// Source: `computeExternalURL`.
fn external_url(flags: &Flags, hostname: &str) -> String {
    let given = flags.get("web.external-url");
    if !given.is_empty() {
        return given.trim_end_matches('/').to_owned();
    }
    let address = flags.get("web.listen-address");
    let port = go::net::listen_port(address);
    format!("http://{hostname}:{port}")
}

fn refused(refusal: Refusal) -> Started {
    let Refusal { exit_code, stderr, usage } = refusal;
    Started::Ended { exit_code, stderr, usage, log: Vec::new() }
}

/// Refuses an external URL or a listen address. Source: `computeExternalURL`.
fn wrong_address(flags: &Flags) -> Option<Refusal> {
    let url = flags.get("web.external-url");
    let wrong = |why: String| Refusal::new(2, format!("parse external URL {}: {why}", quote(url)));
    if url.is_empty() {
        let address = flags.get("web.listen-address");
        let split = go::net::split_host_port(address);
        return split.err().map(|reason| wrong(format!("address {address}: {reason}")));
    }
    let is_quoted = |c: char| url.starts_with(c) || url.ends_with(c);
    if is_quoted('"') || is_quoted('\'') {
        return Some(wrong("URL must not begin or end with quotes".to_owned()));
    }
    go::url::parse(url).err().map(wrong)
}

impl Process {
    fn new(flags: Flags, host: &Host, now: Timestamp) -> Self {
        let hash = seed_of(0, &host.hostname);
        Self {
            config_yaml: String::new(),
            reload_successful: false,
            pools: Vec::new(),
            groups: Vec::new(),
            retention: Retention::default(),
            log: Vec::new(),
            storage: Storage::new(Options::default()),
            phase: Phase::Opening { until: now + OPENS_AFTER },
            started: now,
            now,
            last_reload: now,
            external_labels: Labels::empty(),
            external_url: external_url(&flags, &host.hostname),
            jobs: Vec::new(),
            loops: ScrapeLoops::new(hash),
            next_sync: now,
            rules: evaluating::engine(&flags),
            notifier: Notifier::default(),
            remotes: Vec::new(),
            appended: 0,
            watched: Vec::new(),
            next_watch: None,
            users: Vec::new(),
            data: DataSource::default(),
            provided_metrics: None,
            flags,
        }
    }

    /// Runs the steps that have to succeed before the server listens.
    fn run(&mut self, host: &Host) -> Result<(), Exit> {
        self.warn_of_features();
        self.check_files(&host.files)?;
        let mode = if self.mode() == Mode::Agent { "agent" } else { "server" };
        self.logs(
            LogLine::info("updated GOGC").at("main.go:1736").with("old", "100").with("new", "75"),
        );
        let starting =
            format!("Starting Prometheus {}", if mode == "agent" { "Agent" } else { "Server" });
        self.logs(LogLine::info(starting).at("main.go:902").with("mode", mode));
        self.open_query_log(host)?;
        self.listen(host)?;
        self.open_storage(host)
    }

    /// The steps of the start that come after a while.
    pub(super) fn go_on_starting(&mut self, host: &Host) {
        match self.phase {
            Phase::Opening { until } => {
                self.phase = Phase::Replaying { until: until + EMPTY_REPLAY };
            }
            Phase::Replaying { .. } => match self.first_configuration(host) {
                Ok(()) => self.phase = Phase::Ready,
                Err(Exit(exit_code)) => self.phase = Phase::Ended { exit_code },
            },
            Phase::Ready | Phase::Ended { .. } => {}
        }
    }

    /// Source: `setFeatureListOptions`.
    fn warn_of_features(&mut self) {
        let listed = self.flags.get("enable-feature").to_owned();
        for option in listed.split(',').filter(|option| !option.is_empty()) {
            let why = match option {
                known if KNOWN_FEATURES.contains(&known) => continue,
                "native-histograms" => {
                    "This option for --enable-feature is a no-op. To scrape native histograms, set the \
                     scrape_native_histograms scrape config setting to true."
                }
                "promql-duration-expr" => {
                    "This option for --enable-feature is now permanently enabled and therefore a no-op."
                }
                "auto-reload-config" => {
                    "This option for --enable-feature is deprecated. Use --config.auto-reload instead."
                }
                _ => "Unknown option for --enable-feature",
            };
            self.logs(LogLine::warn(why).with("option", option));
        }
    }

    /// Configuration, files of jobs and rule files are read before anything else starts.
    fn check_files(&mut self, files: &Files) -> Result<(), Exit> {
        let path = self.flags.get("config.file").to_owned();
        let fatal = |message: String, error: String| {
            LogLine::error(message).with("file", files.absolute(&path)).with("err", error)
        };
        let quoted = quote(&path);
        let configuration = match Configuration::read(&path, self.mode(), files) {
            Ok(configuration) => configuration,
            Err(error) => {
                let message = format!("Error loading config (--config.file={path})");
                self.logs(fatal(message, error));
                return Err(Exit(2));
            }
        };
        if let Err(error) = configuration.jobs(self.mode()) {
            let what = "Error loading dynamic scrape config files from config";
            self.logs(fatal(format!("{what} (--config.file={quoted})"), error));
            return Err(Exit(2));
        }
        let found = reload::rule_files(&configuration, &path, files);
        for (pattern, file) in found {
            if let Err(errors) = reload::read_groups(&file, &self.flags, files) {
                let lines: Vec<String> =
                    errors.iter().map(|error| format!("{file}: {error}")).collect();
                let error = format!(
                    "parse rules from file {} (pattern: {}): {}",
                    quote(&file),
                    quote(&pattern),
                    lines.join("\n")
                );
                let what = "Error loading rule file patterns from config";
                self.logs(fatal(format!("{what} (--config.file={quoted})"), error));
                return Err(Exit(2));
            }
        }
        Ok(())
    }

    /// The file of running queries is the first that is written. An agent has none.
    /// Source: promql/query_logger.go `NewActiveQueryTracker`.
    fn open_query_log(&mut self, host: &Host) -> Result<(), Exit> {
        if self.mode() == Mode::Agent {
            return Ok(());
        }
        let folder = self.flags.get("storage.tsdb.path").to_owned();
        let folder = folder.trim_end_matches('/');
        let Some(denied) = denied(folder, host) else { return Ok(()) };
        let refusal = refusal(folder, host);
        let tracker = |line: LogLine| line.with("component", "activeQueryTracker");
        let (line, error) = match denied {
            Denied::Folder(missing) => {
                let error = format!("mkdir {missing}: {refusal}");
                let line = LogLine::error("Failed to create directory for logging active queries");
                (
                    tracker(line).with("err", &*error),
                    format!("create active query log directory: {error}"),
                )
            }
            Denied::File => {
                let file = format!("{folder}/queries.active");
                let error = format!("open {file}: {refusal}");
                let line = tracker(LogLine::error("Error opening query log file"));
                (
                    line.with("file", &*file).with("err", &*error),
                    format!("create mmap-ed active query log: {error}"),
                )
            }
        };
        self.logs(line);
        self.logs(LogLine::error("failed to initialize active query tracker").with("err", error));
        Err(Exit(1))
    }

    fn listen(&mut self, host: &Host) -> Result<(), Exit> {
        let address = self.flags.get("web.listen-address").to_owned();
        let port = go::net::listen_port(&address);
        let same = |taken: &&String| go::net::listen_port(taken) == port;
        if host.listening.iter().any(|taken| same(&taken)) {
            let error = format!("listen tcp {address}: bind: address already in use");
            self.logs(LogLine::error("Unable to start web listener").with("err", error));
            return Err(Exit(1));
        }
        let file = self.flags.get("web.config.file").to_owned();
        if file.is_empty() {
            return Ok(());
        }
        if let Err(error) = validate_web_config(&file, &host.files) {
            let what = "Unable to validate web configuration file";
            self.logs(LogLine::error(what).with("err", error));
            return Err(Exit(1));
        }
        self.users = web_users(&file, &host.files);
        Ok(())
    }

    /// Source: tsdb/db.go `open`, util/tsdbutil dir_locker.go.
    fn open_storage(&mut self, host: &Host) -> Result<(), Exit> {
        let agent = self.mode() == Mode::Agent;
        let kind = if agent { "agent" } else { "tsdb" };
        let folder = host.files.absolute(self.flags.get(&format!("storage.{kind}.path")));
        if self.flags.is_on(&format!("storage.{kind}.no-lockfile"))
            || !host.locked.contains(&folder)
        {
            return Ok(());
        }
        let replaced = "A lockfile from a previous execution already existed. It was replaced";
        let line = LogLine::warn(replaced).with("component", kind);
        self.logs(line.with("file", format!("{folder}/lock")));
        let error = "opening storage failed: lock DB directory: resource temporarily unavailable";
        self.logs(LogLine::error("Fatal error").with("err", error));
        Err(Exit(1))
    }

    fn first_configuration(&mut self, host: &Host) -> Result<(), Exit> {
        let path = quote(self.flags.get("config.file"));
        if let Err(error) = self.load(host) {
            let error = format!("error loading config from {path}: {error}");
            self.logs(LogLine::error("Fatal error").with("err", error));
            return Err(Exit(1));
        }
        self.reload_successful = true;
        let ready = "Server is ready to receive web requests.";
        self.logs(LogLine::info(ready).at("main.go:1453"));
        self.next_sync = self.now + SYNC_INTERVAL;
        self.next_watch = self.watch_interval().map(|interval| self.now + interval);
        Ok(())
    }
}

/// The features of `--enable-feature` that change something in version 3.14.
const KNOWN_FEATURES: &[&str] = &[
    "exemplar-storage",
    "memory-snapshot-on-shutdown",
    "extra-scrape-metrics",
    "promql-per-step-stats",
    "promql-experimental-functions",
    "promql-delayed-name-removal",
    "promql-extended-range-selectors",
    "promql-binop-fill-modifiers",
    "concurrent-rule-eval",
    "delayed-compaction",
    "created-timestamp-zero-ingestion",
    "use-uncached-io",
    "old-ui",
    "metadata-wal-records",
    "type-and-unit-labels",
    "otlp-deltatocumulative",
    "otlp-native-delta-ingestion",
];

/// A refusal of the file system.
enum Denied {
    /// The first folder that is missing and cannot be created.
    Folder(String),
    /// The folder is there, but no file can be created in it.
    File,
}

fn is_inside(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The error of a system call that creates something in a folder where that is not possible.
fn refusal(folder: &str, host: &Host) -> &'static str {
    let absolute = clean(&host.files.absolute(folder));
    match host.read_only.iter().any(|one| is_inside(&absolute, one)) {
        true => "read-only file system",
        false => "permission denied",
    }
}

/// The refusal of writing into a folder, which is created if it is missing.
fn denied(folder: &str, host: &Host) -> Option<Denied> {
    let absolute = clean(&host.files.absolute(folder));
    let longest = |folders: &[String]| {
        let around = folders.iter().filter(|folder| is_inside(&absolute, folder));
        around.map(String::len).max()
    };
    if longest(&host.writable) > longest(&host.read_only) {
        return None;
    }
    if host.files.exists(&absolute) {
        return Some(Denied::File);
    }
    // The topmost folder that is not there.
    let mut missing = absolute.as_str();
    while let Some((parent, _)) = missing.rsplit_once('/') {
        if parent.is_empty() || host.files.exists(parent) {
            break;
        }
        missing = parent;
    }
    Some(Denied::Folder(missing.to_owned()))
}
