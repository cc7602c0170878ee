//! Go's text/template of version 1.26: reading, checking and running templates.
//!
//! | file | what it does |
//! | --- | --- |
//! | `lex` | text → tokens |
//! | `parse` | tokens → trees, with Go's messages and the place of the fault |
//! | `number` | constants |
//! | `tree` | the trees, and how their parts print in messages |
//! | `exec` | trees → text |
//! | [`outline`] | what a text refers to |
//! | `funcs` | the functions that every template has |
//! | `printf` | Go's fmt verbs |
//! | `escape` | text for HTML and JavaScript |
//! | `value` | values with their Go types |
//!
//! Differences from Go: a string holds text, so half of a character cut out by `slice` or an
//! escape becomes U+FFFD; functions are no values, so `call` always fails; [`Limits`] end a run
//! that Go would continue with.

mod escape;
mod exec;
mod funcs;
mod lex;
mod number;
pub mod outline;
mod parse;
mod printf;
mod tree;
pub mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use escape::{html, js};
pub use exec::{Call, ExecError, Limits, MAX_DEPTH, Piece};
pub use funcs::signature as builtin;
pub use lex::Delimiters;
pub use parse::{MAX_NESTING, MAX_PARENS, ParseError};
pub use printf::{sprint, sprintf, sprintln};
pub use value::{
    ANY_MAP, Argument, BYTE_LIST, Entries, Field, List, ListType, Map, MapType, Method, Object,
    STRING_LIST, Signature, Type, Value,
};

use exec::Budget;
use tree::Tree;

/// The functions that a template has besides the built-in ones, which they replace.
pub trait Functions {
    /// Returns what a function takes; None if there is none of that name.
    fn signature(&self, name: &str) -> Option<&Signature>;

    /// Calls a function that [`Functions::signature`] knows, with arguments of its types. The error
    /// is put after `error calling NAME: `.
    fn call(&self, name: &str, arguments: &[Value], call: &Call<'_>) -> Result<Value, String>;
}

/// The built-in functions alone.
pub struct NoFunctions;

impl Functions for NoFunctions {
    fn signature(&self, _name: &str) -> Option<&Signature> {
        None
    }

    fn call(&self, name: &str, _arguments: &[Value], _call: &Call<'_>) -> Result<Value, String> {
        Err(format!("{name} is not a function"))
    }
}

/// The value of a missing key of a map: the option `missingkey`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value, which prints as `<no value>`.
    #[default]
    Invalid,
    /// The zero value of the map's elements.
    Zero,
    /// An error.
    Error,
}

/// Options of an execution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub missing: MissingKey,
    pub limits: Limits,
}

/// Templates that can call each other by name.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    trees: BTreeMap<Arc<str>, Arc<Tree>>,
}

/// Options of the parser.
#[derive(Clone, Copy, Default)]
pub struct ParseOptions<'a> {
    pub delimiters: Delimiters<'a>,
    /// Variables that are declared before the text begins, with their dollar signs. Only for
    /// checking: an execution does not know them.
    pub variables: &'a [&'a str],
}

impl Templates {
    /// Reads a text and adds its template and those it defines. A template that has nothing but
    /// blanks does not replace one of the same name.
    pub fn parse(
        &mut self,
        name: &str,
        text: &str,
        functions: &dyn Functions,
        options: ParseOptions<'_>,
    ) -> Result<(), ParseError> {
        let trees = parse::parse(&parse::Input {
            name,
            text,
            delimiters: options.delimiters,
            has_function: &|name| {
                functions.signature(name).is_some() || funcs::signature(name).is_some()
            },
            variables: options.variables,
        })?;
        for (name, tree) in trees {
            let keeps = tree.is_empty() && self.trees.contains_key(&name);
            if !keeps {
                self.trees.insert(name, Arc::new(tree));
            }
        }
        Ok(())
    }

    /// Names of the templates, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.trees.keys().map(|name| &**name)
    }

    /// Executes a template and returns its text.
    pub fn execute(
        &self,
        name: &str,
        data: Value,
        functions: &dyn Functions,
        options: Options,
    ) -> Result<String, ExecError> {
        let budget = Budget::new(options.limits);
        let call = Call { templates: self, functions, missing: options.missing, budget: &budget };
        exec::execute(call, name, data)
    }

    /// As [`Templates::execute`]; takes what the execution has used from the limits, so that several
    /// executions share them.
    pub fn execute_within(
        &self,
        name: &str,
        data: Value,
        functions: &dyn Functions,
        options: &mut Options,
    ) -> Result<String, ExecError> {
        let budget = Budget::new(options.limits);
        let call = Call { templates: self, functions, missing: options.missing, budget: &budget };
        let result = exec::execute(call, name, data);
        options.limits = budget.left();
        result
    }

    /// As [`Templates::execute_within`]; also returns where each part of the text comes from. What a
    /// function returns comes from the action that calls it.
    pub fn execute_traced(
        &self,
        name: &str,
        data: Value,
        functions: &dyn Functions,
        options: &mut Options,
    ) -> Result<(String, Vec<Piece>), ExecError> {
        let budget = Budget::new(options.limits);
        let call = Call { templates: self, functions, missing: options.missing, budget: &budget };
        let result = exec::run(call, name, data, true);
        options.limits = budget.left();
        result
    }
}

/// Reads a text only to see whether it is a template.
pub fn check(
    name: &str,
    text: &str,
    functions: &dyn Functions,
    options: ParseOptions<'_>,
) -> Result<(), ParseError> {
    Templates::default().parse(name, text, functions, options)
}

#[cfg(test)]
mod tests;
