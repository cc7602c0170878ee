//! Recording and alerting rules, and their unit tests.
