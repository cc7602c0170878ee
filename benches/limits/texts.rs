//! Files of the workspace, queries, events, imports and lessons, through the session's messages.

use std::fmt::Write as _;

use protocol::import::{Given, RawFile};
use protocol::pages::{cluster, discovery, query, rules, targets};
use protocol::{
    Action, ActionKind, Choice, Envelope, EventLog, Fault, LoggedEvent, OpenLesson, PageQuery,
    Reply, Request, Scope, UNTIL_ENDED, Workspace,
};
use session::Session;

use crate::{Case, Meter};

/// Slices that a case waits for.
const SLICES: usize = 2_000;

/// A session, measured.
struct Driver<'m> {
    session: Session,
    number: u32,
    meter: &'m mut Meter,
    slices: usize,
    goal: bool,
    bytes: usize,
}

impl<'m> Driver<'m> {
    fn new(meter: &'m mut Meter) -> Self {
        Self { session: Session::new(), number: 0, meter, slices: 0, goal: false, bytes: 0 }
    }

    fn send(&mut self, name: &'static str, request: Request) -> Reply {
        self.number += 1;
        let envelope = Envelope { number: self.number, request };
        let session = &mut self.session;
        let (message, bytes) = self.meter.step(name, || {
            let message = session.handle(envelope);
            let bytes = protocol::encode(&message).len();
            (message, bytes)
        });
        self.bytes = bytes;
        if let Reply::Updated(update) = &message.reply {
            self.goal = update.clock.goal.is_some();
        }
        message.reply
    }

    /// Sends a request and continues until its goal.
    fn run(&mut self, name: &'static str, request: Request) -> Reply {
        let mut reply = self.send(name, request);
        while self.goal && self.slices < SLICES {
            reply = self.send("continue", Request::Continue { show: false });
            self.slices += 1;
        }
        reply
    }

    fn end(self) {
        let Self { meter, slices, goal, bytes, .. } = self;
        let unfinished = if goal { ", not finished" } else { "" };
        meter.note = format!("{bytes} bytes of the last answer, {slices} slices{unfinished}");
    }
}

