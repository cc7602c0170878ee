//! One line of the terminal below the output of a command: the way on where a command is refused, or
//! where a fresh cluster needs time. The output itself stays that of the real program.

use kubernetes::columns::seconds;
use protocol::{LinkTarget, OutputLink, OutputPiece};
use world::World;

/// Seconds during which the pods of a fresh cluster start.
const STARTS: i64 = 60;
/// Milliseconds that let the pods of a fresh cluster start.
const WAIT: u64 = 30_000;

/// A sentence, and a link at its end: its words and where it leads.
struct Hint {
    text: String,
    link: (String, LinkTarget),
}

/// A hint whose link puts a command at the prompt.
fn with_command(text: impl Into<String>, line: impl Into<String>) -> Option<Hint> {
    let line = line.into();
    Some(Hint { text: text.into(), link: (line.clone(), LinkTarget::Line(line)) })
}

/// The hint about a command line that has ended, given what it has printed.
pub(super) fn hint(line: &str, printed: &str, world: &World) -> Option<OutputPiece> {
    let all: [&dyn Fn() -> Option<Hint>; 6] = [
        &|| starting(line, printed, world),
        &|| metrics(printed),
        &|| snapshots(printed),
        &|| missing_program(line, printed),
        &|| placeholder(line, printed, world),
        &|| not_forwarded(line, printed, world),
    ];
    let Hint { text, link: (word, target) } = all.iter().find_map(|hint| hint())?;
    let start = text.len() + 1;
    let text = format!("{text} {word}\n");
    let link = OutputLink { start: start as u32, end: (start + word.len()) as u32, target };
    Some(OutputPiece { note: true, text, links: vec![link], ..OutputPiece::default() })
}

/// The pods of a fresh cluster are not there yet.
fn starting(line: &str, printed: &str, world: &World) -> Option<Hint> {
    let server = &world.cluster.server;
    let (_, first) = server.storage.list("", "Namespace", "").next()?;
    let born = seconds(first["metadata"].str("creationTimestamp"))?;
    if server.time() - born >= STARTS {
        return None;
    }
    let waits = ["ContainerCreating", "PodInitializing", "Pending", "Init:0/"];
    let of_pods = ["pod", " po", " all", "endpoint", " ep", "logs", "exec"];
    let empty =
        printed.contains("No resources found") && of_pods.iter().any(|word| line.contains(word));
    if !empty && !waits.iter().any(|word| printed.contains(word)) {
        return None;
    }
    let has_workloads = server.storage.iter().any(|(key, _)| {
        matches!(key.kind, "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job")
    });
    has_workloads.then(|| Hint {
        text: "The cluster has just been made: its pods start as simulated time passes.".to_owned(),
        link: ("Let 30 s pass".to_owned(), LinkTarget::Wait { millis: WAIT }),
    })
}

fn metrics(printed: &str) -> Option<Hint> {
    if printed.contains("Metrics API not available") {
        let text = "kubectl top needs the metrics server, an add-on:";
        return with_command(text, "minikube addons enable metrics-server");
    }
    let waits = ["metrics not available yet", "Metrics not available for pod", "metrics.k8s.io)"];
    let waits = waits.iter().any(|text| printed.contains(text));
    (waits && printed.len() < 400).then(|| Hint {
        text: "The metrics server has its first values a minute after its start.".to_owned(),
        link: ("Let 60 s pass".to_owned(), LinkTarget::Wait { millis: 60_000 }),
    })
}

fn snapshots(printed: &str) -> Option<Hint> {
    if printed.contains("unknown flag: --source-pvc") {
        let text = "kubectl create has no snapshots. A VolumeSnapshot is applied as a manifest, in a cluster that has its definition:";
        return with_command(text, "kubectl get crd");
    }
    if printed.contains("unknown flag: --from-snapshot") {
        let text = "kubectl create has no claims. A claim is applied as a manifest, which names its snapshot:";
        return with_command(text, "kubectl explain pvc.spec.dataSource");
    }
    None
}

/// A container without the program: `kubectl exec POD -- curl URL`.
fn missing_program(line: &str, printed: &str) -> Option<Hint> {
    if !printed.contains("executable file not found in $PATH") {
        return None;
    }
    let (before, after) = line.split_once(" -- ")?;
    let words = after.split_whitespace().filter(|word| *word != "\\");
    let words: Vec<&str> = words.collect();
    let url = words.iter().find(|word| word.contains("://") || word.contains("localhost"))?;
    let before = before.trim_end_matches(['\\', '\n', ' ']);
    match words.first().copied()? {
        "curl" => {
            let posts = words.contains(&"POST") || words.iter().any(|word| word.starts_with("-d"));
            let data = if posts { "--post-data='' " } else { "" };
            let line = format!("{before} -- wget -qO- {data}{url}");
            with_command("The image has no curl. It may have wget:", line)
        }
        _ => with_command(
            "The image has no such program. A forwarded port is reached from here:",
            "kubectl port-forward svc/NAME PORT",
        ),
    }
}

/// `NAME-xxx`, as guides write the name of a pod.
fn placeholder(line: &str, printed: &str, world: &World) -> Option<Hint> {
    if !printed.contains("NotFound") {
        return None;
    }
    let words = line.split([' ', '/']);
    let word = words.into_iter().find(|word| word.ends_with("-xxx") || word.ends_with("-xxxxx"))?;
    let start = word.trim_end_matches('x');
    let mut pods = world.cluster.server.storage.list("", "Pod", "");
    let (key, _) = pods.find(|(key, _)| key.name.starts_with(start))?;
    let text = format!("{word} stands for a name with an end of its own:");
    with_command(text, line.replace(word, &key.name))
}

/// `curl localhost:PORT` without a forwarded port.
fn not_forwarded(line: &str, printed: &str, world: &World) -> Option<Hint> {
    let (_, rest) = printed.split_once("Failed to connect to localhost port ")?;
    let port: i64 = rest.split_whitespace().next()?.parse().ok()?;
    if line.contains("exec") {
        return None;
    }
    let mut services = world.cluster.server.storage.list("", "Service", "");
    let (key, _) = services.find(|(_, service)| {
        service["spec"].list("ports").iter().any(|one| one.int("port") == port)
    })?;
    let namespace = match &*key.namespace {
        own if own == world.terminal.config.namespace() => String::new(),
        other => format!(" -n {other}"),
    };
    let text = "Nothing on this machine listens there. In another terminal:";
    with_command(text, format!("kubectl port-forward{namespace} svc/{} {port}", key.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(hint: Option<Hint>) -> Option<String> {
        hint.map(|hint| hint.link.0)
    }

    #[test]
    fn refusals_have_a_way_on() {
        let absent = "exec: \"curl\": executable file not found in $PATH";
        let line = "kubectl exec -it p -- \\\n  curl -X POST http://localhost:9090/-/reload";
        let expected =
            "kubectl exec -it p -- wget -qO- --post-data='' http://localhost:9090/-/reload";
        assert_eq!(link(missing_program(line, absent)).as_deref(), Some(expected));
        assert_eq!(link(missing_program(line, "other")), None);
        for (printed, expected) in [
            ("error: Metrics API not available", Some("minikube addons enable metrics-server")),
            ("error: metrics not available yet", Some("Let 60 s pass")),
            ("NAME CPU", None),
        ] {
            assert_eq!(link(metrics(printed)).as_deref(), expected, "{printed}");
        }
        let flag = "error: unknown flag: --source-pvc\nSee 'kubectl create --help' for usage.";
        assert_eq!(link(snapshots(flag)).as_deref(), Some("kubectl get crd"));
    }
}
