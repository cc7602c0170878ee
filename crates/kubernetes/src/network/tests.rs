//! Connections from Prometheus to everything that people write into `targets`.

use super::{
    Connection, ConnectionSource, DialResult, Layer, Network, Remedy, Server, connect,
    declared_ports,
};
use crate::controllers::ClusterState;
use crate::objects::Pod;
use crate::testing::{at, change, prometheus_and_web, simulate};

fn prometheus(state: &ClusterState) -> &Pod {
    let of_prometheus = |pod: &&std::sync::Arc<Pod>| pod.meta.name.value.starts_with("prometheus-");
    state.cluster.pods.iter().find(of_prometheus).expect("Prometheus has a pod")
}

fn try_it(state: &ClusterState, host: &str, port: i32) -> Connection {
    let pod = prometheus(state);
    let origin = ConnectionSource { namespace: &pod.meta.namespace, pod: Some(&pod.meta.name) };
    connect(Network { state, listens: &declared_ports }, origin, host, port, 0)
}

fn failure(connection: &Connection) -> (Layer, &str) {
    match &connection.outcome {
        DialResult::Failed { layer, error } => (*layer, error),
        DialResult::Connected(server) => panic!("connected to {server:?}"),
    }
}

fn server(connection: &Connection) -> &Server {
    match &connection.outcome {
        DialResult::Connected(server) => server,
        DialResult::Failed { error, .. } => panic!("{error}: {}", connection.explanation),
    }
}

#[test]
fn every_form_of_a_services_name_works() {
    let state = simulate(&prometheus_and_web());
    for host in [
        "web",
        "web.default",
        "web.default.svc",
        "web.default.svc.cluster.local",
        "web.default.svc.cluster.local.",
        "WEB",
    ] {
        let connection = try_it(&state, host, 80);
        assert!(
            matches!(server(&connection), Server::Container { container, port: 8080, .. } if &**container == "web"),
            "{host}"
        );
    }
    let ip = state.cluster.services.get("default", "web").unwrap().cluster_ip.value.clone();
    assert!(try_it(&state, &ip, 80).is_connected());
}

#[test]
fn several_endpoints_answer_in_turn() {
    let state = simulate(&prometheus_and_web());
    let pod = prometheus(&state);
    let origin = ConnectionSource { namespace: "default", pod: Some(&pod.meta.name) };
    let network = Network { state: &state, listens: &declared_ports };
    let answer = |pick| match connect(network, origin, "web", 80, pick).outcome {
        DialResult::Connected(Server::Container { pod, .. }) => pod,
        other => panic!("{other:?}"),
    };
    assert_ne!(answer(0), answer(1));
    assert_eq!(answer(0), answer(2));
}

#[test]
fn a_name_that_is_not_there() {
    let text = prometheus_and_web();
    let state = simulate(&text);
    let connection = try_it(&state, "wbe", 80);
    let expected = "dial tcp: lookup wbe on 10.96.0.10:53: no such host";
    assert_eq!(failure(&connection), (Layer::Dns, expected));
    assert!(
        matches!(&connection.remedies[0], Remedy::Address { text, .. } if text == "web:80"),
        "{:?}",
        connection.remedies
    );
    assert_eq!(at(&text, Some(connection.related[0].location)), "web");
    assert_eq!(failure(&try_it(&state, "web.shop", 80)).0, Layer::Dns);
    assert_eq!(failure(&try_it(&state, "web.default.svc.local", 80)).0, Layer::Dns);
}

#[test]
fn a_port_that_the_service_lacks() {
    let text = prometheus_and_web();
    let connection = try_it(&simulate(&text), "web", 8080);
    assert_eq!(failure(&connection), (Layer::ServicePort, "context deadline exceeded"));
    assert!(connection.explanation.contains("has only port 80"), "{}", connection.explanation);
    assert!(matches!(&connection.remedies[0], Remedy::Address { text, .. } if text == "web:80"));
    let Remedy::Edit(fix) = &connection.remedies[1] else { panic!("{:?}", connection.remedies) };
    assert_eq!(at(&text, Some(fix.edits[0].location)), "80");
}

