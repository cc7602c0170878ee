//! Refusals and warnings of the API server as diagnostics: the words of kubectl, the field that
//! they name, and the reason in the words of this page.

use terminal::kubectl::{Failure, message};
use text::{Code, Diagnostic, FileId, Location, Severity, Span};
use yaml::Node;

use super::apply::AppliedObject;
use super::apply::readable::Unparsed;
use kubernetes::crd::Unchecked;
use kubernetes::object::{Value, from_yaml, span_of};
use kubernetes::validation::Rule;

/// The code of a refusal.
pub const REFUSED: &str = "api-server-refuses";
/// The code of a refusal to change a stored object.
pub const CHANGE_REFUSED: &str = "change-refused";
/// The code of objects beyond the limit.
pub const NOT_CHECKED: &str = "objects-not-checked";
/// The code of rules in CEL that are not evaluated.
pub const RULE_NOT_CHECKED: &str = "rule-not-checked";
/// The code of a warning of the API server.
pub const WARNS: &str = "api-server-warns";

/// The node of an object, and its file.
#[derive(Clone, Copy, Debug)]
pub struct DocumentRoot<'a> {
    pub file: FileId,
    pub root: &'a Node,
}

impl DocumentRoot<'_> {
    fn location(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    /// The field at a path. A path that leads nowhere leads to the key `kind`, or to the first key.
    fn field(&self, path: &str) -> Location {
        let span = span_of(self.root, path);
        if span == self.root.written_span() { self.head() } else { self.location(span) }
    }

    /// The key at a path, for a field that should not be there.
    fn key(&self, path: &str) -> Location {
        let span = span_of(self.root, path);
        self.location(key_of(self.root, span).unwrap_or(span))
    }

    fn head(&self) -> Location {
        let kind = self.root.entries().find(|entry| entry.name() == Some("kind"));
        let entry = kind.or_else(|| self.root.entries().next());
        let span = entry.map_or_else(|| first_line(self.root), |entry| entry.key.span);
        self.location(span)
    }

    /// The value of a type at a path of names without indices: the first item that has it counts.
    /// The path of a value in a mapping of strings is that of the mapping.
    fn value_of_type(&self, path: &str, ty: &str) -> Location {
        let steps: Vec<&str> = path.split('.').collect();
        let span = find(self.root, &steps, ty);
        span.map_or_else(|| self.head(), |span| self.location(span))
    }
}

/// The key of the scalar value at a place.
fn key_of(node: &Node, value: Span) -> Option<Span> {
    let in_entry = node.entries().find_map(|entry| {
        if entry.value.as_scalar().is_some() && entry.value.written_span() == value {
            return Some(entry.key.span);
        }
        key_of(&entry.value, value)
    });
    in_entry.or_else(|| node.items().iter().find_map(|item| key_of(item, value)))
}

fn first_line(root: &Node) -> Span {
    let span = root.written_span();
    Span::new(span.start, span.end.min(span.start + 1))
}

fn find(node: &Node, steps: &[&str], ty: &str) -> Option<Span> {
    let (step, rest) = steps.split_first()?;
    if !node.items().is_empty() {
        return node.items().iter().find_map(|item| find(item, steps, ty));
    }
    let entry = node.entries().filter(|entry| entry.name() == Some(step)).last()?;
    if !rest.is_empty() {
        return find(&entry.value, rest, ty);
    }
    let value = &entry.value;
    let inner = value.entries().map(|entry| &entry.value).chain(value.items());
    let wrong = match is_of_type(value, ty) {
        true => Some(value),
        false => inner.into_iter().find(|inner| is_of_type(inner, ty)),
    };
    Some(match wrong.unwrap_or(value) {
        wrong if wrong.as_scalar().is_some() && !wrong.span.is_empty() => wrong.written_span(),
        _ => entry.key.span,
    })
}

/// Returns true if a value has a type of JSON, by its name in messages of the decoder.
fn is_of_type(node: &Node, ty: &str) -> bool {
    match from_yaml(node) {
        Ok(Value::String(_)) => ty == "string",
        Ok(Value::Int(_) | Value::Float(_)) => ty == "number",
        Ok(Value::Bool(_)) => ty == "bool",
        Ok(Value::List(_)) => ty == "array",
        Ok(Value::Map(_)) => ty == "object",
        _ => false,
    }
}

/// The output of kubectl, without the line break at the end.
pub fn message_of(failure: &Failure) -> String {
    message(vec![failure.clone()]).unwrap_or_default().trim_end().to_owned()
}

