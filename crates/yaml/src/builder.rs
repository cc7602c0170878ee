//! From the parser's events to a tree, without recursion.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScanError, StructureStyle, Tag};

use super::tree::{
    Collection, Comment, Document, Entry, Kind, MAX_DEPTH, Mapping, Node, ScalarStyle, Sequence,
};
use super::trivia::{Before, Tab, is_anchor_name, refused_tab};
use text::Span;

/// How many nodes aliases and merge keys may add to a document. Go's limit depends on the size of
/// the document: up to 400,000 values nearly all may come from aliases.
const MAX_ALIASED: u32 = 400_000;

/// What was built, up to the end or the first error.
pub(super) struct Built {
    pub documents: Vec<Document>,
    pub problems: Vec<Problem>,
    pub error: Option<ScanError>,
    /// Where the last whole event ended, in bytes of the text that was parsed.
    pub last_end: usize,
    /// Start of the outermost bracket that was open at the error.
    pub open_bracket: Option<usize>,
    /// Start of the innermost one.
    pub inner_bracket: Option<usize>,
    /// Where the first document's value begins.
    pub first_start: usize,
    /// There were anchors, aliases or merge keys.
    pub linked: bool,
}

/// A mistake that does not stop the reading.
#[derive(Debug)]
pub(super) struct Problem {
    pub span: Span,
    pub kind: ProblemKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ProblemKind {
    TooDeep,
    UnknownAnchor(String),
    /// What is behind `*` or `&` is no name for Go.
    AnchorName,
    Tab(Tab),
    /// A colon in a block or in brackets, with nothing before it.
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
    /// Levels below the deepest that is kept.
    skipped: usize,
    anchors: HashMap<usize, (Arc<str>, Node)>,
    /// Names of anchors of collections that are still open.
    open_anchors: HashMap<usize, Arc<str>>,
    aliased: u32,
    root: Option<Node>,
    document_start: u32,
    comments: Vec<Comment>,
    last_end: usize,
    /// Where the last token ended, and what it was.
    token_end: usize,
    token: Before,
    first_start: Option<usize>,
    /// Where keys in the file are missing.
    keyless: Vec<u32>,
    /// The node made by the event before, for an anchor event that follows it.
    fresh_anchor: usize,
    linked: bool,
}

struct Frame {
    start: u32,
    /// Behind the last character of what is in it.
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

    /// Looks at the gap before a token that begins at `start`.
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

    /// A colon before which no key stands is taken by the parser, not by Go.
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
        // One report of a kind is enough where one cause gives thousands.
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
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_span(span),
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

    /// An absent value belongs behind its colon or dash, the parser puts it before.
    fn behind_indicator(&self, span: Span) -> Span {
        let rest = self.text.get(span.start as usize..).unwrap_or_default();
        Span::at(span.start + u32::from(rest.starts_with([':', '-', '?'])))
    }

    /// The span that the parser gives a block scalar begins behind its header.
    fn block_span(&self, span: Span) -> Span {
        let mut end = span.start as usize;
        let floor = self.frames.last().map_or(0, |frame| frame.start as usize);
        while let Some(before) = self.text.get(floor..end) {
            let content = before.trim_end();
            let line_start = content.rfind('\n').map_or(0, |at| at + 1);
            let line = &content[line_start..];
            let header = line.rfind(" #").map_or(line, |at| &line[..at]).trim_end();
            if let Some(at) = header.rfind(['|', '>']) {
                let tail = &header[at + 1..];
                if tail.len() <= 2 && tail.bytes().all(|b| b.is_ascii_digit() || b"+-".contains(&b))
                {
                    let end = self.trim_block_end(span);
                    return Span::new((floor + line_start + at) as u32, end);
                }
            }
            if line_start == 0 {
                break;
            }
            end = floor + line_start - 1;
        }
        span
    }

