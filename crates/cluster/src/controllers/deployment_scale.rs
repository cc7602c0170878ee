//! Sizes of the ReplicaSets of a Deployment.
//!
//! Source: pkg/controller/deployment/util/deployment_util.go, rolling.go, sync.go scale.

use kubernetes::object::Value;

use super::deployment::Rollout;
use super::objects::scaled;
use crate::engine::ControllerContext;
use crate::recorder::Type;

pub const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAX: &str = "deployment.kubernetes.io/max-replicas";

fn replicas(object: &Value) -> i64 {
    object["spec"].int("replicas")
}

fn total(sets: &[Value]) -> i64 {
    sets.iter().map(replicas).sum()
}

fn available(sets: &[Value]) -> i64 {
    sets.iter().map(|set| set["status"].int("availableReplicas")).sum()
}

pub fn is_rolling(deployment: &Value) -> bool {
    deployment["spec"]["strategy"].str("type") == "RollingUpdate"
}

/// Surge and unavailable pods as numbers. Both cannot be 0. Source: ResolveFenceposts.
fn fenceposts(deployment: &Value) -> (i64, i64) {
    let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
    let surge = scaled(&rolling["maxSurge"], replicas(deployment), true);
    let unavailable = scaled(&rolling["maxUnavailable"], replicas(deployment), false);
    (surge, if surge == 0 && unavailable == 0 { 1 } else { unavailable })
}

pub fn max_surge(deployment: &Value) -> i64 {
    if is_rolling(deployment) { fenceposts(deployment).0 } else { 0 }
}

pub fn max_unavailable(deployment: &Value) -> i64 {
    if !is_rolling(deployment) || replicas(deployment) == 0 {
        return 0;
    }
    fenceposts(deployment).1.min(replicas(deployment))
}

/// Writes the sizes that a set is scaled for. Returns true on a change.
pub fn annotate(annotations: &mut Value, deployment: &Value) -> bool {
    let wanted = replicas(deployment);
    let pairs = [(DESIRED, wanted), (MAX, wanted + max_surge(deployment))];
    let mut changed = false;
    for (key, number) in pairs {
        let text = number.to_string();
        if annotations.str(key) != text {
            annotations.set(key, text);
            changed = true;
        }
    }
    changed
}

/// The size of the new set, of which there are `own` pods. Source: NewRSNewReplicas.
pub fn new_replicas(deployment: &Value, all: &[Value], own: i64) -> i64 {
    let wanted = replicas(deployment);
    if !is_rolling(deployment) {
        return wanted;
    }
    let current = total(all);
    let most = wanted + max_surge(deployment);
    if current >= most {
        return own;
    }
    own + (most - current).min(wanted - own)
}

/// Scales a set; returns true if its size has changed.
fn scale_set(
    context: &mut ControllerContext<'_>,
    rollout: &mut Rollout,
    mut set: Value,
    size: i64,
) -> bool {
    let old = replicas(&set);
    let annotated = annotate(set.entry("metadata").entry("annotations"), &rollout.deployment);
    if old == size && !annotated {
        return false;
    }
    let name = set["metadata"].str("name").to_owned();
    set.entry("spec").set("replicas", size);
    rollout.store(context, set);
    if old == size {
        return false;
    }
    let way = if old < size { "up" } else { "down" };
    let message = format!("Scaled {way} replica set {name} from {old} to {size}");
    let about = rollout.deployment.clone();
    context.event(&about, Type::Normal, "ScalingReplicaSet", &message);
    true
}

/// Scales a set that does not have the size.
pub fn scale_and_record(
    context: &mut ControllerContext<'_>,
    rollout: &mut Rollout,
    set: Value,
    size: i64,
) -> bool {
    replicas(&set) != size && scale_set(context, rollout, set, size)
}

