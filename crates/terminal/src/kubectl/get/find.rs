//! The objects that words and selectors of a reading command name.
//!
//! Source: cli-runtime pkg/resource/builder.go, visitor.go.

use cluster::Status;
use cluster::apiserver::Reason;
use kubernetes::kinds::{KINDS, Kind};
use kubernetes::object::Value;
use selectors::{LabelOperator, LabelTerm, parse_labels};

use super::{ALL, fields};
use crate::kubectl::errors::Failure;
use crate::kubectl::flags::Arguments;
use crate::kubectl::{Kubectl, Session, plain_failure};

/// Objects of one kind.
pub(crate) struct Group {
    pub kind: &'static Kind,
    pub objects: Vec<Value>,
}

/// The result of a search.
#[derive(Default)]
pub(crate) struct Found {
    pub groups: Vec<Group>,
    /// One object was named, and no list was asked for.
    pub single: bool,
    /// Objects were named, and no list was asked for.
    pub named: bool,
}

impl Found {
    /// All objects with their kinds, in order.
    pub fn objects(&self) -> impl Iterator<Item = (&'static Kind, &Value)> {
        self.groups.iter().flat_map(|group| group.objects.iter().map(|one| (group.kind, one)))
    }

    pub fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.objects.is_empty())
    }

    fn add(&mut self, kind: &'static Kind, objects: Vec<Value>) {
        match self.groups.last_mut().filter(|group| std::ptr::eq(group.kind, kind)) {
            Some(group) => group.objects.extend(objects),
            None => self.groups.push(Group { kind, objects }),
        }
    }
}

const COMBINED: &str = "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

/// A kind, and the name of an object unless all are meant.
type Request<'a> = (&'static Kind, Option<&'a str>);

