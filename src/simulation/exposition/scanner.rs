//! Tokens of both formats. What a character means depends on what came before it in the line, so
//! the scanner carries a state; the error texts that users know name these tokens.

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
    /// Behind `# HELP `, `# TYPE `, `# UNIT `.
    MetaName,
    MetaText,
    AfterMetaText,
    AfterName,
    Labels,
    LabelValue,
    AfterValue,
    ExemplarLabels,
    ExemplarLabelValue,
    AfterExemplarValue,
}

pub(super) struct Scanner<'a> {
    pub body: &'a str,
    format: Format,
    state: State,
    /// Where the token begins and ends.
    pub start: usize,
    pub end: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(body: &'a str, format: Format) -> Self {
        Self { body, format, state: State::LineStart, start: 0, end: 0 }
    }

    /// The text of the token read last.
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

    /// Takes what `prefix` says if the rest begins with it.
    fn starts(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    pub fn next(&mut self) -> Token {
        if !self.openmetrics() {
            self.end += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        }
        self.start = self.end;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Token::End };
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
                self.in_labels(first, State::ExemplarLabelValue, State::AfterExemplarValue)
            }
            State::ExemplarLabelValue => self.label_value(State::ExemplarLabels),
            State::AfterExemplarValue if first == '\n' => {
                self.take(1, Token::LineBreak, State::LineStart)
            }
            State::AfterExemplarValue => self.value(Token::Value, State::AfterExemplarValue),
        }
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
        for (word, token) in [("HELP", Token::Help), ("TYPE", Token::Type), ("UNIT", Token::Unit)] {
            if self
                .rest()
                .strip_prefix("# ")
                .and_then(|r| r.strip_prefix(word))
                .is_some_and(|r| r.starts_with(' '))
            {
                return self.take("# ".len() + word.len() + 1, token, State::MetaName);
            }
        }
        if self.starts("# EOF") {
            let len = if self.starts("# EOF\n") { 6 } else { 5 };
            return self.take(len, Token::EofWord, State::LineStart);
        }
        Token::Invalid
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
        if let Some(len) = quoted_len(rest, true) {
            return self.take(len, Token::MetricName, State::MetaText);
        }
        match name_len(rest, true) {
            0 => Token::Invalid,
            len => self.take(len, Token::MetricName, State::MetaText),
        }
    }

    /// What stands behind the name up to the line break. OpenMetrics wants one space before it.
    fn meta_text(&mut self) -> Token {
        let rest = self.rest();
        let line = rest.find('\n');
        match line {
            Some(len) if self.openmetrics() && self.starts(" ") => {
                self.take(len + 1, Token::Text, State::LineStart)
            }
            _ if self.openmetrics() => Token::Invalid,
            len => self.take(len.unwrap_or(rest.len()), Token::Text, State::AfterMetaText),
        }
    }

    fn value(&mut self, token: Token, state: State) -> Token {
        let rest = self.rest();
        let rest = match (self.openmetrics(), rest.strip_prefix(' ')) {
            (true, Some(rest)) => rest,
            (true, None) => return Token::Invalid,
            (false, _) => rest,
        };
        let ends: &[char] = if self.openmetrics() { &[' ', '\n'] } else { &['{', ' ', '\t', '\n'] };
        match rest.find(ends).unwrap_or(rest.len()) {
            0 => Token::Invalid,
            len => self.take(len + usize::from(self.openmetrics()), token, state),
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
                Some(len) => self.take(len, Token::QuotedString, here),
                None => Token::Invalid,
            },
            _ => match name_len(self.rest(), false) {
                0 => Token::Invalid,
                len => self.take(len, Token::LabelName, here),
            },
        }
    }

    fn label_value(&mut self, behind: State) -> Token {
        match quoted_len(self.rest(), !self.openmetrics()) {
            Some(len) => self.take(len, Token::LabelValue, behind),
            None => Token::Invalid,
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

/// The length of a string in double quotes at the start of `text`, quotes and all.
fn quoted_len(text: &str, line_breaks: bool) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    if !text.starts_with('"') {
        return None;
    }
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at + 1),
            b'\n' if !line_breaks => return None,
            b'\\' if bytes.next().is_none_or(|(_, b)| b == b'\n') => return None,
            _ => {}
        }
    }
    None
}
