//! The command line of Prometheus: the flags that are given, and the errors that end the process.
//!
//! kingpin parses in two passes. The first finds flags and their values; its errors are followed by
//! the same error again from the printing of the usage, and the exit code is 1. The second sets the
//! values; its errors are followed by the usage, and the exit code is 2.
//!
//! Source: cmd/prometheus/main.go.

use std::sync::LazyLock;

use go::quote::quote;
use kingpin::{Command, Error, Flag, Kind, Matches, NoPaths, Parsed, parse};
use kubernetes::flags::{FLAGS, FlagInfo};

use crate::state::Flags;

/// The result of reading a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandLine {
    Run(Flags),
    /// `--help`: the usage, exit code 0.
    Help,
    /// `--version`: the version, exit code 0.
    Version,
    Refused(Refusal),
}

/// An end of the process before it has a logger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub exit_code: i32,
    pub stderr: Vec<String>,
    /// The usage is printed to standard output.
    pub usage: bool,
}

impl Refusal {
    pub(super) fn new(exit_code: i32, stderr: impl Into<String>) -> Self {
        Self { exit_code, stderr: vec![stderr.into()], usage: false }
    }
}

const PROMETHEUS_DURATIONS: &[&str] = &[
    "config.auto-reload-interval",
    "storage.tsdb.retention.time",
    "storage.tsdb.min-block-duration",
    "storage.tsdb.max-block-duration",
    "storage.tsdb.block-reload-interval",
    "storage.agent.wal-truncate-frequency",
    "storage.agent.retention.min-time",
    "storage.agent.retention.max-time",
    "storage.remote.flush-deadline",
    "web.read-timeout",
    "query.lookback-delta",
    "query.timeout",
    "rules.alert.for-outage-tolerance",
    "rules.alert.for-grace-period",
    "rules.alert.resend-delay",
    "scrape.discovery-reload-interval",
];
const GO_DURATIONS: &[&str] = &["scrape.timestamp-tolerance", "auto-gomemlimit.refresh-interval"];
const BYTES: &[&str] = &[
    "storage.tsdb.retention.size",
    "storage.tsdb.wal-segment-size",
    "storage.tsdb.max-block-chunk-segment-size",
    "storage.agent.wal-segment-size",
];
const NUMBERS: &[&str] = &[
    "web.max-connections",
    "web.max-notifications-subscribers",
    "web.search.max-limit",
    "query.max-concurrency",
    "query.max-samples",
    "rules.max-concurrent-evals",
    "alertmanager.notification-queue-capacity",
    "alertmanager.notification-batch-size",
    "auto-gomemlimit.ratio",
    "storage.tsdb.head-chunks-write-queue-size",
    "storage.tsdb.samples-per-chunk",
    "storage.tsdb.delayed-compaction.max-percent",
    "storage.agent.checkpoint-batch-size",
    "storage.remote.read-sample-limit",
    "storage.remote.read-concurrent-limit",
    "storage.remote.read-max-bytes-in-frame",
];
/// Flags that may be given several times.
const REPEATABLE: &[&str] = &[
    "enable-feature",
    "web.listen-address",
    "web.remote-write-receiver.accepted-protobuf-messages",
];

/// The program with its flags.
pub(crate) static PROMETHEUS: LazyLock<Command> = LazyLock::new(|| {
    let own = FLAGS.iter().filter(|flag| !matches!(flag.name, "help" | "version"));
    let flags: Vec<Flag> = own.map(|flag| Flag::new(flag.name, kind(flag), "")).collect();
    Command::leaf("prometheus", "", flags.leak(), &[])
});

/// Returns the type of a flag's value.
fn kind(flag: &FlagInfo) -> Kind {
    match flag.name {
        _ if !flag.takes_value => Kind::Bool,
        "log.level" => {
            Kind::Checked(|value| log_word("level", &["debug", "info", "warn", "error"], value))
        }
        "log.format" => Kind::Checked(|value| log_word("format", &["logfmt", "json"], value)),
        name if PROMETHEUS_DURATIONS.contains(&name) => Kind::PrometheusDuration,
        name if GO_DURATIONS.contains(&name) => Kind::Duration,
        name if BYTES.contains(&name) => {
            Kind::Checked(|value| prometheus::values::size::parse(value).map(|_| ()))
        }
        name if NUMBERS.contains(&name) => Kind::Int,
        name if REPEATABLE.contains(&name) => Kind::Texts,
        _ => Kind::Text,
    }
}

