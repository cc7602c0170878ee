//! A review of a body: an explanation of each line, the number of series of each metric, and broken
//! conventions.

use text::IndexSort;
mod labels;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::{Entry, ExposedSample, Exposition, MetricType};
use promql::METRIC_NAME;
use text::Code;

/// A metric family of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FamilyReview {
    pub name: Arc<str>,
    pub metric_type: MetricType,
    pub help: Arc<str>,
    pub series: usize,
    /// Label names with the number of their values, in descending order.
    pub labels: Vec<(Arc<str>, usize)>,
}

/// A convention that a body breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub code: FindingCode,
    pub metric: Arc<str>,
    /// The first line that it concerns, from 1.
    pub line: u32,
    pub message: String,
}

/// The conventions that are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindingCode {
    CounterWithoutTotal,
    TotalThatIsNoCounter,
    UnitNotBase,
    NoUnit,
    NoHelp,
    NoType,
    UnboundedLabel,
    PersonalData,
    TypeInName,
}

impl FindingCode {
    pub const ALL: [Self; 9] = [
        Self::CounterWithoutTotal,
        Self::TotalThatIsNoCounter,
        Self::UnitNotBase,
        Self::NoUnit,
        Self::NoHelp,
        Self::NoType,
        Self::UnboundedLabel,
        Self::PersonalData,
        Self::TypeInName,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Self::CounterWithoutTotal => "counter-without-total",
            Self::TotalThatIsNoCounter => "total-that-is-no-counter",
            Self::UnitNotBase => "unit-not-base",
            Self::NoUnit => "unit-missing",
            Self::NoHelp => "metric-without-help",
            Self::NoType => "metric-without-type",
            Self::UnboundedLabel => "unbounded-label",
            Self::PersonalData => "personal-data-in-label",
            Self::TypeInName => "type-in-name",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::CounterWithoutTotal => "A counter's name does not end in _total",
            Self::TotalThatIsNoCounter => "A name ends in _total, and is no counter",
            Self::UnitNotBase => "The unit is not a base unit",
            Self::NoUnit => "The name does not say the unit",
            Self::NoHelp => "A metric has no HELP line",
            Self::NoType => "A metric has no TYPE line",
            Self::UnboundedLabel => "A label has values without end",
            Self::PersonalData => "A label tells who somebody is",
            Self::TypeInName => "The type stands in the name",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::CounterWithoutTotal => "# TYPE requests counter\nrequests 1",
            Self::TotalThatIsNoCounter => "# TYPE users_total gauge\nusers_total 7",
            Self::UnitNotBase => "request_duration_ms 12",
            Self::NoUnit => "# TYPE request_duration summary\nrequest_duration_sum 12",
            Self::NoHelp => "# TYPE jobs gauge\njobs 3",
            Self::NoType => "# HELP jobs Jobs.\njobs 3",
            Self::UnboundedLabel => {
                "requests_total{request_id=\"123e4567-e89b-12d3-a456-426614174000\"} 1"
            }
            Self::PersonalData => "logins_total{user=\"ann@example.org\"} 1",
            Self::TypeInName => "# TYPE jobs_gauge gauge\njobs_gauge 3",
        }
    }

    /// The reason for the convention, and the remedy.
    pub const fn why(self) -> &'static str {
        match self {
            Self::CounterWithoutTotal => {
                "A reader cannot see from the name that this only grows, so that it wants `rate()`. OpenMetrics demands `_total`, and libraries add it there: the name then changes with the format."
            }
            Self::TotalThatIsNoCounter => {
                "`_total` promises a counter, and everybody will put `rate()` around it; on a value that goes down, `rate()` takes every fall for a restart."
            }
            Self::UnitNotBase => {
                "Seconds, bytes and ratios make metrics of different programs comparable; a dashboard that divides milliseconds by seconds is wrong without anyone seeing it."
            }
            Self::NoUnit => {
                "Is it seconds or milliseconds? Who reads a graph has to ask the author. The convention is to end the name with the unit: `_seconds`, `_bytes`, `_ratio`."
            }
            Self::NoHelp => "Unreachable who meets the metric in a query learns what it counts.",
            Self::NoType => {
                "Without a TYPE line the metric is untyped: editors and this page cannot tell whether `rate()` fits."
            }
            Self::UnboundedLabel => {
                "Every value is a series of its own, kept in memory for hours. A label whose values grow with users, requests or time is how a Prometheus server dies; put such things into logs."
            }
            Self::PersonalData => {
                "Whoever can reach /metrics reads it, it is kept for the whole retention, and it can hardly be deleted for one person."
            }
            Self::TypeInName => {
                "The type has a line of its own; in the name it stays for ever, even when the type changes."
            }
        }
    }
}

