//! The commands, flags and arguments of promtool.
//!
//! Source: cmd/promtool/main.go.

use kingpin::{Arg, Command, Flag, Kind};

const HTTP_CONFIG: Flag = Flag::new(
    "http.config.file",
    Kind::ExistingFile,
    "HTTP client configuration file, see details at https://prometheus.io/docs/prometheus/latest/configuration/promtool",
)
.placeholder("<filename>");

const URL: Flag = Flag::new("url", Kind::Url, "The URL for the Prometheus server.")
    .default("http://localhost:9090");

const LINT_FATAL: Flag =
    Flag::new("lint-fatal", Kind::Bool, "Make lint errors exit with exit code 3.").default("false");

const HEADER: Flag = Flag::new("header", Kind::Map, "Extra headers to send to server.");
const SERVER: Arg = Arg::required("server", Kind::Url, "Prometheus server to query.");
const EXPR: Arg = Arg::required("expr", Kind::Text, "PromQL query expression.");
const START: Flag = Flag::new("start", Kind::Text, "Start time (RFC3339 or Unix timestamp).");
const END: Flag = Flag::new("end", Kind::Text, "End time (RFC3339 or Unix timestamp).");
const MATCH: Flag =
    Flag::new("match", Kind::Texts, "Series selector. Can be specified multiple times.");
const QUERY: Arg = Arg::required("query", Kind::Text, "PromQL query.");
const DB_PATH: Arg = Arg::optional("db path", Kind::Text, "Database path (default is data/).");
const SANDBOX: Flag = Flag::new(
    "sandbox-dir-root",
    Kind::Text,
    "Root directory where a sandbox directory will be created, this sandbox is used in case WAL replay generates chunks (default is the database path). The sandbox is cleaned up at the end.",
);
const MIN_TIME: Flag = Flag::new(
    "min-time",
    Kind::Int,
    "Minimum timestamp to dump, in milliseconds since the Unix epoch.",
)
.default("-9223372036854775808");
const MAX_TIME: Flag = Flag::new(
    "max-time",
    Kind::Int,
    "Maximum timestamp to dump, in milliseconds since the Unix epoch.",
)
.default("9223372036854775807");
const DUMP_MATCH: Flag =
    Flag::new("match", Kind::Texts, "Series selector. Can be specified multiple times.")
        .default("{__name__=~'(?s:.*)'}");
const HUMAN: Flag =
    Flag::new("human-readable", Kind::Bool, "Print human readable values.").short('r');

