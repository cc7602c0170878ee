//! Simulated time as the page drives it: long ways in slices, events, and edits on their way.

use super::driver::Driver;
use protocol::pages::targets;
use protocol::{PageQuery, Request, StageState, UNTIL_ENDED, View};

/// The scope that stands for all.
const ALL: &str = "*";

/// An action as text.
fn write(id: &str, subject: Option<&str>, seconds: Option<u32>) -> String {
    let seconds = seconds.map(|seconds| seconds.to_string());
    let parts = [id].into_iter().chain(subject).chain(seconds.as_deref());
    parts.collect::<Vec<_>>().join(" @ ")
}

impl Driver {
    fn table(&mut self) -> targets::View {
        match self.watch(PageQuery::Targets(targets::Query::default())) {
            View::Targets(view) => view,
            other => panic!("{other:?}"),
        }
    }

    /// The URLs that are scraped, with their errors.
    fn scraped(&self) -> Vec<String> {
        let reports = self.session.timeline.world.reports();
        reports
            .map(|(spec, report, _)| {
                let error = report.and_then(|report| report.error.clone());
                format!("{} {}", spec.url, error.unwrap_or_default()).trim_end().to_owned()
            })
            .collect()
    }

    /// The last value of a series of one metric.
    fn value(&self, metric: &str) -> Option<f64> {
        let storage = &self.session.timeline.world.storage;
        let series = storage.iter().find(|series| series.labels().metric_name() == metric)?;
        match series.last_value()? {
            promql::SampleValue::Float(value) => Some(value),
            promql::SampleValue::Histogram(_) => None,
        }
    }
}

#[test]
fn a_long_way_is_gone_in_slices_that_can_be_given_up() {
    let mut driver = Driver::open("populare");
    driver.send(Request::Advance { millis: 24 * 3_600_000 });
    assert_eq!(driver.last.clock.goal, Some(24 * 3_600_000));
    let first = driver.last.clock.now;
    assert!(first > 0 && first < 24 * 3_600_000);
    // Something else is answered in between.
    driver.table();
    driver.send(Request::Continue { show: false });
    assert!(driver.last.clock.now > first && driver.last.view.is_none());
    driver.send(Request::Continue { show: true });
    assert!(driver.last.view.is_some());
    driver.send(Request::Stop);
    assert_eq!(driver.last.clock.goal, None);
    let stopped = driver.last.clock.now;
    driver.send(Request::Continue { show: false });
    assert_eq!(driver.last.clock.now, stopped);
    assert!(driver.last.clock.store.samples > 100_000);
    assert!(driver.last.clock.store.bytes < driver.last.clock.store.limit);
}

#[test]
fn slices_make_no_difference() {
    let mut whole = Driver::open("populare");
    let mut parts = Driver::open("populare");
    whole.advance(7_200_000);
    for _ in 0..720 {
        parts.advance(10_000);
    }
    assert_eq!(whole.session.fingerprint(), parts.session.fingerprint());
}

#[test]
fn back_and_forward_again_loses_nothing() {
    let mut driver = Driver::open("giftcard");
    driver.advance(60_000);
    driver.act(write("traffic 3", None, Some(60)));
    driver.advance(30_000);
    let restart = driver.last.actions.clone();
    assert!(restart.is_none(), "actions come with the text");
    driver.act(write("cut", Some(ALL), Some(0)));
    driver.advance(60_000);
    driver.act(format!("end {}", write("cut", Some(ALL), Some(0))));
    driver.advance(150_000);
    let (there, events) = (driver.session.fingerprint(), driver.log.events.clone());
    driver.run(Request::Seek { at: 45_000 });
    assert_eq!(driver.last.clock.now, 45_000);
    driver.run(Request::Seek { at: 300_000 });
    assert_eq!(driver.session.fingerprint(), there);
    assert_eq!(driver.log.events, events);
    // A new worker replays the same events.
    let mut again = Driver::open("giftcard");
    let workspace = again.workspace.clone();
    again.run(Request::Open { workspace, revision: 1, log: driver.log.clone() });
    assert_eq!(again.session.fingerprint(), there);
}

