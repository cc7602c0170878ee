//! Generated YAML: an ordered tree with the field that every value came from.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::object::{Value, json::json_float};
use yaml::Printer;

/// The custom resource that a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub kind: Arc<str>,
    pub namespace: Arc<str>,
    pub name: Arc<str>,
}

impl Resource {
    pub fn of(object: &Value) -> Self {
        let metadata = &object["metadata"];
        Self {
            kind: object.str("kind").into(),
            namespace: metadata.str("namespace").into(),
            name: metadata.str("name").into(),
        }
    }
}

/// The field that a generated line came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub resource: Arc<Resource>,
    /// The path inside the object, for example `spec.endpoints[0].port`.
    pub path: String,
}

/// A value of a custom resource together with its path.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    pub value: &'a Value,
    pub resource: Arc<Resource>,
    pub path: String,
}

impl<'a> Field<'a> {
    /// Returns the root of an object.
    pub fn root(object: &'a Value) -> Self {
        Self { value: object, resource: Arc::new(Resource::of(object)), path: String::new() }
    }

    /// Returns the field of a mapping. A field that is absent has the value null.
    pub fn get(&self, key: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.step(&self.value[key], format!("{}{dot}{key}", self.path))
    }

    /// Returns the items of a list.
    pub fn items(&self) -> Vec<Self> {
        let items = self.value.as_list().unwrap_or_default().iter().enumerate();
        items.map(|(at, item)| self.step(item, format!("{}[{at}]", self.path))).collect()
    }

    /// Returns the entries of a mapping, sorted by key.
    pub fn entries(&self) -> Vec<(Arc<str>, Self)> {
        let entries = self.value.as_map().into_iter().flat_map(|map| map.iter());
        entries.map(|(key, _)| (key.clone(), self.get(key))).collect()
    }

    fn step(&self, value: &'a Value, path: String) -> Self {
        Self { value, resource: self.resource.clone(), path }
    }

    pub fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    pub fn is_set(&self) -> bool {
        !self.value.is_null()
    }

    pub fn origin(&self) -> Arc<Origin> {
        Arc::new(Origin { resource: self.resource.clone(), path: self.path.clone() })
    }
}

/// A node of the generated YAML.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pub data: Data,
    /// None if the value is inherited from the node above.
    pub origin: Option<Arc<Origin>>,
}

