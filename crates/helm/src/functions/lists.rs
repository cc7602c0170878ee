//! Lists.
//!
//! Source: sprig list.go, numeric.go `until`.

use go::template::{Call, Type, Value};

use super::{A, Function, FunctionResult, I, MAX_ITEMS, MORE, any, integer, row, string};
use crate::values::{check_size, deep_equal};

pub(super) static TABLE: &[Function] = &[
    row("list", &[], MORE, "Makes a list of its arguments.", make),
    row("tuple", &[], MORE, "Makes a list of its arguments.", make),
    row("first", &[A], None, "Returns the first item.", first),
    row("mustFirst", &[A], None, "Returns the first item.", first),
    row("last", &[A], None, "Returns the last item.", last),
    row("mustLast", &[A], None, "Returns the last item.", last),
    row("rest", &[A], None, "Returns all items but the first.", rest),
    row("mustRest", &[A], None, "Returns all items but the first.", rest),
    row("initial", &[A], None, "Returns all items but the last.", initial),
    row("mustInitial", &[A], None, "Returns all items but the last.", initial),
    row("append", &[A, A], None, "Returns a list with one more item at the end.", append),
    row("push", &[A, A], None, "Returns a list with one more item at the end.", append),
    row("mustAppend", &[A, A], None, "Returns a list with one more item at the end.", append),
    row("mustPush", &[A, A], None, "Returns a list with one more item at the end.", append),
    row("prepend", &[A, A], None, "Returns a list with one more item at the start.", prepend),
    row("mustPrepend", &[A, A], None, "Returns a list with one more item at the start.", prepend),
    row("concat", &[], MORE, "Joins lists.", concat),
    row("reverse", &[A], None, "Returns the items in reverse order.", reverse),
    row("mustReverse", &[A], None, "Returns the items in reverse order.", reverse),
    row("uniq", &[A], None, "Removes duplicates.", uniq),
    row("mustUniq", &[A], None, "Removes duplicates.", uniq),
    row("without", &[A], MORE, "Removes the given items.", without),
    row("mustWithout", &[A], MORE, "Removes the given items.", without),
    row("has", &[A, A], None, "Returns true if the list has the item.", has),
    row("mustHas", &[A, A], None, "Returns true if the list has the item.", has),
    row("compact", &[A], None, "Removes empty items.", compact),
    row("mustCompact", &[A], None, "Removes empty items.", compact),
    row("slice", &[A], MORE, "Returns the items from an index to another.", slice),
    row("mustSlice", &[A], MORE, "Returns the items from an index to another.", slice),
    row("chunk", &[I, A], None, "Divides a list into lists of a size.", chunk),
    row("mustChunk", &[I, A], None, "Divides a list into lists of a size.", chunk),
    row("until", &[I], None, "Returns the integers from 0 up to a number.", |a, _| {
        let end = integer(a, 0);
        range(0, end, end.signum())
    }),
    row(
        "untilStep",
        &[I, I, I],
        None,
        "Returns integers from a start to an end with a step.",
        |a, _| range(integer(a, 0), integer(a, 1), integer(a, 2)),
    ),
    row("seq", &[], Some(Type::Int), "Returns integers as a text, like the command seq.", seq),
    row("all", &[], MORE, "Returns true if no argument is empty.", |a, _| {
        Ok(Value::Bool(a.iter().all(Value::is_true)))
    }),
    row("any", &[], MORE, "Returns true if an argument is not empty.", |a, _| {
        Ok(Value::Bool(a.iter().any(Value::is_true)))
    }),
];

/// The items of a list, or the error of a function that wants one.
fn items<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], String> {
    match value {
        Value::List(list) => Ok(&list.items),
        Value::Nil => {
            Err("runtime error: invalid memory address or nil pointer dereference".to_owned())
        }
        other => Err(format!("Cannot find {name} on type {}", super::kind(other))),
    }
}

fn checked(list: Vec<Value>) -> FunctionResult {
    if list.len() > MAX_ITEMS {
        return Err(format!("the list would have more than {MAX_ITEMS} items"));
    }
    Ok(Value::list(list))
}

fn make(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let list = Value::list(a.to_vec());
    check_size(&list).map(|()| list)
}

fn first(a: &[Value], _: &Call<'_>) -> FunctionResult {
    Ok(items(any(a, 0), "first")?.first().cloned().unwrap_or(Value::Nil))
}

fn last(a: &[Value], _: &Call<'_>) -> FunctionResult {
    Ok(items(any(a, 0), "last")?.last().cloned().unwrap_or(Value::Nil))
}

fn rest(a: &[Value], _: &Call<'_>) -> FunctionResult {
    Ok(Value::list(items(any(a, 0), "rest")?.iter().skip(1).cloned().collect()))
}

