//! Labels with personal data or an unbounded number of values.

use std::net::IpAddr;

/// Names of labels with personal data.
const PEOPLE: [&str; 14] = [
    "email",
    "mail",
    "username",
    "user_name",
    "firstname",
    "first_name",
    "lastname",
    "last_name",
    "full_name",
    "phone",
    "password",
    "ssn",
    "iban",
    "credit_card",
];

/// Names of labels with client addresses.
const CLIENTS: [&str; 7] =
    ["ip", "ip_address", "client_ip", "remote_ip", "remote_addr", "client", "x_forwarded_for"];

/// Names of labels with an unbounded number of values.
const EVER_MORE: [&str; 17] = [
    "user_id",
    "userid",
    "customer_id",
    "account_id",
    "session",
    "session_id",
    "request_id",
    "correlation_id",
    "trace_id",
    "span_id",
    "order_id",
    "transaction_id",
    "message_id",
    "card_id",
    "token",
    "timestamp",
    "query_string",
];

/// Names of labels with one value per release.
const RELEASES: [&str; 5] = ["revision", "commit", "git_commit", "version", "build_id"];

/// Names of labels with paths.
const PATHS: [&str; 7] = ["path", "url", "uri", "endpoint", "route", "handler", "request"];

/// Returns the kind of personal data in a label.
pub(super) fn personal(name: &str, value: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let email = value.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !value.contains([' ', '/', ':'])
    });
    if email {
        return Some("an e-mail address");
    }
    if CLIENTS.contains(&&*name) && value.parse::<IpAddr>().is_ok() {
        return Some("an address of whoever asks");
    }
    // Machine addresses have no blanks.
    let named = PEOPLE.contains(&&*name) || (name == "address" && value.contains(' '));
    (named && !value.is_empty()).then_some("what names a person")
}

/// Returns the kind of unbounded values in a label.
pub(super) fn unbounded(name: &str, value: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    if RELEASES.contains(&&*name) {
        return None;
    }
    if is_identifier(value) || (EVER_MORE.contains(&&*name) && !value.is_empty()) {
        return Some("identifiers");
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let segments = || value.split(['?', '#']).next().unwrap_or_default().split('/').skip(1);
    let has_identifier =
        segments().any(|part| is_number(part) || is_identifier(part)) || value.contains('?');
    (PATHS.contains(&&*name) && has_identifier).then_some("paths with identifiers")
}

/// Returns true for a UUID or a long decimal or hexadecimal number.
fn is_identifier(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_hexdigit).count();
    let uuid = value.len() == 36 && digits == 32 && value.split('-').count() == 5;
    let number = value.len() >= 9 && value.bytes().all(|b| b.is_ascii_digit());
    let hash = value.len() >= 16
        && digits == value.len()
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic());
    uuid || number || hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_hurt_and_labels_that_do_not() {
        for (name, value, personal_one, unbounded_one) in [
            ("user", "ann@example.org", true, false),
            ("client_ip", "192.0.2.7", true, false),
            ("instance", "192.0.2.7:9100", false, false),
            ("pod_ip", "192.0.2.7", false, false),
            ("phone", "123", true, false),
            ("user_id", "7", false, true),
            ("Session_ID", "abc", false, true),
            ("path", "/users/7/orders", false, true),
            ("path", "/search?q=x", false, true),
            ("path", "/users/{id}", false, false),
            ("path", "/api/v1/query", false, false),
            ("handler", "/", false, false),
            ("id", "123e4567-e89b-12d3-a456-426614174000", false, true),
            ("checksum", "d41d8cd98f00b204e9800998ecf8427e", false, true),
            ("code", "200", false, false),
            // Labels of common exporters for hardware and builds.
            ("address", "02:42:ac:11:00:02", false, false),
            ("address", "192.0.2.7", false, false),
            ("address", "12 High Street", true, false),
            ("revision", "d41d8cd98f00b204e9800998ecf8427e01234567", false, false),
            ("le", "0.5", false, false),
        ] {
            let got = (personal(name, value).is_some(), unbounded(name, value).is_some());
            assert_eq!(got, (personal_one, unbounded_one), "{name}={value}");
        }
    }
}
