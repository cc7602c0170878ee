//! Tests of requests: what is stored, what is refused and in which words.

use kubernetes::kinds;
use kubernetes::object::{Value, parse_json};

use super::{ApiServer, Reason, Status};
use crate::controllers::Controllers;

fn server() -> ApiServer {
    let mut server = ApiServer::new(1_700_000_000, 7);
    assert!(Controllers::default().settle(&mut server));
    server
}

fn create(server: &mut ApiServer, json: &str) -> Result<Value, Status> {
    let object = parse_json(json).expect("it is JSON");
    let kind = kinds::find(object.str("apiVersion"), object.str("kind")).expect("a kind");
    server.create(kind, "default", &object).map(|accepted| accepted.object)
}

#[test]
fn what_the_server_sets_is_set() {
    let mut server = server();
    let pod = create(
        &mut server,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"b"}]}}"#,
    )
    .expect("it is accepted");
    assert_eq!(pod["metadata"].str("creationTimestamp"), "2023-11-14T22:13:20Z");
    assert_eq!(pod["metadata"].int("generation"), 1);
    assert_eq!(pod["spec"].str("serviceAccountName"), "default");
    assert_eq!(pod["spec"].list("tolerations").len(), 2);
    assert_eq!(pod["status"].str("qosClass"), "BestEffort");
}

#[test]
fn refusals_have_a_reason_and_causes() {
    let mut server = server();
    for (json, reason, message) in [
        (
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"A"}}"#,
            Reason::Invalid,
            "ConfigMap \"A\" is invalid: metadata.name: ",
        ),
        (
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"dat":{}}"#,
            Reason::BadRequest,
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"dat\"",
        ),
        (
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"serviceAccountName":"x","containers":[]}}"#,
            Reason::Forbidden,
            "pods \"a\" is forbidden: error looking up service account default/x: serviceaccount \"x\" not found",
        ),
    ] {
        let status = create(&mut server, json).expect_err("it is refused");
        assert_eq!(status.reason, reason, "{json}");
        assert!(status.message.starts_with(message), "{}", status.message);
    }
    let config = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#;
    create(&mut server, config).expect("the name is free");
    let status = create(&mut server, config).expect_err("the name is taken");
    assert_eq!(status.message, "configmaps \"a\" already exists");
}

#[test]
fn services_get_addresses_and_ports_of_their_own() {
    let mut server = server();
    let service = |name: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"{name}"}},"spec":{{"type":"NodePort","ports":[{{"port":80}}]}}}}"#
        )
    };
    let a = create(&mut server, &service("a")).expect("it is accepted");
    let b = create(&mut server, &service("b")).expect("it is accepted");
    assert_ne!(a["spec"].str("clusterIP"), b["spec"].str("clusterIP"));
    let port = |service: &Value| service["spec"].list("ports")[0].int("nodePort");
    assert!((30_000..=32_767).contains(&port(&a)));
    assert_ne!(port(&a), port(&b));
}

#[test]
fn addresses_and_ports_of_a_deleted_service_are_free_again() {
    let mut server = server();
    let service = |name: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"{name}"}},"spec":{{"type":"NodePort","clusterIP":"10.96.0.20","ports":[{{"port":80,"nodePort":30080}}]}}}}"#
        )
    };
    create(&mut server, &service("a")).expect("it is accepted");
    let status = create(&mut server, &service("b")).expect_err("it is refused");
    assert!(status.message.contains("provided IP is already allocated"), "{}", status.message);
    assert!(status.message.contains("provided port is already allocated"), "{}", status.message);
    let kind = kinds::find("v1", "Service").expect("a kind");
    server.delete(kind, "default", "a", super::Propagation::Background).expect("it is deleted");
    create(&mut server, &service("b")).expect("it is accepted");
}

#[test]
fn an_ingress_gets_the_default_class() {
    let mut server = server();
    let class = |name: &str, default: bool| {
        format!(
            r#"{{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{{"name":"{name}",
            "annotations":{{"ingressclass.kubernetes.io/is-default-class":"{default}"}}}},
            "spec":{{"controller":"example.com/{name}"}}}}"#
        )
    };
    let ingress = |name: &str, metadata: &str, spec: &str| {
        format!(
            r#"{{"apiVersion":"networking.k8s.io/v1","kind":"Ingress",
            "metadata":{{"name":"{name}"{metadata}}},"spec":{{{spec}
            "defaultBackend":{{"service":{{"name":"web","port":{{"number":80}}}}}}}}}}"#
        )
    };
    create(&mut server, &class("nginx", false)).expect("it is accepted");
    create(&mut server, &class("traefik", true)).expect("it is accepted");
    let old = r#","annotations":{"kubernetes.io/ingress.class":"nginx"}"#;
    for (name, metadata, spec, expected) in [
        ("a", "", "", "traefik"),
        ("b", "", r#""ingressClassName":"nginx","#, "nginx"),
        ("c", old, "", ""),
    ] {
        let stored = create(&mut server, &ingress(name, metadata, spec)).expect("it is accepted");
        assert_eq!(stored["spec"].str("ingressClassName"), expected, "{name}");
    }
}

