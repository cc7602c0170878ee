//! The analysis: everything that follows from the text and from changes of the cluster, at one
//! moment. It is a pure function of its [`Inputs`], computed in two stages that are kept while
//! their inputs stay the same.
//!
//! | module | content |
//! | --- | --- |
//! | [`text`](mod@text) | first stage: text to manifests, configuration, rules, diagnostics |
//! | [`apply`], [`verdicts`] | the manifests, applied to an API server, and what it says |
//! | [`stored`] | the text beside the objects that are stored |
//! | [`custom_types`] | the fields of custom resources |
//! | [`cluster`] | second stage: the cluster, the targets and the processes |
//! | [`compose`] | targets in containers of a Compose file |
//! | [`configuration`], [`rule_files`] | the texts that Prometheus reads |
//! | `drift` | fields of the text that the running cluster has with another value |
//! | `grafana` | variables and datasources of Grafana |
//! | [`metric_types`] | the types of metrics |
//! | [`expressions`] | checks of expressions in rule files |
//! | `selector_fixes` | fixes of a selector that does not match its template |
//! | [`server`] | the Prometheus server: pod, ServiceAccount, DNS, permissions |
//! | [`live`] | the answers and the command line of a live server |
//! | `observe` | the typed objects of a world, with their places in the text |
//! | [`observed`] | the state of a running cluster |
//! | [`programs`] | the programs in containers |
//! | [`routes`] | the targets with the programs that answer them |
//! | [`tls_programs`] | programs that serve TLS |
//! | [`scrape_auth`] | TLS and credentials of scrapes |
//! | [`tsdb_durability`] | the lifetime of the stored samples |
//! | `version_2` | images of Prometheus 2 |
//! | `web_config` | web configuration files of programs |
//! | `unrecognized` | files that nothing reads |
//! | [`codes`] | the registry of diagnostic codes |

pub mod apply;
pub mod cluster;
pub mod codes;
pub mod compose;
pub mod configuration;
pub mod custom_types;
pub mod drift;
mod expressions;
mod flags;
pub mod grafana;
pub mod live;
mod memo;
pub mod metric_types;
mod observe;
pub mod observed;
pub mod programs;
pub mod routes;
pub mod rule_files;
pub mod scrape_auth;
mod selector_fixes;
pub mod server;
pub mod stored;
mod text;
pub mod tls_programs;
pub mod tsdb_durability;
mod unrecognized;
pub mod verdicts;
pub mod version_2;
mod web_config;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::text::TextAnalysis;
use crate::operator::installation::Definitions;
use crate::operator::{Generated, Generator, StoredObject};
use crate::workspace::charts;
use crate::workspace::charts::origins::locate;
use crate::workspace::charts::relocate::relocate;
use crate::workspace::embedded_documents::Document;
use crate::workspace::sources::{FileKind, Source, Sources};
use ::cluster::ApiServer;
use ::text::{Diagnostic, FileId};
use apply::{Applied, Applier};
use cluster::Verdicts;
use configuration::ConfigText;
use custom_types::CustomTypes;
use discovery::targets::TargetTable;
use kubernetes::controllers::{ClusterState, Overrides};
use kubernetes::decode::{self, Manifests};
use kubernetes::objects::{Container, Pod};
use kubernetes::prometheus::Instance;
use memo::Memo;
use observe::TextOfWorld;
use observed::ObservedCluster;
use prometheus::Loaded;
use routes::Route;
use rule_files::SharedRules;
use scenarios::Scenario;
use scrape_auth::Refusal;
use server::Server;
use simulation::world::ProcessSpec;
use stored::{Comparison, Difference, Kept, Version, unparsed_before};
use world::World;

pub(crate) use crate::workspace::NAMESPACE;

