//! The scenarios as they open: each with its target table after two minutes.

use super::pages::{Question, View, targets};
use super::protocol::Past;
use super::{Envelope, Message, Reply, Request, Session, Workspace};
use crate::lessons;

/// Opens a scenario, lets two minutes go by and looks at the targets.
fn table(scenario: &str) -> targets::View {
    let scenario = lessons::scenario(scenario).unwrap_or_else(|| panic!("{scenario} is there"));
    let mut session = Session::new();
    let mut number = 0;
    let mut view = None;
    let mut send = |request: Request| {
        number += 1;
        let Message { reply, .. } = session.handle(Envelope { number, request });
        if let Reply::Updated(update) = reply
            && let Some(View::Targets(targets)) = update.view.map(|view| *view)
        {
            view = Some(targets);
        }
    };
    let workspace = Workspace::of_scenario(scenario, 1);
    send(Request::Open { workspace, revision: 1, past: Past::default() });
    send(Request::Watch { question: Question::Targets(targets::Question::default()) });
    for _ in 0..8 {
        send(Request::Advance { millis: 15_000 });
    }
    view.expect("a table")
}

/// Job, state and URL, with the error behind them, row by row.
fn rows(view: &targets::View) -> Vec<String> {
    let rows = view.pools.iter().flat_map(|pool| pool.targets.iter().map(move |row| (pool, row)));
    rows.map(|(pool, row)| {
        let error = row.error.as_ref().map_or(String::new(), |error| format!(" {error}"));
        format!("{} {:?} {}{error}", pool.job, row.state, row.url)
    })
    .collect()
}

#[test]
fn giftcard_has_one_target_and_it_is_up() {
    let view = table("giftcard");
    assert_eq!(rows(&view), ["proxy-job Up http://proxy-service:8080/metrics"]);
    assert!(view.note.is_none() && view.dropped == 0 && view.failed == 0);
}

#[test]
fn populare_has_two_targets_up_among_many() {
    let view = table("populare");
    let status = |at: &str, status: &str| {
        format!(
            "kubernetes-service-endpoints Down http://{at}/metrics server returned HTTP status {status}"
        )
    };
    let refused = |at: &str| {
        format!(
            "kubernetes-service-endpoints Down http://{at}/metrics Get \"http://{at}/metrics\": dial tcp {at}: connect: connection refused"
        )
    };
    let expected = [
        "prometheus Up http://localhost:9090/metrics".to_owned(),
        // The API server speaks TLS, the job does not.
        status("192.168.49.2:8443", "400 Bad Request"),
        status("10.244.0.3:8000", "404 Not Found"),
        status("10.244.0.4:8000", "404 Not Found"),
        "kubernetes-service-endpoints Up http://10.244.0.5:8000/metrics".to_owned(),
        refused("10.244.0.6:51820"),
        status("10.244.0.7:80", "404 Not Found"),
        status("10.244.0.8:8000", "404 Not Found"),
        status("10.244.0.9:7700", "401 Unauthorized"),
        status("10.244.0.10:8080", "404 Not Found"),
        status("10.244.0.11:8080", "404 Not Found"),
        status("10.244.0.12:8025", "404 Not Found"),
        status("10.244.0.13:15672", "404 Not Found"),
        // Port 53 is discovered for UDP and for TCP; the rules leave two targets that are one.
        refused("10.244.0.14:53"),
        refused("10.244.0.14:9153"),
    ];
    assert_eq!(rows(&view), expected);
    assert_eq!((view.up, view.down, view.dropped), (2, 13, 1));
}

#[test]
fn jewelry_shop_refuses_the_scrape_of_django() {
    let view = table("jewelry-shop");
    let all = rows(&view);
    let django: Vec<_> = all.iter().filter(|row| row.starts_with("django ")).collect();
    assert_eq!(django.len(), 3);
    for row in django {
        assert!(row.contains(" Down http://10.244.0."), "{row}");
        assert!(
            row.ends_with(":8000/metrics server returned HTTP status 400 Bad Request"),
            "{row}"
        );
    }
    for row in [
        "prometheus Up http://localhost:9090/metrics",
        "kubernetes-pods Up http://10.244.0.10:8080/internal/metrics",
    ] {
        assert!(all.iter().any(|one| one == row), "{row} in {all:#?}");
    }
    for (job, url) in [
        ("kubernetes-apiservers", "https://192.168.49.2:8443/metrics"),
        ("kubernetes-nodes", "https://192.168.49.2:10250/metrics"),
    ] {
        let is_it = |row: &&String| row.starts_with(job) && row.contains(url);
        assert_eq!(all.iter().filter(is_it).count(), 1, "{job} in {all:#?}");
    }
    assert_eq!(all.len(), 7, "{all:#?}");
    for job in ["postgresql", "redis", "nginx", "celery"] {
        let pool = view.pools.iter().find(|pool| pool.job == job).expect("a pool");
        assert_eq!(pool.active, 0, "the exporter of {job} is not deployed yet");
    }
}

#[test]
fn wiki_chart_has_two_targets_up() {
    let view = table("wiki-chart");
    assert_eq!(
        rows(&view),
        [
            "fastapi Up http://wiki-chart-fastapi:8000/metrics",
            "prometheus Up http://localhost:9090/metrics",
        ]
    );
}
