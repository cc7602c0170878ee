//! The URL of a scrape, escaped as Go escapes it.
//!
//! Source: prometheus scrape/target.go `Target.URL`; RFC 3986 as Go's `net/url` reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Query parameters of a job, in the order of the text.
pub type Params = [(Arc<str>, Vec<Arc<str>>)];

/// The parameters of a target. A `__param_` label, of which `labels` are name and value, takes the
/// place of the first value that the job gives to the parameter, the others stay.
pub fn query<'a>(
    params: &'a Params,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut query: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, values) in params {
        query.insert(name, values.iter().map(|value| &**value).collect());
    }
    for (name, value) in labels {
        let Some(name) = name.strip_prefix("__param_") else { continue };
        let values = query.entry(name).or_default();
        match values.first_mut() {
            Some(first) => *first = value,
            None => values.push(value),
        }
    }
    query
}

/// Writes a URL of its parts; a parameter can have several values.
pub fn scrape_url(
    scheme: &str,
    host: &str,
    path: &str,
    query: &BTreeMap<&str, Vec<&str>>,
) -> String {
    let mut url = String::with_capacity(scheme.len() + host.len() + path.len() + 8);
    if !scheme.is_empty() {
        url.push_str(scheme);
        url.push(':');
    }
    url.push_str("//");
    escape(host, HOST, &mut url);
    if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
        url.push('/');
    }
    if path == "*" {
        url.push('*')
    } else {
        escape(path, PATH, &mut url)
    }
    let mut separator = '?';
    for (name, values) in query {
        for value in values {
            url.push(separator);
            separator = '&';
            escape(name, QUERY, &mut url);
            url.push('=');
            escape(value, QUERY, &mut url);
        }
    }
    url
}

/// What may stand as it is besides letters, digits and `-_.~`, in each part.
const HOST: &str = "!$&'()*+,;=:[]<>\"";
const PATH: &str = "$&+,/:;=@";
/// In queries a space becomes a plus.
const QUERY: &str = "";

fn escape(text: &str, plain: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-_.~".contains(c) || (c.is_ascii() && plain.contains(c)) {
            into.push(c);
        } else if c == ' ' && plain == QUERY {
            into.push('+');
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}
