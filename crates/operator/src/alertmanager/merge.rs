//! AlertmanagerConfigs merged into a base configuration.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go ConfigBuilder.

use kubernetes::object::Value;

use super::convert::{Convert, matcher_text};
use super::sanitize::Sanitize;
use super::types::global::GLOBAL;
use super::types::receivers::RECEIVER;
use super::types::{CONFIG, INHIBIT_RULE, In, Kind, MUTE_TIME_INTERVAL, ROUTE, Row, Type};
use super::{decode, load, select};
use crate::checks::at;
use crate::reconcile::Line;
use crate::select::{Chosen, Verdict};
use crate::store::{Checked, Store};
use crate::tree::{Data, Document, Entries, Field, Tree, print};
use crate::version::Version;

/// The folder of notification templates.
const TEMPLATES: &str = "/etc/alertmanager/templates";

/// The label by which alerts belong to the namespace of an AlertmanagerConfig.
const NAMESPACE: &str = "namespace";

/// A configuration under construction.
pub struct Builder<'a> {
    alertmanager: &'a Value,
    store: &'a Store<'a>,
    version: Version,
    config: Tree,
    sanitize: Sanitize<'a>,
}

impl<'a> Builder<'a> {
    pub fn new(alertmanager: &'a Value, store: &'a Store<'a>, version: Version) -> Self {
        let sanitize = Sanitize::new(alertmanager, version);
        Self { alertmanager, store, version, config: Tree::map(), sanitize }
    }

    pub fn log(self) -> Vec<Line> {
        self.sanitize.log
    }

    pub fn print(&self) -> Document {
        print(&finished(&self.config, &CONFIG))
    }

    /// Begins with a text that a user wrote.
    pub fn read(&mut self, text: &str) -> Checked {
        load::check(text)?;
        self.config = decode::read(text, &CONFIG, In::Operator)?;
        let root = root_route(self.config.get("route"));
        at(root, "check AlertmanagerConfig root route failed")
    }

    /// Begins with the AlertmanagerConfig that `alertmanagerConfiguration` names.
    pub fn global(&mut self, objects: &[Value]) -> Checked {
        let root = Field::root(self.alertmanager);
        let field = root.get("spec").get("alertmanagerConfiguration");
        let (name, namespace) = (field.value.str("name"), &root.resource.namespace);
        let object = objects.iter().find(|one| {
            let metadata = &one["metadata"];
            one.str("kind") == "AlertmanagerConfig"
                && metadata.str("name") == name
                && metadata.str("namespace") == &**namespace
        });
        let Some(object) = object else {
            return Err(format!(
                "failed to get global AlertmanagerConfig: \
                 alertmanagerconfigs.monitoring.coreos.com {} not found",
                go::quote::quote(name)
            ));
        };
        let started = self.start(&field.get("global"), object);
        at(started, "failed to initialize from global AlertmanagerConfig")?;
        let mut templates = Vec::new();
        for template in field.get("templates").items() {
            for part in ["configMap", "secret"] {
                let reference = template.get(part);
                if reference.is_set() {
                    let path = go::path::join(&[TEMPLATES, reference.value.str("key")]);
                    templates.push(Tree::text(path).from(&reference));
                }
            }
        }
        self.config.set("templates", Tree::list(templates));
        Ok(())
    }

    fn start(&mut self, global: &Field<'_>, object: &Value) -> Checked {
        select::check(object, self.version, self.store)?;
        select::check_global(global, self.version, self.store)?;
        if global.is_set() {
            let converted = self.convert().structure(&GLOBAL, global)?;
            select::http(self.store, &global.get("httpConfig"))?;
            self.config.set("global", converted);
        }
        let spec = Field::root(object).get("spec");
        let convert = self.convert();
        for (key, field, of) in [
            ("inhibit_rules", "inhibitRules", &INHIBIT_RULE),
            ("receivers", "receivers", &RECEIVER),
            ("mute_time_intervals", "muteTimeIntervals", &MUTE_TIME_INTERVAL),
        ] {
            let items = spec.get(field).items();
            let converted = items.iter().map(|item| convert.structure(of, item));
            let converted = converted.collect::<Checked<Vec<_>>>()?;
            self.config.set(key, Tree::list(converted));
        }
        let route = spec.get("route");
        if route.is_set() {
            self.config.set("route", convert.structure(&ROUTE, &route)?);
        }
        self.sanitize.config(&mut self.config)?;
        root_route(self.config.get("route"))
    }

