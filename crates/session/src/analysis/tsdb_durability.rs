//! The lifetime of the stored samples: whether they survive a restart of the server's container and
//! a replacement of its pod.

use crate::analysis::Analysis;
use kubernetes::mounts;
use kubernetes::objects::VolumeSource;

/// The lifetime of the time series database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TsdbDurability {
    /// In the container's file system: lost when the container restarts.
    Container,
    /// In an `emptyDir`: lost with the pod.
    Pod,
    /// On a persistent volume.
    Persistent,
}

/// Returns the lifetime of the server's database. A server outside of any pod keeps its samples.
pub fn tsdb_durability(analysis: &Analysis) -> TsdbDurability {
    let Some((instance, pod, container)) = analysis.server_container() else {
        return TsdbDurability::Persistent;
    };
    let Some(mount) = mounts::mount_of(container, &instance.storage_path) else {
        return TsdbDurability::Container;
    };
    match pod.spec.volume(&mount.name.value).map(|volume| &volume.source) {
        Some(VolumeSource::EmptyDir) => TsdbDurability::Pod,
        Some(VolumeSource::None) => TsdbDurability::Container,
        // A volume that the pod does not list comes from a volumeClaimTemplate.
        Some(_) | None => TsdbDurability::Persistent,
    }
}
