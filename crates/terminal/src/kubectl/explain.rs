//! `kubectl explain`: the fields of a kind with their descriptions.
//!
//! Source: kubectl pkg/cmd/explain/explain.go, pkg/explain/v2/templates/plaintext.tmpl.

use kubernetes::kinds::Kind;
use kubernetes::object::Value;
use kubernetes::openapi;
use kubernetes::types::{Field, Type, TypeId, types};

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::{Kubectl, Session, plain, plain_failure};

/// Flags of `explain`.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("api-version", Form::Text),
    Flag::new("max-depth", Form::Int),
    Flag::short("output", 'o', Form::Text),
    Flag::new("recursive", Form::Switch),
];

/// Columns of a description, and of its indentation.
const WIDTH: usize = 76;
/// Values of an enumeration that a list of fields shows.
const MOST_VALUES: usize = 4;
/// Levels of fields that are printed at most.
const DEEPEST: usize = 32;

/// The schema of a value.
#[derive(Clone, Debug)]
enum Shape {
    /// A value without fields of its own: the name of its type, the description of the type.
    Scalar {
        name: String,
        description: u16,
    },
    Struct(TypeId),
    List(Box<Shape>),
    Map(Box<Shape>),
    /// Part of the schema of a custom resource.
    Custom(Value),
    /// A custom resource, whose definition leaves out what all objects have.
    CustomObject(Value),
}

/// A field of an object.
#[derive(Clone, Debug)]
struct Property {
    key: String,
    description: String,
    values: Vec<String>,
    required: bool,
    shape: Shape,
}

/// The descriptions by number.
#[derive(Clone, Copy)]
struct Texts<'a>(&'a [String]);

impl Texts<'_> {
    fn get(&self, number: u16) -> &str {
        self.0.get(usize::from(number)).map_or("", String::as_str)
    }
}

/// The name of a type, without its package.
fn short(go: &str) -> &str {
    go.rsplit('.').next().unwrap_or(go)
}

fn shape_of(ty: &Type, go: &str) -> Shape {
    let scalar = |name: &str| Shape::Scalar { name: name.to_owned(), description: 0 };
    let named = |name: &str, shown: &str| Shape::Scalar {
        name: shown.to_owned(),
        description: types().scalar_description(name),
    };
    match ty {
        Type::String | Type::Bytes => scalar("string"),
        Type::Bool => scalar("boolean"),
        Type::Int32 | Type::Int64 => scalar("integer"),
        Type::Float => scalar("number"),
        Type::Quantity => named("Quantity", "Quantity"),
        Type::IntOrString => named("IntOrString", "IntOrString"),
        Type::Time => named(if short(go) == "MicroTime" { "MicroTime" } else { "Time" }, "string"),
        Type::Any if go.is_empty() => scalar("Object"),
        Type::Any => named(short(go), short(go)),
        Type::List(item) => Shape::List(Box::new(shape_of(item, go))),
        Type::Map(item) => Shape::Map(Box::new(shape_of(item, go))),
        Type::Struct(id) => Shape::Struct(*id),
    }
}

/// The values that a description lists.
fn values_of(description: &str) -> Vec<String> {
    let Some((_, list)) = description.split_once("\n\nPossible enum values:\n") else {
        return Vec::new();
    };
    let value = |line: &str| {
        let rest = line.strip_prefix(" - `\"")?;
        Some(rest.split_once("\"`")?.0.to_owned())
    };
    list.lines().filter_map(value).collect()
}

impl Property {
    fn of_field(field: &Field, texts: Texts<'_>) -> Self {
        let description = texts.get(field.description).to_owned();
        Self {
            key: field.key.to_owned(),
            values: values_of(&description),
            description,
            // The schemas of the table require the metadata of each object; those of the API do not.
            required: field.required && field.key != "metadata",
            shape: shape_of(&field.ty, field.go),
        }
    }

    fn of_custom(key: &str, schema: &Value, required: &[Value]) -> Self {
        let values = schema.list("enum").iter();
        Self {
            key: key.to_owned(),
            description: schema.str("description").to_owned(),
            values: values.map(kubernetes::object::go_value).collect(),
            required: required.iter().any(|one| one.as_str() == Some(key)),
            shape: Shape::Custom(schema.clone()),
        }
    }
}

