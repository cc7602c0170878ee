//! Programs that only work on text, and commands of the shell itself.
//!
//! | file | content |
//! | --- | --- |
//! | `grep` | `grep` |
//! | `edit` | `sed`, `awk` |
//! | `system` | `date`, `env`, `which`, `xargs` |
//! | `text` | `head`, `tail`, `wc`, `sort`, `uniq`, `cut`, `tr`, `base64` |
//! | `condition` | `test`, `[`, `[[` |

mod condition;
mod edit;
mod grep;
pub(super) mod system;
mod text;

use super::{Shell, World};
use crate::Output;

/// The result of a command of the shell.
pub(super) enum Builtin {
    Ended(Output),
    /// Milliseconds to wait.
    Sleep(i64),
    Exit(i32),
    /// `set -e`, `set +e`: whether a script ends with a command that fails.
    ExitOnError(bool),
    Script {
        text: String,
        parameters: Vec<String>,
    },
    /// No command of the shell.
    Unknown,
}

/// Bytes after which a command reads, prints and writes no more.
const MOST_TEXT: usize = 16 << 20;

/// The names of all commands here.
pub(super) const NAMES: &[&str] = &[
    "[", "[[", "awk", "base64", "bash", "cat", "cd", "chmod", "clear", "command", "cut", "date",
    "echo", "env", "exit", "export", "false", "grep", "egrep", "head", "less", "local", "ls",
    "more", "return", "printf", "pwd", "sed", "seq", "set", "sh", "sleep", "sort", "source",
    "tail", "tee", "test", "tr", "true", "type", "uniq", "unset", "watch", "wc", "which", "whoami",
    "xargs",
];

/// The sequence with which a terminal is emptied: the cursor goes home, and the screen is erased.
pub(super) const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Returns true if the shell itself has a command.
pub(super) fn knows(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Runs a command of the shell.
pub(super) fn run(
    words: &[String],
    input: &str,
    shell: &mut Shell,
    world: &mut dyn World,
) -> Builtin {
    let Some((name, rest)) = words.split_first() else { return Builtin::Unknown };
    let arguments: Vec<&str> = rest.iter().map(String::as_str).collect();
    let mut output = Output::default();
    match name.as_str() {
        // Every file of the workspace can be run.
        "true" | ":" | "cd" | "chmod" => {}
        "clear" => CLEAR.clone_into(&mut output.stdout),
        "seq" => output = sequence(&arguments),
        "watch" => return watch(&arguments),
        "set" => return options(&arguments),
        "awk" => output = edit::awk(&arguments, input, world),
        "sed" => output = edit::sed(&arguments, input, world),
        "date" => output = system::date(&arguments, world),
        "which" | "type" => output = system::which(&arguments, world),
        "command" if arguments.first() == Some(&"-v") => {
            output = system::which(arguments.get(1..).unwrap_or_default(), world);
        }
        "xargs" => return system::xargs(&arguments, input),
        "false" => output.exit = 1,
        "echo" => output.stdout = echo(&arguments),
        "printf" => output.stdout = printf(&arguments),
        "pwd" => output.out("/home/user"),
        "ls" => list(&arguments, world, &mut output),
        "exit" | "return" => {
            let code = arguments.first().and_then(|code| code.parse().ok());
            return Builtin::Exit(code.unwrap_or(shell.status));
        }
        "export" | "local" | "readonly" => {
            for (name, value) in arguments.iter().filter_map(|word| word.split_once('=')) {
                shell.variables.insert(name.to_owned(), value.to_owned());
            }
        }
        "unset" => {
            for name in &arguments {
                shell.variables.remove(*name);
            }
        }
        "sleep" => return sleep(&arguments),
        "bash" | "sh" | "source" | "." => return script(&arguments, world),
        "test" | "[" | "[[" => output = condition::test(name, &arguments, world),
        "tee" => tee(&arguments, input, world, &mut output),
        "cat" | "less" | "more" => {
            let (text, missing) = inputs(name, &arguments, input, world);
            output = missing;
            output.stdout = text;
        }
        "grep" | "egrep" => output = grep::grep(name, &arguments, input, world),
        "head" | "tail" | "wc" | "sort" | "uniq" | "cut" | "tr" | "base64" => {
            output = text::run(name, &arguments, input, world);
        }
        path if path.contains('/') => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            return script(&words, world);
        }
        _ => return Builtin::Unknown,
    }
    Builtin::Ended(output)
}

/// Runs a command that the world may have of its own: a container has another environment.
pub(super) fn fallback(words: &[String], shell: &Shell) -> Option<Output> {
    let mut output = Output::default();
    match words.first()?.as_str() {
        "env" | "printenv" => system::env(shell, &mut output),
        "whoami" => output.out("user"),
        _ => return None,
    }
    Some(output)
}

