//! Files of other programs and templates, which nothing here reads. They are recognized by their content.

use text::Span;
use yaml::{Kind, Node, Parsed};

/// A kind of file that another program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// "a configuration of Alertmanager"
    pub title: &'static str,
    /// The way to use such a file here.
    pub help: &'static str,
}

const ALERTMANAGER: Foreign = Foreign {
    title: "a configuration of Alertmanager",
    help: "Alertmanager reads it. Prometheus sends alerts to the Alertmanagers under `alerting`; their routes are not simulated.",
};
const BLACKBOX: Foreign = Foreign {
    title: "a configuration of the blackbox exporter",
    help: "The blackbox exporter reads it. A job names one of its modules in `params: {module: […]}`.",
};
const VALUES: Foreign = Foreign {
    title: "a file of Helm values",
    help: "Helm fills the templates of a chart with it. Add the Chart.yaml and the templates of the chart to the workspace, and the page renders them.",
};
pub const DASHBOARD: Foreign = Foreign {
    title: "a Grafana dashboard",
    help: "Grafana reads it. The page Query lists the expressions of its panels.",
};

pub const PROVISIONING: Foreign = Foreign {
    title: "a provisioning file of Grafana",
    help: "Grafana reads it at its start. The URL of a datasource is that of the Service of Prometheus, as a pod resolves it.",
};
const CHART: Foreign = Foreign {
    title: "the description of a Helm chart",
    help: "Helm reads it if it is called Chart.yaml. The page then renders the templates beside it.",
};
const KUSTOMIZATION: Foreign = Foreign {
    title: "a kustomization",
    help: "kustomize builds manifests from it. Open the output of `kubectl kustomize`.",
};
const KUBECONFIG: Foreign = Foreign {
    title: "a kubeconfig",
    help: "kubectl reads it. It holds credentials: do not share it.",
};
const CLUSTER_CONFIG: Foreign = Foreign {
    title: "a configuration of a tool that creates clusters",
    help: "The tool reads it. It is no object of the API server.",
};

/// API groups of files with `apiVersion` and `kind` that are no objects of an API server.
const TOOLS: [(&str, Foreign); 7] = [
    ("kustomize.config.k8s.io/", KUSTOMIZATION),
    ("kind.x-k8s.io/", CLUSTER_CONFIG),
    ("kubeadm.k8s.io/", CLUSTER_CONFIG),
    ("kubelet.config.k8s.io/", CLUSTER_CONFIG),
    ("k3d.io/", CLUSTER_CONFIG),
    ("minikube.sigs.k8s.io/", CLUSTER_CONFIG),
    ("audit.k8s.io/", CLUSTER_CONFIG),
];

/// Returns what a file with `apiVersion` is if it is no object.
fn recognize_tool(root: &Node) -> Option<Foreign> {
    let text = |key: &str| root.get(key).and_then(Node::text);
    let has = |key: &str| root.get(key).is_some();
    let version = text("apiVersion")?;
    if let Some((_, tool)) = TOOLS.iter().find(|(group, _)| version.starts_with(group)) {
        return Some(*tool);
    }
    match version {
        "1" if ["datasources", "providers", "apps", "contactPoints"].into_iter().any(has) => {
            Some(PROVISIONING)
        }
        "v1" if text("kind") == Some("Config") && has("clusters") && has("contexts") => {
            Some(KUBECONFIG)
        }
        "v1" | "v2" if has("name") && has("version") && !has("kind") => Some(CHART),
        _ => None,
    }
}

/// Returns what a file is by its name, if its content does not tell: values of a chart can have any
/// keys.
pub fn recognize_name(name: &str) -> Option<Foreign> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let stem = last.strip_suffix(".yaml").or_else(|| last.strip_suffix(".yml"))?;
    (stem == "values" || stem.starts_with("values-") || stem.starts_with("values."))
        .then_some(VALUES)
}

/// Returns what a file of another program is.
pub fn recognize(root: &Node) -> Option<Foreign> {
    if let Some(tool) = recognize_tool(root) {
        return Some(tool);
    }
    let has = |key: &str| root.get(key).is_some();
    let some_value = |key: &str, has: &dyn Fn(&Node) -> bool| {
        root.get(key).is_some_and(|node| node.entries().any(|entry| has(&entry.value)))
    };
    if has("route") && (has("receivers") || has("global")) {
        Some(ALERTMANAGER)
    } else if some_value("modules", &|module| module.get("prober").is_some()) {
        Some(BLACKBOX)
    } else if has("panels") && (has("schemaVersion") || has("title")) {
        Some(DASHBOARD)
    } else if !has("kind")
        && (has("replicaCount")
            || root.get("image").is_some_and(|image| image.get("repository").is_some()))
    {
        Some(VALUES)
    } else {
        None
    }
}

/// Returns true for rules in the format of version 1: the first statement is `ALERT name` or
/// `name = expression`.
pub fn is_version_1_rules(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let is_statement = |line: &&str| !line.is_empty() && !line.starts_with(['#', '/']);
    let Some(first) = lines.find(is_statement) else { return false };
    if let Some(rest) = first.strip_prefix("ALERT ") {
        let mut words = rest.split_whitespace();
        return words.next().is_some_and(is_metric_name)
            && words.next().is_none_or(|word| word == "IF");
    }
    let Some((name, expr)) = first.split_once(" = ") else { return false };
    let name = name.split_once('{').map_or(name, |(name, _)| name).trim();
    is_metric_name(name) && name.contains(':') && !expr.trim().is_empty()
}

fn is_metric_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(letter)
}

/// The number of directives that are looked at.
const MOST_MARKS: usize = 200;

