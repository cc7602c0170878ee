//! Errors of receivers and of `global` that depend on the version of Alertmanager, or that both a
//! written and a merged configuration can have.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go, the methods `sanitize`.

use go::Duration;

use crate::alertmanager::url;
use crate::checks::at;
use crate::store::Checked;
use crate::tree::{Data, Tree};
use crate::version::Version;

fn refuse(reason: &str) -> Checked {
    Err(reason.to_owned())
}

fn plain_url(tree: &Tree, key: &str) -> Checked {
    if !tree.has(key) {
        return Ok(());
    }
    at(url::valid(tree.str(key)), &format!("invalid '{key}'"))
}

pub fn template_url(tree: &Tree, key: &str) -> Checked {
    if !tree.has(key) {
        return Ok(());
    }
    at(url::valid_template(tree.str(key)), &format!("invalid '{key}'"))
}

pub fn api_url(tree: &mut Tree, _: Version) -> Checked {
    plain_url(tree, "api_url")
}

pub fn global(tree: &mut Tree, _: Version) -> Checked {
    let has_token = tree.has("slack_app_token") || tree.has("slack_app_token_file");
    let (api, app) = (tree.str("slack_api_url"), tree.str("slack_app_url"));
    if has_token && !api.is_empty() && !app.is_empty() && api != app {
        return refuse(
            "at most one of slack_app_token/slack_app_token_file & \
             slack_api_url/slack_api_url_file must be configured (unless slack_api_url matches \
             slack_app_url)",
        );
    }
    Ok(())
}

pub fn email(tree: &mut Tree, _: Version) -> Checked {
    let by = tree.get("threading").map(|threading| threading.str("thread_by_date"));
    match by {
        None | Some("daily" | "none") => Ok(()),
        Some(_) => refuse("invalid 'thread_by_date': the value must be empty, 'daily' or 'none'"),
    }
}

pub fn opsgenie(tree: &mut Tree, version: Version) -> Checked {
    let teams = tree.items("responders").iter().any(|one| one.str("type") == "teams");
    if teams && version < Version(0, 24, 0) {
        return refuse(
            "'teams' set in 'opsgenieResponder' but supported in Alertmanager >= 0.24.0 only",
        );
    }
    plain_url(tree, "api_url")
}

pub fn pagerduty(tree: &mut Tree, version: Version) -> Checked {
    let details = tree.get("details").map(Tree::entries).unwrap_or_default();
    let is_text = |tree: &Tree| matches!(tree.data, Data::Text(_));
    if version < Version(0, 30, 0) && !details.iter().all(|(_, value)| is_text(value)) {
        return refuse(
            "'details' value in non-string format is supported in Alertmanager >= 0.30.0 only",
        );
    }
    Ok(())
}

pub fn pushover(tree: &mut Tree, version: Version) -> Checked {
    for key in ["user_key", "token"] {
        if !tree.has(key) && !tree.has(&format!("{key}_file")) {
            return Err(format!("missing mandatory field {key} or {key}_file"));
        }
    }
    if version < Version(0, 29, 0) && tree.is_true("monospace") {
        tree.set("monospace", Tree::raw(false));
    }
    if tree.is_true("html") && tree.is_true("monospace") {
        return refuse("either monospace or html must be configured");
    }
    template_url(tree, "url")
}

pub fn slack(tree: &mut Tree, _: Version) -> Checked {
    const POST: &str = "https://slack.com/api/chat.postMessage";
    if tree.is_true("update_message") && tree.has("api_url") && tree.str("api_url") != POST {
        return refuse(
            "update_message' can only be used with bot tokens. api_url must be set to \
             https://slack.com/api/chat.postMessage",
        );
    }
    let app = tree.has("app_token") || tree.has("app_token_file");
    if app && (tree.has("api_url") || tree.has("api_url_file")) {
        return refuse(
            "at most one of app_token/app_token_file & api_url/api_url_file must be configured",
        );
    }
    Ok(())
}

pub fn sns(tree: &mut Tree, version: Version) -> Checked {
    template_url(tree, "api_url")?;
    let Some(sigv4) = tree.get_mut("sigv4") else { return Ok(()) };
    if !sigv4.has("external_id") {
        return Ok(());
    }
    if !sigv4.has("role_arn") {
        return refuse("'external_id' in sigv4 config requires 'role_arn' to be set");
    }
    if version < Version(0, 33, 0) {
        sigv4.remove("external_id");
    }
    Ok(())
}

pub fn telegram(tree: &mut Tree, version: Version) -> Checked {
    if !tree.has("chat_id") && !tree.has("chat_id_file") {
        return refuse("missing mandatory field chat_id or chat_id_file");
    }
    let has_token = tree.has("bot_token") || tree.has("bot_token_file");
    if !has_token && version < Version(0, 31, 0) {
        return refuse("missing mandatory field botToken or botTokenFile");
    }
    plain_url(tree, "api_url")
}

pub fn webex(tree: &mut Tree, _: Version) -> Checked {
    if !tree.has("room_id") {
        return refuse("mandatory field \"room_id\" is empty");
    }
    plain_url(tree, "api_url")
}

pub fn msteams(tree: &mut Tree, _: Version) -> Checked {
    if !tree.has("webhook_url") {
        return refuse("mandatory field \"webhook_url\" is empty");
    }
    plain_url(tree, "webhook_url")
}

