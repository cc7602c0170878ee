//! Log lines.

use go::quote::quote;
use go::time::DateTime;
use promql::Timestamp;

/// The severity of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// A line without its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub level: Level,
    /// The file and line of the source of version 3.14.0; empty if it is not known.
    pub source: &'static str,
    pub message: String,
    /// Names and values after the message, in order.
    pub fields: Vec<(&'static str, String)>,
}

impl LogLine {
    fn new(level: Level, message: impl Into<String>) -> Self {
        Self { level, source: "", message: message.into(), fields: Vec::new() }
    }

    pub fn info(message: impl Into<String>) -> Self {
        Self::new(Level::Info, message)
    }

    pub fn warn(message: impl Into<String>) -> Self {
        Self::new(Level::Warn, message)
    }

    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Level::Error, message)
    }

    /// Sets the place in the source.
    pub fn at(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The line as the server writes it at a time: logfmt, or JSON.
    ///
    /// Source: prometheus/common promslog/slog.go, log/slog text_handler.go.
    pub fn print(&self, at: Timestamp, json: bool) -> String {
        let time = DateTime::of_unix_millis(at).format("2006-01-02T15:04:05.000Z07:00");
        let level = self.level.name().to_uppercase();
        let own = [("time", &*time), ("level", &*level), ("source", self.source)];
        let own = own.into_iter().filter(|(name, value)| *name != "source" || !value.is_empty());
        let fields = self.fields.iter().map(|(name, value)| (*name, value.as_str()));
        let all = own.chain([("msg", &*self.message)]).chain(fields);
        if json {
            let pairs: Vec<String> = all
                .map(|(name, value)| {
                    format!("{}:{}", go::json::quote(name, false), go::json::quote(value, false))
                })
                .collect();
            return format!("{{{}}}", pairs.join(","));
        }
        let pairs: Vec<String> =
            all.map(|(name, value)| format!("{name}={}", text(value))).collect();
        pairs.join(" ")
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(one, _)| *one == name).map(|(_, value)| &**value)
    }
}

/// A value of logfmt, in quotes where it needs them. Source: log/slog text_handler.go `needsQuoting`.
fn text(value: &str) -> String {
    let plain = |c: char| c > ' ' && !matches!(c, '"' | '=') && !c.is_control() && c != '\u{fffd}';
    match !value.is_empty() && value.chars().all(plain) {
        true => value.to_owned(),
        false => quote(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_printed_as_by_slog() {
        let line = LogLine::warn("Received an OS signal, exiting gracefully...")
            .at("main.go:1249")
            .with("signal", "terminated")
            .with("empty", "");
        let at = 1_767_225_600_120;
        assert_eq!(
            line.print(at, false),
            "time=2026-01-01T00:00:00.120Z level=WARN source=main.go:1249 msg=\"Received an OS signal, \
             exiting gracefully...\" signal=terminated empty=\"\""
        );
        assert_eq!(
            LogLine::error("a").with("err", "x: \"y\"").print(at, true),
            r#"{"time":"2026-01-01T00:00:00.120Z","level":"ERROR","msg":"a","err":"x: \"y\""}"#
        );
    }
}
