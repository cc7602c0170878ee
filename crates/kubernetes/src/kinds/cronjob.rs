//! CronJobs.
//!
//! Source: pkg/apis/batch/validation validateCronJobSpec.

use super::{
    KIND, Kind, Update, job, keep_status, pod_defaults, reset_status, schedule, timezones,
};
use crate::object::Value;
use crate::validation::{Errors, Path};

pub const CRON_JOB: Kind = Kind {
    group: "batch",
    kind: "CronJob",
    columns: crate::columns::CRON_JOB,
    plural: "cronjobs",
    short_names: &["cj"],
    categories: &["all"],
    generation: true,
    description: "Jobs that are created by a schedule.",
    defaults: |object| {
        let spec = object.entry("spec");
        pod_defaults::template(spec.entry_at(&["jobTemplate", "spec", "template"]));
        spec.set_default_str("concurrencyPolicy", "Allow");
        spec.set_default("suspend", false);
        spec.set_default("successfulJobsHistoryLimit", 3);
        spec.set_default("failedJobsHistoryLimit", 1);
    },
    prepare_create: reset_status,
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"], None),
    validate_create: |errors, object| {
        let name = object["metadata"].str("name");
        if name.len() > 52 {
            let metadata = Path::new("metadata");
            errors.invalid(&metadata.child("name"), name, "must be no more than 52 characters");
        }
    },
    validate_update: Update::With(|errors, new, old| {
        spec(errors, &new["spec"], Some(&old["spec"]));
    }),
    name_use: super::IN_POD_NAMES,
    warnings: |object| {
        let path = Path::new("spec");
        let template = path.child("jobTemplate");
        let job = template.child("spec");
        job::warnings(&object["spec"]["jobTemplate"]["spec"], &job)
    },
    ..KIND
};

/// The spec; `old` is that of the stored object in an update.
fn spec(errors: &mut Errors, spec: &Value, old: Option<&Value>) {
    // A zone in a schedule that is stored with one may stay.
    let zone_allowed = old.is_some_and(|old| old.str("schedule").contains("TZ"));
    let path = Path::new("spec");
    let at = path.child("schedule");
    let text = spec.str("schedule");
    if text.is_empty() {
        errors.required(&at, "");
    } else {
        schedule_errors(errors, spec, zone_allowed, &at);
    }
    let deadline = spec.int("startingDeadlineSeconds");
    errors.non_negative(&path.child("startingDeadlineSeconds"), deadline);
    if let Some(zone) = spec["timeZone"].as_str()
        && old.is_none_or(|old| old["timeZone"] != spec["timeZone"])
    {
        time_zone(errors, zone, &path.child("timeZone"));
    }
    let policies = ["Allow", "Forbid", "Replace"];
    let policy = spec.str("concurrencyPolicy");
    errors.required_one_of(&path.child("concurrencyPolicy"), policy, &policies);
    let template = path.child("jobTemplate");
    let at = template.child("spec");
    let job = &spec["jobTemplate"]["spec"];
    job::common(errors, job, &at);
    if job.has("selector") {
        let message = "`selector` will be auto-generated";
        errors.invalid(&at.child("selector"), &job["selector"], message);
    }
    if job.bool("manualSelector") {
        errors.not_supported(&at.child("manualSelector"), true, &["nil", "false"]);
    }
    for key in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        errors.non_negative(&path.child(key), spec.int(key));
    }
}

fn schedule_errors(errors: &mut Errors, spec: &Value, zone_allowed: bool, path: &Path<'_>) {
    let text = spec.str("schedule");
    if let Err(message) = schedule::parse(text) {
        errors.invalid(path, text, &message);
    }
    if text.contains("TZ") && zone_allowed && spec.has("timeZone") {
        let message = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
        errors.invalid(path, text, message);
    }
    if text.contains("TZ") && !zone_allowed {
        let message = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        errors.invalid(path, text, message);
    }
}

fn time_zone(errors: &mut Errors, zone: &str, path: &Path<'_>) {
    if zone.is_empty() {
        return errors.invalid(path, zone, "timeZone must be nil or non-empty string");
    }
    if zone.eq_ignore_ascii_case("local") {
        let message =
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        return errors.invalid(path, zone, message);
    }
    if !timezones::is_known(zone) {
        errors.invalid(path, zone, &format!("unknown time zone {zone}"));
    }
}
