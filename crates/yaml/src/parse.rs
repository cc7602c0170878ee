//! The way in: limits, characters that YAML refuses, and reading on behind a break.

use std::collections::HashMap;

use granit_parser::{ErrorKind, ScanError};

use super::builder::{Built, build};
use super::recovery::{
    Patched, SyntaxFault, colon_without_space, content_span, guess, indent_quoted, line_at,
    meant_column, quote_goes_on,
};
use super::source::{Source, is_refused};
use super::syntax_error::{GoLine, Words, line_of_problem, words_for, words_of_problem};
use super::tree::{Document, Node, Parsed};
use super::trivia::{leading_tabs, refused_directive};
use text::{Applicability, Diagnostic, Edit, FileId, Fix, Location, Span};

/// Longest text that is read.
pub const MAX_BYTES: usize = 4 << 20;

/// How often a broken text is mended and read again; less often when it is long.
const MAX_ATTEMPTS: usize = 40;

/// How many bytes may be read for one text, over all attempts.
const MAX_WORK: usize = 6 << 20;

/// How many places one fix changes at most.
const MAX_EDITS: usize = 1000;

/// What a colon inside brackets comes from: the next line was taken for a part of the list.
const UNCLOSED: ErrorKind = ErrorKind::UnclosedFlowCollection { open: '[' };

/// Reads a file. Never fails: see [`Parsed`].
pub fn parse(file: FileId, text: &str) -> Parsed {
    Reader::new(file, Source::whole(text)).read()
}

/// Reads the YAML inside a scalar, as in a ConfigMap's `prometheus.yml: |`. All spans count in
/// bytes of `host`, the text of the whole file; so must the scalar's own span. Lines in
/// [`Parsed::refusal`] are counted from the scalar's first one. Nothing for a node that is no
/// scalar.
pub fn embedded(file: FileId, host: &str, scalar: &Node) -> Option<Parsed> {
    Some(Reader::new(file, Source::of_scalar(host, scalar)?).read())
}

struct Reader {
    file: FileId,
    source: Source,
    diagnostics: Vec<Diagnostic>,
    refusal: Option<String>,
    broken: Vec<Span>,
    plain: bool,
}

/// Reads a text that may stand inside a file.
pub(super) fn read(file: FileId, source: Source) -> Parsed {
    Reader::new(file, source).read()
}

impl Reader {
    fn new(file: FileId, source: Source) -> Self {
        let (diagnostics, broken) = Default::default();
        Self { file, source, diagnostics, refusal: None, broken, plain: false }
    }

    fn read(mut self) -> Parsed {
        let text = self.source.text.clone();
        let documents = if text.len() > MAX_BYTES {
            self.too_long(text.len());
            Vec::new()
        } else {
            let mut patched = Patched::new(&text);
            self.blank_refused_characters(&mut patched, &text);
            self.blank_refused_directive(&mut patched, &text);
            self.read_patched(&mut patched, &text)
        };
        Parsed {
            plain: self.plain && self.diagnostics.is_empty() && self.refusal.is_none(),
            file: self.file,
            source: self.source,
            documents,
            diagnostics: self.diagnostics,
            refusal: self.refusal,
            broken: self.broken,
        }
    }

    /// A place of the text in its file. A guess can end within a character; the whole one counts.
    fn location(&self, span: Span) -> Location {
        let text = &self.source.text;
        let (mut start, mut end) =
            (span.range().start.min(text.len()), span.range().end.min(text.len()));
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Location::new(self.file, self.source.span_to_host(Span::new(start as u32, end as u32)))
    }

    fn too_long(&mut self, len: usize) {
        let at = self.location(Span::at(0));
        let message = format!(
            "This text is too long: {} bytes, and at most {} MiB are read",
            len,
            MAX_BYTES >> 20
        );
        self.diagnostics.push(
            Diagnostic::error("yaml-too-long", at, message)
                .with_help("Prometheus itself would read it; this page does not."),
        );
    }

