//! The scenarios as wholes: from their files to the health of each target, and what becomes of it
//! when a file is changed.

use std::sync::Arc;

use playground::discovery::{Environment, Record, RecordType, Resolver, Unrestricted, discover};
use playground::kubernetes::controllers::run_plain;
use playground::kubernetes::decode::{self, is_manifest};
use playground::kubernetes::mounts::PathInContainer;
use playground::kubernetes::prometheus::instances;
use playground::lessons::scenario;
use playground::prometheus::{Mode, NoFiles, load};
use playground::session::wiring::{Scraper, wire};
use playground::simulation::world::World;
use playground::storage::Storage;
use playground::targets::{Pool, TargetTable};
use playground::text::FileId;
use playground::yaml;

const START: i64 = 1_700_000_000_000;

struct NoNames;

impl Resolver for NoNames {
    fn resolve(&self, _name: &str, _record_type: RecordType) -> Option<Vec<Record>> {
        None
    }
}

/// `url → error` of each target after two minutes, `ok` where the last scrape worked.
fn health(name: &str, edits: &[(&str, &str)]) -> Vec<String> {
    let scenario = scenario(name).expect("the scenario is there");
    let texts: Vec<String> = scenario
        .files
        .iter()
        .map(|file| {
            edits.iter().fold(file.text.to_owned(), |text, (from, to)| text.replace(from, to))
        })
        .collect();
    for (from, _) in edits {
        let found = scenario.files.iter().any(|file| file.text.contains(from));
        assert!(found, "no file has {from:?}");
    }
    let parsed: Vec<_> =
        (0..).zip(&texts).map(|(id, text)| yaml::parse(FileId(id), text)).collect();
    let manifests =
        decode::decode(parsed.iter().filter(|parsed| is_manifest(parsed)), scenario.namespace);
    let cluster = run_plain(&manifests.cluster);
    let instances = instances(&manifests.cluster);
    let instance = instances.first().expect("there is a Prometheus");
    let PathInContainer::File(file) = &instance.config else {
        return vec!["Prometheus has no configuration".to_owned()];
    };
    let (Some(node), Some(at)) = (&file.entry.node, file.entry.at) else {
        panic!("the configuration stands in a ConfigMap");
    };
    let text = &texts[at.file.0 as usize];
    let tree = yaml::embedded(at.file, text, node).expect("a block scalar");
    let config = load(&tree, &NoFiles, Mode::Server).config;
    let environment = Environment {
        cluster: &cluster.cluster,
        access: &Unrestricted,
        own_namespace: Some(&instance.namespace),
        resolver: &NoNames,
        config_directory: "/etc/prometheus",
        files: &[],
        samples: &[],
    };
    let pools = config
        .scrape_configs
        .iter()
        .map(|job| Arc::new(Pool::new(job, discover(job, &environment))));
    let table = TargetTable { pools: pools.collect() };
    let pod = cluster
        .cluster
        .pods
        .iter()
        .find(|pod| pod.spec.containers.iter().any(|one| one.name.value == instance.container));
    let from = Scraper {
        namespace: instance.namespace.to_string(),
        pod: pod.map(|pod| pod.meta.name.value.to_string()),
    };
    let wiring = wire(&table, &config.scrape_configs, &cluster, &from, scenario.workloads);
    let mut world = World::new(1, START, Storage::unbounded());
    world.set_processes(wiring.processes);
    world.set_targets(wiring.targets);
    world.advance(START + 120_000, usize::MAX);
    world
        .reports()
        .map(|(target, report, _)| {
            let report = report.expect("two minutes are enough for a scrape");
            format!("{} {}", target.url, report.error.as_deref().unwrap_or("ok"))
        })
        .collect()
}

#[test]
fn the_giftcard_system_is_up() {
    assert_eq!(health("giftcard", &[]), ["http://proxy-service:8080/metrics ok"]);
}

#[test]
fn changes_of_the_giftcard_system_have_their_consequence() {
    let get = |address: &str| format!("Get \"http://{address}/metrics\": ");
    for (edit, url, error) in [
        (
            ("'proxy-service:8080'", "'proxy-servise:8080'"),
            "http://proxy-servise:8080/metrics",
            get("proxy-servise:8080")
                + "dial tcp: lookup proxy-servise on 10.96.0.10:53: no such host",
        ),
        (
            ("'proxy-service:8080'", "'proxy-service:8000'"),
            "http://proxy-service:8000/metrics",
            get("proxy-service:8000") + "context deadline exceeded",
        ),
        (
            ("'/metrics'", "'/metric'"),
            "http://proxy-service:8080/metric",
            "server returned HTTP status 404 Not Found".to_owned(),
        ),
        (
            ("    app: proxy\n  ports:", "    app: proxi\n  ports:"),
            "http://proxy-service:8080/metrics",
            "connect: connection refused".to_owned(),
        ),
        (
            ("containerPort: 8080", "containerPort: 8081"),
            "http://proxy-service:8080/metrics",
            "connect: connection refused".to_owned(),
        ),
    ] {
        let lines = health("giftcard", &[edit]);
        assert_eq!(lines.len(), 1);
        let (got_url, got) = lines[0].split_once(' ').unwrap();
        assert_eq!(got_url, url, "{edit:?}");
        assert!(got.contains(&*error), "{edit:?}: {got}");
    }
    let missing =
        ("            name: prometheus-config\n", "            name: prometheus-konfig\n");
    assert_eq!(health("giftcard", &[missing]), ["Prometheus has no configuration"]);
}
