#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![cfg_attr(
    not(feature = "experimental-functions"),
    expect(dead_code, unused_imports, reason = "only experimental functions use these items")
)]

pub mod assist;
pub mod engine;
pub mod promqltest;
pub mod syntax;

pub mod histogram;
mod labels;
mod matcher;
mod sample;
pub mod storage;

pub use labels::{
    Label, Labels, LabelsBuilder, METRIC_NAME, is_legacy_label_name, is_legacy_metric_name,
};
pub use matcher::{MatchOp, Matcher};
pub use sample::SampleValue;

/// A time in milliseconds since the Unix epoch.
pub type Timestamp = i64;
