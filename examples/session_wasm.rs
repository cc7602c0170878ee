//! The keystroke's benchmark as a WebAssembly module without any glue: `prepare` opens a text,
//! `letter` writes the page's message, `hear` takes it and writes the answer's bytes.

#[path = "../benches/session_data/mod.rs"]
mod session_data;

use std::cell::RefCell;

use session_data::{CASES, PLACES, Visitor};

thread_local! {
    static VISITOR: RefCell<Option<Visitor>> = const { RefCell::new(None) };
    static LETTER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn with<T: Default>(f: impl FnOnce(&mut Visitor) -> T) -> T {
    VISITOR.with_borrow_mut(|slot| slot.as_mut().map(f).unwrap_or_default())
}

/// The number of lines; 0 where there is no such case.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn prepare(case: u32, lines: u32, place: u32, page: u32) -> u32 {
    let (Some((_, make)), Some((_, place))) =
        (CASES.get(case as usize), PLACES.get(place as usize))
    else {
        return 0;
    };
    VISITOR.set(Some(Visitor::new(make(lines as usize), place, page as usize)));
    with(|visitor| visitor.lines() as u32)
}

/// Types; the number of bytes that the page sends.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn letter() -> u32 {
    let bytes = with(|visitor| protocol::encode(&visitor.letter()));
    let length = bytes.len();
    LETTER.set(bytes);
    length as u32
}

/// Handles a message as the worker does. Returns the number of bytes of the answer.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn hear() -> u32 {
    let Ok(letter) = protocol::decode(&LETTER.take()) else { return 0 };
    let message = with(|visitor| Some(visitor.hear(letter)));
    protocol::encode(&message).len() as u32
}
