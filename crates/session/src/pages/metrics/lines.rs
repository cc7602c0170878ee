//! The lines of an exposition, and the explanation of one of them.

use super::stored::{One, selector};
use super::{Answer, page_of};
use crate::pages::discovery::told_step;
use crate::world::START;
use discovery::targets::explain_rules;
use go::number::format_general;
use promql::{Labels, METRIC_NAME};
use protocol::pages::metrics::{Fate, Line, LineDetails, LineKind, SampleDetails, View};
use simulation::exposition::{Entry, ExposedSample, MetricType, review};

impl Answer<'_> {
    pub(super) fn lines(&self, view: &mut View, findings: &[review::Finding]) {
        let found = |number: u32| {
            self.format.is_some() && findings.iter().any(|finding| finding.line == number)
        };
        let filter = view.query.filter.clone();
        let all: Vec<(u32, &str)> = (1..).zip(self.text.lines()).collect();
        view.all = all.len() as u32;
        let chosen: Vec<&(u32, &str)> =
            all.iter().filter(|(_, line)| filter.is_empty() || line.contains(&filter)).collect();
        // The page with the selected line is shown.
        if let Some(line) = view.query.line
            && let Some(place) = chosen.iter().position(|(number, _)| *number == line)
        {
            view.query.page = (place / super::ROWS) as u32;
        }
        let page = page_of(view, chosen.len());
        view.lines = chosen
            .get(page)
            .unwrap_or_default()
            .iter()
            .map(|(number, text)| Line {
                number: *number,
                kind: self.kind(*number, text),
                text: (*text).to_owned(),
                found: found(*number),
            })
            .collect();
        view.details = view.query.line.and_then(|number| self.details_of(number, findings));
    }

    fn kind(&self, number: u32, text: &str) -> LineKind {
        if self.format.is_none() {
            return LineKind::Other;
        }
        if self.exposition.error.as_ref().is_some_and(|error| error.line == number) {
            return LineKind::Mistake;
        }
        if text.starts_with('#') || text.trim().is_empty() {
            return LineKind::Head;
        }
        let labels_end = text.rfind("} ").filter(|_| !text.contains(" # {")).map(|at| at + 1);
        let plain = || text.find(['{', ' ']).unwrap_or(text.len());
        let value = labels_end.or_else(|| text.find("} ").map(|at| at + 1)).unwrap_or_else(plain);
        LineKind::Sample { value: value as u32 }
    }

    fn details_of(&self, number: u32, findings: &[review::Finding]) -> Option<LineDetails> {
        if self.format.is_none() {
            let line = self.text.lines().nth(number.checked_sub(1)? as usize)?;
            return Some(binary(number, line));
        }
        if let Some(error) = self.exposition.error.as_ref().filter(|error| error.line == number) {
            return Some(LineDetails {
                number,
                title: "Prometheus stops reading here".to_owned(),
                body: vec![
                    error.message.clone(),
                    "The scrape fails as a whole: nothing of it is stored, and up is 0.".to_owned(),
                ],
                ..LineDetails::default()
            });
        }
        let record = self.exposition.records.iter().find(|record| record.line == number)?;
        let mut details = LineDetails {
            number,
            body: vec![review::explain(&record.entry)],
            findings: findings
                .iter()
                .filter(|finding| finding.line == number)
                .map(|finding| (finding.message.clone(), finding.code.why().to_owned()))
                .collect(),
            ..LineDetails::default()
        };
        match &record.entry {
            Entry::Sample(sample) => self.add_sample(&mut details, sample),
            Entry::Help { family, .. } => {
                (details.title, details.kind) = (family.to_string(), "HELP".into())
            }
            Entry::Type { family, .. } => {
                (details.title, details.kind) = (family.to_string(), "TYPE".into())
            }
            Entry::Unit { family, .. } => {
                (details.title, details.kind) = (family.to_string(), "UNIT".into())
            }
            Entry::Comment => details.title = "A comment".to_owned(),
        }
        Some(details)
    }

    fn add_sample(&self, details: &mut LineDetails, sample: &ExposedSample) {
        let family = self.heads.family_of(sample);
        let metric_type = self.heads.metric_type(&family);
        details.title = sample.labels.metric_name().to_owned();
        details.kind = metric_type.as_str().to_owned();
        if let Some(time) = sample.timestamp {
            let heeded = self.route.spec.settings.honor_timestamps;
            details.body.push(match heeded {
                true => format!("It brings its own time, {time} ms, which is stored."),
                false => {
                    "It brings its own time, which honor_timestamps: false passes over.".into()
                }
            });
        }
        let spec = &self.route.spec;
        let settings = &spec.settings;
        let own = self.samples().into_iter().find(|one| one.labels == sample.labels);
        let one = own.unwrap_or_else(|| One {
            labels: sample.labels.clone(),
            empty: sample.invalid_labels.as_ref().map(|odd| odd.empty.clone()).unwrap_or_default(),
            value: String::new(),
            passed: None,
            line: Some(details.number),
        });
        let joined = one.joined(&spec.public, settings.honor_labels);
        let (steps, _) = explain_rules(&settings.metric_relabel, &joined);
        let fate = self.fate(&one);
        let stored = match &fate {
            Fate::Stored { .. } => explain_rules(&settings.metric_relabel, &joined).1,
            _ => None,
        };
        details.sample = Some(SampleDetails {
            help: self.heads.help(&family).to_string(),
            exposed: pairs(&sample.labels),
            conflicts: conflicts(&sample.labels, &spec.public, settings.honor_labels),
            joined: pairs(&joined),
            steps: steps.iter().map(|step| told_step(step, &settings.metric_relabel)).collect(),
            last: stored.as_ref().and_then(|labels| self.last(labels)),
            graph: stored.as_ref().map(|labels| {
                let rated = metric_type == MetricType::Counter
                    || (metric_type == MetricType::Histogram && *family != *details.title);
                let window = go::Duration(spec.interval.millis().saturating_mul(4));
                match rated {
                    true => format!("rate({}[{window}])", selector(labels)),
                    false => selector(labels),
                }
            }),
            exemplar: sample.exemplar.as_ref().map(|exemplar| {
                format!(
                    "{} with the value {}. Prometheus keeps exemplars only with --enable-feature=exemplar-storage.",
                    exemplar.labels,
                    format_general(exemplar.value, None)
                )
            }),
            fate,
        });
    }

    /// Returns the last stored value of a series, and its time.
    fn last(&self, labels: &Labels) -> Option<(String, u64)> {
        let storage = &self.snapshot.timeline.world.storage;
        let series = storage.series(storage.find(labels)?)?;
        let value = match series.last_value()? {
            promql::SampleValue::Float(value) if go::number::is_stale_nan(value) => {
                "a staleness marker: the series has ended".to_owned()
            }
            promql::SampleValue::Float(value) => format_general(value, None),
            promql::SampleValue::Histogram(histogram) => histogram.test_expression(),
        };
        Some((value, (series.last_time()? - START).max(0) as u64))
    }
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|label| (label.name.to_string(), label.value.to_string())).collect()
}

