//! Hooks of the schema: effects of a value in this workspace, and names that exist.

use super::flags;
use super::workload_files::{self, is_workload};
use crate::analysis::Analysis;
use crate::analysis::routes::Route;
use kubernetes::objects::Kind;
use prometheus::explain::PrometheusHooks;
use schema::{CompletionRequest, Dialect, Hooks, PathSegment, Root, Suggestion, Type, TypedNode};
use text::IndexSort;
use text::Location;
use yaml::Node;

/// The hooks, from an analysis.
pub struct SchemaHooks<'a> {
    pub analysis: &'a Analysis,
}

/// The maximum number of sentences and names.
const MOST: usize = 200;

impl Hooks for SchemaHooks<'_> {
    fn refine(&self, node: &Node, ty: Type) -> Type {
        match kubernetes::fields::refine(node, ty) {
            Type::Any => self.analysis.custom_types.type_of(node).unwrap_or(Type::Any),
            ty => ty,
        }
    }

    fn notation(&self, ty: &Type, text: &str) -> Result<(), String> {
        self.configuration().notation(ty, text)
    }

    fn root(&self) -> Option<Root<'_>> {
        Some(self.analysis.loaded.config.inherited.as_ref()?.root())
    }

    fn placeholder(&self, place: &TypedNode<'_, '_>, name: &str) -> Option<String> {
        if is_configuration(place) {
            return self.configuration().placeholder(place, name);
        }
        (name == "verbs of the rule").then(|| verbs_of_rule(place.parent()?))?
    }

    fn consequences(&self, place: &TypedNode<'_, '_>) -> Vec<String> {
        let span = place.entry.map_or(place.node.span, |entry| entry.span());
        let location = place.subject.location(span);
        let mut sentences = match is_configuration(place) {
            true => self.configuration().consequences(place),
            false => Vec::new(),
        };
        if is_workload(place) {
            sentences.extend(workload_files::consequences(self.analysis, place));
        }
        match place.field.map(|field| field.key) {
            Some("job_name") => sentences.extend(self.job(place.node.text().unwrap_or_default())),
            Some("targets") => sentences.extend(self.routes_of(location)),
            _ if in_targets(place) => {
                sentences.extend(self.routes_of(place.subject.location(place.node.span)));
            }
            _ if in_arguments(place) => {
                sentences.extend(flags::consequences(self.analysis, location))
            }
            Some("relabel_configs") => sentences.extend(self.relabeling_counts(place)),
            _ => {}
        }
        sentences.truncate(MOST);
        sentences
    }

    fn suggest(&self, wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
        let keys: Vec<&str> = wanted.path.iter().filter_map(key).collect();
        if let Some(found) = workload_files::suggest(self.analysis, wanted, &keys) {
            return found;
        }
        let mut all = match keys.last().copied() {
            Some("args") => flags::suggest(wanted),
            Some("targets") => self.addresses(),
            Some("names") if keys.contains(&"namespaces") => self.namespaces(),
            Some("source_labels") => self.meta_labels(),
            _ => Vec::new(),
        };
        // Existing names come first, then known ones.
        for other in self.configuration().suggest(wanted) {
            if !all.iter().any(|known| known.value == other.value) {
                all.push(other);
            }
        }
        all.truncate(MOST);
        all
    }
}

fn key(step: &PathSegment) -> Option<&str> {
    match step {
        PathSegment::Key(key) => Some(key),
        PathSegment::Index(_) => None,
    }
}

/// The objects that the roles of `kubernetes_sd_configs` list and watch.
const DISCOVERED: [&str; 6] =
    ["endpoints", "endpointslices", "ingresses", "nodes", "pods", "services"];

/// The verbs that a rule of a role needs. Returns None for a rule that neither discovery nor a scrape
/// needs.
fn verbs_of_rule(rule: &Node) -> Option<String> {
    let has = |key: &str| rule.get(key).is_some_and(|list| !list.items().is_empty());
    if has("nonResourceURLs") {
        return Some("a request of a path needs get".to_owned());
    }
    let resources = rule.get("resources").map_or(&[][..], Node::items);
    let discovered =
        |one: &Node| one.text().is_some_and(|name| name == "*" || DISCOVERED.contains(&name));
    resources.iter().any(discovered).then(|| "discovery needs list and watch".to_owned())
}

