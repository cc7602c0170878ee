//! Integers and floats.
//!
//! Source: sprig numeric.go, spf13/cast `ToInt64`, `ToFloat64`.

use go::number::parse_float;
use go::template::{Call, Value};

use super::{A, Function, FunctionResult, MORE, S, any, row, text};

pub(super) static TABLE: &[Function] = &[
    row("add", &[], MORE, "Adds integers.", |a, _| fold(a, 0, i64::wrapping_add)),
    row("add1", &[A], None, "Adds 1.", |a, _| Ok(Value::Int64(to_int(any(a, 0)).wrapping_add(1)))),
    row("sub", &[A, A], None, "Subtracts integers.", |a, _| {
        Ok(Value::Int64(to_int(any(a, 0)).wrapping_sub(to_int(any(a, 1)))))
    }),
    row("mul", &[A], MORE, "Multiplies integers.", |a, _| fold(a, 1, i64::wrapping_mul)),
    row("div", &[A, A], None, "Divides integers.", |a, _| divide(a, i64::wrapping_div)),
    row("mod", &[A, A], None, "Returns the remainder of a division.", |a, _| {
        divide(a, i64::wrapping_rem)
    }),
    row("max", &[A], MORE, "Returns the largest integer.", |a, _| best(a, i64::max)),
    row("biggest", &[A], MORE, "Returns the largest integer.", |a, _| best(a, i64::max)),
    row("min", &[A], MORE, "Returns the smallest integer.", |a, _| best(a, i64::min)),
    row("maxf", &[A], MORE, "Returns the largest float.", |a, _| best_float(a, f64::max)),
    row("minf", &[A], MORE, "Returns the smallest float.", |a, _| best_float(a, f64::min)),
    row("ceil", &[A], None, "Rounds up.", |a, _| Ok(Value::Float(to_float(any(a, 0)).ceil()))),
    row("floor", &[A], None, "Rounds down.", |a, _| Ok(Value::Float(to_float(any(a, 0)).floor()))),
    row("round", &[A, super::I], MORE, "Rounds to a number of decimals.", round),
    row("int", &[A], None, "Converts to int.", |a, _| Ok(Value::Int(to_int(any(a, 0))))),
    row("int64", &[A], None, "Converts to int64.", |a, _| Ok(Value::Int64(to_int(any(a, 0))))),
    row("float64", &[A], None, "Converts to float64.", |a, _| {
        Ok(Value::Float(to_float(any(a, 0))))
    }),
    row("atoi", &[S], None, "Converts a decimal text to int.", |a, _| {
        Ok(Value::Int(text(a, 0).parse().unwrap_or(0)))
    }),
    row("toDecimal", &[A], None, "Converts an octal number to int64.", |a, _| {
        Ok(Value::Int64(i64::from_str_radix(&super::strval(any(a, 0)), 8).unwrap_or(0)))
    }),
];

/// A value as an integer; 0 if it is none.
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Bool(value) => i64::from(*value),
        Value::Float(float) => *float as i64,
        Value::String(text) => go::number::parse_int_literal(text).unwrap_or(0),
        other => other.as_signed().or(other.as_unsigned().map(|number| number as i64)).unwrap_or(0),
    }
}

pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Float(float) => *float,
        Value::String(text) => parse_float(text).unwrap_or(0.0),
        other => to_int(other) as f64,
    }
}

fn fold(a: &[Value], start: i64, apply: fn(i64, i64) -> i64) -> FunctionResult {
    Ok(Value::Int64(a.iter().map(to_int).fold(start, apply)))
}

fn divide(a: &[Value], apply: fn(i64, i64) -> i64) -> FunctionResult {
    match (to_int(any(a, 0)), to_int(any(a, 1))) {
        (_, 0) => Err("runtime error: integer divide by zero".to_owned()),
        (left, right) => Ok(Value::Int64(apply(left, right))),
    }
}

fn best(a: &[Value], choose: fn(i64, i64) -> i64) -> FunctionResult {
    Ok(Value::Int64(a.iter().map(to_int).reduce(choose).unwrap_or(0)))
}

fn best_float(a: &[Value], choose: fn(f64, f64) -> f64) -> FunctionResult {
    Ok(Value::Float(a.iter().map(to_float).reduce(choose).unwrap_or(0.0)))
}

fn round(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let on = a.get(2).map_or(0.5, to_float);
    let scale = 10f64.powf(super::integer(a, 1) as f64);
    let digits = to_float(any(a, 0)) * scale;
    let fraction = digits - digits.trunc();
    let up = if digits < 0.0 { -fraction >= on } else { fraction >= on };
    let rounded = match (up, digits < 0.0) {
        (true, true) => digits.floor(),
        (true, false) => digits.ceil(),
        (false, true) => digits.ceil(),
        (false, false) => digits.floor(),
    };
    Ok(Value::Float(rounded / scale))
}
