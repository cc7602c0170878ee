//! Requests to a small server.

use go::Duration;
use prometheus::{Mode, NoFiles, load};
use promql::engine::{Engine, EngineOptions};
use promql::storage::{Sample, Storage};
use promql::syntax::ParserOptions;
use promql::{Labels, Timestamp};
use text::FileId;

use super::*;

const NOW: Timestamp = 1_000_000;

/// A server with the series `up` of two jobs, whose last samples are a second old.
fn with_server(args: &[&str], ask: impl FnOnce(&ServerState<'_>)) {
    let text =
        "scrape_configs:\n- job_name: a\n  relabel_configs: [{regex: x, action: labeldrop}]\n";
    let config = load(&yaml::parse(FileId(0), text), &NoFiles, Mode::Server).config;
    let mut storage = Storage::unbounded();
    for (job, value) in [("a", 1.0), ("b", 0.0)] {
        let labels = Labels::from_pairs([("__name__", "up"), ("job", job)]);
        for time in [NOW - 61_000, NOW - 1000] {
            storage.append(&labels, Sample::float(time, value)).expect("samples are in order");
        }
    }
    let engine = Engine::new(EngineOptions {
        default_subquery_step: Duration::from_secs(60),
        ..EngineOptions::default()
    });
    let target = TargetState {
        labels: Labels::from_pairs([("job", "a")]),
        url: "http://localhost:9090/metrics".into(),
        metadata: vec![Metadata {
            family: "up".into(),
            metric_type: "gauge".into(),
            help: "Up.".into(),
            unit: String::new(),
        }],
        ..TargetState::default()
    };
    let pool = ScrapePool {
        name: "a".into(),
        targets: vec![target],
        dropped: vec![Labels::from_pairs([("x", "y")])],
        dropped_count: 3,
    };
    ask(&ServerState {
        now: NOW,
        readiness: Readiness::Ready,
        runtime: Runtime { hostname: "host".into(), ..Runtime::default() },
        build: BuildInfo::default(),
        flags: Flags::of_args(args.iter().copied()).expect("the flags are known"),
        config_yaml: "global: {}\n".into(),
        external_labels: Labels::from_pairs([("cluster", "c")]),
        scrape_configs: &config.scrape_configs,
        storage: &storage,
        head: Head::default(),
        exemplars: Vec::new(),
        engine: &engine,
        parser: ParserOptions::default(),
        pools: vec![pool],
        groups: Vec::new(),
        alertmanagers: Alertmanagers::default(),
        notifications: Vec::new(),
        metrics: "# EOF\n".into(),
    });
}

fn check(args: &[&str], cases: &[(&str, u16, &str)]) {
    with_server(args, |state| {
        for (target, status, body) in cases {
            let response = respond(&Request::get(*target), state);
            assert_eq!((response.status, &*response.body), (*status, *body), "{target}");
        }
    });
}

#[test]
fn queries_are_answered() {
    check(
        &[],
        &[
            (
                "/api/v1/query?query=1&time=5.5",
                200,
                r#"{"status":"success","data":{"resultType":"scalar","result":[5.500,"1"]}}"#,
            ),
            (
                "/api/v1/query?query=up&limit=1",
                200,
                r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1000,"1"]}]},"warnings":["results truncated due to limit"]}"#,
            ),
            (
                "/api/v1/query_range?query=sum(up)&start=999&end=1000&step=1",
                200,
                r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[999,"1"],[1000,"1"]]}]}}"#,
            ),
            (
                "/api/v1/query?query=up{",
                400,
                r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:4: parse error: unexpected end of input inside braces"}"#,
            ),
            (
                "/api/v1/query?query=up&timeout=0s",
                503,
                r#"{"status":"error","errorType":"timeout","error":"query timed out in query execution"}"#,
            ),
            (
                "/api/v1/parse_query?query=-x[step()]",
                400,
                r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"range vector\""}"#,
            ),
        ],
    );
}

