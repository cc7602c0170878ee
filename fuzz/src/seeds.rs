//! The first inputs of the targets: texts of the project, so that they stay as new as it is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::input::Archive;
use crate::targets::Target;

/// Returns inputs of a target.
pub type Seeds = fn() -> Vec<Vec<u8>>;

/// The start of simulated clusters.
pub const START: i64 = 1_767_225_600_000;
/// Lines of seeds that mutations take words from.
pub const MOST_LINES: usize = 20_000;
/// Bytes of a seed that is a whole file.
const MOST_BYTES: u64 = 8 << 10;

/// Writes the seeds of a target into its corpus.
pub fn write(target: &Target) {
    let folder = PathBuf::from("corpus").join(target.name);
    if fs::create_dir_all(&folder).is_err() {
        return;
    }
    for (number, seed) in (target.seeds)().iter().enumerate() {
        // A corpus that cannot be written only makes the start slower.
        let _ = fs::write(folder.join(format!("seed-{number}")), seed);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The texts of small files below a folder of the project, by their extensions.
fn files(folder: &str, extensions: &[&str]) -> Vec<String> {
    let (mut folders, mut paths) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            let is_small = entry.metadata().is_ok_and(|data| data.len() <= MOST_BYTES);
            match path.is_dir() {
                true => folders.push(path),
                false if is_small && extensions.contains(&&*extension) => paths.push(path),
                false => {}
            }
        }
    }
    paths.sort();
    paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect()
}

fn bytes<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Vec<Vec<u8>> {
    texts.into_iter().map(|text| text.into().into_bytes()).collect()
}

/// Seeds with numbers in front.
fn numbered(numbers: usize, texts: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    texts.into_iter().map(|text| [vec![7; 2 * numbers], text].concat()).collect()
}

/// Expressions of the scripts of the PromQL engine.
pub fn queries() -> Vec<Vec<u8>> {
    let scripts = files("crates/promql/tests/scripts", &["test", "txt", "promqltest"]);
    let lines = scripts.iter().flat_map(|script| script.lines());
    let evals = lines.filter_map(|line| line.trim().strip_prefix("eval "));
    let queries = evals.map(|line| {
        line.split(' ')
            .skip_while(|word| word.starts_with(['i', 'a']) || word.ends_with(['m', 's']))
            .collect::<Vec<_>>()
            .join(" ")
    });
    let own = [
        "sum by (job) (rate(a_total[5m]))",
        "histogram_quantile(0.9, sum by (le) (rate(h_bucket[1m])))",
        "a_total / ignoring(instance) group_left b > bool 1",
        "max_over_time(b[1m:15s] offset -1m @ end())",
        "label_replace(b, \"x\", \"$1\", \"job\", \"(.*)\")",
        "histogram_quantile(0.5, n) or -2 ^ 3 unless on() topk(2, a_total)",
        "count_values(\"v\", b) and absent(c{job=~\"x|y\", __name__!=\"z\"})",
        "sort_desc(quantile(0.3, h)) atan2 scalar(b)",
    ];
    bytes(own.map(str::to_owned).into_iter().chain(queries.take(400)))
}

pub fn regexes() -> Vec<Vec<u8>> {
    bytes([
        "(.+):(\\d+)(?:;(.*))?\n10.0.0.1:9090;x",
        "a|b|cd|\nb",
        "(?i)web-[a-f0-9]{4,8}-.*\nWEB-01af-x",
        "(?P<name>[[:alpha:]]+)\\s\\Qa.b\\E\nxyz a.b",
        "\\p{Greek}+[^\\x00-\\x{10FFFF}]?\nαβγ",
        "(?s:.*)foo(?-i:bar)?$\nxfoobar",
        "[a-z&&[^b]]\\101\\pN*?\naA1",
        "prod-.*-(eu|us)-[0-9]+|\\bx\\B\nprod-a-eu-1",
    ])
}

