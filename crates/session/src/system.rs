//! Everything that follows from the text and from what happened to the cluster, before time begins
//! to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::client::{Client, Refusal};
use super::configuration::{self, ConfigText};
use super::expressions;
use super::memo::Memo;
use super::programs::Programs;
use super::regions::Region;
use super::rules::{self, SharedRules};
use super::server::{ClusterDns, Server, WorkspaceFiles};
use super::sources::{FileKind, Sources};
use super::targets::{Route, routes, unmade};
use discovery::{Environment, SdFile, discover};
use kubernetes::checks::{self, CheckContext, Needs};
use kubernetes::controllers::{ClusterState, ConfigVerdict, Inputs, Overrides, run};
use kubernetes::decode::{self, Manifests};
use kubernetes::hash::Hash;
use kubernetes::network::Network;
use kubernetes::objects::{Container, Pod};
use kubernetes::prometheus::{self, Instance};

use ::prometheus::{Loaded, Mode, lints, load, of_first_document, refusal};
use discovery::targets::{Pool, TargetTable};
use scenarios::Scenario;
use schema::{self, NoHooks};
use simulation::world::ProcessSpec;
use text::{Diagnostic, Severity};
use yaml::Parsed;

/// The namespace of objects that name none.
const NAMESPACE: &str = "default";

/// What follows. Every part is shared, so that taking one along costs nothing.
#[derive(Clone, Debug, Default)]
pub struct System {
    pub manifests: Arc<Manifests>,
    pub instances: Arc<Vec<Instance>>,
    pub config_text: Option<Arc<ConfigText>>,
    pub loaded: Arc<Loaded>,
    /// Empty where the server does not run.
    pub rules: SharedRules,
    /// How Prometheus would refuse the configuration.
    pub refusal: Option<Arc<str>>,
    /// The cluster after its controllers have run.
    pub state: Arc<ClusterState>,
    pub server: Arc<Server>,
    /// Empty where the server does not run.
    pub table: Arc<TargetTable>,
    pub routes: Arc<Vec<Route>>,
    /// Jobs whose HTTP client cannot be made. They have no pool, so the table's targets for them
    /// are nowhere in Prometheus, and no route leads to them.
    pub unmade: Arc<BTreeMap<Arc<str>, Refusal>>,
    pub processes: Arc<Vec<ProcessSpec>>,
    /// Changes of the cluster that no manifest makes.
    pub overrides: Overrides,
    pub scenario: Option<&'static Scenario>,
    /// Every file, and all YAML inside values of ConfigMaps.
    pub regions: Arc<Vec<Arc<Region>>>,
    pub diagnostics: Arc<Vec<Diagnostic>>,
    /// A hash of all that Prometheus reads from files.
    pub reads: u64,
    /// Counts the times that anything here was worked out anew.
    pub generation: u64,
}

/// What a system follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct Causes {
    pub sources: Sources,
    /// What Prometheus reads, where that is another version than the cluster's objects.
    pub read: Option<Sources>,
    pub overrides: Overrides,
    /// A scenario's name.
    pub scenario: String,
}

/// The stages with their last results.
#[derive(Debug, Default)]
pub struct Stages {
    manifests: Memo<Sources, Arc<Manifests>>,
    written: Memo<Sources, Written>,
    read: Memo<Sources, Written>,
    all: Memo<Causes, System>,
    generation: u64,
    /// The regions of the last text, which the next one is read after.
    regions: Arc<Vec<Arc<Region>>>,
}

/// What follows from the text alone.
#[derive(Clone, Debug)]
struct Written {
    manifests: Arc<Manifests>,
    instances: Arc<Vec<Instance>>,
    config_text: Option<Arc<ConfigText>>,
    loaded: Arc<Loaded>,
    rules: SharedRules,
    refusal: Option<Arc<str>>,
    regions: Arc<Vec<Arc<Region>>>,
    diagnostics: Arc<Vec<Diagnostic>>,
    reads: u64,
}

