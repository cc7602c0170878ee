//! Whether a text is a template that Go's text/template takes, with the functions and variables
//! that alerting rules have. It is read only, not run.

/// Why not, in Go's words; the part at fault in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    pub at: usize,
    pub end: usize,
    pub message: String,
}

/// Functions that Prometheus adds, and those of Go itself.
const FUNCTIONS: [&str; 50] = [
    "args",
    "externalURL",
    "first",
    "graphLink",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "label",
    "match",
    "now",
    "parseDuration",
    "pathPrefix",
    "query",
    "reReplaceAll",
    "safeHtml",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "toDuration",
    "toLower",
    "toTime",
    "toUpper",
    "urlQueryEscape",
    "value", //
    "and",
    "call",
    "eq",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
    "true",
    "false",
];

/// Variables that the texts of a rule begin with.
const VARIABLES: [&str; 5] = ["$", "$labels", "$externalLabels", "$externalURL", "$value"];

/// How deep parentheses may be nested; Go's own limit is far above any use.
const MAX_DEPTH: usize = 100;

/// Checks a text.
pub fn check(text: &str) -> Result<(), TemplateError> {
    let mut open: Vec<Block> = Vec::new();
    let mut variables: Vec<String> = VARIABLES.map(str::to_owned).to_vec();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        let body = start + 2;
        let trimmed = text[body..].strip_prefix("- ").map_or(body, |_| body + 2);
        if text[trimmed..].starts_with("/*") {
            at = comment(text, start, trimmed)?;
            continue;
        }
        let (tokens, end) = lex(text, start, trimmed)?;
        at = end;
        let mut action = Action {
            tokens: &tokens,
            next: 0,
            variables: &mut variables,
            span: (start, end),
            depth: 0,
        };
        action.run(&mut open)?;
    }
    match open.last() {
        Some(_) => {
            Err(TemplateError { at: text.len(), end: text.len(), message: "unexpected EOF".into() })
        }
        None => Ok(()),
    }
}

/// Behind a comment, which must fill its action.
fn comment(text: &str, start: usize, body: usize) -> Result<usize, TemplateError> {
    let fail =
        |message: &str| TemplateError { at: start, end: text.len(), message: message.into() };
    let close = text[body..].find("*/").ok_or_else(|| fail("unclosed comment"))? + body + 2;
    ["}}", " -}}"]
        .into_iter()
        .find(|delimiter| text[close..].starts_with(delimiter))
        .map(|delimiter| close + delimiter.len())
        .ok_or_else(|| fail("comment ends before closing delimiter"))
}