pub fn templates() -> Vec<Vec<u8>> {
    let mut seeds = files("static/scenarios", &["tpl", "yaml", "txt"]);
    seeds.retain(|text| text.contains("{{"));
    seeds.extend(
        [
            "{{ range $i, $x := .L }}{{ $i }}={{ printf \"%v %q\" $x .A }}{{ else }}none{{ end }}",
            "{{ define \"t\" }}{{ . | len }}{{ end }}{{ template \"t\" .A }}{{ with .Nil }}x{{ end }}",
            "{{- if and (eq .N 1) (not .F) -}} a {{- else if lt .F 1.5 }}b{{ end }}{{ index .L 1 }}{{ slice .A 1 2 }}",
            "{{/* c */}}{{ $x := .A }}{{ $x = `raw` }}{{ block \"b\" . }}{{ .A }}{{ end }}{{ break }}",
        ]
        .map(str::to_owned),
    );
    bytes(seeds)
}

pub fn texts() -> Vec<Vec<u8>> {
    bytes(["", "a\r\né☺🦀\n", "\u{feff}x\u{0}\u{10ffff}\n\n", "e\u{301}🇩🇪"])
}

pub fn json() -> Vec<Vec<u8>> {
    bytes([
        r#"[{"targets":["a:1","b:2"],"labels":{"team":"x<>&"}}]"#,
        r#"{"status":"success","data":{"activeTargets":[{"discoveredLabels":{"__address__":"a:1"},"labels":{"job":"a"},"scrapePool":"a","scrapeUrl":"http://a:1/metrics","health":"up","lastError":""}],"droppedTargets":[],"droppedTargetCounts":{}}}"#,
        r#"{"apiVersion":"v1","kind":"List","items":[{"kind":"Pod","metadata":{"name":"a","uid":"1"}}]}"#,
        "[1, -0.0, 1e308, 123456789012345678901, \"\\ud83e\\udd80\\u0000\", null, true, {}]",
    ])
}

pub fn yaml() -> Vec<Vec<u8>> {
    let mut all = files("static", &["yaml", "yml"]);
    all.extend(files("crates/session/tests/corpus/cases", &["yaml", "yml", "txt"]));
    numbered(9, bytes(all))
}

pub fn configurations() -> Vec<Vec<u8>> {
    let mut all: Vec<String> = files("static", &["yaml", "yml"]);
    all.extend(files("crates/session/tests/corpus/cases", &["yaml", "yml", "txt"]));
    all.retain(|text| text.contains("scrape_configs"));
    all.push(RELABELED.to_owned());
    bytes(all)
}

const RELABELED: &str = "global: {scrape_interval: 15s, external_labels: {a: b}}
scrape_configs:
- job_name: a
  static_configs: [{targets: ['x:1', 'y:2', '[::1]:80'], labels: {team: web}}]
  file_sd_configs: [{files: [targets.json]}]
  kubernetes_sd_configs: [{role: pod}, {role: endpointslice, namespaces: {own_namespace: true}}]
  relabel_configs:
  - {source_labels: [__address__], regex: '(.+):(.+)', target_label: host, replacement: $1}
  - {action: hashmod, source_labels: [host], modulus: 4, target_label: shard}
  - {action: labelmap, regex: __meta_(.+), replacement: k_$1}
  - {action: keepequal, source_labels: [team], target_label: team}
  - {action: lowercase, source_labels: [team], target_label: team}
  - {action: labeldrop, regex: k_.*}
  - {action: drop, source_labels: [shard], regex: '3'}
-- targets.json --
[{\"targets\": [\"f:1\"], \"labels\": {\"x\": \"y\"}}]
-- manifests --
kind: Pod
apiVersion: v1
metadata: {name: p, labels: {app: a}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80, name: web}]}]}
status: {podIP: 10.0.0.1, phase: Running}
";

pub fn rules() -> Vec<Vec<u8>> {
    let mut all: Vec<String> = files("static", &["yaml", "yml"]);
    all.retain(|text| text.contains("alert:") || text.contains("record:"));
    all.push(RULES.to_owned());
    bytes(all)
}

const RULES: &str = "groups:
- name: a
  interval: 30s
  limit: 5
  labels: {team: x}
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: Down
    expr: up == 0
    for: 5m
    keep_firing_for: 1m
    labels: {severity: '{{ if gt $value 1.0 }}page{{ end }}'}
    annotations:
      summary: '{{ $labels.instance }} {{ humanize $value }} {{ $value | humanizeDuration }}'
      more: '{{ range query \"up\" | sortByLabel \"job\" }}{{ .Labels.job }}{{ end }}{{ first (query \"a\") | value | printf \"%.2f\" }}'
