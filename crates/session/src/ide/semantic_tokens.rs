//! Semantic tokens: colors inside embedded documents, which the editor sees as one long string.

use protocol::{SemanticToken, SemanticTokenKind};
use text::IndexSort;
use text::Span;
use yaml::{Collection, Kind, Node, Parsed, Scalar, ScalarStyle};

/// The most tokens; text after them keeps the editor's colors.
const MOST: usize = 20_000;

/// Returns the tokens of all YAML documents, in the order of the text.
pub fn semantic_tokens(parsed: &Parsed) -> Vec<SemanticToken> {
    let mut tokens = Vec::new();
    for document in &parsed.documents {
        node(&document.root, &mut tokens);
        let comments = document.comments.iter();
        tokens.extend(
            comments.map(|comment| SemanticToken {
                span: comment.span,
                kind: SemanticTokenKind::Comment,
            }),
        );
    }
    tokens.index_sort_by_key(|token| token.span);
    tokens.truncate(MOST);
    tokens
}

fn node(value: &Node, tokens: &mut Vec<SemanticToken>) {
    if tokens.len() > MOST {
        return;
    }
    if let Some(span) = value.alias {
        tokens.push(SemanticToken { span, kind: SemanticTokenKind::Punctuation });
        return;
    }
    match &value.kind {
        Kind::Scalar(scalar) => add(value.span, scalar_kind(scalar), tokens),
        Kind::Sequence(sequence) => {
            brackets(value.span, sequence.style, tokens);
            sequence.items.iter().for_each(|item| node(item, tokens));
        }
        Kind::Mapping(mapping) => {
            brackets(value.span, mapping.style, tokens);
            for entry in &mapping.entries {
                add(entry.key.written_span(), SemanticTokenKind::Key, tokens);
                node(&entry.value, tokens);
            }
        }
    }
}

fn add(span: Span, kind: SemanticTokenKind, tokens: &mut Vec<SemanticToken>) {
    if !span.is_empty() {
        tokens.push(SemanticToken { span, kind });
    }
}

fn brackets(span: Span, style: Collection, tokens: &mut Vec<SemanticToken>) {
    if style == Collection::Flow && span.len() >= 2 {
        for start in [span.start, span.end - 1] {
            add(Span::new(start, start + 1), SemanticTokenKind::Punctuation, tokens);
        }
    }
}

/// Numbers, booleans and durations differ from other plain scalars.
fn scalar_kind(scalar: &Scalar) -> SemanticTokenKind {
    let plain = scalar.style == ScalarStyle::Plain;
    let word = &*scalar.text;
    let number = word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    let constant = matches!(word, "true" | "false" | "null" | "~" | "yes" | "no" | "on" | "off");
    if plain && (number || constant) { SemanticTokenKind::Number } else { SemanticTokenKind::Text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::FileId;

    #[test]
    fn keys_values_and_comments_are_told_apart() {
        let text = "a: 15s # often\nb: [x, 'y']\n";
        let found: Vec<(&str, SemanticTokenKind)> = semantic_tokens(&yaml::parse(FileId(1), text))
            .iter()
            .map(|token| (token.span.slice(text), token.kind))
            .collect();
        use SemanticTokenKind::{Comment, Key, Number, Punctuation, Text};
        assert_eq!(
            found,
            [
                ("a", Key),
                ("15s", Number),
                ("# often", Comment),
                ("b", Key),
                ("[", Punctuation),
                ("x", Text),
                ("'y'", Text),
                ("]", Punctuation),
            ]
        );
    }
}
