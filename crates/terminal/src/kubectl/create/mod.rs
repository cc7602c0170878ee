//! `kubectl create`: objects of files, and one file for each group of kinds that flags describe.
//!
//! | file | content |
//! | --- | --- |
//! | `data` | `create configmap`, `create secret` |
//! | `others` | namespaces, accounts, quotas, budgets, priority classes |
//! | `rbac` | roles and bindings |
//! | `service` | `create service`, `create ingress` |
//! | `workloads` | `create deployment`, `create job`, `create cronjob` |
//!
//! Source: kubectl pkg/cmd/create.

mod data;
mod others;
mod rbac;
mod service;
mod workloads;

pub(super) use service::port_value;
pub(super) use workloads::container;

use kubernetes::object::Value;

use super::commands::{COMMAND, Command, DRY_RUN, FIELD_MANAGER, PRINT, SAVE_CONFIG, VALIDATE};
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

/// A command below `create` that makes one object of its flags.
const fn maker(
    name: &'static str,
    flags: &'static [&'static [Flag]],
    run: super::commands::Run,
) -> Command {
    Command { name, flags, run, manager: "kubectl-create", ..COMMAND }
}

/// The commands below `kubectl create`.
pub(super) static COMMANDS: &[Command] = &[
    maker(
        "clusterrole",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, rbac::RULES, rbac::CLUSTER_RULES],
        |kubectl, arguments, session| kubectl.create_role(true, arguments, session),
    ),
    maker(
        "clusterrolebinding",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, rbac::BINDING],
        |kubectl, arguments, session| kubectl.create_binding(true, arguments, session),
    ),
    Command {
        aliases: &["cm"],
        ..maker(
            "configmap",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, data::SOURCES],
            |kubectl, arguments, session| kubectl.create_config_map(arguments, session),
        )
    },
    Command {
        aliases: &["cj"],
        required: &["image", "schedule"],
        ..maker(
            "cronjob",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, workloads::CRON_JOB],
            |kubectl, arguments, session| kubectl.create_cron_job(arguments, session),
        )
    },
    Command {
        aliases: &["deploy"],
        required: &["image"],
        ..maker(
            "deployment",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, workloads::DEPLOYMENT],
            |kubectl, arguments, session| kubectl.create_deployment(arguments, session),
        )
    },
    Command {
        aliases: &["ing"],
        ..maker(
            "ingress",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, service::INGRESS],
            |kubectl, arguments, session| kubectl.create_ingress(arguments, session),
        )
    },
    maker(
        "job",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, workloads::JOB],
        |kubectl, arguments, session| kubectl.create_job(arguments, session),
    ),
    Command {
        aliases: &["ns"],
        ..maker(
            "namespace",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG],
            |kubectl, arguments, session| kubectl.create_namespace(arguments, session),
        )
    },
    Command {
        aliases: &["pdb"],
        ..maker(
            "poddisruptionbudget",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, others::BUDGET],
            |kubectl, arguments, session| kubectl.create_budget(arguments, session),
        )
    },
    Command {
        aliases: &["pc"],
        ..maker(
            "priorityclass",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, others::PRIORITY],
            |kubectl, arguments, session| kubectl.create_priority_class(arguments, session),
        )
    },
    Command {
        aliases: &["resourcequota"],
        ..maker(
            "quota",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, others::QUOTA],
            |kubectl, arguments, session| kubectl.create_quota(arguments, session),
        )
    },
    maker(
        "role",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, rbac::RULES],
        |kubectl, arguments, session| kubectl.create_role(false, arguments, session),
    ),
    maker(
        "rolebinding",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, rbac::BINDING, rbac::ROLE],
        |kubectl, arguments, session| kubectl.create_binding(false, arguments, session),
    ),
    Command {
        name: "secret",
        subcommands: data::SECRETS,
        run: |_, arguments, session| super::commands::unknown_subcommand(arguments, session),
        ..COMMAND
    },
    Command {
        name: "service",
        aliases: &["svc"],
        subcommands: service::SERVICES,
        run: |_, arguments, session| super::commands::unknown_subcommand(arguments, session),
        ..COMMAND
    },
    Command {
        aliases: &["sa"],
        ..maker(
            "serviceaccount",
            &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG],
            |kubectl, arguments, session| kubectl.create_service_account(arguments, session),
        )
    },
];

/// The one name that a command needs. Words after `--` are not counted if `before_dash` is set.
fn one_name<'a>(
    arguments: &'a Arguments,
    before_dash: bool,
    session: &Session,
) -> Result<&'a str, Vec<Failure>> {
    let count = match arguments.dash {
        Some(dash) if before_dash => dash,
        _ => arguments.words.len(),
    };
    match arguments.words.first() {
        Some(name) if count == 1 => Ok(name),
        _ => Err(session.usage(&format!("exactly one NAME is required, got {count}"))),
    }
}

/// An object of a kind with a name.
fn named(api_version: &str, kind: &str, name: &str) -> Value {
    let mut object = Value::map();
    object.set("apiVersion", api_version);
    object.set("kind", kind);
    object.entry("metadata").set("name", name);
    object
}

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

    /// Creates the object that flags describe. `failed` precedes a refusal of the server; if
    /// it is empty, the refusal stands alone.
    pub(super) fn make(
        &mut self,
        mut object: Value,
        failed: &str,
        operation: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let kind = self.server.kind(object.str("apiVersion"), object.str("kind"));
        let Some(kind) = kind else { return plain("the server has no such kind") };
        if let Some(namespace) = arguments.namespace().filter(|_| kind.namespaced) {
            object.entry("metadata").set("namespace", namespace);
        }
        if arguments.is("save-config") {
            object = super::apply::with_annotation(&object);
        }
        let namespace =
            if kind.namespaced { self.context(arguments).to_owned() } else { String::new() };
        if dry_run != DryRun::Client {
            match self.send_new(kind, &namespace, &object, dry_run) {
                Ok(accepted) => {
                    session.warn(&accepted.warnings);
                    object = accepted.object;
                }
                Err(status) => {
                    session.warn(&status.warnings);
                    if failed.is_empty() {
                        return vec![status.into()];
                    }
                    return plain(format!("{failed} {}", status.message));
                }
            }
        }
        let operation = format!("{operation}{}", dry_run.suffix());
        let printed = print_object(arguments, session, kind, &object, &operation);
        printed.err().into_iter().collect()
    }
}
