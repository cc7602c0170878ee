//! Files into objects, as kubectl reads them.
//!
//! A file is split at lines that begin with `---` before anything is parsed, so lines in errors
//! count from the document's start. YAML becomes JSON: of a key that occurs twice the last wins.
//!
//! Source: apimachinery pkg/util/yaml/decoder.go, cli-runtime pkg/resource/visitor.go.

use std::ops::Range;

use cluster::ApiServer;
use kubernetes::decoding::{self, Mode};
use kubernetes::kinds::Kind;
use kubernetes::object::{Value, from_yaml, to_json};
use kubernetes::types::types;
use text::FileId;

use super::errors::Failure;

/// An object of a file that kubectl can send.
#[derive(Clone, Debug)]
pub struct Info {
    pub object: Value,
    pub kind: &'static Kind,
    pub namespace: String,
    pub name: String,
    /// Path of the file.
    pub source: String,
    /// The document in the file, in bytes.
    pub document: Range<usize>,
}

impl Info {
    /// The object as messages call it.
    pub fn described(&self) -> String {
        let version = self.kind.api_version();
        let group = if self.kind.group.is_empty() { format!("/{version}") } else { version };
        let quote = go::quote::quote;
        format!(
            "Resource: {}, GroupVersionKind: {}\nName: {}, Namespace: {}",
            quote(&format!("{group}, Resource={}", self.kind.plural)),
            quote(&format!("{group}, Kind={}", self.kind.kind)),
            quote(&self.name),
            quote(&self.namespace)
        )
    }
}

/// Documents of a file: stretches between separators. A separator before any text belongs to the
/// document that follows.
pub fn documents(text: &str) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if (rest.is_empty() || rest.starts_with('#')) && at > start {
                documents.push(start..at);
                start = end;
            }
        }
        at = end;
    }
    if at > start {
        documents.push(start..at);
    }
    documents
}

/// The text behind a separator where only a comment may stand.
pub fn bad_separator(document: &str) -> Option<&str> {
    let rests = document.lines().filter_map(|line| line.strip_prefix("---")).map(str::trim);
    rests.into_iter().find(|rest| !rest.is_empty() && !rest.starts_with('#'))
}

/// One document as an object. Null for a document without content.
pub fn document(text: &str) -> Result<Value, String> {
    let converting = |error: String| format!("error converting YAML to JSON: {error}");
    let parsed = yaml::parse(FileId(0), text);
    if let Some(refusal) = parsed.refusal.as_ref().filter(|refusal| !is_duplicate(refusal)) {
        return Err(converting(refusal.clone()));
    }
    match parsed.root() {
        Some(root) => from_yaml(root).map_err(|error| converting(error.message)),
        None => Ok(Value::Null),
    }
}

/// A key that occurs twice is no error here.
fn is_duplicate(refusal: &str) -> bool {
    refusal.contains("already set in map") || refusal.contains("already defined")
}

/// A file's objects, and what could not be read. Reading continues after an object that cannot be
/// used, and ends at a text that cannot be parsed.
///
/// With `validates` an object without `kind` or `apiVersion` is refused in the words of the
/// validation of kubectl.
pub fn objects(
    server: &ApiServer,
    source: &str,
    text: &str,
    validates: bool,
) -> (Vec<Info>, Vec<Failure>) {
    let (infos, failures) = Default::default();
    let mut reader = DocumentReader { server, source, validates, infos, failures };
    if let Err(failure) = reader.file(text) {
        reader.failures.push(failure);
    }
    (reader.infos, reader.failures)
}

struct DocumentReader<'a> {
    server: &'a ApiServer,
    source: &'a str,
    validates: bool,
    infos: Vec<Info>,
    failures: Vec<Failure>,
}

