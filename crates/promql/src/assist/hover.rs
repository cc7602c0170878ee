//! Hover information for the token at a position.

use super::Facts;
use crate::syntax::quote;
use crate::syntax::{Lexer, Token, TokenKind, Word, find_function, find_keyword};
use go::Duration;
use text::Span;

/// Hover information for one token of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The word in the query.
    pub span: Span,
    /// A signature or name.
    pub title: String,
    /// Whole sentences.
    pub doc: String,
    /// A query that uses it, where that helps.
    pub example: Option<&'static str>,
}

/// Returns the explanation of the token at a byte offset, if it has one.
pub fn hover(query: &str, offset: u32, facts: &dyn Facts) -> Option<Hover> {
    let mut lexer = Lexer::new(query);
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        let token = lexer.next_token();
        match token.kind {
            TokenKind::Eof | TokenKind::Error => break,
            _ => tokens.push(token),
        }
    }
    let at =
        tokens.iter().position(|token| token.span.start <= offset && offset < token.span.end)?;
    let token = tokens[at];
    let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|token| token.kind);
    let after = tokens.get(at + 1).map(|token| token.kind);
    let braces = open_brace(&tokens[..at]);
    describe(query, token, before, after, braces, &tokens[..at], facts)
}

/// The metric before the brace that is open, if one is: nothing, `{` alone, or after a name.
fn open_brace(before: &[Token]) -> Option<Option<Token>> {
    let at = before
        .iter()
        .rposition(|token| matches!(token.kind, TokenKind::LeftBrace | TokenKind::RightBrace))?;
    if before[at].kind == TokenKind::RightBrace {
        return None;
    }
    let name = at.checked_sub(1).and_then(|at| before.get(at)).copied();
    Some(name.filter(|name| name.kind.is_metric_name()))
}

fn describe(
    query: &str,
    token: Token,
    before: Option<TokenKind>,
    after: Option<TokenKind>,
    braces: Option<Option<Token>>,
    earlier: &[Token],
    facts: &dyn Facts,
) -> Option<Hover> {
    use TokenKind as T;
    let text = token.span.slice(query);
    if let Some(metric) = braces {
        return match token.kind {
            T::Identifier => label(query, token.span, metric, facts),
            _ => None,
        };
    }
    match token.kind {
        T::Aggregate(op) if matches!(after, Some(T::LeftParen | T::By | T::Without)) => {
            Some(of_word(token.span, op.word()))
        }
        T::Binary(op) => Some(of_word(token.span, op.word())),
        T::Duration => duration(query, token.span, text, earlier, facts),
        T::At => find_keyword("@").map(|word| of_word(token.span, word)),
        _ if after == Some(T::LeftParen)
            && let Some(function) = find_function(text) =>
        {
            let (doc, example) = (function.doc().to_owned(), Some(function.example()));
            Some(Hover { span: token.span, title: function.signature(), doc, example })
        }
        T::Identifier | T::MetricIdentifier if in_labels(earlier) => {
            label(query, token.span, None, facts)
        }
        T::Identifier | T::MetricIdentifier => metric(token.span, text, facts),
        // A modifier's name where an operand begins is a metric.
        _ if matches!(before, None | Some(T::LeftParen | T::Comma)) => {
            metric(token.span, text, facts)
        }
        _ => find_keyword(text).map(|word| of_word(token.span, word)),
    }
}

fn of_word(span: Span, word: &'static Word) -> Hover {
    Hover {
        span,
        title: word.name.to_owned(),
        doc: word.doc.to_owned(),
        example: Some(word.example),
    }
}

/// Returns true if a list of grouping labels is open after these tokens.
fn in_labels(earlier: &[Token]) -> bool {
    use TokenKind as T;
    let Some(open) = earlier
        .iter()
        .rposition(|token| !matches!(token.kind, T::Identifier | T::Comma | T::String))
    else {
        return false;
    };
    let opener = open.checked_sub(1).and_then(|at| earlier.get(at)).map(|token| token.kind);
    earlier[open].kind == T::LeftParen
        && matches!(
            opener,
            Some(T::By | T::Without | T::On | T::Ignoring | T::GroupLeft | T::GroupRight)
        )
}

fn metric(span: Span, name: &str, facts: &dyn Facts) -> Option<Hover> {
    let known = facts.metric_names().iter().any(|known| known == name);
    let kind = facts.metric_kind(name);
    if !known && kind.is_none() {
        let doc = "No series has this name now.".to_owned();
        return Some(Hover { span, title: name.to_owned(), doc, example: None });
    }
    let title = match kind {
        Some(kind) => format!("{name} ({})", kind.name()),
        None => name.to_owned(),
    };
    let mut doc = facts.metric_help(name).unwrap_or_default();
    if let Some(interval) = facts.scrape_interval(name) {
        doc = format!("{doc} Scraped every {interval}.").trim_start().to_owned();
    }
    Some(Hover { span, title, doc, example: None })
}

