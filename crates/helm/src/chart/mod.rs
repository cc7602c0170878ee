//! Charts: their files become templates, values, other files and charts they depend on.
//!
//! | file | content |
//! | --- | --- |
//! | `metadata` | Chart.yaml |
//! | `archive` | `.tgz` files |
//! | `ignore` | `.helmignore` |
//!
//! Source: helm pkg/chart/v2/loader load.go, directory.go, archive.go; pkg/chart/loader load.go.

mod archive;
mod ignore;
mod metadata;

use std::collections::BTreeMap;
use std::sync::Arc;

use go::template::{Entries, Value};

pub use archive::{MAX_CHART, MAX_FILE, NO_GZIP, unpack};
pub use ignore::Rules;
pub use metadata::{Dependency, FIELDS, Maintainer, Metadata};

use crate::decode;
use crate::log::Log;
use crate::value_files::load_values;

/// The deepest nesting of charts in `charts/`.
pub const MAX_DEPTH: usize = 16;

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// The path from the chart's folder: `templates/service.yaml`.
    pub name: String,
    pub data: Arc<[u8]>,
}

impl ChartFile {
    /// A file without a byte order mark.
    pub fn new(name: impl Into<String>, data: &[u8]) -> Self {
        let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
        Self { name: name.into(), data: data.into() }
    }

    /// The content as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }
}

/// A loaded chart.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub metadata: Metadata,
    pub templates: Vec<ChartFile>,
    /// The content of values.yaml.
    pub values: Entries,
    /// The text of values.schema.json.
    pub schema: Option<Arc<[u8]>>,
    /// Files that are no part of the chart's own structure; templates see them as `.Files`.
    pub files: Vec<ChartFile>,
    /// The charts in `charts/`.
    pub dependencies: Vec<Chart>,
}

/// A custom resource definition in the folder `crds/`.
#[derive(Clone, Debug)]
pub struct Crd {
    /// The path from the folder of its own chart.
    pub name: String,
    /// The path with the names of the charts in front.
    pub path: String,
    pub data: Arc<[u8]>,
}

impl Chart {
    /// The name in Chart.yaml, or the alias.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The custom resource definitions of the chart and of the charts in it. `path` is the chart's
    /// full path.
    pub fn crds(&self, path: &str) -> Vec<Crd> {
        let mut crds = Vec::new();
        for file in &self.files {
            let ending = go::path::ext(&file.name).to_ascii_lowercase();
            if file.name.starts_with("crds/") && matches!(&*ending, ".yaml" | ".yml" | ".json") {
                crds.push(Crd {
                    name: file.name.clone(),
                    path: go::path::join(&[path, &file.name]),
                    data: file.data.clone(),
                });
            }
        }
        for chart in &self.dependencies {
            crds.extend(chart.crds(&format!("{path}/charts/{}", chart.name())));
        }
        crds
    }

    /// Names of dependencies in Chart.yaml that are not in `charts/`.
    pub fn missing_dependencies(&self) -> Vec<&str> {
        let is_there = |name: &str| self.dependencies.iter().any(|chart| chart.name() == name);
        self.metadata.needs().map(|need| &*need.name).filter(|name| !is_there(name)).collect()
    }
}

/// Loads a chart from the files of a folder. `location` is the folder's path for messages.
pub fn load_folder(files: &[ChartFile], location: &str, log: &mut Log) -> Result<Chart, String> {
    let manifest = files.iter().find(|file| file.name == "Chart.yaml");
    let Some(manifest) = manifest else {
        let path = format!("{location}/Chart.yaml");
        return Err(format!(
            "unable to detect chart at {path}: open {path}: no such file or directory"
        ));
    };
    check_api_version(manifest)?;
    load_unchecked_folder(files, log)
}

/// Loads a chart from the files of a folder without a look at the version of its format.
pub fn load_unchecked_folder(files: &[ChartFile], log: &mut Log) -> Result<Chart, String> {
    let rules = files.iter().find(|file| file.name == ignore::FILE).map(ChartFile::text);
    let rules = Rules::parse(&rules.unwrap_or_default())?;
    let mut kept: Vec<ChartFile> = Vec::new();
    for file in files {
        let folders = file.name.match_indices('/').filter_map(|(at, _)| file.name.get(..at));
        let ignored = folders.into_iter().any(|folder| rules.ignores(folder, true))
            || rules.ignores(&file.name, false);
        if ignored {
            continue;
        }
        if file.data.len() > MAX_FILE {
            let name = go::quote::quote(go::path::base(&file.name));
            return Err(format!(
                "chart file {name} is larger than the maximum file size {MAX_FILE}"
            ));
        }
        kept.push(file.clone());
    }
    kept.sort_by(|a, b| a.name.split('/').cmp(b.name.split('/')));
    load_files(kept, MAX_DEPTH, log)
}

