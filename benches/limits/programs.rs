//! Charts and the shell.

use std::collections::BTreeMap;

use cluster::kubelet::NodeOptions;
use cluster::{Cluster, Options};
use terminal::helm::{Files, Helm};
use world::World;

use crate::{Case, Meter};

const START: i64 = 1_767_225_600_000;

/// The cases; `divide` makes them smaller.
pub fn cases(divide: usize) -> Vec<Case> {
    let mut cases = charts(divide);
    cases.extend(SCRIPTS.iter().map(|(name, script)| Case::new(name, shell(script))));
    cases
}

fn charts(divide: usize) -> Vec<Case> {
    let template =
        |name, text: &str| Case::new(name, chart(vec![("a.yaml".to_owned(), text.to_owned())]));
    let many = (0..5_000 / divide).map(|number| {
        let text = format!("kind: ConfigMap\napiVersion: v1\nmetadata: {{name: c{number}}}\ndata: {{a: {{{{ .Values | toJson | quote }}}}}}\n");
        (format!("t{number}.yaml"), text)
    });
    let include = "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}";
    let fork = "{{ define \"a\" }}{{ if gt (int .) 0 }}{{ include \"a\" (sub (int .) 1) }}{{ include \"a\" (sub (int .) 1) }}{{ end }}x{{ end }}{{ include \"a\" 40 }}";
    vec![
        template(
            "chart: a range without an end",
            "{{ range $i := until 1000000 }}{{ range until 1000000 }}x{{ end }}{{ end }}",
        ),
        template(
            "chart: a text that doubles",
            "{{ $x := \"x\" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}{{ $x }}",
        ),
        template("chart: repeat", "{{ repeat 1000000000 \"x\" }}"),
        template("chart: include of itself", include),
        template("chart: includes that fork", fork),
        template(
            "chart: a list that doubles",
            "{{ $l := list 1 }}{{ range until 60 }}{{ $l = concat $l $l }}{{ end }}{{ len $l }}",
        ),
        template(
            "chart: maps in maps",
            "{{ $m := dict }}{{ range until 2000 }}{{ $m = dict \"a\" $m \"b\" $m }}{{ end }}{{ $m | toYaml }}",
        ),
        template(
            "chart: a costly regex",
            "{{ regexMatch \"((a{1,31}){1,31}){1,31}\" (repeat 10000 \"a\") }}",
        ),
        Case::new("chart: 5000 templates", chart(many.collect())),
    ]
}

/// A chart with these templates, through `helm template`.
fn chart(templates: Vec<(String, String)>) -> impl Fn(&mut Meter) {
    move |meter| {
        let mut contents: BTreeMap<String, Vec<u8>> = templates
            .iter()
            .map(|(name, text)| (format!("/work/c/templates/{name}"), text.clone().into_bytes()))
            .collect();
        let metadata = "apiVersion: v2\nname: c\nversion: 0.1.0\n";
        contents.insert("/work/c/Chart.yaml".to_owned(), metadata.into());
        contents.insert("/work/c/values.yaml".to_owned(), "a: {b: [1, 2, 3]}\n".into());
        let mut files = Files::new("/work", contents);
        let mut helm = Helm { files: &mut files, server: None, namespace: "default" };
        let output = meter.step("template", || helm.run(&["template", "r", "./c"]));
        let said: String = output.stderr.chars().take(110).collect();
        meter.note =
            format!("{} bytes, exit {}: {}", output.stdout.len(), output.exit, said.trim());
    }
}

const SCRIPTS: &[(&str, &str)] = &[
    ("shell: a loop without an end", "while true; do echo x; done"),
    ("shell: a variable that doubles", "A=x; while true; do A=$A$A; done; echo $A"),
    ("shell: a file that doubles", "echo x > a; while true; do cat a a > b; cat b b > a; done"),
    (
        "shell: braces",
        "echo {1..100000000} {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
    ),
    ("shell: seq", "seq 1 1000000000 | wc -l"),
    ("shell: pipes", "yes | head -c 100000000 | tr y x | sort | uniq -c"),
    (
        "shell: commands in commands",
        "for a in $(seq 1 10000); do for b in $(seq 1 10000); do echo $(echo $(echo $b)); done; done",
    ),
    ("shell: sleep", "while true; do sleep 3600; done"),
    (
        "shell: kubectl in a loop",
        "while true; do kubectl create configmap c$RANDOM --from-literal=a=b; kubectl get configmaps -o yaml; done",
    ),
    (
        "shell: sed and grep",
        "seq 1 10000 | sed 's/\\(.*\\)/\\1\\1\\1\\1\\1\\1\\1\\1/g' | grep -E '((a{1,31}){1,31}){1,31}' | sort -u",
    ),
];

/// A script in the terminal of a world.
fn shell(script: &'static str) -> impl Fn(&mut Meter) {
    move |meter| {
        let mut cluster = Cluster::new(Options { now: START, seed: 3 });
        cluster.server.add_kubernetes_service();
        cluster.add_node(&NodeOptions::new("minikube"));
        let mut world = World::new(cluster);
        world.advance(START + 2_000);
        let output = meter.step("command", || world.command(script));
        let said: String = output.stderr.chars().take(110).collect();
        let kept: usize = world.terminal.shell.variables.values().map(String::len).sum();
        let files: usize = world.terminal.files.values().map(String::len).sum();
        meter.note = format!(
            "{} bytes, {kept} in variables, {files} in files, exit {}: {}",
            output.stdout.len(),
            output.exit,
            said.trim()
        );
    }
}
