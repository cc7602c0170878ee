//! Custom resources whose definition is in the workspace.

use super::driver::Driver;
use protocol::pages::explain;
use protocol::{Grade, PageQuery, Reply, Request, View};
use text::FileId;

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: backups.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Backup, plural: backups, shortNames: [bk]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [schedule]
            x-kubernetes-validations:
            - rule: self.keep >= self.atLeast
              message: keep must not be less than atLeast
            - rule: url(self.target).getHost() != ''
            properties:
              schedule: {type: string, description: When the backup runs.}
              keep: {type: integer, default: 7, maximum: 30}
              atLeast: {type: integer, default: 1}
              mode: {type: string, enum: [Full, Incremental], default: Full}
              target: {type: string}
";

const BACKUP: &str = "apiVersion: example.com/v1
kind: Backup
metadata: {name: daily}
spec:
  schedule: '@daily'
  keep: 3
";

/// The findings in a custom resource beside its definition: grade and message.
fn findings(resource: &str) -> Vec<(Option<Grade>, String)> {
    findings_in(2, resource)
}

fn findings_in(file: u32, resource: &str) -> Vec<(Option<Grade>, String)> {
    let driver = Driver::with_files(&[("backups.yaml", DEFINITION), ("daily.yaml", resource)]);
    let snapshot = driver.session.snapshot();
    let source = snapshot.sources.get(FileId(file)).expect("the file is open");
    let annotations = crate::ide::annotate(source, &snapshot);
    let messages = annotations.diagnostics.iter().map(|one| one.message.clone());
    annotations.grades.iter().copied().zip(messages).collect()
}

#[test]
fn values_are_checked_by_the_schema_in_the_words_of_the_server() {
    for (from, to, expected) in [
        ("keep: 3", "keep: 3", ""),
        (
            "keep: 3",
            "keep: 31",
            "The Backup \"daily\" is invalid: spec.keep: Invalid value: 31: spec.keep in body should be less than or equal to 30",
        ),
        (
            "keep: 3",
            "keep: many",
            "The Backup \"daily\" is invalid: spec.keep: Invalid value: \"string\": spec.keep in body must be of type integer: \"string\"",
        ),
        (
            "keep: 3",
            "mode: Partial",
            "The Backup \"daily\" is invalid: spec.mode: Unsupported value: \"Partial\": supported values: \"Full\", \"Incremental\"",
        ),
        (
            "  schedule: '@daily'\n",
            "",
            "The Backup \"daily\" is invalid: spec.schedule: Required value",
        ),
        (
            "keep: 3",
            "atLeast: 9",
            "The Backup \"daily\" is invalid: spec: Invalid value: keep must not be less than atLeast",
        ),
        ("keep: 3", "kept: 3", "unknown field \"spec.kept\""),
    ] {
        let found = findings(&BACKUP.replace(from, to));
        let refused: Vec<&String> = found
            .iter()
            .filter(|(grade, _)| *grade == Some(Grade::Refused))
            .map(|(_, message)| message)
            .collect();
        match expected {
            "" => assert!(found.is_empty(), "{found:?}"),
            _ => assert!(refused.iter().any(|one| one.ends_with(expected)), "{to}: {found:?}"),
        }
    }
}

#[test]
fn a_rule_outside_of_the_subset_is_said_not_to_be_checked() {
    let found = findings_in(1, BACKUP);
    let [(grade, message)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(*grade, Some(Grade::Advice));
    assert!(message.starts_with("This rule is not checked here: "), "{message}");
}

#[test]
fn defaults_of_the_schema_are_stored() {
    let mut driver = Driver::with_files(&[("backups.yaml", DEFINITION), ("daily.yaml", BACKUP)]);
    let offset = BACKUP.find("schedule").unwrap() as u32;
    let query = explain::Query { file: FileId(2), offset };
    let View::Explain(view) = driver.watch(PageQuery::Explain(query)) else { panic!("explain") };
    let stored = view.stored.expect("the object is stored");
    let lines: Vec<&str> = stored.lines.iter().map(|line| line.text.as_str()).collect();
    for expected in ["  atLeast: 1", "  keep: 3", "  mode: Full"] {
        assert!(lines.contains(&expected), "{expected}: {lines:?}");
    }
}

#[test]
fn fields_are_completed_and_explained_from_the_schema() {
    let text = format!("{BACKUP}  mo\n");
    let mut driver = Driver::with_files(&[("backups.yaml", DEFINITION), ("daily.yaml", &text)]);
    let offset = text.len() as u32 - 1;
    let reply = driver.send(Request::Complete { file: FileId(2), offset });
    let Reply::Completions(Some(found)) = reply else { panic!("{reply:?}") };
    let labels: Vec<&str> = found.items.iter().map(|item| item.label.as_str()).collect();
    assert!(labels.contains(&"mode") && labels.contains(&"target"), "{labels:?}");
    assert!(!labels.contains(&"keep"), "it is written: {labels:?}");

    let offset = text.find("schedule").unwrap() as u32;
    let reply = driver.send(Request::Hover { file: FileId(2), offset });
    let Reply::Hover(Some(card)) = reply else { panic!("{reply:?}") };
    assert_eq!(card.body, ["When the backup runs."]);
    let offset = text.find("keep").unwrap() as u32;
    let reply = driver.send(Request::Hover { file: FileId(2), offset });
    let Reply::Hover(Some(card)) = reply else { panic!("{reply:?}") };
    assert!(card.facts.contains(&("Default".into(), "`7`".into())), "{:?}", card.facts);
}

#[test]
fn a_definition_that_comes_later_serves_its_resources_the_second_time() {
    let mut driver = Driver::with_files(&[("a.yaml", BACKUP), ("b.yaml", DEFINITION)]);
    let refused = |driver: &Driver| {
        driver.session.stored.applied.refused().map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    assert!(refused(&driver).is_empty(), "{:?}", refused(&driver));
    // The kind is gone with its definition, and comes back with it.
    driver.edit("b.yaml", "served: true", "served: false");
    assert_eq!(refused(&driver), ["daily"]);
    driver.edit("b.yaml", "served: false", "served: true");
    assert!(refused(&driver).is_empty());
    // A stricter schema is applied to resources that did not change.
    driver.edit("b.yaml", "maximum: 30", "maximum: 2");
    assert_eq!(refused(&driver), ["daily"]);
}
