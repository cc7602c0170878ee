//! Prometheus as the program of a container.
//!
//! The kubelet starts the program; the world starts the server in it with the files, variables and
//! volumes of the container, and lets its time pass.

use std::collections::VecDeque;
use std::sync::Arc;

use cluster::kubelet::Active;
use cluster::program::{ExecAnswer, Exit, GrpcAnswer, HttpAnswer, HttpRequest, Process, Usage};
use promql::Timestamp;
use server::{DataSource, Request, Response, Started};

use crate::boot;
use crate::disks::{DataFolder, Disks};
use crate::server::{Outside, PrometheusServer};

/// Milliseconds from the signal to the end of a server that shuts down.
const SHUTDOWN: i64 = 50;
/// Lines of a log that are kept.
const LOG_LINES: usize = 10_000;
/// Cores that a server with few series uses, and bytes of memory besides its samples.
const BUSY: f64 = 0.008;
const RESIDENT: i64 = 52 << 20;
/// The flags of the image.
const IMAGE_ARGUMENTS: &[&str] =
    &["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"];

/// The program of a container that runs Prometheus. A clone shares the server until one of both
/// goes on.
#[derive(Clone, Debug)]
pub struct PrometheusProgram {
    state: State,
    /// Lines with their times in milliseconds since the start.
    log: VecDeque<(i64, String)>,
    /// The start of the container, in milliseconds since the epoch; None before the first turn.
    started: Option<Timestamp>,
    /// When the answers to probes changed last, in milliseconds since the start.
    changed: i64,
}

#[derive(Clone, Debug)]
enum State {
    /// The container runs, and the server is about to be started with these arguments.
    Created {
        args: Vec<String>,
    },
    Running(Arc<Running>),
    Ended {
        at: i64,
        exit: Exit,
    },
}

/// A server that was started.
#[derive(Clone, Debug)]
struct Running {
    server: PrometheusServer,
    folder: DataFolder,
    /// The version of the files that the server sees.
    files_version: u64,
    /// When the process is gone, in milliseconds since the start.
    end: Option<(i64, Exit)>,
}

impl Running {
    /// Keeps the samples of a server that ends: on its disk, or with the owner who has provided them.
    fn keep_samples(&mut self, disks: &mut Disks) {
        let process = &mut self.server.process;
        let storage = std::mem::take(&mut process.storage);
        match process.data_source() {
            DataSource::Own => disks.keep(&self.folder, Arc::new(storage)),
            DataSource::Provided => disks.give_back(storage),
            DataSource::Unused => {}
        }
    }
}

impl PrometheusProgram {
    /// A program with the arguments behind the name of the program.
    pub(crate) fn new(args: Vec<String>) -> Self {
        Self { state: State::Created { args }, log: VecDeque::new(), started: None, changed: 0 }
    }

    /// The arguments that a container gives to Prometheus; None if its command is another program.
    pub(crate) fn arguments(command: &[String], args: &[String]) -> Option<Vec<String>> {
        let Some((program, rest)) = command.split_first() else {
            if args.is_empty() {
                return Some(IMAGE_ARGUMENTS.iter().map(|&arg| arg.to_owned()).collect());
            }
            return Some(args.to_vec());
        };
        let own = program.rsplit('/').next() == Some("prometheus");
        own.then(|| rest.iter().chain(args).cloned().collect())
    }

    /// The server; None before it has started and after it has ended.
    pub fn server(&self) -> Option<&PrometheusServer> {
        match &self.state {
            State::Running(running) if running.end.is_none() => Some(&running.server),
            _ => None,
        }
    }

    /// The server, to be changed.
    pub(crate) fn server_mut(&mut self) -> Option<&mut PrometheusServer> {
        match &mut self.state {
            State::Running(running) if running.end.is_none() => {
                Some(&mut Arc::make_mut(running).server)
            }
            _ => None,
        }
    }

    /// The time at which something happens next, in milliseconds since the epoch.
    pub(crate) fn next_time(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.state {
            State::Created { .. } => Some(now),
            State::Running(running) if running.end.is_none() => running.server.process.next_time(),
            _ => None,
        }
    }

