//! `sed` and `awk` as far as pipes of command lines use them: replace, choose and drop lines; print
//! columns.

use go::Regex;

use super::{inputs, mistake};
use crate::Output;
use crate::shell::World;

/// Lines that a command of sed works on.
enum Lines {
    All,
    Range(usize, usize),
    Matching(Regex),
}

enum Action {
    Replace { regex: Regex, with: String, all: bool },
    Print,
    Delete,
}

struct Command {
    lines: Lines,
    action: Action,
}

const SED: &str = "only s/…/…/, p and d with line numbers or /…/ are known here";
const AWK: &str = "only {print $1, $2} with a condition such as NR>1 or /…/ is known here";

/// The parts of a text between separators that have no backslash before them.
fn parts(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == separator && !escaped {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            if c == separator && escaped {
                last.pop();
            }
            last.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

/// A regular expression of sed. In a basic one `\(`, `\+` and the like have the meaning that the plain
/// signs have in an extended one.
fn regex(text: &str, extended: bool, ignore_case: bool) -> Option<Regex> {
    let mut source = String::new();
    if ignore_case {
        source.push_str("(?i)");
    }
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if !extended => match chars.next() {
                Some(next @ ('(' | ')' | '{' | '}' | '+' | '?' | '|')) => source.push(next),
                next => source.extend(['\\'].into_iter().chain(next)),
            },
            '(' | ')' | '{' | '}' | '+' | '?' | '|' if !extended => source.extend(['\\', c]),
            c => source.push(c),
        }
    }
    Regex::unanchored(&source).ok()
}

/// The replacement as a template of Go: `\1` is `${1}`, `&` the whole match.
fn template(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(digit) if digit.is_ascii_digit() => result.push_str(&format!("${{{digit}}}")),
                Some('n') => result.push('\n'),
                Some(other) => result.push(other),
                None => result.push('\\'),
            },
            '&' => result.push_str("${0}"),
            '$' => result.push_str("$$"),
            c => result.push(c),
        }
    }
    result
}

fn command(text: &str, extended: bool) -> Option<Command> {
    let text = text.trim();
    let (lines, rest) = if let Some(rest) = text.strip_prefix('/') {
        let end = rest.find('/')?;
        (Lines::Matching(regex(rest.get(..end)?, extended, false)?), rest.get(end + 1..)?)
    } else {
        let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '$'))?;
        let (address, rest) = text.split_at(end);
        let number = |text: &str| if text == "$" { Some(usize::MAX) } else { text.parse().ok() };
        let lines = match address.split_once(',') {
            _ if address.is_empty() => Lines::All,
            Some((from, to)) => Lines::Range(number(from)?, number(to)?),
            None => Lines::Range(number(address)?, number(address)?),
        };
        (lines, rest)
    };
    let action = match rest.trim() {
        "p" => Action::Print,
        "d" => Action::Delete,
        rest => {
            let rest = rest.strip_prefix('s')?;
            let separator = rest.chars().next()?;
            let parts = parts(rest.get(separator.len_utf8()..)?, separator);
            let [pattern, with, flags] = &parts[..] else { return None };
            if !flags.chars().all(|flag| matches!(flag, 'g' | 'i' | 'I')) {
                return None;
            }
            let regex = regex(pattern, extended, flags.contains(['i', 'I']))?;
            Action::Replace { regex, with: template(with), all: flags.contains('g') }
        }
    };
    Some(Command { lines, action })
}

fn replace(regex: &Regex, with: &str, all: bool, line: &str) -> String {
    if all {
        return regex.replace_all(line, with);
    }
    let Some(captures) = regex.captures(line) else { return line.to_owned() };
    let Some(range) = captures.get(0) else { return line.to_owned() };
    let mut result = line.get(..range.start).unwrap_or_default().to_owned();
    regex.expand(with, line, &captures, &mut result);
    result + line.get(range.end..).unwrap_or_default()
}

pub(super) fn sed(arguments: &[&str], input: &str, world: &dyn World) -> Output {
    let (mut quiet, mut extended) = (false, false);
    let (mut scripts, mut files) = (Vec::new(), Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "-n" => quiet = true,
            "-E" | "-r" => extended = true,
            "-e" => scripts.extend(words.next().copied()),
            word if word.starts_with("-i") => {
                return mistake("sed", "files are changed in the editor of the page, not with -i");
            }
            word if scripts.is_empty() => scripts.push(word),
            word => files.push(word),
        }
    }
    let commands: Option<Vec<Command>> = scripts
        .iter()
        .flat_map(|script| script.split(';'))
        .map(|text| command(text, extended))
        .collect();
    let Some(commands) = commands.filter(|commands| !commands.is_empty()) else {
        return mistake("sed", SED);
    };
    let (text, mut output) = inputs("sed", &files, input, world);
    let last = text.lines().count();
    for (number, line) in text.lines().enumerate() {
        let (mut line, mut printed, mut dropped) = (line.to_owned(), 0, false);
        for command in &commands {
            let chosen = match &command.lines {
                Lines::All => true,
                Lines::Range(from, to) => {
                    let end = (*to).min(last);
                    ((*from).min(last)..=end).contains(&(number + 1))
                }
                Lines::Matching(regex) => regex.is_match(&line),
            };
            match &command.action {
                _ if !chosen => {}
                Action::Print => printed += 1,
                Action::Delete => dropped = true,
                Action::Replace { regex, with, all } => line = replace(regex, with, *all, &line),
            }
        }
        let times = if dropped { 0 } else { printed + usize::from(!quiet) };
        (0..times).for_each(|_| output.out(&line));
    }
    output
}

