//! The second stage: the cluster after its controllers have run, the targets that Prometheus
//! discovers in it, and the processes that answer them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::compose::Compose;
use super::configuration;
use super::flags;
use super::grafana;
use super::live::{self, Arguments};
use super::programs::{self, Programs};
use super::routes::{failed_clients, routes};
use super::rule_files::{RuleRefusal, RuleSet, SharedRules};
use super::scrape_auth::ScrapeClient;
use super::server::{ClusterDns, Server};
use super::text::TextAnalysis;
use super::unrecognized::FOREIGN;
use super::version_2;
use super::{Analysis, Inputs, NAMESPACE};
use crate::operator::{self, Generated};
use crate::workspace::embedded_documents::Document;
use crate::workspace::files::WorkspaceFiles;
use crate::workspace::sources::Sources;
use discovery::targets::{Pool, TargetTable};
use discovery::{Environment, SdFile, discover};
use kubernetes::checks::{self, CheckContext, ScrapeDependencies};
use kubernetes::cluster::Cluster;
use kubernetes::controllers::{self, ClusterState, ConfigVerdict};
use kubernetes::mounts::clean_path;
use kubernetes::network::Network;
use kubernetes::objects::{Container, Pod, Service, contains_all};
use kubernetes::prometheus::Instance;
use prometheus::config::SdMechanism;
use prometheus::{Loaded, lints};
use simulation::world::ProcessSpec;
use text::{Diagnostic, Location, Severity};
use yaml::Parsed;

/// The pods that a Service selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelectedPods {
    pub selected: usize,
    pub ready: usize,
}

impl SelectedPods {
    pub fn of(service: &Service, cluster: &Cluster) -> Self {
        let pods = cluster.pods.in_namespace(&service.meta.namespace.value);
        let mut found = Self { selected: 0, ready: 0 };
        for pod in pods.filter(|pod| contains_all(&service.selector, &pod.meta.labels)) {
            found.selected += 1;
            found.ready += usize::from(pod.status.is_ready());
        }
        found
    }
}

/// The place of the first label of a Service's selector.
pub fn selector_place(service: &Service) -> Option<Location> {
    service.selector.iter().find_map(|entry| entry.key_at)
}

/// Analyzes the cluster of a text.
pub(super) fn analyze(inputs: &Inputs, written: TextAnalysis) -> Analysis {
    let state = match &inputs.live {
        Some(live) => live.state.clone(),
        None => Arc::new(run_controllers(inputs, &written)),
    };
    let TextAnalysis { instances, documents, loaded, .. } = &written;
    let instance = instances.first();
    let arguments = server_arguments(inputs, instance);
    let has_manifests = !written.manifests.documents.is_empty();
    let server = Server::find(&state, instance, NAMESPACE, has_manifests).with(&arguments);
    let runs = server_runs(inputs, &written, &server);
    let table = if runs {
        target_table(&inputs.sources, documents, loaded, &state, &server, instance)
    } else {
        TargetTable::default()
    };
    let scenario = scenarios::scenario(&inputs.scenario);
    let catalog = programs::catalog(&inputs.sources, scenario);
    let programs = Programs { catalog: &catalog, files: &inputs.sources };
    let processes = processes(inputs, programs, &state, instance);
    let client = ScrapeClient { state: &state, server: &server, instance };
    let failed_clients =
        if runs { failed_clients(&loaded.config, client) } else { BTreeMap::new() };
    let routes = routes(&table, &loaded.config, client, &failed_clients, programs, &processes);
    let listens =
        |pod: &Pod, container: &Container, port: i32| programs.listens(pod, container, port);
    let network = Network { state: &state, listens: &listens };
    let mut checked = check(inputs, &written, network, programs);
    checked.extend(live::check(&inputs.sources, &arguments));
    check_version(&written, &table, &mut checked);
    let sources = &inputs.sources;
    let datasources =
        grafana::check(grafana::Surroundings { sources, documents, network, server: &server });
    let diagnostics = with_checked(written.diagnostics, checked, datasources);
    Analysis {
        manifests: written.manifests,
        applied: written.applied,
        custom_types: written.custom_types,
        instances: written.instances,
        config_text: written.config_text,
        loaded: written.loaded,
        rules: if runs { written.rules } else { without_groups(&written.rules) },
        reloaded: inputs.reloaded,
        refusal: written.refusal,
        server: Arc::new(server),
        table: Arc::new(table),
        routes: Arc::new(routes),
        failed_clients: Arc::new(failed_clients),
        processes: Arc::new(processes),
        compared: live::Compared::default(),
        generated: written.generated,
        overrides: inputs.overrides.clone(),
        observed: inputs.live.is_some(),
        scenario,
        state,
        documents: written.documents,
        diagnostics,
        reads: written.reads,
        generation: 0,
    }
}

