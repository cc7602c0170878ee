//! Findings about values.yaml, rendered templates, dependencies and definitions.
//!
//! Source: helm pkg/chart/v2/lint/rules values.go, template.go, dependencies.go, crds.go.

use go::quote::quote;
use go::template::{Entries, Value};
use kubernetes::validation::names;

use super::{Linter, Severity, Subject, deprecations};
use crate::capabilities::Capabilities;
use crate::chart::{Chart, load_folder, load_unchecked_folder};
use crate::coalesce::{Nulls, coalesce_tables, coalesce_values};
use crate::decode::{self, Decoder};
use crate::dependencies;
use crate::engine::{ReleaseOptions, RenderOptions, render, render_values};
use crate::log::Log;
use crate::schema;
use crate::value_files::documents;

const VALUES: &str = "values.yaml";
const TEMPLATES: &str = "templates/";

/// Checks values.yaml with the user's values over it against the schema.
pub(super) fn check_values(linter: &mut Linter, subject: Subject<'_>, log: &mut Log) {
    let Some(file) = subject.file(VALUES) else {
        linter.check(Severity::Info, VALUES, Err("file does not exist".to_owned()));
        return;
    };
    let read = decode::yaml(&file.text()).and_then(|_| {
        let value = crate::values::from_yaml(&file.text());
        let value = value.map_err(|error| format!("error converting YAML to JSON: {error}"))?;
        let mut decoder = Decoder::default();
        if !matches!(value, Value::Map(_) | Value::Nil) {
            decoder.mismatch(&value, "", "common.Values");
        }
        decoder.finish()?;
        Ok(value.as_map().map(|entries| (*entries).clone()).unwrap_or_default())
    });
    let values: Entries = match read {
        Ok(values) => values,
        Err(error) => {
            linter.check(Severity::Error, VALUES, Err(format!("unable to parse YAML: {error}")));
            return;
        }
    };
    let mut coalesced = subject.values.clone();
    coalesce_tables(&mut coalesced, &values, "", Nulls::Remove, log);
    let schema = subject.file("values.schema.json").map(|file| file.text());
    // The file is checked as text, so a schema that is no JSON fails in the same way.
    if let Some(schema) = schema.filter(|schema| !schema.is_empty() && !subject.skip_schema) {
        linter.check(Severity::Error, VALUES, schema::validate_values(&coalesced, &schema));
    }
}

/// Renders the templates and checks what they become.
pub(super) fn check_templates(linter: &mut Linter, subject: Subject<'_>, log: &mut Log) {
    if !subject.has_folder("templates") {
        let missing = if subject.file("templates").is_some() {
            (Severity::Error, "not a directory")
        } else {
            (Severity::Warning, "directory does not exist")
        };
        linter.check(missing.0, TEMPLATES, Err(missing.1.to_owned()));
        return;
    }
    let mut chart = match load_unchecked_folder(subject.files, log) {
        Ok(chart) => chart,
        Err(error) => {
            linter.check(Severity::Error, TEMPLATES, Err(error));
            return;
        }
    };
    if dependencies::process(&mut chart, subject.values, log).is_err() {
        return;
    }
    let Ok(values) = coalesce_values(&chart, subject.values, Nulls::Remove, log) else { return };
    let texts = match rendered(&chart, &values, subject, log) {
        Ok(texts) => texts,
        Err(error) => {
            linter.check(Severity::Error, TEMPLATES, Err(error));
            return;
        }
    };
    for template in &chart.templates {
        let name = &template.name;
        let ending = go::path::ext(name);
        linter.check(Severity::Error, name, allowed_ending(ending));
        if !matches!(&*ending.to_ascii_lowercase(), ".yaml" | ".yml") {
            continue;
        }
        let path = go::path::join(&[chart.name(), name]);
        let text = texts.get(&path).map_or("", |rendered| &rendered.text);
        if !text.trim().is_empty() && !check_text(linter, subject, name, text) {
            return;
        }
    }
}

type Texts = std::collections::BTreeMap<String, crate::engine::Rendered>;

