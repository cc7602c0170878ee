use super::*;
use prometheus::config::{KubernetesRole, KubernetesSdConfig, SdSelector, StaticConfig};
use schema::Resolved;
use text::FileId;

struct Names;

impl Resolver for Names {
    fn resolve(&self, name: &str, record_type: RecordType) -> Option<Vec<Record>> {
        let all = [
            (RecordType::A, Record::Address("10.0.0.1".into())),
            (RecordType::Aaaa, Record::Address("fd00::1".into())),
            (RecordType::Srv, Record::Srv { target: "web-0.web.".into(), port: 8080 }),
            (RecordType::Mx, Record::Name("mail.".into())),
            (RecordType::Ns, Record::Name("ns.".into())),
        ];
        let of_type = all.into_iter().filter(|(kind, _)| *kind == record_type);
        (name == "web").then(|| of_type.map(|(_, record)| record).collect())
    }
}

fn environment<'a>(cluster: &'a Cluster, files: &'a [SdFile<'a>]) -> Environment<'a> {
    Environment {
        cluster,
        access: &Unrestricted,
        own_namespace: None,
        resolver: &Names,
        config_directory: "/etc/prometheus/",
        files,
        samples: files,
    }
}

fn run(mechanisms: Vec<SdMechanism>, files: &[(&str, &str)]) -> Vec<Discovered> {
    let parsed: Vec<(&str, Parsed)> =
        files.iter().map(|(path, text)| (*path, yaml::parse(FileId(3), text))).collect();
    let files: Vec<SdFile<'_>> =
        parsed.iter().map(|(path, parsed)| SdFile { path, parsed }).collect();
    let mut job = crate::targets::tests::job("web", Vec::new());
    job.discovery = mechanisms
        .into_iter()
        .map(|mechanism| SdConfig { location: Location::default(), mechanism })
        .collect();
    discover(&job, &environment(&Cluster::default(), &files))
}

fn targets(found: &[Discovered]) -> Vec<String> {
    let groups = found.iter().flat_map(|found| &found.groups);
    let targets = groups.flat_map(|group| {
        group.targets.iter().map(move |target| {
            let mut labels = group.labels.clone();
            labels.merge(&target.labels);
            let mut texts: Vec<String> =
                labels.iter().map(|label| format!("{}={}", label.name, label.value)).collect();
            texts.sort();
            texts.join(" ")
        })
    });
    targets.collect()
}

fn file(patterns: &[&str]) -> SdMechanism {
    SdMechanism::File {
        files: patterns.iter().map(|pattern| ((*pattern).into(), Location::default())).collect(),
        refresh_interval: go::Duration::from_secs(300),
    }
}

#[test]
fn static_groups_are_numbered_and_entries_that_are_equal_count_once() {
    let group = |address: &str| {
        SdMechanism::Static(StaticConfig {
            targets: vec![(address.into(), Location::default())],
            labels: vec![("zone".into(), "a".into(), Location::default())],
        })
    };
    let files = [("/etc/prometheus/a.yml", "- targets: [c:1]")];
    let found = run(vec![group("a:1"), file(&["a.yml"]), group("a:1"), file(&["a.yml"])], &files);
    assert_eq!(found.len(), 2);
    let sources: Vec<&str> = found[0].groups.iter().map(|group| &*group.source).collect();
    assert_eq!(sources, ["0", "1"]);
    assert_eq!(
        targets(&found),
        [
            "__address__=a:1 zone=a",
            "__address__=a:1 zone=a",
            "__address__=c:1 __meta_filepath=/etc/prometheus/a.yml"
        ]
    );
}

fn dns(name: &str, record_type: &str, port: u16) -> SdMechanism {
    SdMechanism::Dns {
        names: vec![(name.into(), Location::default())],
        record_type: record_type.into(),
        port,
        refresh_interval: go::Duration::from_secs(30),
    }
}

fn http(url: &str) -> SdMechanism {
    SdMechanism::Http {
        url: Resolved::default(url.into()),
        refresh_interval: go::Duration::from_secs(60),
    }
}

fn pods(change: impl FnOnce(&mut KubernetesSdConfig)) -> SdMechanism {
    let mut config = KubernetesSdConfig {
        role: Resolved::default(KubernetesRole::Pod),
        api_server: "".into(),
        own_namespace: false,
        namespaces: Vec::new(),
        selectors: Vec::new(),
        attach_node_metadata: false,
        attach_namespace_metadata: false,
        attach_deployment_metadata: false,
        attach_job_metadata: false,
        attach_cronjob_metadata: false,
    };
    change(&mut config);
    SdMechanism::Kubernetes(config)
}

#[test]
fn equal_entries_have_one_provider() {
    let selector = |label: &str| SdSelector {
        role: KubernetesRole::Pod,
        label: label.into(),
        field: "".into(),
    };
    let other = || SdMechanism::Other { key: "ec2_sd_configs".into() };
    for (providers, a, b) in [
        (1, file(&["a.yml", "b.yml"]), file(&["a.yml", "b.yml"])),
        (2, file(&["a.yml", "b.yml"]), file(&["b.yml", "a.yml"])),
        (1, dns("web", "A", 80), dns("web", "A", 80)),
        (2, dns("web", "A", 80), dns("web", "AAAA", 80)),
        (2, dns("web", "A", 80), dns("web", "A", 81)),
        (1, http("http://a"), http("http://a")),
        (2, http("http://a"), http("http://b")),
        (1, pods(|_| {}), pods(|_| {})),
        (2, pods(|_| {}), pods(|one| one.role = Resolved::default(KubernetesRole::Node))),
        (2, pods(|_| {}), pods(|one| one.namespaces = vec!["shop".into()])),
        (2, pods(|_| {}), pods(|one| one.own_namespace = true)),
        (2, pods(|_| {}), pods(|one| one.api_server = "https://elsewhere".into())),
        (2, pods(|_| {}), pods(|one| one.attach_node_metadata = true)),
        (
            1,
            pods(|one| one.selectors = vec![selector("a=b")]),
            pods(|one| {
                one.selectors = vec![selector("a=b")];
            }),
        ),
        (
            2,
            pods(|one| one.selectors = vec![selector("a=b")]),
            pods(|one| {
                one.selectors = vec![selector("a=c")];
            }),
        ),
        (2, file(&["a.yml"]), http("a.yml")),
        // The settings of other mechanisms are unknown.
        (2, other(), other()),
    ] {
        let text = format!("{a:?} {b:?}");
        assert_eq!(run(vec![a, b], &[]).len(), providers, "{text}");
    }
}

