//! Tests of the page Metrics, by the requests of the page.

use super::*;
use crate::tests::{Driver, workspace};
use protocol::Request;
use protocol::pages::metrics::{Fate, LineDetails, Stored, Which};
use text::FileId;

struct Page {
    driver: Driver,
}

impl Page {
    /// The scenario with more lines in its only job, after some scrapes.
    fn open(more: &str) -> Self {
        let mut workspace = workspace("giftcard");
        let file = workspace.files.iter_mut().find(|file| file.name == "prometheus.yaml").unwrap();
        let key = "metrics_path:";
        let line = file.text.lines().find(|line| line.contains(key)).unwrap().to_owned();
        let indent = &line[..line.find(key).unwrap()];
        let more: String = more.lines().map(|more| format!("{indent}{more}\n")).collect();
        file.text = file.text.replacen(&line, &format!("{more}{line}"), 1);
        let mut driver = Driver::with_workspace(workspace);
        driver.send(Request::Advance { millis: 60_000 });
        Self { driver }
    }

    fn write(&mut self, name: &str, text: &str) {
        self.driver.write(FileId(77), name, text);
        self.driver.send(Request::Advance { millis: 60_000 });
    }

    fn view(&self, query: Query) -> View {
        view(&self.driver.session.snapshot(), &query)
    }

    fn line(&self, needle: &str) -> LineDetails {
        let filtered = self.view(Query { filter: needle.into(), ..Query::default() });
        let line = filtered.lines.last().unwrap_or_else(|| panic!("{needle} is there")).number;
        self.view(Query { line: Some(line), ..Query::default() }).details.unwrap()
    }
}

#[test]
fn lines_are_numbered_filtered_and_explained() {
    let page = Page::open("");
    let view = page.view(Query::default());
    assert_eq!((view.error, view.mistake), (None, None));
    assert!(view.all > 40, "{}", view.all);
    assert_eq!(view.lines[0].number, 1);
    let details = page.line("giftcards_bought_total ");
    assert_eq!((&*details.title, &*details.kind), ("giftcards_bought_total", "counter"));
    let sample = details.sample.unwrap();
    let Fate::Stored { labels, changed, .. } = &sample.fate else { panic!("{:?}", sample.fate) };
    assert!(labels.starts_with("giftcards_bought_total{") && labels.contains("job="), "{labels}");
    assert!(!changed);
    assert!(sample.graph.unwrap().starts_with("rate(giftcards_bought_total{"));
    assert!(sample.last.is_some());
    assert_eq!(view.scrape.facts[0].1, view.scrape.facts[1].1, "nothing is dropped");
    assert!(view.scrape.accept.starts_with("application/openmetrics-text;version=1.0.0"));
    assert_eq!(view.scrape.meta[0].value, "1", "up");
}

#[test]
fn rules_show_what_they_do_to_each_series() {
    let page = Page::open(
        "metric_relabel_configs:\n\
         - { source_labels: [__name__], regex: 'process_.*', action: drop }\n\
         - { source_labels: [view], regex: 'index', target_label: page, replacement: start }",
    );
    let all = Query { tab: Tab::Stored, ..Query::default() };
    let left = page.view(Query { which: Which::Left, ..all.clone() });
    assert!(left.matching >= 5 && left.matching < left.all, "{} of {}", left.matching, left.all);
    for row in &left.stored {
        let Fate::Dropped { rule, location } = &row.fate else { panic!("{row:?}") };
        assert_eq!(*rule, 1);
        assert!(location.is_some());
    }
    let changed = page.view(Query { which: Which::Changed, ..all.clone() });
    assert!(changed.matching > 0);
    let Fate::Stored { labels, .. } = &changed.stored[0].fate else { panic!() };
    assert!(labels.contains("page=\"start\""), "{labels}");
    let view = page.view(all);
    let number = |at: usize| -> u32 { view.scrape.facts[at].1.parse().unwrap() };
    assert_eq!(number(0) - number(1), left.matching, "scraped less kept is what was dropped");
    let details = page.line("process_open_fds ");
    let steps = details.sample.unwrap().steps;
    assert!(steps[0].drops && steps.len() == 1, "{steps:?}");
}

#[test]
fn labels_of_sample_and_target_that_have_one_name() {
    let body =
        "# for: image=giftcard/proxy port=8080\n# HELP a A.\n# TYPE a gauge\na{job=\"own\"} 3\n";
    for (more, stored, said) in [
        ("", "exported_job=\"own\"", "is kept as exported_job"),
        ("honor_labels: true", "job=\"own\"", "honor_labels: true it stays"),
    ] {
        let mut page = Page::open(more);
        page.write("a.prom", body);
        let details = page.line("a{");
        let sample = details.sample.unwrap();
        let Fate::Stored { labels, .. } = &sample.fate else { panic!("{:?}", sample.fate) };
        assert!(labels.contains(stored), "{labels}");
        assert!(sample.conflicts[0].contains(said), "{:?}", sample.conflicts);
    }
}

