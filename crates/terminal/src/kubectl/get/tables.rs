//! The tables of `kubectl get`: one for each kind.
//!
//! Source: cli-runtime pkg/printers/tableprinter.go; kubectl pkg/cmd/get/table_printer.go;
//! apiextensions-apiserver pkg/registry/customresource/tableconvertor.

use cluster::ApiServer;
use cluster::apiserver::Key;
use kubernetes::columns::{Column, age};
use kubernetes::kinds::Kind;
use kubernetes::object::{Value, go_value};

use super::find::{Found, Group};
use crate::kubectl::flags::Arguments;
use crate::kubectl::print::jsonpath;
use crate::kubectl::table;

/// Options of a table.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub wide: bool,
    pub headers: bool,
    /// Labels that have a column.
    pub labels: Vec<String>,
    /// A column holds all labels.
    pub all_labels: bool,
    /// Names begin with the kind.
    pub kind: bool,
    pub all_namespaces: bool,
}

/// A column of a table: of a kind in the program, or of a definition.
enum Cells {
    Known(&'static Column),
    Path { head: String, path: String, is_date: bool },
}

impl Cells {
    fn head(&self) -> String {
        match self {
            Self::Known(column) => column.name.to_owned(),
            Self::Path { head, .. } => head.to_uppercase(),
        }
    }

    fn cell(&self, object: &Value, now: i64) -> String {
        match self {
            Self::Known(column) => (column.cell)(object, now),
            Self::Path { path, is_date, .. } => {
                let parts = jsonpath::relaxed(path).unwrap_or_default();
                let found = jsonpath::find(&parts, object).unwrap_or_default();
                match found.first().and_then(|values| values.first()) {
                    None => String::new(),
                    Some(value) if *is_date => age(value.as_str().unwrap_or_default(), now),
                    Some(value) => go_value(value),
                }
            }
        }
    }
}

impl Shape {
    pub fn new(found: &Found, wide: bool, arguments: &Arguments) -> Self {
        let first = found.groups.first().map(|group| group.kind);
        let several = found
            .groups
            .iter()
            .any(|group| first.is_some_and(|first| !std::ptr::eq(first, group.kind)));
        Self {
            wide,
            headers: !arguments.is("no-headers"),
            labels: arguments.list("label-columns").into_iter().map(str::to_owned).collect(),
            all_labels: arguments.is("show-labels"),
            kind: several || arguments.is("show-kind"),
            all_namespaces: arguments.is("all-namespaces"),
        }
    }

    /// The tables of all groups, with an empty line between them.
    pub fn text(&self, server: &ApiServer, found: &Found) -> String {
        let mut text = String::new();
        for group in found.groups.iter().filter(|group| !group.objects.is_empty()) {
            if !text.is_empty() && self.headers {
                text.push('\n');
            }
            text.push_str(&table::lines(&self.rows(server, group)));
        }
        text
    }

    /// The rows of a group, with the headings.
    pub fn rows(&self, server: &ApiServer, group: &Group) -> Vec<Vec<String>> {
        let columns = self.columns(server, group.kind);
        let namespace = self.all_namespaces && group.kind.namespaced;
        let mut rows = Vec::new();
        if self.headers {
            let mut row: Vec<String> = Vec::new();
            row.extend(namespace.then(|| "NAMESPACE".to_owned()));
            row.extend(columns.iter().map(Cells::head));
            let last = |label: &String| label.rsplit('/').next().unwrap_or_default().to_uppercase();
            row.extend(self.labels.iter().map(last));
            row.extend(self.all_labels.then(|| "LABELS".to_owned()));
            rows.push(row);
        }
        rows.extend(group.objects.iter().map(|one| self.row(server, group.kind, &columns, one)));
        rows
    }

    fn row(
        &self,
        server: &ApiServer,
        kind: &Kind,
        columns: &[Cells],
        object: &Value,
    ) -> Vec<String> {
        let metadata = &object["metadata"];
        let mut row: Vec<String> = Vec::new();
        if self.all_namespaces && kind.namespaced {
            row.push(metadata.str("namespace").to_owned());
        }
        for column in columns {
            let cell = column.cell(object, server.time());
            let prefixed = self.kind && column.head() == "NAME";
            row.push(if prefixed { format!("{}/{cell}", kind.printed()) } else { cell });
        }
        row.extend(self.labels.iter().map(|label| metadata["labels"].str(label).to_owned()));
        row.extend(self.all_labels.then(|| kubernetes::columns::labels(&metadata["labels"])));
        row
    }

    fn columns(&self, server: &ApiServer, kind: &'static Kind) -> Vec<Cells> {
        let shown = |wide: bool| self.wide || !wide;
        if !kind.columns.is_empty() {
            let columns = kind.columns.iter().filter(|column| shown(column.wide));
            return columns.map(Cells::Known).collect();
        }
        let [name, age] = kubernetes::columns::NAME_AND_AGE else { return Vec::new() };
        let defined = defined_columns(server, kind);
        let mut columns = vec![Cells::Known(name)];
        if defined.is_empty() {
            columns.push(Cells::Known(age));
        }
        for column in defined.iter().filter(|column| shown(column.int("priority") > 0)) {
            columns.push(Cells::Path {
                head: column.str("name").to_owned(),
                path: column.str("jsonPath").to_owned(),
                is_date: column.str("type") == "date",
            });
        }
        columns
    }
}

/// The columns of the definition of a custom kind.
fn defined_columns(server: &ApiServer, kind: &Kind) -> Vec<Value> {
    let row = kubernetes::kinds::find("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    let Some(row) = row else { return Vec::new() };
    let name = format!("{}.{}", kind.plural, kind.group);
    let Some(definition) = server.storage.get(&Key::new(row, "", &name)) else { return Vec::new() };
    let versions = definition["spec"].list("versions");
    let version = versions.iter().find(|version| version.str("name") == kind.version);
    version.map_or(&[][..], |version| version.list("additionalPrinterColumns")).to_vec()
}
