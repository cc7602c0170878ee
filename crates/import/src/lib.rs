//! Files that are brought into a workspace: archives are opened, what a live Prometheus says about
//! itself becomes a workspace, and objects that `kubectl get` printed become manifests.
//!
//! | module | content |
//! | --- | --- |
//! | [`unpack`] | gzip, tar and ZIP, within limits |
//! | [`bundle`] | answers of Prometheus's HTTP API: files, redaction, comparison |
//! | [`exported`] | objects of a live cluster |
//! | [`operator`] | the Secret in which the Prometheus Operator keeps a configuration |
//! | `content` | what a text is, and names for pasted texts |

pub mod bundle;
mod content;
pub mod exported;
pub mod operator;
pub mod unpack;

use std::collections::HashSet;

use protocol::{Given, Imported, ImportedFile, RawFile};

use content::Content;
use unpack::{Unpacked, Unpacker, printable};

/// Bytes of a file name.
const MOST_NAME: usize = 255;
/// The stem of the names of files with exported objects.
const CLUSTER: &str = "cluster";

/// Reads files as the browser gives them.
pub fn import(files: Vec<RawFile>) -> Imported {
    let mut unpacker = Unpacker::default();
    for file in files {
        unpacker.add(&file.name, file.bytes, file.from);
    }
    let (files, notes) = unpacker.finish();
    let mut import =
        Import { done: Imported { notes, ..Imported::default() }, ..Import::default() };
    for file in files {
        import.add(file);
    }
    import.finish()
}

#[derive(Default)]
struct Import {
    done: Imported,
    /// Exported objects of all files.
    objects: Vec<kubernetes::object::Value>,
    binary: Vec<String>,
}

impl Import {
    fn add(&mut self, file: Unpacked) {
        let name = clean_name(&file.name);
        let Some(text) = content::text(file.bytes) else {
            self.binary.push(printable(&name));
            return;
        };
        match content::of(&text) {
            Content::Bundle(bundle) => {
                let Imported { files, notes, title, .. } = bundle::files::workspace(bundle);
                self.done.files.extend(files);
                self.done.notes.extend(notes);
                self.done.title = title;
                self.done.live = true;
            }
            Content::Objects(objects) => {
                self.done.live = true;
                for object in objects {
                    match operator::configuration(&object) {
                        Some(found) => self.add_operator_configuration(found),
                        None => self.objects.push(object),
                    }
                }
            }
            Content::TooLarge => {
                let (size, most) = (text.len() >> 20, content::MOST_JSON >> 20);
                let name = printable(&name);
                let note = format!(
                    "{name} has {size} MiB of JSON and is skipped; at most {most} MiB are read."
                );
                self.done.notes.push(note);
            }
            Content::Other => {
                let name = if file.pasted { content::name(&text).to_owned() } else { name };
                self.done.files.push(ImportedFile { name, text });
            }
        }
    }

    fn add_operator_configuration(&mut self, found: Result<operator::Found, String>) {
        match found {
            Ok(operator::Found { secret, text, redacted }) => {
                self.done.notes.push(format!(
                    "{} is the configuration in the Secret {secret}.",
                    bundle::files::CONFIG_FILE
                ));
                if redacted {
                    self.done.notes.push(
                        "Passwords, tokens and credentials in URLs were taken out.".to_owned(),
                    );
                }
                let name = bundle::files::CONFIG_FILE.to_owned();
                self.done.files.push(ImportedFile { name, text });
            }
            Err(note) => self.done.notes.push(note),
        }
    }

    fn finish(mut self) -> Imported {
        if !self.objects.is_empty() {
            let exported = exported::manifests(self.objects, CLUSTER);
            self.done.files.extend(exported.files);
            self.done.notes.extend(exported.notes);
            if self.done.title.is_empty() {
                "Cluster".clone_into(&mut self.done.title);
            }
        }
        if !self.binary.is_empty() {
            let verb = if self.binary.len() == 1 { "is" } else { "are" };
            let shown: Vec<&str> = self.binary.iter().take(3).map(String::as_str).collect();
            let more = if self.binary.len() > 3 { ", …" } else { "" };
            self.done
                .notes
                .push(format!("{}{more} {verb} not text and {verb} skipped.", shown.join(", ")));
        }
        separate_names(&mut self.done.files);
        self.done.first = first(&self.done.files);
        self.done
    }
}

/// The file to show first: the values of a chart, else one called `prometheus.yml`, else the first
/// configuration, else the first file.
fn first(files: &[ImportedFile]) -> usize {
    let named = |file: &ImportedFile| content::is_configuration(&file.name, "");
    let is_configuration = |file: &ImportedFile| content::is_configuration(&file.name, &file.text);
    let of_chart = |file: &ImportedFile| {
        let folder = file.name.strip_suffix("values.yaml");
        folder.is_some_and(|folder| {
            let chart = format!("{folder}Chart.yaml");
            !folder.contains("charts/") && files.iter().any(|other| other.name == chart)
        })
    };
    let values = files.iter().position(of_chart);
    let found = values
        .or_else(|| files.iter().position(named))
        .or_else(|| files.iter().position(is_configuration));
    found.unwrap_or_default()
}

/// Returns a name without empty and dotted steps and control characters, within the limit.
fn clean_name(name: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
    let name = name.replace('\\', "/");
    let steps = name.split('/').filter(|step| !matches!(*step, "" | "." | ".."));
    let name = steps.collect::<Vec<_>>().join("/");
    let start = name.len().saturating_sub(MOST_NAME);
    let start = (start..=name.len()).find(|at| name.is_char_boundary(*at)).unwrap_or_default();
    let name = name.get(start..).unwrap_or_default().trim();
    if name.is_empty() { "file.yaml".to_owned() } else { name.to_owned() }
}

/// Gives files with the same name different ones: `2-NAME`, `3-NAME`, ….
fn separate_names(files: &mut [ImportedFile]) {
    let mut names = HashSet::new();
    for file in files {
        let mut number = 1;
        let mut name = file.name.clone();
        while !names.insert(name.clone()) {
            number += 1;
            name = match file.name.rsplit_once('/') {
                Some((folder, last)) => format!("{folder}/{number}-{last}"),
                None => format!("{number}-{}", file.name),
            };
        }
        file.name = name;
    }
}

/// Returns true if a file of a folder is read.
fn is_read(name: &str, from: Given) -> bool {
    from != Given::Folder || protocol::import::is_wanted(name)
}

#[cfg(test)]
mod tests;
