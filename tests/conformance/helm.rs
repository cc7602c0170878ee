//! Charts: what `helm template` and `helm lint` print, and transcripts of releases.

use std::collections::BTreeMap;
use std::path::Path;

use cluster::ApiServer;
use conformance::{Tally, file_name, folders, read};
use kubernetes::kinds::find;
use kubernetes::object::Value as Object;
use serde_json::Value;
use terminal::Output;
use terminal::helm::{Files, Helm};
use terminal::kubectl::Kubectl;

/// Runs every case of the folder.
pub fn run(folder: &Path, tally: &mut Tally) {
    for case in folders(folder).iter().filter(|case| case.join("case.yaml").is_file()) {
        tally.case(&file_name(case), || check(case));
    }
    for case in folders(&folder.join("releases")) {
        tally.case(&format!("releases/{}", file_name(&case)), || check_transcript(&case));
    }
}

fn definition(case: &Path) -> Value {
    serde_yaml::from_str(&read(&case.join("case.yaml"))).unwrap_or_default()
}

fn check(case: &Path) -> Result<(), String> {
    let definition = definition(case);
    let mut wrong = Vec::new();
    for (command, exit, stdout, stderr) in [
        ("command", "exit", "expected.txt", "error.txt"),
        ("lint_command", "lint_exit", "lint.txt", "lint_error.txt"),
    ] {
        let Some(words) = definition[command].as_array() else { continue };
        let words: Vec<&str> = words.iter().skip(1).filter_map(Value::as_str).collect();
        let output = run_command(case, &words);
        for (what, found, expected) in [
            // The records were read as text lines, which lost carriage returns.
            (stdout, output.stdout.replace("\r\n", "\n"), read(&case.join(stdout))),
            (stderr, output.stderr, read(&case.join(stderr))),
        ] {
            if found != expected {
                wrong.push(format!("{what}:\n{found}\n  expected:\n{expected}"));
            }
        }
        if definition[exit].as_i64() != Some(i64::from(output.exit)) {
            wrong.push(format!("exit {}, expected {}", output.exit, definition[exit]));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn run_command(case: &Path, words: &[&str]) -> Output {
    let directory = format!("/cases/{}", file_name(case));
    let mut contents = BTreeMap::new();
    read_files(case, &directory, &mut contents);
    let mut files = Files::new(&directory, contents);
    Helm { files: &mut files, server: None, namespace: "default" }.run(words)
}

/// The namespace of the transcripts.
const NAMESPACE: &str = "shop";

fn check_transcript(case: &Path) -> Result<(), String> {
    let mut server = ApiServer::new(1_767_225_600, 1);
    let no_files = |_: &str| None;
    create_namespace(&mut server);
    let directory = format!("/cases/{}", file_name(case));
    let mut contents = BTreeMap::new();
    read_files(case, &directory, &mut contents);
    let mut files = Files::new(&directory, contents);
    for step in definition(case)["steps"].as_array().into_iter().flatten() {
        let words = command_words(&step["command"]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((program, rest)) = words.split_first() else { continue };
        let output = if *program == "helm" {
            Helm { files: &mut files, server: Some(&mut server), namespace: NAMESPACE }.run(rest)
        } else {
            Kubectl::new(&mut server, &no_files, "default").run(rest)
        };
        let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
        let found = (normalized(rest, &output.stdout), output.stderr, i64::from(output.exit));
        let expected = (text("stdout"), text("stderr"), step["exit"].as_i64().unwrap_or_default());
        if found != expected {
            let command = words.join(" ");
            return Err(format!("{command}\n{found:#?}\n  expected:\n{expected:#?}"));
        }
    }
    Ok(())
}

fn create_namespace(server: &mut ApiServer) {
    let mut object = Object::Null;
    object.set("apiVersion", "v1");
    object.set("kind", "Namespace");
    object.entry("metadata").set("name", NAMESPACE);
    let kind = find("v1", "Namespace").expect("the table has namespaces");
    server.create(kind, "", &object).expect("the namespace is new");
}

/// The words of a command line; quotes keep blanks.
fn command_words(command: &Value) -> Vec<String> {
    if let Some(list) = command.as_array() {
        return list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    conformance::words(command.as_str().unwrap_or_default())
}

/// Times, ages and addresses as the records write them; tables without padding.
fn normalized(words: &[&str], text: &str) -> String {
    let updated = match words.first() {
        Some(&("list" | "ls")) => Some(3),
        Some(&"history") => Some(1),
        _ => None,
    };
    let mut in_resources = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        in_resources = line == "RESOURCES:" || (in_resources && !line.starts_with("TEST SUITE"));
        let line = match updated {
            Some(column) if line.contains('\t') => table_row(line, column),
            _ if in_resources => resource_row(line),
            _ => time_line(line),
        };
        format!("{line}{end}")
    });
    lines.collect()
}

fn table_row(line: &str, updated: usize) -> String {
    let cells = line.split('\t').map(str::trim).enumerate().map(|(at, cell)| {
        let is_time = at == updated && cell != "UPDATED";
        if is_time { "<time>" } else { cell }
    });
    cells.collect::<Vec<_>>().join("\t")
}

fn resource_row(line: &str) -> String {
    let cells: Vec<&str> =
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let last = cells.len().saturating_sub(1);
    let shown = cells.iter().enumerate().map(|(at, cell)| match *cell {
        cell if at == last && last > 0 && cell != "AGE" => "<age>",
        cell if cell.parse::<std::net::Ipv4Addr>().is_ok() => "<ip>",
        cell => cell,
    });
    shown.collect::<Vec<_>>().join("   ")
}

fn time_line(line: &str) -> String {
    for key in ["LAST DEPLOYED: ", "DEPLOYED_AT: "] {
        if line.starts_with(key) {
            return format!("{key}<time>");
        }
    }
    match line.split_once("modifiedAt=") {
        Some((before, rest)) => {
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}modifiedAt=<seconds>{rest}")
        }
        None => line.to_owned(),
    }
}

/// Reads all files below a folder.
fn read_files(folder: &Path, name: &str, contents: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), format!("{name}/{}", entry.file_name().display()));
        if path.is_dir() {
            read_files(&path, &name, contents);
        } else {
            contents.insert(name, std::fs::read(&path).unwrap_or_default());
        }
    }
}
