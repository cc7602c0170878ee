//! Errors of the parser in two languages: Go's words, as Prometheus prints them, and ours.

use granit_parser::ErrorKind;

use super::builder::ProblemKind;
use super::tree::Collection;
use super::trivia::Tab;

/// What there is to say about one kind of error.
pub(super) struct Words {
    pub code: &'static str,
    /// What `yaml: line 3: ` is followed by when Prometheus refuses the text.
    pub go: &'static str,
    pub message: &'static str,
    pub help: &'static str,
    /// How the line that Go prints follows from the line at fault.
    pub line: GoLine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum GoLine {
    /// The line itself: Go's scanner found it.
    Same,
    /// One less, because Go's parser prints a line counted from zero.
    Before,
    /// The next line with content, which Go had to read to see that a colon is missing.
    Next,
    /// The text's last line.
    Last,
    /// The document's end, counted from zero.
    BeforeLast,
}

const fn words(
    code: &'static str,
    line: GoLine,
    go: &'static str,
    message: &'static str,
    help: &'static str,
) -> Words {
    Words { code, go, message, help, line }
}

const TABS: &str =
    "YAML does not allow tabs for indentation: an editor may show them as any width.";
const SYNTAX: &str = "yaml-syntax";

pub(super) fn words_for(kind: &ErrorKind) -> Words {
    use ErrorKind as E;
    use GoLine::{Before, BeforeLast, Last, Next, Same};
    match kind {
        E::SimpleKeyExpected | E::InvalidSimpleKey => words(
            "yaml-missing-colon",
            Next,
            "could not find expected ':'",
            "This line has no colon, so it is not a key with a value",
            "A setting is written `key: value`, with a colon and a space between them.",
        ),
        E::MappingValueNotAllowed | E::InvalidColonPlacement => words(
            "yaml-unexpected-colon",
            Same,
            "mapping values are not allowed in this context",
            "A colon starts a value here, where no value can start",
            "Either the line is indented more than its neighbours, or the line above it lacks the \
             space behind its colon, or the text holds `: ` and needs quotes around it.",
        ),
        E::ExpectedBlockMappingKey => words(
            "yaml-indentation",
            Before,
            "did not find expected key",
            "This line's indentation fits none of the lines above",
            "Keys of one mapping begin in the same column. Count the spaces.",
        ),
        E::ExpectedBlockSequenceEntry => words(
            "yaml-indentation",
            Before,
            "did not find expected '-' indicator",
            "Inside a list every entry begins with `- ` in the same column",
            "If this key belongs to the entry above, give it that entry's indentation; if it \
             belongs outside the list, give it less.",
        ),
        E::InvalidIndentation | E::InvalidBlockScalarIndent | E::InvalidFlowScalarIndent => words(
            "yaml-indentation",
            Before,
            "did not find expected key",
            "This line's indentation fits none of the lines above",
            "Count the spaces.",
        ),
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation => words(
            "yaml-tab",
            Same,
            "found character that cannot start any token",
            "A tab stands where YAML wants spaces",
            TABS,
        ),
        E::TabInPlainScalar => words(
            "yaml-tab",
            Same,
            "found a tab character that violates indentation",
            "A tab stands where YAML wants spaces",
            TABS,
        ),
        E::TabAtBlockScalarStart => words(
            "yaml-tab",
            Same,
            "found a tab character where an indentation space is expected",
            "The block's first line begins with a tab",
            "Indent the lines of a block with spaces.",
        ),
        E::UnclosedQuotedScalar | E::InvalidQuotedScalarIndent => words(
            "yaml-unclosed-quote",
            Last,
            "found unexpected end of stream",
            "This quote is never closed",
            "A text that begins with a quote ends with the same quote.",
        ),
        E::DocumentIndicatorInQuotedScalar => words(
            "yaml-unclosed-quote",
            Same,
            "found unexpected document indicator",
            "This quote is still open where the next document begins",
            "A text that begins with a quote ends with the same quote.",
        ),
        E::UnclosedFlowCollection { open: '{' } | E::ExpectedFlowMappingSeparator => words(
            "yaml-unclosed-bracket",
            if matches!(kind, E::ExpectedFlowMappingSeparator) { Before } else { BeforeLast },
            "did not find expected ',' or '}'",
            "Between these braces a comma or the closing brace is missing",
            "A mapping in braces is written `{a: 1, b: 2}`.",
        ),
        E::UnclosedFlowCollection { .. } | E::ExpectedFlowSequenceSeparator => words(
            "yaml-unclosed-bracket",
            if matches!(kind, E::ExpectedFlowSequenceSeparator) { Before } else { BeforeLast },
            "did not find expected ',' or ']'",
            "Between these brackets a comma or the closing bracket is missing",
            "A list in brackets is written `[a, b]`.",
        ),
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => words(
            "yaml-unclosed-bracket",
            Before,
            "did not find expected node content",
            "This bracket closes nothing that is open",
            "Each `[` wants its `]`, each `{` its `}`.",
        ),
        E::UnexpectedCharacter { .. } | E::PlainScalarStartsWithDashFlowIndicator => words(
            "yaml-reserved-character",
            Same,
            "found character that cannot start any token",
            "A value cannot begin with this character",
            "Put the value in quotes.",
        ),
        E::UnknownQuotedScalarEscape => words(
            "yaml-escape",
            Same,
            "found unknown escape character",
            "There is no such escape in double quotes",
            "Between double quotes a backslash begins an escape such as `\\n`; write `\\\\` for a \
             backslash itself, or use single quotes, where a backslash is just that.",
        ),
        E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => words(
            "yaml-escape",
            Same,
            "did not find expected hexdecimal number",
            "This escape names no character",
            "`\\x` wants two, `\\u` four and `\\U` eight hexadecimal digits of a real character.",
        ),
        E::InvalidTrailingDoubleQuotedScalar | E::InvalidTrailingSingleQuotedScalar => words(
            "yaml-text-after-quote",
            Before,
            "did not find expected key",
            "There is text behind the closing quote",
            "Put the whole value between the quotes. A quote inside single quotes is doubled; \
             inside double quotes it has a backslash before it.",
        ),
        E::MissingAnchorOrAliasName => words(
            "yaml-anchor",
            Same,
            "did not find expected alphabetic or numeric character",
            "A name is missing behind this `*` or `&`",
            "`*` and `&` are for aliases and anchors; a text that begins with one needs quotes.",
        ),
        E::BlockSequenceEntryNotAllowed
        | E::BlockEntryInFlowCollection
        | E::InvalidBlockEntryWhitespace => words(
            "yaml-unexpected-dash",
            Same,
            "block sequence entries are not allowed in this context",
            "A list entry cannot begin here",
            "Begin the list on a line of its own, below its key.",
        ),
        E::MappingKeyNotAllowed => words(
            SYNTAX,
            Same,
            "mapping keys are not allowed in this context",
            "A key cannot begin here",
            "",
        ),
        E::UndeclaredTagHandle => {
            words(SYNTAX, Before, "found undefined tag handle", "This tag is not known", "")
        }
        E::InvalidBlockScalarHeader => words(
            "yaml-block-header",
            Same,
            "did not find expected comment or line break",
            "There is text on the line that begins a block",
            "Behind `|` or `>` the line ends; the text begins on the next line, indented.",
        ),
        E::ExpectedDocumentStart => words(
            "yaml-indentation",
            Before,
            "did not find expected <document start>",
            "The first line is indented more than lines further down",
            "Keys of one mapping begin in the same column.",
        ),
        E::BomInsideDocument => words(
            "yaml-control-character",
            Same,
            "control characters are not allowed",
            "An invisible byte order mark stands here",
            "Delete it.",
        ),
        E::RecursionLimitExceeded => words(
            "yaml-too-deep",
            Same,
            "exceeded max depth of 10000",
            "Collections are nested too deep",
            "No configuration needs that many levels.",
        ),
        _ => words(SYNTAX, Same, "did not find expected node content", "This is not YAML", ""),
    }
}

/// The line that Go prints of such a mistake, where it does.
pub(super) fn line_of_problem(kind: &ProblemKind) -> Option<GoLine> {
    match kind {
        ProblemKind::AnchorName | ProblemKind::Tab(_) => Some(GoLine::Same),
        ProblemKind::MissingKey(_) => Some(GoLine::Before),
        _ => None,
    }
}

/// Code, Go's words and ours for mistakes that do not stop the reading.
pub(super) fn words_of_problem(kind: &ProblemKind) -> (&'static str, String, String) {
    match kind {
        ProblemKind::TooDeep => (
            "yaml-too-deep",
            "exceeded max depth of 10000".to_owned(),
            format!("Collections are nested more than {} levels deep", super::MAX_DEPTH),
        ),
        ProblemKind::UnknownAnchor(name) => (
            "yaml-anchor",
            format!("unknown anchor '{name}' referenced"),
            format!("No anchor `&{name}` stands above this alias"),
        ),
        ProblemKind::AnchorName => (
            "yaml-anchor",
            "did not find expected alphabetic or numeric character".to_owned(),
            "`*` and `&` begin an alias or anchor, whose name has letters, digits, `-` and `_`; put \
             the text between quotes"
                .to_owned(),
        ),
        ProblemKind::Tab(Tab::NoToken) => (
            "yaml-tab",
            "found character that cannot start any token".to_owned(),
            "A tab stands where YAML wants spaces".to_owned(),
        ),
        ProblemKind::Tab(Tab::Indentation) => (
            "yaml-tab",
            "found a tab character that violates indentation".to_owned(),
            "A tab stands on a line of its own, left of the text above".to_owned(),
        ),
        ProblemKind::MissingKey(style) => (
            SYNTAX,
            match style {
                Collection::Block => "did not find expected key",
                Collection::Flow => "did not find expected node content",
            }
            .to_owned(),
            "There is no key before this colon".to_owned(),
        ),
        ProblemKind::AnchorInItself(name) => (
            "yaml-anchor",
            format!("anchor '{name}' value contains itself"),
            format!("The alias `*{name}` stands inside the value that it names"),
        ),
        ProblemKind::TooManyAliases => (
            "yaml-too-many-aliases",
            "document contains excessive aliasing".to_owned(),
            "Aliases make this document grow beyond all bounds".to_owned(),
        ),
        ProblemKind::MergeWantsMap => (
            "yaml-anchor",
            "map merge requires map or sequence of maps as the value".to_owned(),
            "`<<` wants a mapping or a list of mappings".to_owned(),
        ),
    }
}
