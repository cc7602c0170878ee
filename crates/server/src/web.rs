//! The routes outside of `/api/v1`: health, life cycle, version, metrics and federation.
//!
//! Source: web/web.go `New`, web/federate.go.

use std::collections::BTreeMap;

use promql::storage::SampleBuffer;
use promql::syntax::parse_metric_selector;
use promql::{Labels, METRIC_NAME, Timestamp};

use crate::api;
use crate::http::{Effect, PLAIN, Request, Response};
use crate::json::Json;
use crate::router::{self, Route};
use crate::state::{Readiness, ServerState};

type Handler = fn(&Request, &ServerState<'_>) -> Response;

/// The text format that scrapers without an Accept header get.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

const ROUTES: &[Route<Handler>] = &[
    Route { methods: &["GET"], path: "/", handler: home },
    Route { methods: &["GET"], path: "/graph", handler: graph },
    Route { methods: &["GET"], path: "/version", handler: version },
    Route { methods: &["GET"], path: "/metrics", handler: metrics },
    Route { methods: &["GET"], path: "/federate", handler: federate },
    Route { methods: &["POST", "PUT"], path: "/-/quit", handler: quit },
    Route { methods: &["POST", "PUT"], path: "/-/reload", handler: reload },
    Route { methods: &["GET"], path: "/-/quit", handler: only_post },
    Route { methods: &["GET"], path: "/-/reload", handler: only_post },
    Route { methods: &["GET", "HEAD"], path: "/-/healthy", handler: healthy },
    Route { methods: &["GET", "HEAD"], path: "/-/ready", handler: ready },
    Route { methods: &["GET"], path: "/config", handler: page },
    Route { methods: &["GET"], path: "/flags", handler: page },
    Route { methods: &["GET"], path: "/service-discovery", handler: page },
    Route { methods: &["GET"], path: "/alertmanager-discovery", handler: page },
    Route { methods: &["GET"], path: "/status", handler: page },
    Route { methods: &["GET"], path: "/targets", handler: page },
    Route { methods: &["GET"], path: "/alerts", handler: page },
    Route { methods: &["GET"], path: "/query", handler: page },
    Route { methods: &["GET"], path: "/rules", handler: page },
    Route { methods: &["GET"], path: "/tsdb-status", handler: page },
];

pub(crate) fn respond(request: &Request, state: &ServerState<'_>) -> Response {
    let prefix = match state.flags.get("web.route-prefix").trim_matches('/') {
        "" => String::new(),
        prefix => format!("/{prefix}"),
    };
    let path = request.path();
    let clean = router::clean_path(path);
    let api = format!("{prefix}/api/v1");
    if clean != path || path == api {
        let target = if clean == api { format!("{api}/") } else { clean };
        let location = match request.query() {
            "" => target,
            query => format!("{target}?{query}"),
        };
        return Response::redirect(307, &location, &request.method);
    }
    if let Some(rest) = path.strip_prefix(&*api).filter(|rest| rest.starts_with('/')) {
        return api::respond(request, rest, state);
    }
    let Some(rest) = path.strip_prefix(&*prefix) else {
        return match path {
            "/" => Response::redirect(302, &prefix, &request.method),
            _ => router::not_found(),
        };
    };
    match router::find(ROUTES, request, if rest.is_empty() { "/" } else { rest }) {
        Ok((handler, _)) => handler(request, state),
        Err(response) => *response,
    }
}

/// The path of `--web.external-url`, empty if it has none.
pub(crate) fn external_path(state: &ServerState<'_>) -> String {
    state.flags.external_path()
}

/// The answer of a server that is not ready, None if it is. Source: web/web.go `testReady`.
pub(crate) fn unavailable(state: &ServerState<'_>) -> Option<Response> {
    let stopping = match state.readiness {
        Readiness::Ready => return None,
        Readiness::NotReady => "false",
        Readiness::Stopping => "true",
    };
    let response = Response::new(503, PLAIN, "Service Unavailable");
    Some(response.with_header("X-Prometheus-Stopping", stopping))
}

fn home(request: &Request, state: &ServerState<'_>) -> Response {
    let page = if state.flags.is_on("agent") { "agent" } else { "query" };
    Response::redirect(302, &format!("{}/{page}", external_path(state)), &request.method)
}

fn graph(request: &Request, state: &ServerState<'_>) -> Response {
    let location = format!("{}/query?{}", external_path(state), request.query());
    Response::redirect(302, &location, &request.method)
}

/// The pages are drawn by the browser; each has the same text.
fn page(_: &Request, state: &ServerState<'_>) -> Response {
    let title = state.flags.get("web.page-title");
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n  <head>\n    <title>{title}</title>\n  </head>\n  <body>\n    <div id=\"root\"></div>\n  </body>\n</html>\n"
    );
    Response::new(200, "text/html; charset=utf-8", body)
}

