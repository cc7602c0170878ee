//! The CustomResourceDefinitions of monitoring.coreos.com, from a compact table.
//!
//! `data/crds.json` is made from the definitions of Prometheus Operator 0.94.1 by
//! `examples/crds.rs`: names, types, enums, patterns, defaults and rules in CEL, without the
//! descriptions. [`documentation`] has our own words for the fields that matter.

mod documentation;

use std::sync::OnceLock;

use kubernetes::object::{Map, NULL, Value, parse_json};

pub use documentation::{DOCUMENTED, documentation};

/// The group of the Operator's kinds.
pub const GROUP: &str = "monitoring.coreos.com";

static TABLE: &str = include_str!("../../data/crds.json");

/// The ten definitions, as the API server takes them.
pub fn definitions() -> &'static [Value] {
    static DEFINITIONS: OnceLock<Vec<Value>> = OnceLock::new();
    DEFINITIONS.get_or_init(|| {
        let table = parse_json(TABLE).unwrap_or_default();
        let mut schemas: Vec<Value> = Vec::new();
        for schema in table.list("schemas") {
            schemas.push(expanded(schema, &schemas));
        }
        table.list("definitions").iter().map(|one| definition(one, &schemas)).collect()
    })
}

/// A schema in which numbers are replaced by the schemas that stand before it.
fn expanded(schema: &Value, known: &[Value]) -> Value {
    let at = |number: &Value| {
        let number = number.as_int().and_then(|number| usize::try_from(number).ok());
        number.and_then(|number| known.get(number)).cloned().unwrap_or_default()
    };
    let mut schema = schema.clone();
    let properties = schema["properties"].as_map().cloned();
    if let Some(properties) = properties {
        let pairs = properties.iter().map(|(name, number)| (name.clone(), at(number)));
        schema.set("properties", pairs.collect::<Map>());
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].as_int().is_some() {
            let below = at(&schema[key]);
            schema.set(key, below);
        }
    }
    schema
}

fn definition(definition: &Value, schemas: &[Value]) -> Value {
    let mut object = definition.clone();
    for version in object.entry("spec").entry("versions").list_mut() {
        let number = version["schema"].as_int().and_then(|number| usize::try_from(number).ok());
        let schema = number.and_then(|number| schemas.get(number)).cloned().unwrap_or_default();
        let mut holder = Value::map();
        holder.set("openAPIV3Schema", schema);
        version.set("schema", holder);
    }
    object
}

/// The schema of a kind; null if the group has no such kind.
pub fn schema(kind: &str) -> &'static Value {
    let definition = definitions().iter().find(|one| one["spec"]["names"].str("kind") == kind);
    let version = definition.and_then(|one| one["spec"].list("versions").first());
    version.map_or(&NULL, |version| &version["schema"]["openAPIV3Schema"])
}

/// The schema of a kind of the group with our words as the descriptions of fields.
pub fn described(kind: &str, schema: &Value) -> Value {
    let mut described = schema.clone();
    for (path, text) in documentation::of_kind(kind) {
        let mut at = &mut described;
        let mut known = true;
        for step in path.split('.') {
            if at.has("items") {
                at = at.entry("items");
            }
            known = known && at["properties"].has(step);
            if !known {
                break;
            }
            at = at.entry("properties").entry(step);
        }
        if known {
            at.set("description", text);
        }
    }
    described
}

/// The schema of a field: `spec.endpoints.port`, without the numbers of list items.
pub fn field(kind: &str, path: &str) -> Option<&'static Value> {
    let mut schema = schema(kind);
    for step in path.split('.').filter(|step| !step.is_empty()) {
        if schema.has("items") {
            schema = &schema["items"];
        }
        schema = schema["properties"].get(step)?;
    }
    schema.as_map().map(|_| schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_our_words() {
        let described = described("ServiceMonitor", schema("ServiceMonitor"));
        let endpoint = described.at(&["properties", "spec", "properties", "endpoints"]);
        let port = endpoint["items"]["properties"]["port"].str("description");
        assert_eq!(Some(port), documentation("ServiceMonitor", "spec.endpoints.port"));
    }

    #[test]
    fn the_table_has_ten_definitions_with_their_schemas() {
        let kinds: Vec<&str> =
            definitions().iter().map(|one| one["spec"]["names"].str("kind")).collect();
        assert_eq!(
            kinds,
            [
                "AlertmanagerConfig",
                "Alertmanager",
                "PodMonitor",
                "Probe",
                "PrometheusAgent",
                "Prometheus",
                "PrometheusRule",
                "ScrapeConfig",
                "ServiceMonitor",
                "ThanosRuler",
            ]
        );
        let interval = field("ServiceMonitor", "spec.endpoints.interval").expect("a field");
        assert_eq!(interval.str("type"), "string");
        assert!(interval.str("pattern").starts_with("^(0|(([0-9]+)y)?"));
        assert_eq!(
            field("Prometheus", "spec.scrapeInterval").expect("a field").str("default"),
            "30s"
        );
        assert!(field("ServiceMonitor", "spec.endpoint").is_none());
    }

    #[test]
    fn all_rules_are_within_the_subset_of_cel() {
        for definition in definitions() {
            let kind = definition["spec"]["names"].str("kind");
            assert_eq!(kubernetes::crd::unchecked(schema(kind)), [], "{kind}");
        }
    }
}
