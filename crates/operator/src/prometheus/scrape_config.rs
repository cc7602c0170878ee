//! The job of a ScrapeConfig.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go generateScrapeConfig.

use super::http::scheme;
use super::relabel::{self, rule};
use super::{ConfigContext, global, service_discovery};
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

/// Returns the job of a ScrapeConfig.
pub fn scrape_config<'a>(context: &ConfigContext<'a>, object: &Field<'a>) -> Tree {
    let spec = object.get("spec");
    let class = context.scrape_class(&spec);
    let mut job = Entries::default();
    let name = format!("scrapeConfig/{}/{}", object.resource.namespace, object.resource.name);
    job.put("job_name", Tree::text(name).from(&object.get("metadata").get("name")));
    request(context, &mut job, &spec, &class);
    context.proxy(&mut job, &spec);
    context.basic_auth(&mut job, &spec);
    context.class_authorization(&mut job, &spec, &class);
    context.oauth2(&mut job, &spec);
    context.class_tls(&mut job, &spec.get("tlsConfig"), &class);
    context.capped_limits(&mut job, &spec);
    context.histograms(&mut job, &spec);
    context.body_size(&mut job, &spec.get("bodySizeLimit"));
    static_configs(&mut job, &spec);
    service_discovery::write(context, &mut job, &spec);
    let mut rules = vec![relabel::first()];
    rules.extend(relabel::user(&class.get("relabelings")));
    let job_name = spec.get("jobName");
    if job_name.is_set() {
        let pairs =
            [("target_label", "job"), ("action", "replace"), ("replacement", job_name.text())];
        rules.push(rule(&pairs).from(&job_name));
    }
    // Without rules of its own a ScrapeConfig does not get the enforced namespace label.
    if !spec.value.list("relabelings").is_empty() {
        rules.extend(context.user_rules(&spec.get("relabelings")));
    }
    if context.shards() != 1 && !relabel::hashes(&rules) {
        rules.extend(relabel::sharding(context, "__address__"));
    }
    job.put("relabel_configs", Tree::list(rules));
    context.metric_rules(&mut job, &class, &spec.get("metricRelabelings"));
    global::names(context, &mut job, &spec);
    job.tree().from(&spec)
}

fn request(context: &ConfigContext<'_>, job: &mut Entries, spec: &Field<'_>, class: &Field<'_>) {
    if spec.get("honorTimestamps").is_set() {
        context.honor_timestamps(job, spec);
    }
    if spec.get("trackTimestampsStaleness").is_set() {
        context.track_staleness(job, spec);
    }
    if spec.get("honorLabels").is_set() {
        context.honor_labels(job, spec);
    }
    job.copy("metrics_path", &spec.get("metricsPath"));
    if spec.get("params").value.as_map().is_some_and(|map| !map.is_empty()) {
        job.copy("params", &spec.get("params"));
    }
    if context.version >= Version(2, 49, 0) {
        job.copy("enable_compression", &spec.get("enableCompression"));
    }
    context.enable_http2(job, spec);
    job.copy("scrape_interval", &spec.get("scrapeInterval"));
    job.copy("scrape_timeout", &spec.get("scrapeTimeout"));
    context.scrape_protocols(job, spec, class);
    scheme(job, &spec.get("scheme"));
}

fn static_configs(job: &mut Entries, spec: &Field<'_>) {
    let field = spec.get("staticConfigs");
    let configs = field.items();
    if configs.is_empty() {
        return;
    }
    let one = |config: &Field<'_>| {
        let (targets, labels) = (config.get("targets"), config.get("labels"));
        let mut entries = Entries::default();
        let listed = if targets.is_set() { Tree::copy(&targets) } else { Tree::list(Vec::new()) };
        entries.put("targets", listed);
        let named =
            if labels.is_set() { Tree::copy_map(&labels) } else { Entries::default().tree() };
        entries.put("labels", named);
        entries.tree().from(config)
    };
    job.put("static_configs", Tree::list(configs.iter().map(one).collect()).from(&field));
}
