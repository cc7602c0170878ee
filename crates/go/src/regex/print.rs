//! A tree → the `regex` crate's syntax. Every part is printed with the flags it needs, so that none
//! is in force beyond it.

use std::fmt::Write;

use super::classes::UnicodeClass;
use super::tree::{Assertion, Class, ClassItem, Kind, Node};

const SURROGATES: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;
/// Matches nothing.
const NEVER: &str = r"[^\x{0}-\x{10FFFF}]";

/// The depth of the recursion is the tree's height, which the parser limits.
pub(super) fn print(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

fn write(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Empty => out.push_str("(?:)"),
        Kind::Literal { text, fold } => {
            out.push_str(if *fold { "(?i:" } else { "(?:" });
            out.push_str(&regex::escape(text));
            out.push(')');
        }
        Kind::Class(class) => write_class(class, out),
        Kind::Any { line_breaks: true } => out.push_str("(?s:.)"),
        Kind::Any { line_breaks: false } => out.push_str(r"[^\n]"),
        Kind::Assertion(look) => out.push_str(match look {
            Assertion::BeginText => r"\A",
            Assertion::EndText => r"\z",
            Assertion::BeginLine => "(?m:^)",
            Assertion::EndLine => "(?m:$)",
            Assertion::WordBoundary => r"(?-u:\b)",
            Assertion::NoWordBoundary => r"(?-u:\B)",
        }),
        Kind::Capture(sub) => {
            out.push('(');
            write(sub, out);
            out.push(')');
        }
        Kind::Repeat { sub, min, max, greedy } => {
            out.push_str("(?:");
            write(sub, out);
            out.push(')');
            write_count(*min, *max, out);
            if !greedy {
                out.push('?');
            }
        }
        Kind::Concat(parts) => parts.iter().for_each(|part| write(part, out)),
        Kind::Alternate(branches) => {
            out.push_str("(?:");
            for (i, branch) in branches.iter().enumerate() {
                if i > 0 {
                    out.push('|');
                }
                write(branch, out);
            }
            out.push(')');
        }
    }
}

fn write_count(min: u32, max: Option<u32>, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match (min, max) {
        (0, None) => out.write_str("*"),
        (1, None) => out.write_str("+"),
        (0, Some(1)) => out.write_str("?"),
        (min, None) => write!(out, "{{{min},}}"),
        (min, Some(max)) => write!(out, "{{{min},{max}}}"),
    };
}

fn write_class(class: &Class, out: &mut String) {
    let mut inside = String::new();
    class.items.iter().for_each(|item| write_item(item, &mut inside));
    if inside.is_empty() {
        // The class had only surrogates.
        out.push_str(if class.negated { "(?s:.)" } else { NEVER });
        return;
    }
    if class.fold {
        out.push_str("(?i:");
    }
    out.push_str(if class.negated { "[^" } else { "[" });
    out.push_str(&inside);
    out.push(']');
    if class.fold {
        out.push(')');
    }
}

fn write_item(item: &ClassItem, out: &mut String) {
    match item {
        &ClassItem::Range(low, high) => {
            // No text holds surrogates, and the engine does not know them.
            write_range(low, high.min(SURROGATES.start() - 1), out);
            write_range(low.max(SURROGATES.end() + 1), high, out);
        }
        ClassItem::Named { ranges, negated } => {
            out.push_str(if *negated { "[^" } else { "[" });
            for &(low, high) in *ranges {
                write_range(u32::from(low), u32::from(high), out);
            }
            out.push(']');
        }
        ClassItem::Unicode { class, negated } => {
            let name = match class {
                UnicodeClass::Category("Cs") => {
                    out.push_str(if *negated { r"\x{0}-\x{10FFFF}" } else { "" });
                    return;
                }
                UnicodeClass::Any => "Any",
                UnicodeClass::Ascii => "ASCII",
                UnicodeClass::Assigned => "Assigned",
                UnicodeClass::Category(name) | UnicodeClass::Script(name) => name,
            };
            let of = match class {
                UnicodeClass::Category(_) => "gc=",
                UnicodeClass::Script(_) => "sc=",
                _ => "",
            };
            let p = if *negated { 'P' } else { 'p' };
            let _ = write!(out, r"\{p}{{{of}{name}}}");
        }
    }
}

fn write_range(low: u32, high: u32, out: &mut String) {
    if low <= high {
        let _ = write!(out, r"\x{{{low:X}}}-\x{{{high:X}}}");
    }
}
