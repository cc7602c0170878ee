//! The rate lab: one counter whose every event is known, how it is sampled, and what the engine
//! makes of the samples.

mod state;

pub use state::{Edit, Function, Lab, LabSample, MOST_POINTS, SERIES};
