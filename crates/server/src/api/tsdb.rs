//! Statistics about the series of the head.
//!
//! Source: web/api/v1/api.go `serveTSDBStatus`, tsdb/index/postings.go `MemPostings.Stats`.

use std::collections::BTreeMap;

use promql::METRIC_NAME;
use promql::storage::Series;

use super::{Answer, ApiError, Call, atoi};
use crate::json::Json;

/// The most rows of each list, and the number without `limit`.
const MAX_ROWS: i64 = 10_000;
const DEFAULT_ROWS: i64 = 10;

pub(super) fn status(call: &Call<'_>) -> Answer {
    let limit = match call.param("limit") {
        "" => DEFAULT_ROWS,
        text => match atoi(text) {
            Ok(limit) if limit > MAX_ROWS => {
                return Err(ApiError::bad_data(format!("limit must not exceed {MAX_ROWS}")));
            }
            Ok(limit) if limit > 0 => limit,
            _ => return Err(ApiError::bad_data("limit must be a positive number")),
        },
    };
    let start = call.state.head.start;
    let series: Vec<&Series> = call
        .state
        .storage
        .iter()
        .filter(|series| series.last_time().is_some_and(|last| last >= start))
        .collect();
    // Series by label name and value.
    let mut postings: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for label in series.iter().flat_map(|series| series.labels().iter()) {
        *postings.entry(&label.name).or_default().entry(&label.value).or_default() += 1;
    }
    let times = series.iter().filter_map(|series| series.last_time());
    let newest = times.max().unwrap_or(start);
    let first = series.iter().filter_map(|series| series.first_time()).min();
    let oldest = first.map_or(start, |first| first.max(start));
    let pairs: usize = postings.values().map(BTreeMap::len).sum();
    let head = Json::object([
        ("numSeries", Json::Int(series.len() as i64)),
        ("numLabelPairs", Json::Int(pairs as i64)),
        ("chunkCount", Json::Int(series.iter().map(|series| chunks(series)).sum())),
        ("minTime", Json::Int(oldest)),
        ("maxTime", Json::Int(newest)),
    ]);
    let names = postings.get(METRIC_NAME).into_iter().flatten();
    let by_metric = names.map(|(name, count)| ((*name).to_owned(), *count));
    let by_label = postings.iter().map(|(name, values)| ((*name).to_owned(), values.len() as u64));
    let memory = postings.iter().map(|(name, values)| {
        let bytes: u64 = values.iter().map(|(value, count)| encoded(name, value) * count).sum();
        ((*name).to_owned(), bytes)
    });
    let by_pair = postings.iter().flat_map(|(name, values)| {
        values.iter().map(move |(value, count)| (format!("{name}={value}"), *count))
    });
    let fields = [
        ("headStats", head),
        ("seriesCountByMetricName", rows(by_metric.collect(), limit)),
        ("labelValueCountByLabelName", rows(by_label.collect(), limit)),
        ("memoryInBytesByLabelName", rows(memory.collect(), limit)),
        ("seriesCountByLabelValuePair", rows(by_pair.collect(), limit)),
    ];
    Ok(Json::object(fields).into())
}

/// Bytes of a label in a label set: name and value, each after its length.
/// Source: model/labels `SizeOfLabels` of the string encoding.
fn encoded(name: &str, value: &str) -> u64 {
    let size = |text: &str| text.len() as u64 + if text.len() < 255 { 1 } else { 4 };
    size(name) + size(value)
}

/// Chunks of 120 samples.
fn chunks(series: &Series) -> i64 {
    series.len().div_ceil(120) as i64
}

/// The greatest counts first.
fn rows(mut counts: Vec<(String, u64)>, limit: i64) -> Json {
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let rows = counts.into_iter().map(|(name, count)| {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        Json::object([("name", Json::Text(name)), ("value", Json::Int(count))])
    });
    Json::List(rows.collect())
}
