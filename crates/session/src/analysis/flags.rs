//! Command lines that Prometheus refuses.

use ::server::process::{CommandLine, Refusal, command_line};
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
/// refused. Command lines of version 2 are not judged.
pub fn refusal(instance: &Instance) -> Option<(Refusal, Option<Location>)> {
    let refused = |args: &[String]| match command_line(args) {
        CommandLine::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let args: Vec<String> =
        instance.arguments.iter().map(|argument| argument.value.to_string()).collect();
    if is_version_2(&instance.image.value) {
        return None;
    }
    let refusal = refused(&args)?;
    let alone = args.iter().position(|argument| refused(std::slice::from_ref(argument)).is_some());
    let at = alone.and_then(|index| instance.arguments.get(index)?.at);
    Some((refusal, at))
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
