//! Pods and the objects that they use: volumes, environment, ServiceAccount and its roles.

use std::collections::HashMap;

use super::{
    GraphBuilder, Health, LINES_OF_A_NODE, Line, Node, PODS_OF_A_WORKLOAD, runs_prometheus, simple,
};
use kubernetes::mounts;
use kubernetes::objects::{
    Container, ContainerPort, Field, Kind, ObjectOrigin, ObjectRef, Pod, PolicyRule, Resource,
    SourceKind, Text, VolumeSource,
};
use kubernetes::rbac::{Account, roles_of};
use text::Location;

impl<'a> GraphBuilder<'a> {
    /// Adds a pod, and a node for each object that it uses.
    pub(super) fn pod(&mut self, pod: &'a Pod, drawn: &mut HashMap<ObjectRef, usize>) {
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        let replica = self.state.replicas.get(&key);
        let owner = replica.map_or_else(|| pod.reference(), |(owner, _)| owner.clone());
        let count = drawn.entry(owner.clone()).or_default();
        *count += 1;
        if let Some(more) = count.checked_sub(PODS_OF_A_WORKLOAD).filter(|more| *more > 0) {
            self.more(pod, &owner, more);
            return;
        }
        let report = self.state.reports.get(&key);
        let status = report.map(|report| report.status.to_string()).unwrap_or_default();
        let cause = report.and_then(|report| report.cause.as_ref());
        let ready = pod.status.is_ready() || pod.status.is_terminal();
        let health = match (ready, &*status) {
            (true, _) => Health::Good,
            (false, "Running" | "Pending") => Health::Waiting,
            (false, _) => Health::Bad,
        };
        let state = match (ready, &*status) {
            (false, "Running") => "Running, not ready".to_owned(),
            _ => status,
        };
        let node = Node {
            kind: "Pod".into(),
            namespace: key.0.to_string(),
            name: key.1.to_string(),
            column: 1,
            health,
            state,
            reason: cause.map(|cause| cause.message.clone()),
            lines: containers(pod),
            hidden: 0,
            at: pod.meta.place(),
            prometheus: runs_prometheus(pod),
        };
        let Some(number) = self.add(pod.reference(), node) else { return };
        self.volumes(pod, number);
        self.account(pod, number);
    }

    /// Adds a pod to the shared node of its workload; it is the `count`th pod of that node.
    fn more(&mut self, pod: &Pod, owner: &ObjectRef, count: usize) {
        // The shared node is registered under the reference of the workload.
        if let Some(known) = self.known.get(owner).copied() {
            if let Some(node) = self.graph.nodes.get_mut(known as usize) {
                node.name = format!("{count} more of {}", owner.name);
                if node.lines.len() < LINES_OF_A_NODE {
                    node.lines.push(pod_line(pod));
                } else {
                    node.hidden += 1;
                }
            }
            self.known.insert(pod.reference(), known);
            return;
        }
        let node = Node {
            kind: "Pod".into(),
            namespace: owner.namespace.to_string(),
            name: format!("1 more of {}", owner.name),
            column: 1,
            health: Health::Neutral,
            state: String::new(),
            reason: None,
            lines: vec![pod_line(pod)],
            hidden: 0,
            at: pod.meta.place(),
            prometheus: false,
        };
        if let Some(number) = self.add(owner.clone(), node) {
            self.known.insert(pod.reference(), number);
        }
    }

    /// Adds a workload whose pods the API server rejects.
    pub(super) fn refused(
        &mut self,
        owner: &ObjectRef,
        event: &str,
        reason: &str,
        at: Option<Location>,
    ) {
        let node = Node {
            kind: owner.kind.name().into(),
            namespace: owner.namespace.to_string(),
            name: owner.name.to_string(),
            column: 1,
            health: Health::Bad,
            state: "no pods".into(),
            reason: Some(reason.to_owned()),
            lines: vec![Line { text: event.to_owned(), health: Health::Bad, at: None }],
            hidden: 0,
            at,
            prometheus: false,
        };
        self.add(owner.clone(), node);
    }

    /// Adds the edges from a pod to the objects that its volumes and variables refer to.
    fn volumes(&mut self, pod: &Pod, number: u32) {
        let namespace = &pod.meta.namespace.value;
        for volume in &pod.spec.volumes {
            let sources: Vec<(Kind, Text, Option<Location>)> = match &volume.source {
                VolumeSource::ConfigMap(one) => {
                    vec![(Kind::ConfigMap, one.name.value.clone(), one.name.at)]
                }
                VolumeSource::Secret(one) => {
                    vec![(Kind::Secret, one.name.value.clone(), one.name.at)]
                }
                VolumeSource::Projected { parts, .. } => parts
                    .iter()
                    .map(|(kind, one)| (source_kind(*kind), one.name.value.clone(), one.name.at))
                    .collect(),
                VolumeSource::PersistentVolumeClaim { claim_name, .. } => {
                    vec![(Kind::PersistentVolumeClaim, claim_name.value.clone(), claim_name.at)]
                }
                _ => continue,
            };
            let paths: Vec<String> = pod
                .spec
                .containers
                .iter()
                .chain(&pod.spec.init_containers)
                .flat_map(|container| &container.volume_mounts)
                .filter(|mount| mount.name.value == volume.name.value)
                .map(|mount| mounts::clean_path("/", &mount.mount_path.value))
                .collect();
            let label = match paths.first() {
                Some(first) => format!("volume {} at {first}", volume.name.value),
                None => format!("volume {}, mounted nowhere", volume.name.value),
            };
            for (kind, name, at) in sources {
                let reference = ObjectRef { kind, namespace: namespace.clone(), name };
                let Some(to) = self.given(reference) else { continue };
                let health = self.health(to);
                self.edge(number, to, label.clone(), health, at.or(volume.location));
            }
        }
        for container in &pod.spec.containers {
            self.environment(container, namespace, number);
        }
    }

