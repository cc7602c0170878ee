//! Regular expressions as Prometheus understands them: Go's syntax, anchored, with Go's errors.
//!
//! | file | what it does |
//! | --- | --- |
//! | `syntax` | Go's syntax → tree, with Go's limits |
//! | `escapes` | escape sequences and classes in brackets |
//! | `tree` | the tree |
//! | `error` | Go's errors |
//! | `classes` | the named character classes |
//! | `print` | tree → the `regex` crate's syntax |
//! | `fast_path` | common patterns that need no regex engine |
//! | `cache` | compiled regexes by their source |
//! | `template` | `$1`, `${name}`: replacement templates as Go expands them |

#![allow(clippy::disallowed_types, reason = "go::Regex is built on the regex crate")]

mod cache;
pub(crate) mod classes;
mod error;
mod escapes;
mod fast_path;
mod print;
mod syntax;
mod template;
mod tree;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use error::ErrorKind;
pub use template::{expansion_bound, has_variable};

use cache::Mode;
use fast_path::FastPath;
use text::Span;

/// The anchors that Prometheus puts around a regex of a relabeling rule.
const PREFIX: &str = "^(?s:";
const SUFFIX: &str = ")$";

/// The largest compiled program, in bytes. This bounds the time to compile, too.
const PROGRAM_LIMIT: usize = 8 << 20;

/// The largest program that the cache keeps, in bytes.
const KEPT_LIMIT: usize = 64 << 10;

/// The deepest expression that is run here, because the engine's compiler recurses. Go allows 1000.
const MAX_HEIGHT: u32 = 250;

/// An anchored regular expression. Clones share the compiled program.
#[derive(Clone)]
pub struct Regex(Arc<Inner>);

struct Inner {
    source: Box<str>,
    /// The name of each group; the first, the whole match, has none.
    names: Vec<Option<Box<str>>>,
    fast_path: FastPath,
    /// The engine, if the fast path cannot answer everything.
    engine: Option<regex::Regex>,
}

/// An error in a regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError {
    pub kind: ErrorKind,
    /// Prometheus's message: "error parsing regexp: …". Regexes of relabeling rules are compiled with
    /// anchors, which can show in it.
    pub message: String,
    /// The message without the anchors.
    pub plain: String,
    /// The part at fault, in bytes from the regex's start.
    pub span: Span,
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The byte ranges of the groups of a match; the first is the whole match. One value can be reused
/// for many matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    groups: Vec<Option<(usize, usize)>>,
}

impl Captures {
    pub fn get(&self, group: usize) -> Option<Range<usize>> {
        self.groups.get(group).copied().flatten().map(|(start, end)| start..end)
    }

    /// Number of groups, the whole match among them.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Option<Range<usize>>> + '_ {
        self.groups.iter().map(|group| group.map(|(start, end)| start..end))
    }
}

impl Regex {
    /// A regex of a relabeling rule. As in Prometheus it is parsed together with its anchors, which
    /// matters for `a)|(b`.
    ///
    /// Source: prometheus model/relabel `NewRegexp`.
    pub fn new(source: &str) -> Result<Self, RegexError> {
        cache::compiled(Mode::Anchored, source, || {
            let anchored = format!("{PREFIX}{source}{SUFFIX}");
            match syntax::parse(&anchored, false) {
                Ok(parsed) => Self::build(source, parsed, true),
                Err(error) => (Err(RegexError::of_anchored(error, &anchored, source)), true),
            }
        })
    }

    /// A regex that matches anywhere in a text, as Go's `regexp.Compile` reads it. With
    /// [`Regex::replace_all`] this is `ReplaceAllString`.
    pub fn unanchored(source: &str) -> Result<Self, RegexError> {
        cache::compiled(Mode::Unanchored, source, || match syntax::parse(source, false) {
            Ok(parsed) => Self::build(source, parsed, true),
            Err(error) => (Err(RegexError::of_bare(error, source)), true),
        })
    }

    /// A regex of a PromQL matcher (`=~`, `!~`), which must parse without its anchors. Most need no
    /// engine, because groups are not used; [`Regex::captures`] may return the whole match only.
    ///
    /// Source: prometheus model/labels `NewFastRegexMatcher`.
    pub fn matcher(source: &str) -> Result<Self, RegexError> {
        let parsed =
            syntax::parse(source, true).map_err(|error| RegexError::of_bare(error, source))?;
        Self::build(source, parsed.anchored(), false).0
    }

    /// Returns the regex, and true if it is small enough for the cache.
    fn build(
        source: &str,
        parsed: syntax::Parsed,
        captures: bool,
    ) -> (Result<Self, RegexError>, bool) {
        if parsed.node.height > MAX_HEIGHT {
            return (Err(RegexError::too_large(source)), true);
        }
        let fast_path = FastPath::of(&parsed.node);
        let has_groups = parsed.names.len() > 1;
        let needs_engine = match &fast_path {
            FastPath::General => true,
            fast_path => captures && has_groups && !fast_path.knows_groups(),
        };
        let (engine, small) = match needs_engine.then(|| print::print(&parsed.node)) {
            None => (None, true),
            Some(pattern) => match compile(&pattern, KEPT_LIMIT) {
                Some(engine) => (Some(engine), true),
                None => match compile(&pattern, PROGRAM_LIMIT) {
                    Some(engine) => (Some(engine), false),
                    None => return (Err(RegexError::too_large(source)), true),
                },
            },
        };
        let inner = Inner { source: source.into(), names: parsed.names, fast_path, engine };
        (Ok(Self(Arc::new(inner))), small)
    }

