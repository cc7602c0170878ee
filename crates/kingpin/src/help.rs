//! The help of programs and commands, 80 columns wide.
//!
//! Source: kingpin templates.go `DefaultUsageTemplate`, usage.go; go/doc/comment for the wrapping.

use super::parse::{HELP, VERSION};
use super::{Arg, Command, Flag, Kind};

const WIDTH: usize = 80;
/// Names in the left column that are longer have their text on the next line.
const LEFT_COLUMN: usize = 30;

/// The usage of a command of a program, or of the program if the path is empty.
pub fn usage(program_name: &str, program: &'static Command, path: &[&str]) -> String {
    let mut flags: Vec<Flag> = vec![HELP, VERSION];
    flags.extend(program.flags);
    let mut command = program;
    for name in path {
        let Some(found) = command.commands.iter().find(|one| one.name == *name) else { break };
        flags.extend(found.flags);
        command = found;
    }
    let selected = if path.is_empty() { String::new() } else { format!(" {}", path.join(" ")) };
    let mut out = format!("usage: {program_name}{selected}");
    let own: Vec<Flag> = if path.is_empty() { flags.clone() } else { command.flags.to_vec() };
    out.push_str(&summary(&own, command.args));
    if !command.commands.is_empty() {
        out.push_str(" <command> [<args> ...]");
    }
    out.push('\n');
    if !command.help.is_empty() {
        out.push('\n');
        out.push_str(&wrapped(command.help, 0, WIDTH));
    }
    out.push_str("\n\n");
    let shown: Vec<&Flag> = flags.iter().filter(|flag| !flag.hidden).collect();
    out.push_str("Flags:\n");
    let has_short = shown.iter().any(|flag| flag.short.is_some());
    let rows = shown.iter().map(|flag| (left(flag, has_short), flag.help)).collect::<Vec<_>>();
    out.push_str(&two_columns(&rows));
    out.push('\n');
    if !command.args.is_empty() {
        out.push_str("Args:\n");
        let rows = command.args.iter().map(|arg| (arg_name(arg, false), arg.help));
        out.push_str(&two_columns(&rows.collect::<Vec<_>>()));
        out.push('\n');
    }
    if !command.commands.is_empty() {
        out.push_str(if path.is_empty() { "Commands:\n" } else { "Subcommands:\n" });
        if path.is_empty() {
            out.push_str("help [<command>...]\n    Show help.\n\n");
        }
        list(&mut out, command, &path.join(" "));
    }
    out
}

/// `--must=MUST [<flags>] <args>...` after the name of a command.
fn summary(flags: &[Flag], args: &[Arg]) -> String {
    let mut out = String::new();
    for flag in flags.iter().filter(|flag| flag.required) {
        out.push_str(&format!(" --{}={}", flag.name, value_name(flag)));
    }
    if flags.iter().any(|flag| !flag.required && !flag.hidden) {
        out.push_str(" [<flags>]");
    }
    for arg in args {
        out.push(' ');
        out.push_str(&arg_name(arg, true));
    }
    out
}

fn arg_name(arg: &Arg, with_dots: bool) -> String {
    let dots = if with_dots && arg.kind.is_cumulative() { "..." } else { "" };
    match arg.required {
        true => format!("<{}>{dots}", arg.name),
        false => format!("[<{}>{dots}]", arg.name),
    }
}

fn value_name(flag: &Flag) -> String {
    match (flag.placeholder, flag.default) {
        (Some(placeholder), _) => placeholder.to_owned(),
        (None, Some(default)) if matches!(flag.kind, Kind::Text) => go::quote::quote(default),
        (None, Some(default)) => default.to_owned(),
        (None, None) => flag.name.to_uppercase(),
    }
}

/// The left column of a flag.
fn left(flag: &Flag, has_short: bool) -> String {
    let mut out = match flag.short {
        Some(short) => format!("-{short}, "),
        None if has_short => "    ".to_owned(),
        None => String::new(),
    };
    match flag.kind {
        Kind::Bool => out.push_str(&format!("--[no-]{}", flag.name)),
        _ => out.push_str(&format!("--{}={}", flag.name, value_name(flag))),
    }
    if flag.kind.is_cumulative() {
        out.push_str(" ...");
    }
    out
}

/// Every command that has no subcommands, with its help.
fn list(out: &mut String, command: &Command, prefix: &str) {
    for one in command.commands.iter().filter(|one| !one.hidden) {
        let name =
            if prefix.is_empty() { one.name.to_owned() } else { format!("{prefix} {}", one.name) };
        if one.commands.is_empty() {
            out.push_str(&format!("{name}{}\n", summary(one.flags, one.args)));
            out.push_str(&wrapped(one.help, 4, WIDTH));
            out.push('\n');
        } else {
            list(out, one, &name);
        }
    }
}

