//! Tables of `-o custom-columns`.
//!
//! Source: kubectl pkg/cmd/get/customcolumn.go.

use kubernetes::object::{Value, go_value};

use super::format::bare;
use super::jsonpath::{self, Part};
use crate::kubectl::errors::Failure;
use crate::kubectl::plain_failure;
use crate::kubectl::table;

/// A column: a heading and the path of its cells.
pub(crate) struct CustomColumn {
    head: String,
    path: Vec<Part>,
}

fn column(head: &str, path: &str) -> Result<CustomColumn, Failure> {
    let path = jsonpath::relaxed(path).map_err(plain_failure)?;
    Ok(CustomColumn { head: head.to_owned(), path })
}

/// Reads `NAME:.metadata.name,IMAGE:.spec.containers[*].image`.
pub(super) fn parse(text: &str) -> Result<Vec<CustomColumn>, Failure> {
    if text.is_empty() {
        return Err(plain_failure("custom-columns format specified but no custom columns given"));
    }
    let columns = text.split(',').map(|part| match part.split_once(':') {
        Some((head, path)) => column(head, path),
        None => Err(plain_failure(format!(
            "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
        ))),
    });
    columns.collect()
}

/// Reads a file with a line of headings and a line of paths.
pub(super) fn parse_file(text: &str) -> Result<Vec<CustomColumn>, Failure> {
    let mut lines = text.lines();
    let words = |line: Option<&str>| -> Vec<String> {
        line.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let (heads, paths) = (words(lines.next()), words(lines.next()));
    if heads.len() != paths.len() {
        return Err(plain_failure(format!(
            "number of headers ({}) and field specifications ({}) don't match",
            heads.len(),
            paths.len()
        )));
    }
    heads.iter().zip(&paths).map(|(head, path)| column(head, path)).collect()
}

/// The table of objects.
pub(super) fn table(columns: &[CustomColumn], objects: &[Value], headers: bool) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    if headers {
        rows.push(columns.iter().map(|column| column.head.clone()).collect());
    }
    for object in objects {
        let object = bare(object);
        rows.push(columns.iter().map(|column| cell(column, &object)).collect());
    }
    table::lines(&rows)
}

fn cell(column: &CustomColumn, object: &Value) -> String {
    let results = jsonpath::find(&column.path, object).unwrap_or_default();
    let values: Vec<String> = results.iter().flatten().map(go_value).collect();
    if values.is_empty() { "<none>".to_owned() } else { values.join(",") }
}