    fn convert(&self) -> Convert<'a> {
        let global = self.config.get("global");
        let has = |key: &str| global.is_some_and(|global| global.has(key));
        // A server without a host counts as none.
        let server = global.map_or("", |global| global.str("smtp_smarthost"));
        Convert {
            store: self.store,
            version: self.version,
            has_smarthost: !server.is_empty() && !server.starts_with(':'),
            has_sender: has("smtp_from"),
        }
    }

    /// Adds AlertmanagerConfigs that were accepted, by namespace and name. Their routes come before
    /// those of the base configuration.
    pub fn add(&mut self, chosen: &[Chosen<'_>]) -> Checked {
        let accepted = chosen.iter().filter(|one| one.verdict == Verdict::Accepted);
        let mut objects: Vec<Field<'_>> = accepted.map(|one| Field::root(one.object)).collect();
        objects.sort_by_key(|root| format!("{}/{}", root.resource.namespace, root.resource.name));
        let mut routes = Vec::new();
        for root in &objects {
            let (namespace, name) = (&root.resource.namespace, &root.resource.name);
            let route = self.add_one(&root.get("spec"));
            routes.extend(at(route, &format!("AlertmanagerConfig {namespace}/{name}"))?);
        }
        if let Some(route) = self.config.get_mut("route") {
            routes.extend_from_slice(route.items("routes"));
            route.set("routes", Tree::list(routes));
        }
        self.sanitize.config(&mut self.config)
    }

    /// Adds one AlertmanagerConfig. Returns its route. Without a route only its inhibition rules are
    /// added.
    fn add_one(&mut self, spec: &Field<'_>) -> Checked<Option<Tree>> {
        let convert = self.convert();
        for item in spec.get("inhibitRules").items() {
            let mut rule = convert.structure(&INHIBIT_RULE, &item)?;
            if self.enforces(&spec.resource.namespace) {
                self.enforce_rule(&mut rule, &spec.get(""));
            }
            self.push("inhibit_rules", rule);
        }
        let field = spec.get("route");
        if !field.is_set() {
            return Ok(None);
        }
        let mut route = convert.structure(&ROUTE, &field)?;
        if self.enforces(&spec.resource.namespace) {
            let (old, new) = ("match", "matchers");
            self.add_matcher(&mut route, old, new, &field);
        }
        route.set("continue", Tree::raw(true));
        for item in spec.get("receivers").items() {
            let receiver = convert.structure(&RECEIVER, &item)?;
            self.push("receivers", receiver);
        }
        for item in spec.get("muteTimeIntervals").items() {
            let interval = convert.structure(&MUTE_TIME_INTERVAL, &item)?;
            self.push("mute_time_intervals", interval);
        }
        Ok(Some(route))
    }

    fn push(&mut self, list: &str, item: Tree) {
        let mut items = self.config.items(list).to_vec();
        items.push(item);
        self.config.set(list, Tree::list(items));
    }

    /// Returns true if only alerts of the namespace count.
    fn enforces(&self, namespace: &str) -> bool {
        match self.alertmanager["spec"]["alertmanagerConfigMatcherStrategy"].str("type") {
            "None" => false,
            "OnNamespaceExceptForAlertmanagerNamespace" => {
                namespace != self.alertmanager["metadata"].str("namespace")
            }
            _ => true,
        }
    }

    /// Adds the namespace to the matchers, or to the older `match`.
    fn add_matcher(&self, tree: &mut Tree, old: &str, new: &str, from: &Field<'_>) {
        let namespace = &from.resource.namespace;
        if self.convert().knows_matchers() {
            let mut matchers = tree.items(new).to_vec();
            let text = matcher_text(NAMESPACE, "=", namespace);
            matchers.push(Tree::text(text).from(from));
            tree.set(new, Tree::list(matchers));
        } else {
            let mut pairs = tree.get(old).map(Tree::entries).unwrap_or_default().to_vec();
            pairs.push((NAMESPACE.to_owned(), Tree::text(&**namespace).from(from)));
            tree.set(old, Tree::text_map(pairs));
        }
    }

    fn enforce_rule(&self, rule: &mut Tree, spec: &Field<'_>) {
        let matcher = matcher_text(NAMESPACE, "=", &spec.resource.namespace);
        let without_blanks = |text: &str| text.replace(' ', "");
        for side in ["source", "target"] {
            let (old, new) = (format!("{side}_match"), format!("{side}_matchers"));
            if let Some(regexps) = rule.get_mut(&format!("{side}_match_re")) {
                regexps.remove(NAMESPACE);
            }
            let is_there = rule.items(&new).iter().any(|item| {
                matches!(&item.data, Data::Text(text)
                    if without_blanks(text) == without_blanks(&matcher))
            });
            if !is_there || !self.convert().knows_matchers() {
                self.add_matcher(rule, &old, &new, spec);
            }
        }
    }
}

