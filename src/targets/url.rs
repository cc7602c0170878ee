//! The URL that a target is scraped at, escaped as Go escapes it.
//!
//! Source: prometheus scrape/target.go `Target.URL`; RFC 3986 as Go's `net/url` reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::{ADDRESS, METRICS_PATH, PARAM_PREFIX, SCHEME};
use crate::model::Labels;

/// Query parameters of a job, in the order of the text.
pub type Params = [(Arc<str>, Vec<Arc<str>>)];

/// `labels` are a target's labels after relabelling. A `__param_` label takes the place of the
/// first value that the job gives to the parameter, the others stay.
pub fn target_url(labels: &Labels, params: &Params) -> String {
    let mut query: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, values) in params {
        query.insert(name, values.iter().map(|value| &**value).collect());
    }
    for label in labels {
        let Some(name) = label.name.strip_prefix(PARAM_PREFIX) else { continue };
        let values = query.entry(name).or_default();
        match values.first_mut() {
            Some(first) => *first = &label.value,
            None => values.push(&label.value),
        }
    }
    let (scheme, host, path) = (labels.get(SCHEME), labels.get(ADDRESS), labels.get(METRICS_PATH));
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
    for (name, values) in &query {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn url(labels: &[(&'static str, &'static str)], params: &[(&str, &[&str])]) -> String {
        let params: Vec<(Arc<str>, Vec<Arc<str>>)> = params
            .iter()
            .map(|(name, values)| ((*name).into(), values.iter().map(|v| (*v).into()).collect()))
            .collect();
        target_url(&Labels::from_pairs(labels.iter().copied()), &params)
    }

    #[test]
    fn parts_are_escaped_each_in_its_way() {
        for (scheme, address, path, expected) in [
            ("http", "a:1", "/metrics", "http://a:1/metrics"),
            ("https", "[::1]:9090", "metrics", "https://[::1]:9090/metrics"),
            ("http", " a b:1 ", "/x y", "http://%20a%20b:1%20/x%20y"),
            ("http", "u:p@h", "/a?b=c#d", "http://u:p%40h/a%3Fb=c%23d"),
            ("http", "h", "/é(1)!*%", "http://h/%C3%A9%281%29%21%2A%25"),
            ("http", "h", "*", "http://h/*"),
            ("", "h", "/m", "//h/m"),
            ("http", "h", "", "http://h"),
        ] {
            let labels =
                [("__scheme__", scheme), ("__address__", address), ("__metrics_path__", path)];
            assert_eq!(url(&labels, &[]), expected);
        }
    }

    #[test]
    fn parameters_are_sorted_and_labels_override_the_first_value() {
        let base = [("__scheme__", "http"), ("__address__", "h"), ("__metrics_path__", "/probe")];
        let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
        let params: &[(&str, &[&str])] =
            &[("module", &["http_2xx", "extra"]), ("b", &["1 +&"]), ("none", &[])];
        assert_eq!(
            url(&with(&[]), params),
            "http://h/probe?b=1+%2B%26&module=http_2xx&module=extra"
        );
        assert_eq!(
            url(&with(&[("__param_module", "icmp"), ("__param_target", "http://x/")]), params),
            "http://h/probe?b=1+%2B%26&module=icmp&module=extra&target=http%3A%2F%2Fx%2F"
        );
    }
}
