//! Expansion of words: braces, variables, commands, file patterns.

use super::run::MOST_BYTES;
use super::syntax::{Piece, Word};
use super::{Shell, World};

/// Words that one word becomes at most.
const MOST_WORDS: usize = 10_000;

/// The context of an expansion.
pub(super) struct Scope<'a> {
    pub shell: &'a Shell,
    /// `$1`, `$2` and so on.
    pub parameters: &'a [String],
    /// Runs the text of `$(…)` and returns its output.
    pub command: &'a mut dyn FnMut(&str, &mut dyn World) -> Result<String, String>,
    /// Bytes of expanded pieces so far.
    pub bytes: usize,
}

impl Scope<'_> {
    fn variable(&self, name: &str) -> String {
        match name {
            "?" => self.shell.status.to_string(),
            "#" => self.parameters.len().to_string(),
            "@" | "*" => self.parameters.join(" "),
            name => match name.parse::<usize>() {
                Ok(0) => "bash".to_owned(),
                Ok(number) => self.parameters.get(number - 1).cloned().unwrap_or_default(),
                Err(_) => match self.shell.variables.get(name) {
                    Some(value) => value.clone(),
                    None => super::tools::system::variable(name).unwrap_or_default().to_owned(),
                },
            },
        }
    }

    /// The value of a piece.
    fn value(&mut self, piece: &Piece, world: &mut dyn World) -> Result<String, String> {
        let value = match piece {
            Piece::Quoted(text) | Piece::Plain(text) => text.clone(),
            Piece::Variable { name, default, .. } => match (self.variable(name), default) {
                (value, Some(default)) if value.is_empty() => default.clone(),
                (value, _) => value,
            },
            Piece::Arithmetic { text, .. } => {
                super::arithmetic::evaluate(text, &|name| self.variable(name))?.to_string()
            }
            Piece::Command { text, .. } => {
                let output = (self.command)(text, world)?;
                output.trim_end_matches('\n').to_owned()
            }
        };
        self.bytes += value.len();
        if self.bytes > MOST_BYTES {
            return Err(format!("more than {} MiB of text", MOST_BYTES >> 20));
        }
        Ok(value)
    }

    /// A word as one text, as in an assignment or a redirection.
    pub fn text(&mut self, word: &Word, world: &mut dyn World) -> Result<String, String> {
        let mut text = String::new();
        for piece in &word.pieces {
            text.push_str(&self.value(piece, world)?);
        }
        Ok(text)
    }

    /// The words that words become.
    pub fn words(&mut self, words: &[Word], world: &mut dyn World) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        for word in words {
            for word in braces(word)? {
                self.fields(&word, &mut all, world)?;
            }
            if all.len() > MOST_WORDS {
                return Err(format!("more than {MOST_WORDS} words"));
            }
        }
        Ok(all)
    }

    /// Splits what unquoted expansions give at blanks, and matches file patterns.
    fn fields(
        &mut self,
        word: &Word,
        all: &mut Vec<String>,
        world: &mut dyn World,
    ) -> Result<(), String> {
        // The text of the current field, its pattern, and whether it exists even if it is empty.
        let (mut text, mut pattern, mut exists) = (String::new(), false, false);
        for piece in &word.pieces {
            let value = self.value(piece, world)?;
            let splits = matches!(
                piece,
                Piece::Variable { quoted: false, .. }
                    | Piece::Command { quoted: false, .. }
                    | Piece::Arithmetic { quoted: false, .. }
            );
            if !splits {
                pattern |= matches!(piece, Piece::Plain(plain) if plain.contains(['*', '?']));
                exists = true;
                text.push_str(&value);
                continue;
            }
            for (number, part) in value.split(char::is_whitespace).enumerate() {
                if number > 0 && (exists || !text.is_empty()) {
                    all.push(std::mem::take(&mut text));
                    exists = false;
                }
                text.push_str(part);
            }
        }
        if pattern && let Some(files) = matching(&text, world) {
            all.extend(files);
        } else if exists || !text.is_empty() {
            all.push(text);
        }
        Ok(())
    }
}

