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

use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// One key under which targets are found.
#[derive(Clone, Copy, Debug)]
pub struct Mechanism {
    /// `kubernetes_sd_configs`.
    pub key: &'static str,
    pub record: &'static Record,
    /// What `__address__` is made of.
    pub address: &'static str,
    /// The labels that a target has before relabelling.
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

/// Whether a name of a label, in which angle brackets stand for what differs, is that of `label`.
pub fn names_label(name: &str, label: &str) -> bool {
    match name.split_once('<') {
        Some((prefix, _)) => label.len() > prefix.len() && label.starts_with(prefix),
        None => label == name,
    }
}

impl Meta {
    /// Whether `label` is this label, or one of the labels of this pattern.
    pub fn matches(&self, label: &str) -> bool {
        names_label(self.name, label)
    }

    /// Whether a target of this role has it; an unknown role counts as any.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.is_empty() || role.is_empty() || self.roles.split(' ').any(|one| one == role)
    }
}

impl Mechanism {
    pub fn meta(&self) -> impl Iterator<Item = &'static Meta> {
        self.meta.iter().copied().flatten()
    }

    /// The mechanism's name without `_sd_configs`.
    pub fn name(&self) -> &'static str {
        self.key.trim_end_matches("_sd_configs").trim_end_matches("_configs")
    }
}

/// The mechanism of a key, `dns_sd_configs`.
pub fn find(key: &str) -> Option<&'static Mechanism> {
    MECHANISMS.iter().copied().find(|mechanism| mechanism.key == key)
}

/// All mechanisms, in the order in which people are told of them.
pub static MECHANISMS: &[&Mechanism] = &[
    &fixed::MECHANISM,
    &file::MECHANISM,
    &dns::MECHANISM,
    &http_sd::MECHANISM,
    &kubernetes::MECHANISM,
    &consul::MECHANISM,
    &docker::MECHANISM,
    &dockerswarm::MECHANISM,
    &azure::MECHANISM,
    &digitalocean::MECHANISM,
    &eureka::MECHANISM,
    &gce::MECHANISM,
    &hetzner::MECHANISM,
    &ionos::MECHANISM,
    &kuma::MECHANISM,
    &linode::MECHANISM,
    &marathon::MECHANISM,
    &nerve::MECHANISM,
    &serverset::MECHANISM,
    &nomad::MECHANISM,
    &oci::MECHANISM,
    &openstack::MECHANISM,
    &outscale::MECHANISM,
    &ovhcloud::MECHANISM,
    &puppetdb::MECHANISM,
    &scaleway::MECHANISM,
    &stackit::MECHANISM,
    &triton::MECHANISM,
    &uyuni::MECHANISM,
    &vultr::MECHANISM,
    &aws::MECHANISM,
    &ec2::MECHANISM,
    &ecs::MECHANISM,
    &elasticache::MECHANISM,
    &lightsail::MECHANISM,
    &msk::MECHANISM,
    &rds::MECHANISM,
];

