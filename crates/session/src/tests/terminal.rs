//! Terminals, driven as the page does.

use super::Driver;
use protocol::{LinkTarget, Opened, Reply, Request, TerminalRequest, TerminalUpdate};

/// A terminal as the page keeps it.
#[derive(Default)]
struct Screen {
    text: String,
    running: bool,
    exit: i32,
    updates: Vec<TerminalUpdate>,
}

impl Screen {
    fn take(&mut self, driver: &Driver, terminal: u32) {
        let own = driver.last.terminals.iter().filter(|update| update.terminal == terminal);
        for update in own {
            if update.clear {
                self.text.clear();
            }
            update.output.iter().for_each(|piece| self.text.push_str(&piece.text));
            (self.running, self.exit) = (update.running, update.exit);
            self.updates.push(update.clone());
        }
    }
}

/// Opens a scenario whose cluster has run for a minute.
fn opened(scenario: &str) -> Driver {
    let mut driver = Driver::open(scenario);
    driver.run(Request::SetRunning { on: true });
    driver.advance(60_000);
    driver
}

fn terminal(driver: &mut Driver, request: TerminalRequest) {
    driver.send(Request::Terminal(request));
}

/// Runs a line in terminal 1 and lets time pass until it ends, at most a number of seconds.
fn run(driver: &mut Driver, line: &str, seconds: u64) -> Screen {
    let mut screen = Screen::default();
    terminal(driver, TerminalRequest::Run { terminal: 1, line: line.to_owned() });
    screen.take(driver, 1);
    for _ in 0..seconds {
        if !screen.running {
            break;
        }
        driver.advance(1_000);
        screen.take(driver, 1);
    }
    screen
}

#[test]
fn a_command_prints_and_ends() {
    let mut driver = opened("populare");
    let screen = run(&mut driver, "kubectl get pods -o name | head -n 1; echo $?", 1);
    assert!(screen.text.starts_with("pod/") && screen.text.ends_with("\n0\n"), "{}", screen.text);
    assert!(!screen.running);
    let screen = run(&mut driver, "kubectl get pods nope", 1);
    assert_eq!(screen.text, "Error from server (NotFound): pods \"nope\" not found\n");
    assert_eq!(screen.exit, 1);
    // Output of one request is sent once.
    driver.advance(1_000);
    assert_eq!(driver.last.terminals, []);
}

#[test]
fn a_command_that_waits_goes_on_with_the_clock() {
    let mut driver = opened("populare");
    let screen = run(&mut driver, "sleep 3 && echo awake", 10);
    assert_eq!((screen.text.as_str(), screen.running, screen.updates.len()), ("awake\n", false, 2));
    let line = "kubectl delete pod -l app=mail --wait=false; kubectl get pods -w";
    let mut screen = run(&mut driver, line, 20);
    assert!(screen.running && screen.text.contains("ContainerCreating"), "{}", screen.text);
    terminal(&mut driver, TerminalRequest::Interrupt { terminal: 1 });
    screen.take(&driver, 1);
    assert!(!screen.running && screen.text.ends_with("^C\n"), "{}", screen.text);
    assert_eq!(screen.exit, 130);
}

#[test]
fn one_terminal_forwards_a_port_for_another_one() {
    let mut driver = opened("populare");
    let forward = run(&mut driver, "kubectl port-forward svc/prometheus 9090", 1);
    assert!(forward.running && forward.text.contains("Forwarding from 127.0.0.1:9090"));
    let line = "curl -s localhost:9090/-/healthy".to_owned();
    terminal(&mut driver, TerminalRequest::Run { terminal: 2, line });
    let mut other = Screen::default();
    other.take(&driver, 2);
    assert_eq!(other.text, "Prometheus Server is Healthy.\n");
    let mut forward = Screen::default();
    forward.take(&driver, 1);
    assert_eq!(forward.text, "Handling connection for 9090\n");
    terminal(&mut driver, TerminalRequest::Close { terminal: 1 });
    let line = "curl -s localhost:9090/-/healthy; echo $?".to_owned();
    terminal(&mut driver, TerminalRequest::Run { terminal: 2, line });
    other.take(&driver, 2);
    assert!(other.text.ends_with("\n7\n"), "{}", other.text);
}

#[test]
fn files_are_written_to_the_workspace_and_scripts_run() {
    let mut driver = opened("populare");
    let screen = run(&mut driver, "echo 'echo script $1' > run.sh; echo x > /tmp/y", 1);
    let files = &screen.updates[0].files;
    assert_eq!(files.len(), 1);
    assert_eq!((&*files[0].name, &*files[0].text), ("run.sh", "echo script $1\n"));
    // A written file is sent once, and can be used before the page has sent it back.
    let screen = run(&mut driver, "./run.sh a && cat /tmp/y", 1);
    assert_eq!(screen.text, "script a\nx\n");
    assert!(screen.updates.iter().all(|update| update.files.is_empty()));
}

