//! Targets, relabeling step by step, and Alertmanagers.
//!
//! Source: web/api/v1/api.go `targets`, `targetRelabelSteps`, `alertmanagers`.

use discovery::targets::{LabelSet, Rules, Scratch};
use go::net::{join_host_port, listen_port, split_host_port};
use prometheus::config::RelabelConfig;
use promql::Labels;

use super::{Answer, ApiError, Call};
use crate::json::Json;
use crate::state::{ScrapePool, ServerState, TargetState};
use crate::time::format_rfc3339;

/// The pools by name.
pub(super) fn sorted<'a>(state: &'a ServerState<'_>) -> Vec<&'a ScrapePool> {
    let mut pools: Vec<&ScrapePool> = state.pools.iter().collect();
    pools.sort_by(|a, b| a.name.cmp(&b.name));
    pools
}

pub(super) fn scrape_pools(call: &Call<'_>) -> Answer {
    let names = sorted(call.state).into_iter().map(|pool| pool.name.clone());
    Ok(Json::object([("scrapePools", Json::texts(names))]).into())
}

/// The job of a pool as YAML, as the configuration in force has it.
pub(super) fn scrape_pool_config(call: &Call<'_>) -> Answer {
    let wanted = call.param("scrapePool");
    if wanted.is_empty() {
        return Err(ApiError::bad_data("no scrapePool parameter provided"));
    }
    let job = job_yaml(&call.state.config_yaml, wanted).ok_or_else(|| not_found(wanted))?;
    Ok(Json::object([("yaml", Json::Text(job))]).into())
}

fn not_found(pool: &str) -> ApiError {
    let name = go::quote::quote(pool);
    ApiError::bad_data(format!("error retrieving scrape config: scrape pool {name} not found"))
}

/// The lines of a job in a printed configuration, without their indent.
fn job_yaml(config: &str, name: &str) -> Option<String> {
    let jobs = config.split("\nscrape_configs:\n").nth(1)?;
    let lines = jobs.split_inclusive('\n').take_while(|line| line.starts_with(['-', ' ']));
    let mut jobs: Vec<String> = Vec::new();
    for line in lines {
        match (line.starts_with("- "), jobs.last_mut()) {
            (true, _) => jobs.push(line.get(2..).unwrap_or_default().to_owned()),
            (false, Some(job)) => job.push_str(line.get(2..).unwrap_or_default()),
            (false, None) => {}
        }
    }
    let is_wanted = |job: &String| {
        let written = job.lines().next().and_then(|line| line.strip_prefix("job_name: "));
        written.is_some_and(|written| written.trim_matches(['"', '\'']) == name)
    };
    jobs.into_iter().find(is_wanted)
}

pub(super) fn targets(call: &Call<'_>) -> Answer {
    let params = call.request.url_params();
    let wanted = params.get("scrapePool");
    let state = params.get("state").to_lowercase();
    let shows = |what: &str| state.is_empty() || state == "any" || state == what;
    let all = sorted(call.state);
    let pools: Vec<&ScrapePool> =
        all.iter().copied().filter(|pool| wanted.is_empty() || pool.name == wanted).collect();
    let (mut active, mut dropped, mut counts) = (Vec::new(), Vec::new(), Json::Null);
    if shows("active") {
        for pool in &pools {
            active.extend(pool.targets.iter().map(|one| target(call.state, pool, one)));
        }
    }
    if shows("dropped") {
        for pool in &pools {
            dropped.extend(pool.dropped.iter().map(|labels| {
                Json::object([
                    ("discoveredLabels", Json::Labels(labels.clone())),
                    ("scrapePool", Json::text(&*pool.name)),
                ])
            }));
        }
        let of_pool =
            |pool: &&ScrapePool| (pool.name.clone(), Json::Int(pool.dropped_count as i64));
        counts = Json::Object(all.iter().map(of_pool).collect());
    }
    let fields = [
        ("activeTargets", Json::List(active)),
        ("droppedTargets", Json::List(dropped)),
        ("droppedTargetCounts", counts),
    ];
    Ok(Json::object(fields).into())
}

fn target(state: &ServerState<'_>, pool: &ScrapePool, target: &TargetState) -> Json {
    Json::object([
        ("discoveredLabels", Json::Labels(target.discovered.clone())),
        ("labels", Json::Labels(target.labels.clone())),
        ("scrapePool", Json::text(&*pool.name)),
        ("scrapeUrl", Json::text(&*target.url)),
        ("globalUrl", Json::text(global_url(state, &target.url))),
        ("lastError", Json::text(&*target.last_error)),
        ("lastScrape", Json::text(format_rfc3339(target.last_scrape))),
        ("lastScrapeDuration", Json::Float(target.last_duration)),
        ("health", Json::text(target.health.name())),
        ("scrapeInterval", Json::text(&*target.interval)),
        ("scrapeTimeout", Json::text(&*target.timeout)),
    ])
}

