//! Faults and traffic in a running cluster: a scrape, a probe and a client see the same program.

use super::driver::Driver;
use protocol::action::{Fault, WorkloadChange};
use protocol::{Action, ActionKind, Choice, Request, Scope};
use simulation::world::Reach;

/// A scenario whose cluster has run for two minutes.
fn running(scenario: &str) -> Driver {
    let mut driver = Driver::open(scenario);
    driver.send(Request::SetRunning { on: true });
    driver.run(Request::Advance { millis: 120_000 });
    driver
}

/// Runs a command line on the cluster. Returns what it prints.
fn command(driver: &mut Driver, line: &str) -> String {
    let output = driver.session.timeline.with_cluster(|world| world.command(line));
    let output = output.expect("a running cluster");
    format!("{}{}", output.stdout, output.stderr)
}

/// Asks a URL in the container of Prometheus.
fn ask(driver: &mut Driver, url: &str) -> String {
    command(driver, &format!("kubectl exec deploy/prometheus-deployment -- wget -qO- {url}"))
}

/// The URL, the key of the process and the body of each target that answers.
fn targets(driver: &Driver) -> Vec<(String, String, String)> {
    let world = &driver.session.timeline.world;
    let targets = world.reports().filter_map(|(spec, ..)| {
        let Reach::Process { key, .. } = &spec.reach else { return None };
        let body = world.plain_body(&spec.job, &spec.labels)?;
        Some((spec.url.to_string(), key.to_string(), body))
    });
    targets.collect()
}

fn same_bodies(driver: &mut Driver, when: &str) {
    let targets = targets(driver);
    assert!(!targets.is_empty(), "{when}: {targets:?}");
    for (url, _, body) in targets {
        assert_eq!(ask(driver, &url), body, "{when}: {url}");
    }
}

/// Takes the first action of the menu of a kind, on the subject whose scope fits.
fn act(driver: &mut Driver, fits: impl Fn(&ActionKind) -> bool, subject: &str) -> Choice {
    let menu = crate::world::actions::possible(&driver.session.snapshot().stored.clone());
    let spec = menu.iter().find(|one| !one.prominent && fits(&one.kind)).expect("an action");
    let named = |scope: &Scope| match scope {
        Scope::Process(key) => key.to_string().contains(subject),
        Scope::Workload(workload) => workload.name.contains(subject),
        Scope::All => subject.is_empty(),
    };
    let found = spec.subjects.iter().find(|one| named(&one.scope));
    let scope = found.map_or(Scope::All, |one| one.scope.clone());
    let choice =
        Choice { kind: spec.kind.clone(), scope, duration: spec.durations.first().copied() };
    driver.send(Request::Act { action: Action::Start(choice.clone()) });
    choice
}

#[test]
fn a_client_sees_the_metrics_that_are_scraped() {
    let mut driver = running("giftcard");
    same_bodies(&mut driver, "at first");
    act(&mut driver, |kind| matches!(kind, ActionKind::Traffic { factor: 3.0 }), "");
    driver.run(Request::Advance { millis: 40_000 });
    same_bodies(&mut driver, "with more traffic");
    let (_, key, before) = targets(&driver).remove(0);
    act(&mut driver, |kind| matches!(kind, ActionKind::Use { times: 10, .. }), "proxy");
    driver.run(Request::Advance { millis: 1_000 });
    assert_ne!(targets(&driver).iter().find(|one| one.1 == key).map(|one| &one.2), Some(&before));
    same_bodies(&mut driver, "after requests");
    act(&mut driver, |kind| *kind == ActionKind::RestartContainer, "proxy");
    driver.run(Request::Advance { millis: 30_000 });
    same_bodies(&mut driver, "after a restart");
    let skew = Fault::ClockSkew { minutes: -5, in_samples: true };
    act(&mut driver, |kind| *kind == ActionKind::Fault(skew), "proxy");
    driver.run(Request::Advance { millis: 5_000 });
    same_bodies(&mut driver, "with another clock");
}

