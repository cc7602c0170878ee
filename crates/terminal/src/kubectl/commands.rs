//! The table of commands: names, flags, and the function that runs each.
//!
//! A new command is one row here and one file.
//!
//! Source: kubectl pkg/cmd/cmd.go, and github.com/spf13/cobra command.go for finding a command.

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::{
    Kubectl, Session, apply, auth, autoscale, config, create, delete, describe, diff, drain,
    events, explain, expose, get, label, logs, patch, plain, reach, replace, resources, rollout,
    run, scale, set, taint, top, wait,
};

/// Runs a command.
pub(super) type Run = fn(&mut Kubectl<'_>, &Arguments, &mut Session) -> Vec<Failure>;

/// A command of kubectl, or a command below one.
pub(super) struct Command {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// Groups of flags, without those that every command has.
    pub flags: &'static [&'static [Flag]],
    /// Flags that must be given, in the order in which an error names them.
    pub required: &'static [&'static str],
    /// The name under which changes of fields are recorded.
    pub manager: &'static str,
    pub subcommands: &'static [Command],
    pub run: Run,
}

/// A row to start from: `..COMMAND`.
pub(super) const COMMAND: Command = Command {
    name: "",
    aliases: &[],
    flags: &[],
    required: &[],
    manager: "kubectl",
    subcommands: &[],
    run: |_, _, _| Vec::new(),
};

/// Flags that every command has. Source: cli-runtime genericclioptions.ConfigFlags, klog.
pub(super) const GLOBAL: &[Flag] = &[
    Flag::new("as", Form::Text),
    Flag::new("as-group", Form::Array),
    Flag::new("as-uid", Form::Text),
    Flag::new("as-user-extra", Form::Array),
    Flag::new("cache-dir", Form::Text),
    Flag::new("certificate-authority", Form::Text),
    Flag::new("client-certificate", Form::Text),
    Flag::new("client-key", Form::Text),
    Flag::new("cluster", Form::Text),
    Flag::new("context", Form::Text),
    Flag::new("disable-compression", Form::Switch),
    Flag::new("insecure-skip-tls-verify", Form::Switch),
    Flag::new("kubeconfig", Form::Text),
    Flag::new("kuberc", Form::Text),
    Flag::new("log-flush-frequency", Form::Duration),
    Flag::new("match-server-version", Form::Switch),
    Flag::short("namespace", 'n', Form::Text),
    Flag::new("password", Form::Text),
    Flag::new("profile", Form::Text),
    Flag::new("profile-output", Form::Text),
    Flag::new("request-timeout", Form::Text),
    Flag::short("server", 's', Form::Text),
    Flag::new("tls-server-name", Form::Text),
    Flag::new("token", Form::Text),
    Flag::new("user", Form::Text),
    Flag::new("username", Form::Text),
    Flag::short("v", 'v', Form::Int),
    Flag::new("vmodule", Form::Text),
    Flag::new("warnings-as-errors", Form::Switch),
];

/// `-o` and its companions. Source: cli-runtime genericclioptions.PrintFlags.
pub(super) const PRINT: &[Flag] = &[
    Flag::short("output", 'o', Form::Text),
    Flag::new("template", Form::Text),
    Flag::new("allow-missing-template-keys", Form::Switch),
    Flag::new("show-managed-fields", Form::Switch),
];

/// `-f` and its companions. Source: kubectl cmdutil.AddFilenameOptionFlags.
pub(super) const FILES: &[Flag] = &[
    Flag::short("filename", 'f', Form::List),
    Flag::short("kustomize", 'k', Form::Text),
    Flag::short("recursive", 'R', Form::Switch),
];

pub(super) const SELECTOR: &[Flag] = &[Flag::short("selector", 'l', Form::Text)];
pub(super) const FIELD_SELECTOR: &[Flag] = &[Flag::new("field-selector", Form::Text)];
pub(super) const ALL: &[Flag] = &[Flag::new("all", Form::Switch)];
pub(super) const ALL_NAMESPACES: &[Flag] = &[Flag::short("all-namespaces", 'A', Form::Switch)];
pub(super) const DRY_RUN: &[Flag] = &[Flag::new("dry-run", Form::Optional("unchanged"))];
pub(super) const FIELD_MANAGER: &[Flag] = &[Flag::new("field-manager", Form::Text)];
pub(super) const VALIDATE: &[Flag] = &[Flag::new("validate", Form::Optional("strict"))];
pub(super) const SAVE_CONFIG: &[Flag] = &[Flag::new("save-config", Form::Switch)];

