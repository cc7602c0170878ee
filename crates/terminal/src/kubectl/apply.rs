//! `kubectl apply`: create what is not there, merge what is.
//!
//! Source: kubectl pkg/cmd/apply.

use std::collections::VecDeque;

use cluster::ApiServer;
use cluster::apiserver::{FieldValidation, Reason, User};
use kubernetes::kinds::Kind;
use kubernetes::merge;
use kubernetes::object::{Map, Value, parse_json, to_json_html};

use super::commands::usage_error;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object, without_version};
use super::print::Format;
use super::process::{Poll, Waiting};
use super::read::Info;
use super::{Kubectl, Session, plain_failure};

/// Flags of `apply` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("server-side", Form::Switch),
    Flag::new("force-conflicts", Form::Switch),
    Flag::new("overwrite", Form::Switch),
    Flag::new("force", Form::Switch),
    Flag::new("wait", Form::Switch),
    Flag::new("timeout", Form::Duration),
    Flag::new("grace-period", Form::Int),
    Flag::new("cascade", Form::Optional("background")),
    Flag::new("prune", Form::Switch),
    Flag::new("openapi-patch", Form::Switch),
];

pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The outcome of `kubectl apply` for one object.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Warnings of the server, in order.
    pub warnings: Vec<String>,
    /// The object as it is stored, or the refusal.
    pub result: Result<Value, Failure>,
}

/// The manager of fields that `kubectl apply` changes.
const MANAGER: &str = "kubectl-client-side-apply";
/// Milliseconds between the requests about two objects.
const BETWEEN: i64 = 30;

/// Options of applying objects.
#[derive(Clone, Debug, Default)]
struct Mode {
    server_side: bool,
    /// Fields of other managers are taken over.
    force: bool,
    dry_run: DryRun,
    /// Stored objects are printed together at the end, as `-o` asks.
    prints_objects: bool,
    validation: FieldValidation,
    arguments: Arguments,
}

impl Mode {
    /// Reads the options in the order in which kubectl checks them.
    /// Source: apply.go ToOptions, Validate.
    fn new(
        kubectl: &Kubectl<'_>,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<Self, Failure> {
        if !arguments.words.is_empty() {
            let words = arguments.words.join(" ");
            return Err(usage_error(&session.path, &format!("Unexpected args: [{words}]")));
        }
        let dry_run = kubectl.dry_run(arguments, session)?;
        if arguments.list("filename").is_empty() {
            return Err(plain_failure("must specify one of -f and -k"));
        }
        let validation = match arguments.text("validate").unwrap_or("strict") {
            "true" | "strict" => FieldValidation::Strict,
            "warn" => FieldValidation::Warn,
            "false" | "ignore" => FieldValidation::Ignore,
            other => {
                return Err(plain_failure(format!(
                    "invalid - validate option {}; must be one of: strict (or true), warn, ignore (or false)",
                    go::quote::quote(other)
                )));
            }
        };
        let (server_side, force) = (arguments.is("server-side"), arguments.is("force-conflicts"));
        let replaces = arguments.is("force");
        let refusals = [
            (force && !server_side, "--force-conflicts only works with --server-side"),
            (
                dry_run == DryRun::Client && server_side,
                "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
            ),
            (dry_run == DryRun::Server && replaces, "--dry-run=server cannot be used with --force"),
            (replaces && server_side, "--force cannot be used with --server-side"),
        ];
        if let Some((_, text)) = refusals.into_iter().find(|(wrong, _)| *wrong) {
            return Err(plain_failure(text));
        }
        let prints_objects = !matches!(arguments.text("output"), None | Some("" | "name"));
        let arguments = arguments.clone();
        Ok(Self { server_side, force, dry_run, prints_objects, validation, arguments })
    }

    /// Prints what was done with an object, if objects are not printed at the end.
    fn print(
        &self,
        session: &mut Session,
        kind: &Kind,
        object: &Value,
        operation: &str,
    ) -> Result<(), Failure> {
        if self.prints_objects {
            return Ok(());
        }
        let operation = format!("{operation}{}", self.dry_run.suffix());
        print_object(&self.arguments, session, kind, object, &operation)
    }

    /// Prints the objects that were applied, if `-o` asks for them. Source: printObjects.
    fn print_all(&self, session: &mut Session, objects: &[Value]) -> Result<(), Failure> {
        if !self.prints_objects || objects.is_empty() {
            return Ok(());
        }
        let text = |flag: &str| self.arguments.text(flag).unwrap_or_default();
        match Format::parse(text("output"), text("template"), &|_: &str| None)? {
            Format::Objects(printer) => {
                let (text, failure) = printer.print(objects, true, true);
                session.output.stdout.push_str(&text);
                failure.map_or(Ok(()), Err)
            }
            _ => Ok(()),
        }
    }
}

