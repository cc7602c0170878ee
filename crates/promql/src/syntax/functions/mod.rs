//! The functions of the language, in one table: name, types, traits and documentation. Type checks,
//! plan, completion, hover and lints read it; the engine implements each entry.
//!
//! Source: prometheus promql/parser/functions.go.

use super::ast::ValueType;

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// The identifier.
    pub id: FunctionId,
    /// The name in queries.
    pub name: &'static str,
    /// The types of the arguments. The last one is optional if [`Self::variadic`] is not 0.
    pub args: &'static [ValueType],
    /// The names of the arguments in signatures, one for each type.
    pub params: &'static [&'static str],
    /// The number of times that the last argument can be given: 0 for exactly once, `n` for 0 to
    /// `n` times, -1 for any number of times.
    pub variadic: i8,
    /// The type of the result.
    pub returns: ValueType,
    /// True if the function needs `--enable-feature=promql-experimental-functions`.
    pub experimental: bool,
    /// Properties that decide how the function is planned and evaluated.
    pub traits: FunctionTraits,
}

/// Properties of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FunctionTraits {
    /// The result depends on the evaluation time even if the arguments do not.
    /// Source: prometheus promql/functions.go `AtModifierUnsafeFunctions`.
    pub time_dependent: bool,
    /// The metric name is kept.
    pub keeps_name: bool,
    /// The argument is a counter, whose resets are compensated.
    pub counter: bool,
    /// A window with fewer than two samples has no result.
    pub two_samples: bool,
    /// The range vector can have the `anchored` modifier.
    pub anchored: bool,
    /// The range vector can have the `smoothed` modifier.
    pub smoothed: bool,
    /// Only count and sum of native histograms are needed.
    pub statistics: bool,
    /// The buckets of native histograms are needed.
    pub buckets: bool,
    /// The result is the time of the samples if the argument is a selector.
    pub sample_times: bool,
    /// The second argument is a label selector that is not evaluated.
    pub label_selector: bool,
}

impl FunctionTraits {
    const NONE: Self = Self {
        time_dependent: false,
        keeps_name: false,
        counter: false,
        two_samples: false,
        anchored: false,
        smoothed: false,
        statistics: false,
        buckets: false,
        sample_times: false,
        label_selector: false,
    };
}

macro_rules! functions {
    ($($(#[$attribute:meta])* $id:ident $name:literal($($param:ident: $arg:ident),*) $variadic:literal
        -> $returns:ident, $stage:ident $(, [$($property:ident)*])?: $doc:literal, $example:literal;)*) => {
        /// The identifier of a function. The order is that of the names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FunctionId {
            $($(#[$attribute])* #[doc = concat!("`", $name, "`")] $id,)*
        }

        /// All functions, in the order of [`FunctionId`].
        pub const FUNCTIONS: &[Function] = &[
            $($(#[$attribute])* Function {
                id: FunctionId::$id,
                name: $name,
                args: &[$($arg),*],
                params: &[$(stringify!($param)),*],
                variadic: $variadic,
                returns: $returns,
                experimental: stage::$stage,
                traits: FunctionTraits { $($($property: true,)*)? ..FunctionTraits::NONE },
            },)*
        ];

        /// The documentation and an example of each function, in the same order. A separate table,
        /// because queries do not need it.
        pub(super) static TEXTS: &[(&str, &str)] = &[$($(#[$attribute])* ($doc, $example),)*];
    };
}

mod table;

pub use table::{FUNCTIONS, FunctionId};

impl Function {
    /// Returns the smallest number of arguments and, if it is limited, the largest one.
    pub fn arity(&self) -> (usize, Option<usize>) {
        let all = self.args.len();
        match self.variadic {
            0 => (all, Some(all)),
            more => (all - 1, usize::try_from(more).ok().map(|more| all - 1 + more)),
        }
    }
}

impl FunctionId {
    /// Returns the entry of the table.
    pub fn get(self) -> &'static Function {
        &FUNCTIONS[self as usize]
    }

    /// Returns the name in queries.
    pub fn name(self) -> &'static str {
        self.get().name
    }
}

impl Function {
    /// Returns the position of an argument in [`Self::args`] and [`Self::params`], both counted from
    /// 0. The last position repeats if the function is variadic, otherwise None is returned.
    pub fn param_of(&self, argument: usize) -> Option<usize> {
        let last = self.args.len().checked_sub(1)?;
        (argument <= last || self.variadic != 0).then_some(argument.min(last))
    }

    /// Returns the documentation, in whole sentences.
    pub fn doc(&self) -> &'static str {
        table::TEXTS[self.id as usize].0
    }

    /// Returns a query that uses the function.
    pub fn example(&self) -> &'static str {
        table::TEXTS[self.id as usize].1
    }

    /// Returns the signature, for example `rate(counter range-vector) instant-vector`.
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

/// Returns the function of a name. Names are case-sensitive.
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
            assert!(function.doc().ends_with('.') && function.doc().len() > 10, "{name}");
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
            let in_duration = matches!(function.name, "range" | "step");
            assert!(stable != function.experimental || in_duration, "{text}");
        }
    }

    #[cfg(feature = "experimental-functions")]
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
