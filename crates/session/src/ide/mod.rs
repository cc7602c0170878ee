//! Language features: annotations, hover cards and completions in files and in queries.

mod annotations;
mod assist;
mod flags;
mod inlay_hints;
mod query;
mod schema_hooks;
mod semantic_tokens;
mod stored_object;
mod templates;
mod workload_files;

pub use annotations::annotate;
pub use assist::{complete, explain, facts, hover, paragraphs};
pub use query::{complete_query, hover_query, world_facts};
pub use schema_hooks::routes_at;
pub use stored_object::stored_object;
pub use templates::{card as chart_card, rendered_place};
pub use workload_files::pasted;
