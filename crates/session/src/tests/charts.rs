//! Charts of a workspace, from their files to targets and findings.

use super::driver::Driver;
use protocol::pages::{chart, targets};
use protocol::{File, Page, PageQuery, Request, View};
use text::{FileId, Location};

/// The files of a small chart. `values` and `template` are those of values.yaml and of a template.
fn chart(values: &str, template: &str) -> Driver {
    Driver::with_files(&[
        ("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("web/values.yaml", values),
        ("web/templates/a.yaml", template),
        ("web/templates/_h.tpl", "{{ define \"h\" }}app: {{ .Values.app }}{{ end }}"),
    ])
}

const TEMPLATE: FileId = FileId(3);
const VALUES: FileId = FileId(2);

/// The findings of all files: file, covered text, code, message.
fn findings(driver: &Driver) -> Vec<(u32, String, String, String)> {
    let snapshot = driver.session.snapshot();
    let mut found = Vec::new();
    for source in snapshot.sources.written() {
        for one in snapshot.diagnostics_of(source.id) {
            let covered = one.location.span.slice(&source.text).to_owned();
            found.push((source.id.0, covered, one.code.to_string(), one.message.clone()));
        }
    }
    found
}

fn covered(driver: &Driver, at: Location) -> String {
    let source = driver.session.snapshot().sources.get(at.file).cloned();
    source.map(|source| at.span.slice(&source.text).to_owned()).unwrap_or_default()
}

fn page(driver: &mut Driver, file: FileId) -> chart::View {
    match driver.watch(PageQuery::Chart(chart::Query { file })) {
        View::Chart(view) => view,
        other => panic!("{other:?}"),
    }
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  ports:\n  - port: {{ .Values.port }}\n";

#[test]
fn a_chart_is_rendered_and_installed() {
    let mut driver = Driver::open("wiki-helm");
    let codes: Vec<String> = findings(&driver).into_iter().map(|one| one.2).collect();
    assert_eq!(codes, ["version-2-image"]);
    driver.advance(60_000);
    let summary = driver.session.summary();
    assert_eq!((summary.up, summary.down, summary.charts), (2, 0, 1));
    let PageQuery::Targets(query) = PageQuery::of(Page::Targets) else { panic!() };
    let View::Targets(view) = driver.watch(PageQuery::Targets(query)) else { panic!() };
    let at = view.pools[0].location.expect("a place in the template");
    assert!(covered(&driver, at).starts_with("job_name: fastapi"), "{}", covered(&driver, at));
    let pools: &[targets::Pool] = &view.pools;
    assert_eq!(pools.len(), 2);
}

#[test]
fn a_finding_on_a_rendered_line_leads_to_the_template_and_the_value() {
    let driver = chart("port: eighty\napp: x\n", SERVICE);
    let found = findings(&driver);
    assert!(!found.is_empty());
    assert!(found.iter().all(|(file, ..)| *file == TEMPLATE.0), "{found:?}");
    assert!(found.iter().any(|(_, text, ..)| text.contains(".Values.port")), "{found:?}");
    let snapshot = driver.session.snapshot();
    let mut all = snapshot.diagnostics_of(TEMPLATE);
    let one = all.find(|one| !one.related.is_empty()).expect("a finding with its value");
    assert_eq!(covered(&driver, one.related[0].location), "eighty");
    assert!(one.help.as_ref().is_some_and(|help| help.contains("`- port: eighty`")), "{one:?}");
}

#[test]
fn errors_of_rendering_stand_in_the_template_in_the_words_of_helm() {
    for (template, at, message) in [
        (
            "a: {{ .Values.x.y }}\n",
            "{{ .Values.x.y }}",
            "web/templates/a.yaml:1:13 executing \"web/templates/a.yaml\" at <.Values.x.y>: nil pointer evaluating interface {}.y",
        ),
        (
            "a: 1\nb: {{ nope }}\n",
            "b: {{ nope }}",
            "parse error at (web/templates/a.yaml:2): function \"nope\" not defined",
        ),
        (
            "{{ required \"give it\" .Values.x }}",
            "{{ required \"give it\" .Values.x }}",
            "execution error at (web/templates/a.yaml:1:3): give it",
        ),
        (
            "\nkind: a\nb: c: {{ .Values.app }}\n",
            "b: c: {{ .Values.app ",
            "YAML parse error on web/templates/a.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context",
        ),
    ] {
        let driver = chart("app: x\n", template);
        let found = findings(&driver);
        let [(3, text, code, words)] = &found[..] else { panic!("{template}: {found:?}") };
        assert_eq!((&**text, &**code), (at, "chart-not-rendered"), "{template}");
        assert_eq!(words, message, "{template}");
    }
}

#[test]
fn mistakes_in_other_files_of_a_chart_are_told_once() {
    for (name, text, file) in [
        ("web/values.yaml", "a: [\n", 2),
        ("web/Chart.yaml", "apiVersion: v2\nname: web\n", 1),
        (
            "web/Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: 1.0.0, repository: ''}]\n",
            1,
        ),
        ("web/values.schema.json", "{\"properties\": {\"app\": {\"type\": \"integer\"}}}", 2),
    ] {
        let mut driver = chart("port: 80\napp: x\n", SERVICE);
        let known = driver.workspace.files.iter().find(|known| known.name == name);
        let id = known.map_or(FileId(9), |known| known.id);
        driver.write(id, name, text);
        let found = findings(&driver);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].0, file, "{found:?}");
    }
}

