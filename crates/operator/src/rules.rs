//! PrometheusRules to rule files.
//!
//! Source: prometheus-operator pkg/operator/rules.go, pkg/namespacelabeler, pkg/prometheus/server
//! rules.go.

use std::collections::BTreeMap;

use ::prometheus::rule_files::{RuleOptions, load_rules, refusals};
use ::prometheus::validate::names::Scheme;
use kubernetes::object::Value;
use promql::Matcher;
use promql::syntax::{ParserOptions, parse};

use crate::prometheus::ConfigContext;
use crate::select::{Chosen, Selection, Verdict};
use crate::store::Checked;
use crate::tree::{self, Data, Document, Field, Tree};
use crate::version::Version;

/// Largest sum of the sizes of rule files in a ConfigMap: half of that of a Secret.
const MAX_SIZE: usize = 512 * 1024;

/// For which program rule files are written.
#[derive(Clone, Debug)]
pub struct Format<'a> {
    pub thanos: bool,
    pub version: Version,
    /// Names of metrics and labels that are taken.
    pub names: Scheme,
    pub promql: ParserOptions,
    /// The label that each rule and selector gets; empty for none.
    pub enforced_label: &'a str,
    pub excluded: Vec<Excluded<'a>>,
}

/// PrometheusRules that do not get the enforced label. An empty name means all of the namespace.
#[derive(Clone, Copy, Debug)]
pub struct Excluded<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
}

impl<'a> Format<'a> {
    pub fn prometheus(context: &ConfigContext<'a>) -> Self {
        let spec = context.spec.value;
        let features: Vec<&str> =
            spec.list("enableFeatures").iter().filter_map(Value::as_str).collect();
        let has = |name: &str| features.contains(&name);
        Self {
            thanos: false,
            version: context.version,
            names: match context.version >= Version(3, 0, 0) {
                true => Scheme::Utf8,
                false => Scheme::Legacy,
            },
            promql: ParserOptions {
                experimental_functions: has("promql-experimental-functions"),
                duration_expressions: has("promql-duration-expr"),
                extended_range_selectors: has("promql-extended-range-selectors"),
                fill_modifiers: has("promql-binop-fill-modifiers"),
            },
            enforced_label: spec.str("enforcedNamespaceLabel"),
            excluded: excluded(spec),
        }
    }
}

/// The PrometheusRules that a spec excludes from enforcement.
pub fn excluded(spec: &Value) -> Vec<Excluded<'_>> {
    let listed = spec.list("excludedFromEnforcement").iter();
    let listed = listed
        .filter(|one| one.str("resource") == "prometheusrules")
        .map(|one| Excluded { namespace: one.str("namespace"), name: one.str("name") });
    let old = spec.list("prometheusRulesExcludedFromEnforce").iter();
    let old =
        old.map(|one| Excluded { namespace: one.str("ruleNamespace"), name: one.str("ruleName") });
    listed.chain(old).filter(|one| !one.namespace.is_empty()).collect()
}

/// Makes the rule files of the chosen PrometheusRules and notes the verdict on each.
pub fn select<'a>(format: &Format<'_>, chosen: Vec<&'a Value>, selection: &mut Selection<'a>) {
    for object in chosen {
        let Some(tree) = enforced(format, object) else { continue };
        let metadata = &object["metadata"];
        let file = format!(
            "{}-{}-{}.yaml",
            metadata.str("namespace"),
            metadata.str("name"),
            metadata.str("uid")
        );
        let verdict = match rule_file(format, &tree) {
            Ok(document) => {
                selection.rule_files.insert(file, document);
                Verdict::Accepted
            }
            Err(_) => Verdict::Rejected(INVALID.to_owned()),
        };
        selection.objects.push(Chosen { object, verdict });
    }
}

/// Checks a PrometheusRule. One whose expressions cannot be rewritten is passed over in silence.
pub fn check(format: &Format<'_>, object: &Value) -> Checked {
    let Some(tree) = enforced(format, object) else { return Ok(()) };
    rule_file(format, &tree).map(drop).map_err(|_| INVALID.to_owned())
}

