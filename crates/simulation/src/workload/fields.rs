//! The fields of workload files.

use schema::{
    Allowed, CheckCx, DefaultValue, FIELD, Field, LABELS, RECORD, Record, STRINGS, Type,
};
use text::{Diagnostic, Location, Severity};
use yaml::{Node, scalars};

const NUMBERS: Type = Type::List(&Type::Float);

/// The whole file.
pub static WORKLOAD: Record = Record {
    name: "workload",
    doc: "What a program says at `/metrics`, and how its numbers move. The containers and addresses that one of `matches` fits expose this.",
    fields: &[
        Field { key: "name", ty: Type::String, default: DefaultValue::Zero, note: "", doc: "A short name.", example: "name: shop", ..FIELD },
        Field { key: "title", ty: Type::String, default: DefaultValue::Zero, note: "", doc: "What people call the program.", example: "title: The shop's web server", ..FIELD },
        Field { key: "matches", ty: Type::List(&Type::Record(&MATCH)), default: DefaultValue::None, note: "which containers expose this", doc: "Which containers expose this. An entry fits when all that it states is true; one entry that fits is enough. Of several files that fit a container the first tab wins.", mistakes: "Without an entry the file is for no container, and nothing exposes it.", example: "matches:\n  - { container: web, port: 8080 }", ..FIELD },
        Field { key: "path", ty: Type::String, default: DefaultValue::Literal("/metrics"), note: "any other path is a 404", doc: "The path under which the program answers scrapes; everything else is answered with 404. Prometheus asks for the job's `metrics_path`.", example: "path: /actuator/prometheus", ..FIELD },
        Field { key: "includes", ty: STRINGS, default: DefaultValue::None, note: "families that come along", doc: "Names of ready-made workloads whose families come along: a language's runtime, or a whole exporter.", example: "includes: [python]", ..FIELD },
        Field { key: "formats", ty: Type::List(&Type::Enum(FORMATS)), default: DefaultValue::None, note: "what it answers with beside plain text", doc: "The formats that the program can answer in beside the text format, which all can. Prometheus says in its Accept header which it prefers, in the order of `scrape_protocols`.", mistakes: "Native histograms travel in protobuf only: a program without it shows their count and sum alone.", example: "formats: [openmetrics]", ..FIELD },
        Field { key: "created", ty: Type::Bool, default: DefaultValue::Literal("false"), note: "with a _created sample each", doc: "Whether each counter, histogram and summary has a sample `…_created` with the time at which it began, as the Python library writes it.", example: "created: true", ..FIELD },
        Field { key: "streams", ty: Type::Map { key: &Type::String, value: &Type::Record(&TRAFFIC) }, default: DefaultValue::None, note: "events that are counted", doc: "Streams of events by name: requests, tasks, errors. Every event has its exact time; counters and histograms count events, so a scrape between two of them sees the one and not the other.", example: "streams:\n  requests: { random: { rate: 3 } }", ..FIELD },
        Field { key: "actions", ty: Type::List(&Type::Record(&ACTION)), default: DefaultValue::None, note: "buttons that cause an event", doc: "What a visitor can do to the program: each is a button that adds one event to a stream.", example: "actions:\n  - { name: buy, title: Buy a card, stream: cards }\nstreams:\n  cards: { steady: { rate: 0 } }", ..FIELD },
        Field { key: "families", ty: Type::List(&Type::Record(&FAMILY)), default: DefaultValue::None, note: "metric families", doc: "The metric families, in the order in which they are exposed.", example: "families:\n  - { name: http_requests, type: counter, help: Requests., of: requests }\nstreams:\n  requests: { random: { rate: 3 } }", ..FIELD },
        Field { key: "interval", ty: Type::Duration { zero: false }, default: DefaultValue::Literal("1m"), note: "from one value of `series` to the next", doc: "How long each value under `series` holds, as `interval` in a rule test.", example: "interval: 15s\nseries:\n  - { series: queue_length, values: 1 2 3 }", ..FIELD },
        Field { key: "series", ty: Type::List(&Type::Record(&SCRIPT)), default: DefaultValue::None, note: "series in promtool's notation", doc: "Series whose values are written down, as `input_series` in rule tests. They begin when the program starts, which is ten minutes before the simulation does, and are gone behind their last value.", mistakes: "`_` and `stale` are the same here: the program leaves the series out of its answer, and so the scrape writes a staleness marker.", example: "series:\n  - series: http_requests_total{code=\"200\"}\n    values: 0+10x100 _x3 500+5x50", ..FIELD },
    ],
    check: Some(whole),
    ..RECORD
};

