//! The bundle: answers of a live Prometheus's HTTP API in one JSON object.
//!
//! | key | answer of `/api/v1/…` |
//! | --- | --- |
//! | `status_config`, `status_flags`, `status_buildinfo`, `status_runtimeinfo` | `status/…` |
//! | `targets` | `targets?state=any` |
//! | `relabel_steps` | `targets/relabel_steps` for each target: pool → list of `{labels, answer}` |
//! | `rules`, `metadata` | the same |
//!
//! Each key may be absent. Keys that are not in the table are ignored.

pub mod compare;
pub mod files;
pub mod flags;
pub mod redact;
mod rules;
mod samples;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The name of the file in which a workspace keeps the answers.
pub const ANSWERS_FILE: &str = "prometheus-answers.json";

/// Labels of a target, by name.
pub type LabelMap = BTreeMap<String, String>;

/// The answers of a server that are compared with the targets of a workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// None if the bundle has no targets.
    pub targets: Option<Targets>,
    /// The recorded relabeling of targets, by pool.
    pub relabel_steps: BTreeMap<String, Vec<RecordedSteps>>,
    /// The type and help of each metric.
    pub metadata: BTreeMap<String, Vec<Metadata>>,
    pub version: String,
    pub hostname: String,
}

/// The answer of `/api/v1/targets?state=any`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Targets {
    #[serde(deserialize_with = "or_default")]
    pub active_targets: Vec<ActiveTarget>,
    #[serde(deserialize_with = "or_default")]
    pub dropped_targets: Vec<DroppedTarget>,
    /// The number of dropped targets of each pool, also of those that are not listed.
    #[serde(deserialize_with = "or_default")]
    pub dropped_target_counts: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ActiveTarget {
    pub discovered_labels: LabelMap,
    pub labels: LabelMap,
    pub scrape_pool: String,
    pub scrape_url: String,
    pub last_error: String,
    /// `up`, `down` or `unknown`.
    pub health: String,
    /// In RFC 3339; the year 1 before the first scrape.
    pub last_scrape: String,
    /// In seconds; 0 if it is not a number.
    #[serde(deserialize_with = "seconds")]
    pub last_scrape_duration: f64,
    pub scrape_interval: String,
    pub scrape_timeout: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DroppedTarget {
    pub discovered_labels: LabelMap,
    pub scrape_pool: String,
}

/// The recorded relabeling of one target.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RecordedSteps {
    /// Labels before relabeling.
    pub labels: LabelMap,
    /// The answer of `/api/v1/targets/relabel_steps`.
    pub answer: Value,
}

/// Type and help of a metric, as one target exposes it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    #[serde(rename = "type")]
    pub metric_type: String,
    pub help: String,
}

/// Reads null as the empty value, because Go prints an empty list so.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Value::deserialize(from)?.as_f64().unwrap_or_default())
}

/// The keys of a bundle with the paths that they are asked from.
pub const KEYS: [(&str, &str); 8] = [
    ("status_config", "status/config"),
    ("targets", "targets?state=any"),
    ("relabel_steps", "targets/relabel_steps"),
    ("rules", "rules"),
    ("metadata", "metadata"),
    ("status_flags", "status/flags"),
    ("status_buildinfo", "status/buildinfo"),
    ("status_runtimeinfo", "status/runtimeinfo"),
];

/// Returns true if a JSON object is a bundle.
pub fn is_bundle(object: &Map<String, Value>) -> bool {
    let known = |key: &str| KEYS.iter().any(|(own, _)| *own == key);
    let keys = object.iter().filter(|(key, value)| known(key) && is_answer(key, value));
    keys.count() > 0 && (object.contains_key("status_config") || object.contains_key("targets"))
}

fn is_answer(key: &str, value: &Value) -> bool {
    key == "relabel_steps"
        || value.is_null()
        || value.get("data").is_some()
        || value.get("error").is_some()
}

/// Returns a single answer of the API as a bundle, if its content determines the path.
pub fn of_single_answer(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let data = object.get("data").filter(|_| object.contains_key("status"))?;
    let has = |key: &str| data.get(key).is_some();
    let key = if data.get("yaml").is_some_and(Value::is_string) {
        "status_config"
    } else if has("activeTargets") {
        "targets"
    } else if has("groups") {
        "rules"
    } else {
        return None;
    };
    Some(Map::from_iter([(key.to_owned(), Value::Object(object.clone()))]))
}

/// Returns the data of an answer, or the reason why there is none.
pub(crate) fn data<'a>(bundle: &'a Map<String, Value>, key: &str) -> Result<&'a Value, String> {
    let answer = bundle.get(key).filter(|answer| !answer.is_null()).ok_or("it is absent")?;
    match answer.get("data").filter(|data| !data.is_null()) {
        Some(data) => Ok(data),
        None => {
            let error = answer.get("error").and_then(Value::as_str);
            Err(error.map_or_else(|| "it has no data".to_owned(), str::to_owned))
        }
    }
}

impl Answers {
    /// Reads the file that [`files`] writes, or a bundle. Parts of another form are left out.
    pub fn parse(text: &str) -> Option<Self> {
        let bundle: Map<String, Value> = serde_json::from_str(text).ok()?;
        Some(Self::of(&bundle))
    }

    /// Reads the parts that are compared.
    pub fn of(bundle: &Map<String, Value>) -> Self {
        let text = |key: &str, field: &str| {
            let found = data(bundle, key).ok().and_then(|data| data.get(field)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        let steps = bundle.get("relabel_steps").and_then(|steps| BTreeMap::deserialize(steps).ok());
        Self {
            targets: data(bundle, "targets").ok().and_then(|data| Targets::deserialize(data).ok()),
            relabel_steps: steps.unwrap_or_default(),
            metadata: data(bundle, "metadata")
                .ok()
                .and_then(|data| BTreeMap::deserialize(data).ok())
                .unwrap_or_default(),
            version: text("status_buildinfo", "version"),
            hostname: text("status_runtimeinfo", "hostname"),
        }
    }

    /// The number of targets, active and dropped, that the server lists.
    pub fn listed(&self) -> usize {
        self.targets.as_ref().map_or(0, |all| all.active_targets.len() + all.dropped_targets.len())
    }

    /// The number of targets whose relabeling was recorded.
    pub fn recorded(&self) -> usize {
        self.relabel_steps.values().map(Vec::len).sum()
    }
}
