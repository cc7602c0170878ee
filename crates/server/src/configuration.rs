//! A configuration with the files that it names, read as Prometheus reads them.
//!
//! Source: config/config.go `LoadFile`, `GetScrapeConfigs`.

use std::collections::BTreeMap;

use prometheus::config::{Config, ScrapeConfig};
use prometheus::{Files as ConfigFiles, Loaded, Mode, WorkspaceFile, load, refusal};
use schema::Section;
use text::{FileId, Severity};
use yaml::{Node, Parsed};

use crate::files::{Files, beside};

/// The file of the main configuration; others have greater numbers.
const MAIN: FileId = FileId(0);

/// The configuration that the image of Prometheus brings, at `/etc/prometheus/prometheus.yml`: the
/// server scrapes itself.
///
/// Source: documentation/examples/prometheus.yml, which the Dockerfile copies.
pub const IMAGE_CONFIGURATION: &str = "\
global:
  scrape_interval: 15s
  evaluation_interval: 15s
alerting:
  alertmanagers:
  - static_configs:
    - targets:
rule_files:
scrape_configs:
- job_name: prometheus
  static_configs:
  - targets: [\"localhost:9090\"]
    labels:
      app: prometheus
  scrape_native_histograms: true
";

/// A configuration with the files that it names.
pub struct Configuration {
    main: Parsed,
    loaded: Loaded,
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

impl Configuration {
    /// Reads a configuration. The error is that of Prometheus's `LoadFile`; files with more jobs are
    /// not refused here.
    pub fn read(file: &str, mode: Mode, files: &Files) -> Result<Self, String> {
        let text = files.read(file)?;
        let main = yaml::parse(MAIN, text);
        let loaded = load(&main, &prometheus::NoFiles, mode);
        if let Some(error) = refusal(&loaded, file) {
            // Sections that an agent refuses are found after parsing.
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
        Ok(Self { main, loaded, others })
    }

    /// The main file.
    pub fn main(&self) -> &Parsed {
        &self.main
    }

    /// The settings of the main file.
    pub fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// The mapping of a job in its file.
    pub fn node(&self, job: &ScrapeConfig) -> Option<Section<'_>> {
        let others = self.others.iter().map(|file| &file.parsed);
        let mut all = std::iter::once(&self.main).chain(others);
        let parsed = all.find(|parsed| parsed.file == job.location.file)?;
        let jobs = parsed.root().and_then(Section::new)?.items("scrape_configs");
        let of_job = |one: &&Node| one.written_span() == job.location.span;
        jobs.iter().find(of_job).and_then(Section::new)
    }

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
