//! `/api/v1`: routes, errors, and the parameters that several routes share.
//!
//! Source: web/api/v1/api.go `API.Register`.

mod ast;
mod features;
mod metadata;
mod openapi;
mod query;
mod rules;
mod samples;
mod series;
pub(crate) mod status;
mod targets;
mod tsdb;

use promql::engine::{ErrorKind, QueryError};
use promql::syntax::{ParserOptions, parse_metric_selector};
use promql::{Matcher, Timestamp};

use crate::http::{Effect, JSON, Params, Request, Response};
use crate::json::Json;
use crate::router::{self, Route};
use crate::state::ServerState;
use crate::time::{MAX_TIME, MIN_TIME, parse_time};
use crate::web;

/// A request with what its path says.
pub(crate) struct Call<'a> {
    pub request: &'a Request,
    pub params: Params,
    /// The segments that the route leaves open.
    pub segments: Vec<String>,
    pub state: &'a ServerState<'a>,
}

/// The data of an answer with its annotations, or why there is none.
type Answer = Result<Data, ApiError>;

/// The successful answer of a handler.
pub(crate) struct Data {
    /// None: the answer is 204 without a body.
    data: Option<Json>,
    warnings: Vec<String>,
    infos: Vec<String>,
    effect: Option<Effect>,
}

impl From<Json> for Data {
    fn from(data: Json) -> Self {
        Self { data: Some(data), warnings: Vec::new(), infos: Vec::new(), effect: None }
    }
}

/// The `errorType` of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorType {
    BadData,
    Execution,
    Timeout,
    Canceled,
    Internal,
    Unavailable,
}

impl ErrorType {
    /// Source: web/api/v1/api.go `getDefaultErrorCode`.
    const fn name_and_status(self) -> (&'static str, u16) {
        match self {
            Self::BadData => ("bad_data", 400),
            Self::Execution => ("execution", 422),
            Self::Timeout => ("timeout", 503),
            Self::Canceled => ("canceled", 499),
            Self::Internal => ("internal", 500),
            Self::Unavailable => ("unavailable", 500),
        }
    }
}

/// An error in Prometheus's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub error_type: ErrorType,
    pub message: String,
}

impl ApiError {
    pub fn bad_data(message: impl Into<String>) -> Self {
        Self { error_type: ErrorType::BadData, message: message.into() }
    }

    pub fn invalid(parameter: &str, why: impl std::fmt::Display) -> Self {
        Self::bad_data(format!("invalid parameter \"{parameter}\": {why}"))
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        let error_type = match error.kind {
            ErrorKind::BadData => ErrorType::BadData,
            ErrorKind::Execution => ErrorType::Execution,
            ErrorKind::Timeout => ErrorType::Timeout,
            ErrorKind::Canceled => ErrorType::Canceled,
            ErrorKind::Internal => ErrorType::Internal,
        };
        Self { error_type, message: error.message }
    }
}

