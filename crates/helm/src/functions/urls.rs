//! URLs.
//!
//! Source: sprig url.go, Go net/url.

use go::template::{Call, Entries, Value};
use go::url::{Part, escape, unescape};

use super::{Function, FunctionResult, M, S, any, row, string, text};

pub(super) static TABLE: &[Function] = &[
    row("urlParse", &[S], None, "Divides a URL into a dictionary of its parts.", parse),
    row("urlJoin", &[M], None, "Makes a URL of a dictionary of parts.", join),
];

fn parse(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let whole = text(a, 0);
    let url = go::url::parse(whole).map_err(|error| format!("unable to parse url: {error}"))?;
    let (rest, fragment) = whole.split_once('#').unwrap_or((whole, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let behind = if url.scheme.is_empty() {
        rest
    } else {
        rest.split_once(':').map_or("", |(_, rest)| rest)
    };
    let authority =
        behind.strip_prefix("//").map(|rest| rest.split('/').next().unwrap_or_default());
    let userinfo =
        authority.and_then(|authority| authority.rsplit_once('@')).map_or("", |(user, _)| user);
    let host = url.host.as_str();
    let hostname = match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let decoded = |text: &str| unescape(text, false).unwrap_or_else(|_| text.to_owned());
    let parts = [
        ("scheme", url.scheme.clone()),
        ("host", host.to_owned()),
        ("hostname", hostname.to_owned()),
        ("path", decoded(&url.path)),
        ("query", query.to_owned()),
        ("opaque", url.opaque.clone()),
        ("fragment", decoded(fragment)),
        ("userinfo", userinfo.to_owned()),
    ];
    Ok(Value::map(parts.into_iter().map(|(key, text)| (key.into(), Value::string(text))).collect()))
}

fn join(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let parts = any(a, 0).as_map().unwrap_or_default();
    let part = |key: &str| get(&parts, key);
    let (scheme, host, path) = (part("scheme")?, part("host")?, part("path")?);
    let (query, opaque) = (part("query")?, part("opaque")?);
    let (fragment, userinfo) = (part("fragment")?, part("userinfo")?);
    let mut url = String::new();
    if !scheme.is_empty() {
        url.push_str(&format!("{scheme}:"));
    }
    if opaque.is_empty() {
        let has_authority = !host.is_empty() || !userinfo.is_empty();
        if has_authority || (!scheme.is_empty() && path.starts_with("//")) {
            url.push_str("//");
            if !userinfo.is_empty() {
                url.push_str(&format!("{userinfo}@"));
            }
            url.push_str(&host);
        }
        if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
            url.push('/');
        }
        url.push_str(&escape(path.as_bytes(), Part::Path));
    } else {
        url.push_str(&opaque);
    }
    if !query.is_empty() {
        url.push_str(&format!("?{query}"));
    }
    if !fragment.is_empty() {
        url.push_str(&format!("#{}", escape(fragment.as_bytes(), Part::Path)));
    }
    string(url)
}

fn get(parts: &Entries, key: &str) -> Result<String, String> {
    match parts.get(key) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(other) => Err(format!(
            "unable to parse {key} key, must be of type string, but {} found",
            other.type_name()
        )),
    }
}
