//! helm: charts as manifests, and releases on the simulated cluster.
//!
//! | file | content |
//! | --- | --- |
//! | `files`, `flags` | what helm reads and writes; its command lines |
//! | `load` | charts and values that arguments name |
//! | `template`, `lint` | the commands that need no cluster |
//! | `store`, `cluster` | releases in Secrets; manifests on the cluster |
//! | `install`, `change`, `show` | the commands on releases |
//!
//! Source: helm pkg/cmd, pkg/action.

mod change;
mod cluster;
mod files;
mod flags;
mod install;
mod lint;
mod load;
mod show;
mod store;
mod template;

use ::cluster::ApiServer;
use ::helm::log::{Level, Log};

use crate::Output;
use crate::complete::Candidate;
pub use files::Files;
use flags::Arguments;

/// The context of helm.
pub struct Helm<'a> {
    pub files: &'a mut Files,
    /// The API server; None without a cluster.
    pub server: Option<&'a mut ApiServer>,
    /// The namespace of the context, or of `HELM_NAMESPACE`.
    pub namespace: &'a str,
}

/// The output and the log of a command under way.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub output: Output,
    pub log: Log,
    pub debug: bool,
}

impl Session {
    /// The output with the log and an error, as `helm` ends.
    fn finish(mut self, result: Result<(), String>) -> Output {
        for line in &self.log.lines {
            if self.debug || line.level != Level::Debug {
                self.output.stderr.push_str(&format!("{line}\n"));
            }
        }
        match result {
            Ok(()) => self.output,
            Err(error) => {
                self.output.err(format!("Error: {error}"));
                self.output.ended(1)
            }
        }
    }
}

/// Commands with the least and the most number of arguments, and their usage.
struct Command {
    name: &'static str,
    least: usize,
    most: usize,
    usage: &'static str,
}

/// The message without a cluster.
const UNREACHABLE: &str = "kubernetes cluster unreachable: Get \"http://localhost:8080/version\": dial tcp 127.0.0.1:8080: connect: connection refused";

const ANY: usize = usize::MAX;

const COMMANDS: &[Command] = &[
    Command {
        name: "template",
        least: 1,
        most: ANY,
        usage: "helm template [NAME] [CHART] [flags]",
    },
    Command { name: "lint", least: 1, most: ANY, usage: "helm lint PATH [flags]" },
    Command { name: "install", least: 1, most: ANY, usage: "helm install [NAME] [CHART] [flags]" },
    Command { name: "upgrade", least: 2, most: 2, usage: "helm upgrade [RELEASE] [CHART] [flags]" },
    Command {
        name: "rollback",
        least: 1,
        most: ANY,
        usage: "helm rollback <RELEASE> [REVISION] [flags]",
    },
    Command {
        name: "uninstall",
        least: 1,
        most: ANY,
        usage: "helm uninstall RELEASE_NAME [...] [flags]",
    },
    Command { name: "list", least: 0, most: 0, usage: "helm list [flags]" },
    Command { name: "status", least: 1, most: 1, usage: "helm status RELEASE_NAME [flags]" },
    Command { name: "history", least: 1, most: 1, usage: "helm history RELEASE_NAME [flags]" },
    Command {
        name: "get values",
        least: 1,
        most: 1,
        usage: "helm get values RELEASE_NAME [flags]",
    },
    Command {
        name: "get manifest",
        least: 1,
        most: 1,
        usage: "helm get manifest RELEASE_NAME [flags]",
    },
    Command { name: "get notes", least: 1, most: 1, usage: "helm get notes RELEASE_NAME [flags]" },
    Command { name: "get hooks", least: 1, most: 1, usage: "helm get hooks RELEASE_NAME [flags]" },
    Command {
        name: "get metadata",
        least: 1,
        most: 1,
        usage: "helm get metadata RELEASE_NAME [flags]",
    },
    Command { name: "test", least: 1, most: 1, usage: "helm test [RELEASE] [flags]" },
];

/// Commands that helm has and the terminal does not. They need repositories and registries.
const ABSENT: &[&str] = &[
    "completion",
    "create",
    "dependency",
    "env",
    "package",
    "plugin",
    "pull",
    "push",
    "registry",
    "repo",
    "search",
    "show",
    "verify",
    "version",
];

/// What to do in place of a command that is absent.
const INSTEAD: &str = "there is no network; import a chart into the workspace, and name its folder \
     as in helm install NAME ./FOLDER";

