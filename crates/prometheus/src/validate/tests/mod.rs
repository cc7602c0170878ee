//! Every complaint, provoked once: the section, the words of the complaint, and the text it points
//! to.

mod clients;
mod discovery;

use crate::{Mode, NoFiles, load};
use text::{FileId, Severity};
use yaml::parse;

/// All errors of a configuration: what they say and the text that they point to.
fn errors(text: &str) -> Vec<(String, String)> {
    let loaded = load(&parse(FileId(1), text), &NoFiles, Mode::Server);
    loaded
        .diagnostics
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .map(|one| (one.message.clone(), one.location.span.slice(text).to_owned()))
        .collect()
}

/// Tries each case in a frame whose `@` is replaced. A case without words must be clean.
#[track_caller]
fn try_all(frame: &str, cases: &[(&str, &str, &str)]) {
    for (section, message, at) in cases {
        let text = frame.replace('@', section);
        let found = errors(&text);
        if message.is_empty() {
            assert!(found.is_empty(), "{text}: {found:?}");
        } else {
            let fits = |(said, place): &(String, String)| said.contains(message) && place == at;
            assert!(found.iter().any(fits), "{text}: wanted {message:?} at {at:?}, got {found:?}");
        }
    }
}

#[test]
fn of_the_root() {
    try_all(
        "@",
        &[
            ("global: {scrape_interval: 0s}", "", ""),
            (
                "global: {scrape_timeout: 2m}",
                "global scrape timeout greater than scrape interval",
                "2m",
            ),
            (
                "global: {scrape_protocols: []}",
                "scrape_protocols cannot be empty for global config",
                "[]",
            ),
            (
                "global: {scrape_protocols: [Proto]}",
                "unknown scrape protocol Proto, supported: [OpenMetricsText0.0.1 OpenMetricsText1.0.0 PrometheusProto PrometheusText0.0.4 PrometheusText1.0.0] for global config",
                "Proto",
            ),
            (
                "global: {scrape_protocols: [PrometheusProto, PrometheusProto]}",
                "duplicated protocol in scrape_protocols, got [PrometheusProto PrometheusProto] for global config",
                "PrometheusProto",
            ),
            ("global: {body_size_limit: ''}", "units: invalid ", "''"),
            (
                "global: {metric_name_validation_scheme: utf-8}",
                "unrecognized ValidationScheme: \"utf-8\"",
                "utf-8",
            ),
            ("global: {external_labels: {'': a}}", "\"\" is not a valid label name", "''"),
            (
                "global: {metric_name_validation_scheme: legacy, external_labels: {a-b: c}}",
                "\"a-b\" is not a valid label name",
                "a-b",
            ),
            ("rule_files: ['a/*/b.yml']", "invalid rule file path \"a/*/b.yml\"", "'a/*/b.yml'"),
            (
                "scrape_config_files: ['a/*/b.yml']",
                "invalid scrape config file path \"a/*/b.yml\"",
                "'a/*/b.yml'",
            ),
            (
                "storage: {tsdb: {retention: {size: -1GB}}}",
                "'storage.tsdb.retention.size' must be greater than or equal to 0, got -1GiB",
                "-1GB",
            ),
            (
                "storage: {tsdb: {retention: {percentage: .inf}}}",
                "'storage.tsdb.retention.percentage' must be in the range [0, 100], got +Inf",
                ".inf",
            ),
            (
                "storage: {tsdb: {chunk_encoding: {floats: xor3}}}",
                "must be 'xor' or 'xor2', or the field must be omitted entirely, got \"xor3\"",
                "xor3",
            ),
            (
                "tracing: {client_type: udp, endpoint: a}",
                "expected tracing client type to be to be http or grpc, but got udp",
                "udp",
            ),
            ("tracing: {client_type: http}", "tracing endpoint must be set", "client_type"),
            (
                "tracing: {endpoint: a, compression: zip}",
                "invalid compression type zip provided, valid options: gzip",
                "zip",
            ),
            (
                "tracing: {endpoint: a, headers: {authorization: b}}",
                "custom authorization header configuration is not yet supported",
                "authorization",
            ),
            (
                "tracing: {endpoint: a, headers: {Host: b}}",
                "Host is a reserved header. It must not be changed",
                "Host",
            ),
            (
                "otlp: {promote_resource_attributes: [a, ' a']}",
                "duplicated promoted OTel resource attribute \"a\"",
                "' a'",
            ),
            (
                "otlp: {promote_resource_attributes: ['']}",
                "empty promoted OTel resource attribute",
                "''",
            ),
            (
                "otlp: {ignore_resource_attributes: [a]}",
                "cannot be configured unless 'promote_all_resource_attributes' is true",
                "ignore_resource_attributes",
            ),
            (
                "otlp: {promote_all_resource_attributes: true, promote_resource_attributes: [a]}",
                "cannot be configured simultaneously",
                "promote_resource_attributes",
            ),
            (
                "otlp: {translation_strategy: None}",
                "unsupported OTLP translation strategy \"None\"",
                "None",
            ),
            (
                "global: {metric_name_validation_scheme: legacy}\notlp: {translation_strategy: NoTranslation}",
                "OTLP translation strategy \"NoTranslation\" is not allowed when UTF8 is disabled",
                "NoTranslation",
            ),
        ],
    );
}

