//! `check config`.
//!
//! Source: cmd/promtool/main.go `CheckConfig`, `checkConfig`.

use std::collections::BTreeMap;

use discovery::targets::Pool;
use discovery::{Discovered, Environment, Record, RecordType, Resolver, SdFile, Unrestricted};
use go::Duration;
use kubernetes::Cluster;
use prometheus::config::{ScrapeConfig, SdConfig, SdMechanism, StaticConfig};
use prometheus::{Files as ConfigFiles, Loaded, Mode, WorkspaceFile, load, promtool, refusal};
use schema::Section;
use text::{FileId, Severity};
use yaml::{Node, Parsed};

use super::check_rules::{self, Lint, Verdict};
use super::files::beside;
use super::{Files, World};
use crate::Output;
use crate::kingpin::Matches;

/// The file of the main configuration; others have greater numbers.
const MAIN: FileId = FileId(0);

pub(super) fn run(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    let syntax_only = matches.is_on("syntax-only");
    let (lint, lookback) = lint_options(matches, output);
    let mode = if matches.is_on("agent") { Mode::Agent } else { Mode::Server };
    let mut verdict = Verdict::default();
    for file in matches.args("config-files") {
        output.out(format!("Checking {file}"));
        let (rule_files, jobs) = match check(file, mode, syntax_only, world.files, output) {
            Ok((rule_files, jobs)) => {
                if !rule_files.is_empty() {
                    output.out(format!("  SUCCESS: {} rule files found", rule_files.len()));
                }
                output.out(format!(" SUCCESS: {file} is valid prometheus config file syntax"));
                (rule_files, jobs)
            }
            Err(error) => {
                output.err(format!("  FAILED: {error}"));
                verdict = Verdict { failed: true, errors: true };
                (Vec::new(), Vec::new())
            }
        };
        output.out("");
        if !syntax_only {
            verdict.failed |= lint_intervals(&jobs, lookback, output);
            check_rules::check_files(&rule_files, lint, world, &mut verdict, output);
        }
    }
    lint.exit(verdict)
}

/// The lint settings for rules, and the lookback that scrape intervals must stay below.
/// Source: `newConfigLintConfig`.
fn lint_options(matches: &Matches, output: &mut Output) -> (Lint, Option<Duration>) {
    let words = matches.flag("lint").unwrap_or_default();
    let none = words.split(',').any(|word| word == "none");
    let interval = words.split(',').any(|word| matches!(word, "all" | "too-long-scrape-interval"));
    let of_rules: Vec<&str> =
        words.split(',').filter(|word| !none && *word != "too-long-scrape-interval").collect();
    let lint = Lint::new(&of_rules.join(","), matches, output);
    let lookback = matches.flag("query.lookback-delta").unwrap_or("5m");
    let lookback = Duration::parse(lookback).ok().filter(|_| interval && !none);
    (lint, lookback)
}

/// Tells of the first job whose samples go stale between two scrapes.
fn lint_intervals(jobs: &[ScrapeConfig], lookback: Option<Duration>, output: &mut Output) -> bool {
    let too_long = jobs.iter().find(|job| {
        lookback.is_some_and(|lookback| lookback.millis() > 0 && *job.scrape_interval >= lookback)
    });
    if let Some(job) = too_long {
        output.err(format!(
            "  FAILED: too long scrape interval found, data point will be marked as stale - job: {}, \
             interval: {}",
            *job.job_name, *job.scrape_interval
        ));
    }
    too_long.is_some()
}

/// A configuration with the files that it names.
pub(super) struct Configuration {
    pub main: Parsed,
    pub loaded: Loaded,
    others: Vec<JobsFile>,
}

/// A file of `scrape_config_files`.
struct JobsFile {
    /// The pattern that names it, as it is written.
    pattern: String,
    /// Absolute.
    path: String,
    parsed: Parsed,
}

impl ConfigFiles for JobsFile {
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>> {
        let own = WorkspaceFile { path: &self.path, parsed: &self.parsed };
        if pattern == self.pattern { vec![own] } else { Vec::new() }
    }
}

