//! `kubectl auth`: `can-i` and `whoami`.
//!
//! Source: kubectl pkg/cmd/auth/cani.go, whoami.go; component-helpers auth/rbac/validation
//! `CompactRules`.

use cluster::apiserver::{Attributes, Rule, User};
use kubernetes::object::Value;

use super::commands::{ALL_NAMESPACES, COMMAND, Command};
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::{Kubectl, Session, table};

/// Flags of `can-i`.
const CAN_I: &[Flag] = &[
    Flag::new("list", Form::Switch),
    Flag::new("no-headers", Form::Switch),
    Flag::short("quiet", 'q', Form::Switch),
    Flag::new("subresource", Form::Text),
];

/// The subcommands of `auth`.
pub(super) static COMMANDS: &[Command] = &[
    Command {
        name: "can-i",
        flags: &[ALL_NAMESPACES, CAN_I],
        run: |kubectl, arguments, session| kubectl.can_i(arguments, session),
        ..COMMAND
    },
    Command {
        name: "whoami",
        run: |kubectl, _, session| {
            kubectl.who_am_i(session);
            Vec::new()
        },
        ..COMMAND
    },
];

/// The user of the kubeconfig.
fn administrator() -> User {
    let groups = ["system:masters", "system:authenticated"].map(str::to_owned).to_vec();
    User { name: "minikube-user".to_owned(), groups }
}

/// The user that `--as` and `--as-group` name; None without `--as`.
pub(super) fn impersonated(arguments: &Arguments) -> Option<User> {
    let name = arguments.text("as").filter(|name| !name.is_empty())?;
    let mut user = User::named(name);
    let groups = arguments.list("as-group");
    user.groups.splice(0..0, groups.iter().map(|group| (*group).to_owned()));
    Some(user)
}

impl Kubectl<'_> {
    fn can_i(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let user = self.server.user().cloned().unwrap_or_else(administrator);
        let namespace = match arguments.is("all-namespaces") {
            true => String::new(),
            false => self.context(arguments).to_owned(),
        };
        if arguments.is("list") {
            let rules = self.server.rules(&user, &namespace);
            let mut rows = rows(&rules);
            if !arguments.is("no-headers") {
                let header = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"];
                rows.insert(0, header.map(str::to_owned).to_vec());
            }
            session.output.stdout.push_str(&table::lines(&rows));
            return Vec::new();
        }
        let [verb, what] = &arguments.words[..] else {
            return super::plain(
                "you must specify two arguments: verb resource or verb resource/resourceName.\n\
                 See 'kubectl auth can-i -h' for help and examples.",
            );
        };
        let allowed = if what.starts_with('/') {
            let asked = Attributes { verb, path: what, ..Attributes::default() };
            self.server.allows(&user, asked)
        } else {
            self.can_i_resource(&user, (verb, what), &namespace, arguments, session)
        };
        if !arguments.is("quiet") {
            session.print(if allowed { "yes" } else { "no" });
        }
        session.output.exit = i32::from(!allowed);
        Vec::new()
    }

    fn can_i_resource(
        &self,
        user: &User,
        (verb, what): (&str, &str),
        namespace: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> bool {
        let (word, name) = what.split_once('/').unwrap_or((what, ""));
        let kind = self.server.kind_named(word);
        let (group, plural) = match kind {
            Some(kind) => (kind.group, kind.plural),
            None => {
                if word != "*" {
                    let (resource, group) = word.split_once('.').unwrap_or((word, ""));
                    let of = match group {
                        "" => String::new(),
                        group => format!(" in group '{group}'"),
                    };
                    session.note(&format!(
                        "Warning: the server doesn't have a resource type '{resource}'{of}\n"
                    ));
                }
                word.split_once('.').map_or(("", word), |(resource, group)| (group, resource))
            }
        };
        if let Some(kind) = kind.filter(|kind| !kind.namespaced && !namespace.is_empty()) {
            let of = match kind.group {
                "" => String::new(),
                group => format!(" in group '{group}'"),
            };
            session.note(&format!(
                "Warning: resource '{}' is not namespace scoped{of}\n",
                kind.plural
            ));
        }
        let resource = match arguments.text("subresource").unwrap_or_default() {
            "" => plural.to_owned(),
            sub => format!("{plural}/{sub}"),
        };
        let namespace = if kind.is_some_and(|kind| !kind.namespaced) { "" } else { namespace };
        let asked = Attributes { verb, group, resource: &resource, name, namespace, path: "" };
        self.server.allows(user, asked)
    }

    fn who_am_i(&self, session: &mut Session) {
        let own = self.server.user().cloned();
        let admin = own.is_none();
        let user = own.unwrap_or_else(administrator);
        let mut rows = vec![
            vec!["ATTRIBUTE".to_owned(), "VALUE".to_owned()],
            vec!["Username".to_owned(), user.name.clone()],
            vec!["Groups".to_owned(), format!("[{}]", user.groups.join(" "))],
        ];
        if admin {
            // The id is that of the certificate of the kubeconfig, which the playground has none of.
            let id = format!("[X509SHA256={}]", "0".repeat(64));
            rows.push(vec!["Extra: authentication.kubernetes.io/credential-id".to_owned(), id]);
        }
        session.output.stdout.push_str(&table::lines(&rows));
    }
}