const CHECK: Command = Command::group(
    "check",
    "Check the resources for validity.",
    &[Flag::new(
        "query.lookback-delta",
        Kind::PrometheusDuration,
        "The server's maximum query lookback duration.",
    )
    .default("5m")],
    &[
        Command::leaf(
            "service-discovery",
            "Perform service discovery for the given job name and report the results, including relabeling.",
            &[Flag::new("timeout", Kind::Duration, "The time to wait for discovery results.")
                .default("30s")],
            &[
                Arg::required("config-file", Kind::ExistingFile, "The prometheus config file."),
                Arg::required("job", Kind::Text, "The job to run service discovery for."),
            ],
        ),
        Command::leaf(
            "config",
            "Check if the config files are valid or not.",
            &[
                Flag::new(
                    "syntax-only",
                    Kind::Bool,
                    "Only check the config file syntax, ignoring file and content validation referenced in the config",
                ),
                Flag::new(
                    "lint",
                    Kind::Text,
                    "Linting checks to apply to the rules/scrape configs specified in the config. Available options are: all, duplicate-rules, none, too-long-scrape-interval. Use --lint=none to disable linting",
                )
                .default("duplicate-rules"),
                LINT_FATAL,
                Flag::new(
                    "ignore-unknown-fields",
                    Kind::Bool,
                    "Ignore unknown fields in the rule groups read by the config files. This is useful when you want to extend rule files with custom metadata. Ensure that those fields are removed before loading them into the Prometheus server as it performs strict checks by default.",
                ),
                Flag::new("agent", Kind::Bool, "Check config file for Prometheus in Agent mode."),
            ],
            &[Arg::required("config-files", Kind::ExistingFiles, "The config files to check.")],
        ),
        Command::leaf(
            "web-config",
            "Check if the web config files are valid or not.",
            &[],
            &[Arg::required("web-config-files", Kind::ExistingFiles, "The config files to check.")],
        ),
        Command::leaf(
            "healthy",
            "Check if the Prometheus server is healthy.",
            &[HTTP_CONFIG, URL],
            &[],
        ),
        Command::leaf("ready", "Check if the Prometheus server is ready.", &[HTTP_CONFIG, URL], &[]),
        Command::leaf(
            "rules",
            "Check if the rule files are valid or not.",
            &[
                Flag::new(
                    "lint",
                    Kind::Text,
                    "Linting checks to apply. Available options are: all, duplicate-rules, none. Use --lint=none to disable linting",
                )
                .default("duplicate-rules"),
                LINT_FATAL,
                Flag::new(
                    "ignore-unknown-fields",
                    Kind::Bool,
                    "Ignore unknown fields in the rule files. This is useful when you want to extend rule files with custom metadata. Ensure that those fields are removed before loading them into the Prometheus server as it performs strict checks by default.",
                ),
            ],
            &[Arg::optional(
                "rule-files",
                Kind::ExistingFiles,
                "The rule files to check, default is read from standard input.",
            )],
        ),
        Command::leaf(
            "metrics",
            "Pass Prometheus metrics over stdin to lint them for consistency and correctness, and optionally perform cardinality analysis.\n\nexamples:\n\n$ cat metrics.prom | promtool check metrics\n\n$ curl -s http://localhost:9090/metrics | promtool check metrics --extended\n\n$ curl -s http://localhost:9100/metrics | promtool check metrics --extended --lint=none",
            &[
                Flag::new(
                    "extended",
                    Kind::Bool,
                    "Print extended information related to the cardinality of the metrics.",
                ),
                Flag::new(
                    "lint",
                    Kind::Text,
                    "Linting checks to apply for metrics. Available options are: all, none. Use --lint=none to disable metrics linting.",
                )
                .default("all"),
            ],
            &[],
        ),
    ],
);

const QUERY_GROUP: Command = Command::group(
    "query",
    "Run query against a Prometheus server.",
    &[
        Flag::new("format", Kind::Enum(&["promql", "json"]), "Output format of the query.")
            .short('o')
            .default("promql"),
        HTTP_CONFIG,
    ],
    &[
        Command::leaf(
            "instant",
            "Run instant query.",
            &[
                Flag::new("time", Kind::Text, "Query evaluation time (RFC3339 or Unix timestamp)."),
                HEADER,
            ],
            &[SERVER, EXPR],
        ),
        Command::leaf(
            "range",
            "Run range query.",
            &[
                HEADER,
                Flag::new(
                    "start",
                    Kind::Text,
                    "Query range start time (RFC3339 or Unix timestamp).",
                ),
                Flag::new("end", Kind::Text, "Query range end time (RFC3339 or Unix timestamp)."),
                Flag::new("step", Kind::Duration, "Query step size (duration)."),
            ],
            &[SERVER, EXPR],
        ),
        Command::leaf("series", "Run series query.", &[MATCH.required(), START, END], &[SERVER]),
        Command::leaf(
            "labels",
            "Run labels query.",
            &[START, END, MATCH],
            &[SERVER, Arg::required("name", Kind::Text, "Label name to provide label values for.")],
        ),
        Command::leaf(
            "analyze",
            "Run queries against your Prometheus to analyze the usage pattern of certain metrics.",
            &[
                Flag::new("server", Kind::Url, "Prometheus server to query.").required(),
                Flag::new("type", Kind::Text, "Type of metric: histogram.").required(),
                Flag::new("duration", Kind::Duration, "Time frame to analyze.").default("1h"),
                Flag::new(
                    "time",
                    Kind::Text,
                    "Query time (RFC3339 or Unix timestamp), defaults to now.",
                ),
                MATCH.required(),
            ],
            &[],
        ),
    ],
);

const DEBUG: Command = Command::group(
    "debug",
    "Fetch debug information.",
    &[],
    &[
        Command::leaf(
            "pprof",
            "Fetch profiling debug information.",
            &[],
            &[Arg::required("server", Kind::Text, "Prometheus server to get pprof files from.")],
        ),
        Command::leaf(
            "metrics",
            "Fetch metrics debug information.",
            &[],
            &[Arg::required("server", Kind::Text, "Prometheus server to get metrics from.")],
        ),
        Command::leaf(
            "all",
            "Fetch all debug information.",
            &[],
            &[Arg::required(
                "server",
                Kind::Text,
                "Prometheus server to get all debug information from.",
            )],
        ),
    ],
);