/// Reads a configuration. The error is that of Prometheus's `LoadFile`; files with more jobs are
/// not refused here.
pub(super) fn read(file: &str, mode: Mode, files: &Files) -> Result<Configuration, String> {
    let text = files.read(file)?;
    let main = yaml::parse(MAIN, text);
    if let Some(error) = &main.refusal {
        return Err(format!("parsing YAML file {file}: {error}"));
    }
    let loaded = load(&main, &prometheus::NoFiles, mode);
    if let Some(error) = refusal(&loaded, file) {
        // What an agent does not take is found behind the parser.
        let of_agent = mode == Mode::Agent && error.ends_with("is not allowed in agent mode");
        let why = error.split_once(": ").filter(|_| of_agent).map(|(_, why)| why.to_owned());
        return Err(why.unwrap_or(error));
    }
    let mut others = Vec::new();
    for (pattern, _) in &loaded.config.scrape_config_files {
        for path in files.glob(&beside(file, pattern)) {
            let number = u32::try_from(others.len() + 1).unwrap_or(u32::MAX);
            others.push(JobsFile {
                pattern: pattern.to_string(),
                parsed: yaml::parse(FileId(number), files.read(&path)?),
                path: files.absolute(&path),
            });
        }
    }
    Ok(Configuration { main, loaded, others })
}

impl Configuration {
    /// Jobs of the main file and of the others. Source: config `GetScrapeConfigs`.
    pub fn jobs(&self, mode: Mode) -> Result<Vec<ScrapeConfig>, String> {
        let mut jobs = self.loaded.config.scrape_configs.clone();
        let main = "main config file".to_owned();
        let mut first: BTreeMap<String, String> =
            jobs.iter().map(|job| (job.job_name.to_string(), main.clone())).collect();
        for file in &self.others {
            let quoted = go::quote::quote(&file.path);
            if let Some(error) = &file.parsed.refusal {
                return Err(format!("{quoted}: {error}"));
            }
            let loaded = load(&self.main, file, mode);
            let mut own = loaded.diagnostics;
            own.retain(|one| {
                one.severity == Severity::Error
                    && one.location.file == file.parsed.file
                    // Names are compared across all files below.
                    && !one.message.starts_with("found multiple scrape configs")
            });
            if let Some(error) = own.first() {
                let listed = prometheus::unmarshal_errors(&file.parsed, &own);
                let error = listed.unwrap_or_else(|| error.message.clone());
                return Err(format!("{quoted}: {error}"));
            }
            let of_file = loaded.config.scrape_configs.into_iter();
            for job in of_file.filter(|job| job.location.file == file.parsed.file) {
                let name = job.job_name.to_string();
                if let Some(first) = first.get(&name) {
                    let name = go::quote::quote(&name);
                    return Err(format!(
                        "{quoted}: found multiple scrape configs with job name {name}, first found \
                         in {first}"
                    ));
                }
                first.insert(name, quoted.clone());
                jobs.push(job);
            }
        }
        Ok(jobs)
    }
}

/// Names of the rule files and the jobs of a configuration that is sound.
fn check(
    file: &str,
    mode: Mode,
    syntax_only: bool,
    files: &Files,
    output: &mut Output,
) -> Result<(Vec<String>, Vec<ScrapeConfig>), String> {
    let configuration = read(file, mode, files)?;
    let mut rule_files = Vec::new();
    if !syntax_only {
        for (pattern, _) in &configuration.loaded.config.rule_files {
            let pattern = beside(file, pattern);
            let found = files.glob(&pattern);
            if !pattern.contains('*') && found.is_empty() {
                let quoted = go::quote::quote(&pattern);
                return Err(format!("{quoted} does not point to an existing file"));
            }
            rule_files.extend(found);
        }
    }
    let jobs = match syntax_only {
        true => configuration.loaded.config.scrape_configs.clone(),
        false => configuration
            .jobs(mode)
            .map_err(|why| format!("error loading scrape configs: {why}"))?,
    };
    for job in &jobs {
        let node = configuration.node(job);
        check_job(job, node.as_ref(), file, syntax_only, files, output)?;
    }
    check_alertmanagers(&configuration, file, syntax_only, files, output)?;
    Ok((rule_files, jobs))
}

impl Configuration {
    /// The mapping of a job in its file.
    fn node(&self, job: &ScrapeConfig) -> Option<Section<'_>> {
        let others = self.others.iter().map(|file| &file.parsed);
        let mut all = std::iter::once(&self.main).chain(others);
        let parsed = all.find(|parsed| parsed.file == job.location.file)?;
        let jobs = parsed.root().and_then(Section::new)?.items("scrape_configs");
        let of_job = |one: &&Node| one.written_span() == job.location.span;
        jobs.iter().find(of_job).and_then(Section::new)
    }
}

