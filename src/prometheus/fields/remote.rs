//! Remote write and read.

use super::{DURATION, INT, UINT, values};
use crate::prometheus::check;
use crate::schema::{Default, FIELD, Field, LABELS, RECORD, Record, Type, Version};

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
            ty: Type::String,
            default: Default::None,
            note: "where samples go",
            doc: "The endpoint's URL.",
            example: "url: https://metrics.example.com/api/v1/write",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "remote_timeout",
            ty: DURATION,
            default: Default::Literal("30s"),
            note: "give up a request after {value}",
            doc: "How long one request may take.",
            example: "remote_timeout: 30s",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "headers",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: Default::None,
            note: "headers to send along",
            doc: "Headers that are sent with each request.",
            mistakes: "`Authorization` and headers that Prometheus sets itself are refused. Nothing here is masked.",
            example: "headers:\n  X-Scope-OrgID: team-a",
            since: Version(2, 25),
            ..FIELD
        },
        Field {
            key: "write_relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: Default::None,
            note: "choose what is sent",
            doc: "Rules that run on each sample before it is sent, after external labels were added. Dropping here saves what the endpoint would bill.",
            example: "write_relabel_configs:\n  - source_labels: [__name__]\n    regex: go_.*\n    action: drop",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "name",
            ty: Type::String,
            default: Default::Zero,
            note: "name in metrics and logs",
            doc: "The endpoint's name in Prometheus's own metrics and logs. Without one it is made up from a hash. It must be unique.",
            example: "name: central",
            since: Version(2, 15),
            ..FIELD
        },
        Field {
            key: "send_exemplars",
            ty: Type::Bool,
            default: Default::Literal("false"),
            note: "send exemplars too",
            doc: "Whether exemplars are sent, which needs the feature flag `exemplar-storage`.",
            example: "send_exemplars: true",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "send_native_histograms",
            ty: Type::Bool,
            default: Default::Literal("false"),
            note: "send native histograms too",
            doc: "Whether native histograms are sent. Protocol version 2 always sends them.",
            example: "send_native_histograms: true",
            since: Version(2, 40),
            ..FIELD
        },
        Field {
            key: "round_robin_dns",
            ty: Type::Bool,
            default: Default::Literal("false"),
            note: "choose among the host's addresses",
            doc: "Whether one of the host's addresses is chosen at random for each connection.",
            example: "round_robin_dns: true",
            since: Version(3, 1),
            ..FIELD
        },
        Field {
            key: "protobuf_message",
            ty: Type::OneOf(&[Type::Enum(values::MESSAGES), Type::String]),
            default: Default::Literal("prometheus.WriteRequest"),
            note: "version of the protocol",
            doc: "Which message is sent: that of protocol version 1 or of version 2.",
            mistakes: "Version 2 must be understood by the other side; it is not tried and fallen back from.",
            example: "protobuf_message: io.prometheus.write.v2.Request",
            since: Version(2, 54),
            ..FIELD
        },
        Field {
            key: "failed_request_logging",
            ty: Type::Bool,
            default: Default::Literal("false"),
            note: "log what was refused",
            doc: "Logs the content of requests of protocol version 2 that failed, at debug level.",
            example: "failed_request_logging: true",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "queue_config",
            ty: Type::Record(&QUEUE),
            default: Default::None,
            note: "buffers and retries",
            doc: "How samples are batched, how many requests run at once, and how retries wait.",
            example: "queue_config:\n  max_shards: 20",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "metadata_config",
            ty: Type::Record(&METADATA),
            default: Default::None,
            note: "types and help texts",
            doc: "Whether metric types and help texts are sent, in protocol version 1.",
            example: "metadata_config:\n  send: false",
            since: Version(2, 23),
            ..FIELD
        },
        Field {
            key: "sigv4",
            ty: Type::Record(&SIGV4),
            default: Default::None,
            note: "sign requests for AWS",
            doc: "Signs requests as AWS wants it.",
            example: "sigv4:\n  region: eu-west-1",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "azuread",
            ty: Type::Record(&AZUREAD),
            default: Default::None,
            note: "tokens from Azure AD",
            doc: "Gets tokens from Azure Active Directory (Entra ID).",
            example: "azuread:\n  managed_identity:\n    client_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "google_iam",
            ty: Type::Record(&GOOGLE_IAM),
            default: Default::None,
            note: "tokens from Google",
            doc: "Gets tokens from Google Cloud. `{}` takes the machine's default credentials.",
            example: "google_iam:\n  credentials_file: /etc/prometheus/google.json",
            since: Version(2, 55),
            ..FIELD
        },
    ],
    inline: &[&super::http::HTTP],
    check: Some(check::remote::write),
    ..RECORD
};