/// Checks the root route of a configuration. Source: checkAlertmanagerConfigRootRoute.
fn root_route(route: Option<&Tree>) -> Checked {
    let Some(route) = route else { return Err("root route must exist".to_owned()) };
    if route.is_true("continue") {
        return Err("cannot have continue in root route".to_owned());
    }
    if !route.has("receiver") {
        return Err("root route's receiver must exist".to_owned());
    }
    for (key, name) in [
        ("matchers", "matchers"),
        ("match", "matchers"),
        ("match_re", "matchers"),
        ("mute_time_intervals", "mute_time_intervals"),
        ("active_time_intervals", "active_time_intervals"),
    ] {
        if route.has(key) {
            return Err(format!("'{name}' not permitted on root route"));
        }
    }
    Ok(())
}

/// Returns a structure without its empty values, and with those that are always written.
fn finished(tree: &Tree, of: &Type) -> Tree {
    let mut out = Entries::default();
    for row in of.rows.iter().filter(|row| row.has != In::Alertmanager) {
        match tree.get(row.key) {
            Some(value) => {
                let value = finished_value(value, row.kind);
                if row.always || keeps(&value, row.kind) {
                    out.put(row.key, value);
                }
            }
            None if row.always => out.put(row.key, zero(row)),
            None => {}
        }
    }
    Tree { data: out.tree().data, origin: tree.origin.clone() }
}

fn finished_value(value: &Tree, kind: Kind) -> Tree {
    match (&value.data, kind) {
        (_, Kind::Pointer(of) | Kind::Struct(of)) => finished(value, of),
        (Data::List(items), Kind::List(of)) => {
            let items = items.iter().map(|item| match item.data {
                Data::Raw(_) => item.clone(),
                _ => finished(item, of),
            });
            Tree { data: Data::List(items.collect()), origin: value.origin.clone() }
        }
        (Data::Map(entries), Kind::Headers(of)) => {
            let entries = entries.iter().map(|(key, item)| (key.clone(), finished(item, of)));
            Tree { data: Data::Map(entries.collect()), origin: value.origin.clone() }
        }
        _ => value.clone(),
    }
}

/// Returns true for a value that Go's `omitempty` does not leave out.
fn keeps(value: &Tree, kind: Kind) -> bool {
    match kind {
        Kind::TextPointer | Kind::Switch | Kind::UintPointer | Kind::Pointer(_) => true,
        Kind::Any => !matches!(&value.data, Data::Raw(raw) if raw == "null"),
        // A pointer to a duration of zero.
        Kind::Duration | Kind::Timeout | Kind::TimeText => true,
        _ => !value.is_empty(),
    }
}

/// The value of an absent key.
fn zero(row: &Row) -> Tree {
    match row.kind {
        Kind::Flag => Tree::raw(false),
        Kind::Switch => Tree::raw("null"),
        Kind::Texts | Kind::List(_) => Tree::list(Vec::new()),
        _ => Tree::text(""),
    }
}
