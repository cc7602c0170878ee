//! Takes credentials out of URLs and labels: user and password before the host, and parameters whose
//! names say that they are secret.
//!
//! Prometheus hides passwords and tokens of its configuration, but shows the user of a URL and all
//! parameters.

use serde_json::Value;

/// The text in place of a value that was taken out, as in Prometheus's own answers.
pub const HIDDEN: &str = "xxxxx";

/// Names of parameters that hold credentials.
const SECRET: [&str; 14] = [
    "access_key",
    "access_token",
    "api_key",
    "apikey",
    "auth_token",
    "authorization",
    "client_secret",
    "key",
    "password",
    "passwd",
    "secret",
    "sig",
    "signature",
    "token",
];

/// Prefix of labels that become parameters of a URL.
const PARAM: &str = "__param_";

/// Returns true if a parameter of this name holds a credential.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET.contains(&name.as_str())
}

/// Returns the text with the credentials of all URLs in it taken out.
pub fn in_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        out.push_str(before);
        let end = behind.find(ends_url).unwrap_or(behind.len());
        let (url, after) = behind.split_at(end);
        // A URL that begins another one ends where that begins.
        let end = url.find("://").map_or(url.len(), |at| at);
        let (url, inner) = url.split_at(end);
        push_url(&mut out, url);
        rest = match inner.is_empty() {
            true => after,
            false => behind.get(url.len()..).unwrap_or_default(),
        };
    }
    out.push_str(rest);
    out
}

/// Returns true for letters that no URL has.
fn ends_url(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '"' | '\'' | '<' | '>' | '`' | '{' | '}' | '|' | '\\')
}

/// Adds a URL without its scheme.
fn push_url(out: &mut String, url: &str) {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (authority, path) = url.split_at(end);
    out.push_str(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    out.push_str(path);
    if query.is_empty() {
        if url.ends_with('?') {
            out.push('?');
        }
        return;
    }
    let (query, fragment) =
        query.split_once('#').map_or((query, None), |(query, rest)| (query, Some(rest)));
    for (number, pair) in query.split('&').enumerate() {
        out.push(if number == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, value)) if is_secret(name) && !value.is_empty() => {
                out.push_str(name);
                out.push('=');
                out.push_str(HIDDEN);
            }
            _ => out.push_str(pair),
        }
    }
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
}

/// Returns the value of a label with credentials taken out.
pub fn label(name: &str, value: &str) -> String {
    let is_param = name.strip_prefix(PARAM).is_some_and(is_secret);
    if is_param && !value.is_empty() { HIDDEN.to_owned() } else { in_text(value) }
}

/// Takes credentials out of all texts of a JSON value. Returns true if it changed one.
pub fn in_json(value: &mut Value) -> bool {
    match value {
        Value::String(text) => replace(text, in_text),
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| in_json(item) | changed)
        }
        Value::Object(fields) => fields.iter_mut().fold(false, |changed, (name, value)| {
            let own = match value {
                Value::String(text) => replace(text, |text| label(name, text)),
                other => in_json(other),
            };
            own | changed
        }),
        _ => false,
    }
}

fn replace(text: &mut String, by: impl Fn(&str) -> String) -> bool {
    if !text.contains("://") && text.is_empty() {
        return false;
    }
    let new = by(text);
    let changed = new != *text;
    if changed {
        *text = new;
    }
    changed
}

/// Takes credentials out of a configuration: in URLs, and in `params` of these names.
pub fn in_config(text: &str) -> String {
    let text = in_text(text);
    let parsed = yaml::parse(text::FileId(0), &text);
    let mut spans = Vec::new();
    let mut nodes: Vec<&yaml::Node> =
        parsed.documents.iter().map(|document| &document.root).collect();
    while let Some(node) = nodes.pop() {
        nodes.extend(node.items());
        for entry in node.entries() {
            let name = entry.name().unwrap_or_default();
            if name == "params" {
                let secret = entry.value.entries().filter(|one| one.name().is_some_and(is_secret));
                spans
                    .extend(secret.flat_map(|one| one.value.items()).map(yaml::Node::written_span));
            }
            nodes.push(&entry.value);
        }
    }
    spans.sort_unstable_by_key(|span| std::cmp::Reverse(span.start));
    let mut out = text;
    for span in spans {
        let range = span.start as usize..span.end as usize;
        if out.get(range.clone()).is_some_and(|value| !value.is_empty()) {
            out.replace_range(range, HIDDEN);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_urls_are_taken_out() {
        for (text, expected) in [
            ("http://user:xxxxx@host:80/a?b=c", "http://host:80/a?b=c"),
            ("http://user@host", "http://host"),
            ("http://host/a?token=abc&x=1", "http://host/a?token=xxxxx&x=1"),
            ("http://host/a?x=1&API-Key=abc#f", "http://host/a?x=1&API-Key=xxxxx#f"),
            ("url: https://u:p@h/x\nb: http://c", "url: https://h/x\nb: http://c"),
            ("Get \"http://u:p@h:9/m\": dial tcp", "Get \"http://h:9/m\": dial tcp"),
            ("a@b, no://x?", "a@b, no://x?"),
            ("http://a?target=http://u:p@b/", "http://a?target=http://b/"),
            ("user@example.com", "user@example.com"),
            ("://", "://"),
        ] {
            assert_eq!(in_text(text), expected);
        }
        assert_eq!(label("__param_token", "abc"), "xxxxx");
        assert_eq!(label("__param_module", "abc"), "abc");
    }

    #[test]
    fn params_of_a_configuration_are_taken_out() {
        let text = "scrape_configs:\n- job_name: a\n  params:\n    token: [abc, 'd e']\n    module: [http]\n- job_name: b\n  params:\n    key:\n    - secret\n";
        let expected = "scrape_configs:\n- job_name: a\n  params:\n    token: [xxxxx, xxxxx]\n    module: [http]\n- job_name: b\n  params:\n    key:\n    - xxxxx\n";
        assert_eq!(in_config(text), expected);
    }

    proptest::proptest! {
        #[test]
        fn text_without_urls_stays(text in "[^:]*") {
            proptest::prop_assert_eq!(in_text(&text), text);
        }

        #[test]
        fn a_second_pass_changes_nothing(text in "(.|://|@|\\?token=|/)*") {
            let once = in_text(&text);
            proptest::prop_assert_eq!(in_text(&once), once);
        }
    }
}
