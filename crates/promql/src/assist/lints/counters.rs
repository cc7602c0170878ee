//! Counters taken for gauges, and gauges for counters.

use super::{Kind, Subject, good_window, metric_of, name_span};
use crate::assist::MetricKind;
use crate::syntax::{
    AggregateOp, BinaryOp, Call, DurationArg, ExprKind, FunctionId, NodeId, VectorSelector,
};
use text::{Code, Diagnostic, Severity, Span};

pub(super) const RAW_COUNTER: Code = Code {
    code: "raw-counter",
    title: "A counter without a rate",
    doc: "A counter only ever grows, and begins anew at zero when its process restarts. Its value \
          says how long a process has been running more than what is going on, and sums of counters \
          fall whenever one of them restarts.\n\nTake its speed, rate, or its growth, increase, and \
          aggregate that.",
    example: "sum(http_requests_total)",
};

pub(super) const RATE_OF_GAUGE: Code = Code {
    code: "rate-of-gauge",
    title: "A counter's function on a gauge",
    doc: "rate, irate and increase take every fall of the value for a restart of a counter and add \
          up what came before it. On a gauge, which falls in the normal course of things, the \
          result is much too large.\n\nThe slope of a gauge is deriv, its difference delta.",
    example: "rate(queue_length[5m])",
};

pub(super) const DELTA_OF_COUNTER: Code = Code {
    code: "delta-of-counter",
    title: "A gauge's function on a counter",
    doc: "delta, idelta, deriv and predict_linear know nothing of restarts: when a counter begins \
          anew, they show a fall.\n\nThe growth of a counter is increase, its speed rate.",
    example: "delta(http_requests_total[5m])",
};

pub(super) const RATE_OF_AGGREGATE: Code = Code {
    code: "rate-of-aggregate",
    title: "A rate of an aggregate",
    doc: "When one of several counters restarts, their sum falls a little, and rate takes that for \
          a restart of the whole: it adds the full sum once more, and the result leaps up.\n\n\
          Take the rate of each counter first and aggregate the rates.",
    example: "rate(sum(http_requests_total)[5m:])",
};

/// Returns true if an aggregation above counts series, whatever their values are, as in
/// `count(sum by (instance, cpu) (node_cpu_seconds_total))`.
fn counts_series(subject: &Subject<'_>, id: NodeId) -> bool {
    let mut below = id;
    while let Some(above) = subject.consumer(below) {
        let ExprKind::Aggregate(aggregate) = &subject.ast[above].kind else { return false };
        if matches!(
            aggregate.op,
            AggregateOp::Count | AggregateOp::Group | AggregateOp::CountValues
        ) {
            return true;
        }
        below = above;
    }
    false
}

/// A counter shown, aggregated or divided as it is.
pub(super) fn raw_counter(
    subject: &Subject<'_>,
    id: NodeId,
    selector: &VectorSelector,
    findings: &mut Vec<Diagnostic>,
) {
    // Below a subquery a function above works on the values.
    let Some(kind) = subject.kind(selector).filter(|kind| kind.get() == MetricKind::Counter) else {
        return;
    };
    if subject.below_subquery[id.index()] {
        return;
    }
    if counts_series(subject, id) {
        return;
    }
    let severity = match subject.consumer(id).map(|above| &subject.ast[above].kind) {
        None => Severity::Info,
        Some(ExprKind::Aggregate(aggregate)) => match aggregate.op {
            AggregateOp::Limitk | AggregateOp::LimitRatio => return,
            _ => Severity::Warning,
        },
        Some(ExprKind::Binary(binary)) if binary.op == BinaryOp::Div => Severity::Info,
        Some(ExprKind::Call(call)) if call.function == FunctionId::HistogramQuantile => {
            Severity::Warning
        }
        _ => return,
    };
    let metric = metric_of(selector).unwrap_or_default();
    let span = subject.span(id);
    let window = good_window(Some(metric), subject.facts);
    let modifiers = Span::new(selector.span.end, span.end);
    let text =
        format!("rate({}[{window}]{})", subject.text(selector.span), subject.text(modifiers));
    let (message, help) = match kind {
        Kind::Known(_) => (
            format!("{metric} is a counter and only ever grows"),
            "Use rate: a sum of counters decreases when one of them restarts.",
        ),
        Kind::CounterByName => (
            format!("{metric} {}; its type is not known here", kind.is_a_counter()),
            "If it is a counter, use rate: a sum of counters decreases when one of them restarts.",
        ),
    };
    let mut finding = Diagnostic::info("raw-counter", subject.at(span), message)
        .with_help(help)
        .with_fix(subject.suggest("Take its rate per second", span, text));
    // A conjecture is no more than a hint.
    finding.severity = if kind == Kind::CounterByName { Severity::Info } else { severity };
    findings.push(finding);
}

