//! Receivers that AlertmanagerConfigs can have. Others are in `others`.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go convertReceiver and what it calls.

mod others;

use super::client::{HTTP, TLS};
use super::{
    Kind, Row, Source, Type, any, field, flag, list, pairs, row, secret, special, switch, text, url,
};
use crate::alertmanager::{convert, load};

const SEND_RESOLVED: Row = switch("send_resolved", "sendResolved");
const TIMEOUT: Row = field("timeout", "timeout", Kind::Timeout);

/// Receivers by the order of their lists in the configuration.
pub static RECEIVER: Type = Type {
    operator: "alertmanager.receiver",
    alertmanager: "config.plain",
    rows: &[
        special("name", Kind::Text, convert::receiver_name).always(),
        field("labels", "", Kind::TextMap).in_alertmanager(),
        list("opsgenie_configs", "opsgenieConfigs", &OPSGENIE),
        list("pagerduty_configs", "pagerdutyConfigs", &PAGERDUTY),
        list("slack_configs", "slackConfigs", &SLACK),
        list("webhook_configs", "webhookConfigs", &WEBHOOK),
        list("wechat_configs", "wechatConfigs", &WECHAT),
        list("email_configs", "emailConfigs", &EMAIL),
        list("pushover_configs", "pushoverConfigs", &PUSHOVER),
        list("victorops_configs", "victoropsConfigs", &VICTOROPS),
        list("sns_configs", "snsConfigs", &SNS),
        list("telegram_configs", "telegramConfigs", &TELEGRAM),
        list("discord_configs", "discordConfigs", &DISCORD),
        list("webex_configs", "webexConfigs", &WEBEX),
        list("msteams_configs", "msteamsConfigs", &MSTEAMS),
        list("msteamsv2_configs", "msteamsv2Configs", &MSTEAMS_V2),
        list("jira_configs", "", &others::JIRA),
        list("rocketchat_configs", "rocketchatConfigs", &ROCKETCHAT),
        list("mattermost_configs", "", &others::MATTERMOST),
        list("incidentio_configs", "", &others::INCIDENTIO),
    ],
    check: |receiver| load::receiver(receiver),
};

static WEBHOOK: Type = Type {
    operator: "alertmanager.webhookConfig",
    alertmanager: "webhook.plain",
    rows: &[
        SEND_RESOLVED,
        special("url", Kind::TemplateUrl, convert::webhook_url),
        text("url_file", ""),
        HTTP,
        field("max_alerts", "maxAlerts", Kind::Uint),
        TIMEOUT,
        field("payload", "payload", Kind::Any),
    ],
    check: |tree| load::one_of(tree, "url", "url_file"),
};

static PAGERDUTY: Type = Type {
    operator: "alertmanager.pagerdutyConfig",
    alertmanager: "pagerduty.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        secret("service_key", "serviceKey"),
        text("service_key_file", ""),
        secret("routing_key", "routingKey"),
        text("routing_key_file", ""),
        url("url", "url"),
        text("client", "client"),
        text("client_url", "clientURL"),
        text("description", "description"),
        pairs("details", "details", Kind::AnyMap),
        list("images", "pagerDutyImageConfigs", &PAGERDUTY_IMAGE),
        list("links", "pagerDutyLinkConfigs", &PAGERDUTY_LINK),
        text("severity", "severity"),
        text("class", "class"),
        text("component", "component"),
        text("group", "group"),
        text("source", "source"),
        TIMEOUT,
    ],
    check: load::pagerduty,
};

static PAGERDUTY_IMAGE: Type = Type {
    operator: "alertmanager.pagerdutyImage",
    alertmanager: "pagerduty.PagerdutyImage",
    rows: &[text("src", "src"), text("alt", "alt"), text("href", "href")],
    check: any,
};

