//! The simulation's benchmark as a WebAssembly module without any glue: `prepare` makes the world,
//! `slice` continues towards a moment and says whether there is more to do.

#[path = "../benches/simulation_data/mod.rs"]
mod simulation_data;

use std::cell::RefCell;

use simulation::world::{Budget, World};
use simulation_data::{SLICE, START, TARGETS, world};

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

fn with<T>(f: impl FnOnce(&mut World) -> T) -> Option<T> {
    WORLD.with_borrow_mut(|slot| slot.as_mut().map(f))
}

#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn prepare() {
    WORLD.with_borrow_mut(|slot| *slot = Some(world()));
}

/// The number of targets.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn targets() -> u32 {
    TARGETS as u32
}

/// Runs one slice of the time until a number of milliseconds after the start. Returns 1 while work is left.
#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn slice(to: f64) -> u32 {
    let to = START + to as i64;
    with(|world| u32::from(!world.advance(to, &mut Budget(SLICE)))).unwrap_or_default()
}

#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn samples() -> f64 {
    with(|world| world.storage.sample_count() as f64).unwrap_or_default()
}

#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn series() -> f64 {
    with(|world| world.storage.series_count() as f64).unwrap_or_default()
}

#[expect(unsafe_code, reason = "exporting a name is all that is unsafe here")]
#[unsafe(no_mangle)]
pub extern "C" fn bytes() -> f64 {
    with(|world| world.storage.bytes() as f64).unwrap_or_default()
}