/// The result of the analysis. Its parts are shared, so that a clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The objects that the API server accepts.
    pub manifests: Arc<Manifests>,
    /// The API server's verdict on each object.
    pub applied: Arc<Applied>,
    pub custom_types: Arc<CustomTypes>,
    /// The Prometheus servers in the manifests; the first one is simulated.
    pub instances: Arc<Vec<Instance>>,
    pub config_text: Option<Arc<ConfigText>>,
    pub loaded: Arc<Loaded>,
    /// Without groups if the server does not run.
    pub rules: SharedRules,
    /// True if Prometheus has read its files at a reload, and not at its start.
    pub reloaded: bool,
    /// The error with which Prometheus rejects the configuration.
    pub refusal: Option<Arc<str>>,
    /// The cluster after its controllers have run.
    pub state: Arc<ClusterState>,
    pub server: Arc<Server>,
    /// Empty if the server does not run.
    pub table: Arc<TargetTable>,
    pub routes: Arc<Vec<Route>>,
    /// Jobs whose HTTP client cannot be created. Prometheus has no scrape pool for them, and no
    /// route leads to their targets.
    pub failed_clients: Arc<BTreeMap<Arc<str>, Refusal>>,
    pub processes: Arc<Vec<ProcessSpec>>,
    /// The targets compared with those of a live server.
    pub compared: live::Compared,
    /// Changes of the cluster that no manifest makes.
    pub overrides: Overrides,
    /// True for the state of a running cluster.
    pub observed: bool,
    pub scenario: Option<&'static Scenario>,
    /// What the Prometheus Operator makes of the manifests.
    pub generated: Arc<Generated>,
    /// All files, and the documents that are embedded in ConfigMaps.
    pub documents: Arc<Vec<Arc<Document>>>,
    pub diagnostics: Arc<Vec<Diagnostic>>,
    /// A hash of everything that Prometheus reads from files.
    pub reads: u64,
    /// A number that changes with every new result.
    pub generation: u64,
}

impl Analysis {
    /// Returns the process of the server.
    pub fn server_process(&self) -> Option<&ProcessSpec> {
        let Some(instance) = self.instances.first() else {
            let key = programs::ProcessId::Server.key();
            return self.processes.iter().find(|process| process.key == key);
        };
        let pod = self.server.pod.as_ref()?;
        let place = format!("{}/{pod}/{}:", instance.namespace, instance.container);
        self.processes.iter().find(|process| process.key.starts_with(&place))
    }

    /// Observes a world that runs the manifests of this analysis.
    pub fn observe(&self, world: &mut World) -> ClusterState {
        let verdicts = Verdicts {
            instances: &self.instances,
            refusal: self.refusal.as_deref(),
            loaded: &self.loaded,
            rules: self.rules.refusal.as_ref(),
        };
        let verdict = |instance: &Instance| verdicts.of(instance);
        let (cluster, applied) = (&self.manifests.cluster, &*self.applied);
        observe::observe(world, TextOfWorld { cluster, applied, verdict: &verdict })
    }

    /// Adds the findings about custom resources, and names the fields of custom resources in place of
    /// generated text.
    fn add_findings_of_operator(&mut self) {
        let found = cluster::operator_findings(&self.generated, &self.state);
        if found.is_empty() && self.generated.origins.is_empty() {
            return;
        }
        let mut diagnostics = (*self.diagnostics).clone();
        diagnostics.extend(found);
        crate::operator::findings::relocate(&self.generated, &mut diagnostics);
        self.diagnostics = Arc::new(diagnostics);
    }

    /// Adds the findings about charts, and moves those about rendered text to the templates.
    fn add_findings_of_charts(&mut self, sources: &Sources) {
        let found = sources.releases().iter().flat_map(|release| &release.diagnostics);
        let mut found: Vec<Diagnostic> = found.cloned().collect();
        if found.is_empty() && sources.releases().is_empty() {
            return;
        }
        // A mistake that Helm names is told once, in its words.
        let told: Vec<FileId> = found.iter().map(|one| one.location.file).collect();
        let is_told =
            |one: &&Diagnostic| one.code.starts_with("yaml-") && told.contains(&one.location.file);
        found.extend(self.diagnostics.iter().filter(|one| !is_told(one)).cloned());
        relocate(sources, &mut found);
        self.diagnostics = Arc::new(found);
    }

