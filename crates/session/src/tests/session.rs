//! The session as the page drives it: requests in, messages out.

use super::driver::Driver;
use protocol::pages::targets;
use protocol::{Action, EventLog, File, PageQuery, Reply, Request, View};

/// Opens a scenario on the page "Targets".
fn opened(scenario: &str) -> Driver {
    let mut driver = Driver::open(scenario);
    driver.send(Request::Watch { query: PageQuery::Targets(targets::Query::default()) });
    driver
}

impl Driver {
    fn row(&self) -> targets::Row {
        let Some(View::Targets(view)) = &self.view else { panic!("{:?}", self.view) };
        view.pools[0].targets[0].clone()
    }
}

#[test]
fn the_giftcard_target_is_up_after_a_scrape() {
    let mut driver = opened("giftcard");
    assert_eq!(driver.row().state, targets::State::Unknown);
    assert_eq!(driver.row().url, "http://proxy-service:8080/metrics");
    driver.send(Request::Advance { millis: 15_000 });
    assert_eq!(driver.row().state, targets::State::Up, "{:?}", driver.row());
    assert_eq!(driver.last.clock.now, 15_000);
}

#[test]
fn what_is_at_odds_turns_the_target_down_with_prometheus_words() {
    for (file, from, to, error) in [
        ("prometheus.yaml", "proxy-service:8080", "proxy-servise:8080", "no such host"),
        (
            "prometheus.yaml",
            "proxy-service:8080",
            "proxy-service:8000",
            "context deadline exceeded",
        ),
        ("prometheus.yaml", "'/metrics'", "/stats", "server returned HTTP status 404 Not Found"),
        ("proxy.yaml", "    app: proxy\n  ports", "    app: other\n  ports", "connection refused"),
        ("proxy.yaml", "containerPort: 8080", "containerPort: 8081", "connection refused"),
        ("proxy.yaml", "targetPort: http", "targetPort: 8081", "connection refused"),
    ] {
        let mut driver = opened("giftcard");
        driver.send(Request::Advance { millis: 60_000 });
        driver.edit_and_wait(file, from, to);
        let row = driver.row();
        assert_eq!(row.state, targets::State::Down, "{from} → {to}");
        assert!(
            row.error.as_ref().is_some_and(|text| text.contains(error)),
            "{to}: {:?}",
            row.error
        );
        driver.edit_and_wait(file, to, from);
        assert_eq!(driver.row().state, targets::State::Up, "{from} again");
    }
}

#[test]
fn an_open_page_is_answered_whenever_it_is_asked_for() {
    let mut driver = opened("giftcard");
    let targets = || PageQuery::Targets(targets::Query::default());
    // The page shows another page when this answer comes, and drops it. Its next request is the
    // same: the request for the other page was replaced before it was sent.
    driver.view = None;
    driver.send(Request::Watch { query: targets() });
    assert!(matches!(driver.view, Some(View::Targets(_))));
    driver.view = None;
    driver.send(Request::Advance { millis: 0 });
    assert_eq!(driver.view, None, "an answer that has not changed is not sent again");
}

#[test]
fn a_server_without_its_configuration_scrapes_nothing() {
    let mut driver = opened("giftcard");
    driver.edit_and_wait(
        "prometheus-deploy.yaml",
        "            name: prometheus-config",
        "            name: other",
    );
    let Some(View::Targets(view)) = &driver.view else { panic!() };
    assert!(view.pools.is_empty());
    let stopped = driver.session.analysis.server.stopped.clone().unwrap();
    assert!(
        stopped.lines.iter().any(|line| line.contains("configmap \"other\" not found")),
        "{stopped:?}"
    );
}

#[test]
fn the_same_past_gives_the_same_present() {
    let mut driver = opened("giftcard");
    driver.send(Request::Advance { millis: 60_000 });
    let menu = crate::world::actions::possible(&driver.session.analysis);
    let action = Action::Start(menu[0].choice(None, None));
    driver.send(Request::Act { action });
    let events = driver.last.clock.events.clone().unwrap();
    assert_eq!(events.len(), 1);
    driver.send(Request::Advance { millis: 60_000 });
    let counter = |driver: &Driver| {
        let storage = &driver.session.timeline.world.storage;
        let series = storage
            .iter()
            .find(|series| series.labels().metric_name() == "database_error_return_404_total");
        let mut buffer = promql::storage::SampleBuffer::default();
        series.unwrap().read(i64::MIN, i64::MAX, &mut buffer);
        buffer.floats
    };
    let before = counter(&driver);
    assert!(before.last() > before.first());
    driver.send(Request::Seek { at: 30_000 });
    driver.send(Request::Seek { at: 120_000 });
    assert_eq!(counter(&driver), before);

    let mut again = opened("giftcard");
    let past = EventLog { now: 120_000, events, ..EventLog::default() };
    let workspace = again.workspace.clone();
    again.send(Request::Open { workspace, revision: 1, log: past });
    assert_eq!(counter(&again), before);
}

