//! Windows that hold too little, and matchers that say too much.

use super::{Subject, good_window, metric_of};
use crate::syntax::{Call, DurationArg, MatrixSelector, VectorSelector};
use crate::{MatchOp, Matcher};
use go::Duration;
use text::{Applicability, Code, Diagnostic, Fix, Span};

pub(super) const WINDOW_TOO_SHORT: Code = Code {
    code: "window-too-short",
    title: "A window below two scrapes",
    doc: "rate and its kin compare samples, so a window must hold two. One of exactly two scrape \
          intervals does, as long as no scrape is late or missed; one that is shorter holds a \
          single sample at least now and then, and the result has gaps or is empty.\n\nMake it \
          four scrape intervals wide: then a failed scrape leaves no gap.",
    example: "rate(http_requests_total[15s])",
};

pub(super) const NEEDLESS_REGEX: Code = Code {
    code: "needless-regex",
    title: "A regular expression that matches one text",
    doc: "Without a metacharacter a regular expression matches exactly its own text, as it is always \
          anchored at both ends. The plain operators say the same, and are looked up directly.",
    example: "up{job=~\"proxy\"}",
};

pub(super) const NEEDLESS_ANCHOR: Code = Code {
    code: "needless-anchor",
    title: "Anchors around a regular expression",
    doc: "Prometheus anchors every regular expression of a matcher at both ends, so ^ and $ there \
          change nothing.",
    example: "up{job=~\"^proxy.*$\"}",
};

/// A window that cannot always hold the two samples that the function needs.
pub(super) fn short_window(subject: &Subject<'_>, call: &Call, findings: &mut Vec<Diagnostic>) {
    if !call.function.get().traits.two_samples {
        return;
    }
    let Some(&arg) = call.args.first() else { return };
    let Some(matrix) = subject.matrix(arg) else { return };
    let Some(metric) = metric_of(&matrix.selector) else { return };
    let Some(interval) = subject.facts.scrape_interval(metric) else { return };
    let DurationArg::Fixed(window) = matrix.range else { return };
    let extended = matrix.selector.anchored || matrix.selector.smoothed;
    if extended || window.millis() >= interval.millis().saturating_mul(2) {
        return;
    }
    let whole = subject.span(subject.ast.unwrap_parens(arg));
    let name = call.function.name();
    let holds = match window.millis() < interval.millis() {
        true => "mostly no sample",
        false => "often a single sample",
    };
    let mut finding = Diagnostic::warning(
        "window-too-short",
        subject.at(whole),
        format!("a window of {window} holds {holds}, and {name} needs two"),
    )
    .with_help(format!("{metric} is scraped every {interval}."));
    if let Some(range) = range_span(subject, matrix, whole, window) {
        let better = good_window(Some(metric), subject.facts);
        let title = format!("Widen it to {better}");
        finding = finding.with_fix(subject.suggest(title, range, better.to_string()));
    }
    findings.push(finding);
}

/// The span of the range between its brackets. Returns None if it is not a plain duration.
fn range_span(
    subject: &Subject<'_>,
    matrix: &MatrixSelector,
    whole: Span,
    window: Duration,
) -> Option<Span> {
    let behind = Span::new(matrix.selector.span.end, whole.end);
    let text = subject.text(behind);
    let open = text.find('[')? + 1;
    let close = open + text.get(open..)?.find(']')?;
    let start = behind.start + open as u32;
    let span = Span::new(start, behind.start + close as u32);
    let written = Duration::parse(subject.text(span).trim()).ok()?;
    (written == window).then_some(span)
}

/// Regular expressions that are none, or are anchored once too often.
pub(super) fn regexes(
    subject: &Subject<'_>,
    selector: &VectorSelector,
    findings: &mut Vec<Diagnostic>,
) {
    for matcher in &selector.matchers {
        let plain_op = match matcher.op {
            MatchOp::Regex => MatchOp::Equal,
            MatchOp::NotRegex => MatchOp::NotEqual,
            _ => continue,
        };
        let (code, message, op, value) = if is_literal(&matcher.value) {
            ("needless-regex", "this matches one text only", plain_op, &*matcher.value)
        } else if let Some(inner) = without_anchors(&matcher.value) {
            let message = "regular expressions are anchored at both ends anyway";
            ("needless-anchor", message, matcher.op, inner)
        } else {
            continue;
        };
        let name = matcher.name.clone();
        let Ok(fixed) = Matcher::new(op, name, value, matcher.span) else { continue };
        let location = subject.at(matcher.span);
        let fix = Fix::replace(
            format!("Write {fixed}"),
            Applicability::Safe,
            location,
            fixed.to_string(),
        );
        findings.push(Diagnostic::info(code, location, message).with_fix(fix));
    }
}

/// Not empty and without metacharacters.
fn is_literal(pattern: &str) -> bool {
    !pattern.is_empty() && !pattern.contains(|c| r"\.+*?()|[]{}^$".contains(c))
}

/// Returns the pattern without `^` at its start and `$` at its end. Returns None for patterns with
/// alternatives, because an anchor binds to one branch only.
fn without_anchors(pattern: &str) -> Option<&str> {
    if pattern.contains('|') {
        return None;
    }
    let front = pattern.strip_prefix('^');
    let rest = front.unwrap_or(pattern);
    let behind = rest.strip_suffix('$').filter(|before| {
        // An odd number of backslashes makes it a dollar sign.
        before.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 0
    });
    (front.is_some() || behind.is_some()).then(|| behind.unwrap_or(rest))
}
