//! The order of `--sort-by`.
//!
//! Source: kubectl pkg/cmd/get/sorter.go.

use std::cmp::Ordering;

use kubernetes::object::{Quantity, Value};

use super::jsonpath;
use crate::kubectl::errors::Failure;
use crate::kubectl::plain_failure;

/// Sorts objects by the value at a path; None if no object has it.
pub(crate) fn sort(objects: Vec<Value>, path: &str) -> Result<Option<Vec<Value>>, Failure> {
    let parts = jsonpath::relaxed(path).map_err(plain_failure)?;
    let key = |object: &Value| -> Option<Value> {
        jsonpath::find(&parts, object).ok()?.into_iter().flatten().next()
    };
    let mut keyed: Vec<(Option<Value>, Value)> =
        objects.into_iter().map(|object| (key(&object), object)).collect();
    if !keyed.is_empty() && keyed.iter().all(|(key, _)| key.is_none()) {
        return Ok(None);
    }
    keyed.sort_by(|(left, _), (right, _)| match (left, right) {
        (Some(left), Some(right)) => compare(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    });
    Ok(Some(keyed.into_iter().map(|(_, object)| object).collect()))
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            match (Quantity::parse(left), Quantity::parse(right)) {
                (Some(left), Some(right)) => left.nano.cmp(&right.nano),
                _ => natural(left, right),
            }
        }
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Float(left), Value::Float(right)) => left.total_cmp(right),
        (Value::Int(left), Value::Float(right)) => (*left as f64).total_cmp(right),
        (Value::Float(left), Value::Int(right)) => left.total_cmp(&(*right as f64)),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}

/// Compares texts with numbers in them by the size of the numbers.
/// Source: github.com/fvbommel/sortorder NaturalLess.
pub(super) fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        match (digits(left), digits(right)) {
            (0, _) | (_, 0) => {
                let (mut a, mut b) = (left.chars(), right.chars());
                match (a.next(), b.next()) {
                    (None, None) => return Ordering::Equal,
                    (None, _) => return Ordering::Less,
                    (_, None) => return Ordering::Greater,
                    (Some(one), Some(other)) if one != other => return one.cmp(&other),
                    _ => (left, right) = (a.as_str(), b.as_str()),
                }
            }
            (of_left, of_right) => {
                let (one, other) = (&left[..of_left], &right[..of_right]);
                let (short, long) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
                let order = short.len().cmp(&long.len()).then_with(|| short.cmp(long));
                let order = order.then_with(|| one.len().cmp(&other.len()));
                if order != Ordering::Equal {
                    return order;
                }
                (left, right) = (&left[of_left..], &right[of_right..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kubernetes::object::parse_json;

    use super::*;

    #[test]
    fn numbers_in_texts_are_compared_by_size() {
        for (left, right) in
            [("a2", "a10"), ("web-9", "web-10"), ("a", "b"), ("a", "a1"), ("", "a")]
        {
            assert_eq!(natural(left, right), Ordering::Less, "{left} {right}");
        }
    }

    #[test]
    fn objects_without_the_field_come_first() {
        let object = |text: &str| parse_json(text).expect("valid JSON");
        let objects = vec![object(r#"{"n":"10Gi"}"#), object("{}"), object(r#"{"n":"2Gi"}"#)];
        let sorted = sort(objects.clone(), ".n").expect("a path").expect("a field");
        assert_eq!(sorted, [objects[1].clone(), objects[2].clone(), objects[0].clone()]);
        assert!(matches!(sort(objects, ".nothing"), Ok(None)));
    }
}
