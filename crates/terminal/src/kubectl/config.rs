//! `kubectl config`: the kubeconfig, shown and changed.
//!
//! Source: staging/src/k8s.io/client-go tools/clientcmd; kubectl pkg/cmd/config.

use kubernetes::object::{Value, to_yaml};

use super::commands::{COMMAND, Command, PRINT, unknown_subcommand};
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::kubeconfig::PATH;
use super::print::Format;
use super::{Kubectl, Session, plain, table};

const OUTPUT: &[Flag] =
    &[Flag::short("output", 'o', Form::Text), Flag::new("no-headers", Form::Switch)];
const VIEW: &[Flag] = &[
    Flag::new("minify", Form::Switch),
    Flag::new("raw", Form::Switch),
    Flag::new("flatten", Form::Switch),
    Flag::new("merge", Form::Switch),
];
const SET_CONTEXT: &[Flag] = &[Flag::new("current", Form::Switch)];

/// The commands below `config`.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "view",
        flags: &[PRINT, VIEW],
        run: |kubectl, arguments, session| kubectl.config_view(arguments, session),
        ..COMMAND
    },
    Command {
        name: "get-contexts",
        flags: &[OUTPUT],
        run: |kubectl, arguments, session| kubectl.config_contexts(arguments, session),
        ..COMMAND
    },
    Command {
        name: "current-context",
        run: |kubectl, _, session| kubectl.config_current(session),
        ..COMMAND
    },
    Command {
        name: "set-context",
        flags: &[SET_CONTEXT],
        run: |kubectl, arguments, session| kubectl.config_set_context(arguments, session),
        ..COMMAND
    },
    Command {
        name: "use-context",
        aliases: &["use"],
        run: |kubectl, arguments, session| kubectl.config_use(arguments, session),
        ..COMMAND
    },
    Command {
        name: "rename-context",
        run: |kubectl, arguments, session| kubectl.config_rename(arguments, session),
        ..COMMAND
    },
    Command {
        name: "delete-context",
        run: |kubectl, arguments, session| kubectl.config_delete(arguments, session),
        ..COMMAND
    },
    Command {
        name: "get-clusters",
        run: |kubectl, _, session| kubectl.config_names("clusters", session),
        ..COMMAND
    },
    Command {
        name: "get-users",
        run: |kubectl, _, session| kubectl.config_names("users", session),
        ..COMMAND
    },
    Command {
        name: "unset",
        run: |kubectl, arguments, session| kubectl.config_unset(arguments, session),
        ..COMMAND
    },
];

pub(super) const CONFIG: Command = Command {
    name: "config",
    subcommands: COMMANDS,
    run: |_, arguments, session| unknown_subcommand(arguments, session),
    ..COMMAND
};

