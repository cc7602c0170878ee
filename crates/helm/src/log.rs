//! The log lines that Helm writes to the standard error.

use std::fmt;

use go::quote::quote;

/// The level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// A message with attributes. Prints as Go's `slog.TextHandler` without the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub level: Level,
    pub message: String,
    pub attributes: Vec<(&'static str, String)>,
}

/// The lines of a command in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    pub lines: Vec<Line>,
}

impl Log {
    /// Adds a line.
    pub fn add(
        &mut self,
        level: Level,
        message: impl Into<String>,
        attributes: &[(&'static str, &str)],
    ) {
        let attributes =
            attributes.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        self.lines.push(Line { level, message: message.into(), attributes });
    }

    /// A line of Go's package `log`, which Helm sends to the same place.
    pub fn print(&mut self, message: impl Into<String>) {
        self.add(Level::Info, message, &[]);
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        };
        write!(f, "level={level} msg={}", attribute(&self.message))?;
        for (key, value) in &self.attributes {
            write!(f, " {key}={}", attribute(value))?;
        }
        Ok(())
    }
}

/// Quotes a value that would not stand alone. Source: Go log/slog text_handler.go `needsQuoting`.
fn attribute(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"' && c != '=';
    if !value.is_empty() && value.chars().all(plain) { value.to_owned() } else { quote(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_print_as_slog_does() {
        let mut log = Log::default();
        log.add(Level::Warn, "returned non-bool value", &[("path", "a.b"), ("chart", "")]);
        log.print("x");
        let lines: Vec<String> = log.lines.iter().map(ToString::to_string).collect();
        let expected =
            ["level=WARN msg=\"returned non-bool value\" path=a.b chart=\"\"", "level=INFO msg=x"];
        assert_eq!(lines, expected);
    }
}