/// Lets the new set grow as far as the surge allows.
pub fn reconcile_new(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> bool {
    let Some(new) = rollout.new.clone() else { return false };
    let wanted = replicas(&rollout.deployment);
    if replicas(&new) == wanted {
        return false;
    }
    let size = if replicas(&new) > wanted {
        wanted
    } else {
        new_replicas(&rollout.deployment, &rollout.all(), replicas(&new))
    };
    scale_and_record(context, rollout, new, size)
}

/// Lets old sets shrink as far as the available pods allow.
pub fn reconcile_old(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> bool {
    if total(&rollout.old) == 0 {
        return false;
    }
    let least = replicas(&rollout.deployment) - max_unavailable(&rollout.deployment);
    let new_unavailable = rollout
        .new
        .as_ref()
        .map_or(0, |new| replicas(new) - new["status"].int("availableReplicas"));
    let most = total(&rollout.all()) - least - new_unavailable;
    if most <= 0 {
        return false;
    }
    let unhealthy = clean_up_unhealthy(context, rollout, most);
    let healthy = scale_down_old(context, rollout);
    unhealthy + healthy > 0
}

/// Removes pods of old sets that are not available; they help no one.
fn clean_up_unhealthy(
    context: &mut ControllerContext<'_>,
    rollout: &mut Rollout,
    most: i64,
) -> i64 {
    let mut done = 0;
    for set in rollout.old.clone() {
        let unavailable = replicas(&set) - set["status"].int("availableReplicas");
        if done >= most {
            break;
        }
        if replicas(&set) == 0 || unavailable == 0 {
            continue;
        }
        let count = (most - done).min(unavailable);
        let size = replicas(&set) - count;
        if size > replicas(&set) {
            break;
        }
        scale_and_record(context, rollout, set, size);
        done += count;
    }
    done
}

fn scale_down_old(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> i64 {
    let least = replicas(&rollout.deployment) - max_unavailable(&rollout.deployment);
    let most = available(&rollout.all()) - least;
    let mut done = 0;
    for set in rollout.old.clone() {
        if done >= most {
            break;
        }
        let count = replicas(&set).min(most - done);
        if count > 0 {
            let size = replicas(&set) - count;
            scale_and_record(context, rollout, set, size);
            done += count;
        }
    }
    done
}

/// Scales all old sets to 0; returns true if there was anything to do.
pub fn empty_old(context: &mut ControllerContext<'_>, rollout: &mut Rollout) -> bool {
    let mut changed = false;
    for set in rollout.old.clone() {
        if replicas(&set) > 0 {
            changed |= scale_and_record(context, rollout, set, 0);
        }
    }
    changed
}

/// The one set with pods, or the latest if none has any; None if there are several.
fn active_or_latest(rollout: &Rollout) -> Option<Value> {
    let active: Vec<Value> = rollout.all().into_iter().filter(|set| replicas(set) > 0).collect();
    match active.len() {
        0 => rollout.new.clone().or_else(|| rollout.old.last().cloned()),
        1 => active.into_iter().next(),
        _ => None,
    }
}

/// True if the new set has all pods of the Deployment.
fn is_saturated(rollout: &Rollout) -> bool {
    let wanted = replicas(&rollout.deployment);
    rollout.new.as_ref().is_some_and(|new| {
        new["metadata"]["annotations"].str(DESIRED) == wanted.to_string()
            && replicas(new) == wanted
            && new["status"].int("availableReplicas") == wanted
    })
}

/// Scales outside of a rollout, or in the middle of one in proportion.
pub fn scale(context: &mut ControllerContext<'_>, rollout: &mut Rollout) {
    let wanted = replicas(&rollout.deployment);
    if let Some(set) = active_or_latest(rollout) {
        scale_and_record(context, rollout, set, wanted);
        return;
    }
    if is_saturated(rollout) {
        empty_old(context, rollout);
        return;
    }
    if is_rolling(&rollout.deployment) {
        scale_in_proportion(context, rollout);
    }
}

fn scale_in_proportion(context: &mut ControllerContext<'_>, rollout: &mut Rollout) {
    let wanted = replicas(&rollout.deployment);
    let mut sets: Vec<Value> = rollout.all().into_iter().filter(|set| replicas(set) > 0).collect();
    let allowed = if wanted > 0 { wanted + max_surge(&rollout.deployment) } else { 0 };
    let to_add = allowed - total(&sets);
    // Larger sets first; of equal ones the newer first if they grow, the older if they shrink.
    if to_add > 0 {
        sets.reverse();
    }
    sets.sort_by_key(|set| -replicas(set));
    let mut added = 0;
    let mut sizes: Vec<i64> = Vec::new();
    for set in &sets {
        let mut size = replicas(set);
        if to_add != 0 {
            let share = proportion(set, &rollout.deployment, to_add, added);
            size += share;
            added += share;
        }
        sizes.push(size);
    }
    if to_add != 0
        && let Some(first) = sizes.first_mut()
    {
        *first = (*first + to_add - added).max(0);
    }
    for (set, size) in sets.into_iter().zip(sizes) {
        scale_set(context, rollout, set, size);
    }
}

/// The part of new or surplus pods that a set gets. Source: GetReplicaSetProportion.
fn proportion(set: &Value, deployment: &Value, to_add: i64, added: i64) -> i64 {
    let own = replicas(set);
    if own == 0 || to_add == 0 || to_add == added {
        return 0;
    }
    let share = if replicas(deployment) == 0 {
        -own
    } else {
        let most = replicas(deployment) + max_surge(deployment);
        let annotated = set["metadata"]["annotations"].str(MAX).parse::<i64>();
        let before = annotated.unwrap_or_else(|_| deployment["status"].int("replicas"));
        if before == 0 {
            return 0;
        }
        (own as f64 * most as f64 / before as f64).round() as i64 - own
    };
    let rest = to_add - added;
    if to_add > 0 { share.min(rest) } else { share.max(rest) }
}