    /// Blank lines behind the last line of text do not belong to a block, for all that people see.
    fn trim_block_end(&self, span: Span) -> u32 {
        let raw = span.slice(self.text);
        let kept = raw.trim_end_matches([' ', '\n', '\r']);
        let rest = &raw[kept.len()..];
        let newline = rest.find('\n').map_or(rest.len(), |at| at + 1);
        span.start + (kept.len() + newline) as u32
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

    /// `span` is that of the end event; there is none where the text broke off.
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
                // Go reads nothing of them.
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

    /// What `<<` brings: of several mappings the first one wins, and a written key wins over all.
    fn merge(&mut self, entries: &[Entry]) -> Vec<Entry> {
        let mut merged: Vec<Entry> = Vec::new();
        if !entries.iter().any(Entry::is_merge) {
            return merged;
        }
        self.linked = true;
        let mut names: std::collections::HashSet<Arc<str>> = entries
            .iter()
            .filter_map(|entry| entry.key.as_scalar().map(|scalar| scalar.text.clone()))
            .collect();
        for entry in entries.iter().filter(|entry| entry.is_merge()) {
            let single = std::slice::from_ref(&entry.value);
            let sources = match &entry.value.kind {
                Kind::Sequence(sequence) => &sequence.items[..],
                _ => single,
            };
            for source in sources {
                let Some(mapping) = source.as_mapping() else {
                    self.problem_in_file(source.written_span(), ProblemKind::MergeWantsMap);
                    continue;
                };
                for entry in mapping.iter() {
                    let Some(name) = entry.key.as_scalar().map(|scalar| scalar.text.clone()) else {
                        continue;
                    };
                    if names.contains(&name) {
                        continue;
                    }
                    if !self.spend(entry.value.weight) {
                        let at = source.written_span();
                        self.problem_in_file(at, ProblemKind::TooManyAliases);
                        return merged;
                    }
                    names.insert(name);
                    merged.push(entry.clone());
                }
            }
        }
        merged
    }

    /// Takes `weight` from what aliases may add. False when nothing is left.
    fn spend(&mut self, weight: u32) -> bool {
        let sum = self.aliased.saturating_add(weight);
        let enough = sum <= MAX_ALIASED;
        if enough {
            self.aliased = sum;
        }
        enough
    }

    fn alias(&mut self, id: usize, span: Span) {
        if self.skipped > 0 {
            return;
        }
        let written = (self.locate)(span);
        let mut node = Node::null(written.start);
        if let Some(name) = self.open_anchors.get(&id) {
            let name = name.to_string();
            self.problem(span, ProblemKind::AnchorInItself(name));
        } else if let Some((_, target)) = self.anchors.get(&id) {
            let target = target.clone();
            if self.frames.len() + usize::from(target.height) > MAX_DEPTH {
                self.problem(span, ProblemKind::TooDeep);
            } else if self.spend(target.weight) {
                node = target;
                node.anchor = None;
                node.alias = Some(written);
            } else {
                self.problem(span, ProblemKind::TooManyAliases);
            }
        }
        self.add(node, span);
    }

    fn name_anchor(&mut self, id: usize, name: &str) {
        let name: Arc<str> = Arc::from(name);
        if let Some(open) = self.open_anchors.get_mut(&id) {
            *open = name;
        } else if let Some((known, node)) = self.anchors.get_mut(&id) {
            *known = name.clone();
            node.anchor = Some(name.clone());
            if self.fresh_anchor == id {
                self.name_last(name);
            }
        }
    }

    /// Gives the scalar added last its anchor's name, which is told only after it.
    fn name_last(&mut self, name: Arc<str>) {
        let last = match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root.as_mut(),
            Some(Content::Sequence(items)) => items.last_mut(),
            Some(Content::Mapping { entries, key }) => match key {
                Some(key) => Some(key),
                None => entries.last_mut().map(|entry| &mut entry.value),
            },
        };
        if let Some(node) = last {
            node.anchor = Some(name);
        }
    }

    /// Puts a finished value where it belongs. `span` counts in bytes of the parsed text.
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
        let last_end = self.last_end;
        let open = !self.frames.is_empty() || self.skipped > 0 || self.root.is_some();
        if error.is_some() && open {
            self.end_document(Span::at(self.text.len() as u32));
        } else if self.documents.is_empty() || !self.comments.is_empty() {
            // A text of nothing but comments is one empty document.
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
            first_start: self.first_start.unwrap_or(0),
            linked: self.linked,
        }
    }
}

fn full_tag(tag: &Tag) -> Arc<str> {
    let (handle, suffix) = tag.parts();
    Arc::from(format!("{handle}{suffix}"))
}
