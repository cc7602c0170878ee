//! Go's `fmt.Sprintf` and `fmt.Sprint` for the values of templates.

use super::value::TemplateValue;
use go::number::{format_exponent, format_fixed, format_general};

/// Widths beyond this are cut, so that a format cannot ask for a text of any size.
const MAX_WIDTH: usize = 10_000;

/// A verb with what stands between it and its percent sign.
#[derive(Default)]
struct Verb {
    minus: bool,
    plus: bool,
    zero: bool,
    space: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Joins the values with spaces, but not beside strings.
pub(super) fn sprint(values: &[TemplateValue]) -> String {
    let mut out = String::new();
    let mut after_string = true;
    for value in values {
        let is_string = matches!(value, TemplateValue::String(_));
        if !out.is_empty() && !after_string && !is_string {
            out.push(' ');
        }
        out.push_str(&value.print());
        after_string = is_string;
    }
    out
}

pub(super) fn printf(format: &str, values: &[TemplateValue]) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut verb = Verb::default();
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '+' | '0' | ' ' | '#')) {
            match flag {
                '-' => verb.minus = true,
                '+' => verb.plus = true,
                '0' => verb.zero = true,
                ' ' => verb.space = true,
                _ => verb.sharp = true,
            }
        }
        let mut number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            if chars.next_if_eq(&'*').is_some() {
                return match values.next() {
                    Some(TemplateValue::Int(width)) => usize::try_from(*width).ok(),
                    _ => None,
                };
            }
            let mut number = None;
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                chars.next();
                number = Some((number.unwrap_or(0) * 10 + digit as usize).min(MAX_WIDTH));
            }
            number
        };
        verb.width = number(&mut chars);
        if chars.next_if_eq(&'.').is_some() {
            verb.precision = Some(number(&mut chars).unwrap_or(0));
        }
        match chars.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(letter) => match values.next() {
                None => out.push_str(&format!("%!{letter}(MISSING)")),
                Some(value) => out.push_str(&verb.apply(letter, value)),
            },
        }
        if out.len() > 1 << 20 {
            return out;
        }
    }
    let rest: Vec<String> =
        values.map(|value| format!("{}={}", value.go_type(), value.print())).collect();
    if !rest.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", rest.join(", ")));
    }
    out
}

impl Verb {
    fn apply(&self, letter: char, value: &TemplateValue) -> String {
        let body = match (letter, value) {
            ('v', TemplateValue::Float(number)) => self.float('g', *number),
            ('v', TemplateValue::Nil) => "<nil>".to_owned(),
            ('v', TemplateValue::Int(number)) => self.signed(*number, 10),
            ('v', value) => self.cut(&value.print()),
            ('T', value) => value.go_type().to_owned(),
            ('t', TemplateValue::Bool(value)) => value.to_string(),
            ('d', TemplateValue::Int(number) | TemplateValue::Duration(number)) => {
                self.signed(*number, 10)
            }
            ('b', TemplateValue::Int(number)) => self.signed(*number, 2),
            ('o', TemplateValue::Int(number)) => self.signed(*number, 8),
            ('x', TemplateValue::Int(number)) => self.signed(*number, 16),
            ('X', TemplateValue::Int(number)) => self.signed(*number, 16).to_uppercase(),
            ('c', TemplateValue::Int(number)) => {
                let code = u32::try_from(*number).ok().and_then(char::from_u32);
                code.unwrap_or('\u{fffd}').to_string()
            }
            ('e' | 'f' | 'F' | 'g' | 'G' | 'E', TemplateValue::Float(number)) => {
                self.float(letter, *number)
            }
            ('s', TemplateValue::String(text)) => self.cut(text),
            ('q', TemplateValue::String(text)) => format!("{:?}", self.cut(text)),
            ('x', TemplateValue::String(text)) => hex(text),
            ('X', TemplateValue::String(text)) => hex(text).to_uppercase(),
            (
                's',
                value @ (TemplateValue::Time(_)
                | TemplateValue::Duration(_)
                | TemplateValue::Histogram(_)
                | TemplateValue::Strings(_)),
            ) => value.print(),
            (letter, TemplateValue::Nil) => format!("%!{letter}(<nil>)"),
            (letter, value) => format!("%!{letter}({}={})", value.go_type(), value.print()),
        };
        self.pad(body, matches!(value, TemplateValue::Int(_) | TemplateValue::Float(_)))
    }

    fn cut(&self, text: &str) -> String {
        text.chars().take(self.precision.unwrap_or(usize::MAX)).collect()
    }

    fn signed(&self, number: i64, radix: u32) -> String {
        let magnitude = number.unsigned_abs();
        let digits = match radix {
            2 => format!("{magnitude:b}"),
            8 => format!("{magnitude:o}"),
            16 => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let prefix = match radix {
            16 if self.sharp => "0x",
            8 if self.sharp => "0",
            _ => "",
        };
        let width = self.precision.unwrap_or(0);
        format!("{}{prefix}{digits:0>width$}", self.sign(number < 0))
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    fn float(&self, letter: char, number: f64) -> String {
        let magnitude = number.abs();
        let body = match letter {
            'e' | 'E' => format_exponent(magnitude, self.precision.unwrap_or(6)),
            'f' | 'F' => format_fixed(magnitude, self.precision.unwrap_or(6)),
            _ => format_general(magnitude, self.precision),
        };
        let body =
            if letter.is_ascii_uppercase() && letter != 'F' { body.to_uppercase() } else { body };
        // Infinity always has its sign.
        if let Some(infinite) = body.strip_prefix('+') {
            return format!("{}{infinite}", if number < 0.0 { "-" } else { "+" });
        }
        format!("{}{body}", self.sign(number.is_sign_negative() && !number.is_nan()))
    }

    fn pad(&self, body: String, numeric: bool) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(body.chars().count());
        if missing == 0 {
            return body;
        }
        if self.minus {
            return format!("{body}{}", " ".repeat(missing));
        }
        if self.zero && numeric {
            let (sign, digits) = match body.strip_prefix(['-', '+']) {
                Some(digits) => body.split_at(body.len() - digits.len()),
                None => ("", &body[..]),
            };
            return format!("{sign}{}{digits}", "0".repeat(missing));
        }
        format!("{}{body}", " ".repeat(missing))
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