/// The keys themselves, which stand in a job and in an Alertmanager's section.
pub static DISCOVERY: Record = Record {
    name: "discovery",
    go_names: &[
        ("static_configs", &["[]*targetgroup.Group"]),
        ("file_sd_configs", &["[]*file.SDConfig"]),
        ("dns_sd_configs", &["[]*dns.SDConfig"]),
        ("http_sd_configs", &["[]*http.SDConfig"]),
        ("kubernetes_sd_configs", &["[]*kubernetes.SDConfig"]),
        ("consul_sd_configs", &["[]*consul.SDConfig"]),
        ("docker_sd_configs", &["[]*moby.DockerSDConfig"]),
        ("dockerswarm_sd_configs", &["[]*moby.DockerSwarmSDConfig"]),
        ("azure_sd_configs", &["[]*azure.SDConfig"]),
        ("digitalocean_sd_configs", &["[]*digitalocean.SDConfig"]),
        ("eureka_sd_configs", &["[]*eureka.SDConfig"]),
        ("gce_sd_configs", &["[]*gce.SDConfig"]),
        ("hetzner_sd_configs", &["[]*hetzner.SDConfig"]),
        ("ionos_sd_configs", &["[]*ionos.SDConfig"]),
        ("kuma_sd_configs", &["[]*xds.SDConfig"]),
        ("linode_sd_configs", &["[]*linode.SDConfig"]),
        ("marathon_sd_configs", &["[]*marathon.SDConfig"]),
        ("nerve_sd_configs", &["[]*zookeeper.NerveSDConfig"]),
        ("serverset_sd_configs", &["[]*zookeeper.ServersetSDConfig"]),
        ("nomad_sd_configs", &["[]*nomad.SDConfig"]),
        ("oci_sd_configs", &["[]*oci.SDConfig"]),
        ("openstack_sd_configs", &["[]*openstack.SDConfig"]),
        ("outscale_sd_configs", &["[]*outscale.SDConfig"]),
        ("ovhcloud_sd_configs", &["[]*ovhcloud.SDConfig"]),
        ("puppetdb_sd_configs", &["[]*puppetdb.SDConfig"]),
        ("scaleway_sd_configs", &["[]*scaleway.SDConfig"]),
        ("stackit_sd_configs", &["[]*stackit.SDConfig"]),
        ("triton_sd_configs", &["[]*triton.SDConfig"]),
        ("uyuni_sd_configs", &["[]*uyuni.SDConfig"]),
        ("vultr_sd_configs", &["[]*vultr.SDConfig"]),
        ("aws_sd_configs", &["[]*aws.SDConfig"]),
        ("ec2_sd_configs", &["[]*aws.EC2SDConfig"]),
        ("ecs_sd_configs", &["[]*aws.ECSSDConfig"]),
        ("elasticache_sd_configs", &["[]*aws.ElasticacheSDConfig"]),
        ("lightsail_sd_configs", &["[]*aws.LightsailSDConfig"]),
        ("msk_sd_configs", &["[]*aws.MSKSDConfig"]),
        ("rds_sd_configs", &["[]*aws.RDSSDConfig"]),
    ],
    doc: "Where targets come from. Several mechanisms, and several entries of one, add up.",
    fields: &[
        Field {
            key: "static_configs",
            ty: Type::List(&Type::Record(&fixed::STATIC)),
            default: DefaultValue::None,
            note: "targets that are written down here",
            doc: "Targets that are written down here.",
            example: "static_configs:\n  - targets: ['web:8080']",
            since: Version(0, 20),
            ..FIELD
        },
        Field {
            key: "file_sd_configs",
            ty: Type::List(&Type::Record(&file::FILE)),
            default: DefaultValue::None,
            note: "targets that are read from files of JSON or YAML, which other programs keep up to date",
            doc: "Targets that are read from files of JSON or YAML, which other programs keep up to date. A changed file is noticed at once.",
            example: "file_sd_configs:\n  - files:\n      - targets/*.yml",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "dns_sd_configs",
            ty: Type::List(&Type::Record(&dns::DNS)),
            default: DefaultValue::None,
            note: "targets from DNS records",
            doc: "Targets from DNS records. The names are looked up again and again; this is how a headless Service can be followed without access to the Kubernetes API.",
            example: "dns_sd_configs:\n  - names: [web.default.svc.cluster.local]\n    type: A\n    port: 8080",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "http_sd_configs",
            ty: Type::List(&Type::Record(&http_sd::HTTP_SD)),
            default: DefaultValue::None,
            note: "targets that a web service returns as a JSON list of groups, in the form of file discovery",
            doc: "Targets that a web service returns as a JSON list of groups, in the form of file discovery.",
            example: "http_sd_configs:\n  - refresh_interval: 1m\n    url: http://inventory:8080/targets",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "kubernetes_sd_configs",
            ty: Type::List(&Type::Record(&kubernetes::KUBERNETES)),
            default: DefaultValue::None,
            note: "targets from the Kubernetes API, kept up to date by watching it",
            doc: "Targets from the Kubernetes API, kept up to date by watching it. What becomes a target is decided by the role.",
            example: "kubernetes_sd_configs:\n  - role: pod",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "consul_sd_configs",
            ty: Type::List(&Type::Record(&consul::CONSUL)),
            default: DefaultValue::None,
            note: "targets from Consul's catalogue of services",
            doc: "Targets from Consul's catalogue of services.",
            example: "consul_sd_configs:\n  - password: abc\n    username: prometheus",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "docker_sd_configs",
            ty: Type::List(&Type::Record(&docker::DOCKER)),
            default: DefaultValue::None,
            note: "targets from the containers of a Docker daemon",
            doc: "Targets from the containers of a Docker daemon: one for each network and port of a container.",
            example: "docker_sd_configs:\n  - filters:\n      - name: label\n        values: [prometheus=true]\n    host: unix:///var/run/docker.sock",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "dockerswarm_sd_configs",
            ty: Type::List(&Type::Record(&dockerswarm::DOCKERSWARM)),
            default: DefaultValue::None,
            note: "targets from a Docker Swarm",
            doc: "Targets from a Docker Swarm: its services, tasks or nodes.",
            example: "dockerswarm_sd_configs:\n  - filters:\n      - name: name\n        values: [web]\n    host: unix:///var/run/docker.sock\n    role: tasks",
            since: Version(2, 20),
            ..FIELD
        },
        Field {
            key: "azure_sd_configs",
            ty: Type::List(&Type::Record(&azure::AZURE)),
            default: DefaultValue::None,
            note: "targets from virtual machines in Azure",
            doc: "Targets from virtual machines in Azure.",
            example: "azure_sd_configs:\n  - subscription_id: 11111111-1111-1111-1111-111111111111\n    authentication_method: ManagedIdentity",
            since: Version(0, 19),
            ..FIELD
        },
        Field {
            key: "digitalocean_sd_configs",
            ty: Type::List(&Type::Record(&digitalocean::DIGITALOCEAN)),
            default: DefaultValue::None,
            note: "targets from DigitalOcean's droplets or databases",
            doc: "Targets from DigitalOcean's droplets or databases.",
            example: "digitalocean_sd_configs:\n  - refresh_interval: 1m",
            since: Version(2, 20),
            ..FIELD
        },
        Field {
            key: "eureka_sd_configs",
            ty: Type::List(&Type::Record(&eureka::EUREKA)),
            default: DefaultValue::None,
            note: "targets from a Eureka registry, as Spring applications use it",
            doc: "Targets from a Eureka registry, as Spring applications use it.",
            example: "eureka_sd_configs:\n  - refresh_interval: 30s\n    server: http://eureka:8761/eureka",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "gce_sd_configs",
            ty: Type::List(&Type::Record(&gce::GCE)),
            default: DefaultValue::None,
            note: "targets from Google Cloud's virtual machines",
            doc: "Targets from Google Cloud's virtual machines. Credentials are found as Google's libraries find them.",
            example: "gce_sd_configs:\n  - filter: labels.metrics=true\n    project: web-prod\n    zone: europe-west1-b",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "hetzner_sd_configs",
            ty: Type::List(&Type::Record(&hetzner::HETZNER)),
            default: DefaultValue::None,
            note: "targets from Hetzner's cloud or its dedicated servers",
            doc: "Targets from Hetzner's cloud or its dedicated servers.",
            example: "hetzner_sd_configs:\n  - role: hcloud",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "ionos_sd_configs",
            ty: Type::List(&Type::Record(&ionos::IONOS)),
            default: DefaultValue::None,
            note: "targets from servers of an IONOS data centre",
            doc: "Targets from servers of an IONOS data centre.",
            example: "ionos_sd_configs:\n  - refresh_interval: 1m\n    datacenter_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 36),
            ..FIELD
        },
        Field {
            key: "kuma_sd_configs",
            ty: Type::List(&Type::Record(&kuma::KUMA)),
            default: DefaultValue::None,
            note: "targets from a Kuma service mesh",
            doc: "Targets from a Kuma service mesh: its data plane proxies.",
            example: "kuma_sd_configs:\n  - refresh_interval: 15s\n    server: http://kuma-control-plane.kuma-system:5676",
            since: Version(2, 29),
            ..FIELD
        },
        Field {
            key: "linode_sd_configs",
            ty: Type::List(&Type::Record(&linode::LINODE)),
            default: DefaultValue::None,
            note: "targets from Linode's instances",
            doc: "Targets from Linode's instances.",
            example: "linode_sd_configs:\n  - refresh_interval: 1m",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "marathon_sd_configs",
            ty: Type::List(&Type::Record(&marathon::MARATHON)),
            default: DefaultValue::None,
            note: "targets from the tasks that Marathon runs",
            doc: "Targets from the tasks that Marathon runs.",
            example: "marathon_sd_configs:\n  - refresh_interval: 30s\n    servers: ['https://marathon:8443']",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "nerve_sd_configs",
            ty: Type::List(&Type::Record(&nerve::NERVE)),
            default: DefaultValue::None,
            note: "targets from Nerve's entries in ZooKeeper",
            doc: "Targets from Nerve's entries in ZooKeeper.",
            example: "nerve_sd_configs:\n  - timeout: 10s\n    servers: ['zookeeper:2181']\n    paths: [/services]",
            since: Version(0, 17),
            ..FIELD
        },
        Field {
            key: "serverset_sd_configs",
            ty: Type::List(&Type::Record(&serverset::SERVERSET)),
            default: DefaultValue::None,
            note: "targets from Finagle's server sets in ZooKeeper",
            doc: "Targets from Finagle's server sets in ZooKeeper.",
            example: "serverset_sd_configs:\n  - timeout: 10s\n    servers: ['zookeeper:2181']\n    paths: [/services]",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "nomad_sd_configs",
            ty: Type::List(&Type::Record(&nomad::NOMAD)),
            default: DefaultValue::None,
            note: "targets from services that Nomad registers itself",
            doc: "Targets from services that Nomad registers itself.",
            example: "nomad_sd_configs:\n  - allow_stale: false",
            since: Version(2, 37),
            ..FIELD
        },
        Field {
            key: "oci_sd_configs",
            ty: Type::List(&Type::Record(&oci::OCI)),
            default: DefaultValue::None,
            note: "targets from instances in Oracle's cloud",
            doc: "Targets from instances in Oracle's cloud.",
            example: "oci_sd_configs:\n  - key_passphrase: abc\n    user: ocid1.user.oc1..a\n    tenancy: ocid1.tenancy.oc1..a\n    fingerprint: aa:bb\n    key_file: /etc/prometheus/oci.pem\n    region: eu-frankfurt-1",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "openstack_sd_configs",
            ty: Type::List(&Type::Record(&openstack::OPENSTACK)),
            default: DefaultValue::None,
            note: "targets from OpenStack",
            doc: "Targets from OpenStack: hypervisors, instances or load balancers.",
            example: "openstack_sd_configs:\n  - tls_config:\n      ca_file: /etc/prometheus/ca.crt\n    role: instance\n    region: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "outscale_sd_configs",
            ty: Type::List(&Type::Record(&outscale::OUTSCALE)),
            default: DefaultValue::None,
            note: "targets from virtual machines at Outscale",
            doc: "Targets from virtual machines at Outscale.",
            example: "outscale_sd_configs:\n  - access_key: A1B2C3\n    secret_key_file: /etc/prometheus/outscale",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "ovhcloud_sd_configs",
            ty: Type::List(&Type::Record(&ovhcloud::OVHCLOUD)),
            default: DefaultValue::None,
            note: "targets from OVHcloud",
            doc: "Targets from OVHcloud: dedicated or virtual private servers.",
            example: "ovhcloud_sd_configs:\n  - application_key: abc\n    application_secret: abc\n    consumer_key: abc\n    service: vps",
            since: Version(2, 40),
            ..FIELD
        },
        Field {
            key: "puppetdb_sd_configs",
            ty: Type::List(&Type::Record(&puppetdb::PUPPETDB)),
            default: DefaultValue::None,
            note: "targets from PuppetDB",
            doc: "Targets from PuppetDB: one for each resource that a query returns.",
            example: r#"puppetdb_sd_configs:
  - refresh_interval: 1m
    url: https://puppetdb:8081
    query: resources { type = "Package" }"#,
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "scaleway_sd_configs",
            ty: Type::List(&Type::Record(&scaleway::SCALEWAY)),
            default: DefaultValue::None,
            note: "targets from Scaleway's instances or bare metal servers",
            doc: "Targets from Scaleway's instances or bare metal servers.",
            example: "scaleway_sd_configs:\n  - role: instance\n    project_id: 11111111-1111-1111-1111-111111111111\n    access_key: SCWXXXXXXXXXXXXXXXXX\n    secret_key_file: /etc/prometheus/scaleway",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "stackit_sd_configs",
            ty: Type::List(&Type::Record(&stackit::STACKIT)),
            default: DefaultValue::None,
            note: "targets from servers in STACKIT's cloud",
            doc: "Targets from servers in STACKIT's cloud.",
            example: "stackit_sd_configs:\n  - project: 11111111-1111-1111-1111-111111111111",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "triton_sd_configs",
            ty: Type::List(&Type::Record(&triton::TRITON)),
            default: DefaultValue::None,
            note: "targets from Triton's container monitor",
            doc: "Targets from Triton's container monitor.",
            example: "triton_sd_configs:\n  - tls_config:\n      insecure_skip_verify: true\n    account: web\n    dns_suffix: triton.example.com\n    endpoint: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "uyuni_sd_configs",
            ty: Type::List(&Type::Record(&uyuni::UYUNI)),
            default: DefaultValue::None,
            note: "targets from systems that Uyuni manages",
            doc: "Targets from systems that Uyuni manages.",
            example: "uyuni_sd_configs:\n  - server: https://uyuni\n    username: prometheus\n    password: abc",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "vultr_sd_configs",
            ty: Type::List(&Type::Record(&vultr::VULTR)),
            default: DefaultValue::None,
            note: "targets from Vultr's instances",
            doc: "Targets from Vultr's instances.",
            example: "vultr_sd_configs:\n  - refresh_interval: 1m",
            since: Version(2, 36),
            ..FIELD
        },
        Field {
            key: "aws_sd_configs",
            ty: Type::List(&Type::Record(&aws::AWS)),
            default: DefaultValue::None,
            note: "targets from AWS",
            doc: "Targets from AWS: one mechanism for all services that have one, chosen by the role.",
            example: "aws_sd_configs:\n  - role: ec2\n    region: eu-west-1",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "ec2_sd_configs",
            ty: Type::List(&Type::Record(&ec2::EC2)),
            default: DefaultValue::None,
            note: "targets from EC2 instances",
            doc: "Targets from EC2 instances.",
            example: "ec2_sd_configs:\n  - region: eu-west-1",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "ecs_sd_configs",
            ty: Type::List(&Type::Record(&ecs::ECS)),
            default: DefaultValue::None,
            note: "targets from tasks of ECS clusters",
            doc: "Targets from tasks of ECS clusters.",
            example: "ecs_sd_configs:\n  - region: eu-west-1",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "elasticache_sd_configs",
            ty: Type::List(&Type::Record(&elasticache::ELASTICACHE)),
            default: DefaultValue::None,
            note: "targets from ElastiCache",
            doc: "Targets from ElastiCache: serverless caches and cluster nodes.",
            example: "elasticache_sd_configs:\n  - region: eu-west-1",
            since: Version(3, 11),
            ..FIELD
        },
        Field {
            key: "lightsail_sd_configs",
            ty: Type::List(&Type::Record(&lightsail::LIGHTSAIL)),
            default: DefaultValue::None,
            note: "targets from Lightsail instances",
            doc: "Targets from Lightsail instances.",
            example: "lightsail_sd_configs:\n  - region: eu-west-1",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "msk_sd_configs",
            ty: Type::List(&Type::Record(&msk::MSK)),
            default: DefaultValue::None,
            note: "targets from the brokers of MSK, Amazon's managed Kafka",
            doc: "Targets from the brokers of MSK, Amazon's managed Kafka.",
            example: "msk_sd_configs:\n  - region: eu-west-1",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "rds_sd_configs",
            ty: Type::List(&Type::Record(&rds::RDS)),
            default: DefaultValue::None,
            note: "targets from RDS databases and Aurora clusters",
            doc: "Targets from RDS databases and Aurora clusters.",
            example: "rds_sd_configs:\n  - filters:\n      - name: tag:env\n        values: [prod]",
            since: Version(3, 11),
            ..FIELD
        },
    ],
    ..RECORD
};
