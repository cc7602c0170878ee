//! `kubectl top`: the CPU and memory that nodes and pods use, as a metrics server tells them.
//!
//! Source: kubectl pkg/cmd/top, pkg/metricsutil; metrics-server pkg/storage.

use cluster::Status;
use cluster::apiserver::{ApiServer, Key, Reason};
use kubernetes::columns::seconds;
use kubernetes::object::{Quantity, Value};

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::{Kubectl, Session, plain, plain_failure, table};

/// Flags of `top` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("containers", Form::Switch),
    Flag::new("no-headers", Form::Switch),
    Flag::new("show-capacity", Form::Switch),
    Flag::new("show-swap", Form::Switch),
    Flag::new("sort-by", Form::Text),
    Flag::new("sum", Form::Switch),
    Flag::new("use-protocol-buffers", Form::Switch),
];

/// Seconds between two scrapes of the metrics server: a pod is known after the second one.
const RESOLUTION: i64 = 60;
/// Seconds after which a pod without metrics is an error. Source: metricsCreationDelay.
const CREATION_DELAY: i64 = 120;
const NOT_YET: &str = "metrics not available yet";

/// The use of resources at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Thousandths of a core.
    pub millicores: i64,
    pub bytes: i64,
}

impl Usage {
    fn add(self, other: Self) -> Self {
        let millicores = self.millicores + other.millicores;
        Self { millicores, bytes: self.bytes + other.bytes }
    }

    fn cells(self) -> [String; 2] {
        [format!("{}m", self.millicores), format!("{}Mi", self.bytes >> 20)]
    }
}

/// The use of running containers, as their kubelet measures it.
pub trait Metrics {
    /// The use of a container, and the second since the epoch at which it started. None if it does
    /// not run.
    fn usage(&self, pod: &Value, container: &str) -> Option<(Usage, i64)>;
}

/// The metrics of a pod: each container with its use.
struct PodMetrics<'a> {
    pod: &'a Value,
    containers: Vec<(&'a str, Usage)>,
}

impl PodMetrics<'_> {
    fn sum(&self) -> Usage {
        self.containers.iter().fold(Usage::default(), |sum, (_, usage)| sum.add(*usage))
    }
}

/// The second since which the metrics server answers; None if it does not. The outer None says that
/// the API server does not know the group `metrics.k8s.io`.
fn serves_since(server: &ApiServer) -> Option<Option<i64>> {
    let group = "apiregistration.k8s.io";
    let mut services = server.storage.list(group, "APIService", "");
    let (_, registered) = services.find(|(_, one)| one["spec"].str("group") == "metrics.k8s.io")?;
    let service = &registered["spec"]["service"];
    let (namespace, name) = (service.str("namespace"), service.str("name"));
    let key = Key { kind: "Endpoints", group: "", namespace: namespace.into(), name: name.into() };
    let subsets = server.storage.get(&key).map_or(&[][..], |one| one.list("subsets"));
    let addresses = subsets.iter().flat_map(|subset| subset.list("addresses"));
    let ready = addresses.filter_map(|address| {
        let pod = address["targetRef"].str("name");
        let key = Key { kind: "Pod", group: "", namespace: namespace.into(), name: pod.into() };
        let conditions = server.storage.get(&key)?["status"].list("conditions");
        let ready = conditions.iter().find(|one| one.str("type") == "Ready")?;
        seconds(ready.str("lastTransitionTime"))
    });
    Some(ready.min())
}

