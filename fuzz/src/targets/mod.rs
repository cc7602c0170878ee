//! The table of targets.

mod cluster;
mod configuration;
mod language;
mod observed;
mod packages;
mod page;
mod system;

use crate::seeds::{self, Seeds};

/// A property of the code that holds for any bytes.
pub struct Target {
    pub name: &'static str,
    /// Panics if the property does not hold.
    pub check: fn(&[u8]),
    pub seeds: Seeds,
}

const fn target(name: &'static str, check: fn(&[u8]), seeds: Seeds) -> Target {
    Target { name, check, seeds }
}

pub const TARGETS: &[Target] = &[
    target("promql_parse", language::promql_parse, seeds::queries),
    target("promql_engine", language::promql_engine, seeds::queries),
    target("regex", language::regex, seeds::regexes),
    target("template", language::template, seeds::templates),
    target("utf16", language::utf16, seeds::texts),
    target("json", language::json, seeds::json),
    target("yaml_incremental", language::yaml_incremental, seeds::yaml),
    target("configuration", configuration::configuration, seeds::configurations),
    target("relabel", configuration::relabel, seeds::configurations),
    target("rules", configuration::rules, seeds::rules),
    target("unit_tests", configuration::unit_tests, seeds::unit_tests),
    target("exposition", observed::exposition, seeds::expositions),
    target("workload", observed::workload, seeds::workloads),
    target("http_api", observed::http_api, seeds::requests),
    target("manifests", cluster::manifests, seeds::manifests),
    target("controllers", cluster::controllers, seeds::manifests),
    target("operator", cluster::operator, seeds::operator),
    target("shell", system::shell, seeds::commands),
    target("world", system::world, seeds::worlds),
    target("chart", packages::chart, seeds::charts),
    target("import", packages::import, seeds::imports),
    target("lesson", page::lesson, seeds::lessons),
    target("link", page::link, seeds::links),
    target("session", page::session, seeds::sessions),
];
