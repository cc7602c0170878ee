//! Which format a body is in, by its Content-Type and the configured fallback.

/// A text format. (The protobuf format carries the same families; it is never written out here.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `text/plain; version=0.0.4`
    PrometheusText,
    /// `application/openmetrics-text; version=1.0.0`
    OpenMetrics,
}

/// The values of `scrape_protocols`: what the Accept header asks for, and the media type answered.
const PROTOCOLS: [(&str, &str, &str); 5] = [
    (
        "PrometheusProto",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
        "application/vnd.google.protobuf",
    ),
    ("OpenMetricsText1.0.0", "application/openmetrics-text;version=1.0.0", OPENMETRICS),
    ("OpenMetricsText0.0.1", "application/openmetrics-text;version=0.0.1", OPENMETRICS),
    ("PrometheusText1.0.0", "text/plain;version=1.0.0", PLAIN),
    ("PrometheusText0.0.4", "text/plain;version=0.0.4", PLAIN),
];
const OPENMETRICS: &str = "application/openmetrics-text";
const PLAIN: &str = "text/plain";

/// What a target answers in.
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

/// What a program answers with that knows the text format and perhaps others, asked by a scrape
/// with these `scrape_protocols`. Where it has none of them, `*/*` lets it answer in plain text.
/// The second is whether the request says how names are to be escaped: only those of version 1
/// do, and programs write names for old readers otherwise.
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

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::PrometheusText => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// The Accept header of a scrape with these `scrape_protocols`, the most wanted first.
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

/// The format in which to read a body, or the scrape's error. Without a Content-Type, or with one
/// that is none of the formats, version 3 needs `fallback_scrape_protocol`; an empty fallback is
/// none. Source: prometheus model/textparse `extractMediaType`.
pub fn choose_format(content_type: &str, fallback: &str) -> Result<Format, String> {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fallback = PROTOCOLS.iter().find(|(name, ..)| *name == fallback).map(|(.., media)| *media);
    let media = match (content_type, fallback) {
        _ if matches!(&*media, OPENMETRICS | PLAIN | "application/vnd.google.protobuf") => &*media,
        (_, Some(fallback)) => fallback,
        ("", None) => {
            return Err("non-compliant scrape target sending blank Content-Type and no \
                        fallback_scrape_protocol specified for target"
                .to_owned());
        }
        (given, None) if !is_media_type(&media) => {
            return Err(format!(
                "cannot parse Content-Type {given:?} and no fallback_scrape_protocol for target\n\
                 mime: no media type"
            ));
        }
        (given, None) => {
            return Err(format!(
                "received unsupported Content-Type {given:?} and no fallback_scrape_protocol \
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

fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b))
    };
    match text.split_once('/') {
        Some((kind, subtype)) => token(kind) && token(subtype),
        None => token(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("a b/c", "", Err("cannot parse Content-Type")),
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