impl Kubectl<'_> {
    pub(crate) fn top(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let result = match arguments.words.first().map(String::as_str) {
            Some("pod" | "pods" | "po") => self.top_pods(arguments, session),
            Some("node" | "nodes" | "no") => self.top_nodes(arguments, session),
            _ => return super::commands::unknown_subcommand(arguments, session),
        };
        result.err().unwrap_or_default()
    }

    /// The name that the command names, after the checks that both commands make.
    fn top_name<'b>(&self, arguments: &'b Arguments) -> Result<Option<&'b str>, Vec<Failure>> {
        if !matches!(arguments.text("sort-by").unwrap_or_default(), "" | "cpu" | "memory") {
            return Err(plain("--sort-by accepts only cpu or memory"));
        }
        let selects = |flag: &str| arguments.text(flag).is_some_and(|text| !text.is_empty());
        let name = arguments.words.get(1).map(String::as_str);
        if name.is_some() && (selects("selector") || selects("field-selector")) {
            let of = match arguments.words.first().map(String::as_str) {
                Some("pod" | "pods" | "po") => "selector",
                _ => "--selector",
            };
            return Err(plain(format!("only one of NAME or {of} can be provided")));
        }
        Ok(name)
    }

    /// The second since which there are metrics. The errors are those of a missing, and of a
    /// starting metrics server.
    fn metrics_since(&self, resource: &str) -> Result<i64, Vec<Failure>> {
        match serves_since(self.server) {
            None => Err(plain("Metrics API not available")),
            Some(None) => {
                let message = format!(
                    "the server is currently unable to handle the request (get {resource}.metrics.k8s.io)"
                );
                Err(vec![Failure::from(Status::new(Reason::ServiceUnavailable, message))])
            }
            Some(Some(since)) => Ok(since),
        }
    }

    /// The metrics of a pod that the metrics server has scraped twice.
    fn metrics_of<'b>(&self, pod: &'b Value, since: i64) -> Option<PodMetrics<'b>> {
        let metrics = self.desk.metrics?;
        let now = self.server.time();
        let mut containers = Vec::new();
        for container in pod["spec"].list("containers") {
            let name = container.str("name");
            let (usage, started) = metrics.usage(pod, name)?;
            if now - started.max(since) < RESOLUTION {
                return None;
            }
            containers.push((name, usage));
        }
        Some(PodMetrics { pod, containers })
    }

    fn top_pods(&self, arguments: &Arguments, session: &mut Session) -> Result<(), Vec<Failure>> {
        let name = self.top_name(arguments)?;
        let since = self.metrics_since("pods")?;
        let kind = self.resource("pods").map_err(|failure| vec![failure])?;
        let pods = match name {
            Some(name) => {
                self.server.get(kind, self.context(arguments), name).map(|pod| vec![pod]).map_err(
                    |_| {
                        let name = go::quote::quote(&format!("{}/{name}", self.context(arguments)));
                        let message = format!("podmetrics.metrics.k8s.io {name} not found");
                        vec![Failure::from(Status::new(Reason::NotFound, message))]
                    },
                )?
            }
            None => {
                let listed = self.list(kind, arguments.text("selector"), arguments);
                listed.map_err(|failure| vec![failure])?
            }
        };
        let mut found: Vec<PodMetrics<'_>> =
            pods.iter().filter_map(|pod| self.metrics_of(pod, since)).collect();
        if found.is_empty() {
            if pods.is_empty() {
                session.note(&match arguments.is("all-namespaces") {
                    true => "No resources found".to_owned(),
                    false => {
                        format!("No resources found in {} namespace.", self.context(arguments))
                    }
                });
                return Ok(());
            }
            return Err(vec![self.without_metrics(&pods)]);
        }
        sort(&mut found, arguments);
        let rows = pod_rows(&found, arguments);
        session.output.stdout.push_str(&trailing(&rows));
        Ok(())
    }

    /// The error of pods that have no metrics. Source: verifyEmptyMetrics.
    fn without_metrics(&self, pods: &[Value]) -> Failure {
        for pod in pods {
            let metadata = &pod["metadata"];
            let created = seconds(metadata.str("creationTimestamp")).unwrap_or_default();
            let age = self.server.time() - created;
            if age > CREATION_DELAY {
                let (namespace, name) = (metadata.str("namespace"), metadata.str("name"));
                let age = go::time::format_duration(age.saturating_mul(1_000_000_000));
                return plain_failure(format!(
                    "Metrics not available for pod {namespace}/{name}, age: {age}"
                ));
            }
        }
        plain_failure(NOT_YET)
    }

    fn top_nodes(&self, arguments: &Arguments, session: &mut Session) -> Result<(), Vec<Failure>> {
        let name = self.top_name(arguments)?;
        let since = self.metrics_since("nodes")?;
        let kind = self.resource("nodes").map_err(|failure| vec![failure])?;
        if self.server.time() - since < RESOLUTION {
            return Err(plain(NOT_YET));
        }
        let nodes = match name {
            Some(name) => self.server.get(kind, "", name).map(|node| vec![node]).map_err(|_| {
                let message =
                    format!("nodemetrics.metrics.k8s.io {} not found", go::quote::quote(name));
                vec![Failure::from(Status::new(Reason::NotFound, message))]
            })?,
            None => {
                let listed = self.list(kind, arguments.text("selector"), arguments);
                listed.map_err(|failure| vec![failure])?
            }
        };
        let mut rows: Vec<(Usage, Vec<String>)> =
            nodes.iter().map(|node| self.node_row(node, arguments)).collect();
        match arguments.text("sort-by") {
            Some("cpu") => rows.sort_by_key(|(usage, _)| -usage.millicores),
            Some("memory") => rows.sort_by_key(|(usage, _)| -usage.bytes),
            _ => {}
        }
        let mut rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
        if !arguments.is("no-headers") {
            let mut head = vec!["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"];
            if arguments.is("show-swap") {
                head.extend(["SWAP(bytes)", "SWAP(%)"]);
            }
            rows.insert(0, head.into_iter().map(str::to_owned).collect());
        }
        session.output.stdout.push_str(&trailing(&rows));
        Ok(())
    }

    /// The use of a node: the pods on it, and the system itself.
    fn node_row(&self, node: &Value, arguments: &Arguments) -> (Usage, Vec<String>) {
        let name = node["metadata"].str("name");
        let mut usage = SYSTEM;
        for (_, pod) in self.server.storage.list("", "Pod", "") {
            if pod["spec"].str("nodeName") != name {
                continue;
            }
            for container in pod["spec"].list("containers") {
                let own = self.desk.metrics.and_then(|one| one.usage(pod, container.str("name")));
                usage = usage.add(own.map_or(Usage::default(), |(usage, _)| usage));
            }
        }
        let of = if arguments.is("show-capacity") { "capacity" } else { "allocatable" };
        let available = |resource: &str| {
            let quantity = Quantity::parse(node["status"][of].str(resource));
            quantity.unwrap_or(Quantity::whole(0))
        };
        let percent = |used: i64, all: i64| match all {
            0 => "0%".to_owned(),
            all => format!("{}%", (used as f64 / all as f64 * 100.0) as i64),
        };
        let [cpu, memory] = usage.cells();
        let cpu_share = percent(usage.millicores, available("cpu").milli_value());
        let memory_share = percent(usage.bytes, available("memory").value());
        let mut row = vec![name.to_owned(), cpu, cpu_share, memory, memory_share];
        if arguments.is("show-swap") {
            row.extend(["<unknown>", "<unknown>"].map(str::to_owned));
        }
        (usage, row)
    }
}

