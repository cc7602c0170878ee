//! The YAML vocabulary of programs, with diagnostics.
//!
//! ```yaml
//! programs:
//! - match: {container: web}
//!   starts:
//!   - listen: [{port: 8080, from: 3s}]
//!     http: [{path: /healthz, status: 200}]
//! ```

use std::sync::Arc;

use kubernetes::object::Quantity;
use text::{Code, Diagnostic, FileId, Location};
use yaml::{Kind, Node, scalars};

use super::behavior::{
    Behaviors, Ending, Entry, Exec, Grpc, Http, Listen, Matcher, Memory, StartBehavior, Term,
};
use super::{ExecAnswer, HttpAnswer, PLAIN_TEXT};

/// Codes of this module.
pub static CODES: &[Code] = &[
    Code {
        code: "program-unknown-field",
        title: "Unknown field of a program",
        doc: "A program has `match` and `starts`. A start can have `listen`, `http`, `grpc`, \
              `exec`, `exit`, `term`, `memory`, `log`, `logEnv` and `startError`.",
        example: "programs:\n- match: {container: web}\n  starts:\n  - listens: [{port: 80}]",
    },
    Code {
        code: "program-value",
        title: "Invalid value in a program",
        doc: "Times are durations such as `500ms`, `3s` or `1m30s`, counted from the start of the \
              container. Ports are numbers from 1 to 65535, amounts of memory are quantities such \
              as `128Mi`.",
        example: "programs:\n- starts:\n  - exit: {after: soon}",
    },
    Code {
        code: "program-limit",
        title: "Too many entries in a list of a program",
        doc: "A list may have 1,000 entries. The rest is ignored.",
        example: "",
    },
];

/// Most entries of a list that are read.
const MAX_ENTRIES: usize = 1000;

/// Reads the programs of a file. What cannot be read is left out and reported.
pub fn read_behaviors(file: FileId, text: &str) -> (Behaviors, Vec<Diagnostic>) {
    let parsed = yaml::parse(file, text);
    let mut reader = BehaviorReader { file, diagnostics: parsed.diagnostics.clone() };
    let mut behaviors = Behaviors::default();
    if let Some(root) = parsed.root() {
        reader.fields(root, &["programs"]);
        let programs = reader.items(root.get("programs"));
        behaviors.entries = programs.iter().map(|node| reader.entry(node)).collect();
    }
    (behaviors, reader.diagnostics)
}

struct BehaviorReader {
    file: FileId,
    diagnostics: Vec<Diagnostic>,
}

impl BehaviorReader {
    fn report(&mut self, code: &'static str, node: &Node, message: String) {
        let location = Location { file: self.file, span: node.written_span() };
        self.diagnostics.push(Diagnostic::error(code, location, message));
    }

    /// Reports the keys of a mapping that are not known, and a value that is no mapping.
    fn fields(&mut self, node: &Node, known: &[&str]) {
        if node.is_null() {
            return;
        }
        let Some(mapping) = node.as_mapping() else {
            return self.report("program-value", node, "Expected a mapping".to_owned());
        };
        for entry in mapping.iter() {
            let name = entry.name().unwrap_or_default();
            if !known.contains(&name) {
                let name = go::quote::quote(name);
                let message = format!("Unknown field {name}, expected one of {}", known.join(", "));
                self.report("program-unknown-field", &entry.key, message);
            }
        }
    }

