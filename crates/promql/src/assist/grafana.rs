//! Variables of Grafana in queries that were copied from a dashboard.

use go::Duration;

/// The code of findings about variables of Grafana.
pub const VARIABLE: &str = "grafana-variable";

/// The built-in variables, without the dollar sign.
const BUILTIN: [&str; 7] = [
    "__interval",
    "__interval_ms",
    "__rate_interval",
    "__rate_interval_ms",
    "__range",
    "__range_s",
    "__range_ms",
];

/// The values that the built-in variables are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// The distance of two points of the graph.
    pub step: Duration,
    /// The range of the graph.
    pub range: Duration,
    /// The longest scrape interval of the jobs.
    pub scrape_interval: Duration,
}

impl Intervals {
    /// Returns the value of a variable without the dollar sign.
    ///
    /// Source: Grafana, pkg/promlib/models/query.go `calculateRateInterval`.
    fn value(&self, name: &str) -> Option<String> {
        let rate = Duration(self.step.0 + self.scrape_interval.0).0.max(4 * self.scrape_interval.0);
        let (millis, unit) = match name {
            "__interval" => (self.step.0, Unit::Duration),
            "__interval_ms" => (self.step.0, Unit::Millis),
            "__rate_interval" => (rate, Unit::Duration),
            "__rate_interval_ms" => (rate, Unit::Millis),
            "__range" => (self.range.0, Unit::Duration),
            "__range_s" => (self.range.0, Unit::Seconds),
            "__range_ms" => (self.range.0, Unit::Millis),
            _ => return None,
        };
        Some(match unit {
            Unit::Duration => Duration(millis).to_string(),
            Unit::Seconds => (millis / 1000).to_string(),
            Unit::Millis => millis.to_string(),
        })
    }
}

enum Unit {
    Duration,
    Seconds,
    Millis,
}

/// A query with the values of the variables in their place.
#[derive(Clone, Debug, PartialEq)]
pub struct Substituted {
    /// The query without variables.
    pub query: String,
    /// The variables as they are written, each once, with their values.
    pub values: Vec<(String, String)>,
}

/// Replaces the built-in variables. Returns None if the query has none.
pub fn substitute(query: &str, intervals: &Intervals) -> Option<Substituted> {
    let mut result = String::new();
    let mut values: Vec<(String, String)> = Vec::new();
    let mut rest = query;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        result.push_str(before);
        let (name, length) = variable(from);
        match name.and_then(|name| intervals.value(name)) {
            Some(value) => {
                let written = from.get(..length).unwrap_or_default().to_owned();
                result.push_str(&value);
                if !values.iter().any(|(known, _)| *known == written) {
                    values.push((written, value));
                }
                rest = from.get(length..).unwrap_or_default();
            }
            None => {
                result.push('$');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    result.push_str(rest);
    (!values.is_empty()).then_some(Substituted { query: result, values })
}

/// Returns the built-in variables of a text as they are written, with their offsets.
pub fn builtin_variables(text: &str) -> Vec<(usize, &str)> {
    let found = text.match_indices('$').filter_map(|(at, _)| {
        let from = text.get(at..)?;
        let (name, length) = variable(from);
        name.filter(|name| BUILTIN.contains(name))?;
        Some((at, from.get(..length)?))
    });
    found.collect()
}

/// The variable at the start of a text, `$name`, `${name}` or `${name:format}`, and its length.
fn variable(text: &str) -> (Option<&str>, usize) {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(inner) = text.strip_prefix("${") {
        let Some((inside, _)) = inner.split_once('}') else { return (None, 1) };
        return (inside.split(':').next(), inside.len() + 3);
    }
    let name = text.strip_prefix('$').unwrap_or_default();
    let end = name.find(|c| !letter(c)).unwrap_or(name.len());
    (name.get(..end), end + 1)
}

/// Returns a variable of a dashboard in a text, `$job`.
pub fn dashboard_variable(text: &str) -> Option<&str> {
    let from = text.get(text.find('$')?..)?;
    let (name, length) = variable(from);
    name.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))?;
    from.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_variables_have_the_values_of_grafana() {
        let intervals = Intervals {
            step: Duration::from_secs(30),
            range: Duration::from_secs(3600),
            scrape_interval: Duration::from_secs(15),
        };
        for (query, expected) in [
            ("rate(x[$__rate_interval])", Some("rate(x[1m])")),
            ("rate(x[${__interval}]) / $__range_s", Some("rate(x[30s]) / 3600")),
            ("x[$__range:${__interval_ms:raw}]", Some("x[1h:30000]")),
            ("x{job=\"$job\"}", None),
            ("x{a=\"$\"} $", None),
            ("x[${__interval]", None),
        ] {
            let found = substitute(query, &intervals).map(|one| one.query);
            assert_eq!(found.as_deref(), expected, "{query}");
        }
        for name in BUILTIN {
            assert!(intervals.value(name).is_some(), "{name}");
        }
        let found = builtin_variables("rate(x[$__rate_interval:${__interval:raw}]) $job $");
        assert_eq!(found, [(7, "$__rate_interval"), (24, "${__interval:raw}")]);
        let found = substitute("$__interval + $__interval", &intervals).unwrap();
        assert_eq!(found.values, [("$__interval".to_owned(), "30s".to_owned())]);
        assert_eq!(dashboard_variable("a-${job:regex}-b"), Some("${job:regex}"));
        assert_eq!(dashboard_variable("a$1"), None);
    }
}