pub fn msteams_v2(tree: &mut Tree, _: Version) -> Checked {
    match (tree.has("webhook_url"), tree.has("webhook_url_file")) {
        (false, false) => refuse("no webhook_url or webhook_url_file provided"),
        (true, true) => {
            refuse("both webhook_url and webhook_url_file cannot be set at the same time")
        }
        _ => plain_url(tree, "webhook_url"),
    }
}

pub fn jira(tree: &mut Tree, _: Version) -> Checked {
    for key in ["project", "issue_type"] {
        if !tree.has(key) {
            return Err(format!("missing {key} in jira_config"));
        }
    }
    if tree.has("api_type") && !matches!(tree.str("api_type"), "auto" | "cloud" | "datacenter") {
        return refuse("invalid 'api_type': a value must be 'auto', 'cloud' or 'datacenter'");
    }
    plain_url(tree, "api_url")
}

pub fn rocketchat(tree: &mut Tree, _: Version) -> Checked {
    for key in ["token", "token_id"] {
        if tree.get(key).is_some() && tree.has(&format!("{key}_file")) {
            return Err(format!("at most one of {key} & {key}_file must be configured"));
        }
    }
    Ok(())
}

pub fn mattermost(tree: &mut Tree, version: Version) -> Checked {
    let has_url = tree.has("webhook_url") || tree.has("webhook_url_file");
    if !has_url && version < Version(0, 32, 0) {
        return refuse("one of 'webhook_url' or 'webhook_url_file' must be configured");
    }
    plain_url(tree, "webhook_url")?;
    template_url(tree, "icon_url")?;
    let links =
        ["author_link", "author_icon", "title_link", "thumb_url", "footer_icon", "image_url"];
    for key in links {
        template_url(tree, key)?;
    }
    for (number, attachment) in tree.items("attachments").iter().enumerate() {
        for key in links {
            if attachment.has(key) {
                let what = format!("invalid '{key}' in attachments[{number}]");
                at(url::valid_template(attachment.str(key)), &what)?;
            }
        }
    }
    Ok(())
}

pub fn incidentio(tree: &mut Tree, _: Version) -> Checked {
    match (tree.has("url"), tree.has("url_file")) {
        (false, false) => return refuse("one of url or url_file must be configured"),
        (true, true) => return refuse("at most one of url & url_file must be configured"),
        _ => {}
    }
    if tree.has("url") {
        at(url::valid(tree.str("url")), "invalid url")?;
    }
    let (token, file) = (tree.has("alert_source_token"), tree.has("alert_source_token_file"));
    let client = tree.get("http_config");
    let authorization = client.is_some_and(|client| client.get("authorization").is_some());
    if token && file {
        return refuse(
            "at most one of alert_source_token & alert_source_token_file must be configured",
        );
    }
    match (authorization, token || file) {
        (true, true) => refuse(
            "cannot specify alert_source_token or alert_source_token_file when using \
             http_config.authorization",
        ),
        (false, false) => refuse(
            "at least one of alert_source_token, alert_source_token_file or \
             http_config.authorization must be configured",
        ),
        _ => Ok(()),
    }
}

/// Checks the range of TLS versions.
pub fn tls_versions(tls: &Tree) -> Checked {
    let versions = ["", "TLS10", "TLS11", "TLS12", "TLS13"];
    let place = |name: &str| {
        let place = versions.iter().position(|version| *version == name);
        place.ok_or_else(|| format!("unknown TLS version: {name}"))
    };
    let (least, most) = (tls.str("min_version"), tls.str("max_version"));
    let (from, to) = (place(least)?, place(most)?);
    if from > 0 && to > 0 && from > to {
        return Err(format!(
            "max TLS version {} must be greater than or equal to min TLS version {}",
            go::quote::quote(most),
            go::quote::quote(least)
        ));
    }
    Ok(())
}

/// Checks the keys of a proxy. Below 0.26.0 all but `proxy_url` were taken out before.
pub fn proxy(client: &Tree) -> Checked {
    let environment = client.is_true("proxy_from_environment");
    let (url, exceptions) = (client.has("proxy_url"), client.has("no_proxy"));
    if client.has("proxy_connect_header") && !environment && !url {
        return refuse(
            "if 'proxy_connect_header' is configured, 'proxy_url' or 'proxy_from_environment' must \
             also be configured",
        );
    }
    if environment && url {
        return refuse(
            "if 'proxy_from_environment' is configured, 'proxy_url' must not be configured",
        );
    }
    if environment && exceptions {
        return refuse(
            "if 'proxy_from_environment' is configured, 'no_proxy' must not be configured",
        );
    }
    if !url && exceptions {
        return refuse("if 'no_proxy' is configured, 'proxy_url' must also be configured");
    }
    Ok(())
}

/// Checks the durations of a route. Intervals of zero are taken out.
pub fn route_times(route: &mut Tree) -> Checked {
    for key in ["group_wait", "group_interval", "repeat_interval"] {
        if !route.has(key) {
            continue;
        }
        let duration =
            Duration::parse(route.str(key)).map_err(|error| format!("{key}: {error}"))?;
        if duration.0 == 0 && key != "group_wait" {
            route.remove(key);
        }
    }
    Ok(())
}
