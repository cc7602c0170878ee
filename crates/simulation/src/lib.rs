//! What containers expose, and the loop that scrapes it in simulated time.

pub mod events;
pub mod exposition;
pub mod families;
pub mod ground_truth;
pub mod lab;
pub mod scrape;
mod scrape_attempt;
pub mod signal;
#[cfg(test)]
mod testing;
pub mod workload;
pub mod world;
#[cfg(test)]
mod world_tests;