/// Returns label names that both the sample and its target have.
fn conflicts(exposed: &Labels, target: &Labels, honor_labels: bool) -> Vec<String> {
    let both = target
        .iter()
        .filter(|label| &*label.name != METRIC_NAME && exposed.find(&label.name).is_some());
    both.map(|label| match honor_labels {
        true => format!(
            "The sample has a label {0} of its own, and with honor_labels: true it stays; the target's {0}=\"{1}\" is left out.",
            label.name, label.value
        ),
        false => format!(
            "The sample has a label {0} of its own. The target's {0}=\"{1}\" takes the name, and the sample's is kept as exported_{0}; honor_labels: true would turn that round.",
            label.name, label.value
        ),
    })
    .collect()
}

/// A line of the text of a binary exposition.
fn binary(number: u32, line: &str) -> LineDetails {
    const KEYS: [(&str, &str); 17] = [
        ("name", "The family's name."),
        ("help", "What it is about, for people."),
        ("type", "What its numbers are."),
        ("unit", "The unit of its values."),
        ("metric", "One series of the family, with all its samples."),
        ("label", "A label of the series."),
        ("counter", "The counter's value."),
        ("gauge", "The gauge's value."),
        ("untyped", "The value; nothing is said of its type."),
        ("histogram", "A histogram: classic buckets, a native histogram, or both."),
        ("summary", "A summary."),
        ("sample_count", "How many observations there were so far."),
        ("sample_sum", "The sum of all observations."),
        ("bucket", "A classic bucket: how many observations were at most the bound."),
        ("quantile", "A quantile that the program computed."),
        (
            "schema",
            "The native histogram's resolution: from one power of two to the next there are 2 to the power of this many buckets.",
        ),
        ("zero_threshold", "Observations this near to zero are counted in a bucket of their own."),
    ];
    let key = line.trim().split([':', ' ', '{']).next().unwrap_or_default();
    let known = KEYS.iter().find(|(known, _)| *known == key).map(|(_, text)| *text);
    let text = known.unwrap_or(match key {
        "zero_count" => "How many observations fell into the zero bucket.",
        _ if key.ends_with("_span") => {
            "A row of native buckets: how far its first is from the end of the row before, and how many there are."
        }
        _ if key.ends_with("_delta") => {
            "The next bucket's count, as the difference to the bucket before it."
        }
        _ => "The end of a message.",
    });
    LineDetails {
        number,
        title: key.to_owned(),
        body: vec![text.to_owned()],
        ..LineDetails::default()
    }
}
