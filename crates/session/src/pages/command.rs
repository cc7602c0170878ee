//! The command that shows in a terminal what the open page shows.

use go::url::query_escape;
use kubernetes::prometheus::Instance;
use protocol::PageQuery;
use protocol::pages::metrics::Tab;
use protocol::pages::targets::Show;

use crate::world::Snapshot;

/// Returns the command of the open page. None if the page has none, or if Prometheus does not run in
/// the cluster.
pub fn command(snapshot: &Snapshot<'_>, query: &PageQuery) -> Option<String> {
    let instance = snapshot.stored.instances.first();
    let api = |path: &str| {
        let instance = instance?;
        let url = format!("localhost:{}{}/api/v1/{path}", instance.listen_port, prefix(instance));
        Some(in_container(instance, &format!("wget -qO- '{url}'")))
    };
    match query {
        PageQuery::Cluster(_) => {
            Some("kubectl get pods,services,endpointslices,configmaps,pvc -A".to_owned())
        }
        PageQuery::Config(_) => {
            let instance = instance?;
            Some(in_container(instance, &format!("cat {}", instance.config_path)))
        }
        PageQuery::Discovery(query) if query.paste.is_none() => match &*query.job {
            "" => api("targets?state=any"),
            job => api(&format!("targets?scrapePool={}", query_escape(job))),
        },
        PageQuery::Targets(query) => api(match query.show {
            Show::All | Show::Merged | Show::Failed => "targets?state=any",
            Show::Up | Show::Unhealthy => "targets?state=active",
            Show::Dropped => "targets?state=dropped",
        }),
        PageQuery::Metrics(query) => match query.tab {
            Tab::Answer => {
                let url = metrics_url(snapshot, &query.job, &query.url)?;
                let quiet = if url.starts_with("https:") { "--no-check-certificate " } else { "" };
                Some(in_container(instance?, &format!("wget {quiet}-qO- '{url}'")))
            }
            Tab::Stored | Tab::Cardinality => api("status/tsdb"),
            Tab::Findings => None,
        },
        PageQuery::Query(query) => {
            let text = match &query.query {
                Some(text) => text.as_str(),
                None => snapshot.stored.scenario?.query,
            };
            (!text.trim().is_empty())
                .then(|| api(&format!("query?query={}", query_escape(text))))?
        }
        PageQuery::Rules(_) => api("rules"),
        _ => None,
    }
}

/// A command in the container of Prometheus.
fn in_container(instance: &Instance, command: &str) -> String {
    let owner = &instance.owner;
    let namespace = match &*instance.namespace {
        "default" => String::new(),
        namespace => format!(" -n {namespace}"),
    };
    let kind = owner.kind.name().to_lowercase();
    let (name, container) = (&owner.name, &instance.container);
    format!("kubectl exec{namespace} {kind}/{name} -c {container} -- {command}")
}

/// The path in front of all routes.
fn prefix(instance: &Instance) -> String {
    let flag =
        |name: &str| instance.flag(name).and_then(|flag| flag.value.as_deref().map(str::to_owned));
    let path = flag("web.route-prefix").or_else(|| {
        let url = flag("web.external-url")?;
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        rest.split_once('/').map(|(_, path)| path.to_owned())
    });
    let path = path.unwrap_or_default();
    match path.trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    }
}

/// The URL of the target that the page "Metrics" shows.
fn metrics_url(snapshot: &Snapshot<'_>, job: &str, url: &str) -> Option<String> {
    let mut all = snapshot.stored.routes.iter().map(|route| &route.spec);
    let chosen = all.clone().find(|spec| &*spec.job == job && *spec.url == *url);
    let spec = chosen.or_else(|| all.next())?;
    // A quote in a URL would end the word of the shell.
    (!spec.url.contains('\'')).then(|| spec.url.to_string())
}
