use std::collections::HashSet;

use super::discovery::{DISCOVERY, MECHANISMS};
use crate::Notations;
use schema::{
    DefaultValue, Dialect, Record, Root, Scope, Subject, Type, ValueSource, Version, check,
};
use text::{FileId, Severity};
use yaml::parse;

fn all_records() -> impl Iterator<Item = &'static Record> {
    super::records().map(|(record, _)| record).chain([&DISCOVERY])
}

/// Errors that a section of this kind has, as messages.
fn errors(record: &'static Record, text: &str) -> Vec<String> {
    let parsed = parse(FileId(1), text);
    assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    let ty = Type::Record(record);
    let subject = Subject::first(&parsed, ty, Dialect::Prometheus, &Notations).unwrap();
    check(&subject)
        .into_iter()
        .filter(|one| one.severity == Severity::Error)
        .map(|one| one.message)
        .collect()
}

#[test]
fn every_field_is_documented() {
    for record in all_records() {
        assert!(record.doc.ends_with('.'), "{}: {}", record.name, record.doc);
        for field in record.fields {
            let name = format!("{}.{}", record.name, field.key);
            assert!(field.doc.len() > 10 && field.doc.ends_with('.'), "{name}: {}", field.doc);
            assert!(!field.note.is_empty() && !field.note.ends_with('.'), "{name}");
            assert!(field.since > Version(0, 0) && field.since <= Version(3, 14), "{name}");
            if let Some(old) = field.deprecated {
                assert!(old.since >= field.since && !old.instead.is_empty(), "{name}");
            }
        }
    }
}

#[test]
fn every_example_is_clean() {
    for record in all_records() {
        // An example of one field may lack the fields that an empty section lacks.
        let lacking: HashSet<String> = errors(record, "{}").into_iter().collect();
        for field in record.fields {
            let name = format!("{}.{}", record.name, field.key);
            let parsed = parse(FileId(1), field.example);
            let root = parsed.root().unwrap_or_else(|| panic!("{name}"));
            assert!(root.get(field.key).is_some(), "{name}: its example does not show it");
            let wrong: Vec<String> = errors(record, field.example)
                .into_iter()
                .filter(|message| !lacking.contains(message))
                .collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }
}

#[test]
fn keys_are_unique_and_defaults_lead_somewhere() {
    for record in all_records() {
        let mut keys = HashSet::new();
        for field in record.all_fields() {
            assert!(keys.insert(field.key), "{}.{} stands twice", record.name, field.key);
            let DefaultValue::Inherited(path) = field.default else { continue };
            let key = path.strip_prefix("global.").expect("only global is inherited from");
            assert!(super::global::GLOBAL.field(key).is_some(), "{path}");
        }
    }
}

#[test]
fn every_secret_is_marked() {
    for record in all_records() {
        for field in record.fields {
            assert_eq!(
                field.secret,
                matches!(field.ty, Type::Secret)
                    || matches!(field.ty, Type::List(Type::Secret))
                    || matches!(field.ty, Type::Map { value: Type::List(Type::Secret), .. }),
                "{}.{}",
                record.name,
                field.key
            );
        }
    }
}

#[test]
fn meta_labels_are_unique_and_documented() {
    for mechanism in MECHANISMS {
        assert!(DISCOVERY.field(mechanism.key()).is_some(), "{}", mechanism.key());
        assert!(mechanism.address.ends_with('.'), "{}", mechanism.key());
        let mut names = HashSet::new();
        for meta in mechanism.meta() {
            assert!(meta.name.starts_with("__meta_"), "{}", meta.name);
            assert!(names.insert(meta.name), "{} stands twice", meta.name);
            assert!(meta.doc.len() > 1 && !meta.doc.ends_with('.'), "{}", meta.name);
        }
    }
}

/// Every field of a job that inherits is validated, decoded, explained and printed by its entry in
/// the table alone: the value of `global` is in force wherever a value is shown.
#[test]
fn an_inherited_field_needs_its_entry_only() {
    let mut checked = 0;
    for field in super::scrape::SCRAPE.fields {
        let (key, path) = match field.default {
            DefaultValue::Inherited(path) => (field.key, path),
            _ => continue,
        };
        let sample = match field.ty {
            Type::Uint { .. } => "7",
            Type::Size => "7KB",
            Type::Duration { .. } => "7s",
            Type::Bool => "true",
            Type::Path { .. } => "a.log",
            _ => "legacy",
        };
        let text =
            format!("global:\n  {key}: {sample}\nscrape_configs:\n  - job_name: a\n    {key}:\n");
        let parsed = parse(FileId(1), &text);
        let loaded = crate::load(&parsed, &crate::NoFiles, crate::Mode::Server);
        assert!(loaded.diagnostics.is_empty(), "{key}: {:?}", loaded.diagnostics);

        let root =
            Root { file: FileId(1), node: parsed.root().unwrap(), record: &super::root::ROOT };
        let job = root.node.get("scrape_configs").and_then(|jobs| jobs.items().first());
        let scope = Scope::new(FileId(1), job, &super::scrape::SCRAPE, Some(root), &Notations);
        let ValueSource::Inherited { path: from, at } = scope.resolve(key).source else {
            panic!("{key} is not inherited");
        };
        assert_eq!((from, at.span.slice(&text)), (path, sample), "{key}");

        let hooks = crate::explain::PrometheusHooks::new(&loaded.config);
        let ty = Type::Record(&super::root::ROOT);
        let subject = Subject::first(&parsed, ty, Dialect::Prometheus, &hooks).unwrap();
        let offset = text.rfind(key).unwrap() as u32;
        let shown = schema::explain_at(&subject, offset).unwrap().effective.unwrap();
        assert_eq!((shown.value.as_str(), shown.source), (sample, scope.resolve(key).source));

        let printed = crate::effective::effective(&parsed);
        let lines = printed.text.lines().zip(&printed.sources);
        let line = lines.filter(|(line, _)| line.starts_with(&format!("  {key}: "))).last();
        assert_eq!(line.map(|(_, source)| *source), Some(scope.resolve(key).source), "{key}");
        checked += 1;
    }
    assert!(checked >= 12, "{checked} fields inherit");
}

/// The order of a table is the order in which Prometheus prints the section.
#[test]
fn inlined_fields_have_their_place_in_print() {
    for record in all_records() {
        let place = record.inlined_before;
        assert!(
            place.is_empty() || record.fields.iter().any(|field| field.key == place),
            "{}: {place}",
            record.name
        );
        assert_eq!(record.print_order().len(), record.all_fields().count(), "{}", record.name);
    }
}
