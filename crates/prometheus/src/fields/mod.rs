//! Every field of the configuration, declared once; one file for each area.

pub mod alerting;
mod azure_fields;
pub mod cloud;
mod derived;
pub mod discovery;
pub mod global;
pub mod http;
pub mod oauth2;
pub mod otlp;
pub mod relabel;
pub mod remote;
pub mod root;
pub mod rules;
pub mod runtime;
pub mod scrape;
pub mod storage;
pub mod tls;
pub mod tracing;
pub mod values;

#[cfg(test)]
mod tests;

use schema::{Record, Type};

pub use derived::{DEFAULT_TIMEOUT, TEXT_PROTOCOLS};

const DURATION: Type = Type::Duration { zero: true };
const INT: Type = Type::Int { min: i64::MIN, max: i64::MAX };
const UINT: Type = Type::Uint { max: u64::MAX };

/// Every record with its Go type upstream, as `package.Type`.
pub fn records() -> impl Iterator<Item = (&'static Record, &'static str)> {
    let mechanisms = discovery::MECHANISMS.iter().flat_map(|mechanism| mechanism.records);
    RECORDS.iter().chain(mechanisms).copied()
}

/// The records outside service discovery.
static RECORDS: &[(&Record, &str)] = &[
    (&root::ROOT, "config.Config"),
    (&root::SCRAPE_FILE, "config.ScrapeConfigs"),
    (&runtime::RUNTIME, "config.RuntimeConfig"),
    (&global::GLOBAL, "config.GlobalConfig"),
    (&scrape::SCRAPE, "config.ScrapeConfig"),
    (&relabel::RELABEL, "relabel.Config"),
    (&http::HTTP, "common.HTTPClientConfig"),
    (&http::BASIC_AUTH, "common.BasicAuth"),
    (&http::AUTHORIZATION, "common.Authorization"),
    (&http::HEADER, "common.Header"),
    (&tls::TLS, "common.TLSConfig"),
    (&oauth2::OAUTH2, "common.OAuth2"),
    (&alerting::ALERTING, "config.AlertingConfig"),
    (&alerting::ALERTMANAGER, "config.AlertmanagerConfig"),
    (&storage::STORAGE, "config.StorageConfig"),
    (&storage::TSDB, "config.TSDBConfig"),
    (&storage::RETENTION, "config.TSDBRetentionConfig"),
    (&storage::CHUNKS, "config.ChunkEncodingConfig"),
    (&storage::EXEMPLARS, "config.ExemplarsConfig"),
    (&tracing::TRACING, "config.TracingConfig"),
    (&otlp::OTLP, "config.OTLPConfig"),
    (&remote::REMOTE_WRITE, "config.RemoteWriteConfig"),
    (&remote::QUEUE, "config.QueueConfig"),
    (&remote::METADATA, "config.MetadataConfig"),
    (&cloud::SIGV4, "sigv4.SigV4Config"),
    (&cloud::AZUREAD, "azuread.AzureADConfig"),
    (&cloud::AZ_MANAGED, "azuread.ManagedIdentityConfig"),
    (&cloud::AZ_WORKLOAD, "azuread.WorkloadIdentityConfig"),
    (&cloud::AZ_OAUTH, "azuread.OAuthConfig"),
    (&cloud::AZ_SDK, "azuread.SDKConfig"),
    (&cloud::AZ_CERTIFICATE, "azuread.CertificateConfig"),
    (&cloud::GOOGLE_IAM, "googleiam.Config"),
    (&remote::REMOTE_READ, "config.RemoteReadConfig"),
    (&rules::RULE_FILE, "rulefmt.RuleGroups"),
    (&rules::GROUP, "rulefmt.RuleGroup"),
    (&rules::RULE, "rulefmt.Rule"),
];
