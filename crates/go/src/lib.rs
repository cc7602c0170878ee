//! What Go does: durations, numbers, quoting, regular expressions.

mod duration;
pub mod number;
mod quick;
pub mod quote;
pub mod regex;

pub use duration::{Duration, DurationError};
pub use quick::{QuickMap, QuickSet};
pub use regex::{Regex, RegexError};
