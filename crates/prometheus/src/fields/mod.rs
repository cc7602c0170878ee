//! Every field of the configuration, declared once; one file for each area.

pub mod alerting;
mod azure_fields;
pub mod cloud;
pub mod discovery;
pub mod global;
pub mod http;
pub mod oauth2;
pub mod otlp;
pub mod relabel;
pub mod remote;
pub mod root;
pub mod rules;
pub mod runtime;
pub mod scrape;
pub mod storage;
pub mod tls;
pub mod tracing;
pub mod values;

#[cfg(test)]
mod tests;

use schema::{Record, Type};

const DURATION: Type = Type::Duration { zero: true };
const INT: Type = Type::Int { min: i64::MIN, max: i64::MAX };
const UINT: Type = Type::Uint { max: u64::MAX };

/// Every record with the Go type that it describes, as `package.Type`.
pub static RECORDS: &[(&Record, &str)] = &[
    (&root::ROOT, "config.Config"),
    (&root::SCRAPE_FILE, "config.ScrapeConfigs"),
    (&runtime::RUNTIME, "config.RuntimeConfig"),
    (&global::GLOBAL, "config.GlobalConfig"),
    (&scrape::SCRAPE, "config.ScrapeConfig"),
    (&relabel::RELABEL, "relabel.Config"),
    (&http::HTTP, "common.HTTPClientConfig"),
    (&http::BASIC_AUTH, "common.BasicAuth"),
    (&http::AUTHORIZATION, "common.Authorization"),
    (&http::HEADER, "common.Header"),
    (&tls::TLS, "common.TLSConfig"),
    (&oauth2::OAUTH2, "common.OAuth2"),
    (&alerting::ALERTING, "config.AlertingConfig"),
    (&alerting::ALERTMANAGER, "config.AlertmanagerConfig"),
    (&storage::STORAGE, "config.StorageConfig"),
    (&storage::TSDB, "config.TSDBConfig"),
    (&storage::RETENTION, "config.TSDBRetentionConfig"),
    (&storage::CHUNKS, "config.ChunkEncodingConfig"),
    (&storage::EXEMPLARS, "config.ExemplarsConfig"),
    (&tracing::TRACING, "config.TracingConfig"),
    (&otlp::OTLP, "config.OTLPConfig"),
    (&remote::REMOTE_WRITE, "config.RemoteWriteConfig"),
    (&remote::QUEUE, "config.QueueConfig"),
    (&remote::METADATA, "config.MetadataConfig"),
    (&cloud::SIGV4, "sigv4.SigV4Config"),
    (&cloud::AZUREAD, "azuread.AzureADConfig"),
    (&cloud::AZ_MANAGED, "azuread.ManagedIdentityConfig"),
    (&cloud::AZ_WORKLOAD, "azuread.WorkloadIdentityConfig"),
    (&cloud::AZ_OAUTH, "azuread.OAuthConfig"),
    (&cloud::AZ_SDK, "azuread.SDKConfig"),
    (&cloud::AZ_CERTIFICATE, "azuread.CertificateConfig"),
    (&cloud::GOOGLE_IAM, "googleiam.Config"),
    (&remote::REMOTE_READ, "config.RemoteReadConfig"),
    (&rules::RULE_FILE, "rulefmt.RuleGroups"),
    (&rules::GROUP, "rulefmt.RuleGroup"),
    (&rules::RULE, "rulefmt.Rule"),
    (&discovery::fixed::STATIC, "config.TargetGroup"),
    (&discovery::file::FILE, "file.SDConfig"),
    (&discovery::dns::DNS, "dns.SDConfig"),
    (&discovery::http_sd::HTTP_SD, "http.SDConfig"),
    (&discovery::kubernetes::KUBERNETES, "kubernetes.SDConfig"),
    (&discovery::kubernetes::NAMESPACES, "kubernetes.NamespaceDiscovery"),
    (&discovery::kubernetes::SELECTOR, "kubernetes.SelectorConfig"),
    (&discovery::kubernetes::ATTACH, "kubernetes.AttachMetadataConfig"),
    (&discovery::consul::CONSUL, "consul.SDConfig"),
    (&discovery::docker::DOCKER, "moby.DockerSDConfig"),
    (&discovery::docker::FILTER, "moby.Filter"),
    (&discovery::dockerswarm::DOCKERSWARM, "moby.DockerSwarmSDConfig"),
    (&discovery::azure::AZURE, "azure.SDConfig"),
    (&discovery::digitalocean::DIGITALOCEAN, "digitalocean.SDConfig"),
    (&discovery::eureka::EUREKA, "eureka.SDConfig"),
    (&discovery::gce::GCE, "gce.SDConfig"),
    (&discovery::hetzner::HETZNER, "hetzner.SDConfig"),
    (&discovery::ionos::IONOS, "ionos.SDConfig"),
    (&discovery::kuma::KUMA, "xds.SDConfig"),
    (&discovery::linode::LINODE, "linode.SDConfig"),
    (&discovery::marathon::MARATHON, "marathon.SDConfig"),
    (&discovery::nerve::NERVE, "zookeeper.NerveSDConfig"),
    (&discovery::serverset::SERVERSET, "zookeeper.ServersetSDConfig"),
    (&discovery::nomad::NOMAD, "nomad.SDConfig"),
    (&discovery::oci::OCI, "oci.SDConfig"),
    (&discovery::openstack::OPENSTACK, "openstack.SDConfig"),
    (&discovery::outscale::OUTSCALE, "outscale.SDConfig"),
    (&discovery::ovhcloud::OVHCLOUD, "ovhcloud.SDConfig"),
    (&discovery::puppetdb::PUPPETDB, "puppetdb.SDConfig"),
    (&discovery::scaleway::SCALEWAY, "scaleway.SDConfig"),
    (&discovery::stackit::STACKIT, "stackit.SDConfig"),
    (&discovery::triton::TRITON, "triton.SDConfig"),
    (&discovery::uyuni::UYUNI, "uyuni.SDConfig"),
    (&discovery::vultr::VULTR, "vultr.SDConfig"),
    (&discovery::aws::AWS, "aws.SDConfig"),
    (&discovery::aws::FILTER, "aws.Filter"),
    (&discovery::ec2::EC2, "aws.EC2SDConfig"),
    (&discovery::ecs::ECS, "aws.ECSSDConfig"),
    (&discovery::elasticache::ELASTICACHE, "aws.ElasticacheSDConfig"),
    (&discovery::lightsail::LIGHTSAIL, "aws.LightsailSDConfig"),
    (&discovery::msk::MSK, "aws.MSKSDConfig"),
    (&discovery::rds::RDS, "aws.RDSSDConfig"),
];
