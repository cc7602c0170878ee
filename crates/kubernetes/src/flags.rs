//! The flags of Prometheus 3.14 with defaults and documentation.

/// A flag.
#[derive(Clone, Copy, Debug)]
pub struct FlagInfo {
    /// The name without dashes.
    pub name: &'static str,
    /// False for a switch, which `--no-name` turns off.
    pub takes_value: bool,
    /// The default value as text; empty if there is none.
    pub default: &'static str,
    /// A short note for the end of the line.
    pub note: &'static str,
    /// The documentation.
    pub doc: &'static str,
}

const fn value(
    name: &'static str,
    default: &'static str,
    note: &'static str,
    doc: &'static str,
) -> FlagInfo {
    FlagInfo { name, takes_value: true, default, note, doc }
}

const fn switch(
    name: &'static str,
    default: &'static str,
    note: &'static str,
    doc: &'static str,
) -> FlagInfo {
    FlagInfo { name, takes_value: false, default, note, doc }
}

/// All flags, those that matter most first.
pub static FLAGS: &[FlagInfo] = &[
    value(
        "config.file",
        "prometheus.yml",
        "the file with scrape_configs",
        "The configuration file. Prometheus reads it at the start and at each reload. The image passes `/etc/prometheus/prometheus.yml` itself, but only while the manifest gives no `args`: with any `args` of your own the default is `prometheus.yml` in the working directory `/prometheus`, where no ConfigMap is mounted as a rule.",
    ),
    switch(
        "config.auto-reload",
        "false",
        "reloads when the file changes",
        "Prometheus checks the configuration file periodically and reloads it if it has changed. Without it an edited ConfigMap has no effect until a POST to `/-/reload`, a SIGHUP or a restart of the pod.",
    ),
    value(
        "config.auto-reload-interval",
        "30s",
        "interval between checks of the file",
        "The interval at which the file is compared with the loaded configuration. Used only with `--config.auto-reload`.",
    ),
    value(
        "storage.tsdb.path",
        "data/",
        "where the samples are kept",
        "The directory of the time series database. It must lie on a volume that outlives the pod, or every restart begins with an empty database. The image passes `/prometheus` as long as there are no `args`.",
    ),
    value(
        "storage.tsdb.retention.time",
        "15d",
        "how long samples are kept",
        "Blocks that are wholly older than this are deleted. 15 days if neither time nor size is set. Deprecated in favor of `storage.tsdb.retention.time` in the configuration file, which can be reloaded.",
    ),
    value(
        "storage.tsdb.retention.size",
        "0",
        "how much disk blocks may use",
        "The oldest blocks are deleted if all blocks together are larger than this. Keep it well below the volume's size: the write-ahead log and the chunks of the last hours come on top. Powers of two, `1GB` is 1024 MB. Deprecated in favor of the same field in the configuration file.",
    ),
    switch(
        "web.enable-lifecycle",
        "false",
        "allows POST /-/reload and /-/quit",
        "A POST to `/-/reload` reloads the configuration, a POST to `/-/quit` stops the server. Without it only SIGHUP reloads. Anyone who reaches the port can use it.",
    ),
    switch(
        "web.enable-admin-api",
        "false",
        "allows deleting series over HTTP",
        "Enables the endpoints that delete series and create snapshots. Anyone who reaches the port can use them.",
    ),
    switch(
        "web.enable-remote-write-receiver",
        "false",
        "accepts samples that others push",
        "Prometheus accepts samples at `/api/v1/write`, as another Prometheus or an agent sends them.",
    ),
    value(
        "web.remote-write-receiver.accepted-protobuf-messages",
        "prometheus.WriteRequest,io.prometheus.write.v2.Request",
        "accepted remote-write messages",
        "The message types that the receiver of remote writes accepts.",
    ),
    switch(
        "web.enable-otlp-receiver",
        "false",
        "takes OpenTelemetry metrics",
        "Prometheus accepts metrics at `/api/v1/otlp/v1/metrics`.",
    ),
    value(
        "web.listen-address",
        "0.0.0.0:9090",
        "address of the page and /metrics",
        "The address and port of the page, the API and the server's own metrics. If it changes, change the container's port, the Service's targetPort and the probes too. It can be repeated.",
    ),
    value(
        "web.config.file",
        "",
        "TLS and passwords for the page",
        "A file that enables TLS or basic authentication for all endpoints of Prometheus. Probes and Prometheus's scrape of itself must then use them too.",
    ),
    value(
        "web.external-url",
        "",
        "the address people use",
        "The URL under which the page is reached from outside. Links in alerts start with it; its path is the prefix of all routes unless `--web.route-prefix` is set.",
    ),
    value(
        "web.route-prefix",
        "",
        "the path before every route",
        "The prefix of every path that Prometheus serves, also of `/metrics` and `/-/ready`: probes and the scrape of itself must use it too. By default the path of `--web.external-url`.",
    ),
    value(
        "web.console.templates",
        "consoles",
        "old consoles",
        "A directory with console templates. The image has had none since version 3; the flag is harmless.",
    ),
    value(
        "web.console.libraries",
        "console_libraries",
        "old consoles",
        "A directory with libraries for consoles. The image has had none since version 3; the flag is harmless.",
    ),
    value(
        "web.page-title",
        "Prometheus Time Series Collection and Processing Server",
        "the page's title",
        "The title of the page in the browser.",
    ),
    value(
        "web.cors.origin",
        ".*",
        "pages that may ask the API",
        "An anchored regular expression for origins from which browsers may use the API.",
    ),
    value("web.user-assets", "", "own files under /user", "A directory that is served at `/user`."),
    value(
        "web.read-timeout",
        "5m",
        "patience with slow clients",
        "The maximum time for reading a request, and for keeping an idle connection.",
    ),
    value(
        "web.max-connections",
        "512",
        "simultaneous connections",
        "The maximum number of simultaneous connections over all listeners.",
    ),
    value(
        "web.max-notifications-subscribers",
        "16",
        "pages that get live notices",
        "The maximum number of clients of live notifications.",
    ),
    value(
        "web.search.max-limit",
        "10000",
        "limit of the search API",
        "The largest `limit` that the experimental search API accepts; 0 disables it.",
    ),
    value(
        "query.lookback-delta",
        "5m",
        "how far a query looks back",
        "A query uses the newest sample that is not older than this. A scrape interval above it causes gaps in graphs.",
    ),
    value(
        "query.timeout",
        "2m",
        "longest time of a query",
        "A query that takes longer fails with an error.",
    ),
    value(
        "query.max-concurrency",
        "20",
        "queries at once",
        "The maximum number of queries that run at the same time; others wait.",
    ),
    value(
        "query.max-samples",
        "50000000",
        "samples a query may load",
        "A query that loads more samples into memory fails. The limit protects the pod from out-of-memory kills.",
    ),
    value(
        "rules.alert.for-outage-tolerance",
        "1h",
        "outage that `for` survives",
        "After an outage shorter than this, the state of pending alerts is restored.",
    ),
    value(
        "rules.alert.for-grace-period",
        "10m",
        "least `for` after a restart",
        "The minimum time for which a restored alert stays pending.",
    ),
    value(
        "rules.alert.resend-delay",
        "1m",
        "pause between notifications",
        "The minimum time before a firing alert is sent to Alertmanager again.",
    ),
    value(
        "rules.max-concurrent-evals",
        "4",
        "rules evaluated at once",
        "The maximum number of independent rules that are evaluated at the same time.",
    ),
    value(
        "alertmanager.notification-queue-capacity",
        "10000",
        "alerts that may wait",
        "The capacity of the queue of alerts. If it is full, the oldest are dropped.",
    ),
    value(
        "alertmanager.notification-batch-size",
        "256",
        "alerts in one message",
        "The maximum number of alerts in one request.",
    ),
    switch(
        "alertmanager.drain-notification-queue-on-shutdown",
        "true",
        "sends the rest when ending",
        "Queued alerts are sent before Prometheus exits.",
    ),
    value(
        "enable-feature",
        "",
        "turns on experiments",
        "A comma-separated list of experimental features: `promql-experimental-functions`, `exemplar-storage`, `extra-scrape-metrics`, … An unknown name is logged and ignored.",
    ),
    switch(
        "agent",
        "",
        "no queries, only forwarding",
        "Agent mode: Prometheus scrapes and forwards over remote_write, but serves no queries and evaluates no rules.",
    ),
    value("log.level", "info", "how much is logged", "`debug`, `info`, `warn` or `error`."),
    value("log.format", "logfmt", "logfmt or json", "The form of log lines."),
    switch(
        "auto-gomaxprocs",
        "true",
        "follows the CPU limit",
        "Go uses as many threads as the container's CPU limit allows.",
    ),
    switch(
        "auto-gomemlimit",
        "true",
        "follows the memory limit",
        "Go collects garbage more often near the container's memory limit, which avoids some out-of-memory kills.",
    ),
    value(
        "auto-gomemlimit.ratio",
        "0.9",
        "share of the memory limit",
        "The share of the container's memory limit that Go uses as its own limit.",
    ),
    value(
        "auto-gomemlimit.refresh-interval",
        "0s",
        "how often the limit is read",
        "The interval at which the memory limit is read; 0 reads it once.",
    ),
    switch(
        "storage.tsdb.no-lockfile",
        "false",
        "no lock in the data directory",
        "Prometheus creates no lock file in its data directory. A second server on the same volume then corrupts the data silently.",
    ),
    switch(
        "storage.tsdb.wal-compression",
        "true",
        "compresses the log",
        "Compresses the write-ahead log.",
    ),
    value(
        "storage.tsdb.wal-compression-type",
        "snappy",
        "snappy or zstd",
        "The compression of the write-ahead log.",
    ),
    value(
        "storage.tsdb.wal-segment-size",
        "",
        "size of the log's files",
        "The size of the files of the write-ahead log.",
    ),
    value(
        "storage.tsdb.min-block-duration",
        "2h",
        "span of a block",
        "Span of the blocks that are written from memory. For tests, and with Thanos for uploading.",
    ),
    value(
        "storage.tsdb.max-block-duration",
        "",
        "longest compacted block",
        "The longest span of a compacted block; a tenth of the retention by default.",
    ),
    value(
        "storage.tsdb.max-block-chunk-segment-size",
        "",
        "size of chunk files",
        "The largest size of a chunk file in a block.",
    ),
    value(
        "storage.tsdb.head-chunks-write-queue-size",
        "0",
        "queue to the disk",
        "The capacity of the queue of chunks to write; 0 disables the queue.",
    ),
    value(
        "storage.tsdb.samples-per-chunk",
        "120",
        "samples in a chunk",
        "The target number of samples in a chunk.",
    ),
    value(
        "storage.tsdb.delayed-compaction.max-percent",
        "10",
        "delay of compaction",
        "The maximum delay of compaction with the feature delayed-compaction, in percent of a block's span.",
    ),
    value(
        "storage.tsdb.delay-compact-file.path",
        "",
        "waits for uploads",
        "A file that lists uploaded blocks; only those are compacted further.",
    ),
    value(
        "storage.tsdb.block-reload-interval",
        "1m",
        "interval between searches for blocks",
        "The interval at which the directory is searched for new and deleted blocks.",
    ),
    switch(
        "storage.tsdb.allow-overlapping-compaction",
        "true",
        "merges overlapping blocks",
        "Merges blocks that overlap in time.",
    ),
    value(
        "storage.agent.path",
        "data-agent/",
        "the agent's log",
        "The directory of the write-ahead log in agent mode.",
    ),
    value(
        "storage.agent.wal-segment-size",
        "",
        "size of the agent's files",
        "The size of the files of the agent's log.",
    ),
    switch(
        "storage.agent.wal-compression",
        "true",
        "compresses the agent's log",
        "Compresses the agent's log.",
    ),
    value(
        "storage.agent.wal-compression-type",
        "snappy",
        "snappy or zstd",
        "The compression of the agent's log.",
    ),
    value(
        "storage.agent.wal-truncate-frequency",
        "",
        "how often the log is cut",
        "The interval at which old data is removed from the agent's log.",
    ),
    value(
        "storage.agent.retention.min-time",
        "5m",
        "least age before deletion",
        "The minimum age of samples before the agent deletes them.",
    ),
    value(
        "storage.agent.retention.max-time",
        "4h",
        "most age before deletion",
        "The maximum age of samples. The agent deletes older ones, sent or not.",
    ),
    switch(
        "storage.agent.checkpoint-from-in-memory-series",
        "false",
        "checkpoints from memory",
        "The agent creates its checkpoints from the series in memory.",
    ),
    value(
        "storage.agent.checkpoint-batch-size",
        "1000",
        "entries in a checkpoint's chunk",
        "The number of entries in each part of such a checkpoint.",
    ),
    switch(
        "storage.agent.no-lockfile",
        "false",
        "no lock in the directory",
        "The agent creates no lock file in its directory.",
    ),
    value(
        "storage.remote.flush-deadline",
        "1m",
        "time to send the rest",
        "The time for which samples are still sent when Prometheus exits or reloads.",
    ),
    value(
        "storage.remote.read-sample-limit",
        "5e7",
        "samples of a remote read",
        "The maximum number of samples that a remote read returns; 0 is no limit.",
    ),
    value(
        "storage.remote.read-concurrent-limit",
        "10",
        "remote reads at once",
        "The maximum number of simultaneous remote reads.",
    ),
    value(
        "storage.remote.read-max-bytes-in-frame",
        "1048576",
        "size of a frame",
        "The largest frame of a streamed remote read.",
    ),
    switch(
        "scrape.adjust-timestamps",
        "true",
        "evens out timestamps",
        "Timestamps that are off by less than the tolerance are set to the schedule, which compresses better.",
    ),
    value(
        "scrape.timestamp-tolerance",
        "2ms",
        "how far they may be off",
        "The maximum difference of a timestamp that is adjusted.",
    ),
    value(
        "scrape.discovery-reload-interval",
        "5s",
        "how fast targets change",
        "The interval at which changes of discovered targets are applied.",
    ),
    switch(
        "version",
        "",
        "prints the version and ends",
        "Prometheus prints its version and exits; a pod with this flag never stays up.",
    ),
    switch(
        "help",
        "",
        "prints the flags and ends",
        "Prometheus prints its flags and exits; a pod with this flag never stays up.",
    ),
];

