//! Tests of the subset.

use super::{Expression, Failure, Input};
use crate::object::{Value, parse_json, to_json};

const THIS: &str = r#"{"mode":"Topology","shards":2,"ratio":0.5,"names":["a","b"],"labels":{"app":"web","x.y":"1"},"namespace":"n","list":[{"k":1},{"k":2}],"empty":[],"text":"aäb"}"#;

fn evaluate(text: &str) -> Result<String, String> {
    let this = parse_json(THIS).expect("JSON");
    let expression =
        Expression::parse(text).map_err(|outside| format!("outside: {}", outside.what))?;
    match expression.evaluate(Input { this: &this, old: None }) {
        Ok(value) => Ok(to_json(&value)),
        Err(Failure::Error(text)) => Err(text),
        Err(Failure::TooLong) => Err("too long".to_owned()),
    }
}

#[test]
fn expressions_have_values() {
    for (text, expected) in [
        ("self.shards + 1 == 3 && self.mode == 'Topology'", "true"),
        ("!has(self.missing) || self.missing.deeper > 1", "true"),
        ("has(self.names) ? self.names.size() : 0", "2"),
        ("self.names.all(n, n.matches('^[a-z]$')) && !('c' in self.names)", "true"),
        ("self.labels.exists(k, self.labels[k] == 'web')", "true"),
        ("[true, false, true].filter(x, x).size() <= 1", "false"),
        ("self.list.map(i, i.k)", "[1,2]"),
        ("self.list.map(i, i.k > 1, i.k * 10)", "[20]"),
        ("self.list.exists_one(i, i.k == 2)", "true"),
        ("self.__namespace__ + self.labels.x__dot__y", "\"n1\""),
        ("7 / 2 * 2 + 7 % 2 - -1", "8"),
        ("self.ratio < 1 && 1 == 1.0 && 'a' < 'b'", "true"),
        (
            "size(self.text) == 3 && self.text.substring(1, 2) == 'ä' && self.text.indexOf('b') == 2",
            "true",
        ),
        ("'a,b'.split(',').join('-') + 'A'.lowerAscii()", "\"a-ba\""),
        ("r'\\d' == '\\\\d' && \"\\u0041\" == 'A'", "true"),
        ("{'a': 1}['a'] == 1 && 'a' in {'a': 1}", "true"),
        ("self.empty.sum() == 0 && [1, 3, 2].max() == 3 && ![2, 1].isSorted()", "true"),
        ("-9223372036854775808 < 0 // comment", "true"),
        ("self.missing == 1 || true", "true"),
        ("int('12') + int(2.9) == 14 && string(5) == '5'", "true"),
    ] {
        assert_eq!(evaluate(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn errors_have_the_words_of_the_language() {
    for (text, expected) in [
        ("self.missing == 1", "no such key: missing"),
        ("self.names[5]", "index out of bounds: 5"),
        ("self.shards + 'a'", "no such overload"),
        ("1 / (self.shards - 2)", "division by zero"),
        ("9223372036854775807 + self.shards", "integer overflow"),
        ("self.missing || false", "no such key: missing"),
        ("self.names.all(n, n > 1)", "no such overload"),
    ] {
        assert_eq!(evaluate(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_is_outside_is_reported() {
    for (text, expected) in [
        ("duration(self.x) < duration('1h')", "outside: function duration"),
        ("self.?x.orValue(1) == 1", "outside: optional value"),
        ("quantity(self.x).isLessThan(quantity('1'))", "outside: function quantity"),
        ("self.x == 1u", "outside: unsigned integer"),
        ("self.x ==", "outside: no operand"),
        ("self.x == 'a", "outside: unterminated string"),
        ("self.x # 1", "outside: character '#'"),
        ("self.all(x)", "outside: arguments of all"),
    ] {
        assert_eq!(evaluate(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn hostile_expressions_end() {
    let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(evaluate(&deep), Err("outside: nesting deeper than 24".to_owned()));
    let chain = format!("1{}", "+1".repeat(5000));
    assert_eq!(evaluate(&chain), Err("outside: more than 256 operators and steps".to_owned()));
    let nots = format!("{}true", "!".repeat(5001));
    assert_eq!(evaluate(&nots), Ok("false".to_owned()));
    let list = format!("[{}1]", "1,".repeat(400));
    let nested = format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c > 0)))");
    assert_eq!(evaluate(&nested), Err("too long".to_owned()));
    let ors = format!("{}true", "false || ".repeat(1000));
    assert_eq!(evaluate(&ors), Ok("true".to_owned()));
}

#[test]
fn transition_rules_need_the_old_value() {
    let rule = Expression::parse("self >= oldSelf").expect("within the subset");
    assert!(rule.uses_old());
    let (this, old) = (Value::Int(1), Value::Int(2));
    let evaluated = rule.evaluate(Input { this: &this, old: Some(&old) });
    assert_eq!(evaluated, Ok(Value::Bool(false)));
}