/// The reason in the Event of a PrometheusRule that is rejected.
const INVALID: &str = "invalid rule";

/// The spec of a PrometheusRule with the enforced label. Returns None if an expression cannot be
/// rewritten: the Operator then passes over the object.
fn enforced(format: &Format<'_>, object: &Value) -> Option<Tree> {
    let root = Field::root(object);
    let mut tree = Tree::copy(&root.get("spec"));
    let namespace = &*root.resource.namespace;
    let is_excluded = format.excluded.iter().any(|one| {
        one.namespace == namespace && (one.name.is_empty() || one.name == &*root.resource.name)
    });
    if format.enforced_label.is_empty() || is_excluded {
        return Some(tree);
    }
    for group in items_mut(entry_mut(&mut tree, "groups")) {
        for rule in items_mut(entry_mut(group, "rules")) {
            let expr = entry_mut(rule, "expr")?;
            let text = match &expr.data {
                Data::Text(text) | Data::Raw(text) => text.clone(),
                _ => String::new(),
            };
            expr.data = Data::Text(with_matcher(&text, format.enforced_label, namespace)?);
            let label = Tree::text(namespace);
            match entry_mut(rule, "labels") {
                Some(Tree { data: Data::Map(labels), .. }) => {
                    match labels.iter_mut().find(|(name, _)| name == format.enforced_label) {
                        Some((_, value)) => *value = label,
                        None => labels.push((format.enforced_label.to_owned(), label)),
                    }
                    labels.sort_by(|a, b| a.0.cmp(&b.0));
                }
                _ => put(rule, "labels", vec![(format.enforced_label.to_owned(), label)]),
            }
        }
    }
    Some(tree)
}

fn entry_mut<'t>(tree: &'t mut Tree, key: &str) -> Option<&'t mut Tree> {
    match &mut tree.data {
        Data::Map(entries) => {
            entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
        }
        _ => None,
    }
}

fn items_mut(tree: Option<&mut Tree>) -> &mut [Tree] {
    match tree.map(|tree| &mut tree.data) {
        Some(Data::List(items)) => items,
        _ => &mut [],
    }
}

fn put(tree: &mut Tree, key: &str, value: Vec<(String, Tree)>) {
    if let Data::Map(entries) = &mut tree.data {
        entries.retain(|(name, _)| name != key);
        entries.push((key.to_owned(), Data::Map(value).into()));
        entries.sort_by(|a, b| a.0.cmp(&b.0));
    }
}

/// The expression with a matcher in each selector, in place of those for the same label.
fn with_matcher(expr: &str, label: &str, value: &str) -> Option<String> {
    let mut ast = parse(expr, &ParserOptions::default()).ok()?;
    ast.edit_selectors(|selector| {
        let matcher = Matcher::equal(label, value, selector.span);
        selector.matchers.retain(|one| &*one.name != label);
        // The matcher for the name of the metric stays the last one.
        let at = selector.matchers.len() - usize::from(selector.name.is_some());
        selector.matchers.insert(at, matcher);
    });
    Some(ast.to_string())
}

/// The rule file of a spec, without what the version does not know, or the errors in it.
pub fn rule_file(format: &Format<'_>, spec: &Tree) -> Result<Document, Vec<String>> {
    let written = tree::print(&sanitized(format, spec, false));
    // The check leaves out what only Thanos knows.
    let checked = tree::print(&sanitized(format, spec, true));
    let errors = errors(&checked.text, format);
    if errors.is_empty() { Ok(written) } else { Err(errors) }
}

/// The errors for which the admission webhook refuses a PrometheusRule. It takes names in the old
/// form only.
pub fn refused(object: &Value) -> Vec<String> {
    let format = Format {
        thanos: false,
        version: Version(u64::MAX, 0, 0),
        names: Scheme::Legacy,
        promql: ParserOptions::default(),
        enforced_label: "",
        excluded: Vec::new(),
    };
    let tree = Tree::copy(&Field::root(object).get("spec"));
    rule_file(&format, &tree).err().unwrap_or_default()
}

