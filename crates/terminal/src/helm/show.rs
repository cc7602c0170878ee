//! `helm list`, `status`, `history` and `get`.
//!
//! Source: helm pkg/cmd list.go, status.go, history.go, get_*.go.

use std::collections::BTreeMap;

use ::helm::coalesce::{Nulls, coalesce_values};
use ::helm::manifests::Event;
use ::helm::release::document;
use ::helm::to_yaml;
use ::helm::values::to_json;
use go::template::{Entries, Value};
use go::time::DateTime;
use serde_json::{Value as Json, json};

use super::flags::Arguments;
use super::store::Release;
use super::{Helm, Session, UNREACHABLE, cluster, store};
use crate::kubectl::Kubectl;

/// A moment as Go's `time.ANSIC`.
fn ansic(seconds: i64) -> String {
    DateTime::of_unix(seconds, 0).format("Mon Jan _2 15:04:05 2006")
}

/// Prints a release as after an install. `resources` are the tables of its objects.
pub(super) fn print_status(
    release: &Release,
    resources: Option<&str>,
    hide_notes: bool,
    session: &mut Session,
) {
    let output = &mut session.output;
    output.out(format!("NAME: {}", release.name));
    output.out(format!("LAST DEPLOYED: {}", ansic(release.last_deployed)));
    output.out(format!("NAMESPACE: {}", release.namespace));
    output.out(format!("STATUS: {}", release.state.name()));
    output.out(format!("REVISION: {}", release.revision));
    output.out(format!("DESCRIPTION: {}", release.description));
    if let Some(resources) = resources {
        output.out(format!("RESOURCES:\n{resources}"));
    }
    if !release.hooks.iter().any(|hook| hook.events.contains(&Event::Test)) {
        output.out("TEST SUITE: None");
    }
    if release.description.eq_ignore_ascii_case("Dry run complete") {
        output.out("HOOKS:");
        for hook in &release.hooks {
            output.stdout.push_str(&document(&hook.path, &hook.manifest));
        }
        output.out(format!("MANIFEST:\n{}", release.manifest));
    }
    if !hide_notes && !release.notes.is_empty() {
        output.out(format!("NOTES:\n{}", release.notes.trim()));
    }
}

/// A table whose cells are padded and separated by tabs.
fn print_table(rows: &[Vec<String>], session: &mut Session) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        session.output.out(cells.collect::<Vec<_>>().join("\t"));
    }
}

fn chart_name(release: &Release) -> String {
    format!("{}-{}", release.chart.name(), release.chart.metadata.version)
}

/// Prints a value as `-o json` or `-o yaml`; false for the table.
fn print_as(value: &Json, format: Option<&str>, session: &mut Session) -> Result<bool, String> {
    match format {
        None | Some("table") => Ok(false),
        Some("json") => {
            session.output.out(go::json::marshal(value));
            Ok(true)
        }
        Some("yaml") => {
            let value = ::helm::values::from_json(&value.to_string())?;
            session.output.out(to_yaml(&value)?);
            Ok(true)
        }
        Some(other) => {
            let other = go::quote::quote(other);
            Err(format!("invalid argument {other} for \"-o, --output\" flag: invalid format type"))
        }
    }
}

/// Flags of `helm list` with the states that they choose.
const STATES: [(&str, &[&str]); 6] = [
    ("deployed", &["deployed"]),
    ("failed", &["failed"]),
    ("pending", &["pending-install", "pending-upgrade", "pending-rollback"]),
    ("superseded", &["superseded"]),
    ("uninstalled", &["uninstalled"]),
    ("uninstalling", &["uninstalling"]),
];

/// Columns of `helm list`, by their names in JSON.
const LIST_COLUMNS: [&str; 7] =
    ["name", "namespace", "revision", "updated", "status", "chart", "app_version"];

fn list_row(release: &Release) -> [String; 7] {
    [
        release.name.clone(),
        release.namespace.clone(),
        release.revision.to_string(),
        DateTime::of_unix(release.last_deployed, 0).format("2006-01-02 15:04:05 -0700 MST"),
        release.state.name().to_owned(),
        chart_name(release),
        release.chart.metadata.app_version.clone(),
    ]
}