const PUSH: Command = Command::group(
    "push",
    "Push to a Prometheus server.",
    &[HTTP_CONFIG],
    &[Command::leaf(
        "metrics",
        "Push metrics to a prometheus remote write (for testing purpose only).",
        &[
            Flag::new("label", Kind::Map, "Label to attach to metrics. Can be specified multiple times.")
                .default("job=promtool"),
            Flag::new("timeout", Kind::Duration, "The time to wait for pushing metrics.").default("30s"),
            Flag::new("header", Kind::Map, "Prometheus remote write header."),
            Flag::new(
                "protobuf_message",
                Kind::Text,
                "Protobuf message to use when writing (prometheus.WriteRequest or io.prometheus.write.v2.Request).",
            )
            .default("prometheus.WriteRequest"),
            Flag::new(
                "remote-write.path",
                Kind::Text,
                "Override the default remote write API path.",
            )
            .default("/api/v1/write"),
        ],
        &[
            Arg::required("remote-write-url", Kind::Url, "Prometheus remote write url to push metrics."),
            Arg::optional(
                "metric-files",
                Kind::ExistingFiles,
                "The metric files to push, default is read from standard input.",
            ),
        ],
    )],
);

const TEST: Command = Command::group(
    "test",
    "Unit testing.",
    &[Flag::new("junit", Kind::OutputFile, "File path to store JUnit XML test results.")],
    &[Command::leaf(
        "rules",
        "Unit tests for rules.",
        &[
            Flag::new(
                "run",
                Kind::Texts,
                "If set, will only run test groups whose names match the regular expression. Can be specified multiple times.",
            ),
            Flag::new("debug", Kind::Bool, "Enable unit test debugging.").default("false"),
            Flag::new(
                "diff",
                Kind::Bool,
                "[Experimental] Print colored differential output between expected & received output.",
            )
            .default("false"),
            Flag::new(
                "ignore-unknown-fields",
                Kind::Bool,
                "Ignore unknown fields in the test files. This is useful when you want to extend rule files with custom metadata. Ensure that those fields are removed before loading them into the Prometheus server as it performs strict checks by default.",
            )
            .default("false"),
        ],
        &[Arg::required("test-rule-file", Kind::ExistingFiles, "The unit test file.")],
    )],
);

