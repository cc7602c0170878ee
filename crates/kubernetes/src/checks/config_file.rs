//! A configuration file that is not mounted at the configured path.

use super::CheckContext;
use crate::mounts::PathInContainer;
use crate::prometheus::{IMAGE_CONFIG_PATH, Instance};
use text::{Applicability, Code, Diagnostic, Fix, Location};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "config-file-not-mounted",
        title: "A configuration file outside of every mount",
        doc: "`--config.file` names a file where no volume is mounted and where the image has none, so Prometheus ends at once with `no such file or directory`. With any `args` of your own the flag must be among them: its default is then `prometheus.yml` in the directory `/prometheus`.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {prometheus.yml: ''}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, args: [--config.file=/etc/prom/prometheus.yml], volumeMounts: [{name: config, mountPath: /etc/prometheus}]}]\n      volumes: [{name: config, configMap: {name: config}}]\n",
    },
    Code {
        code: "config-file-not-in-config-map",
        title: "A ConfigMap without the file that Prometheus reads",
        doc: "A ConfigMap is mounted where Prometheus looks for its configuration, but has no key of the file's name: each key becomes a file of that name. Prometheus ends at once with `no such file or directory`.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {prom.yml: ''}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, volumeMounts: [{name: config, mountPath: /etc/prometheus}]}]\n      volumes: [{name: config, configMap: {name: config}}]\n",
    },
    Code {
        code: "image-config-in-force",
        title: "Prometheus with the configuration of its image",
        doc: "Nothing is mounted over `/etc/prometheus/prometheus.yml`, so Prometheus runs with the file that its image has there: it scrapes only itself, without an error.",
        example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus}]\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for instance in context.instances {
        found.extend(finding(context, instance));
    }
}

fn finding(context: &CheckContext<'_>, instance: &Instance) -> Option<Diagnostic> {
    let path = &instance.config_path;
    let at = instance.config_flag.or(instance.location)?;
    match &instance.config {
        PathInContainer::Image if path == IMAGE_CONFIG_PATH => Some(
            Diagnostic::warning("image-config-in-force", at, "no configuration is mounted")
                .with_help("Prometheus runs with the file of its image, which scrapes only Prometheus itself."),
        ),
        PathInContainer::Image => {
            let diagnostic = Diagnostic::error(
                "config-file-not-mounted",
                at,
                format!("open {path}: no such file or directory"),
            );
            Some(not_mounted(context, instance, diagnostic))
        }
        PathInContainer::NotInVolume { mount, source, present, .. } => {
            // A missing ConfigMap is reported by another check.
            let source = source.as_ref()?;
            let meta = context.cluster().meta(source.kind, &source.namespace, &source.name)?;
            let name = path.rsplit('/').next().unwrap_or(path);
            let has = if present.is_empty() { "no files".into() } else { present.join(", ") };
            let message = format!("{source} brings no {name}");
            let help = format!("Prometheus reads {path}; what is mounted there is {has}.");
            let mut diagnostic =
                Diagnostic::error("config-file-not-in-config-map", mount.unwrap_or(at), message)
                    .with_help(help)
                    .with_related(meta.name_place(), source.to_string());
            let map = context.cluster().config_maps.get(&source.namespace, &source.name);
            if let Some([only]) = map.map(|map| map.data.as_slice())
                && let Some(at) = only.key_at {
                    let title = format!("Rename the key {} to {name}", only.key);
                    diagnostic = diagnostic
                        .with_fix(Fix::replace(title, Applicability::Suggestion, at, name));
                }
            Some(diagnostic)
        }
        _ => None,
    }
}

/// Adds a fix that sets the flag to a mounted file.
fn not_mounted(
    context: &CheckContext<'_>,
    instance: &Instance,
    diagnostic: Diagnostic,
) -> Diagnostic {
    let Some((spec, container)) = context.spec_of(instance) else { return diagnostic };
    let files = crate::mounts::files(context.cluster(), &instance.namespace, spec, container);
    let name = instance.config_path.rsplit('/').next().unwrap_or_default();
    let same = files.iter().find(|file| file.path.rsplit('/').next() == Some(name));
    let Some(file) = same else {
        return diagnostic.with_help("No volume is mounted there, so Prometheus ends at once.");
    };
    let diagnostic = diagnostic.with_help(format!("The file is mounted as {}.", file.path));
    let title = format!("Read {}", file.path);
    match (instance.config_flag, container.args.first().and_then(|one| one.at)) {
        (Some(flag), _) => {
            let text = format!("--config.file={}", file.path);
            diagnostic.with_fix(Fix::replace(title, Applicability::Suggestion, flag, text))
        }
        (None, Some(first)) => match add_argument(context, first, &file.path) {
            Some(fix) => diagnostic.with_fix(fix),
            None => diagnostic,
        },
        (None, None) => diagnostic,
    }
}

/// Returns a fix that inserts an argument before the first, in block or flow style.
fn add_argument(context: &CheckContext<'_>, first: Location, path: &str) -> Option<Fix> {
    let text = (context.text)(first.file)?;
    let argument = first.span.slice(text);
    let line_start = text.get(..first.span.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line_start..first.span.start as usize)?;
    let added = if before.trim() == "-" {
        format!("--config.file={path}\n{before}{argument}")
    } else {
        format!("--config.file={path}, {argument}")
    };
    Some(Fix::replace(format!("Add --config.file={path}"), Applicability::Suggestion, first, added))
}
