//! Tests that drive a session as the page does.

mod agreement;
mod apply;
mod charts;
mod compose;
mod custom_resources;
mod disturbances;
mod driver;
mod embedded;
mod extremes;
mod fuzz;
mod grafana;
mod images;
mod imported;
mod kinds;
mod layers;
mod lessons;
mod manifests;
mod one_truth;
mod operator;
mod own_words;
mod real_files;
mod refused_rules;
mod running;
mod scenario;
mod session;
mod terminal;
mod time;
mod web_config;
mod workloads;

pub use driver::{Driver, workspace};
