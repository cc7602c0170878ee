//! Programs that follow a table of times and answers.

use std::sync::Arc;

use super::{ExecAnswer, Exit, GrpcAnswer, HttpAnswer, HttpRequest, Process, Programs, Start};

/// Programs in the order in which they are tried; a container runs the first one that matches. A
/// container without a program runs for ever, listens nowhere and ends with 0 on SIGTERM.
#[derive(Clone, Debug, Default)]
pub struct Behaviors {
    pub entries: Vec<Entry>,
}

/// One program: the containers that run it, and its starts.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub matcher: Matcher,
    /// The n-th start of a container uses the n-th entry, later starts the last one.
    pub starts: Vec<Arc<StartBehavior>>,
}

/// Conditions that a container has to meet; all of them if there are several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matcher {
    pub container: Option<String>,
    pub image: Option<String>,
    pub pod_name: Option<String>,
    /// The n-th pod of the namespace, from 1.
    pub pod: Option<usize>,
    /// The n-th pod of the namespace that runs the image, from 1.
    pub image_pod: Option<usize>,
}

/// The behavior of one start. Times are milliseconds since the start.
#[derive(Clone, Debug, Default)]
pub struct StartBehavior {
    pub listen: Vec<Listen>,
    /// Without any entry, each path answers 200.
    pub http: Vec<Http>,
    pub grpc: Vec<Grpc>,
    pub exec: Vec<Exec>,
    pub exit: Option<Ending>,
    pub term: Term,
    pub memory: Vec<Memory>,
    pub log: Vec<String>,
    /// Names of environment variables whose values are written to the log.
    pub log_env: Vec<String>,
    /// Set if the runtime cannot start the program.
    pub start_error: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Listen {
    pub port: u16,
    pub from: i64,
    pub to: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Http {
    pub path: String,
    /// None: any port.
    pub port: Option<u16>,
    pub from: i64,
    pub answer: HttpAnswer,
}

#[derive(Clone, Debug)]
pub struct Grpc {
    pub port: u16,
    pub service: String,
    pub from: i64,
    pub status: String,
}

#[derive(Clone, Debug)]
pub struct Exec {
    /// The words of the command with blanks between them.
    pub command: String,
    pub from: i64,
    pub answer: ExecAnswer,
}

#[derive(Clone, Debug, Default)]
pub struct Ending {
    pub after: i64,
    pub code: i64,
    pub message: String,
}

/// The reaction to SIGTERM.
#[derive(Clone, Debug, Default)]
pub struct Term {
    pub ending: Ending,
    pub ignored: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub from: i64,
    /// Bytes.
    pub used: i64,
}

impl Matcher {
    fn matches(&self, start: &Start<'_>) -> bool {
        let is = |wanted: &Option<String>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == text)
        };
        is(&self.container, start.container.str("name"))
            && is(&self.image, start.container.str("image"))
            && is(&self.pod_name, start.pod["metadata"].str("name"))
            && self.pod.is_none_or(|number| number == start.pod_number)
            && self.image_pod.is_none_or(|number| number == start.image_pod_number)
    }
}

impl Behaviors {
    /// Returns true if a program is described for a container.
    pub fn describes(&self, start: &Start<'_>) -> bool {
        self.entries.iter().any(|entry| entry.matcher.matches(start))
    }
}

impl Programs for Behaviors {
    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, String> {
        let entry = self.entries.iter().find(|entry| entry.matcher.matches(start));
        let behavior = entry
            .and_then(|entry| {
                entry.starts.get(start.earlier_starts).or_else(|| entry.starts.last())
            })
            .cloned()
            .unwrap_or_default();
        if let Some(error) = &behavior.start_error {
            return Err(error.clone());
        }
        let env = |name: &String| match start.env.get(name) {
            Some(value) => format!("{name}={value}"),
            None => format!("{name} is not set"),
        };
        let log = behavior.log.iter().cloned().chain(behavior.log_env.iter().map(env)).collect();
        Ok(Box::new(Running { behavior, log, terminated: None }))
    }
}

/// A process that follows a [`StartBehavior`].
#[derive(Clone, Debug)]
struct Running {
    behavior: Arc<StartBehavior>,
    log: Vec<String>,
    /// Time of the first SIGTERM.
    terminated: Option<i64>,
}