/// The text of a link is the field `alt`.
static PAGERDUTY_LINK: Type = Type {
    operator: "alertmanager.pagerdutyLink",
    alertmanager: "pagerduty.PagerdutyLink",
    rows: &[text("href", "href"), text("text", "alt")],
    check: any,
};

static OPSGENIE: Type = Type {
    operator: "alertmanager.opsgenieConfig",
    alertmanager: "opsgenie.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        secret("api_key", "apiKey"),
        text("api_key_file", ""),
        url("api_url", "apiURL"),
        text("message", "message"),
        text("description", "description"),
        text("source", "source"),
        pairs("details", "details", Kind::TextMap),
        list("responders", "responders", &OPSGENIE_RESPONDER),
        text("tags", "tags"),
        text("note", "note"),
        text("priority", "priority"),
        switch("update_alerts", "updateAlerts"),
        text("entity", "entity"),
        text("actions", "actions"),
    ],
    check: load::opsgenie,
};

static OPSGENIE_RESPONDER: Type = Type {
    operator: "alertmanager.opsgenieResponder",
    alertmanager: "opsgenie.OpsGenieConfigResponder",
    rows: &[
        text("id", "id"),
        text("name", "name"),
        text("username", "username"),
        text("type", "type"),
    ],
    check: any,
};

static WECHAT: Type = Type {
    operator: "alertmanager.weChatConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        secret("api_secret", "apiSecret"),
        url("api_url", "apiURL"),
        text("corp_id", "corpID"),
        text("agent_id", "agentID"),
        text("to_user", "toUser"),
        text("to_party", "toParty"),
        text("to_tag", "toTag"),
        text("message", "message"),
        text("message_type", "messageType"),
        HTTP,
        text("api_secret_file", ""),
    ],
    check: load::wechat,
};

static SLACK: Type = Type {
    operator: "alertmanager.slackConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        row("api_url", Source::TrimmedSecret("apiURL"), Kind::Url),
        text("api_url_file", ""),
        text("app_token", ""),
        text("app_token_file", ""),
        url("app_url", ""),
        text("channel", "channel"),
        text("username", "username"),
        text("color", "color"),
        text("title", "title"),
        text("title_link", "titleLink"),
        text("pretext", "pretext"),
        text("text", "text"),
        list("fields", "fields", &SLACK_FIELD),
        flag("short_fields", "shortFields"),
        text("footer", "footer"),
        text("fallback", "fallback"),
        text("callback_id", "callbackId"),
        text("icon_emoji", "iconEmoji"),
        text("icon_url", "iconURL"),
        text("image_url", "imageURL"),
        text("thumb_url", "thumbURL"),
        flag("link_names", "linkNames"),
        field("mrkdwn_in", "mrkdwnIn", Kind::Texts),
        list("actions", "actions", &SLACK_ACTION),
        TIMEOUT,
        text("message_text", "messageText"),
        switch("update_message", "updateMessage"),
    ],
    check: load::slack,
};

static SLACK_FIELD: Type = Type {
    operator: "alertmanager.slackField",
    alertmanager: "config.plain",
    rows: &[text("title", "title"), text("value", "value"), flag("short", "short")],
    check: load::slack_field,
};

static SLACK_ACTION: Type = Type {
    operator: "alertmanager.slackAction",
    alertmanager: "config.plain",
    rows: &[
        text("type", "type"),
        text("text", "text"),
        text("url", "url"),
        text("style", "style"),
        text("name", "name"),
        text("value", "value"),
        field("confirm", "confirm", Kind::Pointer(&SLACK_CONFIRMATION)),
    ],
    check: load::slack_action,
};

static SLACK_CONFIRMATION: Type = Type {
    operator: "alertmanager.slackConfirmationField",
    alertmanager: "config.plain",
    rows: &[
        text("text", "text"),
        text("title", "title"),
        text("ok_text", "okText"),
        text("dismiss_text", "dismissText"),
    ],
    check: |tree| load::required(tree, "text", "missing text in Slack confirmation configuration"),
};

