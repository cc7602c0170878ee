//! `query`, `check healthy` and `check ready`: requests to a server, and its answers as text.
//!
//! Source: cmd/promtool/query.go, client_golang api/prometheus/v1/api.go, common/model `String`.

use go::number::{format_float, parse_float};
use promql::{Labels, METRIC_NAME, Timestamp, is_legacy_label_name};
use serde_json::Value;
use server::{Request, Response};

use super::{FAILURE, World};
use crate::Output;
use kingpin::Matches;

/// A transport for HTTP requests.
pub trait HttpServer {
    /// Sends a request to `scheme://host:port`. The error is the reason of the transport:
    /// `dial tcp 127.0.0.1:9090: connect: connection refused`.
    fn send(&self, address: &str, request: &Request) -> Result<Response, String>;

    /// The time of the machine, for requests without one.
    fn now(&self) -> Timestamp;
}

/// The default range of series and labels. Source: `parseStartTimeAndEndTime`.
const WIDE: i64 = 9999 * 3_600_000;

/// A client of one server.
pub(super) struct Client<'a> {
    server: Option<&'a dyn HttpServer>,
    url: String,
}

impl<'a> Client<'a> {
    pub fn new(world: &World<'a>, url: &str) -> Self {
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        Self { server: world.server, url }
    }

    pub fn now(&self) -> Timestamp {
        self.server.map_or(0, |server| server.now())
    }

    /// The URL of a path on the server. Source: client_golang api `httpClient.URL`, which joins and
    /// cleans the paths.
    fn join(&self, path: &str) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let (host, own) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        format!("{scheme}://{host}{}{path}", own.trim_end_matches('/'))
    }

    fn send(&self, method: &str, path: &str, params: &str) -> Result<Response, String> {
        let url = self.join(path);
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", &url));
        let (host, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let with_query = match params {
            "" => target.to_owned(),
            params => format!("{target}?{params}"),
        };
        let request = match method {
            "POST" => Request::form(target, params),
            _ => Request::get(with_query.clone()),
        };
        let answer = match self.server {
            Some(server) => server.send(&format!("{scheme}://{host}"), &request),
            None => Err(refused(host)),
        };
        answer.map_err(|why| {
            let (verb, shown) = match method {
                "POST" => ("Post", url.clone()),
                _ => ("Get", format!("{scheme}://{host}{with_query}")),
            };
            format!("{verb} {}: {why}", go::quote::quote(&shown))
        })
    }

    /// The body of a GET request to a path, with the status.
    pub fn get(&self, path: &str) -> Result<Response, String> {
        self.send("GET", path, "")
    }

    /// The data of an answer of the API. Source: client_golang `apiClientImpl.Do`.
    pub fn api(&self, method: &str, path: &str, params: &[(&str, String)]) -> Result<Data, String> {
        let pairs = params.iter().map(|(name, value)| {
            format!("{}={}", go::url::query_escape(name), go::url::query_escape(value))
        });
        let mut pairs: Vec<String> = pairs.collect();
        pairs.sort();
        let params = pairs.join("&");
        let mut response = self.send(method, path, &params)?;
        // Servers that take no POST are asked again.
        if method == "POST" && matches!(response.status, 405 | 501) {
            response = self.send("GET", path, &params)?;
        }
        let detail = |kind: &str| {
            let body = response.body.trim();
            let detail = if body.is_empty() { String::new() } else { format!(" (detail: {body})") };
            format!("{kind}{detail}")
        };
        match response.status {
            200..=299 | 400 | 422 => {}
            status @ 400..=499 => {
                return Err(detail(&format!("client_error: client error: {status}")));
            }
            status @ 500..=599 => {
                return Err(detail(&format!("server_error: server error: {status}")));
            }
            status => return Err(detail(&format!("bad_response: bad response code {status}"))),
        }
        let answer: Value = serde_json::from_str(&response.body)
            .map_err(|error| format!("bad_response: {error}"))?;
        if answer["status"] == "error" {
            let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
            return Err(format!("{}: {}", text("errorType"), text("error")));
        }
        let texts = |key: &str| {
            let texts = answer[key].as_array().into_iter().flatten();
            texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
        };
        Ok(Data {
            raw: raw_data(&response.body),
            warnings: texts("warnings"),
            value: answer["data"].clone(),
        })
    }
}

/// The answer of an API.
pub(super) struct Data {
    pub value: Value,
    warnings: Vec<String>,
    /// The text of the data.
    raw: String,
}

/// The text of the field `data`, from its opening bracket to the closing one.
fn raw_data(body: &str) -> String {
    let begin = body.find("\"data\":").map_or(body.len(), |at| at + "\"data\":".len());
    let rest = body.get(begin..).unwrap_or_default();
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return rest.get(..=at).unwrap_or_default().to_owned();
                }
            }
            _ => {}
        }
    }
    rest.to_owned()
}

/// The error of a port on which nothing listens.
pub fn refused(host: &str) -> String {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
    let address = if name == "localhost" { "127.0.0.1" } else { name };
    format!("dial tcp {address}:{port}: connect: connection refused")
}

