//! The forms in which targets read their bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Bytes as text. Bytes that are no UTF-8 are replaced.
pub fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// Splits numbers off the front: each takes two bytes. Missing bytes are zero.
pub fn numbers<const N: usize>(data: &[u8]) -> ([usize; N], &[u8]) {
    let byte = |at: usize| usize::from(data.get(at).copied().unwrap_or_default());
    let numbers = std::array::from_fn(|at| byte(2 * at) << 8 | byte(2 * at + 1));
    (numbers, data.get(2 * N..).unwrap_or_default())
}

/// Returns a character boundary of a text for any number.
pub fn boundary(text: &str, number: usize) -> usize {
    let mut offset = number % (text.len() + 1);
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Files in one text: a line `-- NAME --` begins a file. What stands before the first such line has
/// the empty name.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    pub files: BTreeMap<String, String>,
}

impl Archive {
    pub fn read(data: &[u8]) -> Self {
        let (mut files, mut name) = (BTreeMap::<String, String>::new(), String::new());
        for line in text(data).split_inclusive('\n') {
            let trimmed = line.trim_end();
            match trimmed.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
                Some(next) => name = next.to_owned(),
                None => files.entry(name.clone()).or_default().push_str(line),
            }
        }
        Self { files }
    }

    /// Removes a file and returns its text; the empty text if there is none.
    pub fn take(&mut self, name: &str) -> String {
        self.files.remove(name).unwrap_or_default()
    }

    /// The form that [`Archive::read`] reads.
    pub fn print<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let print = |(name, text): (&str, &str)| format!("-- {name} --\n{}\n", text.trim_end());
        files.into_iter().map(print).collect()
    }
}
