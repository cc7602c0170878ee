//! `check service-discovery`.
//!
//! Source: cmd/promtool/sd.go `CheckSD`.

use discovery::SdFile;
use discovery::targets::{Job, Populated, Scratch, discovered_labels, populate};
use prometheus::Mode;
use promql::Labels;
use text::FileId;
use yaml::Parsed;

use super::{FAILURE, World};
use crate::Output;
use kingpin::Matches;
use server::Json;

pub(super) fn run(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    let (file, wanted) = (matches.arg("config-file"), matches.arg("job"));
    let configuration = match server::Configuration::read(file, Mode::Server, world.files) {
        Ok(configuration) => configuration,
        Err(error) => {
            output.err(format!("Cannot load config {error}"));
            return FAILURE;
        }
    };
    let jobs = match configuration.jobs(Mode::Server) {
        Ok(jobs) => jobs,
        Err(error) => {
            output.err(format!("Cannot load scrape configs {error}"));
            return FAILURE;
        }
    };
    let Some(job) = jobs.iter().find(|job| *job.job_name.value == *wanted) else {
        output.err(format!("Job {wanted} not found. Select one of:"));
        jobs.iter().for_each(|job| output.err(format!("\t{}", *job.job_name)));
        return FAILURE;
    };
    let directory = world.files.absolute(file.rsplit_once('/').map_or(".", |(folder, _)| folder));
    let parsed = target_files(job, file, world);
    let files: Vec<SdFile<'_>> =
        parsed.iter().map(|(path, parsed)| SdFile { path, parsed }).collect();
    let found = server::discover_without_cluster(job, &directory, &files);
    let rules = Job::new(job);
    let mut results: Vec<Json> = Vec::new();
    let mut scratch = Scratch::default();
    for group in found.iter().flat_map(|found| &found.groups) {
        let mut of_group: Vec<Json> = Vec::new();
        for target in &group.targets {
            let set = discovered_labels(&rules, group, target);
            let discovered = shorten(&set.snapshot(), &directory, file);
            let (labels, error) = match populate(&rules, set, &mut scratch, &mut ()) {
                Populated::Kept(labels) => (labels, false),
                Populated::Dropped { .. } => (Labels::empty(), false),
                Populated::Failed(_) => (Labels::empty(), true),
            };
            let mut fields = vec![
                ("discoveredLabels".to_owned(), Json::Labels(discovered)),
                ("labels".to_owned(), Json::Labels(shorten(&labels, &directory, file))),
            ];
            if error {
                // Go prints an error without fields.
                fields.push(("error".to_owned(), Json::Object(Vec::new())));
            }
            let result = Json::Object(fields);
            if !of_group.contains(&result) {
                of_group.push(result);
            }
        }
        results.extend(of_group);
    }
    output.stdout.push_str(&indented(&Json::List(results)));
    0
}

/// The files of targets of a job, by absolute path.
fn target_files(
    job: &prometheus::config::ScrapeConfig,
    file: &str,
    world: &World<'_>,
) -> Vec<(String, Parsed)> {
    let mut found = Vec::new();
    for entry in &job.discovery {
        let prometheus::config::SdMechanism::File { files, .. } = &entry.mechanism else {
            continue;
        };
        for (pattern, _) in files {
            for path in world.files.glob(&server::beside(file, pattern)) {
                if let Ok(text) = world.files.read(&path) {
                    found.push((world.files.absolute(&path), yaml::parse(FileId(1), text)));
                }
            }
        }
    }
    found
}

/// Labels with `__meta_filepath` in the form of the pattern: beside a configuration that is named by
/// a relative path.
fn shorten(labels: &Labels, directory: &str, file: &str) -> Labels {
    const FILE_PATH: &str = "__meta_filepath";
    if file.starts_with('/') || !labels.has(FILE_PATH) {
        return labels.clone();
    }
    let path = labels.get(FILE_PATH);
    let inside = path.strip_prefix(directory).map(|rest| rest.trim_start_matches('/'));
    let short = server::beside(file, inside.unwrap_or(path));
    let mut builder = labels.builder();
    builder.set(FILE_PATH, short);
    builder.build()
}

/// JSON with two spaces a level. Source: encoding/json `MarshalIndent`.
fn indented(json: &Json) -> String {
    let text = json.print();
    let mut out = String::new();
    let (mut level, mut quoted, mut escaped) = (0_usize, false, false);
    let mut chars = text.chars().peekable();
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(level));
    };
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                if matches!(chars.peek(), Some('}' | ']')) {
                    out.extend(chars.next());
                } else {
                    level += 1;
                    line(&mut out, level);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                line(&mut out, level);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, level);
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented() {
        let json = Json::object([
            ("a", Json::List(vec![Json::Int(1), Json::Int(2)])),
            ("b", Json::List(Vec::new())),
            ("c{", Json::text("x,\"[")),
        ]);
        let expected = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": [],\n  \"c{\": \"x,\\\"[\"\n}";
        assert_eq!(indented(&json), expected);
    }
}