impl Stages {
    /// Runs the stages whose inputs have changed.
    pub fn run(&mut self, causes: Causes) -> System {
        let Self { manifests, written, read: other, all, generation, regions } = self;
        all.get(causes, |causes| {
            let sources = &causes.sources;
            let written = written.get(sources.clone(), |_| {
                // A reading that has not changed is the same allocation.
                let objects = sources.only(FileKind::Manifest);
                let manifests = manifests.get(objects, |objects| {
                    let parsed = objects.iter().map(|source| &*source.parsed);
                    Arc::new(decode::decode(parsed, NAMESPACE))
                });
                let written = read(sources, manifests, regions);
                *regions = written.regions.clone();
                written
            });
            let written = match causes.read.as_ref().filter(|read| *read != sources) {
                Some(sources) => written.reading(other.get(sources.clone(), |sources| {
                    let objects = sources.only(FileKind::Manifest);
                    let parsed = objects.iter().map(|source| &*source.parsed);
                    let manifests = Arc::new(decode::decode(parsed, NAMESPACE));
                    read(sources, manifests, regions)
                })),
                None => written,
            };
            *generation += 1;
            System { generation: *generation, ..follow(causes, written) }
        })
    }
}

impl Written {
    /// These objects, with what Prometheus reads from another version of the text.
    fn reading(self, other: Written) -> Self {
        let Written { config_text, loaded, rules, refusal, reads, .. } = other;
        Self { config_text, loaded, rules, refusal, reads, ..self }
    }
}

/// A hash of the texts that are no manifests: configuration, rules and target files, wherever they
/// stand.
fn reads(sources: &Sources, regions: &[Arc<Region>]) -> u64 {
    let mut hash = Hash::default();
    for region in regions.iter().filter(|region| region.kind != FileKind::Manifest) {
        let Some(source) = sources.get(region.file) else { continue };
        let range = region.span.start as usize..region.span.end as usize;
        hash.add(source.text.get(range).unwrap_or_default());
    }
    hash.value()
}

/// From trees to typed manifests and configuration.
fn read(sources: &Sources, manifests: Arc<Manifests>, before: &[Arc<Region>]) -> Written {
    let instances = prometheus::instances(&manifests.cluster);
    let regions = regions(sources, &manifests, before);
    let config_text =
        configuration::find(sources, &regions, &manifests.cluster, &instances).map(Arc::new);
    let agent = instances.first().is_some_and(|instance| instance.flag("agent").is_some());
    let mode = if agent { Mode::Agent } else { Mode::Server };
    let files = WorkspaceFiles(sources);
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let loaded = match &config_text {
        Some(text) => load(&text.parsed, &files, mode),
        None => Loaded::default(),
    };
    let path = instances.first().map_or("prometheus.yml", |instance| instance.config_path.as_str());
    let refusal = refusal(&loaded, path).map(Arc::from);
    for source in sources.iter() {
        diagnostics.extend(match source.kind {
            FileKind::Configuration | FileKind::Rules => of_first_document(&source.parsed),
            _ => source.parsed.diagnostics.clone(),
        });
        if source.kind == FileKind::Manifest {
            diagnostics.extend(kubernetes::fields::check(&source.parsed));
        }
        if let Some(written) = &source.workload {
            diagnostics.extend(written.file.diagnostics.iter().cloned());
        }
    }
    for region in &regions {
        diagnostics.extend(match region.kind {
            FileKind::Configuration | FileKind::Rules => of_first_document(&region.parsed),
            _ => region.parsed.diagnostics.clone(),
        });
        let Some(source) = sources.get(region.file) else { continue };
        match region.kind {
            FileKind::Configuration => {
                let in_force = config_text.as_ref().is_some_and(|text| same(&text.parsed, region));
                // Configurations that no server reads are checked all the same.
                let other = (!in_force).then(|| load(&region.parsed, &files, Mode::Server));
                let config = &other.as_ref().unwrap_or(&loaded).config;
                let found = lints::lint(&region.parsed, &source.text, config, &files);
                diagnostics.extend(found);
                diagnostics.extend(other.into_iter().flat_map(|other| other.diagnostics));
            }
            FileKind::Workload => {
                let subjects = region.subjects(&NoHooks);
                diagnostics.extend(subjects.iter().flat_map(schema::check));
            }
            FileKind::Rules => {
                // What is wrong with the rules themselves is found where they are read, below.
                let mut found = expressions::lint(&region.parsed, &source.text, &loaded.config);
                lints::silence::retain(&region.parsed, &source.text, &mut found);
                diagnostics.extend(found);
            }
            _ => {}
        }
    }
    diagnostics.extend(loaded.diagnostics.iter().cloned());
    let container = instances.first().map(|instance| rules::Container {
        files: configuration::files_of(&manifests.cluster, instance),
        folder: instance.config_path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
    });
    let rules =
        rules::read(&loaded.config, container.as_ref(), sources, &regions, &mut diagnostics);
    diagnostics.extend(manifests.diagnostics.iter().cloned());
    Written {
        instances: Arc::new(instances),
        reads: reads(sources, &regions),
        config_text,
        refusal,
        loaded: Arc::new(loaded),
        rules: Arc::new(rules),
        regions: Arc::new(regions),
        diagnostics: Arc::new(without_twins(diagnostics)),
        manifests,
    }
}