#[derive(Clone, Copy)]
enum Handler {
    /// JSON, of a server that is ready.
    Ready(fn(&Call<'_>) -> Answer),
    /// The same; an agent has no storage to ask.
    Server(fn(&Call<'_>) -> Answer),
    /// JSON, even while the server starts.
    Always(fn(&Call<'_>) -> Answer),
    /// Any other answer, of a server that is ready.
    Plain(fn(&Call<'_>) -> Response),
}

use Handler::{Always, Plain, Ready, Server};

const GET: &[&str] = &["GET"];
const GET_POST: &[&str] = &["GET", "POST"];
const POST: &[&str] = &["POST"];
const POST_PUT: &[&str] = &["POST", "PUT"];

/// Requests per route; a description of the API is made of the same table.
static ROUTES: &[Route<Handler>] = &[
    Route { methods: &["OPTIONS"], path: "/*", handler: Ready(options) },
    Route { methods: GET_POST, path: "/query", handler: Server(query::instant) },
    Route { methods: GET_POST, path: "/query_range", handler: Server(query::range) },
    Route { methods: GET_POST, path: "/query_exemplars", handler: Server(query::exemplars) },
    Route { methods: GET_POST, path: "/format_query", handler: Server(query::format) },
    Route { methods: GET_POST, path: "/parse_query", handler: Server(query::parse_query) },
    Route { methods: GET_POST, path: "/labels", handler: Server(series::label_names) },
    Route { methods: GET, path: "/label/:name/values", handler: Server(series::label_values) },
    Route { methods: GET_POST, path: "/series", handler: Server(series::series) },
    Route { methods: GET, path: "/scrape_pools", handler: Ready(targets::scrape_pools) },
    Route {
        methods: GET,
        path: "/scrape_pools/config",
        handler: Ready(targets::scrape_pool_config),
    },
    Route { methods: GET, path: "/targets", handler: Ready(targets::targets) },
    Route { methods: GET, path: "/targets/metadata", handler: Ready(metadata::of_targets) },
    Route { methods: GET, path: "/targets/relabel_steps", handler: Ready(targets::relabel_steps) },
    Route { methods: GET, path: "/alertmanagers", handler: Server(targets::alertmanagers) },
    Route { methods: GET, path: "/metadata", handler: Ready(metadata::of_metrics) },
    Route { methods: GET, path: "/status/config", handler: Ready(status::config) },
    Route { methods: GET, path: "/status/runtimeinfo", handler: Ready(status::runtime) },
    Route { methods: GET, path: "/status/buildinfo", handler: Ready(status::build_info) },
    Route { methods: GET, path: "/status/flags", handler: Ready(status::flags) },
    Route { methods: GET, path: "/status/tsdb", handler: Server(tsdb::status) },
    Route { methods: GET, path: "/status/walreplay", handler: Always(status::wal_replay) },
    Route { methods: GET, path: "/features", handler: Ready(features::features) },
    Route { methods: GET, path: "/notifications", handler: Always(status::notifications) },
    Route { methods: POST, path: "/write", handler: Plain(remote_write) },
    Route { methods: POST, path: "/otlp/v1/metrics", handler: Plain(otlp_write) },
    Route { methods: GET, path: "/alerts", handler: Server(rules::alerts) },
    Route { methods: GET, path: "/rules", handler: Server(rules::rules) },
    Route { methods: POST_PUT, path: "/admin/tsdb/delete_series", handler: Server(delete_series) },
    Route {
        methods: POST_PUT,
        path: "/admin/tsdb/clean_tombstones",
        handler: Server(admin_without_effect),
    },
    Route { methods: POST_PUT, path: "/admin/tsdb/snapshot", handler: Server(snapshot) },
    Route { methods: GET, path: "/openapi.yaml", handler: Plain(openapi::openapi) },
];

/// Answers a request for a path after `/api/v1`.
pub(crate) fn respond(request: &Request, path: &str, state: &ServerState<'_>) -> Response {
    let (handler, segments) = match router::find(ROUTES, request, path) {
        Ok((handler, segments)) => (*handler, segments),
        Err(response) => return *response,
    };
    let call = Call { request, params: request.params(), segments, state };
    let answer = match handler {
        Always(run) => run(&call),
        Plain(run) => return web::unavailable(state).unwrap_or_else(|| run(&call)),
        Ready(run) | Server(run) => {
            if let Some(response) = web::unavailable(state) {
                return response;
            }
            if matches!(handler, Server(_)) && state.flags.is_on("agent") {
                Err(ApiError {
                    error_type: ErrorType::Execution,
                    message: "unavailable with Prometheus Agent".into(),
                })
            } else {
                run(&call)
            }
        }
    };
    with_cors(print(answer), request, state)
}

fn print(answer: Answer) -> Response {
    match answer {
        Ok(Data { data: None, effect, .. }) => Response { effect, ..Response::new(204, "", "") },
        Ok(Data { data: Some(data), warnings, infos, effect }) => {
            let Json::Object(mut fields) = web::success(data) else {
                return Response::new(500, "", "");
            };
            for (name, texts) in [("warnings", warnings), ("infos", infos)] {
                if !texts.is_empty() {
                    fields.push((name.to_owned(), Json::texts(texts)));
                }
            }
            Response { effect, ..Response::new(200, JSON, Json::Object(fields).print()) }
        }
        Err(ApiError { error_type, message }) => {
            let (name, status) = error_type.name_and_status();
            let fields = [
                ("status", Json::text("error")),
                ("errorType", Json::text(name)),
                ("error", Json::text(message)),
            ];
            Response::new(status, JSON, Json::object(fields).print())
        }
    }
}

/// Headers for pages of other origins. Source: util/httputil `SetCORS`; the flag's regular
/// expression has been anchored, so that `.*` does not give `*`.
fn with_cors(response: Response, request: &Request, state: &ServerState<'_>) -> Response {
    let response = response.with_header("Vary", "Origin");
    let origin = request.header("Origin");
    if origin.is_empty() {
        return response;
    }
    let response = response
        .with_header("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, Origin")
        .with_header("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .with_header("Access-Control-Expose-Headers", "Date");
    let pattern = match state.flags.get("web.cors.origin") {
        "" => ".*",
        pattern => pattern,
    };
    let allowed = go::Regex::new(pattern).is_ok_and(|regex| regex.is_match(origin));
    if allowed { response.with_header("Access-Control-Allow-Origin", origin) } else { response }
}

fn options(_: &Call<'_>) -> Answer {
    Ok(Data { data: None, ..Data::from(Json::Null) })
}

fn remote_write(call: &Call<'_>) -> Response {
    match call.state.flags.is_on("web.enable-remote-write-receiver") {
        true => Response::error(400, "snappy: corrupt input"),
        false => web::not_enabled("remote write receiver", "web.enable-remote-write-receiver"),
    }
}

fn otlp_write(call: &Call<'_>) -> Response {
    match call.state.flags.is_on("web.enable-otlp-receiver") {
        true => Response::error(
            400,
            &format!(
                "unsupported content type: {}, supported: [application/json, \
                 application/x-protobuf]",
                call.request.header("Content-Type")
            ),
        ),
        false => web::not_enabled("otlp write receiver", "web.enable-otlp-receiver"),
    }
}

/// Refuses unless `--web.enable-admin-api` is set.
fn admin(call: &Call<'_>) -> Result<(), ApiError> {
    match call.state.flags.is_on("web.enable-admin-api") {
        true => Ok(()),
        false => Err(ApiError {
            error_type: ErrorType::Unavailable,
            message: "admin APIs disabled".into(),
        }),
    }
}

fn delete_series(call: &Call<'_>) -> Answer {
    admin(call)?;
    let selectors = call.params.all("match[]");
    if selectors.is_empty() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let (start, end) = (call.time("start", MIN_TIME)?, call.time("end", MAX_TIME)?);
    for selector in &selectors {
        parse_metric_selector(selector, &call.state.parser)
            .map_err(|errors| ApiError::invalid("match[]", errors))?;
    }
    let selectors = selectors.into_iter().map(str::to_owned).collect();
    let effect = Some(Effect::DeleteSeries { selectors, start, end });
    Ok(Data { data: None, effect, ..Data::from(Json::Null) })
}

/// Deleted samples are gone at once, so there is nothing to clean.
fn admin_without_effect(call: &Call<'_>) -> Answer {
    admin(call)?;
    options(call)
}

/// There is no disk that a snapshot could be written to.
fn snapshot(call: &Call<'_>) -> Answer {
    admin(call)?;
    Err(ApiError {
        error_type: ErrorType::Unavailable,
        message: "create snapshot: the simulated server has no file system for snapshots".into(),
    })
}

impl Call<'_> {
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name)
    }

    /// A time, or the default if the parameter is missing. Source: `parseTimeParam`.
    pub fn time(&self, name: &str, default: Timestamp) -> Result<Timestamp, ApiError> {
        match self.param(name) {
            "" => Ok(default),
            text => parse_time(text).map_err(|why| {
                ApiError::invalid(name, format!("invalid time value for '{name}': {why}"))
            }),
        }
    }

    /// The maximum number of results, None if it is not limited. Source: `parseLimitParam`.
    pub fn limit(&self) -> Result<Option<usize>, ApiError> {
        let invalid = |why: String| ApiError::invalid("limit", why);
        let text = self.param("limit");
        if text.is_empty() {
            return Ok(None);
        }
        let limit = atoi(text).map_err(invalid)?;
        match usize::try_from(limit) {
            Ok(0) => Ok(None),
            Ok(limit) => Ok(Some(limit)),
            Err(_) => Err(invalid("limit must be non-negative".into())),
        }
    }

    /// The selectors of `match[]`. Source: `parseMatchersParam`.
    pub fn selectors(&self) -> Result<Vec<Vec<Matcher>>, String> {
        selectors(&self.params.all("match[]"), &self.state.parser)
    }
}

fn selectors(texts: &[&str], options: &ParserOptions) -> Result<Vec<Vec<Matcher>>, String> {
    let read = |text: &&str| parse_metric_selector(text, options).map_err(|all| all.to_string());
    let selectors = texts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for matchers in &selectors {
        if matchers.iter().all(|matcher| matcher.matches("")) {
            return Err("match[] must contain at least one non-empty matcher".into());
        }
    }
    Ok(selectors)
}

/// A whole number. The error is that of Go's `strconv.Atoi`.
pub(crate) fn atoi(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let error = |why: &str| Err(format!("strconv.Atoi: parsing {}: {why}", go::quote::quote(text)));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return error("invalid syntax");
    }
    text.parse().or_else(|_| error("value out of range"))
}

/// Cuts a list to a limit, with a warning.
pub(crate) fn truncate<T>(items: &mut Vec<T>, limit: Option<usize>) -> Vec<String> {
    match limit {
        Some(limit) if items.len() > limit => {
            items.truncate(limit);
            vec!["results truncated due to limit".into()]
        }
        _ => Vec::new(),
    }
}
