//! Rules of updates, of warnings, and of kinds that few manifests have.

use super::*;

fn row(api_version: &str, kind: &str) -> &'static Kind {
    find(api_version, kind).expect("the kind is in the table")
}

/// Errors of a change of an object, both with defaults.
fn change(api_version: &str, kind: &str, old: &str, new: &str) -> Vec<String> {
    let (old, new) = (defaulted(api_version, kind, old), defaulted(api_version, kind, new));
    let mut errors = Errors::default();
    match row(api_version, kind).validate_update {
        Update::AsCreate => (row(api_version, kind).validate)(&mut errors, &new),
        Update::With(rule) => rule(&mut errors, &new, &old),
    }
    errors.list.iter().map(ToString::to_string).collect()
}

fn warned(api_version: &str, kind: &str, json: &str) -> Vec<String> {
    (row(api_version, kind).warnings)(&defaulted(api_version, kind, json))
}

#[test]
fn rare_kinds_and_fields_have_rules() {
    for (api_version, kind, json, expected) in [
        (
            "storage.k8s.io/v1",
            "CSIDriver",
            r#"{"spec":{"fsGroupPolicy":"All","volumeLifecycleModes":["Forever"],"nodeAllocatableUpdatePeriodSeconds":5,
                "tokenRequests":[{"audience":"a","expirationSeconds":60},{"audience":"a"}]}}"#,
            &[
                "spec.fsGroupPolicy: Unsupported value: \"All\": supported values: \"File\", \"None\", \"ReadWriteOnceWithFSType\"",
                "spec.tokenRequests[0].expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
                "spec.tokenRequests[1].audience: Duplicate value: \"a\"",
                "spec.volumeLifecycleModes: Unsupported value: \"Forever\": supported values: \"Persistent\", \"Ephemeral\"",
                "spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds",
            ][..],
        ),
        (
            "admissionregistration.k8s.io/v1",
            "MutatingWebhookConfiguration",
            r#"{"webhooks":[{"name":"inject.io","timeoutSeconds":60,"admissionReviewVersions":["v2"],
                "clientConfig":{"url":"http://a?b"},
                "rules":[{"operations":["*","CREATE"],"apiGroups":[""],"apiVersions":[],"resources":["*/*","pods/status"]}]}]}"#,
            &[
                "webhooks[0].name: Invalid value: \"inject.io\": should be a domain with at least three segments separated by dots",
                "webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify other operations",
                "webhooks[0].rules[0].apiVersions: Required value",
                "webhooks[0].rules[0].resources: Invalid value: [\"*/*\",\"pods/status\"]: if '*/*' is present, must not specify other resources",
                "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
                "webhooks[0].timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 seconds",
                "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
                "webhooks[0].clientConfig.url: Invalid value: \"b\": query parameters are not permitted in the URL",
                "webhooks[0].admissionReviewVersions: Invalid value: [\"v2\"]: must include at least one of v1, v1beta1",
            ],
        ),
        (
            "apps/v1",
            "DaemonSet",
            r#"{"spec":{"selector":{"matchLabels":{"a":"b"}},"updateStrategy":{"rollingUpdate":{"maxUnavailable":"abc","maxSurge":"200%"}},
                "template":{"metadata":{"labels":{"a":"b"}},"spec":{"activeDeadlineSeconds":5,"containers":[{"name":"a","image":"b"}]}}}}"#,
            &[
                "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported",
                "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"abc\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
                "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: \"200%\": must not be greater than 100%",
            ],
        ),
        (
            "batch/v1",
            "CronJob",
            r#"{"spec":{"schedule":"@daily","timeZone":"Local","jobTemplate":{"spec":{"manualSelector":true,"backoffLimit":-1,
                "template":{"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"b"}]}}}}}}"#,
            &[
                "spec.timeZone: Invalid value: \"Local\": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
                "spec.jobTemplate.spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0",
                "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"nil\", \"false\"",
            ],
        ),
        (
            "v1",
            "Endpoints",
            r#"{"subsets":[{"addresses":[{"ip":"web","hostname":"A","nodeName":"n"}],"ports":[{"port":1}]}]}"#,
            &[
                "subsets[0].addresses[0].ip: Invalid value: \"web\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "subsets[0].addresses[0].hostname: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "subsets[0].addresses[0].ip: Invalid value: \"web\": must be a valid IP address",
            ],
        ),
        (
            "discovery.k8s.io/v1",
            "EndpointSlice",
            r#"{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"hints":{"forZones":[{"name":"a"},{"name":"a"}]}}]}"#,
            &["endpoints[0].hints.forZones[1].name: Duplicate value: \"a\""],
        ),
        (
            "v1",
            "LimitRange",
            r#"{"spec":{"limits":[{"type":"Container","default":{"nvidia.com/gpu":"2"},"defaultRequest":{"nvidia.com/gpu":"1"}}]}}"#,
            &[
                "spec.limits[0].defaultRequest[nvidia.com/gpu]: Invalid value: \"1\": default value 2 must equal to defaultRequest value 1 in nvidia.com/gpu",
            ],
        ),
        (
            "v1",
            "Service",
            r#"{"metadata":{"annotations":{"service.beta.kubernetes.io/load-balancer-source-ranges":"10.0.0.0/8, x"}},
                "spec":{"ports":[{"port":80}],"ipFamilies":["IPv5"],"clusterIP":"","clusterIPs":["10.96.0.1"]}}"#,
            &[
                "spec.clusterIPs: Invalid value: [\"10.96.0.1\"]: must be empty when `clusterIP` is not specified",
                "spec.ipFamilies[0]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\"",
                "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Forbidden: may only be used when `type` is 'LoadBalancer'",
                "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
            ],
        ),
        (
            "v1",
            "Secret",
            r#"{"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"{\"auths\": }"}}"#,
            &[
                "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character '}' looking for beginning of value",
            ],
        ),
        (
            "v1",
            "Pod",
            r#"{"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"containers":[{"name":"c","image":"d"}]}}"#,
            &[
                "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"x\": must set spec.nodeName if mirror pod annotation is set",
            ],
        ),
    ] {
        assert_eq!(errors(api_version, kind, json), expected, "{kind} {json}");
    }
}

