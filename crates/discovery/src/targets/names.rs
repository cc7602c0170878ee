//! Labels with a meaning of their own.

pub const ADDRESS: &str = "__address__";
pub const SCHEME: &str = "__scheme__";
pub const METRICS_PATH: &str = "__metrics_path__";
pub const PARAM_PREFIX: &str = "__param_";
pub const SCRAPE_INTERVAL: &str = "__scrape_interval__";
pub const SCRAPE_TIMEOUT: &str = "__scrape_timeout__";
pub const CONVERT_CLASSIC: &str = "__convert_classic_histograms_to_nhcb__";
pub const ALWAYS_CLASSIC: &str = "__always_scrape_classic_histograms__";
pub const NATIVE: &str = "__scrape_native_histograms__";
pub const JOB: &str = "job";
pub const INSTANCE: &str = "instance";
/// Labels that are gone after relabeling.
pub const META_PREFIX: &str = "__meta_";
/// Labels that no series gets.
pub const RESERVED_PREFIX: &str = "__";
