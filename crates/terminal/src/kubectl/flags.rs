//! Flags of commands, read as pflag reads them.
//!
//! A flag is declared once, in the table of its command. Values are checked when the command line
//! is read, so that a command finds only values of the declared form.
//!
//! Source: github.com/spf13/pflag flag.go parseArgs, parseLongArg, parseSingleShortArg.

use go::quote::quote;

/// The form of a flag's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// True if the flag stands alone; `--flag=false` is allowed.
    Switch,
    Text,
    /// A signed integer in Go's notation with base 0.
    Int,
    /// A Go duration: `1m30s`.
    Duration,
    /// A comma-separated list; the flag can be repeated.
    List,
    /// One item for each time that the flag is given.
    Array,
    /// A text with the value that stands for the flag without `=`. The value is never the next
    /// argument.
    Optional(&'static str),
}

/// A flag of a command.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Name without dashes.
    pub name: &'static str,
    /// The shorthand letter, if there is one.
    pub short: Option<char>,
    pub form: Form,
    /// The text after `Flag --x has been deprecated, `; empty if it is not deprecated.
    pub deprecated: &'static str,
}

impl Flag {
    /// A flag without a shorthand letter.
    pub const fn new(name: &'static str, form: Form) -> Self {
        Self { name, short: None, form, deprecated: "" }
    }

    /// A flag with a shorthand letter.
    pub const fn short(name: &'static str, letter: char, form: Form) -> Self {
        Self { name, short: Some(letter), form, deprecated: "" }
    }

    /// The flag as messages call it: `-n, --namespace`.
    fn shown(&self) -> String {
        match self.short {
            Some(letter) => format!("-{letter}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }

    /// The value that stands for the flag without `=`; None if it needs a value.
    const fn implied(&self) -> Option<&'static str> {
        match self.form {
            Form::Switch => Some("true"),
            Form::Optional(value) => Some(value),
            _ => None,
        }
    }

    /// Checks a value. The error is that of Go's conversion.
    fn check(&self, value: &str) -> Result<(), String> {
        let syntax = |function: &str| {
            format!("strconv.{function}: parsing {}: invalid syntax", quote(value))
        };
        match self.form {
            Form::Switch if boolean(value).is_none() => Err(syntax("ParseBool")),
            Form::Int if go::number::parse_int_literal(value).is_none() => Err(syntax("ParseInt")),
            Form::Duration => go::time::parse_duration(value).map(|_| ()),
            _ => Ok(()),
        }
    }
}

/// Reads a boolean. Source: strconv.ParseBool.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The words and flags of a command line.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// Arguments that are not flags.
    pub words: Vec<String>,
    /// The number of words before `--`, if it stands in the command line.
    pub dash: Option<usize>,
    /// Values of flags by name, in the order of the command line. Items of lists stand alone.
    values: Vec<(&'static str, String)>,
    /// Lines for the standard error about deprecated flags.
    pub deprecations: Vec<String>,
}

impl Arguments {
    /// Reads the arguments of a command.
    ///
    /// # Errors
    /// The message of pflag, such as `unknown flag: --foo`.
    pub fn parse(flags: &[&[Flag]], arguments: &[&str]) -> Result<Self, String> {
        let mut reader = FlagReader { flags, rest: arguments.iter(), parsed: Self::default() };
        while let Some(argument) = reader.rest.next() {
            if *argument == "--" {
                reader.parsed.dash = Some(reader.parsed.words.len());
                reader.parsed.words.extend(reader.rest.by_ref().map(|word| (*word).to_owned()));
            } else if let Some(long) = argument.strip_prefix("--") {
                reader.long(long)?;
            } else if argument.len() > 1
                && let Some(letters) = argument.strip_prefix('-')
            {
                reader.letters(letters)?;
            } else {
                reader.parsed.words.push((*argument).to_owned());
            }
        }
        Ok(reader.parsed)
    }

    /// The last value of a flag; None if it was not given.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().rev().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns true if a flag was given, with whatever value.
    pub fn given(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// The value of a switch; `default` if it was not given.
    pub fn switch(&self, name: &str, default: bool) -> bool {
        self.text(name).and_then(boolean).unwrap_or(default)
    }

    /// The value of a switch that is off unless it is given.
    pub fn is(&self, name: &str) -> bool {
        self.switch(name, false)
    }

    /// The value of an integer flag.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(go::number::parse_int_literal)
    }

    /// The value of a duration in milliseconds.
    pub fn millis(&self, name: &str) -> Option<i64> {
        let nanos = go::time::parse_duration(self.text(name)?).ok()?;
        Some(nanos / 1_000_000)
    }

    /// All values of a list, in order.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let same = self.values.iter().filter(|(known, _)| *known == name);
        same.map(|(_, value)| value.as_str()).collect()
    }

    /// The namespace that a flag names.
    pub fn namespace(&self) -> Option<&str> {
        self.text("namespace").filter(|name| !name.is_empty())
    }
}

struct FlagReader<'a, 'b> {
    flags: &'a [&'a [Flag]],
    rest: std::slice::Iter<'a, &'b str>,
    parsed: Arguments,
}

impl FlagReader<'_, '_> {
    fn find(&self, wanted: impl Fn(&Flag) -> bool) -> Option<Flag> {
        self.flags.iter().flat_map(|group| group.iter()).find(|flag| wanted(flag)).copied()
    }

