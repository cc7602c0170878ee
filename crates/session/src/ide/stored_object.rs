//! The stored object beside its manifest: `kubectl get -o yaml`, with the lines that the manifest
//! does not have, and these lines as they would stand in the manifest.

use kubernetes::object::{Value, to_yaml};
use protocol::DefaultField;
use protocol::pages::explain::{Filled, StoredLine, StoredObject};
use text::{FileId, IndexSort, LineIndex, Location, Span};
use yaml::{Kind, Node};

use crate::analysis::apply::{Applied, AppliedObject};
use crate::workspace::sources::Source;

/// Annotation in which `kubectl apply` keeps the text.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The stored object of a manifest; None if the server refuses it. `written` is the node of the
/// object in the text.
pub fn stored_object(object: &AppliedObject, written: &Node) -> Option<StoredObject> {
    let text = to_yaml(&shown(object.stored.as_ref()?));
    let parsed = yaml::parse(FileId(0), &text);
    let index = LineIndex::new(&text);
    let mut lines: Vec<StoredLine> = text
        .lines()
        .map(|line| StoredLine { text: line.to_owned(), ..StoredLine::default() })
        .collect();
    let file = object.location.file;
    let mut walk = Walk { lines: &mut lines, index: &index, file, missing: Vec::new() };
    walk.mapping(parsed.root()?, written, &mut String::new());
    Some(StoredObject { kind: object.kind.clone(), name: object.name.clone(), lines })
}

/// Defaults of a file that are shown at most.
const MOST_DEFAULTS: usize = 2000;

/// The fields that the stored objects of a file have beyond its text. Fields that every object gets
/// (`uid`, `status`, …) are left out.
pub fn defaults(source: &Source, applied: &Applied) -> Vec<DefaultField> {
    let mut found = Vec::new();
    let objects = applied.objects.iter().filter(|object| object.location.file == source.id);
    for object in objects {
        if let Some(written) = source.object_at(object.location) {
            found.extend(missing_fields(source, object, written).unwrap_or_default());
        }
        if found.len() >= MOST_DEFAULTS {
            break;
        }
    }
    found.truncate(MOST_DEFAULTS);
    // Fields that follow one line: the deepest come first.
    let indentation = |field: &DefaultField| {
        field.lines.first().map_or(0, |line| line.len() - line.trim_start().len())
    };
    found.index_sort_by_key(|field| {
        (source.index.line_col(field.at).line, usize::MAX - indentation(field))
    });
    found
}

fn missing_fields(
    source: &Source,
    object: &AppliedObject,
    written: &Node,
) -> Option<Vec<DefaultField>> {
    let text = to_yaml(&shown(object.stored.as_ref()?));
    let parsed = yaml::parse(FileId(0), &text);
    let index = LineIndex::new(&text);
    let file = object.location.file;
    let mut walk = Walk { lines: &mut [], index: &index, file, missing: Vec::new() };
    walk.mapping(parsed.root()?, written, &mut String::new());
    let field = |missing: Missing| {
        let first = index.line_col(missing.stored.start);
        let last = index.line_col(missing.stored.end.saturating_sub(1).max(missing.stored.start));
        let lines = text.lines().skip(first.line as usize);
        let lines = lines.take((last.line - first.line) as usize + 1);
        let column = source.index.line_col(missing.mapping.start).col as usize;
        let filled = filled(&missing.path);
        DefaultField {
            at: missing.mapping.end.saturating_sub(1).max(missing.mapping.start),
            lines: lines
                .map(|line| {
                    let own = line.get(first.col as usize..).unwrap_or_default();
                    format!("{:column$}{own}", "")
                })
                .collect(),
            by: filled.by,
            why: filled.why,
        }
    };
    Some(walk.missing.into_iter().map(field).collect())
}

/// Returns true if the field says something about the object that a manifest could say.
fn is_default(path: &str) -> bool {
    path == ".metadata.namespace"
        || !(path.starts_with(".metadata.") || path.starts_with(".status"))
}

/// The object without what `kubectl get -o yaml` hides, and without the copy of the manifest.
fn shown(stored: &Value) -> Value {
    let mut shown = stored.clone();
    let metadata = shown.entry("metadata");
    metadata.remove("managedFields");
    let mut annotations = metadata["annotations"].clone();
    annotations.remove(LAST_APPLIED);
    if annotations.is_empty() {
        metadata.remove("annotations");
    } else {
        metadata.set("annotations", annotations);
    }
    shown
}

