//! In which order Prometheus prints a section's keys, and which of them it always prints.
//!
//! An exclamation mark marks a key that is printed even when it has its zero value; `@http` stands
//! for the keys of the HTTP client. A test holds this against the tables of fields.

pub static LAYOUT: &[(&str, &str)] = &[
    (
        "prometheus.yml",
        "global! runtime alerting rule_files scrape_config_files scrape_configs storage tracing remote_write remote_read otlp",
    ),
    ("runtime", "gogc"),
    (
        "global",
        "scrape_interval scrape_timeout scrape_protocols evaluation_interval rule_query_offset query_log_file scrape_failure_log_file external_labels body_size_limit sample_limit target_limit label_limit label_name_length_limit label_value_length_limit keep_dropped_targets metric_name_validation_scheme metric_name_escaping_scheme scrape_native_histograms convert_classic_histograms_to_nhcb always_scrape_classic_histograms extra_scrape_metrics",
    ),
    (
        "scrape_config",
        "job_name! honor_labels honor_timestamps! track_timestamps_staleness! params scrape_interval scrape_timeout scrape_protocols fallback_scrape_protocol scrape_native_histograms always_scrape_classic_histograms convert_classic_histograms_to_nhcb scrape_failure_log_file metrics_path scheme enable_compression! body_size_limit sample_limit target_limit label_limit label_name_length_limit label_value_length_limit native_histogram_bucket_limit native_histogram_min_bucket_factor keep_dropped_targets metric_name_validation_scheme metric_name_escaping_scheme extra_scrape_metrics @http relabel_configs metric_relabel_configs",
    ),
    ("relabel_config", "source_labels separator! regex modulus target_label replacement! action"),
    (
        "http_config",
        "basic_auth authorization oauth2 bearer_token bearer_token_file tls_config follow_redirects! enable_http2! proxy_url no_proxy proxy_from_environment proxy_connect_header http_headers",
    ),
    ("basic_auth", "username username_file username_ref password password_file password_ref"),
    ("authorization", "type credentials credentials_file credentials_ref"),
    ("http_header", "values secrets files"),
    (
        "tls_config",
        "ca cert key ca_file cert_file key_file ca_ref cert_ref key_ref server_name insecure_skip_verify! min_version max_version",
    ),
    (
        "oauth2",
        "client_id client_secret client_secret_file client_secret_ref client_certificate_key_id client_certificate_key client_certificate_key_file client_certificate_key_ref grant_type signature_algorithm iss audience claims scopes token_url endpoint_params tls_config proxy_url no_proxy proxy_from_environment proxy_connect_header",
    ),
    ("alerting", "alert_relabel_configs alertmanagers"),
    (
        "alertmanager_config",
        "@http sigv4 scheme path_prefix timeout api_version! relabel_configs alert_relabel_configs",
    ),
    ("storage", "tsdb exemplars"),
    (
        "tsdb",
        "outofordertimewindow! out_of_order_time_window stale_series_compaction_threshold chunk_encoding retention",
    ),
    ("retention", "time size percentage"),
    ("chunk_encoding", "floats"),
    ("exemplars", "max_exemplars"),
    (
        "tracing",
        "client_type endpoint sampling_fraction insecure tls_config headers compression timeout",
    ),
    (
        "otlp",
        "promote_all_resource_attributes promote_resource_attributes ignore_resource_attributes translation_strategy keep_identifying_resource_attributes convert_histograms_to_nhcb promote_scope_metadata label_name_underscore_sanitization label_name_preserve_multiple_underscores",
    ),
    (
        "remote_write",
        "url! remote_timeout headers write_relabel_configs name send_exemplars send_native_histograms round_robin_dns protobuf_message failed_request_logging @http queue_config metadata_config sigv4 azuread google_iam",
    ),
    (
        "queue_config",
        "capacity max_shards min_shards max_samples_per_send batch_send_deadline min_backoff max_backoff retry_on_http_429 sample_age_limit",
    ),
    ("metadata_config", "send! send_interval! max_samples_per_send"),
    (
        "sigv4",
        "region access_key secret_key profile role_arn external_id use_fips_sts_endpoint service_name",
    ),
    ("azuread", "managed_identity workload_identity oauth sdk certificate cloud scope"),
    ("managed_identity", "client_id"),
    ("workload_identity", "client_id tenant_id token_file_path"),
    ("oauth", "client_id client_secret tenant_id"),
    ("sdk", "tenant_id"),
    (
        "certificate",
        "client_id tenant_id certificate_path certificate_key_path certificate_password send_certificate_chain",
    ),
    ("google_iam", "credentials_file"),
    (
        "remote_read",
        "url! remote_timeout chunked_read_limit headers read_recent name @http required_matchers filter_external_labels",
    ),
    ("static_config", "targets! labels"),
    ("file_sd_config", "files! refresh_interval"),
    ("dns_sd_config", "names! refresh_interval type! port!"),
    ("http_sd_config", "@http refresh_interval url!"),
    (
        "kubernetes_sd_config",
        "api_server role! kubeconfig_file! @http namespaces selectors attach_metadata",
    ),
    ("namespaces", "own_namespace! names!"),
    ("selector", "role label field"),
    ("attach_metadata", "node! namespace! deployment! job! cronjob!"),
    (
        "consul_sd_config",
        "server path_prefix token datacenter namespace partition tag_separator scheme username password allow_stale! refresh_interval services tags node_meta filter health_filter @http",
    ),
    (
        "docker_sd_config",
        "@http host! port! filters! host_networking_host! refresh_interval! match_first_network!",
    ),
    ("filter", "name! values!"),
    ("dockerswarm_sd_config", "@http host! role! port! filters! refresh_interval!"),
    (
        "azure_sd_config",
        "environment port! subscription_id! tenant_id client_id client_secret refresh_interval authentication_method resource_group @http",
    ),
    ("digitalocean_sd_config", "@http refresh_interval! port! role! httpclient!"),
    ("eureka_sd_config", "server @http refresh_interval"),
    ("gce_sd_config", "project! zone! filter refresh_interval port! tag_separator"),
    ("hetzner_sd_config", "@http refresh_interval! port! role! label_selector"),
    ("ionos_sd_config", "datacenter_id! @http refresh_interval! port!"),
    ("kuma_sd_config", "@http refresh_interval fetch_timeout server client_id"),
    ("linode_sd_config", "@http refresh_interval! port! tag_separator region"),
    ("marathon_sd_config", "servers refresh_interval auth_token auth_token_file @http"),
    ("nerve_sd_config", "servers! paths! timeout"),
    ("serverset_sd_config", "servers! paths! timeout"),
    (
        "nomad_sd_config",
        "allow_stale! @http namespace! refresh_interval! region! server! tag_separator",
    ),
    (
        "oci_sd_config",
        "auth tenancy user fingerprint key_file key_passphrase key_passphrase_file region! compartments @http port! refresh_interval!",
    ),
    (
        "openstack_sd_config",
        "identity_endpoint! username! userid! password! project_name! project_id! domain_name! domain_id! application_credential_name! application_credential_id! application_credential_secret! role! region! refresh_interval! port! all_tenants tls_config availability",
    ),
    (
        "outscale_sd_config",
        "endpoint region! access_key! secret_key! secret_key_file! refresh_interval port! @http",
    ),
    (
        "ovhcloud_sd_config",
        "endpoint! application_key! application_secret! consumer_key! refresh_interval! service!",
    ),
    ("puppetdb_sd_config", "@http refresh_interval url! query! include_parameters! port!"),
    (
        "scaleway_sd_config",
        "project_id! api_url zone! access_key! secret_key! secret_key_file! name_filter tags_filter @http refresh_interval! port! role!",
    ),
    (
        "stackit_sd_config",
        "@http project! refresh_interval port region endpoint service_account_key private_key service_account_key_path private_key_path credentials_file_path",
    ),
    (
        "triton_sd_config",
        "account! role! dns_suffix! endpoint! groups port! refresh_interval tls_config version!",
    ),
    ("uyuni_sd_config", "server! username! password! @http entitlement separator refresh_interval"),
    ("vultr_sd_config", "@http refresh_interval! port!"),
    (
        "aws_sd_config",
        "role! region endpoint access_key secret_key profile role_arn external_id refresh_interval port @http filters clusters",
    ),
    (
        "ec2_sd_config",
        "endpoint! region! access_key secret_key profile role_arn external_id refresh_interval port! filters! @http",
    ),
    (
        "ecs_sd_config",
        "region! endpoint! access_key secret_key profile role_arn external_id clusters port! refresh_interval request_concurrency @http",
    ),
    (
        "elasticache_sd_config",
        "region! endpoint! access_key secret_key profile role_arn external_id clusters port! refresh_interval request_concurrency @http",
    ),
    (
        "lightsail_sd_config",
        "endpoint! region! access_key secret_key profile role_arn external_id refresh_interval port! @http",
    ),
    (
        "msk_sd_config",
        "region! endpoint! access_key secret_key profile role_arn external_id clusters port! refresh_interval request_concurrency @http",
    ),
    (
        "rds_sd_config",
        "region! endpoint! access_key secret_key profile role_arn external_id clusters port! refresh_interval filters! request_concurrency @http",
    ),
];

