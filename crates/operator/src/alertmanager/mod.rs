//! The configuration of an Alertmanager, from a Secret and AlertmanagerConfigs.
//!
//! | file | content |
//! | --- | --- |
//! | here | the base configuration, and the steps from it to the text |
//! | `types` | the structure of a configuration, as tables |
//! | `convert` | custom resources to configuration |
//! | `decode` | a configuration that a user wrote |
//! | `load`, `matchers`, `url`, `ranges` | checks of Alertmanager |
//! | `merge` | AlertmanagerConfigs below the root route |
//! | `sanitize` | keys that an older Alertmanager does not know |
//! | `validate` | checks of an AlertmanagerConfig, as the admission webhook makes them |
//! | `select` | checks of an AlertmanagerConfig that an Alertmanager takes |
//!
//! Source: prometheus-operator pkg/alertmanager/operator.go provisionAlertmanagerConfiguration.

mod convert;
mod decode;
mod load;
mod matchers;
mod merge;
mod ranges;
mod sanitize;
mod select;
#[cfg(test)]
mod tests;
mod types;
mod url;
mod validate;

use kubernetes::object::Value;

use self::merge::Builder;
use crate::checks::at;
use crate::reconcile::Line;
use crate::select::Chosen;
use crate::store::{Checked, Store, secret_value};
use crate::tree::Document;
use crate::version::Version;

pub use load::check;
pub use select::verdicts;
pub use validate::validate;

/// The key of the base configuration.
const KEY: &str = "alertmanager.yaml";

/// The configuration without a Secret.
const DEFAULT: &str = "route:\n  receiver: 'null'\nreceivers:\n- name: 'null'";

/// A configuration with the files beside it.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    pub document: Document,
    /// Other keys of the Secret, which are mounted beside the configuration: names and Base64.
    pub others: Vec<(String, String)>,
    /// Warnings about keys that the version does not know.
    pub log: Vec<Line>,
}

/// Returns true if the Operator passes the text of the Secret on.
pub fn is_raw(alertmanager: &Value) -> bool {
    let spec = &alertmanager["spec"];
    spec["alertmanagerConfigSelector"].is_null() && spec["alertmanagerConfiguration"].is_null()
}

/// Returns the configuration of an Alertmanager. `chosen` are the AlertmanagerConfigs that it takes,
/// with their verdicts. The error fails the sync.
pub fn configuration(
    alertmanager: &Value,
    objects: &[Value],
    store: &Store<'_>,
    version: Version,
    chosen: &[Chosen<'_>],
) -> Checked<Configuration> {
    if is_raw(alertmanager) {
        let base = base(alertmanager, store);
        let origins = vec![None; base.text.lines().count()];
        let document = Document { text: base.text, origins };
        return Ok(Configuration { document, others: base.others, log: Vec::new() });
    }
    let mut builder = Builder::new(alertmanager, store, version);
    let mut others = Vec::new();
    if alertmanager["spec"]["alertmanagerConfiguration"].is_null() {
        let base = base(alertmanager, store);
        at(builder.read(&base.text), "failed to initialize from secret")?;
        others = base.others;
    } else {
        builder.global(objects)?;
    }
    let added = builder.add(chosen);
    at(added, "failed to generate Alertmanager configuration")?;
    Ok(Configuration { document: builder.print(), others, log: builder.log() })
}

/// The base configuration.
struct Base {
    text: String,
    others: Vec<(String, String)>,
}

/// Reads the base configuration of an Alertmanager. A Secret, a key or a text that is absent gives
/// the default. Source: loadConfigurationFromSecret.
fn base(alertmanager: &Value, store: &Store<'_>) -> Base {
    let metadata = &alertmanager["metadata"];
    let named = alertmanager["spec"].str("configSecret");
    let default_name = format!("alertmanager-{}", metadata.str("name"));
    let name = if named.is_empty() { &default_name } else { named };
    let Some(secret) = store.object("Secret", metadata.str("namespace"), name) else {
        return Base { text: DEFAULT.to_owned(), others: Vec::new() };
    };
    let text = secret_value(secret, KEY).filter(|text| !text.is_empty());
    let others = secret.entries("data").filter(|(key, _)| &***key != KEY);
    let others = others
        .map(|(key, value)| (key.to_string(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    Base { text: text.unwrap_or_else(|| DEFAULT.to_owned()), others }
}

/// Returns `host:port` as Go splits and joins it; an empty text for none of both.
fn host_port(text: &str) -> Checked<String> {
    let split = go::net::split_host_port(text);
    let (host, port) = split.map_err(|reason| format!("address {text}: {reason}"))?;
    if host.is_empty() && port.is_empty() {
        return Ok(String::new());
    }
    Ok(go::net::join_host_port(host, port))
}
