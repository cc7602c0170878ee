//! A configuration file, checked and decoded in one go.

use schema::{CheckCx, Dialect, Record, Root, Section, Subject, Type};
use text::{Diagnostic, LineIndex, Location, Severity, Span};
use yaml::{Kind, Node, Parsed, merged_in_order};

use super::config::Config;
use super::fields::root::check;
use super::{Files, Notations, decode, fields};

/// The code of a document that Prometheus ignores.
const SECOND_DOCUMENT: &str = "second-document";

/// The mode of the Prometheus process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    #[default]
    Server,
    /// `--agent`: no rules, no alerts, no reading.
    Agent,
}

/// A configuration as far as it could be understood, and everything that is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub config: Config,
    /// Of this file and of the files that `scrape_config_files` brings in.
    pub diagnostics: Vec<Diagnostic>,
    /// The message of Go's YAML parser if it refuses the main file.
    pub unparsed: Option<String>,
    /// The message of Go's decoder for the first file with decoding errors. It lists all of them.
    pub unmarshal: Option<String>,
}

impl Loaded {
    fn add(&mut self, parsed: &Parsed, found: Vec<Diagnostic>) {
        let unmarshal = unmarshal_errors(parsed, &found);
        self.unmarshal = self.unmarshal.take().or(unmarshal);
        self.diagnostics.extend(found);
    }
}

/// Checks and decodes a main configuration file.
pub fn load(main: &Parsed, files: &dyn Files, mode: Mode) -> Loaded {
    let mut loaded = Loaded {
        diagnostics: of_first_document(main),
        unparsed: main.refusal.clone(),
        ..Loaded::default()
    };
    let ordered = merged_in_order(main);
    if ordered.is_some() {
        // Keys that a merge key overrides are visible only here.
        let twice = walk(main, &fields::root::ROOT);
        loaded.diagnostics.extend(twice.into_iter().filter(|one| one.code == "duplicate-key"));
    }
    let main = ordered.as_ref().unwrap_or(main);
    let Some(root) = main.root() else { return loaded };
    loaded.add(main, walk(main, &fields::root::ROOT));
    if mode == Mode::Agent {
        in_context(main, &mut loaded.diagnostics, |cx| check::agent(cx, root));
    }
    loaded.config = decode::config(main.file, root);
    more_jobs(main, root, files, &mut loaded);
    loaded
}

/// Syntax errors of the YAML. Go reads the first document only: errors after it do not count,
/// but everything there is lost.
pub fn of_first_document(parsed: &Parsed) -> Vec<Diagnostic> {
    let mut found = parsed.diagnostics.clone();
    let Some(second) = parsed.documents.get(1) else { return found };
    let end = parsed.documents.first().map_or(0, |document| document.span.end);
    found.retain(|one| one.location.span.start < end || one.severity != Severity::Error);
    if !second.root.is_null() {
        let at = Location::new(parsed.file, Span::at(second.root.written_span().start));
        let message = "Only the first document of a file is read; this one is ignored";
        let help = "Put everything into one document: delete the line `---`.";
        found.push(Diagnostic::warning(SECOND_DOCUMENT, at, message).with_help(help));
    }
    found
}

/// The jobs of `scrape_config_files`, checked against `global` of the main file.
fn more_jobs(main: &Parsed, root: &Node, files: &dyn Files, loaded: &mut Loaded) {
    if loaded.config.scrape_config_files.is_empty() {
        return;
    }
    let Some(view) = Section::new(root) else { return };
    let inherited = Root { file: main.file, node: root, record: &fields::root::ROOT };
    let mut names = check::JobNames::default();
    in_context(main, &mut Vec::new(), |cx| check::jobs(cx, &view, inherited, &mut names));
    for (pattern, _) in loaded.config.scrape_config_files.clone() {
        for file in files.matching(&pattern) {
            loaded.diagnostics.extend(of_first_document(file.parsed));
            let Some(root) = file.parsed.root() else { continue };
            loaded.add(file.parsed, walk(file.parsed, &fields::root::SCRAPE_FILE));
            let Some(view) = Section::new(root) else { continue };
            in_context(file.parsed, &mut loaded.diagnostics, |cx| {
                check::jobs(cx, &view, inherited, &mut names);
            });
            let jobs = decode::scrape_jobs(file.parsed.file, &view, inherited);
            loaded.config.scrape_configs.extend(jobs);
        }
    }
}

