//! The table of `docs/limits.md` against the constants in the sources.

use std::fs;
use std::path::Path;

/// A row: what is limited, the limit, the file and the name of the constant.
struct Row<'a> {
    what: &'a str,
    limit: &'a str,
    file: &'a str,
    constant: &'a str,
}

fn rows(text: &str) -> Vec<Row<'_>> {
    let cells = text.lines().filter_map(|line| {
        let inner = line.strip_prefix("| ")?.strip_suffix(" |")?;
        Some(inner.split(" | ").collect::<Vec<_>>())
    });
    let rows = cells.filter_map(|cells| {
        let [what, limit, constant, beyond] = cells[..] else { panic!("four cells: {cells:?}") };
        let (file, constant) = constant.strip_prefix('`')?.strip_suffix('`')?.split_once("` `")?;
        assert!(beyond.ends_with('.'), "{what}: a sentence says what happens beyond the limit");
        Some(Row { what, limit, file, constant })
    });
    rows.collect()
}

/// The value of a limit as it is written: `4 MiB`, `1,000`.
fn written(limit: &str) -> u64 {
    let (number, unit) = limit.split_once(' ').unwrap_or((limit, ""));
    let number: u64 = number.replace(',', "").parse().unwrap_or_else(|_| panic!("{limit}"));
    match unit {
        "" => number,
        "KiB" => number << 10,
        "MiB" => number << 20,
        _ => panic!("{limit}: an unknown unit"),
    }
}

/// The value of an expression of literals, `*` and `<<`.
fn value(expression: &str) -> u64 {
    if let Some((left, right)) = expression.split_once("<<") {
        return value(left) << value(right);
    }
    if let Some((left, right)) = expression.split_once('*') {
        return value(left) * value(right);
    }
    let digits = expression.trim().replace('_', "");
    digits.parse().unwrap_or_else(|_| panic!("{expression} is no number"))
}

/// The value of a constant in the text of a source file.
fn constant(source: &str, name: &str) -> Option<u64> {
    let line =
        source.lines().map(str::trim).find(|line| line.contains(&format!("const {name}:")))?;
    let (_, expression) = line.strip_suffix(';')?.split_once(" = ")?;
    Some(value(expression))
}

#[test]
fn the_table_of_limits_has_the_values_of_the_constants() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/limits.md")).expect("the table exists");
    let rows = rows(&text);
    assert!(rows.len() > 30, "{} rows", rows.len());
    for Row { what, limit, file, constant: name } in rows {
        let source =
            fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let value = constant(&source, name);
        assert_eq!(value, Some(written(limit)), "{what}: {name} in {file}");
    }
}

#[test]
fn values_are_read_as_they_are_written() {
    for (text, expected) in [("4 << 20", 4 << 20), ("1_000", 1000), ("512 * 1024", 512 << 10)] {
        assert_eq!(value(text), expected);
    }
    for (text, expected) in [("4 MiB", 4 << 20), ("256 KiB", 256 << 10), ("1,000,000", 1_000_000)] {
        assert_eq!(written(text), expected);
    }
    assert_eq!(constant("pub const A: u8 = 3;\n", "A"), Some(3));
    assert_eq!(constant("pub const AB: u8 = 3;\n", "A"), None);
}
