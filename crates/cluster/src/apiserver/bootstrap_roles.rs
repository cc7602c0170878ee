//! The ClusterRoles of a fresh cluster, and the ClusterRoleBindings that bind them to the system.
//!
//! Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy policy.go, controller_policy.go.

use std::sync::OnceLock;

use kubernetes::hash::uuid;
use kubernetes::object::Value;

use super::ApiServer;

const API_VERSION: &str = "rbac.authorization.k8s.io/v1";
const GROUP: &str = "rbac.authorization.k8s.io";
/// The prefix of the label that says which role takes over the rules of another one.
const AGGREGATE: &str = "rbac.authorization.k8s.io/";
/// The prefix of roles of controllers. Each is bound to the service account of the same name.
const CONTROLLER: &str = "system:controller:";

/// Subjects of bindings by their role. A role of a controller has its service account.
const SUBJECTS: &[(&str, &[(&str, &str)])] = &[
    ("cluster-admin", &[("Group", "system:masters")]),
    ("system:basic-user", &[("Group", "system:authenticated")]),
    ("system:discovery", &[("Group", "system:authenticated")]),
    ("system:kube-controller-manager", &[("User", "system:kube-controller-manager")]),
    ("system:kube-dns", &[("ServiceAccount", "kube-dns")]),
    ("system:kube-scheduler", &[("User", "system:kube-scheduler")]),
    ("system:monitoring", &[("Group", "system:monitoring")]),
    ("system:node", &[]),
    ("system:node-proxier", &[("User", "system:kube-proxy")]),
    (
        "system:public-info-viewer",
        &[("Group", "system:authenticated"), ("Group", "system:unauthenticated")],
    ),
    ("system:service-account-issuer-discovery", &[("Group", "system:serviceaccounts")]),
    ("system:volume-scheduler", &[("User", "system:kube-scheduler")]),
];

/// A role of the table.
struct Role {
    name: &'static str,
    /// `aggregate-to-edit` for a role whose rules `edit` takes over; empty for most.
    aggregate: &'static str,
    rules: Vec<Value>,
}

fn texts(list: &str) -> Vec<Value> {
    list.split(',').map(Value::from).collect()
}

/// A line of the table: `VERBS RESOURCES [@GROUPS] [=NAMES]` or `VERBS PATHS`.
fn rule(line: &str) -> Value {
    let mut words = line.split_whitespace();
    let verbs = match words.next().unwrap_or_default() {
        "read" => "get,list,watch",
        "write" => "create,delete,deletecollection,patch,update",
        "all" => "create,delete,deletecollection,get,list,patch,update,watch",
        verbs => verbs,
    };
    let what = words.next().unwrap_or_default();
    let (mut groups, mut names) = (None, None);
    for word in words {
        match word.split_at(1) {
            ("@", list) => groups = Some(list),
            (_, list) => names = Some(list),
        }
    }
    let mut rule = Value::map();
    if what.starts_with('/') || what == "*" && groups.is_none() {
        rule.set("nonResourceURLs", texts(what));
    } else {
        let groups = groups.unwrap_or("core").split(',');
        let groups = groups.map(|group| if group == "core" { "" } else { group });
        rule.set("apiGroups", groups.map(Value::from).collect::<Vec<_>>());
        rule.set("resources", texts(what));
    }
    if let Some(names) = names {
        rule.set("resourceNames", texts(names));
    }
    rule.set("verbs", texts(verbs));
    rule
}

fn parse(table: &'static str) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            if let Some(role) = roles.last_mut() {
                role.rules.push(rule(line));
            }
        } else {
            let (name, aggregate) = line.split_once(' ').unwrap_or((line, ""));
            roles.push(Role { name, aggregate, rules: Vec::new() });
        }
    }
    roles
}

/// The roles of the table. Those that take over the rules of others have them, in the order of the
/// names of the others.
fn roles() -> &'static [Role] {
    static ROLES: OnceLock<Vec<Role>> = OnceLock::new();
    ROLES.get_or_init(|| {
        let mut roles = parse(include_str!("../../data/cluster_roles.txt"));
        roles.sort_by_key(|role| role.name);
        for name in ["view", "edit", "admin"] {
            let rules = aggregated(&roles, name);
            let role = roles.iter_mut().find(|role| role.name == name);
            role.into_iter().for_each(|role| role.rules.clone_from(&rules));
        }
        roles
    })
}

fn aggregated(roles: &[Role], name: &str) -> Vec<Value> {
    let sources =
        roles.iter().filter(|role| role.aggregate.strip_prefix("aggregate-to-") == Some(name));
    let mut rules: Vec<Value> = Vec::new();
    for rule in sources.flat_map(|role| &role.rules) {
        if !rules.contains(rule) {
            rules.push(rule.clone());
        }
    }
    rules
}

