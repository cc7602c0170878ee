//! The syntax of names, labels and ports. Source: apimachinery util/validation.

/// A lower-case name of letters, digits and dashes, at most 63 long: Services, Namespaces,
/// containers, volumes.
pub fn check_dns_label(name: &str) -> Result<(), String> {
    if name.len() > 63 {
        return Err("must be no more than 63 characters".into());
    }
    if is_dns_part(name) {
        Ok(())
    } else {
        Err("must consist of lower case letters, digits or '-', and begin and end with a letter or digit".into())
    }
}

/// Dns labels joined by dots, at most 253 long: most object names.
pub fn check_dns_subdomain(name: &str) -> Result<(), String> {
    if name.len() > 253 {
        return Err("must be no more than 253 characters".into());
    }
    if name.split('.').all(is_dns_part) {
        Ok(())
    } else {
        Err("must consist of lower case letters, digits, '-' or '.', and each part must begin and end with a letter or digit".into())
    }
}

/// A Service's name must also begin with a letter.
pub fn check_service_name(name: &str) -> Result<(), String> {
    check_dns_label(name)?;
    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err("must begin with a letter".into())
    }
}

/// A label's or annotation's key: an optional DNS prefix and a slash, then up to 63 characters.
pub fn check_label_key(key: &str) -> Result<(), String> {
    let name = match key.split_once('/') {
        Some((prefix, name)) => {
            if prefix.is_empty() || name.contains('/') {
                return Err("must be a name, or a DNS prefix, '/' and a name".into());
            }
            check_dns_subdomain(prefix).map_err(|error| format!("prefix part {error}"))?;
            name
        }
        None => key,
    };
    if name.is_empty() {
        return Err("name part must not be empty".into());
    }
    check_qualified(name)
}

/// A label's value: empty, or up to 63 characters.
pub fn check_label_value(value: &str) -> Result<(), String> {
    if value.is_empty() { Ok(()) } else { check_qualified(value) }
}

/// The name of a container's port: 15 characters, a letter among them, no dash at an end or
/// doubled.
pub fn check_port_name(name: &str) -> Result<(), String> {
    if name.len() > 15 {
        return Err("must be no more than 15 characters".into());
    }
    let fits = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits {
        return Err("must contain only lower case letters, digits and '-'".into());
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        return Err("must contain at least one letter".into());
    }
    if name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        return Err("must not begin or end with '-' nor contain '--'".into());
    }
    Ok(())
}

/// A key of a ConfigMap or Secret, which is also a file's name.
pub fn check_config_key(key: &str) -> Result<(), String> {
    if key.len() > 253 {
        return Err("must be no more than 253 characters".into());
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if key.is_empty() || !key.bytes().all(fits) {
        return Err("must consist of letters, digits, '-', '_' or '.'".into());
    }
    if key == "." || key == ".." || key.starts_with("../") {
        return Err("must not be '.' or '..'".into());
    }
    Ok(())
}

fn is_dns_part(part: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    edge(part.bytes().next())
        && edge(part.bytes().last())
        && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn check_qualified(name: &str) -> Result<(), String> {
    if name.len() > 63 {
        return Err("must be no more than 63 characters".into());
    }
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if edge(name.bytes().next()) && edge(name.bytes().last()) && name.bytes().all(fits) {
        Ok(())
    } else {
        Err("must consist of letters, digits, '-', '_' or '.', and begin and end with a letter or digit".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        type Check = fn(&str) -> Result<(), String>;
        let table: &[(Check, &[&str], &[&str])] = &[
            (check_dns_label, &["web", "a-1", "1"], &["", "Web", "a.b", "-a", "a-", "a_b"]),
            (check_dns_subdomain, &["web", "a.b", "a-1.2"], &["", "a..b", ".a", "A"]),
            (check_service_name, &["web", "web-1"], &["1web", ""]),
            (
                check_label_key,
                &["app", "app.kubernetes.io/name", "A_b"],
                &["", "/a", "a/", "a/b/c", "-a", "é"],
            ),
            (check_label_value, &["", "a", "1.0", "A_b-c"], &["a b", "-", "a/b", "a."]),
            (
                check_port_name,
                &["http", "web-1"],
                &["", "80", "-a", "a--b", "HTTP", "a-very-long-name"],
            ),
            (check_config_key, &["prometheus.yml", "_A"], &["", "a/b", "..", "a b"]),
        ];
        for (check, good, bad) in table {
            for name in *good {
                assert!(check(name).is_ok(), "{name}: {:?}", check(name));
            }
            for name in *bad {
                assert!(check(name).is_err(), "{name}");
            }
        }
        assert!(check_label_value(&"a".repeat(64)).is_err());
    }
}
