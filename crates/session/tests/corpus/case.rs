//! The format of a case: files between lines `-- NAME --`, like Go's txtar.
//!
//! The text before the first such line says what the case is about. The last file is called
//! `expected`. In it, a line that begins with `#` gives the reason for the line below, where it does
//! not follow from the files at a glance. Words behind a name change the text of the file:
//!
//! | word | effect |
//! | --- | --- |
//! | `crlf` | lines end with CR LF |
//! | `bom` | the text begins with a byte order mark |
//! | `repeat=N` | the text from the line `# repeated` on is repeated N times; `<n>` in it is the number of the repetition |

/// A case of the corpus.
pub struct Case {
    /// Names and texts.
    pub files: Vec<(String, String)>,
    pub expected: String,
    /// The text up to and including the line `-- expected --`.
    pub head: String,
}

const EXPECTED: &str = "-- expected --\n";

/// Returns true for a line that gives a reason.
fn is_reason(line: &str) -> bool {
    line.starts_with('#')
}

impl Case {
    /// The expected lines, without reasons.
    pub fn expected_lines(&self) -> Vec<&str> {
        self.expected.lines().filter(|line| !is_reason(line)).collect()
    }

    /// Other lines, with the reasons of those that stay.
    pub fn with_reasons(&self, found: &str) -> String {
        let lines: Vec<&str> = self.expected.lines().collect();
        let mut out = String::new();
        for line in found.lines() {
            let at = lines.iter().position(|known| *known == line).unwrap_or_default();
            let before = lines.get(..at).unwrap_or_default().iter().rev();
            let mut reasons: Vec<&str> = before.copied().take_while(|one| is_reason(one)).collect();
            reasons.reverse();
            reasons.push(line);
            reasons.iter().for_each(|line| out += &format!("{line}\n"));
        }
        out
    }
}

/// Reads a case. A text without an expectation expects nothing.
pub fn read(text: &str) -> Case {
    let (head, expected) = text.split_once(EXPECTED).unwrap_or((text, ""));
    let mut files: Vec<(String, Vec<String>, String)> = Vec::new();
    for line in head.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match (name, files.last_mut()) {
            (Some(name), _) => {
                let mut words = name.split(' ').map(str::to_owned);
                let name = words.next().unwrap_or_default();
                files.push((name, words.collect(), String::new()));
            }
            (None, Some((_, _, text))) => text.push_str(line),
            (None, None) => {}
        }
    }
    let files = files.into_iter().map(|(name, words, text)| (name, changed(text, &words)));
    Case {
        files: files.collect(),
        expected: expected.to_owned(),
        head: format!("{head}{EXPECTED}"),
    }
}

fn changed(mut text: String, words: &[String]) -> String {
    for word in words {
        text = match word.split_once('=').unwrap_or((word, "")) {
            ("crlf", _) => text.replace('\n', "\r\n"),
            ("bom", _) => format!("\u{feff}{text}"),
            ("repeat", times) => {
                let times: usize = times.parse().expect("a number");
                let (head, part) = text.split_once("# repeated\n").unwrap_or(("", &text));
                let parts = (0..times).map(|number| part.replace("<n>", &number.to_string()));
                std::iter::once(head.to_owned()).chain(parts).collect()
            }
            other => panic!("{other:?} is no word of this format"),
        };
    }
    text
}