#[test]
fn a_service_without_endpoints_refuses() {
    let text = change(&prometheus_and_web(), "selector: {app: web}", "selector: {app: wbe}");
    let state = simulate(&text);
    let connection = try_it(&state, "web", 80);
    let ip = &state.cluster.services.get("default", "web").unwrap().cluster_ip.value;
    let expected = format!("dial tcp {ip}:80: connect: connection refused");
    assert_eq!(failure(&connection), (Layer::NoEndpoints, &*expected));
    assert!(connection.explanation.contains("matches no pod"), "{}", connection.explanation);
    assert_eq!(at(&text, Some(connection.related[0].location)), "{app: wbe}");
}

#[test]
fn a_service_whose_pods_are_scaled_to_0_says_so() {
    let text = change(&prometheus_and_web(), "replicas: 2", "replicas: 0");
    let connection = try_it(&simulate(&text), "web", 80);
    assert_eq!(failure(&connection).0, Layer::NoEndpoints);
    let expected = "Deployment default/web has 0 replicas, so Service web has no endpoints and the connection is refused at once.";
    assert_eq!(connection.explanation, expected);
    assert_eq!(at(&text, Some(connection.related[0].location)), "0");
    // Pods that the API server refuses are another reason.
    let refused = change(
        &prometheus_and_web(),
        "    spec:\n      containers:\n        - name: web",
        "    spec:\n      serviceAccountName: none\n      containers:\n        - name: web",
    );
    let connection = try_it(&simulate(&refused), "web", 80);
    assert!(connection.explanation.contains("matches no pod"), "{}", connection.explanation);
}

#[test]
fn pods_that_are_not_ready_leave_the_service_without_endpoints() {
    let text = change(
        &prometheus_and_web(),
        "image: shop/web:1",
        "image: shop/web:1\n          envFrom: [{configMapRef: {name: nope}}]",
    );
    let connection = try_it(&simulate(&text), "web", 80);
    assert_eq!(failure(&connection).0, Layer::NoEndpoints);
    assert!(connection.explanation.contains("configmap \"nope\" not found"));
    assert_eq!(at(&text, Some(connection.related[0].location)), "nope");
}

#[test]
fn a_port_that_nothing_listens_on() {
    let text = change(&prometheus_and_web(), "targetPort: 8080", "targetPort: 8081");
    let state = simulate(&text);
    let connection = try_it(&state, "web", 80);
    let ip = &state.cluster.services.get("default", "web").unwrap().cluster_ip.value;
    let expected = format!("dial tcp {ip}:80: connect: connection refused");
    assert_eq!(failure(&connection), (Layer::NotListening, &*expected));
    assert!(connection.explanation.contains("open are 8080 (web)"), "{}", connection.explanation);
    let fix = connection.remedies.iter().find_map(|one| match one {
        Remedy::Edit(fix) => Some(fix),
        Remedy::Address { .. } => None,
    });
    assert_eq!(at(&text, Some(fix.unwrap().edits[0].location)), "8081");
}

#[test]
fn a_named_target_port_follows_the_container_or_leads_nowhere() {
    let named = change(&prometheus_and_web(), "targetPort: 8080", "targetPort: http");
    assert!(try_it(&simulate(&named), "web", 80).is_connected());
    let moved = change(&named, "containerPort: 8080", "containerPort: 8081");
    let state = simulate(&moved);
    let pod = prometheus(&state);
    let origin = ConnectionSource { namespace: "default", pod: Some(&pod.meta.name) };
    // The program still listens where it always did.
    let network = Network { state: &state, listens: &|_, _, port| port == 8080 };
    let connection = connect(network, origin, "web", 80, 0);
    assert_eq!(failure(&connection).0, Layer::NotListening);
    let wrong = change(&named, "targetPort: http", "targetPort: metrics");
    let connection = try_it(&simulate(&wrong), "web", 80);
    assert_eq!(failure(&connection).0, Layer::NoEndpoints);
    assert!(connection.explanation.contains("names a port"), "{}", connection.explanation);
}

#[test]
fn addresses_of_pods() {
    let state = simulate(&prometheus_and_web());
    let of_web = |pod: &&std::sync::Arc<Pod>| pod.meta.name.value.starts_with("web-");
    let ip = state.cluster.pods.iter().find(of_web).unwrap().status.pod_ip.clone();
    assert!(try_it(&state, &ip, 8080).is_connected());
    let refused = format!("dial tcp {ip}:80: connect: connection refused");
    assert_eq!(failure(&try_it(&state, &ip, 80)), (Layer::NotListening, &*refused));
    let nobody = try_it(&state, "10.244.0.99", 80);
    assert_eq!(
        failure(&nobody),
        (Layer::NoPod, "dial tcp 10.244.0.99:80: connect: no route to host")
    );
}

