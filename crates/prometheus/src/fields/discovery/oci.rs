//! `oci_sd_configs`: targets from instances in Oracle's cloud.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate::{CONFLICT, INVALID, fault, missing, required};
use go::Duration;
use go::quote::quote;
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: oci.SDConfig.
pub static OCI: Record = Record {
    name: "oci_sd_config",
    go_type: "oci.plain",
    doc: "Targets from instances in Oracle's cloud.",
    fields: &[
        Field {
            key: "auth",
            ty: Type::OneOf(&[Type::Enum(values::OCI_AUTH), Type::String]),
            default: DefaultValue::Literal("api_key"),
            note: "how to authenticate",
            doc: "The authentication method: an API key or the identity of the instance.",
            example: "auth: instance_principal\nregion: eu-frankfurt-1",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "tenancy",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "tenancy",
            doc: "The tenancy's OCID. Required for an API key.",
            example: "tenancy: ocid1.tenancy.oc1..a\nuser: ocid1.user.oc1..a\nfingerprint: aa:bb\nkey_file: /etc/prometheus/oci.pem\nregion: eu-frankfurt-1",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "user",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "user",
            doc: "The user's OCID. Required for an API key.",
            example: "user: ocid1.user.oc1..a\ntenancy: ocid1.tenancy.oc1..a\nfingerprint: aa:bb\nkey_file: /etc/prometheus/oci.pem\nregion: eu-frankfurt-1",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "fingerprint",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "fingerprint of the key",
            doc: "The key's fingerprint. Required for an API key.",
            example: "fingerprint: aa:bb\nuser: ocid1.user.oc1..a\ntenancy: ocid1.tenancy.oc1..a\nkey_file: /etc/prometheus/oci.pem\nregion: eu-frankfurt-1",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "key_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the key",
            doc: "The private key's file. Required for an API key.",
            example: "key_file: /etc/prometheus/oci.pem\nuser: ocid1.user.oc1..a\ntenancy: ocid1.tenancy.oc1..a\nfingerprint: aa:bb\nregion: eu-frankfurt-1",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "key_passphrase",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "opens the key",
            doc: "The words that open the private key.",
            example: "key_passphrase: abc\nuser: ocid1.user.oc1..a\ntenancy: ocid1.tenancy.oc1..a\nfingerprint: aa:bb\nkey_file: /etc/prometheus/oci.pem\nregion: eu-frankfurt-1",
            since: Version(3, 14),
            secret: true,
            ..FIELD
        },
        Field {
            key: "key_passphrase_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file that opens the key",
            doc: "A file with the words that open the private key.",
            example: "key_passphrase_file: /etc/prometheus/oci-passphrase\nuser: ocid1.user.oc1..a\ntenancy: ocid1.tenancy.oc1..a\nfingerprint: aa:bb\nkey_file: /etc/prometheus/oci.pem\nregion: eu-frankfurt-1",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "region",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "region",
            doc: "The region. Required.",
            example: "region: eu-frankfurt-1\nauth: instance_principal",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "compartments",
            ty: STRINGS,
            default: DefaultValue::Computed("all that the tenancy has"),
            note: "compartments to look in",
            doc: "The compartments' OCIDs. None means all.",
            example: "compartments: [ocid1.compartment.oc1..a]\nregion: eu-frankfurt-1\nauth: instance_principal",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every instance.",
            example: "port: 9100\nregion: eu-frankfurt-1\nauth: instance_principal",
            since: Version(3, 14),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to the cloud. It must be greater than 0.",
            example: "refresh_interval: 1m\nregion: eu-frankfurt-1\nauth: instance_principal",
            since: Version(3, 14),
            ..FIELD
        },
    ],
    inlined_before: "port",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    required(cx, &view, &[("region", "oci_sd: region is required")]);
    let keys =
        ["tenancy", "user", "fingerprint", "key_file", "key_passphrase", "key_passphrase_file"];
    let auth = view.text_or("auth", "api_key");
    match &*auth {
        "api_key" => {
            for key in &keys[..4] {
                if !view.filled(key) {
                    missing(cx, &view, key, &format!("oci_sd: api_key auth requires {key}"));
                }
            }
            if view.filled("key_passphrase") && view.filled("key_passphrase_file") {
                let message = "oci_sd: at most one of key_passphrase and key_passphrase_file must be configured";
                fault(cx, CONFLICT, view.key_at("key_passphrase_file"), message);
            }
        }
        "instance_principal" => {
            if let Some(key) = keys.into_iter().find(|key| view.filled(key)) {
                let message = "oci_sd: instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set";
                fault(cx, CONFLICT, view.key_at(key), message);
            }
        }
        _ => {
            let message = format!(
                "oci_sd: unknown auth method {}, expected \"api_key\" or \"instance_principal\"",
                quote(&auth)
            );
            fault(cx, INVALID, view.at("auth"), message);
        }
    }
    for (i, (text, node)) in view.texts("compartments").enumerate() {
        if text.is_empty() {
            let message = format!("oci_sd: compartments[{i}] must not be empty");
            fault(cx, INVALID, node.written_span(), message);
        }
    }
    let interval = view.duration("refresh_interval", Duration::from_secs(60));
    if interval.millis() <= 0 {
        let message = format!("oci_sd: refresh_interval must be positive, got {interval}");
        fault(cx, INVALID, view.at("refresh_interval"), message);
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "oci_sd_configs",
        ty: Type::List(&Type::Record(&OCI)),
        default: DefaultValue::None,
        note: "targets from instances in Oracle's cloud",
        doc: "Targets from instances in Oracle's cloud.",
        example: "oci_sd_configs:\n  - key_passphrase: abc\n    user: ocid1.user.oc1..a\n    tenancy: ocid1.tenancy.oc1..a\n    fingerprint: aa:bb\n    key_file: /etc/prometheus/oci.pem\n    region: eu-frankfurt-1",
        since: Version(3, 14),
        ..FIELD
    },
    go_type: &["[]*oci.SDConfig"],
    records: &[(&OCI, "oci.SDConfig")],
    address: "The private address of the instance's primary network card and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_oci_availability_domain", doc: "availability domain", roles: "" },
    Meta { name: "__meta_oci_compartment_id", doc: "compartment ID", roles: "" },
    Meta { name: "__meta_oci_defined_tag_<namespace>_<key>", doc: "each defined tag", roles: "" },
    Meta { name: "__meta_oci_fault_domain", doc: "fault domain", roles: "" },
    Meta { name: "__meta_oci_hostname_label", doc: "hostname label", roles: "" },
    Meta { name: "__meta_oci_image_id", doc: "image ID", roles: "" },
    Meta { name: "__meta_oci_instance_id", doc: "instance ID", roles: "" },
    Meta { name: "__meta_oci_instance_name", doc: "instance name", roles: "" },
    Meta { name: "__meta_oci_instance_shape", doc: "instance shape", roles: "" },
    Meta { name: "__meta_oci_instance_state", doc: "instance state", roles: "" },
    Meta { name: "__meta_oci_ipv6_addresses", doc: "IPv6 addresses", roles: "" },
    Meta { name: "__meta_oci_private_ip", doc: "private IP", roles: "" },
    Meta { name: "__meta_oci_public_ip", doc: "public IP", roles: "" },
    Meta { name: "__meta_oci_region", doc: "region", roles: "" },
    Meta { name: "__meta_oci_tag_<key>", doc: "each tag", roles: "" },
    Meta { name: "__meta_oci_tenancy_id", doc: "tenancy ID", roles: "" },
    Meta { name: "__meta_oci_vnic_id", doc: "vnic ID", roles: "" },
];