#[test]
fn names_lead_to_manifests_and_edit_opens_them() {
    let mut driver = opened("populare");
    let screen = run(&mut driver, "kubectl get services -o name", 1);
    let piece = &screen.updates[0].output[0];
    let link = piece
        .links
        .iter()
        .find(|link| &piece.text[link.start as usize..link.end as usize] == "service/prometheus");
    let Some(LinkTarget::Manifest { object, at }) = link.map(|link| &link.target) else {
        panic!("{piece:?}")
    };
    assert_eq!(object.kind, "Service");
    let screen = run(&mut driver, "kubectl edit svc prometheus", 1);
    assert_eq!(screen.updates[0].opens, Some(Opened::Manifest(*at)));
    let screen = run(&mut driver, "kubectl edit $(kubectl get pods -o name | head -n 1)", 1);
    let Some(Opened::NewFile(file)) = &screen.updates[0].opens else { panic!("{}", screen.text) };
    assert!(
        file.text.contains("kind: Pod") && !file.text.contains("resourceVersion:"),
        "{}",
        file.text
    );
}

#[test]
fn the_screen_is_cleared_and_output_is_limited() {
    let mut driver = opened("populare");
    let screen = run(&mut driver, "echo gone; clear; echo left", 1);
    assert_eq!(screen.text, "left\n");
    let screen = run(&mut driver, "while true; do echo x; done", 1);
    assert!(!screen.running && screen.text.contains("more than 10000 commands"));
    let line = "while true; do kubectl get pods -A; done".to_owned();
    terminal(&mut driver, TerminalRequest::Run { terminal: 1, line });
    driver.advance(1_000);
    let length: usize = driver.last.terminals[0].output.iter().map(|piece| piece.text.len()).sum();
    assert!(length < 600 << 10, "{length}");
    terminal(&mut driver, TerminalRequest::Interrupt { terminal: 1 });
}

#[test]
fn lines_are_completed_from_the_cluster() {
    let mut driver = opened("populare");
    let line = "kubectl describe svc prometheu".to_owned();
    let offset = line.len() as u32;
    let reply = driver.send(Request::CompleteLine { terminal: 1, line, offset });
    let Reply::LineCompletions(found) = reply else { panic!("{reply:?}") };
    let labels: Vec<&str> =
        found.completions.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!((labels, found.completions.span.start), (vec!["prometheus"], 21));
}

#[test]
fn explain_has_the_descriptions_of_fields() {
    let mut driver = opened("populare");
    let screen = run(&mut driver, "kubectl explain pod.spec.nodeName", 1);
    assert!(screen.text.contains("FIELD: nodeName <string>"), "{}", screen.text);
    assert!(screen.text.contains("NodeName indicates"), "{}", screen.text);
}

#[test]
fn the_command_of_each_page_runs() {
    use protocol::{Page, PageQuery};
    for (page, text) in [
        (Page::Cluster, "service/prometheus"),
        (Page::Config, "scrape_configs:"),
        (Page::Discovery, "\"droppedTargets\""),
        (Page::Targets, "\"activeTargets\""),
        (Page::Metrics, "# TYPE"),
        (Page::Query, "\"resultType\""),
        (Page::Rules, "\"groups\""),
    ] {
        let mut driver = opened("populare");
        driver.watch(PageQuery::of(page));
        let summary = driver.session.summary();
        let command = summary.command.unwrap_or_else(|| panic!("{page:?} has no command"));
        let screen = run(&mut driver, &command, 1);
        assert!(screen.exit == 0 && screen.text.contains(text), "{command}\n{}", screen.text);
    }
}

#[test]
fn without_a_running_cluster_no_command_runs() {
    let mut driver = Driver::open("populare");
    let screen = run(&mut driver, "kubectl get pods", 1);
    assert_eq!((&*screen.text, screen.running), ("terminal: the cluster does not run\n", false));
}

#[test]
fn what_a_command_changes_is_on_the_pages() {
    use protocol::{Page, PageQuery, View};
    let mut driver = opened("populare");
    let pods = |driver: &mut Driver| {
        let View::Cluster(view) = driver.watch(PageQuery::of(Page::Cluster)) else { panic!() };
        let names = view.graph.nodes.iter().filter(|node| node.kind == "Pod");
        names.filter(|node| node.name.starts_with("mail-")).count()
    };
    assert_eq!(pods(&mut driver), 1);
    run(&mut driver, "kubectl scale deployment/mail --replicas=3", 1);
    driver.advance(20_000);
    assert_eq!(pods(&mut driver), 3);
}

