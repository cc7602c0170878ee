//! Deterministic generated names, UIDs and addresses.

/// An FNV-1a hash over parts. Each part is terminated by a byte that does not occur in UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = Self::default();
        parts.iter().for_each(|part| hash.add(part));
        hash
    }

    pub fn add(&mut self, part: &str) {
        for byte in part.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Returns the hash, with all bits depending on the whole input.
    pub fn value(self) -> u64 {
        let mut value = self.0;
        for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
            value = (value ^ value >> 33).wrapping_mul(factor);
        }
        value ^ value >> 33
    }
}

/// The alphabet of generated names: no vowels and no similar digits.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// Encodes a 32-bit number as in ReplicaSet names: each decimal digit is replaced by a letter.
///
/// Source: apimachinery rand.SafeEncodeString.
pub fn safe_encode(number: u32) -> String {
    let letter = |digit: u8| char::from(LETTERS[usize::from(digit) % LETTERS.len()]);
    number.to_string().bytes().map(letter).collect()
}

/// Returns the five-letter suffix for `generateName`.
pub fn suffix(parts: &[&str]) -> String {
    let mut value = Hash::of(parts).value();
    let mut text = String::with_capacity(5);
    for _ in 0..5 {
        text.push(char::from(LETTERS[(value % LETTERS.len() as u64) as usize]));
        value /= LETTERS.len() as u64;
    }
    text
}

/// Returns a generated name of at most 63 characters; a long prefix is truncated.
pub fn generate_name(prefix: &str, parts: &[&str]) -> String {
    let end = prefix.char_indices().nth(58).map_or(prefix.len(), |(offset, _)| offset);
    format!("{}{}", prefix.get(..end).unwrap_or(prefix), suffix(parts))
}

/// Returns a UUID.
pub fn uuid(parts: &[&str]) -> String {
    let first = Hash::of(parts).value();
    let mut second = Hash::of(parts);
    second.add("second half");
    let second = second.value();
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        first >> 32,
        first >> 16 & 0xffff,
        first & 0xfff,
        0x8000 | second >> 48 & 0x3fff,
        second & 0xffff_ffff_ffff
    )
}

/// Returns a containerd container ID.
pub fn container_id(parts: &[&str]) -> String {
    let mut hash = Hash::of(parts);
    let mut text = String::from("containerd://");
    for _ in 0..4 {
        hash.add("more");
        text.push_str(&format!("{:016x}", hash.value()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_become_kubernetes_letters() {
        assert_eq!(safe_encode(110_622_959), "554b66f9f");
    }

    #[test]
    fn names_are_stable_and_of_the_right_form() {
        assert_eq!(suffix(&["a", "b"]), suffix(&["a", "b"]));
        assert_ne!(suffix(&["a", "b"]), suffix(&["ab", ""]));
        assert_eq!(generate_name(&"é".repeat(80), &[]).chars().count(), 63);
        let uuid = uuid(&["x"]);
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes().get(14), Some(&b'4'));
        assert_eq!(container_id(&["x"]).len(), 13 + 64);
    }
}