/// `set -e`, `set -euo pipefail`: the other options have no meaning here.
fn options(arguments: &[&str]) -> Builtin {
    let has_e = |word: &&&str| !word.starts_with("--") && word.contains('e') && word.len() > 1;
    match arguments.iter().find(has_e) {
        Some(word) if word.starts_with('-') => Builtin::ExitOnError(true),
        Some(word) if word.starts_with('+') => Builtin::ExitOnError(false),
        _ => Builtin::Ended(Output::default()),
    }
}

/// A mistake in the use of a tool.
fn mistake(name: &str, text: &str) -> Output {
    let mut output = Output::default();
    output.err(format!("{name}: {text}"));
    output.ended(if name == "grep" { 2 } else { 1 })
}

/// The text of the files that are named, or the input. Missing files are reported.
fn inputs(name: &str, paths: &[&str], input: &str, world: &dyn World) -> (String, Output) {
    let mut output = Output::default();
    let paths: Vec<&&str> =
        paths.iter().filter(|path| !path.starts_with('-') || **path == "-").collect();
    if paths.is_empty() {
        return (input.to_owned(), output);
    }
    let mut text = String::new();
    for path in paths {
        if text.len() > MOST_TEXT {
            output.err(format!("{name}: more than {} MiB of text", MOST_TEXT >> 20));
            output.exit = 1;
            break;
        }
        match (*path, world.read_file(path)) {
            ("-", _) => text.push_str(input),
            (_, Some(file)) => text.push_str(&file),
            (path, None) => {
                output.err(format!("{name}: {path}: No such file or directory"));
                output.exit = 1;
            }
        }
    }
    (text, output)
}

fn echo(arguments: &[&str]) -> String {
    let mut words = arguments;
    let (mut line, mut escapes) = (true, false);
    while let Some((first, rest)) = words.split_first() {
        match *first {
            "-n" => line = false,
            "-e" => escapes = true,
            "-E" => escapes = false,
            _ => break,
        }
        words = rest;
    }
    let mut text = words.join(" ");
    if escapes {
        text = unescape(&text);
    }
    if line {
        text.push('\n');
    }
    text
}

/// The escapes of `echo -e` and `printf`.
fn unescape(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('\\') => result.push('\\'),
            Some('e') => result.push('\u{1b}'),
            Some('0') if chars.as_str().starts_with("33") => {
                result.push('\u{1b}');
                chars = chars.as_str().get(2..).unwrap_or_default().chars();
            }
            Some(other) => result.extend(['\\', other]),
            None => result.push('\\'),
        }
    }
    result
}

/// `printf` with `%s`, `%d` and `%%`; the format is used again while arguments are left.
fn printf(arguments: &[&str]) -> String {
    let Some((format, rest)) = arguments.split_first() else { return String::new() };
    let format = unescape(format);
    let mut rest = rest.iter();
    let mut result = String::new();
    loop {
        let before = rest.len();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                result.push(c);
                continue;
            }
            match chars.next() {
                Some('s') => result.push_str(rest.next().unwrap_or(&"")),
                Some('d') => {
                    result.push_str(rest.next().filter(|word| !word.is_empty()).unwrap_or(&"0"))
                }
                Some('%') => result.push('%'),
                Some(other) => result.extend(['%', other]),
                None => result.push('%'),
            }
        }
        if rest.len() == 0 || rest.len() == before || result.len() > MOST_TEXT {
            return result;
        }
    }
}

fn list(arguments: &[&str], world: &dyn World, output: &mut Output) {
    let paths: Vec<&str> =
        arguments.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let deep = arguments
        .iter()
        .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('R'));
    for path in if paths.is_empty() { vec![""] } else { paths } {
        if deep && world.list_folder(path).is_some() {
            list_all(if path.is_empty() { "." } else { path }, path, world, output);
            continue;
        }
        match world.list_folder(path) {
            Some(names) => names.iter().for_each(|name| output.out(name)),
            None if world.read_file(path).is_some() => output.out(path),
            None => {
                output.err(format!("ls: cannot access '{path}': No such file or directory"));
                output.exit = 2;
            }
        }
    }
}

/// Folders that `ls -R` lists at most.
const MOST_FOLDERS: usize = 1_000;

/// `ls -R`: a folder, then each folder in it.
fn list_all(shown: &str, path: &str, world: &dyn World, output: &mut Output) {
    let mut folders = vec![(shown.to_owned(), path.to_owned())];
    let mut number = 0;
    while let Some((shown, path)) = folders.pop() {
        number += 1;
        if number > MOST_FOLDERS {
            return;
        }
        if number > 1 {
            output.out("");
        }
        output.out(format!("{shown}:"));
        let names = world.list_folder(&path).unwrap_or_default();
        let inside = |name: &String| match path.as_str() {
            "" => name.clone(),
            path => format!("{}/{name}", path.trim_end_matches('/')),
        };
        names.iter().for_each(|name| output.out(name));
        for name in names.iter().rev() {
            let path = inside(name);
            if world.read_file(&path).is_none() && world.list_folder(&path).is_some() {
                folders.push((format!("{}/{name}", shown.trim_end_matches('/')), path));
            }
        }
    }
}

