//! A file of tests, read strictly: a key that is not known is an error.
//!
//! Source: cmd/promtool/unittest.go, whose structures are decoded with `yaml.UnmarshalStrict`.

use std::collections::BTreeMap;

use super::{AlertTest, ExprTest, TestGroup, UnitTestFile};
use go::Duration;
use go::quote::quote;
use promql::Timestamp;
use text::{LineIndex, Severity};
use yaml::scalars::{self, GoError};
use yaml::{Node, Parsed};

/// The error ends the decoding at once. All other errors are listed in [`TestFileDecoder::errors`].
type Read<T> = Result<T, String>;

/// Decodes a file and lists what does not fit.
struct TestFileDecoder<'a> {
    parsed: &'a Parsed,
    lines: LineIndex,
    errors: Vec<String>,
}

/// Reads a file of tests. The errors are what promtool prints first.
pub fn load(parsed: &Parsed) -> Result<UnitTestFile, Vec<String>> {
    let syntax = parsed.diagnostics.iter().find(|one| one.severity == Severity::Error);
    if let Some(error) = parsed.refusal.as_ref().or(syntax.map(|error| &error.message)) {
        return Err(vec![error.clone()]);
    }
    let mut file = UnitTestFile {
        rule_files: Vec::new(),
        evaluation_interval: Duration::from_secs(60),
        group_eval_order: Vec::new(),
        tests: Vec::new(),
        fuzzy_compare: false,
    };
    let Some(root) = parsed.root() else { return Ok(file) };
    let lines = LineIndex::new(&parsed.source.text);
    let mut reader = TestFileDecoder { parsed, lines, errors: Vec::new() };
    reader.file(root, &mut file).map_err(|error| vec![error])?;
    if !reader.errors.is_empty() {
        return Err(vec![format!("yaml: unmarshal errors:{}", reader.errors.concat())]);
    }
    for (at, name) in file.group_eval_order.iter().enumerate() {
        if file.group_eval_order.iter().take(at).any(|earlier| earlier == name) {
            return Err(vec![format!("group name repeated in evaluation order: {name}")]);
        }
    }
    Ok(file)
}

