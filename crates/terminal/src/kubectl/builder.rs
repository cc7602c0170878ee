//! The objects that words, files and selectors of a command name.
//!
//! Source: cli-runtime pkg/resource/builder.go.

use kubernetes::kinds::Kind;
use kubernetes::object::Value;

use super::errors::Failure;
use super::flags::Arguments;
use super::read::Info;
use super::{Kubectl, get};

/// A stored object that a command works on.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub kind: &'static Kind,
    /// Empty for kinds without namespaces.
    pub namespace: String,
    pub name: String,
    /// The object as it is stored.
    pub object: Value,
}

impl Target {
    /// The object as kubectl prints it: `deployment.apps/web`.
    pub fn shown(&self) -> String {
        format!("{}/{}", self.kind.printed(), self.name)
    }
}

/// The objects that a command names: single ones, or all of some kinds that a selector chooses.
pub(super) enum Request {
    Named { kind: &'static Kind, name: String },
    All { kind: &'static Kind },
    File(Box<Info>),
}

/// Objects that were found, and errors of those that were not.
pub(super) type Targets = (Vec<Target>, Vec<Failure>);

const COMBINED: &str = "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";
const MISSING: &str = "You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'";

fn plain(text: &str) -> Failure {
    Failure::Plain(text.to_owned())
}

impl Kubectl<'_> {
    /// The namespace of a command: that of its flag, or of the context.
    pub(super) fn context<'b>(&'b self, arguments: &'b Arguments) -> &'b str {
        arguments.namespace().unwrap_or(self.namespace)
    }

    /// Returns the objects that arguments, files and selectors name. The second value holds errors
    /// of reading files.
    pub(super) fn requests(
        &self,
        words: &[String],
        arguments: &Arguments,
    ) -> Result<(Vec<Request>, Vec<Failure>), Failure> {
        let given = |flag: &str| arguments.text(flag).is_some_and(|text| !text.is_empty());
        let all = arguments.is("all");
        // Where names are given, --all has no effect.
        let named = words.len() > 1 || words.iter().any(|word| word.contains('/'));
        let selects = given("selector") || given("field-selector") || all && !named;
        self.requests_of(words, selects, arguments)
    }

    /// Returns the objects that arguments and files name. `selects` is true if a selector chooses
    /// among kinds.
    fn requests_of(
        &self,
        words: &[String],
        selects: bool,
        arguments: &Arguments,
    ) -> Result<(Vec<Request>, Vec<Failure>), Failure> {
        if !arguments.list("filename").is_empty() {
            if !words.is_empty() {
                return Err(plain(
                    "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
                ));
            }
            let (infos, failures) = self.infos(arguments);
            let requests = infos.into_iter().map(|info| Request::File(Box::new(info)));
            return Ok((requests.collect(), failures));
        }
        if words.iter().any(|word| word.contains('/')) {
            let mut requests = Vec::new();
            for word in words {
                let Some((kind, name)) = word.split_once('/') else { return Err(plain(COMBINED)) };
                let kind = self.resource(kind)?;
                requests.push(Request::Named { kind, name: name.to_owned() });
            }
            if selects {
                return Err(plain(
                    "selectors and the all flag cannot be used when passing resource/name arguments",
                ));
            }
            return Ok((requests, Vec::new()));
        }
        let Some((kinds, names)) = words.split_first() else {
            return Err(plain(if selects {
                "at least one resource must be specified to use a selector"
            } else {
                MISSING
            }));
        };
        let kinds: Vec<&str> = kinds
            .split(',')
            .flat_map(|kind| if kind == "all" { get::ALL.to_vec() } else { vec![kind] })
            .collect();
        let mut requests = Vec::new();
        for kind in kinds {
            let kind = self.resource(kind)?;
            if selects {
                requests.push(Request::All { kind });
            }
            let named = names.iter().map(|name| Request::Named { kind, name: name.clone() });
            requests.extend(named);
        }
        if selects && !names.is_empty() {
            return Err(plain("name cannot be provided when a selector is specified"));
        }
        if requests.is_empty() {
            return Err(plain("resource(s) were provided, but no name was specified"));
        }
        Ok((requests, Vec::new()))
    }

    /// The stored objects that words, files and selectors name.
    pub(super) fn targets(
        &self,
        words: &[String],
        arguments: &Arguments,
    ) -> Result<Targets, Failure> {
        let (requests, failures) = self.requests(words, arguments)?;
        self.stored(requests, failures, arguments)
    }

    /// The stored objects that words and files name by themselves.
    pub(super) fn named_targets(
        &self,
        words: &[String],
        arguments: &Arguments,
    ) -> Result<Targets, Failure> {
        let (requests, failures) = self.requests_of(words, false, arguments)?;
        self.stored(requests, failures, arguments)
    }

    fn stored(
        &self,
        requests: Vec<Request>,
        mut failures: Vec<Failure>,
        arguments: &Arguments,
    ) -> Result<Targets, Failure> {
        let mut targets = Vec::new();
        for request in requests {
            let (kind, namespace, name) = match request {
                Request::All { kind } => {
                    targets.extend(self.all(kind, arguments)?);
                    continue;
                }
                Request::Named { kind, name } => {
                    let own = if kind.namespaced { self.context(arguments) } else { "" };
                    (kind, own.to_owned(), name)
                }
                Request::File(info) => (info.kind, info.namespace, info.name),
            };
            match self.server.get(kind, &namespace, &name) {
                Ok(object) => targets.push(Target { kind, namespace, name, object }),
                Err(status) => failures.push(status.into()),
            }
        }
        Ok((targets, failures))
    }

    /// The stored objects of a kind that the selectors of the command choose.
    pub(super) fn all(
        &self,
        kind: &'static Kind,
        arguments: &Arguments,
    ) -> Result<Vec<Target>, Failure> {
        let selector = arguments.text("selector");
        let objects = self.list(kind, selector, arguments)?;
        let target = |object: Value| Target {
            kind,
            namespace: object["metadata"].str("namespace").to_owned(),
            name: object["metadata"].str("name").to_owned(),
            object,
        };
        Ok(objects.into_iter().map(target).collect())
    }
}
