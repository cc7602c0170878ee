//! Creating an object: decoding, defaults, admission, validation, storage.

use kubernetes::controllers::MAX_PODS;
use kubernetes::decoding::{self, Mode};
use kubernetes::kinds::{self, Kind};
use kubernetes::object::Value;
use kubernetes::validation::{Errors, meta};

use super::{Accepted, ApiServer, FieldValidation, Key, Reason, Status, admission, stored_version};

/// Runs a request, and hands on the warnings with the object or the refusal. Requests of a deprecated version begin
/// with a warning.
pub(super) fn with_warnings(
    kind: &Kind,
    request: impl FnOnce(&mut Vec<String>) -> Result<Value, Status>,
) -> Result<Accepted, Status> {
    let mut warnings: Vec<String> = kind.deprecated.map(str::to_owned).into_iter().collect();
    match request(&mut warnings) {
        Ok(object) => Ok(Accepted { object, warnings }),
        Err(status) => Err(status.with_warnings(warnings)),
    }
}

impl ApiServer {
    /// Creates an object, as `kubectl create` and `kubectl apply` ask with strict validation of
    /// fields. A refusal stores nothing.
    pub fn create(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        object: &Value,
    ) -> Result<Accepted, Status> {
        self.authorize("create", kind, namespace, "")?;
        with_warnings(kind, |warnings| self.create_with(kind, namespace, object, warnings))
    }

    fn create_with(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        object: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        self.check_room(kind, object)?;
        let mut object = self.decode_created(kind, object, warnings)?;
        let version = object["metadata"].str("resourceVersion").parse::<u64>();
        (kind.defaults)(&mut object);
        let mut object = stored_version(kind, object);
        self.system_fields(kind, namespace, &mut object);
        admission::mutate(self, kind, namespace, &mut object, None)
            .map_err(|status| without_suffix(status, &object))?;
        self.call_mutating(kind, &mut object);
        if kind.kind == "Pod" {
            warnings.extend(kinds::pod_profiles::warnings(&object));
        }
        (kind.prepare_create)(&mut object);
        if kind.generation {
            object.entry("metadata").set("generation", 1);
        }
        self.put_times(&mut object);
        if kind.kind == "Pod" && !object["spec"].list("schedulingGates").is_empty() {
            self.gate(&mut object);
        }
        self.validate_created(kind, &object)?;
        warnings.extend(kind.name_warning(object["metadata"].str("name")));
        warnings.extend((kind.warnings)(&object));
        admission::validate(self, kind, namespace, &object, None)?;
        self.call_validating(kind, &object)?;
        let name = object["metadata"].str("name").to_owned();
        let key = Key::new(kind, namespace, &name);
        if version.is_ok_and(|version| version > 0) {
            // Source: apiserver pkg/storage/errors.go ErrResourceVersionSetOnCreate.
            let message = "resourceVersion should not be set on objects to be created";
            return Err(Status::new(Reason::Unknown, message));
        }
        if self.storage.contains(&key) {
            return Err(Status::already_exists(kind, &name));
        }
        if kind.kind == "Service" {
            self.allocate(kind, &mut object, None)?;
        }
        admission::accepted(self, kind, namespace, &object);
        // What is read from storage has the defaults that the server's own changes lead to.
        (kind.defaults)(&mut object);
        self.record_update(kind, &mut object, None);
        let object = self.storage.put(key, object);
        self.note_definition(kind, &object);
        Ok(super::served(kind, &object))
    }

    /// Refuses pods beyond the limit of the playground. Kubernetes has none.
    fn check_room(&self, kind: &Kind, object: &Value) -> Result<(), Status> {
        if kind.kind != "Pod" || self.storage.count(kind.group, kind.kind) < MAX_PODS {
            return Ok(());
        }
        let message = format!("the playground simulates at most {MAX_PODS} pods");
        Err(Status::forbidden(kind, object["metadata"].str("name"), &message))
    }

