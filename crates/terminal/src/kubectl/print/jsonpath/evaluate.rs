//! The evaluation of JSONPath templates.
//!
//! Source: client-go util/jsonpath/jsonpath.go.

use std::cmp::Ordering;

use kubernetes::object::{Value, go_value, to_json};

use super::{Filter, Operator, Part, PathStep, Slice};

/// Values that an evaluation visits at most.
const MOST: usize = 1_000_000;

struct Evaluation {
    left: usize,
}

/// The text of a template for an object.
pub(crate) fn render(parts: &[Part], object: &Value) -> Result<String, String> {
    let results = find(parts, object)?;
    Ok(results.iter().map(|results| print(results)).collect())
}

/// The values that each action and each text gives, in the order of the template.
pub(crate) fn find(parts: &[Part], object: &Value) -> Result<Vec<Vec<Value>>, String> {
    let mut results = Vec::new();
    Evaluation { left: MOST }.parts(parts, object, &mut results)?;
    Ok(results)
}

/// Results with a space between them; lists and mappings as JSON.
fn print(results: &[Value]) -> String {
    let texts = results.iter().map(|value| match value {
        Value::List(_) | Value::Map(_) => to_json(value),
        value => go_value(value),
    });
    texts.collect::<Vec<_>>().join(" ")
}

impl Evaluation {
    fn spend(&mut self, values: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(values).ok_or("the template gives too many values")?;
        Ok(())
    }

