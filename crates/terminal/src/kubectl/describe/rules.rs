//! Rules of roles in a compact order: one for each resource, verbs joined.
//!
//! Source: staging/src/k8s.io/kubectl pkg/util/rbac BreakdownRule, CompactRules, SortableRuleSlice.

use kubernetes::object::Value;

/// A rule about one resource, or about one URL.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rule {
    pub verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    pub names: Vec<String>,
    pub urls: Vec<String>,
}

impl Rule {
    /// The resource with its group: `deployments.apps/scale`.
    pub fn resource(&self) -> String {
        let Some(resource) = self.resources.first() else { return String::new() };
        let (name, sub) = match resource.split_once('/') {
            Some((name, sub)) => (name, format!("/{sub}")),
            None => (resource.as_str(), String::new()),
        };
        match self.groups.first().map(String::as_str) {
            None | Some("") => format!("{name}{sub}"),
            Some(group) => format!("{name}.{group}{sub}"),
        }
    }

    /// The text by which rules are sorted: Go's print of the struct.
    fn order(&self) -> String {
        let mut text = String::new();
        for (name, list) in [
            ("Verbs", &self.verbs),
            ("APIGroups", &self.groups),
            ("Resources", &self.resources),
            ("ResourceNames", &self.names),
            ("NonResourceURLs", &self.urls),
        ] {
            text.push_str(&format!("{name}:[{}],", list.join(" ")));
        }
        text
    }
}

fn list(rule: &Value, key: &str) -> Vec<String> {
    rule.list(key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// One rule for each group, resource, verb and name, joined by verbs, sorted.
pub(crate) fn compact(rules: &[Value]) -> Vec<Rule> {
    let mut all: Vec<Rule> = Vec::new();
    for rule in rules {
        for part in breakdown(rule) {
            match all.iter_mut().find(|known| is_same(known, &part)) {
                Some(known) => {
                    let new = part.verbs.into_iter().filter(|verb| !known.verbs.contains(verb));
                    let new: Vec<String> = new.collect();
                    known.verbs.extend(new);
                }
                None => all.push(part),
            }
        }
    }
    all.sort_by_key(Rule::order);
    all
}

/// Rules that differ only in their verbs are joined, if they name one resource.
fn is_same(left: &Rule, right: &Rule) -> bool {
    left.urls.is_empty()
        && (&left.groups, &left.resources, &left.names, &left.urls)
            == (&right.groups, &right.resources, &right.names, &right.urls)
}

fn breakdown(rule: &Value) -> Vec<Rule> {
    let verbs = list(rule, "verbs");
    let names = list(rule, "resourceNames");
    let mut parts = Vec::new();
    for group in list(rule, "apiGroups") {
        for resource in list(rule, "resources") {
            for verb in &verbs {
                let one = |name: Option<&String>| Rule {
                    verbs: vec![verb.clone()],
                    groups: vec![group.clone()],
                    resources: vec![resource.clone()],
                    names: name.into_iter().cloned().collect(),
                    urls: Vec::new(),
                };
                if names.is_empty() {
                    parts.push(one(None));
                }
                parts.extend(names.iter().map(|name| one(Some(name))));
            }
        }
    }
    for url in list(rule, "nonResourceURLs") {
        for verb in &verbs {
            parts.push(Rule {
                verbs: vec![verb.clone()],
                urls: vec![url.clone()],
                ..Rule::default()
            });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use kubernetes::object::parse_json;

    use super::*;

    #[test]
    fn rules_are_split_joined_and_sorted() {
        let rules = parse_json(
            r#"[{"apiGroups":["apps"],"resources":["deployments","deployments/scale"],"verbs":["get","list"]},
                {"apiGroups":["apps"],"resources":["deployments"],"verbs":["watch","get"]},
                {"apiGroups":[""],"resources":["configmaps"],"resourceNames":["a"],"verbs":["get"]},
                {"nonResourceURLs":["/metrics"],"verbs":["get"]}]"#,
        );
        let rules = rules.expect("the test has valid JSON");
        let found: Vec<(String, String)> = compact(rules.as_list().unwrap_or_default())
            .iter()
            .map(|rule| (rule.resource(), rule.verbs.join(" ")))
            .collect();
        let expected = [
            ("deployments.apps", "get list watch"),
            ("deployments.apps/scale", "get list"),
            ("", "get"),
            ("configmaps", "get"),
        ];
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(left, right)| ((*left).to_owned(), (*right).to_owned()))
            .collect();
        assert_eq!(found, expected);
    }
}
