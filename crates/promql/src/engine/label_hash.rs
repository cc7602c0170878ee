//! The label set hash that Prometheus computes: XXH64 with seed 0. `limit_ratio` selects series by it.

use xxhash_rust::xxh64::xxh64;

use crate::Labels;

/// Returns the hash of a label set in Prometheus's memory layout: each string is preceded by its
/// length, in one byte or in 255 and three little-endian bytes.
///
/// Source: prometheus model/labels/labels_stringlabels.go `Labels.Hash`.
pub(super) fn label_hash(labels: &Labels) -> u64 {
    let mut bytes = Vec::new();
    for label in labels {
        for text in [&label.name, &label.value] {
            match u8::try_from(text.len()) {
                Ok(len) if len < u8::MAX => bytes.push(len),
                _ => {
                    bytes.push(u8::MAX);
                    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes()[..3]);
                }
            }
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    xxh64(&bytes, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes() {
        for (text, hash) in [
            ("", 0xEF46_DB37_51D8_E999),
            ("a", 0xD24E_C4F1_A98C_6E5B),
            ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ] {
            assert_eq!(xxh64(text.as_bytes(), 0), hash, "{text}");
        }
    }
}