/// A control structure that waits for its `end`.
struct Block {
    keyword: &'static str,
    /// How many variables there were before it.
    variables: usize,
    has_else: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Word(String),
    Variable(String),
    Field,
    Dot,
    Literal,
    Nil,
    Keyword(&'static str),
    Pipe,
    Declare,
    Assign,
    Comma,
    Open,
    Close,
    Space,
    Other,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    at: usize,
    text: String,
}

const KEYWORDS: [&str; 10] =
    ["break", "continue", "define", "else", "end", "if", "range", "template", "with", "block"];

/// The tokens of the action that begins at `start`, and where the text goes on behind it.
fn lex(text: &str, start: usize, body: usize) -> Result<(Vec<Token>, usize), TemplateError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = body;
    let mut parens = 0usize;
    let fail = |at: usize, message: String| {
        let next = text[at..].chars().next().map_or(0, char::len_utf8);
        TemplateError { at, end: at + next, message }
    };
    loop {
        let rest = &text[at..];
        for delimiter in ["}}", " -}}", "\t-}}", "\n-}}"] {
            if rest.starts_with(delimiter) {
                if parens > 0 {
                    return Err(fail(at, "unclosed left paren".into()));
                }
                return Ok((tokens, at + delimiter.len()));
            }
        }
        let Some(c) = rest.chars().next() else {
            return Err(TemplateError { at: start, end: at, message: "unclosed action".into() });
        };
        let (kind, length) = match c {
            ' ' | '\t' | '\r' | '\n' => {
                let spaces = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
                // The last blank belongs to a trim marker.
                let spaces = if rest[spaces..].starts_with("-}}") { spaces - 1 } else { spaces };
                (Kind::Space, spaces)
            }
            '=' => (Kind::Assign, 1),
            ':' if rest.starts_with(":=") => (Kind::Declare, 2),
            ':' => return Err(fail(at, "expected :=".into())),
            '|' => (Kind::Pipe, 1),
            ',' => (Kind::Comma, 1),
            '"' => (
                Kind::Literal,
                quoted(rest, '"').ok_or_else(|| fail(at, "unterminated quoted string".into()))?,
            ),
            '\'' => (
                Kind::Literal,
                quoted(rest, '\'')
                    .ok_or_else(|| fail(at, "unterminated character constant".into()))?,
            ),
            '`' => {
                let end = rest[1..].find('`');
                (
                    Kind::Literal,
                    end.ok_or_else(|| fail(at, "unterminated raw quoted string".into()))? + 2,
                )
            }
            '(' => {
                parens += 1;
                (Kind::Open, 1)
            }
            ')' => {
                parens = parens
                    .checked_sub(1)
                    .ok_or_else(|| fail(at, "unexpected right paren".into()))?;
                (Kind::Close, 1)
            }
            '$' => {
                let length = 1 + word_length(&rest[1..]);
                (Kind::Variable(rest[..length].to_owned()), length)
            }
            '.' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                match word_length(&rest[1..]) {
                    0 => (Kind::Dot, 1),
                    length => (Kind::Field, length + 1),
                }
            }
            '.' | '+' | '-' | '0'..='9' => {
                let length = number_length(rest);
                let shown = &rest[..length];
                if !is_number(shown) {
                    return Err(TemplateError {
                        at,
                        end: at + length,
                        message: format!("bad number syntax: {shown:?}"),
                    });
                }
                (Kind::Literal, length)
            }
            c if c.is_alphanumeric() || c == '_' => {
                let length = word_length(rest);
                (word_kind(&rest[..length]), length)
            }
            c if c.is_ascii_graphic() => (Kind::Other, 1),
            c => {
                return Err(fail(
                    at,
                    format!("unrecognized character in action: U+{:04X} '{c}'", c as u32),
                ));
            }
        };
        let is_name = matches!(
            kind,
            Kind::Word(_) | Kind::Variable(_) | Kind::Field | Kind::Keyword(_) | Kind::Nil
        ) || (kind == Kind::Literal
            && rest[..length].starts_with(|c: char| c.is_alphabetic()));
        if is_name
            && !is_terminated(&rest[length..])
            && let Some(next) = rest[length..].chars().next()
        {
            return Err(fail(at + length, format!("bad character U+{:04X} '{next}'", next as u32)));
        }
        tokens.push(Token { kind, at, text: rest[..length].to_owned() });
        at += length;
    }
}

/// What may follow a name directly.
fn is_terminated(rest: &str) -> bool {
    rest.is_empty()
        || rest.starts_with("}}")
        || rest.starts_with(|c: char| c.is_whitespace() || ".,|:)(".contains(c))
}

