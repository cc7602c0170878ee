//! Authorization: what a user may do, by the roles that are bound to it.
//!
//! Requests without a user come from the owner of the cluster, who may do everything.
//!
//! Source: plugin/pkg/auth/authorizer/rbac, pkg/registry/rbac/validation/rule.go.

use kubernetes::kinds::Kind;
use kubernetes::object::{Value, parse_json};

use super::{ApiServer, Key, Status};

/// A user with its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub groups: Vec<String>,
}

/// A question: may a user do this?
#[derive(Clone, Copy, Debug, Default)]
pub struct Attributes<'a> {
    pub verb: &'a str,
    pub group: &'a str,
    /// `pods`, or `pods/log`.
    pub resource: &'a str,
    /// Empty for a request about no single object.
    pub name: &'a str,
    /// Empty for all namespaces, and for objects of the cluster.
    pub namespace: &'a str,
    /// A path that is no resource: `/metrics`. The resource is empty then.
    pub path: &'a str,
}

/// A rule that applies to a user, as a role has it.
pub type Rule = Value;

const MASTERS: &str = "system:masters";
const AUTHENTICATED: &str = "system:authenticated";
const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";

const EVERYTHING: &str = r#"[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]},{"verbs":["*"],"nonResourceURLs":["*"]}]"#;

fn parsed(text: &str) -> Vec<Rule> {
    parse_json(text).ok().and_then(|rules| rules.as_list().map(<[_]>::to_vec)).unwrap_or_default()
}

impl User {
    /// The user of a name, with the groups that the API server gives it.
    pub fn named(name: &str) -> Self {
        let mut groups = Vec::new();
        if let Some((namespace, _)) =
            name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
        {
            groups.push(SERVICE_ACCOUNTS.to_owned());
            groups.push(format!("{SERVICE_ACCOUNTS}:{namespace}"));
        }
        groups.push(AUTHENTICATED.to_owned());
        Self { name: name.to_owned(), groups }
    }

    /// Returns true if a binding names the user.
    fn is_subject(&self, subject: &Value, namespace: &str) -> bool {
        match subject.str("kind") {
            "User" => subject.str("name") == self.name,
            "Group" => self.groups.iter().any(|group| group == subject.str("name")),
            "ServiceAccount" => {
                let namespace = match subject.str("namespace") {
                    "" => namespace,
                    own => own,
                };
                self.name == format!("system:serviceaccount:{namespace}:{}", subject.str("name"))
            }
            _ => false,
        }
    }
}

impl ApiServer {
    /// Makes the requests that follow those of a user; None for the owner of the cluster.
    pub fn impersonate(&mut self, user: Option<User>) {
        self.user = user;
    }

