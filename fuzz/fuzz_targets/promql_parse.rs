//! Any text: parsing it does not panic, and what parses is printed so that it reads back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use promql::syntax::{ParserOptions, parse};

fuzz_target!(|query: &str| {
    let Ok(ast) = parse(query, &ParserOptions::ALL) else { return };
    let printed = ast.to_string();
    for text in [&printed, &ast.pretty(), &ast.pretty_within(10)] {
        let again = parse(text, &ParserOptions::ALL).expect("what is printed can be read");
        assert_eq!(again.to_string(), printed);
    }
});
