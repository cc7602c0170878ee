//! Releases in Secrets of the cluster.
//!
//! A revision is a Secret `sh.helm.release.v1.NAME.vN`. The record is JSON in base64, which Helm
//! reads too; Helm itself compresses it.
//!
//! Source: helm pkg/storage storage.go, driver/secrets.go, util.go.

use ::helm::chart::{Chart, Dependency};
use ::helm::manifests::{EVENTS, Hook};
use ::helm::values::{from_json, to_json};
use cluster::apiserver::{ApiServer, PatchType, Propagation};
use go::template::{Entries, Value};
use kubernetes::kinds::{self, Kind};
use kubernetes::object::Value as Object;
use serde_json::{Value as Json, json};

/// The state of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Deployed,
    Uninstalled,
    Superseded,
    Failed,
    Uninstalling,
    PendingInstall,
    PendingUpgrade,
    PendingRollback,
}

const STATES: &[(&str, State)] = &[
    ("deployed", State::Deployed),
    ("uninstalled", State::Uninstalled),
    ("superseded", State::Superseded),
    ("failed", State::Failed),
    ("uninstalling", State::Uninstalling),
    ("pending-install", State::PendingInstall),
    ("pending-upgrade", State::PendingUpgrade),
    ("pending-rollback", State::PendingRollback),
];

impl State {
    /// The word in tables and labels.
    pub fn name(self) -> &'static str {
        STATES.iter().find(|(_, state)| *state == self).map_or("unknown", |(name, _)| name)
    }

    /// Returns true if an operation is under way.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback)
    }
}

/// A revision of a release.
#[derive(Clone, Debug)]
pub(super) struct Release {
    pub name: String,
    pub namespace: String,
    pub revision: i64,
    pub state: State,
    pub description: String,
    /// Seconds since the epoch.
    pub first_deployed: i64,
    pub last_deployed: i64,
    pub notes: String,
    /// The chart: its metadata, values and dependencies.
    pub chart: Chart,
    /// The user's values.
    pub config: Entries,
    pub manifest: String,
    pub hooks: Vec<Hook>,
}

impl Release {
    fn secret_name(&self) -> String {
        format!("sh.helm.release.v1.{}.v{}", self.name, self.revision)
    }

    fn encode(&self) -> Result<String, String> {
        let hooks: Vec<Json> = self.hooks.iter().map(encode_hook).collect();
        let record = json!({
            "name": self.name,
            "namespace": self.namespace,
            "version": self.revision,
            "info": {
                "status": self.state.name(),
                "description": self.description,
                "first_deployed": self.first_deployed,
                "last_deployed": self.last_deployed,
                "notes": self.notes,
            },
            "chart": encode_chart(&self.chart)?,
            "config": to_json(&Value::map(self.config.clone()))?,
            "manifest": self.manifest,
            "hooks": hooks,
            "apply_method": "ssa",
        });
        Ok(go::base64::encode(record.to_string().as_bytes()))
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = go::base64::decode(text).ok()?;
        let record: Json = serde_json::from_slice(&bytes).ok()?;
        let text = |value: &Json, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let info = &record["info"];
        let state = STATES.iter().find(|(name, _)| info["status"] == *name)?.1;
        let hooks = record["hooks"].as_array().into_iter().flatten().filter_map(decode_hook);
        Some(Self {
            name: text(&record, "name"),
            namespace: text(&record, "namespace"),
            revision: record["version"].as_i64()?,
            state,
            description: text(info, "description"),
            first_deployed: info["first_deployed"].as_i64().unwrap_or_default(),
            last_deployed: info["last_deployed"].as_i64().unwrap_or_default(),
            notes: text(info, "notes"),
            chart: decode_chart(&record["chart"]),
            config: entries(&record["config"]),
            manifest: text(&record, "manifest"),
            hooks: hooks.collect(),
        })
    }

    /// The labels of the Secret.
    pub fn labels(&self, modified: i64) -> [(&'static str, String); 5] {
        [
            ("modifiedAt", modified.to_string()),
            ("name", self.name.clone()),
            ("owner", "helm".to_owned()),
            ("status", self.state.name().to_owned()),
            ("version", self.revision.to_string()),
        ]
    }
}

fn entries(json: &Json) -> Entries {
    let value = from_json(&json.to_string()).unwrap_or(Value::Nil);
    value.as_map().map(|entries| (*entries).clone()).unwrap_or_default()
}

fn encode_chart(chart: &Chart) -> Result<Json, String> {
    let metadata = &chart.metadata;
    let needs: Vec<&str> = metadata.needs().map(|need| &*need.name).collect();
    let charts: Vec<Json> =
        chart.dependencies.iter().map(encode_chart).collect::<Result<_, _>>()?;
    let annotations: serde_json::Map<String, Json> =
        metadata.annotations.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    Ok(json!({
        "name": metadata.name,
        "version": metadata.version,
        "appVersion": metadata.app_version,
        "annotations": annotations,
        "dependencies": needs,
        "values": to_json(&Value::map(chart.values.clone()))?,
        "charts": charts,
    }))
}

fn decode_chart(json: &Json) -> Chart {
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let mut chart = Chart::default();
    chart.metadata.name = text("name");
    chart.metadata.version = text("version");
    chart.metadata.app_version = text("appVersion");
    let annotations = json["annotations"].as_object().into_iter().flatten();
    chart.metadata.annotations = annotations
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let needs = json["dependencies"].as_array().into_iter().flatten().filter_map(Json::as_str);
    chart.metadata.dependencies = needs
        .map(|name| Some(Dependency { name: name.to_owned(), ..Dependency::default() }))
        .collect();
    chart.values = entries(&json["values"]);
    chart.dependencies =
        json["charts"].as_array().into_iter().flatten().map(decode_chart).collect();
    chart
}

fn encode_hook(hook: &Hook) -> Json {
    let events: Vec<&str> = hook.events.iter().map(|event| event.name()).collect();
    json!({
        "name": hook.name,
        "kind": hook.kind,
        "path": hook.path,
        "manifest": hook.manifest,
        "events": events,
        "weight": hook.weight,
        "delete_policies": hook.delete_policies,
    })
}

fn decode_hook(json: &Json) -> Option<Hook> {
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let events = json["events"].as_array()?.iter().filter_map(|event| {
        EVENTS.iter().find(|(name, _)| event == *name).map(|(_, event)| *event)
    });
    let policies = json["delete_policies"].as_array()?.iter().filter_map(Json::as_str);
    Some(Hook {
        name: text("name"),
        kind: text("kind"),
        path: text("path"),
        manifest: text("manifest"),
        events: events.collect(),
        weight: json["weight"].as_i64().unwrap_or_default(),
        delete_policies: policies.map(str::to_owned).collect(),
    })
}

fn secrets() -> Option<&'static Kind> {
    kinds::find("v1", "Secret")
}