    /// Control characters, and byte order marks elsewhere than at the start.
    fn blank_refused_characters(&mut self, patched: &mut Patched<'_>, text: &str) {
        let spans: Vec<(Span, char)> = text
            .char_indices()
            .filter(|&(at, c)| is_refused(c) && !(c == '\u{feff}' && at == 0))
            .map(|(at, c)| (Span::new(at as u32, (at + c.len_utf8()) as u32), c))
            .collect();
        let Some(&(first, c)) = spans.first() else { return };
        for (span, _) in &spans {
            patched.blank(span.start as usize, span.end as usize);
        }
        patched.apply();
        self.refuse("control characters are not allowed".to_owned());
        let message = format!(
            "Control characters are not allowed: U+{:04X} (yaml: control characters are not allowed)",
            u32::from(c)
        );
        let edits = spans
            .iter()
            .take(MAX_EDITS)
            .map(|&(span, _)| Edit { location: self.location(span), text: String::new() });
        let safe = spans.len() <= MAX_EDITS && spans.iter().all(|&(span, _)| is_within(text, span));
        let fix = Fix {
            title: "Delete the control characters".to_owned(),
            applicability: if safe { Applicability::Safe } else { Applicability::Suggestion },
            edits: edits.collect(),
        };
        self.diagnostics.push(
            Diagnostic::error("yaml-control-character", self.location(first), message)
                .with_help("It is invisible and probably came with pasted text. Delete it.")
                .with_fix(fix),
        );
    }

    /// `%YAML 1.2` and the like, which Go refuses.
    fn blank_refused_directive(&mut self, patched: &mut Patched<'_>, text: &str) {
        let Some((at, go)) = refused_directive(text) else { return };
        let (start, end) = line_at(text, at);
        patched.blank(start, end);
        patched.apply();
        let go = go_text(go, GoLine::Before, text, at);
        self.refuse(go.clone());
        let location = self.location(content_span(text, (start, end)));
        let message = format!("Only the directive `%YAML 1.1` is taken (yaml: {go})");
        self.diagnostics.push(
            Diagnostic::error("yaml-syntax", location, message)
                .with_help("No directive is needed. Delete the line."),
        );
    }

    fn refuse(&mut self, reason: String) {
        self.refusal.get_or_insert_with(|| format!("yaml: {reason}"));
    }

    fn read_patched(&mut self, patched: &mut Patched<'_>, text: &str) -> Vec<Document> {
        let attempts = (MAX_WORK / text.len().max(1)).clamp(4, MAX_ATTEMPTS);
        let mut levels: HashMap<usize, usize> = HashMap::new();
        let mut furthest = 0;
        for attempt in 1.. {
            let built = self.build(patched);
            let Some(error) = &built.error else {
                self.report_problems(&built);
                self.plain = attempt == 1 && built.problems.is_empty() && !built.linked;
                return if attempt == 1 { built.documents } else { self.best(built, text) };
            };
            let ends = ends_document(error, &built, patched);
            // A first line that only a mend or a tab moved to the right is no reason to stop.
            let moved = ends && first_indent(text) == 0;
            if ends && !moved {
                self.ends_early(error, &built, patched, text);
                return built.documents;
            }
            if attempt > attempts {
                self.report(error, &built, patched, text, None);
                self.report_problems(&built);
                return self.best(built, text);
            }
            let at = place(error, &built, patched, text);
            let line = line_at(text, at).0;
            // An error before the furthest one so far comes from the last guess: go one step up.
            let key = if at < furthest { line_at(text, furthest).0 } else { line };
            furthest = furthest.max(at);
            let level = levels.entry(key).or_insert(0);
            let mut step = *level;
            if step == 0
                && (self.continue_quote(error, &built, patched)
                    || self.tabs_in_brackets(error, &built, patched))
            {
                *level += 1;
                continue;
            }
            if !moved && (step == 0 || !self.known_line(line, text)) {
                self.report(error, &built, patched, text, Some(at));
            }
            loop {
                patched.begin(key);
                let fault = fault(error, &built, patched, at);
                guess(patched, &fault, step);
                step += 1;
                if patched.apply() || step > 5 {
                    break;
                }
            }
            levels.insert(key, step);
        }
        Vec::new()
    }

