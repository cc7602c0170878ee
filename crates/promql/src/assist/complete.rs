//! Completion of queries, half-typed ones too.

use std::collections::BTreeSet;
use text::IndexSort;

use super::Facts;
use super::context::{CursorContext, Frame, Slot, cursor_context};
use crate::syntax::{AggregateOp, BinaryOp, FUNCTIONS, Lexer, TokenKind, ValueType, find_keyword};
use text::Span;

/// Suggestions for one position, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The text that a completion replaces: the word at the place as far as it is written.
    pub span: Span,
    /// The completions, best match first.
    pub items: Vec<Completion>,
}

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The text that a list shows.
    pub label: String,
    /// The text that is inserted.
    pub insert: String,
    /// The kind.
    pub kind: CompletionKind,
    /// A few words: a type, a signature.
    pub detail: String,
    /// Whole sentences, or nothing.
    pub doc: String,
}

/// The kind of a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompletionKind {
    /// A metric name.
    Metric,
    /// A function.
    Function,
    /// An aggregation operator.
    Aggregation,
    /// A label name.
    LabelName,
    /// A label value.
    LabelValue,
    /// A duration.
    Duration,
    /// A binary operator or an operator of a matcher.
    Operator,
    /// A modifier or another keyword.
    Keyword,
}

/// The maximum number of completions.
const MOST_ITEMS: usize = 200;

/// Functions that most queries use, the most frequent first. They come before all others.
const COMMON: &[&str] = &[
    "rate",
    "increase",
    "histogram_quantile",
    "irate",
    "avg_over_time",
    "max_over_time",
    "min_over_time",
    "sum_over_time",
    "count_over_time",
    "last_over_time",
    "quantile_over_time",
    "label_replace",
    "absent",
    "time",
    "delta",
    "deriv",
    "predict_linear",
    "changes",
    "resets",
    "vector",
    "round",
    "clamp_min",
    "clamp_max",
];

/// Durations to begin with.
const DURATIONS: &[&str] = &["1m", "5m", "10m", "30m", "1h", "6h", "1d", "1w"];
const UNITS: &[(&str, &str)] = &[
    ("ms", "milliseconds"),
    ("s", "seconds"),
    ("m", "minutes"),
    ("h", "hours"),
    ("d", "days"),
    ("w", "weeks"),
    ("y", "years"),
];

/// Returns suggestions for a byte offset of a query.
pub fn complete(query: &str, offset: u32, facts: &dyn Facts) -> Completions {
    let cursor_context = cursor_context(query, offset);
    let written = cursor_context.word.slice(query);
    let mut list = List { written, ranked: Vec::new() };
    suggest(&mut list, query, &cursor_context, facts);
    list.ranked.index_sort_by(|(a, left), (b, right)| {
        (a, left.kind == CompletionKind::Function, &left.label).cmp(&(
            b,
            right.kind == CompletionKind::Function,
            &right.label,
        ))
    });
    let items = list.ranked.into_iter().take(MOST_ITEMS).map(|(_, item)| item).collect();
    Completions { span: cursor_context.word, items }
}

/// Returns the suggestions that match the written text, with their rank.
struct List<'a> {
    written: &'a str,
    ranked: Vec<((u8, usize), Completion)>,
}

impl List<'_> {
    fn add(
        &mut self,
        kind: CompletionKind,
        label: &str,
        insert: impl Into<String>,
        detail: impl Into<String>,
        doc: &str,
    ) {
        // Durations keep the order in which they are added, functions have the order of their use.
        let order = match kind {
            CompletionKind::Duration => self.ranked.len(),
            CompletionKind::Function => {
                1 + COMMON.iter().position(|name| *name == label).unwrap_or(COMMON.len())
            }
            _ => 0,
        };
        if let Some(rank) = rank(label, self.written) {
            self.ranked.push((
                (rank, order),
                Completion {
                    label: label.to_owned(),
                    insert: insert.into(),
                    kind,
                    detail: detail.into(),
                    doc: doc.to_owned(),
                },
            ));
        }
    }

    fn keyword(&mut self, name: &str, insert: &str) {
        let doc = find_keyword(name).map_or("", |word| word.doc);
        self.add(CompletionKind::Keyword, name, insert, "", doc);
    }
}

/// Begins with it, contains it, or contains its letters in order.
fn rank(label: &str, written: &str) -> Option<u8> {
    let (label, written) = (label.to_lowercase(), written.to_lowercase());
    if label.starts_with(&written) {
        return Some(0);
    }
    if label.contains(&written) {
        return Some(1);
    }
    let mut rest = label.chars();
    written.chars().all(|wanted| rest.any(|c| c == wanted)).then_some(2)
}

