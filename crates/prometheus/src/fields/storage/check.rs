//! Settings of the local storage.

use crate::values::size;
use go::number::format_general;
use go::quote::quote;
use schema::CheckCx;
use yaml::{Node, scalars};

use crate::validate::{INVALID, fault};
use schema::Section;

/// Source: config `TSDBConfig.UnmarshalYAML`.
pub fn tsdb(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(chunks) = Section::new(node).and_then(|view| view.section("chunk_encoding")) else {
        return;
    };
    let floats = chunks.text("floats");
    if !["", "xor", "xor2"].contains(&&*floats) {
        let message = format!(
            "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got {}",
            quote(&floats)
        );
        fault(cx, INVALID, chunks.at("floats"), message);
    }
}

/// Source: config `TSDBRetentionConfig.UnmarshalYAML`.
pub fn retention(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let bytes = view.get("size").and_then(|node| scalars::string(node).ok());
    if let Some(bytes) = bytes.and_then(|text| size::parse(&text).ok()).filter(|bytes| *bytes < 0) {
        let message = format!(
            "'storage.tsdb.retention.size' must be greater than or equal to 0, got {}",
            size::print(bytes)
        );
        fault(cx, INVALID, view.at("size"), message);
    }
    let percentage = view.float("percentage", 0.0);
    if !(0.0..=100.0).contains(&percentage) && !percentage.is_nan() {
        let shown = format_general(percentage, None);
        let message = format!(
            "'storage.tsdb.retention.percentage' must be in the range [0, 100], got {shown}"
        );
        fault(cx, INVALID, view.at("percentage"), message);
    }
}
