use std::any::Any;

use super::*;

/// `map[string]interface {}` of some values, with a nested one.
fn data() -> Value {
    let entries = |pairs: Vec<(&str, Value)>| {
        Value::map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    };
    entries(vec![
        ("n", Value::Int(3)),
        ("f", Value::Float(1.5)),
        ("s", Value::string("text")),
        ("none", Value::Nil),
        ("list", Value::list(vec![Value::string("a"), Value::Int(2), Value::Nil])),
        ("names", Value::strings(["x", "y"])),
        ("labels", Value::string_map([("b", "2"), ("a", "1")])),
        ("map", entries(vec![("k", entries(vec![("v", Value::Bool(true))]))])),
        ("person", Value::object(Person)),
    ])
}

/// A struct with a method.
#[derive(Debug)]
struct Person;

static GREET: Signature =
    Signature { name: "Greet", parameters: &[Type::String, Type::Int], variadic: None };

impl Object for Person {
    fn type_name(&self) -> &str {
        "*demo.Person"
    }

    fn field(&self, name: &str) -> Option<Field> {
        (name == "Name").then(|| Field { value: Value::string("Ada"), boxed: false })
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        (name == "Greet").then_some(&GREET)
    }

    fn call(&self, _name: &str, arguments: &[Value]) -> Result<Value, String> {
        match arguments {
            [_, Value::Int(0)] => Err("no times".to_owned()),
            [Value::String(word), Value::Int(times)] => {
                Ok(Value::string(format!("{word} Ada").repeat(*times as usize)))
            }
            _ => Err("not typed".to_owned()),
        }
    }

