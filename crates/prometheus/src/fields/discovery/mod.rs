//! Every discovery mechanism: its settings, the address it gives, and its meta labels.

pub mod aws;
mod aws_fields;
pub mod azure;
pub mod consul;
pub mod digitalocean;
pub mod dns;
pub mod docker;
pub mod dockerswarm;
pub mod ec2;
pub mod ecs;
pub mod elasticache;
pub mod eureka;
pub mod file;
pub mod fixed;
pub mod gce;
pub mod hetzner;
pub mod http_sd;
pub mod ionos;
pub mod kubernetes;
pub mod kuma;
pub mod lightsail;
pub mod linode;
pub mod marathon;
pub mod msk;
pub mod nerve;
pub mod nomad;
pub mod oci;
pub mod openstack;
pub mod outscale;
pub mod ovhcloud;
pub mod puppetdb;
pub mod rds;
pub mod scaleway;
pub mod serverset;
pub mod stackit;
pub mod triton;
pub mod uyuni;
pub mod vultr;

use schema::{Field, RECORD, Record};

/// A discovery mechanism, complete: the field that lists its sections, the records of a section,
/// the address and the labels of its targets.
#[derive(Clone, Copy, Debug)]
pub struct Mechanism {
    /// The field of a scrape config that lists sections of this mechanism, `dns_sd_configs`.
    pub field: Field,
    /// The Go type of the list, as error messages print it.
    pub go_type: &'static [&'static str],
    /// The record of a section, followed by the records inside it, each with its Go type upstream.
    pub records: &'static [(&'static Record, &'static str)],
    /// The value of `__address__`.
    pub address: &'static str,
    /// The labels that a target has before relabeling.
    pub meta: &'static [&'static [Meta]],
}

/// One `__meta_…` label.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// A part in angle brackets stands for what differs: `__meta_ec2_tag_<tagkey>`.
    pub name: &'static str,
    pub doc: &'static str,
    /// The roles that give it, parted by blanks; empty where it does not depend on the role.
    pub roles: &'static str,
}

/// Returns true if `label` matches a name, in which angle brackets are a placeholder.
pub fn names_label(name: &str, label: &str) -> bool {
    match name.split_once('<') {
        Some((prefix, _)) => label.len() > prefix.len() && label.starts_with(prefix),
        None => label == name,
    }
}

impl Meta {
    /// Returns true if `label` is this label, or matches this pattern.
    pub fn matches(&self, label: &str) -> bool {
        names_label(self.name, label)
    }

    /// Returns true if targets of this role have the label. An empty role counts as any role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.is_empty() || role.is_empty() || self.roles.split(' ').any(|one| one == role)
    }
}

impl Mechanism {
    pub fn meta(&self) -> impl Iterator<Item = &'static Meta> {
        self.meta.iter().copied().flatten()
    }

    /// The key of the field, `dns_sd_configs`.
    pub fn key(&self) -> &'static str {
        self.field.key
    }

    /// The record of a section.
    pub fn record(&self) -> &'static Record {
        self.records.first().map_or(&RECORD_WITHOUT_FIELDS, |(record, _)| record)
    }

    /// The name without `_sd_configs`.
    pub fn name(&self) -> &'static str {
        self.key().trim_end_matches("_sd_configs").trim_end_matches("_configs")
    }
}

/// The mechanism of a key, `dns_sd_configs`.
pub fn find(key: &str) -> Option<&'static Mechanism> {
    MECHANISMS.iter().copied().find(|mechanism| mechanism.key() == key)
}

static RECORD_WITHOUT_FIELDS: Record = RECORD;

/// Lists every mechanism once. A new mechanism is its file, with a `MECHANISM` in it, and its name
/// here.
macro_rules! mechanisms {
    ($($module:ident)*) => {
        /// All mechanisms, in the order of the documentation.
        pub static MECHANISMS: &[&Mechanism] = &[$(&$module::MECHANISM),*];

        /// The fields that list the sections of each mechanism. They are inlined in scrape configs
        /// and Alertmanager configs.
        pub static DISCOVERY: Record = Record {
            name: "discovery",
            go_names: &[$(($module::MECHANISM.field.key, $module::MECHANISM.go_type)),*],
            doc: "The sources of targets. A job can combine several mechanisms, and several entries of one mechanism.",
            fields: &[$($module::MECHANISM.field),*],
            ..RECORD
        };
    };
}

mechanisms! {
    fixed
    file
    dns
    http_sd
    kubernetes
    consul
    docker
    dockerswarm
    azure
    digitalocean
    eureka
    gce
    hetzner
    ionos
    kuma
    linode
    marathon
    nerve
    serverset
    nomad
    oci
    openstack
    outscale
    ovhcloud
    puppetdb
    scaleway
    stackit
    triton
    uyuni
    vultr
    aws
    ec2
    ecs
    elasticache
    lightsail
    msk
    rds
}
