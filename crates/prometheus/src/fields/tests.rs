use std::collections::HashSet;

use super::discovery::{DISCOVERY, MECHANISMS};
use crate::Notations;
use schema::{DefaultValue, Dialect, Record, Subject, Type, Version, check};
use text::{FileId, Severity};
use yaml::parse;

fn records() -> impl Iterator<Item = &'static Record> {
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
    for record in records() {
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
    for record in records() {
        // What an empty section lacks, an example of one field may lack too.
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
    for record in records() {
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
    for record in records() {
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
