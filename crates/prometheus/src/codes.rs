//! The pages of documentation of this room's diagnostics.

use text::Code;

/// What Prometheus itself refuses.
pub static CODES: &[Code] = &[
    Code {
        code: "missing-setting",
        title: "A setting is missing that must be there",
        doc: "Prometheus refuses the whole file when a section lacks what it cannot do without: a job its name, a remote endpoint its URL, a discovery mechanism its role or credentials. A key without a value, or with an empty text, counts as missing.",
        example: "scrape_configs:\n  - job_name:",
    },
    Code {
        code: "conflicting-settings",
        title: "Settings exclude each other",
        doc: "Two settings say different things about the same matter, such as two ways to authenticate. Prometheus does not choose: it refuses the file. Keep one.",
        example: "scrape_configs:\n  - job_name: a\n    basic_auth: {username: a}\n    bearer_token: b",
    },
    Code {
        code: "invalid-setting",
        title: "A value is not one of those allowed",
        doc: "The setting has the right type, but not a value that it may have. The message names what is allowed.",
        example: "scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{role: deployment}]",
    },
    Code {
        code: "empty-section",
        title: "A list has an empty item",
        doc: "A dash without anything behind it is an item that is null. Prometheus refuses it, because something was surely meant to be there. Fill it or delete the dash.",
        example: "scrape_configs:\n  -",
    },
    Code {
        code: "second-document",
        title: "A second document in one file",
        doc: "A line `---` begins another document. Prometheus reads the first document of a configuration or rule file and ignores the others without a word (for rule files with a line in its log).",
        example: "global: {}\n---\nrule_files: [a.yml]",
    },
    Code {
        code: "duplicate-name",
        title: "Two things have one name",
        doc: "Jobs, remote endpoints and rule groups are told apart by their names. For jobs this holds over all files: two lists of targets of one job belong into one job with two entries of `static_configs`.",
        example: "scrape_configs:\n  - job_name: a\n  - job_name: a",
    },
    Code {
        code: "label-not-allowed",
        title: "A label's name or value may not be",
        doc: "By default a label's name may be any text that is not empty. Under `metric_name_validation_scheme: legacy` it must consist of letters, digits and underscores, and not begin with a digit.",
        example: "global:\n  metric_name_validation_scheme: legacy\n  external_labels: {my-label: a}",
    },
    Code {
        code: "reserved-header",
        title: "A header that Prometheus sets itself",
        doc: "Some headers belong to the protocol or to authentication. Prometheus sets them itself and refuses to have them overwritten. For `Authorization` use `basic_auth`, `authorization` or `oauth2`.",
        example: "remote_write:\n  - url: http://a\n    headers: {Host: b}",
    },
    Code {
        code: "invalid-relabel-rule",
        title: "A relabelling rule contradicts itself",
        doc: "Each action needs some settings and has no use for others. `labeldrop` and `labelkeep` take a `regex` only; `keepequal` and `dropequal` take `source_labels` and `target_label` only; `replace` needs a `target_label`, `hashmod` a `modulus`.",
        example: "scrape_configs:\n  - job_name: a\n    relabel_configs: [{action: labeldrop, source_labels: [b]}]",
    },
    Code {
        code: "timeout-over-interval",
        title: "The timeout is longer than the interval",
        doc: "A scrape must be over before the next one begins, so its timeout may not exceed the interval. Shorten the timeout, or leave it out: without one it follows the interval.",
        example: "scrape_configs:\n  - job_name: a\n    scrape_interval: 5s\n    scrape_timeout: 10s",
    },
    Code {
        code: "invalid-rule",
        title: "A rule has what it may not have",
        doc: "A rule either records (`record`) or alerts (`alert`), never both. `for`, `keep_firing_for` and `annotations` are for alerts. The name of a recorded series is a metric name and not an expression.",
        example: "groups:\n  - name: g\n    rules: [{record: a, expr: up, for: 5m}]",
    },
    Code {
        code: "invalid-expression",
        title: "An expression is no PromQL",
        doc: "The expression of a rule cannot be read. Prometheus refuses the whole rule file then, and keeps the rules that it had.",
        example: "groups:\n  - name: g\n    rules: [{record: a, expr: 'sum('}]",
    },
    Code {
        code: "invalid-rule-template",
        title: "A label or annotation is no template",
        doc: "Labels and annotations of alerts are templates of Go's text/template. `$labels`, `$value`, `$externalLabels` and `$externalURL` are there, and Prometheus's functions such as `humanize`. Any other name is refused when the file is loaded.",
        example: "groups:\n  - name: g\n    rules: [{alert: a, expr: up, annotations: {b: '{{ $label.c }}'}}]",
    },
    Code {
        code: "absent-file",
        title: "The configuration names a file that is not there",
        doc: "Prometheus reads certificates, tokens and rule files by name. promtool looks for them and refuses the configuration where one is missing; the server starts, and fails at each scrape that needs it.",
        example: "rule_files: [gone.yml]",
    },
    Code {
        code: "duplicate-rules",
        title: "Two rules give the same series",
        doc: "Two rules of a file have one name and the same labels, those of their groups included. Where their expressions differ, the series holds now one value and now the other; where they are alike, one of them is wasted.",
        example: "groups:\n  - name: g\n    rules: [{record: a, expr: up}, {record: a, expr: up}]",
    },
];
