//! Roles and their bindings.
//!
//! Source: pkg/apis/rbac/validation, pkg/apis/rbac/v1/defaults.go.

use super::{KIND, Kind, Update};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, meta, names};

const GROUP: &str = "rbac.authorization.k8s.io";

pub const ROLE: Kind = Kind {
    group: GROUP,
    kind: "Role",
    columns: crate::columns::NAME_AND_CREATED,
    plural: "roles",
    name_form: names::path_segment,
    description: "What may be done in a namespace.",
    validate: |errors, object| rules(errors, object, true),
    ..KIND
};

pub const CLUSTER_ROLE: Kind = Kind {
    group: GROUP,
    kind: "ClusterRole",
    columns: crate::columns::NAME_AND_CREATED,
    plural: "clusterroles",
    namespaced: false,
    name_form: names::path_segment,
    description: "What may be done in the whole cluster.",
    validate: |errors, object| {
        rules(errors, object, false);
        aggregation(errors, object);
    },
    ..KIND
};

pub const ROLE_BINDING: Kind = Kind {
    group: GROUP,
    kind: "RoleBinding",
    columns: crate::columns::ROLE_BINDING,
    plural: "rolebindings",
    name_form: names::path_segment,
    description: "Who has a role in a namespace.",
    defaults: binding_defaults,
    validate: |errors, object| binding(errors, object, &["Role", "ClusterRole"]),
    validate_update: Update::With(|errors, new, old| {
        binding(errors, new, &["Role", "ClusterRole"]);
        same_role(errors, new, old);
    }),
    ..KIND
};

pub const CLUSTER_ROLE_BINDING: Kind = Kind {
    group: GROUP,
    kind: "ClusterRoleBinding",
    columns: crate::columns::ROLE_BINDING,
    plural: "clusterrolebindings",
    namespaced: false,
    name_form: names::path_segment,
    description: "Who has a role in the whole cluster.",
    defaults: binding_defaults,
    validate: |errors, object| binding(errors, object, &["ClusterRole"]),
    validate_update: Update::With(|errors, new, old| {
        binding(errors, new, &["ClusterRole"]);
        same_role(errors, new, old);
    }),
    ..KIND
};

fn binding_defaults(object: &mut Value) {
    if object["roleRef"].str("apiGroup").is_empty() {
        object.entry("roleRef").set("apiGroup", GROUP);
    }
    for subject in object.items_mut("subjects") {
        if matches!(subject.str("kind"), "User" | "Group") {
            subject.set_default_str("apiGroup", GROUP);
        }
    }
}

fn rules(errors: &mut Errors, object: &Value, namespaced: bool) {
    let rules = Path::new("rules");
    for (number, rule) in object.list("rules").iter().enumerate() {
        self::rule(errors, rule, namespaced, &rules.index(number));
    }
}

fn rule(errors: &mut Errors, rule: &Value, namespaced: bool, path: &Path<'_>) {
    if rule.list("verbs").is_empty() {
        errors.required(&path.child("verbs"), "verbs must contain at least one value");
    }
    let urls = rule.list("nonResourceURLs");
    if !urls.is_empty() {
        let at = path.child("nonResourceURLs");
        if namespaced {
            let message = "namespaced rules cannot apply to non-resource URLs";
            errors.invalid(&at, &rule["nonResourceURLs"], message);
        }
        let others = ["apiGroups", "resources", "resourceNames"];
        if others.iter().any(|key| !rule.list(key).is_empty()) {
            let message = "rules cannot apply to both regular resources and non-resource URLs";
            errors.invalid(&at, &rule["nonResourceURLs"], message);
        }
        return;
    }
    if rule.list("apiGroups").is_empty() {
        let message = "resource rules must supply at least one api group";
        errors.required(&path.child("apiGroups"), message);
    }
    if rule.list("resources").is_empty() {
        let message = "resource rules must supply at least one resource";
        errors.required(&path.child("resources"), message);
    }
}

fn aggregation(errors: &mut Errors, object: &Value) {
    if !object.has("aggregationRule") {
        return;
    }
    let path = Path::new("aggregationRule");
    let at = path.child("clusterRoleSelectors");
    let selectors = object["aggregationRule"].list("clusterRoleSelectors");
    if selectors.is_empty() {
        let message = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        errors.required(&at, message);
    }
    for (number, selector) in selectors.iter().enumerate() {
        meta::label_selector(errors, selector, &at.index(number));
    }
}

fn binding(errors: &mut Errors, object: &Value, kinds: &[&str]) {
    let role = &object["roleRef"];
    let path = Path::new("roleRef");
    errors.one_of(&path.child("apiGroup"), role.str("apiGroup"), &[GROUP]);
    errors.one_of(&path.child("kind"), role.str("kind"), kinds);
    let name = role.str("name");
    if name.is_empty() {
        errors.required(&path.child("name"), "");
    } else {
        errors.invalid_each(&path.child("name"), name, names::path_segment(name));
    }
    let subjects = Path::new("subjects");
    let namespaced = kinds.contains(&"Role");
    for (number, subject) in object.list("subjects").iter().enumerate() {
        self::subject(errors, subject, namespaced, &subjects.index(number));
    }
}

fn subject(errors: &mut Errors, subject: &Value, namespaced: bool, path: &Path<'_>) {
    let (name, group) = (subject.str("name"), subject.str("apiGroup"));
    if name.is_empty() {
        errors.required(&path.child("name"), "");
    }
    match subject.str("kind") {
        "ServiceAccount" => {
            if !name.is_empty() {
                let wrong = names::dns1123_subdomain(name);
                errors.invalid_each(&path.child("name"), name, wrong);
            }
            errors.one_of(&path.child("apiGroup"), group, &[""]);
            if !namespaced && subject.str("namespace").is_empty() {
                errors.required(&path.child("namespace"), "");
            }
        }
        "User" | "Group" => errors.one_of(&path.child("apiGroup"), group, &[GROUP]),
        other => {
            let kinds = ["ServiceAccount", "User", "Group"];
            errors.not_supported(&path.child("kind"), other, &kinds);
        }
    }
}

fn same_role(errors: &mut Errors, new: &Value, old: &Value) {
    if new["roleRef"] != old["roleRef"] {
        let id = types().named("io.k8s.api.rbac.v1.RoleRef");
        let bad =
            Bad::raw(id.map_or_else(String::new, |id| internal::to_json(id, &new["roleRef"])));
        errors.invalid(&Path::new("roleRef"), bad, "cannot change roleRef");
    }
}
