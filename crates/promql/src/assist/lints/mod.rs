//! Lints: queries that Prometheus accepts, but that probably have another meaning than intended, and
//! refused queries that a rewrite corrects. A finding has a rewrite if there is a good one.

use text::IndexSort;
mod counters;
mod histograms;
mod refused;
mod selectors;

use super::{Facts, MetricKind};
use crate::syntax::{Ast, Call, ExprKind, MatrixSelector, NodeId, VectorSelector};
use crate::{METRIC_NAME, MatchOp};
use go::Duration;
use text::{Applicability, Code, Diagnostic, FileId, Fix, Location, Span};

pub use refused::explain_refusal;

/// The documentation of all findings.
pub static CODES: &[Code] = &[
    counters::RAW_COUNTER,
    counters::RATE_OF_GAUGE,
    counters::DELTA_OF_COUNTER,
    counters::RATE_OF_AGGREGATE,
    histograms::QUANTILE_WITHOUT_LE,
    histograms::QUANTILE_OUT_OF_RANGE,
    histograms::AVERAGED_QUANTILE,
    selectors::WINDOW_TOO_SHORT,
    selectors::NEEDLESS_REGEX,
    selectors::NEEDLESS_ANCHOR,
    refused::MISSING_RANGE,
    refused::RENAMED_FUNCTION,
];

/// Findings about a query that parses, in the order of the text. Their places are bytes of the
/// query, in the file given.
pub fn lint(query: &str, ast: &Ast, facts: &dyn Facts, file: FileId) -> Vec<Diagnostic> {
    let parents = ast.parents();
    let below_subquery = below_subquery(ast, &parents);
    let subject = Subject { query, ast, facts, file, parents, below_subquery };
    let mut findings = Vec::new();
    for (id, expr) in ast.iter() {
        if findings.len() >= MOST_FINDINGS {
            break;
        }
        match &expr.kind {
            ExprKind::Vector(selector) => {
                counters::raw_counter(&subject, id, selector, &mut findings);
                selectors::regexes(&subject, selector, &mut findings);
            }
            ExprKind::Matrix(matrix) => {
                selectors::regexes(&subject, &matrix.selector, &mut findings);
            }
            ExprKind::Call(call) => {
                counters::wrong_function(&subject, id, call, &mut findings);
                counters::rate_of_aggregate(&subject, id, call, &mut findings);
                histograms::lost_le(&subject, call, &mut findings);
                histograms::call_quantile(&subject, call, &mut findings);
                selectors::short_window(&subject, call, &mut findings);
            }
            ExprKind::Aggregate(aggregate) => {
                histograms::aggregate(&subject, id, aggregate, &mut findings);
            }
            _ => {}
        }
    }
    findings.index_sort_by_key(|finding| finding.location.span);
    findings
}

/// The maximum number of findings for a query.
const MOST_FINDINGS: usize = 100;

/// For each node whether it is within a subquery; parents have greater numbers than children.
fn below_subquery(ast: &Ast, parents: &[Option<NodeId>]) -> Vec<bool> {
    let mut below = vec![false; ast.len()];
    for (id, _) in ast.iter().rev() {
        if let Some(parent) = parents[id.index()] {
            let direct = matches!(ast[parent].kind, ExprKind::Subquery(_));
            below[id.index()] = direct || below[parent.index()];
        }
    }
    below
}

/// The input of the lints.
struct Subject<'a> {
    query: &'a str,
    ast: &'a Ast,
    facts: &'a dyn Facts,
    file: FileId,
    parents: Vec<Option<NodeId>>,
    below_subquery: Vec<bool>,
}

impl<'a> Subject<'a> {
    fn at(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    fn text(&self, span: Span) -> &'a str {
        span.slice(self.query)
    }

    fn span(&self, id: NodeId) -> Span {
        self.ast[id].span
    }

    /// A rewrite of one stretch, which only the author can judge.
    fn suggest(&self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Fix {
        Fix::replace(title, Applicability::Suggestion, self.at(span), text)
    }

    /// The node above, parentheses left out.
    fn consumer(&self, id: NodeId) -> Option<NodeId> {
        let mut above = self.parents[id.index()]?;
        while let ExprKind::Paren(_) = self.ast[above].kind {
            above = self.parents[above.index()]?;
        }
        Some(above)
    }

    fn kind(&self, selector: &VectorSelector) -> Option<Kind> {
        kind_of(metric_of(selector)?, self.facts)
    }

    /// The range selector that is an argument, parentheses left out.
    fn matrix(&self, id: NodeId) -> Option<&'a MatrixSelector> {
        match &self.ast[self.ast.unwrap_parens(id)].kind {
            ExprKind::Matrix(matrix) => Some(matrix),
            _ => None,
        }
    }
}