fn rendered(
    chart: &Chart,
    values: &Entries,
    subject: Subject<'_>,
    log: &mut Log,
) -> Result<Texts, String> {
    let mut capabilities = Capabilities::default();
    if let Some(version) = subject.kube_version {
        capabilities.kube_version = version.clone();
    }
    let values = coalesce_values(chart, values, Nulls::Remove, log)?;
    if !subject.skip_schema {
        schema::validate(chart, &values, log).map_err(|error| {
            format!("values don't meet the specifications of the schema(s) in the following chart(s):\n{error}")
        })?;
    }
    let release = ReleaseOptions {
        name: "test-release".to_owned(),
        namespace: subject.namespace.to_owned(),
        revision: 0,
        is_upgrade: false,
        is_install: false,
    };
    let top = render_values(&release, &capabilities, values);
    render(chart, &top, RenderOptions { lint: true, ..RenderOptions::default() }, log)
}

fn allowed_ending(ending: &str) -> Result<(), String> {
    if matches!(ending, ".yaml" | ".yml" | ".tpl" | ".txt") {
        return Ok(());
    }
    Err(format!(
        "file extension '{ending}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt"
    ))
}

/// Checks the documents of a rendered template. Returns false if one is no YAML.
fn check_text(linter: &mut Linter, subject: Subject<'_>, name: &str, text: &str) -> bool {
    linter.check(Severity::Warning, name, top_indent(text));
    for document in documents(text) {
        let object = match Object::read(&document) {
            Ok(object) => object,
            Err(error) => {
                let error = format!("unable to parse YAML: {error}");
                return linter.check(Severity::Error, name, Err(error));
            }
        };
        let Some(object) = object else { continue };
        linter.check(Severity::Warning, name, object_name(&object));
        linter.check(Severity::Warning, name, deprecated(&object, subject));
        linter.check(Severity::Error, name, selector(&object, text));
        linter.check(Severity::Error, name, list_annotations(&object, text));
    }
    true
}

fn top_indent(text: &str) -> Result<(), String> {
    match text.lines().find(|line| !line.trim().is_empty()) {
        Some(line) if line.starts_with([' ', '\t']) => Err(format!(
            "document starts with an illegal indent: {}, which may cause parsing problems",
            quote(line)
        )),
        _ => Ok(()),
    }
}

/// The fields that the checks read of an object.
#[derive(Debug, Default)]
struct Object {
    api_version: String,
    kind: String,
    name: String,
}

impl Object {
    /// Returns None for a document without a value.
    fn read(text: &str) -> Result<Option<Self>, String> {
        let value = decode::yaml(text)?;
        let (mut object, mut decoder) = (Self::default(), Decoder::default());
        match &value {
            Value::Nil => return Ok(None),
            Value::Map(map) => {
                for (key, value) in map.entries().iter() {
                    match &*key.to_ascii_lowercase() {
                        "apiversion" => {
                            object.api_version = decoder.string(value, "k8sYamlStruct.apiVersion");
                        }
                        "kind" => object.kind = decoder.string(value, "k8sYamlStruct.Kind"),
                        "metadata" => object.metadata(&mut decoder, value),
                        _ => {}
                    }
                }
            }
            other => decoder.mismatch(other, "", "rules.k8sYamlStruct"),
        }
        decoder.finish()?;
        Ok(Some(object))
    }

    fn metadata(&mut self, decoder: &mut Decoder, value: &Value) {
        match value {
            Value::Map(map) => {
                for (key, value) in map.entries().iter() {
                    match &*key.to_ascii_lowercase() {
                        "name" => {
                            self.name = decoder.string(value, "k8sYamlMetadata.Metadata.Name");
                        }
                        "namespace" => {
                            decoder.string(value, "k8sYamlMetadata.Metadata.Namespace");
                        }
                        _ => {}
                    }
                }
            }
            Value::Nil => {}
            other => decoder.mismatch(other, "k8sYamlStruct.Metadata", "rules.k8sYamlMetadata"),
        }
    }
}

