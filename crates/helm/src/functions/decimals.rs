//! Decimal arithmetic.
//!
//! Source: sprig numeric.go `execDecimalOp`, shopspring/decimal: floats become the shortest decimal
//! numbers that print as they do; quotients have 16 decimals.

use go::template::Value;

use super::math::to_float;
use super::{A, Function, FunctionResult, MORE, any, row};

pub(super) static TABLE: &[Function] = &[
    row("addf", &[], MORE, "Adds decimal numbers.", |a, _| {
        fold(Decimal::of(0.0), a, |a, b| Ok(a.add(b)))
    }),
    row("add1f", &[A], None, "Adds 1 to a decimal number.", |a, _| {
        fold(Decimal::of(1.0), a, |a, b| Ok(a.add(b)))
    }),
    row("subf", &[A], MORE, "Subtracts decimal numbers.", |a, _| {
        rest(a, |a, b| Ok(a.add(&b.negated())))
    }),
    row("mulf", &[A], MORE, "Multiplies decimal numbers.", |a, _| {
        rest(a, |a, b| Ok(a.multiply(b)))
    }),
    row("divf", &[A], MORE, "Divides decimal numbers.", |a, _| rest(a, Decimal::divide)),
];

type Operation = fn(&Decimal, &Decimal) -> Result<Decimal, String>;

fn rest(a: &[Value], operation: Operation) -> FunctionResult {
    let first = Decimal::of(to_float(any(a, 0)));
    fold(first, a.get(1..).unwrap_or_default(), operation)
}

fn fold(first: Decimal, values: &[Value], operation: Operation) -> FunctionResult {
    let result = values
        .iter()
        .try_fold(first, |sum, value| operation(&sum, &Decimal::of(to_float(value))))?;
    Ok(Value::Float(result.to_float()))
}

/// The decimals of a quotient.
const PRECISION: usize = 16;

/// Digits with the highest first, of which the last `scale` are decimals.
#[derive(Clone, Debug)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    scale: usize,
}

impl Decimal {
    fn of(value: f64) -> Self {
        let value = if value.is_finite() { value } else { 0.0 };
        let text = go::number::format_float(value.abs());
        let plain = if text.contains('e') { format!("{}", value.abs()) } else { text };
        let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = whole.bytes().chain(decimals.bytes()).map(|byte| byte.wrapping_sub(b'0'));
        Self { negative: value < 0.0, digits: digits.collect(), scale: decimals.len() }
    }

    fn to_float(&self) -> f64 {
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0{digits}e-{}", self.scale).parse().unwrap_or_default()
    }

    fn negated(&self) -> Self {
        Self { negative: !self.negative, ..self.clone() }
    }

    /// The digits with more decimals.
    fn scaled(&self, scale: usize) -> Vec<u8> {
        let mut digits = self.digits.clone();
        digits.extend(std::iter::repeat_n(0, scale.saturating_sub(self.scale)));
        digits
    }

    fn add(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.scaled(scale), other.scaled(scale));
        let (a, b) = align(a, b);
        if self.negative == other.negative {
            return Self { negative: self.negative, digits: sum(&a, &b), scale };
        }
        let (negative, digits) = match a.cmp(&b) {
            std::cmp::Ordering::Less => (other.negative, difference(&b, &a)),
            _ => (self.negative, difference(&a, &b)),
        };
        Self { negative, digits, scale }
    }

    fn multiply(&self, other: &Self) -> Self {
        let mut product = vec![0u32; self.digits.len() + other.digits.len()];
        for (i, a) in self.digits.iter().rev().enumerate() {
            for (j, b) in other.digits.iter().rev().enumerate() {
                if let Some(slot) = product.get_mut(i + j) {
                    *slot += u32::from(*a) * u32::from(*b);
                }
            }
        }
        let mut carry = 0;
        let digits = product.iter().map(|sum| {
            let sum = sum + carry;
            carry = sum / 10;
            (sum % 10) as u8
        });
        let mut digits: Vec<u8> = digits.collect();
        digits.reverse();
        let negative = self.negative != other.negative;
        Self { negative, digits, scale: self.scale + other.scale }
    }

    /// Long division, rounded half away from zero.
    fn divide(&self, other: &Self) -> Result<Self, String> {
        let divisor: Vec<u8> =
            other.digits.iter().copied().skip_while(|digit| *digit == 0).collect();
        if divisor.is_empty() {
            return Err("decimal division by 0".to_owned());
        }
        // One digit more than is kept decides the rounding.
        let numerator = self.scaled(self.scale + other.scale + PRECISION + 1);
        let mut remainder: Vec<u8> = Vec::new();
        let mut quotient = Vec::new();
        for digit in numerator {
            remainder.push(digit);
            let (mut left, divisor) = align(std::mem::take(&mut remainder), divisor.clone());
            let mut count = 0;
            while left >= divisor {
                left = difference(&left, &divisor);
                count += 1;
            }
            remainder = left.into_iter().skip_while(|digit| *digit == 0).collect();
            quotient.push(count);
        }
        let rounds_up = quotient.pop().unwrap_or_default() >= 5;
        if rounds_up {
            let one = vec![1];
            let (digits, one) = align(quotient, one);
            quotient = sum(&digits, &one);
        }
        let negative = self.negative != other.negative;
        Ok(Self { negative, digits: quotient, scale: self.scale + PRECISION })
    }
}

/// Makes two numbers equally long.
fn align(a: Vec<u8>, b: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let length = a.len().max(b.len());
    let pad = |digits: Vec<u8>| {
        let mut padded = vec![0; length - digits.len()];
        padded.extend(digits);
        padded
    };
    (pad(a), pad(b))
}

/// The sum of equally long numbers.
fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let digits = a.iter().zip(b).rev().map(|(a, b)| {
        let sum = a + b + carry;
        carry = sum / 10;
        sum % 10
    });
    let mut digits: Vec<u8> = digits.collect();
    digits.push(carry);
    digits.reverse();
    digits
}

/// The difference of equally long numbers, of which the first is not smaller.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let digits = a.iter().zip(b).rev().map(|(a, b)| {
        let taken = b + borrow;
        borrow = u8::from(*a < taken);
        a + 10 * borrow - taken
    });
    let mut digits: Vec<u8> = digits.collect();
    digits.reverse();
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let of = Decimal::of;
        for (found, expected) in [
            (of(0.1).add(&of(0.2)), 0.3),
            (of(5.5).add(&of(7.25).negated()), -1.75),
            (of(1.1).multiply(&of(1.1)), 1.21),
            (of(1e21).add(&of(1.0)), 1e21),
            (of(-2.0).multiply(&of(0.5)), -1.0),
        ] {
            assert_eq!(found.to_float(), expected);
        }
        for (a, b, expected) in [
            (1.0, 3.0, 0.3333333333333333),
            (10.0, 4.0, 2.5),
            (2.0, 3.0, 0.6666666666666667),
            (0.5, 0.25, 2.0),
        ] {
            assert_eq!(of(a).divide(&of(b)).map(|found| found.to_float()), Ok(expected));
        }
        assert!(of(1.0).divide(&of(0.0)).is_err());
    }
}
