//! The values of enums and their meanings.

use schema::Allowed;

const fn word(value: &'static str, doc: &'static str) -> Allowed {
    Allowed { value, doc }
}

pub static PROTOCOLS: &[Allowed] = &[
    word("PrometheusProto", "protobuf; the only one that carries native histograms"),
    word("OpenMetricsText1.0.0", "OpenMetrics text, version 1"),
    word("OpenMetricsText0.0.1", "OpenMetrics text as it was before version 1"),
    word("PrometheusText1.0.0", "Prometheus's text with quoted UTF-8 names"),
    word("PrometheusText0.0.4", "Prometheus's classic text"),
];

pub static VALIDATION: &[Allowed] = &[
    word("utf8", "any UTF-8 text is a name"),
    word("legacy", "letters, digits and underscores; in metric names colons too"),
];

pub static ESCAPING: &[Allowed] = &[
    word("allow-utf-8", "names as they are"),
    word("underscores", "every other character becomes an underscore"),
    word("dots", "dots become _dot_, underscores are doubled"),
    word("values", "names begin with U__, every other character becomes its code"),
];

pub static SCHEME: &[Allowed] = &[word("http", "not encrypted"), word("https", "over TLS")];

pub static ACTIONS: &[Allowed] = &[
    word("replace", "write the replacement into the target label when the regex matches"),
    word("keep", "drop what the regex does not match"),
    word("drop", "drop what the regex matches"),
    word("keepequal", "drop unless the joined values equal the target label's value"),
    word("dropequal", "drop when the joined values equal the target label's value"),
    word("hashmod", "write the hash of the joined values modulo the modulus"),
    word("labelmap", "copy every label whose name matches to the name that the replacement gives"),
    word("labeldrop", "remove every label whose name matches"),
    word("labelkeep", "remove every label whose name does not match"),
    word("lowercase", "write the joined values in lower case"),
    word("uppercase", "write the joined values in upper case"),
];

pub static TLS_VERSIONS: &[Allowed] = &[
    word("TLS10", "TLS 1.0, broken"),
    word("TLS11", "TLS 1.1, broken"),
    word("TLS12", "TLS 1.2"),
    word("TLS13", "TLS 1.3"),
];

pub static GRANTS: &[Allowed] = &[
    word("client_credentials", "the client shows its secret"),
    word(
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "the client shows a signed token, RFC 7523",
    ),
];

pub static SIGNATURES: &[Allowed] = &[
    word("RS256", "RSA with SHA-256"),
    word("RS384", "RSA with SHA-384"),
    word("RS512", "RSA with SHA-512"),
];

pub static API_VERSIONS: &[Allowed] = &[word("v2", "the only version that is left")];

pub static CHUNK_ENCODINGS: &[Allowed] = &[
    word("xor", "readable by every version"),
    word("xor2", "smaller, and with start timestamps; not readable by older versions"),
];

pub static CLIENTS: &[Allowed] = &[
    word("grpc", "OTLP over gRPC, usually port 4317"),
    word("http", "OTLP over HTTP, usually port 4318"),
];

pub static COMPRESSIONS: &[Allowed] = &[word("gzip", "the only one there is")];

pub static TRANSLATIONS: &[Allowed] = &[
    word("UnderscoreEscapingWithSuffixes", "dots become underscores; unit and _total are appended"),
    word("UnderscoreEscapingWithoutSuffixes", "dots become underscores; nothing is appended"),
    word("NoUTF8EscapingWithSuffixes", "names stay; unit and _total are appended"),
    word("NoTranslation", "names stay as they are; experimental"),
];

pub static MESSAGES: &[Allowed] = &[
    word("prometheus.WriteRequest", "protocol version 1"),
    word("io.prometheus.write.v2.Request", "protocol version 2"),
];

pub static AZURE_CLOUDS: &[Allowed] = &[
    word("AzurePublic", "the public cloud"),
    word("AzureGovernment", "the cloud of the US government"),
    word("AzureChina", "the cloud in China"),
];

pub static DNS_TYPES: &[Allowed] = &[
    word("SRV", "service records, with a port"),
    word("A", "IPv4 addresses"),
    word("AAAA", "IPv6 addresses"),
    word("MX", "mail servers"),
    word("NS", "name servers"),
];

pub static K8S_ROLES: &[Allowed] = &[
    word("node", "every node, at its kubelet's port"),
    word("pod", "every port of every container; a container without ports gives one target"),
    word("service", "every port of every Service, by its DNS name; for blackbox probing"),
    word("endpoints", "every address behind a Service, by the old Endpoints API"),
    word("endpointslice", "every address behind a Service"),
    word("ingress", "every path of every Ingress; for blackbox probing"),
];

pub static SWARM_ROLES: &[Allowed] = &[
    word("services", "every port of every service"),
    word("tasks", "every port of every task"),
    word("nodes", "every node"),
];

pub static AZURE_METHODS: &[Allowed] = &[
    word("OAuth", "an application with a secret"),
    word("ManagedIdentity", "the machine's identity"),
    word("SDK", "whatever Azure's SDK finds"),
    word("WorkloadIdentity", "the identity of a Kubernetes workload"),
];

pub static DO_ROLES: &[Allowed] =
    &[word("droplets", "virtual machines"), word("databases", "managed databases")];

pub static HETZNER_ROLES: &[Allowed] =
    &[word("hcloud", "cloud servers"), word("robot", "dedicated servers")];

pub static OCI_AUTH: &[Allowed] = &[
    word("api_key", "a user's key"),
    word("instance_principal", "the identity of the instance that Prometheus runs on"),
];

pub static OPENSTACK_ROLES: &[Allowed] = &[
    word("hypervisor", "the nodes"),
    word("instance", "the virtual machines"),
    word("loadbalancer", "Octavia's load balancers"),
];

pub static AVAILABILITY: &[Allowed] = &[
    word("public", "the public endpoints"),
    word("internal", "the internal endpoints"),
    word("admin", "the administrators' endpoints"),
];

pub static OVH_SERVICES: &[Allowed] =
    &[word("dedicated_server", "dedicated servers"), word("vps", "virtual private servers")];

pub static SCALEWAY_ROLES: &[Allowed] =
    &[word("instance", "virtual machines"), word("baremetal", "bare metal servers")];

pub static TRITON_ROLES: &[Allowed] =
    &[word("container", "containers and machines"), word("cn", "compute nodes")];

pub static AWS_ROLES: &[Allowed] = &[
    word("ec2", "virtual machines"),
    word("ecs", "tasks of ECS clusters"),
    word("elasticache", "ElastiCache"),
    word("lightsail", "Lightsail instances"),
    word("msk", "brokers of managed Kafka"),
    word("rds", "databases of RDS and Aurora"),
];
