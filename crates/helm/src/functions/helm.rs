//! Functions that Helm adds. They need the rendering they are called in.
//!
//! Source: helm pkg/engine engine.go `initFunMap`, lookup_func.go.

use std::cell::RefCell;
use std::collections::BTreeMap;

use go::quote::quote;
use go::template::{Call, Entries, Functions, ParseOptions, Signature, Value};

use super::{A, Function, FunctionResult, S, any, function, row, string, text};
use crate::log::{Level, Log};

/// Around the message of `required` and `fail`, which Helm shows alone.
pub const ERROR_START: &str = "HELM_ERR_START";
pub const ERROR_END: &str = "HELM_ERR_END";

/// The deepest nesting of one named template in itself. Source: engine.go `recursionMaxNums`.
const MAX_INCLUDES: usize = 1000;

pub(super) static TABLE: &[Function] = &[
    row("include", &[S, A], None, "Renders a named template and returns its text.", unbound),
    row("tpl", &[S, A], None, "Renders a text as a template.", unbound),
    row("required", &[S, A], None, "Fails with a message if the value is empty.", unbound),
    row("fail", &[S], None, "Fails with a message.", unbound),
    row(
        "lookup",
        &[S, S, S, S],
        None,
        "Returns an object of the cluster; nothing without a cluster.",
        unbound,
    ),
    row("getHostByName", &[S], None, "Returns nothing: name lookups are off.", |_, _| string("")),
];

fn unbound(_: &[Value], _: &Call<'_>) -> FunctionResult {
    Err("the function needs a chart".to_owned())
}

/// Reads an object of the cluster by apiVersion, kind, namespace and name. Without a name it reads a
/// list. Returns None if there is no such object.
pub type Lookup<'a> = &'a dyn Fn(&str, &str, &str, &str) -> Result<Option<Value>, String>;

/// The functions of templates, bound to one rendering.
pub struct Library<'a> {
    /// `required` and `fail` write to the log instead of failing, as in `helm lint`.
    pub lint: bool,
    pub log: &'a RefCell<Log>,
    pub lookup: Option<Lookup<'a>>,
    /// The depth of recursion of each named template.
    included: RefCell<BTreeMap<String, usize>>,
}

impl<'a> Library<'a> {
    /// The functions for a rendering that writes to a log.
    pub fn new(lint: bool, log: &'a RefCell<Log>, lookup: Option<Lookup<'a>>) -> Self {
        Self { lint, log, lookup, included: RefCell::default() }
    }

    fn include(&self, a: &[Value], call: &Call<'_>) -> FunctionResult {
        let name = text(a, 0);
        if !call.is_defined(name) {
            let name = quote(name);
            return Err(format!("template: no template {name} associated with template \"gotpl\""));
        }
        let depth = self.included.borrow().get(name).copied().unwrap_or_default();
        if depth > MAX_INCLUDES {
            return Err(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            ));
        }
        self.included.borrow_mut().insert(name.to_owned(), depth + 1);
        let result = call.execute(name, any(a, 1).clone());
        self.included.borrow_mut().insert(name.to_owned(), depth);
        result.map(Value::string).map_err(|error| error.message)
    }

    fn tpl(&self, a: &[Value], call: &Call<'_>) -> FunctionResult {
        let source = text(a, 0);
        if source.trim().is_empty() {
            return string(source);
        }
        let mut templates = call.templates().clone();
        templates
            .parse("gotpl", source, self, ParseOptions::default())
            .map_err(|error| format!("cannot parse template {}: {error}", quote(source)))?;
        let result = call.execute_in(&templates, "gotpl", any(a, 1).clone()).map_err(|error| {
            let source = quote(source);
            format!("error during tpl function execution for {source}: {}", error.message)
        })?;
        string(result.replace("<no value>", ""))
    }

    fn required(&self, a: &[Value]) -> FunctionResult {
        let (message, lines) = (text(a, 0), &mut self.log.borrow_mut());
        let forgiven = match any(a, 1) {
            Value::Nil => "missing required value",
            Value::String(value) if value.is_empty() => "missing required values",
            value => return Ok(value.clone()),
        };
        if !self.lint {
            return Err(marked(message));
        }
        lines.add(Level::Warn, forgiven, &[("message", message)]);
        string("")
    }

    fn fail(&self, a: &[Value]) -> FunctionResult {
        if !self.lint {
            return Err(marked(text(a, 0)));
        }
        self.log.borrow_mut().add(Level::Info, "funcMap fail", &[("message", text(a, 0))]);
        string("")
    }

    fn lookup(&self, a: &[Value]) -> FunctionResult {
        let found = match self.lookup {
            Some(lookup) if !self.lint => lookup(text(a, 0), text(a, 1), text(a, 2), text(a, 3))?,
            _ => None,
        };
        Ok(found.unwrap_or_else(|| Value::map(Entries::new())))
    }
}

impl Functions for Library<'_> {
    fn signature(&self, name: &str) -> Option<&Signature> {
        function(name).map(|function| &function.signature)
    }

    fn call(&self, name: &str, a: &[Value], call: &Call<'_>) -> FunctionResult {
        match name {
            "include" => self.include(a, call),
            "tpl" => self.tpl(a, call),
            "required" => self.required(a),
            "fail" => self.fail(a),
            "lookup" => self.lookup(a),
            _ => match function(name) {
                Some(function) => (function.run)(a, call),
                None => Err(format!("{name} is not a function")),
            },
        }
    }
}

/// The names of the functions, to check texts that are not executed.
pub struct Signatures;

impl Functions for Signatures {
    fn signature(&self, name: &str) -> Option<&Signature> {
        function(name).map(|function| &function.signature)
    }

    fn call(&self, name: &str, _: &[Value], _: &Call<'_>) -> FunctionResult {
        Err(format!("{name} is not executed"))
    }
}

fn marked(message: &str) -> String {
    format!("{ERROR_START}{message}{ERROR_END}")
}