#[test]
fn a_fault_has_its_band_and_its_consequence_and_can_be_ended() {
    let mut driver = Driver::open("giftcard");
    driver.advance(30_000);
    let down = write("status-500", Some(ALL), Some(0));
    driver.act(down.clone());
    assert_eq!(driver.log.events[0].until, Some(UNTIL_ENDED));
    driver.advance(30_000);
    let all = driver.scraped();
    assert!(all[0].ends_with("server returned HTTP status 500 Internal Server Error"), "{all:?}");
    assert_eq!(driver.value("up"), Some(0.0));
    let row = driver.table().pools[0].targets[0].clone();
    assert_eq!(row.reasons[0].text, "Going on now: HTTP 500 Internal Server Error");
    driver.act(format!("end {down}"));
    assert_eq!(driver.log.events[0].until, Some(60_000));
    driver.advance(30_000);
    assert_eq!(driver.scraped(), ["http://proxy-service:8080/metrics"]);
    driver.act("cut @ a/other/web:80 @ 30");
    assert_eq!(driver.log.events.len(), 2);
}

#[test]
fn samples_that_are_refused_are_told_of_though_the_target_is_up() {
    let mut driver = Driver::open("giftcard");
    driver.advance(60_000);
    driver.act(write("clock-behind", Some(ALL), Some(0)));
    driver.advance(30_000);
    let row = driver.table().pools[0].targets[0].clone();
    assert_eq!((row.state, row.error), (targets::State::Up, None));
    let text =
        "In the log: Error on ingesting samples that are too old or are too far into the future";
    assert!(row.reasons[0].text.starts_with(text), "{:?}", row.reasons);
}

#[test]
fn rules_rest_while_prometheus_is_down() {
    let mut driver = Driver::open("giftcard");
    driver.act(write("down", None, Some(120)));
    driver.advance(100_000);
    assert_eq!(driver.session.timeline.store().samples, 0);
    driver.advance(60_000);
    assert!(driver.session.timeline.store().samples > 0);
}

/// The server's container by the choice of some fault.
fn of_server(driver: &Driver, id: &str, seconds: u32) -> String {
    let own = driver.session.timeline.world.server().expect("it runs in a pod");
    write(id, Some(own), Some(seconds))
}

#[test]
fn a_server_that_crashes_scrapes_nothing_and_one_that_is_cut_off_reaches_only_itself() {
    let mut driver = Driver::open("wiki-chart");
    driver.advance(60_000);
    let all = driver.scraped().len();
    assert!(all > 1 && driver.scraped().iter().all(|line| !line.contains(' ')));
    let before = driver.session.timeline.store().samples;
    driver.act(of_server(&driver, "crash", 60));
    // The kubelet starts it after 10, 30 and 70 s.
    driver.advance(69_000);
    assert_eq!(driver.session.timeline.store().samples, before);
    driver.advance(60_000);
    assert!(driver.session.timeline.store().samples > before);
    driver.act(of_server(&driver, "cut", 0));
    driver.advance(60_000);
    let failed = driver.scraped().iter().filter(|line| line.contains("deadline exceeded")).count();
    let own = driver.scraped().iter().filter(|line| line.contains(":9090")).count();
    assert_eq!((failed, own), (all - own, 1), "{:?}", driver.scraped());
    // If all programs crash, the server itself keeps running.
    let mut driver = Driver::open("wiki-chart");
    driver.act(write("crash", Some(ALL), Some(600)));
    driver.advance(60_000);
    let refused = driver.scraped().iter().filter(|line| line.contains("refused")).count();
    assert_eq!(refused, all - own, "{:?}", driver.scraped());
    let mut driver = Driver::open("wiki-chart");
    driver.act(write("cut", Some(ALL), Some(600)));
    driver.advance(60_000);
    let cut = driver.scraped().iter().filter(|line| line.contains("deadline")).count();
    assert_eq!(cut, all - own, "{:?}", driver.scraped());
}

#[test]
fn a_server_without_a_pod_scrapes_nothing_and_its_next_pod_has_what_lies_on_a_volume() {
    for (scenario, kept) in [("giftcard", false), ("populare", false), ("wiki-chart", true)] {
        let mut driver = Driver::open(scenario);
        driver.advance(60_000);
        let before = driver.session.timeline.store().samples;
        let owner = driver.session.analysis.instances[0].owner.to_string();
        driver.act(write("scale-zero", Some(&owner), None));
        driver.advance(60_000);
        assert_eq!(driver.session.timeline.store().samples, before, "{scenario}");
        assert_eq!(driver.scraped(), [""; 0]);
        let stopped = driver.session.analysis.server.stopped.clone().expect("it does not run");
        assert!(stopped.message.contains("has no pod"), "{stopped:?}");
        driver.act(write("scale-up", Some(&owner), None));
        driver.advance(1_000);
        let samples = driver.session.timeline.store().samples;
        assert_eq!(samples >= before, kept, "{scenario}: {samples} of {before}");
        driver.advance(60_000);
        assert!(driver.session.timeline.store().samples > samples, "{scenario}");
    }
}