fn object_name(object: &Object) -> Result<(), String> {
    let name = &object.name;
    let errors = match &*object.kind.to_ascii_lowercase() {
        "service" => names::dns1035_label(name),
        "namespace" => names::dns1123_label(name),
        "certificatesigningrequest" => Vec::new(),
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => names::path_segment(name),
        _ => names::dns1123_subdomain(name),
    };
    let name = quote(name);
    let errors: Vec<String> = errors
        .iter()
        .map(|error| format!("metadata.name: Invalid value: {name}: {error}"))
        .collect();
    let joined = match errors.as_slice() {
        [] => return Ok(()),
        [only] => only.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    Err(format!("object name does not conform to Kubernetes naming requirements: {name}: {joined}"))
}

fn deprecated(object: &Object, subject: Subject<'_>) -> Result<(), String> {
    let (major, minor) = match subject.kube_version {
        Some(version) => {
            (version.major.parse().unwrap_or_default(), version.minor.parse().unwrap_or_default())
        }
        None => (1, 36),
    };
    deprecations::warning(&object.api_version, &object.kind, major, minor).map_or(Ok(()), Err)
}

fn selector(object: &Object, text: &str) -> Result<(), String> {
    let needs = matches!(&*object.kind, "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet");
    if !needs || text.contains("matchLabels") || text.contains("matchExpressions") {
        return Ok(());
    }
    let name = quote(&object.name);
    Err(format!(
        "a {} must contain matchLabels or matchExpressions, and {name} does not",
        object.kind
    ))
}

fn list_annotations(object: &Object, text: &str) -> Result<(), String> {
    if object.kind != "List" {
        return Ok(());
    }
    let value = decode::yaml(text).map_err(|error| format!("unable to parse YAML: {error}"))?;
    let get = |value: &Value, key: &str| value.as_map().and_then(|map| map.get(key).cloned());
    let items = get(&value, "items").unwrap_or(Value::Nil);
    let is_kept = |item: &Value| {
        let annotations = get(item, "metadata").and_then(|metadata| get(&metadata, "annotations"));
        annotations
            .is_some_and(|annotations| get(&annotations, "helm.sh/resource-policy").is_some())
    };
    if items.as_list().unwrap_or_default().iter().any(is_kept) {
        return Err(
            "annotation 'helm.sh/resource-policy' within List objects are ignored".to_owned()
        );
    }
    Ok(())
}

/// Compares Chart.yaml with the charts in `charts/`.
pub(super) fn check_dependencies(linter: &mut Linter, subject: Subject<'_>, log: &mut Log) {
    let chart = match load_unchecked_folder(subject.files, log) {
        Ok(chart) => chart,
        Err(error) => {
            let error = format!("unable to load chart\n\t{error}");
            linter.check(Severity::Error, "", Err(error));
            return;
        }
    };
    let needs = || chart.metadata.needs();
    let unknown: Vec<&str> = chart
        .dependencies
        .iter()
        .map(Chart::name)
        .filter(|name| !needs().any(|need| need.name == *name))
        .collect();
    let mut repeated = Vec::new();
    let mut seen = Vec::new();
    for need in needs() {
        let key = if need.alias.is_empty() { &*need.name } else { &*need.alias };
        if seen.contains(&key) {
            repeated.push(key);
        }
        seen.push(key);
    }
    let missing = chart.missing_dependencies();
    for (severity, what, names) in [
        (Severity::Error, "chart metadata is missing these dependencies", unknown),
        (Severity::Error, "multiple dependencies with name or alias", repeated),
        (Severity::Warning, "chart directory is missing these dependencies", missing),
    ] {
        let result =
            if names.is_empty() { Ok(()) } else { Err(format!("{what}: {}", names.join(","))) };
        linter.check(severity, subject.location, result);
    }
}

/// Checks the files in `crds/`.
pub(super) fn check_crds(linter: &mut Linter, subject: Subject<'_>, log: &mut Log) {
    if !subject.has_folder("crds") {
        if subject.file("crds").is_some() {
            linter.check(Severity::Error, "crds/", Err("not a directory".to_owned()));
        }
        return;
    }
    let chart = match load_folder(subject.files, subject.location, log) {
        Ok(chart) => chart,
        Err(error) => {
            linter.check(Severity::Error, "crds/", Err(error));
            return;
        }
    };
    for crd in chart.crds(chart.name()) {
        let name = &crd.name;
        for document in documents(&String::from_utf8_lossy(&crd.data)) {
            let object = match Object::read(&document) {
                Ok(object) => object,
                Err(error) => {
                    let error = format!("unable to parse YAML: {error}");
                    linter.check(Severity::Error, name, Err(error));
                    return;
                }
            };
            let Some(object) = object else { continue };
            let group = object.api_version.starts_with("apiextensions.k8s.io");
            let group = if group {
                Ok(())
            } else {
                Err("apiVersion is not in 'apiextensions.k8s.io'".to_owned())
            };
            linter.check(Severity::Error, name, group);
            let kind = object.kind == "CustomResourceDefinition";
            let kind = if kind {
                Ok(())
            } else {
                Err("object kind is not 'CustomResourceDefinition'".to_owned())
            };
            linter.check(Severity::Error, name, kind);
        }
    }
}
