//! The parser's events into a tree, without recursion.

mod anchors;
mod spans;

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScanError, StructureStyle, Tag};

use crate::tree::{
    Collection, Comment, Document, Entry, Kind, MAX_DEPTH, Mapping, Node, ScalarStyle, Sequence,
};
use crate::trivia::{Before, Tab, is_anchor_name, refused_tab};
use text::Span;

/// The number of nodes that aliases and merge keys may add to a document. Go's limit depends on the size of
/// the document: up to 400,000 values nearly all may come from aliases.
const MAX_ALIASED: u32 = 400_000;

/// The result of reading a text up to its end or the first syntax error.
pub(super) struct Built {
    pub documents: Vec<Document>,
    pub problems: Vec<Problem>,
    pub error: Option<ScanError>,
    /// End of the last complete event, in bytes of the parsed text.
    pub last_end: usize,
    /// Start of the outermost bracket that was open at the error.
    pub open_bracket: Option<usize>,
    /// Start of the innermost one.
    pub inner_bracket: Option<usize>,
    /// True if the innermost collection that was open at the error is a sequence; None if none was.
    pub in_sequence: Option<bool>,
    /// Start of the value of the first document.
    pub first_start: usize,
    /// True if the text has anchors, aliases or merge keys.
    pub linked: bool,
}

/// A mistake after which the parser continues.
#[derive(Debug)]
pub(super) struct Problem {
    pub span: Span,
    pub kind: ProblemKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ProblemKind {
    TooDeep,
    UnknownAnchor(String),
    /// The text after `*` or `&` is not a name in Go.
    AnchorName,
    Tab(Tab),
    /// A colon without a key, in a block or in brackets.
    MissingKey(Collection),
    AnchorInItself(String),
    TooManyAliases,
    MergeWantsMap,
}

/// Reads all documents of `text`. `locate` gives the file's span for one of the text.
pub(super) fn build(text: &str, locate: &dyn Fn(Span) -> Span) -> Built {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        max_buffered_comment_events: 100_000,
        flow_nesting_limit: 1000,
        block_nesting_limit: 1000,
    };
    let mut builder = Builder::new(text, locate);
    let mut error = None;
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or_default();
                builder.event(event, Span::new(range.start as u32, range.end as u32));
            }
            Err(found) => {
                error = Some(found);
                break;
            }
        }
    }
    builder.finish(error)
}

struct Builder<'a> {
    text: &'a str,
    locate: &'a dyn Fn(Span) -> Span,
    documents: Vec<Document>,
    problems: Vec<Problem>,
    frames: Vec<Frame>,
    /// Number of open levels below the deepest one that is kept.
    skipped: usize,
    anchors: HashMap<usize, (Arc<str>, Node)>,
    /// Names of anchors of collections that are still open.
    open_anchors: HashMap<usize, Arc<str>>,
    aliased: u32,
    root: Option<Node>,
    document_start: u32,
    comments: Vec<Comment>,
    last_end: usize,
    /// End and kind of the last token.
    token_end: usize,
    token: Before,
    first_start: Option<usize>,
    /// Offsets in the file at which keys are missing.
    keyless: Vec<u32>,
    /// Anchor of the node made by the previous event, whose name follows.
    fresh_anchor: usize,
    linked: bool,
}

