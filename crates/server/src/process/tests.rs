//! Starts and reloads with files in memory.

use std::collections::BTreeMap;

use discovery::{Record, RecordType, Resolver};
use go::Duration;
use promql::Timestamp;
use promql::engine::Value;
use promql::syntax::{ParserOptions, parse};

use super::{Host, Level, Phase, Process, Started, start};
use crate::files::Files;
use crate::http::Request;
use crate::network::{Answer, ClusterView, Exchange, Network, Outgoing};

const MAIN: &str = "/etc/prometheus/prometheus.yml";
const FLAGS: [&str; 3] = [
    "--config.file=/etc/prometheus/prometheus.yml",
    "--storage.tsdb.path=/prometheus",
    "--web.enable-lifecycle",
];

const START: Timestamp = 1_772_445_600_000;

/// Answers by URL. What is not there refuses the connection.
#[derive(Default)]
struct Exporters {
    answers: BTreeMap<String, Answer>,
    requests: Vec<Outgoing>,
}

impl Exporters {
    fn put(&mut self, url: &str, status: u16, content_type: &str, body: &str) {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        self.answers.insert(url.to_owned(), Answer { status, headers, body: body.to_owned() });
    }
}

impl Resolver for Exporters {
    fn resolve(&self, _: &str, _: RecordType) -> Option<Vec<Record>> {
        None
    }
}

impl Network for Exporters {
    fn send(&mut self, request: &Outgoing, _: Timestamp) -> Exchange {
        self.requests.push(request.clone());
        let refused = || "dial tcp: connect: connection refused".to_owned();
        let outcome = self.answers.get(&request.url).cloned().ok_or_else(refused);
        Exchange { outcome: outcome.into(), takes: Duration(3) }
    }

    fn cluster(&self, _: &str) -> Option<ClusterView<'_>> {
        None
    }

    fn revision(&self) -> u64 {
        0
    }
}

fn host(files: &[(&str, &str)]) -> Host {
    let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Host {
        files: Files::new("/prometheus", texts),
        writable: vec!["/prometheus".into()],
        hostname: "prometheus-0".into(),
        ..Host::default()
    }
}

fn job(name: &str, rest: &str) -> String {
    format!("scrape_configs:\n- job_name: {name}\n  static_configs: [{{targets: ['a:1']}}]\n{rest}")
}

fn arguments(more: &[&str]) -> Vec<String> {
    FLAGS.iter().chain(more).map(|one| (*one).to_owned()).collect()
}

/// A server with these files that has run for some seconds.
fn running(host: &Host) -> Box<Process> {
    let mut process = match start(&arguments(&[]), host, START) {
        Started::Running(process) => process,
        Started::Ended { exit_code, log, .. } => panic!("ended with {exit_code}: {log:?}"),
    };
    wait(&mut process, host, &mut Exporters::default());
    process
}

/// Lets the time of two checks of discovery pass.
fn wait(process: &mut Process, host: &Host, network: &mut Exporters) {
    process.advance(process.now() + 11_000, host, network);
}

/// The values of an instant query: each with its labels.
fn query(process: &Process, text: &str) -> Vec<String> {
    let ast = parse(text, &ParserOptions::default()).expect("the query parses");
    let result = process.rules.engine.instant(&process.storage, &ast, process.now());
    let Value::Vector(samples) = result.expect("the query works").value else { return Vec::new() };
    samples.iter().map(|sample| format!("{} {:?}", sample.labels, sample.value)).collect()
}

/// The exit code and the errors of a start.
fn ended(host: &Host, more: &[&str]) -> (i32, String) {
    match start(&arguments(more), host, START) {
        Started::Running(process) => panic!("it runs: {:?}", process.log),
        Started::Ended { exit_code, stderr, log, .. } => {
            let errors = log.iter().filter(|line| line.level == Level::Error);
            let errors = errors.map(|line| line.field("err").unwrap_or_default().to_owned());
            (exit_code, stderr.into_iter().chain(errors).collect::<Vec<_>>().join("; "))
        }
    }
}

fn post(process: &mut Process, target: &str, host: &Host) -> (u16, String) {
    let request = Request { method: "POST".into(), target: target.into(), ..Request::default() };
    let response = process.request(&request, host);
    response.map_or((0, String::new()), |one| (one.status, one.body))
}