/// All commands.
pub(super) static COMMANDS: &[Command] = &[
    Command {
        name: "apply",
        manager: "kubectl-client-side-apply",
        flags: &[PRINT, FILES, SELECTOR, ALL, DRY_RUN, FIELD_MANAGER, VALIDATE, apply::FLAGS],
        run: |kubectl, arguments, session| kubectl.apply(arguments, session),
        ..COMMAND
    },
    Command {
        name: "annotate",
        manager: "kubectl-annotate",
        flags: &[
            PRINT,
            FILES,
            SELECTOR,
            FIELD_SELECTOR,
            ALL,
            ALL_NAMESPACES,
            DRY_RUN,
            FIELD_MANAGER,
            label::FLAGS,
        ],
        run: |kubectl, arguments, session| {
            kubectl.set_metadata(label::Part::Annotations, arguments, session)
        },
        ..COMMAND
    },
    Command {
        name: "auth",
        subcommands: auth::COMMANDS,
        run: |_, arguments, session| unknown_subcommand(arguments, session),
        ..COMMAND
    },
    Command {
        name: "autoscale",
        manager: "kubectl-autoscale",
        required: &["max"],
        flags: &[PRINT, FILES, DRY_RUN, FIELD_MANAGER, SAVE_CONFIG, autoscale::FLAGS],
        run: |kubectl, arguments, session| kubectl.autoscale(arguments, session),
        ..COMMAND
    },
    Command {
        name: "cordon",
        flags: &[SELECTOR, DRY_RUN],
        run: |kubectl, arguments, session| kubectl.cordon(true, arguments, session),
        ..COMMAND
    },
    Command {
        name: "create",
        manager: "kubectl-create",
        flags: &[
            PRINT,
            FILES,
            SELECTOR,
            DRY_RUN,
            FIELD_MANAGER,
            VALIDATE,
            SAVE_CONFIG,
            create::FLAGS,
        ],
        subcommands: create::COMMANDS,
        run: |kubectl, arguments, session| kubectl.create(arguments, session),
        ..COMMAND
    },
    Command {
        name: "delete",
        flags: &[FILES, SELECTOR, FIELD_SELECTOR, ALL, ALL_NAMESPACES, DRY_RUN, delete::FLAGS],
        run: |kubectl, arguments, session| kubectl.delete(arguments, session),
        ..COMMAND
    },
    Command {
        name: "api-resources",
        flags: &[resources::FLAGS],
        run: |kubectl, arguments, session| kubectl.api_resources(arguments, session),
        ..COMMAND
    },
    Command {
        name: "api-versions",
        run: |kubectl, _, session| kubectl.api_versions(session),
        ..COMMAND
    },
    Command {
        name: "attach",
        flags: &[FILES, reach::FLAGS],
        run: |kubectl, arguments, session| kubectl.attach(arguments, session),
        ..COMMAND
    },
    Command {
        name: "cluster-info",
        run: |kubectl, _, session| kubectl.cluster_info(session),
        ..COMMAND
    },
    config::CONFIG,
    Command {
        name: "cp",
        flags: &[reach::COPY_FLAGS],
        run: |kubectl, arguments, session| kubectl.copy(arguments, session),
        ..COMMAND
    },
    Command {
        name: "edit",
        flags: &[PRINT, FILES, FIELD_MANAGER, VALIDATE, SAVE_CONFIG],
        run: |kubectl, arguments, session| kubectl.edit(arguments, session),
        ..COMMAND
    },
    Command {
        name: "events",
        flags: &[PRINT, ALL_NAMESPACES, events::FLAGS],
        run: |kubectl, arguments, session| kubectl.events(arguments, session),
        ..COMMAND
    },
    Command {
        name: "exec",
        flags: &[FILES, reach::FLAGS],
        run: |kubectl, arguments, session| kubectl.exec(arguments, session),
        ..COMMAND
    },
    Command {
        name: "explain",
        flags: &[explain::FLAGS],
        run: |kubectl, arguments, session| kubectl.explain(arguments, session),
        ..COMMAND
    },
    Command {
        name: "logs",
        flags: &[SELECTOR, logs::FLAGS],
        run: |kubectl, arguments, session| kubectl.logs(arguments, session),
        ..COMMAND
    },
    Command {
        name: "port-forward",
        flags: &[reach::PORT_FLAGS],
        run: |kubectl, arguments, session| kubectl.port_forward(arguments, session),
        ..COMMAND
    },
    Command {
        name: "top",
        flags: &[SELECTOR, FIELD_SELECTOR, ALL_NAMESPACES, top::FLAGS],
        run: |kubectl, arguments, session| kubectl.top(arguments, session),
        ..COMMAND
    },
    Command {
        name: "version",
        flags: &[resources::VERSION_FLAGS],
        run: |kubectl, arguments, session| kubectl.version(arguments, session),
        ..COMMAND
    },
    Command {
        name: "describe",
        flags: &[FILES, SELECTOR, ALL_NAMESPACES, describe::command::FLAGS],
        run: |kubectl, arguments, session| kubectl.describe(arguments, session),
        ..COMMAND
    },
    Command {
        name: "diff",
        flags: &[FILES, SELECTOR, FIELD_MANAGER, diff::FLAGS],
        run: |kubectl, arguments, session| kubectl.diff(arguments, session),
        ..COMMAND
    },
    Command {
        name: "drain",
        flags: &[SELECTOR, DRY_RUN, drain::FLAGS],
        run: |kubectl, arguments, session| kubectl.drain(arguments, session),
        ..COMMAND
    },
    Command {
        name: "expose",
        manager: "kubectl-expose",
        flags: &[PRINT, FILES, DRY_RUN, FIELD_MANAGER, SAVE_CONFIG, expose::FLAGS],
        run: |kubectl, arguments, session| kubectl.expose(arguments, session),
        ..COMMAND
    },
    Command {
        name: "get",
        flags: &[PRINT, FILES, SELECTOR, FIELD_SELECTOR, ALL_NAMESPACES, get::FLAGS],
        run: |kubectl, arguments, session| kubectl.get(arguments, session),
        ..COMMAND
    },
    Command {
        name: "label",
        manager: "kubectl-label",
        flags: &[
            PRINT,
            FILES,
            SELECTOR,
            FIELD_SELECTOR,
            ALL,
            ALL_NAMESPACES,
            DRY_RUN,
            FIELD_MANAGER,
            label::FLAGS,
        ],
        run: |kubectl, arguments, session| {
            kubectl.set_metadata(label::Part::Labels, arguments, session)
        },
        ..COMMAND
    },
    Command {
        name: "patch",
        manager: "kubectl-patch",
        flags: &[PRINT, FILES, DRY_RUN, FIELD_MANAGER, patch::FLAGS],
        run: |kubectl, arguments, session| kubectl.patch(arguments, session),
        ..COMMAND
    },
    Command {
        name: "replace",
        manager: "kubectl-replace",
        flags: &[PRINT, FILES, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, replace::FLAGS],
        run: |kubectl, arguments, session| kubectl.replace(arguments, session),
        ..COMMAND
    },
    Command {
        name: "rollout",
        subcommands: rollout::COMMANDS,
        run: |_, arguments, session| unknown_subcommand(arguments, session),
        ..COMMAND
    },
    Command {
        name: "run",
        manager: "kubectl-run",
        required: &["image"],
        flags: &[PRINT, DRY_RUN, FIELD_MANAGER, SAVE_CONFIG, run::FLAGS],
        run: |kubectl, arguments, session| kubectl.run_pod(arguments, session),
        ..COMMAND
    },
    Command {
        name: "scale",
        required: &["replicas"],
        flags: &[PRINT, FILES, SELECTOR, ALL, DRY_RUN, scale::FLAGS],
        run: |kubectl, arguments, session| kubectl.scale(arguments, session),
        ..COMMAND
    },
    Command {
        name: "set",
        subcommands: set::COMMANDS,
        run: |_, arguments, session| unknown_subcommand(arguments, session),
        ..COMMAND
    },
    Command {
        name: "taint",
        manager: "kubectl-taint",
        flags: &[PRINT, SELECTOR, ALL, DRY_RUN, FIELD_MANAGER, VALIDATE, taint::FLAGS],
        run: |kubectl, arguments, session| kubectl.taint(arguments, session),
        ..COMMAND
    },
    Command {
        name: "uncordon",
        flags: &[SELECTOR, DRY_RUN],
        run: |kubectl, arguments, session| kubectl.cordon(false, arguments, session),
        ..COMMAND
    },
    Command {
        name: "wait",
        flags: &[PRINT, FILES, SELECTOR, FIELD_SELECTOR, ALL, ALL_NAMESPACES, wait::FLAGS],
        run: |kubectl, arguments, session| kubectl.wait(arguments, session),
        ..COMMAND
    },
];

