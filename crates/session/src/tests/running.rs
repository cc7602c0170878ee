//! The cluster while it runs: the pages show what is in it now.

use super::driver::Driver;
use kubernetes::columns::POD;
use protocol::{Action, ActionKind, Choice, Request, Scope, TerminalRequest};

/// A scenario whose cluster runs since the start.
fn running(scenario: &str) -> Driver {
    let mut driver = Driver::open(scenario);
    driver.send(Request::SetRunning { on: true });
    driver
}

/// The pods as `kubectl get pods` lists them: name without the random part, READY and STATUS.
fn pods(driver: &Driver) -> Vec<String> {
    let live = driver.session.timeline.live().expect("a running cluster");
    let now = live.world.now().div_euclid(1000);
    let cell = |name: &str, pod: &kubernetes::object::Value| {
        (POD.iter().find(|column| column.name == name).expect("a column").cell)(pod, now)
    };
    let all = live.world.cluster.server.storage.list("", "Pod", "");
    let all = all
        .map(|(key, pod)| format!("{} {} {}", key.name, cell("READY", pod), cell("STATUS", pod)));
    all.collect()
}

fn health(driver: &Driver) -> (usize, usize, usize) {
    let reports = driver.session.timeline.world.reports();
    let mut counts = (0, 0, 0);
    for (_, report, _) in reports {
        match report {
            Some(report) if report.error.is_none() => counts.0 += 1,
            Some(_) => counts.1 += 1,
            None => counts.2 += 1,
        }
    }
    counts
}

#[test]
fn pods_start_and_targets_come_up() {
    for scenario in scenarios::SCENARIOS {
        // No world runs the Prometheus Operator yet.
        if scenario.file("operator.yaml").is_some() {
            continue;
        }
        let mut expected = Driver::open(scenario.name);
        expected.run(Request::Advance { millis: 300_000 });
        let mut driver = running(scenario.name);
        assert_eq!(health(&driver), (0, 0, 0), "{}", scenario.name);
        driver.run(Request::Advance { millis: 300_000 });
        assert_eq!(health(&driver), health(&expected), "{}", scenario.name);
    }
}

#[test]
fn a_killed_container_restarts() {
    let mut driver = running("giftcard");
    driver.run(Request::Advance { millis: 120_000 });
    let key = driver
        .session
        .timeline
        .world
        .processes()
        .find(|one| one.key.contains("/giftcard") || one.key.contains("/proxy"));
    let key = key.expect("a program").key.clone();
    let scope = Scope::Process(protocol::ProcessKey::parse(&key).expect("a key"));
    let choice = Choice { kind: ActionKind::RestartContainer, scope, duration: None };
    driver.send(Request::Act { action: Action::Start(choice) });
    driver.run(Request::Advance { millis: 60_000 });
    let live = driver.session.timeline.live().expect("a running cluster");
    let restarts: i64 = live
        .world
        .cluster
        .server
        .storage
        .list("", "Pod", "")
        .flat_map(|(_, pod)| pod["status"].list("containerStatuses"))
        .map(|status| status.int("restartCount"))
        .sum();
    assert_eq!(restarts, 1);
}

#[test]
fn going_back_replays_the_same_states() {
    let mut driver = running("giftcard");
    driver.run(Request::Advance { millis: 200_000 });
    let (before, hash) = (pods(&driver), driver.session.fingerprint());
    driver.run(Request::Seek { at: 50_000 });
    driver.run(Request::Seek { at: 200_000 });
    assert_eq!((before, hash), (pods(&driver), driver.session.fingerprint()));
}

/// The pods if the cluster runs, the samples, and the events so far.
fn state(driver: &Driver) -> (Vec<String>, u64, Vec<protocol::LoggedEvent>) {
    let runs = driver.session.timeline.live().is_some();
    let pods = if runs { pods(driver) } else { Vec::new() };
    (pods, driver.session.fingerprint(), driver.session.timeline.past_events().to_vec())
}

