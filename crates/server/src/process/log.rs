//! Log lines.

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

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(one, _)| *one == name).map(|(_, value)| &**value)
    }
}
