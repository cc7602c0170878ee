//! The ready-made workloads, and which of them a container gets.

use std::sync::{Arc, OnceLock};

use super::Workload;

/// All ready-made workloads, those they include already merged in.
#[derive(Debug, Default)]
pub struct Library {
    workloads: Vec<Arc<Workload>>,
}

/// The project's own library.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let text = include_str!(concat!(env!("OUT_DIR"), "/workloads.json"));
        // A test reads the same text, so nothing but a broken build can leave the library empty.
        Library::new(serde_json::from_str(text).unwrap_or_default())
    })
}

impl Library {
    fn new(workloads: Vec<Workload>) -> Self {
        let merged = workloads.iter().map(|workload| {
            let mut merged = workload.clone();
            for name in included(workload, &workloads) {
                let Some(other) = workloads.iter().find(|other| other.name == name) else {
                    continue;
                };
                merged.streams.extend(other.streams.iter().map(|(k, v)| (k.clone(), *v)));
                merged.families.extend(other.families.iter().cloned());
            }
            Arc::new(merged)
        });
        Self { workloads: merged.collect() }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Workload>> {
        self.workloads.iter()
    }

    pub fn by_name(&self, name: &str) -> Option<&Arc<Workload>> {
        self.workloads.iter().find(|workload| &*workload.name == name)
    }

    /// The workload of a container with this image that listens on this port. What is known of the
    /// image says more than a port that anybody may use.
    pub fn for_container(&self, image: &str, port: u16) -> Option<&Arc<Workload>> {
        let fits = |by_image: bool| {
            self.workloads.iter().find(|workload| {
                workload.matches.iter().any(|rule| {
                    rule.image.is_some() == by_image
                        && rule.image.as_ref().is_none_or(|part| image.contains(&**part))
                        && rule.port.is_none_or(|wanted| wanted == port)
                })
            })
        };
        fits(true).or_else(|| fits(false))
    }
}

/// The names of all workloads that come along, also by way of others, each once.
fn included(workload: &Workload, all: &[Workload]) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = workload.includes.clone();
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        if let Some(other) = all.iter().find(|other| other.name == name) {
            for further in &other.includes {
                if !names.contains(further) {
                    names.push(further.clone());
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::{Influences, Process};
    use super::*;
    use crate::simulation::exposition::{Format, MetricType, parse, write};

    const START: i64 = 1_700_000_000_000;

    #[test]
    fn every_file_is_of_the_right_form() {
        let text = include_str!(concat!(env!("OUT_DIR"), "/workloads.json"));
        let workloads: Vec<Workload> = serde_json::from_str(text).unwrap();
        assert!(workloads.len() >= 15, "{}", workloads.len());
        for workload in &workloads {
            for name in &workload.includes {
                assert!(workloads.iter().any(|other| other.name == *name), "{name}");
            }
            let merged = library().by_name(&workload.name).unwrap();
            for family in &merged.families {
                let counts = !matches!(family.metric_type, MetricType::Gauge | MetricType::Info);
                let streams = family.series.iter().filter_map(|series| series.of.as_ref());
                for stream in family.of.iter().chain(streams) {
                    assert!(merged.streams.contains_key(stream), "{}: {stream}", family.name);
                    assert!(counts, "{} counts nothing", family.name);
                }
                assert!(!family.help.is_empty(), "{} needs a help text", family.name);
            }
            for action in &workload.actions {
                assert!(workload.streams.contains_key(&action.stream), "{}", action.name);
            }
        }
    }

    #[test]
    fn what_is_exposed_reads_back_in_both_formats() {
        for workload in library().iter() {
            let process = Process::new(workload.clone(), 1, START);
            let families = process.families(START + 3_600_000, Influences::default());
            let samples: usize = families.iter().map(|family| family.samples.len()).sum();
            for format in [Format::PrometheusText, Format::OpenMetrics] {
                let body = write(&families, format);
                let read = parse(&body, format);
                assert_eq!(read.error, None, "{}\n{body}", workload.name);
                assert_eq!(read.samples().count(), samples, "{}", workload.name);
                for (sample, family) in
                    read.samples().zip(families.iter().flat_map(|family| &family.samples))
                {
                    assert!(sample.value == family.value || sample.value.is_nan());
                }
                if format == Format::PrometheusText {
                    let planned = process.plan().samples.iter().map(|sample| &sample.labels);
                    assert!(read.samples().map(|sample| &sample.labels).eq(planned));
                }
            }
        }
    }

    #[test]
    fn counters_never_fall_while_a_process_runs_and_start_at_zero() {
        for workload in library().iter() {
            let process = Process::new(workload.clone(), 9, START);
            let mut last: Option<Vec<f64>> = None;
            for step in 0..40 {
                let now: Vec<f64> = process
                    .families(START + step * 15_000, Influences::default())
                    .iter()
                    .filter(|family| {
                        matches!(family.metric_type, MetricType::Counter | MetricType::Histogram)
                    })
                    .flat_map(|family| family.samples.iter().map(|sample| sample.value))
                    .collect();
                let before = last.unwrap_or_else(|| vec![0.0; now.len()]);
                for (before, now) in before.iter().zip(&now) {
                    assert!(now >= before, "{}: {before} then {now}", workload.name);
                }
                last = Some(now);
            }
        }
    }

    #[test]
    fn containers_get_their_workload() {
        for (image, port, expected) in [
            ("giftcard/proxy:v1", 8080, Some("giftcard")),
            ("prom/prometheus:v3.14.0", 9090, Some("prometheus")),
            ("quay.io/prometheuscommunity/postgres-exporter", 9187, Some("postgres")),
            ("oliver006/redis_exporter:v1.62.0", 9121, Some("redis")),
            ("registry.example/sidecar", 9113, Some("nginx")),
            ("postgres:16", 5432, None),
            ("nginx:1.27", 80, None),
        ] {
            let workload = library().for_container(image, port).map(|found| &*found.name);
            assert_eq!(workload, expected, "{image}:{port}");
        }
    }
}
