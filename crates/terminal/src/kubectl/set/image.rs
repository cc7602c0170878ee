//! `kubectl set image`.
//!
//! Source: kubectl pkg/cmd/set/set_image.go.

use go::quote::quote;
use kubernetes::object::Value;

use super::super::errors::Failure;
use super::super::flags::Arguments;
use super::super::label::{NO_RESOURCES, pairs};
use super::super::{Kubectl, Session, plain};
use super::{Change, for_containers, no_pods, pod_spec};

/// Containers of all kinds that have an image.
const LISTS: &[&str] = &["initContainers", "containers"];

impl Kubectl<'_> {
    /// `kubectl set image`.
    pub(super) fn set_image(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let (resources, words) = match pairs(&arguments.words, "image") {
            Ok(split) => split,
            Err(failure) => return vec![failure],
        };
        let (images, invalid): (Vec<&String>, Vec<&String>) =
            words.iter().partition(|word| word.contains('='));
        if !invalid.is_empty() {
            let invalid: Vec<&str> = invalid.iter().map(|word| word.as_str()).collect();
            return plain(format!("invalid image format: {}", invalid.join(", ")));
        }
        let images: Vec<(&str, &str)> =
            images.iter().filter_map(|word| word.split_once('=')).collect();
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let wrong = mistakes(arguments, &resources, &images);
        if !wrong.is_empty() {
            return wrong;
        }
        let (targets, failures) = match self.targets(&resources, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        if !failures.is_empty() {
            return failures;
        }
        let change = Change {
            arguments,
            dry_run,
            done: "image updated",
            failed: "failed to patch image update to pod template:",
        };
        let mut failures = Vec::new();
        for target in targets {
            let mut modified = target.object.clone();
            match pod_spec(target.kind.kind) {
                Some(path) => failures.extend(set_images(modified.entry_at(path), &images)),
                None => failures.push(no_pods(&target)),
            }
            failures.extend(self.send_change(&target, &modified, &change, session).err());
        }
        failures
    }
}

/// Sets images; a container that is not there is an error.
fn set_images(spec: &mut Value, images: &[(&str, &str)]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (name, image) in images {
        let selects = |known: &str| *name == "*" || *name == known;
        let found =
            for_containers(spec, LISTS, selects, |container| container.set("image", *image));
        if found == 0 {
            let message = format!("error: unable to find container named {}", quote(name));
            failures.push(Failure::Plain(message));
        }
    }
    failures
}

fn mistakes(arguments: &Arguments, resources: &[String], images: &[(&str, &str)]) -> Vec<Failure> {
    let mut wrong = Vec::new();
    if arguments.is("all") && arguments.given("selector") {
        wrong.extend(plain("cannot set --all and --selector at the same time"));
    }
    if resources.is_empty() && !arguments.given("filename") {
        wrong.extend(plain(NO_RESOURCES));
    }
    if images.is_empty() {
        wrong.extend(plain("at least one image update is required"));
    } else if images.len() > 1 && images.iter().any(|(name, _)| *name == "*") {
        wrong.extend(plain("all containers are already specified by *, but saw more than one container_name=container_image pairs"));
    }
    if wrong.len() > 1 { vec![Failure::Many(wrong)] } else { wrong }
}
