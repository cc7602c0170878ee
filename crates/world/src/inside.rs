//! Commands in containers, and HTTP clients in containers and on the own machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use go::Duration;
use kubernetes::dns::{self, Found};
use kubernetes::object::Value;
use kubernetes::prometheus::is_prometheus_image;
use promql::Timestamp;
use server::network::{Answer, Exchange, Network, Outgoing, RequestOutcome};
use terminal::Output;
use terminal::http_client::{Client, Problem};
use terminal::kubectl::Process;
use terminal::shell::{Job, Shell, World as ShellWorld};

use crate::World;
use crate::account::{AccountAccess, ServiceAccount};
use crate::boot;
use crate::network::Surroundings;
use crate::prometheus::PrometheusProgram;
use crate::server::ContainerName;

/// Namespace, pod and container.
pub(crate) type ContainerRef<'a> = (&'a str, &'a str, &'a str);

/// The limit of a connection of a client that names none: the one of Linux, with six retries.
const CONNECT: Duration = Duration(130_000);

/// Sends a request from a container, or from the own machine. The last value is the time.
fn send(world: &mut World, from: Option<ContainerRef<'_>>, request: &Outgoing) -> Exchange {
    let now = world.now();
    Arc::make_mut(&mut world.view).update(&world.cluster.server);
    let view = world.view.clone();
    let (namespace, pod) = from.map_or(("default", None), |place| (place.0, Some(place.1)));
    let account = ServiceAccount::new(namespace, "default");
    let access = AccountAccess::new(&view.state.cluster, &account);
    let mut connections = usize::try_from(now.max(0)).unwrap_or_default();
    let mut surroundings = Surroundings {
        cluster: &mut world.cluster,
        state: &view.state,
        revision: view.revision,
        access: &access,
        namespace,
        pod,
        own: None,
        service_ports: world.service_ports,
        cut: &world.cut,
        disturbances: &world.disturbances,
        connections: &mut connections,
    };
    surroundings.send(request, now)
}

/// The URL behind a forwarded port; None if the port is not forwarded.
fn forwarded(world: &mut World, url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    if !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
        return None;
    }
    let forward = world.terminal.forwards.get_mut(&port.parse().ok()?)?;
    forward.connections += 1;
    let forward = &*forward;
    let kind = kubernetes::kinds::find("v1", "Pod")?;
    let pod = world.cluster.server.get(kind, &forward.namespace, &forward.pod).ok()?;
    let address = pod["status"].str("podIP");
    Some(format!("{scheme}://{address}:{}{path}", forward.port))
}

/// The host of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Sends a request of a client program.
fn fetch(
    world: &mut World,
    from: Option<ContainerRef<'_>>,
    request: &Outgoing,
) -> Result<Answer, Problem> {
    let mut request = request.clone();
    if request.timeout.millis() == 0 {
        request.timeout = CONNECT;
    }
    if from.is_none() {
        let target = host(&request.url).to_owned();
        match forwarded(world, &request.url) {
            Some(url) => request.url = url,
            None if matches!(&*target, "localhost" | "127.0.0.1" | "::1") => {
                return Err(Problem::Refused);
            }
            // The names and addresses of the cluster are known inside of it alone.
            None if !is_node(world, &target) => {
                let literal = target.parse::<std::net::IpAddr>().is_ok();
                return Err(if literal { Problem::TimedOut } else { Problem::NoSuchHost });
            }
            None => {}
        }
    }
    let exchange = send(world, from, &request);
    let late = exchange.takes >= request.timeout;
    match exchange.outcome {
        _ if late => Err(Problem::TimedOut),
        RequestOutcome::Answered(answer) => Ok(answer),
        RequestOutcome::Own(_) => Err(Problem::Empty),
        RequestOutcome::Failed(error) if error.contains("no such host") => Err(Problem::NoSuchHost),
        RequestOutcome::Failed(error) if error.contains("refused") => Err(Problem::Refused),
        RequestOutcome::Failed(error)
            if error.contains("tls:") || error.contains("HTTPS client") =>
        {
            Err(Problem::Tls(error))
        }
        RequestOutcome::Failed(error)
            if error.contains("deadline") || error.contains("timeout") =>
        {
            Err(Problem::TimedOut)
        }
        RequestOutcome::Failed(_) => Err(Problem::Empty),
    }
}

