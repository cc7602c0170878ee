//! Starts and reloads with files in memory.

use promql::storage::Storage;

use super::{Host, Level, Process, Started, start};
use crate::files::Files;
use crate::http::Request;

const MAIN: &str = "/etc/prometheus/prometheus.yml";
const FLAGS: [&str; 3] = [
    "--config.file=/etc/prometheus/prometheus.yml",
    "--storage.tsdb.path=/prometheus",
    "--web.enable-lifecycle",
];

fn host(files: &[(&str, &str)]) -> Host {
    let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Host {
        files: Files::new("/prometheus", texts),
        writable: vec!["/prometheus".into()],
        ..Host::default()
    }
}

fn job(name: &str, rest: &str) -> String {
    format!("scrape_configs:\n- job_name: {name}\n  static_configs: [{{targets: ['a:1']}}]\n{rest}")
}

fn arguments(more: &[&str]) -> Vec<String> {
    FLAGS.iter().chain(more).map(|one| (*one).to_owned()).collect()
}

fn running(host: &Host) -> Box<Process> {
    match start(&arguments(&[]), host) {
        Started::Running(process) => process,
        Started::Ended { exit_code, log, .. } => panic!("ended with {exit_code}: {log:?}"),
    }
}

/// The exit code and the errors of a start.
fn ended(host: &Host, more: &[&str]) -> (i32, String) {
    match start(&arguments(more), host) {
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
    let response = process.request(&request, &Storage::unbounded(), 0, host);
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
    assert_eq!(*process.groups[0].group.name, *"g");
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
    process.refresh(&host);
    assert_eq!(count(&process), 1);
    let error = process.log.last().and_then(|line| line.field("err"));
    assert_eq!(
        error,
        Some("json: cannot unmarshal number into Go struct field .targets of type []string")
    );
    host.files.remove(path);
    process.refresh(&host);
    assert_eq!(count(&process), 0);
}

#[test]
fn quit_ends_the_process() {
    let host = host(&[(MAIN, &job("a", ""))]);
    let mut process = running(&host);
    assert_eq!(post(&mut process, "/-/quit", &host).0, 200);
    assert_eq!(post(&mut process, "/-/reload", &host).0, 0);
}