/// The arguments of a server outside the cluster. A container has its own.
fn server_arguments(inputs: &Inputs, instance: Option<&Instance>) -> Arguments {
    match instance {
        Some(_) => Arguments::default(),
        None => Arguments::of(&inputs.sources),
    }
}

/// Returns true if the server starts with the text, or goes on with it.
fn server_runs(inputs: &Inputs, written: &TextAnalysis, server: &Server) -> bool {
    if let Some(live) = &inputs.live
        && server.pod.is_some()
    {
        return live.scraping == server.pod;
    }
    let rules_are_read = inputs.reloaded || written.rules.refusal.is_none();
    server.stopped.is_none() && written.refusal.is_none() && rules_are_read
}

/// The processes of the pods. Without an instance in the cluster, those of the server and of
/// Compose files too.
fn processes(
    inputs: &Inputs,
    programs: Programs<'_>,
    state: &ClusterState,
    instance: Option<&Instance>,
) -> Vec<ProcessSpec> {
    let mut processes = programs.processes(state);
    if let Some(live) = &inputs.live {
        for process in &mut processes {
            let container = process.key.rsplit_once(':').map_or("", |(container, _)| container);
            process.started = live.started.get(container).copied();
        }
    }
    if instance.is_none() {
        processes.extend(programs::server());
        processes.extend(Compose::new(&inputs.sources).processes());
    }
    processes
}

/// Shares the diagnostics of the text if the cluster adds none. A file whose datasources are looked at
/// is read after all.
fn with_checked(
    written: Arc<Vec<Diagnostic>>,
    checked: Vec<Diagnostic>,
    datasources: Vec<Diagnostic>,
) -> Arc<Vec<Diagnostic>> {
    if checked.is_empty() && datasources.is_empty() {
        return written;
    }
    let is_read = |one: &Diagnostic| {
        let file = one.location.file;
        one.code == FOREIGN && datasources.iter().any(|found| found.location.file == file)
    };
    let mut all: Vec<Diagnostic> =
        written.iter().filter(|one| !is_read(one)).cloned().chain(checked).collect();
    all.extend(datasources);
    Arc::new(all)
}

/// The findings about custom resources of the Prometheus Operator, with the pods of the cluster.
pub(super) fn operator_findings(generated: &Generated, state: &ClusterState) -> Vec<Diagnostic> {
    if generated.objects.is_empty() {
        return operator::findings::find(generated, &[]);
    }
    operator::findings::find(generated, &operator::cluster::objects(&state.cluster))
}

/// The rules of a server that does not run.
fn without_groups(rules: &SharedRules) -> SharedRules {
    Arc::new(RuleSet { refusal: rules.refusal.clone(), ..RuleSet::default() })
}

/// What Prometheus servers say to their command lines and files.
#[derive(Clone, Copy)]
pub(super) struct Verdicts<'a> {
    pub instances: &'a [Instance],
    /// The error with which the first server refuses its configuration.
    pub refusal: Option<&'a str>,
    pub loaded: &'a Loaded,
    /// The rule files that end the first server.
    pub rules: Option<&'a RuleRefusal>,
}

impl Verdicts<'_> {
    pub fn of(&self, instance: &Instance) -> ConfigVerdict {
        if let Some((refusal, at)) = flags::refusal(instance) {
            return ConfigVerdict::Flags {
                exit_code: refusal.exit_code,
                stderr: refusal.stderr,
                at,
            };
        }
        // The files of other servers are not read.
        if self.instances.first().map(|first| &first.owner) != Some(&instance.owner) {
            return ConfigVerdict::Valid;
        }
        match (self.refusal, self.rules) {
            (Some(error), _) => {
                let diagnostics = self.loaded.diagnostics.iter();
                let mut errors = diagnostics.filter(|one| one.severity == Severity::Error);
                let at = errors.next().map(|one| one.location);
                ConfigVerdict::Invalid { rules: false, error: error.to_owned(), at }
            }
            (None, Some(rules)) => {
                ConfigVerdict::Invalid { rules: true, error: rules.error(), at: rules.at }
            }
            (None, None) => ConfigVerdict::Valid,
        }
    }
}

fn run_controllers(inputs: &Inputs, written: &TextAnalysis) -> ClusterState {
    let verdicts = Verdicts {
        instances: &written.instances,
        refusal: written.refusal.as_deref(),
        loaded: &written.loaded,
        rules: written.rules.refusal.as_ref().filter(|_| !inputs.reloaded),
    };
    let verdict = |instance: &Instance| verdicts.of(instance);
    let inputs = controllers::Inputs { overrides: &inputs.overrides, verdict: &verdict };
    controllers::run(&written.manifests.cluster, inputs)
}