struct Walk<'a> {
    lines: &'a mut [StoredLine],
    index: &'a LineIndex,
    file: FileId,
    missing: Vec<Missing>,
}

/// A field that the manifest does not have.
struct Missing {
    path: String,
    /// The span of the field in the stored object.
    stored: Span,
    /// The span of the mapping in the manifest that lacks it.
    mapping: Span,
}

impl Walk<'_> {
    /// Compares a mapping that is stored with the one that is written.
    fn mapping(&mut self, stored: &Node, written: &Node, path: &mut String) {
        for entry in stored.entries() {
            let Some(name) = entry.name() else { continue };
            let before = path.len();
            path.push('.');
            path.push_str(name);
            let same = written.entries().filter(|entry| entry.name() == Some(name)).last();
            match same.filter(|entry| !entry.value.is_null()) {
                Some(same) => {
                    let at = Location::new(self.file, same.key.span);
                    self.mark(entry.key.span, |line| line.at = Some(at));
                    self.value(&entry.value, &same.value, path);
                }
                None => {
                    if is_default(path) {
                        self.missing.push(Missing {
                            path: path.clone(),
                            stored: entry.span(),
                            mapping: written.written_span(),
                        });
                    }
                    self.fill(entry.span(), path, &entry.value);
                }
            }
            path.truncate(before);
        }
    }

    fn value(&mut self, stored: &Node, written: &Node, path: &mut String) {
        match &stored.kind {
            Kind::Mapping(_) => self.mapping(stored, written, path),
            Kind::Sequence(sequence) => {
                for (number, item) in sequence.items.iter().enumerate() {
                    match written.items().get(number) {
                        Some(same) => self.value(item, same, path),
                        None => self.fill(item.written_span(), path, item),
                    }
                }
            }
            Kind::Scalar(_) => {}
        }
    }

    fn mark(&mut self, span: Span, change: impl Fn(&mut StoredLine)) {
        let first = self.index.line_col(span.start).line as usize;
        if let Some(line) = self.lines.get_mut(first) {
            change(line);
        }
    }

    /// Marks the lines of a value that the manifest does not have. Parts with an explanation of
    /// their own get it.
    fn fill(&mut self, span: Span, path: &mut String, value: &Node) {
        let filled = filled(path);
        let first = self.index.line_col(span.start).line as usize;
        let last = self.index.line_col(span.end.saturating_sub(1).max(span.start)).line as usize;
        for number in first..=last {
            if let Some(line) = self.lines.get_mut(number) {
                let why = if number == first { filled.why.clone() } else { String::new() };
                line.filled = Some(Filled { by: filled.by.clone(), why });
            }
        }
        self.below(path, value);
    }

    fn below(&mut self, path: &mut String, value: &Node) {
        for entry in value.entries() {
            let before = path.len();
            path.push('.');
            path.push_str(entry.name().unwrap_or_default());
            let filled = filled(path);
            if !filled.why.is_empty() {
                self.mark(entry.key.span, |line| line.filled = Some(filled.clone()));
            }
            self.below(path, &entry.value);
            path.truncate(before);
        }
        for item in value.items() {
            self.below(path, item);
        }
    }
}

/// The component that fills in a field, and the effect of the value.
fn filled(path: &str) -> Filled {
    let ends = |end: &str| path.ends_with(end);
    let by = BY.iter().find(|(end, _)| ends(end) || path.starts_with(end));
    let why = WHY.iter().find(|(end, _)| ends(end) && !path.starts_with(".status"));
    Filled {
        by: by.map_or("default", |(_, by)| by).to_owned(),
        why: why.map_or("", |(_, why)| why).to_owned(),
    }
}