struct Frame {
    start: u32,
    /// End of the last character inside.
    end: u32,
    style: Collection,
    tag: Option<Arc<str>>,
    anchor_id: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<Node> },
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, locate: &'a dyn Fn(Span) -> Span) -> Self {
        Self {
            text,
            locate,
            documents: Vec::new(),
            problems: Vec::new(),
            frames: Vec::new(),
            skipped: 0,
            anchors: HashMap::new(),
            open_anchors: HashMap::new(),
            aliased: 0,
            root: None,
            document_start: 0,
            comments: Vec::new(),
            last_end: 0,
            token_end: 0,
            token: Before::LineStart,
            first_start: None,
            keyless: Vec::new(),
            fresh_anchor: 0,
            linked: false,
        }
    }

    /// Checks the trivia before a token that begins at `start`.
    fn gap(&mut self, start: u32) {
        self.first_start.get_or_insert(start as usize);
        let in_brackets = self.frames.last().is_some_and(|frame| frame.style == Collection::Flow);
        if in_brackets || self.skipped > 0 {
            return;
        }
        if let Some((at, tab)) = refused_tab(self.text, self.token_end, start as usize, self.token)
        {
            self.problem(Span::new(at as u32, at as u32 + 1), ProblemKind::Tab(tab));
        }
        self.token_end = self.token_end.max(start as usize);
    }

    /// Notes the end of a token.
    fn token(&mut self, end: u32, token: Before) {
        self.token_end = self.token_end.max(end as usize);
        self.token = token;
    }

    /// The column in which the innermost block collection begins.
    fn indent(&self) -> usize {
        let block = self.frames.iter().rev().find(|frame| frame.style == Collection::Block);
        block.map_or(0, |frame| {
            let before = self.text.get(..frame.start as usize).unwrap_or_default();
            before.len() - before.rfind('\n').map_or(0, |at| at + 1)
        })
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::DocumentStart(explicit, _) => {
                self.document_start = if explicit { span.end } else { self.document_start };
                self.last_end = self.last_end.max(self.document_start as usize);
            }
            Event::DocumentEnd => self.end_document(span),
            Event::Comment(..) => {
                let span = (self.locate)(span);
                self.comments.push(Comment { span });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.last_end = self.last_end.max(span.end as usize);
                if !span.is_empty() {
                    self.scalar_gap(style, span);
                } else if anchor == 0 && tag.is_none() {
                    self.missing_key(span);
                }
                self.scalar(&text, style, anchor, tag.as_deref(), span);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.gap(span.start);
                self.open(span, style, anchor, tag.as_deref(), Content::Sequence(Vec::new()));
            }
            Event::MappingStart(style, anchor, tag) => {
                self.gap(span.start);
                let content = Content::Mapping { entries: Vec::new(), key: None };
                self.open(span, style, anchor, tag.as_deref(), content);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if self.frames.last().is_some_and(|frame| frame.style == Collection::Flow) {
                    self.token(span.end, Before::Other);
                }
                self.close(Some(span));
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) | Event::Anchor(..) => {
                self.link(event, span);
            }
            _ => {}
        }
    }

    /// An anchor or an alias.
    fn link(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Alias(id) => {
                self.linked = true;
                self.last_end = self.last_end.max(span.end as usize);
                self.gap(span.start);
                self.token(span.end, Before::Other);
                self.alias(id, span);
            }
            Event::UnresolvedAlias(name) => {
                self.last_end = self.last_end.max(span.end as usize);
                let kind = if is_anchor_name(&name) {
                    ProblemKind::UnknownAnchor(name.into_owned())
                } else {
                    ProblemKind::AnchorName
                };
                self.problem(span, kind);
                self.add(Node::null((self.locate)(span).start), span);
            }
            Event::Anchor(id, name) => {
                if !is_anchor_name(&name) {
                    self.problem(span, ProblemKind::AnchorName);
                }
                self.linked = true;
                self.name_anchor(id, &name);
            }
            _ => {}
        }
    }

    fn scalar_gap(&mut self, style: granit_parser::ScalarStyle, span: Span) {
        let token = match style {
            granit_parser::ScalarStyle::Plain => Before::Plain { indent: self.indent() },
            granit_parser::ScalarStyle::Literal | granit_parser::ScalarStyle::Folded => {
                self.token(span.end, Before::LineStart);
                return;
            }
            _ => Before::Other,
        };
        self.gap(span.start);
        self.token(span.end, token);
    }

    /// Reports a colon without a key, which the parser accepts and Go refuses.
    fn missing_key(&mut self, span: Span) {
        let Some(Frame { style, content: Content::Mapping { key: None, .. }, .. }) =
            self.frames.last().filter(|_| self.skipped == 0)
        else {
            return;
        };
        let before = self.text.get(self.token_end..span.start as usize).unwrap_or_default();
        let colon = Span::new(span.start, span.start + 1);
        if self.text.get(colon.range()) == Some(":") && !before.contains('?') {
            self.keyless.push((self.locate)(self.behind_indicator(span)).start);
            self.problem(colon, ProblemKind::MissingKey(*style));
        }
    }

    /// `span` counts in bytes of the parsed text.
    fn problem(&mut self, span: Span, kind: ProblemKind) {
        let span = (self.locate)(span);
        self.problem_in_file(span, kind);
    }

    fn problem_in_file(&mut self, span: Span, kind: ProblemKind) {
        // One cause can give thousands of these; one report is enough.
        let same = |known: &Problem| {
            known.kind == kind && matches!(kind, ProblemKind::TooDeep | ProblemKind::TooManyAliases)
        };
        if self.problems.len() < 1000 && !self.problems.iter().rev().take(8).any(same) {
            self.problems.push(Problem { span, kind });
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: granit_parser::ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) {
        if self.skipped > 0 {
            return;
        }
        let style = match style {
            granit_parser::ScalarStyle::SingleQuoted => ScalarStyle::Single,
            granit_parser::ScalarStyle::DoubleQuoted => ScalarStyle::Double,
            granit_parser::ScalarStyle::Literal => ScalarStyle::Literal,
            granit_parser::ScalarStyle::Folded => ScalarStyle::Folded,
            _ => ScalarStyle::Plain,
        };
        // The parser reports an absent value as `~` without extent.
        let absent = style == ScalarStyle::Plain && span.is_empty();
        let span = match style {
            _ if absent => self.behind_indicator(span),
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_span(text, span),
            _ => span,
        };
        let text = if absent { "" } else { text };
        let mut node = Node::scalar((self.locate)(span), text, style);
        node.tag = tag.map(full_tag);
        if anchor != 0 {
            self.anchors.insert(anchor, (Arc::from(""), node.clone()));
            self.fresh_anchor = anchor;
        }
        self.add(node, span);
    }

    fn open(
        &mut self,
        span: Span,
        style: StructureStyle,
        anchor_id: usize,
        tag: Option<&Tag>,
        content: Content,
    ) {
        self.last_end = self.last_end.max(span.end as usize);
        if self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        if self.frames.len() >= MAX_DEPTH {
            self.problem(span, ProblemKind::TooDeep);
            self.skipped = 1;
            return;
        }
        let style = match style {
            StructureStyle::Flow => Collection::Flow,
            _ => Collection::Block,
        };
        if anchor_id != 0 {
            self.open_anchors.insert(anchor_id, Arc::from(""));
            self.fresh_anchor = anchor_id;
        }
        self.frames.push(Frame {
            start: span.start,
            end: span.end,
            style,
            tag: tag.map(full_tag),
            anchor_id,
            content,
        });
    }

    /// Closes the innermost collection. `span` is that of its end event; None if the text ends early.
    fn close(&mut self, span: Option<Span>) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                let at = span.map_or(self.last_end as u32, |span| span.end);
                let absent = Node::null((self.locate)(Span::at(at)).start);
                self.add(absent, Span::at(at));
            }
            return;
        }
        let Some(frame) = self.frames.pop() else { return };
        let end = match (frame.style, span) {
            (Collection::Flow, Some(span)) => span.end,
            _ => frame.end,
        };
        self.last_end = self.last_end.max(end as usize);
        let kind = match frame.content {
            Content::Sequence(items) => {
                Kind::Sequence(Arc::new(Sequence { style: frame.style, items }))
            }
            Content::Mapping { mut entries, key } => {
                if let Some(key) = key {
                    let value = Node::null(key.span.end);
                    entries.push(Entry { key, value });
                }
                // Go reads no entry of a missing key.
                let known = |entry: &Entry| !self.keyless.contains(&entry.key.span.start);
                if !self.keyless.is_empty() {
                    entries.retain(known);
                }
                let merged = self.merge(&entries);
                Kind::Mapping(Arc::new(Mapping { style: frame.style, entries, merged }))
            }
        };
        let span = Span::new(frame.start, end.max(frame.start));
        let mut node = Node::new((self.locate)(span), kind);
        node.tag = frame.tag;
        if frame.anchor_id != 0 {
            let name = self.open_anchors.remove(&frame.anchor_id).unwrap_or_default();
            node.anchor = Some(name.clone());
            self.anchors.insert(frame.anchor_id, (name, node.clone()));
        }
        self.add(node, span);
    }

    /// Adds a finished value to the innermost collection. `span` counts in bytes of the parsed text.
    fn add(&mut self, node: Node, span: Span) {
        if self.skipped > 0 {
            return;
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.end = frame.end.max(span.end);
        match &mut frame.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, key } => match key.take() {
                Some(key) => entries.push(Entry { key, value: node }),
                None => *key = Some(node),
            },
        }
    }

    fn end_document(&mut self, span: Span) {
        while !self.frames.is_empty() || self.skipped > 0 {
            self.close(None);
        }
        let whole =
            (self.locate)(Span::new(self.document_start, span.start.max(self.document_start)));
        let root = self.root.take().unwrap_or_else(|| Node::null(whole.start));
        self.documents.push(Document {
            span: whole,
            root,
            comments: std::mem::take(&mut self.comments),
        });
        self.document_start = span.end;
        self.anchors.clear();
        self.open_anchors.clear();
        self.aliased = 0;
    }

    fn finish(mut self, error: Option<ScanError>) -> Built {
        let open_bracket = self
            .frames
            .iter()
            .find(|frame| frame.style == Collection::Flow)
            .map(|frame| frame.start as usize);
        if error.is_none() {
            self.gap(self.text.len() as u32);
        }
        let inner_bracket = self
            .frames
            .last()
            .filter(|frame| frame.style == Collection::Flow)
            .map(|frame| frame.start as usize);
        let in_sequence =
            self.frames.last().map(|frame| matches!(frame.content, Content::Sequence(_)));
        let last_end = self.last_end;
        let open = !self.frames.is_empty() || self.skipped > 0 || self.root.is_some();
        if error.is_some() && open {
            self.end_document(Span::at(self.text.len() as u32));
        } else if self.documents.is_empty() || !self.comments.is_empty() {
            // A text with only comments is one empty document.
            match self.documents.last_mut() {
                Some(document) => document.comments.append(&mut self.comments),
                None => self.end_document(Span::at(self.text.len() as u32)),
            }
        }
        Built {
            documents: self.documents,
            problems: self.problems,
            error,
            last_end,
            open_bracket,
            inner_bracket,
            in_sequence,
            first_start: self.first_start.unwrap_or(0),
            linked: self.linked,
        }
    }
}

fn full_tag(tag: &Tag) -> Arc<str> {
    let (handle, suffix) = tag.parts();
    Arc::from(format!("{handle}{suffix}"))
}