impl Kubectl<'_> {
    fn config_view(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let mut tree = self.desk.config.tree.clone();
        tree.remove("preferences");
        if arguments.is("minify") {
            minify(&mut tree, self.desk.config.current());
        }
        if !arguments.is("raw") {
            omit(&mut tree);
        }
        let output = arguments.text("output").unwrap_or("yaml");
        let template = arguments.text("template").unwrap_or_default();
        match Format::parse(output, template, self.files) {
            Ok(Format::Objects(printer)) => {
                let (text, failure) = printer.print(&[tree], true, true);
                session.output.stdout.push_str(&text);
                failure.into_iter().collect()
            }
            Ok(_) => {
                session.output.stdout.push_str(&to_yaml(&tree));
                Vec::new()
            }
            Err(failure) => vec![failure],
        }
    }

    fn config_contexts(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let config = &self.desk.config;
        let mut entries: Vec<&Value> = config.tree.list("contexts").iter().collect();
        entries.sort_by_key(|entry| entry.str("name"));
        if let Some(name) = arguments.words.first() {
            entries.retain(|entry| entry.str("name") == name);
            if entries.is_empty() {
                return plain(format!("context {name} not found"));
            }
        }
        if arguments.text("output") == Some("name") {
            entries.iter().for_each(|entry| session.print(entry.str("name")));
            return Vec::new();
        }
        let mut rows: Vec<Vec<String>> = Vec::new();
        if !arguments.is("no-headers") {
            let heads = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"];
            rows.push(heads.iter().map(|head| (*head).to_owned()).collect());
        }
        for entry in entries {
            let (name, context) = (entry.str("name"), &entry["context"]);
            let mark = if name == config.current() { "*" } else { "" };
            let cells =
                [mark, name, context.str("cluster"), context.str("user"), context.str("namespace")];
            rows.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
        }
        session.output.stdout.push_str(&table::lines(&rows));
        Vec::new()
    }

    fn config_current(&self, session: &mut Session) -> Vec<Failure> {
        match self.desk.config.current() {
            "" => plain("current-context is not set"),
            current => {
                session.print(current);
                Vec::new()
            }
        }
    }

    fn config_set_context(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let config = &mut self.desk.config;
        let name = match (arguments.is("current"), arguments.words.first()) {
            (true, Some(_)) => {
                return session.usage("you cannot specify both a context name and --current");
            }
            (true, None) => config.current().to_owned(),
            (false, Some(name)) => name.clone(),
            (false, None) => {
                return session.usage("you must specify a non-empty context name or --current");
            }
        };
        let exists = config.context(&name).is_some();
        if !exists {
            let mut entry = Value::map();
            entry.set("context", Value::map());
            entry.set("name", name.as_str());
            config.tree.entry("contexts").list_mut().push(entry);
        }
        for entry in config.tree.items_mut("contexts") {
            if entry.str("name") != name {
                continue;
            }
            for key in ["cluster", "namespace", "user"] {
                if let Some(value) = arguments.text(key) {
                    entry.entry("context").set(key, value);
                }
            }
        }
        let done = if exists { "modified" } else { "created" };
        session.print(&format!("Context {} {done}.", go::quote::quote(&name)));
        Vec::new()
    }

    fn config_use(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let [name] = &arguments.words[..] else {
            return session.usage(&format!("Unexpected args: [{}]", arguments.words.join(" ")));
        };
        if self.desk.config.context(name).is_none() {
            return plain(format!("no context exists with the name: {}", go::quote::quote(name)));
        }
        self.desk.config.tree.set("current-context", name.as_str());
        session.print(&format!("Switched to context {}.", go::quote::quote(name)));
        Vec::new()
    }

    fn config_rename(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let [old, new] = &arguments.words[..] else {
            return session.usage(&format!("Unexpected args: [{}]", arguments.words.join(" ")));
        };
        let config = &mut self.desk.config;
        if config.context(old).is_none() {
            let old = go::quote::quote(old);
            return plain(format!("cannot rename the context {old}, it's not in {PATH}"));
        }
        if config.context(new).is_some() {
            let (old, new) = (go::quote::quote(old), go::quote::quote(new));
            return plain(format!(
                "cannot rename the context {old}, the context {new} already exists in {PATH}"
            ));
        }
        for entry in config.tree.items_mut("contexts") {
            if entry.str("name") == old {
                entry.set("name", new.as_str());
            }
        }
        if config.current() == old {
            config.tree.set("current-context", new.as_str());
        }
        let (old, new) = (go::quote::quote(old), go::quote::quote(new));
        session.print(&format!("Context {old} renamed to {new}."));
        Vec::new()
    }

    fn config_delete(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let [name] = &arguments.words[..] else {
            return session.usage("context name is required");
        };
        let config = &mut self.desk.config;
        if config.context(name).is_none() {
            return plain(format!("cannot delete context {name}, not in {PATH}"));
        }
        if config.current() == name {
            session.note("warning: this removed your active context, use \"kubectl config use-context\" to select a different one");
        }
        config.tree.entry("contexts").list_mut().retain(|entry| entry.str("name") != name);
        session.print(&format!("deleted context {name} from {PATH}"));
        Vec::new()
    }

    fn config_names(&self, key: &str, session: &mut Session) -> Vec<Failure> {
        session.print("NAME");
        let mut names: Vec<&str> =
            self.desk.config.tree.list(key).iter().map(|entry| entry.str("name")).collect();
        names.sort_unstable();
        names.iter().for_each(|name| session.print(name));
        Vec::new()
    }

    fn config_unset(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let [path] = &arguments.words[..] else {
            return session.usage(&format!("Unexpected args: [{}]", arguments.words.join(" ")));
        };
        let tree = &mut self.desk.config.tree;
        let parts: Vec<&str> = path.split('.').collect();
        match parts[..] {
            ["current-context"] => tree.set("current-context", ""),
            [list @ ("contexts" | "clusters" | "users"), name] => {
                tree.entry(list).list_mut().retain(|entry| entry.str("name") != name);
            }
            [list @ ("contexts" | "clusters" | "users"), name, key] => {
                let inner = list.trim_end_matches('s');
                for entry in tree.items_mut(list) {
                    if entry.str("name") == name {
                        entry.entry(inner).remove(key);
                    }
                }
            }
            _ => return plain(format!("unable to parse {} at {path}", go::quote::quote(path))),
        }
        session.print(&format!("Property {} unset.", go::quote::quote(path)));
        Vec::new()
    }
}

/// Leaves only the current context, with its cluster and its user.
fn minify(tree: &mut Value, current: &str) {
    let current = current.to_owned();
    let context = tree
        .list("contexts")
        .iter()
        .find(|entry| entry.str("name") == current)
        .map(|entry| entry["context"].clone())
        .unwrap_or_default();
    for (list, name) in [
        ("contexts", current.as_str()),
        ("clusters", context.str("cluster")),
        ("users", context.str("user")),
    ] {
        tree.entry(list).list_mut().retain(|entry| entry.str("name") == name);
    }
}

/// Hides certificates and keys.
fn omit(tree: &mut Value) {
    for (list, inner) in [("clusters", "cluster"), ("users", "user")] {
        for entry in tree.items_mut(list) {
            let keys: Vec<String> = entry.entries(inner).map(|(key, _)| key.to_string()).collect();
            for key in keys.iter().filter(|key| key.ends_with("-data")) {
                entry.entry(inner).set(key, "DATA+OMITTED");
            }
        }
    }
}