/// Finds images of version 2, with what has changed since for this text.
fn check_version(written: &TextAnalysis, table: &TargetTable, found: &mut Vec<Diagnostic>) {
    let workspace = version_2::Workspace {
        instance: written.instances.first(),
        config_text: written.config_text.as_deref(),
        rules: &written.rules,
        table,
        documents: &written.documents,
    };
    version_2::check(&written.instances, &workspace, found);
}

/// Checks across objects, and between objects and the configuration, without silenced findings.
fn check(
    inputs: &Inputs,
    written: &TextAnalysis,
    network: Network<'_>,
    programs: Programs<'_>,
) -> Vec<Diagnostic> {
    let state = network.state;
    let config = &written.loaded.config;
    let dependencies: Vec<ScrapeDependencies> = written
        .instances
        .first()
        .map(|instance| discovery::kubernetes::dependencies(0, &instance.namespace, config))
        .into_iter()
        .collect();
    let mut found = checks::run(&CheckContext {
        state,
        instances: &written.instances,
        dependencies: &dependencies,
        network,
        text: &|file| inputs.sources.get(file).map(|source| source.text.as_str()),
    });
    found.extend(programs.check(state));
    flags::check(&written.instances, &mut found);
    let is_template = |file| inputs.sources.get(file).is_some_and(|one| one.template.is_some());
    found.retain(|one| !is_template(one.location.file));
    for document in written.documents.iter() {
        if let Some(source) = inputs.sources.get(document.file) {
            lints::silence::retain(&document.parsed, &source.text, &mut found);
        }
    }
    found
}

/// Runs discovery and relabeling for every job.
pub(super) fn target_table(
    sources: &Sources,
    documents: &[Arc<Document>],
    loaded: &Loaded,
    state: &ClusterState,
    server: &Server,
    instance: Option<&Instance>,
) -> TargetTable {
    let path = instance.map_or("/etc/prometheus/prometheus.yml", |instance| &instance.config_path);
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let paths = files_of_targets(sources, loaded, directory);
    let mounted = mounted_files(sources, documents, state, instance);
    let inside = mounted.iter().map(|(path, document)| SdFile { path, parsed: &document.parsed });
    let beside = paths.iter().map(|(path, parsed)| SdFile { path, parsed });
    // A mounted file hides a file of the workspace at the same path.
    let beside = beside.filter(|file| !mounted.iter().any(|(path, _)| path == file.path));
    let files: Vec<SdFile<'_>> = beside.chain(inside).collect();
    let samples: Vec<SdFile<'_>> = sources
        .iter()
        .map(|source| SdFile { path: &source.name, parsed: &source.parsed })
        .collect();
    let access = server.access(&state.cluster);
    let environment = Environment {
        cluster: &state.cluster,
        access: &access,
        own_namespace: Some(&server.namespace),
        resolver: &ClusterDns {
            cluster: &state.cluster,
            namespace: &server.namespace,
            on_host: server.on_host,
        },
        config_directory: directory,
        files: &files,
        samples: &samples,
    };
    let jobs = loaded.config.scrape_configs.iter();
    TargetTable {
        pools: jobs.map(|job| Arc::new(Pool::new(job, discover(job, &environment)))).collect(),
    }
}

/// The files of the workspace that `file_sd_configs` name, with their absolute paths.
fn files_of_targets<'a>(
    sources: &'a Sources,
    loaded: &Loaded,
    directory: &str,
) -> Vec<(String, &'a Parsed)> {
    let jobs = loaded.config.scrape_configs.iter();
    let patterns = jobs.flat_map(|job| &job.discovery).filter_map(|sd| match &sd.mechanism {
        SdMechanism::File { files, .. } => Some(files),
        _ => None,
    });
    let files = WorkspaceFiles(sources);
    let named = patterns.flatten().flat_map(|(pattern, _)| files.named(pattern));
    let mut found: Vec<(String, &Parsed)> = Vec::new();
    for file in named {
        let path = clean_path(directory, &file.path);
        if !found.iter().any(|(known, _)| *known == path) {
            found.push((path, &file.source.parsed));
        }
    }
    found
}

/// The YAML and JSON files in the server's container, with their paths.
fn mounted_files(
    sources: &Sources,
    documents: &[Arc<Document>],
    state: &ClusterState,
    instance: Option<&Instance>,
) -> Vec<(String, Arc<Document>)> {
    let Some(instance) = instance else { return Vec::new() };
    configuration::files_of(&state.cluster, instance)
        .into_iter()
        .filter(|file| [".yml", ".yaml", ".json"].iter().any(|end| file.path.ends_with(end)))
        .filter_map(|file| {
            Some((file.path, configuration::document_of(sources, documents, &file.entry)?))
        })
        .collect()
}
