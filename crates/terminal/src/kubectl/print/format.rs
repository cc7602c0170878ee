//! The formats of `-o`, and the printers that they make.
//!
//! Source: kubectl pkg/cmd/get/get_flags.go ToPrinter; cli-runtime pkg/genericclioptions.

use kubernetes::object::{Value, to_yaml};

use super::custom_columns::{self, CustomColumn};
use super::go_template::GoTemplate;
use super::json::indented;
use super::jsonpath::{self, Part};
use super::kyaml::kyaml;
use crate::kubectl::errors::Failure;
use crate::kubectl::{Files, plain_failure};

/// Formats in the words of the message that refuses others.
const GET: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

/// The output format.
pub(crate) enum Format {
    Table { wide: bool },
    Name,
    Objects(Printer),
}

/// Options of printing objects.
pub(crate) enum Printer {
    Yaml,
    Json,
    Kyaml,
    JsonPath { template: String, parts: Vec<Part>, as_json: bool },
    GoTemplate(GoTemplate),
    CustomColumns(Vec<CustomColumn>),
}

impl Format {
    /// Reads `-o` and `--template`.
    pub fn parse(output: &str, template: &str, files: &dyn Files) -> Result<Self, Failure> {
        let output = if output.is_empty() && !template.is_empty() { "go-template" } else { output };
        let (name, argument) = match output.split_once('=') {
            Some((name, argument)) => (name, argument),
            None => (output, template),
        };
        let printer = match name {
            "" => return Ok(Self::Table { wide: false }),
            "wide" if output == "wide" => return Ok(Self::Table { wide: true }),
            "name" if output == "name" => return Ok(Self::Name),
            "yaml" if output == "yaml" => Printer::Yaml,
            "json" if output == "json" => Printer::Json,
            "kyaml" if output == "kyaml" => Printer::Kyaml,
            "custom-columns" => Printer::CustomColumns(custom_columns::parse(argument)?),
            "custom-columns-file" => {
                let text = read(argument, "template", files)?;
                Printer::CustomColumns(custom_columns::parse_file(&text)?)
            }
            "jsonpath" | "jsonpath-as-json" | "jsonpath-file" | "go-template"
            | "go-template-file" | "template" | "templatefile" => {
                return template_printer(name, argument, files).map(Self::Objects);
            }
            _ => {
                return Err(plain_failure(format!(
                    "unable to match a printer suitable for the output format {}, allowed formats are: {GET}",
                    go::quote::quote(output)
                )));
            }
        };
        Ok(Self::Objects(printer))
    }
}

fn read(path: &str, what: &str, files: &dyn Files) -> Result<String, Failure> {
    files.read(path).ok_or_else(|| {
        plain_failure(format!(
            "error reading {what} {path}, open {path}: no such file or directory"
        ))
    })
}

fn template_printer(name: &str, argument: &str, files: &dyn Files) -> Result<Printer, Failure> {
    if argument.is_empty() {
        return Err(plain_failure("template format specified but no template given"));
    }
    let template = if name.ends_with("file") {
        read(argument, "--template", files)?
    } else {
        argument.to_owned()
    };
    if !name.starts_with("jsonpath") {
        return GoTemplate::parse(&template).map(Printer::GoTemplate);
    }
    let parts = jsonpath::parse(&template)
        .map_err(|error| plain_failure(format!("error parsing jsonpath {template}, {error}")))?;
    Ok(Printer::JsonPath { template, parts, as_json: name == "jsonpath-as-json" })
}

impl Printer {
    /// Prints one object, or a list of objects. The text may be followed by an error.
    pub fn print(
        &self,
        objects: &[Value],
        single: bool,
        headers: bool,
    ) -> (String, Option<Failure>) {
        if let Self::CustomColumns(columns) = self {
            return (custom_columns::table(columns, objects, headers), None);
        }
        // Only YAML and JSON leave out who manages the fields.
        let is_whole = matches!(self, Self::GoTemplate(_) | Self::JsonPath { .. });
        let one = match objects {
            [object] if single && is_whole => object.clone(),
            [object] if single => bare(object),
            [] if single => return (String::new(), None),
            objects if is_whole => list_of(objects.to_vec()),
            objects => list(objects),
        };
        match self {
            Self::Yaml => (to_yaml(&one), None),
            Self::Json => (indented(&one), None),
            Self::Kyaml => (kyaml(&one), None),
            Self::GoTemplate(template) => template.print(&one),
            Self::JsonPath { template, parts, as_json } => match json_path(parts, *as_json, &one) {
                Ok(text) => (text, None),
                Err(error) => (String::new(), Some(path_failure(template, &error, &one))),
            },
            Self::CustomColumns(_) => (String::new(), None),
        }
    }
}

fn json_path(parts: &[Part], as_json: bool, object: &Value) -> Result<String, String> {
    if !as_json {
        return jsonpath::render(parts, object);
    }
    let results = jsonpath::find(parts, object)?;
    Ok(results.into_iter().map(|values| indented(&values.into())).collect())
}

fn path_failure(template: &str, error: &str, object: &Value) -> Failure {
    let mut text = format!(
        "error executing jsonpath {}: Error executing template: {error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t",
        go::quote::quote(template)
    );
    go_syntax(&mut text, object);
    text.push_str("\n\n\n");
    plain_failure(text)
}

/// Go's `%#v` of decoded JSON.
fn go_syntax(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("interface {}(nil)"),
        Value::String(text) => out.push_str(&go::quote::quote(text)),
        Value::List(items) => {
            out.push_str("[]interface {}{");
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                go_syntax(out, item);
            }
            out.push('}');
        }
        Value::Map(map) => {
            out.push_str("map[string]interface {}{");
            for (number, (key, item)) in map.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                out.push_str(&go::quote::quote(key));
                out.push(':');
                go_syntax(out, item);
            }
            out.push('}');
        }
        value => out.push_str(&kubernetes::object::go_value(value)),
    }
}

/// Objects in a List, as kubectl makes it.
pub(crate) fn list(objects: &[Value]) -> Value {
    list_of(objects.iter().map(bare).collect())
}

fn list_of(objects: Vec<Value>) -> Value {
    let mut list = Value::map();
    list.set("apiVersion", "v1");
    list.set("items", objects);
    list.set("kind", "List");
    list.entry("metadata").set("resourceVersion", "");
    list
}

/// The object without the record of who manages its fields.
pub(crate) fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if object.has("metadata") {
        object.entry("metadata").remove("managedFields");
    }
    object
}