";

pub fn unit_tests() -> Vec<Vec<u8>> {
    let test = "rule_files: [rules.yml]
evaluation_interval: 1m
fuzzy_compare: true
tests:
- name: t
  interval: 1m
  external_labels: {a: b}
  input_series:
  - {series: 'up{job=\"a\"}', values: '1x3 0x10 _x2 stale'}
  - {series: h, values: '{{schema:0 sum:1 count:2 buckets:[1 1]}}+{{sum:1 count:1 buckets:[1]}}x5'}
  alert_rule_test:
  - {eval_time: 10m, alertname: Down, exp_alerts: [{exp_labels: {job: a}, exp_annotations: {summary: x}}]}
  promql_expr_test:
  - {expr: sum(up), eval_time: 4m, exp_samples: [{labels: '{}', value: 0}]}
";
    bytes([Archive::print([("", test), ("rules.yml", RULES)]).split_off("--  --\n".len())])
}

pub fn expositions() -> Vec<Vec<u8>> {
    bytes([
        "# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"y\",z=\"\\n\\\"\"} 1.5 1700000000000\n# TYPE h histogram\nh_bucket{le=\"0.1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3e-7\nh_count 2\n",
        "# TYPE a counter\n# UNIT a_seconds seconds\na_total{t=\"é\"} 1 1.5 # {trace_id=\"x\"} 0.5 1.0\na_created 1.0\n{\"quoted.name\",\"a.b\"=\"c\"} NaN\n# EOF\n",
        "# TYPE s summary\ns{quantile=\"0.5\"} +Inf\ns_sum -0\ns_count 0x1p4\n\nup 1\nup 2\n",
    ])
}

pub fn workloads() -> Vec<Vec<u8>> {
    let mut all = bytes(files("static/workloads", &["yaml", "yml"]));
    all.extend(expositions());
    all
}

pub fn requests() -> Vec<Vec<u8>> {
    bytes([
        "GET /api/v1/query?query=up&time=2026-01-01T00:00:30Z&limit=1",
        "POST /api/v1/query_range\nContent-Type: application/x-www-form-urlencoded\n\nquery=rate(up[1m])&start=1767225600&end=1767225660&step=5",
        "GET /api/v1/series?match[]=up&match[]={job=~\".%2B\"}&start=0",
        "GET /api/v1/labels\n\n",
        "GET /api/v1/label/__name__/values?match[]=up",
        "GET /api/v1/targets?state=any&scrapePool=own",
        "GET /api/v1/targets/metadata?match_target={job=\"own\"}&limit=2",
        "GET /api/v1/rules?type=alert&rule_name[]=Down&group_limit=1",
        "GET /api/v1/alerts",
        "GET /api/v1/metadata?metric=up&limit_per_metric=1",
        "GET /api/v1/status/config",
        "GET /api/v1/status/tsdb?limit=3",
        "GET /api/v1/parse_query?query=sum(a)",
        "GET /api/v1/format_query?query=sum(a)by(b)",
        "GET /api/v1/query_exemplars?query=up&start=1&end=2",
        "GET /federate?match[]=up",
        "POST /api/v1/admin/tsdb/delete_series?match[]=up",
        "PUT /-/reload\n\n",
        "GET /metrics\nAccept: application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1",
        "HEAD /-/healthy",
        "POST /-/quit",
        "OPTIONS /api/v1/query\nOrigin: x",
    ])
}

pub fn manifests() -> Vec<Vec<u8>> {
    let mut all: Vec<String> = files("static", &["yaml", "yml"]);
    all.extend(files("crates/session/tests/corpus/cases", &["yaml", "yml", "txt"]));
    all.retain(|text| text.contains("kind: "));
    all.extend(MANIFESTS.iter().map(|text| (*text).to_owned()));
    numbered(2, bytes(all))
}

