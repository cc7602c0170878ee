//! The ways into the page: shared links through state and view, lessons with their progress, and
//! requests to the session.

use playground::state::valid::ValidWork;
use playground::state::{Action, Effect, State, update};
use protocol::pages::{cluster, discovery, explain, metrics, query, rate_lab, rules, targets};
use protocol::{Envelope, EventLog, OpenLesson, PageQuery, Progress, Reply, Request, Workspace};
use session::Session;
use text::FileId;

use crate::input::{Archive, boundary, text};

/// Slices of a run that a target waits for.
const SLICES: usize = 20;

/// A session with the number of its last request.
#[derive(Default)]
struct Driver {
    session: Session,
    number: u32,
    goal: bool,
}

impl Driver {
    fn send(&mut self, request: Request) -> Reply {
        self.number += 1;
        let message = self.session.handle(Envelope { number: self.number, request });
        // What the page gets is what was sent.
        let bytes = protocol::encode(&message);
        let read: protocol::Message = protocol::decode(&bytes).expect("the message travels");
        assert_eq!(read.number, self.number);
        if let Reply::Updated(update) = &message.reply {
            self.goal = update.clock.goal.is_some();
        }
        message.reply
    }

    /// Sends a request and continues for some slices.
    fn run(&mut self, request: Request) {
        self.send(request);
        for _ in 0..SLICES {
            if !self.goal {
                return;
            }
            self.send(Request::Continue { show: false });
        }
        self.send(Request::Stop);
    }

    fn ask(&mut self, query: PageQuery) {
        let Reply::Updated(update) = self.send(Request::Watch { query: query.clone() }) else {
            panic!("a question is answered");
        };
        if let Some(view) = update.view {
            assert!(view.answers(&query));
        }
    }
}

fn pages(file: FileId, offset: u32) -> Vec<PageQuery> {
    let mut all = vec![
        PageQuery::Explain(explain::Query { file, offset }),
        PageQuery::Cluster(cluster::Query::default()),
        PageQuery::Discovery(discovery::Query::default()),
        PageQuery::Targets(targets::Query::default()),
        PageQuery::Metrics(metrics::Query::default()),
        PageQuery::RateLab(rate_lab::Query::default()),
        PageQuery::Rules(rules::Query { run_tests: true, ..rules::Query::default() }),
    ];
    let tabs = [query::Tab::Table, query::Tab::Graph, query::Tab::Explain];
    all.extend(tabs.map(|tab| PageQuery::Query(query::Query { tab, ..Default::default() })));
    all
}

/// The JSON of a link: what is valid opens, is sent, is answered, and is valid when saved again.
pub fn link(data: &[u8]) {
    let Ok(work) = ValidWork::of_link(&text(data)) else { return };
    let mut state = State::empty();
    let mut driver = Driver::default();
    let mut effects = update(&mut state, Action::OpenWork(Box::new(work)));
    effects.extend(update(&mut state, Action::ConfirmOpening));
    for _ in 0..SLICES {
        let mut answers = Vec::new();
        for effect in effects {
            if let Effect::Send(request) = effect
                && let Reply::Updated(update) = driver.send(request)
            {
                answers.push(update);
            }
        }
        effects = Vec::new();
        for answer in answers {
            effects.extend(update(&mut state, Action::Updated(answer)));
        }
        if effects.is_empty() {
            break;
        }
    }
    for query in pages(state.active, 0) {
        driver.ask(query);
    }
    let saved = playground::state::SavedWork::of(&state);
    let json = serde_json::to_string(&saved).expect("work is JSON");
    assert!(ValidWork::of_json(&json).is_ok(), "what was opened can be saved");
}

/// The files `lesson` and `progress` are JSON, the others are those of the workspace.
pub fn lesson(data: &[u8]) {
    let mut archive = Archive::read(data);
    let (json, kept) = (archive.take("lesson"), archive.take("progress"));
    let kept: Option<Progress> = serde_json::from_str(&kept).ok();
    let Ok(lesson) = lessons::Lesson::from_json(&json) else { return };
    let mut driver = Driver::default();
    let start = lesson.start.files.iter().map(|file| (&*file.name, &*file.text));
    let others = archive.files.iter().map(|(name, text)| (&**name, &**text));
    let workspace = Workspace::from_files(&lesson.start.scenario, start.chain(others), 1);
    driver.run(Request::Open { workspace, revision: 1, log: EventLog::default() });
    driver.send(Request::SetLesson { lesson: Some(Box::new(OpenLesson { json, kept })) });
    driver.run(Request::Advance { millis: 30_000 });
    for goal in lesson.goals.iter().take(5) {
        driver.send(Request::AnswerGoal { goal: goal.id.clone(), answer: "1.5".to_owned() });
    }
    driver.send(Request::Predict { answer: "up".to_owned() });
    for change in lesson.shown_solution.iter().take(3) {
        let _ = format!("{change:?}");
    }
    driver.run(Request::Advance { millis: 20_000 });
}

/// The nameless file has a request a line; the others are those of the workspace.
pub fn session(data: &[u8]) {
    let mut archive = Archive::read(data);
    let lines = archive.take("");
    let files = archive.files.iter().map(|(name, text)| (&**name, &**text));
    let workspace = Workspace::from_files("", files, 1);
    let mut driver = Driver::default();
    let files = workspace.files.clone();
    driver.run(Request::Open { workspace, revision: 1, log: EventLog::default() });
    for line in lines.lines().take(10) {
        step(&mut driver, line, &files);
    }
    let Some(file) = files.first() else { return };
    for query in pages(file.id, 0) {
        driver.ask(query);
    }
}

/// One request: its name, and what it needs.
fn step(driver: &mut Driver, line: &str, files: &[protocol::File]) {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let number: u64 = rest.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let file = files.get(number as usize % files.len().max(1));
    let offset = file.map_or(0, |file| boundary(&file.text, (number / 7) as usize)) as u32;
    let id = file.map(|file| file.id).unwrap_or_default();
    match verb {
        "advance" => driver.run(Request::Advance { millis: number % 120_000 }),
        "seek" => driver.run(Request::Seek { at: number % 120_000 }),
        "scrape" => driver.run(Request::NextScrape),
        "act" => {
            if let Some(action) = protocol::Action::parse(rest) {
                driver.send(Request::Act { action });
            }
        }
        "hover" => drop(driver.send(Request::Hover { file: id, offset })),
        "complete" => drop(driver.send(Request::Complete { file: id, offset })),
        "query" => {
            let query = rest.to_owned();
            let end = query.len() as u32;
            driver.send(Request::HoverQuery { query: query.clone(), offset: end / 2 });
            driver.send(Request::CompleteQuery { query: query.clone(), offset: end });
            let query = query::Query { query: Some(query), ..query::Query::default() };
            driver.ask(PageQuery::Query(query));
        }
        "edit" => {
            if let Some(file) = file {
                let mut file = file.clone();
                file.text.insert_str(offset as usize, &rest.replace("\\n", "\n"));
                driver.send(Request::Edit { file, revision: 2 });
                driver.send(Request::FollowText);
            }
        }
        "remove" => drop(driver.send(Request::Remove { file: id, revision: 3 })),
        _ => {}
    }
}