impl Shape {
    /// The fields of the value, of its items or of its entries, sorted by name.
    fn properties(&self, texts: Texts<'_>) -> Vec<Property> {
        match self {
            Self::Scalar { .. } => Vec::new(),
            Self::Struct(id) => {
                let fields = types().get(*id).fields.iter();
                fields.map(|field| Property::of_field(field, texts)).collect()
            }
            Self::List(item) | Self::Map(item) => item.properties(texts),
            Self::Custom(schema) => match inner(schema) {
                Some(inner) => Self::Custom(inner.clone()).properties(texts),
                None => custom_properties(schema),
            },
            Self::CustomObject(schema) => {
                let config_map = types().kind("v1", "ConfigMap").unwrap_or_default();
                let common = Self::Struct(config_map).properties(texts).into_iter();
                let own = custom_properties(schema).into_iter();
                let is_common = |key: &str| matches!(key, "apiVersion" | "kind" | "metadata");
                let mut all: Vec<Property> = common
                    .filter(|property| is_common(&property.key))
                    .chain(own.filter(|property| !is_common(&property.key)))
                    .collect();
                all.sort_by(|a, b| a.key.cmp(&b.key));
                all
            }
        }
    }

    /// The type as explain calls it: `string`, `[]Container`, `map[string]Quantity`.
    fn name(&self) -> String {
        match self {
            Self::Scalar { name, .. } => name.clone(),
            Self::Struct(id) => types().get(*id).short_name().to_owned(),
            Self::List(item) => format!("[]{}", item.name()),
            Self::Map(item) => format!("map[string]{}", item.name()),
            Self::CustomObject(_) => "Object".to_owned(),
            Self::Custom(schema) => match (inner(schema), schema.str("type")) {
                (Some(item), _) if schema.has("items") => {
                    format!("[]{}", Self::Custom(item.clone()).name())
                }
                (Some(item), _) => format!("map[string]{}", Self::Custom(item.clone()).name()),
                (None, "" | "object") => "Object".to_owned(),
                (None, ty) => ty.to_owned(),
            },
        }
    }

    /// The descriptions of the type, of its items or its entries.
    fn describe(&self, texts: Texts<'_>, text: &mut String) {
        let mut push = |description: &str| {
            if !description.is_empty() {
                text.push_str(description);
                text.push('\n');
            }
        };
        match self {
            Self::Scalar { description, .. } => push(texts.get(*description)),
            Self::Struct(id) => push(texts.get(types().get(*id).description)),
            Self::List(item) | Self::Map(item) => item.describe(texts, text),
            Self::CustomObject(schema) => push(schema.str("description")),
            Self::Custom(schema) => {
                if let Some(inner) = inner(schema) {
                    push(inner.str("description"));
                    Self::Custom(inner.clone()).describe(texts, text);
                }
            }
        }
    }

    /// The type, if it can contain itself.
    fn reference(&self) -> Option<TypeId> {
        match self {
            Self::Struct(id) => Some(*id),
            Self::List(item) | Self::Map(item) => item.reference(),
            _ => None,
        }
    }
}

/// The schema of the items or the entries of a custom value.
fn inner(schema: &Value) -> Option<&Value> {
    let parts = ["items", "additionalProperties"].map(|key| &schema[key]);
    parts.into_iter().find(|part| part.as_map().is_some())
}

fn custom_properties(schema: &Value) -> Vec<Property> {
    let required = schema.list("required");
    let entries = schema.entries("properties");
    entries.map(|(key, schema)| Property::of_custom(key, schema, required)).collect()
}

/// What is printed: the fields below a path, or all of them with their levels.
#[derive(Clone, Copy)]
struct Options {
    recursive: bool,
    /// Levels that a recursive list has at most; 0 for all.
    max_depth: usize,
}