/// The content of a node. Entries keep the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Text(String),
    /// A number, `true`, `false` or `null`, as written.
    Raw(String),
    List(Vec<Tree>),
    /// A list of texts on one line.
    Flow(Vec<Arc<str>>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub fn text(text: impl Into<String>) -> Self {
        Data::Text(text.into()).into()
    }

    pub fn raw(value: impl ToString) -> Self {
        Data::Raw(value.to_string()).into()
    }

    /// Returns an empty mapping.
    pub fn map() -> Self {
        Data::Map(Vec::new()).into()
    }

    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Data::List(texts.into_iter().map(Self::text).collect()).into()
    }

    pub fn list(items: Vec<Tree>) -> Self {
        Data::List(items).into()
    }

    /// Returns the value of a field as it is, with the field as its origin.
    pub fn copy(field: &Field<'_>) -> Self {
        let data = match field.value {
            Value::Null => Data::Raw("null".to_owned()),
            Value::Bool(value) => Data::Raw(value.to_string()),
            Value::Int(value) => Data::Raw(value.to_string()),
            Value::Float(value) => Data::Raw(json_float(*value)),
            Value::String(text) => Data::Text(text.to_string()),
            Value::List(_) => Data::List(field.items().iter().map(Self::copy).collect()),
            Value::Map(_) => Data::Map(
                field
                    .entries()
                    .iter()
                    .map(|(key, one)| (key.to_string(), Self::copy(one)))
                    .collect(),
            ),
        };
        Self { data, origin: Some(field.origin()) }
    }

    /// Returns a mapping with its keys in the order in which Go's YAML library writes them.
    pub fn copy_map(field: &Field<'_>) -> Self {
        let mut tree = Self::copy(field);
        if let Data::Map(entries) = &mut tree.data {
            entries.sort_by(|(a, _), (b, _)| natural(a, b));
        }
        tree
    }

    /// Returns a mapping of texts in the order in which Go's YAML library writes it. Of entries with
    /// one key the last counts.
    pub fn text_map(pairs: impl IntoIterator<Item = (String, Tree)>) -> Self {
        let map: BTreeMap<String, Tree> = pairs.into_iter().collect();
        let mut entries: Vec<(String, Tree)> = map.into_iter().collect();
        entries.sort_by(|(a, _), (b, _)| natural(a, b));
        Data::Map(entries).into()
    }

    /// Returns the entry of a mapping.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, tree)| tree)
    }

    /// Returns the entry of a mapping.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Tree> {
        let Data::Map(entries) = &mut self.data else { return None };
        entries.iter_mut().find(|(name, _)| name == key).map(|(_, tree)| tree)
    }

    /// Returns the entries of a mapping; none for other nodes.
    pub fn entries(&self) -> &[(String, Tree)] {
        if let Data::Map(entries) = &self.data { entries } else { &[] }
    }

    /// Takes an entry out of a mapping.
    pub fn remove(&mut self, key: &str) -> Option<Tree> {
        let Data::Map(entries) = &mut self.data else { return None };
        let at = entries.iter().position(|(name, _)| name == key)?;
        Some(entries.remove(at).1)
    }

    /// Sets an entry of a mapping.
    pub fn set(&mut self, key: &str, value: Tree) {
        if let Some(slot) = self.get_mut(key) {
            *slot = value;
        } else if let Data::Map(entries) = &mut self.data {
            entries.push((key.to_owned(), value));
        }
    }

    /// Returns the text of an entry; empty if it is absent or no text.
    pub fn str(&self, key: &str) -> &str {
        match self.get(key).map(|tree| &tree.data) {
            Some(Data::Text(text)) => text,
            _ => "",
        }
    }

    /// Returns the items of an entry that is a list.
    pub fn items(&self, key: &str) -> &[Tree] {
        match self.get(key).map(|tree| &tree.data) {
            Some(Data::List(items)) => items,
            _ => &[],
        }
    }

    /// Returns the items of an entry that is a list, to change them.
    pub fn items_mut(&mut self, key: &str) -> &mut [Tree] {
        match self.get_mut(key).map(|tree| &mut tree.data) {
            Some(Data::List(items)) => items,
            _ => &mut [],
        }
    }

    /// Returns true if an entry is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        matches!(self.get(key).map(|tree| &tree.data), Some(Data::Raw(raw)) if raw == "true")
    }

    /// Returns true for an absent value as Go counts it: an empty text, list or mapping, `false`,
    /// 0 and null.
    pub fn is_empty(&self) -> bool {
        match &self.data {
            Data::Text(text) => text.is_empty(),
            Data::Raw(raw) => matches!(&**raw, "false" | "0" | "null"),
            Data::List(items) => items.is_empty(),
            Data::Flow(items) => items.is_empty(),
            Data::Map(entries) => entries.is_empty(),
        }
    }

    /// Returns true if a mapping has an entry that is not empty.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some_and(|tree| !tree.is_empty())
    }

    /// Names the field that the value came from.
    pub fn from(mut self, field: &Field<'_>) -> Self {
        self.origin = Some(field.origin());
        self
    }
}

impl From<Data> for Tree {
    fn from(data: Data) -> Self {
        Self { data, origin: None }
    }
}

/// The order of keys of a map in Go's YAML library: numbers by value, letters after other
/// characters. Source: go.yaml.in/yaml/v2 sorter.go.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut in_digits = false;
    for (at, (x, y)) in a.iter().zip(&b).enumerate() {
        if x == y {
            in_digits = x.is_ascii_digit();
            continue;
        }
        let letters = (x.is_alphabetic(), y.is_alphabetic());
        if letters == (true, true) {
            return x.cmp(y);
        }
        if letters != (false, false) {
            return match (in_digits, letters.0) {
                (true, first) => {
                    if first {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
                (false, first) => {
                    if first {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    }
                }
            };
        }
        // Zeros inside of numbers count as digits of them.
        let before = a.get(..at).unwrap_or_default().iter().rev();
        let inside = before.take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
        let lead = u64::from(inside && (*x == '0' || *y == '0'));
        let number = |chars: &[char]| -> (usize, u64) {
            let digits = chars.iter().skip(at).map_while(|c| c.to_digit(10));
            digits.fold((0, lead), |(count, number), digit| {
                (count + 1, number.wrapping_mul(10).wrapping_add(u64::from(digit)))
            })
        };
        let ((long, x_number), (other, y_number)) = (number(&a), number(&b));
        return x_number.cmp(&y_number).then(long.cmp(&other)).then(x.cmp(y));
    }
    a.len().cmp(&b.len())
}

/// A mapping under construction.
#[derive(Debug, Default)]
pub struct Entries(pub Vec<(String, Tree)>);

impl Entries {
    pub fn put(&mut self, key: &str, value: Tree) {
        self.0.push((key.to_owned(), value));
    }

    /// Copies a field if it is set.
    pub fn copy(&mut self, key: &str, field: &Field<'_>) {
        if field.is_set() {
            self.put(key, Tree::copy(field));
        }
    }

    /// Copies a text field unless it is empty.
    pub fn copy_text(&mut self, key: &str, field: &Field<'_>) {
        if !field.text().is_empty() {
            self.put(key, Tree::copy(field));
        }
    }

    /// Copies a list unless it is empty.
    pub fn copy_list(&mut self, key: &str, field: &Field<'_>) {
        if field.value.as_list().is_some_and(|list| !list.is_empty()) {
            self.put(key, Tree::copy(field));
        }
    }

    /// Copies a mapping, with its keys in the order in which Go's YAML library writes them.
    pub fn copy_map(&mut self, key: &str, field: &Field<'_>) {
        if field.is_set() {
            self.put(key, Tree::copy_map(field));
        }
    }

    pub fn tree(self) -> Tree {
        Data::Map(self.0).into()
    }
}

/// A printed document and the origin of each of its lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub text: String,
    /// One item for each line of the text.
    pub origins: Vec<Option<Arc<Origin>>>,
}