impl TestFileDecoder<'_> {
    fn file(&mut self, root: &Node, file: &mut UnitTestFile) -> Read<()> {
        self.fields(root, "main.unitTestFile", |reader, key, node| {
            match key {
                "rule_files" => file.rule_files = reader.list(node, "[]string", Self::text)?,
                "evaluation_interval" => {
                    // Zero stands for the default.
                    let interval = reader.duration(node)?;
                    if interval.millis() > 0 {
                        file.evaluation_interval = interval;
                    }
                }
                "group_eval_order" => {
                    file.group_eval_order = reader.list(node, "[]string", Self::text)?;
                }
                "tests" => file.tests = reader.list(node, "[]main.testGroup", Self::test_group)?,
                "fuzzy_compare" => {
                    file.fuzzy_compare = reader.fit(node, scalars::bool(node))?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        for test in &mut file.tests {
            if test.interval.millis() == 0 {
                test.interval = file.evaluation_interval;
            }
        }
        Ok(())
    }

    fn test_group(&mut self, node: &Node) -> Read<TestGroup> {
        let mut group = TestGroup {
            name: String::new(),
            interval: Duration(0),
            start: 0,
            input_series: Vec::new(),
            alert_tests: Vec::new(),
            expr_tests: Vec::new(),
            external_labels: BTreeMap::new(),
            external_url: String::new(),
        };
        self.fields(node, "main.testGroup", |reader, key, node| {
            match key {
                "interval" => group.interval = reader.duration(node)?,
                "name" => group.name = reader.text(node)?,
                "input_series" => {
                    group.input_series = reader.list(node, "[]main.series", Self::input_series)?;
                }
                "alert_rule_test" => {
                    group.alert_tests =
                        reader.list(node, "[]main.alertTestCase", Self::alert_test)?;
                }
                "promql_expr_test" => {
                    group.expr_tests =
                        reader.list(node, "[]main.promqlTestCase", Self::expr_test)?;
                }
                "external_labels" => group.external_labels = reader.strings(node)?,
                "external_url" => group.external_url = reader.text(node)?,
                "start_timestamp" => group.start = read_time(&reader.text(node)?)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(group)
    }

    fn input_series(&mut self, node: &Node) -> Read<(String, String)> {
        let (mut series, mut values) = (String::new(), String::new());
        self.fields(node, "main.series", |reader, key, node| {
            match key {
                "series" => series = reader.text(node)?,
                "values" => values = reader.text(node)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok((series, values))
    }

    fn alert_test(&mut self, node: &Node) -> Read<AlertTest> {
        let mut test =
            AlertTest { eval_time: Duration(0), alertname: String::new(), expected: Vec::new() };
        self.fields(node, "main.alertTestCase", |reader, key, node| {
            match key {
                "eval_time" => test.eval_time = reader.duration(node)?,
                "alertname" => test.alertname = reader.text(node)?,
                "exp_alerts" => {
                    test.expected = reader.list(node, "[]main.alert", Self::expected_alert)?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(test)
    }

    fn expected_alert(
        &mut self,
        node: &Node,
    ) -> Read<(BTreeMap<String, String>, BTreeMap<String, String>)> {
        let (mut labels, mut annotations) = (BTreeMap::new(), BTreeMap::new());
        self.fields(node, "main.alert", |reader, key, node| {
            match key {
                "exp_labels" => labels = reader.strings(node)?,
                "exp_annotations" => annotations = reader.strings(node)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok((labels, annotations))
    }

    fn expr_test(&mut self, node: &Node) -> Read<ExprTest> {
        let mut test =
            ExprTest { expr: String::new(), eval_time: Duration(0), expected: Vec::new() };
        self.fields(node, "main.promqlTestCase", |reader, key, node| {
            match key {
                "expr" => test.expr = reader.text(node)?,
                "eval_time" => test.eval_time = reader.duration(node)?,
                "exp_samples" => {
                    test.expected = reader.list(node, "[]main.sample", Self::expected_sample)?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(test)
    }

    fn expected_sample(&mut self, node: &Node) -> Read<(String, f64, String)> {
        let mut sample = (String::new(), 0.0, String::new());
        self.fields(node, "main.sample", |reader, key, node| {
            match key {
                "labels" => sample.0 = reader.text(node)?,
                "value" => sample.1 = reader.fit(node, scalars::float(node))?,
                "histogram" => sample.2 = reader.text(node)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(sample)
    }

    /// Reads each entry of a mapping; `read` returns false for a key that it does not know. Null is
    /// an empty mapping, and the zero value of any key.
    fn fields(
        &mut self,
        node: &Node,
        go_type: &str,
        mut read: impl FnMut(&mut Self, &str, &Node) -> Read<bool>,
    ) -> Read<()> {
        if node.is_null() {
            return Ok(());
        }
        if node.as_mapping().is_none() {
            return self.fit(node, Err(scalars::mismatch(node, go_type)));
        }
        for entry in node.entries() {
            let key = match scalars::string(&entry.key) {
                Ok(key) => key,
                Err(error) => {
                    self.fit::<()>(&entry.key, Err(error))?;
                    continue;
                }
            };
            if !read(self, &key, &entry.value)? {
                self.complain(&entry.key, &format!("field {key} not found in type {go_type}"));
            }
        }
        Ok(())
    }

    fn list<T>(
        &mut self,
        node: &Node,
        go_type: &str,
        read: impl Fn(&mut Self, &Node) -> Read<T>,
    ) -> Read<Vec<T>> {
        if node.is_null() {
            return Ok(Vec::new());
        }
        if node.as_sequence().is_none() {
            return self.fit(node, Err(scalars::mismatch(node, go_type)));
        }
        node.items().iter().map(|item| read(self, item)).collect()
    }

    fn text(&mut self, node: &Node) -> Read<String> {
        if node.is_null() {
            return Ok(String::new());
        }
        self.fit(node, scalars::string(node).map(|text| text.into_owned()))
    }

    fn strings(&mut self, node: &Node) -> Read<BTreeMap<String, String>> {
        if node.is_null() {
            return Ok(BTreeMap::new());
        }
        if node.as_mapping().is_none() {
            return self.fit(node, Err(scalars::mismatch(node, "map[string]string")));
        }
        node.entries().map(|entry| Ok((self.text(&entry.key)?, self.text(&entry.value)?))).collect()
    }

    fn duration(&mut self, node: &Node) -> Read<Duration> {
        if node.is_null() {
            return Ok(Duration(0));
        }
        let text = match scalars::string(node) {
            Ok(text) => text,
            Err(error) => return self.fit(node, Err(error)),
        };
        Duration::parse(&text).map_err(|error| error.to_string())
    }

    /// The value if it fits. What does not fit is listed, and its zero value taken.
    fn fit<T: Default>(&mut self, node: &Node, value: Result<T, GoError>) -> Read<T> {
        match value {
            Ok(value) => Ok(value),
            Err(GoError::Fatal(message)) => Err(format!("yaml: {message}")),
            Err(error @ GoError::Mismatch(_)) => {
                self.complain(node, &error.to_string());
                Ok(T::default())
            }
        }
    }

    fn complain(&mut self, node: &Node, message: &str) {
        let at = self.parsed.source.from_host(node.written_span().start);
        let line = self.lines.line_number(at);
        self.errors.push(format!("\n  line {line}: {message}"));
    }
}

/// Parses a time: Unix seconds with optional fraction, or RFC 3339.
pub fn read_time(text: &str) -> Result<Timestamp, String> {
    if let Ok(seconds) = text.parse::<f64>()
        && seconds.is_finite()
    {
        return Ok((seconds * 1000.0).round() as i64);
    }
    go::rfc3339::parse_millis(text)
        .ok_or_else(|| format!("cannot parse {text} to a valid timestamp", text = quote(text)))
}
