//! Tests of whole configurations.

use kubernetes::object::{Value, from_yaml};

use crate::Options;
use crate::reconcile::sync;

fn objects(text: &str) -> Vec<Value> {
    let parsed = yaml::parse(text::FileId::default(), text);
    parsed.documents.iter().map(|one| from_yaml(&one.root).expect("the YAML is valid")).collect()
}

const KEYS: &str = "
kind: Secret
metadata: {name: keys, namespace: shop}
stringData: {key: k1, url: 'https://hooks.example.org/a', user: u, pass: p}
";

/// The configuration of an Alertmanager with these fields, and objects beside it; or the error of the
/// sync, or of the first Event.
fn configuration(spec: &str, others: &str) -> Result<String, String> {
    let head = "kind: Alertmanager\nmetadata: {name: main, namespace: monitoring}\nspec:\n";
    let all = objects(&format!("{head}{spec}---{KEYS}---\n{others}"));
    let options = Options::default();
    let outcome = sync(&all[0], &all, &options);
    let refusal = outcome.events.first().map(|event| event.note.clone());
    match outcome.error.or(refusal) {
        Some(error) => Err(error),
        None => Ok(outcome.document.expect("a configuration").text),
    }
}

const ALL: &str = "  alertmanagerConfigSelector: {}\n  alertmanagerConfigNamespaceSelector: {}\n";
const NAMESPACES: &str = "kind: Namespace\nmetadata: {name: shop}\n---\nkind: Namespace\nmetadata: {name: monitoring}\n---\n";

/// An AlertmanagerConfig in `shop` with one receiver.
fn config(receiver: &str) -> String {
    format!(
        "{NAMESPACES}kind: AlertmanagerConfig\nmetadata: {{name: c, namespace: shop}}\nspec:\n  \
         route: {{receiver: r}}\n  receivers:\n  - name: r\n    {receiver}\n"
    )
}

/// The lines of the receiver `shop/c/r` behind its name.
fn receiver(version: &str, text: &str) -> Result<String, String> {
    let spec = format!("  version: {version}\n{ALL}");
    let text = configuration(&spec, &config(text))?;
    let after = text.split("- name: shop/c/r\n").nth(1).unwrap_or_default();
    let lines = after.lines().take_while(|line| line.starts_with(' '));
    Ok(lines.map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line))).collect())
}

const KEY: &str = "{name: keys, key: key}";
const URL: &str = "{name: keys, key: url}";

#[test]
fn fields_of_receivers_become_keys_in_the_order_of_the_program() {
    for (given, expected) in [
        (
            format!(
                "slackConfigs: [{{apiURL: {URL}, updateMessage: false, channel: x, timeout: 60s, linkNames: false, fields: [{{title: a, value: b, short: true}}], actions: [{{type: t, text: x, name: press, confirm: {{text: sure}}}}]}}]"
            ),
            "slack_configs:\n- api_url: https://hooks.example.org/a\n  channel: x\n  fields:\n  - title: a\n    value: b\n    short: true\n  actions:\n  - type: t\n    text: x\n    name: press\n    confirm:\n      text: sure\n  timeout: 1m\n  update_message: false\n",
        ),
        (
            format!(
                "pushoverConfigs: [{{userKey: {KEY}, token: {KEY}, retry: 90s, ttl: 5m, sound: bell, html: true}}]"
            ),
            "pushover_configs:\n- user_key: k1\n  token: k1\n  ttl: 5m\n  retry: 1m30s\n  html: true\n",
        ),
        (
            format!(
                "rocketchatConfigs: [{{token: {KEY}, tokenID: {KEY}, fields: [{{title: a}}], actions: [{{text: b}}]}}]"
            ),
            "rocketchat_configs:\n- token_id: k1\n  token: k1\n  fields:\n  - short: null\n    title: a\n  short_fields: false\n  link_names: false\n  actions:\n  - text: b\n    is_webview: false\n    msg_in_chat_window: false\n",
        ),
        (
            format!("msteamsConfigs: [{{webhookUrl: {URL}, httpConfig: {{}}}}]"),
            "msteams_configs:\n- webhook_url: https://hooks.example.org/a\n  http_config: {}\n",
        ),
        (
            "webexConfigs: [{roomID: r, httpConfig: {tlsConfig: {serverName: s}, proxyURL: 'http://a', proxyUrl: 'http://b'}}]".to_owned(),
            "webex_configs:\n- http_config:\n    tls_config:\n      server_name: s\n      insecure_skip_verify: false\n    proxy_url: http://a\n  room_id: r\n",
        ),
        (
            "webhookConfigs: [{url: 'http://a', maxAlerts: 0, payload: '', httpConfig: {oauth2: {clientId: {secret: {name: keys, key: user}}, clientSecret: {name: keys, key: pass}, tokenUrl: 'http://t', tlsConfig: {}}}}]".to_owned(),
            "webhook_configs:\n- url: http://a\n  http_config:\n    oauth2:\n      client_id: u\n      client_secret: p\n      token_url: http://t\n  payload: \"\"\n",
        ),
        (
            format!(
                "emailConfigs: [{{to: a, from: b, smarthost: 'h:25', html: '', threading: {{threadByDate: Daily}}, authPassword: {KEY}}}]"
            ),
            "email_configs:\n- to: a\n  from: b\n  smarthost: h:25\n  auth_password: k1\n  html: \"\"\n  threading:\n    enabled: true\n    thread_by_date: daily\n",
        ),
    ] {
        assert_eq!(receiver("v0.34.0", &given).as_deref(), Ok(expected), "{given}");
    }
}

