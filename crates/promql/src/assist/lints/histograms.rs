//! Quantiles that cannot come out right.

use super::{Subject, metric_of};
use crate::syntax::quote;
use crate::syntax::{Aggregate, AggregateOp, Call, ExprKind, FunctionId, NodeId};
use text::{Code, Diagnostic, Span};

pub(super) const QUANTILE_WITHOUT_LE: Code = Code {
    code: "quantile-without-le",
    title: "The buckets' bounds are lost before the quantile",
    doc: "A classic histogram is one series for each bucket, and the label le says where the bucket \
          ends. An aggregation that drops le throws all buckets together, and histogram_quantile \
          has nothing left to work on: its result is empty.\n\nKeep le in the grouping.",
    example: "histogram_quantile(0.9, sum(rate(latency_seconds_bucket[5m])))",
};

pub(super) const QUANTILE_OUT_OF_RANGE: Code = Code {
    code: "quantile-out-of-range",
    title: "A quantile that is no share",
    doc: "Quantiles go from 0 to 1: the 95th percentile is 0.95. Above 1 the result is +Inf, below 0 \
          it is -Inf.",
    example: "histogram_quantile(95, rate(latency_native[5m]))",
};

pub(super) const AVERAGED_QUANTILE: Code = Code {
    code: "averaged-quantile",
    title: "An aggregate of quantiles",
    doc: "The mean of several servers' 0.9 quantiles is not the 0.9 quantile of all requests: a \
          server with ten requests weighs as much as one with a million, and the shape of neither \
          is known any more.\n\nAggregate the histograms' buckets and take the quantile at the \
          end. From the quantiles of a summary there is no way back.",
    example: "avg(histogram_quantile(0.9, rate(latency_seconds_bucket[5m])))",
};

/// `histogram_quantile(φ, sum(rate(x_bucket[5m])))`.
pub(super) fn lost_le(subject: &Subject<'_>, call: &Call, findings: &mut Vec<Diagnostic>) {
    let vector = match call.function {
        FunctionId::HistogramQuantile => call.args.get(1),
        FunctionId::HistogramFraction => call.args.get(2),
        _ => return,
    };
    let Some(&vector) = vector else { return };
    let id = subject.ast.unwrap_parens(vector);
    let ExprKind::Aggregate(aggregate) = &subject.ast[id].kind else { return };
    let named = aggregate.grouping.iter().any(|label| &**label == "le");
    if named != aggregate.without || !over_buckets(subject, aggregate.expr) {
        return;
    }
    let span = subject.span(id);
    let labels: Vec<String> = if aggregate.without {
        let kept = aggregate.grouping.iter().filter(|label| &***label != "le");
        kept.map(|label| quoted(label)).collect()
    } else {
        let labels = aggregate.grouping.iter().map(|label| quoted(label));
        std::iter::once("le".to_owned()).chain(labels).collect()
    };
    let word = if aggregate.without { "without" } else { "by" };
    let param = aggregate
        .param
        .map_or_else(String::new, |param| format!("{}, ", subject.text(subject.span(param))));
    let text = format!(
        "{} {word} ({}) ({param}{})",
        aggregate.op.name(),
        labels.join(", "),
        subject.text(subject.span(aggregate.expr))
    );
    let message = format!("{} drops le, without which there are no buckets", aggregate.op.name());
    findings.push(
        Diagnostic::warning("quantile-without-le", subject.at(span), message)
            .with_help(format!("{} then gives nothing.", call.function.name()))
            .with_fix(subject.suggest("Keep le", span, text)),
    );
}

fn quoted(label: &str) -> String {
    if crate::is_legacy_label_name(label) { label.to_owned() } else { quote(label) }
}

/// Returns true if all selectors below the node select classic buckets.
fn over_buckets(subject: &Subject<'_>, id: NodeId) -> bool {
    let mut open = vec![id];
    let mut buckets = false;
    while let Some(id) = open.pop() {
        let kind = &subject.ast[id].kind;
        if let Some(selector) = kind.selector() {
            if !metric_of(selector).is_some_and(|name| name.ends_with("_bucket")) {
                return false;
            }
            buckets = true;
        }
        open.extend(kind.children());
    }
    buckets
}

/// The quantile of a function.
pub(super) fn call_quantile(subject: &Subject<'_>, call: &Call, findings: &mut Vec<Diagnostic>) {
    let function = call.function.get();
    for (at, &argument) in call.args.iter().enumerate() {
        let param = function.param_of(at).and_then(|at| function.params.get(at));
        if param == Some(&"quantile") {
            check_quantile(subject, argument, findings);
        }
    }
}

/// The quantile of an aggregation, and aggregations of quantiles.
pub(super) fn aggregate(
    subject: &Subject<'_>,
    id: NodeId,
    aggregate: &Aggregate,
    findings: &mut Vec<Diagnostic>,
) {
    if let (AggregateOp::Quantile, Some(quantile)) = (aggregate.op, aggregate.param) {
        check_quantile(subject, quantile, findings);
    }
    if !matches!(aggregate.op, AggregateOp::Avg | AggregateOp::Sum) {
        return;
    }
    let of_quantiles = match &subject.ast[subject.ast.unwrap_parens(aggregate.expr)].kind {
        ExprKind::Call(call) => call.function == FunctionId::HistogramQuantile,
        ExprKind::Vector(selector) => selector.matchers.iter().any(|m| &*m.name == "quantile"),
        _ => false,
    };
    if of_quantiles {
        let span = subject.span(id);
        let message = format!("{} of quantiles is no quantile", aggregate.op.name());
        findings.push(
            Diagnostic::warning("averaged-quantile", subject.at(span), message)
                .with_help("Aggregate the buckets first, and take the quantile of the whole."),
        );
    }
}

fn check_quantile(subject: &Subject<'_>, id: NodeId, findings: &mut Vec<Diagnostic>) {
    let id = subject.ast.unwrap_parens(id);
    let ExprKind::Number { value, .. } = subject.ast[id].kind else { return };
    if (0.0..=1.0).contains(&value) || value.is_nan() {
        return;
    }
    let span: Span = subject.span(id);
    let infinite = if value > 1.0 { "+Inf" } else { "-Inf" };
    let mut finding = Diagnostic::warning(
        "quantile-out-of-range",
        subject.at(span),
        format!("a quantile of {value} gives {infinite}: quantiles go from 0 to 1"),
    )
    .with_help("The 95th percentile is 0.95.");
    if value > 1.0 && value <= 100.0 {
        let share = (value / 100.0).to_string();
        finding = finding.with_fix(subject.suggest(format!("Use {share}"), span, share.clone()));
    }
    findings.push(finding);
}
