//! Forms of names, labels, keys, ports and addresses. Each function returns what is wrong.
//!
//! Source: apimachinery pkg/util/validation and pkg/api/validate/content.

use std::net::{IpAddr, Ipv6Addr};

use super::{Errors, Path};

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const SUBDOMAIN_UNDERSCORE: &str =
    "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*";
const LABEL_KEY: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_RULE: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_KEY_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

fn max_characters(limit: usize) -> String {
    format!("must be no more than {limit} characters")
}

fn max_bytes(limit: usize) -> String {
    format!("must be no more than {limit} bytes")
}

/// A number out of its range.
pub fn range(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

fn regex_error(rule: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|one| format!("'{one}', ")).collect();
    if examples.is_empty() {
        return format!("{rule} (regex used for validation is '{regex}')");
    }
    format!("{rule} (e.g. {}regex used for validation is '{regex}')", examples.join(" or "))
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

pub fn dns1123_label(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 63 {
        found.push(max_characters(63));
    }
    if !is_label(text) {
        found.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            regex_error(LABEL_RULE, LABEL, &["my-name", "123-abc"])
        });
    }
    found
}

pub fn dns1123_subdomain(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 253 {
        found.push(max_characters(253));
    }
    if !is_subdomain(text) {
        found.push(regex_error(SUBDOMAIN_RULE, SUBDOMAIN, &["example.com"]));
    }
    found
}

/// As a subdomain, with `_` allowed in it: search domains of a resolver.
pub fn subdomain_with_underscore(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 253 {
        found.push(max_characters(253));
    }
    let part = |part: &str| {
        let bare = part.strip_prefix('_').unwrap_or(part).replace('_', "-");
        is_label(&bare) && !part.ends_with('_')
    };
    if !text.split('.').all(part) {
        let rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
        found.push(regex_error(rule, SUBDOMAIN_UNDERSCORE, &["example.com"]));
    }
    found
}

pub fn wildcard_subdomain(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 253 {
        found.push(max_characters(253));
    }
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        let rule = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
        found.push(regex_error(rule, &format!("\\*\\.{SUBDOMAIN}"), &["*.example.com"]));
    }
    found
}

pub fn dns1035_label(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 63 {
        found.push(max_characters(63));
    }
    if !is_label(text) || text.starts_with(|c: char| c.is_ascii_digit()) {
        let rule = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
        found.push(regex_error(rule, "[a-z]([-a-z0-9]*[a-z0-9])?", &["my-name", "abc-123"]));
    }
    found
}

/// A name that is one segment of a path: names of roles.
pub fn path_segment(text: &str) -> Vec<String> {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    let banned = ["/", "%"].iter().filter(|part| text.contains(**part));
    banned.map(|part| format!("may not contain '{part}'")).collect()
}

fn is_label_key(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.bytes().all(inner) && edge(bytes.first()) && edge(bytes.last())
}

