//! PromQL: the language and its engine.

pub mod engine;
pub mod syntax;
pub mod testlang;
