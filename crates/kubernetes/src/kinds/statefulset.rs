//! StatefulSets.
//!
//! Source: pkg/apis/apps/validation ValidateStatefulSetSpec, ValidateStatefulSetUpdate.

use super::{KIND, Kind, Update, deployment, keep_status, pod_defaults, reset_status, warnings};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::pod::{self, volumes};
use crate::validation::{Bad, Errors, Path, meta, names};

pub const STATEFUL_SET: Kind = Kind {
    group: "apps",
    kind: "StatefulSet",
    columns: crate::columns::STATEFUL_SET,
    plural: "statefulsets",
    short_names: &["sts"],
    categories: &["all"],
    generation: true,
    name_form: names::dns1123_label,
    description: "Pods with a name and a volume each, started in order.",
    defaults,
    prepare_create: |object| {
        reset_status(object);
        let status = object.entry("status");
        status.set("replicas", 0);
        status.set("availableReplicas", 0);
    },
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"]),
    validate_update: Update::With(update),
    warnings: |object| {
        let mut found = warnings::template(&object["spec"]["template"], &Path::new("spec"));
        found.extend(warnings::claim_templates(&object["spec"]));
        if object["spec"].int("revisionHistoryLimit") < 0 {
            found.push("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended".to_owned());
        }
        found
    },
    ..KIND
};

fn defaults(object: &mut Value) {
    let spec = object.entry("spec");
    pod_defaults::template(spec.entry("template"));
    for claim in spec.items_mut("volumeClaimTemplates") {
        // The template is stored with its type.
        claim.set_default_str("apiVersion", "v1");
        claim.set_default_str("kind", "PersistentVolumeClaim");
        claim.entry("spec").set_default("volumeMode", "Filesystem");
        claim.entry("status").set_default_str("phase", "Pending");
    }
    spec.set_default_str("podManagementPolicy", "OrderedReady");
    let strategy = spec.entry("updateStrategy");
    // Only a type that is left out brings settings. Source: SetDefaults_StatefulSet.
    if strategy.str("type").is_empty() {
        strategy.set("type", "RollingUpdate");
        strategy.set_default("rollingUpdate", Value::map());
    }
    if strategy.str("type") == "RollingUpdate" && strategy.has("rollingUpdate") {
        strategy.entry("rollingUpdate").set_default("partition", 0);
    }
    let policy = spec.entry("persistentVolumeClaimRetentionPolicy");
    policy.set_default_str("whenDeleted", "Retain");
    policy.set_default_str("whenScaled", "Retain");
    spec.set_default("replicas", 1);
    spec.set_default("revisionHistoryLimit", 10);
}

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let policy = spec.str("podManagementPolicy");
    if !matches!(policy, "OrderedReady" | "Parallel") {
        let message = "must be 'OrderedReady' or 'Parallel'";
        errors.invalid(&path.child("podManagementPolicy"), policy, message);
    }
    strategy(errors, &spec["updateStrategy"], &path.child("updateStrategy"));
    let retention = path.child("persistentVolumeClaimRetentionPolicy");
    for key in ["whenDeleted", "whenScaled"] {
        let policy = spec["persistentVolumeClaimRetentionPolicy"].str(key);
        errors.one_of(&retention.child(key), policy, &["Delete", "Retain"]);
    }
    errors.non_negative(&path.child("replicas"), spec.int("replicas"));
    errors.non_negative(&path.child("minReadySeconds"), spec.int("minReadySeconds"));
    if let Some(start) = spec["ordinals"]["start"].as_int() {
        let ordinals = path.child("ordinals");
        errors.non_negative(&ordinals.child("start"), start);
    }
    let selector = &spec["selector"];
    let empty = "empty selector is invalid for statefulset";
    deployment::selector_errors(errors, selector, &path.child("selector"), empty);
    let template = path.child("template");
    if meta::is_valid_selector(selector) {
        template_errors(errors, spec, selector, &template);
    } else {
        errors.invalid(&path.child("selector"), selector, "");
    }
    always_restarts(errors, &spec["template"]["spec"], &template.child("spec"));
    let claims = path.child("volumeClaimTemplates");
    for (number, claim) in spec.list("volumeClaimTemplates").iter().enumerate() {
        let at = claims.index(number);
        volumes::claim_spec(errors, &claim["spec"], &at.child("spec"));
    }
    let service = spec.str("serviceName");
    if !service.is_empty() {
        let wrong = names::dns1123_label(service);
        errors.invalid_each(&path.child("serviceName"), service, wrong);
    }
}

