//! `kubectl patch`.
//!
//! Source: kubectl pkg/cmd/patch/patch.go.

use cluster::Status;
use cluster::apiserver::{PatchType, Reason};
use go::quote::quote;
use kubernetes::merge;
use kubernetes::object::{Value, parse_json};

use super::builder::Target;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::{Kubectl, Session, read};

/// Flags of `patch` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::short("patch", 'p', Form::Text),
    Flag::new("patch-file", Form::Text),
    Flag::new("type", Form::Text),
    Flag::new("local", Form::Switch),
    Flag::new("subresource", Form::Text),
];

/// The target of a patch.
#[derive(Clone, Copy)]
enum Part {
    Object,
    /// The subresource `status`.
    Status,
}

impl Kubectl<'_> {
    /// `kubectl patch`.
    pub(super) fn patch(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let (ty, patch) = match self.patch_of(arguments) {
            Ok(patch) => patch,
            Err(failure) => return vec![failure],
        };
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (targets, mut failures) = match self.targets(&arguments.words, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let part = match arguments.text("subresource") {
            Some("status") => Part::Status,
            _ => Part::Object,
        };
        for target in targets {
            let result = if dry_run == DryRun::Client || arguments.is("local") {
                patched_here(&target, ty, &patch)
            } else {
                self.patched(&target, ty, &patch, (dry_run, part), session)
            };
            let printed = result.and_then(|object| {
                let no = if unchanged(&object, &target.object) { " (no change)" } else { "" };
                let operation = format!("patched{no}{}", dry_run.suffix());
                print_object(arguments, session, target.kind, &object, &operation)
            });
            failures.extend(printed.err());
        }
        failures
    }

    /// The type of the patch and the patch.
    fn patch_of(&self, arguments: &Arguments) -> Result<(PatchType, Value), Failure> {
        let file = arguments.text("patch-file").filter(|path| !path.is_empty());
        let text = match (arguments.text("patch").filter(|text| !text.is_empty()), file) {
            (Some(_), Some(_)) => {
                let message = "cannot specify --patch and --patch-file together";
                return Err(Failure::Plain(message.to_owned()));
            }
            (Some(text), None) => text.to_owned(),
            (None, Some(path)) => self.files.read(path).ok_or_else(|| {
                let message =
                    format!("unable to read patch file: open {path}: no such file or directory");
                Failure::Plain(message)
            })?,
            (None, None) => {
                let message =
                    "must specify --patch or --patch-file containing the contents of the patch";
                return Err(Failure::Plain(message.to_owned()));
            }
        };
        let ty = match arguments.text("type").unwrap_or("strategic").to_lowercase().as_str() {
            "strategic" => PatchType::Strategic,
            "merge" => PatchType::Merge,
            "json" => PatchType::Json,
            other => {
                let message =
                    format!("--type must be one of [json merge strategic], not {}", quote(other));
                return Err(Failure::Plain(message));
            }
        };
        // Text that looks like JSON is sent as it is; the server refuses what is not.
        let patch = if text.trim_start().starts_with('{') {
            parse_json(&text).map_err(|_| bad_request(&text))?
        } else {
            read::document(&text).map_err(|error| {
                let error = error.trim_start_matches("error converting YAML to JSON: ");
                Failure::Plain(format!("unable to parse {}: {error}", quote(&text)))
            })?
        };
        Ok((ty, patch))
    }

    fn patched(
        &mut self,
        target: &Target,
        ty: PatchType,
        patch: &Value,
        (dry_run, part): (DryRun, Part),
        session: &mut Session,
    ) -> Result<Value, Failure> {
        if ty == PatchType::Strategic && target.kind.type_id().is_none() {
            let kind = target.kind;
            return Err(Failure::Plain(format!(
                "application/strategic-merge-patch+json is not supported by {}, Kind={}: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
                kind.api_version(),
                kind.kind
            )));
        }
        let result = match part {
            Part::Object => self.send_patch(target, ty, patch, dry_run),
            Part::Status => self.send_status_patch(target, ty, patch, dry_run),
        };
        match result {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                Ok(accepted.object)
            }
            Err(status) => {
                session.warn(&status.warnings);
                Err(status.into())
            }
        }
    }
}

/// The server's refusal of text that is not JSON.
fn bad_request(text: &str) -> Failure {
    let message = go::json::syntax_error(text).unwrap_or_default();
    Status::new(Reason::BadRequest, message).into()
}

/// The object after a patch that is not sent.
fn patched_here(target: &Target, ty: PatchType, patch: &Value) -> Result<Value, Failure> {
    match ty {
        PatchType::Merge => Ok(merge::merge_patch(&target.object, patch)),
        PatchType::Json => merge::json_patch(&target.object, patch)
            .map_err(|_| Failure::Plain("the patch does not fit the object".to_owned())),
        PatchType::Strategic => {
            let object = target.object.as_map().cloned().unwrap_or_default();
            let mut patch = patch.as_map().cloned().unwrap_or_default();
            merge::strategic_merge(&object, &mut patch, target.kind.type_id())
                .map(Into::into)
                .map_err(Failure::Plain)
        }
    }
}

/// Returns true if nothing but the record of field managers differs.
fn unchanged(new: &Value, old: &Value) -> bool {
    let bare = |object: &Value| {
        let mut object = object.clone();
        object.entry("metadata").remove("managedFields");
        object
    };
    bare(new) == bare(old)
}