const MANIFESTS: &[&str] = &[
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n        image: nginx\n        ports: [{containerPort: 80, name: http}]\n        resources: {requests: {cpu: 100m, memory: 64Mi}}\n        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}\n",
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec:\n  schedule: '*/1 * * * *'\n  successfulJobsHistoryLimit: 1\n  jobTemplate:\n    spec:\n      backoffLimit: 2\n      template: {spec: {restartPolicy: OnFailure, containers: [{name: j, image: busybox, command: [sh, -c, exit 1]}]}}\n",
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 1\n  maxReplicas: 5\n  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]\n",
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  serviceName: db\n  replicas: 2\n  selector: {matchLabels: {app: db}}\n  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: d, image: postgres, volumeMounts: [{name: data, mountPath: /d}]}]}}\n  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]\n",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n}\nspec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {a: b}}}], ports: [{port: 80, endPort: 90}]}]}\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}\nspec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}\n",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.x.io}\nspec:\n  group: x.io\n  names: {kind: A, plural: as}\n  scope: Namespaced\n  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-validations: [{rule: 'self.a > 1 && self.b.all(x, x.size() < 3)'}], properties: {a: {type: integer}, b: {type: array, items: {type: string}}}}}}}}]\n---\napiVersion: x.io/v1\nkind: A\nmetadata: {name: a}\nspec: {a: 2, b: [x]}\n",
];

pub fn operator() -> Vec<Vec<u8>> {
    let group = "monitoring.coreos.com";
    let texts = [
        format!(
            "apiVersion: {group}/v1\nkind: Prometheus\nmetadata: {{name: k8s, namespace: m}}\nspec:\n  replicas: 2\n  shards: 2\n  serviceMonitorSelector: {{}}\n  podMonitorSelector: {{}}\n  probeSelector: {{}}\n  ruleSelector: {{}}\n  scrapeConfigSelector: {{}}\n  externalLabels: {{a: b}}\n  retention: 1d\n  storage: {{volumeClaimTemplate: {{spec: {{resources: {{requests: {{storage: 1Gi}}}}}}}}}}\n  remoteWrite: [{{url: http://x, basicAuth: {{username: {{name: s, key: u}}}}}}]\n---\napiVersion: {group}/v1\nkind: ServiceMonitor\nmetadata: {{name: web, namespace: m}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  endpoints: [{{port: http, interval: 15s, relabelings: [{{sourceLabels: [a], action: keep, regex: x}}], tlsConfig: {{insecureSkipVerify: true}}}}]\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: m, labels: {{app: web}}}}\nspec: {{selector: {{run: web}}, ports: [{{name: http, port: 80}}]}}\n---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: m}}\ndata: {{u: YQ==}}\n"
        ),
        format!(
            "apiVersion: {group}/v1\nkind: PrometheusRule\nmetadata: {{name: r, namespace: m}}\nspec: {{groups: [{{name: a, rules: [{{record: x, expr: up}}]}}]}}\n---\napiVersion: {group}/v1\nkind: Probe\nmetadata: {{name: p, namespace: m}}\nspec: {{prober: {{url: x}}, targets: {{staticConfig: {{static: [a]}}}}}}\n---\napiVersion: {group}/v1alpha1\nkind: ScrapeConfig\nmetadata: {{name: s, namespace: m}}\nspec: {{staticConfigs: [{{targets: ['a:1']}}], kubernetesSDConfigs: [{{role: Pod}}]}}\n---\napiVersion: {group}/v1\nkind: Prometheus\nmetadata: {{name: k8s, namespace: m}}\nspec: {{probeSelector: {{}}, ruleSelector: {{}}, scrapeConfigSelector: {{}}}}\n"
        ),
        format!(
            "apiVersion: {group}/v1\nkind: Alertmanager\nmetadata: {{name: main, namespace: m}}\nspec: {{replicas: 3, alertmanagerConfigSelector: {{}}}}\n---\napiVersion: {group}/v1alpha1\nkind: AlertmanagerConfig\nmetadata: {{name: c, namespace: m}}\nspec:\n  route: {{receiver: a, groupBy: [job], matchers: [{{name: x, value: y, matchType: '=~'}}], routes: [{{receiver: a}}]}}\n  receivers: [{{name: a, webhookConfigs: [{{url: http://x}}]}}]\n  inhibitRules: [{{sourceMatch: [{{name: a, value: b}}], equal: [c]}}]\n---\napiVersion: {group}/v1\nkind: ThanosRuler\nmetadata: {{name: t, namespace: m}}\nspec: {{queryEndpoints: [x], ruleSelector: {{}}}}\n"
        ),
    ];
    bytes(texts)
}

