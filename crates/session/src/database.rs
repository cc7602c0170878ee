//! What becomes of the stored samples when the server's container or pod begins anew.

use super::system::System;
use kubernetes::mounts;
use kubernetes::objects::VolumeSource;

/// What the database outlives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outlives {
    /// It lies in the container's own file system.
    Nothing,
    /// An `emptyDir` is there as long as the pod.
    Container,
    Pod,
}

/// Where the server of a system keeps its samples. One that runs in no pod keeps them anyhow.
pub fn outlives(system: &System) -> Outlives {
    let server = (system.instances.first(), &system.server.pod);
    let (Some(instance), Some(name)) = server else { return Outlives::Pod };
    let Some(pod) = system.state.cluster.pods.get(&instance.namespace, name) else {
        return Outlives::Pod;
    };
    let mut containers = pod.spec.containers.iter();
    let Some(container) = containers.find(|one| one.name.value == instance.container) else {
        return Outlives::Pod;
    };
    let Some(mount) = mounts::mount_of(container, &instance.storage_path) else {
        return Outlives::Nothing;
    };
    match pod.spec.volume(&mount.name.value).map(|volume| &volume.source) {
        Some(VolumeSource::EmptyDir) => Outlives::Container,
        Some(VolumeSource::None) => Outlives::Nothing,
        // A volume that the pod does not list comes from a template of claims.
        Some(_) | None => Outlives::Pod,
    }
}
