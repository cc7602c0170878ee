//! Command lines that Prometheus refuses.

use ::server::process::{CommandLine, Refusal, command_line};
use kubernetes::flags::REMOVED;
use kubernetes::objects::{Field, Text};
use kubernetes::prometheus::{Instance, is_version_2};
use text::{Code, Diagnostic, Location};

const REFUSED: &str = "prometheus-flag-refused";

pub static CODES: &[Code] = &[Code {
    code: REFUSED,
    title: "A command line that Prometheus refuses",
    doc: "Prometheus reads its flags before anything else. A value of the wrong type, a flag with a single dash, a repeated flag and a flag of another mode end it at once, with an error on standard error. The container then restarts again and again.",
    example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers:\n        - name: prometheus\n          image: prom/prometheus\n          args: [--storage.tsdb.retention.time=30x]\n",
}];

/// Returns the refusal of the server's command line, and the argument at fault if one alone is
/// refused. For an image of version 2, flags that only that version has are passed over.
pub fn refusal(instance: &Instance) -> Option<(Refusal, Option<Location>)> {
    let refused = |args: &[String]| match command_line(args) {
        CommandLine::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let arguments: Vec<&Field<Text>> = match is_version_2(&instance.image.value) {
        true => without_removed(&instance.arguments),
        false => instance.arguments.iter().collect(),
    };
    let args: Vec<String> = arguments.iter().map(|argument| argument.value.to_string()).collect();
    let refusal = refused(&args)?;
    let alone = args.iter().position(|argument| refused(std::slice::from_ref(argument)).is_some());
    let at = alone.and_then(|index| arguments.get(index)?.at);
    Some((refusal, at))
}

/// The arguments without flags that version 3 has removed, and without their values.
fn without_removed(arguments: &[Field<Text>]) -> Vec<&Field<Text>> {
    let mut kept = Vec::new();
    let mut is_value = false;
    for argument in arguments {
        let flag = argument.value.strip_prefix("--");
        let (name, value) = flag.map_or(("", None), |flag| match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, None),
        });
        let removed = REMOVED.iter().any(|removed| removed.name == name);
        let is_left_out = removed || (is_value && flag.is_none());
        if !is_left_out {
            kept.push(argument);
        }
        is_value = removed && value.is_none();
    }
    kept
}

/// Finds command lines that are refused for another reason than an unknown flag, which has a check of its own.
pub fn check(instances: &[Instance], found: &mut Vec<Diagnostic>) {
    for instance in instances {
        let Some((refusal, at)) = refusal(instance) else { continue };
        let Some(at) = at.or(instance.location) else { continue };
        let error = refusal.stderr.first().map_or("", String::as_str);
        let error = error.trim_start_matches("Error parsing command line arguments: ");
        if error.starts_with("unknown long flag") {
            continue;
        }
        let one = Diagnostic::error(REFUSED, at, error.to_owned());
        found.push(one.with_help("Prometheus ends at once."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_flags_are_passed_over_with_their_values() {
        for (arguments, kept) in [
            (&["--storage.tsdb.retention=15d", "--web.enable-lifecycle"][..], 1),
            (&["--storage.tsdb.retention", "15d", "--web.enable-lifecycle"], 1),
            (&["--storage.tsdb.allow-overlapping-blocks", "--web.enable-lifecycle"], 1),
            (&["--storage.tsdb.retention.time", "15d"], 2),
            (&["--web.enable-lifecylce"], 1),
        ] {
            let fields: Vec<Field<Text>> = arguments.iter().map(|one| Field::text(one)).collect();
            assert_eq!(without_removed(&fields).len(), kept, "{arguments:?}");
        }
    }
}
