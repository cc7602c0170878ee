//! Changes of texts by lines and words. Bytes that change at random seldom give a text that a parser
//! accepts, and then nothing behind the parser is reached.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::seeds;
use crate::targets::Target;

/// Texts that are significant in some language.
const PIECES: &[&str] = &[
    "",
    "\n",
    ":",
    ": ",
    "- ",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "'",
    "\"",
    "`",
    "|",
    ">",
    "&a ",
    "*a",
    "<<: ",
    "null",
    "~",
    "true",
    "-1",
    "0",
    "1",
    "4294967296",
    "99999999999999999999",
    "9223372036854775807",
    "-9223372036854775808",
    "1e308",
    "NaN",
    "+Inf",
    "0x7f",
    "1ms",
    "0s",
    "999999999y",
    "é☺",
    "\u{0}",
    "\t",
    "\r\n",
    "\u{feff}",
    "---\n",
    "# ",
    "{{",
    "}}",
    "{{ range $i := until 9 }}",
    "{{ end }}",
    "$1",
    "${1}",
    "(.*)",
    "(?i:",
    "[^a]",
    "a{2,5}",
    "\\Q",
    "\\E",
    "\\pL",
    "10.0.0.0/33",
    "kind: List\n",
    "replicas: 1000000000\n",
    "%!d(string=a)",
    "; ",
    " && ",
    "$(",
    " > a",
    "while true; do ",
    "done\n",
    "offset -5m",
    "[5m:1s]",
    "@ end()",
    "by (a) ",
    "group_left ",
    "\\u0000",
    "\\ud800",
    "\"\"",
    "[]",
    "{}",
];

/// Numbers from a seed (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u32) -> Self {
        Self((u64::from(seed) << 1 | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number below a bound; zero if the bound is zero.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        if bound == 0 { 0 } else { (self.0 % bound as u64) as usize }
    }
}

/// Changes `data` in place and returns its new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32, target: &Target) -> usize {
    let mut random = Random::new(seed);
    let text = String::from_utf8_lossy(&data[..size]).into_owned();
    let mut changed = text;
    for _ in 0..=random.below(3) {
        changed = change(&changed, &mut random, target);
    }
    let mut length = changed.len().min(max_size);
    while !changed.is_char_boundary(length) {
        length -= 1;
    }
    data[..length].copy_from_slice(&changed.as_bytes()[..length]);
    length
}

fn change(text: &str, random: &mut Random, target: &Target) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line = random.below(lines.len());
    let other = seed_lines(target);
    match random.below(8) {
        // A line again, away, in another place, or from a seed.
        0 => join(&lines[..(line + 1).min(lines.len())], &lines[line..]),
        1 if !lines.is_empty() => join(&lines[..line], &lines[line + 1..]),
        2 if lines.len() > 1 => {
            let mut moved = lines.clone();
            let from = moved.remove(line);
            moved.insert(random.below(moved.len() + 1), from);
            moved.concat()
        }
        3 if !other.is_empty() => {
            let from = random.below(other.len());
            let taken = &other[from..(from + 1 + random.below(4)).min(other.len())];
            lines[..line].concat() + &taken.concat() + &lines[line..].concat()
        }
        // The value of a line.
        4 if lines.get(line).is_some_and(|line| line.contains(": ")) => {
            let key = lines[line].split_once(": ").map_or("", |(key, _)| key);
            let piece = PIECES[random.below(PIECES.len())];
            format!("{}{key}: {piece}\n{}", lines[..line].concat(), lines[line + 1..].concat())
        }
        // A word in the place of another one.
        5 | 6 => {
            let words = words(text);
            let Some(&(start, end)) = words.get(random.below(words.len())) else {
                return piece(text, random);
            };
            let replacement = match random.below(3) {
                0 => PIECES[random.below(PIECES.len())].to_owned(),
                1 if !other.is_empty() => {
                    let line = &other[random.below(other.len())];
                    let of_line = self::words(line);
                    let word = of_line.get(random.below(of_line.len()));
                    word.map_or_else(String::new, |&(start, end)| line[start..end].to_owned())
                }
                _ => {
                    let (start, end) = words[random.below(words.len())];
                    text[start..end].to_owned()
                }
            };
            format!("{}{replacement}{}", &text[..start], &text[end..])
        }
        _ => piece(text, random),
    }
}

/// A piece in the place of a few characters.
fn piece(text: &str, random: &mut Random) -> String {
    let start = crate::input::boundary(text, random.below(text.len() + 1));
    let end = crate::input::boundary(text, (start + random.below(12)).min(text.len())).max(start);
    format!("{}{}{}", &text[..start], PIECES[random.below(PIECES.len())], &text[end..])
}

fn join(one: &[&str], other: &[&str]) -> String {
    one.concat() + &other.concat()
}

/// The spans of words: letters, digits, `_`.
fn words(text: &str) -> Vec<(usize, usize)> {
    let (mut words, mut start) = (Vec::new(), None);
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        match (char.is_alphanumeric() || char == '_', start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// The lines of all seeds of a target.
fn seed_lines(target: &Target) -> &'static [String] {
    static LINES: OnceLock<HashMap<&'static str, Vec<String>>> = OnceLock::new();
    let all = LINES.get_or_init(|| {
        let seeds = (target.seeds)();
        let lines = seeds.iter().flat_map(|seed| {
            String::from_utf8_lossy(seed)
                .split_inclusive('\n')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        [(target.name, lines.take(seeds::MOST_LINES).collect())].into()
    });
    all.get(target.name).map_or(&[], Vec::as_slice)
}
