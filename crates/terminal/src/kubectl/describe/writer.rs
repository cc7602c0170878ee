//! The text of a description, and the parts that descriptions of several kinds share.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe PrefixWriter, printLabelsMultiline and the like.

use kubernetes::object::Value;

use crate::tabwriter::align;

/// Annotations that a description does not show.
const HIDDEN: &[&str] = &["kubectl.kubernetes.io/last-applied-configuration"];

/// Bytes of an annotation that stand on the line of its key.
const LONGEST: usize = 140;

/// Text that is aligned at its end, and wherever it is flushed.
#[derive(Default)]
pub(super) struct Writer {
    aligned: String,
    text: String,
}

impl Writer {
    /// Adds text after two spaces for each level.
    pub fn put(&mut self, level: usize, text: &str) {
        self.text.extend(std::iter::repeat_n("  ", level));
        self.text.push_str(text);
    }

    /// Adds a line after two spaces for each level.
    pub fn line(&mut self, level: usize, text: &str) {
        self.put(level, text);
        self.text.push('\n');
    }

    /// Adds a line with a title and a value.
    pub fn field(&mut self, level: usize, title: &str, value: impl std::fmt::Display) {
        self.line(level, &format!("{title}:\t{value}"));
    }

    /// Adds a line with cells.
    pub fn row(&mut self, level: usize, cells: &[&str]) {
        self.line(level, &cells.join("\t"));
    }

    /// Ends the columns so far.
    pub fn flush(&mut self) {
        self.aligned.push_str(&align(&self.text, 0, 2));
        self.text.clear();
    }

    /// The text with tabs between its columns.
    pub fn tabbed(self) -> String {
        self.text
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.flush();
        self.aligned
    }

    /// Name and namespace, as most descriptions begin.
    pub fn name(&mut self, object: &Value) {
        let metadata = &object["metadata"];
        self.field(0, "Name", metadata.str("name"));
        self.field(0, "Namespace", metadata.str("namespace"));
    }

    /// A title with one value on each line; `<none>` without any.
    pub fn lines(&mut self, title: &str, values: &[String]) {
        self.indented_lines("", title, values);
    }

    /// The same after an indent.
    pub fn indented_lines(&mut self, indent: &str, title: &str, values: &[String]) {
        if values.is_empty() {
            return self.line(0, &format!("{indent}{title}:\t<none>"));
        }
        for (number, value) in values.iter().enumerate() {
            let title = if number == 0 { format!("{title}:") } else { String::new() };
            self.line(0, &format!("{indent}{title}\t{value}"));
        }
    }

    /// Labels, one on each line.
    pub fn labels(&mut self, title: &str, labels: &Value) {
        self.lines(title, &pairs(labels));
    }

    /// The labels and annotations of an object.
    pub fn labels_and_annotations(&mut self, object: &Value) {
        let metadata = &object["metadata"];
        self.labels("Labels", &metadata["labels"]);
        self.annotations("Annotations", &metadata["annotations"]);
    }

    /// Annotations; a long value stands on lines of its own, cut off.
    pub fn annotations(&mut self, title: &str, annotations: &Value) {
        let shown: Vec<(&str, &str)> = annotations
            .as_map()
            .into_iter()
            .flat_map(|map| map.iter())
            .map(|(key, value)| (&**key, value.as_str().unwrap_or_default()))
            .filter(|(key, _)| !HIDDEN.contains(key))
            .collect();
        if shown.is_empty() {
            return self.line(0, &format!("{title}:\t<none>"));
        }
        for (number, (key, value)) in shown.iter().enumerate() {
            let title = if number == 0 { format!("{title}:") } else { String::new() };
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 <= LONGEST && !value.contains('\n') {
                self.line(0, &format!("{title}\t{key}: {value}"));
                continue;
            }
            self.line(0, &format!("{title}\t{key}:"));
            for line in value.split('\n') {
                self.line(0, &format!("\t  {}", shortened(line)));
            }
        }
    }
}

/// A line of an annotation with the length that is shown.
fn shortened(line: &str) -> String {
    let most = LONGEST - 2;
    if line.len() <= most {
        return line.to_owned();
    }
    let end = (0..=most).rev().find(|end| line.is_char_boundary(*end)).unwrap_or_default();
    format!("{}...", &line[..end])
}

/// Labels as `key=value`, sorted by key.
pub(super) fn pairs(labels: &Value) -> Vec<String> {
    let entries = labels.as_map().into_iter().flat_map(|map| map.iter());
    entries.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect()
}

/// Labels on one line: `a=b,c=d`. Source: apimachinery labels.FormatLabels.
pub(super) fn joined_labels(labels: &Value) -> String {
    or(&pairs(labels).join(","), "<none>")
}

/// The text, or another one if it is empty.
pub(super) fn or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise } else { text }.to_owned()
}

/// A time as descriptions show it: `Mon, 30 Nov 2026 00:58:49 +0000`.
pub(super) fn time(text: &str) -> String {
    let at = kubernetes::columns::seconds(text);
    // Go's zero time is the year 1.
    at.map_or_else(
        || "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(),
        |at| go::time::DateTime::of_unix(at, 0).format("Mon, 02 Jan 2006 15:04:05 -0700"),
    )
}

/// A boolean as descriptions show it; `<unset>` without one.
pub(super) fn truth(value: &Value) -> &'static str {
    match value.as_bool() {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    }
}

/// Texts of a list, with a separator between them.
pub(super) fn texts(list: &[Value], separator: &str) -> String {
    list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(separator)
}

/// A quantity in its canonical form; `0` without one.
pub(super) fn quantity(value: &Value) -> String {
    let text = scalar(value);
    if text.is_empty() {
        return "0".to_owned();
    }
    kubernetes::object::quantity::canonical(&text).unwrap_or(text)
}

/// A text or a number as text; empty without one.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => kubernetes::object::go_value(value),
    }
}

#[cfg(test)]
mod tests {
    use kubernetes::object::parse_json;

    use super::*;

    fn json(text: &str) -> Value {
        parse_json(text).expect("the test has valid JSON")
    }

    #[test]
    fn labels_stand_below_each_other() {
        let mut writer = Writer::default();
        writer.labels("Labels", &json(r#"{"b":"2","a":"1"}"#));
        writer.labels("Node-Selectors", &json("{}"));
        assert_eq!(
            writer.finish(),
            "Labels:          a=1\n                 b=2\nNode-Selectors:  <none>\n"
        );
    }

    #[test]
    fn long_annotations_are_cut_off() {
        let mut writer = Writer::default();
        let long = "x".repeat(150);
        writer.annotations("Annotations", &json(&format!(r#"{{"a":"{long}","b":"y\nz"}}"#)));
        let cut = "x".repeat(138);
        let expected = format!(
            "Annotations:  a:\n                {cut}...\n              b:\n                y\n                z\n"
        );
        assert_eq!(writer.finish(), expected);
    }

    #[test]
    fn applied_configuration_is_hidden() {
        let mut writer = Writer::default();
        writer.annotations(
            "Annotations",
            &json(r#"{"kubectl.kubernetes.io/last-applied-configuration":"{}"}"#),
        );
        assert_eq!(writer.finish(), "Annotations:  <none>\n");
    }

    #[test]
    fn times_have_a_weekday() {
        assert_eq!(time("2026-11-30T00:58:49Z"), "Mon, 30 Nov 2026 00:58:49 +0000");
    }
}
