//! The table of changes between Prometheus 2.48 and 3.14, with the question whether each bears on a
//! workspace.
//!
//! Source: CHANGELOG.md of Prometheus 3.14 from 2.49.0 on, and docs/migration.md.

use super::Workspace;
use prometheus::rule_files::RuleKind;

/// A change of behavior.
pub struct Change {
    pub area: &'static str,
    pub before: &'static str,
    pub after: &'static str,
    /// Returns true if the change bears on the workspace; None if the files do not tell.
    pub here: fn(&Workspace<'_>) -> Option<bool>,
    /// A sentence for the note at an image of version 2; empty if the note leaves the change out.
    pub note: &'static str,
}

const ALWAYS: fn(&Workspace<'_>) -> Option<bool> = |_| Some(true);
const NOT_KNOWN: fn(&Workspace<'_>) -> Option<bool> = |_| None;

/// Flags of version 2.48 that version 3 refuses.
pub const FLAGS: [&str; 3] =
    ["alertmanager.timeout", "storage.tsdb.allow-overlapping-blocks", "storage.tsdb.retention"];

/// Features of version 2.48 that version 3 does not know. It logs a warning.
const FEATURES: [&str; 9] = [
    "agent",
    "auto-gomaxprocs",
    "expand-external-labels",
    "new-service-discovery-manager",
    "no-default-scrape-port",
    "otlp-write-receiver",
    "promql-at-modifier",
    "promql-negative-offset",
    "remote-write-receiver",
];

/// Metrics of Prometheus that are deprecated since 3.7.
const METRICS: [&str; 4] = [
    "prometheus_remote_storage_samples_in_total",
    "prometheus_remote_storage_histograms_in_total",
    "prometheus_remote_storage_exemplars_in_total",
    "prometheus_remote_storage_highest_timestamp_in_seconds",
];

pub static CHANGES: &[Change] = &[
    Change {
        area: "Menus",
        before: "`Graph`; `Status > Targets`, `Status > Rules`",
        after: "`Query`; `Status > Target health`, `Status > Rule health`. `--enable-feature=old-ui` brings the former pages back",
        here: ALWAYS,
        note: "",
    },
    Change {
        area: "Log lines",
        before: "`ts=… caller=main.go:1 level=info msg=…`",
        after: "`time=… level=INFO source=main.go:1 msg=…`",
        here: ALWAYS,
        note: "",
    },
    Change {
        area: "Ranges and lookback",
        before: "A range includes a sample at its left end: `[1m]` at an interval of 15 s can hold five samples",
        after: "The left end is excluded, also of subqueries and of the lookback: `[1m]` holds four samples, and a range of one interval holds one, so that `rate` is empty",
        here: |workspace| Some(workspace.has_expr(|expr| expr.contains('['))),
        note: "The range selectors of the rules hold the sample at their left end in version 2.",
    },
    Change {
        area: "Regular expressions",
        before: "`.` does not match a line break",
        after: "`.` matches a line break, in matchers and in relabeling",
        here: |workspace| Some(workspace.relabels_line_breaks()),
        note: "A relabeling rule reads a value with a line break, which `.` does not match in version 2.",
    },
    Change {
        area: "Functions",
        before: "`holt_winters`",
        after: "`double_exponential_smoothing`, behind `--enable-feature=promql-experimental-functions`",
        here: |workspace| Some(workspace.has_expr(|expr| expr.contains("holt_winters("))),
        note: "`holt_winters` has another name in version 3.",
    },
    Change {
        area: "Numbers and durations",
        before: "`[300]` and `5m` as a number are refused",
        after: "A number can stand for a duration and a duration for a number. Since 3.14 durations can be computed: `[5m * 2]`",
        here: |workspace| Some(workspace.has_expr(has_number_as_range)),
        note: "A range without a unit is refused by version 2.",
    },
    Change {
        area: "Names",
        before: "Names of metrics and labels have letters, digits, `_` and, in metrics, `:`",
        after: "They can have any UTF-8 letter, unless `metric_name_validation_scheme` is `legacy`",
        here: |workspace| Some(workspace.has_utf8_names()),
        note: "Version 2 refuses names with other characters than letters, digits and underscores.",
    },
    Change {
        area: "`le` and `quantile`",
        before: "The values are stored as they are exposed: `le=\"1\"`",
        after: "They are stored as floats: `le=\"1.0\"`",
        here: |workspace| Some(workspace.has_expr(has_whole_bucket)),
        note: "An expression compares `le` or `quantile` with a whole number, which version 3 stores as a float.",
    },
    Change {
        area: "Targets without a port",
        before: "`:80` or `:443` is added, also in `instance`",
        after: "The address stays as it is",
        here: |workspace| {
            Some(
                workspace.has_target_without_port() && !workspace.feature("no-default-scrape-port"),
            )
        },
        note: "Version 2 adds `:80` or `:443` to targets without a port, also in `instance`.",
    },
    Change {
        area: "`Content-Type`",
        before: "A body without a valid `Content-Type` is read as text",
        after: "The scrape fails, unless `fallback_scrape_protocol` is set",
        here: NOT_KNOWN,
        note: "",
    },
    Change {
        area: "Duplicate samples",
        before: "Samples of one series with several timestamps in one body are all stored",
        after: "All but the first are duplicates (since 2.52)",
        here: NOT_KNOWN,
        note: "",
    },
    Change {
        area: "Redirects",
        before: "Credentials go along to another host",
        after: "They do not (since 3.13)",
        here: |workspace| (!workspace.has_credentials()).then_some(false),
        note: "",
    },
    Change {
        area: "Classic histograms",
        before: "`scrape_classic_histograms`",
        after: "`always_scrape_classic_histograms`",
        here: |workspace| Some(workspace.has_field("scrape_classic_histograms")),
        note: "`scrape_classic_histograms` has another name in version 3.",
    },
    Change {
        area: "Native histograms",
        before: "`--enable-feature=native-histograms`",
        after: "`scrape_native_histograms: true` in the configuration (since 3.9); the feature has no effect",
        here: |workspace| Some(workspace.feature("native-histograms")),
        note: "In version 3 the configuration enables native histograms: `scrape_native_histograms: true`.",
    },
    Change {
        area: "Flags",
        before: "`--alertmanager.timeout`, `--storage.tsdb.allow-overlapping-blocks`, `--storage.tsdb.retention`",
        after: "Version 3 does not start with them. The last one is `--storage.tsdb.retention.time`",
        here: |workspace| Some(FLAGS.iter().any(|name| workspace.has_flag(name))),
        note: "Version 3 does not start with a flag of this command line.",
    },
    Change {
        area: "Features",
        before: "`--enable-feature=` with `agent`, `otlp-write-receiver`, `remote-write-receiver`, `auto-gomaxprocs`, `expand-external-labels`, `new-service-discovery-manager`, `no-default-scrape-port`, `promql-at-modifier`, `promql-negative-offset`",
        after: "`--agent`, `--web.enable-otlp-receiver` and `--web.enable-remote-write-receiver` are flags; the others are always on. A warning is logged",
        here: |workspace| Some(FEATURES.iter().any(|name| workspace.feature(name))),
        note: "A feature of this command line is a flag of its own or always on in version 3.",
    },
    Change {
        area: "`external_labels`",
        before: "Variables stay as they are",
        after: "`$NAME` and `${NAME}` are replaced; `$$` is a dollar sign",
        here: |workspace| {
            // The loaded values have no variables any more.
            let has_variable = workspace.has_entry(|entry| {
                let mut values = entry.value.entries().filter_map(|label| label.value.text());
                entry.name() == Some("external_labels") && values.any(|text| text.contains('$'))
            });
            Some(has_variable && !workspace.feature("expand-external-labels"))
        },
        note: "Version 2 keeps variables in `external_labels` as they are.",
    },
    Change {
        area: "Alertmanagers",
        before: "`api_version: v1`",
        after: "Only `v2`; the configuration is refused otherwise",
        here: |workspace| Some(workspace.has_value("api_version", "v1")),
        note: "Version 3 refuses `api_version: v1` of Alertmanagers.",
    },
    Change {
        area: "`remote_write`",
        before: "HTTP/2 by default",
        after: "`enable_http2: false` by default",
        here: |workspace| {
            Some(workspace.has_field("remote_write") && !workspace.has_field("enable_http2"))
        },
        note: "Version 2 sends `remote_write` by HTTP/2.",
    },
    Change {
        area: "Kubernetes discovery",
        before: "EndpointSlices and Ingresses of the versions `v1beta1`, too",
        after: "`discovery.k8s.io/v1` and `networking.k8s.io/v1` only",
        // The cluster of the page is Kubernetes 1.36, which has no v1beta1 of either.
        here: |_| Some(false),
        note: "",
    },
    Change {
        area: "Hetzner discovery",
        before: "`__meta_hetzner_datacenter`",
        after: "Gone for the role `hcloud` (since 3.14); `__meta_hetzner_robot_datacenter` for the role `robot`",
        here: |workspace| Some(workspace.has_field("hetzner_sd_configs")),
        note: "Labels of the discovery of Hetzner have other names in version 3.14.",
    },
    Change {
        area: "Metric names",
        before: "`prometheus_remote_storage_{samples,histograms,exemplars}_in_total`, `prometheus_remote_storage_highest_timestamp_in_seconds`",
        after: "Deprecated (since 3.7): `prometheus_wal_watcher_records_read_total`, `prometheus_remote_storage_queue_highest_timestamp_seconds`. Metrics `prometheus_notifications_…` have a label `alertmanager` (since 3.10)",
        here: |workspace| {
            let is_old = |expr: &str| METRICS.iter().any(|name| expr.contains(name));
            Some(
                workspace
                    .has_expr(|expr| is_old(expr) || expr.contains("prometheus_notifications_")),
            )
        },
        note: "A rule reads a metric of Prometheus that has other labels or another name in version 3.",
    },
    Change {
        area: "Memory and processors",
        before: "Limits of the container are not looked at; `GOGC` is 100",
        after: "`GOMEMLIMIT` and `GOMAXPROCS` follow the limits; `GOGC` is 75 (since 2.53)",
        here: ALWAYS,
        note: "",
    },
    Change {
        area: "Consoles",
        before: "The image has example consoles in `/etc/prometheus/consoles`",
        after: "It has none. `--web.console.templates` and `--web.console.libraries` are still flags",
        here: |workspace| {
            let flags = ["web.console.templates", "web.console.libraries"];
            Some(flags.iter().any(|name| workspace.has_flag(name)))
        },
        note: "The image of version 3 has no consoles.",
    },
    Change {
        area: "Configuration of the image",
        before: "The job `prometheus`",
        after: "The job `prometheus` with the label `app=\"prometheus\"` and `scrape_native_histograms: true`",
        here: |workspace| Some(workspace.has_config_of_image()),
        note: "The image of version 2 has no label `app` in its configuration.",
    },
    Change {
        area: "Data directory",
        before: "Read by 2.48",
        after: "Read by 2.55 and later only",
        here: NOT_KNOWN,
        note: "",
    },
];

/// `[300]`: a range that is a number.
fn has_number_as_range(expr: &str) -> bool {
    expr.split('[').skip(1).any(|rest| {
        let inside = rest.split([']', ':']).next().unwrap_or_default().trim();
        !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `le="1"`: a bucket or quantile that is a whole number.
fn has_whole_bucket(expr: &str) -> bool {
    ["le", "quantile"].iter().any(|label| {
        expr.match_indices(label).any(|(at, _)| {
            let rest = expr.get(at + label.len()..).unwrap_or_default().trim_start();
            let before = expr.get(..at).unwrap_or_default();
            let is_label = before.trim_end().ends_with(['{', ',']);
            let value = rest.trim_start_matches(['=', '!', '~', ' ']);
            let value = value.strip_prefix(['"', '\'']).unwrap_or_default();
            let digits = value.split(['"', '\'']).next().unwrap_or_default();
            is_label
                && rest.starts_with(['=', '!'])
                && !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

/// Returns true if a name has other characters than version 2 allows.
fn is_utf8_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(letter)
}

impl Workspace<'_> {
    fn has_utf8_names(&self) -> bool {
        let targets = self.table.pools.iter().flat_map(|pool| &pool.active);
        let mut of_targets = targets.flat_map(|target| target.labels.iter());
        let rules = self.rules.groups.iter().flat_map(|group| &group.rules);
        let mut records = rules.filter_map(|rule| match &rule.kind {
            RuleKind::Recording { record } => Some(record),
            RuleKind::Alerting { .. } => None,
        });
        of_targets.any(|label| is_utf8_name(&label.name)) || records.any(|name| is_utf8_name(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_mean_another_thing_in_version_2() {
        for (expr, range, bucket) in [
            ("rate(x[300])", true, false),
            ("rate(x[5m])", false, false),
            ("max_over_time(x[600:60])", true, false),
            ("x_bucket{le=\"1\"}", false, true),
            ("x_bucket{job=\"a\", le = '10'}", false, true),
            ("x{quantile=\"0.5\"}", false, false),
            ("x{quantile!=\"1\"}", false, true),
            ("x_bucket{le=\"1.0\"}", false, false),
            ("x{role=\"1\"}", false, false),
            ("sum by (le) (x[", false, false),
        ] {
            assert_eq!(has_number_as_range(expr), range, "{expr}");
            assert_eq!(has_whole_bucket(expr), bucket, "{expr}");
        }
    }

    #[test]
    fn names_that_version_2_refuses() {
        for (name, expected) in [
            ("job", false),
            ("a:b_c1", false),
            ("http.status", true),
            ("1a", true),
            ("größe", true),
        ] {
            assert_eq!(is_utf8_name(name), expected, "{name}");
        }
    }

    #[test]
    fn each_area_stands_once_and_both_versions_say_something() {
        for (number, one) in CHANGES.iter().enumerate() {
            assert!(!one.before.is_empty() && !one.after.is_empty(), "{}", one.area);
            assert!(CHANGES.iter().skip(number + 1).all(|other| other.area != one.area));
            assert!(one.note.is_empty() || one.note.ends_with('.'), "{}", one.area);
        }
    }
}
