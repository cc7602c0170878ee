//! What Go does: durations, numbers, quoting, regular expressions.

mod duration;
pub mod number;
pub mod quote;
pub mod regex;

pub use duration::{Duration, DurationError};
pub use regex::{Regex, RegexError};
