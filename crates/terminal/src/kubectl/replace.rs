//! `kubectl replace`.
//!
//! Source: kubectl pkg/cmd/replace/replace.go.

use cluster::apiserver::{Propagation, Reason};

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::read::Info;
use super::{Kubectl, Session, plain};

/// Flags of `replace` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("cascade", Form::Optional("background")),
    Flag::new("force", Form::Switch),
    Flag::new("grace-period", Form::Int),
    Flag::new("raw", Form::Text),
    Flag::new("subresource", Form::Text),
    Flag::new("timeout", Form::Duration),
    Flag::new("wait", Form::Switch),
];

impl Kubectl<'_> {
    /// `kubectl replace -f`.
    pub(super) fn replace(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        if !arguments.given("filename") && !arguments.given("kustomize") {
            return plain("must specify one of -f and -k");
        }
        let force = arguments.is("force");
        if arguments.int("grace-period").is_some_and(|grace| grace >= 0) && !force {
            return plain("--grace-period must have --force specified");
        }
        if arguments.given("timeout") && !force {
            return plain("--timeout must have --force specified");
        }
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (infos, mut failures) = self.infos(arguments);
        if infos.is_empty() && failures.is_empty() {
            return plain("no objects passed to replace");
        }
        if force && dry_run == DryRun::None {
            // All objects are deleted before the first is made again.
            for info in &infos {
                failures.extend(self.delete_for_replace(info, arguments, session).err());
            }
        }
        for info in infos {
            failures.extend(self.replace_one(&info, force, dry_run, arguments, session).err());
        }
        failures
    }

    fn delete_for_replace(
        &mut self,
        info: &Info,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let Info { kind, namespace, name, .. } = info;
        let grace = arguments.int("grace-period").filter(|grace| *grace >= 0);
        let deleted =
            self.server.delete_with(kind, namespace, name, Propagation::Background, grace);
        match deleted {
            Ok(_) => {
                let from = match kind.namespaced {
                    true => format!(" from {namespace} namespace"),
                    false => String::new(),
                };
                session.print(&format!("{} \"{name}\" deleted{from}", kind.printed()));
                Ok(())
            }
            Err(status) if status.reason == Reason::NotFound => Ok(()),
            Err(status) => Err(status.into()),
        }
    }

    fn replace_one(
        &mut self,
        info: &Info,
        force: bool,
        dry_run: DryRun,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let Info { kind, namespace, name, .. } = info;
        let has_record = self
            .server
            .get(kind, namespace, name)
            .is_ok_and(|stored| stored["metadata"]["annotations"].has(super::apply::LAST_APPLIED));
        let object = match has_record || arguments.is("save-config") {
            true => super::apply::with_annotation(&info.object),
            false => info.object.clone(),
        };
        let operation = format!("replaced{}", dry_run.suffix());
        if dry_run == DryRun::Client {
            return print_object(arguments, session, kind, &object, &operation);
        }
        let result = match (force, dry_run) {
            (true, _) => self.send_new(kind, namespace, &object, dry_run),
            (false, DryRun::None) => self.server.put(kind, namespace, name, &object),
            (false, _) => self.server.clone().put(kind, namespace, name, &object),
        };
        match result {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                print_object(arguments, session, kind, &accepted.object, &operation)
            }
            Err(status) => {
                session.warn(&status.warnings);
                let failure = Failure::from(status);
                Err(if force { failure } else { failure.while_doing("replacing", &info.source) })
            }
        }
    }
}
