//! What Go's standard library does: durations, numbers, quoting, regular expressions, URLs and
//! templates.

mod duration;
pub mod number;
pub mod quote;
pub mod regex;
pub mod template;
pub mod url;

pub use duration::{Duration, DurationError};
pub use regex::{Regex, RegexError};
