//! The data folders of Prometheus servers: what outlives a process, and who has locked it.

use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::kubelet::Active;
use kubernetes::object::Value;
use promql::storage::Storage;

/// A file system that a container can write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// A claim outlives the pods that mount it.
    Claim { namespace: String, name: String },
    /// A folder of a node.
    Node { node: String, path: String },
    /// Lives as long as the pod with this uid.
    Pod { uid: String, volume: String },
    /// The file system of a container, by its id. The next container begins with an empty one.
    Container { id: String },
}

/// A folder of a volume.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DataFolder {
    pub volume: Volume,
    /// The path in the volume, without slashes at its ends.
    pub path: String,
}

/// The content of a data folder.
#[derive(Clone, Default)]
struct Content {
    /// None before a server has written.
    storage: Option<Arc<Storage>>,
    /// The process that holds the lock.
    locked: Option<Active>,
}

/// All data folders. A clone shares the stored samples.
#[derive(Clone, Default)]
pub(crate) struct Disks {
    folders: BTreeMap<DataFolder, Content>,
    /// Provided samples of a server that has ended, until their owner takes them back.
    returned: Option<Storage>,
}

impl Disks {
    /// Returns true if another process holds the lock of a folder.
    pub fn is_locked(&self, folder: &DataFolder, own: &Active) -> bool {
        let content = self.folders.get(folder);
        content.and_then(|content| content.locked.as_ref()).is_some_and(|holder| holder != own)
    }

    /// Locks a folder and takes the samples in it. They come back with [`Disks::keep`].
    pub fn open(&mut self, folder: &DataFolder, own: &Active) -> Option<Arc<Storage>> {
        let content = self.folders.entry(folder.clone()).or_default();
        content.locked = Some(own.clone());
        content.storage.take()
    }

    /// Keeps the samples of a process that has ended.
    pub fn keep(&mut self, folder: &DataFolder, storage: Arc<Storage>) {
        self.folders.entry(folder.clone()).or_default().storage = Some(storage);
    }

    /// Returns the samples of a process that has ended to the owner who has provided them.
    pub fn give_back(&mut self, storage: Storage) {
        if storage.series_count() > 0 {
            self.returned = Some(storage);
        }
    }

    /// Takes samples that were given back.
    pub fn take_returned(&mut self) -> Option<Storage> {
        self.returned.take()
    }

    /// Unlocks the folders of processes that have ended, and forgets those of volumes that are gone.
    pub fn clean(&mut self, runs: &dyn Fn(&Active) -> bool, exists: &dyn Fn(&Volume) -> bool) {
        for content in self.folders.values_mut() {
            content.locked = content.locked.take().filter(|holder| runs(holder));
        }
        self.folders.retain(|folder, content| content.locked.is_some() || exists(&folder.volume));
    }
}

/// The volume that a path of a container leads to, and the path in it.
pub(crate) fn folder_of(pod: &Value, container: &Value, id: &str, path: &str) -> DataFolder {
    let metadata = &pod["metadata"];
    let Some((mount, inner)) = cluster::kubelet::mount_of(container, path) else {
        let volume = Volume::Container { id: id.to_owned() };
        return DataFolder { volume, path: path.trim_matches('/').to_owned() };
    };
    let name = mount.str("name");
    let mut volumes = pod["spec"].list("volumes").iter();
    let source = volumes.find(|volume| volume.str("name") == name).unwrap_or(&Value::Null);
    let volume = if source.has("persistentVolumeClaim") {
        Volume::Claim {
            namespace: metadata.str("namespace").to_owned(),
            name: source["persistentVolumeClaim"].str("claimName").to_owned(),
        }
    } else if source.has("hostPath") {
        Volume::Node {
            node: pod["spec"].str("nodeName").to_owned(),
            path: source["hostPath"].str("path").trim_matches('/').to_owned(),
        }
    } else {
        Volume::Pod { uid: metadata.str("uid").to_owned(), volume: name.to_owned() }
    };
    DataFolder { volume, path: inner.trim_matches('/').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn a_folder_belongs_to_the_volume_that_is_mounted_there() {
        let pod = parse_json(
            r#"{"metadata":{"namespace":"mon","uid":"u"},"spec":{"nodeName":"n","volumes":[
            {"name":"c","persistentVolumeClaim":{"claimName":"data"}},{"name":"e","emptyDir":{}},
            {"name":"h","hostPath":{"path":"/srv/x"}}]}}"#,
        )
        .expect("JSON");
        let container = parse_json(
            r#"{"volumeMounts":[{"name":"c","mountPath":"/claim","subPath":"db"},
            {"name":"e","mountPath":"/empty"},{"name":"h","mountPath":"/host"}]}"#,
        )
        .expect("JSON");
        for (path, expected) in [
            ("/claim", "Claim { namespace: \"mon\", name: \"data\" } db"),
            ("/claim/a", "Claim { namespace: \"mon\", name: \"data\" } db/a"),
            ("/empty/tsdb", "Pod { uid: \"u\", volume: \"e\" } tsdb"),
            ("/host", "Node { node: \"n\", path: \"srv/x\" } "),
            ("/prometheus", "Container { id: \"7\" } prometheus"),
        ] {
            let found = folder_of(&pod, &container, "7", path);
            assert_eq!(format!("{:?} {}", found.volume, found.path), expected, "{path}");
        }
    }

    #[test]
    fn a_lock_ends_with_its_process() {
        let active = |container: &str| Active { pod: "u".into(), container: container.to_owned() };
        let (one, two) = (active("1"), active("2"));
        let volume = Volume::Pod { uid: "u".to_owned(), volume: "data".to_owned() };
        let folder = DataFolder { volume, path: String::new() };
        let mut disks = Disks::default();
        assert!(disks.open(&folder, &one).is_none());
        disks.keep(&folder, Arc::default());
        assert!(disks.is_locked(&folder, &two) && !disks.is_locked(&folder, &one));
        disks.clean(&|holder| *holder == two, &|_| true);
        assert!(!disks.is_locked(&folder, &two));
        assert!(disks.open(&folder, &two).is_some());
        disks.clean(&|_| false, &|_| false);
        assert!(disks.open(&folder, &two).is_none());
    }
}
