//! `kubectl set resources`.
//!
//! Source: kubectl pkg/cmd/set/set_resources.go, pkg/generate/versioned/generate.go.

use kubernetes::object::quantity::{FORMAT_ERROR, Quantity};

use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::label::NO_RESOURCES;
use super::super::{Kubectl, Session, plain};
use super::{Change, for_containers, no_pods, pod_spec, selects};

/// Flags of `set resources` besides those that it shares.
pub(super) const FLAGS: &[Flag] =
    &[Flag::new("limits", Form::Text), Flag::new("requests", Form::Text)];

/// Reads `cpu=200m,memory=512Mi` into names and canonical quantities.
pub(in super::super) fn quantities(text: &str) -> Result<Vec<(String, String)>, String> {
    let items = text.split(',').filter(|_| !text.is_empty());
    items
        .map(|item| {
            let (name, quantity) = item
                .split_once('=')
                .filter(|(_, quantity)| !quantity.contains('='))
                .ok_or(format!("Invalid argument syntax {item}, expected <resource>=<value>"))?;
            let quantity = Quantity::parse(quantity).ok_or(FORMAT_ERROR)?;
            Ok((name.to_owned(), quantity.canonical()))
        })
        .collect()
}

/// Limits and requests of the command line, by their field.
type Amounts = Vec<(&'static str, Vec<(String, String)>)>;

fn amounts(arguments: &Arguments) -> Result<Amounts, String> {
    let text = |flag| arguments.text(flag).unwrap_or_default();
    if text("limits").is_empty() && text("requests").is_empty() {
        return Err(
            "you must specify an update to requests or limits (in the form of --requests/--limits)"
                .to_owned(),
        );
    }
    let parsed = ["limits", "requests"].map(|flag| quantities(text(flag)).map(|one| (flag, one)));
    parsed.into_iter().collect()
}

impl Kubectl<'_> {
    /// `kubectl set resources`.
    pub(super) fn set_resources(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        if arguments.is("all") && arguments.given("selector") {
            return plain("cannot set --all and --selector at the same time");
        }
        let (targets, failures) = match self.targets(&arguments.words, arguments) {
            Ok(found) => found,
            Err(Failure::Plain(_)) if arguments.words.is_empty() => return plain(NO_RESOURCES),
            Err(failure) => return vec![failure],
        };
        if !failures.is_empty() {
            return failures;
        }
        let amounts = match amounts(arguments) {
            Ok(amounts) => amounts,
            Err(message) => return plain(message),
        };
        let change = Change {
            arguments,
            dry_run,
            done: "resource requirements updated",
            failed: "failed to patch resources update to pod template",
        };
        let pattern = arguments.text("containers").unwrap_or("*");
        let mut failures = Vec::new();
        for target in targets {
            let mut modified = target.object.clone();
            let Some(path) = pod_spec(target.kind.kind) else {
                failures.push(no_pods(&target));
                continue;
            };
            let spec = modified.entry_at(path);
            let lists = ["containers", "initContainers"];
            let found = for_containers(
                spec,
                &lists,
                |name| selects(pattern, name),
                |container| {
                    for (part, quantities) in &amounts {
                        for (name, quantity) in quantities {
                            container.entry_at(&["resources", part]).set(name, quantity.as_str());
                        }
                    }
                },
            );
            if found == 0 {
                let message = format!("error: unable to find container named {pattern}");
                failures.push(Failure::Plain(message));
            }
            failures.extend(self.send_change(&target, &modified, &change, session).err());
        }
        failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_made_canonical() {
        let list = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        for (text, expected) in [
            ("cpu=200m,memory=512Mi", Ok(list(&[("cpu", "200m"), ("memory", "512Mi")]))),
            ("cpu=1000m", Ok(list(&[("cpu", "1")]))),
            ("", Ok(Vec::new())),
            ("cpu", Err("Invalid argument syntax cpu, expected <resource>=<value>".to_owned())),
            ("cpu=x", Err(FORMAT_ERROR.to_owned())),
        ] {
            assert_eq!(quantities(text), expected, "{text}");
        }
    }
}
