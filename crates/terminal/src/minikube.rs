//! minikube: addresses of Services, and add-ons.
//!
//! Source: minikube cmd/minikube/cmd/{ip,service,addons}.go, pkg/minikube/service, reason.

use cluster::ApiServer;
use kubernetes::object::Value;

use crate::Output;
use crate::complete::Candidate;

/// An add-on that the cluster can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addon {
    StorageProvisioner,
    DefaultStorageClass,
    MetricsServer,
}

/// What a command asks of the cluster besides reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    Enable(Addon),
    Disable(Addon),
}

/// Add-ons by name; None if the simulated cluster does not have it.
const ADDONS: &[(&str, Option<Addon>)] = &[
    ("dashboard", None),
    ("default-storageclass", Some(Addon::DefaultStorageClass)),
    ("ingress", None),
    ("metrics-server", Some(Addon::MetricsServer)),
    ("registry", None),
    ("storage-provisioner", Some(Addon::StorageProvisioner)),
    ("volumesnapshots", None),
];

/// The exit code for what is not there. Source: reason.ExSvcNotFound.
const NOT_FOUND: i32 = 115;
/// The exit code for a wrong use. Source: reason.ExProgramUsage.
const USAGE: i32 = 64;

/// The candidates for the word behind `minikube` and other words.
pub(crate) fn complete(words: &[&str], server: &ApiServer) -> Vec<Candidate> {
    let texts: Vec<&str> = match words {
        [] => vec!["addons", "ip", "service", "status"],
        ["addons"] => vec!["disable", "enable", "list"],
        ["addons", "enable" | "disable"] => ADDONS.iter().map(|(name, _)| *name).collect(),
        ["service"] => {
            let services = server.storage.iter().filter(|(key, _)| key.kind == "Service");
            std::iter::once("list").chain(services.map(|(key, _)| &*key.name)).collect()
        }
        _ => Vec::new(),
    };
    texts.into_iter().map(|text| Candidate::new(text, "")).collect()
}

/// Runs minikube with the words behind its name. The caller carries out the request.
pub fn run(words: &[&str], server: &ApiServer) -> (Output, Option<Request>) {
    let mut output = Output::default();
    match words {
        ["ip", ..] => output.out(node_address(server)),
        ["status", ..] => output.out(
            "minikube\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured\n",
        ),
        ["service", "list", rest @ ..] => list(rest, server, &mut output),
        ["service", rest @ ..] => service(rest, server, &mut output),
        ["addons", "list", ..] => {
            ADDONS.iter().for_each(|(name, _)| output.out(*name));
        }
        ["addons", verb @ ("enable" | "disable"), name, ..] => {
            return addon(verb, name, output);
        }
        [] => output.out("minikube provisions and manages local Kubernetes clusters optimized for development workflows."),
        [word, ..] => {
            output.err(format!(
                "the terminal does not run minikube {word}; it knows ip, service, status and addons"
            ));
            output.exit = USAGE;
        }
    }
    (output, None)
}

fn addon(verb: &str, name: &str, mut output: Output) -> (Output, Option<Request>) {
    let Some((_, addon)) = ADDONS.iter().find(|(known, _)| *known == name) else {
        output.err(format!(
            "\n❌  Exiting due to MK_ADDON_{}: {verb} failed: addon '{name}' is not a valid addon packaged with minikube.\nTo see the list of available addons run:\nminikube addons list",
            verb.to_uppercase()
        ));
        return (output.ended(10), None);
    };
    let Some(addon) = addon else {
        output.err(format!("the add-on '{name}' is not part of the simulated cluster"));
        return (output.ended(1), None);
    };
    let request = if verb == "enable" {
        if *addon == Addon::MetricsServer {
            output.out(
                "💡  metrics-server is an addon maintained by Kubernetes. For any concerns contact minikube on GitHub.\nYou can view the list of minikube maintainers at: https://github.com/kubernetes/minikube/blob/master/OWNERS\n    ▪ Using image registry.k8s.io/metrics-server/metrics-server:v0.8.0",
            );
        }
        output.out(format!("🌟  The '{name}' addon is enabled"));
        Request::Enable(*addon)
    } else {
        output.out(format!("🌑  \"The '{name}' addon is disabled"));
        Request::Disable(*addon)
    };
    (output, Some(request))
}