/// Whether a region is the text that was read to this tree.
fn same(parsed: &Parsed, region: &Region) -> bool {
    let span = |parsed: &Parsed| parsed.root().map(|root| root.span);
    parsed.file == region.file && span(parsed) == span(&region.parsed)
}

/// The same finding can come by two ways, from the file itself and from who reads it.
fn without_twins(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = FxHashSet::default();
    diagnostics
        .into_iter()
        .filter(|found| seen.insert((found.code.clone(), found.location, found.message.clone())))
        .collect()
}

/// All files, then the texts inside ConfigMaps whose keys end as YAML files do.
fn regions(sources: &Sources, manifests: &Manifests, before: &[Arc<Region>]) -> Vec<Arc<Region>> {
    let yaml = |key: &str| key.ends_with(".yml") || key.ends_with(".yaml");
    let entries = manifests.cluster.config_maps.iter().flat_map(|map| &map.data);
    // An edit leaves the number and the order of texts alone, but for the few that add one; then
    // more has to be read, and nothing goes wrong.
    let mut before = before.iter().filter(|region| region.embedded);
    let inside = entries.filter(|entry| yaml(&entry.key)).filter_map(|entry| {
        let before = before.next().filter(|before| Some(before.file) == entry.at.map(|at| at.file));
        configuration::embedded(sources, entry, before.map(|before| &**before))
    });
    sources.iter().map(|source| Arc::new(Region::whole(source))).chain(inside).collect()
}

/// From typed manifests and configuration to targets and who answers them.
fn follow(causes: &Causes, written: Written) -> System {
    let Written {
        manifests,
        instances,
        config_text,
        loaded,
        rules,
        refusal,
        regions,
        diagnostics,
        reads,
    } = written;
    let verdict = |_: &Instance| match &refusal {
        None => ConfigVerdict::Valid,
        Some(error) => {
            let errors = loaded.diagnostics.iter().filter(|one| one.severity == Severity::Error);
            let at = errors.map(|one| one.location).next();
            ConfigVerdict::Invalid { error: error.to_string(), at }
        }
    };
    let inputs = Inputs { overrides: &causes.overrides, verdict: &verdict };
    let state = run(&manifests.cluster, inputs);
    let instance = instances.first();
    let server = Server::find(&state, instance, NAMESPACE);
    let runs = server.stopped.is_none() && refusal.is_none();
    let table = if runs {
        table(&causes.sources, &regions, &loaded, &state, &server, instance)
    } else {
        TargetTable::default()
    };
    let scenario = scenarios::scenario(&causes.scenario);
    let programs = Programs { scenario, files: &causes.sources };
    let processes = programs.processes(&state);
    let client = Client { state: &state, server: &server, instance };
    let unmade = if runs { unmade(&loaded.config, client) } else { BTreeMap::new() };
    let routes = routes(&table, &loaded.config, client, &unmade, programs, &processes);
    let mut checked = check(causes, &instances, &loaded, &state, programs);
    for region in regions.iter() {
        if let Some(source) = causes.sources.get(region.file) {
            lints::silence::retain(&region.parsed, &source.text, &mut checked);
        }
    }
    let diagnostics = if checked.is_empty() {
        diagnostics
    } else {
        Arc::new(diagnostics.iter().cloned().chain(checked).collect())
    };
    System {
        manifests,
        instances,
        config_text,
        loaded,
        rules: if runs { rules } else { SharedRules::default() },
        refusal,
        server: Arc::new(server),
        table: Arc::new(table),
        routes: Arc::new(routes),
        unmade: Arc::new(unmade),
        processes: Arc::new(processes),
        overrides: causes.overrides.clone(),
        scenario,
        state: Arc::new(state),
        regions,
        diagnostics,
        reads,
        generation: 0,
    }
}