#[test]
fn a_start_ends_at_the_first_thing_that_fails() {
    let good = job("a", "");
    let bad_rules = job("a", "rule_files: [r.yml]\n");
    let files = [(MAIN, &*good)];
    let mut unwritable = host(&files);
    unwritable.writable.clear();
    let mut locked = host(&files);
    locked.locked.push("/prometheus".into());
    let mut taken = host(&files);
    taken.listening.push("0.0.0.0:9090".into());
    let mut forbidden = host(&files);
    forbidden.files.forbid(MAIN);
    for (host, more, expected_code, expected) in [
        (host(&[]), &[][..], 2, "open /etc/prometheus/prometheus.yml: no such file or directory"),
        (forbidden, &[], 2, "open /etc/prometheus/prometheus.yml: permission denied"),
        (
            host(&[
                (MAIN, &bad_rules),
                (
                    "/etc/prometheus/r.yml",
                    "groups:\n- name: g\n  rules: [{record: a, expr: up ==}]\n",
                ),
            ]),
            &[],
            2,
            "parse rules from file \"/etc/prometheus/r.yml\" (pattern: \"/etc/prometheus/r.yml\"): \
             /etc/prometheus/r.yml: 3:29: group \"g\", rule 1, \"a\": could not parse expression: 1:6: parse error: \
             unexpected end of input",
        ),
        (
            unwritable,
            &[],
            1,
            "open /prometheus/queries.active: permission denied; create mmap-ed active query log: open \
             /prometheus/queries.active: permission denied",
        ),
        (
            locked,
            &[],
            1,
            "opening storage failed: lock DB directory: resource temporarily unavailable",
        ),
        (taken, &[], 1, "listen tcp 0.0.0.0:9090: bind: address already in use"),
        (
            host(&files),
            &["--web.external-url='http://a'"],
            2,
            "parse external URL \"'http://a'\": URL must not begin or end with quotes",
        ),
    ] {
        assert_eq!(ended(&host, more), (expected_code, expected.to_owned()));
    }
}

#[test]
fn a_bad_configuration_leaves_everything_as_it_was() {
    let mut host = host(&[(MAIN, &job("a", ""))]);
    let mut process = running(&host);
    host.files.write(MAIN, "scrape_configs:\n- job: b\n");
    let (status, body) = post(&mut process, "/-/reload", &host);
    assert_eq!(status, 500);
    assert!(body.contains("field job not found in type config.ScrapeConfig"), "{body}");
    assert_eq!(&*process.pools[0].name, "a");
    assert_eq!(process.notifications(), ["Configuration reload has failed."]);
    host.files.write(MAIN, job("b", ""));
    assert_eq!(post(&mut process, "/-/reload", &host).0, 200);
    assert!(process.pools.is_empty(), "the job is gone at once");
    wait(&mut process, &host, &mut Exporters::default());
    assert_eq!(&*process.pools[0].name, "b");
    assert!(process.notifications().is_empty());
}

#[test]
fn bad_rules_keep_the_old_rules_and_take_the_new_jobs() {
    let rules = "groups:\n- name: g\n  rules: [{record: a, expr: up}]\n";
    let mut host =
        host(&[(MAIN, &job("a", "rule_files: [r.yml]\n")), ("/etc/prometheus/r.yml", rules)]);
    let mut process = running(&host);
    host.files.write(MAIN, job("b", "rule_files: [r.yml]\n"));
    host.files.write(
        "/etc/prometheus/r.yml",
        "groups:\n- name: h\n  rules: [{record: a, expr: up ==}]\n",
    );
    assert_eq!(post(&mut process, "/-/reload", &host).0, 500);
    assert_eq!(*process.groups[0].run.group.name, *"g");
    wait(&mut process, &host, &mut Exporters::default());
    assert_eq!(&*process.pools[0].name, "b");
}

#[test]
fn a_bad_file_of_targets_keeps_its_targets() {
    let main = "scrape_configs:\n- job_name: n\n  file_sd_configs: [{files: ['t/*.json']}]\n";
    let path = "/etc/prometheus/t/a.json";
    let mut host = host(&[(MAIN, main), (path, "[{\"targets\": [\"a:1\"]}]")]);
    let mut process = running(&host);
    let count = |process: &Process| process.pools[0].active.len();
    assert_eq!(count(&process), 1);
    host.files.write(path, "[{\"targets\": 1}]");
    wait(&mut process, &host, &mut Exporters::default());
    assert_eq!(count(&process), 1);
    let error = process.log.last().and_then(|line| line.field("err"));
    assert_eq!(
        error,
        Some("json: cannot unmarshal number into Go struct field .targets of type []string")
    );
    host.files.remove(path);
    wait(&mut process, &host, &mut Exporters::default());
    assert_eq!(count(&process), 0);
}

#[test]
fn quit_ends_the_process() {
    let host = host(&[(MAIN, &job("a", ""))]);
    let mut process = running(&host);
    assert_eq!(post(&mut process, "/-/quit", &host).0, 200);
    assert_eq!(post(&mut process, "/-/reload", &host).0, 0);
}

