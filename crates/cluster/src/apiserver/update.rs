//! Changing an object: patches, defaults, admission, validation against the stored object.

use kubernetes::decoding::{self, Mode};
use kubernetes::kinds::{Kind, Update};
use kubernetes::merge::{self, PatchError};
use kubernetes::object::{Map, Value, go_value};
use kubernetes::validation::{Errors, Path, meta};

use super::addresses::has_health_port;
use super::create::with_warnings;
use super::{
    Accepted, ApiServer, FieldValidation, Key, Reason, Status, admission, served, stored_version,
};

/// The form of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    Strategic,
    Merge,
    /// A list of operations.
    Json,
}

impl ApiServer {
    /// Applies a patch as `kubectl apply` and `kubectl patch` send it: strategic for kinds of the
    /// table, a merge patch for custom resources.
    pub fn patch(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        patch: &Map,
    ) -> Result<Accepted, Status> {
        let ty = if kind.type_id().is_some() { PatchType::Strategic } else { PatchType::Merge };
        self.patch_as(kind, namespace, name, &patch.clone().into(), ty)
    }

    /// Applies a patch of a type.
    pub fn patch_as(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        patch: &Value,
        ty: PatchType,
    ) -> Result<Accepted, Status> {
        self.authorize("patch", kind, namespace, name)?;
        with_warnings(kind, |warnings| self.patch_with(kind, namespace, name, patch, ty, warnings))
    }

    /// Replaces an object by another one, as `kubectl replace` and controllers ask. A version that
    /// is not the stored one is a conflict.
    /// Source: apiserver pkg/registry/generic/registry/store.go Update.
    pub fn put(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        object: &Value,
    ) -> Result<Accepted, Status> {
        self.authorize("update", kind, namespace, name)?;
        with_warnings(kind, |warnings| self.put_with(kind, namespace, name, object, warnings))
    }

    fn put_with(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        object: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        let mut object = self.decode_created(kind, object, warnings)?;
        let key = Key::new(kind, namespace, name);
        let Some(stored) = self.storage.get(&key).cloned() else {
            return Err(Status::not_found(kind, name));
        };
        let wanted = object["metadata"].str("resourceVersion");
        if !wanted.is_empty() && wanted != stored["metadata"].str("resourceVersion") {
            let resource = kind.resource();
            return Err(Status::new(
                Reason::Conflict,
                format!(
                    "Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your changes to the latest version and try again"
                ),
            ));
        }
        (kind.defaults)(&mut object);
        let mut object = stored_version(kind, object);
        let metadata = object.entry("metadata");
        if kind.namespaced {
            metadata.set_default_str("namespace", namespace);
        }
        // Fields that only the server sets.
        let system =
            ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];
        for key in system {
            if let Some(value) = stored["metadata"].get(key) {
                metadata.set_default(key, value.clone());
            }
        }
        self.replace(kind, namespace, object, &stored, warnings)
    }

    /// Applies a patch to the subresource `status`: nothing else of the object changes.
    pub fn patch_status(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        patch: &Value,
        ty: PatchType,
    ) -> Result<Accepted, Status> {
        let key = Key::new(kind, namespace, name);
        let Some(stored) = self.storage.get(&key).cloned() else {
            return Err(Status::not_found(kind, name));
        };
        let changed = self.patched(kind, &served(kind, &stored), patch, ty)?;
        let mut object = stored;
        object.set("status", changed["status"].clone());
        self.write(&key, object);
        Ok(Accepted { object: self.get(kind, namespace, name)?, warnings: Vec::new() })
    }

    fn patch_with(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        patch: &Value,
        ty: PatchType,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        if kind.kind == "ComponentStatus" {
            let message = "the server does not allow this method on the requested resource";
            return Err(Status::new(Reason::MethodNotAllowed, message));
        }
        let key = Key::new(kind, namespace, name);
        let Some(stored) = self.storage.get(&key).cloned() else {
            return Err(Status::not_found(kind, name));
        };
        let current = served(kind, &stored);
        let mut object = self.patched(kind, &current, patch, ty)?;
        (kind.defaults)(&mut object);
        let object = stored_version(kind, object);
        self.replace(kind, namespace, object, &stored, warnings)
    }

    /// The object after a patch, decoded.
    fn patched(
        &self,
        kind: &'static Kind,
        current: &Value,
        patch: &Value,
        ty: PatchType,
    ) -> Result<Value, Status> {
        let bad = |error: String| Status::new(Reason::BadRequest, error);
        let mut rest = patch.as_map().cloned().unwrap_or_default();
        let merged = match ty {
            PatchType::Json => merge::json_patch(current, patch).map_err(json_patch_status)?,
            _ if patch.as_map().is_none() => {
                return Err(bad(format!(
                    "json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                    json_type(patch)
                )));
            }
            PatchType::Strategic => {
                let object = current.as_map().cloned().unwrap_or_default();
                merge::strategic_merge(&object, &mut rest, kind.type_id()).map_err(bad)?.into()
            }
            PatchType::Merge => merge::merge_patch(current, patch),
        };
        let refused = |message: &str| {
            let mut errors = Errors::default();
            let shown = go_value(&rest.clone().into());
            errors.invalid(&Path::new("patch"), &shown, message);
            Status::invalid_patch(errors)
        };
        let Some(id) = kind.type_id() else {
            return self.decode_custom(kind, &merged).map_err(|message| refused(&message));
        };
        let decoded = decoding::decode(id, &merged, Mode::Unstructured);
        let decoded = decoded.map_err(|error| refused(&error))?;
        if self.field_validation == FieldValidation::Strict && !decoded.unknown.is_empty() {
            let fields = decoded.unknown.join(", ");
            return Err(refused(&format!("strict decoding error: {fields}")));
        }
        Ok(decoded.value)
    }

    /// Replaces a stored object by a changed one. An object that does not differ is not written.
    pub(crate) fn replace(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        mut object: Value,
        stored: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        let name = stored["metadata"].str("name").to_owned();
        // System fields that the patch does not name stay.
        for key in ["resourceVersion", "generation"] {
            if let Some(value) = stored["metadata"].get(key) {
                object.entry("metadata").set(key, value.clone());
            }
        }
        admission::mutate(self, kind, namespace, &mut object, Some(stored))?;
        self.call_mutating(kind, &mut object);
        (kind.prepare_update)(&mut object, stored);
        if kind.kind == "Service" {
            self.keep_addresses(&mut object, stored);
        }
        if kind.generation && generation_changes(kind, &object, stored) {
            let generation = stored["metadata"].int("generation") + 1;
            object.entry("metadata").set("generation", generation);
        }
        self.validate_changed(kind, &name, &object, stored)?;
        if warns(kind, &object, stored) {
            warnings.extend((kind.warnings)(&object));
        }
        admission::validate(self, kind, namespace, &object, Some(stored))?;
        self.call_validating(kind, &object)?;
        if kind.kind == "Service" {
            self.allocate(kind, &mut object, Some(stored))?;
        }
        self.record_update(kind, &mut object, Some(stored));
        let key = Key::new(kind, namespace, &name);
        let object = self.storage.put(key, object);
        self.note_definition(kind, &object);
        self.finish_deletion(kind, namespace, &name);
        Ok(served(kind, &object))
    }

    /// A service keeps the addresses and ports that its new form does not name.
    fn keep_addresses(&self, object: &mut Value, stored: &Value) {
        let spec = object.entry("spec");
        let needs = |spec: &Value| spec.str("type") != "ExternalName";
        if needs(spec) && needs(&stored["spec"]) && spec.str("clusterIP").is_empty() {
            for key in ["clusterIP", "clusterIPs"] {
                if let Some(value) = stored["spec"].get(key) {
                    spec.set(key, value.clone());
                }
            }
        }
        let health = "healthCheckNodePort";
        if has_health_port(spec) && has_health_port(&stored["spec"]) && spec.int(health) == 0 {
            spec.set(health, stored["spec"][health].clone());
        }
        let has_ports = |spec: &Value| matches!(spec.str("type"), "NodePort" | "LoadBalancer");
        if !has_ports(spec) || !has_ports(&stored["spec"]) {
            return;
        }
        let old = stored["spec"].list("ports");
        let mut used: Vec<i64> =
            spec.list("ports").iter().map(|port| port.int("nodePort")).collect();
        for port in spec.items_mut("ports") {
            let same = |one: &&Value| {
                one["port"] == port["port"] && one.str("protocol") == port.str("protocol")
            };
            if port.int("nodePort") == 0
                && let Some(old) = old.iter().find(same)
                && !used.contains(&old.int("nodePort"))
            {
                used.push(old.int("nodePort"));
                port.set("nodePort", old["nodePort"].clone());
            }
        }
    }

    fn validate_changed(
        &self,
        kind: &'static Kind,
        name: &str,
        object: &Value,
        stored: &Value,
    ) -> Result<(), Status> {
        let mut errors = Errors::default();
        meta::object_meta_update(&mut errors, &object["metadata"], &stored["metadata"]);
        match kind.validate_update {
            Update::AsCreate => (kind.validate)(&mut errors, object),
            Update::With(rule) => rule(&mut errors, object, stored),
        }
        self.validate_custom(kind, &mut errors, object, Some(stored));
        if errors.is_empty() {
            return Ok(());
        }
        Err(Status::invalid(kind, name, errors))
    }
}