#[test]
fn invalid_samples_and_responses_are_logged() {
    let files = [
        ("http_sd_configs/web.json", "- targets: [a]"),
        ("consul_sd_configs/web.yml", "- target: [a]"),
    ];
    let consul = SdMechanism::Other { key: "consul_sd_configs".into() };
    let found = run(vec![http("http://sd/x"), consul], &files);
    assert_eq!(targets(&found), [""; 0]);
    for (found, message) in found.iter().zip([
        "Unable to refresh target groups err=\"invalid character ' ' in numeric literal\"",
        "consul_sd_configs/web.yml: yaml: unmarshal errors:\n  line 1: field target not found in \
         type struct { Targets []string \"yaml:\\\"targets\\\"\"; Labels model.LabelSet \
         \"yaml:\\\"labels\\\"\" }",
    ]) {
        assert_eq!(found.log.len(), 1);
        assert_eq!((found.log[0].level, &*found.log[0].message), (LogLevel::Error, message));
    }
}

#[test]
fn files_are_read_once_and_broken_ones_are_logged() {
    let files = [
        (
            "/etc/prometheus/sd/b.json",
            r#"[{"targets": ["b:1"], "labels": {"x": "1"}}, {"Targets": []}]"#,
        ),
        ("/etc/prometheus/sd/a.yml", "- targets: [a:1, 2]\n  labels: {n: 010, empty: }"),
        ("/etc/prometheus/sd/deep/c.yml", "- targets: [c:1]"),
        ("/etc/prometheus/sd/number.json", r#"[{"targets": [1]}]"#),
        ("/etc/prometheus/sd/field.yml", "- target: [a:1]"),
        ("/etc/prometheus/sd/null.yml", "-\n"),
        ("/etc/prometheus/sd/empty.yml", ""),
    ];
    let found = run(vec![file(&["sd/*.json", "sd/b.json", "./sd/*.yml", "/none/*.yml"])], &files);
    assert_eq!(
        targets(&found),
        [
            "__address__=a:1 __meta_filepath=/etc/prometheus/sd/a.yml empty= n=010",
            "__address__=2 __meta_filepath=/etc/prometheus/sd/a.yml empty= n=010",
            "__address__=b:1 __meta_filepath=/etc/prometheus/sd/b.json x=1",
        ]
    );
    let log: Vec<&str> = found[0].log.iter().map(|line| &*line.message).collect();
    assert_eq!(log.len(), 4, "{log:#?}");
    for part in [
        "no file matches /none/*.yml",
        "field target not found",
        "nil target group item",
        "cannot unmarshal number",
    ] {
        assert!(log.iter().any(|line| line.contains(part)), "{part}: {log:#?}");
    }
}

#[test]
fn records_become_targets() {
    for (record_type, expected) in [
        ("A", "__address__=10.0.0.1:9100 __meta_dns_name=web"),
        ("aaaa", "__address__=[fd00::1]:9100 __meta_dns_name=web"),
        (
            "SRV",
            "__address__=web-0.web:8080 __meta_dns_name=web __meta_dns_srv_record_port=8080 __meta_dns_srv_record_target=web-0.web.",
        ),
        ("MX", "__address__=mail:9100 __meta_dns_mx_record_target=mail. __meta_dns_name=web"),
        ("NS", "__address__=ns:9100 __meta_dns_name=web __meta_dns_ns_record_target=ns."),
    ] {
        let names = ["web", "nowhere"].map(|name| (name.into(), Location::default())).to_vec();
        let found = run(
            vec![SdMechanism::Dns {
                names,
                record_type: record_type.into(),
                port: 9100,
                refresh_interval: go::Duration::from_secs(30),
            }],
            &[],
        );
        assert_eq!(targets(&found), [expected]);
        assert_eq!(found[0].log.len(), 1);
    }
}

#[test]
fn bodies_and_samples_come_from_the_workspace() {
    let files = [
        ("http_sd_configs/web.json", r#"[{"targets": ["h:1"]}]"#),
        ("consul_sd_configs/web.yml", "- targets: [c:1]\n  labels: {__meta_consul_service: db}"),
    ];
    let http = || http("http://sd/x");
    let other = |key: &str| SdMechanism::Other { key: key.into() };
    let found = run(vec![http(), other("consul_sd_configs"), other("ec2_sd_configs")], &files);
    assert_eq!(
        targets(&found),
        ["__address__=h:1 __meta_url=http://sd/x", "__address__=c:1 __meta_consul_service=db"]
    );
    assert!(found[2].log[0].message.contains("put sample targets into ec2_sd_configs/web.yml"));
    assert!(run(vec![http()], &[])[0].log[0].message.contains("http_sd_configs/web.json"));
}