/// The files that a pattern matches; None if there are none.
fn matching(pattern: &str, world: &dyn World) -> Option<Vec<String>> {
    let (folder, pattern) = match pattern.rsplit_once('/') {
        Some((folder, pattern)) => (folder, pattern),
        None => ("", pattern),
    };
    let pattern: Vec<char> = pattern.chars().collect();
    let files: Vec<String> = world
        .list_folder(folder)?
        .into_iter()
        .filter(|name| is_match(&pattern, &name.chars().collect::<Vec<_>>()))
        .map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") })
        .collect();
    (!files.is_empty()).then_some(files)
}

/// Returns true if a name matches a pattern with `*` and `?`.
fn is_match(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut in_name, mut star) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => match star {
                Some((of_star, from)) => {
                    at = of_star + 1;
                    in_name = from + 1;
                    star = Some((of_star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// The words that `{1..3}` and `{a,b}` make of a word.
fn braces(word: &Word) -> Result<Vec<Word>, String> {
    let mut words = vec![word.clone()];
    let mut done = Vec::new();
    while let Some(word) = words.pop() {
        let found = word.pieces.iter().enumerate().find_map(|(at, piece)| match piece {
            Piece::Plain(text) => alternatives(text).map(|parts| (at, parts)),
            _ => None,
        });
        let Some((at, (before, items, after))) = found else {
            done.push(word);
            continue;
        };
        for item in items.into_iter().rev() {
            let mut word = word.clone();
            if let Some(piece) = word.pieces.get_mut(at) {
                *piece = Piece::Plain(format!("{before}{item}{after}"));
            }
            words.push(word);
        }
        if words.len() + done.len() > MOST_WORDS {
            return Err(format!("more than {MOST_WORDS} words"));
        }
    }
    Ok(done)
}

/// Text before braces, the items in them, and the text after them.
type Alternatives<'a> = (&'a str, Vec<String>, &'a str);

fn alternatives(text: &str) -> Option<Alternatives<'_>> {
    let open = text.find('{')?;
    let close = open + text[open..].find('}')?;
    let inside = &text[open + 1..close];
    let items = if let Some((first, last)) = inside.split_once("..") {
        let (first, last): (i64, i64) = (first.parse().ok()?, last.parse().ok()?);
        if first.abs_diff(last) >= MOST_WORDS as u64 {
            return None;
        }
        if first <= last {
            (first..=last).map(|number| number.to_string()).collect()
        } else {
            (last..=first).rev().map(|number| number.to_string()).collect()
        }
    } else if inside.contains(',') {
        inside.split(',').map(str::to_owned).collect()
    } else {
        return None;
    };
    Some((&text[..open], items, &text[close + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names() {
        for (pattern, name, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "a.yml", false),
            ("a?c", "abc", true),
            ("*b*", "abc", true),
            ("*", "", true),
            ("a", "ab", false),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(is_match(&chars(pattern), &chars(name)), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn braces_make_words() {
        for (text, expected) in [
            ("{1..3}", &["1", "2", "3"][..]),
            ("a{x,y}b", &["axb", "ayb"]),
            ("{3..1}", &["3", "2", "1"]),
            ("{a,b}{1,2}", &["a1", "a2", "b1", "b2"]),
            ("{.items}", &["{.items}"]),
            ("{}", &["{}"]),
            ("{1..99999999999}", &["{1..99999999999}"]),
        ] {
            let word = Word { pieces: vec![Piece::Plain(text.to_owned())] };
            let words = braces(&word).expect("few words");
            let texts: Vec<&str> = words.iter().filter_map(Word::plain).collect();
            assert_eq!(texts, expected, "{text}");
        }
    }
}