#[test]
fn of_a_job() {
    try_all(
        "scrape_configs: [@]",
        &[
            ("~", "empty or null scrape config section", "~"),
            ("{scheme: http}", "job_name is empty", "scheme"),
            (
                "{job_name: a}, {job_name: a}",
                "found multiple scrape configs with job name \"a\"",
                "a",
            ),
            (
                "{job_name: a, scrape_timeout: 61s}",
                "scrape timeout greater than scrape interval for scrape config with job name \"a\"",
                "61s",
            ),
            (
                "{job_name: a, scrape_protocols: []}",
                "scrape_protocols cannot be empty for scrape config with job name \"a\"",
                "[]",
            ),
            (
                "{job_name: a, fallback_scrape_protocol: b}",
                "invalid fallback_scrape_protocol for scrape config with job name \"a\": unknown scrape protocol b",
                "b",
            ),
            (
                "{job_name: a, metric_name_escaping_scheme: b}",
                "unknown scrape config name escaping method specified",
                "b",
            ),
            (
                "{job_name: a, metric_name_validation_scheme: legacy, metric_name_escaping_scheme: allow-utf-8}",
                "utf8 metric names requested but validation scheme is not set to UTF8",
                "allow-utf-8",
            ),
            (
                "{job_name: a, relabel_configs: [~]}",
                "empty or null target relabeling rule in scrape config",
                "~",
            ),
            (
                "{job_name: a, metric_relabel_configs: [~]}",
                "empty or null metric relabeling rule in scrape config",
                "~",
            ),
            ("{job_name: a, static_configs: [~]}", "empty or null section in static_configs", "~"),
            ("{job_name: a, static_configs: [{}]}", "", ""),
            (
                "{job_name: a, static_configs: [{targets: [http://b]}]}",
                "\"http://b\" is not a valid hostname",
                "http://b",
            ),
            (
                "{job_name: a, scrape_protocols: PrometheusProto}",
                "cannot unmarshal !!str `Prometh...` into []config.ScrapeProtocol",
                "PrometheusProto",
            ),
            ("{job_name: a, params: [b]}", "cannot unmarshal !!seq into url.Values", "params"),
            (
                "{job_name: a, dns_sd_configs: b}",
                "cannot unmarshal !!str `b` into []*dns.SDConfig",
                "b",
            ),
            (
                "{job_name: a, static_configs: [{labels: {b: [c]}}]}",
                "cannot unmarshal !!seq into model.LabelValue",
                "b",
            ),
            ("{job_name: a, [b]: c}", "cannot unmarshal !!seq into string", "[b]"),
        ],
    );
}

#[test]
fn of_a_relabelling_rule() {
    try_all(
        "scrape_configs: [{job_name: a, relabel_configs: [@]}]",
        &[
            ("{action: ''}", "unknown relabel action \"\"", "''"),
            ("{action: ~}", "relabel action cannot be empty", "~"),
            (
                "{action: hashmod, target_label: b}",
                "relabel configuration for hashmod requires non-zero modulus",
                "hashmod",
            ),
            (
                "{regex: b}",
                "relabel configuration for replace action requires 'target_label' value",
                "regex",
            ),
            (
                "{target_label: !!binary YWL/}",
                "\"ab\\xff\" is invalid 'target_label' for replace action",
                "YWL/",
            ),
            (
                "{regex: !!binary YWL/, target_label: b}",
                "error parsing regexp: invalid UTF-8",
                "YWL/",
            ),
            (
                "{action: lowercase, target_label: b, replacement: c}",
                "'replacement' can not be set for lowercase action",
                "c",
            ),
            (
                "{action: labelmap, replacement: ''}",
                "\"\" is invalid 'replacement' for labelmap action",
                "''",
            ),
            (
                "{action: labeldrop, regex: b, separator: c}",
                "labeldrop action requires only 'regex', and no other fields",
                "c",
            ),
            (
                "{action: keepequal, target_label: b, regex: c}",
                "keepequal action requires only 'source_labels' and `target_label`, and no other fields",
                "c",
            ),
            ("{modulus: b, target_label: c}", "cannot unmarshal !!str `b` into uint64", "b"),
            (
                "{source_labels: b, target_label: c}",
                "cannot unmarshal !!str `b` into model.LabelNames",
                "b",
            ),
        ],
    );
}

#[test]
fn of_merge_keys() {
    try_all(
        "scrape_configs: [&x {job_name: a, params: &p {b: [c]}}, @]",
        &[
            ("{<<: *x, job_name: d}", "", ""),
            ("{job_name: d, <<: *x}", "found multiple scrape configs with job name \"a\"", "a"),
            ("{job_name: d, params: {<<: *p, e: [f]}}", "", ""),
            ("{job_name: d, params: {<<: *p, b: [f]}}", "key \"b\" already set in map", "b"),
            ("{job_name: d, params: {b: [f], <<: *p}}", "key \"b\" already set in map", "b"),
        ],
    );
}