fn sleep(arguments: &[&str]) -> Builtin {
    let Some(first) = arguments.first() else {
        return Builtin::Ended(mistake("sleep", "missing operand"));
    };
    let (number, factor) = match first.chars().last() {
        Some('s') => (&first[..first.len() - 1], 1000.0),
        Some('m') => (&first[..first.len() - 1], 60_000.0),
        Some('h') => (&first[..first.len() - 1], 3_600_000.0),
        _ => (*first, 1000.0),
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => {
            Builtin::Sleep((number * factor) as i64)
        }
        _ => Builtin::Ended(mistake("sleep", &format!("invalid time interval ‘{first}’"))),
    }
}

/// Numbers that `seq` prints at most.
const MOST_NUMBERS: i64 = 10_000;

/// `seq LAST`, `seq FIRST LAST`, `seq FIRST STEP LAST` with whole numbers.
fn sequence(arguments: &[&str]) -> Output {
    let numbers: Option<Vec<i64>> = arguments.iter().map(|word| word.parse().ok()).collect();
    let (first, step, last) = match numbers.as_deref() {
        Some([last]) => (1, 1, *last),
        Some([first, last]) => (*first, 1, *last),
        Some([first, step, last]) if *step != 0 => (*first, *step, *last),
        _ => return mistake("seq", "one to three whole numbers are needed"),
    };
    let mut output = Output::default();
    let mut number = first;
    for _ in 0..MOST_NUMBERS {
        if if step > 0 { number > last } else { number < last } {
            break;
        }
        output.out(number.to_string());
        let Some(next) = number.checked_add(step) else { break };
        number = next;
    }
    output
}

/// `watch [-n SECONDS] COMMAND`: the command again and again, until Ctrl+C.
fn watch(arguments: &[&str]) -> Builtin {
    let (seconds, command) = match arguments {
        ["-n", seconds, command @ ..] => (*seconds, command),
        [first, command @ ..] if first.starts_with("-n") => (&first[2..], command),
        command => ("2", command),
    };
    let period = seconds.parse::<f64>().ok().filter(|time| time.is_finite() && *time >= 0.1);
    let (Some(period), false) = (period, command.is_empty()) else {
        return Builtin::Ended(mistake("watch", "usage: watch [-n seconds] command"));
    };
    // One word is a command line of its own, several are a command with its arguments.
    let line = match command {
        [line] => (*line).to_owned(),
        words => {
            let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
            quoted.collect::<Vec<_>>().join(" ")
        }
    };
    let head = format!("Every {period:.1}s: {}", command.join(" ")).replace('\'', "'\\''");
    let text =
        format!("while true; do clear; echo '{head}'; echo; {line}; echo; sleep {period}; done");
    Builtin::Script { text, parameters: Vec::new() }
}

/// `bash file`, `./file`, `bash -c text`.
fn script(arguments: &[&str], world: &dyn World) -> Builtin {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match arguments {
        ["-c", text, rest @ ..] => {
            let parameters = words(rest.get(1..).unwrap_or_default());
            Builtin::Script { text: (*text).to_owned(), parameters }
        }
        [path, rest @ ..] => {
            let name = path.strip_prefix("./").unwrap_or(path);
            match world.read_file(name).or_else(|| world.read_file(path)) {
                Some(text) => Builtin::Script { text, parameters: words(rest) },
                None => {
                    let mut output = Output::default();
                    output.err(format!("bash: {path}: No such file or directory"));
                    Builtin::Ended(output.ended(127))
                }
            }
        }
        [] => Builtin::Ended(mistake(
            "bash",
            "an interactive shell inside of this one is not known here",
        )),
    }
}

fn tee(arguments: &[&str], input: &str, world: &mut dyn World, output: &mut Output) {
    input.clone_into(&mut output.stdout);
    let append = arguments.contains(&"-a");
    let mut written = 0;
    for path in arguments.iter().filter(|word| !word.starts_with('-')) {
        let before = if append { world.read_file(path).unwrap_or_default() } else { String::new() };
        written += before.len() + input.len();
        let result = match written > MOST_TEXT {
            true => Err(format!("more than {} MiB of text", MOST_TEXT >> 20)),
            false => world.write_file(path, &(before + input)),
        };
        if let Err(reason) = result {
            output.err(format!("tee: {path}: {reason}"));
            output.exit = 1;
        }
    }
}

/// A program that does not exist: one line, with the names that are near it.
pub(super) fn not_found(words: &[String], programs: &[&'static str]) -> Output {
    let name = words.first().map_or("", String::as_str);
    let names = programs.iter().chain(NAMES).copied();
    // Of a short word almost everything is near.
    let edits = (name.chars().count() / 3).min(2);
    let near = crate::kubectl::suggestions(names, name, edits);
    let mut output = Output::default();
    output.err(match &near[..] {
        [] => format!("bash: {name}: command not found"),
        near => format!("bash: {name}: command not found, did you mean {}?", near.join(" or ")),
    });
    output.ended(127)
}
