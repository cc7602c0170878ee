//! Labels with a special meaning.

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
/// The prefix of labels that are removed after relabeling.
pub const META_PREFIX: &str = "__meta_";
/// The prefix of labels that are not added to series.
pub const RESERVED_PREFIX: &str = "__";