#[test]
fn a_bare_configuration_counts_like_one_in_a_config_map() {
    let mut driver = opened("giftcard");
    let map = driver.workspace.files[0].clone();
    driver.remove(map.id);
    for file in driver.workspace.files.clone() {
        if file.name == "prometheus-deploy.yaml" {
            driver.remove(file.id);
        }
    }
    let text = "scrape_configs:\n  - job_name: a\n    static_configs:\n      - targets: ['proxy-service:8080']\n";
    let file = File { id: text::FileId(99), name: "prometheus.yml".into(), text: text.into() };
    driver.edited(file);
    driver.send(Request::Advance { millis: 60_000 });
    assert_eq!(driver.row().state, targets::State::Up, "{:?}", driver.row());
}

#[test]
fn target_files_in_a_config_map_are_read_where_they_are_mounted() {
    let mut driver = opened("giftcard");
    driver.edit_and_wait(
        "prometheus.yaml",
        "        static_configs:\n          - targets: ['proxy-service:8080']\n",
        "        file_sd_configs:\n          - files: ['more/../*.json', /none/x.yml]\n  proxies.json: |\n    [{\"targets\": [\"proxy-service:8080\"], \"labels\": {\"team\": \"a\"}}]\n",
    );
    let row = driver.row();
    assert_eq!(row.state, targets::State::Up, "{row:?}");
    let path = "/etc/prometheus/proxies.json";
    let target = driver.session.analysis.table.pools[0].active[0].clone();
    assert_eq!(target.discovered.get("__meta_filepath"), path);
    // A file that is not valid JSON loses its targets and has an error.
    driver.edit_and_wait("prometheus.yaml", "\"a\"}}]", "\"a\"},}]");
    let pool = driver.session.analysis.table.pools[0].clone();
    assert!(pool.active.is_empty());
    let log = &pool.discovered[0].log;
    let message = "looking for beginning of object key string";
    assert!(log.iter().any(|line| line.message.contains(message)), "{log:?}");
}

#[test]
fn text_from_anywhere_is_answered() {
    let deep = "[".repeat(50_000);
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n";
    let long =
        format!("kind: ConfigMap\nmetadata: {{name: x}}\ndata:\n{}", "  k: v\n".repeat(50_000));
    for text in
        [&deep, bomb, "\0\u{1}", "\u{FEFF}kind: Pod\r\n\tx: 1\r\n", "kind: Pod\nspec: 5", &long]
    {
        let mut driver = opened("giftcard");
        let mut file = driver.workspace.files[0].clone();
        file.text = text.to_owned();
        driver.edited(file);
        driver.send(Request::Advance { millis: 15_000 });
        assert_eq!(driver.last.clock.now, 15_000);
    }
}

fn place(driver: &Driver, name: &str, text: &str) -> (text::FileId, u32) {
    let file = driver.workspace.files.iter().find(|file| file.name == name).unwrap();
    (file.id, file.text.find(text).unwrap() as u32)
}

fn hover(driver: &mut Driver, name: &str, text: &str) -> Option<protocol::Card> {
    let (file, offset) = place(driver, name, text);
    match driver.send(Request::Hover { file, offset }) {
        Reply::Hover(card) => card,
        other => panic!("{other:?}"),
    }
}

#[test]
fn fields_inside_a_config_map_are_explained_where_they_stand() {
    let mut driver = opened("giftcard");
    let card = hover(&mut driver, "prometheus.yaml", "scrape_interval").unwrap();
    assert_eq!(card.title, "scrape_interval");
    let text = &driver.workspace.files[0].text;
    assert_eq!(card.span.slice(text), "scrape_interval");
    assert!(card.body.iter().any(|text| text.contains("5760 samples a day")), "{card:?}");
    let answered = hover(&mut driver, "prometheus.yaml", "proxy-service:8080").unwrap();
    assert!(answered.body.iter().any(|text| text.contains("proxy-service")), "{answered:?}");
    // An item of a plain list is what its field is about.
    assert_eq!(answered.title, "targets, item 1");
    assert!(answered.body.iter().any(|text| text.contains("as host and port")), "{answered:?}");
}