/// Upstream: config.QueueConfig.
pub static QUEUE: Record = Record {
    name: "queue_config",
    go_type: "config.QueueConfig",
    doc: "How samples wait and go.",
    fields: &[
        Field {
            key: "capacity",
            ty: INT,
            default: Default::Literal("10000"),
            note: "{value} samples wait in each shard",
            doc: "How many samples each shard may hold before reading from the write-ahead log waits. A few batches' worth.",
            example: "capacity: 10000",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "max_shards",
            ty: INT,
            default: Default::Literal("50"),
            note: "at most {value} requests at once",
            doc: "How many shards, and so requests at once, there may be.",
            mistakes: "Raise it only when the endpoint can take it: more shards need more memory here, and press harder there.",
            example: "max_shards: 20",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "min_shards",
            ty: INT,
            default: Default::Literal("1"),
            note: "at least {value} requests at once",
            doc: "How many shards there are from the start.",
            example: "min_shards: 4",
            since: Version(2, 6),
            ..FIELD
        },
        Field {
            key: "max_samples_per_send",
            ty: INT,
            default: Default::Literal("2000"),
            note: "{value} samples in a request",
            doc: "How many samples go into one request.",
            example: "max_samples_per_send: 5000",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "batch_send_deadline",
            ty: DURATION,
            default: Default::Literal("5s"),
            note: "send after {value} at the latest",
            doc: "How long a sample waits for its batch to fill.",
            example: "batch_send_deadline: 5s",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "min_backoff",
            ty: DURATION,
            default: Default::Literal("30ms"),
            note: "first retry after {value}",
            doc: "How long the first retry waits; each further one waits twice as long.",
            example: "min_backoff: 30ms",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "max_backoff",
            ty: DURATION,
            default: Default::Literal("5s"),
            note: "retries wait at most {value}",
            doc: "How long a retry waits at most. It may not be less than `min_backoff`.",
            example: "max_backoff: 10s",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "retry_on_http_429",
            ty: Type::Bool,
            default: Default::Literal("false"),
            note: "retry when told to slow down",
            doc: "Whether samples that were refused with status 429 are sent again instead of dropped.",
            example: "retry_on_http_429: true",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "sample_age_limit",
            ty: DURATION,
            default: Default::Literal("0s"),
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
            ty: Type::Bool,
            default: Default::Literal("true"),
            note: "send types and help texts",
            doc: "Whether metadata is sent at all.",
            example: "send: true",
            since: Version(2, 23),
            ..FIELD
        },
        Field {
            key: "send_interval",
            ty: DURATION,
            default: Default::Literal("1m"),
            note: "every {value}",
            doc: "How often metadata is sent.",
            example: "send_interval: 1m\nsend: true",
            since: Version(2, 23),
            ..FIELD
        },
        Field {
            key: "max_samples_per_send",
            ty: INT,
            default: Default::Literal("2000"),
            note: "{value} entries in a request",
            doc: "How many entries go into one request.",
            example: "max_samples_per_send: 2000",
            since: Version(2, 29),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: sigv4.SigV4Config.
pub static SIGV4: Record = Record {
    name: "sigv4",
    go_type: "sigv4.plain",
    doc: "Signing of requests for AWS. What is left out comes from AWS's usual chain: environment, profile, instance.",
    fields: &[
        Field {
            key: "region",
            ty: Type::String,
            default: Default::Computed("from AWS's default chain"),
            note: "AWS region",
            doc: "The region to sign for.",
            example: "region: eu-west-1",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "access_key",
            ty: Type::String,
            default: Default::Zero,
            note: "access key",
            doc: "The access key's id. It needs `secret_key`.",
            example: "access_key: AKIAEXAMPLE\nsecret_key: abc",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "secret_key",
            ty: Type::Secret,
            default: Default::Zero,
            note: "secret key",
            doc: "The secret that belongs to the access key.",
            example: "secret_key: abc\naccess_key: AKIAEXAMPLE",
            since: Version(2, 26),
            secret: true,
            ..FIELD
        },
        Field {
            key: "profile",
            ty: Type::String,
            default: Default::Zero,
            note: "named profile",
            doc: "The profile in AWS's shared files.",
            example: "profile: monitoring",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "role_arn",
            ty: Type::String,
            default: Default::Zero,
            note: "role to assume",
            doc: "The role that is assumed before signing.",
            example: "role_arn: arn:aws:iam::123456789012:role/prometheus",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "external_id",
            ty: Type::String,
            default: Default::Zero,
            note: "external id of the role",
            doc: "The id that the role's owner asks for. It needs `role_arn`.",
            example: "external_id: abc\nrole_arn: arn:aws:iam::123456789012:role/prometheus",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "use_fips_sts_endpoint",
            ty: Type::Bool,
            default: Default::Literal("false"),
            note: "FIPS endpoint of STS",
            doc: "Whether roles are assumed at the endpoint that is certified to FIPS.",
            example: "use_fips_sts_endpoint: true",
            since: Version(2, 54),
            ..FIELD
        },
        Field {
            key: "service_name",
            ty: Type::String,
            default: Default::Literal("aps"),
            note: "AWS service to sign for",
            doc: "The service's name in the signature. `aps` is Amazon's managed Prometheus.",
            example: "service_name: aps",
            since: Version(3, 12),
            ..FIELD
        },
    ],
    check: Some(check::remote::sigv4),
    ..RECORD
};

/// Upstream: azuread.AzureADConfig.
pub static AZUREAD: Record = Record {
    name: "azuread",
    go_type: "azuread.plain",
    doc: "Tokens from Azure Active Directory. Exactly one way to authenticate must be given.",
    fields: &[
        Field {
            key: "managed_identity",
            ty: Type::Record(&AZ_MANAGED),
            default: Default::None,
            note: "identity of the machine",
            doc: "Uses the identity that Azure gave the machine.",
            example: "managed_identity:\n  client_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "workload_identity",
            ty: Type::Record(&AZ_WORKLOAD),
            default: Default::None,
            note: "identity of the Kubernetes pod",
            doc: "Uses the token that Kubernetes projects into the pod.",
            example: "workload_identity:\n  client_id: 00000000-0000-0000-0000-000000000000\n  tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(3, 7),
            ..FIELD
        },
        Field {
            key: "oauth",
            ty: Type::Record(&AZ_OAUTH),
            default: Default::None,
            note: "application with a secret",
            doc: "Uses an application's id and secret.",
            example: "oauth:\n  client_id: 00000000-0000-0000-0000-000000000000\n  client_secret: abc\n  tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 48),
            ..FIELD
        },
        Field {
            key: "sdk",
            ty: Type::Record(&AZ_SDK),
            default: Default::None,
            note: "whatever the SDK finds",
            doc: "Uses the Azure SDK's own search for credentials.",
            example: "sdk:\n  tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 52),
            ..FIELD
        },
        Field {
            key: "certificate",
            ty: Type::Record(&AZ_CERTIFICATE),
            default: Default::None,
            note: "application with a certificate",
            doc: "Uses an application's id and certificate.",
            example: "certificate:\n  client_id: 00000000-0000-0000-0000-000000000000\n  tenant_id: 00000000-0000-0000-0000-000000000000\n  certificate_path: /etc/prometheus/azure.pem",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "cloud",
            ty: Type::OneOf(&[Type::Enum(values::AZURE_CLOUDS), Type::String]),
            default: Default::Literal("AzurePublic"),
            note: "which Azure",
            doc: "Which of Azure's clouds the endpoint is in.",
            example: "cloud: AzurePublic\nsdk: {}",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "scope",
            ty: Type::String,
            default: Default::Computed("the monitoring scope of the cloud"),
            note: "scope of the token",
            doc: "The scope that the token is asked for.",
            example: "scope: https://monitor.azure.com//.default\nsdk: {}",
            since: Version(3, 9),
            ..FIELD
        },
    ],
    check: Some(check::remote::azuread),
    ..RECORD
};

/// Upstream: azuread.ManagedIdentityConfig.
pub static AZ_MANAGED: Record = Record {
    name: "managed_identity",
    go_type: "azuread.ManagedIdentityConfig",
    doc: "The identity of the machine.",
    fields: &[Field {
        key: "client_id",
        ty: Type::String,
        default: Default::Zero,
        note: "which identity",
        doc: "The identity's client id. Empty takes the machine's own identity.",
        example: "client_id: 00000000-0000-0000-0000-000000000000",
        since: Version(2, 45),
        ..FIELD
    }],
    ..RECORD
};

/// Upstream: azuread.WorkloadIdentityConfig.
pub static AZ_WORKLOAD: Record = Record {
    name: "workload_identity",
    go_type: "azuread.WorkloadIdentityConfig",
    doc: "The identity of the Kubernetes pod.",
    fields: &[
        Field {
            key: "client_id",
            ty: Type::String,
            default: Default::Zero,
            note: "application or identity",
            doc: "The client id of the application or identity. Required.",
            example: "client_id: 00000000-0000-0000-0000-000000000000",
            since: Version(3, 7),
            ..FIELD
        },
        Field {
            key: "tenant_id",
            ty: Type::String,
            default: Default::Zero,
            note: "tenant",
            doc: "The tenant in which it is registered. Required.",
            example: "tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(3, 7),
            ..FIELD
        },
        Field {
            key: "token_file_path",
            ty: Type::Path { glob: false },
            default: Default::Computed(
                "AZURE_FEDERATED_TOKEN_FILE, else /var/run/secrets/azure/tokens/azure-identity-token",
            ),
            note: "projected token",
            doc: "The file with the projected service account token.",
            example: "token_file_path: /var/run/secrets/azure/tokens/azure-identity-token",
            since: Version(3, 7),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: azuread.OAuthConfig.
pub static AZ_OAUTH: Record = Record {
    name: "oauth",
    go_type: "azuread.OAuthConfig",
    doc: "An application's id and secret.",
    fields: &[
        Field {
            key: "client_id",
            ty: Type::String,
            default: Default::Zero,
            note: "application",
            doc: "The application's id. Required.",
            example: "client_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 48),
            ..FIELD
        },
        Field {
            key: "client_secret",
            ty: Type::Secret,
            default: Default::Zero,
            note: "its secret",
            doc: "The application's secret. Required.",
            example: "client_secret: abc",
            since: Version(2, 48),
            secret: true,
            ..FIELD
        },
        Field {
            key: "tenant_id",
            ty: Type::String,
            default: Default::Zero,
            note: "tenant",
            doc: "The tenant in which it is registered. Required.",
            example: "tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 48),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: azuread.SDKConfig.
pub static AZ_SDK: Record = Record {
    name: "sdk",
    go_type: "azuread.SDKConfig",
    doc: "The Azure SDK's own search for credentials.",
    fields: &[Field {
        key: "tenant_id",
        ty: Type::String,
        default: Default::Zero,
        note: "tenant",
        doc: "The tenant to authenticate at.",
        example: "tenant_id: 00000000-0000-0000-0000-000000000000",
        since: Version(2, 52),
        ..FIELD
    }],
    ..RECORD
};

/// Upstream: azuread.CertificateConfig.
pub static AZ_CERTIFICATE: Record = Record {
    name: "certificate",
    go_type: "azuread.CertificateConfig",
    doc: "An application's id and certificate.",
    fields: &[
        Field {
            key: "client_id",
            ty: Type::String,
            default: Default::Zero,
            note: "application",
            doc: "The application's id. Required.",
            example: "client_id: 00000000-0000-0000-0000-000000000000",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "tenant_id",
            ty: Type::String,
            default: Default::Zero,
            note: "tenant",
            doc: "The tenant in which it is registered. Required.",
            example: "tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "certificate_path",
            ty: Type::Path { glob: false },
            default: Default::Zero,
            note: "certificate",
            doc: "The certificate's file, PEM or PFX. Required.",
            example: "certificate_path: /etc/prometheus/azure.pem",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "certificate_key_path",
            ty: Type::Path { glob: false },
            default: Default::Zero,
            note: "key",
            doc: "The key's file, where it is not in the certificate's.",
            example: "certificate_key_path: /etc/prometheus/azure.key",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "certificate_password",
            ty: Type::Secret,
            default: Default::Zero,
            note: "password of the certificate",
            doc: "The password that opens the certificate's file.",
            example: "certificate_password: abc",
            since: Version(3, 13),
            secret: true,
            ..FIELD
        },
        Field {
            key: "send_certificate_chain",
            ty: Type::Bool,
            default: Default::Literal("false"),
            note: "send the whole chain",
            doc: "Whether the certificate's chain is sent along.",
            example: "send_certificate_chain: true",
            since: Version(3, 13),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: googleiam.Config.
pub static GOOGLE_IAM: Record = Record {
    name: "google_iam",
    go_type: "googleiam.Config",
    doc: "Credentials for Google Cloud.",
    fields: &[Field {
        key: "credentials_file",
        ty: Type::Path { glob: false },
        default: Default::Computed("the machine's default credentials"),
        note: "service account's key",
        doc: "The file with the service account's key.",
        example: "credentials_file: /etc/prometheus/google.json",
        since: Version(2, 55),
        ..FIELD
    }],
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
            ty: Type::String,
            default: Default::None,
            note: "where samples are asked for",
            doc: "The endpoint's URL.",
            example: "url: https://metrics.example.com/api/v1/read",
            since: Version(1, 6),
            ..FIELD
        },
        Field {
            key: "remote_timeout",
            ty: DURATION,
            default: Default::Literal("1m"),
            note: "give up a request after {value}",
            doc: "How long one request may take.",
            example: "remote_timeout: 1m",
            since: Version(1, 6),
            ..FIELD
        },
        Field {
            key: "chunked_read_limit",
            ty: UINT,
            default: Default::Literal("50000000"),
            note: "largest frame in bytes",
            doc: "How large a frame of a streamed answer may be, in bytes.",
            example: "chunked_read_limit: 50000000",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "headers",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: Default::None,
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
            default: Default::Literal("false"),
            note: "ask for recent data too",
            doc: "Whether the endpoint is also asked for times that the local storage has complete data for.",
            example: "read_recent: true",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "name",
            ty: Type::String,
            default: Default::Zero,
            note: "name in metrics and logs",
            doc: "The endpoint's name in Prometheus's own metrics and logs. It must be unique.",
            example: "name: archive",
            since: Version(2, 15),
            ..FIELD
        },
        Field {
            key: "required_matchers",
            ty: LABELS,
            default: Default::None,
            note: "only for queries that ask for these",
            doc: "The endpoint is asked only when a selector has all of these as equality matchers.",
            example: "required_matchers:\n  tier: archive",
            since: Version(2, 1),
            ..FIELD
        },
        Field {
            key: "filter_external_labels",
            ty: Type::Bool,
            default: Default::Literal("true"),
            note: "add external labels to the question",
            doc: "Whether the external labels are added to the selectors that are sent, and taken off the answers.",
            example: "filter_external_labels: false",
            since: Version(2, 34),
            ..FIELD
        },
    ],
    inline: &[&super::http::HTTP],
    check: Some(check::remote::read),
    ..RECORD
};