pub(super) fn check_server(
    matches: &Matches,
    world: &World<'_>,
    path: &str,
    output: &mut Output,
) -> i32 {
    let url = matches.flag("url").unwrap_or_default();
    let client = Client::new(world, url);
    match client.get(path) {
        Ok(response) if response.status == 200 => {
            output.err(format!("  SUCCESS:  {}", response.body));
            0
        }
        Ok(response) => {
            output.err(format!("check failed: URL={}, status={}", client.url, response.status));
            FAILURE
        }
        Err(error) => {
            output.err(error);
            FAILURE
        }
    }
}

/// An error for the standard error stream.
type Failed = String;

pub(super) fn run(what: &str, matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    let client = Client::new(world, matches.arg("server"));
    let json = matches.flag("format") == Some("json");
    let answered = match what {
        "instant" => instant(&client, matches),
        "range" => range(&client, matches),
        "series" => series(&client, matches),
        _ => labels(&client, matches),
    };
    let data = match answered {
        Ok(data) => data,
        Err(error) => {
            output.err(error);
            return FAILURE;
        }
    };
    if what == "labels" {
        data.warnings.iter().for_each(|one| output.err(format!("query warning: {one}")));
    }
    let printed = match (what, json) {
        ("instant" | "range", _) => value_text(&data, json),
        (_, true) => Ok(html_escaped(&data.value.to_string())),
        ("series", false) => {
            let rows = data.value.as_array().into_iter().flatten().map(label_set);
            Ok(rows.collect::<Vec<_>>().join("\n"))
        }
        (_, false) => {
            let rows = data.value.as_array().into_iter().flatten().filter_map(Value::as_str);
            Ok(rows.collect::<Vec<_>>().join("\n"))
        }
    };
    match printed {
        Ok(text) => {
            // No rows are no lines; a value without samples is an empty line.
            if json || !text.is_empty() || matches!(what, "instant" | "range") {
                output.out(text);
            }
            0
        }
        Err(error) => {
            output.err(format!("query error: {error}"));
            FAILURE
        }
    }
}

fn instant(client: &Client<'_>, matches: &Matches) -> Result<Data, Failed> {
    let time = match matches.flag("time") {
        None | Some("") => client.now(),
        Some(text) => {
            parse_time(text).map_err(|why| format!("error parsing evaluation time: {why}"))?
        }
    };
    let params = [("query", matches.arg("expr").to_owned()), ("time", seconds(time))];
    client.api("POST", "/api/v1/query", &params).map_err(|error| format!("query error: {error}"))
}

fn range(client: &Client<'_>, matches: &Matches) -> Result<Data, Failed> {
    let end = match matches.flag("end") {
        None | Some("") => client.now(),
        Some(text) => parse_time(text).map_err(|why| format!("error parsing end time: {why}"))?,
    };
    let start = match matches.flag("start") {
        None | Some("") => end - 300_000,
        Some(text) => parse_time(text).map_err(|why| format!("error parsing start time: {why}"))?,
    };
    if start >= end {
        return Err("start time is not before end time".into());
    }
    let step = matches.flag("step").map_or(Ok(0), go::time::parse_duration).unwrap_or_default();
    let step = match step {
        0 => ((end - start) as f64 / 1000.0 / 250.0).floor().max(1.0),
        nanos => nanos as f64 / 1e9,
    };
    let params = [
        ("query", matches.arg("expr").to_owned()),
        ("start", seconds(start)),
        ("end", seconds(end)),
        ("step", format_float(step)),
    ];
    let answer = client.api("POST", "/api/v1/query_range", &params);
    answer.map_err(|error| format!("query error: {error}"))
}

fn bounds(client: &Client<'_>, matches: &Matches) -> Result<[(&'static str, String); 2], Failed> {
    let time = |name: &str, default: Timestamp| match matches.flag(name) {
        None | Some("") => Ok(default),
        Some(text) => parse_time(text).map_err(|why| format!("error parsing {name} time: {why}")),
    };
    let now = client.now();
    Ok([("start", seconds(time("start", now - WIDE)?)), ("end", seconds(time("end", now + WIDE)?))])
}

fn series(client: &Client<'_>, matches: &Matches) -> Result<Data, Failed> {
    let mut params = bounds(client, matches)?.to_vec();
    params.extend(matches.flags("match").into_iter().map(|one| ("match[]", one.to_owned())));
    let answer = client.api("POST", "/api/v1/series", &params);
    answer.map_err(|error| format!("query error: {error}"))
}

fn labels(client: &Client<'_>, matches: &Matches) -> Result<Data, Failed> {
    let mut params = bounds(client, matches)?.to_vec();
    params.extend(matches.flags("match").into_iter().map(|one| ("match[]", one.to_owned())));
    let path = format!("/api/v1/label/{}/values", go::url::path_escape(matches.arg("name")));
    let answer = client.api("GET", &path, &params);
    answer.map_err(|error| format!("query error: {error}"))
}

