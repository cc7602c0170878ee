//! The rate lab: one counter whose every event is known, how it is sampled, and what the engine
//! makes of the samples.

mod evaluate;
mod presets;
mod state;

pub use evaluate::{Aliasing, LabTerms, Outcome, Variant, evaluate};
pub use presets::{PRESETS, Preset, headline, number, preset};
pub use state::{Edit, Function, Lab, LabSample, MOST_POINTS, SERIES};