impl DocumentReader<'_> {
    fn file(&mut self, text: &str) -> Result<(), Failure> {
        if text.trim_start().starts_with('{')
            && let Some(result) = self.json(text)
        {
            return result;
        }
        for range in documents(text) {
            let part = text.get(range.clone()).unwrap_or_default();
            if let Some(rest) = bad_separator(part) {
                return Err(self.parsing(&format!("invalid Yaml document separator: {rest}")));
            }
            let object = document(part).map_err(|error| self.parsing(&error))?;
            self.read(object, range)?;
        }
        Ok(())
    }

    fn parsing(&self, error: &str) -> Failure {
        Failure::Plain(format!("error parsing {}: {error}", self.source))
    }

    /// A stream of JSON values; None if the text is YAML after all.
    fn json(&mut self, text: &str) -> Option<Result<(), Failure>> {
        let mut values = Vec::new();
        match kubernetes::object::json::parse_stream(text, &mut values) {
            Ok(()) => {}
            Err(error) if error.is_eof() && document(text).is_err() => {
                return Some(Err(self.parsing("unexpected EOF")));
            }
            Err(_) => return None,
        }
        for value in values {
            if let Err(failure) = self.read(value, 0..text.len()) {
                return Some(Err(failure));
            }
        }
        Some(Ok(()))
    }

    fn read(&mut self, object: Value, document: Range<usize>) -> Result<(), Failure> {
        if object.is_null() {
            return Ok(());
        }
        if self.validates {
            validate(self.source, &object)?;
        }
        if let Some(failure) = list_error(self.source, &object) {
            return Err(failure);
        }
        match items(&object) {
            Some(items) => items.into_iter().for_each(|item| self.item(item, &document)),
            None => self.one(object, document),
        }
        Ok(())
    }

    /// An item of a list, which may be a list itself.
    fn item(&mut self, item: Value, document: &Range<usize>) {
        if let Some(items) = items(&item) {
            return items.into_iter().for_each(|item| self.item(item, document));
        }
        match item_error(self.server, &item) {
            Some(failure) => self.failures.push(failure),
            None => self.one(item, document.clone()),
        }
    }

    fn one(&mut self, object: Value, document: Range<usize>) {
        match info(self.server, self.source, object, document) {
            Ok(info) => self.infos.push(info),
            Err(failure) => self.failures.push(failure),
        }
    }
}

/// Checks a document before objects are read from it.
pub fn validate(source: &str, object: &Value) -> Result<(), Failure> {
    check_type(object).map_err(|error| {
        let source = go::quote::quote(source);
        Failure::Plain(format!(
            "error validating {source}: error validating data: {error}; if you choose to ignore these errors, turn validation off with --validate=false"
        ))
    })
}

/// The items of a list, each with its type; None for any other object. An item without a type has
/// that of the list. Source: apimachinery pkg/apis/meta/v1/unstructured/helpers.go decodeToList.
pub fn items(object: &Value) -> Option<Vec<Value>> {
    let kind = object.str("kind");
    let of = kind.strip_suffix("List").unwrap_or(kind);
    let with_type = |item: &Value| {
        let mut item = item.clone();
        if !of.is_empty() && item.str("apiVersion").is_empty() && item.str("kind").is_empty() {
            item.set("apiVersion", object["apiVersion"].clone());
            item.set("kind", of);
        }
        item
    };
    match object.as_map()?.get("items")? {
        Value::Null => Some(Vec::new()),
        items => Some(items.as_list()?.iter().map(with_type).collect()),
    }
}

/// The error of an object with `items` that is no list, or a list with wrong metadata.
pub fn list_error(source: &str, object: &Value) -> Option<Failure> {
    let found = object.as_map()?.get("items")?;
    let error = match items(object) {
        Some(_) => metadata_error(object).err()?,
        None => format!(
            "json: cannot unmarshal {} into Go struct field decodeList.items of type []json.RawMessage",
            type_in_go(found)
        ),
    };
    let source = go::quote::quote(source);
    Some(Failure::Plain(format!("unable to decode {source}: {error}")))
}

/// The error of an item of a list that kubectl cannot send.
/// Source: cli-runtime pkg/resource/mapper.go infoForObject.
pub fn item_error(server: &ApiServer, item: &Value) -> Option<Failure> {
    let (version, kind) = (item.str("apiVersion"), item.str("kind"));
    let missing = |what: &str| {
        Failure::Plain(format!(
            "unable to get type info from the object \"*unstructured.Unstructured\": Object {what}"
        ))
    };
    if kind.is_empty() {
        return Some(missing("'Kind' is missing in 'object has no kind field '"));
    }
    if version.is_empty() {
        return Some(missing("'apiVersion' is missing in 'object has no apiVersion field'"));
    }
    if find(server, version, kind).is_none() {
        let quote = go::quote::quote;
        return Some(Failure::NoMatch(format!(
            "unable to recognize no matches for kind {} in version {}",
            quote(kind),
            quote(version)
        )));
    }
    None
}

/// A value's type as Go's JSON decoder calls it.
const fn type_in_go(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Null => "null",
    }
}

