//! Unknown flags of Prometheus.

use super::{CheckContext, nearest};
use crate::flags::{FLAGS, REMOVED, find};
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "prometheus-flag-unknown",
    title: "A flag that Prometheus does not have",
    doc: "Prometheus exits at once if it gets an unknown flag: `unknown long flag '--x'`. Version 3 removed some flags of version 2.",
    example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers:\n        - name: prometheus\n          image: prom/prometheus\n          args: [--config.file=/etc/prometheus/prometheus.yml, --web.enable-lifecylce]\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for instance in context.instances {
        for flag in &instance.flags {
            let Some(at) = flag.at.filter(|_| find(&flag.name).is_none()) else { continue };
            let message = format!("unknown long flag '--{}'", flag.name);
            let removed = REMOVED.iter().find(|(name, _)| *name == &*flag.name);
            let mut diagnostic = Diagnostic::error("prometheus-flag-unknown", at, message)
                .with_help(removed.map_or_else(
                    || "Prometheus ends at once.".to_owned(),
                    |(_, instead)| format!("Version 3 removed it. {instead}"),
                ));
            // The replacement of a removed flag, else the nearest name.
            let instead =
                removed.and_then(|(_, instead)| instead.strip_prefix("Use --")?.strip_suffix('.'));
            let near = || nearest(&flag.name, FLAGS.iter().map(|one| one.name));
            let switch = |name: &str| name.strip_prefix("no-").unwrap_or(name).to_owned();
            let known = |name: &str| find(&switch(name)).is_some();
            if let Some(near) = instead.filter(|name| known(name)).or_else(|| match removed {
                Some(_) => None,
                None => near(),
            }) {
                let value = flag.value.as_ref().map_or(String::new(), |value| format!("={value}"));
                diagnostic = diagnostic.with_fix(Fix::replace(
                    format!("Use --{near}"),
                    Applicability::Suggestion,
                    at,
                    format!("--{near}{value}"),
                ));
            }
            found.push(diagnostic);
        }
    }
}