/// The template is checked with the volumes that its claims will give it.
fn template_errors(errors: &mut Errors, spec: &Value, selector: &Value, path: &Path<'_>) {
    deployment::labels_match(errors, selector, &spec["template"], path);
    let metadata = &spec["template"]["metadata"];
    meta::labels(errors, &metadata["labels"], &path.child("labels"));
    meta::annotations(errors, &metadata["annotations"], &path.child("annotations"));
    let own = &metadata["annotations"];
    pod::check_annotations(errors, own, &spec["template"]["spec"], &path.child("annotations"));
    let mut pod = spec["template"]["spec"].clone();
    let own = pod.list("volumes").len();
    for claim in spec.list("volumeClaimTemplates") {
        let name = claim["metadata"].str("name");
        if pod.list("volumes").iter().any(|volume| volume.str("name") == name) {
            continue;
        }
        let mut volume = Value::map();
        volume.set("name", name);
        volume.entry("persistentVolumeClaim").set("claimName", name);
        pod.entry("volumes").list_mut().push(volume);
    }
    let mut found = Errors::default();
    let at = path.child("spec");
    pod::pod_spec(&mut found, &pod, &at, Default::default());
    // Volumes of the claims are checked with the claims.
    let added = own..pod.list("volumes").len();
    let is_added = |path: &str| {
        added.clone().any(|number| path.starts_with(&format!("{at}.volumes[{number}]")))
    };
    errors.list.extend(found.list.into_iter().filter(|error| !is_added(&error.path)));
}

/// Pods of a StatefulSet must restart, and must have no deadline.
fn always_restarts(errors: &mut Errors, pod: &Value, path: &Path<'_>) {
    let policy = pod.str("restartPolicy");
    if policy != "Always" {
        errors.not_supported(&path.child("restartPolicy"), policy, &["Always"]);
    }
    if pod.has("activeDeadlineSeconds") {
        let message = "activeDeadlineSeconds in StatefulSet is not Supported";
        errors.forbidden(&path.child("activeDeadlineSeconds"), message);
    }
}

fn internal_json(name: &str, value: &Value) -> Bad {
    let id = types().named(&format!("io.k8s.api.apps.v1.{name}"));
    Bad::raw(id.map_or_else(String::new, |id| internal::to_json(id, value)))
}

fn strategy(errors: &mut Errors, strategy: &Value, path: &Path<'_>) {
    let update = &strategy["rollingUpdate"];
    let at = path.child("rollingUpdate");
    match strategy.str("type") {
        "OnDelete" => {
            if !update.is_null() {
                let bad = internal_json("RollingUpdateStatefulSetStrategy", update);
                errors.invalid(&at, bad, "only allowed for updateStrategy 'RollingUpdate'");
            }
        }
        "RollingUpdate" => {
            errors.non_negative(&at.child("partition"), update.int("partition"));
            let unavailable = &update["maxUnavailable"];
            if !unavailable.is_null() {
                let at = at.child("maxUnavailable");
                deployment::positive_int_or_percent(errors, unavailable, &at);
                deployment::not_over_100(errors, unavailable, &at);
                if deployment::number(unavailable) == 0 {
                    errors.invalid(&at, unavailable, "cannot be 0");
                }
            }
        }
        _ => {
            let bad = internal_json("StatefulSetUpdateStrategy", strategy);
            errors.invalid(path, bad, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
}

/// Fields of the spec that may change.
const CHANGEABLE: &[&str] = &[
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

fn update(errors: &mut Errors, new: &Value, old: &Value) {
    spec(errors, &new["spec"]);
    let rest = |object: &Value| {
        let mut spec = object["spec"].clone();
        for key in CHANGEABLE {
            spec.remove(key);
        }
        spec
    };
    if rest(new) != rest(old) {
        let message = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        errors.forbidden(&Path::new("spec"), message);
    }
}