/// A name with an optional domain before a slash: keys of labels, names of resources.
pub fn qualified_name(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                found.push("prefix part must be non-empty".to_owned());
            } else {
                let wrong = dns1123_subdomain(prefix);
                found.extend(wrong.into_iter().map(|message| format!("prefix part {message}")));
            }
            name
        }
        _ => {
            let rule = regex_error(LABEL_KEY_RULE, LABEL_KEY, &["MyName", "my.name", "123-abc"]);
            return vec![format!(
                "a valid label key {rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        found.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        found.push(format!("name part {}", max_bytes(63)));
    }
    if !is_label_key(name) {
        let rule = regex_error(LABEL_KEY_RULE, LABEL_KEY, &["MyName", "my.name", "123-abc"]);
        found.push(format!("name part {rule}"));
    }
    found
}

pub fn label_value(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 63 {
        found.push(max_bytes(63));
    }
    if !text.is_empty() && !is_label_key(text) {
        let rule = format!("a valid label must be an empty string or {}", &LABEL_KEY_RULE[5..]);
        let regex = format!("({LABEL_KEY})?");
        found.push(regex_error(&rule, &regex, &["MyValue", "my_value", "12345"]));
    }
    found
}

fn directory(text: &str) -> Option<String> {
    match text {
        "." => Some("must not be '.'".to_owned()),
        ".." => Some("must not be '..'".to_owned()),
        text if text.starts_with("..") => Some("must not start with '..'".to_owned()),
        _ => None,
    }
}

/// A key of a ConfigMap or Secret.
pub fn config_map_key(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 253 {
        found.push(max_characters(253));
    }
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.is_empty() || !text.bytes().all(inner) {
        let rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        let examples = ["key.name", "KEY_NAME", "key-name"];
        found.push(regex_error(rule, "[-._a-zA-Z0-9]+", &examples));
    }
    found.extend(directory(text));
    found
}

/// An environment variable: any printable ASCII but `=`.
pub fn env_name(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.is_empty() {
        found.push("environment variable name must be non-empty".to_owned());
    }
    if text.chars().any(|c| !(' '..='~').contains(&c) || c == '=') {
        found.push("a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned());
    }
    found
}

pub fn port_number(port: i64) -> Option<String> {
    (!(1..=65535).contains(&port)).then(|| range(1, 65535))
}

pub fn port_name(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > 15 {
        found.push(max_characters(15));
    }
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || !text.bytes().all(inner) {
        found.push(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        );
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        found.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        found.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        found.push("must not begin or end with a hyphen".to_owned());
    }
    found
}

pub fn http_header(text: &str) -> Vec<String> {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !text.is_empty() && text.bytes().all(inner) {
        return Vec::new();
    }
    let rule = "a valid HTTP header must consist of alphanumeric characters or '-'";
    vec![regex_error(rule, "[-A-Za-z0-9]+", &["X-Header-Name"])]
}

/// A percentage as text: `25%`.
pub fn percent(text: &str) -> Vec<String> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let rule = "a valid percent string must be a numeric string followed by an ending '%'";
    vec![regex_error(rule, "[0-9]+%", &["1%", "93%"])]
}

/// An address as Go's lenient parser reads it: leading zeros are allowed.
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse() {
        return Some(ip);
    }
    let parts: Vec<&str> = text.split('.').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() != 4 || !parts.iter().all(digits) {
        return None;
    }
    let mut octets = [0u8; 4];
    for (octet, part) in octets.iter_mut().zip(&parts) {
        *octet = part.parse().ok()?;
    }
    Some(IpAddr::from(octets))
}

pub const NO_IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
pub const NO_CIDR: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/// An address, which need not be in canonical form.
/// Source: IsValidIPForLegacyField, with the feature StrictIPCIDRValidation.
pub fn ip(text: &str) -> Vec<String> {
    let message = match (parse_ip(text), text.parse::<IpAddr>()) {
        (None, _) => NO_IP,
        (Some(_), Err(_)) => "must not have leading 0s",
        (Some(_), Ok(ip)) if is_mapped(&ip) => "must not be an IPv4-mapped IPv6 address",
        (Some(_), Ok(_)) => return Vec::new(),
    };
    vec![message.to_owned()]
}

fn is_mapped(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some())
}

/// Address and length of a prefix.
pub fn parse_cidr(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip(address)?;
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let length: u32 = length.parse().ok()?;
    let limit = if address.is_ipv4() { 32 } else { 128 };
    (length <= limit).then_some((address, length))
}

/// The address without the bits after the prefix.
pub fn masked(address: IpAddr, length: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            IpAddr::from((u32::from(address) & mask).to_be_bytes())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
        }
    }
}