/// An object that kubectl can send. The error is kubectl's.
pub fn info(
    server: &ApiServer,
    source: &str,
    object: Value,
    document: Range<usize>,
) -> Result<Info, Failure> {
    let quoted = go::quote::quote(source);
    if object.str("kind").is_empty() {
        let json = to_json(&object);
        let text = format!("unable to decode {quoted}: Object 'Kind' is missing in '{json}'");
        return Err(Failure::Plain(text));
    }
    metadata_error(&object)
        .map_err(|error| Failure::Plain(format!("unable to decode {quoted}: {error}")))?;
    let (version, kind) = (object.str("apiVersion"), object.str("kind"));
    let metadata = &object["metadata"];
    let (name, namespace) = (metadata.str("name"), metadata.str("namespace"));
    let Some(row) = find(server, version, kind) else {
        if kind == "List" && kubernetes::kinds::is_group_version(version) {
            return Err(Failure::Plain(list_without_items(source, version)));
        }
        let quote = go::quote::quote;
        return Err(Failure::NoMatch(format!(
            "resource mapping not found for name: {} namespace: {} from {quoted}: no matches for kind {} in version {}\nensure CRDs are installed first",
            quote(name),
            quote(namespace),
            quote(kind),
            quote(version)
        )));
    };
    Ok(Info {
        kind: row,
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        source: source.to_owned(),
        document,
        object,
    })
}

/// What kubectl says of a `List` that has no items: it is an object of a resource `lists`.
/// Source: client-go restmapper NewDiscoveryRESTMapper.
fn list_without_items(source: &str, version: &str) -> String {
    let group = if version.contains('/') { version.to_owned() } else { format!("/{version}") };
    format!(
        "error when retrieving current configuration of:\nResource: \"{group}, Resource=lists\", GroupVersionKind: \"{group}, Kind=List\"\nName: \"\", Namespace: \"\"\nfrom server for: {}: resource name may not be empty",
        go::quote::quote(source)
    )
}

/// The row of a kind. kubectl also takes the name in lower case.
fn find(server: &ApiServer, version: &str, kind: &str) -> Option<&'static Kind> {
    server.kind(version, kind).or_else(|| {
        let row = server.kind_named(kind)?;
        (row.singular() == kind && row.api_version() == version).then_some(row)
    })
}

/// Checks an object in kubectl itself. Source: kubectl pkg/validation.
fn check_type(object: &Value) -> Result<(), String> {
    let Some(map) = object.as_map() else { return Err("invalid object to validate".to_owned()) };
    let mut wrong = Vec::new();
    for (key, name) in [("apiVersion", "apiVersion"), ("kind", "kind")] {
        match map.get(key) {
            None | Some(Value::Null) => wrong.push(format!("{name} not set")),
            Some(Value::String(_)) => {}
            Some(_) => wrong.push(format!("{name} isn't string type")),
        }
    }
    match wrong.len() {
        0 => {}
        1 => return Err(wrong.concat()),
        _ => return Err(format!("[{}]", wrong.join(", "))),
    }
    let version = object.str("apiVersion");
    if version.matches('/').count() > 1 {
        return Err(format!("unexpected GroupVersion string: {version}"));
    }
    Ok(())
}

/// Metadata must have its types before the object can be sent. Source: cli-runtime
/// metadataValidatingDecoder.
fn metadata_error(object: &Value) -> Result<(), String> {
    let Some(metadata) = object.get("metadata") else { return Ok(()) };
    if metadata.is_null() {
        return Ok(());
    }
    decoding::decode_field(
        types().object_meta(),
        "metadataOnlyObject",
        "metadata",
        metadata,
        Mode::Json,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_split_at_separators() {
        for (text, parts) in [
            ("a: 1\n", &["a: 1\n"][..]),
            ("---\na: 1\n---\nb: 2\n", &["---\na: 1\n", "b: 2\n"]),
            ("a: 1\n--- # x\nb: 2", &["a: 1\n", "b: 2"]),
            ("a: 1\n---\t\nb: 2", &["a: 1\n", "b: 2"]),
            ("a: 1\n --- \nb: 2", &["a: 1\n --- \nb: 2"]),
            ("a: |\n  x\n--- y\nb: 2", &["a: |\n  x\n--- y\nb: 2"]),
            ("", &[]),
        ] {
            let found: Vec<&str> = documents(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, parts, "{text:?}");
        }
    }

    #[test]
    fn errors_count_lines_from_the_document() {
        assert_eq!(
            document("a: 1\nb: @x\n"),
            Err("error converting YAML to JSON: yaml: line 2: found character that cannot start any token".to_owned())
        );
        assert_eq!(
            document("a: 1\na: 2\n").map(|value| to_json(&value)),
            Ok("{\"a\":2}".to_owned())
        );
    }
}