static FORMATS: &[Allowed] = &[
    Allowed { value: "openmetrics", doc: "OpenMetrics 1.0: with exemplars and units." },
    Allowed { value: "protobuf", doc: "Prometheus's binary format, the only one with native histograms." },
];

/// A condition on a container.
pub static MATCH: Record = Record {
    name: "match",
    doc: "Fits a container for which all of this is true, or the address of a target outside of the cluster.",
    fields: &[
        Field { key: "image", ty: Type::String, default: DefaultValue::None, note: "", doc: "A part of the image's name, with or without registry and tag.", example: "image: shop/web", ..FIELD },
        Field { key: "container", ty: Type::String, default: DefaultValue::None, note: "", doc: "The container's name in its pod.", example: "container: web", ..FIELD },
        Field { key: "namespace", ty: Type::String, default: DefaultValue::None, note: "", doc: "The pod's namespace.", example: "namespace: shop", ..FIELD },
        Field { key: "port", ty: Type::Uint { max: 65_535 }, default: DefaultValue::None, note: "", doc: "The port on which the program answers scrapes. A container listens there also where its manifest does not declare the port: the declaration is information only.", example: "port: 8080", ..FIELD },
        Field { key: "address", ty: Type::String, default: DefaultValue::None, note: "a target outside of the cluster", doc: "Host and port of a target that no manifest describes, as they stand in `targets`. The program answers there.", mistakes: "An address needs no other field: an entry with an address fits no container.", example: "address: node-exporter:9100", ..FIELD },
    ],
    ..RECORD
};

/// The rate of a stream.
pub static TRAFFIC: Record = Record {
    name: "stream",
    doc: "How often something happens, in one of four ways.",
    fields: &[
        Field { key: "steady", ty: Type::Record(&STEADY), note: "", doc: "Evenly spaced.", example: "steady: { rate: 0.5 }", ..FIELD },
        Field { key: "random", ty: Type::Record(&RANDOM), note: "", doc: "Irregular, as independent requests are. The times follow from the seed, so they are the same each time.", example: "random: { rate: 3 }", ..FIELD },
        Field { key: "daily", ty: Type::Record(&DAILY), note: "", doc: "Irregular, with a peak at 14:00 UTC.", example: "daily: { rate: 3, swing: 0.6 }", ..FIELD },
        Field { key: "bursty", ty: Type::Record(&BURSTY), note: "", doc: "Quiet, but for one burst in each period.", example: "bursty: { rate: 1, every: 300, length: 20 }", ..FIELD },
    ],
    check: Some(traffic),
    ..RECORD
};

const RATE: Field = Field { key: "rate", ty: Type::Float, default: DefaultValue::None, note: "{value} a second", doc: "Events a second, on average over a day.", example: "rate: 3", ..FIELD };

static STEADY: Record = Record { name: "steady", doc: "Evenly spaced events.", fields: &[RATE], check: Some(range), ..RECORD };
static RANDOM: Record = Record { name: "random", doc: "Independent events.", fields: &[RATE], check: Some(range), ..RECORD };
static DAILY: Record = Record {
    name: "daily",
    doc: "Independent events with a peak in the afternoon.",
    fields: &[
        RATE,
        Field { key: "swing", ty: Type::Float, default: DefaultValue::Zero, note: "", doc: "From 0, no difference between day and night, to 0.9, where the peak is 2.6 times the night's traffic.", example: "swing: 0.6", ..FIELD },
    ],
    check: Some(range),
    ..RECORD
};
static BURSTY: Record = Record {
    name: "bursty",
    doc: "Events in bursts.",
    fields: &[
        RATE,
        Field { key: "every", ty: Type::Float, default: DefaultValue::Literal("300"), note: "seconds", doc: "Seconds in which there is one burst.", example: "every: 300", ..FIELD },
        Field { key: "length", ty: Type::Float, default: DefaultValue::Literal("30"), note: "seconds", doc: "Seconds that a burst lasts.", example: "length: 20", ..FIELD },
    ],
    check: Some(range),
    ..RECORD
};

static ACTION: Record = Record {
    name: "action",
    doc: "Something a visitor can do.",
    fields: &[
        Field { key: "name", ty: Type::String, required: true, note: "", doc: "A short name.", example: "name: buy-card", ..FIELD },
        Field { key: "title", ty: Type::String, default: DefaultValue::Zero, note: "", doc: "What the button says.", example: "title: Buy a card", ..FIELD },
        Field { key: "stream", ty: Type::String, required: true, note: "", doc: "The stream that gets one event more.", example: "stream: cards", ..FIELD },
        Field { key: "path", ty: Type::String, default: DefaultValue::None, note: "requests that perform it", doc: "The path of requests that perform the action, as `curl` sends them.", example: "path: /cards", ..FIELD },
        Field { key: "status", ty: Type::Uint { max: 599 }, default: DefaultValue::Literal("200"), note: "of the answer to such a request", doc: "The HTTP status of the answer to a request for `path`.", example: "status: 404", ..FIELD },
    ],
    ..RECORD
};

