//! The parser of the text formats, with the errors of Prometheus.
//!
//! Source of the rules: prometheus model/textparse, and the OpenMetrics 1.0 specification.

use std::sync::Arc;

use super::scanner::{Scanner, Token};
use super::{
    Entry, Exemplar, ExposedSample, Exposition, ExpositionError, Format, InvalidLabels, MetricType,
    Record, format_openmetrics_float,
};
use go::number::{format_general, parse_float};
use go::quote::{quote, quote_bytes};
use promql::{LabelsBuilder, METRIC_NAME, Timestamp};
use text::Span;

/// Parses a body. Records end before the first error.
pub fn parse(body: &str, format: Format) -> Exposition {
    // Prometheus appends a line break to bodies of the text format.
    let padded;
    let body = match format {
        Format::PrometheusText => {
            padded = format!("{body}\n");
            &padded
        }
        Format::OpenMetrics => body,
    };
    let mut parser = Parser {
        scanner: Scanner::new(body, format),
        format,
        start: 0,
        line: 1,
        metric_type: MetricType::Unknown,
    };
    let mut result = Exposition::default();
    loop {
        parser.begin_record();
        match parser.record() {
            Ok(Some(entry)) => {
                result.records.push(Record { line: parser.line, span: parser.record_span(), entry })
            }
            Ok(None) => break,
            Err(message) => {
                let (line, span) = (parser.line, parser.record_span());
                result.error = Some(ExpositionError { line, span, message });
                break;
            }
        }
    }
    result
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    format: Format,
    /// The start of the record.
    start: usize,
    line: u32,
    /// The last `# TYPE`. Values of `le` and `quantile` of histograms and summaries are normalized.
    metric_type: MetricType,
}

/// The parts of a series that may occur in any order in its braces.
struct Series {
    name: Option<Arc<str>>,
    labels: LabelsBuilder,
    invalid_labels: Option<Box<InvalidLabels>>,
}

impl Series {
    fn new(name: Option<Arc<str>>) -> Self {
        Self { name, labels: LabelsBuilder::new(), invalid_labels: None }
    }

    fn add(&mut self, name: String, value: String) {
        if value.is_empty() {
            self.invalid_labels.get_or_insert_default().empty.push(name.into());
        } else if self.labels.get(&name).is_empty() {
            self.labels.set(name, value);
        } else {
            self.invalid_labels.get_or_insert_default().repeated.get_or_insert_with(|| name.into());
        }
    }
}

