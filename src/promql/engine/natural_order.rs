//! The order of `sort_by_label`: runs of digits compare as numbers, everything else as text.

/// Whether `a` stands before `b`. Of two texts of which one begins with the other, the shorter
/// one comes first, except for the empty text, which has no order.
pub(super) fn natural_less(a: &str, b: &str) -> bool {
    let (mut left, mut right) = (Chunks(a), Chunks(b));
    let mut pair = (left.next(), right.next());
    while let (Some(x), Some(y)) = pair {
        match (number(x), number(y)) {
            (Some(m), Some(n)) if m != n => return m < n,
            (Some(_), Some(_)) => {}
            _ if x != y => return x < y,
            _ => {}
        }
        pair = (left.next(), right.next());
        if pair.0.is_none() {
            return true;
        }
    }
    false
}

/// What fits an integer of 64 bits is a number.
fn number(chunk: &str) -> Option<i64> {
    chunk.parse().ok().filter(|_| chunk.starts_with(|c: char| c.is_ascii_digit()))
}

struct Chunks<'a>(&'a str);

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let digits = self.0.starts_with(|c: char| c.is_ascii_digit());
        let end = self.0.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(self.0.len());
        let (chunk, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(chunk).filter(|chunk| !chunk.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_value_and_text_by_bytes() {
        let ordered = ["1", "2", "10", "a1", "a2", "a2b", "a10", "b"];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                if i != j {
                    assert_eq!(natural_less(a, b), i < j, "{a} {b}");
                }
            }
        }
        assert!(!natural_less("", "a") && !natural_less("a", ""));
    }
}
