//! Which series and labels there are.
//!
//! Source: web/api/v1/api.go `series`, `labelNames`, `labelValues`.

use std::collections::BTreeSet;
use std::sync::Arc;

use promql::storage::Series;
use promql::{Labels, Matcher, Timestamp};

use super::{Answer, ApiError, Call, Data, truncate};
use crate::json::Json;
use crate::time::{MAX_TIME, MIN_TIME};

pub(super) fn series(call: &Call<'_>) -> Answer {
    if call.params.all("match[]").is_empty() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let limit = call.limit()?;
    let (start, end) = (call.time("start", MIN_TIME)?, call.time("end", MAX_TIME)?);
    let selectors = call.selectors().map_err(|why| ApiError::invalid("match[]", why))?;
    let found = select(call, &selectors, start, end);
    let found: BTreeSet<&Labels> = found.into_iter().map(Series::labels).collect();
    let mut found: Vec<&Labels> = found.into_iter().collect();
    let warnings = truncate(&mut found, limit);
    let found = found.into_iter().map(|labels| Json::Labels(labels.clone())).collect();
    Ok(Data { warnings, ..Data::from(Json::List(found)) })
}

/// The series of any of the selectors; all series if there is none.
fn select<'a>(
    call: &'a Call<'_>,
    selectors: &[Vec<Matcher>],
    start: Timestamp,
    end: Timestamp,
) -> Vec<&'a Series> {
    let storage = call.state.storage;
    if end < start {
        return Vec::new();
    }
    if selectors.is_empty() {
        return storage.select_series(&[], start, end);
    }
    selectors.iter().flat_map(|matchers| storage.select_series(matchers, start, end)).collect()
}

pub(super) fn label_names(call: &Call<'_>) -> Answer {
    let limit = call.limit()?;
    let (start, end) = (call.time("start", MIN_TIME)?, call.time("end", MAX_TIME)?);
    let selectors = call.selectors().map_err(ApiError::bad_data)?;
    let found = select(call, &selectors, start, end);
    let names: BTreeSet<&Arc<str>> =
        found.iter().flat_map(|series| series.labels().iter()).map(|label| &label.name).collect();
    texts(names, limit)
}

pub(super) fn label_values(call: &Call<'_>) -> Answer {
    let name = call.segments.first().map_or("", String::as_str);
    let name = match name.strip_prefix("U__") {
        Some(_) => unescape_name(name),
        None => name.to_owned(),
    };
    let limit = call.limit()?;
    let (start, end) = (call.time("start", MIN_TIME)?, call.time("end", MAX_TIME)?);
    let selectors = call.selectors().map_err(ApiError::bad_data)?;
    let found = select(call, &selectors, start, end);
    let values: BTreeSet<&Arc<str>> = found
        .iter()
        .flat_map(|series| series.labels().iter())
        .filter(|label| *label.name == *name)
        .map(|label| &label.value)
        .collect();
    texts(values, limit)
}

fn texts(found: BTreeSet<&Arc<str>>, limit: Option<usize>) -> Answer {
    let mut found: Vec<&Arc<str>> = found.into_iter().collect();
    let warnings = truncate(&mut found, limit);
    let found = found.into_iter().map(|text| text.to_string());
    Ok(Data { warnings, ..Data::from(Json::texts(found)) })
}

/// The name after `U__`, in which `_XX_` stands for a character and `__` for an underscore. A
/// name that is not escaped like that is returned as it is.
/// Source: common/model `UnescapeName`.
fn unescape_name(name: &str) -> String {
    let unescaped = || {
        let mut rest = name.strip_prefix("U__")?;
        let mut out = String::new();
        while let Some(at) = rest.find('_') {
            out.push_str(rest.get(..at)?);
            rest = rest.get(at + 1..)?;
            if let Some(behind) = rest.strip_prefix('_') {
                out.push('_');
                rest = behind;
                continue;
            }
            let (digits, behind) = rest.split_once('_')?;
            if digits.is_empty() || digits.len() > 6 {
                return None;
            }
            out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
            rest = behind;
        }
        out.push_str(rest);
        Some(out)
    };
    unescaped().unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::unescape_name;

    #[test]
    fn escaped_names_are_read() {
        for (name, expected) in [
            ("U__a_2e_b", "a.b"),
            ("U__a__b", "a_b"),
            ("U__a_b", "U__a_b"),
            ("U__a_zz_b", "U__a_zz_b"),
        ] {
            assert_eq!(unescape_name(name), expected);
        }
    }
}