    /// Starts the server if it is not started, and lets its time pass.
    pub(crate) fn advance(
        &mut self,
        active: &Active,
        to: Timestamp,
        outside: &mut Outside<'_>,
        disks: &mut Disks,
    ) {
        if let State::Created { args } = &self.state {
            let args = args.clone();
            self.boot(&args, active, to, outside, disks);
        }
        let State::Running(running) = &mut self.state else { return };
        let kubelets = &outside.cluster.kubelets;
        let version = kubelets.active_view(active).map(|view| view.files_version);
        let idle = running.server.process.next_time().is_none_or(|next| next > to)
            && version == Some(running.files_version)
            && running.server.process.log.is_empty()
            && running.server.process.exit_code().is_some() == running.end.is_some();
        if idle {
            return;
        }
        let running = Arc::make_mut(running);
        if let Some(version) = version.filter(|version| *version != running.files_version) {
            running.files_version = version;
            boot::refresh_files(&mut running.server.host, kubelets, active);
        }
        if running.end.is_none() {
            running.server.advance(to, outside);
        }
        self.settle(to, disks);
    }

    fn boot(
        &mut self,
        args: &[String],
        active: &Active,
        now: Timestamp,
        outside: &Outside<'_>,
        disks: &mut Disks,
    ) {
        let Some(view) = outside.cluster.kubelets.active_view(active) else { return };
        let (started, files_version) = (view.started, view.files_version);
        self.started = Some(started);
        let Some(place) = boot::place(args, active, outside, disks) else { return };
        match server::start(args, &place.host, now) {
            Started::Running(mut process) => {
                process.set_data_source(outside.data);
                if let Some(kept) = disks.open(&place.folder, active) {
                    process.storage = Arc::unwrap_or_clone(kept);
                }
                let server = PrometheusServer {
                    account: place.account,
                    host: place.host,
                    process,
                    container: Some(place.container),
                    connections: 0,
                };
                let folder = place.folder;
                let running = Running { server, folder, files_version, end: None };
                self.state = State::Running(Arc::new(running));
            }
            Started::Ended { exit_code, stderr, log, .. } => {
                let at = now - started + SHUTDOWN;
                for line in stderr {
                    self.write(at, line);
                }
                let json = args.iter().any(|arg| arg == "--log.format=json");
                for line in log {
                    self.write(at, line.print(now, json));
                }
                let exit = Exit { code: exit_code.into(), ..Exit::default() };
                self.state = State::Ended { at, exit };
            }
        }
    }

    fn write(&mut self, at: i64, line: String) {
        if self.log.len() >= LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back((at, line));
    }

    /// Takes over what the server has written, and notices its end.
    fn settle(&mut self, now: Timestamp, disks: &mut Disks) {
        let age = self.age(now);
        self.collect(now);
        let State::Running(running) = &mut self.state else { return };
        let mut phase_changed = false;
        let running = Arc::make_mut(running);
        let process = &mut running.server.process;
        if running.end.is_none()
            && let Some(code) = process.exit_code()
        {
            let exit = Exit { code: code.into(), ..Exit::default() };
            running.end = Some((age + SHUTDOWN, exit));
            running.keep_samples(disks);
            phase_changed = true;
        }
        if phase_changed || !self.is_ready() {
            self.changed = age;
        }
    }

    /// Keeps the data of a server whose process was killed.
    pub(crate) fn keep_data(&mut self, disks: &mut Disks) {
        let State::Running(running) = &mut self.state else { return };
        if running.end.is_none() {
            Arc::make_mut(running).keep_samples(disks);
        }
    }

    /// Takes over what the server has written.
    fn collect(&mut self, now: Timestamp) {
        let age = self.age(now);
        let State::Running(running) = &mut self.state else { return };
        if running.server.process.log.is_empty() {
            return;
        }
        let process = &mut Arc::make_mut(running).server.process;
        let json = process.flags.get("log.format") == "json";
        let lines: Vec<String> = process.log.drain(..).map(|line| line.print(now, json)).collect();
        for line in lines {
            self.write(age, line);
        }
    }

