//! The language as a whole: errors, limits, types and printed forms.

use super::*;
use text::Span;

fn all(query: &str) -> Result<Ast, ParseErrors> {
    parse(query, &ParserOptions::ALL)
}

fn errors(query: &str) -> Vec<String> {
    match all(query) {
        Ok(ast) => panic!("{query:?} parsed as {ast}"),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_first_error_is_the_servers() {
    for (query, message) in [
        ("", "unknown position: parse error: no expression found in input"),
        ("  ", "1:1: parse error: no expression found in input"),
        ("up +", "1:5: parse error: unexpected end of input"),
        ("up\n  + )", "2:6: parse error: unexpected right parenthesis ')'"),
        ("max(up + *)", "1:10: parse error: unexpected <op:*> in aggregation"),
        ("abs(up + *)", "1:10: parse error: unexpected <op:*>"),
        (
            "max by job (up)",
            "1:8: parse error: unexpected identifier \"job\" in grouping opts, expected \"(\"",
        ),
        (
            "max by (a b) (up)",
            "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\"",
        ),
        (
            "up{a}",
            "1:5: parse error: unexpected \"}\" in label matching, expected label matching operator",
        ),
        ("up{a=~\"(\"}", "1:4: parse error: error parsing regexp: missing closing ): `(`"),
        ("up[5m", "1:6: parse error: unclosed left bracket"),
        (
            "up[5m 3]",
            "1:7: parse error: unexpected number \"3\" in subquery or range, expected \":\" or \"]\"",
        ),
        (
            "up offset x",
            "1:11: parse error: unexpected identifier \"x\" in offset, expected number, duration, step(), or range()",
        ),
        ("up @ x", "1:6: parse error: unexpected identifier \"x\" in @, expected timestamp"),
        (
            "up @ 1e20",
            "1:1: parse error: timestamp out of bounds for @ modifier: 100000000000000000000.000000",
        ),
        ("nope(up)", "1:1: parse error: unknown function with name \"nope\""),
        (
            "rate(up)",
            "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector",
        ),
        (
            "sum(up[5m])",
            "1:5: parse error: expected type instant vector in aggregation expression, got range vector",
        ),
        (
            "up + \"a\"",
            "1:6: parse error: binary expression must contain only scalar and instant vector types",
        ),
        ("up 'a very long string'", "1:4: parse error: unexpected string \"'a very lo\"..."),
        (
            "up and on(a) group_left(b) up",
            "1:1: parse error: no grouping allowed for \"and\" operation",
        ),
    ] {
        assert_eq!(errors(query)[0], message, "{query}");
    }
}

#[test]
fn one_pass_finds_several_errors() {
    assert_eq!(
        errors("sum(up{a}) + abs(up[0s], 1 +) / max by (,) (up offset 1)"),
        [
            "1:9: parse error: unexpected \"}\" in label matching, expected label matching operator",
            "1:21: parse error: duration must be greater than 0",
            "1:29: parse error: unexpected \")\"",
            "1:41: parse error: unexpected \",\" in grouping opts, expected label",
        ]
    );
    assert_eq!(errors("{} + rate(up) + {}").len(), 3);
}

#[cfg(feature = "experimental-functions")]
#[test]
fn flags_open_what_is_experimental() {
    for (query, message) in [
        (
            "limitk(1, up)",
            "limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
        ),
        ("mad_over_time(up[5m])", "function \"mad_over_time\" is not enabled"),
        ("up anchored", "anchored modifier is experimental and not enabled"),
        ("a + fill(0) b", "binop fill modifiers are experimental and not enabled"),
    ] {
        let refused = parse(query, &ParserOptions::default()).unwrap_err();
        assert_eq!(refused.first().unwrap().message, message);
        assert!(all(query).is_ok(), "{query}");
    }
    assert!(parse("up[5m * 2]", &ParserOptions::default()).is_ok());
    let old = ParserOptions { duration_expressions: false, ..ParserOptions::default() };
    assert!(parse("up[5m * 2]", &old).is_err());
    assert!(parse("up[5m] offset -5m", &old).is_ok());
}

#[test]
fn hostile_text_fails_soon() {
    let deep = "(".repeat(10_000) + "1" + &")".repeat(10_000);
    assert_eq!(
        errors(&deep),
        ["1:258: parse error: expression is nested more than 256 levels deep"]
    );
    for query in [
        "-".repeat(10_000) + "up",
        "2".to_owned() + &"^2".repeat(10_000),
        "up".to_owned() + &"[1m:]".repeat(1_000),
        "up[".to_owned() + &"(".repeat(10_000) + "1m" + &")".repeat(10_000) + "]",
        "up[".to_owned() + &"-".repeat(10_000) + "step()]",
        "abs(".repeat(10_000) + "up" + &")".repeat(10_000),
        "sum(".repeat(10_000) + "up",
    ] {
        let message = errors(&query)[0].clone();
        assert!(message.contains("levels deep"), "{message}");
    }
    let long = errors(&"up + ".repeat(250_000))[0].clone();
    assert!(long.contains("longer than"), "{long}");
    let many = errors(&("up".to_owned() + &" + up".repeat(100_000)))[0].clone();
    assert!(many.contains("more than 100000 nodes"), "{many}");
    let terms = errors(&("up[1".to_owned() + &"+1".repeat(100_000) + "]"))[0].clone();
    assert!(terms.contains("more than 100000 nodes"), "{terms}");
    assert_eq!(errors(&"{} + ".repeat(20_000)).len(), 1);
    assert_eq!(errors(&("{}".to_owned() + &" + {}".repeat(20_000))).len(), 100);
}

#[test]
fn a_long_chain_needs_no_stack() {
    let query = "up".to_owned() + &" + up".repeat(40_000);
    let ast = all(&query).unwrap();
    assert_eq!(ast.len(), 80_001);
    assert_eq!(ast.to_string(), query);
    assert_eq!(ast.left_spine(ast.root()).len(), 40_000);
    assert!(ast.pretty().len() < 100 * query.len(), "indentation is bounded");
    drop(ast);
    let shorter = "up".to_owned() + &" + up".repeat(1_000);
    let pretty = all(&shorter).unwrap().pretty();
    assert_eq!(all(&pretty).unwrap().to_string(), shorter);
    let terms = "up[1".to_owned() + &" + 1".repeat(40_000) + "]";
    assert_eq!(all(&terms).unwrap().to_string(), terms);
}

#[cfg(feature = "experimental-functions")]
#[test]
fn prints_what_it_read() {
    for (query, printed) in [
        ("a+b*-c^2", "a + b * -c ^ 2"),
        ("SUM(a)BY(b,c)", "sum by (b, c) (a)"),
        ("sum by (\"without\", \"by\", é) (a)", ""),
        ("sum by (\"without\", \"by\", 'é') (a)", "sum by (\"without\", by, \"é\") (a)"),
        ("a{c='x',b!~`y`,}", "a{b!~\"y\",c=\"x\"}"),
        ("{'a.b', 'c.d'=\"e\"}", "{\"c.d\"=\"e\",__name__=\"a.b\"}"),
        ("a[90s] @ 5 offset -1d12h", "a[1m30s] @ 5.000 offset -1d12h"),
        ("a[0.0015:3]", "a[0.0015:3s]"),
        ("a[(5m+1) * -step()]", "a[(5m + 1) * -step()]"),
        ("a offset 0s", "a"),
        ("a offset (5m) * 2", "a offset (5m) * 2"),
        ("a offset ++1 + +0", "a offset (1 + 0)"),
        ("a offset -+(5) ^ 2", "a offset (-(5) ^ 2)"),
        ("a offset --step() * 2", "a offset --step() * 2"),
        ("a offset 5m * 2", "a offset 5m * 2"),
        ("5m + 0x10 + 1e3 + 010 + Inf", "5m + 16 + 1000 + 8 + +Inf"),
        ("'\\ufffd\\n\"'", "\"\\ufffd\\n\\\"\""),
        ("a + ignoring () group_left b", "a + ignoring () group_left () b"),
        ("a + fill_left(1e6) fill_right(1000000) b", "a + fill (1e+06) b"),
        ("info(up, {})", "info(up, {})"),
    ] {
        if printed.is_empty() {
            assert!(all(query).is_err(), "{query}");
            continue;
        }
        let ast = all(query).unwrap_or_else(|e| panic!("{query}: {e}"));
        assert_eq!(ast.to_string(), printed, "{query}");
        assert_eq!(all(printed).unwrap().to_string(), printed);
    }
}

#[test]
fn breaks_long_expressions_over_lines() {
    let ast = all("sum by (a) (rate(b{c=\"d\"}[5m])) / on (a) topk(3, -e)").unwrap();
    assert_eq!(
        ast.pretty_within(15),
        "  sum by (a) (\n    rate(\n      b{c=\"d\"}[5m]\n    )\n  )\n/ on (a)\n  topk(3, -e)"
    );
    assert_eq!(ast.pretty(), ast.to_string());
}

#[test]
fn operators_bind_as_in_the_manual() {
    // The tree is shown by the spans of the operators' operands.
    for (query, lhs, rhs) in [
        ("a or b and c", "a", "b and c"),
        ("a - b - c", "a - b", "c"),
        ("a ^ b ^ c", "a", "b ^ c"),
        ("-a ^ b * c", "-a ^ b", "c"),
        ("a == b + c % d", "a", "b + c % d"),
        ("a atan2 b * c", "a atan2 b", "c"),
        ("a offset 5m ^ b", "a offset 5m", "b"),
        ("a offset -5m * b", "a offset -5m", "b"),
        ("a @ 1 + b @ end()", "a @ 1", "b @ end()"),
    ] {
        let ast = all(query).unwrap();
        let ExprKind::Binary(binary) = &ast.root_expr().kind else { panic!("{query}") };
        assert_eq!(ast[binary.lhs].span.slice(query), lhs);
        assert_eq!(ast[binary.rhs].span.slice(query), rhs);
    }
}

#[test]
fn keywords_are_metric_names_where_nothing_else_can_stand() {
    for query in [
        "sum",
        "by",
        "offset offset 5m",
        "and and and",
        "start",
        "fill + fill",
        "on_x",
        "sum{a='b'}",
    ] {
        assert!(all(query).is_ok(), "{query}");
    }
    for query in ["on", "bool", "group_left", "ignoring", "atan2"] {
        assert!(all(query).is_err(), "{query}");
    }
}

#[test]
fn matching_is_settled_by_the_types() {
    let matching = |query: &str| {
        let ast = all(query).unwrap();
        let ExprKind::Binary(binary) = &ast.root_expr().kind else { panic!("{query}") };
        binary.matching.as_ref().map(|matching| matching.card)
    };
    assert_eq!(matching("1 + 1"), None);
    assert_eq!(matching("a + 1"), None);
    assert_eq!(matching("a + b"), Some(Cardinality::OneToOne));
    assert_eq!(matching("a and b"), Some(Cardinality::ManyToMany));
    assert_eq!(matching("a * on () group_right b"), Some(Cardinality::OneToMany));
}

#[test]
fn spans_and_headings() {
    let query = "sum by (a) (rate(b{c=\"d\"}[5m] offset 1m)) > bool 5";
    let ast = all(query).unwrap();
    let seen: Vec<(&str, String)> =
        ast.iter().map(|(id, expr)| (expr.span.slice(query), ast.heading(id))).collect();
    assert_eq!(
        seen,
        [
            ("b{c=\"d\"}[5m] offset 1m", "b{c=\"d\"}[5m] offset 1m".to_owned()),
            ("rate(b{c=\"d\"}[5m] offset 1m)", "rate".to_owned()),
            ("sum by (a) (rate(b{c=\"d\"}[5m] offset 1m))", "sum by (a)".to_owned()),
            ("5", "5".to_owned()),
            (query, "> bool".to_owned()),
        ]
    );
    let selector = ast[NodeId(0)].kind.selector().unwrap();
    assert_eq!(selector.span, Span::new(17, 25));
    assert_eq!(selector.matchers[0].span.slice(query), "c=\"d\"");
}

#[test]
fn durations_are_computed_late() {
    use go::Duration;
    let value = |query: &str| {
        let ast = all(query).unwrap();
        let ExprKind::Matrix(matrix) = &ast.root_expr().kind else { panic!("{query}") };
        match &matrix.range {
            DurationArg::Fixed(duration) => Ok(*duration),
            DurationArg::Computed(expr) => expr
                .evaluate(Duration::from_secs(15), Duration::from_secs(3600), false)
                .map_err(|error| error.to_string()),
        }
    };
    assert_eq!(value("a[5m]"), Ok(Duration::from_secs(300)));
    assert_eq!(value("a[step() * 4]"), Ok(Duration::from_secs(60)));
    assert_eq!(value("a[range() / 2 ^ 2 - 1m]"), Ok(Duration::from_secs(840)));
    assert_eq!(value("a[min_of(step(), max_of(5, 10))]"), Ok(Duration::from_secs(10)));
    assert_eq!(value("a[-(-step() % 10)]"), Ok(Duration::from_secs(5)));
    assert_eq!(value("a[step() - 15s]"), Err("2:14: duration must be greater than 0".to_owned()));
    assert_eq!(value("a[1 / (step() - 15)]"), Err("2:18: division by zero".to_owned()));
    assert_eq!(value("a[1e9 ^ 2]"), Err("2:9: duration is out of range".to_owned()));
}

#[test]
fn metric_selectors_end_behind_name_and_braces() {
    let read = |text: &str| match parse_metric_selector(text, &ParserOptions::default()) {
        Ok(matchers) => format!("{matchers:?}"),
        Err(errors) => errors.to_string(),
    };
    for (text, expected) in [
        ("up", r#"[__name__="up"]"#),
        ("sum", r#"[__name__="sum"]"#),
        ("{}", "[]"),
        (r#"up{a=~"b"}"#, r#"[a=~"b", __name__="up"]"#),
        (r#"{"a b"}"#, r#"[__name__="a b"]"#),
        ("rate(up[5m])", "1:5: parse error: unexpected \"(\""),
        ("up offset 5m", "1:4: parse error: unexpected <offset>"),
        ("1", "1:1: parse error: unexpected number \"1\""),
        ("up{", "1:4: parse error: unexpected end of input inside braces"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn selectors_can_be_changed() {
    let mut ast = all("rate(a[5m]) / b{c='d'}").expect("the query is valid");
    ast.edit_selectors(|selector| {
        selector.matchers.retain(|matcher| &*matcher.name == crate::METRIC_NAME);
    });
    assert_eq!(ast.to_string(), "rate(a[5m]) / b");
}