/// What is at odds between objects, and between them and the configuration.
fn check(
    causes: &Causes,
    instances: &[Instance],
    loaded: &Loaded,
    state: &ClusterState,
    programs: Programs<'_>,
) -> Vec<Diagnostic> {
    let needs: Vec<Needs> = instances
        .first()
        .map(|instance| discovery::kubernetes::needs(0, &instance.namespace, &loaded.config))
        .into_iter()
        .collect();
    let listens =
        |pod: &Pod, container: &Container, port: i32| programs.listens(pod, container, port);
    let mut found = checks::run(&CheckContext {
        state,
        instances,
        needs: &needs,
        network: Network { state, listens: &listens },
        text: &|file| causes.sources.get(file).map(|source| source.text.as_str()),
    });
    found.extend(programs.check(state));
    found
}

impl System {
    /// The process that is the server itself, where it runs in a pod.
    pub fn server_process(&self) -> Option<&ProcessSpec> {
        let (instance, pod) = (self.instances.first()?, self.server.pod.as_ref()?);
        let place = format!("{}/{pod}/{}:", instance.namespace, instance.container);
        self.processes.iter().find(|process| process.key.starts_with(&place))
    }

    /// The table that another configuration would give in the same cluster.
    pub fn table_of(&self, sources: &Sources, loaded: &Loaded) -> TargetTable {
        if self.server.stopped.is_some() {
            return TargetTable::default();
        }
        let instance = self.instances.first();
        table(sources, &self.regions, loaded, &self.state, &self.server, instance)
    }
}

/// Discovery and relabelling for every job.
fn table(
    sources: &Sources,
    regions: &[Arc<Region>],
    loaded: &Loaded,
    state: &ClusterState,
    server: &Server,
    instance: Option<&Instance>,
) -> TargetTable {
    let path = instance.map_or("/etc/prometheus/prometheus.yml", |instance| &instance.config_path);
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let paths: Vec<(String, &Parsed)> = sources
        .iter()
        .map(|source| (format!("{directory}/{}", source.name), &*source.parsed))
        .collect();
    // What is mounted lies where it is mounted, whatever the workspace has at that path.
    let mounted: Vec<(String, Arc<Region>)> = instance
        .map_or_else(Vec::new, |instance| configuration::files_of(&state.cluster, instance))
        .into_iter()
        .filter(|file| [".yml", ".yaml", ".json"].iter().any(|end| file.path.ends_with(end)))
        .filter_map(|file| {
            Some((file.path, configuration::region_of(sources, regions, &file.entry)?))
        })
        .collect();
    let inside = mounted.iter().map(|(path, region)| SdFile { path, parsed: &region.parsed });
    let beside = paths.iter().map(|(path, parsed)| SdFile { path, parsed });
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
        resolver: &ClusterDns { cluster: &state.cluster, namespace: &server.namespace },
        config_directory: directory,
        files: &files,
        samples: &samples,
    };
    let jobs = loaded.config.scrape_configs.iter();
    TargetTable {
        pools: jobs.map(|job| Arc::new(Pool::new(job, discover(job, &environment)))).collect(),
    }
}
