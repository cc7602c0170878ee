//! The URL of a scrape, escaped as Go escapes it.
//!
//! Source: prometheus scrape/target.go `Target.URL`; RFC 3986 as Go's `net/url` reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use go::url::{Part, escape, query_escape};

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
    url.push_str(&escape(host.as_bytes(), Part::Host));
    if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
        url.push('/');
    }
    if path == "*" {
        url.push('*')
    } else {
        url.push_str(&escape(path.as_bytes(), Part::Path))
    }
    let mut separator = '?';
    for (name, values) in query {
        for value in values {
            url.push(separator);
            separator = '&';
            url.push_str(&query_escape(name));
            url.push('=');
            url.push_str(&query_escape(value));
        }
    }
    url
}