impl Helm<'_> {
    fn release(&self, arguments: &Arguments) -> Result<Release, String> {
        let server = self.server.as_deref().ok_or(UNREACHABLE)?;
        let name = arguments.words.first().map_or("", String::as_str);
        let revision = match arguments.value("revision") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                let text = go::quote::quote(text);
                format!("invalid argument {text} for \"--revision\" flag: strconv.ParseInt: parsing {text}: invalid syntax")
            })?),
        };
        super::load::check_name(name)
            .map_err(|_| format!("releaseContent: Release name is invalid: {name}"))?;
        store::get(server, self.namespace(arguments), name, revision)
    }

    pub(super) fn list(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let server = self.server.as_deref().ok_or(UNREACHABLE)?;
        let all_namespaces = arguments.is_on("all-namespaces");
        let namespace = if all_namespaces { "" } else { self.namespace(arguments) };
        // The last revision of each release counts.
        let mut last: BTreeMap<(String, String), Release> = BTreeMap::new();
        for release in store::all(server, namespace) {
            last.insert((release.name.clone(), release.namespace.clone()), release);
        }
        let filter = arguments.value("filter").filter(|filter| !filter.is_empty());
        let filter =
            filter.map(go::Regex::unanchored).transpose().map_err(|error| error.to_string())?;
        let flags = STATES.iter().filter(|(flag, _)| arguments.is_on(flag));
        let wanted: Vec<&str> = flags.flat_map(|(_, states)| states.iter().copied()).collect();
        let mut releases: Vec<Release> = last
            .into_values()
            .filter(|release| wanted.is_empty() || wanted.contains(&release.state.name()))
            .filter(|release| filter.as_ref().is_none_or(|filter| filter.is_match(&release.name)))
            .collect();
        if arguments.is_on("date") {
            releases.sort_by_key(|release| release.last_deployed);
        }
        if arguments.is_on("reverse") {
            releases.reverse();
        }
        let number = |flag: &str| arguments.value(flag).and_then(|value| value.parse().ok());
        let offset: usize = number("offset").unwrap_or(0);
        let max = number("max").filter(|max| *max > 0).unwrap_or(256);
        let releases: Vec<Release> = releases.into_iter().skip(offset).take(max).collect();
        if arguments.is_on("short") {
            releases.iter().for_each(|release| session.output.out(&release.name));
            return Ok(());
        }
        let rows: Vec<[String; 7]> = releases.iter().map(list_row).collect();
        let records = rows.iter().map(|row| {
            let cells = LIST_COLUMNS.iter().zip(row);
            cells.map(|(name, cell)| ((*name).to_owned(), json!(cell))).collect()
        });
        let records = records.map(Json::Object).collect();
        if print_as(&Json::Array(records), arguments.value("output"), session)? {
            return Ok(());
        }
        let header = LIST_COLUMNS.map(|name| name.replace('_', " ").to_uppercase());
        let header = (!arguments.is_on("no-headers")).then_some(header);
        let rows: Vec<Vec<String>> = header.into_iter().chain(rows).map(Vec::from).collect();
        print_table(&rows, session);
        Ok(())
    }

    pub(super) fn history(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let server = self.server.as_deref().ok_or(UNREACHABLE)?;
        let name = arguments.words.first().map_or("", String::as_str);
        super::load::check_name(name).map_err(|_| format!("release name is invalid: {name}"))?;
        let releases = store::history(server, self.namespace(arguments), name)?;
        let max = arguments.value("max").and_then(|max| max.parse().ok()).unwrap_or(256usize);
        let from = releases.len().saturating_sub(max);
        let shown = releases.get(from..).unwrap_or_default();
        let records = shown.iter().map(|release| {
            json!({
                "revision": release.revision,
                "updated": DateTime::of_unix(release.last_deployed, 0).format("2006-01-02T15:04:05Z07:00"),
                "status": release.state.name(),
                "chart": chart_name(release),
                "app_version": release.chart.metadata.app_version,
                "description": release.description,
            })
        });
        if print_as(&Json::Array(records.collect()), arguments.value("output"), session)? {
            return Ok(());
        }
        let header = ["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        rows.extend(shown.iter().map(|release| {
            vec![
                release.revision.to_string(),
                ansic(release.last_deployed),
                release.state.name().to_owned(),
                chart_name(release),
                release.chart.metadata.app_version.clone(),
                release.description.clone(),
            ]
        }));
        print_table(&rows, session);
        Ok(())
    }

    pub(super) fn status(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let release = self.release(arguments)?;
        let tables = self.tables(&release);
        let tables = (!tables.is_empty()).then_some(tables);
        print_status(&release, tables.as_deref(), false, session);
        Ok(())
    }

    /// The tables of the objects of a release that are there.
    fn tables(&mut self, release: &Release) -> String {
        let Some(server) = self.server.as_deref_mut() else { return String::new() };
        let mut tables: BTreeMap<String, String> = BTreeMap::new();
        let resources = cluster::build(server, &release.manifest, &release.namespace);
        for resource in resources.unwrap_or_default() {
            if server.get(resource.kind, &resource.namespace, &resource.name).is_err() {
                continue;
            }
            let kind = resource.kind;
            let key = format!("{}/{}", kind.api_version().replace("apps/v1", "v1"), kind.kind);
            let words = ["get", &kind.resource(), &resource.name, "-n", &resource.namespace];
            let files = |_: &str| None;
            let mut kubectl = Kubectl {
                server,
                files: &files,
                namespace: &release.namespace,
                desk: crate::kubectl::Desk::default(),
            };
            let table = kubectl.run(&words).stdout;
            // Objects of one kind share the header.
            let shown = tables.entry(key).or_default();
            let rows = if shown.is_empty() {
                &*table
            } else {
                table.split_once('\n').map_or("", |(_, rows)| rows)
            };
            shown.push_str(rows);
            if matches!(
                kind.kind,
                "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job"
            ) {
                let selector = selector(&resource.object);
                let words = ["get", "pods", "-n", &resource.namespace, "-l", &selector];
                let pods = kubectl.run(&words).stdout;
                tables.entry("v1/Pod(related)".to_owned()).or_default().push_str(&pods);
            }
        }
        tables.iter().map(|(key, table)| format!("==> {key}\n{table}\n")).collect()
    }

    pub(super) fn get_values(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let release = self.release(arguments)?;
        let all = arguments.is_on("all");
        let values: Entries = if all {
            coalesce_values(&release.chart, &release.config, Nulls::Remove, &mut session.log)?
        } else {
            release.config
        };
        let is_null = values.is_empty() && !all;
        let value = if is_null { Value::Nil } else { Value::map(values) };
        if print_as(&to_json(&value)?, arguments.value("output"), session)? {
            return Ok(());
        }
        session.output.out(if all { "COMPUTED VALUES:" } else { "USER-SUPPLIED VALUES:" });
        session.output.out(to_yaml(&value)?);
        Ok(())
    }

    pub(super) fn get_text(
        &mut self,
        what: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let release = self.release(arguments)?;
        let output = &mut session.output;
        match what {
            "get manifest" => output.out(&release.manifest),
            "get notes" => {
                if !release.notes.is_empty() {
                    output.out(format!("NOTES:\n{}", release.notes));
                }
            }
            "get hooks" => {
                for hook in &release.hooks {
                    output.out(
                        document(&hook.path, &hook.manifest).trim_end_matches('\n').to_owned()
                            + "\n",
                    );
                }
            }
            _ => print_metadata(
                &release,
                self.server.as_ref().map_or(0, |server| server.time()),
                session,
            ),
        }
        Ok(())
    }
}