#[test]
fn a_scrape_that_is_due_when_an_edit_brings_its_target_is_made() {
    let mut driver = Driver::open("giftcard");
    // Every target of so short an interval is due at once.
    driver.edit("prometheus.yaml", "scrape_interval: 15s", "scrape_interval: 1ms");
    assert!(driver.table().pools[0].targets[0].last_scrape.is_some());
}

/// The kubelet updates the file while no server runs; the server that starts then reads it.
#[test]
fn a_server_that_was_down_reads_what_was_mounted_meanwhile() {
    for end in [false, true] {
        let mut driver = Driver::open("giftcard");
        driver.send(Request::SetDelays { on: true });
        driver.advance(60_000);
        let down = write("down", None, Some(if end { 0 } else { 200 }));
        driver.act(down.clone());
        driver.edit("prometheus.yaml", "job_name: 'proxy-job'", "job_name: 'other'");
        driver.advance(150_000);
        assert_eq!(driver.stage("File").state, StageState::Done);
        assert_ne!(driver.stage("Reload").state, StageState::Done, "no server reads it");
        if end {
            driver.act(format!("end {down}"));
        }
        driver.advance(80_000);
        let reports = driver.session.timeline.world.reports();
        let jobs: Vec<&str> = reports.map(|(spec, ..)| &*spec.job).collect();
        assert_eq!(jobs, ["other"], "ended by hand: {end}");
    }
}

#[test]
fn a_server_that_begins_anew_has_what_lies_on_a_volume() {
    // In the container, in an emptyDir, on a claim.
    for (scenario, kept) in
        [("giftcard", [false, false]), ("populare", [true, false]), ("wiki-chart", [true, true])]
    {
        for (id, kept) in ["restart", "delete"].into_iter().zip(kept) {
            let mut driver = Driver::open(scenario);
            driver.advance(300_000);
            let samples = driver.session.timeline.store().samples;
            let possible = crate::world::actions::possible(&driver.session.analysis);
            let one = possible.iter().find(|one| one.id() == id && !one.prominent).unwrap();
            let mut subjects = one.subjects.iter();
            let server = subjects.find(|one| one.id().contains("prometheus")).unwrap().id();
            driver.act(write(id, Some(&server), None));
            let left = driver.session.timeline.store().samples;
            assert_eq!(left == samples, kept, "{scenario} {id}: {left} of {samples}");
            assert!(kept || left == 0, "{scenario} {id}: {left} of {samples}");
            assert!(driver.session.timeline.world.is_down(driver.session.timeline.world.now()));
            driver.advance(60_000);
            assert!(driver.session.timeline.store().samples > left);
        }
    }
}

#[test]
fn a_rollout_brings_new_pods_one_by_one() {
    let mut driver = Driver::open("giftcard");
    let subjects = |driver: &Driver| -> Vec<String> {
        let possible = crate::world::actions::possible(&driver.session.analysis);
        let found = possible.iter().find(|one| one.id() == "scale-up").unwrap();
        found.subjects.iter().map(|subject| subject.id()).collect()
    };
    let workload = subjects(&driver).into_iter().find(|id| id.contains("proxy")).unwrap();
    driver.act(format!("scale-up @ {workload}"));
    let pods = |driver: &Driver| -> Vec<String> {
        let pods = driver.session.analysis.state.cluster.pods.iter();
        let names = pods.map(|pod| pod.meta.name.value.to_string());
        names.filter(|name| name.contains("proxy")).collect()
    };
    let before = pods(&driver);
    driver.act(format!("roll @ {workload}"));
    driver.advance(1_000);
    let half = pods(&driver);
    driver.advance(10_000);
    let after = pods(&driver);
    let kept = |now: &[String]| before.iter().filter(|name| now.contains(name)).count();
    assert_eq!(before.len(), after.len());
    assert_eq!((kept(&half), kept(&after)), (before.len() - 1, 0), "{before:?} {half:?} {after:?}");
}

/// A scenario whose server is not reloaded automatically.
fn delayed() -> Driver {
    let mut driver = Driver::open("giftcard");
    driver.send(Request::SetDelays { on: true });
    driver.advance(120_000);
    driver
}

