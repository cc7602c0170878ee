//! Prints one argument by a verb and its flags.
//!
//! Source: fmt print.go, format.go.

use super::{MAX_TEXT, Scan};
use crate::number::{format_binary, format_exponent, format_fixed, format_general, format_hex};
use crate::quote::{can_backquote, code_point, quote, quote_ascii, quote_char, quote_char_ascii};
use crate::template::value::Value;
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub minus: bool,
    pub plus: bool,
    pub zero: bool,
    pub space: bool,
    pub sharp: bool,
    pub plus_v: bool,
    pub sharp_v: bool,
    pub width: Option<usize>,
    pub precision: Option<usize>,
}

#[derive(Default)]
pub(super) struct Printer {
    pub out: String,
    pub flags: Flags,
}

impl Printer {
    /// The arguments that no directive took.
    pub fn extra(mut self, scan: &Scan<'_>) -> String {
        if scan.reordered || scan.next >= scan.values.len() {
            return self.out;
        }
        self.flags = Flags::default();
        self.out.push_str("%!(EXTRA ");
        for (at, value) in scan.values.iter().skip(scan.next).enumerate() {
            if at > 0 {
                self.out.push_str(", ");
            }
            self.out.push_str(value.type_name());
            if !matches!(value, Value::Nil) {
                self.out.push('=');
                self.argument(value, 'v');
            }
        }
        self.out.push(')');
        self.out
    }