fn print_metadata(release: &Release, modified: i64, session: &mut Session) {
    let metadata = &release.chart.metadata;
    let annotations: Vec<String> =
        metadata.annotations.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let labels: Vec<String> =
        release.labels(modified).iter().map(|(key, value)| format!("{key}={value}")).collect();
    let needs: Vec<&str> = metadata.needs().map(|need| &*need.name).collect();
    let deployed = DateTime::of_unix(release.last_deployed, 0).format("2006-01-02T15:04:05Z07:00");
    for (key, value) in [
        ("NAME", release.name.clone()),
        ("CHART", metadata.name.clone()),
        ("VERSION", metadata.version.clone()),
        ("APP_VERSION", metadata.app_version.clone()),
        ("ANNOTATIONS", annotations.join(",")),
        ("LABELS", labels.join(",")),
        ("DEPENDENCIES", needs.join(",")),
        ("NAMESPACE", release.namespace.clone()),
        ("REVISION", release.revision.to_string()),
        ("STATUS", release.state.name().to_owned()),
        ("DEPLOYED_AT", deployed),
        ("APPLY_METHOD", "server-side apply".to_owned()),
    ] {
        session.output.out(format!("{key}: {value}"));
    }
}

/// The labels by which a workload finds its pods.
fn selector(object: &kubernetes::object::Value) -> String {
    let labels = object["spec"]["selector"].entries("matchLabels");
    let labels = labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    labels.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::super::store::State;
    use super::*;

    #[test]
    fn times_and_tables_have_the_form_of_helm() {
        assert_eq!(ansic(1_767_225_600), "Thu Jan  1 00:00:00 2026");
        let mut session = Session::default();
        let rows =
            [vec!["A".to_owned(), "LONG".to_owned()], vec!["abc".to_owned(), "x".to_owned()]];
        print_table(&rows, &mut session);
        assert_eq!(session.output.stdout, "A  \tLONG\nabc\tx   \n");
    }

    #[test]
    fn states_have_names() {
        assert_eq!(State::PendingUpgrade.name(), "pending-upgrade");
    }
}