/// Seconds since 1970 with or without fraction, or RFC 3339. Source: `parseTime`.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    match parse_float(text) {
        Ok(seconds) if seconds.is_finite() => Ok((seconds * 1000.0) as Timestamp),
        _ => go::rfc3339::parse_millis(text)
            .ok_or_else(|| format!("cannot parse {} to a valid timestamp", go::quote::quote(text))),
    }
}

/// A time as clients send it.
pub(super) fn seconds(time: Timestamp) -> String {
    format_float(time as f64 / 1000.0)
}

/// A value as promtool prints it.
fn value_text(data: &Data, json: bool) -> Result<String, String> {
    let kind = data.value["resultType"].as_str().unwrap_or_default();
    let result = &data.value["result"];
    if !matches!(kind, "scalar" | "vector" | "matrix") {
        return Err(undecodable(kind, &data.raw));
    }
    if json {
        return Ok(html_escaped(&result.to_string()));
    }
    let rows = result.as_array().into_iter().flatten();
    Ok(match kind {
        "scalar" => format!("scalar: {}", pair(result)),
        "vector" => rows
            .map(|row| match row.get("histogram") {
                Some(histogram) => format!("{} => {}", metric(row), histogram_pair(histogram)),
                None => format!("{} => {}", metric(row), pair(&row["value"])),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        _ => {
            let mut rows: Vec<&Value> = rows.collect();
            rows.sort_by_key(|row| metric_labels(row));
            let rows = rows.into_iter().map(|row| {
                let values = row["values"].as_array().into_iter().flatten().map(pair);
                let histograms = row["histograms"].as_array().into_iter().flatten();
                let points = values.chain(histograms.map(histogram_pair)).collect::<Vec<_>>();
                format!("{} =>\n{}", metric(row), points.join("\n"))
            });
            rows.collect::<Vec<_>>().join("\n")
        }
    })
}

/// The error of the client's decoder, which knows no strings. It shows the ends of the text.
/// Source: json-iterator/go `Iterator.ReportError`.
fn undecodable(kind: &str, raw: &str) -> String {
    let tail = |count: usize| {
        let mut at = raw.len().saturating_sub(count);
        while !raw.is_char_boundary(at) {
            at += 1;
        }
        raw.get(at..).unwrap_or_default()
    };
    format!(
        "unmarshalerDecoder: unexpected value type {}, error found in #{} byte of ...|{}|..., bigger \
         context ...|{}|...",
        go::quote::quote(kind),
        raw.len().min(10),
        tail(10),
        tail(50)
    )
}

fn metric_labels(row: &Value) -> Labels {
    let labels = row["metric"].as_object().into_iter().flatten();
    let labels = labels.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
    Labels::from_pairs(labels)
}

/// `name{a="b", c="d"}`. Source: common/model `Metric.String`.
fn metric(row: &Value) -> String {
    let labels = metric_labels(row);
    let name = labels.metric_name();
    let pairs: Vec<String> = labels
        .iter()
        .filter(|label| &*label.name != METRIC_NAME)
        .map(|label| pair_text(&label.name, &label.value))
        .collect();
    match pairs.is_empty() {
        true if name.is_empty() => "{}".to_owned(),
        true => name.to_owned(),
        false => format!("{name}{{{}}}", pairs.join(", ")),
    }
}

fn pair_text(name: &str, value: &str) -> String {
    match is_legacy_label_name(name) {
        true => format!("{name}={}", go::quote::quote(value)),
        false => format!("{}={}", go::quote::quote(name), go::quote::quote(value)),
    }
}

/// `{a="b", c="d"}`, the metric name among the labels. Source: common/model `LabelSet.String`.
pub(super) fn label_set(labels: &Value) -> String {
    let labels = labels.as_object().into_iter().flatten();
    let pairs: Vec<String> =
        labels.map(|(name, value)| pair_text(name, value.as_str().unwrap_or_default())).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// `value @[seconds]` of `[seconds, "value"]`.
fn pair(pair: &Value) -> String {
    format!("{} @[{}]", pair[1].as_str().unwrap_or_default(), number(&pair[0]))
}

fn number(value: &Value) -> String {
    value.as_f64().map(format_float).unwrap_or_default()
}

/// Source: common/model `SampleHistogram.String`.
fn histogram_pair(pair: &Value) -> String {
    let histogram = &pair[1];
    let text = |key: &str| histogram[key].as_str().unwrap_or_default().to_owned();
    let buckets = histogram["buckets"].as_array().into_iter().flatten().map(|bucket| {
        let part = |at: usize| bucket[at].as_str().unwrap_or_default().to_owned();
        let (open, close) = match bucket[0].as_i64() {
            Some(0) => ("(", "]"),
            Some(1) => ("[", ")"),
            Some(2) => ("(", ")"),
            _ => ("[", "]"),
        };
        format!("{open}{},{}{close}:{}", part(1), part(2), part(3))
    });
    let buckets = buckets.collect::<Vec<_>>().join(" ");
    format!(
        "Count: {}, Sum: {}, Buckets: [{buckets}] @[{}]",
        text("count"),
        text("sum"),
        number(&pair[0])
    )
}

/// JSON with `<`, `>` and `&` escaped, as encoding/json prints it.
fn html_escaped(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
