//! Probes and lifecycle hooks: their requests to a container, and the meaning of its answers.
//!
//! Source: pkg/kubelet/prober/prober.go, pkg/probe/{http,tcp,exec,grpc}, pkg/kubelet/lifecycle.

use kubernetes::object::Value;

use super::pod::PodWorker;
use crate::program::{GrpcAnswer, HttpAnswer, HttpRequest};

/// The result of one probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Success,
    Failure,
    /// The probe could not be made; its result is thrown away.
    Unknown,
}

/// The answer to one probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub verdict: Verdict,
    pub output: String,
    /// True if a success is worth an event.
    pub warning: bool,
    /// Milliseconds until the answer is known.
    pub takes: i64,
}

impl Answer {
    fn of(verdict: Verdict, output: impl Into<String>, takes: i64) -> Self {
        Self { verdict, output: output.into(), warning: false, takes }
    }
}

/// Redirects that a probe follows. Source: net/http defaultCheckRedirect.
const MAX_REDIRECTS: usize = 10;

/// Statuses with a header `Location` that Go's client follows.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// A number, or the name of a port of the container.
fn port(spec: &Value, port: &Value) -> Result<u16, String> {
    if let Some(number) = port.as_int() {
        return u16::try_from(number).map_err(|_| format!("invalid port number: {number}"));
    }
    let name = port.as_str().unwrap_or_default();
    if let Some(found) = spec.list("ports").iter().find(|one| one.str("name") == name) {
        return u16::try_from(found.int("containerPort"))
            .map_err(|_| format!("invalid port number: {}", found.int("containerPort")));
    }
    name.parse::<u16>()
        .map_err(|_| format!("strconv.Atoi: parsing {}: invalid syntax", go::quote::quote(name)))
}

fn words(command: &Value) -> Vec<&str> {
    command.as_list().unwrap_or_default().iter().filter_map(Value::as_str).collect()
}

/// A path as it appears in a URL.
fn url(scheme: &str, host: &str, port: u16, path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{}://{}{slash}{path}", scheme.to_lowercase(), go::net::join_host_port(host, port))
}

fn refused(host: &str, port: u16) -> String {
    format!("dial tcp {}: connect: connection refused", go::net::join_host_port(host, port))
}

impl PodWorker {
    /// The container with an id, if its process runs.
    fn running(&mut self, id: &str) -> Option<usize> {
        self.containers.iter().position(|one| one.record.id == id && one.record.is_running())
    }

    /// The address of the pod.
    fn address(&self) -> String {
        self.status.str("podIP").to_owned()
    }

    /// True if a container of the pod listens on a port. Containers share the address.
    fn listener(&mut self, port: u16, now: i64) -> Option<usize> {
        self.containers.iter().position(|one| {
            one.record.is_running()
                && one.process.as_ref().is_some_and(|process| process.listens(port, one.age(now)))
        })
    }

    /// Makes a probe.
    pub(super) fn ask(&mut self, spec: &Value, probe: &Value, id: &str, now: i64) -> Answer {
        let timeout = probe["timeoutSeconds"].as_int().unwrap_or(1).max(1) * 1000;
        if probe.has("exec") {
            return self.ask_exec(&probe["exec"], id, now, timeout);
        }
        if probe.has("httpGet") {
            return self.ask_http(spec, &probe["httpGet"], now, timeout);
        }
        if probe.has("tcpSocket") {
            let target = &probe["tcpSocket"];
            let port = match port(spec, &target["port"]) {
                Ok(port) => port,
                Err(error) => return Answer::of(Verdict::Unknown, error, 0),
            };
            let host = self.host(target);
            return match self.reach(&host, port, now) {
                true => Answer::of(Verdict::Success, "", 0),
                false => Answer::of(Verdict::Failure, refused(&host, port), 0),
            };
        }
        self.ask_grpc(&probe["grpc"], now, timeout)
    }

    fn host(&self, target: &Value) -> String {
        match target.str("host") {
            "" => self.address(),
            host => host.to_owned(),
        }
    }

    /// True if something listens. Only the addresses of the pod are known here.
    fn reach(&mut self, host: &str, port: u16, now: i64) -> bool {
        (host == self.address() || matches!(host, "localhost" | "127.0.0.1"))
            && self.listener(port, now).is_some()
    }