impl Kubectl<'_> {
    /// `kubectl explain`.
    pub(super) fn explain(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let word = match &arguments.words[..] {
            [] => {
                return plain(
                    "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
                );
            }
            [word] => word,
            _ => return plain("We accept only this format: explain RESOURCE\n"),
        };
        let output = arguments.text("output").unwrap_or("plaintext");
        if !matches!(output, "plaintext" | "plaintext-openapiv2") {
            let quoted = go::quote::quote(output);
            return plain(format!(
                "unable to find template for output {quoted}, only plaintext is simulated"
            ));
        }
        let options = Options {
            recursive: arguments.is("recursive"),
            max_depth: arguments
                .int("max-depth")
                .and_then(|depth| usize::try_from(depth).ok())
                .unwrap_or_default(),
        };
        let result = self.explained(word, arguments.text("api-version"), options, session);
        result.err().into_iter().collect()
    }

    fn explained(
        &mut self,
        word: &str,
        version: Option<&str>,
        options: Options,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let (kind, path) = self.explained_kind(word)?;
        let kind = match version.filter(|version| *version != kind.api_version()) {
            None => kind,
            Some(version) => kubernetes::kinds::find(version, kind.kind).ok_or_else(|| {
                let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
                let resource = kind.plural;
                plain_failure(format!(
                    "couldn't find resource for \"{group}/{version}, Resource={resource}\""
                ))
            })?,
        };
        let texts = match (self.desk.descriptions, openapi::bundled()) {
            (Some(texts), _) | (None, Some(texts)) => Texts(texts),
            (None, None) => {
                return Err(plain_failure(
                    "the descriptions of the fields have not been loaded yet; try again in a moment",
                ));
            }
        };
        if !kind.group.is_empty() {
            session.print(&format!("GROUP:      {}", kind.group));
        }
        session.print(&format!("KIND:       {}\nVERSION:    {}\n", kind.kind, kind.version));
        let text = body(self.shape(kind), &path, texts, options)?;
        session.print(&text);
        Ok(())
    }

    /// The kind that a word begins with, and the path of fields behind it.
    fn explained_kind(&self, word: &str) -> Result<(&'static Kind, Vec<String>), Failure> {
        let parts: Vec<&str> = word.trim_end_matches('.').split('.').collect();
        // `deployments.apps.spec`: the longest name with a group comes first.
        for count in (1..=parts.len()).rev() {
            let (name, path) = parts.split_at(count);
            if let Ok(kind) = self.resource(&name.join(".")) {
                return Ok((kind, path.iter().map(|part| (*part).to_owned()).collect()));
            }
        }
        let quoted = go::quote::quote(parts.first().copied().unwrap_or_default());
        Err(Failure::Bare(format!("the server doesn't have a resource type {quoted}")))
    }

    fn shape(&self, kind: &'static Kind) -> Shape {
        match kind.type_id() {
            Some(id) => Shape::Struct(id),
            None => Shape::CustomObject(self.server.custom_schema(kind).unwrap_or_default()),
        }
    }
}

/// What follows the head, without the last line break: the field, its description, and the fields below it.
fn body(
    mut shape: Shape,
    path: &[String],
    texts: Texts<'_>,
    options: Options,
) -> Result<String, Failure> {
    let mut text = String::new();
    let mut description = String::new();
    let missing = || {
        let name = path.last().map_or("", String::as_str);
        plain_failure(format!("field \"{name}\" does not exist"))
    };
    for (at, name) in path.iter().enumerate() {
        let properties = shape.properties(texts);
        let Some(property) = properties.into_iter().find(|one| one.key == *name) else {
            return Err(missing());
        };
        description.clone_from(&property.description);
        if at + 1 == path.len() {
            text.push_str(&format!("FIELD: {name} <{}>\n", property.shape.name()));
            if !property.values.is_empty() {
                text.push_str("ENUM:");
                property
                    .values
                    .iter()
                    .for_each(|one| text.push_str(&format!("\n    {}", value(one))));
            }
            text.push_str("\n\n");
        }
        shape = property.shape;
    }
    if !description.is_empty() {
        description.push('\n');
    }
    shape.describe(texts, &mut description);
    if description.is_empty() {
        "<empty>".clone_into(&mut description);
    }
    text.push_str(&format!("DESCRIPTION:\n{}\n", indented(&wrapped(&description, WIDTH), 4)));
    let mut fields = String::new();
    list(&shape, 1, &mut Vec::new(), texts, options, &mut fields);
    if !fields.is_empty() {
        text.push_str("FIELDS:\n");
        text.push_str(&fields);
    }
    Ok(text)
}

