//! Finished Jobs that are deleted after a time.
//!
//! Source: pkg/controller/ttlafterfinished.

use super::Controller;
use super::objects::{condition, is_deleting, seconds_of};
use crate::apiserver::Propagation;

pub const TTL: Controller = Controller {
    component: "ttl-after-finished-controller",
    keys: |_, event| match event.key.kind {
        "Job" => vec![event.key.clone()],
        _ => Vec::new(),
    },
    sync: |context, key| {
        let Some(job) = context.server.storage.get(key).cloned() else { return Ok(()) };
        let Some(ttl) = job["spec"]["ttlSecondsAfterFinished"].as_int() else { return Ok(()) };
        let ended = ["Complete", "Failed"].iter().find_map(|ty| {
            let found = condition(&job, ty).filter(|one| one.str("status") == "True")?;
            seconds_of(&found["lastTransitionTime"])
        });
        let Some(ended) = ended.filter(|_| !is_deleting(&job)) else { return Ok(()) };
        let after = (ended + ttl) * 1000 - context.now;
        if after > 0 {
            context.wake(key, after);
        } else if let Some(row) = context.server.row_of(key) {
            let _ = context.server.delete(row, &key.namespace, &key.name, Propagation::Foreground);
        }
        Ok(())
    },
    delay: (5, 20),
};
