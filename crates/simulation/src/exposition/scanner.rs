//! The scanner of both text formats. The meaning of a character depends on the state. Error
//! messages name the tokens.

use super::Format;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Invalid,
    End,
    LineBreak,
    Help,
    Type,
    Unit,
    EofWord,
    Text,
    Comment,
    MetricName,
    QuotedString,
    BraceOpen,
    BraceClose,
    LabelName,
    LabelValue,
    Equal,
    Comma,
    Timestamp,
    Value,
}

impl Token {
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::End => "EOF",
            Self::LineBreak => "LINEBREAK",
            Self::Help => "HELP",
            Self::Type => "TYPE",
            Self::Unit => "UNIT",
            Self::EofWord => "EOFWORD",
            Self::Text => "TEXT",
            Self::Comment => "COMMENT",
            Self::MetricName => "MNAME",
            Self::QuotedString => "QSTRING",
            Self::BraceOpen => "BOPEN",
            Self::BraceClose => "BCLOSE",
            Self::LabelName => "LNAME",
            Self::LabelValue => "LVALUE",
            Self::Equal => "EQUAL",
            Self::Comma => "COMMA",
            Self::Timestamp => "TIMESTAMP",
            Self::Value => "VALUE",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    LineStart,
    /// After `# HELP `, `# TYPE ` or `# UNIT `.
    MetaName,
    MetaText,
    AfterMetaText,
    AfterName,
    Labels,
    LabelValue,
    AfterValue,
    ExemplarLabels,
    /// After `=` or `}` of an exemplar.
    ExemplarValue,
    AfterExemplarValue,
}

