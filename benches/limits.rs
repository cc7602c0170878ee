//! Inputs that grow without a limit in Prometheus: the time of each answer and the memory that it
//! takes. The budget is 2 s and 600 MB in the browser. `CASE=relabel` chooses cases by name.

use std::fmt::Write as _;
use std::time::Instant;

use protocol::pages::{discovery, query, rules, targets};
use protocol::{Envelope, EventLog, PageQuery, Reply, Request, Workspace};
use session::Session;

/// Returns the highest memory of this process since the last call of [`reset_peak`], in MB. None
/// on systems without `/proc`.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? / 1e3)
}

fn reset_peak() {
    // An error leaves the peak of the cases before; there is nothing else to reset it with.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A name, the files, the open page, and the minutes that pass.
struct Case {
    name: &'static str,
    files: Vec<(&'static str, String)>,
    page: PageQuery,
    minutes: u64,
}

fn main() {
    let test = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("CASE").unwrap_or_default();
    println!("the longest answer in ms; the highest memory in MB");
    for case in cases(if test { 100 } else { 1 }) {
        if case.name.contains(&*wanted) {
            measure(&case);
        }
    }
}

fn measure(case: &Case) {
    reset_peak();
    let files = case.files.iter().map(|(name, text)| (*name, text.as_str()));
    let workspace = Workspace::from_files("", files, 1);
    let mut session = Session::new();
    let mut number = 0;
    let mut longest = (0.0, "");
    let mut total = 0;
    let mut send = |name: &'static str, request: Request| {
        number += 1;
        let start = Instant::now();
        let message = session.handle(Envelope { number, request });
        let bytes = protocol::encode(&message).len();
        let taken = start.elapsed().as_secs_f64() * 1e3;
        total += 1;
        if taken > longest.0 {
            longest = (taken, name);
        }
        let goal = matches!(&message.reply, Reply::Updated(update) if update.clock.goal.is_some());
        (goal, bytes)
    };
    send("open", Request::Open { workspace, revision: 1, log: EventLog::default() });
    let (mut goal, _) = send("advance", Request::Advance { millis: case.minutes * 60_000 });
    let mut rounds = 0;
    while goal && rounds < 200 {
        (goal, _) = send("continue", Request::Continue { show: false });
        rounds += 1;
    }
    let (_, bytes) = send("page", Request::Watch { query: case.page.clone() });
    let peak = peak().map_or("unknown".to_owned(), |peak| format!("{peak:.0} MB"));
    let (longest, step) = longest;
    println!(
        "{:30} {longest:8.0} ms ({step}), {peak}, {bytes} bytes of the page, {rounds} slices{}",
        case.name,
        if goal { ", not finished" } else { "" }
    );
}

/// The cases; `divide` makes them smaller.
fn cases(divide: usize) -> Vec<Case> {
    let config = |text: String| vec![("prometheus.yml", text)];
    let of_query = |text: String| {
        PageQuery::Query(query::Query { query: Some(text), ..query::Query::default() })
    };
    let targets = PageQuery::Targets(targets::Query::default());
    let discovery = PageQuery::Discovery(discovery::Query::default());
    let rules_page = PageQuery::Rules(rules::Query::default());
    vec![
        Case {
            name: "relabel: a value doubles",
            files: config(doubling(1, 40)),
            page: targets.clone(),
            minutes: 1,
        },
        Case {
            name: "relabel: doubling explained",
            files: config(doubling(1, 40)),
            page: discovery.clone(),
            minutes: 1,
        },
        Case {
            name: "relabel: large for 1000 targets",
            files: config(doubling(1_000 / divide, 17)),
            page: targets.clone(),
            minutes: 1,
        },
        Case { name: "labelmap doubles", files: config(labelmap(16)), page: discovery, minutes: 1 },
        Case {
            name: "metric_relabel doubles",
            files: config(metric_relabel(30)),
            page: targets.clone(),
            minutes: 5,
        },
        Case {
            name: "150000 static targets",
            files: config(job(150_000 / divide)),
            page: targets.clone(),
            minutes: 1,
        },
        Case {
            name: "10000 rules, 1000 targets",
            files: config(many_rules(10_000 / divide, 1_000 / divide)),
            page: targets.clone(),
            minutes: 1,
        },
        Case {
            name: "100000 lines of tabs",
            files: config("\t\n".repeat(100_000 / divide)),
            page: targets.clone(),
            minutes: 1,
        },
        Case {
            name: "label_replace doubles",
            files: config("scrape_configs: []\n".to_owned()),
            page: of_query(nested(40, |inner| {
                format!("label_replace({inner}, \"x\", \"$1$1\", \"x\", \"(.*)\")")
            })),
            minutes: 1,
        },
        Case {
            name: "label_join doubles",
            files: config("scrape_configs: []\n".to_owned()),
            page: of_query(nested(40, |inner| {
                format!("label_join({inner}, \"x\", \"\", \"x\", \"x\")")
            })),
            minutes: 1,
        },
        Case {
            name: "a long query of sums",
            files: config("scrape_configs: []\n".to_owned()),
            page: of_query(vec!["vector(1)"; 600].join(" + ")),
            minutes: 1,
        },
        Case {
            name: "a costly regex, refused",
            files: config(costly_regex()),
            page: targets.clone(),
            minutes: 1,
        },
        Case {
            name: "recording rules: large labels",
            files: vec![
                ("prometheus.yml", "rule_files: [rules.yml]\nscrape_configs: []\n".to_owned()),
                ("rules.yml", large_rules(30)),
            ],
            page: rules_page.clone(),
            minutes: 10,
        },
        Case {
            name: "unit tests at 1 ms",
            files: vec![
                ("prometheus.yml", "rule_files: [rules.yml]\nscrape_configs: []\n".to_owned()),
                ("rules.yml", large_rules(1)),
                ("tests.yml", unit_tests()),
            ],
            page: PageQuery::Rules(rules::Query { run_tests: true, ..rules::Query::default() }),
            minutes: 1,
        },
    ]
}

fn job(targets: usize) -> String {
    let mut text =
        "scrape_configs:\n  - job_name: a\n    static_configs:\n      - targets:\n".to_owned();
    for target in 0..targets {
        let _ = writeln!(text, "          - h{target}:9100");
    }
    text
}

fn doubling(targets: usize, rules: usize) -> String {
    format!("{}    relabel_configs:\n{}", job(targets), double(rules))
}

/// Rules of which each doubles the value of a label.
fn double(rules: usize) -> String {
    let rule = "      - {source_labels: [x, x], separator: '', target_label: x}\n";
    format!("      - {{target_label: x, replacement: x}}\n{}", rule.repeat(rules))
}

fn labelmap(rules: usize) -> String {
    let mut text = job(1);
    text.push_str("    relabel_configs:\n      - {target_label: x, replacement: x}\n");
    for rule in 0..rules {
        let _ = writeln!(
            text,
            "      - {{action: labelmap, regex: '(x.*)', replacement: '${{1}}_{rule}'}}"
        );
    }
    text
}

fn metric_relabel(rules: usize) -> String {
    format!(
        "scrape_configs:\n  - job_name: a\n    static_configs:\n      - targets: \
         [localhost:9090]\n    metric_relabel_configs:\n{}",
        double(rules)
    )
}

fn many_rules(rules: usize, targets: usize) -> String {
    let mut text = job(targets);
    text.push_str("    relabel_configs:\n");
    for rule in 0..rules {
        let _ = writeln!(
            text,
            "      - {{source_labels: [__address__], regex: 'h(.*):{rule}', target_label: x}}"
        );
    }
    text
}

/// Calls of which each doubles the value of a label, one in the other.
fn nested(depth: usize, call: fn(String) -> String) -> String {
    let first = "label_replace(vector(1), \"x\", \"xxxxxxxx\", \"\", \"\")".to_owned();
    (0..depth).fold(first, |inner, _| call(inner))
}

fn costly_regex() -> String {
    let mut text = job(1);
    text.push_str("    relabel_configs:\n");
    for rule in 0..200 {
        let _ = writeln!(
            text,
            "      - {{action: keep, source_labels: [a], regex: '((a{{1,31}}){{1,31}}){{1,{}}}'}}",
            10 + rule % 20
        );
    }
    text
}

fn large_rules(depth: usize) -> String {
    let mut text = "groups:\n  - name: a\n    interval: 1s\n    rules:\n".to_owned();
    text.push_str("      - {record: r0, expr: vector(1), labels: {x: xxxxxxxx}}\n");
    for rule in 0..depth {
        let _ = writeln!(
            text,
            "      - record: r{}\n        expr: label_replace(r{rule}, \"x\", \"$1$1\", \"x\", \"(.*)\")",
            rule + 1
        );
    }
    text
}

fn unit_tests() -> String {
    "rule_files: [rules.yml]\nevaluation_interval: 1ms\ntests:\n  - interval: 1ms\n    \
     input_series:\n      - {series: a, values: 0x100000}\n    promql_expr_test:\n      - {expr: \
     a, eval_time: 1d, exp_samples: []}\n"
        .to_owned()
}