    fn environment(&mut self, container: &Container, namespace: &Text, number: u32) {
        let keys = container.env.iter().filter_map(|one| one.value_from.as_ref());
        let mut sources: Vec<_> = keys.map(|from| (from.source, &from.name)).collect();
        sources.extend(container.env_from.iter().map(|from| (from.source, &from.name)));
        for (source, name) in sources {
            let kind = source_kind(source);
            let reference =
                ObjectRef { kind, namespace: namespace.clone(), name: name.value.clone() };
            if let Some(to) = self.given(reference) {
                let health = self.health(to);
                self.edge(number, to, "variables".into(), health, name.at);
            }
        }
    }

    /// Prometheus → ServiceAccount → binding → role. Accounts of other pods are drawn only where a
    /// manifest has them.
    fn account(&mut self, pod: &Pod, number: u32) {
        let cluster = &self.state.cluster;
        let (namespace, name) = (&pod.meta.namespace.value, &pod.spec.service_account_name);
        let account = cluster.service_accounts.get(namespace, &name.value);
        let written = account.is_some_and(|one| one.meta.origin == ObjectOrigin::Written);
        if !written && !runs_prometheus(pod) {
            return;
        }
        let reference = ObjectRef {
            kind: Kind::ServiceAccount,
            namespace: namespace.clone(),
            name: name.value.clone(),
        };
        let bearer = Account { namespace, name: &name.value };
        let bound: Vec<_> = roles_of(cluster, bearer).collect();
        let mut node = simple(&reference, 2, account.and_then(|one| one.meta.place()));
        node.health = Health::Good;
        if account.is_none() {
            node.health = Health::Bad;
            node.state = "does not exist".into();
        } else if bound.is_empty() && runs_prometheus(pod) {
            node.health = Health::Neutral;
            node.state = "bound to no role".into();
        }
        let health = node.health;
        let Some(to) = self.add(reference, node) else { return };
        self.edge(number, to, "runs as".into(), health, name.at);
        for (binding, role) in bound {
            let mut node = simple(&binding.reference(), 3, binding.meta.place());
            node.health = Health::Good;
            let Some(middle) = self.add(binding.reference(), node) else { continue };
            self.edge(to, middle, "is bound by".into(), Health::Good, binding.meta.name.at);
            let (kind, home) = match &*binding.role_kind.value {
                "Role" => (Kind::Role, binding.meta.namespace.value.clone()),
                _ => (Kind::ClusterRole, Text::default()),
            };
            let reference =
                ObjectRef { kind, namespace: home, name: binding.role_name.value.clone() };
            let mut node = simple(&reference, 4, role.and_then(|role| role.meta.place()));
            match role {
                Some(role) => {
                    node.health = Health::Good;
                    node.lines = role.rules.iter().map(rule_line).collect();
                }
                None => node.state = "not among the manifests".into(),
            }
            if let Some(end) = self.add(reference, node) {
                self.edge(middle, end, "to".into(), Health::Good, binding.role_name.at);
            }
        }
    }
}

fn containers(pod: &Pod) -> Vec<Line> {
    pod.spec
        .all_containers()
        .map(|(container, init)| {
            let port = |port: &ContainerPort| {
                let name = match &*port.name.value {
                    "" => String::new(),
                    name => format!("{name} "),
                };
                // To save space, TCP is shown only if the container has a single port.
                let protocol = match &*port.protocol {
                    "TCP" if container.ports.len() > 1 => String::new(),
                    protocol => format!("/{protocol}"),
                };
                format!("{name}{}{protocol}", port.container_port.value)
            };
            let ports: Vec<String> = container.ports.iter().map(port).collect();
            let statuses =
                pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
            let ready = statuses
                .filter(|one| one.name == container.name.value)
                .map(|one| if one.ready { Health::Good } else { Health::Waiting });
            let init = if init && !container.is_sidecar() { "init " } else { "" };
            let text = format!("{init}{}  {}", container.name.value, ports.join(", "));
            Line {
                text: text.trim_end().to_owned(),
                health: ready.max().unwrap_or(Health::Neutral),
                at: container.location,
            }
        })
        .collect()
}

fn pod_line(pod: &Pod) -> Line {
    let health = if pod.status.is_ready() { Health::Good } else { Health::Waiting };
    Line { text: pod.meta.name.value.to_string(), health, at: pod.meta.place() }
}

fn rule_line(rule: &PolicyRule) -> Line {
    let list = |values: &[Field<Text>]| {
        values.iter().map(|one| &*one.value).collect::<Vec<_>>().join(", ")
    };
    let what = if rule.resources.is_empty() {
        list(&rule.non_resource_urls)
    } else {
        list(&rule.resources)
    };
    let text = format!("{}: {what}", list(&rule.verbs));
    Line { text, health: Health::Neutral, at: rule.location }
}

const fn source_kind(kind: SourceKind) -> Kind {
    match kind {
        SourceKind::ConfigMap => Kind::ConfigMap,
        SourceKind::Secret => Kind::Secret,
    }
}
