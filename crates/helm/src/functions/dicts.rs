//! Dictionaries.
//!
//! Source: sprig dict.go, dario.cat/mergo.

use std::collections::BTreeSet;

use go::template::{Call, Entries, Map, Type, Value};

use super::{A, Function, FunctionResult, M, MORE, S, any, row, strval, text};
use crate::values::{check_size, deep_copy, holds};

pub(super) static TABLE: &[Function] = &[
    row("dict", &[], MORE, "Makes a dictionary of keys and values in turn.", dict),
    row("get", &[M, S], None, "Returns the value of a key, or an empty text.", |a, _| {
        Ok(entries(a, 0).get(text(a, 1)).cloned().unwrap_or_else(|| Value::string("")))
    }),
    row("set", &[M, S, A], None, "Changes the value of a key and returns the dictionary.", set),
    row("unset", &[M, S], None, "Removes a key and returns the dictionary.", |a, _| {
        if let Value::Map(map) = any(a, 0) {
            map.change(|entries| {
                entries.remove(text(a, 1));
            });
        }
        Ok(any(a, 0).clone())
    }),
    row("hasKey", &[M, S], None, "Returns true if the dictionary has the key.", |a, _| {
        Ok(Value::Bool(entries(a, 0).contains_key(text(a, 1))))
    }),
    row("keys", &[], Some(M), "Returns the keys of dictionaries.", |a, _| {
        Ok(Value::strings(
            (0..a.len()).flat_map(|at| entries(a, at).keys().cloned().collect::<Vec<_>>()),
        ))
    }),
    row("values", &[M], None, "Returns the values.", |a, _| {
        Ok(Value::list(entries(a, 0).values().cloned().collect()))
    }),
    row("pluck", &[S], Some(M), "Returns the values of a key in several dictionaries.", |a, _| {
        Ok(Value::list(
            (1..a.len()).filter_map(|at| entries(a, at).get(text(a, 0)).cloned()).collect(),
        ))
    }),
    row("pick", &[M], Some(S), "Keeps the given keys.", |a, _| select(a, true)),
    row("omit", &[M], Some(S), "Leaves out the given keys.", |a, _| select(a, false)),
    row(
        "merge",
        &[M],
        Some(M),
        "Fills empty values of the first dictionary from the others.",
        |a, _| merge(a, false),
    ),
    row(
        "mustMerge",
        &[M],
        Some(M),
        "Fills empty values of the first dictionary from the others.",
        |a, _| merge(a, false),
    ),
    row(
        "mergeOverwrite",
        &[M],
        Some(M),
        "Overwrites the first dictionary with the others.",
        |a, _| merge(a, true),
    ),
    row(
        "mustMergeOverwrite",
        &[M],
        Some(M),
        "Overwrites the first dictionary with the others.",
        |a, _| merge(a, true),
    ),
    row("deepCopy", &[A], None, "Returns a copy that shares nothing with the original.", copy),
    row("mustDeepCopy", &[A], None, "Returns a copy that shares nothing with the original.", copy),
    row("dig", &[], MORE, "Follows keys through nested dictionaries, with a default.", dig),
];

fn entries(a: &[Value], at: usize) -> std::sync::Arc<Entries> {
    any(a, at).as_map().unwrap_or_default()
}

fn dict(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let mut made = Entries::new();
    for pair in a.chunks(2) {
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::string(""));
        made.insert(strval(any(pair, 0)).into(), value);
    }
    let made = Value::map(made);
    check_size(&made).map(|()| made)
}

fn set(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let Value::Map(map) = any(a, 0) else {
        return Err("assignment to entry in nil map".to_owned());
    };
    check_size(any(a, 2))?;
    if holds(any(a, 2), map) {
        return Err("a dictionary cannot hold itself".to_owned());
    }
    map.change(|entries| {
        entries.insert(text(a, 1).into(), any(a, 2).clone());
    });
    check_size(any(a, 0)).map(|()| any(a, 0).clone())
}

fn select(a: &[Value], keeps: bool) -> FunctionResult {
    let named: BTreeSet<&str> = a.iter().skip(1).filter_map(Value::as_str).collect();
    let source = entries(a, 0);
    let kept = source.iter().filter(|(key, _)| named.contains(&***key) == keeps);
    Ok(Value::map(kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
}

fn merge(a: &[Value], overwrites: bool) -> FunctionResult {
    if let Value::Map(target) = any(a, 0) {
        for source in a.iter().skip(1) {
            if let Value::Map(source) = source
                && !source.is_same(target)
            {
                merge_into(target, &source.entries(), overwrites)?;
            }
        }
    }
    check_size(any(a, 0)).map(|()| any(a, 0).clone())
}

/// Recursion is as deep as the target, which has passed `check_size`.
fn merge_into(target: &Map, source: &Entries, overwrites: bool) -> Result<(), String> {
    for (key, value) in source {
        check_size(value)?;
        if holds(value, target) {
            return Err("a dictionary cannot hold itself".to_owned());
        }
        match (target.get(key), value) {
            (Some(Value::Map(inner)), Value::Map(other)) => {
                if !inner.is_same(other) {
                    merge_into(&inner, &other.entries(), overwrites)?;
                }
            }
            (Some(old), _) if old.is_true() && !overwrites => {}
            _ => target.change(|entries| {
                entries.insert(key.clone(), value.clone());
            }),
        }
    }
    Ok(())
}

fn copy(a: &[Value], _: &Call<'_>) -> FunctionResult {
    if matches!(any(a, 0), Value::Nil) {
        return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
    }
    Ok(deep_copy(any(a, 0)))
}

fn dig(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let [keys @ .., default, root] = a else {
        return Err("dig needs at least three arguments".to_owned());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".to_owned());
    }
    let mut at = root.clone();
    for key in keys {
        let inner = match &at {
            Value::Map(map) if map.kind.name == Type::name(M) => map.get(&strval(key)),
            other => {
                let found = if matches!(other, Value::Nil) { "nil" } else { other.type_name() };
                return Err(format!(
                    "interface conversion: interface {{}} is {found}, not map[string]interface {{}}"
                ));
            }
        };
        let Some(inner) = inner else { return Ok(default.clone()) };
        at = inner;
    }
    Ok(at)
}
