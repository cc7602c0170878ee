//! The one table of functions: what they are called, take and return. Type checking, completion,
//! hover and the engine all read it.

use super::ast::ValueType;

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    pub id: FunctionId,
    pub name: &'static str,
    /// The types of the arguments; where [`Self::variadic`] is not 0 the last may be left out.
    pub args: &'static [ValueType],
    /// What the arguments are called in signatures, as many as there are types.
    pub params: &'static [&'static str],
    /// How often the last argument may stand: 0 exactly once, n at most n times (or never), -1 any
    /// number of times.
    pub variadic: i8,
    pub returns: ValueType,
    /// Needs `--enable-feature=promql-experimental-functions`.
    pub experimental: bool,
}

macro_rules! functions {
    ($($id:ident $name:literal($($param:ident: $arg:ident),*) $variadic:literal -> $returns:ident, $stage:ident:
        $doc:literal, $example:literal;)*) => {
        /// The functions by name, in alphabetical order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FunctionId {
            $($id,)*
        }

        /// All functions, in the order of [`FunctionId`].
        pub const FUNCTIONS: &[Function] = &[
            $(Function {
                id: FunctionId::$id,
                name: $name,
                args: &[$($arg),*],
                params: &[$(stringify!($param)),*],
                variadic: $variadic,
                returns: $returns,
                experimental: stage::$stage,
            },)*
        ];

        /// What each does and a query that uses it, in the same order. Only who reads about a function
        /// needs them, so they stand apart from what every query needs.
        pub(super) static TEXTS: &[(&str, &str)] = &[$(($doc, $example),)*];
    };
}

mod table;

pub use table::{FUNCTIONS, FunctionId};

impl Function {
    /// How many arguments are needed, and how many are taken at most if there is a limit.
    pub fn arity(&self) -> (usize, Option<usize>) {
        let all = self.args.len();
        match self.variadic {
            0 => (all, Some(all)),
            // The last argument is the one that may be left out or repeated.
            more => (all - 1, usize::try_from(more).ok().map(|more| all - 1 + more)),
        }
    }
}

impl FunctionId {
    pub fn get(self) -> &'static Function {
        &FUNCTIONS[self as usize]
    }

    pub fn name(self) -> &'static str {
        self.get().name
    }
}

impl Function {
    /// What it does, in whole sentences.
    pub fn doc(&self) -> &'static str {
        table::TEXTS[self.id as usize].0
    }

    /// A query that uses it.
    pub fn example(&self) -> &'static str {
        table::TEXTS[self.id as usize].1
    }

    /// `rate(counter range-vector) instant-vector`, as an editor shows it.
    pub fn signature(&self) -> String {
        let kebab = |of: ValueType| of.documented().replace(' ', "-");
        let mut params: Vec<String> = self
            .params
            .iter()
            .zip(self.args)
            .map(|(name, of)| format!("{name} {}", kebab(*of)))
            .collect();
        if self.variadic != 0
            && let Some(last) = params.last_mut()
        {
            *last = format!("[{last}{}]", if self.variadic == 1 { "" } else { ", …" });
        }
        format!("{}({}) {}", self.name, params.join(", "), kebab(self.returns))
    }
}

/// The function of that name; names are matched exactly.
pub fn find_function(name: &str) -> Option<&'static Function> {
    let at = FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok()?;
    FUNCTIONS.get(at)
}

#[cfg(test)]
mod tests {
    use super::super::{ParserOptions, parse};
    use super::*;

    #[test]
    fn the_table_is_in_order_and_complete() {
        for (i, function) in FUNCTIONS.iter().enumerate() {
            let name = function.name;
            assert_eq!(function.id as usize, i, "{name}");
            assert_eq!(function.id.name(), name);
            assert_eq!(find_function(name), Some(function));
            assert_eq!(function.args.len(), function.params.len(), "{name}");
            assert!(i == 0 || FUNCTIONS[i - 1].name < name, "{name} is out of order");
            assert!(function.doc().ends_with('.') && function.doc().len() > 20, "{name}");
            assert!(!function.doc().contains("  "), "{name}");
        }
        assert_eq!(find_function("Rate"), None);
    }

    #[test]
    fn examples_use_their_function() {
        for function in FUNCTIONS {
            let ast = parse(function.example(), &ParserOptions::ALL)
                .unwrap_or_else(|error| panic!("{}: {error}", function.example()));
            let text = ast.to_string();
            assert!(text.contains(&format!("{}(", function.name)), "{text}");
            let stable = parse(function.example(), &ParserOptions::default()).is_ok();
            // In durations, range and step need no flag.
            let in_duration = matches!(function.id, FunctionId::Range | FunctionId::Step);
            assert!(stable != function.experimental || in_duration, "{text}");
        }
    }

    #[test]
    fn signatures() {
        for (name, signature) in [
            ("pi", "pi() scalar"),
            ("rate", "rate(counter range-vector) instant-vector"),
            ("round", "round(v instant-vector, [to scalar]) instant-vector"),
            ("sort_by_label", "sort_by_label(v instant-vector, [label string, …]) instant-vector"),
        ] {
            assert_eq!(find_function(name).map(Function::signature).as_deref(), Some(signature));
        }
    }
}
