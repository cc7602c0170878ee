//! Lints of the expressions in rule files, as for queries: with facts from the configuration about
//! the scrapes of their series.

use super::live;
use super::metric_types::known_kind;
use crate::workspace::sources::Sources;
use go::Duration;
use prometheus::config::Config;
use promql::assist::{Facts, MetricKind, grafana, lints};
use promql::syntax::{ExprKind, ParserOptions, parse};
use text::{Diagnostic, FileId, Location};
use yaml::{Node, Parsed, Source};

/// Expressions beyond these are not looked at.
const MOST: usize = 2_000;

/// All that is known without a single scrape: the shortest interval of all jobs, which no window
/// can do with less than, and the types of known metrics.
struct Jobs<'a> {
    interval: Option<Duration>,
    sources: &'a Sources,
}

impl Facts for Jobs<'_> {
    fn metric_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn label_names(&self, _: Option<&str>) -> Vec<String> {
        Vec::new()
    }

    fn label_values(&self, _: Option<&str>, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn metric_kind(&self, metric: &str) -> Option<MetricKind> {
        known_kind(self.sources, metric).or_else(|| live::metric_kind(self.sources, metric))
    }

    fn metric_help(&self, metric: &str) -> Option<String> {
        live::metric_help(self.sources, metric)
    }

    fn scrape_interval(&self, _: &str) -> Option<Duration> {
        self.interval
    }
}

/// Findings in the expressions of a rule file; `host` is the text of the whole file.
pub fn lint(parsed: &Parsed, host: &str, config: &Config, sources: &Sources) -> Vec<Diagnostic> {
    let intervals = config.scrape_configs.iter().map(|job| job.scrape_interval.value);
    let facts = Jobs { interval: intervals.min(), sources };
    nodes(parsed).flat_map(|node| of_expression(parsed.file, host, node, &facts)).collect()
}

/// The expressions of a rule file.
pub fn nodes(parsed: &Parsed) -> impl Iterator<Item = &Node> {
    let groups = parsed.root().and_then(|root| root.get("groups")).map_or(&[][..], Node::items);
    let rules = groups.iter().flat_map(|group| group.get("rules").map_or(&[][..], Node::items));
    rules.filter_map(|rule| rule.get("expr")).take(MOST)
}

/// Finds variables of Grafana in the matchers of an expression, where Prometheus compares with them.
pub fn dashboard_variables(source: &Source, whole: Location) -> Vec<Diagnostic> {
    let Ok(ast) = parse(&source.text, &ParserOptions::ALL) else { return Vec::new() };
    let mut found = Vec::new();
    for (_, expr) in ast.iter() {
        let ExprKind::Vector(selector) = &expr.kind else { continue };
        for matcher in &selector.matchers {
            let Some(variable) = grafana::dashboard_variable(&matcher.value) else { continue };
            let at = Location::new(whole.file, source.span_to_host(matcher.span));
            let message = format!(
                "`{variable}` is a variable of Grafana, and Prometheus compares with it as it stands"
            );
            let help = "Grafana replaces variables in queries of dashboards only. Write the value, or leave the matcher out.";
            found.push(Diagnostic::warning(grafana::VARIABLE, at, message).with_help(help));
        }
    }
    found
}

fn of_expression(file: FileId, host: &str, node: &Node, facts: &Jobs<'_>) -> Vec<Diagnostic> {
    let found = || {
        let source = Source::of_scalar(host, node)?;
        let ast = parse(&source.text, &ParserOptions::ALL).ok()?;
        let mut found = lints::lint(&source.text, &ast, facts, file);
        for one in &mut found {
            let place = |at: Location| Location::new(file, source.span_to_host(at.span));
            one.location = place(one.location);
            for related in &mut one.related {
                related.location = place(related.location);
            }
            for edit in one.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
                edit.location = place(edit.location);
            }
        }
        Some(found)
    };
    found().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::{Mode, NoFiles, load};
    use text::apply_edits;
    use yaml::parse as read;

    const CONFIG: &str = "global: {scrape_interval: 1m}\nscrape_configs:\n- job_name: slow\n- {job_name: quick, scrape_interval: 30s}\n";

    fn found(rules: &str) -> Vec<Diagnostic> {
        let config = load(&read(FileId(1), CONFIG), &NoFiles, Mode::Server).config;
        lint(&read(FileId(2), rules), rules, &config, &Sources::default())
    }

    fn file(expr: &str) -> String {
        format!("groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: {expr}\n")
    }

    #[test]
    fn a_window_wants_two_scrapes_of_the_quickest_job() {
        for (expr, window) in [
            ("rate(x_total[30s])", Some("[30s]")),
            ("|\n      sum(\n        rate(x_total[59s])\n      )", Some("[59s]")),
            ("rate(x_total[1m])", None),
            ("rate(", None),
        ] {
            let text = file(expr);
            let found = found(&text);
            let marked = found.first().map(|one| one.location.span.slice(&text));
            assert_eq!(marked.is_some(), window.is_some(), "{expr}: {found:?}");
            assert!(
                marked.is_none_or(|marked| marked.contains(window.unwrap_or_default())),
                "{marked:?}"
            );
        }
    }

    #[test]
    fn a_name_is_a_conjecture_and_the_type_of_a_known_metric_wins() {
        for (expr, expected) in [
            (
                "sum(orders_total)",
                Some("orders_total is named like a counter; its type is not known here"),
            ),
            (
                "sum(prometheus_http_requests_total)",
                Some("prometheus_http_requests_total is a counter and only ever grows"),
            ),
            (
                "delta(orders_total[5m])",
                Some("delta is for gauges, but orders_total is named like a counter"),
            ),
            ("sum(job:orders_total)", None),
            ("sum(process_open_fds)", None),
        ] {
            let found = found(&file(expr));
            assert_eq!(found.first().map(|one| one.message.as_str()), expected, "{expr}");
        }
    }

    #[test]
    fn a_fix_changes_the_rule_where_it_stands() {
        let text = file(">-\n      increase(x_total[10s])\n      > 0");
        let found = found(&text);
        let fix = found.iter().find_map(|one| one.fixes.first()).expect("a wider window");
        let mended = apply_edits(&text, FileId(2), &fix.edits).expect("edits that fit");
        assert!(mended.contains("increase(x_total[2m])"), "{mended}");
    }
}