fn suggest(list: &mut List<'_>, query: &str, cursor_context: &CursorContext, facts: &dyn Facts) {
    let name = |span: Option<Span>| span.map(|span| span.slice(query));
    match cursor_context.slot {
        Slot::Operand => operands(list, cursor_context.frames.last(), facts),
        Slot::BehindOperator { comparison, matched } => {
            if comparison {
                list.keyword("bool", "bool ");
            }
            if matched {
                list.keyword("group_left", "group_left ()");
                list.keyword("group_right", "group_right ()");
            } else {
                list.keyword("on", "on ()");
                list.keyword("ignoring", "ignoring ()");
            }
            operands(list, None, facts);
        }
        Slot::Operator { selector, aggregation } => operators(list, selector, aggregation),
        Slot::AggregationBody => {
            list.keyword("by", "by ()");
            list.keyword("without", "without ()");
        }
        Slot::LabelName { matcher, metric } => {
            let names = match name(metric) {
                Some(metric) => facts.label_names(Some(metric)),
                None if matcher => facts.label_names(None),
                None => labels_of_query(query, facts),
            };
            for label in names.iter().filter(|name| *name != "__name__") {
                list.add(CompletionKind::LabelName, label, label, "", "");
            }
        }
        Slot::MatchOperator => {
            for (op, doc) in [
                ("=", "The value is exactly this; an empty one also means no label."),
                ("!=", "The value is not this."),
                ("=~", "The whole value matches the regular expression."),
                ("!~", "The whole value does not match the regular expression."),
            ] {
                list.add(CompletionKind::Operator, op, format!("{op}\""), "", doc);
            }
        }
        Slot::LabelValue { label, metric } => {
            for value in facts.label_values(name(metric), label.slice(query)) {
                let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
                list.add(CompletionKind::LabelValue, &value, escaped, "", "");
            }
        }
        Slot::Duration => durations(list),
        Slot::Timestamp => {
            let doc = find_keyword("@").map_or("", |word| word.doc);
            for time in ["start()", "end()"] {
                list.add(CompletionKind::Keyword, time, time, "of the query's range", doc);
            }
        }
        Slot::Unknown => {}
    }
}

fn operands(list: &mut List<'_>, frame: Option<&Frame>, facts: &dyn Facts) {
    let wanted = match frame {
        Some(&Frame::Call(function, before)) => {
            let function = function.get();
            function.param_of(before).and_then(|at| function.args.get(at)).copied()
        }
        Some(&Frame::Aggregation { op, before: 0, .. }) if op.takes_param() => match op {
            AggregateOp::CountValues => Some(ValueType::String),
            _ => Some(ValueType::Scalar),
        },
        _ => None,
    };
    let range = wanted == Some(ValueType::Matrix);
    if wanted == Some(ValueType::String) {
        return;
    }
    if wanted != Some(ValueType::Scalar) {
        for metric in facts.metric_names() {
            let kind = facts.metric_kind(&metric).map_or("metric", |kind| kind.name());
            let help = facts.metric_help(&metric).unwrap_or_default();
            let insert = if range { format!("{metric}[5m]") } else { metric.clone() };
            list.add(CompletionKind::Metric, &metric, insert, kind, &help);
        }
    }
    if range {
        return;
    }
    for function in FUNCTIONS {
        let scalar = function.returns == ValueType::Scalar;
        if wanted == Some(ValueType::Scalar) && !scalar {
            continue;
        }
        let insert = match function.args.is_empty() {
            true => format!("{}()", function.name),
            false => format!("{}(", function.name),
        };
        list.add(
            CompletionKind::Function,
            function.name,
            insert,
            function.signature(),
            function.doc(),
        );
    }
    if wanted != Some(ValueType::Scalar) {
        for op in AggregateOp::ALL {
            let insert = format!("{}(", op.name());
            list.add(CompletionKind::Aggregation, op.name(), insert, "aggregation", op.word().doc);
        }
    }
}

fn operators(list: &mut List<'_>, selector: bool, aggregation: bool) {
    if aggregation {
        list.keyword("by", "by ()");
        list.keyword("without", "without ()");
    }
    if selector {
        list.keyword("offset", "offset ");
        list.keyword("@", "@ ");
        list.keyword("anchored", "anchored");
        list.keyword("smoothed", "smoothed");
    }
    for op in BinaryOp::ALL {
        let symbol = op.symbol();
        list.add(CompletionKind::Operator, symbol, format!("{symbol} "), "", op.word().doc);
    }
}

