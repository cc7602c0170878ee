//! Properties that hold for any text given to the PromQL parser: no panic, spans that fit, and a
//! printed form that reads back as the same expression.
//!
//! `PROPTEST_CASES=1000000 cargo test -p promql --test syntax` runs for minutes.

use std::sync::LazyLock;

use go::Duration;
use promql::assist::lints::{explain_refusal, lint};
use promql::assist::{Facts, MetricKind, complete, hover};
use promql::syntax::{Ast, ParserOptions, parse};
use proptest::prelude::*;
use text::{FileId, Span, apply_edits};

/// Queries that use every corner of the language; mutations start from them.
const SEEDS: &[&str] = &[
    "1 + -2 ^ 3 ^ -0x1f % 1e3 / .5 * 017 - 1_000",
    "sum by (job, \"nämé\") (rate(http_requests_total{code=~\"5..\", job!=\"a\"}[5m]))",
    "topk without (instance) (3, avg_over_time({\"weird.name\", \"dotted.label\"='x\\'y'}[1h:5m] offset -1d))",
    "histogram_quantile(0.9, sum(rate(x_bucket[5m] @ end())) by (le)) > bool 0.1",
    "a * on (x, y) group_left (z) fill_left (-1) fill_right (2m) b unless ignoring () c",
    "foo[max_of(step() * 2, (5m - 1) ^ 2):-range() % 7] @ 1609746000.123 offset (1h + 5)",
    "rate(foo[5m] smoothed) + increase(bar[1m] anchored @ start())",
    "label_replace(up, \"a\", \"$1\", `b`, \"(.*)\") or vector(NaN) and up == bool +Inf",
    "count_values(\"v\", quantile(0.5, limitk(2, sum)))  # a comment\n - offset offset 5m",
    "info(up, {k8s_cluster=~\".+\"}) </ 5 >/ time() atan2 pi()",
];

/// The seeds, and the queries of Prometheus's scripts where these are at hand.
static QUERIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut queries: Vec<String> = SEEDS.iter().map(|&seed| seed.to_owned()).collect();
    let folder = conformance::folder("promql").unwrap_or_default();
    for path in conformance::files(&folder, &[".test"]) {
        let text = conformance::read(&path);
        let evals = text.lines().filter(|line| line.starts_with("eval"));
        queries.extend(evals.filter_map(|line| line.splitn(5, ' ').last().map(str::to_owned)));
    }
    queries
});

/// Pieces that mean something to the lexer.
const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "=",
    "==",
    "!=",
    "=~",
    "!~",
    "<",
    "</",
    ">/",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "@",
    "#",
    "\n",
    " ",
    "\"",
    "'",
    "`",
    "\\",
    "\\x4",
    "5m",
    "1h30m",
    "0x1f",
    "1e",
    "08",
    ".",
    "..",
    "NaN",
    "inf",
    "up",
    "a:b",
    "sum",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "fill",
    "fill_left(1)",
    "fill_right(-2)",
    "bool",
    "offset",
    "start()",
    "end()",
    "step()",
    "range()",
    "max_of(",
    "min_of(",
    "anchored",
    "smoothed",
    "and",
    "or",
    "unless",
    "atan2",
    "rate(",
    "info(",
    "topk(",
    "label_join(",
    "é",
    "☃",
    "\u{fffd}",
    "{job=\"a\"}",
    "[5m]",
    "[5m:]",
    "1",
    "0",
    "time()",
];

fn printed(query: &str, ast: &Ast, text: &str, how: &str) {
    let again = parse(text, &ParserOptions::ALL)
        .unwrap_or_else(|e| panic!("{query:?} was printed ({how}) as {text:?}, which fails: {e}"));
    assert_eq!(again.to_string(), ast.to_string(), "{query:?} printed ({how}) as {text:?}");
    assert_eq!(again.len(), ast.len(), "{query:?} printed ({how}) as {text:?}");
}

fn fits(span: Span, query: &str) -> bool {
    query.get(span.range()).is_some()
}

/// Knows something about everything.
struct Anything;

impl Facts for Anything {
    fn metric_names(&self) -> Vec<String> {
        vec!["up".to_owned(), "é".to_owned()]
    }

    fn label_names(&self, _: Option<&str>) -> Vec<String> {
        vec!["job".to_owned()]
    }

    fn label_values(&self, _: Option<&str>, label: &str) -> Vec<String> {
        vec![label.to_owned()]
    }

    fn metric_kind(&self, metric: &str) -> Option<MetricKind> {
        let kinds = [MetricKind::Counter, MetricKind::Gauge, MetricKind::Histogram];
        kinds.get(metric.len() % 4).copied()
    }