    /// The source as written, without anchors.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Returns true if `text` matches: the whole of it, unless the regex is unanchored.
    pub fn is_match(&self, text: &str) -> bool {
        match (&self.0.fast_path, &self.0.engine) {
            (FastPath::General, Some(engine)) => engine.is_match(text),
            (fast_path, _) => fast_path.is_match(text),
        }
    }

    /// Returns the groups of a match; None if `text` does not match.
    pub fn captures(&self, text: &str) -> Option<Captures> {
        let mut captures = Captures::default();
        self.captures_into(text, &mut captures).then_some(captures)
    }

    /// As [`Regex::captures`], into a value that is reused. It is empty after `false`.
    pub fn captures_into(&self, text: &str, captures: &mut Captures) -> bool {
        captures.groups.clear();
        if let Some(engine) = &self.0.engine {
            // Most texts do not match, which the fast path finds out cheaply.
            let hopeless =
                !matches!(self.0.fast_path, FastPath::General) && !self.0.fast_path.is_match(text);
            if hopeless {
                return false;
            }
            let Some(found) = engine.captures(text) else { return false };
            captures
                .groups
                .extend(found.iter().map(|group| group.map(|group| (group.start(), group.end()))));
            return true;
        }
        self.0.fast_path.captures(text, &mut captures.groups)
    }

    /// Appends `template` with `$1`, `${1}`, `$name` and `${name}` replaced by the groups of a
    /// match on `text`, as Go's `Regexp.Expand` does.
    pub fn expand(&self, template: &str, text: &str, captures: &Captures, into: &mut String) {
        template::expand(template, text, captures, &self.0.names, into);
    }

    /// Replaces every match in `text` by the expanded template. An anchored regex matches once at
    /// most, except one that escapes its anchors, such as `a)|(b`.
    pub fn replace_all(&self, text: &str, template: &str) -> String {
        let mut captures = Captures::default();
        let mut result = String::new();
        let mut done = 0;
        if let Some(engine) = &self.0.engine {
            for found in engine.captures_iter(text) {
                captures.groups.clear();
                captures.groups.extend(
                    found.iter().map(|group| group.map(|group| (group.start(), group.end()))),
                );
                let whole = captures.get(0).unwrap_or_default();
                result.push_str(text.get(done..whole.start).unwrap_or_default());
                self.expand(template, text, &captures, &mut result);
                done = whole.end;
            }
        } else if self.captures_into(text, &mut captures) {
            self.expand(template, text, &captures, &mut result);
            done = text.len();
        }
        result.push_str(text.get(done..).unwrap_or_default());
        result
    }

    /// Returns the strings that the regex matches, each once and in the order of preference, so that
    /// an index can look them up. None if they are unknown or too many.
    pub fn set_matches(&self) -> Option<&[Box<str>]> {
        self.0.fast_path.set()
    }

    /// Returns a prefix of every match; empty if none is known.
    pub fn literal_prefix(&self) -> &str {
        self.0.fast_path.prefix()
    }

    /// Returns true for `.*` in any of its forms, which matches every text.
    pub fn matches_everything(&self) -> bool {
        self.0.fast_path.is_everything()
    }

    /// Names of the groups; the first, the whole match, has none.
    pub fn group_names(&self) -> impl Iterator<Item = Option<&str>> {
        self.0.names.iter().map(Option::as_deref)
    }
}

/// Compiles a pattern. Returns None if the program has more bytes than the limit.
/// Escapes the characters that have a meaning in a regular expression. Source: regexp `QuoteMeta`.
pub fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

fn compile(pattern: &str, limit: usize) -> Option<regex::Regex> {
    let mut builder = regex::RegexBuilder::new(pattern);
    builder.size_limit(limit).nest_limit(10 * MAX_HEIGHT).build().ok()
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regex({:?})", self.source())
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Regex {}

impl RegexError {
    fn of_bare(error: error::SyntaxError, source: &str) -> Self {
        let at = source.get(error.at.clone()).unwrap_or_default();
        let message = error.kind.message(at);
        let span = Span::new(error.at.start as u32, error.at.end as u32);
        Self { kind: error.kind, plain: message.clone(), message, span }
    }

    fn of_anchored(error: error::SyntaxError, anchored: &str, source: &str) -> Self {
        let at = anchored.get(error.at.clone()).unwrap_or_default();
        let bare = at.strip_prefix(PREFIX).unwrap_or(at);
        let bare = bare.strip_suffix(SUFFIX).unwrap_or(bare);
        let inside = |offset: usize| offset.saturating_sub(PREFIX.len()).min(source.len()) as u32;
        Self {
            kind: error.kind,
            message: error.kind.message(at),
            plain: error.kind.message(bare),
            span: Span::new(inside(error.at.start), inside(error.at.end)),
        }
    }

    fn too_large(source: &str) -> Self {
        let message = ErrorKind::TooLargeHere.message(source);
        Self {
            kind: ErrorKind::TooLargeHere,
            plain: message.clone(),
            message,
            span: Span::new(0, source.len() as u32),
        }
    }
}

#[cfg(test)]
mod tests;
