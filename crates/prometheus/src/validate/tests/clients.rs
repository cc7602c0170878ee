//! Complaints about HTTP clients, remote endpoints and Alertmanagers.

use super::try_all;
use crate::validate::NIL_SECTION;

#[test]
fn of_the_http_client() {
    let both = "oauth2: {client_id: a, token_url: 'http://t', ";
    let oauth = |rest: &str| format!("{both}{rest}}}");
    let jwt = "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', ";
    try_all(
        "scrape_configs: [{job_name: a, @}]",
        &[
            (
                "bearer_token: a, bearer_token_file: b",
                "at most one of bearer_token & bearer_token_file must be configured",
                "bearer_token_file",
            ),
            (
                "basic_auth: {username: a}, bearer_token: b",
                "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
                "bearer_token",
            ),
            (
                "basic_auth: {username: a, username_file: b}",
                "at most one of basic_auth username, username_file & username_ref must be configured",
                "username_file",
            ),
            (
                "basic_auth: {password: a, password_file: b}",
                "at most one of basic_auth password, password_file & password_ref must be configured",
                "password_file",
            ),
            (
                "authorization: {credentials: a}, bearer_token: b",
                "authorization is not compatible with bearer_token & bearer_token_file",
                "bearer_token",
            ),
            (
                "authorization: {credentials: a, credentials_file: b}",
                "at most one of authorization credentials & credentials_file must be configured",
                "credentials_file",
            ),
            (
                "authorization: {type: ' Basic '}",
                "authorization type cannot be set to \"basic\", use \"basic_auth\" instead",
                "' Basic '",
            ),
            (
                "authorization: {}, basic_auth: {}",
                "at most one of basic_auth, oauth2 & authorization must be configured",
                "authorization",
            ),
            ("oauth2: {token_url: a}", "oauth2 client_id must be configured", "token_url"),
            ("oauth2: {client_id: a}", "oauth2 token_url must be configured", "client_id"),
            (
                &oauth("client_secret: b, client_secret_file: c"),
                "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials",
                "client_secret_file",
            ),
            (
                &oauth(&format!("{jwt}client_certificate_key: b, client_certificate_key_file: c")),
                "at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref",
                "client_certificate_key_file",
            ),
            (
                &oauth(&format!("{jwt}signature_algorithm: ES256")),
                "valid signature algorithms are RS256, RS384 and RS512",
                "ES256",
            ),
            (
                &oauth("no_proxy: b"),
                "if no_proxy is configured, proxy_url must also be configured",
                "no_proxy",
            ),
            (
                &oauth("proxy_url: 'http://b c'"),
                "invalid character \" \" in host name",
                "'http://b c'",
            ),
            (
                "proxy_url: http://b, proxy_from_environment: true",
                "if proxy_from_environment is configured, proxy_url must not be configured",
                "proxy_url",
            ),
            (
                "no_proxy: b, proxy_from_environment: true",
                "if proxy_from_environment is configured, no_proxy must not be configured",
                "no_proxy",
            ),
            (
                "no_proxy: b",
                "if no_proxy is configured, proxy_url must also be configured",
                "no_proxy",
            ),
            (
                "proxy_connect_header: {b: [c]}",
                "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured",
                "proxy_connect_header",
            ),
            (
                "proxy_connect_header: {b: c}, proxy_url: http://b",
                "cannot unmarshal !!str `c` into []config.Secret",
                "c",
            ),
            (
                "http_headers: {hOST: {values: [b]}}",
                "setting header \"Host\" is not allowed",
                "hOST",
            ),
            ("http_headers: [b]", "cannot unmarshal !!seq into config.Headers", "http_headers"),
            (
                "tls_config: {ca: a, ca_file: b}",
                "at most one of ca, ca_file & ca_ref must be configured",
                "ca_file",
            ),
            (
                "tls_config: {cert: a, cert_file: b, key: c}",
                "at most one of cert, cert_file & cert_ref must be configured",
                "cert_file",
            ),
            (
                "tls_config: {key: a, key_file: b, cert: c}",
                "at most one of key and key_file must be configured",
                "key_file",
            ),
            (
                "tls_config: {cert: a}",
                "exactly one of key or key_file must be configured when a client certificate is configured",
                "cert",
            ),
            (
                "tls_config: {key: a}",
                "exactly one of cert or cert_file must be configured when a client key is configured",
                "key",
            ),
            ("tls_config: {min_version: TLS14}", "unknown TLS version: TLS14", "TLS14"),
        ],
    );
}