const TSDB: Command = Command::group(
    "tsdb",
    "Run tsdb commands.",
    &[],
    &[
        Command::group(
            "bench",
            "Run benchmarks.",
            &[],
            &[Command::leaf(
                "write",
                "Run a write performance benchmark.",
                &[
                    Flag::new("out", Kind::Text, "Set the output path.").default("benchout"),
                    Flag::new("metrics", Kind::Int, "Number of metrics to read.").default("10000"),
                    Flag::new("scrapes", Kind::Int, "Number of scrapes to simulate.").default("3000"),
                ],
                &[Arg::optional(
                    "file",
                    Kind::Text,
                    "Input file with samples data, default is (../../tsdb/testdata/20kseries.json).",
                )],
            )],
        ),
        Command::leaf(
            "analyze",
            "Analyze churn, label pair cardinality and compaction efficiency.",
            &[
                Flag::new("limit", Kind::Int, "How many items to show in each list.").default("20"),
                Flag::new("extended", Kind::Bool, "Run extended analysis."),
                Flag::new(
                    "match",
                    Kind::Text,
                    "Series selector to analyze. Only 1 set of matchers is supported now.",
                ),
            ],
            &[
                DB_PATH,
                Arg::optional("block id", Kind::Text, "Block to analyze (default is the last block)."),
            ],
        ),
        Command::leaf("list", "List tsdb blocks.", &[HUMAN], &[DB_PATH]),
        Command::leaf(
            "dump",
            "Dump data (series+samples or optionally just series) from a TSDB.",
            &[
                SANDBOX,
                MIN_TIME,
                MAX_TIME,
                DUMP_MATCH,
                Flag::new(
                    "format",
                    Kind::Enum(&["prom", "seriesjson"]),
                    "Output format of the dump (prom (default) or seriesjson).",
                )
                .default("prom"),
            ],
            &[DB_PATH],
        ),
        Command::leaf(
            "dump-openmetrics",
            "[Experimental] Dump samples from a TSDB into OpenMetrics text format, excluding native histograms and staleness markers, which are not representable in OpenMetrics.",
            &[SANDBOX, MIN_TIME, MAX_TIME, DUMP_MATCH],
            &[DB_PATH],
        ),
        Command::group(
            "create-blocks-from",
            "[Experimental] Import samples from input and produce TSDB blocks. Please refer to the storage docs for more details.",
            &[
                HUMAN,
                Flag::new("quiet", Kind::Bool, "Do not print created blocks.").short('q'),
                Flag::new(
                    "max-block-duration",
                    Kind::Duration,
                    "Maximum duration created blocks may span. Anything less than 2h is ignored.",
                )
                .placeholder("<duration>")
                .hidden(),
            ],
            &[
                Command::leaf(
                    "openmetrics",
                    "Import samples from OpenMetrics input and produce TSDB blocks. Please refer to the storage docs for more details.",
                    &[Flag::new(
                        "label",
                        Kind::Map,
                        "Label to attach to metrics. Can be specified multiple times. Example --label=label_name=label_value",
                    )],
                    &[
                        Arg::required("input file", Kind::Text, "OpenMetrics file to read samples from."),
                        Arg::optional(
                            "output directory",
                            Kind::Text,
                            "Output directory for generated blocks.",
                        ),
                    ],
                ),
                Command::leaf(
                    "rules",
                    "Create blocks of data for new recording rules.",
                    &[
                        HTTP_CONFIG,
                        URL,
                        Flag::new(
                            "start",
                            Kind::Text,
                            "The time to start backfilling the new rule from. Must be a RFC3339 formatted date or Unix timestamp. Required.",
                        )
                        .required(),
                        Flag::new(
                            "end",
                            Kind::Text,
                            "If an end time is provided, all recording rules in the rule files provided will be backfilled to the end time. Default will backfill up to 3 hours ago. Must be a RFC3339 formatted date or Unix timestamp.",
                        ),
                        Flag::new("output-dir", Kind::Text, "Output directory for generated blocks.")
                            .default("data/"),
                        Flag::new(
                            "eval-interval",
                            Kind::Duration,
                            "How frequently to evaluate rules when backfilling if a value is not set in the recording rule files.",
                        )
                        .default("60s"),
                    ],
                    &[Arg::required(
                        "rule-files",
                        Kind::ExistingFiles,
                        "A list of one or more files containing recording rules to be backfilled. All recording rules listed in the files will be backfilled. Alerting rules are not evaluated.",
                    )],
                ),
            ],
        ),
    ],
);

const PROMQL: Command = Command::group(
    "promql",
    "PromQL formatting and editing. Requires the --experimental flag.",
    &[],
    &[
        Command::leaf("format", "Format PromQL query to pretty printed form.", &[], &[QUERY]),
        Command::group(
            "label-matchers",
            "Edit label matchers contained within an existing PromQL query.",
            &[],
            &[
                Command::leaf(
                    "set",
                    "Set a label matcher in the query.",
                    &[Flag::new(
                        "type",
                        Kind::Enum(&["=", "!=", "=~", "!~"]),
                        "Type of the label matcher to set.",
                    )
                    .short('t')
                    .default("=")],
                    &[
                        QUERY,
                        Arg::required("name", Kind::Text, "Name of the label matcher to set."),
                        Arg::required("value", Kind::Text, "Value of the label matcher to set."),
                    ],
                ),
                Command::leaf(
                    "delete",
                    "Delete a label from the query.",
                    &[],
                    &[QUERY, Arg::required("name", Kind::Text, "Name of the label to delete.")],
                ),
            ],
        ),
    ],
);

/// The program.
pub static PROMTOOL: Command = Command::group(
    "",
    "Tooling for the Prometheus monitoring system.",
    &[
        Flag::new("experimental", Kind::Bool, "Enable experimental commands."),
        Flag::new(
            "enable-feature",
            Kind::Texts,
            "Comma separated feature names to enable. Valid options: promql-experimental-functions, promql-delayed-name-removal, promql-extended-range-selectors. See https://prometheus.io/docs/prometheus/latest/feature_flags/ for more details",
        )
        .default(""),
    ],
    &[CHECK, QUERY_GROUP, DEBUG, PUSH, TEST, TSDB, PROMQL],
);
