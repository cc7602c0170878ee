//! Service discovery of ScrapeConfigs: a table of what each kind writes, in order.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go generateScrapeConfig.

use kubernetes::object::{NULL, Value};

use super::ConfigContext;
use super::http::scheme;
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

/// One entry of a configuration, or several that belong together.
enum Part {
    Basic,
    Authorization,
    OAuth2,
    Proxy,
    Tls,
    /// A field that is written if it is set.
    Copy(&'static str, &'static str),
    /// A field that is written even if it is empty.
    Always(&'static str, &'static str),
    /// A list or mapping that is written unless it is empty.
    Filled(&'static str, &'static str),
    /// A field that is written if the version of Prometheus knows it.
    Since(Version, &'static str, &'static str),
    /// A value in lower case.
    Lower(&'static str, &'static str),
    /// The value of a Secret's key.
    Secret(&'static str, &'static str),
    Scheme,
    Filters,
    /// A field that needs code of its own.
    Special(fn(&ConfigContext<'_>, &mut Entries, &Field<'_>)),
}

use Part::{
    Always, Authorization, Basic, Copy, Filled, Filters, Lower, OAuth2, Proxy, Scheme, Secret,
    Since, Special, Tls,
};

const REFRESH: Part = Copy("refresh_interval", "refreshInterval");
const PORT: Part = Copy("port", "port");
const REDIRECTS: Part = Copy("follow_redirects", "followRedirects");
const HTTP2: Part = Copy("enable_http2", "enableHTTP2");
const REGION: Part = Copy("region", "region");
const TAG_SEPARATOR: Part = Copy("tag_separator", "tagSeparator");

