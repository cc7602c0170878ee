//! Settings of tracing.
//!
//! Source: config `TracingConfig.UnmarshalYAML`.

use schema::CheckCx;
use yaml::Node;

use super::super::remote::check as remote;
use crate::validate::{INVALID, fault, missing, word};
use schema::Section;

pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    word(cx, &view, "client_type", &["http", "grpc"], |value| {
        format!("expected tracing client type to be to be http or grpc, but got {value}")
    });
    remote::headers(cx, &view, "custom authorization header configuration is not yet supported");
    if !view.filled("endpoint") {
        missing(cx, &view, "endpoint", "tracing endpoint must be set");
    }
    let compression = view.text("compression");
    if !["", "gzip"].contains(&&*compression) {
        let message =
            format!("invalid compression type {compression} provided, valid options: gzip");
        fault(cx, INVALID, view.at("compression"), message);
    }
}
