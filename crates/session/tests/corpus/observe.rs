//! The results of a session with some files, as lines of text.

use protocol::pages::{rules, targets};
use protocol::{
    Annotations, Envelope, EventLog, PageQuery, Reply, Request, Summary, Update, View, Workspace,
};
use session::Session;
use text::{Diagnostic, LineIndex, Severity};

/// The simulated time after which the targets are looked at, in milliseconds.
const TIME: u64 = 120_000;
/// The most findings and the most targets that are listed.
const FINDINGS: usize = 40;
const TARGETS: usize = 30;

/// The result of an observation.
pub struct Observed {
    pub text: String,
    pub contradictions: Vec<String>,
}

struct Page {
    session: Session,
    number: u32,
    annotations: Vec<Annotations>,
    summary: Summary,
    view: Option<View>,
    goal: Option<u64>,
}

impl Page {
    fn open(workspace: Workspace) -> Self {
        let mut page = Self {
            session: Session::new(),
            number: 0,
            annotations: Vec::new(),
            summary: Summary::default(),
            view: None,
            goal: None,
        };
        page.send(Request::Open { workspace, revision: 1, log: EventLog::default() });
        page.send(Request::Advance { millis: TIME });
        while page.goal.is_some() {
            page.send(Request::Continue { show: true });
        }
        page
    }

    fn send(&mut self, request: Request) {
        self.number += 1;
        let message = self.session.handle(Envelope { number: self.number, request });
        let Reply::Updated(update) = message.reply else { return };
        let Update { annotations, summary, view, clock, .. } = *update;
        for new in annotations {
            self.annotations.retain(|old| old.file != new.file);
            self.annotations.push(new);
        }
        self.summary = summary.unwrap_or_else(|| std::mem::take(&mut self.summary));
        self.view = view.map(|view| *view).or_else(|| self.view.take());
        self.goal = clock.goal;
    }

    fn view(&mut self, query: PageQuery) -> View {
        self.view = None;
        self.send(Request::Watch { query });
        self.view.take().expect("an open page has a view")
    }

    fn targets(&mut self, show: targets::Show) -> targets::View {
        let query = targets::Query { show, ..targets::Query::default() };
        match self.view(PageQuery::Targets(query)) {
            View::Targets(view) => view,
            other => panic!("{other:?}"),
        }
    }

    fn rules(&mut self) -> rules::View {
        match self.view(PageQuery::Rules(rules::Query { run_tests: true, ..Default::default() })) {
            View::Rules(view) => view,
            other => panic!("{other:?}"),
        }
    }
}

/// Opens the files and lets time pass. `show` prints the findings.
pub fn observe(files: &[(String, String)], show: bool) -> Observed {
    let texts = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let mut page = Page::open(Workspace::from_files("", texts, 1));
    let mut lines = Vec::new();
    if let Some(file) = &page.summary.configuration {
        lines.push(format!("configuration {file}"));
    }
    let findings = findings(&page, files, show);
    let view = page.targets(targets::Show::All);
    add_targets(&view, &mut lines);
    add_reasons(&page.targets(targets::Show::Dropped), "dropped", &mut lines);
    add_reasons(&page.targets(targets::Show::Failed), "failed", &mut lines);
    add_rules(&page.rules(), &mut lines);
    let more = findings.len().saturating_sub(FINDINGS);
    lines.extend(findings.iter().take(FINDINGS).cloned());
    if more > 0 {
        lines.push(format!("finding and {more} more"));
    }
    let contradictions = contradictions(&page, &view, files);
    Observed { text: lines.iter().map(|line| format!("{line}\n")).collect(), contradictions }
}