static EMAIL: Type = Type {
    operator: "alertmanager.emailConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        text("to", "to"),
        text("from", "from"),
        text("hello", "hello"),
        special("smarthost", Kind::HostPort, convert::smarthost),
        text("auth_username", "authUsername"),
        secret("auth_password", "authPassword"),
        text("auth_password_file", ""),
        secret("auth_secret", "authSecret"),
        text("auth_secret_file", ""),
        text("auth_identity", "authIdentity"),
        pairs("headers", "headers", Kind::TextMap),
        field("html", "html", Kind::TextPointer),
        field("text", "text", Kind::TextPointer),
        switch("require_tls", "requireTLS"),
        field("tls_config", "tlsConfig", Kind::Pointer(&TLS)),
        switch("force_implicit_tls", "forceImplicitTLS"),
        special("threading", Kind::Pointer(&EMAIL_THREADING), convert::threading),
    ],
    check: load::email,
};

static EMAIL_THREADING: Type = Type {
    operator: "alertmanager.emailThreadingConfig",
    alertmanager: "config.ThreadingConfig",
    rows: &[switch("enabled", ""), text("thread_by_date", "")],
    check: any,
};

static PUSHOVER: Type = Type {
    operator: "alertmanager.pushoverConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        secret("user_key", "userKey"),
        text("user_key_file", ""),
        secret("token", "token"),
        text("token_file", ""),
        text("title", "title"),
        text("message", "message"),
        text("url", "url"),
        text("url_title", "urlTitle"),
        field("ttl", "ttl", Kind::TextTimeout),
        text("device", "device"),
        // The field `sound` of the custom resource is not written.
        text("sound", ""),
        text("priority", "priority"),
        field("retry", "retry", Kind::TimeText),
        field("expire", "expire", Kind::TimeText),
        switch("html", "html"),
        switch("monospace", "monospace"),
    ],
    check: load::pushover,
};

static VICTOROPS: Type = Type {
    operator: "alertmanager.victorOpsConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        secret("api_key", "apiKey"),
        text("api_key_file", ""),
        url("api_url", "apiUrl"),
        text("routing_key", "routingKey"),
        text("message_type", "messageType"),
        text("state_message", "stateMessage"),
        text("entity_display_name", "entityDisplayName"),
        text("monitoring_tool", "monitoringTool"),
        pairs("custom_fields", "customFields", Kind::TextMap),
    ],
    check: load::victorops,
};

static SNS: Type = Type {
    operator: "alertmanager.snsConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        text("api_url", "apiURL"),
        field("sigv4", "sigv4", Kind::Struct(&SIGV4)),
        text("topic_arn", "topicARN"),
        text("phone_number", "phoneNumber"),
        text("target_arn", "targetARN"),
        text("subject", "subject"),
        text("message", "message"),
        field("attributes", "attributes", Kind::TextMap),
        special("use_aws_http_client", Kind::Flag, convert::aws_client),
    ],
    check: load::sns,
};

static SIGV4: Type = Type {
    operator: "alertmanager.sigV4Config",
    alertmanager: "sigv4.plain",
    rows: &[
        text("region", "region"),
        special("access_key", Kind::Text, |to, sigv4| convert::aws_key(to, sigv4, "accessKey")),
        special("secret_key", Kind::Text, |to, sigv4| convert::aws_key(to, sigv4, "secretKey")),
        text("profile", "profile"),
        text("role_arn", "roleArn"),
        special("external_id", Kind::Text, convert::external_id),
        flag("use_fips_sts_endpoint", "").in_alertmanager(),
    ],
    check: load::sigv4,
};