fn in_context(
    parsed: &Parsed,
    diagnostics: &mut Vec<Diagnostic>,
    run: impl FnOnce(&mut CheckCx<'_>),
) {
    run(&mut CheckCx { file: parsed.file, dialect: Dialect::Prometheus, path: &[], diagnostics });
}

/// Errors of types that decode their values themselves. Go's decoder collects other errors and goes
/// on; one of these ends it.
///
/// Source: gopkg.in/yaml.v2 decode.go `callUnmarshaler`.
const OWN_NOTATIONS: &[&str] =
    &["invalid-duration", "invalid-label", "invalid-size", "invalid-url", "invalid-regex"];

/// The error with which Prometheus refuses the file. Returns None if it loads the file.
pub fn refusal(loaded: &Loaded, name: &str) -> Option<String> {
    if let Some(error) = &loaded.unparsed {
        return Some(format!("parsing YAML file {name}: {error}"));
    }
    let mut errors = loaded.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    let first = errors.clone().next()?;
    // A value that its own type refuses ends the decoding, so the list is not printed.
    let ended = errors.find(|one| OWN_NOTATIONS.contains(&&*one.code));
    let error = match &loaded.unmarshal {
        Some(_) if !first.code.starts_with("yaml-") && ended.is_some() => {
            ended.map_or(&first.message, |one| &one.message)
        }
        Some(listed) if !first.code.starts_with("yaml-") => listed,
        _ => &first.message,
    };
    Some(format!("parsing YAML file {name}: {error}"))
}

/// Checks a file by the tables, and the records' own rules with it.
fn walk(parsed: &Parsed, record: &'static Record) -> Vec<Diagnostic> {
    Subject::first(parsed, Type::Record(record), Dialect::Prometheus, &Notations)
        .map(|subject| schema::check(&subject))
        .unwrap_or_default()
}

/// The types of a rule file, in the words of Go's yaml.v3.
pub(super) fn walk_rules(parsed: &Parsed) -> Vec<Diagnostic> {
    let ty = Type::Record(&fields::rules::RULE_FILE);
    let subject = Subject::first(parsed, ty, Dialect::Rules, &Notations);
    let mut found = subject.map(|subject| schema::check(&subject)).unwrap_or_default();
    let lines = LineIndex::new(&parsed.source.text);
    for one in found.iter_mut().filter(|one| one.code == "duplicate-key") {
        if let Some(first) = one.related.first() {
            let line = lines.line_number(parsed.source.from_host(first.location.span.start));
            one.message.push_str(&format!(" at line {line}"));
        }
    }
    // `yes` and `no` are strings there.
    for one in found.iter_mut().filter(|one| one.code == "wrong-type") {
        let word = one.message.split('`').nth(1).unwrap_or_default();
        if !["true", "false"].contains(&&*word.to_ascii_lowercase()) {
            one.message = one.message.replace("cannot unmarshal !!bool", "cannot unmarshal !!str");
        }
    }
    found
}

/// The decoding errors that Go lists together with their lines.
pub fn unmarshal_errors(parsed: &Parsed, diagnostics: &[Diagnostic]) -> Option<String> {
    const DECODING: &[&str] = &["unknown-field", "wrong-type", "duplicate-key"];
    let mut listed = diagnostics
        .iter()
        .filter(|one| DECODING.contains(&&*one.code) && one.location.file == parsed.file)
        .peekable();
    listed.peek()?;
    let lines = LineIndex::new(&parsed.source.text);
    let listed: String = listed
        .map(|one| {
            let at = decoded_at(parsed, one);
            let line = lines.line_number(parsed.source.from_host(at));
            format!("\n  line {line}: {}", one.message)
        })
        .collect();
    Some(format!("yaml: unmarshal errors:{listed}"))
}

/// The position that Go reports: for a wrong type it is the first line of the value,
/// where ours points at the key above.
fn decoded_at(parsed: &Parsed, one: &Diagnostic) -> u32 {
    let at = one.location.span.start;
    if one.code != "wrong-type" {
        return at;
    }
    let mut node = parsed.root();
    while let Some(inside) = node {
        node = match &inside.kind {
            Kind::Scalar(_) => None,
            Kind::Sequence(list) => {
                let behind = list.items.partition_point(|item| item.span.start <= at);
                behind.checked_sub(1).and_then(|last| list.items.get(last))
            }
            Kind::Mapping(mapping) => {
                let entries = &mapping.entries;
                let behind = entries.partition_point(|entry| entry.key.span.start <= at);
                let entry = behind.checked_sub(1).and_then(|last| entries.get(last));
                match entry {
                    Some(entry) if entry.key.span == one.location.span => {
                        return entry.value.written_span().start;
                    }
                    entry => entry.map(|entry| &entry.value),
                }
            }
        };
    }
    at
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::NoFiles;
    use crate::config::SdMechanism;
    use go::Duration;
    use schema::ValueSource;
    use text::{FileId, apply_edits};
    use yaml::parse;

    fn loaded(text: &str) -> Loaded {
        load(&parse(FileId(1), text), &NoFiles, Mode::Server)
    }

    fn messages(loaded: &Loaded) -> Vec<&str> {
        loaded.diagnostics.iter().map(|one| &*one.message).collect()
    }

    #[test]
    fn a_value_that_its_type_refuses_ends_the_decoding() {
        for (text, expected) in [
            ("global:\n  scrape_interval: 15\n  wrong: 1\n", "not a valid duration string: \"15\""),
            (
                "global:\n  wrong: 1\n  other: 2\n",
                "yaml: unmarshal errors:\n  line 2: field wrong not found in type config.plain\n  \
                 line 3: field other not found in type config.plain",
            ),
        ] {
            let said = refusal(&loaded(text), "a.yml");
            assert_eq!(said, Some(format!("parsing YAML file a.yml: {expected}")));
        }
    }

    #[test]
    fn values_and_their_sources() {
        let text = "global:\n  scrape_interval: 15s\nscrape_configs:\n  - job_name: web\n    metrics_path: /m\n    static_configs:\n      - targets: ['web:8080']\n        labels: {env: prod}\n";
        let loaded = loaded(text);
        assert_eq!(messages(&loaded), Vec::<&str>::new());
        let job = &loaded.config.scrape_configs[0];
        assert_eq!(job.scrape_interval.value, Duration::from_secs(15));
        let ValueSource::Inherited { at: from, .. } = job.scrape_interval.source else {
            panic!("inherited")
        };
        assert_eq!(from.span.slice(text), "15s");
        let ValueSource::Written(at) = job.metrics_path.source else { panic!("written") };
        assert_eq!(at.span.slice(text), "/m");
        assert_eq!(job.scrape_timeout.value, Duration::from_secs(10));
        let SdMechanism::Static(group) = &job.discovery[0].mechanism else { panic!("static") };
        assert_eq!(&*group.targets[0].0, "web:8080");
        assert_eq!(group.labels[0].2.span.slice(text), "env: prod");
    }

    #[test]
    fn a_short_interval_shortens_the_timeout() {
        let job = |text: &str| loaded(text).config.scrape_configs[0].scrape_timeout.value.millis();
        assert_eq!(job("scrape_configs: [{job_name: a, scrape_interval: 5s}]"), 5_000);
        assert_eq!(job("global: {scrape_interval: 3s}\nscrape_configs: [{job_name: a}]"), 3_000);
        let both =
            "global: {scrape_interval: 3s}\nscrape_configs: [{job_name: a, scrape_interval: 1m}]";
        assert_eq!(job(both), 3_000, "global's timeout follows global's interval");
    }

    #[test]
    fn every_mistake_is_listed() {
        let text = "scrape_configs:\n  - job_name: a\n    scrape_interval: 5s\n    scrape_timeout: 6s\n  -\n  - job_name: a\n    static_configs:\n      - targets: [http://x]\n    relabel_configs:\n";
        assert_eq!(
            messages(&loaded(text)),
            [
                "scrape timeout greater than scrape interval for scrape config with job name \"a\"",
                "empty or null scrape config section",
                "found multiple scrape configs with job name \"a\"",
                "\"http://x\" is not a valid hostname",
            ]
        );
    }

    #[test]
    fn wrong_types_have_the_line_of_the_value() {
        for (text, line) in [
            ("scrape_configs:\n  a: b\n", 2),
            ("scrape_configs: {\n  a: b}\n", 1),
            ("scrape_configs:\n- job_name: a\n  static_configs:\n    targets: [b]\n", 4),
            ("global:\n  scrape_interval: [1m]\n", 2),
            ("global:\n- a\n", 2),
            ("rule_files: a\n", 1),
        ] {
            let error = refusal(&loaded(text), "a.yml").unwrap_or_default();
            let wanted = format!("yaml: unmarshal errors:\n  line {line}: cannot unmarshal ");
            assert!(error.contains(&wanted), "{text}{error}");
        }
    }

    #[test]
    fn a_way_out_is_offered() {
        for (text, title, mended) in [
            ("global: {scrape_interval: 15}", "Write `15s`", "15s}"),
            ("global: {scrape_timeout: 2m}", "Shorten it to 1m", "timeout: 1m}"),
            (
                "scrape_configs: [{job_name: a, scrape_interval: 5s, scrape_timeout: 6s}]",
                "Shorten it to 5s",
                "timeout: 5s}",
            ),
            (
                "scrape_configs: [{job_name: a, static_configs: [{targets: ['http://b:1/m']}]}]",
                "Write the host alone: b:1",
                "targets: [b:1]",
            ),
        ] {
            let found = loaded(text).diagnostics;
            let [one] = found.as_slice() else { panic!("{text}: {found:?}") };
            let [fix] = one.fixes.as_slice() else { panic!("{text}: {one:?}") };
            assert_eq!(fix.title, title);
            let after = apply_edits(text, FileId(1), &fix.edits).unwrap_or_default();
            assert!(after.contains(mended), "{after}");
            assert!(loaded(&after).diagnostics.is_empty(), "{after}");
        }
        let zero = loaded("global: {scrape_interval: +5}").diagnostics;
        assert!(zero.iter().all(|one| one.fixes.is_empty()), "{zero:?}");
    }

    #[test]
    fn jobs_of_other_files_inherit_and_may_not_repeat() {
        let main = parse(
            FileId(1),
            "global: {scrape_interval: 30s}\nscrape_config_files: [jobs/*.yml]\nscrape_configs: [{job_name: a}]",
        );
        let mut files = BTreeMap::new();
        files.insert(
            "jobs/b.yml".to_owned(),
            parse(FileId(2), "scrape_configs: [{job_name: b}, {job_name: a}]"),
        );
        let loaded = load(&main, &files, Mode::Server);
        let names: Vec<&str> =
            loaded.config.scrape_configs.iter().map(|job| &*job.job_name.value).collect();
        assert_eq!(names, ["a", "b", "a"]);
        assert_eq!(loaded.config.scrape_configs[1].scrape_interval.value, Duration::from_secs(30));
        assert_eq!(messages(&loaded), ["found multiple scrape configs with job name \"a\""]);
        assert_eq!(loaded.diagnostics[0].location.file, FileId(2));
    }

    #[test]
    fn agents_have_no_rules() {
        let parsed = parse(FileId(1), "rule_files: [a.yml]\nremote_read: [{url: 'http://a'}]");
        let loaded = load(&parsed, &NoFiles, Mode::Agent);
        assert_eq!(
            messages(&loaded),
            [
                "field rule_files is not allowed in agent mode",
                "field remote_read is not allowed in agent mode"
            ]
        );
    }
}