/// A range of addresses, which need not be in canonical form.
/// Source: IsValidCIDRForLegacyField, with the feature StrictIPCIDRValidation.
pub fn cidr(text: &str) -> Vec<String> {
    let Some((address, length)) = parse_cidr(text) else { return vec![NO_CIDR.to_owned()] };
    let (head, tail) = text.split_once('/').unwrap_or_default();
    let is_padded = tail.len() > 1 && tail.starts_with('0');
    let message = if is_padded || head.parse::<IpAddr>().is_err() {
        "must not have leading 0s in IP or prefix length"
    } else if is_mapped(&address) {
        "must not have an IPv4-mapped IPv6 address"
    } else if masked(address, length) != address {
        "must not have bits set beyond the prefix length"
    } else {
        return Vec::new();
    };
    vec![message.to_owned()]
}

/// A name such as `example.com/controller`.
/// Source: apimachinery pkg/util/validation IsDomainPrefixedPath.
pub fn domain_prefixed_path(errors: &mut Errors, text: &str, path: &Path<'_>) {
    if text.is_empty() {
        return errors.required(path, "");
    }
    let (host, rest) = match text.split_once('/') {
        Some((host, rest)) if !host.is_empty() && !rest.is_empty() => (host, rest),
        _ => {
            let message = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            return errors.invalid(path, text, message);
        }
    };
    errors.invalid_each(path, host, dns1123_subdomain(host));
    let is_allowed = |one: char| one.is_ascii_alphanumeric() || "-._~!$&'()*+,;=%:@/".contains(one);
    if !rest.chars().all(is_allowed) {
        let message = "Invalid path (regex used for validation is 'a-z0-9-._~!$&\'()*+,;=%:@/')";
        errors.invalid(path, rest, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_forms() {
        type Form = fn(&str) -> Vec<String>;
        let cases: &[(Form, &[&str], &[&str])] = &[
            (dns1123_label, &["a", "a-1", "1a"], &["", "A", "-a", "a-", "a.b", "a_b"]),
            (dns1123_subdomain, &["a.b", "a-1.c"], &["", "a..b", "a.", "A.b", "a_b"]),
            (dns1035_label, &["a1"], &["1a", "a.b"]),
            (qualified_name, &["a", "a.b/C_d", "A"], &["", "/a", "a/", "a/b/c", "a b", "A/b"]),
            (label_value, &["", "a", "A.b_c-d"], &["a b", "-a", "a/b"]),
            (config_map_key, &["a.b", ".a", "A_B"], &["", "..", "a/b", "..a"]),
            (port_name, &["http", "a-1"], &["8080", "HTTP", "a--b", "-a", "averyveryverylong"]),
            (env_name, &["A", "a.b-c", "1"], &["", "a=b", "ä"]),
            (percent, &["25%"], &["25", "%", "a%"]),
            (ip, &["10.0.0.1", "::1", "0:0::1"], &["10.0.0.01", "10.0.0", "::ffff:1.2.3.4", "x"]),
            (
                cidr,
                &["10.0.0.0/8", "::/0", "0.0.0.0/0", "10.1.2.3/32"],
                &["10.0.0.0", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/08", "010.0.0.0/8"],
            ),
            (wildcard_subdomain, &["*.a.b"], &["a.b", "*", "a.*.b"]),
            (path_segment, &["a:b"], &["..", "a/b", "a%"]),
        ];
        for (form, good, bad) in cases {
            for text in *good {
                assert_eq!(form(text), Vec::<String>::new(), "{text}");
            }
            for text in *bad {
                assert_ne!(form(text), Vec::<String>::new(), "{text}");
            }
        }
    }

    #[test]
    fn messages_quote_the_rule() {
        assert_eq!(
            dns1123_label("my_shell"),
            [format!(
                "{LABEL_RULE} (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL}')"
            )]
        );
        assert_eq!(dns1123_label("web.v1"), ["must not contain dots"]);
        assert_eq!(
            port_name("HTTP"),
            [
                "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
                "must contain at least one letter (a-z)"
            ]
        );
    }
}
