//! The map of the house.
//!
//! Text goes in at the top, and each room turns what the room before gave it into the next thing,
//! with diagnostics beside it. Nothing goes back. Lower rooms know nothing of higher ones, and
//! everything below `ui` is plain Rust without a DOM, the same natively and in the browser.
//!
//! | level | room | what it turns into what |
//! | --- | --- | --- |
//! | 0 | [`text`] | spans, line index, diagnostics and fixes |
//! | 0 | [`model`] | labels, durations, timestamps, numbers as Go writes them, anchored regexes, histograms |
//! | 1 | [`yaml`] | text → tree with a span for every key and value; Go's scalar rules; YAML inside a block scalar |
//! | 2 | [`schema`] | tree × field tables → diagnostics, explanations, completions |
//! | 3 | [`prometheus`] | the configuration's fields, rules and effective values |
//! | 3 | [`kubernetes`] | manifests → the objects an API server would hold, their network and their permissions |
//! | 3 | [`promql`] `::syntax` | query text → typed expression |
//! | 4 | [`discovery`] | configuration × cluster → target groups |
//! | 4 | [`targets`] | target groups → relabelling steps → the target table |
//! | 4 | [`storage`] | series in memory, and their index |
//! | 5 | [`promql`] `::engine` | expression × storage → value, annotations, trace |
//! | 5 | [`simulation`] | workloads × targets × clock → samples |
//! | 5 | [`rules`] | recording and alerting rules, rule unit tests |
//! | 6 | [`session`] | what the page asks and the worker answers; the stages, each run only when its inputs changed |
//! | 6 | [`lessons`] | scenarios and their checks |
//! | 7 | `ui` | state, pages, widgets, editor and chart bindings |
//!
//! [`codes`] lists the documentation of every diagnostic code of all rooms.
//!
//! Invariants:
//! - Every stage is a pure function `inputs → (output, diagnostics)`; clock and seed are inputs.
//! - Text from a user never panics, hangs or grows without a limit; a mistake is a
//!   [`text::Diagnostic`] with a span, a reason and, where one is known, a fix.
//! - Offsets are UTF-8 bytes everywhere; UTF-16 exists only at the editor's border.
//! - What the page explains is what the code that did the work returned; nothing is computed twice.

pub mod codes;
pub mod discovery;
pub mod kubernetes;
pub mod lessons;
pub mod model;
pub mod prometheus;
pub mod promql;
pub mod rules;
pub mod schema;
pub mod session;
pub mod simulation;
pub mod storage;
pub mod targets;
pub mod text;
pub mod ui;
pub mod yaml;
