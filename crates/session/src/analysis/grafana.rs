//! Files of Grafana beside Prometheus: its variables in rule files, and the datasources of its
//! provisioning files.

use std::sync::Arc;

use super::compose::{Compose, Found};
use super::expressions;
use super::server::Server;
use crate::workspace::embedded_documents::Document;
use crate::workspace::foreign::PROVISIONING;
use crate::workspace::sources::{FileKind, Sources};
use go::Duration;
use go::net::{dialed, join_host_port};
use kubernetes::Cluster;
use kubernetes::network::{
    Connection, ConnectionSource, DialResult, Network, Remedy, Server as Answering, connect,
};
use kubernetes::prometheus::is_prometheus;
use prometheus::config::Config;
use prometheus::rule_files::EXPR;
use promql::assist::grafana::{Intervals, VARIABLE, builtin_variables, substitute};
use text::{Applicability, Code, Diagnostic, Edit, Fix, Location, Span};
use yaml::{Node, Source};

const DATASOURCE: &str = "grafana-datasource";

pub static CODES: &[Code] = &[
    Code {
        code: VARIABLE,
        title: "A variable of Grafana",
        doc: "Grafana replaces `$__rate_interval`, `$__interval`, `$__range` and the variables of a dashboard before it sends a query. Prometheus does not know them. In a rule file it refuses an expression with them, does not start with the file, and keeps its former rules at a reload; in a matcher it compares with the text as it stands. The fix writes the value that `$__rate_interval` has at least: four scrape intervals.",
        example: "groups:\n- name: g\n  rules:\n  - record: job:requests:rate\n    expr: sum by (job) (rate(http_requests_total[$__rate_interval]))\n",
    },
    Code {
        code: DATASOURCE,
        title: "A datasource of Grafana",
        doc: "Grafana reads its datasources from a provisioning file. Its server sends the queries, so that the URL is resolved by the DNS of the cluster, or by that of Docker, as a container of Grafana sees it: the name of the Service of Prometheus works from the same namespace, `name.namespace` from another one, and `localhost` is Grafana's own container.",
        example: "apiVersion: 1\ndatasources:\n- name: Prometheus\n  type: prometheus\n  url: http://prometheus:9090\n",
    },
];

/// Puts one finding in place of the errors of an expression that has variables of Grafana, and finds
/// them in matchers.
pub fn in_rules(
    documents: &[Arc<Document>],
    sources: &Sources,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let intervals = config.scrape_configs.iter().map(|job| job.scrape_interval.value);
    let interval = intervals.max().unwrap_or(Duration::from_secs(60));
    for document in documents.iter().filter(|document| document.kind == FileKind::Rules) {
        let Some(host) = sources.get(document.file) else { continue };
        for node in expressions::nodes(&document.parsed) {
            let Some(source) = Source::of_scalar(&host.text, node) else { continue };
            if !source.text.contains('$') {
                continue;
            }
            let whole = Location::new(document.file, node.written_span());
            let is_error = |one: &Diagnostic| {
                let at = one.location;
                one.code == EXPR && at.file == whole.file && whole.span.touches(at.span.start)
            };
            match diagnostics.iter().position(is_error) {
                Some(first) => {
                    let Some(one) = refused(&source, whole, &diagnostics[first], interval) else {
                        continue;
                    };
                    diagnostics.retain(|one| !is_error(one));
                    diagnostics.push(one);
                }
                None => diagnostics.extend(expressions::dashboard_variables(&source, whole)),
            }
        }
    }
}

/// A built-in variable in an expression that Prometheus refuses.
fn refused(
    source: &Source,
    whole: Location,
    error: &Diagnostic,
    interval: Duration,
) -> Option<Diagnostic> {
    let variables = builtin_variables(&source.text);
    let place = |(start, written): (usize, &str)| {
        let span = Span::new(start as u32, (start + written.len()) as u32);
        Location::new(whole.file, source.span_to_host(span))
    };
    let (start, written) = *variables.first()?;
    let message = format!("`{written}` is a variable of Grafana, which Prometheus does not know");
    let help = format!(
        "Prometheus refuses the file: `{}`. Grafana has the variable in queries of dashboards only.",
        error.message
    );
    let mut one = Diagnostic::error(VARIABLE, place((start, written)), message).with_help(help);
    // A rule has neither a range nor points, so that only the scrape interval gives a value.
    let intervals = Intervals { step: Duration(0), range: Duration(0), scrape_interval: interval };
    let edit = |(start, written): (usize, &str)| {
        let is_rate = written.contains("__rate_interval");
        let text = substitute(written, &intervals).filter(|_| is_rate)?.query;
        Some(Edit { location: place((start, written)), text })
    };
    let edits: Option<Vec<Edit>> = variables.into_iter().map(edit).collect();
    if let Some(edits) = edits {
        let title = format!("Write {}", edits.first()?.text);
        one = one.with_fix(Fix { title, applicability: Applicability::Suggestion, edits });
    }
    Some(one)
}

