//! The files of a workspace that a bundle becomes.

use std::collections::{BTreeMap, HashSet};

use prometheus::{Loaded, Mode, NoFiles, load};
use protocol::{Imported, ImportedFile};
use serde_json::{Map, Value, json};
use text::FileId;

use super::{ANSWERS_FILE, Answers, data, flags, redact, rules, samples};

/// The file with the configuration.
pub const CONFIG_FILE: &str = "prometheus.yml";
/// Targets whose relabeling the script records.
const MOST_RECORDED: usize = 500;

/// Returns the files of a bundle, and what could not be taken over.
pub fn workspace(mut bundle: Map<String, Value>) -> Imported {
    let mut imported = Imported { live: true, ..Imported::default() };
    let config = take_config(&mut bundle, &mut imported.notes);
    let mut rest = Value::Object(bundle);
    let mut redacted = redact::in_json(&mut rest);
    let Value::Object(bundle) = rest else { return imported };
    let answers = Answers::of(&bundle);
    let server = match answers.hostname.as_str() {
        "" => "the server".to_owned(),
        name => name.to_owned(),
    };
    imported.title = title(&answers);
    let loaded = config.map(|text| {
        let hidden = redact::in_config(&text);
        redacted |= hidden != text;
        let loaded = load(&yaml::parse(FileId(0), &hidden), &NoFiles, Mode::Server);
        push(&mut imported, CONFIG_FILE, hidden);
        loaded
    });
    if let Some(loaded) = &loaded {
        add_samples(&mut imported, loaded, &answers, &server);
    }
    add_rules(&mut imported, &bundle, loaded.as_ref());
    add_flags(&mut imported, &bundle);
    if answers.targets.is_some() || !answers.metadata.is_empty() {
        push(&mut imported, ANSWERS_FILE, answers_text(&bundle));
    }
    note_targets(&mut imported.notes, &bundle, &answers);
    if redacted {
        imported.notes.push("Credentials in URLs and parameters were taken out.".to_owned());
    }
    imported
}

fn push(imported: &mut Imported, name: &str, text: String) {
    imported.files.push(ImportedFile { name: name.to_owned(), text });
}

fn title(answers: &Answers) -> String {
    let version = match answers.version.as_str() {
        "" => String::new(),
        version => format!(" {version}"),
    };
    match answers.hostname.as_str() {
        "" => format!("Prometheus{version}"),
        name => format!("Prometheus{version} on {name}"),
    }
}

/// Takes the text of the configuration out of the bundle.
fn take_config(bundle: &mut Map<String, Value>, notes: &mut Vec<String>) -> Option<String> {
    let text = match data(bundle, "status_config") {
        Ok(data) => data.get("yaml").and_then(Value::as_str).map(str::to_owned),
        Err(reason) => {
            notes.push(format!(
                "The bundle has no configuration (status/config: {reason}), so that no targets are computed."
            ));
            None
        }
    };
    bundle.remove("status_config");
    text
}

fn add_samples(imported: &mut Imported, loaded: &Loaded, answers: &Answers, server: &str) {
    let Some(targets) = &answers.targets else { return };
    let jobs = &loaded.config.scrape_configs;
    for sample in samples::samples(jobs, targets, server) {
        let name = format!("{}/{}.yml", sample.mechanism, sample.job);
        let fits = name.len() <= 255 && !name.chars().any(char::is_control);
        if fits {
            push(imported, &name, sample.text);
        } else {
            let job = crate::unpack::printable(&sample.job);
            imported.notes.push(format!(
                "The targets of the job {job} are left out, because no file can have its name."
            ));
        }
    }
    let known: HashSet<&str> = jobs.iter().map(|job| &*job.job_name.value).collect();
    let pools = targets.active_targets.iter().map(|target| &target.scrape_pool);
    let pools = pools.chain(targets.dropped_targets.iter().map(|target| &target.scrape_pool));
    let mut missing: Vec<&String> = pools.filter(|pool| !known.contains(pool.as_str())).collect();
    missing.sort_unstable();
    missing.dedup();
    for pool in missing {
        imported.notes.push(format!(
            "The job {pool} is left out: it is in a file of scrape_config_files, which the server does not show."
        ));
    }
}

fn add_rules(imported: &mut Imported, bundle: &Map<String, Value>, loaded: Option<&Loaded>) {
    let Ok(answer) = data(bundle, "rules") else { return };
    let interval = loaded.and_then(|loaded| loaded.config.evaluation_interval.as_ref());
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for file in rules::files(answer, interval.map(|interval| interval.value)) {
        let base =
            file.path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("rules.yml");
        let count = names.entry(base.to_owned()).or_default();
        *count += 1;
        let name = if *count == 1 { base.to_owned() } else { format!("{count}-{base}") };
        push(
            imported,
            &name,
            format!("# From {}.\n{}", crate::unpack::printable(&file.path), file.text),
        );
    }
}

fn add_flags(imported: &mut Imported, bundle: &Map<String, Value>) {
    let Ok(answer) = data(bundle, "status_flags") else { return };
    let (arguments, unknown) = flags::arguments(answer);
    if !arguments.is_empty() {
        push(imported, flags::ARGUMENTS_FILE, arguments.join("\n") + "\n");
    }
    if !unknown.is_empty() {
        imported.notes.push(format!(
            "Flags that Prometheus 3.14 does not have are left out: {}.",
            crate::unpack::printable(&unknown.join(", "))
        ));
    }
}

/// The answers that the workspace keeps.
fn answers_text(bundle: &Map<String, Value>) -> String {
    const KEPT: [&str; 5] =
        ["status_buildinfo", "status_runtimeinfo", "targets", "relabel_steps", "metadata"];
    let kept =
        bundle.iter().filter(|(key, value)| KEPT.contains(&key.as_str()) && !value.is_null());
    let mut kept: Map<String, Value> =
        kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    // The goroutines and times of the server mean nothing here.
    if let Ok(info) = data(bundle, "status_runtimeinfo") {
        let info = json!({ "data": { "hostname": info.get("hostname") } });
        kept.insert("status_runtimeinfo".to_owned(), info);
    }
    serde_json::to_string_pretty(&kept).unwrap_or_default() + "\n"
}

fn note_targets(notes: &mut Vec<String>, bundle: &Map<String, Value>, answers: &Answers) {
    for (key, what) in
        [("targets", "no targets"), ("rules", "no rules"), ("metadata", "no types of metrics")]
    {
        if let (true, Err(reason)) = (bundle.contains_key(key), data(bundle, key)) {
            notes.push(format!("The bundle has {what} ({key}: {reason})."));
        }
    }
    let Some(targets) = &answers.targets else { return };
    let counts = &targets.dropped_target_counts;
    let all: u64 = counts.values().sum();
    let listed = targets.dropped_targets.len() as u64;
    if all > listed {
        notes.push(format!(
            "The server lists {listed} of {all} dropped targets (keep_dropped_targets)."
        ));
    }
    let (recorded, listed) = (answers.recorded(), answers.listed());
    if recorded < listed {
        notes.push(match recorded {
            0 => "The relabeling was not recorded, because the script needs jq for it.".to_owned(),
            _ => format!("The relabeling of {recorded} of {listed} targets was recorded. The script records {MOST_RECORDED} at most."),
        });
    }
}
