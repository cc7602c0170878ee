//! Hosts and ports as Go's `net` joins and splits them.

use std::fmt::Display;

/// Returns `host:port`, with brackets around an IPv6 address. Source: net `JoinHostPort`.
pub fn join_host_port(host: &str, port: impl Display) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Splits `host:port`, `[host]:port` or `[host%zone]:port`. The error is Go's, after
/// `address ADDRESS: `. Source: net `SplitHostPort`.
pub fn split_host_port(address: &str) -> Result<(&str, &str), &'static str> {
    const MISSING: &str = "missing port in address";
    const MANY: &str = "too many colons in address";
    let colon = address.rfind(':').ok_or(MISSING)?;
    let port = address.get(colon + 1..).unwrap_or_default();
    let head = address.get(..colon).unwrap_or_default();
    let Some(inside) = address.strip_prefix('[') else {
        if head.contains(':') {
            return Err(MANY);
        }
        return no_brackets(head, head, port);
    };
    let end = 1 + inside.find(']').ok_or("missing ']' in address")?;
    if end + 1 != colon {
        // The bracket ends the address, or something other than a colon follows it.
        let behind = address.get(end + 1..).unwrap_or_default();
        return Err(if behind.starts_with(':') { MANY } else { MISSING });
    }
    let host = address.get(1..end).unwrap_or_default();
    no_brackets(host, host, port)
}

/// Returns the host and the port that Go's HTTP client dials for the authority of a URL. Without a
/// port it is that of the scheme. A port that is no number is -1, one that is too long is
/// `i32::MAX`: the request fails before it is sent. Source: net/http `canonicalAddr`, net/url
/// `splitHostPort`.
pub fn dialed(authority: &str, scheme: &str) -> (String, i32) {
    let usual = if scheme == "https" { 443 } else { 80 };
    let split = authority
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
    let (host, port) = match split {
        Some((host, "")) => (host, usual),
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, port.parse().unwrap_or(i32::MAX))
        }
        Some((host, _)) => (host, -1),
        None => (authority, usual),
    };
    (host.trim_start_matches('[').trim_end_matches(']').to_owned(), port)
}

/// Returns the port of the address that a server listens on; empty if the address has none.
pub fn listen_port(address: &str) -> &str {
    split_host_port(address).map_or("", |(_, port)| port)
}

/// Returns true if an address has a port, or is so malformed that none can be appended to it.
pub fn has_port(address: &str) -> bool {
    let fits = |address: &str| split_host_port(address).is_ok();
    fits(address) || !fits(&format!("{address}:1"))
}

fn no_brackets<'a>(
    host: &'a str,
    rest: &str,
    port: &'a str,
) -> Result<(&'a str, &'a str), &'static str> {
    if rest.contains('[') || port.contains('[') {
        return Err("unexpected '[' in address");
    }
    if rest.contains(']') || port.contains(']') {
        return Err("unexpected ']' in address");
    }
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_and_splits() {
        for (host, port, address) in [
            ("a.b", "80", "a.b:80"),
            ("::1", "http", "[::1]:http"),
            ("fe80::1%lo0", "9", "[fe80::1%lo0]:9"),
            ("", "80", ":80"),
            ("a", "", "a:"),
        ] {
            assert_eq!(join_host_port(host, port), address);
            assert_eq!(split_host_port(address), Ok((host, port)));
        }
        assert_eq!(split_host_port("[a]:1"), Ok(("a", "1")));
    }

    #[test]
    fn authorities_are_dialed_at_the_port_of_the_scheme() {
        for (address, scheme, host, port) in [
            ("proxy-service:8080", "http", "proxy-service", 8080),
            ("proxy-service", "http", "proxy-service", 80),
            ("proxy-service", "https", "proxy-service", 443),
            ("[fd00::1]:9100", "http", "fd00::1", 9100),
            ("[fd00::1]", "https", "fd00::1", 443),
            ("10.0.0.1", "http", "10.0.0.1", 80),
            ("a:", "http", "a", 80),
            ("a:web", "http", "a", -1),
            ("a:+1", "http", "a", -1),
            ("a:99999999999", "http", "a", i32::MAX),
        ] {
            assert_eq!(dialed(address, scheme), (host.to_owned(), port), "{address}");
        }
    }

    #[test]
    fn addresses_with_and_without_a_port() {
        for (address, listened, expected) in [
            ("a:80", "80", true),
            (":9090", "9090", true),
            ("a:", "", true),
            ("a", "", false),
            ("[::1]:80", "80", true),
            ("[::1]", "", false),
            // No port can be appended.
            ("::1", "", true),
        ] {
            assert_eq!(
                (listen_port(address), has_port(address)),
                (listened, expected),
                "{address}"
            );
        }
    }

    #[test]
    fn refuses() {
        for (address, error) in [
            ("a", "missing port in address"),
            ("", "missing port in address"),
            ("[::1]", "missing port in address"),
            ("[::1]80", "missing port in address"),
            ("::1", "too many colons in address"),
            ("[a]:b:1", "too many colons in address"),
            ("[::1:80", "missing ']' in address"),
            ("a[b:80", "unexpected '[' in address"),
            ("a]b:80", "unexpected ']' in address"),
            ("[a]:8]", "unexpected ']' in address"),
        ] {
            assert_eq!(split_host_port(address), Err(error), "{address}");
        }
    }
}
