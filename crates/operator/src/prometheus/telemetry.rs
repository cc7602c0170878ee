//! The sections `otlp` and `tracing`.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go appendOTLPConfig, appendTracingConfig.

use super::ConfigContext;
use super::http::number;
use crate::checks::valid_tls;
use crate::store::Checked;
use crate::tree::{Entries, Tree};
use crate::version::Version;

/// Keys of `otlp`: key, field, the version that knows the key.
static OTLP: &[(&str, &str, Version)] = &[
    ("promote_resource_attributes", "promoteResourceAttributes", Version(2, 55, 0)),
    ("translation_strategy", "translationStrategy", Version(3, 0, 0)),
    ("keep_identifying_resource_attributes", "keepIdentifyingResourceAttributes", Version(3, 1, 0)),
    ("convert_histograms_to_nhcb", "convertHistogramsToNHCB", Version(3, 4, 0)),
    ("promote_all_resource_attributes", "promoteAllResourceAttributes", Version(3, 5, 0)),
    ("ignore_resource_attributes", "ignoreResourceAttributes", Version(3, 5, 0)),
    ("promote_scope_metadata", "promoteScopeMetadata", Version(3, 6, 0)),
    ("label_name_underscore_sanitization", "labelNameUnderscoreSanitization", Version(3, 8, 0)),
    (
        "label_name_preserve_multiple_underscores",
        "labelNamePreserveMultipleUnderscores",
        Version(3, 8, 0),
    ),
];

pub fn otlp(context: &ConfigContext<'_>, file: &mut Entries) -> Checked {
    let field = context.spec.get("otlp");
    if !field.is_set() {
        return Ok(());
    }
    let (value, version) = (field.value, context.version);
    if version < Version(2, 55, 0) {
        return Err(
            "OTLP configuration is only supported from Prometheus version 2.55.0".to_owned()
        );
    }
    let strategy = value.str("translationStrategy");
    let scheme = context.spec.value.str("nameValidationScheme");
    if strategy == "NoUTF8EscapingWithSuffixes" && scheme == "Legacy" {
        return Err(format!(
            "nameValidationScheme \"Legacy\" is not compatible with OTLP translation strategy \
             \"{strategy}\""
        ));
    }
    for (name, since, text) in [
        ("NoTranslation", Version(3, 4, 0), "3.4.0"),
        ("UnderscoreEscapingWithoutSuffixes", Version(3, 6, 0), "3.6.0"),
    ] {
        if strategy == name && version < since {
            return Err(format!(
                "nameValidationScheme \"{name}\" is only supported from Prometheus version {text} "
            ));
        }
    }
    if version >= Version(3, 5, 0) {
        let all = value.bool("promoteAllResourceAttributes");
        if !value.list("promoteResourceAttributes").is_empty() && all {
            let reason = "'promoteAllResourceAttributes' cannot be set to 'true' simultaneously \
                          with 'promoteResourceAttributes'";
            return Err(reason.to_owned());
        }
        if !value.list("ignoreResourceAttributes").is_empty() && !all {
            let reason = "'ignoreResourceAttributes' can only be set when \
                          'promoteAllResourceAttributes' is true";
            return Err(reason.to_owned());
        }
    }
    let mut out = Entries::default();
    for (key, name, since) in OTLP {
        let one = field.get(name);
        let empty = one.value.as_list().is_some_and(<[_]>::is_empty);
        if version >= *since && !empty {
            out.copy(key, &one);
        }
    }
    if !out.0.is_empty() {
        file.put("otlp", out.tree().from(&field));
    }
    Ok(())
}

pub fn tracing(context: &ConfigContext<'_>, file: &mut Entries) -> Checked {
    let field = context.spec.get("tracingConfig");
    if !field.is_set() {
        return Ok(());
    }
    valid_tls(&field.value["tlsConfig"])?;
    let mut out = Entries::default();
    out.copy("endpoint", &field.get("endpoint"));
    let lower = |out: &mut Entries, key: &str, name: &str| {
        let one = field.get(name);
        if one.is_set() {
            out.put(key, Tree::text(one.text().to_lowercase()).from(&one));
        }
    };
    lower(&mut out, "client_type", "clientType");
    let fraction = field.get("samplingFraction");
    if fraction.is_set() {
        let text = match fraction.value.as_str() {
            Some(text) => kubernetes::quantity::parse(text),
            None => fraction.value.as_int().map(|int| int as f64),
        };
        if text.is_some_and(|fraction| !(0.0..=1.0).contains(&fraction)) {
            return Err("`samplingFraction` must be between 0 and 1".to_owned());
        }
        number(&mut out, "sampling_fraction", &fraction);
    }
    out.copy("insecure", &field.get("insecure"));
    if field.get("headers").value.as_map().is_some_and(|map| !map.is_empty()) {
        out.copy("headers", &field.get("headers"));
    }
    lower(&mut out, "compression", "compression");
    out.copy("timeout", &field.get("timeout"));
    context.tls(&mut out, &field.get("tlsConfig"));
    file.put("tracing", out.tree().from(&field));
    Ok(())
}
