//! `kubectl get`: tables, names, objects and templates of stored objects.
//!
//! | file | content |
//! | --- | --- |
//! | `find` | the objects that words and selectors name |
//! | `fields` | field selectors |
//! | `tables` | columns and rows |
//! | `watch` | `-w` |
//!
//! Source: kubectl pkg/cmd/get.

mod fields;
mod find;
mod tables;
pub(super) mod watch;

use kubernetes::object::Value;

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::print::{Format, Printer, sort};
use super::process::Waiting;
use super::{Kubectl, Session, plain_failure};
pub(super) use find::{Found, matches_labels};
use tables::Shape;

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
    Flag::new("sort-by", Form::Text),
    Flag::new("raw", Form::Text),
    Flag::new("subresource", Form::Text),
    Flag::new("server-print", Form::Switch),
    Flag::new("output-watch-events", Form::Switch),
    Flag::new("chunk-size", Form::Int),
    Flag::short("watch", 'w', Form::Switch),
    Flag::new("watch-only", Form::Switch),
];

impl Kubectl<'_> {
    pub(crate) fn get(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        if let Some(path) = arguments.text("raw") {
            return self.raw(path, session);
        }
        let template = arguments.text("template").unwrap_or_default();
        let output = arguments.text("output").unwrap_or_default();
        let format = match Format::parse(output, template, self.files) {
            Ok(format) => format,
            Err(failure) => return vec![failure],
        };
        if arguments.words.is_empty() && arguments.list("filename").is_empty() {
            session.note("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n");
            return session.usage("Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).");
        }
        let (mut found, failures) = match self.find(&arguments.words, arguments, session) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        if let Some(path) = arguments.text("sort-by")
            && let Err(failure) = sort_groups(&mut found, path)
        {
            return vec![failure];
        }
        match format {
            Format::Table { wide } => self.table(&found, wide, failures, arguments, session),
            Format::Name => {
                for (kind, object) in found.objects() {
                    let name = object["metadata"].str("name");
                    session.print(&format!("{}/{name}", kind.printed()));
                }
                failures
            }
            Format::Objects(printer) => {
                print_objects(&printer, &found, failures, arguments, session)
            }
        }
    }

    fn table(
        &self,
        found: &Found,
        wide: bool,
        mut failures: Vec<Failure>,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let watches = arguments.is("watch") || arguments.is("watch-only");
        let shape = Shape::new(found, wide, arguments);
        if !arguments.is("watch-only") {
            session.output.stdout.push_str(&shape.text(self.server, found));
        }
        if watches {
            let several = found.groups.len() > 1
                || found.named && found.groups.iter().any(|group| group.objects.len() > 1);
            if several {
                failures.push(plain_failure(
                    "you may only watch a single resource or type of resource at a time",
                ));
            } else if failures.is_empty() {
                session.waiting = self.watch(found, shape, arguments).map(Waiting::Watch);
            }
            return failures;
        }
        if found.is_empty() && failures.is_empty() && !arguments.is("ignore-not-found") {
            session.note(&self.nothing(found, arguments));
        }
        failures
    }

    fn watch(
        &self,
        found: &Found,
        shape: Shape,
        arguments: &Arguments,
    ) -> Option<Box<watch::Watch>> {
        let group = found.groups.first()?;
        let all = arguments.is("all-namespaces") || !group.kind.namespaced;
        let name = match &group.objects[..] {
            [object] if found.named => object["metadata"].str("name"),
            _ => "",
        };
        let target = watch::Target {
            kind: group.kind,
            namespace: if all { "" } else { self.context(arguments) },
            name,
            labels: arguments.text("selector").unwrap_or_default(),
            fields: arguments.text("field-selector").unwrap_or_default(),
        };
        let rows = shape.rows(self.server, group);
        Some(Box::new(watch::Watch::new(&target, shape, &rows, &group.objects)))
    }

    /// The line for an empty table.
    pub(super) fn nothing(&self, found: &Found, arguments: &Arguments) -> String {
        let namespaced = found.groups.iter().all(|group| group.kind.namespaced);
        if namespaced && !arguments.is("all-namespaces") {
            format!("No resources found in {} namespace.", self.context(arguments))
        } else {
            "No resources found".to_owned()
        }
    }

    /// `--raw`: what the server answers to a path.
    fn raw(&self, path: &str, session: &mut Session) -> Vec<Failure> {
        match path.split('?').next().unwrap_or_default() {
            "/healthz" | "/livez" | "/readyz" => {
                session.output.stdout.push_str("ok");
                Vec::new()
            }
            _ => {
                let message = "the server could not find the requested resource".to_owned();
                let status = cluster::Status::new(cluster::apiserver::Reason::NotFound, message);
                vec![status.into()]
            }
        }
    }
}

fn sort_groups(found: &mut Found, path: &str) -> Result<(), Failure> {
    for group in &mut found.groups {
        // Without the field there is nothing to show.
        group.objects = sort(std::mem::take(&mut group.objects), path)?.unwrap_or_default();
    }
    Ok(())
}

fn print_objects(
    printer: &Printer,
    found: &Found,
    mut failures: Vec<Failure>,
    arguments: &Arguments,
    session: &mut Session,
) -> Vec<Failure> {
    let objects: Vec<Value> = found.objects().map(|(_, object)| object.clone()).collect();
    if found.named && objects.is_empty() {
        return failures;
    }
    let (text, failure) = printer.print(&objects, found.single, !arguments.is("no-headers"));
    session.output.stdout.push_str(&text);
    failures.extend(failure);
    failures
}
