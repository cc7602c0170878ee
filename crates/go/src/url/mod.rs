//! URLs as Go's `net/url` reads, refuses, escapes and prints them.

mod escape;

pub use escape::{Part, escape, path_escape, query_escape, unescape};

use crate::quote::quote;

/// The parts of a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// The scheme in lower case; empty if the text has none.
    pub scheme: String,
    /// Host and port as written.
    pub host: String,
    /// The text after `scheme:` if it does not begin with `/`: `localhost:9090` is scheme and
    /// opaque part.
    pub opaque: String,
    /// The path as written, with its escapes.
    pub path: String,
}

/// Splits a URL. The error is Go's. Source: net/url `Parse`.
pub fn parse(text: &str) -> Result<Url, String> {
    split(text).map_err(|reason| format!("parse {}: {reason}", quote(text)))
}

fn split(text: &str) -> Result<Url, String> {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    check_escapes(fragment)?;
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let (scheme, rest) = split_scheme(text)?;
    let mut url = Url { scheme: scheme.to_ascii_lowercase(), ..Url::default() };
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            url.opaque = rest.to_owned();
            return Ok(url);
        }
        let first = rest.split_once('/').map_or(rest, |(first, _)| first);
        if first.contains(':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let mut path = rest;
    if let Some(behind) = rest.strip_prefix("//")
        && (!scheme.is_empty() || !behind.starts_with('/'))
    {
        let (authority, after) = behind.split_at(behind.find('/').unwrap_or(behind.len()));
        url.host = split_authority(authority)?;
        path = after;
    }
    check_escapes(path)?;
    url.path = path.to_owned();
    Ok(url)
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            ':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn split_authority(authority: &str) -> Result<String, String> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    check_host(host)?;
    if let Some(user) = user {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(allowed) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        check_escapes(user)?;
    }
    Ok(host.to_owned())
}

fn check_host(host: &str) -> Result<(), String> {
    let port = if host.starts_with('[') {
        let end = host.rfind(']').ok_or_else(|| "missing ']' in host".to_owned())?;
        &host[end + 1..]
    } else {
        host.rfind(':').map_or("", |at| &host[at..])
    };
    let is_port = |port: &str| {
        port.strip_prefix(':')
            .map_or(port.is_empty(), |digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if !is_port(port) {
        return Err(format!("invalid port {} after host", quote(port)));
    }
    check_escapes(host)?;
    let allowed = |c: char| {
        !c.is_ascii() || c.is_ascii_alphanumeric() || "!$&'()*+,;=:[]<>\"-_.~%".contains(c)
    };
    match host.chars().find(|&c| !allowed(c)) {
        Some(c) => Err(format!("invalid character {} in host name", quote(&c.to_string()))),
        None => Ok(()),
    }
}

fn check_escapes(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('%') {
        let escape = &text.as_bytes()[at..];
        let is_hex = |i: usize| escape.get(i).is_some_and(u8::is_ascii_hexdigit);
        if !is_hex(1) || !is_hex(2) {
            let shown: String = text[at..].chars().take(3).collect();
            return Err(format!("invalid URL escape {}", quote(&shown)));
        }
    }
    Ok(())
}

/// Returns the URL with `xxxxx` for its password. Source: net/url `URL.Redacted`.
pub fn redacted(text: &str) -> String {
    let Some(start) = text.find("//").map(|at| at + 2) else { return text.to_owned() };
    let end = text[start..].find(['/', '?', '#']).map_or(text.len(), |at| start + at);
    let Some((user, host)) = text[start..end].rsplit_once('@') else { return text.to_owned() };
    match user.split_once(':') {
        Some((name, _)) => format!("{}{name}:xxxxx@{host}{}", &text[..start], &text[end..]),
        None => text.to_owned(),
    }
}

/// Returns the URL as Go prints it: the password masked, and the path escaped if it has characters
/// that a URL may not have. Source: net/url `URL.String`, `URL.EscapedPath`.
pub fn print(text: &str) -> String {
    let shown = redacted(text);
    let Ok(url) = parse(&shown) else { return shown };
    let taken = |c: char| c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:@/[]%".contains(c);
    if url.path.is_empty() || url.path.chars().all(taken) {
        return shown;
    }
    let Some(start) = shown.rfind(&url.path) else { return shown };
    let mut printed = shown[..start].to_owned();
    printed.push_str(&escape(&escape::unescape_bytes(&url.path), Part::Path));
    printed.push_str(&shown[start + url.path.len()..]);
    printed
}

/// Returns the path of a URL without its escapes; empty if the URL is not valid.
/// Source: net/url `URL.Path`.
pub fn path(text: &str) -> String {
    parse(text).and_then(|url| unescape(&url.path, false)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits() {
        for (text, scheme, host, opaque, path) in [
            ("http://a:9090/x?y#z", "http", "a:9090", "", "/x"),
            ("HTTPS://u:p@h", "https", "h", "", ""),
            ("localhost:9090", "localhost", "", "9090", ""),
            ("invalid", "", "", "", "invalid"),
            ("http://", "http", "", "", ""),
            ("//h/p", "", "h", "", "/p"),
            ("http://[::1]:80", "http", "[::1]:80", "", ""),
            ("", "", "", "", ""),
        ] {
            let url = parse(text).unwrap();
            let parts = (&*url.scheme, &*url.host, &*url.opaque, &*url.path);
            assert_eq!(parts, (scheme, host, opaque, path), "{text}");
        }
    }

    #[test]
    fn refuses_in_go_words() {
        for (text, error) in [
            ("://invalid", "parse \"://invalid\": missing protocol scheme"),
            ("1.2.3.4:90", "parse \"1.2.3.4:90\": first path segment in URL cannot contain colon"),
            ("http://a:b", "parse \"http://a:b\": invalid port \":b\" after host"),
            ("http://a b", "parse \"http://a b\": invalid character \" \" in host name"),
            ("http://a/%zz", "parse \"http://a/%zz\": invalid URL escape \"%zz\""),
            ("http://a/%", "parse \"http://a/%\": invalid URL escape \"%\""),
            ("http://[::1", "parse \"http://[::1\": missing ']' in host"),
            ("a\nb", "parse \"a\\nb\": net/url: invalid control character in URL"),
        ] {
            assert_eq!(parse(text), Err(error.to_owned()));
        }
    }

    #[test]
    fn prints_as_go_does() {
        for (text, printed) in [
            ("http://u:p@h/a b", "http://u:xxxxx@h/a%20b"),
            ("${URL}", "$%7BURL%7D"),
            ("http://h/a%20b/(c)?d e", "http://h/a%20b/(c)?d e"),
            ("http://h/é%20", "http://h/%C3%A9%20"),
            ("", ""),
            ("http://h", "http://h"),
        ] {
            assert_eq!(print(text), printed);
        }
    }

    #[test]
    fn paths() {
        for (url, expected) in [
            ("http://a:9090", ""),
            ("http://a/b%20c/d?e#f", "/b c/d"),
            ("https://a/#x", "/"),
            ("http://a b/c", ""),
        ] {
            assert_eq!(path(url), expected);
        }
    }

    #[test]
    fn masks_the_password_only() {
        for (text, shown) in [
            ("http://u:secret@h/p", "http://u:xxxxx@h/p"),
            ("http://u@h/p", "http://u@h/p"),
            ("http://h/p?a=u:p@x", "http://h/p?a=u:p@x"),
            ("h:90", "h:90"),
        ] {
            assert_eq!(redacted(text), shown);
        }
    }
}
