//! The fields of custom resources whose definitions are in the workspace.

use kubernetes::crd;
use kubernetes::object::Value;
use schema::{Record, Type};
use yaml::Node;

use super::apply::Applied;

/// The records of the kinds that stored definitions bring.
#[derive(Clone, Debug, Default)]
pub struct CustomTypes {
    kinds: Vec<CustomType>,
}

#[derive(Clone, Debug)]
struct CustomType {
    api_version: String,
    kind: String,
    schema: Value,
    record: &'static Record,
}

impl CustomTypes {
    /// The types of all stored definitions, and of the definitions of the Prometheus Operator if
    /// they are assumed. Those of a schema that is in `self` are taken from there.
    pub fn of(&self, applied: &Applied, operator_is_assumed: bool) -> Self {
        let assumed = if operator_is_assumed { operator::schema::definitions() } else { &[] };
        let definitions = applied.stored().filter_map(|object| object.stored.as_ref());
        let definitions = definitions.chain(assumed);
        let definitions =
            definitions.filter(|object| object.str("kind") == "CustomResourceDefinition");
        let kinds = definitions.flat_map(|definition| {
            let spec = &definition["spec"];
            let served = spec.list("versions").iter().filter(|version| version.bool("served"));
            served.filter_map(|version| {
                let schema = version["schema"].get("openAPIV3Schema")?;
                let kind = spec["names"].str("kind");
                let api_version = format!("{}/{}", spec.str("group"), version.str("name"));
                Some(self.known(&api_version, kind, schema).unwrap_or_else(|| CustomType {
                    record: match spec.str("group") {
                        operator::schema::GROUP => {
                            crd::record(kind, &operator::schema::described(kind, schema))
                        }
                        _ => crd::record(kind, schema),
                    },
                    schema: schema.clone(),
                    api_version,
                    kind: kind.to_owned(),
                }))
            })
        });
        Self { kinds: kinds.collect() }
    }

    fn known(&self, api_version: &str, kind: &str, schema: &Value) -> Option<CustomType> {
        let same = |one: &&CustomType| {
            one.kind == kind && one.api_version == api_version && one.schema.is_shared_with(schema)
        };
        self.kinds.iter().find(same).cloned()
    }

    /// The type of an object of such a kind.
    pub fn type_of(&self, object: &Node) -> Option<Type> {
        let text = |key: &str| object.get(key).and_then(Node::text);
        let (api_version, kind) = (text("apiVersion")?, text("kind")?);
        let found =
            self.kinds.iter().find(|one| one.kind == kind && one.api_version == api_version)?;
        Some(Type::Record(found.record))
    }
}
