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