impl Parser<'_> {
    fn begin_record(&mut self) {
        let read = self.scanner.body.get(self.start..self.scanner.end).unwrap_or_default();
        self.line += read.bytes().filter(|&b| b == b'\n').count() as u32;
        self.start = self.scanner.end;
    }

    fn record_span(&self) -> Span {
        let read = self.scanner.body.get(self.start..self.scanner.end).unwrap_or_default();
        Span::new(self.start as u32, (self.start + read.trim_end_matches('\n').len()) as u32)
    }

    fn so_far(&self, end: usize) -> &str {
        self.scanner.body.get(self.start..end).unwrap_or_default()
    }

    /// The error `expected …, got "…" ("TOKEN") while parsing: "…"`. Both quotes include one byte
    /// past the token.
    fn unexpected(&self, expected: &str, got: Token) -> String {
        let body = self.scanner.body.as_bytes();
        // Both are cut at a byte, possibly inside a character.
        let end = body.len().min(self.scanner.end + 1);
        let quoted = |from: usize| quote_bytes(body.get(from..end).unwrap_or_default());
        let (lexeme, so_far) = (quoted(self.scanner.start), quoted(self.start));
        format!("{expected}, got {lexeme} ({}) while parsing: {so_far}", quote(got.name()))
    }

    fn while_parsing(&self, what: &str) -> String {
        format!("{what} while parsing: {}", quote(self.so_far(self.scanner.end)))
    }

    fn record(&mut self) -> Result<Option<Entry>, String> {
        loop {
            let token = self.scanner.next();
            match token {
                Token::End if self.format == Format::OpenMetrics => {
                    return Err("data does not end with # EOF".to_owned());
                }
                Token::End => return Ok(None),
                Token::EofWord => {
                    return match self.scanner.next() {
                        Token::End => Ok(None),
                        _ => Err("unexpected data after # EOF".to_owned()),
                    };
                }
                Token::LineBreak if self.format == Format::PrometheusText => self.begin_record(),
                Token::Help | Token::Type | Token::Unit => return self.metadata(token).map(Some),
                Token::Comment => {
                    return match self.scanner.next() {
                        Token::LineBreak => Ok(Some(Entry::Comment)),
                        got => Err(self.unexpected("linebreak expected after comment", got)),
                    };
                }
                Token::BraceOpen => {
                    let mut series = Series::new(None);
                    self.labels(&mut series, false)?;
                    let token = self.scanner.next();
                    return self.sample(series, token).map(Some);
                }
                Token::MetricName => {
                    // Leading blanks are part of the name, because Prometheus slices it from the
                    // start of the line.
                    let name = Some(unescaped(self.so_far(self.scanner.end)).into());
                    let mut series = Series::new(name);
                    let mut token = self.scanner.next();
                    if token == Token::BraceOpen {
                        self.labels(&mut series, false)?;
                        token = self.scanner.next();
                    }
                    return self.sample(series, token).map(Some);
                }
                got => return Err(self.unexpected("expected a valid start token", got)),
            }
        }
    }

    fn metadata(&mut self, keyword: Token) -> Result<Entry, String> {
        let word = keyword.name();
        let got = self.scanner.next();
        if got != Token::MetricName {
            return Err(self.unexpected(&format!("expected metric name after {word}"), got));
        }
        let family: Arc<str> = unquoted(self.scanner.lexeme()).into();
        let got = self.scanner.next();
        if got != Token::Text {
            return Err(match self.format {
                Format::OpenMetrics => format!("expected text in {word}"),
                Format::PrometheusText => format!("expected text in {word}, got {}", got.name()),
            });
        }
        // The rest of a multi-byte character after the name.
        let mut halved = None;
        let text = match self.format {
            Format::OpenMetrics => self.scanner.lexeme().trim_end_matches('\n').strip_prefix(' '),
            // One byte separates it from the name.
            Format::PrometheusText => self.scanner.lexeme().get(1..).or_else(|| {
                halved = self.scanner.lexeme().as_bytes().get(1..);
                None
            }),
        }
        .unwrap_or_default();
        if let Some(bytes) = halved.filter(|bytes| !bytes.is_empty()) {
            let bytes = quote_bytes(bytes);
            return Err(match keyword {
                Token::Type => format!("invalid metric type {bytes}"),
                _ => format!("help text {bytes} is not a valid utf8 string"),
            });
        }
        let entry = match keyword {
            Token::Type => {
                let metric_type = metric_type(text, self.format)?;
                self.metric_type = metric_type;
                Entry::Type { family, metric_type }
            }
            Token::Unit => {
                let suffixed = family.strip_suffix(text).is_some_and(|stem| stem.ends_with('_'));
                if !text.is_empty() && !suffixed {
                    let (unit, metric) = (quote(text), quote(&family));
                    return Err(format!("unit {unit} not a suffix of metric {metric}"));
                }
                Entry::Unit { family, unit: text.into() }
            }
            _ => {
                let quotes = self.format == Format::OpenMetrics;
                Entry::Help { family, text: unescape(text, quotes).into() }
            }
        };
        if self.format == Format::PrometheusText {
            let got = self.scanner.next();
            if got != Token::LineBreak {
                return Err(self.unexpected("linebreak expected after metadata", got));
            }
        }
        Ok(entry)
    }

    /// Parses labels up to the closing brace. A quoted string without a value is the metric name.
    fn labels(&mut self, series: &mut Series, exemplar: bool) -> Result<(), String> {
        let mut token = self.scanner.next();
        loop {
            let quoted = match token {
                Token::BraceClose => return Ok(()),
                Token::LabelName => false,
                Token::QuotedString => true,
                got => return Err(self.unexpected("expected label name", got)),
            };
            let name = if quoted {
                unquoted(self.scanner.lexeme())
            } else {
                self.scanner.lexeme().to_owned()
            };
            token = self.scanner.next();
            if quoted && matches!(token, Token::Comma | Token::BraceClose) {
                if exemplar {
                    return Err(self.unexpected("expected label name", token));
                }
                if series.name.is_some() {
                    return Err(self.while_parsing("metric name already set"));
                }
                series.name = Some(name.into());
                if token == Token::BraceClose {
                    return Ok(());
                }
                token = self.scanner.next();
                continue;
            }
            if token != Token::Equal {
                return Err(self.unexpected("expected equal", token));
            }
            token = self.scanner.next();
            if token != Token::LabelValue {
                return Err(self.unexpected("expected label value", token));
            }
            let value = unquoted(self.scanner.lexeme());
            let value = if exemplar { value } else { self.canonical(&name, value) };
            series.add(name, value);
            token = self.scanner.next();
            if token == Token::Comma {
                token = self.scanner.next();
            } else if token != Token::BraceClose && self.format == Format::OpenMetrics {
                return Err(self.unexpected("expected comma or brace close", token));
            }
        }
    }

    /// Normalizes `le` and `quantile` to the OpenMetrics notation: `le="1"` becomes `1.0`.
    fn canonical(&self, name: &str, value: String) -> String {
        let bound = matches!(
            (self.metric_type, name),
            (MetricType::Histogram, "le") | (MetricType::Summary, "quantile")
        );
        match parse_float(&value) {
            Ok(number) if bound => format_openmetrics_float(number),
            _ => value,
        }
    }

    fn sample(&mut self, mut series: Series, token: Token) -> Result<Entry, String> {
        let Some(name) = series.name.take() else {
            return Err(self.while_parsing("metric name not set"));
        };
        if !series.labels.get(METRIC_NAME).is_empty() {
            series.invalid_labels.get_or_insert_default().repeated = Some(METRIC_NAME.into());
        }
        series.labels.set(METRIC_NAME, name);
        let value = self.number(token, "metric")?;
        let (timestamp, exemplar) = match self.format {
            Format::PrometheusText => (self.text_timestamp()?, None),
            Format::OpenMetrics => self.openmetrics_tail()?,
        };
        Ok(Entry::Sample(ExposedSample {
            labels: series.labels.build(),
            value,
            timestamp,
            exemplar,
            invalid_labels: series.invalid_labels,
        }))
    }

    fn number(&self, token: Token, after: &str) -> Result<f64, String> {
        if token != Token::Value {
            return Err(self.unexpected(&format!("expected value after {after}"), token));
        }
        self.float(self.scanner.lexeme())
    }

    fn float(&self, text: &str) -> Result<f64, String> {
        let text = text.strip_prefix(' ').unwrap_or(text);
        if text.contains(['p', 'P', '_']) {
            return Err(self.while_parsing("unsupported character in float"));
        }
        parse_float(text).map_err(|error| self.while_parsing(&error.to_string()))
    }

    fn text_timestamp(&mut self) -> Result<Option<Timestamp>, String> {
        match self.scanner.next() {
            Token::LineBreak => Ok(None),
            Token::Timestamp => {
                let digits = self.scanner.lexeme();
                let timestamp = digits.parse().map_err(|_| {
                    self.while_parsing(&format!(
                        "strconv.ParseInt: parsing {}: value out of range",
                        quote(digits)
                    ))
                })?;
                match self.scanner.next() {
                    Token::LineBreak => Ok(Some(timestamp)),
                    got => Err(self.unexpected("expected next entry after timestamp", got)),
                }
            }
            got => Err(self.unexpected("expected timestamp or new record", got)),
        }
    }

    fn openmetrics_tail(&mut self) -> Result<(Option<Timestamp>, Option<Exemplar>), String> {
        match self.scanner.next() {
            Token::End => Err("data does not end with # EOF".to_owned()),
            Token::LineBreak => Ok((None, None)),
            Token::Comment => Ok((None, Some(self.exemplar()?))),
            Token::Timestamp => {
                let timestamp = Some(self.seconds("timestamp")?);
                match self.scanner.next() {
                    Token::LineBreak => Ok((timestamp, None)),
                    Token::Comment => Ok((timestamp, Some(self.exemplar()?))),
                    got => Err(self.unexpected("expected next entry after timestamp", got)),
                }
            }
            // Prometheus accepts the sample and fails at the next one.
            _ => Ok((None, None)),
        }
    }

    fn exemplar(&mut self) -> Result<Exemplar, String> {
        let mut series = Series::new(None);
        self.labels(&mut series, true)?;
        let token = self.scanner.next();
        let value = self.number(token, "exemplar labels")?;
        let timestamp = match self.scanner.next() {
            Token::End => return Err("data does not end with # EOF".to_owned()),
            Token::LineBreak => None,
            Token::Timestamp => {
                let timestamp = self.seconds("exemplar timestamp")?;
                match self.scanner.next() {
                    Token::LineBreak => Some(timestamp),
                    got => {
                        return Err(
                            self.unexpected("expected next entry after exemplar timestamp", got)
                        );
                    }
                }
            }
            got => return Err(self.unexpected("expected timestamp or comment", got)),
        };
        Ok(Exemplar { labels: series.labels.build(), value, timestamp })
    }

    fn seconds(&self, what: &str) -> Result<Timestamp, String> {
        let seconds = self.float(self.scanner.lexeme())?;
        if !seconds.is_finite() {
            return Err(format!("invalid {what} {}", format_general(seconds, None)));
        }
        Ok((seconds * 1000.0) as Timestamp)
    }
}

