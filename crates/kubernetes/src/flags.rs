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
        "The configuration that Prometheus reads when it starts and when it is told to reload. The image passes `/etc/prometheus/prometheus.yml` itself, but only while the manifest gives no `args`: with any `args` of your own the default is `prometheus.yml` in the working directory `/prometheus`, where no ConfigMap is mounted as a rule.",
    ),
    switch(
        "config.auto-reload",
        "false",
        "reloads when the file changes",
        "Prometheus looks at the configuration file again and again and reloads it when it has changed. Without it an edited ConfigMap has no effect until somebody posts to `/-/reload`, sends SIGHUP or restarts the pod.",
    ),
    value(
        "config.auto-reload-interval",
        "30s",
        "how often the file is looked at",
        "How often the file is compared with what is loaded. Only of use together with `--config.auto-reload`.",
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
        "Blocks that are wholly older than this are deleted. 15 days where neither time nor size is given. Deprecated: `storage.tsdb.retention.time` in the configuration file says the same and can be reloaded.",
    ),
    value(
        "storage.tsdb.retention.size",
        "0",
        "how much disk blocks may use",
        "The oldest blocks are deleted when all of them together are larger than this. Keep it well below the volume's size: the write-ahead log and the chunks of the last hours come on top. Powers of two, `1GB` is 1024 MB. Deprecated in favor of the same field in the configuration file.",
    ),
    switch(
        "web.enable-lifecycle",
        "false",
        "allows POST /-/reload and /-/quit",
        "A POST to `/-/reload` reads the configuration again, one to `/-/quit` ends the server. Without it only SIGHUP reloads. Everybody who reaches the port can use it.",
    ),
    switch(
        "web.enable-admin-api",
        "false",
        "allows deleting series over HTTP",
        "Turns on the calls that delete series and make snapshots. Everybody who reaches the port can use them.",
    ),
    switch(
        "web.enable-remote-write-receiver",
        "false",
        "takes samples that others push",
        "Prometheus accepts samples at `/api/v1/write`, as another Prometheus or an agent sends them.",
    ),
    value(
        "web.remote-write-receiver.accepted-protobuf-messages",
        "prometheus.WriteRequest,io.prometheus.write.v2.Request",
        "which remote-write messages are taken",
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
        "where the page and /metrics answer",
        "Address and port of page, API and the server's own metrics. The container's port, the Service's targetPort and the probes must follow when it changes. It can be given several times.",
    ),
    value(
        "web.config.file",
        "",
        "TLS and passwords for the page",
        "A file that turns on TLS or basic authentication for everything Prometheus serves. Probes and Prometheus's scrape of itself must then use them too.",
    ),
    value(
        "web.external-url",
        "",
        "the address people use",
        "The URL under which the page is reached from outside. Links in alerts are made of it; its path becomes the prefix of all routes unless `--web.route-prefix` says otherwise.",
    ),
    value(
        "web.route-prefix",
        "",
        "the path before every route",
        "What stands before every path that Prometheus serves, also before `/metrics` and `/-/ready`: probes and the scrape of itself must have it too. By default the path of `--web.external-url`.",
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
        "How long reading a request may take, and how long an idle connection is kept.",
    ),
    value(
        "web.max-connections",
        "512",
        "simultaneous connections",
        "How many connections are served at once, over all listeners.",
    ),
    value(
        "web.max-notifications-subscribers",
        "16",
        "pages that get live notices",
        "How many clients may wait for live notifications.",
    ),
    value(
        "web.search.max-limit",
        "10000",
        "limit of the search API",
        "The largest `limit` that the experimental search API accepts; 0 lifts it.",
    ),
    value(
        "query.lookback-delta",
        "5m",
        "how far a query looks back",
        "A query takes the newest sample that is not older than this. A scrape interval above it makes graphs with gaps.",
    ),
    value(
        "query.timeout",
        "2m",
        "longest time of a query",
        "A query that takes longer is ended with an error.",
    ),
    value(
        "query.max-concurrency",
        "20",
        "queries at once",
        "How many queries run at the same time; the others wait.",
    ),
    value(
        "query.max-samples",
        "50000000",
        "samples a query may load",
        "A query that needs more samples in memory is refused. It protects the pod from being killed for its memory.",
    ),
    value(
        "rules.alert.for-outage-tolerance",
        "1h",
        "outage that `for` survives",
        "After an outage shorter than this, alerts that were pending go on where they were.",
    ),
    value(
        "rules.alert.for-grace-period",
        "10m",
        "least `for` after a restart",
        "How long a restored alert stays pending at least.",
    ),
    value(
        "rules.alert.resend-delay",
        "1m",
        "pause between notifications",
        "How long Prometheus waits before it sends a firing alert to Alertmanager again.",
    ),
    value(
        "rules.max-concurrent-evals",
        "4",
        "rules evaluated at once",
        "How many independent rules may be evaluated at the same time.",
    ),
    value(
        "alertmanager.notification-queue-capacity",
        "10000",
        "alerts that may wait",
        "How many alerts wait for Alertmanager before the oldest are dropped.",
    ),
    value(
        "alertmanager.notification-batch-size",
        "256",
        "alerts in one message",
        "How many alerts are sent at once.",
    ),
    switch(
        "alertmanager.drain-notification-queue-on-shutdown",
        "true",
        "sends the rest when ending",
        "Alerts that wait are still sent when Prometheus ends.",
    ),
    value(
        "enable-feature",
        "",
        "turns on experiments",
        "A list of experimental features, divided by commas: `promql-experimental-functions`, `exemplar-storage`, `extra-scrape-metrics`, … An unknown name is logged and ignored.",
    ),
    switch(
        "agent",
        "",
        "no queries, only forwarding",
        "Agent mode: Prometheus scrapes and forwards over remote_write, but keeps nothing to query and evaluates no rules.",
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
        "Go collects garbage harder when it comes near the container's memory limit, which avoids some out-of-memory kills.",
    ),
    value(
        "auto-gomemlimit.ratio",
        "0.9",
        "share of the memory limit",
        "Which part of the container's memory limit Go aims for.",
    ),
    value(
        "auto-gomemlimit.refresh-interval",
        "0s",
        "how often the limit is read",
        "How often the memory limit is read again; 0 reads it once.",
    ),
    switch(
        "storage.tsdb.no-lockfile",
        "false",
        "no lock in the data directory",
        "Prometheus puts no lock file into its data directory. A second server on the same volume then corrupts the data without a word.",
    ),
    switch(
        "storage.tsdb.wal-compression",
        "true",
        "compresses the log",
        "Whether the write-ahead log is compressed.",
    ),
    value(
        "storage.tsdb.wal-compression-type",
        "snappy",
        "snappy or zstd",
        "How the write-ahead log is compressed.",
    ),
    value(
        "storage.tsdb.wal-segment-size",
        "",
        "size of the log's files",
        "At which size a file of the write-ahead log is closed.",
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
        "How many chunks wait to be written; 0 has no queue.",
    ),
    value(
        "storage.tsdb.samples-per-chunk",
        "120",
        "samples in a chunk",
        "How many samples a chunk aims for.",
    ),
    value(
        "storage.tsdb.delayed-compaction.max-percent",
        "10",
        "delay of compaction",
        "How far compaction may be put off when the feature delayed-compaction is on.",
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
        "how often blocks are looked for",
        "How often the directory is searched for blocks that came or went.",
    ),
    switch(
        "storage.tsdb.allow-overlapping-compaction",
        "true",
        "merges overlapping blocks",
        "Whether blocks that overlap in time are merged.",
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
        "At which size a file of the agent's log is closed.",
    ),
    switch(
        "storage.agent.wal-compression",
        "true",
        "compresses the agent's log",
        "Whether the agent's log is compressed.",
    ),
    value(
        "storage.agent.wal-compression-type",
        "snappy",
        "snappy or zstd",
        "How the agent's log is compressed.",
    ),
    value(
        "storage.agent.wal-truncate-frequency",
        "",
        "how often the log is cut",
        "How often old data is cut from the agent's log.",
    ),
    value(
        "storage.agent.retention.min-time",
        "5m",
        "least age before deletion",
        "How old samples are at least before the agent deletes them.",
    ),
    value(
        "storage.agent.retention.max-time",
        "4h",
        "most age before deletion",
        "How old samples are at most before the agent deletes them, sent or not.",
    ),
    switch(
        "storage.agent.checkpoint-from-in-memory-series",
        "false",
        "checkpoints from memory",
        "The agent makes its checkpoints from the series in memory.",
    ),
    value(
        "storage.agent.checkpoint-batch-size",
        "1000",
        "entries in a checkpoint's chunk",
        "How large the parts of such a checkpoint are.",
    ),
    switch(
        "storage.agent.no-lockfile",
        "false",
        "no lock in the directory",
        "The agent puts no lock file into its directory.",
    ),
    value(
        "storage.remote.flush-deadline",
        "1m",
        "time to send the rest",
        "How long samples are still sent when Prometheus ends or reloads.",
    ),
    value(
        "storage.remote.read-sample-limit",
        "5e7",
        "samples of a remote read",
        "How many samples a remote read may return; 0 is no limit.",
    ),
    value(
        "storage.remote.read-concurrent-limit",
        "10",
        "remote reads at once",
        "How many remote reads are served at the same time.",
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
        "How far a timestamp may be off to be evened out.",
    ),
    value(
        "scrape.discovery-reload-interval",
        "5s",
        "how fast targets change",
        "How often changes of discovered targets are taken over.",
    ),
    switch(
        "version",
        "",
        "prints the version and ends",
        "Prometheus prints its version and ends; a pod started so never stays up.",
    ),
    switch(
        "help",
        "",
        "prints the flags and ends",
        "Prometheus prints its flags and ends; a pod started so never stays up.",
    ),
];

/// Returns a flag by name, also by its `no-` form.
pub fn find(name: &str) -> Option<&'static FlagInfo> {
    let exact = |name: &str| FLAGS.iter().find(|flag| flag.name == name);
    exact(name).or_else(|| exact(name.strip_prefix("no-")?).filter(|flag| !flag.takes_value))
}

/// Flags that version 3 removed, with the replacement.
pub const REMOVED: &[(&str, &str)] = &[
    ("alertmanager.timeout", "It had no effect any more; leave it out."),
    (
        "storage.tsdb.allow-overlapping-blocks",
        "Overlapping blocks are always allowed; leave it out.",
    ),
    ("storage.tsdb.retention", "Use --storage.tsdb.retention.time."),
    ("storage.tsdb.use-lockfile", "Use --storage.tsdb.no-lockfile."),
    ("storage.tsdb.no-wal-compression", "Use --no-storage.tsdb.wal-compression."),
];

#[cfg(test)]
mod tests;
