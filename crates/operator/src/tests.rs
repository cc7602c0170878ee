//! Tests that hold without recorded data.
