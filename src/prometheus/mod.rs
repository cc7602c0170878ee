//! The configuration of Prometheus: its fields, its rules, and the values in force.

pub mod config;