/// A datasource that sends its queries to a Prometheus server.
struct Datasource<'a> {
    node: &'a Node,
    url: &'a str,
    at: Location,
    /// The namespace of the ConfigMap with the file.
    namespace: Option<String>,
}

/// The roots of all provisioning files, with their documents.
fn provisioning<'a>(
    sources: &'a Sources,
    documents: &'a [Arc<Document>],
) -> impl Iterator<Item = (&'a Document, &'a Node)> {
    let is_provisioning = |document: &Document, root: &Node| match document.embedded {
        true => root.get("apiVersion").and_then(Node::text) == Some("1"),
        false => sources.get(document.file).and_then(|one| one.foreign()) == Some(PROVISIONING),
    };
    documents.iter().filter_map(move |document| {
        let root = document.parsed.root()?;
        is_provisioning(document, root).then_some((&**document, root))
    })
}

fn is_of_prometheus(node: &&Node) -> bool {
    node.get("type").and_then(Node::text) == Some("prometheus")
}

/// Returns the scrape interval that the datasources give to `$__rate_interval`; None without
/// datasources. The default of Grafana is 15 s.
///
/// Source: Grafana pkg/promlib/models/query.go, `jsonData.timeInterval`.
pub fn scrape_interval(sources: &Sources, documents: &[Arc<Document>]) -> Option<Duration> {
    let mut all = provisioning(sources, documents)
        .flat_map(|(_, root)| root.get("datasources").map_or(&[][..], Node::items))
        .filter(is_of_prometheus);
    let first = all.next()?;
    let is_default = |node: &&Node| node.get("isDefault").and_then(Node::text) == Some("true");
    let chosen = std::iter::once(first).chain(all).find(is_default).unwrap_or(first);
    let written = chosen.get("jsonData").and_then(|data| data.get("timeInterval"));
    let written = written.and_then(Node::text).and_then(|text| Duration::parse(text).ok());
    Some(written.unwrap_or(Duration::from_secs(15)))
}

/// The cluster or the Compose file in which datasources are resolved.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub sources: &'a Sources,
    pub documents: &'a [Arc<Document>],
    pub network: Network<'a>,
    pub server: &'a Server,
}

/// Says where the URLs of the datasources lead.
pub fn check(surroundings: Surroundings<'_>) -> Vec<Diagnostic> {
    let Surroundings { sources, documents, network, .. } = surroundings;
    let cluster = &network.state.cluster;
    let mut found = Vec::new();
    for (document, root) in provisioning(sources, documents) {
        let list = root.get("datasources").map_or(&[][..], Node::items);
        for node in list.iter().filter(is_of_prometheus) {
            let Some(url) = node.get("url") else { continue };
            let by_browser = node.get("access").and_then(Node::text) == Some("direct");
            let written = url.text().unwrap_or_default();
            if by_browser || written.contains('$') {
                continue;
            }
            let at = Location::new(document.file, url.written_span());
            let namespace = namespace_of(cluster, document);
            let one = Datasource { node, url: written, at, namespace };
            found.extend(one.finding(surroundings));
        }
    }
    found
}

/// The namespace of the ConfigMap that a document is embedded in.
fn namespace_of(cluster: &Cluster, document: &Document) -> Option<String> {
    let holds = |at: Location| at.file == document.file && at.span.touches(document.span.start);
    let mut maps = cluster.config_maps.iter().filter(|_| document.embedded);
    let map = maps.find(|map| map.data.iter().any(|entry| entry.at.is_some_and(holds)))?;
    Some(map.meta.namespace.value.to_string())
}

