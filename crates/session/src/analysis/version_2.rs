//! Images of Prometheus 2, which the page runs by the rules of version 3: said once for each server,
//! with what differs for this workspace.

use discovery::targets::TargetTable;
use kubernetes::flags::REMOVED;
use kubernetes::prometheus::Instance;
use prometheus::Loaded;
use text::{Code, Diagnostic};

use super::rule_files::RuleSet;

const VERSION_2: &str = "version-2-image";

pub static CODES: &[Code] = &[Code {
    code: VERSION_2,
    title: "Prometheus 2 behaves like Prometheus 3.14 here",
    doc: CHANGES,
    example: "apiVersion: v1\nkind: Pod\nmetadata: {name: prometheus}\nspec: {containers: [{name: prometheus, image: 'prom/prometheus:v2.48.0'}]}\n",
}];

/// Changes between 2.48 and 3.14, one paragraph for each area.
///
/// Source: the migration guide of Prometheus 3 and the changelog.
const CHANGES: &str = "The page simulates Prometheus 3.14 for every image of Prometheus. This is what changed since 2.48.\n\n\
Menus: `Status > Targets` is `Status > Target health`, `Status > Rules` is `Status > Rule health`, `Graph` is `Query`. Alerts have a menu of their own. `--enable-feature=old-ui` brings the old pages back.\n\n\
Log lines: `ts=2024-01-01T00:00:00.000Z caller=main.go:1 level=info msg=…` is `time=2026-01-01T00:00:00.000Z level=INFO source=main.go:1 msg=…`.\n\n\
Ranges: a range selector excludes its left end. `[1m]` at an interval of 15 s holds four samples, not five, and a range of exactly one interval holds one, so that `rate` is empty. A subquery excludes its left end, too.\n\n\
Regular expressions: `.` matches a line break, in PromQL and in relabeling.\n\n\
Functions: `holt_winters` is `double_exponential_smoothing`, behind `--enable-feature=promql-experimental-functions`. `@` and negative offsets need no feature.\n\n\
Labels: names of metrics and labels can have any UTF-8 letter. The values of `le` and `quantile` are floats: `le=\"1\"` is stored as `le=\"1.0\"`.\n\n\
Scrapes: a target without a port keeps its address; `:80` and `:443` are no longer added. A body without a `Content-Type` fails unless `fallback_scrape_protocol` is set. `scrape_classic_histograms` is `always_scrape_classic_histograms`.\n\n\
Flags: version 3 does not start with a flag that it does not have. It has no `--alertmanager.timeout`, `--storage.tsdb.allow-overlapping-blocks`, `--storage.tsdb.retention` (now `--storage.tsdb.retention.time`), `--storage.tsdb.use-lockfile` and `--storage.tsdb.no-wal-compression`. The features `promql-at-modifier`, `promql-negative-offset`, `new-service-discovery-manager`, `expand-external-labels` and `no-default-scrape-port` are always on; `agent` and `remote-write-receiver` are the flags `--agent` and `--web.enable-remote-write-receiver`.\n\n\
Configuration: variables in `external_labels` are always replaced. Alertmanagers with `api_version: v1` are refused. `http_config` of `remote_write` has `enable_http2: false` by default.\n\n\
Metric names: `prometheus_tsdb_head_samples`, which some guides query, is a name of neither version. The counter is `prometheus_tsdb_head_samples_appended_total`.";

/// Something of a workspace that means another thing in version 2.
struct Difference {
    applies: fn(&Workspace<'_>) -> bool,
    /// A sentence.
    text: &'static str,
}

/// The parts of the workspace that the differences are looked for in.
struct Workspace<'a> {
    instance: &'a Instance,
    loaded: &'a Loaded,
    rules: &'a RuleSet,
    table: &'a TargetTable,
}

impl Workspace<'_> {
    fn feature(&self, name: &str) -> bool {
        let flag = self.instance.flag("enable-feature").and_then(|flag| flag.value.as_deref());
        flag.is_some_and(|list| list.split(',').any(|one| one == name))
    }
}

static DIFFERENCES: &[Difference] = &[
    Difference {
        applies: |workspace| {
            let flags = &workspace.instance.flags;
            flags.iter().any(|flag| REMOVED.iter().any(|removed| removed.name == &*flag.name))
        },
        text: "Version 3 does not start with a flag of this command line.",
    },
    Difference {
        applies: |workspace| {
            let mut targets = workspace.table.pools.iter().flat_map(|pool| &pool.active);
            targets.any(|target| !has_port(target.labels.get("__address__")))
                && !workspace.feature("no-default-scrape-port")
        },
        text: "Version 2 adds `:80` or `:443` to targets without a port, also in `instance`.",
    },
    Difference {
        applies: |workspace| {
            let labels = workspace.loaded.config.external_labels.iter();
            let mut values = labels.map(|label| &label.value);
            values.any(|value| value.contains('$')) && !workspace.feature("expand-external-labels")
        },
        text: "Version 2 keeps variables in `external_labels` as they are.",
    },
    Difference {
        applies: |workspace| {
            let rules = workspace.rules.groups.iter().flat_map(|group| &group.rules);
            let mut exprs = rules.map(|rule| &*rule.expr);
            exprs.any(|expr| expr.contains("holt_winters("))
        },
        text: "`holt_winters` has another name in version 3.",
    },
    Difference {
        applies: |workspace| {
            let rules = workspace.rules.groups.iter().flat_map(|group| &group.rules);
            let mut exprs = rules.map(|rule| &*rule.expr);
            exprs.any(|expr| expr.contains('['))
        },
        text: "The range selectors of the rules hold the sample at their left end in version 2.",
    },
];

fn has_port(address: &str) -> bool {
    address.rsplit_once(':').is_some_and(|(host, port)| {
        !port.is_empty()
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && (!host.contains(':') || host.ends_with(']'))
    })
}

/// Finds the servers with an image of version 2. The first one is the server that the page simulates.
pub fn check(
    instances: &[Instance],
    (loaded, rules, table): (&Loaded, &RuleSet, &TargetTable),
    found: &mut Vec<Diagnostic>,
) {
    for (number, instance) in instances.iter().enumerate() {
        let image = &instance.image;
        let Some(at) = image.at.filter(|_| kubernetes::prometheus::is_version_2(&image.value))
        else {
            continue;
        };
        let tag = image.value.rsplit_once(':').map_or("2", |(_, tag)| tag);
        let message = format!("Prometheus {tag} behaves like version 3.14 here");
        let workspace = Workspace { instance, loaded, rules, table };
        let differences = DIFFERENCES.iter().filter(|one| number == 0 && (one.applies)(&workspace));
        let texts: Vec<&str> = differences.map(|one| one.text).collect();
        let help = match texts.as_slice() {
            [] => "Nothing was found in this workspace that differs. “Why?” lists what has changed since 2.48.".to_owned(),
            texts => format!("{} “Why?” lists what has changed since 2.48.", texts.join(" ")),
        };
        found.push(Diagnostic::info(VERSION_2, at, message).with_help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_removed_flag_is_in_the_list_of_changes() {
        for removed in REMOVED {
            let named = CHANGES.contains(&format!("`--{}`", removed.name));
            assert!(named, "{}", removed.name);
        }
    }

    #[test]
    fn addresses_with_and_without_a_port() {
        for (address, expected) in
            [("a:80", true), ("a", false), ("[::1]:80", true), ("::1", false), ("[::1]", false)]
        {
            assert_eq!(has_port(address), expected, "{address}");
        }
    }
}
