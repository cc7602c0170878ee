//! The output and the exit code of a command.

/// The streams and the exit code of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub exit: i32,
}

impl Output {
    /// Adds a line to the standard output.
    pub fn out(&mut self, line: impl AsRef<str>) {
        self.stdout.push_str(line.as_ref());
        self.stdout.push('\n');
    }

    /// Adds a line to the standard error.
    pub fn err(&mut self, line: impl AsRef<str>) {
        self.stderr.push_str(line.as_ref());
        self.stderr.push('\n');
    }

    /// The output with an exit code.
    pub fn ended(mut self, exit: i32) -> Self {
        self.exit = exit;
        self
    }
}