impl Kubectl<'_> {
    /// Finds what words and files name: `pods`, `pods a b`, `pods,svc`, `pod/a svc/b`.
    pub(crate) fn find(
        &self,
        words: &[String],
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(Found, Vec<Failure>), Failure> {
        if !arguments.list("filename").is_empty() {
            return Ok(self.find_in_files(arguments));
        }
        let kinds: Vec<&'static Kind>;
        let mut requests: Vec<Request<'_>> = Vec::new();
        if words.iter().any(|word| word.contains('/')) {
            for word in words {
                let parts: Vec<&str> = word.split('/').collect();
                let [kind, name] = parts[..] else { return Err(plain_failure(COMBINED)) };
                requests.push((self.resource(kind)?, Some(name)));
            }
        } else if let Some((first, names)) = words.split_first() {
            kinds = self.kinds_of(first)?;
            for kind in &kinds {
                if names.is_empty() {
                    requests.push((kind, None));
                }
                requests.extend(names.iter().map(|name| (*kind, Some(&**name))));
            }
        }
        let named = requests.iter().any(|(_, name)| name.is_some());
        let selects = |name: &str| arguments.text(name).is_some_and(|text| !text.is_empty());
        if named && (selects("selector") || selects("field-selector")) {
            return Err(plain_failure(if words.iter().any(|word| word.contains('/')) {
                "selectors and the all flag cannot be used when passing resource/name arguments"
            } else {
                "name cannot be provided when a selector is specified"
            }));
        }
        if named && arguments.is("all-namespaces") {
            let message = "a resource cannot be retrieved by name across all namespaces";
            return Err(plain_failure(message));
        }
        self.fetch(requests, arguments, session)
    }

    fn fetch(
        &self,
        requests: Vec<Request<'_>>,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(Found, Vec<Failure>), Failure> {
        let (mut found, mut failures) = (Found::default(), Vec::new());
        found.named = requests.iter().any(|(_, name)| name.is_some());
        found.single = found.named && requests.len() == 1;
        for (kind, name) in requests {
            session.warn(&kind.deprecated.map(str::to_owned).into_iter().collect::<Vec<_>>());
            let Some(name) = name else {
                match self.list(kind, arguments.text("selector"), arguments) {
                    Ok(objects) => found.add(kind, objects),
                    Err(failure) => failures.push(failure),
                }
                continue;
            };
            if let Err(message) = crate::kubectl::apply::valid_name(name) {
                failures.push(plain_failure(message));
                continue;
            }
            match self.server.get(kind, self.context(arguments), name) {
                Ok(object) => found.add(kind, vec![object]),
                Err(_) if arguments.is("ignore-not-found") => found.add(kind, Vec::new()),
                Err(status) => failures.push(status.into()),
            }
        }
        Ok((found, failures))
    }

    fn find_in_files(&self, arguments: &Arguments) -> (Found, Vec<Failure>) {
        let (infos, mut failures) = self.infos(arguments);
        let mut found = Found { named: true, single: infos.len() == 1, ..Found::default() };
        for info in infos {
            match self.server.get(info.kind, &info.namespace, &info.name) {
                Ok(object) => found.add(info.kind, vec![object]),
                Err(_) if arguments.is("ignore-not-found") => {}
                Err(status) => failures.push(status.into()),
            }
        }
        (found, failures)
    }

    /// The kinds of a word: `pods,svc`, or those of the category `all`.
    pub(crate) fn kinds_of(&self, word: &str) -> Result<Vec<&'static Kind>, Failure> {
        let mut kinds = Vec::new();
        for word in word.split(',') {
            if word == "all" {
                for name in ALL {
                    kinds.push(self.resource(name)?);
                }
                let custom = self.server.custom_kinds().iter().copied();
                kinds.extend(custom.filter(|kind| kind.categories.contains(&"all")));
            } else {
                kinds.push(self.resource(word)?);
            }
        }
        Ok(kinds)
    }

    /// The kind that a word names: `deploy`, `deployments.apps`, `deployment.v1.apps`.
    /// Source: apimachinery pkg/api/meta/restmapper.go ResourcesFor.
    pub(crate) fn resource(&self, word: &str) -> Result<&'static Kind, Failure> {
        let lower = word.to_lowercase();
        let (name, rest) = match lower.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (lower.as_str(), None),
        };
        let custom = self.server.custom_kinds().iter().copied();
        let named: Vec<&'static Kind> = KINDS
            .iter()
            .chain(custom)
            .filter(|row| {
                row.plural == name || row.singular() == name || row.short_names.contains(&name)
            })
            .collect();
        let in_group = |group: &str| named.iter().find(|row| row.group == group).copied();
        let found = match rest {
            None => named.first().copied(),
            Some(rest) => in_group(rest)
                .or_else(|| in_group(rest.split_once('.')?.1))
                .or_else(|| named.iter().find(|row| row.group.starts_with(rest)).copied()),
        };
        found.ok_or_else(|| {
            let name = word.split('.').next().unwrap_or_default();
            let quoted = go::quote::quote(name);
            plain_failure(format!("the server doesn't have a resource type {quoted}"))
        })
    }

    /// Objects of a kind that the selectors choose, sorted by namespace and name.
    pub(crate) fn list(
        &self,
        kind: &'static Kind,
        selector: Option<&str>,
        arguments: &Arguments,
    ) -> Result<Vec<Value>, Failure> {
        let labels = selector.unwrap_or_default();
        let fields_text = arguments.text("field-selector").unwrap_or_default();
        let refusal = |error: String| {
            let resource = format!("{}/{}, Resource={}", kind.group, kind.version, kind.plural);
            let message = format!(
                "Unable to find {} that match label selector {}, field selector {}: {error}",
                go::quote::quote(&resource),
                go::quote::quote(labels),
                go::quote::quote(fields_text)
            );
            Failure::from(Status::new(Reason::BadRequest, message))
        };
        let terms = parse_labels(labels).map_err(refusal)?;
        let fields = fields::parse(kind, fields_text).map_err(refusal)?;
        let namespace = if arguments.is("all-namespaces") || !kind.namespaced {
            ""
        } else {
            self.context(arguments)
        };
        self.server.authorize("list", kind, namespace, "")?;
        let stored = self.server.storage.list(kind.group, kind.kind, namespace);
        let chosen = stored.filter(|(_, object)| {
            matches_labels(&terms, object) && fields::matches(&fields, object)
        });
        Ok(chosen.map(|(_, object)| object.clone()).collect())
    }
}

/// Returns true if the labels of an object meet all requirements.
pub(crate) fn matches_labels(terms: &[LabelTerm<'_>], object: &Value) -> bool {
    let labels = &object["metadata"]["labels"];
    terms.iter().all(|term| matches_label(term, labels.get(term.key).and_then(Value::as_str)))
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