/// The documentation of all findings.
pub static CODES: [Code; FindingCode::ALL.len()] = {
    const EMPTY: Code = Code { code: "", title: "", doc: "", example: "" };
    let mut codes = [EMPTY; FindingCode::ALL.len()];
    let mut at = 0;
    while at < codes.len() {
        let found = FindingCode::ALL[at];
        let (code, title, doc, example) =
            (found.code(), found.title(), found.why(), found.example());
        codes[at] = Code { code, title, doc, example };
        at += 1;
    }
    codes
};

/// The families of a body, in the order of the body.
pub fn families(exposition: &Exposition) -> Vec<FamilyReview> {
    let mut order: Vec<Arc<str>> = Vec::new();
    let mut known: BTreeMap<Arc<str>, Gathered> = BTreeMap::new();
    let heads = Heads::new(exposition);
    for sample in exposition.samples() {
        let family = heads.family_of(sample);
        let gathered = known.entry(family.clone()).or_insert_with(|| {
            order.push(family.clone());
            Gathered::default()
        });
        gathered.series += 1;
        for label in sample.labels.iter().filter(|label| &*label.name != METRIC_NAME) {
            gathered.labels.entry(label.name.clone()).or_default().insert(label.value.clone());
        }
    }
    order
        .into_iter()
        .map(|name| {
            let gathered = known.remove(&name).unwrap_or_default();
            let mut labels: Vec<_> =
                gathered.labels.into_iter().map(|(name, values)| (name, values.len())).collect();
            labels.index_sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            FamilyReview {
                metric_type: heads.metric_type(&name),
                help: heads.help.get(&name).cloned().unwrap_or_default(),
                series: gathered.series,
                labels,
                name,
            }
        })
        .collect()
}

#[derive(Default)]
struct Gathered {
    series: usize,
    labels: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
}

/// The contents of `# TYPE`, `# HELP` and `# UNIT` lines.
pub struct Heads {
    types: BTreeMap<Arc<str>, MetricType>,
    help: BTreeMap<Arc<str>, Arc<str>>,
    units: BTreeMap<Arc<str>, Arc<str>>,
}

impl Heads {
    pub fn new(exposition: &Exposition) -> Self {
        let mut heads =
            Self { types: BTreeMap::new(), help: BTreeMap::new(), units: BTreeMap::new() };
        for record in &exposition.records {
            match &record.entry {
                Entry::Type { family, metric_type } => {
                    heads.types.insert(family.clone(), *metric_type);
                }
                Entry::Help { family, text } => {
                    heads.help.insert(family.clone(), text.clone());
                }
                Entry::Unit { family, unit } => {
                    heads.units.insert(family.clone(), unit.clone());
                }
                _ => {}
            }
        }
        heads
    }

    /// The HELP text; empty if there is none.
    pub fn help(&self, family: &str) -> Arc<str> {
        self.help.get(family).cloned().unwrap_or_default()
    }

    pub fn unit(&self, family: &str) -> Arc<str> {
        self.units.get(family).cloned().unwrap_or_default()
    }

    pub fn metric_type(&self, family: &str) -> MetricType {
        self.types.get(family).copied().unwrap_or_default()
    }

    /// Returns the family of a sample: the longest name with a `#` line that the sample's name
    /// starts with, followed by a suffix of the family's type; otherwise the sample's own name.
    pub fn family_of(&self, sample: &ExposedSample) -> Arc<str> {
        let name = sample.labels.metric_name();
        let suffixes =
            ["", "_total", "_bucket", "_sum", "_count", "_info", "_created", "_gcount", "_gsum"];
        for suffix in suffixes {
            let stem = name.strip_suffix(suffix);
            let Some((family, metric_type)) = stem.and_then(|stem| self.types.get_key_value(stem))
            else {
                continue;
            };
            if metric_type.has_suffix(suffix) {
                return family.clone();
            }
        }
        name.into()
    }
}

