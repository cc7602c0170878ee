//! PromQL: the language, its engine, and help with writing it.

pub mod assist;
pub mod engine;
pub mod syntax;
pub mod testlang;
