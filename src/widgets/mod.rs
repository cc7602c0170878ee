//! Parts that several pages use.

pub mod chart;
pub mod gradual;
pub mod icon;
pub mod jump;
pub mod list_option;
pub mod query_input;
pub mod spark;
pub mod tabs;
pub mod window;
pub mod words;
