//! Receivers together with the section `global`, which completes them.
//!
//! Source: alertmanager 0.34 config/config.go Config.UnmarshalYAML.

use super::{at_most_one, refuse};
use crate::store::Checked;
use crate::tree::{Data, Tree};

const APP_URL: &str = "https://slack.com/api/chat.postMessage";

fn app_url(global: &Tree) -> &str {
    let own = global.str("slack_app_url");
    if own.is_empty() { APP_URL } else { own }
}

pub fn global(global: &Tree) -> Checked {
    at_most_one(global, "slack_app_token", "slack_app_token_file")?;
    at_most_one(global, "slack_api_url", "slack_api_url_file")?;
    let has_token = global.has("slack_app_token") || global.has("slack_app_token_file");
    let has_url = global.has("slack_api_url") || global.has("slack_api_url_file");
    if has_token && has_url && global.str("slack_api_url") != app_url(global) {
        return refuse(
            "at most one of slack_app_token/slack_app_token_file & \
             slack_api_url/slack_api_url_file must be configured",
        );
    }
    for key in ["opsgenie_api_key", "victorops_api_key", "telegram_bot_token", "smtp_auth_password"]
    {
        at_most_one(global, key, &format!("{key}_file"))?;
    }
    for key in ["rocketchat_token", "rocketchat_token_id"] {
        if global.get(key).is_some() && global.has(&format!("{key}_file")) {
            return Err(format!("at most one of {key} & {key}_file must be configured"));
        }
    }
    for key in ["smtp_auth_secret", "wechat_api_secret", "mattermost_webhook_url"] {
        at_most_one(global, key, &format!("{key}_file"))?;
    }
    Ok(())
}

/// Receivers that need a value of their own or of `global`: list, keys, keys of `global`, reason.
type Needs = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

static NEEDS: &[Needs] = &[
    ("email_configs", &["smarthost"], &["smtp_smarthost"], "no global SMTP smarthost set"),
    ("email_configs", &["from"], &["smtp_from"], "no global SMTP from set"),
    (
        "opsgenie_configs",
        &["api_key", "api_key_file"],
        &["opsgenie_api_key", "opsgenie_api_key_file"],
        "no global OpsGenie API Key set either inline or in a file",
    ),
    (
        "wechat_configs",
        &["api_secret", "api_secret_file"],
        &["wechat_api_secret", "wechat_api_secret_file"],
        "no global Wechat Api Secret set either inline or in a file",
    ),
    ("wechat_configs", &["corp_id"], &["wechat_api_corp_id"], "no global Wechat CorpID set"),
    (
        "victorops_configs",
        &["api_key", "api_key_file"],
        &["victorops_api_key", "victorops_api_key_file"],
        "no global VictorOps API Key set",
    ),
    (
        "telegram_configs",
        &["bot_token", "bot_token_file"],
        &["telegram_bot_token", "telegram_bot_token_file"],
        "missing bot_token or bot_token_file on telegram_config",
    ),
    ("jira_configs", &["api_url"], &["jira_api_url"], "no global Jira Cloud URL set"),
    (
        "mattermost_configs",
        &["webhook_url", "webhook_url_file"],
        &["mattermost_webhook_url", "mattermost_webhook_url_file"],
        "missing webhook_url or webhook_url_file on mattermost_config",
    ),
];

/// Lists whose items cannot be null, with their names in messages.
static NOT_NULL: &[(&str, &str)] = &[
    ("webhook_configs", "webhook"),
    ("email_configs", "email"),
    ("pushover_configs", "pushover"),
    ("pagerduty_configs", "pagerduty"),
    ("incidentio_configs", "incidentio"),
    ("victorops_configs", "victorops"),
    ("sns_configs", "sns"),
    ("telegram_configs", "telegram"),
    ("discord_configs", "discord"),
    ("webex_configs", "webex"),
    ("msteams_configs", "msteams"),
    ("msteamsv2_configs", "msteamsv2"),
    ("jira_configs", "jira"),
    ("mattermost_configs", "mattermost"),
];

/// Checks a receiver whose values may come from `global`.
pub fn receiver(receiver: &Tree, global: &Tree) -> Checked {
    for (list, name) in NOT_NULL {
        let is_null = |one: &Tree| matches!(one.data, Data::Raw(_));
        if receiver.items(list).iter().any(is_null) {
            return Err(format!("missing {name} config"));
        }
    }
    for slack in receiver.items("slack_configs") {
        self::slack(slack, global)?;
    }
    for (list, keys, defaults, reason) in NEEDS {
        let has_default = defaults.iter().any(|key| global.has(key));
        let lacks = |one: &Tree| !keys.iter().any(|key| one.has(key));
        if !has_default && receiver.items(list).iter().any(lacks) {
            return refuse(reason);
        }
    }
    for rocketchat in receiver.items("rocketchat_configs") {
        for (key, name) in [("token_id", "TokenID"), ("token", "Token")] {
            let file = format!("{key}_file");
            let own = rocketchat.get(key).is_some() || rocketchat.has(&file);
            let (key, file) = (format!("rocketchat_{key}"), format!("rocketchat_{file}"));
            if !own && global.get(&key).is_none() && !global.has(&file) {
                return Err(format!("no global Rocketchat {name} set either inline or in a file"));
            }
        }
    }
    Ok(())
}

fn slack(slack: &Tree, global: &Tree) -> Checked {
    let any = |tree: &Tree, keys: [&str; 2]| keys.iter().any(|key| tree.has(key));
    let client = slack.get("http_config");
    let authorized = client.is_some_and(|client| client.get("authorization").is_some());
    let own_token = any(slack, ["app_token", "app_token_file"]);
    let takes_token = !authorized && !slack.has("api_url");
    let token =
        own_token || (takes_token && any(global, ["slack_app_token", "slack_app_token_file"]));
    let url = any(slack, ["api_url", "api_url_file"])
        || any(global, ["slack_api_url", "slack_api_url_file"]);
    if !url && !token {
        return refuse("no Slack API URL nor App token set either inline or in a file");
    }
    let global_client = global.get("http_config");
    let inherited = global_client.is_some_and(|client| client.get("authorization").is_some());
    if token && (authorized || (client.is_none() && inherited)) {
        return refuse("http authorization can't be set when using Slack App tokens");
    }
    Ok(())
}
