//! The program behind a target, and the way to replace it.

use crate::analysis::programs::{Programs, Spot, catalog};
use crate::analysis::routes::Route;
use crate::workspace::sources::WORKLOADS;
use crate::world::Snapshot;
use protocol::pages::metrics::{Program, ReadyMade};
use simulation::workload::library;
use simulation::world::Reach;

pub(super) fn program(snapshot: &Snapshot<'_>, route: &Route) -> Option<Program> {
    let Reach::Process { key, .. } = &route.spec.reach else { return None };
    let process = snapshot.stored.processes.iter().find(|process| process.key == *key)?;
    let (place, port) = key.rsplit_once(':')?;
    let mut parts = place.splitn(3, '/');
    let (namespace, pod, container) = (parts.next()?, parts.next()?, parts.next()?);
    let port: i32 = port.parse().ok()?;
    let found = snapshot.stored.state.cluster.pods.get(namespace, pod)?;
    let own = found.spec.containers.iter().find(|one| *one.name.value == *container)?;
    let scenario = scenarios::scenario(&snapshot.workspace.scenario);
    let files = snapshot.timeline.stored();
    let catalog = catalog(files, scenario);
    let programs = Programs { catalog: &catalog, files };
    let spot = Spot { pod: found, container: own, port };
    let written = programs.file_for(spot).map(|(source, _)| source);
    let workload = &process.workload;
    let because = match (written, programs.rule(spot)) {
        (Some(source), _) => format!("{} says so", source.name),
        (None, Some(_)) => "the scenario says so".to_owned(),
        (None, None) if &*workload.name == "process" => {
            format!("nothing is known of the image {}", own.image.value)
        }
        (None, None) => format!("known of the image {}", own.image.value),
    };
    let matches = format!(
        "matches:\n  - {{ container: {container}, namespace: {namespace}, port: {port} }}\n"
    );
    let others = library().iter().map(|other| ReadyMade {
        name: other.name.to_string(),
        title: other.title.to_string(),
        text: format!(
            "name: {container}\ntitle: {}\n{matches}includes: [{}]\n",
            other.title, other.name
        ),
    });
    let ready = library().text(&workload.name);
    let edit = ready.map_or_else(
        || format!("name: {container}\ntitle: {container}\n{matches}includes: [process]\n"),
        |text| with_matches(text, &matches),
    );
    let usual = || format!("{WORKLOADS}{container}.yaml");
    let head = format!("# for: container={container} namespace={namespace} port={port}\n");
    let advice = "# Put a copied /metrics body below this line.\n";
    Some(Program {
        title: workload.title.to_string(),
        place: format!("container {container} of {namespace}/{pod}, port {port}"),
        because,
        file: written.map(|source| source.name.clone()),
        name: ready.map(|_| workload.name.to_string()).unwrap_or_default(),
        edit: (written.map_or_else(usual, |source| source.name.clone()), edit),
        paste: (
            format!("{WORKLOADS}{container}_{port}.prom"),
            format!("{head}# uptime: 1h\n{advice}"),
        ),
        others: others.collect(),
    })
}

/// Returns the text of a library workload for one container: its `matches` are replaced.
fn with_matches(text: &str, matches: &str) -> String {
    let mut result = String::with_capacity(text.len() + matches.len());
    let mut inside = false;
    let mut placed = false;
    for line in text.split_inclusive('\n') {
        let top = !line.starts_with([' ', '-', '#', '\n']);
        if top {
            inside = line.starts_with("matches:");
            // After the names, before the next key.
            if !placed && !line.starts_with("name:") && !line.starts_with("title:") {
                result.push_str(matches);
                placed = true;
            }
        }
        if !inside {
            result.push_str(line);
        }
    }
    if !placed {
        result.push_str(matches);
    }
    result
}