#[test]
fn unknown_fields_are_refused_or_dropped() {
    let map = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"dat":{}}"#;
    for (validation, accepted) in [
        (super::FieldValidation::Strict, false),
        (super::FieldValidation::Warn, true),
        (super::FieldValidation::Ignore, true),
    ] {
        let mut server = server();
        server.field_validation = validation;
        let stored = create(&mut server, map);
        assert_eq!(stored.is_ok_and(|object| !object.has("dat")), accepted, "{validation:?}");
    }
}

#[test]
fn pods_beyond_the_limit_are_refused() {
    let mut server = server();
    let kind = kinds::find("v1", "Pod").expect("a kind");
    for number in 0..kubernetes::controllers::MAX_PODS {
        server.storage.put(super::Key::new(kind, "default", &number.to_string()), Value::map());
    }
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"b"}]}}"#;
    let refused = create(&mut server, pod).expect_err("there is no room");
    assert_eq!(refused.reason, Reason::Forbidden);
    assert!(refused.message.ends_with("the playground simulates at most 5000 pods"));
    let map = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}"#;
    assert!(create(&mut server, map).is_ok(), "other kinds are not limited");
}

#[test]
fn objects_are_applied_by_kubectl_and_by_others() {
    let mut server = server();
    let config = |data: &str| {
        let json =
            format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"a"{data}}}"#);
        parse_json(&json).expect("it is JSON")
    };
    let kind = kinds::find("v1", "ConfigMap").expect("a kind");
    let last = r#","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"data\":{\"x\":\"one\"}}"}},"data":{"x":"one","y":"one"}"#;
    server.manager = "kubectl-client-side-apply".to_owned();
    server.create(kind, "default", &config(last)).expect("it is accepted");
    let mut apply = |manager: &str, data: &str| {
        let result = server.apply(kind, "default", "a", &config(data), manager, false);
        result.map(|_| ()).map_err(|status| status.message)
    };
    // Only kubectl takes over what it has applied in the older way.
    let conflict = |field: &str| {
        Err(format!(
            "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.{field}"
        ))
    };
    assert_eq!(apply("helm", r#"},"data":{"x":"two"}"#), conflict("x"));
    assert_eq!(apply("kubectl", r#"},"data":{"y":"two"}"#), conflict("y"));
    assert_eq!(apply("kubectl", r#"},"data":{"x":"two"}"#), Ok(()));
    assert_eq!(
        apply("kubectl", r#"},"dat":{}"#),
        Err("failed to create typed patch object (default/a; /v1, Kind=ConfigMap): .dat: field not declared in schema".to_owned())
    );
    let exported =
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","resourceVersion":"5"}}"#;
    let status = create(&mut server, exported).expect_err("it is refused");
    assert_eq!(status.message, "resourceVersion should not be set on objects to be created");
}

#[test]
fn pods_with_a_runtime_follow_its_class() {
    let pod = |rest: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"generateName":"p-"}},"spec":{{"runtimeClassName":"sandbox","containers":[{{"name":"a","image":"b"}}]{rest}}}}}"#
        )
    };
    let mut server = server();
    let refused = |server: &mut ApiServer, rest: &str| create(server, &pod(rest)).expect_err(rest);
    let status = refused(&mut server, "");
    assert_eq!(
        status.message,
        "pods \"p-\" is forbidden: pod rejected: RuntimeClass \"sandbox\" not found"
    );
    create(
        &mut server,
        r#"{"apiVersion":"node.k8s.io/v1","kind":"RuntimeClass","metadata":{"name":"sandbox"},"handler":"gvisor","overhead":{"podFixed":{"cpu":"250m"}},"scheduling":{"nodeSelector":{"a":"b"},"tolerations":[{"key":"x","operator":"Exists"}]}}"#,
    )
    .expect("it is accepted");
    let accepted = create(&mut server, &pod("")).expect("it is accepted");
    assert_eq!(accepted["spec"]["overhead"].str("cpu"), "250m");
    assert_eq!(accepted["spec"]["nodeSelector"].str("a"), "b");
    assert_eq!(accepted["spec"].list("tolerations").len(), 3);
    assert_eq!(accepted["spec"].list("tolerations")[0].str("key"), "x");
    let status = refused(&mut server, r#","nodeSelector":{"a":"c"}"#);
    assert!(status.message.ends_with("= b; pod.spec.nodeSelector[a] = c"), "{}", status.message);
    let status = refused(&mut server, r#","overhead":{"cpu":"1"}"#);
    assert!(status.message.ends_with("RuntimeClass's defined Overhead"), "{}", status.message);
}

#[test]
fn services_have_one_family_and_a_port_for_their_health() {
    let mut server = server();
    let service = |rest: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"web"}},"spec":{{"selector":{{"a":"b"}},"ports":[{{"port":80}}],{rest}}}}}"#
        )
    };
    for (rest, message) in [
        (
            r#""ipFamilyPolicy":"RequireDualStack""#,
            "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services",
        ),
        (
            r#""ipFamilies":["IPv6"]"#,
            "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster",
        ),
    ] {
        let status = create(&mut server, &service(rest)).expect_err(rest);
        assert_eq!(status.message, format!("Service \"web\" is invalid: {message}"));
    }
    let local = r#""type":"LoadBalancer","externalTrafficPolicy":"Local""#;
    let accepted = create(&mut server, &service(local)).expect("it is accepted");
    let port = accepted["spec"].int("healthCheckNodePort");
    assert!((30_000..32_768).contains(&port), "{port}");
    assert_ne!(port, accepted["spec"].list("ports")[0].int("nodePort"));
}