    fn metric_help(&self, metric: &str) -> Option<String> {
        Some(metric.to_owned())
    }

    fn scrape_interval(&self, _: &str) -> Option<Duration> {
        Some(Duration::from_secs(60))
    }
}

/// Help at every place of a text, between its characters or not.
fn helpful(query: &str) {
    for offset in 0..=query.len() as u32 + 1 {
        let completions = complete(query, offset, &Anything);
        assert!(fits(completions.span, query), "{query:?} at {offset}");
        if let Some(hover) = hover(query, offset, &Anything) {
            assert!(fits(hover.span, query) && hover.span.touches(offset), "{query:?} at {offset}");
        }
    }
}

/// Findings are within the text, and their fixes apply; those of sound queries leave them sound.
fn findings(query: &str) {
    let parsed = parse(query, &ParserOptions::ALL);
    let found = match &parsed {
        Ok(ast) => lint(query, ast, &Anything, FileId(1)),
        Err(_) => explain_refusal(query, &Anything, FileId(1)).into_iter().collect(),
    };
    for finding in found {
        assert!(fits(finding.location.span, query), "{query:?}: {finding:?}");
        for fix in &finding.fixes {
            let fixed = apply_edits(query, FileId(1), &fix.edits)
                .unwrap_or_else(|| panic!("{query:?}: {finding:?}"));
            if let (Ok(_), Err(error)) = (&parsed, parse(&fixed, &ParserOptions::ALL)) {
                panic!("{query:?}: {finding:?} makes it {fixed:?}: {error}");
            }
        }
    }
}

/// Everything that must hold for any text.
fn sound(query: &str) {
    let ast = match parse(query, &ParserOptions::ALL) {
        Ok(ast) => ast,
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors.iter() {
                assert!(fits(error.span, query), "{query:?}: {error:?}");
            }
            return;
        }
    };
    let starts = ast.subtree_starts();
    for (id, expr) in ast.iter() {
        assert!(fits(expr.span, query), "{query:?}: {expr:?}");
        let mut next = starts[id.index()].0;
        for child in expr.kind.children() {
            assert!(child < id, "{query:?}: children come first");
            assert_eq!(starts[child.index()].0, next, "{query:?}: subtrees are runs");
            assert!(expr.span.contains_span(ast[child].span), "{query:?}: {expr:?}");
            next = child.0 + 1;
        }
        assert_eq!(next, id.0, "{query:?}: subtrees leave nothing out");
    }
    printed(query, &ast, &ast.to_string(), "on one line");
    for width in [10, 100] {
        printed(query, &ast, &ast.pretty_within(width), "over lines");
    }
}

#[test]
fn seeds_are_sound() {
    for query in SEEDS {
        assert!(parse(query, &ParserOptions::ALL).is_ok(), "{query}");
    }
    for query in &*QUERIES {
        sound(query);
    }
}

/// A query with one stretch replaced by a stretch of another, or by a piece.
fn mutated() -> impl Strategy<Value = String> {
    let queries = &*QUERIES;
    let query = move || any::<prop::sample::Index>().prop_map(move |at| at.get(queries).as_str());
    let place = || any::<prop::sample::Index>();
    let piece = prop_oneof![
        prop::sample::select(PIECES).prop_map(str::to_owned),
        (query(), place(), place()).prop_map(|(query, a, b)| {
            let (begin, end) = stretch(query, a, b);
            query[begin..end].to_owned()
        }),
    ];
    (query(), prop::collection::vec((place(), place(), piece), 1..4)).prop_map(|(query, edits)| {
        let mut text = query.to_owned();
        for (a, b, piece) in edits {
            let (begin, end) = stretch(&text, a, b);
            // Most edits are small.
            let end = if (end - begin) % 3 == 0 { end } else { begin };
            text.replace_range(begin..end, &piece);
        }
        text
    })
}

fn stretch(text: &str, a: prop::sample::Index, b: prop::sample::Index) -> (usize, usize) {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (a, b) = (*a.get(&places), *b.get(&places));
    (a.min(b), a.max(b))
}

proptest! {
    #[test]
    fn any_text(query in "\\PC{0,60}") {
        sound(&query);
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        sound(&pieces.concat());
        sound(&pieces.join(" "));
    }

    #[test]
    fn mutated_queries(query in mutated()) {
        sound(&query);
        findings(&query);
    }

    #[test]
    fn help_with_any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12)) {
        helpful(&pieces.concat());
    }
}
