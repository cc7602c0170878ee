//! The conditions of goals and guards, as data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A condition on the state of the simulated system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    Targets(Targets),
    Query(Query),
    Object(Object),
    Pods(Pods),
    Endpoints(Endpoints),
    Alert(Alert),
    Disk(Disk),
    Finding(Finding),
    File(FileText),
    /// An action of the learner since the start.
    Action(Used),
    /// A command that the learner ran since the start.
    Command(Used),
    Answer(Question),
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
}

/// The number of active targets with these properties.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    #[serde(default)]
    pub job: Option<String>,
    /// Labels of the target and their values.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub state: Option<Health>,
    /// A part of the error of the last scrape.
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub count: Bounds,
}

/// The health of a target, as the page "Target health" of Prometheus shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Up,
    Down,
    Unknown,
}

impl Health {
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

/// The result of an instant query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    pub query: String,
    /// The value of every series of the result.
    #[serde(default)]
    pub value: Option<Bounds>,
    /// The distance from `value` that is accepted.
    #[serde(default)]
    pub tolerance: f64,
    /// The number of series of the result. A result without series meets no `value`.
    #[serde(default)]
    pub series: Option<Bounds>,
    /// The condition holds at all moments of this time before now, every 15 seconds.
    #[serde(default)]
    pub throughout: Millis,
}

/// A stored object, and a field of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    pub kind: String,
    #[serde(default = "default_namespace")]
    pub namespace: String,
    pub name: String,
    /// The path of a field, such as `spec/ports/0/targetPort`; empty for the object itself.
    #[serde(default)]
    pub field: String,
    /// The value of the field as text. Without it and `contains`, the field exists.
    #[serde(default)]
    pub equals: Option<String>,
    /// A part of the value.
    #[serde(default)]
    pub contains: Option<String>,
}

/// The number of pods with these properties.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pods {
    #[serde(default = "default_namespace")]
    pub namespace: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub phase: Option<String>,
    #[serde(default)]
    pub ready: Option<bool>,
    /// The restarts of all containers of a pod.
    #[serde(default)]
    pub restarts: Option<Bounds>,
    #[serde(default)]
    pub count: Bounds,
}

/// The number of ready endpoints of a Service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    #[serde(default = "default_namespace")]
    pub namespace: String,
    pub service: String,
    #[serde(default)]
    pub ready: Bounds,
}

/// The number of alerts in a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    pub name: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    pub state: AlertState,
    /// The time since the start of the simulation; now without it.
    #[serde(default)]
    pub at: Option<Millis>,
    #[serde(default)]
    pub count: Bounds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    Pending,
    Firing,
}

impl AlertState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// The disk of the Prometheus server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// The part of the claim that the blocks can come to fill: the limit by size if there is one,
    /// else what the samples need. Without a claim no limit holds.
    pub share: Bounds,
}

/// A finding of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub code: String,
    #[serde(default)]
    pub absent: bool,
}

/// The text of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileText {
    pub name: String,
    #[serde(default)]
    pub contains: Option<String>,
    #[serde(default)]
    pub lacks: Option<String>,
}

/// An action or a command that was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// The beginning of the identifier of the action, such as `reload` or `restart`, or of the
    /// command, such as `kubectl get pods`.
    pub name: String,
    #[serde(default)]
    pub times: Bounds,
}

/// A question that the learner answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub ask: String,
    /// The choices; empty if the answer is a number.
    #[serde(default)]
    pub choices: Vec<String>,
    pub answer: crate::lesson::RightAnswer,
    #[serde(default)]
    pub tolerance: f64,
}

/// The time at which a query is evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryAt {
    #[default]
    Now,
    /// The start of the lesson.
    Start,
}

/// A number, or limits of one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bounds {
    Exactly(f64),
    Between(Limits),
}

/// Limits of a number. Both are inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[serde(default)]
    pub at_least: Option<f64>,
    #[serde(default)]
    pub at_most: Option<f64>,
}

impl Default for Bounds {
    /// At least one.
    fn default() -> Self {
        Self::Between(Limits { at_least: Some(1.0), at_most: None })
    }
}

impl Bounds {
    /// Returns true if a number is within the limits, or no further from them than `tolerance`.
    pub fn holds(&self, number: f64, tolerance: f64) -> bool {
        match self {
            Self::Exactly(exactly) => (number - exactly).abs() <= tolerance,
            Self::Between(Limits { at_least, at_most }) => {
                at_least.is_none_or(|least| number >= least - tolerance)
                    && at_most.is_none_or(|most| number <= most + tolerance)
            }
        }
    }
}

fn default_namespace() -> String {
    "default".to_owned()
}

/// A time in milliseconds, written as Prometheus writes durations: `1m30s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

impl Millis {
    /// Parses numbers with the units `ms`, `s`, `m`, `h`, and the text `0`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "0" {
            return Some(Self(0));
        }
        let mut rest = text;
        let mut sum: u64 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let number: u64 = rest.get(..digits)?.parse().ok()?;
            let after = rest.get(digits..)?;
            let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let unit = match after.get(..letters)? {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                _ => return None,
            };
            sum = sum.checked_add(number.checked_mul(unit)?)?;
            rest = after.get(letters..)?;
        }
        (!text.is_empty()).then_some(Self(sum))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0;
        if left == 0 {
            return f.write_str("0");
        }
        for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
            if left >= size {
                write!(f, "{}{unit}", left / size)?;
                left %= size;
            }
        }
        Ok(())
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a duration")))
    }
}