/// Loads a chart from the bytes of a file. `location` is the file's path for messages.
pub fn load_archive_file(bytes: &[u8], location: &str, log: &mut Log) -> Result<Chart, String> {
    if !bytes.starts_with(b"\x1f\x8b\x08") {
        if location.ends_with(".yml") || location.ends_with(".yaml") {
            return Err(format!(
                "file '{location}' seems to be a YAML file, but expected a gzipped archive"
            ));
        }
        let is_text = bytes.iter().take(512).all(|byte| *byte >= 32 || matches!(byte, 9..=13 | 27));
        let kind = if is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
        return Err(format!(
            "file '{location}' does not appear to be a gzipped archive; got '{kind}'"
        ));
    }
    let files = archive::unpack(bytes).map_err(|error| match error.as_str() {
        NO_GZIP => {
            format!("file '{location}' does not appear to be a valid chart file (details: {error})")
        }
        _ => "unable to load chart archive".to_owned(),
    })?;
    load_unpacked(files, MAX_DEPTH, log)
}

/// Loads a chart from the bytes of an archive in `charts/`.
fn load_archive(bytes: &[u8], depth: usize, log: &mut Log) -> Result<Chart, String> {
    load_files(archive::unpack(bytes)?, depth, log)
}

fn load_unpacked(files: Vec<ChartFile>, depth: usize, log: &mut Log) -> Result<Chart, String> {
    let manifest = files.iter().find(|file| file.name == "Chart.yaml");
    let manifest = manifest.ok_or("unable to detect chart version, no Chart.yaml found")?;
    check_api_version(manifest)?;
    load_files(files, depth, log)
}

fn check_api_version(manifest: &ChartFile) -> Result<(), String> {
    let cannot = |error: String| format!("cannot load Chart.yaml: {error}");
    let value = decode::yaml(&manifest.text()).map_err(cannot)?;
    let mut decoder = decode::Decoder::default();
    let mut version = String::new();
    match &value {
        Value::Map(map) => {
            for (key, value) in map.entries().iter() {
                if key.eq_ignore_ascii_case("apiVersion") {
                    version = decoder.string(value, "chartBase.apiVersion");
                }
            }
        }
        Value::Nil => {}
        other => decoder.mismatch(other, "", "loader.chartBase"),
    }
    decoder.finish().map_err(cannot)?;
    match &*version {
        "v1" | "v2" | "" => Ok(()),
        _ => Err("unsupported chart version".to_owned()),
    }
}

/// Makes a chart of its files. Source: load.go `LoadFiles`.
fn load_files(files: Vec<ChartFile>, depth: usize, log: &mut Log) -> Result<Chart, String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(format!("charts are nested more than {MAX_DEPTH} levels deep"));
    };
    let mut chart = Chart::default();
    let mut has_metadata = false;
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let read = chart.metadata.read(&file.text());
        read.map_err(|error| format!("cannot load Chart.yaml: {error}"))?;
        if chart.metadata.api_version.is_empty() {
            chart.metadata.api_version = "v1".to_owned();
        }
        has_metadata = true;
    }
    let mut charts: BTreeMap<String, Vec<ChartFile>> = BTreeMap::new();
    for file in files {
        let name = &*file.name;
        if let Some(below) = name.strip_prefix("charts/") {
            if go::path::ext(name) == ".prov" {
                chart.files.push(file);
            } else {
                let folder = below.split('/').next().unwrap_or_default().to_owned();
                let file = ChartFile { name: below.to_owned(), data: file.data.clone() };
                charts.entry(folder).or_default().push(file);
            }
            continue;
        }
        match name {
            "Chart.yaml" => {}
            "Chart.lock" => check_lock(&file)?,
            "values.yaml" => {
                let values = load_values(&file.text());
                chart.values =
                    values.map_err(|error| format!("cannot load values.yaml: {error}"))?;
            }
            "values.schema.json" => chart.schema = Some(file.data),
            "requirements.yaml" | "requirements.lock" => {
                has_metadata = true;
                old_requirements(&mut chart, file, log)?;
            }
            _ if name.starts_with("templates/") => chart.templates.push(file),
            _ => chart.files.push(file),
        }
    }
    if !has_metadata {
        return Err("Chart.yaml file is missing".to_owned());
    }
    chart.metadata.validate()?;
    for (name, files) in charts {
        if !name.starts_with(['_', '.']) {
            let loaded = load_dependency(&name, files, chart.name(), depth, log)?;
            chart.dependencies.push(loaded);
        }
    }
    Ok(chart)
}

