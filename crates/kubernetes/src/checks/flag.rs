//! Unknown flags of Prometheus.

use super::{CheckContext, nearest};
use crate::flags::{FLAGS, REMOVED, find};
use crate::prometheus::is_version_2;
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
            let removed = REMOVED.iter().find(|removed| removed.name == &*flag.name);
            if removed.is_some() && is_version_2(&instance.image.value) {
                continue;
            }
            let mut diagnostic = Diagnostic::error("prometheus-flag-unknown", at, message)
                .with_help(removed.map_or_else(
                    || "Prometheus ends at once.".to_owned(),
                    |removed| format!("Version 3 removed it. {}", removed.instead),
                ));
            let other = match removed {
                Some(removed) => removed.replacement,
                None => nearest(&flag.name, FLAGS.iter().map(|one| one.name)),
            };
            if let Some(near) = other {
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