    /// Returns the pod and the container in which the server runs.
    pub fn server_container(&self) -> Option<(&Instance, &Pod, &Container)> {
        let instance = self.instances.first()?;
        let name = self.server.pod.as_ref()?;
        let pod = self.state.cluster.pods.get(&instance.namespace, name)?;
        let mut containers = pod.spec.containers.iter();
        let container = containers.find(|one| one.name.value == instance.container)?;
        Some((instance, pod, container))
    }

    /// Returns the target table of another configuration in the same cluster.
    pub fn table_of(&self, sources: &Sources, loaded: &Loaded) -> TargetTable {
        if self.server.stopped.is_some() {
            return TargetTable::default();
        }
        let instance = self.instances.first();
        cluster::target_table(sources, &self.documents, loaded, &self.state, &self.server, instance)
    }
}

/// The inputs of an analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    pub sources: Sources,
    /// Stored objects that count beside the text.
    pub kept: Kept,
    /// The text that Prometheus reads, if it is another version than that of the cluster's objects.
    pub read: Option<Sources>,
    /// True if Prometheus reads the text at a reload. Rule files with errors then do not end it.
    pub reloaded: bool,
    pub overrides: Overrides,
    /// The state of the running cluster; None for the state that the text leads to.
    pub live: Option<ObservedCluster>,
    /// The name of a scenario.
    pub scenario: String,
}

/// Computes analyses, and keeps the last result of each stage.
#[derive(Clone, Debug, Default)]
pub struct Analyzer {
    manifests: ManifestReader,
    manifests_read: ManifestReader,
    written: Memo<(Sources, Kept), TextAnalysis>,
    read: Memo<Sources, TextAnalysis>,
    all: Memo<Inputs, Analysis>,
    /// The documents of the last text. The next text is parsed incrementally after them.
    documents: Arc<Vec<Arc<Document>>>,
}

impl Analyzer {
    /// Runs the stages whose inputs have changed. `generation` counts new results.
    pub fn run(&mut self, inputs: Inputs, generation: &mut u64) -> Analysis {
        let Self { manifests, manifests_read, written, read, all, documents } = self;
        all.get(inputs, |inputs| {
            let Inputs { sources, kept, .. } = inputs;
            let written = written.get((sources.clone(), kept.clone()), |_| {
                let reading = manifests.read(sources, kept);
                let all = sources.with(&kept.sources).with(&reading.generated.sources);
                // Sources that have not changed share their allocation.
                let written = text::analyze(&all, reading, documents);
                *documents = written.documents.clone();
                written
            });
            let written = match inputs.read.as_ref().filter(|read| *read != sources) {
                Some(sources) => written.with_configuration_of(read.get(sources.clone(), |all| {
                    let reading = manifests_read.read(all, &Kept::default());
                    let all = all.with(&reading.generated.sources);
                    text::analyze(&all, reading, documents)
                })),
                None => written,
            };
            let generated = Arc::clone(&written.generated);
            let all = sources.with(&kept.sources).with(&generated.sources);
            let inputs = Inputs { sources: all, ..inputs.clone() };
            *generation += 1;
            let analysis = cluster::analyze(&inputs, written);
            let mut analysis = Analysis { generation: *generation, generated, ..analysis };
            analysis.add_findings_of_operator();
            analysis.add_findings_of_charts(sources);
            analysis
        })
    }

    /// Applies the manifests of a text, without the other stages. `before` are earlier versions of
    /// files that kubectl cannot parse.
    fn apply(
        &mut self,
        sources: &Sources,
        before: &Sources,
    ) -> (Arc<Applied>, Option<&apply::Cluster>) {
        let applied = self.manifests.apply(sources.only(FileKind::Manifest), before);
        (applied, self.manifests.applier.cluster())
    }
}

