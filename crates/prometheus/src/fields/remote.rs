//! Remote write and read.

pub(crate) mod check;

use super::{DURATION, INT, UINT, cloud, values};
use schema::{DefaultValue, FIELD, Field, LABELS, RECORD, Record, Type, Version};

/// Upstream: config.RemoteWriteConfig.
pub static REMOTE_WRITE: Record = Record {
    name: "remote_write",
    go_type: "config.plain",
    go_names: &[
        ("protobuf_message", &["remote.WriteMessageType"]),
        ("write_relabel_configs", &["[]*relabel.Config"]),
    ],
    doc: "One endpoint that gets every sample. Samples are read back from the write-ahead log, so a short outage of the endpoint loses nothing.",
    fields: &[
        Field {
            key: "url",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "destinations of samples",
            doc: "The endpoint's URL.",
            example: "url: https://metrics.example.com/api/v1/write",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "remote_timeout",
            ty: DURATION,
            default: DefaultValue::Literal("30s"),
            note: "give up a request after {value}",
            doc: "The timeout of a request.",
            example: "remote_timeout: 30s",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "headers",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: DefaultValue::None,
            note: "headers to send along",
            doc: "Headers that are sent with each request.",
            mistakes: "`Authorization` and headers that Prometheus sets itself are refused. The values are not masked.",
            example: "headers:\n  X-Scope-OrgID: team-a",
            since: Version(2, 25),
            ..FIELD
        },
        Field {
            key: "write_relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "choose what is sent",
            doc: "Rules that run on each sample before it is sent, after external labels were added. Dropping here saves what the endpoint would bill.",
            example: "write_relabel_configs:\n  - source_labels: [__name__]\n    regex: go_.*\n    action: drop",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "name",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in metrics and logs",
            doc: "The endpoint's name in Prometheus's own metrics and logs. Without one it is made up from a hash. It must be unique.",
            example: "name: central",
            since: Version(2, 15),
            ..FIELD
        },
        Field {
            key: "send_exemplars",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "send exemplars too",
            doc: "If true, exemplars are sent. This requires the feature flag `exemplar-storage`.",
            example: "send_exemplars: true",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "send_native_histograms",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "send native histograms too",
            doc: "If true, native histograms are sent. Protocol version 2 always sends them.",
            example: "send_native_histograms: true",
            since: Version(2, 40),
            ..FIELD
        },
        Field {
            key: "round_robin_dns",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "choose among the host's addresses",
            doc: "If true, each connection uses a random address of the host.",
            example: "round_robin_dns: true",
            since: Version(3, 1),
            ..FIELD
        },
        Field {
            key: "protobuf_message",
            ty: Type::OneOf(&[Type::Enum(values::MESSAGES), Type::String]),
            default: DefaultValue::Literal("prometheus.WriteRequest"),
            note: "version of the protocol",
            doc: "The protobuf message to send: that of protocol version 1 or version 2.",
            mistakes: "Version 2 must be understood by the other side; it is not tried and fallen back from.",
            example: "protobuf_message: io.prometheus.write.v2.Request",
            since: Version(2, 54),
            ..FIELD
        },
        Field {
            key: "failed_request_logging",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "log what was refused",
            doc: "Logs the content of requests of protocol version 2 that failed, at debug level.",
            example: "failed_request_logging: true",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "queue_config",
            ty: Type::Record(&QUEUE),
            default: DefaultValue::None,
            note: "buffers and retries",
            doc: "The sizes of batches, the number of concurrent requests, and the backoff of retries.",
            example: "queue_config:\n  max_shards: 20",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "metadata_config",
            ty: Type::Record(&METADATA),
            default: DefaultValue::None,
            note: "types and help texts",
            doc: "The sending of metric types and help texts, for protocol version 1.",
            example: "metadata_config:\n  send: false",
            since: Version(2, 23),
            ..FIELD
        },
        Field {
            key: "sigv4",
            ty: Type::Record(&cloud::SIGV4),
            default: DefaultValue::None,
            note: "sign requests for AWS",
            doc: "Signs requests with AWS Signature Version 4.",
            example: "sigv4:\n  region: eu-west-1",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "azuread",
            ty: Type::Record(&cloud::AZUREAD),
            default: DefaultValue::None,
            note: "tokens from Azure AD",
            doc: "Gets tokens from Azure Active Directory (Entra ID).",
            example: "azuread:\n  managed_identity:\n    client_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "google_iam",
            ty: Type::Record(&cloud::GOOGLE_IAM),
            default: DefaultValue::None,
            note: "tokens from Google",
            doc: "Gets tokens from Google Cloud. `{}` uses the machine's default credentials.",
            example: "google_iam:\n  credentials_file: /etc/prometheus/google.json",
            since: Version(2, 55),
            ..FIELD
        },
    ],
    inlined_before: "queue_config",
    inline: &[&super::http::HTTP],
    check: Some(check::write),
    ..RECORD
};

