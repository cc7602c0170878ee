//! The section `global`, whose fields the custom resource groups by receiver.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go convertGlobalConfig.

use super::Convert;
use crate::alertmanager::types::client::TLS;
use crate::checks::at;
use crate::store::Checked;
use crate::tree::{Field, Tree};

type Value = Checked<Option<Tree>>;

fn copied(field: &Field<'_>) -> Option<Tree> {
    field.is_set().then(|| Tree::copy(field))
}

/// A text of a group.
pub fn text(global: &Field<'_>, group: &str, name: &str) -> Value {
    Ok(copied(&global.get(group).get(name)))
}

/// A boolean of a group.
pub fn switch(global: &Field<'_>, group: &str, name: &str) -> Value {
    text(global, group, name)
}

/// The value of a Secret's key that a group refers to. `what` is in front of an error.
pub fn secret(to: &Convert<'_>, global: &Field<'_>, group: &str, name: &str, what: &str) -> Value {
    at(to.secret(&global.get(group).get(name)), what)
}

/// The field `apiURL` of a group.
pub fn url(global: &Field<'_>, group: &str) -> Value {
    let field = global.get(group).get("apiURL");
    Ok(field.is_set().then(|| Tree::text(go::url::print(field.text())).from(&field)))
}

/// A URL in a Secret. `get` and `parse` name it in errors.
pub fn secret_url(
    to: &Convert<'_>,
    global: &Field<'_>,
    name: &str,
    get: &str,
    parse: &str,
) -> Value {
    let field = global.get(name);
    if !field.is_set() {
        return Ok(None);
    }
    let text = at(to.store.secret(&field), &format!("failed to get {get}"))?;
    at(go::url::parse(&text), &format!("parse {parse}"))?;
    Ok(Some(Tree::text(text).from(&field)))
}

pub fn mattermost_url(to: &Convert<'_>, global: &Field<'_>) -> Value {
    let field = global.get("mattermost").get("webhookURL");
    if !field.is_set() {
        return Ok(None);
    }
    let what = "invalid global mattermost config";
    let text = at(to.store.secret(&field), "failed to get Mattermost Webhook URL Secret");
    let text = at(text, what)?;
    at(at(go::url::parse(&text), "failed to parse Webhook URL"), what)?;
    Ok(Some(Tree::text(text).from(&field)))
}

pub fn smart_host(_: &Convert<'_>, global: &Field<'_>) -> Value {
    let field = global.get("smtp").get("smartHost");
    if !field.is_set() {
        return Ok(None);
    }
    let (host, port) = (field.value.str("host"), field.value.str("port"));
    let shown = match (host, port) {
        ("", "") => String::new(),
        _ => go::net::join_host_port(host, port),
    };
    Ok(Some(Tree::text(shown).from(&field)))
}

pub fn smtp_tls(to: &Convert<'_>, global: &Field<'_>) -> Value {
    let field = global.get("smtp").get("tlsConfig");
    if field.is_set() { to.structure(&TLS, &field).map(Some) } else { Ok(None) }
}
