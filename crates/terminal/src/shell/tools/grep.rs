//! `grep`: lines that match a pattern, with lines around them.

use go::Regex;

use super::{inputs, mistake};
use crate::Output;
use crate::shell::World;

/// Options of a call of grep.
#[derive(Default)]
struct Options {
    extended: bool,
    fixed: bool,
    ignore_case: bool,
    invert: bool,
    count: bool,
    only: bool,
    quiet: bool,
    numbers: bool,
    word: bool,
    names: bool,
    most: Option<usize>,
    before: usize,
    after: usize,
    patterns: Vec<String>,
    files: Vec<String>,
}

impl Options {
    fn parse(name: &str, arguments: &[&str]) -> Result<Self, Output> {
        let mut options = Self { extended: name == "egrep", ..Self::default() };
        let mut words = arguments.iter();
        let mut rest = Vec::new();
        while let Some(word) = words.next() {
            let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                rest.push((*word).to_owned());
                continue;
            };
            if let Some(long) = letters.strip_prefix('-') {
                options.long(long)?;
                continue;
            }
            if let Ok(number) = letters.parse() {
                (options.before, options.after) = (number, number);
                continue;
            }
            for (at, letter) in letters.char_indices() {
                if !matches!(letter, 'A' | 'B' | 'C' | 'm' | 'e') {
                    options.letter(letter)?;
                    continue;
                }
                let inline = &letters[at + 1..];
                let value = if inline.is_empty() { words.next().copied() } else { Some(inline) };
                let Some(value) = value else {
                    let text = format!("option requires an argument -- '{letter}'");
                    return Err(mistake("grep", &text));
                };
                options.value(letter, value)?;
                break;
            }
        }
        if options.patterns.is_empty() {
            if rest.is_empty() {
                return Err(mistake("grep", "a pattern is missing"));
            }
            options.patterns.push(rest.remove(0));
        }
        options.files = rest;
        Ok(options)
    }

    fn long(&mut self, option: &str) -> Result<(), Output> {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match name {
            "color" | "colour" => {}
            "ignore-case" => self.ignore_case = true,
            "invert-match" => self.invert = true,
            "count" => self.count = true,
            "quiet" | "silent" => self.quiet = true,
            "extended-regexp" => self.extended = true,
            "fixed-strings" => self.fixed = true,
            "only-matching" => self.only = true,
            "line-number" => self.numbers = true,
            "line-buffered" => {}
            "after-context" => self.value('A', value)?,
            "before-context" => self.value('B', value)?,
            "context" => self.value('C', value)?,
            "max-count" => self.value('m', value)?,
            "regexp" => self.value('e', value)?,
            _ => return Err(mistake("grep", &format!("unrecognized option '--{name}'"))),
        }
        Ok(())
    }

    fn letter(&mut self, letter: char) -> Result<(), Output> {
        match letter {
            'E' | 'P' => self.extended = true,
            'F' => self.fixed = true,
            'i' => self.ignore_case = true,
            'v' => self.invert = true,
            'c' => self.count = true,
            'o' => self.only = true,
            'q' => self.quiet = true,
            'n' => self.numbers = true,
            'w' => self.word = true,
            'H' => self.names = true,
            'h' | 's' | 'r' | 'R' => {}
            letter => return Err(mistake("grep", &format!("invalid option -- '{letter}'"))),
        }
        Ok(())
    }

    fn value(&mut self, letter: char, value: &str) -> Result<(), Output> {
        if letter == 'e' {
            self.patterns.push(value.to_owned());
            return Ok(());
        }
        let Ok(number) = value.parse() else {
            return Err(mistake("grep", &format!("{value}: invalid context length argument")));
        };
        match letter {
            'A' => self.after = number,
            'B' => self.before = number,
            'm' => self.most = Some(number),
            _ => (self.before, self.after) = (number, number),
        }
        Ok(())
    }

    fn regexes(&self) -> Result<Vec<Regex>, Output> {
        let mut regexes = Vec::new();
        for pattern in self.patterns.iter().flat_map(|pattern| pattern.split('\n')) {
            let mut source = match (self.fixed, self.extended) {
                (true, _) => escape(pattern),
                (_, true) => pattern.to_owned(),
                _ => from_basic(pattern),
            };
            if self.word {
                source = format!(r"\b(?:{source})\b");
            }
            if self.ignore_case {
                source = format!("(?i){source}");
            }
            regexes.push(
                Regex::unanchored(&source).map_err(|error| mistake("grep", &error.to_string()))?,
            );
        }
        Ok(regexes)
    }
}