#[test]
fn a_step_back_from_a_snapshot_is_one_from_the_start() {
    for runs in [false, true] {
        let mut driver = Driver::open("giftcard");
        driver.send(Request::SetRunning { on: runs });
        driver.run(Request::Advance { millis: 300_000 });
        let fault = ActionKind::Fault(protocol::action::Fault::Status(500));
        let choice = Choice { duration: Some(900), ..Choice::from(fault) };
        driver.send(Request::Act { action: Action::Start(choice.clone()) });
        let traffic =
            Choice { duration: Some(600), ..Choice::from(ActionKind::Traffic { factor: 3.0 }) };
        driver.send(Request::Act { action: Action::Start(traffic) });
        driver.run(Request::Advance { millis: 400_000 });
        driver.send(Request::Act { action: Action::End(choice) });
        let line = "kubectl rollout restart deployment/proxy-deployment".to_owned();
        driver.send(Request::Terminal(TerminalRequest::Run { terminal: 1, line }));
        driver.run(Request::Advance { millis: 750_000 });
        assert_eq!(driver.session.timeline.snapshots(), [600_000, 1_200_000], "{runs}");
        for at in [1_234_567, 600_000, 650_500] {
            driver.run(Request::Seek { at });
            let quick = state(&driver);
            driver.session.timeline.forget_snapshots();
            driver.run(Request::Seek { at: 0 });
            driver.run(Request::Seek { at });
            assert_eq!(state(&driver), quick, "{runs} {at}");
        }
        driver.send(Request::Act {
            action: Action::Start(Choice::from(ActionKind::ReloadConfiguration)),
        });
        assert!(driver.session.timeline.snapshots().iter().all(|at| *at <= 650_500));
    }
}

#[test]
fn a_divided_run_is_an_undivided_one() {
    let mut whole = running("giftcard");
    whole.run(Request::Advance { millis: 40_000 });
    let mut divided = running("giftcard");
    for millis in [333, 1_001, 7, 20_000, 18_659] {
        divided.run(Request::Advance { millis });
    }
    assert_eq!(state(&divided), state(&whole));
}