#[test]
fn a_server_listens_before_it_is_ready() {
    let host = host(&[(MAIN, &job("a", ""))]);
    let Started::Running(mut process) = start(&arguments(&[]), &host, START) else {
        panic!("it starts")
    };
    let get = |process: &mut Process, path: &str| {
        process.request(&Request::get(path), &host).map(|response| response.status)
    };
    let network = &mut Exporters::default();
    assert_eq!(get(&mut process, "/-/healthy"), None);
    process.advance(START + 100, &host, network);
    assert_eq!(get(&mut process, "/-/healthy"), Some(200));
    assert_eq!(get(&mut process, "/-/ready"), Some(503));
    assert_eq!(get(&mut process, "/api/v1/targets"), Some(503));
    process.advance(START + 1_000, &host, network);
    assert_eq!(process.phase(), Phase::Ready);
    assert_eq!(get(&mut process, "/-/ready"), Some(200));
}

#[test]
fn targets_are_scraped_and_rules_are_evaluated() {
    let main = "global: {scrape_interval: 2s, evaluation_interval: 1s}\nrule_files: [r.yml]\n\
                scrape_configs:\n- job_name: n\n  static_configs: [{targets: ['a:1', 'b:1']}]\n";
    let rules = "groups:\n- name: g\n  rules: [{record: twice, expr: m * 2}]\n";
    let mut host = host(&[(MAIN, main), ("/etc/prometheus/r.yml", rules)]);
    let mut process = running(&host);
    assert_eq!(query(&process, "sum(up)"), ["{} Float(0.0)"]);
    let mut network = Exporters::default();
    network.put("http://a:1/metrics", 200, "text/plain", "m 4\n");
    wait(&mut process, &host, &mut network);
    assert_eq!(query(&process, "sum(up)"), ["{} Float(1.0)"]);
    assert_eq!(query(&process, "sum(twice)"), ["{} Float(8.0)"]);
    let pools = process.scrape_pools();
    assert_eq!(
        pools[0].targets[1].last_error,
        "Get \"http://b:1/metrics\": dial tcp: connect: connection refused"
    );
    // Without its job the series stays, until five minutes have passed.
    host.files.write(MAIN, "scrape_configs: []\n");
    assert_eq!(post(&mut process, "/-/reload", &host).0, 200);
    wait(&mut process, &host, &mut network);
    assert_eq!(query(&process, "count(up)"), ["{} Float(2.0)"]);
}

#[test]
fn a_discovery_service_that_fails_keeps_its_targets() {
    let main = "scrape_configs:\n- job_name: n\n  http_sd_configs: [{url: 'http://sd/t', refresh_interval: 5s}]\n";
    let host = host(&[(MAIN, main)]);
    let mut process = running(&host);
    let mut network = Exporters::default();
    network.put(
        "http://sd/t",
        200,
        "application/json; charset=utf-8",
        "[{\"targets\": [\"a:1\"]}]",
    );
    wait(&mut process, &host, &mut network);
    assert_eq!(process.pools[0].active.len(), 1);
    network.put("http://sd/t", 200, "text/html", "<html/>");
    wait(&mut process, &host, &mut network);
    assert_eq!(process.pools[0].active.len(), 1);
    let error = process.log.last().and_then(|line| line.field("err"));
    assert_eq!(error, Some("unsupported content type \"text/html\""));
}

#[test]
fn alerts_are_sent_and_resolved() {
    let main = "global: {evaluation_interval: 1s, external_labels: {cluster: eu}}\nrule_files: [r.yml]\n\
                alerting: {alertmanagers: [{static_configs: [{targets: ['am:9093']}]}]}\n\
                scrape_configs:\n- job_name: n\n  scrape_interval: 2s\n  file_sd_configs: [{files: [t.yml]}]\n";
    let rules = "groups:\n- name: g\n  rules: [{alert: None, expr: absent(up)}]\n";
    let mut host = host(&[(MAIN, main), ("/etc/prometheus/r.yml", rules)]);
    let mut process = running(&host);
    let error = process.log.iter().find_map(|line| line.field("alertmanager"));
    assert_eq!(error, Some("http://am:9093/api/v2/alerts"));
    let mut network = Exporters::default();
    network.put("http://am:9093/api/v2/alerts", 200, "", "");
    process.advance(process.now() + 60_000, &host, &mut network);
    let body = network.requests.last().map(|request| request.body.clone()).unwrap_or_default();
    assert!(body.contains("\"cluster\":\"eu\""), "{body}");
    assert!(body.contains("http://prometheus-0:9090/graph?g0.expr=absent%28up%29&g0.tab=1"));
    network.requests.clear();
    host.files.write("/etc/prometheus/t.yml", "- targets: ['a:1']\n");
    wait(&mut process, &host, &mut network);
    let posts = network.requests.iter().filter(|request| request.method == "POST").count();
    assert_eq!(posts, 1, "it is resolved once");
}
