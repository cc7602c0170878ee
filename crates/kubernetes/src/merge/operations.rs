//! JSON patches: lists of operations on paths.
//!
//! Source: RFC 6902 and RFC 6901; gopkg.in/evanphx/json-patch.v4 as the API server uses it.

use crate::object::Value;

/// The longest list of operations that the API server takes.
/// Source: apiserver pkg/endpoints/handlers/patch.go maxJSONPatchOperations.
const MOST_OPERATIONS: usize = 10_000;

/// The reason why a JSON patch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchError {
    /// The patch is not a list of operations.
    Malformed,
    /// An operation does not fit the object.
    Unfitting,
    /// The list of operations is too long.
    TooLong(usize),
}

/// Applies a JSON patch.
///
/// # Errors
/// The first operation that does not fit; the object is then unchanged.
pub fn json_patch(object: &Value, patch: &Value) -> Result<Value, PatchError> {
    let operations = patch.as_list().ok_or(PatchError::Malformed)?;
    if operations.len() > MOST_OPERATIONS {
        return Err(PatchError::TooLong(operations.len()));
    }
    let mut result = object.clone();
    for operation in operations {
        apply(&mut result, operation).ok_or(PatchError::Unfitting)?;
    }
    Ok(result)
}

/// Applies one operation; None if it does not fit.
fn apply(object: &mut Value, operation: &Value) -> Option<()> {
    let path = pointer(operation["path"].as_str()?)?;
    let value = || operation.get("value").cloned();
    match operation.str("op") {
        "add" => add(object, &path, value()?),
        "remove" => remove(object, &path).map(|_| ()),
        "replace" => {
            *find_mut(object, &path)? = value()?;
            Some(())
        }
        "move" => {
            let moved = remove(object, &pointer(operation["from"].as_str()?)?)?;
            add(object, &path, moved)
        }
        "copy" => {
            let copied = find_mut(object, &pointer(operation["from"].as_str()?)?)?.clone();
            add(object, &path, copied)
        }
        "test" => (*find_mut(object, &path)? == value()?).then_some(()),
        _ => None,
    }
}

/// Parts of a JSON pointer; None if it does not begin with a slash.
fn pointer(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let parts = text.strip_prefix('/')?.split('/');
    Some(parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect())
}

fn find_mut<'a>(object: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(object, |value, part| match value {
        Value::Map(map) if map.contains(part) => value.map_mut().get_mut(part),
        Value::List(_) => {
            let at = index(part)?;
            value.list_mut().get_mut(at)
        }
        _ => None,
    })
}

fn add(object: &mut Value, path: &[String], value: Value) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *object = value;
        return Some(());
    };
    match find_mut(object, parents)? {
        parent @ Value::Map(_) => parent.set(last, value),
        parent @ Value::List(_) => {
            let list = parent.list_mut();
            let at = if last == "-" { list.len() } else { index(last)? };
            if at > list.len() {
                return None;
            }
            list.insert(at, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(object: &mut Value, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    match find_mut(object, parents)? {
        parent @ Value::Map(_) => parent.remove(last),
        parent @ Value::List(_) => {
            let list = parent.list_mut();
            let at = index(last).filter(|at| *at < list.len())?;
            Some(list.remove(at))
        }
        _ => None,
    }
}

fn index(part: &str) -> Option<usize> {
    part.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{parse_json, to_json};

    #[test]
    fn operations_change_maps_and_lists() {
        for (object, patch, expected) in [
            (r#"{"a":1}"#, r#"[{"op":"add","path":"/b","value":2}]"#, Some(r#"{"a":1,"b":2}"#)),
            (
                r#"{"a":[1,3]}"#,
                r#"[{"op":"add","path":"/a/1","value":2}]"#,
                Some(r#"{"a":[1,2,3]}"#),
            ),
            (r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/-","value":2}]"#, Some(r#"{"a":[1,2]}"#)),
            (r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/3","value":2}]"#, None),
            (r#"{"a/b":1,"c":2}"#, r#"[{"op":"remove","path":"/a~1b"}]"#, Some(r#"{"c":2}"#)),
            (r#"{"a":1}"#, r#"[{"op":"remove","path":"/b"}]"#, None),
            (r#"{"a":1}"#, r#"[{"op":"replace","path":"/b","value":2}]"#, None),
            (r#"{"a":1}"#, r#"[{"op":"move","from":"/a","path":"/b"}]"#, Some(r#"{"b":1}"#)),
            (r#"{"a":1}"#, r#"[{"op":"copy","from":"/a","path":"/b"}]"#, Some(r#"{"a":1,"b":1}"#)),
            (r#"{"a":1}"#, r#"[{"op":"test","path":"/a","value":2}]"#, None),
            (r#"{"a":1}"#, r#"[{"op":"test","path":"/a","value":1}]"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1}"#, r#"[{"op":"jump","path":"/a"}]"#, None),
            (r#"{"a":1}"#, r#"[{"op":"remove","path":"a"}]"#, None),
        ] {
            let parse = |text| parse_json(text).expect("it is JSON");
            let result = json_patch(&parse(object), &parse(patch)).ok().map(|one| to_json(&one));
            assert_eq!(result.as_deref(), expected, "{object} {patch}");
        }
        let error = json_patch(&Value::map(), &Value::map());
        assert_eq!(error, Err(PatchError::Malformed));
    }
}