#[test]
fn older_versions_lose_fields_or_refuse() {
    let discord = format!("discordConfigs: [{{apiURL: {URL}, content: c, title: t}}]");
    let plain = "discord_configs:\n- webhook_url: https://hooks.example.org/a\n  title: t\n";
    assert_eq!(receiver("v0.27.0", &discord).as_deref(), Ok(plain));
    let with = format!("{plain}  content: c\n");
    assert_eq!(receiver("v0.28.0", &discord), Ok(with));
    let reason = "AlertmanagerConfig c was rejected due to invalid configuration: discordConfigs' is \
                  available in Alertmanager >= 0.25.0 only - current 0.24.0";
    assert_eq!(receiver("v0.24.0", &discord), Err(reason.to_owned()));
    let text = configuration(&format!("  version: v0.21.0\n{ALL}"), &config("webhookConfigs: []"));
    let text = text.expect("a configuration");
    assert!(text.contains("    match:\n      namespace: shop\n"), "{text}");
}

#[test]
fn configs_of_one_name_in_two_namespaces_stay_apart() {
    let one = |namespace: &str| {
        format!(
            "---\nkind: AlertmanagerConfig\nmetadata: {{name: c, namespace: {namespace}}}\nspec:\n  \
             route: {{receiver: r, activeTimeIntervals: [t]}}\n  receivers: [{{name: r}}]\n  \
             muteTimeIntervals: [{{name: t, timeIntervals: [{{years: ['2020:2022'], daysOfMonth: [{{start: -3, end: -1}}, {{start: 1, end: 1}}]}}]}}, {{name: e}}]\n"
        )
    };
    let strategy =
        "  alertmanagerConfigMatcherStrategy: {type: OnNamespaceExceptForAlertmanagerNamespace}\n";
    let others = format!("{NAMESPACES}{}{}", one("shop"), one("monitoring"));
    let text = configuration(&format!("{ALL}{strategy}"), &others).expect("a configuration");
    let expected = "route:\n  receiver: \"null\"\n  routes:\n  - receiver: monitoring/c/r\n    continue: true\n    active_time_intervals:\n    - monitoring/c/t\n  - receiver: shop/c/r\n    matchers:\n    - namespace=\"shop\"\n    continue: true\n    active_time_intervals:\n    - shop/c/t\nreceivers:\n- name: \"null\"\n- name: monitoring/c/r\n- name: shop/c/r\nmute_time_intervals:\n- name: monitoring/c/t\n  time_intervals:\n  - days_of_month: ['-3:-1', \"1\"]\n    years: ['2020:2022']\n- name: \"\"\n  time_intervals: []\n- name: shop/c/t\n  time_intervals:\n  - days_of_month: ['-3:-1', \"1\"]\n    years: ['2020:2022']\n- name: \"\"\n  time_intervals: []\ntemplates: []\n";
    assert_eq!(text, expected);
}

