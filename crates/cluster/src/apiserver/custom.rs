//! Kinds that stored CustomResourceDefinitions bring.

use kubernetes::crd;
use kubernetes::kinds::Kind;
use kubernetes::object::Value;
use kubernetes::validation::Errors;

use super::{ApiServer, Key};

impl ApiServer {
    /// The rows of all kinds that stored definitions bring.
    pub fn custom_kinds(&self) -> &[&'static Kind] {
        &self.custom
    }

    /// Records that a result depends on the definitions.
    pub(super) fn note_definitions(&self) {
        self.storage.note_list("apiextensions.k8s.io", "CustomResourceDefinition", "");
    }

    /// Takes the kinds of a stored definition into the table of this server.
    pub(crate) fn note_definition(&mut self, kind: &Kind, object: &Value) {
        if kind.kind != "CustomResourceDefinition" {
            return;
        }
        self.forget_definition(kind, object);
        self.custom.extend(crd::rows(object));
    }

    pub(crate) fn forget_definition(&mut self, kind: &Kind, object: &Value) {
        if kind.kind != "CustomResourceDefinition" {
            return;
        }
        let (group, name) = (object["spec"].str("group"), object["spec"]["names"].str("kind"));
        self.custom.retain(|row| row.group != group || row.kind != name);
    }

    /// The schema of a custom resource; None if it has none.
    pub fn custom_schema(&self, kind: &Kind) -> Option<Value> {
        let definition =
            kubernetes::kinds::find("apiextensions.k8s.io/v1", "CustomResourceDefinition")?;
        let name = format!("{}.{}", kind.plural, kind.group);
        let object = self.storage.get(&Key::new(definition, "", &name))?;
        let versions = object["spec"].list("versions");
        let version = versions.iter().find(|one| one.str("name") == kind.version)?;
        version["schema"].get("openAPIV3Schema").cloned()
    }

    /// A custom resource with its defaults, without fields that the schema does not know. The error
    /// names those fields.
    pub(crate) fn decode_custom(&self, kind: &Kind, object: &Value) -> Result<Value, String> {
        let Some(schema) = self.custom_schema(kind) else { return Ok(object.clone()) };
        crd::decode(&schema, object)
    }

    pub(crate) fn validate_custom(
        &self,
        kind: &Kind,
        errors: &mut Errors,
        object: &Value,
        old: Option<&Value>,
    ) {
        if kind.type_id().is_some() {
            return;
        }
        if let Some(schema) = self.custom_schema(kind) {
            // Rules without an answer are left to the code that explains the definition.
            let _ = crd::check(errors, &schema, object, old);
        }
    }
}