/// The keys of a record, each with whether it is always printed.
pub fn layout(record: &str) -> Vec<(&'static str, bool)> {
    let find =
        |name: &str| LAYOUT.iter().find(|(one, _)| *one == name).map_or("", |(_, keys)| keys);
    let mut keys = Vec::new();
    for key in find(record).split(' ').filter(|key| !key.is_empty()) {
        if key == "@http" {
            keys.extend(find("http_config").split(' ').map(marked));
        } else {
            keys.push(marked(key));
        }
    }
    keys
}

fn marked(key: &'static str) -> (&'static str, bool) {
    key.strip_suffix('!').map_or((key, false), |key| (key, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::RECORDS;

    #[test]
    fn every_field_has_its_place() {
        for (record, _) in RECORDS {
            if record.name.starts_with("rule") || record.name == "scrape_config_file" {
                continue;
            }
            let keys: Vec<&str> = layout(record.name).into_iter().map(|(key, _)| key).collect();
            for field in record.all_fields() {
                let is_discovery =
                    field.key.ends_with("_sd_configs") || field.key == "static_configs";
                assert!(keys.contains(&field.key) || is_discovery, "{}.{}", record.name, field.key);
            }
            for key in keys {
                assert!(record.field(key).is_some(), "{}.{key}", record.name);
            }
        }
    }
}
