//! The keystroke's benchmark as a WebAssembly module without any glue: `prepare` opens a text,
//! `request` encodes the page's message, `handle` decodes it and encodes the answer.

#[path = "../benches/session_data/mod.rs"]
mod session_data;

use std::cell::RefCell;

use session_data::{CASES, EditSession, PLACES, StackSession, typing_in_the_stack};

thread_local! {
    static EDITS: RefCell<Option<EditSession>> = const { RefCell::new(None) };
    static STACK: RefCell<Option<StackSession>> = const { RefCell::new(None) };
    static REQUEST: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn with<T: Default>(f: impl FnOnce(&mut EditSession) -> T) -> T {
    EDITS.with_borrow_mut(|slot| slot.as_mut().map(f).unwrap_or_default())
}

/// Opens a text. Returns its number of lines; 0 if there is no such case.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn prepare(case: u32, lines: u32, place: u32, page: u32) -> u32 {
    let (Some((_, make)), Some((_, place))) =
        (CASES.get(case as usize), PLACES.get(place as usize))
    else {
        return 0;
    };
    EDITS.set(Some(EditSession::new(make(lines as usize), place, page as usize)));
    with(|edits| edits.lines() as u32)
}

/// Makes an edit. Returns the number of bytes that the page sends.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn request() -> u32 {
    let bytes = with(|edits| protocol::encode(&edits.request()));
    let length = bytes.len();
    REQUEST.set(bytes);
    length as u32
}

/// Handles a message as the worker does. Returns the number of bytes of the answer.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn handle() -> u32 {
    let Ok(request) = protocol::decode(&REQUEST.take()) else { return 0 };
    let message = with(|edits| Some(edits.handle(request)));
    protocol::encode(&message).len() as u32
}

/// Opens the session in which a file of the monitoring stack is edited.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn prepare_stack(file: u32) {
    EDITS.set(Some(typing_in_the_stack(file as usize)));
}

fn with_stack<T>(f: impl FnOnce(&mut StackSession) -> T) -> T {
    STACK.with_borrow_mut(|slot| f(slot.get_or_insert_with(StackSession::new)))
}

/// Reads the files of the monitoring stack, and forgets what was applied. Returns their lines.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn stack_prepare() -> u32 {
    with_stack(|stack| {
        stack.forget();
        stack.lines() as u32
    })
}

/// Edits a file of the monitoring stack. Returns the number of files.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn stack_edit(file: u32) -> u32 {
    with_stack(|stack| {
        stack.edit(file as usize);
        stack.file_count() as u32
    })
}

/// Applies the files of the monitoring stack. Returns the number of refused objects.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn stack_apply() -> u32 {
    with_stack(|stack| stack.apply() as u32)
}

/// Runs the reference loop of the benchmark. Returns a number, so that nothing of it is left out.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn stack_reference() -> u32 {
    session_data::reference() as u32
}
