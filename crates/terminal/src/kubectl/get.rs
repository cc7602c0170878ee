//! `kubectl get`: tables, names and YAML of stored objects.
//!
//! Source: kubectl pkg/cmd/get, cli-runtime pkg/resource.

use cluster::Status;
use cluster::apiserver::Reason;
use kubernetes::columns::Column;
use kubernetes::kinds::Kind;
use kubernetes::object::{Value, to_yaml};
use selectors::{LabelOperator, LabelTerm, parse_labels};

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::{Kubectl, Session, table};

/// The kinds of the category `all`, in the order in which the server names them.
pub(super) const ALL: &[&str] = &[
    "pods",
    "replicationcontrollers",
    "services",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
    "horizontalpodautoscalers",
    "cronjobs",
    "jobs",
];

/// Flags of `get` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::short("label-columns", 'L', Form::List),
    Flag::new("show-labels", Form::Switch),
    Flag::new("no-headers", Form::Switch),
    Flag::new("ignore-not-found", Form::Switch),
    Flag::new("show-kind", Form::Switch),
];

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Table { wide: bool },
    Name,
    Yaml,
}

/// Objects of one kind.
struct Group {
    kind: &'static Kind,
    objects: Vec<Value>,
}

/// What was found.
#[derive(Default)]
struct Found {
    groups: Vec<Group>,
    /// One object was named, and no list was asked for.
    single: bool,
}

