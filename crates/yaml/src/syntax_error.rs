//! Messages of syntax errors: Go's, as Prometheus prints them, and those of this page.

use granit_parser::ErrorKind;

use super::builder::ProblemKind;
use super::tree::Collection;
use super::trivia::Tab;

/// Code and messages for one kind of error.
pub(super) struct Words {
    pub code: &'static str,
    /// The message that follows `yaml: line 3: ` when Prometheus refuses the text.
    pub go: &'static str,
    pub message: &'static str,
    pub help: &'static str,
    /// The line that Go prints, relative to the line of the mistake.
    pub line: GoLine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum GoLine {
    /// The line itself, for errors of Go's scanner.
    Same,
    /// One less, for errors of Go's parser, which counts lines from zero.
    Before,
    /// The next line with content, at which Go notices a missing colon.
    Next,
    /// The last line of the text.
    Last,
    /// The end of the document, counted from zero.
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

const TABS: &str = "YAML does not allow tabs for indentation. Use spaces.";
const SYNTAX: &str = "yaml-syntax";

pub(super) fn words_for(kind: &ErrorKind) -> Words {
    use ErrorKind as E;
    use GoLine::{Before, BeforeLast, Last, Next, Same};
    match kind {
        E::SimpleKeyExpected | E::InvalidSimpleKey => words(
            "yaml-missing-colon",
            Next,
            "could not find expected ':'",
            "Expected ':' after the key",
            "Write `key: value`, with a colon and a space after the key.",
        ),
        E::MappingValueNotAllowed | E::InvalidColonPlacement => words(
            "yaml-unexpected-colon",
            Same,
            "mapping values are not allowed in this context",
            "A mapping value is not allowed here",
            "Check that the line is indented like its neighbors, that the line above has a space \
             after its colon, and that text with `: ` in it is quoted.",
        ),
        E::ExpectedBlockMappingKey => words(
            "yaml-indentation",
            Before,
            "did not find expected key",
            "The indentation of this line matches no line above",
            "Keys of the same mapping start in the same column.",
        ),
        E::ExpectedBlockSequenceEntry => words(
            "yaml-indentation",
            Before,
            "did not find expected '-' indicator",
            "Expected '-' at the start of the list item",
            "Indent the key like the item above if it belongs to that item; indent it less if it \
             does not belong to the list.",
        ),
        E::InvalidIndentation | E::InvalidBlockScalarIndent | E::InvalidFlowScalarIndent => words(
            "yaml-indentation",
            Before,
            "did not find expected key",
            "The indentation of this line matches no line above",
            "Check the number of spaces.",
        ),
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation => words(
            "yaml-tab",
            Same,
            "found character that cannot start any token",
            "Tabs are not allowed for indentation",
            TABS,
        ),
        E::TabInPlainScalar => words(
            "yaml-tab",
            Same,
            "found a tab character that violates indentation",
            "Tabs are not allowed for indentation",
            TABS,
        ),
        E::TabAtBlockScalarStart => words(
            "yaml-tab",
            Same,
            "found a tab character where an indentation space is expected",
            "The first line of the block starts with a tab",
            "Indent the lines of a block with spaces.",
        ),
        E::UnclosedQuotedScalar | E::InvalidQuotedScalarIndent => words(
            "yaml-unclosed-quote",
            Last,
            "found unexpected end of stream",
            "The quoted string has no closing quote",
            "End the string with the quote that it starts with.",
        ),
        E::DocumentIndicatorInQuotedScalar => words(
            "yaml-unclosed-quote",
            Same,
            "found unexpected document indicator",
            "The quoted string has no closing quote before the next document",
            "End the string with the quote that it starts with.",
        ),
        E::UnclosedFlowCollection { open: '{' } | E::ExpectedFlowMappingSeparator => words(
            "yaml-unclosed-bracket",
            if matches!(kind, E::ExpectedFlowMappingSeparator) { Before } else { BeforeLast },
            "did not find expected ',' or '}'",
            "Expected ',' or '}' in the mapping",
            "Write a mapping in braces as `{a: 1, b: 2}`.",
        ),
        E::UnclosedFlowCollection { .. } | E::ExpectedFlowSequenceSeparator => words(
            "yaml-unclosed-bracket",
            if matches!(kind, E::ExpectedFlowSequenceSeparator) { Before } else { BeforeLast },
            "did not find expected ',' or ']'",
            "Expected ',' or ']' in the list",
            "Write a list in brackets as `[a, b]`.",
        ),
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => words(
            "yaml-unclosed-bracket",
            Before,
            "did not find expected node content",
            "The closing bracket has no opening bracket",
            "Each `]` closes a `[`, each `}` closes a `{`.",
        ),
        E::UnexpectedCharacter { .. } | E::PlainScalarStartsWithDashFlowIndicator => words(
            "yaml-reserved-character",
            Same,
            "found character that cannot start any token",
            "A value cannot start with this character",
            "Quote the value.",
        ),
        E::UnknownQuotedScalarEscape => words(
            "yaml-escape",
            Same,
            "found unknown escape character",
            "Unknown escape sequence",
            "In double quotes a backslash starts an escape sequence such as `\\n`. Write `\\\\` for a \
             backslash, or use single quotes.",
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
            "The escape sequence is not a valid character",
            "`\\x` takes two, `\\u` four and `\\U` eight hexadecimal digits.",
        ),
        E::InvalidTrailingDoubleQuotedScalar | E::InvalidTrailingSingleQuotedScalar => words(
            "yaml-text-after-quote",
            Before,
            "did not find expected key",
            "Unexpected text after the closing quote",
            "Put the whole value between the quotes. Double a quote inside single quotes; write a \
             backslash before a quote inside double quotes.",
        ),
        E::MissingAnchorOrAliasName => words(
            "yaml-anchor",
            Same,
            "did not find expected alphabetic or numeric character",
            "Expected a name after `*` or `&`",
            "`*` starts an alias and `&` an anchor. Quote a string that starts with one of them.",
        ),
        E::BlockSequenceEntryNotAllowed
        | E::BlockEntryInFlowCollection
        | E::InvalidBlockEntryWhitespace => words(
            "yaml-unexpected-dash",
            Same,
            "block sequence entries are not allowed in this context",
            "A list item is not allowed here",
            "Start the list on its own line, below its key.",
        ),
        E::MappingKeyNotAllowed => words(
            SYNTAX,
            Same,
            "mapping keys are not allowed in this context",
            "A mapping key is not allowed here",
            "",
        ),
        E::UndeclaredTagHandle => {
            words(SYNTAX, Before, "found undefined tag handle", "Unknown tag handle", "")
        }
        E::InvalidBlockScalarHeader => words(
            "yaml-block-header",
            Same,
            "did not find expected comment or line break",
            "Unexpected text after the block indicator",
            "The text of a block starts on the line after `|` or `>`, indented.",
        ),
        E::ExpectedDocumentStart => words(
            "yaml-indentation",
            Before,
            "did not find expected <document start>",
            "The first line is indented more than a line below it",
            "Keys of the same mapping start in the same column.",
        ),
        E::BomInsideDocument => words(
            "yaml-control-character",
            Same,
            "control characters are not allowed",
            "A byte order mark is not allowed here",
            "Delete it.",
        ),
        E::RecursionLimitExceeded => words(
            "yaml-too-deep",
            Same,
            "exceeded max depth of 10000",
            "Collections are nested too deeply",
            "Reduce the number of levels.",
        ),
        _ => words(SYNTAX, Same, "did not find expected node content", "Invalid YAML", ""),
    }
}

/// Returns the line that Go prints for a problem; None if it prints none.
pub(super) fn line_of_problem(kind: &ProblemKind) -> Option<GoLine> {
    match kind {
        ProblemKind::AnchorName | ProblemKind::Tab(_) => Some(GoLine::Same),
        ProblemKind::MissingKey(_) => Some(GoLine::Before),
        _ => None,
    }
}

/// Returns code, Go's message and the message of this page for a problem.
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
            format!("Unknown anchor `{name}`: no `&{name}` above this alias"),
        ),
        ProblemKind::AnchorName => (
            "yaml-anchor",
            "did not find expected alphabetic or numeric character".to_owned(),
            "Invalid name of an anchor or alias: only letters, digits, `-` and `_` are allowed. Quote \
             the value if it is a string"
                .to_owned(),
        ),
        ProblemKind::Tab(Tab::NoToken) => (
            "yaml-tab",
            "found character that cannot start any token".to_owned(),
            "Tabs are not allowed for indentation".to_owned(),
        ),
        ProblemKind::Tab(Tab::Indentation) => (
            "yaml-tab",
            "found a tab character that violates indentation".to_owned(),
            "Tabs are not allowed for indentation".to_owned(),
        ),
        ProblemKind::MissingKey(style) => (
            SYNTAX,
            match style {
                Collection::Block => "did not find expected key",
                Collection::Flow => "did not find expected node content",
            }
            .to_owned(),
            "Expected a key before the colon".to_owned(),
        ),
        ProblemKind::AnchorInItself(name) => (
            "yaml-anchor",
            format!("anchor '{name}' value contains itself"),
            format!("The alias `*{name}` refers to the value that contains it"),
        ),
        ProblemKind::TooManyAliases => (
            "yaml-too-many-aliases",
            "document contains excessive aliasing".to_owned(),
            "Aliases expand this document beyond the limit".to_owned(),
        ),
        ProblemKind::MergeWantsMap => (
            "yaml-anchor",
            "map merge requires map or sequence of maps as the value".to_owned(),
            "`<<` requires a mapping or a list of mappings".to_owned(),
        ),
    }
}
