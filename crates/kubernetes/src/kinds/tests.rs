//! Tests of the table: rows, defaults and rules for each kind.

mod rules;

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
        ("vac", "VolumeAttributesClass"),
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
        (
            "networking.k8s.io/v1",
            "IngressClass",
            r#"{"spec":{"parameters":{}}}"#,
            &["spec", "parameters", "scope"],
            "\"Cluster\"",
        ),
        (
            "admissionregistration.k8s.io/v1",
            "ValidatingWebhookConfiguration",
            r#"{"webhooks":[{"clientConfig":{"service":{}}}]}"#,
            &["webhooks"],
            r#"[{"clientConfig":{"service":{"port":443}},"failurePolicy":"Fail","matchPolicy":"Equivalent","namespaceSelector":{},"objectSelector":{},"timeoutSeconds":10}]"#,
        ),
        (
            "v1",
            "Pod",
            r#"{"spec":{"resources":{"limits":{"cpu":"2","memory":"1Gi"}},"containers":[{"name":"a","image":"b","resources":{"requests":{"cpu":"500m"}}}]}}"#,
            &["spec", "resources", "requests"],
            r#"{"cpu":"500m","memory":"1Gi"}"#,
        ),
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
            "v1",
            "Service",
            r#"{"spec":{"clusterIP":"10.96.0.9","ipFamilies":["IPv6","IPv6"],"externalIPs":["010.0.0.1"],"ports":[{"port":80}]}}"#,
            &[
                "spec.ipFamilies[1]: Duplicate value: \"IPv6\"",
                "spec.externalIPs[0]: Invalid value: \"010.0.0.1\": must not have leading 0s",
            ],
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            r#"{"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.1/8","except":["10.1.0.0/016"]}}]}]}}"#,
            &[
                "spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"10.0.0.1/8\": must not have bits set beyond the prefix length",
                "spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"10.1.0.0/016\": must not have leading 0s in IP or prefix length",
            ],
        ),
        (
            "networking.k8s.io/v1",
            "IngressClass",
            r#"{"spec":{"controller":"nginx","parameters":{"kind":"Config","scope":"Namespace"}}}"#,
            &[
                "spec.controller: Invalid value: \"nginx\": must be a domain-prefixed path (such as \"acme.io/foo\")",
                "spec.parameters.name: Required value: name is required",
                "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
            ],
        ),
        (
            "node.k8s.io/v1",
            "RuntimeClass",
            r#"{"handler":"g_visor","overhead":{"podFixed":{"cpu":"-1"}}}"#,
            &[
                "handler: Invalid value: \"g_visor\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0",
            ],
        ),
        (
            "v1",
            "Node",
            r#"{"spec":{"taints":[{"key":"a","effect":"NoSchedule"},{"key":"a","effect":"NoSchedule","value":"b"}]}}"#,
            &[
                "metadata.taints[1]: Duplicate value: {\"Key\":\"a\",\"Value\":\"b\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and effect pair",
            ],
        ),
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
            "storage.k8s.io/v1",
            "StorageClass",
            r#"{"provisioner":"a.b/c","allowedTopologies":[{"matchLabelExpressions":[{"key":"zone","values":["a","a"]},{"key":"zone"}]}]}"#,
            &[
                "allowedTopologies.matchLabelExpressions[0].values[1]: Duplicate value: \"a\"",
                "allowedTopologies.matchLabelExpressions[1].values: Required value",
                "allowedTopologies.matchLabelExpressions[1].key: Duplicate value: \"zone\"",
            ],
        ),
        (
            "storage.k8s.io/v1",
            "VolumeAttributesClass",
            r#"{"driverName":"a b"}"#,
            &[
                "driverName: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                "parameters: Required value: must contain at least one key/value pair",
            ],
        ),
        (
            "v1",
            "ResourceQuota",
            r#"{"spec":{"hard":{"pods":"1","services":"2"},"scopes":["BestEffort","NotBestEffort"]}}"#,
            &[
                "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: unsupported scope applied to resource",
                "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: unsupported scope applied to resource",
                "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes",
            ],
        ),
        (
            "v1",
            "ResourceQuota",
            r#"{"spec":{"hard":{"pods":"1","count/jobs.batch":"2"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"},{"scopeName":"Terminating","operator":"In","values":["a"]}]}}}"#,
            &[
                "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
                "spec.scopeSelector.matchExpressions.operator: Invalid value: \"In\": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
            ],
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
fn policies_of_jobs_are_checked() {
    let job = |spec: &str| {
        format!(
            r#"{{"metadata":{{"name":"a","uid":"u"}},"spec":{{"manualSelector":true,"selector":{{"matchLabels":{{"a":"b"}}}},"template":{{"metadata":{{"labels":{{"a":"b"}}}},"spec":{{"restartPolicy":"Never","containers":[{{"name":"a","image":"b"}}]}}}},{spec}}}}}"#
        )
    };
    let indexed = r#""completionMode":"Indexed","completions":5,"#;
    for (spec, expected) in [
        (
            r#""podFailurePolicy":{"rules":[{"action":"FailJob"}]}"#.to_owned(),
            &[
                "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
            ][..],
        ),
        (
            r#""podFailurePolicy":{"rules":[{"onExitCodes":{"operator":"In","values":[2,1,1]}}]}"#.to_owned(),
            &[
                "spec.podFailurePolicy.rules[0].action: Required value: valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]",
                "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 1",
                "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1,1]: must be ordered",
            ],
        ),
        (
            r#""podFailurePolicy":{"rules":[{"action":"FailIndex","onPodConditions":[{"type":"a b"}]}]}"#.to_owned(),
            &[
                "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set",
                "spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ],
        ),
        (
            format!(r#"{indexed}"successPolicy":{{"rules":[{{}},{{"succeededIndexes":"1-2,4","succeededCount":4}},{{"succeededIndexes":"2,1"}},{{"succeededIndexes":"7"}}]}}"#),
            &[
                "spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified",
                "spec.successPolicy.rules[1].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)",
                "spec.successPolicy.rules[2].succeededIndexes: Invalid value: \"2,1\": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1",
                "spec.successPolicy.rules[3].succeededIndexes: Invalid value: \"7\": error parsing succeededIndexes: too large index: \"7\"",
            ],
        ),
        (
            r#""podReplacementPolicy":"Always""#.to_owned(),
            &[
                "spec.podReplacementPolicy: Unsupported value: \"Always\": supported values: \"Failed\", \"TerminatingOrFailed\"",
            ],
        ),
        (
            format!(r#"{indexed}"maxFailedIndexes":9"#),
            &[
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
                "spec.maxFailedIndexes: Invalid value: 9: must be less than or equal to completions",
            ],
        ),
    ] {
        assert_eq!(errors("batch/v1", "Job", &job(&spec)), expected, "{spec}");
    }
}

#[test]
fn volumes_and_containers_are_checked() {
    let pod = |spec: &str| {
        format!(
            r#"{{"metadata":{{"name":"p"}},"spec":{{"containers":[{{"name":"a","image":"b"}}],{spec}}}}}"#
        )
    };
    for (spec, expected) in [
        (
            r#""volumes":[{"name":"v","iscsi":{"targetPortal":"a","iqn":"iqn.2001-04.com.example:storage","lun":300}}]"#,
            &[
                "spec.volumes[0].iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive",
            ][..],
        ),
        (
            r#""affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"a","matchLabelKeys":["b"]},{"topologyKey":"a","labelSelector":{"matchExpressions":[{"key":"b","operator":"Exists"},{"key":"b","operator":"In","values":["1"]}]},"matchLabelKeys":["b","c"],"mismatchLabelKeys":["c"]}]}}"#,
            &[
                "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set",
                "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1][0]: Invalid value: \"b\": exists in both matchLabelKeys and labelSelector",
                "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1].matchLabelKeys[1]: Invalid value: \"c\": exists in both matchLabelKeys and mismatchLabelKeys",
            ],
        ),
        (
            r#""hostUsers":false,"hostPID":true,"hostnameOverride":"a_b","hostNetwork":true,"initContainers":[{"name":"i","image":"b","volumeDevices":[{"name":"d","devicePath":"/d"}],"resizePolicy":[{"resourceName":"cpu","restartPolicy":"RestartContainer"}],"env":[{"name":"E","valueFrom":{"fileKeyRef":{"volumeName":"d","path":"../a","key":"K"}}}]}],"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"c"}}]"#,
            &[
                "spec.initContainers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: \"../a\": must not contain '..'",
                "spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar initContainers",
                "spec.hostNetwork: Forbidden: when `hostUsers` is false",
                "spec.HostPID: Forbidden: when `hostUsers` is false",
                "spec.initContainers[0].volumeDevices: Forbidden: when `hostUsers` is false",
                "spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true",
                "spec.hostnameOverride: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                "spec.initContainers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: \"d\": referenced volume must be of type emptyDir",
            ],
        ),
        (
            r#""volumes":[{"name":"v","iscsi":{"targetPortal":"a","iqn":"com.example"}}]"#,
            &[
                "spec.volumes[0].iscsi.iqn: Invalid value: \"com.example\": must be valid format starting with iqn, eui, or naa",
            ],
        ),
        (
            r#""volumes":[{"name":"v","gcePersistentDisk":{}}]"#,
            &["spec.volumes[0].persistentDisk.pdName: Required value"],
        ),
        (
            r#""volumes":[{"name":"v","image":{}}]"#,
            &["spec.volumes[0].image.reference: Required value"],
        ),
        (
            r#""volumes":[{"name":"v","fc":{"targetWWNs":["a"]}}]"#,
            &["spec.volumes[0].fc.lun: Required value: lun is required if targetWWNs is specified"],
        ),
        (
            r#""resourceClaims":[{"name":"c"}]"#,
            &[
                "spec.resourceClaims[0]: Invalid value: {\"Name\":\"c\",\"ResourceClaimName\":null,\"ResourceClaimTemplateName\":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            ],
        ),
        (
            r#""initContainers":[{"name":"i","image":"b","restartPolicyRules":[{"action":"Stop","exitCodes":{"operator":"Is"}}]}]"#,
            &[
                "spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used",
                "spec.initContainers[0].restartPolicyRules[0].action: Unsupported value: \"Stop\": supported values: \"Restart\", \"RestartAllContainers\"",
                "spec.initContainers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: \"Is\": supported values: \"In\", \"NotIn\"",
            ],
        ),
        (
            r#""initContainers":[{"name":"i","image":"b","securityContext":{"procMount":"Unmasked"}}]"#,
            &[
                "spec.initContainers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`",
            ],
        ),
    ] {
        assert_eq!(errors("v1", "Pod", &pod(spec)), expected, "{spec}");
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
