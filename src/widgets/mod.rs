//! Widgets that more than one page uses.

pub mod chart;
pub mod icon;
pub mod inline_code;
pub mod list_option;
pub mod progressive_list;
pub mod query_input;
pub mod source_link;
pub mod sparkline;
pub mod tabs;
pub mod virtual_table;
