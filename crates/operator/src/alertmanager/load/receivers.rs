//! The checks of one receiver.
//!
//! Source: alertmanager 0.34 config/notifiers.go, notify/*/config.go.

use std::collections::BTreeSet;

use prometheus::fields::http::canonical;

use super::{at_most_one, named, one_of, refuse, required};
use crate::alertmanager::url::is_template;
use crate::checks::at;
use crate::store::Checked;
use crate::tree::{Data, Tree};

pub fn receiver(receiver: &Tree) -> Checked {
    named(receiver, "missing name in receiver")?;
    let label = receiver.get("labels").map_or("", |labels| labels.str("name"));
    let name = receiver.str("name");
    if !label.is_empty() && label != name {
        let quote = go::quote::quote;
        return Err(format!(
            "receiver label \"name\" must match receiver name {}, got {}",
            quote(name),
            quote(label)
        ));
    }
    Ok(())
}

pub fn pagerduty(tree: &Tree) -> Checked {
    let keys = ["routing_key", "service_key", "routing_key_file", "service_key_file"];
    if !keys.iter().any(|key| tree.has(key)) {
        return refuse("missing service or routing key in PagerDuty config");
    }
    at_most_one(tree, "routing_key", "routing_key_file")?;
    at_most_one(tree, "service_key", "service_key_file")
}

/// A responder as Go prints it.
fn shown(responder: &Tree) -> String {
    let parts = ["id", "name", "username", "type"].map(|key| responder.str(key));
    format!("{{{}}}", parts.join(" "))
}

pub fn opsgenie(tree: &Tree) -> Checked {
    at_most_one(tree, "api_key", "api_key_file")?;
    for responder in tree.items("responders") {
        if !["id", "username", "name"].iter().any(|key| responder.has(key)) {
            return Err(format!(
                "opsGenieConfig responder {} has to have at least one of id, username or name \
                 specified",
                shown(responder)
            ));
        }
        let kind = responder.str("type");
        let what = || {
            format!(
                "opsGenieConfig responder {} type contains invalid template syntax",
                shown(responder)
            )
        };
        if at(is_template(kind), &what())? {
            continue;
        }
        let lower = go::case::lower(kind);
        if !["team", "teams", "user", "escalation", "schedule"].contains(&&*lower) {
            return Err(format!(
                "opsGenieConfig responder {} type does not match valid options \
                 ^(team|teams|user|escalation|schedule)$",
                shown(responder).replace(kind, &lower)
            ));
        }
    }
    Ok(())
}

pub fn wechat(tree: &Tree) -> Checked {
    let kind = tree.str("message_type");
    if !["", "text", "markdown"].contains(&kind) {
        return Err(format!(
            "weChat message type {} does not match valid options ^(text|markdown)$",
            go::quote::quote(kind)
        ));
    }
    at_most_one(tree, "api_secret", "api_secret_file")
}

pub fn slack(tree: &Tree) -> Checked {
    at_most_one(tree, "api_url", "api_url_file")?;
    at_most_one(tree, "app_token", "app_token_file")?;
    let any = |keys: [&str; 2]| keys.iter().any(|key| tree.has(key));
    if any(["api_url", "api_url_file"]) && any(["app_token", "app_token_file"]) {
        return refuse(
            "at most one of api_url/api_url_file & app_token/app_token_file must be configured",
        );
    }
    const POST: &str = "https://slack.com/api/chat.postMessage";
    if tree.is_true("update_message") && tree.str("api_url") != POST {
        return refuse(
            "update_message can only be used with bot tokens. api_url must be set to \
             https://slack.com/api/chat.postMessage",
        );
    }
    Ok(())
}

pub fn slack_field(tree: &Tree) -> Checked {
    required(tree, "title", "missing title in Slack field configuration")?;
    required(tree, "value", "missing value in Slack field configuration")
}

pub fn slack_action(tree: &Tree) -> Checked {
    required(tree, "type", "missing type in Slack action configuration")?;
    required(tree, "text", "missing text in Slack action configuration")?;
    if tree.has("url") || tree.has("name") {
        return Ok(());
    }
    refuse("missing name or url in Slack action configuration")
}

pub fn email(tree: &Tree) -> Checked {
    required(tree, "to", "missing to address in email config")?;
    let headers = tree.get("headers").map(Tree::entries).unwrap_or_default();
    let mut names = BTreeSet::new();
    for (name, _) in headers {
        let name = canonical(name);
        if !names.insert(name.clone()) {
            return Err(format!("duplicate header {} in email config", go::quote::quote(&name)));
        }
    }
    let Some(threading) = tree.get("threading") else { return Ok(()) };
    if !threading.is_true("enabled") {
        return Ok(());
    }
    for header in ["References", "In-Reply-To"] {
        if names.contains(header) {
            return Err(format!(
                "conflicting configuration: threading.enabled conflicts with custom {header} header"
            ));
        }
    }
    if matches!(threading.str("thread_by_date"), "none" | "daily") {
        return Ok(());
    }
    refuse("threading.thread_by_date must be either 'none' or 'daily'")
}