/// Upstream: config.QueueConfig.
pub static QUEUE: Record = Record {
    name: "queue_config",
    go_type: "config.QueueConfig",
    doc: "The queue of samples that wait to be sent.",
    fields: &[
        Field {
            key: "capacity",
            ty: INT,
            default: DefaultValue::Literal("10000"),
            note: "{value} samples wait in each shard",
            doc: "The number of samples that a shard buffers before reading from the write-ahead log blocks. Several batches should fit.",
            example: "capacity: 10000",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "max_shards",
            ty: INT,
            default: DefaultValue::Literal("50"),
            note: "at most {value} requests at once",
            doc: "The maximum number of shards, which is the number of concurrent requests.",
            mistakes: "Raise it only when the endpoint can take it: more shards need more memory here, and press harder there.",
            example: "max_shards: 20",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "min_shards",
            ty: INT,
            default: DefaultValue::Literal("1"),
            note: "at least {value} requests at once",
            doc: "The minimum number of shards, which is the number at start-up.",
            example: "min_shards: 4",
            since: Version(2, 6),
            ..FIELD
        },
        Field {
            key: "max_samples_per_send",
            ty: INT,
            default: DefaultValue::Literal("2000"),
            note: "{value} samples in a request",
            doc: "The maximum number of samples per request.",
            example: "max_samples_per_send: 5000",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "batch_send_deadline",
            ty: DURATION,
            default: DefaultValue::Literal("5s"),
            note: "send after {value} at the latest",
            doc: "The maximum time that a sample waits for its batch to fill.",
            example: "batch_send_deadline: 5s",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "min_backoff",
            ty: DURATION,
            default: DefaultValue::Literal("30ms"),
            note: "first retry after {value}",
            doc: "The delay before the first retry. Each further retry doubles it.",
            example: "min_backoff: 30ms",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "max_backoff",
            ty: DURATION,
            default: DefaultValue::Literal("5s"),
            note: "retries wait at most {value}",
            doc: "The maximum delay before a retry. It must not be less than `min_backoff`.",
            example: "max_backoff: 10s",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "retry_on_http_429",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "retry on status 429",
            doc: "If true, requests that were refused with status 429 are retried. Otherwise their samples are dropped.",
            example: "retry_on_http_429: true",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "sample_age_limit",
            ty: DURATION,
            default: DefaultValue::Literal("0s"),
            note: "do not send older samples",
            doc: "Samples older than this are not sent any more. 0 sends all.",
            example: "sample_age_limit: 1h",
            since: Version(2, 50),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: config.MetadataConfig.
pub static METADATA: Record = Record {
    name: "metadata_config",
    go_type: "config.MetadataConfig",
    doc: "Metric types and help texts, in protocol version 1.",
    fields: &[
        Field {
            key: "send",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "send types and help texts",
            doc: "If true, metadata is sent.",
            example: "send: true",
            since: Version(2, 23),
            ..FIELD
        },
        Field {
            key: "send_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "every {value}",
            doc: "The time between two requests that send metadata.",
            example: "send_interval: 1m\nsend: true",
            since: Version(2, 23),
            ..FIELD
        },
        Field {
            key: "max_samples_per_send",
            ty: INT,
            default: DefaultValue::Literal("2000"),
            note: "{value} entries in a request",
            doc: "The maximum number of entries per request.",
            example: "max_samples_per_send: 2000",
            since: Version(2, 29),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: config.RemoteReadConfig.
pub static REMOTE_READ: Record = Record {
    name: "remote_read",
    go_type: "config.plain",
    go_names: &[
        ("chunked_read_limit", &["uint64"]),
        ("required_matchers", &["model.LabelSet", "model.LabelValue"]),
    ],
    doc: "One endpoint that queries are also answered from.",
    fields: &[
        Field {
            key: "url",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "endpoints to read samples from",
            doc: "The endpoint's URL.",
            example: "url: https://metrics.example.com/api/v1/read",
            since: Version(1, 6),
            ..FIELD
        },
        Field {
            key: "remote_timeout",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "give up a request after {value}",
            doc: "The timeout of a request.",
            example: "remote_timeout: 1m",
            since: Version(1, 6),
            ..FIELD
        },
        Field {
            key: "chunked_read_limit",
            ty: UINT,
            default: DefaultValue::Literal("50000000"),
            note: "largest frame in bytes",
            doc: "The maximum size of a frame of a streamed response, in bytes.",
            example: "chunked_read_limit: 50000000",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "headers",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: DefaultValue::None,
            note: "headers to send along",
            doc: "Headers that are sent with each request.",
            mistakes: "`Authorization` and headers that Prometheus sets itself are refused.",
            example: "headers:\n  X-Scope-OrgID: team-a",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "read_recent",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "ask for recent data too",
            doc: "If true, the endpoint is also queried for time ranges for which the local storage has complete data.",
            example: "read_recent: true",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "name",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in metrics and logs",
            doc: "The endpoint's name in Prometheus's own metrics and logs. It must be unique.",
            example: "name: archive",
            since: Version(2, 15),
            ..FIELD
        },
        Field {
            key: "required_matchers",
            ty: LABELS,
            default: DefaultValue::None,
            note: "only for queries that ask for these",
            doc: "The endpoint is queried only if a selector has all of these labels as equality matchers.",
            example: "required_matchers:\n  tier: archive",
            since: Version(2, 1),
            ..FIELD
        },
        Field {
            key: "filter_external_labels",
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "add external labels to the question",
            doc: "If true, the external labels are added to the selectors of requests and removed from responses.",
            example: "filter_external_labels: false",
            since: Version(2, 34),
            ..FIELD
        },
    ],
    inlined_before: "required_matchers",
    inline: &[&super::http::HTTP],
    check: Some(check::read),
    ..RECORD
};
