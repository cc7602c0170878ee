//! Cloud authentication: AWS signatures, Azure AD, Google IAM.

pub(crate) mod check;

use super::azure_fields::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use super::values;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: sigv4.SigV4Config.
pub static SIGV4: Record = Record {
    name: "sigv4",
    go_type: "sigv4.plain",
    doc: "Signing of requests for AWS. Missing values come from AWS's default chain: environment, profile, instance.",
    fields: &[
        Field {
            key: "region",
            ty: Type::String,
            default: DefaultValue::Computed("from AWS's default chain"),
            note: "AWS region",
            doc: "The region to sign for.",
            example: "region: eu-west-1",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "access_key",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "access key",
            doc: "The access key's id. It needs `secret_key`.",
            example: "access_key: AKIAEXAMPLE\nsecret_key: abc",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "secret_key",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "secret key",
            doc: "The secret that belongs to the access key.",
            example: "secret_key: abc\naccess_key: AKIAEXAMPLE",
            since: Version(2, 26),
            secret: true,
            ..FIELD
        },
        Field {
            key: "profile",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "named profile",
            doc: "The profile in AWS's shared files.",
            example: "profile: monitoring",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "role_arn",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "role to assume",
            doc: "The role that is assumed before signing.",
            example: "role_arn: arn:aws:iam::123456789012:role/prometheus",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "external_id",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "external id of the role",
            doc: "The external id that the role requires. It needs `role_arn`.",
            example: "external_id: abc\nrole_arn: arn:aws:iam::123456789012:role/prometheus",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "use_fips_sts_endpoint",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "FIPS endpoint of STS",
            doc: "If true, roles are assumed at the FIPS-compliant STS endpoint.",
            example: "use_fips_sts_endpoint: true",
            since: Version(2, 54),
            ..FIELD
        },
        Field {
            key: "service_name",
            ty: Type::String,
            default: DefaultValue::Literal("aps"),
            note: "AWS service to sign for",
            doc: "The service's name in the signature. `aps` is Amazon's managed Prometheus.",
            example: "service_name: aps",
            since: Version(3, 12),
            ..FIELD
        },
    ],
    check: Some(check::sigv4),
    ..RECORD
};

/// Upstream: azuread.AzureADConfig.
pub static AZUREAD: Record = Record {
    name: "azuread",
    go_type: "azuread.plain",
    doc: "Tokens from Azure Active Directory. Exactly one way to authenticate must be given.",
    fields: &[
        Field {
            key: "managed_identity",
            ty: Type::Record(&AZ_MANAGED),
            default: DefaultValue::None,
            note: "identity of the machine",
            doc: "Uses the identity that Azure gave the machine.",
            example: "managed_identity:\n  client_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "workload_identity",
            ty: Type::Record(&AZ_WORKLOAD),
            default: DefaultValue::None,
            note: "identity of the Kubernetes pod",
            doc: "Uses the token that Kubernetes projects into the pod.",
            example: "workload_identity:\n  client_id: 00000000-0000-0000-0000-000000000000\n  tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(3, 7),
            ..FIELD
        },
        Field {
            key: "oauth",
            ty: Type::Record(&AZ_OAUTH),
            default: DefaultValue::None,
            note: "application with a secret",
            doc: "Uses an application's id and secret.",
            example: "oauth:\n  client_id: 00000000-0000-0000-0000-000000000000\n  client_secret: abc\n  tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 48),
            ..FIELD
        },
        Field {
            key: "sdk",
            ty: Type::Record(&AZ_SDK),
            default: DefaultValue::None,
            note: "whatever the SDK finds",
            doc: "Uses the Azure SDK's own search for credentials.",
            example: "sdk:\n  tenant_id: 00000000-0000-0000-0000-000000000000",
            since: Version(2, 52),
            ..FIELD
        },
        Field {
            key: "certificate",
            ty: Type::Record(&AZ_CERTIFICATE),
            default: DefaultValue::None,
            note: "application with a certificate",
            doc: "Uses an application's id and certificate.",
            example: "certificate:\n  client_id: 00000000-0000-0000-0000-000000000000\n  tenant_id: 00000000-0000-0000-0000-000000000000\n  certificate_path: /etc/prometheus/azure.pem",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "cloud",
            ty: Type::OneOf(&[Type::Enum(values::AZURE_CLOUDS), Type::String]),
            default: DefaultValue::Literal("AzurePublic"),
            note: "which Azure",
            doc: "The Azure cloud of the endpoint.",
            example: "cloud: AzurePublic\nsdk: {}",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "scope",
            ty: Type::String,
            default: DefaultValue::Computed("the monitoring scope of the cloud"),
            note: "scope of the token",
            doc: "The scope of the token request.",
            example: "scope: https://monitor.azure.com//.default\nsdk: {}",
            since: Version(3, 9),
            ..FIELD
        },
    ],
    check: Some(check::azuread),
    ..RECORD
};

