//! Recording and alerting rules, and their unit tests.

pub mod template;
