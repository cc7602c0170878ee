//! Corrections of the spans that the parser reports.

use super::Builder;
use text::Span;

impl Builder<'_> {
    /// Moves the span of an absent value behind its colon or dash; the parser puts it before.
    pub(super) fn behind_indicator(&self, span: Span) -> Span {
        let rest = self.text.get(span.start as usize..).unwrap_or_default();
        Span::at(span.start + u32::from(rest.starts_with([':', '-', '?'])))
    }

    /// Extends the span of a block scalar to its header, after which the parser's span begins. The
    /// span of one without a line at the end of the text begins at the header.
    pub(super) fn block_span(&self, value: &str, span: Span) -> Span {
        let is_empty = value.bytes().all(|byte| byte == b'\n');
        if is_empty && span.slice(self.text).starts_with(['|', '>']) {
            return Span::new(span.start, self.trim_block_end(span));
        }
        let mut end = span.start as usize;
        let floor = self.frames.last().map_or(0, |frame| frame.start as usize);
        while let Some(before) = self.text.get(floor..end) {
            let content = before.trim_end();
            let line_start = content.rfind('\n').map_or(0, |at| at + 1);
            let line = &content[line_start..];
            let header = line.rfind(" #").map_or(line, |at| &line[..at]).trim_end();
            if let Some(at) = header.rfind(['|', '>']) {
                let tail = &header[at + 1..];
                if tail.len() <= 2 && tail.bytes().all(|b| b.is_ascii_digit() || b"+-".contains(&b))
                {
                    let end = self.trim_block_end(span);
                    return Span::new((floor + line_start + at) as u32, end);
                }
            }
            if line_start == 0 {
                break;
            }
            end = floor + line_start - 1;
        }
        span
    }

    /// Returns the end of a block scalar without the blank lines after its text.
    pub(super) fn trim_block_end(&self, span: Span) -> u32 {
        let raw = span.slice(self.text);
        let kept = raw.trim_end_matches([' ', '\n', '\r']);
        let rest = &raw[kept.len()..];
        let newline = rest.find('\n').map_or(rest.len(), |at| at + 1);
        span.start + (kept.len() + newline) as u32
    }
}
