//! Checks of an AlertmanagerConfig that depend on the version of Alertmanager and on Secrets.
//!
//! Source: prometheus-operator pkg/alertmanager/operator.go checkAlertmanagerConfigResource,
//! pkg/alertmanager/amcfg.go checkAlertmanagerGlobalConfigResource.

use go::Duration;
use kubernetes::object::Value;

use super::convert::matcher_text;
use super::{url, validate};
use crate::checks::{
    at, basic_auth, oauth2, proxy_headers, safe_authorization, safe_tls, sigv4 as key_pair,
};
use crate::select::{Chosen, Verdict};
use crate::store::{Checked, Store};
use crate::tree::Field;
use crate::version::Version;

/// Returns the verdicts on the AlertmanagerConfigs that an Alertmanager selects. The one that
/// `alertmanagerConfiguration` names is none of them.
pub fn verdicts<'a>(
    alertmanager: &Value,
    objects: Vec<&'a Value>,
    version: Version,
    store: &Store<'_>,
) -> Vec<Chosen<'a>> {
    let (own, spec) = (&alertmanager["metadata"], &alertmanager["spec"]);
    let global = &spec["alertmanagerConfiguration"];
    let is_global = |object: &Value| {
        let metadata = &object["metadata"];
        !global.is_null()
            && metadata.str("name") == global.str("name")
            && metadata.str("namespace") == own.str("namespace")
    };
    let chosen = objects.into_iter().filter(|object| !is_global(object));
    chosen
        .map(|object| {
            let checked = check(object, version, store);
            let verdict = checked.map_or_else(Verdict::Rejected, |()| Verdict::Accepted);
            Chosen { object, verdict }
        })
        .collect()
}

/// The input of a check.
struct Context<'a> {
    version: Version,
    store: &'a Store<'a>,
}

/// One part of the check of a receiver.
enum Step {
    /// Ways of authentication and proxies that older versions do not have.
    Client,
    /// The references of the HTTP client.
    Http,
    /// The reference to a Secret.
    Secret(&'static str),
    Special(fn(&Context<'_>, &Field<'_>) -> Checked),
}

use Step::{Client, Http, Secret, Special};

/// Lists of receivers in the order in which they are checked: list, first version with the start of
/// the error for older ones, parts of the check.
type Receivers = (&'static str, Option<(u64, &'static str)>, &'static [Step]);

static RECEIVERS: &[Receivers] = &[
    ("pagerdutyConfigs", None, &[Client, Secret("routingKey"), Secret("serviceKey"), Http]),
    ("opsgenieConfigs", None, &[Client, Special(responders), Secret("apiKey"), Http]),
    ("discordConfigs", Some((25, "discordConfigs'")), &[Client, Http, Special(discord)]),
    ("slackConfigs", None, &[Client, Special(slack), Http]),
    ("webhookConfigs", None, &[Client, Special(webhook), Http]),
    ("wechatConfigs", None, &[Client, Secret("apiSecret"), Http]),
    ("webexConfigs", Some((25, "webexConfigs'")), &[Client, Http]),
    ("emailConfigs", None, &[Secret("authPassword"), Secret("authSecret"), Special(email)]),
    ("victoropsConfigs", None, &[Client, Secret("apiKey"), Http]),
    ("pushoverConfigs", None, &[Client, Special(pushover), Http]),
    ("snsConfigs", None, &[Special(aws_client), Client, Special(sigv4), Http]),
    (
        "telegramConfigs",
        Some((24, "telegramConfigs'")),
        &[Special(token_file), Client, Secret("botToken"), Http],
    ),
    ("msteamsConfigs", Some((26, MSTEAMS)), &[Client, Secret("webhookUrl"), Http]),
    ("msteamsv2Configs", Some((28, MSTEAMS_V2)), &[Secret("webhookURL"), Client, Http]),
    ("rocketchatConfigs", Some((28, "rocketChatConfigs'")), &[Client, Http, Special(rocketchat)]),
];

const MSTEAMS: &str = "invalid syntax in receivers config; msteams integration is only available in \
                       Alertmanager >= 0.26.0";
const MSTEAMS_V2: &str = "invalid syntax in receivers config; msteamsv2 integration is only \
                          available in Alertmanager >= 0.28.0";

/// Checks an AlertmanagerConfig.
pub fn check(object: &Value, version: Version, store: &Store<'_>) -> Checked {
    validate(object)?;
    let spec = Field::root(object).get("spec");
    let context = Context { version, store };
    for receiver in spec.get("receivers").items() {
        for (list, since, steps) in RECEIVERS {
            let configs = receiver.get(list).items();
            if configs.is_empty() {
                continue;
            }
            if let Some((minor, reason)) = since
                && version < Version(0, *minor, 0)
            {
                let whole = reason.starts_with("invalid");
                let reason = (*reason).to_owned();
                return Err(if whole { reason } else { context.since(&reason, *minor) });
            }
            for config in &configs {
                steps.iter().try_for_each(|step| context.step(step, config))?;
            }
        }
    }
    context.route(&spec.get("route"))?;
    context.inhibit_rules(object, &spec)
}

impl Context<'_> {
    fn before(&self, minor: u64) -> bool {
        self.version < Version(0, minor, 0)
    }

