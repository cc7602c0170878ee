//! Discovery: configuration and cluster into target groups.

mod group;

pub use group::{
    Counts, Discovered, GroupTarget, LogLevel, LogLine, MetaLabel, MetaLabels, TargetGroup,
};
