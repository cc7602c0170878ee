//! Texts of kubectl without what differs from run to run, as the README of `conformance/kubectl` says.

use kubernetes::object::Value;
use std::collections::BTreeSet;

use go::Regex;

/// Patterns in the order in which they are replaced, with what takes their place.
const PATTERNS: &[(&str, &str)] = &[
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
    (r"containerd://[0-9a-f]{64}", "containerd://<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| [+-]\d{4})", "<time>"),
    (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
    (r#"(resourceVersion"?: )"\d+""#, "${1}\"<rv>\""),
    (r"(Resource Version:\s+)\d+", "${1}<rv>"),
    (r"kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}", "kube-api-access-<rand>"),
    (r"([a-z0-9])\.[0-9a-f]{16}\b", "${1}.<event>"),
    (r"X509SHA256=[0-9a-f]{64}", "X509SHA256=<id>"),
    (r"\(lasts (?:\d+[smhdy]){1,2}\)", "(lasts <age>)"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
    (r"/tmp/(LIVE|MERGED)-\d+", "/tmp/${1}-<n>"),
    (r"(object given to jsonpath engine was:\n\t\t)[^\n]*", "${1}<object>"),
    (r"W\d{4} \d\d:\d\d:\d\d\.\d{6}\s+\d+ helpers\.go:\d+\]", "W<time> helpers.go:<line>]"),
    // The first address of a network is that of the node.
    (r"10\.244\.\d+\.(?:[2-9]|\d\d+)\b", "<pod-ip>"),
];

/// Replaces what the README names. `names` are names that end in random letters, `hosts` are
/// addresses that the server chose, `ports` are node ports that it chose.
pub struct Normal {
    patterns: Vec<(Regex, &'static str)>,
    duration: Regex,
    repeated: Regex,
    restarts: Regex,
    ago: Regex,
    /// An age in a text, with the blanks around it.
    age: Regex,
}

fn regex(text: &str) -> Regex {
    Regex::unanchored(text).expect("the pattern is well formed")
}

impl Normal {
    pub fn new() -> Self {
        let age = r"(?:\d+[smhdy]){1,2}";
        Self {
            patterns: PATTERNS.iter().map(|(from, to)| (regex(from), *to)).collect(),
            duration: regex(&format!("^{age}$")),
            repeated: regex(&format!(r"^{age} \(x\d+ over {age}\)$")),
            restarts: regex(&format!(r"^(\d+) \({age} ago\)$")),
            ago: regex(&format!("^{age} ago$")),
            age: regex(&format!(r"( *)\b({age})\b( *)")),
        }
    }

    /// Returns true if two texts are equal to the letter but for ages, which may be one second off, and
    /// the blanks beside them.
    pub fn is_near(&self, found: &str, recorded: &str) -> bool {
        let (found, recorded) = (self.ages(found), self.ages(recorded));
        let near = |(a, b): (&i64, &i64)| (a - b).abs() <= 1;
        found.0 == recorded.0
            && found.1.len() == recorded.1.len()
            && found.1.iter().zip(&recorded.1).all(near)
    }

    /// A text without its ages, and the ages in seconds.
    fn ages(&self, text: &str) -> (String, Vec<i64>) {
        let (mut plain, mut ages) = (String::new(), Vec::new());
        let mut rest = text;
        while let Some(captures) = self.age.captures(rest) {
            let (Some(all), Some(age)) = (captures.get(0), captures.get(2)) else { break };
            plain.push_str(&rest[..all.start]);
            plain.push_str(" <age> ");
            let units = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1), ('y', 31_536_000)];
            let mut number = 0;
            ages.push(rest[age].chars().fold(0, |sum, c| match c.to_digit(10) {
                Some(digit) => {
                    number = number * 10 + i64::from(digit);
                    sum
                }
                None => {
                    let factor = units.iter().find(|(unit, _)| *unit == c).map_or(0, |unit| unit.1);
                    sum + std::mem::take(&mut number) * factor
                }
            }));
            rest = &rest[all.end..];
        }
        plain.push_str(rest);
        (plain, ages)
    }

    /// The normal form of a text. `random` are names that end in random letters.
    pub fn text(
        &self,
        text: &str,
        random: &BTreeSet<String>,
        services: &BTreeSet<String>,
    ) -> String {
        let mut text = text.to_owned();
        for (pattern, with) in &self.patterns {
            text = pattern.replace_all(&text, with);
        }
        for name in random {
            if let Some((stem, _)) = name.rsplit_once('-') {
                text = text.replace(name, &format!("{stem}-<rand>"));
            }
        }
        for address in services {
            text = text.replace(address, "<cluster-ip>");
        }
        let lines: Vec<String> = text.split('\n').map(|line| self.line(line)).collect();
        sorted(lines).join("\n")
    }

    /// A line with its cells two spaces apart, and its ages replaced.
    fn line(&self, line: &str) -> String {
        if line.trim_matches(' ').is_empty() {
            return line.to_owned();
        }
        let line = line.trim_end_matches(' ');
        let start = line.len() - line.trim_start_matches(' ').len();
        let (indent, rest) = line.split_at(start);
        let cells: Vec<&str> = rest
            .split("  ")
            .map(|cell| cell.trim_matches(' '))
            .filter(|cell| !cell.is_empty())
            .collect();
        let is_cpu = |cell: &&str| {
            matches!(*cell, "cpu" | "cpu:") || cell.ends_with(".cpu") || cell.ends_with(".cpu:")
        };
        let ages = cells.len() > 1 && !cells.iter().any(is_cpu);
        let cells: Vec<String> = cells.iter().map(|cell| self.cell(cell, ages)).collect();
        format!("{indent}{}", cells.join("  "))
    }

    fn cell(&self, cell: &str, ages: bool) -> String {
        if ages && self.duration.is_match(cell) || self.repeated.is_match(cell) {
            return "<age>".to_owned();
        }
        if self.ago.is_match(cell) {
            return "<age> ago".to_owned();
        }
        self.restarts.replace_all(cell, "${1} (<age> ago)")
    }
}

/// Sorts the rows of tables of events, and consecutive lines with random parts.
pub fn sorted(lines: Vec<String>) -> Vec<String> {
    let mut result: Vec<String> = Vec::new();
    let mut run: Vec<String> = Vec::new();
    let mut events = false;
    for line in lines {
        let random = ["<rand>", "<hash>", "pvc-<uid>"].iter().any(|part| line.contains(part))
            || line.starts_with("* ")
            || line.starts_with("evicting pod ")
            || line.starts_with("pod/") && line.ends_with(" evicted");
        let in_run = if events { !line.is_empty() } else { random };
        if !in_run {
            run.sort();
            result.append(&mut run);
            events = false;
        }
        if line.starts_with("LAST SEEN") || line.starts_with("NAMESPACE  LAST SEEN") {
            events = true;
            result.push(line);
        } else if in_run {
            run.push(line);
        } else {
            result.push(line);
        }
    }
    run.sort();
    result.append(&mut run);
    result
}

/// Prints the outputs of a command that failed, if `KUBECTL_DIFF` is set.
pub fn show_difference(step: &Value, expected: &[String; 2], exit: i32, found: &[String; 2]) {
    if std::env::var_os("KUBECTL_DIFF").is_some() {
        let (command, wanted) = (step.str("command"), step.int("exit"));
        eprintln!("$ {command}");
        eprintln!("--- expected {wanted}\n{}--- stderr\n{}", expected[0], expected[1]);
        eprintln!("--- found {exit}\n{}--- stderr\n{}--- end", found[0], found[1]);
    }
}