/// A text as a pattern that matches nothing else.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A basic pattern as an extended one: `\|`, `\(`, `\{`, `\+`, `\?` change places with the bare
/// characters.
fn from_basic(pattern: &str) -> String {
    let mut source = String::new();
    let mut chars = pattern.chars();
    let mut bracket = false;
    while let Some(c) = chars.next() {
        match c {
            '[' => bracket = true,
            ']' => bracket = false,
            '\\' if !bracket => {
                match chars.next() {
                    Some(next) if "|(){}+?".contains(next) => source.push(next),
                    Some('<' | '>') => source.push_str(r"\b"),
                    Some(next) => source.extend(['\\', next]),
                    None => source.push_str(r"\\"),
                }
                continue;
            }
            c if !bracket && "|(){}+?".contains(c) => source.push('\\'),
            '*' if source.is_empty() => source.push('\\'),
            _ => {}
        }
        source.push(c);
    }
    source
}

pub(super) fn grep(name: &str, arguments: &[&str], input: &str, world: &dyn World) -> Output {
    let options = match Options::parse(name, arguments) {
        Ok(options) => options,
        Err(output) => return output,
    };
    let regexes = match options.regexes() {
        Ok(regexes) => regexes,
        Err(output) => return output,
    };
    let mut output = Output::default();
    let mut any = false;
    let named = options.names || options.files.len() > 1;
    let sources: Vec<&str> = match &options.files[..] {
        [] => vec!["-"],
        files => files.iter().map(String::as_str).collect(),
    };
    for source in sources {
        let (text, missing) = inputs("grep", &[source], input, world);
        output.stderr.push_str(&missing.stderr);
        let prefix = if named { format!("{source}:") } else { String::new() };
        any |= search(&options, &regexes, &text, &prefix, &mut output);
    }
    let failed = !output.stderr.is_empty();
    output.ended(match (any, failed) {
        (_, true) => 2,
        (true, _) => 0,
        (false, _) => 1,
    })
}

/// The parts of a line that a pattern matches.
fn matches<'a>(regex: &Regex, line: &'a str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some(range) = regex.captures(rest).and_then(|captures| captures.get(0)) {
        if range.is_empty() {
            let Some(next) = rest[range.end..].chars().next() else { break };
            rest = &rest[range.end + next.len_utf8()..];
            continue;
        }
        parts.push(&rest[range.clone()]);
        rest = &rest[range.end..];
    }
    parts
}

/// Prints the lines of one text. Returns true if any matched.
fn search(
    options: &Options,
    regexes: &[Regex],
    text: &str,
    prefix: &str,
    output: &mut Output,
) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let is_match = |line: &str| regexes.iter().any(|one| one.is_match(line)) != options.invert;
    let mut found: Vec<usize> = (0..lines.len()).filter(|at| is_match(lines[*at])).collect();
    if let Some(most) = options.most {
        found.truncate(most);
    }
    if options.quiet {
        return !found.is_empty();
    }
    if options.count {
        output.out(format!("{prefix}{}", found.len()));
        return !found.is_empty();
    }
    let mut last: Option<usize> = None;
    for at in &found {
        if options.only {
            for regex in regexes {
                for part in matches(regex, lines[*at]) {
                    output.out(format!("{prefix}{part}"));
                }
            }
            continue;
        }
        let first = at.saturating_sub(options.before).max(last.map_or(0, |last| last + 1));
        let end = at.saturating_add(options.after).min(lines.len().saturating_sub(1));
        let context = options.before + options.after > 0;
        if context && last.is_some_and(|last| first > last + 1) {
            output.out("--");
        }
        for (number, line) in lines.iter().enumerate().take(end + 1).skip(first) {
            // A later match prints its own line.
            if number > *at && found.binary_search(&number).is_ok() {
                break;
            }
            let mark = if number == *at { ':' } else { '-' };
            let number_text =
                if options.numbers { format!("{}{mark}", number + 1) } else { String::new() };
            output.out(format!("{prefix}{number_text}{line}"));
            last = Some(number);
        }
    }
    !found.is_empty()
}