/// Runs a command line on the cluster. Returns what it prints.
fn command(driver: &mut Driver, line: &str) -> String {
    let output = driver.session.timeline.with_cluster(|world| world.command(line));
    let output = output.expect("a running cluster");
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn the_api_of_the_server_answers_with_the_data_of_the_pages() {
    let mut driver = running("giftcard");
    driver.run(Request::Advance { millis: 120_000 });
    let up = health(&driver).0;
    let line = "kubectl exec deploy/prometheus-deployment -- wget -qO- 'localhost:9090/api/v1/query?query=sum(up)'";
    let text = command(&mut driver, line);
    assert!(text.contains(&format!("\"{up}\"]")), "{text}");
    let line =
        "kubectl exec deploy/prometheus-deployment -- wget -qO- localhost:9090/api/v1/targets";
    let text = command(&mut driver, line);
    assert_eq!(text.matches("\"health\":\"up\"").count(), up, "{text}");
}

#[test]
fn the_container_of_prometheus_has_the_files_of_its_database() {
    let mut driver = running("giftcard");
    driver.run(Request::Advance { millis: 4 * 3_600_000 });
    let mut run = |line: &str| {
        command(&mut driver, &format!("kubectl exec deploy/prometheus-deployment -- {line}"))
    };
    let names = run("ls /prometheus");
    let names: Vec<&str> = names.lines().collect();
    let [block, rest @ ..] = &names[..] else { panic!("{names:?}") };
    assert!(block.len() == 26 && block.starts_with("01"), "{names:?}");
    assert_eq!(rest, ["chunks_head", "lock", "queries.active", "wal"]);
    let all = run("ls -R /prometheus");
    let expected = format!(
        "/prometheus/{block}:\nchunks\nindex\nmeta.json\ntombstones\n\n/prometheus/{block}/chunks:\n\
         000001\n\n/prometheus/chunks_head:\n000001\n000002\n\n/prometheus/wal:\n00000000\n00000001\n"
    );
    assert!(all.ends_with(&expected), "{all}");
    let meta = run(&format!("cat /prometheus/{block}/meta.json"));
    let samples = meta.lines().find(|line| line.contains("numSamples"));
    let samples = samples.and_then(|line| line.trim_matches(['\t', ',', '"']).split("\": ").nth(1));
    assert!(
        samples.is_some_and(|number| number.parse::<u64>().is_ok_and(|one| one > 1000)),
        "{meta}"
    );
    assert_eq!(run("whoami"), "nobody\n");
    assert!(run("ps").contains("nobody    0:00 /bin/prometheus --"), "{}", run("ps"));
}

#[test]
fn commands_change_what_the_pages_show() {
    let mut driver = running("populare");
    driver.run(Request::Advance { millis: 120_000 });
    let before = pods(&driver).len();
    let target = driver
        .session
        .snapshot()
        .stored
        .state
        .cluster
        .workloads
        .iter()
        .find(|one| one.meta.name.value.contains("populare") && one.replicas.is_some())
        .map(|one| one.meta.name.value.to_string())
        .expect("a Deployment");
    let text = command(&mut driver, &format!("kubectl scale deployment/{target} --replicas=5"));
    assert!(text.contains("scaled"), "{text}");
    driver.run(Request::Advance { millis: 60_000 });
    assert!(pods(&driver).len() > before);
    // The Deployment still leads to its manifest.
    let state = driver.session.snapshot().stored.state.clone();
    let workload = state.cluster.workloads.iter().find(|one| *one.meta.name.value == *target);
    let workload = workload.expect("the Deployment");
    assert_eq!(workload.meta.origin, kubernetes::objects::ObjectOrigin::Written);
    assert_eq!(workload.replicas.as_ref().map(|one| one.value), Some(5));
    let own = state.replicas.values().filter(|(owner, _)| *owner.name == *target).count();
    assert_eq!(own, 5);
}

#[test]
fn an_edit_is_mounted_after_a_while_and_read_at_a_reload() {
    let mut driver = running("giftcard");
    driver.run(Request::Advance { millis: 120_000 });
    let file = driver.workspace.files.iter().find(|one| one.text.contains("scrape_interval"));
    let name = file.expect("the configuration").name.clone();
    let jobs = |driver: &Driver| {
        let table = driver.session.snapshot().stored.table.clone();
        table.pools.iter().map(|pool| pool.name.to_string()).collect::<Vec<_>>()
    };
    let before = jobs(&driver);
    let from = format!("job_name: {}", before.first().expect("a job"));
    let text = &driver.workspace.files.iter().find(|one| one.name == name).expect("it").text;
    let from = match text.contains(&from) {
        true => from,
        false => format!("job_name: '{}'", before[0]),
    };
    driver.edit(&name, &from, "job_name: renamed");
    assert_eq!(jobs(&driver), before);
    driver.run(Request::Advance { millis: 150_000 });
    let stages = &driver.last.clock.rollout;
    let stuck = stages.iter().find(|stage| stage.state == protocol::StageState::Stuck);
    assert_eq!(stuck.map(|stage| &*stage.name), Some("Reload"));
    assert_eq!(jobs(&driver), before, "nothing has reloaded it");
    let reload = Choice::from(ActionKind::ReloadConfiguration);
    driver.send(Request::Act { action: Action::Start(reload) });
    driver.run(Request::Advance { millis: 30_000 });
    assert!(jobs(&driver).contains(&"renamed".to_owned()), "{:?}", jobs(&driver));
}

#[test]
fn an_image_with_a_typo_keeps_the_old_pods() {
    let mut driver = running("giftcard");
    driver.run(Request::Advance { millis: 120_000 });
    let file = driver.workspace.files.iter().find(|one| one.text.contains("prom/prometheus:"));
    let name = file.expect("a Deployment").name.clone();
    driver.edit(&name, "prom/prometheus:", "prom/promtheus:");
    driver.run(Request::Advance { millis: 60_000 });
    let all = pods(&driver);
    assert!(all.iter().any(|one| one.contains("ImagePull")), "{all:?}");
    assert!(health(&driver).0 > 0, "the old server goes on");
    let reports = &driver.session.snapshot().stored.state.reports;
    let cause = reports.values().filter_map(|one| one.cause.as_ref()).next();
    assert!(cause.is_some());
}

#[test]
fn recreate_leaves_a_gap() {
    let mut driver = running("giftcard");
    driver.run(Request::Advance { millis: 120_000 });
    driver.edit("proxy.yaml", "replicas: 1", "replicas: 1\n  strategy: {type: Recreate}");
    driver.run(Request::Advance { millis: 10_000 });
    driver.edit("proxy.yaml", "proxy:v0", "proxy:v1");
    let mut least = usize::MAX;
    for _ in 0..60 {
        driver.run(Request::Advance { millis: 500 });
        let state = driver.session.snapshot().stored.state.clone();
        let slices = state.cluster.endpoint_slices.iter();
        let slices = slices.filter(|one| one.meta.name.value.starts_with("proxy-service"));
        let ready = slices.flat_map(|one| &one.endpoints).filter(|one| one.ready != Some(false));
        least = least.min(ready.count());
    }
    assert_eq!(least, 0);
}

/// Deletes the pod of the server in a terminal. Returns the numbers of samples before and after.
fn samples_after_deletion(scenario: &str, selector: &str) -> (u64, u64) {
    let mut driver = running(scenario);
    driver.run(Request::Advance { millis: 180_000 });
    let before = driver.session.timeline.store();
    let line = format!("kubectl delete pod -l {selector}");
    driver.send(Request::Terminal(TerminalRequest::Run { terminal: 1, line }));
    driver.run(Request::Advance { millis: 60_000 });
    assert!(health(&driver).0 > 0, "{:?}", pods(&driver));
    let after = driver.session.timeline.store();
    assert_eq!(after.limit, before.limit);
    (before.samples, after.samples)
}

#[test]
fn samples_on_a_claim_outlive_the_pod_and_others_do_not() {
    let (before, after) =
        samples_after_deletion("wiki-chart", "app.kubernetes.io/component=monitoring");
    assert!(before > 0 && after > before, "{before} {after}");
    let (before, after) = samples_after_deletion("populare", "app=prometheus");
    assert!(after < before, "{before} {after}");
}
