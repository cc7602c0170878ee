//! The pods of a node that `kubectl drain` evicts, leaves alone, or refuses to touch.
//!
//! Source: kubectl pkg/drain/filters.go.

use cluster::ApiServer;
use kubernetes::columns::seconds;
use kubernetes::kinds;
use kubernetes::object::Value;

use super::delete::Deleted;
use super::flags::Arguments;
use super::get::matches_labels;

/// Options of a drain.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    force: bool,
    ignore_daemon_sets: bool,
    delete_local_data: bool,
    /// The selector of pods; empty for all.
    selector: String,
    /// Seconds since the deletion after which a pod is not waited for; 0 for never.
    skip_after: i64,
}

/// Pods to evict, and what is said about others.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub pods: Vec<Deleted>,
    /// Empty if there is nothing to warn of.
    pub warnings: String,
}

/// The decision about a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Delete,
    DeleteWithWarning(&'static str),
    Skip,
    SkipWithWarning(&'static str),
    Refuse(&'static str),
}

impl Filter {
    /// Reads the flags of a drain. The error is that of the selector.
    pub fn of(arguments: &Arguments) -> Result<Self, String> {
        let selector = arguments.text("pod-selector").unwrap_or_default().to_owned();
        selectors::parse_labels(&selector)?;
        Ok(Self {
            force: arguments.is("force"),
            ignore_daemon_sets: arguments.is("ignore-daemonsets"),
            delete_local_data: arguments.is("delete-emptydir-data"),
            selector,
            skip_after: arguments.int("skip-wait-for-delete-timeout").unwrap_or_default(),
        })
    }

    /// The pods of a node that are to go. The errors name pods that must not be touched.
    pub fn pods(&self, server: &ApiServer, node: &str, now: i64) -> Result<Chosen, Vec<String>> {
        let Some(kind) = kinds::find("v1", "Pod") else { return Ok(Chosen::default()) };
        let terms = selectors::parse_labels(&self.selector).unwrap_or_default();
        let mut chosen = Chosen::default();
        let (mut warnings, mut errors) = (Texts::default(), Texts::default());
        for (key, pod) in server.storage.list("", "Pod", "") {
            let selected = matches_labels(&terms, pod);
            if pod["spec"].str("nodeName") != node || !selected {
                continue;
            }
            let name = format!("{}/{}", key.namespace, key.name);
            let verdict = self.verdict(server, pod, now);
            if let Verdict::DeleteWithWarning(text) | Verdict::SkipWithWarning(text) = verdict {
                warnings.add(text, name.clone());
            }
            match verdict {
                Verdict::Delete | Verdict::DeleteWithWarning(_) => chosen.pods.push(Deleted {
                    kind,
                    namespace: key.namespace.to_string(),
                    name: key.name.to_string(),
                    uid: pod["metadata"].str("uid").to_owned(),
                }),
                Verdict::Refuse(text) => errors.add(text, name),
                Verdict::Skip | Verdict::SkipWithWarning(_) => {}
            }
        }
        if !errors.0.is_empty() {
            return Err(errors.lines());
        }
        chosen.warnings = warnings.lines().join("; ");
        Ok(chosen)
    }

    /// The rules in order; the first that leaves a pod alone ends them, and the warning of a rule
    /// is lost if a later one has its own verdict.
    fn verdict(&self, server: &ApiServer, pod: &Value, now: i64) -> Verdict {
        let metadata = &pod["metadata"];
        let ended = matches!(pod["status"].str("phase"), "Succeeded" | "Failed");
        if let Some(deleted) = seconds(metadata.str("deletionTimestamp"))
            && self.skip_after > 0
            && now.div_euclid(1000) - deleted > self.skip_after
        {
            return Verdict::Skip;
        }
        let owners = metadata.list("ownerReferences");
        let controller = owners.iter().find(|owner| owner.bool("controller"));
        if let Some(owner) = controller.filter(|owner| owner.str("kind") == "DaemonSet" && !ended) {
            let known = kinds::find("apps/v1", "DaemonSet").is_some_and(|kind| {
                server.get(kind, metadata.str("namespace"), owner.str("name")).is_ok()
            });
            match (known, self.force, self.ignore_daemon_sets) {
                (false, true, _) => {
                    return Verdict::DeleteWithWarning("deleting Pods that declare no controller");
                }
                (false, false, _) => {
                    return Verdict::Refuse(
                        "cannot delete Pods that declare no controller (use --force to override)",
                    );
                }
                (true, _, true) => {
                    return Verdict::SkipWithWarning("ignoring DaemonSet-managed Pods");
                }
                (true, _, false) => {
                    return Verdict::Refuse(
                        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
                    );
                }
            }
        }
        if metadata["annotations"].has("kubernetes.io/config.mirror") {
            return Verdict::Skip;
        }
        let local = pod["spec"].list("volumes").iter().any(|volume| volume.has("emptyDir"));
        if local && !ended && !self.delete_local_data {
            return Verdict::Refuse(
                "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
            );
        }
        if ended || controller.is_some() {
            return Verdict::Delete;
        }
        if self.force {
            return Verdict::DeleteWithWarning("deleting Pods that declare no controller");
        }
        Verdict::Refuse("cannot delete Pods that declare no controller (use --force to override)")
    }
}

/// Names by text, in the order of the texts' first use.
#[derive(Default)]
struct Texts(Vec<(&'static str, Vec<String>)>);

impl Texts {
    fn add(&mut self, text: &'static str, name: String) {
        match self.0.iter_mut().find(|(known, _)| *known == text) {
            Some((_, names)) => names.push(name),
            None => self.0.push((text, vec![name])),
        }
    }

    fn lines(&self) -> Vec<String> {
        let line = |(text, names): &(&str, Vec<String>)| format!("{text}: {}", names.join(", "));
        self.0.iter().map(line).collect()
    }
}