impl Datasource<'_> {
    fn finding(&self, surroundings: Surroundings<'_>) -> Option<Diagnostic> {
        let Surroundings { sources, network, server, .. } = surroundings;
        let (scheme, rest) = self.url.split_once("://")?;
        let authority = rest.split(['/', '?']).next()?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = dialed(authority, scheme);
        if server.on_host {
            return self.in_compose(Compose::new(sources), &host, port);
        }
        let pods = &network.state.cluster.pods;
        let is_grafana = |image: &str| image.contains("grafana/grafana");
        let grafana = pods.iter().find(|pod| {
            pod.spec.containers.iter().any(|container| is_grafana(&container.image.value))
        });
        let from = ConnectionSource {
            namespace: match (grafana, &self.namespace) {
                (Some(pod), _) => &pod.meta.namespace.value,
                (None, Some(namespace)) => namespace,
                (None, None) => super::NAMESPACE,
            },
            pod: grafana.map(|pod| &*pod.meta.name.value),
        };
        let connection = connect(network, from, &host, port, 0);
        self.of_connection(network, &connection, (scheme, from.namespace))
    }

    fn of_connection(
        &self,
        network: Network<'_>,
        connection: &Connection,
        (scheme, namespace): (&str, &str),
    ) -> Option<Diagnostic> {
        let (pod, container) = match &connection.outcome {
            DialResult::Failed { error, .. } => return Some(self.failed(error, connection)),
            DialResult::Connected(Answering::Container { namespace, pod, container, .. }) => {
                (network.state.cluster.pods.get(namespace, pod)?, container)
            }
            DialResult::Connected(_) => return None,
        };
        let mut containers = pod.spec.running_containers();
        let runs = containers.find(|one| one.name.value == *container)?;
        let what = match is_prometheus(runs) {
            true => "Prometheus",
            false => "the container",
        };
        let place = format!("{what} {container} in pod {}", pod.meta.name.value);
        if scheme == "https" && super::web_config::of(&network.state.cluster, pod, runs).is_none() {
            let message = "http: server gave HTTP response to HTTPS client";
            let help = format!("The URL leads to {place}, which speaks plain HTTP.");
            return Some(Diagnostic::warning(DATASOURCE, self.at, message).with_help(help));
        }
        let message = format!("From namespace {namespace}, the URL leads to {place}");
        Some(Diagnostic::info(DATASOURCE, self.at, message).with_help(format!(
            "The datasource {} is resolved by the DNS of the cluster.",
            self.name()
        )))
    }

    fn name(&self) -> &str {
        self.node.get("name").and_then(Node::text).unwrap_or("without a name")
    }

    fn failed(&self, error: &str, connection: &Connection) -> Diagnostic {
        let mut one = Diagnostic::warning(DATASOURCE, self.at, error.to_owned())
            .with_help(&connection.explanation);
        one.related.clone_from(&connection.related);
        for remedy in &connection.remedies {
            one = one.with_fix(match remedy {
                Remedy::Address { text, .. } => {
                    let url = format!("http://{text}");
                    let title = format!("Use {url}");
                    Fix::replace(title, Applicability::Suggestion, self.at, url)
                }
                Remedy::Edit(fix) => fix.clone(),
            });
        }
        one
    }

    /// Names of services are hosts in the network of a Compose file.
    fn in_compose(&self, compose: Compose<'_>, host: &str, port: i32) -> Option<Diagnostic> {
        if ["localhost", "127.0.0.1", "::1"].contains(&host) {
            let grafana = compose.with_image("grafana/grafana").filter(|one| !one.on_host)?;
            let error = format!(
                "dial tcp {}: connect: connection refused",
                join_host_port(if host == "localhost" { "::1" } else { host }, port)
            );
            let help = format!(
                "Grafana runs in the container of the service {}. There, localhost is that container.",
                grafana.name
            );
            return Some(Diagnostic::warning(DATASOURCE, self.at, error).with_help(help));
        }
        match compose.find(host, port)? {
            Found::Prometheus => {
                let message = format!("The URL leads to Prometheus in the service {host}");
                Some(Diagnostic::info(DATASOURCE, self.at, message))
            }
            Found::Program { why, .. } => Some(Diagnostic::info(DATASOURCE, self.at, why)),
            Found::Unknown { why } | Found::Refused { why } => {
                Some(Diagnostic::warning(DATASOURCE, self.at, why))
            }
        }
    }
}
