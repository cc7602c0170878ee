//! `kubectl create`: objects of files, and one file for each group of kinds that flags describe.
//!
//! Source: kubectl pkg/cmd/create.

use super::commands::Command;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::{Kubectl, Session, plain};

/// Flags of `create -f` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("edit", Form::Switch),
    Flag::new("raw", Form::Text),
    Flag::new("windows-line-endings", Form::Switch),
];

/// The commands below `kubectl create`.
pub(super) static COMMANDS: &[Command] = &[];

impl Kubectl<'_> {
    /// `kubectl create -f`.
    pub(super) fn create(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        if !arguments.words.is_empty() {
            let words = arguments.words.join(" ");
            return session.usage(&format!("Unexpected args: [{words}]"));
        }
        if !arguments.given("filename") && !arguments.given("kustomize") {
            return plain("must specify one of -f and -k");
        }
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (infos, mut failures) = self.infos(arguments);
        if infos.is_empty() && failures.is_empty() {
            return plain("no objects passed to create");
        }
        let operation = format!("created{}", dry_run.suffix());
        for info in infos {
            let object = match arguments.is("save-config") {
                true => super::apply::with_annotation(&info.object),
                false => info.object.clone(),
            };
            let created = if dry_run == DryRun::Client {
                Ok(object)
            } else {
                match self.send_new(info.kind, &info.namespace, &object, dry_run) {
                    Ok(accepted) => {
                        session.warn(&accepted.warnings);
                        Ok(accepted.object)
                    }
                    Err(status) => {
                        session.warn(&status.warnings);
                        Err(Failure::from(status).while_doing("creating", &info.source))
                    }
                }
            };
            let printed = created.and_then(|object| {
                print_object(arguments, session, info.kind, &object, &operation)
            });
            failures.extend(printed.err());
        }
        failures
    }
}