/// Sends a request from the own machine. The error is that of Go's transport.
pub(crate) fn from_machine(world: &mut World, request: &Outgoing) -> Result<Answer, String> {
    let host = host(&request.url).to_owned();
    fetch(world, None, request).map_err(|problem| match problem {
        Problem::NoSuchHost => format!("dial tcp: lookup {host}: no such host"),
        Problem::Refused => {
            let rest = request.url.split_once("://").map_or("", |(_, rest)| rest);
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
            let address = if host == "localhost" { "127.0.0.1" } else { &host };
            format!("dial tcp {address}:{port}: connect: connection refused")
        }
        Problem::TimedOut => "context deadline exceeded".to_owned(),
        Problem::Tls(error) => error,
        Problem::Empty => "EOF".to_owned(),
    })
}

fn is_node(world: &World, address: &str) -> bool {
    let nodes = world.cluster.server.storage.list("", "Node", "");
    nodes.into_iter().any(|(_, node)| {
        node["status"].list("addresses").iter().any(|one| one.str("address") == address)
    })
}

/// Runs `curl` or `wget`. The second value is a file that the command writes.
pub(crate) fn client(
    world: &mut World,
    name: &str,
    arguments: &[String],
    from: Option<ContainerRef<'_>>,
) -> (Output, Option<(String, String)>) {
    match Client::parse(name, arguments) {
        Ok(client) => client.run(&mut |request| fetch(world, from, request)),
        Err(output) => (output, None),
    }
}

/// Runs a command in a container.
pub(crate) fn exec(world: &mut World, place: ContainerRef<'_>, command: &[String]) -> Output {
    let (namespace, pod, container) = place;
    let now = world.now();
    let Some(mut files) = world.cluster.kubelets.files(namespace, pod, container) else {
        let error = format!(
            "error: Internal error occurred: unable to upgrade connection: container not found ({})",
            go::quote::quote(container)
        );
        let mut output = Output::default().ended(1);
        output.err(error);
        return output;
    };
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    if let Some(answer) = world.cluster.kubelets.exec(namespace, pod, container, &words, now) {
        let code = i32::try_from(answer.code).unwrap_or(1);
        let mut output = Output { stdout: answer.output, ..Output::default() }.ended(code);
        return with_code(&mut output);
    }
    files.extend(own_files(world, place));
    files.extend(data_files(world, place, command));
    if runs_prometheus(world, place) {
        let spec = boot::container_spec(&pod_object(world, place), container);
        files.extend(boot::image_files(&spec));
    }
    let quoted: Vec<String> = command.iter().map(|word| quote(word)).collect();
    let known = Shell::knows(&words) || PROGRAMS.contains(words.first().unwrap_or(&""));
    let image = boot::container_spec(&pod_object(world, place), container);
    if !known || lacks(image.str("image"), words.first().unwrap_or(&"")) {
        let program = go::quote::quote(words.first().unwrap_or(&""));
        let mut output = Output::default().ended(1);
        output.err(format!(
            "error: Internal error occurred: Internal error occurred: error executing command in \
             container: failed to exec in container: failed to start exec: OCI runtime exec failed: \
             exec failed: unable to start container process: exec: {program}: executable file not \
             found in $PATH"
        ));
        return output;
    }
    let mut inside = Inside { world, place, files };
    let mut output = Shell::default().run(&quoted.join(" "), &mut inside);
    with_code(&mut output)
}

