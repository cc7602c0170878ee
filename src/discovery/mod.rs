//! Configuration and cluster into target groups: one file for each mechanism and Kubernetes role.
