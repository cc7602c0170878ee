//! `dns_sd_configs`: targets from DNS records.
//!
//! Source: prometheus discovery/dns.

use std::sync::Arc;

use super::sample::sample_path;
use super::{Counts, Discovered, GroupTarget, LogLevel, LogLine, MetaLabels, TargetGroup};
use go::net::join_host_port;
use prometheus::config::ScrapeConfig;
use text::Location;

const MECHANISM: &str = "dns_sd_configs";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordType {
    A,
    Aaaa,
    Srv,
    Mx,
    Ns,
}

/// A DNS record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An A or AAAA record.
    Address(Arc<str>),
    /// An SRV record. The name ends with a dot.
    Srv { target: Arc<str>, port: u16 },
    /// An MX or NS record. The name ends with a dot.
    Name(Arc<str>),
}

/// A DNS resolver with the search domains of a pod.
pub trait Resolver {
    /// Returns None if the name does not exist, and an empty list if it has no records of the type.
    fn resolve(&self, name: &str, record_type: RecordType) -> Option<Vec<Record>>;

    /// Returns false if it is not known whether the name exists.
    fn knows(&self, name: &str) -> bool {
        let _ = name;
        true
    }
}

/// Resolves the names and returns a target for each record. `port` is used for records without a
/// port. A name without records has an empty group and is not logged.
pub(super) fn discover(
    job: &ScrapeConfig,
    names: &[(Arc<str>, Location)],
    record_type: &str,
    port: u16,
    location: Location,
    resolver: &dyn Resolver,
) -> Discovered {
    let mut found = Discovered { location, mechanism: MECHANISM.into(), ..Discovered::default() };
    let record_type = match record_type.to_ascii_uppercase().as_str() {
        "A" => RecordType::A,
        "AAAA" => RecordType::Aaaa,
        "MX" => RecordType::Mx,
        "NS" => RecordType::Ns,
        _ => RecordType::Srv,
    };
    for (i, (name, at)) in names.iter().enumerate() {
        // A duplicate name has the same source, so it has one group.
        if names.iter().take(i).any(|(earlier, _)| earlier == name) {
            continue;
        }
        let records = resolver.resolve(name, record_type);
        if !resolver.knows(name) {
            let message = format!(
                "what {name} resolves to is not known; put sample targets into {}.yml",
                sample_path(MECHANISM, job)
            );
            found.unknown = true;
            found.log.push(LogLine { level: LogLevel::Info, message, at: Some(*at) });
        } else if records.is_none() {
            // Prometheus treats this as an answer without records and logs nothing.
            let message = format!("no such name: {name}");
            found.log.push(LogLine { level: LogLevel::Info, message, at: Some(*at) });
        }
        let targets: Vec<GroupTarget> = records
            .unwrap_or_default()
            .iter()
            .map(|record| target(name, record, record_type, port, *at))
            .collect();
        found.counts += Counts::of_targets(targets.len());
        found.groups.push(Arc::new(TargetGroup {
            source: name.clone(),
            labels: MetaLabels::default(),
            targets,
        }));
    }
    found
}

fn target(
    name: &Arc<str>,
    record: &Record,
    record_type: RecordType,
    port: u16,
    at: Location,
) -> GroupTarget {
    let mut labels = MetaLabels::default();
    let rootless = |name: &str| name.trim_end_matches('.').to_owned();
    let (host, port) = match record {
        Record::Address(address) => (address.to_string(), port),
        Record::Srv { target, port } => {
            labels.set("__meta_dns_srv_record_target", target.clone(), None);
            labels.set("__meta_dns_srv_record_port", port.to_string(), None);
            (rootless(target), *port)
        }
        Record::Name(server) => {
            let label = match record_type {
                RecordType::Mx => "__meta_dns_mx_record_target",
                _ => "__meta_dns_ns_record_target",
            };
            labels.set(label, server.clone(), None);
            (rootless(server), port)
        }
    };
    labels.set("__address__", join_host_port(&host, i32::from(port)), None);
    labels.set("__meta_dns_name", name.clone(), Some(at));
    GroupTarget { labels, object: None, at: Some(at) }
}