/// Objects that are applied one after the other, while the cluster works on those before.
#[derive(Clone, Debug)]
pub(crate) struct Applying {
    infos: VecDeque<Info>,
    failures: Vec<Failure>,
    /// Stored objects.
    applied: Vec<Value>,
    mode: Mode,
    namespace: String,
    manager: String,
    user: Option<User>,
    /// When the next object is sent, in milliseconds since the epoch.
    pub next: i64,
}

impl Applying {
    pub fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        if now < self.next {
            return Poll::Pending;
        }
        if let Some(info) = self.infos.pop_front() {
            server.set_manager(&self.manager);
            let namespace = std::mem::take(&mut self.namespace);
            server.impersonate(self.user.clone());
            let mut kubectl = Kubectl::new(server, &|_: &str| None, &namespace);
            match kubectl.send(info, &self.mode, session) {
                Ok(object) => self.applied.push(object),
                Err(failure) => self.failures.push(failure),
            }
            kubectl.server.impersonate(None);
            self.namespace = namespace;
            self.next = now + BETWEEN;
        }
        if !self.infos.is_empty() {
            return Poll::Pending;
        }
        let mut failures = std::mem::take(&mut self.failures);
        failures.extend(self.mode.print_all(session, &self.applied).err());
        Poll::Ended(failures)
    }
}

/// Applies one object as `kubectl apply -f` does. `namespace` is that of kubectl's context.
pub fn apply_object(server: &mut ApiServer, info: Info, namespace: &str) -> Applied {
    let mut kubectl = Kubectl::new(server, &|_: &str| None, namespace);
    let mut session = Session::default();
    let result = kubectl.with_namespace(info, None).and_then(|info| {
        let Info { kind, namespace, name, .. } = info.clone();
        kubectl.apply_one(info, &Mode::default(), &mut session)?;
        Ok(kubectl.server.get(kind, &namespace, &name)?)
    });
    Applied { warnings: session.warned, result }
}

impl Kubectl<'_> {
    pub(crate) fn apply(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let mode = match Mode::new(self, arguments, session) {
            Ok(mode) => mode,
            Err(failure) => return vec![failure],
        };
        let (infos, mut failures) = self.infos(arguments);
        if infos.is_empty() && failures.is_empty() {
            return vec![Failure::Plain("no objects passed to apply".to_owned())];
        }
        if self.desk.live {
            session.waiting = Some(Waiting::Apply(Box::new(Applying {
                infos: infos.into(),
                failures,
                applied: Vec::new(),
                mode,
                namespace: self.namespace.to_owned(),
                manager: arguments.text("field-manager").unwrap_or(MANAGER).to_owned(),
                user: self.server.user().cloned(),
                next: self.server.time().saturating_mul(1000),
            })));
            return Vec::new();
        }
        let mut applied = Vec::new();
        for info in infos {
            match self.send(info, &mode, session) {
                Ok(object) => applied.push(object),
                Err(failure) => failures.push(failure),
            }
        }
        failures.extend(mode.print_all(session, &applied).err());
        failures
    }

    /// Applies one object. Returns it as it is stored; a dry run of the server changes a copy.
    fn send(&mut self, info: Info, mode: &Mode, session: &mut Session) -> Result<Value, Failure> {
        let before = (mode.dry_run == DryRun::Server).then(|| self.server.clone());
        let validation = std::mem::replace(&mut self.server.field_validation, mode.validation);
        let result = match mode.server_side {
            true => self.apply_on_server(&info, mode, session),
            false => self.apply_one(info, mode, session),
        };
        self.server.field_validation = validation;
        if let Some(before) = before {
            *self.server = before;
            self.server.field_validation = validation;
        }
        result
    }

    fn apply_one(
        &mut self,
        info: Info,
        mode: &Mode,
        session: &mut Session,
    ) -> Result<Value, Failure> {
        let prefix = info.object["metadata"].str("generateName");
        if info.name.is_empty() && !prefix.is_empty() {
            let message = format!("from {prefix}: cannot use generate name with apply");
            return Err(Failure::Plain(message));
        }
        let modified = with_annotation(&info.object);
        session.warn(&info.kind.deprecated.map(str::to_owned).into_iter().collect::<Vec<_>>());
        let current = self.current(&info).map_err(|failure| {
            let verb = format!(
                "retrieving current configuration of:\n{}\nfrom server for:",
                info.described()
            );
            failure.while_doing(&verb, &info.source)
        })?;
        match current {
            None => self.create_new(&info, modified, mode, session),
            Some(current) => self.change(&info, &modified, current, mode, session),
        }
    }

    /// The stored object; None if there is none.
    pub(super) fn current(&self, info: &Info) -> Result<Option<Value>, Failure> {
        valid_name(&info.name).map_err(Failure::Plain)?;
        match self.server.get(info.kind, &info.namespace, &info.name) {
            Ok(object) => Ok(Some(object)),
            Err(status) if status.reason == Reason::Forbidden => Err(status.into()),
            Err(_) => Ok(None),
        }
    }

    fn create_new(
        &mut self,
        info: &Info,
        mut object: Value,
        mode: &Mode,
        session: &mut Session,
    ) -> Result<Value, Failure> {
        if mode.dry_run == DryRun::Client {
            mode.print(session, info.kind, &object, "created")?;
            return Ok(object);
        }
        prune_nulls(&mut object);
        without_version(&mut object);
        match self.server.create(info.kind, &info.namespace, &object) {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                mode.print(session, info.kind, &accepted.object, "created")?;
                Ok(accepted.object)
            }
            Err(status) => {
                session.warn(&status.warnings);
                Err(Failure::from(status).while_doing("creating", &info.source))
            }
        }
    }

    fn change(
        &mut self,
        info: &Info,
        modified: &Value,
        current: Value,
        mode: &Mode,
        session: &mut Session,
    ) -> Result<Value, Failure> {
        if current["metadata"]["annotations"][LAST_APPLIED].is_null() {
            session.note(&format!(
                "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
                info.kind.plural, info.name
            ));
        }
        if mode.dry_run == DryRun::Client {
            mode.print(session, info.kind, &current, "configured")?;
            return Ok(current);
        }
        let patch = patch_of(info, modified, &current)?;
        if patch.is_empty() {
            mode.print(session, info.kind, &current, "unchanged")?;
            return Ok(current);
        }
        match self.server.patch(info.kind, &info.namespace, &info.name, &patch) {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                if accepted.object["metadata"].has("deletionTimestamp") {
                    session.note(&format!(
                        "Warning: Detected changes to resource {} which is currently being deleted.",
                        info.name
                    ));
                }
                mode.print(session, info.kind, &accepted.object, "configured")?;
                Ok(accepted.object)
            }
            Err(status) => {
                session.warn(&status.warnings);
                let failure = Failure::from(status).while_doing("patching", &info.source);
                let patch = to_json_html(&patch.into());
                let verb = format!("applying patch:\n{patch}\nto:\n{}\nfor:", info.described());
                Err(failure.while_doing(&verb, &info.source))
            }
        }
    }

    fn apply_on_server(
        &mut self,
        info: &Info,
        mode: &Mode,
        session: &mut Session,
    ) -> Result<Value, Failure> {
        let manager = mode.arguments.text("field-manager").unwrap_or("kubectl");
        let Info { kind, namespace, name, object, .. } = info;
        let applied = self.server.apply(kind, namespace, name, object, manager, mode.force);
        match applied {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                mode.print(session, info.kind, &accepted.object, "serverside-applied")?;
                Ok(accepted.object)
            }
            Err(status) if status.reason == Reason::Conflict => {
                Err(Failure::Plain(format!("{}\n{CONFLICT_HELP}", status.message)))
            }
            Err(status) => {
                session.warn(&status.warnings);
                Err(status.into())
            }
        }
    }
}