#[test]
fn of_remote_endpoints() {
    try_all(
        "remote_write: [@]",
        &[
            ("~", "empty or null remote write config section", "~"),
            ("{name: a}", "url for remote_write is empty", "name"),
            (
                "{url: http://a, name: a}, {url: http://a, name: a}",
                "found multiple remote write configs with job name \"a\"",
                "a",
            ),
            (
                "{url: http://a, write_relabel_configs: [~]}",
                "empty or null relabeling rule in remote write config",
                "~",
            ),
            (
                "{url: http://a, protobuf_message: b}",
                "invalid protobuf_message value: unknown type for remote write protobuf message b, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request",
                "b",
            ),
            (
                "{url: http://a, protobuf_message: [b]}",
                "cannot unmarshal !!seq into remote.WriteMessageType",
                "protobuf_message",
            ),
            (
                "{url: http://a, headers: {Authorization: b}}",
                "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter",
                "Authorization",
            ),
            (
                "{url: http://a, sigv4: {}, basic_auth: {}}",
                "Currently configured: [basic_auth sigv4]",
                "sigv4",
            ),
            (
                "{url: http://a, sigv4: {access_key: b}}",
                "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config",
                "access_key",
            ),
            (
                "{url: http://a, queue_config: ~}",
                "remote write queue max_shards must be positive",
                "queue_config",
            ),
            (
                "{url: http://a, queue_config: {min_shards: 0}}",
                "remote write queue min_shards must be positive",
                "0",
            ),
            (
                "{url: http://a, queue_config: {min_shards: 51}}",
                "remote write queue min_shards must not be greater than max_shards",
                "51",
            ),
            (
                "{url: http://a, queue_config: {max_samples_per_send: 0}}",
                "remote write queue max_samples_per_send must be positive",
                "0",
            ),
            (
                "{url: http://a, queue_config: {capacity: -1}}",
                "remote write queue capacity must be positive",
                "-1",
            ),
            (
                "{url: http://a, queue_config: {min_backoff: 6s}}",
                "remote write queue max_backoff must not be less than min_backoff",
                "6s",
            ),
            (
                "{url: http://a, azuread: {cloud: b}}",
                "must provide a cloud in the Azure AD config",
                "b",
            ),
            (
                "{url: http://a, azuread: {cloud: AzurePublic}}",
                "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure SDK in the Azure AD config",
                "cloud",
            ),
            (
                "{url: http://a, azuread: {sdk: {}, managed_identity: {}}}",
                "cannot provide multiple authentication methods in the Azure AD config",
                "sdk",
            ),
            (
                "{url: http://a, azuread: {managed_identity: {client_id: b}}}",
                "the provided Azure Managed Identity client_id is invalid",
                "b",
            ),
            (
                "{url: http://a, azuread: {oauth: {client_id: 00000000-0000-0000-0000-000000000000, tenant_id: b}}}",
                "must provide an Azure OAuth client_secret in the Azure AD config",
                "client_id",
            ),
        ],
    );
    try_all(
        "remote_read: [@]",
        &[
            ("~", "empty or null remote read config section", "~"),
            ("{name: a}", "url for remote_read is empty", "name"),
            (
                "{url: http://a, required_matchers: b}",
                "cannot unmarshal !!str `b` into model.LabelSet",
                "b",
            ),
        ],
    );
    try_all(
        "alerting: {@}",
        &[
            ("alertmanagers: [~]", NIL_SECTION, "~"),
            ("alertmanagers: b", "cannot unmarshal !!str `b` into config.AlertmanagerConfigs", "b"),
            ("alert_relabel_configs: [~]", "empty or null alert relabeling rule", "~"),
            (
                "alertmanagers: [{api_version: v1}]",
                "expected Alertmanager api version to be one of [v2] but got v1",
                "v1",
            ),
            (
                "alertmanagers: [{sigv4: {}, basic_auth: {}}]",
                "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured",
                "sigv4",
            ),
            (
                "alertmanagers: [{relabel_configs: [~]}]",
                "empty or null Alertmanager target relabeling rule",
                "~",
            ),
            (
                "alertmanagers: [{alert_relabel_configs: [~]}]",
                "empty or null Alertmanager alert relabeling rule",
                "~",
            ),
        ],
    );
}