/// The address of the node, as `minikube ip` prints it.
fn node_address(server: &ApiServer) -> String {
    let mut nodes = server.storage.list("", "Node", "");
    let address = nodes.find_map(|(_, node)| {
        let addresses = node["status"].list("addresses").iter();
        let mut internal = addresses.filter(|one| one.str("type") == "InternalIP");
        internal.next().map(|one| one.str("address").to_owned())
    });
    address.unwrap_or_else(|| "192.168.49.2".to_owned())
}

/// A row of the table of a Service's URLs.
fn rows(server: &ApiServer, service: &Value) -> Vec<[String; 4]> {
    let metadata = &service["metadata"];
    let (namespace, name) = (metadata.str("namespace"), metadata.str("name"));
    let address = node_address(server);
    let (mut targets, mut urls) = (Vec::new(), Vec::new());
    for port in service["spec"].list("ports") {
        let node_port = port.int("nodePort");
        if node_port > 0 {
            let number = port.int("port").to_string();
            let named = match port.str("name") {
                "" => number,
                name => format!("{name}/{number}"),
            };
            targets.push(named);
            urls.push(format!("http://{address}:{node_port}"));
        }
    }
    let first = [namespace.to_owned(), name.to_owned()];
    if urls.is_empty() {
        let [namespace, name] = first;
        return vec![[namespace, name, String::new(), "No node port".to_owned()]];
    }
    let pairs = targets.into_iter().zip(urls).enumerate();
    pairs
        .map(|(at, (target, url))| match at {
            0 => [first[0].clone(), first[1].clone(), target, url],
            _ => [String::new(), String::new(), target, url],
        })
        .collect()
}

/// A table with a frame.
fn table(rows: &[[String; 4]]) -> String {
    let header = ["NAMESPACE", "NAME", "TARGET PORT", "URL"];
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].len()]).max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let edge = |left: char, middle: char, right: char| {
        let parts = widths.map(|width| "─".repeat(width + 2));
        format!("{left}{}{right}\n", parts.join(&middle.to_string()))
    };
    let mut text = edge('┌', '┬', '┐');
    let heads = [0, 1, 2, 3].map(|at| {
        let (space, name) = (widths[at] - header[at].len(), header[at]);
        format!(" {}{name}{} ", " ".repeat(space / 2), " ".repeat(space - space / 2))
    });
    text.push_str(&format!("│{}│\n", heads.join("│")));
    text.push_str(&edge('├', '┼', '┤'));
    for row in rows {
        let cells = [0, 1, 2, 3].map(|at| {
            let space = widths[at] - row[at].chars().count();
            format!(" {}{} ", row[at], " ".repeat(space))
        });
        text.push_str(&format!("│{}│\n", cells.join("│")));
    }
    text.push_str(&edge('└', '┴', '┘'));
    text
}

fn list(words: &[&str], server: &ApiServer, output: &mut Output) {
    let wanted = namespace(words);
    let services = server.storage.list("", "Service", "");
    let of = |one: &&Value| wanted.is_none_or(|name| one["metadata"].str("namespace") == name);
    let rows: Vec<[String; 4]> =
        services.map(|(_, one)| one).filter(of).flat_map(|one| rows(server, one)).collect();
    output.stdout.push_str(&table(&rows));
}

/// The value of `-n`.
fn namespace<'a>(words: &[&'a str]) -> Option<&'a str> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match *word {
            "-n" | "--namespace" => return rest.next().copied(),
            word => {
                if let Some(value) = word.strip_prefix("--namespace=") {
                    return Some(value);
                }
            }
        }
    }
    None
}