#[test]
fn what_a_scrape_cannot_take_is_told() {
    let page = Page::open("label_value_length_limit: 12");
    let view = page.view(Query { tab: Tab::Stored, which: Which::Left, ..Query::default() });
    let fails = |row: &&Stored| matches!(&row.fate, Fate::Fails { error } if error.contains("label_value_length_limit exceeded"));
    assert!(view.stored.iter().any(|row| fails(&row)), "{:?}", view.stored);
    assert!(view.scrape.error.unwrap().contains("label_value_length_limit exceeded"));

    let mut page = Page::open("");
    page.write("a.prom", "# for: image=giftcard/proxy port=8080\na 1\nb{c=1} 2\n");
    let view = page.view(Query::default());
    assert_eq!(view.mistake, None, "what cannot be read is not exposed");
    assert_eq!(view.lines.last().unwrap().text, "a 1");
}

#[test]
fn cardinality_and_findings_are_listed() {
    let mut page = Page::open("");
    let mut body =
        "# for: image=giftcard/proxy port=8080\n# HELP logins Logins.\n# TYPE logins counter\n"
            .to_owned();
    for user in 0..300 {
        body += &format!("logins{{user=\"u{user}@example.org\",kind=\"web\"}} 1\n");
    }
    page.write("a.prom", &body);
    let view = page.view(Query { tab: Tab::Cardinality, ..Query::default() });
    let family = &view.families[0];
    assert_eq!((&*family.name, family.series, family.share), ("logins", 300, 1000));
    assert_eq!(family.labels, [("user".to_owned(), 300), ("kind".to_owned(), 1)]);
    let view = page.view(Query { tab: Tab::Findings, ..Query::default() });
    let codes: Vec<&str> = view.findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes, ["counter-without-total", "personal-data-in-label", "unbounded-label"]);
    // Long answers come in pages.
    let second = page.view(Query { page: 1, ..Query::default() });
    assert_eq!((second.first, second.lines[0].number), (ROWS as u32, ROWS as u32 + 1));
    let far = page.view(Query { page: 99, ..Query::default() });
    assert_eq!(far.query.page, 1);
}

#[test]
fn a_binary_answer_is_shown_as_text() {
    let mut page = Page::open("scrape_native_histograms: true");
    page.write(
        "workloads/proxy.yaml",
        "matches: [{ image: giftcard/proxy }]\nformats: [protobuf]\nstreams: { r: { random: { rate: 5 } } }\n\
         families:\n- { name: t_seconds, type: histogram, help: T., of: r, native_factor: 1.1 }\n",
    );
    let view = page.view(Query::default());
    assert!(view.binary && view.content_type.starts_with("application/vnd.google.protobuf"));
    assert_eq!(view.lines[0].text, "name: \"t_seconds\"");
    let details = page.line("schema: 3");
    assert!(details.body[0].contains("resolution"), "{details:?}");
    let view = page.view(Query { tab: Tab::Stored, ..Query::default() });
    assert_eq!(&*view.stored[0].exposed, "t_seconds");
    assert!(view.stored[0].value.starts_with("{{schema:3"), "{:?}", view.stored[0]);
    assert!(matches!(view.stored[0].fate, Fate::Stored { .. }));
    let Fate::Passed { why } = &view.stored[1].fate else { panic!("{:?}", view.stored[1]) };
    assert!(why.contains("native histogram is taken"), "{why}");
}

#[test]
fn the_program_can_be_edited_and_exchanged() {
    let mut page = Page::open("");
    let program = page.view(Query::default()).program.unwrap();
    assert_eq!((&*program.title, &*program.because), ("Gift-card site", "the scenario says so"));
    let (name, text) = program.edit;
    assert!(name.starts_with("workloads/") && name.ends_with(".yaml"), "{name}");
    let before = page.view(Query::default()).all;
    page.write(&name, &text);
    let findings: Vec<_> = page.driver.session.snapshot().diagnostics_of(FileId(77)).collect();
    assert!(findings.is_empty(), "{findings:?}\n{text}");
    let view = page.view(Query::default());
    assert_eq!(view.all, before, "the same workload says the same");
    assert_eq!(view.program.unwrap().because, format!("{name} says so"));
    let other = program.others.iter().find(|other| other.name == "flask").unwrap();
    page.write(&name, &other.text);
    assert_eq!(page.view(Query::default()).program.unwrap().title, other.title);
    page.write(&name, "");
    let (name, text) = program.paste;
    page.write(&name, &format!("{text}x 1\n"));
    let view = page.view(Query::default());
    assert_eq!(view.program.unwrap().file, Some(name));
    assert!(view.lines.iter().any(|line| line.text == "x 1"), "{:?}", view.lines);
}