    pub fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad("<nil>"),
            (value, 'T') => self.text(value.type_name()),
            (value, _) => self.value(value, verb),
        }
    }

    pub fn value(&mut self, value: &Value, verb: char) {
        if self.out.len() > MAX_TEXT {
            return;
        }
        match value {
            Value::Nil => self.bad_verb(value, verb),
            Value::Bool(truth) if matches!(verb, 't' | 'v') => {
                self.pad(if *truth { "true" } else { "false" });
            }
            Value::Int(_)
            | Value::Int64(_)
            | Value::Int32(_)
            | Value::Uint8(_)
            | Value::Uint64(_) => self.integer(value, verb),
            Value::Float(number) => self.float(value, *number, verb),
            Value::Complex(re, im) => self.complex(value, (*re, *im), verb),
            Value::String(text) => self.string(value, text, verb),
            Value::List(list) => {
                let (open, close) = if self.flags.sharp_v {
                    self.out.push_str(list.kind.name);
                    ("{", "}")
                } else {
                    ("[", "]")
                };
                self.out.push_str(open);
                for (at, item) in list.items.iter().enumerate() {
                    self.separator(at);
                    self.element(item, verb);
                }
                self.out.push_str(close);
            }
            Value::Map(map) => {
                self.out.push_str(if self.flags.sharp_v { map.kind.name } else { "map" });
                self.out.push_str(if self.flags.sharp_v { "{" } else { "[" });
                for (at, (key, item)) in map.entries().iter().enumerate() {
                    self.separator(at);
                    self.value(&Value::String(key.clone()), verb);
                    self.out.push(':');
                    self.element(item, verb);
                }
                self.out.push_str(if self.flags.sharp_v { "}" } else { "]" });
            }
            Value::Object(object) if verb == 'v' => self.text(&object.print()),
            Value::Object(object)
                if object.is_stringer() && matches!(verb, 's' | 'x' | 'X' | 'q') =>
            {
                let text = object.print();
                self.string(value, &text, verb);
            }
            _ => self.bad_verb(value, verb),
        }
    }

    fn separator(&mut self, at: usize) {
        if at > 0 {
            self.out.push_str(if self.flags.sharp_v { ", " } else { " " });
        }
    }

    /// An element of a list or map, where a nil is a nil interface.
    fn element(&mut self, value: &Value, verb: char) {
        match value {
            Value::Nil if self.flags.sharp_v => self.out.push_str("interface {}(nil)"),
            Value::Nil => self.out.push_str("<nil>"),
            value => self.value(value, verb),
        }
    }

    /// `%!verb(type=value)`.
    pub fn bad_verb(&mut self, value: &Value, verb: char) {
        self.out.extend(['%', '!', verb, '(']);
        self.out.push_str(value.type_name());
        if !matches!(value, Value::Nil) {
            self.out.push('=');
            self.argument(value, 'v');
        }
        self.out.push(')');
    }

    /// Appends a text padded to the width.
    pub fn pad(&mut self, text: &str) {
        let missing = self.flags.width.unwrap_or(0).saturating_sub(text.chars().count());
        let filler = if self.flags.zero && !self.flags.minus { '0' } else { ' ' };
        if self.flags.minus {
            self.out.push_str(text);
        }
        self.out.extend(std::iter::repeat_n(filler, missing));
        if !self.flags.minus {
            self.out.push_str(text);
        }
    }

    /// Appends a text padded with spaces even under the flag `0`.
    fn pad_spaces(&mut self, text: &str) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text);
        self.flags.zero = zero;
    }

    pub fn text(&mut self, text: &str) {
        let cut = self.cut(text);
        self.pad(cut);
    }

    /// Cuts a text to the characters that the precision allows.
    fn cut<'t>(&self, text: &'t str) -> &'t str {
        let end = self.flags.precision.and_then(|most| text.char_indices().nth(most));
        end.map_or(text, |(end, _)| text.get(..end).unwrap_or_default())
    }

    fn string(&mut self, value: &Value, text: &str, verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.text(text),
            'q' => self.quoted(text),
            'x' | 'X' => self.hex_text(text, verb == 'X'),
            _ => self.bad_verb(value, verb),
        }
    }

    fn quoted(&mut self, text: &str) {
        let text = self.cut(text).to_owned();
        let quoted = if self.flags.sharp && can_backquote(&text) {
            format!("`{text}`")
        } else if self.flags.plus {
            quote_ascii(&text)
        } else {
            quote(&text)
        };
        self.pad(&quoted);
    }

    fn hex_text(&mut self, text: &str, upper: bool) {
        let most = self.flags.precision.unwrap_or(usize::MAX);
        let prefix = match (self.flags.sharp, upper) {
            (false, _) => "",
            (true, false) => "0x",
            (true, true) => "0X",
        };
        let mut out = String::new();
        for (at, byte) in text.bytes().take(most).enumerate() {
            if self.flags.space && at > 0 {
                out.push(' ');
            }
            if at == 0 || self.flags.space {
                out.push_str(prefix);
            }
            out.push_str(&if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        }
        self.pad(&out);
    }

    fn integer(&mut self, value: &Value, verb: char) {
        let (negative, magnitude) = match (value.as_signed(), value.as_unsigned()) {
            (Some(signed), _) => (signed < 0, signed.unsigned_abs()),
            (None, unsigned) => (false, unsigned.unwrap_or_default()),
        };
        let as_char = || match u32::try_from(magnitude).ok().filter(|_| !negative) {
            Some(code) => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            None => char::REPLACEMENT_CHARACTER,
        };
        let digits = match verb {
            'v' if self.flags.sharp_v && value.as_unsigned().is_some() => {
                self.flags.sharp = true;
                format!("{magnitude:x}")
            }
            'v' | 'd' => magnitude.to_string(),
            'b' => format!("{magnitude:b}"),
            'o' | 'O' => format!("{magnitude:o}"),
            'x' => format!("{magnitude:x}"),
            'X' => format!("{magnitude:X}"),
            'c' => return self.pad(&as_char().to_string()),
            'q' if self.flags.plus => return self.pad(&quote_char_ascii(as_char())),
            'q' => return self.pad(&quote_char(as_char())),
            'U' => return self.unicode(magnitude),
            _ => return self.bad_verb(value, verb),
        };
        self.padded_integer(negative, digits, verb);
    }

    fn padded_integer(&mut self, negative: bool, mut digits: String, verb: char) {
        let flags = self.flags;
        let signed = negative || flags.plus || flags.space;
        let least = match (flags.precision, flags.width) {
            // A zero with a precision of zero prints only padding.
            (Some(0), _) if digits == "0" => {
                digits.clear();
                return self.pad_spaces("");
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => {
                width.saturating_sub(usize::from(signed))
            }
            _ => 0,
        };
        if digits.len() < least {
            digits.insert_str(0, &"0".repeat(least - digits.len()));
        }
        let prefix = match verb {
            'O' => "0o",
            'b' if flags.sharp => "0b",
            'o' if flags.sharp && !digits.starts_with('0') => "0",
            'x' | 'v' if flags.sharp => "0x",
            'X' if flags.sharp => "0X",
            _ => "",
        };
        let sign = self.sign(negative);
        self.pad_spaces(&format!("{sign}{prefix}{digits}"));
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.flags.plus, self.flags.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    fn unicode(&mut self, code: u64) {
        let digits = self.flags.precision.unwrap_or(4).max(4);
        let mut text = format!("U+{code:0digits$X}");
        let shown = u32::try_from(code).ok().and_then(char::from_u32);
        if let Some(c) = shown.filter(|_| self.flags.sharp)
            && let Some((_, quoted)) = code_point(c).split_once(' ')
        {
            text.push(' ');
            text.push_str(quoted);
        }
        self.pad_spaces(&text);
    }

    fn float(&mut self, value: &Value, number: f64, verb: char) {
        let precision = self.flags.precision;
        let text = match verb {
            'v' | 'g' | 'G' => format_general(number, precision),
            'e' | 'E' => format_exponent(number, precision.unwrap_or(6)),
            'f' | 'F' => format_fixed(number, precision.unwrap_or(6)),
            'x' | 'X' => format_hex(number, precision),
            'b' => format_binary(number),
            _ => return self.bad_verb(value, verb),
        };
        let text = match verb {
            'G' | 'E' | 'X' if number.is_finite() => text.to_ascii_uppercase(),
            _ => text,
        };
        let text = if self.flags.sharp && number.is_finite() && verb != 'b' {
            with_point(&text, verb, precision)
        } else {
            text
        };
        self.padded_float(number, &text);
    }

    fn padded_float(&mut self, number: f64, text: &str) {
        let flags = self.flags;
        let negative = text.starts_with('-');
        let digits = text.trim_start_matches(['-', '+']);
        if !number.is_finite() {
            // Infinity keeps its sign, and neither it nor NaN is filled up with zeros.
            let sign = match (negative, flags.plus, flags.space) {
                (true, ..) => "-",
                (_, true, _) => "+",
                (_, _, true) => " ",
                _ if number.is_nan() => "",
                _ => "+",
            };
            return self.pad_spaces(&format!("{sign}{digits}"));
        }
        let sign = self.sign(negative);
        let width = flags.width.unwrap_or(0);
        if flags.zero && !flags.minus && !sign.is_empty() && width > digits.len() + 1 {
            self.out.push_str(sign);
            self.out.extend(std::iter::repeat_n('0', width - digits.len() - 1));
            self.out.push_str(digits);
            return;
        }
        self.pad(&format!("{sign}{digits}"));
    }

    fn complex(&mut self, value: &Value, (re, im): (f64, f64), verb: char) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return self.bad_verb(value, verb);
        }
        let plus = self.flags.plus;
        self.out.push('(');
        self.float(value, re, verb);
        self.flags.plus = true;
        self.float(value, im, verb);
        self.out.push_str("i)");
        self.flags.plus = plus;
    }
}

/// The flag `#`: a decimal point in any case, and for `%g` the zeros that it leaves out.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let (mantissa, exponent) = match text.find(['e', 'E', 'p', 'P']) {
        Some(at) if verb != 'f' && verb != 'F' => text.split_at(at),
        _ => (text, ""),
    };
    let mut mantissa = mantissa.to_owned();
    if !mantissa.contains('.') {
        mantissa.push('.');
    }
    if matches!(verb, 'v' | 'g' | 'G') {
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
        let leading = mantissa.bytes().take_while(|byte| b"-0.".contains(byte));
        let zeros = leading.filter(|byte| *byte == b'0').count();
        let significant = digits - zeros.min(digits);
        let wanted = precision.unwrap_or(6);
        mantissa.extend(std::iter::repeat_n('0', wanted.saturating_sub(significant)));
    }
    format!("{mantissa}{exponent}")
}