/// Refuses a value that is none of the words of a flag of the logger.
fn log_word(name: &str, words: &[&str], value: &str) -> Result<(), String> {
    match words.contains(&value) {
        true => Ok(()),
        false => Err(format!("unrecognized log {name} {value}")),
    }
}

/// Parses the arguments after the name of the program.
pub fn command_line(args: &[String]) -> CommandLine {
    let parsing = "Error parsing command line arguments";
    match parse(&PROMETHEUS, args, &NoPaths) {
        Ok(Parsed::Command(matches)) => match wrong_mode(&matches) {
            Some(refusal) => CommandLine::Refused(refusal),
            None => CommandLine::Run(Flags::of_matches(&matches)),
        },
        Ok(Parsed::Help(_) | Parsed::NoCommand) => CommandLine::Help,
        Ok(Parsed::Version) => CommandLine::Version,
        Err(Error::Syntax(error)) => {
            let stderr = vec![format!("{parsing}: {error}"), format!("prometheus: error: {error}")];
            CommandLine::Refused(Refusal { exit_code: 1, stderr, usage: false })
        }
        Err(Error::Value(error)) => {
            let stderr = vec![format!("{parsing}: {error}")];
            CommandLine::Refused(Refusal { exit_code: 2, stderr, usage: true })
        }
    }
}

/// Flags that belong to one mode of the server alone. Their help says so.
fn belongs_to_server(name: &str) -> bool {
    ["storage.tsdb.", "storage.remote.read-", "rules.", "alertmanager.", "query.", "web.search."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Refuses flags of the agent in a server, and the reverse.
fn wrong_mode(matches: &Matches) -> Option<Refusal> {
    let agent = matches.given_flags().any(|(name, _)| name == "agent");
    let wrong = |name: &str| match agent {
        true => belongs_to_server(name),
        false => name.starts_with("storage.agent."),
    };
    let names: Vec<String> = matches
        .given_flags()
        .filter(|(name, _)| wrong(name))
        .map(|(name, _)| quote(&format!("--{name}")))
        .collect();
    let rule = if agent { "not be used" } else { "only be used" };
    (!names.is_empty()).then(|| {
        let names = names.join(" ");
        Refusal::new(3, format!("The following flag(s) can {rule} in agent mode: [{names}]"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(line: &str) -> String {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        match command_line(&args) {
            CommandLine::Run(flags) => flags.get("config.file").to_owned(),
            CommandLine::Help => "help".to_owned(),
            CommandLine::Version => "version".to_owned(),
            CommandLine::Refused(refusal) => {
                format!("{} {}", refusal.exit_code, refusal.stderr.join("; "))
            }
        }
    }

    #[test]
    fn command_lines_are_parsed_as_by_kingpin() {
        let twice = |error: &str| {
            format!("1 Error parsing command line arguments: {error}; prometheus: error: {error}")
        };
        let once = |error: &str| format!("2 Error parsing command line arguments: {error}");
        for (line, expected) in [
            ("", "prometheus.yml".to_owned()),
            ("--config.file=a --no-agent", "a".to_owned()),
            ("--config.file a --web.listen-address=:1 --web.listen-address=:2", "a".to_owned()),
            ("-h", "help".to_owned()),
            ("--version", "version".to_owned()),
            ("-config.file=a", twice("unknown short flag '-c'")),
            ("a", twice("unexpected a")),
            ("--web.enable-lifecycle=true", twice("unexpected true")),
            ("--no-config.file=a", twice("unknown long flag '--no-config.file'")),
            ("--config.file --agent", twice("expected argument for flag '--config.file'")),
            ("--query.timeout=120", once("not a valid duration string: \"120\"")),
            (
                "--query.max-samples=many",
                once("strconv.ParseFloat: parsing \"many\": invalid syntax"),
            ),
            ("--log.format=xml", once("unrecognized log format xml")),
            ("--storage.tsdb.retention.size=1Gi", once("units: unknown unit Gi in 1Gi")),
            ("--agent --agent", once("flag 'agent' cannot be repeated")),
            (
                "--agent --query.timeout=1m",
                "3 The following flag(s) can not be used in agent mode: [\"--query.timeout\"]"
                    .to_owned(),
            ),
        ] {
            assert_eq!(outcome(line), expected, "{line}");
        }
    }
}