static TYPES: &[Allowed] = &[
    Allowed { value: "counter", doc: "It only grows, and begins at zero when the program starts." },
    Allowed { value: "gauge", doc: "It goes up and down." },
    Allowed { value: "histogram", doc: "It counts observations in buckets." },
    Allowed { value: "gaugehistogram", doc: "A histogram whose counts may fall." },
    Allowed { value: "summary", doc: "Quantiles that the program computes itself." },
    Allowed { value: "info", doc: "Always 1; its labels say something." },
    Allowed { value: "stateset", doc: "States, each 1 or 0." },
    Allowed { value: "unknown", doc: "Nothing is said about it." },
];

const OF: Field = Field { key: "of", ty: Type::String, default: DefaultValue::None, note: "", doc: "The stream whose events are counted.", example: "of: requests", ..FIELD };
const TAKES: Field = Field { key: "takes", ty: Type::Record(&DISTRIBUTION), default: DefaultValue::Literal("{ median: 0.1, spread: 1 }"), note: "", doc: "How the observed values spread: how long the events take, or how big they are.", example: "takes: { median: 0.02, spread: 0.8 }", ..FIELD };
const LEVEL: Field = Field { key: "level", ty: Type::OneOf(&[Type::Record(&LEVELS), Type::Enum(PROCESS_LEVELS)]), default: DefaultValue::Literal("{ constant: { value: 1 } }"), note: "", doc: "How the value of a gauge moves. A counter with a level grows with it, as CPU seconds do.", example: "level: { between: { low: 3, high: 9, every: 30 } }", ..FIELD };

/// One metric family.
pub static FAMILY: Record = Record {
    name: "family",
    doc: "Samples of one name, type and meaning.",
    fields: &[
        Field { key: "name", ty: Type::MetricName, required: true, note: "", doc: "The family's name as OpenMetrics has it: a counter's without `_total`, a histogram's without `_bucket`.", mistakes: "With `_total` in it, a counter would be exposed as `…_total_total`.", example: "name: http_requests", ..FIELD },
        Field { key: "type", ty: Type::Enum(TYPES), default: DefaultValue::Literal("unknown"), note: "", doc: "What its numbers are.", example: "type: counter", ..FIELD },
        Field { key: "unit", ty: Type::String, default: DefaultValue::Zero, note: "", doc: "The unit, which the name then ends with. OpenMetrics writes it.", example: "unit: seconds", ..FIELD },
        Field { key: "help", ty: Type::String, default: DefaultValue::Zero, note: "", doc: "What it counts, for people.", example: "help: Requests by method.", ..FIELD },
        OF,
        Field { key: "by", ty: Type::Float, default: DefaultValue::Literal("1"), note: "{value} for each event", doc: "For counters: what one event adds.", example: "by: 512", ..FIELD },
        TAKES,
        Field { key: "buckets", ty: NUMBERS, default: DefaultValue::None, note: "", doc: "For histograms: the upper bounds of the buckets, without `+Inf`.", example: "buckets: [0.1, 0.5, 1]", ..FIELD },
        Field { key: "native_factor", ty: Type::Float, default: DefaultValue::None, note: "a native histogram too", doc: "For histograms: it is a native one too, each of whose buckets is at most this much wider than the one before. The Go library calls it `NativeHistogramBucketFactor`. Prometheus gets it by protobuf where `scrape_native_histograms` is on.", example: "native_factor: 1.1", ..FIELD },
        Field { key: "quantiles", ty: NUMBERS, default: DefaultValue::None, note: "", doc: "For summaries: which quantiles, between 0 and 1.", example: "quantiles: [0.5, 0.99]", ..FIELD },
        LEVEL,
        Field { key: "whole", ty: Type::Bool, default: DefaultValue::Literal("false"), note: "", doc: "Whether a gauge shows whole numbers only.", example: "whole: true", ..FIELD },
        Field { key: "bare", ty: Type::Bool, default: DefaultValue::Literal("false"), note: "no _total in plain text", doc: "For counters whose name lacks `_total` in the text format, as older exporters have them.", example: "bare: true", ..FIELD },
        Field { key: "exemplar", ty: Type::LabelName, default: DefaultValue::None, note: "", doc: "For counters and histograms: OpenMetrics shows the last event as an exemplar, with an id under this label.", example: "exemplar: trace_id", ..FIELD },
        Field { key: "series", ty: Type::List(&Type::Record(&SERIES)), default: DefaultValue::None, note: "", doc: "The series, where there is more than one without labels.", example: "series:\n  - { labels: { code: \"200\" }, share: 0.95 }\n  - { labels: { code: \"500\" }, share: 0.05 }", ..FIELD },
        Field { key: "each", ty: Type::Map { key: &Type::LabelName, value: &STRINGS }, default: DefaultValue::None, note: "", doc: "Every combination of these label values is a series, with an equal share of the events.", mistakes: "Values multiply: three labels of ten values each are a thousand series.", example: "each: { method: [GET, POST], code: [\"200\", \"500\"] }", ..FIELD },
    ],
    check: Some(range),
    ..RECORD
};