/// The one metric that a selector names.
fn metric_of(selector: &VectorSelector) -> Option<&str> {
    let named = |op, name: &str| op == MatchOp::Equal && name == METRIC_NAME;
    selector.matchers.iter().find(|m| named(m.op, &m.name)).map(|m| &*m.value)
}

/// The type of a metric, and where it is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// From metadata or from the program that exposes the metric.
    Known(MetricKind),
    /// The name has the suffix of a counter, and nothing else is known of the metric.
    CounterByName,
}

impl Kind {
    const fn get(self) -> MetricKind {
        match self {
            Self::Known(kind) => kind,
            Self::CounterByName => MetricKind::Counter,
        }
    }

    /// "is a counter", or what is known of it.
    const fn is_a_counter(self) -> &'static str {
        match self {
            Self::Known(_) => "is a counter",
            Self::CounterByName => "is named like a counter",
        }
    }
}

/// The type of a metric from its metadata. Without metadata, a name with the suffix of a counter is
/// that of a counter. Names with a colon are those of rules, which follow no such convention.
fn kind_of(metric: &str, facts: &dyn Facts) -> Option<Kind> {
    let by_name = metric.ends_with("_total") && !metric.contains(':');
    let known = facts.metric_kind(metric).map(Kind::Known);
    known.or_else(|| by_name.then_some(Kind::CounterByName))
}

/// A window for rates: four scrapes, and a minute at least.
fn good_window(metric: Option<&str>, facts: &dyn Facts) -> Duration {
    const USUAL: Duration = Duration::from_secs(300);
    const LEAST: Duration = Duration::from_secs(60);
    let interval = metric.and_then(|metric| facts.scrape_interval(metric));
    interval.map_or(USUAL, |interval| Duration(interval.millis().saturating_mul(4)).max(LEAST))
}

