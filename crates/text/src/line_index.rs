//! From byte offsets to lines, columns and UTF-16 offsets, and back.

/// Line and column, both counted from zero; `col` is in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCol {
    pub line: u32,
    pub col: u32,
}

/// The starts of lines, and the characters at which UTF-8 and UTF-16 offsets diverge.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    /// Byte offset of the first character of each line; the first is 0.
    starts: Vec<u32>,
    /// For each character outside ASCII: its byte offset, its length in bytes, its length in UTF-16.
    wide: Vec<(u32, u8, u8)>,
    len: u32,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let mut wide = Vec::new();
        for (offset, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                starts.push(offset as u32 + 1);
            } else if byte >= 0xc0 {
                // The first byte of a character determines its length; only four bytes need two units.
                let (bytes, units) = match byte {
                    0xf0.. => (4, 2),
                    0xe0.. => (3, 1),
                    _ => (2, 1),
                };
                wide.push((offset as u32, bytes, units));
            }
        }
        Self { starts, wide, len: text.len() as u32 }
    }

    /// Number of lines; a text that ends with a line break has an empty last line.
    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Line and byte column of an offset; an offset past the end counts as the end.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let offset = offset.min(self.len);
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        LineCol { line: line as u32, col: offset - self.starts[line] }
    }

    /// The line's number as an editor shows it, from 1.
    pub fn line_number(&self, offset: u32) -> u32 {
        self.line_col(offset).line + 1
    }

    /// Byte offset of a line's first character; past the last line it is the end of the text.
    pub fn line_start(&self, line: u32) -> u32 {
        self.starts.get(line as usize).copied().unwrap_or(self.len)
    }

    /// The UTF-16 offset from the text's start, as editors in a browser count.
    pub fn utf16(&self, offset: u32) -> u32 {
        let offset = offset.min(self.len);
        let before = self.wide.partition_point(|&(at, ..)| at < offset);
        let surplus: u32 =
            self.wide[..before].iter().map(|&(_, bytes, units)| u32::from(bytes - units)).sum();
        offset - surplus
    }

    /// The byte offset of a UTF-16 offset; one in the middle of a surrogate pair goes to its start.
    pub fn byte_of_utf16(&self, utf16: u32) -> u32 {
        let mut surplus = 0;
        for &(at, bytes, units) in &self.wide {
            let at16 = at - surplus;
            if at16 >= utf16 {
                break;
            }
            if at16 + u32::from(units) > utf16 {
                return at;
            }
            surplus += u32::from(bytes - units);
        }
        utf16.saturating_add(surplus).min(self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let index = LineIndex::new("ab\nc\n");
        assert_eq!(index.lines(), 3);
        assert_eq!(index.line_col(0), LineCol { line: 0, col: 0 });
        assert_eq!(index.line_col(2), LineCol { line: 0, col: 2 });
        assert_eq!(index.line_col(3), LineCol { line: 1, col: 0 });
        assert_eq!(index.line_col(99), LineCol { line: 2, col: 0 });
        assert_eq!(index.line_number(3), 2);
    }

    #[test]
    fn utf16_there_and_back() {
        let text = "aé☺𝄞z\nß";
        let index = LineIndex::new(text);
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let expected = text[..byte].encode_utf16().count() as u32;
            assert_eq!(index.utf16(byte as u32), expected, "at byte {byte}");
            assert_eq!(index.byte_of_utf16(expected), byte as u32, "at unit {expected}");
        }
        let clef = text.find('𝄞').unwrap() as u32;
        assert_eq!(index.byte_of_utf16(index.utf16(clef) + 1), clef, "inside a surrogate pair");
        assert_eq!(index.byte_of_utf16(u32::MAX), text.len() as u32, "beyond the end");
    }
}
