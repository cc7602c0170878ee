//! Workload files and pasted bodies, as the page sends them.

use super::driver::Driver;
use protocol::{Reply, Request};
use text::FileId;

const WEB: FileId = FileId(90);
const OTHER: FileId = FileId(91);

impl Driver {
    /// Writes a file, and lets a minute pass.
    fn write_and_wait(&mut self, id: FileId, name: &str, text: &str) {
        self.write(id, name, text);
        self.send(Request::Advance { millis: 60_000 });
    }

    /// `code "text"` of every finding about a file.
    fn found(&self, id: FileId) -> Vec<String> {
        let source = self.session.snapshot().sources.get(id).unwrap();
        self.session
            .snapshot()
            .diagnostics_of(id)
            .map(|one| format!("{} {:?}", one.code, one.location.span.slice(&source.text)))
            .collect()
    }

    /// The last values of the series with this name, by the target's instance.
    fn series(&self, name: &str) -> Vec<f64> {
        let storage = &self.session.timeline.world.storage;
        let named = storage.iter().filter(|series| series.labels().metric_name() == name);
        named
            .filter_map(|series| match series.last_value()? {
                promql::SampleValue::Float(value) => Some(value),
                promql::SampleValue::Histogram(histogram) => Some(histogram.count),
            })
            .collect()
    }
}

#[test]
fn a_workload_file_says_what_a_container_exposes() {
    let mut driver = Driver::open("giftcard");
    driver.send(Request::Advance { millis: 60_000 });
    assert_eq!(driver.series("giftcards_bought_total").len(), 1);
    driver.write_and_wait(
        WEB,
        "workloads/proxy.yaml",
        "matches: [{ image: giftcard/proxy, port: 8080 }]\n\
         streams: { orders: { steady: { rate: 2 } } }\n\
         actions: [{ name: order, title: Order a cake, stream: orders }]\n\
         families:\n- { name: orders, type: counter, help: Orders., of: orders }\n",
    );
    assert_eq!(driver.found(WEB), [""; 0]);
    let orders = driver.series("orders_total");
    assert_eq!(orders.len(), 1);
    assert!(orders[0] > 50.0, "{orders:?}");
    // The metrics of the previous workload are stale.
    assert!(driver.series("giftcards_bought_total")[0].is_nan());
    let menu = crate::world::actions::possible(&driver.session.analysis);
    let labels: Vec<&str> = menu.iter().map(|one| &*one.label).collect();
    assert!(labels.contains(&"Order a cake"), "{labels:?}");
    driver.remove(WEB);
    driver.send(Request::Advance { millis: 60_000 });
    assert!(!driver.series("giftcards_bought_total")[0].is_nan());
    assert!(driver.series("orders_total")[0].is_nan());
}

#[test]
fn a_copy_of_what_runs_goes_on_counting() {
    let mut driver = Driver::open("giftcard");
    driver.send(Request::Advance { millis: 600_000 });
    let before = driver.series("giftcards_bought_total")[0];
    let text = simulation::workload::library().text("giftcard").unwrap();
    driver.write_and_wait(WEB, "workloads/proxy.yaml", text);
    let after = driver.series("giftcards_bought_total")[0];
    assert!(before > 10.0 && after >= before, "{before} then {after}");
}

#[test]
fn another_ready_made_workload_can_be_chosen() {
    let mut driver = Driver::open("giftcard");
    let text = "matches: [{ image: giftcard/proxy, port: 8080 }]\nincludes: [fastapi]\n";
    driver.write_and_wait(WEB, "workloads/proxy.yaml", text);
    assert_eq!(driver.found(WEB), [""; 0]);
    assert_eq!(driver.series("users_created_total").len(), 1);
}

#[test]
fn a_pasted_body_is_exposed_and_moves() {
    let mut driver = Driver::open("giftcard");
    driver.write_and_wait(
        WEB,
        "proxy_8080.prom",
        "# for: image=giftcard/proxy port=8080\n# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total 7200\n",
    );
    assert_eq!(driver.found(WEB), [""; 0]);
    let jobs = driver.series("jobs_total")[0];
    assert!((7200.0..7400.0).contains(&jobs), "{jobs}");
    driver.send(Request::Advance { millis: 60_000 });
    assert!(driver.series("jobs_total")[0] > jobs + 60.0);
    // The card of a line, and the note after it.
    let Reply::Hover(Some(card)) = driver.send(Request::Hover { file: WEB, offset: 100 }) else {
        panic!("a card is there");
    };
    assert_eq!(card.title, "jobs_total");
    let notes = driver.session.snapshot().sources.get(WEB).unwrap().workload.as_ref().unwrap();
    assert_eq!(notes.notes[0].text, "moves on at 2 a second");
}

#[test]
fn a_pasted_body_that_cannot_be_read_is_told_at_its_place() {
    let mut driver = Driver::open("giftcard");
    driver.write_and_wait(
        WEB,
        "x.prom",
        "# for: image=giftcard/proxy\n# HELP a A.\n# TYPE a gauge\na{b=1} 2\n",
    );
    assert_eq!(driver.found(WEB), ["exposition-error \"a{b=\""]);
}