/// The diagnostics of a refusal: one for each field that it names.
pub fn refusal(place: DocumentRoot<'_>, failure: &Failure) -> Vec<Diagnostic> {
    let text = message_of(failure);
    if let Failure::Server(status) = failure
        && !status.causes.is_empty()
    {
        let head = format!("The {} {} is invalid", status.kind, go::quote::quote(&status.name));
        let mut found: Vec<Diagnostic> = Vec::new();
        for cause in &status.causes {
            let mut one = refused(place.field(&cause.path), format!("{head}: {cause}"));
            if cause.rule == Some(Rule::SelectorMatchesTemplate) {
                one.fixes = super::selector_fixes::fixes(place.file, place.root);
            }
            if !found.iter().any(|known| known.message == one.message) {
                found.push(one);
            }
        }
        return found;
    }
    let unknown = unknown_fields(&text);
    if !unknown.is_empty() {
        let first = text.find("unknown field").unwrap_or(text.len());
        let head = text.get(..first).unwrap_or_default();
        let about = |path: &&str| {
            let path = *path;
            refused(place.key(path), format!("{head}unknown field {}", go::quote::quote(path)))
        };
        return unknown.iter().map(about).collect();
    }
    vec![refused(location_of(place, &text), text)]
}

/// The paths in `unknown field "spec.a", unknown field "spec.b"`.
fn unknown_fields(text: &str) -> Vec<&str> {
    let Some(at) = text.find("strict decoding error: ") else { return Vec::new() };
    let list = text.get(at..).unwrap_or_default();
    let paths = list.split("unknown field \"").skip(1);
    paths.filter_map(|rest| rest.split('"').next()).collect()
}

/// The place that a message without causes names.
fn location_of(place: DocumentRoot<'_>, text: &str) -> Location {
    if let Some((head, rest)) = text.split_once(" into Go struct field ") {
        let path = rest.split(' ').next().unwrap_or_default();
        let path = path.split_once('.').map_or("", |(_, path)| path);
        let ty = head.rsplit(' ').next().unwrap_or_default();
        return place.value_of_type(path, ty);
    }
    let field = WHERE.iter().find(|(part, _)| text.contains(part));
    field.map_or_else(|| place.head(), |(_, path)| place.field(path))
}

/// Parts of messages that name no field, and the field that they are about.
static WHERE: &[(&str, &str)] = &[
    ("no matches for kind", "apiVersion"),
    ("namespaces \"", "metadata.namespace"),
    ("resource name may not be empty", "metadata"),
    ("invalid resource name", "metadata.name"),
    ("already exists", "metadata.name"),
    ("error looking up service account", "spec.serviceAccountName"),
    ("no PriorityClass with name", "spec.priorityClassName"),
    ("generate name", "metadata.generateName"),
];

fn refused(location: Location, message: String) -> Diagnostic {
    let why = why(&message);
    let found = Diagnostic::error(REFUSED, location, message);
    if why.is_empty() { found } else { found.with_help(why) }
}

/// The first object of a file beyond the limit.
pub fn not_checked(place: DocumentRoot<'_>, limit: usize) -> Diagnostic {
    let message =
        format!("Objects from here on are not checked: only the first {limit} of a file are");
    Diagnostic::warning(NOT_CHECKED, place.head(), message)
        .with_help("They count as accepted. Divide the file to have all of them checked.")
}

/// A rule of a CustomResourceDefinition that this page does not evaluate.
pub fn unchecked_rule(place: DocumentRoot<'_>, rule: &Unchecked) -> Diagnostic {
    let span = rule_of(place.root, &rule.rule);
    let location = span.map_or_else(|| place.head(), |span| place.location(span));
    let message = format!("This rule is not checked here: {}", rule.reason);
    Diagnostic::info(RULE_NOT_CHECKED, location, message).with_help(
        "Custom resources count as valid as far as this rule is concerned. A real API server evaluates it.",
    )
}

/// The value of the key `rule` with this text.
fn rule_of(node: &Node, rule: &str) -> Option<Span> {
    let own = node.get("rule").filter(|value| value.text() == Some(rule));
    own.map(Node::written_span)
        .or_else(|| node.entries().find_map(|entry| rule_of(&entry.value, rule)))
        .or_else(|| node.items().iter().find_map(|item| rule_of(item, rule)))
}

/// A document that has no form in JSON.
pub fn unreadable(location: Location, message: String) -> Diagnostic {
    refused(location, message)
}

