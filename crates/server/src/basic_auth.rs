//! Users of the web configuration, and the bcrypt hashes of their passwords.
//!
//! Source: exporter-toolkit web/handler.go `ServeHTTP`, golang.org/x/crypto/bcrypt.

use blowfish::Blowfish;

use crate::http::{PLAIN, Request, Response};

/// The answer to a request without a known name and its password. None if the request may pass, or
/// if there are no users.
pub(crate) fn refusal(request: &Request, users: &[(String, String)]) -> Option<Response> {
    if users.is_empty() || is_known(request.header("Authorization"), users) {
        return None;
    }
    let response = Response::new(401, PLAIN, "Unauthorized\n");
    Some(response.with_header("Www-Authenticate", "Basic"))
}

fn is_known(header: &str, users: &[(String, String)]) -> bool {
    let Some((scheme, encoded)) = header.split_once(' ') else { return false };
    if !scheme.eq_ignore_ascii_case("Basic") {
        return false;
    }
    let Some(pair) = go::base64::decode(encoded).ok().and_then(|one| String::from_utf8(one).ok())
    else {
        return false;
    };
    let Some((name, password)) = pair.split_once(':') else { return false };
    let hash = users.iter().find(|(user, _)| user == name).map(|(_, hash)| hash);
    hash.is_some_and(|hash| verify(password, hash))
}

/// The largest cost that is computed: each step doubles the time, and 14 takes about a second.
const MAX_COST: u32 = 14;
const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns true if a hash such as `$2y$10$…` is that of a password.
fn verify(password: &str, hash: &str) -> bool {
    let mut parts = hash.split('$').skip(1);
    let (Some(version), Some(cost), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Some(cost) = cost.parse::<u32>().ok().filter(|cost| (4..=MAX_COST).contains(cost)) else {
        return false;
    };
    let (Some(salt), Some(digest)) = (rest.get(..22), rest.get(22..)) else { return false };
    if !version.starts_with('2') || digest.len() != 31 {
        return false;
    }
    match (decode(salt, 16), decode(digest, 23)) {
        (Some(salt), Some(digest)) => bcrypt(password, &salt, cost)[..23] == digest[..],
        _ => false,
    }
}

/// The bytes of bcrypt's base64, which has an alphabet of its own.
fn decode(text: &str, length: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.bytes() {
        let value = ALPHABET.iter().position(|one| *one == c)?;
        bits = (bits << 6) | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes.truncate(length);
    (bytes.len() == length).then_some(bytes)
}

/// The hash: Blowfish with an expensive key schedule encrypts a fixed text 64 times.
fn bcrypt(password: &str, salt: &[u8], cost: u32) -> [u8; 24] {
    // The password ends with a zero byte; 72 bytes are used.
    let key: Vec<u8> = password.bytes().chain([0]).take(72).collect();
    let mut state: Blowfish = Blowfish::bc_init_state();
    state.salted_expand_key(salt, &key);
    for _ in 0..1_u32 << cost {
        state.bc_expand_key(&key);
        state.bc_expand_key(salt);
    }
    let mut hash = [0; 24];
    for (block, text) in hash.chunks_exact_mut(8).zip(b"OrpheanBeholderScryDoubt".chunks_exact(8)) {
        let word =
            |bytes: &[u8]| bytes.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        let (left, right) = text.split_at(4);
        let mut words = [word(left), word(right)];
        for _ in 0..64 {
            words = state.bc_encrypt(words);
        }
        for (slot, byte) in block.iter_mut().zip(words.iter().flat_map(|word| word.to_be_bytes())) {
            *slot = byte;
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_users_pass() {
        // A vector of crypt_blowfish: the password is `U*U`.
        let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        let users = [("admin".to_owned(), hash.to_owned())];
        let status = |header: &str| {
            let mut request = Request::get("/");
            request.headers.push(("authorization".to_owned(), header.to_owned()));
            refusal(&request, &users).map(|response| response.status)
        };
        let basic = |pair: &str| format!("Basic {}", go::base64::encode(pair.as_bytes()));
        assert_eq!(status(&basic("admin:U*U")), None);
        assert_eq!(status(&basic("admin:U*V")), Some(401));
        assert_eq!(status(&basic("other:U*U")), Some(401));
        assert_eq!(status("Basic %"), Some(401));
        assert_eq!(status(&format!("Bearer {}", basic("admin:U*U"))), Some(401));
        assert_eq!(refusal(&Request::get("/"), &[]), None);
    }
}