impl Kubectl<'_> {
    pub(crate) fn get(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let format = match arguments.text("output").unwrap_or_default() {
            "" => Format::Table { wide: false },
            "wide" => Format::Table { wide: true },
            "name" => Format::Name,
            "yaml" => Format::Yaml,
            other => {
                return plain(format!("the terminal does not know the output format {other:?}"));
            }
        };
        let Some(first) = arguments.words.first() else {
            return plain("You must specify the type of resource to get.".to_owned());
        };
        let words = if arguments.words.len() == 1 && first == "all" {
            vec![ALL.join(",")]
        } else {
            arguments.words.clone()
        };
        let (found, failures) = match self.find(&words, arguments, session) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let printed = match format {
            Format::Table { wide } => self.tables(&found, wide, arguments),
            Format::Name => Ok(names(&found)),
            Format::Yaml => Ok(yaml(&found)),
        };
        match printed {
            Ok(text) => {
                session.output.stdout.push_str(&text);
                let nothing = found.groups.iter().all(|group| group.objects.is_empty())
                    && !arguments.is("ignore-not-found");
                if nothing && failures.is_empty() && matches!(format, Format::Table { .. }) {
                    session.note(&self.nothing(&found, arguments));
                }
                failures
            }
            Err(failure) => vec![failure],
        }
    }

    /// The line for an empty table.
    fn nothing(&self, found: &Found, arguments: &Arguments) -> String {
        let namespaced = found.groups.iter().all(|group| group.kind.namespaced);
        if namespaced && !all_namespaces(arguments) {
            let namespace = arguments.namespace().unwrap_or(self.namespace);
            format!("No resources found in {namespace} namespace.")
        } else {
            "No resources found".to_owned()
        }
    }

    /// Finds what the words name: `pods`, `pods a b`, `pods,svc`, `pod/a svc/b`.
    fn find(
        &self,
        words: &[String],
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(Found, Vec<Failure>), Failure> {
        let (mut found, mut failures) = (Found::default(), Vec::new());
        let mut requests: Vec<(&'static Kind, Option<&str>)> = Vec::new();
        if words.iter().any(|word| word.contains('/')) {
            for word in words {
                let Some((kind, name)) = word.split_once('/') else {
                    return Err(Failure::Plain("there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'".to_owned()));
                };
                requests.push((self.resource(kind)?, Some(name)));
            }
        } else if let Some((kinds, names)) = words.split_first() {
            for kind in kinds.split(',') {
                let kind = self.resource(kind)?;
                if names.is_empty() {
                    requests.push((kind, None));
                }
                requests.extend(names.iter().map(|name| (kind, Some(&**name))));
            }
        }
        let selector = arguments.text("selector");
        let named = requests.iter().any(|(_, name)| name.is_some());
        if named && selector.is_some() {
            let message =
                "selectors and the all flag cannot be used when passing resource/name arguments";
            return Err(Failure::Plain(message.to_owned()));
        }
        if named && all_namespaces(arguments) {
            let message = "a resource cannot be retrieved by name across all namespaces";
            return Err(Failure::Plain(message.to_owned()));
        }
        found.single = named && requests.len() == 1;
        for (kind, name) in requests {
            session.warn(&kind.deprecated.map(str::to_owned).into_iter().collect::<Vec<_>>());
            let objects = match name {
                None => self.list(kind, selector, arguments)?,
                Some(name) => {
                    let namespace = arguments.namespace().unwrap_or(self.namespace);
                    match self.server.get(kind, namespace, name) {
                        Ok(object) => vec![object],
                        Err(_) if arguments.is("ignore-not-found") => Vec::new(),
                        Err(status) => {
                            failures.push(status.into());
                            Vec::new()
                        }
                    }
                }
            };
            match found.groups.last_mut().filter(|group| std::ptr::eq(group.kind, kind)) {
                Some(group) => group.objects.extend(objects),
                None => found.groups.push(Group { kind, objects }),
            }
        }
        Ok((found, failures))
    }

    pub(super) fn resource(&self, word: &str) -> Result<&'static Kind, Failure> {
        self.server.kind_named(word).ok_or_else(|| {
            let quoted = go::quote::quote(word);
            Failure::Plain(format!("the server doesn't have a resource type {quoted}"))
        })
    }

    /// Objects of a kind, sorted by namespace and name.
    pub(super) fn list(
        &self,
        kind: &'static Kind,
        selector: Option<&str>,
        arguments: &Arguments,
    ) -> Result<Vec<Value>, Failure> {
        let text = selector.unwrap_or_default();
        let terms = parse_labels(text).map_err(|error| {
            let group = if kind.group.is_empty() { "" } else { kind.group };
            let resource = format!("{group}/{}, Resource={}", kind.version, kind.plural);
            let message = format!(
                "Unable to find {} that match label selector {}, field selector \"\": {error}",
                go::quote::quote(&resource),
                go::quote::quote(text)
            );
            Failure::from(Status::new(Reason::BadRequest, message))
        })?;
        let namespace = if all_namespaces(arguments) || !kind.namespaced {
            ""
        } else {
            arguments.namespace().unwrap_or(self.namespace)
        };
        let stored = self.server.storage.list(kind.group, kind.kind, namespace);
        let chosen = stored.filter(|(_, object)| {
            let labels = &object["metadata"]["labels"];
            terms
                .iter()
                .all(|term| matches_label(term, labels.get(term.key).and_then(Value::as_str)))
        });
        Ok(chosen.map(|(_, object)| object.clone()).collect())
    }

    /// One table for each kind.
    fn tables(&self, found: &Found, wide: bool, arguments: &Arguments) -> Result<String, Failure> {
        let is = |flag: &str| arguments.is(flag);
        let labels = arguments.list("label-columns");
        let first = found.groups.first().map(|group| group.kind.kind);
        let several = found.groups.iter().any(|group| Some(group.kind.kind) != first);
        let shape = Shape {
            wide,
            headers: !is("no-headers"),
            labels,
            all_labels: is("show-labels"),
            kind: several || is("show-kind"),
            all_namespaces: all_namespaces(arguments),
            now: self.server.time(),
        };
        let mut text = String::new();
        for group in found.groups.iter().filter(|group| !group.objects.is_empty()) {
            if group.kind.columns.is_empty() {
                let resource = group.kind.resource();
                let message = format!("the terminal does not know the columns of {resource}");
                return Err(Failure::Plain(message));
            }
            if !text.is_empty() && shape.headers {
                text.push('\n');
            }
            text.push_str(&table::lines(&shape.rows(group)));
        }
        Ok(text)
    }
}