pub(super) struct Scanner<'a> {
    pub body: &'a str,
    format: Format,
    state: State,
    /// Start of the token; `end` is its end.
    pub start: usize,
    pub end: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(body: &'a str, format: Format) -> Self {
        Self { body, format, state: State::LineStart, start: 0, end: 0 }
    }

    /// The text of the last token.
    pub fn lexeme(&self) -> &'a str {
        self.body.get(self.start..self.end).unwrap_or_default()
    }

    fn openmetrics(&self) -> bool {
        self.format == Format::OpenMetrics
    }

    fn rest(&self) -> &'a str {
        self.body.get(self.end..).unwrap_or_default()
    }

    fn take(&mut self, bytes: usize, token: Token, state: State) -> Token {
        self.end += bytes;
        self.state = state;
        token
    }

    /// Consumes `prefix` if the rest starts with it.
    fn starts(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    pub fn next(&mut self) -> Token {
        if !self.openmetrics() && self.state != State::MetaText {
            self.end += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        }
        // At the end of the input the previous token is kept, because messages quote it.
        let Some(first) = self.rest().chars().next() else { return Token::End };
        self.start = self.end;
        match self.state {
            State::LineStart => self.line_start(first),
            State::MetaName => self.meta_name(),
            State::MetaText => self.meta_text(),
            State::AfterMetaText if first == '\n' => {
                self.take(1, Token::LineBreak, State::LineStart)
            }
            State::AfterMetaText => Token::Invalid,
            State::AfterName if first == '{' => self.take(1, Token::BraceOpen, State::Labels),
            State::AfterName => self.value(Token::Value, State::AfterValue),
            State::Labels => self.in_labels(first, State::LabelValue, State::AfterName),
            State::LabelValue => self.label_value(State::Labels),
            State::AfterValue => self.after_value(first),
            State::ExemplarLabels => {
                self.in_labels(first, State::ExemplarValue, State::ExemplarValue)
            }
            State::ExemplarValue if first == '"' => self.label_value(State::ExemplarLabels),
            State::ExemplarValue => self.value(Token::Value, State::AfterExemplarValue),
            State::AfterExemplarValue if first == '\n' => {
                self.take(1, Token::LineBreak, State::LineStart)
            }
            State::AfterExemplarValue => self.value(Token::Timestamp, State::AfterExemplarValue),
        }
    }

    /// Returns an invalid token of the given length.
    fn invalid(&mut self, read: usize) -> Token {
        self.end += read;
        Token::Invalid
    }

    fn line_start(&mut self, first: char) -> Token {
        let rest = self.rest();
        match first {
            '\0' if !self.openmetrics() => Token::End,
            '\n' if !self.openmetrics() => self.take(1, Token::LineBreak, State::LineStart),
            '{' => self.take(1, Token::BraceOpen, State::Labels),
            '#' if self.openmetrics() => self.openmetrics_keyword(),
            '#' => self.comment_or_keyword(),
            _ => match name_len(rest, true) {
                0 => Token::Invalid,
                len => self.take(len, Token::MetricName, State::AfterName),
            },
        }
    }

    fn openmetrics_keyword(&mut self) -> Token {
        const WORDS: [(&str, Token); 4] = [
            ("# HELP ", Token::Help),
            ("# TYPE ", Token::Type),
            ("# UNIT ", Token::Unit),
            ("# EOF", Token::EofWord),
        ];
        let rest = self.rest();
        for (word, token) in WORDS {
            if rest.starts_with(word) {
                return match token {
                    Token::EofWord => {
                        let len = if rest.starts_with("# EOF\n") { 6 } else { 5 };
                        self.take(len, token, State::LineStart)
                    }
                    _ => self.take(word.len(), token, State::MetaName),
                };
            }
        }
        let common =
            |word: &str| word.bytes().zip(rest.bytes()).take_while(|(a, b)| a == b).count();
        self.invalid(WORDS.iter().map(|(word, _)| common(word)).max().unwrap_or_default())
    }

    fn comment_or_keyword(&mut self) -> Token {
        let behind = &self.rest()[1..];
        let keyword = behind.trim_start_matches([' ', '\t']);
        for (word, token) in [("HELP", Token::Help), ("TYPE", Token::Type)] {
            let Some(after) = keyword.strip_prefix(word) else { continue };
            let name = after.trim_start_matches([' ', '\t']);
            if behind.len() > keyword.len() && after.len() > name.len() {
                let len = self.rest().len() - name.len();
                return self.take(len, token, State::MetaName);
            }
        }
        let len = self.rest().find('\n').unwrap_or(self.rest().len());
        self.take(len, Token::Comment, State::AfterMetaText)
    }

    fn meta_name(&mut self) -> Token {
        let rest = self.rest();
        if rest.starts_with('"') {
            return match quoted_len(rest, true) {
                Ok(len) => self.take(len, Token::MetricName, State::MetaText),
                Err(read) => self.invalid(read),
            };
        }
        match name_len(rest, true) {
            0 => Token::Invalid,
            len => self.take(len, Token::MetricName, State::MetaText),
        }
    }

    /// Reads the text after the name. OpenMetrics requires one space before it.
    fn meta_text(&mut self) -> Token {
        let rest = self.rest();
        let line = rest.find('\n');
        match line {
            Some(len) if self.openmetrics() && self.starts(" ") => {
                self.take(len + 1, Token::Text, State::LineStart)
            }
            _ if self.openmetrics() => Token::Invalid,
            len => {
                let len = len.unwrap_or(rest.len());
                // A text of blanks only is empty.
                if rest
                    .get(..len)
                    .is_some_and(|text| text.trim_start_matches([' ', '\t']).is_empty())
                {
                    self.end += len;
                    self.start = self.end;
                    return self.take(0, Token::Text, State::AfterMetaText);
                }
                self.take(len, Token::Text, State::AfterMetaText)
            }
        }
    }

    fn value(&mut self, token: Token, state: State) -> Token {
        let rest = self.rest();
        let (rest, before) = match (self.openmetrics(), rest.strip_prefix(' ')) {
            (true, Some(rest)) => (rest, 1),
            (true, None) => return Token::Invalid,
            (false, _) => (rest, 0),
        };
        let ends: &[char] =
            if self.openmetrics() { &[' ', '\n', '\0'] } else { &['{', ' ', '\t', '\n', '\0'] };
        match rest.find(ends).unwrap_or(rest.len()) {
            0 => self.invalid(before),
            len => self.take(len + before, token, state),
        }
    }

    fn after_value(&mut self, first: char) -> Token {
        if first == '\n' {
            return self.take(1, Token::LineBreak, State::LineStart);
        }
        if self.openmetrics() {
            if self.starts(" # {") {
                return self.take(4, Token::Comment, State::ExemplarLabels);
            }
            if self.starts(" # ") {
                return self.invalid(3);
            }
            return self.value(Token::Timestamp, State::AfterValue);
        }
        match self.rest().bytes().take_while(u8::is_ascii_digit).count() {
            0 => Token::Invalid,
            len => self.take(len, Token::Timestamp, State::AfterValue),
        }
    }

    fn in_labels(&mut self, first: char, value: State, behind: State) -> Token {
        let here = self.state;
        match first {
            '}' => self.take(1, Token::BraceClose, behind),
            '=' => self.take(1, Token::Equal, value),
            ',' => self.take(1, Token::Comma, here),
            '"' => match quoted_len(self.rest(), here == State::Labels) {
                Ok(len) => self.take(len, Token::QuotedString, here),
                Err(read) => self.invalid(read),
            },
            _ => match name_len(self.rest(), false) {
                0 => Token::Invalid,
                len => self.take(len, Token::LabelName, here),
            },
        }
    }

    fn label_value(&mut self, behind: State) -> Token {
        // A NUL byte is invalid only in exemplars.
        let rest = self.rest();
        if behind == State::ExemplarLabels
            && let Ok(len) | Err(len) = quoted_len(rest, false)
            && let Some(at) = rest.get(..len).and_then(|text| text.find('\0'))
        {
            return self.invalid(at);
        }
        match quoted_len(self.rest(), !self.openmetrics()) {
            Ok(len) => self.take(len, Token::LabelValue, behind),
            Err(read) => self.invalid(read),
        }
    }
}

fn name_len(text: &str, colons: bool) -> usize {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_' || (colons && b == b':');
    match text.bytes().next() {
        Some(b) if letter(b) => {
            text.bytes().take_while(|&b| letter(b) || b.is_ascii_digit()).count()
        }
        _ => 0,
    }
}

/// Returns the length of a double-quoted string at the start of `text`. The error is the length
/// that was read.
fn quoted_len(text: &str, line_breaks: bool) -> Result<usize, usize> {
    if !text.starts_with('"') {
        return Err(0);
    }
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Ok(at + 1),
            b'\n' if !line_breaks => return Err(at),
            b'\\' => match bytes.next() {
                Some((at, b'\n')) => return Err(at),
                Some(_) => {}
                None => return Err(text.len()),
            },
            _ => {}
        }
    }
    Err(text.len())
}
