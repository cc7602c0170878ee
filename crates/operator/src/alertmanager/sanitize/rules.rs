//! Tables of the fields that the Operator removes for older versions of Alertmanager.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go, the methods `sanitize`.

use super::checks;
use crate::store::Checked;
use crate::tree::Tree;
use crate::version::Version;

/// A key that is taken out for versions before 0.`minor`.
pub struct Drop {
    pub key: &'static str,
    pub minor: u64,
    pub message: &'static str,
}

/// Two keys that exclude each other: the first wins.
pub struct Pair {
    pub first: &'static str,
    pub second: &'static str,
    pub message: &'static str,
}

/// The rules for one kind of receivers.
pub struct Rules {
    /// The list of the receivers.
    pub list: &'static str,
    /// The first version, 0.`minor`, and the error for older ones.
    pub since: Option<(u64, &'static str)>,
    pub drops: &'static [Drop],
    pub pairs: &'static [Pair],
    /// Further errors of the sync.
    pub check: fn(&mut Tree, Version) -> Checked,
}

macro_rules! since {
    ($key:literal, $minor:literal) => {
        since!($key, $minor, "field from provided config")
    };
    ($key:literal, $minor:literal, $what:literal) => {
        since!(
            $key,
            $minor,
            concat!(
                "'",
                $key,
                "' supported in Alertmanager >= 0.",
                $minor,
                ".0 only - dropping ",
                $what
            ),
            message
        )
    };
    ($key:literal, $minor:literal, $message:expr, message) => {
        Drop { key: $key, minor: $minor, message: $message }
    };
}

macro_rules! pair {
    ($first:literal, $second:literal) => {
        pair!($first, $second, "")
    };
    ($first:literal, $second:literal, $of:literal) => {
        Pair {
            first: $first,
            second: $second,
            message: concat!(
                "'",
                $first,
                "' and '",
                $second,
                "' are mutually exclusive",
                $of,
                " - '",
                $first,
                "' has taken precedence"
            ),
        }
    };
}

macro_rules! integration {
    ($minor:literal, $name:literal, $is:literal) => {
        Some((
            $minor,
            concat!(
                "invalid syntax in receivers config; ",
                $name,
                " integration is ",
                $is,
                "available in Alertmanager >= 0.",
                $minor,
                ".0"
            ),
        ))
    };
}

/// `global`.
pub static GLOBAL: Rules = Rules {
    list: "",
    since: None,
    drops: &[
        since!("smtp_tls_config", 28),
        since!("slack_api_url_file", 22),
        since!("slack_app_token", 30),
        since!("slack_app_token_file", 30),
        since!("slack_app_url", 30),
        since!("opsgenie_api_key_file", 24),
        since!("smtp_auth_password_file", 25),
        since!("victorops_api_key_file", 25),
        since!("wechat_api_secret_file", 31),
        since!("telegram_bot_token", 31),
        since!("telegram_bot_token_file", 31),
        since!("smtp_auth_secret_file", 31),
        since!("smtp_force_implicit_tls", 31),
        since!("mattermost_webhook_url", 32),
        since!("mattermost_webhook_url_file", 32),
    ],
    pairs: &[
        pair!("slack_api_url", "slack_api_url_file"),
        pair!("slack_app_token", "slack_app_token_file"),
        pair!("smtp_auth_password", "smtp_auth_password_file"),
        pair!("victorops_api_key", "victorops_api_key_file"),
        pair!("wechat_api_secret", "wechat_api_secret_file"),
        pair!("telegram_bot_token", "telegram_bot_token_file"),
        pair!("smtp_auth_secret", "smtp_auth_secret_file"),
        pair!("mattermost_webhook_url", "mattermost_webhook_url_file"),
    ],
    check: checks::global,
};

/// Receivers in the order in which the Operator looks at them.
pub static RECEIVERS: &[Rules] = &[
    Rules {
        list: "email_configs",
        since: None,
        drops: &[
            since!("auth_password_file", 25),
            since!("force_implicit_tls", 31),
            since!("auth_secret_file", 31),
            since!("threading", 30),
        ],
        pairs: &[
            pair!("auth_password", "auth_password_file", " for email receiver config"),
            pair!("auth_secret", "auth_secret_file", " for email receiver config"),
        ],
        check: checks::email,
    },
    Rules {
        list: "opsgenie_configs",
        since: None,
        drops: &[
            since!(
                "actions",
                24,
                "opsgenie_config 'actions' supported in Alertmanager >= 0.24.0 only - dropping field from provided config",
                message
            ),
            since!(
                "entity",
                24,
                "opsgenie_config 'entity' supported in Alertmanager >= 0.24.0 only - dropping field from provided config",
                message
            ),
            since!(
                "update_alerts",
                24,
                "update_alerts 'entity' supported in Alertmanager >= 0.24.0 only - dropping field from provided config",
                message
            ),
            since!("api_key_file", 24),
        ],
        pairs: &[pair!("api_key", "api_key_file", " for OpsGenie receiver config")],
        check: checks::opsgenie,
    },
    Rules {
        list: "pagerduty_configs",
        since: None,
        drops: &[
            since!("source", 25),
            since!("routing_key_file", 25),
            since!("service_key_file", 25),
            since!("timeout", 30),
        ],
        pairs: &[
            pair!("service_key", "service_key_file", " for pagerdury receiver config"),
            pair!("routing_key", "routing_key_file", " for pagerdury receiver config"),
        ],
        check: checks::pagerduty,
    },
    Rules {
        list: "pushover_configs",
        since: None,
        drops: &[
            since!("user_key_file", 26, "field from pushover receiver config"),
            since!("token_file", 26, "field from pushover receiver config"),
            since!("ttl", 27, "field from pushover receiver config"),
            since!("device", 26, "field from pushover receiver config"),
        ],
        pairs: &[
            pair!("user_key", "user_key_file", " for pushover receiver config"),
            pair!("token", "token_file", " for pushover receiver config"),
        ],
        check: checks::pushover,
    },
    Rules {
        list: "slack_configs",
        since: None,
        drops: &[
            since!("timeout", 30),
            since!("app_token", 30),
            since!("app_token_file", 30),
            since!("app_url", 30),
            since!("message_text", 31),
            since!("update_message", 32),
            since!("api_url_file", 22),
        ],
        pairs: &[
            pair!("app_token", "app_token_file", " for slack receiver config"),
            pair!("api_url", "api_url_file", " for slack receiver config"),
        ],
        check: checks::slack,
    },
    Rules {
        list: "victorops_configs",
        since: None,
        drops: &[since!("api_key_file", 25)],
        pairs: &[Pair {
            first: "api_key",
            second: "api_key_file",
            message: "'api_key' and 'api_key_file' are mutually exclusive for victorops receiver config - 'api_url' has taken precedence",
        }],
        check: checks::api_url,
    },
    Rules {
        list: "webhook_configs",
        since: None,
        drops: &[since!("url_file", 26), since!("timeout", 28), since!("payload", 32)],
        pairs: &[pair!("url", "url_file", " for webhook receiver config")],
        check: |tree, _| checks::template_url(tree, "url"),
    },
    Rules {
        list: "wechat_configs",
        since: None,
        drops: &[since!("api_secret_file", 31, "field `api_secret_file` from wechat config")],
        pairs: &[pair!("api_secret", "api_secret_file", " for telegram receiver config")],
        check: checks::api_url,
    },
    Rules {
        list: "sns_configs",
        since: None,
        drops: &[since!("use_aws_http_client", 33, "field `use_aws_http_client` from sns config")],
        pairs: &[],
        check: checks::sns,
    },
    Rules {
        list: "telegram_configs",
        since: integration!(24, "telegram", ""),
        drops: &[
            since!("chat_id_file", 31),
            since!("bot_token_file", 26),
            since!("message_thread_id", 26),
        ],
        pairs: &[
            pair!("chat_id", "chat_id_file", " for telegram receiver config"),
            pair!("bot_token", "bot_token_file", " for telegram receiver config"),
        ],
        check: checks::telegram,
    },
    Rules {
        list: "discord_configs",
        since: integration!(25, "discord", ""),
        drops: &[since!("content", 28), since!("username", 28), since!("avatar_url", 28)],
        pairs: &[],
        check: |_, _| Ok(()),
    },
    Rules {
        list: "webex_configs",
        since: integration!(25, "webex", ""),
        drops: &[],
        pairs: &[],
        check: checks::webex,
    },
    Rules {
        list: "msteams_configs",
        since: integration!(26, "msteams", "only "),
        drops: &[since!("summary", 27, "field `summary` from msteams config")],
        pairs: &[],
        check: checks::msteams,
    },
    Rules {
        list: "msteamsv2_configs",
        since: integration!(28, "msteams v2", ""),
        drops: &[],
        pairs: &[],
        check: checks::msteams_v2,
    },
    Rules {
        list: "jira_configs",
        since: integration!(28, "jira", ""),
        drops: &[since!("api_type", 29)],
        pairs: &[],
        check: checks::jira,
    },
    Rules {
        list: "rocketchat_configs",
        since: integration!(28, "rocketchat", ""),
        drops: &[],
        pairs: &[],
        check: checks::rocketchat,
    },
    Rules {
        list: "mattermost_configs",
        since: integration!(30, "mattermost", ""),
        drops: &[
            since!("fallback", 32),
            since!("color", 32),
            since!("pretext", 32),
            since!("author_name", 32),
            since!("author_link", 32),
            since!("author_icon", 32),
            since!("title", 32),
            since!("title_link", 32),
            since!("thumb_url", 32),
            since!("footer", 32),
            since!("footer_icon", 32),
            since!("image_url", 32),
            since!("fields", 32),
        ],
        pairs: &[pair!("webhook_url", "webhook_url_file", " for mattermost receiver config")],
        check: checks::mattermost,
    },
    Rules {
        list: "incidentio_configs",
        since: integration!(29, "incident.io", ""),
        drops: &[],
        pairs: &[],
        check: checks::incidentio,
    },
];

/// `http_config`.
pub static HTTP: &[Drop] = &[
    since!(
        "follow_redirects",
        22,
        "'follow_redirects' set in 'http_config' but supported in Alertmanager >= 0.22.0 only - dropping field from provided config",
        message
    ),
    since!(
        "enable_http2",
        25,
        "'enable_http2' set in 'http_config' but supported in Alertmanager >= 0.25.0 only - dropping field from provided config",
        message
    ),
    since!(
        "http_headers",
        28,
        "'http_headers' set in 'http_config' but supported in Alertmanager >= 0.28.0 only - dropping field from provided config",
        message
    ),
    since!(
        "proxy_from_environment",
        26,
        "'proxy_from_environment' set to true but supported in Alertmanager >= 0.26.0 only - dropping field from provided config",
        message
    ),
    since!(
        "no_proxy",
        26,
        "'no_proxy' configured but supported in Alertmanager >= 0.26.0 only - dropping field from provided config",
        message
    ),
    since!(
        "proxy_connect_header",
        26,
        "'proxy_connect_header' configured but supported in Alertmanager >= 0.26.0 only - dropping field from provided config",
        message
    ),
];

/// `tls_config` of an HTTP client.
pub static TLS: &[Drop] = &[
    since!(
        "min_version",
        25,
        "'min_version' set in 'tls_config' but supported in Alertmanager >= 0.25.0 only - dropping field from provided config",
        message
    ),
    since!(
        "max_version",
        25,
        "'max_version' set in 'tls_config' but supported in Alertmanager >= 0.25.0 only - dropping field from provided config",
        message
    ),
];
