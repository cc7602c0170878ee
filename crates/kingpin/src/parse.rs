//! Parses arguments into the command and its values, or an error in kingpin's words.

use std::collections::VecDeque;
use std::fmt;

use super::{Arg, Command, Flag, Kind, Paths};

/// The command that was chosen, with its flags and arguments.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// The names of the command: `["check", "config"]`. Empty if none was named.
    pub command: Vec<&'static str>,
    /// Flags and arguments with their values, in the order of the command line.
    elements: Vec<(Element, String)>,
    /// The flags of the command and of those above it, with their defaults.
    known: Vec<Flag>,
}

/// A flag or an argument, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Flag(&'static str),
    Arg(&'static str),
}

/// An error of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// An unknown flag or command, a missing value, an unexpected argument. kingpin finds these
    /// before it sets values.
    Syntax(String),
    /// A refused value, or a missing flag, argument or subcommand.
    Value(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Syntax(message) | Self::Value(message)) = self;
        f.write_str(message)
    }
}

/// The result of parsing a command line.
#[derive(Clone, Debug)]
pub enum Parsed {
    Command(Matches),
    /// The help of a command; the path is empty for the program itself.
    Help(Vec<&'static str>),
    Version,
    /// No command was named: the help of the program.
    NoCommand,
}

impl Matches {
    /// Returns the last value of a flag, or its default. None if it has neither.
    pub fn flag(&self, name: &str) -> Option<&str> {
        let given = self.given_flags().filter(|(one, _)| *one == name).last();
        let given = given.map(|(_, value)| value);
        given.or_else(|| self.known.iter().find(|flag| flag.name == name)?.default)
    }

    /// Returns all values of a flag, without the default.
    pub fn flags(&self, name: &str) -> Vec<&str> {
        let given = self.given_flags().filter(|(one, _)| *one == name);
        given.map(|(_, value)| value).collect()
    }

    /// Returns the names and values of all given flags, in the order of the command line.
    pub fn given_flags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.elements.iter().filter_map(|(element, value)| match element {
            Element::Flag(name) => Some((*name, value.as_str())),
            Element::Arg(_) => None,
        })
    }