/// The message of kubectl about the exit code of a command.
fn with_code(output: &mut Output) -> Output {
    if output.exit != 0 {
        output.err(format!("command terminated with exit code {}", output.exit));
    }
    std::mem::take(output)
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Programs that usual images do not have. The first row whose beginning the name of the image has
/// counts; an image of one's own is taken to have all. `*` is an image without a shell.
const LACKING: &[(&str, &[&str])] = &[
    ("prom/", &["bash", "curl"]),
    ("quay.io/prometheus/", &["bash", "curl"]),
    ("quay.io/prometheus-operator/", &["*"]),
    ("busybox", &["bash", "curl"]),
    ("alpine", &["bash", "curl"]),
    ("redis", &["curl", "nslookup", "ps", "wget"]),
    ("postgres", &["curl", "nslookup", "ps", "wget"]),
    ("registry.k8s.io/", &["*"]),
    ("gcr.io/distroless/", &["*"]),
];

fn lacks(image: &str, program: &str) -> bool {
    let image = image.trim_start_matches("docker.io/").trim_start_matches("library/");
    let row = LACKING.iter().find(|(start, _)| image.starts_with(start));
    row.is_some_and(|(_, programs)| programs.contains(&program) || programs.contains(&"*"))
}

fn runs_prometheus(world: &World, (namespace, pod, container): ContainerRef<'_>) -> bool {
    let mut servers = world.running_servers().into_iter();
    servers.any(|(_, server)| {
        server.container.as_ref().is_some_and(|own| {
            (&*own.namespace, &*own.pod, &*own.container) == (namespace, pod, container)
        })
    })
}

/// Files that each container has.
fn own_files(world: &World, place: ContainerRef<'_>) -> BTreeMap<String, String> {
    let (namespace, pod, _) = place;
    let resolver = format!(
        "search {namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver \
         {}\noptions ndots:5\n",
        kubernetes::controllers::cluster_dns_ip(&world.view.state.cluster)
    );
    let address = pod_object(world, place)["status"].str("podIP").to_owned();
    let hosts = format!(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost \
         ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\n\
         fe00::2\tip6-allrouters\n{address}\t{pod}\n"
    );
    let files = [
        ("/etc/resolv.conf", resolver),
        ("/etc/hosts", hosts),
        ("/etc/hostname", format!("{pod}\n")),
    ];
    files.map(|(path, text)| (path.to_owned(), text)).into()
}

/// The files of a database that the container writes. The content of binary files is not told.
fn data_files(
    world: &mut World,
    place: ContainerRef<'_>,
    command: &[String],
) -> BTreeMap<String, String> {
    let (namespace, pod, container) = place;
    let name = ContainerName {
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        container: container.to_owned(),
    };
    // The numbers of samples are counted only for those who read them.
    let reads = command.iter().any(|word| word.contains("meta.json"));
    let found = world.with_server(&name, |server| {
        let paths = server.process.data_files(&server.host).into_iter();
        let mut files: BTreeMap<String, String> = paths.map(|path| (path, String::new())).collect();
        if reads {
            files.extend(server.process.block_files(&server.host));
        }
        files
    });
    found.unwrap_or_default()
}

fn pod_object(world: &World, place: ContainerRef<'_>) -> Value {
    let kind = kubernetes::kinds::find("v1", "Pod");
    let found = kind.and_then(|kind| world.cluster.server.get(kind, place.0, place.1).ok());
    found.unwrap_or_default()
}

/// The programs in a container besides those of the shell.
const PROGRAMS: &[&str] =
    &["curl", "env", "hostname", "nslookup", "printenv", "ps", "wget", "whoami"];

/// The user `nobody`, under which the image of Prometheus runs.
const NOBODY: i64 = 65_534;

/// A container as the shell sees it.
struct Inside<'a> {
    world: &'a mut World,
    place: ContainerRef<'a>,
    files: BTreeMap<String, String>,
}

