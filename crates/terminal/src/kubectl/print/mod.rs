//! Output formats of `-o`: what is printed of objects besides tables.
//!
//! | file | content |
//! | --- | --- |
//! | `format` | the names of formats, and what each needs |
//! | `jsonpath` | JSONPath templates |
//! | `custom_columns` | tables of columns that a command names |
//! | `go_template` | Go templates |
//! | `json`, `kyaml` | indented JSON, and YAML in flow style |
//! | `sort` | the order of `--sort-by` |
//!
//! Source: cli-runtime pkg/printers; kubectl pkg/cmd/get.

mod custom_columns;
mod format;
mod go_template;
mod json;
pub(crate) mod jsonpath;
mod kyaml;
mod sort;

pub(crate) use format::{Format, Printer};
pub(crate) use json::indented;
pub(crate) use sort::sort;
