//! Tests of the pages Discovery and Targets, by the requests of the page.

use crate::tests::Driver;
use protocol::pages::targets::{Key, PoolChoice, Show, State};
use protocol::pages::{discovery, targets};
use protocol::{PageQuery, View};

const CONFIG: &str = "
scrape_configs:
- job_name: web
  static_configs:
  - targets: [a:1, b:1, c:1]
    labels: {zone: x}
  - targets: ['']
  relabel_configs:
  - source_labels: [__address__]
    regex: b:(\\d+)
    action: drop
  - target_label: __address__
    source_labels: [__address__]
    regex: (a|c):.*
    replacement: one:9
  - source_labels: [zone]
    target_label: area
- job_name: many
  file_sd_configs: [{files: [many.yml]}]
";

fn session() -> Driver {
    let targets: Vec<String> = (0..700).map(|i| format!("'host-{i}:80'")).collect();
    let many = format!("- targets: [{}]\n", targets.join(", "));
    Driver::with_files(&[("prometheus.yml", CONFIG), ("many.yml", &many)])
}

fn targets(driver: &mut Driver, query: targets::Query) -> targets::View {
    match driver.watch(PageQuery::Targets(query)) {
        View::Targets(view) => view,
        other => panic!("{other:?}"),
    }
}

fn discovery(driver: &mut Driver, query: discovery::Query) -> discovery::View {
    match driver.watch(PageQuery::Discovery(query)) {
        View::Discovery(view) => view,
        other => panic!("{other:?}"),
    }
}

fn written(location: Option<text::Location>) -> &'static str {
    let span = location.unwrap().span;
    &CONFIG[span.range()]
}

#[test]
fn the_table_says_what_prometheus_shows_and_what_it_hides() {
    let mut session = session();
    let view = targets(&mut session, targets::Query::default());
    let web = &view.pools[0];
    assert_eq!((web.active, web.matching), (1, 1));
    let row = &web.targets[0];
    assert_eq!(
        (row.url.as_str(), row.merged, row.state),
        ("http://one:9/metrics", 2, State::Undescribed)
    );
    let area = row.labels.iter().find(|label| label.name == "area").unwrap();
    assert_eq!(area.origin, "rule 3 of relabel_configs");
    let zone = row.labels.iter().find(|label| label.name == "zone").unwrap();
    assert!(written(zone.source).contains('x'), "{zone:?}");
    assert_eq!((view.dropped, view.failed, view.merged), (1, 1, 1));

    for (show, state, text) in [
        (
            Show::Dropped,
            State::Dropped,
            "dropped by rule 1: drop where __address__ matches b:(\\d+). The value is \"b:1\"",
        ),
        (Show::Failed, State::Failed, "Creating target failed: no address"),
    ] {
        let view = targets(&mut session, targets::Query { show, ..Default::default() });
        assert_eq!(view.pools.len(), 1, "only pools with such targets");
        let row = &view.pools[0].targets[0];
        assert_eq!(row.state, state);
        let said = row.error.clone().or_else(|| Some(row.reasons[0].text.clone()));
        assert_eq!(said.as_deref(), Some(text));
    }
}

#[test]
fn details_are_given_on_demand() {
    let mut session = session();
    let key = Key { job: "web".into(), mechanism: 0, group: 0, target: 2 };
    let query = targets::Query { details: vec![key], ..Default::default() };
    let view = targets(&mut session, query);
    let details = view.pools[0].targets[0].details.as_ref().unwrap();
    assert!(details.discovered.iter().any(|label| label.value == "c:1"));
    assert!(details.hidden.iter().any(|label| label.name == "__scheme__"));
    assert_eq!(details.merged, ["a:1", "c:1"]);
    assert_eq!((details.interval.as_str(), details.timeout.as_str()), ("1m", "10s"));
}

#[test]
fn a_window_of_rows_is_sent() {
    let mut session = session();
    let view = targets(&mut session, targets::Query::default());
    let many = &view.pools[1];
    assert_eq!((many.matching, many.targets.len()), (700, targets::ROWS));
    let pools = vec![PoolChoice { job: "many".into(), open: None, first: 300 }];
    let details = vec![Key { job: "many".into(), mechanism: 0, group: 0, target: 7 }];
    let view = targets(&mut session, targets::Query { pools, details, ..Default::default() });
    let many = &view.pools[1];
    assert_eq!((many.first, many.opened, many.targets.len()), (300, 1, targets::ROWS));
    // A window that is beyond the end shows the end.
    let pools = vec![PoolChoice { job: "many".into(), open: None, first: 9_000 }];
    let view = targets(&mut session, targets::Query { pools, ..Default::default() });
    assert_eq!((view.pools[1].first, view.pools[1].opened), (650, 0));
    let mut urls: Vec<&str> = view.pools[1].targets.iter().map(|row| row.url.as_str()).collect();
    urls.dedup();
    assert_eq!(urls.len(), targets::ROWS);
    let query = targets::Query { search: "HOST-69".into(), ..Default::default() };
    let view = targets(&mut session, query);
    assert_eq!((view.pools.len(), view.pools[0].matching), (1, 11));
}

#[test]
fn discovery_tells_outcomes_rules_and_steps() {
    let mut session = session();
    let view = discovery(&mut session, discovery::Query::default());
    assert_eq!(view.jobs, ["web", "many"]);
    let job = view.job.unwrap();
    let stages: Vec<(u32, &str)> =
        job.stages.iter().map(|stage| (stage.count, stage.label.as_str())).collect();
    assert_eq!(stages, [(4, "discovered"), (2, "kept"), (1, "distinct")]);
    use discovery::Outcome::{Dropped, Failed, Kept, Merged};
    let outcomes: Vec<discovery::Outcome> = job.rows.iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [Kept, Dropped, Merged, Failed]);
    let uses: Vec<[u32; 3]> =
        job.rules.iter().map(|rule| [rule.seen, rule.changed, rule.dropped]).collect();
    assert_eq!(uses, [[4, 0, 1], [3, 2, 0], [3, 2, 0]]);
    let steps = job.steps.unwrap();
    assert_eq!(steps.url.as_deref(), Some("http://one:9/metrics"));
    assert_eq!(steps.steps[1].groups[0].text.as_deref(), Some("a"));
    assert_eq!(steps.steps[1].changes[0].kind, discovery::ChangeKind::Changed);

    let rule = Some(0);
    let view = discovery(&mut session, discovery::Query { rule, ..Default::default() });
    let job = view.job.unwrap();
    assert_eq!(job.rows.iter().map(|row| row.address.as_str()).collect::<Vec<_>>(), ["b:1"]);
    let last = job.steps.unwrap().steps.pop().unwrap();
    assert!(last.drops && last.matched == Some(true), "{last:?}");
}

#[test]
fn a_draft_is_compared_with_the_file() {
    let mut session = session();
    let view = discovery(&mut session, discovery::Query::default());
    let text = view.job.unwrap().rules_text;
    let draft = Some(text.clone());
    let view = discovery(&mut session, discovery::Query { draft, ..Default::default() });
    let same = view.job.unwrap().difference.unwrap();
    assert_eq!((same.errors.len(), same.differing), (0, 0), "{same:?}\n{text}");

    let draft = Some(text.replacen("action: drop", "action: keep", 1));
    let view = discovery(&mut session, discovery::Query { draft, ..Default::default() });
    let other = view.job.unwrap().difference.unwrap();
    assert_eq!((other.before, other.after, other.differing), (1, 1, 4), "{other:?}");
    assert_eq!(other.rows[0].outcome, "kept → dropped");
    assert_eq!(other.rows[1].target, "http://b:1/metrics");
}