/// A label and the first few of its values.
fn label(query: &str, span: Span, metric: Option<Token>, facts: &dyn Facts) -> Option<Hover> {
    const SHOWN: usize = 5;
    let name = span.slice(query);
    let values = facts.label_values(metric.map(|metric| metric.span.slice(query)), name);
    let shown: Vec<String> = values.iter().take(SHOWN).map(|value| quote(value)).collect();
    let doc = match values.len() {
        0 => "No series has this label.".to_owned(),
        1 => format!("One value: {}.", shown.join(", ")),
        count if count > SHOWN => format!("{count} values: {} and others.", shown.join(", ")),
        count => format!("{count} values: {}.", shown.join(", ")),
    };
    Some(Hover { span, title: name.to_owned(), doc, example: None })
}

/// A range in scrapes of its metric.
fn duration(
    query: &str,
    span: Span,
    text: &str,
    earlier: &[Token],
    facts: &dyn Facts,
) -> Option<Hover> {
    let length = Duration::parse(text).ok()?;
    let mut doc = format!("{} seconds.", length.seconds());
    if let [.., _, bracket] = earlier
        && bracket.kind == TokenKind::LeftBracket
        && let Some(metric) = metric_before_bracket(earlier)
        && let Some(interval) = facts.scrape_interval(metric.span.slice(query))
        && interval.millis() > 0
    {
        let scrapes = length.millis() / interval.millis();
        doc = match scrapes {
            0 => format!("{doc} Shorter than a scrape interval of {interval}: mostly empty."),
            1 => format!("{doc} One scrape at an interval of {interval}: too few for a rate."),
            _ => format!("{doc} Holds {scrapes} scrapes at an interval of {interval}."),
        };
    }
    Some(Hover { span, title: length.to_string(), doc, example: None })
}

/// The name of the selector whose bracket has just been opened.
fn metric_before_bracket(earlier: &[Token]) -> Option<Token> {
    let mut rest = earlier.get(..earlier.len().checked_sub(1)?)?;
    if rest.last()?.kind == TokenKind::RightBrace {
        let open = rest.iter().rposition(|token| token.kind == TokenKind::LeftBrace)?;
        rest = rest.get(..open)?;
    }
    rest.last().copied().filter(|name| name.kind.is_metric_name())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Shop;
    use super::*;

    /// Returns the title and the text of the token under the `|`.
    fn at(query: &str) -> Option<(String, String)> {
        let offset = query.find('|').unwrap();
        let hover = hover(&query.replace('|', ""), offset as u32, &Shop)?;
        Some((hover.title, hover.doc))
    }

    fn title(query: &str) -> String {
        at(query).unwrap_or_else(|| panic!("{query}")).0
    }

    #[test]
    fn words_in_their_places() {
        assert_eq!(title("r|ate(up[5m])"), "rate(counter range-vector) instant-vector");
        assert_eq!(title("s|um(up)"), "sum");
        assert_eq!(title("sum b|y (job) (up)"), "by");
        assert_eq!(title("up |== 1"), "==");
        assert_eq!(title("up of|fset 5m"), "offset");
        assert_eq!(at("abs(off|set)").unwrap().1, "No series has this name now.");
        assert_eq!(at("up +| $"), None);
        assert_eq!(at("up  |"), None);
    }

    #[test]
    fn metrics_labels_and_windows() {
        let say = |title: &str, doc: &str| Some((title.to_owned(), doc.to_owned()));
        assert_eq!(
            at("sum(queue|_length)"),
            say("queue_length (gauge)", "Orders that wait. Scraped every 15s.")
        );
        assert_eq!(at("up{co|de=\"200\"}"), say("code", "2 values: \"200\", \"500\"."));
        assert_eq!(at("sum by (co|de) (up)"), say("code", "2 values: \"200\", \"500\"."));
        assert_eq!(at("up{x|=\"200\"}"), None);
        assert_eq!(
            at("rate(up{a=\"b\"}[1|m])"),
            say("1m", "60 seconds. Holds 4 scrapes at an interval of 15s.")
        );
        assert_eq!(
            at("rate(up[15|s])"),
            say("15s", "15 seconds. One scrape at an interval of 15s: too few for a rate.")
        );
    }
}
