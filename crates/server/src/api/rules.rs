//! Rule groups and alerts.
//!
//! Source: web/api/v1/api.go `rules`, `alerts`.

use std::sync::Arc;

use ::rules::{Alert, AlertState, RuleHealth, RuleRun};
use go::number::format_exponent_shortest;
use prometheus::rule_files::RuleKind;
use promql::{Labels, Matcher};
use sha2::{Digest, Sha256};

use super::{Answer, ApiError, Call};
use crate::json::Json;
use crate::state::{RuleGroupState, ServerState};
use crate::time::format_rfc3339;

/// The groups by file and name.
fn sorted<'a, 'b>(state: &'a ServerState<'b>) -> Vec<&'a RuleGroupState<'b>> {
    let mut groups: Vec<&RuleGroupState<'b>> = state.groups.iter().collect();
    groups.sort_by(|a, b| (&a.file, &a.run.group.name).cmp(&(&b.file, &b.run.group.name)));
    groups
}

/// The groups and rules that a request selects.
struct Selection<'a> {
    names: Vec<&'a str>,
    groups: Vec<&'a str>,
    files: Vec<&'a str>,
    selectors: Vec<Vec<Matcher>>,
    alerting: bool,
    recording: bool,
    with_alerts: bool,
}

pub(super) fn rules(call: &Call<'_>) -> Answer {
    let selectors = call.selectors().map_err(ApiError::bad_data)?;
    let url = call.request.url_params();
    let kind = url.get("type").to_lowercase();
    if !matches!(&*kind, "" | "alert" | "record") {
        let why = format!("not supported value {}", go::quote::quote(&kind));
        return Err(ApiError::invalid("type", why));
    }
    let selection = Selection {
        names: call.params.all("rule_name[]"),
        groups: call.params.all("rule_group[]"),
        files: call.params.all("file[]"),
        selectors,
        alerting: kind != "record",
        recording: kind != "alert",
        with_alerts: !excludes_alerts(url.get("exclude_alerts"))?,
    };
    let (page, token) = (url.get("group_limit"), url.get("group_next_token"));
    let page = page_size(page, token)?;
    let mut groups = Vec::new();
    let mut next = None;
    let mut begun = page.is_none() || token.is_empty();
    for group in sorted(call.state) {
        begun = begun || next_token(group) == token;
        if !begun {
            continue;
        }
        let rules = selection.of_group(group);
        if rules.is_empty() {
            continue;
        }
        if page.is_some_and(|page| groups.len() >= page) {
            next = Some(next_token(group));
            break;
        }
        groups.push(rule_group(group, rules));
    }
    if !begun {
        let why = format!("invalid group_next_token '{token}'. were rule groups changed?");
        return Err(ApiError::invalid("group_next_token", why));
    }
    let mut fields = vec![("groups".to_owned(), Json::List(groups))];
    fields.extend(next.map(|token| ("groupNextToken".to_owned(), Json::Text(token))));
    Ok(Json::Object(fields).into())
}

fn excludes_alerts(text: &str) -> Result<bool, ApiError> {
    match &*text.to_lowercase() {
        "" | "0" | "f" | "false" => Ok(false),
        "1" | "t" | "true" => Ok(true),
        other => {
            let why = format!(
                "error converting exclude_alerts: strconv.ParseBool: parsing {}: invalid syntax",
                go::quote::quote(other)
            );
            Err(ApiError::invalid("exclude_alerts", why))
        }
    }
}

fn page_size(limit: &str, token: &str) -> Result<Option<usize>, ApiError> {
    if limit.is_empty() {
        if token.is_empty() {
            return Ok(None);
        }
        let why = "group_limit needs to be present in order to paginate over the groups";
        return Err(ApiError::invalid("group_next_token", why));
    }
    let parsed = super::atoi(limit)
        .map_err(|why| why.replace("strconv.Atoi", "strconv.ParseInt"))
        .and_then(|parsed| {
            let quoted = go::quote::quote(limit);
            let range = || format!("strconv.ParseInt: parsing {quoted}: value out of range");
            i32::try_from(parsed).map_err(|_| range())
        })
        .map_err(|why| format!("group_limit needs to be a valid number: {why}"))
        .map_err(|why| ApiError::invalid("group_limit", why))?;
    match usize::try_from(parsed) {
        Ok(size) if size > 0 => Ok(Some(size)),
        _ => Err(ApiError::invalid("group_limit", "group_limit needs to be greater than 0")),
    }
}

