//! The behavior of Go's standard library: numbers, durations, quoting, regular expressions, URLs and
//! templates.

pub mod base64;
pub mod case;
mod duration;
mod glob;
pub mod json;
mod json_syntax;
pub mod net;
pub mod number;
pub mod path;
pub mod pem;
pub mod quote;
pub mod regex;
pub mod rfc3339;
pub mod template;
pub mod time;
pub mod url;

pub use duration::{Duration, DurationError};
pub use regex::{Regex, RegexError};
