//! Stored objects as the typed objects that discovery, DNS, network and permissions read.

use std::collections::BTreeMap;

use cluster::ApiServer;
use cluster::apiserver::Key;
use kubernetes::controllers::ClusterState;
use kubernetes::decode::decode_stored;
use kubernetes::object::Value;
use kubernetes::objects::Kind;

/// The typed objects of a storage. An object is decoded again only after it has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// The revision of the storage that `state` shows.
    seen: Option<u64>,
    /// The number of changes of objects that are shown.
    pub revision: u64,
    /// Each object as it is stored, and a cluster with that object alone.
    decoded: BTreeMap<Key, (Value, kubernetes::Cluster)>,
    pub state: ClusterState,
}

/// Returns true for the roles and bindings of a fresh cluster. [`kubernetes::rbac`] has what they
/// allow to programs.
fn is_of_the_system(object: &Value) -> bool {
    object["metadata"]["labels"].str("kubernetes.io/bootstrapping") == "rbac-defaults"
}

impl View {
    /// Follows the storage of a server.
    pub fn update(&mut self, server: &ApiServer) {
        let revision = server.storage.revision();
        if self.seen == Some(revision) {
            return;
        }
        self.seen = Some(revision);
        let mut former = std::mem::take(&mut self.decoded);
        let before = former.len();
        let mut changed = false;
        for (key, object) in server.storage.iter() {
            if Kind::from_name(key.kind).is_none() || is_of_the_system(object) {
                continue;
            }
            let known = former.remove(key).filter(|(known, _)| known.is_shared_with(object));
            changed |= known.is_none();
            let entry = known.unwrap_or_else(|| (object.clone(), decode_stored(object)));
            self.decoded.insert(key.clone(), entry);
        }
        if changed || self.decoded.len() != before || self.revision == 0 {
            self.revision += 1;
            let mut cluster = kubernetes::Cluster::default();
            self.decoded.values().for_each(|(_, object)| cluster.share(object));
            self.state = ClusterState::observed(cluster);
        }
    }
}
