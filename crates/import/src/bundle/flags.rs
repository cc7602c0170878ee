//! The command line of a server from the answer of `/api/v1/status/flags`.

use kubernetes::flags::FLAGS;
use serde_json::Value;
use server::Flags;

/// The file of a workspace that has the command line: one flag on each line, as
/// `prometheus @prometheus.args` reads it.
pub const ARGUMENTS_FILE: &str = "prometheus.args";

/// Returns the flags that differ from their defaults, and the names of flags that Prometheus 3.14
/// does not have.
pub fn arguments(flags: &Value) -> (Vec<String>, Vec<String>) {
    let mut kept: Vec<(String, String)> = Vec::new();
    let mut unknown = Vec::new();
    let plain = defaults(&[]);
    for (name, value) in flags.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if plain.get(name) == value {
            continue;
        }
        if !FLAGS.iter().any(|flag| flag.name == name) {
            unknown.push(name.clone());
        } else {
            kept.push((argument(name, value, &plain), name.clone()));
        }
    }
    // Some defaults follow from other flags.
    let mut at = 0;
    while let Some((_, name)) = kept.get(at) {
        let value = flags.get(name).and_then(Value::as_str).unwrap_or_default();
        let others = kept.iter().filter(|(_, other)| other != name);
        let others: Vec<&str> = others.map(|(argument, _)| argument.as_str()).collect();
        match defaults(&others).get(name) == value {
            true => drop(kept.remove(at)),
            false => at += 1,
        }
    }
    (kept.into_iter().map(|(argument, _)| argument).collect(), unknown)
}

fn defaults(arguments: &[&str]) -> Flags {
    Flags::of_args(arguments.iter().copied()).unwrap_or_default()
}

fn argument(name: &str, value: &str, plain: &Flags) -> String {
    match (plain.get(name), value) {
        ("true" | "false", "true") => format!("--{name}"),
        ("true" | "false", "false") => format!("--no-{name}"),
        _ => format!("--{name}={value}"),
    }
}

/// Returns the arguments of a file: one on each line, without blank lines and comments.
///
/// Source: kingpin `ExpandArgsFromFile`.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let argument = line.trim_end_matches(['\n', '\r']);
        (!argument.trim().is_empty() && !argument.starts_with('#')).then_some((at, argument))
    })
}
