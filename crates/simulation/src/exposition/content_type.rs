//! Content negotiation: the Accept header, the Content-Type, and the configured fallback.

use go::case;
use go::quote::quote;

use super::Escaping;

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `text/plain; version=0.0.4`
    PrometheusText,
    /// `application/openmetrics-text; version=1.0.0`
    OpenMetrics,
}

/// The values of `scrape_protocols`, each with its media type in the Accept header and in the
/// Content-Type.
const PROTOCOLS: [(&str, &str, &str); 5] = [
    (
        "PrometheusProto",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
        PROTOBUF,
    ),
    ("OpenMetricsText1.0.0", "application/openmetrics-text;version=1.0.0", OPENMETRICS),
    ("OpenMetricsText0.0.1", "application/openmetrics-text;version=0.0.1", OPENMETRICS),
    ("PrometheusText1.0.0", "text/plain;version=1.0.0", PLAIN),
    ("PrometheusText0.0.4", "text/plain;version=0.0.4", PLAIN),
];
const OPENMETRICS: &str = "application/openmetrics-text";
const PLAIN: &str = "text/plain";
const PROTOBUF: &str = "application/vnd.google.protobuf";

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    Text(Format),
    Protobuf,
}

impl Wire {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text(format) => format.content_type(),
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; \
                 encoding=delimited"
            }
        }
    }
}

/// Returns the format in which a program answers a scrape with these `scrape_protocols`. If it
/// supports none of them, `*/*` selects the text format. The second value is true if the request
/// has an escaping scheme, which only formats of version 1 have.
pub fn negotiate<'a>(
    protocols: impl IntoIterator<Item = &'a str>,
    openmetrics: bool,
    protobuf: bool,
) -> (Wire, bool) {
    let offered = |protocol: &'a str| {
        let (name, _, media) = PROTOCOLS.iter().find(|(name, ..)| *name == protocol)?;
        let wire = match *media {
            OPENMETRICS => openmetrics.then_some(Wire::Text(Format::OpenMetrics)),
            PLAIN => Some(Wire::Text(Format::PrometheusText)),
            _ => protobuf.then_some(Wire::Protobuf),
        };
        Some((wire?, name.ends_with("1.0.0")))
    };
    let plain = (Wire::Text(Format::PrometheusText), false);
    protocols.into_iter().find_map(offered).unwrap_or(plain)
}

/// Returns the text format and the escaping scheme in which a program answers a request with an
/// Accept header. Media types of equal weight are taken in their order.
///
/// Source: prometheus/common expfmt `NegotiateIncludingOpenMetrics`.
pub fn negotiate_text(accept: &str, openmetrics: bool) -> (Format, Escaping) {
    let mut offers: Vec<(f64, &str, Escaping)> = Vec::new();
    for media in accept.split(',') {
        let mut parts = media.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        let (mut weight, mut version, mut escaping) = (1.0, "", Escaping::Underscores);
        for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
            match name {
                "q" => weight = value.parse().unwrap_or(1.0),
                "version" => version = value,
                "escaping" => escaping = Escaping::of_word(value),
                _ => {}
            }
        }
        let protocol = PROTOCOLS.iter().find(|(_, own, plain)| {
            let same_version =
                own.split(';').any(|part| part.strip_prefix("version=") == Some(version));
            *plain == media_type && (same_version || version.is_empty())
        });
        if let Some((name, ..)) = protocol {
            offers.push((weight, *name, escaping));
        }
    }
    offers.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (wire, escapes) = negotiate(offers.iter().map(|(_, name, _)| *name), openmetrics, false);
    let format = match wire {
        Wire::Text(format) => format,
        Wire::Protobuf => Format::PrometheusText,
    };
    let version_1 = offers.iter().find(|(_, name, _)| name.ends_with("1.0.0"));
    let escaping = version_1.filter(|_| escapes).map(|(.., escaping)| *escaping);
    (format, escaping.unwrap_or(Escaping::Underscores))
}

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::PrometheusText => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Returns the Accept header for `scrape_protocols`, in the order of preference.
///
/// Source: prometheus scrape/scrape.go `acceptHeader`.
pub fn accept_header<'a>(protocols: impl IntoIterator<Item = &'a str>, escaping: &str) -> String {
    let mut weight = PROTOCOLS.len() + 1;
    let mut parts = Vec::new();
    for protocol in protocols {
        let Some((name, media, _)) = PROTOCOLS.iter().find(|(name, ..)| *name == protocol) else {
            continue;
        };
        let escaping = match *name {
            "PrometheusText1.0.0" | "OpenMetricsText1.0.0" => format!(";escaping={escaping}"),
            _ => String::new(),
        };
        parts.push(format!("{media}{escaping};q=0.{weight}"));
        weight = weight.saturating_sub(1);
    }
    parts.push(format!("*/*;q=0.{weight}"));
    parts.join(",")
}