    /// What was mended, or, where that lost more, the sections of the text that can be read alone.
    fn best(&self, built: Built, text: &str) -> Vec<Document> {
        let count = |documents: &[Document]| {
            documents.iter().map(|document| document.root.entries().count()).sum::<usize>()
        };
        let sections = sections(text);
        if built.documents.len() > 1 || count(&built.documents) >= sections.len() {
            return built.documents;
        }
        let mut patched = Patched::new(text);
        for (from, to) in sections {
            let alone = text.get(from..to).unwrap_or_default();
            let read = build(alone, &|span| span);
            let readable = read.error.is_none() && count(&read.documents) > 0;
            if !readable {
                patched.blank(from, to);
            }
        }
        patched.apply();
        let salvaged = self.build(&patched);
        if count(&salvaged.documents) > count(&built.documents) {
            salvaged.documents
        } else {
            built.documents
        }
    }

    fn build(&self, patched: &Patched<'_>) -> Built {
        let source = &self.source;
        build(patched.text(), &|span| source.span_to_host(patched.original_span(span)))
    }

    /// A quoted text over several lines may stand at any indentation in Go.
    fn continue_quote(&self, error: &ScanError, built: &Built, patched: &mut Patched<'_>) -> bool {
        if *error.kind() != ErrorKind::InvalidQuotedScalarIndent {
            return false;
        }
        let from = patched.original_offset(built.last_end);
        let Some((open, close)) = quote_goes_on(&self.source.text, from) else { return false };
        patched.begin(usize::MAX - 1 - open);
        indent_quoted(patched, open, close);
        patched.apply()
    }

    /// A line to the left of the first one ends the document. Go reads one document and never sees
    /// that the rest is no second one.
    fn ends_early(&mut self, error: &ScanError, built: &Built, patched: &Patched<'_>, text: &str) {
        self.report_problems(built);
        let at = patched.original_offset(error.marker().byte_offset().unwrap_or(0));
        let location = self.location(content_span(text, line_at(text, at)));
        let first = built.documents.first().map_or(Span::at(0), |document| document.root.span);
        let first = Location::new(self.file, Span::at(first.start));
        let message = "From here on everything is ignored: this line stands to the left of the first one, which ends the document";
        self.diagnostics.push(
            Diagnostic::warning("yaml-ends-early", location, message)
                .with_help("Give the first line of the file no indentation, and the lines that belong to it as much less.")
                .with_related(first, "the document begins here"),
        );
    }

    /// Within brackets Go takes tabs for spaces.
    fn tabs_in_brackets(
        &self,
        error: &ScanError,
        built: &Built,
        patched: &mut Patched<'_>,
    ) -> bool {
        let text = &self.source.text;
        let at = patched.original_offset(error.marker().byte_offset().unwrap_or(0));
        let (Some(open), "yaml-tab") = (built.open_bracket, words_for(error.kind()).code) else {
            return false;
        };
        let open = patched.original_offset(open);
        patched.begin(usize::MAX / 2 + open);
        for (from, to) in leading_tabs(text, open, at) {
            patched.blank(from, to);
        }
        patched.apply()
    }

    fn known_line(&self, line: usize, text: &str) -> bool {
        let line = line_at(text, line);
        let span = self.source.span_to_host(Span::new(line.0 as u32, line.1 as u32));
        self.broken.iter().any(|known| known.start <= span.end && span.start <= known.end)
    }

