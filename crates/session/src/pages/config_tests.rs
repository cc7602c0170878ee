//! Tests of the pages Config and Checks, by the requests of the page.

use crate::tests::Driver;
use protocol::pages::config::{Change, Comparison, LineSource, Subject};
use protocol::pages::{checks, config};
use protocol::{PageQuery, Request, View};
use text::FileId;

struct Page {
    driver: Driver,
}

impl Page {
    fn open() -> Self {
        Self { driver: Driver::open("giftcard") }
    }

    fn send(&mut self, request: Request) -> protocol::Update {
        self.driver.send(request);
        self.driver.last.clone()
    }

    /// Replaces text in the configuration.
    fn edit(&mut self, from: &str, to: &str) {
        let name = self.driver.workspace.files[0].name.clone();
        self.driver.edit(&name, from, to);
    }

    fn config(&mut self, with: Comparison) -> config::View {
        let query = PageQuery::Config(config::Query { compare_with: with });
        match super::answer(&self.driver.session.snapshot(), &query) {
            Some(View::Config(view)) => view,
            other => panic!("{other:?}"),
        }
    }

    fn checks(&mut self, open: Option<&str>, search: &str) -> checks::View {
        let query = checks::Query { open: open.map(str::to_owned), search: search.to_owned() };
        match super::answer(&self.driver.session.snapshot(), &PageQuery::Checks(query)) {
            Some(View::Checks(view)) => view,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_line_in_force_has_its_source() {
    let mut page = Page::open();
    let view = page.config(Comparison::Nothing);
    assert!(view.note.is_none());
    let text = |line: &config::Line| {
        line.location.map(|at| page.driver.workspace.files[0].text[at.span.range()].to_owned())
    };
    let found = |start: &str| {
        view.lines
            .iter()
            .filter(|line| line.text.trim_start().starts_with(start))
            .collect::<Vec<_>>()
    };
    let [global, job] = found("scrape_interval")[..] else { panic!("{:?}", view.lines) };
    assert_eq!((global.source, job.source), (LineSource::Written, LineSource::Inherited));
    assert!(text(job).unwrap().contains("15s"), "{:?}", text(job));
    let timeout = found("scrape_timeout");
    assert!(
        timeout.iter().all(|line| line.source == LineSource::Default && line.location.is_none())
    );
    assert_eq!(found("metrics_path")[0].source, LineSource::Written);
}

#[test]
fn a_refused_configuration_is_not_in_force() {
    let mut page = Page::open();
    page.edit("scrape_interval: 15s", "scrape_interval: often");
    let view = page.config(Comparison::Original);
    assert!(view.lines.is_empty() && view.changes.is_none());
    assert!(view.note.unwrap().lines[0].contains("not a valid duration string"));
}

#[test]
fn the_meaning_is_compared_with_what_was_there() {
    let mut page = Page::open();
    let same = page.config(Comparison::Original);
    assert_eq!(same.changes.unwrap(), []);
    page.edit("'proxy-service:8080'", "'proxy-service:8080', 'other:1'");
    page.edit("scrape_interval: 15s", "scrape_interval: '30s'  # slower");
    page.edit("metrics_path: '/metrics'\n", "honor_labels: yes\n");
    let changes = page.config(Comparison::Original).changes.unwrap();
    let is = |job: &str, subject, name: &str, from: Option<&str>, to: Option<&str>| Change {
        job: job.to_owned(),
        subject,
        name: name.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    for expected in [
        is("", Subject::Setting, "global.scrape_interval", Some("15s"), Some("30s")),
        is("proxy-job", Subject::Setting, "scrape_interval", Some("15s"), Some("30s")),
        is("proxy-job", Subject::Setting, "honor_labels", None, Some("true")),
        is("proxy-job", Subject::Target, "http://other:1/metrics", None, Some("")),
    ] {
        assert!(changes.contains(&expected), "{expected:?} in {changes:#?}");
    }
    assert!(!changes.iter().any(|change| change.name.contains("metrics_path")), "{changes:#?}");
}

#[test]
fn another_file_of_the_workspace_can_be_compared() {
    let mut page = Page::open();
    let text = "scrape_configs:\n- job_name: proxy-job\n  static_configs:\n  - targets: ['proxy-service:8080']\n    labels: {team: a}\n";
    let file = protocol::File { id: FileId(9), name: "other.yml".into(), text: text.into() };
    page.send(Request::Edit { file, revision: 2 });
    page.send(Request::FollowText);
    let choices = page.config(Comparison::Nothing).choices;
    assert!(
        choices.contains(&(Comparison::File(FileId(9)), "other.yml".to_owned())),
        "{choices:?}"
    );
    let changes = page.config(Comparison::File(FileId(9))).changes.unwrap();
    let label = changes.iter().find(|change| change.subject == Subject::Label).unwrap();
    assert_eq!(label.name, "team of http://proxy-service:8080/metrics");
    assert_eq!((label.from.as_deref(), label.to.as_deref()), (Some("a"), None));
}

#[test]
fn findings_are_documented_and_can_be_silenced() {
    let mut page = Page::open();
    let first = page.checks(None, "").checks[0].clone();
    assert!(first.found > 0 && first.first.is_some(), "{first:?}");
    let open = page.checks(Some(&first.code), "no such thing").checks;
    assert_eq!(open.len(), 1, "what is open stays in view");
    let documented = open[0].page.as_ref().unwrap();
    assert!(!documented.paragraphs.is_empty() && !documented.here.is_empty());

    let shown = |update: &protocol::Update| {
        let files = update.annotations.iter().flat_map(|file| &file.diagnostics);
        files.filter(|found| found.code == first.code).count()
    };
    let silent = page.send(Request::Silence { codes: vec![first.code.clone()] });
    assert!(!silent.annotations.is_empty());
    assert_eq!(shown(&silent), 0);
    assert!(page.checks(None, &first.code).checks[0].silenced);
    let again = page.send(Request::Silence { codes: Vec::new() });
    assert!(shown(&again) > 0);
}

#[test]
fn an_error_cannot_be_silenced() {
    let mut page = Page::open();
    page.edit("scrape_interval: 15s", "scrape_interval: often");
    let codes: Vec<String> =
        crate::analysis::codes::all().map(|code| code.code.to_owned()).collect();
    page.send(Request::Silence { codes });
    let mut left = page.driver.session.snapshot().diagnostics_of(FileId(1));
    assert!(left.any(|found| found.severity == text::Severity::Error));
}