/// The URL as others reach it: localhost is replaced by the server's external name, and its own
/// port by the external one. Source: web/api/v1/api.go `getGlobalURL`.
fn global_url(state: &ServerState<'_>, url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (name, port) = split_host_port(host).unwrap_or((host, ""));
    if !matches!(name, "127.0.0.1" | "localhost" | "::1") {
        return url.to_owned();
    }
    let own_port = listen_port(state.flags.get("web.listen-address"));
    let external = state.flags.get("web.external-url");
    let default = format!("http://{}:{own_port}", state.runtime.hostname);
    let external = if external.contains("://") { external } else { &default };
    let (external_scheme, behind) = external.split_once("://").unwrap_or(("http", external));
    let external_host = behind.split(['/', '?']).next().unwrap_or_default();
    if port == own_port {
        return format!("{external_scheme}://{external_host}{path}");
    }
    let name = split_host_port(external_host).map_or(external_host, |(name, _)| name);
    match port {
        "" => format!("{scheme}://{name}{path}"),
        port => format!("{scheme}://{}{path}", join_host_port(name, port)),
    }
}

pub(super) fn relabel_steps(call: &Call<'_>) -> Answer {
    let wanted = call.param("scrapePool");
    if wanted.is_empty() {
        return Err(ApiError::bad_data("no scrapePool parameter provided"));
    }
    let text = call.param("labels");
    if text.is_empty() {
        return Err(ApiError::bad_data("no labels parameter provided"));
    }
    let labels = labels_of_json(text)
        .map_err(|why| ApiError::bad_data(format!("error parsing labels: {why}")))?;
    let jobs = call.state.scrape_configs;
    let job = jobs.iter().find(|job| *job.job_name.value == *wanted);
    let job = job.ok_or_else(|| not_found(wanted))?;
    let legacy = &**job.metric_name_validation_scheme == "legacy";
    let mut set = LabelSet::from(&labels);
    let mut keep = true;
    let steps = job.relabel_configs.iter().map(|rule| {
        if keep {
            let one = Rules::new([rule], legacy);
            keep = one.run(&mut set, &mut Scratch::default(), &mut ()).is_ok();
        }
        let output = if keep { set.snapshot() } else { Labels::empty() };
        Json::object([
            ("rule", relabel_rule(rule)),
            ("output", Json::Labels(output)),
            ("keep", Json::Bool(keep)),
        ])
    });
    let steps = Json::List(steps.collect());
    Ok(Json::object([("steps", steps)]).into())
}

/// A rule as JSON: what is empty is left out. Source: model/relabel `Config`.
fn relabel_rule(rule: &RelabelConfig) -> Json {
    let mut fields: Vec<(String, Json)> = Vec::new();
    let mut add = |name: &str, value: Json| fields.push((name.to_owned(), value));
    if !rule.source_labels.is_empty() {
        let names = rule.source_labels.iter().map(|name| name.to_string());
        add("source_labels", Json::texts(names));
    }
    if !rule.separator.is_empty() {
        add("separator", Json::text(&*rule.separator));
    }
    add("regex", Json::text(&*rule.regex));
    if rule.modulus != 0 {
        add("modulus", Json::Int(i64::try_from(rule.modulus).unwrap_or(i64::MAX)));
    }
    if !rule.target_label.is_empty() {
        add("target_label", Json::text(&*rule.target_label));
    }
    if !rule.replacement.is_empty() {
        add("replacement", Json::text(&*rule.replacement));
    }
    if let Some(action) = rule.action {
        add("action", Json::text(action.name()));
    }
    Json::Object(fields)
}

/// A label set of JSON. The errors are those of encoding/json.
fn labels_of_json(text: &str) -> Result<Labels, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            return "unexpected end of JSON input".to_owned();
        }
        let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        let c = line.chars().nth(error.column().saturating_sub(1)).unwrap_or(' ');
        let c = if c == '\'' { "\\'".to_owned() } else { c.to_string() };
        let place = match text.trim_start().starts_with('{') {
            true if error.column() <= 2 => "object key string",
            _ => "value",
        };
        format!("invalid character '{c}' looking for beginning of {place}")
    })?;
    let type_error = |what: &str, into: &str| {
        Err(format!("json: cannot unmarshal {what} into Go value of type {into}"))
    };
    let kind = |value: &serde_json::Value| match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "bool",
        serde_json::Value::Number(_) => "number",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    };
    let fields = match &value {
        serde_json::Value::Null => return Ok(Labels::empty()),
        serde_json::Value::Object(fields) => fields,
        other => return type_error(kind(other), "map[string]string"),
    };
    let mut builder = promql::LabelsBuilder::new();
    for (name, value) in fields {
        match value {
            serde_json::Value::String(text) => builder.set(name.as_str(), text.as_str()),
            serde_json::Value::Null => continue,
            other => return type_error(kind(other), "string"),
        };
    }
    Ok(builder.build())
}

pub(super) fn alertmanagers(call: &Call<'_>) -> Answer {
    let urls = |urls: &[String]| {
        let url = |url: &String| Json::object([("url", Json::text(&**url))]);
        Json::List(urls.iter().map(url).collect())
    };
    let found = &call.state.alertmanagers;
    let fields = [
        ("activeAlertmanagers", urls(&found.active)),
        ("droppedAlertmanagers", urls(&found.dropped)),
    ];
    Ok(Json::object(fields).into())
}

#[cfg(test)]
mod tests {
    use super::job_yaml;

    #[test]
    fn jobs_are_cut_out_of_the_configuration() {
        let config =
            "global: {}\nscrape_configs:\n- job_name: a\n  x:\n  - y\n- job_name: b\nstorage: {}\n";
        assert_eq!(job_yaml(config, "a").as_deref(), Some("job_name: a\nx:\n- y\n"));
        assert_eq!(job_yaml(config, "b").as_deref(), Some("job_name: b\n"));
        assert_eq!(job_yaml(config, "c"), None);
    }
}