/// Explains a line of a body.
pub fn explain(entry: &Entry) -> String {
    match entry {
        Entry::Help { family, .. } => format!("What {family} is about, for people."),
        Entry::Type { family, metric_type } => format!("{family} is {}.", in_words(*metric_type)),
        Entry::Unit { unit, .. } => format!("Its values are in {unit}."),
        Entry::Comment => "A comment; Prometheus passes over it.".to_owned(),
        Entry::Sample(sample) => explain_sample(sample),
    }
}

fn in_words(metric_type: MetricType) -> &'static str {
    match metric_type {
        MetricType::Counter => {
            "a counter: it only grows, and begins at zero when the program starts; look at it through rate() or increase()"
        }
        MetricType::Gauge => "a gauge: it goes up and down, and is looked at as it is",
        MetricType::Histogram => {
            "a histogram: it counts observations in buckets; histogram_quantile() over the rate of the buckets estimates quantiles"
        }
        MetricType::GaugeHistogram => "a histogram whose counts may go down",
        MetricType::Summary => {
            "a summary: the program itself computed the quantiles, and they cannot be aggregated"
        }
        MetricType::Info => "always 1; what matters are its labels",
        MetricType::StateSet => "a set of states, each 1 or 0",
        MetricType::Unknown => "of no known type",
    }
}

fn explain_sample(sample: &ExposedSample) -> String {
    let labels = &sample.labels;
    let name = labels.metric_name();
    let value = go::number::format_general(sample.value, None);
    let count = labels.len() - usize::from(!name.is_empty());
    if let Some(bound) = labels.find("le").filter(|_| name.ends_with("_bucket")) {
        return match bound {
            "+Inf" => format!("All {value} observations so far."),
            bound => format!("{value} observations so far were at most {bound}."),
        };
    }
    if name.ends_with("_created") && sample.value > 1e8 {
        return format!(
            "The series began {value} seconds after the start of 1970: here a counter is zero anew."
        );
    }
    if let Some(quantile) = labels.find("quantile") {
        return format!("The {quantile} quantile of the last minutes is {value}.");
    }
    match count {
        0 => format!("One series without labels of its own, now {value}."),
        1 => format!("The series of this label value, now {value}."),
        _ => format!("The series of these {count} label values, now {value}."),
    }
}

/// The number of values above which a label is reported.
const MANY_VALUES: usize = 50;

/// Returns the conventions that a body breaks; each finding once for a metric.
pub fn findings(exposition: &Exposition) -> Vec<Finding> {
    let heads = Heads::new(exposition);
    let mut review = Review::default();
    for record in &exposition.records {
        let Entry::Sample(sample) = &record.entry else { continue };
        let family = heads.family_of(sample);
        review.check_name(&heads, &family, sample.labels.metric_name(), record.line);
        review.check_labels(&family, sample, record.line);
    }
    for family in families(exposition) {
        let many = family
            .labels
            .iter()
            .find(|(name, count)| *count > MANY_VALUES && !matches!(&**name, "le" | "quantile"));
        if let Some((label, count)) = many {
            let message = format!("the label {label} of {} has {count} values", family.name);
            review.add(FindingCode::UnboundedLabel, &family.name, 1, message);
        }
    }
    review.found
}

/// Findings so far.
#[derive(Default)]
struct Review {
    found: Vec<Finding>,
    known: HashSet<(FindingCode, Arc<str>)>,
}

impl Review {
    /// Adds a finding unless the metric has one with the same code.
    fn add(&mut self, code: FindingCode, metric: &Arc<str>, line: u32, message: String) {
        if self.known.insert((code, metric.clone())) {
            self.found.push(Finding { code, metric: metric.clone(), line, message });
        }
    }