fn initial(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let items = items(any(a, 0), "initial")?;
    Ok(Value::list(items.split_last().map_or(Vec::new(), |(_, before)| before.to_vec())))
}

fn append(a: &[Value], _: &Call<'_>) -> FunctionResult {
    check_size(&Value::list(vec![any(a, 1).clone()]))?;
    let mut list = push_target(any(a, 0), "push")?;
    list.push(any(a, 1).clone());
    checked(list)
}

fn prepend(a: &[Value], _: &Call<'_>) -> FunctionResult {
    check_size(&Value::list(vec![any(a, 1).clone()]))?;
    let mut list = push_target(any(a, 0), "prepend")?;
    list.insert(0, any(a, 1).clone());
    checked(list)
}

fn push_target(value: &Value, what: &str) -> Result<Vec<Value>, String> {
    match value {
        Value::List(_) | Value::Nil => Ok(items(value, what)?.to_vec()),
        other => Err(format!("Cannot {what} on type {}", super::kind(other))),
    }
}

fn concat(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let mut all = Vec::new();
    for value in a {
        let Value::List(list) = value else {
            return Err(format!("Cannot concat type {} as list", super::kind(value)));
        };
        all.extend(list.items.iter().cloned());
    }
    checked(all)
}

fn reverse(a: &[Value], _: &Call<'_>) -> FunctionResult {
    Ok(Value::list(items(any(a, 0), "reverse")?.iter().rev().cloned().collect()))
}

fn uniq(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let mut kept: Vec<Value> = Vec::new();
    for item in items(any(a, 0), "uniq")? {
        if !kept.iter().any(|known| deep_equal(known, item)) {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn without(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let omitted = a.get(1..).unwrap_or_default();
    let items = items(any(a, 0), "without")?.iter();
    let kept = items.filter(|item| !omitted.iter().any(|other| deep_equal(item, other)));
    Ok(Value::list(kept.cloned().collect()))
}

fn has(a: &[Value], _: &Call<'_>) -> FunctionResult {
    if matches!(any(a, 1), Value::Nil) {
        return Ok(Value::Bool(false));
    }
    let items = items(any(a, 1), "has")?;
    Ok(Value::Bool(items.iter().any(|item| deep_equal(item, any(a, 0)))))
}

fn compact(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let items = items(any(a, 0), "compact")?.iter();
    Ok(Value::list(items.filter(|item| item.is_true()).cloned().collect()))
}

fn slice(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let Value::List(list) = any(a, 0) else {
        return Err(format!(
            "list should be type of slice or array but {}",
            super::kind(any(a, 0))
        ));
    };
    if list.items.is_empty() {
        return Ok(Value::Nil);
    }
    let place = |at: usize, or: usize| match a.get(at) {
        Some(value) => usize::try_from(super::math::to_int(value)).unwrap_or(usize::MAX),
        None => or,
    };
    let (from, to) = (place(1, 0), place(2, list.items.len()));
    let part = list.items.get(from..to).ok_or("reflect.Value.Slice: slice index out of bounds")?;
    Ok(Value::list(part.to_vec()))
}

fn chunk(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let size = usize::try_from(integer(a, 0)).ok().filter(|size| *size > 0);
    let size = size.ok_or("runtime error: integer divide by zero")?;
    let items = items(any(a, 1), "chunk")?;
    Ok(Value::list(items.chunks(size).map(|part| Value::list(part.to_vec())).collect()))
}

fn range(start: i64, end: i64, step: i64) -> FunctionResult {
    Ok(Value::list(integers(start, end, step)?.into_iter().map(Value::Int).collect()))
}

/// The integers from a start to before an end. A step in the wrong direction gives none.
fn integers(start: i64, end: i64, step: i64) -> Result<Vec<i64>, String> {
    let mut list = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        if list.len() >= MAX_ITEMS {
            return Err(format!("the list would have more than {MAX_ITEMS} items"));
        }
        list.push(at);
        let Some(next) = at.checked_add(step) else { break };
        at = next;
    }
    Ok(list)
}

fn seq(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let toward = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, step, end) = match *a {
        [_] => (1, toward(1, integer(a, 0)), integer(a, 0)),
        [_, _] => (integer(a, 0), toward(integer(a, 0), integer(a, 1)), integer(a, 1)),
        [_, _, _] => (integer(a, 0), integer(a, 1), integer(a, 2)),
        _ => return string(""),
    };
    // The step leads away from the end.
    if (end < start) != (step < 0) && end != start {
        return string("");
    }
    let list = integers(start, end.saturating_add(step.signum()), step)?;
    string(list.iter().map(i64::to_string).collect::<Vec<_>>().join(" "))
}
