//! The context of a cursor, derived from the indentation, so that it works in incomplete text.

use super::PathSegment;

/// The context of a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CursorContext {
    /// The path to the mapping or list around the cursor, or to the value at the cursor.
    pub path: Vec<PathSegment>,
    pub slot: Slot,
    /// The text from the start of the word to the cursor.
    pub prefix: String,
    /// The start of the word under the cursor, in bytes of the text.
    pub from: usize,
    pub to: usize,
    /// The column in which the keys of the mapping begin.
    pub column: usize,
    /// The keys that the mapping already has.
    pub written: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A key of the mapping at the path.
    Key,
    /// The value at the path.
    Value,
    /// Text on its own line: a key of the mapping at the path, or an item without its dash if the path
    /// leads to a list.
    Line,
}

/// The parts of a line: the columns of its dashes, the column of its content, and its key.
struct Line<'t> {
    dashes: Vec<usize>,
    column: usize,
    key: Option<&'t str>,
    blank: bool,
}

fn read_line(line: &str) -> Line<'_> {
    let line = line.trim_end_matches(['\r', '\n']);
    let mut column = line.len() - line.trim_start_matches(' ').len();
    let mut dashes = Vec::new();
    let mut rest = line.get(column..).unwrap_or_default();
    while let Some(behind) = rest.strip_prefix('-') {
        if !behind.is_empty() && !behind.starts_with(' ') {
            break;
        }
        dashes.push(column);
        let content = behind.trim_start_matches(' ');
        column += rest.len() - content.len();
        rest = content;
    }
    Line {
        blank: rest.is_empty() && dashes.is_empty() || rest.starts_with('#'),
        key: key_of(rest),
        dashes,
        column,
    }
}

/// The key of `key: value`, without its quotes.
fn key_of(content: &str) -> Option<&str> {
    if let Some(quote) = content.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (key, rest) = content.get(1..)?.split_once(quote)?;
        return rest.trim_start().starts_with(':').then_some(key);
    }
    let mut at = 0;
    loop {
        let colon = at + content.get(at..)?.find(':')?;
        let behind = content.get(colon + 1..)?;
        if behind.is_empty() || behind.starts_with([' ', '\t']) {
            let key = content.get(..colon)?.trim_end();
            return (!key.is_empty() && !key.contains(" #")).then_some(key);
        }
        at = colon + 1;
    }
}

/// The maximum number of lines that are read in each direction.
const MAX_LINES: usize = 20_000;

pub(super) fn context(text: &str, offset: usize) -> CursorContext {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let start = text.get(..offset).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let end =
        text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| offset + at);
    let before = text.get(start..offset).unwrap_or_default();
    let line = text.get(start..end).unwrap_or_default().trim_end_matches('\r');
    let own = read_line(before);
    // The value after `key: `.
    let content = before.get(own.column..).unwrap_or_default();
    let brackets = open_brackets(content);
    if !brackets.is_empty() {
        let brackets: Vec<usize> = brackets.iter().map(|at| own.column + at).collect();
        return in_flow(text, start, offset, &own, &brackets);
    }
    let (slot, from) = match own.key {
        Some(_) => {
            let colon = value_start(content).unwrap_or(content.len());
            (Slot::Value, start + own.column + colon)
        }
        None if own.dashes.is_empty() => (Slot::Line, start + own.column),
        None => (Slot::Key, start + own.column),
    };
    let word_end = word_end(line, offset - start, slot == Slot::Value) + start;
    let mut climb = Climb::new(own.column);
    if let (Slot::Value, Some(key)) = (slot, own.key) {
        climb.steps.push(PathSegment::Key(key.into()));
    }
    climb.dashes(&own.dashes);
    climb.up(text, start);
    climb.down(text, end, own.column);
    let mut path = climb.steps;
    path.reverse();
    CursorContext {
        path,
        slot,
        prefix: text.get(from..offset).unwrap_or_default().to_owned(),
        from,
        to: word_end.max(offset),
        column: own.column,
        written: climb.written,
    }
}

/// Offset of a value in `key: value`.
fn value_start(content: &str) -> Option<usize> {
    let key = key_of(content)?;
    let at = content.find(key)? + key.len();
    let rest = content.get(at..)?;
    let colon = rest.find(':')? + 1;
    let blanks = rest.get(colon..)?;
    Some(at + colon + blanks.len() - blanks.trim_start().len())
}

fn word_end(line: &str, from: usize, value: bool) -> usize {
    let rest = line.get(from..).unwrap_or_default();
    let stop = if value {
        rest.find(" #").unwrap_or(rest.trim_end().len())
    } else {
        rest.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(rest.len())
    };
    from + stop
}

