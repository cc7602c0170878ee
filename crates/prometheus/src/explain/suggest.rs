//! Suggested values.

use schema::{CompletionRequest, PathSegment, Suggestion};

use super::labels_before;

const INTERVALS: [(&str, &str); 5] = [
    ("5s", "high resolution, for few targets"),
    ("15s", "a common choice"),
    ("30s", "half the samples of 15s"),
    ("1m", "the default"),
    ("2m", "the longest interval that tolerates a failed scrape"),
];

/// The maximum number of suggestions.
const MOST: usize = 200;

pub fn of(wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
    let key = wanted.path.iter().rev().find_map(|step| match step {
        PathSegment::Key(key) => Some(&**key),
        PathSegment::Index(_) => None,
    });
    if wanted.key {
        return match key {
            Some("labels" | "external_labels") => ["env", "region", "team", "cluster"]
                .map(|name| Suggestion::new(name, "a common label"))
                .to_vec(),
            _ => Vec::new(),
        };
    }
    match key {
        Some("source_labels") => labels_before(wanted.root, wanted.path)
            .into_iter()
            .filter(|known| !known.name.contains('<') || known.name.starts_with(wanted.prefix))
            .take(MOST)
            .map(|known| {
                // A pattern is completed up to its placeholder.
                let value = known.name.split('<').next().unwrap_or_default().to_owned();
                Suggestion::new(value, known.doc)
            })
            .collect(),
        Some("target_label") => ["namespace", "pod", "node", "service", "instance", "__address__"]
            .map(|name| Suggestion::new(name, ""))
            .to_vec(),
        Some("scrape_interval" | "evaluation_interval") => {
            INTERVALS.map(|(value, detail)| Suggestion::new(value, detail)).to_vec()
        }
        Some("metrics_path") => [
            ("/metrics", "the default"),
            ("/federate", "of another Prometheus"),
            ("/probe", "of the blackbox exporter"),
            ("/actuator/prometheus", "of Spring Boot"),
        ]
        .map(|(value, detail)| Suggestion::new(value, detail))
        .to_vec(),
        Some("honor_labels" | "honor_timestamps" | "enable_compression") => {
            ["true", "false"].map(|value| Suggestion::new(value, "")).to_vec()
        }
        _ => Vec::new(),
    }
}