/// Other names of commands.
const ALIASES: &[(&str, &str)] = &[
    ("ls", "list"),
    ("del", "uninstall"),
    ("delete", "uninstall"),
    ("un", "uninstall"),
    ("hist", "history"),
];

/// Checks the number of arguments. Source: pkg/cmd/require args.go.
fn check_arguments(command: &Command, count: usize) -> Result<(), String> {
    let plural = |count: usize| if count == 1 { "argument" } else { "arguments" };
    let (name, usage) = (command.name, command.usage);
    let (least, most) = (command.least, command.most);
    let needs = if count < least && most == ANY {
        format!("at least {least} {}", plural(least))
    } else if (count < least || count > most) && least == most {
        format!("{least} {}", plural(least))
    } else if count > most {
        format!("at most {most} {}", plural(most))
    } else {
        return Ok(());
    };
    Err(match (least, most) {
        (0, 0) => format!("\"helm {name}\" accepts no arguments\n\nUsage:  {usage}"),
        _ => format!("\"helm {name}\" requires {needs}\n\nUsage:  {usage}"),
    })
}

impl Helm<'_> {
    /// Runs a command, given as its words without the leading `helm`.
    pub fn run(&mut self, words: &[&str]) -> Output {
        let mut session = Session::default();
        let result = self.dispatch(words, &mut session);
        session.finish(result)
    }

    fn dispatch(&mut self, words: &[&str], session: &mut Session) -> Result<(), String> {
        let Some((first, rest)) = words.split_first() else { return Ok(()) };
        let first =
            ALIASES.iter().find(|(alias, _)| alias == first).map_or(*first, |(_, name)| name);
        let nested = rest.first().map(|second| format!("{first} {second}"));
        let is_named = |name: &str| name == first || Some(name) == nested.as_deref();
        let Some(command) = COMMANDS.iter().find(|command| is_named(command.name)) else {
            return Err(match ABSENT.contains(&first) {
                true => format!("the terminal does not run helm {first}: {INSTEAD}"),
                false => format!("unknown command {} for \"helm\"", go::quote::quote(first)),
            });
        };
        let rest = rest.get(command.name.matches(' ').count()..).unwrap_or_default();
        let arguments = Arguments::parse(command.name, rest)?;
        session.debug = arguments.is_on("debug");
        check_arguments(command, arguments.words.len())?;
        match command.name {
            "template" => self.template(&arguments, session),
            "lint" => self.lint(&arguments, session),
            "install" => self.install(&arguments, session),
            "upgrade" => self.upgrade(&arguments, session),
            "rollback" => self.rollback(&arguments, session),
            "uninstall" => self.uninstall(&arguments, session),
            "list" => self.list(&arguments, session),
            "status" => self.status(&arguments, session),
            "history" => self.history(&arguments, session),
            "get values" => self.get_values(&arguments, session),
            "test" => self.test(&arguments, session),
            what => self.get_text(what, &arguments, session),
        }
    }

    /// The namespace of a command.
    fn namespace<'s>(&'s self, arguments: &'s Arguments) -> &'s str {
        arguments.value("namespace").unwrap_or(self.namespace)
    }
}

/// The candidates for the word behind `helm` and other words: commands and flags.
pub(crate) fn complete(words: &[&str], typed: &str) -> Vec<Candidate> {
    let mut named = words.iter().filter(|word| !word.starts_with('-'));
    let first = named.next().copied().unwrap_or_default();
    let nested = named.next().map(|second| format!("{first} {second}"));
    let is_named = |name: &str| name == first || Some(name) == nested.as_deref();
    let command = COMMANDS.iter().find(|command| is_named(command.name));
    if typed.starts_with('-') {
        let groups = flags::flags_of(command.map_or("", |command| command.name));
        let flags = groups.iter().flat_map(|group| group.iter());
        return flags.map(|flag| Candidate::new(format!("--{}", flag.name), "")).collect();
    }
    if command.is_some() {
        return Vec::new();
    }
    let of_command = |command: &Command| {
        let name = match first {
            "" => command.name.split(' ').next().unwrap_or_default(),
            first => command.name.strip_prefix(first)?.strip_prefix(' ')?,
        };
        Some(Candidate::new(name, ""))
    };
    COMMANDS.iter().filter_map(of_command).collect()
}
