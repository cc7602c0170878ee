//! What containers expose, and the loop that scrapes it in simulated time.

pub mod events;
pub mod exposition;
pub mod families;
pub mod lab;
mod meeting;
pub mod motion;
pub mod scrape;
#[cfg(test)]
mod testing;
pub mod truth;
pub mod workload;
pub mod world;
#[cfg(test)]
mod world_tests;
