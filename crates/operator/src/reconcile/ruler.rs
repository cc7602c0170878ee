//! The sync of a ThanosRuler.
//!
//! Source: prometheus-operator pkg/thanos/operator.go sync, pkg/thanos/rules.go.

use ::prometheus::validate::names::Scheme;
use kubernetes::object::Value;
use promql::syntax::ParserOptions;

use super::{DEPRECATED, SyncOutcome, governing_service, storage_class};
use crate::checks::at;
use crate::options::Options;
use crate::prometheus::{ConfigContext, remote_write_file};
use crate::rules::{self, Format};
use crate::select::{Namespaces, RULES};
use crate::store::Checked;
use crate::version::{self, Version};
use crate::workload::ruler::{Pods, REMOTE_WRITE, WEB_CONFIG, selector};
use crate::workload::{Meta, secret, secrets};

/// Fills in the outcome. The error ends the sync after what was written before it.
pub fn sync<'a>(
    workload: &'a Value,
    objects: &'a [Value],
    options: &'a Options,
    outcome: &mut SyncOutcome<'a>,
) -> Checked {
    let spec = &workload["spec"];
    if !spec.list("prometheusRulesExcludedFromEnforce").is_empty() {
        let message = "field \"spec.prometheusRulesExcludedFromEnforce\" is deprecated, field \"spec.excludedFromEnforcement\" should be used instead";
        outcome.reason = Some((DEPRECATED, message.to_owned()));
    }
    storage_class(spec, objects)?;
    let text = version::written(spec, version::THANOS);
    let version = at(Version::parse(text), "failed to parse version")?;
    select_rules(workload, objects, version, options, outcome)?;
    let name = workload["metadata"].str("name");
    let base = format!("thanos-ruler-{name}");
    let label = ("thanos-ruler-name", name);
    let maps = secrets::rule_maps_named(workload, &base, label, &outcome.selection, options);
    let rule_maps = maps.iter().map(|map| map["metadata"].str("name").to_owned()).collect();
    for map in maps {
        outcome.write(map, "synchronizing PrometheusRules failed");
    }
    let context = ConfigContext::for_ruler(workload, objects);
    configuration(&context, &base, options, outcome)?;
    let assets = context.store.tls_assets();
    let tls_secrets = outcome.write_tls_assets(workload, &base, &assets, options);
    let web = format!("{base}-web-config");
    let what = "failed to synchronize web config secret";
    outcome.write_web_config(workload, (&web, WEB_CONFIG), what, options)?;
    let root = context.root.clone();
    let pods = Pods { root, options, tls_secrets, rule_maps, version };
    if !governing_service(workload, objects, &selector(name))? {
        outcome.write(pods.service(), "synchronizing governing service failed");
    }
    let set = at(pods.stateful_set(), "failed to generate statefulset")?;
    outcome.sets.push(base);
    outcome.write(set, "failed to create thanos statefulset");
    Ok(())
}

/// Selects and checks the PrometheusRules.
fn select_rules<'a>(
    workload: &'a Value,
    objects: &'a [Value],
    version: Version,
    options: &'a Options,
    outcome: &mut SyncOutcome<'a>,
) -> Checked {
    let spec = &workload["spec"];
    let format = Format {
        thanos: true,
        version,
        names: if version >= Version(0, 38, 0) { Scheme::Utf8 } else { Scheme::Legacy },
        promql: ParserOptions::default(),
        enforced_label: spec.str("enforcedNamespaceLabel"),
        excluded: rules::excluded(spec),
    };
    let namespaces = Namespaces::new(objects, options);
    let chosen = namespaces.selected(workload, objects, &RULES)?;
    rules::select(&format, chosen, &mut outcome.selection);
    let chosen = outcome.selection.objects.clone();
    outcome.rejected(workload, &chosen);
    if chosen.is_empty() {
        let message = "No PrometheusRule have been selected.".to_owned();
        outcome.reason = Some(("NoSelectedResources", message));
    }
    Ok(())
}

/// Writes the Secret of the configuration for remote write.
fn configuration(
    context: &ConfigContext<'_>,
    base: &str,
    options: &Options,
    outcome: &mut SyncOutcome<'_>,
) -> Checked {
    let what = "failed to synchronize ruler config secret";
    let text = at(remote_write_file(context), what)?;
    let name = format!("{base}-config");
    let mut meta = Meta::new(context.root.value, &name);
    meta.controlled = false;
    outcome.write(secret(&meta, options, [(REMOTE_WRITE, text.as_bytes())]), what);
    Ok(())
}