    fn since(&self, what: &str, minor: u64) -> String {
        format!(
            "{what} is available in Alertmanager >= 0.{minor}.0 only - current {}",
            self.version
        )
    }

    /// Refuses a field that is set for versions before 0.`minor`.
    fn field_since(&self, config: &Field<'_>, name: &str, minor: u64) -> Checked {
        if config.get(name).is_set() && self.before(minor) {
            return Err(self.since(&format!("{name}'"), minor));
        }
        Ok(())
    }

    fn step(&self, step: &Step, config: &Field<'_>) -> Checked {
        match step {
            Client => self.client(&config.get("httpConfig")),
            Http => http(self.store, &config.get("httpConfig")),
            Secret(name) => self.secret(config, name).map(|_| ()),
            Special(check) => check(self, config),
        }
    }

    /// The value of a Secret's key; an empty text if the field is absent.
    fn secret(&self, config: &Field<'_>, name: &str) -> Checked<String> {
        let field = config.get(name);
        if field.is_set() { self.store.secret(&field) } else { Ok(String::new()) }
    }

    fn client(&self, client: &Field<'_>) -> Checked {
        let set = |names: &[&str]| names.iter().any(|name| client.get(name).is_set());
        for (names, shown, minor) in [
            (&["authorization"][..], "authorization", 22),
            (&["oauth2"], "oauth2", 22),
            (&["noProxy", "proxyFromEnvironment", "proxyConnectHeader"], "ProxyConfig", 25),
        ] {
            if set(names) && self.before(minor) {
                return Err(format!(
                    "'{shown}' config set in 'httpConfig' but supported in Alertmanager >= \
                     0.{minor}.0 only - current {}",
                    self.version
                ));
            }
        }
        Ok(())
    }

    fn route(&self, route: &Field<'_>) -> Checked {
        let matchers = route.value.list("matchers");
        if self.before(22) && has_match_type(matchers) {
            return Err(format!(
                "invalid syntax in route config for 'matchers' comparison based matching is \
                 supported in Alertmanager >= 0.22.0 only (matchers={}) (receiver={})",
                shown(matchers),
                route.value.str("receiver")
            ));
        }
        route.get("routes").items().iter().try_for_each(|below| self.route(below))
    }

    fn inhibit_rules(&self, object: &Value, spec: &Field<'_>) -> Checked {
        let name = object["metadata"].str("name");
        for (number, rule) in spec.value.list("inhibitRules").iter().enumerate() {
            let (source, target) = (rule.list("sourceMatch"), rule.list("targetMatch"));
            if !self.before(22) {
                for (list, what) in [(target, "targetMatchers"), (source, "sourceMatchers")] {
                    for (at_matcher, matcher) in list.iter().enumerate() {
                        let what = format!(
                            "invalid {what}[{at_matcher}] in inhibitRule[{number}] in config {name}"
                        );
                        at(super::validate::matcher(matcher), &what)?;
                    }
                }
            } else if has_match_type(source) || has_match_type(target) {
                return Err(format!(
                    "'sourceMatch' and/or 'targetMatch' are using matching syntax which is \
                     supported in Alertmanager >= 0.22.0 only (sourceMatch={}, targetMatch={})",
                    shown(source),
                    shown(target)
                ));
            }
        }
        Ok(())
    }
}

fn has_match_type(matchers: &[Value]) -> bool {
    matchers.iter().any(|matcher| !matcher.str("matchType").is_empty())
}

/// Matchers as Go prints a list of them.
fn shown(matchers: &[Value]) -> String {
    let text = |matcher: &Value| {
        matcher_text(matcher.str("name"), matcher.str("matchType"), matcher.str("value"))
    };
    let texts: Vec<String> = matchers.iter().map(text).collect();
    format!("[{}]", texts.join(" "))
}

/// Resolves the references of an HTTP client. Source: configureHTTPConfigInStore.
pub fn http(store: &Store<'_>, client: &Field<'_>) -> Checked {
    if !client.is_set() {
        return Ok(());
    }
    let token = client.get("bearerTokenSecret");
    if token.is_set() {
        store.secret(&token)?;
    }
    safe_authorization(store, &client.get("authorization"))?;
    basic_auth(store, &client.get("basicAuth"))?;
    safe_tls(store, &client.get("tlsConfig"))?;
    proxy_headers(store, client)?;
    oauth2(store, &client.get("oauth2"))
}

