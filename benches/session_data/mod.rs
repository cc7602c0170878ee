//! Large workspaces, and a session of edits in them, for the cost of a keystroke, natively
//! and in WebAssembly.

pub mod monitoring_stack;
mod monitoring_texts;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use protocol::EventLog;
use protocol::PageQuery;
use protocol::pages::{explain, targets};
use protocol::{Envelope, File, Message, Request, Workspace};
use session::{Applier, Session, Sources};
use text::FileId;

/// A name, and a function that writes a text of a number of lines.
type Case = (&'static str, fn(usize) -> String);

/// The texts that are edited.
pub const CASES: [Case; 4] = [
    ("prometheus.yml, static targets", static_jobs),
    ("prometheus.yml, discovery", discovering_jobs),
    ("manifests", manifests),
    ("prometheus.yml in a ConfigMap", in_config_map),
];

/// The position of the edit. An edit in a comment only moves the text after it.
pub const PLACES: [(&str, &str); 2] = [("a comment", "# here"), ("a value", "typed")];

const HEAD: &str = "# here
global:
  scrape_interval: 15s
  external_labels:
    place: here
scrape_configs:
";

fn lines_of(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Jobs of static targets with a rule each.
pub fn static_jobs(lines: usize) -> String {
    let mut text = HEAD.to_owned();
    for job in 0..lines.saturating_sub(6) / 17 {
        let _ = write!(
            text,
            "  - job_name: 'job-{job}'   # number {job}
    metrics_path: /metrics/{job}
    static_configs:
      - targets:
          - host-{job}:9100
          - 'host-{job}:9200'
        labels:
          team: web
    relabel_configs:
      - source_labels: [__address__, team]
        separator: ';'
        regex: (.+);(.+){job}
        target_label: app
        replacement: typed
        action: replace
      - regex: tmp_(.*)
        action: labeldrop
"
        );
    }
    text
}

/// Jobs that discover pods and services, with the usual rules.
pub fn discovering_jobs(lines: usize) -> String {
    let mut text = HEAD.to_owned();
    for job in 0..lines.saturating_sub(6) / 26 {
        let role = if job % 2 == 0 { "pod" } else { "service" };
        let _ = write!(
            text,
            "  - job_name: {role}-{job}
    scrape_interval: 30s
    kubernetes_sd_configs:
      - role: {role}
        namespaces:
          names: [team-{job}]
    relabel_configs:
      # Only annotated pods.
      - source_labels: [__meta_kubernetes_{role}_annotation_prometheus_io_scrape]
        action: keep
        regex: true
      - source_labels: [__meta_kubernetes_{role}_annotation_prometheus_io_path]
        action: replace
        target_label: __metrics_path__
        regex: (.+)
      - source_labels: [__address__, __meta_kubernetes_{role}_annotation_prometheus_io_port]
        action: replace
        regex: ([^:]+)(?::\\d+)?;(\\d+)
        replacement: $1:$2
        target_label: __address__
      - action: labelmap
        regex: __meta_kubernetes_{role}_label_(.+)
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: go_gc_typed_{job}_.*
        action: drop
"
        );
    }
    text
}

/// Deployments with their Services and ConfigMaps, a namespace for ten of them.
pub fn manifests(lines: usize) -> String {
    let mut text = String::from(
        "# here\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\ndata: {mode: fast}\n",
    );
    for app in 0..lines.saturating_sub(6) / 52 {
        let space = app / 10;
        let _ = write!(
            text,
            "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{app}
  namespace: team-{space}
  labels:
    app: app-{app}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: app-{app}
  template:
    metadata:
      labels:
        app: app-{app}
      annotations:
        prometheus.io/scrape: 'true'
    spec:
      containers:
        - name: web
          image: example/app-{app}:1.0
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LEVEL
              value: typed
          volumeMounts:
            - name: config
              mountPath: /etc/app
      volumes:
        - name: config
          configMap:
            name: app-{app}
---
apiVersion: v1
kind: Service
metadata:
  name: app-{app}
  namespace: team-{space}
spec:
  selector:
    app: app-{app}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: app-{app}
  namespace: team-{space}
data: {{mode: fast}}
"
        );
    }
    text
}

/// A configuration as the value of a ConfigMap.
pub fn in_config_map(lines: usize) -> String {
    let mut text = String::from(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: prometheus\ndata:\n  prometheus.yml: |\n",
    );
    for line in static_jobs(lines.saturating_sub(6)).lines() {
        let _ = writeln!(text, "    {line}");
    }
    text
}

/// A session in which a text is typed.
pub struct EditSession {
    session: Session,
    file: File,
    at: usize,
    number: u32,
}

impl EditSession {
    /// With the text open, at one of [`PLACES`], and one of the pages.
    pub fn new(text: String, place: &str, page: usize) -> Self {
        // Half of the text stands before the place, where there are several.
        let middle = text.len() / 2;
        let behind = text.get(middle..).and_then(|rest| rest.find(place)).map(|at| middle + at);
        let at = behind.or(text.find(place)).unwrap_or_default() + place.len();
        let file = File { id: FileId(1), name: "file.yml".to_owned(), text };
        Self::with_files(vec![file.clone()], file, at, page)
    }

    /// With several files, one of which is edited at a place.
    pub fn with_files(files: Vec<File>, file: File, at: usize, page: usize) -> Self {
        let id = file.id;
        let workspace = Workspace { files, ..Workspace::default() };
        let mut edits = Self { session: Session::new(), file, at, number: 0 };
        edits.send(Request::Open { workspace, revision: 1, log: EventLog::default() });
        let query = match page {
            0 => PageQuery::Explain(explain::Query { file: id, offset: at as u32 }),
            _ => PageQuery::Targets(targets::Query::default()),
        };
        edits.send(Request::Watch { query });
        edits.send(Request::Advance { millis: 60_000 });
        edits
    }

    pub fn lines(&self) -> usize {
        lines_of(&self.file.text)
    }

    /// Makes the next edit and returns the page's request.
    pub fn request(&mut self) -> Envelope {
        self.file.text.insert(self.at, 'x');
        self.number += 1;
        let request = Request::Edit { file: self.file.clone(), revision: self.number };
        Envelope { number: self.number, request }
    }

    pub fn handle(&mut self, envelope: Envelope) -> Message {
        self.session.handle(envelope)
    }

    fn send(&mut self, request: Request) -> Message {
        self.number += 1;
        self.session.handle(Envelope { number: self.number, request })
    }
}

/// The monitoring stack, applied to an API server again after each edit.
pub struct StackSession {
    files: Vec<File>,
    sources: Sources,
    applier: Applier,
}

impl StackSession {
    /// The files, read but not applied.
    pub fn new() -> Self {
        let files = monitoring_stack::files();
        let mut sources = Sources::default();
        sources.update(&files);
        Self { files, sources, applier: Applier::default() }
    }

    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    pub fn lines(&self) -> usize {
        self.files.iter().map(|file| lines_of(&file.text)).sum()
    }

    /// Forgets what was applied.
    pub fn forget(&mut self) {
        self.applier = Applier::default();
    }

    /// Changes a label in one file.
    pub fn edit(&mut self, number: usize) {
        if let Some(file) = self.files.get_mut(number) {
            let at =
                LABEL_VALUES.iter().find_map(|value| Some(file.text.find(value)? + value.len()));
            file.text.insert(at.unwrap_or(file.text.len()), 'x');
        }
        self.sources.update(&self.files);
    }

    /// Applies what has changed. Returns the number of refused objects.
    pub fn apply(&mut self) -> usize {
        self.applier.run(&self.sources).refused().count()
    }
}

/// The entries of the reference loop.
const REFERENCE_ENTRIES: u32 = 10_000;

/// A fixed amount of work of the kind that an application does: texts are formatted, stored in a
/// sorted map, copied and compared. Its time in the same run tells a slow machine from slow code.
pub fn reference() -> usize {
    let key = |number: u32| format!("{:x}/{number}", number.wrapping_mul(2_654_435_761));
    let map: BTreeMap<String, Vec<u32>> =
        (0..REFERENCE_ENTRIES).map(|number| (key(number), vec![number; 4])).collect();
    let copy = map.clone();
    copy.iter().zip(&map).filter(|(a, b)| a == b).count()
}

/// A value of each file that can change. The text of an edit follows it.
const LABEL_VALUES: [&str; 3] =
    ["part-of: kube-prometheus", "warn: privileged", "jobLabel: {type: string"];

/// The same files in a session, with one of them typed into.
pub fn typing_in_the_stack(number: usize) -> EditSession {
    let files = monitoring_stack::files();
    let mut file = files.get(number).cloned().unwrap_or_default();
    let value = LABEL_VALUES.iter().find_map(|value| Some(file.text.find(value)? + value.len()));
    let at = value.unwrap_or(file.text.len());
    file.text.insert(at, 'x');
    EditSession::with_files(files, file, at, 1)
}