#[test]
fn a_fault_acts_on_the_requests_of_a_client() {
    let mut driver = running("giftcard");
    let key = |key: &str| key.contains("/proxy");
    let (url, ..) = targets(&driver).into_iter().find(|one| key(&one.1)).expect("a target");
    for (fault, expected) in [
        (Fault::Status(500), "500 Internal Server Error"),
        (Fault::Status(404), "404 Not Found"),
        (Fault::NetworkCut, "timed out"),
        (Fault::SlowerThanTimeout, "timed out"),
    ] {
        let choice = act(&mut driver, |kind| *kind == ActionKind::Fault(fault), "/proxy");
        let line = format!("kubectl exec deploy/prometheus-deployment -- wget -T 5 -qO- {url}");
        let answer = command(&mut driver, &line);
        assert!(answer.contains(expected), "{fault:?}: {answer}");
        driver.run(Request::Advance { millis: 30_000 });
        let report = |driver: &Driver| {
            let reports = driver.session.timeline.world.reports();
            let own = reports.filter(|(spec, ..)| *spec.url == *url);
            own.filter_map(|(_, report, _)| report?.error.clone()).collect::<String>()
        };
        assert!(!report(&driver).is_empty(), "{fault:?}");
        driver.send(Request::Act { action: Action::End(choice) });
        assert!(ask(&mut driver, &url).contains("# TYPE"), "{fault:?}");
    }
}

/// Pods of the running cluster whose names begin with a text: READY, STATUS and RESTARTS.
fn pods(driver: &mut Driver, start: &str) -> Vec<String> {
    let lines = command(driver, "kubectl get pods --no-headers");
    let own = lines.lines().filter(|line| line.starts_with(start));
    own.map(|line| line.split_whitespace().skip(1).take(3).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_crash_loop_is_that_of_the_kubelet() {
    let mut driver = running("giftcard");
    let crash = |kind: &ActionKind| *kind == ActionKind::Fault(Fault::CrashLoop);
    let choice = act(&mut driver, crash, "/proxy");
    driver.run(Request::Advance { millis: 60_000 });
    let seen = pods(&mut driver, "proxy").join(",");
    assert!(seen.contains("CrashLoopBackOff") || seen.contains("Error"), "{seen}");
    driver.send(Request::Act { action: Action::End(choice) });
    driver.run(Request::Advance { millis: 120_000 });
    assert!(pods(&mut driver, "proxy").join(",").contains("1/1 Running"));
    same_bodies(&mut driver, "after the crashes");
}

#[test]
fn readiness_fails_and_passes() {
    let mut driver = running("wiki-chart");
    let change =
        |change: WorkloadChange| move |kind: &ActionKind| *kind == ActionKind::Workload(change);
    act(&mut driver, change(WorkloadChange::FailReadiness), "fastapi");
    driver.run(Request::Advance { millis: 60_000 });
    let not_ready = |driver: &mut Driver| {
        let lines = command(driver, "kubectl get pods -A --no-headers");
        lines.lines().filter(|line| line.contains("fastapi") && line.contains(" 0/1 ")).count()
    };
    assert_eq!(not_ready(&mut driver), 1, "{}", command(&mut driver, "kubectl get pods -A"));
    act(&mut driver, change(WorkloadChange::PassReadiness), "fastapi");
    driver.run(Request::Advance { millis: 60_000 });
    assert_eq!(not_ready(&mut driver), 0);
}

#[test]
fn prometheus_is_scaled_to_zero_and_back() {
    let mut driver = running("giftcard");
    act(&mut driver, |kind| *kind == ActionKind::StopPrometheus, "");
    driver.run(Request::Advance { millis: 60_000 });
    assert_eq!(pods(&mut driver, "prometheus"), Vec::<String>::new());
    driver.run(Request::Advance { millis: 120_000 });
    assert_eq!(pods(&mut driver, "prometheus"), ["1/1 Running 0"]);
    let all = driver.session.fingerprint();
    driver.run(Request::Seek { at: 200_000 });
    driver.run(Request::Seek { at: 300_000 });
    assert_eq!(driver.session.fingerprint(), all);
}
