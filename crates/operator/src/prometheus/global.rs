//! The parts of the configuration that come from the Prometheus object itself.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go buildGlobalConfig,
//! appendStorageSettingsConfig.

use std::collections::BTreeMap;

use super::http::number;
use super::scrape::{LIMITS, enforced_name};
use super::{ConfigContext, Mode};
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

/// Writes `global`.
pub fn global(context: &ConfigContext<'_>) -> Tree {
    let (spec, since) = (&context.spec, |version| context.version >= version);
    let mut out = Entries::default();
    put_duration(&mut out, "scrape_interval", &spec.get("scrapeInterval"));
    out.copy_text("scrape_timeout", &spec.get("scrapeTimeout"));
    if !spec.value.list("scrapeProtocols").is_empty() && since(Version(2, 49, 0)) {
        out.put("scrape_protocols", context.protocols(&spec.get("scrapeProtocols")));
    }
    out.put("external_labels", external_labels(context));
    if since(Version(2, 45, 0)) {
        let own = spec.get("bodySizeLimit");
        let enforced = spec.get("enforcedBodySizeLimit");
        let used = if own.is_set() { own } else { enforced };
        out.copy_text("body_size_limit", &used);
        limits(context, &mut out);
    }
    if since(Version(2, 55, 0)) {
        log_file(&mut out, "scrape_failure_log_file", &spec.get("scrapeFailureLogFile"));
    }
    names(context, &mut out, spec);
    for (key, field, known) in [
        ("convert_classic_histograms_to_nhcb", "convertClassicHistogramsToNHCB", Version(3, 4, 0)),
        ("always_scrape_classic_histograms", "scrapeClassicHistograms", Version(3, 5, 0)),
        ("scrape_native_histograms", "scrapeNativeHistograms", Version(3, 8, 0)),
    ] {
        if since(known) {
            out.copy(key, &spec.get(field));
        }
    }
    if context.mode == Mode::Server {
        put_duration(&mut out, "evaluation_interval", &spec.get("evaluationInterval"));
        if since(Version(2, 53, 0)) {
            out.copy("rule_query_offset", &spec.get("ruleQueryOffset"));
        }
        log_file(&mut out, "query_log_file", &spec.get("queryLogFile"));
    }
    out.tree().from(spec)
}

/// Writes the schemes for names of metrics and labels.
pub fn names(context: &ConfigContext<'_>, out: &mut Entries, spec: &Field<'_>) {
    let names = spec.get("nameValidationScheme");
    if names.is_set() && context.version >= Version(3, 0, 0) {
        let text = go::case::lower(names.text());
        out.put("metric_name_validation_scheme", Tree::text(text).from(&names));
    }
    let escaping = spec.get("nameEscapingScheme");
    let known = ESCAPING.iter().find(|(name, _)| *name == escaping.text());
    if let Some((_, text)) = known
        && context.version >= Version(3, 4, 0)
    {
        out.put("metric_name_escaping_scheme", Tree::text(*text).from(&escaping));
    }
}

/// `nameEscapingScheme` and the value that Prometheus reads.
static ESCAPING: &[(&str, &str)] = &[
    ("AllowUTF8", "allow-utf-8"),
    ("Underscores", "underscores"),
    ("Dots", "dots"),
    ("Values", "values"),
];

/// Writes an interval; the CRD's default is 30s.
fn put_duration(out: &mut Entries, key: &str, field: &Field<'_>) {
    let text = if field.is_set() { field.text() } else { "30s" };
    out.put(key, Tree::text(text).from(field));
}

/// Writes a log file. A bare file name is put into the log volume.
fn log_file(out: &mut Entries, key: &str, field: &Field<'_>) {
    match field.text() {
        "" => {}
        path if path.contains('/') => out.copy(key, field),
        name => out.put(key, Tree::text(format!("/var/log/prometheus/{name}")).from(field)),
    }
}

fn limits(context: &ConfigContext<'_>, out: &mut Entries) {
    for (key, name, since) in LIMITS {
        if context.version < *since {
            continue;
        }
        let (own, enforced) = (context.spec.get(name), context.spec.get(&enforced_name(name)));
        let positive = |field: &Field<'_>| field.value.as_int().filter(|value| *value > 0);
        match (positive(&own), positive(&enforced)) {
            (Some(own_limit), Some(limit)) if own_limit > limit => out.copy(key, &enforced),
            (Some(_), _) => out.copy(key, &own),
            (None, Some(_)) => out.copy(key, &enforced),
            (None, None) => {}
        }
    }
}