/// Returns the format of a body, or the error of the scrape. Without a valid Content-Type, version
/// 3 requires `fallback_scrape_protocol`; an empty fallback is none.
///
/// Source: prometheus model/textparse `extractMediaType`.
pub fn choose_format(content_type: &str, fallback: &str) -> Result<Format, String> {
    let fallback = PROTOCOLS.iter().find(|(name, ..)| *name == fallback).map(|(.., media)| *media);
    let parsed = parse_media_type(content_type);
    let given = quote(content_type);
    let media = match (&parsed, fallback) {
        (Ok(media), _) if matches!(&**media, OPENMETRICS | PLAIN | PROTOBUF) => &**media,
        (_, Some(fallback)) => fallback,
        _ if content_type.is_empty() => {
            return Err("non-compliant scrape target sending blank Content-Type and no \
                        fallback_scrape_protocol specified for target"
                .to_owned());
        }
        (Err(error), None) => {
            return Err(format!(
                "cannot parse Content-Type {given} and no fallback_scrape_protocol for target\n{error}"
            ));
        }
        (Ok(_), None) => {
            return Err(format!(
                "received unsupported Content-Type {given} and no fallback_scrape_protocol \
                 specified for target"
            ));
        }
    };
    match media {
        OPENMETRICS => Ok(Format::OpenMetrics),
        PLAIN => Ok(Format::PrometheusText),
        _ => Err("a protobuf body cannot be read from text".to_owned()),
    }
}

/// Parses a media type and returns it in lower case. The error is that of Go.
///
/// Source: Go's mime `ParseMediaType`.
fn parse_media_type(text: &str) -> Result<String, &'static str> {
    let (media, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
    let media = case::lower(media.trim());
    let (kind, behind) = token(&media);
    if kind.is_empty() {
        return Err("mime: no media type");
    }
    if !behind.is_empty() {
        let subtype = behind.strip_prefix('/').ok_or("mime: expected slash after first token")?;
        match token(subtype) {
            ("", _) => return Err("mime: expected token after slash"),
            (_, "") => {}
            _ => return Err("mime: unexpected content after media subtype"),
        }
    }
    let mut parameters: Vec<(String, String)> = Vec::new();
    while !rest.trim_start().is_empty() {
        let Some((name, value, behind)) = parameter(rest) else {
            return match rest.trim() {
                ";" => Ok(media),
                _ => Err("mime: invalid media parameter"),
            };
        };
        if parameters.iter().any(|(one, other)| *one == name && *other != value) {
            return Err("mime: duplicate parameter name");
        }
        parameters.push((name, value));
        rest = behind;
    }
    Ok(media)
}

/// Parses `; name=value` at the start of the text. Returns both and the rest.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let (name, behind) = token(text.trim_start().strip_prefix(';')?.trim_start());
    let value = behind.trim_start().strip_prefix('=').filter(|_| !name.is_empty())?.trim_start();
    let (value, rest) = match value.strip_prefix('"') {
        Some(quoted) => quoted_value(quoted)?,
        None => match token(value) {
            ("", _) => return None,
            (value, rest) => (value.to_owned(), rest),
        },
    };
    Some((case::lower(name), value, rest))
}

/// Returns the text before the closing quote and the rest.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\r' | '\n' => return None,
            '\\' => {
                let special = |next: &(usize, char)| SPECIAL.contains(next.1);
                value.push(characters.next_if(special).map_or(c, |(_, next)| next));
            }
            c => value.push(c),
        }
    }
    None
}

const SPECIAL: &str = "()<>@,;:\\\"/[]?=";