    /// `--name`, `--name=value` or `--name value`.
    fn long(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if name.is_empty() || name.starts_with('-') {
            return Err(format!("bad flag syntax: --{text}"));
        }
        let Some(flag) = self.find(|flag| flag.name == name) else {
            return Err(format!("unknown flag: --{name}"));
        };
        let value = match (value, flag.implied()) {
            (Some(value), _) | (None, Some(value)) => value.to_owned(),
            (None, None) => self.next().ok_or(format!("flag needs an argument: --{name}"))?,
        };
        self.set(flag, &value)
    }

    /// `-a`, `-abc`, `-nvalue`, `-n=value` or `-n value`.
    fn letters(&mut self, text: &str) -> Result<(), String> {
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let Some(flag) = self.find(|flag| flag.short == Some(letter)) else {
                return Err(format!("unknown shorthand flag: '{letter}' in -{rest}"));
            };
            let after = rest.get(letter.len_utf8()..).unwrap_or_default();
            if after.len() > 1
                && let Some(value) = after.strip_prefix('=')
            {
                return self.set(flag, value);
            }
            if let Some(implied) = flag.implied() {
                self.set(flag, implied)?;
                rest = after;
                continue;
            }
            let value = if after.is_empty() { self.next() } else { Some(after.to_owned()) };
            let missing = || format!("flag needs an argument: '{letter}' in -{rest}");
            return self.set(flag, &value.ok_or_else(missing)?);
        }
        Ok(())
    }

    fn next(&mut self) -> Option<String> {
        self.rest.next().map(|value| (*value).to_owned())
    }

    fn set(&mut self, flag: Flag, value: &str) -> Result<(), String> {
        flag.check(value).map_err(|error| {
            format!("invalid argument {} for \"{}\" flag: {error}", quote(value), flag.shown())
        })?;
        if !flag.deprecated.is_empty() {
            let line = format!("Flag --{} has been deprecated, {}", flag.name, flag.deprecated);
            self.parsed.deprecations.push(line);
        }
        let values = &mut self.parsed.values;
        match flag.form {
            Form::List => values.extend(items(value).map(|item| (flag.name, item))),
            _ => values.push((flag.name, value.to_owned())),
        }
        Ok(())
    }
}

/// Items of a comma-separated list; quotes protect commas. Source: pflag readAsCSV.
fn items(text: &str) -> impl Iterator<Item = String> {
    let (mut list, mut item, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' if quoted || item.is_empty() => quoted = !quoted,
            ',' if !quoted => list.push(std::mem::take(&mut item)),
            c => item.push(c),
        }
    }
    if !text.is_empty() {
        list.push(item);
    }
    list.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[&[Flag]] = &[
        &[
            Flag::short("output", 'o', Form::Text),
            Flag::short("all-namespaces", 'A', Form::Switch),
            Flag::new("dry-run", Form::Optional("unchanged")),
        ],
        &[
            Flag::short("namespace", 'n', Form::Text),
            Flag::new("replicas", Form::Int),
            Flag::new("timeout", Form::Duration),
            Flag::new("image", Form::List),
            Flag::new("from-literal", Form::Array),
        ],
    ];

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(FLAGS, &line.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn flags_are_read_in_all_their_notations() {
        for (line, flag, value, words) in [
            ("pods -o yaml", "output", "yaml", &["pods"][..]),
            ("-oyaml pods", "output", "yaml", &["pods"]),
            ("-o=yaml pods", "output", "yaml", &["pods"]),
            ("--output=a=b", "output", "a=b", &[]),
            ("-Ao name x", "output", "name", &["x"]),
            ("-A=false x", "all-namespaces", "false", &["x"]),
            ("--dry-run client", "dry-run", "unchanged", &["client"]),
            ("--dry-run=client - x", "dry-run", "client", &["-", "x"]),
            ("-n a -n b", "namespace", "b", &[]),
        ] {
            let parsed = parse(line).expect(line);
            assert_eq!(parsed.text(flag), Some(value), "{line}");
            assert_eq!(parsed.words, words, "{line}");
        }
    }

    #[test]
    fn lists_are_split_and_arrays_are_not() {
        let parsed = parse("--image=a,b --image c --from-literal=x=1,2").expect("it is valid");
        assert_eq!(parsed.list("image"), ["a", "b", "c"]);
        assert_eq!(parsed.list("from-literal"), ["x=1,2"]);
        assert_eq!(items("\"a,b\",c").collect::<Vec<_>>(), ["a,b", "c"]);
    }

    #[test]
    fn values_have_the_form_of_their_flag() {
        let parsed = parse("--replicas=0x10 --timeout=1m1.5s -A").expect("it is valid");
        assert_eq!(parsed.int("replicas"), Some(16));
        assert_eq!(parsed.millis("timeout"), Some(61_500));
        assert!(parsed.is("all-namespaces"));
    }

    #[test]
    fn words_after_two_dashes_are_no_flags() {
        let parsed = parse("a -- -o b").expect("it is valid");
        assert_eq!((parsed.words.len(), parsed.dash), (3, Some(1)));
    }

    #[test]
    fn errors_are_those_of_pflag() {
        for (line, message) in [
            ("--foo", "unknown flag: --foo"),
            ("-Az", "unknown shorthand flag: 'z' in -z"),
            ("--replicas", "flag needs an argument: --replicas"),
            ("-n", "flag needs an argument: 'n' in -n"),
            ("---x", "bad flag syntax: ---x"),
            (
                "--replicas=x",
                "invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "-A=maybe",
                "invalid argument \"maybe\" for \"-A, --all-namespaces\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
            ),
            (
                "--timeout=soon",
                "invalid argument \"soon\" for \"--timeout\" flag: time: invalid duration \"soon\"",
            ),
        ] {
            assert_eq!(parse(line).err().as_deref(), Some(message), "{line}");
        }
    }
}