#[test]
fn series_in_promtools_notation_come_and_go() {
    let mut driver = Driver::open("giftcard");
    driver.write_and_wait(
        WEB,
        "w.yaml",
        "matches: [{ image: giftcard/proxy, port: 8080 }]\ninterval: 15s\nseries:\n\
         - { series: 'queue{of=\"mail\"}', values: 5+1x400 }\n- { series: gone, values: 1 _ _ }\n",
    );
    assert_eq!(driver.found(WEB), [""; 0]);
    let values = driver.series("queue");
    assert!(values.len() == 1 && values[0] >= 7.0, "{values:?}");
}

#[test]
fn a_container_listens_where_a_file_says_so() {
    let mut driver = Driver::open("giftcard");
    let up = |driver: &Driver| {
        let world = &driver.session.timeline.world;
        world.reports().filter_map(|(_, report, _)| report?.error.clone()).collect::<Vec<_>>()
    };
    driver.write_and_wait(
        WEB,
        "workloads/web.yaml",
        "matches: [{ container: nobody, port: 9999 }]\nincludes: [python]\n",
    );
    assert_eq!(driver.found(WEB), ["workload-fits-nothing \"matches\""]);
    assert_eq!(up(&driver), [""; 0]);
    let other = "matches: [{ image: giftcard/proxy, port: 8080 }]\nincludes: [flask]\n";
    driver.write_and_wait(WEB, "workloads/web.yaml", other);
    driver.write_and_wait(OTHER, "workloads/other.yaml", other);
    assert_eq!(driver.found(OTHER), ["workload-overruled \"matches\""]);
}

#[test]
fn workload_files_are_explained_and_completed() {
    let mut driver = Driver::open("giftcard");
    let text = "matches: [{ image: giftcard/proxy, port: 8080 }]\nincludes: [python]\nfamilies:\n  - name: jobs\n    type: counter\n    of: \n    help: Jobs.\n";
    driver.write_and_wait(WEB, "workloads/web.yaml", text);
    let at = |needle: &str| (text.find(needle).unwrap() + needle.len()) as u32;
    let hover =
        |driver: &mut Driver, offset| match driver.send(Request::Hover { file: WEB, offset }) {
            Reply::Hover(Some(card)) => card,
            other => panic!("{other:?}"),
        };
    let card = hover(&mut driver, 3);
    assert_eq!(card.title, "matches");
    assert!(card.body.iter().any(|text| text.starts_with("Fits `")), "{card:?}");
    let card = hover(&mut driver, at("- name: jo"));
    assert!(card.body.iter().any(|text| text.contains("`jobs_total`")), "{card:?}");
    let complete = |driver: &mut Driver, offset| {
        let request = Request::Complete { file: WEB, offset };
        match driver.send(request) {
            Reply::Completions(Some(found)) => {
                found.items.into_iter().map(|item| item.label).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    };
    let streams = complete(&mut driver, at("of: "));
    assert!(streams.contains(&"gc".to_owned()), "{streams:?}");
    assert!(complete(&mut driver, at("includes: [py")).contains(&"fastapi".to_owned()));
    assert!(complete(&mut driver, at("type: ")).contains(&"histogram".to_owned()));
    let keys = complete(&mut driver, text.len() as u32);
    assert!(keys.contains(&"streams".to_owned()), "{keys:?}");
}

#[test]
fn native_histograms_come_by_protobuf_where_the_job_wants_them() {
    for (setting, native, classic) in [
        ("", 0, 1),
        ("scrape_native_histograms: true", 1, 0),
        ("scrape_native_histograms: true, always_scrape_classic_histograms: true", 1, 1),
        ("convert_classic_histograms_to_nhcb: true", 1, 0),
    ] {
        let config = format!(
            "scrape_configs:\n- {{ job_name: web, static_configs: [{{ targets: ['web.default.svc:8080'] }}], {setting} }}\n"
        );
        let mut driver = Driver::with_files(&[("prometheus.yml", &config)]);
        driver.write_and_wait(
            FileId(2),
            "pod.yaml",
            "{ apiVersion: v1, kind: Pod, metadata: { name: web, labels: { a: b } }, spec: { containers: [{ name: web, image: x, ports: [{ containerPort: 8080 }] }] } }\n---\n\
             { apiVersion: v1, kind: Service, metadata: { name: web }, spec: { selector: { a: b }, ports: [{ port: 8080 }] } }\n",
        );
        driver.write_and_wait(
            WEB,
            "workloads/web.yaml",
            "matches: [{ container: web }]\nformats: [protobuf]\nstreams: { r: { random: { rate: 5 } } }\n\
             families:\n- { name: t_seconds, type: histogram, help: T., of: r, native_factor: 1.1, buckets: [0.1, 1] }\n",
        );
        assert_eq!(driver.found(WEB), [""; 0], "{setting}");
        driver.send(Request::Advance { millis: 60_000 });
        assert_eq!(driver.series("up"), [1.0], "{setting}");
        let (histograms, buckets) = (driver.series("t_seconds"), driver.series("t_seconds_count"));
        assert_eq!((histograms.len(), buckets.len()), (native, classic), "{setting}");
        assert!(histograms.iter().chain(&buckets).all(|count| *count > 100.0));
    }
}