#[test]
fn notes_say_how_the_files_hang_together() {
    let driver = opened("giftcard");
    let notes: Vec<String> = driver
        .session
        .snapshot()
        .sources
        .iter()
        .flat_map(|source| crate::ide::annotate(source, &driver.session.snapshot()).inlay_hints)
        .map(|note| note.text)
        .collect();
    for part in [
        "mounted by prometheus-deployment",
        "reads this as /etc/prometheus/prometheus.yml",
        "→ 1 pod, ready",
        "scrape every 15s",
    ] {
        assert!(notes.iter().any(|note| note.contains(part)), "{part}: {notes:#?}");
    }
}

#[test]
fn completions_inside_a_config_map_are_those_of_the_configuration() {
    let mut driver = opened("giftcard");
    let (file, offset) = place(&driver, "prometheus.yaml", "metrics_path");
    let request = Request::Complete { file, offset: offset + 3 };
    let Reply::Completions(Some(found)) = driver.send(request) else {
        panic!("nothing to complete");
    };
    assert!(found.items.iter().any(|item| item.label == "scrape_interval"), "{found:?}");
    let (file, offset) = place(&driver, "prometheus.yaml", "proxy-service:8080");
    let request = Request::Complete { file, offset: offset + 2 };
    let Reply::Completions(Some(found)) = driver.send(request) else {
        panic!("nothing to complete");
    };
    assert!(found.items.iter().any(|item| item.label == "prometheus-service:9090"), "{found:?}");
}

#[test]
fn the_counter_and_its_rate_can_be_seen_and_the_text_behind_them() {
    use protocol::pages::query::{Answer, Tab};
    use protocol::pages::{metrics, query};
    let mut driver = opened("giftcard");
    driver.send(Request::Advance { millis: 120_000 });
    let menu = crate::world::actions::possible(&driver.session.analysis);
    let action = Action::Start(menu[0].choice(None, None));
    driver.send(Request::Act { action });
    driver.send(Request::Advance { millis: 20_000 });
    let mut ask = |query: &str, tab| {
        let query = Some(query.to_owned());
        let question = query::Query { query, tab, range: 300_000, ..Default::default() };
        driver.send(Request::Watch { query: PageQuery::Query(question) });
        let Some(View::Query(view)) = driver.view.clone() else { panic!() };
        view
    };
    let rate = "rate(database_error_return_404_total[1m])";
    let Answer::Table { rows, total: 1 } = ask(rate, Tab::Table).answer else { panic!() };
    assert_ne!(rows[0].values, ["0"]);
    let Answer::Graph(graph) = ask(rate, Tab::Graph).answer else { panic!() };
    assert!(graph.lines[0].values.iter().flatten().any(|value| *value > 0.0));
    let Answer::Explain { nodes, .. } = ask(rate, Tab::Explain).answer else { panic!() };
    assert_eq!(nodes.len(), 2, "the call and its selector");
    let sum = vec!["vector(1)"; 600].join(" + ");
    let Answer::Explain { nodes, more, .. } = ask(&sum, Tab::Explain).answer else { panic!() };
    assert_eq!((nodes.len(), more), (200, 599 + 2 * 600 - 200), "sums, calls and numbers");
    assert!(nodes[0].text.ends_with('…') && nodes[0].text.len() < 500);

    let refused = ask("rate(up)", Tab::Table);
    assert!(refused.problem.unwrap().message.contains("expected type range vector"));
    assert!(refused.hints[0].rewrite.is_some());
    for (query, reason) in [
        ("database_error", "No series is called database_error"),
        ("up{job=\"proxy\"}", "its values are \"proxy-job\""),
        ("rate(up[15s])", "holds one sample of up"),
        ("up > 2", "nothing was left of them"),
    ] {
        let empty = ask(query, Tab::Table).empty;
        assert!(empty[0].contains(reason), "{query}: {empty:?}");
    }

    driver.send(Request::Watch { query: PageQuery::Metrics(metrics::Query::default()) });
    let Some(View::Metrics(view)) = driver.view.clone() else { panic!() };
    let shown = |line: &metrics::Line| line.text.starts_with("database_error_return_404_total");
    assert!(view.lines.iter().any(shown), "{view:?}");

    let request = Request::CompleteQuery { query: "database_e".into(), offset: 10 };
    let reply = driver.send(request);
    let Reply::Completions(Some(found)) = reply else { panic!("{reply:?}") };
    assert!(found.items.iter().any(|one| one.label == "database_error_return_404_total"));
}

