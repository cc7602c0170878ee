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
use crate::workload::web_config::WebConfig;
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
    let base = format!("thanos-ruler-{}", workload["metadata"].str("name"));
    let label = ("thanos-ruler-name", workload["metadata"].str("name"));
    let maps = secrets::rule_maps_named(workload, &base, label, &outcome.selection, options);
    let rule_maps = maps.iter().map(|map| map["metadata"].str("name").to_owned()).collect();
    for map in maps {
        outcome.write(map, "synchronizing PrometheusRules failed");
    }
    let context = ConfigContext::for_ruler(workload, objects);
    let what = "failed to synchronize ruler config secret";
    let text = at(remote_write_file(&context), what)?;
    let name = format!("{base}-config");
    let mut meta = Meta::new(workload, &name);
    meta.controlled = false;
    outcome.write(secret(&meta, options, [(REMOTE_WRITE, text.as_bytes())]), what);
    let prefix = format!("{base}-tls-assets");
    let tls = secrets::tls_assets(workload, &prefix, &context.store.tls_assets(), options);
    let tls_secrets = tls.iter().map(|one| one["metadata"].str("name").to_owned()).collect();
    for one in tls {
        outcome.write(one, "failed to reconcile the TLS secrets");
    }
    let what = "failed to synchronize web config secret";
    let web = WebConfig::new(context.spec.get("web"), WEB_CONFIG);
    let web = at(at(web, "failed to initialize web config"), what)?;
    let name = format!("{base}-web-config");
    outcome.write(secrets::web_config(workload, &name, &web, options), what);
    let root = context.root.clone();
    let pods = Pods { root, options, tls_secrets, rule_maps, version };
    if !governing_service(workload, objects, &selector(workload["metadata"].str("name")))? {
        outcome.write(pods.service(), "synchronizing governing service failed");
    }
    let set = at(pods.stateful_set(), "failed to generate statefulset")?;
    outcome.sets.push(base);
    outcome.write(set, "failed to create thanos statefulset");
    Ok(())
}