/// Returns the token at the start of the text and the rest.
fn token(text: &str) -> (&str, &str) {
    let of_token = |b: u8| b.is_ascii_graphic() && !SPECIAL.as_bytes().contains(&b);
    text.split_at(text.bytes().take_while(|&b| of_token(b)).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_format_is_chosen_by_weight() {
        let all = [
            "PrometheusProto",
            "OpenMetricsText1.0.0",
            "OpenMetricsText0.0.1",
            "PrometheusText1.0.0",
            "PrometheusText0.0.4",
        ];
        let plain = ["PrometheusText0.0.4", "OpenMetricsText1.0.0"];
        let (text, open) = (Format::PrometheusText, Format::OpenMetrics);
        for (accept, openmetrics, expected) in [
            (accept_header(all, "allow-utf-8"), true, (open, Escaping::AllowUtf8)),
            (accept_header(all, "dots"), false, (text, Escaping::Dots)),
            (accept_header(plain, "allow-utf-8"), true, (text, Escaping::Underscores)),
            (
                "text/plain;q=0.1,application/openmetrics-text;q=0.9".to_owned(),
                true,
                (open, Escaping::Underscores),
            ),
            ("*/*".to_owned(), true, (text, Escaping::Underscores)),
            (String::new(), true, (text, Escaping::Underscores)),
        ] {
            assert_eq!(negotiate_text(&accept, openmetrics), expected, "{accept}");
        }
    }

    #[test]
    fn formats_by_content_type_and_fallback() {
        use Format::{OpenMetrics, PrometheusText};
        for (content_type, fallback, expected) in [
            ("text/plain; version=0.0.4", "", Ok(PrometheusText)),
            ("TEXT/Plain", "OpenMetricsText1.0.0", Ok(PrometheusText)),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", "", Ok(OpenMetrics)),
            ("", "PrometheusText0.0.4", Ok(PrometheusText)),
            ("text/html", "OpenMetricsText0.0.1", Ok(OpenMetrics)),
            ("", "", Err("blank Content-Type")),
            (
                "text/html; charset=utf-8",
                "",
                Err("unsupported Content-Type \"text/html; charset=utf-8\""),
            ),
            ("a b/c", "", Err("target\nmime: expected slash after first token")),
            ("/c", "", Err("target\nmime: no media type")),
            ("text/", "", Err("target\nmime: expected token after slash")),
            ("text/plain x", "", Err("target\nmime: unexpected content after media subtype")),
            ("text/plain; charset", "", Err("target\nmime: invalid media parameter")),
            ("text/plain; a=1; A=2", "", Err("target\nmime: duplicate parameter name")),
            ("text/plain; a=\"", "", Err("target\nmime: invalid media parameter")),
            ("text/plain; charset", "OpenMetricsText1.0.0", Ok(OpenMetrics)),
            ("text/plain; a=1; a=1 ;", "", Ok(PrometheusText)),
            (r#"text/plain; a="b;\"c" ; d = e"#, "", Ok(PrometheusText)),
            ("text", "", Err("received unsupported Content-Type \"text\"")),
        ] {
            match (choose_format(content_type, fallback), expected) {
                (Ok(got), Ok(wanted)) => assert_eq!(got, wanted, "{content_type}"),
                (Err(got), Err(wanted)) => assert!(got.contains(wanted), "{got}"),
                (got, wanted) => panic!("{content_type}: {got:?} instead of {wanted:?}"),
            }
        }
    }

    #[test]
    fn the_first_format_that_the_program_has_is_answered() {
        let plain = Wire::Text(Format::PrometheusText);
        let openmetrics = Wire::Text(Format::OpenMetrics);
        let usual = [
            "OpenMetricsText1.0.0",
            "OpenMetricsText0.0.1",
            "PrometheusText1.0.0",
            "PrometheusText0.0.4",
        ];
        assert_eq!(negotiate(usual, false, true), (plain, true));
        assert_eq!(negotiate(usual, true, true), (openmetrics, true));
        let native = ["PrometheusProto", "OpenMetricsText1.0.0", "PrometheusText0.0.4"];
        assert_eq!(negotiate(native, true, true), (Wire::Protobuf, false));
        assert_eq!(negotiate(native, false, false), (plain, false));
        assert_eq!(negotiate(["OpenMetricsText0.0.1"], true, false), (openmetrics, false));
        assert_eq!(negotiate(["OpenMetricsText0.0.1"], false, false), (plain, false));
    }

    #[test]
    fn the_accept_header_ranks_protocols() {
        assert_eq!(
            accept_header(["OpenMetricsText1.0.0", "PrometheusText0.0.4"], "allow-utf-8"),
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.4"
        );
    }
}