/// The refusal of a change, made of the diagnostic of a refusal. It belongs to the object that is
/// stored now; a fresh server accepts the text.
pub fn of_change(refusal: Diagnostic) -> Diagnostic {
    let why = refusal.help.clone().map(|why| format!("{why} ")).unwrap_or_default();
    Diagnostic { code: CHANGE_REFUSED.into(), ..refusal }.with_help(format!(
        "{why}The stored object stays as it was. A cluster without this object accepts the text."
    ))
}

/// A warning of the server about an object that it accepts: `spec.a: the words`.
pub fn warning(place: DocumentRoot<'_>, text: &str) -> Diagnostic {
    let path = text.split(": ").next().filter(|path| !path.contains(' ')).unwrap_or_default();
    let location = if path.is_empty() { place.head() } else { place.field(path) };
    let found = Diagnostic::warning(WARNS, location, format!("Warning: {text}"));
    let why = why(text);
    if why.is_empty() { found } else { found.with_help(why) }
}

/// An object that is too large for the annotation of `kubectl apply`.
pub fn only_server_side(place: DocumentRoot<'_>, refusal: &str) -> Diagnostic {
    Diagnostic::info(WARNS, place.head(), refusal.to_owned()).with_help(
        "`kubectl apply` keeps the manifest in an annotation, for which this object is too large. Use `kubectl apply --server-side`, which has no such annotation. The page takes the object as stored that way.",
    )
}

/// An object that the server accepts only when the files are applied again.
pub fn only_the_second_time(place: DocumentRoot<'_>, first: &str) -> Diagnostic {
    Diagnostic::warning(WARNS, location_of(place, first), first.to_owned()).with_help(
        "The first `kubectl apply` of these files refuses the object, because what it needs comes later in the workspace. A second one accepts it. Move the other object before this one.",
    )
}

/// The diagnostics of a file: those of its objects, with help and fixes from our own check of the
/// schema where both are about one place. What only our check calls an error is dropped, and is
/// advice in documents that kubectl cannot read.
pub fn of_file<'a>(
    objects: impl Iterator<Item = &'a AppliedObject>,
    unparsed: &[&Unparsed],
    ours: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut judged: Vec<Span> = Vec::new();
    for object in objects {
        judged.push(object.location.span);
        found.extend(object.diagnostics.iter().cloned().map(|mut verdict| {
            let span = verdict.location.span;
            let same = |one: &&Diagnostic| touches(one.location.span, span);
            if verdict.severity == Severity::Error
                && let Some(same) = ours.iter().find(same)
            {
                verdict.fixes.clone_from(&same.fixes);
            }
            verdict
        }));
    }
    let is_judged = |span: Span| judged.iter().any(|whole| touches(*whole, span));
    let is_unparsed = |span: Span| unparsed.iter().any(|one| one.holds(span.start));
    found.extend(ours.into_iter().filter_map(|mut one| match one.severity {
        Severity::Error if one.code == "duplicate-key" => Some(advice_on_duplicate(one)),
        Severity::Error if is_unparsed(one.location.span) => {
            one.severity = Severity::Warning;
            Some(one)
        }
        Severity::Error if is_judged(one.location.span) => None,
        _ => Some(one),
    }));
    found
}

fn touches(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// kubectl keeps the last of two equal keys without a word.
fn advice_on_duplicate(mut one: Diagnostic) -> Diagnostic {
    one.severity = Severity::Info;
    one.help = Some(
        "kubectl keeps the last of equal keys and drops the others. Prometheus refuses them in its own files. Delete one of them, or merge both.".to_owned(),
    );
    one
}

/// Puts kubectl's message before ours at the first mistake in each document that it cannot parse.
pub fn put_kubectl_first(found: &mut [Diagnostic], unparsed: &[Unparsed]) {
    for document in unparsed {
        let is_first = |one: &&mut Diagnostic| {
            one.location.file == document.file
                && document.holds(one.location.span.start)
                && one.severity == Severity::Error
                && one.code.starts_with("yaml-")
        };
        let Some(first) = found.iter_mut().find(is_first) else { continue };
        let ours = std::mem::replace(&mut first.message, document.message.clone());
        let ours = ours.split(" (yaml: ").next().unwrap_or_default();
        let help = first.help.take().unwrap_or_default();
        first.help = Some(format!("{ours}. {help}").trim_end().to_owned());
    }
}

/// The reason for the first row whose text is part of the message.
fn why(message: &str) -> &'static str {
    WHY.iter().find(|(part, _)| message.contains(part)).map_or("", |(_, why)| why)
}