fn service(words: &[&str], server: &ApiServer, output: &mut Output) {
    let wanted = namespace(words).unwrap_or("default");
    let mut names = words.iter().enumerate().filter(|(at, word)| {
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        !word.starts_with('-') && !matches!(before, Some(&"-n" | &"--namespace"))
    });
    let Some((_, name)) = names.next() else {
        output.err("❌  Exiting due to MK_USAGE: You must specify a service name");
        output.exit = USAGE;
        return;
    };
    let found = server.storage.list("", "Service", wanted).find(|(key, _)| &*key.name == *name);
    let Some((_, service)) = found else {
        output.err(format!(
            "\n❌  Exiting due to SVC_NOT_FOUND: Service '{name}' was not found in '{wanted}' namespace.\nYou may select another namespace by using 'minikube service {name} -n <namespace>'. Or list out all the services using 'minikube service list'"
        ));
        output.exit = NOT_FOUND;
        return;
    };
    let rows = rows(server, service);
    let has_port = rows.iter().any(|row| row[3] != "No node port");
    if words.contains(&"--url") {
        rows.iter().filter(|_| has_port).for_each(|row| output.out(&row[3]));
    } else {
        output.stdout.push_str(&table(&rows));
    }
    if !has_port {
        output.err(format!("😿  service {wanted}/{name} has no node port"));
        output.err(format!(
            "❗  Services [{wanted}/{name}] have type \"ClusterIP\" not meant to be exposed, however for local development minikube allows you to access this !"
        ));
        output.err(format!("    Here: kubectl port-forward -n {wanted} service/{name} PORT"));
    } else if !words.contains(&"--url") {
        output.out(format!("🎉  Opening service {wanted}/{name} in default browser..."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::kinds;
    use kubernetes::object::parse_json;

    fn server() -> ApiServer {
        let mut server = ApiServer::new(1_767_225_600, 1);
        assert!(cluster::controllers::Controllers::default().settle(&mut server));
        for text in [
            r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"proxy"},"spec":{"type":"NodePort",
            "ports":[{"name":"http","port":8080,"nodePort":30080}]}}"#,
            r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"plain"},"spec":{"ports":[{"port":9090}]}}"#,
        ] {
            let object = parse_json(text).expect("it is JSON");
            let kind = kinds::find("v1", "Service").expect("a kind");
            server.create(kind, "default", &object).expect("it is accepted");
        }
        server
    }

    #[test]
    fn a_node_port_has_a_table() {
        let (output, _) = run(&["service", "proxy"], &server());
        let expected = "\
┌───────────┬───────┬─────────────┬───────────────────────────┐
│ NAMESPACE │ NAME  │ TARGET PORT │            URL            │
├───────────┼───────┼─────────────┼───────────────────────────┤
│ default   │ proxy │ http/8080   │ http://192.168.49.2:30080 │
└───────────┴───────┴─────────────┴───────────────────────────┘
🎉  Opening service default/proxy in default browser...
";
        assert_eq!((&*output.stdout, output.exit), (expected, 0));
        let (output, _) = run(&["service", "proxy", "--url"], &server());
        assert_eq!(output.stdout, "http://192.168.49.2:30080\n");
    }

    #[test]
    fn what_cannot_be_opened_is_said() {
        for (words, stderr, exit) in [
            (&["service", "plain"][..], "service default/plain has no node port", 0),
            (&["service", "nope"], "Service 'nope' was not found in 'default' namespace.", 115),
            (&["service", "-n", "dev", "proxy"], "was not found in 'dev' namespace.", 115),
            (&["start"], "the terminal does not run minikube start", 64),
            (&["addons", "enable", "nope"], "addon 'nope' is not a valid addon", 10),
        ] {
            let (output, request) = run(words, &server());
            assert!(output.stderr.contains(stderr), "{words:?}: {}", output.stderr);
            assert_eq!((output.exit, request), (exit, None), "{words:?}");
        }
    }

    #[test]
    fn add_ons_are_requests_to_the_cluster() {
        let (output, request) = run(&["addons", "enable", "storage-provisioner"], &server());
        assert_eq!(output.stdout, "🌟  The 'storage-provisioner' addon is enabled\n");
        assert_eq!(request, Some(Request::Enable(Addon::StorageProvisioner)));
    }
}