fn check_job(
    job: &ScrapeConfig,
    node: Option<&Section<'_>>,
    file: &str,
    syntax_only: bool,
    files: &Files,
    output: &mut Output,
) -> Result<(), String> {
    if let Some(node) = node.filter(|_| !syntax_only) {
        check_credentials(node, file, files)?;
        check_tls(node, file, files)?;
        for source in node.items("kubernetes_sd_configs").iter().filter_map(Section::new) {
            check_tls(&source, file, files)?;
        }
    }
    let mut statics = 0;
    for entry in &job.discovery {
        match &entry.mechanism {
            SdMechanism::Static(_) => {
                check_targets(job, entry, &[], &statics.to_string())?;
                statics += 1;
            }
            SdMechanism::File { files: patterns, .. } if !syntax_only => {
                for (pattern, _) in patterns {
                    let pattern = beside(file, pattern);
                    let found = files.glob(&pattern);
                    if found.is_empty() {
                        output.out(format!(
                            "  WARNING: file {} for file_sd in scrape job {} does not exist",
                            go::quote::quote(&pattern),
                            go::quote::quote(&job.job_name)
                        ));
                    }
                    for path in found {
                        let parsed = targets_file(&path, files).map_err(|why| {
                            format!("checking SD file {}: {why}", go::quote::quote(&pattern))
                        })?;
                        let absolute = files.absolute(&path);
                        let one = SdFile { path: &absolute, parsed: &parsed };
                        check_targets(job, &as_file(entry, &absolute), &[one], "")?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The entry with one file as its only pattern.
fn as_file(entry: &SdConfig, path: &str) -> SdConfig {
    let mut entry = entry.clone();
    if let SdMechanism::File { files, .. } = &mut entry.mechanism {
        let at = files.first().map_or(entry.location, |(_, at)| *at);
        *files = vec![(path.into(), at)];
    }
    entry
}

/// Refuses an entry of which a target fails. Groups of files have no name.
fn check_targets(
    job: &ScrapeConfig,
    entry: &SdConfig,
    files: &[SdFile<'_>],
    group: &str,
) -> Result<(), String> {
    let mut alone = job.clone();
    alone.discovery = vec![entry.clone()];
    let pool = Pool::new(&alone, discover(&alone, "/", files));
    match pool.failed.first() {
        Some(failed) => {
            let instance = failed.origin.target;
            Err(format!("instance {instance} in group {group}: {}", failed.error))
        }
        None => Ok(()),
    }
}

/// Runs the discovery of a job without a cluster and without DNS.
pub(super) fn discover(
    job: &ScrapeConfig,
    directory: &str,
    files: &[SdFile<'_>],
) -> Vec<Discovered> {
    let cluster = Cluster::default();
    let environment = Environment {
        cluster: &cluster,
        access: &Unrestricted,
        own_namespace: None,
        resolver: &NoNames,
        config_directory: directory,
        files,
        samples: &[],
    };
    discovery::discover(job, &environment)
}

struct NoNames;

impl Resolver for NoNames {
    fn resolve(&self, _: &str, _: RecordType) -> Option<Vec<Record>> {
        None
    }
}

fn check_credentials(job: &Section<'_>, file: &str, files: &Files) -> Result<(), String> {
    let mut names = vec![job.text("bearer_token_file").into_owned()];
    if let Some(authorization) = job.section("authorization") {
        names.push(authorization.text("credentials_file").into_owned());
    }
    for name in names.iter().filter(|name| !name.is_empty()) {
        let path = beside(file, name);
        if !files.exists(&path) {
            return Err(format!(
                "error checking authorization credentials or bearer token file {}: stat {path}: no \
                 such file or directory",
                go::quote::quote(&path)
            ));
        }
    }
    Ok(())
}

/// Looks for the files of a client certificate.
fn check_tls(owner: &Section<'_>, file: &str, files: &Files) -> Result<(), String> {
    let Some(tls) = owner.section("tls_config") else { return Ok(()) };
    for (key, what) in [("cert_file", "client cert file"), ("key_file", "client key file")] {
        let path = beside(file, &tls.text(key));
        if !path.is_empty() && !files.exists(&path) {
            return Err(format!(
                "error checking {what} {}: stat {path}: no such file or directory",
                go::quote::quote(&path)
            ));
        }
    }
    Ok(())
}

/// Reads a file of targets. Source: cmd/promtool/main.go `checkSDFile`.
pub(super) fn targets_file(path: &str, files: &Files) -> Result<Parsed, String> {
    let text = files.read(path)?;
    let extension = go::path::ext(path);
    match &*extension.to_lowercase() {
        ".json" => json_error(text).map_or(Ok(()), Err)?,
        ".yml" | ".yaml" => {}
        _ => return Err(format!("invalid file extension: {}", go::quote::quote(extension))),
    }
    let parsed = yaml::parse(FileId(1), text);
    if let Some(error) = parsed.refusal.as_ref().filter(|_| extension != ".json") {
        return Err(error.clone());
    }
    let found = promtool::check_targets_file(&parsed);
    let errors: Vec<_> = found.iter().filter(|one| one.severity == Severity::Error).collect();
    match errors.first() {
        None => Ok(parsed),
        Some(_) if extension == ".json" => {
            // encoding/json has words of its own for a field that is not known.
            let unknown = errors.iter().find_map(|one| {
                let field = one.message.strip_prefix("field ")?;
                field.split(' ').next()
            });
            Err(match (unknown, errors.first()) {
                (Some(field), _) => format!("json: unknown field {}", go::quote::quote(field)),
                (None, Some(error)) => error.message.clone(),
                (None, None) => String::new(),
            })
        }
        Some(error) => {
            let listed = prometheus::unmarshal_errors(&parsed, &found);
            Err(listed.unwrap_or_else(|| error.message.clone()))
        }
    }
}

/// The error of a text that is not JSON, in the words of Go's scanner. None for JSON.
fn json_error(text: &str) -> Option<String> {
    let error = serde_json::from_str::<serde_json::Value>(text).err()?;
    if error.is_eof() {
        return Some("unexpected end of JSON input".to_owned());
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = error.column().saturating_sub(1);
    let c = line.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\n');
    let c = match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => format!("'{}'", c.escape_debug()),
    };
    let before: usize =
        text.lines().take(error.line().saturating_sub(1)).map(|l| l.len() + 1).sum();
    let seen = text.get(..before + at).unwrap_or(text).trim_end();
    let place = place(seen);
    Some(format!("invalid character {c} {place}"))
}

/// The place in the grammar that Go's scanner names after a text. Source: encoding/json scanner.go.
fn place(seen: &str) -> &'static str {
    let mut open = Vec::new();
    let mut in_string = false;
    let mut escaped = false;
    for c in seen.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => open.push(c),
            '}' | ']' if !in_string => {
                open.pop();
            }
            _ => {}
        }
    }
    if in_string {
        return "in string literal";
    }
    let object = open.last() == Some(&'{');
    match seen.chars().last() {
        None | Some('[' | ':') => "looking for beginning of value",
        Some('{') => "looking for beginning of object key string",
        Some(',') if object => "looking for beginning of object key string",
        Some(',') => "looking for beginning of value",
        _ if open.is_empty() => "after top-level value",
        _ if !object => "after array element",
        // Behind a key comes a colon, behind a value a comma.
        _ if is_behind_key(seen) => "after object key",
        _ => "after object key:value pair",
    }
}

/// Returns true if the last string of an object is a key.
fn is_behind_key(seen: &str) -> bool {
    let Some(begun) = seen.strip_suffix('"').and_then(|rest| rest.rfind('"')) else { return false };
    let before = seen.get(..begun).unwrap_or_default().trim_end();
    before.ends_with(['{', ','])
}

/// Target files and static targets of Alertmanagers.
fn check_alertmanagers(
    configuration: &Configuration,
    file: &str,
    syntax_only: bool,
    files: &Files,
    output: &mut Output,
) -> Result<(), String> {
    let root = configuration.main.root().and_then(Section::new);
    let Some(alerting) = root.and_then(|root| root.section("alerting")) else { return Ok(()) };
    if !syntax_only {
        for entry in alerting.items("alertmanagers").iter().filter_map(Section::new) {
            for source in entry.items("file_sd_configs").iter().filter_map(Section::new) {
                for (pattern, _) in source.texts("files") {
                    let pattern = beside(file, &pattern);
                    let found = files.glob(&pattern);
                    if found.is_empty() {
                        output.out(format!(
                            "  WARNING: file {} for file_sd in alertmanager config does not exist",
                            go::quote::quote(&pattern)
                        ));
                    }
                    for path in found {
                        targets_file(&path, files).map_err(|why| {
                            format!("checking SD file {}: {why}", go::quote::quote(&pattern))
                        })?;
                    }
                }
            }
        }
    }
    let groups = |pattern: &str| -> Vec<StaticConfig> {
        let paths = if syntax_only { Vec::new() } else { files.glob(&beside(file, pattern)) };
        let parsed = paths.iter().filter_map(|path| targets_file(path, files).ok());
        parsed.flat_map(|parsed| server::target_groups(&parsed)).collect()
    };
    server::Alertmanagers::of_config(&configuration.main, &groups).map(|_| ())
}
