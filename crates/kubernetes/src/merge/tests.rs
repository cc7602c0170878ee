//! Tests of patches: three-way differences and what they make of the stored object.

use super::*;
use crate::object::{Map, parse_json, to_json};

fn map(json: &str) -> Map {
    parse_json(json).expect("it is JSON").as_map().cloned().expect("it is a mapping")
}

/// The patch for a pod spec and the spec after it.
fn apply(original: &str, modified: &str, current: &str) -> (String, String) {
    let schema = types().named("io.k8s.api.core.v1.PodSpec");
    let mut patch =
        three_way_patch(&map(original), &map(modified), &map(current), schema).expect("it merges");
    let text = to_json(&patch.clone().into());
    let merged = strategic_merge(&map(current), &mut patch, schema).expect("it applies");
    (text, to_json(&merged.into()))
}

#[test]
fn lists_with_a_merge_key_are_merged() {
    let (patch, merged) = apply(
        r#"{"containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}]}"#,
        r#"{"containers":[{"name":"a","image":"z"}]}"#,
        r#"{"containers":[{"name":"a","image":"x","imagePullPolicy":"Always"},{"name":"b","image":"y"},{"name":"c","image":"s"}]}"#,
    );
    assert_eq!(
        patch,
        r#"{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"image":"z","name":"a"},{"$patch":"delete","name":"b"}]}"#
    );
    assert_eq!(
        merged,
        r#"{"containers":[{"image":"z","imagePullPolicy":"Always","name":"a"},{"image":"s","name":"c"}]}"#
    );
}

#[test]
fn the_order_of_the_file_counts() {
    let (_, merged) = apply(
        r#"{"containers":[{"name":"a"},{"name":"b"}]}"#,
        r#"{"containers":[{"name":"b"},{"name":"a"}]}"#,
        r#"{"containers":[{"name":"a"},{"name":"b"}]}"#,
    );
    assert_eq!(merged, r#"{"containers":[{"name":"b"},{"name":"a"}]}"#);
}

#[test]
fn a_volume_that_changes_its_type_keeps_nothing_of_the_old() {
    let (patch, merged) = apply(
        r#"{"volumes":[{"name":"v","emptyDir":{}}]}"#,
        r#"{"volumes":[{"name":"v","configMap":{"name":"c"}}]}"#,
        r#"{"volumes":[{"name":"v","emptyDir":{}}]}"#,
    );
    assert!(patch.contains(r#""$retainKeys":["configMap","name"]"#), "{patch}");
    assert_eq!(merged, r#"{"volumes":[{"configMap":{"name":"c"},"name":"v"}]}"#);
}

#[test]
fn lists_without_a_merge_key_are_replaced_and_unnamed_fields_stay() {
    let (patch, merged) = apply(
        r#"{"tolerations":[{"key":"a"}],"nodeName":"n"}"#,
        r#"{"tolerations":[{"key":"b"}]}"#,
        r#"{"tolerations":[{"key":"a"},{"key":"c"}],"nodeName":"n","hostname":"h"}"#,
    );
    assert_eq!(patch, r#"{"nodeName":null,"tolerations":[{"key":"b"}]}"#);
    assert_eq!(merged, r#"{"hostname":"h","tolerations":[{"key":"b"}]}"#);
}

#[test]
fn nothing_changed_is_an_empty_patch() {
    let spec = r#"{"containers":[{"name":"a","image":"x"}]}"#;
    let current = r#"{"containers":[{"name":"a","image":"x","stdin":true}],"dnsPolicy":"Default"}"#;
    assert_eq!(apply(spec, spec, current).0, "{}");
}

#[test]
fn merge_patches_are_for_custom_resources() {
    let patch = three_way_merge_patch(
        &map(r#"{"spec":{"a":1,"b":{"c":2}}}"#),
        &map(r#"{"spec":{"a":3,"l":[1]}}"#),
        &map(r#"{"spec":{"a":1,"b":{"c":2},"x":9}}"#),
    );
    let patch = Value::from(patch);
    assert_eq!(to_json(&patch), r#"{"spec":{"a":3,"b":null,"l":[1]}}"#);
    let object = parse_json(r#"{"spec":{"a":1,"b":{"c":2},"x":9}}"#).expect("it is JSON");
    assert_eq!(to_json(&merge_patch(&object, &patch)), r#"{"spec":{"a":3,"l":[1],"x":9}}"#);
}
