//! A world with stored objects in which nothing has happened yet.

use std::sync::Arc;

use cluster::controllers::StorageProvisioner;
use cluster::kubelet::NodeOptions;
use cluster::program::Behaviors;
use cluster::{ApiServer, Cluster, Options};
use kubernetes::controllers::{API_SERVER_PORT, DEFAULT_NODE};

use crate::assumed;
use crate::workloads::{Catalog, WorkloadPrograms};
use crate::{World, programs};

impl World {
    /// A world whose API server has some objects, at the moment at which the controllers see them.
    /// Kubelets run on the nodes among them or, without any, on one node as minikube has it.
    /// The provisioner of minikube makes volumes for claims. Secrets that pods need and the server does not have
    /// are assumed to exist. Containers run the workloads of a catalog, Prometheus, and its
    /// reloaders.
    pub fn fresh(server: ApiServer, catalog: Arc<Catalog>, options: Options) -> Self {
        let seed = options.seed;
        let mut cluster = Cluster::with_server(server, options);
        assumed::add(&mut cluster.server);
        let nodes: Vec<String> = cluster
            .server
            .storage
            .list("", "Node", "")
            .map(|(key, _)| key.name.to_string())
            .collect();
        if nodes.is_empty() {
            cluster.add_node(&NodeOptions::new(DEFAULT_NODE));
        }
        nodes.iter().for_each(|name| cluster.run_kubelet(name));
        cluster.server.publish_api_server("192.168.49.2", i64::from(API_SERVER_PORT));
        let others = Arc::new(WorkloadPrograms::new(catalog, seed));
        cluster.kubelets.programs = programs(Behaviors::default(), others);
        cluster.set_storage_provisioner(StorageProvisioner::Running);
        Self::new(cluster)
    }
}
