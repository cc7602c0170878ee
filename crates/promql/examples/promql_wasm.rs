//! The engine's benchmark as a WebAssembly module without any glue: `prepare` fills the storage,
//! `run` evaluates a query and gives the number of series.

#[path = "../benches/data/mod.rs"]
mod data;

use std::cell::RefCell;

use data::{QUERIES, range, storage};
use promql::engine::{Engine, Value};
use promql::storage::Storage;
use promql::syntax::{ParserOptions, parse};

thread_local! {
    static STORAGE: RefCell<Option<Storage>> = const { RefCell::new(None) };
}

/// Fills the storage; gives the number of queries.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn prepare() -> u32 {
    STORAGE.with_borrow_mut(|slot| *slot = Some(storage()));
    QUERIES.len() as u32
}

/// Evaluates a query; gives the number of series, or the greatest number where that fails.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn run(query: u32) -> u32 {
    STORAGE.with_borrow(|storage| evaluate(storage.as_ref()?, query)).unwrap_or(u32::MAX)
}

fn evaluate(storage: &Storage, query: u32) -> Option<u32> {
    let (_, query) = QUERIES.get(query as usize)?;
    let ast = parse(query, &ParserOptions::ALL).ok()?;
    match Engine::default().evaluate(storage, &ast, range(), None).ok()?.value {
        Value::Matrix(series) => Some(series.len() as u32),
        _ => None,
    }
}
