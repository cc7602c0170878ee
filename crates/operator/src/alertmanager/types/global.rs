//! The section `global`.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go convertGlobalConfig.

use super::client::{HTTP, TLS};
use super::{Kind, Row, Source, Type, any, field, row, special, text};
use crate::alertmanager::convert::global as from;

const fn url(key: &'static str) -> Row {
    field(key, "", Kind::FullUrl)
}

const fn secret_of(key: &'static str, read: super::Read) -> Row {
    special(key, Kind::Text, read)
}

pub static GLOBAL: Type = Type {
    operator: "alertmanager.globalConfig",
    alertmanager: "config.plain",
    rows: &[
        field("resolve_timeout", "resolveTimeout", Kind::Duration),
        HTTP,
        special("smtp_from", Kind::Text, |_, global| from::text(global, "smtp", "from")),
        special("smtp_hello", Kind::Text, |_, global| from::text(global, "smtp", "hello")),
        special("smtp_smarthost", Kind::HostPort, from::smart_host),
        special("smtp_auth_username", Kind::Text, |_, global| {
            from::text(global, "smtp", "authUsername")
        }),
        secret_of("smtp_auth_password", |to, global| {
            from::secret(to, global, "smtp", "authPassword", "invalid global smtpConfig")
        }),
        text("smtp_auth_password_file", ""),
        secret_of("smtp_auth_secret", |to, global| {
            from::secret(to, global, "smtp", "authSecret", "invalid global smtpConfig")
        }),
        text("smtp_auth_secret_file", ""),
        special("smtp_auth_identity", Kind::Text, |_, global| {
            from::text(global, "smtp", "authIdentity")
        }),
        special("smtp_require_tls", Kind::Switch, |_, global| {
            from::switch(global, "smtp", "requireTLS")
        }),
        special("smtp_tls_config", Kind::Pointer(&TLS), from::smtp_tls),
        special("smtp_force_implicit_tls", Kind::Switch, |_, global| {
            from::switch(global, "smtp", "forceImplicitTLS")
        }),
        special("slack_api_url", Kind::FullUrl, |to, global| {
            from::secret_url(to, global, "slackApiUrl", "Slack API URL", "slack API URL")
        }),
        text("slack_api_url_file", ""),
        field("pagerduty_url", "pagerdutyUrl", Kind::FullUrl),
        url("hipchat_api_url").in_operator(),
        text("hipchat_auth_token", "").in_operator(),
        special("opsgenie_api_url", Kind::FullUrl, |to, global| {
            from::secret_url(to, global, "opsGenieApiUrl", "OpsGenie API URL", "OpsGenie API URL")
        }),
        row("opsgenie_api_key", Source::Secret("opsGenieApiKey"), Kind::Text),
        text("opsgenie_api_key_file", ""),
        special("wechat_api_url", Kind::FullUrl, |_, global| from::url(global, "wechat")),
        secret_of("wechat_api_secret", |to, global| {
            let what = "invalid global wechat config: failed to get WeChat Secret";
            from::secret(to, global, "wechat", "apiSecret", what)
        }),
        special("wechat_api_corp_id", Kind::Text, |_, global| {
            from::text(global, "wechat", "apiCorpID")
        }),
        special("victorops_api_url", Kind::FullUrl, |_, global| from::url(global, "victorops")),
        secret_of("victorops_api_key", |to, global| {
            let what = "invalid global victorops config: failed to get VictorOps Secret";
            from::secret(to, global, "victorops", "apiKey", what)
        }),
        text("victorops_api_key_file", ""),
        special("telegram_api_url", Kind::FullUrl, |_, global| from::url(global, "telegram")),
        text("telegram_bot_token", ""),
        text("telegram_bot_token_file", ""),
        special("webex_api_url", Kind::FullUrl, |_, global| from::url(global, "webex")),
        special("jira_api_url", Kind::FullUrl, |_, global| from::url(global, "jira")),
        special("rocketchat_api_url", Kind::FullUrl, |_, global| from::url(global, "rocketChat")),
        secret_of("rocketchat_token", |to, global| {
            let what = "invalid global rocket chat config: failed to get Rocket Chat Token";
            from::secret(to, global, "rocketChat", "token", what)
        }),
        text("rocketchat_token_file", ""),
        secret_of("rocketchat_token_id", |to, global| {
            let what = "invalid global rocket chat config: failed to get Rocket Chat Token ID";
            from::secret(to, global, "rocketChat", "tokenID", what)
        }),
        text("rocketchat_token_id_file", ""),
        text("slack_app_token", ""),
        text("slack_app_token_file", ""),
        url("slack_app_url"),
        text("wechat_api_secret_file", ""),
        special("mattermost_webhook_url", Kind::FullUrl, from::mattermost_url),
        text("mattermost_webhook_url_file", ""),
    ],
    check: any,
};
