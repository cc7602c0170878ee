use super::*;

fn expand_with(text: &str, value: f64) -> Result<String, String> {
    let labels = [("job", "api"), ("instance", "web-1.example.org:9090")];
    let strings = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let query = |text: &str| match text {
        "fails" => Err("it fails".to_owned()),
        "empty" => Ok(Vec::new()),
        _ => Ok(["b", "a"]
            .iter()
            .zip([1.0, 2.5])
            .map(|(name, value)| TemplateSample {
                labels: BTreeMap::from([("n".to_owned(), (*name).to_owned())]),
                value: SampleValue::Float(value),
            })
            .collect()),
    };
    expand(
        text,
        &TemplateContext {
            name: "__alert_Test",
            labels: strings(&labels),
            external_labels: strings(&[("region", "eu")]),
            external_url: "http://prom.example.org/path",
            value: SampleValue::Float(value),
            now: 1_700_000_000_000,
            query: &query,
            limits: &Cell::new(LIMITS),
        },
    )
}

#[test]
fn expands() {
    for (text, expected) in [
        ("plain", "plain"),
        ("{{ $labels.job }} is at {{ $value }}", "api is at 1234.5"),
        ("{{ .Labels.instance }} {{ .Value | humanize }}", "web-1.example.org:9090 1.234k"),
        ("{{ $labels.missing }}|", "|"),
        (
            "{{ $externalLabels.region }} {{ externalURL }} {{ pathPrefix }}",
            "eu http://prom.example.org/path /path",
        ),
        ("a {{- /* gone */ -}} b", "ab"),
        ("a {{- 1 -}} b", "a1b"),
        ("{{ if gt $value 1000.0 }}high{{ else if eq 1 1 }}x{{ else }}low{{ end }}", "high"),
        ("{{ if and (lt $value 5.0) (eq 1 1) }}x{{ else }}y{{ end }}", "y"),
        ("{{ with $labels.missing }}x{{ else }}none{{ end }}", "none"),
        ("{{ with query \"q\" }}{{ . | first | value | humanize }}{{ end }}", "1"),
        (
            "{{ range query \"q\" | sortByLabel \"n\" }}{{ .Labels.n }}={{ .Value }} {{ end }}",
            "a=2.5 b=1 ",
        ),
        ("{{ range $i, $s := query \"q\" }}{{ $i }}{{ $s.Labels.n }}{{ end }}", "0b1a"),
        ("{{ range query \"q\" }}{{ break }}{{ end }}x", "x"),
        ("{{ range query \"empty\" }}x{{ else }}nothing{{ end }}", "nothing"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ define \"t\" }}<{{ . }}>{{ end }}{{ template \"t\" $labels.job }}", "<api>"),
        ("{{ with args 1 \"b\" }}{{ .arg0 }}{{ .arg1 }}{{ .arg2 }}{{ end }}", "1b<no value>"),
        (
            "{{ printf \"%.2f %5d|%-4s|%q %v\" $value 7 \"a\" \"b\" true }}",
            "1234.50     7|a   |\"b\" true",
        ),
        ("{{ printf \"%d %s\" 1.5 2 }}", "%!d(float64=1.5) %!s(int=2)"),
        ("{{ len $labels.job }} {{ index $labels \"job\" }} {{ slice \"abcd\" 1 3 }}", "3 api bc"),
        ("{{ print 1 2 \"a\" 3 }}", "1 2a3"),
        (
            "{{ toUpper \"ab\" }}{{ title \"foo bar\" }}{{ stripPort \"h:1\" }} {{ stripDomain $labels.instance }}",
            "ABFoo Barh web-1:9090",
        ),
        (
            r#"{{ reReplaceAll "(\\w+)\\s+(\\w+)" "$2-${1}" "a b" }} {{ match "\\bx\\b" "a x" }}"#,
            "b-a true",
        ),
        (
            "{{ with toTime 1700000000.5 }}{{ .Year }} {{ .Month }} {{ .Weekday }} {{ .Format \"15:04 Jan 2\" }}{{ end }}",
            "2023 November Tuesday 22:13 Nov 14",
        ),
        ("{{ (toDuration 90.5).Minutes }} {{ .Labels | len }}", "1.5083333333333333 2"),
        (
            "{{ stripDomain \"10.0.0.1:80\" }} {{ reReplaceAll \"(a+)b\" \"$1-\" \"aab\" }} {{ match \"^a\" \"ba\" }}",
            "10.0.0.1:80 aa- false",
        ),
        (
            "{{ humanize1024 2048.0 }} {{ humanizeDuration 93784.0 }} {{ humanizePercentage 0.12345 }}",
            "2ki 1d 2h 3m 4s 12.35%",
        ),
        (
            "{{ humanizeDuration 0.00012 }} {{ humanizeDuration \"-61\" }} {{ humanize 0.012 }}",
            "120us -1m 1s 12m",
        ),
        (
            "{{ humanizeTimestamp 1700000000.5 }} {{ toDuration 90.5 }}",
            "2023-11-14 22:13:20.5 +0000 UTC 1m30.5s",
        ),
        ("{{ parseDuration \"1h30m\" }} {{ now }}", "5400 1.7e+09"),
        (
            "{{ urlQueryEscape \"a b&c\" }} {{ graphLink \"up == 1\" }}",
            "a+b%26c /graph?g0.expr=up+%3D%3D+1&g0.tab=0",
        ),
        ("{{ not true }}{{ or \"\" \"b\" }}{{ and 1 0 }}", "falseb0"),
        ("{{ `raw` }}{{ 'a' }}{{ \"q\\\"\" }}", "raw97q\""),
    ] {
        assert_eq!(expand_with(text, 1234.5).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn faults_are_worded_as_gos() {
    for (text, error) in [
        (
            "{{ foo }}",
            "error parsing template __alert_Test: template: __alert_Test:1: function \"foo\" not defined",
        ),
        (
            "\n{{ $x }}",
            "error parsing template __alert_Test: template: __alert_Test:2: undefined variable \"$x\"",
        ),
        (
            "{{ if true }}x",
            "error parsing template __alert_Test: template: __alert_Test:1: unexpected EOF",
        ),
        (
            "{{ query \"fails\" }}",
            "error executing template __alert_Test: template: __alert_Test:1:115: executing \"__alert_Test\" at <query \"fails\">: error calling query: it fails",
        ),
        (
            "{{ reReplaceAll \"[\" \"\" \"a\" }}",
            "error executing template __alert_Test: template: __alert_Test:1:115: executing \"__alert_Test\" at <reReplaceAll \"[\" \"\" \"a\">: error calling reReplaceAll: regexp: Compile(`[`): error parsing regexp: missing closing ]: `[`",
        ),
        (
            "{{ if gt $value 5 }}x{{ end }}",
            "error executing template __alert_Test: template: __alert_Test:1:118: executing \"__alert_Test\" at <gt $value 5>: error calling gt: incompatible types for comparison: float64 and int",
        ),
    ] {
        let got = expand_with(text, 1.0).unwrap_err();
        assert_eq!(got, error, "{text}");
    }
    for text in [
        "{{ .Foo }}",
        "{{ first (query \"empty\") }}",
        "{{ \"a\" | 5 }}",
        "{{",
        "{{ \"a }}",
        "{{ end }}",
        "{{ humanize \"x\" }}",
        "{{ break }}",
        "{{ template \"x\" }}",
        "{{ $labels.job.x }}",
    ] {
        assert!(expand_with(text, 1.0).is_err(), "{text}");
    }
}

#[test]
fn stays_within_bounds() {
    let deep = format!("{}{}", "{{ if true }}".repeat(10_000), "{{ end }}".repeat(10_000));
    assert!(expand_with(&deep, 1.0).is_err());
    let parens = format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(expand_with(&parens, 1.0).is_err());
    assert!(
        expand_with("{{ define \"a\" }}{{ template \"a\" }}{{ end }}{{ template \"a\" }}", 1.0)
            .is_err()
    );
    assert!(expand_with("{{ range 2000000 }}{{ range 2000000 }}x{{ end }}{{ end }}", 1.0).is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "(\\{\\{|\\}\\}|[a-z$.|:=\"'(){} -]|if|end|range|humanize){0,40}") {
        let _ = expand_with(&text, 1.0);
    }
}

#[test]
fn the_templates_of_an_evaluation_share_their_limits() {
    let limits = Cell::new(Limits { steps: 100, ..LIMITS });
    let context = TemplateContext {
        name: "__alert_Test",
        labels: BTreeMap::new(),
        external_labels: BTreeMap::new(),
        external_url: "",
        value: SampleValue::Float(1.0),
        now: 0,
        query: &|_| Ok(Vec::new()),
        limits: &limits,
    };
    let results: Vec<_> = (0..20).map(|_| expand("{{ $value }}{{ $value }}", &context)).collect();
    assert_eq!(results[0].as_deref(), Ok("11"));
    let error = results[19].as_ref().expect_err("nothing is left");
    assert!(error.contains("the template takes too many steps"), "{error}");
}
