//! Completion of kubectl's command lines, out of the same tables that run them.

use std::collections::BTreeSet;

use kubernetes::kinds::{KINDS, Kind};
use kubernetes::object::Value;

use super::commands::{COMMANDS, Command, GLOBAL};
use super::flags::{Flag, Form};
use crate::complete::{Candidate, Surroundings, files};

/// What the arguments of a command are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// A kind, then names of it; or `KIND/NAME`.
    Objects,
    /// Only a kind: `explain`.
    Kind,
    /// `KIND/NAME`, or a name of this kind.
    NamesOf(&'static str),
    /// `KIND/NAME` of workloads: `rollout`, `set`, `scale`.
    Workloads,
    Contexts,
    /// A word that is a kind, then names of it: `taint nodes NAME`, `top pod NAME`.
    NamesAfter(&'static [&'static str]),
    /// A word, then a kind: `auth can-i VERB KIND`.
    KindAfter(&'static [&'static str]),
    Files,
}

const WORKLOADS: &[&str] = &["daemonsets", "deployments", "statefulsets", "replicasets"];
const VERBS: &[&str] =
    &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// The arguments of a command by the words that name it.
fn takes(path: &str) -> Takes {
    match path {
        "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" | "wait"
        | "expose" => Takes::Objects,
        "explain" => Takes::Kind,
        "logs" | "exec" | "attach" | "port-forward" => Takes::NamesOf("pods"),
        "cordon" | "uncordon" | "drain" => Takes::NamesOf("nodes"),
        "top" => Takes::NamesAfter(&["node", "pod"]),
        "taint" => Takes::NamesAfter(&["nodes"]),
        "config use-context" | "config set-context" => Takes::Contexts,
        "auth can-i" => Takes::KindAfter(VERBS),
        "cp" => Takes::Files,
        path if path.starts_with("rollout ") || path.starts_with("set ") => Takes::Workloads,
        "scale" | "autoscale" => Takes::Workloads,
        _ => Takes::Nothing,
    }
}

/// The values that flags take, as far as they are a small set.
const VALUES: &[(&str, &[&str])] = &[
    ("output", &["custom-columns=", "json", "jsonpath=", "name", "wide", "yaml"]),
    ("dry-run", &["client", "none", "server"]),
    ("cascade", &["background", "foreground", "orphan"]),
    ("for", &["condition=", "create", "delete", "jsonpath="]),
    ("sort-by", &[".metadata.creationTimestamp", ".metadata.name"]),
    ("type", &["ClusterIP", "LoadBalancer", "NodePort", "json", "merge", "strategic"]),
];

/// The candidates for the word behind `kubectl` and other words.
pub(crate) fn complete(words: &[&str], typed: &str, around: &Surroundings<'_>) -> Vec<Candidate> {
    let line = read(words);
    let flags = || line.groups.iter().flat_map(|group| group.iter());
    if let Some(flag) = line.open {
        return values(flag, &line, typed, around);
    }
    if let Some((name, _)) = typed.strip_prefix("--").and_then(|rest| rest.split_once('=')) {
        let Some(flag) = flags().find(|flag| flag.name == name) else { return Vec::new() };
        let value = typed.split_once('=').map_or("", |(_, value)| value);
        let all = values(flag, &line, value, around).into_iter();
        return all
            .map(|one| Candidate::new(format!("--{name}={}", one.text), one.detail))
            .collect();
    }
    if typed.starts_with('-') {
        let shown = flags().filter(|flag| flag.deprecated.is_empty());
        return shown.map(flag_candidate).collect();
    }
    let arguments = || arguments(&line, typed, around);
    match line.command {
        None if line.arguments.is_empty() => names(COMMANDS).collect(),
        None => Vec::new(),
        Some(command) if !command.subcommands.is_empty() => names(command.subcommands).collect(),
        Some(_) => arguments(),
    }
}

fn flag_candidate(flag: &Flag) -> Candidate {
    let detail = match (flag.short, flag.form) {
        (Some(letter), _) => format!("-{letter}"),
        (None, Form::Switch) => "switch".to_owned(),
        (None, _) => String::new(),
    };
    Candidate::new(format!("--{}", flag.name), detail)
}

fn names(commands: &'static [Command]) -> impl Iterator<Item = Candidate> {
    commands.iter().map(|command| Candidate::new(command.name, ""))
}

/// A command line as far as it is typed.
struct Line<'a> {
    command: Option<&'static Command>,
    /// `rollout status`
    path: String,
    groups: Vec<&'static [Flag]>,
    /// Words that are neither flags, their values nor names of commands.
    arguments: Vec<&'a str>,
    /// The flag whose value comes next.
    open: Option<&'static Flag>,
    namespace: Option<&'a str>,
    all_namespaces: bool,
}