fn responders(context: &Context<'_>, config: &Field<'_>) -> Checked {
    let responders = config.value.list("responders");
    if context.before(24) && responders.iter().any(|one| one.str("type") == "teams") {
        let reason =
            "'teams' set in 'opsgenieResponder' but supported in Alertmanager >= 0.24.0 only";
        return Err(reason.to_owned());
    }
    Ok(())
}

fn discord(context: &Context<'_>, config: &Field<'_>) -> Checked {
    let text = context.store.secret(&config.get("apiURL"));
    let text = at(text, "failed to retrieve API URL")?;
    at(url::valid_secret(text.trim()), "failed to validate API URL")
}

fn slack(context: &Context<'_>, config: &Field<'_>) -> Checked {
    let text = context.secret(config, "apiURL")?;
    if config.get("apiURL").is_set() {
        at(url::valid_secret(text.trim()), "failed to validate API URL")?;
    }
    context.field_since(config, "messageText", 31)?;
    context.field_since(config, "updateMessage", 32)?;
    let updates = config.value.bool("updateMessage");
    if updates && !text.is_empty() && text != "https://slack.com/api/chat.postMessage" {
        let reason = "updateMessage' can only be used with bot tokens. API URL must be set to \
                      https://slack.com/api/chat.postMessage";
        return Err(reason.to_owned());
    }
    Ok(())
}

fn webhook(context: &Context<'_>, config: &Field<'_>) -> Checked {
    if config.get("urlSecret").is_set() {
        let text = context.secret(config, "urlSecret")?;
        at(url::valid_template(text.trim()), "failed to validate URL")?;
    }
    context.field_since(config, "payload", 32)
}

fn email(context: &Context<'_>, config: &Field<'_>) -> Checked {
    safe_tls(context.store, &config.get("tlsConfig"))?;
    context.field_since(config, "forceImplicitTLS", 31)?;
    context.field_since(config, "threading", 30)
}

fn pushover(context: &Context<'_>, config: &Field<'_>) -> Checked {
    for name in ["userKey", "token"] {
        if !config.get(name).is_set() {
            return Err(format!("mandatory field {name} is empty"));
        }
        if context.secret(config, name)?.is_empty() {
            return Err("mandatory field userKey is empty".to_owned());
        }
    }
    for name in ["expire", "retry"] {
        let text = config.value.str(name);
        if !text.is_empty() {
            Duration::parse(text).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn aws_client(context: &Context<'_>, config: &Field<'_>) -> Checked {
    context.field_since(config, "useAWSHTTPClient", 33)
}

fn sigv4(context: &Context<'_>, config: &Field<'_>) -> Checked {
    key_pair(context.store, &config.get("sigv4"))
}

fn token_file(context: &Context<'_>, config: &Field<'_>) -> Checked {
    context.field_since(config, "botTokenFile", 26)
}

fn rocketchat(context: &Context<'_>, config: &Field<'_>) -> Checked {
    for (name, what) in [("token", "token"), ("tokenID", "token ID")] {
        let secret = context.store.secret(&config.get(name));
        at(secret, &format!("failed to retrieve RocketChat {what}"))?;
    }
    Ok(())
}

/// Groups of the global configuration: field, first version with its name in the error, Secrets.
type Group = (&'static str, Option<(u64, &'static str)>, &'static [&'static str]);

static GROUPS: &[Group] = &[
    ("telegram", Some((24, "'telegram' integration requires")), &[]),
    ("jira", Some((28, "'jira' integration requires")), &[]),
    ("victorops", None, &["apiKey"]),
    ("rocketChat", Some((28, "'rocketChat' integration requires")), &["token", "tokenID"]),
    ("webex", Some((25, "'webex' integration requires")), &[]),
    ("wechat", None, &["apiSecret"]),
    ("mattermost", Some((32, "'mattermost' global parameters require")), &[]),
];

/// Checks the global configuration.
pub fn check_global(global: &Field<'_>, version: Version, store: &Store<'_>) -> Checked {
    if !global.is_set() {
        return Ok(());
    }
    super::validate::global(global.value)?;
    let context = Context { version, store };
    let requires = |what: &str, minor: u64| {
        Err(format!("{what} Alertmanager >= 0.{minor}.0 - current {version}"))
    };
    if global.get("smtp").get("forceImplicitTLS").is_set() && context.before(31) {
        return requires("'forceImplicitTLS' integration requires", 31);
    }
    for (name, since, secrets) in GROUPS {
        let group = global.get(name);
        if !group.is_set() {
            continue;
        }
        if let Some((minor, what)) = since
            && context.before(*minor)
        {
            return requires(what, *minor);
        }
        for secret in *secrets {
            context.secret(&group, secret)?;
        }
    }
    let webhook = global.get("mattermost").get("webhookURL");
    if !webhook.is_set() {
        return Ok(());
    }
    let text = at(store.secret(&webhook), "failed to retrieve Mattermost Webhook URL")?;
    at(url::valid_secret(text.trim()), "failed to validate Mattermost Webhook URL")
}
