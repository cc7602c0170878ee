//! Rolling updates of a DaemonSet, and its revisions.
//!
//! Source: pkg/controller/daemon/update.go.

use kubernetes::object::Value;

use super::daemonset::{ByNode, GENERATION, HASH, should_run, sync_nodes};
use super::objects::{by_creation, is_available, is_deleting, scaled};
use super::{deployment::REVISION, history};
use crate::apiserver::Status;
use crate::engine::ControllerContext;

/// Pods of the new template that may run beside old ones.
pub fn surge(set: &Value, desired: i64) -> i64 {
    let strategy = &set["spec"]["updateStrategy"];
    if strategy.str("type") != "RollingUpdate" {
        return 0;
    }
    scaled(&strategy["rollingUpdate"]["maxSurge"], desired, true)
}

fn unavailable(set: &Value, desired: i64) -> i64 {
    scaled(&set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"], desired, true)
}

fn is_current(pod: &Value, set: &Value, hash: &str) -> bool {
    let labels = &pod["metadata"]["labels"];
    let generation = set["metadata"]["annotations"].str(GENERATION);
    labels.str(HASH) == hash
        || !generation.is_empty()
            && labels.str("pod-template-generation") == generation
            && hash.is_empty()
}

/// The revision of the template, and all others. Source: constructHistory.
pub fn revisions(
    context: &mut ControllerContext<'_>,
    set: &Value,
    pods: &[Value],
) -> (Value, Vec<Value>) {
    let all = history::list(context, set);
    let next = all.iter().map(|one| one.int("revision")).max().unwrap_or_default() + 1;
    let data = history::data_of(set);
    let (same, old): (Vec<Value>, Vec<Value>) =
        all.into_iter().partition(|one| one["data"] == data);
    let current = match same.into_iter().next_back() {
        Some(one) if one.int("revision") < next - 1 => history::renumber(context, &one, next),
        Some(one) => one,
        None => {
            let mut annotations = set["metadata"]["annotations"].clone();
            if annotations.as_map().is_some() {
                annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
                annotations.remove(REVISION);
            }
            history::create(context, set, next, HASH, annotations)
        }
    };
    let _ = pods;
    (current, old)
}

/// Deletes old revisions that no pod uses, beyond the limit.
pub fn clean_up(context: &mut ControllerContext<'_>, set: &Value, pods: &[Value], old: &[Value]) {
    let hashes: Vec<&str> = pods.iter().map(|pod| pod["metadata"]["labels"].str(HASH)).collect();
    let live: Vec<String> = old
        .iter()
        .filter(|one| hashes.contains(&one["metadata"]["labels"].str(HASH)))
        .map(|one| one["metadata"].str("name").to_owned())
        .collect();
    let limit = set["spec"]["revisionHistoryLimit"].as_int().unwrap_or(10);
    let surplus = (old.len() as i64 - limit).max(0);
    let keep = old.len() as i64 - surplus;
    let unused = old.len() as i64 - live.len() as i64;
    history::truncate(context, old, &live, (keep - live.len() as i64).clamp(0, unused));
}

/// With surge a node may have an old and a new pod: which of them are too many.
pub fn surplus_on_node(
    set: &Value,
    hash: &str,
    mut running: Vec<Value>,
    now: i64,
    delete: &mut Vec<Value>,
) {
    by_creation(&mut running);
    let min_ready = set["spec"].int("minReadySeconds");
    let (new, old): (Vec<Value>, Vec<Value>) =
        running.into_iter().partition(|pod| is_current(pod, set, hash));
    let replaced = new.first().is_some_and(|pod| is_available(pod, min_ready, now));
    delete.extend(new.into_iter().skip(1));
    let keep = usize::from(!replaced);
    delete.extend(old.into_iter().skip(keep));
}

/// The old and the new pod of a node that are not being deleted.
fn pair<'a>(pods: &'a [Value], set: &Value, hash: &str) -> (Option<&'a Value>, Option<&'a Value>) {
    let live = || pods.iter().filter(|pod| !is_deleting(pod));
    (live().find(|pod| !is_current(pod, set, hash)), live().find(|pod| is_current(pod, set, hash)))
}

/// One step of the update. Source: rollingUpdate.
pub fn roll(
    context: &mut ControllerContext<'_>,
    set: &Value,
    hash: &str,
    nodes: &[Value],
    by_node: &ByNode,
) -> Result<(), Status> {
    let desired = nodes.iter().filter(|node| should_run(set, node).0).count() as i64;
    let (most_surge, most_unavailable) = (surge(set, desired), unavailable(set, desired));
    if most_surge > 0 {
        return roll_with_surge(context, set, hash, nodes, by_node, most_surge);
    }
    let min_ready = set["spec"].int("minReadySeconds");
    let now = context.seconds();
    let (mut lacking, mut candidates, mut allowed) = (0, Vec::new(), Vec::new());
    for node in nodes.iter().filter(|node| should_run(set, node).0) {
        let pods = by_node.get(node["metadata"].str("name")).map_or(&[][..], Vec::as_slice);
        match pair(pods, set, hash) {
            // Being replaced, or nothing there.
            (None, None) => lacking += 1,
            (_, Some(new)) => lacking += i64::from(!is_available(new, min_ready, now)),
            (Some(old), None) if is_available(old, min_ready, now) => candidates.push(old.clone()),
            (Some(old), None) => {
                lacking += 1;
                allowed.push(old.clone());
            }
        }
    }
    let rest = (most_unavailable - lacking).max(0) as usize;
    allowed.extend(candidates.into_iter().take(rest));
    sync_nodes(context, set, hash, &[], &allowed)
}

fn roll_with_surge(
    context: &mut ControllerContext<'_>,
    set: &Value,
    hash: &str,
    nodes: &[Value],
    by_node: &ByNode,
    most: i64,
) -> Result<(), Status> {
    let min_ready = set["spec"].int("minReadySeconds");
    let now = context.seconds();
    let (mut surging, mut create, mut candidates, mut delete) =
        (0, Vec::new(), Vec::new(), Vec::new());
    for node in nodes.iter().filter(|node| should_run(set, node).0) {
        let name = node["metadata"].str("name");
        let pods = by_node.get(name).map_or(&[][..], Vec::as_slice);
        match pair(pods, set, hash) {
            (None, _) => {}
            (Some(old), None) if is_available(old, min_ready, now) => {
                candidates.push(name.to_owned());
            }
            // An old pod that does not work is replaced without counting.
            (Some(_), None) => create.push(name.to_owned()),
            (Some(old), Some(new)) => {
                if is_available(new, min_ready, now) {
                    delete.push(old.clone());
                } else {
                    surging += 1;
                }
            }
        }
    }
    let rest = (most - surging).max(0) as usize;
    create.extend(candidates.into_iter().take(rest));
    sync_nodes(context, set, hash, &create, &delete)
}