/// A rule about one resource, or about paths.
struct Compact {
    verbs: Vec<String>,
    group: String,
    resource: String,
    names: Vec<String>,
    paths: Vec<String>,
}

impl Compact {
    /// The text by which rules are sorted: that of the Go type.
    fn order(&self) -> String {
        format!(
            "&PolicyRule{{Verbs:[{}],APIGroups:[{}],Resources:[{}],ResourceNames:[{}],NonResourceURLs:[{}],}}",
            self.verbs.join(" "),
            self.group,
            self.resource,
            self.names.join(" "),
            self.paths.join(" ")
        )
    }

    fn row(&self) -> Vec<String> {
        let resource = match (&*self.group, self.resource.split_once('/')) {
            ("", _) => self.resource.clone(),
            (group, Some((resource, sub))) => format!("{resource}.{group}/{sub}"),
            (group, None) => format!("{}.{group}", self.resource),
        };
        let list = |values: &[String]| format!("[{}]", values.join(" "));
        vec![resource, list(&self.paths), list(&self.names), list(&self.verbs)]
    }
}

/// The lines of `can-i --list`: one for each resource, and one for each path.
fn rows(rules: &[Rule]) -> Vec<Vec<String>> {
    let texts = |rule: &Rule, field: &str| -> Vec<String> {
        rule.list(field).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut all: Vec<Compact> = Vec::new();
    for rule in rules {
        let (verbs, names) = (texts(rule, "verbs"), texts(rule, "resourceNames"));
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                let same = |one: &&mut Compact| {
                    one.group == group
                        && one.resource == resource
                        && one.names == names
                        && names.len() < 2
                };
                match all.iter_mut().find(same) {
                    Some(known) => {
                        let new = verbs.iter().filter(|verb| !known.verbs.contains(verb));
                        let new: Vec<String> = new.cloned().collect();
                        known.verbs.extend(new);
                    }
                    None => all.push(Compact {
                        verbs: verbs.clone(),
                        group: group.clone(),
                        resource,
                        names: names.clone(),
                        paths: Vec::new(),
                    }),
                }
            }
        }
        for path in texts(rule, "nonResourceURLs") {
            let (group, resource) = Default::default();
            all.push(Compact {
                verbs: verbs.clone(),
                group,
                resource,
                names: Vec::new(),
                paths: vec![path],
            });
        }
    }
    all.sort_by_key(Compact::order);
    all.iter().map(Compact::row).collect()
}