fn read<'a>(words: &[&'a str]) -> Line<'a> {
    let mut line = Line {
        command: None,
        path: String::new(),
        groups: vec![GLOBAL],
        arguments: Vec::new(),
        open: None,
        namespace: None,
        all_namespaces: false,
    };
    let mut commands = COMMANDS;
    for word in words {
        if let Some(flag) = line.open.take() {
            if flag.name == "namespace" {
                line.namespace = Some(word);
            }
            continue;
        }
        if let Some(text) = word.strip_prefix('-').filter(|text| !text.is_empty()) {
            line.read_flag(text);
            continue;
        }
        let named = |command: &&Command| command.name == *word || command.aliases.contains(word);
        match commands.iter().find(named) {
            Some(command) => {
                let blank = if line.path.is_empty() { "" } else { " " };
                line.path.push_str(&format!("{blank}{}", command.name));
                line.groups.extend(command.flags);
                line.command = Some(command);
                commands = command.subcommands;
            }
            None => line.arguments.push(word),
        }
    }
    line
}

impl<'a> Line<'a> {
    /// Reads a flag without its first dash.
    fn read_flag(&mut self, text: &'a str) {
        let all = || self.groups.iter().flat_map(|group| group.iter());
        let needs_value = |flag: &Flag| !matches!(flag.form, Form::Switch | Form::Optional(_));
        if let Some(long) = text.strip_prefix('-') {
            match long.split_once('=') {
                Some(("namespace", value)) => self.namespace = Some(value),
                Some(_) => {}
                None => {
                    self.all_namespaces |= long == "all-namespaces";
                    self.open =
                        all().find(|flag| flag.name == long).filter(|flag| needs_value(flag));
                }
            }
            return;
        }
        for (at, letter) in text.char_indices() {
            let Some(flag) = all().find(|flag| flag.short == Some(letter)) else { return };
            let rest = text.get(at + letter.len_utf8()..).unwrap_or_default();
            self.all_namespaces |= flag.name == "all-namespaces";
            if needs_value(flag) {
                match rest.trim_start_matches('=') {
                    "" => self.open = Some(flag),
                    value if flag.name == "namespace" => self.namespace = Some(value),
                    _ => {}
                }
                return;
            }
        }
    }
}

fn values(flag: &Flag, line: &Line<'_>, typed: &str, around: &Surroundings<'_>) -> Vec<Candidate> {
    match flag.name {
        "namespace" => objects("Namespace", "", around),
        "filename" | "kustomize" | "from-file" | "from-env-file" => files(around, typed),
        "context" => contexts(around),
        "container" => containers(line, around),
        "selector" => labels(line, around),
        name => {
            let found = VALUES.iter().find(|(flag, _)| *flag == name);
            let texts = found.map_or(&[][..], |(_, texts)| texts);
            texts.iter().map(|text| Candidate::new(*text, "")).collect()
        }
    }
}

fn contexts(around: &Surroundings<'_>) -> Vec<Candidate> {
    let contexts = around.config.tree.list("contexts").iter();
    contexts.map(|entry| Candidate::new(entry.str("name"), "context")).collect()
}

/// The objects of a kind with their names, in a namespace or in all.
fn stored<'a>(
    kind: &'a str,
    namespace: &'a str,
    around: &Surroundings<'a>,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let all = around.server.storage.iter().filter(move |(key, _)| {
        key.kind == kind && (namespace.is_empty() || *key.namespace == *namespace)
    });
    all.map(|(key, object)| (&*key.name, object))
}

fn objects(kind: &str, namespace: &str, around: &Surroundings<'_>) -> Vec<Candidate> {
    stored(kind, namespace, around).map(|(name, _)| Candidate::new(name, kind)).collect()
}

fn kinds(around: &Surroundings<'_>) -> Vec<Candidate> {
    let custom = around.server.custom_kinds().iter().copied();
    let all = KINDS.iter().chain(custom);
    all.map(|kind| Candidate::new(kind.plural, kind.short_names.join(", "))).collect()
}

/// The namespace of the objects that a line is about; empty for all.
fn namespace<'a>(line: &Line<'a>, around: &Surroundings<'a>) -> &'a str {
    match line.namespace {
        _ if line.all_namespaces => "",
        Some(namespace) => namespace,
        None => around.config.namespace(),
    }
}

fn names_of(kind: &Kind, line: &Line<'_>, around: &Surroundings<'_>) -> Vec<Candidate> {
    let namespace = if kind.namespaced { namespace(line, around) } else { "" };
    objects(kind.kind, namespace, around)
}

/// `KIND/NAME` if a kind is typed.
fn pairs(typed: &str, line: &Line<'_>, around: &Surroundings<'_>) -> Option<Vec<Candidate>> {
    let (word, _) = typed.split_once('/')?;
    let names = around.server.kind_named(word).map(|kind| names_of(kind, line, around));
    let with_kind = |one: Candidate| Candidate::new(format!("{word}/{}", one.text), one.detail);
    Some(names.unwrap_or_default().into_iter().map(with_kind).collect())
}