#[test]
fn the_rate_lab_answers_its_questions_and_what_is_made_of_them() {
    use protocol::lab::{LabAction, update};
    use protocol::pages::rate_lab::Query as LabQuery;
    let mut driver = opened("giftcard");
    let mut ask = |question: LabQuery| {
        driver.send(Request::Watch { query: PageQuery::RateLab(question) });
        let Some(View::RateLab(view)) = driver.view.clone() else { panic!() };
        view
    };
    let first = ask(LabQuery::default());
    assert_eq!(first.promql, "increase(lab_events_total[1m])");
    assert!(first.answer.contains("though 1 event happened"), "{}", first.answer);
    assert_eq!(first.dots.iter().filter(|dot| dot.inside).count(), 4);
    let row = |name: &str| first.terms.iter().find(|row| row.0 == name).map(|row| row.1.as_str());
    assert_eq!(row("result"), Some("1 × 1.333 = 1.333"));
    assert_eq!((row("truth"), row("error")), (Some("1"), Some("+0.3333 (+33 %)")));
    for (id, _) in &first.presets {
        let view = ask(LabQuery::of_preset(id));
        assert!(view.answer.len() > 40 && !view.dots.is_empty(), "{id}: {}", view.answer);
    }
    // The time from the known start to the first sample is no interval between samples.
    let mut started = LabQuery::of_preset("first-increment");
    started.lab.mode = protocol::lab::RangeMode::Starts;
    let view = ask(started);
    let row = |name: &str| view.terms.iter().find(|row| row.0 == name).map(|row| row.1.as_str());
    assert_eq!(row("average interval"), Some("45 s / 3 = 15 s"));
    assert_eq!(row("factor: extrapolated / sampled"), Some("55 s / 50 s = 1.1"));
    let [at_start, at_end] = view.stretch.unwrap();
    assert_eq!((&*at_start.text, at_start.from, at_start.to), ("start known", 95_000, 95_000));
    assert_eq!(at_end.text, "5 s < 16.5 s");
    let view = ask(LabQuery::of_preset("counter-zero"));
    assert_eq!(view.stretch.unwrap()[0].text, "zero 5 s ago");
    assert_eq!(view.measure.unwrap().factor, "9 × 1.267");
    // A restart of the session keeps the exported state and undoes the rest.
    let mut done = LabQuery::of_preset("restart");
    done.lab = update(&done.lab, LabAction::MissLast).into();
    assert_eq!(done.reset(), LabQuery::of_preset("restart"));
    let mut restarted = LabQuery::of_preset("restart");
    restarted.lab.at = i64::MAX;
    restarted.preset = None;
    let view = ask(restarted);
    assert_eq!(view.end, view.query.lab.length.millis(), "what comes from outside is bounded");
}

#[test]
fn a_series_of_the_simulation_comes_into_the_lab_with_its_truth() {
    use protocol::pages::rate_lab::Query as LabQuery;
    let mut driver = opened("giftcard");
    driver.send(Request::Advance { millis: 300_000 });
    let mut ask = |question: LabQuery| {
        driver.send(Request::Watch { query: PageQuery::RateLab(question) });
        let Some(View::RateLab(view)) = driver.view.clone() else { panic!() };
        view
    };
    let search = Some("_total".to_owned());
    let offered = ask(LabQuery { search, ..LabQuery::default() }).choices;
    assert!(!offered.is_empty());
    let mut known = 0;
    for choice in &offered {
        let view = ask(LabQuery::of_series(choice.series.clone()));
        assert_eq!(view.note, None);
        let taken = view.query.lab.taken.as_ref().unwrap();
        assert_eq!(taken.labels, choice.series.labels);
        assert!(view.dots.len() > 4, "{}: {:?}", choice.name, view.dots);
        assert!(view.promql.starts_with("increase("), "{}", view.promql);
        if let Some(truth) = view.truth {
            known += 1;
            // The program's own value at a scrape is what was scraped.
            let lab = &view.query.lab;
            for (at, value) in &taken.samples {
                let near = [-1_000, 0, 1_000].map(|off| lab.exposed(at + off));
                assert!(
                    near[0] - 1e-6 <= *value && *value <= near[2] + 1e-6,
                    "{} at {at}: {value}, {near:?}",
                    choice.name
                );
            }
            assert!(truth >= 0.0);
        }
    }
    assert!(known > 0, "the truth of no series is known");
    let mut gone = offered[0].series.clone();
    gone.labels = protocol::Labels::from_pairs([("__name__", "not_there")]);
    assert!(ask(LabQuery::of_series(gone)).note.is_some());
}