pub fn pushover(tree: &Tree) -> Checked {
    one_of(tree, "user_key", "user_key_file")?;
    one_of(tree, "token", "token_file")?;
    if tree.is_true("html") && tree.is_true("monospace") {
        return refuse("at most one of monospace & html must be configured");
    }
    Ok(())
}

pub fn victorops(tree: &Tree) -> Checked {
    required(tree, "routing_key", "missing Routing key in VictorOps config")?;
    at_most_one(tree, "api_key", "api_key_file")?;
    let fields = tree.get("custom_fields").map(Tree::entries).unwrap_or_default();
    let reserved = VICTOROPS_FIELDS.iter().find(|name| fields.iter().any(|(key, _)| key == *name));
    match reserved {
        Some(name) => Err(format!(
            "victorOps config contains custom field {name} which cannot be used as it conflicts \
             with the fixed/static fields"
        )),
        None => Ok(()),
    }
}

/// Names that custom fields of VictorOps cannot have.
pub static VICTOROPS_FIELDS: &[&str] = &[
    "routing_key",
    "message_type",
    "state_message",
    "entity_display_name",
    "monitoring_tool",
    "entity_id",
    "entity_state",
];

pub fn sns(tree: &Tree) -> Checked {
    let lacks = |key: &str| !tree.has(key);
    if (lacks("target_arn") != lacks("topic_arn")) != lacks("phone_number") {
        return refuse(
            "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config",
        );
    }
    Ok(())
}

/// Source: prometheus/sigv4 sigv4_config.go.
pub fn sigv4(tree: &Tree) -> Checked {
    if tree.has("access_key") != tree.has("secret_key") {
        return refuse(
            "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the \
             SigV4 config",
        );
    }
    Ok(())
}

pub fn telegram(tree: &Tree) -> Checked {
    at_most_one(tree, "bot_token", "bot_token_file")?;
    if !tree.has("chat_id") && !tree.has("chat_id_file") {
        return refuse("missing chat_id or chat_id_file on telegram_config");
    }
    at_most_one(tree, "chat_id", "chat_id_file")?;
    if ["", "Markdown", "MarkdownV2", "HTML"].contains(&tree.str("parse_mode")) {
        return Ok(());
    }
    refuse(
        "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string",
    )
}

pub fn webex(tree: &Tree) -> Checked {
    required(tree, "room_id", "missing room_id on webex_config")?;
    let authorization = tree.get("http_config").and_then(|client| client.get("authorization"));
    match authorization {
        Some(_) => Ok(()),
        None => refuse("missing webex_configs.http_config.authorization"),
    }
}

/// Checks keys that may be empty, but not set beside their files.
pub fn rocketchat(tree: &Tree) -> Checked {
    for key in ["token", "token_id"] {
        if tree.get(key).is_some() && tree.has(&format!("{key}_file")) {
            return Err(format!("at most one of {key} & {key}_file must be configured"));
        }
    }
    Ok(())
}

pub fn jira(tree: &Tree) -> Checked {
    required(tree, "project", "missing project in jira_config")?;
    required(tree, "issue_type", "missing issue_type in jira_config")?;
    match tree.get("api_type").map(|tree| &tree.data) {
        None => Ok(()),
        Some(Data::Text(text)) if matches!(&**text, "auto" | "cloud" | "datacenter") => Ok(()),
        _ => refuse("unknown api_type on jira_config, must be auto, cloud or datacenter"),
    }
}

pub fn mattermost_field(tree: &Tree) -> Checked {
    required(tree, "title", "missing title in Mattermost field configuration")?;
    required(tree, "value", "missing value in Mattermost field configuration")
}

pub fn incidentio(tree: &Tree) -> Checked {
    one_of(tree, "url", "url_file")?;
    at_most_one(tree, "alert_source_token", "alert_source_token_file")?;
    let token = tree.has("alert_source_token") || tree.has("alert_source_token_file");
    let client = tree.get("http_config");
    match client.map(|client| client.get("authorization").is_some()) {
        Some(true) if token => refuse(
            "cannot specify alert_source_token or alert_source_token_file when using \
             http_config.authorization",
        ),
        Some(false) if !token => refuse(
            "at least one of alert_source_token, alert_source_token_file or \
             http_config.authorization must be configured",
        ),
        _ => Ok(()),
    }
}