/// One series of a family.
pub static SERIES: Record = Record {
    name: "series",
    doc: "One series of a family, where it differs from the family.",
    fields: &[
        Field { key: "labels", ty: LABELS, default: DefaultValue::None, note: "", doc: "Its labels.", example: "labels: { code: \"200\" }", ..FIELD },
        Field { key: "share", ty: Type::Float, default: DefaultValue::Literal("1"), note: "", doc: "Which part of the stream's events it sees, from 0 to 1.", example: "share: 0.95", ..FIELD },
        OF,
        TAKES,
        LEVEL,
    ],
    check: Some(range),
    ..RECORD
};

static DISTRIBUTION: Record = Record {
    name: "distribution",
    doc: "A log-normal distribution: most values near the median, and a long tail above.",
    fields: &[
        Field { key: "median", ty: Type::Float, default: DefaultValue::Literal("0.1"), note: "", doc: "Half of the values are below it.", example: "median: 0.02", ..FIELD },
        Field { key: "spread", ty: Type::Float, default: DefaultValue::Literal("1"), note: "", doc: "The standard deviation of the logarithm: 0.5 is narrow, 1.5 has a long tail.", example: "spread: 0.8", ..FIELD },
    ],
    check: Some(range),
    ..RECORD
};

static PROCESS_LEVELS: &[Allowed] = &[
    Allowed { value: "start_time", doc: "Unix time, in seconds, at which the program started." },
    Allowed { value: "uptime", doc: "Seconds since the program started." },
    Allowed { value: "now", doc: "Unix time, in seconds." },
];

static LEVELS: Record = Record {
    name: "level",
    doc: "How a value goes up and down.",
    fields: &[
        Field { key: "constant", ty: Type::Record(&CONSTANT), note: "", doc: "Always the same.", example: "constant: { value: 3 }", ..FIELD },
        Field { key: "between", ty: Type::Record(&BETWEEN), note: "", doc: "Wanders between two values.", example: "between: { low: 3, high: 9, every: 30 }", ..FIELD },
        Field { key: "sawtooth", ty: Type::Record(&SAWTOOTH), note: "", doc: "Grows steadily up to a limit, then begins anew.", example: "sawtooth: { from: 0, by: 0.2, limit: 100 }", ..FIELD },
    ],
    check: Some(level),
    ..RECORD
};

static CONSTANT: Record = Record {
    name: "constant",
    doc: "One value.",
    fields: &[Field { key: "value", ty: Type::Float, default: DefaultValue::Zero, note: "", doc: "The value.", example: "value: 3", ..FIELD }],
    ..RECORD
};
static BETWEEN: Record = Record {
    name: "between",
    doc: "A value that wanders.",
    fields: &[
        Field { key: "low", ty: Type::Float, default: DefaultValue::Zero, note: "", doc: "The lowest value.", example: "low: 3", ..FIELD },
        Field { key: "high", ty: Type::Float, default: DefaultValue::Zero, note: "", doc: "The highest value.", example: "high: 9", ..FIELD },
        Field { key: "every", ty: Type::Float, default: DefaultValue::Literal("60"), note: "seconds", doc: "Seconds from one turn to the next.", example: "every: 30", ..FIELD },
    ],
    ..RECORD
};
static SAWTOOTH: Record = Record {
    name: "sawtooth",
    doc: "A value that grows and begins anew.",
    fields: &[
        Field { key: "from", ty: Type::Float, default: DefaultValue::Zero, note: "", doc: "Where it begins.", example: "from: 0", ..FIELD },
        Field { key: "by", ty: Type::Float, default: DefaultValue::Zero, note: "a second", doc: "What it grows by in a second.", example: "by: 0.2", ..FIELD },
        Field { key: "limit", ty: Type::Float, default: DefaultValue::Zero, note: "", doc: "Where it falls back.", example: "limit: 100", ..FIELD },
    ],
    ..RECORD
};

