//! Programs, their metrics, and a Prometheus server that scrapes them in simulated time.
//!
//! | module | content |
//! | --- | --- |
//! | `workload` | metrics of programs, described as data |
//! | `signal` | values of series as functions of time and seed |
//! | `families` | metric families at one time |
//! | `exposition` | text and protobuf exposition formats: parsing, writing, review |
//! | `scrape` | the scrape loop of one target |
//! | `scrape_attempt` | one scrape of a target, with the effects of faults |
//! | `events` | faults and other events |
//! | `effects` | the effects of faults on the answers of a program |
//! | `world` | all processes, targets and the storage in simulated time |
//! | `ground_truth` | exact values of series, apart from samples |
//! | `lab` | the rate lab |

pub mod effects;
pub mod events;
pub mod exposition;
pub mod families;
pub mod ground_truth;
pub mod scrape;
mod scrape_attempt;
pub mod signal;
#[cfg(test)]
mod testing;
pub mod workload;
pub mod world;
