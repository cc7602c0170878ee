//! The rate lab: one counter whose every event is known, how it is sampled, and what the engine
//! makes of the samples.

mod evaluate;
pub mod export;
mod presets;
mod questions;
mod state;
mod update;

pub use evaluate::{Aliasing, Evaluation, Variant, evaluate};
pub use presets::{answer, covered, headline, number};
pub use questions::{PRESETS, Preset, preset};
pub use state::{
    ADDED, Counter, Function, Lab, LabSample, MOST_POINTS, Placed, RangeMode, SERIES, Taken,
};
pub use update::{LabAction, update};
