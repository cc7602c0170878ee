//! Commands that go on until Ctrl+C: forwarded ports and followed logs.

use kubernetes::object::Value;
use terminal::Output;
use terminal::kubectl::{Followed, Held, log_time};

use crate::World;

/// A port of the own machine that leads to a port of a pod: `kubectl port-forward`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forward {
    pub namespace: String,
    pub pod: String,
    pub port: u16,
    /// The terminal in which kubectl runs; None if its caller did not wait.
    pub terminal: Option<u32>,
    /// Connections that were made, and those of them that kubectl has printed.
    pub connections: usize,
    pub printed: usize,
}

/// Begins to listen on the ports of a forward. The exit code is 1 if none of them is free.
///
/// Source: client-go tools/portforward portforward.go `listenOnPort`.
pub(crate) fn listen(world: &mut World, held: &Held, terminal: Option<u32>) -> Output {
    let mut output = Output::default();
    let Held::Forward { namespace, pod, ports } = held else { return output };
    let mut listens = false;
    for (local, port) in ports {
        // A forward without a terminal belongs to a command line that is over.
        let taken = world.terminal.forwards.get(local).is_some_and(|one| one.terminal.is_some());
        if taken {
            let listener = |network: &str, host: &str| {
                format!(
                    "unable to create listener: Error listen {network} {host}:{local}: bind: address already in use"
                )
            };
            output.err(format!(
                "Unable to listen on port {local}: Listeners failed to create with the following errors: [{} {}]",
                listener("tcp4", "127.0.0.1"),
                listener("tcp6", "[::1]"),
            ));
            continue;
        }
        listens = true;
        for host in ["127.0.0.1", "[::1]"] {
            output.out(format!("Forwarding from {host}:{local} -> {port}"));
        }
        let (namespace, pod) = (namespace.clone(), pod.clone());
        let forward = Forward { namespace, pod, port: *port, terminal, connections: 0, printed: 0 };
        world.terminal.forwards.insert(*local, forward);
    }
    if !listens {
        let ports: Vec<String> = ports.iter().map(|(a, b)| format!("{{{a} {b}}}")).collect();
        let ports = ports.join(" ");
        output.err(format!("error: unable to listen on any of the requested ports: [{ports}]"));
        output.exit = 1;
    }
    output
}

/// What a held command prints now, and its exit code if it ends.
pub(crate) fn look(world: &mut World, held: &mut Held) -> (Output, Option<i32>) {
    match held {
        Held::Forward { namespace, pod, ports } => {
            let mut output = Output::default();
            for (local, _) in ports.iter() {
                let Some(forward) = world.terminal.forwards.get_mut(local) else { continue };
                for _ in forward.printed..forward.connections {
                    output.out(format!("Handling connection for {local}"));
                }
                forward.printed = forward.connections;
            }
            let runs = pod_of(world, namespace, pod)
                .is_some_and(|pod| pod["status"].str("phase") == "Running");
            if runs {
                return (output, None);
            }
            output.err("error: lost connection to pod");
            (output, Some(1))
        }
        Held::Follow(followed) => {
            let mut output = Output::default();
            followed.iter_mut().for_each(|one| follow(world, one, &mut output));
            let ended = followed.iter().all(|one| one.ended);
            (output, ended.then_some(0))
        }
    }
}

fn pod_of(world: &World, namespace: &str, name: &str) -> Option<Value> {
    let kind = kubernetes::kinds::find("v1", "Pod")?;
    world.cluster.server.get(kind, namespace, name).ok()
}

/// Prints the new lines of a log. It ends with its container.
fn follow(world: &World, one: &mut Followed, output: &mut Output) {
    if one.ended {
        return;
    }
    let pod = pod_of(world, &one.namespace, &one.pod);
    let pod = pod.filter(|pod| pod["metadata"].str("uid") == one.uid);
    let Some(pod) = pod else {
        one.ended = true;
        return;
    };
    let mut statuses = pod["status"].list("containerStatuses").iter();
    let status = statuses.find(|status| status.str("name") == one.container);
    let restarted = status.is_some_and(|status| status.int("restartCount") > one.restarts);
    let ended = restarted || status.is_some_and(|status| status["state"].has("terminated"));
    let kubelets = &world.cluster.kubelets;
    let lines = kubelets.log(&one.namespace, &one.pod, &one.container, restarted, world.now());
    let lines = lines.unwrap_or_default();
    for (at, line) in lines.iter().skip(one.seen) {
        let time = match one.timestamps {
            true => format!("{} ", log_time(*at)),
            false => String::new(),
        };
        output.out(format!("{}{time}{line}", one.prefix));
    }
    one.seen = lines.len().max(one.seen);
    one.ended = ended;
}
