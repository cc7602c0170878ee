//! The answers of a live Prometheus and its command line, as files of the
//! workspace.

use std::sync::{Arc, OnceLock};

use super::compose::Compose;
use crate::workspace::sources::{FileKind, Source, Sources};
use ::server::process::{CommandLine, Refusal, command_line};
use discovery::targets::TargetTable;
use import::bundle::compare::{Comparison, compare};
use import::bundle::flags::lines;
use import::bundle::{Answers, Metadata};
use promql::assist::MetricKind;
use text::{Code, Diagnostic, FileId, Location, Span};

const REFUSED: &str = "prometheus-flag-refused";
const UNREADABLE: &str = "answers-unreadable";

pub static CODES: &[Code] = &[Code {
    code: UNREADABLE,
    title: "Answers of a server that cannot be read",
    doc: "`prometheus-answers.json` keeps what a live Prometheus said about its targets. It is an object of JSON with answers of the HTTP API, as an import writes it. A file of another form is not compared with anything.",
    example: "[]\n",
}];

/// Returns the answers of a live server, with their file.
pub fn answers(sources: &Sources) -> Option<(&Source, &Answers)> {
    let source = sources.of_kind(FileKind::Answers).next()?;
    Some((source, source.answers.as_deref()?))
}

/// A comparison of the target table with the answers. It is computed when it is first needed.
#[derive(Clone, Debug, Default)]
pub struct Compared(Arc<OnceLock<Option<(FileId, Comparison)>>>);

impl Compared {
    pub fn get(&self, sources: &Sources, table: &TargetTable) -> Option<&(FileId, Comparison)> {
        let found = self.0.get_or_init(|| {
            let (source, answers) = answers(sources)?;
            answers.targets.as_ref()?;
            Some((source.id, compare(table.pools.iter().map(|pool| &**pool), answers)))
        });
        found.as_ref()
    }
}

/// Returns the metadata of a metric, or of the family that a series of this name belongs to.
fn metadata<'a>(sources: &'a Sources, metric: &str) -> Option<(&'a Metadata, bool)> {
    let (_, answers) = answers(sources)?;
    let of = |name: &str| answers.metadata.get(name).and_then(|all| all.first());
    if let Some(found) = of(metric) {
        return Some((found, true));
    }
    let stem =
        ["_bucket", "_count", "_sum", "_total"].iter().find_map(|end| metric.strip_suffix(end));
    Some((of(stem?)?, false))
}

/// Returns the kind of a metric as the server knows it.
pub fn metric_kind(sources: &Sources, metric: &str) -> Option<MetricKind> {
    let (found, is_plain) = metadata(sources, metric)?;
    Some(match found.metric_type.as_str() {
        "counter" => MetricKind::Counter,
        "histogram" if is_plain => MetricKind::Histogram,
        "summary" if is_plain => MetricKind::Gauge,
        "histogram" | "summary" => MetricKind::Counter,
        "gauge" => MetricKind::Gauge,
        _ => MetricKind::Other,
    })
}

/// Returns the help of a metric as the server knows it.
pub fn metric_help(sources: &Sources, metric: &str) -> Option<String> {
    metadata(sources, metric).map(|(found, _)| found.help.clone())
}

/// The command line of a server that runs in no pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    values: Vec<(String, Location)>,
}

impl Arguments {
    /// Reads the file of arguments, else the command of the service that runs Prometheus in a Compose
    /// file. Without both the list is empty.
    pub fn of(sources: &Sources) -> Self {
        let Some(source) = sources.of_kind(FileKind::Arguments).next() else {
            let command = Compose::new(sources).prometheus().and_then(|one| one.command.clone());
            return Self { values: command.unwrap_or_default() };
        };
        let place = |at: usize, argument: &str| {
            Location::new(source.id, Span::new(at as u32, (at + argument.len()) as u32))
        };
        let values = lines(&source.text).map(|(at, line)| (line.to_owned(), place(at, line)));
        Self { values: values.collect() }
    }

    /// The value of `--enable-feature`, or an empty text.
    pub fn features(&self) -> String {
        match command_line(&self.texts()) {
            CommandLine::Run(flags) => flags.get("enable-feature").to_owned(),
            _ => String::new(),
        }
    }

    /// Returns true if the server runs as an agent.
    pub fn is_agent(&self) -> bool {
        self.values.iter().any(|(argument, _)| argument == "--agent")
    }

    fn texts(&self) -> Vec<String> {
        self.values.iter().map(|(argument, _)| argument.clone()).collect()
    }

    /// Returns the refusal of the command line, and the argument at fault if one alone is refused.
    pub fn refusal(&self) -> Option<(Refusal, Option<Location>)> {
        let refused = |args: &[String]| match command_line(args) {
            CommandLine::Refused(refusal) => Some(refusal),
            _ => None,
        };
        let refusal = refused(&self.texts())?;
        let alone = self
            .values
            .iter()
            .find(|(argument, _)| refused(std::slice::from_ref(argument)).is_some());
        Some((refusal, alone.or(self.values.first()).map(|(_, at)| *at)))
    }
}

/// Finds a refused command line, and answers that cannot be read.
pub fn check(sources: &Sources, arguments: &Arguments) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some((refusal, Some(at))) = arguments.refusal() {
        let error = refusal.stderr.first().map_or("", String::as_str);
        let error = error.trim_start_matches("Error parsing command line arguments: ");
        found.push(
            Diagnostic::error(REFUSED, at, error.to_owned()).with_help("Prometheus ends at once."),
        );
    }
    for source in sources.of_kind(FileKind::Answers).filter(|source| source.answers.is_none()) {
        let at = Location::new(source.id, Span::at(0));
        let message = format!("`{}` is no object of JSON with answers of Prometheus", source.name);
        found.push(Diagnostic::error(UNREADABLE, at, message));
    }
    found
}