fn external_labels(context: &ConfigContext<'_>) -> Tree {
    let spec = &context.spec;
    let own = &spec.resource;
    let mut labels = BTreeMap::new();
    let topology = spec.get("shardingStrategy").get("topology");
    let by_topology =
        context.by_topology && spec.value["shardingStrategy"].str("mode") == "Topology";
    let zone = topology.get("externalLabelName");
    let name = zone.value.as_str().unwrap_or("zone");
    if by_topology && topology.is_set() && !name.is_empty() {
        labels.insert(name.to_owned(), Tree::text("$(TOPOLOGY_ZONE)").from(&zone));
    }
    for (field, default, value) in [
        ("prometheusExternalLabelName", "prometheus", format!("{}/{}", own.namespace, own.name)),
        ("replicaExternalLabelName", "prometheus_replica", "$(POD_NAME)".to_owned()),
    ] {
        let field = spec.get(field);
        let name = field.value.as_str().unwrap_or(default);
        if !name.is_empty() {
            labels.insert(name.to_owned(), Tree::text(value).from(&field));
        }
    }
    for (name, value) in spec.get("externalLabels").entries() {
        labels.entry(name.to_string()).or_insert_with(|| Tree::copy(&value));
    }
    Entries(labels.into_iter().collect()).tree()
}

/// Returns `runtime` if the object sets it.
pub fn runtime(context: &ConfigContext<'_>) -> Option<Tree> {
    let field = context.spec.get("runtime");
    (field.is_set() && context.version >= Version(2, 53, 0)).then(|| {
        let mut out = Entries::default();
        out.copy("gogc", &field.get("goGC"));
        out.tree().from(&field)
    })
}

/// Returns `storage` with exemplars and the settings of the TSDB. Retention is here from 3.11 on.
pub fn storage(context: &ConfigContext<'_>) -> Option<Tree> {
    let (spec, since) = (&context.spec, |version| context.version >= version);
    let (mut storage, mut tsdb) = (Entries::default(), Entries::default());
    let exemplars = spec.get("exemplars").get("maxSize");
    if exemplars.is_set() {
        let mut entries = Entries::default();
        entries.copy("max_exemplars", &exemplars);
        storage.put("exemplars", entries.tree());
    }
    let settings = spec.get("tsdb");
    if since(Version(2, 39, 0)) {
        tsdb.copy("out_of_order_time_window", &settings.get("outOfOrderTimeWindow"));
    }
    if since(Version(3, 10, 0)) {
        let threshold = settings.get("staleSeriesCompactionThreshold");
        number(&mut tsdb, "stale_series_compaction_threshold", &threshold);
    }
    if since(Version(3, 13, 0)) {
        chunk_encoding(&mut tsdb, &settings);
    }
    if since(Version(3, 11, 0)) {
        tsdb.put("retention", retention(spec));
    }
    if !tsdb.0.is_empty() {
        storage.put("tsdb", tsdb.tree());
    }
    (!storage.0.is_empty() && since(Version(2, 29, 0))).then(|| storage.tree().from(spec))
}

/// The default is 24h; there is none if only a size is set.
fn retention(spec: &Field<'_>) -> Tree {
    let (time, size) = (spec.get("retention"), spec.get("retentionSize"));
    let mut out = Entries::default();
    if !time.text().is_empty() {
        out.copy("time", &time);
    } else if size.text().is_empty() {
        out.put("time", Tree::text("24h").from(&time));
    }
    out.copy_text("size", &size);
    out.tree()
}

/// Returns the sections `storage` of an agent: one for each setting, as the Operator writes them.
pub fn agent_storage(context: &ConfigContext<'_>) -> Vec<Tree> {
    let (settings, since) = (context.spec.get("tsdb"), |version| context.version >= version);
    let mut sections = Vec::new();
    let mut add = |known: bool, write: &dyn Fn(&mut Entries)| {
        let mut tsdb = Entries::default();
        write(&mut tsdb);
        if known && !tsdb.0.is_empty() {
            let mut storage = Entries::default();
            storage.put("tsdb", tsdb.tree());
            sections.push(storage.tree().from(&settings));
        }
    };
    add(since(Version(2, 54, 0)), &|tsdb| {
        tsdb.copy("out_of_order_time_window", &settings.get("outOfOrderTimeWindow"));
    });
    add(since(Version(3, 10, 0)), &|tsdb| {
        let threshold = settings.get("staleSeriesCompactionThreshold");
        number(tsdb, "stale_series_compaction_threshold", &threshold);
    });
    add(since(Version(3, 13, 0)), &|tsdb| chunk_encoding(tsdb, &settings));
    sections
}

fn chunk_encoding(tsdb: &mut Entries, settings: &Field<'_>) {
    let floats = settings.get("chunkEncoding").get("floats");
    if floats.is_set() {
        let mut entries = Entries::default();
        entries.put("floats", Tree::text(go::case::lower(floats.text())).from(&floats));
        tsdb.put("chunk_encoding", entries.tree());
    }
}
