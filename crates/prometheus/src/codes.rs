//! Documentation of the diagnostics of this crate.

use text::Code;

/// Configurations that Prometheus refuses.
pub static CODES: &[Code] = &[
    Code {
        code: "missing-setting",
        title: "A required setting is missing",
        doc: "Prometheus refuses the whole file if a section lacks a required setting, such as the name of a job, the URL of a remote endpoint, or the role or credentials of a discovery mechanism. A key without a value or with an empty string counts as missing.",
        example: "scrape_configs:\n  - job_name:",
    },
    Code {
        code: "conflicting-settings",
        title: "Settings exclude each other",
        doc: "Two settings exclude each other, such as two authentication methods. Prometheus refuses the file. Keep one of them.",
        example: "scrape_configs:\n  - job_name: a\n    basic_auth: {username: a}\n    bearer_token: b",
    },
    Code {
        code: "invalid-setting",
        title: "The value is not allowed",
        doc: "The value has the correct type but is not allowed for this setting. The message lists the allowed values.",
        example: "scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{role: deployment}]",
    },
    Code {
        code: "empty-section",
        title: "A list has an empty item",
        doc: "A dash without a value is a null item. Prometheus refuses it. Add a value or delete the dash.",
        example: "scrape_configs:\n  -",
    },
    Code {
        code: "second-document",
        title: "A second document in one file",
        doc: "A line `---` starts a new document. Prometheus reads the first document of a configuration or rule file and ignores the others. For rule files it logs a message.",
        example: "global: {}\n---\nrule_files: [a.yml]",
    },
    Code {
        code: "duplicate-name",
        title: "A name is used twice",
        doc: "Jobs, remote endpoints and rule groups must have unique names. Names of jobs must be unique over all files. To give one job two lists of targets, add two entries to its `static_configs`.",
        example: "scrape_configs:\n  - job_name: a\n  - job_name: a",
    },
    Code {
        code: "label-not-allowed",
        title: "The label name or value is not valid",
        doc: "By default a label name is any string that is not empty. Under `metric_name_validation_scheme: legacy` it must consist of letters, digits and underscores, and not begin with a digit.",
        example: "global:\n  metric_name_validation_scheme: legacy\n  external_labels: {my-label: a}",
    },
    Code {
        code: "reserved-header",
        title: "The header is reserved",
        doc: "Prometheus sets some headers itself, for the protocol and for authentication, and refuses to overwrite them. For `Authorization` use `basic_auth`, `authorization` or `oauth2`.",
        example: "remote_write:\n  - url: http://a\n    headers: {Host: b}",
    },
    Code {
        code: "invalid-relabel-rule",
        title: "The relabeling rule is not valid",
        doc: "Each action requires some settings and does not accept others. `labeldrop` and `labelkeep` take a `regex` only; `keepequal` and `dropequal` take `source_labels` and `target_label` only; `replace` needs a `target_label`, `hashmod` a `modulus`.",
        example: "scrape_configs:\n  - job_name: a\n    relabel_configs: [{action: labeldrop, source_labels: [b]}]",
    },
    Code {
        code: "timeout-over-interval",
        title: "The scrape timeout is longer than the interval",
        doc: "A scrape must end before the next one begins, so the timeout must not be greater than the interval. Reduce the timeout or remove it: the default is limited to the interval.",
        example: "scrape_configs:\n  - job_name: a\n    scrape_interval: 5s\n    scrape_timeout: 10s",
    },
    Code {
        code: "invalid-rule",
        title: "The rule is not valid",
        doc: "A rule has either `record` or `alert`. `for`, `keep_firing_for` and `annotations` are allowed in alerting rules only. The name of a recorded series is a metric name, not an expression.",
        example: "groups:\n  - name: g\n    rules: [{record: a, expr: up, for: 5m}]",
    },
    Code {
        code: "invalid-expression",
        title: "The expression is not valid PromQL",
        doc: "The expression of a rule cannot be parsed. Prometheus refuses the whole rule file and keeps the rules that are loaded.",
        example: "groups:\n  - name: g\n    rules: [{record: a, expr: 'sum('}]",
    },
    Code {
        code: "invalid-rule-template",
        title: "The label or annotation is not a valid template",
        doc: "Labels and annotations of alerts are templates of Go's text/template. The variables `$labels`, `$value`, `$externalLabels` and `$externalURL` and the functions of Prometheus, such as `humanize`, are available. Any other name is refused when the file is loaded.",
        example: "groups:\n  - name: g\n    rules: [{alert: a, expr: up, annotations: {b: '{{ $label.c }}'}}]",
    },
    Code {
        code: "absent-file",
        title: "The file does not exist",
        doc: "The configuration refers to certificates, tokens and rule files by name. promtool refuses the configuration if one of them is missing. The server starts, and each scrape that needs the file fails.",
        example: "rule_files: [gone.yml]",
    },
    Code {
        code: "duplicate-rules",
        title: "Two rules produce the same series",
        doc: "Two rules of a file have the same name and the same labels, including the labels of their groups. If their expressions differ, the value of the series alternates between both. If they are equal, one rule is redundant.",
        example: "groups:\n  - name: g\n    rules: [{record: a, expr: up}, {record: a, expr: up}]",
    },
];
