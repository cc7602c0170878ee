//! The features of the server and whether they are on.
//!
//! Source: util/features and the packages that register there.

use std::collections::BTreeMap;

use promql::syntax::{AggregateOp, FUNCTIONS};

use super::{Answer, Call};
use crate::json::Json;
use crate::state::ServerState;

/// The condition under which a feature is on.
#[derive(Clone, Copy)]
enum When {
    On,
    Off,
    /// A switch of the command line is on.
    Flag(&'static str),
    NotFlag(&'static str),
    /// `--enable-feature` has the word.
    Feature(&'static str),
    NotFeature(&'static str),
}

use When::{Feature, Flag, NotFeature, NotFlag, Off, On};

/// Category, name, and whether it is on. Lists that have a table of their own are added to these.
const FEATURES: &[(&str, &[(&str, When)])] = &[
    (
        "api",
        &[
            ("admin", Flag("web.enable-admin-api")),
            ("exclude_alerts", On),
            ("label_values_match", On),
            ("lifecycle", Flag("web.enable-lifecycle")),
            ("openapi_3.1", On),
            ("openapi_3.2", On),
            ("otlp_write_receiver", Flag("web.enable-otlp-receiver")),
            ("query_stats", On),
            ("query_warnings", On),
            ("remote_write_receiver", Flag("web.enable-remote-write-receiver")),
            ("search", Feature("search-api")),
            ("search_fuzz_alg_jarowinkler", On),
            ("search_fuzz_alg_subsequence", On),
            ("time_range_labels", On),
            ("time_range_series", On),
        ],
    ),
    (
        "otlp_receiver",
        &[
            ("delta_conversion", Feature("otlp-deltatocumulative")),
            ("native_delta_ingestion", Feature("otlp-native-delta-ingestion")),
        ],
    ),
    (
        "prometheus",
        &[
            ("agent_mode", Flag("agent")),
            ("auto_reload_config", Flag("config.auto-reload")),
            ("server_mode", NotFlag("agent")),
            ("stringlabels", On),
        ],
    ),
    (
        "promql",
        &[
            ("anchored", Feature("promql-extended-range-selectors")),
            ("at_modifier", On),
            ("bool", On),
            ("by", On),
            ("delayed_name_removal", Feature("promql-delayed-name-removal")),
            ("duration_expr", On),
            ("fill", Feature("promql-binop-fill-modifiers")),
            ("fill_left", Feature("promql-binop-fill-modifiers")),
            ("fill_right", Feature("promql-binop-fill-modifiers")),
            ("group_left", On),
            ("group_right", On),
            ("ignoring", On),
            ("negative_offset", On),
            ("offset", On),
            ("on", On),
            ("per_query_lookback_delta", On),
            ("per_step_stats", Feature("promql-per-step-stats")),
            ("smoothed", Feature("promql-extended-range-selectors")),
            ("subqueries", On),
            ("type_and_unit_labels", Feature("type-and-unit-labels")),
            ("without", On),
        ],
    ),
    (
        "rules",
        &[
            ("concurrent_rule_eval", Feature("concurrent-rule-eval")),
            ("keep_firing_for", On),
            ("query_offset", On),
        ],
    ),
    (
        "scrape",
        &[
            ("extra_scrape_metrics", On),
            ("start_timestamp_zero_ingestion", Feature("created-timestamp-zero-ingestion")),
            ("type_and_unit_labels", Feature("type-and-unit-labels")),
        ],
    ),
    (
        "tsdb",
        &[
            ("delayed_compaction", Feature("delayed-compaction")),
            ("exemplar_storage", Feature("exemplar-storage")),
            ("histograms_st_encoding", Off),
            ("isolation", On),
            ("native_histograms", On),
            ("st_storage", Feature("st-storage")),
            ("use_uncached_io", Feature("use-uncached-io")),
            ("xor2_encoding", Feature("xor2-encoding")),
        ],
    ),
    ("ui", &[("ui_v2", Feature("old-ui")), ("ui_v3", NotFeature("old-ui"))]),
];

const OPERATORS: &[&str] = &[
    "!=", "!~", "%", "*", "+", "-", "/", "<", "</", "<=", "==", "=~", ">", ">/", ">=", "@", "^",
    "and", "atan2", "or", "unless",
];

const DISCOVERY: &[&str] = &[
    "aws",
    "azure",
    "consul",
    "digitalocean",
    "dns",
    "docker",
    "dockerswarm",
    "ec2",
    "ecs",
    "elasticache",
    "eureka",
    "file",
    "gce",
    "hetzner",
    "http",
    "ionos",
    "kubernetes",
    "kuma",
    "lightsail",
    "linode",
    "marathon",
    "msk",
    "nerve",
    "nomad",
    "oci",
    "openstack",
    "outscale",
    "ovhcloud",
    "puppetdb",
    "rds",
    "scaleway",
    "serverset",
    "stackit",
    "static",
    "triton",
    "uyuni",
    "vultr",
];

const TEMPLATING: &[&str] = &[
    "args",
    "externalURL",
    "first",
    "graphLink",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "label",
    "match",
    "now",
    "parseDuration",
    "pathPrefix",
    "query",
    "reReplaceAll",
    "safeHtml",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "toDuration",
    "toLower",
    "toTime",
    "toUpper",
    "urlQueryEscape",
    "value",
];

pub(super) fn features(call: &Call<'_>) -> Answer {
    let state = call.state;
    let mut all: BTreeMap<&str, BTreeMap<&str, bool>> = BTreeMap::new();
    for (category, features) in FEATURES {
        let features = features.iter().map(|(name, when)| (*name, is_on(*when, state)));
        all.entry(category).or_default().extend(features);
    }
    let experimental = state.parser.experimental_functions;
    let mut add = |category: &'static str, names: Vec<(&'static str, bool)>| {
        all.entry(category).or_default().extend(names);
    };
    let on = |names: &'static [&'static str]| names.iter().map(|name| (*name, true));
    add("promql_operators", on(OPERATORS).collect());
    let aggregations = AggregateOp::ALL.iter();
    add(
        "promql_operators",
        aggregations.map(|op| (op.name(), experimental || !op.experimental())).collect(),
    );
    let functions = FUNCTIONS.iter();
    add(
        "promql_functions",
        functions.map(|one| (one.name, experimental || !one.experimental)).collect(),
    );
    add("service_discovery_providers", on(DISCOVERY).collect());
    add("templating_functions", on(TEMPLATING).collect());
    let categories = all.into_iter().map(|(category, features)| {
        let features = features.into_iter().map(|(name, on)| (name.to_owned(), Json::Bool(on)));
        (category.to_owned(), Json::Object(features.collect()))
    });
    Ok(Json::Object(categories.collect()).into())
}

fn is_on(when: When, state: &ServerState<'_>) -> bool {
    match when {
        On => true,
        Off => false,
        Flag(name) => state.flags.is_on(name),
        NotFlag(name) => !state.flags.is_on(name),
        Feature(word) => state.flags.has_feature(word),
        NotFeature(word) => !state.flags.has_feature(word),
    }
}