fn two_columns(rows: &[(String, &str)]) -> String {
    const INDENT: usize = 2;
    const PADDING: usize = 2;
    let lengths = rows.iter().map(|(left, _)| left.len());
    let width = lengths.filter(|length| *length < LEFT_COLUMN).max().unwrap_or_default();
    let offset = INDENT + width + PADDING;
    let mut out = String::new();
    for (left, help) in rows {
        let text = wrapped(help, 0, WIDTH - offset);
        let mut lines = text.lines();
        out.push_str(&format!("{:INDENT$}{left:width$}{:PADDING$}", "", ""));
        if left.len() >= LEFT_COLUMN {
            out.push_str(&format!("\n{:offset$}", ""));
        }
        out.push_str(lines.next().unwrap_or_default());
        out.push('\n');
        for line in lines {
            out.push_str(&format!("{:offset$}{line}\n", ""));
        }
    }
    out
}

/// Paragraphs in lines of a width, each after an indent.
fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let width = width.saturating_sub(indent);
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        let lines = lines(&words, width);
        lines.iter().map(|line| format!("{:indent$}{line}\n", "")).collect::<String>()
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// Divides words so that the squares of what is left on the lines add up to the least. Lines that
/// are too long count most, and the last line may be short.
///
/// Source: go/doc/comment text.go `wrap`.
fn lines(words: &[&str], width: usize) -> Vec<String> {
    let width = width as i64;
    // Characters of the words before each place, a space after each word.
    let mut total = vec![0_i64];
    for word in words {
        let last = total.last().copied().unwrap_or_default();
        total.push(last + word.chars().count() as i64 + 1);
    }
    let weight = |from: usize, to: usize| -> (i64, i64) {
        let length = total[to] - 1 - total[from];
        if to == words.len() && length <= width {
            return (0, 0);
        }
        let penalty = words.get(to - 1).map_or(0, |word| penalty(word));
        let left = (width - length).pow(2);
        if length > width { (left, penalty) } else { (0, left + penalty) }
    };
    let mut best: Vec<((i64, i64), usize)> = vec![((0, 0), 0)];
    for to in 1..=words.len() {
        let scores = (0..to).map(|from| {
            let (before, own) = (best[from].0, weight(from, to));
            ((before.0 + own.0, before.1 + own.1), from)
        });
        // The later start wins between equal scores.
        let found = scores.min_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        best.push(found.unwrap_or(((0, 0), 0)));
    }
    let mut lines = Vec::new();
    let mut to = words.len();
    while to > 0 {
        let from = best[to].1;
        lines.push(words.get(from..to).unwrap_or_default().join(" "));
        to = from;
    }
    lines.reverse();
    lines
}

/// A line should end after punctuation.
fn penalty(word: &str) -> i64 {
    if word.ends_with(['.', ',', ':', ';', '!', '?', ')']) { 0 } else { 64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_balanced() {
        let words: Vec<&str> =
            "Perform service discovery for the given job name and report the results, including relabeling."
                .split(' ')
                .collect();
        assert_eq!(
            lines(&words, 76),
            [
                "Perform service discovery for the given job name and report the results,",
                "including relabeling."
            ]
        );
        assert_eq!(lines(&["a-very-long-word", "b"], 5), ["a-very-long-word", "b"]);
        assert!(lines(&[], 5).is_empty());
    }

    static PROGRAM: Command = Command::group(
        "",
        "Does things.",
        &[],
        &[Command::leaf(
            "run",
            "Run it.",
            &[Flag::new("time", Kind::Duration, "How long.").default("5s")],
            &[Arg::required("files", Kind::ExistingFiles, "The files.")],
        )],
    );

    #[test]
    fn usage_of_a_command() {
        let expected = "usage: p run [<flags>] <files>...\n\nRun it.\n\n\nFlags:\n  -h, --[no-]help     Show context-sensitive help (also try --help-long and\n                      --help-man).\n      --[no-]version  Show application version.\n      --time=5s       How long.\n\nArgs:\n  <files>  The files.\n\n";
        assert_eq!(usage("p", &PROGRAM, &["run"]), expected);
        assert!(usage("p", &PROGRAM, &[]).ends_with(
            "Commands:\nhelp [<command>...]\n    Show help.\n\nrun [<flags>] <files>...\n    Run it.\n\n"
        ));
    }
}