#[test]
fn an_edit_takes_its_way_to_the_running_server() {
    let mut driver = delayed();
    driver.edit("prometheus.yaml", "'/metrics'", "/stats");
    // The prediction is there at once, what runs is not.
    assert_eq!(driver.table().pools[0].targets[0].url, "http://proxy-service:8080/stats");
    assert_eq!(driver.scraped(), ["http://proxy-service:8080/metrics"]);
    let due = driver.stage("File").due.unwrap();
    assert!((120_000..=210_000).contains(&due), "{due}");
    assert_eq!(driver.stage("File").state, StageState::Now);
    driver.advance(due - 120_000);
    assert_eq!(driver.stage("File").state, StageState::Done);
    assert_eq!(driver.stage("Reload").state, StageState::Stuck);
    driver.advance(600_000);
    assert_eq!(driver.scraped(), ["http://proxy-service:8080/metrics"], "it is not reloaded");
    driver.act("reload");
    assert_eq!(driver.stage("Discovery").state, StageState::Now);
    driver.advance(5_200);
    assert_eq!(driver.scraped()[0], "http://proxy-service:8080/stats");
    driver.advance(15_000);
    assert!(driver.scraped()[0].ends_with("404 Not Found"), "{:?}", driver.scraped());
    driver.advance(30_000);
    assert!(driver.last.clock.rollout.is_empty(), "{:?}", driver.last.clock.rollout);
    assert!(driver.log.events[0].until.is_some_and(|until| until != UNTIL_ENDED));
}

#[test]
fn going_back_before_an_edit_shows_what_ran_then() {
    let mut driver = delayed();
    driver.edit("prometheus.yaml", "'/metrics'", "/stats");
    driver.act("skip");
    driver.advance(60_000);
    let there = driver.session.fingerprint();
    assert!(driver.scraped()[0].ends_with("404 Not Found"));
    driver.run(Request::Seek { at: 100_000 });
    assert_eq!(driver.scraped(), ["http://proxy-service:8080/metrics"]);
    assert_eq!(driver.table().pools[0].targets[0].url, "http://proxy-service:8080/metrics");
    driver.run(Request::Seek { at: 180_000 });
    assert_eq!(driver.table().pools[0].targets[0].url, "http://proxy-service:8080/stats");
    assert_eq!(driver.session.fingerprint(), there);
    // Without delays, the current text also applies to the past.
    driver.send(Request::SetDelays { on: false });
    driver.run(Request::Seek { at: 60_000 });
    assert!(driver.scraped()[0].ends_with("404 Not Found"));
}

#[test]
fn a_reload_of_a_file_that_is_refused_leaves_the_old_one_in_force() {
    let mut driver = Driver::open("wiki-chart");
    driver.send(Request::SetDelays { on: true });
    driver.advance(60_000);
    let before = driver.scraped();
    driver.edit("prometheus-configmap.yaml", "scrape_interval", "scrape_intervall");
    driver.advance(90_000);
    driver.act("reload");
    assert_eq!(driver.stage("Reload").state, StageState::Stuck);
    assert!(driver.stage("Reload").text.contains("refused"), "{:?}", driver.stage("Reload"));
    driver.advance(60_000);
    assert_eq!(driver.scraped(), before);
    assert_eq!(driver.value("prometheus_config_last_reload_successful"), Some(0.0));
    driver.edit("prometheus-configmap.yaml", "scrape_intervall", "scrape_interval");
    driver.advance(60_000);
    assert_eq!(driver.scraped(), before);
}

#[test]
fn a_deployment_that_is_edited_gets_its_pods_after_a_while() {
    let mut driver = delayed();
    driver.edit("proxy.yaml", "containerPort: 8080", "containerPort: 8081");
    assert_eq!(driver.stage("Pods").state, StageState::Now);
    assert_eq!(driver.scraped(), ["http://proxy-service:8080/metrics"]);
    let keys = |driver: &Driver| -> Vec<String> {
        let processes = driver.session.timeline.world.processes();
        processes.map(|process| process.key.to_string()).collect()
    };
    let before = keys(&driver);
    driver.advance(4_000);
    assert_eq!(keys(&driver), before);
    driver.advance(4_000);
    assert_ne!(keys(&driver), before);
}

#[test]
fn edits_are_in_force_at_once_unless_somebody_wants_to_wait() {
    let mut driver = Driver::open("giftcard");
    driver.advance(120_000);
    driver.edit("prometheus.yaml", "'/metrics'", "/stats");
    assert!(driver.last.clock.rollout.is_empty());
    assert_eq!(driver.scraped(), ["http://proxy-service:8080/stats"]);
    assert!(driver.log.events.is_empty());
}
