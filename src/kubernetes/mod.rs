//! Manifests, and the cluster that controllers would make of them.