    fn parts(
        &mut self,
        parts: &[Part],
        current: &Value,
        results: &mut Vec<Vec<Value>>,
    ) -> Result<(), String> {
        for part in parts {
            self.spend(1)?;
            match part {
                Part::Text(text) => results.push(vec![text.as_str().into()]),
                Part::Action(steps) => results.push(self.steps(steps, vec![current.clone()])?),
                Part::Range(steps, body) => {
                    for value in self.steps(steps, vec![current.clone()])? {
                        self.parts(body, &value, results)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn steps(&mut self, steps: &[PathStep], mut values: Vec<Value>) -> Result<Vec<Value>, String> {
        for step in steps {
            values = self.step(step, &values)?;
            self.spend(values.len())?;
        }
        Ok(values)
    }

    fn step(&mut self, step: &PathStep, values: &[Value]) -> Result<Vec<Value>, String> {
        Ok(match step {
            PathStep::Text(text) => vec![text.as_str().into()],
            PathStep::Int(int) => vec![Value::Int(*int)],
            PathStep::Float(float) => vec![Value::Float(*float)],
            PathStep::Bool(bool) => vec![Value::Bool(*bool)],
            PathStep::Field(name) => {
                values.iter().filter_map(|value| value.get(name)).cloned().collect()
            }
            PathStep::Wildcard => values.iter().flat_map(children).collect(),
            PathStep::Recursive => {
                let mut all = Vec::new();
                for value in values {
                    self.recursive(value, &mut all)?;
                }
                all
            }
            PathStep::Slice(slice) => {
                let mut all = Vec::new();
                for value in values.iter().filter(|value| !value.is_null()) {
                    let Some(list) = value.as_list() else {
                        return Err(format!("{} is not array or slice", go_type(value)));
                    };
                    slice_of(slice, list, &mut all)?;
                }
                all
            }
            PathStep::Union(items) => {
                let mut all = Vec::new();
                for item in items {
                    all.extend(self.steps(item, values.to_vec())?);
                }
                all
            }
            PathStep::Filter(filter) => self.filter(filter, values)?,
        })
    }

    /// All mappings and lists below a value that are not empty, from the top.
    fn recursive(&mut self, value: &Value, all: &mut Vec<Value>) -> Result<(), String> {
        let below = children(value);
        if below.is_empty() {
            return Ok(());
        }
        self.spend(below.len())?;
        all.push(value.clone());
        below.iter().try_for_each(|child| self.recursive(child, all))
    }

    fn filter(&mut self, filter: &Filter, values: &[Value]) -> Result<Vec<Value>, String> {
        let mut found = Vec::new();
        for value in values {
            let items = match value {
                Value::List(items) => items.to_vec(),
                Value::Map(_) => children(value),
                Value::Null => continue,
                value => {
                    let ty = go_type(value);
                    return Err(format!("{ty} is not array or slice and cannot be filtered"));
                }
            };
            for item in items {
                let left = self.steps(&filter.left, vec![item.clone()])?;
                if filter.operator == Operator::Exists {
                    found.extend((!left.is_empty()).then_some(item));
                    continue;
                }
                let right = self.steps(&filter.right, vec![item.clone()])?;
                let (left, right) = match (&left[..], &right[..]) {
                    ([], _) | (_, []) => continue,
                    ([left], [right]) => (left, right),
                    _ => return Err("can only compare one element at a time".to_owned()),
                };
                found.extend(compare(left, filter.operator, right)?.then_some(item));
            }
        }
        Ok(found)
    }
}

/// The direct children of a value.
fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::List(list) => list.to_vec(),
        Value::Map(map) => map.iter().map(|(_, value)| value.clone()).collect(),
        _ => Vec::new(),
    }
}

fn slice_of(slice: &Slice, list: &[Value], all: &mut Vec<Value>) -> Result<(), String> {
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let mut start = slice.start.unwrap_or(0);
    if start < 0 {
        start += length;
    }
    let mut end = slice.end.unwrap_or(length);
    if end < 0 || end == 0 && slice.single {
        end += length;
    }
    if start == end {
        return Ok(());
    }
    let out = |index: i64| format!("array index out of bounds: index {index}, length {length}");
    if start >= length || start < 0 {
        return Err(out(start));
    }
    if end > length || end < 0 {
        return Err(out(end - 1));
    }
    if start > end {
        return Err(format!("starting index {start} is greater than ending index {end}"));
    }
    let step = slice.step.unwrap_or(1);
    if step <= 0 {
        return Err("step must be > 0".to_owned());
    }
    let at = |index: i64| usize::try_from(index).unwrap_or(usize::MAX);
    let items = list.iter().take(at(end)).skip(at(start)).step_by(at(step));
    all.extend(items.cloned());
    Ok(())
}

/// The type of a value in Go.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}

fn compare(left: &Value, operator: Operator, right: &Value) -> Result<bool, String> {
    let order = match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Float(right)) => (*left as f64).partial_cmp(right),
        (Value::Float(left), Value::Int(right)) => left.partial_cmp(&(*right as f64)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => return Err("incompatible types for comparison".to_owned()),
    };
    let is = |wanted: &[Ordering]| order.is_some_and(|order| wanted.contains(&order));
    Ok(match operator {
        Operator::Exists => true,
        Operator::Equal => is(&[Ordering::Equal]),
        Operator::NotEqual => !is(&[Ordering::Equal]),
        Operator::Less => is(&[Ordering::Less]),
        Operator::LessOrEqual => is(&[Ordering::Less, Ordering::Equal]),
        Operator::Greater => is(&[Ordering::Greater]),
        Operator::GreaterOrEqual => is(&[Ordering::Greater, Ordering::Equal]),
    })
}

#[cfg(test)]
mod tests {
    use kubernetes::object::parse_json;

    use super::super::parse;
    use super::*;

    const OBJECT: &str = r#"{
        "items":[
          {"name":"a","n":1,"labels":{"k/x":"1","app.io/y":"2"},"ports":[{"port":80},{"port":443}]},
          {"name":"b","n":2,"ready":true}],
        "kind":"List"}"#;

    fn evaluate(template: &str) -> Result<String, String> {
        let object = parse_json(OBJECT).expect("the test has valid JSON");
        render(&parse(template)?, &object)
    }

    #[test]
    fn templates_give_texts() {
        for (template, text) in [
            ("{.kind}", "List"),
            ("x {.kind} y", "x List y"),
            ("{.items[*].name}", "a b"),
            ("{.items[0].ports[*].port}", "80 443"),
            ("{.items[-1].name}", "b"),
            ("{.items[0:1].name}", "a"),
            ("{.items[0,1].name}", "a b"),
            ("{.items[*]['name','n']}", "a b 1 2"),
            ("{.items[0].labels.k/x}", "1"),
            (r"{.items[0].labels.app\.io/y}", "2"),
            ("{.items[0].labels['app.io/y']}", "2"),
            ("{.items[0].labels}", r#"{"app.io/y":"2","k/x":"1"}"#),
            ("{..port}", "80 443"),
            ("{.items[?(@.name==\"b\")].n}", "2"),
            ("{.items[?(@.name=='b')].n}", "2"),
            ("{.items[?(@.n>1)].name}", "b"),
            ("{.items[?(@.ready)].name}", "b"),
            ("{.items[?(@.ready==true)].name}", "b"),
            ("{range .items[*]}{.name}{\"\\t\"}{.n}{\"\\n\"}{end}", "a\t1\nb\t2\n"),
            ("{range .items[*]}{.name}:{range .ports[*]}{.port},{end};{end}", "a:80,443,;b:;"),
            ("{.nothing}", ""),
            ("{.items[1].*}", "2 b true"),
            ("{@.kind}{$.kind}", "ListList"),
        ] {
            let found = evaluate(template);
            assert_eq!(found.as_deref(), Ok(text), "{template}");
        }
    }

    #[test]
    fn mistakes_have_their_messages() {
        for (template, message) in [
            ("{.items[5].name}", "array index out of bounds: index 5, length 2"),
            ("{.kind[0]}", "string is not array or slice"),
            ("{.items[?(@.name>1)]}", "incompatible types for comparison"),
        ] {
            assert_eq!(evaluate(template), Err(message.to_owned()), "{template}");
        }
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let lists = format!("{}1{}", "[".repeat(8), "]".repeat(8));
        let object = parse_json(&format!(r#"{{"l":{lists}}}"#)).expect("valid JSON");
        let parts = parse(&format!("{{.l{}}}", "[0,0,0,0,0,0,0,0]".repeat(8)));
        let result = render(&parts.expect("a template"), &object);
        assert_eq!(result, Err("the template gives too many values".to_owned()));
    }
}