/// A language of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Go templates, as Helm has them.
    Go,
    /// Jinja, as Ansible has it.
    Jinja,
}

/// Finds the first directive of a template outside of strings: text that has to be rendered before it is YAML.
pub fn template(parsed: &Parsed, text: &str) -> Option<(Template, Span)> {
    let mut jinja = None;
    let mut first = None;
    let marks = text.match_indices('{').filter_map(|(at, _)| Some((at, text.get(at..at + 2)?)));
    for (at, mark) in marks.filter(|(_, mark)| matches!(*mark, "{{" | "{%")).take(MOST_MARKS) {
        if in_string(parsed, text, at) {
            continue;
        }
        let span = Span::new(at as u32, at as u32 + 2);
        first.get_or_insert(span);
        if mark == "{%" {
            jinja.get_or_insert(span);
        }
    }
    let span = first?;
    let rest = text.get(span.end as usize..)?.trim_start_matches(['-', ' ']);
    // Templates of alerts in a string without quotes are a mistake of another kind.
    if rest.starts_with('$') {
        return None;
    }
    // `{{a: 1}: b}` is a mapping whose key is a mapping.
    let line = rest.lines().next().unwrap_or_default();
    let go = line.starts_with('.') || line.contains("}}");
    match jinja {
        Some(_) => Some((Template::Jinja, span)),
        None if go => {
            let helm =
                text.contains(".Values") || text.contains(".Release") || text.contains("include ");
            Some((if helm { Template::Go } else { Template::Jinja }, span))
        }
        None => None,
    }
}

/// Returns true if an offset is in a comment or in a scalar.
fn in_string(parsed: &Parsed, text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.get(before.rfind('\n').map_or(0, |end| end + 1)..).unwrap_or_default();
    if line.trim_start().starts_with('#') {
        return true;
    }
    let mut nodes: Vec<&Node> = parsed.documents.iter().map(|document| &document.root).collect();
    while let Some(node) = nodes.pop() {
        let span = node.written_span();
        if at < span.start as usize || at >= span.end as usize {
            continue;
        }
        match &node.kind {
            Kind::Scalar(_) => return true,
            _ => {
                nodes.extend(node.entries().flat_map(|entry| [&entry.key, &entry.value]));
                nodes.extend(node.items().iter());
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::FileId;

    fn parse(text: &str) -> Parsed {
        yaml::parse(FileId(0), text)
    }

    #[test]
    fn files_of_other_programs_are_told_by_their_content() {
        for (text, expected) in [
            ("global: {}\nroute: {receiver: a}\nreceivers: [{name: a}]", Some(ALERTMANAGER)),
            ("modules: {http_2xx: {prober: http}}", Some(BLACKBOX)),
            ("services: {web: {image: nginx}}", None),
            ("image: {repository: nginx, tag: a}", Some(VALUES)),
            ("replicaCount: 2", Some(VALUES)),
            ("{\"panels\": [], \"schemaVersion\": 39}", Some(DASHBOARD)),
            ("apiVersion: 1\ndatasources: [{name: a}]", Some(PROVISIONING)),
            ("apiVersion: v2\nname: a\nversion: 0.1.0", Some(CHART)),
            (
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization",
                Some(KUSTOMIZATION),
            ),
            ("apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []", Some(KUBECONFIG)),
            ("apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster", Some(CLUSTER_CONFIG)),
            ("global: {}\nscrape_configs: []", None),
            ("apiVersion: v1\nkind: Service\nspec: {}", None),
            ("a: 1", None),
        ] {
            let parsed = parse(text);
            assert_eq!(parsed.root().and_then(recognize), expected, "{text}");
        }
    }

    #[test]
    fn values_are_told_by_their_name() {
        for (name, expected) in [
            ("values.yaml", true),
            ("charts/a/values-prod.yml", true),
            ("myvalues.yaml", false),
            ("values.json", false),
        ] {
            assert_eq!(recognize_name(name).is_some(), expected, "{name}");
        }
    }

    #[test]
    fn rules_of_version_1_are_told_by_their_first_statement() {
        for (text, expected) in [
            ("ALERT Down\n  IF up == 0\n  FOR 5m\n", true),
            ("# Down\n\nALERT Down IF up == 0\n", true),
            ("ALERT the team\n", false),
            ("job:up:sum = sum by (job) (up)\n", true),
            ("job:up:sum{a=\"b\"} = sum by (job) (up)\n", true),
            ("name = value\n", false),
            ("groups: []\n", false),
            ("", false),
        ] {
            assert_eq!(is_version_1_rules(text), expected, "{text}");
        }
    }

    #[test]
    fn templates_are_told_by_directives_outside_of_strings() {
        for (text, expected) in [
            ("replicas: {{ .Values.replicas }}", Some(Template::Go)),
            ("a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}", Some(Template::Go)),
            ("{% for job in jobs %}\n- {{ job }}\n{% endfor %}", Some(Template::Jinja)),
            ("a: {{ name }}", Some(Template::Jinja)),
            ("summary: '{{ $labels.instance }} is down'", None),
            ("summary: Instance {{ $labels.instance }} is down", None),
            ("summary: {{ $labels.instance }}", None),
            ("# {{ .Values.x }}\na: 1", None),
            ("a: |\n  {{ define \"x\" }}\n  {{ end }}\n", None),
            ("a: {b: {c: 1}}", None),
            ("a: {{b: 1}: 2}", None),
        ] {
            let found = template(&parse(text), text).map(|(language, _)| language);
            assert_eq!(found, expected, "{text}");
        }
    }
}
