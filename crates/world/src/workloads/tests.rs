//! Containers with workloads: ports, answers, hosts, actions, ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::program::{HttpAnswer, HttpRequest, Process, Programs, Start};
use kubernetes::object::parse_json;
use simulation::workload::{decode_file, library};
use text::FileId;

use super::{Catalog, Described, WorkloadPrograms};

const NOW: i64 = 1_767_225_600_000;

fn catalog() -> Catalog {
    let text = "name: cards\nmatches: [{ container: shop, port: 8080 }]\nformats: [openmetrics]\n\
                streams:\n  bought: { steady: { rate: 0 } }\n\
                actions:\n  - { name: buy, stream: bought, path: /buy, status: 201 }\n\
                families:\n  - { name: bought, type: counter, help: Bought., of: bought }\n";
    let file = decode_file(&yaml::parse(FileId(0), text), library());
    assert_eq!(file.diagnostics, []);
    let described = vec![Described { matches: file.own.matches.clone(), workload: file.workload }];
    let jewelry = scenarios::scenario("jewelry-shop").expect("a scenario");
    Catalog { described, rules: jewelry.workloads }
}

fn started(pod: &str, container: &str, env: &[(&str, &str)]) -> Box<dyn Process> {
    let parse = |text: &str| parse_json(text).expect("JSON");
    let env: BTreeMap<String, String> =
        env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let start = Start {
        pod: &parse(pod),
        container: &parse(container),
        env: &env,
        earlier_starts: 0,
        pod_number: 1,
        image_pod_number: 1,
        now: NOW,
    };
    WorkloadPrograms::new(Arc::new(catalog()), 0).start(&start).expect("it starts")
}

const POD: &str = r#"{"metadata":{"name":"p","namespace":"n"}}"#;

fn get(process: &mut dyn Process, port: u16, path: &str, headers: &[(&str, &str)]) -> HttpAnswer {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    process.http(HttpRequest { headers: &headers, ..HttpRequest::get(port, path) }, 60_000)
}

#[test]
fn containers_listen_on_the_ports_of_their_programs() {
    for (container, port, expected) in [
        // A file says so, whether or not the port is declared.
        (r#"{"name":"shop","image":"x","ports":[{"containerPort":1}]}"#, 8080, true),
        (r#"{"name":"web","image":"x","ports":[{"containerPort":81}]}"#, 81, true),
        (
            r#"{"name":"web","image":"x","ports":[{"containerPort":81,"protocol":"UDP"}]}"#,
            81,
            false,
        ),
        (r#"{"name":"web","image":"x","ports":[{"containerPort":81}]}"#, 9100, false),
        (r#"{"name":"web","image":"quay.io/prometheus/node-exporter:v1"}"#, 9100, true),
        (r#"{"name":"web","image":"quay.io/prometheus/node-exporter:v1"}"#, 80, false),
        // The scenario knows the image.
        (r#"{"name":"web","image":"nginx:1.27"}"#, 80, true),
        (r#"{"name":"web","image":"nginx:1.27","ports":[{"containerPort":81}]}"#, 81, false),
    ] {
        let process = started(POD, container, &[]);
        assert!(!process.listens(port, 0), "{container} has not started");
        assert_eq!(process.listens(port, 10_000), expected, "{container} {port}");
    }
}

#[test]
fn metrics_are_answered_in_the_format_that_is_asked_for() {
    let mut shop = started(POD, r#"{"name":"shop","image":"x"}"#, &[]);
    let plain = get(&mut *shop, 8080, "/metrics", &[]);
    assert_eq!(
        (plain.status, plain.header("Content-Type")),
        (200, "text/plain; version=0.0.4; charset=utf-8")
    );
    assert!(plain.body.contains("# TYPE bought_total counter\nbought_total 0\n"), "{}", plain.body);
    let accept = ("accept", "application/openmetrics-text;version=1.0.0,*/*;q=0.1");
    let open = get(&mut *shop, 8080, "/metrics?a=b", &[accept]);
    assert!(open.body.ends_with("# EOF\n"), "{}", open.body);
    assert_eq!(get(&mut *shop, 8080, "/", &[]).status, 404);
}

#[test]
fn requests_move_counters() {
    let mut shop = started(POD, r#"{"name":"shop","image":"x"}"#, &[]);
    assert_eq!(get(&mut *shop, 8080, "/buy?n=1", &[]).status, 201);
    let before = shop.clone_box();
    assert_eq!(get(&mut *shop, 8080, "/buy", &[]).status, 201);
    let count = |process: &mut dyn Process| {
        let body = get(process, 8080, "/metrics", &[]).body;
        let mut lines = body.lines().filter_map(|line| line.strip_prefix("bought_total "));
        lines.next().unwrap_or_default().to_owned()
    };
    assert_eq!((count(&mut *shop), count(&mut *before.clone_box())), ("2".into(), "1".into()));
}

#[test]
fn a_program_answers_to_its_hosts() {
    let django = r#"{"name":"django","image":"jewelry-shop/django:1","readinessProbe":{"httpGet":{"path":"health"}}}"#;
    for (list, host, status) in [
        (None, "10.244.0.7:8000", 400),
        (Some("shop.example.com"), "10.244.0.7:8000", 400),
        (Some("shop.example.com"), "shop.example.com", 200),
        (Some("*"), "10.244.0.7:8000", 200),
    ] {
        let env: Vec<_> = list.map(|list| ("ALLOWED_HOSTS", list)).into_iter().collect();
        let mut process = started(POD, django, &env);
        for path in ["/metrics", "/health"] {
            let answer = get(&mut *process, 8000, path, &[("Host", host)]);
            assert_eq!(answer.status, status, "{list:?} {host} {path}");
        }
    }
    // A program without metrics has the pages that its probes ask for.
    let nginx = r#"{"name":"web","image":"nginx","livenessProbe":{"httpGet":{"path":"/"}}}"#;
    let mut nginx = started(POD, nginx, &[]);
    for (path, status) in [("/", 200), ("/metrics", 404), ("/x", 404)] {
        assert_eq!(get(&mut *nginx, 80, path, &[]).status, status, "{path}");
    }
}

#[test]
fn tasks_end_and_programs_run_until_they_are_stopped() {
    let init = r#"{"metadata":{},"spec":{"initContainers":[{"name":"a"},{"name":"b","restartPolicy":"Always"}]}}"#;
    let job = r#"{"metadata":{"ownerReferences":[{"kind":"Job","name":"j"}]}}"#;
    for (pod, container, ends) in
        [(init, "a", true), (init, "b", false), (job, "c", true), (POD, "c", false)]
    {
        let container = format!(r#"{{"name":"{container}","image":"x"}}"#);
        let mut process = started(pod, &container, &[]);
        assert_eq!(process.end(None).is_some(), ends, "{pod} {container}");
        process.terminate(1_000);
        let (at, exit) = process.end(None).expect("it ends");
        assert_eq!((at, exit.code), (1_200, 0));
    }
}
