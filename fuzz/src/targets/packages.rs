//! What comes in as files: charts and imports.

use helm::capabilities::Capabilities;
use helm::chart::{ChartFile, load_folder};
use helm::engine::ReleaseOptions;
use helm::lint::{Subject, run as lint};
use helm::log::Log;
use helm::release::{Options, process_dependencies, resources};
use helm::set_flags::{Form, parse_into};
use protocol::import::{Given, MOST_BYTES, MOST_FILES, RawFile};
use terminal::helm::{Files, Helm};

use crate::input::{Archive, text};

/// A folder with a chart. The file `--set` has the user's values, one flag a line.
pub fn chart(data: &[u8]) {
    let mut archive = Archive::read(data);
    let flags = archive.take("--set");
    let files: Vec<ChartFile> = archive
        .files
        .iter()
        .map(|(name, text)| ChartFile::new(name.as_str(), text.as_bytes()))
        .collect();
    let mut values = Default::default();
    for flag in flags.lines().take(10) {
        for form in [Form::Typed, Form::Text, Form::Json] {
            let _ = parse_into(flag, &mut values, form);
        }
    }
    let mut log = Log::default();
    let subject = Subject {
        files: &files,
        location: "/charts/demo",
        values: &values,
        namespace: "default",
        kube_version: None,
        skip_schema: false,
    };
    lint(subject, &mut log);
    if let Ok(mut chart) = load_folder(&files, "/charts/demo", &mut log)
        && process_dependencies(&mut chart, &values, &mut log).is_ok()
    {
        let release = ReleaseOptions {
            name: "demo".to_owned(),
            namespace: "default".to_owned(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        };
        let options = Options { include_crds: true, traced: true, ..Options::default() };
        let capabilities = Capabilities::default();
        if let Ok(made) = resources(&chart, &values, &release, &capabilities, options, &mut log) {
            for rendered in made.rendered.values() {
                for piece in &rendered.pieces {
                    assert!(rendered.text.is_char_boundary(piece.start));
                }
            }
        }
    }
    let contents =
        archive.files.into_iter().map(|(name, text)| (format!("demo/{name}"), text.into()));
    let mut files = Files::new("/work", contents.collect());
    let mut helm = Helm { files: &mut files, server: None, namespace: "default" };
    helm.run(&["template", "demo", "./demo"]);
}

/// Bytes of one file, whatever they are: packed, exported, a bundle.
pub fn import(data: &[u8]) {
    let (name, bytes) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (text(&data[..end]).into_owned(), &data[end + 1..]),
        None => (String::new(), data),
    };
    for from in [Given::Chosen, Given::Folder, Given::Pasted] {
        let file = RawFile { name: name.clone(), bytes: bytes.to_vec(), from };
        let imported = import::import(vec![file]);
        assert!(imported.files.len() <= MOST_FILES);
        assert!(imported.files.is_empty() || imported.first < imported.files.len());
        let bytes: usize = imported.files.iter().map(|file| file.text.len()).sum();
        assert!(bytes <= 2 * MOST_BYTES, "{bytes} bytes");
        for file in &imported.files {
            assert!(!file.name.is_empty() && file.name.len() <= 255, "{:?}", file.name);
            assert!(!file.name.chars().any(char::is_control), "{:?}", file.name);
        }
    }
}