/// Of the entries that apply, the one with the latest `from` that has passed; of several with the
/// same time the first one.
fn latest<'a, T>(
    entries: impl Iterator<Item = &'a T>,
    at: i64,
    from: impl Fn(&T) -> i64,
) -> Option<&'a T> {
    let mut found: Option<&T> = None;
    for entry in entries.filter(|entry| from(entry) <= at) {
        if found.is_none_or(|found| from(found) < from(entry)) {
            found = Some(entry);
        }
    }
    found
}

impl Running {
    fn out_of_memory(&self, limit: i64) -> Option<(i64, Exit)> {
        let over = self.behavior.memory.iter().filter(|entry| entry.used > limit);
        let exit = Exit { code: 137, message: String::new(), out_of_memory: true };
        over.map(|entry| entry.from).min().map(|from| (from, exit))
    }
}

fn ending(after: i64, ending: &Ending) -> (i64, Exit) {
    let exit = Exit { code: ending.code, message: ending.message.clone(), out_of_memory: false };
    (after + ending.after, exit)
}

impl Process for Running {
    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }

    fn end(&self, limit: Option<i64>) -> Option<(i64, Exit)> {
        let term = &self.behavior.term;
        let own = self.behavior.exit.as_ref().map(|exit| ending(0, exit));
        let killed = limit.and_then(|limit| self.out_of_memory(limit));
        let terminated =
            self.terminated.filter(|_| !term.ignored).map(|at| ending(at, &term.ending));
        [own, killed, terminated].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn terminate(&mut self, at: i64) {
        self.terminated.get_or_insert(at);
    }

    fn ports(&self, at: i64) -> Vec<u16> {
        let listens = |entry: &&Listen| entry.from <= at && entry.to.is_none_or(|to| at < to);
        self.behavior.listen.iter().filter(listens).map(|entry| entry.port).collect()
    }

    fn http(&mut self, request: HttpRequest<'_>, at: i64) -> HttpAnswer {
        let all = &self.behavior.http;
        if all.is_empty() {
            return HttpAnswer::of(200);
        }
        let path = request.path.split(['?', '#']).next().unwrap_or_default();
        let fits = all.iter().filter(|entry| {
            entry.path == path && entry.port.is_none_or(|port| port == request.port)
        });
        latest(fits, at, |entry| entry.from)
            .map_or_else(|| HttpAnswer::of(404), |entry| entry.answer.clone())
    }

    fn grpc(&mut self, port: u16, service: &str, at: i64) -> GrpcAnswer {
        let own = || self.behavior.grpc.iter().filter(move |entry| entry.port == port);
        if own().next().is_none() {
            return GrpcAnswer::Unimplemented;
        }
        let fits = own().filter(|entry| entry.service == service);
        match latest(fits, at, |entry| entry.from) {
            Some(entry) => GrpcAnswer::Status(entry.status.clone()),
            None => GrpcAnswer::UnknownService,
        }
    }

    fn exec(&mut self, command: &[&str], at: i64) -> ExecAnswer {
        let command = command.join(" ");
        let fits = self.behavior.exec.iter().filter(|entry| entry.command == command);
        latest(fits, at, |entry| entry.from).map(|entry| entry.answer.clone()).unwrap_or_default()
    }

    fn knows_command(&self, command: &[&str], at: i64) -> bool {
        let command = command.join(" ");
        self.behavior.exec.iter().any(|entry| entry.command == command && entry.from <= at)
    }

    fn log(&self, _at: i64) -> Vec<(i64, String)> {
        self.log.iter().map(|line| (0, line.clone())).collect()
    }

    fn memory(&self, at: i64) -> i64 {
        latest(self.behavior.memory.iter(), at, |entry| entry.from).map_or(0, |entry| entry.used)
    }

    fn last_change(&self) -> i64 {
        let behavior = &self.behavior;
        let listens = behavior.listen.iter().flat_map(|one| [Some(one.from), one.to]).flatten();
        let http = behavior.http.iter().map(|one| one.from);
        let grpc = behavior.grpc.iter().map(|one| one.from);
        let exec = behavior.exec.iter().map(|one| one.from);
        listens.chain(http).chain(grpc).chain(exec).max().unwrap_or_default()
    }
}