    /// The items of a list; none if there is no value.
    fn items<'a>(&mut self, node: Option<&'a Node>) -> Vec<&'a Node> {
        let Some(node) = node.filter(|node| !node.is_null()) else { return Vec::new() };
        if !matches!(node.kind, Kind::Sequence(_)) {
            self.report("program-value", node, "Expected a list".to_owned());
            return Vec::new();
        }
        let items = node.items();
        if items.len() > MAX_ENTRIES {
            let message =
                format!("The list has {} entries, at most {MAX_ENTRIES} are read", items.len());
            self.report("program-limit", node, message);
        }
        items.iter().take(MAX_ENTRIES).collect()
    }

    fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let value = node.get(key).filter(|value| !value.is_null())?;
        match value.text() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.report("program-value", value, format!("Expected a string for {key}"));
                None
            }
        }
    }

    fn int(&mut self, node: &Node, key: &str, low: i64, high: i64) -> Option<i64> {
        let value = node.get(key).filter(|value| !value.is_null())?;
        match scalars::resolve(value) {
            Some(Ok(scalars::Value::Int(number))) if (low..=high).contains(&number) => Some(number),
            _ => {
                let message = format!("Expected a number from {low} to {high} for {key}");
                self.report("program-value", value, message);
                None
            }
        }
    }

    fn port(&mut self, node: &Node) -> Option<u16> {
        self.int(node, "port", 1, 65535).and_then(|port| u16::try_from(port).ok())
    }

    /// A duration in milliseconds.
    fn time(&mut self, node: &Node, key: &str) -> Option<i64> {
        let value = node.get(key).filter(|value| !value.is_null())?;
        let nanos = value.text().map(go::time::parse_duration);
        match nanos {
            Some(Ok(nanos)) if nanos >= 0 => Some(nanos / 1_000_000),
            _ => {
                let message = format!("Expected a duration such as 3s for {key}");
                self.report("program-value", value, message);
                None
            }
        }
    }

    fn entry(&mut self, node: &Node) -> Entry {
        self.fields(node, &["match", "starts"]);
        let matcher = node.get("match").map(|node| self.matcher(node)).unwrap_or_default();
        let starts = self.items(node.get("starts"));
        let starts = starts.into_iter().map(|node| Arc::new(self.start(node))).collect();
        Entry { matcher, starts }
    }

    fn matcher(&mut self, node: &Node) -> Matcher {
        self.fields(node, &["container", "image", "podName", "pod", "imagePod"]);
        let mut number = |key| {
            let number = self.int(node, key, 1, i64::from(u32::MAX));
            number.and_then(|number| usize::try_from(number).ok())
        };
        let (pod, image_pod) = (number("pod"), number("imagePod"));
        Matcher {
            container: self.text(node, "container"),
            image: self.text(node, "image"),
            pod_name: self.text(node, "podName"),
            pod,
            image_pod,
        }
    }

    fn start(&mut self, node: &Node) -> StartBehavior {
        const FIELDS: &[&str] = &[
            "listen",
            "http",
            "grpc",
            "exec",
            "exit",
            "term",
            "memory",
            "log",
            "logEnv",
            "startError",
        ];
        self.fields(node, FIELDS);
        let listen = self.items(node.get("listen"));
        let http = self.items(node.get("http"));
        let grpc = self.items(node.get("grpc"));
        let exec = self.items(node.get("exec"));
        let memory = self.items(node.get("memory"));
        StartBehavior {
            listen: listen.into_iter().filter_map(|node| self.listen(node)).collect(),
            http: http.into_iter().filter_map(|node| self.http(node)).collect(),
            grpc: grpc.into_iter().filter_map(|node| self.grpc(node)).collect(),
            exec: exec.into_iter().filter_map(|node| self.exec(node)).collect(),
            exit: node.get("exit").map(|node| self.ending(node, &["after", "code", "message"])),
            term: node.get("term").map(|node| self.term(node)).unwrap_or_default(),
            memory: memory.into_iter().filter_map(|node| self.memory(node)).collect(),
            log: self.texts(node.get("log")),
            log_env: self.texts(node.get("logEnv")),
            start_error: self.text(node, "startError"),
        }
    }

    fn texts(&mut self, node: Option<&Node>) -> Vec<String> {
        let items = self.items(node);
        items.iter().filter_map(|item| item.text()).map(str::to_owned).collect()
    }

    fn listen(&mut self, node: &Node) -> Option<Listen> {
        self.fields(node, &["port", "from", "to"]);
        let from = self.time(node, "from").unwrap_or_default();
        Some(Listen { port: self.required_port(node)?, from, to: self.time(node, "to") })
    }

    fn required_port(&mut self, node: &Node) -> Option<u16> {
        if node.get("port").is_none() {
            self.report("program-value", node, "The field port is required".to_owned());
        }
        self.port(node)
    }

    /// The headers `Content-Type` and `Location` of an answer.
    fn headers(&mut self, node: &Node) -> Vec<(String, String)> {
        let content_type = match self.text(node, "contentType").as_deref() {
            None => Some(PLAIN_TEXT.to_owned()),
            Some("none" | "") => None,
            Some(given) => Some(given.to_owned()),
        };
        let location = self.text(node, "location").filter(|location| !location.is_empty());
        let headers = [("Content-Type", content_type), ("Location", location)];
        let given = headers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        given.collect()
    }

    fn http(&mut self, node: &Node) -> Option<Http> {
        const FIELDS: &[&str] =
            &["path", "port", "from", "status", "body", "delay", "location", "contentType"];
        self.fields(node, FIELDS);
        let status = self.int(node, "status", 100, 599).and_then(|one| u16::try_from(one).ok());
        let answer = HttpAnswer {
            status: status.unwrap_or(200),
            body: self.text(node, "body").unwrap_or_default(),
            delay: self.time(node, "delay").unwrap_or_default(),
            headers: self.headers(node),
            error: None,
        };
        let path = self.text(node, "path").unwrap_or_else(|| "/".to_owned());
        let from = self.time(node, "from").unwrap_or_default();
        Some(Http { path, port: self.port(node), from, answer })
    }

    fn grpc(&mut self, node: &Node) -> Option<Grpc> {
        self.fields(node, &["port", "service", "from", "status"]);
        Some(Grpc {
            port: self.required_port(node)?,
            service: self.text(node, "service").unwrap_or_default(),
            from: self.time(node, "from").unwrap_or_default(),
            status: self.text(node, "status").unwrap_or_else(|| "SERVING".to_owned()),
        })
    }

    fn exec(&mut self, node: &Node) -> Option<Exec> {
        self.fields(node, &["command", "from", "code", "output", "takes", "error"]);
        let answer = ExecAnswer {
            code: self.int(node, "code", 0, 255).unwrap_or_default(),
            output: self.text(node, "output").unwrap_or_default(),
            takes: self.time(node, "takes").unwrap_or_default(),
            error: self.text(node, "error").unwrap_or_default(),
        };
        let command = self.text(node, "command")?;
        Some(Exec { command, from: self.time(node, "from").unwrap_or_default(), answer })
    }

    fn ending(&mut self, node: &Node, fields: &[&str]) -> Ending {
        self.fields(node, fields);
        Ending {
            after: self.time(node, "after").unwrap_or_default(),
            code: self.int(node, "code", 0, 255).unwrap_or_default(),
            message: self.text(node, "message").unwrap_or_default(),
        }
    }

    fn term(&mut self, node: &Node) -> Term {
        let ending = self.ending(node, &["after", "code", "ignored", "message"]);
        Term { ending, ignored: node.get("ignored").and_then(Node::text) == Some("true") }
    }

    fn memory(&mut self, node: &Node) -> Option<Memory> {
        self.fields(node, &["from", "use"]);
        let from = self.time(node, "from").unwrap_or_default();
        let value = node.get("use")?;
        match value.text().and_then(Quantity::parse) {
            Some(used) => Some(Memory { from, used: used.value() }),
            None => {
                let message = "Expected a quantity such as 128Mi for use".to_owned();
                self.report("program-value", value, message);
                None
            }
        }
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