    /// Returns true if a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.flag(name) == Some("true")
    }

    /// Returns the value of an argument, empty if it is missing.
    pub fn arg(&self, name: &str) -> &str {
        self.args(name).first().copied().unwrap_or_default()
    }

    /// Returns all values of a cumulative argument.
    pub fn args(&self, name: &str) -> Vec<&str> {
        let given = self.elements.iter();
        let named = given.filter(|(one, _)| matches!(one, Element::Arg(known) if *known == name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// A token of the command line.
#[derive(Clone, Debug)]
enum Token {
    Long(String),
    Short(char),
    Arg(String),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Self::Long(name) => format!("--{name}"),
            Self::Short(name) => format!("-{name}"),
            Self::Arg(text) => text.clone(),
        }
    }
}

/// The flag that every program has, and the one of programs with a version.
pub(super) const HELP: Flag = Flag::new(
    "help",
    Kind::Bool,
    "Show context-sensitive help (also try --help-long and --help-man).",
)
.short('h');
pub(super) const VERSION: Flag = Flag::new("version", Kind::Bool, "Show application version.");

/// Parses a command line without the name of the program.
pub fn parse(
    program: &'static Command,
    args: &[String],
    paths: &dyn Paths,
) -> Result<Parsed, Error> {
    let mut parser = Parser::new(program, args);
    let elements = parser.elements();
    if parser.matches.is_on("version") {
        return Ok(Parsed::Version);
    }
    if let Some(path) = parser.help_of(program) {
        return path.map(Parsed::Help).map_err(Error::Syntax);
    }
    let current = parser.command;
    if parser.matches.is_on("help") && (elements.is_ok() || !current.commands.is_empty()) {
        return Ok(Parsed::Help(parser.matches.command));
    }
    elements.map_err(Error::Syntax)?;
    let matches = parser.matches;
    // A group without one of its commands.
    if !current.commands.is_empty() && !matches.command.is_empty() {
        let message = format!("must select a subcommand of '{}'", matches.command.join(" "));
        return Err(Error::Value(message));
    }
    check_values(&matches, current, paths).map_err(Error::Value)?;
    if matches.command.is_empty() && !program.commands.is_empty() {
        return Ok(Parsed::NoCommand);
    }
    missing(&matches, current).map_err(Error::Value)?;
    Ok(Parsed::Command(matches))
}

/// Parses a command line without a check of its values. The error is a syntax error.
pub fn parse_elements(program: &'static Command, args: &[String]) -> Result<Matches, String> {
    let mut parser = Parser::new(program, args);
    parser.elements()?;
    Ok(parser.matches)
}

/// Checks values in the order of the command line. Source: app.go `setValues`.
fn check_values(matches: &Matches, command: &Command, paths: &dyn Paths) -> Result<(), String> {
    for (number, (element, value)) in matches.elements.iter().enumerate() {
        let kind = match element {
            Element::Flag(name) => {
                let flag = matches.known.iter().find(|flag| flag.name == *name);
                let mut before = matches.elements.iter().take(number);
                let repeated = before.any(|(known, _)| known == element);
                if repeated && flag.is_some_and(|flag| !flag.kind.is_cumulative()) {
                    return Err(format!("flag '{name}' cannot be repeated"));
                }
                flag.map(|flag| flag.kind)
            }
            Element::Arg(name) => {
                command.args.iter().find(|arg| arg.name == *name).map(|arg| arg.kind)
            }
        };
        kind.map_or(Ok(()), |kind| check(kind, value, paths))?;
    }
    Ok(())
}

/// Refuses a command line that lacks required flags or arguments.
fn missing(matches: &Matches, command: &Command) -> Result<(), String> {
    let flags: Vec<String> = matches
        .known
        .iter()
        .filter(|flag| flag.required && matches.flags(flag.name).is_empty())
        .map(|flag| format!("'--{}'", flag.name))
        .collect();
    if !flags.is_empty() {
        return Err(format!("required flag(s) {} not provided", flags.join(", ")));
    }
    let absent = |arg: &&Arg| arg.required && matches.args(arg.name).is_empty();
    match command.args.iter().find(absent) {
        Some(arg) => Err(format!("required argument '{}' not provided", arg.name)),
        None => Ok(()),
    }
}

struct Parser {
    rest: VecDeque<String>,
    pushed: VecDeque<Token>,
    only_args: bool,
    /// The innermost command so far.
    command: &'static Command,
    matches: Matches,
}

impl Parser {
    fn new(program: &'static Command, args: &[String]) -> Self {
        let mut known = vec![HELP, VERSION];
        known.extend(program.flags);
        Self {
            rest: args.iter().cloned().collect(),
            pushed: VecDeque::new(),
            only_args: false,
            command: program,
            matches: Matches { known, ..Matches::default() },
        }
    }

    /// Parses all commands, flags and arguments. Source: parser.go `parse`.
    fn elements(&mut self) -> Result<(), String> {
        // The index of the next argument of the command.
        let mut next_arg = 0;
        while let Some(token) = self.next() {
            let Token::Arg(text) = &token else {
                self.flag(&token)?;
                continue;
            };
            if !self.command.commands.is_empty() {
                if self.command.name.is_empty() && text == "help" {
                    self.matches.command.push("help");
                    while let Some(token) = self.next() {
                        match token {
                            Token::Arg(text) => {
                                self.matches.elements.push((Element::Arg("command"), text));
                            }
                            flag => self.flag(&flag)?,
                        }
                    }
                    return Ok(());
                }
                let mut commands = self.command.commands.iter();
                let Some(command) = commands.find(|one| one.name == text) else {
                    return Err(format!("expected command but got {}", go::quote::quote(text)));
                };
                self.matches.command.push(command.name);
                self.matches.known.extend(command.flags);
                self.command = command;
                continue;
            }
            let Some(arg) = self.command.args.get(next_arg) else {
                return Err(format!("unexpected {text}"));
            };
            self.matches.elements.push((Element::Arg(arg.name), text.clone()));
            if !arg.kind.is_cumulative() {
                next_arg += 1;
            }
        }
        Ok(())
    }

    /// The command that `help` requests, None if the command is not `help`.
    fn help_of(&self, program: &'static Command) -> Option<Result<Vec<&'static str>, String>> {
        if self.matches.command != ["help"] {
            return None;
        }
        let mut current = program;
        let mut path = Vec::new();
        for name in self.matches.args("command") {
            match current.commands.iter().find(|one| one.name == name) {
                Some(command) => {
                    path.push(command.name);
                    current = command;
                }
                None => {
                    let name = go::quote::quote(name);
                    return Some(Err(format!("expected command but got {name}")));
                }
            }
        }
        Some(Ok(path))
    }

    fn next(&mut self) -> Option<Token> {
        if let Some(token) = self.pushed.pop_front() {
            return Some(token);
        }
        let text = self.rest.pop_front()?;
        if self.only_args {
            return Some(Token::Arg(text));
        }
        if text == "--" {
            self.only_args = true;
            return self.next();
        }
        if let Some(name) = text.strip_prefix("--") {
            return Some(match name.split_once('=') {
                Some((name, value)) => {
                    self.pushed.push_front(Token::Arg(value.to_owned()));
                    Token::Long(name.to_owned())
                }
                None => Token::Long(name.to_owned()),
            });
        }
        let mut letters = text.chars();
        let (Some('-'), Some(short)) = (letters.next(), letters.next()) else {
            return Some(Token::Arg(text));
        };
        let behind = letters.as_str();
        if !behind.is_empty() {
            // A switch leaves the other letters, a flag takes them as its value.
            match self.matches.known.iter().find(|flag| flag.short == Some(short)) {
                Some(flag) if !matches!(flag.kind, Kind::Bool) => {
                    self.pushed.push_front(Token::Arg(behind.to_owned()));
                }
                _ => self.rest.push_front(format!("-{behind}")),
            }
        }
        Some(Token::Short(short))
    }

    fn flag(&mut self, token: &Token) -> Result<(), String> {
        let unknown = |what: &str| format!("unknown {what} flag '{}'", token.text());
        let (flag, negated) = match token {
            Token::Short(short) => {
                let found = self.matches.known.iter().find(|flag| flag.short == Some(*short));
                (*found.ok_or_else(|| unknown("short"))?, false)
            }
            Token::Long(name) => {
                let of = |name: &str| self.matches.known.iter().find(|flag| flag.name == name);
                match (of(name), name.strip_prefix("no-")) {
                    (Some(flag), _) => (*flag, false),
                    (None, Some(positive)) => match of(positive) {
                        Some(flag) if matches!(flag.kind, Kind::Bool) => (*flag, true),
                        _ => return Err(unknown("long")),
                    },
                    (None, None) => return Err(unknown("long")),
                }
            }
            Token::Arg(_) => return Ok(()),
        };
        let value = match flag.kind {
            Kind::Bool => (!negated).to_string(),
            _ => match self.next() {
                Some(Token::Arg(value)) => value,
                Some(other) => {
                    self.pushed.push_front(other);
                    return Err(format!("expected argument for flag '{}'", token.text()));
                }
                None => return Err(format!("expected argument for flag '{}'", token.text())),
            },
        };
        self.matches.elements.push((Element::Flag(flag.name), value));
        Ok(())
    }
}

/// Refuses a value that does not fit.
fn check(kind: Kind, value: &str, paths: &dyn Paths) -> Result<(), String> {
    let quoted = || go::quote::quote(value);
    match kind {
        Kind::Enum(words) if !words.contains(&value) => {
            Err(format!("enum value must be one of {}, got '{value}'", words.join(",")))
        }
        Kind::Duration => go::time::parse_duration(value).map(|_| ()),
        Kind::PrometheusDuration => {
            go::Duration::parse(value).map(|_| ()).map_err(|error| error.to_string())
        }
        Kind::Int => go::number::parse_float(value).map(|_| ()).map_err(|error| error.to_string()),
        Kind::Checked(check) => check(value),
        Kind::Url if value.starts_with(':') => {
            Err(format!("invalid URL: parse {}: missing protocol scheme", quoted()))
        }
        Kind::Map if !value.contains(['=', ':']) => {
            Err(format!("expected KEY=VALUE got '{value}'"))
        }
        Kind::ExistingFile | Kind::ExistingFiles => match paths.is_file(value) {
            Some(true) => Ok(()),
            Some(false) => Err(format!("'{value}' is a directory")),
            None => Err(format!("path '{value}' does not exist")),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PROGRAM: Command = Command::group(
        "",
        "A program.",
        &[Flag::new("loud", Kind::Bool, "")],
        &[
            Command::group(
                "check",
                "",
                &[Flag::new("level", Kind::Text, "").short('l').default("1")],
                &[Command::leaf(
                    "config",
                    "",
                    &[Flag::new("must", Kind::Texts, ""), Flag::new("time", Kind::Duration, "")],
                    &[Arg::required("files", Kind::ExistingFiles, "")],
                )],
            ),
            Command::leaf(
                "need",
                "",
                &[Flag::new("a", Kind::Text, "").required()],
                &[Arg::optional("x", Kind::Enum(&["p", "q"]), "")],
            ),
        ],
    );

    struct OneFile;

    impl Paths for OneFile {
        fn is_file(&self, path: &str) -> Option<bool> {
            match path {
                "there" => Some(true),
                "folder" => Some(false),
                _ => None,
            }
        }
    }

    fn outcome(line: &str) -> String {
        let args: Vec<String> = line.split(' ').filter(|a| !a.is_empty()).map(Into::into).collect();
        match parse(&PROGRAM, &args, &OneFile) {
            Ok(Parsed::Command(matches)) => format!(
                "{} level={:?} files={:?} must={:?}",
                matches.command.join(" "),
                matches.flag("level"),
                matches.args("files"),
                matches.flags("must")
            ),
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn command_lines_are_read_and_refused_as_by_kingpin() {
        for (line, expected) in [
            ("check config there", "check config level=Some(\"1\") files=[\"there\"] must=[]"),
            (
                "check -l2 config --must=a there --must b there",
                "check config level=Some(\"2\") files=[\"there\", \"there\"] must=[\"a\", \"b\"]",
            ),
            ("", "NoCommand"),
            ("check", "must select a subcommand of 'check'"),
            ("chek", "expected command but got \"chek\""),
            ("check configs", "expected command but got \"configs\""),
            ("check config", "required argument 'files' not provided"),
            ("check config gone", "path 'gone' does not exist"),
            ("check config folder", "'folder' is a directory"),
            ("check config --nope there", "unknown long flag '--nope'"),
            ("check config -z there", "unknown short flag '-z'"),
            ("check config there --must", "expected argument for flag '--must'"),
            ("check config there --no-must", "unknown long flag '--no-must'"),
            ("check config there --time=5", "time: missing unit in duration \"5\""),
            ("check config there --time=5x", "time: unknown unit \"x\" in duration \"5x\""),
            ("need", "required flag(s) '--a' not provided"),
            ("need --a=1 z", "enum value must be one of p,q, got 'z'"),
            ("need --a=1 p q", "unexpected q"),
            ("need --a=1 --a=2", "flag 'a' cannot be repeated"),
            ("check config --help", "Help([\"check\", \"config\"])"),
            ("help check", "Help([\"check\"])"),
            ("help nope", "expected command but got \"nope\""),
            ("--version", "Version"),
        ] {
            assert_eq!(outcome(line), expected, "{line}");
        }
    }
}