fn word_kind(word: &str) -> Kind {
    if let Some(keyword) = KEYWORDS.into_iter().find(|keyword| *keyword == word) {
        return Kind::Keyword(keyword);
    }
    match word {
        "nil" => Kind::Nil,
        "true" | "false" => Kind::Literal,
        _ => Kind::Word(word.to_owned()),
    }
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Length of a quoted constant with its quotes; it may not cross a line.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn number_length(text: &str) -> usize {
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        let sign = at > 0 && (c == '+' || c == '-') && matches!(last, 'e' | 'E' | 'p' | 'P');
        let first = at == 0;
        if !(first || sign || c.is_alphanumeric() || c == '.' || c == '_') {
            return at;
        }
        last = c;
    }
    text.len()
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']).replace('_', "");
    let lower = digits.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] {
        if let Some(rest) = lower.strip_prefix(prefix) {
            return !rest.is_empty()
                && rest.chars().all(|c| c.is_digit(radix) || "p.+-".contains(c));
        }
    }
    let real = lower.strip_suffix('i').unwrap_or(&lower);
    real.starts_with(|c: char| c.is_ascii_digit() || c == '.') && real.parse::<f64>().is_ok()
}

/// One action under reading.
struct Action<'t> {
    tokens: &'t [Token],
    next: usize,
    variables: &'t mut Vec<String>,
    /// From the opening to behind the closing braces.
    span: (usize, usize),
    depth: usize,
}