/// Offsets of the brackets that are open at the end of a line's content, outermost first.
fn open_brackets(content: &str) -> Vec<usize> {
    let mut open = Vec::new();
    let mut quote = None;
    for (at, c) in content.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => open.push(at),
            (None, ']' | '}') => {
                open.pop();
            }
            (None, '#') if content.get(..at).is_some_and(|before| before.ends_with(' ')) => break,
            _ => {}
        }
    }
    // Only brackets at the start of a value count, not those inside a string.
    open.retain(|&at| {
        let before = content.get(..at).unwrap_or_default().trim_end();
        before.is_empty() || before.ends_with([':', ',', '[', '{'])
    });
    open
}

/// Returns the path elements of the brackets around the innermost one, innermost first.
fn enclosing_brackets<'a>(
    before: &'a str,
    brackets: &'a [usize],
) -> impl Iterator<Item = PathSegment> + 'a {
    brackets.windows(2).rev().filter_map(|pair| {
        let &[outer, inner] = pair else { return None };
        let between = before.get(outer + 1..inner).unwrap_or_default();
        if before.get(outer..)?.starts_with('[') {
            return Some(PathSegment::Index(between.matches(',').count()));
        }
        let (key, _) = between.rsplit(',').next()?.split_once(':')?;
        Some(PathSegment::Key(key.trim().trim_matches(['"', '\'']).into()))
    })
}

/// Inside `[…]` or `{…}` on one line.
fn in_flow(
    text: &str,
    start: usize,
    offset: usize,
    own: &Line<'_>,
    brackets: &[usize],
) -> CursorContext {
    let before = text.get(start..offset).unwrap_or_default();
    let bracket = brackets.last().copied().unwrap_or_default();
    let inside = before.get(bracket + 1..).unwrap_or_default();
    let piece = inside.rfind(',').map_or(0, |comma| comma + 1);
    let shown = inside.get(piece..).unwrap_or_default();
    let blank = shown.len() - shown.trim_start_matches([' ', '"', '\'']).len();
    let shown = shown.get(blank..).unwrap_or_default();
    let mapping = before.get(bracket..).is_some_and(|rest| rest.starts_with('{'));
    let mut climb = Climb::new(own.column);
    let mut written = Vec::new();
    let (slot, skip) = match (mapping, shown.split_once(':')) {
        (true, Some((key, _))) => {
            climb.steps.push(PathSegment::Key(key.trim_end_matches(['"', '\'']).into()));
            let behind =
                shown.len() - shown.get(key.len() + 1..).unwrap_or_default().trim_start().len();
            (Slot::Value, behind)
        }
        (true, None) => {
            let keys = inside.split(',').filter_map(|piece| piece.split_once(':'));
            written = keys.map(|(key, _)| key.trim().to_owned()).collect();
            (Slot::Key, 0)
        }
        (false, _) => {
            climb.steps.push(PathSegment::Index(inside.matches(',').count()));
            (Slot::Value, 0)
        }
    };
    let from = start + bracket + 1 + piece + blank + skip;
    climb.steps.extend(enclosing_brackets(before, brackets));
    // The brackets are the value of this line's key.
    if let Some(key) = own.key {
        climb.steps.push(PathSegment::Key(key.into()));
    }
    climb.dashes(&own.dashes);
    climb.up(text, start);
    let mut path = climb.steps;
    path.reverse();
    let rest = text.get(offset..).unwrap_or_default();
    let word = rest.find([',', ']', '}', '\n', ':', '"', '\'', ' ']).unwrap_or(rest.len());
    CursorContext {
        path,
        slot,
        prefix: text.get(from..offset).unwrap_or_default().to_owned(),
        from: from.min(offset),
        to: offset + word,
        column: own.column,
        written,
    }
}

/// Collects the path from a line to the root, line by line upwards.
struct Climb {
    /// Keys that begin left of this column belong to an enclosing section.
    column: usize,
    /// The column of the dash of the last list that was left. The key of the list can be in the same
    /// column.
    list: Option<usize>,
    /// Innermost first.
    steps: Vec<PathSegment>,
    written: Vec<String>,
    /// True while the lines belong to the innermost mapping.
    beside: bool,
    /// The number of items above in the innermost open list.
    items: usize,
    /// The position of the segment whose index is being counted.
    counting: Option<usize>,
}

impl Climb {
    fn new(column: usize) -> Self {
        Self {
            column,
            list: None,
            steps: Vec::new(),
            written: Vec::new(),
            beside: true,
            items: 0,
            counting: None,
        }
    }

    /// Leaves the lists whose items begin on a line, from the innermost dash to the outermost.
    fn dashes(&mut self, dashes: &[usize]) {
        for &dash in dashes.iter().rev() {
            match self.list {
                Some(list) if dash == list => self.items += 1,
                Some(list) if dash > list => {}
                None if dash >= self.column => {}
                _ => {
                    self.finish_count();
                    self.counting = Some(self.steps.len());
                    self.steps.push(PathSegment::Index(0));
                    self.list = Some(dash);
                    self.column = dash;
                    self.beside = false;
                }
            }
        }
    }