fn arguments(line: &Line<'_>, typed: &str, around: &Surroundings<'_>) -> Vec<Candidate> {
    if let Some(pairs) = pairs(typed, line, around) {
        return pairs;
    }
    let given = &line.arguments;
    let after_kind = || match given.first().filter(|word| !word.contains('/')) {
        // Several kinds may stand before a comma; names follow a single one.
        Some(word) => around.server.kind_named(word).map(|kind| names_of(kind, line, around)),
        None => None,
    };
    match takes(&line.path) {
        Takes::Nothing => Vec::new(),
        Takes::Files => files(around, typed),
        Takes::Contexts => contexts(around),
        Takes::Kind if given.is_empty() => kinds(around),
        Takes::Kind => Vec::new(),
        Takes::NamesAfter(words) | Takes::KindAfter(words) if given.is_empty() => {
            words.iter().map(|word| Candidate::new(*word, "")).collect()
        }
        Takes::NamesAfter(_) => after_kind().unwrap_or_default(),
        Takes::KindAfter(_) => kinds(around),
        Takes::Objects if given.is_empty() => {
            let mut all = kinds(around);
            all.push(Candidate::new("all", "workloads and Services"));
            all
        }
        Takes::Objects => after_kind().unwrap_or_default(),
        Takes::Workloads if given.is_empty() => {
            let kinds = WORKLOADS.iter().filter_map(|plural| around.server.kind_named(plural));
            let pairs = kinds.flat_map(|kind| {
                let names = names_of(kind, line, around);
                names.into_iter().map(|one| {
                    Candidate::new(format!("{}/{}", kind.singular(), one.text), one.detail)
                })
            });
            pairs.chain(WORKLOADS.iter().map(|plural| Candidate::new(*plural, ""))).collect()
        }
        Takes::Workloads => after_kind().unwrap_or_default(),
        Takes::NamesOf(kind) if given.is_empty() || kind == "nodes" => around
            .server
            .kind_named(kind)
            .map(|kind| names_of(kind, line, around))
            .unwrap_or_default(),
        Takes::NamesOf(_) => Vec::new(),
    }
}

/// The containers of the pod that a line names.
fn containers(line: &Line<'_>, around: &Surroundings<'_>) -> Vec<Candidate> {
    let name = line.arguments.first().map(|word| word.strip_prefix("pod/").unwrap_or(word));
    let namespace = namespace(line, around);
    let mut pods = stored("Pod", namespace, around);
    let Some((_, pod)) = pods.find(|(own, _)| Some(*own) == name) else { return Vec::new() };
    let spec = &pod["spec"];
    let all = spec.list("initContainers").iter().chain(spec.list("containers"));
    all.map(|container| Candidate::new(container.str("name"), container.str("image"))).collect()
}

/// The labels of the objects of the kind that a line names: `app=web`.
fn labels(line: &Line<'_>, around: &Surroundings<'_>) -> Vec<Candidate> {
    let kind = match line.path.as_str() {
        "logs" => around.server.kind_named("pods"),
        _ => line.arguments.first().and_then(|word| around.server.kind_named(word)),
    };
    let Some(kind) = kind else { return Vec::new() };
    let namespace = if kind.namespaced { namespace(line, around) } else { "" };
    let all = stored(kind.kind, namespace, around);
    let pairs: BTreeSet<String> = all
        .flat_map(|(_, object)| {
            let labels = kubernetes::columns::labels(&object["metadata"]["labels"]);
            labels.split(',').map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|pair| pair.contains('='))
        .collect();
    pairs.into_iter().map(|pair| Candidate::new(pair, "label")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_arguments_names_commands() {
        for path in [
            "get",
            "describe",
            "delete",
            "edit",
            "label",
            "annotate",
            "patch",
            "wait",
            "expose",
            "explain",
            "logs",
            "exec",
            "attach",
            "port-forward",
            "cordon",
            "uncordon",
            "drain",
            "top",
            "taint",
            "config use-context",
            "config set-context",
            "auth can-i",
            "cp",
            "rollout status",
            "set image",
            "scale",
            "autoscale",
        ] {
            let words: Vec<&str> = path.split(' ').collect();
            let line = read(&words);
            assert_eq!((&*line.path, line.arguments.len()), (path, 0), "{path}");
            assert_ne!(takes(path), Takes::Nothing, "{path}");
        }
    }

    #[test]
    fn values_belong_to_flags() {
        for (name, _) in VALUES {
            let known = |flags: &[&[Flag]]| {
                flags.iter().any(|group| group.iter().any(|one| one.name == *name))
            };
            let in_tree = COMMANDS.iter().any(|command| {
                known(command.flags) || command.subcommands.iter().any(|sub| known(sub.flags))
            });
            assert!(in_tree, "{name}");
        }
    }
}
