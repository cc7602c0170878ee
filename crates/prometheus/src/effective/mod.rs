//! The configuration in force: what Prometheus would show on its configuration page, each line
//! with its source.
//!
//! Source: config `Config.String`, which prints the structures after all defaults are filled in.

use text::IndexSort;
mod compare;
mod values;

use std::sync::Arc;

use schema::{Field, Record, Root, Scope, Type, ValueSource};
use text::{FileId, Location};
use yaml::{Node, Parsed, Printer, merged_in_order, scalars};

pub use compare::{Change, compare};

use super::Notations;
use super::decode::expand_environment;
use super::fields::discovery::{self, MECHANISMS};
use super::fields::root::ROOT;
use schema::Section;
use values::{Value, is_pointer};

/// The configuration as text, and where each of its lines comes from.
#[derive(Clone, Debug, Default)]
pub struct EffectiveConfig {
    /// YAML that Prometheus would read back unchanged, but for the secrets, which are masked.
    pub text: String,
    /// One for each line. A line that only opens a section has the source of its first value.
    pub sources: Vec<ValueSource>,
}

/// Prints the configuration in force. Jobs of other files are not printed, as Prometheus does not
/// print them either.
pub fn effective(main: &Parsed) -> EffectiveConfig {
    effective_in(main, &|_| String::new())
}

/// Prints the configuration in force in an environment: the values of variables by name, empty for
/// those that are not set.
pub fn effective_in(main: &Parsed, environment: &dyn Fn(&str) -> String) -> EffectiveConfig {
    let empty = Node::null(0);
    let ordered = merged_in_order(main);
    let main = ordered.as_ref().unwrap_or(main);
    let root = main.root().unwrap_or(&empty);
    let mut writer = Writer {
        file: main.file,
        printer: Printer::new(),
        sources: Vec::new(),
        root: Root { file: main.file, node: root, record: &ROOT },
        environment,
    };
    writer.printer.begin_map();
    writer.keys(Some(root), &ROOT);
    writer.printer.end();
    let text = writer.printer.finish();
    let mut sources = writer.sources;
    sources.resize(text.lines().count(), ValueSource::Default);
    EffectiveConfig { text, sources }
}

struct Writer<'a> {
    environment: &'a dyn Fn(&str) -> String,
    file: FileId,
    printer: Printer,
    sources: Vec<ValueSource>,
    root: Root<'a>,
}

impl<'a> Writer<'a> {
    /// Notes the source of all lines that have been written since the last note.
    fn note(&mut self, source: ValueSource) {
        self.sources.resize(self.printer.line() as usize, source);
    }

    /// Prints the keys of a section; `node` is what is written of it.
    fn keys(&mut self, node: Option<&'a Node>, record: &'static Record) {
        for field in record.print_order() {
            let (key, always) = (field.key, field.always_printed);
            // The lists of service discovery are printed last.
            if discovery::find(key).is_some() {
                continue;
            }
            let written = node.and_then(|node| node.entry(key));
            let (value, source) = self.resolve(node, record, field);
            if key == "basic_auth" && record.name == "consul_sd_config" && written.is_none() {
                self.consul_user(node);
            }
            let moved = key.starts_with("bearer_token") && record.name != "aws_sd_config";
            if let Some(node) = node.filter(|_| moved) {
                if key == "bearer_token" && node.get("authorization").is_none_or(Node::is_null) {
                    self.bearer(node);
                }
                continue;
            }
            if let Type::Record(below) = field.ty {
                self.section(key, always, below, written.map(|entry| &entry.value), record);
                continue;
            }
            if value.is_zero() && !always {
                continue;
            }
            self.printer.key(key);
            self.value(&value, &field.ty, source);
        }
        if record.name == "scrape_config" || record.name == "alertmanager_config" {
            self.mechanisms(node);
        }
    }

    /// The printed value of a field and its source.
    fn resolve(
        &self,
        node: Option<&'a Node>,
        record: &'static Record,
        field: &'static Field,
    ) -> (Value<'a>, ValueSource) {
        let written = node.and_then(|node| node.entry(field.key));
        let here = written.map_or(ValueSource::Default, |entry| {
            ValueSource::Written(Location::new(self.file, entry.span()))
        });
        if values::is_filled_in(record, field, node) {
            let scope = Scope::new(self.file, node, record, Some(self.root), &Notations);
            let found = scope.resolve(field.key);
            let source = if found.is_written() { here } else { found.source };
            return (values::in_force(&found.value, &field.ty), source);
        }
        let value = match (field.key, written) {
            ("external_labels", Some(entry)) => external_labels(&entry.value, self.environment),
            _ => values::of_field(node, record, field.key),
        };
        (value, here)
    }

    /// A section below; one that is not written may still have values in force.
    fn section(
        &mut self,
        key: &'static str,
        always: bool,
        below: &'static Record,
        node: Option<&'a Node>,
        above: &'static Record,
    ) {
        let is_null = node.is_some_and(Node::is_null);
        let written = node.filter(|node| !node.is_null());
        // These are filled in where they are absent; the first five where they are null, too.
        let null_is_absent = matches!(key, "global" | "runtime" | "storage" | "tsdb" | "retention");
        let has_defaults = match (above.name, key) {
            ("prometheus.yml", "global" | "runtime" | "otlp" | "storage")
            | ("storage", "tsdb")
            | ("tsdb", "retention")
            | ("remote_write", "queue_config" | "metadata_config") => !is_null || null_is_absent,
            _ => false,
        };
        if written.is_none() && !has_defaults {
            return;
        }
        // A plain structure of zeros is not printed, whatever is written in it.
        if !always && !has_defaults && !is_pointer(key) && values::all_zero(written, below) {
            return;
        }
        let start = self.printer.line() as usize;
        self.printer.key(key);
        self.printer.begin_map();
        if below.name == "retention" && written.is_none() {
            self.printer.key("time");
            self.printer.raw("15d");
            self.note(ValueSource::Default);
        } else {
            self.keys(written, below);
        }
        self.printer.end();
        let first = self.sources.get(start + 1).copied().unwrap_or(ValueSource::Default);
        self.note(first);
        if let Some(head) = self.sources.get_mut(start) {
            *head = first;
        }
    }