static TELEGRAM: Type = Type {
    operator: "alertmanager.telegramConfig",
    alertmanager: "telegram.plain",
    rows: &[
        SEND_RESOLVED,
        url("api_url", "apiURL"),
        secret("bot_token", "botToken"),
        text("bot_token_file", "botTokenFile"),
        field("chat_id", "chatID", Kind::Int),
        text("chat_id_file", ""),
        field("message_thread_id", "messageThreadID", Kind::Int),
        text("message", "message"),
        flag("disable_notifications", "disableNotifications"),
        text("parse_mode", "parseMode"),
        HTTP,
    ],
    check: load::telegram,
};

static DISCORD: Type = Type {
    operator: "alertmanager.discordConfig",
    alertmanager: "discord.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        row("webhook_url", Source::TrimmedSecret("apiURL"), Kind::Url),
        text("webhook_url_file", "").in_alertmanager(),
        text("title", "title"),
        text("message", "message"),
        text("content", "content"),
        text("username", "username"),
        text("avatar_url", "avatarURL"),
    ],
    check: |tree| load::one_of(tree, "webhook_url", "webhook_url_file"),
};

static WEBEX: Type = Type {
    operator: "alertmanager.webexConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        url("api_url", "apiURL"),
        text("message", "message"),
        text("room_id", "roomID").always(),
    ],
    check: load::webex,
};

static MSTEAMS: Type = Type {
    operator: "alertmanager.msTeamsConfig",
    alertmanager: "msteams.plain",
    rows: &[
        SEND_RESOLVED,
        row("webhook_url", Source::Secret("webhookUrl"), Kind::Url).always(),
        text("webhook_url_file", "").in_alertmanager(),
        text("title", "title"),
        text("summary", "summary"),
        text("text", "text"),
        HTTP,
    ],
    check: |tree| load::one_of(tree, "webhook_url", "webhook_url_file"),
};

static MSTEAMS_V2: Type = Type {
    operator: "alertmanager.msTeamsV2Config",
    alertmanager: "msteamsv2.plain",
    rows: &[
        SEND_RESOLVED,
        row("webhook_url", Source::Secret("webhookURL"), Kind::Url),
        text("webhook_url_file", ""),
        text("title", "title"),
        text("text", "text"),
        HTTP,
    ],
    check: |tree| load::one_of(tree, "webhook_url", "webhook_url_file"),
};

static ROCKETCHAT: Type = Type {
    operator: "alertmanager.rocketChatConfig",
    alertmanager: "config.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        url("api_url", "apiURL"),
        row("token_id", Source::Secret("tokenID"), Kind::TextPointer),
        text("token_id_file", ""),
        row("token", Source::Secret("token"), Kind::TextPointer),
        text("token_file", ""),
        text("channel", "channel"),
        text("color", "color"),
        text("title", "title"),
        text("title_link", "titleLink"),
        text("text", "text"),
        list("fields", "fields", &ROCKETCHAT_FIELD),
        flag("short_fields", "shortFields").always(),
        text("emoji", "emoji"),
        text("icon_url", "iconURL"),
        text("image_url", "imageURL"),
        text("thumb_url", "thumbURL"),
        flag("link_names", "linkNames").always(),
        list("actions", "actions", &ROCKETCHAT_ACTION),
    ],
    check: load::rocketchat,
};

static ROCKETCHAT_FIELD: Type = Type {
    operator: "alertmanager.rocketchatAttachmentField",
    alertmanager: "config.RocketchatAttachmentField",
    rows: &[switch("short", "short").always(), text("title", "title"), text("value", "value")],
    check: any,
};

static ROCKETCHAT_ACTION: Type = Type {
    operator: "alertmanager.rocketchatAttachmentAction",
    alertmanager: "config.RocketchatAttachmentAction",
    rows: &[
        text("type", ""),
        text("text", "text"),
        text("url", "url"),
        text("image_url", ""),
        flag("is_webview", "").always(),
        text("webview_height_ratio", ""),
        text("msg", "msg"),
        flag("msg_in_chat_window", "").always(),
        text("msg_processing_type", ""),
    ],
    check: any,
};
