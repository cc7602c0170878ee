//! Commands on a few files.

use promql::Timestamp;
use server::{Request, Response};

use super::*;

const RULES: &str =
    "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up == 0}\n  - {alert: A, expr: up == 1}\n";
const TESTS: &str = "rule_files: [rules.yml]\ntests:\n- name: one\n  input_series: [{series: up, values: '0x3'}]\n  alert_rule_test:\n  - eval_time: 1m\n    alertname: A\n    exp_alerts: [{exp_labels: {x: y}}]\n- name: two\n";

fn files() -> Files {
    let texts = [
        (
            "prometheus.yml",
            "rule_files: [rules.yml]\nscrape_configs:\n- job_name: a\n  static_configs: [{targets: ['a:1']}]\n",
        ),
        ("twice.yml", "scrape_config_files: [jobs/*.yml]\nscrape_configs: [{job_name: a}]\n"),
        ("jobs/a.yml", "scrape_configs: [{job_name: b}, {job_name: b}]\n"),
        (
            "sd.yml",
            "scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: [t.json, gone.json]}]\n",
        ),
        ("t.json", "[{\"targets\": [\"a:1\"] \"labels\": {}}]"),
        ("rules.yml", RULES),
        ("tests.yml", TESTS),
        ("web.yml", "basic_auth_users: {a: short}\n"),
    ];
    Files::new("/w", texts.map(|(path, text)| (format!("/w/{path}"), text.to_owned())))
}

/// A server that answers every request with its target.
struct Echo;

impl HttpServer for Echo {
    fn send(&self, address: &str, request: &Request) -> Result<Response, String> {
        match address {
            "http://up:9090" => {
                let mut response = server::Response::reload_failed("");
                response.status = 200;
                response.body = format!(
                    r#"{{"status":"success","data":{{"resultType":"scalar","result":[1,"{} {}"]}}}}"#,
                    request.method, request.target
                );
                Ok(response)
            }
            _ => Err("dial tcp: lookup down: no such host".to_owned()),
        }
    }

    fn now(&self) -> Timestamp {
        60_000
    }
}

fn ran(line: &[&str]) -> (i32, String, String) {
    let args: Vec<String> = line.iter().map(|arg| (*arg).to_owned()).collect();
    let output = run(&args, "a{b=\"c\"} 1\n", &files(), Some(&Echo));
    (output.exit, output.stdout, output.stderr)
}

#[test]
fn commands_print_and_end_as_promtool() {
    for (line, exit, stdout, stderr) in [
        (
            &["check", "config", "prometheus.yml"][..],
            0,
            "Checking prometheus.yml\n  SUCCESS: 1 rule files found\n SUCCESS: prometheus.yml is valid prometheus config file syntax\n\nChecking rules.yml\n\n",
            "  FAILED:\nlint error 1 duplicate rule(s) found.\nMetric: A\nLabel(s):\nMight cause inconsistency while recording expressions\n",
        ),
        (
            &["check", "config", "--lint=none", "prometheus.yml"],
            0,
            "Checking prometheus.yml\n  SUCCESS: 1 rule files found\n SUCCESS: prometheus.yml is valid prometheus config file syntax\n\nChecking rules.yml\n  SUCCESS: 2 rules found\n\n",
            "",
        ),
        (
            &["check", "config", "twice.yml"],
            1,
            "Checking twice.yml\n\n",
            "  FAILED: error loading scrape configs: \"/w/jobs/a.yml\": found multiple scrape configs with job name \"b\", first found in \"/w/jobs/a.yml\"\n",
        ),
        (
            &["check", "config", "sd.yml"],
            1,
            "Checking sd.yml\n\n",
            "  FAILED: checking SD file \"t.json\": invalid character '\"' after object key:value pair\n",
        ),
        (&["check", "rules", "--lint-fatal", "rules.yml"], 3, "Checking rules.yml\n\n", ""),
        (
            &["check", "web-config", "web.yml"],
            1,
            "",
            "web.yml FAILED: crypto/bcrypt: hashedSecret too short to be a bcrypted password\n",
        ),
        (
            &["check", "metrics", "--extended"],
            3,
            "Metric    Cardinality    Percentage    \na         1              100.00%       \nTotal     1              100%          \n",
            "a no help text\n",
        ),
        (
            &["test", "rules", "--run=one", "tests.yml"],
            1,
            "\n\n",
            "  FAILED:\n    name: one,\n    alertname: A, time: 1m, \n        exp:[\n            0:\n              Labels:{alertname=\"A\", x=\"y\"}\n              Annotations:{}\n            ], \n        got:[\n            0:\n              Labels:{alertname=\"A\"}\n              Annotations:{}\n            ]\n",
        ),
        (&["test", "rules", "--run=two", "tests.yml"], 0, "  SUCCESS\n\n", ""),
        (
            &["query", "instant", "http://up:9090/p", "up"],
            0,
            "scalar: POST /p/api/v1/query @[1]\n",
            "",
        ),
        (
            &["check", "ready", "--url=http://down"],
            1,
            "",
            "Get \"http://down/-/ready\": dial tcp: lookup down: no such host\n",
        ),
        (
            &["query", "range", "http://up:9090", "up", "--start=2", "--end=1"],
            1,
            "",
            "start time is not before end time\n",
        ),
        (
            &[
                "--experimental",
                "promql",
                "label-matchers",
                "set",
                "-t",
                "=~",
                "a + b{x=\"1\"}",
                "x",
                "2",
            ],
            0,
            "a{x=~\"2\"} + b{x=~\"2\"}\n",
            "",
        ),
        (
            &["tsdb", "list"],
            1,
            "",
            "promtool tsdb list: this command works on the files of a real server and is not part of the playground\n",
        ),
    ] {
        let (got_exit, got_stdout, got_stderr) = ran(line);
        assert_eq!((got_exit, &*got_stdout), (exit, stdout), "{line:?}: {got_stderr}");
        if !stderr.is_empty() {
            assert_eq!(got_stderr, stderr, "{line:?}");
        }
    }
}

#[test]
fn every_command_has_a_help() {
    fn visit(command: &'static kingpin::Command, path: &mut Vec<&'static str>) {
        let text = kingpin::usage("promtool", &PROMTOOL, path);
        assert!(text.starts_with("usage: promtool"), "{path:?}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{path:?}");
        for one in command.commands {
            path.push(one.name);
            visit(one, path);
            path.pop();
        }
    }
    visit(&PROMTOOL, &mut Vec::new());
}
