//! Go's `fmt.Sprintf`, `fmt.Sprint` and `fmt.Sprintln` for the values of templates.
//!
//! Source: fmt print.go, format.go.

use super::value::Value;
use crate::number::{format_binary, format_exponent, format_fixed, format_general, format_hex};
use crate::quote::{can_backquote, code_point, quote, quote_ascii, quote_char, quote_char_ascii};

/// The largest width, precision or argument number. Source: fmt `tooLarge`.
const MAX_NUMBER: i64 = 1_000_000;

/// The longest text that one call makes; the rest is left out.
pub const MAX_TEXT: usize = 16 << 20;

/// `fmt.Sprint`: spaces stand between two operands of which none is a string.
pub fn sprint(values: &[Value]) -> String {
    let mut printer = Printer::default();
    let mut after_string = true;
    for (at, value) in values.iter().enumerate() {
        let is_string = matches!(value, Value::String(_));
        if at > 0 && !is_string && !after_string {
            printer.out.push(' ');
        }
        printer.argument(value, 'v');
        after_string = is_string;
    }
    printer.out
}

/// `fmt.Sprintln`: spaces between all operands, and a line break at the end.
pub fn sprintln(values: &[Value]) -> String {
    let mut printer = Printer::default();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            printer.out.push(' ');
        }
        printer.argument(value, 'v');
    }
    printer.out.push('\n');
    printer.out
}

/// `%v` of one value.
pub(super) fn sprint_one(value: &Value) -> String {
    let mut printer = Printer::default();
    printer.argument(value, 'v');
    printer.out
}

/// `fmt.Sprintf`.
pub fn sprintf(format: &str, values: &[Value]) -> String {
    let mut scan = Scan { format, at: 0, values, next: 0, reordered: false, good: true };
    let mut printer = Printer::default();
    while let Some(percent) = scan.rest().find('%') {
        printer.out.push_str(scan.rest().get(..percent).unwrap_or_default());
        scan.at += percent + 1;
        if printer.out.len() > MAX_TEXT {
            return printer.out;
        }
        if !scan.directive(&mut printer) {
            return printer.extra(&scan);
        }
    }
    printer.out.push_str(scan.rest());
    printer.extra(&scan)
}

