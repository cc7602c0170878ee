//! The command around the cursor of a line that is still being typed.

/// A command of which the last word is incomplete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// The complete words, without assignments before the program.
    pub words: Vec<String>,
    /// The text of the word at the cursor, without quotes.
    pub current: String,
    /// The byte offset at which the word at the cursor begins.
    pub start: usize,
    /// True if the word is the file of a redirection.
    pub redirects: bool,
}

/// Words after which another command begins.
const OPENERS: &[&str] = &["do", "then", "else", "if", "while", "until", "!", "time", "{"];

/// Reads a line up to the cursor. Quotes and brackets may be open.
pub(crate) fn command_at(before: &str) -> Command {
    let mut command = Command::default();
    // True inside of a word: an empty quoted word is one, too.
    let mut inside = false;
    let mut quote: Option<char> = None;
    let mut chars = before.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !inside {
            command.start = at;
        }
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"') | None, '\\') => {
                inside = true;
                match chars.next() {
                    // A backslash at a line's end continues the line.
                    Some((_, '\n')) => inside = !command.current.is_empty(),
                    Some((_, next)) => command.current.push(next),
                    None => {}
                }
            }
            (Some('"') | None, '$') if chars.peek().is_some_and(|(_, next)| *next == '(') => {
                chars.next();
                (command, inside, quote) = (Command::default(), false, None);
            }
            (Some(_), c) => command.current.push(c),
            (None, '\'' | '"') => (quote, inside) = (Some(c), true),
            (None, ' ' | '\t') => {
                if inside {
                    end_word(&mut command);
                }
                inside = false;
            }
            // `2>&1`
            (None, '&') if command.redirects && command.current.is_empty() => {}
            (None, '|' | '&' | ';' | '\n' | '(' | ')') => {
                (command, inside) = (Command::default(), false);
            }
            (None, '>' | '<') => {
                if inside && !command.current.chars().all(|c| c.is_ascii_digit()) {
                    end_word(&mut command);
                }
                command.current.clear();
                (command.redirects, inside) = (true, false);
            }
            (None, c) => {
                command.current.push(c);
                inside = true;
            }
        }
    }
    if !inside {
        command.start = before.len();
    }
    command
}

fn end_word(command: &mut Command) {
    let word = std::mem::take(&mut command.current);
    if std::mem::take(&mut command.redirects) {
        return;
    }
    let assignment = command.words.is_empty()
        && word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
    let opener = command.words.is_empty() && OPENERS.contains(&word.as_str());
    if !assignment && !opener {
        command.words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_at_the_cursor() {
        for (line, words, current, start, redirects) in [
            ("", &[][..], "", 0, false),
            ("kub", &[], "kub", 0, false),
            ("kubectl get po", &["kubectl", "get"], "po", 12, false),
            ("kubectl get ", &["kubectl", "get"], "", 12, false),
            ("kubectl get pods | gr", &[], "gr", 19, false),
            ("a && b; c d", &["c"], "d", 10, false),
            ("NAME=x kubectl g", &["kubectl"], "g", 15, false),
            ("echo 'a b' \"c", &["echo", "a b"], "c", 11, false),
            ("kubectl logs $(kubectl get p", &["kubectl", "get"], "p", 27, false),
            ("echo x > fi", &["echo", "x"], "fi", 9, true),
            ("echo x 2> fi", &["echo", "x"], "fi", 10, true),
            ("echo x 2>&1 y", &["echo", "x"], "y", 12, false),
            ("echo x > file y", &["echo", "x"], "y", 14, false),
            ("for i in 1 2; do kub", &[], "kub", 17, false),
            ("kubectl get \\\n  po", &["kubectl", "get"], "po", 16, false),
            ("echo \\", &["echo"], "", 5, false),
            ("ls ''", &["ls"], "", 3, false),
        ] {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            let expected = Command { words, current: current.to_owned(), start, redirects };
            assert_eq!(command_at(line), expected, "{line}");
        }
    }
}