/// A condition of awk.
enum Condition {
    Always,
    Matches(Regex),
    /// `NR>1`: a sign and a number.
    Line(char, bool, usize),
    /// `$2=="Running"`, `$2!="Running"`.
    Field(usize, bool, String),
}

/// A part that awk prints: a column from 1, the whole line (0), the last column, or a text.
enum Item {
    Column(usize),
    Last,
    Text(String),
}

fn condition(text: &str) -> Option<Condition> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Condition::Always);
    }
    if let Some(inside) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        return regex(inside, true, false).map(Condition::Matches);
    }
    if let Some(rest) = text.strip_prefix("NR") {
        let rest = rest.trim();
        let sign = rest.chars().next().filter(|sign| matches!(sign, '>' | '<' | '='))?;
        let number = rest.trim_start_matches(['>', '<', '=']).trim().parse().ok()?;
        let or_equal = rest.get(1..2) == Some("=");
        return Some(Condition::Line(sign, or_equal, number));
    }
    let rest = text.strip_prefix('$')?;
    let (equal, (column, value)) = match rest.split_once("==") {
        Some(pair) => (true, pair),
        None => (false, rest.split_once("!=")?),
    };
    let value = value.trim().trim_matches('"').to_owned();
    Some(Condition::Field(column.trim().parse().ok()?, equal, value))
}

fn items(text: &str) -> Option<Vec<Item>> {
    let rest = text.trim().strip_prefix("print")?.trim();
    if rest.is_empty() {
        return Some(vec![Item::Column(0)]);
    }
    let mut items = Vec::new();
    for (number, group) in rest.split(',').enumerate() {
        if number > 0 {
            items.push(Item::Text(" ".to_owned()));
        }
        let mut rest = group.trim();
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('"') {
                let (text, after) = inside.split_once('"')?;
                items.push(Item::Text(text.replace("\\t", "\t").replace("\\n", "\n")));
                rest = after.trim_start();
                continue;
            }
            let after = rest.strip_prefix('$')?;
            if let Some(after) = after.strip_prefix("NF") {
                items.push(Item::Last);
                rest = after.trim_start();
                continue;
            }
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            items.push(Item::Column(after.get(..end)?.parse().ok()?));
            rest = after.get(end..)?.trim_start();
        }
    }
    Some(items)
}

pub(super) fn awk(arguments: &[&str], input: &str, world: &dyn World) -> Output {
    let (mut separator, mut program, mut files) = (None, None, Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix("-F") {
            Some("") => separator = words.next().copied(),
            Some(text) => separator = Some(text),
            None if program.is_none() => program = Some(*word),
            None => files.push(*word),
        }
    }
    let parsed = program.and_then(|program| {
        let (before, rest) = program.split_once('{').unwrap_or((program, "print}"));
        Some((condition(before)?, items(rest.trim_end().strip_suffix('}')?)?))
    });
    let Some((condition, items)) = parsed else { return mistake("awk", AWK) };
    let (text, mut output) = inputs("awk", &files, input, world);
    for (number, line) in text.lines().enumerate() {
        let columns: Vec<&str> = match separator {
            Some(separator) => line.split(separator).collect(),
            None => line.split_whitespace().collect(),
        };
        let column = |at: usize| match at.checked_sub(1) {
            None => line,
            Some(at) => columns.get(at).copied().unwrap_or_default(),
        };
        let chosen = match &condition {
            Condition::Always => true,
            Condition::Matches(regex) => regex.is_match(line),
            Condition::Line(sign, or_equal, wanted) => match (sign, (number + 1).cmp(wanted)) {
                ('>', std::cmp::Ordering::Greater) | ('<', std::cmp::Ordering::Less) => true,
                (_, std::cmp::Ordering::Equal) => *or_equal,
                _ => false,
            },
            Condition::Field(at, equal, value) => (column(*at) == value) == *equal,
        };
        if chosen {
            let cells = items.iter().map(|item| match item {
                Item::Column(at) => column(*at),
                Item::Last => columns.last().copied().unwrap_or_default(),
                Item::Text(text) => text,
            });
            output.out(cells.collect::<String>());
        }
    }
    output
}