#[test]
fn a_base_configuration_is_read_strictly() {
    let secret = |text: &str| {
        let body: String = text.lines().map(|line| format!("    {line}\n")).collect();
        format!(
            "kind: Secret\nmetadata: {{name: alertmanager-main, namespace: monitoring}}\nstringData:\n  alertmanager.yaml: |\n{body}"
        )
    };
    let head = "provision alertmanager configuration: failed to initialize from secret: ";
    for (text, expected) in [
        (
            "receivers: [{name: a, webhook_configs: [{http_config: {proxy_url: 'http://x'}, url: 'http://b'}]}]\nroute: {group_by: [x], receiver: a}\nglobal: {resolve_timeout: 60s}",
            Ok(
                "global:\n  resolve_timeout: 1m\nroute:\n  receiver: a\n  group_by:\n  - x\nreceivers:\n- name: a\n  webhook_configs:\n  - url: http://b\n    http_config:\n      proxy_url: http://x\ntemplates: []\n",
            ),
        ),
        (
            "route: {receiver: a}\nreceivers: [{name: a}]\ntracing: {endpoint: x}",
            Err(
                "yaml: unmarshal errors:\n  line 3: field tracing not found in type alertmanager.alertmanagerConfig",
            ),
        ),
        (
            "route: {receiver: a, matchers: [a=b]}\nreceivers: [{name: a}]",
            Err("root route must not have any matchers"),
        ),
        (
            "route: {receiver: a}\nreceivers: [{name: a, slack_configs: [{channel: x}]}]",
            Err("no Slack API URL nor App token set either inline or in a file"),
        ),
    ] {
        let expected = expected.map(str::to_owned).map_err(|reason| format!("{head}{reason}"));
        assert_eq!(configuration(ALL, &secret(text)), expected, "{text}");
    }
}

#[test]
fn lines_keep_the_field_that_they_came_from() {
    let head = "kind: Alertmanager\nmetadata: {name: main, namespace: monitoring}\nspec:\n";
    let added = config("webhookConfigs: [{url: 'http://a'}]");
    let all = objects(&format!("{head}{ALL}---{KEYS}---\n{added}"));
    let options = Options::default();
    let document = sync(&all[0], &all, &options).document.expect("a configuration");
    for (line, path) in [
        ("  - url: http://a", "spec.receivers[0].webhookConfigs[0].url"),
        ("- name: shop/c/r", "spec.receivers[0].name"),
        ("  - receiver: shop/c/r", "spec.route.receiver"),
    ] {
        let at = document.text.lines().position(|one| one == line);
        let at = at.unwrap_or_else(|| panic!("no line {line:?} in\n{}", document.text));
        let origin = document.origins[at].as_ref().map(|origin| origin.path.as_str());
        assert_eq!(origin, Some(path), "{line}");
    }
}

#[test]
fn the_cluster_has_certificates_of_its_own() {
    let tls = "  clusterTLS:\n    server: {keySecret: {name: s, key: k}, cert: {secret: {name: s, key: c}}, clientAuthType: RequireAndVerifyClientCert}\n    client: {keySecret: {name: l, key: k}, cert: {configMap: {name: l, key: c}}, ca: {secret: {name: l, key: a}}}\n";
    let head = "kind: Alertmanager\nmetadata: {name: main, namespace: monitoring}\nspec:\n";
    let all = objects(&format!("{head}{tls}"));
    let options = Options::default();
    let outcome = sync(&all[0], &all, &options);
    assert_eq!(outcome.error, None);
    let written = |name: &str| {
        let found = outcome.writes.iter().find(|one| one.object["metadata"].str("name") == name);
        found.map(|one| one.object.clone()).expect("the object is written")
    };
    let secret = written("alertmanager-main-cluster-tls-config");
    let text = crate::store::secret_value(&secret, "cluster-tls-config.yaml");
    let folder = "/etc/alertmanager/cluster_tls_config";
    let expected = format!(
        "tls_server_config:\n  key_file: {folder}/server_tls/secret/s-key/k\n  cert_file: {folder}/server_tls/secret/s-cert/c\n  client_auth_type: RequireAndVerifyClientCert\ntls_client_config:\n  key_file: {folder}/client_tls/secret/l-key/k\n  cert_file: {folder}/client_tls/configmap/l-cert/c\n  ca_file: {folder}/client_tls/secret/l-ca/a\n"
    );
    assert_eq!(text, Some(expected));
    let set = written("alertmanager-main");
    let container = &set["spec"]["template"]["spec"].list("containers")[0];
    let argument = format!("--cluster.tls-config={folder}/cluster-tls-config.yaml");
    assert!(container.list("args").iter().any(|one| one.as_str() == Some(&argument)));
}