#[test]
fn series_and_labels_are_listed() {
    check(
        &[],
        &[
            ("/api/v1/labels", 200, r#"{"status":"success","data":["__name__","job"]}"#),
            ("/api/v1/label/job/values", 200, r#"{"status":"success","data":["a","b"]}"#),
            (
                "/api/v1/series?match[]=up{job=%22b%22}",
                200,
                r#"{"status":"success","data":[{"__name__":"up","job":"b"}]}"#,
            ),
            (
                "/api/v1/series?match[]={}",
                400,
                r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"match[]\": match[] must contain at least one non-empty matcher"}"#,
            ),
            (
                "/api/v1/targets/metadata",
                200,
                r#"{"status":"success","data":[{"target":{"job":"a"},"metric":"up","type":"gauge","help":"Up.","unit":""}]}"#,
            ),
            (
                "/api/v1/targets/relabel_steps?scrapePool=a&labels={%22x%22:%221%22,%22y%22:%222%22}",
                200,
                r#"{"status":"success","data":{"steps":[{"rule":{"separator":";","regex":"x","replacement":"$1","action":"labeldrop"},"output":{"y":"2"},"keep":true}]}}"#,
            ),
            (
                "/api/v1/targets?state=dropped",
                200,
                r#"{"status":"success","data":{"activeTargets":[],"droppedTargets":[{"discoveredLabels":{"x":"y"},"scrapePool":"a"}],"droppedTargetCounts":{"a":3}}}"#,
            ),
        ],
    );
}

#[test]
fn own_targets_have_an_external_url() {
    with_server(&["--web.external-url=https://prom.example.org/p"], |state| {
        let response = respond(&Request::get("/p/api/v1/targets?state=active"), state);
        assert!(
            response.body.contains(r#""globalUrl":"https://prom.example.org/metrics""#),
            "{}",
            response.body
        );
        assert_eq!(respond(&Request::get("/p"), state).status, 302);
        assert_eq!(respond(&Request::get("/api/v1/targets"), state).status, 404);
    });
}

#[test]
fn the_life_cycle_is_an_effect() {
    let post = |path: &str| Request { method: "POST".into(), ..Request::get(path) };
    with_server(&["--web.enable-lifecycle", "--web.enable-admin-api"], |state| {
        let effect = |request: Request| respond(&request, state).effect;
        assert_eq!(effect(post("/-/reload")), Some(Effect::Reload));
        assert_eq!(effect(post("/-/quit")), Some(Effect::Quit));
        let deleted = effect(post("/api/v1/admin/tsdb/delete_series?match[]=up&start=1&end=2"));
        let expected =
            Effect::DeleteSeries { selectors: vec!["up".into()], start: 1000, end: 2000 };
        assert_eq!(deleted, Some(expected));
        assert_eq!(effect(Request::get("/-/reload")), None);
    });
    with_server(&[], |state| {
        for (path, status) in [("/-/reload", 403), ("/api/v1/admin/tsdb/snapshot", 500)] {
            let response = respond(&post(path), state);
            assert_eq!((response.status, response.effect), (status, None), "{path}");
        }
    });
}

#[test]
fn a_server_that_starts_is_unavailable() {
    with_server(&[], |state| {
        let state =
            ServerState { readiness: Readiness::NotReady, pools: Vec::new(), ..copy(state) };
        for (path, status) in [
            ("/-/healthy", 200),
            ("/-/ready", 503),
            ("/api/v1/query?query=1", 503),
            ("/api/v1/status/walreplay", 200),
        ] {
            assert_eq!(respond(&Request::get(path), &state).status, status, "{path}");
        }
    });
}

fn copy<'a>(state: &ServerState<'a>) -> ServerState<'a> {
    ServerState {
        now: state.now,
        readiness: state.readiness,
        runtime: state.runtime.clone(),
        build: state.build.clone(),
        flags: state.flags.clone(),
        config_yaml: state.config_yaml.clone(),
        external_labels: state.external_labels.clone(),
        scrape_configs: state.scrape_configs,
        storage: state.storage,
        head: state.head,
        exemplars: Vec::new(),
        engine: state.engine,
        parser: state.parser,
        pools: Vec::new(),
        groups: Vec::new(),
        alertmanagers: Alertmanagers::default(),
        notifications: Vec::new(),
        metrics: String::new(),
    }
}

#[test]
fn federation_adds_the_external_labels() {
    check(
        &[],
        &[
            (
                "/federate?match[]=up",
                200,
                "# TYPE up untyped\nup{job=\"a\",cluster=\"c\",instance=\"\"} 1 999000\nup{job=\"b\",cluster=\"c\",instance=\"\"} 0 999000\n",
            ),
            (
                "/federate?match[]=up{",
                400,
                "1:4: parse error: unexpected end of input inside braces\n",
            ),
        ],
    );
}

#[test]
fn every_route_answers_without_parameters() {
    with_server(&[], |state| {
        for path in [
            "/",
            "/metrics",
            "/version",
            "/federate",
            "/graph",
            "/api/v1/status/config",
            "/api/v1/status/flags",
            "/api/v1/status/tsdb",
            "/api/v1/status/runtimeinfo",
            "/api/v1/features",
            "/api/v1/alerts",
            "/api/v1/rules",
            "/api/v1/scrape_pools",
            "/api/v1/metadata",
            "/api/v1/notifications",
            "/api/v1/openapi.yaml",
            "/targets",
        ] {
            let status = respond(&Request::get(path), state).status;
            assert!(matches!(status, 200 | 302), "{path}: {status}");
        }
    });
}
