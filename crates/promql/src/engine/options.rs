//! The options of the engine.

use go::Duration;

/// The options of an [`Engine`](super::Engine). The default is that of Prometheus without flags.
///
/// Source: prometheus promql/engine.go `EngineOpts`.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineOptions {
    /// `--query.max-samples`: the largest number of samples that a query may hold in memory.
    pub max_samples: usize,
    /// The most samples that range functions read in their windows, all steps counted. It stands
    /// for `--query.timeout`, so that the end of a query does not depend on the machine.
    pub max_window_samples: usize,
    /// `--query.lookback-delta`: the age at which a sample no longer represents its series.
    pub lookback: Duration,
    /// The step of a subquery without one: `evaluation_interval` of the global configuration.
    pub default_subquery_step: Duration,
    /// Allows the `@` modifier.
    pub at_modifier: bool,
    /// Allows negative offsets.
    pub negative_offset: bool,
    /// `--enable-feature=promql-delayed-name-removal`.
    pub delayed_name_removal: bool,
    /// `--enable-feature=type-and-unit-labels`.
    pub type_and_unit_labels: bool,
    /// `--enable-feature=st-storage`: `rate` and similar functions use start timestamps.
    pub use_start_timestamps: bool,
    /// Names the two series of a duplicate match in the order of their labels. Prometheus 3.14.0
    /// names the later one first; its test scripts expect the order of a later change.
    pub ordered_duplicates: bool,
}

/// Samples in windows that take about two seconds.
const MAX_WINDOW_SAMPLES: usize = 300_000_000;

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            max_samples: 50_000_000,
            max_window_samples: MAX_WINDOW_SAMPLES,
            lookback: Duration::from_secs(300),
            default_subquery_step: Duration::from_secs(60),
            at_modifier: true,
            negative_offset: true,
            delayed_name_removal: false,
            type_and_unit_labels: false,
            use_start_timestamps: false,
            ordered_duplicates: false,
        }
    }
}