/// Place, severity and code of each finding.
fn findings(page: &Page, files: &[(String, String)], show: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for annotations in &page.annotations {
        let Some((name, text)) = files.get((annotations.file.0 - 1) as usize) else { continue };
        let index = LineIndex::new(text);
        for (one, grade) in annotations.diagnostics.iter().zip(&annotations.grades) {
            let line = index.line_number(one.location.span.start);
            let grade = grade.map_or(String::new(), |grade| format!(" ({})", grade.label()));
            let severity = severity(one.severity);
            lines.push((name.clone(), line, format!("{severity} {}{grade}", one.code)));
            if show {
                println!("    {name}:{line} {severity} {}{grade}: {}", one.code, one.message);
                one.help.iter().for_each(|help| println!("        {help}"));
                one.fixes.iter().for_each(|fix| println!("        fix: {}", fix.title));
            }
        }
    }
    lines.sort();
    lines.iter().map(|(name, line, what)| format!("finding {name}:{line} {what}")).collect()
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn add_targets(view: &targets::View, lines: &mut Vec<String>) {
    if let Some(note) = &view.note {
        lines.push(format!("note {}", note.title));
        lines.extend(
            note.lines.iter().flat_map(|line| line.lines()).map(|line| format!("    {line}")),
        );
    }
    for pool in &view.pools {
        if let Some(note) = &pool.note {
            lines.push(format!("pool {}: {}", pool.job, note.title));
        }
    }
    let rows: Vec<&targets::Row> = view.pools.iter().flat_map(|pool| &pool.targets).collect();
    for row in rows.iter().take(TARGETS) {
        let error = row.error.as_ref().map_or(String::new(), |error| format!(": {error}"));
        lines.push(format!("target {:?} {}{error}", row.state, row.url).replace('\n', " "));
    }
    let more = view.active() as usize - rows.len().min(TARGETS);
    if more > 0 {
        lines.push(format!("target and {more} more"));
    }
    if view.discovered > view.kept {
        lines.push(format!("discovered {}, kept {}", view.discovered, view.kept));
    }
}

/// The first reason in each pool.
fn add_reasons(view: &targets::View, what: &str, lines: &mut Vec<String>) {
    for pool in &view.pools {
        let Some(row) = pool.targets.first() else { continue };
        let reason = row.error.as_deref().or_else(|| Some(&*row.reasons.first()?.text));
        let reason = reason.unwrap_or_default();
        lines.push(format!("{what} {} in {}: {} {reason}", pool.matching, pool.job, row.url));
    }
}

fn add_rules(view: &rules::View, lines: &mut Vec<String>) {
    for group in &view.groups {
        let bad = group.rules.iter().filter(|rule| rule.health == "err" || rule.health == "error");
        lines.push(format!("rules {}: {}, {} bad", group.name, group.rules.len(), bad.count()));
    }
    for test in &view.tests {
        let errors = test.errors.as_ref().map_or(0, Vec::len);
        lines.push(format!("tests {}: {errors} errors", test.file));
    }
}

/// Returns pairs of statements that contradict each other.
fn contradictions(page: &Page, view: &targets::View, files: &[(String, String)]) -> Vec<String> {
    let all = || page.annotations.iter().flat_map(|file| &file.diagnostics);
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for one in all() {
        let key = (&one.code, one.location, &one.message);
        if seen.contains(&key) {
            found.push(format!("{} stands twice", one.code));
        }
        seen.push(key);
        found.extend(wrong_place(one, files));
    }
    for file in &page.annotations {
        let alone = |code: &str| ALONE.contains(&code);
        let codes: Vec<&str> = file.diagnostics.iter().map(|one| &*one.code).collect();
        if codes.iter().any(|code| alone(code)) && codes.len() > 1 {
            found.push(format!("a file that is not checked has findings: {codes:?}"));
        }
    }
    let refused = view.note.as_ref().is_some_and(|note| note.title.contains("refuses"));
    let errors = all().filter(|one| one.severity == Severity::Error).count();
    if refused && errors == 0 {
        found.push("Prometheus refuses something, and there is no error".to_owned());
    }
    let summary = &page.summary;
    if (summary.up, summary.down, summary.undescribed) != (view.up, view.down, view.undescribed) {
        found.push(format!("the summary says {summary:?}"));
    }
    found
}

/// Codes of findings that say that a file is not checked.
const ALONE: [&str; 4] =
    ["file-of-another-program", "template-not-rendered", "unrecognized-file", "rules-of-version-1"];

fn wrong_place(one: &Diagnostic, files: &[(String, String)]) -> Option<String> {
    let (name, text) = files.get((one.location.file.0 as usize).checked_sub(1)?)?;
    let inside = text.get(one.location.span.range()).is_some();
    (!inside).then(|| format!("{} is outside of {name}", one.code))
}
