//! Tables as kubectl prints them: cells under headings, three spaces apart.
//!
//! Source: cli-runtime pkg/printers/tabwriter.go, kubectl pkg/cmd/get/get.go.

/// The least width of a column with its padding.
const LEAST: usize = 6;
/// Spaces between two columns.
const PADDING: usize = 3;

/// Lines of cells in columns; the last cell of a line is not padded.
pub fn lines(rows: &[Vec<String>]) -> String {
    lines_with(rows, &mut Vec::new())
}

/// Lines below others: columns do not become narrower than they were.
pub(crate) fn lines_with(rows: &[Vec<String>], widths: &mut Vec<usize>) -> String {
    for (number, width) in self::widths(rows).into_iter().enumerate() {
        match widths.get_mut(number) {
            Some(known) => *known = width.max(*known),
            None => widths.push(width),
        }
    }
    let mut text = String::new();
    for row in rows {
        for (number, (cell, width)) in row.iter().zip(widths.iter()).enumerate() {
            text.push_str(cell);
            if number + 1 < row.len() {
                let padding = width.saturating_sub(cell.chars().count());
                text.extend(std::iter::repeat_n(' ', padding));
            }
        }
        text.push('\n');
    }
    text
}

/// The widths of the columns of rows.
pub(crate) fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let longest = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
        (longest + PADDING).max(LEAST)
    };
    (0..columns).map(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_three_spaces_apart() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        for (rows, text) in [
            (vec![row(&["NAME", "AGE"]), row(&["web-1", "5s"])], "NAME    AGE\nweb-1   5s\n"),
            (vec![row(&["a", "b"])], "a     b\n"),
            (vec![row(&["ä", "", "c"])], "ä           c\n"),
            (Vec::new(), ""),
        ] {
            assert_eq!(lines(&rows), text, "{rows:?}");
        }
    }

    #[test]
    fn later_lines_keep_the_widths() {
        let mut widths = widths(&[vec!["longer name".to_owned(), "b".to_owned()]]);
        let rows = [vec!["a".to_owned(), "b".to_owned()]];
        assert_eq!(lines_with(&rows, &mut widths), "a             b\n");
    }
}