    /// Checks the name, type and help of the family that a sample named `name` belongs to.
    fn check_name(&mut self, heads: &Heads, family: &Arc<str>, name: &str, line: u32) {
        let metric_type = heads.metric_type(family);
        match metric_type {
            MetricType::Counter if !name.ends_with("_total") && !is_created(name, family) => {
                let message = format!("{name} is a counter, so its name should end in _total");
                self.add(FindingCode::CounterWithoutTotal, family, line, message);
            }
            MetricType::Gauge if name.ends_with("_total") => {
                let message = format!("{name} is a gauge, and its name says counter");
                self.add(FindingCode::TotalThatIsNoCounter, family, line, message);
            }
            _ => {}
        }
        if !heads.types.contains_key(family) {
            self.add(FindingCode::NoType, family, line, format!("{family} has no TYPE line"));
        }
        if !heads.help.contains_key(family) {
            self.add(FindingCode::NoHelp, family, line, format!("{family} has no HELP line"));
        }
        if let Some((unit, base)) = foreign_unit(family) {
            let message = format!("{family} is in {unit}; the convention is {base}");
            self.add(FindingCode::UnitNotBase, family, line, message);
        }
        if needs_unit(family, metric_type) {
            let message = format!("{family} measures something, and its name does not say in what");
            self.add(FindingCode::NoUnit, family, line, message);
        }
        if let Some(word) = type_in_name(family) {
            let message = format!("{family} has the word {word} in its name");
            self.add(FindingCode::TypeInName, family, line, message);
        }
    }

    /// Checks the labels of a sample for personal data and unbounded values.
    fn check_labels(&mut self, family: &Arc<str>, sample: &ExposedSample, line: u32) {
        for label in sample.labels.iter().filter(|label| &*label.name != METRIC_NAME) {
            let (name, value) = (&label.name, &label.value);
            if let Some(what) = labels::personal(name, value) {
                let message = format!("the label {name} of {family} holds {what}");
                self.add(FindingCode::PersonalData, family, line, message);
            } else if let Some(what) = labels::unbounded(name, value) {
                let value = go::quote::quote(value);
                let message = format!("the label {name} of {family} holds {what} like {value}");
                self.add(FindingCode::UnboundedLabel, family, line, message);
            }
        }
    }
}

/// Returns true for the creation time of a series.
fn is_created(name: &str, family: &str) -> bool {
    name.strip_suffix("_created") == Some(family)
}

/// Name parts that are units, but not base units.
const FOREIGN_UNITS: [(&str, &str); 14] = [
    ("milliseconds", "seconds"),
    ("ms", "seconds"),
    ("microseconds", "seconds"),
    ("us", "seconds"),
    ("nanoseconds", "seconds"),
    ("ns", "seconds"),
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("kilobytes", "bytes"),
    ("kb", "bytes"),
    ("megabytes", "bytes"),
    ("mb", "bytes"),
    ("percent", "a ratio from 0 to 1"),
];

fn foreign_unit(name: &str) -> Option<(&'static str, &'static str)> {
    let last = name.strip_suffix("_total").unwrap_or(name).rsplit('_').next()?;
    FOREIGN_UNITS.into_iter().find(|(unit, _)| last == *unit)
}

/// Name parts that are units, or mark a count.
const UNITS: [&str; 16] = [
    "seconds",
    "bytes",
    "ratio",
    "meters",
    "volts",
    "amperes",
    "joules",
    "grams",
    "celsius",
    "hertz",
    "watts",
    "total",
    "count",
    "size",
    "info",
    "timestamp",
];

/// Name parts that mark a measurement.
const MEASURED: [&str; 5] = ["duration", "latency", "time", "elapsed", "memory"];

fn needs_unit(name: &str, metric_type: MetricType) -> bool {
    let parts = || name.split(['_', '.', ':']);
    let has = |words: &[&str]| parts().any(|part| words.contains(&part));
    let foreign = FOREIGN_UNITS.iter().any(|(unit, _)| parts().any(|part| part == *unit));
    let observed = matches!(metric_type, MetricType::Histogram | MetricType::Summary);
    let measured = has(&MEASURED) && metric_type != MetricType::Info;
    (observed || measured) && !has(&UNITS) && !foreign
}

fn type_in_name(name: &str) -> Option<&'static str> {
    let words = ["counter", "gauge", "histogram", "summary"];
    words.into_iter().find(|word| name.split('_').any(|part| part == *word))
}

#[cfg(test)]
mod tests;