#[test]
fn a_chart_that_fails_leaves_the_release_as_it_was() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    let services = |driver: &Driver| driver.session.snapshot().stored.applied.stored().count();
    assert_eq!(services(&driver), 1);
    driver.edit("web/templates/a.yaml", "{{ .Values.port }}", "{{ .Values.port ");
    assert_eq!(services(&driver), 1);
    driver.edit("web/templates/a.yaml", "{{ .Values.port ", "{{ .Values.port }}");
    assert_eq!((services(&driver), findings(&driver)), (1, Vec::new()));
}

#[test]
fn only_what_changed_is_rendered_again() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    let release = |driver: &Driver| driver.session.snapshot().sources.releases()[0].clone();
    let before = release(&driver);
    driver.write(FileId(9), "note.yaml", "a: 1\n");
    assert!(std::sync::Arc::ptr_eq(&before, &release(&driver)));
    driver.edit("web/values.yaml", "80", "81");
    assert!(!std::sync::Arc::ptr_eq(&before, &release(&driver)));
}

#[test]
fn the_page_shows_rendered_lines_and_what_a_value_changes() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    let view = page(&mut driver, TEMPLATE);
    assert_eq!(view.command, "helm install web ./web");
    assert_eq!(view.templates[0].objects, ["Service web"]);
    let open = view.open.expect("the template is open");
    let line = open.lines.iter().find(|line| line.text.contains("port: 80")).expect("the line");
    assert_eq!(covered(&driver, line.at.expect("a place")), "- port: {{ .Values.port ");
    let (name, place) = &line.values[0];
    assert_eq!((&**name, &*covered(&driver, place.expect("a place"))), ("port", "80"));
    driver.edit("web/values.yaml", "80", "8080");
    let view = page(&mut driver, VALUES);
    let lines = &view.changes[0].lines;
    let of = |kind: chart::LineKind| {
        lines
            .iter()
            .filter(|line| line.kind == kind)
            .map(|line| line.text.trim())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(chart::LineKind::Removed), ["- port: 80"]);
    assert_eq!(of(chart::LineKind::Added), ["- port: 8080"]);
}

#[test]
fn the_comment_in_the_chart_states_release_namespace_and_values() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {a: '{{ .Values.app }}'}\n";
    let mut driver = chart("app: x\n", template);
    driver.write(FileId(8), "web/prod.yaml", "app: prod\n");
    let text = "# playground: helm install shop . -n team -f prod.yaml\napiVersion: v2\nname: web\nversion: 1.0.0\n";
    driver.write(FileId(1), "web/Chart.yaml", text);
    driver.write(FileId(7), "ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n");
    let stored = driver.session.snapshot().stored.applied.clone();
    let map = stored.stored().find(|one| one.kind == "ConfigMap").expect("the map");
    assert_eq!((&*map.namespace, &*map.name), ("team", "shop"));
    let maps = &driver.session.snapshot().stored.manifests.cluster.config_maps;
    assert_eq!(&*maps.get("team", "shop").expect("decoded").data[0].value, "prod");
    driver.write(
        FileId(1),
        "web/Chart.yaml",
        "# playground: not-installed\napiVersion: v2\nname: web\nversion: 1.0.0\n",
    );
    assert_eq!(driver.session.snapshot().stored.applied.stored().count(), 1);
}

