//! The sync of an Alertmanager.
//!
//! Source: prometheus-operator pkg/alertmanager/operator.go sync.

use kubernetes::object::Value;

use super::{DEPRECATED, SyncOutcome, deprecated, governing_service, storage_class};
use crate::alertmanager;
use crate::checks::at;
use crate::gzip;
use crate::options::Options;
use crate::select::{ALERTMANAGER_CONFIGS, Namespaces};
use crate::store::{Checked, Store};
use crate::tree::Field;
use crate::version::{self, Version};
use crate::workload::alertmanager::{Pods, WEB_CONFIG, selector};
use crate::workload::cluster_tls::{ClusterTls, FILE};
use crate::workload::{Meta, secret};

/// Fills in the outcome. The error ends the sync after what was written before it.
pub fn sync<'a>(
    workload: &'a Value,
    objects: &'a [Value],
    options: &'a Options,
    outcome: &mut SyncOutcome<'a>,
) -> Checked {
    let spec = &workload["spec"];
    outcome.reason = deprecated(spec, &["spec"]).map(|text| (DEPRECATED, text));
    storage_class(spec, objects)?;
    let version = at(read_version(spec), "provision alertmanager configuration")?;
    let base = format!("alertmanager-{}", workload["metadata"].str("name"));
    let store = Store::new(objects);
    configuration(workload, objects, (&store, version), &base, options, outcome)?;
    let tls_secrets = outcome.write_tls_assets(workload, &base, &store.tls_assets(), options);
    let web = format!("{base}-web-config");
    let what = "failed to synchronize the web config secret";
    outcome.write_web_config(workload, (&web, WEB_CONFIG), what, options)?;
    cluster_tls(workload, &base, options, outcome)?;
    let root = Field::root(workload);
    let pods = Pods { root, options, tls_secrets, version };
    if !governing_service(workload, objects, &selector(workload["metadata"].str("name")))? {
        outcome.write(pods.service(), "synchronizing governing service failed");
    }
    let set = at(pods.stateful_set(), "failed to generate statefulset")?;
    outcome.sets.push(base);
    outcome.write(set, "failed to create statefulset");
    Ok(())
}

/// Selects AlertmanagerConfigs and writes the Secret of the generated configuration.
fn configuration<'a>(
    workload: &'a Value,
    objects: &'a [Value],
    (store, version): (&Store<'a>, Version),
    base: &str,
    options: &'a Options,
    outcome: &mut SyncOutcome<'a>,
) -> Checked {
    let what = "provision alertmanager configuration";
    let namespaces = Namespaces::new(objects, options);
    let chosen = if alertmanager::is_raw(workload) {
        Vec::new()
    } else {
        let chosen = namespaces.selected(workload, objects, &ALERTMANAGER_CONFIGS);
        at(at(chosen, "failed to select AlertmanagerConfig objects"), what)?
    };
    let chosen = alertmanager::verdicts(workload, chosen, version, store);
    outcome.rejected(workload, &chosen);
    let configuration = alertmanager::configuration(workload, objects, store, version, &chosen);
    let configuration = at(configuration, what)?;
    outcome.log.extend(configuration.log);
    let mut data: Vec<(&str, Vec<u8>)> = configuration
        .others
        .iter()
        .map(|(key, text)| (&**key, go::base64::decode(text).unwrap_or_default()))
        .collect();
    data.push(("alertmanager.yaml.gz", gzip::compress(configuration.document.text.as_bytes())));
    let data = data.iter().map(|(key, bytes)| (*key, &**bytes));
    let name = format!("{base}-generated");
    outcome.write(secret(&Meta::new(workload, &name), options, data), what);
    outcome.document = Some(configuration.document);
    Ok(())
}

/// Writes the Secret of the TLS settings of the cluster of Alertmanagers.
fn cluster_tls(
    workload: &Value,
    base: &str,
    options: &Options,
    outcome: &mut SyncOutcome<'_>,
) -> Checked {
    let what = "failed to synchronize the cluster TLS config secret";
    let cluster = ClusterTls::new(Field::root(workload).get("spec").get("clusterTLS"));
    let cluster = at(at(cluster, "failed to initialize the configuration"), what)?;
    let name = format!("{base}-cluster-tls-config");
    let text = cluster.text();
    outcome.write(secret(&Meta::new(workload, &name), options, [(FILE, text.as_bytes())]), what);
    Ok(())
}

fn read_version(spec: &Value) -> Checked<Version> {
    let text = version::written(spec, version::ALERTMANAGER);
    let version = at(Version::parse(text), "failed to parse alertmanager version")?;
    if version < Version(0, 15, 0) || version.0 > 0 {
        return Err(format!("unsupported Alertmanager version {}", go::quote::quote(text)));
    }
    Ok(version)
}
