//! Columns of text as Go's text/tabwriter aligns them.
//!
//! A cell ends at a tab. Cells of consecutive lines that stand in the same place form a column; the
//! last cell of a line, which no tab ends, belongs to none.
//!
//! Source: Go text/tabwriter.

/// Cells of a line that are aligned at most. Tabs beyond them stay as they are.
const MOST_CELLS: usize = 64;

/// Aligns text. Columns are at least `least` wide, and `padding` spaces wider than their cells.
pub(crate) fn align(text: &str, least: usize, padding: usize) -> String {
    let lines: Vec<Vec<&str>> =
        text.split('\n').map(|line| line.splitn(MOST_CELLS, '\t').collect()).collect();
    let mut block = Block { lines: &lines, least, padding, widths: Vec::new(), out: String::new() };
    block.format(0, lines.len());
    // The last line has no line feed of its own.
    block.out.pop();
    block.out
}

struct Block<'a> {
    lines: &'a [Vec<&'a str>],
    least: usize,
    padding: usize,
    /// Widths of the columns to the left.
    widths: Vec<usize>,
    out: String,
}

impl Block<'_> {
    fn format(&mut self, first: usize, end: usize) {
        let column = self.widths.len();
        let has_cell = |line: &Vec<&str>| column + 1 < line.len();
        let (mut printed, mut at) = (first, first);
        while at < end {
            if !has_cell(&self.lines[at]) {
                at += 1;
                continue;
            }
            self.print(printed, at);
            printed = at;
            let mut width = self.least;
            while at < end && has_cell(&self.lines[at]) {
                let cell = self.lines[at][column].chars().count();
                width = width.max(cell + self.padding);
                at += 1;
            }
            self.widths.push(width);
            self.format(printed, at);
            self.widths.pop();
            printed = at;
        }
        self.print(printed, end);
    }

    fn print(&mut self, first: usize, end: usize) {
        for line in &self.lines[first..end] {
            for (number, cell) in line.iter().enumerate() {
                self.out.push_str(cell);
                if let Some(width) = self.widths.get(number) {
                    let gap = width.saturating_sub(cell.chars().count());
                    self.out.extend(std::iter::repeat_n(' ', gap));
                }
            }
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_span_consecutive_lines() {
        for (text, aligned) in [
            ("a\tb\nccc\td\n", "a    b\nccc  d\n"),
            ("a\tb\nplain\nccc\td\n", "a  b\nplain\nccc  d\n"),
            ("a\t\tb\n\tx\tc\n", "a     b\n   x  c\n"),
            ("\tb\n", "  b\n"),
            ("a\tb", "a  b"),
            ("x\na\tb\n", "x\na  b\n"),
            ("é\tb\n", "é  b\n"),
            ("a \tTrue \nbb \tFalse \n", "a    True \nbb   False \n"),
            ("", ""),
        ] {
            assert_eq!(align(text, 0, 2), aligned, "{text:?}");
        }
        assert_eq!(align("a\tb\n", 6, 3), "a     b\n");
    }

    #[test]
    fn many_tabs_do_not_overflow() {
        let text = "\t".repeat(100_000);
        assert!(align(&text, 0, 2).len() >= 99_000);
    }
}