/// Ready-made durations; after digits the units.
fn durations(list: &mut List<'_>) {
    let digits = list.written.bytes().take_while(u8::is_ascii_digit).count();
    let number = list.written.get(..digits).unwrap_or_default().to_owned();
    if number.is_empty() {
        for duration in DURATIONS {
            list.add(CompletionKind::Duration, duration, *duration, "", "");
        }
        for word in ["step()", "range()"] {
            let name = word.trim_end_matches("()");
            let doc = FUNCTIONS.iter().find(|f| f.name == name).map_or("", |f| f.doc());
            list.add(CompletionKind::Duration, word, word, "", doc);
        }
    } else {
        for (unit, name) in UNITS {
            let duration = format!("{number}{unit}");
            list.add(CompletionKind::Duration, &duration, duration.clone(), *name, "");
        }
    }
}

/// The labels of all metrics that a query names, or of all series where it names none.
fn labels_of_query(query: &str, facts: &dyn Facts) -> Vec<String> {
    let known: BTreeSet<String> = facts.metric_names().into_iter().collect();
    let mut named = BTreeSet::new();
    let mut lexer = Lexer::new(query);
    loop {
        let token = lexer.next_token();
        match token.kind {
            TokenKind::Eof => break,
            TokenKind::Identifier | TokenKind::MetricIdentifier => {
                named.extend(known.get(token.span.slice(query)));
            }
            _ => {}
        }
    }
    let mut labels: Vec<String> =
        named.into_iter().flat_map(|metric| facts.label_names(Some(metric))).collect();
    if labels.is_empty() {
        labels = facts.label_names(None);
    }
    labels.index_sort();
    labels.dedup();
    labels
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Shop;
    use super::*;

    /// The inserted texts of the first `count` suggestions at the `|`.
    fn at(query: &str, count: usize) -> Vec<String> {
        let offset = query.find('|').unwrap();
        let completions = complete(&query.replace('|', ""), offset as u32, &Shop);
        completions.items.into_iter().take(count).map(|item| item.insert).collect()
    }

    #[test]
    fn what_fits_comes_first() {
        assert_eq!(at("qu|", 3), ["quantile(", "queue_length", "quantile_over_time("]);
        assert_eq!(at("ra|", 2), ["rate(", "rad("]);
        assert_eq!(at("avg_|", 1), ["avg_over_time("]);
        assert_eq!(at("clamp|", 3), ["clamp_min(", "clamp_max(", "clamp("]);
        assert_eq!(at("rate(http|", 3), ["http_requests_total[5m]"]);
        assert_eq!(at("sum(http|", 1), ["http_requests_total"]);
        assert_eq!(at("vector(ti|", 1), ["time()"]);
        assert_eq!(at("sum(up) b|", 1), ["by ()"]);
        assert_eq!(at("sum w|", 1), ["without ()"]);
        assert_eq!(at("up o|", 2), ["offset ", "or "]);
        assert_eq!(at("up == b|", 1), ["bool "]);
        assert_eq!(at("up * on (job) group_|", 2), ["group_left ()", "group_right ()"]);
    }

    #[test]
    fn labels_and_their_values() {
        assert_eq!(at("up{|", 9), ["instance", "job"]);
        assert_eq!(at("{|", 9), ["code", "instance", "job", "le"]);
        assert_eq!(at("sum by (|) (up)", 9), ["instance", "job"]);
        assert_eq!(at("up{job|", 9), ["job"]);
        assert_eq!(at("up{job |", 9), ["!=\"", "!~\"", "=\"", "=~\""]);
        assert_eq!(at("up{job=\"|", 9), ["giftcards", "proxy \\\"a\\\""]);
        assert_eq!(at("up{instance=\"a\", job=~\"gi|\"}", 9), ["giftcards"]);
    }

    #[test]
    fn durations() {
        assert_eq!(at("up[|", 2), ["1m", "5m"]);
        assert_eq!(at("up[s|", 1), ["step()"]);
        assert_eq!(at("up[15|", 7), ["15ms", "15s", "15m", "15h", "15d", "15w", "15y"]);
        assert_eq!(at("up offset |", 1), ["1m"]);
        assert_eq!(at("up @ |", 2), ["end()", "start()"]);
    }

    #[test]
    fn nothing_within_strings_and_comments() {
        for query in ["label_join(up, \"|", "up # |", "count_values(|"] {
            assert!(at(query, 1).is_empty(), "{query}");
        }
    }
}