    fn finish_count(&mut self) {
        if let Some(step) = self.counting.take().and_then(|at| self.steps.get_mut(at)) {
            *step = PathSegment::Index(self.items);
        }
        self.items = 0;
    }

    fn up(&mut self, text: &str, start: usize) {
        let above = text.get(..start).unwrap_or_default();
        for line in above.split_inclusive('\n').rev().take(MAX_LINES) {
            if self.column == 0 && self.list.is_none() && !self.beside {
                break;
            }
            if line.starts_with("---") {
                break;
            }
            let line = read_line(line);
            if line.blank {
                continue;
            }
            if let Some(key) = line.key {
                self.key(key, line.column);
            }
            self.dashes(&line.dashes);
        }
        self.finish_count();
    }

    fn key(&mut self, key: &str, column: usize) {
        let outside = match self.list {
            Some(list) => column <= list,
            None => column < self.column,
        };
        if outside {
            self.finish_count();
            self.steps.push(PathSegment::Key(key.into()));
            self.column = column;
            self.list = None;
            self.beside = false;
        } else if self.beside && column == self.column {
            self.written.push(key.to_owned());
        }
    }

    /// Keys of the same mapping below the cursor.
    fn down(&mut self, text: &str, end: usize, column: usize) {
        let below = text.get(end..).unwrap_or_default();
        let below =
            below.get(below.find('\n').map_or(below.len(), |at| at + 1)..).unwrap_or_default();
        for line in below.split_inclusive('\n').take(MAX_LINES) {
            let line = read_line(line);
            if line.blank {
                continue;
            }
            let first = line.dashes.first().copied().unwrap_or(line.column);
            if first < column {
                break;
            }
            if let (Some(key), true) = (line.key, first == column && line.dashes.is_empty()) {
                self.written.push(key.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Path, slot, prefix and written keys at the `^` of a text.
    fn at(text: &str) -> (String, Slot, String, Vec<String>) {
        let offset = text.find('^').unwrap();
        let found = context(&text.replacen('^', "", 1), offset);
        let path = super::super::PathText(&found.path).to_string();
        let mut written = found.written;
        written.sort();
        (path, found.slot, found.prefix, written)
    }

    #[test]
    fn indentation_tells_the_path() {
        use Slot::{Key, Line, Value};
        let cases: &[(&str, &str, Slot, &str, &[&str])] = &[
            ("gl^", "", Line, "gl", &[]),
            ("a: 1\n^\nb: 2\n", "", Line, "", &["a", "b"]),
            ("global:\n  scr^\n  x: 1\n", "global", Line, "scr", &["x"]),
            ("global:\n  x: 1^5s\n", "global.x", Value, "1", &[]),
            ("global:\n  x: ^\n", "global.x", Value, "", &[]),
            ("jobs:\n  - name: a\n    ^\n", "jobs[0]", Line, "", &["name"]),
            ("jobs:\n  - name: a\n  - na^\n", "jobs[1]", Key, "na", &[]),
            ("jobs:\n- name: a\n  x:\n    - ^\n", "jobs[0].x[0]", Key, "", &[]),
            (
                "jobs:\n- name: a\n  sd:\n  - t: 1\n  - t: 2\n    r: ^\n",
                "jobs[0].sd[1].r",
                Value,
                "",
                &["t"],
            ),
            ("jobs:\n- a: 1\n- b: 2\n  sd:\n\n    # c\n    ^\nz: 1\n", "jobs[1].sd", Line, "", &[]),
            ("jobs:\n  ^\n", "jobs", Line, "", &[]),
            ("a: {x: 1, ^}\n", "a", Key, "", &["x"]),
            ("a: {x: 1, y: tr^}\n", "a.y", Value, "tr", &[]),
            ("a: [one, t^]\n", "a[1]", Value, "t", &[]),
            ("- a:\n    b: ['x', '^']\n", "[0].a.b[1]", Value, "", &[]),
            ("a:\n  b: 1\n---\nc:\n  ^", "c", Line, "", &[]),
            ("a:\n  - - ^", "a[0][0]", Key, "", &[]),
            ("u: http://x^\n", "u", Value, "http://x", &[]),
            ("'quoted key': v^\n", "quoted key", Value, "v", &[]),
        ];
        for (text, path, slot, prefix, written) in cases {
            let found = at(text);
            let expected = (
                (*path).to_owned(),
                *slot,
                (*prefix).to_owned(),
                written.iter().map(ToString::to_string).collect(),
            );
            assert_eq!(found, expected, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_context(text in "[-a: \n{}\\[\\]'\"#,é]{0,60}", at in 0usize..80) {
            let found = context(&text, at);
            proptest::prop_assert!(text.get(found.from..found.to).is_some(), "{:?} {:?}", text, found);
        }
    }
}