/// A series in promqltest notation.
pub static SCRIPT: Record = Record {
    name: "series",
    doc: "A series and its values, as a rule test writes them.",
    fields: &[
        Field { key: "series", ty: Type::String, required: true, note: "", doc: "Name and labels.", example: "series: http_requests_total{code=\"200\"}", ..FIELD },
        Field { key: "values", ty: Type::String, required: true, note: "", doc: "The values, one for each `interval`: numbers, `0+10x100` (start, step, number of steps), `_` for none, `_x3`, `stale`, `{{schema:0 sum:5 count:3 buckets:[1 2]}}` for a native histogram.", example: "values: 0+10x100 _x3 stale", ..FIELD },
        Field { key: "type", ty: Type::Enum(TYPES), default: DefaultValue::Computed("`histogram` where there are histograms, else nothing is said of it"), note: "", doc: "What the `# TYPE` line says.", example: "type: counter", ..FIELD },
        Field { key: "help", ty: Type::String, default: DefaultValue::Zero, note: "", doc: "What the `# HELP` line says.", example: "help: Requests.", ..FIELD },
    ],
    ..RECORD
};

fn warn(cx: &mut CheckCx<'_>, code: &'static str, node: &Node, message: String) {
    let at = Location::new(cx.file, node.written_span());
    cx.diagnostics.push(Diagnostic::new(Severity::Error, code, at, message));
}

fn whole(cx: &mut CheckCx<'_>, node: &Node) {
    let empty = ["families", "series", "includes"].iter().all(|key| node.get(key).is_none());
    if empty && let Some(entry) = node.entry("matches") {
        let at = Location::new(cx.file, entry.key.span);
        cx.diagnostics.push(Diagnostic::info(
            "workload-without-motion",
            at,
            "The workload exposes nothing: it has neither `families` nor `series` nor `includes`",
        ));
    }
}

fn exactly_one(cx: &mut CheckCx<'_>, node: &Node, ways: &[&str]) {
    let given = node.entries().filter(|entry| entry.name().is_some_and(|name| ways.contains(&name)));
    if node.as_mapping().is_some() && given.count() != 1 {
        warn(cx, "workload-one-way", node, format!("Exactly one of `{}` is wanted", ways.join("`, `")));
    }
}

fn traffic(cx: &mut CheckCx<'_>, node: &Node) {
    exactly_one(cx, node, &["steady", "random", "daily", "bursty"]);
}

fn level(cx: &mut CheckCx<'_>, node: &Node) {
    exactly_one(cx, node, &["constant", "between", "sawtooth"]);
}

/// The maximum rate in events per second, at which counts are still exact.
pub const MOST_RATE: f64 = 1e6;

/// Bounds of numeric keys, and whether the lower bound is inclusive.
const BOUNDS: [(&str, f64, f64); 8] = [
    ("rate", 0.0, MOST_RATE),
    ("swing", 0.0, 0.9),
    ("every", f64::MIN_POSITIVE, 1e9),
    ("length", f64::MIN_POSITIVE, 1e9),
    ("share", 0.0, 1.0),
    ("median", f64::MIN_POSITIVE, 1e15),
    ("spread", 0.0, 10.0),
    ("native_factor", 1.000_000_1, 65_536.0),
];

fn range(cx: &mut CheckCx<'_>, node: &Node) {
    for (key, low, high) in BOUNDS {
        let Some(value) = node.get(key) else { continue };
        if scalars::float(value).is_ok_and(|number| !(low..=high).contains(&number)) {
            let message = match low == f64::MIN_POSITIVE {
                true => format!("`{key}` must be above 0"),
                false if key == "native_factor" => "`native_factor` must be above 1".to_owned(),
                false => format!("`{key}` must be between {low} and {high}"),
            };
            warn(cx, "workload-out-of-range", value, message);
        }
    }
    for (key, what) in [("buckets", "Bounds of buckets"), ("quantiles", "Quantiles")] {
        let Some(list) = node.get(key) else { continue };
        let numbers: Vec<f64> = list.items().iter().filter_map(|item| scalars::float(item).ok()).collect();
        if !numbers.is_sorted_by(|a, b| a < b) {
            warn(cx, "workload-out-of-range", list, format!("{what} must ascend"));
        } else if key == "quantiles" && numbers.iter().any(|q| !(0.0..=1.0).contains(q)) {
            warn(cx, "workload-out-of-range", list, "Quantiles are between 0 and 1".to_owned());
        }
    }
}