/// The errors with which Prometheus refuses a rule file.
fn errors(text: &str, format: &Format<'_>) -> Vec<String> {
    if text.len() > MAX_SIZE {
        return vec![format!(
            "the length of rendered Prometheus Rule is {} bytes which is above the maximum limit of \
             {MAX_SIZE} bytes",
            text.len()
        )];
    }
    let parsed = yaml::parse(text::FileId::default(), text);
    let options =
        RuleOptions { names: format.names, promql: format.promql, ignore_unknown_fields: false };
    let loaded = load_rules(&parsed, text, &options);
    refusals(&parsed, &loaded)
}

/// Fields of a group or rule with the versions of Prometheus and Thanos that know them.
static SINCE: &[(&str, Version, Version)] = &[
    ("limit", Version(2, 31, 0), Version(0, 24, 0)),
    ("query_offset", Version(2, 53, 0), Version(0, 38, 0)),
    ("labels", Version(3, 0, 0), Version(0, 39, 0)),
];
const KEEP_FIRING_FOR: (Version, Version) = (Version(2, 42, 0), Version(0, 34, 0));

/// The spec without fields that the version does not know, and without empty ones.
fn sanitized(format: &Format<'_>, spec: &Tree, for_check: bool) -> Tree {
    let mut spec = spec.clone();
    let known =
        |since: (Version, Version)| format.version >= if format.thanos { since.1 } else { since.0 };
    for group in items_mut(entry_mut(&mut spec, "groups")) {
        remove(group, |key, value| {
            let unknown = SINCE.iter().any(|row| row.0 == key && !known((row.1, row.2)));
            let thanos_only = key == "partial_response_strategy" && (!format.thanos || for_check);
            let kept = key == "name" || (key == "interval" && !for_check);
            unknown || thanos_only || (is_empty(value) && !kept)
        });
        for rule in items_mut(entry_mut(group, "rules")) {
            remove(rule, |key, value| {
                let unknown = key == "keep_firing_for" && !known(KEEP_FIRING_FOR);
                let kept = matches!(key, "expr") || (key == "for" && !for_check);
                unknown || (is_empty(value) && !kept)
            });
        }
    }
    remove(&mut spec, |_, value| is_empty(value));
    spec
}

fn remove(tree: &mut Tree, unwanted: impl Fn(&str, &Tree) -> bool) {
    if let Data::Map(entries) = &mut tree.data {
        entries.retain(|(key, value)| !unwanted(key, value));
    }
}

fn is_empty(tree: &Tree) -> bool {
    match &tree.data {
        Data::Text(text) => text.is_empty(),
        Data::Raw(text) => text == "null",
        Data::List(items) => items.is_empty(),
        Data::Flow(items) => items.is_empty(),
        Data::Map(entries) => entries.is_empty(),
    }
}

/// Parts rule files into ConfigMaps, in the order of their names.
pub fn buckets(files: &BTreeMap<String, Document>) -> Vec<BTreeMap<&str, &Document>> {
    let mut buckets = vec![BTreeMap::new()];
    let mut size = 0;
    for (name, document) in files {
        if size + document.text.len() > MAX_SIZE {
            buckets.push(BTreeMap::new());
            size = 0;
        }
        size += document.text.len();
        if let Some(last) = buckets.last_mut() {
            last.insert(&**name, document);
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::with_matcher;

    #[test]
    fn each_selector_gets_the_matcher_in_place_of_its_own() {
        for (expr, expected) in [
            ("up", Some("up{namespace=\"a\"}")),
            ("up{namespace=~\"b|c\",job=\"x\"} # text", Some("up{job=\"x\",namespace=\"a\"}")),
            ("sum(rate(x[5m])) / vector(1)", Some("sum(rate(x{namespace=\"a\"}[5m])) / vector(1)")),
            ("{__name__=\"x\"}", Some("{__name__=\"x\",namespace=\"a\"}")),
            ("sum(", None),
        ] {
            assert_eq!(with_matcher(expr, "namespace", "a").as_deref(), expected, "{expr}");
        }
    }
}