/// A command that was found, with the words of its name and the arguments after it.
pub(super) struct Found<'a> {
    pub command: &'static Command,
    /// `kubectl create deployment`.
    pub path: String,
    pub arguments: Vec<&'a str>,
}

/// Finds the command that a command line names. Flags may stand before the name of a command.
/// Returns the word that is no command.
pub(super) fn find<'a>(words: &[&'a str]) -> Result<Option<Found<'a>>, &'a str> {
    let mut found: Option<Found<'a>> = None;
    let mut arguments = words.to_vec();
    let mut commands = COMMANDS;
    while let Some(at) = first_word(&arguments, found.as_ref().map(|found| found.command)) {
        let word = arguments[at];
        let named = |command: &&Command| command.name == word || command.aliases.contains(&word);
        let Some(command) = commands.iter().find(named) else {
            if found.is_none() {
                return Err(word);
            }
            break;
        };
        arguments.remove(at);
        let path = match found {
            Some(found) => format!("{} {}", found.path, command.name),
            None => format!("kubectl {}", command.name),
        };
        found = Some(Found { command, path, arguments: Vec::new() });
        commands = command.subcommands;
        if commands.is_empty() {
            break;
        }
    }
    Ok(found.map(|found| Found { arguments, ..found }))
}

/// The place of the first argument that is neither a flag nor the value of one.
fn first_word(arguments: &[&str], command: Option<&Command>) -> Option<usize> {
    let own = command.map_or(&[][..], |command| command.flags);
    let takes_no_value = |wanted: &dyn Fn(&Flag) -> bool| {
        let mut flags = own.iter().flat_map(|group| group.iter()).chain(GLOBAL);
        let flag = flags.find(|flag| wanted(flag));
        flag.is_some_and(|flag| matches!(flag.form, Form::Switch | Form::Optional(_)))
    };
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        let alone = if *argument == "--" {
            return None;
        } else if let Some(name) = argument.strip_prefix("--") {
            name.contains('=') || takes_no_value(&|flag| flag.name == name)
        } else if let Some(letters) = argument.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            let letter = letters.chars().next();
            letters.len() > 1 || takes_no_value(&|flag| flag.short == letter)
        } else {
            return Some(at);
        };
        at += if alone { 1 } else { 2 };
    }
    None
}

/// An error in the use of a command, with where to read about it.
/// Source: kubectl cmdutil.UsageErrorf.
pub(super) fn usage_error(path: &str, message: &str) -> Failure {
    Failure::Plain(format!("{message}\nSee '{path} -h' for help and examples"))
}

/// The output of a command that only has subcommands. Source: kubectl
/// cmdutil.DefaultSubCommandRun.
pub(super) fn unknown_subcommand(arguments: &Arguments, session: &Session) -> Vec<Failure> {
    match &arguments.words[..] {
        [] => {
            plain(format!("a command is missing\nSee '{} -h' for help and examples", session.path))
        }
        words => {
            let words = go::quote::quote(&words.join(" "));
            session.usage(&format!("unknown command {words}"))
        }
    }
}
