//! The difference between two texts.

/// The range between the common start and the common end of two texts, on character boundaries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edit {
    pub start: usize,
    pub old_end: usize,
    pub new_end: usize,
}

impl Edit {
    /// Returns None if the texts have too little in common.
    pub fn between(old: &str, new: &str) -> Option<Self> {
        let most = old.len().min(new.len());
        let mut start = common(old.as_bytes(), new.as_bytes());
        while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = common_end(old.as_bytes(), new.as_bytes()).min(most - start);
        while !old.is_char_boundary(old.len() - end) || !new.is_char_boundary(new.len() - end) {
            end -= 1;
        }
        let edit = Self { start, old_end: old.len() - end, new_end: new.len() - end };
        (edit.new_end - start <= new.len() / 2 || edit.new_end == start).then_some(edit)
    }

    /// Returns the new offset for an old one after the edit.
    pub fn moved(self, old: usize) -> usize {
        (old + self.new_end).saturating_sub(self.old_end)
    }
}

/// The number of bytes that are compared at once.
const STRIDE: usize = 256;

fn common(a: &[u8], b: &[u8]) -> usize {
    let strides = a.chunks_exact(STRIDE).zip(b.chunks_exact(STRIDE));
    let from = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    let rest = a.iter().zip(b).skip(from);
    from + rest.take_while(|(a, b)| a == b).count()
}

fn common_end(a: &[u8], b: &[u8]) -> usize {
    let strides = a.rchunks_exact(STRIDE).zip(b.rchunks_exact(STRIDE));
    let from = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    let (a, b) = (&a[..a.len() - from], &b[..b.len() - from]);
    from + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}
