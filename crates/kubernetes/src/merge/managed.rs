//! Server-side apply: who manages which field.
//!
//! Source: sigs.k8s.io/structured-merge-diff, apiserver pkg/endpoints/handlers/fieldmanager.