pub fn commands() -> Vec<Vec<u8>> {
    bytes([
        "for i in 1 2 3; do echo $i | grep -v 2; done > c.txt; cat c.txt | wc -l",
        "A=x; while true; do A=$A$A; sleep 1; done",
        "if show a && ! fail; then echo \"$A ${B:-c}\" | sed 's/a/b/g' | tr a-z A-Z; else false; fi",
        "cat a.txt b.yaml | sort -r | uniq -c | head -n 2 | awk '{print $1}'; echo $? $((1+2)) $(show {a,b}{1..3})",
        "until fail; do break; done; echo 'x' >> a.txt && tail -1 a.txt || exit 4",
        "kubectl get pods -w & sleep 5; watch -n 1 show x; seq 1 10 | xargs -n 2 show; cat <<EOF\n$A\nEOF\n",
    ])
}

pub fn worlds() -> Vec<Vec<u8>> {
    let archive = |lines: &str| {
        let files =
            [("web.yaml", MANIFESTS[0]), ("cron.yaml", MANIFESTS[1]), ("db.yaml", MANIFESTS[3])];
        format!("{lines}\n{}", Archive::print(files))
    };
    bytes([
        "kubectl apply -f web.yaml\nkubectl rollout status deploy/web --timeout=60s\nadvance 30\nkubectl scale deploy web --replicas=5\nadvance 60\nkubectl get pods -o wide",
        "kubectl apply -f cron.yaml\nadvance 120\nkubectl get jobs,pods -o yaml\nkubectl delete cronjob c",
        "kubectl apply -f db.yaml\nadvance 20\nkill db-0 d\ncut db-1\nadvance 60\nkubectl describe pod db-0\nkubectl logs db-0 --previous",
        "kubectl create deployment a --image=web\nkubectl expose deploy a --port=8080\nadvance 30\ncurl -s http://a:8080/metrics\nkubectl set image deploy/a web=gone:1\nkubectl rollout undo deploy/a",
        "kubectl apply -f . && kubectl get all -A && kubectl top pods; kubectl drain minikube --ignore-daemonsets\nkubectl explain pod.spec\nkubectl get events -w --watch-only",
    ].map(archive))
}

pub fn charts() -> Vec<Vec<u8>> {
    let chart = "apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies: [{name: sub, version: 1.x, repository: '', condition: sub.on, import-values: [a]}]\n";
    let service = "{{- if .Values.on }}\napiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include \"demo.name\" . | trunc 63 | trimSuffix \"-\" }}\n  labels: {{- toYaml .Values.labels | nindent 4 }}\nspec:\n  ports:\n  {{- range $i, $p := .Values.ports }}\n  - {port: {{ $p | int }}, name: {{ printf \"p-%d\" $i | quote }}}\n  {{- end }}\n{{- end }}\n";
    let helpers = "{{- define \"demo.name\" -}}{{ default .Chart.Name .Values.name | lower }}-{{ .Release.Name }}{{- end }}\n";
    let more = "a: {{ tpl \"{{ .Values.name }}\" . | sha256sum }}\nb: {{ dict \"a\" 1 | toJson | b64enc }}\nc: {{ (.Files.Get \"x.txt\") | splitList \",\" | last | default \"z\" }}\nd: {{ semverCompare \">=1.2\" .Capabilities.KubeVersion.Version }}{{ lookup \"v1\" \"Pod\" \"\" \"\" }}{{ regexReplaceAll \"a+\" \"aab\" \"$0\" }}{{ dateModify \"1h\" now }}{{ merge (dict) .Values | keys | sortAlpha }}{{ until 3 | join \",\" }}\n";
    let files = [
        ("Chart.yaml", chart),
        (
            "values.yaml",
            "on: true\nname: Web\nlabels: {a: b}\nports: [80, 81]\nsub: {on: true, x: 1}\nglobal: {g: 1}\n",
        ),
        (
            "values.schema.json",
            r#"{"type":"object","properties":{"ports":{"type":"array","items":{"type":"integer","minimum":1}},"name":{"pattern":"^[A-Z]"}},"required":["on"]}"#,
        ),
        ("templates/service.yaml", service),
        ("templates/_helpers.tpl", helpers),
        ("templates/more.yaml", more),
        ("templates/NOTES.txt", "Thanks for {{ .Chart.Name }}\n"),
        ("x.txt", "1,2"),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.2.3\n"),
        ("charts/sub/values.yaml", "x: 0\nexports: {a: {y: 1}}\n"),
        (
            "charts/sub/templates/a.yaml",
            "kind: A\napiVersion: v1\nmetadata: {annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: '{{ .Values.x }}'}}\n",
        ),
        ("--set", "ports[1]=90,labels.x=y\\,z,sub=null\nname={a,b}\n"),
    ];
    bytes([Archive::print(files)])
}