#[test]
fn localhost_is_prometheus_itself() {
    let state = simulate(&prometheus_and_web());
    assert!(try_it(&state, "localhost", 9090).is_connected());
    assert!(try_it(&state, "127.0.0.1", 9090).is_connected());
    let connection = try_it(&state, "localhost", 9100);
    assert_eq!(
        failure(&connection),
        (Layer::NotListening, "dial tcp [::1]:9100: connect: connection refused")
    );
}

#[test]
fn headless_services_lead_past_their_ports() {
    let text = change(
        &prometheus_and_web(),
        "  selector: {app: web}\n  ports",
        "  clusterIP: None\n  selector: {app: web}\n  ports",
    );
    let state = simulate(&text);
    assert!(try_it(&state, "web", 8080).is_connected());
    assert_eq!(failure(&try_it(&state, "web", 80)).0, Layer::NotListening);
}

#[test]
fn nodes_and_what_is_outside() {
    let text = change(
        &prometheus_and_web(),
        "selector: {app: web}\n  ports: [{name: http, port: 80",
        "type: NodePort\n  selector: {app: web}\n  ports: [{name: http, nodePort: 30080, port: 80",
    );
    let state = simulate(&text);
    assert!(matches!(server(&try_it(&state, "192.168.49.2", 30080)), Server::Container { .. }));
    assert!(matches!(server(&try_it(&state, "192.168.49.2", 10250)), Server::Kubelet { .. }));
    assert_eq!(server(&try_it(&state, "kubernetes.default.svc", 443)), &Server::ApiServer);
    assert_eq!(failure(&try_it(&state, "192.168.49.2", 31000)).0, Layer::NotListening);
    assert!(matches!(server(&try_it(&state, "example.com", 443)), Server::External { .. }));
}

#[test]
fn external_names_lead_on() {
    let text = format!(
        "{}---\napiVersion: v1\nkind: Service\nmetadata: {{name: alias}}\nspec: {{type: ExternalName, externalName: web.default.svc.cluster.local}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: round}}\nspec: {{type: ExternalName, externalName: round.default.svc.cluster.local}}\n",
        prometheus_and_web()
    );
    let state = simulate(&text);
    assert!(try_it(&state, "alias", 80).is_connected());
    assert_eq!(failure(&try_it(&state, "round", 80)).0, Layer::Dns);
}

#[test]
fn policies_stand_in_the_way_on_either_side() {
    let policy = |spec: &str| {
        format!(
            "{}---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: wall}}\nspec: {spec}\n",
            prometheus_and_web()
        )
    };
    for (spec, blocked) in [
        ("{podSelector: {matchLabels: {app: web}}}", true),
        ("{podSelector: {matchLabels: {app: other}}}", false),
        ("{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}", false),
        (
            "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: prometheus}}}]}]}",
            false,
        ),
        (
            "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: grafana}}}]}]}",
            true,
        ),
        ("{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8080}]}]}", false),
        // Policies see the pod's port, not the Service's.
        ("{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}]}]}", true),
        ("{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: http}]}]}", false),
        (
            "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8000, endPort: 9000}]}]}",
            false,
        ),
        (
            "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}}]}]}",
            false,
        ),
        (
            "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}]}",
            true,
        ),
        ("{podSelector: {matchLabels: {app: prometheus}}, policyTypes: [Egress]}", true),
        (
            "{podSelector: {matchLabels: {app: prometheus}}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}, {to: [{podSelector: {}}]}]}",
            false,
        ),
        (
            "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/16}}]}]}",
            false,
        ),
    ] {
        let text = policy(spec);
        let connection = try_it(&simulate(&text), "web", 80);
        assert_eq!(!connection.is_connected(), blocked, "{spec}");
        if blocked {
            let expected = (Layer::NetworkPolicy, "context deadline exceeded");
            assert_eq!(failure(&connection), expected);
            assert_eq!(at(&text, Some(connection.related[0].location)), "wall");
        }
    }
}