/// What a table shows besides the columns of its kind.
struct Shape<'a> {
    wide: bool,
    headers: bool,
    /// Labels that have a column.
    labels: Vec<&'a str>,
    /// A column holds all labels.
    all_labels: bool,
    /// Names begin with the kind.
    kind: bool,
    all_namespaces: bool,
    now: i64,
}

impl Shape<'_> {
    fn rows(&self, group: &Group) -> Vec<Vec<String>> {
        let shown = |column: &&Column| self.wide || !column.wide;
        let columns: Vec<&Column> = group.kind.columns.iter().filter(shown).collect();
        let namespace = self.all_namespaces && group.kind.namespaced;
        let mut rows = Vec::new();
        if self.headers {
            let mut row: Vec<String> = Vec::new();
            row.extend(namespace.then(|| "NAMESPACE".to_owned()));
            row.extend(columns.iter().map(|column| column.name.to_owned()));
            row.extend(
                self.labels
                    .iter()
                    .map(|label| label.rsplit('/').next().unwrap_or_default().to_uppercase()),
            );
            row.extend(self.all_labels.then(|| "LABELS".to_owned()));
            rows.push(row);
        }
        for object in &group.objects {
            let metadata = &object["metadata"];
            let mut row: Vec<String> = Vec::new();
            row.extend(namespace.then(|| metadata.str("namespace").to_owned()));
            for (number, column) in columns.iter().enumerate() {
                let cell = (column.cell)(object, self.now);
                let prefixed = self.kind && number == 0;
                row.push(if prefixed { format!("{}/{cell}", group.kind.printed()) } else { cell });
            }
            row.extend(self.labels.iter().map(|label| metadata["labels"].str(label).to_owned()));
            row.extend(self.all_labels.then(|| kubernetes::columns::labels(&metadata["labels"])));
            rows.push(row);
        }
        rows
    }
}

fn plain(message: String) -> Vec<Failure> {
    vec![Failure::Plain(message)]
}

fn all_namespaces(arguments: &Arguments) -> bool {
    arguments.is("all-namespaces")
}

fn names(found: &Found) -> String {
    let groups = found.groups.iter();
    let lines = groups.flat_map(|group| {
        let kind = group.kind.printed();
        group.objects.iter().map(move |one| format!("{kind}/{}\n", one["metadata"].str("name")))
    });
    lines.collect()
}

/// One object, or all in a List.
fn yaml(found: &Found) -> String {
    let objects: Vec<Value> =
        found.groups.iter().flat_map(|group| group.objects.iter().cloned()).collect();
    if found.single {
        return objects.first().map(|object| to_yaml(&bare(object))).unwrap_or_default();
    }
    let mut list = Value::map();
    list.set("apiVersion", "v1");
    list.set("items", objects.iter().map(bare).collect::<Vec<_>>());
    list.set("kind", "List");
    list.entry("metadata").set("resourceVersion", "");
    to_yaml(&list)
}

/// The object without its managed fields.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    object.entry("metadata").remove("managedFields");
    object
}

/// Returns true if the value of a label meets a requirement. Source: apimachinery pkg/labels.
fn matches_label(term: &LabelTerm<'_>, value: Option<&str>) -> bool {
    let number = |text: &str| text.parse::<i64>().ok();
    let bound = term.values.first().copied().and_then(number);
    match (term.operator, value) {
        (LabelOperator::In, value) => value.is_some_and(|value| term.values.contains(&value)),
        (LabelOperator::NotIn, value) => value.is_none_or(|value| !term.values.contains(&value)),
        (LabelOperator::Exists, value) => value.is_some(),
        (LabelOperator::DoesNotExist, value) => value.is_none(),
        (LabelOperator::Greater, value) => {
            value.and_then(number).zip(bound).is_some_and(|(value, bound)| value > bound)
        }
        (LabelOperator::Less, value) => {
            value.and_then(number).zip(bound).is_some_and(|(value, bound)| value < bound)
        }
    }
}