/// Returns true if a change of an object gives warnings: not for pods, and for workloads only if
/// their specification changes. Source: WarningsOnUpdate in pkg/registry/*/strategy.go.
fn warns(kind: &Kind, new: &Value, old: &Value) -> bool {
    let generation = |object: &Value| object["metadata"].int("generation");
    match (kind.group, kind.kind) {
        ("", "Pod") => false,
        ("apps" | "batch", _) => generation(new) != generation(old),
        _ => true,
    }
}

/// The refusal of a JSON patch. Source: apiserver pkg/endpoints/handlers/patch.go applyJSPatch.
fn json_patch_status(error: PatchError) -> Status {
    match error {
        PatchError::Malformed => Status::new(
            Reason::BadRequest,
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch",
        ),
        PatchError::Unfitting => Status::new(
            Reason::Invalid,
            "the server rejected our request due to an error in our request",
        ),
        PatchError::TooLong(length) => Status::new(
            Reason::RequestEntityTooLarge,
            format!("The allowed maximum operations in a JSON patch is 10000, got {length}"),
        ),
    }
}

/// A value's type as Go's JSON decoder calls it.
const fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Null => "null",
    }
}

/// True if the change counts: everything but metadata and status, for Deployments the annotations
/// too, and for PriorityClasses nothing. Source: pkg/registry/apps/deployment/strategy.go and
/// pkg/registry/scheduling/priorityclass/strategy.go PrepareForUpdate.
pub(super) fn generation_changes(kind: &Kind, new: &Value, old: &Value) -> bool {
    if kind.kind == "PriorityClass" {
        return false;
    }
    let counted = |object: &Value| {
        let mut object = object.clone();
        object.remove("metadata");
        object.remove("status");
        object
    };
    counted(new) != counted(old)
        || kind.kind == "Deployment"
            && new["metadata"]["annotations"] != old["metadata"]["annotations"]
}
