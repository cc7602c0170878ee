//! Service discovery sections.

use go::case;
use std::sync::Arc;

use crate::config::{
    KubernetesRole, KubernetesSdConfig, SdConfig, SdMechanism, SdSelector, StaticConfig,
};
use crate::fields::discovery as table;
use go::Duration;
use schema::{Resolved, Section};
use text::FileId;
use yaml::scalars;

use super::{located_texts, place};

/// All entries of all mechanisms of a job, in the order of the text.
pub fn mechanisms(file: FileId, view: &Section<'_>) -> Vec<SdConfig> {
    let mut found = Vec::new();
    for entry in view.node.entries() {
        let Some(mechanism) = entry.name().and_then(table::find) else { continue };
        for item in entry.value.items() {
            let Some(section) = Section::new(item) else { continue };
            if let Some(decoded) = one(file, mechanism.key(), &section) {
                found.push(SdConfig { location: place(file, item), mechanism: decoded });
            }
        }
    }
    found
}

fn one(file: FileId, key: &'static str, view: &Section<'_>) -> Option<SdMechanism> {
    let refresh = |default| view.duration("refresh_interval", Duration::from_secs(default));
    Some(match key {
        "static_configs" => SdMechanism::Static(static_config(file, view)),
        "file_sd_configs" => SdMechanism::File {
            files: located_texts(file, view, "files"),
            refresh_interval: refresh(300),
        },
        "dns_sd_configs" => SdMechanism::Dns {
            names: located_texts(file, view, "names"),
            record_type: Arc::from(case::upper(&view.text_or("type", "SRV"))),
            port: u16::try_from(view.int("port", 0)).unwrap_or(0),
            refresh_interval: refresh(30),
        },
        "http_sd_configs" => SdMechanism::Http {
            url: written_text(file, view, "url"),
            refresh_interval: refresh(60),
        },
        "kubernetes_sd_configs" => SdMechanism::Kubernetes(kubernetes(file, view)?),
        other => SdMechanism::Other { key: Arc::from(other) },
    })
}

fn written_text(file: FileId, view: &Section<'_>, key: &str) -> Resolved<Arc<str>> {
    let text = Arc::from(&*view.text(key));
    match view.get(key) {
        Some(node) => Resolved::written(text, place(file, node)),
        None => Resolved::default(text),
    }
}

/// A group of targets, also one of a file_sd file.
pub fn static_config(file: FileId, view: &Section<'_>) -> StaticConfig {
    let labels = view.get("labels").into_iter().flat_map(|labels| labels.entries());
    StaticConfig {
        targets: located_texts(file, view, "targets"),
        labels: labels
            .filter_map(|entry| {
                let (name, value) =
                    (scalars::string(&entry.key).ok()?, scalars::string(&entry.value).ok()?);
                let location = text::Location::new(file, entry.span());
                Some((Arc::from(&*name), Arc::from(&*value), location))
            })
            .collect(),
    }
}

/// Returns None if the role is missing or unknown.
fn kubernetes(file: FileId, view: &Section<'_>) -> Option<KubernetesSdConfig> {
    let role = KubernetesRole::from_name(&view.text("role"))?;
    let namespaces = view.section("namespaces");
    let attach = view.section("attach_metadata");
    let attached = |key| attach.is_some_and(|attach| attach.flag(key, false));
    let selectors =
        view.items("selectors").iter().filter_map(Section::new).filter_map(|selector| {
            Some(SdSelector {
                role: KubernetesRole::from_name(&selector.text("role"))?,
                label: Arc::from(&*selector.text("label")),
                field: Arc::from(&*selector.text("field")),
            })
        });
    Some(KubernetesSdConfig {
        role: Resolved::written(role, place(file, view.get("role")?)),
        api_server: Arc::from(&*view.text("api_server")),
        own_namespace: namespaces.is_some_and(|names| names.flag("own_namespace", false)),
        namespaces: namespaces.map_or_else(Vec::new, |names| {
            names.texts("names").map(|(name, _)| Arc::from(&*name)).collect()
        }),
        selectors: selectors.collect(),
        attach_node_metadata: attached("node"),
        attach_namespace_metadata: attached("namespace"),
        attach_deployment_metadata: attached("deployment"),
        attach_job_metadata: attached("job"),
        attach_cronjob_metadata: attached("cronjob"),
    })
}