/// Kinds in the order of the configuration: field, key, parts.
#[rustfmt::skip]
static KINDS: &[(&str, &str, &[Part])] = &[
    ("fileSDConfigs", "file_sd_configs", &[Always("files", "files"), REFRESH]),
    ("httpSDConfigs", "http_sd_configs",
        &[Basic, Authorization, Tls, Proxy, OAuth2, Always("url", "url"), REFRESH, REDIRECTS, HTTP2]),
    ("kubernetesSDConfigs", "kubernetes_sd_configs",
        &[Copy("api_server", "apiServer"), Lower("role", "role"), Basic, Authorization, OAuth2, Proxy,
            REDIRECTS, HTTP2, Tls, Special(kubernetes)]),
    ("consulSDConfigs", "consul_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, Tls, Always("server", "server"),
            Copy("path_prefix", "pathPrefix"), Secret("token", "tokenRef"),
            Copy("datacenter", "datacenter"), Copy("namespace", "namespace"),
            Copy("partition", "partition"), Scheme, Filled("services", "services"),
            Filled("tags", "tags"), TAG_SEPARATOR, Filled("node_meta", "nodeMeta"),
            Copy("filter", "filter"), Copy("health_filter", "healthFilter"),
            Copy("allow_stale", "allowStale"), REFRESH, REDIRECTS, HTTP2]),
    ("dnsSDConfigs", "dns_sd_configs", &[Always("names", "names"), REFRESH, Special(dns_type), PORT]),
    ("ec2SDConfigs", "ec2_sd_configs",
        &[Proxy, REGION, Special(key_pair), Copy("role_arn", "roleARN"), REFRESH, PORT, Filters,
            Since(Version(2, 41, 0), "follow_redirects", "followRedirects"),
            Since(Version(2, 41, 0), "enable_http2", "enableHTTP2"), Special(tls_since_2_41)]),
    ("azureSDConfigs", "azure_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, Special(environment),
            Copy("authentication_method", "authenticationMethod"),
            Special(subscription), Copy("tenant_id", "tenantID"), Copy("client_id", "clientID"),
            Secret("client_secret", "clientSecret"), Copy("resource_group", "resourceGroup"), REFRESH,
            PORT]),
    ("gceSDConfigs", "gce_sd_configs",
        &[Always("project", "project"), Always("zone", "zone"), Copy("filter", "filter"), REFRESH, PORT,
            TAG_SEPARATOR]),
    ("openstackSDConfigs", "openstack_sd_configs",
        &[Lower("role", "role"), Always("region", "region"),
            Copy("identity_endpoint", "identityEndpoint"), Copy("username", "username"),
            Copy("userid", "userid"), Secret("password", "password"),
            Copy("domain_name", "domainName"), Copy("domain_id", "domainID"),
            Copy("project_name", "projectName"), Copy("project_id", "projectID"),
            Copy("application_credential_name", "applicationCredentialName"),
            Copy("application_credential_id", "applicationCredentialId"),
            Secret("application_credential_secret", "applicationCredentialSecret"),
            Copy("all_tenants", "allTenants"), REFRESH, PORT, Copy("availability", "availability"), Tls]),
    ("digitalOceanSDConfigs", "digitalocean_sd_configs",
        &[Authorization, OAuth2, Proxy, REDIRECTS, HTTP2, Tls, PORT, REFRESH]),
    ("kumaSDConfigs", "kuma_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, Always("server", "server"), REDIRECTS, HTTP2, Tls, REFRESH,
            Copy("fetch_timeout", "fetchTimeout"), Copy("client_id", "clientID")]),
    ("eurekaSDConfigs", "eureka_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, REDIRECTS, HTTP2, Tls, REFRESH, Copy("server", "server")]),
    ("dockerSDConfigs", "docker_sd_configs",
        &[Authorization, OAuth2, Proxy, Basic, Filters, Always("host", "host"), Tls, PORT,
            Copy("host_networking_host", "hostNetworkingHost"),
            Since(Version(2, 54, 1), "match_first_network", "matchFirstNetwork"), REFRESH, REDIRECTS,
            HTTP2]),
    ("linodeSDConfigs", "linode_sd_configs",
        &[Authorization, OAuth2, Proxy, Tls, PORT, REGION, HTTP2, TAG_SEPARATOR, REFRESH, REDIRECTS]),
    ("hetznerSDConfigs", "hetzner_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, Lower("role", "role"), REDIRECTS, HTTP2, Tls, PORT, REFRESH,
            Special(label_selector)]),
    ("nomadSDConfigs", "nomad_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, Always("server", "server"),
            Copy("allow_stale", "allowStale"), Copy("namespace", "namespace"), REFRESH, REGION,
            TAG_SEPARATOR, REDIRECTS, HTTP2, Tls]),
    ("dockerSwarmSDConfigs", "dockerswarm_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, Filters, Always("host", "host"), Tls, Lower("role", "role"),
            PORT, REFRESH, REDIRECTS, HTTP2]),
    ("puppetDBSDConfigs", "puppetdb_sd_configs",
        &[Basic, Authorization, OAuth2, Proxy, Always("url", "url"), Always("query", "query"),
            Copy("include_parameters", "includeParameters"), PORT, REFRESH, REDIRECTS, Tls, HTTP2]),
    ("lightSailSDConfigs", "lightsail_sd_configs",
        &[Basic, Authorization, Proxy, OAuth2, REGION, Copy("endpoint", "endpoint"), PORT, REFRESH,
            Special(key_pair), Copy("role_arn", "roleARN"), Tls, REDIRECTS, HTTP2]),
    ("ovhcloudSDConfigs", "ovhcloud_sd_configs",
        &[Always("application_key", "applicationKey"), Secret("application_secret", "applicationSecret"),
            Secret("consumer_key", "consumerKey"), Special(service), Copy("endpoint", "endpoint"),
            REFRESH]),
    ("scalewaySDConfigs", "scaleway_sd_configs",
        &[Always("access_key", "accessKey"), Secret("secret_key", "secretKey"),
            Always("project_id", "projectID"), Lower("role", "role"), PORT, Copy("api_url", "apiURL"),
            Copy("zone", "zone"), Copy("name_filter", "nameFilter"), Filled("tags_filter", "tagsFilter"),
            REFRESH, Proxy, Tls, REDIRECTS, HTTP2]),
    ("ionosSDConfigs", "ionos_sd_configs",
        &[Special(ionos_authorization), OAuth2, Proxy, Tls, Always("datacenter_id", "datacenterID"),
            REDIRECTS, HTTP2, PORT, REFRESH]),
];

/// Writes the service discovery of a ScrapeConfig.
pub fn write(context: &ConfigContext<'_>, job: &mut Entries, spec: &Field<'_>) {
    for (name, key, parts) in KINDS {
        let field = spec.get(name);
        let configs = field.items();
        if !configs.is_empty() {
            let one = |config: &Field<'_>| {
                let mut out = Entries::default();
                parts.iter().for_each(|part| write_part(context, &mut out, config, part));
                out.tree().from(config)
            };
            job.put(key, Tree::list(configs.iter().map(one).collect()).from(&field));
        }
    }
}