/// Opens files, lets minutes pass, and opens a page.
fn pages(files: Vec<(&'static str, String)>, minutes: u64, page: PageQuery) -> impl Fn(&mut Meter) {
    logged(files, EventLog::default(), minutes, page)
}

fn logged(
    files: Vec<(&'static str, String)>,
    log: EventLog,
    minutes: u64,
    page: PageQuery,
) -> impl Fn(&mut Meter) {
    move |meter| {
        let files = files.iter().map(|(name, text)| (*name, text.as_str()));
        let workspace = Workspace::from_files("", files, 1);
        let mut driver = Driver::new(meter);
        driver.run("open", Request::Open { workspace, revision: 1, log: log.clone() });
        driver.run("advance", Request::Advance { millis: minutes * 60_000 });
        driver.send("page", Request::Watch { query: page.clone() });
        driver.end();
    }
}

/// The cases; `divide` makes them smaller.
pub fn cases(divide: usize) -> Vec<Case> {
    let groups =
        [relabeling(divide), queries(divide), rule_files(divide), events(divide), ways_in(divide)];
    groups.into_iter().flatten().collect()
}

fn config(text: String) -> Vec<(&'static str, String)> {
    vec![("prometheus.yml", text)]
}

fn relabeling(divide: usize) -> Vec<Case> {
    let targets = || PageQuery::Targets(targets::Query::default());
    let discovery = || PageQuery::Discovery(discovery::Query::default());
    let case = |name, text, page| Case::new(name, pages(config(text), 1, page));
    vec![
        case("relabel: a value doubles", doubling(1, 40), targets()),
        case("relabel: doubling explained", doubling(1, 40), discovery()),
        case("relabel: large for 1000 targets", doubling(1_000 / divide, 17), targets()),
        case("relabel: replace doubles", replace_doubles(40), discovery()),
        case("labelmap doubles", labelmap(16), discovery()),
        Case::new("metric_relabel doubles", pages(config(metric_relabel(30)), 5, targets())),
        case("150000 static targets", job(150_000 / divide), targets()),
        case("10000 rules, 1000 targets", many_rules(10_000 / divide, 1_000 / divide), targets()),
        case("100000 lines of tabs", "\t\n".repeat(100_000 / divide), targets()),
        case("a costly regex, refused", costly_regex(), targets()),
    ]
}

fn queries(divide: usize) -> Vec<Case> {
    let ask = |name, tab, text: String| {
        let query = query::Query { query: Some(text), tab, ..query::Query::default() };
        let files = config("scrape_configs: []\n".to_owned());
        Case::new(name, pages(files, 1, PageQuery::Query(query)))
    };
    let replaced = |inner| format!("label_replace({inner}, \"x\", \"$1$1\", \"x\", \"(.*)\")");
    let joined = |inner| format!("label_join({inner}, \"x\", \"\", \"x\", \"x\")");
    let subqueries = nested(8, |inner| format!("max_over_time(({inner})[1d:1s])"));
    vec![
        ask("label_replace doubles", query::Tab::Graph, nested(40, replaced)),
        ask("label_join doubles", query::Tab::Graph, nested(40, joined)),
        ask("label_replace doubles, explained", query::Tab::Explain, nested(40, replaced)),
        ask("a query of 6 KB, explained", query::Tab::Explain, vec!["vector(1)"; 600].join(" + ")),
        ask(
            "a query of 500 KB, explained",
            query::Tab::Explain,
            vec!["a"; 128_000 / divide].join(" + "),
        ),
        ask("subqueries in subqueries", query::Tab::Graph, subqueries),
        ask("a regex of 1000 words, explained", query::Tab::Explain, words_regex(1_000)),
    ]
}

fn rule_files(divide: usize) -> Vec<Case> {
    let with_rules = |rules: String| {
        let config = "rule_files: [rules.yml]\nscrape_configs: []\n".to_owned();
        vec![("prometheus.yml", config), ("rules.yml", rules)]
    };
    let page = |run_tests| PageQuery::Rules(rules::Query { run_tests, ..rules::Query::default() });
    let mut tested = with_rules(large_rules(1));
    tested.push(("tests.yml", unit_tests()));
    let template = "{{ range query \"vector(1)\" }}{{ range $i := . }}x{{ end }}{{ end }}";
    let printed = "{{ printf \"%999999d\" 1 }}".repeat(1_000 / divide);
    vec![
        Case::new(
            "recording rules: large labels",
            pages(with_rules(large_rules(30)), 10, page(false)),
        ),
        Case::new("unit tests at 1 ms", pages(tested, 1, page(true))),
        Case::new(
            "10000 rules in a file",
            pages(with_rules(rules_of(10_000 / divide)), 2, page(false)),
        ),
        Case::new(
            "a template that prints",
            pages(with_rules(alert(&(printed + template))), 5, page(false)),
        ),
    ]
}

fn events(divide: usize) -> Vec<Case> {
    let file = || {
        config(
            "scrape_configs: [{job_name: a, static_configs: [{targets: ['localhost:9090']}]}]\n"
                .to_owned(),
        )
    };
    let page = || PageQuery::Targets(targets::Query::default());
    let choice = |kind| Choice { kind, scope: Scope::All, duration: Some(60_000) };
    let log = |count: u64, until, kind: fn(u64) -> ActionKind| {
        let event = |number: u64| LoggedEvent {
            at: number * 10,
            action: Action::Start(choice(kind(number))),
            label: String::new(),
            until,
        };
        EventLog {
            now: 120_000,
            events: (0..count).map(event).collect(),
            delays: true,
            ..EventLog::default()
        }
    };
    let slow = |number| ActionKind::Fault(Fault::Status(500 + (number % 90) as u16));
    let traffic = |number| ActionKind::Traffic { factor: 1.0 + number as f64 / 1e5 };
    let count = |number: u64| number / divide as u64;
    vec![
        Case::new("10000 events", logged(file(), log(count(10_000), None, slow), 1, page())),
        Case::new(
            "60000 lasting events",
            logged(file(), log(count(60_000), Some(UNTIL_ENDED), traffic), 1, page()),
        ),
    ]
}

/// Imports, bundles and lessons.
fn ways_in(divide: usize) -> Vec<Case> {
    let import = |name, file: &'static str, bytes: Vec<u8>| {
        Case::new(name, move |meter: &mut Meter| {
            let mut driver = Driver::new(meter);
            let raw = RawFile { name: file.to_owned(), bytes: bytes.clone(), from: Given::Chosen };
            let reply = driver.send("import", Request::Import { files: vec![raw] });
            let Reply::Imported(imported) = reply else { return driver.end() };
            let files: Vec<(&str, &str)> =
                imported.files.iter().map(|file| (&*file.name, &*file.text)).collect();
            let workspace = Workspace::from_files("", files, 1);
            driver.run("open", Request::Open { workspace, revision: 1, log: EventLog::default() });
            driver.run("advance", Request::Advance { millis: 60_000 });
            driver.send(
                "page",
                Request::Watch { query: PageQuery::Targets(targets::Query::default()) },
            );
            driver.end();
        })
    };
    let size = 40 << 20;
    let line = "# a comment of the file that is imported, with some length\n";
    let manifest = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n";
    let text = |line: &str| line.repeat(size / divide / line.len()).into_bytes();
    vec![
        import("import of 40 MB", "prometheus.yml", text(line)),
        import("import of 40 MB of manifests", "cluster.yaml", text(manifest)),
        import("a bundle of 40 MB", "bundle.json", bundle(100_000 / divide).into_bytes()),
        import("an export of 40 MB", "export.json", export(40_000 / divide).into_bytes()),
        Case::new("a lesson of 200 goals", lesson(200 / divide)),
        Case::new(
            "1000 Deployments of 1000 pods",
            pages(deployments(1_000 / divide), 10, PageQuery::Cluster(cluster::Query::default())),
        ),
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

/// Rules of which each doubles the value of a label with a reference to a group.
fn replace_doubles(rules: usize) -> String {
    let rule =
        "      - {source_labels: [x], regex: '(.*)', replacement: '$1$1', target_label: x}\n";
    format!(
        "{}    relabel_configs:\n      - {{target_label: x, replacement: xx}}\n{}",
        job(1),
        rule.repeat(rules)
    )
}

fn words_regex(words: usize) -> String {
    let words: Vec<String> = (0..words).map(|word| format!("word{word}.*")).collect();
    format!("sum(a{{b=~\"{}\"}})", words.join("|"))
}

fn rules_of(count: usize) -> String {
    let mut text = "groups:\n  - name: a\n    interval: 1s\n    rules:\n".to_owned();
    for rule in 0..count {
        let _ =
            writeln!(text, "      - {{record: r{rule}, expr: 'sum by (job) (rate(a{rule}[5m]))'}}");
    }
    text
}

fn alert(template: &str) -> String {
    format!(
        "groups:\n  - name: a\n    interval: 1s\n    rules:\n      - alert: A\n        expr: vector(1)\n        \
         annotations:\n          a: '{template}'\n"
    )
}

/// The answers of a live server with this many targets.
fn bundle(targets: usize) -> String {
    let mut text = "{\"config\":{\"status\":\"success\",\"data\":{\"yaml\":\"scrape_configs:\\n- job_name: a\\n  static_configs: [{targets: ['a:1']}]\\n\"}},\"targets\":{\"status\":\"success\",\"data\":{\"activeTargets\":[".to_owned();
    for target in 0..targets {
        let comma = if target == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"discoveredLabels\":{{\"__address__\":\"h{target}:9100\",\"__metrics_path__\":\"/metrics\",\"__scheme__\":\"http\",\"__scrape_interval__\":\"15s\",\"__scrape_timeout__\":\"10s\",\"job\":\"a\"}},\"labels\":{{\"instance\":\"h{target}:9100\",\"job\":\"a\"}},\"scrapePool\":\"a\",\"scrapeUrl\":\"http://h{target}:9100/metrics\",\"globalUrl\":\"http://h{target}:9100/metrics\",\"lastError\":\"\",\"lastScrape\":\"2026-01-01T00:00:00Z\",\"lastScrapeDuration\":0.01,\"health\":\"up\",\"scrapeInterval\":\"15s\",\"scrapeTimeout\":\"10s\"}}"
        );
    }
    text + "],\"droppedTargets\":[],\"droppedTargetCounts\":{}}}}"
}

/// `kubectl get pods -o json`.
fn export(pods: usize) -> String {
    let mut text = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[".to_owned();
    let filler = "x".repeat(600);
    for pod in 0..pods {
        let comma = if pod == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"p{pod}\",\"namespace\":\"default\",\"uid\":\"{pod}\",\"resourceVersion\":\"{pod}\",\"annotations\":{{\"a\":\"{filler}\"}}}},\"spec\":{{\"containers\":[{{\"name\":\"a\",\"image\":\"nginx\"}}]}},\"status\":{{\"phase\":\"Running\",\"podIP\":\"10.0.0.1\"}}}}"
        );
    }
    text + "]}"
}

/// Deployments of 1,000 pods each.
fn deployments(count: usize) -> Vec<(&'static str, String)> {
    let mut text = String::new();
    for deployment in 0..count {
        let _ = writeln!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{deployment}}}\nspec:\n  replicas: 1000\n  \
             selector: {{matchLabels: {{app: d{deployment}}}}}\n  template:\n    metadata: {{labels: {{app: d{deployment}}}}}\n    \
             spec: {{containers: [{{name: web, image: nginx}}]}}"
        );
    }
    vec![("web.yaml", text)]
}