/// The name of a called function in the text.
fn name_span(call: &Call, whole: Span) -> Span {
    Span::new(whole.start, whole.start + call.function.name().len() as u32)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Shop;
    use super::*;
    use crate::syntax::{ParserOptions, parse};
    use text::apply_edits;

    /// Each finding's code, and the query with its first fix made.
    pub(super) fn findings(query: &str) -> Vec<(String, String)> {
        let file = FileId(3);
        let found = match parse(query, &ParserOptions::ALL) {
            Ok(ast) => lint(query, &ast, &Shop, file),
            Err(_) => explain_refusal(query, &Shop, file).into_iter().collect(),
        };
        found
            .into_iter()
            .map(|finding| {
                let fixed = finding.fixes.first().map_or_else(String::new, |fix| {
                    let text = apply_edits(query, file, &fix.edits).unwrap();
                    if let Err(error) = parse(&text, &ParserOptions::ALL) {
                        panic!("the fix of {query} does not parse: {text}: {error}");
                    }
                    text
                });
                (finding.code.into_owned(), fixed)
            })
            .collect()
    }

    fn only(query: &str, code: &str, fixed: &str) {
        assert_eq!(findings(query), [(code.to_owned(), fixed.to_owned())], "{query}");
    }

    #[test]
    fn sound_queries_have_no_findings() {
        for query in [
            "sum by (job) (rate(http_requests_total[5m]))",
            "histogram_quantile(0.9, sum by (le, job) (rate(latency_seconds_bucket[1m])))",
            "histogram_quantile(0.9, sum(rate(latency_native[1m])))",
            "count(http_requests_total)",
            "count by (job) ((sum by (instance, job) (http_requests_total)))",
            "absent(http_requests_total)",
            "http_requests_total > 0 and up",
            "delta(queue_length[5m]) + deriv(queue_length[1h])",
            "avg(queue_length) / max_over_time(queue_length[15s])",
            "up{job=~\"a|b\", instance!~\"x.*\"}",
            "quantile(0.5, queue_length)",
            "sum(unknown_metric)",
        ] {
            assert_eq!(findings(query), [], "{query}");
        }
    }

    #[test]
    fn counters_without_a_rate() {
        let code = "raw-counter";
        only("http_requests_total", code, "rate(http_requests_total[1m])");
        only(
            "sum by (job) (http_requests_total{code=~\"5..\"} offset 1h)",
            code,
            "sum by (job) (rate(http_requests_total{code=~\"5..\"}[1m] offset 1h))",
        );
        only("sum((other_total))", code, "sum((rate(other_total[1m])))");
        only(
            "queue_length / {__name__=\"http_requests_total\"}",
            code,
            "queue_length / rate({__name__=\"http_requests_total\"}[1m])",
        );
        only(
            "histogram_quantile(0.9, sum by (le) (latency_seconds_bucket))",
            code,
            "histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[1m])))",
        );
    }

    #[test]
    fn functions_of_the_other_kind() {
        only("rate(queue_length[5m])", "rate-of-gauge", "deriv(queue_length[5m])");
        only("increase((queue_length[5m]))", "rate-of-gauge", "delta((queue_length[5m]))");
        only(
            "delta(http_requests_total[5m])",
            "delta-of-counter",
            "increase(http_requests_total[5m])",
        );
        only("deriv(http_requests_total[5m])", "delta-of-counter", "rate(http_requests_total[5m])");
        only("predict_linear(http_requests_total[5m], 60)", "delta-of-counter", "");
    }

    #[test]
    fn rates_of_aggregates() {
        let code = "rate-of-aggregate";
        only(
            "rate(sum by (job) (http_requests_total{a=\"b\"})[5m:])",
            code,
            "sum by (job) (rate(http_requests_total{a=\"b\"}[5m]))",
        );
        only("increase(max(abs(queue_length))[5m:1m])", code, "");
        // Those that Prometheus refuses.
        only("rate(sum(http_requests_total)[5m])", code, "sum(rate(http_requests_total[5m]))");
        only("rate(sum(http_requests_total[2m]))", code, "sum(rate(http_requests_total[2m]))");
        only("1 + rate(sum(up{a=\"b\"}))", code, "1 + sum(rate(up{a=\"b\"}[1m]))");
        only("irate(sum(up[2m]) by (job)) > 3", code, "sum by (job) (irate(up[2m])) > 3");
        only("rate(sum by (a, b) (up)[5m])", code, "sum by (a, b) (rate(up[5m]))");
    }

    #[test]
    fn ranges_left_out() {
        only("rate(up{a=\"b\"})", "missing-range", "rate(up{a=\"b\"}[1m])");
        only(
            "max(avg_over_time(queue_length))",
            "missing-range",
            "max(avg_over_time(queue_length[1m]))",
        );
        let renamed = match cfg!(feature = "experimental-functions") {
            true => "1 + double_exponential_smoothing(up[5m], 0.5, 0.5)",
            false => "",
        };
        only("1 + holt_winters(up[5m], 0.5, 0.5)", "renamed-function", renamed);
        assert_eq!(findings("rate(up +)"), []);
        assert_eq!(findings("rate(sum(up[5m]) + 1)"), []);
    }

    #[test]
    fn quantiles() {
        let lost = "quantile-without-le";
        only(
            "histogram_quantile(0.9, sum(rate(latency_seconds_bucket[5m])))",
            lost,
            "histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m])))",
        );
        only(
            "histogram_quantile(0.9, sum by (job) (rate(latency_seconds_bucket[5m])))",
            lost,
            "histogram_quantile(0.9, sum by (le, job) (rate(latency_seconds_bucket[5m])))",
        );
        only(
            "histogram_quantile(0.9, sum(rate(latency_seconds_bucket[5m])) without (le, job))",
            lost,
            "histogram_quantile(0.9, sum without (job) (rate(latency_seconds_bucket[5m])))",
        );
        only(
            "histogram_quantile(95, rate(latency_native[5m]))",
            "quantile-out-of-range",
            "histogram_quantile(0.95, rate(latency_native[5m]))",
        );
        only("quantile(-1, queue_length)", "quantile-out-of-range", "");
        only(
            "avg by (job) (histogram_quantile(0.9, rate(latency_native[5m])))",
            "averaged-quantile",
            "",
        );
        only("avg(rpc_seconds{quantile=\"0.9\"})", "averaged-quantile", "");
    }

    #[test]
    fn windows_and_regexes() {
        let short = "window-too-short";
        only("rate(http_requests_total[20s])", short, "rate(http_requests_total[1m])");
        only("delta(queue_length[15s] offset 5m)", short, "delta(queue_length[1m] offset 5m)");
        assert_eq!(findings("rate(http_requests_total[30s])"), []);
        only("up{job=~\"a\"}", "needless-regex", "up{job=\"a\"}");
        only("up{job !~ 'a b'}", "needless-regex", "up{job!=\"a b\"}");
        only("up{job=~\"^a.*$\"}", "needless-anchor", "up{job=~\"a.*\"}");
        assert_eq!(findings("up{job=~\"a\\\\$\"}"), []);
    }

    #[test]
    fn examples_give_their_finding() {
        for code in CODES {
            let found = findings(code.example);
            assert!(found.iter().any(|(found, _)| found == code.code), "{}: {found:?}", code.code);
        }
    }
}