impl Action<'_> {
    fn fail(&self, message: String) -> TemplateError {
        let (at, end) = match self.tokens.get(self.next.saturating_sub(1)) {
            Some(token) => (token.at, token.at + token.text.len()),
            None => self.span,
        };
        TemplateError { at, end, message }
    }

    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn skip_space(&mut self) {
        while self.peek() == Some(&Kind::Space) {
            self.next += 1;
        }
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += usize::from(token.is_some());
        token
    }

    fn unexpected(&self, token: Option<&Token>, context: &str) -> TemplateError {
        let shown = match token {
            None => "\"}}\"".to_owned(),
            Some(Token { kind: Kind::Keyword(word), .. }) => format!("<{word}>"),
            Some(token) => format!("{:?}", token.text),
        };
        self.fail(format!("unexpected {shown} in {context}"))
    }

    fn run(&mut self, open: &mut Vec<Block>) -> Result<(), TemplateError> {
        self.skip_space();
        let Some(Kind::Keyword(keyword)) = self.peek().cloned() else {
            return self.pipeline("command");
        };
        self.next += 1;
        let variables = self.variables.len();
        match keyword {
            "if" | "with" | "range" => {
                self.pipeline(keyword)?;
                open.push(Block { keyword, variables, has_else: false });
                Ok(())
            }
            "block" => {
                self.name("block clause")?;
                self.pipeline("block clause")?;
                open.push(Block { keyword, variables, has_else: false });
                Ok(())
            }
            "define" => {
                if !open.is_empty() {
                    return Err(self.fail("unexpected {{define}}".into()));
                }
                self.name("define clause")?;
                open.push(Block { keyword, variables, has_else: false });
                self.finish("define clause")
            }
            "template" => {
                self.name("template clause")?;
                self.skip_space();
                if self.peek().is_some() { self.pipeline("template clause") } else { Ok(()) }
            }
            "end" => {
                let block = open.pop().ok_or_else(|| self.fail("unexpected {{end}}".into()))?;
                self.variables.truncate(block.variables);
                self.finish("end")
            }
            "else" => self.branch(open),
            // `break` and `continue`
            keyword => {
                if !open.iter().any(|block| block.keyword == "range") {
                    return Err(self.fail(format!("{{{{{keyword}}}}} outside {{{{range}}}}")));
                }
                self.finish(keyword)
            }
        }
    }

    fn branch(&mut self, open: &mut [Block]) -> Result<(), TemplateError> {
        let fits = open.last().is_some_and(|block| {
            matches!(block.keyword, "if" | "with" | "range") && !block.has_else
        });
        let Some(block) = open.last_mut().filter(|_| fits) else {
            return Err(self.fail("unexpected {{else}}".into()));
        };
        self.variables.truncate(block.variables.max(VARIABLES.len()));
        self.skip_space();
        match self.peek() {
            Some(Kind::Keyword(word)) if *word == block.keyword && *word != "range" => {
                let word = *word;
                self.next += 1;
                self.pipeline(word)
            }
            _ => {
                block.has_else = true;
                self.finish("else")
            }
        }
    }

    fn name(&mut self, context: &str) -> Result<(), TemplateError> {
        self.skip_space();
        let token = self.take();
        match &token {
            Some(Token { kind: Kind::Literal, text, .. }) if text.starts_with(['"', '`']) => Ok(()),
            _ => Err(self.unexpected(token.as_ref(), context)),
        }
    }

    fn finish(&mut self, context: &str) -> Result<(), TemplateError> {
        self.skip_space();
        match self.take() {
            None => Ok(()),
            Some(token) => Err(self.unexpected(Some(&token), context)),
        }
    }

    /// Declarations, then commands parted by pipes, to the end of the action or parenthesis.
    fn pipeline(&mut self, context: &str) -> Result<(), TemplateError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail("too many nested parentheses".into()));
        }
        self.skip_space();
        self.declarations(context)?;
        let mut commands = 0;
        loop {
            self.skip_space();
            match self.peek() {
                None | Some(Kind::Close) => break,
                Some(_) => self.command(context, commands)?,
            }
            commands += 1;
            self.skip_space();
            match self.peek() {
                Some(Kind::Pipe) => {
                    self.next += 1;
                    self.skip_space();
                    if matches!(self.peek(), None | Some(Kind::Close)) {
                        return Err(self.fail(format!("missing value for {context}")));
                    }
                }
                _ => break,
            }
        }
        self.depth -= 1;
        if commands == 0 {
            return Err(self.fail(format!("missing value for {context}")));
        }
        if self.depth == 0 {
            return self.finish(context);
        }
        Ok(())
    }

    /// `$x :=`, `$x =`, and for `range` `$i, $x :=`.
    fn declarations(&mut self, context: &str) -> Result<(), TemplateError> {
        let start = self.next;
        let mut names = Vec::new();
        loop {
            self.skip_space();
            let Some(Kind::Variable(name)) = self.peek().cloned() else { break };
            self.next += 1;
            self.skip_space();
            names.push(name);
            match self.peek() {
                Some(Kind::Comma) if context == "range" && names.len() < 2 => self.next += 1,
                Some(Kind::Comma) => {
                    return Err(self.fail(format!("too many declarations in {context}")));
                }
                Some(Kind::Declare) => {
                    self.next += 1;
                    self.variables.extend(names);
                    return Ok(());
                }
                Some(Kind::Assign) => {
                    self.next += 1;
                    return names.iter().try_for_each(|name| self.known(name));
                }
                _ => break,
            }
        }
        self.next = start;
        Ok(())
    }

    fn known(&self, name: &str) -> Result<(), TemplateError> {
        if self.variables.iter().any(|one| one == name) {
            return Ok(());
        }
        Err(self.fail(format!("undefined variable {name:?}")))
    }

    fn command(&mut self, context: &str, stage: usize) -> Result<(), TemplateError> {
        let mut operands = 0;
        let first = self.peek().cloned();
        loop {
            self.skip_space();
            if !self.operand(operands == 0)? {
                break;
            }
            operands += 1;
            match self.peek() {
                Some(Kind::Space) => {}
                None | Some(Kind::Pipe | Kind::Close) => break,
                Some(_) => {
                    let token = self.take();
                    return Err(self.unexpected(token.as_ref(), "operand"));
                }
            }
        }
        if operands == 0 {
            let token = self.take();
            return Err(match token {
                Some(token) => self.unexpected(Some(&token), context),
                None => self.fail("empty command".into()),
            });
        }
        if stage > 0 && matches!(first, Some(Kind::Literal | Kind::Nil | Kind::Dot)) {
            return Err(
                self.fail(format!("non executable command in pipeline stage {}", stage + 1))
            );
        }
        if first == Some(Kind::Nil) && operands == 1 {
            return Err(self.fail("nil is not a command".into()));
        }
        Ok(())
    }

    /// One operand with the fields behind it; false where none begins.
    fn operand(&mut self, _first: bool) -> Result<bool, TemplateError> {
        let Some(kind) = self.peek().cloned() else { return Ok(false) };
        match kind {
            Kind::Word(name) => {
                self.next += 1;
                if !FUNCTIONS.contains(&&*name) {
                    return Err(self.fail(format!("function {name:?} not defined")));
                }
            }
            Kind::Variable(name) => {
                self.next += 1;
                self.known(&name)?;
            }
            Kind::Field | Kind::Dot | Kind::Literal | Kind::Nil => self.next += 1,
            Kind::Open => {
                self.next += 1;
                self.pipeline("parenthesized pipeline")?;
                if self.peek() != Some(&Kind::Close) {
                    let token = self.take();
                    return Err(self.unexpected(token.as_ref(), "parenthesized pipeline"));
                }
                self.next += 1;
            }
            _ => return Ok(false),
        }
        while self.peek() == Some(&Kind::Field) {
            self.next += 1;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_go_takes() {
        for text in [
            "",
            "plain } text {",
            "{{ $labels.instance }} is {{ $value | humanize }}",
            "{{- .Labels.job -}}",
            "{{ if gt $value 0.5 }}a{{ else if eq $labels.a \"x\" }}b{{ else }}c{{ end }}",
            "{{ range $i, $s := query \"up\" }}{{ $i }}{{ $s.Labels.job }}{{ end }}",
            "{{ with query \"up\" }}{{ . | first | value | printf \"%.2f\" }}{{ end }}",
            "{{/* a comment */}}x",
            "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
            "{{ define \"t\" }}a{{ end }}{{ template \"t\" . }}",
            "{{ printf \"%s\" (index $labels \"a\") }}",
            "{{ `raw` }}{{ 'c' }}{{ 0x1F }}{{ true }}",
            "{{ (query \"up\" | first).Labels }}",
            "{{ range .Labels }}{{ break }}{{ end }}",
            "{{ $externalURL }}{{ externalURL }}",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_in_go_words() {
        for (text, message) in [
            ("{{ $label.foo }}", "undefined variable \"$label\""),
            ("{{ humanise 1 }}", "function \"humanise\" not defined"),
            ("{{ $value", "unclosed action"),
            ("{{ if $value }}x", "unexpected EOF"),
            ("{{ end }}", "unexpected {{end}}"),
            ("{{ else }}", "unexpected {{else}}"),
            ("{{ \"a }}", "unterminated quoted string"),
            ("{{ (1 }}", "unclosed left paren"),
            ("{{ 1) }}", "unexpected right paren"),
            ("{{}}", "missing value for command"),
            ("{{ $value | }}", "missing value for command"),
            ("{{ $value | 1 }}", "non executable command in pipeline stage 2"),
            ("{{ break }}", "{{break}} outside {{range}}"),
            ("{{ 1x }}", "bad number syntax: \"1x\""),
            ("{{ $labels-a }}", "bad character U+002D '-'"),
            ("{{ $x=1 }}", "bad character U+003D '='"),
            ("{{ if }}x{{ end }}", "missing value for if"),
            ("{{ if $x := 1 }}{{ end }}{{ $x }}", "undefined variable \"$x\""),
            ("{{ \u{1} }}", "unrecognized character in action: U+0001 '\u{1}'"),
            ("{{/* a", "unclosed comment"),
        ] {
            let error = check(text).map_err(|error| error.message);
            assert_eq!(error, Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn deep_and_long_texts_end_quickly() {
        assert!(check("{{ (").is_err());
        assert!(check(&format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000))).is_err());
        assert!(check(&"{{ if true }}".repeat(2_000)).is_err());
        assert_eq!(check(&"é{{ $value }}".repeat(2_000)), Ok(()));
    }
}
