//! The evaluation of the rate lab: its samples go through the engine, and the result is explained
//! and exported. The model of the lab is [`protocol::lab`].

mod answers;
mod evaluate;
pub mod export;

pub use answers::{answer, covered, headline};
pub use evaluate::{Aliasing, Evaluation, Variant, evaluate};
