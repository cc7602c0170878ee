//! The rules that the server evaluates: read from the files that its configuration names, and run
//! through simulated time.

use go::path::matches as glob_matches;
use std::sync::Arc;

use super::regions::Region;
use super::server::WorkspaceFiles;
use super::sources::{FileKind, Sources};
use go::Duration;
use kubernetes::mounts::MountedFile;
use prometheus::config::Config;
use prometheus::rule_files::{LoadedRules, RuleGroup, RuleOptions, load_rules};
use prometheus::{Files, WorkspaceFile};
use promql::Timestamp;
use promql::storage::Storage;
use rules::{GroupRun, PromqlRules, RuleContext};
use text::{Diagnostic, Severity};

/// The interval of groups that have none, where the configuration has none either.
const INTERVAL: Duration = Duration::from_secs(60);

/// What rules follow from the text.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub groups: Vec<RuleGroup>,
    /// Names of files with errors. With one of them Prometheus loads no rules at all.
    pub broken: Vec<String>,
    pub interval: Duration,
    pub query_offset: Duration,
    pub context: RuleContext,
}

impl RuleSet {
    /// Whether groups run: not where a file is broken.
    pub fn active(&self) -> &[RuleGroup] {
        if self.broken.is_empty() { &self.groups } else { &[] }
    }
}

/// The container of a server: the files in it, and the folder that relative paths count from.
pub struct Container {
    pub files: Vec<MountedFile>,
    pub folder: String,
}

impl Container {
    /// Whether the configuration names the file that a text inside a ConfigMap is mounted as.
    fn names(&self, config: &Config, region: &Region) -> bool {
        let is_it = |file: &&MountedFile| {
            let (Some(at), Some(node)) = (file.entry.at, &file.entry.node) else { return false };
            at.file == region.file
                && node.span.start <= region.span.start
                && region.span.end <= node.span.end
        };
        let paths: Vec<&str> =
            self.files.iter().filter(is_it).map(|file| file.path.as_str()).collect();
        config.rule_files.iter().any(|(pattern, _)| {
            let whole = if pattern.starts_with('/') {
                pattern.to_string()
            } else {
                format!("{}/{pattern}", self.folder)
            };
            paths.iter().any(|path| glob_matches(&whole, path))
        })
    }
}

/// Reads the rule files of a configuration: files of the workspace that it names, and the texts
/// inside ConfigMaps that are mounted where it looks; without a server all of them. Errors of every
/// rule file are findings, named or not.
pub fn read(
    config: &Config,
    container: Option<&Container>,
    sources: &Sources,
    regions: &[Arc<Region>],
    diagnostics: &mut Vec<Diagnostic>,
) -> RuleSet {
    let options = RuleOptions::default();
    let mut set = RuleSet {
        interval: config.evaluation_interval.as_ref().map_or(INTERVAL, |setting| setting.value),
        query_offset: config
            .rule_query_offset
            .as_ref()
            .map_or(Duration(0), |setting| setting.value),
        context: RuleContext {
            external_labels: config
                .external_labels
                .iter()
                .map(|label| (label.name.to_string(), label.value.to_string()))
                .collect(),
            external_url: "http://localhost:9090".to_owned(),
        },
        ..RuleSet::default()
    };
    let files = WorkspaceFiles(sources);
    let named: Vec<WorkspaceFile<'_>> =
        config.rule_files.iter().flat_map(|(pattern, _)| files.matching(pattern)).collect();
    for source in sources.of_kind(FileKind::Rules) {
        let loaded = load_rules(&source.parsed, &source.text, &options);
        diagnostics.extend(loaded.diagnostics.iter().cloned());
        if named.iter().any(|file| file.path == source.name) {
            set.add(&source.name, loaded);
        }
    }
    for region in regions.iter().filter(|one| one.embedded && one.kind == FileKind::Rules) {
        let Some(host) = sources.get(region.file) else { continue };
        let loaded = load_rules(&region.parsed, &host.text, &options);
        diagnostics.extend(loaded.diagnostics.iter().cloned());
        let named = match container {
            Some(container) => container.names(config, region),
            None => !config.rule_files.is_empty(),
        };
        if named {
            set.add(&host.name, loaded);
        }
    }
    set
}

impl RuleSet {
    fn add(&mut self, name: &str, loaded: LoadedRules) {
        if loaded.diagnostics.iter().any(|one| one.severity == Severity::Error) {
            self.broken.push(name.to_owned());
        }
        self.groups.extend(loaded.groups);
    }
}

/// The groups with what they remember.
#[derive(Default)]
pub struct RuleRuns {
    runs: Vec<Run>,
    context: RuleContext,
    engine: PromqlRules,
}

struct Run {
    /// What the group says, without where it stands: an edit elsewhere does not restart it.
    content: String,
    group: GroupRun,
    interval: i64,
    next: Timestamp,
}

impl RuleRuns {
    /// Takes the groups of a system over. Groups that say what they said keep their alerts.
    pub fn fit(&mut self, set: &RuleSet, now: Timestamp) {
        let mut known = std::mem::take(&mut self.runs);
        self.context = set.context.clone();
        self.engine.engine.options.default_subquery_step = set.interval;
        for group in set.active() {
            let content = content(group);
            let own = group.interval.as_ref().map_or(set.interval, |setting| setting.value);
            let interval = own.millis().max(1000);
            // With another evaluation_interval it is another group.
            let same = |run: &Run| run.content == content && run.interval == interval;
            if let Some(at) = known.iter().position(same) {
                let mut run = known.swap_remove(at);
                // Places move with the text.
                for (rule, new) in run.group.rules.iter_mut().zip(&group.rules) {
                    rule.rule = new.clone();
                }
                run.group.group = group.clone();
                self.runs.push(run);
                continue;
            }
            self.runs.push(Run {
                content,
                group: GroupRun::new(group.clone(), set.query_offset),
                interval,
                next: now - now.rem_euclid(interval) + interval,
            });
        }
    }

    /// When the next group is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.runs.iter().map(|run| run.next).min()
    }

    /// Evaluates what is due at a time.
    pub fn evaluate(&mut self, storage: &mut Storage, time: Timestamp) {
        for run in self.runs.iter_mut().filter(|run| run.next <= time) {
            run.group.evaluate(storage, &self.engine, time, &self.context);
            run.next = time - time.rem_euclid(run.interval) + run.interval;
        }
    }

    /// Lets what is due at a time pass by, as while the server does not run.
    pub fn skip(&mut self, time: Timestamp) {
        for run in self.runs.iter_mut().filter(|run| run.next <= time) {
            run.next = time - time.rem_euclid(run.interval) + run.interval;
        }
    }

    pub fn groups(&self) -> impl Iterator<Item = (&GroupRun, Duration)> {
        self.runs.iter().map(|run| (&run.group, Duration(run.interval)))
    }
}

fn content(group: &RuleGroup) -> String {
    let rules: Vec<String> = group
        .rules
        .iter()
        .map(|rule| format!("{:?} {} {:?}", rule.kind, rule.expr, rule.labels))
        .collect();
    let interval = group.interval.as_ref().map(|setting| setting.value);
    let offset = group.query_offset.as_ref().map(|setting| setting.value);
    format!("{} {interval:?} {offset:?} {} {}", group.name, group.limit, rules.join("\n"))
}

/// Shared, so that a system is cheap to clone.
pub type SharedRules = Arc<RuleSet>;
