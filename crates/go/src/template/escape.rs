//! Text escaped for HTML and JavaScript.
//!
//! Source: text/template `HTMLEscape`, `JSEscape`.

use std::fmt::Write;

use crate::quote::is_print;

/// Escapes for HTML text and quoted attributes.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Escapes for string literals of JavaScript.
pub fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str(r"\\"),
            '\'' => out.push_str(r"\'"),
            '"' => out.push_str("\\\""),
            '<' | '>' | '&' | '=' => push_code(&mut out, c),
            c if c < ' ' => push_code(&mut out, c),
            c if c.is_ascii() || is_print(c) => out.push(c),
            c => push_code(&mut out, c),
        }
    }
    out
}

fn push_code(out: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\u{:04X}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (text, in_html, in_js) in [
            (
                "<a href='x'>&\"",
                "&lt;a href=&#39;x&#39;&gt;&amp;&#34;",
                r#"\u003Ca href\u003D\'x\'\u003E\u0026\""#,
            ),
            ("é\0\n\x7f", "é\u{fffd}\n\x7f", "é\\u0000\\u000A\x7f"),
            ("\u{2028}\\", "\u{2028}\\", r"\u2028\\"),
        ] {
            assert_eq!(html(text), in_html);
            assert_eq!(js(text), in_js);
        }
    }
}
