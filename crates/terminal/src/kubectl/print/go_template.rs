//! Go templates of `-o go-template`.
//!
//! Source: cli-runtime pkg/printers/template.go.

use go::template::{
    Call, Functions, Options, ParseOptions, Signature, Templates, Type, Value as Data,
};
use kubernetes::object::{Value, go_value, to_json};

use crate::kubectl::errors::Failure;
use crate::kubectl::plain_failure;

/// The name that kubectl gives its templates.
const NAME: &str = "output";

/// A template that was read.
pub(crate) struct GoTemplate {
    text: String,
    templates: Templates,
}

/// The functions of kubectl's templates.
struct Kubectl {
    decode: Signature,
    exists: Signature,
}

fn functions() -> Kubectl {
    Kubectl {
        decode: Signature { name: "base64decode", parameters: &[Type::String], variadic: None },
        exists: Signature { name: "exists", parameters: &[Type::Any], variadic: Some(Type::Any) },
    }
}

impl Functions for Kubectl {
    fn signature(&self, name: &str) -> Option<&Signature> {
        match name {
            "base64decode" => Some(&self.decode),
            "exists" => Some(&self.exists),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Data], _: &Call<'_>) -> Result<Data, String> {
        if name == "base64decode" {
            let text = arguments.first().and_then(Data::as_str).unwrap_or_default();
            let bytes = go::base64::decode(text)
                .map_err(|at| format!("illegal base64 data at input byte {at}"))?;
            return Ok(Data::string(String::from_utf8_lossy(&bytes).into_owned()));
        }
        let mut current = arguments.first().cloned().unwrap_or(Data::Nil);
        for key in arguments.iter().skip(1) {
            let next = match (current.as_map(), current.as_list(), key.as_str(), key.as_signed()) {
                (Some(map), _, Some(key), _) => map.get(key).cloned(),
                (_, Some(list), _, Some(at)) => {
                    usize::try_from(at).ok().and_then(|at| list.get(at).cloned())
                }
                _ => None,
            };
            match next {
                Some(next) => current = next,
                None => return Ok(Data::Bool(false)),
            }
        }
        Ok(Data::Bool(true))
    }
}

impl GoTemplate {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let mut templates = Templates::default();
        templates
            .parse(NAME, text, &functions(), ParseOptions::default())
            .map_err(|error| plain_failure(format!("error parsing template {text}, {error}")))?;
        Ok(Self { text: text.to_owned(), templates })
    }

    /// The text for an object. An error is reported on the standard output too.
    pub fn print(&self, object: &Value) -> (String, Option<Failure>) {
        let result = self.templates.execute(NAME, data(object), &functions(), Options::default());
        match result {
            Ok(text) => (text, None),
            Err(error) => {
                let json = to_json(object);
                let shown = go_value(object);
                let text = format!(
                    "Error executing template: {error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{}\n\traw data was:\n\t\t{json}\n\n\tobject given to template engine was:\n\t\t{shown}\n\n",
                    self.text
                );
                let quoted = go::quote::quote(&self.text);
                let failure = plain_failure(format!("error executing template {quoted}: {error}"));
                (text, Some(failure))
            }
        }
    }
}

/// An object as encoding/json decodes it: all numbers are floats.
fn data(value: &Value) -> Data {
    match value {
        Value::Null => Data::Nil,
        Value::Bool(bool) => Data::Bool(*bool),
        Value::Int(int) => Data::Float(*int as f64),
        Value::Float(float) => Data::Float(*float),
        Value::String(text) => Data::String(text.clone()),
        Value::List(items) => Data::list(items.iter().map(data).collect()),
        Value::Map(map) => {
            Data::map(map.iter().map(|(key, value)| (key.clone(), data(value))).collect())
        }
    }
}
