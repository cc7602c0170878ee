//! Arguments of a container: those of the Operator and additional ones.
//!
//! Source: prometheus-operator pkg/operator/argument.go.

use kubernetes::object::Value;

use crate::store::Checked;

/// Arguments by name. An empty value means that the name stands alone.
#[derive(Clone, Debug, Default)]
pub struct Arguments(Vec<(String, String)>);

impl Arguments {
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Adds an argument if the field is set.
    pub fn copy(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => self.add(name, &**text),
            Value::Int(number) => self.add(name, number.to_string()),
            _ => {}
        }
    }

    /// Adds an argument unless the text is empty.
    pub fn copy_text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.add(name, text);
        }
    }

    /// Adds an argument if the number is more than 0.
    pub fn copy_positive(&mut self, name: &str, value: &Value) {
        if value.as_int().is_some_and(|number| number > 0) {
            self.copy(name, value);
        }
    }

    /// The arguments as texts, with the additional ones, which may not repeat one.
    pub fn build(&self, additional: &[Value]) -> Checked<Vec<String>> {
        let known = |name: &str| self.0.iter().any(|(own, _)| own == name);
        let mut clashes = Vec::new();
        for one in additional {
            let name = one.str("name");
            let negated = match name.strip_prefix("no-") {
                Some(rest) => rest.to_owned(),
                None => format!("no-{name}"),
            };
            if known(name) {
                clashes.push(name.to_owned());
            } else if known(&negated) {
                clashes.push(negated);
            }
        }
        if !clashes.is_empty() {
            return Err(format!(
                "can't set arguments which are already managed by the operator: {}",
                clashes.join(",")
            ));
        }
        let shown = |name: &str, value: &str| match value {
            "" => format!("--{name}"),
            value => format!("--{name}={value}"),
        };
        let own = self.0.iter().map(|(name, value)| shown(name, value));
        let more = additional.iter().map(|one| shown(one.str("name"), one.str("value")));
        Ok(own.chain(more).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn additional_arguments_may_not_repeat_one() {
        let mut arguments = Arguments::default();
        arguments.add("web.enable-lifecycle", "");
        arguments.add("log.level", "debug");
        let more = |name: &str| {
            let json = format!(r#"[{{"name":"{name}","value":"1"}}]"#);
            let list = parse_json(&json).expect("JSON");
            arguments.build(list.as_list().unwrap_or_default())
        };
        let built = more("x").expect("no clash");
        assert_eq!(built, ["--web.enable-lifecycle", "--log.level=debug", "--x=1"]);
        for name in ["log.level", "no-web.enable-lifecycle"] {
            assert!(more(name).is_err(), "{name}");
        }
    }
}