fn check_lock(file: &ChartFile) -> Result<(), String> {
    let value = decode::yaml(&file.text())
        .map_err(|error| format!("cannot load {}: {error}", file.name))?;
    let mut decoder = decode::Decoder::default();
    if !matches!(value, Value::Map(_) | Value::Nil) {
        decoder.mismatch(&value, "", "v2.Lock");
    }
    decoder.finish().map_err(|error| format!("cannot load {}: {error}", file.name))
}

/// The files that hold the dependencies of charts of format v1.
fn old_requirements(chart: &mut Chart, file: ChartFile, log: &mut Log) -> Result<(), String> {
    let is_v1 = chart.metadata.api_version == "v1";
    if file.name == "requirements.yaml" {
        if !is_v1 {
            log.print(
                "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.",
            );
        }
        let read = chart.metadata.read(&file.text());
        read.map_err(|error| format!("cannot load requirements.yaml: {error}"))?;
    } else {
        check_lock(&file)?;
        if !is_v1 {
            log.print(
                "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.",
            );
        }
    }
    if is_v1 {
        chart.files.push(file);
    }
    Ok(())
}

fn load_dependency(
    name: &str,
    files: Vec<ChartFile>,
    parent: &str,
    depth: usize,
    log: &mut Log,
) -> Result<Chart, String> {
    let loaded = if go::path::ext(name) == ".tgz" {
        match files.first() {
            Some(file) if file.name == name => load_archive(&file.data, depth, log),
            file => {
                let got = file.map_or("", |file| &file.name);
                return Err(format!(
                    "error unpacking subchart tar in {parent}: expected {name}, got {got}"
                ));
            }
        }
    } else {
        let inside = files.into_iter().filter_map(|file| {
            let (_, below) = file.name.split_once('/')?;
            Some(ChartFile { name: below.to_owned(), data: file.data.clone() })
        });
        load_files(inside.collect(), depth, log)
    };
    loaded.map_err(|error| format!("error unpacking subchart {name} in {parent}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, &str)]) -> Result<Chart, String> {
        let files: Vec<ChartFile> =
            files.iter().map(|(name, text)| ChartFile::new(*name, text.as_bytes())).collect();
        load_folder(&files, "/c", &mut Log::default())
    }

    const DEMO: (&str, &str) = ("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");

    #[test]
    fn files_find_their_places() {
        let chart = load(&[
            DEMO,
            ("values.yaml", "a: 1\n---\nb: 2\n"),
            ("templates/a.yaml", "x"),
            ("templates/.hidden", "x"),
            ("crds/c.yaml", "x"),
            ("README.md", "x"),
            ("charts/kid/Chart.yaml", "name: kid\nversion: 1\n"),
            ("charts/_old/Chart.yaml", "nothing"),
        ])
        .expect("a chart");
        assert_eq!(chart.templates.len(), 1);
        assert_eq!(chart.values.len(), 2);
        assert_eq!(chart.crds("demo")[0].path, "demo/crds/c.yaml");
        assert_eq!(chart.dependencies[0].metadata.version, "1");
    }

    #[test]
    fn errors_have_the_words_of_helm() {
        for (files, expected) in [
            (
                &[][..],
                "unable to detect chart at /c/Chart.yaml: open /c/Chart.yaml: no such file or directory",
            ),
            (&[("Chart.yaml", "apiVersion: v9\n")], "unsupported chart version"),
            (&[("Chart.yaml", "name: x\n")], "validation: chart.metadata.version is required"),
            (
                &[("Chart.yaml", "name: [x]\n")],
                "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field Metadata.name of type string",
            ),
            (&[DEMO, (".helmignore", "!a")], "Chart.yaml file is missing"),
            (
                &[DEMO, ("charts/kid/README.md", "")],
                "error unpacking subchart kid in demo: Chart.yaml file is missing",
            ),
            (
                &[DEMO, ("charts/kid.tgz", "")],
                "error unpacking subchart kid.tgz in demo: gzip: invalid header",
            ),
        ] {
            assert_eq!(load(files).map(|_| ()), Err(expected.to_owned()));
        }
    }
}
