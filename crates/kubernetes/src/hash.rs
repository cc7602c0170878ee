//! Names, identifiers and addresses that look like a cluster's and are the same in every run.

/// FNV-1a over parts, each closed by a byte that no text contains.
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

    /// The hash, mixed so that all of its bits depend on the whole text.
    pub fn value(self) -> u64 {
        let mut value = self.0;
        for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
            value = (value ^ value >> 33).wrapping_mul(factor);
        }
        value ^ value >> 33
    }
}

/// Kubernetes's letters for generated names: no vowels and no digits that look like them, so that
/// no word comes out.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A 32-bit number as Kubernetes puts it into a ReplicaSet's name: its decimal digits, each
/// replaced by a letter. Source: apimachinery rand.SafeEncodeString.
pub fn safe_encode(number: u32) -> String {
    let letter = |digit: u8| char::from(LETTERS[usize::from(digit) % LETTERS.len()]);
    number.to_string().bytes().map(letter).collect()
}

/// The five letters that the API server appends to a `generateName`.
pub fn suffix(parts: &[&str]) -> String {
    let mut value = Hash::of(parts).value();
    let mut text = String::with_capacity(5);
    for _ in 0..5 {
        text.push(char::from(LETTERS[(value % LETTERS.len() as u64) as usize]));
        value /= LETTERS.len() as u64;
    }
    text
}

/// A generated name: the prefix is cut so that the whole stays within 63 characters.
pub fn generate_name(prefix: &str, parts: &[&str]) -> String {
    let end = prefix.char_indices().nth(58).map_or(prefix.len(), |(offset, _)| offset);
    format!("{}{}", prefix.get(..end).unwrap_or(prefix), suffix(parts))
}

/// A UUID in its usual notation.
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

/// A container's identifier as containerd makes them.
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
