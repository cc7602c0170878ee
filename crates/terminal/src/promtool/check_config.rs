//! `check config`.
//!
//! Source: cmd/promtool/main.go `CheckConfig`, `checkConfig`.

use discovery::SdFile;
use discovery::targets::Pool;
use go::Duration;
use prometheus::Mode;
use prometheus::config::{ScrapeConfig, SdConfig, SdMechanism, StaticConfig};
use schema::Section;
use server::{Configuration, beside, discover_without_cluster as discover, targets_file};

use super::check_rules::{self, Lint, Verdict};
use super::{Files, World};
use crate::Output;
use kingpin::Matches;

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

/// Names of the rule files and the jobs of a configuration that is sound.
fn check(
    file: &str,
    mode: Mode,
    syntax_only: bool,
    files: &Files,
    output: &mut Output,
) -> Result<(Vec<String>, Vec<ScrapeConfig>), String> {
    let configuration = Configuration::read(file, mode, files)?;
    let mut rule_files = Vec::new();
    if !syntax_only {
        for (pattern, _) in &configuration.config().rule_files {
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
        true => configuration.config().scrape_configs.clone(),
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

/// Target files and static targets of Alertmanagers.
fn check_alertmanagers(
    configuration: &Configuration,
    file: &str,
    syntax_only: bool,
    files: &Files,
    output: &mut Output,
) -> Result<(), String> {
    let root = configuration.main().root().and_then(Section::new);
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
    server::Alertmanagers::of_config(configuration.main(), &groups).map(|_| ())
}
