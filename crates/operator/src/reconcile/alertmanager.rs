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
use crate::workload::cluster_tls::{self, ClusterTls};
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
    outcome.reason = deprecated(spec, &["spec"]).map(|text| (DEPRECATED, text));
    storage_class(spec, objects)?;
    let version = at(read_version(spec), "provision alertmanager configuration")?;
    let base = format!("alertmanager-{}", workload["metadata"].str("name"));
    let store = Store::new(objects);
    let what = "provision alertmanager configuration";
    let namespaces = Namespaces::new(objects, options);
    let chosen = if alertmanager::is_raw(workload) {
        Vec::new()
    } else {
        let chosen = namespaces.selected(workload, objects, &ALERTMANAGER_CONFIGS);
        at(at(chosen, "failed to select AlertmanagerConfig objects"), what)?
    };
    let chosen = alertmanager::verdicts(workload, chosen, version, &store);
    outcome.rejected(workload, &chosen);
    let configuration = alertmanager::configuration(workload, objects, &store, version, &chosen);
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
    let prefix = format!("{base}-tls-assets");
    let tls = secrets::tls_assets(workload, &prefix, &store.tls_assets(), options);
    let tls_secrets = tls.iter().map(|one| one["metadata"].str("name").to_owned()).collect();
    for one in tls {
        outcome.write(one, "failed to reconcile the TLS secrets");
    }
    let root = Field::root(workload);
    let what = "failed to synchronize the web config secret";
    let web = WebConfig::new(root.get("spec").get("web"), WEB_CONFIG);
    let web = at(at(web, "failed to initialize web config"), what)?;
    let name = format!("{base}-web-config");
    outcome.write(secrets::web_config(workload, &name, &web, options), what);
    let what = "failed to synchronize the cluster TLS config secret";
    let cluster = ClusterTls::new(root.get("spec").get("clusterTLS"));
    let cluster = at(at(cluster, "failed to initialize the configuration"), what)?;
    let name = format!("{base}-cluster-tls-config");
    let text = cluster.text();
    outcome.write(
        secret(&Meta::new(workload, &name), options, [(cluster_tls::FILE, text.as_bytes())]),
        what,
    );
    let pods = Pods { root, options, tls_secrets, version };
    if !governing_service(workload, objects, &selector(workload["metadata"].str("name")))? {
        outcome.write(pods.service(), "synchronizing governing service failed");
    }
    let set = at(pods.stateful_set(), "failed to generate statefulset")?;
    outcome.sets.push(base);
    outcome.write(set, "failed to create statefulset");
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
