//! `kubectl set`: changes of pod templates, one file for each command.
//!
//! | file | content |
//! | --- | --- |
//! | `env` | `set env` |
//! | `image` | `set image` |
//! | `resources` | `set resources` |
//! | `others` | `set serviceaccount`, `set selector` |
//!
//! Source: kubectl pkg/cmd/set.

mod env;
mod image;
mod others;
mod resources;

pub(super) use resources::quantities;

use cluster::apiserver::PatchType;
use kubernetes::merge;
use kubernetes::object::Value;

use super::builder::Target;
use super::commands::{ALL, COMMAND, Command, DRY_RUN, FIELD_MANAGER, FILES, PRINT, SELECTOR};
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::{Kubectl, Session};

const LOCAL: &[Flag] = &[Flag::new("local", Form::Switch)];
const CONTAINERS: &[Flag] = &[Flag::short("containers", 'c', Form::Text)];

/// The commands below `kubectl set`.
pub(super) static COMMANDS: &[Command] = &[
    Command {
        name: "image",
        manager: "kubectl-set",
        flags: &[PRINT, FILES, SELECTOR, ALL, DRY_RUN, FIELD_MANAGER, LOCAL],
        run: |kubectl, arguments, session| kubectl.set_image(arguments, session),
        ..COMMAND
    },
    Command {
        name: "resources",
        manager: "kubectl-set",
        flags: &[
            PRINT,
            FILES,
            SELECTOR,
            ALL,
            DRY_RUN,
            FIELD_MANAGER,
            LOCAL,
            CONTAINERS,
            resources::FLAGS,
        ],
        run: |kubectl, arguments, session| kubectl.set_resources(arguments, session),
        ..COMMAND
    },
    Command {
        name: "selector",
        manager: "kubectl-set",
        flags: &[PRINT, FILES, ALL, DRY_RUN, FIELD_MANAGER, LOCAL, others::SELECTOR_FLAGS],
        run: |kubectl, arguments, session| kubectl.set_selector(arguments, session),
        ..COMMAND
    },
    Command {
        name: "serviceaccount",
        aliases: &["sa"],
        manager: "kubectl-set",
        flags: &[PRINT, FILES, ALL, DRY_RUN, FIELD_MANAGER, LOCAL],
        run: |kubectl, arguments, session| kubectl.set_service_account(arguments, session),
        ..COMMAND
    },
    Command {
        name: "env",
        manager: "kubectl-set",
        flags: &[
            PRINT,
            FILES,
            SELECTOR,
            ALL,
            DRY_RUN,
            FIELD_MANAGER,
            LOCAL,
            CONTAINERS,
            env::FLAGS,
        ],
        run: |kubectl, arguments, session| kubectl.set_env(arguments, session),
        ..COMMAND
    },
];

/// A change of an object that a command below `set` makes.
struct Change<'a> {
    arguments: &'a Arguments,
    dry_run: DryRun,
    /// The text that is printed after the name: `image updated`.
    done: &'a str,
    /// The prefix of a refusal of the server.
    failed: &'a str,
}

/// The place of a pod's spec in an object of a kind; None if it has none.
/// Source: kubectl pkg/polymorphichelpers/updatepodspec.go.
fn pod_spec(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&["spec"]),
        "ReplicationController"
        | "Deployment"
        | "DaemonSet"
        | "ReplicaSet"
        | "StatefulSet"
        | "Job" => Some(&["spec", "template", "spec"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template", "spec"]),
        _ => None,
    }
}

/// Returns true if a name is the pattern, which can have stars.
/// Source: kubectl pkg/cmd/set/helper.go selectString.
fn selects(pattern: &str, name: &str) -> bool {
    if pattern.contains('*') { go::path::matches(pattern, name) } else { pattern == name }
}

/// Runs a function on each container with a name that is selected. Returns their number.
fn for_containers(
    spec: &mut Value,
    lists: &[&str],
    selects: impl Fn(&str) -> bool,
    mut change: impl FnMut(&mut Value),
) -> usize {
    let mut count = 0;
    for list in lists {
        for container in spec.items_mut(list) {
            if selects(container.str("name")) {
                change(container);
                count += 1;
            }
        }
    }
    count
}

impl Kubectl<'_> {
    /// Sends the difference between an object and its changed form, and prints what was done.
    /// An object that does not change is neither sent nor printed.
    fn send_change(
        &mut self,
        target: &Target,
        modified: &Value,
        change: &Change<'_>,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let map = |value: &Value| value.as_map().cloned().unwrap_or_default();
        let patch =
            merge::two_way_patch(&map(&target.object), &map(modified), target.kind.type_id());
        let patch = patch.map_err(Failure::Plain)?;
        if patch.is_empty() {
            return Ok(());
        }
        let operation = format!("{}{}", change.done, change.dry_run.suffix());
        let arguments = change.arguments;
        if change.dry_run == DryRun::Client || arguments.is("local") {
            return print_object(arguments, session, target.kind, modified, &operation);
        }
        match self.send_patch(target, PatchType::Strategic, &patch.into(), change.dry_run) {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                print_object(arguments, session, target.kind, &accepted.object, &operation)
            }
            Err(status) => {
                session.warn(&status.warnings);
                Err(Failure::Plain(format!("{} {}", change.failed, status.message)))
            }
        }
    }
}

/// The error for an object without pods. The command continues with the next one.
fn no_pods(target: &Target) -> Failure {
    let ty = format!("*unstructured.Unstructured/{}", target.kind.kind);
    let name = target.shown();
    Failure::Plain(format!(
        "error: {name} the object is not a pod or does not have a pod template: {ty}\n"
    ))
}
