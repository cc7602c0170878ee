//! Scenarios and lessons, and the checks that tell when one is done.

mod scenarios;

pub use scenarios::{
    SCENARIOS, Scenario, ScenarioEvent, ScenarioFile, WorkloadRule, image_name, scenario,
};
