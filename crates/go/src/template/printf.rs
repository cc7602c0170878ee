//! Go's `fmt.Sprintf`, `fmt.Sprint` and `fmt.Sprintln` for the values of templates.
//!
//! Source: fmt print.go, format.go.

mod printer;

use super::value::Value;
use printer::{Flags, Printer};

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

    /// `[n]`: chooses the next argument. Returns true if one is here.
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

    /// Reads one directive after its percent sign. Returns false at the end of the format.
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