#[test]
fn commands_are_repeated_after_a_step_back() {
    let mut driver = opened("populare");
    let scaled = run(&mut driver, "kubectl scale deployment/search --replicas=3", 2);
    assert!(scaled.text.contains("scaled"), "{}", scaled.text);
    driver.advance(30_000);
    let names = |driver: &mut Driver| run(driver, "kubectl get pods -l app=search -o name", 1).text;
    let before = names(&mut driver);
    assert_eq!(before.lines().count(), 3, "{before}");
    let now = driver.last.clock.now;
    driver.run(Request::Seek { at: 30_000 });
    driver.run(Request::Seek { at: now });
    // What was shown once is not shown again.
    assert!(driver.last.terminals.iter().all(|update| update.output.is_empty()));
    // A command after a step back drops what came later.
    assert_eq!(names(&mut driver), before);
    driver.run(Request::Seek { at: 30_000 });
    assert_eq!(names(&mut driver).lines().count(), 1);
    driver.run(Request::Seek { at: now });
    assert_eq!(names(&mut driver).lines().count(), 1);
}

#[test]
fn a_new_worker_repeats_commands() {
    let mut driver = opened("populare");
    run(&mut driver, "kubectl scale deployment/search --replicas=2", 2);
    driver.advance(30_000);
    let log = protocol::EventLog { running: true, ..driver.log.clone() };
    let json = serde_json::to_string(&log).expect("it is written");
    let log: protocol::EventLog = serde_json::from_str(&json).expect("it is read");
    let mut other = Driver::with_log(driver.workspace.clone(), log);
    let pods = run(&mut other, "kubectl get pods -l app=search -o name", 1).text;
    assert_eq!(pods.lines().count(), 2, "{pods}");
}

/// The marks of fields that the cluster has with another value.
fn marks(driver: &Driver) -> Vec<String> {
    let snapshot = driver.session.snapshot();
    let all = snapshot.sources.iter().flat_map(|source| snapshot.diagnostics_of(source.id));
    let marks = all.filter(|found| found.code == "cluster-differs");
    marks.map(|found| found.message.clone()).collect()
}

#[test]
fn a_file_at_odds_with_the_cluster_is_marked() {
    for scenario in scenarios::SCENARIOS {
        let driver = opened(scenario.name);
        assert_eq!(marks(&driver), [] as [&str; 0], "{}", scenario.name);
    }
    let mut driver = opened("populare");
    run(&mut driver, "kubectl scale deployment/prometheus --replicas=3", 1);
    assert_eq!(marks(&driver), ["The running cluster has 3 replicas, the file says 1"]);
    let update = driver.last.annotations.iter().find(|file| !file.diagnostics.is_empty());
    assert!(update.is_some_and(|file| {
        file.diagnostics
            .iter()
            .any(|found| found.code == "cluster-differs" && found.fixes[0].edits[0].text == "3")
    }));
    run(&mut driver, "kubectl set image deploy/prometheus '*=prom/prometheus:v3.0.0'", 1);
    assert_eq!(marks(&driver).len(), 2);
    run(&mut driver, "kubectl apply -f prometheus.yaml", 1);
    assert_eq!(marks(&driver), [] as [&str; 0]);
    run(&mut driver, "kubectl delete service prometheus", 1);
    assert_eq!(marks(&driver), ["The running cluster has no Service prometheus"]);
}

#[test]
fn a_fresh_cluster_and_refusals_have_a_way_on() {
    let mut driver = Driver::open("populare");
    driver.run(Request::SetRunning { on: true });
    let hint = |screen: &Screen| {
        let pieces = screen.updates.iter().flat_map(|update| &update.output);
        pieces.filter(|piece| piece.note).map(|piece| piece.text.clone()).collect::<Vec<_>>()
    };
    let screen = run(&mut driver, "kubectl get pods", 1);
    let expected =
        "The cluster has just been made: its pods start as simulated time passes. Let 30 s pass\n";
    assert_eq!(hint(&screen), [expected], "{}", screen.text);
    driver.advance(60_000);
    let screen = run(&mut driver, "kubectl get pods", 1);
    assert_eq!(hint(&screen), [] as [&str; 0], "{}", screen.text);
    let screen = run(&mut driver, "kubectl top pods", 1);
    let expected =
        "kubectl top needs the metrics server, an add-on: minikube addons enable metrics-server\n";
    assert_eq!(hint(&screen), [expected]);
    let screen = run(&mut driver, "curl -s http://localhost:9090/metrics -S", 1);
    let expected = "Nothing on this machine listens there. In another terminal: kubectl port-forward svc/prometheus 9090\n";
    assert_eq!(hint(&screen), [expected], "{}", screen.text);
    let screen = run(&mut driver, "echo -e '\\033[0;32mgreen\\033[0m'", 1);
    assert_eq!(screen.text, "green\n");
}
