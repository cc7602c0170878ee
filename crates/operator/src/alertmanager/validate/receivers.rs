//! Checks of the settings of receivers.
//!
//! Source: prometheus-operator pkg/alertmanager/validation/v1alpha1 validateReceivers.

use std::collections::BTreeSet;

use kubernetes::object::Value;

use crate::alertmanager::load::VICTOROPS_FIELDS;
use crate::alertmanager::url;
use crate::checks::{at, valid_oauth2, valid_proxy, valid_safe_authorization, valid_safe_tls};
use crate::store::Checked;

/// Lists of receivers in the order in which they are checked, with their checks. The HTTP client of
/// each is checked after them.
type Check = fn(&Value) -> Checked;

static RECEIVERS: &[(&str, Check)] = &[
    ("opsgenieConfigs", opsgenie),
    ("pagerdutyConfigs", pagerduty),
    ("discordConfigs", |_| Ok(())),
    ("slackConfigs", slack),
    ("webhookConfigs", webhook),
    ("wechatConfigs", |config| plain(config, "apiURL")),
    ("emailConfigs", email),
    ("victoropsConfigs", victorops),
    ("pushoverConfigs", pushover),
    ("snsConfigs", sns),
    ("telegramConfigs", telegram),
    ("webexConfigs", |config| plain(config, "apiURL")),
    ("msteamsConfigs", |_| Ok(())),
    ("msteamsv2Configs", |_| Ok(())),
    ("rocketchatConfigs", rocketchat),
];

/// Checks all settings of a receiver.
pub fn receiver(receiver: &Value) -> Checked {
    for (list, check) in RECEIVERS {
        for (number, config) in receiver.list(list).iter().enumerate() {
            let checked =
                check(config).and_then(|()| at(client(&config["httpConfig"]), "'httpConfig'"));
            at(checked, &format!("'{list}'[{number}]"))?;
        }
    }
    Ok(())
}

fn refuse(reason: &str) -> Checked {
    Err(reason.to_owned())
}

/// Checks an HTTP client. Source: v1alpha1 HTTPConfig.Validate.
fn client(client: &Value) -> Checked {
    if client.is_null() {
        return Ok(());
    }
    let set = |name: &str| !client[name].is_null();
    let (basic, oauth2) = (set("basicAuth"), set("oauth2"));
    let (authorization, token) = (set("authorization"), set("bearerTokenSecret"));
    if (basic || oauth2) && token {
        return refuse(
            "at most one of 'basicAuth', 'oauth2' and 'bearerTokenSecret' must be configured",
        );
    }
    if authorization && token {
        return refuse("'authorization' is not compatible with 'bearerTokenSecret'");
    }
    let several = "at most one of 'basicAuth', 'oauth2' and 'authorization' must be configured";
    if authorization && (basic || oauth2) {
        return refuse(several);
    }
    valid_safe_authorization(&client["authorization"])?;
    if oauth2 && basic {
        return refuse(several);
    }
    valid_oauth2(&client["oauth2"])?;
    valid_safe_tls(&client["tlsConfig"])?;
    valid_proxy(client)
}

fn plain(config: &Value, field: &str) -> Checked {
    match config.str(field) {
        "" => Ok(()),
        text => at(url::valid(text), &format!("invalid '{field}'")),
    }
}

fn template(config: &Value, field: &str) -> Checked {
    match config.str(field) {
        "" => Ok(()),
        text => at(url::valid_template(text), &format!("invalid '{field}'")),
    }
}

/// Checks the same field of each item of a list.
fn templates(config: &Value, list: &str, field: &str) -> Checked {
    for (number, item) in config.list(list).iter().enumerate() {
        at(template(item, field), &format!("'{list}'[{number}]"))?;
    }
    Ok(())
}

fn opsgenie(config: &Value) -> Checked {
    for responder in config.list("responders") {
        if ["id", "name", "username"].iter().all(|field| responder.str(field).is_empty()) {
            return refuse("responder must have at least an ID, a Name or an Username defined");
        }
        let kind = responder.str("type");
        let is_template = url::is_template(kind)
            .map_err(|error| format!("responder type is not a valid template: {error}"))?;
        let kinds = ["team", "teams", "user", "escalation", "schedule"];
        if !is_template && !kinds.contains(&&*go::case::lower(kind)) {
            return Err(format!(
                "opsGenieConfig responder type {kind} does not match valid options \
                 ^(team|teams|user|escalation|schedule)$"
            ));
        }
    }
    plain(config, "apiURL")
}

fn pagerduty(config: &Value) -> Checked {
    plain(config, "url")?;
    template(config, "clientURL")?;
    if config["routingKey"].is_null() && config["serviceKey"].is_null() {
        return refuse("one of 'routingKey' or 'serviceKey' is required");
    }
    templates(config, "pagerDutyLinkConfigs", "href")?;
    templates(config, "pagerDutyImageConfigs", "href")
}

fn slack(config: &Value) -> Checked {
    for action in config.list("actions") {
        for field in ["type", "text"] {
            if action.str(field).is_empty() {
                return Err(format!("missing '{field}' in Slack action configuration"));
            }
        }
        if action.str("url").is_empty() && action.str("name").is_empty() {
            return refuse("missing 'name' or 'url' in Slack action configuration");
        }
        let confirm = &action["confirm"];
        if !confirm.is_null() && confirm.str("text").is_empty() {
            return refuse("missing 'text' in Slack confirmation configuration");
        }
    }
    for one in config.list("fields") {
        for field in ["title", "value"] {
            if one.str(field).is_empty() {
                return Err(format!("missing '{field}' in Slack field configuration"));
            }
        }
    }
    Ok(())
}