/// The place in the format and among the arguments.
struct Scan<'a> {
    format: &'a str,
    at: usize,
    values: &'a [Value],
    next: usize,
    /// True once an argument was chosen by its number.
    reordered: bool,
    /// False if the number of the present directive's argument is not a valid one.
    good: bool,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        self.format.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// A decimal number; None if there is none. One that is too large ends the format.
    fn number(&mut self) -> Option<i64> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let text = self.rest().get(..digits).unwrap_or_default();
        let number = text.parse().ok().filter(|number| *number <= MAX_NUMBER);
        let too_large = digits > 0 && number.is_none();
        self.at = if too_large { self.format.len() } else { self.at + digits };
        number
    }

    /// `[n]`: chooses the next argument. Returns true if one stands here.
    fn argument_number(&mut self) -> bool {
        if self.peek() != Some('[') {
            return false;
        }
        self.reordered = true;
        let rest = self.rest();
        let Some(end) = rest.find(']') else {
            self.good = false;
            self.at += 1;
            return false;
        };
        let digits = rest.get(1..end).unwrap_or_default();
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse::<usize>().ok().filter(|_| plain);
        self.at += end + 1;
        match number.and_then(|number| number.checked_sub(1)) {
            Some(at) if at < self.values.len() => {
                self.next = at;
                true
            }
            _ => {
                self.good = false;
                plain
            }
        }
    }

    /// The next argument as a width or precision.
    fn integer(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let number = value.as_signed().or_else(|| i64::try_from(value.as_unsigned()?).ok())?;
        (-MAX_NUMBER..=MAX_NUMBER).contains(&number).then_some(number)
    }

    /// Reads one directive behind its percent sign. Returns false at the end of the format.
    fn directive(&mut self, printer: &mut Printer) -> bool {
        printer.flags = Flags::default();
        self.good = true;
        self.flags(&mut printer.flags);
        let mut after_index = self.argument_number();
        if self.peek() == Some('*') {
            self.at += 1;
            match self.integer() {
                None => printer.out.push_str("%!(BADWIDTH)"),
                Some(width) => {
                    let flags = &mut printer.flags;
                    flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        (flags.minus, flags.zero) = (true, false);
                    }
                }
            }
            after_index = false;
        } else {
            printer.flags.width = self.number().map(|number| number as usize);
            if after_index && printer.flags.width.is_some() {
                self.good = false;
            }
        }
        if self.peek() == Some('.') {
            self.at += 1;
            if after_index {
                self.good = false;
            }
            after_index = self.argument_number();
            if self.peek() == Some('*') {
                self.at += 1;
                match self.integer() {
                    None => printer.out.push_str("%!(BADPREC)"),
                    Some(precision) if precision < 0 => printer.out.push_str("%!(BADPREC)"),
                    Some(precision) => printer.flags.precision = Some(precision as usize),
                }
                after_index = false;
            } else {
                printer.flags.precision = Some(self.number().unwrap_or(0) as usize);
            }
        }
        if !after_index {
            self.argument_number();
        }
        self.verb(printer)
    }

    fn flags(&mut self, flags: &mut Flags) {
        while let Some(c) = self.peek() {
            match c {
                '#' => flags.sharp = true,
                '0' => flags.zero = true,
                '+' => flags.plus = true,
                '-' => flags.minus = true,
                ' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        // Only spaces are padded to the right.
        flags.zero &= !flags.minus;
    }

    fn verb(&mut self, printer: &mut Printer) -> bool {
        let Some(verb) = self.peek() else {
            printer.out.push_str("%!(NOVERB)");
            return false;
        };
        self.at += verb.len_utf8();
        if verb == '%' {
            printer.out.push('%');
        } else if !self.good {
            printer.out.extend(['%', '!', verb]);
            printer.out.push_str("(BADINDEX)");
        } else if let Some(value) = self.values.get(self.next) {
            self.next += 1;
            if verb == 'v' {
                printer.flags.sharp_v = std::mem::take(&mut printer.flags.sharp);
                printer.flags.plus_v = std::mem::take(&mut printer.flags.plus);
            }
            printer.argument(value, verb);
        } else {
            printer.out.extend(['%', '!', verb]);
            printer.out.push_str("(MISSING)");
        }
        true
    }
}

#[derive(Clone, Copy, Default)]
struct Flags {
    minus: bool,
    plus: bool,
    zero: bool,
    space: bool,
    sharp: bool,
    plus_v: bool,
    sharp_v: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

#[derive(Default)]
struct Printer {
    out: String,
    flags: Flags,
}

impl Printer {
    /// The arguments that no directive took.
    fn extra(mut self, scan: &Scan<'_>) -> String {
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

    fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad("<nil>"),
            (value, 'T') => self.text(value.type_name()),
            (value, _) => self.value(value, verb),
        }
    }

    fn value(&mut self, value: &Value, verb: char) {
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
    fn bad_verb(&mut self, value: &Value, verb: char) {
        self.out.extend(['%', '!', verb, '(']);
        self.out.push_str(value.type_name());
        if !matches!(value, Value::Nil) {
            self.out.push('=');
            self.argument(value, 'v');
        }
        self.out.push(')');
    }

    /// Appends a text padded to the width.
    fn pad(&mut self, text: &str) {
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

    fn text(&mut self, text: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs() {
        let text = Value::string("héß");
        for (format, value, expected) in [
            ("%v", Value::Int(-3), "-3"),
            ("%5d|", Value::Int(42), "   42|"),
            ("%-5d|", Value::Int(42), "42   |"),
            ("%05d", Value::Int(-42), "-0042"),
            ("%+d", Value::Int(42), "+42"),
            ("%.4d", Value::Int(42), "0042"),
            ("%.0d|", Value::Int(0), "|"),
            ("%x", Value::Int(-255), "-ff"),
            ("%#X", Value::Int(255), "0XFF"),
            ("%#o", Value::Int(8), "010"),
            ("%O", Value::Int(8), "0o10"),
            ("%#b", Value::Int(5), "0b101"),
            ("%c", Value::Int(9731), "☃"),
            ("%q", Value::Int(65), "'A'"),
            ("%U", Value::Int(0x1F600), "U+1F600"),
            ("%#U", Value::Int(9731), "U+2603 '☃'"),
            ("%#v", Value::Uint8(255), "0xff"),
            ("%s", text.clone(), "héß"),
            ("%6s|", text.clone(), "   héß|"),
            ("%.2s", text.clone(), "hé"),
            ("%x", text.clone(), "68c3a9c39f"),
            ("% X", text.clone(), "68 C3 A9 C3 9F"),
            ("%# x", text.clone(), "0x68 0xc3 0xa9 0xc3 0x9f"),
            ("%q", text.clone(), "\"héß\""),
            ("%+q", text.clone(), r#""h\u00e9\u00df""#),
            ("%#q", text.clone(), "`héß`"),
            ("%d", text.clone(), "%!d(string=héß)"),
            ("%t", Value::Bool(true), "true"),
            ("%6.2f|", Value::Float(3.21987), "  3.22|"),
            ("%08.3f", Value::Float(-1.5), "-001.500"),
            ("%+.1e", Value::Float(12345.0), "+1.2e+04"),
            ("%g", Value::Float(1e21), "1e+21"),
            ("%G", Value::Float(1e-5), "1E-05"),
            ("%v", Value::Float(f64::INFINITY), "+Inf"),
            ("%+v", Value::Float(f64::NAN), "NaN"),
            ("%06.1f", Value::Float(f64::NEG_INFINITY), "  -Inf"),
            ("%x", Value::Float(3.5), "0x1.cp+01"),
            ("%b", Value::Float(1.0), "4503599627370496p-52"),
            ("%#g", Value::Float(1.0), "1.00000"),
            ("%#.3g", Value::Float(0.5), "0.500"),
            ("%#.0f", Value::Float(2.0), "2."),
            ("%v", Value::Complex(1.0, -2.5), "(1-2.5i)"),
            ("%T", Value::strings(["a"]), "[]string"),
            ("%#v", Value::strings(["a"]), "[]string{\"a\"}"),
            ("%d", Value::list(vec![Value::Int(1), Value::Nil]), "[1 <nil>]"),
            ("%s", Value::Nil, "%!s(<nil>)"),
            ("%5v|", Value::Nil, "<nil>|"),
            ("%y", Value::Bool(true), "%!y(bool=true)"),
        ] {
            assert_eq!(sprintf(format, std::slice::from_ref(&value)), expected, "{format}");
        }
    }

    #[test]
    fn arguments() {
        let (a, b, n) = (Value::string("a"), Value::string("b"), Value::Int(7));
        for (format, values, expected) in [
            ("%s %s", vec![a.clone()], "a %!s(MISSING)"),
            ("%s", vec![a.clone(), n.clone(), Value::Nil], "a%!(EXTRA int=7, <nil>)"),
            ("%[2]s %[1]s", vec![a.clone(), b.clone()], "b a"),
            ("%[2]*[1]d|", vec![Value::Int(42), Value::Int(5)], "   42|"),
            ("%[3]d %[x]d %[", vec![n.clone()], "%!d(BADINDEX) %!d(BADINDEX) %!(NOVERB)"),
            ("%*d|%-*d|", vec![n.clone(), n.clone(), Value::Int(-3), n.clone()], "      7|7  |"),
            ("%.*f", vec![Value::Int(1), Value::Float(2.55)], "2.5"),
            ("%*d", vec![a.clone(), n.clone()], "%!(BADWIDTH)7"),
            ("%.*d", vec![a.clone(), n.clone()], "%!(BADPREC)7"),
            ("100%", vec![], "100%!(NOVERB)"),
            ("%%%d%%", vec![n.clone()], "%7%"),
            ("%é", vec![n], "%!é(int=7)"),
        ] {
            assert_eq!(sprintf(format, &values), expected, "{format}");
        }
        assert_eq!(sprint(&[Value::Int(1), Value::Int(2), a.clone(), Value::Int(3)]), "1 2a3");
        assert_eq!(sprintln(&[Value::Int(1), a]), "1 a\n");
        assert_eq!(sprintf("%9999999d", &[Value::Int(1)]), "%!(NOVERB)%!(EXTRA int=1)");
    }
}
