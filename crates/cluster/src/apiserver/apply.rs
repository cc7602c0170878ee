//! Server-side apply, and the record of who manages which field.
//!
//! Source: apiserver pkg/endpoints/handlers/patch.go applyPatcher.

use kubernetes::kinds::Kind;
use kubernetes::merge::managed::{self, Manager};
use kubernetes::merge::typed;
use kubernetes::object::{Map, Value, parse_json, to_json};
use kubernetes::types::Type;

use super::{Accepted, ApiServer, Key, Reason, Status, served, stored_version};

impl ApiServer {
    /// Applies an object as `kubectl apply --server-side` and Helm do. Fields that others manage
    /// with another value are a conflict, unless `force` takes them over.
    pub fn apply(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        object: &Value,
        manager: &str,
        force: bool,
    ) -> Result<Accepted, Status> {
        self.authorize("patch", kind, namespace, name)?;
        let ty = kind.type_id().map(Type::Struct);
        refuse_untyped(kind, ty.as_ref(), namespace, object)?;
        let fields = managed::fields_of(ty.as_ref(), object);
        let key = Key::new(kind, namespace, name);
        let Some(stored) = self.storage.get(&key).cloned() else {
            let previous = std::mem::take(&mut self.manager);
            let created = self.create(kind, namespace, object);
            self.manager = previous;
            let accepted = created?;
            return Ok(self.record_applied(&key, kind, manager, fields, accepted));
        };
        let current = served(kind, &stored);
        let managers = managed::managers(&stored);
        let changes = managed::changed(ty.as_ref(), &current, object);
        if !force {
            let allowed = match manager {
                "kubectl" => last_applied(ty.as_ref(), kind, &current),
                _ => Map::new(),
            };
            refuse_conflicts(&managers, manager, &managed::without(&changes, &allowed))?;
        }
        let mut merged = managed::merge(ty.as_ref(), &current, object);
        managed::remove(&mut merged, &abandoned(&managers, manager, &fields));
        if manager == "kubectl" && merged["metadata"]["annotations"].has(LAST_APPLIED) {
            let written = format!("{}\n", to_json(&without_annotation(object)));
            merged.entry_at(&["metadata", "annotations"]).set(LAST_APPLIED, written);
        }
        let mut warnings: Vec<String> = kind.deprecated.map(str::to_owned).into_iter().collect();
        let decoded = self.decode_created(kind, &merged, &mut warnings);
        let mut next = decoded.map_err(|status| status.with_warnings(warnings.clone()))?;
        (kind.defaults)(&mut next);
        let next = stored_version(kind, next);
        let previous = std::mem::take(&mut self.manager);
        let result = self.replace(kind, namespace, next, &stored, &mut warnings);
        self.manager = previous;
        let object = result.map_err(|status| status.with_warnings(warnings.clone()))?;
        let accepted = Accepted { object, warnings };
        Ok(self.record_applied(&key, kind, manager, fields, accepted))
    }

    /// Writes down what a manager has applied; others lose the fields that it changed.
    fn record_applied(
        &mut self,
        key: &Key,
        kind: &Kind,
        manager: &str,
        fields: Map,
        accepted: Accepted,
    ) -> Accepted {
        let Some(mut object) = self.storage.get(key).cloned() else { return accepted };
        let time = self.timestamp();
        let mut managers = managed::managers(&object);
        managers.retain(|one| one.name != manager);
        managers.insert(
            0,
            Manager {
                name: manager.to_owned(),
                operation: "Apply",
                api_version: kind.api_version(),
                time,
                fields,
            },
        );
        managed::set_managers(&mut object, &managers);
        let object = self.storage.put(key.clone(), object);
        Accepted { object: served(kind, &object), ..accepted }
    }