#[test]
fn a_job_selects_its_own_pods() {
    let job = |selector: &str| {
        let json = format!(
            r#"{{"metadata":{{"name":"a","uid":"u"}},"spec":{{{selector}"completionMode":"Indexed","completions":3,"template":{{"spec":{{"restartPolicy":"Never","containers":[{{"name":"a","image":"b"}}]}}}}}}}}"#
        );
        let mut object = defaulted("batch/v1", "Job", &json);
        (row("batch/v1", "Job").prepare_create)(&mut object);
        let mut errors = Errors::default();
        (row("batch/v1", "Job").validate)(&mut errors, &object);
        errors.list.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(job(""), [""; 0]);
    assert_eq!(job(r#""selector":{"matchLabels":{"job-name":"a"}},"#), [""; 0]);
    let found = job(r#""selector":{"matchLabels":{"app":"a"}},"#);
    assert!(found[0].ends_with("`selector` not auto-generated"), "{found:?}");
    let name = "a".repeat(62);
    let object = parse_json(&format!(
        r#"{{"metadata":{{"name":"{name}"}},"spec":{{"completionMode":"Indexed","completions":3}}}}"#
    ));
    let mut errors = Errors::default();
    (row("batch/v1", "Job").validate_create)(&mut errors, &object.expect("it is JSON"));
    assert_eq!(
        errors.list[0].to_string(),
        format!(
            "metadata.name: Invalid value: \"{name}\": will not able to create pod with invalid DNS label: {name}-2"
        )
    );
}

#[test]
fn changes_are_checked() {
    let volume = |rest: &str| {
        format!(
            r#"{{"spec":{{"accessModes":["ReadWriteOnce"],"capacity":{{"storage":"1Gi"}},{rest}}}}}"#
        )
    };
    let csi = r#""csi":{"driver":"a","volumeHandle":"b""#;
    let on = |node: &str| {
        volume(&format!(
            r#"{csi}}},"nodeAffinity":{{"required":{{"nodeSelectorTerms":[{{"matchExpressions":[{{"key":"n","operator":"In","values":["{node}"]}}]}}]}}}}"#
        ))
    };
    let secret = format!(r#"{csi},"controllerExpandSecretRef":{{"name":"a","namespace":"b"}}}}"#);
    let pod = |rest: &str| {
        format!(
            r#"{{"spec":{{"schedulingGates":[{{"name":"a/b"}}],"containers":[{{"name":"a","image":"b"}}]{rest}}}}}"#
        )
    };
    let service = |rest: &str| {
        format!(
            r#"{{"spec":{{"ports":[{{"port":80}}],"ipFamilyPolicy":"PreferDualStack",{rest}}}}}"#
        )
    };
    let two = r#""clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1","fd00::1"],"ipFamilies":["IPv4","IPv6"]"#;
    let one = r#""clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],"ipFamilies":["IPv4"]"#;
    let endpoints = r#"{"subsets":[{"addresses":[{"ip":"127.0.0.1"}],"ports":[{"port":1}]}]}"#;
    for (api_version, kind, old, new, expected) in [
        ("v1", "PersistentVolume", volume(&format!("{csi}}}")), volume(&secret), &[][..]),
        (
            "v1",
            "PersistentVolume",
            on("one"),
            on("two"),
            &[
                "nodeAffinity: Invalid value: {\"Required\":{\"NodeSelectorTerms\":[{\"MatchExpressions\":[{\"Key\":\"n\",\"Operator\":\"In\",\"Values\":[\"two\"]}],\"MatchFields\":null}]}}: field is immutable, except for updating from beta label to GA",
            ],
        ),
        ("v1", "Pod", pod(""), pod(r#","nodeSelector":{"a":"b"}"#), &[]),
        (
            "v1",
            "Pod",
            pod(r#","nodeSelector":{"a":"b"}"#),
            pod(r#","nodeSelector":{"a":"c"}"#),
            &[
                "spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)",
            ],
        ),
        (
            "v1",
            "Service",
            service(two),
            service(one),
            &[
                "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the secondary clusterIP",
                "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the secondary ipFamily",
            ],
        ),
        ("v1", "Endpoints", endpoints.to_owned(), endpoints.to_owned(), &[]),
        (
            "storage.k8s.io/v1",
            "CSIDriver",
            r#"{"spec":{}}"#.to_owned(),
            r#"{"spec":{"attachRequired":false}}"#.to_owned(),
            &["spec.attachedRequired: Invalid value: false: field is immutable"],
        ),
    ] {
        assert_eq!(change(api_version, kind, &old, &new), expected, "{kind} {new}");
    }
}

#[test]
fn accepted_objects_are_warned_of() {
    let pod = |rest: &str| {
        format!(
            r#"{{"metadata":{{"name":"web"}},"spec":{{"containers":[{{"name":"a","image":"b"}}],{rest}}}}}"#
        )
    };
    for (api_version, kind, json, expected) in [
        (
            "v1",
            "Pod",
            pod(r#""affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"a"}]},
                "nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"beta.kubernetes.io/os","operator":"In","values":["a b"]}]}}]}}"#),
            &[
                "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use \"kubernetes.io/os\" instead",
                "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]: a b is invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
                "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod",
            ][..],
        ),
        (
            "v1",
            "Pod",
            pod(r#""imagePullSecrets":[{"name":"a"},{"name":"a"},{}],"hostAliases":[{"ip":"2001:DB8::1"}],
                "volumes":[{"name":"v","configMap":{"name":"c","items":[{"key":"a","path":"x"},{"key":"b","path":"x/y"}]}}]"#),
            &[
                "volume \"v\" (ConfigMap \"c\"): overlapping paths: \"x/y\" with \"x\"",
                "spec.imagePullSecrets[1].name: duplicate name \"a\"",
                "spec.imagePullSecrets[2].name: invalid empty name \"\"",
                "spec.hostAliases[0].ip: IPv6 address \"2001:DB8::1\" should be in RFC 5952 canonical format (\"2001:db8::1\")",
            ],
        ),
        (
            "v1",
            "Pod",
            pod(r#""volumes":[{"name":"v","projected":{"sources":[{"secret":{"name":"s","items":[{"key":"a","path":"t"}]}},{"serviceAccountToken":{"path":"t/u"}},{}]}}],
                "initContainers":[{"name":"i","image":"b","ports":[{"name":"http","containerPort":80,"hostIP":"10.0.0.1"}],
                    "env":[{"name":"A","value":"1"},{"name":"A","value":"$(A)2"},{"name":"A","value":"$(A)"}]}]"#),
            &[
                "volume \"v\" (Projected) has no sources provided",
                "volume \"v\" (Projected): overlapping paths: \"t/u\" (ServiceAccountToken) with \"t\" (Secret \"s\")",
                "spec.initContainers[0].env[2]: hides previous definition of \"A\", which may be dropped when using apply",
                "spec.initContainers[0].ports[0]: hostIP set without hostPort: {Name:http HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}",
            ],
        ),
        (
            "v1",
            "Secret",
            r#"{"type":"kubernetes.io/tls","stringData":{"tls.crt":"a","tls.key":"b"}}"#.to_owned(),
            &["tls: failed to find any PEM data in certificate input"],
        ),
        (
            "v1",
            "Service",
            r#"{"spec":{"clusterIP":"None","clusterIPs":["None"],"sessionAffinity":"ClientIP","externalName":"a.b","loadBalancerIP":"1.2.3.4","ports":[{"port":80}]}}"#.to_owned(),
            &[
                "spec.loadBalancerIP is ignored for headless services",
                "spec.SessionAffinity is ignored for headless services",
                "spec.externalName is ignored when spec.type is not \"ExternalName\"",
            ],
        ),
        (
            "apps/v1",
            "StatefulSet",
            r#"{"spec":{"revisionHistoryLimit":-1,"volumeClaimTemplates":[{"spec":{"resources":{"requests":{"storage":"1500m"}}}}]}}"#.to_owned(),
            &[
                "spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer",
                "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
            ],
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            r#"{"spec":{"egress":[{"to":[{"ipBlock":{"cidr":"2001:DB8::/32"}}]}]}}"#.to_owned(),
            &[
                "spec.egress[0].to[0].ipBlock.cidr: IPv6 CIDR value \"2001:DB8::/32\" should be in RFC 5952 canonical format (\"2001:db8::/32\")",
            ],
        ),
    ] {
        assert_eq!(warned(api_version, kind, &json), expected, "{kind} {json}");
    }
}

#[test]
fn names_that_are_no_dns_labels_are_warned_of() {
    for (api_version, kind, name, expected) in [
        (
            "apps/v1",
            "Deployment",
            "web.v1",
            Some(
                "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
            ),
        ),
        (
            "v1",
            "Pod",
            "web.v1",
            Some(
                "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
            ),
        ),
        ("v1", "Pod", "web", None),
        ("v1", "ConfigMap", "web.v1", None),
        ("apps/v1", "DaemonSet", "web.v1", None),
    ] {
        assert_eq!(row(api_version, kind).name_warning(name).as_deref(), expected, "{kind} {name}");
    }
}
