//! Deployments: one ReplicaSet for each template, scaled so that a rollout continues.
//!
//! Source: pkg/controller/deployment deployment_controller.go, rolling.go, recreate.go, sync.go.

use kubernetes::object::Value;
use kubernetes::validation::meta;

use super::Controller;
use super::deployment_scale as scale;
use super::deployment_status as status;
use super::objects::{
    by_creation, controller_of, is_controlled_by, is_deleting, is_terminal, key_of, owner_key,
    owner_reference, template_hash,
};
use crate::apiserver::{ApiServer, Change, Event, Key, Reason};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;

pub const REVISION: &str = "deployment.kubernetes.io/revision";
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub const HASH: &str = "pod-template-hash";

/// Annotations of a Deployment that its ReplicaSets do not get.
const SKIPPED: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    scale::DESIRED,
    scale::MAX,
    "deprecated.deployment.rollback.to",
];

pub const DEPLOYMENT: Controller =
    Controller { component: "deployment-controller", keys, sync, delay: (13, 15) };

fn keys(server: &ApiServer, event: &Event) -> Vec<Key> {
    match event.key.kind {
        "Deployment" => vec![event.key.clone()],
        "ReplicaSet" => {
            if let Some(key) = owner_key(&event.object, "apps", "Deployment") {
                return vec![key];
            }
            if let Some(key) = owner_key(&event.previous, "apps", "Deployment") {
                return vec![key];
            }
            let labels = &event.object["metadata"]["labels"];
            let selects = |object: &Value| meta::selects(&object["spec"]["selector"], labels);
            let namespace = &event.key.namespace;
            let all = server.storage.list("apps", "Deployment", namespace);
            all.filter(|(_, object)| selects(object)).map(|(key, _)| key.clone()).collect()
        }
        "Pod" if event.change == Change::Deleted => {
            let owner = owner_key(&event.object, "apps", "ReplicaSet");
            let set = owner.and_then(|key| server.storage.get(&key));
            set.and_then(|set| owner_key(set, "apps", "Deployment")).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// A Deployment with its ReplicaSets, as one sync sees them.
pub struct Rollout {
    pub key: Key,
    pub deployment: Value,
    /// The set of the current template.
    pub new: Option<Value>,
    /// All others.
    pub old: Vec<Value>,
}

impl Rollout {
    /// Old sets, then the new one.
    pub fn all(&self) -> Vec<Value> {
        self.old.iter().chain(&self.new).cloned().collect()
    }

    /// Writes a ReplicaSet and takes over its new form.
    pub fn store(&mut self, context: &mut ControllerContext<'_>, set: Value) {
        let key = key_of("apps", "ReplicaSet", &set);
        context.server.update(&key, set);
        let Some(stored) = context.server.storage.get(&key).cloned() else { return };
        let same = |one: &Value| one["metadata"]["uid"] == stored["metadata"]["uid"];
        if let Some(new) = self.new.as_mut().filter(|new| same(new)) {
            *new = stored;
        } else if let Some(old) = self.old.iter_mut().find(|old| same(old)) {
            *old = stored;
        }
    }

    /// Writes the status and the annotations of the Deployment.
    pub fn store_deployment(&mut self, context: &mut ControllerContext<'_>) {
        context.server.write(&self.key, self.deployment.clone());
        if let Some(stored) = context.server.storage.get(&self.key) {
            self.deployment = stored.clone();
        }
    }
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(deployment) = context.server.storage.get(key).cloned() else { return Ok(()) };
    if meta::is_empty_selector(&deployment["spec"]["selector"]) {
        let message = "This deployment is selecting all pods. A non-empty selector is required.";
        context.event(&deployment, Type::Warning, "SelectingAll", message);
        return Ok(());
    }
    let sets = claim_sets(context, &deployment);
    let mut rollout = split(key, deployment, sets);
    if is_deleting(&rollout.deployment) {
        find_new(context, &mut rollout);
        status::sync_only(context, &mut rollout);
        return Ok(());
    }
    status::check_paused(context, &mut rollout);
    if rollout.deployment["spec"].bool("paused") || is_scaling(context, &mut rollout) {
        return sync_scale(context, &mut rollout);
    }
    match rollout.deployment["spec"]["strategy"].str("type") {
        "Recreate" => recreate(context, &mut rollout),
        _ => roll(context, &mut rollout),
    }
}

/// ReplicaSets that the Deployment controls; orphans that it selects are taken over.
fn claim_sets(context: &mut ControllerContext<'_>, deployment: &Value) -> Vec<Value> {
    let namespace = deployment["metadata"].str("namespace");
    let selector = &deployment["spec"]["selector"];
    let all: Vec<(Key, Value)> = context
        .server
        .storage
        .list("apps", "ReplicaSet", namespace)
        .map(|(key, set)| (key.clone(), set.clone()))
        .collect();
    let mut sets = Vec::new();
    for (key, mut set) in all {
        let selected = meta::selects(selector, &set["metadata"]["labels"]);
        if is_controlled_by(&set, deployment) {
            if !selected && !is_deleting(deployment) {
                release(context, &key, set, deployment);
                continue;
            }
        } else {
            let orphan = controller_of(&set).is_none() && selected;
            if !orphan || is_deleting(deployment) || is_deleting(&set) {
                continue;
            }
            adopt(context, &key, &mut set, deployment);
        }
        sets.push(set);
    }
    by_creation(&mut sets);
    sets
}

/// Makes an owner the controller of an object.
pub fn adopt(context: &mut ControllerContext<'_>, key: &Key, object: &mut Value, owner: &Value) {
    let references = object.entry("metadata").entry("ownerReferences").list_mut();
    references.push(owner_reference(owner));
    context.server.write(key, object.clone());
    if let Some(stored) = context.server.storage.get(key) {
        *object = stored.clone();
    }
}

/// Takes an owner off an object.
pub fn release(context: &mut ControllerContext<'_>, key: &Key, mut object: Value, owner: &Value) {
    let metadata = object.entry("metadata");
    let references = metadata.entry("ownerReferences").list_mut();
    references.retain(|one| one.str("uid") != owner["metadata"].str("uid"));
    if references.is_empty() {
        metadata.remove("ownerReferences");
    }
    context.server.write(key, object);
}

/// Tells the set of the current template from the others.
fn split(key: &Key, deployment: Value, sets: Vec<Value>) -> Rollout {
    let template = &deployment["spec"]["template"];
    let at = sets.iter().position(|set| same_template(&set["spec"]["template"], template));
    let mut old = sets;
    let new = at.map(|at| old.remove(at));
    Rollout { key: key.clone(), deployment, new, old }
}

fn same_template(one: &Value, other: &Value) -> bool {
    let without = |template: &Value| {
        let mut template = template.clone();
        if template["metadata"]["labels"].has(HASH) {
            template.entry_at(&["metadata", "labels"]).remove(HASH);
        }
        template
    };
    without(one) == without(other)
}

fn revision(object: &Value) -> i64 {
    object["metadata"]["annotations"].str(REVISION).parse().unwrap_or_default()
}

/// Brings the annotations of the new set up to date, if there is one.
fn find_new(context: &mut ControllerContext<'_>, rollout: &mut Rollout) {
    let Some(mut set) = rollout.new.clone() else { return };
    let next = rollout.old.iter().map(revision).max().unwrap_or_default() + 1;
    let changed = annotate(&mut set, &rollout.deployment, next, true);
    let min_ready = &rollout.deployment["spec"]["minReadySeconds"];
    if changed || set["spec"]["minReadySeconds"] != *min_ready {
        match min_ready.is_null() {
            true => drop(set.entry("spec").remove("minReadySeconds")),
            false => set.entry("spec").set("minReadySeconds", min_ready.clone()),
        }
        return rollout.store(context, set);
    }
    let number = revision(&set).to_string();
    let mut changed = set_revision(&mut rollout.deployment, &number);
    let name = set["metadata"].str("name").to_owned();
    if status::has_deadline(&rollout.deployment)
        && status::progressing(&rollout.deployment).is_none()
    {
        let message = format!("Found new replica set \"{name}\"");
        status::set(context, rollout, "Progressing", "True", "FoundNewReplicaSet", &message);
        changed = true;
    }
    if changed {
        rollout.store_deployment(context);
    }
}

/// Finds the new set, or creates it.
fn ensure_new(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> Result<(), Retry> {
    if rollout.new.is_some() {
        find_new(context, rollout);
        return Ok(());
    }
    let next = rollout.old.iter().map(revision).max().unwrap_or_default() + 1;
    let mut set = new_set(&rollout.deployment);
    let replicas = scale::new_replicas(&rollout.deployment, &rollout.old, 0);
    set.entry("spec").set("replicas", replicas);
    annotate(&mut set, &rollout.deployment, next, false);
    let name = set["metadata"].str("name").to_owned();
    let Some(row) = context.server.kind("apps/v1", "ReplicaSet") else { return Ok(()) };
    let created = context.server.create(row, &rollout.key.namespace.clone(), &set);
    match created {
        Ok(accepted) => rollout.new = Some(accepted.object),
        Err(refused) if refused.reason == Reason::AlreadyExists => {
            let count = rollout.deployment["status"].int("collisionCount") + 1;
            rollout.deployment.entry("status").set("collisionCount", count);
            rollout.store_deployment(context);
            return Err(Retry);
        }
        Err(refused) => {
            let message =
                format!("Failed to create new replica set \"{name}\": {}", refused.message);
            if status::has_deadline(&rollout.deployment) {
                let reason = "ReplicaSetCreateError";
                status::set(context, rollout, "Progressing", "False", reason, &message);
                rollout.store_deployment(context);
            }
            let about = rollout.deployment.clone();
            context.event(&about, Type::Warning, "ReplicaSetCreateError", &message);
            return Err(Retry);
        }
    }
    if replicas > 0 {
        let message = format!("Scaled up replica set {name} from 0 to {replicas}");
        let about = rollout.deployment.clone();
        context.event(&about, Type::Normal, "ScalingReplicaSet", &message);
    }
    set_revision(&mut rollout.deployment, &next.to_string());
    if status::has_deadline(&rollout.deployment) {
        let message = format!("Created new replica set \"{name}\"");
        status::set(context, rollout, "Progressing", "True", "NewReplicaSetCreated", &message);
    }
    rollout.store_deployment(context);
    Ok(())
}

fn new_set(deployment: &Value) -> Value {
    let spec = &deployment["spec"];
    let collisions = deployment["status"]["collisionCount"].as_int();
    let hash = template_hash(&spec["template"], collisions);
    let mut template = spec["template"].clone();
    template.entry_at(&["metadata", "labels"]).set(HASH, &*hash);
    let mut set = Value::map();
    set.set("apiVersion", "apps/v1");
    set.set("kind", "ReplicaSet");
    let metadata = set.entry("metadata");
    metadata.set("name", format!("{}-{hash}", deployment["metadata"].str("name")));
    metadata.set("labels", template["metadata"]["labels"].clone());
    metadata.set("ownerReferences", vec![owner_reference(deployment)]);
    let mut selector = spec["selector"].clone();
    selector.entry("matchLabels").set(HASH, &*hash);
    let own = set.entry("spec");
    if spec.has("minReadySeconds") {
        own.set("minReadySeconds", spec["minReadySeconds"].clone());
    }
    own.set("selector", selector);
    own.set("template", template);
    set
}

fn set_revision(deployment: &mut Value, revision: &str) -> bool {
    let annotations = deployment.entry("metadata").entry("annotations");
    if annotations.str(REVISION) == revision {
        return false;
    }
    annotations.set(REVISION, revision);
    true
}

/// Copies annotations of the Deployment to its set and counts revisions. Returns true on a change.
fn annotate(set: &mut Value, deployment: &Value, revision: i64, exists: bool) -> bool {
    let before = set["metadata"]["annotations"].clone();
    let annotations = set.entry("metadata").entry("annotations");
    for (key, value) in deployment["metadata"].entries("annotations") {
        if !SKIPPED.contains(&&**key) {
            annotations.set(key, value.clone());
        }
    }
    let old = annotations.str(REVISION).to_owned();
    let number: i64 = old.parse().unwrap_or_default();
    if number < revision {
        annotations.set(REVISION, revision.to_string());
        if !old.is_empty() {
            let history = match annotations.str(REVISION_HISTORY) {
                "" => old,
                history => format!("{history},{old}"),
            };
            annotations.set(REVISION_HISTORY, history);
        }
    }
    if !exists {
        scale::annotate(annotations, deployment);
    }
    set["metadata"]["annotations"] != before
}

/// True if the wanted size has changed since the sets were scaled.
fn is_scaling(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> bool {
    find_new(context, rollout);
    let wanted = rollout.deployment["spec"].int("replicas");
    rollout.all().iter().filter(|set| set["spec"].int("replicas") > 0).any(|set| {
        let desired = set["metadata"]["annotations"].str(scale::DESIRED).parse::<i64>();
        desired.is_ok_and(|desired| desired != wanted)
    })
}

fn sync_scale(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> Result<(), Retry> {
    find_new(context, rollout);
    scale::scale(context, rollout);
    if rollout.deployment["spec"].bool("paused") {
        clean_up(context, rollout);
    }
    status::sync_only(context, rollout);
    Ok(())
}

fn roll(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> Result<(), Retry> {
    ensure_new(context, rollout)?;
    if !scale::reconcile_new(context, rollout)
        && !scale::reconcile_old(context, rollout)
        && status::is_complete(&rollout.deployment, &rollout.deployment["status"])
    {
        clean_up(context, rollout);
    }
    status::sync_rollout(context, rollout)
}

fn recreate(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> Result<(), Retry> {
    find_new(context, rollout);
    if scale::empty_old(context, rollout) || old_pods_run(context, rollout) {
        return status::sync_rollout(context, rollout);
    }
    ensure_new(context, rollout)?;
    let wanted = rollout.deployment["spec"].int("replicas");
    if let Some(new) = rollout.new.clone() {
        scale::scale_and_record(context, rollout, new, wanted);
    }
    if status::is_complete(&rollout.deployment, &rollout.deployment["status"]) {
        clean_up(context, rollout);
    }
    status::sync_rollout(context, rollout)
}

/// True if a pod of an old set is still there and has not ended.
fn old_pods_run(context: &ControllerContext<'_>, rollout: &Rollout) -> bool {
    if rollout.old.iter().any(|set| set["status"].int("replicas") > 0) {
        return true;
    }
    let mut pods = context.server.storage.list("", "Pod", &rollout.key.namespace);
    pods.any(|(_, pod)| {
        !is_terminal(pod) && rollout.old.iter().any(|set| is_controlled_by(pod, set))
    })
}

/// Deletes empty old sets beyond the history limit, oldest revision first.
fn clean_up(context: &mut ControllerContext<'_>, rollout: &mut Rollout) {
    let Some(limit) = rollout.deployment["spec"]["revisionHistoryLimit"].as_int() else { return };
    let mut old: Vec<&Value> = rollout.old.iter().filter(|set| !is_deleting(set)).collect();
    old.sort_by_key(|set| revision(set));
    let surplus = old.len().saturating_sub(limit.max(0) as usize);
    let gone: Vec<Key> = old
        .into_iter()
        .take(surplus)
        .filter(|set| {
            set["status"].int("replicas") == 0
                && set["spec"].int("replicas") == 0
                && set["metadata"].int("generation") <= set["status"].int("observedGeneration")
        })
        .map(|set| key_of("apps", "ReplicaSet", set))
        .collect();
    for key in gone {
        if let Some(row) = context.server.row_of(&key) {
            let _ = context.server.delete(row, &key.namespace, &key.name, Default::default());
        }
    }
}
