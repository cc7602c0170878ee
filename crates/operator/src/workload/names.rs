//! Names of volumes that are made from names of other objects.
//!
//! Source: prometheus-operator pkg/k8s/resource_namer.go.

use kubernetes::validation::names::dns1123_label;
use xxhash_rust::xxh64::xxh64;

use crate::store::Checked;

/// Longest label of DNS.
const MAX: usize = 63;
/// A dash and eight digits of the hash.
const HASH: usize = 9;

fn sanitized(prefix: &str, name: &str) -> String {
    let name = format!("{}-{name}", prefix.trim_end_matches('-')).to_lowercase();
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' {
            out.push(c);
        } else if !out.ends_with('\u{0}') {
            out.push('\u{0}');
        }
    }
    out.replace('\u{0}', "-").trim_matches('-').to_owned()
}

fn valid(name: String) -> Checked<String> {
    let problems = dns1123_label(&name);
    if problems.is_empty() { Ok(name) } else { Err(problems.join(",")) }
}

/// A label with the name in it.
pub fn label(prefix: &str, name: &str) -> Checked<String> {
    let mut label = sanitized(prefix, name);
    label.truncate(MAX);
    valid(label)
}

/// A label with the name and a hash of it.
pub fn unique_label(prefix: &str, name: &str) -> Checked<String> {
    let hash = format!("-{:x}", xxh64(name.as_bytes(), 0));
    let mut label = sanitized(prefix, name);
    label.truncate(MAX - HASH);
    valid(label + hash.get(..HASH).unwrap_or(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_made_from_names() {
        assert_eq!(label("secret", "My_Secret..x").as_deref(), Ok("secret-my-secret-x"));
        // The hash is recorded in conformance/operator.
        let unique = unique_label("web-config-tls-secret-key-", "cred");
        assert_eq!(unique.as_deref(), Ok("web-config-tls-secret-key-cred-c3996280"));
        assert_eq!(label("configmap", &"a".repeat(80)).map(|label| label.len()), Ok(63));
    }
}