/// Stores a new revision. The error is that of the server.
pub(super) fn create(server: &mut ApiServer, release: &Release) -> Result<(), String> {
    let Some(kind) = secrets() else { return Ok(()) };
    let mut secret = Object::Null;
    secret.set("apiVersion", "v1");
    secret.set("kind", "Secret");
    secret.set("type", "helm.sh/release.v1");
    secret.entry("metadata").set("name", release.secret_name());
    secret.entry("metadata").set("namespace", release.namespace.as_str());
    fill(&mut secret, release, server.time())?;
    server.set_manager("helm");
    let created = server.create(kind, &release.namespace, &secret);
    created.map(|_| ()).map_err(|status| format!("create: failed to create: {}", status.message))
}

/// Stores a revision that has changed.
pub(super) fn update(server: &mut ApiServer, release: &Release) {
    let Some(kind) = secrets() else { return };
    let mut patch = Object::Null;
    if fill(&mut patch, release, server.time()).is_ok() {
        server.set_manager("helm");
        let name = release.secret_name();
        // A revision that is gone stays gone, as in Helm, which only logs it.
        let _ = server.patch_as(kind, &release.namespace, &name, &patch, PatchType::Merge);
    }
}

/// Stores a revision with another state.
pub(super) fn set_state(server: &mut ApiServer, mut release: Release, state: State) {
    release.state = state;
    update(server, &release);
}

fn fill(secret: &mut Object, release: &Release, now: i64) -> Result<(), String> {
    for (label, value) in release.labels(now) {
        secret.entry("metadata").entry("labels").set(label, value);
    }
    let record = go::base64::encode(release.encode()?.as_bytes());
    secret.entry("data").set("release", record);
    Ok(())
}

/// Removes a revision.
pub(super) fn remove(server: &mut ApiServer, release: &Release) {
    if let Some(kind) = secrets() {
        let name = release.secret_name();
        let _ = server.delete(kind, &release.namespace, &name, Propagation::Background);
    }
}

/// All revisions in a namespace, or in all for an empty one, sorted by name and revision.
pub(super) fn all(server: &ApiServer, namespace: &str) -> Vec<Release> {
    let Some(kind) = secrets() else { return Vec::new() };
    let stored = server.storage.list(kind.group, kind.kind, namespace);
    let mut releases: Vec<Release> = stored.filter_map(|(_, secret)| read(secret)).collect();
    releases.sort_by(|a, b| (&a.name, a.revision).cmp(&(&b.name, b.revision)));
    releases
}

fn read(secret: &Object) -> Option<Release> {
    if secret.str("type") != "helm.sh/release.v1" {
        return None;
    }
    let record = go::base64::decode(secret["data"].str("release")).ok()?;
    Release::decode(std::str::from_utf8(&record).ok()?)
}

/// The revisions of a release. The error says that there are none.
pub(super) fn history(
    server: &ApiServer,
    namespace: &str,
    name: &str,
) -> Result<Vec<Release>, String> {
    let mut releases = all(server, namespace);
    releases.retain(|release| release.name == name);
    if releases.is_empty() { Err(NOT_FOUND.to_owned()) } else { Ok(releases) }
}

/// The message for a release that is not there.
pub(super) const NOT_FOUND: &str = "release: not found";

/// A revision of a release; the last one without a number.
pub(super) fn get(
    server: &ApiServer,
    namespace: &str,
    name: &str,
    revision: Option<i64>,
) -> Result<Release, String> {
    let mut releases = history(server, namespace, name)?;
    if let Some(revision) = revision.filter(|revision| *revision > 0) {
        releases.retain(|release| release.revision == revision);
    }
    releases.pop().ok_or_else(|| NOT_FOUND.to_owned())
}

/// Removes the oldest revisions before a new one is stored, so that no more than `max` are there.
/// The deployed one stays. Source: storage.go `removeLeastRecent`.
pub(super) fn make_room(server: &mut ApiServer, namespace: &str, name: &str, max: usize) {
    let Ok(releases) = history(server, namespace, name) else { return };
    if max == 0 {
        return;
    }
    let mut surplus = (releases.len() + 1).saturating_sub(max);
    let deployed = releases.iter().rev().find(|release| release.state == State::Deployed);
    let deployed = deployed.map(|release| release.revision);
    for release in &releases {
        if surplus == 0 {
            return;
        }
        if Some(release.revision) != deployed {
            remove(server, release);
            surplus -= 1;
        }
    }
}
