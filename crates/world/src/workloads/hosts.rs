//! Programs that answer only requests for the host names that they are configured with.

/// Returns true if a list of host names, as in an environment variable, allows a host. Names are
/// separated by commas; `*` allows every host, and `.example.com` also its subdomains.
///
/// `host` is the header Host or the host of a URL, with or without a port. Without a list no host is
/// allowed.
///
/// Source: Django django/http/request.py `validate_host`, django/utils/http.py `is_same_domain`.
pub fn allows(list: Option<&str>, host: &str) -> bool {
    let host = match go::net::split_host_port(host) {
        Ok((host, _)) => host.to_owned(),
        Err(_) => host.to_owned(),
    };
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_lowercase();
    let mut names = list.unwrap_or_default().split([',', ' ']).filter(|name| !name.is_empty());
    names.any(|name| {
        let name = name.to_lowercase();
        match name.strip_prefix('.') {
            Some(domain) => host == domain || host.ends_with(&name),
            None => name == "*" || name.trim_matches(['[', ']']) == host,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_compared_as_django_does() {
        for (list, host, expected) in [
            (None, "10.244.0.5:8000", false),
            (Some(""), "10.244.0.5", false),
            (Some("*"), "10.244.0.5:8000", true),
            (Some("shop.example.com"), "10.244.0.5:8000", false),
            (Some("shop.example.com, django"), "django:8000", true),
            (Some("shop.example.com"), "SHOP.example.com.", true),
            (Some(".example.com"), "shop.example.com", true),
            (Some(".example.com"), "example.com", true),
            (Some(".example.com"), "badexample.com", false),
            (Some("[fd00::1]"), "[fd00::1]:8000", true),
        ] {
            assert_eq!(allows(list, host), expected, "{list:?} {host}");
        }
    }
}
