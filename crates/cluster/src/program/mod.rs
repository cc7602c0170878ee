//! Programs that run in containers: how they start, listen, answer, use memory and end.
//!
//! | file | content |
//! | --- | --- |
//! | `behavior` | programs that follow a table of times and answers |
//! | `read` | the YAML vocabulary of such tables, with diagnostics |
//! | `images` | images that nodes have, can pull, or cannot pull |
//!
//! A kubelet asks a [`Programs`] for a [`Process`] each time it starts a container. Times that a
//! process gets and gives are milliseconds since its own start.

mod behavior;
mod images;
mod read;

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Debug;

use kubernetes::object::Value;

pub use behavior::{Behaviors, Ending, Entry, Matcher, StartBehavior};
pub use images::{Image, Images, PullFailure};
pub(crate) use images::{invalid_reference, qualified, tagged};
pub use read::{CODES, read_behaviors};

/// The container that is to be started.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    pub pod: &'a Value,
    /// The container of the specification of the pod.
    pub container: &'a Value,
    /// The environment of the process.
    pub env: &'a BTreeMap<String, String>,
    /// Number of earlier starts of this container in this pod.
    pub earlier_starts: usize,
    /// Position of the pod among the pods of its namespace, in order of their first start; from 1.
    pub pod_number: usize,
    /// Position of the pod among the pods of its namespace that run this image; from 1.
    pub image_pod_number: usize,
    /// Milliseconds since the epoch.
    pub now: i64,
}

/// All programs that containers can run.
pub trait Programs: Debug + Send + Sync {
    /// Starts the process of a container. The error is the text of a runtime that cannot start it.
    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, String>;
}

/// The end of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    pub code: i64,
    /// The content of the file at `terminationMessagePath`.
    pub message: String,
    /// True if the process needed more memory than the limit of the container.
    pub out_of_memory: bool,
}

/// An HTTP request to a process.
#[derive(Clone, Copy, Debug)]
pub struct HttpRequest<'a> {
    pub port: u16,
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// The path with the query.
    pub path: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a str,
}

impl<'a> HttpRequest<'a> {
    /// A GET request without headers.
    pub const fn get(port: u16, path: &'a str) -> Self {
        Self { port, method: "GET", path, headers: &[], body: "" }
    }
}

/// The answer to an HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    pub status: u16,
    pub body: String,
    /// Milliseconds until the answer is sent.
    pub delay: i64,
    pub headers: Vec<(String, String)>,
    /// The error of Go's HTTP client, if the program does not speak HTTP. Everything else is unused
    /// then.
    pub error: Option<&'static str>,
}

/// The content type of answers that name none.
pub const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

impl HttpAnswer {
    /// An answer without a body that is sent at once.
    pub fn of(status: u16) -> Self {
        let headers = vec![("Content-Type".to_owned(), PLAIN_TEXT.to_owned())];
        Self { status, body: String::new(), delay: 0, headers, error: None }
    }

    /// The answer of a program that does not speak HTTP.
    pub fn malformed(error: &'static str) -> Self {
        Self { error: Some(error), ..Self::of(400) }
    }

    /// The first header of a name, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// The answer of the health service of gRPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrpcAnswer {
    /// The server has no health service.
    Unimplemented,
    /// The server does not know the service that was asked for.
    UnknownService,
    /// `SERVING`, `NOT_SERVING` and the like.
    Status(String),
}

/// The resources that a process uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Cores, averaged over the last seconds.
    pub cores: f64,
    /// Bytes.
    pub memory: i64,
}

/// The use of a process that says nothing about itself.
const IDLE: Usage = Usage { cores: 0.001, memory: 8 << 20 };

/// The result of a command that is executed in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecAnswer {
    pub code: i64,
    pub output: String,
    /// Milliseconds that the command takes.
    pub takes: i64,
    /// The text of a runtime that cannot start the command; empty if it can.
    pub error: String,
}

/// A running process. Times are milliseconds since its start.
pub trait Process: Any + Debug + Send + Sync {
    fn clone_box(&self) -> Box<dyn Process>;

    /// When and how the process ends if nothing more happens to it. `limit` is the memory limit of
    /// the container in bytes.
    fn end(&self, limit: Option<i64>) -> Option<(i64, Exit)>;

    /// Delivers SIGTERM.
    fn terminate(&mut self, at: i64);

    /// Returns true if the process accepts connections on a port.
    fn listens(&self, port: u16, at: i64) -> bool {
        self.ports(at).contains(&port)
    }

    /// The ports on which the process accepts connections.
    fn ports(&self, at: i64) -> Vec<u16>;

    /// Answers a request on a port on which the process listens.
    fn http(&mut self, request: HttpRequest<'_>, at: i64) -> HttpAnswer;

    /// Answers a health check on a port on which the process listens.
    fn grpc(&mut self, port: u16, service: &str, at: i64) -> GrpcAnswer;

    /// Executes a command beside the process.
    fn exec(&mut self, command: &[&str], at: i64) -> ExecAnswer;

    /// Returns true if the result of a command is described. Other commands are not found.
    fn knows_command(&self, _command: &[&str], _at: i64) -> bool {
        false
    }

    /// The lines that were written until `at`, each with its time.
    fn log(&self, at: i64) -> Vec<(i64, String)>;

    /// Bytes of memory in use.
    fn memory(&self, at: i64) -> i64;

    /// The use of resources, as the kubelet measures it. By default that of an idle process.
    fn usage(&self, at: i64) -> Usage {
        Usage { cores: IDLE.cores, memory: self.memory(at).max(IDLE.memory) }
    }

    /// The last time at which the answers of the process change by themselves. A cluster at rest
    /// waits for it.
    fn last_change(&self) -> i64;

    /// Returns true if the process acts by itself: it sends requests, or reads files again. The
    /// owner of the cluster lets its time pass; see [`crate::kubelet::Active`].
    fn is_active(&self) -> bool {
        false
    }
}

impl Clone for Box<dyn Process> {
    fn clone(&self) -> Self {
        self.clone_box()
    }
}
