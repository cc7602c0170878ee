//! PromQL: the language, its engine, and help with writing it.

pub mod assist;
pub mod engine;
pub mod syntax;
pub mod testlang;

pub mod histogram;
mod labels;
pub mod storage;

pub use labels::{
    Label, Labels, LabelsBuilder, METRIC_NAME, is_legacy_label_name, is_legacy_metric_name,
};

/// Milliseconds since the Unix epoch, as everywhere in Prometheus.
pub type Timestamp = i64;
