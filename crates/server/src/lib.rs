//! Prometheus as a program: a process in simulated time, and what it answers to HTTP requests.
//!
//! [`start`] begins a [`Process`], [`Process::advance`] lets time pass; both see the files of a
//! [`Host`], and what the process asks others goes through a [`network::Network`].
//!
//! [`respond`] is a function of a request and a [`ServerState`]; it changes nothing. What a request
//! requests of the server is returned as an [`Effect`].
//!
//! | module | what it answers |
//! | --- | --- |
//! | `web` | the routes outside of `/api/v1`: health, life cycle, federation |
//! | `router` | redirects, unknown paths and wrong methods |
//! | `api` | `/api/v1` |

mod alertmanagers;
mod api;
mod basic_auth;
mod client;
mod configuration;
mod files;
mod flags;
mod http;
pub mod json;
mod kubernetes_client;
pub mod network;
pub mod process;
mod router;
mod state;
mod targets_files;
mod time;
mod web;
mod web_config;

pub use alertmanagers::target_groups;
pub use configuration::{Configuration, IMAGE_CONFIGURATION};
pub use files::{Files, beside};
pub use flags::config_in_force;
pub use http::{Effect, Params, Request, Response, parse_query};
pub use json::Json;
pub use process::{
    CommandLine, DataSource, Host, Level, LogLine, Phase, Process, Refusal, Retention,
    RunningGroup, Started, command_line, start,
};
pub use state::{
    Alertmanagers, BuildInfo, Exemplar, ExemplarSeries, Flags, Head, Metadata, Notification,
    Readiness, RuleGroupState, Runtime, ScrapePool, ServerState, TargetHealth, TargetState,
};
pub use targets_files::{discover_without_cluster, targets_file};
pub use time::{format_rfc3339, parse_time};
pub use web_config::validate_web_config;

/// Answers a request. Source: web/web.go `New` and `Run`.
pub fn respond(request: &Request, state: &ServerState<'_>) -> Response {
    let mut response = web::respond(request, state);
    if request.method == "HEAD" {
        response.body.clear();
    }
    response
}

#[cfg(test)]
mod tests;
