//! Whether a text is a template that Go's text/template takes, with the functions and variables
//! that alerting rules have. It is read only, not run.
//!
//! Source: Go's text/template/parse, parse.go.

mod lex;

use go::quote::quote;
use lex::{Kind, Token, comment, constant_fault, is_number, lex};

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
        let (mut tokens, end) = lex(text, start, trimmed);
        at = match end {
            Ok(end) => end,
            // The parser may object to something that stands before it.
            Err(error) => {
                let (at, end) = (error.at, error.end);
                tokens.push(Token { kind: Kind::Broken(error), at, text: String::new() });
                end.max(at)
            }
        };
        let mut action = Action {
            tokens: &tokens,
            next: 0,
            variables: &mut variables,
            span: (start, at),
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

/// A control structure that waits for its `end`.
struct Block {
    keyword: &'static str,
    /// How many variables there were before it.
    variables: usize,
    has_else: bool,
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

    /// The next token; none at the closing braces.
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
            Some(Token { kind: Kind::Broken(error), .. }) => return error.clone(),
            Some(Token { kind: Kind::Keyword(_) | Kind::Dot | Kind::Nil, text, .. }) => {
                format!("<{text}>")
            }
            Some(Token { text, .. }) => match text.char_indices().nth(10) {
                Some((at, _)) => format!("{}...", quote(&text[..at])),
                None => quote(text),
            },
        };
        self.fail(format!("unexpected {shown} in {context}"))
    }

    fn run(&mut self, open: &mut Vec<Block>) -> Result<(), TemplateError> {
        self.skip_space();
        let keyword = match self.peek() {
            Some(Kind::Keyword("define")) if !open.is_empty() => None,
            Some(Kind::Keyword(keyword)) => Some(*keyword),
            _ => None,
        };
        let Some(keyword) = keyword else { return self.pipeline("command", false) };
        self.next += 1;
        let variables = self.variables.len();
        match keyword {
            "if" | "with" | "range" => {
                self.pipeline(keyword, false)?;
                open.push(Block { keyword, variables, has_else: false });
                Ok(())
            }
            "block" => {
                self.name("block clause")?;
                self.pipeline("block clause", false)?;
                open.push(Block { keyword, variables, has_else: false });
                Ok(())
            }
            "define" => {
                self.name("define clause")?;
                self.finish("define clause")?;
                open.push(Block { keyword, variables, has_else: false });
                Ok(())
            }
            "template" => {
                self.name("template clause")?;
                self.skip_space();
                if self.peek().is_some() { self.pipeline("template clause", false) } else { Ok(()) }
            }
            "end" => {
                self.finish("end")?;
                let block = open.pop().ok_or_else(|| self.fail("unexpected {{end}}".into()))?;
                self.variables.truncate(block.variables);
                Ok(())
            }
            "else" => self.branch(open),
            // `break` and `continue`
            keyword => {
                self.finish(&format!("{{{{{keyword}}}}}"))?;
                if !open.iter().any(|block| block.keyword == "range") {
                    return Err(self.fail(format!("{{{{{keyword}}}}} outside {{{{range}}}}")));
                }
                Ok(())
            }
        }
    }

    fn branch(&mut self, open: &mut [Block]) -> Result<(), TemplateError> {
        self.skip_space();
        let again = match self.peek() {
            Some(Kind::Keyword(word @ ("if" | "with"))) => Some(*word),
            _ => {
                self.finish("else")?;
                None
            }
        };
        let Some(block) = open.last_mut() else {
            return Err(self.fail("unexpected {{else}}".into()));
        };
        match block.keyword {
            "block" | "define" => {
                let message = format!("unexpected {{{{else}}}} in {} clause", block.keyword);
                return Err(self.fail(message));
            }
            _ if block.has_else => {
                return Err(self.fail("expected end; found {{else}}".into()));
            }
            _ => {}
        }
        self.variables.truncate(block.variables.max(VARIABLES.len()));
        match again {
            Some(word) if word == block.keyword => {
                self.next += 1;
                self.pipeline(word, false)
            }
            Some(_) => {
                let token = self.take();
                Err(self.unexpected(token.as_ref(), "input"))
            }
            None => {
                block.has_else = true;
                Ok(())
            }
        }
    }

    fn name(&mut self, context: &str) -> Result<(), TemplateError> {
        self.skip_space();
        let token = self.take();
        match &token {
            Some(Token { kind: Kind::Text, text, .. }) => self.constant(text),
            _ => Err(self.unexpected(token.as_ref(), context)),
        }
    }

    /// A string or character that was just taken.
    fn constant(&self, text: &str) -> Result<(), TemplateError> {
        constant_fault(text).map_or(Ok(()), |message| Err(self.fail(message)))
    }

    fn finish(&mut self, context: &str) -> Result<(), TemplateError> {
        self.skip_space();
        match self.take() {
            None => Ok(()),
            Some(token) => Err(self.unexpected(Some(&token), context)),
        }
    }

    /// Declarations, then commands parted by pipes, to the end of the action or, `nested`, of the
    /// parenthesis, which is taken.
    fn pipeline(&mut self, context: &str, nested: bool) -> Result<(), TemplateError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail("too many nested parentheses".into()));
        }
        self.declarations(context)?;
        let mut stages: Vec<Kind> = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None if !nested => break,
                Some(Kind::Close) if nested => {
                    self.next += 1;
                    break;
                }
                Some(
                    first @ (Kind::Word(_)
                    | Kind::Variable(_)
                    | Kind::Field
                    | Kind::Dot
                    | Kind::Number
                    | Kind::Text
                    | Kind::Literal
                    | Kind::Character
                    | Kind::Nil
                    | Kind::Open),
                ) => {
                    stages.push(first.clone());
                    self.command()?;
                }
                _ => {
                    let token = self.take();
                    return Err(self.unexpected(token.as_ref(), context));
                }
            }
        }
        self.depth -= 1;
        if stages.is_empty() {
            return Err(self.fail(format!("missing value for {context}")));
        }
        let inert = |kind: &Kind| {
            use Kind::{Character, Dot, Literal, Nil, Number, Text};
            matches!(kind, Number | Text | Literal | Character | Nil | Dot)
        };
        match stages.iter().skip(1).position(inert) {
            Some(at) => {
                Err(self.fail(format!("non executable command in pipeline stage {}", at + 2)))
            }
            None => Ok(()),
        }
    }

    /// `$x :=`, `$x =`, and for `range` `$i, $x :=`.
    fn declarations(&mut self, context: &str) -> Result<(), TemplateError> {
        for number in 1.. {
            self.skip_space();
            let start = self.next;
            let Some(Kind::Variable(name)) = self.peek().cloned() else { break };
            self.next += 1;
            self.skip_space();
            match self.peek() {
                Some(Kind::Declare | Kind::Assign) => {
                    self.next += 1;
                    self.variables.push(name);
                    break;
                }
                Some(Kind::Comma) => {
                    self.next += 1;
                    self.variables.push(name);
                    if context != "range" || number >= 2 {
                        return Err(self.fail(format!("too many declarations in {context}")));
                    }
                    self.skip_space();
                    if !matches!(self.peek(), None | Some(Kind::Variable(_) | Kind::Close)) {
                        return Err(self.fail("range can only initialize variables".into()));
                    }
                }
                _ => {
                    self.next = start;
                    break;
                }
            }
        }
        Ok(())
    }

    fn known(&self, name: &str) -> Result<(), TemplateError> {
        if self.variables.iter().any(|one| one == name) {
            return Ok(());
        }
        Err(self.fail(format!("undefined variable {}", quote(name))))
    }

    /// Operands parted by blanks, up to a pipe, which is taken, or the end.
    fn command(&mut self) -> Result<(), TemplateError> {
        loop {
            self.skip_space();
            self.operand()?;
            match self.peek() {
                Some(Kind::Space) => {}
                None | Some(Kind::Close) => return Ok(()),
                Some(Kind::Pipe) => {
                    self.next += 1;
                    return Ok(());
                }
                Some(_) => {
                    let token = self.take();
                    return Err(self.unexpected(token.as_ref(), "operand"));
                }
            }
        }
    }

    /// One operand with the fields behind it, where one begins.
    fn operand(&mut self) -> Result<(), TemplateError> {
        let Some(Token { kind, text, .. }) = self.tokens.get(self.next) else { return Ok(()) };
        let mut inert = false;
        self.next += 1;
        match kind {
            Kind::Word(name) => {
                if !FUNCTIONS.contains(&&**name) {
                    return Err(self.fail(format!("function {} not defined", quote(name))));
                }
            }
            Kind::Variable(name) => self.known(name)?,
            Kind::Field => {}
            Kind::Number if !is_number(text) => {
                return Err(self.fail(format!("illegal number syntax: {}", quote(text))));
            }
            Kind::Text | Kind::Character => {
                self.constant(text)?;
                inert = true;
            }
            Kind::Number | Kind::Literal | Kind::Nil | Kind::Dot => inert = true,
            Kind::Open => self.pipeline("parenthesized pipeline", true)?,
            _ => {
                self.next -= 1;
                return Ok(());
            }
        }
        if inert && self.peek() == Some(&Kind::Field) {
            return Err(self.fail(format!("unexpected . after term {}", quote(text))));
        }
        while self.peek() == Some(&Kind::Field) {
            self.next += 1;
        }
        Ok(())
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
            "{{ $value | }}",
            "{{ nil }}{{ 1i }}{{ 0x1p-2 }}{{ 1_000 }}",
            r#"{{ "\u00e9\377\x41\"" }}{{ '\'' }}{{ '\\' }}{{ 'é' }}{{ `\q` }}"#,
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
            ("{{ $labels.a }\n", "unexpected \"}\" in operand"),
            ("{{ nope | (", "function \"nope\" not defined"),
            ("{{ \"a\".b }}", "unexpected . after term \"\\\"a\\\"\""),
            ("{{ - }}", "illegal number syntax: \"-\""),
            ("{{ $labels.instance.host.name range }}", "unexpected <range> in operand"),
            ("{{ if 1 }}{{ else with 1 }}{{ end }}", "unexpected <with> in input"),
            ("{{ if 1 }}{{ else }}{{ else }}", "expected end; found {{else}}"),
            ("{{ block \"b\" . }}{{ else }}", "unexpected {{else}} in block clause"),
            ("{{ range $a, 1 }}", "range can only initialize variables"),
            ("{{ $value | 1 }}", "non executable command in pipeline stage 2"),
            ("{{ break }}", "{{break}} outside {{range}}"),
            ("{{ 1x }}", "bad number syntax: \"1x\""),
            ("{{ $labels-a }}", "bad character U+002D '-'"),
            ("{{ $x=1 }}", "bad character U+003D '='"),
            ("{{ if }}x{{ end }}", "missing value for if"),
            ("{{ if $x := 1 }}{{ end }}{{ $x }}", "undefined variable \"$x\""),
            ("{{ \u{1} }}", "unrecognized character in action: U+0001 '\u{1}'"),
            ("{{/* a", "unclosed comment"),
            ("{{ 'ab' }}", "malformed character constant: 'ab'"),
            ("{{ 'é\\q' }}", "malformed character constant: 'é\\q'"),
            ("{{ '' }}", "invalid syntax"),
            ("{{ '\\400' }}", "invalid syntax"),
            ("{{ '\\\"' }}", "invalid syntax"),
            ("{{ \"\\q\" }}", "invalid syntax"),
            ("{{ \"\\xé\" }}", "invalid syntax"),
            ("{{ \"\\u+041\" }}", "invalid syntax"),
            ("{{ template \"\\ud800\" }}", "invalid syntax"),
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