impl Inside<'_> {
    fn environment(&self) -> BTreeMap<String, String> {
        let (namespace, pod, container) = self.place;
        let usual = [
            ("HOME", "/root"),
            ("HOSTNAME", pod),
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ];
        let mut all: BTreeMap<String, String> =
            usual.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let own = self.world.cluster.kubelets.environment(namespace, pod, container);
        all.extend(own.cloned().unwrap_or_default());
        all
    }

    fn variables(&self, name: Option<&String>) -> Output {
        let all = self.environment();
        let mut output = Output::default();
        match name {
            None => all.iter().for_each(|(name, value)| output.out(format!("{name}={value}"))),
            Some(name) => match all.get(name) {
                Some(value) => output.out(value),
                None => output.exit = 1,
            },
        }
        output
    }

    /// The number of the user: of the container, of the pod, or of the image.
    fn user(&self) -> i64 {
        let pod = pod_object(self.world, self.place);
        let spec = crate::boot::container_spec(&pod, self.place.2);
        let image = if is_prometheus_image(spec.str("image")) { NOBODY } else { 0 };
        let own = spec["securityContext"]["runAsUser"].as_int();
        own.or(pod["spec"]["securityContext"]["runAsUser"].as_int()).unwrap_or(image)
    }

    /// The name of the user; None if the image does not name it.
    fn user_name(&self) -> Option<&'static str> {
        match self.user() {
            0 => Some("root"),
            NOBODY => Some("nobody"),
            _ => None,
        }
    }

    fn whoami(&self) -> Output {
        let mut output = Output::default();
        match self.user_name() {
            Some(name) => output.out(name),
            None => {
                output.err(format!("whoami: unknown uid {}", self.user()));
                output.exit = 1;
            }
        }
        output
    }

    /// The process of the container, as busybox prints it.
    fn processes(&self) -> Output {
        let pod = pod_object(self.world, self.place);
        let spec = crate::boot::container_spec(&pod, self.place.2);
        let words = |field: &str| -> Vec<String> {
            let words = spec.list(field).iter().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        };
        let (mut command, mut args) = (words("command"), words("args"));
        if command.is_empty() && is_prometheus_image(spec.str("image")) {
            command.push("/bin/prometheus".to_owned());
            args = PrometheusProgram::arguments(&[], &args).unwrap_or_default();
        }
        command.extend(args);
        if command.is_empty() {
            command.push(spec.str("image").rsplit('/').next().unwrap_or_default().to_owned());
        }
        let user = self.user_name().map_or_else(|| self.user().to_string(), str::to_owned);
        let mut output = Output::default();
        output.out("PID   USER     TIME  COMMAND");
        output.out(format!("    1 {user:<8}  0:00 {}", command.join(" ")));
        output.out(format!("    7 {user:<8}  0:00 ps"));
        output
    }

    /// `nslookup` of busybox.
    fn look_up(&mut self, name: &str) -> Output {
        Arc::make_mut(&mut self.world.view).update(&self.world.cluster.server);
        let cluster = &self.world.view.state.cluster;
        let server = kubernetes::controllers::cluster_dns_ip(cluster);
        let mut output = Output::default();
        output.out(format!("Server:\t\t{server}\nAddress:\t{server}:53\n"));
        let found = dns::resolve(cluster, self.place.0, name);
        let full = found.chain.last().cloned().unwrap_or_else(|| name.to_owned());
        let addresses = match found.found {
            Found::Literal(ip) | Found::ClusterIp { ip, .. } | Found::Pod { ip } => vec![ip],
            Found::Pods { ips, .. } => ips,
            Found::Localhost => vec!["127.0.0.1".into()],
            Found::External(_) | Found::Nothing(_) => Vec::new(),
        };
        if addresses.is_empty() {
            output.out(format!("** server can't find {name}: NXDOMAIN\n"));
            output.exit = 1;
            return output;
        }
        for address in addresses {
            output.out(format!("Name:\t{}\nAddress: {address}", full.trim_end_matches('.')));
        }
        output.out("");
        output
    }
}

impl ShellWorld for Inside<'_> {
    fn read_file(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn list_folder(&self, path: &str) -> Option<Vec<String>> {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let inside = self.files.keys().filter_map(|path| path.strip_prefix(&folder));
        let mut names: Vec<String> =
            inside.filter_map(|rest| rest.split('/').next().map(str::to_owned)).collect();
        names.dedup();
        let exists = !names.is_empty();
        names.retain(|name| !name.is_empty());
        exists.then_some(names)
    }

    fn write_file(&mut self, _: &str, _: &str) -> Result<(), String> {
        Err("Read-only file system".to_owned())
    }

    fn start(&mut self, words: &[String], _: &str) -> Option<Job> {
        let (name, rest) = words.split_first()?;
        let output = match name.as_str() {
            "curl" | "wget" => client(self.world, name, rest, Some(self.place)).0,
            "env" | "printenv" => self.variables(rest.first()),
            "hostname" => {
                let mut output = Output::default();
                output.out(self.place.1);
                output
            }
            "whoami" => self.whoami(),
            "ps" => self.processes(),
            "nslookup" => self.look_up(rest.last().map_or("", String::as_str)),
            _ => return None,
        };
        Some(Job::Ended(output))
    }

    fn poll(&mut self, _: &mut Process) {}

    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn programs(&self) -> &[&'static str] {
        PROGRAMS
    }
}