/// Adds the fields of a value; with `recursive` those below them too.
fn list(
    shape: &Shape,
    level: usize,
    above: &mut Vec<TypeId>,
    texts: Texts<'_>,
    options: Options,
    text: &mut String,
) {
    let reference = shape.reference();
    if level > DEEPEST || reference.is_some_and(|id| above.contains(&id)) {
        return;
    }
    above.extend(reference);
    for property in shape.properties(texts) {
        detail(&property, level, options.recursive, text);
        if options.recursive && (options.max_depth == 0 || level < options.max_depth) {
            list(&property.shape, level + 1, above, texts, options, text);
        }
    }
    if reference.is_some() {
        above.pop();
    }
}

/// Adds one field: its name and type, and its description if `short` is false.
fn detail(property: &Property, level: usize, short: bool, text: &mut String) {
    let amount = level * 2;
    let pad = " ".repeat(amount);
    text.push_str(&format!("{pad}{}\t<{}>", property.key, property.shape.name()));
    if property.required {
        text.push_str(" -required-");
    }
    if !property.values.is_empty() {
        let shown: Vec<&str> =
            property.values.iter().take(MOST_VALUES).map(|one| value(one)).collect();
        let more = if property.values.len() > MOST_VALUES { ", ...." } else { "" };
        text.push_str(&format!("\n{pad}enum: {}{more}", shown.join(", ")));
    }
    text.push('\n');
    if !short {
        let description = match &*property.description {
            "" => "<no description>",
            description => description,
        };
        text.push_str(&indented(&wrapped(description, 78 - amount.min(78)), amount + 2));
        text.push_str("\n\n");
    }
}

/// A value of an enumeration; the empty one is visible.
fn value(text: &str) -> &str {
    if text.is_empty() { "\"\"" } else { text }
}

fn indented(text: &str, amount: usize) -> String {
    let pad = " ".repeat(amount);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

/// Breaks lines at spaces. A word that is too long stays whole, and so do several spaces.
/// Source: github.com/mitchellh/go-wordwrap.
fn wrapped(text: &str, limit: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    let (mut column, mut word, mut space) = (0, String::new(), String::new());
    let (mut word_length, mut space_length) = (0, 0);
    for c in text.chars() {
        if c == '\n' {
            if word_length > 0 || column + space_length <= limit {
                wrapped.push_str(&space);
            }
            wrapped.push_str(&word);
            wrapped.push('\n');
            (column, word_length, space_length) = (0, 0, 0);
            word.clear();
            space.clear();
        } else if c.is_whitespace() && c != '\u{a0}' {
            if space_length == 0 || word_length > 0 {
                column += space_length + word_length;
                wrapped.push_str(&space);
                wrapped.push_str(&word);
                (word_length, space_length) = (0, 0);
                word.clear();
                space.clear();
            }
            space.push(c);
            space_length += 1;
        } else {
            word.push(c);
            word_length += 1;
            if column + word_length + space_length > limit && word_length < limit {
                wrapped.push('\n');
                (column, space_length) = (0, 0);
                space.clear();
            }
        }
    }
    if word_length > 0 || column + space_length <= limit {
        wrapped.push_str(&space);
    }
    wrapped.push_str(&word);
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        for (text, limit, expected) in [
            ("one two three", 7, "one two\nthree"),
            ("one  two", 20, "one  two"),
            ("see https://example.com/long now", 8, "see\nhttps://example.com/long\nnow"),
            ("a\n\nb c", 3, "a\n\nb c"),
            ("end\n", 10, "end\n"),
        ] {
            assert_eq!(wrapped(text, limit), expected, "{text}");
        }
    }

    #[test]
    fn descriptions_list_the_values_of_enumerations() {
        let text = "Type.\n\nPossible enum values:\n - `\"A\"` is a.\n - `\"B\"`";
        assert_eq!(values_of(text), ["A", "B"]);
        assert_eq!(values_of("No values."), Vec::<String>::new());
    }

    #[test]
    fn recursion_ends_at_a_type_that_contains_itself() {
        let mut server = cluster::ApiServer::new(0, 1);
        let mut kubectl = Kubectl::new(&mut server, &|_: &str| None, "default");
        let output = kubectl.run(&["explain", "crd.spec.versions.schema", "--recursive"]);
        assert_eq!(output.exit, 0, "{}", output.stderr);
        assert!(output.stdout.lines().count() < 200, "{}", output.stdout);
        let output = kubectl.run(&["explain", "pod.spec.restartPolicy"]);
        assert!(output.stdout.contains("ENUM:\n    Always\n    Never\n    OnFailure\n\nDESC"));
    }
}