/// The message of kubectl after a conflict.
const CONFLICT_HELP: &str =
    "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// The patch that makes of an object what a file says, by what was applied last.
pub(super) fn patch_of(info: &Info, modified: &Value, current: &Value) -> Result<Map, Failure> {
    let original = current["metadata"]["annotations"][LAST_APPLIED].as_str();
    let original = original.and_then(|text| parse_json(text).ok()).unwrap_or_default();
    difference(info, &original, modified, current)
}

fn difference(
    info: &Info,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<Map, Failure> {
    static EMPTY: Map = Map::new();
    let map = |value| Value::as_map(value).unwrap_or(&EMPTY);
    let (original, modified, current) = (map(original), map(modified), map(current));
    match info.kind.type_id() {
        Some(id) => {
            merge::three_way_patch(original, modified, current, Some(id)).map_err(Failure::Plain)
        }
        None => Ok(merge::three_way_merge_patch(original, modified, current)),
    }
}

/// The object with itself, as JSON, in the annotation.
pub fn with_annotation(object: &Value) -> Value {
    let mut bare = object.clone();
    let annotations = bare.entry("metadata").entry("annotations");
    annotations.map_mut().remove(LAST_APPLIED);
    let mut text = to_json_html(&bare);
    text.push('\n');
    bare.entry("metadata").entry("annotations").set(LAST_APPLIED, text);
    bare
}

/// Nulls are left out of an object that is created.
fn prune_nulls(value: &mut Value) {
    match value {
        Value::Map(_) => value.map_mut().retain(|_, value| {
            prune_nulls(value);
            !value.is_null()
        }),
        Value::List(_) => value.list_mut().iter_mut().for_each(prune_nulls),
        _ => {}
    }
}

/// A name that can stand in a URL. Source: client-go rest.Request Name.
pub(crate) fn valid_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("resource name may not be empty".to_owned());
    }
    let wrong = kubernetes::validation::names::path_segment(name);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("invalid resource name {}: [{}]", go::quote::quote(name), wrong.join(" ")))
}