fn metric_type(word: &str, format: Format) -> Result<MetricType, String> {
    Ok(match (word, format) {
        ("counter", _) => MetricType::Counter,
        ("gauge", _) => MetricType::Gauge,
        ("histogram", _) => MetricType::Histogram,
        ("summary", _) => MetricType::Summary,
        ("untyped", Format::PrometheusText) | ("unknown", Format::OpenMetrics) => {
            MetricType::Unknown
        }
        ("gaugehistogram", Format::OpenMetrics) => MetricType::GaugeHistogram,
        ("info", Format::OpenMetrics) => MetricType::Info,
        ("stateset", Format::OpenMetrics) => MetricType::StateSet,
        _ => return Err(format!("invalid metric type {}", quote(word))),
    })
}

fn unquoted(text: &str) -> String {
    unescaped(text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text))
}

/// Resolves the escapes `\\`, `\"` and `
/// `. Other backslashes are literal.
fn unescaped(text: &str) -> String {
    unescape(text, true)
}

/// Resolves escapes. HELP texts of the text format have no escaped quotes.
fn unescape(text: &str, quotes: bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        result.push_str(before);
        let (c, len) = match escape.as_bytes().get(1) {
            Some(b'\\') => ('\\', 2),
            Some(b'"') if quotes => ('"', 2),
            Some(b'n') => ('\n', 2),
            _ => ('\\', 1),
        };
        result.push(c);
        rest = escape.get(len..).unwrap_or_default();
    }
    result + rest
}

#[cfg(test)]
mod tests;