/// Parts of messages, and what they mean. The first that matches counts.
static WHY: &[(&str, &str)] = &[
    (
        "unknown field",
        "kubectl asks for strict decoding, so a field that the type does not have is an error. Without it the server drops the field. Look for a typing error or a wrong indentation.",
    ),
    (
        "cannot unmarshal string",
        "The value is text. Remove the quotes, or the characters that keep it from being a number or a boolean.",
    ),
    (
        "cannot unmarshal number",
        "The value is read as a number. Put it in quotes to make it a string.",
    ),
    (
        "cannot unmarshal bool",
        "YAML 1.1 reads `yes`, `no`, `on`, `off`, `true` and `false` as booleans. Put the value in quotes to make it a string.",
    ),
    ("cannot unmarshal array", "The field does not take a list. Remove the dash."),
    (
        "cannot unmarshal object",
        "The field does not take a mapping. Check the indentation of the lines below it; a list needs a dash before each item.",
    ),
    (
        "quantities must match",
        "A quantity is a number with an optional suffix: `500m`, `0.5`, `128Mi`, `1Gi`.",
    ),
    (
        "no matches for kind",
        "The API server does not serve this kind in this version. Check `apiVersion` and `kind`. A custom resource needs its CustomResourceDefinition first.",
    ),
    (
        "not set",
        "kubectl finds the type of an object by `apiVersion` and `kind`. Both are required in each document.",
    ),
    ("namespaces \"", "A namespace is an object, too. Create it before the objects in it."),
    (
        "selector` does not match template",
        "A controller finds its pods by the labels of the template, so its selector has to match them.",
    ),
    (
        "field is immutable",
        "The field cannot change after creation. Delete the object and create it again.",
    ),
    (
        "a lowercase RFC 1123",
        "The name becomes part of a DNS name or a URL, so only lowercase letters, digits and `-` are allowed.",
    ),
    (
        "a DNS-1035 label",
        "The name of a Service becomes a DNS label. It begins with a letter, and has lowercase letters, digits and `-` only.",
    ),
    ("must be between 1 and 65535", "Ports are numbers from 1 to 65535."),
    (
        "already allocated",
        "Another object uses this value. Leave the field out, and the server chooses a free one.",
    ),
    (
        "exceeded quota",
        "A ResourceQuota limits the namespace, and this object would exceed what is left of it.",
    ),
    (
        "must be less than or equal to",
        "A container cannot request more than its limit. The scheduler uses requests, the kubelet enforces limits.",
    ),
    ("LimitRange", "A LimitRange of the namespace bounds the resources of each container."),
    ("Duplicate value", "The values in this list or their keys must be unique."),
    (
        "Not found: ",
        "The name refers to something that has to be declared in the same object, such as a volume.",
    ),
    (
        "Unsupported value",
        "The field takes one of a fixed set of values, in exactly this notation.",
    ),
    ("Required value", "The field has no default, so it has to be written."),
];

/// The codes of this file.
pub static CODES: &[Code] = &[
    Code {
        code: REFUSED,
        title: "The API server refuses this",
        doc: "`kubectl apply` on a fresh cluster fails for this object, with the message that is shown. The object is not created, and nothing on the other pages takes it into account.",
        example: "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 0\n",
    },
    Code {
        code: NOT_CHECKED,
        title: "Objects that are not checked",
        doc: "Only the first objects of a file are applied to the API server of this page, so that the page stays quick. The others have no verdict, and count as accepted.",
        example: "apiVersion: v1\nkind: List\nitems: [] # with more than 500 objects\n",
    },
    Code {
        code: RULE_NOT_CHECKED,
        title: "A rule that is not checked",
        doc: "A CustomResourceDefinition can have rules in CEL. This page evaluates the usual part of the language. Rules with other functions or macros have no verdict here, and custom resources count as valid for them.",
        example: "x-kubernetes-validations:\n- rule: self.host == url(self.address).getHost()\n",
    },
    Code {
        code: CHANGE_REFUSED,
        title: "The API server refuses this change",
        doc: "The object is stored with another value in a field that cannot change. `kubectl apply` fails for it, and the stored object stays as it was. The text itself is right: a cluster without the object accepts it. Take the change back, or delete the object and create it again.",
        example: "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector:\n    matchLabels:\n      app: web-2 # stored as: web\n  template:\n    metadata:\n      labels:\n        app: web-2\n    spec:\n      containers:\n      - name: web\n        image: nginx\n",
    },
    Code {
        code: WARNS,
        title: "Accepted, but the API server warns",
        doc: "The API server creates the object and prints this warning. Often a field has no effect, is deprecated, or is not what it seems to be.",
        example: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx\n    env:\n    - {name: A, value: '1'}\n    - {name: A, value: '2'}\n",
    },
];