    fn ask_exec(&mut self, exec: &Value, id: &str, now: i64, timeout: i64) -> Answer {
        let command = words(&exec["command"]);
        let answer = self.running(id).and_then(|number| {
            let container = self.containers.get_mut(number)?;
            let age = container.age(now);
            Some(container.process.as_mut()?.exec(&command, age))
        });
        let Some(answer) = answer else {
            let error = "rpc error: code = Unknown desc = failed to exec in container: container \
                         is in CONTAINER_EXITED state";
            return Answer::of(Verdict::Unknown, error, 0);
        };
        if !answer.error.is_empty() {
            let error = format!(
                "rpc error: code = Unknown desc = failed to exec in container: failed to start \
                 exec \"{}\": {}",
                exec_id(id, now),
                answer.error
            );
            return Answer::of(Verdict::Unknown, error, 0);
        }
        if answer.takes > timeout {
            let error = format!(
                "command timed out: {} timed out after {}s",
                go::quote::quote(&command.join(" ")),
                timeout / 1000
            );
            return Answer::of(Verdict::Failure, error, timeout);
        }
        let verdict = if answer.code == 0 { Verdict::Success } else { Verdict::Failure };
        Answer::of(verdict, answer.output, answer.takes)
    }

    /// Sends an HTTP request; the error is Go's, with the time it took.
    fn get(
        &mut self,
        scheme: &str,
        target: (&str, u16, &str),
        headers: &[(String, String)],
        now: i64,
        timeout: i64,
    ) -> Result<HttpAnswer, (String, i64)> {
        let (host, port, path) = target;
        let url = go::quote::quote(&url(scheme, host, port, path));
        if !self.reach(host, port, now) {
            return Err((format!("Get {url}: {}", refused(host, port)), 0));
        }
        if scheme.eq_ignore_ascii_case("https") {
            let error = "http: server gave HTTP response to HTTPS client";
            return Err((format!("Get {url}: {error}"), 0));
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let answer = self.listener(port, now).and_then(|number| {
            let container = self.containers.get_mut(number)?;
            let age = container.age(now);
            let request = HttpRequest { headers, ..HttpRequest::get(port, &path) };
            Some(container.process.as_mut()?.http(request, age))
        });
        let answer = answer.unwrap_or_else(|| HttpAnswer::of(404));
        if let Some(error) = answer.error {
            return Err((format!("Get {url}: {error}"), 0));
        }
        if answer.delay > timeout {
            let error =
                "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
            return Err((format!("Get {url}: {error}"), timeout));
        }
        Ok(answer)
    }

    fn ask_http(&mut self, spec: &Value, get: &Value, now: i64, timeout: i64) -> Answer {
        let port = match port(spec, &get["port"]) {
            Ok(port) => port,
            Err(error) => return Answer::of(Verdict::Unknown, error, 0),
        };
        let host = self.host(get);
        let scheme = match get.str("scheme") {
            "" => "HTTP",
            scheme => scheme,
        };
        let mut path = get.str("path").to_owned();
        let headers = headers(get, &host, port);
        let mut taken = 0;
        for _ in 0..MAX_REDIRECTS {
            let target = (&*host, port, &*path);
            let answer = match self.get(scheme, target, &headers, now + taken, timeout - taken) {
                Ok(answer) => answer,
                Err((error, takes)) => {
                    return Answer::of(Verdict::Failure, error, taken + takes);
                }
            };
            taken += answer.delay;
            let location = answer.header("Location");
            let redirects = REDIRECTS.contains(&answer.status) && !location.is_empty();
            if !redirects {
                return judge(&answer, taken);
            }
            match same_host(location, scheme, &host, port) {
                Some(next) => path = next,
                None => {
                    // The response with the redirect is the answer.
                    let output =
                        format!("Probe terminated redirects, Response body: {}", answer.body);
                    return Answer {
                        verdict: Verdict::Success,
                        output,
                        warning: true,
                        takes: taken,
                    };
                }
            }
        }
        let url = go::quote::quote(&path);
        Answer::of(Verdict::Failure, format!("Get {url}: stopped after 10 redirects"), taken)
    }

    fn ask_grpc(&mut self, target: &Value, now: i64, timeout: i64) -> Answer {
        let number = target.int("port");
        let Ok(port) = u16::try_from(number) else {
            return Answer::of(Verdict::Unknown, format!("invalid port number: {number}"), 0);
        };
        let host = self.address();
        let Some(listener) = self.listener(port, now) else {
            let address = go::net::join_host_port(&host, port);
            let error = format!(
                "timeout: failed to connect service {} within {}s: context deadline exceeded",
                go::quote::quote(&address),
                timeout / 1000
            );
            return Answer::of(Verdict::Failure, error, timeout);
        };
        let answer = self.containers.get_mut(listener).and_then(|container| {
            let age = container.age(now);
            Some(container.process.as_mut()?.grpc(port, target.str("service"), age))
        });
        match answer {
            Some(GrpcAnswer::Status(status)) if status == "SERVING" => {
                Answer::of(Verdict::Success, "", 0)
            }
            Some(GrpcAnswer::Status(status)) => Answer::of(
                Verdict::Failure,
                format!("service unhealthy (responded with {})", go::quote::quote(&status)),
                0,
            ),
            Some(GrpcAnswer::UnknownService) => Answer::of(
                Verdict::Failure,
                "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
                0,
            ),
            _ => Answer::of(
                Verdict::Failure,
                "error: this server does not implement the grpc health protocol \
                 (grpc.health.v1.Health): unknown service grpc.health.v1.Health",
                0,
            ),
        }
    }

    /// Runs a lifecycle hook. Returns the milliseconds it takes, and the message if it fails.
    pub(super) fn run_hook(
        &mut self,
        number: usize,
        spec: &Value,
        hook: &Value,
        now: i64,
    ) -> (i64, Option<String>) {
        if hook.has("sleep") {
            return (hook["sleep"].int("seconds").clamp(0, 1 << 31) * 1000, None);
        }
        let owner = format!(
            "for Container \"{}\" in Pod \"{}_{}({})\" failed - error: ",
            spec.str("name"),
            self.key.name,
            self.key.namespace,
            self.uid
        );
        if hook.has("exec") {
            let command = words(&hook["exec"]["command"]);
            let (takes, error) = self.run_exec_hook(number, &command, now);
            let shown = command.join(" ");
            let error =
                error.map(|error| format!("Exec lifecycle hook ([{shown}]) {owner}{error}"));
            return (takes, error);
        }
        if !hook.has("httpGet") {
            return (0, None);
        }
        let get = &hook["httpGet"];
        let error = self.run_http_hook(spec, get, now).err();
        let path = get.str("path");
        (0, error.map(|error| format!("HTTP lifecycle hook ({path}) {owner}{error}")))
    }

    /// Runs the command of a hook. Returns the milliseconds it takes, and the error if it fails.
    fn run_exec_hook(
        &mut self,
        number: usize,
        command: &[&str],
        now: i64,
    ) -> (i64, Option<String>) {
        let Some(container) = self.containers.get_mut(number) else { return (0, None) };
        let age = container.age(now);
        let Some(process) = container.process.as_mut() else { return (0, None) };
        let answer = process.exec(command, age);
        let error = if !answer.error.is_empty() {
            format!("{}, message: \"\"", answer.error)
        } else if answer.code != 0 {
            format!(
                "command '{}' exited with {}: , message: {}",
                command.join(" "),
                answer.code,
                go::quote::quote(&answer.output)
            )
        } else {
            return (answer.takes, None);
        };
        (answer.takes, Some(error))
    }

    /// Sends the request of a hook. It fails only if nothing answers: the status does not matter.
    fn run_http_hook(&mut self, spec: &Value, get: &Value, now: i64) -> Result<(), String> {
        let path = get.str("path");
        let port = port(spec, &get["port"])?;
        // A hook may run before the status of the pod has its address.
        let host = match (get.str("host"), &self.sandbox) {
            ("", Some(sandbox)) => sandbox.address.clone(),
            (host, _) => host.to_owned(),
        };
        let Some(listener) = self.listener(port, now) else {
            let url = go::quote::quote(&url("http", &host, port, path));
            return Err(format!("Get {url}: {}", refused(&host, port)));
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        let path = format!("{slash}{path}");
        if let Some(container) = self.containers.get_mut(listener) {
            let age = container.age(now);
            if let Some(process) = container.process.as_mut() {
                let _ = process.http(HttpRequest::get(port, &path), age);
            }
        }
        Ok(())
    }
}

/// An id of an exec session that is stable for a container and a moment.
fn exec_id(id: &str, now: i64) -> String {
    let seed = id
        .bytes()
        .fold(now as u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{seed:016x}{:016x}{seed:016x}{:016x}", !seed, seed.rotate_left(17))
}

/// The headers of a request; Host is the address unless the probe names another.
///
/// Source: pkg/probe/http/request.go `NewRequestForHTTPGetAction`.
fn headers(get: &Value, host: &str, port: u16) -> Vec<(String, String)> {
    let own = get.list("httpHeaders").iter();
    let mut headers: Vec<(String, String)> =
        own.map(|one| (one.str("name").to_owned(), one.str("value").to_owned())).collect();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Host")) {
        headers.push(("Host".to_owned(), go::net::join_host_port(host, port)));
    }
    headers
}

fn judge(answer: &HttpAnswer, takes: i64) -> Answer {
    if (200..400).contains(&answer.status) {
        return Answer::of(Verdict::Success, &*answer.body, takes);
    }
    let output = format!("HTTP probe failed with statuscode: {}", answer.status);
    Answer::of(Verdict::Failure, output, takes)
}

/// The path of a redirect to the same host; None for another one.
fn same_host(location: &str, scheme: &str, host: &str, port: u16) -> Option<String> {
    let Some((_, rest)) = location.split_once("://") else { return Some(location.to_owned()) };
    let own = url(scheme, host, port, "/");
    let (_, own) = own.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let same = own.trim_end_matches('/') == authority;
    same.then(|| format!("/{path}"))
}