    /// Notes that the current manager has changed fields of an object. Without a manager, as in
    /// server-side apply, the others only lose what was changed.
    pub(crate) fn record_update(&self, kind: &Kind, object: &mut Value, stored: Option<&Value>) {
        let is_managed = |one: &Value| one["metadata"].has("managedFields");
        if self.manager.is_empty() && !stored.is_some_and(is_managed) {
            return;
        }
        let ty = kind.type_id().map(Type::Struct);
        let old = stored.cloned().unwrap_or_default();
        let fields = managed::changed(ty.as_ref(), &old, object);
        let gone = match stored {
            Some(stored) => managed::without(
                &managed::fields_of(ty.as_ref(), stored),
                &managed::fields_of(ty.as_ref(), object),
            ),
            None => Map::new(),
        };
        let mut managers = managed::managers(&old);
        if !fields.is_empty() || !gone.is_empty() {
            for one in &mut managers {
                one.fields = managed::without(&managed::without(&one.fields, &gone), &fields);
            }
        }
        let same = |one: &&mut Manager| one.name == self.manager && one.operation == "Update";
        if !fields.is_empty() && !self.manager.is_empty() {
            match managers.iter_mut().find(same) {
                Some(own) => {
                    own.fields = managed::union(&own.fields, &fields);
                    own.time = self.timestamp();
                }
                None => managers.push(Manager {
                    name: self.manager.clone(),
                    operation: "Update",
                    api_version: kind.api_version(),
                    time: self.timestamp(),
                    fields,
                }),
            }
        }
        managed::set_managers(object, &managers);
    }
}

/// Refuses an object that does not fit its schema.
/// Source: apimachinery pkg/util/managedfields/internal/structuredmerge.go Apply.
fn refuse_untyped(
    kind: &Kind,
    ty: Option<&Type>,
    namespace: &str,
    object: &Value,
) -> Result<(), Status> {
    let Some(errors) = ty.and_then(|ty| typed::errors(Some(ty), object)) else { return Ok(()) };
    let name = object["metadata"].str("name");
    let version = match kind.group {
        "" => format!("/{}", kind.version),
        group => format!("{group}/{}", kind.version),
    };
    let message = format!(
        "failed to create typed patch object ({namespace}/{name}; {version}, Kind={}): {errors}",
        kind.kind
    );
    Err(Status::new(Reason::Unknown, message))
}

/// The annotation in which client-side apply keeps an object. Server-side apply by kubectl keeps it
/// up to date. Source: apimachinery pkg/util/managedfields/internal/lastappliedupdater.go.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn without_annotation(object: &Value) -> Value {
    let mut object = object.clone();
    if object["metadata"].has("annotations") {
        object.entry_at(&["metadata", "annotations"]).remove(LAST_APPLIED);
    }
    object
}

/// Fields that client-side apply has written and that still have its values: kubectl may take them
/// over. Source: apimachinery pkg/util/managedfields/internal/lastappliedmanager.go.
fn last_applied(ty: Option<&Type>, kind: &Kind, current: &Value) -> Map {
    let text = current["metadata"]["annotations"].str(LAST_APPLIED);
    let Ok(applied) = parse_json(text) else { return Map::new() };
    if applied.str("apiVersion") != kind.api_version() {
        return Map::new();
    }
    let differing = managed::changed(ty, current, &applied);
    managed::without(&managed::fields_of(ty, &applied), &differing)
}

/// Fields that the applied object changes and others manage.
fn refuse_conflicts(managers: &[Manager], own: &str, changes: &Map) -> Result<(), Status> {
    let others = managers.iter().filter(|one| one.name != own || one.operation != "Apply");
    let conflicts: Vec<(&Manager, Vec<String>)> = others
        .map(|one| {
            let common = managed::intersection(&one.fields, changes);
            let paths = if common.is_empty() { Vec::new() } else { managed::paths(&common) };
            (one, paths)
        })
        .collect();
    match managed::conflict_message(&conflicts) {
        Some(message) => Err(Status::new(Reason::Conflict, message)),
        None => Ok(()),
    }
}

/// Fields that the manager applied before and no longer names, and that no one else manages.
fn abandoned(managers: &[Manager], own: &str, fields: &Map) -> Map {
    let is_own = |one: &&Manager| one.name == own && one.operation == "Apply";
    let Some(before) = managers.iter().find(is_own) else { return Map::new() };
    let mut gone = managed::without(&before.fields, fields);
    for other in managers.iter().filter(|one| !is_own(one)) {
        gone = managed::without(&gone, &other.fields);
    }
    gone
}