/// Manifests that are applied and decoded.
#[derive(Clone, Debug, Default)]
pub struct ManifestReading {
    manifests: Arc<Manifests>,
    applied: Arc<Applied>,
    custom_types: Arc<CustomTypes>,
    generated: Arc<Generated>,
}

/// Applies and decodes manifests, and keeps the last result.
#[derive(Clone, Debug, Default)]
struct ManifestReader {
    applier: Applier,
    applied: Memo<(Sources, Sources), Arc<Applied>>,
    custom_types: Arc<CustomTypes>,
    generator: Generator,
    /// By manifests, stored objects, and whether another file is a configuration.
    last: Memo<(Sources, Kept, bool), ManifestReading>,
}

impl ManifestReader {
    /// Applies manifests to a fresh server. `before` are earlier versions of files that kubectl
    /// cannot parse.
    fn apply(&mut self, manifests: Sources, before: &Sources) -> Arc<Applied> {
        let Self { applier, applied, .. } = self;
        applied.get((manifests, before.clone()), |(manifests, before)| {
            Arc::new(applier.run_after(manifests, before))
        })
    }

    /// Applies and decodes the manifests of a text. Stored objects that count beside the text are
    /// decoded only.
    fn read(&mut self, sources: &Sources, kept: &Kept) -> ManifestReading {
        let objects = sources.only(FileKind::Manifest);
        let applied = self.apply(objects.clone(), &kept.before);
        let has_configuration = sources.of_kind(FileKind::Configuration).next().is_some();
        let Self { custom_types, generator, last, .. } = self;
        last.get((objects, kept.clone(), has_configuration), |(objects, kept, _)| {
            let definitions = Definitions::of(objects);
            let stored: Vec<StoredObject<'_>> = applied
                .stored()
                .filter_map(|object| {
                    Some(StoredObject { value: object.stored.as_ref()?, location: object.location })
                })
                .collect();
            let generated = generator.run(objects, &stored, definitions, !has_configuration);
            let files = objects.iter().chain(kept.sources.iter()).chain(generated.sources.iter());
            let files: Vec<&Arc<Source>> = files.collect();
            let mut absent = applied.absent();
            absent.extend(&kept.replaced);
            let is_absent = |location| absent.contains(&location);
            let parsed = files.iter().map(|source| (&*source.parsed, source.namespace()));
            let manifests = decode::decode_without(parsed, &is_absent);
            *custom_types = Arc::new(custom_types.of(&applied, definitions.are_assumed()));
            ManifestReading {
                manifests: Arc::new(manifests),
                applied: Arc::clone(&applied),
                custom_types: Arc::clone(custom_types),
                generated: Arc::new(generated),
            }
        })
    }
}

/// Analyses of the current text, of the stored manifests, and of combinations of earlier versions.
#[derive(Debug, Default)]
pub struct Analyses {
    sources: Sources,
    scenario: String,
    current: Analyzer,
    stored: Analyzer,
    earlier: Analyzer,
    difference: Memo<(Sources, Sources), Arc<Difference>>,
    /// The generation of the last new result. Two results never have the same one.
    generation: u64,
}

impl Analyses {
    pub fn new(scenario: &str) -> Self {
        Self { scenario: scenario.to_owned(), ..Self::default() }
    }

    /// The current text.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Replaces the text. `stored` are the stored manifests.
    pub fn set_sources(&mut self, sources: Sources, stored: Option<&Sources>) {
        if stored == Some(&self.sources) && sources != self.sources {
            // What is known of the text until now is known of the stored manifests.
            self.stored = self.current.clone();
        }
        self.sources = sources;
    }

    fn inputs(&self, sources: &Sources, overrides: &Overrides) -> Inputs {
        Inputs {
            sources: sources.clone(),
            kept: Kept::default(),
            read: None,
            reloaded: false,
            overrides: overrides.clone(),
            live: None,
            scenario: self.scenario.clone(),
        }
    }