/// An item of a `targets` list.
fn in_targets(place: &TypedNode<'_, '_>) -> bool {
    matches!(place.path, [.., PathSegment::Key(key), PathSegment::Index(_)] if &**key == "targets")
}

/// An argument of a container.
fn in_arguments(place: &TypedNode<'_, '_>) -> bool {
    matches!(place.path, [.., PathSegment::Key(key), PathSegment::Index(_)] if matches!(&**key, "args" | "command"))
}

/// Returns true if a value belongs to a Prometheus configuration.
fn is_configuration(place: &TypedNode<'_, '_>) -> bool {
    place.subject.dialect == Dialect::Prometheus && !is_workload(place)
}

impl SchemaHooks<'_> {
    /// The hooks that need the configuration only.
    fn configuration(&self) -> PrometheusHooks<'_> {
        PrometheusHooks::new(&self.analysis.loaded.config)
    }

    fn routes_of(&self, location: Location) -> Vec<String> {
        let routes = routes_at(self.analysis, location);
        routes.map(|route| route.connection.explanation.clone()).collect()
    }

    fn job(&self, name: &str) -> Option<String> {
        let pool = self.analysis.table.pool(name)?;
        let count = pool.active.len();
        let targets = if count == 1 { "1 target".to_owned() } else { format!("{count} targets") };
        Some(format!(
            "This job has {targets} here; each of their series has the label `job=\"{name}\"`."
        ))
    }

    fn relabeling_counts(&self, place: &TypedNode<'_, '_>) -> Option<String> {
        let job = place.parent()?.get("job_name")?.text()?;
        let target_counts = self.analysis.table.pool(job)?.target_counts;
        Some(format!(
            "Of {} discovered targets, {} are kept and {} dropped.",
            target_counts.counts.targets, target_counts.kept, target_counts.dropped
        ))
    }

    /// Every Service's port, as the server would reach it.
    fn addresses(&self) -> Vec<Suggestion> {
        let namespace = &self.analysis.server.namespace;
        let services = self.analysis.state.cluster.services.iter();
        services
            .filter(|service| !service.meta.name.value.is_empty())
            .flat_map(|service| {
                let host = kubernetes::dns::host_for(namespace, service);
                let ports = service.ports.iter().map(move |port| {
                    let detail = format!("Service port {}", port.name.value);
                    Suggestion::new(format!("{host}:{}", port.port.value), detail.trim_end())
                });
                ports.collect::<Vec<_>>()
            })
            .collect()
    }

    fn namespaces(&self) -> Vec<Suggestion> {
        let all = self.analysis.state.cluster.all();
        let mut names: Vec<&str> = all
            .iter()
            .map(|(kind, meta)| match kind {
                Kind::Namespace => &*meta.name.value,
                _ => &*meta.namespace.value,
            })
            .filter(|name| !name.is_empty())
            .collect();
        names.index_sort();
        names.dedup();
        names.into_iter().map(|name| Suggestion::new(name, "namespace")).collect()
    }

    /// Returns the labels of the discovered targets.
    fn meta_labels(&self) -> Vec<Suggestion> {
        let pools = self.analysis.table.pools.iter();
        let targets = pools.flat_map(|pool| {
            let kept = pool.active.iter().map(|target| &target.discovered);
            kept.chain(pool.dropped.iter().map(|dropped| &dropped.discovered)).take(200)
        });
        let mut labels: Vec<(&str, &str)> = targets
            .flat_map(|labels| labels.iter().map(|label| (&*label.name, &*label.value)))
            .collect();
        labels.index_sort();
        labels.dedup_by_key(|(name, _)| *name);
        let suggestion =
            |(name, value): (&str, &str)| Suggestion::new(name, format!("here \"{value}\""));
        labels.into_iter().map(suggestion).collect()
    }
}

/// Returns the routes of targets at or in a place of the text.
pub fn routes_at(analysis: &Analysis, location: Location) -> impl Iterator<Item = &Route> {
    let inside =
        move |at: Location| at.file == location.file && location.span.contains_span(at.span);
    analysis.routes.iter().filter(move |route| route.written.is_some_and(inside))
}
