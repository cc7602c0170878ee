//! Stored objects as the typed objects that discovery, DNS, network and permissions read.

use std::collections::BTreeMap;

use cluster::ApiServer;
use cluster::apiserver::Key;
use kubernetes::controllers::ClusterState;
use kubernetes::decode::decode;
use kubernetes::object::to_json;
use kubernetes::objects::Kind;
use text::FileId;
use yaml::Parsed;

/// The typed objects of a storage. An object is parsed again only after it has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// The revision of the storage that `state` shows.
    seen: Option<u64>,
    /// The number of changes of objects that are shown.
    pub revision: u64,
    parsed: BTreeMap<Key, (String, Parsed)>,
    pub state: ClusterState,
}

impl View {
    /// Follows the storage of a server.
    pub fn update(&mut self, server: &ApiServer) {
        let revision = server.storage.revision();
        if self.seen == Some(revision) {
            return;
        }
        self.seen = Some(revision);
        let mut former = std::mem::take(&mut self.parsed);
        let before = former.len();
        let mut changed = false;
        for (key, object) in server.storage.iter() {
            if Kind::from_name(key.kind).is_none() {
                continue;
            }
            let version = object["metadata"].str("resourceVersion");
            let known = former.remove(key).filter(|(known, _)| known == version);
            changed |= known.is_none();
            let entry = known.unwrap_or_else(|| {
                (version.to_owned(), yaml::parse(FileId::OUTSIDE, &to_json(object)))
            });
            self.parsed.insert(key.clone(), entry);
        }
        if changed || self.parsed.len() != before || self.revision == 0 {
            self.revision += 1;
            let objects = self.parsed.values().map(|(_, parsed)| parsed);
            self.state = ClusterState::observed(decode(objects, "default").cluster);
        }
    }
}