/// Prints a tree as go.yaml.in/yaml/v2 does.
pub fn print(tree: &Tree) -> Document {
    let mut out = Writer { printer: Printer::new(), origins: Vec::new() };
    out.tree(tree, None, 0, 0);
    let text = out.printer.finish();
    let mut origins = out.origins;
    origins.resize(text.lines().count(), None);
    Document { text, origins }
}

/// The column after which Go's YAML library breaks a text at the next space.
const WIDTH: usize = 80;

/// Breaks a scalar on one line as Go's YAML library does. Source: go.yaml.in/yaml/v2 emitterc.go
/// yaml_emitter_write_plain_scalar.
fn folded(text: &str, column: usize, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut column, mut after_space) = (column, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let breaks = c == ' '
            && !after_space
            && column > WIDTH
            && !out.is_empty()
            && chars.peek().is_some_and(|next| *next != ' ');
        if breaks {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            out.push(c);
            column += 1;
        }
        after_space = c == ' ';
    }
    out
}

struct Writer {
    printer: Printer,
    origins: Vec<Option<Arc<Origin>>>,
}

impl Writer {
    /// Writes a node. `indent` is that of the mapping or list around it, `column` is where a scalar
    /// begins.
    fn tree(&mut self, tree: &Tree, above: Option<&Arc<Origin>>, indent: usize, column: usize) {
        let origin = tree.origin.as_ref().or(above);
        match &tree.data {
            Data::Text(text) if text.contains('\n') => self.printer.string(text),
            Data::Text(text) => self.printer.raw(&folded(&yaml::quoted(text), column, indent + 2)),
            Data::Raw(raw) => self.printer.raw(raw),
            Data::Flow(items) => self.printer.flow(items),
            Data::List(items) => {
                self.printer.begin_list();
                for item in items {
                    self.printer.item();
                    let below = match item.data {
                        Data::Map(_) | Data::List(_) => indent + 2,
                        _ => indent,
                    };
                    self.tree(item, origin, below, indent + 2);
                }
                self.printer.end();
            }
            Data::Map(entries) => {
                self.printer.begin_map();
                for (key, value) in entries {
                    self.printer.key(key);
                    // The line of the key belongs to its own value, not to the first line below it.
                    self.mark(self.printer.line() as usize + 1, value.origin.as_ref().or(origin));
                    let below =
                        if matches!(value.data, Data::Map(_)) { indent + 2 } else { indent };
                    let behind = indent + yaml::quoted(key).chars().count() + 2;
                    self.tree(value, origin, below, behind);
                }
                self.printer.end();
            }
        }
        self.mark(self.printer.line() as usize, origin);
    }

    /// Gives an origin to those of the first `lines` lines that have none yet.
    fn mark(&mut self, lines: usize, origin: Option<&Arc<Origin>>) {
        if self.origins.len() < lines {
            self.origins.resize(lines, origin.cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_broken_at_a_space() {
        let words = "word ".repeat(20);
        let mut rule = Entries::default();
        rule.put("expr", Tree::text(words.trim_end()));
        let document = print(&Tree::list(vec![rule.tree()]));
        let lines: Vec<&str> = document.text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), 82);
        assert_eq!(lines[1], "    word word word word word");
        assert_eq!(document.origins.len(), 2);
    }

    #[test]
    fn keys_have_the_order_of_go() {
        let mut keys = vec!["b", "a10", "a2", "a_b", "aB", "a-1"];
        keys.sort_by(|a, b| natural(a, b));
        assert_eq!(keys, ["a-1", "a_b", "a2", "a10", "aB", "b"]);
    }
}