fn write_part(context: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>, part: &Part) {
    match part {
        Basic => context.basic_auth(out, config),
        Authorization => context.authorization(out, &config.get("authorization")),
        OAuth2 => context.oauth2(out, config),
        Proxy => context.proxy(out, config),
        Tls => context.tls(out, &config.get("tlsConfig")),
        Copy(key, field) => out.copy(key, &config.get(field)),
        Always(key, field) => out.put(key, Tree::copy(&config.get(field))),
        Filled(key, field) => {
            if !config.value[*field].is_empty() {
                out.copy(key, &config.get(field));
            }
        }
        Since(version, key, field) if context.version >= *version => {
            out.copy(key, &config.get(field));
        }
        Since(..) => {}
        Lower(key, field) => {
            let field = config.get(field);
            out.put(key, Tree::text(field.text().to_lowercase()).from(&field));
        }
        Secret(key, field) => {
            let field = config.get(field);
            if field.is_set() {
                out.put(key, context.secret(&field));
            }
        }
        Scheme => scheme(out, &config.get("scheme")),
        Filters => filters(out, &config.get("filters")),
        Special(write) => write(context, out, config),
    }
}

fn filters(out: &mut Entries, field: &Field<'_>) {
    let mut filters = field.items();
    if filters.is_empty() {
        return;
    }
    filters.sort_by(|a, b| a.value.str("name").cmp(b.value.str("name")));
    let one = |filter: &Field<'_>| {
        let mut entries = Entries::default();
        entries.copy("name", &filter.get("name"));
        entries.copy("values", &filter.get("values"));
        entries.tree().from(filter)
    };
    out.put("filters", Tree::list(filters.iter().map(one).collect()).from(field));
}

fn kubernetes(context: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    let namespaces = config.get("namespaces");
    if namespaces.is_set() {
        let names = namespaces.get("names");
        let mut entries = Entries::default();
        let listed = if names.is_set() { Tree::copy(&names) } else { Tree::list(Vec::new()) };
        entries.put("names", listed);
        entries.copy("own_namespace", &namespaces.get("ownNamespace"));
        out.put("namespaces", entries.tree().from(&namespaces));
    }
    let selectors = config.get("selectors");
    if !selectors.items().is_empty() {
        let one = |selector: &Field<'_>| {
            let mut entries = Entries::default();
            let role = selector.get("role");
            entries.put("role", Tree::text(role.text().to_lowercase()).from(&role));
            entries.copy("label", &selector.get("label"));
            entries.copy("field", &selector.get("field"));
            entries.tree().from(selector)
        };
        let items = selectors.items().iter().map(one).collect();
        out.put("selectors", Tree::list(items).from(&selectors));
    }
    let since = match &*config.value.str("role").to_lowercase() {
        "pod" => Version(2, 35, 0),
        "endpoints" | "endpointslice" => Version(2, 37, 0),
        _ => return,
    };
    if context.version >= since {
        out.copy("attach_metadata", &config.get("attachMetadata"));
    }
}

fn dns_type(context: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    let kind = config.get("type");
    let since = match kind.text() {
        "NS" => Version(2, 49, 0),
        "MX" => Version(2, 38, 0),
        _ => Version(0, 0, 0),
    };
    if context.version >= since {
        out.copy("type", &kind);
    }
}

fn key_pair(context: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    let (access, secret) = (config.get("accessKey"), config.get("secretKey"));
    if access.is_set() && secret.is_set() {
        out.put("access_key", context.secret(&access));
        out.put("secret_key", context.secret(&secret));
    }
}

fn tls_since_2_41(context: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    if context.version >= Version(2, 41, 0) {
        context.tls(out, &config.get("tlsConfig"));
    }
}

/// The environment takes the place of what was written before it.
fn environment(_: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    let field = config.get("environment");
    if field.is_set() {
        out.0.clear();
        out.copy("environment", &field);
    }
}

fn subscription(_: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    out.copy_text("subscription_id", &config.get("subscriptionID"));
}

fn label_selector(context: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    if context.version >= Version(3, 5, 0) {
        out.copy_text("label_selector", &config.get("labelSelector"));
    }
}

fn service(_: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    let field = config.get("service");
    let name = match field.text() {
        "VPS" => "vps",
        "DedicatedServer" => "dedicated_server",
        _ => return,
    };
    out.put("service", Tree::text(name).from(&field));
}

fn ionos_authorization(context: &ConfigContext<'_>, out: &mut Entries, config: &Field<'_>) {
    let authorization: &Value = &config.value["authorization"];
    if config.value["oauth2"] == NULL && !authorization.is_null() {
        context.authorization(out, &config.get("authorization"));
    }
}
