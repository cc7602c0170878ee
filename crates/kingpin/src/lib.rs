//! Command lines as the library kingpin parses them: tables of commands, flags and arguments.
//!
//! Source: github.com/alecthomas/kingpin/v2 parser.go, app.go, values.go.

mod help;
mod parse;

pub use help::usage;
pub use parse::{Error, Matches, Parsed, parse, parse_elements};

/// The type of a flag or an argument.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A switch, also as `--no-name`.
    Bool,
    Text,
    /// May be given several times.
    Texts,
    /// A duration of Go: `1h30m`.
    Duration,
    /// A duration of Prometheus: `1d`.
    PrometheusDuration,
    /// A number. A fraction is cut off.
    Int,
    Url,
    Enum(&'static [&'static str]),
    /// `name=value`, several times.
    Map,
    ExistingFile,
    ExistingFiles,
    /// A file that is written.
    OutputFile,
    /// A value with a check of its own, which returns the error.
    Checked(fn(&str) -> Result<(), String>),
}

impl Kind {
    const fn is_cumulative(self) -> bool {
        matches!(self, Self::Texts | Self::Map | Self::ExistingFiles)
    }
}

/// A flag.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    pub name: &'static str,
    pub short: Option<char>,
    pub kind: Kind,
    pub help: &'static str,
    /// The value without the flag, None if it has none.
    pub default: Option<&'static str>,
    /// The placeholder of the value in the help. None: the default or the name.
    pub placeholder: Option<&'static str>,
    pub required: bool,
    pub hidden: bool,
}

impl Flag {
    /// A flag with neither default nor short form.
    pub const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self {
            name,
            short: None,
            kind,
            help,
            default: None,
            placeholder: None,
            required: false,
            hidden: false,
        }
    }

    pub const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    pub const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub const fn placeholder(mut self, placeholder: &'static str) -> Self {
        self.placeholder = Some(placeholder);
        self
    }

    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}

/// A positional argument. Only the last one of a command may be cumulative.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    pub name: &'static str,
    pub kind: Kind,
    pub help: &'static str,
    pub required: bool,
}

impl Arg {
    pub const fn required(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, help, required: true }
    }

    pub const fn optional(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, help, required: false }
    }
}

/// A command, or a program as the root of all commands.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub name: &'static str,
    pub help: &'static str,
    pub flags: &'static [Flag],
    pub args: &'static [Arg],
    pub commands: &'static [Command],
    pub hidden: bool,
}

impl Command {
    /// A command without subcommands.
    pub const fn leaf(
        name: &'static str,
        help: &'static str,
        flags: &'static [Flag],
        args: &'static [Arg],
    ) -> Self {
        Self { name, help, flags, args, commands: &[], hidden: false }
    }

    /// A command that needs one of its subcommands.
    pub const fn group(
        name: &'static str,
        help: &'static str,
        flags: &'static [Flag],
        commands: &'static [Command],
    ) -> Self {
        Self { name, help, flags, args: &[], commands, hidden: false }
    }

    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}

/// The files that arguments can name.
pub trait Paths {
    /// Returns true if a path is a file; false if it is a folder; None if nothing is there.
    fn is_file(&self, path: &str) -> Option<bool>;
}

/// The paths of a program without flags and arguments that must be existing files.
pub struct NoPaths;

impl Paths for NoPaths {
    fn is_file(&self, _: &str) -> Option<bool> {
        None
    }
}
