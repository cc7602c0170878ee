//! Complaints of the discovery mechanisms.

use super::try_all;
use crate::validate::NIL_SECTION;

#[test]
fn of_discovery() {
    let uuid = "11111111-1111-1111-1111-111111111111";
    let scaleway = |rest: &str| {
        format!(
            "scaleway_sd_configs: [{{role: instance, project_id: {uuid}, secret_key: {uuid}, access_key: SCWAAAAAAAAAAAAAAAAA{rest}}}]"
        )
    };
    let wrong_key = scaleway("").replace("SCWA", "SCWa");
    let wrong_project = scaleway("").replace(&format!("project_id: {uuid}"), "project_id: b");
    try_all(
        "scrape_configs: [{job_name: a, @}]",
        &[
            (
                "file_sd_configs: [{refresh_interval: 1m}]",
                "file service discovery config must contain at least one path name",
                "refresh_interval",
            ),
            (
                "file_sd_configs: [{files: [a.txt]}]",
                "path name \"a.txt\" is not valid for file discovery",
                "a.txt",
            ),
            (
                "dns_sd_configs: [{type: A}]",
                "DNS-SD config must contain at least one SRV record name",
                "type",
            ),
            (
                "dns_sd_configs: [{names: [b], type: a}]",
                "a port is required in DNS-SD configs for all record types except SRV",
                "names",
            ),
            ("dns_sd_configs: [{names: [b], type: TXT}]", "invalid DNS-SD records type TXT", "TXT"),
            ("http_sd_configs: [{refresh_interval: 1m}]", "URL is missing", "refresh_interval"),
            (
                "http_sd_configs: [{url: 'ftp://b'}]",
                "URL scheme must be 'http' or 'https'",
                "'ftp://b'",
            ),
            ("http_sd_configs: [{url: 'http:/b'}]", "host is missing in URL", "'http:/b'"),
            (
                "kubernetes_sd_configs: [{role: pods}]",
                "unknown Kubernetes SD role \"pods\"",
                "pods",
            ),
            (
                "kubernetes_sd_configs: [{role: pod, selectors: [{role: ''}]}]",
                "unknown Kubernetes SD role \"\"",
                "''",
            ),
            (
                "kubernetes_sd_configs: [{role: pod, selectors: [~]}]",
                "pod role supports only pod, node selectors",
                "~",
            ),
            (
                "kubernetes_sd_configs: [{role: pod, selectors: [{role: pod}, {role: pod}]}]",
                "duplicated selector role: pod",
                "pod",
            ),
            (
                "kubernetes_sd_configs: [{role: pod, proxy_connect_header: {}}]",
                "to use custom HTTP client configuration please provide the 'api_server' URL explicitly",
                "proxy_connect_header",
            ),
            (
                "kubernetes_sd_configs: [{role: pod, api_server: 'http://b', kubeconfig_file: c}]",
                "cannot use 'kubeconfig_file' and 'api_server' simultaneously",
                "kubeconfig_file",
            ),
            (
                "kubernetes_sd_configs: [{role: pod, kubeconfig_file: c, namespaces: {own_namespace: true}}]",
                "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously",
                "own_namespace",
            ),
            (
                "consul_sd_configs: [{server: ' '}]",
                "consul SD configuration requires a server address",
                "' '",
            ),
            (
                "consul_sd_configs: [{username: b, basic_auth: {}}]",
                "at most one of consul SD configuration username and password and basic auth can be configured",
                "username",
            ),
            (
                "consul_sd_configs: [{token: b, oauth2: {client_id: c, token_url: d}}]",
                "at most one of consul SD token, authorization, or oauth2 can be configured",
                "token",
            ),
            (
                "consul_sd_configs: [{password: b, bearer_token: c}]",
                "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
                "password",
            ),
            (
                "consul_sd_configs: [{username: b, authorization: {}}]",
                "at most one of basic_auth, oauth2 & authorization must be configured",
                "username",
            ),
            ("docker_sd_configs: [{port: 80}]", "host missing", "port"),
            (
                "dockerswarm_sd_configs: [{host: b, role: ''}]",
                "role missing (one of: tasks, services, nodes)",
                "''",
            ),
            (
                "dockerswarm_sd_configs: [{host: b, role: pods}]",
                "invalid role pods, expected tasks, services, or nodes",
                "pods",
            ),
            (
                "azure_sd_configs: [{authentication_method: SDK}]",
                "azure SD configuration requires a subscription_id",
                "authentication_method",
            ),
            (
                "azure_sd_configs: [{subscription_id: b, authentication_method: sdk}]",
                "unknown authentication_type \"sdk\". Supported types are \"OAuth\", \"ManagedIdentity\", \"SDK\" or \"WorkloadIdentity\"",
                "sdk",
            ),
            ("digitalocean_sd_configs: [{role: b}]", "unknown DigitalOcean SD role \"b\"", "b"),
            ("eureka_sd_configs: [{server: b}]", "eureka_sd: invalid eureka server URL", "b"),
            ("gce_sd_configs: [{project: b}]", "GCE SD configuration requires a zone", "project"),
            ("hetzner_sd_configs: [{port: 80}]", "role missing (one of: robot, hcloud)", "port"),
            ("ionos_sd_configs: [{port: 80}]", "datacenter id can't be empty", "port"),
            (
                "kuma_sd_configs: [{server: b}]",
                "kuma SD server must not be empty and have a scheme: b",
                "b",
            ),
            (
                "marathon_sd_configs: [{auth_token: b}]",
                "marathon_sd: must contain at least one Marathon server",
                "auth_token",
            ),
            (
                "marathon_sd_configs: [{servers: [b], auth_token: c, basic_auth: {}}]",
                "marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be configured",
                "auth_token",
            ),
            (
                "nerve_sd_configs: [{servers: [b]}]",
                "nerve SD config must contain at least one path",
                "servers",
            ),
            (
                "serverset_sd_configs: [{servers: [b], paths: [c]}]",
                "serverset SD config paths must begin with '/': c",
                "c",
            ),
            (
                "nomad_sd_configs: [{server: ''}]",
                "nomad SD configuration requires a server address",
                "''",
            ),
            (
                "oci_sd_configs: [{auth: b, region: c}]",
                "oci_sd: unknown auth method \"b\", expected \"api_key\" or \"instance_principal\"",
                "b",
            ),
            (
                "oci_sd_configs: [{auth: instance_principal, region: c, user: d}]",
                "oci_sd: instance_principal auth must not have tenancy",
                "user",
            ),
            (
                "openstack_sd_configs: [{role: instance, region: b, availability: c}]",
                "unknown availability c, must be one of admin, internal or public",
                "c",
            ),
            (
                "outscale_sd_configs: [{access_key: b}]",
                "one of secret_key & secret_key_file must be configured",
                "access_key",
            ),
            (
                "ovhcloud_sd_configs: [{application_key: b, application_secret: c, consumer_key: d, service: e}]",
                "unknown service: e",
                "e",
            ),
            ("puppetdb_sd_configs: [{url: 'http://b'}]", "query missing", "url"),
            (&scaleway(""), "", ""),
            (&scaleway(", zone: b"), "invalid default zone format 'b'", "b"),
            (
                &scaleway(", api_url: 'http://b/'"),
                "invalid API url 'http://b/' it should not have a trailing slash",
                "'http://b/'",
            ),
            (
                &wrong_key,
                "invalid access key format 'SCWaAAAAAAAAAAAAAAAA', expected SCWXXXXXXXXXXXXXXXXX format",
                "SCWaAAAAAAAAAAAAAAAA",
            ),
            (
                &wrong_project,
                "invalid project ID format 'b', expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
                "b",
            ),
            (
                "stackit_sd_configs: [{project: b, region: ''}]",
                "stackit_sd: endpoint and region missing",
                "project",
            ),
            (
                "triton_sd_configs: [{account: b, dns_suffix: c, endpoint: d, role: e}]",
                "triton SD configuration requires role to be 'container' or 'cn'",
                "e",
            ),
            (
                "uyuni_sd_configs: [{server: 'http://b', username: c}]",
                "Uyuni SD configuration requires a password",
                "server",
            ),
            (
                "ec2_sd_configs: [{filters: [{name: b}]}]",
                "EC2 SD configuration filter values cannot be empty",
                "name",
            ),
            ("ec2_sd_configs: [{filters: [~]}]", NIL_SECTION, "~"),
            ("aws_sd_configs: [{role: b}]", "unknown AWS SD role \"b\"", "b"),
            // This mechanism does not look at what excludes what.
            ("aws_sd_configs: [{role: ec2, no_proxy: b}]", "", ""),
            (
                "aws_sd_configs: [{role: ec2, proxy_url: 'http://b c'}]",
                "invalid character \" \" in host name",
                "'http://b c'",
            ),
        ],
    );
}