/// Upstream: azuread.ManagedIdentityConfig.
pub static AZ_MANAGED: Record = Record {
    name: "managed_identity",
    go_type: "azuread.ManagedIdentityConfig",
    doc: "The identity of the machine.",
    fields: &[Field {
        note: "which identity",
        doc: "The client id of the identity. If empty, the identity of the machine is used.",
        since: Version(2, 45),
        ..CLIENT_ID
    }],
    ..RECORD
};

/// Upstream: azuread.WorkloadIdentityConfig.
pub static AZ_WORKLOAD: Record = Record {
    name: "workload_identity",
    go_type: "azuread.WorkloadIdentityConfig",
    doc: "The identity of the Kubernetes pod.",
    fields: &[
        Field {
            note: "application or identity",
            doc: "The client id of the application or identity. Required.",
            since: Version(3, 7),
            ..CLIENT_ID
        },
        Field { since: Version(3, 7), ..TENANT_ID },
        Field {
            key: "token_file_path",
            ty: Type::Path { glob: false },
            default: DefaultValue::Computed(
                "AZURE_FEDERATED_TOKEN_FILE, else /var/run/secrets/azure/tokens/azure-identity-token",
            ),
            note: "projected token",
            doc: "The file with the projected service account token.",
            example: "token_file_path: /var/run/secrets/azure/tokens/azure-identity-token",
            since: Version(3, 7),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: azuread.OAuthConfig.
pub static AZ_OAUTH: Record = Record {
    name: "oauth",
    go_type: "azuread.OAuthConfig",
    doc: "An application's id and secret.",
    fields: &[
        Field { since: Version(2, 48), ..CLIENT_ID },
        Field { since: Version(2, 48), ..CLIENT_SECRET },
        Field { since: Version(2, 48), ..TENANT_ID },
    ],
    ..RECORD
};

/// Upstream: azuread.SDKConfig.
pub static AZ_SDK: Record = Record {
    name: "sdk",
    go_type: "azuread.SDKConfig",
    doc: "The Azure SDK's own search for credentials.",
    fields: &[Field { doc: "The tenant to authenticate at.", since: Version(2, 52), ..TENANT_ID }],
    ..RECORD
};

/// Upstream: azuread.CertificateConfig.
pub static AZ_CERTIFICATE: Record = Record {
    name: "certificate",
    go_type: "azuread.CertificateConfig",
    doc: "An application's id and certificate.",
    fields: &[
        Field { since: Version(3, 13), ..CLIENT_ID },
        Field { since: Version(3, 13), ..TENANT_ID },
        Field {
            key: "certificate_path",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "certificate",
            doc: "The certificate's file, PEM or PFX. Required.",
            example: "certificate_path: /etc/prometheus/azure.pem",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "certificate_key_path",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "key",
            doc: "The file with the private key, if the certificate file does not contain it.",
            example: "certificate_key_path: /etc/prometheus/azure.key",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "certificate_password",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "password of the certificate",
            doc: "The password that opens the certificate's file.",
            example: "certificate_password: abc",
            since: Version(3, 13),
            secret: true,
            ..FIELD
        },
        Field {
            key: "send_certificate_chain",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "send the whole chain",
            doc: "If true, the certificate chain is sent with the request.",
            example: "send_certificate_chain: true",
            since: Version(3, 13),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: googleiam.Config.
pub static GOOGLE_IAM: Record = Record {
    name: "google_iam",
    go_type: "googleiam.Config",
    doc: "Credentials for Google Cloud.",
    fields: &[Field {
        key: "credentials_file",
        ty: Type::Path { glob: false },
        default: DefaultValue::Computed("the machine's default credentials"),
        note: "service account's key",
        doc: "The file with the service account's key.",
        example: "credentials_file: /etc/prometheus/google.json",
        since: Version(2, 55),
        ..FIELD
    }],
    ..RECORD
};
