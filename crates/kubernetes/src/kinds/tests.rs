//! Tests of the table: rows, defaults and rules for each kind.

use super::*;
use crate::object::{parse_json, to_json};
use crate::validation::{Path, meta};

#[test]
fn rows_are_complete_and_found_by_their_names() {
    for row in KINDS {
        assert!(!row.kind.is_empty() && !row.plural.is_empty(), "{row:?}");
        assert!(!row.description.is_empty(), "{row:?}");
        assert!(row.type_id().is_some(), "{row:?} has fields");
        assert_eq!(find(&row.api_version(), row.kind).map(|row| row.kind), Some(row.kind));
    }
    for (word, kind) in [
        ("deploy", "Deployment"),
        ("deployments.apps", "Deployment"),
        ("Deployment", "Deployment"),
        ("cm", "ConfigMap"),
        ("pvc", "PersistentVolumeClaim"),
        ("hpa", "HorizontalPodAutoscaler"),
    ] {
        assert_eq!(named(word).map(|row| row.kind), Some(kind), "{word}");
    }
    assert!(named("widgets").is_none());
}

/// The object with its defaults.
fn defaulted(api_version: &str, kind: &str, json: &str) -> Value {
    let row = find(api_version, kind).expect("the kind is in the table");
    let mut object = parse_json(json).expect("it is JSON");
    (row.defaults)(&mut object);
    object
}

#[test]
fn defaults_are_filled_in() {
    for (api_version, kind, json, path, expected) in [
        (
            "apps/v1",
            "Deployment",
            "{}",
            &["spec", "strategy", "rollingUpdate", "maxSurge"][..],
            "\"25%\"",
        ),
        ("apps/v1", "Deployment", "{}", &["spec", "progressDeadlineSeconds"], "600"),
        ("apps/v1", "Deployment", r#"{"spec":{"replicas":0}}"#, &["spec", "replicas"], "0"),
        (
            "apps/v1",
            "StatefulSet",
            "{}",
            &["spec", "updateStrategy", "rollingUpdate", "partition"],
            "0",
        ),
        (
            "apps/v1",
            "DaemonSet",
            "{}",
            &["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"],
            "1",
        ),
        ("v1", "Service", "{}", &["spec", "type"], "\"ClusterIP\""),
        ("v1", "Pod", "{}", &["spec", "enableServiceLinks"], "true"),
        ("v1", "Pod", "{}", &["spec", "terminationGracePeriodSeconds"], "30"),
        ("batch/v1", "Job", "{}", &["spec", "backoffLimit"], "6"),
        ("batch/v1", "CronJob", "{}", &["spec", "failedJobsHistoryLimit"], "1"),
        ("v1", "Secret", r#"{"stringData":{"a":"b"}}"#, &["data", "a"], "\"Yg==\""),
        ("v1", "PersistentVolume", "{}", &["spec", "persistentVolumeReclaimPolicy"], "\"Retain\""),
        ("storage.k8s.io/v1", "StorageClass", "{}", &["volumeBindingMode"], "\"Immediate\""),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            r#"{"spec":{"egress":[{}]}}"#,
            &["spec", "policyTypes"],
            "[\"Ingress\",\"Egress\"]",
        ),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "{}", &["spec", "minReplicas"], "1"),
    ] {
        let object = defaulted(api_version, kind, json);
        assert_eq!(to_json(object.at(path)), expected, "{kind} {path:?}");
    }
}

#[test]
fn images_decide_how_they_are_pulled() {
    for (image, latest) in [
        ("nginx", true),
        ("nginx:latest", true),
        ("nginx:1.27", false),
        ("registry:5000/nginx", true),
        ("nginx@sha256:abc", false),
    ] {
        assert_eq!(pod_defaults::is_latest(image), latest, "{image}");
    }
}

/// Errors of an object with defaults.
fn errors(api_version: &str, kind: &str, json: &str) -> Vec<String> {
    let row = find(api_version, kind).expect("the kind is in the table");
    let object = defaulted(api_version, kind, json);
    let mut errors = Errors::default();
    (row.validate)(&mut errors, &object);
    errors.list.iter().map(ToString::to_string).collect()
}

#[test]
fn each_kind_has_its_rules() {
    for (api_version, kind, json, expected) in [
        ("v1", "ConfigMap", r#"{"data":{"a":"b"}}"#, &[][..]),
        (
            "v1",
            "ConfigMap",
            r#"{"data":{"..":"b"}}"#,
            &["data[..]: Invalid value: \"..\": must not be '..'"],
        ),
        (
            "v1",
            "Service",
            r#"{"spec":{"ports":[{"port":0}]}}"#,
            &[
                "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
            ],
        ),
        ("v1", "Service", "{}", &["spec.ports: Required value"]),
        (
            "batch/v1",
            "CronJob",
            r#"{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"b"}]}}}}}}"#,
            &["spec.schedule: Required value"],
        ),
        (
            "scheduling.k8s.io/v1",
            "PriorityClass",
            r#"{"value":2000000000}"#,
            &["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
        ),
        ("storage.k8s.io/v1", "StorageClass", "{}", &["provisioner: Required value"]),
        (
            "policy/v1",
            "PodDisruptionBudget",
            r#"{"spec":{"minAvailable":"150%"}}"#,
            &["spec.minAvailable: Invalid value: \"150%\": must not be greater than 100%"],
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "Role",
            r#"{"rules":[{"apiGroups":[""],"resources":["pods"]}]}"#,
            &["rules[0].verbs: Required value: verbs must contain at least one value"],
        ),
        (
            "networking.k8s.io/v1",
            "Ingress",
            r#"{"spec":{"rules":[{"http":{"paths":[{"path":"shop","pathType":"Prefix","backend":{"service":{"name":"a","port":{"number":80}}}}]}}]}}"#,
            &[
                "spec.rules[0].http.paths[0].path: Invalid value: \"shop\": must be an absolute path",
            ],
        ),
    ] {
        assert_eq!(errors(api_version, kind, json), expected, "{kind} {json}");
    }
}

#[test]
fn a_deployment_needs_a_selector_that_matches() {
    let template = r#""template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"a","image":"b"}]}}"#;
    for (selector, expected) in [
        (r#""selector":{"matchLabels":{"app":"web"}},"#, &[][..]),
        (
            "",
            &[
                "spec.selector: Required value",
                "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`",
            ],
        ),
    ] {
        let json = format!("{{\"spec\":{{{selector}{template}}}}}");
        assert_eq!(errors("apps/v1", "Deployment", &json), expected);
    }
}

#[test]
fn names_have_the_form_of_their_kind() {
    for (api_version, kind, name, good) in [
        ("v1", "Pod", "a.b", true),
        ("v1", "Namespace", "a.b", false),
        ("v1", "Service", "1a", true),
        ("apps/v1", "StatefulSet", "a.b", false),
        ("rbac.authorization.k8s.io/v1", "Role", "system:x", true),
    ] {
        let row = find(api_version, kind).expect("the kind is in the table");
        let mut errors = Errors::default();
        let json = format!("{{\"name\":\"{name}\",\"namespace\":\"x\"}}");
        let metadata = parse_json(&json).expect("it is JSON");
        let namespaced = true;
        meta::object_meta(&mut errors, &metadata, namespaced, row.name_form);
        assert_eq!(errors.is_empty(), good, "{kind} {name} {}", Path::new("metadata"));
    }
}
