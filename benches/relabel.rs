//! Relabelling and populating: 10,000 targets through 10 rules, which have 100 ms.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use discovery::targets::Pool;
use discovery::{Environment, Record, RecordType, Resolver, Unrestricted, discover};
use kubernetes::Cluster;
use kubernetes::objects::{Container, ContainerPort, Field, Pod};
use prometheus::config::ScrapeConfig;
use prometheus::{Mode, NoFiles, load};
use text::FileId;

/// The rules of the widely copied example for pods, annotations and all.
const CONFIG: &str = r#"
scrape_configs:
- job_name: kubernetes-pods
  kubernetes_sd_configs: [{role: pod}]
  relabel_configs:
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], action: keep, regex: true}
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scheme], target_label: __scheme__, regex: (https?)}
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_path], target_label: __metrics_path__, regex: (.+)}
  - source_labels: [__address__, __meta_kubernetes_pod_annotation_prometheus_io_port]
    regex: '([^:]+)(?::\d+)?;(\d+)'
    replacement: $1:$2
    target_label: __address__
  - {action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}
  - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
  - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
  - {source_labels: [__meta_kubernetes_pod_phase], regex: Pending|Succeeded|Failed|Completed, action: drop}
  - {source_labels: [__meta_kubernetes_pod_node_name], target_label: node, action: lowercase}
  - {source_labels: [__address__], target_label: __tmp_hash, modulus: 4, action: hashmod}
"#;

fn job() -> ScrapeConfig {
    let parsed = yaml::parse(FileId(0), CONFIG);
    load(&parsed, &NoFiles, Mode::Server).config.scrape_configs.remove(0)
}

/// Pods as a usual chart makes them.
fn pods(count: usize) -> Cluster {
    let mut cluster = Cluster::default();
    for i in 0..count {
        let mut pod = Pod::default();
        pod.meta.name = Field::text(&format!("web-7d4b9c6f5-{i:05}"));
        pod.meta.namespace = Field::text(&format!("team-{}", i % 20));
        pod.meta.uid = "f3c0b6a2-5a6b-4d4e-9b1a-0d3b1c2e4f5a".into();
        for (name, value) in [
            ("app.kubernetes.io/name", "web"),
            ("app.kubernetes.io/instance", "web"),
            ("pod-template-hash", "7d4b9c6f5"),
        ] {
            pod.meta.labels.set(name, value);
        }
        for (name, value) in [("scrape", "true"), ("port", "8080"), ("path", "/internal/metrics")] {
            pod.meta.annotations.set(&format!("prometheus.io/{name}"), value);
        }
        pod.spec.node_name = Field::text(&format!("Node-{}", i % 100));
        let port = ContainerPort {
            name: Field::text("http"),
            container_port: Field::derived(8080),
            protocol: "TCP".into(),
            host_port: None,
        };
        pod.spec.containers.push(Container {
            name: Field::text("app"),
            image: Field::text("web:1.2.3"),
            ports: vec![port],
            ..Container::default()
        });
        pod.status.phase = "Running".into();
        pod.status.pod_ip = format!("10.{}.{}.{}", i >> 16, (i >> 8) & 255, i & 255).into();
        pod.status.host_ip = "192.0.2.1".into();
        cluster.pods.insert(pod);
    }
    cluster
}

struct NoNames;

impl Resolver for NoNames {
    fn resolve(&self, _name: &str, _record_type: RecordType) -> Option<Vec<Record>> {
        None
    }
}

fn relabel(c: &mut Criterion) {
    let job = job();
    assert_eq!(job.relabel_configs.len(), 10);
    let cluster = pods(10_000);
    let environment = Environment {
        cluster: &cluster,
        access: &Unrestricted,
        own_namespace: None,
        resolver: &NoNames,
        config_directory: "/etc/prometheus",
        files: &[],
        samples: &[],
    };
    let discovered = discover(&job, &environment);
    let pool = Pool::new(&job, discovered.clone());
    assert_eq!(pool.active.len(), 10_000);
    assert_eq!(pool.active[7].url, "http://10.0.0.7:8080/internal/metrics");
    let mut group = c.benchmark_group("relabel");
    group.sample_size(20);
    group.bench_function("10,000 targets x 10 rules", |b| {
        b.iter_batched(
            || discovered.clone(),
            |discovered| black_box(Pool::new(&job, discovered)),
            criterion::BatchSize::LargeInput,
        );
    });
    group.bench_function("discovery of 10,000 pods", |b| {
        b.iter(|| black_box(discover(&job, &environment)));
    });
    group.finish();
}

criterion_group!(benches, relabel);
criterion_main!(benches);