pub fn imports() -> Vec<Vec<u8>> {
    let mut all: Vec<String> = files("static", &["yaml", "yml"])
        .iter()
        .take(20)
        .map(|text| format!("a.yaml\n{text}"))
        .collect();
    all.push(format!("bundle.json\n{{\"config\":{{\"status\":\"success\",\"data\":{{\"yaml\":\"scrape_configs: []\\n\"}}}},\"targets\":{},\"rules\":{{\"data\":{{\"groups\":[]}}}},\"flags\":{{\"data\":{{\"web.enable-lifecycle\":\"true\"}}}}}}", String::from_utf8_lossy(&json()[1])));
    all.push(format!("list.json\n{}", String::from_utf8_lossy(&json()[2])));
    let mut all = bytes(all);
    // An empty ZIP archive, and the heads of gzip and tar.
    all.push(b"a.zip\nPK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec());
    all.push(b"a.tgz\n\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0".to_vec());
    all.push([b"a.tar\nx.yml", &[0; 253][..], b"ustar\x0000"].concat());
    all
}

/// The lessons, as the build of the crate has written them.
pub fn lessons() -> Vec<Vec<u8>> {
    let program = std::env::current_exe().unwrap_or_default();
    let build = program.parent().map(|folder| folder.join("build")).unwrap_or_default();
    let folders = fs::read_dir(build).into_iter().flatten().flatten();
    let folders = folders.map(|entry| entry.path().join("out/lessons"));
    let files = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    let texts = files.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    let progress = r#"{"lesson":"x","goals":[{"state":"Met","message":"","failures":1,"answer":"a"}],"guards":[{"broken":false}],"hints":[true],"solved":false,"changes":3}"#;
    bytes(texts.map(|text| Archive::print([("lesson", &*text), ("progress", progress)])))
}

pub fn links() -> Vec<Vec<u8>> {
    let works = scenarios::SCENARIOS.iter().map(|scenario| {
        let files = scenario.files.iter().enumerate().map(|(at, file)| {
            serde_json::json!({"id": at + 1, "name": file.name, "text": file.text})
        });
        let files: Vec<serde_json::Value> = files.collect();
        let events = serde_json::json!([{"at": 5000, "action": {"Start": {"kind": "StopPrometheus", "scope": "All", "duration": 10000}}, "label": "x", "until": 15000}]);
        serde_json::json!({"scenario": scenario.name, "files": files, "active": 1, "silenced": ["a"], "past": {"now": 20000, "events": events, "delays": true}, "playing": true, "speed": 10, "live": false}).to_string()
    });
    let small = serde_json::json!({"scenario": "", "files": [{"id": 1, "name": "prometheus.yml", "text": "scrape_configs: [{job_name: a, static_configs: [{targets: ['a:1']}]}]"}], "active": 1, "past": {"now": 60000, "events": [], "delays": false}}).to_string();
    bytes(works.chain([small]))
}

pub fn sessions() -> Vec<Vec<u8>> {
    let lines = "advance 20000\nquery sum(up) by (job)\nedit 12 # x\\n\nscrape\nhover 100\ncomplete 203\nseek 5000\n";
    let of_scenario = scenarios::SCENARIOS.iter().map(|scenario| {
        format!(
            "{lines}{}",
            Archive::print(scenario.files.iter().map(|file| (file.name, file.text)))
        )
    });
    let small = Archive::print([
        ("prometheus.yml", RELABELED.split("-- ").next().unwrap_or_default()),
        ("rules.yml", RULES),
        ("web.yaml", MANIFESTS[0]),
    ]);
    bytes(of_scenario.chain([format!("{lines}{small}")]))
}