    fn is_ready(&self) -> bool {
        self.server().is_some_and(|one| one.process.phase() == server::Phase::Ready)
    }

    /// Milliseconds since the start of the container.
    fn age(&self, now: Timestamp) -> i64 {
        now - self.started.unwrap_or(now)
    }

    /// Sends a request to the server. None if nothing listens.
    pub(crate) fn request(&mut self, request: &Request, now: Timestamp) -> Option<Response> {
        let server = self.server_mut()?;
        server.process.pass(now);
        let response = server.process.request(request, &server.host);
        self.collect(now);
        response
    }

    /// Reads the configuration again, as after SIGHUP.
    fn reload(&mut self, at: i64) {
        let now = self.started.unwrap_or_default() + at;
        if let Some(server) = self.server_mut() {
            server.process.pass(now);
            // The log has the error.
            let _ = server.process.reload(&server.host);
            self.collect(now);
        }
    }
}

impl Process for PrometheusProgram {
    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }

    fn end(&self, _limit: Option<i64>) -> Option<(i64, Exit)> {
        match &self.state {
            State::Created { .. } => None,
            State::Running(running) => running.end.clone(),
            State::Ended { at, exit } => Some((*at, exit.clone())),
        }
    }

    fn terminate(&mut self, at: i64) {
        if let State::Created { .. } = self.state {
            self.state = State::Ended { at, exit: Exit::default() };
        }
        if let Some(server) = self.server_mut() {
            server.process.terminate();
            let now = self.started.unwrap_or_default() + at;
            self.collect(now);
        }
    }

    fn ports(&self, _at: i64) -> Vec<u16> {
        let listening = self.server().filter(|server| {
            let opening = matches!(server.process.phase(), server::Phase::Opening { .. });
            !opening && server.process.exit_code().is_none()
        });
        listening.map(PrometheusServer::port).into_iter().collect()
    }

    fn http(&mut self, request: HttpRequest<'_>, at: i64) -> HttpAnswer {
        let HttpRequest { method, path, headers, body, .. } = request;
        let request = Request {
            method: method.to_owned(),
            target: path.to_owned(),
            headers: headers.to_vec(),
            body: body.to_owned(),
        };
        let now = self.started.unwrap_or_default() + at;
        match self.request(&request, now) {
            Some(Response { status, headers, body, .. }) => {
                HttpAnswer { status, body, delay: 0, headers, error: None }
            }
            None => HttpAnswer::of(503),
        }
    }

    fn grpc(&mut self, _port: u16, _service: &str, _at: i64) -> GrpcAnswer {
        GrpcAnswer::Unimplemented
    }

    fn exec(&mut self, command: &[&str], at: i64) -> ExecAnswer {
        let words: Vec<&str> = match command {
            ["sh" | "/bin/sh", "-c", script] => script.split_whitespace().collect(),
            words => words.to_vec(),
        };
        match words[..] {
            ["kill", "-HUP" | "-1" | "-SIGHUP", "1"] | ["killall", "-HUP", "prometheus"] => {
                self.reload(at);
            }
            ["kill", "1"] | ["kill", "-TERM" | "-15" | "-SIGTERM", "1"] => self.terminate(at),
            _ => {}
        }
        ExecAnswer::default()
    }

    fn knows_command(&self, command: &[&str], _at: i64) -> bool {
        command.first().is_some_and(|word| matches!(*word, "kill" | "killall"))
    }

    fn log(&self, at: i64) -> Vec<(i64, String)> {
        self.log.iter().filter(|(time, _)| *time <= at).cloned().collect()
    }

    fn memory(&self, _at: i64) -> i64 {
        let bytes = self.server().map_or(0, |server| server.process.storage.bytes());
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }

    fn usage(&self, at: i64) -> Usage {
        Usage { cores: BUSY, memory: RESIDENT + self.memory(at) }
    }

    fn last_change(&self) -> i64 {
        self.changed
    }

    fn is_active(&self) -> bool {
        true
    }
}