/// Ends or beginnings of paths, and who fills them in. All others are defaults of the type.
static BY: &[(&str, &str)] = &[
    (".status", "controllers"),
    (".metadata.namespace", "kubectl context"),
    (".metadata.", "API server"),
    (".spec.clusterIP", "IP allocator"),
    (".spec.clusterIPs", "IP allocator"),
    (".nodePort", "port allocator"),
    (".spec.healthCheckNodePort", "port allocator"),
    (".spec.finalizers", "API server"),
    (".spec.serviceAccountName", "admission: ServiceAccount"),
    (".spec.serviceAccount", "admission: ServiceAccount"),
    (".spec.volumes", "admission: ServiceAccount"),
    (".volumeMounts", "admission: ServiceAccount"),
    (".spec.priority", "admission: Priority"),
    (".spec.preemptionPolicy", "admission: Priority"),
    (".spec.tolerations", "admission: DefaultTolerationSeconds"),
    (".spec.storageClassName", "admission: DefaultStorageClass"),
    (".spec.volumeName", "volume binder"),
];

/// Ends of paths, and why the value matters.
static WHY: &[(&str, &str)] = &[
    (
        ".imagePullPolicy",
        "IfNotPresent uses an image that the node already has. For the tag latest, or no tag, the default is Always.",
    ),
    (
        ".terminationGracePeriodSeconds",
        "A container has this long between SIGTERM and SIGKILL when its pod is deleted.",
    ),
    (".maxSurge", "A rollout may create this many pods above the wanted number."),
    (".maxUnavailable", "A rollout may take this many pods away before new ones are ready."),
    (
        ".strategy",
        "RollingUpdate replaces pods step by step, so old and new ones run at the same time.",
    ),
    (".updateStrategy", "Pods are replaced step by step when the template changes."),
    (".restartPolicy", "Always starts a container again whenever it ends, even after a success."),
    (".dnsPolicy", "Names are resolved by the DNS server of the cluster first."),
    (".replicas", "One pod, until the number is written or an autoscaler changes it."),
    (".revisionHistoryLimit", "So many old ReplicaSets are kept for kubectl rollout undo."),
    (
        ".progressDeadlineSeconds",
        "A rollout without progress for this long is reported as failed. It is not rolled back.",
    ),
    (".protocol", "TCP, unless the port says UDP or SCTP."),
    (".targetPort", "The port of the pods is that of the Service, unless it is written."),
    (".spec.type", "ClusterIP is reachable only from inside the cluster."),
    (".sessionAffinity", "Each connection may go to another pod."),
    (".internalTrafficPolicy", "Traffic goes to the pods of all nodes."),
    (".clusterIP", "The virtual address of the Service. It stays until the Service is deleted."),
    (".nodePort", "Each node listens on this port."),
    (".periodSeconds", "The kubelet runs the probe this often."),
    (".timeoutSeconds", "A probe without an answer after this long has failed."),
    (
        ".failureThreshold",
        "So many failures in a row count. Together with the period that is the time until something happens.",
    ),
    (".successThreshold", "One success is enough."),
    (".scheme", "The probe uses plain HTTP."),
    (
        ".defaultMode",
        "The files are readable by all users in the container (0644, printed as 420).",
    ),
    (".serviceAccountName", "The pod runs as the account default, which may do nothing by itself."),
    (".tolerations", "Pods stay on a node that is not ready or not reachable for 300 seconds."),
    (".priority", "With priority 0 a pod is evicted before pods with a higher one."),
    (".podManagementPolicy", "Pods start one after another, each when the one before is ready."),
    (".concurrencyPolicy", "Allow starts a job even if the one before still runs."),
    (".backoffLimit", "The job has failed after so many retries."),
    (".completionMode", "Any pod that succeeds counts."),
    (".successfulJobsHistoryLimit", "So many finished jobs are kept."),
    (".failedJobsHistoryLimit", "So many failed jobs are kept."),
    (
        ".terminationMessagePath",
        "What a container writes here is shown by kubectl describe when it ends.",
    ),
    (".volumeMode", "The volume has a file system."),
    (".volumeBindingMode", "A volume is bound as soon as it is claimed, before a node is known."),
    (".reclaimPolicy", "The volume is deleted with its claim."),
    (".policyTypes", "The policy restricts the directions that stand here."),
    (".apiGroup", "Roles are in the group rbac.authorization.k8s.io."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_a_sentence() {
        for (end, why) in WHY {
            assert!(end.starts_with('.'), "{end}");
            assert!(why.ends_with(['.', ')']), "{end}: {why}");
        }
    }
}