/// The kubelet, the runtime and the kernel of a node.
const SYSTEM: Usage = Usage { millicores: 120, bytes: 640 << 20 };

/// Pods by the flag `--sort-by`, else by namespace and name. Containers in the same order.
fn sort(found: &mut [PodMetrics<'_>], arguments: &Arguments) {
    let by: Option<fn(Usage) -> i64> = match arguments.text("sort-by") {
        Some("cpu") => Some(|usage| -usage.millicores),
        Some("memory") => Some(|usage| -usage.bytes),
        _ => None,
    };
    for one in found.iter_mut() {
        match by {
            Some(by) => one.containers.sort_by_key(|(_, usage)| by(*usage)),
            None => one.containers.sort_by_key(|(name, _)| *name),
        }
    }
    if let Some(by) = by {
        found.sort_by_key(|one| by(one.sum()));
    }
}

fn pod_rows(found: &[PodMetrics<'_>], arguments: &Arguments) -> Vec<Vec<String>> {
    let (namespaces, containers) = (arguments.is("all-namespaces"), arguments.is("containers"));
    let swap = arguments.is("show-swap");
    let mut rows: Vec<Vec<String>> = Vec::new();
    if !arguments.is("no-headers") {
        let mut head = Vec::new();
        head.extend(namespaces.then_some("NAMESPACE"));
        head.extend(containers.then_some("POD"));
        head.extend(["NAME", "CPU(cores)", "MEMORY(bytes)"]);
        head.extend(swap.then_some("SWAP(bytes)"));
        rows.push(head.into_iter().map(str::to_owned).collect());
    }
    let mut add = |first: &[&str], usage: Usage| {
        let mut row: Vec<String> = first.iter().map(|cell| (*cell).to_owned()).collect();
        row.extend(usage.cells());
        row.extend(swap.then(|| "0Mi".to_owned()));
        rows.push(row);
    };
    for one in found {
        let metadata = &one.pod["metadata"];
        let (namespace, pod) = (metadata.str("namespace"), metadata.str("name"));
        let place = if namespaces { vec![namespace] } else { Vec::new() };
        if containers {
            for (name, usage) in &one.containers {
                add(&[&place[..], &[pod, name]].concat(), *usage);
            }
        } else {
            add(&[&place[..], &[pod]].concat(), one.sum());
        }
    }
    if arguments.is("sum") {
        let total = found.iter().fold(Usage::default(), |sum, one| sum.add(one.sum()));
        // Source: printPodResourcesSum. Columns of names are empty.
        let with_head = usize::from(!arguments.is("no-headers"));
        let names = 1 + with_head * (usize::from(namespaces) + usize::from(containers));
        let mut line = vec![String::new(); names + usize::from(swap)];
        line.extend(["________", "________"].map(str::to_owned));
        rows.push(line);
        let mut row = vec![String::new(); names + usize::from(swap)];
        row.extend(total.cells());
        row.extend(swap.then(|| "0Mi".to_owned()));
        rows.push(row);
    }
    rows
}

/// A table whose last column is padded as the others are: each cell ends with a tab.
fn trailing(rows: &[Vec<String>]) -> String {
    let padded: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().cloned().chain([String::new()]).collect()).collect();
    table::lines(&padded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubectl::Desk;
    use kubernetes::object::parse_json;

    struct Fixed;

    impl Metrics for Fixed {
        fn usage(&self, pod: &Value, container: &str) -> Option<(Usage, i64)> {
            let factor = pod["metadata"].str("name").len() as i64;
            let millicores = if container == "side" { 1 } else { 10 * factor };
            Some((Usage { millicores, bytes: (30 + factor) << 20 }, 0))
        }
    }

    fn top(words: &[&str], objects: &[&str], now: i64) -> crate::Output {
        let mut server = ApiServer::new(now, 1);
        for object in objects {
            server.restore(&parse_json(object).expect("JSON"));
        }
        let files = |_: &str| None;
        let desk = Desk { metrics: Some(&Fixed), ..Desk::default() };
        Kubectl { server: &mut server, files: &files, namespace: "default", desk }.run(words)
    }

    const API: &str = r#"{"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1beta1.metrics.k8s.io"},
        "spec":{"group":"metrics.k8s.io","service":{"name":"m","namespace":"kube-system"}}}"#;
    const ENDPOINTS: &str = r#"{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"m","namespace":"kube-system"},
        "subsets":[{"addresses":[{"ip":"10.244.0.9","targetRef":{"kind":"Pod","name":"m-1"}}]}]}"#;
    const SERVER: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"m-1","namespace":"kube-system"},
        "status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"1970-01-01T00:01:40Z"}]}}"#;
    const PODS: [&str; 2] = [
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default","creationTimestamp":"1970-01-01T00:00:00Z"},
        "spec":{"nodeName":"n","containers":[{"name":"web"},{"name":"side"}]}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"longer","namespace":"default","creationTimestamp":"1970-01-01T00:00:00Z"},
        "spec":{"nodeName":"n","containers":[{"name":"app"}]}}"#,
    ];
    const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},
        "status":{"allocatable":{"cpu":"4","memory":"4096Mi"}}}"#;

    #[test]
    fn a_missing_and_a_starting_server_are_errors() {
        for (objects, now, error) in [
            (&[][..], 200, "error: Metrics API not available\n"),
            (
                &[API][..],
                200,
                "Error from server (ServiceUnavailable): the server is currently unable to handle the request (get pods.metrics.k8s.io)\n",
            ),
            (&[API, ENDPOINTS, SERVER, PODS[0]][..], 110, "error: metrics not available yet\n"),
            (
                &[API, ENDPOINTS, SERVER, PODS[0]][..],
                130,
                "error: Metrics not available for pod default/web, age: 2m10s\n",
            ),
        ] {
            let output = top(&["top", "pods"], objects, now);
            assert_eq!((&*output.stderr, output.exit), (error, 1));
        }
    }

    #[test]
    fn tables_show_the_use_of_pods_and_nodes() {
        let objects = [API, ENDPOINTS, SERVER, PODS[0], PODS[1], NODE];
        for (words, expected) in [
            (
                &["top", "pods"][..],
                "NAME     CPU(cores)   MEMORY(bytes)   \nlonger   60m          36Mi            \nweb      31m          66Mi            \n",
            ),
            (&["top", "pod", "web", "--no-headers"], "web   31m   66Mi   \n"),
            (
                &["top", "po", "--containers", "--sort-by=memory", "-l", "!x"],
                "POD      NAME   CPU(cores)   MEMORY(bytes)   \nweb      web    30m          33Mi            \nweb      side   1m           33Mi            \nlonger   app    60m          36Mi            \n",
            ),
            (
                &["top", "pods", "--sum"],
                "NAME     CPU(cores)   MEMORY(bytes)   \nlonger   60m          36Mi            \nweb      31m          66Mi            \n         ________     ________        \n         91m          102Mi           \n",
            ),
            (
                &["top", "nodes"],
                "NAME   CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)   \nn      211m         5%       742Mi           18%         \n",
            ),
        ] {
            let output = top(words, &objects, 1000);
            assert_eq!((&*output.stdout, &*output.stderr), (expected, ""), "{words:?}");
        }
        let missing = top(&["top", "pod", "nope"], &objects, 1000);
        let expected =
            "Error from server (NotFound): podmetrics.metrics.k8s.io \"default/nope\" not found\n";
        assert_eq!(missing.stderr, expected);
    }
}
