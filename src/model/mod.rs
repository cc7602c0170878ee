//! The values that every room speaks of: labels, durations, timestamps, numbers, regexes, histograms,
//! and texts as Go quotes them.

mod duration;
pub mod histogram;
mod labels;
pub mod number;
mod quick;
pub mod quote;
pub mod regex;

pub use duration::{Duration, DurationError};
pub use labels::{
    Label, Labels, LabelsBuilder, METRIC_NAME, is_legacy_label_name, is_legacy_metric_name,
};
pub use quick::{QuickMap, QuickSet};
pub use regex::{Regex, RegexError};

/// Milliseconds since the Unix epoch, as everywhere in Prometheus.
pub type Timestamp = i64;