fn version(_: &Request, state: &ServerState<'_>) -> Response {
    Response::new(200, PLAIN, api::status::build(&state.build).print() + "\n")
}

fn metrics(_: &Request, state: &ServerState<'_>) -> Response {
    Response::new(200, EXPOSITION, state.metrics.clone())
}

/// Source: web/web.go `Options.AppName`.
fn app_name(state: &ServerState<'_>) -> &'static str {
    if state.flags.is_on("agent") { "Prometheus Agent" } else { "Prometheus Server" }
}

fn healthy(_: &Request, state: &ServerState<'_>) -> Response {
    Response::new(200, PLAIN, format!("{} is Healthy.\n", app_name(state)))
}

fn ready(_: &Request, state: &ServerState<'_>) -> Response {
    let ready = || Response::new(200, PLAIN, format!("{} is Ready.\n", app_name(state)));
    unavailable(state).unwrap_or_else(ready)
}

fn only_post(_: &Request, _: &ServerState<'_>) -> Response {
    Response::new(405, PLAIN, "Only POST or PUT requests allowed")
}

fn reload(_: &Request, state: &ServerState<'_>) -> Response {
    lifecycle(state, "", Effect::Reload)
}

fn quit(_: &Request, state: &ServerState<'_>) -> Response {
    lifecycle(state, "Requesting termination... Goodbye!", Effect::Quit)
}

fn lifecycle(state: &ServerState<'_>, text: &str, effect: Effect) -> Response {
    if !state.flags.is_on("web.enable-lifecycle") {
        return Response::new(403, PLAIN, "Lifecycle API is not enabled.");
    }
    let content_type = if text.is_empty() { "" } else { PLAIN };
    Response::new(200, content_type, text).with_effect(effect)
}

/// The last samples of series within the lookback, with the external labels.
/// Native histograms have no form in the text format and are left out.
fn federate(request: &Request, state: &ServerState<'_>) -> Response {
    if let Some(response) = unavailable(state) {
        return response;
    }
    let mut found: BTreeMap<(String, Labels), (Timestamp, f64)> = BTreeMap::new();
    for text in request.params().all("match[]") {
        let matchers = match parse_metric_selector(text, &state.parser) {
            Ok(matchers) => matchers,
            Err(errors) => return Response::error(400, &errors.to_string()),
        };
        let start = state.now.saturating_sub(state.engine.options.lookback.millis());
        let mut buffer = SampleBuffer::default();
        for series in state.storage.select_series(&matchers, start, state.now) {
            buffer.clear();
            series.read(start, state.now, &mut buffer);
            let (Some(&time), Some(&value)) = (buffer.float_times.last(), buffer.floats.last())
            else {
                continue;
            };
            let newer = buffer.histogram_times.last().is_some_and(|other| *other > time);
            if !newer && !go::number::is_stale_nan(value) {
                let labels = series.labels().clone();
                found.insert((labels.metric_name().to_owned(), labels), (time, value));
            }
        }
    }
    let mut body = String::new();
    let mut last = String::new();
    for ((name, labels), (time, value)) in found {
        if name.is_empty() {
            continue;
        }
        if name != last {
            body.push_str(&format!("# TYPE {name} untyped\n"));
        }
        body.push_str(&federated_line(&name, &labels, &state.external_labels));
        body.push_str(&format!(" {} {time}\n", go::number::format_general(value, None)));
        last = name;
    }
    Response::new(200, EXPOSITION, body)
}

/// A series with its own labels first, then the external ones that it lacks.
fn federated_line(name: &str, labels: &Labels, external: &Labels) -> String {
    let own = labels.iter().filter(|label| &*label.name != METRIC_NAME);
    let mut pairs: Vec<(&str, &str)> = own.map(|label| (&*label.name, &*label.value)).collect();
    let mut added: BTreeMap<&str, &str> =
        external.iter().map(|label| (&*label.name, &*label.value)).collect();
    added.entry("instance").or_insert("");
    pairs.extend(added.into_iter().filter(|(name, _)| !labels.has(name)));
    let escape =
        |value: &str| value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
    let pairs = pairs.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value)));
    match pairs.collect::<Vec<_>>().join(",") {
        pairs if pairs.is_empty() => name.to_owned(),
        pairs => format!("{name}{{{pairs}}}"),
    }
}

/// A text answer of the API that is not JSON.
pub(crate) fn not_enabled(what: &str, flag: &str) -> Response {
    Response::error(404, &format!("{what} needs to be enabled with --{flag}"))
}

/// A success with data.
pub(crate) fn success(data: Json) -> Json {
    Json::object([("status", Json::text("success")), ("data", data)])
}
