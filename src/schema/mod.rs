//! Fields as data, and the one walk over a tree that gives checks, explanations and completions.

mod field;

pub use field::{
    ANY_MAP, Allowed, CheckCx, Default, Deprecated, Dialect, FIELD, Field, LABELS, RECORD, Record,
    STRINGS, Type, Version,
};
