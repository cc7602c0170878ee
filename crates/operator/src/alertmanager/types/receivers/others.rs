//! Receivers that only a configuration written by a user can have.

use super::super::{Kind, Type, any, field, flag, list, switch, text, url};
use super::{HTTP, SEND_RESOLVED, TIMEOUT};
use crate::alertmanager::load;

pub static JIRA: Type = Type {
    operator: "alertmanager.jiraConfig",
    alertmanager: "jira.plain",
    rows: &[
        HTTP,
        SEND_RESOLVED,
        url("api_url", ""),
        text("project", ""),
        field("summary", "", Kind::TextOrMap),
        field("description", "", Kind::TextOrMap),
        field("labels", "", Kind::Texts),
        text("priority", ""),
        text("issue_type", ""),
        text("reopen_transition", ""),
        text("resolve_transition", ""),
        text("wont_fix_resolution", ""),
        field("reopen_duration", "", Kind::Duration),
        field("fields", "", Kind::AnyMap),
        text("api_type", ""),
    ],
    check: load::jira,
};

pub static MATTERMOST: Type = Type {
    operator: "alertmanager.mattermostConfig",
    alertmanager: "mattermost.plain",
    rows: &[
        SEND_RESOLVED,
        url("webhook_url", ""),
        text("webhook_url_file", ""),
        text("channel", ""),
        text("username", ""),
        text("text", ""),
        text("icon_url", ""),
        text("icon_emoji", ""),
        list("attachments", "", &MATTERMOST_ATTACHMENT),
        field("props", "", Kind::Pointer(&MATTERMOST_PROPS)),
        field("priority", "", Kind::Pointer(&MATTERMOST_PRIORITY)),
        text("type", "").in_alertmanager(),
        text("fallback", ""),
        text("color", ""),
        text("pretext", ""),
        text("author_name", ""),
        text("author_link", ""),
        text("author_icon", ""),
        text("title", ""),
        text("title_link", ""),
        list("fields", "", &MATTERMOST_FIELD),
        text("thumb_url", ""),
        text("footer", ""),
        text("footer_icon", ""),
        text("image_url", ""),
        HTTP,
    ],
    check: |tree| load::at_most_one(tree, "webhook_url", "webhook_url_file"),
};

static MATTERMOST_ATTACHMENT: Type = Type {
    operator: "alertmanager.mattermostAttachmentConfig",
    alertmanager: "mattermost.MattermostAttachment",
    rows: &[
        text("fallback", ""),
        text("color", ""),
        text("pretext", ""),
        text("text", ""),
        text("author_name", ""),
        text("author_link", ""),
        text("author_icon", ""),
        text("title", ""),
        text("title_link", ""),
        list("fields", "", &MATTERMOST_FIELD),
        text("thumb_url", ""),
        text("footer", ""),
        text("footer_icon", ""),
        text("image_url", ""),
    ],
    check: any,
};

static MATTERMOST_FIELD: Type = Type {
    operator: "alertmanager.mattermostField",
    alertmanager: "mattermost.plain",
    rows: &[text("title", ""), text("value", ""), flag("short", "")],
    check: load::mattermost_field,
};

static MATTERMOST_PROPS: Type = Type {
    operator: "alertmanager.mattermostPropsConfig",
    alertmanager: "mattermost.MattermostProps",
    rows: &[field("card", "", Kind::TextPointer)],
    check: any,
};

static MATTERMOST_PRIORITY: Type = Type {
    operator: "alertmanager.mattermostPriorityConfig",
    alertmanager: "mattermost.MattermostPriority",
    rows: &[
        text("priority", ""),
        switch("requested_ack", ""),
        switch("persistent_notifications", ""),
    ],
    check: any,
};

pub static INCIDENTIO: Type = Type {
    operator: "alertmanager.incidentioConfig",
    alertmanager: "incidentio.plain",
    rows: &[
        SEND_RESOLVED,
        HTTP,
        url("url", ""),
        text("url_file", ""),
        text("alert_source_token", ""),
        text("alert_source_token_file", ""),
        field("max_alerts", "", Kind::UintPointer),
        TIMEOUT,
    ],
    check: load::incidentio,
};