    pub(crate) fn decode_created(
        &self,
        kind: &'static Kind,
        object: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        let refused = |message: &str| {
            let (named, version) = (object.str("kind"), kind.version);
            Status::new(
                Reason::BadRequest,
                format!(
                    "{named} in version \"{version}\" cannot be handled as a {}: {message}",
                    kind.kind
                ),
            )
        };
        if object.str("kind") != kind.kind {
            return Err(refused(&format!(
                "no kind \"{}\" is registered for version \"{}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
                object.str("kind"),
                kind.api_version()
            )));
        }
        let Some(id) = kind.type_id() else {
            return self.decode_custom(kind, object).map_err(|message| refused(&message));
        };
        let decoded = decoding::decode(id, object, Mode::Json).map_err(|error| refused(&error))?;
        match self.field_validation {
            FieldValidation::Strict if !decoded.unknown.is_empty() => {
                let fields = decoded.unknown.join(", ");
                return Err(refused(&format!("strict decoding error: {fields}")));
            }
            FieldValidation::Warn => warnings.extend(decoded.unknown),
            _ => {}
        }
        Ok(decoded.value)
    }

    /// Fields of the metadata that the server sets.
    fn system_fields(&mut self, kind: &Kind, namespace: &str, object: &mut Value) {
        let timestamp = self.timestamp();
        let metadata = object.entry("metadata");
        let prefix = metadata.str("generateName").to_owned();
        if metadata.str("name").is_empty() && !prefix.is_empty() {
            let suffix = self.random_suffix(namespace, &prefix);
            metadata.set("name", format!("{prefix}{suffix}"));
        }
        let uid = self.new_uid(kind.kind, namespace, metadata.str("name"));
        if kind.namespaced {
            metadata.set("namespace", namespace);
        } else {
            metadata.remove("namespace");
        }
        metadata.set("uid", uid);
        metadata.set("creationTimestamp", timestamp);
        for key in
            ["resourceVersion", "deletionTimestamp", "selfLink", "managedFields", "generation"]
        {
            metadata.remove(key);
        }
        if kind.kind == "Namespace" {
            (kind.defaults)(object);
        }
    }

    /// Puts the clock's time where a rule left a place for it.
    fn put_times(&self, object: &mut Value) {
        let key = "lastPhaseTransitionTime";
        if object["status"].str(key) == kinds::NOW {
            object.entry("status").set(key, self.timestamp());
        }
    }

    /// The condition of a pod that scheduling gates hold.
    /// Source: pkg/registry/core/pod/strategy.go applySchedulingGatedCondition.
    fn gate(&self, object: &mut Value) {
        let mut condition = Value::map();
        condition.set("lastProbeTime", Value::Null);
        condition.set("lastTransitionTime", self.timestamp());
        condition.set("message", "Scheduling is blocked due to non-empty scheduling gates");
        condition.set("reason", "SchedulingGated");
        condition.set("status", "False");
        condition.set("type", "PodScheduled");
        object.entry("status").set("conditions", vec![condition]);
    }

    fn validate_created(&self, kind: &'static Kind, object: &Value) -> Result<(), Status> {
        let mut errors = Errors::default();
        let metadata = &object["metadata"];
        meta::object_meta(&mut errors, metadata, kind.namespaced, kind.name_form);
        (kind.validate)(&mut errors, object);
        (kind.validate_create)(&mut errors, object);
        self.validate_custom(kind, &mut errors, object, None);
        if errors.is_empty() {
            return Ok(());
        }
        Err(Status::invalid(kind, metadata.str("name"), errors))
    }

    /// Gives a Service its addresses and ports.
    pub(crate) fn allocate(
        &mut self,
        kind: &'static Kind,
        object: &mut Value,
        old: Option<&Value>,
    ) -> Result<(), Status> {
        let name = object["metadata"].str("name").to_owned();
        let errors = self.addresses.allocate(object, old, self.storage.taken());
        if errors.is_empty() {
            return Ok(());
        }
        Err(Status::invalid(kind, &name, errors))
    }
}

/// Plugins that fill in an object run before its name is made: their refusals name it without the
/// random end.
fn without_suffix(mut status: Status, object: &Value) -> Status {
    let metadata = &object["metadata"];
    let (name, prefix) = (metadata.str("name"), metadata.str("generateName"));
    if !prefix.is_empty() && name.starts_with(prefix) {
        status.message = status.message.replace(&format!("\"{name}\""), &format!("\"{prefix}\""));
    }
    status
}
