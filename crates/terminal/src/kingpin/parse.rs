//! Arguments into the command and its values, or an error in kingpin's words.

use std::collections::VecDeque;

use super::{Arg, Command, Flag, Kind, Paths};

/// The command that was chosen, with its flags and arguments.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// The names of the command: `["check", "config"]`. Empty if none was named.
    pub command: Vec<&'static str>,
    flags: Vec<(&'static str, String)>,
    args: Vec<(&'static str, String)>,
    /// Flags that are known where the command stands, with their defaults.
    known: Vec<Flag>,
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
    /// The last value of a flag, or its default. None if it has neither.
    pub fn flag(&self, name: &str) -> Option<&str> {
        let given = self.flags.iter().rev().find(|(one, _)| *one == name);
        let given = given.map(|(_, value)| value.as_str());
        given.or_else(|| self.known.iter().find(|flag| flag.name == name)?.default)
    }

    /// All values of a flag, without the default.
    pub fn flags(&self, name: &str) -> Vec<&str> {
        let given = self.flags.iter().filter(|(one, _)| *one == name);
        given.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns true if a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.flag(name) == Some("true")
    }

    /// The value of an argument, empty if it is missing.
    pub fn arg(&self, name: &str) -> &str {
        self.args.iter().find(|(one, _)| *one == name).map_or("", |(_, value)| value)
    }

    /// All values of a cumulative argument.
    pub fn args(&self, name: &str) -> Vec<&str> {
        let given = self.args.iter().filter(|(one, _)| *one == name);
        given.map(|(_, value)| value.as_str()).collect()
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

/// Reads a command line without the name of the program.
pub fn parse(
    program: &'static Command,
    args: &[String],
    paths: &dyn Paths,
) -> Result<Parsed, String> {
    let mut reader = Reader {
        rest: args.iter().cloned().collect(),
        pushed: VecDeque::new(),
        only_args: false,
        matches: Matches { known: vec![HELP, VERSION], ..Matches::default() },
    };
    reader.matches.known.extend(program.flags);
    let mut current = program;
    let mut place = 0;
    let read = reader.read(&mut current, &mut place);
    let has = |reader: &Reader, name: &str| reader.matches.is_on(name);
    if has(&reader, "version") {
        return Ok(Parsed::Version);
    }
    if let Some(path) = reader.help_of(program) {
        return path.map(Parsed::Help);
    }
    if has(&reader, "help") && (read.is_ok() || !current.commands.is_empty()) {
        return Ok(Parsed::Help(reader.matches.command));
    }
    read?;
    let matches = reader.matches;
    // A group without one of its commands.
    if !current.commands.is_empty() && !matches.command.is_empty() {
        return Err(format!("must select a subcommand of '{}'", matches.command.join(" ")));
    }
    for flag in &matches.known {
        for value in matches.flags(flag.name) {
            check(flag.kind, value, paths)?;
        }
    }
    for arg in current.args {
        for value in matches.args(arg.name) {
            check(arg.kind, value, paths)?;
        }
    }
    if matches.command.is_empty() {
        return Ok(Parsed::NoCommand);
    }
    missing(&matches, current)?;
    Ok(Parsed::Command(matches))
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

struct Reader {
    rest: VecDeque<String>,
    pushed: VecDeque<Token>,
    only_args: bool,
    matches: Matches,
}

impl Reader {
    /// Walks along the tokens; `current` becomes the innermost command, `place` the number of its
    /// arguments.
    fn read(&mut self, current: &mut &'static Command, place: &mut usize) -> Result<(), String> {
        while let Some(token) = self.next() {
            let Token::Arg(text) = &token else {
                self.flag(&token)?;
                continue;
            };
            if !current.commands.is_empty() {
                if current.name.is_empty() && text == "help" {
                    self.matches.command.push("help");
                    while let Some(token) = self.next() {
                        match token {
                            Token::Arg(text) => self.matches.args.push(("command", text)),
                            flag => self.flag(&flag)?,
                        }
                    }
                    return Ok(());
                }
                let Some(command) = current.commands.iter().find(|one| one.name == text) else {
                    return Err(format!("expected command but got {}", go::quote::quote(text)));
                };
                self.matches.command.push(command.name);
                self.matches.known.extend(command.flags);
                *current = command;
                continue;
            }
            let Some(arg) = current.args.get(*place) else {
                return Err(format!("unexpected argument '{text}'"));
            };
            self.matches.args.push((arg.name, text.clone()));
            if !arg.kind.is_cumulative() {
                *place += 1;
            }
        }
        Ok(())
    }

    /// The command that `help` asks for, None if the command is not `help`.
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
                Some(flag) if flag.kind != Kind::Bool => {
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
                        Some(flag) if flag.kind == Kind::Bool => (*flag, true),
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
        self.matches.flags.push((flag.name, value));
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
        Kind::Int if value.parse::<i64>().is_err() => {
            Err(format!("strconv.ParseFloat: parsing {}: invalid syntax", quoted()))
        }
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

    fn said(line: &str) -> String {
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
            Err(error) => error,
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
            ("need --a=1 p q", "unexpected argument 'q'"),
            ("check config --help", "Help([\"check\", \"config\"])"),
            ("help check", "Help([\"check\"])"),
            ("help nope", "expected command but got \"nope\""),
            ("--version", "Version"),
        ] {
            assert_eq!(said(line), expected, "{line}");
        }
    }
}