#[test]
fn the_words_that_a_field_takes_are_told_also_where_another_stands() {
    let mut driver = opened("jewelry-shop");
    for word in ["keep", "kepe"] {
        driver.edit_and_wait(
            "prometheus-configmap.yaml",
            "action: keep",
            &format!("action: {word}"),
        );
        let card = hover(&mut driver, "prometheus-configmap.yaml", "action: ").unwrap();
        assert_eq!(card.kind, "enum");
        let words = card.facts.iter().find(|(name, _)| name == "One of").map(|(_, words)| words);
        assert!(words.is_some_and(|words| words.contains("`labelmap`")), "{card:?}");
    }
}

#[test]
fn flags_of_prometheus_are_explained_where_they_stand() {
    let mut driver = opened("wiki-chart");
    let card =
        hover(&mut driver, "prometheus-deployment.yaml", "--storage.tsdb.retention.time").unwrap();
    assert!(card.body.iter().any(|text| text.contains("Blocks that are wholly older")), "{card:?}");
    assert!(
        card.body.iter().any(|text| text.contains("is `15d` where it is not given")),
        "{card:?}"
    );
    let (file, _) = place(&driver, "prometheus-deployment.yaml", "args");
    let source = driver.session.snapshot().sources.get(file).unwrap();
    let notes = crate::ide::annotate(source, &driver.session.snapshot()).inlay_hints;
    assert!(notes.iter().any(|note| note.text == "where the samples are kept"), "{notes:?}");
    // They are offered where one begins to be written.
    driver.edit_and_wait(
        "prometheus-deployment.yaml",
        "- '--storage.tsdb.path=/prometheus'",
        "- '--web.'",
    );
    let (file, offset) = place(&driver, "prometheus-deployment.yaml", "--web.'");
    let request = Request::Complete { file, offset: offset + 6 };
    let found = match driver.send(request) {
        Reply::Completions(Some(found)) => found,
        other => panic!("{other:?}"),
    };
    assert!(found.items.iter().any(|item| item.label == "--web.enable-lifecycle"), "{found:?}");
}

#[test]
fn a_file_that_is_no_configuration_is_not_said_to_load() {
    use super::driver::Driver;
    for (name, text, configuration, says) in [
        (
            "a.yml",
            "a: 1\na: 1\n",
            None,
            "parsing YAML file a.yml: yaml: unmarshal errors: line 1: field a not found in type \
             config.plain line 2: field a not found in type config.plain",
        ),
        ("a.yml", "hello", None, "cannot unmarshal !!str `hello` into config.plain"),
        ("a.yml", "[1, 2]", None, "cannot unmarshal !!seq into config.plain"),
        (
            "a.yml",
            "scrape_config:\n- job_name: a\n",
            Some("a.yml"),
            "field scrape_config not found in type config.plain",
        ),
        (
            "prometheus.yml",
            "a: 1\n",
            Some("prometheus.yml"),
            "field a not found in type config.plain",
        ),
        ("a.yml", "", None, ""),
        ("a.yml", "[]", None, ""),
        ("a.yml", "global: {}", Some("a.yml"), ""),
        ("a.txt", "a: 1\n", None, ""),
    ] {
        let driver = Driver::with_files(&[(name, text)]);
        let summary = driver.last.summary.clone().unwrap();
        assert_eq!(summary.configuration.as_deref(), configuration, "{text}");
        let found: Vec<String> = driver.last.annotations[0]
            .diagnostics
            .iter()
            .map(|one| format!("{} {}", one.message, one.help.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(found.is_empty(), says.is_empty(), "{text}: {found:?}");
        assert!(found.iter().all(|one| one.contains(says)), "{text}: {found:#?}");
    }
}