    /// Notes an error; `at` is missing when no guess will follow.
    fn report(
        &mut self,
        error: &ScanError,
        built: &Built,
        patched: &Patched<'_>,
        text: &str,
        at: Option<usize>,
    ) {
        let mut words = words_for(error.kind());
        let colon = words.code == "yaml-unexpected-colon";
        if let Some(open) = built.inner_bracket
            && (colon || words.code == "yaml-text-after-quote")
        {
            // Within brackets Go asks for the next item, whatever it finds.
            let go = match patched.text().as_bytes().get(open) {
                Some(b'{') => "did not find expected ',' or '}'",
                _ => "did not find expected ',' or ']'",
            };
            words = Words { go, line: GoLine::Before, ..words };
        }
        if built.open_bracket.is_some() && colon {
            words = Words { go: words.go, line: words.line, ..words_for(&UNCLOSED) };
        }
        let offset = match (error.kind(), at) {
            (ErrorKind::TabInPlainScalar, Some(tab)) => tab,
            _ => patched.original_offset(error.marker().byte_offset().unwrap_or(0)),
        };
        let line = line_at(text, offset);
        let mut trial = Patched::new(text);
        let span = match at {
            Some(at) => guess(&mut trial, &fault(error, built, patched, at), 0),
            None => content_span(text, line),
        };
        let colon = matches!(words.code, "yaml-missing-colon" | "yaml-unexpected-colon");
        let code = if colon && missing_space(text, span) {
            "yaml-missing-space"
        } else if colon && (span.end as usize) < line.0 {
            // The line above is the one that lacks its colon.
            "yaml-missing-colon"
        } else {
            words.code
        };
        let (message, help) = match code {
            "yaml-missing-colon" => {
                let words = words_for(&ErrorKind::SimpleKeyExpected);
                (words.message, words.help)
            }
            "yaml-missing-space" => (
                "A space is missing behind this colon",
                "Without it `key:value` is one piece of text.",
            ),
            _ => (words.message, words.help),
        };
        let go = go_text(words.go, words.line, text, offset);
        let message = match self.refusal {
            None => format!("{message} (yaml: {go})"),
            Some(_) => message.to_owned(),
        };
        self.refuse(go);
        self.mark_broken(span, line);
        let location = self.location(span);
        let mut diagnostic = Diagnostic::error(code, location, message);
        if !help.is_empty() {
            diagnostic = diagnostic.with_help(help);
        }
        if let Some(fix) = self.fix(code, span, text) {
            diagnostic = diagnostic.with_fix(fix);
        }
        self.diagnostics.push(diagnostic);
    }

    fn mark_broken(&mut self, span: Span, line: (usize, usize)) {
        let pointed = line_at(&self.source.text, span.start as usize);
        for line in [line, pointed] {
            let span = self.source.span_to_host(Span::new(line.0 as u32, line.1 as u32));
            if !self.broken.contains(&span) {
                self.broken.push(span);
            }
        }
    }

    fn fix(&self, code: &str, span: Span, text: &str) -> Option<Fix> {
        let put = |title: &str, at: u32, text: &str| {
            let location = self.location(Span::at(at));
            Some(Fix::replace(title, Applicability::Suggestion, location, text))
        };
        match code {
            "yaml-missing-space" => put("Put a space behind the colon", span.end, " "),
            "yaml-missing-colon" => put("Make it a key", span.end, ":"),
            "yaml-unclosed-quote" => {
                let quote = span.slice(text).get(..1)?;
                put("Close the quote", span.end, quote)
            }
            "yaml-tab" => {
                let line = line_at(text, span.start as usize);
                let before = text.get(line.0..span.start as usize)?;
                let tabs = span.slice(text);
                let spaces = if before.trim_start_matches(' ').is_empty() {
                    " ".repeat(meant_column(text, line).saturating_sub(before.len()))
                } else {
                    tabs.replace('\t', "  ")
                };
                tabs.contains('\t').then(|| Fix {
                    title: "Use spaces".to_owned(),
                    applicability: Applicability::Suggestion,
                    edits: vec![Edit { location: self.location(span), text: spaces }],
                })
            }
            _ => None,
        }
    }

    fn report_problems(&mut self, built: &Built) {
        for problem in &built.problems {
            let (code, mut go, ours) = words_of_problem(&problem.kind);
            if let Some(line) = line_of_problem(&problem.kind) {
                let at = self.source.from_host(problem.span.start) as usize;
                go = go_text(&go, line, &self.source.text, at);
            }
            self.refuse(go.clone());
            let location = Location::new(self.file, problem.span);
            let message = format!("{ours} (yaml: {go})");
            self.diagnostics.push(Diagnostic::error(code, location, message));
        }
    }
}

/// Stretches that begin with a line without indentation.
fn sections(text: &str) -> Vec<(usize, usize)> {
    let mut sections: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = !line.starts_with([' ', '\t', '#', '-', '\r', '\n']);
        let end = at + line.len();
        match sections.last_mut() {
            Some(last) if !begins => last.1 = end,
            _ => sections.push((at, end)),
        }
        at = end;
    }
    sections
}