fn subject(kind: &str, name: &str) -> Value {
    let mut subject = Value::map();
    subject.set("kind", kind);
    subject.set("name", name);
    match kind {
        "ServiceAccount" => subject.set("namespace", "kube-system"),
        _ => subject.set("apiGroup", GROUP),
    }
    subject
}

/// The subjects of the binding of a role; None for a role without a binding.
fn subjects(role: &str) -> Option<Vec<Value>> {
    if let Some(account) = role.strip_prefix(CONTROLLER) {
        return Some(vec![subject("ServiceAccount", account)]);
    }
    let (_, subjects) = SUBJECTS.iter().find(|(name, _)| *name == role)?;
    Some(subjects.iter().map(|(kind, name)| subject(kind, name)).collect())
}

impl ApiServer {
    /// Stores the roles and bindings of a fresh cluster.
    pub(super) fn put_bootstrap_roles(&mut self) {
        for role in roles() {
            self.put_fixed(API_VERSION, "ClusterRole", role.name, |object| {
                mark(object);
                if !role.aggregate.is_empty() {
                    let labels = object.entry("metadata").entry("labels");
                    labels.set(&format!("{AGGREGATE}{}", role.aggregate), "true");
                }
                if matches!(role.name, "view" | "edit" | "admin") {
                    let mut selector = Value::map();
                    let label = format!("{AGGREGATE}aggregate-to-{}", role.name);
                    selector.entry("matchLabels").set(&label, "true");
                    object.entry("aggregationRule").set("clusterRoleSelectors", vec![selector]);
                }
                object.set("rules", role.rules.clone());
            });
            let Some(subjects) = subjects(role.name) else { continue };
            self.put_fixed(API_VERSION, "ClusterRoleBinding", role.name, |object| {
                mark(object);
                let reference = object.entry("roleRef");
                reference.set("apiGroup", GROUP);
                reference.set("kind", "ClusterRole");
                reference.set("name", role.name);
                if !subjects.is_empty() {
                    object.set("subjects", subjects);
                }
            });
        }
    }

    /// Stores an object of the cluster whose uid follows from its name.
    fn put_fixed(&mut self, version: &str, kind: &str, name: &str, fill: impl FnOnce(&mut Value)) {
        let before = self.random;
        self.put_system(version, kind, "", name, |object| {
            object.entry("metadata").set("uid", uuid(&[kind, name]));
            fill(object);
        });
        // Names and uids of other objects do not depend on the number of roles.
        self.random = before;
    }
}

/// Marks an object that the API server reconciles when it starts.
fn mark(object: &mut Value) {
    let metadata = object.entry("metadata");
    metadata.entry("annotations").set("rbac.authorization.kubernetes.io/autoupdate", "true");
    metadata.entry("labels").set("kubernetes.io/bootstrapping", "rbac-defaults");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::{Attributes, User};

    #[test]
    fn roles_take_over_the_rules_of_others() {
        let count = |name: &str| {
            roles().iter().find(|role| role.name == name).map_or(0, |role| role.rules.len())
        };
        assert_eq!(count("view"), count("system:aggregate-to-view"));
        assert_eq!(count("edit"), count("system:aggregate-to-edit") + count("view"));
        assert_eq!(count("admin"), count("system:aggregate-to-admin") + count("edit"));
        // Each role of the system but the three has rules, and each rule has verbs and objects.
        for role in roles() {
            assert!(!role.rules.is_empty(), "{}", role.name);
            for rule in &role.rules {
                let objects = rule.list("resources").len() + rule.list("nonResourceURLs").len();
                assert!(objects > 0 && !rule.list("verbs").is_empty(), "{}: {rule:?}", role.name);
            }
        }
    }

    #[test]
    fn bindings_name_roles_of_the_table() {
        for (name, _) in SUBJECTS {
            assert!(roles().iter().any(|role| role.name == *name), "{name}");
        }
    }

    #[test]
    fn the_system_may_do_what_its_roles_say() {
        let server = ApiServer::new(0, 1);
        let scheduler = User::named("system:kube-scheduler");
        let asked = |verb, resource| Attributes { verb, resource, ..Attributes::default() };
        assert!(server.allows(&scheduler, asked("create", "pods/binding")));
        assert!(!server.allows(&scheduler, asked("create", "pods")));
        let controller = User::named("system:serviceaccount:kube-system:job-controller");
        assert!(server.allows(&controller, asked("create", "pods")));
    }
}
