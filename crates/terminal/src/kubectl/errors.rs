//! Errors as kubectl prints them.
//!
//! Source: kubectl pkg/cmd/util/helpers.go checkErr.

use cluster::Status;
use cluster::apiserver::Reason;

/// An error of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// An error of kubectl.
    Plain(String),
    /// An error that is printed without `error: `.
    Bare(String),
    /// The server has no kind of this name and version. A definition that comes later may bring it.
    NoMatch(String),
    /// A refusal of the server.
    Server(Box<Status>),
    /// Several errors in one.
    Many(Vec<Failure>),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Server(Box::new(status))
    }
}

impl Failure {
    /// Says what kubectl was doing with which file.
    pub fn while_doing(self, verb: &str, source: &str) -> Self {
        let quoted = go::quote::quote(source);
        match self {
            Self::Server(mut status) => {
                status.message = format!("error when {verb} {quoted}: {}", status.message);
                Self::Server(status)
            }
            other => Self::Plain(format!("error when {verb} {quoted}: {}", other.text())),
        }
    }

    /// Go's `err.Error()`.
    pub fn text(&self) -> String {
        match self {
            Self::Plain(text) | Self::Bare(text) | Self::NoMatch(text) => text.clone(),
            Self::Server(status) => status.message.clone(),
            Self::Many(list) => {
                let texts: Vec<String> = list.iter().map(Self::text).collect();
                format!("[{}]", texts.join(", "))
            }
        }
    }

    /// One of several: a refusal with its reason.
    fn in_list(&self) -> String {
        match self {
            Self::Server(status) => server_message(status),
            other => other.text(),
        }
    }
}

fn server_message(status: &Status) -> String {
    match status.reason.name() {
        "" => format!("Error from server: {}", status.message),
        reason => format!("Error from server ({reason}): {}", status.message),
    }
}

/// The last line of kubectl; None if all went well.
pub fn message(mut failures: Vec<Failure>) -> Option<String> {
    if failures.len() > 1 {
        return Some(failures.iter().map(|failure| failure.in_list() + "\n").collect());
    }
    let mut text = match failures.pop()? {
        Failure::Many(list) => return Some(list.iter().map(|one| one.in_list() + "\n").collect()),
        Failure::Server(status) if status.reason == Reason::Invalid => invalid(&status),
        Failure::Server(status) => server_message(&status),
        Failure::Bare(text) => text,
        Failure::Plain(text) if text.starts_with("error: ") => text,
        Failure::Plain(text) | Failure::NoMatch(text) => format!("error: {text}"),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Some(text)
}

/// An object that is not valid: one error on the same line, several as a list.
fn invalid(status: &Status) -> String {
    let mut head = "The request is invalid".to_owned();
    if !status.kind.is_empty() || !status.name.is_empty() {
        head = format!("The {} {} is invalid", status.kind, go::quote::quote(&status.name));
    } else if status.causes.is_empty() {
        head = format!("{head}: {}", status.message);
    }
    let mut causes: Vec<String> = Vec::new();
    for cause in &status.causes {
        let text = cause.to_string();
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    match &causes[..] {
        [] => head,
        [cause] => format!("{head}: {cause}\n"),
        causes => {
            let lines: String = causes.iter().map(|cause| format!("* {cause}\n")).collect();
            format!("{head}: \n{lines}")
        }
    }
}