    /// Returns the analysis of the current text. Stored objects whose documents cannot be applied
    /// now count beside it.
    pub fn current(&mut self, stored: &Sources, overrides: &Overrides) -> Analysis {
        let kept = self.difference(stored).kept.clone();
        let inputs = Inputs { kept, ..self.inputs(&self.sources, overrides) };
        self.current.run(inputs, &mut self.generation)
    }

    /// Returns the analysis of the stored manifests.
    pub fn stored(&mut self, stored: &Sources, overrides: &Overrides) -> Analysis {
        if *stored == self.sources {
            return self.current(stored, overrides);
        }
        let inputs = self.inputs(stored, overrides);
        self.stored.run(inputs, &mut self.generation)
    }

    /// Returns the analysis of a moment at which the cluster's objects are of one version of the
    /// text, and Prometheus has read another one, at its start or at a reload.
    pub fn analysis_at(
        &mut self,
        cluster: &Sources,
        (read, reloaded): (&Sources, bool),
        overrides: &Overrides,
    ) -> Analysis {
        let read = Some(read.clone());
        let inputs = Inputs { read, reloaded, ..self.inputs(cluster, overrides) };
        self.earlier.run(inputs, &mut self.generation)
    }

    /// Returns the analysis of a running cluster. The stored manifests are of one version of the
    /// text, and Prometheus has read another one. `overrides` are for the menu of actions only.
    pub fn observed(
        &mut self,
        stored: &Sources,
        (read, reloaded): (&Sources, bool),
        live: ObservedCluster,
        overrides: &Overrides,
    ) -> Analysis {
        let read = Some(read.clone());
        let live = Some(live);
        let inputs = Inputs { read, reloaded, live, ..self.inputs(stored, overrides) };
        self.earlier.run(inputs, &mut self.generation)
    }

    /// Returns an API server with the stored manifests.
    pub fn api_server(&mut self, stored: &Sources) -> Option<ApiServer> {
        let analyzer = if *stored == self.sources { &mut self.current } else { &mut self.stored };
        let (_, cluster) = analyzer.apply(stored, &Sources::default());
        cluster.map(|cluster| cluster.server.clone())
    }

    /// Returns the difference between the stored manifests and the text.
    pub fn difference(&mut self, stored: &Sources) -> Arc<Difference> {
        if *stored == self.sources {
            return Arc::default();
        }
        let versions = (stored.clone(), self.sources.clone());
        if let Some(known) = self.difference.known(&versions) {
            return known.clone();
        }
        let mut found = self.compare(stored, |compared| compared.into_difference());
        relocate(&self.sources, &mut found.diagnostics);
        for refused in &mut found.refused {
            refused.at = locate(&self.sources, &self.sources, refused.at);
        }
        // The page names the chart of a rendered file.
        let chart = |file: &FileId| charts::metadata_of(&self.sources, *file).unwrap_or(*file);
        found.unparsed = found.unparsed.iter().map(chart).collect();
        found.unparsed.dedup();
        let found = Arc::new(found);
        self.difference.get(versions, |_| found)
    }

    /// Compares the stored manifests with the text.
    pub fn compare<T>(&mut self, stored: &Sources, answer: impl FnOnce(Comparison<'_>) -> T) -> T {
        if *stored == self.sources {
            let (applied, cluster) = self.current.apply(stored, &Sources::default());
            let both = Version { sources: stored, applied: &applied };
            return answer(Comparison::new(both, both, cluster));
        }
        let before = unparsed_before(stored, &self.sources);
        let (applied, _) = self.current.apply(&self.sources, &before);
        let written = Version { sources: &self.sources, applied: &applied };
        let (applied, cluster) = self.stored.apply(stored, &Sources::default());
        answer(Comparison::new(Version { sources: stored, applied: &applied }, written, cluster))
    }
}