#[test]
fn places_of_by_hand_applied_manifests_lead_to_the_text_of_now() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    driver.send(Request::SetApplyMode { mode: protocol::ApplyMode::ByHand });
    let file = driver.workspace.files[2].clone();
    let text = format!("# a comment\n{}", file.text);
    driver.edited(File { text, ..file });
    let View::Cluster(view) = driver.watch(PageQuery::of(Page::Cluster)) else { panic!() };
    let at = view.graph.nodes.iter().find_map(|node| node.at).expect("a place");
    assert_eq!(at.file, TEMPLATE);
}

/// The hover card at the first place of a text in a file.
fn hover(driver: &mut Driver, file: FileId, text: &str) -> Option<protocol::Card> {
    let known = driver.workspace.files.iter().find(|known| known.id == file).expect("a file");
    let offset = known.text.find(text).expect(text) as u32;
    match driver.send(Request::Hover { file, offset: offset + 1 }) {
        protocol::Reply::Hover(card) => card,
        other => panic!("{other:?}"),
    }
}

#[test]
fn cards_explain_actions_values_and_the_fields_around_them() {
    let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  labels:\n    {{- include \"h\" . | nindent 4 }}\nspec:\n  ports:\n  {{- range $p := .Values.ports }}\n  - port: {{ $p }}\n  {{- end }}\n";
    let mut driver = chart("app: x\nports: [80]\n", template);
    for (file, text, title, fact) in [
        (TEMPLATE, ".Release", ".Release.Name", Some(("Here", "`web`"))),
        (TEMPLATE, "\"h\"", "h", Some(("Defined in", "web/templates/_h.tpl:1"))),
        (TEMPLATE, ".Values.ports", ".Values.ports", Some(("Here", "`[80]`"))),
        (TEMPLATE, "nindent", "nindent", None),
        (TEMPLATE, "range", "range", None),
        (TEMPLATE, " port: {{", "port", None),
        (VALUES, "app", ".Values.app", Some(("Read in", "_h.tpl:1"))),
        (FileId(1), "version: 1", "version", None),
    ] {
        let card = hover(&mut driver, file, text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(card.title, title, "{text}");
        let known = card.facts.iter().map(|(name, value)| (&**name, &**value));
        let found: Vec<(&str, &str)> = known.collect();
        assert!(fact.is_none_or(|fact| found.contains(&fact)), "{text}: {found:?}");
        let covered = covered(&driver, Location::new(file, card.span));
        assert!(!covered.is_empty() && !covered.contains('\n'), "{text}: {covered:?}");
    }
    let query = protocol::pages::explain::Query {
        file: TEMPLATE,
        offset: template.find("port:").unwrap() as u32,
    };
    let View::Explain(view) = driver.watch(PageQuery::Explain(query)) else { panic!() };
    assert_eq!(view.title, "port");
    assert!(view.path.iter().all(|crumb| crumb.location.file == TEMPLATE), "{:?}", view.path);
}

#[test]
fn values_named_templates_and_functions_are_completed() {
    let mut driver = chart("app: x\nimage: {tag: v1, repository: r}\n", "a: 1\n");
    for (text, expected) in [
        ("a: {{ .Values.image.", &["repository", "tag"][..]),
        ("a: {{ .Values.", &["app", "image"]),
        ("a: {{ .Release.N", &["Name", "Namespace"]),
        ("a: {{ .", &["Values", "Chart"]),
        ("a: {{ include \"", &["h"]),
        ("a: {{ .Values.app | nind", &["nindent"]),
        ("a: {{ ran", &["range"]),
    ] {
        driver.write(TEMPLATE, "web/templates/a.yaml", text);
        let request = Request::Complete { file: TEMPLATE, offset: text.len() as u32 };
        let protocol::Reply::Completions(Some(found)) = driver.send(request) else {
            panic!("{text}")
        };
        for label in expected {
            assert!(found.items.iter().any(|item| item.label == *label), "{text}: {label}");
        }
        let typed = found.span.slice(text);
        assert!(expected[0].starts_with(typed), "{text}: {typed:?}");
    }
}

#[test]
fn values_that_are_not_read_or_not_there_are_found() {
    for (values, template, code, message) in [
        (
            "app: x\nreplica: 1\n",
            "a: {{ .Values.app }}",
            "value-not-read",
            "no template reads `replica`",
        ),
        (
            "app: x\nb: {c: 1, d: 2}\n",
            "a: {{ .Values.b.c }}",
            "value-not-read",
            "no template reads `b.d`",
        ),
        (
            "app: x\nimage: {tag: v}\n",
            "a: {{ .Values.image.tg }}{{ .Values.image.tag }}",
            "value-not-defined",
            "no file of values has `image.tg`",
        ),
        (
            "app: x\nt: 15s\n",
            "a: {{ .Values.t | default \"30s\" }}",
            "default-never-applies",
            "the default `30s` does not apply: `t` is `15s`",
        ),
        (
            "app: x\ntls: false\n",
            "a: {{ .Values.tls | default true }}",
            "default-replaces-empty",
            "`tls` is `false`, and `default` replaces it by `true`",
        ),
    ] {
        let template = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n# {template}\n# {{{{ include \"h\" . }}}}\n"
        );
        let found = findings(&chart(values, &template));
        let [(_, _, found_code, found_message)] = &found[..] else {
            panic!("{template}: {found:?}")
        };
        assert_eq!((&**found_code, &**found_message), (code, message));
    }
    for (values, template) in [
        ("app: x\nb: {c: 1}\n", "{{ toYaml .Values.b }}"),
        ("app: x\nb: {c: 1}\n", "{{ range $k, $v := .Values.b }}{{ $k }}{{ $v }}{{ end }}"),
        ("app: x\nb: {c: 1}\n", "{{ with .Values.b }}{{ .c }}{{ end }}"),
        ("app: x\n", "{{ if .Values.tls }}{{ .Values.tls.name }}{{ end }}"),
        ("app: x\n", "{{ .Values.none | default 1 }}"),
        ("app: x\nl: []\n", "{{ range .Values.l }}{{ .name }}{{ end }}"),
        ("app: x\nl: [{k: 1}, {m: 2}]\n", "{{ range .Values.l }}{{ .k }}{{ .m }}{{ end }}"),
    ] {
        let template = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n# {template}\n# {{{{ include \"h\" . }}}}\n"
        );
        assert_eq!(findings(&chart(values, &template)), [], "{template}");
    }
}

/// Runs a command line in the running cluster and returns its output.
fn run(driver: &mut Driver, line: &str) -> String {
    let request = protocol::TerminalRequest::Run { terminal: 1, line: line.to_owned() };
    driver.send(Request::Terminal(request));
    let mut text = String::new();
    for _ in 0..20 {
        for update in &driver.last.terminals {
            text.extend(update.output.iter().map(|piece| &*piece.text));
        }
        if driver.last.terminals.iter().all(|update| !update.running) {
            break;
        }
        driver.advance(1_000);
    }
    text
}

#[test]
fn a_running_cluster_has_the_chart_as_a_release() {
    let mut driver = Driver::open("wiki-helm");
    driver.run(Request::SetRunning { on: true });
    driver.advance(120_000);
    let list = run(&mut driver, "helm list");
    assert!(list.contains("wiki-chart") && list.contains("deployed"), "{list}");
    let stored = run(&mut driver, "kubectl get svc wiki-chart-fastapi -o yaml");
    assert!(stored.contains("meta.helm.sh/release-name: wiki-chart"), "{stored}");
    let summary = driver.session.summary();
    assert_eq!((summary.up, summary.down), (2, 0));

    driver.edit("wiki-chart/values.yaml", "replicas: 1", "replicas: 2");
    driver.advance(60_000);
    let history = run(&mut driver, "helm history wiki-chart");
    assert!(history.contains("superseded") && history.lines().count() == 3, "{history}");
    let ready = run(&mut driver, "kubectl get deploy wiki-chart-fastapi");
    assert!(ready.contains("2/2"), "{ready}");

    let upgraded =
        run(&mut driver, "helm upgrade --install wiki-chart ./wiki-chart --set fastapi.replicas=3");
    assert!(upgraded.contains("REVISION: 3"), "{upgraded}");
    let back = run(&mut driver, "helm rollback wiki-chart 1");
    assert!(back.contains("Rollback was a success"), "{back}");
    driver.advance(30_000);
    let ready = run(&mut driver, "kubectl get deploy wiki-chart-fastapi");
    assert!(ready.contains("1/1"), "{ready}");
    let lint = run(&mut driver, "helm lint ./wiki-chart");
    assert!(lint.contains("1 chart(s) linted, 0 chart(s) failed"), "{lint}");
}
