//! Static targets that cannot be reached.

use super::{CheckContext, TargetAddress};
use crate::network::{Connection, ConnectionSource, DialResult, Layer, Remedy, connect};
use text::{Applicability, Code, Diagnostic, Fix};

const EXAMPLE_WRONG_NAME: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n      - job_name: web\n        static_configs:\n          - targets: ['wbe:80']\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: prometheus}\n  ports: [{port: 80, targetPort: 9090}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, ports: [{containerPort: 9090}], volumeMounts: [{name: config, mountPath: /etc/prometheus}]}]\n      volumes: [{name: config, configMap: {name: config}}]\n";

const EXAMPLE_WRONG_PORT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n      - job_name: web\n        static_configs:\n          - targets: ['web:8080']\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: prometheus}\n  ports: [{port: 80, targetPort: 9090}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, ports: [{containerPort: 9090}], volumeMounts: [{name: config, mountPath: /etc/prometheus}]}]\n      volumes: [{name: config, configMap: {name: config}}]\n";

const EXAMPLE_REFUSED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n      - job_name: node\n        static_configs:\n          - targets: ['localhost:9100']\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, ports: [{containerPort: 9090}], volumeMounts: [{name: config, mountPath: /etc/prometheus}]}]\n      volumes: [{name: config, configMap: {name: config}}]\n";

pub(super) const CODES: &[Code] = &[
    Code {
        code: "target-no-such-host",
        title: "A target whose name does not resolve",
        doc: "The cluster's DNS has no such name, seen from the namespace of Prometheus, so every scrape ends with `no such host`. A Service of the same namespace is reached by its name alone, one of another namespace by `name.namespace`.",
        example: EXAMPLE_WRONG_NAME,
    },
    Code {
        code: "target-port-not-in-service",
        title: "A target with a port that the Service lacks",
        doc: "The Service exists, but has no such port. The port in a target is the Service's `port`, not its `targetPort`. kube-proxy has no rule for other ports, so packets are dropped and the scrape ends with `context deadline exceeded`.",
        example: EXAMPLE_WRONG_PORT,
    },
    Code {
        code: "target-refused",
        title: "A target that refuses connections",
        doc: "The name leads to something, but the connection is refused at once: the Service has no ready endpoints, or nothing in the pod listens on the port. `localhost` is the pod of Prometheus itself.",
        example: EXAMPLE_REFUSED,
    },
    Code {
        code: "target-unreachable",
        title: "A target that packets do not reach",
        doc: "A NetworkPolicy blocks the connection, or no pod or node has the address. The scrape ends with `context deadline exceeded` or `no route to host`.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n      - job_name: gone\n        static_configs:\n          - targets: ['10.244.0.99:8080']\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, ports: [{containerPort: 9090}], volumeMounts: [{name: config, mountPath: /etc/prometheus}]}]\n      volumes: [{name: config, configMap: {name: config}}]\n",
    },
];

/// Reports only targets whose failure is caused by the manifests. A server that does not run is
/// reported by another check.
pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for dependencies in context.dependencies {
        let Some(instance) = context.instances.get(dependencies.instance) else { continue };
        let pod = context.state.replicas.iter().find(|(_, (owner, _))| *owner == instance.owner);
        let Some(((_, pod), _)) = pod else { continue };
        let runs = context
            .cluster()
            .pods
            .get(&instance.namespace, pod)
            .is_some_and(|pod| &*pod.status.phase == "Running");
        if !runs {
            continue;
        }
        let from = ConnectionSource { namespace: &instance.namespace, pod: Some(pod) };
        for target in &dependencies.targets {
            let connection = connect(context.network, from, &target.host, target.port, 0);
            found.extend(finding(target, &connection));
        }
    }
}

fn finding(target: &TargetAddress, connection: &Connection) -> Option<Diagnostic> {
    let DialResult::Failed { layer, error } = &connection.outcome else { return None };
    let code = match layer {
        Layer::Dns => "target-no-such-host",
        Layer::ServicePort => "target-port-not-in-service",
        Layer::NoEndpoints | Layer::NotListening => "target-refused",
        Layer::NetworkPolicy | Layer::NoPod => "target-unreachable",
    };
    let mut diagnostic =
        Diagnostic::warning(code, target.at, error.clone()).with_help(&connection.explanation);
    diagnostic.related = connection.related.clone();
    for remedy in &connection.remedies {
        diagnostic = diagnostic.with_fix(match remedy {
            Remedy::Address { text, .. } => Fix::replace(
                format!("Use {text}"),
                Applicability::Suggestion,
                target.at,
                // The location includes the quotes of the scalar.
                format!("'{text}'"),
            ),
            Remedy::Edit(fix) => fix.clone(),
        });
    }
    Some(diagnostic)
}
