//! Metadata of metrics, by target and by metric.
//!
//! Source: web/api/v1/api.go `targetMetadata`, `metricMetadata`.

use std::collections::{BTreeMap, BTreeSet};

use promql::Matcher;
use promql::syntax::parse_metric_selector;

use super::{Answer, ApiError, Call, atoi, targets};
use crate::json::Json;
use crate::state::Metadata;

/// A limit of which the text is a number; negative is none.
fn number(call: &Call<'_>, name: &str) -> Result<Option<usize>, ApiError> {
    match call.param(name) {
        "" => Ok(None),
        text => match atoi(text) {
            Ok(limit) => Ok(usize::try_from(limit).ok()),
            Err(_) => Err(ApiError::bad_data(format!("{name} must be a number"))),
        },
    }
}

pub(super) fn of_targets(call: &Call<'_>) -> Answer {
    let limit = number(call, "limit")?.unwrap_or(usize::MAX);
    let matchers = match call.param("match_target") {
        "" => Vec::new(),
        text => parse_metric_selector(text, &call.state.parser)
            .map_err(|errors| ApiError::invalid("match_target", errors))?,
    };
    let metric = call.param("metric");
    let mut found = Vec::new();
    for target in targets::sorted(call.state).into_iter().flat_map(|pool| &pool.targets) {
        // The limit is one of targets: what a target says is listed as a whole.
        if found.len() >= limit {
            break;
        }
        let takes = |matcher: &Matcher| matcher.matches(target.labels.get(&matcher.name));
        if !matchers.iter().all(takes) {
            continue;
        }
        let said = target.metadata.iter();
        for one in said.filter(|one| metric.is_empty() || one.family == metric) {
            let mut fields = vec![("target".to_owned(), Json::Labels(target.labels.clone()))];
            if metric.is_empty() && !one.family.is_empty() {
                fields.push(("metric".to_owned(), Json::text(&*one.family)));
            }
            for (name, text) in
                [("type", &one.metric_type), ("help", &one.help), ("unit", &one.unit)]
            {
                fields.push((name.to_owned(), Json::text(&**text)));
            }
            found.push(Json::Object(fields));
        }
    }
    Ok(Json::List(found).into())
}

pub(super) fn of_metrics(call: &Call<'_>) -> Answer {
    let limit = number(call, "limit")?.unwrap_or(usize::MAX);
    let per_metric = number(call, "limit_per_metric")?.filter(|limit| *limit > 0);
    let per_metric = per_metric.unwrap_or(usize::MAX);
    let metric = call.param("metric");
    let mut found: BTreeMap<&str, BTreeSet<(&str, &str, &str)>> = BTreeMap::new();
    let targets = targets::sorted(call.state).into_iter().flat_map(|pool| &pool.targets);
    for Metadata { family, metric_type, help, unit } in targets.flat_map(|one| &one.metadata) {
        if !metric.is_empty() && family != metric {
            continue;
        }
        let said = found.entry(family).or_default();
        if said.len() < per_metric {
            said.insert((help, metric_type, unit));
        }
    }
    let families = found.into_iter().take(limit).map(|(family, said)| {
        let said = said.into_iter().map(|(help, metric_type, unit)| {
            Json::object([
                ("type", Json::text(metric_type)),
                ("unit", Json::text(unit)),
                ("help", Json::text(help)),
            ])
        });
        (family.to_owned(), Json::List(said.collect()))
    });
    Ok(Json::Object(families.collect()).into())
}