/// Returns a flag by name, also by its `no-` form.
pub fn find(name: &str) -> Option<&'static FlagInfo> {
    let exact = |name: &str| FLAGS.iter().find(|flag| flag.name == name);
    exact(name).or_else(|| exact(name.strip_prefix("no-")?).filter(|flag| !flag.takes_value))
}

/// A flag that version 3 removed.
pub struct Removed {
    pub name: &'static str,
    /// The replacement, as a sentence.
    pub instead: &'static str,
    /// The flag that replaces it.
    pub replacement: Option<&'static str>,
}

const fn removed(
    name: &'static str,
    instead: &'static str,
    replacement: Option<&'static str>,
) -> Removed {
    Removed { name, instead, replacement }
}

/// All removed flags.
pub static REMOVED: &[Removed] = &[
    removed("alertmanager.timeout", "It had no effect any more; leave it out.", None),
    removed(
        "storage.tsdb.allow-overlapping-blocks",
        "Overlapping blocks are always allowed; leave it out.",
        None,
    ),
    removed(
        "storage.tsdb.retention",
        "Use --storage.tsdb.retention.time.",
        Some("storage.tsdb.retention.time"),
    ),
    removed(
        "storage.tsdb.use-lockfile",
        "Use --storage.tsdb.no-lockfile.",
        Some("storage.tsdb.no-lockfile"),
    ),
    removed(
        "storage.tsdb.no-wal-compression",
        "Use --no-storage.tsdb.wal-compression.",
        Some("no-storage.tsdb.wal-compression"),
    ),
];

#[cfg(test)]
mod tests;