    /// The user of the requests; None for the owner of the cluster.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Refuses a request that its user may not make.
    pub fn authorize(
        &self,
        verb: &str,
        kind: &Kind,
        namespace: &str,
        name: &str,
    ) -> Result<(), Status> {
        let Some(user) = &self.user else { return Ok(()) };
        let namespace = if kind.namespaced { namespace } else { "" };
        let resource = kind.plural;
        let group = kind.group;
        let asked = Attributes { verb, group, resource, name, namespace, path: "" };
        if self.allows(user, asked) {
            return Ok(());
        }
        let place = match namespace {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let why = format!(
            "User \"{}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}",
            user.name
        );
        Err(Status::forbidden(kind, name, &why))
    }

    /// Returns true if a role that is bound to a user allows something.
    pub fn allows(&self, user: &User, asked: Attributes<'_>) -> bool {
        self.rules(user, asked.namespace).iter().any(|rule| covers(rule, asked))
    }

    /// The rules of all roles that are bound to a user, for a namespace.
    pub fn rules(&self, user: &User, namespace: &str) -> Vec<Rule> {
        const GROUP: &str = "rbac.authorization.k8s.io";
        if user.groups.iter().any(|group| group == MASTERS) {
            return parsed(EVERYTHING);
        }
        let mut rules = Vec::new();
        let wide = self.storage.list(GROUP, "ClusterRoleBinding", "");
        let own = self.storage.list(GROUP, "RoleBinding", namespace);
        let own = own.filter(|_| !namespace.is_empty());
        for (key, binding) in wide.chain(own) {
            let subjects = binding.list("subjects");
            if subjects.iter().any(|subject| user.is_subject(subject, &key.namespace)) {
                rules.extend(self.role(&binding["roleRef"], &key.namespace));
            }
        }
        rules
    }

    /// The rules of a role.
    fn role(&self, reference: &Value, namespace: &str) -> Vec<Rule> {
        let (kind, name) = (reference.str("kind"), reference.str("name"));
        let (kind, namespace) = match kind {
            "Role" => ("Role", namespace),
            _ => ("ClusterRole", ""),
        };
        let group = "rbac.authorization.k8s.io";
        let key = Key { kind, group, namespace: namespace.into(), name: name.into() };
        self.storage.get(&key).map_or_else(Vec::new, |role| role.list("rules").to_vec())
    }
}

fn has(rule: &Rule, field: &str, wanted: &str) -> bool {
    let values = rule.list(field).iter().filter_map(Value::as_str);
    values.into_iter().any(|value| value == "*" || value == wanted)
}

/// Returns true if a rule allows something.
fn covers(rule: &Rule, asked: Attributes<'_>) -> bool {
    if !has(rule, "verbs", asked.verb) {
        return false;
    }
    if asked.resource.is_empty() {
        let mut paths = rule.list("nonResourceURLs").iter().filter_map(Value::as_str);
        return paths.any(|path| match path.strip_suffix('*') {
            Some(prefix) => asked.path.starts_with(prefix),
            None => path == asked.path,
        });
    }
    let names = rule.list("resourceNames");
    let any = asked.resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
    has(rule, "apiGroups", asked.group)
        && (has(rule, "resources", asked.resource)
            || any.is_some_and(|any| has(rule, "resources", &any)))
        && (names.is_empty() || names.iter().any(|name| name.as_str() == Some(asked.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::kinds;

    fn server() -> ApiServer {
        let mut server = ApiServer::new(0, 1);
        for object in [
            r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"r","namespace":"ci"},
            "rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]},
            {"verbs":["get"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["release"]}]}"#,
            r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"b","namespace":"ci"},
            "roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"bot"},
            {"kind":"User","name":"jane"}]}"#,
            r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"v"},
            "roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"Group","name":"system:serviceaccounts:ci"}]}"#,
        ] {
            server.restore(&parse_json(object).expect("JSON"));
        }
        server
    }

    #[test]
    fn roles_allow_what_they_name() {
        let server = server();
        let (bot, jane) = (User::named("system:serviceaccount:ci:bot"), User::named("jane"));
        for (user, verb, resource, name, namespace, expected) in [
            (&bot, "list", "pods", "", "ci", true),
            (&bot, "get", "pods/log", "", "ci", true),
            (&bot, "delete", "pods", "", "ci", false),
            (&bot, "list", "services", "", "other", true),
            (&bot, "get", "secrets", "", "ci", false),
            (&jane, "list", "pods", "", "ci", true),
            (&jane, "list", "pods", "", "", false),
            (&jane, "get", "configmaps", "release", "ci", true),
            (&jane, "get", "configmaps", "other", "ci", false),
        ] {
            let asked = Attributes { verb, resource, name, namespace, ..Attributes::default() };
            assert_eq!(server.allows(user, asked), expected, "{} {asked:?}", user.name);
        }
        let path = |path| Attributes { verb: "get", path, ..Attributes::default() };
        assert!(server.allows(&jane, path("/version")) && server.allows(&jane, path("/apis/apps")));
        assert!(!server.allows(&jane, path("/metrics")));
    }

    #[test]
    fn requests_of_a_user_are_refused() {
        let mut server = server();
        server.impersonate(Some(User::named("jane")));
        let kind = kinds::find("v1", "Secret").expect("a kind");
        let refused = server.get(kind, "ci", "x").expect_err("it is refused");
        assert_eq!(
            refused.message,
            "secrets \"x\" is forbidden: User \"jane\" cannot get resource \"secrets\" in API group \"\" \
             in the namespace \"ci\""
        );
    }
}
