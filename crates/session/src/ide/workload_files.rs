//! Explanations and completions in workload files, and hover cards of pasted responses.

use crate::analysis::Analysis;
use crate::analysis::programs::in_words;
use crate::workspace::sources::FileKind;
use crate::world::Snapshot;
use protocol::Card;
use schema::{CompletionRequest, Suggestion, Type, TypedNode};
use simulation::exposition::{Entry, Record, parse, review};
use simulation::workload::fields::{FAMILY, MATCH, WORKLOAD};
use simulation::workload::{Match, Plan, Role, decode, format_of, library};
use text::FileId;
use text::IndexSort;
use yaml::Node;

/// Returns true if a value is in a workload file.
pub fn is_workload(place: &TypedNode<'_, '_>) -> bool {
    matches!(place.subject.ty, Type::Record(record) if std::ptr::eq(record, &WORKLOAD))
}

fn is(record: &'static schema::Record, other: &'static schema::Record) -> bool {
    std::ptr::eq(record, other)
}

/// Returns the effects of a value in this workspace.
pub fn consequences(analysis: &Analysis, place: &TypedNode<'_, '_>) -> Vec<String> {
    let record = place.record();
    let key = place.field.map_or("", |field| field.key);
    match (record, key) {
        (Some(record), "matches") if is(record, &WORKLOAD) => {
            place.node.items().iter().flat_map(|item| fitting(analysis, item)).collect()
        }
        (Some(record), "name") if is(record, &FAMILY) => {
            place.parent().map(|family| samples(family, place)).into_iter().collect()
        }
        (Some(record), _) if is(record, &MATCH) => {
            place.parent().map(|item| fitting(analysis, item)).unwrap_or_default()
        }
        (Some(record), "includes") if is(record, &WORKLOAD) => place
            .node
            .items()
            .iter()
            .filter_map(|item| library().by_name(item.text()?))
            .map(|found| format!("`{}`: {}, {}.", found.name, found.title, series(found)))
            .collect(),
        (Some(_), "rate") => rate(place.node).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn series(workload: &simulation::workload::Workload) -> String {
    let plan = Plan::new(workload, 0);
    let exposed = |role: Role| !matches!(role, Role::Native | Role::Converted { .. });
    let count = plan.samples.iter().filter(|sample| exposed(sample.role)).count();
    format!("{count} samples")
}

/// Returns the programs that an entry of `matches` selects.
fn fitting(analysis: &Analysis, item: &Node) -> Vec<String> {
    let rule = rule_of(item);
    if let Some(address) = &rule.address {
        let targets = analysis.routes.iter().filter(|route| *route.address == **address).count();
        return vec![match targets {
            0 => format!("No target has the address {address}."),
            1 => format!("Answers the target at {address}."),
            count => format!("Answers {count} targets at {address}."),
        }];
    }
    let keys = analysis.processes.iter().filter_map(|process| {
        let (place, port) = process.key.rsplit_once(':')?;
        let (rest, container) = place.rsplit_once('/')?;
        let (namespace, pod) = rest.split_once('/')?;
        let found = analysis.state.cluster.pods.get(namespace, pod)?;
        let own = found.spec.containers.iter().find(|one| &*one.name.value == container)?;
        let wanted = simulation::workload::WorkloadQuery {
            image: &own.image.value,
            container,
            namespace,
            port: port.parse().ok()?,
        };
        rule.fits(wanted)
            .then(|| format!("Fits `{container}` of `{namespace}/{pod}`, port {port}."))
    });
    let found: Vec<String> = keys.take(10).collect();
    if found.is_empty() {
        return vec![format!("No container here is {}.", in_words(&rule))];
    }
    found
}

fn rule_of(item: &Node) -> Match {
    let text = |key: &str| item.get(key).and_then(Node::text).filter(|text| !text.is_empty());
    Match {
        image: text("image").map(Into::into),
        container: text("container").map(Into::into),
        namespace: text("namespace").map(Into::into),
        port: text("port").and_then(|port| port.parse().ok()),
        address: text("address").map(Into::into),
    }
}

/// Returns the number of samples of a family, in words.
fn samples(family: &Node, place: &TypedNode<'_, '_>) -> String {
    let name = family.get("name").and_then(Node::text).unwrap_or_default();
    let (workload, _) = decode(place.subject.root, place.subject.file);
    let own = workload.families.iter().filter(|known| &*known.name == name).cloned().collect();
    let alone = simulation::workload::Workload { families: own, ..workload.clone() };
    let plan = Plan::new(&alone, 0);
    let exposed = |role: Role| !matches!(role, Role::Native | Role::Converted { .. });
    let all: Vec<_> = plan.samples.iter().filter(|sample| exposed(sample.role)).collect();
    let first = all.first().map_or(String::new(), |sample| sample.labels.metric_name().to_owned());
    match all.len() {
        1 => format!("Exposed as one sample, `{first}`."),
        count => format!("Exposed as {count} samples, the first of them `{first}`."),
    }
}

fn rate(node: &Node) -> Option<String> {
    let rate: f64 =
        node.text()?.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0)?;
    let scrape = rate * 15.0;
    Some(format!("Between two scrapes that are 15 seconds apart it happens {scrape:.1} times."))
}

/// Returns names for a place; empty outside of workload files.
pub fn suggest(
    analysis: &Analysis,
    wanted: &CompletionRequest<'_>,
    keys: &[&str],
) -> Option<Vec<Suggestion>> {
    let own = ["families", "matches", "includes", "actions", "streams", "series"];
    let [first, ..] = keys else { return None };
    if !own.contains(first) || wanted.key {
        return None;
    }
    let last = keys.last().copied().unwrap_or_default();
    let containers = || {
        let pods = analysis.state.cluster.pods.iter();
        pods.flat_map(|pod| pod.spec.containers.iter().map(move |container| (pod, container)))
    };
    let mut found: Vec<Suggestion> = match (*first, last) {
        ("includes", _) => {
            library().iter().map(|known| Suggestion::new(&*known.name, &*known.title)).collect()
        }
        (_, "of" | "stream") => {
            let (workload, _) = decode(wanted.root, FileId(0));
            let merged = library().with_included(&workload);
            merged.streams.keys().map(|name| Suggestion::new(&**name, "stream")).collect()
        }
        ("matches", "container") => containers()
            .map(|(pod, container)| {
                Suggestion::new(&*container.name.value, format!("in {}", pod.meta.name.value))
            })
            .collect(),
        ("matches", "image") => containers()
            .map(|(_, container)| Suggestion::new(&*container.image.value, "image"))
            .collect(),
        ("matches", "namespace") => containers()
            .map(|(pod, _)| Suggestion::new(&*pod.meta.namespace.value, "namespace"))
            .collect(),
        ("matches", "port") => containers()
            .flat_map(|(_, container)| {
                let ports = container.ports.iter();
                ports.map(|port| {
                    let port = port.container_port.value.to_string();
                    Suggestion::new(port, format!("of {}", container.name.value))
                })
            })
            .collect(),
        _ => return None,
    };
    found.index_sort_by(|a, b| a.value.cmp(&b.value));
    found.dedup_by(|a, b| a.value == b.value);
    Some(found)
}

/// The line of a pasted body at a place.
fn pasted_line(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<Record> {
    let source = snapshot.sources.get(file).filter(|source| source.kind == FileKind::Metrics)?;
    let exposition = parse(&source.text, format_of(&source.text));
    exposition.records.into_iter().find(|record| record.span.touches(offset))
}

/// Returns the hover card of a line of a pasted response: its meaning, and the change of its value.
pub fn pasted(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<Card> {
    let record = pasted_line(snapshot, file, offset)?;
    let source = snapshot.sources.get(file)?;
    let mut body = vec![review::explain(&record.entry)];
    let notes = source.workload.iter().flat_map(|written| &written.notes);
    let note = notes.into_iter().find(|note| note.span == record.span);
    body.extend(note.map(|note| format!("Here its number {}.", note.text)));
    let title = match &record.entry {
        Entry::Help { family, .. } | Entry::Type { family, .. } | Entry::Unit { family, .. } => {
            family.to_string()
        }
        Entry::Comment => "Comment".to_owned(),
        Entry::Sample(sample) => sample.labels.metric_name().to_owned(),
    };
    let kind = match &record.entry {
        Entry::Sample(_) => "sample",
        Entry::Comment => "",
        _ => "metadata",
    };
    Some(Card { span: record.span, title, kind: kind.to_owned(), body, ..Card::default() })
}