    /// The older tokens are shown as `authorization`.
    fn bearer(&mut self, node: &'a Node) {
        let token = |key: &str| node.get(key).filter(|node| !text_of(node).is_empty());
        let (shown, at, key) = match (token("bearer_token"), token("bearer_token_file")) {
            (Some(at), _) => (Arc::from("<secret>"), at, "credentials"),
            (_, Some(at)) => (text_of(at), at, "credentials_file"),
            _ => return,
        };
        self.printer.key("authorization");
        self.printer.begin_map();
        self.printer.key("type");
        self.printer.string("Bearer");
        self.printer.key(key);
        self.printer.string(&shown);
        self.printer.end();
        self.note(ValueSource::Written(Location::new(self.file, at.written_span())));
    }

    /// Consul's own user and password are shown as `basic_auth` too.
    fn consul_user(&mut self, node: Option<&'a Node>) {
        let Some(view) = node.and_then(Section::new) else { return };
        let (name, password) = (view.text("username"), view.filled("password"));
        if name.is_empty() && !password {
            return;
        }
        self.printer.key("basic_auth");
        self.printer.begin_map();
        if !name.is_empty() {
            self.printer.key("username");
            self.printer.string(&name);
        }
        if password {
            self.printer.key("password");
            self.printer.string("<secret>");
        }
        self.printer.end();
        self.note(ValueSource::Written(Location::new(self.file, view.node.written_span())));
    }

    fn value(&mut self, value: &Value<'a>, ty: &Type, source: ValueSource) {
        match value {
            Value::Raw(text) => self.printer.raw(text),
            Value::Empty => self.printer.raw("{}"),
            Value::Shown(value) => self.printer.raw(&value.to_string()),
            Value::Text(text) | Value::Written(text) => self.printer.string(text),
            Value::Flow(items) => self.printer.flow(items),
            Value::List(items) => {
                self.printer.begin_list();
                for item in items {
                    self.printer.item();
                    self.printer.string(item);
                }
                self.printer.end();
            }
            Value::Pairs(pairs) => {
                self.printer.begin_map();
                for (name, value) in pairs {
                    self.printer.key(name);
                    self.printer.string(value);
                }
                self.printer.end();
            }
            Value::Node(node) => {
                self.node(node, ty);
                return self.note(source);
            }
        }
        self.note(source);
    }

    /// A value as written, by its type.
    fn node(&mut self, node: &'a Node, ty: &Type) {
        match ty {
            Type::List(item) => {
                self.printer.begin_list();
                for one in node.items() {
                    self.printer.item();
                    self.item(one, item);
                }
                self.printer.end();
            }
            Type::Map { value, .. } => {
                self.printer.begin_map();
                let mut entries: Vec<_> = node.entries().collect();
                entries.index_sort_by_key(|entry| entry.name());
                for entry in entries {
                    self.printer.key(entry.name().unwrap_or_default());
                    self.item(&entry.value, value);
                }
                self.printer.end();
            }
            _ => self.printer.node(node),
        }
    }

    fn item(&mut self, node: &'a Node, ty: &Type) {
        match ty {
            Type::Record(record) => {
                self.printer.begin_map();
                self.keys(Some(node), record);
                self.printer.end();
            }
            Type::List(_) | Type::Map { .. } => self.node(node, ty),
            _ => match values::scalar(node, ty, false) {
                Value::Raw(text) => self.printer.raw(&text),
                Value::Text(text) => self.printer.string(&text),
                _ => self.printer.node(node),
            },
        }
        self.note(ValueSource::Written(Location::new(self.file, node.written_span())));
    }

    /// Discovery lists come last, in the order of their names.
    fn mechanisms(&mut self, node: Option<&'a Node>) {
        let Some(node) = node else { return };
        let mut mechanisms: Vec<_> = MECHANISMS.to_vec();
        mechanisms.index_sort_by_key(|mechanism| mechanism.key());
        for mechanism in mechanisms {
            let items = node.get(mechanism.key()).map_or(&[][..], Node::items);
            if items.is_empty() {
                continue;
            }
            self.printer.key(mechanism.key());
            self.printer.begin_list();
            for item in items {
                self.printer.item();
                self.item(item, &Type::Record(mechanism.record()));
            }
            self.printer.end();
        }
    }
}

/// The external labels, sorted, with environment variables expanded.
fn external_labels<'a>(node: &Node, environment: &dyn Fn(&str) -> String) -> Value<'a> {
    let expanded = |text: Arc<str>| Arc::from(expand_environment(&text, environment));
    let entries = node.entries();
    let mut pairs: Vec<_> =
        entries.map(|entry| (text_of(&entry.key), expanded(text_of(&entry.value)))).collect();
    pairs.index_sort();
    Value::Pairs(pairs)
}

/// A text as Go holds it.
fn text_of(node: &Node) -> Arc<str> {
    Arc::from(&*scalars::string(node).unwrap_or_default())
}

#[cfg(test)]
mod tests;
