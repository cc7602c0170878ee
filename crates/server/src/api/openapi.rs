//! A description of the API, made of its table of routes.
//!
//! Source: web/api/v1/openapi.go. Prometheus's own also describes parameters and answers.

use super::{Call, ROUTES};
use crate::http::Response;

pub(super) fn openapi(call: &Call<'_>) -> Response {
    let version = match call.param("openapi_version") {
        "3.2" | "3.2.0" => "3.2.0",
        _ => "3.1.0",
    };
    let mut text = format!(
        "openapi: {version}\ninfo:\n    title: Prometheus API\n    description: Prometheus is an Open-Source \
         monitoring system with a dimensional data model, flexible query language, efficient time \
         series database and modern alerting approach.\n    version: {}\nservers:\n    - url: \
         /api/v1\npaths:\n",
        call.state.build.version
    );
    for route in ROUTES.iter().filter(|route| !route.path.ends_with('*')) {
        let path = route.path.replace(":name", "{name}");
        text.push_str(&format!("    {path}:\n"));
        for method in route.methods {
            text.push_str(&format!("        {}:\n", method.to_lowercase()));
            if path.contains("{name}") {
                text.push_str(
                    "            parameters:\n                - name: name\n                  \
                     in: path\n                  required: true\n                  schema:\n                      \
                     type: string\n",
                );
            }
            text.push_str(
                "            responses:\n                default:\n                    description: \
                 The answer.\n",
            );
        }
    }
    Response::new(200, "application/yaml; charset=utf-8", text)
}
