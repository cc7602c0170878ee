//! Reading a text: limits, refused characters, and repairs after a syntax error.

mod place;
mod report;

use std::collections::HashMap;

use granit_parser::{ErrorKind, ScanError};

use crate::builder::{Built, build};
use crate::recovery::{Patched, content_span, guess, indent_quoted, line_at, quote_goes_on};
use crate::source::{Source, is_refused};
use crate::syntax_error::{GoLine, words_for};
use crate::tree::{Document, Node, Parsed};
use crate::trivia::{leading_tabs, refused_directive};
use place::{ends_document, fault, first_indent, place};
use report::go_text;
use text::{Applicability, Diagnostic, Edit, FileId, Fix, Location, Span};

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;

/// The most attempts at reading a broken text. Long texts get fewer.
const MAX_ATTEMPTS: usize = 40;

/// The most bytes that are read for one text, over all attempts.
const MAX_WORK: usize = 6 << 20;

/// The most places that one fix changes.
const MAX_EDITS: usize = 1000;

/// Reads a file. Never fails: see [`Parsed`].
pub fn parse(file: FileId, text: &str) -> Parsed {
    FileParser::new(file, Source::whole(text)).read()
}

/// Reads the YAML inside a scalar, as in a ConfigMap's `prometheus.yml: |`. All spans count in
/// bytes of `host`, the text of the whole file; so must the scalar's own span. Lines in
/// [`Parsed::refusal`] are counted from the scalar's first line. Returns None if the node is no scalar.
pub fn embedded(file: FileId, host: &str, scalar: &Node) -> Option<Parsed> {
    Some(FileParser::new(file, Source::of_scalar(host, scalar)?).read())
}

struct FileParser {
    file: FileId,
    source: Source,
    diagnostics: Vec<Diagnostic>,
    refusal: Option<String>,
    broken: Vec<Span>,
    plain: bool,
}

/// Reads a text that may stand inside a file.
pub(super) fn read(file: FileId, source: Source) -> Parsed {
    FileParser::new(file, source).read()
}

impl FileParser {
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

    /// Returns the location of a span in its file, widened to whole characters.
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
        let message =
            format!("The text has {} bytes; at most {} MiB are read", len, MAX_BYTES >> 20);
        self.diagnostics.push(
            Diagnostic::error("yaml-too-long", at, message)
                .with_help("Prometheus has no such limit; this page has."),
        );
    }

    /// Blanks control characters, and byte order marks elsewhere than at the start.
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
                .with_help(
                    "The character is invisible and probably came from pasted text. Delete it.",
                )
                .with_fix(fix),
        );
    }

    /// Blanks directives that Go refuses, such as `%YAML 1.2`.
    fn blank_refused_directive(&mut self, patched: &mut Patched<'_>, text: &str) {
        let Some((at, go)) = refused_directive(text) else { return };
        let (start, end) = line_at(text, at);
        patched.blank(start, end);
        patched.apply();
        let go = go_text(go, GoLine::Before, text, at);
        self.refuse(go.clone());
        let location = self.location(content_span(text, (start, end)));
        let message = format!("The only supported directive is `%YAML 1.1` (yaml: {go})");
        self.diagnostics.push(
            Diagnostic::error("yaml-syntax", location, message)
                .with_help("A directive is not needed. Delete the line."),
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
            // A first line that only a repair or a tab moved to the right does not end the document.
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
            // An error before the furthest one comes from the last repair, which goes one level up.
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

    /// Returns the repaired documents, or the sections that can be read alone if these keep more.
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

    /// In Go a quoted text over several lines can have any indentation.
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

    /// Warns of a line to the left of the first one, which ends the document. Go reads one document
    /// and ignores the rest.
    fn ends_early(&mut self, error: &ScanError, built: &Built, patched: &Patched<'_>, text: &str) {
        self.report_problems(built);
        let at = patched.original_offset(error.marker().byte_offset().unwrap_or(0));
        let location = self.location(content_span(text, line_at(text, at)));
        let first = built.documents.first().map_or(Span::at(0), |document| document.root.span);
        let first = Location::new(self.file, Span::at(first.start));
        let message = "The document ends here: this line is indented less than the first one. The rest of the file is ignored";
        self.diagnostics.push(
            Diagnostic::warning("yaml-ends-early", location, message)
                .with_help(
                    "Remove the indentation of the first line and of the lines that belong to it.",
                )
                .with_related(first, "the document starts here"),
        );
    }

    /// Replaces tabs inside brackets, which Go accepts as spaces.
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
}

/// Returns the ranges that begin with a line without indentation.
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

/// Returns true if a refused character stands within a word or at the end of a line, so that its
/// deletion changes no structure.
fn is_within(text: &str, span: Span) -> bool {
    let shown = |c: &char| !is_refused(*c);
    let before = text.get(..span.start as usize).and_then(|text| text.chars().rev().find(shown));
    let behind = text.get(span.end as usize..).and_then(|text| text.chars().find(shown));
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    behind.is_none_or(|c| matches!(c, '\n' | '\r')) || (is_word(before) && is_word(behind))
}
