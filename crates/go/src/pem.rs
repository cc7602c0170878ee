//! Checks of PEM blocks in the words of Go's encoding/pem, crypto/tls and crypto/x509.
//!
//! A block must decode, and its content must be a DER sequence that fills it. Whether a private key
//! belongs to a certificate is not checked.

struct Block {
    kind: String,
    bytes: Vec<u8>,
}

/// Returns the blocks of a text. Text that is no block is skipped.
fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        let behind = &rest[start + "-----BEGIN ".len()..];
        let Some((kind, body)) = behind.split_once("-----") else { break };
        let end = format!("-----END {kind}-----");
        let Some(stop) = body.find(&end) else {
            rest = behind;
            continue;
        };
        let content: String = body[..stop].chars().filter(|c| !c.is_ascii_whitespace()).collect();
        if let Ok(bytes) = crate::base64::decode(&content) {
            found.push(Block { kind: kind.to_owned(), bytes });
        }
        rest = &body[stop + end.len()..];
    }
    found
}

/// Returns true for a DER sequence of exactly these bytes.
fn is_sequence(bytes: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = bytes else { return false };
    if *first < 0x80 {
        return rest.len() == usize::from(*first);
    }
    let count = usize::from(*first & 0x7f);
    let Some((length, body)) = rest.split_at_checked(count) else { return false };
    let length = length
        .iter()
        .try_fold(0usize, |sum, byte| Some(sum.checked_mul(256)? + usize::from(*byte)));
    length == Some(body.len())
}

/// Checks that the first block is a certificate.
pub fn certificate(text: &str) -> Result<(), String> {
    match blocks(text).first() {
        None => Err("failed to decode PEM block".to_owned()),
        Some(block) if !is_sequence(&block.bytes) => {
            Err("failed to parse certificate: x509: malformed certificate".to_owned())
        }
        Some(_) => Ok(()),
    }
}

/// Checks a certificate and its key. Source: crypto/tls X509KeyPair.
pub fn key_pair(certificate: &str, key: &str) -> Result<(), String> {
    let certificate = certificate_block(certificate)?;
    let key = key_block(key)?;
    if !is_sequence(&certificate.bytes) {
        return Err("x509: malformed certificate".to_owned());
    }
    if is_sequence(&key.bytes) {
        Ok(())
    } else {
        Err("tls: failed to parse private key".to_owned())
    }
}

/// The first certificate of a text.
fn certificate_block(text: &str) -> Result<Block, String> {
    const SWITCHED: &str = "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched";
    match first_of(blocks(text), |kind| kind == "CERTIFICATE") {
        Ok(block) => Ok(block),
        Err(skipped) => Err(match &skipped[..] {
            [] => "tls: failed to find any PEM data in certificate input".to_owned(),
            [kind] if kind.ends_with("PRIVATE KEY") => SWITCHED.to_owned(),
            kinds => format!(
                "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: [{}]",
                kinds.join(" ")
            ),
        }),
    }
}

/// The first private key of a text.
fn key_block(text: &str) -> Result<Block, String> {
    const SWITCHED: &str =
        "tls: found a certificate rather than a key in the PEM for the private key";
    let is_key = |kind: &str| kind == "PRIVATE KEY" || kind.ends_with(" PRIVATE KEY");
    match first_of(blocks(text), is_key) {
        Ok(block) => Ok(block),
        Err(skipped) => Err(match &skipped[..] {
            [] => "tls: failed to find any PEM data in key input".to_owned(),
            [kind] if kind == "CERTIFICATE" => SWITCHED.to_owned(),
            kinds => format!(
                "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the following types: [{}]",
                kinds.join(" ")
            ),
        }),
    }
}

/// The first block of a kind, or the kinds of all blocks.
fn first_of(found: Vec<Block>, is_wanted: impl Fn(&str) -> bool) -> Result<Block, Vec<String>> {
    let mut skipped = Vec::new();
    for block in found {
        if is_wanted(&block.kind) {
            return Ok(block);
        }
        skipped.push(block.kind);
    }
    Err(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_told_apart() {
        let block = |kind: &str, content: &str| {
            format!("text\n-----BEGIN {kind}-----\n{content}\n-----END {kind}-----\n")
        };
        let (good, bad) = (block("CERTIFICATE", "MAMCAQE="), block("CERTIFICATE", "AAAA"));
        let key = block("EC PRIVATE KEY", "MAMCAQE=");
        assert_eq!(certificate(&good), Ok(()));
        assert_eq!(certificate("no block").unwrap_err(), "failed to decode PEM block");
        assert!(certificate(&bad).unwrap_err().contains("malformed"));
        assert_eq!(key_pair(&good, &key), Ok(()));
        for (cert, key, part) in [
            ("", &*key, "any PEM data in certificate input"),
            (&*key, &key, "may have been switched"),
            (&good, "", "any PEM data in key input"),
            (&good, &good, "found a certificate rather than a key"),
            (&bad, &key, "malformed"),
            (&bad, "", "any PEM data in key input"),
        ] {
            assert!(key_pair(cert, key).unwrap_err().contains(part), "{part}");
        }
    }
}