fn webhook(config: &Value) -> Checked {
    if config["url"].is_null() && config["urlSecret"].is_null() {
        return refuse("one of 'url' or 'urlSecret' must be specified");
    }
    template(config, "url")
}

fn email(config: &Value) -> Checked {
    if config.str("to").is_empty() {
        return refuse("missing 'to' address");
    }
    let server = config.str("smarthost");
    if !server.is_empty() {
        let what = format!("invalid 'smarthost' {}", go::quote::quote(server));
        at(crate::alertmanager::host_port(server), &what)?;
    }
    let mut names = BTreeSet::new();
    for header in config.list("headers") {
        let name = go::case::lower(header.str("key"));
        if !names.insert(name.clone()) {
            return Err(format!("duplicate header {}", go::quote::quote(&name)));
        }
    }
    Ok(())
}

fn victorops(config: &Value) -> Checked {
    let fields = config.list("customFields").iter().map(|field| field.str("key"));
    if let Some(name) = fields.into_iter().find(|name| VICTOROPS_FIELDS.contains(name)) {
        let name = go::quote::quote(name);
        return Err(format!("usage of reserved word {name} is not allowed in custom fields"));
    }
    if config.str("routingKey").is_empty() {
        return refuse("missing 'routingKey' key");
    }
    plain(config, "apiUrl").map_err(|reason| reason.replacen("'apiUrl'", "'apiURL'", 1))
}

fn pushover(config: &Value) -> Checked {
    for field in ["userKey", "token"] {
        let file = format!("{field}File");
        if config[field].is_null() && config[&*file].is_null() {
            return Err(format!("one of '{field}' or '{file}' must be configured"));
        }
    }
    if config.bool("html") && config.bool("monospace") {
        return refuse("'html' and 'monospace' options are mutually exclusive");
    }
    template(config, "url")
}

fn sns(config: &Value) -> Checked {
    let lacks = |field: &str| config.str(field).is_empty();
    if (lacks("targetARN") != lacks("topicARN")) != lacks("phoneNumber") {
        return refuse("must provide one of 'targetARN', 'topicARN', or 'phoneNumber'");
    }
    match config["apiURL"].as_str() {
        Some(text) => at(url::valid_template(text), "invalid 'apiURL'"),
        None => Ok(()),
    }
}

fn telegram(config: &Value) -> Checked {
    match (config["botToken"].is_null(), config["botTokenFile"].is_null()) {
        (true, true) => return refuse("mandatory field botToken or botTokenfile is empty"),
        (false, false) => {
            return refuse("only one of 'botToken' or 'botTokenfile' must be configured");
        }
        _ => {}
    }
    if config.int("chatID") == 0 {
        return refuse("mandatory field 'chatID' is empty");
    }
    plain(config, "apiURL")
}

fn rocketchat(config: &Value) -> Checked {
    plain(config, "apiURL")?;
    for field in ["iconURL", "imageURL", "thumbURL"] {
        template(config, field)?;
    }
    templates(config, "actions", "url")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn settings_are_checked() {
        for (list, config, expected) in [
            ("slackConfigs", r#"{"channel":"x"}"#, ""),
            (
                "webhookConfigs",
                r#"{"url":"x.example.org"}"#,
                "invalid 'url': validate url from string failed with error: unsupported scheme \"\" for URL",
            ),
            ("webhookConfigs", r#"{"url":"{{ .X }}"}"#, ""),
            (
                "wechatConfigs",
                r#"{"apiURL":"ftp://a"}"#,
                "invalid 'apiURL': validate url from string failed for ftp://a: unsupported scheme \"ftp\" for URL",
            ),
            ("pagerdutyConfigs", "{}", "one of 'routingKey' or 'serviceKey' is required"),
            (
                "emailConfigs",
                r#"{"to":"a","smarthost":"b"}"#,
                "invalid 'smarthost' \"b\": address b: missing port in address",
            ),
            (
                "emailConfigs",
                r#"{"to":"a","headers":[{"key":"X"},{"key":"x"}]}"#,
                "duplicate header \"x\"",
            ),
            (
                "snsConfigs",
                r#"{"topicARN":"a","targetARN":"b"}"#,
                "must provide one of 'targetARN', 'topicARN', or 'phoneNumber'",
            ),
            ("snsConfigs", r#"{"topicARN":"a"}"#, ""),
            (
                "telegramConfigs",
                r#"{"botToken":{},"chatID":0}"#,
                "mandatory field 'chatID' is empty",
            ),
            (
                "victoropsConfigs",
                r#"{"routingKey":"a","customFields":[{"key":"entity_id"}]}"#,
                "usage of reserved word \"entity_id\" is not allowed in custom fields",
            ),
            (
                "discordConfigs",
                r#"{"httpConfig":{"basicAuth":{},"bearerTokenSecret":{}}}"#,
                "'httpConfig': at most one of 'basicAuth', 'oauth2' and 'bearerTokenSecret' must be configured",
            ),
        ] {
            let text = format!(r#"{{"{list}":[{config}]}}"#);
            let checked = receiver(&parse_json(&text).expect("JSON"));
            let expected = match expected {
                "" => String::new(),
                reason => format!("'{list}'[0]: {reason}"),
            };
            assert_eq!(checked.err().unwrap_or_default(), expected, "{config}");
        }
    }
}
