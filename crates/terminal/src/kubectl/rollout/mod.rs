//! `kubectl rollout`: one file for each command that is more than a patch.
//!
//! | file | content |
//! | --- | --- |
//! | `status` | waits for a rollout, and its lines |
//! | `history` | revisions of workloads |
//! | `undo` | the way back to a revision |
//!
//! Source: kubectl pkg/cmd/rollout, pkg/polymorphichelpers.

mod history;
pub(super) mod status;
mod undo;

use cluster::apiserver::PatchType;
use go::quote::quote;
use kubernetes::object::Value;

use super::builder::Target;
use super::commands::{COMMAND, Command, DRY_RUN, FIELD_MANAGER, FILES, PRINT, SELECTOR};
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::{Kubectl, Session};

/// The annotation that says why an object was changed.
pub(super) const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

const REVISION: &[Flag] = &[Flag::new("revision", Form::Int)];
const TO_REVISION: &[Flag] = &[Flag::new("to-revision", Form::Int)];
const WATCH: &[Flag] =
    &[Flag::short("watch", 'w', Form::Switch), Flag::new("timeout", Form::Duration)];

/// The commands below `kubectl rollout`.
pub(super) static COMMANDS: &[Command] = &[
    Command {
        name: "history",
        flags: &[PRINT, FILES, SELECTOR, REVISION],
        run: |kubectl, arguments, session| kubectl.rollout_history(arguments, session),
        ..COMMAND
    },
    Command {
        name: "pause",
        manager: "kubectl-rollout",
        flags: &[PRINT, FILES, SELECTOR, FIELD_MANAGER],
        run: |kubectl, arguments, session| kubectl.roll(RolloutStep::Pause, arguments, session),
        ..COMMAND
    },
    Command {
        name: "resume",
        manager: "kubectl-rollout",
        flags: &[PRINT, FILES, SELECTOR, FIELD_MANAGER],
        run: |kubectl, arguments, session| kubectl.roll(RolloutStep::Resume, arguments, session),
        ..COMMAND
    },
    Command {
        name: "undo",
        manager: "kubectl-rollout",
        flags: &[PRINT, FILES, SELECTOR, DRY_RUN, TO_REVISION],
        run: |kubectl, arguments, session| kubectl.rollout_undo(arguments, session),
        ..COMMAND
    },
    Command {
        name: "status",
        flags: &[FILES, SELECTOR, REVISION, WATCH],
        run: |kubectl, arguments, session| kubectl.rollout_status(arguments, session),
        ..COMMAND
    },
    Command {
        name: "restart",
        manager: "kubectl-rollout",
        flags: &[PRINT, FILES, SELECTOR, FIELD_MANAGER],
        run: |kubectl, arguments, session| kubectl.roll(RolloutStep::Restart, arguments, session),
        ..COMMAND
    },
];

/// A command that patches a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RolloutStep {
    Pause,
    Resume,
    Restart,
}

impl RolloutStep {
    const fn done(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Restart => "restarted",
        }
    }

    /// The patch for an object, or why there is none. `time` is the moment of a restart.
    fn patch(self, target: &Target, time: &str) -> Result<Value, &'static str> {
        let kind = target.kind.kind;
        let paused = target.object["spec"].bool("paused");
        let mut patch = Value::map();
        match self {
            Self::Pause if kind != "Deployment" => return Err("pausing is not supported"),
            Self::Resume if kind != "Deployment" => return Err("resuming is not supported"),
            Self::Pause if paused => return Err("is already paused"),
            Self::Resume if !paused => return Err("is not paused"),
            Self::Pause => patch.entry("spec").set("paused", true),
            Self::Resume => patch.entry("spec").set("paused", Value::Null),
            Self::Restart if !matches!(kind, "Deployment" | "DaemonSet" | "StatefulSet") => {
                return Err("restarting is not supported");
            }
            Self::Restart if paused => {
                return Err("can't restart paused deployment (run rollout resume first)");
            }
            Self::Restart => patch
                .entry_at(&["spec", "template", "metadata", "annotations"])
                .set("kubectl.kubernetes.io/restartedAt", time),
        }
        Ok(patch)
    }
}

impl Kubectl<'_> {
    /// The workloads that a command below `rollout` names.
    fn workloads(&self, arguments: &Arguments) -> Result<super::builder::Targets, Failure> {
        if arguments.words.is_empty() && !arguments.given("filename") {
            return Err(Failure::Plain("required resource not specified".to_owned()));
        }
        self.targets(&arguments.words, arguments)
    }

    fn roll(
        &mut self,
        step: RolloutStep,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let (targets, mut failures) = match self.workloads(arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        for target in targets {
            failures.extend(self.roll_one(step, &target, arguments, session).err());
        }
        failures
    }

    fn roll_one(
        &mut self,
        step: RolloutStep,
        target: &Target,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let patch = step.patch(target, &self.server.timestamp()).map_err(|refusal| {
            let resource = target.kind.resource();
            Failure::Plain(format!("error: {resource} {} {refusal}", quote(&target.name)))
        })?;
        let restarted = |object: &Value| {
            let template = &object["spec"]["template"]["metadata"]["annotations"];
            template.str("kubectl.kubernetes.io/restartedAt").to_owned()
        };
        if step == RolloutStep::Restart && restarted(&patch) == restarted(&target.object) {
            let name = &target.name;
            return Err(Failure::Plain(format!(
                "failed to create patch for {name}: if restart has already been triggered within the past second, please wait before attempting to trigger another"
            )));
        }
        match self.send_patch(target, PatchType::Strategic, &patch, DryRun::None) {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                print_object(arguments, session, target.kind, &accepted.object, step.done())
            }
            Err(status) => {
                session.warn(&status.warnings);
                Err(Failure::Plain(format!("failed to patch: {}", status.message)))
            }
        }
    }
}