/// A lesson with many goals, and progress with more of them.
fn lesson(goals: usize) -> impl Fn(&mut Meter) {
    let goal = |number: usize| {
        let query = format!("sum(rate(up[5m])) + {number}");
        serde_json::json!({"id": format!("g{number}"), "text": "t", "when": {"query": {"query": query}}})
    };
    let start = serde_json::json!({
        "scenario": "", "files": [], "open": "", "view": "", "query": "", "at": "0s", "delays": false,
        "playing": false,
    });
    let json = serde_json::json!({
        "name": "a", "title": "t", "chapter": "c", "task": "t", "start": start, "guards": [],
        "predict": null, "hints": [], "shown_solution": [], "debrief": "",
        "goals": (0..goals).map(goal).collect::<Vec<_>>(),
    })
    .to_string();
    move |meter| {
        let files = config(
            "scrape_configs: [{job_name: a, static_configs: [{targets: ['localhost:9090']}]}]\n"
                .to_owned(),
        );
        let files = files.iter().map(|(name, text)| (*name, text.as_str()));
        let workspace = Workspace::from_files("", files, 1);
        let mut driver = Driver::new(meter);
        driver.run("open", Request::Open { workspace, revision: 1, log: EventLog::default() });
        let reply = driver.send(
            "lesson",
            Request::SetLesson {
                lesson: Some(Box::new(OpenLesson { json: json.clone(), kept: None })),
            },
        );
        let shown = matches!(&reply, Reply::Updated(update) if update.lesson.is_some());
        driver.run("advance", Request::Advance { millis: 3_600_000 });
        driver.end();
        if !shown {
            meter.note.push_str(", THE LESSON WAS NOT OPENED");
        }
    }
}
