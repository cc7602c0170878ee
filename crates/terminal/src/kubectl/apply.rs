//! `kubectl apply`: create what is not there, merge what is.
//!
//! Source: kubectl pkg/cmd/apply.

use std::collections::VecDeque;

use cluster::ApiServer;
use cluster::apiserver::{Reason, User};
use kubernetes::merge;
use kubernetes::object::{Map, Value, parse_json, to_json_html};

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::process::{Poll, Waiting};
use super::read::{self, Info};
use super::{Kubectl, Session};

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
#[derive(Clone, Copy, Debug)]
struct Mode {
    server_side: bool,
    force: bool,
}

/// Objects that are applied one after the other, while the cluster works on those before.
#[derive(Clone, Debug)]
pub(crate) struct Applying {
    infos: VecDeque<Info>,
    failures: Vec<Failure>,
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
            self.failures.extend(kubectl.send(info, self.mode, session).err());
            kubectl.server.impersonate(None);
            self.namespace = namespace;
            self.next = now + BETWEEN;
        }
        match self.infos.is_empty() {
            true => Poll::Ended(std::mem::take(&mut self.failures)),
            false => Poll::Pending,
        }
    }
}

/// Applies one object as `kubectl apply -f` does. `namespace` is that of kubectl's context.
pub fn apply_object(server: &mut ApiServer, info: Info, namespace: &str) -> Applied {
    let mut kubectl = Kubectl::new(server, &|_: &str| None, namespace);
    let mut session = Session::default();
    let result = kubectl.with_namespace(info, None).and_then(|info| {
        let Info { kind, namespace, name, .. } = info.clone();
        kubectl.apply_one(info, &mut session)?;
        Ok(kubectl.server.get(kind, &namespace, &name)?)
    });
    Applied { warnings: session.warned, result }
}

impl Kubectl<'_> {
    pub(crate) fn apply(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        if arguments.list("filename").is_empty() {
            let message = "must specify one of -f and -k";
            return vec![Failure::Plain(message.to_owned())];
        }
        let (infos, mut failures) = self.infos(arguments);
        if infos.is_empty() && failures.is_empty() {
            return vec![Failure::Plain("no objects passed to apply".to_owned())];
        }
        let mode = Mode {
            server_side: arguments.is("server-side"),
            force: arguments.is("force-conflicts"),
        };
        if self.desk.live {
            session.waiting = Some(Waiting::Apply(Box::new(Applying {
                infos: infos.into(),
                failures,
                mode,
                namespace: self.namespace.to_owned(),
                manager: arguments.text("field-manager").unwrap_or(MANAGER).to_owned(),
                user: self.server.user().cloned(),
                next: self.server.time().saturating_mul(1000),
            })));
            return Vec::new();
        }
        for info in infos {
            failures.extend(self.send(info, mode, session).err());
        }
        failures
    }

    /// Applies one object.
    fn send(&mut self, info: Info, mode: Mode, session: &mut Session) -> Result<(), Failure> {
        match mode.server_side {
            true => self.apply_on_server(&info, mode.force, session),
            false => self.apply_one(info, session),
        }
    }

    /// The files that `-f` names: of a folder those with objects.
    /// Source: cli-runtime pkg/resource/visitor.go ExpandPathsToFileVisitors.
    fn paths(&self, arguments: &Arguments) -> Vec<String> {
        let mut paths = Vec::new();
        for path in arguments.list("filename") {
            let folder = path.trim_end_matches('/');
            let listed = match self.files.read(path) {
                _ if path == "-" => None,
                Some(_) => None,
                None => self.files.list(folder),
            };
            let Some(names) = listed else {
                paths.push(path.to_owned());
                continue;
            };
            let is_object = |name: &String| {
                [".json", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
            };
            let of_folder = names.into_iter().filter(is_object);
            paths.extend(of_folder.map(|name| format!("{folder}/{name}")));
        }
        paths
    }

    /// Objects of all files, with their namespaces.
    pub(crate) fn infos(&self, arguments: &Arguments) -> (Vec<Info>, Vec<Failure>) {
        let (mut infos, mut failures) = (Vec::new(), Vec::new());
        for file in self.paths(arguments) {
            let (file, text) = match file.as_str() {
                "-" => ("STDIN", Some(self.desk.stdin.to_owned())),
                file => (file, self.files.read(file)),
            };
            let Some(text) = text else {
                let quoted = go::quote::quote(file);
                failures.push(Failure::Plain(format!("the path {quoted} does not exist")));
                continue;
            };
            let (found, wrong) = read::objects(self.server, file, &text);
            failures.extend(wrong);
            for info in found {
                match self.with_namespace(info, arguments.namespace()) {
                    Ok(info) => infos.push(info),
                    Err(failure) => failures.push(failure),
                }
            }
        }
        // Several errors of reading are one error of the command.
        if failures.len() > 1 {
            failures = vec![Failure::Many(failures)];
        }
        (infos, failures)
    }

    /// Gives an object its namespace: its own, or that of the context or flag.
    fn with_namespace(&self, mut info: Info, flag: Option<&str>) -> Result<Info, Failure> {
        if !info.kind.namespaced {
            info.namespace = String::new();
            if info.object["metadata"].has("namespace") {
                info.object.entry("metadata").remove("namespace");
            }
            return Ok(info);
        }
        let wanted = flag.unwrap_or(self.namespace);
        if info.namespace.is_empty() {
            info.namespace = wanted.to_owned();
            info.object.entry("metadata").set("namespace", wanted);
        } else if flag.is_some_and(|flag| flag != info.namespace) {
            let own = &info.namespace;
            return Err(Failure::Plain(format!(
                "the namespace from the provided object \"{own}\" does not match the namespace \"{wanted}\". You must pass '--namespace={own}' to perform this operation."
            )));
        }
        Ok(info)
    }

    fn apply_one(&mut self, info: Info, session: &mut Session) -> Result<(), Failure> {
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
            None => self.create_new(&info, modified, session),
            Some(current) => self.change(&info, &modified, &current, session),
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
        session: &mut Session,
    ) -> Result<(), Failure> {
        prune_nulls(&mut object);
        match self.server.create(info.kind, &info.namespace, &object) {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                let name = accepted.object["metadata"].str("name");
                session.print(&format!("{}/{name} created", info.kind.printed()));
                Ok(())
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
        current: &Value,
        session: &mut Session,
    ) -> Result<(), Failure> {
        if current["metadata"]["annotations"][LAST_APPLIED].is_null() {
            session.note(&format!(
                "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
                info.kind.plural, info.name
            ));
        }
        let patch = patch_of(info, modified, current)?;
        let line = |what: &str| format!("{}/{} {what}", info.kind.printed(), info.name);
        if patch.is_empty() {
            session.print(&line("unchanged"));
            return Ok(());
        }
        match self.server.patch(info.kind, &info.namespace, &info.name, &patch) {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                session.print(&line("configured"));
                Ok(())
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
        force: bool,
        session: &mut Session,
    ) -> Result<(), Failure> {
        const MANAGER: &str = "kubectl";
        let applied =
            self.server.apply(info.kind, &info.namespace, &info.name, &info.object, MANAGER, force);
        match applied {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                let name = accepted.object["metadata"].str("name");
                session.print(&format!("{}/{name} serverside-applied", info.kind.printed()));
                Ok(())
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