/// Names a group for the next page. Source: `getRuleGroupNextToken`.
fn next_token(group: &RuleGroupState<'_>) -> String {
    let digest = Sha256::digest(format!("{};{}", group.file, group.run.group.name));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Selection<'_> {
    fn of_group(&self, group: &RuleGroupState<'_>) -> Vec<Json> {
        let name = &*group.run.group.name;
        let takes = |wanted: &[&str], one: &str| wanted.is_empty() || wanted.contains(&one);
        if !takes(&self.groups, name) || !takes(&self.files, &group.file) {
            return Vec::new();
        }
        let rules = group.run.rules.iter().filter(|run| {
            let labels = labels(&run.rule.labels);
            let matches = |matchers: &Vec<Matcher>| {
                matchers.iter().all(|matcher| matcher.matches(labels.get(&matcher.name)))
            };
            takes(&self.names, run.rule.name())
                && (self.selectors.is_empty() || self.selectors.iter().any(matches))
        });
        let rules = rules.filter_map(|run| match &run.rule.kind {
            RuleKind::Recording { .. } => self.recording.then(|| recording(run)),
            RuleKind::Alerting { .. } => self.alerting.then(|| self.alerting_rule(run)),
        });
        rules.collect()
    }

    fn alerting_rule(&self, run: &RuleRun) -> Json {
        let RuleKind::Alerting { alert, hold, keep_firing_for, annotations } = &run.rule.kind
        else {
            return Json::Null;
        };
        let alerts = match self.with_alerts {
            true => Json::List(active(run).map(alert_json).collect()),
            false => Json::Null,
        };
        let mut fields = vec![
            ("state".to_owned(), Json::text(state(run))),
            ("name".to_owned(), Json::text(&**alert)),
            ("query".to_owned(), Json::Text(run.rule.ast.to_string())),
            ("duration".to_owned(), Json::Float(hold.seconds())),
            ("keepFiringFor".to_owned(), Json::Float(keep_firing_for.seconds())),
            ("labels".to_owned(), Json::Labels(labels(&run.rule.labels))),
            ("annotations".to_owned(), Json::Labels(labels(annotations))),
            ("alerts".to_owned(), alerts),
        ];
        fields.extend(health(run, "alerting"));
        Json::Object(fields)
    }
}

fn recording(run: &RuleRun) -> Json {
    let mut fields = vec![
        ("name".to_owned(), Json::text(&**run.rule.name())),
        ("query".to_owned(), Json::Text(run.rule.ast.to_string())),
        ("labels".to_owned(), Json::Labels(labels(&run.rule.labels))),
    ];
    fields.extend(health(run, "recording"));
    Json::Object(fields)
}

/// The fields that all rules end with.
fn health(run: &RuleRun, kind: &str) -> Vec<(String, Json)> {
    let (health, error) = match &run.health {
        RuleHealth::Unknown => ("unknown", ""),
        RuleHealth::Ok => ("ok", ""),
        RuleHealth::Error(error) => ("err", error.as_str()),
    };
    let mut fields = vec![("health".to_owned(), Json::text(health))];
    if !error.is_empty() {
        fields.push(("lastError".to_owned(), Json::text(error)));
    }
    // An evaluation takes no simulated time.
    fields.push(("evaluationTime".to_owned(), Json::Float(0.0)));
    fields.push(("lastEvaluation".to_owned(), Json::Text(format_rfc3339(run.evaluated))));
    fields.push(("type".to_owned(), Json::text(kind)));
    fields
}

fn rule_group(group: &RuleGroupState<'_>, rules: Vec<Json>) -> Json {
    let definition = &group.run.group;
    Json::object([
        ("name", Json::text(&*definition.name)),
        ("file", Json::text(&*group.file)),
        ("rules", Json::List(rules)),
        ("interval", Json::Float(group.interval.seconds())),
        ("limit", Json::Int(i64::try_from(definition.limit).unwrap_or(i64::MAX))),
        ("evaluationTime", Json::Float(group.evaluation_seconds)),
        ("lastEvaluation", Json::Text(format_rfc3339(group.last_evaluation))),
    ])
}

fn labels(pairs: &[(Arc<str>, Arc<str>)]) -> Labels {
    Labels::from_pairs(pairs.iter().map(|(name, value)| (name.clone(), value.clone())))
}

/// The state of the most advanced alert. Source: rules/alerting.go `AlertingRule.State`.
fn state(run: &RuleRun) -> &'static str {
    if run.evaluated.is_none() {
        return "unknown";
    }
    let states = active(run).map(|alert| alert.state);
    states.max().unwrap_or(AlertState::Inactive).name()
}

/// Alerts that are not resolved.
fn active(run: &RuleRun) -> impl Iterator<Item = &Alert> {
    run.alerts.values().filter(|alert| alert.resolved_at.is_none())
}

pub(super) fn alerts(call: &Call<'_>) -> Answer {
    let rules = sorted(call.state).into_iter().flat_map(|group| &group.run.rules);
    let alerts = rules.flat_map(active).map(alert_json).collect();
    Ok(Json::object([("alerts", Json::List(alerts))]).into())
}

fn alert_json(alert: &Alert) -> Json {
    let mut fields = vec![
        ("labels".to_owned(), Json::Labels(alert.labels.clone())),
        ("annotations".to_owned(), Json::Labels(labels(&alert.annotations))),
        ("state".to_owned(), Json::text(alert.state.name())),
        ("activeAt".to_owned(), Json::Text(format_rfc3339(Some(alert.active_at)))),
    ];
    if let Some(since) = alert.keep_firing_since {
        fields.push(("keepFiringSince".to_owned(), Json::Text(format_rfc3339(Some(since)))));
    }
    fields.push(("value".to_owned(), Json::Text(format_exponent_shortest(alert.value))));
    Json::Object(fields)
}
