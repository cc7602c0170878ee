//! Scenarios and lessons, and the checks that tell when one is done.