/// Where the mistake is: an open quote is noticed far behind it.
fn place(error: &ScanError, built: &Built, patched: &Patched<'_>, text: &str) -> usize {
    let from = patched.original_offset(built.last_end);
    match error.kind() {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            let open = text.get(from..).and_then(|rest| rest.find(['"', '\'']));
            open.map_or(from, |open| from + open)
        }
        // The parser tells where the text begins that the tab follows.
        ErrorKind::TabInPlainScalar => {
            let start = error.marker().byte_offset().unwrap_or(0);
            patched.original_offset(next_leading_tab(patched.text(), start).unwrap_or(start))
        }
        _ => patched.original_offset(error.marker().byte_offset().unwrap_or(0)),
    }
}

/// The first tab before the content of a line below a place.
fn next_leading_tab(text: &str, from: usize) -> Option<usize> {
    let lines = text.get(from..)?.match_indices('\n').map(|(at, _)| from + at + 1);
    lines.filter_map(|start| Some((start, text.get(start..)?))).find_map(|(start, line)| {
        let content = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
        Some(start + line.get(..content)?.find('\t')?)
    })
}

/// Whether a line stands to the left of the mapping or list that is the whole first document.
fn ends_document(error: &ScanError, built: &Built, patched: &Patched<'_>) -> bool {
    let ([first], ErrorKind::ExpectedDocumentStart) = (built.documents.as_slice(), error.kind())
    else {
        return false;
    };
    let text = patched.text();
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    first.root.as_scalar().is_none() && column(text, at) < column(text, built.first_start)
}

/// Whether what is refused stands within a word or at the end of a line, where nothing depends on
/// whether a blank is read for it or nothing.
fn is_within(text: &str, span: Span) -> bool {
    let shown = |c: &char| !is_refused(*c);
    let before = text.get(..span.start as usize).and_then(|text| text.chars().rev().find(shown));
    let behind = text.get(span.end as usize..).and_then(|text| text.chars().find(shown));
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    behind.is_none_or(|c| matches!(c, '\n' | '\r')) || (is_word(before) && is_word(behind))
}

fn column(text: &str, at: usize) -> usize {
    at - line_at(text, at).0
}

/// Spaces before the first content of the text.
fn first_indent(text: &str) -> usize {
    let first = text.lines().find(|line| {
        let content = line.trim_start();
        !content.is_empty() && !content.starts_with('#') && !line.starts_with("---")
    });
    first.map_or(0, |line| line.len() - line.trim_start_matches(' ').len())
}

fn fault<'e>(
    error: &'e ScanError,
    built: &Built,
    patched: &Patched<'_>,
    at: usize,
) -> SyntaxFault<'e> {
    SyntaxFault {
        kind: error.kind(),
        at,
        last_end: patched.original_offset(built.last_end),
        first_column: column(patched.text(), built.first_start),
        open_bracket: built.open_bracket.map(|open| patched.original_offset(open)),
    }
}

/// Whether a span is the colon of `key:value`.
fn missing_space(text: &str, span: Span) -> bool {
    if span.slice(text) != ":" {
        return false;
    }
    let line = content_span(text, line_at(text, span.start as usize));
    colon_without_space(line.slice(text)).map(|at| line.start + at as u32) == Some(span.start)
}

/// `line 3: did not find expected key`, with the line that Go prints.
fn go_text(words: &str, rule: GoLine, text: &str, at: usize) -> String {
    let lines_before = |at: usize| text.bytes().take(at).filter(|&byte| byte == b'\n').count();
    let number = lines_before(at);
    // From zero, 0 meaning that no line is printed.
    let printed = match rule {
        GoLine::Same if number == 0 => 0,
        GoLine::Same => number + 1,
        GoLine::Before => number,
        GoLine::BeforeLast => {
            let next = text.get(at..).and_then(|rest| rest.find("\n---"));
            lines_before(next.map_or(text.len(), |found| at + found + 1))
        }
        GoLine::Last => match lines_before(text.len()) {
            0 => 0,
            last => last + 1,
        },
        GoLine::Next => {
            let behind = line_at(text, at).1;
            let rest = text.get(behind..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            match lines_before(behind + blank) {
                0 => 0,
                next => next + 1,
            }
        }
    };
    if printed == 0 { words.to_owned() } else { format!("line {printed}: {words}") }
}
