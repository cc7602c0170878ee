//! The places in a view, as references that can be changed.

use text::Location;

use super::{Label, Note, View, cluster, config, discovery, explain, metrics, rules, targets};

/// Calls a function with each place.
type Visit<'a> = &'a mut dyn FnMut(&mut Location);

impl View {
    /// Calls a function with each place that names text which a program reads: configuration, rules,
    /// manifests. Places of findings are left out.
    pub fn for_each_place(&mut self, visit: &mut dyn FnMut(&mut Location)) {
        match self {
            Self::Config(view) => of_config(view, visit),
            Self::Cluster(view) => of_cluster(view, visit),
            Self::Discovery(view) => of_discovery(view, visit),
            Self::Targets(view) => of_targets(view, visit),
            Self::Metrics(view) => of_metrics(view, visit),
            Self::Rules(view) => of_rules(view, visit),
            Self::Explain(view) => of_explain(view, visit),
            Self::Monitors(view) => {
                view.monitors.iter_mut().filter_map(|one| one.location.as_mut()).for_each(visit);
            }
            Self::Chart(_) | Self::Query(_) | Self::RateLab(_) | Self::Checks(_) => {}
        }
    }
}

fn of_note(note: &mut Option<Note>, visit: Visit<'_>) {
    note.iter_mut().filter_map(|note| note.location.as_mut()).for_each(visit);
}

fn of_labels(labels: &mut [Label], visit: Visit<'_>) {
    labels.iter_mut().filter_map(|label| label.source.as_mut()).for_each(visit);
}

fn of_explain(view: &mut explain::View, visit: Visit<'_>) {
    view.path.iter_mut().for_each(|crumb| visit(&mut crumb.location));
    let estimate = view.storage.iter_mut().flat_map(|estimate| &mut estimate.verdicts);
    for consequence in view.consequences.iter_mut().chain(estimate) {
        consequence.links.iter_mut().for_each(|(_, place)| visit(place));
    }
    view.location.iter_mut().for_each(&mut *visit);
    let lines = view.stored.iter_mut().flat_map(|stored| &mut stored.lines);
    lines.filter_map(|line| line.at.as_mut()).for_each(&mut *visit);
    let parts = view.picture.iter_mut().flat_map(|picture| &mut picture.parts);
    parts.filter_map(|part| part.at.as_mut()).for_each(visit);
}

fn of_config(view: &mut config::View, visit: Visit<'_>) {
    of_note(&mut view.note, visit);
    view.lines.iter_mut().filter_map(|line| line.location.as_mut()).for_each(visit);
}

fn of_cluster(view: &mut cluster::View, visit: Visit<'_>) {
    for node in &mut view.graph.nodes {
        node.at.iter_mut().for_each(&mut *visit);
        node.lines.iter_mut().filter_map(|line| line.at.as_mut()).for_each(&mut *visit);
    }
    view.graph.edges.iter_mut().filter_map(|edge| edge.at.as_mut()).for_each(&mut *visit);
    view.failing_pods.iter_mut().filter_map(|pod| pod.at.as_mut()).for_each(&mut *visit);
    view.refused.iter_mut().filter_map(|refused| refused.at.as_mut()).for_each(&mut *visit);
    let rows = view.running.iter_mut().flat_map(|running| &mut running.rows);
    rows.filter_map(|row| row.at.as_mut()).for_each(visit);
}

fn of_discovery(view: &mut discovery::View, visit: Visit<'_>) {
    of_note(&mut view.note, visit);
    let Some(job) = &mut view.job else { return };
    job.location.iter_mut().for_each(&mut *visit);
    for entry in &mut job.entries {
        visit(&mut entry.location);
        entry.log.iter_mut().filter_map(|line| line.location.as_mut()).for_each(&mut *visit);
    }
    job.rules.iter_mut().for_each(|rule| visit(&mut rule.location));
    job.rows.iter_mut().filter_map(|row| row.location.as_mut()).for_each(&mut *visit);
    let Some(steps) = &mut job.steps else { return };
    steps.location.iter_mut().for_each(&mut *visit);
    for labels in [&mut steps.before, &mut steps.after, &mut steps.hidden] {
        of_labels(labels, visit);
    }
    steps.steps.iter_mut().filter_map(|step| step.location.as_mut()).for_each(visit);
}

fn of_targets(view: &mut targets::View, visit: Visit<'_>) {
    of_note(&mut view.note, visit);
    for pool in &mut view.pools {
        pool.location.iter_mut().for_each(&mut *visit);
        of_note(&mut pool.note, visit);
        for row in &mut pool.targets {
            of_labels(&mut row.labels, visit);
            row.reasons.iter_mut().filter_map(|one| one.location.as_mut()).for_each(&mut *visit);
            if let Some(details) = &mut row.details {
                of_labels(&mut details.discovered, visit);
                of_labels(&mut details.hidden, visit);
            }
        }
    }
    let Some(comparison) = &mut view.comparison else { return };
    comparison.differences.iter_mut().filter_map(|one| one.location.as_mut()).for_each(visit);
}

fn of_metrics(view: &mut metrics::View, visit: Visit<'_>) {
    for stored in &mut view.stored {
        if let metrics::Fate::Dropped { location: Some(location), .. } = &mut stored.fate {
            visit(location);
        }
    }
}

fn of_rules(view: &mut rules::View, visit: Visit<'_>) {
    for group in &mut view.groups {
        visit(&mut group.location);
        group.rules.iter_mut().for_each(|rule| visit(&mut rule.location));
    }
}
