//! Commands about the machine and the shell: `date`, `env`, `which`, `xargs`.

use super::{Builtin, NAMES, mistake};
use crate::Output;
use crate::shell::{Shell, World};

/// The variables of a fresh shell.
const VARIABLES: &[(&str, &str)] = &[
    ("HOME", "/home/user"),
    ("KUBECONFIG", "/home/user/.kube/config"),
    ("SHELL", "/bin/bash"),
    ("USER", "user"),
];

/// The value of a variable that every shell has.
pub(in crate::shell) fn variable(name: &str) -> Option<&'static str> {
    VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

pub(super) fn env(shell: &Shell, output: &mut Output) {
    let given = shell.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut all: Vec<(&str, &str)> = VARIABLES
        .iter()
        .copied()
        .filter(|(name, _)| !shell.variables.contains_key(*name))
        .collect();
    all.extend(given);
    all.sort_unstable();
    all.iter().for_each(|(name, value)| output.out(format!("{name}={value}")));
}

/// The time of the cluster: `date`, `date -u`, `date +%s`, `date +FORMAT` with the usual parts.
pub(super) fn date(arguments: &[&str], world: &dyn World) -> Output {
    let now = world.now();
    let time = go::time::DateTime::of_unix_millis(now);
    let mut output = Output::default();
    let format = arguments.iter().find_map(|word| word.strip_prefix('+'));
    let mut text = String::new();
    let mut chars = format.unwrap_or("%a %b %e %T %Z %Y").chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let part = chars.next().unwrap_or_default();
        match (part, LAYOUTS.iter().find(|(known, _)| *known == part)) {
            ('s', _) => text.push_str(&now.div_euclid(1000).to_string()),
            ('%', _) => text.push('%'),
            (_, Some((_, layout))) => text.push_str(&time.format(layout)),
            _ => return mistake("date", &format!("%{part} is not known here")),
        }
    }
    output.out(text);
    output
}

/// Parts of a format of `date` as layouts of Go.
const LAYOUTS: &[(char, &str)] = &[
    ('Y', "2006"),
    ('m', "01"),
    ('d', "02"),
    ('e', "_2"),
    ('H', "15"),
    ('M', "04"),
    ('S', "05"),
    ('F', "2006-01-02"),
    ('T', "15:04:05"),
    ('a', "Mon"),
    ('b', "Jan"),
    ('Z', "UTC"),
];

/// `which NAME`, `command -v NAME`, `type NAME`: the place of a program, exit code 1 without one.
pub(super) fn which(names: &[&str], world: &dyn World) -> Output {
    let mut output = Output::default();
    for name in names {
        if world.programs().contains(name) {
            output.out(format!("/usr/local/bin/{name}"));
        } else if NAMES.contains(name) {
            output.out(format!("/usr/bin/{name}"));
        } else {
            output.exit = 1;
        }
    }
    output
}

/// Arguments that one call of xargs passes at most.
const MOST_ARGUMENTS: usize = 5_000;

/// `xargs [-n N] [-I {}] COMMAND`: the command with the words of the input.
pub(super) fn xargs(arguments: &[&str], input: &str) -> Builtin {
    let (mut each, mut replaced) = (None, None);
    let mut words = arguments;
    loop {
        match words {
            ["-n", number, rest @ ..] => {
                each = number.parse::<usize>().ok().filter(|number| *number > 0);
                words = rest;
            }
            ["-I", text, rest @ ..] => (replaced, words) = (Some(*text), rest),
            ["-r" | "--no-run-if-empty", rest @ ..] => words = rest,
            [word, ..] if word.starts_with('-') => {
                return Builtin::Ended(mistake("xargs", &format!("{word} is not known here")));
            }
            _ => break,
        }
    }
    let items: Vec<&str> = match replaced {
        Some(_) => input.lines().filter(|line| !line.is_empty()).collect(),
        None => input.split_whitespace().collect(),
    };
    if items.is_empty() {
        return Builtin::Ended(Output::default());
    }
    if items.len() > MOST_ARGUMENTS {
        return Builtin::Ended(mistake("xargs", &format!("more than {MOST_ARGUMENTS} arguments")));
    }
    let words = if words.is_empty() { &["echo"][..] } else { words };
    let mut lines = Vec::new();
    match replaced {
        Some(text) => {
            for item in items {
                let words = words.iter().map(|word| quoted(&word.replace(text, item)));
                lines.push(words.collect::<Vec<_>>().join(" "));
            }
        }
        None => {
            for items in items.chunks(each.unwrap_or(MOST_ARGUMENTS)) {
                let words = words.iter().chain(items).map(|word| quoted(word));
                lines.push(words.collect::<Vec<_>>().join(" "));
            }
        }
    }
    Builtin::Script { text: lines.join("\n"), parameters: Vec::new() }
}

/// A word in quotes of the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