/// A function for counters on a gauge, or the other way round.
pub(super) fn wrong_function(
    subject: &Subject<'_>,
    id: NodeId,
    call: &Call,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(matrix) = call.args.first().and_then(|&arg| subject.matrix(arg)) else { return };
    let Some(kind) = subject.kind(&matrix.selector) else { return };
    let metric = metric_of(&matrix.selector).unwrap_or_default();
    let span = subject.span(id);
    let name = call.function.name();
    let better = match (kind.get(), call.function) {
        (MetricKind::Gauge, FunctionId::Rate | FunctionId::Irate) => Some("deriv"),
        (MetricKind::Gauge, FunctionId::Increase) => Some("delta"),
        (MetricKind::Counter, FunctionId::Delta) => Some("increase"),
        (MetricKind::Counter, FunctionId::Deriv) => Some("rate"),
        (MetricKind::Counter, FunctionId::Idelta) => Some("irate"),
        (MetricKind::Counter, FunctionId::PredictLinear) => None,
        _ => return,
    };
    let location = subject.at(span);
    let mut finding = if kind.get() == MetricKind::Gauge {
        let message = format!("{name} is for counters, but {metric} is a gauge");
        Diagnostic::warning("rate-of-gauge", location, message)
            .with_help("Each fall of the gauge is taken for a restart and added up.")
    } else {
        let message = format!("{name} is for gauges, but {metric} {}", kind.is_a_counter());
        let help = "A restart of the counter shows as a fall.";
        let mut finding =
            Diagnostic::warning("delta-of-counter", location, message).with_help(help);
        if kind == Kind::CounterByName {
            finding.severity = Severity::Info;
        }
        finding
    };
    if let Some(better) = better {
        let title = format!("Use {better}");
        finding = finding.with_fix(subject.suggest(title, name_span(call, span), better));
    }
    findings.push(finding);
}

/// `rate(sum(x)[5m:])`.
pub(super) fn rate_of_aggregate(
    subject: &Subject<'_>,
    id: NodeId,
    call: &Call,
    findings: &mut Vec<Diagnostic>,
) {
    if !call.function.get().traits.counter {
        return;
    }
    let inner = |id: NodeId| &subject.ast[subject.ast.unwrap_parens(id)].kind;
    let Some(ExprKind::Subquery(subquery)) = call.args.first().map(|&arg| inner(arg)) else {
        return;
    };
    let ExprKind::Aggregate(aggregate) = inner(subquery.expr) else { return };
    let span = subject.span(id);
    let name = call.function.name();
    let op = aggregate.op.name();
    let mut finding = Diagnostic::warning(
        "rate-of-aggregate",
        subject.at(span),
        format!("{name} cannot see restarts through {op}"),
    )
    .with_help("Take the rate of each series first, and aggregate the rates.");
    if let (ExprKind::Vector(selector), DurationArg::Fixed(range), None, None, None) =
        (inner(aggregate.expr), &subquery.range, aggregate.param, &subquery.offset, subquery.at)
    {
        let whole = subject.span(subject.ast.unwrap_parens(aggregate.expr));
        let modifiers = Span::new(selector.span.end, whole.end);
        let heading = subject.ast.heading(subject.ast.unwrap_parens(subquery.expr));
        let space = if aggregate.without || !aggregate.grouping.is_empty() { " " } else { "" };
        let text = format!(
            "{heading}{space}({name}({}[{range}]{}))",
            subject.text(selector.span),
            subject.text(modifiers)
        );
        let title = format!("Take {op} of the {name}");
        finding = finding.with_fix(subject.suggest(title, span, text));
    }
    findings.push(finding);
}
