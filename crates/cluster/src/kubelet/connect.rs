//! Connections to the processes of containers.

use super::Kubelets;
use super::runtime::Container;
use crate::program::{HttpAnswer, HttpRequest};

impl Kubelets {
    /// Returns true if the process of a container accepts connections on a port.
    pub fn listens(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        port: u16,
        now: i64,
    ) -> bool {
        let found = self.worker(namespace, pod).and_then(|worker| {
            worker.containers.iter().rev().find(|one| one.record.name == container)
        });
        found.is_some_and(|container| is_listening(container, port, now))
    }

    /// Sends a request to the process of a container. None if it does not listen on the port.
    pub fn http(
        &mut self,
        namespace: &str,
        pod: &str,
        container: &str,
        request: HttpRequest<'_>,
        now: i64,
    ) -> Option<HttpAnswer> {
        let worker = self.worker_mut(namespace, pod)?;
        let newest = worker.containers.iter_mut().rev().find(|one| one.record.name == container);
        let container = newest.filter(|container| is_listening(container, request.port, now))?;
        let age = container.age(now);
        container.process.as_mut().map(|process| process.http(request, age))
    }

    /// The number of containers of a node whose processes run, and the number of its pods.
    pub fn running(&self, node: &str) -> (usize, usize) {
        let pods = self.pods.values().filter(|worker| !worker.removed && *worker.node == *node);
        let containers = |count: usize, running: usize| if running > 0 { count + 1 } else { count };
        pods.fold((0, 0), |(sum, count), worker| {
            let running = worker.containers.iter().filter(|one| one.record.is_running()).count();
            (sum + running, containers(count, running))
        })
    }
}

fn is_listening(container: &Container, port: u16, now: i64) -> bool {
    let age = container.age(now);
    let runs = container.record.is_running() && container.end_time().is_none_or(|at| at > now);
    runs && container.process.as_ref().is_some_and(|process| process.listens(port, age))
}
