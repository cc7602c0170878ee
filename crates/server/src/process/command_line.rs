//! The command line of Prometheus: which flags are given, and how a wrong one ends the process.
//!
//! The library kingpin reads in two passes. The first finds flags and their values; its errors are followed by
//! the same error again from the printing of the usage, and the exit code is 1. The second sets the values;
//! its errors are followed by the usage, and the exit code is 2.
//!
//! Source: cmd/prometheus/main.go, github.com/alecthomas/kingpin/v2 parser.go.

use go::quote::quote;
use kubernetes::flags::{FlagInfo, find};

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

/// The type of a flag's value, as far as kingpin refuses values.
enum Value {
    Any,
    /// `1d`, the durations of Prometheus.
    PrometheusDuration,
    /// `1h30m`, the durations of Go.
    GoDuration,
    Bytes,
    Number,
    OneOf(&'static str, &'static [&'static str]),
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

fn value_of(name: &str) -> Value {
    match name {
        "log.level" => Value::OneOf("level", &["debug", "info", "warn", "error"]),
        "log.format" => Value::OneOf("format", &["logfmt", "json"]),
        name if PROMETHEUS_DURATIONS.contains(&name) => Value::PrometheusDuration,
        name if GO_DURATIONS.contains(&name) => Value::GoDuration,
        name if BYTES.contains(&name) => Value::Bytes,
        name if NUMBERS.contains(&name) => Value::Number,
        _ => Value::Any,
    }
}

/// Refuses a value that does not fit its flag.
fn check(name: &str, value: &str) -> Result<(), String> {
    match value_of(name) {
        Value::Any => Ok(()),
        Value::PrometheusDuration => {
            go::Duration::parse(value).map(|_| ()).map_err(|error| error.to_string())
        }
        Value::GoDuration => go::time::parse_duration(value).map(|_| ()),
        Value::Bytes => prometheus::values::size::parse(value).map(|_| ()),
        Value::Number if value.parse::<f64>().is_ok() => Ok(()),
        Value::Number => {
            Err(format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(value)))
        }
        Value::OneOf(_, words) if words.contains(&value) => Ok(()),
        Value::OneOf(what, _) => Err(format!("unrecognized log {what} {value}")),
    }
}

/// Flags with their values, in the order of the command line.
pub(crate) type Given = Vec<(&'static FlagInfo, String)>;

/// The first pass: flags and their values.
pub(crate) fn read<'a>(args: impl IntoIterator<Item = &'a str>) -> Result<Given, String> {
    let mut given = Vec::new();
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let Some(name) = arg.strip_prefix("--") else {
            let mut letters = arg.chars();
            match (letters.next(), letters.next()) {
                (Some('-'), Some('h')) => {
                    given.extend(find("help").map(|flag| (flag, "true".to_owned())));
                    continue;
                }
                (Some('-'), Some(letter)) => return Err(format!("unknown short flag '-{letter}'")),
                _ => return Err(format!("unexpected {arg}")),
            }
        };
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (name, None),
        };
        let positive = name.strip_prefix("no-");
        let (flag, negated) = match (find_exact(name), positive.and_then(find_exact)) {
            (Some(flag), _) => (flag, false),
            (None, Some(flag)) if !flag.takes_value => (flag, true),
            _ => return Err(format!("unknown long flag '--{name}'")),
        };
        let value = match (flag.takes_value, value) {
            (false, None) => (!negated).to_string(),
            (false, Some(value)) => return Err(format!("unexpected {value}")),
            (true, Some(value)) => value.to_owned(),
            (true, None) => args
                .next_if(|next| !next.starts_with('-'))
                .ok_or_else(|| format!("expected argument for flag '--{name}'"))?
                .to_owned(),
        };
        given.push((flag, value));
    }
    Ok(given)
}

/// A flag by its own name, not by that of its opposite.
fn find_exact(name: &str) -> Option<&'static FlagInfo> {
    find(name).filter(|flag| flag.name == name)
}

/// The second pass: the values, each held against the type of its flag.
fn checked(given: &Given) -> Result<(), String> {
    let mut seen: Vec<&str> = Vec::new();
    for (flag, value) in given {
        if seen.contains(&flag.name) && !REPEATABLE.contains(&flag.name) {
            return Err(format!("flag '{}' cannot be repeated", flag.name));
        }
        seen.push(flag.name);
        check(flag.name, value)?;
    }
    Ok(())
}

/// Reads the arguments behind the name of the program.
pub fn command_line(args: &[String]) -> CommandLine {
    let given = match read(args.iter().map(String::as_str)) {
        Ok(given) => given,
        Err(error) => {
            let stderr = vec![
                format!("Error parsing command line arguments: {error}"),
                format!("prometheus: error: {error}"),
            ];
            return CommandLine::Refused(Refusal { exit_code: 1, stderr, usage: false });
        }
    };
    let has = |name: &str| given.iter().any(|(flag, _)| flag.name == name);
    if has("help") {
        return CommandLine::Help;
    }
    if has("version") {
        return CommandLine::Version;
    }
    if let Err(error) = checked(&given) {
        let stderr = vec![format!("Error parsing command line arguments: {error}")];
        return CommandLine::Refused(Refusal { exit_code: 2, stderr, usage: true });
    }
    match wrong_mode(&given) {
        Some(refusal) => CommandLine::Refused(refusal),
        None => CommandLine::Run(Flags::of_given(given)),
    }
}

/// Flags that belong to one mode of the server alone. Their help says so.
fn belongs_to_server(name: &str) -> bool {
    ["storage.tsdb.", "storage.remote.read-", "rules.", "alertmanager.", "query.", "web.search."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Refuses flags of the agent in a server, and the reverse.
fn wrong_mode(given: &Given) -> Option<Refusal> {
    let agent = given.iter().any(|(flag, _)| flag.name == "agent");
    let wrong = |name: &str| match agent {
        true => belongs_to_server(name),
        false => name.starts_with("storage.agent."),
    };
    let names: Vec<String> = given
        .iter()
        .filter(|(flag, _)| wrong(flag.name))
        .map(|(flag, _)| quote(&format!("--{}", flag.name)))
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
    fn command_lines_are_read_as_by_kingpin() {
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
