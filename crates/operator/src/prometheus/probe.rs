//! The job of a Probe.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go generateProbeConfig.

use super::ConfigContext;
use super::http::scheme;
use super::relabel::{self, rule};
use crate::tree::{Entries, Field, Tree};

/// Returns the job of a Probe. Static targets take precedence over Ingresses.
pub fn probe<'a>(context: &ConfigContext<'a>, probe: &Field<'a>) -> Vec<Tree> {
    let spec = probe.get("spec");
    let class = context.scrape_class(&spec);
    let prober = spec.get("prober");
    let mut job = Entries::default();
    let name = format!("probe/{}/{}", probe.resource.namespace, probe.resource.name);
    job.put("job_name", Tree::text(name).from(&probe.get("metadata").get("name")));
    let honored = !context.spec.value.bool("overrideHonorTimestamps");
    job.put("honor_timestamps", Tree::raw(honored));
    let path = prober.get("path");
    let text = if path.is_set() { path.text() } else { "/probe" };
    job.put("metrics_path", Tree::text(text).from(&path));
    job.copy_text("scrape_interval", &spec.get("interval"));
    job.copy_text("scrape_timeout", &spec.get("scrapeTimeout"));
    scheme(&mut job, &prober.get("scheme"));
    params(&mut job, &spec);
    context.limits(&mut job, &spec, &class, false);
    let mut rules = vec![relabel::first()];
    let job_name = spec.get("jobName");
    if !job_name.text().is_empty() {
        let pairs = [("target_label", "job"), ("replacement", job_name.text())];
        rules.push(rule(&pairs).from(&job_name));
    }
    context.proxy(&mut job, &prober);
    context.follow_redirects(&mut job, &spec);
    context.enable_http2(&mut job, &spec);
    context.class_tls(&mut job, &spec.get("tlsConfig"), &class);
    targets(context, &mut job, &mut rules, &spec, &class);
    rules.extend(relabel::sharding(context, "__param_target"));
    job.put("relabel_configs", Tree::list(rules));
    context.bearer_token(&mut job, &spec);
    context.basic_auth(&mut job, &spec);
    context.oauth2(&mut job, &spec);
    context.class_authorization(&mut job, &spec, &class);
    context.metric_rules(&mut job, &class, &spec.get("metricRelabelings"));
    vec![job.tree().from(&spec)]
}

fn params(job: &mut Entries, spec: &Field<'_>) {
    let mut params = Entries::default();
    let module = spec.get("module");
    if !module.text().is_empty() {
        params.put("module", Tree::texts([module.text()]).from(&module));
    }
    for one in spec.get("params").items() {
        let name = one.value.str("name");
        if name != "module" || module.text().is_empty() {
            let values = one.get("values");
            let tree = if values.is_set() { Tree::copy(&values) } else { Tree::list(Vec::new()) };
            params.put(name, tree);
        }
    }
    if !params.0.is_empty() {
        job.put("params", params.tree());
    }
}

fn targets(
    context: &ConfigContext<'_>,
    job: &mut Entries,
    rules: &mut Vec<Tree>,
    spec: &Field<'_>,
    class: &Field<'_>,
) {
    let url = spec.get("prober").get("url");
    let to_prober = || {
        let pairs = [("target_label", "__address__"), ("replacement", url.text())];
        rule(&pairs).from(&url)
    };
    let instance = rule(&[("source_labels", "__param_target"), ("target_label", "instance")]);
    let fixed = spec.get("targets").get("staticConfig");
    let ingress = spec.get("targets").get("ingress");
    let user = if fixed.is_set() {
        job.put("static_configs", Tree::list(vec![static_config(&fixed)]));
        rules.push(rule(&[("source_labels", "__address__"), ("target_label", "__param_target")]));
        rules.extend([instance, to_prober()]);
        fixed.get("relabelingConfigs")
    } else if ingress.is_set() {
        rules.extend(relabel::selector("ingress", &ingress.get("selector")));
        let nothing = ingress.get("");
        context.kubernetes_sd(job, "ingress", &ingress.get("namespaceSelector"), &nothing, None);
        rules.extend(ingress_rules());
        rules.extend([instance, to_prober()]);
        ingress.get("relabelingConfigs")
    } else {
        return;
    };
    rules.extend(relabel::user(&class.get("relabelings")));
    rules.extend(context.user_rules(&user));
}

/// Static targets with their labels; `namespace` is the Probe's own unless it is set.
fn static_config(fixed: &Field<'_>) -> Tree {
    let mut config = Entries::default();
    let targets = fixed.get("static");
    let written = if targets.is_set() { Tree::copy(&targets) } else { Tree::list(Vec::new()) };
    config.put("targets", written);
    let mut labels = Entries::default();
    let own = fixed.get("labels");
    for (name, value) in own.entries() {
        labels.put(&name, Tree::copy(&value));
    }
    if own.value["namespace"].is_null() {
        labels.put("namespace", Tree::text(&*fixed.resource.namespace));
    }
    labels.0.sort_by(|a, b| a.0.cmp(&b.0));
    config.put("labels", labels.tree());
    config.tree().from(fixed)
}

fn ingress_rules() -> [Tree; 4] {
    [
        rule(&[
            (
                "source_labels",
                "__meta_kubernetes_ingress_scheme,__address__,__meta_kubernetes_ingress_path",
            ),
            ("separator", ";"),
            ("regex", "(.+);(.+);(.+)"),
            ("target_label", "__param_target"),
            ("replacement", "${1}://${2}${3}"),
            ("action", "replace"),
        ]),
        rule(&[("source_labels", "__meta_kubernetes_namespace"), ("target_label", "namespace")]),
        rule(&[("source_labels", "__meta_kubernetes_ingress_name"), ("target_label", "ingress")]),
        rule(&[
            ("source_labels", "__address__"),
            ("separator", ";"),
            ("regex", "(.*)"),
            ("target_label", "__tmp_ingress_address"),
            ("replacement", "$1"),
            ("action", "replace"),
        ]),
    ]
}