    fn print(&self) -> String {
        "&{Ada}".to_owned()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `double`, `fails`, `pair` with typed parameters, and `include`.
struct Extra;

static EXTRA: [Signature; 5] = [
    Signature { name: "double", parameters: &[Type::String], variadic: None },
    Signature { name: "fails", parameters: &[], variadic: Some(Type::Any) },
    Signature {
        name: "pair",
        parameters: &[Type::Bool, Type::Float, Type::Int64, Type::Named("[]string")],
        variadic: None,
    },
    Signature { name: "include", parameters: &[Type::String, Type::Any], variadic: None },
    Signature { name: "slice", parameters: &[Type::Any], variadic: None },
];

impl Functions for Extra {
    fn signature(&self, name: &str) -> Option<&Signature> {
        EXTRA.iter().find(|signature| signature.name == name)
    }

    fn call(&self, name: &str, arguments: &[Value], call: &Call<'_>) -> Result<Value, String> {
        match (name, arguments) {
            ("double", [Value::String(text)]) => Ok(Value::string(format!("{text}{text}"))),
            ("include", [Value::String(name), data]) => {
                let result = call.execute(name, data.clone());
                result.map(Value::string).map_err(|error| error.to_string())
            }
            ("pair", values) => Ok(Value::string(sprint(values))),
            ("slice", _) => Ok(Value::string("replaced")),
            _ => Err("it fails".to_owned()),
        }
    }
}

fn run(text: &str) -> Result<String, String> {
    run_with(text, Options::default())
}

fn run_with(text: &str, options: Options) -> Result<String, String> {
    let mut templates = Templates::default();
    templates.parse("t", text, &Extra, ParseOptions::default()).map_err(|e| e.to_string())?;
    templates.execute("t", data(), &Extra, options).map_err(|error| error.to_string())
}

#[test]
fn results() {
    for (text, expected) in [
        ("", ""),
        ("a {{- \" b\" -}} \n c", "a bc"),
        ("{{- /* x */ -}} a", "a"),
        ("{{.n}} {{ .f }} {{.s}} {{.none}} {{.list}}", "3 1.5 text <no value> [a 2 <nil>]"),
        ("{{ .labels.a }}{{ .labels.zz }}|{{ .map.k.v }}", "1<no value>|true"),
        ("{{ range $i, $v := .list }}{{ $i }}{{ $v }},{{ end }}", "0a,12,2<no value>,"),
        ("{{ range $k, $v := .labels }}{{ $k }}{{ $v }}{{ end }}", "a1b2"),
        ("{{ range 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "02"),
        (
            "{{ range 9 }}{{ with . }}{{ if eq . 2 }}{{ break }}{{ end }}{{ end }}{{ . }}{{ end }}!",
            "01!",
        ),
        ("{{ range .none }}{{ else }}none{{ end }}", "none"),
        ("{{ $x := 1 }}{{ range .names }}{{ $x = . }}{{ end }}{{ $x }}", "y"),
        ("{{ $a := 0 }}{{ $b := 0 }}{{ range $a, $b = .names }}{{ end }}{{ $a }}{{ $b }}", "1y"),
        ("{{ if .zero }}1{{ else if $n := .n }}{{ $n }}{{ else }}3{{ end }}", "3"),
        ("{{ with .zero }}1{{ else with .s }}{{ . }}{{ end }}", "text"),
        (
            "{{ define \"a\" }}<{{ . }}>{{ end }}{{ template \"a\" .s }}{{ block \"b\" 1 }}{{ . }}{{ end }}",
            "<text>1",
        ),
        (
            "{{ .person.Name }} {{ .person.Greet \"hi\" 2 }} {{ .person }}",
            "Ada hi Adahi Ada &{Ada}",
        ),
        ("{{ \"hi\" | double | printf \"%s-%d\" \"x\" | print }}", "x-%!d(string=hihi)"),
        ("{{ 2 | .person.Greet \"yo\" }}", "yo Adayo Ada"),
        ("{{ pair true 2 3 .names }}", "true 2 3 [x y]"),
        ("{{ pair false 2.5 3 nil }}", "false 2.5 3 <nil>"),
        ("{{ define \"in\" }}{{ .s }}!{{ end }}{{ include \"in\" . | double }}", "text!text!"),
        ("{{ slice .s }}", "replaced"),
        ("{{ and 1 0 .x.y }}{{ or 0 \"a\" }}{{ 5 | and 1 }}{{ not .none }}", "0a5true"),
        ("{{ index .map \"k\" \"v\" }} {{ index .s 1 }} {{ index .labels \"q\" }}|", "true 101 |"),
        ("{{ (index .list 0) }}{{ (.map).k.v }}{{ (.person.Greet \"a\" 1) }}", "atruea Ada"),
        (
            "{{ 1i }} {{ 1+2i }} {{ 'a' }} {{ 0x1F }} {{ -0 }} {{ 0x1p3 }}",
            "(0+1i) (1+2i) 97 31 0 8",
        ),
        ("{{ eq 1 1.0i }}", "false"),
        (
            "{{ lt 1 2 }}{{ le 2 2 }}{{ gt 2.5 1.5 }}{{ ge \"b\" \"a\" }}{{ ne .n 4 }}",
            "truetruetruetruetrue",
        ),
        ("{{ eq .person .person }}{{ eq .none nil }}{{ eq (index .s 0) 116 }}", "truetruetrue"),
    ] {
        let result = run(text);
        let expected = if text.contains("1.0i") {
            let error = "error calling eq: incompatible types for comparison: int and complex128";
            Err(format!("template: t:1:3: executing \"t\" at <eq 1 1.0i>: {error}"))
        } else {
            Ok(expected.to_owned())
        };
        assert_eq!(result, expected, "{text}");
    }
}

#[test]
fn errors_of_executions() {
    for (text, at, what, why) in [
        ("{{ .s.x }}", "1:5", ".s.x", "can't evaluate field x in type interface {}"),
        ("{{ .none.x }}", "1:8", ".none.x", "nil pointer evaluating interface {}.x"),
        (
            "{{ .person.Age }}",
            "1:10",
            ".person.Age",
            "can't evaluate field Age in type interface {}",
        ),
        (
            "{{ with .person }}{{ .Age }}{{ end }}",
            "1:21",
            ".Age",
            "can't evaluate field Age in type *demo.Person",
        ),
        (
            "{{ .person.Name 1 }}",
            "1:10",
            ".person.Name",
            "Name has arguments but cannot be invoked as function",
        ),
        ("{{ .person.Greet 1 2 }}", "1:17", "1", "expected string; found 1"),
        ("{{ .person.Greet \"a\" 0 }}", "1:10", ".person.Greet", "error calling Greet: no times"),
        (
            "{{ .person.Greet }}",
            "1:10",
            ".person.Greet",
            "wrong number of args for Greet: want 2 got 0",
        ),
        ("\n  {{ fails 1 .n }}", "2:5", "fails 1 .n", "error calling fails: it fails"),
        ("{{ double .n }}", "1:10", ".n", "wrong type for value; expected string; got int"),
        (
            "{{ double .none }}",
            "1:10",
            ".none",
            "wrong type for value; expected string; got interface {}",
        ),
        ("{{ .none | double }}", "1:11", "double", "invalid value; expected string"),
        ("{{ double nil }}", "1:10", "nil", "cannot assign nil to string"),
        ("{{ pair 1 2 3 .names }}", "1:8", "1", "expected bool; found 1"),
        ("{{ pair true \"x\" 3 .names }}", "1:13", "\"x\"", "expected float; found \"x\""),
        ("{{ pair true 1 2.5 .names }}", "1:15", "2.5", "expected integer; found 2.5"),
        ("{{ pair true 1 2 3 }}", "1:17", "3", "can't handle 3 for arg of type []string"),
        ("{{ 1 2 }}", "1:3", "1", "can't give argument to non-function 1"),
        ("{{ nil }}", "1:3", "nil", "nil is not a command"),
        ("{{ $x = 1 }}", "1:8", "1", "undefined variable: $x"),
        ("{{ template \"no\" }}", "1:12", "{{template \"no\"}}", "template \"no\" not defined"),
        ("{{ range .s }}{{ end }}", "1:9", ".s", "range can't iterate over text"),
        ("{{ len 3 }}", "1:3", "len 3", "error calling len: len of type int"),
        (
            "{{ .n | index .list }}",
            "1:8",
            "index .list",
            "error calling index: reflect: slice index out of range",
        ),
        (
            "{{ index .list -1 }}",
            "1:3",
            "index .list -1",
            "error calling index: index out of range: -1",
        ),
        (
            "{{ index .labels 1 }}",
            "1:3",
            "index .labels 1",
            "error calling index: value has type int; should be string",
        ),
        (
            "{{ index 1 1 }}",
            "1:3",
            "index 1 1",
            "error calling index: can't index item of type int",
        ),
        (
            "{{ call .s 1 }}",
            "1:3",
            "call .s 1",
            "error calling call: non-function .s of type string",
        ),
        (
            "{{ lt .labels 1 }}",
            "1:3",
            "lt .labels 1",
            "error calling lt: invalid type for comparison",
        ),
        (
            "{{ eq .list .map }}",
            "1:3",
            "eq .list .map",
            "error calling eq: non-comparable types [a %!s(int=2) <nil>]: []interface {}, map[string]interface {}: map[k:map[v:true]]",
        ),
        (
            "{{ 18446744073709551615 }}",
            "1:3",
            "18446744073709551615",
            "18446744073709551615 overflows int",
        ),
    ] {
        let expected = format!("template: t:{at}: executing \"t\" at <{what}>: {why}");
        assert_eq!(run(text), Err(expected), "{text}");
    }
}

#[test]
fn errors_of_texts() {
    for (text, line, why, at) in [
        ("{{ $x }}", 1, "undefined variable \"$x\"", "$x"),
        ("{{ nope }}", 1, "function \"nope\" not defined", "nope"),
        ("a\n{{ .s", 2, "unclosed action", ""),
        ("{{ .s\n\n", 3, "unclosed action started at t:1", ""),
        ("{{ if\n1 }}\n{{ \"a\n }}", 3, "unterminated quoted string", "\"a\n"),
        ("{{ if 1 }}\n", 2, "unexpected EOF", ""),
        ("{{ end }}", 1, "unexpected {{end}}", "}}"),
        ("{{ if 1 }}{{ else }}{{ else }}", 1, "expected end; found {{else}}", "}}"),
        ("{{ define \"a\" }}{{ else }}", 1, "unexpected {{else}} in define clause", "}}"),
        ("{{ else if 1 }}", 1, "unexpected {{else}}", "else"),
        ("{{ \"abcdefghijkl\" x", 1, "function \"x\" not defined", "x"),
        (
            "{{ template abcdefghijklmn }}",
            1,
            "unexpected \"abcdefghij\"... in template clause",
            "abcdefghijklmn",
        ),
        ("{{ : }}", 1, "expected :=", ": "),
        ("{{ \u{1} }}", 1, "unrecognized character in action: U+0001", "\u{1}"),
        ("{{ é\u{2028} }}", 1, "bad character U+2028", "é"),
        ("{{ 1+2 }}", 1, "bad number syntax: \"1+2\"", "1+2"),
        ("{{ '' }}", 1, "invalid syntax", "''"),
        ("{{ range $a, 1 }}", 1, "range can only initialize variables", ","),
        ("{{ continue }}", 1, "{{continue}} outside {{range}}", "}}"),
        (
            "{{ define \"a\" }}1{{ end }}{{ define \"a\" }}2{{ end }}",
            1,
            "template: multiple definition of template \"a\"",
            "}}",
        ),
    ] {
        let error = check("t", text, &Extra, ParseOptions::default()).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (line, why), "{text}");
        assert_eq!(error.span.slice(text), at, "{text}");
        assert_eq!(error.to_string(), format!("template: t:{line}: {why}"));
    }
    let known = ParseOptions { variables: &["$value"], ..ParseOptions::default() };
    assert_eq!(check("t", "{{ $value }}", &Extra, known), Ok(()));
}

#[test]
fn built_in_functions() {
    let run = |text: &str| {
        let mut templates = Templates::default();
        templates.parse("t", text, &NoFunctions, ParseOptions::default()).unwrap();
        let result = templates.execute("t", data(), &NoFunctions, Options::default());
        result.map_err(|error| error.message.rsplit(": ").next().unwrap_or_default().to_owned())
    };
    for (text, expected) in [
        ("{{ slice .s 1 3 }} {{ slice .s }} {{ slice .list 1 }}", Ok("ex text [2 <nil>]")),
        ("{{ slice .list 0 1 2 }} {{ slice \"é\" 1 }}", Ok("[a] \u{fffd}")),
        ("{{ slice .s 0 1 2 }}", Err("cannot 3-index slice a string")),
        ("{{ slice .s 3 1 }}", Err("3 > 1")),
        ("{{ slice .list 0 3 2 }}", Err("3 > 2")),
        ("{{ slice .s 9 }}", Err("9")),
        ("{{ slice .s 1 2 3 4 }}", Err("4")),
        ("{{ slice .s .n }}", Err("cannot index slice/array with type interface {}")),
        ("{{ slice .n }}", Err("can't slice item of type int")),
        ("{{ slice nil }}", Err("slice of untyped nil")),
        ("{{ index nil }}", Err("index of untyped nil")),
        ("{{ index .none 1 }}", Err("index of untyped nil")),
        ("{{ index .list 2 1 }}", Err("index of nil pointer")),
        ("{{ index .list nil }}", Err("cannot index slice/array with nil")),
        ("{{ index .labels nil }}", Err("value is nil; should be of type string")),
        ("{{ index .s 4 }}", Err("string index out of range")),
        ("{{ len .s }}{{ len .list }}{{ len .map }}", Ok("431")),
        ("{{ len nil }}", Err("call of reflect.Value.Type on zero Value")),
        ("{{ len .none }}", Err("len of nil pointer")),
        ("{{ html .none }}{{ js \"'\" 1 }}{{ urlquery \"a b\" }}", Ok("&lt;no value&gt;\\'1a+b")),
        ("{{ println 1 \"a\" .f }}", Ok("1 a 1.5\n")),
        ("{{ call nil }}", Err("call of nil")),
        ("{{ eq 1 }}", Err("missing argument for comparison")),
        (
            "{{ eq (index .s 0) 116 }}{{ lt 5 (index .s 0) }}{{ gt -1 (index .s 0) }}",
            Ok("truetruefalse"),
        ),
        ("{{ eq .list .list }}", Err("[]interface {}")),
        ("{{ eq 1i 1i }}{{ eq true true }}{{ eq 1.5 .f }}", Ok("truetruetrue")),
        ("{{ lt true false }}", Err("invalid type for comparison")),
        ("{{ lt 1 \"a\" }}", Err("int and string")),
    ] {
        assert_eq!(
            run(text).as_deref(),
            expected.map_err(|error| error.to_owned()).as_deref(),
            "{text}"
        );
    }
}

#[test]
fn values() {
    for (value, kind, truth, text) in [
        (Value::Nil, "<nil>", false, "<no value>"),
        (Value::Bool(true), "bool", true, "true"),
        (Value::Int64(0), "int64", false, "0"),
        (Value::Int32(7), "int32", true, "7"),
        (Value::Uint8(0), "uint8", false, "0"),
        (Value::Uint64(u64::MAX), "uint64", true, "18446744073709551615"),
        (Value::Float(0.0), "float64", false, "0"),
        (Value::Complex(0.0, 1.0), "complex128", true, "(0+1i)"),
        (Value::string(""), "string", false, ""),
        (Value::strings(["a", "b"]), "[]string", true, "[a b]"),
        (Value::string_map([("b", "2"), ("a", "1")]), "map[string]string", true, "map[a:1 b:2]"),
        (Value::list(Vec::new()), "[]interface {}", false, "[]"),
        (Value::object(Person), "*demo.Person", true, "&{Ada}"),
    ] {
        assert_eq!(value.type_name(), kind);
        assert_eq!(value.is_true(), truth, "{kind}");
        assert_eq!(value.print(), text, "{kind}");
    }
    assert!(Value::object(Person).downcast::<Person>().is_some());
    assert!(Value::Nil.downcast::<Person>().is_none());
    assert_eq!(Type::Named("[]string").name(), "[]string");
}

#[test]
fn options() {
    let missing = |missing| Options { missing, ..Options::default() };
    for (text, option, expected) in [
        ("{{ .no }}|{{ .labels.no }}", MissingKey::Zero, Ok("<no value>|")),
        ("{{ .no.x }}", MissingKey::Zero, Err("nil pointer evaluating interface {}.x")),
        ("{{ .no.x }}", MissingKey::Invalid, Ok("<no value>")),
        ("{{ .labels.no }}", MissingKey::Error, Err("map has no entry for key \"no\"")),
        ("{{ $x := .none }}{{ $x.y }}", MissingKey::Error, Err("nil data; no entry for key \"y\"")),
    ] {
        let result = run_with(text, missing(option));
        let result = result.as_deref().map_err(|error| error.rsplit(">: ").next().unwrap());
        assert_eq!(result, expected, "{text}");
    }
    let mut templates = Templates::default();
    let delimiters = Delimiters { left: "<<", right: ">>" };
    let options = ParseOptions { delimiters, ..ParseOptions::default() };
    templates.parse("t", "{{<<- .s ->> }}", &NoFunctions, options).unwrap();
    let result = templates.execute("t", data(), &NoFunctions, Options::default());
    assert_eq!(result.as_deref(), Ok("{{text}}"));
    let error = templates.execute("u", data(), &NoFunctions, Options::default()).unwrap_err();
    assert_eq!(error.message, "template: no template \"u\" associated with template \"u\"");
}

#[test]
fn files_share_their_templates() {
    let mut templates = Templates::default();
    for (name, text) in [
        ("a", "{{ define \"x\" }}1{{ end }}{{ template \"x\" }}"),
        ("b", "{{ define \"x\" }}2{{ end }}"),
        ("c", "{{ define \"x\" }} {{ end }}"),
    ] {
        templates.parse(name, text, &NoFunctions, ParseOptions::default()).unwrap();
    }
    assert_eq!(templates.names().collect::<Vec<_>>(), ["a", "b", "c", "x"]);
    let result = templates.execute("a", Value::Nil, &NoFunctions, Options::default());
    assert_eq!(result.as_deref(), Ok("2"));
}

#[test]
fn hostile_templates_end() {
    let recursion = "{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}";
    assert!(run(recursion).unwrap_err().contains("exceeded maximum template depth (100000)"));
    let include = "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}";
    assert!(run(include).unwrap_err().contains("functions run templates too deep"));
    let loops = "{{ range 9223372036854775807 }}{{ range 9223372036854775807 }}{{ end }}{{ end }}";
    assert!(run(loops).unwrap_err().contains("too many steps"));
    let doubling = format!("{{{{ $x := \"xx\" }}}}{}", "{{ $x = print $x $x }}".repeat(60));
    assert!(run(&doubling).unwrap_err().contains("too much text"));
    let wide = format!("{{{{ printf \"{}\" 1 }}}}", "%[1]1000000d".repeat(1000));
    assert!(run(&wide).is_ok_and(|text| text.len() < 20 << 20));
    for text in [
        "{{ if 1 }}".repeat(10_000),
        format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000)),
        "{{ define \"a\" }}".repeat(10_000),
    ] {
        assert!(run(&text).is_err());
    }
    let chain = format!("{{{{ if 0 }}}}{}{{{{ end }}}}", "{{ else if 0 }}".repeat(10_000));
    assert_eq!(run(&chain).as_deref(), Ok(""));
}

proptest::proptest! {
    #[test]
    fn no_text_panics(
        text in "(\\{\\{-? |-? \\}\\}|[a-z$.|:=\"'()]|\\.s|\\.list| |if|else|end|range|with|define \"a\"|template \"a\"|index|slice|printf \"%v\"|1|-1){0,40}",
    ) {
        let _ = run(&text);
    }
}
