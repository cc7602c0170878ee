//! The small HTTP servers of the cases of `server`.

use std::collections::BTreeMap;

use discovery::{Record, RecordType, Resolver};
use go::Duration;
use promql::Timestamp;
use serde_json::{Map, Value, json};
use server::network::{Answer, ClusterView, Exchange, Network, Outgoing};

/// Exporters by address and path, and what they were asked.
pub struct Exporters {
    answers: BTreeMap<String, BTreeMap<String, Answer>>,
    received: Vec<Value>,
}

impl Exporters {
    /// The exporters of a case that starts at `now`.
    pub fn new(described: &Value, now: Timestamp) -> Self {
        let old = (now - 2 * 3_600_000).to_string();
        let answer = |value: &Value| {
            let text =
                |value: &Value| value.as_str().unwrap_or_default().replace("__OLD_MS__", &old);
            let (status, kind, body) = match value {
                Value::Object(fields) => {
                    (value["status"].as_u64(), fields.get("type").map(text), text(&value["body"]))
                }
                value => (None, None, text(value)),
            };
            let kind = kind.unwrap_or_else(|| "text/plain; version=0.0.4".to_owned());
            Answer {
                status: status.and_then(|one| u16::try_from(one).ok()).unwrap_or(200),
                headers: vec![("Content-Type".to_owned(), kind)],
                body,
            }
        };
        let servers = described.as_object().into_iter().flatten().map(|(address, paths)| {
            let paths = paths.as_object().into_iter().flatten();
            let answers = paths.map(|(path, value)| (path.clone(), answer(value)));
            (address.clone(), answers.collect())
        });
        Self { answers: servers.collect(), received: Vec::new() }
    }

    /// Compares what the exporters were asked, each different request once.
    pub fn same_requests(&self, expected: &[Value]) -> Result<(), String> {
        let mut left = self.received.clone();
        for wanted in expected {
            match left.iter().position(|one| one == wanted) {
                Some(at) => drop(left.swap_remove(at)),
                None => return Err(format!("received: no {wanted} in {}", json!(left))),
            }
        }
        if left.is_empty() { Ok(()) } else { Err(format!("received besides: {}", json!(left))) }
    }

    fn receive(&mut self, server: &str, path: &str, request: &Outgoing) {
        let mut headers = Map::new();
        headers.insert("Host".to_owned(), json!(server));
        for (name, value) in &request.headers {
            headers.insert(name.clone(), json!(value));
        }
        let mut received = json!({
            "server": server,
            "method": request.method,
            "path": path,
            "headers": headers,
        });
        if let Ok(Value::Array(alerts)) = serde_json::from_str(&request.body) {
            received["json"] = alerts.into_iter().map(without_times).collect();
        }
        if !self.received.contains(&received) {
            self.received.push(received);
        }
    }
}

/// An alert with the placeholders of the data.
fn without_times(mut alert: Value) -> Value {
    let time = |key: &str| go::rfc3339::parse_millis(alert[key].as_str().unwrap_or_default());
    let span = time("endsAt").zip(time("startsAt")).map(|(end, start)| (end - start) / 1000);
    // An alert that was resolved ends before it would have expired.
    alert["endsAt"] = match span {
        Some(seconds) if seconds >= 240 => json!(format!("<startsAt + {}s>", seconds / 240 * 240)),
        _ => json!("<resolved>"),
    };
    alert["startsAt"] = json!("<time>");
    alert
}

impl Resolver for Exporters {
    fn resolve(&self, _: &str, _: RecordType) -> Option<Vec<Record>> {
        None
    }
}

impl Network for Exporters {
    fn send(&mut self, request: &Outgoing, _: Timestamp) -> Exchange {
        let (scheme, rest) = request.url.split_once("://").unwrap_or_default();
        let (server, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let name = path.split('?').next().unwrap_or_default();
        let outcome = match self.answers.get(server) {
            None => Err(format!("dial tcp {server}: connect: connection refused")),
            Some(_) if scheme == "https" => {
                Err("tls: first record does not look like a TLS handshake".to_owned())
            }
            Some(paths) => {
                let missing = Answer { status: 404, ..Answer::default() };
                Ok(paths.get(name).cloned().unwrap_or(missing))
            }
        };
        if self.answers.contains_key(server) {
            self.receive(server, path, request);
        }
        Exchange { outcome: outcome.into(), takes: Duration(2) }
    }

    fn cluster(&self, _: &str) -> Option<ClusterView<'_>> {
        None
    }

    fn revision(&self) -> u64 {
        0
    }
}
